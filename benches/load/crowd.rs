//! What comes all at once: a script that floods a door while a building reports, reports that are sent five times at
//! once, and replies that are lost on the way back. Counts, not speed: each ends with what is in the database.

use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use diesel::prelude::*;
use louma::db::Db;
use louma::people::Actor;
use louma::reports::proof;
use louma::schema::{held_reports, tickets};
use louma::settings::{self, Flood};

use crate::http::{Line, from, get, post};
use crate::seed;
use crate::{Installation, Plan};

/// Posts of the script.
const SPAM: usize = 10_000;
/// People behind one address, each with a phone.
const RESIDENTS: usize = 200;
/// Reports that are sent again.
const REPORTS: usize = 1_000;
/// How often each at the same time.
const AT_ONCE: usize = 5;
const SPAM_TEXT: &str = "办证刻章贷款";
const HOUSE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(198, 51, 100, 7));

/// How many tickets and held reports say this.
fn said(db: &Db, text: &str) -> (i64, i64) {
    let text = format!("%{text}%");
    db.read_now(move |tx| {
        let all = tickets::table.filter(tickets::text.like(&text)).count().get_result(tx.conn)?;
        let held = held_reports::table.filter(held_reports::text.like(&text)).count().get_result(tx.conn)?;
        Ok((all, held))
    })
    .expect("counts")
}

/// The number that stands behind `"name":` in a flat answer in JSON, or its words.
fn field<'a>(body: &'a str, name: &str) -> &'a str {
    let rest = body.split_once(&format!("\"{name}\":")).map_or("", |(_, rest)| rest);
    rest.split([',', '}']).next().unwrap_or("").trim_matches('"')
}

/// Ten thousand posts of a script from fifty addresses, half of them with a token for which nothing was worked, while 200
/// residents behind one address report with the script of the page. Of the first at most 30 may become tickets, of the
/// residents none may be refused.
pub(crate) fn flood(plan: &Plan) {
    for installation in [Installation::sqlite(1), Installation::postgres(plan, 1)] {
        let db = seed::open(&installation.database.url);
        let community = installation.doors[0].community.id;
        db.write_now(move |tx| settings::set(tx, &Actor::resident(community), &Flood::default(), tx.now))
            .expect("the limits that a community has unless it sets others");
        let server = installation.start_behind_proxy();
        let (address, door) = (server.address, installation.doors[0].path.as_str());
        let refused = AtomicUsize::new(0);
        let begun = Instant::now();
        std::thread::scope(|scope| {
            for client in 0..10 {
                scope.spawn(move || spam(address, door, client));
            }
            for resident in 0..RESIDENTS {
                let refused = &refused;
                scope.spawn(move || {
                    // They come while the script posts, not before it.
                    std::thread::sleep(Duration::from_millis(1_000 + 20 * resident as u64));
                    if !report(address, door, resident) {
                        refused.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
        });
        let (spam, of_spam) = said(&db, SPAM_TEXT);
        let (theirs, of_theirs) = said(&db, "家没水了");
        println!(
            "\n## flood: {SPAM} posts of a script and {RESIDENTS} residents behind one address on {}, {:.0} s\n\
             of the script: {spam} in the inbox (aim at most 30), {of_spam} held\n\
             of residents: {theirs} in the inbox, {of_theirs} held for a look, {} refused (aim 0)",
            installation.name(),
            begun.elapsed().as_secs_f64(),
            refused.into_inner(),
        );
    }
}

fn spam(address: SocketAddr, door: &str, client: usize) {
    let mut line = Line::open(address).expect("the server");
    let mut given: Vec<(Instant, String)> = Vec::new();
    for turn in 0..SPAM / 10 {
        let by = IpAddr::from([203, 0, 113, (client * 5 + turn % 5) as u8]);
        if turn % 2 == 0 && line.exchange(&from(by, get(&format!("{door}/token"), ""))).is_ok() {
            given.push((Instant::now(), field(&String::from_utf8_lossy(line.body()), "token").to_owned()));
        }
        // A token must have been in somebody's hands for a while; its work is never done.
        let ripe = given.first().is_some_and(|(at, _)| at.elapsed() > Duration::from_secs(2));
        let token = if ripe { given.remove(0).1 } else { String::new() };
        let text = format!("{SPAM_TEXT} {client} {turn}");
        let fields = [("category", "01"), ("text", text.as_str()), ("token", token.as_str())];
        if line.exchange(&from(by, post(door, "", &fields, None))).is_err() {
            line = Line::open(address).expect("the server");
        }
    }
}

/// One resident: opens the page, touches the form, writes for some seconds, sends. Whether it was taken.
fn report(address: SocketAddr, door: &str, resident: usize) -> bool {
    let mut line = Line::open(address).expect("the server");
    let cookie = format!("louma_device=bench-resident-{resident:012}");
    let opened = line.exchange(&from(HOUSE, get(door, &cookie)));
    let asked = line.exchange(&from(HOUSE, get(&format!("{door}/token"), &cookie)));
    if !matches!((opened, asked), (Ok(200), Ok(200))) {
        return false;
    }
    let body = String::from_utf8_lossy(line.body()).into_owned();
    let token = field(&body, "token").to_owned();
    let bits: u32 = field(&body, "bits").parse().unwrap_or_default();
    let work = match bits {
        0 => String::new(),
        bits => proof::solve(&token, bits).map(|found| found.to_string()).unwrap_or_default(),
    };
    std::thread::sleep(Duration::from_millis(2_500));
    let text = format!("{resident} 家没水了");
    let fields = [("category", "04"), ("text", text.as_str()), ("token", &token), ("work", &work)];
    // The line has been idle for as long as somebody writes: a browser opens another.
    let mut line = Line::open(address).expect("the server");
    let answer = line.exchange(&from(HOUSE, post(door, &cookie, &fields, None)));
    if !matches!(answer, Ok(303)) {
        println!("resident {resident}, who was asked for {bits} bits, got {answer:?}");
    }
    matches!(answer, Ok(303))
}

/// A thousand reports, each sent five times at once, and a thousand whose reply is lost and that are sent again: a
/// thousand tickets each.
pub(crate) fn repeats(plan: &Plan) {
    for installation in [Installation::sqlite(20), Installation::postgres(plan, 20)] {
        let server = installation.start();
        let db = seed::open(&installation.database.url);
        let next = AtomicUsize::new(0);
        let begun = Instant::now();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    loop {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        if number >= 2 * REPORTS {
                            break;
                        }
                        let request = installation.words(number, number < REPORTS);
                        match number < REPORTS {
                            true => at_once(server.address, &request),
                            false => cut(server.address, &request),
                        }
                    }
                });
            }
        });
        println!(
            "\n## repeats on {}, {:.0} s: {REPORTS} reports sent {AT_ONCE} times at once are {} tickets; {REPORTS} whose \
             reply was lost and that were sent again are {}",
            installation.name(),
            begun.elapsed().as_secs_f64(),
            said(&db, "五次").0,
            said(&db, "断线").0,
        );
    }
}

fn at_once(address: SocketAddr, request: &[u8]) {
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                let status = Line::open(address).and_then(|mut line| line.exchange(request));
                assert!(matches!(status, Ok(303)), "{status:?}");
            });
        }
    });
}

fn cut(address: SocketAddr, request: &[u8]) {
    // The phone hears nothing of the first, and sends it again at once: perhaps before the first has been written.
    Line::open(address).and_then(|line| line.send_and_hang_up(request)).expect("the server");
    let status = Line::open(address).and_then(|mut line| line.exchange(request));
    assert!(matches!(status, Ok(303)), "{status:?}");
}
