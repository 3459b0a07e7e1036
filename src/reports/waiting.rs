//! The page of a report that waits for a person to look at it. Its address is the one that the ticket will have: once the
//! report is let in, the same page shows the ticket.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;

use super::door::board::Danger;
use super::door::shell;
use super::follow::{danger_of_tile, gone};
use super::pages::Desk;
use super::view::Shell;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::places;
use crate::tickets::held;
use crate::web::{self, PageError};
use crate::words::Look;

/// `GET /t/{secret}` of what is no ticket yet.
#[derive(Template)]
#[template(path = "reports/waiting.html")]
struct WaitingPage {
    shell: Shell,
    place: String,
    text: String,
    since: String,
    /// What to do first, as long as it waits.
    danger: Danger,
    /// It has arrived: whoever sent it stands at the spot.
    received: bool,
    photos: usize,
    /// Whether a voice message came with it.
    spoken: bool,
    /// Where its data are read, corrected and deleted.
    data_url: String,
    /// The key of why it was set aside; empty while it waits.
    aside: &'static str,
    phone_left: bool,
}

/// The page of a held report, or the one that says that there is none.
pub(super) async fn page(desk: &Desk, secret: &str, look: Look) -> Result<HttpResponse, PageError> {
    let (keys, filing) = (desk.keys.clone(), (desk.config.icp.clone(), desk.config.police.clone()));
    let wanted = secret.to_owned();
    let found = desk.db.read(move |tx| fill(tx, &keys, (&wanted, look), &filing)).await;
    let mut page = match found {
        Ok(page) => page,
        Err(Error::NotFound) => return gone(desk, (secret, look)).await,
        Err(err) => return Err(err.into()),
    };
    page.shell.here = format!("/t/{secret}");
    web::html(StatusCode::OK, &page)
}

fn fill(
    tx: &mut Tx,
    keys: &crate::keys::Keys,
    (secret, look): (&str, Look),
    filing: &(String, String),
) -> Result<WaitingPage> {
    let held = held::find_by_secret(tx, keys, secret)?;
    let community = places::community(tx, held.community_id)?;
    let place = places::find(tx, held.community_id, held.place_id)?;
    Ok(WaitingPage {
        shell: Shell {
            title: look.lang.t("waiting-title").with("place", &place.full_name).to_string(),
            look,
            ..shell(&community, filing)
        },
        place: place.full_name,
        text: held.text.shown(),
        since: look.lang.moment(held.received_at),
        danger: match held.discarded_at {
            None => danger_of_tile(tx, &community, &held.level1, look)?,
            Some(_) => Danger::default(),
        },
        received: true,
        photos: held.pictures().len(),
        spoken: held.voice.is_some(),
        data_url: look.to(&format!("/t/{secret}/data")),
        aside: held.reason.filter(|_| held.discarded_at.is_some()).map(aside).unwrap_or_default(),
        phone_left: held.phone_masked.is_some(),
    })
}

/// The key of why it was set aside, in words that blame nobody.
fn aside(reason: crate::tickets::Reason) -> &'static str {
    match reason {
        crate::tickets::Reason::E1 => "waiting-aside-test",
        crate::tickets::Reason::E3 => "waiting-aside-repeated",
        _ => "waiting-aside-empty",
    }
}
