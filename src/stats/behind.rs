//! The page of the tickets behind a figure. Which they are is said in [`super::members`].

use actix_web::http::StatusCode;
use actix_web::web::Query;
use askama::Template;

use super::levels::{self, Level, Within};
use super::links;
use super::listing::{Listed, Listing, listing};
use super::material::Which;
use super::members::{Cell, Counted, Side};
use super::metric::Metric;
use super::pages::{Asked, query};
use super::parts::Part;
use super::whose::{Sieve, Whose};
use crate::clock::Period;
use crate::console::view::Chrome;
use crate::console::visit::{Answer, Visit};
use crate::db::{Id, Time, Tx};
use crate::error::{Error, Result};
use crate::routing::{self, Category};
use crate::tickets::list::Cursor;
use crate::web::html;

/// Which cell of which table of figures to open.
#[derive(Debug, Clone, Default, serde::Deserialize, utoipa::IntoParams)]
pub struct AskedTickets {
    /// The word of a metric, of a stage of the funnel (`stage_contacted`), or of what a party had (`hand_offs`).
    pub metric: String,
    /// `numerator` or `denominator`; whatever has tickets where nothing is said.
    pub part: Option<String>,
    /// As for the figures.
    pub kind: Option<String>,
    /// As for the figures.
    pub period: Option<String>,
    /// `current`, `previous`, `last_year`, `year_to_date` or `last_year_to_date`.
    pub span: Option<String>,
    /// `level1`, `category`, `kind`, `channel`, `building`, `place`, `party` or `hour`; the whole where nothing is said.
    pub table: Option<String>,
    /// The code of the part, as the figures name it; of an hour `2-17` (Wednesday, 17 to 18 o'clock).
    pub cell: Option<String>,
    /// Another community, by id; the session's where neither it nor a level is said.
    pub community: Option<String>,
    /// `street`, `district` or `city`: all of its communities, as far as the account reaches.
    pub level: Option<String>,
    /// The district, by name.
    pub district: Option<String>,
    /// The street in it, by name.
    pub street: Option<String>,
    /// Only this level-1 category: `03`.
    pub level1: Option<String>,
    /// Only this channel: `scan`.
    pub channel: Option<String>,
    /// Where the last page ended.
    pub after: Option<String>,
}

impl AskedTickets {
    /// The period and the cell that are meant.
    pub fn cell(&self, now: Time) -> Result<(Period, Cell)> {
        let asked = Asked::of(&self.kind, &self.period, &None);
        let unknown = |field: &'static str, what: &str| {
            Error::invalid(field, format!("没有这个{what}，请从统计页点进来"))
        };
        let counted = Counted::parse(self.metric.trim()).ok_or_else(|| unknown("metric", "指标"))?;
        let side = match self.part.as_deref().unwrap_or_default() {
            "" => counted.side(),
            word => Side::parse(word).ok_or_else(|| unknown("part", "分子或分母"))?,
        };
        let span = match self.span.as_deref().unwrap_or_default() {
            "" => Which::Current,
            word => Which::parse(word).ok_or_else(|| unknown("span", "期间"))?,
        };
        let part = match self.table.as_deref().unwrap_or_default() {
            "" => None,
            word => {
                let part = Part::parse(word).ok_or_else(|| unknown("table", "表"))?;
                Some((part, self.cell.clone().unwrap_or_default()))
            }
        };
        Ok((asked.period(now)?, Cell { counted, side, span, part }))
    }

    /// Whose tickets are meant.
    pub fn whose(&self) -> Result<Whose> {
        let said = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let level = |word: String| -> Result<(Level, Within)> {
            let level = Level::parse(&word)
                .ok_or_else(|| Error::invalid("level", "没有这个范围，请从汇总页点进来"))?;
            Ok((level, Within { district: said(&self.district), street: said(&self.street) }))
        };
        let community = said(&self.community).map(|word| word.parse().map(Id).map_err(|_| Error::NotFound));
        Ok(Whose {
            community: community.transpose()?,
            level: said(&self.level).map(level).transpose()?,
            sieve: Sieve::asked(&self.level1, &self.channel)?,
        })
    }

    /// Where the last page ended; nonsense means the first page.
    pub fn after(&self) -> Option<Cursor> {
        self.after.as_deref().and_then(Cursor::parse)
    }
}

#[derive(Template)]
#[template(path = "stats/tickets.html")]
struct TicketsPage {
    chrome: Chrome,
    list: Listing,
    categories: Vec<Category>,
    /// Why a weighted figure is another number than this list is long.
    note: String,
    /// The lists of both sides, where both have one.
    sides: Vec<(&'static str, String)>,
    first: String,
    /// The community of the session: its tickets may be opened.
    home: Id,
    /// Where the figure stands.
    back: String,
    later: bool,
}

impl TicketsPage {
    fn matter(&self, line: &Listed) -> String {
        let row = &line.ticket;
        let own =
            row.category.as_ref().and_then(|code| self.categories.iter().find(|each| each.code == *code));
        let parent = || self.categories.iter().find(|each| each.level1_code() == row.level1);
        own.map(|each| each.level2.clone())
            .or_else(|| parent().map(|each| each.level1.clone()))
            .unwrap_or_default()
    }

    /// The whole list as a file.
    fn file(&self) -> String {
        self.first.replacen("/tickets?", "/tickets.csv?", 1)
    }

    fn here(&self, line: &Listed) -> bool {
        line.community_id == self.home
    }

    fn away(&self) -> bool {
        self.list.rows.iter().any(|line| !self.here(line))
    }

    fn excerpt(&self, line: &Listed) -> String {
        line.ticket.text.shown().chars().take(60).collect()
    }
}

/// `GET /console/stats/tickets`
pub async fn tickets(visit: Visit, asked: Query<AskedTickets>) -> Answer {
    let db = visit.db.clone();
    html(StatusCode::OK, &db.read(move |tx| tickets_page(tx, &visit, &asked)).await?)
}

fn tickets_page(tx: &mut Tx, visit: &Visit, asked: &AskedTickets) -> Result<TicketsPage> {
    let (period, cell) = asked.cell(tx.now)?;
    let (whose, actor) = (asked.whose()?, &visit.session.actor);
    let list = listing(tx, actor, (&whose, period, &cell), asked.after())?;
    let side = |side: Side| {
        let other = Cell { side, ..cell.clone() };
        links::address(&other, &period, &whose).map(|address| (side.label(), address))
    };
    let sides: Vec<_> = Side::ALL.iter().filter_map(|each| side(*each)).collect();
    Ok(TicketsPage {
        chrome: visit.chrome(tx, &format!("{}清单", cell.counted.label()), "/console/stats")?,
        categories: routing::categories(tx)?,
        note: note(&cell),
        sides: if sides.len() > 1 { sides } else { Vec::new() },
        first: links::address(&cell, &period, &whose).unwrap_or_default(),
        home: actor.community_id,
        back: back(&whose, &period),
        later: asked.after().is_some(),
        list,
    })
}

/// Where the figure stands: among those of a community, or of several.
fn back(whose: &Whose, period: &Period) -> String {
    match (&whose.level, whose.community) {
        (None, None) => format!("/console/stats?{}", query(period)),
        (Some((level, within)), _) if *level != Level::Community => {
            let place = (within.district.as_deref(), within.street.as_deref());
            levels::pages::address(*level, place, period)
        }
        _ => levels::pages::address(Level::Street, (None, None), period),
    }
}

/// What weights make of a list.
fn note(cell: &Cell) -> String {
    let said = match (cell.counted, cell.side) {
        (Counted::Metric(Metric::SatisfiedRate), Side::Numerator) => {
            "满意的按 1 件、基本满意的按 k 件折算，所以分子可能比清单短"
        }
        (Counted::Metric(Metric::Score), _) => "得分由这些回访的三个回答加权算出",
        (Counted::Metric(Metric::PerTenThousand | Metric::PerHundredHouseholds), _) => {
            "分母是人口或户数，不是诉求"
        }
        _ => "",
    };
    said.to_owned()
}
