//! The same trouble again: 复发, and the places where it is chronic (domain §6.5).
//!
//! The members of one incident are one time, however many reported it. Nothing is stored: a recurrence is read along the index of closings by place and category, with the last closing of
//! each ticket, so that a corrected category or a closing after 重办 is right at once and no job can lag behind. A page
//! reads one range of that index; the list of chronic places groups the closings of one community and year.

use std::collections::{BTreeMap, BTreeSet};

use super::{Line, lines, store};
use crate::db::{Id, Time, Tx};
use crate::error::Result;
use crate::people::Actor;
use crate::places;
use crate::routing;
use crate::settings::{self, Alike};
use crate::tickets::Ticket;

/// So many closings in a year make a place chronic.
pub const CHRONIC: i64 = 3;
/// The year, in days.
const YEAR: i64 = 365;
/// Chronic places on one page.
pub const PAGE: usize = 25;
/// So many earlier ones are listed; all are counted.
const SHOWN: usize = 20;

/// Whether what was submitted then recurs after that closing.
pub fn recurs(closed: Time, submitted: Time, days: i32) -> bool {
    closed < submitted && submitted <= closed.plus_minutes(i64::from(days) * 1440)
}

/// How often the same came before.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
pub struct Recurrence {
    /// Within so many days after closing.
    pub days: i32,
    /// Which time it is: the earlier ones, and this one.
    pub times: usize,
    /// The earlier ones, oldest first; the latest 20 where there are more.
    pub earlier: Vec<Line>,
}

/// The closed tickets of the same place and category that a ticket recurs after, by the rules of its submission.
pub fn of(tx: &mut Tx, ticket: &Ticket) -> Result<Option<Recurrence>> {
    let Some(category) = &ticket.category else { return Ok(None) };
    let rules: Alike = settings::at(tx, ticket.community_id, ticket.submitted_at)?;
    let since = ticket.submitted_at.plus_minutes(-i64::from(rules.recurrence_days) * 1440);
    let matter = (ticket.place_id, category.as_str());
    let mut closed = store::closed(tx, ticket.community_id, matter, since)?;
    closed.retain(|each| {
        each.id != ticket.id && recurs(each.closed_at, ticket.submitted_at, rules.recurrence_days)
    });
    if closed.is_empty() {
        return Ok(None);
    }
    let times = events(tx, ticket.community_id, closed.iter().map(|each| each.id))?.len() + 1;
    let ids: Vec<Id> = closed.iter().rev().take(SHOWN).map(|each| each.id).collect();
    let earlier = lines(tx, ticket.community_id, &ids)?;
    Ok(Some(Recurrence { days: rules.recurrence_days, times, earlier }))
}

/// What these tickets tell of, each once: their incidents, and themselves where they are of none.
fn events(tx: &mut Tx, community: Id, tickets: impl Iterator<Item = Id>) -> Result<BTreeSet<Id>> {
    let tickets: Vec<Id> = tickets.collect();
    let incidents: BTreeMap<Id, Id> = store::incidents_of(tx, community, &tickets)?.into_iter().collect();
    Ok(tickets.iter().map(|id| incidents.get(id).copied().unwrap_or(*id)).collect())
}

/// A place where the same comes again and again.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
pub struct Chronic {
    /// Where.
    pub place_id: Id,
    /// Its name.
    pub place: String,
    /// Four digits.
    pub category: String,
    /// The category in words.
    pub matter: String,
    /// Closed in the last 365 days; the tickets of one incident are one.
    pub closings: i64,
    /// Of those submitted in the last 365 days, how many recurred.
    pub recurrences: usize,
    /// When the last of those was submitted; nothing where none was.
    pub last_submitted: Option<Time>,
    /// When the last was closed.
    pub last_closed: Time,
    /// The latest ticket that was closed.
    pub last_ticket: Line,
}

/// Where a page of the list ended: by closing, place and category.
pub type Cursor = (Time, Id, String);

/// A page of chronic places.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
#[schema(as = ChronicPage)]
pub struct Page {
    /// At most [`PAGE`], the latest closing first.
    pub rows: Vec<Chronic>,
    /// Pass it as `after` for the next page; nothing at the end.
    pub next: Option<String>,
}

/// The places and categories with at least [`CHRONIC`] closings in the last 365 days. For whoever reads figures.
pub fn chronic(tx: &mut Tx, actor: &Actor, after: Option<Cursor>) -> Result<Page> {
    let since = tx.now.plus_minutes(-YEAR * 1440);
    let rules: Alike = settings::at(tx, actor.community_id, tx.now)?;
    let mut found = store::closings(tx, actor.community_id, since)?;
    for (place, category, more) in store::told_again(tx, actor.community_id, since)? {
        let own = |each: &&mut Frequent| each.place_id == place && each.category == category;
        if let Some(each) = found.iter_mut().find(own) {
            each.closings -= more - 1;
        }
    }
    found.retain(|each| each.closings >= CHRONIC);
    found.sort_by_key(|each| std::cmp::Reverse(each.key()));
    let rest = found.into_iter().filter(|each| after.as_ref().is_none_or(|after| each.key() < *after));
    let mut page: Vec<Frequent> = rest.take(PAGE + 1).collect();
    let more = page.len() > PAGE;
    page.truncate(PAGE);
    let next = page.last().filter(|_| more).map(|last| write(&last.key()));
    let rows = page.into_iter().map(|each| row(tx, actor, each, (since, &rules))).collect::<Result<_>>()?;
    Ok(Page { rows, next })
}

/// A place and category with how often it was closed.
#[derive(Debug, Clone, diesel::Queryable)]
pub(super) struct Frequent {
    pub(super) place_id: Id,
    pub(super) category: Option<String>,
    pub(super) closings: i64,
    pub(super) last_closed: Option<Time>,
}

impl Frequent {
    fn key(&self) -> Cursor {
        let last = self.last_closed.unwrap_or(Time::from_micros(0));
        (last, self.place_id, self.category.clone().unwrap_or_default())
    }
}

fn row(tx: &mut Tx, actor: &Actor, each: Frequent, (since, rules): (Time, &Alike)) -> Result<Chronic> {
    let community = actor.community_id;
    let (last_closed, place_id, category) = each.key();
    let reach = since.plus_minutes(-i64::from(rules.recurrence_days) * 1440);
    let closed = store::closed(tx, community, (place_id, &category), reach)?;
    let came = store::submitted(tx, community, (place_id, &category), since)?;
    let again = |(id, at): &&(Id, Time)| {
        closed.iter().any(|before| before.id != *id && recurs(before.closed_at, *at, rules.recurrence_days))
    };
    let last = closed.last().map(|each| each.id).unwrap_or_default();
    let line = lines(tx, community, &[last])?.pop().ok_or(crate::error::Error::NotFound)?;
    Ok(Chronic {
        place: places::find(tx, community, place_id)?.full_name,
        matter: routing::category(tx, &category)?.level2,
        closings: each.closings,
        recurrences: events(tx, community, came.iter().filter(again).map(|(id, _)| *id))?.len(),
        last_submitted: came.last().map(|(_, at)| *at),
        last_closed,
        last_ticket: line,
        place_id,
        category,
    })
}

fn write((at, place, category): &Cursor) -> String {
    format!("{}_{}_{category}", at.0.timestamp_micros(), place.0.simple())
}

/// Reads what a page gave as `next`; nothing for nonsense, which then means the first page.
pub fn read(text: &str) -> Option<Cursor> {
    let mut parts = text.splitn(3, '_');
    let at = Time::from_micros(parts.next()?.parse().ok()?);
    Some((at, Id(parts.next()?.parse().ok()?), parts.next()?.to_owned()))
}
