//! The steps, one verb each: find, may it be taken, move on by compare-and-set, record, answer the new state.
//!
//! Who may take which step from where stands in [`super::status::STEPS`] alone. Each verb takes the version of the
//! ticket that the person saw; when it has moved on since, they get [`Error::Conflict`] and nothing happens.

use serde_json::{Value, json};

use super::store::Change;
use super::{
    Audience, Level, Line, Note, Outcome, Satisfaction, Stage, Status, Step, Ticket, find, handing, hang,
    links, photos, requests, store,
};
use crate::db::{Id, Tx};
use crate::error::{Error, Result};
use crate::mask::FreeText;
use crate::people::{Actor, Role};
use crate::photos::Photo;
use crate::settings::{self, Evidence, Windows};

/// The ticket as the person saw it when they decided.
#[derive(Debug, Clone, Copy)]
pub struct Seen {
    /// Which ticket.
    pub id: Id,
    /// Its version then.
    pub version: i32,
}

/// How a ticket was closed.
#[derive(Clone)]
#[allow(missing_docs)]
pub struct Closure {
    pub result: Outcome,
    /// What was done, for the resident to read.
    pub text: Note,
    pub level: Level,
    /// After-photos, cleaned and stored before.
    pub photos: Vec<Photo>,
}

/// A follow-up: three answers that are never derived from one another, or why there are none.
#[derive(Debug, Clone)]
pub enum FollowUp {
    /// Somebody answered.
    Answered {
        /// Were you contacted?
        contacted: bool,
        /// Is it solved?
        solved: bool,
        /// How satisfied are you?
        satisfied: Satisfaction,
        /// In their words; may be empty.
        comment: String,
    },
    /// A worker called and nobody could be reached, or would not answer: not a valid follow-up.
    Unreached(Note),
}

/// 受理: the community takes the ticket on.
pub fn accept(tx: &mut Tx, actor: &Actor, seen: Seen) -> Result<Ticket> {
    let change = Change { accepted_at: Some(Some(tx.now)), ..Change::default() };
    let line = Line { act: Step::Accept.word(), audience: Audience::Resident, note: "", data: Value::Null };
    take(tx, actor, seen, (Step::Accept, change), line)
}

/// 不予受理: refused, with a reason that the resident reads. The clock stops.
pub fn refuse(tx: &mut Tx, actor: &Actor, seen: Seen, reason: &Note) -> Result<Ticket> {
    let line = Line {
        act: Step::Refuse.word(),
        audience: Audience::Resident,
        note: reason.as_str(),
        data: Value::Null,
    };
    take(tx, actor, seen, (Step::Refuse, Change::default()), line)
}

/// 撤回: the resident takes it back before it was accepted.
pub fn withdraw(tx: &mut Tx, actor: &Actor, seen: Seen) -> Result<Ticket> {
    let line = Line { act: Step::Withdraw.word(), audience: Audience::Resident, note: "", data: Value::Null };
    take(tx, actor, seen, (Step::Withdraw, Change::default()), line)
}

/// 办结: done, with a result that the resident reads. 实际解决 needs an after-photo where the community's rules ask for
/// one. Answers of an earlier round are cleared: this closing is answered anew. `solved` stays the resident's word.
pub fn close(tx: &mut Tx, actor: &Actor, seen: Seen, closure: Closure) -> Result<Ticket> {
    let ticket = find(tx, actor, seen.id)?;
    ticket.stand().after(Step::Close, ticket.role(actor))?;
    if closure.result == Outcome::PassedOn {
        return Err(Error::invalid("result", "转出要写明转给谁和那边的编号，请用“转出”"));
    }
    shown(tx, &ticket, &closure)?;
    let change = Change {
        // Whoever did the work has accepted it.
        taken_at: (ticket.dispatched_at.is_some() && ticket.taken_at.is_none()).then_some(Some(tx.now)),
        ..ended(tx, &ticket, (closure.result, closure.level), closure.text.as_str())
    };
    let data = json!({ "result": closure.result, "level": closure.level, "round": ticket.rounds });
    let line =
        Line { act: Step::Close.word(), audience: Audience::Resident, note: closure.text.as_str(), data };
    let closed = take(tx, actor, seen, (Step::Close, change), line)?;
    hang(tx, actor, &closed, Stage::After, &closure.photos)?;
    Ok(closed)
}

/// What a closing writes, whatever came of it.
fn ended(tx: &Tx, ticket: &Ticket, (result, level): (Outcome, Level), text: &str) -> Change {
    Change {
        closed_at: Some(Some(tx.now)),
        accepted_at: ticket.accepted_at.is_none().then_some(Some(tx.now)),
        result: Some(Some(result)),
        result_text: Some(text.into()),
        solved_level: Some(Some(level)),
        answered_at: Some(None),
        answer_valid: Some(None),
        contacted: Some(None),
        solved: Some(None),
        satisfied: Some(None),
        answer_comment: Some(FreeText::default()),
        ..Change::default()
    }
}

/// Refuses 实际解决 without a photo of it, where the category asks for one.
fn shown(tx: &mut Tx, ticket: &Ticket, closure: &Closure) -> Result<()> {
    if closure.result != Outcome::Solved || !closure.photos.is_empty() {
        return Ok(());
    }
    let evidence: Evidence = settings::at(tx, ticket.community_id, tx.now)?;
    let asked = ticket.category.as_ref().is_some_and(|category| evidence.after_photo.contains(category));
    // A round of 重办 is shown anew.
    let recent =
        |at: crate::db::Time| ticket.rounds == 0 || ticket.closed_at.is_none_or(|closed| at > closed);
    if !asked || photos(tx, ticket)?.iter().any(|photo| photo.stage == Stage::After && recent(photo.added_at))
    {
        return Ok(());
    }
    Err(Error::invalid("photo", "这类诉求办结时要有处理后的照片，请拍一张再办结"))
}

text_enum! {
    /// To whom a ticket is passed on.
    pub enum Office {
        Hotline = "hotline", "12345";
        Department = "department", "有关部门";
    }
}

/// Where a ticket is passed on to, when it is not for the community.
#[derive(Debug, Clone)]
pub struct Passing {
    /// 12345, or the department.
    pub to: Note,
    /// Its number there.
    pub number: Note,
    /// Why, for the resident to read.
    pub reason: Note,
    /// Which it is: a number of the hotline links the ticket to the hotline's.
    pub office: Office,
}

/// 转出: passed on to 12345 or a department, under its number there. The resident reads where it went, and may still
/// answer whether it was solved.
pub fn pass_on(tx: &mut Tx, actor: &Actor, seen: Seen, passing: &Passing) -> Result<Ticket> {
    let ticket = find(tx, actor, seen.id)?;
    let (to, number) = (passing.to.as_str(), passing.number.as_str());
    let text = format!("已转交{to}，编号 {number}。{}", passing.reason.as_str());
    let change = Change {
        hotline_number: (passing.office == Office::Hotline).then(|| Some(number.to_owned())),
        ..ended(tx, &ticket, (Outcome::PassedOn, Level::Department), &text)
    };
    let data = json!({ "to": to, "number": number, "round": ticket.rounds });
    let line = Line { act: Step::PassOn.word(), audience: Audience::Resident, note: &text, data };
    let passed = take(tx, actor, seen, (Step::PassOn, change), line)?;
    store::insert_passing(tx, actor, &passed, (to, number))?;
    Ok(passed)
}

/// 评价: the resident answers, or a worker records a call.
pub fn answer(tx: &mut Tx, actor: &Actor, seen: Seen, follow_up: FollowUp) -> Result<Ticket> {
    let mut change = Change { answered_at: Some(Some(tx.now)), ..Change::default() };
    let (note, data) = match follow_up {
        FollowUp::Answered { contacted, solved, satisfied, comment } => {
            if comment.chars().count() > 500 {
                return Err(Error::invalid("comment", "评语最多 500 字"));
            }
            change.answer_valid = Some(Some(true));
            change.contacted = Some(Some(contacted));
            change.solved = Some(Some(solved));
            change.satisfied = Some(Some(satisfied));
            change.answer_comment = Some(comment.trim().into());
            (
                comment,
                json!({ "valid": true, "contacted": contacted, "solved": solved, "satisfied": satisfied }),
            )
        }
        FollowUp::Unreached(_) if actor.role == Role::Resident => return Err(Error::Forbidden),
        FollowUp::Unreached(why) => {
            change.answer_valid = Some(Some(false));
            (why.as_str().to_owned(), json!({ "valid": false }))
        }
    };
    let line = Line { act: Step::Answer.word(), audience: Audience::Resident, note: note.trim(), data };
    take(tx, actor, seen, (Step::Answer, change), line)
}

/// 重办: not solved, back to work; within the window after the closing (14 days by default). Only 延期 moves a deadline, so
/// the old one holds, and it may be overdue at once; from which rung it climbs is said in [`super::timers`].
pub fn rework(tx: &mut Tx, actor: &Actor, seen: Seen, reason: &Note) -> Result<Ticket> {
    let ticket = find(tx, actor, seen.id)?;
    ticket.stand().after(Step::Rework, ticket.role(actor))?;
    let windows = windows(tx, &ticket)?;
    if ticket.closed_at.is_some_and(|closed| windows.rework_until(closed) < tx.now) {
        return Err(Error::conflict(format!(
            "办结已超过 {} 天，不能再重办；请重新扫码反映，或拨打社区电话",
            windows.rework_days
        )));
    }
    let change = Change {
        rounds: Some(ticket.rounds + 1),
        dispatched_at: Some(Some(tx.now)),
        open_due_at: Some(Some(ticket.due_at)),
        // The ladder of the round before is over.
        escalated: Some(None),
        ..Change::default()
    };
    let data = json!({ "round": ticket.rounds + 1 });
    let line = Line { act: Step::Rework.word(), audience: Audience::Resident, note: reason.as_str(), data };
    take(tx, actor, seen, (Step::Rework, change), line)
}

/// How long after its closing something may still happen to a ticket: as it was when it was closed.
pub fn windows(tx: &mut Tx, ticket: &Ticket) -> Result<Windows> {
    settings::at(tx, ticket.community_id, ticket.closed_at.unwrap_or(tx.now))
}

/// 归档: nobody answered in the window, or the lead ends the waiting.
pub fn archive(tx: &mut Tx, actor: &Actor, seen: Seen) -> Result<Ticket> {
    let line = Line { act: Step::Archive.word(), audience: Audience::Resident, note: "", data: Value::Null };
    take(tx, actor, seen, (Step::Archive, Change::default()), line)
}

/// Takes one step: the one place where a status changes. Who has the ticket, and what is asked about it, follow.
pub(super) fn take(
    tx: &mut Tx,
    actor: &Actor,
    seen: Seen,
    (step, change): (Step, Change),
    line: Line,
) -> Result<Ticket> {
    let ticket = find(tx, actor, seen.id)?;
    let to = ticket.stand().after(step, ticket.role(actor))?;
    if ticket.version != seen.version {
        return Err(changed());
    }
    let stopped = (!to.clock_runs()).then_some(None);
    let change = Change { status: Some(to), open_due_at: change.open_due_at.or(stopped), ..change };
    let seq = store::move_on(tx, &ticket, &change)?.ok_or_else(changed)?;
    store::insert_event(tx, &line.event(tx, actor, &ticket, (to, seq)))?;
    let moved = store::find(tx, ticket.community_id, ticket.id)?;
    handing::hand_over(tx, (&ticket, &moved), step)?;
    if stopped.is_some() {
        requests::lapse(tx, &moved)?;
        links::lapse(tx, &moved)?;
    }
    Ok(moved)
}

pub(super) fn changed() -> Error {
    Error::conflict("刚才有人先处理了这件诉求，您的操作没有生效；请看最新情况再决定")
}

/// The status that a list of words names, for filters.
pub fn statuses(words: &str) -> Vec<Status> {
    words.split(',').filter_map(Status::parse).collect()
}
