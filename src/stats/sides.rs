//! What stands behind the counts beside the hotline's: our tickets, or the hotline's.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Json, Query};
use askama::Template;
use serde::Serialize;
use url::form_urlencoded::Serializer;

use super::api::year;
use super::comparison;
use super::overlap::{Behind, Ground, Side};
use crate::clock::Period;
use crate::console::view::Chrome;
use crate::console::visit::{Answer, Visit};
use crate::db::{Db, Id, Time, Tx};
use crate::error::{Error, Result};
use crate::hotline::{self, Called};
use crate::people::Session;
use crate::places;
use crate::tickets::list;
use crate::web::{ApiError, html};

/// Which count to open.
#[derive(Debug, Clone, Default, serde::Deserialize, utoipa::IntoParams)]
pub struct AskedSide {
    /// The year.
    pub year: i32,
    /// One of its months; all that have tickets of the hotline where nothing is said.
    pub month: Option<u32>,
    /// `own`, `solved_only`, `leaked`, `hotline`, `hotline_only`, `both` or `first`.
    pub which: String,
    /// A building, by id; `outside` of all, or `unknown`; everywhere where nothing is said.
    pub building: Option<String>,
    /// Where the last page ended.
    pub after: Option<usize>,
}

/// One of ours or of the hotline's.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct SideLine {
    /// When it came.
    pub at: Time,
    /// Ours.
    pub ticket: Option<list::Row>,
    /// The hotline's.
    pub call: Option<Called>,
}

/// The tickets behind a count.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct SideList {
    /// Which count.
    pub which: Side,
    /// Of which time and place, for people.
    pub of: String,
    /// How many there are: what the count says.
    pub count: usize,
    /// At most 25, the latest first.
    pub rows: Vec<SideLine>,
    /// Pass it as `after` for the next page; nothing at the end.
    pub next: Option<usize>,
}

impl AskedSide {
    fn which(&self) -> Result<Side> {
        Side::parse(&self.which).ok_or_else(|| Error::invalid("which", "没有这个数，请从对比页点进来"))
    }

    fn ground(&self) -> Result<Option<Ground>> {
        Ok(match self.building.as_deref().unwrap_or_default() {
            "" => None,
            "outside" => Some(Ground::Outside),
            "unknown" => Some(Ground::Unknown),
            id => Some(Ground::House(id.parse().map(Id).map_err(|_| Error::NotFound)?)),
        })
    }

    fn month(&self) -> Result<Option<u32>> {
        let wrong = || Error::invalid("month", "月份请写成 1 到 12");
        self.month
            .map(|month| Some(month).filter(|month| (1..=12).contains(month)).ok_or_else(wrong))
            .transpose()
    }
}

/// Where the list of a count lies.
pub(super) fn address((year, month): (i32, Option<u32>), building: Option<&str>, which: Side) -> String {
    let mut query = Serializer::new(String::new());
    query.append_pair("year", &year.to_string());
    if let Some(month) = month {
        query.append_pair("month", &month.to_string());
    }
    if let Some(building) = building {
        query.append_pair("building", building);
    }
    query.append_pair("which", which.word());
    format!("/console/stats/hotline/tickets?{}", query.finish())
}

/// The page of a list that begins after `after`. Costs as much as reading the year.
fn tickets(tx: &mut Tx, community: Id, asked: &AskedSide) -> Result<SideList> {
    let (year, month, which, ground) = (year(asked.year)?, asked.month()?, asked.which()?, asked.ground()?);
    if year.from > tx.now {
        return Err(Error::invalid("period", "这个时间还没有到，没有可统计的内容"));
    }
    let mut all = comparison::behind(tx, (community, year, month), (ground, which))?;
    all.sort_unstable_by_key(|each| match each {
        Behind::Ours(at, _) | Behind::Theirs(at, _) => std::cmp::Reverse(*at),
    });
    let from = asked.after.unwrap_or_default().min(all.len());
    let to = (from + list::PAGE).min(all.len());
    Ok(SideList {
        which,
        of: of(tx, community, (&year, month, ground))?,
        count: all.len(),
        rows: lines(tx, community, &all[from..to])?,
        next: (to < all.len()).then_some(to),
    })
}

fn lines(tx: &mut Tx, community: Id, page: &[Behind]) -> Result<Vec<SideLine>> {
    let (mut ids, mut numbers) = (Vec::new(), Vec::new());
    for each in page {
        match each {
            Behind::Ours(_, id) => ids.push(*id),
            Behind::Theirs(_, number) => numbers.push(number.clone()),
        }
    }
    let tickets = list::named(tx, community, &ids)?;
    let calls = hotline::called(tx, community, &numbers)?;
    let line = |each: &Behind| match each {
        Behind::Ours(at, id) => {
            SideLine { at: *at, ticket: tickets.iter().find(|row| row.id == *id).cloned(), call: None }
        }
        Behind::Theirs(at, number) => SideLine {
            at: *at,
            ticket: None,
            call: calls.iter().find(|call| call.number == *number).cloned(),
        },
    };
    Ok(page.iter().map(line).collect())
}

fn of(
    tx: &mut Tx,
    community: Id,
    (year, month, ground): (&Period, Option<u32>, Option<Ground>),
) -> Result<String> {
    let time = match month {
        Some(month) => format!("{} 年 {month} 月", year.year()),
        None => format!("{} 年有 12345 明细的各月", year.year()),
    };
    let place = match ground {
        None => return Ok(time),
        Some(Ground::Outside) => "楼外公共区域".to_owned(),
        Some(Ground::Unknown) => "地点没有对应上".to_owned(),
        Some(Ground::House(id)) => places::find(tx, community, id)?.full_name,
    };
    Ok(format!("{time} · {place}"))
}

#[derive(Template)]
#[template(path = "stats/sides.html")]
struct SidesPage {
    chrome: Chrome,
    list: SideList,
    year: i32,
    /// The same list from its beginning.
    first: String,
    later: bool,
}

/// `GET /console/stats/hotline/tickets`
pub async fn show(visit: Visit, asked: Query<AskedSide>) -> Answer {
    let db = visit.db.clone();
    let work = move |tx: &mut Tx| {
        let list = tickets(tx, visit.session.actor.community_id, &asked)?;
        let title = format!("{}清单", list.which.label());
        Ok(SidesPage {
            chrome: visit.chrome(tx, &title, "/console/stats")?,
            first: address((asked.year, asked.month), asked.building.as_deref(), list.which),
            later: asked.after.is_some_and(|after| after > 0),
            year: asked.year,
            list,
        })
    };
    html(StatusCode::OK, &db.read(work).await?)
}

/// What stands behind a count beside the hotline's. `count` is what the count says.
#[utoipa::path(get, path = "/api/v1/stats/hotline/tickets", tag = "stats", params(AskedSide),
    responses((status = 200, body = SideList), (status = 422, description = "No such year, month or count")))]
pub async fn json(
    session: Session,
    db: Data<Db>,
    asked: Query<AskedSide>,
) -> std::result::Result<Json<SideList>, ApiError> {
    Ok(Json(db.read(move |tx| tickets(tx, session.actor.community_id, &asked)).await?))
}
