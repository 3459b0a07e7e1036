//! Sentences that set two years side by side.
//!
//! A number that is only roughly known never yields an exact percentage, and no sentence says why a number
//! changed: the counts stand beside each other, nothing more (domain §1).

/// A number of cases of a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Amount {
    /// How many.
    pub cases: i64,
    /// Whether that is only roughly known.
    pub approximate: bool,
}

impl Amount {
    /// `196 件`, `490 多件`, `约 196 件`. People say 多 of round numbers only.
    pub fn words(&self) -> String {
        match (self.approximate, self.cases) {
            (false, cases) => format!("{cases} 件"),
            (true, cases) if cases > 0 && cases % 10 == 0 => format!("{cases} 多件"),
            (true, cases) => format!("约 {cases} 件"),
        }
    }
}

/// Shares of a roughly known number are rounded to this many percent.
const ROUGH: f64 = 5.0;
/// Below this a percentage of the earlier number says little.
const SMALL: i64 = 10;

/// 「由 490 多件降至 196 件（约 −60 %）」.
///
/// Nothing where either number is missing. From fewer than 10 the percentage carries 「基数小」; from 0 there is none.
pub fn change(before: Option<Amount>, after: Option<Amount>) -> Option<String> {
    let (before, after) = (before?, after?);
    if before == after || before.cases + after.cases == 0 {
        return Some(format!("均为{}，持平", spaced(&before)));
    }
    let rough = before.approximate || after.approximate;
    let (from, to) = (spaced(&before), spaced(&after));
    if before.cases == 0 {
        return Some(format!("由{from}升至{to}"));
    }
    let percent = 100.0 * (after.cases - before.cases) as f64 / before.cases as f64;
    // Two roughly known numbers this close cannot be told apart.
    if rough && percent.abs() < ROUGH / 2.0 {
        return Some(format!("由{from}到{to}，基本持平"));
    }
    let verb = if percent < 0.0 { "降至" } else { "升至" };
    let small = if before.cases < SMALL { "，基数小" } else { "" };
    Some(format!("由{from}{verb}{to}（{}{small}）", signed(percent, rough)))
}

/// The whole sentence, with the years: also says which year is missing.
pub fn years(what: &str, first: (i32, Option<Amount>), second: (i32, Option<Amount>)) -> String {
    let ((year, before), (next, after)) = (first, second);
    match change(before, after) {
        Some(words) => format!("{what}：{year} 年至 {next} 年，{words}。"),
        None => {
            let missing = if before.is_none() { year } else { next };
            format!("{what}：{missing} 年没有完整的数，不作比较。")
        }
    }
}

/// With a blank between Chinese and the digits.
fn spaced(amount: &Amount) -> String {
    let words = amount.words();
    if words.starts_with(|sign: char| sign.is_ascii_digit()) { format!(" {words}") } else { words }
}

/// How a roughly known number differs from another, in percent: 「约 −60 %」, 「基本持平」 where they cannot be told apart.
pub fn rough_percent(percent: f64) -> String {
    if percent.abs() < ROUGH / 2.0 { "基本持平".to_owned() } else { signed(percent, true) }
}

/// A percentage with a proper minus; a rough one in steps of five with 约.
fn signed(percent: f64, rough: bool) -> String {
    let sign = if percent < 0.0 { '−' } else { '+' };
    if rough {
        return format!("约 {sign}{:.0} %", (percent.abs() / ROUGH).round() * ROUGH);
    }
    format!("{sign}{:.1} %", percent.abs())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn exact(cases: i64) -> Option<Amount> {
        Some(Amount { cases, approximate: false })
    }
    fn rough(cases: i64) -> Option<Amount> {
        Some(Amount { cases, approximate: true })
    }
    fn said(before: Option<Amount>, after: Option<Amount>) -> String {
        change(before, after).unwrap()
    }

    #[test]
    fn the_story_is_told_as_it_was_reported() {
        assert_eq!(said(rough(490), exact(196)), "由 490 多件降至 196 件（约 −60 %）");
        assert_eq!(
            years("12345 接诉即办量", (2023, rough(490)), (2024, exact(196))),
            "12345 接诉即办量：2023 年至 2024 年，由 490 多件降至 196 件（约 −60 %）。"
        );
    }

    #[test]
    fn exact_numbers_give_one_decimal() {
        assert_eq!(said(exact(490), exact(196)), "由 490 件降至 196 件（−60.0 %）");
        assert_eq!(said(exact(196), exact(211)), "由 196 件升至 211 件（+7.7 %）");
    }

    #[test]
    fn a_rough_number_never_gives_a_sharp_percentage() {
        assert_eq!(said(rough(300), exact(196)), "由 300 多件降至 196 件（约 −35 %）");
        assert_eq!(said(exact(200), rough(207)), "由 200 件升至约 207 件（约 +5 %）");
        assert_eq!(said(rough(490), exact(487)), "由 490 多件到 487 件，基本持平");
    }

    #[test]
    fn equal_zero_small_and_missing_each_have_their_words() {
        assert_eq!(said(exact(196), exact(196)), "均为 196 件，持平");
        assert_eq!(said(rough(490), rough(490)), "均为 490 多件，持平");
        assert_eq!(said(exact(0), exact(5)), "由 0 件升至 5 件");
        assert_eq!(said(exact(5), exact(0)), "由 5 件降至 0 件（−100.0 %，基数小）");
        assert_eq!(change(None, exact(5)), None);
        assert_eq!(
            years("12345 接诉即办量", (2023, rough(490)), (2024, None)),
            "12345 接诉即办量：2024 年没有完整的数，不作比较。"
        );
    }

    proptest! {
        #[test]
        fn no_sentence_says_why(before in 0i64..2000, after in 0i64..2000, first: bool, second: bool) {
            let said = years(
                "12345 接诉即办量",
                (2023, Some(Amount { cases: before, approximate: first })),
                (2024, Some(Amount { cases: after, approximate: second })),
            );
            for word in ["因", "由于", "使", "导致", "得益", "带来", "促", "归功", "让", "靠", "后"] {
                prop_assert!(!said.contains(word), "{}", said);
            }
            if first || second {
                prop_assert!(!said.contains('.'), "{}", said);
            }
            prop_assert!(!said.contains("NaN") && !said.contains("inf"), "{}", said);
        }
    }
}
