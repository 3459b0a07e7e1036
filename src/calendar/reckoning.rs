//! How a limit is counted: in natural days, or in working days by the calendar that was known then.
//!
//! A limit below one day always runs by the wall clock: a call back within 30 minutes does not wait for Monday. The mode and
//! the calendar that set a clock are named in its version, so that the clock is read later as it was set,
//! whatever the settings say by then.

use std::sync::Arc;

use chrono::TimeDelta;

use super::Calendar;
use crate::clock::words;
use crate::db::{Id, Time, Tx};
use crate::error::Result;
use crate::settings::{self, Clocks, Mode, Version};

/// Minutes of a day: what is shorter runs by the wall clock.
const DAY: i64 = 24 * 60;

/// The shipped calendar, by the last year in it.
const SHIPPED: &str = "calendar-2026";

/// A way of counting limits, as it held at one moment; cheap to clone.
#[derive(Debug, Clone)]
pub struct Reckoning {
    /// Nothing for natural days.
    calendar: Option<Arc<Calendar>>,
    /// Of mode and calendar.
    version: String,
}

impl Reckoning {
    /// In natural days.
    pub fn natural() -> Reckoning {
        Reckoning { calendar: None, version: Mode::Natural.word().to_owned() }
    }

    /// How the clocks were counted that `rules_version` set for what began at `begun`: by the days that were shipped then, and
    /// those that were imported until then. Reads nothing for natural days.
    pub fn of(tx: &mut Tx, community_id: Id, rules_version: &str, begun: Time) -> Result<Reckoning> {
        let working = |part: &str| part.split('@').next() == Some(Mode::Working.word());
        let calendar = match rules_version.split('/').any(working) {
            true => Some(super::known(tx, community_id, begun, shipped_until(rules_version))?),
            false => None,
        };
        Ok(Reckoning { calendar, version: rules_version.to_owned() })
    }

    /// The end of a limit of `minutes` that begins at `begun`.
    pub fn after(&self, begun: Time, minutes: i64) -> Time {
        match &self.calendar {
            Some(calendar) if minutes >= DAY => calendar.after(begun, minutes),
            _ => begun.plus_minutes(minutes),
        }
    }

    /// When the last quarter of a limit begins: it is due soon then. At least two hours before the end of a limit of more
    /// than a day.
    pub fn soon(&self, begun: Time, due: Time) -> Time {
        let share = |whole: i64| if whole > DAY { (whole / 4).max(120) } else { whole / 4 };
        match self.counting(begun, due) {
            Some(calendar) => calendar.before(due, share(calendar.between(begun, due))),
            None => due.plus_minutes(-share((due.0 - begun.0).num_minutes())),
        }
    }

    /// The deadline of a limit whose clock rested from `since` to `now`: as much is left of it as then, counted as the limit
    /// is. Where no working time was left, because it was past or only days of rest were to come, the wall clock counts:
    /// as late, or as near, as it was told then.
    pub fn resumed(&self, (begun, due): (Time, Time), since: Time, now: Time) -> Time {
        let left = self.counting(begun, due).map(|calendar| (calendar, calendar.span(since, due)));
        match left {
            Some((calendar, left)) if left > TimeDelta::zero() => calendar.on(now, left),
            _ => Time(due.0 + (now.0 - since.0)),
        }
    }

    /// The deadline of a limit, set to `due` and counted from `begun`, after its clock rested for all these times.
    pub fn rested(&self, (begun, due): (Time, Time), rests: &[(Time, Time)]) -> Time {
        rests.iter().enumerate().fold(due, |due, (before, (since, until))| {
            let length = (self.begun((begun, due), &rests[..before]), due);
            self.resumed(length, *since, *until)
        })
    }

    /// When a limit would have begun if its clock had never rested, so that its length can be told: a limit below a day
    /// stays one, and its last quarter is a quarter of it, however long it stood on account. `rests` are the times on account.
    pub fn begun(&self, (begun, due): (Time, Time), rests: &[(Time, Time)]) -> Time {
        let plain = rests.iter().fold(begun, |begun, (since, until)| Time(begun.0 + (until.0 - since.0)));
        match self.counting(plain, due) {
            Some(calendar) => rests
                .iter()
                .fold(begun, |begun, (since, until)| calendar.on(begun, calendar.span(*since, *until))),
            None => plain,
        }
    }

    /// The time left of a limit, in words; of working days where it is counted in them. What is overdue is told by
    /// the wall clock.
    pub fn left(&self, (begun, due): (Time, Time), now: Time) -> String {
        match self.counting(begun, due) {
            Some(calendar) if now <= due => {
                let (minutes, plain) = (calendar.between(now, due), (due.0 - now.0).num_minutes());
                match (minutes / DAY, minutes % DAY / 60) {
                    (0, _) if plain > minutes => format!("还剩 {}（休息日不算）", words(minutes)),
                    (0, _) => format!("还剩 {}", words(minutes)),
                    (days, 0) => format!("还剩 {days} 个工作日"),
                    (days, hours) => format!("还剩 {days} 个工作日 {hours} 小时"),
                }
            }
            _ => due.left(now),
        }
    }

    /// What must be said beside a deadline: that the arrangement of a year it runs through was not known when it was set.
    /// Empty where there is nothing to say.
    pub fn caveat(&self, begun: Time, due: Time) -> String {
        match self.unknown(begun, due).as_slice() {
            [] => String::new(),
            [year] => format!("{year} 年放假安排尚未公布，暂按周末推算"),
            [first, .., last] => format!("{first} 至 {last} 年放假安排尚未公布，暂按周末推算"),
        }
    }

    /// What names this way of counting in the version of a clock; with the years whose weekends alone were counted.
    pub fn version(&self, begun: Time, due: Time) -> String {
        let unknown = self.unknown(begun, due).into_iter().map(|year| format!("/weekends-{year}"));
        unknown.fold(self.version.clone(), |version, part| version + &part)
    }

    fn unknown(&self, begun: Time, due: Time) -> Vec<i32> {
        self.counting(begun, due).map_or(Vec::new(), |calendar| calendar.unknown(begun.day(), due.day()))
    }

    /// The calendar, where the limit between the two is counted by it.
    fn counting(&self, begun: Time, due: Time) -> Option<&Calendar> {
        self.calendar.as_deref().filter(|_| (due.0 - begun.0).num_minutes() >= DAY)
    }
}

/// Every way in which limits of a community were ever counted: to be kept, so that nothing is read for each report.
pub struct Reckonings {
    /// Latest first.
    clocks: Vec<Version<Clocks>>,
    /// Latest first; the shipped one where none.
    calendars: Vec<(Time, Arc<Calendar>)>,
}

impl Reckonings {
    /// Natural days, ever.
    pub fn natural() -> Reckonings {
        Reckonings { clocks: Vec::new(), calendars: Vec::new() }
    }

    /// Those of a community; what begins later included.
    pub fn read(tx: &mut Tx, community_id: Id) -> Result<Reckonings> {
        let clocks: Vec<Version<Clocks>> = settings::history(tx, community_id)?;
        let working = clocks.iter().any(|version| version.rules.mode == Mode::Working);
        let calendars = if working { super::all(tx, community_id)? } else { Vec::new() };
        Ok(Reckonings { clocks, calendars })
    }

    /// The one that holds for what begins at `at`.
    pub fn at(&self, at: Time) -> Reckoning {
        let Some(clocks) = self.clocks.iter().find(|version| version.from <= at) else {
            return Reckoning::natural();
        };
        let mode = dated(clocks.rules.mode.word(), clocks.from);
        if clocks.rules.mode == Mode::Natural {
            return Reckoning { calendar: None, version: mode };
        }
        let (calendar, known) = match self.calendars.iter().find(|(from, _)| *from <= at) {
            Some((since, calendar)) => (Arc::clone(calendar), dated(SHIPPED, *since)),
            None => (super::shipped(), SHIPPED.to_owned()),
        };
        Reckoning { calendar: Some(calendar), version: format!("{mode}/{known}") }
    }
}

/// The last year that was shipped when a version was written.
fn shipped_until(version: &str) -> Option<i32> {
    let year = version.split('/').find_map(|part| part.strip_prefix("calendar-"))?;
    year.split('@').next()?.parse().ok()
}

/// A word with the moment since which it holds, where it was not always so.
pub fn dated(word: &str, since: Time) -> String {
    match since.0.timestamp() {
        0 => word.to_owned(),
        _ => format!("{word}@{}", since.local().format("%Y-%m-%dT%H:%M:%S")),
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDateTime;

    use super::*;
    use crate::clock::at_local;

    fn at(text: &str) -> Time {
        at_local(NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap())
    }

    fn working() -> Reckoning {
        Reckoning { calendar: Some(Arc::new(Calendar::shipped().clone())), version: "working".into() }
    }

    #[test]
    fn a_version_names_the_last_year_that_was_shipped_when_it_was_written() {
        let latest = Calendar::shipped().years().next_back().unwrap().year;
        assert_eq!(shipped_until(SHIPPED), Some(latest), "the name goes with the table");
        assert_eq!(
            shipped_until("limits-1/working@2026-01-02T03:04:05/calendar-2025@2026-01-02T03:04:05"),
            Some(2025)
        );
        assert_eq!(shipped_until("limits-1/working/calendar-2025/weekends-2026"), Some(2025));
        assert_eq!(shipped_until("limits-1/natural"), None);
    }

    #[test]
    fn a_call_back_within_half_an_hour_does_not_wait_for_monday() {
        let sunday = at("2026-11-22 10:00");
        assert_eq!(working().after(sunday, 30), at("2026-11-22 10:30"));
        assert_eq!(working().after(sunday, 1439), sunday.plus_minutes(1439));
        assert_eq!(working().after(sunday, 1440), at("2026-11-24 00:00"));
    }

    #[test]
    fn the_remaining_time_is_told_in_working_days() {
        let limit = (at("2026-11-20 17:00"), at("2026-11-25 17:00"));
        assert_eq!(working().left(limit, at("2026-11-20 17:00")), "还剩 3 个工作日");
        assert_eq!(working().left(limit, at("2026-11-22 09:00")), "还剩 2 个工作日 17 小时");
        assert_eq!(working().left(limit, at("2026-11-25 16:30")), "还剩 30 分钟");
        assert_eq!(working().left(limit, at("2026-11-26 17:30")), "超期 1 天");
        let over_the_weekend = (at("2026-11-19 10:00"), at("2026-11-23 10:00"));
        assert_eq!(working().left(over_the_weekend, at("2026-11-20 20:00")), "还剩 14 小时（休息日不算）");
    }

    #[test]
    fn a_clock_that_rested_has_as_much_left_as_before() {
        // Friday 17:00 to Wednesday 17:00: three working days. It rests from Monday noon to Friday noon.
        let limit = (at("2026-11-20 17:00"), at("2026-11-25 17:00"));
        let (since, now) = (at("2026-11-23 12:00"), at("2026-11-27 12:00"));
        assert_eq!(working().resumed(limit, since, now), at("2026-12-01 17:00"), "over the weekend");
        assert_eq!(Reckoning::natural().resumed(limit, since, now), at("2026-11-29 17:00"));
        let late = at("2026-11-26 09:00");
        assert_eq!(working().resumed(limit, late, now), at("2026-11-26 20:00"), "as late as it was");
    }

    #[test]
    fn a_rest_over_days_without_work_takes_nothing_and_gives_nothing() {
        let limit = (at("2026-11-20 17:00"), at("2026-11-25 17:00"));
        let resumed = |since, now| working().resumed(limit, at(since), at(now));
        // Within the weekend: nothing of the limit could have run.
        assert_eq!(resumed("2026-11-21 09:00", "2026-11-22 21:00"), limit.1);
        // From Friday evening to Sunday: three working days less three hours are left, from Monday 00:00.
        assert_eq!(resumed("2026-11-20 20:00", "2026-11-22 10:00"), at("2026-11-25 21:00"));
        // To the second.
        let since = Time(at("2026-11-23 12:00").0 + TimeDelta::seconds(20));
        let now = Time(at("2026-11-24 12:00").0 + TimeDelta::seconds(50));
        assert_eq!(working().resumed(limit, since, now).0, at("2026-11-26 17:00").0 + TimeDelta::seconds(30));
    }

    #[test]
    fn a_rest_over_a_sunday_that_is_worked_counts_that_sunday() {
        // 2026-09-20 is a Sunday that is worked, and 25–27 September are off.
        let limit = (at("2026-09-18 10:00"), at("2026-09-22 10:00"));
        assert_eq!(limit.1, working().after(limit.0, 3 * 1440), "Friday, the worked Sunday, Monday, Tuesday");
        let resumed = working().resumed(limit, at("2026-09-19 08:00"), at("2026-09-20 12:00"));
        assert_eq!(resumed, at("2026-09-22 22:00"), "half of the worked Sunday rested");
        let over_the_feast = working().resumed(limit, at("2026-09-21 10:00"), at("2026-09-26 09:00"));
        assert_eq!(over_the_feast, at("2026-09-29 00:00"), "a working day is left, from Monday 28");
    }

    #[test]
    fn where_only_days_of_rest_were_left_the_wall_clock_counts() {
        // Granted until Sunday evening, put on account on Saturday morning, taken off on Wednesday noon.
        let limit = (at("2026-11-16 09:00"), at("2026-11-22 20:00"));
        let resumed = working().resumed(limit, at("2026-11-21 10:00"), at("2026-11-25 12:00"));
        assert_eq!(resumed, at("2026-11-26 22:00"), "34 hours, as then");
    }

    #[test]
    fn however_long_it_rested_a_limit_keeps_its_length() {
        let (begun, rest) = (at("2026-11-20 09:00"), (at("2026-11-20 10:00"), at("2026-12-10 10:00")));
        // Two hours: by the wall clock, also after twenty days on account, and over a weekend.
        let due = working().resumed((begun, begun.plus_minutes(120)), rest.0, rest.1);
        assert_eq!(due, at("2026-12-10 11:00"));
        let length = (working().begun((begun, due), &[rest]), due);
        assert_eq!(length, (at("2026-12-10 09:00"), due));
        let again = working().resumed(length, at("2026-12-10 10:30"), at("2026-12-12 10:00"));
        assert_eq!(again, at("2026-12-12 10:30"));
        // Four working days: the last quarter is one of them.
        let due = working().resumed((begun, working().after(begun, 4 * 1440)), rest.0, rest.1);
        let length = (working().begun((begun, due), &[rest]), due);
        assert_eq!(working().soon(length.0, due), Calendar::shipped().before(due, 1440));
        assert_eq!(Reckoning::natural().begun((begun, due), &[rest]), begun.plus_minutes(20 * 1440));
    }

    #[test]
    fn a_deadline_in_a_year_without_data_says_so() {
        let (begun, due) = (at("2026-12-28 09:00"), at("2027-01-06 09:00"));
        assert_eq!(working().caveat(begun, due), "2027 年放假安排尚未公布，暂按周末推算");
        assert_eq!(working().version(begun, due), "working/weekends-2027");
        assert_eq!(working().caveat(begun, at("2026-12-31 09:00")), "");
        let natural = Reckoning::natural();
        assert_eq!(
            (natural.caveat(begun, due), natural.version(begun, due)),
            (String::new(), "natural".into())
        );
    }

    #[test]
    fn the_last_quarter_is_soon_and_is_counted_as_the_limit_is() {
        let natural = Reckoning::natural();
        let begun = at("2026-11-19 10:00");
        assert_eq!(natural.soon(begun, begun.plus_minutes(40)), begun.plus_minutes(30));
        assert_eq!(natural.soon(begun, begun.plus_minutes(4 * 1440)), begun.plus_minutes(3 * 1440));
        // Four working days, from Thursday to Wednesday: the last begins on Tuesday.
        assert_eq!(working().soon(begun, working().after(begun, 4 * 1440)), at("2026-11-24 10:00"));
    }
}
