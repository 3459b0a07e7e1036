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
pub const COUNTING_VERSION: &str = "counting-4";
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
    /// Units, and buildings without units, at the end of the period: doors that should carry a code.
    pub units: usize,
    /// Those that had a code on the door then.
    pub live_units: usize,
    /// Codes on doors and spots then.
    pub live_codes: usize,
    #[serde(skip)]
    doors: Vec<Door>,
    #[serde(skip)]
    pub(super) categories: Vec<Category>,
    #[serde(skip)]
    pub(super) places: Vec<PlaceRow>,
    /// Grids with their workers.
    #[serde(skip)]
    pub(super) grids: BTreeMap<Id, (String, String)>,
    #[serde(skip)]
    pub(super) codes: Vec<CodeRow>,
    /// When somebody last looked after the code of each place, in the period or before.
    #[serde(skip)]
    pub(super) patrolled: BTreeMap<Id, Time>,
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
    let hung = hung(&codes);
    let doors = doors(&places, &hung);
    let posted = codes.iter().filter_map(|code| code.posted_at).min();
    let first = store::first_ticket(tx, id)?;
    let mut basis = Basis {
        cut_off,
        weights,
        populations: places::populations(tx, id)?,
        service_from: posted.into_iter().chain(first).min(),
        units: 0,
        live_units: 0,
        live_codes: hung.values().flatten().filter(|each| each.has(to)).count(),
        doors,
        categories,
        places,
        grids: store::grids(tx, id)?,
        codes,
        patrolled: store::patrolled(tx, id, to.min(cut_off))?,
        apart,
        by_code,
        echoes: BTreeSet::new(),
        community,
    };
    let members = store::members(tx, id)?;
    basis.echoes = beside::echoes(&members, &basis);
    (basis.live_units, basis.units) = basis.coverage(to);
    Ok(basis)
}

/// While a code hung on a door: `[from, until)`.
#[derive(Debug, Clone, Copy)]
struct While {
    from: Time,
    until: Option<Time>,
}

impl While {
    /// Whether it hung just before `at`.
    fn has(&self, at: Time) -> bool {
        self.from < at && self.until.is_none_or(|until| at <= until)
    }
}

/// A door, until when it was one, and while codes hung on it.
#[derive(Debug, Clone)]
struct Door {
    retired_at: Option<Time>,
    hung: Vec<While>,
}

/// While the codes of each place hung. One that was replaced goes on where a newer one hangs; else it ended when it was
/// replaced or stopped. Of those that ended before that was written down nobody knows when, and they do not count.
fn hung(codes: &[CodeRow]) -> BTreeMap<Id, Vec<While>> {
    let posted: BTreeSet<Id> =
        codes.iter().filter(|code| code.state == CodeState::Posted).map(|code| code.place_id).collect();
    let mut hung = BTreeMap::<Id, Vec<While>>::new();
    for code in codes {
        let Some(from) = code.posted_at else { continue };
        let goes_on = match code.state {
            CodeState::Replaced => posted.contains(&code.place_id),
            state => state == CodeState::Posted,
        };
        let until = code.stopped_at.filter(|_| !goes_on);
        if goes_on || until.is_some() {
            hung.entry(code.place_id).or_default().push(While { from, until });
        }
    }
    hung
}

/// Every door that ever was one: a unit, or a building without units.
fn doors(places: &[PlaceRow], hung: &BTreeMap<Id, Vec<While>>) -> Vec<Door> {
    let divided: BTreeSet<Id> = places
        .iter()
        .filter(|place| place.kind == PlaceKind::Unit)
        .filter_map(|place| place.building_id)
        .collect();
    let is_door = |place: &&PlaceRow| match place.kind {
        PlaceKind::Unit => true,
        PlaceKind::Building => !divided.contains(&place.id),
        _ => false,
    };
    let door = |place: &PlaceRow| Door {
        retired_at: place.retired_at,
        hung: hung.get(&place.id).cloned().unwrap_or_default(),
    };
    places.iter().filter(is_door).map(door).collect()
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

    /// How many doors carried a code at the end of a period, and how many there were: as somebody said with the population
    /// that held then, else those on the list.
    pub(super) fn coverage(&self, end: Time) -> (usize, usize) {
        let stood = |door: &&Door| door.retired_at.is_none_or(|retired| end <= retired);
        let live = |door: &&Door| door.hung.iter().any(|each| each.has(end));
        let doors = self.doors.iter().filter(stood);
        let said = self.population_at(end).and_then(|entry| usize::try_from(entry.units?).ok());
        (doors.clone().filter(live).count(), said.unwrap_or_else(|| doors.count()))
    }

    /// Who says how many doors there were.
    pub fn units_source(&self, end: Time) -> String {
        match self.population_at(end).filter(|entry| entry.units.is_some()) {
            Some(entry) => told_by(entry),
            None => "按地点名单".to_owned(),
        }
    }

    /// Who says how many lived there in `[from, to)`: every entry that held at the end of one of its months.
    pub fn population_sources(&self, from: Time, to: Time) -> String {
        let mut said: Vec<String> = Vec::new();
        for entry in ends(self.cut_off, (from, to)).into_iter().filter_map(|end| self.population_at(end)) {
            let words = told_by(entry);
            if !said.contains(&words) {
                said.push(words);
            }
        }
        if said.is_empty() { "未录入".to_owned() } else { said.join("；") }
    }

    /// The entry of the population that holds at `at`.
    pub fn population_at(&self, at: Time) -> Option<&Population> {
        entry_at(&self.populations, at)
    }

    /// Residents and households of `[from, to)`.
    pub(super) fn people(&self, from: Time, to: Time) -> People {
        people(&self.populations, self.cut_off, (from, to))
    }
}

/// Residents and households of `[from, to)` by the entries of a community, latest first: of a month, those at its end; of several,
/// the mean of the month-ends up to the cut-off. Nothing while a month has no entry.
pub(super) fn people(entries: &[Population], cut_off: Time, span: (Time, Time)) -> People {
    let ends = ends(cut_off, span);
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

/// The ends of the months of `[from, to)` up to the cut-off; that of the span where it is none.
fn ends(cut_off: Time, (from, to): (Time, Time)) -> Vec<Time> {
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
    ends
}

fn told_by(entry: &Population) -> String {
    format!("{}，自 {} 起", entry.source, entry.effective_from)
}

fn entry_at(entries: &[Population], at: Time) -> Option<&Population> {
    let day = Time::from_micros(at.0.timestamp_micros() - 1).day();
    entries.iter().find(|entry| entry.effective_from <= day)
}
