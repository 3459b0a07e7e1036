//! The poster on the door: from what it says to a file that a print shop takes.
//! Template (editable SVG) → [`template`] → tree of shapes → PDF, PNG or an SVG of outlines ([`render`]).
//! Every code is decoded again from the drawn shapes before anything leaves ([`check`]); a poster
//! that a phone could not read, or whose text runs out of its place, is an error and never a file.
//! Nothing here knows the database: who may print what, and what it says, comes as values.

mod card;
mod check;
mod fit;
mod fonts;
mod guard;
mod render;
mod sizes;
mod template;

use chrono::NaiveDate;

pub use card::Card;
pub use fonts::{Warm, warm};
pub use guard::{Forced, refuse_plain_http};
pub use sizes::PosterSize;
pub use template::Posters;

use super::code::Code;
use crate::error::{Error, Result};

/// Everything that one poster says. Empty optional lines are left out, their room is given to others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Poster {
    /// The community's name, as its people say it.
    pub community: String,
    /// Where the code hangs and what alone it is for: 「天宫院中里 3号楼2单元」.
    pub place: String,
    /// The code, printed in two groups.
    pub code: Code,
    /// What the QR holds. Must carry `code`, begins with `https://`, 46 bytes at best.
    pub url: String,
    /// Whom to call.
    pub phones: Phones,
    /// What can be reported, in the residents' words: [`Poster::MATTERS`] unless the community says otherwise.
    pub matters: Vec<String>,
    /// What the community promises, only if it has decided to.
    pub promise: Option<String>,
    /// Which printing of this code it is, from 1.
    pub version: u32,
    /// The day of printing.
    pub printed_on: NaiveDate,
    /// Prints 「演示数据」 in red: the code is not for a real door.
    pub demo: bool,
}

/// The phones on a poster, as they shall be read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Phones {
    /// The community's desk.
    pub community: String,
    /// The grid worker, if the community prints personal numbers.
    pub grid_worker: Option<String>,
    /// The property manager (物业).
    pub property: Option<String>,
    /// The local gas company's emergency line.
    pub gas: Option<String>,
}

impl Poster {
    /// What residents may report when the community has not written its own list.
    pub const MATTERS: [&str; 10] = [
        "楼道灯",
        "电梯",
        "漏水堵水",
        "暖气",
        "停车挪车",
        "垃圾清洁",
        "噪音",
        "健身游乐设施",
        "邻里纠纷",
        "安全隐患",
    ];

    /// `https://host/`: what the page's address must begin with. Fails when the URL has no host.
    pub(crate) fn origin(&self) -> Result<&str> {
        let host = self.url.find("://").map_or(0, |at| at + 3);
        match self.url[host..].find('/') {
            Some(end) if host > 0 && end > 0 => Ok(&self.url[..host + end + 1]),
            _ => Err(Error::internal(anyhow::anyhow!("{:?} is no URL for a poster", self.url))),
        }
    }

    /// A poster whose code and URL differ would lead residents to another door.
    pub(crate) fn agree(&self) -> Result<()> {
        let carries = self.url.rsplit(['/', '?', '=']).any(|part| part == self.code.as_str());
        match carries {
            true => Ok(()),
            false => Err(Error::internal(anyhow::anyhow!(
                "the URL {:?} does not carry code {}",
                self.url,
                self.code
            ))),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A poster as a community would print it.
    pub(crate) fn poster() -> Poster {
        Poster {
            community: "天宫院中里社区".into(),
            place: "天宫院中里 3号楼2单元".into(),
            code: Code::parse("ABCDEFGHJK").unwrap(),
            url: "https://lm.example.cn/c/ABCDEFGHJK".into(),
            phones: Phones {
                community: "010-6120 0000".into(),
                grid_worker: Some("139 0000 0000".into()),
                property: Some("010-6120 0001".into()),
                gas: Some("96777".into()),
            },
            matters: Poster::MATTERS.map(str::to_owned).to_vec(),
            promise: Some("24 小时内回电，7 天内答复".into()),
            version: 1,
            printed_on: NaiveDate::from_ymd_opt(2026, 1, 15).unwrap(),
            demo: false,
        }
    }

    #[test]
    fn the_warning_names_the_address_that_the_code_opens() {
        assert_eq!(poster().origin().unwrap(), "https://lm.example.cn/");
        for url in ["https:///c/ABCDEFGHJK", "lm.example.cn/c/ABCDEFGHJK", "https://lm.example.cn", ""] {
            assert!(Poster { url: url.into(), ..poster() }.origin().is_err(), "{url}");
        }
    }

    #[test]
    fn a_poster_whose_url_leads_to_another_door_is_not_drawn() {
        assert!(poster().agree().is_ok());
        let wrong = Poster { code: Code::parse("2222222222").unwrap(), ..poster() };
        assert!(Posters::new(None).unwrap().svg(&wrong, PosterSize::A5).is_err());
    }
}
