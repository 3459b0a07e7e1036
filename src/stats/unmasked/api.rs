//! Workbooks with everything in them as JSON: the same verbs as the page, which also hands out the file.

use actix_web::HttpResponse;
use actix_web::web::{Json, Path};

use super::pages::{REASON, verdict};
use super::{Request, ask, decide, list};
use crate::clock::PeriodKind;
use crate::console::visit::Visit;
use crate::db::Id;
use crate::stats::issued::pages::period;
use crate::tickets::Note;
use crate::web::ApiError;

/// The requests of the last weeks, the latest first.
#[utoipa::path(get, path = "/api/v1/unmasked", tag = "stats", responses((status = 200, body = Vec<Request>)))]
pub async fn requests(visit: Visit) -> Result<Json<Vec<Request>>, ApiError> {
    let actor = visit.session.actor.clone();
    Ok(Json(visit.db.read(move |tx| list(tx, &actor)).await?))
}

/// Of which period, and why.
#[derive(serde::Deserialize, utoipa::ToSchema)]
pub struct NewUnmasked {
    /// Month, assessment month or year.
    pub kind: PeriodKind,
    /// `2025-06`, or `2025` for a year.
    pub period: String,
    /// What for, and who will have it.
    pub reason: String,
}

/// Asks for a workbook with everything in it.
#[utoipa::path(post, path = "/api/v1/unmasked", tag = "stats", request_body = NewUnmasked, responses((status = 201, body = Request), (status = 422, description = "Refused, with a sentence per field")))]
pub async fn request(visit: Visit, new: Json<NewUnmasked>) -> Result<HttpResponse, ApiError> {
    let (actor, new) = (visit.session.actor.clone(), new.into_inner());
    let period = period(new.kind, &new.period)?;
    let reason = Note::parse("reason", &new.reason, REASON)?;
    let made = visit.db.write(move |tx| ask(tx, &actor, period, &reason)).await?;
    Ok(HttpResponse::Created().json(made))
}

/// What is said to a request.
#[derive(serde::Deserialize, utoipa::ToSchema)]
pub struct UnmaskedDecision {
    /// `approve` or `refuse`.
    pub verdict: String,
}

/// Approves or refuses a request; never whoever asked.
#[utoipa::path(post, path = "/api/v1/unmasked/{id}/decision", tag = "stats", params(("id" = Id, Path)), request_body = UnmaskedDecision, responses((status = 200, body = Request), (status = 409, description = "The own request, or decided before")))]
pub async fn decision(
    visit: Visit,
    id: Path<Id>,
    said: Json<UnmaskedDecision>,
) -> Result<Json<Request>, ApiError> {
    let (actor, verdict) = (visit.session.actor.clone(), verdict(&said.verdict)?);
    Ok(Json(visit.db.write(move |tx| decide(tx, &actor, *id, verdict)).await?))
}
