//! What happens to a ticket without moving it: contact, classification, messages, photos, a phone shown.
//!
//! Who may do what in which status stands in [`super::status::ACTS`] alone. Each leaves one event.

use serde_json::{Value, json};

use super::links::photos_of;
use super::requests::{self, Request, Wish};
use super::store::Change;
use super::{Act, Audience, Line, Note, Stage, Ticket, find_held, handing, hang, store};
use crate::calendar::Reckoning;
use crate::db::{Id, Time, Tx};
use crate::error::{Error, Result};
use crate::keys::Keys;
use crate::mask::FreeText;
use crate::people::{Actor, Role};
use crate::photos::Photo;
use crate::places;
use crate::routing::{self, Kind, Matter, suggest};
use crate::settings::{self, Retention};

text_enum! {
    /// What came of a call.
    pub enum Contact {
        Reached = "reached", "已联系上";
        NoAnswer = "no_answer", "无人接听";
        NoPhone = "no_phone", "未留电话，已到现场";
    }
}

/// 联系: a call or visit was made. The first one that reached somebody, or the place, stops the first-contact clock; on
/// account it had rested until then.
pub fn contact(tx: &mut Tx, actor: &Actor, id: Id, contact: Contact, note: &str) -> Result<Ticket> {
    let ticket = may(tx, actor, id, Act::Contact)?;
    let counts = contact != Contact::NoAnswer && ticket.first_contact_at.is_none();
    let change = Change {
        first_contact_at: counts.then_some(Some(tx.now)),
        first_contact_due: match counts && ticket.suspended_at.is_some() {
            true => Some(requests::rested(tx, &ticket, ticket.first_contact_due)?),
            false => None,
        },
        ..Change::default()
    };
    let data = json!({ "contact": contact });
    record(
        tx,
        actor,
        &ticket,
        change,
        Line { act: Act::Contact.word(), audience: Audience::Staff, note, data },
    )
}

/// 排险: the spot is safe for now, which is not yet solved. Stops the clock of making safe; the resident reads it.
pub fn make_safe(tx: &mut Tx, actor: &Actor, id: Id, note: &Note) -> Result<Ticket> {
    let ticket = may(tx, actor, id, Act::MakeSafe)?;
    let change = Change { safe_at: Some(Some(tx.now)), ..Change::default() };
    let line = Line {
        act: Act::MakeSafe.word(),
        audience: Audience::Resident,
        note: note.as_str(),
        data: Value::Null,
    };
    record(tx, actor, &ticket, change, line)
}

/// 定分类: level 2 and kind. Before dispatch, lead, urgency and limits follow from it; always counted from
/// submission less the time on account, and never before a deadline that was granted. Once a party has it, only the limits follow: the first party
/// that took it stays lead.
pub fn categorize(tx: &mut Tx, actor: &Actor, id: Id, category: &str, kind: Kind) -> Result<Ticket> {
    let ticket = may(tx, actor, id, Act::Categorize)?;
    let category = routing::category(tx, category)?;
    let place = places::find(tx, ticket.community_id, ticket.place_id)?;
    let matter = Matter {
        place: &place,
        grid_id: ticket.grid_id,
        text: ticket.text.unmasked(),
        level1: category.level1_code(),
        category: Some(&category.code),
        kind: Some(kind),
        submitted_at: ticket.submitted_at,
    };
    let route = routing::route(tx, ticket.community_id, &matter)?;
    let free = ticket.dispatched_at.is_none();
    let clock = Reckoning::of(tx, ticket.community_id, &route.rules_version, ticket.submitted_at)?;
    let rests = store::rests(tx, &ticket)?;
    let rested = clock.rested((ticket.submitted_at, route.due_at), &rests);
    // That of the first contact rested until somebody was reached.
    let reached = ticket.first_contact_at;
    let until_reached: Vec<(Time, Time)> = rests
        .into_iter()
        .filter(|(since, _)| reached.is_none_or(|at| *since < at))
        .map(|(since, until)| (since, reached.map_or(until, |at| until.min(at))))
        .collect();
    let contact = (ticket.submitted_at, route.first_contact_due);
    let first_contact_due = clock.rested(contact, &until_reached);
    // What was granted stays granted: the later of the two deadlines.
    let extended = |request: &Request| request.kind == Wish::Extension && request.approved == Some(true);
    let due_at = match requests::of(tx, &ticket)?.iter().any(extended) {
        true => rested.max(ticket.due_at),
        false => rested,
    };
    let data = json!({
        "category": [ticket.category, category.code], "kind": [ticket.kind, kind],
        "due_at": [ticket.due_at, due_at], "rules": route.rules_version,
        // Once a party has it, the rule decides the limits alone.
        "routing": free.then_some(&route.why),
    });
    let change = Change {
        category: Some(Some(category.code.clone())),
        level1: Some(category.level1_code().to_owned()),
        kind: Some(kind),
        urgency: Some(route.urgency),
        first_contact_due: Some(first_contact_due),
        make_safe_due: Some(route.make_safe_due),
        due_at: Some(due_at),
        open_due_at: Some(ticket.suspended_at.is_none().then_some(due_at)),
        rules_version: Some(route.rules_version),
        lead_id: free.then_some(route.lead.id),
        routed: free.then_some(route.reason),
        ..Change::default()
    };
    let note = format!("{}，{}", category.level2, kind.label());
    let line = Line { act: Act::Categorize.word(), audience: Audience::Staff, note: &note, data };
    // Lead and limits change: whoever decides on the old ones must look again, so the version goes up.
    let seq = store::move_on(tx, &ticket, &change)?.ok_or_else(super::steps::changed)?;
    store::insert_event(tx, &line.event(tx, actor, &ticket, (ticket.status, seq)))?;
    if free {
        let supporting: Vec<Id> = route.supporting.iter().map(|party| party.id).collect();
        handing::support_by_rule(tx, &ticket, &supporting)?;
    }
    suggest::choose(tx, (ticket.community_id, ticket.id), &category.code)?;
    store::find(tx, ticket.community_id, ticket.id)
}

/// 给居民留言: the resident reads it on the ticket's page.
pub fn message(tx: &mut Tx, actor: &Actor, id: Id, note: &Note) -> Result<Ticket> {
    let ticket = may(tx, actor, id, Act::Message)?;
    let line = Line {
        act: Act::Message.word(),
        audience: Audience::Resident,
        note: note.as_str(),
        data: Value::Null,
    };
    record(tx, actor, &ticket, Change::default(), line)
}

/// Photos of a report and of everything its resident adds to it.
const REPORTED_PHOTOS: usize = 30;
/// Times in a day and night that a resident may add to one report: each is told to somebody.
const REPLIES_A_DAY: usize = 20;

/// How often something was done within a day and night.
pub(super) fn since(tx: &Tx, events: &[super::Event], act: Act) -> usize {
    let day = tx.now.plus_minutes(-24 * 60);
    events.iter().filter(|event| event.act == act.word() && event.at > day).count()
}

/// 居民补充: the resident adds words, photos or both. The same twice within ten minutes are a double tap, not two.
pub fn reply(tx: &mut Tx, actor: &Actor, id: Id, note: &Note, added: &[Photo]) -> Result<Ticket> {
    let ticket = may(tx, actor, id, Act::Reply)?;
    let recent = tx.now.plus_minutes(-10);
    let hung = store::photos(tx, &ticket)?;
    let keys = |event: &super::Event| -> Vec<_> {
        let numbers = photos_of(event);
        hung.iter().filter(|photo| numbers.contains(&photo.seq)).map(|photo| &photo.photo).collect()
    };
    let said = |event: &super::Event| {
        let same =
            event.act == Act::Reply.word() && event.note.unmasked() == note.as_str() && event.at > recent;
        same && keys(event).into_iter().eq(added.iter().map(|photo| &photo.key))
    };
    let events = store::events(tx, &ticket)?;
    if events.iter().any(said) {
        return Ok(ticket);
    }
    if since(tx, &events, Act::Reply) >= REPLIES_A_DAY {
        let phone = places::community(tx, ticket.community_id)?.phone;
        let said = format!(
            "您今天已经补充了 {REPLIES_A_DAY} 次，社区都收到了。写好的内容还在这里，请明天再发；着急请打社区电话 {phone}"
        );
        return Err(Error::invalid("message", said));
    }
    let reported = hung.iter().filter(|photo| photo.stage == Stage::Report).count();
    if reported + added.len() > REPORTED_PHOTOS {
        let sentence = format!("照片已经很多了（最多 {REPORTED_PHOTOS} 张），请用文字补充，或打社区电话");
        return Err(Error::invalid("photo", sentence));
    }
    let numbers = hang(tx, actor, &ticket, Stage::Report, added)?;
    let data = if added.is_empty() { Value::Null } else { json!({ "photos": numbers }) };
    let line = Line { act: Act::Reply.word(), audience: Audience::Resident, note: note.as_str(), data };
    record(tx, actor, &ticket, Change::default(), line)
}

/// Hangs photos of the work on a ticket.
pub fn add_photos(tx: &mut Tx, actor: &Actor, id: Id, stage: Stage, photos: &[Photo]) -> Result<Ticket> {
    let ticket = may(tx, actor, id, Act::Photo)?;
    hang(tx, actor, &ticket, stage, photos)?;
    let note = format!("{} {} 张", stage.label(), photos.len());
    let line = Line { act: Act::Photo.word(), audience: Audience::Staff, note: &note, data: Value::Null };
    record(tx, actor, &ticket, Change::default(), line)
}

/// What a reveal shows.
#[derive(Debug, Clone)]
pub struct Revealed {
    /// The digits, where a phone was left.
    pub phone: Option<String>,
    /// The form of address, where one was left.
    pub name: Option<String>,
    /// What the resident wrote, as they wrote it, where something of it is masked.
    pub words: Vec<String>,
}

/// Whether the actor may learn who reported: the handling party only with the resident's consent, and never who
/// made a 举报; a supporting party never (domain §9).
pub fn may_know_person(actor: &Actor, ticket: &Ticket) -> bool {
    match ticket.role(actor) {
        Role::Handler => ticket.share_phone && ticket.kind != Kind::TipOff,
        Role::Supporter => false,
        _ => true,
    }
}

/// 查看电话和原文: shows phone, name and the resident's own words once, for a reason, and leaves a line in the audit log and in the history.
/// Refused to a handling party that may not know the person.
pub fn reveal(tx: &mut Tx, keys: &Keys, actor: &Actor, id: Id, reason: &Note) -> Result<Revealed> {
    let ticket = may(tx, actor, id, Act::Reveal)?;
    if !may_know_person(actor, &ticket) {
        return Err(Error::Forbidden);
    }
    store::audit(tx, actor, Act::Reveal.word(), Some(ticket.id), reason.as_str())?;
    let line =
        Line { act: Act::Reveal.word(), audience: Audience::Staff, note: reason.as_str(), data: Value::Null };
    record(tx, actor, &ticket, Change::default(), line)?;
    let open =
        |sealed: &Option<Vec<u8>>| sealed.as_deref().map(|bytes| keys.unseal(ticket.id, bytes)).transpose();
    let (phone, name) = (open(&ticket.phone_sealed)?, open(&ticket.name_sealed)?);
    Ok(Revealed { phone, name, words: hidden_words(tx, &ticket)? })
}

/// What the resident wrote and nobody sees whole: the report, the spot, what was added later.
fn hidden_words(tx: &mut Tx, ticket: &Ticket) -> Result<Vec<String>> {
    let said = store::events(tx, ticket)?
        .into_iter()
        .filter(|event| event.role == Role::Resident && !super::meeting::is_of_neighbours(event));
    let all = [ticket.spot_note.clone(), ticket.text.clone()].into_iter().chain(said.map(|event| event.note));
    Ok(all.filter(FreeText::hides).map(|text| text.unmasked().to_owned()).collect())
}

/// Notes in the audit log that something personal or large left the program.
pub fn audit(tx: &mut Tx, actor: &Actor, act: &'static str, reason: &str) -> Result<()> {
    store::audit(tx, actor, act, None, reason)
}

/// One line of the audit log.
#[derive(Debug, Clone, diesel::Queryable, serde::Serialize, utoipa::ToSchema)]
#[allow(missing_docs)]
pub struct Audited {
    pub id: Id,
    pub at: Time,
    pub actor: String,
    pub act: String,
    pub ticket_id: Option<Id>,
    pub reason: FreeText,
}

/// Lines of the audit log on one page.
pub const AUDITS_PAGE: usize = 50;

/// The audit log of the community before `before`, latest first, at most [`AUDITS_PAGE`] lines. For leads, auditors and admins.
pub fn audits(tx: &mut Tx, actor: &Actor, before: Option<Id>) -> Result<Vec<Audited>> {
    store::audits(tx, actor.community_id, before)
}

/// How many lines of the audit log are older than the community keeps them, counted up to `most`.
pub fn audits_to_forget(tx: &mut Tx, community_id: Id, most: i64) -> Result<usize> {
    let before = audits_kept_from(tx, community_id)?;
    Ok(store::audits_before(tx, community_id, before, most)?.len())
}

/// Deletes lines of the audit log that are older than the community keeps them, at most `most`; returns how many.
pub fn forget_audits(tx: &mut Tx, community_id: Id, most: i64) -> Result<usize> {
    let before = audits_kept_from(tx, community_id)?;
    let due = store::audits_before(tx, community_id, before, most)?;
    store::delete_audits(tx, community_id, &due)?;
    Ok(due.len())
}

fn audits_kept_from(tx: &mut Tx, community_id: Id) -> Result<Time> {
    let rules: Retention = settings::at(tx, community_id, tx.now)?;
    Ok(tx.now.plus_minutes(-i64::from(rules.audit_days) * 1440))
}

/// The ticket, held, if the actor may do `act` to it now. Held before it is asked: what somebody else has begun is over
/// then, and nothing changes between the answer and the event.
pub(super) fn may(tx: &mut Tx, actor: &Actor, id: Id, act: Act) -> Result<Ticket> {
    let ticket = find_held(tx, actor, id)?;
    ticket.stand().allows(act, ticket.role(actor))?;
    Ok(ticket)
}

/// Changes particulars and adds the event. Not a step: the version stays, so that a note does not undo what
/// somebody else is about to decide; the row's event counter orders simultaneous acts.
pub(super) fn record(
    tx: &mut Tx,
    actor: &Actor,
    ticket: &Ticket,
    change: Change,
    line: Line,
) -> Result<Ticket> {
    let seq = store::alter(tx, ticket, &change)?;
    if seq == 0 {
        return Err(Error::NotFound);
    }
    store::insert_event(tx, &line.event(tx, actor, ticket, (ticket.status, seq)))?;
    store::find(tx, ticket.community_id, ticket.id)
}

/// 公示 and 撤下公示: what the bulletin did with the result. The reporter reads that it was published.
pub fn made_public(tx: &mut Tx, actor: &Actor, id: Id, act: Act, note: &str) -> Result<Ticket> {
    let ticket = may(tx, actor, id, act)?;
    let audience = if act == Act::Publish { Audience::Resident } else { Audience::Staff };
    record(tx, actor, &ticket, Change::default(), Line { act: act.word(), audience, note, data: Value::Null })
}
