//! What a report names: the matters and spots told of most, every door, parties by rank, and what was told more than once.
//!
//! Pure, from the same rows and by the same counting as the rest of a report (`tally`). What a name is shown as in a
//! shared table, where small numbers hide, is the business of the sheets.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::board::Board;
use super::known::Calls;
use super::metric::{Figure, Figures, Metric};
use super::report::Slice;
use super::tally::Row;
use crate::codes::registry::CodeState;
use crate::db::{Id, Time};
use crate::places::PlaceKind;
use crate::tickets::Status;

/// So many matters are named.
pub const MATTERS: usize = 10;
/// So many spots are named.
pub const SPOTS: usize = 20;
/// So many are named with each.
const MAINLY: usize = 3;

/// A name with how many tickets it stands for.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct NamedCount {
    /// Its code or id.
    pub code: String,
    /// Its name.
    pub name: String,
    /// 受理量.
    pub cases: i64,
}

/// A matter or a spot that was told of most. Its figures stand in the slice of the same code.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Frequent {
    /// The code of a level-2 category, or the id of a place.
    pub code: String,
    /// Of a matter, where it was told of most; of a spot, what was told of most.
    pub mainly: Vec<NamedCount>,
    /// Who leads most of them.
    pub lead: Option<NamedCount>,
}

/// A door that carries a code, or should, and every other place with tickets.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Door {
    /// Which place.
    pub place_id: Id,
    /// Its building, as people say it; the place itself where it lies in none.
    pub building: String,
    /// The unit; empty where the building has none.
    pub unit: String,
    /// Its grid.
    pub grid: String,
    /// Who answers first there.
    pub worker: String,
    /// Households, where they are known.
    pub households: Option<i64>,
    /// The state of its code; nothing where it never had one.
    pub code_state: Option<CodeState>,
    /// When somebody last looked after it, in the period or before.
    pub patrolled_at: Option<Time>,
    /// Scans, 受理量, per hundred households, 办结量, 超期数.
    pub figures: Figures,
    /// Tickets of the hotline whose place is this one; nothing where no such ticket of the period is known.
    pub hotline: Option<i64>,
    /// The same in the same dates of last year.
    pub hotline_last_year: Option<i64>,
}

text_enum! {
    /// Why a ticket stands on the list of what is late or waits.
    pub enum Lateness {
        Open = "open", "超期未办结";
        Closed = "closed", "超期办结";
        OnAccount = "on_account", "挂账";
    }
}

text_enum! {
    /// Why tickets belong together.
    #[schema(as = GatheringKind)]
    pub enum Kind {
        Repeat = "repeat", "重复（已并案）";
        Crowd = "crowd", "群体（同一事件）";
    }
}

/// Tickets of the period that tell of one matter.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Gathering {
    /// Merged by somebody, or one incident.
    pub kind: Kind,
    /// The main ticket, or the incident.
    pub id: Id,
    /// The number of the main ticket; empty for an incident.
    pub number: String,
    /// Where the first of them was told.
    pub place: String,
    /// Level-2 code of the first; empty where it has none.
    pub category: String,
    /// Those submitted in the period: for a merger without the main ticket.
    pub tickets: i64,
    /// By how many the de-duplicated figure is smaller for it: 去重后受理量 for a merger, 可比事件量 for an incident.
    pub spared: i64,
    /// When the first of them came.
    pub first_at: Time,
    /// When the last of them came.
    pub last_at: Time,
}

/// Ranks parties by their score, to two decimals as it is shown; equal scores share a rank. A party without answers has none.
pub(super) fn ranked(slices: &mut [Slice]) {
    let points =
        |slice: &Slice| slice.figure(Metric::Score).value.map(|score| (score * 100.0).round() as i64);
    let all: Vec<i64> = slices.iter().filter_map(points).collect();
    for slice in slices {
        let own = points(slice);
        let rank = own.map(|own| all.iter().filter(|each| **each > own).count() + 1);
        if let Some(had) = &mut slice.hand_offs {
            had.rank = rank;
        }
    }
}

impl Board<'_> {
    /// The units of count that were submitted in the period.
    fn cohort(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| row.counted() && self.spans.current.has(row.submitted_at))
    }

    /// The level-2 matters told of most. `categories`, `places` and `parties` are the slices of the report.
    pub(super) fn matters(&self, categories: &[Slice], places: &[Slice], parties: &[Slice]) -> Vec<Frequent> {
        let real = categories.iter().filter(|slice| !slice.code.ends_with('—') && cases(slice) > 0);
        let frequent = |slice: &Slice| {
            let own: Vec<&Row> =
                self.cohort().filter(|row| row.category.as_deref() == Some(slice.code.as_str())).collect();
            Frequent {
                code: slice.code.clone(),
                mainly: most(own.iter().map(|row| row.place_id.to_string()), places, MAINLY),
                lead: most(own.iter().map(|row| row.lead_id.to_string()), parties, 1).pop(),
            }
        };
        real.take(MATTERS).map(frequent).collect()
    }

    /// The spots with most tickets.
    pub(super) fn spots(&self, places: &[Slice], categories: &[Slice], parties: &[Slice]) -> Vec<Frequent> {
        let told = places.iter().filter(|slice| cases(slice) > 0);
        let frequent = |slice: &Slice| {
            let own: Vec<&Row> = self.cohort().filter(|row| row.place_id.to_string() == slice.code).collect();
            let known = own.iter().filter_map(|row| row.category.clone());
            Frequent {
                code: slice.code.clone(),
                mainly: most(known, categories, MAINLY),
                lead: most(own.iter().map(|row| row.lead_id.to_string()), parties, 1).pop(),
            }
        };
        told.take(SPOTS).map(frequent).collect()
    }

    /// Every door in the order in which people walk them, and every other place with tickets, ours or the hotline's.
    pub(super) fn doors(
        &self,
        places: &[Slice],
        grids: &BTreeMap<Id, (String, String)>,
        calls: &Calls,
    ) -> Vec<Door> {
        let basis = self.basis;
        let divided: BTreeSet<Id> = basis
            .places
            .iter()
            .filter(|place| place.kind == PlaceKind::Unit)
            .filter_map(|place| place.building_id)
            .collect();
        let slices: BTreeMap<&str, &Slice> =
            places.iter().map(|slice| (slice.code.as_str(), slice)).collect();
        let mut doors = Vec::new();
        for place in &basis.places {
            let told = slices.get(place.id.to_string().as_str()).copied();
            let door = match place.kind {
                PlaceKind::Unit | PlaceKind::Spot => true,
                PlaceKind::Building => !divided.contains(&place.id),
                PlaceKind::Compound | PlaceKind::Courtyard => false,
            };
            if !(told.is_some() || calls.any(place.id) || door && place.retired_at.is_none()) {
                continue;
            }
            let own = basis.codes.iter().filter(|code| code.place_id == place.id);
            let codes: Vec<(&str, CodeState)> = own.map(|code| (code.code.as_str(), code.state)).collect();
            let house = place.building_id.filter(|id| *id != place.id);
            let house = basis.places.iter().find(|each| Some(each.id) == house);
            let (grid, worker) = place.grid_id.and_then(|grid| grids.get(&grid).cloned()).unwrap_or_default();
            let households = place.households.map(i64::from);
            let [hotline, hotline_last_year] = calls.at(place.id);
            let scans = self.scans_in(&self.spans.current, |code| codes.iter().any(|(own, _)| *own == code));
            doors.push(Door {
                place_id: place.id,
                building: house.unwrap_or(place).full_name.clone(),
                unit: house.map(|_| place.name.clone()).unwrap_or_default(),
                grid,
                worker,
                households,
                code_state: best(&codes),
                patrolled_at: basis.patrolled.get(&place.id).copied(),
                figures: door_figures(told, scans, households),
                hotline,
                hotline_last_year,
            });
        }
        doors
    }

    /// What was told more than once: mergers by their main ticket, incidents by their members; the first told first.
    pub(super) fn gatherings(
        &self,
        members: &BTreeMap<Id, Id>,
        numbers: &BTreeMap<Id, String>,
    ) -> Vec<Gathering> {
        let mut groups = BTreeMap::<(Kind, Id), Vec<&Row>>::new();
        for row in self.cohort() {
            if let Some(main) = row.main_id.filter(|_| row.status == Status::Merged) {
                groups.entry((Kind::Repeat, main)).or_default().push(row);
            }
            if let Some(incident) = members.get(&row.id) {
                groups.entry((Kind::Crowd, *incident)).or_default().push(row);
            }
        }
        let name = |id: Id| self.basis.places.iter().find(|place| place.id == id);
        let mut all: Vec<Gathering> = groups
            .into_iter()
            .filter_map(|((kind, id), mut rows)| {
                rows.sort_by_key(|row| (row.submitted_at, row.id));
                let (first, last) = (*rows.first()?, *rows.last()?);
                let spared = match kind {
                    Kind::Repeat => rows.len(),
                    Kind::Crowd => rows.iter().filter(|row| self.basis.echoes.contains(&row.id)).count(),
                };
                Some(Gathering {
                    kind,
                    id,
                    number: numbers.get(&id).cloned().unwrap_or_default(),
                    place: name(first.place_id).map(|place| place.full_name.clone()).unwrap_or_default(),
                    category: first.category.clone().unwrap_or_default(),
                    tickets: rows.len() as i64,
                    spared: spared as i64,
                    first_at: first.submitted_at,
                    last_at: last.submitted_at,
                })
            })
            .collect();
        all.sort_by_key(|each| (each.kind, each.first_at, each.id));
        all
    }
}

fn cases(slice: &Slice) -> i64 {
    slice.figure(Metric::Cases).value.unwrap_or_default() as i64
}

/// The keys that come most often, each with its name from `slices`.
fn most(keys: impl Iterator<Item = String>, slices: &[Slice], limit: usize) -> Vec<NamedCount> {
    let mut counts = BTreeMap::<String, i64>::new();
    for key in keys {
        *counts.entry(key).or_default() += 1;
    }
    let mut counts: Vec<(String, i64)> = counts.into_iter().collect();
    // Equal ones stay in the order of their codes.
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let name = |code: &str| slices.iter().find(|slice| slice.code == code).map(|slice| slice.name.clone());
    counts
        .into_iter()
        .take(limit)
        .map(|(code, cases)| NamedCount {
            name: name(&code).unwrap_or_else(|| "—".to_owned()), code, cases
        })
        .collect()
}

/// The state that says most about a door: a code that hangs, before one that is to hang, before one of the past.
fn best(codes: &[(&str, CodeState)]) -> Option<CodeState> {
    use CodeState::*;
    [Posted, Printed, Draft, Replaced, Stopped]
        .into_iter()
        .find(|state| codes.iter().any(|(_, own)| own == state))
}

fn door_figures(told: Option<&Slice>, scans: i64, households: Option<i64>) -> Figures {
    use Metric::*;
    let count = |metric| told.map_or(Figure::count(0), |slice| slice.figure(metric));
    let per = match households {
        Some(heads) => Figure::rate(count(Cases).value.unwrap_or_default(), heads as f64, 100.0),
        None => Figure { numerator: count(Cases).value, ..Figure::GAP },
    };
    let figures = [
        (Scans, Figure::count(scans)),
        (Cases, count(Cases)),
        (PerHundredHouseholds, per),
        (Gross, count(Gross)),
        (Closed, count(Closed)),
        (Overdue, count(Overdue)),
    ];
    figures.into_iter().collect()
}
