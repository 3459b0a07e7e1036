//! The periods whose draft somebody was told of, as rows.

use diesel::prelude::*;

use crate::clock::Period;
use crate::db::{Both, Id, Time, Tx};
use crate::error::Result;
use crate::schema::report_drafts;

pub(in crate::notices) fn told(tx: &mut Tx, community_id: Id, period: &Period) -> Result<bool> {
    let row = report_drafts::table.find((community_id, period.kind.word(), period.word()));
    Ok(row.select(report_drafts::told_at).first::<Time>(tx.conn).optional()?.is_some())
}

/// Notes that it is told now; answers whether it was not before.
pub(in crate::notices) fn note(tx: &mut Tx, community_id: Id, period: &Period) -> Result<bool> {
    let row = (
        report_drafts::community_id.eq(community_id),
        report_drafts::kind.eq(period.kind.word()),
        report_drafts::period.eq(period.word()),
        report_drafts::told_at.eq(tx.now),
    );
    let new = diesel::insert_into(report_drafts::table).values(row).on_conflict_do_nothing();
    Ok(Both(new).execute(tx.conn)? == 1)
}

/// Kind, period and moment of those told last, the latest first.
pub(in crate::notices) fn latest(
    tx: &mut Tx,
    community_id: Id,
    most: i64,
) -> Result<Vec<(String, String, Time)>> {
    let rows = report_drafts::table
        .filter(report_drafts::community_id.eq(community_id))
        .order((report_drafts::told_at.desc(), report_drafts::kind))
        .limit(most);
    Ok(rows.select((report_drafts::kind, report_drafts::period, report_drafts::told_at)).load(tx.conn)?)
}
