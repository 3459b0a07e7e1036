//! Parties and categories as JSON.

use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path};

use super::{Category, Leads, NewParty, Party};
use crate::db::{Db, Id};
use crate::people::Actor;
use crate::web::ApiError;

/// Which categories lead to each party of the community, and which lead nowhere.
#[utoipa::path(get, path = "/api/v1/parties", responses((status = 200, body = Leads)))]
pub async fn parties(db: Data<Db>, actor: Actor) -> Result<Json<Leads>, ApiError> {
    Ok(Json(db.read(move |tx| super::leads(tx, actor.community_id)).await?))
}

/// Adds a party.
#[utoipa::path(post, path = "/api/v1/parties", request_body = NewParty, responses((status = 201, body = Party)))]
pub async fn add(db: Data<Db>, actor: Actor, new: Json<NewParty>) -> Result<HttpResponse, ApiError> {
    let new = new.into_inner();
    let party = db.write(move |tx| super::add_party(tx, actor.community_id, new)).await?;
    Ok(HttpResponse::Created().json(party))
}

/// Changes a party's names, kind and phone.
#[utoipa::path(put, path = "/api/v1/parties/{id}", params(("id" = Id, Path)), request_body = NewParty, responses((status = 200, body = Party)))]
pub async fn change(
    db: Data<Db>,
    actor: Actor,
    id: Path<Id>,
    new: Json<NewParty>,
) -> Result<Json<Party>, ApiError> {
    let new = new.into_inner();
    Ok(Json(db.write(move |tx| super::change_party(tx, actor.community_id, *id, new)).await?))
}

/// Takes a party out of use.
#[utoipa::path(post, path = "/api/v1/parties/{id}/disable", params(("id" = Id, Path)), responses((status = 204)))]
pub async fn disable(db: Data<Db>, actor: Actor, id: Path<Id>) -> Result<HttpResponse, ApiError> {
    db.write(move |tx| super::disable_party(tx, actor.community_id, *id)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Brings a party back into use.
#[utoipa::path(post, path = "/api/v1/parties/{id}/enable", params(("id" = Id, Path)), responses((status = 204)))]
pub async fn enable(db: Data<Db>, actor: Actor, id: Path<Id>) -> Result<HttpResponse, ApiError> {
    db.write(move |tx| super::enable_party(tx, actor.community_id, *id)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The category tree, by code.
#[utoipa::path(get, path = "/api/v1/categories", responses((status = 200, body = Vec<Category>)))]
pub async fn categories(db: Data<Db>) -> Result<Json<Vec<Category>>, ApiError> {
    Ok(Json(db.read(super::categories).await?))
}
