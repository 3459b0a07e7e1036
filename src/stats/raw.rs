//! The raw rows that figures are counted from, as files: for whoever wants to count again by other means.
//!
//! Texts, names, phones and their hashes are left out; of an event only what it says of deadlines and exclusions is in.
//! Moments are microseconds since 1970, UTC, but those in an event's data; an empty cell is null.

use std::path::Path;

use diesel::prelude::*;
use serde_json::{Value, json};

use super::store;
use crate::db::{Id, Time, Tx};
use crate::error::{Error, Result};
use crate::hotline::Nature;
use crate::places;
use crate::routing;
use crate::schema::{
    hotline_names, hotline_pairs, hotline_rows, incident_tickets, incidents, populations, settings,
    ticket_events,
};
use crate::tickets::Status;

/// The year 2096: no deadline lies beyond.
const FAR: i64 = 4_000_000_000_000_000;

/// Writes the raw rows of a community into `dir`: `tickets.csv`, `events.csv`, `scans.csv`, `holdings.csv`, `supports.csv`,
/// `neighbours.csv`, `incidents.csv`, `hotline_rows.csv` and `rest.json` (categories, places, codes, populations, hotline
/// totals, what the hotline's places are here, pairs with its tickets, settings, and the moment at which it was done).
pub fn export(tx: &mut Tx, community: Id, dir: &Path) -> Result<()> {
    let (from, to) = (Time::from_micros(0), Time::from_micros(FAR));
    std::fs::create_dir_all(dir).map_err(Error::internal)?;
    tickets(tx, community, (from, to), dir)?;
    events(tx, community, dir)?;
    incidents(tx, community, dir)?;
    let mut file = csv::Writer::from_path(dir.join("scans.csv")).map_err(Error::internal)?;
    file.write_record(["code", "day", "devices"]).map_err(Error::internal)?;
    for (code, day, devices) in store::scans(tx, community, from.day(), to.day())? {
        file.write_record([code, day.to_string(), devices.to_string()]).map_err(Error::internal)?;
    }
    file.flush().map_err(Error::internal)?;
    holdings(tx, community, (from, to), dir)?;
    let mut file = csv::Writer::from_path(dir.join("supports.csv")).map_err(Error::internal)?;
    file.write_record(["party", "ticket"]).map_err(Error::internal)?;
    for (party, ticket) in store::supported(tx, community, from, to)? {
        file.write_record([party.to_string(), ticket.to_string()]).map_err(Error::internal)?;
    }
    file.flush().map_err(Error::internal)?;
    neighbours(tx, community, dir)?;
    hotline(tx, community, dir)?;
    let rest = rest(tx, community)?;
    std::fs::write(dir.join("rest.json"), rest.to_string()).map_err(Error::internal)?;
    Ok(())
}

fn micros(at: Time) -> String {
    at.0.timestamp_micros().to_string()
}

/// The columns of `tickets.csv`.
const COLUMNS: &[&str] = &[
    "id",
    "channel",
    "place",
    "building",
    "grid",
    "kind",
    "level1",
    "category",
    "submitted_at",
    "status",
    "first_contact_due",
    "due_at",
    "lead",
    "dispatched_at",
    "first_contact_at",
    "closed_at",
    "solved_level",
    "answered_at",
    "answer_valid",
    "contacted",
    "solved",
    "satisfied",
    "rounds",
    "returns",
    "excluded",
    "suspended_at",
    "main",
    "origin",
];

fn tickets(tx: &mut Tx, community: Id, (from, to): (Time, Time), dir: &Path) -> Result<()> {
    let mut file = csv::Writer::from_path(dir.join("tickets.csv")).map_err(Error::internal)?;
    file.write_record(COLUMNS).map_err(Error::internal)?;
    for row in store::touched(tx, community, from, to)? {
        let moment = |at: Option<Time>| at.map(micros).unwrap_or_default();
        let flag = |flag: Option<bool>| flag.map(|flag| flag.to_string()).unwrap_or_default();
        let word = |word: Option<&str>| word.unwrap_or_default().to_owned();
        let cells = [
            row.id.to_string(),
            row.channel.word().to_owned(),
            row.place_id.to_string(),
            row.building_id.map(|id| id.to_string()).unwrap_or_default(),
            row.grid_id.map(|id| id.to_string()).unwrap_or_default(),
            row.kind.word().to_owned(),
            row.level1.clone(),
            word(row.category.as_deref()),
            micros(row.submitted_at),
            row.status.word().to_owned(),
            micros(row.first_contact_due),
            micros(row.due_at),
            row.lead_id.to_string(),
            moment(row.dispatched_at),
            moment(row.first_contact_at),
            moment(row.closed_at),
            word(row.solved_level.map(|level| level.word())),
            moment(row.answered_at),
            flag(row.answer_valid),
            flag(row.contacted),
            flag(row.solved),
            word(row.satisfied.map(|satisfied| satisfied.word())),
            row.rounds.to_string(),
            row.returns.to_string(),
            word(row.excluded.map(|reason| reason.word())),
            moment(row.suspended_at),
            row.main_id.map(|id| id.to_string()).unwrap_or_default(),
            row.origin_id.map(|id| id.to_string()).unwrap_or_default(),
        ];
        file.write_record(cells).map_err(Error::internal)?;
    }
    file.flush().map_err(Error::internal)
}

/// What an event says that counting may ask.
const TOLD: [&str; 3] = ["due_at", "approved", "reason"];

fn events(tx: &mut Tx, community: Id, dir: &Path) -> Result<()> {
    let mut file = csv::Writer::from_path(dir.join("events.csv")).map_err(Error::internal)?;
    file.write_record(["ticket", "seq", "at", "act", "to_status", "data"]).map_err(Error::internal)?;
    type Event = (Id, i32, Time, String, Status, String);
    let rows: Vec<Event> = ticket_events::table
        .filter(ticket_events::community_id.eq(community))
        .order((ticket_events::ticket_id, ticket_events::seq))
        .select((
            ticket_events::ticket_id,
            ticket_events::seq,
            ticket_events::at,
            ticket_events::act,
            ticket_events::to_status,
            ticket_events::data,
        ))
        .load(tx.conn)?;
    for (ticket, seq, at, act, status, data) in rows {
        let told: Value = serde_json::from_str(&data).unwrap_or_default();
        let some = TOLD.iter().filter_map(|key| Some(((*key).to_owned(), told.get(key)?.clone())));
        let told = Value::Object(some.collect()).to_string();
        let cells = [ticket.to_string(), seq.to_string(), micros(at), act, status.word().to_owned(), told];
        file.write_record(cells).map_err(Error::internal)?;
    }
    file.flush().map_err(Error::internal)
}

/// Every ticket that ever belonged to an incident, whatever became of both.
fn incidents(tx: &mut Tx, community: Id, dir: &Path) -> Result<()> {
    let mut file = csv::Writer::from_path(dir.join("incidents.csv")).map_err(Error::internal)?;
    file.write_record(["incident", "ticket", "state", "removed_at"]).map_err(Error::internal)?;
    let of = incidents::community_id
        .eq(incident_tickets::community_id)
        .and(incidents::id.eq(incident_tickets::incident_id));
    let rows: Vec<(Id, Id, String, Option<Time>)> = incident_tickets::table
        .inner_join(incidents::table.on(of))
        .filter(incident_tickets::community_id.eq(community))
        .order((incident_tickets::incident_id, incident_tickets::ticket_id))
        .select((
            incident_tickets::incident_id,
            incident_tickets::ticket_id,
            incidents::state,
            incident_tickets::removed_at,
        ))
        .load(tx.conn)?;
    for (incident, ticket, state, removed) in rows {
        let removed = removed.map(micros).unwrap_or_default();
        let cells = [incident.to_string(), ticket.to_string(), state, removed];
        file.write_record(cells).map_err(Error::internal)?;
    }
    file.flush().map_err(Error::internal)
}

fn holdings(tx: &mut Tx, community: Id, (from, to): (Time, Time), dir: &Path) -> Result<()> {
    let mut file = csv::Writer::from_path(dir.join("holdings.csv")).map_err(Error::internal)?;
    file.write_record(["party", "from_at", "until_at", "ended_by"]).map_err(Error::internal)?;
    for held in store::held(tx, community, from, to)? {
        let until = held.until_at.map(micros).unwrap_or_default();
        let cells =
            [held.party_id.to_string(), micros(held.from_at), until, held.ended_by.unwrap_or_default()];
        file.write_record(cells).map_err(Error::internal)?;
    }
    file.flush().map_err(Error::internal)
}

fn neighbours(tx: &mut Tx, community: Id, dir: &Path) -> Result<()> {
    let mut file = csv::Writer::from_path(dir.join("neighbours.csv")).map_err(Error::internal)?;
    file.write_record(["ticket", "at", "withdrawn_at", "repeats", "doubts"]).map_err(Error::internal)?;
    for (ticket, at, withdrawn, repeats, doubts) in store::all_neighbours(tx, community)? {
        let withdrawn = withdrawn.map(micros).unwrap_or_default();
        let cells = [ticket.to_string(), micros(at), withdrawn, repeats.to_string(), doubts];
        file.write_record(cells).map_err(Error::internal)?;
    }
    file.flush().map_err(Error::internal)
}

/// Every row of the hotline that was ever confirmed, whether it counts or not.
fn hotline(tx: &mut Tx, community: Id, dir: &Path) -> Result<()> {
    let mut file = csv::Writer::from_path(dir.join("hotline_rows.csv")).map_err(Error::internal)?;
    file.write_record(["number", "received_at", "nature", "place", "live"]).map_err(Error::internal)?;
    type Row = (String, Time, Option<Nature>, String, Option<Time>);
    let rows: Vec<Row> = hotline_rows::table
        .filter(hotline_rows::community_id.eq(community))
        .order((hotline_rows::batch_id, hotline_rows::number))
        .select((
            hotline_rows::number,
            hotline_rows::received_at,
            hotline_rows::nature,
            hotline_rows::place,
            hotline_rows::live_at,
        ))
        .load(tx.conn)?;
    for (number, at, nature, place, live) in rows {
        let nature = nature.map(|nature| nature.word().to_owned()).unwrap_or_default();
        let cells = [number, micros(at), nature, place, live.is_some().to_string()];
        file.write_record(cells).map_err(Error::internal)?;
    }
    file.flush().map_err(Error::internal)
}

/// What the hotline's places are here, and what was said of pairs.
fn hotline_rest(tx: &mut Tx, community: Id) -> Result<(Vec<Value>, Vec<Value>)> {
    let names: Vec<(String, Option<Id>)> = hotline_names::table
        .filter(hotline_names::community_id.eq(community).and(hotline_names::kind.eq("place")))
        .select((hotline_names::name, hotline_names::place_id))
        .load(tx.conn)?;
    let names = names.into_iter().map(|(name, place)| json!({ "name": name, "place": place })).collect();
    let pairs: Vec<(Id, String, String)> = hotline_pairs::table
        .filter(hotline_pairs::community_id.eq(community))
        .select((hotline_pairs::ticket_id, hotline_pairs::number, hotline_pairs::verdict))
        .load(tx.conn)?;
    let pair = |(ticket, number, verdict)| json!({ "ticket": ticket, "number": number, "verdict": verdict });
    Ok((names, pairs.into_iter().map(pair).collect()))
}

fn rest(tx: &mut Tx, community: Id) -> Result<Value> {
    let (hotline_places, hotline_pairs) = hotline_rest(tx, community)?;
    let codes: Vec<_> = store::codes(tx, community)?
        .into_iter()
        .map(|code| json!({ "code": code.code, "place": code.place_id, "state": code.state, "posted_at": code.posted_at.map(micros), "stopped_at": code.stopped_at.map(micros) }))
        .collect();
    let places: Vec<_> = store::places(tx, community)?
        .into_iter()
        .map(|place| json!({ "id": place.id, "kind": place.kind, "building": place.building_id, "households": place.households, "retired": place.retired_at.is_some(), "retired_at": place.retired_at.map(micros) }))
        .collect();
    let rules: Vec<(String, Time, String)> = settings::table
        .filter(settings::community_id.eq(community))
        .select((settings::name, settings::effective_from, settings::value))
        .load(tx.conn)?;
    let rules: Vec<_> = rules
        .into_iter()
        .map(|(name, from, value)| json!({ "name": name, "from": micros(from), "value": value }))
        .collect();
    let people: Vec<places::Population> = populations::table
        .filter(populations::community_id.eq(community))
        .select(places::Population::as_select())
        .load(tx.conn)?;
    let categories: Vec<_> = routing::categories(tx)?
        .into_iter()
        .map(|each| json!({ "code": each.code, "comparable": each.comparable }))
        .collect();
    Ok(json!({
        "now": micros(tx.now), "categories": categories, "places": places, "codes": codes,
        "populations": people, "hotline": store::totals(tx, community)?, "settings": rules,
        "hotline_places": hotline_places, "hotline_pairs": hotline_pairs,
    }))
}
