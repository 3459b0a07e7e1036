//! The page that sets our count beside the hotline's, with the totals that somebody types there.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Form, Query};
use askama::Template;
use chrono::Datelike;

use super::whole;
use crate::clock::{Period, PeriodKind};
use crate::config::Config;
use crate::console;
use crate::console::view::Chrome;
use crate::console::visit::{Answer, Fields, Sent, Visit};
use crate::db::{Db, Time, Tx};
use crate::error::{Error, Result};
use crate::keys::Keys;
use crate::people::{Role, Session};
use crate::stats::api;
use crate::stats::basis::Basis;
use crate::stats::comparison::{self, Comparison, HotlineMonth};
use crate::stats::hotline::{self, NewTotal, Total};
use crate::stats::links::Links;
use crate::stats::material::Which;
use crate::stats::members::{Cell, Side};
use crate::stats::metric::Metric;
use crate::stats::overlap::{self, BuildingOverlap, Overlap};
use crate::stats::sides;
use crate::stats::tally::People;
use crate::stats::whose::OWN;
use crate::web::{PageError, html, see_other};

#[derive(Template)]
#[template(path = "stats/hotline.html")]
struct HotlinePage {
    chrome: Chrome,
    comparison: Comparison,
    basis: Basis,
    people: People,
    totals: Vec<Total>,
    may_type: bool,
    sent: Sent,
    years: Vec<i32>,
    period: Period,
    /// The month whose buildings are shown; the whole year where there is none.
    month: Option<u32>,
    /// Whether they decide what is one matter.
    pairs: bool,
}

impl HotlinePage {
    fn previous_year(&self) -> i32 {
        self.comparison.year - 1
    }

    fn population_sources(&self) -> String {
        self.basis.population_sources(self.period.from, self.period.to)
    }

    fn units_source(&self) -> String {
        self.basis.units_source(self.period.to)
    }

    /// C of a month as a link to its tickets.
    fn own(&self, month: impl AsRef<str>, count: &Option<i64>) -> String {
        let month = month.as_ref();
        let cell = Cell {
            counted: Metric::Comparable.into(),
            side: Side::Numerator,
            span: Which::Current,
            part: None,
        };
        let kind = if month.len() == 4 { PeriodKind::Year } else { PeriodKind::Month };
        match Period::parse(kind, month) {
            Ok(period) => Links { period: &period, whose: &OWN }.value(&whole(count), &cell),
            Err(_) => whole(count),
        }
    }

    /// H of a month as a link to the hotline's tickets, where it was counted from them.
    fn calls(&self, line: &HotlineMonth) -> String {
        let month = line.month.get(5..).and_then(|month| month.parse().ok());
        match line.from_rows {
            true => linked(
                &line.hotline_text(),
                &sides::address((self.comparison.year, month), None, overlap::Side::Hotline),
            ),
            false => line.hotline_text(),
        }
    }

    /// The counts of an overlap, each as a link to what stands behind it.
    fn counts(&self, overlap: &Overlap, month: Option<&str>, building: Option<&str>) -> Vec<String> {
        use overlap::Side::*;
        let month = month
            .and_then(|month| month.get(5..)?.parse().ok())
            .or(self.month.filter(|_| building.is_some()));
        let cell = |(count, which): (i64, overlap::Side)| {
            let address = sides::address((self.comparison.year, month), building, which);
            if count > 0 { linked(&count.to_string(), &address) } else { count.to_string() }
        };
        [
            (overlap.own, Own),
            (overlap.solved_only, SolvedOnly),
            (overlap.leaked, Leaked),
            (overlap.hotline, Hotline),
            (overlap.hotline_only, HotlineOnly),
            (overlap.both, Both),
        ]
        .map(cell)
        .to_vec()
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

/// Which year the comparison ends with.
#[derive(Debug, Clone, Default, serde::Deserialize, utoipa::IntoParams)]
pub struct AskedYear {
    /// `2025`; the present year where nothing is said.
    pub year: Option<i32>,
    /// `5`: the buildings of this month of the year; of the whole year where nothing is said.
    pub month: Option<u32>,
}

impl AskedYear {
    /// The year that is meant.
    pub(in crate::stats) fn period(&self, now: Time) -> Result<Period> {
        api::year(self.year.unwrap_or_else(|| now.day().year()))
    }
}

/// `GET /console/stats/hotline`
pub async fn show(
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
    let (community, year) = (session.actor.community_id, asked.period(tx.now)?);
    let (basis, comparison) = comparison::of_year(tx, community, year, asked.month)?;
    Ok(HotlinePage {
        chrome: console::chrome(tx, session, parts, "与 12345 对比", "/console/stats")?,
        comparison,
        month: asked.month,
        pairs: matches!(session.actor.role, Role::CommunityWorker | Role::CommunityLead),
        totals: hotline::list(tx, session.actor.community_id)?,
        may_type: matches!(session.actor.role, Role::CommunityLead | Role::Admin),
        sent,
        years: (this - 4..=this).rev().collect(),
        people: basis.people(year.from, year.to),
        period: year,
        basis,
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

fn decimal(number: &Option<f64>) -> String {
    number.map_or("—".to_owned(), |number| format!("{number:.2}"))
}

/// What a building is called in an address.
fn ground(building: &BuildingOverlap) -> String {
    match building.building_id {
        Some(id) => id.to_string(),
        None if building.name == overlap::UNKNOWN => "unknown".to_owned(),
        None => "outside".to_owned(),
    }
}

fn linked(text: &str, address: &str) -> String {
    format!("<a href=\"{}\">{text}</a>", address.replace('&', "&amp;"))
}
