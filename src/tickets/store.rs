//! Tickets, events, photos and numbers, as rows. The only file of `tickets` that names diesel's queries.

use chrono::NaiveDate;
use diesel::dsl::Eq;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{Date, Integer};

use super::handing::Supporting;
use super::{Event, Stage, Status, Step, Ticket, TicketPhoto, timers};
use crate::db::{Conn, Id, MultiBackend, Time, Together, Tx, Uid};
use crate::error::{Error, Result};
use crate::mask::FreeText;
use crate::people::{Actor, Scope};
use crate::places::Community;
use crate::rollups;
use crate::routing::{Kind, Urgency};
use crate::schema::{audits, outbox, passings, ticket_events, ticket_photos, tickets};

/// What a step or act changes; what is `None` stays.
#[derive(Default, PartialEq, AsChangeset)]
#[diesel(table_name = tickets)]
pub(super) struct Change {
    pub(super) status: Option<Status>,
    pub(super) kind: Option<Kind>,
    pub(super) level1: Option<String>,
    pub(super) category: Option<Option<String>>,
    pub(super) urgency: Option<Urgency>,
    pub(super) first_contact_due: Option<Time>,
    pub(super) make_safe_due: Option<Option<Time>>,
    pub(super) due_at: Option<Time>,
    pub(super) open_due_at: Option<Option<Time>>,
    pub(super) rules_version: Option<String>,
    pub(super) lead_id: Option<Id>,
    pub(super) routed: Option<String>,
    pub(super) handler_id: Option<Option<Id>>,
    pub(super) dispatched_at: Option<Option<Time>>,
    pub(super) accepted_at: Option<Option<Time>>,
    pub(super) first_contact_at: Option<Option<Time>>,
    pub(super) closed_at: Option<Option<Time>>,
    pub(super) result: Option<Option<super::Outcome>>,
    pub(super) result_text: Option<FreeText>,
    pub(super) solved_level: Option<Option<super::Level>>,
    pub(super) answered_at: Option<Option<Time>>,
    pub(super) answer_valid: Option<Option<bool>>,
    pub(super) contacted: Option<Option<bool>>,
    pub(super) solved: Option<Option<bool>>,
    pub(super) satisfied: Option<Option<super::Satisfaction>>,
    pub(super) answer_comment: Option<FreeText>,
    pub(super) rounds: Option<i32>,
    pub(super) returns: Option<i32>,
    pub(super) main_id: Option<Option<Id>>,
    pub(super) excluded: Option<Option<super::Reason>>,
    pub(super) hotline_number: Option<Option<String>>,
    pub(super) taken_at: Option<Option<Time>>,
    pub(super) safe_at: Option<Option<Time>>,
    pub(super) suspended_at: Option<Option<Time>>,
    pub(super) escalated: Option<Option<super::Ladder>>,
}

/// The next number of the community's day: gap-free, because the counter row is locked until the commit.
pub(super) fn next_number(tx: &mut Tx, community: &Community) -> Result<String> {
    let day = tx.now.day();
    let sequence: i32 = NextNumber { community_id: community.id, day }.get_result(tx.conn)?;
    Ok(super::number::number(&community.prefix, day, sequence))
}

/// Counts one up. A node of its own because diesel prepares an upsert anew each time, and every report waits for this.
#[derive(QueryId)]
struct NextNumber {
    community_id: Id,
    day: NaiveDate,
}

impl Query for NextNumber {
    type SqlType = Integer;
}

impl RunQueryDsl<Conn> for NextNumber {}

impl QueryFragment<MultiBackend> for NextNumber {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        out.push_sql("INSERT INTO ticket_numbers (community_id, day, last) VALUES (");
        out.push_bind_param::<Uid, _>(&self.community_id)?;
        out.push_sql(", ");
        out.push_bind_param::<Date, _>(&self.day)?;
        out.push_sql(", 1) ON CONFLICT (community_id, day) DO UPDATE SET last = ticket_numbers.last + 1 RETURNING last");
        Ok(())
    }
}

/// Writes a new ticket with its first event, and when to look at it for the first time. Everybody in the community who
/// reports at this moment waits for the number that this transaction holds: so it is one trip to the database.
pub(super) fn insert(tx: &mut Tx, ticket: &Ticket, event: &Event) -> Result<()> {
    // A part that is split off counts since its report came.
    rollups::strike(tx, ticket.community_id, ticket.submitted_at)?;
    let rings_at = timers::first(tx, ticket)?;
    let row = diesel::insert_into(tickets::table).values(ticket);
    let event_row = diesel::insert_into(ticket_events::table).values(event);
    let line = diesel::insert_into(outbox::table).values(outbox_line(event));
    match rings_at {
        Some(at) => Together((row, event_row, timers::row(ticket, at), line)).execute(tx.conn)?,
        None => Together((row, event_row, line)).execute(tx.conn)?,
    }
    Ok(())
}

/// Writes an event, and beside it the one line by which whoever tells of events finds it: in the same transaction, so
/// that nothing is told that did not happen, and nothing that happened is missed.
pub(super) fn insert_event(tx: &mut Tx, event: &Event) -> Result<()> {
    let row = diesel::insert_into(ticket_events::table).values(event);
    let line = diesel::insert_into(outbox::table).values(outbox_line(event));
    Together((row, line)).execute(tx.conn)?;
    Ok(())
}

type OutboxLine =
    (Eq<outbox::community_id, Id>, Eq<outbox::ticket_id, Id>, Eq<outbox::seq, i32>, Eq<outbox::at, Time>);

fn outbox_line(event: &Event) -> OutboxLine {
    (
        outbox::community_id.eq(event.community_id),
        outbox::ticket_id.eq(event.ticket_id),
        outbox::seq.eq(event.seq),
        outbox::at.eq(event.at),
    )
}

pub(super) fn insert_photo(tx: &mut Tx, photo: &TicketPhoto) -> Result<()> {
    diesel::insert_into(ticket_photos::table).values(photo).execute(tx.conn)?;
    Ok(())
}

pub(super) fn find(tx: &mut Tx, community_id: Id, id: Id) -> Result<Ticket> {
    Ok(tickets::table.find((community_id, id)).select(Ticket::as_select()).first(tx.conn)?)
}

pub(super) fn find_in(tx: &mut Tx, community_id: Id, id: Id, scope: &Scope) -> Result<Ticket> {
    let ticket = find(tx, community_id, id)?;
    if visible(tx, &ticket, scope)? { Ok(ticket) } else { Err(Error::NotFound) }
}

pub(super) fn by_number(tx: &mut Tx, community_id: Id, number: &str, scope: &Scope) -> Result<Ticket> {
    let ticket = any_by_number(tx, community_id, number)?.ok_or(Error::NotFound)?;
    if visible(tx, &ticket, scope)? { Ok(ticket) } else { Err(Error::NotFound) }
}

/// Whether a ticket lies in a scope: the twin of the filters in `list`, for one ticket that was read.
fn visible(tx: &mut Tx, ticket: &Ticket, scope: &Scope) -> Result<bool> {
    let supporting = match scope {
        Scope::Party(_) => super::handing::supporting(tx, ticket)?,
        _ => Vec::new(),
    };
    Ok(within(ticket, &supporting, scope))
}

fn within(ticket: &Ticket, supporting: &[Supporting], scope: &Scope) -> bool {
    match scope {
        Scope::Community => true,
        Scope::Party(party) if ticket.lead_id == *party && ticket.dispatched_at.is_some() => true,
        Scope::Party(party) => supporting.iter().any(|each| each.party_id == *party),
        Scope::Grids(grids) => ticket.grid_id.is_some_and(|grid| grids.contains(&grid)),
    }
}

/// Those of `people` who may see a ticket and work on tickets at all.
pub(super) fn seeing(tx: &mut Tx, ticket: &Ticket, people: Vec<Actor>) -> Result<Vec<Actor>> {
    let supporting = super::handing::supporting(tx, ticket)?;
    Ok(people.into_iter().filter(|each| within(ticket, &supporting, &each.scope())).collect())
}

pub(super) fn any_by_number(tx: &mut Tx, community_id: Id, number: &str) -> Result<Option<Ticket>> {
    let row = tickets::table.filter(tickets::community_id.eq(community_id).and(tickets::number.eq(number)));
    Ok(row.select(Ticket::as_select()).first(tx.conn).optional()?)
}

pub(super) fn by_device(
    tx: &mut Tx,
    community_id: Id,
    device_hash: &[u8],
    before: Option<Id>,
) -> Result<Vec<Ticket>> {
    let mut rows = tickets::table
        .filter(tickets::community_id.eq(community_id).and(tickets::device_hash.eq(device_hash)))
        .order(tickets::id.desc())
        .limit(super::DEVICE_PAGE as i64 + 1)
        .select(Ticket::as_select())
        .into_boxed();
    if let Some(before) = before {
        rows = rows.filter(tickets::id.lt(before));
    }
    Ok(rows.load(tx.conn)?)
}

pub(super) fn by_secret(tx: &mut Tx, community_id: Id, secret_hash: &[u8]) -> Result<Ticket> {
    let row = tickets::table
        .filter(tickets::community_id.eq(community_id).and(tickets::secret_hash.eq(secret_hash)));
    Ok(row.select(Ticket::as_select()).first(tx.conn)?)
}

pub(super) fn events(tx: &mut Tx, ticket: &Ticket) -> Result<Vec<Event>> {
    let own = ticket_events::community_id.eq(ticket.community_id).and(ticket_events::ticket_id.eq(ticket.id));
    let rows = ticket_events::table.filter(own).order(ticket_events::seq);
    Ok(rows.select(Event::as_select()).load(tx.conn)?)
}

/// The times for which a ticket stood on account, oldest first; without the one that still lasts.
pub(super) fn rests(tx: &mut Tx, ticket: &Ticket) -> Result<Vec<(Time, Time)>> {
    let own = ticket_events::community_id.eq(ticket.community_id).and(ticket_events::ticket_id.eq(ticket.id));
    let acts = [Step::Suspend.word(), Step::Resume.word()];
    let rows = ticket_events::table.filter(own.and(ticket_events::act.eq_any(acts)));
    let marks = rows.order(ticket_events::seq).select((ticket_events::act, ticket_events::at));
    Ok(paired(&marks.load::<(String, Time)>(tx.conn)?))
}

/// From each 挂账 to the 销账 that follows it.
pub(super) fn paired(marks: &[(String, Time)]) -> Vec<(Time, Time)> {
    let of = |step: Step| marks.iter().filter(move |mark| mark.0 == step.word()).map(|mark| mark.1);
    of(Step::Suspend).zip(of(Step::Resume)).collect()
}

pub(super) fn photos(tx: &mut Tx, ticket: &Ticket) -> Result<Vec<TicketPhoto>> {
    let own = ticket_photos::community_id.eq(ticket.community_id).and(ticket_photos::ticket_id.eq(ticket.id));
    let rows = ticket_photos::table.filter(own).order(ticket_photos::seq);
    Ok(rows.select(TicketPhoto::as_select()).load(tx.conn)?)
}

/// Changes a ticket if it is still the version that was read. Returns the number for the event, or nothing when
/// somebody else was faster.
pub(super) fn move_on(tx: &mut Tx, ticket: &Ticket, change: &Change) -> Result<Option<i32>> {
    let row =
        tickets::table.find((ticket.community_id, ticket.id)).filter(tickets::version.eq(ticket.version));
    let seq = diesel::update(row)
        .set((change, tickets::version.eq(tickets::version + 1), tickets::events.eq(tickets::events + 1)))
        .returning(tickets::events)
        .get_result(tx.conn)
        .optional()?;
    if seq.is_some() {
        rollups::strike(tx, ticket.community_id, ticket.submitted_at)?;
        set_timer(tx, ticket)?;
    }
    Ok(seq)
}

/// The row has changed: so may the next moment to look at it.
fn set_timer(tx: &mut Tx, ticket: &Ticket) -> Result<()> {
    let ticket = find(tx, ticket.community_id, ticket.id)?;
    timers::set(tx, &ticket)
}

/// Changes particulars without a step. Returns the number for the event.
pub(super) fn alter(tx: &mut Tx, ticket: &Ticket, change: &Change) -> Result<i32> {
    let row = tickets::table.find((ticket.community_id, ticket.id));
    let seq = diesel::update(row)
        .set((change, tickets::events.eq(tickets::events + 1)))
        .returning(tickets::events)
        .get_result(tx.conn)?;
    if *change != Change::default() {
        rollups::strike(tx, ticket.community_id, ticket.submitted_at)?;
        set_timer(tx, ticket)?;
    }
    Ok(seq)
}

/// Makes whoever else would change the ticket wait until this transaction is over.
pub(super) fn hold(tx: &mut Tx, ticket: &Ticket) -> Result<()> {
    let row = tickets::table.find((ticket.community_id, ticket.id));
    diesel::update(row).set(tickets::events.eq(tickets::events)).execute(tx.conn)?;
    Ok(())
}

/// Says that some of a ticket's photos are of another point in time.
pub(super) fn restage(tx: &mut Tx, ticket: &Ticket, numbers: &[i32], stage: Stage) -> Result<()> {
    let own = ticket_photos::community_id.eq(ticket.community_id).and(ticket_photos::ticket_id.eq(ticket.id));
    let rows = ticket_photos::table.filter(own.and(ticket_photos::seq.eq_any(numbers.to_vec())));
    diesel::update(rows).set(ticket_photos::stage.eq(stage)).execute(tx.conn)?;
    Ok(())
}

pub(super) fn audit(tx: &mut Tx, actor: &Actor, act: &str, ticket: Option<Id>, reason: &str) -> Result<()> {
    let row = (
        audits::community_id.eq(actor.community_id),
        audits::id.eq(Id::new()),
        audits::at.eq(tx.now),
        audits::staff_id.eq(actor.staff()?),
        audits::actor.eq(&actor.name),
        audits::act.eq(act),
        audits::ticket_id.eq(ticket),
        audits::reason.eq(reason),
    );
    diesel::insert_into(audits::table).values(row).execute(tx.conn)?;
    Ok(())
}

pub(super) fn audits(tx: &mut Tx, community_id: Id, before: Option<Id>) -> Result<Vec<super::acts::Audited>> {
    let mut rows = audits::table
        .filter(audits::community_id.eq(community_id))
        .order(audits::id.desc())
        .limit(super::acts::AUDITS_PAGE as i64)
        .select((audits::id, audits::at, audits::actor, audits::act, audits::ticket_id, audits::reason))
        .into_boxed();
    if let Some(before) = before {
        rows = rows.filter(audits::id.lt(before));
    }
    Ok(rows.load(tx.conn)?)
}

/// Lines of the audit log before a moment, oldest first.
pub(super) fn audits_before(tx: &mut Tx, community_id: Id, before: Time, most: i64) -> Result<Vec<Id>> {
    let old = audits::community_id.eq(community_id).and(audits::at.lt(before));
    Ok(audits::table.filter(old).order(audits::at).limit(most).select(audits::id).load(tx.conn)?)
}

pub(super) fn delete_audits(tx: &mut Tx, community_id: Id, ids: &[Id]) -> Result<()> {
    let rows = audits::community_id.eq(community_id).and(audits::id.eq_any(ids.to_vec()));
    diesel::delete(audits::table.filter(rows)).execute(tx.conn)?;
    Ok(())
}

/// Tickets merged into this one.
pub(super) fn merged_into(tx: &mut Tx, ticket: &Ticket) -> Result<Vec<Ticket>> {
    let own = tickets::community_id.eq(ticket.community_id).and(tickets::main_id.eq(ticket.id));
    Ok(tickets::table.filter(own).order(tickets::id).select(Ticket::as_select()).load(tx.conn)?)
}

/// Tickets split off this one.
pub(super) fn parts(tx: &mut Tx, ticket: &Ticket) -> Result<Vec<Ticket>> {
    let own = tickets::community_id.eq(ticket.community_id).and(tickets::origin_id.eq(ticket.id));
    Ok(tickets::table.filter(own).order(tickets::id).select(Ticket::as_select()).load(tx.conn)?)
}

pub(super) fn insert_passing(
    tx: &mut Tx,
    actor: &Actor,
    ticket: &Ticket,
    (to, number): (&str, &str),
) -> Result<()> {
    let row = (
        passings::community_id.eq(ticket.community_id),
        passings::ticket_id.eq(ticket.id),
        passings::seq.eq(ticket.events),
        passings::passed_to.eq(to),
        passings::number.eq(number),
        passings::at.eq(tx.now),
        passings::passed_by.eq(&actor.name),
    );
    diesel::insert_into(passings::table).values(row).execute(tx.conn)?;
    Ok(())
}
