//! One incident that many tell of: 停水, 停电, 电梯. Proposed by [`super::clusters`], confirmed by a person.
//!
//! Each member stays a ticket with its own number, clock and answers. A message or a closing of the incident is one
//! event on each member, in one transaction; what cannot be done to a member is said and keeps nothing else back. A
//! ticket belongs to one incident at most.

use diesel::prelude::*;

use super::clusters::clusters;
use super::{Face, Line, lines, store, triages};
use crate::db::{Id, Time, Tx};
use crate::error::{Error, Result};
use crate::people::Actor;
use crate::places::{self, PlaceKind};
use crate::routing;
use crate::settings;
use crate::tickets::steps::{self, Closure, Seen};
use crate::tickets::{self, Note, Step, Ticket, acts, mentions};

text_enum! {
    /// Where an incident stands.
    pub enum State {
        Open = "open", "正在办";
        Closed = "closed", "已结束";
        Dismissed = "dismissed", "不是同一事件";
    }
}

/// An incident, or the decision that there is none.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, serde::Serialize, utoipa::ToSchema)]
#[diesel(table_name = crate::schema::incidents, treat_none_as_default_value = false)]
#[allow(missing_docs)]
pub struct Incident {
    #[serde(skip)]
    pub community_id: Id,
    pub id: Id,
    /// The unit where all its first members are, else the building.
    pub place_id: Id,
    /// Four digits.
    pub category: String,
    pub state: State,
    pub opened_at: Time,
    pub opened_by: String,
    pub ended_at: Option<Time>,
    pub ended_by: Option<String>,
}

/// An incident with its names and members.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
#[schema(as = IncidentSheet)]
pub struct Sheet {
    /// The incident.
    #[serde(flatten)]
    pub incident: Incident,
    /// Where.
    pub place: String,
    /// What.
    pub matter: String,
    /// Its tickets, oldest first.
    pub members: Vec<Line>,
    /// Later tickets of its place and category that may belong to it.
    pub joining: Vec<Line>,
}

impl Sheet {
    /// How many members are still to be done.
    pub fn running(&self) -> usize {
        self.members.iter().filter(|line| line.status.clock_runs()).count()
    }
}

/// Several tickets that may be one incident.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
#[schema(as = IncidentProposal)]
pub struct Proposal {
    /// The unit or building.
    pub place: String,
    /// Four digits.
    pub category: String,
    /// The category in words.
    pub matter: String,
    /// The tickets, oldest first.
    pub tickets: Vec<Line>,
    /// So many minutes between the first and the last.
    pub minutes: i64,
}

impl Proposal {
    /// The time between the first and the last, in words.
    pub fn lasted(&self) -> String {
        crate::clock::words(self.minutes)
    }

    /// Whether a ticket is one of them.
    pub fn holds(&self, ticket: Id) -> bool {
        self.tickets.iter().any(|line| line.id == ticket)
    }
}

/// What became of one member.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
pub struct Reached {
    /// The ticket.
    pub id: Id,
    /// Its number.
    pub number: String,
    /// Why it was not reached or closed; nothing where it was.
    pub problem: Option<String>,
}

/// Incidents on one page.
pub const PAGE: i64 = 25;
/// Proposals look back so many days.
const DAYS: i64 = 2;
/// The most tickets of one incident.
const MOST: usize = 500;

/// The incidents that open tickets of the last two days hint at. For community workers and leads.
pub fn proposed(tx: &mut Tx, actor: &Actor) -> Result<Vec<Proposal>> {
    triages(actor)?;
    let rules = settings::at(tx, actor.community_id, tx.now)?;
    let recent = store::recent(tx, actor.community_id, tx.now.plus_minutes(-DAYS * 1440))?;
    let mut proposals = Vec::new();
    for cluster in clusters(&recent, &rules) {
        let (Some(first), Some(last)) = (cluster.first(), cluster.last()) else { continue };
        let ids: Vec<Id> = cluster.iter().map(|face| face.id).collect();
        let category = first.category.clone().unwrap_or_default();
        proposals.push(Proposal {
            place: places::find(tx, actor.community_id, common(&cluster))?.full_name,
            matter: routing::category(tx, &category)?.level2,
            tickets: lines(tx, actor.community_id, &ids)?,
            minutes: (last.submitted_at.0 - first.submitted_at.0).num_minutes(),
            category,
        });
    }
    Ok(proposals)
}

/// The one place of all, else their building.
fn common(cluster: &[Face]) -> Id {
    let first = &cluster[0];
    if cluster.iter().all(|face| face.place_id == first.place_id) { first.place_id } else { first.building() }
}

/// Confirms that tickets are one incident. They must be of one building and one level 2, and of no other incident.
pub fn confirm(tx: &mut Tx, actor: &Actor, ids: &[Id]) -> Result<Incident> {
    let incident = gather(tx, actor, ids, State::Open)?;
    let sheet = sheet(tx, actor, incident.id)?;
    let note = format!("归入同一事件：{} {}，共 {} 件", sheet.place, sheet.matter, sheet.members.len());
    for member in &sheet.members {
        remark(tx, actor, member.id, &note)?;
    }
    Ok(incident)
}

/// Notes that tickets are not one incident: they are not proposed again.
pub fn dismiss(tx: &mut Tx, actor: &Actor, ids: &[Id]) -> Result<Incident> {
    gather(tx, actor, ids, State::Dismissed)
}

fn gather(tx: &mut Tx, actor: &Actor, ids: &[Id], state: State) -> Result<Incident> {
    triages(actor)?;
    let mut ids = ids.to_vec();
    // Always in one order, so that two people at once wait for each other and never for both.
    ids.sort_unstable();
    ids.dedup();
    if !(2..=MOST).contains(&ids.len()) {
        return Err(Error::invalid("tickets", "同一事件至少要有两件诉求，最多 500 件"));
    }
    let mut faces = Vec::new();
    for id in &ids {
        faces.push(Face::of(&tickets::find(tx, actor, *id)?));
    }
    let first = faces[0].clone();
    let same = |face: &Face| face.building() == first.building() && face.category == first.category;
    let Some(category) = first.category.clone().filter(|_| faces.iter().all(same)) else {
        return Err(Error::invalid("tickets", "同一事件的诉求要在同一栋楼、同一个二级分类；请先定好分类"));
    };
    let ended = state == State::Dismissed;
    let incident = Incident {
        community_id: actor.community_id,
        id: Id::new(),
        place_id: common(&faces),
        category,
        state,
        opened_at: tx.now,
        opened_by: actor.name.clone(),
        ended_at: ended.then_some(tx.now),
        ended_by: ended.then(|| actor.name.clone()),
    };
    store::insert(tx, &incident)?;
    for id in ids {
        join(tx, actor, &incident, id)?;
    }
    Ok(incident)
}

/// Makes a ticket a member, unless it belongs to an incident that somebody confirmed.
fn join(tx: &mut Tx, actor: &Actor, incident: &Incident, ticket: Id) -> Result<()> {
    store::hold(tx, actor.community_id, ticket)?;
    match store::incident_of(tx, actor.community_id, ticket)? {
        Some(other) if other.state != State::Dismissed => {
            return Err(Error::conflict("其中有诉求已经在另一个事件里了；请刷新看看最新情况"));
        }
        Some(dismissed) => store::leave(tx, actor, dismissed.id, ticket)?,
        None => {}
    }
    store::join(tx, actor, incident.id, ticket)
}

/// Adds a ticket, by its number, to an open incident.
pub fn add(tx: &mut Tx, actor: &Actor, id: Id, number: &str) -> Result<Ticket> {
    triages(actor)?;
    let incident = open(tx, actor, id)?;
    let wrong = || Error::invalid("number", "没有找到这件工单，请核对工单号");
    let number = tickets::number::parse(number).ok_or_else(wrong)?;
    let ticket = tickets::find_by_number(tx, actor, &number).map_err(|_| wrong())?;
    join(tx, actor, &incident, ticket.id)?;
    let matter = routing::category(tx, &incident.category)?.level2;
    let place = places::find(tx, actor.community_id, incident.place_id)?.full_name;
    remark(tx, actor, ticket.id, &format!("归入同一事件：{place} {matter}"))?;
    Ok(ticket)
}

/// Takes a ticket out of an incident: it is a matter of its own again, also in the figures.
pub fn remove(tx: &mut Tx, actor: &Actor, id: Id, ticket: Id) -> Result<()> {
    triages(actor)?;
    let incident = store::find(tx, actor.community_id, id)?;
    store::leave(tx, actor, incident.id, ticket)?;
    remark(tx, actor, ticket, "移出同一事件，单独办理")
}

/// One message to the residents of all members. Says whom it could not reach.
pub fn tell(tx: &mut Tx, actor: &Actor, id: Id, text: &Note) -> Result<Vec<Reached>> {
    open(tx, actor, id)?;
    let members = store::members(tx, actor.community_id, id)?;
    each(tx, actor, &members, |tx, ticket| acts::message(tx, actor, ticket.id, text))
}

/// Closes all members that are not done and can be closed, with one result; those that wait for acceptance are accepted by the same hand
/// first. Says which could not be closed and why. The incident ends when none is left to do.
pub fn close(tx: &mut Tx, actor: &Actor, id: Id, closure: &Closure) -> Result<Vec<Reached>> {
    let incident = open(tx, actor, id)?;
    let members = sheet(tx, actor, id)?.members;
    let mut left: Vec<Id> =
        members.iter().filter(|line| line.status.clock_runs()).map(|line| line.id).collect();
    left.sort_unstable();
    let reached = each(tx, actor, &left, |tx, ticket| {
        let seen = |ticket: &Ticket| Seen { id: ticket.id, version: ticket.version };
        let offered = |ticket: &Ticket, step| ticket.stand().steps_for(ticket.role(actor)).contains(&step);
        let accepted = match offered(ticket, Step::Accept) && !offered(ticket, Step::Close) {
            true => steps::accept(tx, actor, seen(ticket))?,
            false => ticket.clone(),
        };
        steps::close(tx, actor, seen(&accepted), closure.clone())
    })?;
    if sheet(tx, actor, id)?.running() == 0 {
        store::end(tx, actor, &incident)?;
    }
    Ok(reached)
}

/// Ends an incident whose members are all done.
pub fn end(tx: &mut Tx, actor: &Actor, id: Id) -> Result<()> {
    triages(actor)?;
    let incident = open(tx, actor, id)?;
    match sheet(tx, actor, id)?.running() {
        0 => store::end(tx, actor, &incident),
        left => Err(Error::conflict(format!("还有 {left} 件没有办结，办结以后再结束这个事件"))),
    }
}

/// Does something with each member, in one order. A refusal keeps nothing else back; it comes before any change of that
/// member, except that it may have been accepted.
fn each(
    tx: &mut Tx,
    actor: &Actor,
    members: &[Id],
    mut act: impl FnMut(&mut Tx, &Ticket) -> Result<Ticket>,
) -> Result<Vec<Reached>> {
    triages(actor)?;
    let mut reached = Vec::new();
    for member in members {
        let ticket = tickets::find(tx, actor, *member)?;
        let problem = match act(tx, &ticket) {
            Ok(_) => None,
            Err(err @ (Error::Conflict(_) | Error::Invalid(_) | Error::Forbidden)) => Some(err.to_string()),
            Err(err) => return Err(err),
        };
        reached.push(Reached { id: ticket.id, number: ticket.number, problem });
    }
    Ok(reached)
}

fn remark(tx: &mut Tx, actor: &Actor, ticket: Id, words: &str) -> Result<()> {
    mentions::note(tx, actor, ticket, &Note::parse("text", words, "")?, &[]).map(drop)
}

fn open(tx: &mut Tx, actor: &Actor, id: Id) -> Result<Incident> {
    let incident = store::find(tx, actor.community_id, id)?;
    match incident.state {
        State::Open => Ok(incident),
        State::Closed | State::Dismissed => Err(Error::conflict("这个事件已经结束；请刷新看看最新情况")),
    }
}

/// An incident with its members, for whoever reads figures of the community.
pub fn sheet(tx: &mut Tx, actor: &Actor, id: Id) -> Result<Sheet> {
    let incident = store::find(tx, actor.community_id, id)?;
    let ids = store::members(tx, actor.community_id, id)?;
    let members = lines(tx, actor.community_id, &ids)?;
    let joining = match (incident.state, members.first()) {
        (State::Open, Some(first)) => joining(tx, &incident, first.submitted_at)?,
        _ => Vec::new(),
    };
    Ok(Sheet {
        place: places::find(tx, actor.community_id, incident.place_id)?.full_name,
        matter: routing::category(tx, &incident.category)?.level2,
        incident,
        members,
        joining,
    })
}

/// Open tickets of the place and category of an incident since its first member that belong to no incident.
fn joining(tx: &mut Tx, incident: &Incident, since: Time) -> Result<Vec<Line>> {
    let all = places::list(tx, incident.community_id)?;
    let building = all.iter().any(|place| place.id == incident.place_id && place.kind == PlaceKind::Building);
    let inside = |place: &&places::Place| {
        place.id == incident.place_id || building && place.building_id == Some(incident.place_id)
    };
    let places: Vec<Id> = all.iter().filter(inside).map(|place| place.id).collect();
    let ids = store::joining(tx, incident, &places, since)?;
    lines(tx, incident.community_id, &ids)
}

/// A page of incidents of a state, latest first; `before` is the last of the page before.
pub fn list(tx: &mut Tx, actor: &Actor, state: State, before: Option<Id>) -> Result<Vec<Sheet>> {
    let ids = store::page(tx, actor.community_id, state, before)?;
    ids.into_iter().map(|id| sheet(tx, actor, id)).collect()
}

/// The confirmed incident that a ticket belongs to.
pub fn of(tx: &mut Tx, ticket: &Ticket) -> Result<Option<Incident>> {
    let found = store::incident_of(tx, ticket.community_id, ticket.id)?;
    Ok(found.filter(|incident| incident.state != State::Dismissed))
}

/// The open incidents of a ticket's place and category.
pub fn joinable(tx: &mut Tx, ticket: &Ticket) -> Result<Vec<Incident>> {
    let here = [Some(ticket.place_id), ticket.building_id];
    let fits = |each: &Incident| {
        here.contains(&Some(each.place_id)) && ticket.category.as_deref() == Some(each.category.as_str())
    };
    let open = store::open(tx, ticket.community_id)?;
    Ok(open.into_iter().filter(|each| ticket.status.clock_runs() && fits(each)).collect())
}
