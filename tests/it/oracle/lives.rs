//! Lives of tickets, written as the verbs would have written them: each turn an event, and the row as the last one left it.

use louma::db::{Id, Time};
use louma::people::Role;
use louma::tickets::{Act, Audience, Event, Level, Reason, Satisfaction, Status, Step, Ticket};
use rand::RngExt;
use serde_json::{Value, json};

use super::dice::{Dice, pick};

/// A ticket on its way.
struct Life<'a> {
    dice: &'a mut Dice,
    ticket: &'a mut Ticket,
    events: Vec<Event>,
    at: Time,
}

/// What may happen next.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Turn {
    Step(Step, Status),
    Act(Act),
}

use Turn::{Act as Does, Step as Goes};

/// Lets a ticket live from its submission to `now`, and answers its events. Whatever the row said of its life is forgotten.
pub(super) fn live(dice: &mut Dice, ticket: &mut Ticket, now: Time) -> Vec<Event> {
    begin(ticket);
    let split = ticket.origin_id.is_some();
    let at = if split { dice.after(ticket.submitted_at) } else { ticket.submitted_at };
    let mut life = Life { dice, ticket, events: Vec::new(), at: at.min(now) };
    // What came before deadlines were written down says nothing of them.
    let told = life.dice.random_bool(0.8);
    let data = if told { json!({ "due_at": life.ticket.due_at, "channel": "scan" }) } else { Value::Null };
    life.record(Act::Submit.word(), Status::New, data);
    for _ in 0..life.dice.random_range(0..14) {
        let at = life.dice.after(life.at);
        let turns = life.turns();
        if at > now || turns.is_empty() {
            break;
        }
        life.at = at;
        let turn = pick(life.dice, &turns);
        life.take(turn);
    }
    let (count, events) = (life.events.len() as i32, life.events);
    (ticket.events, ticket.version) = (count, count);
    events
}

fn begin(ticket: &mut Ticket) {
    ticket.status = Status::New;
    ticket.due_at = ticket.due_at.max(ticket.submitted_at);
    (ticket.rounds, ticket.returns, ticket.excluded) = (0, 0, None);
    (ticket.closed_at, ticket.solved_level, ticket.suspended_at) = (None, None, None);
    (ticket.first_contact_at, ticket.dispatched_at, ticket.main_id) = (None, None, None);
    unanswered(ticket);
}

/// Who closes asks anew.
fn unanswered(ticket: &mut Ticket) {
    (ticket.answered_at, ticket.answer_valid) = (None, None);
    (ticket.contacted, ticket.solved, ticket.satisfied) = (None, None, None);
}

impl Life<'_> {
    fn turns(&self) -> Vec<Turn> {
        let (rests, always) = (self.ticket.suspended_at.is_some(), [Does(Act::Decide), Does(Act::Overdue)]);
        let mut turns = match self.ticket.status {
            Status::New => vec![
                Goes(Step::Accept, Status::Accepted),
                Goes(Step::Accept, Status::Accepted),
                Goes(Step::Refuse, Status::Refused),
                Goes(Step::Withdraw, Status::Withdrawn),
                Goes(Step::Merge, Status::Merged),
                Does(Act::Categorize),
                Does(Act::Contact),
            ],
            status @ (Status::Accepted | Status::InProgress) if rests => {
                vec![Goes(Step::Resume, status), Goes(Step::Resume, status), Does(Act::Categorize)]
            }
            status @ (Status::Accepted | Status::InProgress) => vec![
                Goes(Step::Close, Status::FollowUp),
                Goes(Step::Close, Status::FollowUp),
                Goes(Step::PassOn, Status::FollowUp),
                Goes(Step::Merge, Status::Merged),
                Goes(Step::Extend, status),
                Goes(Step::Suspend, status),
                Does(Act::Contact),
            ],
            Status::FollowUp => vec![
                Goes(Step::Answer, Status::Archived),
                Goes(Step::Answer, Status::Archived),
                Goes(Step::Archive, Status::Archived),
                Goes(Step::Rework, Status::InProgress),
            ],
            Status::Archived => vec![Goes(Step::Rework, Status::InProgress)],
            Status::Merged => vec![Goes(Step::Unmerge, Status::Accepted)],
            Status::Refused | Status::Withdrawn => return Vec::new(),
        };
        match self.ticket.status {
            Status::Accepted if !rests => turns.push(Goes(Step::Dispatch, Status::InProgress)),
            Status::InProgress if !rests => turns.push(Goes(Step::Return, Status::Accepted)),
            _ => {}
        }
        if self.events.len() % 3 == 2 {
            turns.extend(always);
        }
        turns
    }

    fn take(&mut self, turn: Turn) {
        let data = match turn {
            Goes(step, _) => self.step(step),
            Does(act) => self.act(act),
        };
        let (word, to) = match turn {
            Goes(step, to) => (step.word(), to),
            Does(act) => (act.word(), self.ticket.status),
        };
        self.record(word, to, data);
        self.ticket.status = to;
    }

    fn step(&mut self, step: Step) -> Value {
        let at = self.at;
        match step {
            Step::Dispatch => self.ticket.dispatched_at = Some(at),
            Step::Return => self.ticket.returns += 1,
            Step::Close | Step::PassOn => {
                self.ticket.closed_at = Some(at);
                let level =
                    if step == Step::PassOn { Level::Department } else { pick(self.dice, Level::ALL) };
                self.ticket.solved_level = Some(level);
                unanswered(self.ticket);
            }
            Step::Rework => {
                self.ticket.rounds += 1;
                self.ticket.dispatched_at = Some(at);
            }
            Step::Unmerge => self.ticket.dispatched_at = None,
            Step::Answer => self.answer(),
            Step::Extend => return self.due(self.ticket.due_at.max(at)),
            Step::Suspend => {
                self.ticket.suspended_at = Some(at);
                return json!({ "request": Id::new(), "due_at": [self.ticket.due_at, at.plus_minutes(43_200)] });
            }
            Step::Resume => {
                self.ticket.suspended_at = None;
                return self.due(self.ticket.due_at);
            }
            _ => {}
        }
        Value::Null
    }

    fn act(&mut self, act: Act) -> Value {
        match act {
            Act::Contact => {
                self.ticket.first_contact_at.get_or_insert(self.at);
                json!({ "contact": "reached" })
            }
            Act::Decide => {
                let reason = pick(self.dice, Reason::ALL);
                let approved = self.dice.random_bool(0.6);
                if approved {
                    self.ticket.excluded = Some(reason);
                }
                json!({ "reason": reason, "approved": approved })
            }
            Act::Categorize => self.due(self.ticket.submitted_at),
            // What a timer told of.
            _ => json!({ "alarm": "overdue", "due_at": self.ticket.submitted_at }),
        }
    }

    /// A new deadline, counted from some moment.
    fn due(&mut self, from: Time) -> Value {
        let before = self.ticket.due_at;
        self.ticket.due_at = from.plus_minutes(pick(self.dice, &[0, 1_440, 10_080, 50_000]));
        json!({ "due_at": [before, self.ticket.due_at] })
    }

    fn answer(&mut self) {
        let valid = self.dice.random_bool(0.8);
        (self.ticket.answered_at, self.ticket.answer_valid) = (Some(self.at), Some(valid));
        if valid {
            self.ticket.contacted = Some(self.dice.random_bool(0.8));
            self.ticket.solved = Some(self.dice.random_bool(0.7));
            self.ticket.satisfied = Some(pick(self.dice, Satisfaction::ALL));
        }
    }

    fn record(&mut self, act: &str, to_status: Status, data: Value) {
        self.events.push(Event {
            community_id: self.ticket.community_id,
            ticket_id: self.ticket.id,
            seq: self.events.len() as i32 + 1,
            at: self.at,
            role: Role::CommunityWorker,
            actor_id: None,
            actor: "核对人".into(),
            act: act.into(),
            from_status: Some(self.ticket.status),
            to_status,
            audience: Audience::Staff,
            note: String::new().into(),
            data: data.to_string(),
        });
    }
}
