//! What a party asks for and the community lead decides: 延期 (more time) and 挂账 (cannot be met now).
//!
//! Asked with a reason, decided by another person. An approved 延期 sets a new deadline; an approved 挂账 lets the clock
//! rest until 销账, when the deadline moves by exactly the time that it rested. Nothing else ever moves a deadline. The limit
//! of the first contact rests with it for as long as nobody was reached; that of making safe never does: a danger does not
//! wait for money, and [`super::timers`] rings it on account too.

use diesel::prelude::*;
use serde_json::json;

use super::acts::{may, record};
use super::steps::{Seen, take};
use super::store::Change;
use super::{Act, Audience, Line, Note, Step, Ticket, Verdict, find, find_held, store};
use crate::db::{Id, Time, Tx};
use crate::error::{Error, Result};
use crate::mask::FreeText;
use crate::people::Actor;
use crate::schema::requests;

text_enum! {
    /// What is asked for.
    pub enum Wish {
        Extension = "extension", "延期";
        Suspension = "suspension", "挂账";
    }
}

impl Wish {
    fn asked(self) -> Act {
        match self {
            Wish::Extension => Act::AskExtension,
            Wish::Suspension => Act::AskSuspension,
        }
    }

    fn granted(self) -> Step {
        match self {
            Wish::Extension => Step::Extend,
            Wish::Suspension => Step::Suspend,
        }
    }
}

/// A request and what became of it.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, serde::Serialize, utoipa::ToSchema)]
#[diesel(table_name = requests, treat_none_as_default_value = false)]
#[allow(missing_docs)]
pub struct Request {
    #[serde(skip)]
    pub community_id: Id,
    pub id: Id,
    pub ticket_id: Id,
    pub kind: Wish,
    pub reason: FreeText,
    /// Why it cannot be met now: rule, contract, money.
    pub basis: FreeText,
    /// What will be done meanwhile and after.
    pub plan: FreeText,
    /// The deadline wished for, or when the account is looked at again.
    pub until_at: Time,
    pub asked_by: Id,
    pub asker: String,
    pub asked_at: Time,
    pub decided_by: Option<Id>,
    pub decided_at: Option<Time>,
    pub approved: Option<bool>,
    /// What the lead said; the resident reads it when it was approved.
    pub answer: FreeText,
}

/// Why and until when.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct Case {
    pub reason: Note,
    pub basis: String,
    pub plan: String,
    pub until: Time,
}

/// What an empty answer of the lead is met with.
pub const ANSWER: &str = "请写明批复的话，居民会看到";

/// 申请延期, 申请挂账: one request at a time. A new deadline must lie after the old one; an account needs a basis, a plan
/// and a day within a year on which it is looked at again.
pub fn ask(tx: &mut Tx, actor: &Actor, id: Id, wish: Wish, case: Case) -> Result<Ticket> {
    let ticket = may(tx, actor, id, wish.asked())?;
    check(tx, &ticket, wish, &case)?;
    if of(tx, &ticket)?.iter().any(|each| each.decided_at.is_none()) {
        return Err(Error::conflict("已经有一个申请在等社区负责人审批，请等批复后再申请"));
    }
    let row = Request {
        community_id: ticket.community_id,
        id: Id::new(),
        ticket_id: ticket.id,
        kind: wish,
        reason: case.reason.as_str().into(),
        basis: case.basis.into(),
        plan: case.plan.into(),
        until_at: case.until,
        asked_by: actor.staff()?,
        asker: actor.name.clone(),
        asked_at: tx.now,
        decided_by: None,
        decided_at: None,
        approved: None,
        answer: FreeText::default(),
    };
    diesel::insert_into(requests::table).values(&row).execute(tx.conn)?;
    let note = format!("{}（到 {}）", row.reason.unmasked(), row.until_at.long());
    let data = json!({ "request": row.id, "until": row.until_at });
    let line = Line { act: wish.asked().word(), audience: Audience::Staff, note: &note, data };
    record(tx, actor, &ticket, Change::default(), line)
}

fn check(tx: &Tx, ticket: &Ticket, wish: Wish, case: &Case) -> Result<()> {
    let long = |text: &str| text.chars().count() > 2000;
    if long(&case.basis) || long(&case.plan) {
        return Err(Error::invalid("plan", "依据和计划各最多 2000 字，请删短一些"));
    }
    if case.until > tx.now.plus_minutes(366 * 1440) {
        return Err(Error::invalid("until", "最长一年，请填一年以内的日期"));
    }
    match wish {
        Wish::Extension if case.until <= ticket.due_at || case.until <= tx.now => {
            Err(Error::invalid("until", "新的期限要晚于现在的期限，也要在今天之后"))
        }
        Wish::Suspension if case.until <= tx.now => Err(Error::invalid("until", "复核日期要在今天之后")),
        Wish::Suspension if case.basis.is_empty() => {
            Err(Error::invalid("basis", "请写明依据：为什么现在办不了"))
        }
        Wish::Suspension if case.plan.is_empty() => {
            Err(Error::invalid("plan", "请写明计划：打算怎样、什么时候办"))
        }
        _ => Ok(()),
    }
}

/// The community lead decides, never on the own request. The resident reads `answer` when it is granted.
pub fn decide(tx: &mut Tx, actor: &Actor, request: Id, verdict: Verdict, answer: &Note) -> Result<Ticket> {
    let row = requests::table.find((actor.community_id, request));
    let found: Request = row.select(Request::as_select()).first(tx.conn)?;
    // The ticket first: whoever closes it holds it while they end what is asked for.
    let ticket = find_held(tx, actor, found.ticket_id)?;
    if found.asked_by == actor.staff()? {
        return Err(Error::conflict("不能审批自己提的申请，请另一位负责人来审批"));
    }
    let decided = diesel::update(row.filter(requests::decided_at.is_null()))
        .set((
            requests::decided_by.eq(actor.staff()?),
            requests::decided_at.eq(tx.now),
            requests::approved.eq(verdict == Verdict::Approve),
            requests::answer.eq(answer.as_str()),
        ))
        .execute(tx.conn)?;
    if decided == 0 {
        return Err(Error::conflict("这个申请已经批复过了，或者诉求已经办结"));
    }
    match verdict {
        Verdict::Approve => grant(tx, actor, &ticket, &found, answer),
        Verdict::Refuse => {
            may(tx, actor, ticket.id, Act::Decline)?;
            let data = json!({ "request": found.id, "kind": found.kind });
            let line =
                Line { act: Act::Decline.word(), audience: Audience::Staff, note: answer.as_str(), data };
            record(tx, actor, &ticket, Change::default(), line)
        }
    }
}

fn grant(tx: &mut Tx, actor: &Actor, ticket: &Ticket, request: &Request, answer: &Note) -> Result<Ticket> {
    let change = match request.kind {
        Wish::Extension if request.until_at <= ticket.due_at => {
            return Err(Error::conflict("现在的期限已经晚于申请的期限，不用再延"));
        }
        Wish::Extension => Change {
            due_at: Some(request.until_at),
            open_due_at: Some(Some(request.until_at)),
            ..Change::default()
        },
        Wish::Suspension => {
            Change { suspended_at: Some(Some(tx.now)), open_due_at: Some(None), ..Change::default() }
        }
    };
    let step = request.kind.granted();
    let data = json!({ "request": request.id, "due_at": [ticket.due_at, request.until_at] });
    let line = Line { act: step.word(), audience: Audience::Resident, note: answer.as_str(), data };
    take(tx, actor, Seen { id: ticket.id, version: ticket.version }, (step, change), line)
}

/// 销账: it can be met now. The time on account does not run: what was left of the limit is left again, in the days in which
/// the ticket's limits are counted (`Reckoning::resumed`).
pub fn resume(tx: &mut Tx, actor: &Actor, seen: Seen, reason: &Note) -> Result<Ticket> {
    let ticket = find(tx, actor, seen.id)?;
    let length = tx.now.0 - ticket.suspended_at.unwrap_or(tx.now).0;
    let due_at = rested(tx, &ticket, ticket.due_at)?;
    let first_contact_due = match ticket.first_contact_at {
        None => Some(rested(tx, &ticket, ticket.first_contact_due)?),
        Some(_) => None,
    };
    let change = Change {
        suspended_at: Some(None),
        due_at: Some(due_at),
        first_contact_due,
        open_due_at: Some(Some(due_at)),
        ..Change::default()
    };
    let data = json!({ "due_at": [ticket.due_at, due_at], "rested_minutes": length.num_minutes() });
    let line = Line { act: Step::Resume.word(), audience: Audience::Resident, note: reason.as_str(), data };
    take(tx, actor, seen, (Step::Resume, change), line)
}

/// The end of a limit of a ticket on account, if its clock ran again from now on; as it is for one that is not.
pub(super) fn rested(tx: &mut Tx, ticket: &Ticket, due: Time) -> Result<Time> {
    let Some(since) = ticket.suspended_at else { return Ok(due) };
    let clock = super::reckoning(tx, ticket)?;
    let begun = clock.begun((ticket.submitted_at, due), &store::rests(tx, ticket)?);
    Ok(clock.resumed((begun, due), since, tx.now))
}

/// What is still asked for ends with the ticket.
pub(super) fn lapse(tx: &mut Tx, ticket: &Ticket) -> Result<()> {
    let own = requests::community_id.eq(ticket.community_id).and(requests::ticket_id.eq(ticket.id));
    diesel::update(requests::table.filter(own).filter(requests::decided_at.is_null()))
        .set((
            requests::decided_at.eq(tx.now),
            requests::approved.eq(false),
            requests::answer.eq("诉求已经结束，申请不再需要"),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// The requests about a ticket, oldest first.
pub fn of(tx: &mut Tx, ticket: &Ticket) -> Result<Vec<Request>> {
    let own = requests::community_id.eq(ticket.community_id).and(requests::ticket_id.eq(ticket.id));
    let rows = requests::table.filter(own).order((requests::asked_at, requests::id));
    Ok(rows.select(Request::as_select()).load(tx.conn)?)
}

/// How many requests of the community wait for a decision.
pub fn waiting(tx: &mut Tx, actor: &Actor) -> Result<i64> {
    let open = requests::community_id.eq(actor.community_id).and(requests::decided_at.is_null());
    Ok(requests::table.filter(open).count().get_result(tx.conn)?)
}

/// The requests of the community that wait for a decision, oldest first, at most 100.
pub fn undecided(tx: &mut Tx, actor: &Actor) -> Result<Vec<Request>> {
    let open = requests::community_id.eq(actor.community_id).and(requests::decided_at.is_null());
    let rows = requests::table.filter(open).order(requests::id).limit(100);
    Ok(rows.select(Request::as_select()).load(tx.conn)?)
}

/// The request by which a ticket stands on account, with the day on which it is looked at again.
pub fn account(tx: &mut Tx, ticket: &Ticket) -> Result<Option<Request>> {
    if ticket.suspended_at.is_none() {
        return Ok(None);
    }
    let granted = |each: &Request| each.kind == Wish::Suspension && each.approved == Some(true);
    Ok(of(tx, ticket)?.into_iter().rfind(granted))
}
