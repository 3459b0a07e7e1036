//! The program itself, killed in the middle of sending, and two programs at once on one database.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use diesel::prelude::*;
use louma::db::{Db, Durability, Id};
use louma::keys::Keys;
use louma::notices::channels::{self, NewChannel};
use louma::notices::reach::Named;
use louma::people::Actor;
use louma::places::{self, Community};
use louma::schema::{deliveries, outbox, places as place_rows};
use louma::tickets::{self, Channel, Note, Person, Submission};

use super::double::Double;
use super::until;
use crate::durable::{installed, serve_with};

/// An installation with a webhook that leads to `double`, and so many reports nobody has been told of.
async fn town(dir: &std::path::Path, double: &Double, reports: usize) -> (String, Db) {
    let (database, _) = installed(dir);
    let db = Db::open(&database, Durability::AsConfigured).unwrap();
    let keys = Keys::read(&dir.join("data/louma.key")).unwrap();
    let url = format!("{}/hook", double.url);
    db.write(move |tx| {
        let community: Community = places::communities(tx)?.remove(0);
        let actor = Actor::timer(community.id);
        let new = NewChannel { kind: "webhook".into(), name: "大屏".into(), url, ..NewChannel::default() };
        channels::add(tx, (&keys, &Named::new(&["127.0.0.1".into()])), &actor, new)?;
        let unit: Id =
            place_rows::table.filter(place_rows::kind.eq("unit")).select(place_rows::id).first(tx.conn)?;
        let place = places::find(tx, community.id, unit)?;
        for number in 0..reports {
            let submission = Submission {
                id: Id::new(),
                channel: Channel::Scan,
                code: None,
                place: place.clone(),
                spot_note: String::new(),
                level1: "01".into(),
                category: None,
                kind: None,
                text: Note::parse("text", &format!("第 {number} 件"), "")?,
                hazard: false,
                reach: None,
                person: Person::default(),
                photos: Vec::new(),
                notice_version: "1".into(),
                called_at: None,
            };
            tickets::submit(tx, &keys, &Actor::resident(community.id), &community, submission)?;
        }
        Ok(())
    })
    .await
    .unwrap();
    (database, db)
}

/// What came, by id: how often, and of which ticket.
fn came(double: &Double) -> BTreeMap<String, (usize, BTreeSet<String>)> {
    let mut came: BTreeMap<String, (usize, BTreeSet<String>)> = BTreeMap::new();
    for seen in double.at("/hook") {
        let entry = came.entry(seen.headers["webhook-id"].clone()).or_default();
        entry.0 += 1;
        entry.1.insert(seen.json()["data"]["number"].as_str().unwrap().to_owned());
    }
    came
}

fn ids(db: &Db) -> BTreeSet<String> {
    let ids: Vec<Id> = db.read_now(|tx| Ok(deliveries::table.select(deliveries::id).load(tx.conn)?)).unwrap();
    ids.into_iter().map(|id| format!("msg_{}", id.0.simple())).collect()
}

fn unsent(db: &Db) -> i64 {
    let waiting = |tx: &mut louma::db::Tx| {
        let outbox: i64 = outbox::table.count().get_result(tx.conn)?;
        let deliveries: i64 =
            deliveries::table.filter(deliveries::state.ne("sent")).count().get_result(tx.conn)?;
        Ok(outbox + deliveries)
    };
    db.read_now(waiting).unwrap()
}

/// Waits until everything is sent.
async fn finished(db: &Db) {
    let begun = Instant::now();
    while unsent(db) > 0 {
        assert!(begun.elapsed() < Duration::from_secs(120), "{} are never sent", unsent(db));
        actix_web::rt::time::sleep(Duration::from_millis(200)).await;
    }
}

const HOSTS: &[(&str, &str)] = &[("LOUMA_NOTICE_HOSTS", "127.0.0.1")];

#[actix_web::test]
async fn a_program_killed_a_hundred_times_while_it_sends_loses_nothing() {
    let (dir, double) = (tempfile::tempdir().unwrap(), Double::slow(Duration::from_millis(40)));
    let (database, db) = town(dir.path(), &double, 900).await;
    for round in 0..100 {
        let before = double.count();
        let mut served = serve_with(dir.path(), &database, HOSTS).await;
        // A message has arrived and is not answered, or is answered and not recorded, or something is being claimed.
        until("it sends", async || (double.count() > before).then_some(())).await;
        actix_web::rt::time::sleep(Duration::from_millis(round * 7 % 60)).await;
        served.child.kill().unwrap();
        served.child.wait().unwrap();
    }
    let mut last = serve_with(dir.path(), &database, HOSTS).await;
    finished(&db).await;
    last.child.kill().unwrap();
    last.child.wait().unwrap();
    let came = came(&double);
    assert_eq!(came.len(), 900);
    assert_eq!(came.keys().cloned().collect::<BTreeSet<_>>(), ids(&db));
    assert!(came.values().all(|(_, numbers)| numbers.len() == 1), "an id that meant two things");
    let numbers: BTreeSet<&String> = came.values().flat_map(|(_, numbers)| numbers).collect();
    assert_eq!(numbers.len(), 900, "a report nobody was told of");
    let repeated = came.values().filter(|(times, _)| *times > 1).count();
    assert!(repeated > 20, "the program was hardly ever killed while it sent: {repeated}");
}

#[actix_web::test]
async fn two_programs_on_one_database_send_nothing_twice() {
    let (dir, double) = (tempfile::tempdir().unwrap(), Double::start());
    let (database, db) = town(dir.path(), &double, 300).await;
    if database.starts_with("sqlite:") {
        eprintln!("NOT RUN on SQLite: one program owns the file");
        return;
    }
    let mut one = serve_with(dir.path(), &database, HOSTS).await;
    let mut two = serve_with(dir.path(), &database, HOSTS).await;
    finished(&db).await;
    for served in [&mut one, &mut two] {
        served.child.kill().unwrap();
        served.child.wait().unwrap();
    }
    let came = came(&double);
    assert_eq!(came.keys().cloned().collect::<BTreeSet<_>>(), ids(&db));
    assert!(came.len() == 300 && came.values().all(|(times, _)| *times == 1), "sent twice");
}

#[actix_web::test]
async fn ten_at_once_tell_each_line_once() {
    let (dir, double) = (tempfile::tempdir().unwrap(), Double::start());
    let (database, db) = town(dir.path(), &double, 400).await;
    let second = Db::open(&database, Durability::AsConfigured).unwrap();
    let mut tells = Vec::new();
    for worker in 0..10 {
        let db = if worker % 2 == 0 { db.clone() } else { second.clone() };
        tells.push(actix_web::rt::spawn(async move {
            let mut told = 0;
            loop {
                match db.write(louma::notices::outbox::tell).await.unwrap() {
                    0 => break told,
                    more => told += more,
                }
            }
        }));
    }
    let mut sum = 0;
    for tell in tells {
        sum += tell.await.unwrap();
    }
    assert_eq!(sum, 400, "a line told twice, or by nobody");
    assert_eq!((ids(&db).len(), double.count()), (400, 0));
}
