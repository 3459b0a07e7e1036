//! What stands on each sheet of the workbook (domain §7). The columns are fixed; those whose subject the product does
//! not keep yet are shown with `—`, never left out, so that tables of different months can be put below each other.
//! A rate stands with its numerator and denominator: where they have no column among the fixed ones, they follow at the end.

mod about;
mod hotline;
mod later;
mod ledger;
mod lists;
mod parts;
mod tops;
mod totals;

use std::collections::BTreeMap;

use rust_xlsxwriter::XlsxError;

use super::making::Imprint;
use super::masking::Masking;
use super::report::Report;
use super::store::{Late, Ledger};
use super::workbook::{Book, Cell};
use crate::db::Id;
use crate::tickets::requests::Request;

type Done = Result<(), XlsxError>;

/// What the sheets are drawn from.
pub(super) struct Sheets<'a> {
    pub(super) report: &'a Report,
    pub(super) ledger: &'a [Ledger],
    /// What was late, and what stands on account.
    pub(super) late: &'a [Late],
    /// Why it does.
    pub(super) accounts: &'a BTreeMap<Id, Request>,
    pub(super) parties: &'a BTreeMap<Id, String>,
    pub(super) masking: &'a Masking,
    pub(super) imprint: &'a Imprint,
}

impl Sheets<'_> {
    /// Draws them all but the first, which says what the others come to.
    pub(super) fn draw(&self, book: &mut Book) -> Done {
        self.totals(book)?;
        self.kinds(book)?;
        self.categories(book)?;
        self.matters(book)?;
        self.spots(book)?;
        self.doors(book)?;
        self.parties(book)?;
        self.hours(book)?;
        self.channels(book)?;
        self.gatherings(book)?;
        self.late(book)?;
        self.hotline(book)?;
        later::draw(book)?;
        self.tickets(book)
    }

    /// The names of places.
    fn places(&self) -> BTreeMap<Id, &str> {
        self.report.basis.places.iter().map(|place| (place.id, place.full_name.as_str())).collect()
    }

    /// The names of a level 1 and a level 2, as far as they are known.
    fn category(&self, level1: &str, code: Option<&str>) -> [Cell; 2] {
        let tree = &self.report.basis.categories;
        let parent = tree.iter().find(|each| each.level1_code() == level1).map(|each| each.level1.as_str());
        let own = code.and_then(|code| tree.iter().find(|each| each.code == code));
        [word(parent), word(own.map(|each| each.level2.as_str()))]
    }
}

fn number(number: Option<f64>) -> Cell {
    number.map_or(Cell::Gap, |number| Cell::Number(number, 2))
}

fn share(share: Option<f64>) -> Cell {
    share.map_or(Cell::Gap, Cell::Share)
}

fn word(word: Option<&str>) -> Cell {
    word.filter(|word| !word.is_empty()).map_or(Cell::Gap, Cell::text)
}
