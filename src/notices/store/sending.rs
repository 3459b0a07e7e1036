//! Messages to be sent, as rows: claimed with a lease, recorded, listed, sent again.

use diesel::dsl::exists;
use diesel::prelude::*;

use crate::db::{Both, Id, SkipLocked, Time, Tx};
use crate::error::{Error, Result};
use crate::notices::State;
use crate::notices::channels::Channel;
use crate::notices::deliveries::{Cursor, Entry, PAGE};
use crate::notices::told::Topic;
use crate::routing::Urgency;
use crate::schema::{categories, deliveries, notice_channels, places, robots, staff, ticket_events, tickets};

/// A message that is due.
#[derive(Debug, Clone, Queryable)]
pub(in crate::notices) struct Due {
    pub(in crate::notices) id: Id,
    /// The event of a ticket; nothing where it tells of a draft.
    pub(in crate::notices) ticket_id: Option<Id>,
    pub(in crate::notices) seq: Option<i32>,
    pub(in crate::notices) topic: Topic,
    pub(in crate::notices) staff_id: Option<Id>,
    pub(in crate::notices) parcel_id: Option<Id>,
    pub(in crate::notices) attempts: i32,
    pub(in crate::notices) draft: Option<String>,
    pub(in crate::notices) made_at: Time,
}

/// Whether any channel has something to send and may send it.
pub(in crate::notices) fn any(tx: &mut Tx) -> Result<bool> {
    let now = tx.now;
    let found: Option<Id> = notice_channels::table
        .filter(notice_channels::disabled_at.is_null().and(notice_channels::free_at.le(now)))
        .filter(exists(
            deliveries::table
                .filter(deliveries::community_id.eq(notice_channels::community_id))
                .filter(deliveries::channel_id.eq(notice_channels::id))
                .filter(deliveries::state.eq(State::Waiting).and(deliveries::due_at.le(now))),
        ))
        .select(notice_channels::id)
        .limit(1)
        .first(tx.conn)
        .optional()?;
    Ok(found.is_some())
}

/// Takes channels that have something to send and may send it, at most `most`. On PostgreSQL they stay locked until the
/// commit, so that two programs never send by one robot at once.
pub(in crate::notices) fn claim(tx: &mut Tx, most: i64) -> Result<Vec<Channel>> {
    let now = tx.now;
    let ready = notice_channels::table
        .filter(notice_channels::disabled_at.is_null().and(notice_channels::free_at.le(now)))
        .filter(exists(
            deliveries::table
                .filter(deliveries::community_id.eq(notice_channels::community_id))
                .filter(deliveries::channel_id.eq(notice_channels::id))
                .filter(deliveries::state.eq(State::Waiting))
                .filter(deliveries::due_at.le(now)),
        ))
        .order(notice_channels::free_at)
        .limit(most)
        .select((notice_channels::community_id, notice_channels::id));
    let ids: Vec<(Id, Id)> = Both(SkipLocked(ready)).load(tx.conn)?;
    ids.into_iter().map(|(community, id)| super::channels::find(tx, community, id)).collect()
}

/// What a channel has to send now, oldest first, at most 200.
pub(in crate::notices) fn due(tx: &mut Tx, channel: &Channel) -> Result<Vec<Due>> {
    let now = tx.now;
    let rows = deliveries::table
        .filter(deliveries::community_id.eq(channel.community_id))
        .filter(deliveries::channel_id.eq(channel.id))
        .filter(deliveries::state.eq(State::Waiting).and(deliveries::due_at.le(now)))
        .order((deliveries::due_at, deliveries::id))
        .limit(200)
        .select((
            deliveries::id,
            deliveries::ticket_id,
            deliveries::seq,
            deliveries::topic,
            deliveries::staff_id,
            deliveries::parcel_id,
            deliveries::attempts,
            deliveries::draft,
            deliveries::made_at,
        ));
    Ok(rows.load(tx.conn)?)
}

/// Notes that these are being sent together, until `lease` is over.
pub(in crate::notices) fn take(
    tx: &mut Tx,
    channel: &Channel,
    ids: &[Id],
    (parcel, lease): (Id, Time),
) -> Result<()> {
    let rows = deliveries::table
        .filter(deliveries::community_id.eq(channel.community_id).and(deliveries::id.eq_any(ids.to_vec())));
    diesel::update(rows)
        .set((
            deliveries::due_at.eq(lease),
            deliveries::attempts.eq(deliveries::attempts + 1),
            deliveries::parcel_id.eq(parcel),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Notes from when on a channel may send again.
pub(in crate::notices) fn rest(tx: &mut Tx, community_id: Id, channel_id: Id, until: Time) -> Result<()> {
    let row = notice_channels::table.find((community_id, channel_id));
    diesel::update(row.filter(notice_channels::free_at.lt(until)))
        .set(notice_channels::free_at.eq(until))
        .execute(tx.conn)?;
    Ok(())
}

/// Takes the turn of a robot to speak, which it has again at `free`, whichever channel leads to it. Where it is not its turn:
/// when it will be.
pub(in crate::notices) fn robot_turn(tx: &mut Tx, robot: &str, free: Time) -> Result<Option<Time>> {
    let first = (robots::robot.eq(robot), robots::free_at.eq(free));
    let first = Both(diesel::insert_into(robots::table).values(first).on_conflict_do_nothing());
    if first.execute(tx.conn)? == 1 {
        return Ok(None);
    }
    // Two programs at once: the second waits here for the first, and finds the turn taken.
    let mine = robots::table.find(robot).filter(robots::free_at.le(tx.now));
    if diesel::update(mine).set(robots::free_at.eq(free)).execute(tx.conn)? == 1 {
        return Ok(None);
    }
    Ok(Some(robots::table.find(robot).select(robots::free_at).first(tx.conn)?))
}

/// Notes from when on a robot may speak again: its chat said that it had too much.
pub(in crate::notices) fn robot_rest(tx: &mut Tx, robot: &str, until: Time) -> Result<()> {
    let row = robots::table.find(robot).filter(robots::free_at.lt(until));
    diesel::update(row).set(robots::free_at.eq(until)).execute(tx.conn)?;
    Ok(())
}

/// Number, place, level 1, category, deadline and urgency of a ticket, and what happened when.
pub(in crate::notices) type About = (String, String, String, Option<String>, Time, Urgency, (String, Time));

pub(in crate::notices) fn about(tx: &mut Tx, community_id: Id, (ticket_id, seq): (Id, i32)) -> Result<About> {
    let event = ticket_events::table
        .find((community_id, ticket_id, seq))
        .select((ticket_events::act, ticket_events::at))
        .first(tx.conn)?;
    let (number, place, level1, category, due_at, urgency) = tickets::table
        .inner_join(
            places::table
                .on(places::community_id.eq(tickets::community_id).and(places::id.eq(tickets::place_id))),
        )
        .left_join(categories::table.on(categories::code.nullable().eq(tickets::category)))
        .filter(tickets::community_id.eq(community_id).and(tickets::id.eq(ticket_id)))
        .select((
            tickets::number,
            places::full_name,
            tickets::level1,
            categories::level2.nullable(),
            tickets::due_at,
            tickets::urgency,
        ))
        .first(tx.conn)?;
    Ok((number, place, level1, category, due_at, urgency, event))
}

/// They have been taken in at the other end.
pub(in crate::notices) fn sent(tx: &mut Tx, community_id: Id, ids: Vec<Id>, answer: &str) -> Result<()> {
    let rows =
        deliveries::table.filter(deliveries::community_id.eq(community_id).and(deliveries::id.eq_any(ids)));
    diesel::update(rows)
        .set((
            deliveries::state.eq(State::Sent),
            deliveries::sent_at.eq(tx.now),
            deliveries::answer.eq(answer),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// They have not: again at `again`, unless they were begun before `limit`.
pub(in crate::notices) fn not_sent(
    tx: &mut Tx,
    community_id: Id,
    ids: Vec<Id>,
    (again, limit): (Time, Time),
    answer: &str,
) -> Result<()> {
    let own = deliveries::community_id.eq(community_id).and(deliveries::id.eq_any(ids));
    let waiting = deliveries::table.filter(own).filter(deliveries::state.eq(State::Waiting));
    diesel::update(waiting.clone().filter(deliveries::begun_at.ge(limit)))
        .set((deliveries::due_at.eq(again), deliveries::answer.eq(answer)))
        .execute(tx.conn)?;
    diesel::update(waiting.filter(deliveries::begun_at.lt(limit)))
        .set((deliveries::state.eq(State::Failed), deliveries::answer.eq(answer)))
        .execute(tx.conn)?;
    Ok(())
}

/// Gives up whatever waits for a channel.
pub(in crate::notices) fn give_up_all(tx: &mut Tx, channel: &Channel, answer: &str) -> Result<()> {
    let waiting = deliveries::table
        .filter(deliveries::community_id.eq(channel.community_id))
        .filter(deliveries::channel_id.eq(channel.id).and(deliveries::state.eq(State::Waiting)));
    diesel::update(waiting)
        .set((deliveries::state.eq(State::Failed), deliveries::answer.eq(answer)))
        .execute(tx.conn)?;
    Ok(())
}

/// Sends one again as if it were new, with the same id.
pub(in crate::notices) fn again(tx: &mut Tx, community_id: Id, id: Id) -> Result<()> {
    let changed = diesel::update(deliveries::table.find((community_id, id)))
        .set((
            deliveries::state.eq(State::Waiting),
            deliveries::begun_at.eq(tx.now),
            deliveries::due_at.eq(tx.now),
            deliveries::attempts.eq(0),
            deliveries::parcel_id.eq(None::<Id>),
            deliveries::answer.eq(""),
        ))
        .execute(tx.conn)?;
    if changed == 1 { Ok(()) } else { Err(Error::NotFound) }
}

/// The channel of a delivery.
pub(in crate::notices) fn channel_of(tx: &mut Tx, community_id: Id, id: Id) -> Result<Channel> {
    let channel = deliveries::table.find((community_id, id)).select(deliveries::channel_id).first(tx.conn)?;
    super::channels::find(tx, community_id, channel)
}

/// Deliveries before `before`, latest first: a page and one more.
pub(in crate::notices) fn page(tx: &mut Tx, community_id: Id, before: Option<Cursor>) -> Result<Vec<Entry>> {
    let mut rows = deliveries::table
        .inner_join(
            notice_channels::table.on(notice_channels::community_id
                .eq(deliveries::community_id)
                .and(notice_channels::id.eq(deliveries::channel_id))),
        )
        .left_join(
            tickets::table.on(tickets::community_id
                .eq(deliveries::community_id)
                .and(tickets::id.nullable().eq(deliveries::ticket_id))),
        )
        .left_join(staff::table.on(staff::id.nullable().eq(deliveries::staff_id)))
        .filter(deliveries::community_id.eq(community_id))
        .order((deliveries::made_at.desc(), deliveries::id.desc()))
        .limit(PAGE as i64 + 1)
        .select((
            deliveries::id,
            deliveries::ticket_id,
            tickets::number.nullable(),
            deliveries::draft,
            deliveries::topic,
            notice_channels::kind,
            notice_channels::name,
            staff::name.nullable(),
            deliveries::state,
            deliveries::made_at,
            deliveries::due_at,
            deliveries::sent_at,
            deliveries::attempts,
            deliveries::answer,
        ))
        .into_boxed();
    if let Some(Cursor { at, id }) = before {
        rows = rows
            .filter(deliveries::made_at.le(at))
            .filter(deliveries::made_at.lt(at).or(deliveries::id.lt(id)));
    }
    Ok(rows.load(tx.conn)?)
}

/// Deletes what was made before `before` and waits no more.
pub(in crate::notices) fn forget(tx: &mut Tx, community_id: Id, before: Time) -> Result<usize> {
    let old = deliveries::table
        .filter(deliveries::community_id.eq(community_id).and(deliveries::made_at.lt(before)))
        .filter(deliveries::state.ne(State::Waiting));
    Ok(diesel::delete(old).execute(tx.conn)?)
}
