//! The steps, one verb each: find, may it be taken, move on by compare-and-set, record, answer the new state.
//!
//! Who may take which step from where stands in [`super::status::STEPS`] alone. Each verb takes the version of the
//! ticket that the person saw; when it has moved on since, they get [`Error::Conflict`] and nothing happens.

use serde_json::{Value, json};

use super::store::Change;
use super::{
    Audience, Level, Line, Note, Outcome, Satisfaction, Stage, Status, Step, Ticket, find, hang, store,
};
use crate::db::{Id, Tx};
use crate::error::{Error, Result};
use crate::people::{Actor, Role};
use crate::photos::Photo;
use crate::routing;
use crate::settings::{self, Windows};

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

/// 并案: goes on in the main ticket, whose progress the resident's page then follows. The main ticket must be one
/// the actor may see, of the same community, not this one and not merged itself.
pub fn merge(tx: &mut Tx, actor: &Actor, seen: Seen, main_number: &str) -> Result<Ticket> {
    let number = super::number::parse(main_number)
        .ok_or_else(|| Error::invalid("main", "主工单的号码不对，请核对最后一位校验码"))?;
    let main = super::find_by_number(tx, actor, &number)
        .map_err(|_| Error::invalid("main", "没有找到这个主工单"))?;
    if main.id == seen.id || main.status.ended_early() {
        return Err(Error::invalid("main", "不能并入它自己，也不能并入已经结束的工单"));
    }
    let change = Change { main_id: Some(Some(main.id)), ..Change::default() };
    let line = Line {
        act: Step::Merge.word(),
        audience: Audience::Resident,
        note: "",
        data: json!({ "main": main.number }),
    };
    take(tx, actor, seen, (Step::Merge, change), line)
}

/// 派单: gives an accepted ticket to a party. Level 2 and kind must be set; without a party it goes to the lead that
/// routing found.
pub fn dispatch(tx: &mut Tx, actor: &Actor, seen: Seen, party: Option<Id>) -> Result<Ticket> {
    let ticket = find(tx, actor, seen.id)?;
    ticket.status.after(Step::Dispatch, actor.role)?;
    if ticket.category.is_none() {
        return Err(Error::invalid("category", "派单前请先定二级分类和诉求类型"));
    }
    give(tx, actor, seen, (Step::Dispatch, party.unwrap_or(ticket.lead_id)), "")
}

/// 转派: gives it to another party, with a reason. The clock runs on.
pub fn transfer(tx: &mut Tx, actor: &Actor, seen: Seen, party: Id, reason: &Note) -> Result<Ticket> {
    let ticket = find(tx, actor, seen.id)?;
    if ticket.lead_id == party {
        return Err(Error::invalid("party_id", "已经在这个单位手里了，请选另一个"));
    }
    give(tx, actor, seen, (Step::Transfer, party), reason.as_str())
}

fn give(tx: &mut Tx, actor: &Actor, seen: Seen, (step, to): (Step, Id), note: &str) -> Result<Ticket> {
    let ticket = find(tx, actor, seen.id)?;
    let party = routing::party(tx, actor.community_id, to)
        .map_err(|_| Error::invalid("party_id", "请选择列表中的单位"))?;
    if party.disabled_at.is_some() {
        return Err(Error::invalid("party_id", format!("{}已停用，请选另一个单位", party.name)));
    }
    let change = Change {
        lead_id: Some(party.id),
        // What was returned once must not keep saying so to whoever has it now.
        routed: (party.id != ticket.lead_id || ticket.returns > 0)
            .then(|| format!("{}派给{}", actor.name, party.name)),
        dispatched_at: Some(Some(tx.now)),
        handler_id: Some(None),
        ..Change::default()
    };
    let data = json!({ "from": ticket.lead_id, "to": party.id, "party": party.name });
    take(tx, actor, seen, (step, change), Line { act: step.word(), audience: Audience::Resident, note, data })
}

/// 退回: the party gives it back to the community, with a reason. The clock runs on.
pub fn return_(tx: &mut Tx, actor: &Actor, seen: Seen, reason: &Note) -> Result<Ticket> {
    let ticket = find(tx, actor, seen.id)?;
    let change = Change {
        dispatched_at: Some(None),
        returns: Some(ticket.returns + 1),
        routed: Some(format!("被退回：{}", reason.as_str())),
        ..Change::default()
    };
    let data = json!({ "from": ticket.lead_id });
    let line = Line { act: Step::Return.word(), audience: Audience::Staff, note: reason.as_str(), data };
    take(tx, actor, seen, (Step::Return, change), line)?;
    // The party has let it go, and may no longer see it: the answer is read by id alone.
    store::find(tx, actor.community_id, seen.id)
}

/// 办结: done, with a result that the resident reads. Answers of an earlier round are cleared: this closing is
/// answered anew. `solved` stays the resident's word.
pub fn close(tx: &mut Tx, actor: &Actor, seen: Seen, closure: Closure) -> Result<Ticket> {
    let ticket = find(tx, actor, seen.id)?;
    let change = Change {
        closed_at: Some(Some(tx.now)),
        accepted_at: ticket.accepted_at.is_none().then_some(Some(tx.now)),
        result: Some(Some(closure.result)),
        result_text: Some(closure.text.as_str().to_owned()),
        solved_level: Some(Some(closure.level)),
        answered_at: Some(None),
        answer_valid: Some(None),
        contacted: Some(None),
        solved: Some(None),
        satisfied: Some(None),
        answer_comment: Some(String::new()),
        ..Change::default()
    };
    let data = json!({ "result": closure.result, "level": closure.level, "round": ticket.rounds });
    let line =
        Line { act: Step::Close.word(), audience: Audience::Resident, note: closure.text.as_str(), data };
    let closed = take(tx, actor, seen, (Step::Close, change), line)?;
    hang(tx, actor, &closed, Stage::After, &closure.photos)?;
    Ok(closed)
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
            change.answer_comment = Some(comment.trim().to_owned());
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

/// 重办: not solved, back to work; within the window after the closing (14 days by default).
pub fn rework(tx: &mut Tx, actor: &Actor, seen: Seen, reason: &Note) -> Result<Ticket> {
    let ticket = find(tx, actor, seen.id)?;
    let windows: Windows = settings::at(tx, actor.community_id, tx.now)?;
    let late = |closed: crate::db::Time| closed.plus_minutes(i64::from(windows.rework_days) * 1440) < tx.now;
    ticket.status.after(Step::Rework, actor.role)?;
    if ticket.closed_at.is_some_and(late) {
        return Err(Error::conflict(format!(
            "办结已超过 {} 天，不能再重办；请重新扫码反映，或拨打社区电话",
            windows.rework_days
        )));
    }
    let change = Change {
        rounds: Some(ticket.rounds + 1),
        dispatched_at: Some(Some(tx.now)),
        open_due_at: Some(Some(ticket.due_at)),
        ..Change::default()
    };
    let data = json!({ "round": ticket.rounds + 1 });
    let line = Line { act: Step::Rework.word(), audience: Audience::Resident, note: reason.as_str(), data };
    take(tx, actor, seen, (Step::Rework, change), line)
}

/// 归档: nobody answered in the window, or the lead ends the waiting.
pub fn archive(tx: &mut Tx, actor: &Actor, seen: Seen) -> Result<Ticket> {
    let line = Line { act: Step::Archive.word(), audience: Audience::Resident, note: "", data: Value::Null };
    take(tx, actor, seen, (Step::Archive, Change::default()), line)
}

/// Archives every ticket of the community that has waited for an answer longer than the window; returns how many.
pub fn archive_unanswered(tx: &mut Tx, community_id: Id) -> Result<usize> {
    let windows: Windows = settings::at(tx, community_id, tx.now)?;
    let before = tx.now.plus_minutes(-i64::from(windows.archive_days) * 1440);
    let waiting = store::closed_before(tx, community_id, before)?;
    for (id, version) in &waiting {
        archive(tx, &Actor::timer(community_id), Seen { id: *id, version: *version })?;
    }
    Ok(waiting.len())
}

/// Forgets names and phones as the notice promises: 12 months after closing by default, 24 for 举报 (domain §9). The
/// matter and its figures stay. Returns how many tickets were anonymised.
pub fn forget_people(tx: &mut Tx, community_id: Id) -> Result<usize> {
    let windows: Windows = settings::at(tx, community_id, tx.now)?;
    let ago = |days: i32| tx.now.plus_minutes(-i64::from(days) * 1440);
    let (before, longer) = (ago(windows.contact_days), ago(windows.tip_off_contact_days));
    store::forget_people(tx, community_id, before, longer)
}

/// Takes one step: the one place where a status changes.
fn take(
    tx: &mut Tx,
    actor: &Actor,
    seen: Seen,
    (step, change): (Step, Change),
    line: Line,
) -> Result<Ticket> {
    let ticket = find(tx, actor, seen.id)?;
    let to = ticket.status.after(step, actor.role)?;
    if ticket.version != seen.version {
        return Err(changed());
    }
    let stopped = (!to.clock_runs()).then_some(None);
    let change = Change { status: Some(to), open_due_at: change.open_due_at.or(stopped), ..change };
    let seq = store::move_on(tx, &ticket, &change)?.ok_or_else(changed)?;
    store::insert_event(tx, &line.event(tx, actor, &ticket, (to, seq)))?;
    store::find(tx, ticket.community_id, ticket.id)
}

pub(super) fn changed() -> Error {
    Error::conflict("刚才有人先处理了这件诉求，您的操作没有生效；请看最新情况再决定")
}

/// The status that a list of words names, for filters.
pub fn statuses(words: &str) -> Vec<Status> {
    words.split(',').filter_map(Status::parse).collect()
}
