//! The codes of a community as JSON, and their posters as files.

use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path, Query};

use super::code::Code;
use super::pages::{self, Wanted};
use super::poster::Posters;
use super::registry::{self, IssuedCode};
use crate::console::visit::Visit;
use crate::db::{Db, Id, Tx};
use crate::people::Actor;
use crate::places;
use crate::web::ApiError;

/// Every code that the community ever gave out.
#[utoipa::path(get, path = "/api/v1/codes", responses((status = 200, body = Vec<IssuedCode>)))]
pub async fn list(db: Data<Db>, actor: Actor) -> Result<Json<Vec<IssuedCode>>, ApiError> {
    Ok(Json(db.read(move |tx| registry::all(tx, actor.community_id)).await?))
}

/// One code.
#[utoipa::path(get, path = "/api/v1/codes/{code}", params(("code" = Code, Path)), responses((status = 200, body = IssuedCode)))]
pub async fn show(db: Data<Db>, actor: Actor, code: Path<Code>) -> Result<Json<IssuedCode>, ApiError> {
    Ok(Json(db.read(move |tx| registry::find_in(tx, actor.community_id, &code)).await?))
}

/// The posters of every live code, as one PDF; drafts become printed.
#[utoipa::path(get, path = "/api/v1/codes/posters.pdf", params(Wanted),
    responses((status = 200, body = Vec<u8>, content_type = "application/pdf"), (status = 409, description = "No code yet"), (status = 422, description = "Not HTTPS, and nobody insists")))]
pub async fn posters(
    visit: Visit,
    posters: Data<Posters>,
    wanted: Query<Wanted>,
) -> Result<HttpResponse, ApiError> {
    Ok(pages::every(&visit, posters, &wanted).await?.map_err(|(err, _)| err)?)
}

/// The poster of one code, as `pdf`, `png` or `svg`; a draft becomes printed.
#[utoipa::path(get, path = "/api/v1/codes/{code}/poster.{kind}", params(("code" = Code, Path), ("kind" = String, Path), Wanted),
    responses((status = 200, body = Vec<u8>, content_type = "application/pdf"), (status = 404), (status = 422, description = "Not HTTPS, and nobody insists")))]
pub async fn poster(
    visit: Visit,
    posters: Data<Posters>,
    path: Path<(Code, String)>,
    wanted: Query<Wanted>,
) -> Result<HttpResponse, ApiError> {
    Ok(pages::one(&visit, posters, path.into_inner(), &wanted).await?.map_err(|(err, _)| err)?)
}

/// Gives a place that has no live code a new one.
#[utoipa::path(post, path = "/api/v1/places/{id}/code", params(("id" = Id, Path)), responses((status = 201, body = IssuedCode)))]
pub async fn issue(db: Data<Db>, actor: Actor, place: Path<Id>) -> Result<HttpResponse, ApiError> {
    let issue = move |tx: &mut Tx| registry::issue_where_missing(tx, actor.community_id, *place);
    Ok(HttpResponse::Created().json(db.write(issue).await?))
}

/// Notes that the poster hangs at its door.
#[utoipa::path(post, path = "/api/v1/codes/{code}/posted", params(("code" = Code, Path)), responses((status = 204)))]
pub async fn posted(db: Data<Db>, actor: Actor, code: Path<Code>) -> Result<HttpResponse, ApiError> {
    db.write(move |tx| registry::mark_posted(tx, actor.community_id, &code)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Stops a code at once.
#[utoipa::path(post, path = "/api/v1/codes/{code}/stop", params(("code" = Code, Path)), responses((status = 204)))]
pub async fn stop(db: Data<Db>, actor: Actor, code: Path<Code>) -> Result<HttpResponse, ApiError> {
    db.write(move |tx| registry::stop(tx, actor.community_id, &code)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// How long the old code still leads to its place.
#[derive(serde::Deserialize, utoipa::ToSchema)]
pub struct Replacement {
    /// 0 to 90.
    pub grace_days: u16,
}

/// Gives the door of a code a new one.
#[utoipa::path(post, path = "/api/v1/codes/{code}/replacement", params(("code" = Code, Path)), request_body = Replacement, responses((status = 201, body = IssuedCode)))]
pub async fn replace(
    db: Data<Db>,
    actor: Actor,
    code: Path<Code>,
    wanted: Json<Replacement>,
) -> Result<HttpResponse, ApiError> {
    let replace = move |tx: &mut Tx| {
        let old = registry::find_in(tx, actor.community_id, &code)?;
        let place = places::find(tx, actor.community_id, old.place_id)?;
        registry::replace(tx, &place, &code, wanted.grace_days)
    };
    Ok(HttpResponse::Created().json(db.write(replace).await?))
}
