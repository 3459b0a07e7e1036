//! 「我也遇到了」 in one tap, and 「就是这件，加上我」 after the form was filled in: both lead to the neighbour's own page.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Form, Path};
use actix_web::{HttpRequest, HttpResponse};

use super::Door;
use crate::db::Id;
use crate::error::{Error, Result};
use crate::neighbours::{self, Join, Joined};
use crate::photos::PhotoKey;
use crate::reports::flood::What;
use crate::reports::pages::{Desk, device_hash, find};
use crate::reports::view::{ErrorPage, Shell};
use crate::reports::weighing::Weighed;
use crate::reports::{kept, proof};
use crate::web::{self, PageError, client_address, see_other};
use crate::words::Look;

/// What the button sends.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub struct Tapped {
    matter: String,
    /// A field that nobody sees, and what a browser shows for itself where it can.
    leave_empty: String,
    token: String,
    work: String,
    page_stamp: String,
}

/// `POST /q/{code}/joins`.
pub async fn tap(
    req: HttpRequest,
    desk: Data<Desk>,
    code: Path<String>,
    look: Look,
    tapped: Form<Tapped>,
) -> Result<HttpResponse, PageError> {
    let door = match find(&req, &desk, look, &code).await? {
        Ok(door) => door,
        Err(answer) => return Ok(answer),
    };
    let ticket_id = matter(&tapped.matter)?;
    let shown = proof::Sent {
        token: &tapped.token,
        work: &tapped.work,
        page: &tapped.page_stamp,
        honeypot: &tapped.leave_empty,
    };
    let join = Join {
        ticket_id,
        code: door.code.code.to_string(),
        device_hash: device_hash(&req, &desk),
        phone: None,
        text: String::new(),
        photos: Vec::new(),
        voice: None,
        notice_version: door.notice.version.clone(),
        doubts: Weighed::of(&req, &desk, &door, What::Join, shown).doubts,
    };
    match take(&req, &desk, (&door, look), (join, 0)).await {
        Ok(answer) => Ok(answer),
        Err(err) => refused(&door, &err, look),
    }
}

/// The matter that a button names.
pub fn matter(text: &str) -> Result<Id> {
    text.parse().map(Id).map_err(|_| Error::NotFound)
}

/// Joins, and leads to the page of the neighbour, which also says where photos were not taken, `left` of them before; whoever
/// reported it is told that it is theirs. What is doubtful is joined all the same, and counts once a person confirms it.
pub async fn take(
    req: &HttpRequest,
    desk: &Desk,
    (door, look): (&std::sync::Arc<Door>, Look),
    (join, left): (Join, usize),
) -> Result<HttpResponse> {
    if !join.doubts.is_empty() && !desk.flood.keeps_join(client_address(req, &desk.config)) {
        return Err(Error::TooMany);
    }
    let (keys, found) = (desk.keys.clone(), door.clone());
    let photos: Vec<PhotoKey> = join.photos.iter().map(|photo| photo.key.clone()).collect();
    let joined =
        desk.db.write(move |tx| neighbours::join(tx, &keys, (&found.community, &found.place), join)).await?;
    match joined {
        Joined::Neighbour(neighbour, over) => {
            let secret = neighbours::secret(&desk.keys, &door.community, &neighbour);
            let photos = if left + over > 0 { "&photos=left" } else { "" };
            Ok(see_other(&look.to(&format!("/m/{secret}?joined=1{photos}"))))
        }
        Joined::Reporter => {
            // They have a page of their own for photos.
            kept::wait(desk, door.community.id, photos).await?;
            own(door, look)
        }
    }
}

/// They reported it themselves.
fn own(door: &Door, look: Look) -> Result<HttpResponse> {
    let page = ErrorPage {
        shell: shell(door, look, "door-own"),
        headline: look.lang.t("door-own").to_string(),
        sentence: look.lang.t("door-own-next").to_string(),
        way_on_url: look.to("/t"),
        way_on_label: look.lang.t("frame-lookup").to_string(),
        arrived: true,
        ..ErrorPage::default()
    };
    web::html(StatusCode::OK, &page).map_err(|err| err.0)
}

fn refused(door: &Door, err: &Error, look: Look) -> Result<HttpResponse, PageError> {
    web::log_fault(err);
    let page = ErrorPage {
        shell: shell(door, look, "door-not-joined"),
        status: web::status(err).as_u16(),
        headline: look.lang.t("door-not-joined").to_string(),
        sentence: look.lang.sentence(&err.to_string()),
        way_on_url: look.to(&door.path()),
        way_on_label: look.lang.t("door-go-back").to_string(),
        ..ErrorPage::default()
    };
    web::html(web::status(err), &page)
}

fn shell(door: &Door, look: Look, title: &str) -> Shell {
    Shell { title: look.lang.t(title).to_string(), look, here: door.path(), ..door.shell() }
}
