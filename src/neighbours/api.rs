//! Who else met the matter of a ticket, as JSON: the same verbs as the page.

use actix_web::web::{Json, Path, Query};

use super::{List, Shown, list, reveal};
use crate::console::desk::Desk;
use crate::db::Id;
use crate::tickets::Note;
use crate::tickets::api::Reply;

/// Which page.
#[derive(Debug, serde::Deserialize, utoipa::IntoParams)]
pub struct Asked {
    /// The id of the last one of the page before.
    after: Option<Id>,
}

/// The neighbours of a ticket, in the order in which they came.
#[utoipa::path(
    get, path = "/api/v1/tickets/{id}/neighbours", tag = "tickets", params(("id" = Id, Path), Asked),
    responses((status = 200, body = List))
)]
pub async fn show(desk: Desk, id: Path<Id>, asked: Query<Asked>) -> Reply<List> {
    let (id, after) = (id.into_inner(), asked.after);
    Ok(Json(desk.read(move |tx, desk| list(tx, desk.actor(), id, after)).await?))
}

/// Why a phone is looked at.
#[derive(Debug, serde::Deserialize, utoipa::ToSchema)]
#[schema(as = NeighbourReveal)]
pub struct Why {
    /// Kept in the audit log.
    pub reason: String,
}

/// Shows a neighbour's phone once, for a reason.
#[utoipa::path(
    post, path = "/api/v1/tickets/{id}/neighbours/{neighbour}/reveals", tag = "tickets",
    params(("id" = Id, Path), ("neighbour" = Id, Path)), request_body = Why,
    responses((status = 200, body = Shown))
)]
pub async fn reveal_phone(desk: Desk, path: Path<(Id, Id)>, why: Json<Why>) -> Reply<Shown> {
    let path = path.into_inner();
    let reason = Note::parse("reason", &why.reason, "请写明为什么要看电话，会记入查看记录")?;
    let shown = desk.write(move |tx, desk| reveal(tx, &desk.keys, desk.actor(), path, &reason)).await?;
    Ok(Json(shown))
}
