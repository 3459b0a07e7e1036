//! The whole of a month or a year of a community, computed once: the page, the JSON and the workbook all read it.
//!
//! Nothing is stored; an unfinished period is compared with the same dates of the earlier ones, and a period before
//! the codes hung is a gap. Which rows are read stands in `store`, how they are counted in `tally`, how the parts are made in `board`.

use chrono::{Datelike, Months};
use serde::Serialize;

use super::as_of::as_of;
use super::basis::{self, Basis, Terms};
use super::board::Board;
use super::comparison::{self, Comparison};
use super::known::Calls;
use super::metric::{Change, Figure, Figures, Metric, Unit};
use super::ranking::{Door, Frequent, Gathering};
use super::store;
use super::tally::{People, Row, Span, durations};
use crate::clock::{Period, PeriodKind, at_local};
use crate::db::{Id, Time, Tx};
use crate::error::{Error, Result};
use crate::places;
use crate::tickets::Step;

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
    /// How a party had tickets; nothing for other parts.
    pub hand_offs: Option<HandOffs>,
}

/// How a party had the tickets that it was given in the period, as things stood at the cut-off.
#[derive(Debug, Clone, Default, PartialEq, Serialize, utoipa::ToSchema)]
pub struct HandOffs {
    /// How many times it was given one; the same ticket twice counts twice.
    pub count: i64,
    /// How many of them it gave back.
    pub returned: i64,
    /// How long it had those that it has no more, in hours, the median; the denominator says how many they are.
    pub median: Figure,
    /// How many of the period's 受理量 it supported.
    pub supported: i64,
    /// Its place by score among the parties with answers; equal scores share it.
    pub rank: Option<usize>,
}

impl HandOffs {
    pub(super) fn of(held: &[&store::Held]) -> HandOffs {
        let lasted = |each: &&store::Held| Some((each.until_at?.0 - each.from_at.0).num_seconds());
        HandOffs {
            count: held.len() as i64,
            returned: held.iter().filter(|each| each.ended_by.as_deref() == Some(Step::Return.word())).count()
                as i64,
            median: durations(&held.iter().filter_map(lasted).collect::<Vec<_>>())[0],
            ..HandOffs::default()
        }
    }
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

    /// What a party supported, how often it was given a ticket, how many it gave back, the median time it had them, and
    /// its rank, for people.
    pub fn hand_offs_text(&self) -> [String; 5] {
        let had = self.hand_offs.clone().unwrap_or_default();
        let rank = had.rank.map_or("—".to_owned(), |rank| rank.to_string());
        let median = had.median.text(Metric::HandlingMedian);
        [had.supported.to_string(), had.count.to_string(), had.returned.to_string(), median, rank]
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
    /// The matters told of most.
    pub frequent: Vec<Frequent>,
    /// The spots told of most.
    pub spots: Vec<Frequent>,
    /// Every door, and every other place with tickets.
    pub doors: Vec<Door>,
    /// What was told more than once.
    pub gatherings: Vec<Gathering>,
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
pub(super) struct Spans {
    pub(super) current: Span,
    pub(super) previous: Option<Span>,
    pub(super) last_year: Option<Span>,
    /// The same dates of last year, whether codes hung then or not: for the hotline's tickets.
    pub(super) year_ago: Span,
    pub(super) year_to_date: Span,
    pub(super) last_year_to_date: Option<Span>,
}

/// Computes the report of a period that has begun.
pub fn report(tx: &mut Tx, community: Id, period: Period) -> Result<Report> {
    report_under(tx, community, period, &Terms::default())
}

/// As [`report`], at an earlier cut-off or under the rules that an issued report names.
pub(super) fn report_under(tx: &mut Tx, community: Id, period: Period, terms: &Terms) -> Result<Report> {
    let tx = &mut Tx { conn: &mut *tx.conn, now: terms.cut_off.unwrap_or(tx.now) };
    if period.from > tx.now {
        return Err(Error::invalid("period", "这个时间还没有到，没有可统计的内容"));
    }
    let community = places::community(tx, community)?;
    let id = community.id;
    let basis = basis::gather(tx, community, period.to, terms)?;
    let spans = spans(period, &basis);
    let months = series(period);
    let starts = [spans.year_to_date, spans.current].into_iter().chain(spans.previous).chain(spans.last_year);
    let starts = starts.chain(spans.last_year_to_date).map(|span| span.from);
    let served = months.iter().filter(|month| basis.in_service(month)).map(|month| month.from);
    let from = starts.chain(served).min().unwrap_or(period.from);
    let mut rows = store::touched(tx, id, from, period.to)?;
    if let Some(cut_off) = terms.cut_off {
        as_of(&mut rows, cut_off);
    }
    let scans = store::scans(
        tx,
        id,
        from.day(),
        Time::from_micros(period.to.0.timestamp_micros() - 1).day().succ_opt().unwrap_or_default(),
    )?;
    let voices = store::voices(tx, id, from, period.to)?;
    let board = Board { rows: &rows, voices: &voices, scans: &scans, basis: &basis, spans: &spans };
    let held = store::held(tx, id, period.from, period.to)?;
    let supported = store::supported(tx, id, period.from, period.to)?;
    let parties = board.parties(&store::parties(tx, id)?, &held, &supported);
    let (categories, places) = (board.categories(), board.places());
    let members = store::members(tx, id)?.into_iter().map(|each| (each.row.id, each.incident_id)).collect();
    let inside = |row: &&Row| period.from <= row.submitted_at && row.submitted_at < period.to;
    let calls = Calls::read(tx, id, &spans.current, &spans.year_ago)?;
    let mains: Vec<Id> = rows.iter().filter(inside).filter_map(|row| row.main_id).collect();
    Ok(Report {
        label: period.label(),
        kind: period.kind.label(),
        complete: period.to <= basis.cut_off,
        people: basis.people(period.from, period.to),
        limit_versions: store::rule_versions(tx, id, period.from, period.to)?,
        totals: board.totals(),
        level1: board.level1(),
        frequent: board.matters(&categories, &places, &parties),
        spots: board.spots(&places, &categories, &parties),
        doors: board.doors(&places, &store::grids(tx, id)?, &calls),
        gatherings: board.gatherings(&members, &store::numbers(tx, id, &mains)?),
        categories,
        kinds: board.slices(|row| row.kind.label().to_owned()),
        channels: board.slices(|row| row.channel.label().to_owned()),
        buildings: board.buildings(),
        places,
        parties,
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
        year_ago: last_year,
        year_to_date: span(first(year), period.to),
        last_year_to_date: served(span(first(year - 1), last_year.to)),
    }
}
