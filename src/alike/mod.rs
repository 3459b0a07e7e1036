//! Tickets that are alike: the same matter twice, one incident told by many, the same trouble again, the same photo.
//!
//! The program proposes, people decide; each decision is a row with who and when, or an event of the ticket. `tickets`
//! knows nothing of this room: merging, messages and closings are its verbs, called from here. Nothing here counts:
//! `stats` reads the rows. Rules: [`duplicates`], [`clusters`], [`recurrence`] (domain §6.5), [`same_photos`].

pub mod api;
pub mod clusters;
pub mod duplicates;
pub mod incidents;
pub mod pages;
pub mod recurrence;
pub mod same_photos;
mod store;
#[cfg(test)]
mod tests;

use diesel::prelude::*;

use crate::db::{Id, Time, Tx};
use crate::error::{Error, Result};
use crate::mask::FreeText;
use crate::people::{Actor, Role};
use crate::tickets::{self, Status, Ticket};

/// What a ticket is compared by. Phones and devices are keyed hashes; nothing personal is opened.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = crate::schema::tickets)]
#[allow(missing_docs)]
pub struct Face {
    pub id: Id,
    pub place_id: Id,
    pub building_id: Option<Id>,
    pub category: Option<String>,
    pub phone_hash: Option<Vec<u8>>,
    pub device_hash: Option<Vec<u8>>,
    pub submitted_at: Time,
    pub closed_at: Option<Time>,
    pub status: Status,
    pub origin_id: Option<Id>,
}

impl Face {
    /// The face of a ticket that was read.
    pub fn of(ticket: &Ticket) -> Face {
        Face {
            id: ticket.id,
            place_id: ticket.place_id,
            building_id: ticket.building_id,
            category: ticket.category.clone(),
            phone_hash: ticket.phone_hash.clone(),
            device_hash: ticket.device_hash.clone(),
            submitted_at: ticket.submitted_at,
            closed_at: ticket.closed_at,
            status: ticket.status,
            origin_id: ticket.origin_id,
        }
    }

    /// When it was closed for the last time, where it stands closed.
    fn closed(&self) -> Option<Time> {
        self.closed_at.filter(|_| !self.status.clock_runs() && !self.status.ended_early())
    }

    /// The report it came with: parts that were split off one report are not alike, they are one.
    fn report(&self) -> Id {
        self.origin_id.unwrap_or(self.id)
    }

    fn same_phone(&self, other: &Face) -> bool {
        self.phone_hash.is_some() && self.phone_hash == other.phone_hash
    }

    fn same_device(&self, other: &Face) -> bool {
        self.device_hash.is_some() && self.device_hash == other.device_hash
    }

    /// The building, or the place itself where it lies in none.
    fn building(&self) -> Id {
        self.building_id.unwrap_or(self.place_id)
    }
}

/// A ticket as one line, masked.
#[derive(Debug, Clone, Queryable, serde::Serialize, utoipa::ToSchema)]
#[allow(missing_docs)]
#[schema(as = AlikeLine)]
pub struct Line {
    pub id: Id,
    pub number: String,
    pub status: Status,
    pub place: String,
    pub text: FreeText,
    pub submitted_at: Time,
    pub closed_at: Option<Time>,
}

/// Everything that a ticket is like, for whoever triages.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
pub struct Alike {
    /// The ticket.
    pub id: Id,
    /// Its number.
    pub number: String,
    /// The version to send back when it is merged.
    pub version: i32,
    /// Earlier tickets that may be the same matter.
    pub proposals: Vec<duplicates::Proposal>,
    /// The incident it belongs to.
    pub incident: Option<incidents::Incident>,
    /// The incident that is proposed with it.
    pub proposed: Option<incidents::Proposal>,
    /// Open incidents of its place and category that it does not belong to.
    pub joinable: Vec<incidents::Incident>,
    /// 复发: how often the same came here before.
    pub recurrence: Option<recurrence::Recurrence>,
    /// After-photos that look like a photo of another ticket.
    pub same_photos: Vec<same_photos::Lookalike>,
}

impl Alike {
    /// Those that repeat the same person's report.
    pub fn duplicates(&self) -> Vec<&duplicates::Proposal> {
        self.proposals.iter().filter(|each| each.repeats).collect()
    }

    /// 群体: what others reported.
    pub fn groups(&self) -> Vec<&duplicates::Proposal> {
        self.proposals.iter().filter(|each| !each.repeats).collect()
    }
}

/// Everything that a ticket is like. For community workers and leads.
pub fn alike(tx: &mut Tx, actor: &Actor, id: Id) -> Result<Alike> {
    triages(actor)?;
    let ticket = tickets::find(tx, actor, id)?;
    let incident = incidents::of(tx, &ticket)?;
    let proposed = match incident {
        Some(_) => None,
        None => incidents::proposed(tx, actor)?.into_iter().find(|each| each.holds(ticket.id)),
    };
    Ok(Alike {
        id: ticket.id,
        number: ticket.number.clone(),
        version: ticket.version,
        proposals: duplicates::proposals(tx, actor, &ticket)?,
        joinable: if incident.is_none() { incidents::joinable(tx, &ticket)? } else { Vec::new() },
        incident,
        proposed,
        recurrence: recurrence::of(tx, &ticket)?,
        same_photos: same_photos::of(tx, &ticket)?,
    })
}

/// Refuses whoever does not decide what belongs together.
fn triages(actor: &Actor) -> Result<()> {
    match actor.role {
        Role::CommunityWorker | Role::CommunityLead => Ok(()),
        _ => Err(Error::Forbidden),
    }
}

/// Lines of tickets of the actor's community, oldest first.
fn lines(tx: &mut Tx, community: Id, ids: &[Id]) -> Result<Vec<Line>> {
    let masked = |line: Line| Line { text: excerpt(&line.text.shown()).into(), ..line };
    Ok(store::lines(tx, community, ids)?.into_iter().map(masked).collect())
}

fn excerpt(text: &str) -> String {
    let mut short: String = text.chars().take(60).collect();
    if text.chars().nth(60).is_some() {
        short.push('…');
    }
    short
}
