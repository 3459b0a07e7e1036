//! Everything about one ticket that a person may see, ready to show: the page and the API fill from it.
//!
//! Personal numbers are masked here, once, for both. What the actor can do next is asked of [`super::status`].

use super::confirmations::{self, Heard};
use super::handing::{self, Holding, Supporting};
use super::links::{self, Link, Standing};
use super::mentions::{self, Colleague, Reminded};
use super::relation::{self, Relation};
use super::requests::{self, Request};
use super::urging::{self, Urging};
use super::voices::{self, TicketVoice};
use super::{
    Act, Channel, Event, Ladder, Level, Outcome, Reach, Reason, Satisfaction, Status, Step, Ticket,
    TicketPhoto, acts, find, followers, history, merging, photos_for, store,
};
use crate::db::{Id, Time, Tx};
use crate::error::Result;
use crate::keys::Keys;
use crate::mask;
use crate::people::Actor;
use crate::places;
use crate::routing::{self, Category, Kind, Urgency};

/// A ticket with all that belongs to it, masked.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
#[allow(missing_docs)]
pub struct Sheet {
    pub id: Id,
    pub number: String,
    pub status: Status,
    /// Send it back with a step, which is refused when the ticket has moved on since.
    pub version: i32,
    pub channel: Channel,
    pub kind: Kind,
    pub urgency: Urgency,
    pub level1: String,
    pub level1_name: String,
    pub category: Option<String>,
    pub category_name: Option<String>,
    pub danger_hint: Option<String>,
    pub place: String,
    pub spot_note: String,
    pub grid: Option<String>,
    pub text: String,
    pub hazard: bool,
    pub reach: Option<Reach>,
    pub publish: bool,
    /// Whether something of what the resident wrote is masked.
    pub hidden: bool,
    /// Nothing where the actor may not know who reported.
    pub person: Option<Reporter>,
    pub submitted_at: Time,
    /// When the call or visit really was.
    pub called_at: Option<Time>,
    pub first_contact_due: Time,
    pub first_contact_at: Option<Time>,
    pub make_safe_due: Option<Time>,
    pub due_at: Time,
    /// The deadline while the clock runs.
    pub open_due_at: Option<Time>,
    pub accepted_at: Option<Time>,
    pub closed_at: Option<Time>,
    /// The versions of what set the clocks: limits, natural or working days, calendar.
    pub rules_version: String,
    /// What must be said beside the deadline; empty where there is nothing to say.
    pub caveat: String,
    pub lead_id: Id,
    pub lead: String,
    pub lead_phone: String,
    /// 「为什么派给你」.
    pub routed: String,
    pub dispatched_at: Option<Time>,
    pub result: Option<Outcome>,
    pub result_text: String,
    pub solved_level: Option<Level>,
    pub answered_at: Option<Time>,
    pub answer_valid: Option<bool>,
    pub contacted: Option<bool>,
    pub solved: Option<bool>,
    pub satisfied: Option<Satisfaction>,
    pub answer_comment: String,
    /// What neighbours said since the last closing: evidence, never an answer.
    pub neighbours: Heard,
    pub rounds: i32,
    pub returns: i32,
    /// The ticket it was merged into.
    pub main: Option<Main>,
    pub excluded: Option<Reason>,
    /// When the party that has it accepted to lead.
    pub taken_at: Option<Time>,
    /// When the spot was made safe.
    pub safe_at: Option<Time>,
    /// Since when it stands on account.
    pub suspended_at: Option<Time>,
    /// When the account is looked at again.
    pub review_at: Option<Time>,
    /// To which level it went up.
    pub escalated: Option<Ladder>,
    /// Who supports.
    pub supports: Vec<Supporting>,
    /// Who had it, first to last.
    pub holdings: Vec<Holding>,
    /// What was asked of the community lead, and the answers.
    pub requests: Vec<Request>,
    /// Who pressed for it.
    pub urges: Vec<Urging>,
    /// The report it is a part of.
    pub origin: Option<Main>,
    /// The parts that were split off it.
    pub parts: Vec<Main>,
    /// The tickets that were merged into it.
    pub merged: Vec<Main>,
    /// The links for people outside, the latest first.
    pub links: Vec<Linked>,
    /// Whoever was reminded in a note.
    pub reminded: Vec<Reminded>,
    /// Whom one may remind in a note.
    pub colleagues: Vec<Colleague>,
    /// Whether the actor follows it.
    pub followed: bool,
    /// Whether staff took it down, so that a slip can be printed.
    pub taken_down: bool,
    pub events: Vec<Event>,
    pub photos: Vec<TicketPhoto>,
    /// Voice messages; none where the actor may not know who speaks.
    pub voices: Vec<TicketVoice>,
    /// The steps that the actor can take now.
    pub steps: Vec<Step>,
    /// What else the actor can do now.
    pub acts: Vec<Act>,
}

/// A link for somebody outside, and how it stands.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
#[allow(missing_docs)]
pub struct Linked {
    #[serde(flatten)]
    pub link: Link,
    pub standing: Standing,
    /// Whether whoever has it can still read what they are told.
    pub live: bool,
}

/// Who reported, masked.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
#[allow(missing_docs)]
pub struct Reporter {
    pub name: Option<String>,
    pub phone: Option<String>,
    /// Whether the handling party may have the phone.
    pub share_phone: bool,
    /// Who they are to the place, where they said it.
    pub relation: Option<Relation>,
}

/// Another ticket that this one belongs with.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
#[allow(missing_docs)]
pub struct Main {
    pub id: Id,
    pub number: String,
    pub status: Status,
}

impl From<Ticket> for Main {
    fn from(ticket: Ticket) -> Main {
        Main { id: ticket.id, number: ticket.number, status: ticket.status }
    }
}

/// Reads the sheet of a ticket the actor may know of.
pub fn sheet(tx: &mut Tx, keys: &Keys, actor: &Actor, id: Id) -> Result<Sheet> {
    let ticket = find(tx, actor, id)?;
    let categories = routing::categories(tx)?;
    let category =
        ticket.category.as_ref().and_then(|code| categories.iter().find(|each| each.code == *code));
    let under = categories.iter().find(|each| each.level1_code() == ticket.level1);
    let place = places::find(tx, ticket.community_id, ticket.place_id)?;
    let grids = places::grids(tx, ticket.community_id)?;
    let lead = routing::party(tx, ticket.community_id, ticket.lead_id)?;
    let other = |tx: &mut Tx, id: Option<Id>| -> Result<Option<Main>> {
        id.map(|id| store::find(tx, ticket.community_id, id).map(Main::from)).transpose()
    };
    let (main, origin) = (other(tx, ticket.main_id)?, other(tx, ticket.origin_id)?);
    let all = |tickets: Vec<Ticket>| tickets.into_iter().map(Main::from).collect();
    let events = history(tx, actor, &ticket)?;
    let mut acts: Vec<Act> = Act::ALL.to_vec();
    let knows = acts::may_know_person(actor, &ticket);
    let (stand, role) = (ticket.stand(), ticket.role(actor));
    let now = tx.now;
    let linked = |link: Link| Linked { standing: link.standing(now), live: link.live(now), link };
    let links: Vec<Linked> = links::of(tx, &ticket)?.into_iter().map(linked).collect();
    acts.retain(|act| stand.allows(*act, role).is_ok() && sensible(*act, (&ticket, &links), knows));
    let colleagues =
        if acts.contains(&Act::Note) { mentions::colleagues(tx, actor, &ticket)? } else { Vec::new() };
    Ok(Sheet {
        person: if knows { Some(reporter(tx, keys, &ticket)?) } else { None },
        level1_name: under.map(|each| each.level1.clone()).unwrap_or_default(),
        category_name: category.map(|each| each.level2.clone()),
        danger_hint: category.and_then(|each: &Category| each.danger_hint.clone()),
        place: place.full_name,
        grid: grids.into_iter().find(|grid| Some(grid.id) == ticket.grid_id).map(|grid| grid.name),
        lead: lead.name,
        lead_phone: lead.phone,
        review_at: requests::account(tx, &ticket)?.map(|request| request.until_at),
        supports: handing::supporting(tx, &ticket)?,
        holdings: handing::holdings(tx, &ticket)?,
        requests: requests::of(tx, &ticket)?,
        urges: urging::of(tx, &ticket)?,
        parts: all(merging::parts(tx, &ticket)?),
        merged: all(merging::merged_into(tx, &ticket)?),
        main,
        origin,
        caveat: super::reckoning(tx, &ticket)?.caveat(ticket.submitted_at, ticket.due_at),
        photos: photos_for(tx, actor, &ticket)?,
        voices: voices::of(tx, actor, &ticket)?,
        neighbours: confirmations::heard(tx, &ticket)?,
        reminded: mentions::names(tx, &ticket)?,
        followed: followers::follows(tx, actor, &ticket)?,
        links,
        colleagues,
        steps: stand.steps_for(role),
        events,
        acts,
        ..bare(ticket)
    })
}

/// Whether there is anything that the act could be done to.
fn sensible(act: Act, (ticket, links): (&Ticket, &[Linked]), knows: bool) -> bool {
    match act {
        Act::Reveal => knows,
        Act::Invite => ticket.kind != Kind::TipOff,
        Act::Revoke | Act::Respond => links.iter().any(|each| each.live),
        Act::Check | Act::SendBack => links.iter().any(|each| each.link.done_at.is_some()),
        _ => true,
    }
}

fn reporter(tx: &mut Tx, keys: &Keys, ticket: &Ticket) -> Result<Reporter> {
    let name = ticket.name_sealed.as_deref().map(|sealed| keys.unseal(ticket.id, sealed)).transpose()?;
    Ok(Reporter {
        name: name.map(|name| mask::name(&name)),
        phone: ticket.phone_masked.clone(),
        share_phone: ticket.share_phone,
        relation: relation::of(tx, ticket)?,
    })
}

/// What stands in the row itself.
#[expect(clippy::too_many_lines, reason = "a line for each thing that is shown")]
fn bare(ticket: Ticket) -> Sheet {
    Sheet {
        id: ticket.id,
        number: ticket.number,
        status: ticket.status,
        version: ticket.version,
        channel: ticket.channel,
        kind: ticket.kind,
        urgency: ticket.urgency,
        level1: ticket.level1,
        level1_name: String::new(),
        category: ticket.category,
        category_name: None,
        danger_hint: None,
        place: String::new(),
        spot_note: ticket.spot_note.shown(),
        grid: None,
        hidden: ticket.text.hides() || ticket.spot_note.hides(),
        text: ticket.text.shown(),
        hazard: ticket.hazard,
        reach: ticket.reach,
        publish: ticket.publish,
        person: None,
        submitted_at: ticket.submitted_at,
        called_at: ticket.called_at,
        first_contact_due: ticket.first_contact_due,
        first_contact_at: ticket.first_contact_at,
        make_safe_due: ticket.make_safe_due,
        due_at: ticket.due_at,
        open_due_at: ticket.open_due_at,
        accepted_at: ticket.accepted_at,
        closed_at: ticket.closed_at,
        rules_version: ticket.rules_version,
        caveat: String::new(),
        lead_id: ticket.lead_id,
        lead: String::new(),
        lead_phone: String::new(),
        routed: mask::text(&ticket.routed),
        dispatched_at: ticket.dispatched_at,
        result: ticket.result,
        result_text: ticket.result_text.shown(),
        solved_level: ticket.solved_level,
        answered_at: ticket.answered_at,
        answer_valid: ticket.answer_valid,
        contacted: ticket.contacted,
        solved: ticket.solved,
        satisfied: ticket.satisfied,
        answer_comment: ticket.answer_comment.shown(),
        neighbours: Heard::default(),
        rounds: ticket.rounds,
        returns: ticket.returns,
        main: None,
        excluded: ticket.excluded,
        taken_at: ticket.taken_at,
        safe_at: ticket.safe_at,
        suspended_at: ticket.suspended_at,
        review_at: None,
        escalated: ticket.escalated,
        supports: Vec::new(),
        holdings: Vec::new(),
        requests: Vec::new(),
        urges: Vec::new(),
        origin: None,
        parts: Vec::new(),
        merged: Vec::new(),
        links: Vec::new(),
        reminded: Vec::new(),
        colleagues: Vec::new(),
        followed: false,
        taken_down: ticket.registered_by.is_some(),
        events: Vec::new(),
        photos: Vec::new(),
        voices: Vec::new(),
        steps: Vec::new(),
        acts: Vec::new(),
    }
}
