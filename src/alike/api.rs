//! The JSON twins of the pages of what is alike: the same verbs.

use actix_web::HttpResponse;
use actix_web::web::{Json, Path, Query};

use super::incidents::{self, Incident, Proposal, Reached, Sheet, State};
use super::pages::{After, MESSAGE, RESULT};
use super::recurrence::{self, Page};
use super::{Alike, alike, duplicates};
use crate::console::desk::Desk;
use crate::db::Id;
use crate::tickets::api::Reply;
use crate::tickets::steps::Closure;
use crate::tickets::{Level, Note, Outcome};
use crate::web::ApiError;

type Done = std::result::Result<HttpResponse, ApiError>;

/// The earlier ticket.
#[derive(Debug, serde::Deserialize, utoipa::ToSchema)]
#[allow(missing_docs)]
pub struct Distinction {
    pub earlier_id: Id,
}

/// Which incidents.
#[derive(Debug, serde::Deserialize, utoipa::IntoParams)]
#[allow(missing_docs)]
pub struct Asked {
    pub state: State,
    /// The id of the last one of the page before.
    pub before: Option<Id>,
}

/// Tickets that are, or are not, one incident.
#[derive(Debug, serde::Deserialize, utoipa::ToSchema)]
#[allow(missing_docs)]
pub struct Together {
    pub tickets: Vec<Id>,
}

/// A ticket by its number.
#[derive(Debug, serde::Deserialize, utoipa::ToSchema)]
#[allow(missing_docs)]
pub struct Numbered {
    pub number: String,
}

/// A member.
#[derive(Debug, serde::Deserialize, utoipa::ToSchema)]
#[allow(missing_docs)]
pub struct Removal {
    pub ticket_id: Id,
}

/// Words for all residents.
#[derive(Debug, serde::Deserialize, utoipa::ToSchema)]
#[allow(missing_docs)]
pub struct Telling {
    pub text: String,
}

/// One result for all members.
#[derive(Debug, serde::Deserialize, utoipa::ToSchema)]
#[allow(missing_docs)]
pub struct Ending {
    pub result: Outcome,
    pub level: Level,
    /// What was done; every resident reads it.
    pub text: String,
}

/// What a ticket is like: duplicates, incident, recurrence, the same photo.
#[utoipa::path(
    get, path = "/api/v1/tickets/{id}/alike", tag = "alike", params(("id" = Id, Path)),
    responses((status = 200, body = Alike), (status = 404))
)]
pub async fn show(desk: Desk, id: Path<Id>) -> Reply<Alike> {
    let id = id.into_inner();
    Ok(Json(desk.read(move |tx, desk| alike(tx, desk.actor(), id)).await?))
}

/// 不是同一件: the two are not proposed again.
#[utoipa::path(
    post, path = "/api/v1/tickets/{id}/distinction", tag = "alike", params(("id" = Id, Path)),
    request_body = Distinction, responses((status = 204), (status = 404), (status = 422))
)]
pub async fn distinguish(desk: Desk, id: Path<Id>, other: Json<Distinction>) -> Done {
    let (id, earlier) = (id.into_inner(), other.earlier_id);
    desk.write(move |tx, desk| duplicates::distinguish(tx, desk.actor(), id, earlier)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Incidents of a state, latest first, 25 on a page.
#[utoipa::path(get, path = "/api/v1/incidents", tag = "alike", params(Asked), responses((status = 200, body = Vec<Sheet>)))]
pub async fn list(desk: Desk, asked: Query<Asked>) -> Reply<Vec<Sheet>> {
    let asked = asked.into_inner();
    Ok(Json(desk.read(move |tx, desk| incidents::list(tx, desk.actor(), asked.state, asked.before)).await?))
}

/// Tickets that may be one incident.
#[utoipa::path(get, path = "/api/v1/incidents/proposed", tag = "alike", responses((status = 200, body = Vec<Proposal>)))]
pub async fn proposed(desk: Desk) -> Reply<Vec<Proposal>> {
    Ok(Json(desk.read(|tx, desk| incidents::proposed(tx, desk.actor())).await?))
}

/// Confirms that tickets are one incident.
#[utoipa::path(
    post, path = "/api/v1/incidents", tag = "alike", request_body = Together,
    responses((status = 201, body = Incident), (status = 409), (status = 422))
)]
pub async fn confirm(desk: Desk, together: Json<Together>) -> Done {
    let made = desk.write(move |tx, desk| incidents::confirm(tx, desk.actor(), &together.tickets)).await?;
    Ok(HttpResponse::Created().json(made))
}

/// Notes that tickets are not one incident.
#[utoipa::path(
    post, path = "/api/v1/incidents/dismissal", tag = "alike", request_body = Together,
    responses((status = 200, body = Incident), (status = 409), (status = 422))
)]
pub async fn dismiss(desk: Desk, together: Json<Together>) -> Reply<Incident> {
    Ok(Json(desk.write(move |tx, desk| incidents::dismiss(tx, desk.actor(), &together.tickets)).await?))
}

/// One incident with its members.
#[utoipa::path(
    get, path = "/api/v1/incidents/{id}", tag = "alike", params(("id" = Id, Path)),
    responses((status = 200, body = Sheet), (status = 404))
)]
pub async fn incident(desk: Desk, id: Path<Id>) -> Reply<Sheet> {
    let id = id.into_inner();
    Ok(Json(desk.read(move |tx, desk| incidents::sheet(tx, desk.actor(), id)).await?))
}

/// Adds a ticket to an open incident.
#[utoipa::path(
    post, path = "/api/v1/incidents/{id}/tickets", tag = "alike", params(("id" = Id, Path)), request_body = Numbered,
    responses((status = 204), (status = 404), (status = 409), (status = 422))
)]
pub async fn add(desk: Desk, id: Path<Id>, ticket: Json<Numbered>) -> Done {
    let id = id.into_inner();
    desk.write(move |tx, desk| incidents::add(tx, desk.actor(), id, &ticket.number)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Takes a ticket out of an incident.
#[utoipa::path(
    post, path = "/api/v1/incidents/{id}/removals", tag = "alike", params(("id" = Id, Path)), request_body = Removal,
    responses((status = 204), (status = 404), (status = 409))
)]
pub async fn remove(desk: Desk, id: Path<Id>, removal: Json<Removal>) -> Done {
    let (id, ticket) = (id.into_inner(), removal.ticket_id);
    desk.write(move |tx, desk| incidents::remove(tx, desk.actor(), id, ticket)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// One message to the residents of all members; says whom it could not reach.
#[utoipa::path(
    post, path = "/api/v1/incidents/{id}/messages", tag = "alike", params(("id" = Id, Path)), request_body = Telling,
    responses((status = 200, body = Vec<Reached>), (status = 404), (status = 409), (status = 422))
)]
pub async fn tell(desk: Desk, id: Path<Id>, telling: Json<Telling>) -> Reply<Vec<Reached>> {
    let (id, text) = (id.into_inner(), Note::parse("text", &telling.text, MESSAGE)?);
    Ok(Json(desk.write(move |tx, desk| incidents::tell(tx, desk.actor(), id, &text)).await?))
}

/// One closing for all members that can be closed; says which could not be, and why.
#[utoipa::path(
    post, path = "/api/v1/incidents/{id}/closure", tag = "alike", params(("id" = Id, Path)), request_body = Ending,
    responses((status = 200, body = Vec<Reached>), (status = 404), (status = 409), (status = 422))
)]
pub async fn close(desk: Desk, id: Path<Id>, ending: Json<Ending>) -> Reply<Vec<Reached>> {
    let (id, ending) = (id.into_inner(), ending.into_inner());
    let text = Note::parse("text", &ending.text, RESULT)?;
    let closure = Closure { result: ending.result, text, level: ending.level, photos: Vec::new() };
    Ok(Json(desk.write(move |tx, desk| incidents::close(tx, desk.actor(), id, &closure)).await?))
}

/// Ends an incident whose members are all done.
#[utoipa::path(
    post, path = "/api/v1/incidents/{id}/end", tag = "alike", params(("id" = Id, Path)),
    responses((status = 204), (status = 404), (status = 409))
)]
pub async fn end(desk: Desk, id: Path<Id>) -> Done {
    let id = id.into_inner();
    desk.write(move |tx, desk| incidents::end(tx, desk.actor(), id)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Places where the same was closed at least three times in a year, the latest closing first, 25 on a page.
#[utoipa::path(get, path = "/api/v1/chronic", tag = "alike", params(After), responses((status = 200, body = Page)))]
pub async fn chronic(desk: Desk, after: Query<After>) -> Reply<Page> {
    let after = recurrence::read(&after.after);
    Ok(Json(desk.read(move |tx, desk| recurrence::chronic(tx, desk.actor(), after)).await?))
}
