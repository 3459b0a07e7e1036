//! The pages of figures: a month or a year, and the comparison with the hotline. They show what [`report()`] and
//! [`hotline()`] answer, and compute nothing themselves.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Form, Query};
use askama::Template;
use chrono::Datelike;

use super::comparison::Comparison;
use super::hotline::{self, NewTotal, Total};
use super::metric::Metric;
use super::report::{Report, Slice, report};
use super::{api, making};
use crate::clock::{Period, PeriodKind};
use crate::config::Config;
use crate::console;
use crate::console::view::Chrome;
use crate::console::visit::{Answer, Fields, Sent, Visit};
use crate::db::{Db, Time, Tx};
use crate::error::{Error, Result};
use crate::keys::Keys;
use crate::people::{Role, Session};
use crate::tickets::acts;
use crate::web::{PageError, download, html, see_other};

/// Which period to show: `month=2025-06` with `kind`, or `year=2025`. The present month where nothing is said.
#[derive(Debug, Clone, Default, serde::Deserialize, utoipa::IntoParams)]
pub struct Asked {
    /// `2025-06`.
    pub month: Option<String>,
    /// `2025`; wins over a month.
    pub year: Option<String>,
    /// `month` or `assessment_month`.
    pub kind: Option<String>,
}

impl Asked {
    /// The period that is meant.
    pub fn period(&self, now: Time) -> Result<Period> {
        let kind = match self.kind.as_deref() {
            Some("assessment_month") => PeriodKind::AssessmentMonth,
            _ => PeriodKind::Month,
        };
        let given = |text: &Option<String>| {
            text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
        };
        match (given(&self.year), given(&self.month)) {
            (Some(year), _) if !year.contains('-') => Period::parse(PeriodKind::Year, &year),
            (_, Some(month)) => Period::parse(kind, &month),
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
    /// Links to the period before and after, where that has begun.
    earlier: String,
    later: Option<String>,
    /// What the links to the workbook and the JSON say after `?`.
    query: String,
    month: String,
    year: String,
    assessment: bool,
}

struct Tile {
    label: &'static str,
    sentence: &'static str,
    value: String,
    unit: &'static str,
    parts: String,
    change: String,
}

struct SliceTable {
    title: &'static str,
    first: &'static str,
    chart: bool,
    households: bool,
    hand_offs: bool,
    rows: Vec<Slice>,
}

#[derive(Template)]
#[template(path = "stats/hotline.html")]
struct HotlinePage {
    chrome: Chrome,
    comparison: Comparison,
    report: Report,
    totals: Vec<Total>,
    may_type: bool,
    sent: Sent,
    years: Vec<i32>,
    /// The month whose buildings are shown; the whole year where there is none.
    month: Option<u32>,
    /// Whether they decide what is one matter.
    pairs: bool,
}

impl HotlinePage {
    fn previous_year(&self) -> i32 {
        self.comparison.year - 1
    }

    /// Whether any month was counted from tickets of the hotline.
    fn has_rows(&self) -> bool {
        self.comparison.months.iter().any(|line| line.from_rows)
    }

    /// The months of the year that have tickets of the hotline.
    fn row_months(&self) -> Vec<u32> {
        let months = (1..).zip(&self.comparison.months);
        months.filter(|(_, line)| line.overlap.is_some()).map(|(month, _)| month).collect()
    }

    fn is_month(&self, month: &u32) -> bool {
        self.month == Some(*month)
    }
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
        later: (next.from <= tx.now).then(|| query(&next)),
        query: query(&period),
        month: if period.kind == PeriodKind::Year { String::new() } else { period.word() },
        year: period.named.year().to_string(),
        assessment: period.kind == PeriodKind::AssessmentMonth,
        report,
    })
}

pub(super) fn query(period: &Period) -> String {
    match period.kind {
        PeriodKind::Year => format!("year={}", period.word()),
        PeriodKind::Month => format!("month={}&kind=month", period.word()),
        PeriodKind::AssessmentMonth => format!("month={}&kind=assessment_month", period.word()),
    }
}

fn tiles(report: &Report) -> Vec<Tile> {
    use Metric::*;
    let shown = [
        Cases,
        Comparable,
        ClosedRate,
        OnTimeRate,
        ContactOnTimeRate,
        ContactedRate,
        SolvedRate,
        SatisfiedRate,
        Score,
        HandlingMedian,
        FirstTimeRate,
        PerTenThousand,
    ];
    let lines = shown.iter().filter_map(|metric| report.line(*metric));
    lines
        .map(|line| {
            let unit = line.unit.label();
            Tile {
                label: line.label,
                sentence: line.sentence,
                value: line.current.text(line.metric),
                unit: if unit == "%" || line.current.value.is_none() { "" } else { unit },
                parts: line.current.parts(),
                change: line.change_text(),
            }
        })
        .collect()
}

/// The tables of parts; takes them out of the report, because a page shows each once.
fn slice_tables(report: &mut Report) -> Vec<SliceTable> {
    let table = |title, first, chart, households, rows: &mut Vec<Slice>| SliceTable {
        title,
        first,
        chart,
        households,
        hand_offs: title == "承办单位",
        rows: std::mem::take(rows),
    };
    vec![
        table("一级分类", "分类", true, false, &mut report.level1),
        table("二级分类", "分类", false, false, &mut report.categories),
        table("楼栋", "楼栋", false, true, &mut report.buildings),
        table("承办单位", "单位", false, false, &mut report.parties),
        table("渠道", "渠道", false, false, &mut report.channels),
        table("诉求类型", "类型", false, false, &mut report.kinds),
    ]
}

/// `GET /console/stats/workbook.xlsx`: leaves a line in the audit log.
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

/// Which year the comparison ends with.
#[derive(Debug, Clone, Default, serde::Deserialize, utoipa::IntoParams)]
pub struct AskedYear {
    /// `2025`; the present year where nothing is said.
    pub year: Option<i32>,
    /// `5`: the buildings of this month of the year; of the whole year where nothing is said.
    pub month: Option<u32>,
}

/// `GET /console/stats/hotline`
pub async fn hotline(
    session: Session,
    (db, keys, config): (Data<Db>, Data<Keys>, Data<Config>),
    asked: Query<AskedYear>,
) -> std::result::Result<HttpResponse, PageError> {
    let work = move |tx: &mut Tx| hotline_page(tx, &session, (&keys, &config), &asked, Sent::default());
    html(StatusCode::OK, &db.read(work).await?)
}

fn hotline_page(
    tx: &mut Tx,
    session: &Session,
    parts: (&Keys, &Config),
    asked: &AskedYear,
    sent: Sent,
) -> Result<HotlinePage> {
    let this = tx.now.day().year();
    let (community, year) = (session.actor.community_id, asked.year.unwrap_or(this));
    let report = report(tx, community, api::year(year)?)?;
    Ok(HotlinePage {
        chrome: console::chrome(tx, session, parts, "与 12345 对比", "/console/stats")?,
        comparison: api::of_month(tx, community, &report, asked.month)?,
        month: asked.month,
        pairs: matches!(session.actor.role, Role::CommunityWorker | Role::CommunityLead),
        totals: hotline::list(tx, session.actor.community_id)?,
        may_type: matches!(session.actor.role, Role::CommunityLead | Role::Admin),
        sent,
        years: (this - 4..=this).rev().collect(),
        report,
    })
}

fn typed(sent: &Sent) -> Result<NewTotal> {
    let wrong = |_| Error::invalid("cases", "件数只写数字，例如 196");
    Ok(NewTotal {
        period: sent.text("period").to_owned(),
        cases: sent.text("cases").parse().map_err(wrong)?,
        approximate: !sent.text("approximate").is_empty(),
        source: sent.text("source").to_owned(),
    })
}

/// `POST /console/stats/hotline`: enters a total. What was typed stays in the form when it is refused.
pub async fn type_total(visit: Visit, fields: Fields) -> Answer {
    let sent = Sent::new("type", fields.into_inner());
    let (new, actor) = (typed(&sent), visit.session.actor.clone());
    match visit.db.write(move |tx| hotline::set(tx, &actor, new?)).await {
        Ok(_) => Ok(see_other("/console/stats/hotline")),
        Err(err) => {
            let (sent, at) = (sent.refused(err)?, visit.clone());
            let status = sent.status();
            let work = move |tx: &mut Tx| {
                hotline_page(tx, &at.session, (&at.keys, &at.config), &AskedYear::default(), sent)
            };
            html(status, &visit.db.read(work).await?)
        }
    }
}

/// Which total to take back.
#[derive(Debug, Clone, serde::Deserialize)]
pub struct Taken {
    /// `2023` or `2024-05`.
    pub period: String,
}

/// `POST /console/stats/hotline/removal`: takes a total back.
pub async fn remove_total(
    session: Session,
    db: Data<Db>,
    taken: Form<Taken>,
) -> std::result::Result<HttpResponse, PageError> {
    db.write(move |tx| hotline::remove(tx, &session.actor, &taken.period)).await?;
    Ok(see_other("/console/stats/hotline"))
}

fn whole(count: &Option<i64>) -> String {
    count.map_or("—".to_owned(), |count| count.to_string())
}

fn decimal(number: &Option<f64>) -> String {
    number.map_or("—".to_owned(), |number| format!("{number:.2}"))
}

fn share(share: &Option<f64>) -> String {
    share.map_or("—".to_owned(), |share| format!("{:.1} %", share * 100.0))
}
