//! The clocks of a ticket, found again from its events alone: by somebody with the history, the table of categories, the
//! table of days and a pencil. Nothing of the product's own clocks or calendar is used.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use chrono::{Datelike, Days, NaiveDate, TimeDelta, Weekday};
use louma::clock::midnight;
use louma::db::Time;
use louma::routing::Category;
use louma::settings::Mode;
use louma::tickets::{Event, Status, Ticket};
use serde_json::Value;

const DAY: TimeDelta = TimeDelta::days(1);

/// The days as the shipped table names them.
static DAYS: LazyLock<BTreeMap<NaiveDate, bool>> = LazyLock::new(|| {
    let lines = include_str!("../../defaults/calendar.csv").lines().skip(1);
    let day = |line: &str| {
        let mut cells = line.split(',');
        (cells.next().unwrap().parse().unwrap(), cells.next().unwrap() == "workday")
    };
    lines.map(day).collect()
});

fn works(day: NaiveDate) -> bool {
    let weekend = matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
    DAYS.get(&day).copied().unwrap_or(!weekend)
}

/// The end of a limit as somebody would find it with the table and a pencil.
pub fn by_hand(begun: Time, minutes: i64, mode: Mode) -> Time {
    match mode == Mode::Natural || minutes < 1440 {
        true => begun.plus_minutes(minutes),
        false => on_paper(begun, TimeDelta::minutes(minutes)),
    }
}

/// So much of working days after a moment: day after day is crossed out until nothing is left.
fn on_paper(from: Time, mut left: TimeDelta) -> Time {
    let mut at = from;
    loop {
        let tomorrow = midnight(at.day() + Days::new(1));
        if works(at.day()) {
            let today = tomorrow.0 - at.0;
            if left < today {
                return Time(at.0 + left);
            }
            left -= today;
        }
        at = tomorrow;
    }
}

/// How much of working days lies between two moments.
fn worked(from: Time, to: Time) -> TimeDelta {
    let (mut at, mut sum) = (from, TimeDelta::zero());
    while at < to {
        let end = midnight(at.day() + Days::new(1)).min(to);
        if works(at.day()) {
            sum += end.0 - at.0;
        }
        at = end;
    }
    sum
}

/// What the events of a ticket say its clocks must be.
#[derive(Clone)]
pub struct Recount {
    mode: Mode,
    begun: Time,
    first_contact_due: Time,
    make_safe_due: Option<Time>,
    pub due_at: Time,
    open_due_at: Option<Time>,
    first_contact_at: Option<Time>,
    safe_at: Option<Time>,
    closed_at: Option<Time>,
    suspended_at: Option<Time>,
    escalated: Option<String>,
    /// Whether the limit is shorter than a day, which runs by the wall clock.
    short: bool,
    /// The same of the first contact.
    short_contact: bool,
    /// Whether more time was granted once.
    extended: bool,
    rests: Vec<(Time, Time)>,
    rounds: i32,
    returns: i32,
    pub reworked_at: Option<Time>,
    /// What rang, and when.
    rung: BTreeSet<(String, Time)>,
}

fn read(event: &Event) -> Value {
    serde_json::from_str(&event.data).unwrap_or_default()
}

fn moment(value: &Value) -> Time {
    serde_json::from_value(value.clone()).unwrap()
}

impl Recount {
    /// From the first event, which says when it was reported and as what.
    pub fn begin(first: &Event, categories: &[Category], mode: Mode) -> Recount {
        let data = read(first);
        let begun = moment(&data["submitted_at"]);
        let mut clocks = Recount {
            mode,
            begun,
            first_contact_due: by_hand(begun, 1440, mode),
            make_safe_due: None,
            due_at: by_hand(begun, 10_080, mode),
            open_due_at: None,
            first_contact_at: None,
            safe_at: None,
            closed_at: None,
            suspended_at: None,
            escalated: None,
            short: false,
            short_contact: false,
            extended: false,
            rests: Vec::new(),
            rounds: 0,
            returns: 0,
            reworked_at: None,
            rung: BTreeSet::new(),
        };
        if let Some(code) = data["category"].as_str() {
            clocks.limit(code, categories);
        }
        clocks.open_due_at = Some(clocks.due_at);
        clocks
    }

    /// What follows from one more event.
    pub fn add(&mut self, event: &Event, categories: &[Category]) {
        let data = read(event);
        match event.act.as_str() {
            "categorize" => {
                let before = self.due_at;
                self.limit(data["category"][1].as_str().unwrap(), categories);
                if self.extended && before > self.due_at {
                    self.grant(before);
                }
            }
            "extend" => {
                self.extended = true;
                self.grant(moment(&data["due_at"][1]));
            }
            "suspend" => self.suspended_at = Some(event.at),
            "resume" => {
                let rest = (self.suspended_at.take().unwrap(), event.at);
                self.due_at = self.rested((self.due_at, self.short), rest);
                if self.first_contact_at.is_none() {
                    let contact = (self.first_contact_due, self.short_contact);
                    self.first_contact_due = self.rested(contact, rest);
                }
                self.rests.push(rest);
            }
            "contact" if data["contact"] != "no_answer" && self.first_contact_at.is_none() => {
                self.first_contact_at = Some(event.at);
                if let Some(since) = self.suspended_at {
                    let contact = (self.first_contact_due, self.short_contact);
                    self.first_contact_due = self.rested(contact, (since, event.at));
                }
            }
            "make_safe" => self.safe_at = Some(event.at),
            "close" | "pass_on" => self.closed_at = Some(event.at),
            "rework" => {
                self.rounds += 1;
                self.reworked_at = Some(event.at);
                self.escalated = None;
            }
            "return" => self.returns += 1,
            _ => {}
        }
        if let Some(alarm) = data["alarm"].as_str() {
            let fresh = self.rung.insert((alarm.to_owned(), event.at));
            assert!(fresh, "{alarm} rang twice in one moment");
            if event.act == "escalate" {
                self.escalated = Some(alarm.to_owned());
            }
        }
        let running = matches!(event.to_status, Status::New | Status::Accepted | Status::InProgress);
        self.open_due_at = (running && self.suspended_at.is_none()).then_some(self.due_at);
    }

    fn limit(&mut self, code: &str, categories: &[Category]) {
        let category = categories.iter().find(|each| each.code == code).unwrap();
        let end = |minutes: i32| by_hand(self.begun, i64::from(minutes), self.mode);
        self.first_contact_due = end(category.first_contact_minutes);
        self.make_safe_due = category.make_safe_minutes.map(end);
        self.due_at = end(category.deadline_minutes);
        self.short = category.deadline_minutes < 1440;
        self.short_contact = category.first_contact_minutes < 1440;
        for rest in self.rests.clone() {
            self.due_at = self.rested((self.due_at, self.short), rest);
            // Until somebody was reached, the first contact rested too.
            let until = self.first_contact_at.map_or(rest.1, |at| rest.1.min(at));
            if until > rest.0 {
                let contact = (self.first_contact_due, self.short_contact);
                self.first_contact_due = self.rested(contact, (rest.0, until));
            }
        }
    }

    /// A deadline that a person set.
    fn grant(&mut self, due: Time) {
        let rested: TimeDelta = self.rests.iter().map(|(since, until)| until.0 - since.0).sum();
        self.due_at = due;
        self.short = due.0 - self.begun.0 - rested < DAY;
    }

    /// As much is left afterwards as before: of working days, where these count and some were left; else by the wall clock.
    fn rested(&self, (due, short): (Time, bool), (since, until): (Time, Time)) -> Time {
        let left = worked(since, due);
        match self.mode == Mode::Working && !short && left > TimeDelta::zero() {
            true => on_paper(until, left),
            false => Time(due.0 + (until.0 - since.0)),
        }
    }

    /// Whether the row says the same.
    pub fn agrees(&self, ticket: &Ticket, tale: &str) {
        let Recount { first_contact_due, make_safe_due, due_at, open_due_at, .. } = self.clone();
        assert_eq!(ticket.submitted_at, self.begun, "{tale}");
        assert_eq!(
            (ticket.first_contact_due, ticket.make_safe_due),
            (first_contact_due, make_safe_due),
            "{tale}"
        );
        assert_eq!((ticket.due_at, ticket.open_due_at), (due_at, open_due_at), "{tale}");
        assert_eq!(ticket.suspended_at, self.suspended_at, "{tale}");
        assert_eq!(
            (ticket.first_contact_at, ticket.safe_at),
            (self.first_contact_at, self.safe_at),
            "{tale}"
        );
        assert_eq!(ticket.closed_at, self.closed_at, "{tale}");
        assert_eq!((ticket.rounds, ticket.returns), (self.rounds, self.returns), "{tale}");
        let escalated = ticket.escalated.map(|level| level.word().to_owned());
        assert_eq!(escalated, self.escalated, "{tale}");
    }
}
