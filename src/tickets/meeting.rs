//! What other people than its reporter add to a ticket: a neighbour met the matter too, and what they say of it at the end.
//!
//! Who they are, and how they count, stands in `neighbours`; here is what the ticket itself keeps of it: an event for
//! staff, photos for staff, and nothing that the reporter or a party reads of them.

use serde_json::{Value, json};

use super::acts::{may, record};
use super::store::Change;
use super::{Act, Audience, Event, Line, Note, Stage, Ticket, hang_after, store};
use crate::db::{Id, Tx};
use crate::error::Result;
use crate::people::{Actor, Role};
use crate::photos::Photo;
use crate::uploads::loose;

/// Who hung a photo or a voice that a neighbour brought.
pub(super) const NEIGHBOUR: &str = "邻居";
/// Photos that all neighbours together may hang on one ticket; the room of the work is another.
pub const NEIGHBOUR_PHOTOS: usize = 20;

/// 邻居也遇到: somebody else met it. `data` names them.
pub fn meet(tx: &mut Tx, actor: &Actor, id: Id, data: Value) -> Result<Ticket> {
    let ticket = may(tx, actor, id, Act::Meet)?;
    let line = Line { act: Act::Meet.word(), audience: Audience::Staff, note: "", data };
    record(tx, actor, &ticket, Change::default(), line)
}

/// Hangs the photos that a neighbour brings, theirs to take back, as many as there is room for; returns how many were left
/// out. Those wait as loose files for whoever takes them, and for the sweep.
pub fn bring(tx: &mut Tx, (ticket, neighbour): (&Ticket, Id), photos: &[Photo]) -> Result<usize> {
    let ticket = may(tx, &Actor::resident(ticket.community_id), ticket.id, Act::Meet)?;
    // Two at once would take the same numbers, and the same room.
    store::hold(tx, &ticket)?;
    let hung = store::photos(tx, &ticket)?;
    let fresh: Vec<&Photo> =
        photos.iter().filter(|photo| hung.iter().all(|each| each.photo != photo.key)).collect();
    let theirs = hung.iter().filter(|photo| photo.added_by == NEIGHBOUR).count();
    let room = NEIGHBOUR_PHOTOS.saturating_sub(theirs).min(fresh.len());
    let (taken, left) = fresh.split_at(room);
    for photo in left {
        loose::note(tx, ticket.community_id, loose::Kind::Photo, &photo.key)?;
    }
    for photo in taken {
        // What was sent ahead waits no more.
        loose::named(tx, ticket.community_id, loose::Kind::Photo, &photo.key)?;
    }
    let taken: Vec<Photo> = taken.iter().map(|photo| (*photo).clone()).collect();
    hang_after(tx, (NEIGHBOUR, Some(neighbour)), (&ticket, &hung), Stage::Work, &taken)?;
    Ok(left.len())
}

/// 核对邻居也遇到: so many who came in a flood are people, and count from now on since they came. For community workers and
/// leads.
pub fn vouch(tx: &mut Tx, actor: &Actor, id: Id, count: usize, note: &Note) -> Result<Ticket> {
    let ticket = may(tx, actor, id, Act::Vouch)?;
    store::audit(tx, actor, Act::Vouch.word(), Some(ticket.id), note.as_str())?;
    let data = json!({ "neighbours": count });
    let line = Line { act: Act::Vouch.word(), audience: Audience::Staff, note: note.as_str(), data };
    record(tx, actor, &ticket, Change::default(), line)
}

/// 邻居评价: what somebody who met it says of how it was done. Not a follow-up of the ticket.
pub fn echo(tx: &mut Tx, actor: &Actor, id: Id, comment: &str, data: Value) -> Result<Ticket> {
    let ticket = may(tx, actor, id, Act::Echo)?;
    let line = Line { act: Act::Echo.word(), audience: Audience::Staff, note: comment, data };
    record(tx, actor, &ticket, Change::default(), line)
}

/// 查看电话 of somebody who met it: a line in the audit log and in the history, where they read it themselves.
pub fn reveal(tx: &mut Tx, actor: &Actor, (id, neighbour): (Id, Id), reason: &Note) -> Result<Ticket> {
    let ticket = may(tx, actor, id, Act::Reveal)?;
    store::audit(tx, actor, Act::Reveal.word(), Some(ticket.id), reason.as_str())?;
    let data = json!({ "of": "neighbour", "neighbour_id": neighbour });
    let line = Line { act: Act::Reveal.word(), audience: Audience::Staff, note: reason.as_str(), data };
    record(tx, actor, &ticket, Change::default(), line)
}

/// Whether the actor may know who they are, what they said and what they brought: whoever triages, answers in the grid or
/// oversees. A party reads how many there are.
pub(super) fn may_know_neighbours(actor: &Actor, ticket: &Ticket) -> bool {
    use Role::*;
    let known = [GridWorker, CommunityWorker, CommunityLead, StreetManager, Auditor, Admin, Timer];
    known.contains(&ticket.role(actor))
}

/// Whether a line of the history is of neighbours, and not of the reporter or the work.
pub(super) fn is_of_neighbours(event: &Event) -> bool {
    [Act::Meet, Act::Vouch, Act::Echo, Act::Doubt].iter().any(|act| act.word() == event.act)
}

/// Makes whoever else would add to the ticket wait until this transaction is over.
pub fn wait(tx: &mut Tx, ticket: &Ticket) -> Result<()> {
    store::hold(tx, ticket)
}
