//! The program as whoever runs an installation uses it: its commands, what they say, and what they leave behind.

mod serving;

use std::path::Path;
use std::process::Command;

use calamine::{Reader, Xlsx};
use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, SqliteConnection};

use crate::durable::{database, installed, louma, ok, serve_with};
use crate::posters::scanned;

const SITE: &str = "https://lm.example.cn";

/// What a command says that must fail.
fn refused(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success(), "{}{said}", String::from_utf8_lossy(&output.stdout));
    said
}

fn run(database: &str, sql: &str) {
    match database.strip_prefix("sqlite:") {
        Some(path) => SqliteConnection::establish(path).unwrap().batch_execute(sql).unwrap(),
        None => PgConnection::establish(database).unwrap().batch_execute(sql).unwrap(),
    }
}

/// The names of all steps, in order.
fn steps(database: &str) -> Vec<String> {
    let backend = if database.starts_with("sqlite:") { "sqlite" } else { "postgres" };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(backend);
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn each_step_of_an_upgrade_is_told_and_the_one_that_fails_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let database = database(dir.path());
    std::fs::create_dir_all(dir.path().join("data")).unwrap();
    let names = steps(&database);
    // In the way of a later step lies a table that it wants to make.
    let at = names.iter().position(|name| name.ends_with("_door")).unwrap();
    run(&database, "create table works (id integer)");
    let said = refused(louma(dir.path(), &database).arg("migrate"));
    for (done, name) in names.iter().take(at + 1).enumerate() {
        assert!(said.contains(&format!("升级数据库 {}/{}：{name}", done + 1, names.len())), "{said}");
    }
    let stopped = format!("停在第 {}/{} 步 {}", at + 1, names.len(), names[at]);
    assert!(said.contains(&stopped) && said.contains(&format!("前面 {at} 步已经做完")), "{said}");
    assert!(said.contains("works"), "the cause: {said}");
    assert!(!said.contains(&names[at + 1]), "{said}");

    run(&database, "drop table works");
    let said = ok(louma(dir.path(), &database).arg("migrate"));
    let rest = names.len() - at;
    assert!(said.contains(&format!("升级数据库 1/{rest}：{}", names[at])), "{said}");
    assert!(said.contains(&format!("完成：{rest} 步")), "{said}");
}

#[test]
fn a_first_step_that_fails_leaves_the_database_as_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let database = database(dir.path());
    std::fs::create_dir_all(dir.path().join("data")).unwrap();
    run(&database, "create table tickets (id integer)");
    let said = refused(louma(dir.path(), &database).arg("migrate"));
    assert!(said.contains("停在第 1/") && said.contains("数据库和升级前一样"), "{said}");
}

#[test]
fn a_table_that_cannot_be_taken_is_told_a_line_for_each_row() {
    let dir = tempfile::tempdir().unwrap();
    let (database, _) = installed(dir.path());
    let table =
        "小区,楼,单元,点位,网格,户数\n,2号楼,1单元,,,\n试点小区,,2单元,,,\n试点小区,3号楼,1单元,,,很多\n";
    std::fs::write(dir.path().join("bad.csv"), table).unwrap();
    let said =
        refused(louma(dir.path(), &database).args(["import", "places", "bad.csv", "--community", "SDS"]));
    for row in 2..=4 {
        let lines: Vec<&str> =
            said.lines().filter(|line| line.trim_start().starts_with(&format!("第 {row} 行："))).collect();
        assert_eq!(lines.len(), 1, "row {row}: {said}");
        assert!(!lines[0].contains('；'), "{said}");
    }
    // One thing to mend stays one sentence.
    let table = "小区,楼,单元,点位,网格,户数\n,2号楼,1单元,,,\n";
    std::fs::write(dir.path().join("one.csv"), table).unwrap();
    let said =
        refused(louma(dir.path(), &database).args(["import", "places", "one.csv", "--community", "SDS"]));
    assert_eq!(said.lines().count(), 1, "{said}");
}

#[test]
fn posters_of_the_command_line_open_their_door_and_an_unsafe_address_is_not_printed() {
    let dir = tempfile::tempdir().unwrap();
    let (database, code) = installed(dir.path());
    let print = |more: &[&str]| {
        let mut command = louma(dir.path(), &database);
        command.args(["codes", "print", "--community", "SDS", "--out", "posters", "--size", "a6"]).args(more);
        command
    };
    let said = refused(&mut print(&[]));
    assert!(said.contains("HTTPS") && !dir.path().join("posters").exists(), "{said}");

    let said = ok(print(&["--code", &code]).env("LOUMA_BASE_URL", SITE));
    let written = |said: &str, ending: &str| {
        let line = said.lines().find(|line| line.starts_with("已写 ") && line.ends_with(ending));
        let path = line.unwrap_or_else(|| panic!("no {ending}: {said}")).trim_start_matches("已写 ");
        Path::new(path).file_name().unwrap().to_str().unwrap().to_owned()
    };
    for kind in [".pdf", ".png", ".svg"] {
        let Some(read) = scanned(&dir.path().join("posters"), &written(&said, kind)) else { return };
        assert_eq!(read, [format!("{SITE}/q/{code}")], "{kind}");
    }
    // Whoever insists prints what the settings say.
    let said = ok(print(&["--force"]).env("LOUMA_BASE_URL", "http://10.0.0.8:8080"));
    let Some(read) = scanned(&dir.path().join("posters"), &written(&said, ".pdf")) else { return };
    assert_eq!(read, [format!("http://10.0.0.8:8080/q/{code}")]);

    let said = refused(print(&["--code", "2222222222"]).env("LOUMA_BASE_URL", SITE));
    assert!(said.contains("没有可印的码"), "{said}");
    let said = refused(print(&["--size", "a3"]).env("LOUMA_BASE_URL", SITE));
    assert!(said.contains("a3") || said.contains("--size"), "{said}");
}

#[test]
fn the_report_of_a_month_is_written_as_a_workbook() {
    let dir = tempfile::tempdir().unwrap();
    let (database, _) = installed(dir.path());
    let report = |month: &str| {
        let mut command = louma(dir.path(), &database);
        command.args(["report", "--community", "SDS", "--out", "reports", "--month", month]);
        command
    };
    let said = ok(&mut report("2026-01"));
    let path = said.lines().find_map(|line| line.strip_prefix("已写 ")).unwrap_or_else(|| panic!("{said}"));
    assert!(path.contains("试点社区") && path.contains("2026-01"), "{path}");
    let mut book: Xlsx<_> = calamine::open_workbook(dir.path().join(path)).unwrap();
    let names = book.sheet_names();
    assert!(names.len() > 10 && names[0] == "1 口径说明", "{names:?}");
    let first = book.worksheet_range("1 口径说明").unwrap();
    let cells: Vec<String> = first.used_cells().map(|(.., cell)| cell.to_string()).collect();
    assert!(cells.iter().any(|cell| cell.contains("试点社区")), "{cells:?}");

    assert!(refused(&mut report("2026-13")).contains("月"));
    let nobody =
        refused(louma(dir.path(), &database).args(["report", "--community", "XXX", "--month", "2026-01"]));
    assert!(nobody.contains("没有叫「XXX」的社区"), "{nobody}");
}

#[actix_web::test]
async fn an_account_made_by_the_command_line_signs_in_with_the_password_that_was_shown() {
    let dir = tempfile::tempdir().unwrap();
    let (path, made) = (dir.path().to_owned(), dir.path().to_owned());
    let (database, _) = actix_web::web::block(move || installed(&made)).await.unwrap();
    let add = |more: &[&str]| {
        let mut command = louma(&path, &database);
        command.args(["user", "add"]).args(more);
        command
    };
    let worker = ["worker01", "--role", "community_worker", "--name", "社区工作者 01", "--community", "SDS"];
    let said = ok(&mut add(&worker));
    assert!(said.contains("worker01（社区工作者）"), "{said}");
    let password = said.trim().rsplit_once('：').unwrap().1.to_owned();
    let said = ok(&mut add(&[
        "office01",
        "--role",
        "handler",
        "--name",
        "经办人 01",
        "--community",
        "SDS",
        "--party",
        "社区居委会",
    ]));
    assert!(said.contains("office01（承办单位经办人）"), "{said}");

    assert!(refused(&mut add(&worker)).contains("登录名"), "twice the same name");
    let said = refused(&mut add(&["x01", "--role", "chief", "--name", "x"]));
    assert!(said.contains("没有岗位「chief」") && said.contains("community_lead"), "{said}");
    let said = refused(&mut add(&[
        "office02",
        "--role",
        "handler",
        "--name",
        "经办人 02",
        "--community",
        "SDS",
        "--party",
        "没有的单位",
    ]));
    assert!(said.contains("没有单位「没有的单位」"), "{said}");

    let mut served = serve_with(&path, &database, &[]).await;
    let browser = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).cookie_store(true);
    let browser = browser.build().unwrap();
    let sign_in = |password: String| {
        let fields = [("login", "worker01".to_owned()), ("password", password)];
        browser.post(format!("{}/console/sign-in", served.url)).form(&fields).send()
    };
    assert_eq!(sign_in(format!("{password}x")).await.unwrap().status(), 422);
    let signed = sign_in(password).await.unwrap();
    assert_eq!(
        (signed.status().as_u16(), &signed.headers()["location"]),
        (303, &"/console".parse().unwrap())
    );
    let inbox = browser.get(format!("{}/console", served.url)).send().await.unwrap();
    assert_eq!(inbox.status(), 200);
    let inbox = inbox.text().await.unwrap();
    assert!(inbox.contains("社区工作者 01") && inbox.contains("试点社区"), "{inbox}");
    served.child.kill().unwrap();
    served.child.wait().unwrap();
}
