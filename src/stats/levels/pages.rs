//! The page of a street, a district or the city: a line for each part, down to the communities.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Json, Query};
use askama::Template;

use super::table::{SHOWN, texts};
use super::{AskedLevels, Level, LevelLine, LevelTable, table};
use crate::clock::{Period, PeriodKind};
use crate::console::view::Chrome;
use crate::console::visit::{Answer, Visit};
use crate::db::{Db, Time, Tx};
use crate::error::Result;
use crate::people::Session;
use crate::stats::metric::{Figures, Metric};
use crate::web::{ApiError, html};

#[derive(Template)]
#[template(path = "stats/levels/page.html")]
struct LevelsPage {
    chrome: Chrome,
    table: LevelTable,
    kinds: [PeriodKind; 7],
    levels: [Level; 3],
    metrics: [Metric; 12],
    /// A day inside the period, for the form.
    day: String,
    earlier: String,
    later: Option<String>,
    now: Time,
}

impl LevelsPage {
    fn texts(&self, figures: &Figures) -> Vec<(String, String)> {
        texts(figures)
    }

    /// Where the lines of a line are; nothing for a community.
    fn inside(&self, line: &LevelLine) -> Option<String> {
        let level = match self.table.level {
            Level::City => Level::District,
            Level::District => Level::Street,
            Level::Street | Level::Community => return None,
        };
        Some(address(level, (&line.district, &line.street), &self.table.period))
    }

    /// Whether the month that runs was counted a little earlier.
    fn earlier_count(&self) -> bool {
        self.table.cut_off < self.now
    }
}

fn address(level: Level, (district, street): (&str, &str), period: &Period) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("level", level.word());
    for (name, value) in [("district", district), ("street", street)] {
        if !value.is_empty() {
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
    let to = |period: &Period| address(table.level, (&place.0, &place.1), period);
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
