//! Personal notices, as rows: one for all who hold the same post.

use std::collections::{BTreeMap, HashSet};

use diesel::prelude::*;

use crate::db::{Both, Id, Time, Tx};
use crate::error::Result;
use crate::notices::bell::{Cursor, Elsewhere, Line, PAGE};
use crate::notices::told::Topic;
use crate::schema::{bell_marks, categories, communities, notices, places, staff, tickets};

/// One notice in the bell.
#[derive(Insertable)]
#[diesel(table_name = notices)]
pub(in crate::notices) struct Row {
    pub(in crate::notices) community_id: Id,
    pub(in crate::notices) id: Id,
    pub(in crate::notices) ticket_id: Id,
    pub(in crate::notices) seq: i32,
    pub(in crate::notices) topic: Topic,
    pub(in crate::notices) whom: String,
    pub(in crate::notices) by_id: Option<Id>,
    pub(in crate::notices) at: Time,
}

/// Writes a notice, once.
pub(in crate::notices) fn insert(tx: &mut Tx, row: &Row) -> Result<()> {
    Both(diesel::insert_into(notices::table).values(row).on_conflict_do_nothing()).execute(tx.conn)?;
    Ok(())
}

/// The events behind the unread notices of one post, at most 100.
pub(in crate::notices) fn since(
    tx: &mut Tx,
    community_id: Id,
    whom: &str,
    (me, since): (Option<Id>, Time),
) -> Result<Vec<(Id, i32)>> {
    let rows = notices::table
        .filter(notices::community_id.eq(community_id).and(notices::whom.eq(whom)))
        .filter(notices::at.gt(since))
        .filter(notices::by_id.is_null().or(notices::by_id.ne(me.unwrap_or(Id(uuid::Uuid::nil())))))
        .select((notices::ticket_id, notices::seq))
        .limit(100);
    Ok(rows.load(tx.conn)?)
}

/// The events in other communities that are new to somebody who hears for `ears`, counted for each community; of at most
/// 1,000 notices.
pub(in crate::notices) fn elsewhere(
    tx: &mut Tx,
    others: &[Id],
    ears: &[String],
    me: Id,
) -> Result<Vec<Elsewhere>> {
    let ever: Time = staff::table.find(me).select(staff::bell_seen_at).first(tx.conn)?;
    let mark = bell_marks::community_id.eq(notices::community_id).and(bell_marks::staff_id.eq(me));
    let fresh = bell_marks::seen_at
        .nullable()
        .lt(notices::at.nullable())
        .or(bell_marks::seen_at.nullable().is_null().and(notices::at.gt(ever).nullable()));
    let rows: Vec<(String, Id, Id, i32)> = notices::table
        .inner_join(communities::table.on(communities::id.eq(notices::community_id)))
        .left_join(bell_marks::table.on(mark))
        .filter(notices::community_id.eq_any(others.to_vec()).and(notices::whom.eq_any(ears.to_vec())))
        .filter(notices::by_id.is_null().or(notices::by_id.ne(me)))
        .filter(fresh)
        .select((communities::name, notices::community_id, notices::ticket_id, notices::seq))
        .limit(1000)
        .load(tx.conn)?;
    let mut events: BTreeMap<(String, Id), HashSet<(Id, i32)>> = BTreeMap::new();
    for (name, community, ticket, seq) in rows {
        events.entry((name, community)).or_default().insert((ticket, seq));
    }
    let counted = |((community, community_id), events): ((String, Id), HashSet<(Id, i32)>)| Elsewhere {
        community_id,
        community,
        unread: events.len(),
    };
    Ok(events.into_iter().map(counted).collect())
}

/// The notices of one post before `before`, latest first: a page and one more.
pub(in crate::notices) fn page(
    tx: &mut Tx,
    community_id: Id,
    whom: &str,
    (me, before): (Option<Id>, Option<Cursor>),
) -> Result<Vec<Line>> {
    let mut rows = notices::table
        .inner_join(
            tickets::table
                .on(tickets::community_id.eq(notices::community_id).and(tickets::id.eq(notices::ticket_id))),
        )
        .inner_join(
            places::table
                .on(places::community_id.eq(tickets::community_id).and(places::id.eq(tickets::place_id))),
        )
        .left_join(categories::table.on(categories::code.nullable().eq(tickets::category)))
        .filter(notices::community_id.eq(community_id).and(notices::whom.eq(whom.to_owned())))
        .filter(notices::by_id.is_null().or(notices::by_id.ne(me.unwrap_or(Id(uuid::Uuid::nil())))))
        .order((notices::at.desc(), notices::id.desc()))
        .limit(PAGE as i64 + 1)
        .select((
            notices::id,
            notices::at,
            notices::topic,
            notices::ticket_id,
            notices::seq,
            tickets::number,
            places::full_name,
            tickets::level1,
            categories::level2.nullable(),
            tickets::due_at,
        ))
        .into_boxed();
    if let Some(Cursor { at, id }) = before {
        rows = rows.filter(notices::at.le(at)).filter(notices::at.lt(at).or(notices::id.lt(id)));
    }
    Ok(rows.load(tx.conn)?)
}

/// Deletes what came before `before`.
pub(in crate::notices) fn forget(tx: &mut Tx, community_id: Id, before: Time) -> Result<usize> {
    let old = notices::table.filter(notices::community_id.eq(community_id).and(notices::at.lt(before)));
    Ok(diesel::delete(old).execute(tx.conn)?)
}
