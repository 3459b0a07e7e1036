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
    /// 日.
    Day,
    /// 周, from Monday.
    Week,
    /// 自然月, from the 1st.
    Month,
    /// 考核月: from the 19th of the previous month up to the 19th.
    AssessmentMonth,
    /// 季度, from the 1st of January, April, July or October.
    Quarter,
    /// 自然年.
    Year,
    /// 年初至今: from 1 January up to the end of a day.
    YearToDate,
}

impl PeriodKind {
    /// Every kind, the shortest first.
    pub const ALL: [PeriodKind; 7] = [
        PeriodKind::Day,
        PeriodKind::Week,
        PeriodKind::Month,
        PeriodKind::AssessmentMonth,
        PeriodKind::Quarter,
        PeriodKind::Year,
        PeriodKind::YearToDate,
    ];

    /// In Chinese, as printed on every report.
    pub fn label(self) -> &'static str {
        match self {
            PeriodKind::Day => "日",
            PeriodKind::Week => "周",
            PeriodKind::Month => "自然月",
            PeriodKind::AssessmentMonth => "考核月",
            PeriodKind::Quarter => "季度",
            PeriodKind::Year => "自然年",
            PeriodKind::YearToDate => "年初至今",
        }
    }

    /// What a report of one is called: 月报.
    pub fn report(self) -> &'static str {
        match self {
            PeriodKind::Day => "日报",
            PeriodKind::Week => "周报",
            PeriodKind::Month | PeriodKind::AssessmentMonth => "月报",
            PeriodKind::Quarter => "季报",
            PeriodKind::Year => "年报",
            PeriodKind::YearToDate => "年初至今报表",
        }
    }

    /// In which periods a chart of one goes: of a year in months, of any other in its own kind.
    pub fn series(self) -> PeriodKind {
        match self {
            PeriodKind::Year | PeriodKind::YearToDate => PeriodKind::Month,
            kind => kind,
        }
    }

    /// For URLs; the same as in JSON.
    pub fn word(self) -> &'static str {
        match self {
            PeriodKind::Day => "day",
            PeriodKind::Week => "week",
            PeriodKind::Month => "month",
            PeriodKind::AssessmentMonth => "assessment_month",
            PeriodKind::Quarter => "quarter",
            PeriodKind::Year => "year",
            PeriodKind::YearToDate => "year_to_date",
        }
    }

    /// The kind with this word.
    pub fn of_word(word: &str) -> Option<PeriodKind> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// A span of time `[from, to)` with midnights of Shanghai as its bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, utoipa::ToSchema)]
pub struct Period {
    /// Day, week, month, quarter, year or year to date.
    pub kind: PeriodKind,
    /// What names it: the day, the Monday of a week, the first of a month, a quarter or a year; of a year to date its
    /// last day. An assessment month is named by the month in which it ends.
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
        Period::on(kind, NaiveDate::from_ymd_opt(year, month, 1)?)
    }

    /// The period of `kind` that `day` names; nothing beyond the years that reports are made of.
    pub fn on(kind: PeriodKind, day: NaiveDate) -> Option<Period> {
        let january = NaiveDate::from_ymd_opt(day.year(), 1, 1)?;
        let named = match kind {
            PeriodKind::Day | PeriodKind::YearToDate => day,
            PeriodKind::Week => day - Days::new(u64::from(day.weekday().num_days_from_monday())),
            PeriodKind::Month | PeriodKind::AssessmentMonth => day.with_day(1)?,
            PeriodKind::Quarter => january + Months::new(day.month0() / 3 * 3),
            PeriodKind::Year => january,
        };
        let (first, after) = match kind {
            PeriodKind::Day => (named, named + Days::new(1)),
            PeriodKind::Week => (named, named + Days::new(7)),
            PeriodKind::Month => (named, named + Months::new(1)),
            PeriodKind::AssessmentMonth => {
                let nineteenth = named + Days::new(18);
                (nineteenth - Months::new(1), nineteenth)
            }
            PeriodKind::Quarter => (named, named + Months::new(3)),
            PeriodKind::Year => (named, named + Months::new(12)),
            PeriodKind::YearToDate => (january, named + Days::new(1)),
        };
        let known = (1900..=9000).contains(&named.year());
        known.then(|| Period { kind, named, from: midnight(first), to: midnight(after) })
    }

    /// Reads what [`Period::word`] says of a period of `kind`; `2025` alone is always a year.
    pub fn parse(kind: PeriodKind, text: &str) -> Result<Period> {
        let text = text.trim();
        let kind = if text.contains('-') { kind } else { PeriodKind::Year };
        let wrong = || {
            Error::invalid(
                "period",
                match kind {
                    PeriodKind::Day | PeriodKind::YearToDate => "日期请写成 2025-06-03 这样",
                    PeriodKind::Week => "周请写成 2025-W23，或写这一周里的一天：2025-06-03",
                    PeriodKind::Quarter => "季度请写成 2025-Q2 这样",
                    _ => "月份请写成 2025-06 这样，年份请写成 2025",
                },
            )
        };
        let (year, rest) = text.split_once('-').unwrap_or((text, "1"));
        let year: i32 = year.parse().map_err(|_| wrong())?;
        let number = |text: &str| text.parse::<u32>().map_err(|_| wrong());
        let found = match kind {
            PeriodKind::Week if rest.starts_with('W') => {
                let monday = NaiveDate::from_isoywd_opt(year, number(&rest[1..])?, chrono::Weekday::Mon);
                monday.and_then(|monday| Period::on(kind, monday))
            }
            PeriodKind::Day | PeriodKind::Week | PeriodKind::YearToDate => {
                text.parse().ok().and_then(|day| Period::on(kind, day))
            }
            PeriodKind::Quarter => {
                let quarter = number(rest.strip_prefix('Q').ok_or_else(wrong)?)?;
                (1..=4).contains(&quarter).then(|| Period::new(kind, year, quarter * 3)).flatten()
            }
            _ => Period::new(kind, year, number(rest)?),
        };
        found.ok_or_else(wrong)
    }

    /// The period of this kind in which `at` lies.
    pub fn of(kind: PeriodKind, at: Time) -> Period {
        Period::around(kind, at.day()).unwrap_or(Period { kind, named: at.day(), from: at, to: at })
    }

    /// The period of this kind in which `day` lies.
    pub fn around(kind: PeriodKind, day: NaiveDate) -> Option<Period> {
        let day = match kind {
            PeriodKind::AssessmentMonth if day.day() >= 19 => day.with_day(1)? + Months::new(1),
            _ => day,
        };
        // A moment that the database holds lies far inside what dates can name.
        Period::on(kind, day)
    }

    /// The one before, of the same kind; before a year to date comes that of last year.
    pub fn previous(self) -> Period {
        let named = match self.kind {
            PeriodKind::Day => self.named - Days::new(1),
            PeriodKind::Week => self.named - Days::new(7),
            PeriodKind::Month | PeriodKind::AssessmentMonth => self.named - Months::new(1),
            PeriodKind::Quarter => self.named - Months::new(3),
            PeriodKind::Year | PeriodKind::YearToDate => self.named - Months::new(12),
        };
        Period::on(self.kind, named).unwrap_or(self)
    }

    /// The same period of last year: of a week the one with the same number. There is none for 29 February, and for a
    /// 53rd week where last year had 52. A year to date up to 29 February stands beside one up to 28 February.
    pub fn last_year(self) -> Option<Period> {
        let named = match self.kind {
            PeriodKind::Day => self.named.with_year(self.named.year() - 1)?,
            PeriodKind::Week => {
                let week = self.named.iso_week();
                NaiveDate::from_isoywd_opt(week.year() - 1, week.week(), chrono::Weekday::Mon)?
            }
            _ => self.named - Months::new(12),
        };
        Period::on(self.kind, named)
    }

    /// The moment that lies as deep in an earlier period of this kind as `at` lies in this one: the same wall clock, so
    /// many days or months before. Never later than its end.
    pub fn moment_in(self, at: Time, earlier: Period) -> Time {
        let local = match self.kind {
            PeriodKind::Day | PeriodKind::Week => at.local() - (self.named - earlier.named),
            _ => {
                let months = |day: NaiveDate| day.year() * 12 + day.month0() as i32;
                at.local() - Months::new((months(self.named) - months(earlier.named)).unsigned_abs())
            }
        };
        at_local(local).min(earlier.to)
    }

    /// The year that it belongs to: of a week the year of its number.
    pub fn year(self) -> i32 {
        if self.kind == PeriodKind::Week { self.named.iso_week().year() } else { self.named.year() }
    }

    /// Whether `at` lies inside.
    pub fn contains(self, at: Time) -> bool {
        self.from <= at && at < self.to
    }

    /// `2025-06`, `2025-06-03`, `2025-W23`, `2025-Q2` or `2025`: for file names and URLs.
    pub fn word(self) -> String {
        match self.kind {
            PeriodKind::Day | PeriodKind::YearToDate => self.named.to_string(),
            PeriodKind::Week => self.named.format("%G-W%V").to_string(),
            PeriodKind::Month | PeriodKind::AssessmentMonth => self.named.format("%Y-%m").to_string(),
            PeriodKind::Quarter => format!("{}-Q{}", self.named.year(), self.named.month0() / 3 + 1),
            PeriodKind::Year => self.named.year().to_string(),
        }
    }

    /// `2025年6月`, `2025年第23周`, `2025年`: for people.
    pub fn label(self) -> String {
        let (year, month, day) = (self.year(), self.named.month(), self.named.day());
        match self.kind {
            PeriodKind::Day => format!("{year}年{month}月{day}日"),
            PeriodKind::Week => format!("{year}年第{}周", self.named.iso_week().week()),
            PeriodKind::Month | PeriodKind::AssessmentMonth => format!("{year}年{month}月"),
            PeriodKind::Quarter => format!("{year}年第{}季度", month.div_ceil(3)),
            PeriodKind::Year => format!("{year}年"),
            PeriodKind::YearToDate => format!("{year}年1月1日至{month}月{day}日"),
        }
    }
}

#[cfg(test)]
mod tests;
