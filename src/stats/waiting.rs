//! The pages of what waited in the past: the line of a period, and one moment with its tickets. What is counted is said
//! in [`super::backlog`].

use actix_web::http::StatusCode;
use actix_web::web::Query;
use askama::Template;
use chrono::{NaiveDate, NaiveDateTime};

use super::backlog::{self, Backlog, BacklogLine, BacklogThen, Waiting};
use super::pages::{Asked, query};
use crate::clock::{Period, PeriodKind, at_local, midnight};
use crate::console::view::Chrome;
use crate::console::visit::{Answer, Visit};
use crate::db::{Time, Tx};
use crate::error::{Error, Result};
use crate::tickets::list::{Cursor, Row};
use crate::web::html;

/// Which moment to look at.
#[derive(Debug, Clone, Default, serde::Deserialize, utoipa::IntoParams)]
pub struct AskedMoment {
    /// `2025-06-03T14:05` in Shanghai, or `2025-06-03` for the end of that day; the present where nothing is said.
    pub at: Option<String>,
    /// `open`, `overdue` or `on_account`: which tickets to list.
    pub which: Option<String>,
    /// Where the last page ended.
    pub after: Option<String>,
}

impl AskedMoment {
    /// The moment that is meant; of a day that still runs, the present.
    pub fn at(&self, now: Time) -> Result<Time> {
        let text = self.at.as_deref().unwrap_or_default().trim();
        if text.is_empty() {
            return Ok(now);
        }
        let wrong = || Error::invalid("at", "时间请写成 2025-06-03T14:05，或只写日期 2025-06-03");
        if let Ok(day) = text.parse::<NaiveDate>() {
            let next = day.succ_opt().ok_or_else(wrong)?;
            return Ok(if day == now.day() { now } else { midnight(next) });
        }
        let forms = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"];
        let local = forms.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok());
        local.map(at_local).ok_or_else(wrong)
    }

    /// Which tickets are meant.
    pub fn which(&self) -> Waiting {
        self.which.as_deref().and_then(Waiting::parse).unwrap_or(Waiting::Open)
    }

    /// Where the last page ended.
    pub fn after(&self) -> Option<Cursor> {
        self.after.as_deref().and_then(Cursor::parse)
    }
}

#[derive(Template)]
#[template(path = "stats/backlog.html")]
struct LinePage {
    chrome: Chrome,
    line: BacklogLine,
    kinds: [PeriodKind; 7],
    day: String,
    earlier: String,
    later: Option<String>,
    back: String,
}

impl LinePage {
    /// The counts of a point, each with the address of its tickets.
    fn cells(&self, point: &Backlog) -> Vec<(i64, String)> {
        let counts = [
            (point.open, Waiting::Open),
            (point.overdue, Waiting::Overdue),
            (point.on_account, Waiting::OnAccount),
        ];
        counts.map(|(count, which)| (count, address(point.at, which))).to_vec()
    }

    fn name(&self, at: &Time) -> String {
        let local = at.local();
        match self.line.period.kind {
            PeriodKind::Day => local.format("%H:%M").to_string(),
            // The end of a day is shown as that day.
            _ if local.time() == chrono::NaiveTime::MIN => {
                Time::from_micros(at.0.timestamp_micros() - 1).day().to_string()
            }
            _ => local.format("%Y-%m-%d %H:%M").to_string(),
        }
    }
}

fn address(at: Time, which: Waiting) -> String {
    let at = at.local().format("%Y-%m-%dT%H:%M:%S");
    format!("/console/stats/backlog/tickets?at={at}&which={}", which.word())
}

/// `GET /console/stats/backlog`
pub async fn line(visit: Visit, asked: Query<Asked>) -> Answer {
    let db = visit.db.clone();
    let work = move |tx: &mut Tx| {
        let period = asked.period(tx.now)?;
        let next = Period::of(period.kind, period.to);
        Ok(LinePage {
            chrome: visit.chrome(tx, "未办结走势", "/console/stats")?,
            line: backlog::line(tx, visit.session.actor.community_id, period)?,
            kinds: PeriodKind::ALL,
            day: Time::from_micros(period.to.0.timestamp_micros() - 1).min(tx.now).day().to_string(),
            earlier: query(&period.previous()),
            later: (period.to <= tx.now).then(|| query(&next)),
            back: query(&period),
        })
    };
    html(StatusCode::OK, &db.read(work).await?)
}

#[derive(Template)]
#[template(path = "stats/backlog_tickets.html")]
struct MomentPage {
    chrome: Chrome,
    then: BacklogThen,
    lines: Vec<(Row, Time)>,
    tabs: Vec<(Waiting, i64, String)>,
    /// For the form: `2025-06-03T14:05:00`.
    at: String,
    later: bool,
}

/// `GET /console/stats/backlog/tickets`
pub async fn moment(visit: Visit, asked: Query<AskedMoment>) -> Answer {
    let db = visit.db.clone();
    let work = move |tx: &mut Tx| {
        let at = asked.at(tx.now)?;
        let community = visit.session.actor.community_id;
        let mut then = backlog::then(tx, community, (at, asked.which()), asked.after())?;
        let counts = then.counts;
        let count = |which| match which {
            Waiting::Open => counts.open,
            Waiting::Overdue => counts.overdue,
            Waiting::OnAccount => counts.on_account,
        };
        Ok(MomentPage {
            chrome: visit.chrome(tx, "那时未办结的", "/console/stats")?,
            lines: std::mem::take(&mut then.rows).into_iter().zip(then.due_then.clone()).collect(),
            tabs: Waiting::ALL.iter().map(|which| (*which, count(*which), address(at, *which))).collect(),
            at: at.local().format("%Y-%m-%dT%H:%M:%S").to_string(),
            later: asked.after().is_some(),
            then,
        })
    };
    html(StatusCode::OK, &db.read(work).await?)
}
