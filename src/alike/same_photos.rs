//! The same photo used twice: an after-photo that looks like a photo of another ticket (whole-life evidence).
//!
//! It is pointed out, never judged: a person looks at both. Tickets that belong together (merged, split, of one incident)
//! may share photos. Reads at most the latest 20,000 photos of the community's last 365 days, along their index by time;
//! the bits are compared here, because counting them is said differently by each database.

use std::collections::BTreeSet;

use super::{Line, incidents, lines, store};
use crate::db::{Id, Tx};
use crate::error::Result;
use crate::photos::{ALIKE, differing};
use crate::tickets::{self, Stage, Ticket, merging};

/// So many days back.
const DAYS: i64 = 365;
/// So many photos at most.
const MOST: i64 = 20_000;
/// So many for each photo.
const SHOWN: usize = 3;

/// An after-photo and the photo that it looks like.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
pub struct Lookalike {
    /// The after-photo, by its number on its ticket.
    pub seq: i32,
    /// The other ticket.
    pub other: Line,
    /// The photo there.
    pub other_seq: i32,
    /// When that was taken.
    pub other_stage: Stage,
    /// In how many of 64 bits they differ: 0 is the same picture.
    pub differing: u32,
}

/// The after-photos of a ticket that look like a photo of another, the likest first.
pub fn of(tx: &mut Tx, ticket: &Ticket) -> Result<Vec<Lookalike>> {
    let photos = tickets::photos(tx, ticket)?;
    let after = photos.iter().filter(|photo| photo.stage == Stage::After);
    let own: Vec<(i32, i64)> = after.filter_map(|photo| Some((photo.seq, photo.likeness?))).collect();
    if own.is_empty() {
        return Ok(Vec::new());
    }
    let kin = kin(tx, ticket)?;
    let since = tx.now.plus_minutes(-DAYS * 1440);
    let mut others = store::likenesses(tx, ticket.community_id, since, MOST)?;
    others.retain(|other| !kin.contains(&other.ticket_id));
    let mut found = Vec::new();
    for (seq, likeness) in own {
        let mut near: Vec<(u32, &store::Likeness)> =
            others.iter().map(|other| (differing(likeness, other.likeness), other)).collect();
        near.retain(|(differing, _)| *differing <= ALIKE);
        near.sort_by_key(|(differing, other)| (*differing, std::cmp::Reverse(other.ticket_id)));
        found.extend(near.into_iter().take(SHOWN).map(|(differing, other)| (seq, differing, other)));
    }
    let ids: Vec<Id> = found.iter().map(|(.., other)| other.ticket_id).collect();
    let known = lines(tx, ticket.community_id, &ids)?;
    let shown = |(seq, differing, other): (i32, u32, &store::Likeness)| {
        let line = known.iter().find(|line| line.id == other.ticket_id)?.clone();
        Some(Lookalike { seq, other: line, other_seq: other.seq, other_stage: other.stage, differing })
    };
    Ok(found.into_iter().filter_map(shown).collect())
}

/// The ticket itself and those that belong with it.
fn kin(tx: &mut Tx, ticket: &Ticket) -> Result<BTreeSet<Id>> {
    let mut kin: BTreeSet<Id> =
        [Some(ticket.id), ticket.main_id, ticket.origin_id].into_iter().flatten().collect();
    kin.extend(merging::merged_into(tx, ticket)?.into_iter().map(|each| each.id));
    let report = match ticket.origin_id {
        Some(origin) => tickets::find_own(tx, ticket.community_id, origin)?,
        None => ticket.clone(),
    };
    kin.extend(merging::parts(tx, &report)?.into_iter().map(|each| each.id));
    if let Some(incident) = incidents::of(tx, ticket)? {
        kin.extend(store::members(tx, ticket.community_id, incident.id)?);
    }
    Ok(kin)
}
