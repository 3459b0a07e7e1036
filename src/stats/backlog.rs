//! The past of what waits: how many tickets were open, overdue and on account at any moment, from their events alone.
//!
//! The row of a ticket says how it stands now; what it stood like then is replayed. It counts as it was known then: a
//! ticket that was excluded later was open until that was decided, a deadline that was moved later was the old one. A part
//! that was split off begins when it was split off. E6 duplicates count, as in 受理量 (domain §6).

use std::collections::BTreeMap;

use serde::Serialize;

use super::store::past;
use crate::clock::{Period, PeriodKind, midnight};
use crate::db::{Id, Time, Tx};
use crate::error::{Error, Result};
use crate::tickets::list::{self, Cursor};
use crate::tickets::{Act, Event, Reason, Status, Step, deadlines};

/// What an event says about where a ticket stands.
#[derive(Debug, Clone, diesel::Queryable, diesel::Selectable)]
#[diesel(table_name = crate::schema::ticket_events)]
pub struct Told {
    at: Time,
    act: String,
    to_status: Status,
    data: String,
}

impl From<&Event> for Told {
    fn from(event: &Event) -> Told {
        let Event { at, act, to_status, data, .. } = event.clone();
        Told { at, act, to_status, data }
    }
}

/// How a ticket stood while it was open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// 挂账: its clock rested.
    pub on_account: bool,
    /// Until when it was to be done, as was known then.
    pub due_at: Time,
}

impl Standing {
    /// Whether it was overdue at a moment: past its deadline, and not on account.
    pub fn overdue(self, at: Time) -> bool {
        !self.on_account && self.due_at < at
    }
}

/// A time `[from, until)` during which a ticket was open and stood alike; without an end where it still does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    from: Time,
    until: Option<Time>,
    standing: Standing,
}

impl Stretch {
    fn has(&self, at: Time) -> bool {
        self.from <= at && self.until.is_none_or(|until| at < until)
    }
}

/// The stretches during which a ticket was open and counted. `due_now` is the deadline in its row: it was that from the
/// beginning where no event says that it was ever moved.
pub fn stretches(history: &[Told], due_now: Time) -> Vec<Stretch> {
    let mut due_at =
        history.iter().find_map(|told| deadlines::named(&told.act, &told.data).0).unwrap_or(due_now);
    let (mut on_account, mut excluded) = (false, false);
    let mut all: Vec<Stretch> = Vec::new();
    for told in history {
        due_at = deadlines::named(&told.act, &told.data).1.unwrap_or(due_at);
        match told.act.as_str() {
            act if act == Step::Suspend.word() => on_account = true,
            act if act == Step::Resume.word() => on_account = false,
            act if act == Act::Decide.word() => excluded = told.excludes().unwrap_or(excluded),
            _ => {}
        }
        let open = told.to_status.clock_runs() && !excluded;
        let standing = open.then_some(Standing { on_account, due_at });
        let last = all.last_mut().filter(|stretch| stretch.until.is_none());
        if last.as_ref().map(|stretch| stretch.standing) == standing {
            continue;
        }
        if let Some(stretch) = last {
            stretch.until = Some(told.at);
        }
        all.extend(standing.map(|standing| Stretch { from: told.at, until: None, standing }));
    }
    all
}

/// How a ticket stood at a moment; nothing where it was not open, did not exist or did not count.
pub fn stood(stretches: &[Stretch], at: Time) -> Option<Standing> {
    stretches.iter().find(|stretch| stretch.has(at)).map(|stretch| stretch.standing)
}

impl Told {
    /// Whether it takes the ticket out of the counts, or leaves it in them as a duplicate; nothing where it was not approved.
    fn excludes(&self) -> Option<bool> {
        let data: serde_json::Value = serde_json::from_str(&self.data).unwrap_or_default();
        (data["approved"] == true).then(|| data["reason"] != Reason::E6.word())
    }
}

text_enum! {
    /// What waits.
    #[schema(as = BacklogKind)]
    pub enum Waiting {
        Open = "open", "未办结";
        Overdue = "overdue", "超期未办结";
        OnAccount = "on_account", "挂账";
    }
}

impl Waiting {
    fn holds(self, standing: Standing, at: Time) -> bool {
        match self {
            Waiting::Open => true,
            Waiting::Overdue => standing.overdue(at),
            Waiting::OnAccount => standing.on_account,
        }
    }
}

/// How many waited at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Backlog {
    /// The moment. What happened at it has happened.
    pub at: Time,
    /// 未办结: 待受理, 已受理 or 处理中.
    pub open: i64,
    /// Of these past their deadline, and not on account.
    pub overdue: i64,
    /// Of these on account.
    pub on_account: i64,
}

/// Counts at moments, which ascend. Costs as much as there are stretches and moments together.
fn counted<'a>(stretches: impl Iterator<Item = &'a Stretch>, moments: &[Time]) -> Vec<Backlog> {
    // How much each count changes at each moment.
    let mut steps = vec![[0i64; 3]; moments.len() + 1];
    let first = |from: Time| moments.partition_point(|moment| *moment < from);
    for stretch in stretches {
        let (from, until) = (first(stretch.from), stretch.until.map_or(moments.len(), first));
        let late = moments.partition_point(|moment| *moment <= stretch.standing.due_at).max(from);
        let kinds = match stretch.standing.on_account {
            true => [Some(from), None, Some(from)],
            false => [Some(from), Some(late), None],
        };
        for (kind, begins) in kinds.into_iter().enumerate() {
            if let Some(begins) = begins.filter(|begins| *begins < until) {
                steps[begins][kind] += 1;
                steps[until][kind] -= 1;
            }
        }
    }
    let mut sum = [0i64; 3];
    let add = |(at, step): (&Time, &[i64; 3])| {
        sum.iter_mut().zip(step).for_each(|(sum, step)| *sum += step);
        Backlog { at: *at, open: sum[0], overdue: sum[1], on_account: sum[2] }
    };
    moments.iter().zip(&steps).map(add).collect()
}

/// The moments of a period at which its line has a point: the ends of its days, of a single day its full hours; and the
/// present, where it lies inside.
pub fn moments(period: &Period, now: Time) -> Vec<Time> {
    let mut all = Vec::new();
    let mut at = period.from;
    while at < period.to {
        at = match period.kind {
            PeriodKind::Day => at.plus_minutes(60),
            _ => midnight(at.day() + chrono::Days::new(1)),
        };
        all.push(at.min(period.to).min(now));
        if at >= now {
            break;
        }
    }
    all
}

/// The counts of a community at moments that ascend.
pub fn history(tx: &mut Tx, community: Id, moments: &[Time]) -> Result<Vec<Backlog>> {
    let all = replay(tx, community, moments)?;
    Ok(counted(all.values().flatten(), moments))
}

fn replay(tx: &mut Tx, community: Id, moments: &[Time]) -> Result<BTreeMap<Id, Vec<Stretch>>> {
    let (Some(from), Some(to)) = (moments.first(), moments.last()) else { return Ok(BTreeMap::new()) };
    let candidates = past::once_open(tx, community, *from, to.plus_minutes(1))?;
    let ids: Vec<Id> = candidates.iter().map(|candidate| candidate.0).collect();
    let mut histories = past::histories(tx, community, &ids)?;
    let replayed = candidates.into_iter().map(|(id, due)| {
        let told = histories.remove(&id).unwrap_or_default();
        (id, stretches(&told, due))
    });
    Ok(replayed.collect())
}

/// The line of a period.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct BacklogLine {
    /// Which period.
    pub period: Period,
    /// A point at the end of each day, of a single day at each full hour; the last one at the present where the period runs.
    pub points: Vec<Backlog>,
}

/// The line of a period that has begun.
pub fn line(tx: &mut Tx, community: Id, period: Period) -> Result<BacklogLine> {
    if period.from > tx.now {
        return Err(Error::invalid("period", "这个时间还没有到，没有可统计的内容"));
    }
    let points = history(tx, community, &moments(&period, tx.now))?;
    Ok(BacklogLine { period, points })
}

/// What waited at a moment, and the tickets themselves.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct BacklogThen {
    /// How many.
    pub counts: Backlog,
    /// Which of them are listed.
    pub which: Waiting,
    /// At most 25, the first submitted first. Status and deadlines in them are those of today.
    pub rows: Vec<list::Row>,
    /// The deadlines as they were known then, in the order of `rows`.
    pub due_then: Vec<Time>,
    /// Pass it as `after` for the next page; nothing at the end.
    pub next: Option<String>,
}

/// What waited at a past moment. Fails for a moment to come.
pub fn then(
    tx: &mut Tx,
    community: Id,
    (at, which): (Time, Waiting),
    after: Option<Cursor>,
) -> Result<BacklogThen> {
    if at > tx.now {
        return Err(Error::invalid("at", "这个时间还没有到，没有可统计的内容"));
    }
    let all = replay(tx, community, &[at])?;
    let counts = counted(all.values().flatten(), &[at])[0];
    let mut due: Vec<(Time, Id)> = all
        .iter()
        .filter_map(|(id, stretches)| Some((stood(stretches, at)?, *id)))
        .filter(|(standing, _)| which.holds(*standing, at))
        .map(|(standing, id)| (standing.due_at, id))
        .collect();
    due.sort_unstable();
    due.retain(|(due, id)| after.is_none_or(|after| (*due, *id) > (after.due_at, after.id)));
    let more = due.len() > list::PAGE;
    due.truncate(list::PAGE);
    let ids: Vec<Id> = due.iter().map(|(_, id)| *id).collect();
    let mut rows = list::named(tx, community, &ids)?;
    rows.sort_by_key(|row| ids.iter().position(|id| *id == row.id));
    let next =
        due.last().filter(|_| more).map(|(due_at, id)| Cursor { due_at: *due_at, id: *id }.to_string());
    Ok(BacklogThen { counts, which, rows, due_then: due.into_iter().map(|(due, _)| due).collect(), next })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(minutes: i64) -> Time {
        Time::from_micros(0).plus_minutes(minutes)
    }

    fn told(minutes: i64, act: &str, to_status: Status, data: serde_json::Value) -> Told {
        Told { at: at(minutes), act: act.into(), to_status, data: data.to_string() }
    }

    fn dues(before: i64, after: i64) -> serde_json::Value {
        serde_json::json!({ "due_at": [at(before), at(after)] })
    }

    #[test]
    fn a_ticket_stands_at_each_moment_as_its_events_left_it() {
        let history = [
            told(10, "submit", Status::New, serde_json::json!({ "due_at": at(100) })),
            told(20, "accept", Status::Accepted, serde_json::Value::Null),
            told(30, "suspend", Status::Accepted, dues(100, 400)),
            told(50, "resume", Status::Accepted, dues(100, 120)),
            told(60, "close", Status::FollowUp, serde_json::Value::Null),
            told(200, "rework", Status::InProgress, serde_json::Value::Null),
            told(210, "decide", Status::InProgress, serde_json::json!({ "reason": "e6", "approved": true })),
            told(220, "decide", Status::InProgress, serde_json::json!({ "reason": "e3", "approved": true })),
        ];
        let all = stretches(&history, at(120));
        let stand = |minutes| stood(&all, at(minutes)).map(|each| (each.on_account, each.due_at));
        assert_eq!(stand(9), None);
        assert_eq!((stand(10), stand(29)), (Some((false, at(100))), Some((false, at(100)))));
        assert_eq!((stand(30), stand(50)), (Some((true, at(100))), Some((false, at(120)))));
        assert_eq!((stand(60), stand(199), stand(220)), (None, None, None));
        let late = |minutes| stood(&all, at(minutes)).unwrap().overdue(at(minutes));
        assert!(late(200) && late(219) && !late(49), "the old deadline holds, and rests on account");
    }

    #[test]
    fn a_deadline_that_nobody_named_at_first_is_what_it_was_before_it_was_moved() {
        let history = [
            told(0, "submit", Status::New, serde_json::Value::Null),
            told(5, "extend", Status::New, dues(10, 90)),
        ];
        let all = stretches(&history, at(90));
        assert_eq!(stood(&all, at(0)).unwrap().due_at, at(10));
        assert_eq!(stood(&stretches(&history[..1], at(90)), at(0)).unwrap().due_at, at(90));
    }

    proptest! {
        /// The sweep counts what looking at each moment finds.
        #[test]
        fn counting_along_the_line_is_counting_at_each_moment(
            drawn in proptest::collection::vec((0i64..50, 0i64..30, any::<bool>(), 0i64..60), 0..40),
            moments in proptest::collection::btree_set(0i64..90, 0..30),
        ) {
            let all: Vec<Stretch> = drawn.into_iter().map(|(from, long, on_account, due)| Stretch {
                from: at(from),
                until: (long > 2).then(|| at(from + long)),
                standing: Standing { on_account, due_at: at(due) },
            }).collect();
            let moments: Vec<Time> = moments.into_iter().map(at).collect();
            for counts in counted(all.iter(), &moments) {
                let then = all.iter().filter(|stretch| stretch.has(counts.at)).map(|stretch| stretch.standing);
                let count = |which: Waiting| {
                    then.clone().filter(|standing| which.holds(*standing, counts.at)).count() as i64
                };
                prop_assert_eq!(
                    [counts.open, counts.overdue, counts.on_account],
                    [Waiting::Open, Waiting::Overdue, Waiting::OnAccount].map(count)
                );
            }
        }
    }
}
