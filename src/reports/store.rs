//! Keys of submissions and scans, as rows.

use diesel::prelude::*;

use super::scans::Scan;
use crate::db::{Both, Id, Time, Tx};
use crate::error::Result;
use crate::schema::{report_keys, scans};

/// A key that was claimed before.
#[derive(Queryable)]
pub(super) struct Claimed {
    pub(super) content_hash: Vec<u8>,
    pub(super) ticket_id: Id,
    pub(super) created_at: Time,
}

/// Claims a key for a ticket; says whether it was free.
pub(super) fn claim(
    tx: &mut Tx,
    community_id: Id,
    key_hash: &[u8],
    content_hash: &[u8],
    ticket_id: Id,
) -> Result<bool> {
    let row = diesel::insert_into(report_keys::table)
        .values((
            report_keys::community_id.eq(community_id),
            report_keys::key_hash.eq(key_hash),
            report_keys::content_hash.eq(content_hash),
            report_keys::ticket_id.eq(ticket_id),
            report_keys::created_at.eq(tx.now),
        ))
        .on_conflict((report_keys::community_id, report_keys::key_hash))
        .do_nothing();
    Ok(Both(row).execute(tx.conn)? == 1)
}

pub(super) fn claimed(tx: &mut Tx, community_id: Id, key_hash: &[u8]) -> Result<Claimed> {
    Ok(report_keys::table
        .find((community_id, key_hash))
        .select((report_keys::content_hash, report_keys::ticket_id, report_keys::created_at))
        .first(tx.conn)?)
}

/// Lets a claimed key lead to this ticket from now on.
pub(super) fn lead_to(tx: &mut Tx, community_id: Id, key_hash: &[u8], ticket_id: Id) -> Result<()> {
    diesel::update(report_keys::table.find((community_id, key_hash)))
        .set((report_keys::ticket_id.eq(ticket_id), report_keys::created_at.eq(tx.now)))
        .execute(tx.conn)?;
    Ok(())
}

/// Writes scans; one of the same device, code and day is one.
pub(super) fn insert_scans(tx: &mut Tx, batch: &[Scan]) -> Result<()> {
    for scan in batch {
        let row = diesel::insert_into(scans::table)
            .values((
                scans::community_id.eq(scan.community_id),
                scans::code.eq(scan.code.as_str()),
                scans::day.eq(scan.day),
                scans::device_hash.eq(&scan.device_hash),
            ))
            .on_conflict_do_nothing();
        Both(row).execute(tx.conn)?;
    }
    Ok(())
}
