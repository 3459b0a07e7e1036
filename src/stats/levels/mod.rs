//! Figures of several communities together: a street, a district, a city (domain §5).
//!
//! Totals are pooled: sums of numerators over sums of denominators. Medians and percentiles are exact at every level,
//! because the durations themselves are put together, never their medians. The plain mean of the communities is beside it
//! as an option, and says so. Months that are over are kept (`months`); what is not kept is counted from the tickets.

mod months;
pub mod pages;
mod table;

use std::collections::{BTreeMap, BTreeSet};

pub(super) use self::months::held;
pub use self::months::{catch_up, differing, fill, rebuild};
pub use self::table::{AskedLevels, LevelLine, LevelTable, table};
use super::material::Material;
use super::metric::{Figure, Figures, Metric};
use super::tally::{Pool, Span};
use crate::clock::Period;
use crate::db::{Id, Tx};
use crate::error::{Error, Result};
use crate::people::{Actor, session};
use crate::places::{self, Community};

text_enum! {
    /// How much is looked at together. Grids, buildings and units are parts of a community's report.
    #[schema(as = FigureLevel)]
    pub enum Level {
        Community = "community", "社区";
        Street = "street", "街道";
        District = "district", "区";
        City = "city", "全市";
    }
}

/// Where a level lies: the district, and the street in it. Those of the community in which the actor works, where nothing
/// is said.
#[derive(Debug, Clone, Default)]
pub struct Within {
    /// 区.
    pub district: Option<String>,
    /// 街道.
    pub street: Option<String>,
}

/// The communities of a level that an account reaches.
pub struct Reach {
    /// At least one.
    pub communities: Vec<Community>,
    /// Whether they are all of the level. A page says where they are not: part of a city is not the city.
    pub whole: bool,
}

/// The communities of a level, as far as the actor's account reaches: a level never shows what the account does not.
pub fn communities(tx: &mut Tx, actor: &Actor, (level, within): (Level, &Within)) -> Result<Reach> {
    let home = places::community(tx, actor.community_id)?;
    if level == Level::Community {
        return Ok(Reach { communities: vec![home], whole: true });
    }
    let district = within.district.as_ref().unwrap_or(&home.district);
    let street = within.street.as_ref().unwrap_or(&home.street);
    let inside = |each: &Community| match level {
        Level::City | Level::Community => true,
        Level::District => each.district == *district,
        Level::Street => each.district == *district && each.street == *street,
    };
    let reached: BTreeSet<Id> = session::reachable_by(tx, actor)?.into_iter().collect();
    let mut communities = places::communities(tx)?;
    communities.retain(inside);
    let all = communities.len();
    communities.retain(|each| reached.contains(&each.id));
    match communities.len() {
        0 => Err(Error::NotFound),
        count => Ok(Reach { communities, whole: count == all }),
    }
}

/// What one community brings to a level.
pub(super) fn pool(material: &Material, span: &Span) -> Pool {
    let board = material.board();
    let people = material.basis.people(span.from, span.to);
    Pool::of(board.tally(span), board.scanned(span), &material.basis.weights, people)
}

/// All of them together; nothing of none.
pub(super) fn together<'p>(pools: impl IntoIterator<Item = &'p Pool>) -> Option<Pool> {
    let mut pools = pools.into_iter();
    let mut sum = pools.next()?.clone();
    pools.for_each(|each| sum.merge(each));
    Some(sum)
}

/// The plain mean of what each has: every community weighs the same, whatever its size. Gaps are left out; how many are
/// in it is the denominator.
pub(super) fn mean(each: &[Figures]) -> Figures {
    let of = |metric: &Metric| {
        let values: Vec<f64> =
            each.iter().filter_map(|figures| figures.get(metric).and_then(|figure| figure.value)).collect();
        let count = values.len() as f64;
        (*metric, Figure::rate(values.iter().sum(), count, 1.0))
    };
    Metric::ALL.iter().map(of).collect::<BTreeMap<_, _>>()
}

/// The figures of communities and what they are together.
#[derive(Debug, Clone)]
pub struct Levelled {
    /// Each community's own.
    pub each: Vec<(Id, Figures)>,
    /// Pooled.
    pub together: Figures,
    /// The plain mean.
    pub mean: Figures,
}

/// The figures of communities in a period, and what they are together.
pub fn figures(tx: &mut Tx, communities: &[Id], period: Period) -> Result<Levelled> {
    let pools = months::pools(tx, communities, period)?.pools;
    let each: Vec<Figures> = pools.iter().map(Pool::figures).collect();
    Ok(Levelled {
        together: together(&pools).map(|pool| pool.figures()).unwrap_or_default(),
        mean: mean(&each),
        each: communities.iter().copied().zip(each).collect(),
    })
}
