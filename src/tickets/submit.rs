//! How a ticket comes to be: a resident submits it, or staff take it down.
//!
//! The clock starts here. Routing is asked once; number, secret and query code are made; nothing about the
//! person is stored in the clear.

use serde_json::json;

use super::{Act, Audience, Channel, Event, Note, Phone, Reach, Stage, Status, Ticket, handing, hang, store};
use crate::db::{Id, Time, Tx};
use crate::error::{Error, Result};
use crate::keys::{KEY_VERSION, Keys};
use crate::mask::{self, FreeText};
use crate::people::{Actor, Role};
use crate::photos::Photo;
use crate::places::{Community, Place};
use crate::routing::{self, Kind, Matter, Route};

/// Who a supporting party was added by when a rule named it.
pub(crate) const BY_RULE: &str = "派单规则";

/// Who reports, as far as they said.
#[derive(Clone, Default)]
pub struct Person {
    /// Form of address.
    pub name: Option<String>,
    /// For calling back.
    pub phone: Option<Phone>,
    /// Keyed hash of the device cookie.
    pub device_hash: Option<Vec<u8>>,
    /// The handling party may see the phone.
    pub share_phone: bool,
    /// The result may be published.
    pub publish: bool,
}

/// A report, parsed. Photos were cleaned and stored before.
#[derive(Clone)]
#[allow(missing_docs)]
pub struct Submission {
    /// The id that the ticket is to have: made before, so that a repeated submission can be recognised.
    pub id: Id,
    pub channel: Channel,
    pub code: Option<String>,
    pub place: Place,
    pub spot_note: String,
    /// Two digits.
    pub level1: String,
    /// Four digits.
    pub category: Option<String>,
    pub kind: Option<Kind>,
    pub text: Note,
    pub hazard: bool,
    pub reach: Option<Reach>,
    pub person: Person,
    pub photos: Vec<Photo>,
    pub notice_version: String,
    /// When the call really was, for what staff take down; never in the future.
    pub called_at: Option<Time>,
}

/// Makes a ticket in the community. Residents submit by scanning; community workers, leads and grid workers
/// take down the other channels. Fails where the community has no party, or a category is none.
pub fn submit(
    tx: &mut Tx,
    keys: &Keys,
    actor: &Actor,
    community: &Community,
    submission: Submission,
) -> Result<Ticket> {
    let takes_down = matches!(actor.role, Role::CommunityWorker | Role::CommunityLead | Role::GridWorker);
    match (actor.role, submission.channel) {
        (Role::Resident, Channel::Scan) => {}
        (_, Channel::Scan) => {
            return Err(Error::invalid("channel", "扫码由居民自己提交，代录请选来电、来访等"));
        }
        _ if takes_down => {}
        _ => return Err(Error::Forbidden),
    }
    if submission.place.community_id != community.id || community.id != actor.community_id {
        return Err(Error::NotFound);
    }
    if submission.called_at.is_some_and(|called| called > tx.now) {
        return Err(Error::invalid("called_at", "来电时间不能在将来"));
    }
    let (ticket, route) = fresh(tx, keys, actor, (community, tx.now), &submission)?;
    keep(tx, actor, (&ticket, &route), "")?;
    if !submission.photos.is_empty() {
        hang(tx, actor, &ticket, Stage::Report, &submission.photos)?;
    }
    Ok(ticket)
}

/// Makes a ticket of one part of a report: the clock counts from the report.
pub(super) fn split_off(
    tx: &mut Tx,
    keys: &Keys,
    actor: &Actor,
    (community, origin): (&Community, &Ticket),
    submission: Submission,
) -> Result<Ticket> {
    let (made, route) = fresh(tx, keys, actor, (community, origin.submitted_at), &submission)?;
    let ticket = Ticket {
        registered_by: origin.registered_by,
        // A part of a part is a part of the report.
        origin_id: Some(origin.origin_id.unwrap_or(origin.id)),
        ..made
    };
    keep(tx, actor, (&ticket, &route), "")?;
    Ok(ticket)
}

/// Makes a ticket of a report that was held: it takes the number of the day on which it is let in, and every clock
/// counts from the moment at which it came. Who let it in stands in the audit log (`held`).
pub(super) fn let_in(
    tx: &mut Tx,
    keys: &Keys,
    (community, came_at): (&Community, Time),
    submission: Submission,
) -> Result<Ticket> {
    let actor = Actor::resident(community.id);
    let (ticket, route) = fresh(tx, keys, &actor, (community, came_at), &submission)?;
    let note = format!("{} 提交，社区核对后登记", came_at.long());
    keep(tx, &actor, (&ticket, &route), &note)?;
    if !submission.photos.is_empty() {
        hang(tx, &actor, &ticket, Stage::Report, &submission.photos)?;
    }
    Ok(ticket)
}

fn keep(tx: &mut Tx, actor: &Actor, (ticket, route): (&Ticket, &Route), note: &str) -> Result<()> {
    let event = Event { note: note.into(), ..first_event(tx, actor, ticket, route) };
    store::insert(tx, ticket, &event)?;
    for party in &route.supporting {
        handing::add_support(tx, ticket, party.id, BY_RULE)?;
    }
    Ok(())
}

#[expect(clippy::too_many_lines, reason = "a line for each column of the row")]
fn fresh(
    tx: &mut Tx,
    keys: &Keys,
    actor: &Actor,
    (community, begun): (&Community, Time),
    submission: &Submission,
) -> Result<(Ticket, Route)> {
    let id = submission.id;
    let matter = Matter {
        place: &submission.place,
        grid_id: submission.place.grid_id,
        text: submission.text.as_str(),
        level1: &submission.level1,
        category: submission.category.as_deref(),
        kind: submission.kind,
        submitted_at: begun,
    };
    let route = routing::route(tx, community.id, &matter)?;
    let number = store::next_number(tx, community)?;
    let secret = keys.ticket_secret(KEY_VERSION, &community.token, id);
    let person = &submission.person;
    let phone = person.phone.as_ref();
    let ticket = Ticket {
        community_id: community.id,
        id,
        number,
        key_version: KEY_VERSION,
        secret_hash: keys.ticket_hash(&secret),
        query_hash: keys.ticket_hash(&keys.query_code(KEY_VERSION, id)),
        channel: submission.channel,
        code: submission.code.clone(),
        place_id: submission.place.id,
        building_id: submission.place.building_id,
        grid_id: submission.place.grid_id,
        spot_note: submission.spot_note.as_str().into(),
        kind: route.kind,
        level1: submission.level1.clone(),
        category: submission.category.clone(),
        text: submission.text.as_str().into(),
        hazard: submission.hazard,
        reach: submission.reach,
        publish: person.publish,
        share_phone: person.share_phone,
        name_sealed: person.name.as_ref().map(|name| keys.seal(id, name)).transpose()?,
        phone_sealed: phone.map(|phone| keys.seal(id, phone.digits())).transpose()?,
        phone_hash: phone.map(|phone| keys.phone_hash(phone.digits())),
        phone_masked: phone.map(|phone| mask::phone(phone.digits())),
        device_hash: person.device_hash.clone(),
        notice_version: submission.notice_version.clone(),
        submitted_at: begun,
        called_at: submission.called_at,
        registered_by: actor.staff_id,
        status: Status::New,
        version: 1,
        urgency: route.urgency,
        first_contact_due: route.first_contact_due,
        make_safe_due: route.make_safe_due,
        due_at: route.due_at,
        open_due_at: Some(route.due_at),
        rules_version: route.rules_version.clone(),
        lead_id: route.lead.id,
        routed: route.reason.clone(),
        handler_id: None,
        dispatched_at: None,
        accepted_at: None,
        first_contact_at: None,
        closed_at: None,
        result: None,
        result_text: FreeText::default(),
        solved_level: None,
        answered_at: None,
        answer_valid: None,
        contacted: None,
        solved: None,
        satisfied: None,
        answer_comment: FreeText::default(),
        events: 1,
        rounds: 0,
        returns: 0,
        main_id: None,
        hotline_number: None,
        excluded: None,
        taken_at: None,
        safe_at: None,
        suspended_at: None,
        escalated: None,
        origin_id: None,
    };
    Ok((ticket, route))
}

fn first_event(tx: &Tx, actor: &Actor, ticket: &Ticket, route: &Route) -> Event {
    Event {
        community_id: ticket.community_id,
        ticket_id: ticket.id,
        seq: 1,
        at: tx.now,
        role: actor.role,
        actor_id: actor.staff_id,
        actor: actor.name.clone(),
        act: Act::Submit.word().to_owned(),
        from_status: None,
        to_status: Status::New,
        audience: Audience::Resident,
        note: FreeText::default(),
        data: json!({
            "channel": ticket.channel, "category": ticket.category, "submitted_at": ticket.submitted_at,
            "due_at": ticket.due_at, "why": ticket.routed, "routing": route.why,
        })
        .to_string(),
    }
}
