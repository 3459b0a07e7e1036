//! H: what the hotline counted in a month and a year, from its tickets where a month has any, else as it was typed.
//!
//! Rows win over a typed total of the same month; the difference is shown, and the two are never added (domain §6.2). A year
//! all of whose months have rows is their sum; else its own typed total; else the sum where all twelve months are known.

use std::collections::BTreeMap;

use chrono::Datelike;

use super::hotline::Total;
use super::tally::Span;
use crate::db::{Id, Time, Tx};
use crate::error::Result;
use crate::hotline::{self, Live, Nature};

/// What rows of a month say.
#[derive(Debug, Clone, Copy, Default)]
struct Tallied {
    cases: i64,
    demands: i64,
    inquiries: i64,
    /// How many say what they are.
    told: i64,
}

/// H of one month.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Counted {
    pub(super) cases: i64,
    pub(super) approximate: bool,
    pub(super) from_rows: bool,
    /// What was typed for the same month.
    pub(super) typed: Option<i64>,
    /// Of rows, where any of them says so.
    pub(super) demands: Option<i64>,
    pub(super) inquiries: Option<i64>,
    pub(super) source: String,
}

impl Counted {
    /// The typed total less the rows, where there are both.
    pub(super) fn difference(&self) -> Option<i64> {
        self.typed.filter(|_| self.from_rows).map(|typed| typed - self.cases)
    }
}

/// Everything that is known of H.
#[derive(Debug, Clone, Default)]
pub(super) struct Known {
    pub(super) totals: Vec<Total>,
    rows: BTreeMap<(i32, u32), Tallied>,
    brought_at: Option<Time>,
}

impl Known {
    /// From typed totals and the hotline's tickets.
    pub(super) fn new(totals: Vec<Total>, rows: &[Live], brought_at: Option<Time>) -> Known {
        let mut months = BTreeMap::<(i32, u32), Tallied>::new();
        for row in rows {
            let day = row.received_at.day();
            let month = months.entry((day.year(), day.month())).or_default();
            month.cases += 1;
            month.told += i64::from(row.nature.is_some());
            month.demands += i64::from(row.nature == Some(Nature::Demand));
            month.inquiries += i64::from(row.nature == Some(Nature::Inquiry));
        }
        Known { totals, rows: months, brought_at }
    }

    /// Whether a month has rows.
    pub(super) fn has_rows(&self, year: i32, month: u32) -> bool {
        self.rows.contains_key(&(year, month))
    }

    /// The years that anything is known of.
    pub(super) fn years(&self) -> impl Iterator<Item = i32> {
        let typed = self.totals.iter().filter_map(|total| total.period.get(..4)?.parse().ok());
        typed.chain(self.rows.keys().map(|(year, _)| *year))
    }

    /// The typed total of a year or a month.
    pub(super) fn typed(&self, period: &str) -> Option<&Total> {
        self.totals.iter().find(|total| total.period == period)
    }

    /// H of a month; nothing where nothing is known.
    pub(super) fn month(&self, year: i32, month: u32) -> Option<Counted> {
        let typed = self.typed(&format!("{year}-{month:02}"));
        let count = typed.map(|total| i64::from(total.cases));
        let Some(rows) = self.rows.get(&(year, month)) else {
            return typed.map(|total| Counted {
                cases: total.cases.into(),
                approximate: total.approximate,
                from_rows: false,
                typed: count,
                demands: None,
                inquiries: None,
                source: total.source.clone(),
            });
        };
        let told = |count: i64| (rows.told > 0).then_some(count);
        Some(Counted {
            cases: rows.cases,
            approximate: false,
            from_rows: true,
            typed: count,
            demands: told(rows.demands),
            inquiries: told(rows.inquiries),
            source: self.source(),
        })
    }

    /// Where rows are from, as it is printed.
    pub(super) fn source(&self) -> String {
        let brought = self.brought_at.map(|at| format!("（{} 导入）", at.day()));
        format!("12345 工单明细{}", brought.unwrap_or_default())
    }
}

/// Tickets of the hotline by place, in a period and in the same dates of last year; nothing for a time without any row.
pub(super) struct Calls {
    current: Option<BTreeMap<Id, i64>>,
    last_year: Option<BTreeMap<Id, i64>>,
}

impl Calls {
    pub(super) fn read(
        tx: &mut Tx,
        community: Id,
        current: &Span,
        last_year: Option<&Span>,
    ) -> Result<Calls> {
        let mut count = |span: &Span| -> Result<Option<BTreeMap<Id, i64>>> {
            let rows = hotline::live(tx, community, span.from, span.to)?;
            let mut places = BTreeMap::new();
            for place in rows.iter().filter_map(|row| row.place_id) {
                *places.entry(place).or_default() += 1;
            }
            Ok((!rows.is_empty()).then_some(places))
        };
        let current = count(current)?;
        Ok(Calls { current, last_year: last_year.map(count).transpose()?.flatten() })
    }

    /// How many there were at a place, now and last year.
    pub(super) fn at(&self, place: Id) -> [Option<i64>; 2] {
        [&self.current, &self.last_year]
            .map(|span| span.as_ref().map(|places| places.get(&place).copied().unwrap_or_default()))
    }

    /// Whether there was any at a place.
    pub(super) fn any(&self, place: Id) -> bool {
        self.at(place)[0].is_some_and(|count| count > 0)
    }
}
