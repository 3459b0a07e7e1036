//! Issued reports and their files, as rows. They are inserted and never changed.

use diesel::prelude::*;

use super::{File, Issued, PAGE};
use crate::clock::Period;
use crate::db::{Both, Id, Time, Tx};
use crate::error::Result;
use crate::schema::{issued_files, issued_reports};

/// A file of a report, compressed, with the SHA-256 of what it was before.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = issued_files)]
pub(super) struct FileRow {
    pub(super) community_id: Id,
    pub(super) report_id: Id,
    pub(super) name: File,
    pub(super) checksum: String,
    pub(super) bytes: Vec<u8>,
}

/// Keeps a report; answers whether there was no such version yet.
pub(super) fn insert(tx: &mut Tx, row: &Issued) -> Result<bool> {
    let new = diesel::insert_into(issued_reports::table).values(row).on_conflict_do_nothing();
    Ok(Both(new).execute(tx.conn)? == 1)
}

pub(super) fn insert_files(tx: &mut Tx, files: &[FileRow]) -> Result<()> {
    for file in files {
        diesel::insert_into(issued_files::table).values(file).execute(tx.conn)?;
    }
    Ok(())
}

pub(super) fn find(tx: &mut Tx, community: Id, id: Id) -> Result<Issued> {
    Ok(issued_reports::table.find((community, id)).select(Issued::as_select()).first(tx.conn)?)
}

pub(super) fn file(tx: &mut Tx, report: &Issued, file: File) -> Result<FileRow> {
    let row = issued_files::table.find((report.community_id, report.id, file.word()));
    Ok(row.select(FileRow::as_select()).first(tx.conn)?)
}

/// Every version of a period, the latest first.
pub(super) fn versions(tx: &mut Tx, community: Id, period: &Period) -> Result<Vec<Issued>> {
    let rows = issued_reports::table
        .filter(issued_reports::community_id.eq(community))
        .filter(issued_reports::kind.eq(period.kind.word()).and(issued_reports::period.eq(period.word())))
        .order(issued_reports::version.desc());
    Ok(rows.select(Issued::as_select()).load(tx.conn)?)
}

/// Every report, oldest first.
pub(super) fn all(tx: &mut Tx, community: Id) -> Result<Vec<Issued>> {
    let rows = issued_reports::table.filter(issued_reports::community_id.eq(community));
    Ok(rows.order(issued_reports::id).select(Issued::as_select()).load(tx.conn)?)
}

/// The last version of a period.
pub(super) fn latest(tx: &mut Tx, community: Id, period: &Period) -> Result<Option<Issued>> {
    Ok(versions(tx, community, period)?.into_iter().next())
}

/// The versions of the last `most` issued periods of the same kind before this one: the latest period first, of each the
/// latest version first.
pub(super) fn earlier(tx: &mut Tx, (community, period): (Id, &Period), most: i64) -> Result<Vec<Issued>> {
    let before = || {
        issued_reports::table
            .filter(issued_reports::community_id.eq(community))
            .filter(issued_reports::kind.eq(period.kind.word()).and(issued_reports::period.lt(period.word())))
    };
    let words: Vec<String> = before()
        .select(issued_reports::period)
        .distinct()
        .order(issued_reports::period.desc())
        .limit(most)
        .load(tx.conn)?;
    let Some(first) = words.last() else { return Ok(Vec::new()) };
    let rows = before()
        .filter(issued_reports::period.ge(first.clone()))
        .order((issued_reports::period.desc(), issued_reports::version.desc()));
    Ok(rows.select(Issued::as_select()).load(tx.conn)?)
}

/// The latest first: a page and one more.
pub(super) fn page(tx: &mut Tx, community: Id, before: Option<(Time, Id)>) -> Result<Vec<Issued>> {
    let mut rows = issued_reports::table
        .filter(issued_reports::community_id.eq(community))
        .order((issued_reports::issued_at.desc(), issued_reports::id.desc()))
        .limit(PAGE as i64 + 1)
        .select(Issued::as_select())
        .into_boxed();
    if let Some((at, id)) = before {
        rows = rows
            .filter(issued_reports::issued_at.le(at))
            .filter(issued_reports::issued_at.lt(at).or(issued_reports::id.lt(id)));
    }
    Ok(rows.load(tx.conn)?)
}
