//! The page that a worker sees who scans a code, the list of doors nobody comes to, and the rounds of a place.

use actix_multipart::Multipart;
use actix_web::http::{StatusCode, header};
use actix_web::web::{Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::{Door, Finding, Quiet, Round, Seen, Spot};
use crate::codes::code::Code;
use crate::codes::registry::CodeState;
use crate::console::desk::Desk;
use crate::console::view::Chrome;
use crate::db::{Id, Tx};
use crate::error::{Error, Result};
use crate::photos::Size;
use crate::web::{self, PageError, form, html, see_other};

type Answer = std::result::Result<HttpResponse, PageError>;

const PATH: &str = "/console/patrols";

#[derive(Template)]
#[template(path = "patrols/spot.html")]
struct SpotPage {
    chrome: Chrome,
    spot: Spot,
    done: bool,
    problem: String,
    finding: String,
    note: String,
    /// A photo that arrived with an earlier try.
    kept: Option<String>,
}

impl SpotPage {
    /// What may be found now.
    fn findings(&self) -> Vec<Finding> {
        let waiting = matches!(self.spot.code.state, CodeState::Draft | CodeState::Printed);
        let fits = |each: &&Finding| **each != Finding::Posted || waiting;
        Finding::ALL.iter().filter(fits).copied().collect()
    }

    fn dead(&self) -> bool {
        matches!(self.spot.code.state, CodeState::Stopped | CodeState::Replaced)
    }
}

#[derive(Template)]
#[template(path = "patrols/quiet.html")]
struct QuietPage {
    chrome: Chrome,
    quiet: Quiet,
    /// On the first page only.
    unwell: Vec<Door>,
}

#[derive(Template)]
#[template(path = "patrols/rounds.html")]
struct RoundsPart {
    rounds: Vec<Round>,
}

#[derive(Template)]
#[template(path = "patrols/place.html")]
struct PlacePage {
    chrome: Chrome,
    place: Id,
    rounds: Vec<Round>,
}

/// What the address says beside the code.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(default)]
pub struct View {
    done: Option<String>,
}

/// `GET /console/patrols/{code}`: how does it hang?
pub async fn spot(desk: Desk, code: Path<Code>, view: Query<View>) -> Answer {
    let turn = Turn { done: view.done.is_some(), ..Turn::default() };
    show(desk, code.into_inner(), turn).await
}

/// What the page says beside what there is.
#[derive(Default)]
struct Turn {
    done: bool,
    err: Option<Error>,
    finding: String,
    note: String,
    kept: Option<String>,
}

async fn show(desk: Desk, code: Code, turn: Turn) -> Answer {
    let status = turn.err.as_ref().map_or(StatusCode::OK, web::status);
    let problem = turn.err.as_ref().map(ToString::to_string).unwrap_or_default();
    let fill = move |tx: &mut Tx, desk: &Desk| {
        let spot = super::spot(tx, desk.actor(), &code)?;
        let chrome = desk.chrome(tx, &format!("巡码 {}", spot.place.full_name), PATH)?;
        let Turn { done, finding, note, kept, .. } = turn;
        Ok(SpotPage { chrome, spot, done, problem, finding, note, kept })
    };
    html(status, &desk.read(fill).await?)
}

/// `POST /console/patrols/{code}`: what was found, with a photo.
pub async fn note(req: HttpRequest, desk: Desk, code: Path<Code>, parts: Multipart) -> Answer {
    let mut form = form::read(&req, parts).await?;
    let code = code.into_inner();
    let taken = desk.take_in(&mut form).await;
    let photo = taken.photos.into_iter().next();
    let turn = Turn {
        finding: form.text("finding").to_owned(),
        note: form.text("note").to_owned(),
        kept: photo.as_ref().map(|photo| desk.hold(photo)),
        ..Turn::default()
    };
    let seen = form.choice("finding", Finding::parse, "请选这个码现在的样子").map(|finding| Seen {
        finding,
        note: turn.note.clone(),
        photo: photo.map(|photo| photo.key),
    });
    let done = match (taken.problem, seen) {
        (Some(err), _) | (None, Err(err)) => Err(err),
        (None, Ok(seen)) => {
            let wanted = code.clone();
            desk.write(move |tx, desk| super::note(tx, desk.actor(), &wanted, seen)).await
        }
    };
    match done {
        Ok(_) => Ok(see_other(&format!("{PATH}/{code}?done=1"))),
        Err(err @ (Error::Invalid(_) | Error::Conflict(_) | Error::Unavailable(_))) => {
            show(desk, code, Turn { err: Some(err), ..turn }).await
        }
        Err(err) => Err(err.into()),
    }
}

/// Which page.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(default)]
pub struct Asked {
    after: Option<Id>,
}

/// `GET /console/patrols`: doors to mend, and doors that nobody comes to.
pub async fn quiet(desk: Desk, asked: Query<Asked>) -> Answer {
    let after = asked.after;
    let fill = move |tx: &mut Tx, desk: &Desk| {
        let unwell = if after.is_none() { super::to_mend(tx, desk.actor())? } else { Vec::new() };
        let quiet = super::quiet(tx, desk.actor(), after)?;
        Ok(QuietPage { chrome: desk.chrome(tx, "巡码", PATH)?, quiet, unwell })
    };
    html(StatusCode::OK, &desk.read(fill).await?)
}

/// `GET /console/places/{id}/patrols`: the rounds of a place; a part of its page for htmx, else a page.
pub async fn of_place(desk: Desk, req: HttpRequest, id: Path<Id>) -> Answer {
    let (id, part) = (id.into_inner(), req.headers().contains_key("hx-request"));
    if part {
        let rounds = desk.read(move |tx, desk| super::of_place(tx, desk.actor(), id)).await?;
        return html(StatusCode::OK, &RoundsPart { rounds });
    }
    let fill = move |tx: &mut Tx, desk: &Desk| {
        let rounds = super::of_place(tx, desk.actor(), id)?;
        Ok(PlacePage { chrome: desk.chrome(tx, "巡码记录", "/console/places")?, place: id, rounds })
    };
    html(StatusCode::OK, &desk.read(fill).await?)
}

/// What the address of a photo says.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub struct PhotoView {
    size: String,
}

/// `GET /console/rounds/{id}/photo`: what was seen on a round.
#[utoipa::path(get, path = "/api/v1/rounds/{id}/photo", params(("id" = Id, Path), ("size" = Option<String>, Query, description = "`thumb` for the small one")),
    responses((status = 200, body = Vec<u8>, content_type = "image/jpeg"), (status = 404)))]
pub async fn photo(desk: Desk, id: Path<Id>, view: Query<PhotoView>) -> Answer {
    let id = id.into_inner();
    let key: Result<_> = desk.read(move |tx, desk| super::photo(tx, desk.actor(), id)).await;
    let size = if view.size == "thumb" { Size::Thumb } else { Size::Full };
    let body = desk.photos.open_photo(&key?, size).await?;
    Ok(HttpResponse::Ok()
        .content_type("image/jpeg")
        .insert_header((header::CACHE_CONTROL, "private, max-age=3600, immutable"))
        .body(body))
}
