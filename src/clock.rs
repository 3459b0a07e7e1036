//! Time as the users know it: Asia/Shanghai, half-open periods, and durations in words.
//!
//! Bounds of periods are computed here and passed to queries as `[from, to)`, so that one query
//! serves both databases. Stored moments are UTC ([`Time`]).

use chrono::{Datelike, Days, Months, NaiveDate, NaiveDateTime, NaiveTime, TimeZone};
use chrono_tz::Asia::Shanghai;

use crate::db::Time;
use crate::error::{Error, Result};

impl Time {
    /// The day in Shanghai.
    pub fn day(self) -> NaiveDate {
        self.local().date()
    }

    /// The wall clock in Shanghai.
    pub fn local(self) -> NaiveDateTime {
        self.0.with_timezone(&Shanghai).naive_local()
    }

    /// `2025年6月3日 14:05`.
    pub fn long(self) -> String {
        let at = self.local();
        format!("{}年{}月{}日 {}", at.year(), at.month(), at.day(), at.format("%H:%M"))
    }

    /// `06-03 14:05`, for lists.
    pub fn short(self) -> String {
        self.local().format("%m-%d %H:%M").to_string()
    }

    /// The time left until `self`, in words: 「还剩 3 小时」, 「超期 2 天」. Both parts are rounded down.
    pub fn left(self, now: Time) -> String {
        let minutes = (self.0 - now.0).num_minutes();
        if self < now { format!("超期 {}", words(-minutes)) } else { format!("还剩 {}", words(minutes)) }
    }
}

/// A number of minutes in words, as people say it: 「25 分钟」, 「3 小时」, 「2 天 5 小时」.
pub fn words(minutes: i64) -> String {
    match minutes {
        ..1 => "不到 1 分钟".to_owned(),
        1..60 => format!("{minutes} 分钟"),
        60..1440 if minutes % 60 == 0 || minutes >= 600 => format!("{} 小时", minutes / 60),
        60..1440 => format!("{} 小时 {} 分钟", minutes / 60, minutes % 60),
        _ if minutes % 1440 < 60 || minutes >= 14_400 => format!("{} 天", minutes / 1440),
        _ => format!("{} 天 {} 小时", minutes / 1440, minutes % 1440 / 60),
    }
}

/// The first moment of `day` in Shanghai. Clocks there once sprang forward (1986–1991, at 02:00),
/// never over midnight, so every day has one.
pub fn midnight(day: NaiveDate) -> Time {
    at_local(day.and_time(NaiveTime::MIN))
}

/// The moment at which the wall clock in Shanghai shows `local`; the earlier one where it shows it twice,
/// and the moment of the change where it never does.
pub fn at_local(local: NaiveDateTime) -> Time {
    match Shanghai.from_local_datetime(&local) {
        chrono::LocalResult::Single(at) | chrono::LocalResult::Ambiguous(at, _) => Time(at.to_utc()),
        chrono::LocalResult::None => at_local(local + chrono::TimeDelta::hours(1)).plus_minutes(-60),
    }
}

/// Which kind of period: the two months are never mixed (domain §5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PeriodKind {
    /// 自然月, from the 1st.
    Month,
    /// 考核月: from the 19th of the previous month up to the 19th.
    AssessmentMonth,
    /// 自然年.
    Year,
}

impl PeriodKind {
    /// Every kind.
    pub const ALL: [PeriodKind; 3] = [PeriodKind::Month, PeriodKind::AssessmentMonth, PeriodKind::Year];

    /// As it stands in rows and addresses.
    pub fn word(self) -> &'static str {
        match self {
            PeriodKind::Month => "month",
            PeriodKind::AssessmentMonth => "assessment_month",
            PeriodKind::Year => "year",
        }
    }

    /// The kind of that word.
    pub fn of_word(word: &str) -> Option<PeriodKind> {
        PeriodKind::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// In Chinese, as printed on every report.
    pub fn label(self) -> &'static str {
        match self {
            PeriodKind::Month => "自然月",
            PeriodKind::AssessmentMonth => "考核月",
            PeriodKind::Year => "自然年",
        }
    }
}

/// A span of time `[from, to)` with midnights of Shanghai as its bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, utoipa::ToSchema)]
pub struct Period {
    /// Month, assessment month or year.
    pub kind: PeriodKind,
    /// The year and month that name it; January for a year.
    #[schema(value_type = String, format = Date)]
    pub named: NaiveDate,
    /// The first moment inside.
    pub from: Time,
    /// The first moment after.
    pub to: Time,
}

impl Period {
    /// The period of `kind` that `year` and `month` name, or none where there is no such date.
    pub fn new(kind: PeriodKind, year: i32, month: u32) -> Option<Period> {
        let month = if kind == PeriodKind::Year { 1 } else { month };
        let named = NaiveDate::from_ymd_opt(year, month, 1).filter(|_| (1900..=9000).contains(&year))?;
        let (first, after) = match kind {
            PeriodKind::Month => (named, named + Months::new(1)),
            PeriodKind::AssessmentMonth => {
                let nineteenth = named + Days::new(18);
                (nineteenth - Months::new(1), nineteenth)
            }
            PeriodKind::Year => (named, named + Months::new(12)),
        };
        Some(Period { kind, named, from: midnight(first), to: midnight(after) })
    }

    /// Reads `2025-06` as a month of `kind`, or `2025` as a year.
    pub fn parse(kind: PeriodKind, text: &str) -> Result<Period> {
        let wrong = || Error::invalid("period", "月份请写成 2025-06 这样，年份请写成 2025");
        let (year, month) = match text.trim().split_once('-') {
            Some((year, month)) => (year, month.parse().map_err(|_| wrong())?),
            None => (text.trim(), 1),
        };
        let kind = if text.contains('-') { kind } else { PeriodKind::Year };
        Period::new(kind, year.parse().map_err(|_| wrong())?, month).ok_or_else(wrong)
    }

    /// The period of this kind in which `at` lies.
    pub fn of(kind: PeriodKind, at: Time) -> Period {
        let mut day = at.day();
        if kind == PeriodKind::AssessmentMonth && day.day() >= 19 {
            day = day.with_day(1).unwrap_or(day) + Months::new(1);
        }
        // A moment that the database holds lies far inside what dates can name.
        Period::new(kind, day.year(), day.month()).unwrap_or(Period { kind, named: day, from: at, to: at })
    }

    /// The one before, of the same kind.
    pub fn previous(self) -> Period {
        let back = if self.kind == PeriodKind::Year { 12 } else { 1 };
        let named = self.named - Months::new(back);
        Period::new(self.kind, named.year(), named.month()).unwrap_or(self)
    }

    /// The same period of last year.
    pub fn last_year(self) -> Period {
        Period::new(self.kind, self.named.year() - 1, self.named.month()).unwrap_or(self)
    }

    /// Whether `at` lies inside.
    pub fn contains(self, at: Time) -> bool {
        self.from <= at && at < self.to
    }

    /// `2025-06`, or `2025` for a year: for file names and URLs.
    pub fn word(self) -> String {
        let form = if self.kind == PeriodKind::Year { "%Y" } else { "%Y-%m" };
        self.named.format(form).to_string()
    }

    /// `2025年6月`, or `2025年`: for people.
    pub fn label(self) -> String {
        match self.kind {
            PeriodKind::Year => format!("{}年", self.named.year()),
            _ => format!("{}年{}月", self.named.year(), self.named.month()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(text: &str) -> Time {
        at_local(NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").unwrap())
    }

    #[test]
    fn the_last_second_of_the_year_belongs_to_december_and_the_next_to_january() {
        let december = Period::new(PeriodKind::Month, 2024, 12).unwrap();
        assert!(december.contains(at("2024-12-31 23:59:59")));
        assert!(!december.contains(at("2025-01-01 00:00:00")));
        assert_eq!(december.to.0.to_rfc3339(), "2024-12-31T16:00:00+00:00");
    }

    #[test]
    fn the_assessment_month_runs_from_the_19th_to_the_19th_over_the_year_end() {
        let january = Period::new(PeriodKind::AssessmentMonth, 2025, 1).unwrap();
        assert_eq!((january.from, january.to), (at("2024-12-19 00:00:00"), at("2025-01-19 00:00:00")));
        assert_eq!(Period::of(PeriodKind::AssessmentMonth, at("2024-12-18 23:59:59")).word(), "2024-12");
        assert_eq!(Period::of(PeriodKind::AssessmentMonth, at("2024-12-19 00:00:00")).word(), "2025-01");
    }

    #[test]
    fn february_of_a_leap_year_has_29_days() {
        let february = Period::new(PeriodKind::Month, 2024, 2).unwrap();
        assert_eq!((february.to.0 - february.from.0).num_days(), 29);
        assert!(february.contains(at("2024-02-29 12:00:00")));
    }

    #[test]
    fn remaining_time_is_said_in_words() {
        let now = at("2025-06-03 12:00:00");
        assert_eq!(now.plus_minutes(25).left(now), "还剩 25 分钟");
        assert_eq!(now.plus_minutes(-180).left(now), "超期 3 小时");
        assert_eq!(now.plus_minutes(2 * 1440 + 300).left(now), "还剩 2 天 5 小时");
        assert_eq!(now.left(now), "还剩 不到 1 分钟");
    }

    #[test]
    fn what_is_no_month_is_refused_with_a_sentence() {
        for text in ["", "2025-13", "2025-", "-", "今年", "99999-01", "0-1"] {
            assert!(Period::parse(PeriodKind::Month, text).is_err(), "{text}");
        }
        assert_eq!(Period::parse(PeriodKind::Month, "2025").unwrap().kind, PeriodKind::Year);
    }

    proptest! {
        #[test]
        fn every_moment_lies_in_exactly_one_period_of_each_kind(micros in 0i64..4_000_000_000_000_000) {
            let moment = Time::from_micros(micros);
            for kind in [PeriodKind::Month, PeriodKind::AssessmentMonth, PeriodKind::Year] {
                let period = Period::of(kind, moment);
                prop_assert!(period.contains(moment));
                prop_assert_eq!(period.previous().to, period.from);
                prop_assert!(!period.previous().contains(moment));
            }
        }
    }
}
