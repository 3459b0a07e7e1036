//! What a report is probably about, guessed from its words, so that whoever triages can take it with one click.
//!
//! A classifier learns from the installation's own closed tickets ([`bayes`]); until there are enough, a shipped table of
//! keywords answers ([`keywords`]). Nothing leaves the machine, and people decide: a guess is shown with its honest
//! percentage, what they chose is kept beside it and learnt from, and how often both agree is a figure.

mod bayes;
pub mod keywords;
pub mod learning;
mod store;
mod words;

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use moka::sync::Cache;

pub use self::bayes::{Example, Model};
use crate::db::{Id, Time, Tx};
use crate::error::{Error, Result};

text_enum! {
    /// Who guessed.
    pub enum Source {
        Classifier = "classifier", "学自本地办结件";
        Keywords = "keywords", "按关键词";
    }
}

/// Below this nothing is shown: a wrong guess costs more than none.
pub const THRESHOLD: i32 = 40;
/// Examples without which the keywords answer.
pub const ENOUGH: usize = 200;
/// Corrections after which it is learnt again.
pub const CORRECTIONS: i64 = 10;
/// Minutes after which it is learnt again in any case.
pub const RETRAIN_MINUTES: i64 = 24 * 60;
/// Days that the figure looks back.
const FIGURE_DAYS: i64 = 365;

/// A guess.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Suggestion {
    /// Four digits.
    pub category: String,
    /// How often such a guess is right, measured on texts that were not learnt from.
    pub percent: i32,
    /// By what.
    pub made_by: Source,
}

/// How often what was suggested was chosen. A rate without its two numbers is none.
#[derive(Debug, Clone, PartialEq, serde::Serialize, utoipa::ToSchema)]
pub struct Accuracy {
    /// Of those, how many were given the category that was suggested.
    pub right: i64,
    /// Tickets of the last year with a suggestion whose category somebody decided.
    pub decided: i64,
    /// What the classifier learnt from; 0 while the keywords answer.
    pub examples: i32,
    /// When.
    pub learnt_at: Option<Time>,
}

impl Accuracy {
    /// `准确率 82.5%`; nothing of nothing is a gap.
    pub fn words(&self) -> String {
        match self.decided {
            0 => "准确率 —（还没有）".to_owned(),
            all => format!("准确率 {:.1}%", self.right as f64 * 100.0 / all as f64),
        }
    }
}

/// The last lesson, kept while it is used; dropped when nobody asks for ten minutes.
static LEARNT: LazyLock<Cache<Time, Arc<Model>>> =
    LazyLock::new(|| Cache::builder().max_capacity(2).time_to_idle(Duration::from_secs(600)).build());

/// What the words of a report are probably about; nothing where that is too unsure.
pub fn guess(tx: &mut Tx, text: &str) -> Result<Option<Suggestion>> {
    let guessed = match model(tx)? {
        Some(model) => model.guess(text).map(|(code, percent)| (code, percent, Source::Classifier)),
        None => keywords::guess(text).map(|(code, percent)| (code, percent, Source::Keywords)),
    };
    let sure = guessed.filter(|(_, percent, _)| *percent >= THRESHOLD);
    Ok(sure.map(|(category, percent, made_by)| Suggestion { category, percent, made_by }))
}

fn model(tx: &mut Tx) -> Result<Option<Arc<Model>>> {
    let Some((learnt_at, examples)) = store::lesson(tx)? else { return Ok(None) };
    if (examples as usize) < ENOUGH {
        return Ok(None);
    }
    if let Some(model) = LEARNT.get(&learnt_at) {
        return Ok(Some(model));
    }
    let model: Model = serde_json::from_str(&store::lesson_body(tx)?).map_err(Error::internal)?;
    let model = Arc::new(model);
    LEARNT.insert(learnt_at, model.clone());
    Ok(Some(model))
}

/// What was suggested for a ticket, if anything was.
pub fn of_ticket(tx: &mut Tx, (community_id, ticket_id): (Id, Id)) -> Result<Option<Suggestion>> {
    store::of_ticket(tx, community_id, ticket_id)
}

/// Keeps what was shown to somebody who was about to decide. Once for each ticket; not where it is decided already.
pub fn note(tx: &mut Tx, (community_id, ticket_id): (Id, Id), suggestion: &Suggestion) -> Result<()> {
    store::insert(tx, (community_id, ticket_id), suggestion)
}

/// As [`note`], for a ticket that staff took down with level 2 at once.
pub fn note_chosen(
    tx: &mut Tx,
    (community_id, ticket_id): (Id, Id),
    suggestion: &Suggestion,
    chosen: &str,
) -> Result<()> {
    store::insert_chosen(tx, (community_id, ticket_id), suggestion, chosen)
}

/// Keeps what somebody chose, where something was suggested. The last choice counts.
pub fn choose(tx: &mut Tx, (community_id, ticket_id): (Id, Id), category: &str) -> Result<()> {
    store::choose(tx, (community_id, ticket_id), category)
}

/// How often suggestions were right in the last year.
pub fn accuracy(tx: &mut Tx, community_id: Id) -> Result<Accuracy> {
    let since = tx.now.plus_minutes(-FIGURE_DAYS * 24 * 60);
    let (right, decided) = store::tally(tx, community_id, since)?;
    let lesson = store::lesson(tx)?.filter(|(_, examples)| *examples as usize >= ENOUGH);
    let examples = lesson.map_or(0, |(_, examples)| examples);
    Ok(Accuracy { right, decided, examples, learnt_at: lesson.map(|(at, _)| at) })
}
