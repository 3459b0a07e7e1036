//! Communities, streets or districts as lines of one table, and what they are together.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Level, Reach, Within, communities, mean, months, together};
use crate::clock::Period;
use crate::db::{Id, Time, Tx};
use crate::error::{Error, Result};
use crate::people::Actor;
use crate::places::Community;
use crate::stats::metric::{Figures, Metric};
use crate::stats::pages::Asked;
use crate::stats::tally::Pool;

/// Which table to show. The period as on the other pages; the street of the session's community where nothing is said.
#[derive(Debug, Clone, Default, serde::Deserialize, utoipa::IntoParams)]
pub struct AskedLevels {
    /// `street` shows communities, `district` streets, `city` districts.
    pub level: Option<String>,
    /// The district, by name.
    pub district: Option<String>,
    /// The street in it, by name.
    pub street: Option<String>,
    /// `day`, `week`, `month`, `assessment_month`, `quarter`, `year` or `year_to_date`.
    pub kind: Option<String>,
    /// `2025-06-03`, `2025-W23`, `2025-06`, `2025-Q2` or `2025`, as the kind asks.
    pub period: Option<String>,
    /// A day: the period of that kind in which it lies.
    pub on: Option<String>,
}

impl AskedLevels {
    fn level(&self) -> Result<Level> {
        match self.level.as_deref().unwrap_or_default() {
            "" => Ok(Level::Street),
            word => Level::parse(word)
                .filter(|level| *level != Level::Community)
                .ok_or_else(|| Error::invalid("level", "没有这个范围，请选街道、区或全市")),
        }
    }

    fn within(&self) -> Within {
        let said = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        Within { district: said(&self.district), street: said(&self.street) }
    }
}

/// A community, a street or a district.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct LevelLine {
    /// Its name.
    pub name: String,
    /// Its district.
    pub district: String,
    /// Its street; empty for a district.
    pub street: String,
    /// Of a community, which.
    pub community_id: Option<Id>,
    /// How many communities it is.
    pub communities: usize,
    /// Pooled.
    pub figures: Figures,
}

/// Lines of one level, and what they are together.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct LevelTable {
    /// Which period.
    pub period: Period,
    /// `2025年6月`.
    pub label: String,
    /// What the table is about: of a street the lines are communities, of a district streets, of a city districts.
    pub level: Level,
    /// The street, the district or the city.
    pub name: String,
    /// Until when things were taken into account: where the period runs and many communities are in it, what was counted
    /// last, the earliest of them.
    pub cut_off: Time,
    /// How many communities it is.
    pub communities: usize,
    /// Whether they are all of the level: an account may reach only some of them.
    pub whole: bool,
    /// One for each part, in the order of their names; communities in the order in which they came.
    pub lines: Vec<LevelLine>,
    /// Pooled: sums of numerators over sums of denominators.
    pub together: Figures,
    /// The plain mean of the communities: each weighs the same.
    pub mean: Figures,
}

/// The metrics of a line, in the order of the table.
pub(super) const SHOWN: [Metric; 13] = [
    Metric::Gross,
    Metric::Cases,
    Metric::Comparable,
    Metric::PerTenThousand,
    Metric::ClosedRate,
    Metric::OnTimeRate,
    Metric::ContactMedian,
    Metric::HandlingMedian,
    Metric::Answers,
    Metric::ContactedRate,
    Metric::SolvedRate,
    Metric::SatisfiedRate,
    Metric::Score,
];

/// Computes the table that is asked for, as far as the actor's account reaches.
pub fn table(tx: &mut Tx, actor: &Actor, asked: &AskedLevels) -> Result<LevelTable> {
    let (period, level, within) =
        (Asked::of(&asked.kind, &asked.period, &asked.on).period(tx.now)?, asked.level()?, asked.within());
    let Reach { communities: all, whole } = communities(tx, actor, (level, &within))?;
    let ids: Vec<Id> = all.iter().map(|each| each.id).collect();
    let counted = months::pools(tx, &ids, period)?;
    let figures: Vec<Figures> = counted.pools.iter().map(Pool::figures).collect();
    let lines = match level {
        Level::Street | Level::Community => {
            all.iter().zip(&figures).map(|(each, figures)| LevelLine::of_community(each, figures)).collect()
        }
        Level::District | Level::City => grouped(level, all.iter().zip(&counted.pools)),
    };
    Ok(LevelTable {
        label: period.label(),
        name: name(level, all.first()),
        cut_off: counted.cut_off,
        communities: all.len(),
        whole,
        together: together(&counted.pools).map(|pool| pool.figures()).unwrap_or_default(),
        mean: mean(&figures),
        lines,
        period,
        level,
    })
}

fn name(level: Level, first: Option<&Community>) -> String {
    match (level, first) {
        (Level::District, Some(first)) => first.district.clone(),
        (Level::Street | Level::Community, Some(first)) => first.street.clone(),
        _ => level.label().to_owned(),
    }
}

impl LevelLine {
    fn of_community(community: &Community, figures: &Figures) -> LevelLine {
        LevelLine {
            name: community.name.clone(),
            district: community.district.clone(),
            street: community.street.clone(),
            community_id: Some(community.id),
            communities: 1,
            figures: figures.clone(),
        }
    }
}

/// A line for each street of a district, or for each district.
fn grouped<'a>(level: Level, all: impl Iterator<Item = (&'a Community, &'a Pool)>) -> Vec<LevelLine> {
    let mut groups = BTreeMap::<(&str, &str), Vec<&Pool>>::new();
    for (community, pool) in all {
        let street = if level == Level::District { community.street.as_str() } else { "" };
        groups.entry((community.district.as_str(), street)).or_default().push(pool);
    }
    let line = |((district, street), pools): ((&str, &str), Vec<&Pool>)| LevelLine {
        name: if street.is_empty() { district.to_owned() } else { street.to_owned() },
        district: district.to_owned(),
        street: street.to_owned(),
        community_id: None,
        communities: pools.len(),
        figures: together(pools).map(|pool| pool.figures()).unwrap_or_default(),
    };
    groups.into_iter().map(line).collect()
}
