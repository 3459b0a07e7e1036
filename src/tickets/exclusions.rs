//! Exclusions E1–E7: a worker proposes with a reason, another person approves or refuses (domain §6.4).
//!
//! An approved exclusion is a flag on the ticket; nothing is deleted, and the figures before and after both stay.

use diesel::prelude::*;
use serde_json::json;

use super::acts::{may, record};
use super::store::Change;
use super::{Act, Audience, Line, Note, Reason, Ticket, Verdict};
use crate::db::{Id, Time, Tx};
use crate::error::{Error, Result};
use crate::mask::FreeText;
use crate::people::Actor;
use crate::schema::exclusions;

/// A proposal and what became of it.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, serde::Serialize, utoipa::ToSchema)]
#[diesel(table_name = exclusions)]
#[allow(missing_docs)]
pub struct Exclusion {
    #[serde(skip)]
    pub community_id: Id,
    pub id: Id,
    pub ticket_id: Id,
    pub reason: Reason,
    pub note: FreeText,
    pub proposed_by: Id,
    pub proposed_at: Time,
    pub decided_by: Option<Id>,
    pub decided_at: Option<Time>,
    pub approved: Option<bool>,
}

/// Proposes to leave a ticket out of the counts. One proposal may be open at a time.
pub fn propose(tx: &mut Tx, actor: &Actor, id: Id, reason: Reason, note: &Note) -> Result<Ticket> {
    let ticket = may(tx, actor, id, Act::Propose)?;
    if ticket.excluded.is_some() || of(tx, &ticket)?.iter().any(|each| each.decided_at.is_none()) {
        return Err(Error::conflict("这件诉求已经提过剔除，请等另一位同事审批"));
    }
    let row = Exclusion {
        community_id: ticket.community_id,
        id: Id::new(),
        ticket_id: ticket.id,
        reason,
        note: note.as_str().into(),
        proposed_by: actor.staff()?,
        proposed_at: tx.now,
        decided_by: None,
        decided_at: None,
        approved: None,
    };
    diesel::insert_into(exclusions::table).values(&row).execute(tx.conn)?;
    let line = Line {
        act: Act::Propose.word(),
        audience: Audience::Staff,
        note: note.as_str(),
        data: json!({ "reason": reason }),
    };
    record(tx, actor, &ticket, Change::default(), line)
}

/// Decides on an open proposal; never by whoever made it.
pub fn decide(tx: &mut Tx, actor: &Actor, exclusion: Id, verdict: Verdict) -> Result<Ticket> {
    let row = exclusions::table.find((actor.community_id, exclusion));
    let found: Exclusion = row.select(Exclusion::as_select()).first(tx.conn)?;
    let ticket = may(tx, actor, found.ticket_id, Act::Decide)?;
    if found.proposed_by == actor.staff()? {
        return Err(Error::conflict("不能审批自己提出的剔除，请另一位负责人来审批"));
    }
    let approved = verdict == Verdict::Approve;
    let decided = diesel::update(row.filter(exclusions::decided_at.is_null()))
        .set((
            exclusions::decided_by.eq(actor.staff()?),
            exclusions::decided_at.eq(tx.now),
            exclusions::approved.eq(approved),
        ))
        .execute(tx.conn)?;
    if decided == 0 {
        return Err(Error::conflict("这条剔除建议已经审批过了"));
    }
    let change = Change { excluded: approved.then_some(Some(found.reason)), ..Change::default() };
    let line = Line {
        act: Act::Decide.word(),
        audience: Audience::Staff,
        note: if approved { "同意剔除" } else { "不同意剔除" },
        data: json!({ "reason": found.reason, "approved": approved }),
    };
    record(tx, actor, &ticket, change, line)
}

/// The proposals for a ticket, oldest first.
pub fn of(tx: &mut Tx, ticket: &Ticket) -> Result<Vec<Exclusion>> {
    let own = exclusions::community_id.eq(ticket.community_id).and(exclusions::ticket_id.eq(ticket.id));
    Ok(exclusions::table.filter(own).order(exclusions::id).select(Exclusion::as_select()).load(tx.conn)?)
}

/// The proposals of the community that wait for a decision, oldest first, at most 100.
pub fn undecided(tx: &mut Tx, actor: &Actor) -> Result<Vec<Exclusion>> {
    let open = exclusions::community_id.eq(actor.community_id).and(exclusions::decided_at.is_null());
    let rows = exclusions::table.filter(open).order(exclusions::id).limit(100);
    Ok(rows.select(Exclusion::as_select()).load(tx.conn)?)
}
