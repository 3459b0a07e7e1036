//! One rule made ready to be asked: whether it matches, where it stands among the others, and how it reads.
//!
//! Order: the smaller place first (unit, building, grid, compound, community, street: domain §1), then level 2 over level
//! 1 over any, then rules that ask for a kind, an urgency, a time; then the order number.

use std::cmp::Reverse;
use std::collections::HashSet;

use chrono::{Datelike, NaiveDateTime, Timelike, Weekday};

use super::rules::{EVERY_DAY, Rule, Scope, Terms};
use super::{Category, Kind, Party, Urgency};
use crate::clock;
use crate::db::{Id, Tx};
use crate::error::Result;
use crate::places::{self, Grid, Place, PlaceKind};

/// What rules are put into words with: read only as far as they name it.
#[derive(Default)]
pub(super) struct Around {
    pub(super) places: Vec<Place>,
    pub(super) grids: Vec<Grid>,
    pub(super) categories: Vec<Category>,
}

impl Around {
    pub(super) fn read(tx: &mut Tx, community_id: Id, rules: &[Rule]) -> Result<Around> {
        let any = |asks: fn(&Terms) -> bool| rules.iter().any(|rule| asks(&rule.terms));
        let mut around = Around::default();
        if any(|terms| terms.place_id.is_some()) {
            around.places = places::list(tx, community_id)?;
        }
        if any(|terms| terms.grid_id.is_some()) {
            around.grids = places::grids(tx, community_id)?;
        }
        if any(|terms| !terms.category.is_empty()) {
            around.categories = super::categories(tx)?;
        }
        Ok(around)
    }

    /// The buildings, courtyards and compounds in a place, itself included.
    fn inside(&self, place: Id) -> HashSet<Id> {
        let mut inside = HashSet::from([place]);
        let holds = |kind| !matches!(kind, PlaceKind::Unit | PlaceKind::Spot);
        loop {
            let below = self.places.iter().filter(|each| holds(each.kind));
            let new: Vec<Id> = below
                .filter(|each| each.parent_id.is_some_and(|parent| inside.contains(&parent)))
                .map(|each| each.id)
                .filter(|id| !inside.contains(id))
                .collect();
            if new.is_empty() {
                return inside;
            }
            inside.extend(new);
        }
    }
}

/// A rule made ready to be asked.
#[derive(Debug, Clone)]
pub(super) struct Standing {
    pub(super) rule: Rule,
    /// When it holds, in words.
    pub(super) when: String,
    /// What follows, in words.
    pub(super) then: String,
    /// The smaller the place, the larger.
    depth: u8,
    /// The buildings, courtyards and compounds of the place, itself included.
    inside: HashSet<Id>,
}

/// Why a rule does not match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Miss {
    Place,
    Category,
    Kind,
    Urgency,
    Time,
}

impl Miss {
    pub(super) fn words(self) -> &'static str {
        match self {
            Miss::Place => "地点不在范围内",
            Miss::Category => "分类不同",
            Miss::Kind => "诉求类型不同",
            Miss::Urgency => "紧急程度不同",
            Miss::Time => "提交时间不在时段内",
        }
    }
}

/// What rules ask of a matter.
pub(super) struct Facts<'a> {
    pub(super) place: &'a Place,
    pub(super) grid_id: Option<Id>,
    pub(super) level1: &'a str,
    pub(super) category: Option<&'a Category>,
    pub(super) kind: Kind,
    pub(super) urgency: Urgency,
    pub(super) at: NaiveDateTime,
    /// For what stands after the rules.
    pub(super) text: &'a str,
}

impl Standing {
    pub(super) fn new(rule: Rule, around: &Around) -> Standing {
        let terms = &rule.terms;
        let place = around.places.iter().find(|each| Some(each.id) == terms.place_id);
        let depth = match (terms.scope, place.map(|place| place.kind)) {
            (Scope::Street, _) => 0,
            (Scope::Community, _) => 1,
            (Scope::Place, Some(PlaceKind::Compound | PlaceKind::Courtyard)) => 2,
            (Scope::Grid, _) => 3,
            (Scope::Place, Some(PlaceKind::Building)) => 4,
            (Scope::Place, _) => 5,
        };
        let inside = terms.place_id.map(|id| around.inside(id)).unwrap_or_default();
        Standing { when: when(terms, around), then: then(terms), depth, inside, rule }
    }

    /// Smaller comes first.
    pub(super) fn rank(&self) -> (Reverse<u8>, Reverse<usize>, [Reverse<bool>; 3], i32, Id) {
        let terms = &self.rule.terms;
        let asks = [terms.kind.is_some(), terms.urgency.is_some(), terms.timed()];
        (Reverse(self.depth), Reverse(terms.category.len()), asks.map(Reverse), terms.sort, self.rule.id)
    }

    pub(super) fn matches(&self, facts: &Facts) -> Result<(), Miss> {
        let terms = &self.rule.terms;
        let code = facts.category.map_or(facts.level1, |category| &category.code);
        let here = match terms.scope {
            Scope::Street | Scope::Community => true,
            Scope::Grid => facts.grid_id.is_some() && facts.grid_id == terms.grid_id,
            Scope::Place => {
                let chain = [Some(facts.place.id), facts.place.parent_id, facts.place.building_id];
                chain.into_iter().flatten().any(|id| self.inside.contains(&id))
            }
        };
        let asked = [
            (here, Miss::Place),
            (code.starts_with(&terms.category), Miss::Category),
            (terms.kind.is_none_or(|kind| kind == facts.kind), Miss::Kind),
            (terms.urgency.is_none_or(|urgency| urgency == facts.urgency), Miss::Urgency),
            (in_time(terms, facts.at), Miss::Time),
        ];
        asked.into_iter().find(|(holds, _)| !holds).map_or(Ok(()), |(_, miss)| Err(miss))
    }

    /// Why it comes after `first`, which matches too.
    pub(super) fn behind(&self, first: &Standing) -> &'static str {
        let (own, other) = (self.rank(), first.rank());
        match () {
            () if own.0 != other.0 => "也对得上，但用上的那条地点更具体",
            () if own.1 != other.1 => "也对得上，但用上的那条分类更细",
            () if own.2 != other.2 => "也对得上，但用上的那条条件更具体",
            () => "也对得上，但次序在后",
        }
    }

    /// What is wrong with it in a community with these parties.
    pub(super) fn flags(&self, parties: &[Party], around: &Around) -> Vec<String> {
        let terms = &self.rule.terms;
        let mut flags = Vec::new();
        let lead = Some(terms.lead.as_str()).filter(|name| !name.is_empty());
        for (name, what) in
            lead.map(|name| (name, "主办")).into_iter().chain(terms.supporters().map(|name| (name, "协办")))
        {
            let then = if what == "主办" {
                "，命中的诉求由兜底单位接下"
            } else {
                "，命中时没有它协办"
            };
            match named(parties, name) {
                Named::InUse(_) => {}
                Named::Disabled(party) => flags.push(format!("{what}单位{}已停用{then}", party.name)),
                Named::Unknown => flags.push(format!("本社区没有登记{what}单位「{name}」{then}")),
            }
        }
        let gone = terms.place_id.is_some_and(|id| !around.places.iter().any(|place| place.id == id));
        if gone {
            flags.push("这个地点已经撤下，规则不会再命中".to_owned());
        }
        flags
    }
}

/// What a name leads to in a community.
pub(super) enum Named<'a> {
    InUse(&'a Party),
    Disabled(&'a Party),
    Unknown,
}

pub(super) fn named<'a>(parties: &'a [Party], name: &str) -> Named<'a> {
    let mut answering = parties.iter().filter(|party| party.answers_to(name));
    match answering.clone().find(|party| party.disabled_at.is_none()) {
        Some(party) => Named::InUse(party),
        None => answering.next().map_or(Named::Unknown, Named::Disabled),
    }
}

/// Whether a moment lies in the days and hours of a rule. The hours after midnight belong to the day on which they began.
pub(super) fn in_time(terms: &Terms, at: NaiveDateTime) -> bool {
    let minute = (at.hour() * 60 + at.minute()) as i32;
    let on = |day: Weekday| terms.weekdays & (1 << day.num_days_from_monday()) != 0;
    match (terms.from_minute, terms.until_minute) {
        (Some(from), Some(until)) if from < until => on(at.weekday()) && (from..until).contains(&minute),
        (Some(from), Some(until)) => {
            (minute >= from && on(at.weekday())) || (minute < until && on(at.weekday().pred()))
        }
        _ => on(at.weekday()),
    }
}

/// As people say them, Monday first.
pub(super) const DAYS: [&str; 7] = ["周一", "周二", "周三", "周四", "周五", "周六", "周日"];

fn when(terms: &Terms, around: &Around) -> String {
    let place = around.places.iter().find(|each| Some(each.id) == terms.place_id);
    let grid = around.grids.iter().find(|each| Some(each.id) == terms.grid_id);
    let category = around.categories.iter().find(|each| each.code.starts_with(&terms.category));
    let mut parts = vec![match terms.scope {
        Scope::Street | Scope::Community => terms.scope.label().to_owned(),
        Scope::Grid => grid.map_or("已经没有的网格", |grid| &grid.name).to_owned(),
        Scope::Place => place.map_or("已撤下的地点", |place| &place.full_name).to_owned(),
    }];
    match (terms.category.len(), category) {
        (2, Some(category)) => parts.push(category.level1.clone()),
        (4, Some(category)) => parts.push(category.level2.clone()),
        _ => {}
    }
    parts.extend(terms.kind.map(|kind| kind.label().to_owned()));
    parts.extend(terms.urgency.map(|urgency| urgency.label().to_owned()));
    if terms.weekdays != EVERY_DAY {
        let days = (0..7).filter(|day| terms.weekdays & (1 << day) != 0).map(|day| DAYS[day]);
        parts.push(days.collect::<Vec<_>>().join("、"));
    }
    if let (Some(from), Some(until)) = (terms.from_minute, terms.until_minute) {
        parts.push(format!("{}至{}{}", hour(from), if from > until { "次日 " } else { " " }, hour(until)));
    }
    parts.join(" · ")
}

fn hour(minute: i32) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

fn then(terms: &Terms) -> String {
    let mut parts = Vec::new();
    if !terms.lead.is_empty() {
        parts.push(format!("{}主办", terms.lead));
    }
    if !terms.supporting.is_empty() {
        parts.push(format!("{}协办", terms.supporting));
    }
    parts.extend(terms.set_urgency.map(|urgency| format!("按{}", urgency.label())));
    for (label, minutes) in [
        ("首次联系", terms.first_contact_minutes),
        ("排险", terms.make_safe_minutes),
        ("办结", terms.deadline_minutes),
    ] {
        parts.extend(minutes.map(|minutes| format!("{label} {}", clock::words(minutes.into()))));
    }
    parts.join("，")
}
