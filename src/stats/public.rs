//! What is counted for everybody to read: a month by level-1 category, with small cells hidden (domain §6.11).
//!
//! The same tally as every other figure. A sensitive category with 1 to 4 shows 「<5」, and what is hidden is left out of
//! the sum as well, so that nobody gets it by subtraction.

use std::collections::BTreeMap;

use super::marks::Mark;
use super::store;
use super::tally::{Beside, Span, Tally};
use crate::clock::{Period, PeriodKind};
use crate::db::{Id, Time, Tx};
use crate::error::Result;
use crate::routing;

/// Counts below this are hidden where they are sensitive.
const SMALL: i64 = 5;

/// A count as it may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Cell {
    /// As it is.
    Count(i64),
    /// 1 to 4 of something sensitive.
    Few,
}

impl Cell {
    fn of(count: i64, sensitive: bool) -> Cell {
        if sensitive && (1..SMALL).contains(&count) { Cell::Few } else { Cell::Count(count) }
    }

    fn shown(self) -> i64 {
        match self {
            Cell::Count(count) => count,
            Cell::Few => 0,
        }
    }
}

impl std::fmt::Display for Cell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Cell::Count(count) => count.fmt(f),
            Cell::Few => f.write_str("<5"),
        }
    }
}

/// A category in a public table.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Row {
    /// The level-1 category.
    pub name: String,
    /// 受理量 of the month.
    pub cases: Cell,
    /// 办结量 of the month.
    pub closed: Cell,
}

/// A month in public.
#[derive(Debug, Clone, Default, serde::Serialize)]
pub struct Table {
    /// Categories with anything in them, in their usual order.
    pub rows: Vec<Row>,
    /// The sum of what is shown of 受理量.
    pub cases: i64,
    /// The sum of what is shown of 办结量.
    pub closed: i64,
    /// Whether something is hidden.
    pub hidden: bool,
}

/// Counts a month of a community for everybody. A level 1 is sensitive when one of its level 2 is.
pub fn table(tx: &mut Tx, community: Id, period: Period, sensitive: &[String]) -> Result<Table> {
    let span = Span { from: period.from, to: period.to, cut_off: tx.now };
    let mut parts = BTreeMap::<String, Tally>::new();
    for row in store::touched(tx, community, period.from, period.to)? {
        parts.entry(row.level1.clone()).or_default().add(&row, &span, Beside::Apart);
    }
    let categories = routing::categories(tx)?;
    let name = |code: &str| {
        let own = categories.iter().find(|each| each.level1_code() == code);
        own.map_or_else(|| code.to_owned(), |each| each.level1.clone())
    };
    let counted = parts.into_iter().map(|(code, tally)| {
        let small = sensitive.iter().any(|each| each.starts_with(&code));
        let count = |mark| Cell::of(tally.count(mark), small);
        Row { name: name(&code), cases: count(Mark::Case), closed: count(Mark::Closed) }
    });
    let nothing = Cell::Count(0);
    let rows: Vec<Row> = counted.filter(|row| row.cases != nothing || row.closed != nothing).collect();
    Ok(Table {
        cases: rows.iter().map(|row| row.cases.shown()).sum(),
        closed: rows.iter().map(|row| row.closed.shown()).sum(),
        hidden: rows.iter().any(|row| row.cases == Cell::Few || row.closed == Cell::Few),
        rows,
    })
}

/// The months that have something to show, from the first ticket to now, latest first.
pub fn months(tx: &mut Tx, community: Id) -> Result<Vec<Period>> {
    let Some(first) = store::first_ticket(tx, community)? else { return Ok(Vec::new()) };
    let month = |at: Time| Period::of(PeriodKind::Month, at);
    let (first, now) = (month(first), month(tx.now));
    let back = std::iter::successors(Some(now), |last| Some(last.previous()));
    Ok(back.take_while(|each| each.from >= first.from).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_to_four_of_something_sensitive_are_hidden_and_nothing_else() {
        let shown = |count, sensitive| Cell::of(count, sensitive).to_string();
        assert_eq!([shown(0, true), shown(1, true), shown(4, true), shown(5, true)], ["0", "<5", "<5", "5"]);
        assert_eq!([shown(1, false), shown(4, false)], ["1", "4"]);
    }
}
