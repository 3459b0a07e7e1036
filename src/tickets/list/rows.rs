//! A ticket as one line of a list, and how a page of lines is read: first the rows along one index, then the names of the
//! few that are shown.

use diesel::prelude::*;

use super::PAGE;
use crate::db::{Id, MultiBackend, Time, Tx};
use crate::error::Result;
use crate::mask::FreeText;
use crate::routing::{Kind, Urgency};
use crate::schema::{parties, places as place_rows, tickets};
use crate::tickets::{Channel, Ladder, Status};

/// A ticket as one line of a list.
#[derive(Debug, Clone, Queryable, serde::Serialize, utoipa::ToSchema)]
#[allow(missing_docs)]
pub struct Row {
    pub id: Id,
    pub number: String,
    pub status: Status,
    pub urgency: Urgency,
    pub kind: Kind,
    pub channel: Channel,
    pub level1: String,
    pub category: Option<String>,
    pub text: FreeText,
    pub place: String,
    pub party: String,
    pub hazard: bool,
    pub submitted_at: Time,
    pub first_contact_due: Time,
    pub first_contact_at: Option<Time>,
    pub due_at: Time,
    /// The deadline while the clock runs.
    pub open_due_at: Option<Time>,
    pub closed_at: Option<Time>,
    pub rounds: i32,
    /// Since when it stands on account.
    pub suspended_at: Option<Time>,
    /// The versions of what set the clocks.
    pub rules_version: String,
    /// To which level it went up when it was overdue.
    pub escalated: Option<Ladder>,
    /// How many times a party gave it back.
    pub returns: i32,
}

/// A list of tickets, still to be bounded.
pub(super) type Boxed<'a> = tickets::BoxedQuery<'a, MultiBackend>;

/// A line without its names.
type Bare = (
    (Id, String, Status, Urgency, Kind, Channel, String, Option<String>, FreeText),
    (Id, Id, bool, Time, Time, Option<Time>, Time, Option<Time>, Option<Time>, i32, Option<Time>),
    (Id, String, Option<Ladder>, i32),
);

/// The page along one index, and one row more to know whether another follows.
fn bare(tx: &mut Tx, query: Boxed) -> Result<Vec<Bare>> {
    Ok(query
        .limit(PAGE as i64 + 1)
        .select((
            (
                tickets::id,
                tickets::number,
                tickets::status,
                tickets::urgency,
                tickets::kind,
                tickets::channel,
                tickets::level1,
                tickets::category,
                tickets::text,
            ),
            (
                tickets::place_id,
                tickets::lead_id,
                tickets::hazard,
                tickets::submitted_at,
                tickets::first_contact_due,
                tickets::first_contact_at,
                tickets::due_at,
                tickets::open_due_at,
                tickets::closed_at,
                tickets::rounds,
                tickets::suspended_at,
            ),
            (tickets::community_id, tickets::rules_version, tickets::escalated, tickets::returns),
        ))
        .load(tx.conn)?)
}

/// First the page, then the names of its few rows.
pub(super) fn load(tx: &mut Tx, query: Boxed) -> Result<Vec<Row>> {
    let bare = bare(tx, query)?;
    let Some(community) = bare.first().map(|row| row.2.0) else { return Ok(Vec::new()) };
    let place_ids: Vec<Id> = bare.iter().map(|row| row.1.0).collect();
    let party_ids: Vec<Id> = bare.iter().map(|row| row.1.1).collect();
    let places: Vec<(Id, String)> = place_rows::table
        .filter(place_rows::community_id.eq(community).and(place_rows::id.eq_any(place_ids)))
        .select((place_rows::id, place_rows::full_name))
        .load(tx.conn)?;
    let parties: Vec<(Id, String)> = parties::table
        .filter(parties::community_id.eq(community).and(parties::id.eq_any(party_ids)))
        .select((parties::id, parties::name))
        .load(tx.conn)?;
    let name = |names: &[(Id, String)], id: Id| {
        names.iter().find(|each| each.0 == id).map(|each| each.1.clone()).unwrap_or_default()
    };
    Ok(bare
        .into_iter()
        .map(|((id, number, status, urgency, kind, channel, level1, category, text), rest, clock)| Row {
            id,
            number,
            status,
            urgency,
            kind,
            channel,
            level1,
            category,
            text,
            place: name(&places, rest.0),
            party: name(&parties, rest.1),
            hazard: rest.2,
            submitted_at: rest.3,
            first_contact_due: rest.4,
            first_contact_at: rest.5,
            due_at: rest.6,
            open_due_at: rest.7,
            closed_at: rest.8,
            rounds: rest.9,
            suspended_at: rest.10,
            rules_version: clock.1,
            escalated: clock.2,
            returns: clock.3,
        })
        .collect())
}
