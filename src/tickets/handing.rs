//! Who has a ticket: given to a party, taken on, handed on, given back; and who supports.
//!
//! The first party that accepts stays lead (首接负责, domain §4); who may still change that stands in [`super::status`].
//! Each time that a party has it is a row of `holdings`, from when to when, so that nobody is lost between two desks.

use diesel::prelude::*;
use serde_json::{Value, json};

use super::acts::{may, record};
use super::steps::{Seen, take};
use super::store::Change;
use super::submit::BY_RULE;
use super::{Act, Audience, Line, Note, Step, Ticket, find};
use crate::db::{Id, Time, Tx};
use crate::error::{Error, Result};
use crate::people::Actor;
use crate::routing::{self, Party};
use crate::schema::{holdings, parties, supports};

/// 派单: gives an accepted ticket to a party. Level 2 and kind must be set; without a party it goes to the lead that
/// routing found.
pub fn dispatch(tx: &mut Tx, actor: &Actor, seen: Seen, party: Option<Id>) -> Result<Ticket> {
    let ticket = find(tx, actor, seen.id)?;
    ticket.stand().after(Step::Dispatch, ticket.role(actor))?;
    if ticket.category.is_none() {
        return Err(Error::invalid("category", "派单前请先定二级分类和诉求类型"));
    }
    give(tx, actor, seen, (Step::Dispatch, party.unwrap_or(ticket.lead_id)), "")
}

/// 接单: the party accepts to lead. From then on only the community lead gives it to another.
pub fn accept_lead(tx: &mut Tx, actor: &Actor, seen: Seen) -> Result<Ticket> {
    let change = Change { taken_at: Some(Some(tx.now)), ..Change::default() };
    let line = Line { act: Step::Take.word(), audience: Audience::Resident, note: "", data: Value::Null };
    take(tx, actor, seen, (Step::Take, change), line)
}

/// 转派: gives it to another party, with a reason. The clock runs on.
pub fn transfer(tx: &mut Tx, actor: &Actor, seen: Seen, party: Id, reason: &Note) -> Result<Ticket> {
    let ticket = find(tx, actor, seen.id)?;
    ticket.stand().after(Step::Transfer, ticket.role(actor))?;
    if ticket.lead_id == party {
        return Err(Error::invalid("party_id", "已经在这个单位手里了，请选另一个"));
    }
    give(tx, actor, seen, (Step::Transfer, party), reason.as_str())
}

fn give(tx: &mut Tx, actor: &Actor, seen: Seen, (step, to): (Step, Id), note: &str) -> Result<Ticket> {
    let ticket = find(tx, actor, seen.id)?;
    let party = usable(tx, actor, to)?;
    let change = Change {
        lead_id: Some(party.id),
        // What was returned once must not keep saying so to whoever has it now.
        routed: (party.id != ticket.lead_id || ticket.returns > 0)
            .then(|| format!("{}派给{}", actor.name, party.name)),
        dispatched_at: Some(Some(tx.now)),
        taken_at: Some(None),
        handler_id: Some(None),
        ..Change::default()
    };
    // Who leads no longer supports.
    let own = (ticket.community_id, ticket.id, party.id);
    diesel::delete(supports::table.find(own)).execute(tx.conn)?;
    let data = json!({ "from": ticket.lead_id, "to": party.id, "party": party.name });
    take(tx, actor, seen, (step, change), Line { act: step.word(), audience: Audience::Resident, note, data })
}

fn usable(tx: &mut Tx, actor: &Actor, party: Id) -> Result<Party> {
    let party = routing::party(tx, actor.community_id, party)
        .map_err(|_| Error::invalid("party_id", "请选择列表中的单位"))?;
    match party.disabled_at {
        Some(_) => Err(Error::invalid("party_id", format!("{}已停用，请选另一个单位", party.name))),
        None => Ok(party),
    }
}

/// 退回: the party gives it back to the community, with a reason, before it accepted. The clock runs on. After the
/// second return only the community lead gives it out again.
pub fn return_(tx: &mut Tx, actor: &Actor, seen: Seen, reason: &Note) -> Result<Ticket> {
    let ticket = find(tx, actor, seen.id)?;
    let change = Change {
        dispatched_at: Some(None),
        returns: Some(ticket.returns + 1),
        routed: Some(format!("被退回：{}", reason.as_str())),
        ..Change::default()
    };
    let data = json!({ "from": ticket.lead_id, "returns": ticket.returns + 1 });
    let line = Line { act: Step::Return.word(), audience: Audience::Staff, note: reason.as_str(), data };
    // The party has let it go, and may no longer see it: the answer is the row itself.
    take(tx, actor, seen, (Step::Return, change), line)
}

/// 请协办: another party helps; it sees the ticket from now on, the lead stays.
pub fn support(tx: &mut Tx, actor: &Actor, id: Id, party: Id, task: &Note) -> Result<Ticket> {
    let ticket = may(tx, actor, id, Act::Support)?;
    let party = usable(tx, actor, party)?;
    if party.id == ticket.lead_id {
        return Err(Error::invalid("party_id", format!("{}已经是主办单位，请选另一个单位", party.name)));
    }
    if supports(tx, &ticket, party.id)? {
        return Err(Error::invalid("party_id", format!("{}已经在协办了", party.name)));
    }
    add_support(tx, &ticket, party.id, &actor.name)?;
    let data = json!({ "party_id": party.id, "party": party.name });
    let note = format!("{}：{}", party.name, task.as_str());
    let line = Line { act: Act::Support.word(), audience: Audience::Staff, note: &note, data };
    record(tx, actor, &ticket, Change::default(), line)
}

/// 撤协办: the other party is no longer needed, and no longer sees the ticket.
pub fn unsupport(tx: &mut Tx, actor: &Actor, id: Id, party: Id) -> Result<Ticket> {
    let ticket = may(tx, actor, id, Act::Unsupport)?;
    let own = supports::table.find((ticket.community_id, ticket.id, party));
    if diesel::delete(own).execute(tx.conn)? == 0 {
        return Err(Error::invalid("party_id", "这个单位不在协办"));
    }
    let party = routing::party(tx, ticket.community_id, party)?;
    let data = json!({ "party_id": party.id, "party": party.name });
    let line = Line { act: Act::Unsupport.word(), audience: Audience::Staff, note: &party.name, data };
    record(tx, actor, &ticket, Change::default(), line)
}

/// Adds a supporting party without an event: for whoever writes one that says so.
pub(crate) fn add_support(tx: &mut Tx, ticket: &Ticket, party: Id, by: &str) -> Result<()> {
    let row = (
        supports::community_id.eq(ticket.community_id),
        supports::ticket_id.eq(ticket.id),
        supports::party_id.eq(party),
        supports::since.eq(tx.now),
        supports::added_by.eq(by),
    );
    diesel::insert_into(supports::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// Makes `parties` the ones that a rule added; whom people asked stays.
pub(super) fn support_by_rule(tx: &mut Tx, ticket: &Ticket, parties: &[Id]) -> Result<()> {
    let own = supports::community_id.eq(ticket.community_id).and(supports::ticket_id.eq(ticket.id));
    diesel::delete(supports::table.filter(own).filter(supports::added_by.eq(BY_RULE))).execute(tx.conn)?;
    let there: Vec<Id> = supports::table.filter(own).select(supports::party_id).load(tx.conn)?;
    for party in parties.iter().filter(|party| !there.contains(party)) {
        add_support(tx, ticket, *party, BY_RULE)?;
    }
    Ok(())
}

/// Whether a party supports a ticket.
pub(super) fn supports(tx: &mut Tx, ticket: &Ticket, party: Id) -> Result<bool> {
    let own = supports::table.find((ticket.community_id, ticket.id, party));
    Ok(own.select(supports::party_id).first::<Id>(tx.conn).optional()?.is_some())
}

/// A party that supports a ticket.
#[derive(Debug, Clone, Queryable, serde::Serialize, utoipa::ToSchema)]
#[allow(missing_docs)]
pub struct Supporting {
    pub party_id: Id,
    pub party: String,
    pub since: Time,
}

/// The parties that support a ticket, by name.
pub fn supporting(tx: &mut Tx, ticket: &Ticket) -> Result<Vec<Supporting>> {
    let named = parties::community_id.eq(supports::community_id).and(parties::id.eq(supports::party_id));
    let own = supports::community_id.eq(ticket.community_id).and(supports::ticket_id.eq(ticket.id));
    let rows = supports::table.inner_join(parties::table.on(named)).filter(own).order(parties::name);
    Ok(rows.select((supports::party_id, parties::name, supports::since)).load(tx.conn)?)
}

/// A time during which a party had a ticket.
#[derive(Debug, Clone, Queryable, serde::Serialize, utoipa::ToSchema)]
#[allow(missing_docs)]
pub struct Holding {
    pub party_id: Id,
    pub party: String,
    pub from_at: Time,
    /// Nothing while it still has it.
    pub until_at: Option<Time>,
    /// The word of the step by which it ended.
    pub ended_by: Option<String>,
}

/// Who had a ticket, first to last.
pub fn holdings(tx: &mut Tx, ticket: &Ticket) -> Result<Vec<Holding>> {
    let named = parties::community_id.eq(holdings::community_id).and(parties::id.eq(holdings::party_id));
    let own = holdings::community_id.eq(ticket.community_id).and(holdings::ticket_id.eq(ticket.id));
    let rows = holdings::table.inner_join(parties::table.on(named)).filter(own).order(holdings::seq);
    Ok(rows
        .select((
            holdings::party_id,
            parties::name,
            holdings::from_at,
            holdings::until_at,
            holdings::ended_by,
        ))
        .load(tx.conn)?)
}

/// Ends the time of whoever had the ticket, and begins that of whoever has it now.
pub(super) fn hand_over(tx: &mut Tx, (before, after): (&Ticket, &Ticket), step: Step) -> Result<()> {
    let holder = |ticket: &Ticket| ticket.status.with_party().then_some(ticket.lead_id);
    if holder(before) == holder(after) {
        return Ok(());
    }
    let own = holdings::community_id.eq(after.community_id).and(holdings::ticket_id.eq(after.id));
    if holder(before).is_some() {
        diesel::update(holdings::table.filter(own).filter(holdings::until_at.is_null()))
            .set((holdings::until_at.eq(tx.now), holdings::ended_by.eq(step.word())))
            .execute(tx.conn)?;
    }
    let Some(party) = holder(after) else { return Ok(()) };
    let last: Option<i32> =
        holdings::table.filter(own).select(diesel::dsl::max(holdings::seq)).first(tx.conn)?;
    let row = (
        holdings::community_id.eq(after.community_id),
        holdings::ticket_id.eq(after.id),
        holdings::seq.eq(last.unwrap_or(0) + 1),
        holdings::party_id.eq(party),
        holdings::from_at.eq(tx.now),
    );
    diesel::insert_into(holdings::table).values(row).execute(tx.conn)?;
    Ok(())
}
