//! Dates as people and programs write them in China, to a naive local moment.
//!
//! Year first, always: 1/5/24 could be January or May and is not guessed. Only a moment with an
//! offset of its own is moved, to the clock of China (UTC+8).

use chrono::{NaiveDate, NaiveDateTime, TimeDelta};

use super::header::half_width;

/// Excel's day 0, for days after its false 29 February 1900.
const EPOCH: (i32, u32, u32) = (1899, 12, 30);
/// Serials that are taken for dates: 1950-01-01 up to 2100-01-01.
const SERIALS: std::ops::Range<f64> = 18_264.0..73_051.0;

/// The moment of an Excel serial, days since the end of 1899, to the nearest second.
pub(super) fn from_serial(serial: f64) -> Option<NaiveDateTime> {
    if !SERIALS.contains(&serial) {
        return None;
    }
    let seconds = TimeDelta::try_seconds((serial * 86_400.0).round() as i64)?;
    let (year, month, day) = EPOCH;
    NaiveDate::from_ymd_opt(year, month, day)?.and_hms_opt(0, 0, 0)?.checked_add_signed(seconds)
}

/// Reads a date with or without a time of day: `2024-01-05`, `2024/1/5 13:04`, `2024.1.5`,
/// `20240105130405`, `2024年1月5日 下午3:04`, `2024年1月5日15时04分`, `2024-01-05T13:04:05+08:00`,
/// an Excel serial, all in half or full width. `None` for anything that is not wholly understood.
pub fn parse_date(text: &str) -> Option<NaiveDateTime> {
    let text: String = text.trim().chars().map(half_width).collect::<String>().to_uppercase();
    if text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') && text.matches('.').count() <= 1 {
        return digits_only(&text);
    }
    let (text, half) = half_of_day(without_weekday(&text));
    let mut rest = Rest(&text);
    let year = rest.number(4..=4)?;
    let separator = rest.one_of(&["-", "/", ".", "年"])?;
    let month = rest.number(1..=2)?;
    rest.one_of(&[if separator == "年" { "月" } else { separator }])?;
    let day = rest.number(1..=2)?;
    rest.one_of(&["日", "号"]);
    let date = checked_date(year, month, day)?;
    rest.spaces();
    rest.one_of(&["T", ","]);
    rest.spaces();
    if rest.0.is_empty() {
        return half.is_none().then(|| date.and_hms_opt(0, 0, 0)).flatten();
    }
    let (hour, minute, second) = time_of_day(&mut rest)?;
    let moment = at(date, hour_of(hour, half)?, minute, second)?;
    rest.spaces();
    moment.checked_add_signed(rest.offset()?)
}

/// `20240105`, `202401051304`, `20240105130405`, or a serial such as `45296.5`.
fn digits_only(text: &str) -> Option<NaiveDateTime> {
    if !matches!(text.len(), 8 | 12 | 14) || text.contains('.') {
        return from_serial(text.parse().ok()?);
    }
    let part = |from: usize, to: usize| text.get(from..to).map_or(Some(0), |digits| digits.parse().ok());
    let date = checked_date(part(0, 4)?, part(4, 6)?, part(6, 8)?)?;
    at(date, part(8, 10)?, part(10, 12)?, part(12, 14)?)
}

fn checked_date(year: u32, month: u32, day: u32) -> Option<NaiveDate> {
    (1900..=2100).contains(&year).then(|| NaiveDate::from_ymd_opt(year as i32, month, day)).flatten()
}

/// 24:00 is the midnight that ends the day.
fn at(date: NaiveDate, hour: u32, minute: u32, second: u32) -> Option<NaiveDateTime> {
    match (hour, minute, second) {
        (24, 0, 0) => date.succ_opt()?.and_hms_opt(0, 0, 0),
        _ => date.and_hms_opt(hour, minute, second),
    }
}

fn time_of_day(rest: &mut Rest<'_>) -> Option<(u32, u32, u32)> {
    let hour = rest.number(1..=2)?;
    match rest.one_of(&[":", "时", "点"])? {
        ":" => {
            let minute = rest.number(2..=2)?;
            if rest.one_of(&[":"]).is_none() {
                return Some((hour, minute, 0));
            }
            let second = rest.number(2..=2)?;
            if rest.one_of(&["."]).is_some() {
                rest.number(1..=9)?;
            }
            Some((hour, minute, second))
        }
        _ => {
            let Some(minute) = rest.number(1..=2) else { return Some((hour, 0, 0)) };
            rest.one_of(&["分"]);
            let Some(second) = rest.number(1..=2) else { return Some((hour, minute, 0)) };
            rest.one_of(&["秒"])?;
            Some((hour, minute, second))
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Half {
    Morning,
    Noon,
    Afternoon,
}

/// Takes the word for the half of the day out of the text.
fn half_of_day(text: String) -> (String, Option<Half>) {
    const WORDS: [(&str, Half); 10] = [
        ("上午", Half::Morning),
        ("凌晨", Half::Morning),
        ("早上", Half::Morning),
        ("早晨", Half::Morning),
        ("中午", Half::Noon),
        ("下午", Half::Afternoon),
        ("傍晚", Half::Afternoon),
        ("晚上", Half::Afternoon),
        ("AM", Half::Morning),
        ("PM", Half::Afternoon),
    ];
    match WORDS.iter().find(|(word, _)| text.contains(word)) {
        Some((word, half)) => (text.replacen(word, " ", 1).trim().to_owned(), Some(*half)),
        None => (text, None),
    }
}

fn hour_of(hour: u32, half: Option<Half>) -> Option<u32> {
    match (half, hour) {
        (None, hour) => Some(hour),
        (Some(Half::Morning), 12) => Some(0),
        (Some(Half::Morning), 0..=11) => Some(hour),
        (Some(Half::Noon), 11..=13) => Some(hour),
        (Some(Half::Noon), 1 | 2) => Some(hour + 12),
        (Some(Half::Afternoon), 1..=11) => Some(hour + 12),
        (Some(Half::Afternoon), 12..=23) => Some(hour),
        _ => None,
    }
}

fn without_weekday(text: &str) -> String {
    let mut text = text.to_owned();
    for day in ["一", "二", "三", "四", "五", "六", "日", "天"] {
        for word in ["星期", "周"] {
            text = text.replace(&format!("({word}{day})"), " ").replace(&format!("{word}{day}"), " ");
        }
    }
    text.trim().to_owned()
}

/// What is still to be read.
struct Rest<'a>(&'a str);

impl<'a> Rest<'a> {
    fn number(&mut self, digits: std::ops::RangeInclusive<usize>) -> Option<u32> {
        let length = self.0.bytes().take_while(u8::is_ascii_digit).count();
        if !digits.contains(&length) {
            return None;
        }
        let (number, rest) = self.0.split_at(length);
        self.0 = rest;
        number.parse().ok()
    }

    fn one_of<'w>(&mut self, words: &[&'w str]) -> Option<&'w str> {
        let (word, rest) = words.iter().find_map(|word| Some((*word, self.0.strip_prefix(word)?)))?;
        self.0 = rest;
        Some(word)
    }

    fn spaces(&mut self) {
        self.0 = self.0.trim_start();
    }

    /// How far the written clock must be moved to show the time of China; nothing else may follow.
    fn offset(&mut self) -> Option<TimeDelta> {
        if self.0.is_empty() {
            return Some(TimeDelta::zero());
        }
        if self.one_of(&["Z"]).is_some() {
            return self.0.is_empty().then(|| TimeDelta::hours(8));
        }
        let sign = if self.one_of(&["+", "-"])? == "+" { 1 } else { -1 };
        let digits = self.0.replace(':', "");
        if digits.len() != 4 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let (hours, minutes) = (digits[..2].parse::<i64>().ok()?, digits[2..].parse::<i64>().ok()?);
        Some(TimeDelta::minutes(8 * 60 - sign * (60 * hours + minutes)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_in_every_form_that_city_systems_write() {
        for (text, wanted) in [
            ("2024-01-05", "2024-01-05 00:00:00"),
            ("2024/1/5", "2024-01-05 00:00:00"),
            ("2024.1.5", "2024-01-05 00:00:00"),
            ("20240105", "2024-01-05 00:00:00"),
            ("2024年1月5日", "2024-01-05 00:00:00"),
            (" ２０２４年１月５日 ", "2024-01-05 00:00:00"),
            ("2024/1/5 13:04", "2024-01-05 13:04:00"),
            ("2024-01-05 13:04:05", "2024-01-05 13:04:05"),
            ("2024-01-05 13:04:05.987", "2024-01-05 13:04:05"),
            ("2024-01-05T13:04:05+08:00", "2024-01-05 13:04:05"),
            ("2024-01-05T05:04:05Z", "2024-01-05 13:04:05"),
            ("2024-01-05T00:04:05-0500", "2024-01-05 13:04:05"),
            ("202401051304", "2024-01-05 13:04:00"),
            ("20240105130405", "2024-01-05 13:04:05"),
            ("2024年1月5日 下午3:04", "2024-01-05 15:04:00"),
            ("2024年1月5日下午3时4分", "2024-01-05 15:04:00"),
            ("2024年1月5日15时04分05秒", "2024-01-05 15:04:05"),
            ("2024年1月5日 星期五 15：04", "2024-01-05 15:04:00"),
            ("2024/1/5(周五) 9点", "2024-01-05 09:00:00"),
            ("2024/1/5 上午 12:05", "2024-01-05 00:05:00"),
            ("2024/1/5 下午 12:05", "2024-01-05 12:05:00"),
            ("2024/1/5 中午 12:30", "2024-01-05 12:30:00"),
            ("2024/1/5 晚上8:30", "2024-01-05 20:30:00"),
            ("2024/1/5 凌晨2:30", "2024-01-05 02:30:00"),
            ("2024/1/5 3:04:05 pm", "2024-01-05 15:04:05"),
            ("2024-12-31 24:00", "2025-01-01 00:00:00"),
            ("45296", "2024-01-05 00:00:00"),
            ("45296.544444444444", "2024-01-05 13:04:00"),
            ("1988-07-01 12:00", "1988-07-01 12:00:00"),
        ] {
            let read = parse_date(text).map(|moment| moment.to_string());
            assert_eq!(read.as_deref(), Some(wanted), "{text}");
        }
    }

    #[test]
    fn what_is_not_wholly_understood_is_no_date() {
        for text in [
            "",
            "1/5/24",
            "5-1-2024",
            "2024-13-01",
            "2024-02-30",
            "2024-1",
            "2024年",
            "昨天",
            "12",
            "490多",
            "2024-01-05 25:00",
            "2024-01-05 13:60",
            "2024-01/05",
            "2024-01-05 13:04 左右",
            "0024-01-05",
            "2024-01-05 下午",
            "2024/1/5 晚上0:30",
            "20241305",
            "999999",
            "1.2.3",
            "2024-01-05T13:04+8",
            "−45296",
        ] {
            assert_eq!(parse_date(text), None, "{text}");
        }
    }

    #[test]
    fn a_serial_is_rounded_to_the_second_and_bounded() {
        assert_eq!(from_serial(45_296.999_999_999).unwrap().to_string(), "2024-01-06 00:00:00");
        for serial in [0.0, 12.0, 490.0, 1e9, -45_296.0, f64::NAN, f64::INFINITY] {
            assert_eq!(from_serial(serial), None);
        }
    }
}
