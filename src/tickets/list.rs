//! The inbox: queues, their counts, pages of 25 by keyset, and search.
//!
//! A page is found by where the last one ended (deadline and id), never by how many came before, so that it costs
//! the same at any depth. A queue of several statuses, or of several grids, is asked arm by arm, each along one index,
//! and put together here.

mod rows;
mod search;

use diesel::prelude::*;

pub use self::rows::Row;
use self::rows::{Boxed, load};
pub use self::search::search;
use super::Status;
use super::requests::Wish;
use crate::clock::midnight;
use crate::db::{Id, MultiBackend, Time, Tx};
use crate::error::Result;
use crate::people::{Actor, Scope};
use crate::schema::{requests, supports, tickets};

/// Tickets on one page.
pub const PAGE: usize = 25;

text_enum! {
    /// A list of tickets that wait for the same thing.
    pub enum Queue {
        New = "new", "待受理";
        Calls = "calls", "待联系";
        Accepted = "accepted", "待派单";
        InProgress = "in_progress", "处理中";
        Today = "today", "今天到期";
        Overdue = "overdue", "已超期";
        Escalated = "escalated", "已升级";
        OnAccount = "on_account", "挂账";
        Supporting = "supporting", "协办";
        FollowUp = "follow_up", "待回访";
        Archived = "archived", "已归档";
        Ended = "ended", "不予受理、撤回、并案";
    }
}

impl Queue {
    /// The statuses in it; `Today`, `Overdue` and `Escalated` are asked by the clock instead, `Calls` by that of the first
    /// contact, `OnAccount` by when it is looked at again, `Supporting` by who helps.
    pub fn statuses(self) -> &'static [Status] {
        match self {
            Queue::New => &[Status::New],
            Queue::Accepted => &[Status::Accepted],
            Queue::InProgress => &[Status::InProgress],
            Queue::Calls
            | Queue::Today
            | Queue::Overdue
            | Queue::Escalated
            | Queue::OnAccount
            | Queue::Supporting => Status::RUNNING,
            Queue::FollowUp => &[Status::FollowUp],
            Queue::Archived => &[Status::Archived],
            Queue::Ended => Status::ENDED_EARLY,
        }
    }

    /// What ended is read from the latest back; what is open, by what is due first.
    fn latest_first(self) -> bool {
        matches!(self, Queue::Archived | Queue::Ended)
    }
}

/// Where a page ended: the last ticket on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor {
    /// Its deadline.
    pub due_at: Time,
    /// Its id.
    pub id: Id,
}

impl Cursor {
    /// Reads what [`Cursor`] displays as; nothing for nonsense, which then means the first page.
    pub fn parse(text: &str) -> Option<Cursor> {
        let (micros, id) = text.split_once('_')?;
        Some(Cursor { due_at: Time::from_micros(micros.parse().ok()?), id: Id(id.parse().ok()?) })
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}_{}", self.due_at.0.timestamp_micros(), self.id.0.simple())
    }
}

/// A page of a list and where the next one begins.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
pub struct Page {
    /// At most [`PAGE`] tickets.
    pub rows: Vec<Row>,
    /// Pass it as `after` for the next page; nothing at the end.
    pub next: Option<String>,
}

/// A page of a queue, as far as the actor sees.
pub fn page(tx: &mut Tx, actor: &Actor, queue: Queue, after: Option<Cursor>) -> Result<Page> {
    let mut rows = Vec::new();
    for scope in arms(&actor.scope()) {
        match queue {
            Queue::Today | Queue::Overdue | Queue::Escalated => {
                rows.extend(by_clock(tx, actor, scope, (queue, after))?);
            }
            Queue::Calls => rows.extend(uncalled(tx, actor, scope, after)?),
            Queue::OnAccount => rows.extend(on_account(tx, actor, scope, after)?),
            Queue::Supporting => rows.extend(supported(tx, actor, scope, after)?),
            _ => {
                for status in queue.statuses() {
                    rows.extend(of_status(tx, actor, scope, (queue, *status), after)?);
                }
            }
        }
    }
    let by = |row: &Row| match queue {
        Queue::OnAccount => row.review_at.unwrap_or(row.due_at),
        Queue::Calls => row.first_contact_due,
        _ => row.due_at,
    };
    rows.sort_by_key(|row| (by(row), row.id));
    if queue.latest_first() {
        rows.reverse();
    }
    Ok(cut(rows, by))
}

const WAITING: [Queue; 10] = [
    Queue::New,
    Queue::Calls,
    Queue::Accepted,
    Queue::InProgress,
    Queue::Today,
    Queue::Overdue,
    Queue::Escalated,
    Queue::OnAccount,
    Queue::Supporting,
    Queue::FollowUp,
];

/// How many tickets wait in each queue that asks for work.
pub fn counts(tx: &mut Tx, actor: &Actor) -> Result<Vec<(Queue, i64)>> {
    let mut counts = Vec::new();
    for queue in WAITING {
        let mut sum = 0;
        for scope in arms(&actor.scope()) {
            if queue == Queue::Supporting {
                sum += supported_count(tx, actor, scope)?;
                continue;
            }
            let base =
                tickets::table.filter(tickets::community_id.eq(actor.community_id)).count().into_boxed();
            let query = match queue {
                Queue::Calls => {
                    base.filter(tickets::first_contact_at.is_null().and(tickets::open_due_at.is_not_null()))
                }
                Queue::Today => {
                    base.filter(tickets::open_due_at.ge(tx.now).and(tickets::open_due_at.lt(day_end(tx.now))))
                }
                Queue::Overdue => base.filter(tickets::open_due_at.lt(tx.now)),
                Queue::OnAccount => base.filter(tickets::suspended_at.is_not_null()),
                Queue::Escalated => {
                    base.filter(tickets::open_due_at.lt(tx.now).and(tickets::escalated.is_not_null()))
                }
                _ => base.filter(tickets::status.eq(queue.statuses()[0])),
            };
            let query: Counted = match scope {
                Arm::Community => query,
                Arm::Party(party) => {
                    query.filter(tickets::lead_id.eq(party).and(tickets::dispatched_at.is_not_null()))
                }
                Arm::Grid(grid) => query.filter(tickets::grid_id.eq(grid)),
            };
            sum += query.get_result::<i64>(tx.conn)?;
        }
        counts.push((queue, sum));
    }
    Ok(counts)
}

/// Tickets by id as lines, in no order, at most a page. Whoever asks has made sure that they may be seen.
pub fn named(tx: &mut Tx, community_id: Id, ids: &[Id]) -> Result<Vec<Row>> {
    let own = tickets::community_id.eq(community_id).and(tickets::id.eq_any(ids.to_vec()));
    load(tx, tickets::table.filter(own).into_boxed())
}

/// One index range: a whole community, one party, or one grid.
#[derive(Debug, Clone, Copy)]
enum Arm {
    Community,
    Party(Id),
    Grid(Id),
}

fn arms(scope: &Scope) -> Vec<Arm> {
    match scope {
        Scope::Community => vec![Arm::Community],
        Scope::Party(party) => vec![Arm::Party(*party)],
        Scope::Grids(grids) => grids.iter().map(|grid| Arm::Grid(*grid)).collect(),
    }
}

type Counted<'a> = diesel::helper_types::IntoBoxed<
    'a,
    diesel::dsl::Select<
        diesel::dsl::Filter<tickets::table, diesel::dsl::Eq<tickets::community_id, Id>>,
        diesel::dsl::CountStar,
    >,
    MultiBackend,
>;

fn base<'a>(actor: &Actor, scope: Arm) -> Boxed<'a> {
    let own = tickets::table.filter(tickets::community_id.eq(actor.community_id)).into_boxed();
    match scope {
        Arm::Community => own,
        Arm::Party(party) => own.filter(tickets::lead_id.eq(party).and(tickets::dispatched_at.is_not_null())),
        Arm::Grid(grid) => own.filter(tickets::grid_id.eq(grid)),
    }
}

fn of_status(
    tx: &mut Tx,
    actor: &Actor,
    scope: Arm,
    (queue, status): (Queue, Status),
    after: Option<Cursor>,
) -> Result<Vec<Row>> {
    let mut query = base(actor, scope).filter(tickets::status.eq(status));
    // The first comparison bounds the index range; the second only breaks ties inside it.
    query = match (queue.latest_first(), after) {
        (true, Some(Cursor { due_at, id })) => {
            query.filter(tickets::due_at.le(due_at)).filter(tickets::due_at.lt(due_at).or(tickets::id.lt(id)))
        }
        (false, Some(Cursor { due_at, id })) => {
            query.filter(tickets::due_at.ge(due_at)).filter(tickets::due_at.gt(due_at).or(tickets::id.gt(id)))
        }
        (_, None) => query,
    };
    query = match queue.latest_first() {
        true => query.order((tickets::due_at.desc(), tickets::id.desc())),
        false => query.order((tickets::due_at, tickets::id)),
    };
    load(tx, query)
}

/// The end of the day in Shanghai.
fn day_end(now: Time) -> Time {
    midnight(now.day() + chrono::Days::new(1))
}

/// What nobody has called about yet, by when somebody must have. There is an index of these alone: they are few.
fn uncalled(tx: &mut Tx, actor: &Actor, scope: Arm, after: Option<Cursor>) -> Result<Vec<Row>> {
    let waits = tickets::first_contact_at.is_null().and(tickets::open_due_at.is_not_null());
    let mut query = base(actor, scope).filter(waits);
    if let Some(Cursor { due_at, id }) = after {
        query = query
            .filter(tickets::first_contact_due.ge(due_at))
            .filter(tickets::first_contact_due.gt(due_at).or(tickets::id.gt(id)));
    }
    load(tx, query.order((tickets::first_contact_due, tickets::id)))
}

/// What is due today, or overdue; of that, what went up a level.
fn by_clock(
    tx: &mut Tx,
    actor: &Actor,
    scope: Arm,
    (queue, after): (Queue, Option<Cursor>),
) -> Result<Vec<Row>> {
    let base = base(actor, scope);
    let mut query = match queue {
        Queue::Today => {
            base.filter(tickets::open_due_at.ge(tx.now).and(tickets::open_due_at.lt(day_end(tx.now))))
        }
        Queue::Escalated => {
            base.filter(tickets::open_due_at.lt(tx.now).and(tickets::escalated.is_not_null()))
        }
        _ => base.filter(tickets::open_due_at.lt(tx.now)),
    };
    if let Some(Cursor { due_at, id }) = after {
        query = query
            .filter(tickets::open_due_at.ge(due_at))
            .filter(tickets::open_due_at.gt(due_at).or(tickets::id.gt(id)));
    }
    load(tx, query.order((tickets::open_due_at, tickets::id)))
}

/// When an account is looked at again orders this list: what comes first, or is past, is first. That date stands in the
/// request that was approved in the moment in which the account began. SQLite walks `requests_by_review` in this order;
/// PostgreSQL, what is on account, which is little and has an index of its own.
fn on_account(tx: &mut Tx, actor: &Actor, scope: Arm, after: Option<Cursor>) -> Result<Vec<Row>> {
    let approved = requests::community_id
        .eq(tickets::community_id)
        .and(requests::ticket_id.eq(tickets::id))
        .and(requests::kind.eq(Wish::Suspension))
        .and(requests::decided_at.eq(tickets::suspended_at));
    let mut query = tickets::table
        .inner_join(requests::table.on(approved))
        .filter(tickets::community_id.eq(actor.community_id).and(tickets::suspended_at.is_not_null()))
        .order((requests::until_at, tickets::id))
        .limit(PAGE as i64 + 1)
        .select(tickets::id)
        .into_boxed();
    query = match scope {
        Arm::Community => query,
        Arm::Party(party) => {
            query.filter(tickets::lead_id.eq(party).and(tickets::dispatched_at.is_not_null()))
        }
        Arm::Grid(grid) => query.filter(tickets::grid_id.eq(grid)),
    };
    if let Some(Cursor { due_at: review, id }) = after {
        query = query
            .filter(requests::until_at.ge(review))
            .filter(requests::until_at.gt(review).or(tickets::id.gt(id)));
    }
    let ids: Vec<Id> = query.load(tx.conn)?;
    named(tx, actor.community_id, &ids)
}

/// The open tickets that a party supports; nobody else has this list. Read along the party's own rows.
fn supported(tx: &mut Tx, actor: &Actor, scope: Arm, after: Option<Cursor>) -> Result<Vec<Row>> {
    let Arm::Party(party) = scope else { return Ok(Vec::new()) };
    let mut query = helped(actor, party).filter(tickets::status.eq_any(Queue::Supporting.statuses()));
    if let Some(Cursor { due_at, id }) = after {
        query =
            query.filter(tickets::due_at.gt(due_at).or(tickets::due_at.eq(due_at).and(tickets::id.gt(id))));
    }
    load(tx, query.order((tickets::due_at, tickets::id)))
}

/// What a party supports, open or not.
fn helped<'a>(actor: &Actor, party: Id) -> Boxed<'a> {
    let helped = supports::table
        .filter(supports::community_id.eq(actor.community_id).and(supports::party_id.eq(party)))
        .select(supports::ticket_id);
    let own = tickets::table.filter(tickets::community_id.eq(actor.community_id)).into_boxed();
    own.filter(tickets::id.eq_any(helped))
}

fn supported_count(tx: &mut Tx, actor: &Actor, scope: Arm) -> Result<i64> {
    let Arm::Party(party) = scope else { return Ok(0) };
    let of = tickets::community_id.eq(supports::community_id).and(tickets::id.eq(supports::ticket_id));
    Ok(supports::table
        .inner_join(tickets::table.on(of))
        .filter(supports::community_id.eq(actor.community_id).and(supports::party_id.eq(party)))
        .filter(tickets::status.eq_any(Queue::Supporting.statuses()))
        .count()
        .get_result(tx.conn)?)
}

/// Keeps one page and notes where the next begins.
fn cut(mut rows: Vec<Row>, by: impl Fn(&Row) -> Time) -> Page {
    let more = rows.len() > PAGE;
    rows.truncate(PAGE);
    let next = rows.last().filter(|_| more).map(|row| Cursor { due_at: by(row), id: row.id }.to_string());
    Page { rows, next }
}
