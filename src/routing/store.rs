//! Categories, parties and rules, as rows.

use diesel::prelude::*;

use super::rehearsal::Case;
use super::rules::{Rule, Scope, Terms};
use super::{Category, NewParty, Party};
use crate::db::{Id, Time, Tx};
use crate::error::{Error, Result};
use crate::places::Place;
use crate::schema::{categories, communities, parties, places, rules, tickets};

pub(super) fn category(tx: &mut Tx, code: &str) -> Result<Option<Category>> {
    Ok(categories::table.find(code).select(Category::as_select()).first(tx.conn).optional()?)
}

pub(super) fn categories(tx: &mut Tx) -> Result<Vec<Category>> {
    let rows = categories::table.filter(categories::retired_at.is_null()).order(categories::code);
    Ok(rows.select(Category::as_select()).load(tx.conn)?)
}

pub(super) fn insert_categories(tx: &mut Tx, all: &[Category]) -> Result<()> {
    for category in all {
        diesel::insert_into(categories::table).values(category).execute(tx.conn)?;
    }
    Ok(())
}

pub(super) fn parties(tx: &mut Tx, community_id: Id) -> Result<Vec<Party>> {
    let rows = parties::table
        .filter(parties::community_id.eq(community_id))
        .order((parties::fallback.desc(), parties::name));
    Ok(rows.select(Party::as_select()).load(tx.conn)?)
}

pub(super) fn party(tx: &mut Tx, community_id: Id, id: Id) -> Result<Party> {
    Ok(parties::table.find((community_id, id)).select(Party::as_select()).first(tx.conn)?)
}

pub(super) fn insert_party(tx: &mut Tx, party: &Party) -> Result<()> {
    diesel::insert_into(parties::table).values(party).execute(tx.conn)?;
    Ok(())
}

pub(super) fn change_party(tx: &mut Tx, community_id: Id, id: Id, new: &NewParty) -> Result<()> {
    let changed = diesel::update(parties::table.find((community_id, id)))
        .set((
            parties::name.eq(new.name.trim()),
            parties::aliases.eq(&new.aliases),
            parties::kind.eq(new.kind),
            parties::phone.eq(new.phone.trim()),
        ))
        .execute(tx.conn)?;
    if changed == 1 { Ok(()) } else { Err(Error::NotFound) }
}

pub(super) fn disable_party(tx: &mut Tx, party: &Party) -> Result<()> {
    let row = parties::table.find((party.community_id, party.id));
    diesel::update(row).set(parties::disabled_at.eq(tx.now)).execute(tx.conn)?;
    Ok(())
}

pub(super) fn enable_party(tx: &mut Tx, party: &Party) -> Result<()> {
    let row = parties::table.find((party.community_id, party.id));
    diesel::update(row).set(parties::disabled_at.eq(None::<Time>)).execute(tx.conn)?;
    Ok(())
}

/// The rules that hold in a community: its own, and those of its street wherever they were made.
pub(super) fn rules(tx: &mut Tx, community_id: Id) -> Result<Vec<Rule>> {
    let home = communities::table.find(community_id).select((communities::district, communities::street));
    let (district, street): (String, String) = home.first(tx.conn)?;
    let neighbours = communities::table
        .filter(communities::district.eq(district).and(communities::street.eq(street)))
        .select(communities::id);
    let own = rules::community_id.eq(community_id).and(rules::scope.ne(Scope::Street));
    let street = rules::scope.eq(Scope::Street).and(rules::community_id.eq_any(neighbours));
    let rows = rules::table.filter(own.or(street)).order((rules::community_id, rules::id));
    Ok(rows.select(Rule::as_select()).load(tx.conn)?)
}

pub(super) fn insert_rule(tx: &mut Tx, rule: &Rule) -> Result<()> {
    diesel::insert_into(rules::table).values(rule).execute(tx.conn)?;
    Ok(())
}

pub(super) fn amend_rule(tx: &mut Tx, rule: &Rule, terms: &Terms, by: &str) -> Result<()> {
    let row = rules::table.find((rule.community_id, rule.id));
    diesel::update(row)
        .set((terms, rules::changed_by.eq(by), rules::changed_at.eq(tx.now)))
        .execute(tx.conn)?;
    Ok(())
}

/// Takes a rule out of use or brings it back, as `rule` says.
pub(super) fn set_rule_use(tx: &mut Tx, rule: &Rule, by: &str) -> Result<()> {
    let row = rules::table.find((rule.community_id, rule.id));
    diesel::update(row)
        .set((
            rules::disabled_at.eq(rule.disabled_at),
            rules::changed_by.eq(by),
            rules::changed_at.eq(tx.now),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Every place of a community, those out of use included: old tickets lie there.
pub(super) fn places(tx: &mut Tx, community_id: Id) -> Result<Vec<Place>> {
    let rows = places::table.filter(places::community_id.eq(community_id));
    Ok(rows.select(Place::as_select()).load(tx.conn)?)
}

/// Tickets that came in since a moment and, of those, before one that was seen; the latest first.
pub(super) fn cases(
    tx: &mut Tx,
    community_id: Id,
    (since, seen): (Time, Option<(Time, Id)>),
    limit: usize,
) -> Result<Vec<Case>> {
    let mut rows = tickets::table
        .filter(tickets::community_id.eq(community_id).and(tickets::submitted_at.ge(since)))
        .order((tickets::submitted_at.desc(), tickets::id.desc()))
        .limit(limit as i64)
        .select((
            tickets::id,
            tickets::number,
            tickets::place_id,
            tickets::grid_id,
            tickets::level1,
            tickets::category,
            tickets::kind,
            tickets::text,
            tickets::submitted_at,
        ))
        .into_boxed();
    if let Some((at, id)) = seen {
        let same = tickets::submitted_at.eq(at).and(tickets::id.lt(id));
        // The first half alone keeps the search on the index.
        rows = rows.filter(tickets::submitted_at.le(at)).filter(tickets::submitted_at.lt(at).or(same));
    }
    Ok(rows.load(tx.conn)?)
}
