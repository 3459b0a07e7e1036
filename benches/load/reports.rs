//! Reports written through the product's own verbs, without HTTP: group commit against a transaction for each.

use std::path::Path;
use std::time::{Duration, Instant};

use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::{Connection, SqliteConnection};
use louma::db::{Conn, Db, Tx, now};
use louma::error::Result;
use louma::keys::Keys;
use louma::people::Actor;
use louma::reports::{Key, fresh_key, once};
use louma::tickets::{self, Channel, Note, Person, Phone, Submission};

use crate::seed::Door;

/// Writes one report: key, number, ticket, event.
fn report(tx: &mut Tx, keys: &Keys, door: &Door) -> Result<()> {
    let key = Key::parse(&fresh_key())?.expect("a key");
    let submission = Submission {
        id: louma::db::Id::new(),
        channel: Channel::Scan,
        code: None,
        place: door.place.clone(),
        spot_note: String::new(),
        level1: "01".into(),
        category: None,
        kind: None,
        text: Note::parse("text", crate::TEXT, "")?,
        hazard: false,
        reach: None,
        person: Person { phone: Phone::parse("phone", crate::PHONE)?, ..Person::default() },
        photos: Vec::new(),
        notice_version: "1".into(),
        called_at: None,
    };
    let actor = Actor::resident(door.community.id);
    let submit =
        |tx: &mut Tx, id| tickets::submit(tx, keys, &actor, &door.community, Submission { id, ..submission });
    once(tx, door.community.id, (&[key][..], &[7; 32][..]), submit, |tx, id| {
        tickets::find_own(tx, door.community.id, id)
    })?;
    Ok(())
}

/// Reports a second of so many producers, each of which waits for its own commit in [`Db::write`].
pub(crate) fn grouped(db: &Db, keys: &Keys, doors: &[Door], producers: usize, time: Duration) -> f64 {
    let begun = Instant::now();
    let producer = async |number: usize| {
        let mut written = 0;
        while begun.elapsed() < time {
            let (keys, door) = (keys.clone(), doors[(number + written) % doors.len()].clone());
            db.write(move |tx| report(tx, &keys, &door)).await.expect("a report");
            written += 1;
        }
        written
    };
    let all = futures_util::future::join_all((0..producers).map(producer));
    let written: usize = actix_web::rt::System::new().block_on(all).into_iter().sum();
    written as f64 / begun.elapsed().as_secs_f64()
}

/// Reports a second where each has a transaction of its own, one after the other on one connection that promises the
/// same: write-ahead log and `synchronous = FULL`.
pub(crate) fn single(file: &Path, keys: &Keys, doors: &[Door], time: Duration) -> f64 {
    let mut conn = SqliteConnection::establish(&file.to_string_lossy()).expect("the file");
    // As the product's own writer has them.
    let promises = "pragma busy_timeout = 5000; pragma synchronous = full; pragma foreign_keys = on; \
        pragma temp_store = memory; pragma cache_size = -4096; pragma secure_delete = on;";
    conn.batch_execute(promises).expect("the promises");
    let mut conn = Conn::Sqlite(conn);
    let begun = Instant::now();
    let mut written = 0;
    while begun.elapsed() < time {
        if let Conn::Sqlite(conn) = &mut conn {
            AnsiTransactionManager::begin_transaction_sql(conn, "BEGIN IMMEDIATE").expect("a begin");
        }
        report(&mut Tx { conn: &mut conn, now: now() }, keys, &doors[written % doors.len()])
            .expect("a report");
        <Conn as Connection>::TransactionManager::commit_transaction(&mut conn).expect("a commit");
        written += 1;
    }
    written as f64 / begun.elapsed().as_secs_f64()
}
