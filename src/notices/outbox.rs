//! From what happened to who is told: lines of the outbox become notices and messages to send, each line once.
//!
//! Taking lines, writing what follows and striking them out is one transaction: a program that dies in between has done
//! nothing. Ids are derived from event, channel and person, so that even a line told twice would make one row.

use std::collections::BTreeMap;

use super::State;
use super::store::bell::{self, Row};
use super::store::outbox::{self as store, Delivery, Waiting};
use super::told::{self, Notice, Person, Topic, Way};
use crate::db::{Id, Time, Tx};
use crate::error::Result;
use crate::keys;
use crate::people::absences;
use crate::places;
use crate::routing::Urgency;
use crate::settings::{self, QuietHours};

/// Lines taken into one transaction at most: SQLite's writer is everybody's.
const BATCH: i64 = 100;

/// Minutes after which an event is no news any more: after a long standstill nobody wants a night full of messages. The bell
/// tells of it all the same: it is always on. Of what the demonstration has written of long ago nobody is told at all.
pub const NEWS_MINUTES: i64 = 24 * 60;

/// Whether anything waits to be told.
pub fn waiting(tx: &mut Tx) -> Result<bool> {
    store::any(tx)
}

/// Tells what happened, the oldest first; returns how many lines were told or struck out. Safe to call from several
/// programs at once: on PostgreSQL each takes lines that no other has.
pub fn tell(tx: &mut Tx) -> Result<usize> {
    let lines = store::claim(tx, BATCH)?;
    let mut by_town: BTreeMap<Id, Vec<&Waiting>> = BTreeMap::new();
    for line in &lines {
        by_town.entry(line.community_id).or_default().push(line);
    }
    for (community_id, lines) in by_town {
        let town = Town::read(tx, community_id)?;
        // A microsecond apart, so that the bell keeps the order in which it happened.
        let moments = (tx.now.0.timestamp_micros()..).map(Time::from_micros);
        for (line, at) in lines.into_iter().zip(moments) {
            town.tell(tx, line, at)?;
        }
    }
    for line in &lines {
        store::strike(tx, line)?;
    }
    Ok(lines.len())
}

/// Strikes out at once what the demonstration has written of long ago; returns how many lines.
pub fn clear(tx: &mut Tx) -> Result<usize> {
    let old = tx.now.plus_minutes(-NEWS_MINUTES);
    store::strike_staged(tx, old)
}

/// What is the same for all events of a community.
struct Town {
    ways: Vec<Way>,
    people: Vec<Person>,
    /// Those who stand in for somebody just now.
    covers: Vec<Id>,
    quiet: QuietHours,
    /// Whether it is the demonstration.
    demo: bool,
}

impl Town {
    fn read(tx: &mut Tx, community_id: Id) -> Result<Town> {
        let ways = store::ways(tx, community_id)?;
        let personal = ways.iter().any(|way| way.kind.personal());
        let away = absences::away(tx, community_id, tx.now)?;
        let people = match personal || !away.is_empty() {
            true => store::people(tx, community_id, &away)?,
            false => Vec::new(),
        };
        let covers = away.into_iter().map(|(_, cover)| cover).collect();
        let demo = places::community(tx, community_id)?.demo;
        Ok(Town { ways, people, covers, quiet: settings::at(tx, community_id, tx.now)?, demo })
    }

    fn tell(&self, tx: &mut Tx, line: &Waiting, at: Time) -> Result<()> {
        let news = line.at >= tx.now.plus_minutes(-NEWS_MINUTES);
        if self.demo && !news {
            return Ok(());
        }
        let (happening, facts, urgency) = store::what(tx, line, &self.covers)?;
        let told = told::notices(&happening, &facts, &self.people, &self.ways);
        let Some((topic, notices)) = told else { return Ok(()) };
        for notice in notices {
            match notice {
                Notice::Bell(whom) => {
                    let whom = whom.to_string();
                    let row = Row {
                        community_id: line.community_id,
                        id: derived(line, &[whom.as_bytes()]),
                        ticket_id: line.ticket_id,
                        seq: line.seq,
                        topic,
                        whom,
                        by_id: happening.by,
                        at,
                    };
                    bell::insert(tx, &row)?;
                }
                Notice::Sent(way, person) if news => self.send(tx, line, (topic, urgency), (way, person))?,
                Notice::Sent(..) => {}
            }
        }
        Ok(())
    }

    fn send(
        &self,
        tx: &mut Tx,
        line: &Waiting,
        (topic, urgency): (Topic, Urgency),
        (way, person): (Id, Option<Id>),
    ) -> Result<()> {
        let rests = self.ways.iter().any(|each| each.id == way && each.kind.rests());
        // 特急 wakes people up; machines do not sleep.
        let wakes = urgency == Urgency::Critical || !rests;
        let to = person.map(|person| person.bytes().to_vec()).unwrap_or_default();
        let delivery = Delivery {
            community_id: line.community_id,
            id: derived(line, &[way.bytes(), &to]),
            channel_id: way,
            ticket_id: Some(line.ticket_id),
            seq: Some(line.seq),
            topic,
            staff_id: person,
            state: State::Waiting,
            made_at: tx.now,
            begun_at: tx.now,
            due_at: if wakes { tx.now } else { self.quiet.after(tx.now) },
            attempts: 0,
            answer: String::new(),
            draft: None,
        };
        store::insert(tx, &delivery)
    }
}

/// The id of what follows from an event for a receiver: always the same.
fn derived(line: &Waiting, receiver: &[&[u8]]) -> Id {
    let seq = line.seq.to_be_bytes();
    let event: [&[u8]; 3] = [line.community_id.bytes(), line.ticket_id.bytes(), &seq];
    let hash = keys::digest(event.into_iter().chain(receiver.iter().copied()));
    let bytes: [u8; 16] = std::array::from_fn(|place| hash[place]);
    Id(uuid::Builder::from_custom_bytes(bytes).into_uuid())
}
