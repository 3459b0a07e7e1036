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
        for kind in PeriodKind::ALL {
            let period = Period::of(kind, moment);
            prop_assert!(period.contains(moment));
            prop_assert!(!period.previous().contains(moment));
            prop_assert_eq!(Period::parse(kind, &period.word()).unwrap(), period);
            if kind != PeriodKind::YearToDate {
                prop_assert_eq!(period.previous().to, period.from);
            }
            if let Some(earlier) = period.last_year() {
                prop_assert_eq!(earlier.year(), period.year() - 1);
                prop_assert!(!earlier.contains(moment));
                let then = period.moment_in(moment, earlier);
                prop_assert!(earlier.from <= then && then <= earlier.to, "{} {:?}", then.long(), earlier);
            }
        }
    }
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn spans(kind: PeriodKind, word: &str) -> (String, String) {
    let period = Period::parse(kind, word).unwrap();
    let said = |at: Time| at.local().format("%Y-%m-%d %H:%M").to_string();
    (said(period.from), said(period.to))
}

#[test]
fn each_kind_begins_and_ends_where_people_say() {
    use PeriodKind::*;
    for (kind, word, from, to) in [
        (Day, "2024-12-31", "2024-12-31 00:00", "2025-01-01 00:00"),
        (Day, "2024-02-29", "2024-02-29 00:00", "2024-03-01 00:00"),
        (Week, "2025-W01", "2024-12-30 00:00", "2025-01-06 00:00"),
        (Week, "2025-06-08", "2025-06-02 00:00", "2025-06-09 00:00"),
        (Month, "2024-02", "2024-02-01 00:00", "2024-03-01 00:00"),
        (AssessmentMonth, "2025-01", "2024-12-19 00:00", "2025-01-19 00:00"),
        (Quarter, "2025-Q4", "2025-10-01 00:00", "2026-01-01 00:00"),
        (Year, "2024", "2024-01-01 00:00", "2025-01-01 00:00"),
        (YearToDate, "2024-02-29", "2024-01-01 00:00", "2024-03-01 00:00"),
    ] {
        assert_eq!(spans(kind, word), (from.to_owned(), to.to_owned()), "{kind:?} {word}");
    }
}

#[test]
fn the_turn_of_the_year_divides_every_kind_but_the_week_and_the_assessment_month() {
    let (last, first) = (at("2024-12-31 23:59:59"), at("2025-01-01 00:00:00"));
    for kind in PeriodKind::ALL {
        let same = Period::of(kind, last) == Period::of(kind, first);
        let across = matches!(kind, PeriodKind::Week | PeriodKind::AssessmentMonth);
        assert_eq!(same, across, "{kind:?}");
    }
    assert_eq!(Period::of(PeriodKind::Week, last).word(), "2025-W01");
}

#[test]
fn what_last_year_did_not_have_is_no_base() {
    let of = |kind, word| Period::parse(kind, word).unwrap().last_year().map(Period::word);
    assert_eq!(of(PeriodKind::Day, "2024-02-29"), None);
    assert_eq!(of(PeriodKind::Day, "2025-02-28").as_deref(), Some("2024-02-28"));
    assert_eq!(of(PeriodKind::Week, "2020-W53"), None);
    assert_eq!(of(PeriodKind::Week, "2021-W01").as_deref(), Some("2020-W01"));
    assert_eq!(of(PeriodKind::YearToDate, "2024-02-29").as_deref(), Some("2023-02-28"));
    assert_eq!(of(PeriodKind::Quarter, "2025-Q1").as_deref(), Some("2024-Q1"));
}

#[test]
fn an_unfinished_period_stands_beside_as_much_of_the_earlier_one() {
    let half = |kind, word: &str, now: &str, earlier: fn(Period) -> Period| {
        let period = Period::parse(kind, word).unwrap();
        period.moment_in(at(now), earlier(period)).local().format("%Y-%m-%d %H:%M").to_string()
    };
    let before: fn(Period) -> Period = Period::previous;
    let ago: fn(Period) -> Period = |period| period.last_year().unwrap();
    assert_eq!(half(PeriodKind::Day, "2025-06-03", "2025-06-03 14:05:00", before), "2025-06-02 14:05");
    assert_eq!(half(PeriodKind::Week, "2025-W23", "2025-06-04 09:00:00", before), "2025-05-28 09:00");
    assert_eq!(half(PeriodKind::Week, "2025-W23", "2025-06-04 09:00:00", ago), "2024-06-05 09:00");
    assert_eq!(half(PeriodKind::Month, "2025-03", "2025-03-31 10:00:00", before), "2025-02-28 10:00");
    assert_eq!(half(PeriodKind::Quarter, "2025-Q2", "2025-05-20 10:00:00", before), "2025-02-20 10:00");
    assert_eq!(half(PeriodKind::YearToDate, "2025-05-20", "2025-05-20 10:00:00", ago), "2024-05-20 10:00");
}

/// From 1986 to 1991 the clocks of Shanghai went forward in spring and back in autumn.
#[test]
fn days_of_summer_time_have_23_and_25_hours_and_leave_no_gap() {
    let hours = |text: &str| {
        let period = Period::on(PeriodKind::Day, day(text)).unwrap();
        (period.to.0 - period.from.0).num_hours()
    };
    assert_eq!([hours("1986-05-04"), hours("1986-09-14"), hours("1987-07-01")], [23, 25, 24]);
    for kind in [PeriodKind::Day, PeriodKind::Week, PeriodKind::Month, PeriodKind::Quarter] {
        let mut period = Period::on(kind, day("1992-01-06")).unwrap();
        while period.named > day("1985-12-01") {
            assert_eq!(period.previous().to, period.from, "{kind:?} {}", period.word());
            assert_eq!(Period::of(kind, period.from), period);
            assert_eq!(Period::of(kind, Time::from_micros(period.to.0.timestamp_micros() - 1)), period);
            period = period.previous();
        }
    }
}

/// The other tests of this file again, on a server that stands elsewhere.
#[test]
fn no_bound_depends_on_where_the_server_stands() {
    if std::env::var_os("LOUMA_TEST_ELSEWHERE").is_some() {
        return;
    }
    for zone in ["UTC", "America/New_York"] {
        let ran = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["clock::tests", "--test-threads=1"])
            .envs([("TZ", zone), ("LOUMA_TEST_ELSEWHERE", "1")])
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&ran.stdout);
        assert!(ran.status.success() && said.contains("test result: ok"), "{zone}: {said}");
        assert!(said.contains("each_kind_begins_and_ends_where_people_say ... ok"), "{zone}: {said}");
    }
}
