//! Voice messages of a ticket. A voice tells who speaks: it is heard only by whoever may know the person, and goes when
//! the person is forgotten.

use diesel::prelude::*;

use super::{Ticket, acts};
use crate::db::{Id, Time, Tx};
use crate::error::{Error, Result};
use crate::people::Actor;
use crate::schema::ticket_voices;
use crate::uploads::loose::{self, Kind};
use crate::voices::{Format, Voice, VoiceKey};

/// Voice messages that one ticket may carry.
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
}

/// Hangs a recording, stored before, on a ticket. Invalid when it waited so long that it was removed.
pub fn attach(tx: &mut Tx, actor: &Actor, ticket: &Ticket, voice: &Voice) -> Result<()> {
    loose::take(tx, ticket.community_id, Kind::Voice, &voice.key)?;
    hang(tx, actor, ticket, voice)
}

/// Hangs a recording that was kept with a held report.
pub(super) fn hang(tx: &mut Tx, actor: &Actor, ticket: &Ticket, voice: &Voice) -> Result<()> {
    super::store::hold(tx, ticket)?;
    let first = all(tx, ticket)?.len();
    if first >= MOST {
        return Err(Error::invalid(
            "voice",
            format!("这件诉求的语音已经很多了（最多 {MOST} 段），请改用文字"),
        ));
    }
    let row = TicketVoice {
        community_id: ticket.community_id,
        ticket_id: ticket.id,
        seq: first as i32 + 1,
        voice: voice.key.clone(),
        format: voice.format,
        seconds: voice.seconds as i32,
        bytes: voice.bytes as i32,
        added_by: actor.name.clone(),
        added_at: tx.now,
    };
    diesel::insert_into(ticket_voices::table).values(&row).execute(tx.conn)?;
    Ok(())
}

/// The voice messages that the actor may hear, in the order in which they came.
pub fn of(tx: &mut Tx, actor: &Actor, ticket: &Ticket) -> Result<Vec<TicketVoice>> {
    if acts::may_know_person(actor, ticket) { all(tx, ticket) } else { Ok(Vec::new()) }
}

/// One of them. NotFound for whoever may not hear it.
pub fn one(tx: &mut Tx, actor: &Actor, ticket: &Ticket, seq: i32) -> Result<TicketVoice> {
    of(tx, actor, ticket)?.into_iter().find(|voice| voice.seq == seq).ok_or(Error::NotFound)
}

/// Forgets the voices of a ticket: the rows at once, the files at the next sweep.
pub fn forget(tx: &mut Tx, community_id: Id, ticket_id: Id) -> Result<()> {
    let own = ticket_voices::community_id.eq(community_id).and(ticket_voices::ticket_id.eq(ticket_id));
    let files: Vec<VoiceKey> = ticket_voices::table.filter(own).select(ticket_voices::voice).load(tx.conn)?;
    diesel::delete(ticket_voices::table.filter(own)).execute(tx.conn)?;
    for file in files {
        loose::drop_later(tx, community_id, Kind::Voice, &file)?;
    }
    Ok(())
}

fn all(tx: &mut Tx, ticket: &Ticket) -> Result<Vec<TicketVoice>> {
    let own = ticket_voices::community_id.eq(ticket.community_id).and(ticket_voices::ticket_id.eq(ticket.id));
    let rows = ticket_voices::table.filter(own).order(ticket_voices::seq);
    Ok(rows.select(TicketVoice::as_select()).load(tx.conn)?)
}
