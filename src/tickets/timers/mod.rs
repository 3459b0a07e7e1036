//! What happens to a ticket when its time comes: due soon, overdue, up to the next level, review of an account, archive.
//!
//! Each open ticket has at most one row in `timers`: the next moment to look at it. It is set with the ticket and whenever
//! the ticket's row changes (`store` does it, so that no verb can forget). [`next`] is pure; a timer that rings too early
//! is only set again. [`fire_due`] fires each moment once, in one transaction with its event and the next moment.

mod store;

use serde_json::json;

pub(super) use self::store::row;
use super::store::Change;
use super::{Act, Audience, Ladder, Line, Step, Ticket, acts, requests, steps};
use crate::calendar::Reckoning;
use crate::db::{Id, Time, Tx};
use crate::error::Result;
use crate::people::Actor;
use crate::settings::{self, Clocks, Windows};

/// Tickets that are fired in one transaction: more would make everybody else wait.
pub const BATCH: i64 = 50;

text_enum! {
    /// What can come due.
    pub enum Alarm {
        DueSoon = "due_soon", "办结时限快到了";
        FirstContact = "first_contact", "首次联系已超期";
        MakeSafe = "make_safe", "排险已超期";
        ToLead = "community_lead", "办结已超期，升级到社区负责人";
        ToStreet = "street_manager", "超期仍未办结，升级到街道";
        Review = "review", "挂账到了复核的日子";
        Archive = "archive", "没有等到居民回应，自动归档";
        /// Nothing fires: only look again, because what matters may stand outside the ticket's row.
        Look = "look", "再看一次";
    }
}

/// What the next moment of a ticket depends on beside its row.
#[derive(Debug)]
pub struct Facts {
    /// How its limits are counted.
    pub reckoning: Reckoning,
    /// What was fired, and when.
    pub fired: Vec<(Alarm, Time)>,
    /// The times for which it stood on account: they are no part of its limit.
    pub rests: Vec<(Time, Time)>,
    /// The last 重办: from then on it is a new round.
    pub reworked_at: Option<Time>,
    /// Until when it stands on account, as last approved.
    pub review_at: Option<Time>,
    /// Minutes that it may be overdue with the lead, and that a round of 重办 has before it climbs.
    pub street_after: i64,
    /// Minutes that an answer is waited for.
    pub archive_after: i64,
}

/// The next moment to look at a ticket and what will be due then; nothing where all is said or ended. What has fired since
/// it came due does not fire again; a deadline that was moved rings anew.
///
/// 重办 moves no deadline, so most of what comes back is overdue in that moment, and is on the list of what is overdue. The
/// 重办 itself tells the party, the desk and the lead; a second cry in the same second would say nothing new. So a
/// round climbs only when it has lasted as long as the lead has before the street is told (`street_after`, 48 hours by
/// default): to the lead then, and to the street after as long again. However often it comes back, a round rings
/// each rung once at most.
pub fn next(ticket: &Ticket, facts: &Facts, now: Time) -> Option<(Time, Alarm)> {
    let fired =
        |(at, alarm): &(Time, Alarm)| facts.fired.iter().any(|past| past.0 == *alarm && past.1 >= *at);
    let moments = match (ticket.status, ticket.suspended_at, ticket.open_due_at) {
        (status, ..) if status.awaits_answer() => ticket
            .closed_at
            .map(|at| (at.plus_minutes(facts.archive_after), Alarm::Archive))
            .into_iter()
            .collect(),
        (status, ..) if !status.clock_runs() => Vec::new(),
        (_, Some(_), _) => {
            // The date may be moved by a decision that does not touch the ticket. Making safe is never put on account.
            let review = facts.review_at.map(|at| (at, Alarm::Review));
            review
                .into_iter()
                .chain(endangers(ticket))
                .chain([(now.plus_minutes(24 * 60), Alarm::Look)])
                .collect()
        }
        (_, None, due) => running(ticket, facts, due.unwrap_or(ticket.due_at), now),
    };
    moments.into_iter().filter(|moment| !fired(moment)).min()
}

/// The moments of the three clocks while they run.
fn running(ticket: &Ticket, facts: &Facts, due: Time, now: Time) -> Vec<(Time, Alarm)> {
    let begun = facts.reckoning.begun((ticket.submitted_at, due), &facts.rests);
    // What comes back has been told of; it has some time before it is cried out that it is late.
    let anew =
        |at: Time| facts.reworked_at.map_or(at, |again| at.max(again.plus_minutes(facts.street_after)));
    let contact =
        ticket.first_contact_at.is_none().then(|| (anew(ticket.first_contact_due), Alarm::FirstContact));
    // Whoever comes too late to warn has only to say that it is late.
    let soon = (now < due).then(|| (facts.reckoning.soon(begun, due), Alarm::DueSoon));
    let overdue = anew(due);
    let risen = facts
        .fired
        .iter()
        .filter(|past| past.0 == Alarm::ToLead && past.1 >= overdue)
        .map(|past| past.1)
        .max();
    let street = risen.map(|at| (at.plus_minutes(facts.street_after), Alarm::ToStreet));
    let clocks = [contact, endangers(ticket), soon, Some((overdue, Alarm::ToLead)), street];
    clocks.into_iter().flatten().collect()
}

/// When it is too late to make safe what is not safe yet. This clock rests for nothing.
fn endangers(ticket: &Ticket) -> Option<(Time, Alarm)> {
    ticket.make_safe_due.filter(|_| ticket.safe_at.is_none()).map(|at| (at, Alarm::MakeSafe))
}

/// When a ticket that came back climbs if it is still open then; nothing where it never came back, or does not run.
pub fn climbs_at(tx: &mut Tx, ticket: &Ticket) -> Result<Option<Time>> {
    let Some(due) = ticket.open_due_at.filter(|_| ticket.rounds > 0) else { return Ok(None) };
    let facts = facts(tx, ticket)?;
    Ok(running(ticket, &facts, due, tx.now)
        .into_iter()
        .find(|(_, alarm)| *alarm == Alarm::ToLead)
        .map(|(at, _)| at))
}

/// Sets the timer of a ticket as its row now stands.
pub(super) fn set(tx: &mut Tx, ticket: &Ticket) -> Result<()> {
    let facts = facts(tx, ticket)?;
    let next = next(ticket, &facts, tx.now);
    store::set(tx, ticket, next.map(|(at, _)| at))
}

/// When a ticket that is just being submitted, and has no past, is looked at first.
pub(super) fn first(tx: &mut Tx, ticket: &Ticket) -> Result<Option<Time>> {
    let facts = Facts {
        reckoning: super::reckoning(tx, ticket)?,
        fired: Vec::new(),
        rests: Vec::new(),
        reworked_at: None,
        review_at: None,
        street_after: 0,
        archive_after: 0,
    };
    Ok(next(ticket, &facts, tx.now).map(|(at, _)| at))
}

/// Fires what is due now, of at most `limit` tickets; returns how many were looked at. Tickets that somebody else is firing
/// or changing at this moment are left for the next time.
pub fn fire_due(tx: &mut Tx, limit: i64) -> Result<usize> {
    let mut looked_at = 0;
    for (community_id, id) in store::claim(tx, limit)? {
        if let Some(ticket) = store::lock(tx, community_id, id)? {
            fire(tx, ticket)?;
            looked_at += 1;
        }
    }
    Ok(looked_at)
}

/// The tickets that are due, at most [`BATCH`].
pub fn due(tx: &mut Tx) -> Result<Vec<(Id, Id)>> {
    store::due(tx, BATCH)
}

/// Fires what is due of one ticket.
pub fn fire_one(tx: &mut Tx, (community_id, id): (Id, Id)) -> Result<()> {
    match store::lock(tx, community_id, id)? {
        Some(ticket) => fire(tx, ticket),
        None => Ok(()),
    }
}

/// Puts a ticket off for an hour that cannot be fired, so that it does not stand in the way of others.
pub fn put_off(tx: &mut Tx, (community_id, id): (Id, Id)) -> Result<()> {
    let later = tx.now.plus_minutes(60);
    store::put_off(tx, community_id, id, later)
}

/// When a ticket is looked at next.
pub fn rings_at(tx: &mut Tx, community_id: Id, id: Id) -> Result<Option<Time>> {
    store::rings_at(tx, community_id, id)
}

fn fire(tx: &mut Tx, mut ticket: Ticket) -> Result<()> {
    loop {
        let facts = facts(tx, &ticket)?;
        match next(&ticket, &facts, tx.now) {
            Some((at, alarm)) if at <= tx.now => ticket = ring(tx, &ticket, alarm)?,
            next => return store::set(tx, &ticket, next.map(|(at, _)| at)),
        }
    }
}

/// One moment has come: its event, and what it changes.
fn ring(tx: &mut Tx, ticket: &Ticket, alarm: Alarm) -> Result<Ticket> {
    let timer = Actor::timer(ticket.community_id);
    let due = ticket.open_due_at.unwrap_or(ticket.due_at);
    let (act, due, escalated) = match alarm {
        Alarm::Archive => {
            let seen = steps::Seen { id: ticket.id, version: ticket.version };
            return steps::archive(tx, &timer, seen);
        }
        Alarm::DueSoon => (Act::DueSoon, Some(due), None),
        Alarm::FirstContact => (Act::Overdue, Some(ticket.first_contact_due), None),
        Alarm::MakeSafe => (Act::Overdue, ticket.make_safe_due, None),
        Alarm::ToLead => (Act::Escalate, Some(due), Some(Ladder::CommunityLead)),
        Alarm::ToStreet => (Act::Escalate, Some(due), Some(Ladder::StreetManager)),
        Alarm::Review | Alarm::Look => (Act::ReviewDue, None, None),
    };
    ticket.stand().allows(act, timer.role)?;
    let note = match due {
        Some(due) => format!("{}：应在 {} 前", alarm.label(), due.long()),
        None => alarm.label().to_owned(),
    };
    let data = json!({ "alarm": alarm, "due_at": due });
    let line = Line { act: act.word(), audience: Audience::Staff, note: &note, data };
    let change = Change { escalated: escalated.map(Some), ..Change::default() };
    acts::record(tx, &timer, ticket, change, line)
}

/// Reads what the next moment depends on; only what this ticket's depends on.
fn facts(tx: &mut Tx, ticket: &Ticket) -> Result<Facts> {
    let marks = store::marks(tx, ticket)?;
    let fired: Vec<(Alarm, Time)> = marks.iter().filter_map(|mark| Some((alarm(&mark.2)?, mark.1))).collect();
    let reworked_at = marks.iter().filter(|mark| mark.0 == Step::Rework.word()).map(|mark| mark.1).max();
    let turns: Vec<(String, Time)> = marks.iter().map(|mark| (mark.0.clone(), mark.1)).collect();
    let risen = fired.iter().any(|past| past.0 == Alarm::ToLead);
    let clocks = match risen || reworked_at.is_some() {
        true => settings::at(tx, ticket.community_id, ticket.submitted_at)?,
        false => Clocks::default(),
    };
    let windows = match ticket.status.awaits_answer() {
        true => steps::windows(tx, ticket)?,
        false => Windows::default(),
    };
    Ok(Facts {
        reckoning: super::reckoning(tx, ticket)?,
        review_at: requests::account(tx, ticket)?.map(|request| request.until_at),
        street_after: i64::from(clocks.street_hours) * 60,
        archive_after: i64::from(windows.archive_days) * 24 * 60,
        rests: super::store::paired(&turns),
        fired,
        reworked_at,
    })
}

/// The alarm that an event's particulars name.
fn alarm(data: &str) -> Option<Alarm> {
    #[derive(serde::Deserialize)]
    struct Rung {
        alarm: Alarm,
    }
    serde_json::from_str(data).ok().map(|rung: Rung| rung.alarm)
}

#[cfg(test)]
mod tests;
