//! Random walks: random people ask for random things at random moments, on a real database, through the asks that pages
//! and API use. Whatever they do, nothing stands in a ticket that its history does not tell, and nothing in its history
//! that the tables of steps and acts do not allow.
//!
//! `LOUMA_TEST_WALKS` sets how many walks (300), `LOUMA_TEST_SEED` where the dice begin. What a failure prints is
//! enough to walk it again.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use futures_util::future::join_all;
use louma::app;
use louma::db::{Id, Time, Tx, now};
use louma::error::{Error, Result};
use louma::keys::Keys;
use louma::people::{Actor, Role};
use louma::photos::{Photo, PhotoKey};
use louma::tickets::acts::Contact;
use louma::tickets::asks::{self, Ask, handing::Cause};
use louma::tickets::exclusions;
use louma::tickets::links::Invitation;
use louma::tickets::outside::{self, Bearer, Handed};
use louma::tickets::status::{ACTS, STEPS};
use louma::tickets::steps::{self, FollowUp, Office, Seen};
use louma::tickets::{
    self, Channel, Event, Level, Note, Outcome, Person, Phone, Reason, Satisfaction, Stage, Submission,
    Ticket, Verdict, acts, links, requests, timers, urging,
};
use louma::web::form::Form;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};

use crate::harness::{TestApp, World};

/// What is tried in one walk.
const TRIES: usize = 100;
/// Walks at once.
const TOGETHER: usize = 16;

type Run = fn(&Try, &Keys, &mut Tx, Id) -> Result<Ticket>;

fn run<A: Ask>(each: &Try, keys: &Keys, tx: &mut Tx, id: Id) -> Result<Ticket> {
    A::read(&each.form, each.photos.clone())?.run(tx, keys, &each.actor, id)
}

macro_rules! asks {
    ($($name:ident)*) => { &[$((<asks::$name as Ask>::NOUN, run::<asks::$name> as Run)),*] };
}

/// Everything that staff may ask for: a noun under `/console/tickets/{id}/` that is missing here fails the walk.
const ASKS: &[(&str, Run)] = asks![
    Acceptance Refusal Merger Dispatch Transfer Return Closure Answer Rework Archiving
    Contacted Categorization Remark Message Pictures Proposal
    Taking Unmerger Split Support Unsupport Extension Suspension Resumption Passing Urge Safety
    Follow Unfollow
];

/// What leads nowhere new: tried more seldom, so that walks get far.
const DULL: &[&str] = &[
    "contacts",
    "notes",
    "messages",
    "photos",
    "exclusions",
    "reveals",
    "addition",
    "nudge",
    "urges",
    "following",
    "unfollowing",
    "parts",
    "extensions",
];
/// What ends a ticket or its work: tried most seldom.
const ENDS: &[&str] = &["merger", "refusal", "withdrawal", "passing", "closure"];

/// What needs much to have happened before: tried whenever it may be.
const EAGER: &[&str] = &["request", "resumption", "dispatch", "taking", "return", "transfer", "rework"];

/// How seldom something is tried: once in so many times that the dice fall on it.
fn seldom(noun: &str) -> u32 {
    match noun {
        noun if ENDS.contains(&noun) => 36,
        noun if DULL.contains(&noun) => 15,
        noun if EAGER.contains(&noun) => 1,
        _ => 3,
    }
}

/// Where the dice of what is tried come from, drawn before the transaction.
struct Try {
    place: usize,
    actor: Actor,
    at: Time,
    form: Form,
    photos: Vec<Photo>,
    verdict: Verdict,
    yes: [bool; 2],
}

/// What another room does beside a ticket, without a line in its history.
const BESIDE: &[&str] = &["distinction"];

/// What nobody asks for by a form of the desk.
const OTHERS: &[(&str, Run)] = &[
    ("withdrawal", |each, _, tx, id| steps::withdraw(tx, &each.actor, each.seen(id)?)),
    ("opinion", |each, _, tx, id| {
        let follow_up = FollowUp::Answered {
            contacted: each.yes[0],
            solved: each.yes[1],
            satisfied: each.form.choice("satisfied", Satisfaction::parse, "")?,
            comment: each.form.text("comment").to_owned(),
        };
        steps::answer(tx, &each.actor, each.seen(id)?, follow_up)
    }),
    ("addition", |each, _, tx, id| acts::reply(tx, &each.actor, id, &each.note("text")?)),
    ("reveals", |each, keys, tx, id| {
        acts::reveal(tx, keys, &each.actor, id, &each.note("why")?)?;
        tickets::find(tx, &each.actor, id)
    }),
    ("decision", |each, _, tx, id| {
        let ticket = tickets::find(tx, &each.actor, id)?;
        let open = exclusions::of(tx, &ticket)?.pop().ok_or(Error::NotFound)?;
        exclusions::decide(tx, &each.actor, open.id, each.verdict)
    }),
    ("request", |each, _, tx, id| {
        let ticket = tickets::find(tx, &each.actor, id)?;
        let open = requests::of(tx, &ticket)?.pop().ok_or(Error::NotFound)?;
        requests::decide(tx, &each.actor, open.id, each.verdict, &each.note("reason")?)
    }),
    ("nudge", |each, _, tx, id| urging::nudge(tx, &each.actor, id)),
    // Made, taken and reported done in one go: the address is known to nobody afterwards.
    ("links", |each, keys, tx, id| {
        let invitation =
            Invitation { party: None, name: "供电公司".to_owned(), text: String::new(), days: 14 };
        let made = links::invite(tx, keys, &each.actor, id, invitation)?;
        let bearer = Bearer { token: made.token, browser: "a browser of the walk".to_owned() };
        outside::open(tx, keys, &bearer)?;
        outside::hand_in(tx, keys, &bearer, Handed::Done, ("已接好", &each.photos))
    }),
    ("revocations", |each, _, tx, id| {
        let link = link(each, tx, id)?;
        links::revoke(tx, &each.actor, id, link)
    }),
    ("outside-checks", |each, _, tx, id| {
        let link = link(each, tx, id)?;
        links::check(tx, &each.actor, id, link)
    }),
    ("outside-replies", |each, _, tx, id| {
        let link = link(each, tx, id)?;
        links::respond(tx, &each.actor, id, link, &each.note("note")?)
    }),
    ("outside-returns", |each, _, tx, id| {
        let link = link(each, tx, id)?;
        links::send_back(tx, &each.actor, id, link, &each.note("note")?)
    }),
];

/// The latest link of a ticket that the actor may know of.
fn link(each: &Try, tx: &mut Tx, id: Id) -> Result<Id> {
    let ticket = tickets::find(tx, &each.actor, id)?;
    let latest = links::of(tx, &ticket)?.into_iter().next();
    latest.map(|link| link.id).ok_or(Error::NotFound)
}

impl Try {
    fn seen(&self, id: Id) -> Result<Seen> {
        let version = self.form.choice("version", |text| text.parse().ok(), "")?;
        Ok(Seen { id, version })
    }

    fn note(&self, field: &'static str) -> Result<Note> {
        Note::parse(field, self.form.text(field), "请写点什么")
    }
}

/// One community with its people, and the dice.
struct Walk {
    app: TestApp,
    world: World,
    actors: Vec<Actor>,
    parties: Vec<Id>,
    seed: u64,
    rng: StdRng,
    now: Time,
    /// What was read of each ticket last, and its history.
    known: BTreeMap<Id, (Ticket, Vec<Event>)>,
}

async fn actors(app: &TestApp) -> Vec<Actor> {
    let home = app.home().clone();
    let staff = |role| {
        let of = Actor::resident(home.community.id);
        Actor { role, staff_id: Some(app.staff(role)), name: format!("{} 01", role.label()), ..of }
    };
    // Whoever supports is a handler, and becomes a supporter by the ticket.
    Role::ALL
        .iter()
        .filter(|role| **role != Role::Supporter)
        .map(|role| match role {
            Role::Resident => Actor::resident(home.community.id),
            Role::Handler => Actor { party_id: Some(home.property.id), ..staff(*role) },
            Role::GridWorker => Actor { grids: vec![home.grid], ..staff(*role) },
            role if Role::STAFF.contains(role) => staff(*role),
            role => Actor { role: *role, ..Actor::timer(home.community.id) },
        })
        .collect()
}

impl Walk {
    async fn begin(app: &TestApp, actors: &[Actor], seed: u64) -> Walk {
        let (world, mut rng) = (app.home().clone(), StdRng::seed_from_u64(seed));
        let community_id = world.community.id;
        let parties = app
            .read(move |tx| {
                Ok(louma::routing::parties(tx, community_id)?.into_iter().map(|each| each.id).collect())
            })
            .await;
        // In the future, so that the server's own timers never come between: the walk rings them at its own time.
        let now = Time(now().0 + chrono::TimeDelta::days(rng.random_range(200..600)));
        let actors = actors.to_vec();
        let known = BTreeMap::new();
        let app = app.clone();
        let mut walk = Walk { app, world, actors, parties, seed, rng, now, known };
        for _ in 0..2 {
            walk.submit().await;
        }
        walk
    }

    async fn submit(&mut self) {
        let (keys, world) = (self.app.parts.keys.clone(), self.world.clone());
        let (place, _) = world.units.choose(&mut self.rng).unwrap().clone();
        let level1 = format!("{:02}", self.rng.random_range(1..=12));
        let (at, share_phone, hazard) = (self.now, self.rng.random(), self.rng.random());
        let made = self
            .app
            .write(move |tx| {
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
                tickets::submit(&mut at_time(tx, at), &keys, &resident, &world.community, submission)
            })
            .await;
        self.look(made.id).await;
    }

    /// What somebody tries next. Those who may do most come most often.
    fn dice(&mut self) -> Try {
        let minutes = match self.rng.random_range(0..10) {
            0..6 => self.rng.random_range(0..120),
            6..9 => self.rng.random_range(60..1440),
            _ => self.rng.random_range(1440..6 * 1440),
        };
        self.now = self.now.plus_minutes(minutes);
        let often =
            [Role::CommunityLead, Role::CommunityWorker, Role::Handler, Role::GridWorker, Role::Resident];
        let actor = match self.rng.random_range(0..10) {
            0..9 => {
                let role = *often.choose(&mut self.rng).unwrap();
                self.actors.iter().find(|actor| actor.role == role).unwrap()
            }
            _ => self.actors.choose(&mut self.rng).unwrap(),
        }
        .clone();
        let photo = PhotoKey::of(&self.rng.random::<[u8; 8]>());
        Try {
            place: self.rng.random_range(0..self.known.len()),
            actor,
            at: self.now,
            form: Form::default(),
            photos: vec![Photo { key: photo, width: 640, height: 480, bytes: 1000, likeness: None }],
            verdict: if self.rng.random_range(0..4) > 0 { Verdict::Approve } else { Verdict::Refuse },
            yes: [self.rng.random(), self.rng.random()],
        }
    }

    /// Fills in whatever a form may ask for: mostly something right, sometimes nothing, sometimes an old version.
    fn form(&mut self, of: &Ticket) -> Form {
        let rng = &mut self.rng;
        let other = self.known.values().map(|(ticket, _)| ticket.number.clone()).collect::<Vec<_>>();
        let pick = |rng: &mut StdRng, words: &[&str]| (*words.choose(rng).unwrap()).to_owned();
        macro_rules! word {
            ($name:ident) => {
                $name::ALL.choose(rng).unwrap().word().to_owned()
            };
        }
        let stale = i32::from(rng.random_range(0..20) == 0);
        let until = self.now.day() + chrono::Days::new(rng.random_range(1..40));
        let until = until.to_string();
        let category = format!("{:02}{:02}", rng.random_range(1..=12), rng.random_range(1..=6));
        let fields = [
            ("version", (of.version - stale).to_string()),
            ("reason", if rng.random() { word!(Reason) } else { "情况已核实".to_owned() }),
            ("text", pick(rng, &["已换新灯泡", "已换新灯泡", "已到现场", ""])),
            ("note", pick(rng, &["和居民说好了", "演练"])),
            ("comment", pick(rng, &["", "修得快"])),
            ("why", pick(rng, &["没有人接", ""])),
            ("party_id", self.parties.choose(rng).unwrap().to_string()),
            ("main", other.choose(rng).unwrap().clone()),
            ("category", category),
            ("kind", {
                use louma::routing::Kind;
                word!(Kind)
            }),
            ("result", word!(Outcome)),
            ("level", word!(Level)),
            ("cause", word!(Cause)),
            ("contact", word!(Contact)),
            ("stage", word!(Stage)),
            ("satisfied", word!(Satisfaction)),
            ("reached", pick(rng, &["yes", "no"])),
            ("contacted", pick(rng, &["yes", "no"])),
            ("solved", pick(rng, &["yes", "no"])),
            ("until", until),
            ("basis", "物业合同".to_owned()),
            ("plan", "列入明年计划".to_owned()),
            ("task", "请到现场".to_owned()),
            ("office", word!(Office)),
            ("to", "区城管委".to_owned()),
            ("number", "12345-01".to_owned()),
        ];
        let mut form = Form::default();
        for (field, value) in fields {
            form.set(field, value);
        }
        form
    }

    /// Tries one thing, and returns its noun where it was done.
    async fn step(&mut self) -> Option<&'static str> {
        let mut each = self.dice();
        let id = *self.known.keys().nth(each.place).unwrap();
        self.ring(id).await;
        each.form = self.form(&self.known[&id].0.clone());
        let (number, noun) = loop {
            let number = self.rng.random_range(0..ASKS.len() + OTHERS.len());
            let noun = ASKS.get(number).map_or_else(|| OTHERS[number - ASKS.len()].0, |ask| ask.0);
            if self.rng.random_range(0..seldom(noun)) == 0 {
                break (number, noun);
            }
        };
        let tale = format!("seed {}: {noun} by {:?} at {}", self.seed, each.actor.role, each.at.0);
        let keys = self.app.parts.keys.clone();
        let done = self
            .app
            .parts
            .db
            .write(move |tx| {
                let tx = &mut at_time(tx, each.at);
                let run = ASKS.get(number).map_or_else(|| OTHERS[number - ASKS.len()].1, |ask| ask.1);
                run(&each, &keys, tx, id)
            })
            .await;
        let before = self.known.clone();
        match done {
            Ok(ticket) => {
                for id in before.keys().copied().chain([ticket.id]).collect::<BTreeSet<_>>() {
                    self.look(id).await;
                }
                self.follows(&before, &tale);
                Some(noun)
            }
            Err(Error::Internal(fault)) => panic!("{tale}: {fault:#}"),
            Err(Error::Unavailable(fault)) => panic!("{tale}: {fault}"),
            Err(_) => {
                self.look(id).await;
                let (now, then) = (&self.known[&id], &before[&id]);
                assert_eq!(
                    format!("{now:?}"),
                    format!("{then:?}"),
                    "{tale} was refused and changed something"
                );
                None
            }
        }
    }

    /// What came due of a ticket rings before somebody tries something.
    async fn ring(&mut self, id: Id) {
        let (ticket, at) = ((self.world.community.id, id), self.now);
        let next = self.app.read(move |tx| timers::rings_at(tx, ticket.0, ticket.1)).await;
        if next.is_none_or(|next| next > at) {
            return;
        }
        let before = self.known.clone();
        self.app.write(move |tx| timers::fire_one(&mut at_time(tx, at), ticket)).await;
        self.look(id).await;
        self.follows(&before, &format!("seed {}: a timer at {}", self.seed, at.0));
    }

    async fn look(&mut self, id: Id) {
        let community_id = self.world.community.id;
        let found = self
            .app
            .read(move |tx| {
                let ticket = tickets::find_own(tx, community_id, id)?;
                let history = tickets::history(tx, &Actor::timer(community_id), &ticket)?;
                Ok((ticket, history))
            })
            .await;
        self.known.insert(id, found);
    }

    /// What is in the rows follows from what was there and what the tables allow.
    fn follows(&self, before: &BTreeMap<Id, (Ticket, Vec<Event>)>, tale: &str) {
        for (id, (ticket, history)) in &self.known {
            let known = before.get(id).map_or(0, |(_, old)| {
                assert_eq!(
                    format!("{:?}", &history[..old.len()]),
                    format!("{old:?}"),
                    "{tale} changed the past"
                );
                old.len()
            });
            chain(ticket, history, tale);
            for event in &history[known..] {
                assert!(allowed(event), "{tale}: no table allows {event:?}");
            }
            let changed = before.get(id).is_none_or(|(old, _)| format!("{old:?}") != format!("{ticket:?}"));
            assert!(!changed || history.len() > known, "{tale} changed {} and told nobody", ticket.number);
        }
    }
}

/// The unit of work as if it were another time.
fn at_time<'a>(tx: &'a mut Tx<'_>, at: Time) -> Tx<'a> {
    Tx { conn: &mut *tx.conn, now: at }
}

/// The history of a ticket begins with its submission, has no gap, goes from status to status and ends where the ticket
/// stands.
fn chain(ticket: &Ticket, history: &[Event], tale: &str) {
    assert_eq!(ticket.events as usize, history.len(), "{tale}: events are lost");
    let mut stands = None;
    for (place, event) in history.iter().enumerate() {
        assert_eq!(event.seq as usize, place + 1, "{tale}: {event:?}");
        assert_eq!(event.from_status, stands, "{tale}: {event:?}");
        stands = Some(event.to_status);
    }
    assert_eq!(stands, Some(ticket.status), "{tale}: the history ends elsewhere");
    assert!(history.windows(2).all(|pair| pair[0].at <= pair[1].at), "{tale}: time runs backwards");
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
    let app = TestApp::start().await;
    let people = actors(&app).await;
    let (walks, first) = (setting("LOUMA_TEST_WALKS", 300), setting("LOUMA_TEST_SEED", 1));
    let mut done: BTreeMap<&str, usize> = BTreeMap::new();
    let seeds: Vec<u64> = (first..first + walks).collect();
    for together in seeds.chunks(TOGETHER) {
        let walked = together.iter().map(|seed| async {
            let mut walk = Walk::begin(&app, &people, *seed).await;
            let mut done = Vec::new();
            for _ in 0..TRIES {
                done.extend(walk.step().await);
            }
            done
        });
        for noun in join_all(walked).await.into_iter().flatten() {
            *done.entry(noun).or_default() += 1;
        }
    }
    println!("{walks} walks from seed {first}: {done:?}");
    let never: Vec<&str> = ASKS.iter().map(|ask| ask.0).chain(OTHERS.iter().map(|other| other.0)).collect();
    let never: Vec<&str> = never.into_iter().filter(|noun| !done.contains_key(noun)).collect();
    // What needs much to have happened before comes in few of a few hundred walks.
    let spared = if walks < 3000 { 3 } else { 0 };
    assert!(
        walks < 300 || never.len() <= spared,
        "nobody ever managed: {never:?}; does `form` fill in their fields?"
    );

    // Every ticket there is, also those that nobody looked at since they came to be.
    use louma::schema::{ticket_events, tickets};
    let rows: Vec<(Id, i32)> =
        app.read(|tx| Ok(tickets::table.select((tickets::id, tickets::events)).load(tx.conn)?)).await;
    let events: Vec<(Id, i64)> = app
        .read(|tx| {
            let counts = ticket_events::table
                .group_by(ticket_events::ticket_id)
                .select((ticket_events::ticket_id, diesel::dsl::count_star()));
            Ok(counts.load(tx.conn)?)
        })
        .await;
    let events: BTreeMap<Id, i64> = events.into_iter().collect();
    assert!(rows.len() as u64 >= 2 * walks && rows.len() == events.len());
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
    assert!(unknown.is_empty(), "add to ASKS in tests/it/walk.rs: {unknown:?}");
}
