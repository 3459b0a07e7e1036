//! What happened and was not told yet, and what must be known to tell it, as rows.

use diesel::prelude::*;

use crate::db::{Both, Id, SkipLocked, Time, Tx};
use crate::error::{Error, Result};
use crate::notices::channels::Kind;
use crate::notices::told::{Facts, Happening, Person, Way};
use crate::people::Role;
use crate::routing::{Kind as Wish, Urgency};
use crate::schema::{
    communities, deliveries, grids, notice_channels, outbox, staff, staff_contacts, ticket_events,
};
use crate::tickets::timers::Alarm;
use crate::tickets::{self, Act, followers, mentions};

/// One line of the outbox.
#[derive(Debug, Clone, Queryable)]
pub(in crate::notices) struct Waiting {
    pub(in crate::notices) community_id: Id,
    pub(in crate::notices) ticket_id: Id,
    pub(in crate::notices) seq: i32,
    pub(in crate::notices) at: Time,
}

/// Whether anything waits.
pub(in crate::notices) fn any(tx: &mut Tx) -> Result<bool> {
    Ok(outbox::table.select(outbox::seq).limit(1).first::<i32>(tx.conn).optional()?.is_some())
}

/// Takes the oldest lines, at most `most`; on PostgreSQL those that nobody else has taken.
pub(in crate::notices) fn claim(tx: &mut Tx, most: i64) -> Result<Vec<Waiting>> {
    let oldest = outbox::table
        .order((outbox::at, outbox::community_id, outbox::ticket_id, outbox::seq))
        .limit(most)
        .select((outbox::community_id, outbox::ticket_id, outbox::seq, outbox::at));
    Ok(Both(SkipLocked(oldest)).load(tx.conn)?)
}

/// Strikes a line out.
pub(in crate::notices) fn strike(tx: &mut Tx, line: &Waiting) -> Result<()> {
    let row = outbox::table.find((line.community_id, line.ticket_id, line.seq));
    diesel::delete(row).execute(tx.conn)?;
    Ok(())
}

/// Strikes out everything that happened before `before` in communities of the demonstration; returns how much it was.
pub(in crate::notices) fn strike_staged(tx: &mut Tx, before: Time) -> Result<usize> {
    let staged = communities::table.filter(communities::demo.eq(true)).select(communities::id);
    let old = outbox::table.filter(outbox::at.lt(before).and(outbox::community_id.eq_any(staged)));
    Ok(diesel::delete(old).execute(tx.conn)?)
}

type Event = (String, Option<Id>, String);

/// The event of a line, its ticket, and how urgent that is. `covers` are those who stand in for somebody just now.
pub(in crate::notices) fn what(
    tx: &mut Tx,
    line: &Waiting,
    covers: &[Id],
) -> Result<(Happening, Facts, Urgency)> {
    let (act, by, data): Event = ticket_events::table
        .find((line.community_id, line.ticket_id, line.seq))
        .select((ticket_events::act, ticket_events::actor_id, ticket_events::data))
        .first(tx.conn)?;
    let ticket = tickets::find_own(tx, line.community_id, line.ticket_id)?;
    let data: serde_json::Value = serde_json::from_str(&data).unwrap_or_default();
    // Whom a hand-over named, although the ticket may have gone on since.
    let id = |field: &str| data[field].as_str().and_then(|id| id.parse().ok()).map(Id);
    let (given, named) = (id("to"), id("party_id"));
    let unhappy = data["solved"] == false || data["satisfied"] == "unsatisfied";
    let reminded = match act == Act::Note.word() {
        true => mentions::of(tx, line.community_id, line.ticket_id, line.seq)?,
        false => Vec::new(),
    };
    let followers = followers::of(tx, &ticket)?;
    let by_name: Vec<Id> =
        reminded.iter().chain(&followers).chain(covers).copied().chain(ticket.handler_id).collect();
    let facts = Facts {
        holder: given.or(ticket.dispatched_at.map(|_| ticket.lead_id)),
        grid: ticket.grid_id,
        handler: ticket.handler_id,
        seeing: followers::seeing(tx, &ticket, &by_name)?,
        followers,
        returns: ticket.returns,
        // Not as the ticket stands by now: what only went up to the lead is none of the street's.
        at_street: data["alarm"] == Alarm::ToStreet.word(),
        tip_off: ticket.kind == Wish::TipOff,
    };
    Ok((Happening { act, by, named, reminded, unhappy }, facts, ticket.urgency))
}

/// The channels of a community that are in use.
pub(in crate::notices) fn ways(tx: &mut Tx, community_id: Id) -> Result<Vec<Way>> {
    let rows: Vec<(Id, Kind, String, Option<Id>)> = notice_channels::table
        .filter(notice_channels::community_id.eq(community_id).and(notice_channels::disabled_at.is_null()))
        .select((
            notice_channels::id,
            notice_channels::kind,
            notice_channels::topics,
            notice_channels::party_id,
        ))
        .load(tx.conn)?;
    let way = |(id, kind, topics, party): (Id, Kind, String, Option<Id>)| Way {
        id,
        kind,
        topics: topics.split(' ').filter_map(crate::notices::told::Topic::parse).collect(),
        party,
    };
    Ok(rows.into_iter().map(way).collect())
}

type Reached = (Id, Role, Option<Id>, Option<Vec<u8>>, Option<Vec<u8>>);

/// The people who work in a community or see it from above (its street, and those of the whole installation), where messages
/// reach them, and who covers for whom (`away`: absent, cover).
pub(in crate::notices) fn people(tx: &mut Tx, community_id: Id, away: &[(Id, Id)]) -> Result<Vec<Person>> {
    let street: String = communities::table.find(community_id).select(communities::street).first(tx.conn)?;
    let above = staff::community_id.is_null().and(staff::street.is_null().or(staff::street.eq(street)));
    let rows: Vec<Reached> = staff::table
        .left_join(staff_contacts::table.on(staff_contacts::staff_id.eq(staff::id)))
        .filter(staff::community_id.eq(community_id).or(above))
        .filter(staff::disabled_at.is_null())
        .select((
            staff::id,
            staff::role,
            staff::party_id,
            staff_contacts::mail_sealed.nullable(),
            staff_contacts::phone_sealed.nullable(),
        ))
        .load(tx.conn)?;
    let grids: Vec<(Id, Option<Id>)> = grids::table
        .filter(grids::community_id.eq(community_id).and(grids::worker_id.is_not_null()))
        .select((grids::id, grids::worker_id))
        .load(tx.conn)?;
    let answers = |id: Id, worker: Id| worker == id || away.contains(&(worker, id));
    let person = |(id, role, party, mail, phone): Reached| Person {
        id,
        role,
        party,
        grids: grids
            .iter()
            .filter(|(_, worker)| worker.is_some_and(|worker| answers(id, worker)))
            .map(|(grid, _)| *grid)
            .collect(),
        mail: mail.is_some(),
        phone: phone.is_some(),
        cover: away.iter().find(|(absent, _)| *absent == id).map(|(_, cover)| *cover),
    };
    Ok(rows.into_iter().map(person).collect())
}

/// A message to be sent.
#[derive(Insertable)]
#[diesel(table_name = deliveries)]
pub(in crate::notices) struct Delivery {
    pub(in crate::notices) community_id: Id,
    pub(in crate::notices) id: Id,
    pub(in crate::notices) channel_id: Id,
    pub(in crate::notices) ticket_id: Option<Id>,
    pub(in crate::notices) seq: Option<i32>,
    pub(in crate::notices) topic: crate::notices::told::Topic,
    pub(in crate::notices) staff_id: Option<Id>,
    pub(in crate::notices) state: crate::notices::State,
    pub(in crate::notices) made_at: Time,
    pub(in crate::notices) begun_at: Time,
    pub(in crate::notices) due_at: Time,
    pub(in crate::notices) attempts: i32,
    pub(in crate::notices) answer: String,
    /// Kind and period of the report, where it tells of a draft and not of a ticket.
    pub(in crate::notices) draft: Option<String>,
}

/// Writes a message to be sent, once.
pub(in crate::notices) fn insert(tx: &mut Tx, delivery: &Delivery) -> Result<()> {
    let row = diesel::insert_into(deliveries::table).values(delivery).on_conflict_do_nothing();
    Both(row).execute(tx.conn).map_err(Error::from)?;
    Ok(())
}
