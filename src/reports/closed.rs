//! What neighbours say of something that was closed at their door: one tap, fixed or still broken.
//! `POST /q/{code}/confirmations`.
//!
//! What is asked about stands on the door page, the same for everybody, so each closing is named there by a stamp and
//! never by its number. Staff read what was said; it answers nothing in the reporter's place.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Form, Path};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::pace::Pace;
use super::pages::{self, Desk, likeness};
use super::view::Shell;
use crate::db::{Id, Tx};
use crate::error::{Error, Result};
use crate::keys;
use crate::routing;
use crate::settings::{self, Doors};
use crate::tickets::Ticket;
use crate::tickets::confirmations::{self, Heed, Says};
use crate::web::{self, PageError, client_address, see_other};
use crate::words::Look;

/// Taps in a minute: from one phone, and from one network, behind which a whole building may stand.
const TAPS_PER_MINUTE: (u32, u32) = (20, 600);

/// Who tapped how often.
pub struct Taps(Pace);

impl Default for Taps {
    fn default() -> Taps {
        Taps(Pace::per_minute(TAPS_PER_MINUTE.0, TAPS_PER_MINUTE.1))
    }
}

/// Something that was solved here lately, as everybody may read it.
#[derive(Debug, Clone)]
pub struct Solved {
    /// By what the form names it.
    pub stamp: String,
    /// The category in plain words.
    pub matter: String,
    /// Since when, in words: 「11月20日」.
    pub since: String,
}

/// What the door asks its neighbours about.
pub(super) fn solved(tx: &mut Tx, (community, place): (Id, Id)) -> Result<Vec<Solved>> {
    let doors: Doors = settings::at(tx, community, tx.now)?;
    let found = confirmations::asked(tx, (community, place), &doors.hidden)?;
    let categories = routing::categories(tx)?;
    let shown = |ticket: &Ticket| {
        let category = categories.iter().find(|each| Some(&each.code) == ticket.category.as_ref())?;
        let closed = ticket.closed_at?.local();
        Some(Solved {
            stamp: stamp(ticket.id),
            matter: category.level2.clone(),
            since: closed.format("%-m月%-d日").to_string(),
        })
    };
    Ok(found.iter().filter_map(shown).collect())
}

/// An id is random and shown to nobody, so that its hash tells nothing.
fn stamp(ticket: Id) -> String {
    keys::hex(&keys::digest([b"closed".as_slice(), ticket.bytes()])[..12])
}

/// What a tap says.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub struct Tap {
    what: String,
    says: String,
}

/// `POST /q/{code}/confirmations`. A phone without a cookie counts as one with its address and browser.
pub async fn confirm(
    req: HttpRequest,
    desk: Data<Desk>,
    taps: Data<Taps>,
    (look, code): (Look, Path<String>),
    tap: Form<Tap>,
) -> Result<HttpResponse, PageError> {
    let door = match pages::find(&req, &desk, look, &code).await? {
        Ok(door) => door,
        Err(answer) => return Ok(answer),
    };
    let cookie = pages::cookie_hash(&req, &desk);
    taps.0.one_more(client_address(&req, &desk.config), cookie.as_deref())?;
    let says = Says::parse(&tap.says).ok_or_else(|| Error::invalid("says", "请选“修好了”或“还没好”"))?;
    let likeness = || desk.keys.device_hash(&keys::hex(&likeness(&req, &desk.config)));
    let device = cookie.unwrap_or_else(likeness);
    let (secrets, what, at) = (desk.keys.clone(), tap.into_inner().what, door.clone());
    let said = move |tx: &mut Tx| {
        let doors: Doors = settings::at(tx, at.community.id, tx.now)?;
        let asked = confirmations::asked(tx, (at.community.id, at.place.id), &doors.hidden)?;
        let named = asked.into_iter().find(|ticket| stamp(ticket.id) == what);
        let ticket = named
            .ok_or_else(|| Error::conflict("这件事已经不在这里问了，多半又在办了；有问题请再反映一次"))?;
        let heed = confirmations::say(tx, at.community.id, ticket.id, &device, says)?;
        let own = matches!(heed, Heed::Own);
        Ok(own.then(|| secrets.ticket_secret(ticket.key_version, &at.community.token, ticket.id)))
    };
    Ok(match desk.db.write(said).await? {
        // The reporter answers on their own page.
        Some(secret) => {
            let step = if look.large() { "step-contacted" } else { "answer" };
            see_other(&format!("{}#{step}", look.to(&format!("/t/{secret}"))))
        }
        None => see_other(&look.to(&format!("{}/confirmed", door.path()))),
    })
}

/// `GET /q/{code}/confirmed`.
#[derive(Debug, Clone, Template)]
#[template(path = "reports/confirmed.html")]
struct ConfirmedPage {
    shell: Shell,
    door: String,
}

/// `GET /q/{code}/confirmed`: thank you, and the way on.
pub async fn confirmed(
    req: HttpRequest,
    desk: Data<Desk>,
    code: Path<String>,
    look: Look,
) -> Result<HttpResponse, PageError> {
    let door = match pages::find(&req, &desk, look, &code).await? {
        Ok(door) => door,
        Err(answer) => return Ok(answer),
    };
    let (title, here) = (look.lang.t("solved-thanks").to_string(), format!("{}/confirmed", door.path()));
    let shell = Shell { title, look, here, ..door.shell() };
    web::html(StatusCode::OK, &ConfirmedPage { shell, door: door.path() })
}
