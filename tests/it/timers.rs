//! Timers: what comes due rings at its moment and once, whoever looks; and clocks are what the events say.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use diesel::prelude::*;
use louma::clock::midnight;
use louma::db::{Db, Durability, Id, Time, Tx, now};
use louma::error::Result;
use louma::jobs;
use louma::keys::Keys;
use louma::people::{Actor, Role};
use louma::routing::{self, Category};
use louma::schema::{ticket_events, timers as bells};
use louma::settings::{self, Clocks, Mode};
use louma::tickets::acts::{self, Contact};
use louma::tickets::steps::{self, Closure, Seen};
use louma::tickets::timers::{self, Alarm};
use louma::tickets::{self, Event, Ladder, Level, Note, Outcome, Status, Ticket, handing};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::Value;

use crate::clocks::{back_then, submit, ticket};
use crate::harness::{TestApp, World, database_url, world};
use crate::recount::Recount;

/// Waits until everything that is due of a ticket has rung, by this call or by the server's own.
async fn rung(app: &TestApp, ticket: &Ticket) {
    let (community_id, id) = (ticket.community_id, ticket.id);
    for _ in 0..100 {
        jobs::fire_timers(&app.parts.db).await.unwrap();
        let next = app.read(move |tx| timers::rings_at(tx, community_id, id)).await;
        if next.is_none_or(|at| at > now()) {
            return;
        }
        actix_web::rt::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("a timer does not ring");
}

fn events(tx: &mut Tx, id: Id) -> Result<Vec<Event>> {
    let own = ticket_events::table.filter(ticket_events::ticket_id.eq(id)).order(ticket_events::seq);
    Ok(own.select(Event::as_select()).load(tx.conn)?)
}

fn alarms(events: &[Event]) -> Vec<(Alarm, Time)> {
    let read = |event: &Event| {
        let data: Value = serde_json::from_str(&event.data).ok()?;
        Some((Alarm::parse(data["alarm"].as_str()?)?, event.at))
    };
    events.iter().filter(|event| event.role == Role::Timer).filter_map(read).collect()
}

fn lead(home: &World) -> Actor {
    Actor { role: Role::CommunityLead, ..Actor::timer(home.community.id) }
}

fn now_seen(tx: &mut Tx, actor: &Actor, id: Id) -> Result<Seen> {
    Ok(Seen { id, version: tickets::find(tx, actor, id)?.version })
}

fn closure() -> Result<Closure> {
    let text = Note::parse("text", "换了灯", "")?;
    Ok(Closure { result: Outcome::Solved, text, level: Level::Community, photos: Vec::new() })
}

#[actix_web::test]
async fn an_overdue_ticket_goes_up_to_the_lead_then_to_the_street_and_the_lists_show_it() {
    let app = TestApp::start().await;
    let (home, keys) = (app.home().clone(), app.parts.keys.clone());
    let overdue = app
        .write(move |tx| {
            let long_ago = tx.now.plus_minutes(-8 * 1440);
            back_then(tx, long_ago, |tx| submit(tx, &keys, &home))
        })
        .await;
    rung(&app, &overdue).await;
    let risen = ticket(&app, overdue.id).await;
    assert_eq!(
        (risen.escalated, risen.version),
        (Some(Ladder::CommunityLead), 1),
        "nobody's decision is disturbed"
    );
    let told = app.read(move |tx| events(tx, overdue.id)).await;
    let said: Vec<Alarm> = alarms(&told).into_iter().map(|each| each.0).collect();
    assert_eq!(said, [Alarm::FirstContact, Alarm::ToLead], "too late to warn");
    let lead = app.as_(Role::CommunityLead);
    let page = lead.get(&format!("/console/tickets/{}", overdue.id)).await.body;
    assert!(page.contains("已升级到社区负责人") && page.contains("首次联系已超期"), "{page}");
    assert!(lead.get("/console?queue=escalated").await.body.contains(&overdue.number));
    assert!(app.as_(Role::StreetManager).get("/console?queue=escalated").await.status == 200);
    // 48 hours later, and once more: the street, once.
    for _ in 0..2 {
        app.write(move |tx| {
            let later = tx.now.plus_minutes(48 * 60 + 1);
            back_then(tx, later, |tx| timers::fire_one(tx, (overdue.community_id, overdue.id)))
        })
        .await;
    }
    let told = app.read(move |tx| events(tx, overdue.id)).await;
    assert_eq!(alarms(&told).iter().filter(|each| each.0 == Alarm::ToStreet).count(), 1);
    assert_eq!(ticket(&app, overdue.id).await.escalated, Some(Ladder::StreetManager));
    let secret = app.parts.keys.ticket_secret(overdue.key_version, &app.home().community.token, overdue.id);
    assert!(!app.stranger().get(&format!("/t/{secret}")).await.body.contains("升级到"), "inside only");
}

#[actix_web::test]
async fn what_nobody_answers_is_archived_seven_days_after_its_closing() {
    let app = TestApp::start().await;
    let (home, keys) = (app.home().clone(), app.parts.keys.clone());
    let closed = app
        .write(move |tx| {
            let (now, lead) = (tx.now, lead(&home));
            let ticket = back_then(tx, now.plus_minutes(-20 * 1440), |tx| submit(tx, &keys, &home))?;
            back_then(tx, now.plus_minutes(-7 * 1440 - 5), |tx| {
                let seen = now_seen(tx, &lead, ticket.id)?;
                let seen = Seen { version: steps::accept(tx, &lead, seen)?.version, ..seen };
                steps::close(tx, &lead, seen, closure()?)
            })
        })
        .await;
    assert_eq!(closed.status, Status::FollowUp);
    rung(&app, &closed).await;
    assert_eq!(ticket(&app, closed.id).await.status, Status::Archived);
    let rings = app.read(move |tx| timers::rings_at(tx, closed.community_id, closed.id)).await;
    assert_eq!(rings, None, "nothing is left to look at");
}

#[actix_web::test]
async fn what_comes_back_overdue_says_so_and_climbs_only_when_the_round_has_lasted_two_days() {
    let app = TestApp::start().await;
    let (home, keys) = (app.home().clone(), app.parts.keys.clone());
    let again = app
        .write(move |tx| {
            let (now, lead, resident) = (tx.now, lead(&home), Actor::resident(home.community.id));
            let ticket = back_then(tx, now.plus_minutes(-20 * 1440), |tx| submit(tx, &keys, &home))?;
            back_then(tx, now.plus_minutes(-5 * 1440), |tx| {
                let seen = now_seen(tx, &lead, ticket.id)?;
                let seen = Seen { version: steps::accept(tx, &lead, seen)?.version, ..seen };
                steps::close(tx, &lead, seen, closure()?)
            })?;
            let seen = now_seen(tx, &lead, ticket.id)?;
            steps::rework(tx, &resident, seen, &Note::parse("reason", "还是不亮", "")?)
        })
        .await;
    assert_eq!(
        (again.due_at, again.rounds),
        (again.submitted_at.plus_minutes(10_080), 1),
        "the old deadline"
    );
    rung(&app, &again).await;
    let told = app.read(move |tx| events(tx, again.id)).await;
    assert!(alarms(&told).is_empty(), "the 重办 itself was told: {told:?}");
    let desk = app.as_(Role::CommunityLead);
    assert!(desk.get("/console?queue=overdue").await.body.contains(&again.number));
    let page = desk.get(&format!("/console/tickets/{}", again.id)).await.body;
    assert!(page.contains("重办不重新计时，所以已经超期") && page.contains("前办好就不升级"), "{page}");
    let secret = app.parts.keys.ticket_secret(again.key_version, &app.home().community.token, again.id);
    let page = app.stranger().get(&format!("/t/{secret}")).await.body;
    assert!(page.contains("正在重办；原定") && page.contains("重办不重新计时"), "{page}");

    for (hours, rungs) in
        [(47, vec![]), (49, vec![Alarm::ToLead]), (98, vec![Alarm::ToLead, Alarm::ToStreet])]
    {
        for _ in 0..2 {
            app.write(move |tx| {
                let later = tx.now.plus_minutes(hours * 60);
                back_then(tx, later, |tx| timers::fire_one(tx, (again.community_id, again.id)))
            })
            .await;
        }
        let told = app.read(move |tx| events(tx, again.id)).await;
        let climbed = alarms(&told).into_iter().map(|each| each.0);
        let climbed: Vec<Alarm> = climbed.filter(|alarm| *alarm != Alarm::FirstContact).collect();
        assert_eq!(climbed, rungs, "after {hours} hours");
    }
}

#[actix_web::test]
async fn what_is_not_solved_goes_back_to_work_within_fourteen_days_of_its_last_closing() {
    let app = TestApp::start().await;
    let (home, keys) = (app.home().clone(), app.parts.keys.clone());
    let stranger = app.stranger();
    let mut made = Vec::new();
    // Closed so many minutes more or less than fourteen days ago, and archived by its timer since.
    for (late, status) in [(-5, 303), (5, 409)] {
        let (home, keys) = (home.clone(), keys.clone());
        let closed = app
            .write(move |tx| {
                let (now, lead) = (tx.now, lead(&home));
                let ticket = back_then(tx, now.plus_minutes(-16 * 1440), |tx| submit(tx, &keys, &home))?;
                back_then(tx, now.plus_minutes(-14 * 1440 - late), |tx| {
                    let seen = now_seen(tx, &lead, ticket.id)?;
                    let seen = Seen { version: steps::accept(tx, &lead, seen)?.version, ..seen };
                    steps::close(tx, &lead, seen, closure()?)
                })
            })
            .await;
        rung(&app, &closed).await;
        assert_eq!(ticket(&app, closed.id).await.status, Status::Archived);
        let secret = app.parts.keys.ticket_secret(closed.key_version, &app.home().community.token, closed.id);
        let page = stranger.get(&format!("/t/{secret}")).await.body;
        assert_eq!(page.contains("办结后 14 天内"), late < 0, "{page}");
        let again = stranger.post(&format!("/t/{secret}/rework"), &[("reason", "还是不亮")]).await;
        assert_eq!(again.status, status, "{}", again.body);
        assert_eq!(again.body.contains("请重新扫码反映"), late > 0, "{}", again.body);
        made.push(closed);
    }
    let (early, late) = (ticket(&app, made[0].id).await, ticket(&app, made[1].id).await);
    assert_eq!((early.status, early.rounds), (Status::InProgress, 1));
    assert_eq!((late.status, late.rounds), (Status::Archived, 0));
}

#[actix_web::test]
async fn many_programs_fire_hundreds_of_timers_once_each() {
    const TICKETS: usize = 400;
    let dir = tempfile::tempdir().unwrap();
    let url = database_url(dir.path());
    let db = Db::open(&url, Durability::AsConfigured).unwrap();
    db.migrate().unwrap();
    let keys = Keys::new(&[7; 32]);
    let home = db
        .write(move |tx| {
            routing::plant_categories(tx)?;
            let home = world(tx, "天宫院中里", "天宫院街道", "TGY")?;
            let long_ago = tx.now.plus_minutes(-8 * 1440);
            for _ in 0..TICKETS {
                back_then(tx, long_ago, |tx| submit(tx, &keys, &home))?;
            }
            Ok(home)
        })
        .await
        .unwrap();
    // An SQLite file has one program by rule; two show that even those do no harm.
    let programs = if url.starts_with("sqlite") { 2 } else { 10 };
    let programs = (0..programs).map(|_| {
        let db = Db::open(&url, Durability::AsConfigured).unwrap();
        actix_web::rt::spawn(async move { jobs::fire_timers(&db).await })
    });
    for program in programs.collect::<Vec<_>>() {
        program.await.unwrap().unwrap();
    }
    // What a program left because another held it is fired by whoever looks next.
    jobs::fire_timers(&db).await.unwrap();
    let (said, rising) = db
        .read(move |tx| {
            let mut said: BTreeMap<(Id, String), usize> = BTreeMap::new();
            let all: Vec<(Id, String, String)> = ticket_events::table
                .filter(ticket_events::role.eq(Role::Timer))
                .select((ticket_events::ticket_id, ticket_events::act, ticket_events::data))
                .load(tx.conn)?;
            for (id, _, data) in all {
                *said.entry((id, data)).or_default() += 1;
            }
            let rising = bells::table.filter(bells::community_id.eq(home.community.id));
            Ok((said, rising.select(bells::at).load::<Time>(tx.conn)?))
        })
        .await
        .unwrap();
    assert!(said.values().all(|times| *times == 1), "one moment was fired twice");
    assert_eq!(said.len(), 2 * TICKETS, "first contact and deadline of each");
    assert_eq!(rising.len(), TICKETS, "each waits for the street");
    assert!(rising.iter().all(|at| *at > now()));
}

/// Something that somebody might do; what the tables refuse does nothing.
fn something(tx: &mut Tx, rng: &mut StdRng, home: &World, id: Id, categories: &[Category]) -> Result<()> {
    let (lead, resident) = (lead(home), Actor::resident(home.community.id));
    let seen = now_seen(tx, &lead, id)?;
    let reason = Note::parse("reason", "还是不亮", "")?;
    let _refused_or_done = match rng.random_range(0..9) {
        0 => steps::accept(tx, &lead, seen),
        1 => acts::contact(tx, &lead, id, Contact::NoAnswer, ""),
        2 => acts::contact(tx, &lead, id, Contact::Reached, ""),
        3 | 4 => {
            let category = &categories[rng.random_range(0..categories.len())];
            acts::categorize(tx, &lead, id, &category.code, category.default_kind)
        }
        5 => handing::dispatch(tx, &lead, seen, None),
        6 => steps::close(tx, &lead, seen, closure()?),
        7 => steps::rework(tx, &resident, seen, &reason),
        _ => louma::tickets::mentions::note(tx, &lead, id, &reason, &[]),
    };
    Ok(())
}

#[test]
fn clocks_are_what_a_recount_from_the_events_finds_and_each_moment_rang_once() {
    let dir = tempfile::tempdir().unwrap();
    let db = Db::open(&database_url(dir.path()), Durability::AsConfigured).unwrap();
    db.migrate().unwrap();
    for seed in 0..60 {
        db.write_now(move |tx| one_life(tx, seed)).unwrap();
    }
}

fn one_life(tx: &mut Tx, seed: u64) -> Result<()> {
    let (mut rng, keys) = (StdRng::seed_from_u64(seed), Keys::new(&[7; 32]));
    routing::plant_categories(tx)?;
    let letters = [b'A' + (seed / 26) as u8, b'A' + (seed % 26) as u8, b'X'];
    let prefix = std::str::from_utf8(&letters).unwrap();
    let home = world(tx, &format!("社区{seed}"), "街道", prefix)?;
    let categories = routing::categories(tx)?;
    let mode = if seed.is_multiple_of(2) { Mode::Working } else { Mode::Natural };
    let begin = midnight("2025-09-01".parse().unwrap()).plus_minutes(rng.random_range(0..300 * 1440));
    back_then(tx, begin, |tx| settings::set(tx, &lead(&home), &Clocks { mode, ..Clocks::default() }, begin))?;
    let mut now = begin.plus_minutes(rng.random_range(0..5 * 1440));
    let ticket = back_then(tx, now, |tx| submit(tx, &keys, &home))?;
    for _ in 0..25 {
        now = now.plus_minutes(rng.random_range(0..30 * 60));
        back_then(tx, now, |tx| something(tx, &mut rng, &home, ticket.id, &categories))?;
        if rng.random_bool(0.5) {
            back_then(tx, now, |tx| timers::fire_one(tx, (home.community.id, ticket.id)))?;
        }
        let after = tickets::find_own(tx, home.community.id, ticket.id)?;
        let told = events(tx, ticket.id)?;
        assert_eq!(after.events as usize, told.len(), "seed {seed}: no event is lost");
        let mut wanted = Recount::begin(&told[0], &categories, mode);
        told[1..].iter().for_each(|event| wanted.add(event, &categories));
        wanted.agrees(&after, &format!("seed {seed}"));
    }
    back_then(tx, now, |tx| timers::fire_one(tx, (home.community.id, ticket.id)))?;
    rang_rightly(tx, &home, (ticket.id, now), seed)
}

/// What rang is what had to ring by `now`, each moment once; and what is still to come lies ahead.
fn rang_rightly(tx: &mut Tx, home: &World, (id, now): (Id, Time), seed: u64) -> Result<()> {
    let after = tickets::find_own(tx, home.community.id, id)?;
    let told = events(tx, id)?;
    let rung = alarms(&told);
    let once: BTreeSet<_> = rung.iter().collect();
    assert_eq!(once.len(), rung.len(), "seed {seed}: {rung:?}");
    assert!(rung.iter().all(|(_, at)| *at <= now));
    let rang = |alarm: Alarm, since: Time| rung.iter().any(|(each, at)| *each == alarm && *at >= since);
    // A round of 重办 has two days before it is cried out that it is late.
    let again =
        told.iter().filter(|event| event.act == "rework").map(|event| event.at.plus_minutes(2880)).max();
    let late = |due: Time| again.map_or(due, |again| again.max(due));
    if let Some(due) = after.open_due_at.map(late) {
        assert_eq!(rang(Alarm::ToLead, due), due <= now, "seed {seed}: {rung:?}");
        assert!(due > now || after.escalated.is_some(), "seed {seed}");
        let contact = late(after.first_contact_due);
        let silent = after.first_contact_at.is_none() && contact <= now;
        assert!(!silent || rang(Alarm::FirstContact, contact), "seed {seed}: {rung:?}");
    }
    let next = timers::rings_at(tx, home.community.id, id)?;
    assert!(next.is_none_or(|at| at > now), "seed {seed}");
    assert!(next.is_some() || after.status != Status::FollowUp, "seed {seed}: an answer is waited for");
    Ok(())
}
