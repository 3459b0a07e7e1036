//! Planned works, as rows.

use diesel::prelude::*;

use super::{PAGE, Work};
use crate::db::{Id, Time, Tx};
use crate::error::Result;
use crate::people::Actor;
use crate::schema::works;

/// A door never has to look at more.
const MOST: i64 = 300;

pub(super) fn insert(tx: &mut Tx, work: &Work) -> Result<()> {
    diesel::insert_into(works::table).values(work).execute(tx.conn)?;
    Ok(())
}

pub(super) fn find(tx: &mut Tx, community: Id, id: Id) -> Result<Work> {
    Ok(works::table.find((community, id)).select(Work::as_select()).first(tx.conn)?)
}

/// Whether it was still to be ended.
pub(super) fn end(tx: &mut Tx, actor: &Actor, work: &Work) -> Result<bool> {
    let row = works::table.find((work.community_id, work.id)).filter(works::ended_at.is_null());
    let changed = diesel::update(row)
        .set((works::ended_at.eq(tx.now), works::ended_by.eq(&actor.name)))
        .execute(tx.conn)?;
    Ok(changed == 1)
}

/// Whether it was still to be put off.
pub(super) fn put_off(tx: &mut Tx, work: &Work, until: Time) -> Result<bool> {
    let row = works::table.find((work.community_id, work.id)).filter(works::ended_at.is_null());
    Ok(diesel::update(row).set(works::until_at.eq(until)).execute(tx.conn)? == 1)
}

/// What is not over, along the index by end: as few as there are, however many were ever planned.
pub(super) fn running(tx: &mut Tx, community: Id) -> Result<Vec<Work>> {
    Ok(works::table
        .filter(works::community_id.eq(community).and(works::until_at.gt(tx.now)))
        .filter(works::ended_at.is_null())
        .order((works::until_at, works::id))
        .limit(MOST)
        .select(Work::as_select())
        .load(tx.conn)?)
}

pub(super) fn page(tx: &mut Tx, community: Id, before: Option<Id>) -> Result<Vec<Work>> {
    let mut rows = works::table.filter(works::community_id.eq(community)).into_boxed();
    if let Some(before) = before {
        rows = rows.filter(works::id.lt(before));
    }
    Ok(rows.order(works::id.desc()).limit(PAGE).select(Work::as_select()).load(tx.conn)?)
}
