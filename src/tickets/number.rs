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
    let keep = |sign: &char| !sign.is_whitespace() && !matches!(sign, '-' | '－' | '_' | '·');
    let text: String = typed.chars().filter(keep).map(half_width).collect::<String>().to_uppercase();
    let (body, last) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let long_enough = body.len() >= 12 && body.len() <= 24 && body.bytes().all(|sign| SIGNS.contains(&sign));
    (long_enough && last.chars().eq([check(body)])).then_some(text)
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
