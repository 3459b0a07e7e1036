//! Rounds and quiet doors as JSON: the same verbs as the pages. A photo comes with the page only.

use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path, Query};

use super::{Door, Finding, Quiet, Round, Seen};
use crate::codes::code::Code;
use crate::db::{Db, Id};
use crate::people::Actor;
use crate::web::ApiError;

/// What somebody found.
#[derive(Debug, serde::Deserialize, utoipa::ToSchema)]
#[allow(missing_docs)]
pub struct Found {
    pub finding: Finding,
    #[serde(default)]
    pub note: String,
}

/// Notes a round.
#[utoipa::path(post, path = "/api/v1/codes/{code}/patrols", params(("code" = Code, Path)), request_body = Found, responses((status = 201, body = Round)))]
pub async fn note(
    db: Data<Db>,
    actor: Actor,
    code: Path<Code>,
    found: Json<Found>,
) -> Result<HttpResponse, ApiError> {
    let found = found.into_inner();
    let seen = Seen { finding: found.finding, note: found.note, photo: None };
    Ok(HttpResponse::Created().json(db.write(move |tx| super::note(tx, &actor, &code, seen)).await?))
}

/// The last rounds of a place, the latest first.
#[utoipa::path(get, path = "/api/v1/places/{id}/patrols", params(("id" = Id, Path)), responses((status = 200, body = Vec<Round>)))]
pub async fn of_place(db: Data<Db>, actor: Actor, id: Path<Id>) -> Result<Json<Vec<Round>>, ApiError> {
    Ok(Json(db.read(move |tx| super::of_place(tx, &actor, *id)).await?))
}

/// Which page.
#[derive(Debug, serde::Deserialize, utoipa::IntoParams)]
pub struct Asked {
    /// The place of the last door of the page before.
    after: Option<Id>,
}

/// Doors that nobody scanned and no round came to for the days of the setting.
#[utoipa::path(get, path = "/api/v1/doors/quiet", params(Asked), responses((status = 200, body = Quiet)))]
pub async fn quiet(db: Data<Db>, actor: Actor, asked: Query<Asked>) -> Result<Json<Quiet>, ApiError> {
    Ok(Json(db.read(move |tx| super::quiet(tx, &actor, asked.after)).await?))
}

/// Doors whose last round found the code missing, covered or damaged.
#[utoipa::path(get, path = "/api/v1/doors/unwell", responses((status = 200, body = Vec<Door>)))]
pub async fn unwell(db: Data<Db>, actor: Actor) -> Result<Json<Vec<Door>>, ApiError> {
    Ok(Json(db.read(move |tx| super::to_mend(tx, &actor)).await?))
}
