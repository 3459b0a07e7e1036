//! Accounts, as rows.

use diesel::prelude::*;

use super::{Login, NewStaff, PasswordHash, Staff};
use crate::db::{Both, Id, Time, Tx};
use crate::error::Result;
use crate::schema::{bell_marks, parties, staff};

pub(super) fn insert(tx: &mut Tx, new: NewStaff) -> Result<Staff> {
    let id = Id::new();
    let row = (
        staff::id.eq(id),
        staff::login.eq(new.login.as_str()),
        staff::name.eq(new.name.trim()),
        staff::password_hash.eq(&new.password.0),
        staff::role.eq(new.role),
        staff::street.eq(new.street),
        staff::community_id.eq(new.community_id),
        staff::party_id.eq(new.party_id),
        staff::bell_seen_at.eq(tx.now),
        staff::created_at.eq(tx.now),
    );
    diesel::insert_into(staff::table).values(row).execute(tx.conn)?;
    find(tx, id)
}

pub(super) fn find(tx: &mut Tx, id: Id) -> Result<Staff> {
    Ok(staff::table.find(id).select(Staff::as_select()).first(tx.conn)?)
}

/// The account with this sign-in name and the hash of its password.
pub(super) fn by_login(tx: &mut Tx, login: &Login) -> Result<Option<(Staff, String)>> {
    Ok(staff::table
        .filter(staff::login.eq(login.as_str()))
        .select((Staff::as_select(), staff::password_hash))
        .first(tx.conn)
        .optional()?)
}

/// The accounts of one community, and those of none where `all`.
pub(super) fn of_community(tx: &mut Tx, community: Id, all: bool) -> Result<Vec<Staff>> {
    let mut query = staff::table.select(Staff::as_select()).order((staff::role, staff::name)).into_boxed();
    query = match all {
        true => query.filter(staff::community_id.eq(community).or(staff::community_id.is_null())),
        false => query.filter(staff::community_id.eq(community)),
    };
    Ok(query.load(tx.conn)?)
}

pub(super) fn password_of(tx: &mut Tx, id: Id) -> Result<String> {
    Ok(staff::table.find(id).select(staff::password_hash).first(tx.conn)?)
}

pub(super) fn set_password(tx: &mut Tx, id: Id, password: &PasswordHash) -> Result<()> {
    diesel::update(staff::table.find(id)).set(staff::password_hash.eq(&password.0)).execute(tx.conn)?;
    Ok(())
}

pub(super) fn set_disabled(tx: &mut Tx, id: Id, at: Option<Time>) -> Result<()> {
    diesel::update(staff::table.find(id)).set(staff::disabled_at.eq(at)).execute(tx.conn)?;
    Ok(())
}

/// Up to when an account has seen what the bell of a community told; up to its making where it never looked.
pub(super) fn bell_seen(tx: &mut Tx, community: Id, id: Id) -> Result<Time> {
    let row = bell_marks::table.find((community, id)).select(bell_marks::seen_at);
    match row.first(tx.conn).optional()? {
        Some(seen) => Ok(seen),
        None => Ok(staff::table.find(id).select(staff::bell_seen_at).first(tx.conn)?),
    }
}

/// What was seen once is not unread again.
pub(super) fn set_bell(tx: &mut Tx, community: Id, id: Id, until: Time) -> Result<()> {
    let first =
        (bell_marks::community_id.eq(community), bell_marks::staff_id.eq(id), bell_marks::seen_at.eq(until));
    Both(diesel::insert_into(bell_marks::table).values(first).on_conflict_do_nothing()).execute(tx.conn)?;
    let row = bell_marks::table.find((community, id)).filter(bell_marks::seen_at.lt(until));
    diesel::update(row).set(bell_marks::seen_at.eq(until)).execute(tx.conn)?;
    Ok(())
}

/// Whether the community has this party, in use.
pub(super) fn has_party(tx: &mut Tx, community: Id, party: Id) -> Result<bool> {
    let row = parties::table.find((community, party)).filter(parties::disabled_at.is_null());
    Ok(diesel::select(diesel::dsl::exists(row)).get_result(tx.conn)?)
}
