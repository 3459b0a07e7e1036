//! The page of a report that waits for a person to look at it. Its address is the one that the ticket will have: once the
//! report is let in, the same page shows the ticket.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;

use super::door::shell;
use super::follow::gone;
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
    received: String,
    photos: usize,
    /// Why it was set aside; empty while it waits.
    aside: String,
    phone_left: bool,
}

/// The page of a held report, or the one that says that there is none.
pub(super) async fn page(desk: &Desk, secret: &str, look: Look) -> Result<HttpResponse, PageError> {
    let (keys, filing) = (desk.keys.clone(), (desk.config.icp.clone(), desk.config.police.clone()));
    let wanted = secret.to_owned();
    let found = desk.db.read(move |tx| fill(tx, &keys, &wanted, &filing)).await;
    let mut page = match found {
        Ok(page) => page,
        Err(Error::NotFound) => return gone(desk, (secret, look)),
        Err(err) => return Err(err.into()),
    };
    page.shell.look = look;
    page.shell.here = format!("/t/{secret}");
    web::html(StatusCode::OK, &page)
}

fn fill(
    tx: &mut Tx,
    keys: &crate::keys::Keys,
    secret: &str,
    filing: &(String, String),
) -> Result<WaitingPage> {
    let held = held::find_by_secret(tx, keys, secret)?;
    let community = places::community(tx, held.community_id)?;
    let place = places::find(tx, held.community_id, held.place_id)?;
    Ok(WaitingPage {
        shell: Shell { title: format!("已收到 · {}", place.full_name), ..shell(&community, filing) },
        place: place.full_name,
        text: held.text.shown(),
        received: held.received_at.long(),
        photos: held.pictures().len(),
        aside: held.reason.filter(|_| held.discarded_at.is_some()).map(aside).unwrap_or_default().to_owned(),
        phone_left: held.phone_masked.is_some(),
    })
}

/// Why it was set aside, in words that blame nobody.
fn aside(reason: crate::tickets::Reason) -> &'static str {
    match reason {
        crate::tickets::Reason::E1 => "社区看过，认为这是一次测试",
        crate::tickets::Reason::E3 => "社区看过，认为是重复提交了很多次的内容",
        _ => "社区看过，没有看出要办的事",
    }
}
