//! 我的数据: what residents may see, correct and delete of what is kept about them, and what is forgotten in time.
//!
//! Deleting makes a report nobody's: the matter, its history and every figure stay, and no clock moves. It cannot be
//! undone. Who of staff looked at a phone is told by role, never by name. What is kept how long: `retention`.

mod others;
mod store;

use serde_json::{Value, json};

pub use self::others::{forget_neighbour, looks_at_neighbour, mask_echoes, photos_of_neighbour};

use super::acts::{may, record, since};
use super::store::Change;
use super::voices::{self, Whose};
use super::{Act, Audience, Event, Line, Phone, Ticket, merging, relation};
use crate::db::{Id, Time, Tx};
use crate::error::{Error, Result};
use crate::keys::Keys;
use crate::mask;
use crate::people::{Actor, Role};
use crate::photos::PhotoKey;
use crate::routing::Kind;
use crate::settings::{self, Windows};
use crate::uploads::loose;

/// What a resident changes of their own data. What is not said stays.
#[derive(Clone, Default)]
pub struct Correction {
    /// The form of address; at most 20 signs.
    pub name: Option<String>,
    /// For calling back.
    pub phone: Option<Phone>,
    /// Takes the phone away.
    pub without_phone: bool,
    /// The handling party may see the phone.
    pub share_phone: bool,
    /// The result may be published.
    pub publish: bool,
}

/// Times in a day and night that a resident may mend their data: each leaves a line in the history.
const CORRECTIONS_A_DAY: usize = 20;

/// One time that somebody of staff looked at phone, name and words.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Look {
    /// Who, as the resident may know.
    pub role: Role,
    /// When.
    pub at: Time,
    /// Why, in their words.
    pub reason: crate::mask::FreeText,
}

impl Look {
    fn of(event: Event) -> Look {
        Look { role: event.role, at: event.at, reason: event.note }
    }
}

/// Who looked at what its reporter left, first to last: on the report and on each of its parts, which have the same person.
pub fn looks(tx: &mut Tx, ticket: &Ticket) -> Result<Vec<Look>> {
    let mut revealed = Vec::new();
    for part in &whole(tx, ticket)? {
        let events = super::store::events(tx, part)?.into_iter();
        revealed.extend(
            events
                .filter(|event| event.act == Act::Reveal.word() && !others::of_a_neighbour(event))
                .map(Look::of),
        );
    }
    revealed.sort_by_key(|look| look.at);
    Ok(revealed)
}

/// Until when name, phone and device are kept, as the rules of today say; nothing while the ticket is open.
pub fn kept_until(tx: &mut Tx, ticket: &Ticket) -> Result<Option<Time>> {
    let windows: Windows = settings::at(tx, ticket.community_id, tx.now)?;
    let begun = match ticket.closed_at {
        Some(closed) => closed,
        None if ticket.status.ended_early() => ticket.submitted_at,
        None => return Ok(None),
    };
    if ticket.status.clock_runs() {
        return Ok(None);
    }
    let days = if is_kept_longer(tx, ticket)? { windows.tip_off_contact_days } else { windows.contact_days };
    Ok(Some(begun.plus_minutes(i64::from(days) * 1440)))
}

/// Whether its people are kept longer than others: 举报, and what once stood on account.
pub fn is_kept_longer(tx: &mut Tx, ticket: &Ticket) -> Result<bool> {
    Ok(ticket.kind == Kind::TipOff || store::was_on_account(tx, ticket)?)
}

/// 更正: the resident mends name, phone and the two switches. No clock moves; the event tells what was changed, never
/// from what or to what. Fails where nothing would change.
pub fn correct(tx: &mut Tx, keys: &Keys, actor: &Actor, id: Id, correction: &Correction) -> Result<Ticket> {
    let ticket = may(tx, actor, id, Act::Correct)?;
    let events = super::store::events(tx, &ticket)?;
    if since(tx, &events, Act::Correct) >= CORRECTIONS_A_DAY {
        let said = format!("今天已经改了 {CORRECTIONS_A_DAY} 次，请明天再改；着急请打社区电话");
        return Err(Error::invalid("correction", said));
    }
    let name = correction.name.as_deref().map(str::trim).filter(|name| !name.is_empty());
    if name.is_some_and(|name| name.chars().count() > 20) {
        return Err(Error::invalid("name", "称呼最多 20 字"));
    }
    let drops = correction.without_phone && correction.phone.is_none() && ticket.phone_sealed.is_some();
    let changed: Vec<&str> = [
        ("name", name.is_some()),
        ("phone", correction.phone.is_some() || drops),
        ("share_phone", correction.share_phone != ticket.share_phone),
        ("publish", correction.publish != ticket.publish),
    ]
    .into_iter()
    .filter_map(|(what, changes)| changes.then_some(what))
    .collect();
    if changed.is_empty() {
        return Err(Error::invalid("correction", "没有要改的内容：请填新的电话或称呼，或改一下勾选"));
    }
    for part in whole(tx, &ticket)? {
        let mut person = store::Person {
            share_phone: Some(correction.share_phone),
            publish: Some(correction.publish),
            ..store::Person::default()
        };
        if let Some(name) = name {
            person.name_sealed = Some(Some(keys.seal(part.id, name)?));
        }
        if let Some(phone) = &correction.phone {
            person.phone_sealed = Some(Some(keys.seal(part.id, phone.digits())?));
            person.phone_hash = Some(Some(keys.phone_hash(phone.digits())));
            person.phone_masked = Some(Some(mask::phone(phone.digits())));
        } else if drops {
            (person.phone_sealed, person.phone_hash, person.phone_masked) =
                (Some(None), Some(None), Some(None));
        }
        store::change(tx, &part, &person)?;
    }
    let line = Line {
        act: Act::Correct.word(),
        audience: Audience::Resident,
        note: "",
        data: json!({ "changed": changed }),
    };
    record(tx, actor, &ticket, Change::default(), line)
}

/// A report with all its parts, each a ticket of its own with the same person.
fn whole(tx: &mut Tx, ticket: &Ticket) -> Result<Vec<Ticket>> {
    let report = match ticket.origin_id {
        Some(origin) => super::store::find(tx, ticket.community_id, origin)?,
        None => ticket.clone(),
    };
    let mut all = merging::parts(tx, &report)?;
    all.insert(0, report);
    Ok(all)
}

/// Whether its resident deleted their data, and nothing that tells of a person was given since.
pub fn is_erased(tx: &mut Tx, ticket: &Ticket) -> Result<bool> {
    let known = ticket.phone_sealed.is_some() || ticket.name_sealed.is_some() || ticket.device_hash.is_some();
    let mut history = super::store::events(tx, ticket)?.into_iter().rev();
    let said = |event: &Event| event.role == Role::Resident && event.note.hides();
    Ok(!known
        && history
            .find(|event| event.act == Act::Erase.word() || said(event))
            .is_some_and(|last| !said(&last)))
}

/// 删除: makes a report and its parts nobody's, for its resident, who said that they are sure. Returns the ticket and the
/// photos that nothing names any more: whoever called deletes their files after the commit.
pub fn erase(tx: &mut Tx, actor: &Actor, id: Id) -> Result<(Ticket, Vec<PhotoKey>)> {
    let ticket = may(tx, actor, id, Act::Erase)?;
    if actor.role != Role::Resident {
        return Err(Error::Forbidden);
    }
    let mut gone = Vec::new();
    for part in &whole(tx, &ticket)? {
        super::store::hold(tx, part)?;
        anonymise(tx, part)?;
        // Nobody can take their consent back any more: the bulletin shows it no longer.
        store::change(tx, part, &store::Person { publish: Some(false), ..store::Person::default() })?;
        gone.extend(store::drop_report_photos(tx, part)?);
    }
    gone.sort_by(|a, b| a.as_str().cmp(b.as_str()));
    gone.dedup();
    let mut unnamed = Vec::new();
    for photo in gone {
        if !is_named(tx, &photo)? {
            unnamed.push(photo);
        }
    }
    let line = Line { act: Act::Erase.word(), audience: Audience::Resident, note: "", data: Value::Null };
    Ok((record(tx, actor, &ticket, Change::default(), line)?, unnamed))
}

/// Whether anything still shows this photo: two people may send the same one.
pub(super) fn is_named(tx: &mut Tx, photo: &PhotoKey) -> Result<bool> {
    loose::in_use(tx, loose::Kind::Photo, photo)
}

/// Takes name, phone, device, voice and who the reporter is to the place away for good, and every personal number
/// out of the words of the ticket.
fn anonymise(tx: &mut Tx, ticket: &Ticket) -> Result<()> {
    let hidden = |text: &mask::FreeText| text.hides().then(|| text.shown().into());
    let person = store::Person {
        text: hidden(&ticket.text),
        spot_note: hidden(&ticket.spot_note),
        result_text: hidden(&ticket.result_text),
        answer_comment: hidden(&ticket.answer_comment),
        ..store::Person::nobody()
    };
    store::change(tx, ticket, &person)?;
    voices::forget(tx, ticket, Whose::Reporter)?;
    relation::forget(tx, ticket)?;
    store::mask_words(tx, ticket)
}

/// Which people are forgotten together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// Of ordinary tickets.
    Usual,
    /// Of 举报 and of what once stood on account.
    Longer,
}

/// Tickets whose people are to be forgotten now, at most `most`; of each kind the longest closed first.
pub fn to_forget(tx: &mut Tx, community_id: Id, kept: Kept, most: i64) -> Result<Vec<Id>> {
    let windows: Windows = settings::at(tx, community_id, tx.now)?;
    let days = if kept == Kept::Usual { windows.contact_days } else { windows.tip_off_contact_days };
    let before = tx.now.plus_minutes(-i64::from(days) * 1440);
    store::to_forget(tx, community_id, (kept, before), most)
}

/// Forgets who reported, as the notice promises: at most `most` tickets, so that nobody waits long for this. Returns how
/// many there were; the matter and its figures stay.
pub fn forget(tx: &mut Tx, community_id: Id, kept: Kept, most: i64) -> Result<usize> {
    let due = to_forget(tx, community_id, kept, most)?;
    for id in &due {
        let ticket = super::store::find(tx, community_id, *id)?;
        super::store::hold(tx, &ticket)?;
        anonymise(tx, &ticket)?;
    }
    Ok(due.len())
}
