//! How a resident's page is to look: its language and its print size, as the address, a cookie or the browser says.
//!
//! Read once at the edge. What was chosen by a link stands in the address and in a cookie of a year, so that it holds with
//! and without cookies; nothing else is kept of it.

use std::future::{Ready, ready};

use actix_web::body::MessageBody;
use actix_web::cookie::{Cookie, SameSite, time::Duration};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::header::ACCEPT_LANGUAGE;
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};

use super::Lang;
use crate::config::Config;

/// The cookie of the language, a word of [`Lang`].
const LANG: &str = "louma_lang";
/// The cookie of large print, `1` or `0`. The script of the pages sets it too: it is no secret.
const LARGE: &str = "louma_large";
const DAYS: i64 = 365;

/// The print size of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Print {
    /// As it is.
    #[default]
    Normal,
    /// 大字版.
    Large,
}

/// How a page is to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Look {
    /// Its language.
    pub lang: Lang,
    /// Whether the address names the language, so that the addresses that follow name it too.
    pub said: bool,
    /// Its print size.
    pub print: Print,
}

impl Default for Look {
    /// Chinese first, in the usual size.
    fn default() -> Look {
        Look { lang: Lang::Hans, said: false, print: Print::Normal }
    }
}

impl Look {
    /// How many there are: to keep one thing of each.
    pub const COUNT: usize = Lang::ALL.len() * 4;

    /// A number of its own, below [`Look::COUNT`].
    pub fn index(self) -> usize {
        self.lang as usize * 4 + usize::from(self.said) * 2 + usize::from(self.large())
    }

    /// Whether it is the large print.
    pub fn large(self) -> bool {
        self.print == Print::Large
    }

    /// Reads what a request says.
    pub fn of(req: &HttpRequest) -> Look {
        let (lang, large) = asked(req.query_string());
        let cookie = |name: &str| req.cookie(name).map(|cookie| cookie.value().to_owned());
        let kept = || cookie(LANG).and_then(|word| Lang::parse(&word));
        let browser = || accepted(req.headers().get(ACCEPT_LANGUAGE)?.to_str().ok()?);
        let large = large.unwrap_or_else(|| cookie(LARGE).is_some_and(|value| value == "1"));
        Look {
            lang: lang.or_else(kept).or_else(browser).unwrap_or(Lang::Hans),
            said: lang.is_some(),
            print: if large { Print::Large } else { Print::Normal },
        }
    }

    /// `address` with what it must carry for the next page to look the same.
    pub fn to(self, address: &str) -> String {
        let lang = self.said.then(|| format!("lang={}", self.lang.word()));
        add(address, lang.into_iter().chain(self.large().then(|| "large=1".to_owned())))
    }

    /// `address` in another language.
    pub fn to_lang(self, address: &str, lang: Lang) -> String {
        Look { lang, said: true, ..self }.to(address)
    }

    /// `address` in the other print size.
    pub fn to_other_size(self, address: &str) -> String {
        match self.print {
            Print::Normal => Look { print: Print::Large, ..self }.to(address),
            // Said, so that the cookie is set back too.
            Print::Large => {
                let normal = Look { print: Print::Normal, ..self }.to(address);
                add(&normal, ["large=0".to_owned()].into_iter())
            }
        }
    }
}

fn add(address: &str, pairs: impl Iterator<Item = String>) -> String {
    pairs.fold(address.to_owned(), |address, pair| {
        let sign = if address.contains('?') { '&' } else { '?' };
        format!("{address}{sign}{pair}")
    })
}

/// The address of the page that was asked for, without what [`Look::to`] adds.
pub fn here(req: &HttpRequest) -> String {
    let own = |pair: &&str| !pair.is_empty() && !pair.starts_with("lang=") && !pair.starts_with("large=");
    add(req.path(), req.query_string().split('&').filter(own).map(str::to_owned))
}

/// Language and print size, where an address names them.
fn asked(query: &str) -> (Option<Lang>, Option<bool>) {
    let value = |name: &str| query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
    (value("lang").and_then(Lang::parse), value("large").map(|value| value != "0"))
}

/// The language that a browser likes best of those there are.
fn accepted(header: &str) -> Option<Lang> {
    let mut liked: Vec<(f32, Lang)> = header
        .split(',')
        .filter_map(|each| {
            let (tag, how) = each.split_once(';').unwrap_or((each, ""));
            let weight = how.trim().strip_prefix("q=").map_or(Some(1.0), |weight| weight.parse().ok())?;
            Some((weight, of_tag(&tag.trim().to_ascii_lowercase())?))
        })
        .filter(|(weight, _)| *weight > 0.0)
        .collect();
    // Stable: among equals the first.
    liked.sort_by(|one, other| other.0.total_cmp(&one.0));
    liked.first().map(|(_, lang)| *lang)
}

fn of_tag(tag: &str) -> Option<Lang> {
    let mut parts = tag.split('-');
    match parts.next()? {
        "en" => Some(Lang::En),
        "zh" if parts.any(|part| matches!(part, "hant" | "tw" | "hk" | "mo")) => Some(Lang::Hant),
        "zh" => Some(Lang::Hans),
        _ => None,
    }
}

impl FromRequest for Look {
    type Error = std::convert::Infallible;
    type Future = Ready<Result<Look, Self::Error>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Look::of(req)))
    }
}

/// The middleware that keeps what was chosen by a link in a cookie.
pub async fn remember(
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let (lang, large) = asked(req.query_string());
    let https = req.app_data::<Data<Config>>().is_some_and(|config| config.https());
    let mut answer = next.call(req).await?;
    let lang = lang.map(|lang| (LANG, lang.word()));
    let large = large.map(|large| (LARGE, if large { "1" } else { "0" }));
    for (name, value) in lang.into_iter().chain(large) {
        let cookie = Cookie::build(name, value)
            .path("/")
            .secure(https)
            .same_site(SameSite::Lax)
            .max_age(Duration::days(DAYS));
        answer.response_mut().add_cookie(&cookie.finish())?;
    }
    Ok(answer)
}
