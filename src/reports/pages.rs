//! The door page: a code is scanned, and what it opens, or why it opens nothing. `GET /q/{code}`. What a form brings
//! is taken by `sending`.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;

use actix_web::http::{StatusCode, header};
use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse};

use super::door::{Door, Doors};
use super::draft;
use super::flood::Flood;
use super::pace::Pace;
use super::scans::{Scan, Scans};
use super::view::{ErrorPage, Gone, GonePage, Shell};
use crate::assets;
use crate::codes::code::Code;
use crate::codes::registry::CodeState;
use crate::config::Config;
use crate::db::{Db, now};
use crate::error::{Error, Result};
use crate::keys::{self, Keys};
use crate::people::{gate, session};
use crate::photos::{Photos, Size};
use crate::places;
use crate::uploads::Uploads;
use crate::voices::Voices;
use crate::web::tries::Tries;
use crate::web::{self, Demo, PageError, client_address, cookie_name, see_other};
use crate::words::{Look, look};

/// The cookie that tells one phone from another: random, kept a year, stored only as a keyed hash.
pub(super) const DEVICE: &str = "louma_device";
pub(super) const YEAR: i64 = 365 * 24 * 3600;

/// Unknown codes that one address may try in a minute: a torn poster needs a few, a search for codes thousands.
const UNKNOWN_PER_MINUTE: NonZeroU32 = NonZeroU32::new(30).expect("not zero");

/// Who tried codes that do not exist.
pub struct Guesses(Tries<IpAddr>);

impl Default for Guesses {
    fn default() -> Guesses {
        Guesses(Tries::per_minute(UNKNOWN_PER_MINUTE))
    }
}

/// Looks at what is alike in a minute: from one phone, and from one network.
const LOOKS_PER_MINUTE: (u32, u32) = (120, 2400);

/// Who looks how often.
pub struct Taps {
    /// Who asks what is alike.
    pub looks: Pace,
}

impl Default for Taps {
    fn default() -> Taps {
        Taps { looks: Pace::per_minute(LOOKS_PER_MINUTE.0, LOOKS_PER_MINUTE.1) }
    }
}

/// What the address of a door says beside the code.
#[derive(serde::Deserialize)]
pub struct Asked {
    /// `resident`: a worker wants to see what residents see.
    r#as: Option<String>,
}

/// What the handlers of a door need.
#[derive(Clone)]
#[allow(missing_docs)]
pub struct Desk {
    pub db: Data<Db>,
    pub keys: Data<Keys>,
    pub config: Data<Config>,
    pub photos: Data<Photos>,
    pub voices: Data<Voices>,
    pub uploads: Data<Uploads>,
    pub doors: Data<Doors>,
    pub scans: Data<Scans>,
    pub guesses: Data<Guesses>,
    pub taps: Data<Taps>,
    pub flood: Data<Flood>,
    pub demo: Demo,
}

/// `GET /q/{code}`: the form of exactly this place, ready-made.
pub async fn door(
    req: HttpRequest,
    desk: Data<Desk>,
    path: Path<String>,
    asked: Query<Asked>,
    look: Look,
) -> Result<HttpResponse, PageError> {
    let found = match find(&req, &desk, look, &path).await? {
        Ok(door) => door,
        Err(answer) => return Ok(answer),
    };
    if asked.r#as.is_none() && on_patrol(&req, &desk, &found).await? {
        return Ok(see_other(&format!("/console/patrols/{}", found.code.code)));
    }
    let (device, fresh) = device(&req, &desk.config);
    let day = now().day();
    desk.scans.note(Scan {
        community_id: found.community.id,
        code: found.code.code.clone(),
        day,
        // Of this day alone: scans tell nobody where a phone was on another, nor which report it made.
        device_hash: desk.keys.device_hash(&format!("{day} {device}")),
    });
    let (html, gzip) = found.page(look)?;
    let mut answer = HttpResponse::Ok();
    answer
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::VARY, "Accept-Encoding"));
    if fresh {
        answer.cookie(web::cookie(&desk.config, DEVICE, device, YEAR));
    }
    Ok(match assets::accepts_gzip(&req) {
        true => answer.insert_header((header::CONTENT_ENCODING, "gzip")).body(gzip),
        false => answer.body(html),
    })
}

/// `GET /q/{code}/photos/{kept}`: the preview of a photo that the form already holds.
pub async fn kept_photo(
    req: HttpRequest,
    desk: Data<Desk>,
    path: Path<(String, String)>,
    look: Look,
) -> Result<HttpResponse, PageError> {
    let found = match find(&req, &desk, look, &path.0).await? {
        Ok(door) => door,
        Err(answer) => return Ok(answer),
    };
    let photo = draft::kept(&desk.keys, &found, &path.1).ok_or(Error::NotFound)?;
    send_photo(&desk.photos, &photo.key, Size::Thumb).await
}

/// Sends a photo; only its holder's browser may keep it.
pub async fn send_photo(
    photos: &Photos,
    key: &crate::photos::PhotoKey,
    size: Size,
) -> Result<HttpResponse, PageError> {
    let body = photos.open_photo(key, size).await?;
    Ok(HttpResponse::Ok()
        .content_type("image/jpeg")
        .insert_header((header::CACHE_CONTROL, "private, max-age=3600, immutable"))
        .body(body))
}

/// The door behind the code in the address, or the page that says why there is none. A code written otherwise (lower
/// case, with a hyphen) leads to its proper address.
pub async fn find(
    req: &HttpRequest,
    desk: &Desk,
    look: Look,
    typed: &str,
) -> Result<std::result::Result<Arc<Door>, HttpResponse>, PageError> {
    let Ok(code) = Code::parse(typed) else { return unknown(req, desk, look).await.map(Err) };
    if code.as_str() != typed && req.method() == actix_web::http::Method::GET {
        return Ok(Err(see_other(&look.to(&format!("/q/{code}")))));
    }
    let door = match desk.doors.open(&desk.db, (&desk.config, &desk.keys), &code).await {
        Ok(door) => door,
        Err(Error::NotFound) => return unknown(req, desk, look).await.map(Err),
        Err(err) => return Err(err.into()),
    };
    if door.place.retired_at.is_none() && door.code.open(now()) {
        return Ok(Ok(door));
    }
    let kind = if door.code.state == CodeState::Replaced { Gone::ReplacedCode } else { Gone::StoppedCode };
    let shell = Shell { look, here: door.path(), ..door.shell() };
    gone(shell, kind, &door.place.full_name, StatusCode::GONE).map(Err)
}

/// No such code. Where the installation serves one community, its phones stand there.
async fn unknown(req: &HttpRequest, desk: &Desk, look: Look) -> Result<HttpResponse, PageError> {
    desk.guesses.0.take_from(client_address(req, &desk.config))?;
    let shell = Shell { look, here: look::here(req), ..somewhere(desk).await };
    gone(shell, Gone::UnknownCode, "", StatusCode::NOT_FOUND)
}

fn gone(shell: Shell, kind: Gone, place: &str, status: StatusCode) -> Result<HttpResponse, PageError> {
    let shell = Shell { title: shell.t(kind.title()).to_string(), ..shell };
    web::html(status, &GonePage { shell, kind, place: place.to_owned(), way_on_url: String::new() })
}

/// What surrounds a page where no community is known.
pub fn nowhere(desk: &Desk) -> Shell {
    let (icp, police) = (desk.config.icp.clone(), desk.config.police.clone());
    Shell { demo: desk.demo.0, icp, police, ..Shell::default() }
}

/// What surrounds a page whose address names no community: where the installation serves one, that is it.
pub async fn somewhere(desk: &Desk) -> Shell {
    let served = desk.db.read(places::communities).await;
    match served.as_deref() {
        Ok([only]) => super::door::shell(only, &(desk.config.icp.clone(), desk.config.police.clone())),
        _ => nowhere(desk),
    }
}

/// Whether a worker who goes from door to door scanned it, signed in and in their own community.
async fn on_patrol(req: &HttpRequest, desk: &Desk, door: &Door) -> Result<bool> {
    let Some(cookie) = req.cookie(&cookie_name(&desk.config, gate::COOKIE)) else { return Ok(false) };
    let (keys, token, community) = (desk.keys.clone(), cookie.value().to_owned(), door.community.id);
    let found = desk.db.read(move |tx| session::find(tx, &keys, &token)).await;
    match found {
        Ok(session) => Ok(session.actor.community_id == community && session.actor.walks()),
        Err(Error::Internal(err)) => Err(Error::Internal(err)),
        Err(_) => Ok(false),
    }
}

/// What stands for whoever taps: the device, or where it keeps no cookie its address and browser, so that two neighbours
/// behind one router may be taken for one, and one never for two.
pub fn device_hash(req: &HttpRequest, desk: &Desk) -> Vec<u8> {
    match device(req, &desk.config) {
        (cookie, false) => desk.keys.device_hash(&cookie),
        (_, true) => desk.keys.device_hash(&keys::hex(&likeness(req, &desk.config))),
    }
}

/// What stands for a phone that keeps our cookie; nothing for one that keeps none.
pub(super) fn cookie_hash(req: &HttpRequest, desk: &Desk) -> Option<Vec<u8>> {
    let cookie = req.cookie(&cookie_name(&desk.config, DEVICE))?;
    Some(desk.keys.device_hash(cookie.value()))
}

/// The device cookie, and whether it is new.
pub(super) fn device(req: &HttpRequest, config: &Config) -> (String, bool) {
    match req.cookie(&cookie_name(config, DEVICE)) {
        Some(cookie) if (20..=64).contains(&cookie.value().len()) => (cookie.value().to_owned(), false),
        _ => (keys::token(), true),
    }
}

/// What stands for a device that keeps no cookie: address and browser.
pub(super) fn likeness(req: &HttpRequest, config: &Config) -> Vec<u8> {
    let browser = req.headers().get(header::USER_AGENT).map_or(&b""[..], |value| value.as_bytes());
    keys::digest([client_address(req, config).to_string().as_bytes(), browser])
}

/// `GET /`: what this is, and the way to one's report.
pub async fn home(desk: Data<Desk>, look: Look) -> Result<HttpResponse, PageError> {
    let say = |key| look.lang.t(key).to_string();
    let page = ErrorPage {
        shell: Shell { title: say("home-title"), look, here: "/".to_owned(), ..somewhere(&desk).await },
        headline: say("home-headline"),
        sentence: say("home-sentence"),
        way_on_url: look.to("/t"),
        way_on_label: say("frame-lookup"),
        ..ErrorPage::default()
    };
    web::html(StatusCode::OK, &page)
}
