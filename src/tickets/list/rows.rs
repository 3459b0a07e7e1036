//! A ticket as one line of a list, and how a page of lines is read: first the rows along one index, then the names of the
//! few that are shown.

use diesel::prelude::*;

use super::PAGE;
use crate::db::{Id, MultiBackend, Time, Tx};
use crate::error::Result;
use crate::mask::FreeText;
use crate::routing::{Kind, Urgency};
use crate::schema::{parties, places as place_rows, requests, tickets};
use crate::tickets::requests::Wish;
use crate::tickets::{Channel, Ladder, Stand, Status};

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
    /// When the account is looked at again.
    pub review_at: Option<Time>,
    /// The versions of what set the clocks.
    pub rules_version: String,
    /// To which level it went up when it was overdue.
    pub escalated: Option<Ladder>,
    /// How many times a party gave it back.
    pub returns: i32,
    /// Where it stands, for what may be done with it.
    #[serde(skip)]
    pub stand: Stand,
}

/// A list of tickets, still to be bounded.
pub(super) type Boxed<'a> = tickets::BoxedQuery<'a, MultiBackend>;

/// A line without its names.
type Bare = (
    (Id, String, Status, Urgency, Kind, Channel, String, Option<String>, FreeText),
    (Id, Id, bool, Time, Time, Option<Time>, Time, Option<Time>, Option<Time>, i32, Option<Time>),
    (Id, String, Option<Ladder>, i32, Option<Time>, Option<Time>, Option<Time>),
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
            (
                tickets::community_id,
                tickets::rules_version,
                tickets::escalated,
                tickets::returns,
                tickets::taken_at,
                tickets::make_safe_due,
                tickets::safe_at,
            ),
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
    let accounts: Vec<(Id, Time)> =
        bare.iter().filter_map(|row| row.1.10.map(|since| (row.0.0, since))).collect();
    let reviews = reviews(tx, community, &accounts)?;
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
            review_at: reviews.iter().find(|each| each.0 == id).map(|each| each.1),
            stand: Stand {
                status,
                on_account: rest.10.is_some(),
                taken: clock.4.is_some(),
                returns: clock.3,
                endangers: clock.5.is_some() && clock.6.is_none(),
            },
            rules_version: clock.1,
            escalated: clock.2,
            returns: clock.3,
        })
        .collect())
}

/// When the accounts of tickets are looked at again: as it was approved in the moment in which each began.
fn reviews(tx: &mut Tx, community: Id, accounts: &[(Id, Time)]) -> Result<Vec<(Id, Time)>> {
    if accounts.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<Id> = accounts.iter().map(|account| account.0).collect();
    let rows: Vec<(Id, Option<Time>, Time)> = requests::table
        .filter(requests::community_id.eq(community).and(requests::ticket_id.eq_any(ids)))
        .filter(requests::kind.eq(Wish::Suspension).and(requests::approved.eq(true)))
        .select((requests::ticket_id, requests::decided_at, requests::until_at))
        .load(tx.conn)?;
    let of = |(id, decided, until): (Id, Option<Time>, Time)| {
        decided.filter(|since| accounts.contains(&(id, *since))).map(|_| (id, until))
    };
    Ok(rows.into_iter().filter_map(of).collect())
}
