//! Who else met the matter of a ticket, as JSON: the same verbs as the page.

use actix_web::web::{Json, Path, Query};

use super::{List, Shown, Whom, confirm, list, reveal};
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

/// Which doubtful neighbours count, and why.
#[derive(Debug, serde::Deserialize, utoipa::ToSchema)]
#[schema(as = NeighbourConfirmation)]
pub struct Confirmation {
    /// These; all of them where none is named.
    #[serde(default)]
    pub neighbours: Option<Vec<Id>>,
    /// Kept in the audit log and the history.
    pub reason: String,
}

/// How many count from now on.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
#[schema(as = NeighboursConfirmed)]
pub struct Confirmed {
    /// Those that nobody had confirmed meanwhile.
    pub confirmed: usize,
}

/// Confirms that neighbours who came in a flood are people: they count since they came.
#[utoipa::path(
    post, path = "/api/v1/tickets/{id}/neighbours/confirmations", tag = "tickets", params(("id" = Id, Path)),
    request_body = Confirmation,
    responses((status = 200, body = Confirmed), (status = 403), (status = 404), (status = 409), (status = 422))
)]
pub async fn confirm_doubtful(desk: Desk, id: Path<Id>, ask: Json<Confirmation>) -> Reply<Confirmed> {
    let (id, Confirmation { neighbours, reason }) = (id.into_inner(), ask.into_inner());
    let reason = Note::parse("reason", &reason, CONFIRM_WHY)?;
    let whom = neighbours.map_or(Whom::All, Whom::These);
    let confirmed = desk.write(move |tx, desk| confirm(tx, desk.actor(), id, &whom, &reason)).await?;
    Ok(Json(Confirmed { confirmed }))
}

/// What whoever confirms without a reason is asked.
pub(super) const CONFIRM_WHY: &str = "请写明怎么核对的，会记入查看记录";
