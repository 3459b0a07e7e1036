//! What was acknowledged is there: after `kill -9`, and in a restored backup. The program itself is run, as installed.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::harness::jpeg;

pub fn louma(dir: &Path, database: &str) -> Command {
    // Before the first client of a test that asks what it starts here.
    louma::notices::reach::use_ring();
    let mut command = Command::new(env!("CARGO_BIN_EXE_louma"));
    command
        .current_dir(dir)
        .env("LOUMA_DATA_DIR", dir.join("data"))
        .env("LOUMA_DATABASE_URL", database)
        .env("LOUMA_ALLOW_UNSAFE_POSTGRES", "true")
        .env("LOUMA_LOG", "warn");
    command
}

/// What a command says that must succeed.
pub fn ok(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let text =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{text}");
    text
}

/// A database, set up by the commands of the README, with the code of one door.
pub fn installed(dir: &Path) -> (String, String) {
    let database = database(dir);
    let code = install(dir, &database, "SDS");
    (database, code)
}

/// An empty database of an installation in this folder.
pub fn database(dir: &Path) -> String {
    match crate::harness::database_url(dir) {
        file if file.starts_with("sqlite:") => format!("sqlite:{}", dir.join("data/louma.db").display()),
        server => server,
    }
}

/// Sets an installation up in an empty database; returns the code of its door.
pub fn install(dir: &Path, database: &str, prefix: &str) -> String {
    assert!(ok(louma(dir, database).args(["init", "--login", "admin"])).contains("管理员密码"));
    let add = [
        "community",
        "add",
        "试点社区",
        "--prefix",
        prefix,
        "--street",
        "试点街道",
        "--district",
        "试点区",
        "--phone",
        "010-1",
    ];
    ok(louma(dir, database).args(add));
    std::fs::write(dir.join("places.csv"), "小区,楼,单元,点位,网格,户数\n试点小区,1号楼,1单元,,第1网格,30\n")
        .unwrap();
    ok(louma(dir, database).args(["import", "places", "places.csv", "--community", prefix]));
    // Apart from the runtime of the test, whose threads must not wait.
    let database = database.to_owned();
    std::thread::spawn(move || first_code(&database)).join().unwrap()
}

/// Takes the limits away, for reports come from one address as fast as the program takes them; returns a code.
fn first_code(database: &str) -> String {
    use diesel::prelude::*;
    let db = louma::db::Db::open(database, louma::db::Durability::AsConfigured).unwrap();
    db.write_now(|tx| {
        let community = louma::places::communities(tx)?.pop().unwrap();
        crate::harness::without_limits(tx, community.id)?;
        Ok(louma::schema::codes::table.select(louma::schema::codes::code).first(tx.conn)?)
    })
    .unwrap()
}

pub struct Served {
    pub child: Child,
    pub url: String,
}

async fn serve(dir: &Path, database: &str) -> Served {
    serve_with(dir, database, &[]).await
}

/// Starts the program with these environment variables, and waits until it answers.
pub async fn serve_with(dir: &Path, database: &str, environment: &[(&str, &str)]) -> Served {
    serve_logging(dir, database, environment, Stdio::inherit()).await
}

/// The same, with its log led elsewhere.
pub async fn serve_logging(dir: &Path, database: &str, environment: &[(&str, &str)], log: Stdio) -> Served {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = format!("http://127.0.0.1:{port}");
    let child = louma(dir, database)
        .arg("serve")
        .env("LOUMA_LISTEN", format!("127.0.0.1:{port}"))
        .env("LOUMA_BASE_URL", &url)
        .envs(environment.iter().copied())
        .stderr(log)
        .spawn()
        .unwrap();
    let begun = Instant::now();
    while reqwest::get(format!("{url}/healthz")).await.is_err() {
        assert!(begun.elapsed() < Duration::from_secs(30), "the server does not start");
        actix_web::rt::time::sleep(Duration::from_millis(20)).await;
    }
    Served { child, url }
}

fn form(number: usize) -> reqwest::multipart::Form {
    let photo = reqwest::multipart::Part::bytes(jpeg(number as u8)).file_name("a.jpg");
    reqwest::multipart::Form::new()
        .text("category", "01")
        .text("text", format!("第 {number} 件"))
        .text("idempotency_key", format!("key-of-report-number-{number:05}"))
        .part("photo", photo)
}

#[actix_web::test]
async fn every_acknowledged_report_is_there_once_with_its_photo_after_kill_9() {
    let dir = tempfile::tempdir().unwrap();
    let (database, code) = installed(dir.path());
    let mut served = serve(dir.path(), &database).await;
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let taken = Arc::new(AtomicUsize::new(0));
    let (door, mut sends) = (format!("{}/q/{code}", served.url), Vec::new());
    for worker in 0..4 {
        let (client, door, taken) = (client.clone(), door.clone(), taken.clone());
        sends.push(actix_web::rt::spawn(async move {
            let mut acknowledged = Vec::new();
            for number in (worker..4000).step_by(4) {
                match client.post(&door).multipart(form(number)).send().await {
                    Ok(answer) if answer.status() == 303 => {
                        acknowledged
                            .push((number, answer.headers()["location"].to_str().unwrap().to_owned()));
                        taken.fetch_add(1, Ordering::Relaxed);
                    }
                    Ok(answer) => panic!("{}", answer.status()),
                    Err(_) => break,
                }
            }
            acknowledged
        }));
    }
    // In the middle of the work, however slow the machine is.
    let begun = Instant::now();
    while taken.load(Ordering::Relaxed) < 40 && begun.elapsed() < Duration::from_secs(60) {
        actix_web::rt::time::sleep(Duration::from_millis(20)).await;
    }
    served.child.kill().unwrap();
    served.child.wait().unwrap();
    let mut acknowledged = Vec::new();
    for send in sends {
        acknowledged.extend(send.await.unwrap());
    }
    assert!(acknowledged.len() > 10, "too few reports to prove anything: {}", acknowledged.len());

    let mut again = serve(dir.path(), &database).await;
    for (number, location) in &acknowledged {
        let page = client.get(format!("{}{location}", again.url)).send().await.unwrap();
        assert_eq!(page.status(), 200, "report {number} is lost");
        let secret = location.split('?').next().unwrap();
        let photo = client.get(format!("{}{secret}/photos/1", again.url)).send().await.unwrap();
        assert_eq!(photo.status(), 200, "the photo of report {number} is lost");
    }
    // Sent again after the restart, each is still the same report.
    let (number, location) = &acknowledged[0];
    let repeat =
        client.post(format!("{}/q/{code}", again.url)).multipart(form(*number)).send().await.unwrap();
    assert_eq!(repeat.headers()["location"].to_str().unwrap(), location);
    again.child.kill().unwrap();
    again.child.wait().unwrap();
    let db = louma::db::Db::open(&database, louma::db::Durability::AsConfigured).unwrap();
    use diesel::prelude::*;
    let texts: Vec<String> = db
        .read_now(|tx| {
            Ok(louma::schema::tickets::table.select(louma::schema::tickets::text).load(tx.conn)?)
        })
        .unwrap();
    let mut unique = texts.clone();
    unique.sort();
    unique.dedup();
    assert_eq!(unique.len(), texts.len(), "a report is there twice");
}

/// Two databases of one test: on a PostgreSQL they are made for it and go with it, because a dump is of a whole one.
struct Pair {
    urls: [String; 2],
    server: Option<(String, [String; 2])>,
}

impl Pair {
    /// `None` where the server has no tools of its own here.
    fn make(dirs: [&Path; 2]) -> Option<Pair> {
        use diesel::{Connection, connection::SimpleConnection};
        let Ok(server) = std::env::var("LOUMA_TEST_DATABASE_URL") else {
            let urls = dirs.map(|dir| format!("sqlite:{}", dir.join("data/louma.db").display()));
            return Some(Pair { urls, server: None });
        };
        if Command::new("pg_dump").arg("--version").output().is_err() {
            let required = std::env::var("LOUMA_TEST_REQUIRE_ALL").is_ok_and(|value| value == "1");
            assert!(!required, "pg_dump is missing and LOUMA_TEST_REQUIRE_ALL=1");
            eprintln!("SKIPPED: pg_dump is not installed; this test proved nothing");
            return None;
        }
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let (process, number) = (std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let names = ["original", "restored"].map(|word| format!("louma_{word}_{process}_{number}"));
        let mut conn = diesel::PgConnection::establish(&server).unwrap();
        for name in &names {
            conn.batch_execute(&format!("drop database if exists {name} with (force)")).unwrap();
            conn.batch_execute(&format!("create database {name}")).unwrap();
        }
        let (host, _) = server.rsplit_once('/').unwrap();
        let urls = names.clone().map(|name| format!("{host}/{name}"));
        Some(Pair { urls, server: Some((server, names)) })
    }
}

impl Drop for Pair {
    fn drop(&mut self) {
        use diesel::{Connection, connection::SimpleConnection};
        let Some((server, names)) = &self.server else { return };
        let Ok(mut conn) = diesel::PgConnection::establish(server) else { return };
        for name in names {
            let _ = conn.batch_execute(&format!("drop database if exists {name} with (force)"));
        }
    }
}

#[derive(diesel::QueryableByName)]
struct Line {
    #[diesel(sql_type = diesel::sql_types::Text)]
    line: String,
}

/// Every row of every table, as text.
fn rows(url: &str) -> BTreeMap<String, Vec<String>> {
    use diesel::prelude::*;
    let postgres = !url.starts_with("sqlite:");
    let db = louma::db::Db::open(url, louma::db::Durability::AsConfigured).unwrap();
    db.read_now(|tx| {
        let mut lines = |sql: String| -> Vec<String> {
            let found: Vec<Line> = diesel::sql_query(sql).load(tx.conn).unwrap();
            found.into_iter().map(|line| line.line).collect()
        };
        let tables = lines(match postgres {
            true => "select table_name::text as line from information_schema.tables \
                     where table_schema = 'public' order by 1"
                .to_owned(),
            false => "select name as line from sqlite_master where type = 'table' order by 1".to_owned(),
        });
        let read = |table: String| {
            let sql = match postgres {
                true => format!("select t::text as line from \"{table}\" t order by 1"),
                false => {
                    let columns =
                        format!("select name as line from pragma_table_info('{table}') order by cid");
                    let columns: Vec<String> =
                        lines(columns).iter().map(|name| format!("quote(\"{name}\")")).collect();
                    format!("select {} as line from \"{table}\" order by 1", columns.join(" || ',' || "))
                }
            };
            let rows = lines(sql);
            (table, rows)
        };
        Ok(tables.into_iter().map(read).collect())
    })
    .unwrap()
}

/// The photos that lie in the folder of an installation.
fn photos(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let (mut found, mut waiting) = (BTreeMap::new(), vec![dir.join("data/photos")]);
    while let Some(folder) = waiting.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            match entry.file_type().unwrap().is_dir() {
                true => waiting.push(entry.path()),
                false => {
                    let name = entry.file_name().to_string_lossy().into_owned();
                    drop(found.insert(name, std::fs::read(entry.path()).unwrap()));
                }
            }
        }
    }
    found
}

#[actix_web::test]
async fn a_restored_backup_equals_the_original_row_by_row() {
    let (dir, fresh) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let Some(pair) = Pair::make([dir.path(), fresh.path()]) else { return };
    let [database, url] = &pair.urls;
    let code = install(dir.path(), database, "SDS");
    let mut served = serve(dir.path(), database).await;
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let door = format!("{}/q/{code}", served.url);
    let mut location = String::new();
    for number in 0..3 {
        let sent = client.post(&door).multipart(form(number)).send().await.unwrap();
        location = sent.headers()["location"].to_str().unwrap().to_owned();
    }
    // Whoever is to be told has been told: after that nothing changes by itself.
    let begun = Instant::now();
    while !rows(database)["outbox"].is_empty() {
        assert!(begun.elapsed() < Duration::from_secs(60), "nobody was told");
        actix_web::rt::time::sleep(Duration::from_millis(100)).await;
    }
    ok(louma(dir.path(), database).args(["backup", "copy"]));
    served.child.kill().unwrap();
    served.child.wait().unwrap();

    let copy = dir.path().join("copy");
    ok(louma(fresh.path(), url).arg("restore").arg(&copy));
    let (original, restored) = (rows(database), rows(url));
    assert!(original["tickets"].len() == 3 && original.len() > 20, "{:?}", original.keys());
    for (table, lines) in &original {
        assert_eq!(restored.get(table), Some(lines), "{table} is not the same");
    }
    assert_eq!(original.len(), restored.len());
    assert!(photos(dir.path()).len() >= 3);
    assert_eq!(photos(dir.path()), photos(fresh.path()));
    let key = |dir: &Path| std::fs::read(dir.join("data/louma.key")).unwrap();
    assert_eq!(key(dir.path()), key(fresh.path()));

    let twice = louma(fresh.path(), url).arg("restore").arg(&copy).output().unwrap();
    assert!(!twice.status.success(), "a restore overwrites nothing");
    let other = tempfile::tempdir().unwrap();
    let into = if pair.server.is_some() { url.clone() } else { database.clone() };
    let full = louma(other.path(), &into).arg("restore").arg(&copy).output().unwrap();
    assert!(!full.status.success(), "nor does it where only the database is full");
    assert!(rows(&into) == original && !other.path().join("data/louma.key").exists());

    let mut again = serve(fresh.path(), url).await;
    let page = client.get(format!("{}{location}", again.url)).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("第 2 件") && page.contains("/photos/1"), "{page}");
    again.child.kill().unwrap();
    again.child.wait().unwrap();
}

#[actix_web::test]
async fn a_backup_while_reports_come_in_is_of_one_moment_and_has_every_photo_it_names() {
    let (dir, fresh) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let Some(pair) = Pair::make([dir.path(), fresh.path()]) else { return };
    let [database, url] = &pair.urls;
    let code = install(dir.path(), database, "SDS");
    let mut served = serve(dir.path(), database).await;
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let door = format!("{}/q/{code}", served.url);
    let (taken, stop) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (sender, arrived, stopped) = (client.clone(), taken.clone(), stop.clone());
    let sends = actix_web::rt::spawn(async move {
        while stopped.load(Ordering::Relaxed) == 0 {
            let number = arrived.load(Ordering::Relaxed);
            assert_eq!(sender.post(&door).multipart(form(number)).send().await.unwrap().status(), 303);
            arrived.fetch_add(1, Ordering::Relaxed);
        }
    });
    let begun = Instant::now();
    while taken.load(Ordering::Relaxed) < 3 && begun.elapsed() < Duration::from_secs(60) {
        actix_web::rt::time::sleep(Duration::from_millis(20)).await;
    }
    let before = taken.load(Ordering::Relaxed);
    let (path, from) = (dir.path().to_owned(), database.clone());
    let backup = move || ok(louma(&path, &from).args(["backup", "copy"]));
    actix_web::web::block(backup).await.unwrap();
    stop.store(1, Ordering::Relaxed);
    sends.await.unwrap();
    let sent = taken.load(Ordering::Relaxed);
    served.child.kill().unwrap();
    served.child.wait().unwrap();

    ok(louma(fresh.path(), url).arg("restore").arg(dir.path().join("copy")));
    let restored = rows(url);
    let tickets = restored["tickets"].len();
    assert!(before > 0 && (before..=sent).contains(&tickets), "{tickets} of {before} to {sent}");
    for table in ["ticket_photos", "report_keys"] {
        assert!(restored[table].len() >= tickets, "{table} is of another moment");
    }
    let kept = photos(fresh.path());
    let db = louma::db::Db::open(url, louma::db::Durability::AsConfigured).unwrap();
    use diesel::prelude::*;
    use louma::schema::{ticket_events, ticket_photos};
    let (named, events): (Vec<louma::photos::PhotoKey>, i64) = db
        .read_now(|tx| {
            let named = ticket_photos::table.select(ticket_photos::photo).load(tx.conn)?;
            Ok((named, ticket_events::table.count().get_result(tx.conn)?))
        })
        .unwrap();
    assert!(events as usize >= tickets);
    for photo in named {
        assert!(kept.keys().any(|name| name.contains(photo.as_str())), "photo {photo} is not in the copy");
    }
}

#[test]
fn what_is_configured_wrong_is_said_with_the_name_of_its_variable() {
    let dir = tempfile::tempdir().unwrap();
    let refused = louma(dir.path(), "mysql://x").arg("serve").output().unwrap();
    assert!(!refused.status.success());
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(said.contains("louma init") || said.contains("sqlite:"), "{said}");
    let wrong =
        louma(dir.path(), "sqlite:x.db").arg("serve").env("LOUMA_BASE_URL", "louma").output().unwrap();
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("LOUMA_BASE_URL"));
    let lines: Vec<String> = BufReader::new(wrong.stderr.as_slice()).lines().map(Result::unwrap).collect();
    assert!(lines.len() <= 3, "one sentence, not a trace: {lines:?}");
}
