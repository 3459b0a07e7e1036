//! A multinomial naive Bayes classifier over words, and how far its guesses can be trusted.
//!
//! The shipped keywords speak beside the words that were learnt: they decide where little is known, and are outvoted
//! where much is. What is sent again and again in the same words counts as little more than once.
//!
//! Its percentages are measured, not computed: a fifth of the texts at a time is guessed by a model that learnt from the
//! others, equal texts always on the same side, and what was right at each strength becomes the percentage. Memory is
//! bounded: at most [`WORDS`] words, none that stands in fewer than [`SEEN`] different texts (a name, a number plate).

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{keywords, words};

/// A text and the category that people gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Example {
    pub text: String,
    pub category: String,
}

/// Words that are remembered at most.
const WORDS: usize = 20_000;
/// Different texts in which a word must have stood.
const SEEN: usize = 3;
/// Parts of which each is guessed once from the others.
const FOLDS: u64 = 5;
/// Strengths that are told apart.
const BANDS: usize = 10;
/// What is added to each count, so that an unseen word does not rule a category out.
const SMOOTHING: f64 = 0.2;
/// How often equal texts count at most: a robot's words are no common opinion.
const TWINS: usize = 3;
/// What the keywords of a category weigh, in the logarithms of the classifier.
const KEYWORDS: f64 = 4.0;

/// What was learnt.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Model {
    classes: Vec<Class>,
    /// For each word, how often it stood in each class.
    counts: HashMap<String, Vec<(u16, u32)>>,
    /// In how many of a hundred cases a guess of each strength was right.
    percents: [i32; BANDS],
}

#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
struct Class {
    code: String,
    examples: u32,
    words: u32,
}

/// An example, cut.
struct Cut<'a> {
    words: Vec<String>,
    /// What the shipped keywords say.
    hints: Vec<(&'static str, f64)>,
    category: &'a str,
    /// Equal for equal texts.
    twin: u64,
}

impl Model {
    /// Learns from examples and measures itself on them.
    pub fn learn(examples: &[Example]) -> Model {
        let mut twins: HashMap<(u64, &str), usize> = HashMap::new();
        let mut cut: Vec<Cut> = examples.iter().map(Cut::new).collect();
        cut.retain(|each| {
            let same = twins.entry((each.twin, each.category)).or_default();
            *same += 1;
            *same <= TWINS
        });
        let mut model = Model::count(cut.iter());
        model.percents = measure(&cut);
        model
    }

    fn count<'a>(examples: impl Iterator<Item = &'a Cut<'a>> + Clone) -> Model {
        let mut codes: BTreeMap<&str, u32> = keywords::codes().map(|code| (code, 0)).collect();
        let mut texts: HashMap<&str, HashSet<u64>> = HashMap::new();
        for example in examples.clone() {
            *codes.entry(example.category).or_default() += 1;
            for word in &example.words {
                texts.entry(word).or_default().insert(example.twin);
            }
        }
        let mut often: Vec<(&str, usize)> = texts.iter().map(|(word, texts)| (*word, texts.len())).collect();
        often.retain(|(_, texts)| *texts >= SEEN);
        often.sort_by_key(|(word, texts)| (std::cmp::Reverse(*texts), *word));
        let kept: HashSet<&str> = often.into_iter().take(WORDS).map(|(word, _)| word).collect();
        let place: HashMap<&str, u16> = codes.keys().zip(0..).map(|(code, place)| (*code, place)).collect();
        let classes =
            codes.iter().map(|(code, seen)| Class { code: (*code).to_owned(), examples: *seen, words: 0 });
        let mut model = Model { classes: classes.collect(), counts: HashMap::new(), percents: [0; BANDS] };
        for example in examples {
            for word in example.words.iter().filter(|word| kept.contains(word.as_str())) {
                model.add(word.clone(), place[example.category]);
            }
        }
        model
    }

    fn add(&mut self, word: String, class: u16) {
        self.classes[usize::from(class)].words += 1;
        let counts = self.counts.entry(word).or_default();
        match counts.iter_mut().find(|(each, _)| *each == class) {
            Some((_, count)) => *count += 1,
            None => counts.push((class, 1)),
        }
    }

    /// The most probable category, and in how many of a hundred such cases that is right.
    pub fn guess(&self, text: &str) -> Option<(String, i32)> {
        let (class, strength) = self.best(&words::words(text), &keywords::scores(text))?;
        Some((self.classes[class].code.clone(), self.percents[band(strength)]))
    }

    /// The most probable category of a text.
    pub fn category(&self, text: &str) -> Option<&str> {
        let best = self.best(&words::words(text), &keywords::scores(text));
        best.map(|(class, _)| self.classes[class].code.as_str())
    }

    /// The most probable class and the strength of that, 0 to 1; nothing where nothing is known.
    fn best(&self, words: &[String], hints: &[(&str, f64)]) -> Option<(usize, f64)> {
        let known: Vec<&Vec<(u16, u32)>> = words.iter().filter_map(|word| self.counts.get(word)).collect();
        if known.is_empty() && hints.is_empty() {
            return None;
        }
        let all: u32 = self.classes.iter().map(|class| class.examples + 1).sum();
        let vocabulary = self.counts.len() as f64;
        let mut scores: Vec<f64> =
            self.classes.iter().map(|class| (f64::from(class.examples + 1) / f64::from(all)).ln()).collect();
        for counts in &known {
            for (class, score) in self.classes.iter().zip(&mut scores) {
                *score -= (f64::from(class.words) + SMOOTHING * vocabulary).ln() - SMOOTHING.ln();
            }
            for (class, count) in *counts {
                scores[usize::from(*class)] += (f64::from(*count) + SMOOTHING).ln() - SMOOTHING.ln();
            }
        }
        for (code, weight) in hints {
            let hinted = self.classes.iter().position(|class| class.code == *code);
            hinted.into_iter().for_each(|class| scores[class] += KEYWORDS * weight);
        }
        let (best, top) =
            scores.iter().copied().enumerate().max_by(|one, other| one.1.total_cmp(&other.1))?;
        // Words are no independent witnesses: their number must not make a guess sure of itself.
        let calm = ((known.len() + hints.len()) as f64).sqrt();
        let sum: f64 = scores.iter().map(|score| ((score - top) / calm).exp()).sum();
        Some((best, 1.0 / sum))
    }
}

impl Cut<'_> {
    fn new(example: &Example) -> Cut<'_> {
        let words = words::words(&example.text);
        let digest = crate::keys::digest([words.concat().as_bytes()]);
        let twin = digest.iter().take(8).fold(0, |all, byte| all << 8 | u64::from(*byte));
        Cut { words, hints: keywords::scores(&example.text), category: &example.category, twin }
    }
}

fn band(strength: f64) -> usize {
    ((strength * BANDS as f64) as usize).min(BANDS - 1)
}

/// What part of the guesses of each strength is right, on texts that were not learnt from; never falling with strength.
fn measure(cut: &[Cut]) -> [i32; BANDS] {
    let mut tallies = [(0.0, 0.0); BANDS];
    for fold in 0..FOLDS {
        let model = Model::count(cut.iter().filter(|each| each.twin % FOLDS != fold));
        for each in cut.iter().filter(|each| each.twin % FOLDS == fold) {
            if let Some((class, strength)) = model.best(&each.words, &each.hints) {
                let (right, seen) = &mut tallies[band(strength)];
                *right += f64::from(u8::from(model.classes[class].code == each.category));
                *seen += 1.0;
            }
        }
    }
    // One of four, where nothing is known: nobody is promised what was never seen.
    let rate = |(right, seen): (f64, f64)| (right + 1.0) / (seen + 4.0);
    // Neighbours that fall are taken together, until none does.
    let mut pools: Vec<((f64, f64), usize)> = Vec::new();
    for tally in tallies {
        pools.push((tally, 1));
        while let [.., (before, wide), (last, narrow)] = pools.as_slice()
            && rate(*before) >= rate(*last)
        {
            let together = ((before.0 + last.0, before.1 + last.1), wide + narrow);
            pools.truncate(pools.len() - 2);
            pools.push(together);
        }
    }
    let percents = pools.into_iter().flat_map(|(tally, wide)| vec![(rate(tally) * 100.0) as i32; wide]);
    let mut all = [0; BANDS];
    all.iter_mut().zip(percents).for_each(|(place, percent)| *place = percent);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example(text: &str, category: &str) -> Example {
        Example { text: text.to_owned(), category: category.to_owned() }
    }

    #[test]
    fn it_learns_what_the_installation_calls_a_thing() {
        // Nobody else says 鸭子灯; here it is the lamp in the stairwell.
        let ends = ["晚上看不清", "老人摔了一跤", "上个月修过", "孩子害怕", "等了一周", "三层也是"];
        let lamps = ends.iter().map(|end| example(&format!("鸭子灯又灭了，{end}"), "0101"));
        let others = ends.iter().map(|end| example(&format!("桶旁边很臭，{end}"), "0802"));
        let model = Model::learn(&lamps.chain(others).collect::<Vec<_>>());
        assert_eq!(model.category("鸭子灯灭了"), Some("0101"));
        assert_eq!(model.category("桶旁边臭得很"), Some("0802"));
    }

    #[test]
    fn a_word_of_one_text_alone_is_not_remembered() {
        let examples: Vec<Example> = (0..50).map(|_| example("王小明家的水管坏了", "0402")).collect();
        let model = Model::learn(&examples);
        assert!(
            !serde_json::to_string(&model).unwrap().contains("小明"),
            "fifty times the same text is one text"
        );
    }

    #[test]
    fn percentages_are_measured_and_never_fall_with_strength() {
        // Words that say nothing: whatever the model thinks of itself, it is right by chance only.
        let noise: Vec<Example> = (0..400)
            .map(|number| {
                example(
                    &format!("事情{}麻烦{}", "甲".repeat(number % 7), "乙".repeat(number % 11)),
                    if number % 2 == 0 { "0101" } else { "0802" },
                )
            })
            .collect();
        let model = Model::learn(&noise);
        assert!(model.percents.windows(2).all(|two| two[0] <= two[1]), "{:?}", model.percents);
        assert!(model.percents[0] <= 60, "{:?}", model.percents);
    }
}
