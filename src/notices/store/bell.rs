//! Personal notices, as rows: one for all who hold the same post.

use diesel::prelude::*;

use crate::db::{Both, Id, Time, Tx};
use crate::error::Result;
use crate::notices::bell::{Cursor, Line, PAGE};
use crate::notices::told::Topic;
use crate::schema::{categories, notices, places, tickets};

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
