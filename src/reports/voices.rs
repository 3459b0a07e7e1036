//! Voice messages as their speaker hears them again: on the form that holds one, on the page of the report, and on that of
//! a neighbour who said something.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};

use super::draft;
use super::pages::{self, Desk};
use crate::error::Error;
use crate::neighbours;
use crate::people::Actor;
use crate::tickets::{self, voices};
use crate::web::{self, PageError};
use crate::words::Look;

/// `GET /q/{code}/voices/{kept}`: the voice message that the form already holds.
pub async fn kept(
    req: HttpRequest,
    desk: Data<Desk>,
    path: Path<(String, String)>,
    look: Look,
) -> Result<HttpResponse, PageError> {
    let found = match pages::find(&req, &desk, look, &path.0).await? {
        Ok(door) => door,
        Err(answer) => return Ok(answer),
    };
    let voice = draft::voice(&desk.keys, &found, &path.1).ok_or(Error::NotFound)?;
    let bytes = desk.voices.open_voice(&voice.key).await?;
    Ok(web::sound(&req, voice.format.content_type(), bytes))
}

/// `GET /t/{secret}/voices/{seq}`: for whoever holds the report.
pub async fn own(
    req: HttpRequest,
    desk: Data<Desk>,
    path: Path<(String, i32)>,
) -> Result<HttpResponse, PageError> {
    let (keys, (secret, seq)) = (desk.keys.clone(), path.into_inner());
    let found = desk.db.read(move |tx| {
        let ticket = tickets::find_by_secret(tx, &keys, &secret)?;
        voices::one(tx, &Actor::resident(ticket.community_id), &ticket, seq)
    });
    let voice = found.await?;
    let bytes = desk.voices.open_voice(&voice.voice).await?;
    Ok(web::sound(&req, voice.format.content_type(), bytes))
}

/// `GET /m/{secret}/voices/{seq}`: for the neighbour who left it.
pub async fn of_neighbour(
    req: HttpRequest,
    desk: Data<Desk>,
    path: Path<(String, i32)>,
) -> Result<HttpResponse, PageError> {
    let (keys, (secret, seq)) = (desk.keys.clone(), path.into_inner());
    let found = desk.db.read(move |tx| {
        let neighbour = neighbours::find_by_secret(tx, &keys, &secret)?;
        let ticket = tickets::find_own(tx, neighbour.community_id, neighbour.ticket_id)?;
        let own = voices::of_neighbour(tx, &ticket, neighbour.id)?;
        own.into_iter().find(|voice| voice.seq == seq).ok_or(Error::NotFound)
    });
    let voice = found.await?;
    let bytes = desk.voices.open_voice(&voice.voice).await?;
    Ok(web::sound(&req, voice.format.content_type(), bytes))
}
