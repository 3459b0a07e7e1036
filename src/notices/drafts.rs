//! A report is ready to be issued: the community lead is told of its draft, by the bell and by the channels that tell of it.
//!
//! Which periods are ready is known by `stats`, which calls [`tell`]. That somebody was told is one row, and the messages
//! stand in the same transaction: of each period once, whichever of several programs does it.

use super::State;
use super::store::drafts as store;
use super::store::outbox::{self, Delivery};
use super::told::{self, Topic};
use crate::clock::{Period, PeriodKind};
use crate::db::{Id, Time, Tx};
use crate::error::Result;
use crate::people::{Actor, Role, absences};
use crate::settings::{self, QuietHours};

/// Drafts that the bell lists at most.
const LISTED: i64 = 6;

/// A draft that the lead was told of.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[schema(as = DraftNotice)]
pub struct Draft {
    /// `month`, `assessment_month` or `year`.
    pub kind: String,
    /// `2025-06`, or `2025`.
    pub period: String,
    /// `2025年6月（自然月）`.
    pub label: String,
    /// When it was told.
    pub told_at: Time,
    /// Where it lies, without the host.
    pub link: String,
}

impl Draft {
    fn new(kind: String, word: String, told_at: Time) -> Draft {
        let period = PeriodKind::of_word(&kind).and_then(|kind| Period::parse(kind, &word).ok());
        let label = period.map(|period| format!("{}（{}）", period.label(), period.kind.label()));
        let asked = if kind == PeriodKind::Year.word() { "year" } else { "month" };
        let link = format!("/console/stats/paper.html?{asked}={word}&kind={kind}");
        Draft { label: label.unwrap_or_else(|| word.clone()), kind, period: word, told_at, link }
    }

    /// The draft that a message tells of: its kind and its period.
    pub(super) fn of_message(words: &str, told_at: Time) -> Draft {
        let (kind, word) = words.split_once(' ').unwrap_or_default();
        Draft::new(kind.to_owned(), word.to_owned(), told_at)
    }
}

/// Whether somebody was told of the draft of a period.
pub fn told(tx: &mut Tx, community_id: Id, period: &Period) -> Result<bool> {
    store::told(tx, community_id, period)
}

/// Tells of the draft of a period; answers whether nobody had before.
pub fn tell(tx: &mut Tx, community_id: Id, period: &Period) -> Result<bool> {
    if !store::note(tx, community_id, period)? {
        return Ok(false);
    }
    let ways = outbox::ways(tx, community_id)?;
    let away = absences::away(tx, community_id, tx.now)?;
    let people = outbox::people(tx, community_id, &away)?;
    let quiet: QuietHours = settings::at(tx, community_id, tx.now)?;
    for (way, person) in told::of_draft(&people, &ways) {
        let rests = ways.iter().any(|each| each.id == way && each.kind.rests());
        let delivery = Delivery {
            community_id,
            id: Id::new(),
            channel_id: way,
            ticket_id: None,
            seq: None,
            topic: Topic::Draft,
            staff_id: person,
            state: State::Waiting,
            made_at: tx.now,
            begun_at: tx.now,
            due_at: if rests { quiet.after(tx.now) } else { tx.now },
            attempts: 0,
            answer: String::new(),
            draft: Some(format!("{} {}", period.kind.word(), period.word())),
        };
        outbox::insert(tx, &delivery)?;
    }
    Ok(true)
}

/// The drafts that the actor was told of last, the latest first; nothing for those who are not.
pub fn list(tx: &mut Tx, actor: &Actor) -> Result<Vec<Draft>> {
    if actor.role != Role::CommunityLead {
        return Ok(Vec::new());
    }
    let rows = store::latest(tx, actor.community_id, LISTED)?;
    Ok(rows.into_iter().map(|(kind, word, at)| Draft::new(kind, word, at)).collect())
}

/// How many of them are new since the actor looked.
pub(super) fn fresh(tx: &mut Tx, actor: &Actor, since: Time) -> Result<usize> {
    Ok(list(tx, actor)?.iter().filter(|draft| draft.told_at > since).count())
}
