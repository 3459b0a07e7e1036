//! Held reports, as rows.

use diesel::dsl::{count_star, sql};
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::{Doubted, Held, Shelf};
use crate::db::{Id, Time, Tx};
use crate::error::Result;
use crate::people::Actor;
use crate::schema::{held_reports, neighbours, tickets};
use crate::tickets::{Note, Reason};

pub(super) fn insert(tx: &mut Tx, held: &Held) -> Result<()> {
    diesel::insert_into(held_reports::table).values(held).execute(tx.conn)?;
    Ok(())
}

/// How many wait; counted up to `most`.
pub(super) fn waiting(tx: &mut Tx, community_id: Id, most: i64) -> Result<usize> {
    let own = held_reports::community_id.eq(community_id).and(held_reports::discarded_at.is_null());
    Ok(held_reports::table.filter(own).select(held_reports::id).limit(most).load::<Id>(tx.conn)?.len())
}

/// The same from one network.
pub(super) fn waiting_from(tx: &mut Tx, community_id: Id, network: &[u8], most: i64) -> Result<usize> {
    let own = held_reports::community_id.eq(community_id).and(held_reports::network_hash.eq(network));
    let rows = held_reports::table.filter(own.and(held_reports::discarded_at.is_null()));
    Ok(rows.select(held_reports::id).limit(most).load::<Id>(tx.conn)?.len())
}

/// Tickets of which doubtful neighbours wait, along the index of those.
pub(super) fn doubted(tx: &mut Tx, community_id: Id, most: i64) -> Result<Vec<Doubted>> {
    let ticket =
        tickets::community_id.eq(neighbours::community_id).and(tickets::id.eq(neighbours::ticket_id));
    Ok(neighbours::table
        .inner_join(tickets::table.on(ticket))
        .filter(neighbours::community_id.eq(community_id))
        .filter(sql::<Bool>("neighbours.doubts <> '' and neighbours.withdrawn_at is null"))
        .group_by((tickets::id, tickets::number))
        .order(tickets::id)
        .limit(most)
        .select((tickets::id, tickets::number, count_star()))
        .load(tx.conn)?)
}

pub(super) fn find(tx: &mut Tx, community_id: Id, id: Id) -> Result<Held> {
    Ok(held_reports::table.find((community_id, id)).select(Held::as_select()).first(tx.conn)?)
}

pub(super) fn by_secret(tx: &mut Tx, community_id: Id, secret_hash: &[u8]) -> Result<Held> {
    let row = held_reports::community_id.eq(community_id).and(held_reports::secret_hash.eq(secret_hash));
    Ok(held_reports::table.filter(row).select(Held::as_select()).first(tx.conn)?)
}

/// What one phone sent, latest first: at most as many rows are read as may wait, and those that were set aside lately.
pub(super) fn by_device(tx: &mut Tx, community_id: Id, device_hash: &[u8], most: i64) -> Result<Vec<Held>> {
    let own = held_reports::community_id.eq(community_id).and(held_reports::device_hash.eq(device_hash));
    let rows = held_reports::table.filter(own).order(held_reports::id.desc()).limit(most);
    Ok(rows.select(Held::as_select()).load(tx.conn)?)
}

pub(super) fn list(
    tx: &mut Tx,
    community_id: Id,
    (shelf, after): (Shelf, Option<Id>),
    most: i64,
) -> Result<Vec<Held>> {
    let own = held_reports::table
        .filter(held_reports::community_id.eq(community_id))
        .select(Held::as_select())
        .limit(most)
        .into_boxed();
    let rows = match shelf {
        Shelf::Waiting => {
            let rows = own.filter(held_reports::discarded_at.is_null()).order(held_reports::id.asc());
            if let Some(after) = after { rows.filter(held_reports::id.gt(after)) } else { rows }
        }
        Shelf::Discarded => {
            let rows = own.filter(held_reports::discarded_at.is_not_null()).order(held_reports::id.desc());
            if let Some(after) = after { rows.filter(held_reports::id.lt(after)) } else { rows }
        }
    };
    Ok(rows.load(tx.conn)?)
}

/// A report, held: whoever is deciding on it or changing it has finished, and nobody else does until this transaction is
/// over.
pub(super) fn find_held(tx: &mut Tx, community_id: Id, id: Id) -> Result<Held> {
    let row = held_reports::table.find((community_id, id));
    diesel::update(row).set(held_reports::why.eq(held_reports::why)).execute(tx.conn)?;
    find(tx, community_id, id)
}

/// Takes a waiting report out of the table; says whether it still waited.
pub(super) fn take_waiting(tx: &mut Tx, held: &Held) -> Result<bool> {
    let row = held_reports::table.find((held.community_id, held.id));
    Ok(diesel::delete(row.filter(held_reports::discarded_at.is_null())).execute(tx.conn)? == 1)
}

pub(super) fn discard(
    tx: &mut Tx,
    actor: &Actor,
    held: &Held,
    (reason, note): (Reason, &Note),
) -> Result<bool> {
    let row = held_reports::table.find((held.community_id, held.id));
    let changed = diesel::update(row.filter(held_reports::discarded_at.is_null()))
        .set((
            held_reports::discarded_at.eq(tx.now),
            held_reports::discarded_by.eq(&actor.name),
            held_reports::reason.eq(reason),
            held_reports::note.eq(note.as_str()),
        ))
        .execute(tx.conn)?;
    Ok(changed == 1)
}

pub(super) fn restore(tx: &mut Tx, held: &Held) -> Result<bool> {
    let row = held_reports::table.find((held.community_id, held.id));
    let changed = diesel::update(row.filter(held_reports::discarded_at.is_not_null()))
        .set((
            held_reports::discarded_at.eq(None::<Time>),
            held_reports::discarded_by.eq(None::<String>),
            held_reports::reason.eq(None::<Reason>),
            held_reports::note.eq(""),
        ))
        .execute(tx.conn)?;
    Ok(changed == 1)
}

pub(super) fn discarded_before(tx: &mut Tx, community_id: Id, before: Time, most: i64) -> Result<Vec<Id>> {
    let own = held_reports::community_id.eq(community_id).and(held_reports::discarded_at.lt(before));
    let rows = held_reports::table.filter(own).order((held_reports::discarded_at, held_reports::id));
    Ok(rows.select(held_reports::id).limit(most).load(tx.conn)?)
}

pub(super) fn delete(tx: &mut Tx, held: &Held) -> Result<()> {
    diesel::delete(held_reports::table.find((held.community_id, held.id))).execute(tx.conn)?;
    Ok(())
}

/// Stores what a report tells of a person anew.
pub(super) fn set_person(tx: &mut Tx, held: &Held) -> Result<()> {
    let row = held_reports::table.find((held.community_id, held.id));
    diesel::update(row)
        .set((
            held_reports::phone_sealed.eq(&held.phone_sealed),
            held_reports::phone_masked.eq(&held.phone_masked),
            held_reports::device_hash.eq(&held.device_hash),
            held_reports::share_phone.eq(held.share_phone),
            held_reports::publish.eq(held.publish),
            held_reports::photos.eq(&held.photos),
            held_reports::voice.eq(&held.voice),
            held_reports::relation.eq(held.relation),
            held_reports::text.eq(&held.text),
        ))
        .execute(tx.conn)?;
    Ok(())
}
