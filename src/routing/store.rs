//! Categories and parties, as rows.

use diesel::prelude::*;

use super::{Category, NewParty, Party};
use crate::db::{Id, Time, Tx};
use crate::error::{Error, Result};
use crate::schema::{categories, parties};

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
