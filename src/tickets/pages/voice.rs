//! A voice message of a ticket, for staff who may know who speaks.

use actix_web::HttpRequest;
use actix_web::web::{Data, Path};

use super::Answer;
use crate::console::desk::Desk;
use crate::db::Id;
use crate::tickets::{find, voices};
use crate::voices::Voices;
use crate::web::sound;

/// `GET /console/tickets/{id}/voices/{seq}`: a voice message; not found for whoever may not know the person.
#[utoipa::path(
    get, path = "/api/v1/tickets/{id}/voices/{seq}", tag = "tickets",
    params(("id" = Id, Path), ("seq" = i32, Path)),
    responses((status = 200, content_type = "audio/webm"), (status = 404))
)]
pub async fn play(req: HttpRequest, desk: Desk, files: Data<Voices>, path: Path<(Id, i32)>) -> Answer {
    let (id, seq) = path.into_inner();
    let row = desk.read(move |tx, desk| {
        let ticket = find(tx, desk.actor(), id)?;
        voices::one(tx, desk.actor(), &ticket, seq)
    });
    let voice = row.await?;
    let bytes = files.open_voice(&voice.voice).await?;
    Ok(sound(&req, voice.format.content_type(), bytes))
}
