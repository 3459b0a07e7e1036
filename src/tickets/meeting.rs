//! What other people than its reporter add to a ticket: a neighbour met the matter too, and what they say of it at the end.
//!
//! Who they are, and how they count, stands in `neighbours`; here is what the ticket itself keeps of it: an event for
//! staff, photos for staff, and nothing that the reporter or a party reads of them.

use serde_json::{Value, json};

use super::acts::{may, record};
use super::store::Change;
use super::{Act, Audience, Line, Note, Stage, Ticket, hang, store};
use crate::db::{Id, Tx};
use crate::error::Result;
use crate::people::Actor;
use crate::photos::Photo;

/// 邻居也遇到: somebody else met it. `data` names them.
pub fn meet(tx: &mut Tx, actor: &Actor, id: Id, photos: &[Photo], data: Value) -> Result<Ticket> {
    let (ticket, mut data) = (may(tx, actor, id, Act::Meet)?, data);
    if !photos.is_empty() {
        let neighbour = Actor { name: "邻居".to_owned(), ..actor.clone() };
        hang(tx, &neighbour, &ticket, Stage::Work, photos)?;
        // Theirs to take back.
        let hung = store::photos(tx, &ticket)?;
        let own = hung.iter().rev().take(photos.len()).rev().map(|photo| photo.seq);
        data["photos"] = own.collect();
    }
    let line = Line { act: Act::Meet.word(), audience: Audience::Staff, note: "", data };
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

/// Makes whoever else would add to the ticket wait until this transaction is over.
pub fn wait(tx: &mut Tx, ticket: &Ticket) -> Result<()> {
    store::hold(tx, ticket)
}
