//! Figures of several communities together: a street, a district (domain §5).
//!
//! Totals are pooled: sums of numerators over sums of denominators. Medians and percentiles are exact at every level,
//! because the durations themselves are put together, never their medians. The plain mean of the communities is beside it
//! as an option, and says so.

use std::collections::BTreeMap;

use super::basis::Terms;
use super::material::Material;
use super::metric::{Figure, Figures, Metric};
use super::tally::{Pool, Span};
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
    }
}

/// The communities of a level around the one in which the actor works, as far as their account reaches: a level never
/// shows what the account does not.
pub fn communities(tx: &mut Tx, actor: &Actor, level: Level) -> Result<Vec<Community>> {
    let home = places::community(tx, actor.community_id)?;
    if level == Level::Community {
        return Ok(vec![home]);
    }
    let mut all = Vec::new();
    for id in session::reachable_by(tx, actor)? {
        let each = places::community(tx, id)?;
        let inside =
            each.district == home.district && (level == Level::District || each.street == home.street);
        if inside {
            all.push(each);
        }
    }
    match all.is_empty() {
        true => Err(Error::NotFound),
        false => Ok(all),
    }
}

/// What one community brings to a level.
pub(super) fn pool(material: &Material, span: &Span) -> Pool {
    let board = material.board();
    let people = material.basis.people(span.from, span.to);
    Pool::of(board.tally(span), board.scans_in(span, |_| true), &material.basis.weights, people)
}

/// All of them together; nothing of none.
pub(super) fn together(pools: &[Pool]) -> Option<Pool> {
    let (first, rest) = pools.split_first()?;
    let mut sum = first.clone();
    rest.iter().for_each(|each| sum.merge(each));
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
pub fn figures(tx: &mut Tx, communities: &[Id], period: crate::clock::Period) -> Result<Levelled> {
    let mut pools = Vec::new();
    for id in communities {
        let material = Material::read(tx, *id, period, &Terms::default())?;
        pools.push(pool(&material, &material.spans.current));
    }
    let each: Vec<Figures> = pools.iter().map(Pool::figures).collect();
    Ok(Levelled {
        together: together(&pools).map(|pool| pool.figures()).unwrap_or_default(),
        mean: mean(&each),
        each: communities.iter().copied().zip(each).collect(),
    })
}
