//! The same matter twice: duplicate rule v1 (domain §6.5). The rule proposes, a person merges or says that it is not one.
//!
//! Same community, level 2 and place, within 30 days, and the earlier one not closed for more than 7 days when the later
//! came. With the same phone or device it repeats the earlier report; with different people it is 群体, one matter that
//! several told of. Merging is the step of `tickets`; that two are not one matter is a row of this room.

use super::{Face, Line, lines, store, triages};
use crate::db::{Id, Tx};
use crate::error::{Error, Result};
use crate::people::Actor;
use crate::tickets::{self, Step, Ticket};

/// So many days apart, and not more.
pub const DAYS: i64 = 30;
/// The earlier one may have been closed for so many days.
pub const CLOSED_DAYS: i64 = 7;
/// So many of 群体 are shown.
const SHOWN: usize = 10;

/// What speaks for it, beside place and category.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Proof {
    /// The same phone was left.
    pub same_phone: bool,
    /// It came from the same device.
    pub same_device: bool,
    /// So many minutes lie between them.
    pub minutes: i64,
}

impl Proof {
    /// Whether it is the same person, and so a duplicate; otherwise 群体.
    pub fn repeats(&self) -> bool {
        self.same_phone || self.same_device
    }
}

/// Whether `later` may be the same matter as `earlier`, and what speaks for it.
pub fn resemblance(later: &Face, earlier: &Face) -> Option<Proof> {
    let apart = later.submitted_at.0 - earlier.submitted_at.0;
    let before = (earlier.submitted_at, earlier.id) < (later.submitted_at, later.id);
    let one_matter =
        later.category.is_some() && later.category == earlier.category && later.place_id == earlier.place_id;
    let settled =
        earlier.closed().is_some_and(|closed| closed.plus_minutes(CLOSED_DAYS * 1440) < later.submitted_at);
    let fits = before
        && one_matter
        && later.report() != earlier.report()
        && !earlier.status.ended_early()
        && !settled
        && apart <= chrono::TimeDelta::days(DAYS);
    fits.then(|| Proof {
        same_phone: later.same_phone(earlier),
        same_device: later.same_device(earlier),
        minutes: apart.num_minutes(),
    })
}

/// An earlier ticket that may be the same matter.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
#[schema(as = DuplicateProposal)]
pub struct Proposal {
    /// The earlier ticket: the main one, should they be merged.
    pub earlier: Line,
    /// What speaks for it.
    pub proof: Proof,
    /// Whether it repeats the same person's report; otherwise 群体.
    pub repeats: bool,
}

impl Proposal {
    /// What speaks for it, in words.
    pub fn reasons(&self) -> String {
        let proof = &self.proof;
        let known = [(proof.same_phone, "同一电话"), (proof.same_device, "同一设备")];
        let mut reasons: Vec<&str> =
            known.into_iter().filter(|(holds, _)| *holds).map(|(_, why)| why).collect();
        reasons.push("同一地点、同一分类");
        format!("{}，相隔{}", reasons.join("、"), crate::clock::words(proof.minutes))
    }
}

/// The earlier tickets that a ticket may be merged into: first those of the same person, then 群体, latest first. None
/// where the actor cannot merge it now.
pub fn proposals(tx: &mut Tx, actor: &Actor, ticket: &Ticket) -> Result<Vec<Proposal>> {
    let steps = ticket.stand().steps_for(ticket.role(actor));
    let Some(category) = ticket.category.as_ref().filter(|_| steps.contains(&Step::Merge)) else {
        return Ok(Vec::new());
    };
    let face = Face::of(ticket);
    let since = ticket.submitted_at.plus_minutes(-DAYS * 1440);
    let around =
        store::at_place(tx, ticket.community_id, (ticket.place_id, category), (since, face.submitted_at))?;
    let mut apart = store::distinguished(tx, ticket)?;
    apart.extend(undone(tx, actor, ticket)?);
    let near = around.iter().filter(|each| !apart.contains(&each.id));
    let mut found: Vec<(Id, Proof)> =
        near.filter_map(|each| Some((each.id, resemblance(&face, each)?))).collect();
    found.sort_by_key(|(id, proof)| (!proof.repeats(), proof.minutes, *id));
    let own = found.iter().filter(|(_, proof)| proof.repeats()).count();
    found.truncate(own + SHOWN);
    let ids: Vec<Id> = found.iter().map(|(id, _)| *id).collect();
    let known = lines(tx, ticket.community_id, &ids)?;
    let proposal = |(id, proof): (Id, Proof)| {
        let earlier = known.iter().find(|line| line.id == id)?.clone();
        Some(Proposal { earlier, repeats: proof.repeats(), proof })
    };
    Ok(found.into_iter().filter_map(proposal).collect())
}

/// The tickets that it was merged into by mistake: whoever undid that said that they are not one matter.
fn undone(tx: &mut Tx, actor: &Actor, ticket: &Ticket) -> Result<Vec<Id>> {
    let history = tickets::history(tx, actor, ticket)?;
    let undone = history.iter().filter(|event| event.act == Step::Unmerge.word());
    let main = |event: &tickets::Event| {
        let data: serde_json::Value = serde_json::from_str(&event.data).ok()?;
        Some(Id(data["main_id"].as_str()?.parse().ok()?))
    };
    Ok(undone.filter_map(main).collect())
}

/// 不是同一件: the two are not proposed again. For community workers and leads; saying it twice changes nothing.
pub fn distinguish(tx: &mut Tx, actor: &Actor, id: Id, earlier: Id) -> Result<()> {
    triages(actor)?;
    let (ticket, earlier) = (tickets::find(tx, actor, id)?, tickets::find(tx, actor, earlier)?);
    if ticket.id == earlier.id {
        return Err(Error::invalid("earlier_id", "这是同一件诉求自己"));
    }
    store::distinguish(tx, actor, &ticket, &earlier)
}
