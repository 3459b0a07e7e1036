//! The page of a period's figures, and its workbook. It shows what [`report()`] answers, and computes nothing itself.

pub mod hotline;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Query};
use askama::Template;

use super::links::Links;
use super::making;
use super::material::Which;
use super::members::{Cell, Counted, Hand, Side};
use super::metric::{Figure, Metric};
use super::parts::{self, Part};
use super::report::{Point, Report, Slice, report};
use super::whose::OWN;
use crate::clock::{Period, PeriodKind};
use crate::config::Config;
use crate::console;
use crate::console::view::Chrome;
use crate::console::visit::{Answer, Visit};
use crate::db::{Db, Time, Tx};
use crate::error::{Error, Result};
use crate::keys::Keys;
use crate::people::Session;
use crate::tickets::acts;
use crate::web::{PageError, download, html};

/// Which period to show: `kind` with `period`, `on`, or as before `month=2025-06` or `year=2025`. The present month where
/// nothing is said.
#[derive(Debug, Clone, Default, serde::Deserialize, utoipa::IntoParams)]
pub struct Asked {
    /// `day`, `week`, `month`, `assessment_month`, `quarter`, `year` or `year_to_date`; `month` where nothing is said.
    pub kind: Option<String>,
    /// `2025-06-03`, `2025-W23`, `2025-06`, `2025-Q2` or `2025`, as the kind asks.
    pub period: Option<String>,
    /// A day: the period of that kind in which it lies.
    pub on: Option<String>,
    /// `2025-06`.
    pub month: Option<String>,
    /// `2025`; wins over all others.
    pub year: Option<String>,
}

impl Asked {
    /// What the other pages ask with, as far as they do.
    pub(super) fn of(kind: &Option<String>, period: &Option<String>, on: &Option<String>) -> Asked {
        Asked { kind: kind.clone(), period: period.clone(), on: on.clone(), ..Asked::default() }
    }

    /// The period that is meant.
    pub fn period(&self, now: Time) -> Result<Period> {
        let given = |text: &Option<String>| {
            text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
        };
        let kind = match given(&self.kind) {
            Some(word) => PeriodKind::of_word(&word).ok_or_else(|| {
                Error::invalid("kind", "没有这种期间，请选日、周、月、考核月、季度、年或年初至今")
            })?,
            None => PeriodKind::Month,
        };
        let day = |text: String| {
            let wrong = || Error::invalid("on", "日期请写成 2025-06-03 这样");
            let day = text.parse().map_err(|_| wrong())?;
            Period::around(kind, day).ok_or_else(wrong)
        };
        match (given(&self.year), given(&self.period).or(given(&self.month)), given(&self.on)) {
            (Some(year), ..) if !year.contains('-') => Period::parse(PeriodKind::Year, &year),
            (_, Some(word), _) => Period::parse(kind, &word),
            (_, _, Some(text)) => day(text),
            _ => Ok(Period::of(kind, now)),
        }
    }
}

#[derive(Template)]
#[template(path = "stats/period.html")]
struct PeriodPage {
    chrome: Chrome,
    report: Report,
    /// The metrics that stand on top.
    tiles: Vec<Tile>,
    tables: Vec<SliceTable>,
    hours: Vec<(char, Vec<i64>)>,
    kinds: [PeriodKind; 7],
    /// A day inside the period, for the form.
    day: String,
    /// Links to the period before and after, where that has begun.
    earlier: String,
    later: Option<String>,
    /// What the links to the workbook and the JSON say after `?`.
    query: String,
    year: String,
}

impl PeriodPage {
    /// A figure of the totals as a link to its list.
    fn total(&self, text: impl AsRef<str>, counted: impl Into<Counted>, span: Which) -> String {
        let counted = counted.into();
        self.links().value(text.as_ref(), &Cell { counted, side: counted.side(), span, part: None })
    }

    /// The sides of a figure, each a link to its list.
    fn sides(&self, figure: &Figure, metric: &Metric) -> String {
        let cell = Cell {
            counted: Counted::Metric(*metric),
            side: Side::Numerator,
            span: Which::Current,
            part: None,
        };
        self.links().parts(figure, &cell)
    }

    /// A figure of a part.
    fn cell(&self, table: &SliceTable, slice: &Slice, metric: Metric) -> String {
        self.links().value(&slice.text(metric), &self.at(table, slice, metric.into()))
    }

    /// 受理量 of a part before exclusions, where they took something out.
    fn gross(&self, table: &SliceTable, slice: &Slice) -> String {
        match slice.figure(Metric::Gross).value == slice.figure(Metric::Cases).value {
            true => String::new(),
            false => {
                let gross = self.cell(table, slice, Metric::Gross);
                format!("<br><small class=\"text-secondary text-nowrap\">剔除前 {gross}</small>")
            }
        }
    }

    /// The figures after 办结量: each with its sides, where it is a rate that has both.
    fn rates(&self, table: &SliceTable, slice: &Slice) -> Vec<(String, String)> {
        use Metric::*;
        let sides = |metric| match metric {
            Answers | Score => String::new(),
            _ => self.links().parts(&slice.figure(metric), &self.at(table, slice, metric.into())),
        };
        let shown = [OnTimeRate, Answers, SolvedRate, SatisfiedRate, Score];
        shown.map(|metric| (self.cell(table, slice, metric), sides(metric))).to_vec()
    }

    /// What a party had, each with its list.
    fn hands(&self, table: &SliceTable, slice: &Slice) -> Vec<String> {
        let hands = [Some(Hand::Supported), Some(Hand::Given), Some(Hand::Returned), Some(Hand::Left), None];
        let linked = hands.into_iter().zip(slice.hand_offs_text()).map(|(hand, text)| match hand {
            Some(hand) => self.links().value(&text, &self.at(table, slice, Counted::Hand(hand))),
            None => text,
        });
        linked.collect()
    }

    fn hour(&self, day: &usize, hour: &usize, count: &i64) -> String {
        let part = Some((Part::Hour, parts::hour(*day, *hour)));
        let counted = Counted::Metric(Metric::Cases);
        let cell = Cell { counted, side: Side::Numerator, span: Which::Current, part };
        if *count > 0 { self.links().value(&count.to_string(), &cell) } else { String::new() }
    }

    /// A count of a period of the series.
    fn point(&self, point: &Point, count: &Option<i64>, metric: Metric) -> String {
        let (counted, part) = (Counted::Metric(metric), None);
        let cell = Cell { counted, side: Side::Numerator, span: Which::Current, part };
        Links { period: &point.period, whose: &OWN }.value(&whole(count), &cell)
    }

    fn at(&self, table: &SliceTable, slice: &Slice, counted: Counted) -> Cell {
        let part = Some((table.part, slice.code.clone()));
        Cell { counted, side: counted.side(), span: Which::Current, part }
    }

    fn population_sources(&self) -> String {
        self.report.basis.population_sources(self.report.period.from, self.report.period.to)
    }

    fn units_source(&self) -> String {
        self.report.basis.units_source(self.report.period.to)
    }

    fn links(&self) -> Links<'_> {
        Links { period: &self.report.period, whose: &OWN }
    }
}

struct Tile {
    label: &'static str,
    metric: Metric,
    sentence: &'static str,
    value: String,
    unit: &'static str,
    figure: Figure,
    change: String,
}

struct SliceTable {
    title: &'static str,
    part: Part,
    first: &'static str,
    chart: bool,
    households: bool,
    hand_offs: bool,
    rows: Vec<Slice>,
}

/// `GET /console/stats`
pub async fn show(
    session: Session,
    (db, keys, config): (Data<Db>, Data<Keys>, Data<Config>),
    asked: Query<Asked>,
) -> std::result::Result<HttpResponse, PageError> {
    let page = db.read(move |tx| period_page(tx, &session, (&keys, &config), &asked)).await?;
    html(StatusCode::OK, &page)
}

fn period_page(tx: &mut Tx, session: &Session, parts: (&Keys, &Config), asked: &Asked) -> Result<PeriodPage> {
    let period = asked.period(tx.now)?;
    let mut report = report(tx, session.actor.community_id, period)?;
    let title = format!("{}统计", report.label);
    let next = Period::of(period.kind, period.to);
    Ok(PeriodPage {
        chrome: console::chrome(tx, session, parts, &title, "/console/stats")?,
        tiles: tiles(&report),
        tables: slice_tables(&mut report),
        hours: "一二三四五六日".chars().zip(std::mem::take(&mut report.hours)).collect(),
        earlier: query(&period.previous()),
        later: (period.to <= tx.now).then(|| query(&next)),
        query: query(&period),
        kinds: PeriodKind::ALL,
        day: Time::from_micros(period.to.0.timestamp_micros() - 1).min(tx.now).day().to_string(),
        year: period.year().to_string(),
        report,
    })
}

#[derive(Template)]
#[template(path = "stats/tables.html")]
struct TablesPage {
    chrome: Chrome,
    label: String,
    query: String,
    tables: Vec<String>,
}

/// `GET /console/stats/tables`: every table of a period as a file of its own.
pub async fn tables(visit: Visit, asked: Query<Asked>) -> Answer {
    let db = visit.db.clone();
    let work = move |tx: &mut Tx| {
        let (period, actor) = (asked.period(tx.now)?, &visit.session.actor);
        Ok(TablesPage {
            chrome: visit.chrome(tx, "各张表", "/console/stats")?,
            label: period.label(),
            query: query(&period),
            tables: making::tables(tx, (actor.community_id, period), &actor.name)?,
        })
    };
    html(StatusCode::OK, &db.read(work).await?)
}

/// What an address says after `?` to mean a period.
pub(super) fn query(period: &Period) -> String {
    format!("kind={}&period={}", period.kind.word(), period.word())
}

fn tiles(report: &Report) -> Vec<Tile> {
    use Metric::*;
    let shown = [
        Gross,
        Cases,
        Deduplicated,
        Comparable,
        ClosedRate,
        OnTimeRate,
        Overdue,
        ContactOnTimeRate,
        ContactedRate,
        SolvedRate,
        SatisfiedRate,
        Score,
        HandlingMedian,
        FirstTimeRate,
        PerTenThousand,
        Answers,
    ];
    let lines = shown.iter().filter_map(|metric| report.line(*metric));
    lines
        .map(|line| {
            let unit = line.unit.label();
            Tile {
                label: line.label,
                metric: line.metric,
                sentence: line.sentence,
                value: line.current.text(line.metric),
                unit: if unit == "%" || line.current.value.is_none() { "" } else { unit },
                figure: line.current,
                change: line.change_text(),
            }
        })
        .collect()
}

/// The tables of parts; takes them out of the report, because a page shows each once.
fn slice_tables(report: &mut Report) -> Vec<SliceTable> {
    let table = |title, (part, first), rows: &mut Vec<Slice>| SliceTable {
        title,
        part,
        first,
        chart: part == Part::Level1,
        households: part == Part::Building,
        hand_offs: part == Part::Party,
        rows: std::mem::take(rows),
    };
    vec![
        table("一级分类", (Part::Level1, "分类"), &mut report.level1),
        table("二级分类", (Part::Category, "分类"), &mut report.categories),
        table("楼栋", (Part::Building, "楼栋"), &mut report.buildings),
        table("网格", (Part::Grid, "网格"), &mut report.grids),
        table("单元和点位", (Part::Place, "单元、点位"), &mut report.places),
        table("承办单位", (Part::Party, "单位"), &mut report.parties),
        table("渠道", (Part::Channel, "渠道"), &mut report.channels),
        table("诉求类型", (Part::Kind, "类型"), &mut report.kinds),
    ]
}

/// `GET /console/stats/workbook.xlsx`: the figures of a period, masked; leaves a line in the audit log.
#[utoipa::path(get, path = "/api/v1/stats/workbook.xlsx", tag = "stats", params(Asked),
    responses((status = 200, body = Vec<u8>, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"), (status = 422, description = "No such period, or not begun yet")))]
pub async fn workbook(
    session: Session,
    db: Data<Db>,
    asked: Query<Asked>,
) -> std::result::Result<HttpResponse, PageError> {
    let actor = session.actor.clone();
    let (name, bytes) = db
        .read(move |tx| {
            let period = asked.period(tx.now)?;
            making::export(tx, actor.community_id, period, &actor.name)
        })
        .await?;
    let noted = name.clone();
    // Nothing is handed out that was not noted.
    db.write(move |tx| acts::audit(tx, &session.actor, "export", &format!("导出 {noted}"))).await?;
    Ok(download("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", &name, bytes))
}

/// A count, or the gap where there is none.
fn whole(count: &Option<i64>) -> String {
    count.map_or("—".to_owned(), |count| count.to_string())
}
