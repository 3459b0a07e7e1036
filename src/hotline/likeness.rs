//! How much a ticket of the hotline looks like one of ours, with the reasons in words.
//!
//! Pure. It proposes and never decides (domain §6.9): the same place and category within thirty days, or the same number
//! written on ours. How alike the words are orders the proposals.

use crate::db::{Id, Time};

/// A matter is looked for so many days before and after.
pub const DAYS: i64 = 30;
/// Words that are alike by at least so much stand in for a category that is not known here.
const ALIKE: f64 = 0.3;
/// From here on it is worth saying.
const SAID: f64 = 0.15;

/// What both sides are compared by.
#[derive(Debug, Clone, Default)]
pub(super) struct Face {
    /// Place and building here, where they are known.
    pub(super) place: Option<Id>,
    pub(super) building: Option<Id>,
    /// Four digits, or two where only level 1 is known; empty where nothing is.
    pub(super) category: String,
    pub(super) at: Option<Time>,
    /// Masked.
    pub(super) words: String,
    /// The number of the hotline; of ours the one that is written on it.
    pub(super) number: String,
}

/// A proposal's weight and its reasons.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Likeness {
    pub(super) score: i64,
    pub(super) reasons: Vec<String>,
}

/// How alike the two are; nothing where they are not worth a person's look.
pub(super) fn compare(theirs: &Face, ours: &Face) -> Option<Likeness> {
    let (Some(theirs_at), Some(ours_at)) = (theirs.at, ours.at) else { return None };
    let same_number = !theirs.number.is_empty() && theirs.number == ours.number;
    let apart = (theirs_at.0 - ours_at.0).num_seconds().abs();
    let near = apart <= DAYS * 86_400;
    let alike = similarity(&theirs.words, &ours.words);
    let place = place(theirs, ours);
    let category = category(theirs, ours);
    let matter = category.is_some() || (theirs.category.is_empty() && alike >= ALIKE);
    let one = same_number || near && place.is_some() && matter;
    if !one {
        return None;
    }
    let mut likeness = Likeness { score: 0, reasons: Vec::new() };
    let mut add = |score: i64, reason: String| {
        likeness.score += score;
        likeness.reasons.push(reason);
    };
    if same_number {
        add(100, "我们的工单上写着这个编号".to_owned());
    }
    if let Some((score, reason)) = place {
        add(score, reason.to_owned());
    }
    if let Some((score, reason)) = category {
        add(score, reason.to_owned());
    }
    let order = if ours_at <= theirs_at { "我们在先" } else { "12345 在先" };
    let days = (theirs_at.day() - ours_at.day()).num_days().abs();
    let closeness = (DAYS - days).max(0) / 3;
    let said =
        if days == 0 { format!("同一天，{order}") } else { format!("相差 {days} 天，{order}") };
    add(closeness, said);
    if alike >= SAID {
        add((alike * 20.0).round() as i64, format!("文字相近 {:.0} %", alike * 100.0));
    }
    Some(likeness)
}

fn place(theirs: &Face, ours: &Face) -> Option<(i64, &'static str)> {
    match (theirs.place, theirs.building) {
        (Some(place), _) if Some(place) == ours.place => Some((40, "同一地点")),
        (_, Some(building)) if Some(building) == ours.building => Some((25, "同一栋楼")),
        _ => None,
    }
}

fn category(theirs: &Face, ours: &Face) -> Option<(i64, &'static str)> {
    let level1 = |code: &str| code.get(..2).map(str::to_owned);
    match (theirs.category.as_str(), ours.category.as_str()) {
        ("", _) | (_, "") => None,
        (theirs, ours) if theirs == ours && theirs.len() == 4 => Some((30, "同一分类")),
        (theirs, ours) if level1(theirs) == level1(ours) => Some((15, "同一大类")),
        _ => None,
    }
}

/// How alike two texts are, between 0 and 1: the pairs of neighbouring signs that both hold (Dice). Signs between words
/// and what is masked say nothing.
fn similarity(one: &str, other: &str) -> f64 {
    let pairs = |text: &str| {
        let signs: Vec<char> = text.chars().filter(|sign| sign.is_alphanumeric()).collect();
        let mut pairs: Vec<(char, char)> = signs.windows(2).map(|two| (two[0], two[1])).collect();
        pairs.sort_unstable();
        pairs.dedup();
        pairs
    };
    let (one, other) = (pairs(one), pairs(other));
    if one.is_empty() || other.is_empty() {
        return 0.0;
    }
    let shared = one.iter().filter(|pair| other.binary_search(pair).is_ok()).count();
    2.0 * shared as f64 / (one.len() + other.len()) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn face(place: Id, category: &str, day: i64, words: &str) -> Face {
        Face {
            place: Some(place),
            building: Some(place),
            category: category.to_owned(),
            at: Some(Time::from_micros(1_700_000_000_000_000).plus_minutes(day * 1440)),
            words: words.to_owned(),
            number: String::new(),
        }
    }

    #[test]
    fn the_same_place_and_category_within_thirty_days_is_proposed_with_its_reasons() {
        let home = Id::new();
        let ours = face(home, "0101", 0, "二层楼道灯不亮");
        let theirs = face(home, "0101", 5, "楼道灯不亮，无人维修");
        let found = compare(&theirs, &ours).unwrap();
        assert_eq!(found.reasons[..3], ["同一地点", "同一分类", "相差 5 天，我们在先"]);
        assert!(found.reasons[3].starts_with("文字相近"), "{:?}", found.reasons);
        for theirs in [
            face(home, "0101", 31, "楼道灯不亮"),
            face(home, "0101", -31, "楼道灯不亮"),
            face(Id::new(), "0101", 5, "楼道灯不亮"),
            face(home, "0201", 5, "楼道灯不亮"),
        ] {
            assert_eq!(compare(&theirs, &ours), None);
        }
        assert!(compare(&face(home, "01", 30, ""), &ours).is_some(), "level 1 alone, on the last day");
    }

    #[test]
    fn alike_words_stand_in_for_a_category_that_is_not_known() {
        let home = Id::new();
        let ours = face(home, "0101", 0, "二层楼道灯不亮");
        assert!(compare(&face(home, "", 1, "楼道灯不亮"), &ours).is_some());
        assert_eq!(compare(&face(home, "", 1, "电梯停运"), &ours), None);
    }

    #[test]
    fn the_number_on_our_ticket_says_it_whatever_else_does_not() {
        let ours = Face { number: "JB1".into(), ..face(Id::new(), "0101", 0, "") };
        let theirs = Face { number: "JB1".into(), ..face(Id::new(), "0201", 90, "") };
        let found = compare(&theirs, &ours).unwrap();
        assert_eq!(found.reasons[0], "我们的工单上写着这个编号");
        assert!(found.score >= 100);
    }

    #[test]
    fn texts_are_alike_by_what_they_share() {
        assert_eq!(similarity("楼道灯不亮", "楼道灯不亮"), 1.0);
        assert_eq!(similarity("楼道灯不亮", "电梯停运了"), 0.0);
        assert_eq!(similarity("", "电梯停运了"), 0.0);
        assert!((0.3..0.9).contains(&similarity("二层楼道灯不亮", "楼道灯不亮，无人修")));
    }
}
