//! Batches and rows of the hotline's tickets, as rows.

pub(super) mod names;
pub(super) mod pairs;

use std::collections::BTreeMap;

use diesel::prelude::*;

use super::batches::{Batch, Counts, PAGE, REJECTS_PAGE, State};
use super::reading::NewRow;
use super::{Called, Nature};
use crate::db::{Id, Rows, Time, Tx};
use crate::error::{Error, Result};
use crate::people::Actor;
use crate::schema::{hotline_batches as batches, hotline_rejects as rejects, hotline_rows as rows};
use crate::tables::Reject;

/// Refused rows that one statement carries.
const SOME: usize = 1_000;
/// Old drafts that one new one clears away.
const FEW: i64 = 3;

/// Who changes what counts waits for whoever does so already. SQLite has one writer anyway.
pub(super) fn lock(tx: &mut Tx, community: Id) -> Result<()> {
    let own = batches::table.filter(batches::community_id.eq(community));
    let first: Option<Id> = own.order(batches::id).select(batches::id).first(tx.conn).optional()?;
    if let Some(first) = first {
        diesel::update(batches::table.find((community, first)))
            .set(batches::file_name.eq(batches::file_name))
            .execute(tx.conn)?;
    }
    Ok(())
}

pub(super) fn insert_batch(tx: &mut Tx, batch: &Batch) -> Result<()> {
    diesel::insert_into(batches::table).values(batch).execute(tx.conn)?;
    Ok(())
}

pub(super) fn batch(tx: &mut Tx, community: Id, id: Id) -> Result<Batch> {
    Ok(batches::table.find((community, id)).select(Batch::as_select()).first(tx.conn)?)
}

pub(super) fn batches(tx: &mut Tx, community: Id, before: Option<Id>) -> Result<Vec<Batch>> {
    let mut own = batches::table.filter(batches::community_id.eq(community)).into_boxed();
    if let Some(before) = before {
        own = own.filter(batches::id.lt(before));
    }
    Ok(own.order(batches::id.desc()).limit(PAGE).select(Batch::as_select()).load(tx.conn)?)
}

/// Drafts from before a moment that nobody confirmed.
pub(super) fn old_drafts(tx: &mut Tx, community: Id, before: Time) -> Result<Vec<Batch>> {
    let waiting = batches::state.eq(State::Draft).or(batches::state.eq(State::Reading));
    let own = batches::table.filter(batches::community_id.eq(community).and(batches::made_at.lt(before)));
    Ok(own.filter(waiting).limit(FEW).select(Batch::as_select()).load(tx.conn)?)
}

/// Moves a batch on from the state that somebody saw it in.
pub(super) fn set_state(tx: &mut Tx, batch: &Batch, from: State, to: State) -> Result<()> {
    let row = batches::table.find((batch.community_id, batch.id)).filter(batches::state.eq(from));
    match diesel::update(row).set(batches::state.eq(to)).execute(tx.conn)? {
        1 => Ok(()),
        _ => Err(Error::conflict("这一批不在待确认的状态，或没有收完整；请刷新看看最新情况，必要时重新上传")),
    }
}

pub(super) fn add_counts(tx: &mut Tx, (community, id): (Id, Id), counts: Counts) -> Result<()> {
    diesel::update(batches::table.find((community, id)))
        .set((
            batches::added.eq(batches::added + counts.added),
            batches::updated.eq(batches::updated + counts.updated),
            batches::same.eq(batches::same + counts.same),
        ))
        .execute(tx.conn)?;
    Ok(())
}

pub(super) fn confirmed(tx: &mut Tx, actor: &Actor, batch: &Batch, counts: Counts) -> Result<()> {
    diesel::update(batches::table.find((batch.community_id, batch.id)))
        .set((
            batches::added.eq(counts.added),
            batches::updated.eq(counts.updated),
            batches::same.eq(counts.same),
            batches::confirmed_at.eq(tx.now),
            batches::confirmed_by.eq(&actor.name),
        ))
        .execute(tx.conn)?;
    Ok(())
}

pub(super) fn undone(tx: &mut Tx, actor: &Actor, batch: &Batch) -> Result<()> {
    diesel::update(batches::table.find((batch.community_id, batch.id)))
        .set((
            batches::state.eq(State::Undone),
            batches::undone_at.eq(tx.now),
            batches::undone_by.eq(&actor.name),
        ))
        .execute(tx.conn)?;
    Ok(())
}

pub(super) fn last_brought(tx: &mut Tx, community: Id) -> Result<Option<Time>> {
    let own = batches::community_id.eq(community).and(batches::state.eq(State::Confirmed));
    Ok(batches::table.filter(own).select(diesel::dsl::max(batches::confirmed_at)).first(tx.conn)?)
}

pub(super) fn changed_since(tx: &mut Tx, community: Id, at: Time) -> Result<(i64, i64)> {
    let own = || batches::table.filter(batches::community_id.eq(community)).count();
    let brought = own().filter(batches::confirmed_at.gt(at)).get_result(tx.conn)?;
    let counted = batches::undone_at.gt(at).and(batches::confirmed_at.is_not_null());
    Ok((brought, own().filter(counted).get_result(tx.conn)?))
}

pub(super) fn insert_rejects(tx: &mut Tx, batch: &Batch, all: &[Reject]) -> Result<()> {
    let new = |(seq, reject): (i32, &Reject)| {
        (
            rejects::community_id.eq(batch.community_id),
            rejects::batch_id.eq(batch.id),
            rejects::seq.eq(seq),
            rejects::line.eq(i32::try_from(reject.row).unwrap_or(i32::MAX)),
            rejects::reason.eq(reject.reason.clone()),
        )
    };
    let new: Vec<_> = (0..).zip(all).map(new).collect();
    for some in new.chunks(SOME) {
        Rows(diesel::insert_into(rejects::table).values(some.to_vec())).execute(tx.conn)?;
    }
    Ok(())
}

/// The refused rows after so many, in order; the first where nothing is said.
pub(super) fn rejects(tx: &mut Tx, batch: (Id, Id), after: Option<i32>) -> Result<Vec<Reject>> {
    let own = rejects::table.filter(rejects::community_id.eq(batch.0).and(rejects::batch_id.eq(batch.1)));
    let own = own.filter(rejects::seq.ge(after.unwrap_or(0))).order(rejects::seq).limit(REJECTS_PAGE);
    let found: Vec<(i32, String)> = own.select((rejects::line, rejects::reason)).load(tx.conn)?;
    Ok(found.into_iter().map(reject).collect())
}

pub(super) fn all_rejects(tx: &mut Tx, batch: (Id, Id)) -> Result<Vec<Reject>> {
    let own = rejects::table.filter(rejects::community_id.eq(batch.0).and(rejects::batch_id.eq(batch.1)));
    let found: Vec<(i32, String)> =
        own.order(rejects::seq).select((rejects::line, rejects::reason)).load(tx.conn)?;
    Ok(found.into_iter().map(reject).collect())
}

fn reject((line, reason): (i32, String)) -> Reject {
    Reject { row: u32::try_from(line).unwrap_or_default(), reason }
}

/// Rows of a draft, in one statement for at most some hundreds: each takes fifteen of the values that one may carry.
pub(super) fn insert_rows(tx: &mut Tx, batch: (Id, Id), some: &[(&NewRow, String)]) -> Result<()> {
    let new = |(row, digest): &(&NewRow, String)| {
        (
            rows::community_id.eq(batch.0),
            rows::batch_id.eq(batch.1),
            rows::number.eq(row.number.clone()),
            rows::line.eq(i32::try_from(row.line).unwrap_or(i32::MAX)),
            rows::digest.eq(digest.clone()),
            rows::received_at.eq(row.received_at),
            rows::closed_at.eq(row.closed_at),
            rows::place.eq(row.place.clone()),
            rows::matter.eq(row.matter.clone()),
            rows::party.eq(row.party.clone()),
            rows::nature.eq(row.nature),
            rows::content.eq(row.content.clone()),
            rows::solved.eq(row.solved),
            rows::satisfied.eq(row.satisfied),
            rows::tags.eq(row.tags.clone()),
        )
    };
    let new: Vec<_> = some.iter().map(new).collect();
    Rows(diesel::insert_into(rows::table).values(new)).execute(tx.conn)?;
    Ok(())
}

/// The rows that count among these numbers: each with its batch and digest.
pub(super) fn live_among(
    tx: &mut Tx,
    community: Id,
    numbers: Vec<String>,
) -> Result<BTreeMap<String, (Id, String)>> {
    let own = rows::community_id.eq(community).and(rows::live_at.is_not_null());
    let found: Vec<(String, Id, String)> = rows::table
        .filter(own.and(rows::number.eq_any(numbers)))
        .select((rows::number, rows::batch_id, rows::digest))
        .load(tx.conn)?;
    Ok(found.into_iter().map(|(number, batch, digest)| (number, (batch, digest))).collect())
}

/// The rows that count among these numbers count no more.
pub(super) fn cover(tx: &mut Tx, community: Id, numbers: Vec<String>) -> Result<()> {
    let own = rows::community_id.eq(community).and(rows::live_at.is_not_null());
    diesel::update(rows::table.filter(own.and(rows::number.eq_any(numbers))))
        .set(rows::live_at.eq(None::<Time>))
        .execute(tx.conn)?;
    Ok(())
}

pub(super) fn set_covers(
    tx: &mut Tx,
    (community, batch): (Id, Id),
    numbers: Vec<String>,
    covers: Option<Id>,
) -> Result<()> {
    let own = rows::community_id.eq(community).and(rows::batch_id.eq(batch));
    diesel::update(rows::table.filter(own.and(rows::number.eq_any(numbers))))
        .set(rows::covers.eq(covers))
        .execute(tx.conn)?;
    Ok(())
}

/// The rows of a batch count from now on: all, or those with these numbers.
pub(super) fn enliven(tx: &mut Tx, (community, batch): (Id, Id), numbers: Option<Vec<String>>) -> Result<()> {
    let own = rows::community_id.eq(community).and(rows::batch_id.eq(batch));
    let live = rows::live_at.eq(Some(tx.now));
    match numbers {
        Some(some) => diesel::update(rows::table.filter(own.and(rows::number.eq_any(some))))
            .set(live)
            .execute(tx.conn)?,
        None => diesel::update(rows::table.filter(own)).set(live).execute(tx.conn)?,
    };
    Ok(())
}

/// Every number of a batch with the digest of its row.
pub(super) fn digests(tx: &mut Tx, batch: (Id, Id)) -> Result<Vec<(String, String)>> {
    let own = rows::table.filter(rows::community_id.eq(batch.0).and(rows::batch_id.eq(batch.1)));
    Ok(own.order(rows::number).select((rows::number, rows::digest)).load(tx.conn)?)
}

/// A row of a batch that is taken back.
pub(super) struct Covering {
    pub(super) number: String,
    pub(super) live: bool,
    /// The batch whose row it covers.
    pub(super) covers: Option<Id>,
}

pub(super) fn covering(tx: &mut Tx, batch: (Id, Id)) -> Result<Vec<Covering>> {
    let own = rows::table.filter(rows::community_id.eq(batch.0).and(rows::batch_id.eq(batch.1)));
    let found: Vec<(String, Option<Time>, Option<Id>)> =
        own.order(rows::number).select((rows::number, rows::live_at, rows::covers)).load(tx.conn)?;
    let row = |(number, live_at, covers): (String, Option<Time>, Option<Id>)| Covering {
        number,
        live: live_at.is_some(),
        covers,
    };
    Ok(found.into_iter().map(row).collect())
}

pub(super) fn delete_live(tx: &mut Tx, batch: (Id, Id), numbers: Vec<String>) -> Result<()> {
    let own = rows::community_id.eq(batch.0).and(rows::batch_id.eq(batch.1));
    diesel::delete(rows::table.filter(own.and(rows::number.eq_any(numbers)))).execute(tx.conn)?;
    Ok(())
}

/// Rows that cover those of a batch with these numbers cover what it covered.
pub(super) fn recover(
    tx: &mut Tx,
    (community, batch): (Id, Id),
    numbers: Vec<String>,
    covers: Option<Id>,
) -> Result<()> {
    let above = rows::community_id.eq(community).and(rows::covers.eq(batch));
    diesel::update(rows::table.filter(above.and(rows::number.eq_any(numbers))))
        .set(rows::covers.eq(covers))
        .execute(tx.conn)?;
    Ok(())
}

pub(super) fn delete_rows(tx: &mut Tx, batch: (Id, Id)) -> Result<()> {
    let own = rows::community_id.eq(batch.0).and(rows::batch_id.eq(batch.1));
    diesel::delete(rows::table.filter(own)).execute(tx.conn)?;
    Ok(())
}

/// What a figure needs of a row: number, call, nature, and the name of its place.
pub(super) type Counted = (String, Time, Option<Nature>, String);

pub(super) fn live(tx: &mut Tx, community: Id, from: Time, to: Time) -> Result<Vec<Counted>> {
    let own = rows::table.filter(rows::community_id.eq(community).and(rows::live_at.is_not_null()));
    let own = own.filter(rows::received_at.ge(from).and(rows::received_at.lt(to)));
    Ok(own.select((rows::number, rows::received_at, rows::nature, rows::place)).load(tx.conn)?)
}

/// Those of these numbers that count.
pub(super) fn called(tx: &mut Tx, community: Id, numbers: &[String]) -> Result<Vec<Called>> {
    let own = rows::table.filter(rows::community_id.eq(community).and(rows::live_at.is_not_null()));
    let own = own.filter(rows::number.eq_any(numbers.to_vec()));
    Ok(own.select((rows::number, rows::place, rows::matter, rows::nature)).load(tx.conn)?)
}
