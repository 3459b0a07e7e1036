//! What waits at this moment, by the rows of the tickets.

use diesel::prelude::*;

use crate::db::{Id, Time, Tx};
use crate::error::Result;
use crate::schema::tickets;
use crate::stats::backlog::Waiting;
use crate::stats::whose::Sieve;
use crate::tickets::{Reason, Status};

/// The open tickets of a community that wait in this way and count, and since when: the longest first. Open ones alone are
/// read, along their deadlines or accounts.
pub(in crate::stats) fn waiting(
    tx: &mut Tx,
    community: Id,
    (which, sieve): (Waiting, &Sieve),
) -> Result<Vec<(Time, Id)>> {
    let own = tickets::table.filter(tickets::community_id.eq(community));
    let mut rows = match which {
        Waiting::OnAccount => own.filter(tickets::suspended_at.is_not_null()).into_boxed(),
        Waiting::Overdue => own.filter(tickets::open_due_at.lt(tx.now)).into_boxed(),
        Waiting::Open => own
            .filter(tickets::open_due_at.is_not_null().or(tickets::suspended_at.is_not_null()))
            .into_boxed(),
    };
    if let Some(level1) = &sieve.level1 {
        rows = rows.filter(tickets::level1.eq(level1));
    }
    if let Some(channel) = sieve.channel {
        rows = rows.filter(tickets::channel.eq(channel));
    }
    let columns = (tickets::id, tickets::status, tickets::excluded, tickets::due_at, tickets::suspended_at);
    type Line = (Id, Status, Option<Reason>, Time, Option<Time>);
    let mut found = Vec::new();
    for (id, status, excluded, due_at, suspended_at) in rows.select(columns).load::<Line>(tx.conn)? {
        if status.clock_runs() && matches!(excluded, None | Some(Reason::E6)) {
            found.push((suspended_at.unwrap_or(due_at), id));
        }
    }
    found.sort_unstable();
    Ok(found)
}
