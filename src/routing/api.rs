//! Parties, categories and rules as JSON.

use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path, Query};

use super::rehearsal::{Rehearsal, rehearse};
use super::rules::{self, Change, Listed, Rule};
use super::suggest::{self, Accuracy};
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

/// What whoever disables a party knows of.
#[derive(Debug, Default, serde::Deserialize, utoipa::IntoParams)]
#[serde(default)]
pub struct Known {
    /// How many rules in use name the party; another number is refused with 409.
    pub known_rules: usize,
}

/// Takes a party out of use.
#[utoipa::path(post, path = "/api/v1/parties/{id}/disable", params(("id" = Id, Path), Known), responses((status = 204), (status = 409)))]
pub async fn disable(
    db: Data<Db>,
    actor: Actor,
    id: Path<Id>,
    known: Query<Known>,
) -> Result<HttpResponse, ApiError> {
    db.write(move |tx| super::disable_party(tx, actor.community_id, *id, known.known_rules)).await?;
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

/// The rules that hold in the community and how often suggestions were right.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
#[allow(missing_docs)]
pub struct RuleBook {
    /// In the order in which they are looked at; those out of use come last.
    pub rules: Vec<Listed>,
    pub suggestions: Accuracy,
}

/// A change with the seal of its rehearsal.
#[derive(Debug, serde::Deserialize, utoipa::ToSchema)]
#[allow(missing_docs)]
pub struct Sealed {
    pub change: Change,
    /// As the rehearsal answered it.
    pub seal: String,
}

/// The rules that hold in the community, its street's included.
#[utoipa::path(get, path = "/api/v1/rules", responses((status = 200, body = RuleBook)))]
pub async fn rules(db: Data<Db>, actor: Actor) -> Result<Json<RuleBook>, ApiError> {
    let read = db.read(move |tx| {
        let suggestions = suggest::accuracy(tx, actor.community_id)?;
        Ok(RuleBook { rules: rules::list_for(tx, &actor)?, suggestions })
    });
    Ok(Json(read.await?))
}

/// What a change would have done to the tickets of the last year. Nothing is saved.
#[utoipa::path(post, path = "/api/v1/rules/rehearsal", request_body = Change, responses((status = 200, body = Rehearsal), (status = 422)))]
pub async fn rehearse_rules(
    db: Data<Db>,
    actor: Actor,
    change: Json<Change>,
) -> Result<Json<Rehearsal>, ApiError> {
    Ok(Json(rehearse(&db, &actor, &change).await?))
}

/// Saves a change that was rehearsed.
#[utoipa::path(post, path = "/api/v1/rules", request_body = Sealed, responses((status = 200, body = Rule), (status = 409), (status = 422)))]
pub async fn save_rules(db: Data<Db>, actor: Actor, sealed: Json<Sealed>) -> Result<Json<Rule>, ApiError> {
    let Sealed { change, seal } = sealed.into_inner();
    Ok(Json(db.write(move |tx| rules::save(tx, &actor, &change, &seal)).await?))
}
