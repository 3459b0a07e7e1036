//! The whole of a month or a year of a community, computed once: the page, the JSON and the workbook all read it.
//!
//! Nothing is stored; an unfinished period is compared with the same dates of the earlier ones, and a period before
//! the codes hung is a gap. Which rows are read stands in `store`, how they are counted in `tally`, how the parts are made in `board`.

use serde::Serialize;

use super::basis::{Basis, Terms};
use super::comparison::{self, Comparison};
use super::known::Calls;
use super::marks::Stage;
use super::material::Material;
use super::metric::{Change, Figure, Figures, Metric, Unit};
use super::parts::Part;
use super::ranking::{Door, Frequent, Gathering};
use super::store;
use super::tally::{People, Row, durations};
use crate::clock::Period;
use crate::db::{Id, Tx};
use crate::error::Result;
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
    /// The period itself.
    #[serde(skip)]
    pub(super) period: Period,
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
    /// What exactly is counted.
    pub stage: Stage,
    /// How many.
    pub count: i64,
    /// Of how many that came: the first stage.
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
    /// Grids, and what lies in none.
    pub grids: Vec<Slice>,
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

/// Computes the report of a period that has begun.
pub fn report(tx: &mut Tx, community: Id, period: Period) -> Result<Report> {
    report_under(tx, community, period, &Terms::default())
}

/// As [`report`], at an earlier cut-off or under the rules that an issued report names.
pub(super) fn report_under(tx: &mut Tx, community: Id, period: Period, terms: &Terms) -> Result<Report> {
    let tx = &mut Tx { conn: &mut *tx.conn, now: terms.cut_off.unwrap_or(tx.now) };
    let source = terms.source();
    let material = Material::read(tx, community, period, (terms, source))?;
    let board = material.board();
    let id = material.basis.community.id;
    let parties = board.parties(&store::parties(tx, id)?, &material.held, &material.supported);
    let (categories, places) = (board.categories(), board.slices(Part::Place));
    let members = store::members(tx, id)?.into_iter().map(|each| (each.row.id, each.incident_id)).collect();
    let inside = |row: &&Row| period.from <= row.submitted_at && row.submitted_at < period.to;
    let mains: Vec<Id> = material.rows.iter().filter(inside).filter_map(|row| row.main_id).collect();
    let calls = Calls::read(tx, id, &material.spans.current, material.spans.year_ago.as_ref())?;
    let report = Report {
        label: period.label(),
        kind: period.kind.label(),
        complete: period.to <= material.basis.cut_off,
        people: material.basis.people(period.from, period.to),
        limit_versions: store::rule_versions(tx, id, period.from, period.to)?,
        totals: board.totals(),
        level1: board.slices(Part::Level1),
        frequent: board.matters(&categories, &places, &parties),
        spots: board.spots(&places, &categories, &parties),
        doors: board.doors(&places, &material.basis.grids, &calls),
        gatherings: board.gatherings(&members, &store::numbers(tx, id, &mains)?),
        categories,
        kinds: board.slices(Part::Kind),
        channels: board.slices(Part::Channel),
        buildings: board.buildings(),
        grids: board.slices(Part::Grid),
        places,
        parties,
        months: material.months.iter().map(|month| board.point(month)).collect(),
        funnel: board.funnel(&OF_SUBMITTED),
        hours: board.hours(),
        hotline: comparison::compare(tx, id, period.year(), (&material.basis, source))?,
        period,
        basis: material.basis.clone(),
    };
    Ok(report)
}

/// The funnel of a report.
const OF_SUBMITTED: [Stage; 6] =
    [Stage::Submitted, Stage::Cases, Stage::Contacted, Stage::Closed, Stage::Heard, Stage::Solved];
