//! Arithmetic on working days: how far, how long, from where.
//!
//! Working days are laid end to end, each of 24 hours; days of rest have no length. What begins on a day of rest begins
//! with the next working day (00:00). N days after 15:20 is 15:20 of the Nth working day after, so no deadline
//! falls on a day of rest. Pure; Asia/Shanghai.

use chrono::{NaiveDate, TimeDelta};

use super::Calendar;
use crate::clock::midnight;
use crate::db::Time;

const DAY: i64 = 24 * 60 * 60 * 1_000_000;
const MINUTE: i64 = 60 * 1_000_000;

impl Calendar {
    /// The moment `minutes` of working days after `from`.
    pub fn after(&self, from: Time, minutes: i64) -> Time {
        self.on(from, TimeDelta::minutes(minutes))
    }

    /// The moment `span` of working days after `from`, to the microsecond.
    pub fn on(&self, from: Time, span: TimeDelta) -> Time {
        let (mut day, into) = self.place(from);
        let reach = into + span.num_microseconds().unwrap_or(0);
        for _ in 0..reach.div_euclid(DAY) {
            day = self.next(day);
        }
        moment(day, reach.rem_euclid(DAY))
    }

    /// The moment `minutes` of working days before `to`.
    pub fn before(&self, to: Time, minutes: i64) -> Time {
        let (mut day, into) = self.place(to);
        let reach = into - minutes * MINUTE;
        for _ in reach.div_euclid(DAY)..0 {
            day = self.previous(day);
        }
        moment(day, reach.rem_euclid(DAY))
    }

    /// The minutes of working days from `from` to `to`; 0 where `to` is not later.
    pub fn between(&self, from: Time, to: Time) -> i64 {
        self.span(from, to).num_minutes()
    }

    /// The time of working days from `from` to `to`, to the microsecond; nothing where `to` is not later.
    pub fn span(&self, from: Time, to: Time) -> TimeDelta {
        let ((mut day, begun), (last, ended)) = (self.place(from), self.place(to));
        let mut days = 0;
        while day < last {
            day = self.next(day);
            days += 1;
        }
        TimeDelta::microseconds(if day > last { 0 } else { (days * DAY + ended - begun).max(0) })
    }

    /// Where a moment lies: the working day and the microseconds into it. What lies in days of rest lies at the
    /// beginning of the next working day.
    fn place(&self, at: Time) -> (NaiveDate, i64) {
        let day = at.day();
        if self.works(day) {
            return (day, (at.0 - midnight(day).0).num_microseconds().unwrap_or(0));
        }
        (self.next(day), 0)
    }
}

fn moment(day: NaiveDate, into: i64) -> Time {
    Time(midnight(day).0 + TimeDelta::microseconds(into))
}

#[cfg(test)]
mod tests {
    use chrono::{Days, NaiveDateTime};
    use proptest::prelude::*;

    use super::*;
    use crate::clock::at_local;

    fn at(text: &str) -> Time {
        at_local(NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap())
    }

    #[test]
    fn seven_days_before_the_spring_festival_end_after_it() {
        let calendar = Calendar::shipped();
        // 2026: off 15–23 February; Saturdays 14 and 28 are worked.
        assert_eq!(calendar.after(at("2026-02-12 15:20"), 7 * 1440), at("2026-02-28 15:20"));
        assert_eq!(calendar.between(at("2026-02-12 15:20"), at("2026-02-28 15:20")), 7 * 1440);
        assert_eq!(calendar.before(at("2026-02-28 15:20"), 7 * 1440), at("2026-02-12 15:20"));
    }

    #[test]
    fn what_comes_on_a_day_of_rest_counts_from_the_next_working_days_beginning() {
        let calendar = Calendar::shipped();
        // 2026-09-19 is a Saturday, and the Sunday after it is worked.
        assert_eq!(calendar.after(at("2026-09-19 23:00"), 1440), at("2026-09-21 00:00"));
        assert_eq!(calendar.after(at("2026-10-03 08:00"), 2 * 1440), at("2026-10-10 00:00"));
        assert_eq!(calendar.between(at("2026-10-01 00:00"), at("2026-10-07 23:59")), 0);
    }

    #[test]
    fn a_day_and_a_half_goes_on_in_the_next_working_day() {
        assert_eq!(Calendar::shipped().after(at("2026-11-26 18:00"), 2160), at("2026-11-30 06:00"));
    }

    #[test]
    fn a_year_without_data_counts_its_weekends() {
        let calendar = Calendar::shipped();
        assert_eq!(calendar.after(at("2030-09-30 09:00"), 1440), at("2030-10-01 09:00"));
        assert_eq!(calendar.after(at("2030-10-04 09:00"), 1440), at("2030-10-07 09:00"));
        assert_eq!(calendar.unknown(at("2026-12-30 09:00").day(), at("2027-01-08 09:00").day()), [2027]);
    }

    /// Minute by minute, as somebody would on paper.
    fn walked(calendar: &Calendar, from: Time, minutes: i64) -> Time {
        let mut at = from;
        while !calendar.works(at.day()) {
            at = midnight(at.day() + Days::new(1));
        }
        for _ in 0..minutes {
            at = at.plus_minutes(1);
            while !calendar.works(at.day()) {
                at = at.plus_minutes(1440);
            }
        }
        at
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn adding_is_walking_minute_by_minute(from in 0i64..5 * 525_600, minutes in 0i64..12_000) {
            let from = at("2023-01-01 00:00").plus_minutes(from);
            let calendar = Calendar::shipped();
            prop_assert_eq!(calendar.after(from, minutes), walked(calendar, from, minutes));
        }

        #[test]
        fn there_and_back_and_what_lies_between_agree(from in 0i64..5 * 525_600, minutes in 0i64..40_000) {
            let from = at("2023-01-01 00:00").plus_minutes(from);
            let calendar = Calendar::shipped();
            let due = calendar.after(from, minutes);
            prop_assert!(calendar.works(due.day()), "no deadline on a day of rest");
            prop_assert!(due >= from.plus_minutes(minutes), "never shorter than in natural days");
            prop_assert_eq!(calendar.between(from, due), minutes);
            prop_assert_eq!(calendar.before(due, minutes), calendar.after(from, 0));
            prop_assert!(calendar.after(from.plus_minutes(1), minutes) >= due, "later in is later out");
            prop_assert!(calendar.after(from, minutes + 1) > due);
        }

        #[test]
        fn without_days_of_rest_working_days_are_natural_days(from in 0i64..525_600, minutes in 0i64..40_000) {
            let days = (0..1000).map(|after| "2025-01-01".parse::<NaiveDate>().unwrap() + Days::new(after));
            let kind = super::super::DayKind::Workday;
            let calendar = Calendar { days: days.map(|day| (day, kind)).collect(), ..Calendar::default() };
            let from = at("2025-01-01 00:00").plus_minutes(from);
            prop_assert_eq!(calendar.after(from, minutes), from.plus_minutes(minutes));
            prop_assert_eq!(calendar.before(from.plus_minutes(minutes), minutes), from);
        }
    }
}
