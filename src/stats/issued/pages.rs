//! The pages of issued reports: what waits, what was issued, one report with its files, and counting it again.
//!
//! What was issued is answered as it was kept; every file that leaves is a line in the audit log.

use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use askama::Template;

use super::snapshot::Rules;
use super::verify::{Verdict, verify};
use super::{Correction, File, Issued, KINDS, PAGE, Paper, drafts, paper, snapshot};
use crate::clock::{Period, PeriodKind};
use crate::console::view::Chrome;
use crate::console::visit::{Answer, Fields, Sent, Visit};
use crate::db::{Id, Time, Tx};
use crate::error::{Error, Result};
use crate::people::Role;
use crate::places;
use crate::stats::making;
use crate::stats::pages::{Asked, query};
use crate::tickets::acts;
use crate::web::{PageError, download, html, see_other};

const PATH: &str = "/console/stats/issued";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// Kinds of periods as a form offers them.
pub(in crate::stats) type Kinds = Vec<(&'static str, &'static str)>;

/// Every kind there is.
pub(in crate::stats) fn kinds() -> Kinds {
    KINDS.iter().map(|kind| (kind.word(), kind.label())).collect()
}

/// Where the page before ended.
#[derive(Debug, Default, Clone, serde::Deserialize, utoipa::IntoParams)]
#[serde(default)]
pub struct After {
    /// What the page before answered as `next`.
    pub after: String,
}

impl After {
    /// The moment and the id; nothing for the first page.
    pub fn cursor(&self) -> Option<(Time, Id)> {
        let (micros, id) = self.after.split_once('_')?;
        Some((Time::from_micros(micros.parse().ok()?), Id(id.parse().ok()?)))
    }
}

/// Takes the one too many off a page; what comes after it.
pub(super) fn cut(reports: &mut Vec<Issued>) -> Option<String> {
    let more = reports.len() > PAGE;
    reports.truncate(PAGE);
    let last = reports.last().filter(|_| more)?;
    Some(format!("{}_{}", last.issued_at.0.timestamp_micros(), last.id.0.simple()))
}

#[derive(Template)]
#[template(path = "stats/issued/list.html")]
struct ListPage {
    chrome: Chrome,
    may_issue: bool,
    kinds: Kinds,
    waiting: Vec<Waiting>,
    reports: Vec<Issued>,
    later: bool,
    next: Option<String>,
    sent: Sent,
}

/// A period that waits to be issued.
struct Waiting {
    period: Period,
    query: String,
}

#[derive(Template)]
#[template(path = "stats/issued/report.html")]
struct ReportPage {
    chrome: Chrome,
    report: Issued,
    versions: Vec<Issued>,
    corrections: Vec<Correction>,
    rules: Rules,
    tables: Vec<String>,
    verdict: Option<Verdict>,
}

/// `GET /console/stats/issued`
pub async fn list(visit: Visit, after: Query<After>) -> Answer {
    show_list(visit, after.into_inner(), Sent::default()).await
}

async fn show_list(visit: Visit, after: After, sent: Sent) -> Answer {
    let (status, at) = (sent.status(), visit.clone());
    let fill = move |tx: &mut Tx| {
        let actor = &at.session.actor;
        let mut reports = super::list(tx, actor, after.cursor())?;
        let waiting = drafts::waiting(tx, actor.community_id)?;
        Ok(ListPage {
            chrome: at.chrome(tx, "签发的报表", "/console/stats")?,
            kinds: kinds(),
            may_issue: matches!(actor.role, Role::CommunityLead | Role::Admin),
            waiting: waiting.into_iter().map(|period| Waiting { query: query(&period), period }).collect(),
            later: after.cursor().is_some(),
            next: cut(&mut reports),
            reports,
            sent,
        })
    };
    html(status, &visit.db.read(fill).await?)
}

/// Which period to issue, and why again.
pub(in crate::stats) fn asked(sent: &Sent) -> Result<Period> {
    let kind = PeriodKind::of_word(sent.text("kind"));
    let kind = kind.ok_or_else(|| Error::invalid("kind", "请选择自然月、考核月或自然年"))?;
    period(kind, sent.text("period"))
}

/// Reads a period of exactly this kind; of a year the month does not matter.
pub(in crate::stats) fn period(kind: PeriodKind, word: &str) -> Result<Period> {
    if !KINDS.contains(&kind) {
        return Err(Error::invalid("kind", "请选择自然月、考核月或自然年"));
    }
    let word = if kind == PeriodKind::Year { word.split('-').next().unwrap_or_default() } else { word };
    let period = Period::parse(kind, word)?;
    if period.kind == kind {
        Ok(period)
    } else {
        Err(Error::invalid("period", "月份请写成 2025-06 这样"))
    }
}

/// Makes a report ready outside the write, and keeps it.
pub(super) async fn make(visit: &Visit, period: Period, note: String) -> Result<Issued> {
    let (reader, writer) = (visit.session.actor.clone(), visit.session.actor.clone());
    let ready = visit.db.read(move |tx| super::prepare(tx, &reader, period, &note)).await?;
    visit.db.write(move |tx| super::keep(tx, &writer, ready)).await
}

/// `POST /console/stats/issued`: issues a finished period. What was typed stays in the form when it is refused.
pub async fn issue(visit: Visit, fields: Fields) -> Answer {
    let sent = Sent::new("issue", fields.into_inner());
    let made = match asked(&sent) {
        Ok(period) => make(&visit, period, sent.text("note").to_owned()).await,
        Err(err) => Err(err),
    };
    match made {
        Ok(report) => Ok(see_other(&format!("{PATH}/{}", report.id))),
        Err(err) => show_list(visit, After::default(), sent.refused(err)?).await,
    }
}

/// `GET /console/stats/issued/{id}`
pub async fn show(visit: Visit, id: Path<Id>) -> Answer {
    show_report(visit, *id, false).await
}

/// `GET /console/stats/issued/{id}/verification`: counted again, by its own rules.
pub async fn verification(visit: Visit, id: Path<Id>) -> Answer {
    show_report(visit, *id, true).await
}

async fn show_report(visit: Visit, id: Id, again: bool) -> Answer {
    let at = visit.clone();
    let fill = move |tx: &mut Tx| {
        let report = super::find(tx, &at.session.actor, id)?;
        let kept = snapshot::read(&super::bytes(tx, &report, File::Snapshot)?)?;
        Ok(ReportPage {
            chrome: at.chrome(tx, &report.label(), "/console/stats")?,
            versions: super::versions(tx, &report)?,
            corrections: report.corrected(),
            rules: kept.rules,
            tables: kept.tables.into_iter().map(|table| table.name).collect(),
            verdict: again.then(|| verify(tx, &report)).transpose()?,
            report,
        })
    };
    html(StatusCode::OK, &visit.db.read(fill).await?)
}

/// `GET /console/stats/issued/{id}/paper.html`: the printed report as it was issued.
#[utoipa::path(get, path = "/api/v1/reports/{id}/paper.html", tag = "stats", params(("id" = Id, Path)),
    responses((status = 200, body = String, content_type = "text/html")))]
pub async fn paper(visit: Visit, id: Path<Id>) -> Answer {
    let actor = visit.session.actor.clone();
    let read = move |tx: &mut Tx| {
        let report = super::find(tx, &actor, *id)?;
        String::from_utf8(super::bytes(tx, &report, File::Paper)?).map_err(Error::internal)
    };
    Ok(Paper(visit.db.read(read).await?).answer())
}

/// `GET /console/stats/issued/{id}/workbook.xlsx`: the workbook as it was issued.
#[utoipa::path(get, path = "/api/v1/reports/{id}/workbook.xlsx", tag = "stats", params(("id" = Id, Path)),
    responses((status = 200, body = Vec<u8>, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")))]
pub async fn workbook(visit: Visit, id: Path<Id>) -> Answer {
    file(visit, *id, File::Workbook, ("脱敏.xlsx", XLSX)).await
}

/// `GET /console/stats/issued/{id}/snapshot.json`: everything that was kept, of which the checksum is.
#[utoipa::path(get, path = "/api/v1/reports/{id}/snapshot.json", tag = "stats", params(("id" = Id, Path)),
    responses((status = 200, body = serde_json::Value, content_type = "application/json")))]
pub async fn snapshot_file(visit: Visit, id: Path<Id>) -> Answer {
    file(visit, *id, File::Snapshot, ("快照.json", "application/json")).await
}

async fn file(visit: Visit, id: Id, file: File, (end, kind): (&'static str, &'static str)) -> Answer {
    let actor = visit.session.actor.clone();
    let read = move |tx: &mut Tx| {
        let report = super::find(tx, &actor, id)?;
        let community = places::community(tx, actor.community_id)?.name;
        Ok((super::name(&report, &community, end)?, super::bytes(tx, &report, file)?))
    };
    let named = visit.db.read(read).await?;
    hand_out(visit, kind, named).await
}

/// `GET /console/stats/issued/{id}/tables/{place}.csv`: one table as it was issued.
#[utoipa::path(get, path = "/api/v1/reports/{id}/tables/{place}.csv", tag = "stats", params(("id" = Id, Path), ("place" = usize, Path)),
    responses((status = 200, body = String, content_type = "text/csv")))]
pub async fn table(visit: Visit, path: Path<(Id, usize)>) -> Answer {
    let (id, place) = path.into_inner();
    let actor = visit.session.actor.clone();
    let read = move |tx: &mut Tx| {
        let report = super::find(tx, &actor, id)?;
        let kept = snapshot::read(&super::bytes(tx, &report, File::Snapshot)?)?;
        let table = kept.tables.get(place).ok_or(Error::NotFound)?;
        let community = places::community(tx, actor.community_id)?.name;
        let end = format!("{}_脱敏.csv", table.name.replace(' ', "_"));
        Ok((super::name(&report, &community, &end)?, table.csv()?))
    };
    let named = visit.db.read(read).await?;
    hand_out(visit, "text/csv; charset=utf-8", named).await
}

/// `GET /console/stats/paper.html`: the printed report of a period as it stands now, marked as a draft.
#[utoipa::path(get, path = "/api/v1/stats/paper.html", tag = "stats", params(Asked),
    responses((status = 200, body = String, content_type = "text/html")))]
pub async fn draft_paper(visit: Visit, asked: Query<Asked>) -> Answer {
    let community = visit.session.actor.community_id;
    let read = move |tx: &mut Tx| paper::draft(tx, community, asked.period(tx.now)?);
    Ok(visit.db.read(read).await?.answer())
}

/// `GET /console/stats/tables/{place}.csv`: one table of a period as it stands now.
#[utoipa::path(get, path = "/api/v1/stats/tables/{place}.csv", tag = "stats", params(("place" = usize, Path), Asked),
    responses((status = 200, body = String, content_type = "text/csv")))]
pub async fn draft_table(visit: Visit, place: Path<usize>, asked: Query<Asked>) -> Answer {
    let actor = visit.session.actor.clone();
    let read = move |tx: &mut Tx| {
        let period = asked.period(tx.now)?;
        making::table(tx, (actor.community_id, period), *place, &actor.name)
    };
    let named = visit.db.read(read).await?;
    hand_out(visit, "text/csv; charset=utf-8", named).await
}

/// Hands a file out once that is noted.
pub(in crate::stats) async fn hand_out(
    visit: Visit,
    kind: &'static str,
    (name, bytes): (String, Vec<u8>),
) -> Answer {
    let (actor, line) = (visit.session.actor.clone(), format!("导出 {name}"));
    visit.db.write(move |tx| acts::audit(tx, &actor, "export", &line)).await.map_err(PageError)?;
    Ok(download(kind, &name, bytes))
}
