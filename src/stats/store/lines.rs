//! Tickets as lines of a list: the ledger, and what was late or stands on account.

use diesel::prelude::*;

use crate::db::{Id, Time, Tx};
use crate::error::Result;
use crate::mask::FreeText;
use crate::routing::Kind;
use crate::schema::tickets;
use crate::stats::ranking::Lateness;
use crate::stats::tally::{Row, Span};
use crate::tickets::{Channel, Ladder, Reason, Status};

/// A line of the ticket ledger.
#[derive(Debug, Clone, diesel::Queryable, diesel::Selectable)]
#[diesel(table_name = tickets)]
pub(in crate::stats) struct Ledger {
    pub(in crate::stats) id: Id,
    pub(in crate::stats) number: String,
    pub(in crate::stats) channel: Channel,
    pub(in crate::stats) submitted_at: Time,
    pub(in crate::stats) place_id: Id,
    pub(in crate::stats) kind: Kind,
    pub(in crate::stats) level1: String,
    pub(in crate::stats) category: Option<String>,
    pub(in crate::stats) text: FreeText,
    pub(in crate::stats) phone_masked: Option<String>,
    pub(in crate::stats) urgency: crate::routing::Urgency,
    pub(in crate::stats) status: Status,
    pub(in crate::stats) lead_id: Id,
    pub(in crate::stats) first_contact_at: Option<Time>,
    pub(in crate::stats) due_at: Time,
    pub(in crate::stats) closed_at: Option<Time>,
    pub(in crate::stats) result: Option<crate::tickets::Outcome>,
    pub(in crate::stats) result_text: FreeText,
    pub(in crate::stats) solved_level: Option<crate::tickets::Level>,
    pub(in crate::stats) answered_at: Option<Time>,
    pub(in crate::stats) answer_valid: Option<bool>,
    pub(in crate::stats) contacted: Option<bool>,
    pub(in crate::stats) solved: Option<bool>,
    pub(in crate::stats) satisfied: Option<crate::tickets::Satisfaction>,
    pub(in crate::stats) rounds: i32,
    pub(in crate::stats) returns: i32,
    pub(in crate::stats) hotline_number: Option<String>,
    pub(in crate::stats) excluded: Option<Reason>,
    pub(in crate::stats) rules_version: String,
}

/// The tickets submitted in `[from, to)`, oldest first: a line each, at most `most`.
pub(in crate::stats) fn ledger(
    tx: &mut Tx,
    community: Id,
    from: Time,
    to: Time,
    most: i64,
) -> Result<Vec<Ledger>> {
    let rows = tickets::table
        .filter(tickets::community_id.eq(community))
        .filter(tickets::submitted_at.ge(from).and(tickets::submitted_at.lt(to)))
        .order((tickets::submitted_at, tickets::id))
        .limit(most);
    Ok(rows.select(Ledger::as_select()).load(tx.conn)?)
}

/// A ticket that was late in a period, or stands on account.
pub(in crate::stats) struct Late {
    pub(in crate::stats) id: Id,
    pub(in crate::stats) number: String,
    pub(in crate::stats) place_id: Id,
    pub(in crate::stats) level1: String,
    pub(in crate::stats) category: Option<String>,
    pub(in crate::stats) lead_id: Id,
    pub(in crate::stats) submitted_at: Time,
    pub(in crate::stats) due_at: Time,
    closed_at: Option<Time>,
    pub(in crate::stats) suspended_at: Option<Time>,
    pub(in crate::stats) escalated: Option<Ladder>,
    pub(in crate::stats) why: Vec<Lateness>,
}

impl Late {
    /// When it was closed, where it stands closed.
    pub(in crate::stats) fn closed(&self) -> Option<Time> {
        self.closed_at.filter(|_| self.why.contains(&Lateness::Closed))
    }
}

/// Every ticket that [`Row::overdue`] finds late in the span, or [`Row::on_account`] on account after it.
pub(in crate::stats) fn late(tx: &mut Tx, community: Id, span: &Span) -> Result<Vec<Late>> {
    let own = || tickets::table.filter(tickets::community_id.eq(community));
    let columns = (Row::as_select(), tickets::number, tickets::escalated);
    let mut rows: Vec<(Row, String, Option<Ladder>)> = own()
        .filter(tickets::due_at.ge(span.from).and(tickets::due_at.lt(span.to)))
        .filter(tickets::suspended_at.is_null())
        .select(columns)
        .load(tx.conn)?;
    rows.extend(own().filter(tickets::suspended_at.is_not_null()).select(columns).load::<(
        Row,
        String,
        Option<Ladder>,
    )>(tx.conn)?);
    let why = |row: &Row| {
        let late = row.overdue(span) == Some(true);
        let kind = if row.closed().is_some() { Lateness::Closed } else { Lateness::Open };
        let reasons = [(late, kind), (row.on_account(span), Lateness::OnAccount)];
        reasons.into_iter().filter(|(holds, _)| *holds).map(|(_, why)| why).collect::<Vec<_>>()
    };
    let line = |(row, number, escalated): (Row, String, Option<Ladder>)| Late {
        why: if row.counted() { why(&row) } else { Vec::new() },
        id: row.id,
        number,
        place_id: row.place_id,
        level1: row.level1,
        category: row.category,
        lead_id: row.lead_id,
        submitted_at: row.submitted_at,
        due_at: row.due_at,
        closed_at: row.closed_at,
        suspended_at: row.suspended_at,
        escalated,
    };
    Ok(rows.into_iter().map(line).filter(|line| !line.why.is_empty()).collect())
}
