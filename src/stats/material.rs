//! What a report is made from, read once: the rows that its spans touch, and what they stand on.
//!
//! Lists of tickets behind a figure are drawn from the same material as the figure itself. How it is counted stands in
//! `board` and `tally`.

use chrono::{Datelike, NaiveDate, Weekday};

use super::as_of::as_of;
use super::basis::{self, Basis, Terms};
use super::board::Board;
use super::levels;
use super::store::{self, Held, Voice};
use super::tally::{Row, Span, Tally};
use crate::clock::{Period, PeriodKind};
use crate::db::{Id, Time, Tx};
use crate::error::{Error, Result};
use crate::places;

text_enum! {
    /// Which of the spans that a report sets side by side.
    #[schema(as = FigureSpan)]
    pub enum Which {
        Current = "current", "本期";
        Previous = "previous", "上期";
        LastYear = "last_year", "去年同期";
        YearToDate = "year_to_date", "本年累计";
        LastYearToDate = "last_year_to_date", "去年同期累计";
    }
}

/// The spans that a report sets side by side.
pub(super) struct Spans {
    pub(super) current: Span,
    pub(super) previous: Option<Span>,
    pub(super) last_year: Option<Span>,
    /// The same dates of last year, whether codes hung then or not: for the hotline's tickets.
    pub(super) year_ago: Option<Span>,
    pub(super) year_to_date: Span,
    pub(super) last_year_to_date: Option<Span>,
}

impl Spans {
    /// One of them; nothing where there was no service.
    pub(super) fn get(&self, which: Which) -> Option<Span> {
        match which {
            Which::Current => Some(self.current),
            Which::Previous => self.previous,
            Which::LastYear => self.last_year,
            Which::YearToDate => Some(self.year_to_date),
            Which::LastYearToDate => self.last_year_to_date,
        }
    }
}

/// From what figures are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// Months that were counted before are taken as they are kept, as far as nobody asks for a part of them.
    Kept,
    /// All from the tickets: for their lists, and for other rules than those of today.
    Tickets,
}

/// A month that was counted before. Nothing of it is read.
pub(super) struct KeptMonth {
    pub(super) month: Period,
    pub(super) tally: Tally,
    pub(super) scans: i64,
}

/// Everything that the figures of a period of a community are counted from.
pub(super) struct Material {
    pub(super) basis: Basis,
    pub(super) spans: Spans,
    /// The periods of the chart.
    pub(super) months: Vec<Period>,
    /// The months that are not read, in their order.
    pub(super) kept: Vec<KeptMonth>,
    /// Every ticket that touches what is read.
    pub(super) rows: Vec<Row>,
    pub(super) voices: Vec<Voice>,
    pub(super) scans: Vec<(String, NaiveDate, i64)>,
    /// Every time a party was given a ticket in the period.
    pub(super) held: Vec<Held>,
    /// Who supports a ticket that was submitted in the period: party and ticket.
    pub(super) supported: Vec<(Id, Id)>,
}

impl Material {
    /// Reads what all figures of a period that has begun are made from, as `terms` have it.
    pub(super) fn read(
        tx: &mut Tx,
        community: Id,
        period: Period,
        (terms, source): (&Terms, Source),
    ) -> Result<Material> {
        let (basis, spans) = begin(tx, community, period, terms)?;
        let months = series(period);
        let served =
            months.iter().filter(|month| basis.in_service(month)).map(|month| (month.from, month.to));
        let all = Which::ALL.iter().filter_map(|which| spans.get(*which)).map(|span| (span.from, span.to));
        let wanted: Vec<Stretch> = all.chain(served).collect();
        let from = wanted.iter().map(|stretch| stretch.0).min().unwrap_or(period.from);
        let mut kept = Vec::new();
        if source == Source::Kept {
            let whole = (from.day(), period.to.day());
            kept = levels::held(tx, basis.community.id, whole)?;
            kept.retain(|each| stands_alone(&each.month, &spans, &wanted) && from <= each.month.from);
        }
        // The chart of a year to date shows whole months, as the lists behind it do.
        let to = months.last().map_or(period.to, |last| last.to.max(period.to));
        let read = between(&kept, (from, to));
        let mut material = Material::of_stretches(tx, (period, months), (basis, spans), (kept, &read))?;
        if let Some(cut_off) = terms.cut_off {
            as_of(&mut material.rows, cut_off);
        }
        Ok(material)
    }

    /// Reads what the figures of one of its spans are made from.
    pub(super) fn of_span(tx: &mut Tx, community: Id, period: Period, which: Which) -> Result<Material> {
        let (basis, spans) = begin(tx, community, period, &Terms::default())?;
        let span = spans.get(which).ok_or_else(|| {
            Error::invalid("span", format!("{}还没有开始使用，没有可统计的内容", which.label()))
        })?;
        let stretch = [(span.from, span.to)];
        Material::of_stretches(tx, (period, Vec::new()), (basis, spans), (Vec::new(), &stretch))
    }

    fn of_stretches(
        tx: &mut Tx,
        (period, months): (Period, Vec<Period>),
        (basis, spans): (Basis, Spans),
        (kept, read): (Vec<KeptMonth>, &[Stretch]),
    ) -> Result<Material> {
        let id = basis.community.id;
        let (mut rows, mut voices, mut scans) = (Vec::new(), Vec::new(), Vec::new());
        for (from, to) in read.iter().copied() {
            rows.extend(store::touched(tx, id, from, to)?);
            voices.extend(store::voices(tx, id, from, to)?);
            let last = Time::from_micros(to.0.timestamp_micros() - 1).day();
            scans.extend(store::scans(tx, id, from.day(), last.succ_opt().unwrap_or_default())?);
        }
        rows.sort_unstable_by_key(|row: &Row| row.id);
        rows.dedup_by_key(|row| row.id);
        Ok(Material {
            kept,
            rows,
            voices,
            scans,
            held: store::held(tx, id, period.from, period.to)?,
            supported: store::supported(tx, id, period.from, period.to)?,
            months,
            basis,
            spans,
        })
    }

    /// What counts it.
    pub(super) fn board(&self) -> Board<'_> {
        let Material { kept, rows, voices, scans, basis, spans, .. } = self;
        Board { kept, rows, voices, scans, basis, spans }
    }
}

/// A time that is read: `[from, to)`.
type Stretch = (Time, Time);

/// Whether nobody asks for a part of a month, nor for more of it than its counts: it lies inside or outside of all that is
/// counted, and outside of the spans whose tickets are divided into parts.
fn stands_alone(month: &Period, spans: &Spans, wanted: &[Stretch]) -> bool {
    let outside = |from: Time, to: Time| month.to <= from || to <= month.from;
    let divided = [Some(spans.current), spans.previous, spans.last_year];
    divided.into_iter().flatten().all(|span| outside(span.from, span.to))
        && wanted.iter().all(|(from, to)| outside(*from, *to) || (*from <= month.from && month.to <= *to))
}

/// What lies in a stretch outside of kept months, which are in their order.
pub(super) fn between(kept: &[KeptMonth], (from, to): Stretch) -> Vec<Stretch> {
    let mut at = from;
    let mut read = Vec::new();
    for month in kept.iter().map(|each| each.month).filter(|month| from <= month.from && month.to <= to) {
        read.push((at, month.from));
        at = month.to;
    }
    read.push((at, to));
    read.retain(|(from, to)| from < to);
    read
}

fn begin(tx: &mut Tx, community: Id, period: Period, terms: &Terms) -> Result<(Basis, Spans)> {
    if period.from > tx.now {
        return Err(Error::invalid("period", "这个时间还没有到，没有可统计的内容"));
    }
    let community = places::community(tx, community)?;
    let basis = basis::gather(tx, community, period.to, terms)?;
    let spans = spans(period, &basis);
    Ok((basis, spans))
}

/// The periods of the chart: this one and the twelve before, or the months of a year.
fn series(period: Period) -> Vec<Period> {
    if matches!(period.kind, PeriodKind::Year | PeriodKind::YearToDate) {
        let months = (1..=12).filter_map(|month| Period::new(PeriodKind::Month, period.named.year(), month));
        return months.filter(|month| month.from < period.to).collect();
    }
    let mut months: Vec<Period> =
        std::iter::successors(Some(period), |last| Some(last.previous())).take(13).collect();
    months.reverse();
    months
}

fn spans(period: Period, basis: &Basis) -> Spans {
    let cut_off = basis.cut_off;
    // An unfinished period is compared with as much of the earlier one.
    let as_much = |earlier: Period| Span {
        from: earlier.from,
        to: if period.to <= cut_off { earlier.to } else { period.moment_in(cut_off, earlier) },
        cut_off,
    };
    // The year of an assessment month begins with that of January, the year of a week with the first week of its number.
    let january = |year: i32| match period.kind {
        PeriodKind::Week => NaiveDate::from_isoywd_opt(year, 1, Weekday::Mon)
            .and_then(|monday| Period::on(PeriodKind::Week, monday)),
        PeriodKind::AssessmentMonth => Period::new(PeriodKind::AssessmentMonth, year, 1),
        _ => Period::new(PeriodKind::Month, year, 1),
    };
    let first = |year: i32| january(year).map_or(period.from, |first| first.from);
    let served = |whole: Span| basis.service_from.is_some_and(|from| from <= whole.from).then_some(whole);
    let last_year = period.last_year().map(as_much);
    // Before a year to date comes only that of last year.
    let previous = (period.kind != PeriodKind::YearToDate).then(|| as_much(period.previous()));
    let since = |span: &Span| basis.service_from.is_some_and(|from| from < span.to);
    Spans {
        current: Span { from: period.from, to: period.to, cut_off },
        previous: previous.filter(since),
        last_year: last_year.and_then(served),
        year_ago: last_year,
        year_to_date: Span { from: first(period.year()), to: period.to, cut_off },
        last_year_to_date: last_year.and_then(|last| served(Span { from: first(period.year() - 1), ..last })),
    }
}
