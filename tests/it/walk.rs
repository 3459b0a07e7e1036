//! Random walks: random people ask for random things at random moments, on a real database, through the asks that pages
//! and API use. Whatever they do, nothing stands in a ticket that its history does not tell, nothing in its history that
//! the tables of steps and acts do not allow, its clocks are those that [`recount`](super::recount) finds, and no month
//! that is kept counts anything else than its tickets say.
//!
//! Many walks go on at once, each in the community that its seed falls on: odd ones count natural days, even ones
//! working days. Each try is a [`Db::write`] of its own, as in life. `LOUMA_TEST_WALKS` sets how many walks,
//! `LOUMA_TEST_TRIES` how much is tried in each, `LOUMA_TEST_SEED` where the dice begin. What a failure prints is enough to
//! walk it again.

mod town;
mod tries;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use diesel::prelude::*;
use futures_util::future::join_all;
use louma::app;
use louma::clock::midnight;
use louma::db::{Id, Time, Tx};
use louma::error::{Error, Result};
use louma::people::Actor;
use louma::rollups;
use louma::schema::{ticket_events, tickets as rows, timers as bells};
use louma::stats::backlog::{self, Standing, Told};
use louma::stats::levels;
use louma::tickets::status::{ACTS, STEPS};
use louma::tickets::{self, Channel, Event, Note, Person, Phone, Submission, Ticket, timers};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};

use self::town::{Lane, Town};
use self::tries::{ASKS, BESIDE, OTHERS, Try, draw};
use crate::clocks::back_then;
use crate::recount::Recount;

/// Communities in which people walk at the same time.
const LANES: u64 = 32;
/// Walks in one database: a larger one only makes the disk slower.
const TOGETHER: usize = 4000;

/// A ticket as it was seen last, with its whole history, and the clocks that follow from that.
struct Seen {
    ticket: Ticket,
    history: Vec<Event>,
    clocks: Recount,
    rings_at: Option<Time>,
    /// How it stood each time that it was looked at.
    stood: Vec<(Time, Option<Standing>)>,
}

/// How the row says that a ticket stands: open and counted or not, on account or not, and until when.
fn stands(ticket: &Ticket) -> Option<Standing> {
    let counts = ticket.excluded.is_none_or(|reason| reason == tickets::Reason::E6);
    let standing = Standing { on_account: ticket.suspended_at.is_some(), due_at: ticket.due_at };
    (ticket.status.clock_runs() && counts).then_some(standing)
}

/// What one look at a ticket shows: its row, what is new in its history, and when it is looked at next.
type Look = (Ticket, Vec<Event>, Option<Time>);

/// Looks at tickets, of which so many events are known.
fn look(tx: &mut Tx, community: Id, known: &BTreeMap<Id, i32>) -> Result<Vec<Look>> {
    let ids: Vec<Id> = known.keys().copied().collect();
    let own = rows::community_id.eq(community).and(rows::id.eq_any(ids.clone()));
    let found: Vec<Ticket> = rows::table.filter(own).select(Ticket::as_select()).load(tx.conn)?;
    let own = bells::community_id.eq(community).and(bells::ticket_id.eq_any(ids));
    let rings: Vec<(Id, Time)> =
        bells::table.filter(own).select((bells::ticket_id, bells::at)).load(tx.conn)?;
    let rings: BTreeMap<Id, Time> = rings.into_iter().collect();
    let mut looks = Vec::new();
    for ticket in found {
        let after = known[&ticket.id];
        let news = match ticket.events == after {
            true => Vec::new(),
            false => events(tx, &ticket, after)?,
        };
        let next = rings.get(&ticket.id).copied();
        looks.push((ticket, news, next));
    }
    Ok(looks)
}

fn events(tx: &mut Tx, ticket: &Ticket, after: i32) -> Result<Vec<Event>> {
    let own = ticket_events::community_id.eq(ticket.community_id).and(ticket_events::ticket_id.eq(ticket.id));
    let rows = ticket_events::table.filter(own.and(ticket_events::seq.gt(after))).order(ticket_events::seq);
    Ok(rows.select(Event::as_select()).load(tx.conn)?)
}

/// Somebody's way through one community.
struct Walk<'a> {
    town: &'a Town,
    lane: &'a Lane,
    seed: u64,
    rng: StdRng,
    now: Time,
    known: BTreeMap<Id, Seen>,
}

impl<'a> Walk<'a> {
    async fn begin(town: &'a Town, seed: u64) -> Walk<'a> {
        let mut rng = StdRng::seed_from_u64(seed);
        // Days with an arrangement, and some of the year after, which has none.
        let now = midnight("2025-09-01".parse().unwrap()).plus_minutes(rng.random_range(0..450 * 1440));
        let lane = &town.lanes[(seed % LANES) as usize % town.lanes.len()];
        let mut walk = Walk { town, lane, seed, rng, now, known: BTreeMap::new() };
        // Each walk has its own time: what was kept in another is not of its past.
        let community = lane.world.community.id;
        town.db.write(move |tx| rollups::forget(tx, community)).await.unwrap();
        for _ in 0..2 {
            walk.submit().await;
        }
        walk
    }

    async fn submit(&mut self) {
        let (keys, world, at) = (self.town.keys.clone(), self.lane.world.clone(), self.now);
        let (place, _) = world.units.choose(&mut self.rng).unwrap().clone();
        let level1 = format!("{:02}", self.rng.random_range(1..=12));
        let (share_phone, hazard) = (self.rng.random(), self.rng.random());
        let made = self.town.db.write(move |tx| {
            let submission = Submission {
                id: Id::new(),
                channel: Channel::Scan,
                code: None,
                place,
                spot_note: String::new(),
                level1,
                category: None,
                kind: None,
                text: Note::parse("text", "灯坏了", "")?,
                hazard,
                reach: None,
                person: Person {
                    phone: Phone::parse("phone", "10012345678")?,
                    share_phone,
                    ..Person::default()
                },
                photos: Vec::new(),
                notice_version: "1".into(),
                called_at: None,
            };
            let resident = Actor::resident(world.community.id);
            back_then(tx, at, |tx| {
                let made = tickets::submit(tx, &keys, &resident, &world.community, submission)?;
                look(tx, world.community.id, &BTreeMap::from([(made.id, 0)]))
            })
        });
        self.follow(made.await.unwrap(), "submit");
    }

    /// Tries one thing, and returns its noun where it was done.
    async fn step(&mut self) -> Option<&'static str> {
        // Where all is over, somebody reports something new.
        if self
            .known
            .values()
            .all(|seen| seen.ticket.open_due_at.is_none() && seen.ticket.suspended_at.is_none())
        {
            self.submit().await;
        }
        let all: Vec<&Ticket> = self.known.values().map(|seen| &seen.ticket).collect();
        let people = (self.lane.actors.as_slice(), self.lane.parties.as_slice());
        let (id, each) = draw(&mut self.rng, &mut self.now, people, &all);
        // What came due of a ticket rings before somebody tries something.
        if self.known[&id].rings_at.is_some_and(|at| at <= self.now) {
            self.ring(id).await;
        }
        let noun = each.noun;
        let tale = format!("seed {}: {noun} by {:?} at {}", self.seed, each.actor.role, each.at.0);
        let before: Arc<Mutex<Vec<Look>>> = Arc::default();
        match self.attempt(id, each, before.clone()).await {
            Ok(after) => {
                self.as_left(&before, &tale);
                self.follow(after, &tale);
                Some(noun)
            }
            Err(Error::Internal(fault)) => panic!("{tale}: {fault:#}"),
            Err(Error::Unavailable(fault)) => panic!("{tale}: {fault}"),
            // Refused: that it changed nothing is seen by whoever looks next.
            Err(_) => {
                self.as_left(&before, &tale);
                None
            }
        }
    }

    /// One try is one write; `before` holds what stood there, also where the try is refused and undone.
    async fn attempt(&self, id: Id, each: Try, before: Arc<Mutex<Vec<Look>>>) -> Result<Vec<Look>> {
        let (keys, community, mut known) =
            (self.town.keys.clone(), self.lane.world.community.id, self.counts());
        let work = move |tx: &mut Tx| {
            let at = each.at;
            back_then(tx, at, |tx| {
                *before.lock().unwrap() = look(tx, community, &known)?;
                let done = each.run(&keys, tx, id)?;
                known.entry(done.id).or_insert(0);
                look(tx, community, &known)
            })
        };
        self.town.db.write(work).await
    }

    fn counts(&self) -> BTreeMap<Id, i32> {
        self.known.iter().map(|(id, seen)| (*id, seen.ticket.events)).collect()
    }

    async fn ring(&mut self, id: Id) {
        let (community, at, known) = (self.lane.world.community.id, self.now, self.counts());
        let work = move |tx: &mut Tx| {
            back_then(tx, at, |tx| {
                timers::fire_one(tx, (community, id))?;
                look(tx, community, &known)
            })
        };
        let after = self.town.db.write(work).await.unwrap();
        let tale = format!("seed {}: a timer at {}", self.seed, at.0);
        self.follow(after, &tale);
        let next = self.known[&id].rings_at;
        assert!(next.is_none_or(|next| next > at), "{tale} would ring again at once");
    }

    /// Nothing has changed since the last look: what was refused left nothing behind.
    fn as_left(&self, before: &Mutex<Vec<Look>>, tale: &str) {
        let before = before.lock().unwrap();
        assert_eq!(before.len(), self.known.len(), "{tale}");
        for (ticket, news, rings_at) in before.iter() {
            let seen = &self.known[&ticket.id];
            assert!(*ticket == seen.ticket, "before {tale}: {ticket:?} was {:?}", seen.ticket);
            assert!(news.is_empty() && *rings_at == seen.rings_at, "before {tale}: {news:?}");
        }
    }

    /// What is in the rows follows from what was there, what the tables allow, and what the events say.
    fn follow(&mut self, looks: Vec<Look>, tale: &str) {
        let (categories, mode) = (&self.town.categories, self.lane.mode);
        for (ticket, news, rings_at) in looks {
            let Some(seen) = self.known.get_mut(&ticket.id) else {
                let mut clocks = Recount::begin(&news[0], categories, mode);
                news[1..].iter().for_each(|event| clocks.add(event, categories));
                chain(&ticket, &[], &news, tale);
                clocks.agrees(&ticket, tale);
                let stood = vec![(self.now, stands(&ticket))];
                self.known.insert(ticket.id, Seen { ticket, history: news, clocks, rings_at, stood });
                continue;
            };
            assert!(
                ticket == seen.ticket || !news.is_empty(),
                "{tale} changed {} and told nobody",
                ticket.number
            );
            chain(&ticket, &seen.history, &news, tale);
            news.iter().for_each(|event| seen.clocks.add(event, categories));
            seen.clocks.agrees(&ticket, tale);
            seen.history.extend(news);
            // Of what happened in one moment, the last holds.
            seen.stood.retain(|(at, _)| *at != self.now);
            seen.stood.push((self.now, stands(&ticket)));
            (seen.ticket, seen.rings_at) = (ticket, rings_at);
        }
    }

    /// Nothing that was told before has changed; how each ticket stood at each moment is found again from its events, though
    /// its row has moved on; and parts count from the report that they were a part of.
    /// What is kept of the months that are over is what counting them anew finds; then what is missing is kept. Looked at in
    /// some of the walks: it counts the community's years each time.
    async fn months(&self) {
        if !self.seed.is_multiple_of(self.town.months_every) {
            return;
        }
        let (community, now) = (self.lane.world.community.id, self.now);
        let work = move |tx: &mut Tx| {
            back_then(tx, now, |tx| {
                let (_, wrong) = levels::differing(tx, community)?;
                levels::catch_up(tx, community, false)?;
                Ok(wrong)
            })
        };
        let wrong = self.town.db.write(work).await.unwrap();
        assert!(wrong.is_empty(), "seed {} at {}: {wrong:?}", self.seed, self.now.0);
    }

    async fn end(self) {
        self.months().await;
        let (community, known) =
            (self.lane.world.community.id, self.known.keys().map(|id| (*id, 0)).collect());
        let found = self.town.db.read(move |tx| look(tx, community, &known)).await.unwrap();
        assert_eq!(found.len(), self.known.len());
        for (ticket, history, rings_at) in found {
            let seen = &self.known[&ticket.id];
            assert!(ticket == seen.ticket && rings_at == seen.rings_at, "seed {}: {ticket:?}", self.seed);
            assert_eq!(history, seen.history, "seed {}: the past has changed", self.seed);
            let told: Vec<Told> = history.iter().map(Told::from).collect();
            let stretches = backlog::stretches(&told, ticket.due_at);
            for (at, then) in &seen.stood {
                let replayed = backlog::stood(&stretches, *at);
                assert_eq!(replayed, *then, "seed {}: {} at {}: {history:?}", self.seed, ticket.number, at.0);
            }
            if let Some(origin) = ticket.origin_id {
                assert_eq!(
                    self.known[&origin].ticket.submitted_at, ticket.submitted_at,
                    "seed {}",
                    self.seed
                );
            }
        }
    }
}

/// The history of a ticket begins with its submission, has no gap, goes from status to status as the tables allow, and ends
/// where the ticket stands.
fn chain(ticket: &Ticket, past: &[Event], news: &[Event], tale: &str) {
    assert_eq!(ticket.events as usize, past.len() + news.len(), "{tale}: events are lost");
    let mut last = past.last();
    for event in news {
        let (seq, stands) = last.map_or((0, None), |last| (last.seq, Some(last.to_status)));
        assert_eq!((event.seq, event.from_status), (seq + 1, stands), "{tale}: {event:?}");
        assert!(last.is_none_or(|last| last.at <= event.at), "{tale}: time runs backwards");
        assert!(allowed(event), "{tale}: no table allows {event:?}");
        last = Some(event);
    }
    assert_eq!(last.map(|last| last.to_status), Some(ticket.status), "{tale}: the history ends elsewhere");
}

/// Whether the tables let this happen, to a ticket that stood there, by that role.
fn allowed(event: &Event) -> bool {
    let Some(from) = event.from_status else { return event.act == tickets::Act::Submit.word() };
    let (act, role, to) = (event.act.as_str(), &event.role, event.to_status);
    STEPS
        .iter()
        .any(|row| row.0.contains(&from) && row.1.word() == act && row.2.contains(role) && row.3 == to)
        || (from == to
            && ACTS.iter().any(|row| row.0.contains(&from) && row.1.word() == act && row.2.contains(role)))
}

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |value| value.parse().unwrap_or_else(|_| panic!("{name}={value}")))
}

#[actix_web::test]
async fn whoever_asks_for_whatever_no_ticket_gets_where_the_tables_do_not_lead() {
    let (walks, first) = (setting("LOUMA_TEST_WALKS", 32), setting("LOUMA_TEST_SEED", 1));
    let tries = setting("LOUMA_TEST_TRIES", 60);
    let begun = std::time::Instant::now();
    let mut done: BTreeMap<&str, usize> = BTreeMap::new();
    let seeds: Vec<u64> = (first..first + walks).collect();
    for together in seeds.chunks(TOGETHER) {
        let mut town = Town::found(LANES).await;
        town.months_every = if walks > 1000 { 64 } else { 1 };
        let lanes = (0..LANES).map(|lane| {
            let (town, own) = (&town, together.iter().filter(move |seed| **seed % LANES == lane));
            async move {
                let mut done = Vec::new();
                for seed in own {
                    let mut walk = Walk::begin(town, *seed).await;
                    for each in 0..tries {
                        done.extend(walk.step().await);
                        if each % 12 == 0 {
                            walk.months().await;
                        }
                    }
                    walk.end().await;
                }
                done
            }
        });
        for noun in join_all(lanes).await.into_iter().flatten() {
            *done.entry(noun).or_default() += 1;
        }
        nothing_is_lost(&town, together.len()).await;
        println!("to seed {}: {:?}", together[together.len() - 1], begun.elapsed());
    }
    let sum: usize = done.values().sum();
    println!("{walks} walks of {tries} tries from seed {first}: {sum} were done: {done:?}");
    let never: Vec<&str> = ASKS.iter().map(|ask| ask.0).chain(OTHERS.iter().map(|other| other.0)).collect();
    let never: Vec<&str> = never.into_iter().filter(|noun| !done.contains_key(noun)).collect();
    // What needs much to have happened before comes in few of a few hundred walks.
    let spared = if walks < 3000 { 3 } else { 0 };
    assert!(
        walks * tries < 30_000 || never.len() <= spared,
        "nobody ever managed: {never:?}; does `form` fill in their fields?"
    );
}

/// How many events each ticket says it has, and how many there are.
type Histories = (Vec<(Id, i32)>, Vec<(Id, i64)>);

/// Every ticket there is, also those that nobody looked at since they came to be, has all its events.
async fn nothing_is_lost(town: &Town, walks: usize) {
    let (rows, events): Histories = town
        .db
        .read(|tx| {
            let counts = ticket_events::table
                .group_by(ticket_events::ticket_id)
                .select((ticket_events::ticket_id, diesel::dsl::count_star()));
            Ok((rows::table.select((rows::id, rows::events)).load(tx.conn)?, counts.load(tx.conn)?))
        })
        .await
        .unwrap();
    let events: BTreeMap<Id, i64> = events.into_iter().collect();
    assert!(rows.len() >= 2 * walks && rows.len() == events.len());
    for (id, count) in rows {
        assert_eq!(events[&id], i64::from(count), "events of {id} are lost");
    }
}

#[test]
fn the_walk_knows_everything_that_can_be_asked_of_a_ticket() {
    let nouns = app::routes().into_iter().filter_map(|entry| {
        let noun = entry.pattern.strip_prefix("/console/tickets/{id}/")?;
        (entry.method.as_str() == "POST").then_some(noun)
    });
    let unknown: Vec<&str> = nouns
        .filter(|noun| !BESIDE.contains(noun))
        .filter(|noun| !ASKS.iter().any(|ask| ask.0 == *noun) && !OTHERS.iter().any(|other| other.0 == *noun))
        .collect();
    assert!(unknown.is_empty(), "add to ASKS in tests/it/walk/tries.rs: {unknown:?}");
}
