//! The queue of reports that were held, and what is decided about them. The JSON twins stand in `tickets::api::held`.

use std::collections::HashMap;

use actix_web::http::{StatusCode, header};
use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::Answer;
use crate::console::desk::Desk;
use crate::console::view::Chrome;
use crate::db::{Id, Tx};
use crate::error::{Error, Result};
use crate::photos::Size;
use crate::tickets::held::{self, Held, Shelf};
use crate::tickets::{Note, Reason};
use crate::voices::Voices;
use crate::web::form::Form;
use crate::web::{html, see_other, sound, status};
use crate::{places, routing, settings};

/// Tickets with doubtful neighbours that are named on the page.
const DOUBTED: i64 = 20;

/// What the address says.
#[derive(Debug, Clone, Copy, Default, serde::Deserialize)]
#[serde(default)]
pub struct Asked {
    /// Which reports.
    pub shelf: Shelf,
    /// Where the page before ended.
    pub after: Option<Id>,
}

struct Line {
    held: Held,
    place: String,
    matter: String,
    shots: Vec<String>,
    /// How long its voice message lasts, where there is one.
    seconds: Option<u32>,
}

#[derive(Template)]
#[template(path = "tickets/pages/held.html")]
struct HeldPage {
    chrome: Chrome,
    problem: String,
    /// The report whose form was refused, and what was typed.
    again: Option<Id>,
    typed: String,
    discarded: bool,
    kept_days: i32,
    lines: Vec<Line>,
    /// What was chosen and written to set several aside, where that was refused.
    chosen: Vec<Id>,
    reason: String,
    /// Tickets of which neighbours who came in a flood wait: where, number, how many.
    doubted: Vec<held::Doubted>,
    next: Option<Id>,
}

impl HeldPage {
    fn again_at(&self, line: &Line) -> bool {
        self.again == Some(line.held.id)
    }

    fn is_chosen(&self, line: &Line) -> bool {
        self.chosen.contains(&line.held.id)
    }
}

/// `GET /console/held`.
pub async fn list(desk: Desk, asked: Query<Asked>) -> Answer {
    let asked = *asked;
    html(StatusCode::OK, &desk.read(move |tx, desk| page(tx, desk, asked)).await?)
}

fn page(tx: &mut Tx, desk: &Desk, asked: Asked) -> Result<HeldPage> {
    let community = desk.actor().community_id;
    let found = held::page(tx, desk.actor(), asked.shelf, asked.after)?;
    let tiles: HashMap<String, String> =
        routing::tiles(&routing::categories(tx)?).into_iter().map(|tile| (tile.code, tile.name)).collect();
    let mut lines = Vec::new();
    for held in found.rows {
        let shot = |seq: usize| format!("/console/held/{}/photos/{seq}", held.id);
        lines.push(Line {
            place: places::find(tx, community, held.place_id)?.full_name,
            matter: tiles.get(&held.level1).cloned().unwrap_or_default(),
            shots: (1..=held.pictures().len()).map(shot).collect(),
            seconds: held.spoken().map(|voice| voice.seconds),
            held,
        });
    }
    let kept: settings::Retention = settings::at(tx, community, tx.now)?;
    Ok(HeldPage {
        chrome: desk.chrome(tx, "疑似", "/console/held")?,
        problem: String::new(),
        again: None,
        typed: String::new(),
        discarded: asked.shelf == Shelf::Discarded,
        kept_days: kept.discarded_days,
        lines,
        chosen: Vec::new(),
        reason: String::new(),
        doubted: held::doubted(tx, desk.actor(), DOUBTED)?,
        next: found.next,
    })
}

/// `POST /console/held/{id}/release`: to the ticket that it became.
pub async fn release(desk: Desk, id: Path<Id>) -> Answer {
    let id = id.into_inner();
    match desk.write(move |tx, desk| held::release(tx, &desk.keys, desk.actor(), id)).await {
        Ok(ticket) => Ok(see_other(&format!("/console/tickets/{}", ticket.id))),
        Err(err) => again(desk, err, None).await,
    }
}

/// `POST /console/held/{id}/discard`.
pub async fn discard(desk: Desk, id: Path<Id>, form: Form) -> Answer {
    let id = id.into_inner();
    let typed = form.text("note").to_owned();
    let asked = form
        .choice("reason", Reason::parse, "请选：测试、空白乱码或广告、恶意刷单")
        .and_then(|reason| Ok((reason, Note::parse("note", &typed, "请写明理由，会记入查看记录")?)));
    let done = match asked {
        Ok((reason, note)) => {
            desk.write(move |tx, desk| held::discard(tx, desk.actor(), id, (reason, &note))).await
        }
        Err(err) => Err(err),
    };
    match done {
        Ok(_) => Ok(see_other("/console/held")),
        Err(err) => again(desk, err, Some((id, typed))).await,
    }
}

/// `POST /console/held/discards`: those that were chosen, for one reason.
pub async fn discard_all(desk: Desk, form: Form) -> Answer {
    let chosen: Vec<Id> = form.all("id").filter_map(|id| id.parse().map(Id).ok()).collect();
    let (typed, reason) = (form.text("note").to_owned(), form.text("reason").to_owned());
    let asked = form
        .choice("reason", Reason::parse, "请选：测试、空白乱码或广告、恶意刷单")
        .and_then(|reason| Ok((reason, Note::parse("note", &typed, "请写明理由，会记入查看记录")?)));
    let ids = chosen.clone();
    let done = match asked {
        Ok((reason, note)) => {
            desk.write(move |tx, desk| held::discard_all(tx, desk.actor(), &ids, (reason, &note))).await
        }
        Err(err) => Err(err),
    };
    let err = match done {
        Ok(_) => return Ok(see_other("/console/held")),
        Err(err @ (Error::Conflict(_) | Error::Invalid(_))) => err,
        Err(err) => return Err(err.into()),
    };
    let shown = desk.read(|tx, desk| page(tx, desk, Asked::default())).await?;
    let shown = HeldPage { problem: err.to_string(), typed, reason, chosen, ..shown };
    html(status(&err), &shown)
}

/// `POST /console/held/{id}/restoration`.
pub async fn restore(desk: Desk, id: Path<Id>) -> Answer {
    let id = id.into_inner();
    match desk.write(move |tx, desk| held::restore(tx, desk.actor(), id)).await {
        Ok(_) => Ok(see_other("/console/held")),
        Err(err) => again(desk, err, None).await,
    }
}

async fn again(desk: Desk, err: Error, typed: Option<(Id, String)>) -> Answer {
    if !matches!(err, Error::Conflict(_) | Error::Invalid(_)) {
        return Err(err.into());
    }
    let mut shown = desk.read(|tx, desk| page(tx, desk, Asked::default())).await?;
    shown.problem = err.to_string();
    if let Some((id, words)) = typed {
        (shown.again, shown.typed) = (Some(id), words);
    }
    html(status(&err), &shown)
}

/// Which size of a photo.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub struct Sized {
    size: String,
}

/// `GET /console/held/{id}/photos/{seq}`: a photo of a held report, the first is 1.
#[utoipa::path(
    get, path = "/api/v1/held/{id}/photos/{seq}", tag = "held",
    params(("id" = Id, Path), ("seq" = usize, Path), ("size" = Option<String>, Query, description = "thumb or full")),
    responses((status = 200, content_type = "image/jpeg"), (status = 404))
)]
pub async fn photo(desk: Desk, path: Path<(Id, usize)>, sized: Query<Sized>) -> Answer {
    let (id, seq) = path.into_inner();
    let held = desk.read(move |tx, desk| held::find_own(tx, desk.actor().community_id, id)).await?;
    let photo = held.pictures().into_iter().nth(seq.wrapping_sub(1)).ok_or(Error::NotFound)?;
    let size = if sized.size == "thumb" { Size::Thumb } else { Size::Full };
    let bytes = desk.photos.open_photo(&photo.key, size).await?;
    let private = (header::CACHE_CONTROL, "private, no-store");
    Ok(HttpResponse::Ok().content_type("image/jpeg").insert_header(private).body(bytes))
}

/// `GET /console/held/{id}/voice`: the voice message of a held report. A voice alone says what it is about: whoever decides
/// must hear it.
#[utoipa::path(
    get, path = "/api/v1/held/{id}/voice", tag = "held", params(("id" = Id, Path)),
    responses((status = 200, content_type = "audio/webm"), (status = 404))
)]
pub async fn voice(req: HttpRequest, desk: Desk, files: Data<Voices>, id: Path<Id>) -> Answer {
    let id = id.into_inner();
    let held = desk.read(move |tx, desk| held::find_own(tx, desk.actor().community_id, id)).await?;
    let voice = held.spoken().ok_or(Error::NotFound)?;
    let bytes = files.open_voice(&voice.key).await?;
    Ok(sound(&req, voice.format.content_type(), bytes))
}
