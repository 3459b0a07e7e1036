//! Keys of submissions and scans, as rows.

use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::Binary;

use super::scans::Scan;
use crate::clock::midnight;
use crate::db::{Both, Conn, Id, MultiBackend, Time, Ts, Tx, Uid};
use crate::error::{Error, Result};
use crate::rollups;
use crate::schema::{report_keys, scans};

/// A key that was claimed before.
#[derive(Queryable)]
pub(super) struct Claimed {
    pub(super) content_hash: Vec<u8>,
    pub(super) ticket_id: Id,
    pub(super) created_at: Time,
}

/// Claims keys for a ticket; says of each whether it was free.
pub(super) fn claim(
    tx: &mut Tx,
    community_id: Id,
    keys: &[&[u8]],
    (content_hash, ticket_id): (&[u8], Id),
) -> Result<Vec<bool>> {
    let claim = Claim { community_id, content_hash, ticket_id, created_at: tx.now };
    let free: Vec<Vec<u8>> = match *keys {
        [one] => Claims { keys: [one], claim }.load(tx.conn)?,
        [one, two] => Claims { keys: [one, two], claim }.load(tx.conn)?,
        _ => return Err(Error::internal(anyhow::anyhow!("a report has one key or two, not {}", keys.len()))),
    };
    Ok(keys.iter().map(|key| free.iter().any(|each| each == key)).collect())
}

/// What the rows of claimed keys have in common.
struct Claim<'a> {
    community_id: Id,
    content_hash: &'a [u8],
    ticket_id: Id,
    created_at: Time,
}

/// The keys that were free, of `N`. A node of its own because diesel prepares such an insert anew each time, and every
/// report begins with it.
struct Claims<'a, const N: usize> {
    keys: [&'a [u8]; N],
    claim: Claim<'a>,
}

impl<const N: usize> QueryId for Claims<'_, N> {
    type QueryId = Claims<'static, N>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl<const N: usize> Query for Claims<'_, N> {
    type SqlType = Binary;
}

impl<const N: usize> RunQueryDsl<Conn> for Claims<'_, N> {}

impl<const N: usize> QueryFragment<MultiBackend> for Claims<'_, N> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        out.push_sql(
            "INSERT INTO report_keys (community_id, key_hash, content_hash, ticket_id, created_at) VALUES ",
        );
        for (place, key) in self.keys.iter().enumerate() {
            out.push_sql(if place == 0 { "(" } else { ", (" });
            out.push_bind_param::<Uid, _>(&self.claim.community_id)?;
            out.push_sql(", ");
            out.push_bind_param::<Binary, _>(key)?;
            out.push_sql(", ");
            out.push_bind_param::<Binary, _>(&self.claim.content_hash)?;
            out.push_sql(", ");
            out.push_bind_param::<Uid, _>(&self.claim.ticket_id)?;
            out.push_sql(", ");
            out.push_bind_param::<Ts, _>(&self.claim.created_at)?;
            out.push_sql(")");
        }
        out.push_sql(" ON CONFLICT (community_id, key_hash) DO NOTHING RETURNING key_hash");
        Ok(())
    }
}

pub(super) fn claimed(tx: &mut Tx, community_id: Id, key_hash: &[u8]) -> Result<Claimed> {
    Ok(report_keys::table
        .find((community_id, key_hash))
        .select((report_keys::content_hash, report_keys::ticket_id, report_keys::created_at))
        .first(tx.conn)?)
}

/// What a key was claimed for, where it was.
pub(super) fn if_claimed(tx: &mut Tx, community_id: Id, key_hash: &[u8]) -> Result<Option<Claimed>> {
    Ok(report_keys::table
        .find((community_id, key_hash))
        .select((report_keys::content_hash, report_keys::ticket_id, report_keys::created_at))
        .first(tx.conn)
        .optional()?)
}

/// Lets a claimed key lead to this ticket from now on.
pub(super) fn lead_to(tx: &mut Tx, community_id: Id, key_hash: &[u8], ticket_id: Id) -> Result<()> {
    diesel::update(report_keys::table.find((community_id, key_hash)))
        .set((report_keys::ticket_id.eq(ticket_id), report_keys::created_at.eq(tx.now)))
        .execute(tx.conn)?;
    Ok(())
}

/// Keys that were claimed before a moment, oldest first.
pub(super) fn keys_before(tx: &mut Tx, community_id: Id, before: Time, most: i64) -> Result<Vec<Vec<u8>>> {
    let old = report_keys::community_id.eq(community_id).and(report_keys::created_at.lt(before));
    let rows = report_keys::table.filter(old).order(report_keys::created_at).limit(most);
    Ok(rows.select(report_keys::key_hash).load(tx.conn)?)
}

pub(super) fn delete_keys(tx: &mut Tx, community_id: Id, hashes: Vec<Vec<u8>>) -> Result<()> {
    let rows = report_keys::community_id.eq(community_id).and(report_keys::key_hash.eq_any(hashes));
    diesel::delete(report_keys::table.filter(rows)).execute(tx.conn)?;
    Ok(())
}

/// Writes scans; one of the same device, code and day is one.
pub(super) fn insert_scans(tx: &mut Tx, batch: &[Scan]) -> Result<()> {
    for scan in batch {
        rollups::strike(tx, scan.community_id, midnight(scan.day))?;
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
