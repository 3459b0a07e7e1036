//! The number of a ticket: readable on the phone, with a check character that catches a slip.
//!
//! `<prefix><yyMMdd><daily sequence, 4 digits or more><check>`, ISO 7064 MOD 37,36 over all before it.
//! The number alone opens nothing.

use chrono::{Datelike, NaiveDate};

const SIGNS: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// The number of the `sequence`th ticket of a community on a day.
pub fn number(prefix: &str, day: NaiveDate, sequence: i32) -> String {
    let body = format!("{prefix}{:02}{:02}{:02}{sequence:04}", day.year() % 100, day.month(), day.day());
    let check = check(&body);
    format!("{body}{check}")
}

/// The number a person typed: upper case, without separators, and only if its check character holds.
pub fn parse(typed: &str) -> Option<String> {
    let text = bare(typed);
    let (body, last) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let long_enough = body.len() >= 12 && body.len() <= 24 && body.bytes().all(|sign| SIGNS.contains(&sign));
    (long_enough && last.chars().eq([check(body)])).then_some(text)
}

/// The beginning of a number that a person typed: the letters of the community, year and month, and what follows.
/// Nothing for other words: those of two letters and some digits are about something else more often than not.
pub fn begun(prefix: &str, typed: &str) -> Option<String> {
    let text = bare(typed);
    let rest = text.strip_prefix(prefix)?;
    let month = matches!(rest.get(2..4)?.parse(), Ok(1..=12));
    let (digits, last) = rest.split_at_checked(rest.len() - 1)?;
    let fits = digits.bytes().all(|sign| sign.is_ascii_digit()) && SIGNS.contains(&last.bytes().next()?);
    (month && fits && text.len() <= 25).then_some(text)
}

/// The end of a number that a person typed, from the daily sequence on, as it is read out on the phone: 「尾号 0001」,
/// 「0001T」. Upper case.
pub fn tail(word: &str) -> Option<String> {
    let text = bare(word);
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let checked = digits + 1 == text.len() && SIGNS.contains(text.as_bytes().last()?);
    (digits >= 4 && (checked || digits == text.len())).then_some(text)
}

/// Upper case, half width, without separators.
fn bare(typed: &str) -> String {
    let keep = |sign: &char| !sign.is_whitespace() && !matches!(sign, '-' | '－' | '_' | '·');
    typed.chars().filter(keep).map(half_width).collect::<String>().to_uppercase()
}

fn half_width(sign: char) -> char {
    match sign {
        '！'..='～' => char::from_u32(sign as u32 - 0xfee0).unwrap_or(sign),
        other => other,
    }
}

/// ISO 7064 MOD 37,36 (hybrid system): one check character for digits and letters.
fn check(body: &str) -> char {
    let mut product = 36;
    for sign in body.bytes() {
        let value = SIGNS.iter().position(|each| *each == sign).unwrap_or(0);
        let sum = match (product + value) % 36 {
            0 => 36,
            sum => sum,
        };
        product = sum * 2 % 37;
    }
    SIGNS[(37 - product) % 36] as char
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_number_reads_as_prefix_day_and_sequence() {
        let number = number("TGY", NaiveDate::from_ymd_opt(2025, 6, 3).unwrap(), 7);
        assert!(number.starts_with("TGY2506030007") && number.len() == 14, "{number}");
        assert_eq!(parse(&format!(" {}-{} ", &number[..3].to_lowercase(), &number[3..])), Some(number));
    }

    #[test]
    fn the_check_character_is_the_standards() {
        // The example of ISO 7064 for MOD 37,36 in use: GRid A1-2425G-ABC1234002-M.
        assert_eq!(check("A12425GABC1234002"), 'M');
    }

    #[test]
    fn the_ten_thousandth_of_a_day_is_wider() {
        let number = number("AB", NaiveDate::from_ymd_opt(2025, 6, 3).unwrap(), 10_000);
        assert!(number.starts_with("AB25060310000"));
        assert_eq!(parse(&number), Some(number));
    }

    #[test]
    fn the_beginning_of_a_number_has_letters_year_and_month() {
        let begun = |typed: &str| begun("TGY", typed);
        for typed in
            ["TGY2609", "tgy 26-09", "ＴＧＹ２６０９", "TGY260901", "TGY2609010001", "tgy-260901-0001T"]
        {
            let found = begun(typed).unwrap();
            assert!("TGY2609010001T".starts_with(&found), "{typed}: {found}");
        }
        let other = [
            "12345",
            "1201",
            "wifi",
            "TGY",
            "TGY26",
            "TGY261",
            "TGY2613",
            "TGY2600",
            "TGN2609",
            "TGY26090T1",
            "TGY楼道",
        ];
        for typed in other {
            assert_eq!(begun(typed), None, "{typed}");
        }
    }

    #[test]
    fn the_end_of_a_number_is_its_sequence_with_or_without_the_check_character() {
        assert_eq!(tail("0001").as_deref(), Some("0001"));
        assert_eq!(tail("２６０９０１０００１").as_deref(), Some("2609010001"));
        assert_eq!(tail("0001t").as_deref(), Some("0001T"));
        for other in ["", "001", "001T", "wifi", "T0001", "00T1", "0001楼", "3号楼"] {
            assert_eq!(tail(other), None, "{other}");
        }
    }

    proptest! {
        #[test]
        fn one_wrong_sign_is_noticed(sequence in 1..99_999i32, place in 0..14usize, sign in 0..36usize) {
            let right = number("TGY", NaiveDate::from_ymd_opt(2025, 6, 3).unwrap(), sequence);
            let mut wrong = right.clone().into_bytes();
            wrong[place] = SIGNS[sign];
            let wrong = String::from_utf8(wrong).unwrap();
            prop_assert_eq!(parse(&wrong).is_some(), wrong == right);
        }
    }
}
