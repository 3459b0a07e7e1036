//! What the past is asked of: which tickets may have been open at some moment, and what their events say.

use std::collections::BTreeMap;

use diesel::prelude::*;

use crate::db::{Id, Time, Tx};
use crate::error::Result;
use crate::schema::{ticket_events, tickets};
use crate::stats::backlog::Told;
use crate::tickets::{Act, Status, Step};

/// A ticket and its deadline as it is now.
pub(in crate::stats) type Candidate = (Id, Time);

/// Every ticket that may have been open at some moment of `[from, to)`: one that came in it, one that was closed after it
/// began, one that still runs, and one that ended early. What is none of these was closed before and has stayed so: a
/// ticket that was open at `from` and is closed now was closed since, for `closed_at` is the last closing. One index each.
pub(in crate::stats) fn once_open(
    tx: &mut Tx,
    community: Id,
    from: Time,
    to: Time,
) -> Result<Vec<Candidate>> {
    let own =
        || tickets::table.filter(tickets::community_id.eq(community)).select((tickets::id, tickets::due_at));
    let older = tickets::submitted_at.lt(from);
    let mut rows: Vec<Candidate> =
        own().filter(tickets::submitted_at.ge(from).and(tickets::submitted_at.lt(to))).load(tx.conn)?;
    rows.extend(own().filter(tickets::closed_at.ge(from)).filter(older).load::<Candidate>(tx.conn)?);
    let unclosed: Vec<Status> =
        Status::ALL.iter().copied().filter(|status| status.clock_runs() || status.ended_early()).collect();
    for status in unclosed {
        rows.extend(own().filter(tickets::status.eq(status)).filter(older).load::<Candidate>(tx.conn)?);
    }
    rows.sort_unstable_by_key(|row| row.0);
    rows.dedup_by_key(|row| row.0);
    Ok(rows)
}

/// What moves a ticket, its deadline or whether it counts.
fn telling() -> Vec<&'static str> {
    let acts = [Act::Submit, Act::Categorize, Act::Decide];
    Step::ALL.iter().map(|step| step.word()).chain(acts.iter().map(|act| act.word())).collect()
}

/// The events of tickets that say where they stood, each ticket's in order.
pub(in crate::stats) fn histories(tx: &mut Tx, community: Id, ids: &[Id]) -> Result<BTreeMap<Id, Vec<Told>>> {
    let mut found = BTreeMap::<Id, Vec<Told>>::new();
    for some in ids.chunks(500) {
        let rows: Vec<(Id, Told)> = ticket_events::table
            .filter(ticket_events::community_id.eq(community))
            .filter(ticket_events::ticket_id.eq_any(some.to_vec()))
            .filter(ticket_events::act.eq_any(telling()))
            .order((ticket_events::ticket_id, ticket_events::seq))
            .select((ticket_events::ticket_id, Told::as_select()))
            .load(tx.conn)?;
        for (id, told) in rows {
            found.entry(id).or_default().push(told);
        }
    }
    Ok(found)
}
