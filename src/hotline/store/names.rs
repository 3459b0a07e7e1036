//! What the hotline's names are here, as rows.

use std::collections::BTreeSet;

use diesel::dsl::count_star;
use diesel::prelude::*;

use crate::db::{Both, Id, Tx};
use crate::error::Result;
use crate::hotline::names::{Kind, Maker, Name, PAGE};
use crate::schema::{hotline_names as names, hotline_rows as rows};

/// A proposal; what somebody decided meanwhile stays.
pub(in crate::hotline) fn insert(tx: &mut Tx, name: &Name) -> Result<()> {
    Both(diesel::insert_into(names::table).values(name).on_conflict_do_nothing()).execute(tx.conn)?;
    Ok(())
}

pub(in crate::hotline) fn find(tx: &mut Tx, community: Id, kind: Kind, name: &str) -> Result<Name> {
    Ok(names::table.find((community, kind, name)).select(Name::as_select()).first(tx.conn)?)
}

pub(in crate::hotline) fn update(tx: &mut Tx, name: &Name) -> Result<()> {
    diesel::update(names::table.find((name.community_id, name.kind, &name.name)))
        .set((
            names::place_id.eq(name.place_id),
            names::category.eq(&name.category),
            names::made_by.eq(name.made_by),
            names::decided_by.eq(&name.decided_by),
            names::decided_at.eq(name.decided_at),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// The names of a batch that are not decided, each once.
pub(in crate::hotline) fn undecided(tx: &mut Tx, batch: (Id, Id), kind: Kind) -> Result<Vec<String>> {
    let decided = names::table.filter(names::community_id.eq(batch.0).and(names::kind.eq(kind)));
    let decided: Vec<String> = decided.select(names::name).load(tx.conn)?;
    let decided: BTreeSet<String> = decided.into_iter().collect();
    let all = of_batch(tx, batch, kind)?.into_iter().map(|(name, _)| name);
    Ok(all.filter(|name| !name.is_empty() && !decided.contains(name)).collect())
}

/// Every name of a batch with how many of its rows have it.
pub(in crate::hotline) fn of_batch(
    tx: &mut Tx,
    (community, batch): (Id, Id),
    kind: Kind,
) -> Result<Vec<(String, i64)>> {
    let own = rows::table.filter(rows::community_id.eq(community).and(rows::batch_id.eq(batch)));
    Ok(match kind {
        Kind::Place => own.group_by(rows::place).select((rows::place, count_star())).load(tx.conn)?,
        Kind::Matter => own.group_by(rows::matter).select((rows::matter, count_star())).load(tx.conn)?,
    })
}

/// The names that are something here.
pub(in crate::hotline) fn known(tx: &mut Tx, community: Id, kind: Kind) -> Result<BTreeSet<String>> {
    let own = names::table.filter(names::community_id.eq(community).and(names::kind.eq(kind)));
    let own = own.filter(names::place_id.is_not_null().or(names::category.is_not_null()));
    let found: Vec<String> = own.select(names::name).load(tx.conn)?;
    Ok(found.into_iter().collect())
}

/// The place of each name that has one.
pub(in crate::hotline) fn places(tx: &mut Tx, community: Id) -> Result<Vec<(String, Id)>> {
    let own = names::table.filter(names::community_id.eq(community).and(names::kind.eq(Kind::Place)));
    let own = own.filter(names::place_id.is_not_null());
    Ok(own.select((names::name, names::place_id.assume_not_null())).load(tx.conn)?)
}

/// The names of this kind among `some`.
pub(in crate::hotline) fn among(
    tx: &mut Tx,
    community: Id,
    kind: Kind,
    some: Vec<String>,
) -> Result<Vec<Name>> {
    let own = names::table.filter(names::community_id.eq(community).and(names::kind.eq(kind)));
    Ok(own.filter(names::name.eq_any(some)).select(Name::as_select()).load(tx.conn)?)
}

pub(in crate::hotline) fn page(
    tx: &mut Tx,
    (community, kind): (Id, Kind),
    made_by: Option<Maker>,
    after: Option<&str>,
) -> Result<Vec<Name>> {
    let mut own =
        names::table.filter(names::community_id.eq(community).and(names::kind.eq(kind))).into_boxed();
    if let Some(maker) = made_by {
        own = own.filter(names::made_by.eq(maker));
    }
    if let Some(after) = after {
        own = own.filter(names::name.gt(after.to_owned()));
    }
    Ok(own.order(names::name).limit(PAGE).select(Name::as_select()).load(tx.conn)?)
}

/// How many live rows have each of these names.
pub(in crate::hotline) fn counts(
    tx: &mut Tx,
    community: Id,
    kind: Kind,
    some: Vec<String>,
) -> Result<Vec<(String, i64)>> {
    let live = rows::table.filter(rows::community_id.eq(community).and(rows::live_at.is_not_null()));
    Ok(match kind {
        Kind::Place => live
            .filter(rows::place.eq_any(some))
            .group_by(rows::place)
            .select((rows::place, count_star()))
            .load(tx.conn)?,
        Kind::Matter => live
            .filter(rows::matter.eq_any(some))
            .group_by(rows::matter)
            .select((rows::matter, count_star()))
            .load(tx.conn)?,
    })
}

pub(in crate::hotline) fn makers(tx: &mut Tx, community: Id, kind: Kind) -> Result<Vec<(Maker, i64)>> {
    let own = names::table.filter(names::community_id.eq(community).and(names::kind.eq(kind)));
    Ok(own.group_by(names::made_by).select((names::made_by, count_star())).load(tx.conn)?)
}
