//! Communities, places, grids and populations, as rows.

use diesel::prelude::*;
use diesel::upsert::excluded;

use super::{Change, Community, Contacts, Grid, Place, Population};
use crate::db::{Both, Id, Tx};
use crate::error::{Error, Result};
use crate::people::Role;
use crate::schema::{communities, grids, places, populations, staff};

pub(super) fn insert_community(tx: &mut Tx, community: &Community) -> Result<()> {
    diesel::insert_into(communities::table).values(community).execute(tx.conn)?;
    Ok(())
}

pub(super) fn community(tx: &mut Tx, id: Id) -> Result<Community> {
    Ok(communities::table.find(id).select(Community::as_select()).first(tx.conn)?)
}

pub(super) fn communities(tx: &mut Tx) -> Result<Vec<Community>> {
    Ok(communities::table.select(Community::as_select()).order(communities::id).load(tx.conn)?)
}

pub(super) fn by_prefix(tx: &mut Tx, prefix: &str) -> Result<Option<Community>> {
    let row = communities::table.filter(communities::prefix.eq(prefix));
    Ok(row.select(Community::as_select()).first(tx.conn).optional()?)
}

pub(super) fn by_token(tx: &mut Tx, token: &str) -> Result<Option<Community>> {
    let row = communities::table.filter(communities::token.eq(token));
    Ok(row.select(Community::as_select()).first(tx.conn).optional()?)
}

/// Names may repeat between streets: then only the prefix says which.
pub(super) fn by_name(tx: &mut Tx, name: &str) -> Result<Community> {
    let rows = communities::table.filter(communities::name.eq(name)).select(Community::as_select());
    let mut found: Vec<Community> = rows.limit(2).load(tx.conn)?;
    match (found.pop(), found.pop()) {
        (Some(only), None) => Ok(only),
        (None, _) => Err(Error::invalid("community", format!("没有叫「{name}」的社区"))),
        _ => Err(Error::invalid("community", format!("有多个叫「{name}」的社区，请改用工单号前缀"))),
    }
}

/// A token that no community has yet.
pub(super) fn free_token(tx: &mut Tx, make: impl Fn() -> String) -> Result<String> {
    loop {
        let token = make();
        if by_token(tx, &token)?.is_none() {
            return Ok(token);
        }
    }
}

pub(super) fn set_contacts(tx: &mut Tx, id: Id, contacts: &Contacts) -> Result<()> {
    diesel::update(communities::table.find(id))
        .set((
            communities::phone.eq(contacts.phone.trim()),
            communities::property_phone.eq(contacts.property_phone.trim()),
            communities::gas_phone.eq(contacts.gas_phone.trim()),
            communities::promise.eq(contacts.promise.trim()),
        ))
        .execute(tx.conn)?;
    Ok(())
}

pub(super) fn insert_grid(tx: &mut Tx, grid: &Grid) -> Result<()> {
    diesel::insert_into(grids::table).values(grid).execute(tx.conn)?;
    Ok(())
}

pub(super) fn grid_by_name(tx: &mut Tx, community_id: Id, name: &str) -> Result<Option<Grid>> {
    let row = grids::table.filter(grids::community_id.eq(community_id).and(grids::name.eq(name)));
    Ok(row.select(Grid::as_select()).first(tx.conn).optional()?)
}

pub(super) fn set_grid_worker(tx: &mut Tx, community_id: Id, grid: Id, worker: Option<Id>) -> Result<()> {
    let row = grids::table.find((community_id, grid));
    match diesel::update(row).set(grids::worker_id.eq(worker)).execute(tx.conn)? {
        1 => Ok(()),
        _ => Err(Error::NotFound),
    }
}

pub(super) fn set_grid_phone(tx: &mut Tx, community_id: Id, grid: Id, phone: &str) -> Result<()> {
    let row = grids::table.find((community_id, grid));
    match diesel::update(row).set(grids::phone.eq(phone)).execute(tx.conn)? {
        1 => Ok(()),
        _ => Err(Error::NotFound),
    }
}

pub(super) fn grids(tx: &mut Tx, community_id: Id) -> Result<Vec<Grid>> {
    let rows = grids::table.filter(grids::community_id.eq(community_id)).order(grids::name);
    Ok(rows.select(Grid::as_select()).load(tx.conn)?)
}

pub(super) fn insert(tx: &mut Tx, place: &Place) -> Result<()> {
    diesel::insert_into(places::table).values(place).execute(tx.conn)?;
    Ok(())
}

pub(super) fn find(tx: &mut Tx, community_id: Id, id: Id) -> Result<Place> {
    Ok(places::table.find((community_id, id)).select(Place::as_select()).first(tx.conn)?)
}

pub(super) fn by_full_name(tx: &mut Tx, community_id: Id, full_name: &str) -> Result<Option<Place>> {
    let row =
        places::table.filter(places::community_id.eq(community_id).and(places::full_name.eq(full_name)));
    Ok(row.select(Place::as_select()).first(tx.conn).optional()?)
}

pub(super) fn list(tx: &mut Tx, community_id: Id) -> Result<Vec<Place>> {
    let rows = places::table
        .filter(places::community_id.eq(community_id).and(places::retired_at.is_null()))
        .order((places::sort, places::id));
    Ok(rows.select(Place::as_select()).load(tx.conn)?)
}

/// At most so many places of a building are looked at for the door of one of them.
const OF_BUILDING: i64 = 100;

pub(super) fn of_building(tx: &mut Tx, community_id: Id, building_id: Id) -> Result<Vec<Place>> {
    let rows = places::table
        .filter(places::community_id.eq(community_id).and(places::building_id.eq(building_id)))
        .filter(places::retired_at.is_null())
        .order((places::sort, places::id));
    Ok(rows.limit(OF_BUILDING).select(Place::as_select()).load(tx.conn)?)
}

pub(super) fn change(tx: &mut Tx, place: &Place, change: &Change) -> Result<()> {
    let row = places::table.find((place.community_id, place.id));
    diesel::update(row)
        .set((places::grid_id.eq(change.grid_id), places::households.eq(change.households)))
        .execute(tx.conn)?;
    Ok(())
}

/// Whether this is the open account of a grid worker of the community.
pub(super) fn is_grid_worker(tx: &mut Tx, community_id: Id, worker: Id) -> Result<bool> {
    let row = staff::table.find(worker).filter(
        staff::community_id
            .eq(community_id)
            .and(staff::role.eq(Role::GridWorker))
            .and(staff::disabled_at.is_null()),
    );
    Ok(diesel::select(diesel::dsl::exists(row)).get_result(tx.conn)?)
}

pub(super) fn retire(tx: &mut Tx, place: &Place) -> Result<()> {
    let row = places::table.find((place.community_id, place.id));
    diesel::update(row).set(places::retired_at.eq(tx.now)).execute(tx.conn)?;
    Ok(())
}

pub(super) fn set_population(tx: &mut Tx, population: &Population) -> Result<()> {
    let row = diesel::insert_into(populations::table)
        .values(population)
        .on_conflict((populations::community_id, populations::effective_from))
        .do_update()
        .set((
            populations::residents.eq(excluded(populations::residents)),
            populations::households.eq(excluded(populations::households)),
            populations::source.eq(excluded(populations::source)),
            populations::entered_by.eq(excluded(populations::entered_by)),
            populations::units.eq(excluded(populations::units)),
        ));
    Both(row).execute(tx.conn)?;
    Ok(())
}

/// Every entry of every community, the latest first.
pub(super) fn all_populations(tx: &mut Tx) -> Result<Vec<Population>> {
    let rows = populations::table.order((populations::community_id, populations::effective_from.desc()));
    Ok(rows.select(Population::as_select()).load(tx.conn)?)
}

pub(super) fn populations(tx: &mut Tx, community_id: Id) -> Result<Vec<Population>> {
    let rows = populations::table
        .filter(populations::community_id.eq(community_id))
        .order(populations::effective_from.desc());
    Ok(rows.select(Population::as_select()).load(tx.conn)?)
}
