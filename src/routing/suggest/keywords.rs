//! The shipped table of keywords: what answers until the installation has closed enough tickets of its own.
//!
//! A word that stands under several categories says less; a longer one says more. How often such a guess is right is
//! said with caution: the shipped reports come out better, but whoever wrote the table knew them. What it is worth in a
//! community is counted there.

use std::sync::LazyLock;

/// A category and the words that speak for it, each with its weight.
struct Row {
    code: String,
    words: Vec<(String, f64)>,
}

/// In how many of a hundred cases a guess counts as right that leads the second by at least so much.
pub const CAUTIOUS: &[(f64, i32)] = &[(2.0, 75), (1.0, 65), (0.5, 45), (0.0, 20)];

static TABLE: LazyLock<Vec<Row>> = LazyLock::new(|| {
    let mut reader = csv::Reader::from_reader(include_str!("../../../defaults/keywords.csv").as_bytes());
    let rows: Vec<(String, String)> = reader.deserialize().filter_map(Result::ok).collect();
    let under =
        |word: &str| rows.iter().filter(|(_, words)| words.split('、').any(|each| each == word)).count();
    let weight = |word: &str| (word.chars().count() as f64).sqrt() / under(word).max(1) as f64;
    let row = |(code, words): &(String, String)| Row {
        code: code.clone(),
        words: words.split('、').map(|word| (word.to_owned(), weight(word))).collect(),
    };
    rows.iter().map(row).collect()
});

/// Every word of the table.
pub(super) fn words() -> impl Iterator<Item = &'static str> {
    TABLE.iter().flat_map(|row| row.words.iter().map(|(word, _)| word.as_str()))
}

/// Every category of the table.
pub(super) fn codes() -> impl Iterator<Item = &'static str> {
    TABLE.iter().map(|row| row.code.as_str())
}

/// The categories whose words stand in the text, each with the weight of those words.
pub(super) fn scores(text: &str) -> Vec<(&'static str, f64)> {
    let score = |row: &Row| {
        let found = row.words.iter().filter(|(word, _)| text.contains(word.as_str()));
        found.map(|(_, weight)| weight).sum::<f64>()
    };
    let scores = TABLE.iter().map(|row| (row.code.as_str(), score(row)));
    scores.filter(|(_, score)| *score > 0.0).collect()
}

/// The category whose words stand in the text, and in how many of a hundred such cases that is right.
pub fn guess(text: &str) -> Option<(String, i32)> {
    let (code, lead) = best(text)?;
    let band = CAUTIOUS.iter().find(|(least, _)| lead >= *least);
    band.map(|(_, percent)| (code, *percent))
}

/// The best category and how far it lies before the second.
pub fn best(text: &str) -> Option<(String, f64)> {
    let mut scores = scores(text);
    scores.sort_by(|one, other| other.1.total_cmp(&one.1));
    let second = scores.get(1).map_or(0.0, |(_, score)| *score);
    scores.first().map(|(code, score)| ((*code).to_owned(), score - second))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_category_of_the_tree_has_words_and_every_word_a_category() {
        let mut tree = csv::Reader::from_reader(include_str!("../../../defaults/categories.csv").as_bytes());
        let codes: Vec<String> = tree.records().map(|row| row.unwrap()[0].to_owned()).collect();
        let known: Vec<String> = TABLE.iter().map(|row| row.code.clone()).collect();
        assert_eq!(codes, known);
        assert!(
            TABLE
                .iter()
                .all(|row| row.words.len() >= 4 && row.words.iter().all(|(word, _)| !word.is_empty()))
        );
    }

    #[test]
    fn the_percentages_are_not_better_than_on_the_shipped_reports() {
        let mut reader =
            csv::Reader::from_reader(include_str!("../../../defaults/demo_reports.csv").as_bytes());
        let reports: Vec<(String, String)> = reader.deserialize().map(|row| row.unwrap()).collect();
        let mut from = f64::INFINITY;
        let mut all = (0, 0);
        for (least, percent) in CAUTIOUS {
            let band = reports.iter().filter_map(|(code, text)| Some((code, best(text)?)));
            let band: Vec<bool> = band
                .filter(|(_, (_, lead))| (*least..from).contains(lead))
                .map(|(code, (guessed, _))| guessed == *code)
                .collect();
            let (right, seen) = (band.iter().filter(|right| **right).count(), band.len());
            println!("lead {least}..{from}: {right} of {seen} right, shown as {percent} %");
            assert!(seen < 4 || right * 100 >= seen * *percent as usize, "{least}: {right} of {seen}");
            (from, all) = (*least, (all.0 + right, all.1 + seen));
        }
        println!(
            "keywords: {} of {} reports right, {} without a guess",
            all.0,
            reports.len(),
            reports.len() - all.1
        );
        assert!(all.0 * 2 > reports.len(), "at least half: {all:?} of {}", reports.len());
    }

    #[test]
    fn words_that_nobody_knows_give_no_guess() {
        assert_eq!(guess("嗯嗯啊啊"), None);
    }
}
