//! One matter reported twice, and one report of several matters: 并案, its undoing, and 拆分.
//!
//! A merged ticket keeps its number, words and place in the raw count, whatever becomes of the merger (domain §6.5). A
//! part that was split off counts as a matter with its own clocks, never as a report: the count beside the hotline
//! stays what residents sent.

use std::collections::HashSet;

use serde_json::json;

use super::acts::{may, record};
use super::steps::{Seen, take};
use super::store::Change;
use super::submit::{self, Submission};
use super::{Act, Audience, Line, Note, Person, Phone, Stage, Step, Ticket, find, find_held, store};
use crate::db::{Id, Tx};
use crate::error::{Error, Result};
use crate::keys::Keys;
use crate::people::Actor;
use crate::places;
use crate::routing::{self, Kind};

/// 并案: goes on in the main ticket, whose progress the resident's page then follows. The main ticket must be one
/// the actor may see, of the same community, not this one, not merged itself, and not one that ended. Both are held before
/// that is asked: of two mergers at once, one into the other, the second finds its main ticket merged.
pub fn merge(tx: &mut Tx, actor: &Actor, seen: Seen, main_number: &str) -> Result<Ticket> {
    let number = super::number::parse(main_number)
        .ok_or_else(|| Error::invalid("main", "主工单的号码不对，请核对最后一位校验码"))?;
    let main = super::find_by_number(tx, actor, &number)
        .map_err(|_| Error::invalid("main", "没有找到这个主工单"))?;
    // Always in one order, so that two people at once wait for each other and never for both.
    let mut both = [seen.id, main.id];
    both.sort_unstable();
    for id in both {
        find_held(tx, actor, id)?;
    }
    let main = find(tx, actor, main.id)?;
    if main.id == seen.id || main.status.ended_early() {
        return Err(Error::invalid("main", "不能并入它自己，也不能并入已经结束的工单"));
    }
    let change = Change { main_id: Some(Some(main.id)), ..Change::default() };
    let line = Line {
        act: Step::Merge.word(),
        audience: Audience::Resident,
        note: "",
        data: json!({ "main": main.number }),
    };
    take(tx, actor, seen, (Step::Merge, change), line)
}

/// 撤销并案: it was another matter after all. It is the community's again, its clock as if it had never stopped.
pub fn unmerge(tx: &mut Tx, actor: &Actor, seen: Seen, reason: &Note) -> Result<Ticket> {
    let ticket = find(tx, actor, seen.id)?;
    let change = Change {
        main_id: Some(None),
        accepted_at: ticket.accepted_at.is_none().then_some(Some(tx.now)),
        open_due_at: Some(Some(ticket.due_at)),
        dispatched_at: Some(None),
        taken_at: Some(None),
        ..Change::default()
    };
    let line = Line {
        act: Step::Unmerge.word(),
        audience: Audience::Resident,
        note: reason.as_str(),
        data: json!({ "main_id": ticket.main_id }),
    };
    take(tx, actor, seen, (Step::Unmerge, change), line)
}

/// The tickets that were merged into this one, oldest first.
pub fn merged_into(tx: &mut Tx, ticket: &Ticket) -> Result<Vec<Ticket>> {
    store::merged_into(tx, ticket)
}

/// The ticket whose progress a merged one follows: the last of the chain of mergers.
pub fn leading(tx: &mut Tx, ticket: &Ticket) -> Result<Ticket> {
    let mut leading = ticket.clone();
    // A merger into what is merged is refused; a main ticket merged later makes a chain, which has an end. Where somebody
    // mended the rows by hand it may have none.
    let mut passed = HashSet::from([ticket.id]);
    while let Some(main) = leading.main_id.filter(|main| passed.insert(*main)) {
        leading = store::find(tx, ticket.community_id, main)?;
    }
    Ok(leading)
}

/// One of several matters in a report.
#[derive(Debug, Clone)]
pub struct Part {
    /// What it is about.
    pub text: Note,
    /// Four digits.
    pub category: String,
    /// What the resident wants.
    pub kind: Kind,
}

/// 拆分: makes a ticket of its own from one matter of a report, at the same place and for the same person; its clock
/// counts from the report. The resident follows both on one page. Returns the part.
pub fn split(tx: &mut Tx, keys: &Keys, actor: &Actor, id: Id, part: Part) -> Result<Ticket> {
    let ticket = may(tx, actor, id, Act::Split)?;
    let community = places::community(tx, ticket.community_id)?;
    let category = routing::category(tx, &part.category)?;
    let submission = Submission {
        id: Id::new(),
        channel: ticket.channel,
        code: ticket.code.clone(),
        place: places::find(tx, ticket.community_id, ticket.place_id)?,
        spot_note: ticket.spot_note.unmasked().to_owned(),
        level1: category.level1_code().to_owned(),
        category: Some(category.code),
        kind: Some(part.kind),
        text: part.text,
        hazard: ticket.hazard,
        reach: ticket.reach,
        person: person(keys, &ticket)?,
        photos: Vec::new(),
        notice_version: ticket.notice_version.clone(),
        called_at: ticket.called_at,
    };
    let made = submit::split_off(tx, keys, actor, (&community, &ticket), submission)?;
    // What was photographed of the work belongs to the other matter.
    let sent = store::photos(tx, &ticket)?.into_iter().filter(|photo| photo.stage == Stage::Report);
    for (place, photo) in sent.enumerate() {
        let row = super::TicketPhoto { ticket_id: made.id, seq: place as i32 + 1, ..photo };
        store::insert_photo(tx, &row)?;
    }
    let line = Line {
        act: Act::Split.word(),
        audience: Audience::Resident,
        note: made.text.unmasked(),
        data: json!({ "part": made.number, "part_id": made.id }),
    };
    record(tx, actor, &ticket, Change::default(), line)?;
    Ok(made)
}

/// The parts that were split off a report, oldest first.
pub fn parts(tx: &mut Tx, ticket: &Ticket) -> Result<Vec<Ticket>> {
    store::parts(tx, ticket)
}

/// Whoever reported, so that it can be sealed anew: a seal is bound to its ticket.
fn person(keys: &Keys, ticket: &Ticket) -> Result<Person> {
    let open =
        |sealed: &Option<Vec<u8>>| sealed.as_deref().map(|bytes| keys.unseal(ticket.id, bytes)).transpose();
    let phone = open(&ticket.phone_sealed)?;
    Ok(Person {
        name: open(&ticket.name_sealed)?,
        phone: phone.map(|digits| Phone::parse("phone", &digits)).transpose()?.flatten(),
        device_hash: ticket.device_hash.clone(),
        share_phone: ticket.share_phone,
        publish: ticket.publish,
    })
}
