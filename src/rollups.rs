//! Counts that are kept: a line for each community and calendar month, struck out when what it was counted from changes.
//!
//! Whoever changes a ticket, a neighbour, an incident or a scan says since when that counts; every month that ends later
//! is struck out in the same transaction. What the lines say is known to `stats` alone, which counts from the tickets
//! whatever is not here. So figures never wait for this table, and never differ by it.
//!
//! Counting and striking exclude each other by community: whoever keeps a month holds the community alone, whoever strikes
//! shares it. Without this a change that is committed while somebody counts would be missed.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::upsert::excluded;

use crate::clock::{Period, PeriodKind};
use crate::db::{Both, Hold, Id, Time, Tx, hold};
use crate::error::Result;
use crate::schema::rollups;

/// The counts of a month of a community.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = rollups)]
pub struct Rollup {
    /// Whose.
    pub community_id: Id,
    /// The first of the month.
    pub month: NaiveDate,
    /// The first moment after it.
    pub ends_at: Time,
    /// When it was counted: things were taken into account until then.
    pub made_at: Time,
    /// When a figure changes without anybody doing anything: a limit passes.
    pub good_until: Option<Time>,
    /// By which rules.
    pub rules: String,
    /// What was counted.
    pub facts: Vec<u8>,
}

impl Rollup {
    /// Whether it was counted after its month had ended, and is what counting at `now` by `rules` would find.
    pub fn holds(&self, rules: &str, now: Time) -> bool {
        self.rules == rules
            && self.ends_at <= self.made_at
            && self.good_until.is_none_or(|until| now <= until)
    }
}

/// Strikes out every month of a community that ends after `since`: what counts since then has changed. Costs nothing for
/// what began in the month that runs: what is kept of that one holds for nobody who wants it exactly ([`Rollup::holds`]).
pub fn strike(tx: &mut Tx, community: Id, since: Time) -> Result<()> {
    if since >= Period::of(PeriodKind::Month, tx.now).from {
        return Ok(());
    }
    hold(tx, community, Hold::Shared)?;
    let later = rollups::community_id.eq(community).and(rollups::ends_at.gt(since));
    diesel::delete(rollups::table.filter(later)).execute(tx.conn)?;
    Ok(())
}

/// Holds a community, so that what is counted until the end of the transaction can be kept.
pub fn begin(tx: &mut Tx, community: Id) -> Result<()> {
    hold(tx, community, Hold::Alone)
}

/// Keeps what was counted after [`begin`].
pub fn keep(tx: &mut Tx, rollup: &Rollup) -> Result<()> {
    let row = diesel::insert_into(rollups::table)
        .values(rollup)
        .on_conflict((rollups::community_id, rollups::month))
        .do_update()
        .set((
            rollups::ends_at.eq(excluded(rollups::ends_at)),
            rollups::made_at.eq(excluded(rollups::made_at)),
            rollups::good_until.eq(excluded(rollups::good_until)),
            rollups::rules.eq(excluded(rollups::rules)),
            rollups::facts.eq(excluded(rollups::facts)),
        ));
    Both(row).execute(tx.conn)?;
    Ok(())
}

/// Forgets every line of a community.
pub fn forget(tx: &mut Tx, community: Id) -> Result<()> {
    begin(tx, community)?;
    diesel::delete(rollups::table.filter(rollups::community_id.eq(community))).execute(tx.conn)?;
    Ok(())
}

/// The lines of the months that begin in `[first, after)`: of some communities along their key, or of all along the index
/// by month.
pub fn lines(tx: &mut Tx, of: Option<&[Id]>, (first, after): (NaiveDate, NaiveDate)) -> Result<Vec<Rollup>> {
    let inside = rollups::month.ge(first).and(rollups::month.lt(after));
    let rows = rollups::table.filter(inside).select(Rollup::as_select());
    match of {
        Some(some) => Ok(rows.filter(rollups::community_id.eq_any(some.to_vec())).load(tx.conn)?),
        None => Ok(rows.load(tx.conn)?),
    }
}

/// When each month of a community was kept, with the rules and until when it is good; without what was counted.
pub fn kept(tx: &mut Tx, community: Id) -> Result<Vec<Rollup>> {
    let columns = (
        rollups::community_id,
        rollups::month,
        rollups::ends_at,
        rollups::made_at,
        rollups::good_until,
        rollups::rules,
    );
    type Line = (Id, NaiveDate, Time, Time, Option<Time>, String);
    let rows: Vec<Line> =
        rollups::table.filter(rollups::community_id.eq(community)).select(columns).load(tx.conn)?;
    let line = |(community_id, month, ends_at, made_at, good_until, rules): Line| Rollup {
        community_id,
        month,
        ends_at,
        made_at,
        good_until,
        rules,
        facts: Vec::new(),
    };
    Ok(rows.into_iter().map(line).collect())
}
