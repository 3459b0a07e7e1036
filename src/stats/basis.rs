//! What figures stand on: population, coverage with codes, weights, categories. Printed with every report, because a
//! figure without it cannot be judged (domain §6.8, §6.10).

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::beside;
use super::material::Source;
use super::store::{self, CodeRow, PlaceRow};
use super::tally::People;
use crate::clock::{Period, PeriodKind};
use crate::codes::registry::CodeState;
use crate::db::{Id, Time, Tx};
use crate::error::Result;
use crate::places::{self, Community, PlaceKind, Population};
use crate::routing::{self, Category};
use crate::settings::{self, Weights};

/// The version of the rules by which figures are counted; goes up when a sentence in `metric` changes its meaning.
pub const COUNTING_VERSION: &str = "counting-3";
/// The version of the exclusions E1–E7 (domain §6.4).
pub const EXCLUSION_VERSION: &str = "exclusions-1";
/// The version of the duplicate rule: the program proposes, a person merges; nothing is merged by itself.
pub const DUPLICATE_VERSION: &str = "duplicates-1";
/// What it says, and how an incident counts (domain §6.5).
pub const DUPLICATE_RULE: &str = "同一地点、同一二级分类、同一电话或设备、30 天内、先到的未办结或办结不超过 7 天的提示为重复，由工作人员并案确认；同一事件里同一地点同一分类只算一个可比事件";

/// What figures stand on.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Basis {
    /// The community.
    pub community: Community,
    /// Until when things were taken into account.
    pub cut_off: Time,
    /// The weights that hold at the end of the period.
    pub weights: Weights,
    /// Every entry of the population, latest first.
    pub populations: Vec<Population>,
    /// From when on reports could come in: the first code on a door, or the first ticket.
    pub service_from: Option<Time>,
    /// Units, and buildings without units: doors that should carry a code.
    pub units: usize,
    /// Those with a code on the door now.
    pub live_units: usize,
    /// Codes on doors and spots now.
    pub live_codes: usize,
    /// When each door first had a code that still counts.
    #[serde(skip)]
    doors: Vec<Option<Time>>,
    #[serde(skip)]
    pub(super) categories: Vec<Category>,
    #[serde(skip)]
    pub(super) places: Vec<PlaceRow>,
    /// Grids with their workers.
    #[serde(skip)]
    pub(super) grids: BTreeMap<Id, (String, String)>,
    #[serde(skip)]
    pub(super) codes: Vec<CodeRow>,
    /// Level-1 categories all of whose level 2 do not stand beside the hotline's.
    #[serde(skip)]
    apart: BTreeSet<String>,
    #[serde(skip)]
    by_code: BTreeMap<String, bool>,
    /// Members of incidents whose event is counted with an earlier member.
    #[serde(skip)]
    pub(super) echoes: BTreeSet<Id>,
}

/// Under which rules a period is counted; those of its own time where nothing is said.
#[derive(Debug, Clone, Default)]
pub(super) struct Terms {
    /// Things are taken into account until then.
    pub(super) cut_off: Option<Time>,
    /// The weights of the score, and k.
    pub(super) weights: Option<Weights>,
    /// Which level-2 categories stand beside the hotline's.
    pub(super) comparable: Option<BTreeMap<String, bool>>,
}

impl Terms {
    /// From what is counted under these terms: other rules than those of today know no kept months.
    pub(super) fn source(&self) -> Source {
        let today = self.cut_off.is_none() && self.comparable.is_none();
        if today { Source::Kept } else { Source::Tickets }
    }
}

/// Gathers the basis of the figures of a community; `to` ends the period whose rules hold.
pub(super) fn gather(tx: &mut Tx, community: Community, to: Time, terms: &Terms) -> Result<Basis> {
    let id = community.id;
    let cut_off = tx.now;
    let last = Time::from_micros(to.min(cut_off).0.timestamp_micros() - 1);
    let weights = match &terms.weights {
        Some(weights) => weights.clone(),
        None => settings::at(tx, id, last)?,
    };
    let mut categories = routing::categories(tx)?;
    for category in &mut categories {
        let named = terms.comparable.as_ref().and_then(|named| named.get(&category.code));
        category.comparable = named.copied().unwrap_or(category.comparable);
    }
    let by_code: BTreeMap<_, _> =
        categories.iter().map(|each| (each.code.clone(), each.comparable)).collect();
    let joint: BTreeSet<&str> =
        categories.iter().filter(|each| each.comparable).map(Category::level1_code).collect();
    let all = categories.iter().map(Category::level1_code);
    let apart = all.filter(|level1| !joint.contains(level1)).map(str::to_owned).collect();
    let places = store::places(tx, id)?;
    let codes = store::codes(tx, id)?;
    let doors = doors(&places, &codes);
    let posted = codes.iter().filter_map(|code| code.posted_at).min();
    let first = store::first_ticket(tx, id)?;
    let mut basis = Basis {
        cut_off,
        weights,
        populations: places::populations(tx, id)?,
        service_from: posted.into_iter().chain(first).min(),
        units: doors.len(),
        live_units: doors.iter().filter(|since| since.is_some()).count(),
        live_codes: codes.iter().filter(|code| code.state == CodeState::Posted).count(),
        doors,
        categories,
        places,
        grids: store::grids(tx, id)?,
        codes,
        apart,
        by_code,
        echoes: BTreeSet::new(),
        community,
    };
    let members = store::members(tx, id)?;
    basis.echoes = beside::echoes(&members, &basis);
    Ok(basis)
}

/// For each door in use, since when it has carried a code. A door is a unit, or a building without units. A code that
/// was replaced counts from when it was hung, as long as a code hangs there now.
fn doors(places: &[PlaceRow], codes: &[CodeRow]) -> Vec<Option<Time>> {
    let divided: BTreeSet<Id> = places
        .iter()
        .filter(|place| place.kind == PlaceKind::Unit)
        .filter_map(|place| place.building_id)
        .collect();
    let is_door = |place: &&PlaceRow| {
        place.retired_at.is_none()
            && match place.kind {
                PlaceKind::Unit => true,
                PlaceKind::Building => !divided.contains(&place.id),
                _ => false,
            }
    };
    let mut since = BTreeMap::<Id, (bool, Option<Time>)>::new();
    for code in codes {
        let door = since.entry(code.place_id).or_default();
        door.0 |= code.state == CodeState::Posted;
        if matches!(code.state, CodeState::Posted | CodeState::Replaced) {
            door.1 = [door.1, code.posted_at].into_iter().flatten().min();
        }
    }
    let live = |place: &PlaceRow| since.get(&place.id).filter(|door| door.0).and_then(|door| door.1);
    places.iter().filter(is_door).map(live).collect()
}

impl Basis {
    /// Whether a category stands beside the hotline's. With level 1 alone, unless all its level 2 do not: a resident
    /// who chose a tile is not to vanish from the comparison because staff have not refined it yet.
    pub(super) fn category_comparable(&self, level1: &str, category: Option<&str>) -> bool {
        match category {
            Some(code) => self.by_code.get(code).copied().unwrap_or(false),
            None => !self.apart.contains(level1),
        }
    }

    /// Whether reports could come in during some of the period.
    pub(super) fn in_service(&self, period: &Period) -> bool {
        period.from <= self.cut_off && self.service_from.is_some_and(|from| from < period.to)
    }

    /// Doors that carried a code at `at`.
    pub(super) fn live_units_at(&self, at: Time) -> usize {
        self.doors.iter().filter(|since| since.is_some_and(|since| since < at)).count()
    }

    /// The entry of the population that holds at `at`.
    pub fn population_at(&self, at: Time) -> Option<&Population> {
        entry_at(&self.populations, at)
    }

    /// The entry of the population that holds now.
    pub fn population(&self) -> Option<&Population> {
        self.population_at(self.cut_off)
    }

    /// Residents and households of `[from, to)`.
    pub(super) fn people(&self, from: Time, to: Time) -> People {
        people(&self.populations, self.cut_off, (from, to))
    }
}

/// Residents and households of `[from, to)` by the entries of a community, latest first: of a month, those at its end; of several,
/// the mean of the month-ends up to the cut-off. Nothing while a month has no entry.
pub(super) fn people(entries: &[Population], cut_off: Time, (from, to): (Time, Time)) -> People {
    let to = to.min(cut_off.max(from.plus_minutes(1)));
    let mut ends = Vec::new();
    let mut month = Period::of(PeriodKind::Month, from);
    // An assessment month lies across two calendar months and ends inside the second.
    while month.to < to {
        if (month.to.0 - from.0).num_days() > 20 {
            ends.push(month.to);
        }
        month = Period::of(PeriodKind::Month, month.to);
    }
    ends.push(to);
    let held: Option<Vec<&Population>> = ends.iter().map(|end| entry_at(entries, *end)).collect();
    let Some(held) = held else { return People::default() };
    let mean = |heads: fn(&Population) -> i32| {
        held.iter().map(|entry| f64::from(heads(entry))).sum::<f64>() / held.len() as f64
    };
    People {
        residents: Some(mean(|entry| entry.residents)),
        households: Some(mean(|entry| entry.households)),
    }
}

fn entry_at(entries: &[Population], at: Time) -> Option<&Population> {
    let day = Time::from_micros(at.0.timestamp_micros() - 1).day();
    entries.iter().find(|entry| entry.effective_from <= day)
}
