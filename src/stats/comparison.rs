//! Our count beside the hotline's: by month of two years, and by year (domain §6).
//!
//! The two series stand side by side and are never added or subtracted. Months before the codes hung are gaps, not
//! zeros. Everything a reader needs to judge the comparison comes along: coverage, months in service, population with
//! its source, and whether a number is only roughly known.

mod lines;

use std::collections::BTreeMap;

use chrono::Datelike;
use serde::Serialize;

pub use self::lines::{HotlineMonth, YearLine};
use super::basis::{self, Basis, Terms};
use super::beside::{slim_beside, voice_beside};
use super::hotline::HotlineYear;
use super::known::Known;
use super::levels;
use super::marks::Mark;
use super::material::{KeptMonth, Source, between};
use super::overlap::{Behind, BuildingOverlap, Ground, Overlap, Side, Sides, Unit};
use super::store;
use super::tally::{Beside, People};
use super::wording;
use crate::clock::{Period, PeriodKind};
use crate::db::{Id, Time, Tx};
use crate::error::{Error, Result};
use crate::hotline as rows;
use crate::places;

/// The most years that are set side by side.
const YEARS: i32 = 6;

/// Both series, side by side.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Comparison {
    /// The later of the two years.
    pub year: i32,
    /// January to December of it.
    pub months: Vec<HotlineMonth>,
    /// Every year that either series knows, at most six.
    pub years: Vec<YearLine>,
    /// Sentences that set each year beside the one before, without a cause.
    pub sentences: Vec<String>,
    /// Of the later year, or of one month of it: how ours and theirs lie beside each other by building.
    pub buildings: Vec<BuildingOverlap>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Own {
    raw: i64,
    events: i64,
}

/// What the lines are made from.
struct Material<'b> {
    known: Known,
    own: BTreeMap<(i32, u32), Own>,
    sides: Sides,
    basis: &'b Basis,
}

/// Sets what the hotline counted beside our count, up to `year`.
pub(super) fn compare(
    tx: &mut Tx,
    community: Id,
    year: i32,
    (basis, source): (&Basis, Source),
) -> Result<Comparison> {
    let material = gather(tx, community, (year - YEARS + 1, year), (basis, source))?;
    let first = first_year(year, &material);
    let years: Vec<YearLine> = (first..=year).map(|year| year_line(year, &material)).collect();
    let months = (1..=12).filter_map(|month| month_line(year, month, &material)).collect();
    let sentences = years
        .windows(2)
        // A year that has not ended is never set beside a whole one, whatever was typed of it (domain §6.10).
        .filter(|pair| pair[1].complete)
        .filter(|pair| pair[0].hotline.cases.is_some() || pair[1].hotline.cases.is_some())
        .map(|pair| {
            let said = |line: &YearLine| (line.hotline.year, line.hotline.amount());
            wording::years("12345 接诉即办量", said(&pair[0]), said(&pair[1]))
        })
        .collect();
    let buildings = material.sides.buildings(&material.joint_months(year, None), basis);
    Ok(Comparison { year, months, years, sentences, buildings })
}

/// The comparison up to a year that has begun, with the buildings of one of its months where one is asked for; and what it
/// stands on.
pub(super) fn of_year(
    tx: &mut Tx,
    community: Id,
    year: Period,
    month: Option<u32>,
) -> Result<(Basis, Comparison)> {
    if year.from > tx.now {
        return Err(Error::invalid("period", "这个时间还没有到，没有可统计的内容"));
    }
    let community = places::community(tx, community)?;
    let id = community.id;
    let basis = basis::gather(tx, community, year.to, &Terms::default())?;
    let mut comparison = compare(tx, id, year.year(), (&basis, Source::Kept))?;
    if let Some(month) = month {
        let wrong = || Error::invalid("month", "月份请写成 1 到 12");
        let month = Some(month).filter(|month| (1..=12).contains(month)).ok_or_else(wrong)?;
        comparison.buildings = buildings_in(tx, id, (year.year(), month), &basis)?;
    }
    Ok((basis, comparison))
}

/// What stands behind a count of a year or of one of its months. H of a month is counted from its rows whether codes hung or
/// not; how both lie beside each other is asked where they hung.
pub(super) fn behind(
    tx: &mut Tx,
    (community, year, month): (Id, Period, Option<u32>),
    asked: (Option<Ground>, Side),
) -> Result<Vec<Behind>> {
    let community = places::community(tx, community)?;
    let id = community.id;
    let basis = basis::gather(tx, community, year.to, &Terms::default())?;
    let material = gather(tx, id, (year.year(), year.year()), (&basis, Source::Tickets))?;
    let months = match (month, asked) {
        (Some(month), (None, Side::Hotline)) => {
            Period::new(PeriodKind::Month, year.year(), month).into_iter().collect()
        }
        _ => material.joint_months(year.year(), month),
    };
    Ok(material.sides.behind(&months, asked))
}

/// How ours and theirs lie beside each other in one month, by building.
fn buildings_in(
    tx: &mut Tx,
    community: Id,
    (year, month): (i32, u32),
    basis: &Basis,
) -> Result<Vec<BuildingOverlap>> {
    let material = gather(tx, community, (year, year), (basis, Source::Kept))?;
    Ok(material.sides.buildings(&material.joint_months(year, Some(month)), basis))
}

/// Reads the years from one to another.
fn gather<'b>(
    tx: &mut Tx,
    community: Id,
    bounds: (i32, i32),
    (basis, source): (&'b Basis, Source),
) -> Result<Material<'b>> {
    let whole = |year| Period::new(PeriodKind::Year, year, 1);
    let (from, to) = match (whole(bounds.0), whole(bounds.1)) {
        (Some(first), Some(last)) => (first.from, last.to),
        _ => (basis.cut_off, basis.cut_off),
    };
    let calls = rows::live(tx, community, from, to)?;
    let known = Known::new(store::totals(tx, community)?, &calls, rows::last_brought(tx, community)?);
    // Which of theirs are ours too is asked of the reports themselves; where there are none of theirs, kept months say enough.
    let kept = match calls.is_empty() && source == Source::Kept {
        true => levels::held(tx, community, (from.day(), to.day()))?,
        false => Vec::new(),
    };
    let mut own = BTreeMap::<(i32, u32), Own>::new();
    for KeptMonth { month, tally, .. } in &kept {
        let (raw, events) = (tally.count(Mark::Comparable), tally.count(Mark::Event));
        own.insert((month.named.year(), month.named.month()), Own { raw, events });
    }
    let mut units = Vec::new();
    for stretch in between(&kept, (from, to)) {
        units.extend(self::units(tx, community, stretch, basis)?);
    }
    for unit in &units {
        let day = unit.at.day();
        let month = own.entry((day.year(), day.month())).or_default();
        month.raw += 1;
        month.events += i64::from(unit.event);
    }
    let sides = Sides::new(units, calls, store::paired(tx, community)?, basis);
    Ok(Material { known, own, sides, basis })
}

impl Material<'_> {
    /// The months of a year, or the one, that have tickets of the hotline and in which reports could come in.
    fn joint_months(&self, year: i32, only: Option<u32>) -> Vec<Period> {
        let months = (1..=12).filter(|month| only.is_none_or(|only| only == *month));
        let joint = months.filter(|month| self.known.has_rows(year, *month));
        let periods = joint.filter_map(|month| Period::new(PeriodKind::Month, year, month));
        periods.filter(|month| self.basis.in_service(month)).collect()
    }

    fn overlap(&self, year: i32, only: Option<u32>) -> Option<Overlap> {
        let months = self.joint_months(year, only);
        (!months.is_empty()).then(|| self.sides.overlap(&months))
    }
}

fn first_year(year: i32, material: &Material) -> i32 {
    let served = material.basis.service_from.map(|from| from.day().year());
    let all = material.known.years().chain(served).chain([year - 1]);
    all.min().unwrap_or(year).clamp(year - YEARS + 1, year)
}

/// Every report of C in `[from, to)`: tickets, and neighbours who joined one.
fn units(tx: &mut Tx, community: Id, (from, to): (Time, Time), basis: &Basis) -> Result<Vec<Unit>> {
    let mut units = Vec::new();
    for row in store::submitted(tx, community, from, to)? {
        let beside = slim_beside(&row, basis);
        if beside != Beside::Apart {
            units.push(Unit {
                at: row.submitted_at,
                ticket: row.id,
                building: row.building_id,
                event: beside == Beside::Event,
                done: row.done(),
            });
        }
    }
    for voice in store::voices(tx, community, from, to)? {
        if voice_beside(&voice.row, basis) {
            let row = &voice.row;
            let done = row.closed().is_some();
            units.push(Unit { at: voice.at, ticket: row.id, building: row.building_id, event: false, done });
        }
    }
    Ok(units)
}

fn per(count: Option<i64>, people: People) -> Option<f64> {
    let residents = people.residents.filter(|residents| *residents > 0.0)?;
    Some(count? as f64 / residents * 10_000.0)
}

fn share(own: Option<i64>, hotline: Option<i64>) -> Option<f64> {
    let (own, hotline) = (own?, hotline?);
    (own + hotline > 0).then(|| own as f64 / (own + hotline) as f64)
}

fn month_line(year: i32, month: u32, material: &Material) -> Option<HotlineMonth> {
    let (known, own, basis) = (&material.known, &material.own, material.basis);
    let period = Period::new(PeriodKind::Month, year, month)?;
    let ours = |year: i32| {
        let period = Period::new(PeriodKind::Month, year, month)?;
        basis.in_service(&period).then(|| own.get(&(year, month)).copied().unwrap_or_default())
    };
    let (counted, mine) = (known.month(year, month), ours(year));
    let last_year = known.month(year - 1, month);
    let cases = counted.as_ref().map(|counted| counted.cases);
    let raw = mine.map(|own| own.raw);
    let people = basis.people(period.from, period.to);
    let begun = period.from <= basis.cut_off;
    let (live_units, units) = basis.coverage(period.to);
    Some(HotlineMonth {
        month: period.word(),
        hotline: cases,
        hotline_last_year: last_year.as_ref().map(|counted| counted.cases),
        approximate_last_year: last_year.is_some_and(|counted| counted.approximate),
        complete: period.to <= basis.cut_off,
        hotline_per_ten_thousand: per(cases, people),
        own: raw,
        own_events: mine.map(|own| own.events),
        own_last_year: ours(year - 1).map(|own| own.raw),
        own_per_ten_thousand: per(raw, people),
        share: share(raw, cases),
        live_units: if begun { live_units } else { 0 },
        units: if begun { units } else { 0 },
        approximate: counted.as_ref().is_some_and(|counted| counted.approximate),
        from_rows: counted.as_ref().is_some_and(|counted| counted.from_rows),
        typed: counted.as_ref().and_then(|counted| counted.typed),
        difference: counted.as_ref().and_then(|counted| counted.difference()),
        demands: counted.as_ref().and_then(|counted| counted.demands),
        inquiries: counted.as_ref().and_then(|counted| counted.inquiries),
        source: counted.map(|counted| counted.source).unwrap_or_default(),
        overlap: material.overlap(year, Some(month)),
    })
}

fn year_line(year: i32, material: &Material) -> YearLine {
    let basis = material.basis;
    let hotline = HotlineYear::of(year, &material.known);
    let months = (1..=12).filter_map(|month| Period::new(PeriodKind::Month, year, month));
    let served: Vec<Period> = months.filter(|month| basis.in_service(month)).collect();
    let mut sum = Own::default();
    for month in &served {
        let own = material.own.get(&(year, month.named.month())).copied().unwrap_or_default();
        sum.raw += own.raw;
        sum.events += own.events;
    }
    let known = (!served.is_empty()).then_some(sum);
    let whole = Period::new(PeriodKind::Year, year, 1);
    let people = whole.map(|year| basis.people(year.from, year.to)).unwrap_or_default();
    let raw = known.map(|own| own.raw);
    YearLine {
        hotline_words: hotline.amount().map_or("—".to_owned(), |amount| amount.words()),
        hotline_per_ten_thousand: per(hotline.cases, people),
        own: raw,
        own_events: known.map(|own| own.events),
        own_per_ten_thousand: per(raw, people),
        share: share(raw, hotline.cases),
        months_in_service: served.len(),
        residents: people.residents,
        complete: whole.is_some_and(|year| year.to <= basis.cut_off),
        overlap: material.overlap(year, None),
        hotline,
    }
}
