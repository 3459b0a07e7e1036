//! What the hotline counted, as rows: typed totals, and the pairs that somebody confirmed.

use diesel::prelude::*;

use super::Slim;
use crate::db::{Both, Id, Time, Tx};
use crate::error::{Error, Result};
use crate::hotline::pairs::Verdict;
use crate::schema::{hotline_pairs, hotline_rows, hotline_totals, tickets};
use crate::stats::hotline::Total;

/// A ticket of ours and one of the hotline's of which somebody confirmed that they are one matter.
#[derive(Debug, Clone, diesel::Queryable)]
pub(in crate::stats) struct Paired {
    /// The number of the hotline.
    pub(in crate::stats) number: String,
    pub(in crate::stats) received_at: Time,
    pub(in crate::stats) row: Slim,
}

/// Every confirmed pair whose ticket of the hotline counts. There are as many as people clicked.
pub(in crate::stats) fn paired(tx: &mut Tx, community: Id) -> Result<Vec<Paired>> {
    let ours =
        tickets::community_id.eq(hotline_pairs::community_id).and(tickets::id.eq(hotline_pairs::ticket_id));
    let theirs = hotline_rows::community_id
        .eq(hotline_pairs::community_id)
        .and(hotline_rows::number.eq(hotline_pairs::number))
        .and(hotline_rows::live_at.is_not_null());
    let own = hotline_pairs::community_id.eq(community);
    Ok(hotline_pairs::table
        .inner_join(tickets::table.on(ours))
        .inner_join(hotline_rows::table.on(theirs))
        .filter(own.and(hotline_pairs::verdict.eq(Verdict::Confirmed)))
        .select((hotline_rows::number, hotline_rows::received_at, Slim::as_select()))
        .load(tx.conn)?)
}

/// Every total that was typed, in order of time.
pub(in crate::stats) fn totals(tx: &mut Tx, community: Id) -> Result<Vec<Total>> {
    let rows = hotline_totals::table.filter(hotline_totals::community_id.eq(community));
    Ok(rows.order(hotline_totals::period).select(Total::as_select()).load(tx.conn)?)
}

pub(in crate::stats) fn set_total(tx: &mut Tx, total: &Total) -> Result<()> {
    use diesel::upsert::excluded;
    let row = diesel::insert_into(hotline_totals::table)
        .values(total)
        .on_conflict((hotline_totals::community_id, hotline_totals::period))
        .do_update()
        .set((
            hotline_totals::cases.eq(excluded(hotline_totals::cases)),
            hotline_totals::approximate.eq(excluded(hotline_totals::approximate)),
            hotline_totals::source.eq(excluded(hotline_totals::source)),
            hotline_totals::entered_by.eq(excluded(hotline_totals::entered_by)),
            hotline_totals::entered_at.eq(excluded(hotline_totals::entered_at)),
        ));
    Both(row).execute(tx.conn)?;
    Ok(())
}

pub(in crate::stats) fn remove_total(tx: &mut Tx, community: Id, period: &str) -> Result<()> {
    match diesel::delete(hotline_totals::table.find((community, period))).execute(tx.conn)? {
        1 => Ok(()),
        _ => Err(Error::NotFound),
    }
}
