//! Tickets: what residents report, from the first scan to the last word.
//!
//! Every change is a verb here, takes the actor, checks [`status::STEPS`] or [`status::ACTS`], changes the
//! ticket by compare-and-set and adds one event, all in one transaction. `notices` and `stats` read those
//! events; nothing here knows of them. Where a ticket goes and until when is asked of `routing`.

pub mod acts;
pub mod api;
pub mod asks;
pub mod confirmations;
pub mod deadlines;
pub mod exclusions;
mod fields;
pub mod followers;
pub mod handing;
pub mod held;
pub mod last_four;
pub mod links;
pub mod list;
pub mod meeting;
pub mod mentions;
pub mod merging;
pub mod number;
pub mod outside;
pub mod pages;
pub mod privacy;
pub mod proof;
pub mod relation;
pub mod requests;
pub mod sheet;
pub mod status;
pub mod steps;
mod store;
pub mod submit;
pub mod suggestion;
pub mod timers;
pub mod urging;
pub mod voices;
mod words;

use diesel::prelude::*;

pub use self::fields::{Note, Phone};
pub use self::status::{Act, Plain, Stand, Status, Step};
pub use self::submit::{Person, Submission, submit};
pub use self::words::{
    Audience, Channel, Ladder, Level, Outcome, Reach, Reason, Satisfaction, Stage, Verdict,
};
use crate::calendar::Reckoning;
use crate::db::{Id, Time, Tx};
use crate::error::{Error, Result};
use crate::keys::Keys;
use crate::mask::FreeText;
use crate::people::{Actor, Role};
use crate::photos::{Photo, PhotoKey};
use crate::routing::{Kind, Urgency};

/// A ticket, as stored. Sealed fields open with the installation's [`Keys`] only.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = crate::schema::tickets, treat_none_as_default_value = false)]
#[allow(missing_docs)]
pub struct Ticket {
    pub community_id: Id,
    pub id: Id,
    pub number: String,
    pub key_version: i32,
    pub secret_hash: Vec<u8>,
    pub query_hash: Vec<u8>,
    pub channel: Channel,
    pub code: Option<String>,
    pub place_id: Id,
    pub building_id: Option<Id>,
    pub grid_id: Option<Id>,
    /// Where exactly, in the reporter's words.
    pub spot_note: FreeText,
    pub kind: Kind,
    /// Two digits.
    pub level1: String,
    /// Four digits; required before dispatch.
    pub category: Option<String>,
    pub text: FreeText,
    pub hazard: bool,
    pub reach: Option<Reach>,
    pub publish: bool,
    pub share_phone: bool,
    pub name_sealed: Option<Vec<u8>>,
    pub phone_sealed: Option<Vec<u8>>,
    pub phone_hash: Option<Vec<u8>>,
    pub phone_masked: Option<String>,
    pub device_hash: Option<Vec<u8>>,
    pub notice_version: String,
    /// The moment from which every clock counts, and by which the ticket is counted.
    pub submitted_at: Time,
    /// When the call or visit really was, for what staff took down.
    pub called_at: Option<Time>,
    pub registered_by: Option<Id>,
    pub status: Status,
    /// Goes up with every step; a step is refused when it is not the one that was seen.
    pub version: i32,
    pub urgency: Urgency,
    pub first_contact_due: Time,
    pub make_safe_due: Option<Time>,
    pub due_at: Time,
    /// `due_at` while the clock runs, nothing once it has stopped: what overdue lists ask.
    pub open_due_at: Option<Time>,
    pub rules_version: String,
    pub lead_id: Id,
    /// 「为什么派给你」.
    pub routed: String,
    pub handler_id: Option<Id>,
    /// When it was given to the lead; nothing while it is with the community.
    pub dispatched_at: Option<Time>,
    pub accepted_at: Option<Time>,
    pub first_contact_at: Option<Time>,
    /// The last closing.
    pub closed_at: Option<Time>,
    pub result: Option<Outcome>,
    pub result_text: FreeText,
    pub solved_level: Option<Level>,
    pub answered_at: Option<Time>,
    /// Whether the follow-up is valid: somebody was reached and answered.
    pub answer_valid: Option<bool>,
    pub contacted: Option<bool>,
    pub solved: Option<bool>,
    pub satisfied: Option<Satisfaction>,
    pub answer_comment: FreeText,
    /// How many events it has; the next one's number less one.
    pub events: i32,
    /// How many times it was redone.
    pub rounds: i32,
    /// How many times it was returned.
    pub returns: i32,
    /// The ticket it was merged into.
    pub main_id: Option<Id>,
    pub hotline_number: Option<String>,
    pub excluded: Option<Reason>,
    /// 接单: when the party that has it accepted to lead; it stays lead until the community lead decides otherwise.
    pub taken_at: Option<Time>,
    /// 排险: when the spot was made safe.
    pub safe_at: Option<Time>,
    /// 挂账: since when it stands on account; the clock rests meanwhile.
    pub suspended_at: Option<Time>,
    /// To which level it went up when it was overdue.
    pub escalated: Option<Ladder>,
    /// 拆分: the ticket whose report it is a part of. It counts as a matter, never as a report.
    pub origin_id: Option<Id>,
}

impl Ticket {
    /// Where it stands, for the tables of [`status`].
    pub fn stand(&self) -> Stand {
        Stand {
            status: self.status,
            on_account: self.suspended_at.is_some(),
            taken: self.taken_at.is_some(),
            returns: self.returns,
            endangers: self.make_safe_due.is_some() && self.safe_at.is_none(),
        }
    }

    /// The role in which the actor acts on it: a handler whose party does not lead it supports it.
    pub fn role(&self, actor: &Actor) -> Role {
        match (actor.role, actor.party_id) {
            (Role::Handler, Some(party)) if party != self.lead_id => Role::Supporter,
            (role, _) => role,
        }
    }
}

/// One line of a ticket's history. Written with the change it tells of, never changed.
#[derive(
    Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, serde::Serialize, utoipa::ToSchema,
)]
#[diesel(table_name = crate::schema::ticket_events, treat_none_as_default_value = false)]
#[allow(missing_docs)]
pub struct Event {
    #[serde(skip)]
    pub community_id: Id,
    #[serde(skip)]
    pub ticket_id: Id,
    pub seq: i32,
    pub at: Time,
    pub role: Role,
    #[serde(skip)]
    pub actor_id: Option<Id>,
    pub actor: String,
    /// The word of a [`Step`] or an [`Act`].
    pub act: String,
    pub from_status: Option<Status>,
    pub to_status: Status,
    pub audience: Audience,
    pub note: FreeText,
    /// Particulars as JSON: parties, categories, deadlines, before and after.
    pub data: String,
}

impl Event {
    /// What happened, in Chinese.
    pub fn label(&self) -> &'static str {
        let step = Step::ALL.iter().find(|step| step.word() == self.act).map(|step| step.label());
        step.or_else(|| Act::ALL.iter().find(|act| act.word() == self.act).map(|act| act.label()))
            .unwrap_or("")
    }
}

/// A photo of a ticket.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, serde::Serialize, utoipa::ToSchema)]
#[diesel(table_name = crate::schema::ticket_photos, treat_none_as_default_value = false)]
#[allow(missing_docs)]
pub struct TicketPhoto {
    #[serde(skip)]
    pub community_id: Id,
    #[serde(skip)]
    pub ticket_id: Id,
    pub seq: i32,
    #[serde(skip)]
    pub photo: PhotoKey,
    pub width: i32,
    pub height: i32,
    pub stage: Stage,
    pub added_by: String,
    pub added_at: Time,
    /// What it looks like, in 64 bits: photos of one thing differ in few of them.
    #[serde(skip)]
    pub likeness: Option<i64>,
    /// Whose it is where a neighbour who met the matter too brought it.
    #[serde(skip)]
    pub neighbour_id: Option<Id>,
}

/// A ticket the actor may know of, by id; others do not exist for them.
pub fn find(tx: &mut Tx, actor: &Actor, id: Id) -> Result<Ticket> {
    store::find_in(tx, actor.community_id, id, &actor.scope())
}

/// The same, held: whoever is changing it has finished, and nobody else changes it until this transaction is over.
fn find_held(tx: &mut Tx, actor: &Actor, id: Id) -> Result<Ticket> {
    let ticket = find(tx, actor, id)?;
    store::hold(tx, &ticket)?;
    // It may have moved on, or out of sight, meanwhile.
    find(tx, actor, id)
}

/// A ticket by id, for whoever has proved otherwise that it is theirs: the holder of the key it was submitted with.
pub fn find_own(tx: &mut Tx, community_id: Id, id: Id) -> Result<Ticket> {
    store::find(tx, community_id, id)
}

/// A ticket the actor may know of, by number.
pub fn find_by_number(tx: &mut Tx, actor: &Actor, number: &str) -> Result<Ticket> {
    store::by_number(tx, actor.community_id, number, &actor.scope())
}

/// The ticket whose page `secret` opens, and its community's id. The secret begins with the community's
/// token, so that one look-up touches one community.
pub fn find_by_secret(tx: &mut Tx, keys: &Keys, secret: &str) -> Result<Ticket> {
    let token = secret.get(..4).ok_or(Error::NotFound)?;
    let community = crate::places::community_by_token(tx, token)?.ok_or(Error::NotFound)?;
    store::by_secret(tx, community.id, &keys.ticket_hash(secret))
}

/// The secret of the ticket that `number` and `query_code` name together. Whether the number or the code
/// was wrong is not said.
pub fn look_up(tx: &mut Tx, keys: &Keys, number: &str, query_code: &str) -> Result<String> {
    let wrong = || Error::invalid("number", "工单号和查询码对不上，请再核对一遍");
    let number = number::parse(number).ok_or_else(wrong)?;
    let code: String =
        query_code.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_uppercase();
    let letters = number.chars().take_while(char::is_ascii_alphabetic).collect::<String>();
    let community = crate::places::community_by_prefix(tx, &letters)?.ok_or_else(wrong)?;
    let ticket = store::any_by_number(tx, community.id, &number)?.ok_or_else(wrong)?;
    if !crate::keys::same(&ticket.query_hash, &keys.ticket_hash(&code)) {
        return Err(wrong());
    }
    Ok(keys.ticket_secret(ticket.key_version, &community.token, ticket.id))
}

/// How many of one phone's tickets are listed at a time.
pub const DEVICE_PAGE: usize = 20;

/// What one phone reported in a community, latest first, before `before`; at most [`DEVICE_PAGE`] and one more.
pub fn by_device(
    tx: &mut Tx,
    community_id: Id,
    device_hash: &[u8],
    before: Option<Id>,
) -> Result<Vec<Ticket>> {
    store::by_device(tx, community_id, device_hash, before)
}

/// How the clocks of a ticket are counted: as they were set.
pub fn reckoning(tx: &mut Tx, ticket: &Ticket) -> Result<Reckoning> {
    Reckoning::of(tx, ticket.community_id, &ticket.rules_version, ticket.submitted_at)
}

/// The history, oldest first; for a resident only what is meant for them, for an outsider nothing.
pub fn history(tx: &mut Tx, actor: &Actor, ticket: &Ticket) -> Result<Vec<Event>> {
    let events = store::events(tx, ticket)?;
    let neighbours = meeting::may_know_neighbours(actor, ticket);
    let shown = |event: &Event| match actor.role {
        Role::Resident => event.audience == Audience::Resident,
        // They read their own talk alone: `links::talk`.
        Role::Outsider => false,
        _ => neighbours || !meeting::is_of_neighbours(event),
    };
    Ok(events.into_iter().filter(shown).collect())
}

/// The photos, in the order in which they came.
pub fn photos(tx: &mut Tx, ticket: &Ticket) -> Result<Vec<TicketPhoto>> {
    store::photos(tx, ticket)
}

/// The photos that the actor may see: those of neighbours are not for a party.
pub fn photos_for(tx: &mut Tx, actor: &Actor, ticket: &Ticket) -> Result<Vec<TicketPhoto>> {
    let mut hung = photos(tx, ticket)?;
    if !meeting::may_know_neighbours(actor, ticket) {
        hung.retain(|photo| photo.neighbour_id.is_none());
    }
    Ok(hung)
}

/// One photo of a ticket.
pub fn photo(tx: &mut Tx, ticket: &Ticket, seq: i32) -> Result<TicketPhoto> {
    store::photos(tx, ticket)?.into_iter().find(|photo| photo.seq == seq).ok_or(Error::NotFound)
}

/// Hangs photos, cleaned and stored before, on a ticket that is held; returns the numbers that they have there. Those of
/// neighbours have room of their own: [`meeting::bring`].
fn hang(tx: &mut Tx, actor: &Actor, ticket: &Ticket, stage: Stage, photos: &[Photo]) -> Result<Vec<i32>> {
    let hung = store::photos(tx, ticket)?;
    let own = hung.iter().filter(|photo| photo.added_by != meeting::NEIGHBOUR).count();
    if own + photos.len() > 60 {
        return Err(Error::invalid("photos", "这件诉求的照片已经很多了（最多 60 张）"));
    }
    hang_after(tx, (&actor.name, None), (ticket, &hung), stage, photos)
}

/// Hangs photos after those that hang already, however many there are, of whoever brought them, or of a neighbour; returns
/// their numbers.
fn hang_after(
    tx: &mut Tx,
    (added_by, neighbour_id): (&str, Option<Id>),
    (ticket, hung): (&Ticket, &[TicketPhoto]),
    stage: Stage,
    photos: &[Photo],
) -> Result<Vec<i32>> {
    // Some may be gone: an erasure takes those of the report.
    let last = hung.iter().map(|photo| photo.seq).max().unwrap_or(0);
    let numbers: Vec<i32> = (last + 1..).take(photos.len()).collect();
    for (number, photo) in numbers.iter().zip(photos) {
        let row = TicketPhoto {
            community_id: ticket.community_id,
            ticket_id: ticket.id,
            seq: *number,
            photo: photo.key.clone(),
            width: photo.width as i32,
            height: photo.height as i32,
            stage,
            added_by: added_by.to_owned(),
            added_at: tx.now,
            likeness: photo.likeness,
            neighbour_id,
        };
        store::insert_photo(tx, &row)?;
    }
    Ok(numbers)
}

/// What goes into the history beside who and when.
pub(crate) struct Line<'a> {
    pub(crate) act: &'static str,
    pub(crate) audience: Audience,
    pub(crate) note: &'a str,
    pub(crate) data: serde_json::Value,
}

impl Line<'_> {
    fn event(self, tx: &Tx, actor: &Actor, before: &Ticket, (to, seq): (Status, i32)) -> Event {
        Event {
            community_id: before.community_id,
            ticket_id: before.id,
            seq,
            at: tx.now,
            role: before.role(actor),
            actor_id: actor.staff_id,
            actor: actor.name.clone(),
            act: self.act.to_owned(),
            from_status: Some(before.status),
            to_status: to,
            audience: self.audience,
            note: self.note.into(),
            data: if self.data.is_null() { String::new() } else { self.data.to_string() },
        }
    }
}
