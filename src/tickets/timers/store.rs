//! Timers as rows, and what the next moment is read from.

use diesel::dsl::Eq;
use diesel::prelude::*;
use diesel::query_builder::InsertStatement;

use super::super::{Act, Step, Ticket};
use crate::db::{Both, Id, SkipLocked, Time, Tx};
use crate::error::Result;
use crate::schema::{ticket_events, tickets, timers};

type Values = (Eq<timers::community_id, Id>, Eq<timers::ticket_id, Id>, Eq<timers::at, Time>);
type Insert = InsertStatement<timers::table, <Values as Insertable<timers::table>>::Values>;

/// The insert of a ticket's one row.
pub(in crate::tickets) fn row(ticket: &Ticket, at: Time) -> Insert {
    let row: Values =
        (timers::community_id.eq(ticket.community_id), timers::ticket_id.eq(ticket.id), timers::at.eq(at));
    diesel::insert_into(timers::table).values(row)
}

/// Sets the one row of a ticket, or takes it away. Whoever changes a ticket holds its row, so nobody does both at once.
pub(super) fn set(tx: &mut Tx, ticket: &Ticket, at: Option<Time>) -> Result<()> {
    let row = timers::table.find((ticket.community_id, ticket.id));
    let Some(at) = at else {
        diesel::delete(row).execute(tx.conn)?;
        return Ok(());
    };
    match diesel::update(row).set(timers::at.eq(at)).execute(tx.conn)? {
        0 => {
            self::row(ticket, at).execute(tx.conn)?;
            Ok(())
        }
        _ => Ok(()),
    }
}

pub(super) fn put_off(tx: &mut Tx, community_id: Id, ticket_id: Id, later: Time) -> Result<()> {
    diesel::update(timers::table.find((community_id, ticket_id)))
        .set(timers::at.eq(later))
        .execute(tx.conn)?;
    Ok(())
}

pub(super) fn rings_at(tx: &mut Tx, community_id: Id, ticket_id: Id) -> Result<Option<Time>> {
    let row = timers::table.find((community_id, ticket_id));
    Ok(row.select(timers::at).first(tx.conn).optional()?)
}

/// Those that are due, the longest first; claimed, so that another program takes others.
pub(super) fn claim(tx: &mut Tx, limit: i64) -> Result<Vec<(Id, Id)>> {
    let due = timers::table
        .filter(timers::at.le(tx.now))
        .order(timers::at)
        .limit(limit)
        .select((timers::community_id, timers::ticket_id));
    Ok(Both(SkipLocked(due)).load(tx.conn)?)
}

pub(super) fn due(tx: &mut Tx, limit: i64) -> Result<Vec<(Id, Id)>> {
    let due = timers::table.filter(timers::at.le(tx.now)).order(timers::at).limit(limit);
    Ok(due.select((timers::community_id, timers::ticket_id)).load(tx.conn)?)
}

/// The ticket, held until the end; nothing where somebody else is changing it: waiting for them while holding a timer that
/// they wait for would hold up both.
pub(super) fn lock(tx: &mut Tx, community_id: Id, id: Id) -> Result<Option<Ticket>> {
    let held = tickets::table
        .filter(tickets::community_id.eq(community_id).and(tickets::id.eq(id)))
        .select(tickets::id);
    let held: Vec<Id> = Both(SkipLocked(held)).load(tx.conn)?;
    match held.is_empty() {
        true => Ok(None),
        false => super::super::store::find(tx, community_id, id).map(Some),
    }
}

/// What was fired, when it was redone and when it stood on account, oldest first: act, moment, particulars.
pub(super) fn marks(tx: &mut Tx, ticket: &Ticket) -> Result<Vec<(String, Time, String)>> {
    let acts = [
        Act::DueSoon.word(),
        Act::Overdue.word(),
        Act::Escalate.word(),
        Act::ReviewDue.word(),
        Step::Rework.word(),
        Step::Suspend.word(),
        Step::Resume.word(),
    ];
    let own = ticket_events::community_id.eq(ticket.community_id).and(ticket_events::ticket_id.eq(ticket.id));
    Ok(ticket_events::table
        .filter(own.and(ticket_events::act.eq_any(acts)))
        .order(ticket_events::seq)
        .select((ticket_events::act, ticket_events::at, ticket_events::data))
        .load(tx.conn)?)
}
