//! The bell: what concerns whoever is signed in, by their post or by name, and what of it is new to them.
//!
//! A notice is one row for all who hold a post; how far each has read is the moment up to which they have seen, for each
//! community by itself: whoever reaches several looks at one at a time.

use std::collections::HashSet;

use diesel::Queryable;

use super::drafts::{self, Draft};
use super::store::bell as store;
use super::told::{Topic, Whom};
use crate::db::{Id, Time, Tx};
use crate::error::Result;
use crate::people::{self, Actor, Role, session};
use crate::places;
use crate::tickets::held;

/// Notices on one page.
pub const PAGE: usize = 30;

/// One notice.
#[derive(Debug, Clone, Queryable, serde::Serialize, utoipa::ToSchema)]
#[schema(as = Notified)]
#[allow(missing_docs)]
pub struct Line {
    #[serde(skip)]
    pub id: Id,
    pub at: Time,
    pub topic: Topic,
    pub ticket_id: Id,
    #[serde(skip)]
    pub seq: i32,
    pub number: String,
    pub place: String,
    pub level1: String,
    /// Level 2, where it is set.
    pub category: Option<String>,
    pub due_at: Time,
}

/// Where a page ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Cursor {
    pub at: Time,
    pub id: Id,
}

impl Cursor {
    /// Reads what [`Cursor`] displays as; nothing for nonsense, which then means the first page.
    pub fn parse(text: &str) -> Option<Cursor> {
        let (micros, id) = text.split_once('_')?;
        Some(Cursor { at: Time::from_micros(micros.parse().ok()?), id: Id(id.parse().ok()?) })
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}_{}", self.at.0.timestamp_micros(), self.id.0.simple())
    }
}

/// A page of notices, latest first.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
#[schema(as = NoticePage)]
pub struct Page {
    /// At most [`PAGE`].
    pub lines: Vec<Line>,
    /// Pass it as `after` for the next page; nothing at the end.
    pub next: Option<String>,
    /// Reports that are ready to be issued: on the first page alone.
    pub drafts: Vec<Draft>,
}

/// What is new in another community that the actor reaches.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[schema(as = NewElsewhere)]
pub struct Elsewhere {
    /// Which community.
    pub community_id: Id,
    /// Its name.
    pub community: String,
    /// How many events.
    pub unread: usize,
}

/// The posts that somebody hears for.
fn ears(actor: &Actor) -> Vec<Whom> {
    let mut ears: Vec<Whom> = match actor.role {
        Role::Handler => actor.party_id.map(Whom::Party).into_iter().collect(),
        Role::GridWorker => actor.grids.iter().copied().map(Whom::Grid).collect(),
        Role::CommunityLead => vec![Whom::Desk, Whom::Lead],
        // Those who oversee hear what the desk hears.
        Role::StreetManager => vec![Whom::Desk, Whom::Street],
        Role::CommunityWorker | Role::Auditor | Role::Admin => vec![Whom::Desk],
        _ => Vec::new(),
    };
    ears.extend(actor.staff_id.map(Whom::Person));
    ears
}

/// Everything that is new to the actor, here and elsewhere: what stands beside the bell. Counted to 100.
pub fn all_unread(tx: &mut Tx, actor: &Actor) -> Result<usize> {
    let elsewhere: usize = elsewhere(tx, actor)?.iter().map(|each| each.unread).sum();
    Ok((unread(tx, actor)? + elsewhere).min(100))
}

/// What went up to the street, and what concerns its manager by name, in the other communities of the street: those with
/// something new, by name. What the desks there hear is theirs.
pub fn elsewhere(tx: &mut Tx, actor: &Actor) -> Result<Vec<Elsewhere>> {
    let (Role::StreetManager, Some(me)) = (actor.role, actor.staff_id) else { return Ok(Vec::new()) };
    let mut others = session::reachable_by(tx, actor)?;
    others.retain(|community| *community != actor.community_id);
    let ears = [Whom::Street, Whom::Person(me)].map(|whom| whom.to_string());
    store::elsewhere(tx, &others, &ears, me)
}

/// How many events are new to the actor since they looked, in the community that they look at; counted to 100.
pub fn unread(tx: &mut Tx, actor: &Actor) -> Result<usize> {
    let since = seen(tx, actor)?;
    let mut events = HashSet::new();
    for whom in ears(actor) {
        events.extend(store::since(tx, actor.community_id, &whom.to_string(), (actor.staff_id, since))?);
    }
    // What was held waits for a look too: it stays new until somebody decides.
    let drafts = drafts::fresh(tx, actor, since)?;
    Ok((events.len() + drafts + held::waiting(tx, actor)?).min(100))
}

/// A page of what concerns the actor, each event once.
pub fn page(tx: &mut Tx, actor: &Actor, before: Option<Cursor>) -> Result<Page> {
    let mut lines = Vec::new();
    for whom in ears(actor) {
        lines.extend(store::page(tx, actor.community_id, &whom.to_string(), (actor.staff_id, before))?);
    }
    lines.sort_by_key(|line: &Line| std::cmp::Reverse((line.at, line.id)));
    let mut seen = HashSet::new();
    lines.retain(|line| seen.insert((line.ticket_id, line.seq)));
    let more = lines.len() > PAGE;
    lines.truncate(PAGE);
    let next = lines.last().filter(|_| more).map(|line| Cursor { at: line.at, id: line.id }.to_string());
    let drafts = if before.is_none() { drafts::list(tx, actor)? } else { Vec::new() };
    Ok(Page { lines, next, drafts })
}

/// Up to when the actor has seen what concerns them here.
pub fn seen(tx: &mut Tx, actor: &Actor) -> Result<Time> {
    people::bell_seen(tx, actor, actor.community_id)
}

/// Notes that the actor has seen everything up to `until`; up to now where nothing is said.
pub fn see(tx: &mut Tx, actor: &Actor, until: Option<Time>) -> Result<()> {
    let until = until.map_or(tx.now, |until| until.min(tx.now));
    // An admin of an empty installation has nothing to see.
    places::community(tx, actor.community_id)?;
    people::see_bell(tx, actor, until)
}
