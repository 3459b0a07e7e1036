//! Voice messages of a ticket. A voice tells who speaks: it is heard only by whoever may know the person, and goes when
//! the person is forgotten. That of a neighbour who met the matter too is theirs: neither its reporter nor a party hears it.

use diesel::prelude::*;

use super::meeting::{self, NEIGHBOUR};
use super::{Ticket, acts};
use crate::db::{Id, Time, Tx};
use crate::error::{Error, Result};
use crate::people::Actor;
use crate::schema::ticket_voices;
use crate::uploads::loose::{self, Kind};
use crate::voices::{Format, Voice, VoiceKey};

/// Voice messages that one ticket may carry of its reporter, and as many of all neighbours together.
const MOST: usize = 20;

/// A voice message of a ticket.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, serde::Serialize, utoipa::ToSchema)]
#[diesel(table_name = ticket_voices, treat_none_as_default_value = false)]
#[allow(missing_docs)]
pub struct TicketVoice {
    #[serde(skip)]
    pub community_id: Id,
    #[serde(skip)]
    pub ticket_id: Id,
    pub seq: i32,
    #[serde(skip)]
    pub voice: VoiceKey,
    pub format: Format,
    /// How long it lasts, as the phone that recorded it said.
    pub seconds: i32,
    pub bytes: i32,
    pub added_by: String,
    pub added_at: Time,
    /// Whose it is where its reporter did not leave it.
    #[serde(skip)]
    pub neighbour_id: Option<Id>,
}

/// Hangs a recording, stored before, on a ticket. Invalid when it waited so long that it was removed.
pub fn attach(tx: &mut Tx, actor: &Actor, ticket: &Ticket, voice: &Voice) -> Result<()> {
    loose::take(tx, ticket.community_id, Kind::Voice, &voice.key)?;
    hang(tx, actor, ticket, voice)
}

/// The same for what a neighbour says who met the matter too: one of theirs, and as long as there is room. Returns whether
/// it hangs; what does not waits as a loose file for the sweep.
pub fn attach_of_neighbour(tx: &mut Tx, (ticket, neighbour): (&Ticket, Id), voice: &Voice) -> Result<bool> {
    super::store::hold(tx, ticket)?;
    let theirs: Vec<TicketVoice> =
        all(tx, ticket)?.into_iter().filter(|voice| voice.neighbour_id.is_some()).collect();
    let own = theirs.iter().find(|voice| voice.neighbour_id == Some(neighbour));
    if let Some(hung) = own {
        // The same tap once more.
        return Ok(hung.voice == voice.key);
    }
    if theirs.len() >= MOST {
        return Ok(false);
    }
    loose::take(tx, ticket.community_id, Kind::Voice, &voice.key)?;
    insert(tx, ticket, (NEIGHBOUR, Some(neighbour)), voice)?;
    Ok(true)
}

/// Hangs a recording that was kept with a held report.
pub(super) fn hang(tx: &mut Tx, actor: &Actor, ticket: &Ticket, voice: &Voice) -> Result<()> {
    super::store::hold(tx, ticket)?;
    let own = all(tx, ticket)?.into_iter().filter(|voice| voice.neighbour_id.is_none());
    if own.count() >= MOST {
        return Err(Error::invalid(
            "voice",
            format!("这件诉求的语音已经很多了（最多 {MOST} 段），请改用文字"),
        ));
    }
    insert(tx, ticket, (&actor.name, None), voice)
}

fn insert(
    tx: &mut Tx,
    ticket: &Ticket,
    (added_by, neighbour_id): (&str, Option<Id>),
    voice: &Voice,
) -> Result<()> {
    // Some may be gone: a neighbour takes their own back.
    let last = all(tx, ticket)?.last().map_or(0, |last| last.seq);
    let row = TicketVoice {
        community_id: ticket.community_id,
        ticket_id: ticket.id,
        seq: last + 1,
        voice: voice.key.clone(),
        format: voice.format,
        seconds: voice.seconds as i32,
        bytes: voice.bytes as i32,
        added_by: added_by.to_owned(),
        added_at: tx.now,
        neighbour_id,
    };
    diesel::insert_into(ticket_voices::table).values(&row).execute(tx.conn)?;
    Ok(())
}

/// The voice messages that the actor may hear, in the order in which they came.
pub fn of(tx: &mut Tx, actor: &Actor, ticket: &Ticket) -> Result<Vec<TicketVoice>> {
    let (own, theirs) = (acts::may_know_person(actor, ticket), meeting::may_know_neighbours(actor, ticket));
    let mut heard = all(tx, ticket)?;
    heard.retain(|voice| if voice.neighbour_id.is_some() { theirs } else { own });
    Ok(heard)
}

/// What one neighbour said.
pub fn of_neighbour(tx: &mut Tx, ticket: &Ticket, neighbour: Id) -> Result<Vec<TicketVoice>> {
    let mut said = all(tx, ticket)?;
    said.retain(|voice| voice.neighbour_id == Some(neighbour));
    Ok(said)
}

/// One of them. NotFound for whoever may not hear it.
pub fn one(tx: &mut Tx, actor: &Actor, ticket: &Ticket, seq: i32) -> Result<TicketVoice> {
    of(tx, actor, ticket)?.into_iter().find(|voice| voice.seq == seq).ok_or(Error::NotFound)
}

/// Whose voices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// Of whoever reported it.
    Reporter,
    /// Of one neighbour.
    Neighbour(Id),
}

/// Forgets voices of a ticket: the rows at once, the files at the next sweep.
pub fn forget(tx: &mut Tx, ticket: &Ticket, whose: Whose) -> Result<()> {
    let mut gone = all(tx, ticket)?;
    gone.retain(|voice| match whose {
        Whose::Reporter => voice.neighbour_id.is_none(),
        Whose::Neighbour(id) => voice.neighbour_id == Some(id),
    });
    for voice in gone {
        let row = ticket_voices::table.find((ticket.community_id, ticket.id, voice.seq));
        diesel::delete(row).execute(tx.conn)?;
        loose::drop_later(tx, ticket.community_id, Kind::Voice, &voice.voice)?;
    }
    Ok(())
}

fn all(tx: &mut Tx, ticket: &Ticket) -> Result<Vec<TicketVoice>> {
    let own = ticket_voices::community_id.eq(ticket.community_id).and(ticket_voices::ticket_id.eq(ticket.id));
    let rows = ticket_voices::table.filter(own).order(ticket_voices::seq);
    Ok(rows.select(TicketVoice::as_select()).load(tx.conn)?)
}
