//! What neighbours left on a ticket whose matter they met too, and what of it goes when one of them takes it back. Who they
//! are stands in `neighbours`; the ticket knows them by their id, in the particulars of its history.

use serde_json::Value;

use super::{Look, is_named, store};
use crate::db::{Id, Tx};
use crate::error::Result;
use crate::photos::PhotoKey;
use crate::tickets::voices::{self, Whose};
use crate::tickets::{Act, Event, Ticket, TicketPhoto, merging};

/// Whose an event is, where it is that of a neighbour.
fn neighbour_of(event: &Event) -> Option<Id> {
    let data: Value = serde_json::from_str(&event.data).ok()?;
    data["neighbour_id"].as_str()?.parse().ok().map(Id)
}

/// Whether a look was at the phone of a neighbour, and not at that of whoever reported it.
pub(super) fn of_a_neighbour(event: &Event) -> bool {
    let data: Value = serde_json::from_str(&event.data).unwrap_or_default();
    data["of"] == "neighbour"
}

/// Who looked at the phone of a neighbour, first to last.
pub fn looks_at_neighbour(tx: &mut Tx, ticket: &Ticket, neighbour: Id) -> Result<Vec<Look>> {
    let events = crate::tickets::store::events(tx, ticket)?;
    let revealed = events
        .into_iter()
        .filter(|event| event.act == Act::Reveal.word() && neighbour_of(event) == Some(neighbour));
    Ok(revealed.map(Look::of).collect())
}

/// The photos that a neighbour left, first to last.
pub fn photos_of_neighbour(tx: &mut Tx, ticket: &Ticket, neighbour: Id) -> Result<Vec<TicketPhoto>> {
    let mut hung = crate::tickets::photos(tx, ticket)?;
    hung.retain(|photo| photo.neighbour_id == Some(neighbour));
    Ok(hung)
}

/// Forgets the voice and the photos of a neighbour, and masks what they said of how it was done. Returns the photos that
/// nothing names any more: whoever called deletes their files after the commit.
pub fn forget_neighbour(tx: &mut Tx, ticket: &Ticket, neighbour: Id) -> Result<Vec<PhotoKey>> {
    crate::tickets::store::hold(tx, ticket)?;
    voices::forget(tx, ticket, Whose::Neighbour(neighbour))?;
    let left = photos_of_neighbour(tx, ticket, neighbour)?;
    let numbers: Vec<i32> = left.iter().map(|photo| photo.seq).collect();
    let mut unnamed = Vec::new();
    for photo in store::drop_photos(tx, ticket, &numbers)? {
        if !is_named(tx, &photo)? {
            unnamed.push(photo);
        }
    }
    mask_echoes(tx, ticket, neighbour)?;
    Ok(unnamed)
}

/// Masks for good what a neighbour said of how it was done: on the ticket that they joined, and on what it was merged into.
pub fn mask_echoes(tx: &mut Tx, ticket: &Ticket, neighbour: Id) -> Result<()> {
    let main = merging::leading(tx, ticket)?;
    let mut events = crate::tickets::store::events(tx, ticket)?;
    if main.id != ticket.id {
        events.extend(crate::tickets::store::events(tx, &main)?);
    }
    for event in events {
        if neighbour_of(&event) == Some(neighbour) && event.act == Act::Echo.word() {
            store::mask_event(tx, &event)?;
        }
    }
    Ok(())
}
