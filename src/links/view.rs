//! What the page of a link shows, ready to be read: times are words, numbers are masked.
//!
//! There is no field for the resident's name, phone or room: what is not here cannot be shown.

use askama::Template;

use crate::reports::view::{FieldProblem, Photo, Shell};
use crate::tickets::outside::Way;

/// `GET /o/{secret}` for the browser that holds the link.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "links/matter.html")]
pub struct MatterPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The address of this page: `/o/{secret}`.
    pub path: String,
    /// Whom the link was made for.
    pub name: String,
    /// What the last form has done, as a sentence; may be empty.
    pub done: &'static str,
    /// The place as people say it.
    pub place: String,
    /// The category in plain words.
    pub matter: String,
    /// What was reported, as staff let it be read.
    pub text: String,
    /// Photos of the report.
    pub photos: Vec<Photo>,
    /// Until when, in words; may be empty.
    pub until: String,
    /// Until when the link opens.
    pub expires: String,
    /// Whether it was reported done and is not yet checked.
    pub reported: bool,
    /// What was said, the oldest first.
    pub talk: Vec<Said>,
    /// What was typed and not taken.
    pub draft: String,
    /// Photos that have already arrived, as hidden fields carry them.
    pub kept: Vec<String>,
    /// What has to be mended. Fields: `text`, `photo`.
    pub errors: Vec<FieldProblem>,
}

impl MatterPage {
    fn error(&self, field: &str) -> Option<&str> {
        self.errors.iter().find(|problem| problem.field == field).map(|problem| problem.message.as_str())
    }

    fn slots(&self) -> std::ops::RangeInclusive<usize> {
        1..=super::pages::PHOTO_LIMIT.saturating_sub(self.kept.len())
    }

    fn limit(&self) -> usize {
        super::pages::PHOTO_LIMIT
    }
}

/// Something that was said, by them or by the community.
#[derive(Debug, Clone, Default)]
pub struct Said {
    /// 「您」 or 「社区」.
    pub who: &'static str,
    /// What it was: 报完成, 退回.
    pub what: &'static str,
    /// When.
    pub time: String,
    /// The words.
    pub text: String,
    /// The pictures that came with it.
    pub photos: Vec<Photo>,
    /// Whether they said it.
    pub mine: bool,
}

/// A link that nobody has taken yet: enough to know what it is, nothing that a preview should carry about.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "links/offer.html")]
pub struct OfferPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The address of this page.
    pub path: String,
    /// Whom the link was made for.
    pub name: String,
    /// The place as people say it.
    pub place: String,
    /// The category in plain words.
    pub matter: String,
    /// Until when, in words; may be empty.
    pub until: String,
    /// Until when the link opens.
    pub expires: String,
}

/// A link that opens nothing.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "links/shut.html")]
pub struct ShutPage {
    /// What surrounds the page, with the community's phone where it is known.
    pub shell: Shell,
    /// What happened.
    pub title: &'static str,
    /// Why, and what to do now.
    pub sentence: String,
    /// What was typed and could not be taken, so that it can be copied.
    pub draft: String,
}

/// What a link says that does not open: in a few words, and how to go on. Who made it is whom to ask.
pub fn shut(way: Way, maker: &str) -> (&'static str, String) {
    let ask = format!("请打社区电话，请{maker}重新发一个链接。");
    match way {
        Way::Elsewhere => (
            "这个链接已经在另一台设备上用了",
            format!("一个链接只供一人在一台设备上使用。如果是同事在办，请直接问同事；要换到这台设备，{ask}"),
        ),
        Way::Closed => {
            ("这件事社区已经不再办理", "谢谢您的帮助。如果还有没说完的，请打社区电话。".to_owned())
        }
        Way::Revoked => ("这个链接已经收回", format!("社区收回了这个链接。还需要办理的话，{ask}")),
        Way::Expired => ("这个链接已经过期", format!("链接过了有效期。还在办理的话，{ask}")),
        Way::Own | Way::Untaken => ("", String::new()),
    }
}
