//! 代录: what staff take down of a call, a visit or a walk, and the slip that the resident takes home.
//!
//! The same submission as a scan, by another channel, and as safe to send twice ([`super::once`]). What was said is read
//! in [`call`], the page is in [`pages`]. A slip ([`mod@slip`]) is printed for what staff took down alone: its query code opens
//! the resident's page.

mod call;
pub mod pages;
pub mod slip;

use actix_web::HttpResponse;
use actix_web::web::Json;

pub use self::call::Call;
use super::{Key, once};
use crate::console::desk::Desk;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::people::{Actor, Scope};
use crate::places::{self, Place};
use crate::routing::suggest::{self, Suggestion};
use crate::tickets::sheet::{Sheet, sheet};
use crate::tickets::{self, Channel, Submission, Ticket};
use crate::web::ApiError;

/// The ways of which staff take down.
const CHANNELS: [Channel; 4] = [Channel::Phone, Channel::WalkIn, Channel::Visit, Channel::Patrol];

/// Whether the actor would see a ticket at this place: who walks grids takes down what is in them.
fn reaches(actor: &Actor, place: &Place) -> bool {
    match actor.scope() {
        Scope::Community => true,
        Scope::Grids(grids) => place.grid_id.is_some_and(|grid| grids.contains(&grid)),
        Scope::Party(_) => false,
    }
}

/// Makes the ticket, once for each key.
fn submit(tx: &mut Tx, desk: &Desk, call: &Call) -> Result<Ticket> {
    let actor = desk.actor();
    let key = Key::parse(&call.key)?.ok_or_else(|| Error::invalid("form", "页面有些旧了，请再点一次提交"))?;
    let submission = call.submission(tx, actor)?;
    let community = places::community(tx, actor.community_id)?;
    let make = |tx: &mut Tx, id| {
        let ticket = tickets::submit(tx, &desk.keys, actor, &community, Submission { id, ..submission })?;
        if let (Some(suggested), Some(chosen)) = (call.suggested(), &ticket.category) {
            suggest::note_chosen(tx, (community.id, id), &suggested, chosen)?;
        }
        Ok(ticket)
    };
    let content = desk.keys.content_hash(&call.content_hash());
    once(tx, community.id, (&[key][..], &content[..]), make, |tx, id| tickets::find_own(tx, community.id, id))
}

/// Words that were told.
#[derive(serde::Deserialize, utoipa::ToSchema)]
pub struct AskedSuggestion {
    /// What it is about, as it is taken down.
    pub text: String,
}

/// The category that words suggest, before anything is submitted; nothing where none is likely enough.
#[utoipa::path(
    post, path = "/api/v1/suggestion", tag = "tickets", request_body = AskedSuggestion,
    responses((status = 200, body = Option<Suggestion>), (status = 403))
)]
pub async fn suggest_json(
    desk: Desk,
    words: Json<AskedSuggestion>,
) -> Result<Json<Option<Suggestion>>, ApiError> {
    Ok(Json(desk.read(move |tx, _| suggest::guess(tx, &words.text)).await?))
}

/// 代录 by a program: the same key with the same content gives the first ticket again.
#[utoipa::path(
    post, path = "/api/v1/tickets", tag = "tickets", request_body = Call,
    responses((status = 201, body = Sheet), (status = 403), (status = 409), (status = 422))
)]
pub async fn submit_json(desk: Desk, call: Json<Call>) -> Result<HttpResponse, ApiError> {
    let made = move |tx: &mut Tx, desk: &Desk| {
        let ticket = submit(tx, desk, &call)?;
        sheet(tx, &desk.keys, desk.actor(), ticket.id)
    };
    Ok(HttpResponse::Created().json(desk.write(made).await?))
}
