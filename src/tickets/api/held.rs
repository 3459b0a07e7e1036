//! The JSON twins of the queue of held reports.

use actix_web::HttpResponse;
use actix_web::web::{Json, Path, Query};

use super::Reply;
use crate::console::desk::Desk;
use crate::db::{Id, Tx};
use crate::tickets::held::{self, Held, Page};
use crate::tickets::pages::held::Asked;
use crate::tickets::sheet::{Sheet, sheet};
use crate::tickets::{Note, Reason};
use crate::web::ApiError;

/// Reports that wait for a person, oldest first; with `shelf=discarded` those that were set aside, latest first.
#[utoipa::path(
    get, path = "/api/v1/held", tag = "held",
    params(("shelf" = Option<String>, Query, description = "waiting or discarded"), ("after" = Option<Id>, Query)),
    responses((status = 200, body = Page))
)]
pub async fn list(desk: Desk, asked: Query<Asked>) -> Reply<Page> {
    let asked = *asked;
    Ok(Json(desk.read(move |tx, desk| held::page(tx, desk.actor(), asked.shelf, asked.after)).await?))
}

/// 放行: the report becomes a ticket; its clock counts from the moment at which it came.
#[utoipa::path(
    post, path = "/api/v1/held/{id}/release", tag = "held", params(("id" = Id, Path)),
    responses((status = 201, body = Sheet), (status = 403), (status = 404), (status = 409))
)]
pub async fn release(desk: Desk, id: Path<Id>) -> Result<HttpResponse, ApiError> {
    let id = id.into_inner();
    let let_in = move |tx: &mut Tx, desk: &Desk| {
        let ticket = held::release(tx, &desk.keys, desk.actor(), id)?;
        sheet(tx, &desk.keys, desk.actor(), ticket.id)
    };
    Ok(HttpResponse::Created().json(desk.write(let_in).await?))
}

/// Why a report is no matter for the community.
#[derive(Debug, serde::Deserialize, utoipa::ToSchema)]
pub struct Discard {
    /// `e1`, `e2` or `e3`.
    pub reason: Reason,
    /// In words.
    pub note: String,
}

/// 搁置: sets a report aside; it can be taken back.
#[utoipa::path(
    post, path = "/api/v1/held/{id}/discard", tag = "held", params(("id" = Id, Path)), request_body = Discard,
    responses((status = 200, body = Held), (status = 403), (status = 404), (status = 409), (status = 422))
)]
pub async fn discard(desk: Desk, id: Path<Id>, ask: Json<Discard>) -> Reply<Held> {
    let id = id.into_inner();
    let note = Note::parse("note", &ask.note, "请写明理由，会记入查看记录")?;
    let reason = ask.reason;
    Ok(Json(desk.write(move |tx, desk| held::discard(tx, desk.actor(), id, (reason, &note))).await?))
}

/// Why several reports are no matter for the community.
#[derive(Debug, serde::Deserialize, utoipa::ToSchema)]
pub struct DiscardAll {
    /// Which; at most two hundred.
    pub ids: Vec<Id>,
    /// `e1`, `e2` or `e3`.
    pub reason: Reason,
    /// In words.
    pub note: String,
}

/// How many were set aside.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
pub struct Discarded {
    /// Those that nobody had decided meanwhile.
    pub discarded: usize,
}

/// 搁置 of several at once, for one reason; each can be taken back.
#[utoipa::path(
    post, path = "/api/v1/held/discards", tag = "held", request_body = DiscardAll,
    responses((status = 200, body = Discarded), (status = 403), (status = 409), (status = 422))
)]
pub async fn discard_all(desk: Desk, ask: Json<DiscardAll>) -> Reply<Discarded> {
    let DiscardAll { ids, reason, note } = ask.into_inner();
    let note = Note::parse("note", &note, "请写明理由，会记入查看记录")?;
    let done = desk.write(move |tx, desk| held::discard_all(tx, desk.actor(), &ids, (reason, &note)));
    Ok(Json(Discarded { discarded: done.await? }))
}

/// 找回: a report that was set aside waits again.
#[utoipa::path(
    post, path = "/api/v1/held/{id}/restoration", tag = "held", params(("id" = Id, Path)),
    responses((status = 200, body = Held), (status = 403), (status = 404), (status = 409))
)]
pub async fn restore(desk: Desk, id: Path<Id>) -> Reply<Held> {
    let id = id.into_inner();
    Ok(Json(desk.write(move |tx, desk| held::restore(tx, desk.actor(), id)).await?))
}
