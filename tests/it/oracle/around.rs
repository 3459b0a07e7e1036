//! What lies around the tickets of random communities: who had them, who helped, who joined, and which belong together.

use diesel::prelude::*;
use louma::db::{Id, Tx};
use louma::routing::Party;
use louma::schema::{holdings, incident_tickets, incidents, neighbours, supports, tickets};
use louma::tickets::Ticket;
use rand::RngExt;

use super::dice::{Dice, pick};

pub(super) fn plant_holdings(tx: &mut Tx, rng: &mut Dice, ticket: &Ticket, parties: &[Party]) {
    for seq in 0..rng.random_range(0..4) {
        let from = rng.moment();
        let until = rng.random_bool(0.7).then(|| from.plus_minutes(rng.random_range(0..90_000)));
        let row = (
            holdings::community_id.eq(ticket.community_id),
            holdings::ticket_id.eq(ticket.id),
            holdings::seq.eq(seq),
            holdings::party_id.eq(parties[rng.random_range(0..parties.len())].id),
            holdings::from_at.eq(from),
            holdings::until_at.eq(until),
            holdings::ended_by.eq(until.map(|_| pick(rng, &["return", "close", "transfer"]))),
        );
        diesel::insert_into(holdings::table).values(row).execute(tx.conn).unwrap();
    }
}

pub(super) fn plant_supports(tx: &mut Tx, rng: &mut Dice, ticket: &Ticket, parties: &[Party]) {
    for party in parties.iter().filter(|_| rng.random_bool(0.2)) {
        let row = (
            supports::community_id.eq(ticket.community_id),
            supports::ticket_id.eq(ticket.id),
            supports::party_id.eq(party.id),
            supports::since.eq(ticket.submitted_at),
            supports::added_by.eq("核对人"),
        );
        diesel::insert_into(supports::table).values(row).execute(tx.conn).unwrap();
    }
}

/// Neighbours of tickets drawn at random, some of them taken back, some repeats, some doubtful.
pub(super) fn plant_neighbours(tx: &mut Tx, rng: &mut Dice, ticket: &Ticket) {
    for device in 0..pick(rng, &[0, 0, 0, 1, 2, 5]) {
        let id = Id::new();
        let row = (
            neighbours::community_id.eq(ticket.community_id),
            neighbours::id.eq(id),
            neighbours::ticket_id.eq(ticket.id),
            neighbours::key_version.eq(1),
            neighbours::secret_hash.eq(id.bytes().to_vec()),
            neighbours::device_hash.eq(vec![device as u8]),
            neighbours::text.eq(""),
            neighbours::notice_version.eq("2026-11"),
            neighbours::at.eq(rng.moment()),
            neighbours::repeats.eq(rng.random_bool(0.2)),
            neighbours::withdrawn_at.eq(rng.random_bool(0.2).then_some(tx.now)),
            neighbours::comment.eq(""),
            neighbours::doubts.eq(pick(rng, &["", "", "", "network door"])),
        );
        diesel::insert_into(neighbours::table).values(row).execute(tx.conn).unwrap();
    }
}

/// Incidents of tickets drawn at random, of one place and category or not, some of them dismissed, some members removed.
pub(super) fn plant_incidents(tx: &mut Tx, rng: &mut Dice, planted: &[Ticket]) {
    for group in planted.chunks(5) {
        let Some((first, category)) = group.iter().find_map(|each| Some((each, each.category.clone()?)))
        else {
            continue;
        };
        let id = Id::new();
        let row = (
            incidents::community_id.eq(first.community_id),
            incidents::id.eq(id),
            incidents::place_id.eq(first.place_id),
            incidents::category.eq(&category),
            incidents::state.eq(pick(rng, &["open", "closed", "closed", "dismissed"])),
            incidents::opened_at.eq(first.submitted_at),
            incidents::opened_by.eq("核对人"),
        );
        diesel::insert_into(incidents::table).values(row).execute(tx.conn).unwrap();
        let alike = rng.random_bool(0.8);
        for each in group {
            if alike {
                diesel::update(tickets::table.find((each.community_id, each.id)))
                    .set((
                        tickets::place_id.eq(first.place_id),
                        tickets::category.eq(&category),
                        tickets::level1.eq(&category[..2]),
                    ))
                    .execute(tx.conn)
                    .unwrap();
            }
            let row = (
                incident_tickets::community_id.eq(each.community_id),
                incident_tickets::incident_id.eq(id),
                incident_tickets::ticket_id.eq(each.id),
                incident_tickets::added_at.eq(each.submitted_at),
                incident_tickets::added_by.eq("核对人"),
                incident_tickets::removed_at.eq(rng.random_bool(0.2).then_some(tx.now)),
            );
            diesel::insert_into(incident_tickets::table).values(row).execute(tx.conn).unwrap();
        }
    }
}
