//! The rows that figures are counted from: compact, bounded by `[from, to)`, the same on both databases.
//!
//! One query along each of five indexes (day, closing, deadline, answer, account) finds every ticket that the period touches;
//! counting happens in Rust. A community of 8,000 people has some thousand rows in two years, so that this costs
//! milliseconds; it grows with the tickets of the period, never with those of the table.

mod hotline;
mod lines;
pub(super) mod past;
mod waiting;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::prelude::*;

pub(super) use self::hotline::{Paired, paired, remove_total, set_total, totals};
pub(super) use self::lines::{Late, Ledger, late, ledger};
pub(super) use self::waiting::waiting;
use super::tally::Row;
use crate::codes::registry::CodeState;
use crate::db::{Id, Time, Tx};
use crate::error::Result;
use crate::places::PlaceKind;
use crate::routing::Kind;
use crate::schema::{
    codes, grids, holdings, incident_tickets, incidents, neighbours, parties, patrols, places, requests,
    scans, staff, supports, tickets,
};
use crate::tickets::requests::{Request, Wish};
use crate::tickets::{Channel, Reason, Status};

/// Every ticket submitted in `[from, to)`.
pub(super) fn came(tx: &mut Tx, community: Id, from: Time, to: Time) -> Result<Vec<Row>> {
    let own = tickets::table.filter(tickets::community_id.eq(community)).select(Row::as_select());
    Ok(own.filter(tickets::submitted_at.ge(from).and(tickets::submitted_at.lt(to))).load(tx.conn)?)
}

/// Every ticket submitted, closed, due or answered in `[from, to)`, and every older one on account, each once.
pub(super) fn touched(tx: &mut Tx, community: Id, from: Time, to: Time) -> Result<Vec<Row>> {
    let own = || tickets::table.filter(tickets::community_id.eq(community)).select(Row::as_select());
    let mut rows = came(tx, community, from, to)?;
    // What was submitted inside is here already; the others add what is older.
    let older = tickets::submitted_at.lt(from);
    rows.extend(
        own()
            .filter(tickets::closed_at.ge(from).and(tickets::closed_at.lt(to)))
            .filter(older)
            .load(tx.conn)?,
    );
    rows.extend(
        own().filter(tickets::due_at.ge(from).and(tickets::due_at.lt(to))).filter(older).load(tx.conn)?,
    );
    rows.extend(
        own()
            .filter(tickets::answered_at.ge(from).and(tickets::answered_at.lt(to)))
            .filter(older)
            .load(tx.conn)?,
    );
    rows.extend(own().filter(tickets::suspended_at.is_not_null()).filter(older).load(tx.conn)?);
    rows.sort_unstable_by_key(|row| row.id);
    rows.dedup_by_key(|row| row.id);
    Ok(rows)
}

/// How many that came before `to` stand on account, by community: as [`Row::on_account`] has it. There are few.
pub(super) fn on_account(tx: &mut Tx, to: Time) -> Result<BTreeMap<Id, i64>> {
    let rows =
        tickets::table.filter(tickets::suspended_at.is_not_null()).filter(tickets::submitted_at.lt(to));
    let columns = (tickets::community_id, tickets::status, tickets::excluded);
    let mut counts = BTreeMap::new();
    for (community, status, excluded) in rows.select(columns).load::<(Id, Status, Option<Reason>)>(tx.conn)? {
        let counted = status.clock_runs() && matches!(excluded, None | Some(Reason::E6));
        *counts.entry(community).or_default() += i64::from(counted);
    }
    Ok(counts)
}

/// What the comparison with the hotline needs to know of a ticket.
#[derive(Debug, Clone, diesel::Queryable, diesel::Selectable)]
#[diesel(table_name = tickets)]
pub(super) struct Slim {
    pub(super) id: Id,
    pub(super) place_id: Id,
    pub(super) building_id: Option<Id>,
    pub(super) channel: Channel,
    pub(super) kind: Kind,
    pub(super) level1: String,
    pub(super) category: Option<String>,
    pub(super) submitted_at: Time,
    pub(super) status: Status,
    pub(super) closed_at: Option<Time>,
    pub(super) excluded: Option<Reason>,
    pub(super) origin_id: Option<Id>,
}

impl Slim {
    /// Whether it is one of the units of count (domain §6.1).
    pub(super) fn counted(&self) -> bool {
        matches!(self.excluded, None | Some(Reason::E6))
            && !matches!(self.status, Status::Refused | Status::Withdrawn)
    }

    /// Whether it stands closed.
    pub(super) fn done(&self) -> bool {
        self.closed_at.is_some() && matches!(self.status, Status::FollowUp | Status::Archived)
    }
}

/// A ticket that belongs to an incident.
#[derive(Debug, Clone, diesel::Queryable)]
pub(super) struct Member {
    pub(super) incident_id: Id,
    pub(super) row: Slim,
}

/// The members of every incident that somebody confirmed, first to last. There are few: an incident is rare.
pub(super) fn members(tx: &mut Tx, community: Id) -> Result<Vec<Member>> {
    let incident = incidents::community_id
        .eq(incident_tickets::community_id)
        .and(incidents::id.eq(incident_tickets::incident_id));
    let ticket = tickets::community_id
        .eq(incident_tickets::community_id)
        .and(tickets::id.eq(incident_tickets::ticket_id));
    // Sorted here: asked to sort, a database may walk all tickets by day instead of the few members.
    let mut members: Vec<Member> = incident_tickets::table
        .inner_join(incidents::table.on(incident))
        .inner_join(tickets::table.on(ticket))
        .filter(incident_tickets::community_id.eq(community).and(incident_tickets::removed_at.is_null()))
        .filter(incidents::state.ne("dismissed"))
        .select((incident_tickets::incident_id, Slim::as_select()))
        .load(tx.conn)?;
    members.sort_by_key(|member| (member.row.submitted_at, member.row.id));
    Ok(members)
}

/// A time during which a party had a ticket.
#[derive(Debug, Clone, diesel::Queryable)]
pub(super) struct Held {
    pub(super) ticket_id: Id,
    pub(super) party_id: Id,
    pub(super) from_at: Time,
    pub(super) until_at: Option<Time>,
    pub(super) ended_by: Option<String>,
}

/// Every time a party was given a ticket in `[from, to)`, along the index by time.
pub(super) fn held(tx: &mut Tx, community: Id, from: Time, to: Time) -> Result<Vec<Held>> {
    let rows = holdings::table
        .filter(holdings::community_id.eq(community))
        .filter(holdings::from_at.ge(from).and(holdings::from_at.lt(to)));
    let columns =
        (holdings::ticket_id, holdings::party_id, holdings::from_at, holdings::until_at, holdings::ended_by);
    Ok(rows.select(columns).load(tx.conn)?)
}

/// Which parties support which of the tickets submitted in `[from, to)`: party and ticket.
pub(super) fn supported(tx: &mut Tx, community: Id, from: Time, to: Time) -> Result<Vec<(Id, Id)>> {
    let of = tickets::community_id.eq(supports::community_id).and(tickets::id.eq(supports::ticket_id));
    let rows = supports::table
        .inner_join(tickets::table.on(of))
        .filter(tickets::community_id.eq(community))
        .filter(tickets::submitted_at.ge(from).and(tickets::submitted_at.lt(to)));
    Ok(rows.select((supports::party_id, supports::ticket_id)).load(tx.conn)?)
}

/// The numbers of tickets, by id.
pub(super) fn numbers(tx: &mut Tx, community: Id, ids: &[Id]) -> Result<BTreeMap<Id, String>> {
    let mut found = BTreeMap::new();
    for some in ids.chunks(500) {
        let rows =
            tickets::table.filter(tickets::community_id.eq(community).and(tickets::id.eq_any(some.to_vec())));
        found.extend(rows.select((tickets::id, tickets::number)).load::<(Id, String)>(tx.conn)?);
    }
    Ok(found)
}

/// Grids with the names of those who answer first there.
pub(super) fn grids(tx: &mut Tx, community: Id) -> Result<BTreeMap<Id, (String, String)>> {
    let rows = grids::table
        .left_join(staff::table.on(grids::worker_id.eq(staff::id.nullable())))
        .filter(grids::community_id.eq(community));
    let rows: Vec<(Id, String, Option<String>)> =
        rows.select((grids::id, grids::name, staff::name.nullable())).load(tx.conn)?;
    Ok(rows.into_iter().map(|(id, grid, worker)| (id, (grid, worker.unwrap_or_default()))).collect())
}

/// Why tickets stand on account, by ticket: the last request that was granted.
pub(super) fn accounts(tx: &mut Tx, community: Id, ids: &[Id]) -> Result<BTreeMap<Id, Request>> {
    let mut found = BTreeMap::new();
    for some in ids.chunks(500) {
        let granted = requests::kind.eq(Wish::Suspension).and(requests::approved.eq(true));
        let rows = requests::table
            .filter(requests::community_id.eq(community).and(requests::ticket_id.eq_any(some.to_vec())))
            .filter(granted)
            .order(requests::decided_at);
        let rows: Vec<Request> = rows.select(Request::as_select()).load(tx.conn)?;
        found.extend(rows.into_iter().map(|each| (each.ticket_id, each)));
    }
    Ok(found)
}

/// The tickets submitted in `[from, to)`.
pub(super) fn submitted(tx: &mut Tx, community: Id, from: Time, to: Time) -> Result<Vec<Slim>> {
    let rows = tickets::table
        .filter(tickets::community_id.eq(community))
        .filter(tickets::submitted_at.ge(from).and(tickets::submitted_at.lt(to)));
    Ok(rows.select(Slim::as_select()).load(tx.conn)?)
}

/// A neighbour who met the matter of a ticket, and that ticket (see `neighbours` for how they count).
#[derive(Debug, Clone, diesel::Queryable)]
pub(super) struct Voice {
    pub(super) id: Id,
    pub(super) at: Time,
    pub(super) row: Row,
}

impl Voice {
    /// The ticket as their own report would have been: neighbours scan, whatever way the ticket came.
    pub(super) fn as_scanned(&self) -> Row {
        Row { channel: Channel::Scan, ..self.row.clone() }
    }
}

/// Those who joined a matter in `[from, to)` and count, along the index by day.
pub(super) fn voices(tx: &mut Tx, community: Id, from: Time, to: Time) -> Result<Vec<Voice>> {
    let ticket =
        tickets::community_id.eq(neighbours::community_id).and(tickets::id.eq(neighbours::ticket_id));
    Ok(neighbours::table
        .inner_join(tickets::table.on(ticket))
        .filter(neighbours::community_id.eq(community))
        .filter(neighbours::at.ge(from).and(neighbours::at.lt(to)))
        .filter(neighbours::withdrawn_at.is_null().and(neighbours::repeats.eq(false)))
        // Who came in a flood counts once a person confirmed it.
        .filter(neighbours::doubts.eq(""))
        .select((neighbours::id, neighbours::at, Row::as_select()))
        .load(tx.conn)?)
}

/// Somebody who joined, for whoever counts again: ticket, moment, taken back, a repeat, why doubtful.
pub(super) type Joining = (Id, Time, Option<Time>, bool, String);

/// Everybody who ever joined.
pub(super) fn all_neighbours(tx: &mut Tx, community: Id) -> Result<Vec<Joining>> {
    let rows = neighbours::table.filter(neighbours::community_id.eq(community)).order(neighbours::id);
    let columns = (
        neighbours::ticket_id,
        neighbours::at,
        neighbours::withdrawn_at,
        neighbours::repeats,
        neighbours::doubts,
    );
    Ok(rows.select(columns).load(tx.conn)?)
}

/// Scans by code and day in `[from, to)`: distinct devices each (the table holds one row for each).
pub(super) fn scans(
    tx: &mut Tx,
    community: Id,
    from: NaiveDate,
    to: NaiveDate,
) -> Result<Vec<(String, NaiveDate, i64)>> {
    let rows = scans::table
        .filter(scans::community_id.eq(community))
        .filter(scans::day.ge(from).and(scans::day.lt(to)))
        .group_by((scans::code, scans::day))
        .select((scans::code, scans::day, diesel::dsl::count_star()));
    Ok(rows.load(tx.conn)?)
}

/// A code as far as coverage is concerned.
#[derive(Debug, Clone, diesel::Queryable, diesel::Selectable)]
#[diesel(table_name = codes)]
pub(super) struct CodeRow {
    pub(super) code: String,
    pub(super) place_id: Id,
    pub(super) state: CodeState,
    pub(super) posted_at: Option<Time>,
    pub(super) stopped_at: Option<Time>,
}

/// Every code of the community.
pub(super) fn codes(tx: &mut Tx, community: Id) -> Result<Vec<CodeRow>> {
    let rows = codes::table.filter(codes::community_id.eq(community));
    Ok(rows.select(CodeRow::as_select()).load(tx.conn)?)
}

/// When somebody last looked after the code of each place before `until`.
pub(super) fn patrolled(tx: &mut Tx, community: Id, until: Time) -> Result<BTreeMap<Id, Time>> {
    let own = patrols::table.filter(patrols::community_id.eq(community)).filter(patrols::at.lt(until));
    let last = own.group_by(patrols::place_id).select((patrols::place_id, diesel::dsl::max(patrols::at)));
    let found: Vec<(Id, Option<Time>)> = last.load(tx.conn)?;
    Ok(found.into_iter().filter_map(|(place, at)| Some((place, at?))).collect())
}

/// A place as far as figures are concerned; retired ones keep their figures.
#[derive(Debug, Clone, diesel::Queryable, diesel::Selectable)]
#[diesel(table_name = places)]
pub(super) struct PlaceRow {
    pub(super) id: Id,
    pub(super) kind: PlaceKind,
    pub(super) name: String,
    pub(super) full_name: String,
    pub(super) building_id: Option<Id>,
    pub(super) grid_id: Option<Id>,
    pub(super) households: Option<i32>,
    pub(super) retired_at: Option<Time>,
}

/// Every place, in the order in which people walk them.
pub(super) fn places(tx: &mut Tx, community: Id) -> Result<Vec<PlaceRow>> {
    let rows = places::table.filter(places::community_id.eq(community)).order((places::sort, places::id));
    Ok(rows.select(PlaceRow::as_select()).load(tx.conn)?)
}

/// The names of parties, also of those that were closed.
pub(super) fn parties(tx: &mut Tx, community: Id) -> Result<BTreeMap<Id, String>> {
    let rows = parties::table.filter(parties::community_id.eq(community));
    let rows: Vec<(Id, String)> = rows.select((parties::id, parties::name)).load(tx.conn)?;
    Ok(rows.into_iter().collect())
}

/// When the first ticket came.
pub(super) fn first_ticket(tx: &mut Tx, community: Id) -> Result<Option<Time>> {
    let rows = tickets::table.filter(tickets::community_id.eq(community));
    Ok(rows.select(tickets::submitted_at).order(tickets::submitted_at).first(tx.conn).optional()?)
}

/// The versions of limits that set the deadlines of tickets submitted in `[from, to)`.
pub(super) fn rule_versions(tx: &mut Tx, community: Id, from: Time, to: Time) -> Result<Vec<String>> {
    let rows = tickets::table
        .filter(tickets::community_id.eq(community))
        .filter(tickets::submitted_at.ge(from).and(tickets::submitted_at.lt(to)));
    Ok(rows.select(tickets::rules_version).distinct().order(tickets::rules_version).load(tx.conn)?)
}
