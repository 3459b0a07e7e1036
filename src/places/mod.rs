//! Where things are: communities, their buildings, units and public spots, and the grids that walk them.
//!
//! Names are kept as people say them (「天宫院中里 3号楼2单元」). A place that is gone is retired, never
//! deleted: its tickets and figures stay. Codes that lead to places are next door in `codes`.

pub mod api;
mod communities;
pub mod import;
pub mod pages;
mod store;

pub use self::communities::{
    Community, Contacts, NewCommunity, communities, community, community_by_name, community_by_prefix,
    community_by_token, found, only_demonstration, set_contacts,
};
use crate::codes::registry;
use crate::db::{Id, Time, Tx};
use crate::error::{Error, Result};
use crate::people::Actor;

text_enum! {
    /// What kind of place.
    pub enum PlaceKind {
        Compound = "compound", "小区";
        Courtyard = "courtyard", "院落";
        Building = "building", "楼";
        Unit = "unit", "单元";
        Spot = "spot", "点位";
    }
}

/// A place that can carry a code and tickets.
#[derive(
    Debug,
    Clone,
    diesel::Queryable,
    diesel::Selectable,
    diesel::Insertable,
    serde::Serialize,
    utoipa::ToSchema,
)]
#[diesel(table_name = crate::schema::places)]
#[allow(missing_docs)]
pub struct Place {
    pub community_id: Id,
    pub id: Id,
    pub kind: PlaceKind,
    /// Within its parent: 「2单元」.
    pub name: String,
    /// As people say it: 「天宫院中里 3号楼2单元」; unique in the community.
    pub full_name: String,
    pub parent_id: Option<Id>,
    /// The building it belongs to; itself for a building.
    pub building_id: Option<Id>,
    pub grid_id: Option<Id>,
    pub households: Option<i32>,
    pub sort: i32,
    pub retired_at: Option<Time>,
}

/// A grid and whoever answers first in it.
#[derive(
    Debug,
    Clone,
    diesel::Queryable,
    diesel::Selectable,
    diesel::Insertable,
    serde::Serialize,
    utoipa::ToSchema,
)]
#[diesel(table_name = crate::schema::grids)]
#[allow(missing_docs)]
pub struct Grid {
    pub community_id: Id,
    pub id: Id,
    pub name: String,
    pub worker_id: Option<Id>,
    /// Shown at the doors of the grid, where it is set: whoever answers first in it.
    pub phone: String,
}

/// How many live in a community from a day on, and who says so.
#[derive(
    Debug,
    Clone,
    diesel::Queryable,
    diesel::Selectable,
    diesel::Insertable,
    serde::Serialize,
    utoipa::ToSchema,
)]
#[diesel(table_name = crate::schema::populations)]
#[allow(missing_docs)]
pub struct Population {
    pub community_id: Id,
    #[schema(value_type = String, format = Date)]
    pub effective_from: chrono::NaiveDate,
    pub residents: i32,
    pub households: i32,
    pub source: String,
    pub entered_by: String,
    /// Units, and buildings without units: doors that should carry a code. Those on the list where nobody says.
    pub units: Option<i32>,
}

/// Adds a grid.
pub fn add_grid(tx: &mut Tx, community_id: Id, name: &str) -> Result<Grid> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 40 {
        return Err(Error::invalid("grid", "请填写网格名称，最多 40 个字"));
    }
    if let Some(grid) = store::grid_by_name(tx, community_id, name)? {
        return Ok(grid);
    }
    let grid =
        Grid { community_id, id: Id::new(), name: name.to_owned(), worker_id: None, phone: String::new() };
    store::insert_grid(tx, &grid)?;
    Ok(grid)
}

/// Makes somebody the worker of a grid. Only a grid worker of the community can be.
pub fn set_grid_worker(tx: &mut Tx, community_id: Id, grid: Id, worker: Option<Id>) -> Result<()> {
    if let Some(worker) = worker
        && !store::is_grid_worker(tx, community_id, worker)?
    {
        return Err(Error::invalid("worker_id", "请从本社区的网格员中选择"));
    }
    store::set_grid_worker(tx, community_id, grid, worker)
}

/// Sets the phone that the doors of a grid show; empty for none.
pub fn set_grid_phone(tx: &mut Tx, community_id: Id, grid: Id, phone: &str) -> Result<()> {
    let phone = phone.trim();
    let dialled = |sign: char| sign.is_ascii_digit() || matches!(sign, '-' | ' ' | '+');
    if phone.chars().count() > 40 || !phone.chars().all(dialled) {
        return Err(Error::invalid("phone", "电话只写数字和横线，最多 40 个字；不想公开就留空"));
    }
    store::set_grid_phone(tx, community_id, grid, phone)
}

/// The grids of a community, by name.
pub fn grids(tx: &mut Tx, community_id: Id) -> Result<Vec<Grid>> {
    store::grids(tx, community_id)
}

/// What a place is made from.
#[derive(Debug, Clone, serde::Deserialize, utoipa::ToSchema)]
#[allow(missing_docs)]
pub struct NewPlace {
    pub kind: PlaceKind,
    pub name: String,
    pub parent_id: Option<Id>,
    pub grid_id: Option<Id>,
    pub households: Option<i32>,
    #[serde(default)]
    pub sort: i32,
}

/// Adds a place below its parent. Its full name is the parent's and its own, with a space after the
/// compound as people write it. Fails where the community already has a place of that name.
pub fn add(tx: &mut Tx, community_id: Id, new: NewPlace) -> Result<Place> {
    let name = new.name.trim();
    if name.is_empty() || name.chars().count() > 40 {
        return Err(Error::invalid("name", "请填写名称，最多 40 个字，例如：3号楼"));
    }
    check(tx, community_id, new.grid_id, new.households)?;
    let parent = match new.parent_id.map(|id| store::find(tx, community_id, id)).transpose() {
        Err(Error::NotFound) => return Err(Error::invalid("parent_id", "请从列表中选择在哪里面")),
        parent => parent?,
    };
    let full_name = full_name_below(parent.as_ref(), name);
    if store::by_full_name(tx, community_id, &full_name)?.is_some() {
        return Err(Error::invalid("name", format!("「{full_name}」已经有了")));
    }
    let id = Id::new();
    let place = Place {
        community_id,
        id,
        kind: new.kind,
        name: name.to_owned(),
        full_name,
        parent_id: new.parent_id,
        building_id: match new.kind {
            PlaceKind::Building => Some(id),
            _ => parent.as_ref().and_then(|parent| parent.building_id),
        },
        grid_id: new.grid_id.or(parent.and_then(|parent| parent.grid_id)),
        households: new.households,
        sort: new.sort,
        retired_at: None,
    };
    store::insert(tx, &place)?;
    Ok(place)
}

/// As [`add`], behind every place of the community, and with a code where it is a unit or a spot.
pub fn add_with_code(tx: &mut Tx, actor: &Actor, new: NewPlace) -> Result<Place> {
    let last = list(tx, actor.community_id)?.iter().map(|place| place.sort).max().unwrap_or(0);
    let place = add(tx, actor.community_id, NewPlace { sort: last + 1, ..new })?;
    if matches!(place.kind, PlaceKind::Unit | PlaceKind::Spot) {
        registry::issue(tx, &place)?;
    }
    Ok(place)
}

/// The full name that a place called `name` has below its parent.
pub fn full_name(tx: &mut Tx, community_id: Id, parent_id: Option<Id>, name: &str) -> Result<String> {
    let parent = parent_id.map(|id| store::find(tx, community_id, id)).transpose()?;
    Ok(full_name_below(parent.as_ref(), name))
}

fn full_name_below(parent: Option<&Place>, name: &str) -> String {
    match parent {
        Some(parent) if matches!(parent.kind, PlaceKind::Compound | PlaceKind::Courtyard) => {
            format!("{} {name}", parent.full_name)
        }
        Some(parent) => format!("{}{name}", parent.full_name),
        None => name.to_owned(),
    }
}

/// The place with this id in the community.
pub fn find(tx: &mut Tx, community_id: Id, id: Id) -> Result<Place> {
    store::find(tx, community_id, id)
}

/// The place with this full name.
pub fn by_full_name(tx: &mut Tx, community_id: Id, full_name: &str) -> Result<Option<Place>> {
    store::by_full_name(tx, community_id, full_name)
}

/// A place and what it lies in, itself first: a unit, its building, its compound.
pub fn around(tx: &mut Tx, place: &Place) -> Result<Vec<Place>> {
    let mut chain = vec![place.clone()];
    while let Some(parent) = chain.last().and_then(|last| last.parent_id) {
        // A place is always added below one that is there: the chain has an end.
        chain.push(store::find(tx, place.community_id, parent)?);
    }
    Ok(chain)
}

/// The places in use in a building, itself included.
pub fn of_building(tx: &mut Tx, community_id: Id, building_id: Id) -> Result<Vec<Place>> {
    store::of_building(tx, community_id, building_id)
}

/// Every place in use, in the order in which people walk them.
pub fn list(tx: &mut Tx, community_id: Id) -> Result<Vec<Place>> {
    store::list(tx, community_id)
}

/// The places whose name holds every word of `words`, at most 200.
pub fn search(tx: &mut Tx, community_id: Id, words: &str) -> Result<Vec<Place>> {
    let words: Vec<String> = words.split_whitespace().map(str::to_lowercase).collect();
    let places = store::list(tx, community_id)?;
    let fits = |place: &Place| {
        let name = place.full_name.to_lowercase();
        words.iter().all(|word| name.contains(word.as_str()))
    };
    Ok(places.into_iter().filter(fits).take(200).collect())
}

/// Takes a place out of use and stops its codes. Its tickets stay. Fails while places below it are in use.
pub fn retire(tx: &mut Tx, actor: &Actor, id: Id) -> Result<()> {
    let place = store::find(tx, actor.community_id, id)?;
    if place.retired_at.is_some() {
        return Ok(());
    }
    if list(tx, actor.community_id)?.iter().any(|below| below.parent_id == Some(id)) {
        return Err(Error::conflict("它下面还有在用的楼或单元，请先撤下面的"));
    }
    registry::stop_all(tx, &place)?;
    store::retire(tx, &place)
}

/// What may change of a place that stays where it is.
#[derive(Debug, Clone, serde::Deserialize, utoipa::ToSchema)]
#[allow(missing_docs)]
#[schema(as = PlaceChange)]
pub struct Change {
    pub grid_id: Option<Id>,
    pub households: Option<i32>,
}

/// Changes the grid and the households of a place. Tickets keep the grid they came in with.
pub fn change(tx: &mut Tx, actor: &Actor, id: Id, change: Change) -> Result<Place> {
    check(tx, actor.community_id, change.grid_id, change.households)?;
    let place = store::find(tx, actor.community_id, id)?;
    store::change(tx, &place, &change)?;
    store::find(tx, actor.community_id, id)
}

/// Refuses a grid of elsewhere and a number of households that cannot be.
fn check(tx: &mut Tx, community_id: Id, grid: Option<Id>, households: Option<i32>) -> Result<()> {
    if households.is_some_and(|count| !(0..=100_000).contains(&count)) {
        return Err(Error::invalid("households", "户数应是 0 到 100000 的整数"));
    }
    match grid {
        Some(grid) if !store::grids(tx, community_id)?.iter().any(|each| each.id == grid) => {
            Err(Error::invalid("grid_id", "请从列表中选择网格"))
        }
        _ => Ok(()),
    }
}

/// Enters how many live here from `population.effective_from` on; replaces an entry of the same day.
pub fn set_population(tx: &mut Tx, population: Population) -> Result<()> {
    if population.residents < 0 || population.households < 0 || population.residents > 10_000_000 {
        return Err(Error::invalid("residents", "人数和户数应是不小于 0 的整数"));
    }
    if population.units.is_some_and(|units| !(0..=1_000_000).contains(&units)) {
        return Err(Error::invalid("units", "单元数应是不小于 0 的整数，不知道就不填"));
    }
    if population.source.trim().is_empty() {
        return Err(Error::invalid("source", "请写明数据来源和日期，报表上要印"));
    }
    store::set_population(tx, &population)
}

/// Whether a place of this kind hangs at a door or a post of its own and carries a code. A building or courtyard
/// does where nothing in it does.
pub fn carries_code(place: &Place, all: &[Place]) -> bool {
    let inside = || all.iter().any(|each| each.parent_id == Some(place.id) && each.kind != PlaceKind::Spot);
    match place.kind {
        PlaceKind::Unit | PlaceKind::Spot => true,
        PlaceKind::Building | PlaceKind::Courtyard => !inside(),
        PlaceKind::Compound => false,
    }
}

/// Every entry of every community, the latest first.
pub fn all_populations(tx: &mut Tx) -> Result<Vec<Population>> {
    store::all_populations(tx)
}

/// Every entry, latest first.
pub fn populations(tx: &mut Tx, community_id: Id) -> Result<Vec<Population>> {
    store::populations(tx, community_id)
}
