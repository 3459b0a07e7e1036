//! The whole of a month or a year of a community, computed once: the page, the JSON and the workbook all read it.
//!
//! Nothing is stored; an unfinished period is compared with the same dates of the earlier ones, and a period before
//! the codes hung is a gap. Which rows are read stands in `store`, how they are counted in `tally`.

use std::collections::BTreeMap;

use chrono::{Datelike, Months, Timelike};
use serde::Serialize;

use super::basis::{self, Basis};
use super::comparison::{self, Comparison, row_stands_beside};
use super::metric::{Change, Figure, Figures, Metric, Unit, change};
use super::store;
use super::tally::{People, Row, Span, Tally};
use crate::clock::{Period, PeriodKind, at_local};
use crate::db::{Id, Time, Tx};
use crate::error::{Error, Result};
use crate::places;

/// A metric of the totals, beside its earlier values.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Line {
    /// Which.
    pub metric: Metric,
    /// Its name.
    pub label: &'static str,
    /// Its unit.
    pub unit: Unit,
    /// What exactly is counted.
    pub sentence: &'static str,
    /// This period.
    pub current: Figure,
    /// The one before.
    pub previous: Figure,
    /// 环比.
    pub change: Change,
    /// The same of last year.
    pub last_year: Figure,
    /// 同比.
    pub year_change: Change,
    /// 本年累计, up to the end of this period.
    pub year_to_date: Figure,
    /// The same dates of last year.
    pub last_year_to_date: Figure,
    /// 累计同比.
    pub cumulative_change: Change,
}

impl Line {
    /// The current figure for people.
    pub fn current_text(&self) -> String {
        self.current.text(self.metric)
    }

    /// The figure of the period before.
    pub fn previous_text(&self) -> String {
        self.previous.text(self.metric)
    }

    /// The figure of the same period of last year.
    pub fn last_year_text(&self) -> String {
        self.last_year.text(self.metric)
    }

    /// The figure of the year up to the end of the period.
    pub fn year_to_date_text(&self) -> String {
        self.year_to_date.text(self.metric)
    }

    /// 环比 for people: relative for counts, in points for shares.
    pub fn change_text(&self) -> String {
        said(self.metric, &self.change)
    }

    /// 同比 for people.
    pub fn year_change_text(&self) -> String {
        said(self.metric, &self.year_change)
    }
}

fn said(metric: Metric, change: &Change) -> String {
    if change.percent.is_some() { change.percent_text() } else { change.difference_text(metric) }
}

/// A part of the whole: a category, a building, a party, a channel.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Slice {
    /// Its code or id.
    pub code: String,
    /// Its name.
    pub name: String,
    /// What it belongs to; the level-1 category of a level-2 one.
    pub parent: String,
    /// Its figures of this period.
    pub figures: Figures,
    /// Its part of the 受理量 of the whole.
    pub share: Figure,
    /// 受理量 of the period before; nothing without service.
    pub previous: Option<i64>,
    /// 环比.
    pub change: Change,
    /// 受理量 of the same period of last year; nothing without service.
    pub last_year: Option<i64>,
    /// 同比.
    pub year_change: Change,
    /// Households of a building, where they are known.
    pub households: Option<i64>,
}

impl Slice {
    /// One of its figures; a gap for none.
    pub fn figure(&self, metric: Metric) -> Figure {
        self.figures.get(&metric).copied().unwrap_or(Figure::GAP)
    }

    /// One of its figures for people.
    pub fn text(&self, metric: Metric) -> String {
        self.figure(metric).text(metric)
    }

    /// Its part of the whole for people.
    pub fn share_text(&self) -> String {
        self.share.text(Metric::ClosedRate)
    }

    /// `12 / 30` of one of its figures.
    pub fn parts(&self, metric: Metric) -> String {
        self.figure(metric).parts()
    }
}

/// A month of the series behind the charts.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Point {
    /// `2025-06`.
    pub month: String,
    /// 受理量; nothing without service.
    pub cases: Option<i64>,
    /// 办结量.
    pub closed: Option<i64>,
    /// 可比诉求量.
    pub comparable: Option<i64>,
    /// 扫码量.
    pub scans: Option<i64>,
}

/// How many of those submitted in the period came how far.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct FunnelStage {
    /// 提交, 受理, 已联系, 已办结, 有效回访, 居民说已解决.
    pub name: &'static str,
    /// How many.
    pub count: i64,
    /// Of how many submitted.
    pub of_submitted: Figure,
}

/// A month or a year of a community.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Report {
    /// Which period.
    pub period: Period,
    /// `2025年6月`.
    pub label: String,
    /// 自然月, 考核月 or 自然年.
    pub kind: &'static str,
    /// Whether it has ended; otherwise earlier periods are counted up to the same date.
    pub complete: bool,
    /// Population, coverage, weights.
    pub basis: Basis,
    /// Residents and households of the period.
    pub people: People,
    /// The versions of the limits that set the deadlines.
    pub limit_versions: Vec<String>,
    /// Every metric.
    pub totals: Vec<Line>,
    /// Level-1 categories.
    pub level1: Vec<Slice>,
    /// Level-2 categories; `——` stands for what has none yet.
    pub categories: Vec<Slice>,
    /// Kinds.
    pub kinds: Vec<Slice>,
    /// Channels.
    pub channels: Vec<Slice>,
    /// Buildings, and what lies outside of them.
    pub buildings: Vec<Slice>,
    /// Units and spots with tickets.
    pub places: Vec<Slice>,
    /// Parties, as leads.
    pub parties: Vec<Slice>,
    /// This period and the twelve before; for a year its months.
    pub months: Vec<Point>,
    /// From submission to the resident's word.
    pub funnel: Vec<FunnelStage>,
    /// 受理量 by weekday (Monday first) and hour.
    pub hours: Vec<Vec<i64>>,
    /// Beside the hotline, up to the year of the period.
    pub hotline: Comparison,
}

impl Report {
    /// A line of the totals.
    pub fn line(&self, metric: Metric) -> Option<&Line> {
        self.totals.iter().find(|line| line.metric == metric)
    }

    /// The current figure of a metric.
    pub fn figure(&self, metric: Metric) -> Figure {
        self.line(metric).map_or(Figure::GAP, |line| line.current)
    }
}

/// The spans that a report sets side by side.
struct Spans {
    current: Span,
    previous: Option<Span>,
    last_year: Option<Span>,
    year_to_date: Span,
    last_year_to_date: Option<Span>,
}

/// Computes the report of a period that has begun.
pub fn report(tx: &mut Tx, community: Id, period: Period) -> Result<Report> {
    if period.from > tx.now {
        return Err(Error::invalid("period", "这个时间还没有到，没有可统计的内容"));
    }
    let community = places::community(tx, community)?;
    let id = community.id;
    let basis = basis::gather(tx, community, period.to)?;
    let spans = spans(period, &basis);
    let months = series(period);
    let starts = [spans.year_to_date, spans.current].into_iter().chain(spans.previous).chain(spans.last_year);
    let starts = starts.chain(spans.last_year_to_date).map(|span| span.from);
    let served = months.iter().filter(|month| basis.in_service(month)).map(|month| month.from);
    let from = starts.chain(served).min().unwrap_or(period.from);
    let rows = store::touched(tx, id, from, period.to)?;
    let scans = store::scans(
        tx,
        id,
        from.day(),
        Time::from_micros(period.to.0.timestamp_micros() - 1).day().succ_opt().unwrap_or_default(),
    )?;
    let board = Board { rows: &rows, scans: &scans, basis: &basis, spans: &spans };
    let parties = store::parties(tx, id)?;
    Ok(Report {
        label: period.label(),
        kind: period.kind.label(),
        complete: period.to <= basis.cut_off,
        people: basis.people(period.from, period.to),
        limit_versions: store::rule_versions(tx, id, period.from, period.to)?,
        totals: board.totals(),
        level1: board.level1(),
        categories: board.categories(),
        kinds: board.slices(|row| row.kind.label().to_owned()),
        channels: board.slices(|row| row.channel.label().to_owned()),
        buildings: board.buildings(),
        places: board.places(),
        parties: board.parties(&parties),
        months: months.iter().map(|month| board.point(month)).collect(),
        funnel: board.funnel(),
        hours: board.hours(),
        hotline: comparison::compare(tx, id, period.named.year(), &basis)?,
        period,
        basis,
    })
}

/// The periods of the chart: this one and the twelve before, or the months of a year.
fn series(period: Period) -> Vec<Period> {
    if period.kind == PeriodKind::Year {
        let months = (1..=12).filter_map(|month| Period::new(PeriodKind::Month, period.named.year(), month));
        return months.collect();
    }
    let mut months: Vec<Period> =
        std::iter::successors(Some(period), |last| Some(last.previous())).take(13).collect();
    months.reverse();
    months
}

fn spans(period: Period, basis: &Basis) -> Spans {
    let cut_off = basis.cut_off;
    // An unfinished period is compared with as much of the earlier one.
    let until = |end: Time, months: u32| match period.to <= cut_off {
        true => end,
        false => at_local(cut_off.local() - Months::new(months)).min(end),
    };
    let back = if period.kind == PeriodKind::Year { 12 } else { 1 };
    let (before, year_ago) = (period.previous(), period.last_year());
    let span = |from: Time, to: Time| Span { from, to, cut_off };
    let first = |year: i32| Period::new(period.kind, year, 1).map_or(period.from, |first| first.from);
    let year = period.named.year();
    let served = |whole: Span| basis.service_from.is_some_and(|from| from <= whole.from).then_some(whole);
    let previous = span(before.from, until(before.to, back));
    let last_year = span(year_ago.from, until(year_ago.to, 12));
    Spans {
        current: span(period.from, period.to),
        previous: basis.service_from.filter(|from| *from < previous.to).map(|_| previous),
        last_year: served(last_year),
        year_to_date: span(first(year), period.to),
        last_year_to_date: served(span(first(year - 1), last_year.to)),
    }
}

/// What a report is put together from.
struct Board<'a> {
    rows: &'a [Row],
    scans: &'a [(String, chrono::NaiveDate, i64)],
    basis: &'a Basis,
    spans: &'a Spans,
}

/// Counts of a part: in full for this period, 受理量 alone for the earlier ones.
#[derive(Default)]
struct Part {
    tally: Tally,
    previous: i64,
    last_year: i64,
}

impl Board<'_> {
    fn tally(&self, span: &Span) -> Tally {
        let mut tally = Tally::default();
        for row in self.rows {
            tally.add(row, span, row_stands_beside(row, self.basis));
        }
        tally
    }

    fn scans_in(&self, span: &Span, fits: impl Fn(&str) -> bool) -> i64 {
        let last = Time::from_micros(span.to.0.timestamp_micros() - 1).day();
        let inside = |day: &chrono::NaiveDate| span.from.day() <= *day && *day <= last;
        self.scans.iter().filter(|(code, day, _)| inside(day) && fits(code)).map(|(.., count)| count).sum()
    }

    fn figures(&self, span: &Span) -> Figures {
        let people = self.basis.people(span.from, span.to);
        self.tally(span).figures(self.scans_in(span, |_| true), &self.basis.weights, people)
    }

    fn totals(&self) -> Vec<Line> {
        let spans = self.spans;
        let current = self.figures(&spans.current);
        let previous = spans.previous.map(|span| self.figures(&span));
        let last_year = spans.last_year.map(|span| self.figures(&span));
        let to_date = self.figures(&spans.year_to_date);
        let last_to_date = spans.last_year_to_date.map(|span| self.figures(&span));
        let of = |figures: &Option<Figures>, metric| {
            figures
                .as_ref()
                .and_then(|figures: &Figures| figures.get(&metric).copied())
                .unwrap_or(Figure::GAP)
        };
        let against = |metric, now: &Figure, figures: &Option<Figures>| match figures {
            Some(_) => change(metric, now, &of(figures, metric)),
            None => Change::NO_BASE,
        };
        let line = |metric: Metric| {
            let now = current.get(&metric).copied().unwrap_or(Figure::GAP);
            let year = to_date.get(&metric).copied().unwrap_or(Figure::GAP);
            Line {
                metric,
                label: metric.label(),
                unit: metric.unit(),
                sentence: metric.sentence(),
                current: now,
                previous: of(&previous, metric),
                change: change(metric, &now, &of(&previous, metric)),
                last_year: of(&last_year, metric),
                year_change: against(metric, &now, &last_year),
                year_to_date: year,
                last_year_to_date: of(&last_to_date, metric),
                cumulative_change: against(metric, &year, &last_to_date),
            }
        };
        Metric::ALL.iter().copied().map(line).collect()
    }

    fn parts(&self, key: impl Fn(&Row) -> String) -> BTreeMap<String, Part> {
        let mut parts = BTreeMap::<String, Part>::new();
        let spans = self.spans;
        let inside = |span: &Option<Span>, row: &Row| span.is_some_and(|span| span.has(row.submitted_at));
        for row in self.rows {
            let before = row.counted() && inside(&spans.previous, row);
            let year_ago = row.counted() && inside(&spans.last_year, row);
            if !(before || year_ago || row.touches(&spans.current)) {
                continue;
            }
            let part = parts.entry(key(row)).or_default();
            part.tally.add(row, &spans.current, row_stands_beside(row, self.basis));
            part.previous += i64::from(before);
            part.last_year += i64::from(year_ago);
        }
        parts
    }

    /// `door` are the scans and the households of a building.
    fn slice(&self, code: String, part: Part, whole: i64, door: (i64, Option<i64>)) -> Slice {
        let (scans, households) = door;
        let people = People { residents: None, households: households.map(|count| count as f64) };
        let cases = part.tally.cases;
        let now = Figure::count(cases);
        let previous = self.spans.previous.map(|_| part.previous);
        let last_year = self.spans.last_year.map(|_| part.last_year);
        let earlier = |count: Option<i64>| count.map(Figure::count);
        Slice {
            name: code.clone(),
            code,
            parent: String::new(),
            figures: part.tally.figures(scans, &self.basis.weights, people),
            share: Figure::rate(cases as f64, whole as f64, 1.0),
            change: earlier(previous).map_or(Change::default(), |then| change(Metric::Cases, &now, &then)),
            year_change: earlier(last_year)
                .map_or(Change::NO_BASE, |then| change(Metric::Cases, &now, &then)),
            previous,
            last_year,
            households,
        }
    }

    /// A slice for each key, the largest first.
    fn slices(&self, key: impl Fn(&Row) -> String) -> Vec<Slice> {
        let whole = self.whole();
        let parts = self.parts(key).into_iter();
        let mut slices: Vec<Slice> =
            parts.map(|(code, part)| self.slice(code, part, whole, (0, None))).collect();
        largest_first(&mut slices);
        slices
    }

    fn whole(&self) -> i64 {
        let inside = |row: &&Row| row.counted() && self.spans.current.has(row.submitted_at);
        self.rows.iter().filter(inside).count() as i64
    }

    fn level1(&self) -> Vec<Slice> {
        let mut slices = self.slices(|row| row.level1.clone());
        for slice in &mut slices {
            let named = self.basis.categories.iter().find(|each| each.level1_code() == slice.code);
            slice.name = named.map_or_else(|| slice.code.clone(), |each| each.level1.clone());
        }
        slices
    }

    fn categories(&self) -> Vec<Slice> {
        let key = |row: &Row| row.category.clone().unwrap_or_else(|| format!("{}——", row.level1));
        let mut slices = self.slices(key);
        for slice in &mut slices {
            let tree = &self.basis.categories;
            let level1 = slice.code.get(..2).unwrap_or_default();
            let own = tree.iter().find(|each| each.code == slice.code);
            let parent = tree.iter().find(|each| each.level1_code() == level1);
            slice.parent = parent.map(|each| each.level1.clone()).unwrap_or_default();
            slice.name = own.map_or_else(|| "未定二级分类".to_owned(), |each| each.level2.clone());
        }
        slices
    }

    fn buildings(&self) -> Vec<Slice> {
        let whole = self.whole();
        let key = |row: &Row| row.building_id.map(|id| id.to_string()).unwrap_or_default();
        let mut parts = self.parts(key);
        let homes: BTreeMap<&str, Option<Id>> = self
            .basis
            .codes
            .iter()
            .filter_map(|code| {
                let place = self.basis.places.iter().find(|place| place.id == code.place_id)?;
                Some((code.code.as_str(), place.building_id))
            })
            .collect();
        let scanned = |building: Option<Id>| {
            self.scans_in(&self.spans.current, |code| homes.get(code) == Some(&building))
        };
        let is_building = |place: &&store::PlaceRow| place.kind == places::PlaceKind::Building;
        let mut slices: Vec<Slice> = Vec::new();
        for place in self.basis.places.iter().filter(is_building) {
            let part = parts.remove(&place.id.to_string());
            if part.is_none() && place.retired_at.is_some() {
                continue;
            }
            let inside = |each: &&store::PlaceRow| each.building_id == Some(place.id) && each.id != place.id;
            let units: i64 = self
                .basis
                .places
                .iter()
                .filter(inside)
                .filter_map(|unit| unit.households)
                .map(i64::from)
                .sum();
            let households = place.households.map(i64::from).or((units > 0).then_some(units));
            let mut slice = self.slice(
                place.id.to_string(),
                part.unwrap_or_default(),
                whole,
                (scanned(Some(place.id)), households),
            );
            slice.name.clone_from(&place.full_name);
            slices.push(slice);
        }
        if let Some(part) = parts.remove("") {
            let mut slice = self.slice(String::new(), part, whole, (scanned(None), None));
            slice.name = "楼外公共区域".to_owned();
            slices.push(slice);
        }
        slices
    }

    fn places(&self) -> Vec<Slice> {
        let mut slices = self.slices(|row| row.place_id.to_string());
        for slice in &mut slices {
            let place = self.basis.places.iter().find(|place| place.id.to_string() == slice.code);
            slice.name = place.map_or_else(|| "—".to_owned(), |place| place.full_name.clone());
        }
        slices
    }

    fn parties(&self, names: &BTreeMap<Id, String>) -> Vec<Slice> {
        let mut slices = self.slices(|row| row.lead_id.to_string());
        for slice in &mut slices {
            let name =
                names.iter().find(|(id, _)| id.to_string() == slice.code).map(|(_, name)| name.clone());
            slice.name = name.unwrap_or_else(|| "—".to_owned());
        }
        slices
    }

    fn point(&self, month: &Period) -> Point {
        let span = Span { from: month.from, to: month.to, cut_off: self.basis.cut_off };
        let served = self.basis.in_service(month);
        let figures = served.then(|| self.figures(&span));
        let count = |metric| {
            let figure: Option<&Figure> = figures.as_ref().and_then(|figures| figures.get(&metric));
            figure.and_then(|figure| figure.value).map(|value| value as i64)
        };
        Point {
            month: month.word(),
            cases: count(Metric::Cases),
            closed: count(Metric::Closed),
            comparable: count(Metric::Comparable),
            scans: count(Metric::Scans),
        }
    }

    fn funnel(&self) -> Vec<FunnelStage> {
        let cohort: Vec<&Row> =
            self.rows.iter().filter(|row| self.spans.current.has(row.submitted_at)).collect();
        let count = |fits: fn(&Row) -> bool| cohort.iter().filter(|row| fits(row)).count() as i64;
        let answered = |row: &Row| row.counted() && row.answer_valid == Some(true);
        let stages = [
            ("提交", cohort.len() as i64),
            ("受理", count(Row::counted)),
            ("已首次联系", count(|row| row.counted() && row.first_contact_at.is_some())),
            ("已办结", count(|row| row.counted() && row.closed().is_some())),
            ("有效回访", count(answered)),
            (
                "居民说已解决",
                count(|row| row.counted() && row.answer_valid == Some(true) && row.solved == Some(true)),
            ),
        ];
        let of = |count: i64| Figure::rate(count as f64, cohort.len() as f64, 1.0);
        stages.into_iter().map(|(name, count)| FunnelStage { name, count, of_submitted: of(count) }).collect()
    }

    fn hours(&self) -> Vec<Vec<i64>> {
        let mut hours = vec![vec![0; 24]; 7];
        for row in self.rows.iter().filter(|row| row.counted() && self.spans.current.has(row.submitted_at)) {
            let local = row.submitted_at.local();
            hours[local.weekday().num_days_from_monday() as usize][local.hour() as usize] += 1;
        }
        hours
    }
}

fn largest_first(slices: &mut [Slice]) {
    let size = |slice: &Slice| slice.figure(Metric::Cases).value.unwrap_or(0.0);
    slices.sort_by(|one, other| size(other).total_cmp(&size(one)).then_with(|| one.code.cmp(&other.code)));
}
