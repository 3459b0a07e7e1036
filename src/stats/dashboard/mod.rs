//! The dashboard: how a community or a street stands in a period, at a glance.
//!
//! Everything is counted by what counts a report (`material`, `board`, `marks`); of a street the communities' counts are
//! added, as [`super::levels`] says. The hotline's line stands beside ours and is never added to it, and is left out where
//! only some of ours is looked at.

pub mod pages;
mod sums;

use serde::Serialize;

use super::backlog::Waiting;
use super::basis::Terms;
use super::comparison::{self, HotlineMonth};
use super::levels::{self, Level, Reach, Within};
use super::marks::Stage;
use super::material::{Material, Source};
use super::metric::{Figure, Figures, Metric};
use super::pages::Asked;
use super::parts::Part;
use super::ranking::NamedCount;
use super::report::{FunnelStage, Slice};
use super::store;
use super::tally::{Pool, Span};
use super::whose::Sieve;
use crate::clock::Period;
use crate::db::{Id, Time, Tx};
use crate::error::{Error, Result};
use crate::people::Actor;
use crate::places::Community;
use crate::routing;
use crate::tickets::list;

/// So many categories are named.
const TOP: usize = 10;
/// So many tickets that wait are named.
const WAITING: usize = 10;
/// The funnel of the dashboard.
const FUNNEL: [Stage; 5] = [Stage::Cases, Stage::Contacted, Stage::Closed, Stage::Solved, Stage::Pleased];

/// Which dashboard. The period is asked as for the figures.
#[derive(Debug, Clone, Default, serde::Deserialize, utoipa::IntoParams)]
pub struct AskedDashboard {
    /// As for the figures.
    pub kind: Option<String>,
    /// As for the figures.
    pub period: Option<String>,
    /// A day: the period of that kind in which it lies.
    pub on: Option<String>,
    /// `community`, `street` or `district`, as far as the account reaches.
    pub level: Option<String>,
    /// `mean`: the plain mean of the communities in place of the pooled figures.
    pub average: Option<String>,
    /// Only this level-1 category: `03`.
    pub level1: Option<String>,
    /// Only this channel: `scan`.
    pub channel: Option<String>,
}

/// What of it was asked for, understood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = DashboardFilter)]
pub struct Filter {
    /// How much together.
    pub level: Level,
    /// Whether the figures are plain means.
    pub mean: bool,
    /// Which tickets.
    #[serde(flatten)]
    pub sieve: Sieve,
}

impl AskedDashboard {
    fn filter(&self) -> Result<Filter> {
        // Of a whole city there are the lines of its parts alone, in `levels`.
        let level = |word: &String| {
            let level = Level::parse(word).filter(|level| *level != Level::City);
            level.ok_or_else(|| Error::invalid("level", "没有这个范围，请重新选"))
        };
        let level = self.level.as_ref().filter(|word| !word.is_empty()).map(level);
        Ok(Filter {
            level: level.transpose()?.unwrap_or(Level::Community),
            mean: self.average.as_deref() == Some("mean"),
            sieve: Sieve::asked(&self.level1, &self.channel)?,
        })
    }
}

/// A month of ours and the hotline's, this year and last. Of a street each is the sum of the communities that know it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, utoipa::ToSchema)]
pub struct DashboardMonth {
    /// `2025-06`.
    pub month: String,
    /// H.
    pub hotline: Option<i64>,
    /// Whether H is only roughly known.
    pub approximate: bool,
    /// C.
    pub own: Option<i64>,
    /// H of last year.
    pub hotline_last_year: Option<i64>,
    /// C of last year.
    pub own_last_year: Option<i64>,
    /// Whether H of last year is only roughly known.
    pub approximate_last_year: bool,
    /// In how many communities H is known.
    pub hotline_known: usize,
    /// In how many C is.
    pub own_known: usize,
    /// In how many H of last year is.
    pub hotline_last_year_known: usize,
    /// In how many C of last year is.
    pub own_last_year_known: usize,
}

/// The three rates of a period of the series.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct RatePoint {
    /// Which period.
    pub period: String,
    /// 联系率.
    pub contacted: Figure,
    /// 解决率.
    pub solved: Figure,
    /// 满意率.
    pub satisfied: Figure,
}

/// A part of the strip: a building, or a community of a street.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct StripCell {
    /// Its id; empty for what lies outside all buildings.
    pub code: String,
    /// Its name.
    pub name: String,
    /// 受理量.
    pub cases: i64,
    /// 每百户.
    pub per_hundred: Figure,
}

/// A ticket that is overdue or on account now.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Waits {
    /// The ticket.
    pub ticket: list::Row,
    /// Where.
    pub community_id: Id,
    /// Its name.
    pub community: String,
}

/// A party, in its community.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct PartyLine {
    /// Its name.
    pub name: String,
    /// Its community.
    pub community: String,
    /// Which.
    pub community_id: Id,
    /// Its figures.
    pub figures: Figures,
    /// Its part in the report of its community.
    pub code: String,
}

impl PartyLine {
    /// One of its figures for people.
    pub fn text(&self, metric: Metric) -> String {
        self.figures.get(&metric).copied().unwrap_or(Figure::GAP).text(metric)
    }
}

/// A community of a street.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct CommunityLine {
    /// Which.
    pub id: Id,
    /// Its name.
    pub name: String,
    /// Its figures.
    pub figures: Figures,
}

/// How a community or a street stands.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Dashboard {
    /// Which period.
    pub period: Period,
    /// `2025年6月`.
    pub label: String,
    /// Until when things were taken into account.
    pub cut_off: Time,
    /// What was asked for.
    pub filter: Filter,
    /// The community, the street or the district.
    pub name: String,
    /// Pooled over the communities; plain means where they were asked for.
    pub figures: Figures,
    /// The communities, with their own.
    pub communities: Vec<CommunityLine>,
    /// Whether they are all of the level: an account may reach only some of them.
    pub whole: bool,
    /// 受理, 联系, 办结, 解决, 满意.
    pub funnel: Vec<FunnelStage>,
    /// The months of the year beside the hotline's; empty where only some of the tickets are looked at.
    pub months: Vec<DashboardMonth>,
    /// The three rates, this period and the twelve before.
    pub rates: Vec<RatePoint>,
    /// The level-2 categories told of most.
    pub top: Vec<NamedCount>,
    /// Buildings in the order in which people walk them, or communities.
    pub strip: Vec<StripCell>,
    /// 受理量 by weekday (Monday first) and hour.
    pub hours: Vec<Vec<i64>>,
    /// How many are overdue now.
    pub overdue_count: i64,
    /// The longest overdue.
    pub overdue: Vec<Waits>,
    /// How many stand on account now.
    pub on_account_count: i64,
    /// The longest on account.
    pub on_account: Vec<Waits>,
    /// Parties, the largest first.
    pub parties: Vec<PartyLine>,
}

/// Computes the dashboard that is asked for. Whoever asks for a street sees the communities that their account reaches.
pub fn dashboard(tx: &mut Tx, actor: &Actor, asked: &AskedDashboard) -> Result<Dashboard> {
    let (period, filter) =
        (Asked::of(&asked.kind, &asked.period, &asked.on).period(tx.now)?, asked.filter()?);
    if let Some(code) = &filter.sieve.level1 {
        let known = routing::categories(tx)?.iter().any(|each| each.level1_code() == code);
        known.then_some(()).ok_or_else(|| Error::invalid("level1", "没有这个分类，请重新选"))?;
    }
    let Reach { communities, whole } = levels::communities(tx, actor, (filter.level, &Within::default()))?;
    let mut each = Vec::new();
    for community in &communities {
        each.push(One::read(tx, community.clone(), period, &filter)?);
    }
    let waits =
        [Waiting::Overdue, Waiting::OnAccount].map(|which| waiting(tx, &communities, (which, &filter.sieve)));
    let [overdue, on_account] = waits;
    let ((overdue_count, overdue), (on_account_count, on_account)) = (overdue?, on_account?);
    let pools: Vec<Pool> = each.iter().map(|one| one.pool.clone()).collect();
    let own: Vec<Figures> = pools.iter().map(Pool::figures).collect();
    let pooled = levels::together(&pools).map(|pool| pool.figures()).unwrap_or_default();
    let lines = each.iter().zip(&own).map(|(one, figures)| CommunityLine {
        id: one.community.id,
        name: one.community.name.clone(),
        figures: figures.clone(),
    });
    let communities: Vec<CommunityLine> = lines.collect();
    Ok(Dashboard {
        label: period.label(),
        cut_off: tx.now,
        name: name(&each, filter.level),
        figures: if filter.mean { levels::mean(&own) } else { pooled },
        funnel: sums::funnel(&each),
        months: if filter.sieve.partial() { Vec::new() } else { sums::months(&each) },
        rates: sums::rates(&each),
        top: sums::top(&each, TOP),
        strip: sums::strip(&each, &communities),
        hours: sums::hours(&each),
        parties: sums::parties(&each),
        communities,
        whole,
        period,
        filter,
        overdue_count,
        overdue,
        on_account_count,
        on_account,
    })
}

fn name(each: &[One], level: Level) -> String {
    let Some(first) = each.first() else { return String::new() };
    match level {
        Level::Community => first.community.name.clone(),
        Level::Street => first.community.street.clone(),
        Level::District => first.community.district.clone(),
        Level::City => level.label().to_owned(),
    }
}

/// What one community brings.
struct One {
    community: Community,
    pool: Pool,
    funnel: Vec<FunnelStage>,
    months: Vec<HotlineMonth>,
    /// The pools of the periods of the series, each with its word; nothing before the codes hung.
    series: Vec<(String, Option<Pool>)>,
    categories: Vec<Slice>,
    buildings: Vec<Slice>,
    hours: Vec<Vec<i64>>,
    parties: Vec<Slice>,
}

impl One {
    fn read(tx: &mut Tx, community: Community, period: Period, filter: &Filter) -> Result<One> {
        let id = community.id;
        let source = if filter.sieve.partial() { Source::Tickets } else { Source::Kept };
        let mut material = Material::read(tx, id, period, (&Terms::default(), source))?;
        filter.sieve.sift(&mut material);
        let names = store::parties(tx, id)?;
        let board = material.board();
        let point = |month: &Period| {
            let span = Span { from: month.from, to: month.to, cut_off: material.basis.cut_off };
            let served = material.basis.in_service(month);
            (month.word(), served.then(|| levels::pool(&material, &span)))
        };
        Ok(One {
            pool: levels::pool(&material, &material.spans.current),
            funnel: board.funnel(&FUNNEL),
            series: material.months.iter().map(point).collect(),
            categories: board.slices(Part::Category),
            buildings: board.buildings(),
            hours: board.hours(),
            parties: board.parties(&names, &[], &[]),
            months: comparison::compare(tx, id, period.year(), (&material.basis, source))?.months,
            community,
        })
    }
}

/// How many wait in all communities, and the first of them: as they are counted everywhere, and of what is looked at.
fn waiting(tx: &mut Tx, communities: &[Community], asked: (Waiting, &Sieve)) -> Result<(i64, Vec<Waits>)> {
    let mut all = Vec::new();
    for (number, community) in communities.iter().enumerate() {
        let waits = store::waiting(tx, community.id, asked)?;
        all.extend(waits.into_iter().map(|(since, id)| (since, id, number)));
    }
    let count = all.len() as i64;
    all.sort_unstable();
    all.truncate(WAITING);
    let mut named = Vec::new();
    for (number, community) in communities.iter().enumerate() {
        let ids: Vec<Id> = all.iter().filter(|each| each.2 == number).map(|each| each.1).collect();
        if !ids.is_empty() {
            named.extend(list::named(tx, community.id, &ids)?.into_iter().map(|ticket| Waits {
                ticket,
                community_id: community.id,
                community: community.name.clone(),
            }));
        }
    }
    named.sort_by_key(|waits| all.iter().position(|each| each.1 == waits.ticket.id));
    Ok((count, named))
}
