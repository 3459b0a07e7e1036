//! The page of a street, a district or the city: a line for each part, down to the communities.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Json, Query};
use askama::Template;

use super::table::SHOWN;
use super::{AskedLevels, Level, LevelLine, LevelTable, Within, table};
use crate::clock::{Period, PeriodKind};
use crate::console::view::Chrome;
use crate::console::visit::{Answer, Visit};
use crate::db::{Db, Time, Tx};
use crate::error::Result;
use crate::people::Session;
use crate::stats::links::Links;
use crate::stats::material::Which;
use crate::stats::members::{Cell, Counted};
use crate::stats::metric::{Figure, Figures, Metric};
use crate::stats::whose::{MOST, Whose};
use crate::web::{ApiError, html};

#[derive(Template)]
#[template(path = "stats/levels/page.html")]
struct LevelsPage {
    chrome: Chrome,
    table: LevelTable,
    /// The district and the street that the table is about, as far as it is about one.
    place: (String, String),
    kinds: [PeriodKind; 7],
    levels: [Level; 3],
    metrics: [Metric; 13],
    /// A day inside the period, for the form.
    day: String,
    earlier: String,
    later: Option<String>,
    now: Time,
}

impl LevelsPage {
    /// The figures of a line for people, each with its sides, and with links to the lists of their tickets.
    fn line(&self, line: &LevelLine) -> Vec<(String, String)> {
        let whose = match (line.community_id, self.below()) {
            (Some(id), _) => Some(Whose::community(id)),
            (None, Some(level)) => whose(level, (&line.district, &line.street), line.communities),
            (None, None) => None,
        };
        self.cells(&line.figures, whose)
    }

    /// The same of all lines together.
    fn together(&self) -> Vec<(String, String)> {
        let place = (self.place.0.as_str(), self.place.1.as_str());
        self.cells(&self.table.together, whose(self.table.level, place, self.table.communities))
    }

    /// The plain means. What stands behind them stands in the lines.
    fn means(&self) -> Vec<String> {
        SHOWN.map(|metric| figure(&self.table.mean, metric).text(metric)).to_vec()
    }

    fn cells(&self, figures: &Figures, whose: Option<Whose>) -> Vec<(String, String)> {
        let cell = |metric: Metric| {
            let figure = figure(figures, metric);
            let Some(whose) = &whose else { return (figure.text(metric), figure.parts()) };
            let links = Links { period: &self.table.period, whose };
            let counted = Counted::Metric(metric);
            let cell = Cell { counted, side: counted.side(), span: Which::Current, part: None };
            (links.value(&figure.text(metric), &cell), links.parts(&figure, &cell))
        };
        SHOWN.map(cell).to_vec()
    }

    /// The table as a file, with every metric.
    fn file(&self) -> String {
        let place = (Some(self.place.0.as_str()), Some(self.place.1.as_str()));
        let here = address(self.table.level, place, &self.table.period);
        here.replacen("/levels?", "/levels.csv?", 1)
    }

    /// Of which level the lines are.
    fn below(&self) -> Option<Level> {
        match self.table.level {
            Level::City => Some(Level::District),
            Level::District => Some(Level::Street),
            Level::Street | Level::Community => None,
        }
    }

    /// Where the lines of a line are; nothing for a community.
    fn inside(&self, line: &LevelLine) -> Option<String> {
        let place = (Some(line.district.as_str()), Some(line.street.as_str()));
        self.below().map(|level| address(level, place, &self.table.period))
    }

    /// Whether the month that runs was counted a little earlier.
    fn earlier_count(&self) -> bool {
        self.table.cut_off < self.now
    }
}

fn figure(figures: &Figures, metric: Metric) -> Figure {
    figures.get(&metric).copied().unwrap_or(Figure::GAP)
}

/// Whose tickets stand behind the figures of a part of a level; nothing where they are too many to be listed together.
fn whose(level: Level, (district, street): (&str, &str), communities: usize) -> Option<Whose> {
    let said = |name: &str| Some(name.to_owned()).filter(|name| !name.is_empty());
    let within = Within { district: said(district), street: said(street) };
    (communities <= MOST).then(|| Whose { level: Some((level, within)), ..Whose::default() })
}

const PATH: &str = "/console/stats/levels?";

/// Where a table lies.
pub(in crate::stats) fn address(
    level: Level,
    (district, street): (Option<&str>, Option<&str>),
    period: &Period,
) -> String {
    let mut query = url::form_urlencoded::Serializer::for_suffix(PATH.to_owned(), PATH.len());
    query.append_pair("level", level.word());
    for (name, value) in [("district", district), ("street", street)] {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            query.append_pair(name, value);
        }
    }
    query.append_pair("kind", period.kind.word()).append_pair("period", &period.word());
    query.finish()
}

/// `GET /console/stats/levels`
pub async fn show(visit: Visit, asked: Query<AskedLevels>) -> Answer {
    let db = visit.db.clone();
    html(StatusCode::OK, &db.read(move |tx| page(tx, &visit, &asked)).await?)
}

fn page(tx: &mut Tx, visit: &Visit, asked: &AskedLevels) -> Result<LevelsPage> {
    let table = table(tx, &visit.session.actor, asked)?;
    let period = table.period;
    let first = table.lines.first();
    let place = match (table.level, first) {
        (Level::District, Some(line)) => (line.district.clone(), String::new()),
        (Level::Street, Some(line)) => (line.district.clone(), line.street.clone()),
        _ => Default::default(),
    };
    let to = |period: &Period| address(table.level, (Some(&place.0), Some(&place.1)), period);
    let next = Period::of(period.kind, period.to);
    Ok(LevelsPage {
        chrome: visit.chrome(tx, "各级汇总", "/console/stats")?,
        kinds: PeriodKind::ALL,
        levels: [Level::Street, Level::District, Level::City],
        metrics: SHOWN,
        day: period.from.day().to_string(),
        earlier: to(&period.previous()),
        later: (next.from <= tx.now).then(|| to(&next)),
        now: tx.now,
        place,
        table,
    })
}

/// A street, a district or the city: a line for each part with every metric, and what they are together.
#[utoipa::path(get, path = "/api/v1/stats/levels", tag = "stats", params(AskedLevels),
    responses((status = 200, body = LevelTable), (status = 404, description = "The account reaches nothing there"),
        (status = 422, description = "No such level or period, or not begun yet")))]
pub async fn json(
    session: Session,
    db: Data<Db>,
    asked: Query<AskedLevels>,
) -> std::result::Result<Json<LevelTable>, ApiError> {
    Ok(Json(db.read(move |tx| table(tx, &session.actor, &asked)).await?))
}
