//! What was sent, what waits and what failed, for the community lead to look through and send again.

use diesel::Queryable;

use super::State;
pub use super::bell::Cursor;
use super::channels::Kind;
use super::drafts::Draft;
use super::store::sending as store;
use super::told::Topic;
use crate::db::{Id, Time, Tx};
use crate::error::{Error, Result};
use crate::people::Actor;

/// Deliveries on one page.
pub const PAGE: usize = 50;

/// One message to one receiver. What it said is not kept.
#[derive(Debug, Clone, Queryable, serde::Serialize, utoipa::ToSchema)]
#[schema(as = Delivery)]
#[allow(missing_docs)]
pub struct Entry {
    pub id: Id,
    /// The ticket that it tells of; nothing where it tells of the draft of a report.
    pub ticket_id: Option<Id>,
    pub number: Option<String>,
    /// Kind and period of the draft: `month 2025-06`.
    pub draft: Option<String>,
    pub topic: Topic,
    pub kind: Kind,
    pub channel: String,
    /// The person, of mail and short messages.
    pub person: Option<String>,
    pub state: State,
    pub made_at: Time,
    /// When it is tried next, while it waits.
    pub due_at: Time,
    pub sent_at: Option<Time>,
    pub attempts: i32,
    /// What came of the last attempt, in words.
    pub answer: String,
}

impl Entry {
    /// What it told of: where that lies, and how it is called.
    pub fn about(&self) -> (String, String) {
        match (self.ticket_id, &self.draft) {
            (None, Some(words)) => {
                let draft = Draft::of_message(words, self.made_at);
                (draft.link, draft.label)
            }
            (ticket, _) => {
                let ticket = ticket.map(|id| format!("/console/tickets/{id}"));
                (ticket.unwrap_or_default(), self.number.clone().unwrap_or_default())
            }
        }
    }
}

/// A page of deliveries, latest first.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
#[schema(as = DeliveryPage)]
pub struct Page {
    /// At most [`PAGE`].
    pub entries: Vec<Entry>,
    /// Pass it as `after` for the next page; nothing at the end.
    pub next: Option<String>,
}

/// Deliveries of the community.
pub fn page(tx: &mut Tx, actor: &Actor, before: Option<Cursor>) -> Result<Page> {
    let mut entries = store::page(tx, actor.community_id, before)?;
    let more = entries.len() > PAGE;
    entries.truncate(PAGE);
    let next =
        entries.last().filter(|_| more).map(|entry| Cursor { at: entry.made_at, id: entry.id }.to_string());
    Ok(Page { entries, next })
}

/// Sends one again, now, whatever came of it before; it keeps its id. Refused while its channel is out of use.
pub fn resend(tx: &mut Tx, actor: &Actor, id: Id) -> Result<()> {
    let channel = store::channel_of(tx, actor.community_id, id)?;
    if channel.disabled_at.is_some() {
        return Err(Error::conflict(format!("渠道「{}」已停用，请先恢复使用再重发", channel.name)));
    }
    store::again(tx, actor.community_id, id)
}
