//! What this room reads of tickets, and its own rows: distinctions, incidents and their members. The only file of `alike`
//! that names diesel's queries.
//!
//! Every query of tickets goes along one index: by place, by day, or by matter (place, category, closing).

use std::collections::{BTreeMap, BTreeSet};

use diesel::dsl::{count_star, exists, max, not};
use diesel::prelude::*;
use diesel::upsert::excluded;

use super::incidents::{Incident, PAGE, State};
use super::recurrence::Frequent;
use super::{Face, Line};
use crate::db::{Both, Id, Time, Tx};
use crate::error::{Error, Result};
use crate::people::Actor;
use crate::rollups;
use crate::schema::{distinctions, incident_tickets, incidents, places, ticket_photos, tickets};
use crate::tickets::{Stage, Status, Ticket};

pub(super) fn lines(tx: &mut Tx, community: Id, ids: &[Id]) -> Result<Vec<Line>> {
    let place = places::community_id.eq(tickets::community_id).and(places::id.eq(tickets::place_id));
    Ok(tickets::table
        .inner_join(places::table.on(place))
        .filter(tickets::community_id.eq(community).and(tickets::id.eq_any(ids)))
        .order((tickets::submitted_at, tickets::id))
        .select((
            tickets::id,
            tickets::number,
            tickets::status,
            places::full_name,
            tickets::text,
            tickets::submitted_at,
            tickets::closed_at,
        ))
        .load(tx.conn)?)
}

/// The tickets of one place and category submitted in `[from, to]`, latest first, at most 200.
pub(super) fn at_place(
    tx: &mut Tx,
    community: Id,
    (place, category): (Id, &str),
    (from, to): (Time, Time),
) -> Result<Vec<Face>> {
    Ok(tickets::table
        .filter(tickets::community_id.eq(community).and(tickets::place_id.eq(place)))
        .filter(tickets::submitted_at.ge(from).and(tickets::submitted_at.le(to)))
        .filter(tickets::category.eq(category))
        .order(tickets::submitted_at.desc())
        .limit(200)
        .select(Face::as_select())
        .load(tx.conn)?)
}

/// The tickets that somebody said are not the same as this one.
pub(super) fn distinguished(tx: &mut Tx, ticket: &Ticket) -> Result<BTreeSet<Id>> {
    let own = distinctions::community_id.eq(ticket.community_id).and(distinctions::ticket_id.eq(ticket.id));
    let rows: Vec<Id> = distinctions::table.filter(own).select(distinctions::earlier_id).load(tx.conn)?;
    Ok(rows.into_iter().collect())
}

pub(super) fn distinguish(tx: &mut Tx, actor: &Actor, ticket: &Ticket, earlier: &Ticket) -> Result<()> {
    let row = (
        distinctions::community_id.eq(ticket.community_id),
        distinctions::ticket_id.eq(ticket.id),
        distinctions::earlier_id.eq(earlier.id),
        distinctions::decided_at.eq(tx.now),
        distinctions::decided_by.eq(&actor.name),
    );
    Both(diesel::insert_into(distinctions::table).values(row).on_conflict_do_nothing()).execute(tx.conn)?;
    Ok(())
}

/// Open tickets with a level 2, of no incident and no parts of others, submitted since `since`: oldest first, at most the
/// latest 2,000.
pub(super) fn recent(tx: &mut Tx, community: Id, since: Time) -> Result<Vec<Face>> {
    let member = incident_tickets::table
        .filter(incident_tickets::community_id.eq(tickets::community_id))
        .filter(incident_tickets::ticket_id.eq(tickets::id))
        .filter(incident_tickets::removed_at.is_null());
    let mut rows: Vec<Face> = tickets::table
        .filter(tickets::community_id.eq(community).and(tickets::submitted_at.ge(since)))
        .filter(tickets::category.is_not_null().and(tickets::origin_id.is_null()))
        .filter(tickets::status.eq_any(Status::RUNNING))
        .filter(not(exists(member)))
        .order((tickets::submitted_at.desc(), tickets::id.desc()))
        .limit(2_000)
        .select(Face::as_select())
        .load(tx.conn)?;
    rows.reverse();
    Ok(rows)
}

/// Open tickets of these places and the category of an incident since `since` that belong to no incident; at most 100.
pub(super) fn joining(tx: &mut Tx, incident: &Incident, places: &[Id], since: Time) -> Result<Vec<Id>> {
    let member = incident_tickets::table
        .filter(incident_tickets::community_id.eq(tickets::community_id))
        .filter(incident_tickets::ticket_id.eq(tickets::id))
        .filter(incident_tickets::removed_at.is_null());
    Ok(tickets::table
        .filter(tickets::community_id.eq(incident.community_id).and(tickets::place_id.eq_any(places)))
        .filter(tickets::submitted_at.ge(since).and(tickets::category.eq(&incident.category)))
        .filter(tickets::status.eq_any(Status::RUNNING).and(tickets::origin_id.is_null()))
        .filter(not(exists(member)))
        .limit(100)
        .select(tickets::id)
        .load(tx.conn)?)
}

pub(super) fn insert(tx: &mut Tx, incident: &Incident) -> Result<()> {
    diesel::insert_into(incidents::table).values(incident).execute(tx.conn)?;
    Ok(())
}

pub(super) fn find(tx: &mut Tx, community: Id, id: Id) -> Result<Incident> {
    Ok(incidents::table.find((community, id)).select(Incident::as_select()).first(tx.conn)?)
}

/// The incidents of a state, latest first, before `before`.
pub(super) fn page(tx: &mut Tx, community: Id, state: State, before: Option<Id>) -> Result<Vec<Id>> {
    let mut rows = incidents::table
        .filter(incidents::community_id.eq(community).and(incidents::state.eq(state)))
        .order(incidents::id.desc())
        .limit(PAGE)
        .select(incidents::id)
        .into_boxed();
    if let Some(before) = before {
        rows = rows.filter(incidents::id.lt(before));
    }
    Ok(rows.load(tx.conn)?)
}

/// Every open incident; there are few.
pub(super) fn open(tx: &mut Tx, community: Id) -> Result<Vec<Incident>> {
    let rows =
        incidents::table.filter(incidents::community_id.eq(community).and(incidents::state.eq(State::Open)));
    Ok(rows.order(incidents::id.desc()).limit(200).select(Incident::as_select()).load(tx.conn)?)
}

pub(super) fn end(tx: &mut Tx, actor: &Actor, incident: &Incident) -> Result<()> {
    diesel::update(incidents::table.find((incident.community_id, incident.id)))
        .set((
            incidents::state.eq(State::Closed),
            incidents::ended_at.eq(tx.now),
            incidents::ended_by.eq(&actor.name),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// The members of an incident, by id.
pub(super) fn members(tx: &mut Tx, community: Id, incident: Id) -> Result<Vec<Id>> {
    Ok(incident_tickets::table
        .filter(incident_tickets::community_id.eq(community).and(incident_tickets::incident_id.eq(incident)))
        .filter(incident_tickets::removed_at.is_null())
        .order(incident_tickets::ticket_id)
        .select(incident_tickets::ticket_id)
        .load(tx.conn)?)
}

/// The incident that a ticket belongs to, confirmed or dismissed.
pub(super) fn incident_of(tx: &mut Tx, community: Id, ticket: Id) -> Result<Option<Incident>> {
    let own = incident_tickets::community_id.eq(community).and(incident_tickets::ticket_id.eq(ticket));
    let of = incidents::community_id
        .eq(incident_tickets::community_id)
        .and(incidents::id.eq(incident_tickets::incident_id));
    let rows = incident_tickets::table
        .inner_join(incidents::table.on(of))
        .filter(own.and(incident_tickets::removed_at.is_null()));
    Ok(rows.select(Incident::as_select()).first(tx.conn).optional()?)
}

/// Holds a ticket until the end of the transaction, so that it cannot join two incidents at once.
pub(super) fn hold(tx: &mut Tx, community: Id, ticket: Id) -> Result<()> {
    let row = diesel::update(tickets::table.find((community, ticket)));
    match row.set(tickets::version.eq(tickets::version)).execute(tx.conn)? {
        1 => Ok(()),
        _ => Err(Error::NotFound),
    }
}

pub(super) fn join(tx: &mut Tx, actor: &Actor, incident: Id, ticket: Id) -> Result<()> {
    let row = (
        incident_tickets::community_id.eq(actor.community_id),
        incident_tickets::incident_id.eq(incident),
        incident_tickets::ticket_id.eq(ticket),
        incident_tickets::added_at.eq(tx.now),
        incident_tickets::added_by.eq(&actor.name),
    );
    // Whoever was taken out may come back.
    let row = diesel::insert_into(incident_tickets::table)
        .values(row)
        .on_conflict((
            incident_tickets::community_id,
            incident_tickets::incident_id,
            incident_tickets::ticket_id,
        ))
        .do_update()
        .set((
            incident_tickets::added_at.eq(excluded(incident_tickets::added_at)),
            incident_tickets::added_by.eq(excluded(incident_tickets::added_by)),
            incident_tickets::removed_at.eq(None::<Time>),
            incident_tickets::removed_by.eq(None::<String>),
        ));
    Both(row).execute(tx.conn)?;
    strike(tx, actor.community_id, ticket)
}

/// Which of the members are events of their own has changed, since the ticket came.
fn strike(tx: &mut Tx, community: Id, ticket: Id) -> Result<()> {
    let row = tickets::table.find((community, ticket));
    let since = row.select(tickets::submitted_at).first(tx.conn)?;
    rollups::strike(tx, community, since)
}

pub(super) fn leave(tx: &mut Tx, actor: &Actor, incident: Id, ticket: Id) -> Result<()> {
    let row = incident_tickets::table.find((actor.community_id, incident, ticket));
    let left = diesel::update(row.filter(incident_tickets::removed_at.is_null()))
        .set((incident_tickets::removed_at.eq(tx.now), incident_tickets::removed_by.eq(&actor.name)))
        .execute(tx.conn)?;
    match left {
        1 => strike(tx, actor.community_id, ticket),
        _ => Err(Error::conflict("这件诉求已经不在这个事件里；请刷新看看最新情况")),
    }
}

/// A closing.
#[derive(Debug, Clone, Copy)]
pub(super) struct Closing {
    pub(super) id: Id,
    pub(super) closed_at: Time,
}

/// The last closings at a place in a category since `since`, oldest first, along the index by matter.
pub(super) fn closed(
    tx: &mut Tx,
    community: Id,
    (place, category): (Id, &str),
    since: Time,
) -> Result<Vec<Closing>> {
    let rows: Vec<(Id, Option<Time>)> = tickets::table
        .filter(tickets::community_id.eq(community).and(tickets::place_id.eq(place)))
        .filter(tickets::category.eq(category).and(tickets::closed_at.ge(since)))
        .filter(tickets::status.eq_any(Status::CLOSED).and(tickets::excluded.is_null()))
        .order((tickets::closed_at, tickets::id))
        .select((tickets::id, tickets::closed_at))
        .load(tx.conn)?;
    Ok(rows.into_iter().filter_map(|(id, at)| Some(Closing { id, closed_at: at? })).collect())
}

/// The tickets of a place and category submitted since `since` that work was done on, oldest first.
pub(super) fn submitted(
    tx: &mut Tx,
    community: Id,
    (place, category): (Id, &str),
    since: Time,
) -> Result<Vec<(Id, Time)>> {
    Ok(tickets::table
        .filter(tickets::community_id.eq(community).and(tickets::place_id.eq(place)))
        .filter(tickets::submitted_at.ge(since).and(tickets::category.eq(category)))
        .filter(tickets::status.ne_all(Status::ENDED_EARLY))
        .filter(tickets::excluded.is_null())
        .order(tickets::submitted_at)
        .select((tickets::id, tickets::submitted_at))
        .load(tx.conn)?)
}

/// The confirmed incidents of tickets, where they belong to one.
pub(super) fn incidents_of(tx: &mut Tx, community: Id, ids: &[Id]) -> Result<Vec<(Id, Id)>> {
    let of = incidents::community_id
        .eq(incident_tickets::community_id)
        .and(incidents::id.eq(incident_tickets::incident_id));
    Ok(incident_tickets::table
        .inner_join(incidents::table.on(of))
        .filter(incident_tickets::community_id.eq(community).and(incident_tickets::ticket_id.eq_any(ids)))
        .filter(incident_tickets::removed_at.is_null().and(incidents::state.ne(State::Dismissed)))
        .select((incident_tickets::ticket_id, incident_tickets::incident_id))
        .load(tx.conn)?)
}

/// How many tickets of one incident were closed since `since`, for each place and category of it.
pub(super) fn told_again(tx: &mut Tx, community: Id, since: Time) -> Result<Vec<(Id, Option<String>, i64)>> {
    let of = incidents::community_id
        .eq(incident_tickets::community_id)
        .and(incidents::id.eq(incident_tickets::incident_id));
    let ticket = tickets::community_id
        .eq(incident_tickets::community_id)
        .and(tickets::id.eq(incident_tickets::ticket_id));
    let members: Vec<(Id, Id, Option<String>)> = incident_tickets::table
        .inner_join(incidents::table.on(of))
        .inner_join(tickets::table.on(ticket))
        .filter(incident_tickets::community_id.eq(community).and(incident_tickets::removed_at.is_null()))
        .filter(incidents::state.ne(State::Dismissed).and(tickets::closed_at.ge(since)))
        .filter(tickets::status.eq_any(Status::CLOSED).and(tickets::excluded.is_null()))
        .select((incident_tickets::incident_id, tickets::place_id, tickets::category))
        .load(tx.conn)?;
    let mut counts = BTreeMap::new();
    for member in members {
        *counts.entry(member).or_insert(0) += 1;
    }
    Ok(counts.into_iter().map(|((_, place, category), count)| (place, category, count)).collect())
}

/// How often each category was closed at each place since `since`.
pub(super) fn closings(tx: &mut Tx, community: Id, since: Time) -> Result<Vec<Frequent>> {
    Ok(tickets::table
        .filter(tickets::community_id.eq(community).and(tickets::closed_at.ge(since)))
        .filter(tickets::status.eq_any(Status::CLOSED).and(tickets::excluded.is_null()))
        .filter(tickets::category.is_not_null())
        .group_by((tickets::place_id, tickets::category))
        .select((tickets::place_id, tickets::category, count_star(), max(tickets::closed_at)))
        .load(tx.conn)?)
}

/// What a photo of a ticket looks like.
#[derive(Debug, Clone, Queryable)]
pub(super) struct Likeness {
    pub(super) ticket_id: Id,
    pub(super) seq: i32,
    pub(super) stage: Stage,
    pub(super) likeness: i64,
}

/// The latest photos of the community since `since` that look like something.
pub(super) fn likenesses(tx: &mut Tx, community: Id, since: Time, most: i64) -> Result<Vec<Likeness>> {
    Ok(ticket_photos::table
        .filter(ticket_photos::community_id.eq(community).and(ticket_photos::added_at.ge(since)))
        .filter(ticket_photos::likeness.is_not_null())
        .order(ticket_photos::added_at.desc())
        .limit(most)
        .select((
            ticket_photos::ticket_id,
            ticket_photos::seq,
            ticket_photos::stage,
            ticket_photos::likeness.assume_not_null(),
        ))
        .load(tx.conn)?)
}
