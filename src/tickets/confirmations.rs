//! What neighbours say of something that was closed: fixed, or still broken. Evidence for staff, never an answer.
//!
//! One phone has one say on one closing, the last one counts; the reporter's own phone has none here, because the three
//! questions are theirs. Nothing of a ticket changes; the first who says that it is still broken leaves one event, so
//! that the desk hears of it.

use diesel::dsl::{count_star, max, sql};
use diesel::prelude::*;
use diesel::sql_types::Bool;
use diesel::upsert::excluded;
use serde_json::Value;

use super::acts::record;
use super::store::{self, Change};
use super::{Act, Audience, Line, Reach, Status, Ticket};
use crate::db::{Both, Id, Time, Tx};
use crate::error::{Error, Result};
use crate::people::Actor;
use crate::routing::Kind;
use crate::schema::{confirmations, tickets};
use crate::settings::{self, Retention};

text_enum! {
    /// What a neighbour says.
    pub enum Says {
        Fixed = "fixed", "修好了";
        Broken = "broken", "还没好";
    }
}

/// Days after a closing in which neighbours are asked.
pub const ASKED_DAYS: i64 = 14;
/// How much a door asks about at a time.
const ASKED: i64 = 5;

/// What neighbours said since the last closing.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Heard {
    /// How many phones say that it is fixed.
    pub fixed: i64,
    /// How many say that it is still broken.
    pub broken: i64,
    /// When the last one said so.
    pub last_at: Option<Time>,
}

/// Why a say was not taken.
pub enum Heed {
    /// It counts.
    Counted,
    /// It came from the reporter's own phone.
    Own,
}

/// What was solved at a place lately and may stand on its door: with a level 2, of no `sensitive` category, neither a
/// 举报 nor a matter of one household.
pub fn asked(tx: &mut Tx, (community, place): (Id, Id), sensitive: &[String]) -> Result<Vec<Ticket>> {
    let since = tx.now.plus_minutes(-ASKED_DAYS * 24 * 60);
    let private = tickets::reach.is_null().or(tickets::reach.ne(Reach::Household));
    let rows: Vec<Ticket> = tickets::table
        .filter(tickets::community_id.eq(community).and(tickets::place_id.eq(place)))
        .filter(tickets::category.is_not_null().and(tickets::closed_at.ge(since)))
        .filter(tickets::status.eq_any(Status::CLOSED))
        // In the words of the index `tickets_solved_at`: a database does not recognise bound ones.
        .filter(sql::<Bool>("tickets.result = 'solved'").and(tickets::excluded.is_null()))
        .filter(tickets::kind.eq_any([Kind::Help, Kind::Complaint, Kind::Suggestion]))
        .filter(private)
        .order(tickets::closed_at.desc())
        .limit(4 * ASKED)
        .select(Ticket::as_select())
        .load(tx.conn)?;
    let open = |ticket: &Ticket| {
        let category = ticket.category.as_deref().unwrap_or_default();
        !sensitive.iter().any(|code| category.starts_with(code.as_str()))
    };
    Ok(rows.into_iter().filter(open).take(ASKED as usize).collect())
}

/// A neighbour's phone says how it is. Fails once it is no longer closed.
pub fn say(tx: &mut Tx, community: Id, ticket: Id, device_hash: &[u8], says: Says) -> Result<Heed> {
    let ticket = store::find(tx, community, ticket)?;
    // Two neighbours at once: the second must see the first. So must whoever comes while it is taken up again.
    store::hold(tx, &ticket)?;
    let ticket = store::find(tx, community, ticket.id)?;
    if ticket.device_hash.as_deref() == Some(device_hash) {
        return Ok(Heed::Own);
    }
    let Some(closed_at) = ticket.closed_at.filter(|_| !ticket.status.clock_runs()) else {
        return Err(Error::conflict("这件事现在又在办了，办好会再请大家看一看"));
    };
    let row = diesel::insert_into(confirmations::table)
        .values((
            confirmations::community_id.eq(community),
            confirmations::ticket_id.eq(ticket.id),
            confirmations::device_hash.eq(device_hash),
            confirmations::says.eq(says),
            confirmations::at.eq(tx.now),
        ))
        .on_conflict((confirmations::community_id, confirmations::ticket_id, confirmations::device_hash))
        .do_update()
        .set((
            confirmations::says.eq(excluded(confirmations::says)),
            confirmations::at.eq(excluded(confirmations::at)),
        ));
    let before = heard_since(tx, &ticket, closed_at)?;
    Both(row).execute(tx.conn)?;
    if says == Says::Broken && before.broken == 0 {
        let actor = Actor { name: "邻居".to_owned(), ..Actor::resident(community) };
        ticket.stand().allows(Act::Doubt, actor.role)?;
        let note = "有邻居扫码说还没有好";
        let line = Line { act: Act::Doubt.word(), audience: Audience::Staff, note, data: Value::Null };
        record(tx, &actor, &ticket, Change::default(), line)?;
    }
    Ok(Heed::Counted)
}

/// What neighbours said of a ticket since its last closing; nothing while it is open.
pub fn heard(tx: &mut Tx, ticket: &Ticket) -> Result<Heard> {
    match ticket.closed_at {
        Some(closed_at) if !ticket.status.clock_runs() => heard_since(tx, ticket, closed_at),
        _ => Ok(Heard::default()),
    }
}

fn heard_since(tx: &mut Tx, ticket: &Ticket, since: Time) -> Result<Heard> {
    let own = confirmations::community_id.eq(ticket.community_id).and(confirmations::ticket_id.eq(ticket.id));
    let counts: Vec<(Says, i64, Option<Time>)> = confirmations::table
        .filter(own.and(confirmations::at.ge(since)))
        .group_by(confirmations::says)
        .select((confirmations::says, count_star(), max(confirmations::at)))
        .load(tx.conn)?;
    let of = |says| counts.iter().find(|each| each.0 == says).map_or(0, |each| each.1);
    Ok(Heard {
        fixed: of(Says::Fixed),
        broken: of(Says::Broken),
        last_at: counts.iter().filter_map(|each| each.2).max(),
    })
}

/// How many words of neighbours are older than the community keeps that by which a phone is recognised
/// ([`Retention::key_days`]); counted up to `most`.
pub fn to_forget(tx: &mut Tx, community: Id, most: i64) -> Result<usize> {
    Ok(old(tx, community, most)?.len())
}

/// Deletes words of neighbours with the mark of their phone, at most `most`, the oldest first; returns how many. Whether
/// one was told that it is still broken stays in the history of the ticket.
pub fn forget(tx: &mut Tx, community: Id, most: i64) -> Result<usize> {
    let due = old(tx, community, most)?;
    for (ticket, device) in &due {
        diesel::delete(confirmations::table.find((community, *ticket, device))).execute(tx.conn)?;
    }
    Ok(due.len())
}

fn old(tx: &mut Tx, community: Id, most: i64) -> Result<Vec<(Id, Vec<u8>)>> {
    let rules: Retention = settings::at(tx, community, tx.now)?;
    let before = tx.now.plus_minutes(-i64::from(rules.key_days) * 1440);
    let rows = confirmations::table
        .filter(confirmations::community_id.eq(community).and(confirmations::at.lt(before)))
        .order((confirmations::at, confirmations::ticket_id, confirmations::device_hash))
        .select((confirmations::ticket_id, confirmations::device_hash));
    Ok(rows.limit(most).load(tx.conn)?)
}
