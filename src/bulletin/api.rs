//! The bulletin as JSON: the same verbs as its pages.

use actix_web::web::{Data, Json, Path, Query};

use super::pages::{Asked, cover};
use super::public::Ready;
use super::{Afresh, Entry, Lines, Sentence};
use crate::console::desk::Desk;
use crate::db::Id;
use crate::error::{Error, Result};
use crate::photos::Area;
use crate::tickets::api::Reply;

type Answered = Reply<Entry>;

/// What may be, or is, published: of a month, or of all months in one state.
#[utoipa::path(
    get, path = "/api/v1/bulletin", tag = "bulletin",
    params(("month" = Option<String>, Query), ("state" = Option<String>, Query), ("after" = Option<String>, Query)),
    responses((status = 200, body = Lines))
)]
pub async fn list(desk: Desk, asked: Query<Asked>) -> Reply<Lines> {
    let read = desk.read(move |tx, desk| {
        let (_, shelf) = asked.shelf(tx)?;
        super::list(tx, desk.actor(), shelf, asked.cursor())
    });
    Ok(Json(read.await?))
}

/// The entry of a ticket.
#[utoipa::path(get, path = "/api/v1/bulletin/{id}", tag = "bulletin", params(("id" = Id, Path)), responses((status = 200, body = Entry)))]
pub async fn show(desk: Desk, id: Path<Id>) -> Answered {
    let id = id.into_inner();
    Ok(Json(desk.read(move |tx, desk| super::entry(tx, desk.actor(), id)).await?))
}

async fn after(desk: &Desk, ready: &Ready, id: Id, done: Result<super::Publication>) -> Answered {
    done?;
    ready.forget();
    Ok(Json(desk.read(move |tx, desk| super::entry(tx, desk.actor(), id)).await?))
}

/// The sentence of an entry.
#[derive(Debug, serde::Deserialize, utoipa::ToSchema)]
#[allow(missing_docs)]
#[schema(as = PublicationDraft)]
pub struct Draft {
    pub sentence: String,
}

/// Drafts an entry; what was public is no more until it is published again.
#[utoipa::path(put, path = "/api/v1/bulletin/{id}", tag = "bulletin", params(("id" = Id, Path)), request_body = Draft, responses((status = 200, body = Entry)))]
pub async fn draft(desk: Desk, ready: Data<Ready>, id: Path<Id>, draft: Json<Draft>) -> Answered {
    let (id, sentence) = (id.into_inner(), Sentence::parse(&draft.sentence));
    let done = desk.write(move |tx, desk| super::draft(tx, desk.actor(), id, &sentence?)).await;
    after(&desk, &ready, id, done).await
}

/// A photo for an entry.
#[derive(Debug, serde::Deserialize, utoipa::ToSchema)]
#[schema(as = PublicationPhoto)]
pub struct Wanted {
    /// The photo of the ticket.
    pub seq: i32,
    /// What to cover, in percent of the photo; nothing to show it as it is.
    #[serde(default)]
    pub areas: Vec<Area>,
    /// Begins with the photo itself, not with what is covered already.
    #[serde(default)]
    pub afresh: bool,
}

/// Chooses a photo, with areas covered.
#[utoipa::path(post, path = "/api/v1/bulletin/{id}/photos", tag = "bulletin", params(("id" = Id, Path)), request_body = Wanted, responses((status = 200, body = Entry)))]
pub async fn choose(desk: Desk, ready: Data<Ready>, id: Path<Id>, wanted: Json<Wanted>) -> Answered {
    let (id, wanted) = (id.into_inner(), wanted.into_inner());
    if wanted.areas.len() > 50 {
        return Err(Error::invalid("areas", "一次最多遮 50 处").into());
    }
    let areas: Result<Vec<Area>> = wanted.areas.into_iter().map(Area::check).collect();
    let afresh = if wanted.afresh { Afresh::Yes } else { Afresh::No };
    let done = cover(&desk, id, wanted.seq, areas?, afresh).await;
    after(&desk, &ready, id, done).await
}

/// Leaves a photo out again.
#[utoipa::path(delete, path = "/api/v1/bulletin/{id}/photos/{seq}", tag = "bulletin", params(("id" = Id, Path), ("seq" = i32, Path)), responses((status = 200, body = Entry)))]
pub async fn leave_out(desk: Desk, ready: Data<Ready>, path: Path<(Id, i32)>) -> Answered {
    let (id, seq) = path.into_inner();
    let done = desk.write(move |tx, desk| super::leave_out(tx, desk.actor(), id, seq)).await;
    after(&desk, &ready, id, done).await
}

/// Which version of an entry was seen.
#[derive(Debug, serde::Deserialize, utoipa::ToSchema)]
#[allow(missing_docs)]
#[schema(as = PublicationSeen)]
pub struct Seen {
    pub version: i32,
}

/// Publishes an entry: the community lead alone.
#[utoipa::path(post, path = "/api/v1/bulletin/{id}/publication", tag = "bulletin", params(("id" = Id, Path)), request_body = Seen, responses((status = 200, body = Entry)))]
pub async fn publish(desk: Desk, ready: Data<Ready>, id: Path<Id>, seen: Json<Seen>) -> Answered {
    let (id, version) = (id.into_inner(), seen.version);
    let done = desk.write(move |tx, desk| super::publish(tx, desk.actor(), id, version)).await;
    after(&desk, &ready, id, done).await
}

/// Takes an entry back, at any time.
#[utoipa::path(post, path = "/api/v1/bulletin/{id}/retraction", tag = "bulletin", params(("id" = Id, Path)), responses((status = 200, body = Entry)))]
pub async fn take_back(desk: Desk, ready: Data<Ready>, id: Path<Id>) -> Answered {
    let id = id.into_inner();
    let done = desk.write(move |tx, desk| super::take_back(tx, desk.actor(), id)).await;
    after(&desk, &ready, id, done).await
}
