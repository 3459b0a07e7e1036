//! The inbox of staff: queues, pages, and search. One ticket is next door in [`ticket`], what leads and
//! auditors look through in [`oversight`], people outside and what one follows in [`outside`].
//!
//! Nothing is decided here: who sees which tickets is the business of [`super::list`].

pub mod held;
pub mod outside;
pub mod oversight;
pub mod ticket;
pub mod voice;

use std::collections::BTreeMap;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Query;
use askama::Template;

use super::Step;
use super::list::{self, Cursor, Page, Queue, Row};
use crate::calendar::Reckoning;
use crate::clock;
use crate::console::desk::Desk;
use crate::console::view::Chrome;
use crate::db::{Time, Tx};
use crate::error::Result;
use crate::people::{Actor, Role};
use crate::routing::{self, Category};
use crate::web::{PageError, html};

/// A page, or the error to show instead.
pub type Answer = std::result::Result<HttpResponse, PageError>;

/// Which part of which list.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub struct Asked {
    queue: String,
    after: String,
    q: String,
    seen: Option<i64>,
}

#[derive(Template)]
#[template(path = "tickets/pages/inbox.html")]
struct InboxPage {
    chrome: Chrome,
    now: Time,
    tabs: Tabs,
    queue: Option<Queue>,
    q: String,
    problem: String,
    lines: Vec<Line>,
    /// Where the next page begins.
    next: Option<String>,
    /// Whether this is not the first page.
    later: bool,
    /// Whether the person says which tickets belong together.
    triages: bool,
}

/// The tabs of the queues; also the whole answer to the page's asking for new counts.
#[derive(Template)]
#[template(path = "tickets/pages/tabs.html")]
struct Tabs {
    tabs: Vec<(Queue, i64)>,
    current: Option<Queue>,
    /// How many waited for acceptance when the page was made, and how many have come since.
    seen: i64,
    come: i64,
}

/// A ticket in a list, in words.
struct Line {
    row: Row,
    /// What is to be done with it now; may be empty.
    next: &'static str,
    what: String,
    excerpt: String,
    clocks: Vec<Clock>,
    /// 挂账 for how long; empty while the clocks run.
    rests: String,
}

impl Line {
    /// `late` where a limit has passed, `soon` where one is near, for the colour of the line.
    fn class(&self) -> &'static str {
        let any = |class| self.clocks.iter().any(|clock| clock.class == class);
        if any("late") {
            "late"
        } else if any("soon") {
            "soon"
        } else {
            ""
        }
    }
}

/// A limit in words, and how near it is.
pub(super) struct Clock {
    pub(super) label: &'static str,
    pub(super) words: String,
    /// `late`, `soon`, `ok`.
    pub(super) class: &'static str,
    /// The moment itself.
    pub(super) at: String,
    /// What must be said beside it; may be empty.
    pub(super) caveat: String,
}

impl Clock {
    /// The time left until `due`, of the time there was since `begun`; the last quarter is soon.
    pub(super) fn until(
        label: &'static str,
        (begun, due): (Time, Time),
        now: Time,
        reckoning: &Reckoning,
    ) -> Clock {
        let class = match due < now {
            true => "late",
            false if now > reckoning.soon(begun, due) => "soon",
            false => "ok",
        };
        let words = reckoning.left((begun, due), now);
        Clock { label, words, class, at: due.long(), caveat: reckoning.caveat(begun, due) }
    }
}

/// `GET /console`: one queue.
pub async fn inbox(desk: Desk, asked: Query<Asked>) -> Answer {
    let page = desk.read(move |tx, desk| inbox_page(tx, desk, &asked)).await?;
    html(StatusCode::OK, &page)
}

/// `GET /console/queues`: the tabs again, with the counts of this moment.
pub async fn queues(desk: Desk, asked: Query<Asked>) -> Answer {
    let tabs =
        desk.read(move |tx, desk| tabs(tx, desk.actor(), Queue::parse(&asked.queue), asked.seen)).await?;
    html(StatusCode::OK, &tabs)
}

/// `GET /console/search`: by number, place and text.
pub async fn search(desk: Desk, asked: Query<Asked>) -> Answer {
    let page = desk.read(move |tx, desk| search_page(tx, desk, &asked)).await?;
    let status = if page.problem.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    html(status, &page)
}

fn inbox_page(tx: &mut Tx, desk: &Desk, asked: &Asked) -> Result<InboxPage> {
    let queue = Queue::parse(&asked.queue).unwrap_or_else(|| first_queue(desk.actor()));
    let after = Cursor::parse(&asked.after);
    let page = list::page(tx, desk.actor(), queue, after)?;
    let (mut lines, next) = lines(tx, desk.actor(), page)?;
    if queue == Queue::Supporting {
        lines.iter_mut().for_each(|line| line.next = "协助主办单位");
    }
    Ok(InboxPage {
        chrome: desk.chrome(tx, queue.label(), "/console")?,
        now: tx.now,
        tabs: tabs(tx, desk.actor(), Some(queue), None)?,
        queue: Some(queue),
        q: String::new(),
        problem: String::new(),
        later: after.is_some(),
        triages: triages(desk.actor()),
        lines,
        next,
    })
}

fn search_page(tx: &mut Tx, desk: &Desk, asked: &Asked) -> Result<InboxPage> {
    let after = Cursor::parse(&asked.after);
    let q = asked.q.trim().to_owned();
    let found = match q.is_empty() {
        true => Ok(Page { rows: Vec::new(), next: None }),
        false => list::search(tx, desk.actor(), &q, after),
    };
    let (page, problem) = match found {
        Ok(page) => (page, String::new()),
        Err(err @ crate::error::Error::Invalid(_)) => {
            (Page { rows: Vec::new(), next: None }, err.to_string())
        }
        Err(err) => return Err(err),
    };
    let (lines, next) = lines(tx, desk.actor(), page)?;
    Ok(InboxPage {
        chrome: desk.chrome(tx, "查找", "/console")?,
        now: tx.now,
        tabs: tabs(tx, desk.actor(), None, None)?,
        queue: None,
        later: after.is_some(),
        triages: false,
        q,
        problem,
        lines,
        next,
    })
}

/// Whether it is for the person to say which tickets belong together.
fn triages(actor: &Actor) -> bool {
    matches!(actor.role, Role::CommunityWorker | Role::CommunityLead)
}

/// The queue a person looks at first: what waits for them.
fn first_queue(actor: &Actor) -> Queue {
    match actor.role {
        Role::Handler => Queue::InProgress,
        Role::StreetManager => Queue::Escalated,
        _ => Queue::New,
    }
}

fn tabs(tx: &mut Tx, actor: &Actor, current: Option<Queue>, seen: Option<i64>) -> Result<Tabs> {
    let counts = list::counts(tx, actor)?;
    let count = |queue| counts.iter().find(|(each, _)| *each == queue).map_or(0, |(_, count)| *count);
    let now = count(first_queue(actor));
    let helps = actor.role == Role::Handler;
    let own = Queue::ALL.iter().filter(|queue| helps || **queue != Queue::Supporting);
    let tabs = own.map(|queue| (*queue, count(*queue))).collect();
    Ok(Tabs { tabs, current, seen: seen.unwrap_or(now), come: seen.map_or(0, |seen| (now - seen).max(0)) })
}

fn lines(tx: &mut Tx, actor: &Actor, page: Page) -> Result<(Vec<Line>, Option<String>)> {
    let categories = routing::categories(tx)?;
    // A version names mode and calendar, so what it says is read once.
    let mut ways: BTreeMap<String, Reckoning> = BTreeMap::new();
    for row in &page.rows {
        if !ways.contains_key(&row.rules_version) {
            let way = Reckoning::of(tx, actor.community_id, &row.rules_version, row.submitted_at)?;
            ways.insert(row.rules_version.clone(), way);
        }
    }
    let now = tx.now;
    let told = page.rows.into_iter().map(|row| {
        let way = ways.get(&row.rules_version).cloned().unwrap_or_else(Reckoning::natural);
        let next = next_step(&row, actor.role, now);
        Line { next, ..line(row, &categories, (&way, now)) }
    });
    Ok((told.collect(), page.next))
}

fn line(row: Row, categories: &[Category], (way, now): (&Reckoning, Time)) -> Line {
    let level2 = row.category.as_ref().and_then(|code| categories.iter().find(|each| each.code == *code));
    let level1 = categories.iter().find(|each| each.level1_code() == row.level1);
    let what =
        level2.map(|each| &each.level2).or(level1.map(|each| &each.level1)).cloned().unwrap_or_default();
    let masked = row.text.shown();
    let mut excerpt: String = masked.chars().take(60).collect();
    if masked.chars().nth(60).is_some() {
        excerpt.push('…');
    }
    let mut clocks = Vec::new();
    if let Some(due) = row.open_due_at {
        if row.first_contact_at.is_none() {
            clocks.push(Clock::until("首次联系", (row.submitted_at, row.first_contact_due), now, way));
        }
        clocks.push(Clock::until("办结", (row.submitted_at, due), now, way));
    }
    let rests = row.suspended_at.map(|since| {
        let review = row.review_at.map(|at| format!("，{} 复核", at.long())).unwrap_or_default();
        format!("挂账 {}，时限暂停{review}", clock::words((now.0 - since.0).num_minutes()))
    });
    Line { next: "", what, excerpt, clocks, rests: rests.unwrap_or_default(), row }
}

/// What is to be done with a ticket now, in the words of whoever does it: read off the steps that the tables let people
/// take from here.
fn next_step(row: &Row, role: Role, now: Time) -> &'static str {
    let past = |at: Option<Time>| at.is_some_and(|at| at < now);
    let may = |role: Role, step: Step| row.stand.steps_for(role).contains(&step);
    let (desk, lead, late) = (Role::CommunityWorker, Role::CommunityLead, past(row.open_due_at));
    match row {
        _ if may(lead, Step::Resume) && past(row.review_at) => "复核日期到了，请复核",
        _ if may(lead, Step::Resume) => "挂账中，到期复核",
        _ if role == Role::Handler && may(role, Step::Close) && late => "超期了，马上办",
        _ if role == Role::Handler && may(role, Step::Close) => "办理",
        _ if may(desk, Step::Accept) => "受理，打电话",
        _ if may(lead, Step::Dispatch) && !may(desk, Step::Dispatch) => "退回两次，负责人派单",
        _ if may(desk, Step::Dispatch) && row.returns > 0 => "被退回，改派",
        _ if may(desk, Step::Dispatch) && row.category.is_none() => "定分类，派单",
        _ if may(desk, Step::Dispatch) => "派单",
        _ if may(desk, Step::Answer) => "打电话回访",
        _ if !may(desk, Step::Close) => "",
        _ if row.first_contact_at.is_none() => "先给居民打电话",
        _ if late => "催办",
        _ if row.rounds > 0 => "盯住重办",
        _ => "",
    }
}

impl InboxPage {
    /// How long ago something was, in words.
    fn ago(&self, at: &Time) -> String {
        format!("{}前", clock::words((self.now.0 - at.0).num_minutes()))
    }

    fn next_url(&self, cursor: &str) -> String {
        match self.queue {
            Some(queue) => format!("/console?queue={}&after={cursor}", queue.word()),
            None => format!("/console/search?q={}&after={cursor}", escaped(&self.q)),
        }
    }

    /// What an empty list says.
    fn empty(&self) -> &'static str {
        match self.queue {
            Some(Queue::New) => "没有待受理的诉求，都接住了。",
            Some(Queue::Calls) => "都联系过了，没有等电话的居民。",
            Some(Queue::Today) => "今天没有到期的诉求。",
            Some(Queue::Accepted) => "没有待派单的诉求。",
            Some(Queue::InProgress) => "没有处理中的诉求。",
            Some(Queue::Escalated) => "没有超期升级的诉求，很好。",
            Some(Queue::Overdue) => "没有超期的诉求，很好。",
            Some(Queue::OnAccount) => "没有挂账的诉求。",
            Some(Queue::Supporting) => "没有请您单位协办的诉求。",
            Some(Queue::FollowUp) => "没有待回访的诉求。",
            Some(Queue::Archived) => "还没有归档的诉求。",
            Some(Queue::Ended) => "没有不予受理、撤回或并案的诉求。",
            None if self.q.is_empty() => "请输入工单号、地点或内容里的几个字。",
            None => "没有找到。换几个字试试，例如只写楼号，或工单号的前几位。",
        }
    }
}

/// Words as a part of an address.
pub(crate) fn escaped(words: &str) -> String {
    words.bytes().fold(String::new(), |mut out, byte| {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' => out.push(byte as char),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_quarter_of_a_limit_is_soon_and_what_is_past_is_late() {
        let begun = Time::from_micros(0);
        let limit = (begun, begun.plus_minutes(400));
        let class =
            |minute| Clock::until("办结", limit, begun.plus_minutes(minute), &Reckoning::natural()).class;
        assert_eq!(
            [class(0), class(299), class(301), class(400), class(401)],
            ["ok", "ok", "soon", "soon", "late"]
        );
    }

    #[test]
    fn words_stay_whole_in_an_address() {
        assert_eq!(escaped("3号楼&a"), "3%E5%8F%B7%E6%A5%BC%26a");
    }
}
