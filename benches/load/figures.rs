//! How long figures take that are counted from many tickets: a community's month, a city's month, the workbook of a large
//! community's year. On PostgreSQL from as many tickets as are asked for, on SQLite from a million at most.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, SqliteConnection};
use louma::clock::{Period, PeriodKind};
use louma::db::{Db, Id, now};
use louma::keys::hex;
use louma::stats::{levels, report};

use crate::seed::{self, Door};
use crate::server::Program;
use crate::{Installation, Plan};

/// Communities of a city on PostgreSQL, and of a street on SQLite.
const CITY: u32 = 7000;
const STREET: u32 = 200;
/// Tickets that the first community has in a year.
const LARGE: u64 = 20_000;
/// How often each thing is done.
const TIMES: usize = 15;

pub(crate) fn figures(plan: &Plan) {
    measure(&Installation::sqlite(STREET), plan.tickets.min(1_000_000));
    measure(&Installation::postgres(plan, CITY), plan.tickets);
}

fn measure(installation: &Installation, tickets: u64) {
    let (doors, url) = (&installation.doors, &installation.database.url);
    let begun = Instant::now();
    seed::tickets(url, doors, tickets, tickets / (2 * LARGE));
    let (name, communities) = (installation.name(), doors.len());
    let took = begun.elapsed().as_secs_f64();
    println!(
        "\n## figures: {tickets} tickets of {communities} communities on {name}, written in {took:.0} s"
    );
    let db = seed::open(url);
    let month = Period::of(PeriodKind::Month, now()).previous();
    one_month(&db, url, (&doors[1], "an ordinary community"), month);
    one_month(&db, url, (&doors[0], "the large one"), month);
    whole(&db, doors, month);
    one_month(&db, url, (&doors[0], "with kept months, the large one"), month);
    workbook(installation, month);
}

/// The report of a month (every figure, part, chart and comparison of the page) against one statement that counts its tickets.
fn one_month(db: &Db, url: &str, (door, name): (&Door, &str), month: Period) {
    let community = door.community.id;
    let mut count = counter(url, community, month);
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..TIMES {
        ours.push(timed(|| drop(db.read_now(|tx| report(tx, community, month)).expect("a report"))));
        theirs.push(timed(&mut count));
    }
    let (ours, theirs) = (middle(ours), middle(theirs));
    println!("{name}'s month: {ours:.1} ms (aim 100); one statement that counts its tickets {theirs:.1} ms");
    println!("  ratio report / statement: {:.1}", ours / theirs);
}

/// All communities together from kept months, and what keeping them takes.
fn whole(db: &Db, doors: &[Door], month: Period) {
    let ids: Vec<Id> = doors.iter().map(|door| door.community.id).collect();
    let together = || drop(db.read_now(|tx| levels::figures(tx, &ids, month)).expect("figures"));
    let counted = timed(together);
    let begun = Instant::now();
    let months = levels::rebuild(db, None, |_, _| {}).expect("kept months");
    let took = begun.elapsed().as_secs_f64();
    println!("keeping {months} months: {took:.0} s, {:.2} ms each", took * 1e3 / months as f64);
    let kept = middle((0..TIMES).map(|_| timed(together)).collect());
    println!("the month of all {} communities: {kept:.0} ms from kept months (aim 1000)", ids.len());
    println!("  ratio kept / counted from the tickets ({counted:.0} ms): {:.3}", kept / counted);
}

/// The workbook of the large community's year, by the command: time, and the most memory.
fn workbook(installation: &Installation, month: Period) {
    let year = (month.year() - 1).to_string();
    let begun = Instant::now();
    let mut command = Command::new(env!("CARGO_BIN_EXE_louma"));
    command.args(["report", "--community", &installation.doors[0].community.name, "--month", &year]);
    command.current_dir(installation.dir()).stdout(Stdio::null()).stderr(Stdio::inherit());
    command.env("LOUMA_DATA_DIR", installation.dir()).env("LOUMA_DATABASE_URL", &installation.database.url);
    let mut program = Program(command.spawn().expect("the program"));
    let mut most: f64 = 0.0;
    loop {
        most = most.max(peak(program.0.id()));
        if let Some(status) = program.0.try_wait().expect("an end") {
            assert!(status.success(), "no workbook");
            break;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    let took = begun.elapsed().as_secs_f64();
    println!(
        "the workbook of the large community's {year}: {took:.1} s (aim 3), at most {most:.0} MB (aim 200)"
    );
}

/// The most memory of a running program so far, in MB.
fn peak(id: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|number| number.parse::<f64>().ok()).unwrap_or_default() / 1024.0
}

/// What counts the tickets of a month by status, category and channel in the database itself.
fn counter(url: &str, community: Id, month: Period) -> Box<dyn FnMut()> {
    let statement = |community: String, from: String, to: String| {
        format!(
            "select status, level1, channel, count(*) from tickets where community_id = {community} \
             and submitted_at >= {from} and submitted_at < {to} group by status, level1, channel"
        )
    };
    let micros = [month.from, month.to].map(|at| at.0.timestamp_micros());
    let id = hex(community.bytes());
    match url.strip_prefix("sqlite:") {
        Some(path) => {
            let sql = statement(format!("x'{id}'"), micros[0].to_string(), micros[1].to_string());
            let mut conn = SqliteConnection::establish(path).expect("the file");
            Box::new(move || conn.batch_execute(&sql).expect("counts"))
        }
        None => {
            let [from, to] = micros.map(|at| format!("to_timestamp({at} / 1000000.0)"));
            let sql = statement(format!("'{id}'"), from, to);
            let mut conn = PgConnection::establish(url).expect("the database");
            Box::new(move || conn.batch_execute(&sql).expect("counts"))
        }
    }
}

/// Milliseconds.
fn timed(work: impl FnOnce()) -> f64 {
    let begun = Instant::now();
    work();
    begun.elapsed().as_secs_f64() * 1e3
}

fn middle(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
