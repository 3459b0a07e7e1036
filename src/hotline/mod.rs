//! The hotline's tickets, row by row: brought as a table, looked at before they count, taken back as a batch.
//!
//! Domain §6.2, §6.9 and §8. [`reading`] understands the tables that the city's system writes; [`batches`] keeps what was
//! brought; [`names`] says what their places and categories are here; [`pairs`] proposes which of their tickets are ours
//! too, and people decide. Callers' names and phones are never kept, and words only masked. Nothing here counts: `stats`
//! reads the rows. A number counts once, however often it was brought: the database holds one live row for each.

mod address;
pub mod api;
pub mod batches;
mod likeness;
pub mod names;
pub mod pages;
pub mod pairs;
pub mod reading;
mod store;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use crate::db::{Id, Time, Tx};
use crate::error::{Error, Result};
use crate::people::{Actor, Role};

text_enum! {
    /// What a ticket of the hotline is: work to do, or a question that is answered at the desk (domain §6.3).
    #[schema(as = HotlineNature)]
    pub enum Nature {
        Demand = "demand", "诉求";
        Inquiry = "inquiry", "咨询";
        Other = "other", "其他";
    }
}

/// A ticket of the hotline, as far as figures are concerned.
#[derive(Debug, Clone)]
pub struct Live {
    /// Its number there.
    pub number: String,
    /// When the call came.
    pub received_at: Time,
    /// What it is, where the table told.
    pub nature: Option<Nature>,
    /// Where it is, where its place is known here.
    pub place_id: Option<Id>,
}

/// Every ticket of the hotline whose call came in `[from, to)`, each once, along the index by time.
pub fn live(tx: &mut Tx, community: Id, from: Time, to: Time) -> Result<Vec<Live>> {
    let places: BTreeMap<String, Id> = store::names::places(tx, community)?.into_iter().collect();
    let rows = store::live(tx, community, from, to)?;
    let with_place = |(number, received_at, nature, place): (String, Time, Option<Nature>, String)| Live {
        place_id: places.get(&place).copied(),
        number,
        received_at,
        nature,
    };
    Ok(rows.into_iter().map(with_place).collect())
}

/// A ticket of the hotline as it is listed: nothing of the caller, and nothing of what was said.
#[derive(Debug, Clone, PartialEq, diesel::Queryable, serde::Serialize, utoipa::ToSchema)]
pub struct Called {
    /// Its number there.
    pub number: String,
    /// Where, in their words.
    pub place: String,
    /// Their category.
    pub matter: String,
    /// What it is, where the table told.
    pub nature: Option<Nature>,
}

/// The tickets of the hotline with these numbers that count, in no order; at most a page.
pub fn called(tx: &mut Tx, community: Id, numbers: &[String]) -> Result<Vec<Called>> {
    store::called(tx, community, numbers)
}

/// When rows were last brought in that still count; nothing where there are none.
pub fn last_brought(tx: &mut Tx, community: Id) -> Result<Option<Time>> {
    store::last_brought(tx, community)
}

/// How many batches were confirmed after a moment, and how many that counted were taken back.
pub fn changed_since(tx: &mut Tx, community: Id, at: Time) -> Result<(i64, i64)> {
    store::changed_since(tx, community, at)
}

/// Refuses whoever may not bring rows in and say what their words mean: workers and leads of the community, and the admin.
fn brings(actor: &Actor) -> Result<()> {
    match actor.role {
        Role::CommunityWorker | Role::CommunityLead | Role::Admin | Role::Timer => Ok(()),
        _ => Err(Error::Forbidden),
    }
}

/// A line in the audit log, where somebody with an account did it; the command line signs with the batch alone.
fn note(tx: &mut Tx, actor: &Actor, words: &str) -> Result<()> {
    match actor.staff_id {
        Some(_) => crate::tickets::acts::audit(tx, actor, "hotline", words),
        None => Ok(()),
    }
}
