//! What this phone reported, for whoever lost number and query code: the door is scanned again, the device cookie tells
//! the rest. `GET /q/{code}/mine`.
//!
//! A page of its own, because the door page is the same for everybody. It lists what this phone reported in the
//! community of the door, and what it joined there, and nothing else; a phone that is not one's own can be told to forget.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::door::Door;
use super::pages::{self, DEVICE, Desk, YEAR};
use super::view::Shell;
use super::{follow, neighbour};
use crate::db::{Id, Tx};
use crate::error::Result;
use crate::keys::{self, KEY_VERSION, Keys};
use crate::neighbours::{self, own};
use crate::places;
use crate::routing::{self, Kind};
use crate::tickets::{self, Ticket, held, merging};
use crate::web::{self, PageError, cookie_name, see_other};
use crate::words::{Lang, Look};

/// One report of this phone.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct Mine {
    pub url: String,
    /// Empty while a person still has to look at it.
    pub number: String,
    /// The category in plain words; empty for a 举报, which is nobody's to read over a shoulder.
    pub matter: String,
    pub place: String,
    pub headline: String,
    /// When it was submitted, in words.
    pub since: String,
}

/// `GET /q/{code}/mine`.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "reports/mine.html")]
pub struct MinePage {
    /// What surrounds the page.
    pub shell: Shell,
    /// Where the form of the door lies.
    pub door: String,
    /// What this phone reported, latest first.
    pub reports: Vec<Mine>,
    /// What it met too and joined: a lost address is no lost answer at the end. With the first page.
    pub joined: Vec<Mine>,
    /// The address of the earlier ones; empty at the end.
    pub earlier: String,
    /// Whether the phone has just forgotten.
    pub forgot: bool,
}

/// Which part of the list.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub struct Asked {
    before: String,
    forgot: Option<String>,
}

/// `GET /q/{code}/mine`: latest first, twenty at a time.
pub async fn mine(
    req: HttpRequest,
    desk: Data<Desk>,
    code: Path<String>,
    look: Look,
    asked: Query<Asked>,
) -> Result<HttpResponse, PageError> {
    let door = match pages::find(&req, &desk, look, &code).await? {
        Ok(door) => door,
        Err(answer) => return Ok(answer),
    };
    let mut page = MinePage {
        shell: Shell {
            title: look.lang.t("mine-link").to_string(),
            look,
            here: format!("{}/mine", door.path()),
            ..door.shell()
        },
        door: door.path(),
        forgot: asked.forgot.is_some(),
        ..MinePage::default()
    };
    if let Some(cookie) = req.cookie(&cookie_name(&desk.config, DEVICE)) {
        let (device, keys) = (desk.keys.device_hash(cookie.value()), desk.keys.clone());
        let (before, at) = (asked.before.parse().ok().map(Id), door.clone());
        let listed = desk.db.read(move |tx| {
            let first = before.is_none();
            let joined = if first { joined(tx, &keys, (&at, look.lang), &device)? } else { Vec::new() };
            Ok((list(tx, &keys, (&at, look.lang), &device, before)?, joined))
        });
        let ((reports, last), joined) = listed.await?;
        (page.reports, page.joined) = (reports, joined);
        page.earlier = last.map(|id| format!("{}/mine?before={id}", door.path())).unwrap_or_default();
    }
    web::html(StatusCode::OK, &page)
}

/// The reports of one page, and where the next page begins.
fn list(
    tx: &mut Tx,
    keys: &Keys,
    (door, lang): (&Door, Lang),
    device: &[u8],
    before: Option<Id>,
) -> Result<(Vec<Mine>, Option<Id>)> {
    let mut found = tickets::by_device(tx, door.community.id, device, before)?;
    let more = found.len() > tickets::DEVICE_PAGE;
    found.truncate(tickets::DEVICE_PAGE);
    let last = found.last().filter(|_| more).map(|ticket| ticket.id);
    let categories = routing::categories(tx)?;
    let mut reports = Vec::with_capacity(found.len());
    if before.is_none() {
        reports = waiting(tx, keys, (door, lang), device)?;
    }
    for ticket in found {
        let leading = merging::leading(tx, &ticket)?;
        reports.push(Mine {
            url: format!("/t/{}", keys.ticket_secret(ticket.key_version, &door.community.token, ticket.id)),
            matter: lang.sentence(&matter(&categories, &ticket)),
            place: places::find(tx, ticket.community_id, ticket.place_id)?.full_name,
            headline: lang.sentence(follow::headline(&leading)),
            since: lang.moment(ticket.submitted_at),
            number: ticket.number,
        });
    }
    Ok((reports, last))
}

/// What this phone sent and a person has still to look at, or set aside: few, and first in the list.
fn waiting(tx: &mut Tx, keys: &Keys, (door, lang): (&Door, Lang), device: &[u8]) -> Result<Vec<Mine>> {
    let most = tickets::DEVICE_PAGE as i64;
    let mut reports = Vec::new();
    for held in held::by_device(tx, door.community.id, device, most)? {
        let headline = if held.discarded_at.is_some() { "waiting-aside" } else { "waiting-received" };
        reports.push(Mine {
            url: format!("/t/{}", keys.ticket_secret(KEY_VERSION, &door.community.token, held.id)),
            number: String::new(),
            matter: String::new(),
            place: places::find(tx, held.community_id, held.place_id)?.full_name,
            headline: lang.t(headline).to_string(),
            since: lang.moment(held.received_at),
        });
    }
    Ok(reports)
}

/// What this phone met too and joined, the latest first: few enough for one page.
fn joined(tx: &mut Tx, keys: &Keys, (door, lang): (&Door, Lang), device: &[u8]) -> Result<Vec<Mine>> {
    let categories = routing::categories(tx)?;
    let found = own::of_device(tx, door.community.id, device, tickets::DEVICE_PAGE as i64)?;
    let mut lines = Vec::with_capacity(found.len());
    for each in found {
        let ticket = neighbours::followed(tx, &each)?;
        lines.push(Mine {
            url: format!("/m/{}", neighbours::secret(keys, &door.community, &each)),
            number: String::new(),
            matter: lang.sentence(&matter(&categories, &ticket)),
            place: places::find(tx, ticket.community_id, ticket.place_id)?.full_name,
            headline: lang.t(neighbour::headline(&ticket)).to_string(),
            since: lang.moment(each.at),
        });
    }
    Ok(lines)
}

fn matter(categories: &[routing::Category], ticket: &Ticket) -> String {
    if ticket.kind == Kind::TipOff {
        return String::new();
    }
    let own = categories.iter().find(|each| each.level1_code() == ticket.level1);
    own.map(|each| each.level1.clone()).unwrap_or_default()
}

/// `POST /q/{code}/mine/forgetting`: this is not my phone. It gets a new cookie; the reports themselves stay.
pub async fn forget(desk: Data<Desk>, code: Path<String>) -> Result<HttpResponse, PageError> {
    let code = crate::codes::code::Code::parse(&code).map_err(|_| crate::error::Error::NotFound)?;
    let mut answer = see_other(&format!("/q/{code}/mine?forgot=1"));
    let fresh = web::cookie(&desk.config, DEVICE, keys::token(), YEAR);
    answer.add_cookie(&fresh).map_err(crate::error::Error::internal)?;
    Ok(answer)
}
