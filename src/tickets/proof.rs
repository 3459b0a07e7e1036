//! Proof that the row of a ticket says what its events say: for `louma doctor`.
//!
//! The row is what is worked and counted with, the events are what happened. No verb changes one without the other, and a
//! database that was mended by hand, or restored from two halves, shows here.

use std::collections::BTreeMap;

use diesel::prelude::*;
use serde_json::Value;

use super::acts::Contact;
use super::deadlines;
use super::status::{Act, Status, Step};
use super::words::Reason;
use crate::db::{Id, Time, Tx};
use crate::error::Result;
use crate::photos::PhotoKey;
use crate::schema::{ticket_events, ticket_photos, tickets};

/// So many tickets are looked at together.
const BATCH: i64 = 500;

#[derive(diesel::Queryable, diesel::Selectable)]
#[diesel(table_name = tickets)]
struct Row {
    id: Id,
    number: String,
    status: Status,
    events: i32,
    rounds: i32,
    returns: i32,
    closed_at: Option<Time>,
    suspended_at: Option<Time>,
    submitted_at: Time,
    due_at: Time,
    first_contact_at: Option<Time>,
    excluded: Option<Reason>,
    answered_at: Option<Time>,
    category: Option<String>,
}

#[derive(diesel::Queryable, diesel::Selectable)]
#[diesel(table_name = ticket_events)]
struct Told {
    seq: i32,
    at: Time,
    act: String,
    to_status: Status,
    data: String,
}

impl Told {
    fn is(&self, act: &str) -> bool {
        self.act == act
    }

    fn data(&self) -> Value {
        serde_json::from_str(&self.data).unwrap_or_default()
    }
}

/// What was looked at, and what is wrong.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Proof {
    /// How many tickets.
    pub looked: usize,
    /// The first of those whose row and events disagree: number, and a sentence.
    pub wrong: Vec<(String, &'static str)>,
    /// The last one that was looked at; nothing after the end.
    pub last: Option<Id>,
}

/// Looks at the next tickets of a community after one.
pub fn prove(tx: &mut Tx, community: Id, after: Option<Id>) -> Result<Proof> {
    let mut rows = tickets::table.filter(tickets::community_id.eq(community)).into_boxed();
    if let Some(after) = after {
        rows = rows.filter(tickets::id.gt(after));
    }
    let rows: Vec<Row> = rows.order(tickets::id).limit(BATCH).select(Row::as_select()).load(tx.conn)?;
    let (Some(first), Some(last)) = (rows.first().map(|row| row.id), rows.last().map(|row| row.id)) else {
        return Ok(Proof::default());
    };
    let told: Vec<(Id, Told)> = ticket_events::table
        .filter(ticket_events::community_id.eq(community))
        .filter(ticket_events::ticket_id.ge(first).and(ticket_events::ticket_id.le(last)))
        .order((ticket_events::ticket_id, ticket_events::seq))
        .select((ticket_events::ticket_id, Told::as_select()))
        .load(tx.conn)?;
    let mut histories = BTreeMap::<Id, Vec<Told>>::new();
    for (id, event) in told {
        histories.entry(id).or_default().push(event);
    }
    let fault = |row: &Row| row.fault(histories.get(&row.id).map(Vec::as_slice).unwrap_or_default());
    let wrong = rows.iter().filter_map(|row| Some((row.number.clone(), fault(row)?))).collect();
    Ok(Proof { looked: rows.len(), wrong, last: Some(last) })
}

/// Every photo that a ticket of a community names, with its number.
pub fn photos(tx: &mut Tx, community: Id) -> Result<Vec<(String, PhotoKey)>> {
    let of =
        tickets::community_id.eq(ticket_photos::community_id).and(tickets::id.eq(ticket_photos::ticket_id));
    let rows = ticket_photos::table.inner_join(tickets::table.on(of));
    let rows =
        rows.filter(ticket_photos::community_id.eq(community)).order((tickets::id, ticket_photos::seq));
    Ok(rows.select((tickets::number, ticket_photos::photo)).load(tx.conn)?)
}

impl Row {
    /// What its events say otherwise.
    fn fault(&self, told: &[Told]) -> Option<&'static str> {
        let count = |step: Step| told.iter().filter(|event| event.act == step.word()).count() as i32;
        let last = |steps: &[Step]| {
            told.iter().rev().find(|event| steps.iter().any(|step| event.act == step.word()))
        };
        let in_order = told.iter().zip(1..).all(|(event, seq)| event.seq == seq);
        let suspended =
            last(&[Step::Suspend, Step::Resume]).filter(|event| event.act == Step::Suspend.word());
        let faults = [
            (told.is_empty(), "没有一条过程记录"),
            (!in_order || told.len() as i32 != self.events, "过程记录的条数或次序不对"),
            (told.first().is_some_and(|event| event.act != Act::Submit.word()), "第一条过程记录不是提交"),
            (told.last().is_some_and(|event| event.to_status != self.status), "状态与最后一条过程记录不同"),
            (count(Step::Rework) != self.rounds, "重办次数与过程记录不同"),
            (count(Step::Return) != self.returns, "退回次数与过程记录不同"),
            (
                last(&[Step::Close, Step::PassOn]).map(|event| event.at) != self.closed_at,
                "办结时间与过程记录不同",
            ),
            (
                self.suspended_at.is_some() && suspended.map(|event| event.at) != self.suspended_at,
                "挂账时间与过程记录不同",
            ),
            (told.iter().any(|event| event.at < self.submitted_at), "有过程记录早于提交"),
            (
                told.iter()
                    .rev()
                    .find_map(|event| deadlines::named(&event.act, &event.data).1)
                    .is_some_and(|due| due != self.due_at),
                "办理期限与过程记录不同",
            ),
            (contacted(told) != self.first_contact_at, "首次联系时间与过程记录不同"),
            (excluded(told) != self.excluded, "剔除与过程记录不同"),
            (answered(told) != self.answered_at, "回访时间与过程记录不同"),
            (categorized(told).is_some_and(|code| Some(code) != self.category), "分类与过程记录不同"),
        ];
        faults.into_iter().find(|(is, _)| *is).map(|(_, fault)| fault)
    }
}

/// When somebody was reached for the first time, or the place was visited.
fn contacted(told: &[Told]) -> Option<Time> {
    let reached =
        |event: &&Told| event.is(Act::Contact.word()) && event.data()["contact"] != Contact::NoAnswer.word();
    told.iter().find(reached).map(|event| event.at)
}

/// Why it was taken out of the counts, as another person approved.
fn excluded(told: &[Told]) -> Option<Reason> {
    let decided = told.iter().rev().filter(|event| event.is(Act::Decide.word())).map(Told::data);
    let last = decided.into_iter().find(|data| data["approved"] == true)?;
    Reason::parse(last["reason"].as_str()?)
}

/// When it was answered since it was closed for the last time.
fn answered(told: &[Told]) -> Option<Time> {
    let closes = |event: &&Told| event.is(Step::Close.word()) || event.is(Step::PassOn.word());
    let since = told.iter().rev().take_while(|event| !closes(event));
    since.filter(|event| event.is(Step::Answer.word())).map(|event| event.at).next()
}

/// The category that somebody gave it.
fn categorized(told: &[Told]) -> Option<String> {
    let given = told.iter().rev().find(|event| event.is(Act::Categorize.word()))?;
    Some(given.data()["category"].as_array()?.last()?.as_str()?.to_owned())
}
