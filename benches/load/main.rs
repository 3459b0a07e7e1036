//! The load that the product is measured with, and what it is compared with: see `benches/README.md`.
//!
//! Every ratio is made of rounds that alternate between the product and its baseline, so that whatever else the
//! machine does falls on both. Traffic stays on this machine; databases and files are gone at the end.

mod baseline;
mod crowd;
mod figures;
mod http;
mod photo;
mod plans;
mod reports;
mod seed;
mod server;

use std::path::Path;
use std::time::{Duration, Instant};

use baseline::{Nginx, Script};
use http::{Line, Load, Outcome, drive, get, post};
use louma::keys::Keys;
use seed::Door;
use server::{Database, Server};

/// What every report says.
pub(crate) const TEXT: &str = "三号楼二单元门口的灯不亮了，晚上老人下楼看不清台阶";
/// Whom every report asks to call.
pub(crate) const PHONE: &str = "13800001234";
const CLIENTS: usize = 16;

/// What to measure.
struct Plan {
    parts: Vec<String>,
    round: Duration,
    rounds: usize,
    tickets: u64,
    rate: f64,
    postgres: String,
}

impl Plan {
    fn read() -> Plan {
        let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
        let option = |name: &str, default: &str| {
            let value = words.iter().find_map(|word| word.strip_prefix(&format!("--{name}=")));
            value.unwrap_or(default).to_owned()
        };
        let number = |name: &str, default: &str| option(name, default).parse::<u64>().expect("a number");
        Plan {
            round: Duration::from_secs(number("seconds", "3")),
            rounds: number("rounds", "3") as usize,
            tickets: number("tickets", "1000000"),
            rate: number("rate", "200") as f64,
            postgres: option("postgres", "postgres://postgres@127.0.0.1:5432"),
            parts: words.into_iter().filter(|word| !word.starts_with("--")).collect(),
        }
    }

    fn wants(&self, part: &str) -> bool {
        self.parts.is_empty() || self.parts.iter().any(|each| each == part)
    }

    fn load(&self, rate: Option<f64>) -> Load {
        Load { clients: CLIENTS, time: self.round, rate }
    }
}

fn main() {
    let plan = Plan::read();
    let folder = tempfile::tempdir().expect("a folder");
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    println!(
        "load of the machine {}; fdatasync of 4 kB {:.0} µs",
        load.trim(),
        baseline::disk(folder.path())
    );
    if plan.wants("form") {
        for installation in [Installation::sqlite(200), Installation::postgres(&plan, 200)] {
            form(&plan, &installation);
        }
    }
    if plan.wants("report") {
        for communities in [200, 1] {
            report(&plan, communities);
        }
    }
    if plan.wants("group") {
        group(&plan);
    }
    if plan.wants("photo") {
        photo::photo(&plan);
    }
    if plan.wants("depth") {
        depth(&plan);
    }
    if plan.wants("figures") {
        figures::figures(&plan);
    }
    if plan.wants("flood") {
        crowd::flood(&plan);
    }
    if plan.wants("repeats") {
        crowd::repeats(&plan);
    }
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    println!(
        "\nload of the machine {}; fdatasync of 4 kB {:.0} µs",
        load.trim(),
        baseline::disk(folder.path())
    );
}

fn heading(text: &str) {
    println!("\n## {text}\n{:<44}{:>10}{:>10}{:>10}{:>8}", "", "a second", "p50 ms", "p99 ms", "errors");
}

fn row(name: &str, outcome: &Outcome) {
    let (rate, half, slow) = (outcome.per_second(), outcome.wait(0.5), outcome.wait(0.99));
    println!("{name:<44}{rate:>10.0}{half:>10.2}{slow:>10.2}{:>8}", outcome.errors);
}

/// A ratio of each round, and the one in the middle.
fn ratio(name: &str, of: &[f64], to: &[f64]) {
    let mut each: Vec<f64> = of.iter().zip(to).map(|(of, to)| of / to).collect();
    each.sort_by(f64::total_cmp);
    let shown: Vec<String> = each.iter().map(|ratio| format!("{ratio:.2}")).collect();
    println!("  ratio {name}: {:.2} ({})", each.get(each.len() / 2).unwrap_or(&f64::NAN), shown.join(", "));
}

/// A seeded installation in a folder of its own.
struct Installation {
    folder: tempfile::TempDir,
    database: Database,
    doors: Vec<Door>,
    keys: Keys,
}

impl Installation {
    fn sqlite(communities: u32) -> Installation {
        let folder = tempfile::tempdir().expect("a folder");
        let database = Database::sqlite(folder.path());
        Installation::new(folder, database, communities)
    }

    fn postgres(plan: &Plan, communities: u32) -> Installation {
        let database = Database::postgres(&plan.postgres, &format!("of_{communities}"));
        Installation::new(tempfile::tempdir().expect("a folder"), database, communities)
    }

    fn new(folder: tempfile::TempDir, database: Database, communities: u32) -> Installation {
        let keys = Keys::create(&folder.path().join("louma.key")).expect("a key");
        let doors = seed::doors(&seed::open(&database.url), communities);
        Installation { folder, database, doors, keys }
    }

    fn dir(&self) -> &Path {
        self.folder.path()
    }

    fn start(&self) -> Server {
        Server::start(self.dir(), &self.database.url, &self.doors[0].path, &[])
    }

    /// The same, believing what a proxy on this machine says of whose request it is.
    fn start_behind_proxy(&self) -> Server {
        let believed = [("LOUMA_TRUSTED_PROXIES", "127.0.0.1")];
        Server::start(self.dir(), &self.database.url, &self.doors[0].path, &believed)
    }

    fn name(&self) -> &'static str {
        if self.database.url.starts_with("sqlite:") { "SQLite" } else { "PostgreSQL" }
    }

    /// A report that is made once and sent more than once.
    fn words(&self, number: usize, at_once: bool) -> Vec<u8> {
        let door = &self.doors[number % self.doors.len()];
        let (key, text) = (louma::reports::fresh_key(), if at_once { "五次" } else { "断线" });
        let text = format!("{text} {number} 灯不亮了");
        let fields = [("category", "01"), ("text", text.as_str()), ("idempotency_key", key.as_str())];
        post(&door.path, &format!("louma_device=bench-repeats-{number:012}"), &fields, None)
    }

    /// A report of its own with each call.
    fn report(&self, client: usize, turn: usize, photo: Option<&[u8]>) -> Vec<u8> {
        let door = &self.doors[(client + turn * CLIENTS) % self.doors.len()];
        let key = louma::reports::fresh_key();
        let fields = [
            ("category", "01"),
            ("text", TEXT),
            ("phone", PHONE),
            ("share_phone", "1"),
            ("idempotency_key", &key),
        ];
        post(&door.path, &format!("louma_device=bench-device-{client:08}-{:04}", turn % 64), &fields, photo)
    }
}

/// The form of a door against nginx sending the same compressed bytes.
fn form(plan: &Plan, installation: &Installation) {
    let server = installation.start();
    let door = |client: usize| installation.doors[client % installation.doors.len()].path.as_str();
    let known = |client: usize, turn: usize| {
        get(door(client), &format!("louma_device=bench-device-{client:08}-{:04}", turn % 64))
    };
    let fresh = |client: usize, _| get(door(client), "");
    let file = |_, _| get("/form.html", "louma_device=bench-device-00000000-0000");
    let nginx = Nginx::start(installation.dir(), server.address, &known(0, 0));
    let (mut ours, mut strangers, mut theirs) = (Outcome::default(), Outcome::default(), Outcome::default());
    let (mut of, mut to, mut slow, mut slow_to) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..plan.rounds {
        let round = drive(server.address, plan.load(None), &known);
        of.push(round.per_second());
        slow.push(round.wait(0.99));
        ours.add(round);
        if let Some(nginx) = &nginx {
            let round = drive(nginx.address, plan.load(None), &file);
            to.push(round.per_second());
            slow_to.push(round.wait(0.99));
            theirs.add(round);
        }
        strangers.add(drive(server.address, plan.load(None), &fresh));
    }
    heading(&format!("form on {}: GET /q/{{code}}, compressed, 16 clients", installation.name()));
    row("louma, phones that were here before", &ours);
    row("louma, every phone new", &strangers);
    row("nginx, the same bytes from a file", &theirs);
    ratio("louma / nginx, requests (aim 0.5)", &of, &to);
    ratio("louma / nginx, p99 (aim at most 2)", &slow, &slow_to);
    let planned = drive(server.address, plan.load(Some(plan.rate)), &known);
    row(&format!("louma at {} a second", plan.rate), &planned);
}

/// Reports without a photo on both databases against pgbench writing the same rows.
fn report(plan: &Plan, communities: u32) {
    let (lite, post) = (Installation::sqlite(communities), Installation::postgres(plan, communities));
    let (on_lite, on_post) = (lite.start(), post.start());
    let (mut sum_lite, mut sum_post) = (Outcome::default(), Outcome::default());
    let (mut lites, mut posts, mut ones, mut fours) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..plan.rounds {
        let round = drive(on_post.address, plan.load(None), &|client, turn| post.report(client, turn, None));
        posts.push(round.per_second());
        sum_post.add(round);
        let baseline = |script| baseline::pgbench(&post.database.url, &post.doors, script, plan.round);
        ones.extend(baseline(Script::OneStatement));
        fours.extend(baseline(Script::FourStatements));
        let round = drive(on_lite.address, plan.load(None), &|client, turn| lite.report(client, turn, None));
        lites.push(round.per_second());
        sum_lite.add(round);
    }
    heading(&format!("report: POST /q/{{code}} without a photo, 16 clients, communities: {communities}"));
    row("louma on PostgreSQL", &sum_post);
    row("louma on SQLite", &sum_lite);
    let mean = |list: &[f64]| list.iter().sum::<f64>() / list.len() as f64;
    println!("{:<44}{:>10.0}", "pgbench, one prepared statement", mean(&ones));
    println!("{:<44}{:>10.0}", "pgbench, four statements", mean(&fours));
    ratio("PostgreSQL / one statement (aim 0.5)", &posts, &ones);
    ratio("PostgreSQL / four statements (aim 0.8)", &posts, &fours);
    ratio("SQLite / one statement (aim 1.0)", &lites, &ones);
    println!("  fdatasync of 4 kB: {:.0} µs", baseline::disk(lite.dir()));
    for (name, installation, server) in [("PostgreSQL", &post, &on_post), ("SQLite", &lite, &on_lite)] {
        let request = |client: usize, turn: usize| installation.report(client, turn, None);
        row(
            &format!("{name} at {} a second", plan.rate),
            &drive(server.address, plan.load(Some(plan.rate)), &request),
        );
    }
}

/// Group commit against one transaction for each report, both below HTTP.
fn group(plan: &Plan) {
    let installation = Installation::sqlite(200);
    let (db, doors, keys) = (seed::open(&installation.database.url), &installation.doors, &installation.keys);
    let (mut grouped, mut single) = (Vec::new(), Vec::new());
    for _ in 0..plan.rounds {
        grouped.push(reports::grouped(&db, keys, doors, 64, plan.round));
        single.push(reports::single(&installation.dir().join("louma.db"), keys, doors, plan.round));
    }
    let mean = |list: &[f64]| list.iter().sum::<f64>() / list.len() as f64;
    println!("\n## group: reports below HTTP on SQLite");
    println!(
        "group commit, 64 producers: {:.0}/s; a transaction each: {:.0}/s",
        mean(&grouped),
        mean(&single)
    );
    ratio("group commit / a transaction each (aim 2)", &grouped, &single);
}

/// Many tickets: start, memory, pages at depth, and the ways that both databases go.
fn depth(plan: &Plan) {
    let installation = Installation::sqlite(200);
    let begun = Instant::now();
    seed::tickets(&installation.database.url, &installation.doors, plan.tickets, 2);
    println!(
        "\n## depth: {} tickets on SQLite, written in {:.0} s",
        plan.tickets,
        begun.elapsed().as_secs_f64()
    );
    let mut starts: Vec<f64> = (0..5).map(|_| installation.start().started_in.as_secs_f64() * 1e3).collect();
    starts.sort_by(f64::total_cmp);
    let server = installation.start();
    std::thread::sleep(Duration::from_secs(3));
    println!(
        "start to the first form: {:.0} ms (aim 100); idle {:.0} MB (aim 60)",
        starts[2],
        server.memory().0
    );
    let door = &installation.doors[0];
    let cookie = seed::cookie(&seed::open(&installation.database.url), &installation.keys, door.community.id);
    let (first, deep) = pages(server.address, &cookie);
    println!("inbox through the API, p50: first page {first:.2} ms, page at half its depth {deep:.2} ms");
    println!("  ratio deep / first (aim at most 1.2): {:.2}", deep / first);
    println!("\n### SQLite's plans");
    plans::print(&installation.database.url, door);
    let installation = Installation::postgres(plan, 200);
    let tickets = plan.tickets.min(200_000);
    seed::tickets(&installation.database.url, &installation.doors, tickets, 2);
    println!("\n### PostgreSQL's plans, {tickets} tickets");
    plans::print(&installation.database.url, &installation.doors[0]);
}

/// Milliseconds that the first page of the archive takes, and one a year back, asked in turn.
fn pages(address: std::net::SocketAddr, cookie: &str) -> (f64, f64) {
    let year_ago = louma::db::now().plus_minutes(-365 * 1440);
    let deep = louma::tickets::list::Cursor { due_at: year_ago, id: louma::db::Id::new() };
    let paths =
        ["/api/v1/tickets?queue=archived".to_owned(), format!("/api/v1/tickets?queue=archived&after={deep}")];
    let mut line = Line::open(address).expect("the server");
    let mut waits = [Vec::new(), Vec::new()];
    for _ in 0..300 {
        for (path, waits) in paths.iter().zip(&mut waits) {
            let begun = Instant::now();
            assert_eq!(line.exchange(&get(path, cookie)).expect("a page"), 200);
            assert!(String::from_utf8_lossy(line.body()).matches("\"number\"").count() == 25, "a full page");
            waits.push(begun.elapsed().as_secs_f64() * 1e3);
        }
    }
    let [first, deep] = waits.map(|mut waits| {
        waits.sort_by(f64::total_cmp);
        waits[waits.len() / 2]
    });
    (first, deep)
}
