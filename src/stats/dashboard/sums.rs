//! How the dashboards of communities become the one of a street: counts are added, rates are pooled, gaps stay gaps.

use std::collections::BTreeMap;

use super::{CommunityLine, DashboardMonth, One, PartyLine, RatePoint, StripCell};
use crate::stats::levels;
use crate::stats::metric::{Figure, Metric};
use crate::stats::ranking::NamedCount;
use crate::stats::report::{FunnelStage, Slice};
use crate::stats::tally::Pool;

/// Stage by stage.
pub(super) fn funnel(each: &[One]) -> Vec<FunnelStage> {
    let Some(first) = each.first() else { return Vec::new() };
    let sum =
        |at: usize| each.iter().filter_map(|one| one.funnel.get(at)).map(|stage| stage.count).sum::<i64>();
    let whole = sum(0) as f64;
    let stages = first.funnel.iter().enumerate().map(|(at, stage)| {
        let count = sum(at);
        FunnelStage { count, of_submitted: Figure::rate(count as f64, whole, 1.0), ..stage.clone() }
    });
    stages.collect()
}

/// The sum of what is known; nothing where nobody knows.
fn add(sum: &mut Option<i64>, more: Option<i64>) -> usize {
    if let Some(more) = more {
        *sum = Some(sum.unwrap_or(0) + more);
    }
    usize::from(more.is_some())
}

/// Month by month, ours and the hotline's.
pub(super) fn months(each: &[One]) -> Vec<DashboardMonth> {
    let mut sums: Vec<DashboardMonth> = Vec::new();
    for month in each.iter().flat_map(|one| &one.months) {
        let at = sums.iter().position(|sum| sum.month == month.month).unwrap_or_else(|| {
            sums.push(DashboardMonth { month: month.month.clone(), ..DashboardMonth::default() });
            sums.len() - 1
        });
        let sum = &mut sums[at];
        sum.hotline_known += add(&mut sum.hotline, month.hotline);
        sum.own_known += add(&mut sum.own, month.own);
        sum.hotline_last_year_known += add(&mut sum.hotline_last_year, month.hotline_last_year);
        sum.own_last_year_known += add(&mut sum.own_last_year, month.own_last_year);
        sum.approximate |= month.approximate;
        sum.approximate_last_year |= month.approximate_last_year;
    }
    sums
}

/// The three rates, pooled, along the series.
pub(super) fn rates(each: &[One]) -> Vec<RatePoint> {
    let Some(first) = each.first() else { return Vec::new() };
    let points = first.series.iter().enumerate().map(|(at, (word, _))| {
        let pools: Vec<Pool> = each.iter().filter_map(|one| one.series.get(at)?.1.clone()).collect();
        let figures = levels::together(&pools).map(|pool| pool.figures()).unwrap_or_default();
        let of = |metric| figures.get(&metric).copied().unwrap_or(Figure::GAP);
        RatePoint {
            period: word.clone(),
            contacted: of(Metric::ContactedRate),
            solved: of(Metric::SolvedRate),
            satisfied: of(Metric::SatisfiedRate),
        }
    });
    points.collect()
}

fn cases(slice: &Slice) -> i64 {
    slice.figure(Metric::Cases).value.unwrap_or_default() as i64
}

/// The level-2 categories told of most. Codes are the same in every community.
pub(super) fn top(each: &[One], most: usize) -> Vec<NamedCount> {
    let mut sums = BTreeMap::<&str, NamedCount>::new();
    for slice in each.iter().flat_map(|one| &one.categories).filter(|slice| !slice.code.ends_with('—')) {
        let sum = sums.entry(&slice.code).or_insert_with(|| NamedCount {
            code: slice.code.clone(),
            name: slice.name.clone(),
            cases: 0,
        });
        sum.cases += cases(slice);
    }
    let mut all: Vec<NamedCount> = sums.into_values().filter(|each| each.cases > 0).collect();
    all.sort_by_key(|each| std::cmp::Reverse(each.cases));
    all.truncate(most);
    all
}

/// The buildings of one community, or several communities.
pub(super) fn strip(each: &[One], communities: &[CommunityLine]) -> Vec<StripCell> {
    if let [one] = each {
        let cell = |slice: &Slice| StripCell {
            code: slice.code.clone(),
            name: slice.name.clone(),
            cases: cases(slice),
            per_hundred: slice.figure(Metric::PerHundredHouseholds),
        };
        return one.buildings.iter().map(cell).collect();
    }
    let figure = |line: &CommunityLine, metric| line.figures.get(&metric).copied().unwrap_or(Figure::GAP);
    let cell = |line: &CommunityLine| StripCell {
        code: line.id.to_string(),
        name: line.name.clone(),
        cases: figure(line, Metric::Cases).value.unwrap_or_default() as i64,
        per_hundred: figure(line, Metric::PerHundredHouseholds),
    };
    communities.iter().map(cell).collect()
}

/// Hour by hour of the week.
pub(super) fn hours(each: &[One]) -> Vec<Vec<i64>> {
    let mut sum = vec![vec![0; 24]; 7];
    for one in each {
        let cells = sum.iter_mut().flatten().zip(one.hours.iter().flatten());
        cells.for_each(|(sum, more)| *sum += more);
    }
    sum
}

/// Every party that leads one of the period's tickets, the largest first.
pub(super) fn parties(each: &[One]) -> Vec<PartyLine> {
    let lines = each.iter().flat_map(|one| {
        one.parties.iter().map(|slice| PartyLine {
            name: slice.name.clone(),
            community: one.community.name.clone(),
            community_id: one.community.id,
            figures: slice.figures.clone(),
            code: slice.code.clone(),
        })
    });
    let mut all: Vec<PartyLine> = lines.collect();
    let size =
        |line: &PartyLine| line.figures.get(&Metric::Cases).and_then(|figure| figure.value).unwrap_or(0.0);
    all.sort_by(|one, other| size(other).total_cmp(&size(one)));
    all
}
