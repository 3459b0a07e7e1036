//! What a door shows of what is being handled there: category, state, since when, how many met it. Nothing else.
//!
//! Never words, name, number or photo: nobody agreed to that, and a unit has few households. Matters between people and of
//! people (by default 邻里与治安, 民生服务, 群租) are not shown at all, nor 举报, 咨询 and 表扬, nor what concerns one household:
//! see [`settings::Doors`]. What is shown is the same for everybody, so that it can be made ready once.

use super::store;
use crate::db::{Id, Time, Tx};
use crate::error::Result;
use crate::places::{self, Place};
use crate::routing::{self, Category};
use crate::settings::{self, Doors};
use crate::tickets::{Plain, Reach, Ticket, merging};

/// The most that one door shows.
pub const SHOWN: usize = 8;
/// So many rows are looked at for that.
const READ: i64 = 60;

/// A matter as the door shows it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[allow(missing_docs)]
pub struct Matter {
    pub id: Id,
    /// Two digits.
    pub level1: String,
    /// Four digits, once staff have set it.
    pub category: Option<String>,
    /// The tile in words.
    pub tile: String,
    /// Level 2 in words, else the tile.
    pub label: String,
    /// One of the four plain steps.
    pub stage: Plain,
    /// 挂账: it cannot be met now and is looked at again.
    pub on_account: bool,
    pub since: Time,
    /// Where in the building it is; empty for this very door.
    pub place: String,
    /// How many neighbours met it, beside who reported it.
    pub neighbours: i64,
}

/// What is being handled at the door of a place and in its building: first at the door, then in the rest of the building,
/// the latest first.
pub fn at_door(tx: &mut Tx, place: &Place) -> Result<Vec<Matter>> {
    let rules: Doors = settings::at(tx, place.community_id, tx.now)?;
    let categories = routing::categories(tx)?;
    let building = building(tx, place)?;
    let mut open = store::open(tx, place.community_id, place.id, READ)?;
    let mut around = Vec::new();
    for other in building.iter().filter(|each| each.id != place.id) {
        around.extend(store::open(tx, place.community_id, other.id, READ)?);
    }
    around.sort_by_key(|ticket| std::cmp::Reverse((ticket.submitted_at, ticket.id)));
    open.append(&mut around);
    open.retain(|ticket| may_show(&rules, ticket));
    open.truncate(SHOWN);
    let counted: Vec<Id> = open.iter().map(|ticket| ticket.id).collect();
    let mut counts = store::counts(tx, place.community_id, &counted)?;
    // Whose own report was merged into it met it as well.
    counts.extend(store::merged(tx, place.community_id, &counted)?);
    let matter = |ticket: Ticket| Matter {
        id: ticket.id,
        tile: tile(&categories, &ticket),
        label: label(&categories, &ticket),
        stage: ticket.status.plain(),
        on_account: ticket.suspended_at.is_some(),
        since: ticket.submitted_at,
        place: building
            .iter()
            .find(|each| each.id == ticket.place_id && each.id != place.id)
            .map(|each| each.name.clone())
            .unwrap_or_default(),
        neighbours: counts.iter().filter(|(id, _)| *id == ticket.id).map(|(_, count)| *count).sum(),
        level1: ticket.level1,
        category: ticket.category,
    };
    Ok(open.into_iter().map(matter).collect())
}

/// The places of the building that a place is in; none for what lies in no building.
fn building(tx: &mut Tx, place: &Place) -> Result<Vec<Place>> {
    match place.building_id {
        Some(building) => places::of_building(tx, place.community_id, building),
        None => Ok(Vec::new()),
    }
}

/// Whether the door of a place may show a ticket, or the one that it was merged into: whoever joins names one.
pub(super) fn may_be_shown(tx: &mut Tx, place: &Place, ticket: &Ticket) -> Result<bool> {
    let rules: Doors = settings::at(tx, place.community_id, tx.now)?;
    let near = ticket.place_id == place.id
        || ticket.building_id.is_some() && ticket.building_id == place.building_id;
    let leading = merging::leading(tx, ticket)?;
    Ok(near && may_show(&rules, ticket) && may_show(&rules, &leading))
}

fn may_show(rules: &Doors, ticket: &Ticket) -> bool {
    use crate::routing::Kind;
    let told = matches!(ticket.kind, Kind::Help | Kind::Complaint | Kind::Suggestion);
    let shared = ticket.reach != Some(Reach::Household);
    told && shared && ticket.excluded.is_none() && !rules.hides(&ticket.level1, ticket.category.as_deref())
}

fn label(categories: &[Category], ticket: &Ticket) -> String {
    let exact = ticket.category.as_ref().and_then(|code| categories.iter().find(|each| each.code == *code));
    exact.map_or_else(|| tile(categories, ticket), |category| category.level2.clone())
}

fn tile(categories: &[Category], ticket: &Ticket) -> String {
    let own = categories.iter().find(|each| each.level1_code() == ticket.level1);
    own.map(|category| category.level1.clone()).unwrap_or_default()
}
