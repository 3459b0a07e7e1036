//! What a change of the rules would have done to the tickets of the last year, before it is saved.
//!
//! Both sets of rules are asked about the same tickets, so that what people handed on later does not blur the answer.
//! Tickets are read in chunks outside the writer, the latest first, at most [`LATEST`]; nothing is changed.

use std::collections::{BTreeMap, HashMap};

use super::matching::Ruleset;
use super::rules::{self, Change};
use super::standing::{Around, Standing};
use super::{Category, Kind, Matter, Route, categories, store};
use crate::db::{Db, Id, Time, Tx};
use crate::error::Result;
use crate::people::Actor;
use crate::places::Place;

/// How many tickets are asked at most.
pub const LATEST: usize = 20_000;
/// How many of those that would have gone elsewhere are named.
pub const NAMED: usize = 50;
/// Tickets of one read.
pub(super) const CHUNK: usize = 1000;
const YEAR_MINUTES: i64 = 365 * 24 * 60;

/// What a rehearsal found.
#[derive(Debug, Clone, Default, serde::Serialize, utoipa::ToSchema)]
pub struct Rehearsal {
    /// When the rule would hold.
    pub when: String,
    /// What would follow.
    pub then: String,
    /// Tickets of the last year that were asked.
    pub examined: usize,
    /// Whether there were more tickets in the year than were asked: only the latest were.
    pub cut_off: bool,
    /// How many would have gone to another lead.
    pub elsewhere: usize,
    /// How many would have kept their lead, with other supporting parties, another urgency or other limits.
    pub otherwise: usize,
    /// From whom to whom, most first.
    pub shifts: Vec<Shift>,
    /// The latest that would have gone elsewhere, at most [`NAMED`].
    pub tickets: Vec<Moved>,
    /// To be sent with the change when it is saved.
    pub seal: String,
}

/// How many would have gone from one lead to another.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
#[allow(missing_docs)]
pub struct Shift {
    pub from: String,
    pub to: String,
    pub count: usize,
}

/// A ticket that would have gone elsewhere.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
#[allow(missing_docs)]
pub struct Moved {
    pub id: Id,
    pub community_id: Id,
    pub number: String,
    pub submitted_at: Time,
    pub place: String,
    pub what: String,
    pub from: String,
    pub to: String,
}

/// A ticket, as far as routing asks.
#[derive(Debug, diesel::Queryable)]
pub(super) struct Case {
    pub(super) id: Id,
    pub(super) number: String,
    pub(super) place_id: Id,
    pub(super) grid_id: Option<Id>,
    pub(super) level1: String,
    pub(super) category: Option<String>,
    pub(super) kind: Kind,
    pub(super) text: String,
    pub(super) submitted_at: Time,
}

/// A community with its rules as they are and as they would be.
struct Stage {
    community_id: Id,
    before: Ruleset,
    after: Ruleset,
    places: HashMap<Id, Place>,
}

/// Asks both sets of rules about the tickets of the last year. Fails where the change itself is wrong.
pub async fn rehearse(db: &Db, actor: &Actor, change: &Change) -> Result<Rehearsal> {
    let (asking, asked) = (actor.clone(), change.clone());
    let (mut found, stages, tree, since) = db.read(move |tx| set_up(tx, &asking, &asked)).await?;
    let share = LATEST / stages.len().max(1);
    let mut shifts = BTreeMap::new();
    for stage in stages {
        let (community_id, mut last, mut left) = (stage.community_id, None, share);
        while left > 0 {
            let (after, want) = (last, left.min(CHUNK));
            let cases = db.read(move |tx| store::cases(tx, community_id, (since, after), want)).await?;
            last = cases.last().map(|case| (case.submitted_at, case.id));
            left -= cases.len();
            for case in &cases {
                stage.compare(case, &tree, (&mut found, &mut shifts))?;
            }
            if cases.len() < want {
                break;
            }
        }
        found.cut_off |= left == 0;
    }
    let all = shifts.into_iter().map(|((from, to), count)| Shift { from, to, count });
    found.shifts = all.collect();
    found.shifts.sort_by_key(|shift| std::cmp::Reverse(shift.count));
    found.tickets.sort_by_key(|moved| std::cmp::Reverse(moved.submitted_at));
    found.tickets.truncate(NAMED);
    Ok(found)
}

type SetUp = (Rehearsal, Vec<Stage>, Vec<Category>, Time);

fn set_up(tx: &mut Tx, actor: &Actor, change: &Change) -> Result<SetUp> {
    let (rules, changed) = rules::after(tx, actor, change)?;
    let around = Around::read(tx, actor.community_id, &rules)?;
    let standing = Standing::new(changed.clone(), &around);
    let found = Rehearsal {
        when: standing.when,
        then: standing.then,
        seal: rules::seal(tx, actor, change)?,
        ..Rehearsal::default()
    };
    let mut stages = Vec::new();
    for community in rules::reached(tx, actor, &changed.terms)? {
        let now = store::rules(tx, community.id)?;
        let mut then = now.clone();
        then.retain(|rule| rule.id != changed.id);
        then.push(changed.clone());
        let places = store::places(tx, community.id)?;
        stages.push(Stage {
            community_id: community.id,
            before: Ruleset::arrange(tx, community.id, now)?,
            after: Ruleset::arrange(tx, community.id, then)?,
            places: places.into_iter().map(|place| (place.id, place)).collect(),
        });
    }
    Ok((found, stages, categories(tx)?, tx.now.plus_minutes(-YEAR_MINUTES)))
}

impl Stage {
    fn compare(
        &self,
        case: &Case,
        tree: &[Category],
        (found, shifts): (&mut Rehearsal, &mut BTreeMap<(String, String), usize>),
    ) -> Result<()> {
        let Some(place) = self.places.get(&case.place_id) else { return Ok(()) };
        let category = case.category.as_ref().and_then(|code| tree.iter().find(|each| each.code == *code));
        let matter = Matter {
            place,
            grid_id: case.grid_id,
            level1: &case.level1,
            category: case.category.as_deref(),
            kind: Some(case.kind),
            text: &case.text,
            submitted_at: case.submitted_at,
        };
        let (before, after) = (self.before.route(&matter, category)?, self.after.route(&matter, category)?);
        found.examined += 1;
        if before.lead.id == after.lead.id {
            found.otherwise += usize::from(differ(&before, &after));
            return Ok(());
        }
        found.elsewhere += 1;
        *shifts.entry((before.lead.name.clone(), after.lead.name.clone())).or_default() += 1;
        if found.tickets.len() < NAMED * 20 {
            let level1 = || tree.iter().find(|each| each.level1_code() == case.level1);
            let what = category.map(|each| &each.level2).or(level1().map(|each| &each.level1));
            found.tickets.push(Moved {
                id: case.id,
                community_id: self.community_id,
                number: case.number.clone(),
                submitted_at: case.submitted_at,
                place: place.full_name.clone(),
                what: what.cloned().unwrap_or_default(),
                from: before.lead.name,
                to: after.lead.name,
            });
        }
        Ok(())
    }
}

fn differ(before: &Route, after: &Route) -> bool {
    let ids = |route: &Route| route.supporting.iter().map(|party| party.id).collect::<Vec<_>>();
    let clocks = |route: &Route| (route.first_contact_due, route.make_safe_due, route.due_at);
    ids(before) != ids(after) || clocks(before) != clocks(after) || before.urgency != after.urgency
}
