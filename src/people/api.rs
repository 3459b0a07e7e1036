//! The own account and those of a community, as JSON. A password is answered once, when it is made.

use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path};

use super::absences::{Absence, Named, NewAbsence};
use super::pages::staff::fresh;
use super::{Disabled, Login, NewStaff, Role, Session, Staff, absences, session};
use crate::db::{Db, Id, Time};
use crate::error::Error;
use crate::keys::{Keys, hex, unhex_any};
use crate::people::Actor;
use crate::web::ApiError;

/// Whoever calls.
#[utoipa::path(get, path = "/api/v1/me", responses((status = 200, body = Staff)))]
pub async fn me(db: Data<Db>, actor: Actor) -> Result<Json<Staff>, ApiError> {
    Ok(Json(db.read(move |tx| super::own(tx, &actor)).await?))
}

/// A session or token of one's own.
#[derive(serde::Serialize, utoipa::ToSchema)]
#[allow(missing_docs)]
pub struct OwnSession {
    /// To end it by.
    pub id: String,
    pub kind: session::Carrier,
    pub label: String,
    pub created_at: Time,
    pub seen_at: Time,
    pub expires_at: Time,
    /// Whether this very request came with it.
    pub current: bool,
}

/// One's own sessions and tokens.
#[utoipa::path(get, path = "/api/v1/me/sessions", responses((status = 200, body = Vec<OwnSession>)))]
pub async fn sessions(db: Data<Db>, session: Session) -> Result<Json<Vec<OwnSession>>, ApiError> {
    let current = session.token_hash;
    let own = db.read(move |tx| session::own(tx, &session.actor)).await?;
    let own = own.into_iter().map(|own| OwnSession {
        current: own.token_hash == current,
        id: hex(&own.token_hash),
        kind: own.kind,
        label: own.label,
        created_at: own.created_at,
        seen_at: own.seen_at,
        expires_at: own.expires_at,
    });
    Ok(Json(own.collect()))
}

/// Ends one of one's own sessions or tokens.
#[utoipa::path(delete, path = "/api/v1/me/sessions/{id}", params(("id" = String, Path)), responses((status = 204)))]
pub async fn end_session(db: Data<Db>, actor: Actor, id: Path<String>) -> Result<HttpResponse, ApiError> {
    let token_hash = unhex_any(&id).ok_or(Error::NotFound)?;
    db.write(move |tx| session::end_own(tx, &actor, &token_hash)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// What a token is for and how long it lives.
#[derive(serde::Deserialize, utoipa::ToSchema)]
pub struct NewToken {
    /// What it is for, at most 60 signs.
    pub label: String,
    /// 1 to 366.
    pub days: u16,
}

/// A secret that is told once.
#[derive(serde::Serialize, utoipa::ToSchema)]
#[allow(missing_docs)]
pub struct Told {
    pub secret: String,
}

/// Makes a bearer token for scripts that act as the caller; it is told once.
#[utoipa::path(post, path = "/api/v1/me/tokens", request_body = NewToken, responses((status = 201, body = Told)))]
pub async fn make_token(
    db: Data<Db>,
    keys: Data<Keys>,
    actor: Actor,
    new: Json<NewToken>,
) -> Result<HttpResponse, ApiError> {
    let NewToken { label, days } = new.into_inner();
    let secret = db.write(move |tx| session::start_bearer(tx, &keys, &actor, &label, days)).await?;
    Ok(HttpResponse::Created().json(Told { secret }))
}

/// Who is away, or will be, and who covers.
#[utoipa::path(get, path = "/api/v1/absences", responses((status = 200, body = Vec<Named>)))]
pub async fn absences(db: Data<Db>, actor: Actor) -> Result<Json<Vec<Named>>, ApiError> {
    Ok(Json(db.read(move |tx| absences::list(tx, actor.community_id)).await?))
}

/// Sets one's own absence, or that of an account that one manages.
#[utoipa::path(
    post, path = "/api/v1/absences", request_body = NewAbsence,
    responses((status = 201, body = Absence), (status = 404), (status = 409), (status = 422))
)]
pub async fn set_absence(
    db: Data<Db>,
    actor: Actor,
    new: Json<NewAbsence>,
) -> Result<HttpResponse, ApiError> {
    let absence = db.write(move |tx| absences::set(tx, &actor, new.into_inner())).await?;
    Ok(HttpResponse::Created().json(absence))
}

/// Ends an absence now, or takes back one that has not begun.
#[utoipa::path(post, path = "/api/v1/absences/{id}/end", params(("id" = Id, Path)), responses((status = 204), (status = 404)))]
pub async fn end_absence(db: Data<Db>, actor: Actor, id: Path<Id>) -> Result<HttpResponse, ApiError> {
    db.write(move |tx| absences::end(tx, &actor, *id)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The accounts that the caller may manage, by name.
#[utoipa::path(get, path = "/api/v1/staff", responses((status = 200, body = Vec<Staff>)))]
pub async fn list(db: Data<Db>, actor: Actor) -> Result<Json<Vec<Staff>>, ApiError> {
    Ok(Json(db.read(move |tx| super::list(tx, &actor)).await?))
}

/// What an account of the caller's community is made from.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[allow(missing_docs)]
pub struct NewAccount {
    pub login: String,
    pub name: String,
    pub role: Role,
    pub street: Option<String>,
    pub party_id: Option<Id>,
}

/// An account and its first password, which is told once.
#[derive(serde::Serialize, utoipa::ToSchema)]
#[allow(missing_docs)]
pub struct Made {
    pub staff: Staff,
    pub password: String,
}

/// Makes an account with a password of its own.
#[utoipa::path(post, path = "/api/v1/staff", request_body = NewAccount, responses((status = 201, body = Made)))]
pub async fn add(db: Data<Db>, actor: Actor, new: Json<NewAccount>) -> Result<HttpResponse, ApiError> {
    let new = new.into_inner();
    let (password, hash) = fresh().await?;
    let new = NewStaff {
        login: Login::parse(&new.login)?,
        name: new.name,
        password: hash,
        role: new.role,
        street: new.street,
        community_id: (!new.role.travels()).then_some(actor.community_id),
        party_id: new.party_id,
    };
    let staff = db.write(move |tx| super::add(tx, &actor, new)).await?;
    Ok(HttpResponse::Created().json(Made { staff, password }))
}

/// Gives an account a new password, which is told once, and ends all its sessions.
#[utoipa::path(post, path = "/api/v1/staff/{id}/password", params(("id" = Id, Path)), responses((status = 200, body = Told)))]
pub async fn reset(db: Data<Db>, actor: Actor, id: Path<Id>) -> Result<Json<Told>, ApiError> {
    let (secret, hash) = fresh().await?;
    db.write(move |tx| super::set_password(tx, &actor, *id, hash)).await?;
    Ok(Json(Told { secret }))
}

/// Closes an account and ends all its sessions.
#[utoipa::path(post, path = "/api/v1/staff/{id}/disable", params(("id" = Id, Path)), responses((status = 204)))]
pub async fn disable(db: Data<Db>, actor: Actor, id: Path<Id>) -> Result<HttpResponse, ApiError> {
    db.write(move |tx| super::set_disabled(tx, &actor, *id, Disabled::Yes)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Opens an account again.
#[utoipa::path(post, path = "/api/v1/staff/{id}/enable", params(("id" = Id, Path)), responses((status = 204)))]
pub async fn enable(db: Data<Db>, actor: Actor, id: Path<Id>) -> Result<HttpResponse, ApiError> {
    db.write(move |tx| super::set_disabled(tx, &actor, *id, Disabled::No)).await?;
    Ok(HttpResponse::NoContent().finish())
}
