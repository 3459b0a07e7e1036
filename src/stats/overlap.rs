//! Ours and the hotline's beside each other: what only we had and closed, what went on to the hotline after us, what only
//! the hotline had, and what both had (domain §6.9). Only pairs that a person confirmed count.
//!
//! Pure. Of ours stand the reports of C; a neighbour who joined goes with the ticket joined. A ticket of the hotline counts in
//! the month of its call, one of ours in the month of its submission. Each rate carries its two numbers.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::basis::Basis;
use super::beside::slim_beside;
use super::metric::{Figure, Metric};
use super::store::{Paired, Slim};
use super::tally::Beside;
use crate::clock::Period;
use crate::db::{Id, Time};
use crate::hotline::{Live, pairs::DAYS};

/// What is called so whose place is not known here.
pub(super) const UNKNOWN: &str = "地点没有对应上的 12345 工单";

/// A report of C.
#[derive(Debug, Clone, Copy)]
pub(super) struct Unit {
    pub(super) at: Time,
    /// The ticket; for a neighbour who joined, the one that was joined.
    pub(super) ticket: Id,
    pub(super) building: Option<Id>,
    /// Whether it is an event of its own.
    pub(super) event: bool,
    /// Whether the ticket stands closed.
    pub(super) done: bool,
}

/// How ours and theirs lie beside each other in some months of a place.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Overlap {
    /// C: ours.
    pub own: i64,
    /// Of those, closed and never on the hotline.
    pub solved_only: i64,
    /// Of those, followed by a ticket of the hotline within 30 days.
    pub leaked: i64,
    /// H: the hotline's.
    pub hotline: i64,
    /// Of those, the ones that we never had.
    pub hotline_only: i64,
    /// Of those, the ones that we had too.
    pub both: i64,
    /// Of those that both had, where ours came first.
    pub first: i64,
    /// 转12345率: `leaked / own`.
    pub leak_rate: Figure,
    /// 首接在码率: `first / both`.
    pub first_rate: Figure,
    /// 未诉先办率: `solved_only / (own + hotline − both)`.
    pub ahead_rate: Figure,
}

impl Overlap {
    fn rated(mut self) -> Overlap {
        let rate = |part: i64, whole: i64| Figure::rate(part as f64, whole as f64, 1.0);
        self.hotline_only = self.hotline - self.both;
        self.leak_rate = rate(self.leaked, self.own);
        self.first_rate = rate(self.first, self.both);
        self.ahead_rate = rate(self.solved_only, self.own + self.hotline - self.both);
        self
    }

    /// The three rates for people, each with its two numbers: 转12345率, 首接在码率, 未诉先办率.
    pub fn rates(&self) -> [(String, String); 3] {
        [self.leak_rate, self.first_rate, self.ahead_rate]
            .map(|rate| (rate.text(Metric::ClosedRate), rate.parts()))
    }
}

/// How they lie in one building.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct BuildingOverlap {
    /// The building; nothing for what lies outside of them or is not known.
    pub building_id: Option<Id>,
    /// Its name.
    pub name: String,
    /// How they lie.
    pub overlap: Overlap,
}

/// Where something is, as far as buildings go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Ground {
    House(Id),
    Outside,
    Unknown,
}

text_enum! {
    /// A count of how ours and theirs lie beside each other.
    #[schema(as = OverlapSide)]
    pub enum Side {
        Own = "own", "C";
        SolvedOnly = "solved_only", "只由我们办结";
        Leaked = "leaked", "又到 12345";
        Hotline = "hotline", "H";
        HotlineOnly = "hotline_only", "仅 12345";
        Both = "both", "两边都有";
        First = "first", "两边都有，我们在先";
    }
}

/// What stands behind a count.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Behind {
    /// One of ours, and when it came.
    Ours(Time, Id),
    /// One of theirs, and when the call came.
    Theirs(Time, String),
}

/// Ours, theirs, and what was confirmed of both.
pub(super) struct Sides {
    pub(super) units: Vec<Unit>,
    rows: Vec<(Time, String, Ground)>,
    leaked: BTreeSet<Id>,
    paired: BTreeSet<Id>,
    /// Numbers that we had too, and whether ours came first.
    both: BTreeMap<String, bool>,
}

impl Sides {
    pub(super) fn new(units: Vec<Unit>, rows: Vec<Live>, pairs: Vec<Paired>, basis: &Basis) -> Sides {
        let homes: BTreeMap<Id, Option<Id>> =
            basis.places.iter().map(|place| (place.id, place.building_id)).collect();
        let ground = |place: Option<Id>| match place.and_then(|place| homes.get(&place)) {
            Some(Some(house)) => Ground::House(*house),
            Some(None) => Ground::Outside,
            None => Ground::Unknown,
        };
        let rows = rows.into_iter().map(|row| (row.received_at, row.number, ground(row.place_id))).collect();
        let mut sides =
            Sides { units, rows, leaked: BTreeSet::new(), paired: BTreeSet::new(), both: BTreeMap::new() };
        for pair in pairs.iter().filter(|pair| pair.row.counted()) {
            sides.add(pair, slim_beside(&pair.row, basis) != Beside::Apart);
        }
        sides
    }

    fn add(&mut self, pair: &Paired, beside: bool) {
        let Slim { id, submitted_at, .. } = pair.row;
        let first = submitted_at <= pair.received_at;
        self.paired.insert(id);
        if first && pair.received_at < submitted_at.plus_minutes(DAYS * 1440) {
            self.leaked.insert(id);
        }
        if beside {
            *self.both.entry(pair.number.clone()).or_default() |= first;
        }
    }

    /// How they lie in some months.
    pub(super) fn overlap(&self, months: &[Period]) -> Overlap {
        self.fold(months).into_values().fold(Overlap::default(), sum).rated()
    }

    /// How they lie in some months, building by building in the order in which people walk them.
    pub(super) fn buildings(&self, months: &[Period], basis: &Basis) -> Vec<BuildingOverlap> {
        let all = self.fold(months);
        let mut found = Vec::new();
        let mut add = |ground: Ground, building_id: Option<Id>, name: &str| {
            if let Some(overlap) = all.get(&ground) {
                found.push(BuildingOverlap { building_id, name: name.to_owned(), overlap: overlap.rated() });
            }
        };
        for place in basis.places.iter().filter(|place| place.building_id == Some(place.id)) {
            add(Ground::House(place.id), Some(place.id), &place.full_name);
        }
        add(Ground::Outside, None, "楼外公共区域");
        add(Ground::Unknown, None, UNKNOWN);
        found
    }

    /// What stands behind a count of some months, of one ground or of all.
    pub(super) fn behind(&self, months: &[Period], (ground, which): (Option<Ground>, Side)) -> Vec<Behind> {
        let inside = |at: Time| months.iter().any(|month| month.contains(at));
        let here = |own: Ground| ground.is_none_or(|ground| ground == own);
        let unit = |unit: &&Unit| {
            let fits = match which {
                Side::Own => true,
                Side::Leaked => self.leaked.contains(&unit.ticket),
                Side::SolvedOnly => unit.done && !self.paired.contains(&unit.ticket),
                _ => false,
            };
            fits && inside(unit.at) && here(unit.building.map_or(Ground::Outside, Ground::House))
        };
        let row = |(at, number, own): &&(Time, String, Ground)| {
            let fits = match which {
                Side::Hotline => true,
                Side::HotlineOnly => !self.both.contains_key(number),
                Side::Both => self.both.contains_key(number),
                Side::First => self.both.get(number) == Some(&true),
                _ => false,
            };
            fits && inside(*at) && here(*own)
        };
        let ours = self.units.iter().filter(unit).map(|unit| Behind::Ours(unit.at, unit.ticket));
        let theirs = self.rows.iter().filter(row).map(|row| Behind::Theirs(row.0, row.1.clone()));
        ours.chain(theirs).collect()
    }

    fn fold(&self, months: &[Period]) -> BTreeMap<Ground, Overlap> {
        let inside = |at: Time| months.iter().any(|month| month.contains(at));
        let mut all = BTreeMap::<Ground, Overlap>::new();
        for unit in self.units.iter().filter(|unit| inside(unit.at)) {
            let overlap = all.entry(unit.building.map_or(Ground::Outside, Ground::House)).or_default();
            overlap.own += 1;
            overlap.leaked += i64::from(self.leaked.contains(&unit.ticket));
            overlap.solved_only += i64::from(unit.done && !self.paired.contains(&unit.ticket));
        }
        for (_, number, ground) in self.rows.iter().filter(|(at, ..)| inside(*at)) {
            let overlap = all.entry(*ground).or_default();
            overlap.hotline += 1;
            overlap.both += i64::from(self.both.contains_key(number));
            overlap.first += i64::from(self.both.get(number) == Some(&true));
        }
        all
    }
}

fn sum(one: Overlap, other: Overlap) -> Overlap {
    Overlap {
        own: one.own + other.own,
        solved_only: one.solved_only + other.solved_only,
        leaked: one.leaked + other.leaked,
        hotline: one.hotline + other.hotline,
        both: one.both + other.both,
        first: one.first + other.first,
        ..Overlap::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_carry_their_numbers_and_nothing_of_nothing_is_a_gap() {
        let some = Overlap {
            own: 10,
            solved_only: 6,
            leaked: 2,
            hotline: 5,
            both: 3,
            first: 2,
            ..Overlap::default()
        };
        let rates = some.rated().rates();
        assert_eq!(rates[0], ("20.0 %".to_owned(), "2 / 10".to_owned()));
        assert_eq!(rates[1], ("66.7 %".to_owned(), "2 / 3".to_owned()));
        assert_eq!(rates[2], ("50.0 %".to_owned(), "6 / 12".to_owned()));
        assert_eq!(some.rated().hotline_only, 2);
        assert_eq!(Overlap::default().rated().rates().map(|(rate, _)| rate), ["—", "—", "—"]);
    }
}
