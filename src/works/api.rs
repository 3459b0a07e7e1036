//! Planned works as JSON: the same verbs as the page.

use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path, Query};

use super::{Listed, NewWork, Work};
use crate::db::{Db, Id, Time};
use crate::people::Actor;
use crate::web::ApiError;

/// Which page.
#[derive(Debug, serde::Deserialize, utoipa::IntoParams)]
pub struct Asked {
    /// The id of the last one of the page before.
    before: Option<Id>,
}

/// The planned works of the community, the last that was planned first.
#[utoipa::path(get, path = "/api/v1/works", params(Asked), responses((status = 200, body = Vec<Listed>)))]
pub async fn list(db: Data<Db>, actor: Actor, asked: Query<Asked>) -> Result<Json<Vec<Listed>>, ApiError> {
    Ok(Json(db.read(move |tx| super::list(tx, &actor, asked.before)).await?))
}

/// Plans a work.
#[utoipa::path(post, path = "/api/v1/works", request_body = NewWork, responses((status = 201, body = Work)))]
pub async fn plan(db: Data<Db>, actor: Actor, new: Json<NewWork>) -> Result<HttpResponse, ApiError> {
    let new = new.into_inner();
    Ok(HttpResponse::Created().json(db.write(move |tx| super::plan(tx, &actor, new)).await?))
}

/// Ends a work: the doors say it no more.
#[utoipa::path(post, path = "/api/v1/works/{id}/end", params(("id" = Id, Path)), responses((status = 200, body = Work)))]
pub async fn end(db: Data<Db>, actor: Actor, id: Path<Id>) -> Result<Json<Work>, ApiError> {
    Ok(Json(db.write(move |tx| super::end(tx, &actor, *id)).await?))
}

/// Until when it is to last.
#[derive(Debug, serde::Deserialize, utoipa::ToSchema)]
pub struct Until {
    /// When it is to be over.
    pub until_at: Time,
}

/// Sets another moment at which it is to be over.
#[utoipa::path(put, path = "/api/v1/works/{id}/until", params(("id" = Id, Path)), request_body = Until, responses((status = 200, body = Work)))]
pub async fn put_off(
    db: Data<Db>,
    actor: Actor,
    id: Path<Id>,
    until: Json<Until>,
) -> Result<Json<Work>, ApiError> {
    let until = until.until_at;
    Ok(Json(db.write(move |tx| super::put_off(tx, &actor, *id, until)).await?))
}
