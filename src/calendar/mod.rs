//! Which days people work: official holidays and 调休 workdays, and limits counted in working days.
//!
//! The officially published years since 2023 are shipped in `defaults/calendar.csv`, each with its notice; later ones are
//! imported per community ([`import`]) and hold from the moment of the import. A year without data counts its
//! weekends alone and says so. [`reckoning`] is what `routing` and `tickets` ask; nothing here knows a ticket.

pub mod api;
pub mod import;
pub mod pages;
pub mod reckoning;
mod working;

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use chrono::{Datelike, Days, NaiveDate, Weekday};

pub use self::reckoning::{Reckoning, Reckonings};
use crate::db::{Id, Time, Tx};
use crate::error::{Error, Result};
use crate::settings::{self, Rules, Version};

text_enum! {
    /// What a day is that is not as its weekday says, or a holiday that falls on a weekend.
    pub enum DayKind {
        Holiday = "holiday", "放假";
        Workday = "workday", "调休上班";
    }
}

/// One day of the official arrangement of a year.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[allow(missing_docs)]
pub struct Day {
    #[schema(value_type = String, format = Date)]
    pub day: NaiveDate,
    pub kind: DayKind,
    /// Of which holiday.
    pub name: String,
}

/// The official arrangement of one year. Days that it does not name are as their weekday says.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
pub struct Year {
    /// Which year.
    pub year: i32,
    /// Where the days come from: the notice, or the table that was imported.
    pub source: String,
    /// In the order of the year.
    pub days: Vec<Day>,
}

/// The years that a community imported, as the rules that hold from the import on.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(default)]
#[schema(as = ImportedDays)]
pub struct Imported {
    /// In their order.
    pub years: Vec<Year>,
}

impl Rules for Imported {
    const NAME: &str = "calendar";
    fn check(&self) -> Result<()> {
        match self.years.iter().find_map(|year| year.lacks().map(|day| (year.year, day))) {
            None => Ok(()),
            Some((year, day)) => Err(Error::invalid(
                "file",
                format!(
                    "{year} 年的表里没有 {}月{}日放假，好像不全：请按国务院办公厅的通知导入全年的安排",
                    day.0, day.1
                ),
            )),
        }
    }
}

impl Year {
    /// The first holiday of a fixed date that it lacks: then it is not the whole arrangement of a year (《全国年节及纪念日
    /// 放假办法》).
    fn lacks(&self) -> Option<(u32, u32)> {
        let off = |(month, day): (u32, u32)| {
            let same = |each: &&Day| (each.day.month(), each.day.day()) == (month, day);
            self.days.iter().find(same).is_some_and(|each| each.kind == DayKind::Holiday)
        };
        [(1, 1), (5, 1), (10, 1), (10, 2), (10, 3)].into_iter().find(|day| !off(*day))
    }

    /// This year with other days put in the place of its own.
    fn with(&self, other: Year) -> Year {
        let mut days = other.days;
        days.extend(
            self.days
                .iter()
                .filter(|own| !days.iter().any(|day| day.day == own.day))
                .cloned()
                .collect::<Vec<_>>(),
        );
        days.sort_by_key(|each| each.day);
        Year { days, ..self.clone() }
    }
}

/// Which days people work, as far as it is published.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Calendar {
    days: BTreeMap<NaiveDate, DayKind>,
    years: BTreeMap<i32, Year>,
}

static SHIPPED: LazyLock<Arc<Calendar>> = LazyLock::new(|| Arc::new(Calendar::of(&shipped_years())));

impl Calendar {
    /// Only what is shipped.
    pub fn shipped() -> &'static Calendar {
        &SHIPPED
    }

    /// A calendar of these years; where one stands twice, the later holds.
    pub fn of(years: &[Year]) -> Calendar {
        let mut calendar = Calendar::default();
        years.iter().for_each(|year| calendar.put(year));
        calendar
    }

    fn put(&mut self, year: &Year) {
        self.days.retain(|day, _| day.year() != year.year);
        self.days.extend(year.days.iter().map(|each| (each.day, each.kind)));
        self.years.insert(year.year, year.clone());
    }

    /// The years that are known, in their order.
    pub fn years(&self) -> impl DoubleEndedIterator<Item = &Year> {
        self.years.values()
    }

    /// The arrangement of a year, where it is known.
    pub fn year(&self, year: i32) -> Option<&Year> {
        self.years.get(&year)
    }

    /// Whether the arrangement of the year is known.
    pub fn knows(&self, year: i32) -> bool {
        self.years.contains_key(&year)
    }

    /// The years between two days, both included, whose arrangement is not known.
    pub fn unknown(&self, from: NaiveDate, to: NaiveDate) -> Vec<i32> {
        (from.year()..=to.year()).filter(|year| !self.knows(*year)).collect()
    }

    /// Whether people work on this day.
    pub fn works(&self, day: NaiveDate) -> bool {
        match self.days.get(&day) {
            Some(kind) => *kind == DayKind::Workday,
            None => !matches!(day.weekday(), Weekday::Sat | Weekday::Sun),
        }
    }

    fn next(&self, day: NaiveDate) -> NaiveDate {
        let mut next = day + Days::new(1);
        while !self.works(next) {
            next = next + Days::new(1);
        }
        next
    }

    fn previous(&self, day: NaiveDate) -> NaiveDate {
        let mut previous = day - Days::new(1);
        while !self.works(previous) {
            previous = previous - Days::new(1);
        }
        previous
    }
}

/// The calendar of a community as it was known at `at`, and since when.
pub fn at(tx: &mut Tx, community_id: Id, at: Time) -> Result<(Arc<Calendar>, Option<Time>)> {
    let imported = settings::holding::<Imported>(tx, community_id, at)?;
    if imported.rules.years.is_empty() {
        return Ok((shipped(), None));
    }
    Ok((with(&imported.rules), Some(imported.from)))
}

/// The same without the years that were not shipped yet when a clock was set by it: after `last`.
fn known(tx: &mut Tx, community_id: Id, at: Time, last: Option<i32>) -> Result<Arc<Calendar>> {
    let imported = settings::holding::<Imported>(tx, community_id, at)?.rules;
    let later = |year: &Year| last.is_some_and(|last| year.year > last);
    if !SHIPPED.years().any(later) {
        return Ok(if imported.years.is_empty() { shipped() } else { with(&imported) });
    }
    let then: Vec<Year> = SHIPPED.years().filter(|year| !later(year)).cloned().collect();
    let mut calendar = Calendar::of(&then);
    imported.years.iter().for_each(|year| calendar.put(year));
    Ok(Arc::new(calendar))
}

/// Every calendar that a community imported, latest first, with the moment since which it is known.
fn all(tx: &mut Tx, community_id: Id) -> Result<Vec<(Time, Arc<Calendar>)>> {
    let versions: Vec<Version<Imported>> = settings::history(tx, community_id)?;
    let imported = versions.into_iter().filter(|version| !version.rules.years.is_empty());
    Ok(imported.map(|version| (version.from, with(&version.rules))).collect())
}

fn shipped() -> Arc<Calendar> {
    Arc::clone(&SHIPPED)
}

fn with(imported: &Imported) -> Arc<Calendar> {
    let mut calendar = Calendar::shipped().clone();
    imported.years.iter().for_each(|year| calendar.put(year));
    Arc::new(calendar)
}

/// A row of the shipped table.
#[derive(serde::Deserialize)]
struct Shipped {
    day: NaiveDate,
    kind: DayKind,
    name: String,
    source: String,
}

fn shipped_years() -> Vec<Year> {
    let mut reader = csv::Reader::from_reader(include_str!("../../defaults/calendar.csv").as_bytes());
    let mut years: BTreeMap<i32, Year> = BTreeMap::new();
    // A row that cannot be read is found by the test below, not by whoever reports at a door.
    for row in reader.deserialize::<Shipped>().flatten() {
        let year = row.day.year();
        let plan = years.entry(year).or_insert_with(|| Year { year, source: row.source, days: Vec::new() });
        plan.days.push(Day { day: row.day, kind: row.kind, name: row.name });
    }
    years.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_day_is_read_and_every_shipped_year_is_whole() {
        let lines = include_str!("../../defaults/calendar.csv").lines().count() - 1;
        let years = shipped_years();
        assert_eq!(years.iter().map(|year| year.days.len()).sum::<usize>(), lines);
        assert_eq!(years.iter().map(|year| year.year).collect::<Vec<_>>(), [2023, 2024, 2025, 2026]);
        assert!(years.iter().all(|year| year.source.starts_with("国办发明电")));
        Imported { years }.check().unwrap();
    }

    #[test]
    fn an_imported_year_takes_the_place_of_the_shipped_one() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let mut years = shipped_years();
        years.push(Year { year: 2026, source: "改".into(), days: Vec::new() });
        let calendar = Calendar::of(&years);
        assert!(calendar.works(day("2026-10-01")) && !calendar.works(day("2026-10-10")), "by weekday alone");
        assert!(!calendar.works(day("2025-10-01")), "other years stay");
        assert!(
            !Calendar::shipped().works(day("2026-10-01")) && Calendar::shipped().works(day("2026-10-10"))
        );
    }

    #[test]
    fn half_a_year_is_no_arrangement() {
        let mut year = shipped_years().remove(0);
        year.days.truncate(8);
        let refused = Imported { years: vec![year] }.check().unwrap_err().to_string();
        assert!(refused.contains("2023 年的表里没有 5月1日放假"), "{refused}");
    }
}
