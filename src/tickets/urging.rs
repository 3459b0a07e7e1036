//! Pressing for a ticket: 督办 by a leader, with a deadline; 催单 by the resident, once a day.

use diesel::prelude::*;
use serde_json::json;

use super::acts::{may, record};
use super::store::Change;
use super::{Act, Audience, Line, Note, Ticket};
use crate::db::{Id, Time, Tx};
use crate::error::{Error, Result};
use crate::mask::FreeText;
use crate::people::Actor;
use crate::schema::urges;

text_enum! {
    /// Who presses.
    pub enum Pressure {
        Urge = "urge", "督办";
        Nudge = "nudge", "催单";
    }
}

/// One time that somebody pressed.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, serde::Serialize, utoipa::ToSchema)]
#[diesel(table_name = urges, treat_none_as_default_value = false)]
#[allow(missing_docs)]
pub struct Urging {
    #[serde(skip)]
    pub community_id: Id,
    #[serde(skip)]
    pub ticket_id: Id,
    pub seq: i32,
    pub kind: Pressure,
    pub text: FreeText,
    /// Until when a leader wants it done. It moves no clock.
    pub until_at: Option<Time>,
    pub at: Time,
    pub made_by: String,
}

/// 督办: the community lead or the street wants it done by a certain time. The deadline itself stays.
pub fn urge(tx: &mut Tx, actor: &Actor, id: Id, until: Time, text: &Note) -> Result<Ticket> {
    let ticket = may(tx, actor, id, Act::Urge)?;
    if until <= tx.now {
        return Err(Error::invalid("until", "督办的期限要在现在之后"));
    }
    insert(tx, actor, &ticket, (Pressure::Urge, Some(until)), text.as_str())?;
    let data = json!({ "until": until });
    let note = format!("{}（{} 前）", text.as_str(), until.long());
    let line = Line { act: Act::Urge.word(), audience: Audience::Staff, note: &note, data };
    record(tx, actor, &ticket, Change::default(), line)
}

/// 催单: the resident asks how it goes, at most once on a day of Shanghai.
pub fn nudge(tx: &mut Tx, actor: &Actor, id: Id) -> Result<Ticket> {
    let ticket = may(tx, actor, id, Act::Nudge)?;
    let nudged = of(tx, &ticket)?.into_iter().rfind(|each| each.kind == Pressure::Nudge);
    if nudged.is_some_and(|last| last.at.day() == tx.now.day()) {
        return Err(Error::conflict("今天已经催过了，工作人员看得到；着急可以打社区电话"));
    }
    insert(tx, actor, &ticket, (Pressure::Nudge, None), "")?;
    let line = Line { act: Act::Nudge.word(), audience: Audience::Resident, note: "", data: json!({}) };
    record(tx, actor, &ticket, Change::default(), line)
}

fn insert(
    tx: &mut Tx,
    actor: &Actor,
    ticket: &Ticket,
    (kind, until_at): (Pressure, Option<Time>),
    text: &str,
) -> Result<()> {
    let row = Urging {
        community_id: ticket.community_id,
        ticket_id: ticket.id,
        seq: of(tx, ticket)?.len() as i32 + 1,
        kind,
        text: text.into(),
        until_at,
        at: tx.now,
        made_by: actor.name.clone(),
    };
    diesel::insert_into(urges::table).values(&row).execute(tx.conn)?;
    Ok(())
}

/// Everybody who pressed for a ticket, first to last.
pub fn of(tx: &mut Tx, ticket: &Ticket) -> Result<Vec<Urging>> {
    let own = urges::community_id.eq(ticket.community_id).and(urges::ticket_id.eq(ticket.id));
    Ok(urges::table.filter(own).order(urges::seq).select(Urging::as_select()).load(tx.conn)?)
}
