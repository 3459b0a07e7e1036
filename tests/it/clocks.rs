//! Clocks and the calendar: what clocks are set to, by which days, and that they stay so.

use std::process::Command;

use chrono::{Datelike, Days, Weekday};
use diesel::prelude::*;
use louma::calendar::{Calendar, Reckoning};
use louma::clock::midnight;
use louma::db::{Id, Time, Tx};
use louma::error::Result;
use louma::keys::Keys;
use louma::people::{Actor, Role};
use louma::schema::{requests, tickets as rows};
use louma::settings::{self, Clocks, Mode};
use louma::tickets::{self, Channel, Note, Person, Submission, Ticket};
use serde_json::{Value, json};

use crate::harness::{TestApp, World, send};
use crate::recount::by_hand;

/// What is missing on this machine is said loudly, and is a failure where everything is required.
fn missing(what: &str) {
    let message = format!("{what} is missing: the shipped calendar was NOT checked");
    assert!(std::env::var_os("LOUMA_TEST_REQUIRE_ALL").is_none(), "{message}");
    eprintln!("SKIPPED: {message}");
}

#[test]
fn every_day_of_the_shipped_years_is_what_an_independent_package_says() {
    let script = "import datetime, chinese_calendar as c\n\
        day = datetime.date(2023, 1, 1)\n\
        while day.year < 2027:\n    print(day, int(c.is_workday(day)))\n    day += datetime.timedelta(1)";
    let python = std::env::var("LOUMA_TEST_PYTHON").unwrap_or_else(|_| "python3".into());
    let Ok(said) = Command::new(python).args(["-c", script]).output() else {
        return missing("python3");
    };
    if !said.status.success() {
        return missing("the package chinesecalendar");
    }
    let said = String::from_utf8(said.stdout).unwrap();
    let mut days = 0;
    for line in said.lines() {
        let (day, works) = line.split_once(' ').unwrap();
        assert_eq!(Calendar::shipped().works(day.parse().unwrap()), works == "1", "{day}");
        days += 1;
    }
    assert_eq!(days, 4 * 365 + 1);
}

pub async fn ticket(app: &TestApp, id: Id) -> Ticket {
    app.read(move |tx| Ok(rows::table.filter(rows::id.eq(id)).select(Ticket::as_select()).first(tx.conn)?))
        .await
}

async fn reported(app: &TestApp) -> Ticket {
    let key = uuid::Uuid::new_v4().simple().to_string();
    let fields = [("category", "01"), ("text", "楼道灯不亮"), ("idempotency_key", key.as_str())];
    assert_eq!(app.stranger().post_files(&app.door(), &fields, &[]).await.status, 303);
    let latest =
        |tx: &mut Tx| Ok(rows::table.order(rows::id.desc()).select(rows::id).first::<Id>(tx.conn)?);
    let id = app.read(latest).await;
    ticket(app, id).await
}

async fn put(app: &TestApp, path: &str, body: Value) -> u16 {
    let lead = app.as_(Role::CommunityLead);
    let request = lead.request(reqwest::Method::PUT, path).json(&body);
    send(request.header("x-csrf-token", lead.csrf.clone().unwrap())).await.status
}

async fn sorted(app: &TestApp, id: Id, category: &str) -> Ticket {
    let path = format!("/console/tickets/{id}/category");
    let version = ticket(app, id).await.version.to_string();
    let fields = [("version", version.as_str()), ("category", category), ("kind", "help")];
    let answer = app.as_(Role::CommunityLead).post(&path, &fields).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    ticket(app, id).await
}

#[actix_web::test]
async fn a_new_setting_holds_for_what_comes_after_it_and_moves_no_clock_that_runs() {
    let app = TestApp::start().await;
    let before = reported(&app).await;
    assert_eq!(before.rules_version, "limits-1/natural");
    assert_eq!(
        put(&app, "/api/v1/settings/clocks", json!({ "rules": { "mode": "working", "street_hours": 0 } }))
            .await,
        422
    );
    assert_eq!(put(&app, "/api/v1/settings/clocks", json!({ "rules": { "mode": "working" } })).await, 204);
    let same = ticket(&app, before.id).await;
    assert_eq!((same.due_at, same.first_contact_due), (before.due_at, before.first_contact_due));
    let after = reported(&app).await;
    assert_eq!(after.due_at, by_hand(after.submitted_at, 10_080, Mode::Working));
    assert_eq!(after.first_contact_due, by_hand(after.submitted_at, 1440, Mode::Working));
    let version = after.rules_version.clone();
    assert!(version.starts_with("limits-1/working@") && version.contains("/calendar-2026"), "{version}");
    // A category that is set later counts as its ticket began.
    let (old, new) = (sorted(&app, before.id, "0101").await, sorted(&app, after.id, "0101").await);
    assert_eq!(old.due_at, before.submitted_at.plus_minutes(4320));
    assert_eq!(new.due_at, by_hand(after.submitted_at, 4320, Mode::Working));
    // So do days that are imported later.
    let tomorrow = after.submitted_at.day() + Days::new(1);
    let weekday = !matches!(tomorrow.weekday(), Weekday::Sat | Weekday::Sun);
    let table = format!("日期,类型,名称\n{tomorrow},{},临时\n", if weekday { "放假" } else { "调休上班" });
    let lead = app.as_(Role::CommunityLead);
    let import = lead.request(reqwest::Method::POST, "/api/v1/calendar").body(table);
    let done = send(import.header("x-csrf-token", lead.csrf.clone().unwrap())).await;
    let year = tomorrow.year();
    match Calendar::shipped().knows(year) {
        true => assert_eq!((done.status, done.json()["set"][0].as_i64()), (200, Some(i64::from(year)))),
        false => assert_eq!(done.status, 422, "a single day is no arrangement of an unknown year"),
    }
    assert_eq!(sorted(&app, after.id, "0101").await.due_at, new.due_at, "as the days were known then");
    let page = lead.get(&format!("/console/tickets/{}", after.id)).await.body;
    assert!(page.contains("个工作日"), "the remaining time is told in working days");
    let settings = lead.get("/console/settings").await.body;
    assert!(settings.contains("按工作日算") && settings.contains("不等上班"));
}

/// Something of the year after the shipped ones, in December of the last.
async fn in_december(app: &TestApp) -> Ticket {
    let (home, keys) = (app.home().clone(), app.parts.keys.clone());
    app.write(move |tx| {
        let now = midnight("2026-12-28".parse().unwrap()).plus_minutes(540);
        let tx = &mut Tx { conn: &mut *tx.conn, now };
        submit(tx, &keys, &home)
    })
    .await
}

#[actix_web::test]
async fn a_year_without_an_arrangement_says_so_until_one_is_imported() {
    let app = TestApp::start().await;
    let home = app.home().community.id;
    app.write(move |tx| {
        let lead = Actor { role: Role::CommunityLead, ..Actor::timer(home) };
        let from = midnight("2026-12-01".parse().unwrap());
        let tx = &mut Tx { conn: &mut *tx.conn, now: from };
        settings::set(tx, &lead, &Clocks { mode: Mode::Working, ..Clocks::default() }, from)
    })
    .await;
    let lead = app.as_(Role::CommunityLead);
    let unsaid = "2027 年放假安排尚未公布，暂按周末推算";
    let ticket = in_december(&app).await;
    assert_eq!(ticket.due_at, by_hand(ticket.submitted_at, 10_080, Mode::Working));
    assert!(ticket.rules_version.ends_with("/weekends-2027"), "{}", ticket.rules_version);
    let secret = app.parts.keys.ticket_secret(ticket.key_version, &app.home().community.token, ticket.id);
    for page in [
        lead.get(&format!("/console/tickets/{}", ticket.id)).await.body,
        lead.get("/console").await.body,
        lead.get(&format!("/api/v1/tickets/{}", ticket.id)).await.body,
        app.stranger().get(&format!("/t/{secret}")).await.body,
    ] {
        assert!(page.contains(unsaid), "{page}");
    }
    let path = "/console/settings/calendar";
    let year_2026 = lead.get(path).await.body;
    assert!(
        year_2026.contains("国办发明电〔2025〕7号") && year_2026.contains("2月15日至2月23日放假"),
        "{year_2026}"
    );
    // Whole or not at all, row by row.
    let wrong = "日期,类型,名称\n2027-01-01,放假,元旦\n2027-01-04,调休上班,元旦\n2027-02-30,放假,春节\n";
    let refused = lead.post_files(path, &[], &[("file", "2027.csv", wrong.as_bytes())]).await;
    assert_eq!(refused.status, 422);
    assert!(
        refused.body.contains("第 3 行：2027-01-04") && refused.body.contains("第 4 行"),
        "{}",
        refused.body
    );
    let half = "日期,类型,名称\n2027-01-01,放假,元旦\n";
    let refused = lead.post_files(path, &[], &[("file", "2027.csv", half.as_bytes())]).await;
    assert!(refused.status == 422 && refused.body.contains("没有 5月1日放假"), "{}", refused.body);
    let known = lead.get("/api/v1/calendar").await.json();
    assert_eq!(known.as_array().unwrap().len(), 4, "nothing was imported");
    // An arrangement of this test, not the official one.
    let days = ["01-01", "05-01", "10-01", "10-02", "10-03"];
    let whole: String = days.iter().map(|day| format!("2027-{day},放假,试验,试验用\n")).collect();
    let whole = format!("日期,类型,名称,依据\n{whole}");
    for kept in [false, true] {
        let taken = lead.post_files(path, &[], &[("file", "2027.csv", whole.as_bytes())]).await;
        let wanted = if kept { "?set=&kept=2027" } else { "?set=2027&kept=" };
        assert_eq!((taken.status, taken.location), (303, format!("{path}{wanted}")));
    }
    let years = lead.get("/api/v1/calendar").await.json();
    assert_eq!((years.as_array().unwrap().len(), &years[4]["source"]), (5, &json!("试验用")));
    let versions = app.read(move |tx| settings::history::<louma::calendar::Imported>(tx, home)).await;
    assert_eq!(versions.len(), 1, "the second time changed nothing");
    let worker =
        app.as_(Role::CommunityWorker).post_files(path, &[], &[("file", "x.csv", whole.as_bytes())]).await;
    assert_eq!(worker.status, 403);
}

#[actix_web::test]
async fn a_clock_goes_on_by_the_days_that_were_shipped_when_it_was_set() {
    let app = TestApp::start().await;
    let home = app.home().community.id;
    let begun = midnight("2025-12-29".parse().unwrap()).plus_minutes(540);
    let ways = app
        .read(move |tx| {
            let of = |tx: &mut Tx, version| Reckoning::of(tx, home, version, begun);
            let before = of(tx, "limits-1/working/calendar-2025")?;
            Ok([before, of(tx, "limits-1/working/calendar-2026/weekends-2027")?])
        })
        .await;
    let at = |day: &str| midnight(day.parse().unwrap()).plus_minutes(540);
    // Five working days from Monday. The arrangement of 2026 came later: 1–3 January off, Sunday 4 January worked.
    let ends = ways.each_ref().map(|way| way.after(begun, 5 * 1440));
    assert_eq!(ends, [at("2026-01-05"), at("2026-01-06")]);
    // On account over the feast: as much is left as before, by the days that set the clock.
    let (since, until) = (at("2025-12-31"), at("2026-01-03"));
    let resumed = ways[0].resumed((begun, ends[0]), since, until);
    assert_eq!(resumed, midnight("2026-01-08".parse().unwrap()), "three whole days, from Monday");
    assert!(ways[0].caveat(begun, ends[0]).contains("2026") && ways[1].caveat(begun, ends[1]).is_empty());
}

#[actix_web::test]
async fn what_was_granted_is_not_lost_when_the_category_changes() {
    let app = TestApp::start().await;
    let first = reported(&app).await;
    let (community, id) = (first.community_id, first.id);
    let granted = first.submitted_at.plus_minutes(40 * 1440);
    let lead = app.staff(Role::CommunityLead);
    app.write(move |tx| {
        let row = (
            requests::community_id.eq(community),
            requests::id.eq(Id::new()),
            requests::ticket_id.eq(id),
            requests::kind.eq("extension"),
            requests::reason.eq("等配件"),
            requests::basis.eq(""),
            requests::plan.eq(""),
            requests::until_at.eq(granted),
            requests::asked_by.eq(lead),
            requests::asker.eq("主任"),
            requests::asked_at.eq(tx.now),
            requests::decided_by.eq(Some(lead)),
            requests::decided_at.eq(Some(tx.now)),
            requests::approved.eq(Some(true)),
            requests::answer.eq(""),
        );
        diesel::insert_into(requests::table).values(row).execute(tx.conn)?;
        let own = rows::table.find((community, id));
        diesel::update(own)
            .set((rows::due_at.eq(granted), rows::open_due_at.eq(Some(granted))))
            .execute(tx.conn)?;
        Ok(())
    })
    .await;
    let sorted = sorted(&app, id, "0101").await;
    assert_eq!((sorted.due_at, sorted.open_due_at), (granted, Some(granted)));
    let other = reported(&app).await;
    assert_eq!(self::sorted(&app, other.id, "0101").await.due_at, other.submitted_at.plus_minutes(4320));
}

/// A report by scanning at the first door.
pub fn submit(tx: &mut Tx, keys: &Keys, home: &World) -> Result<Ticket> {
    let submission = Submission {
        id: Id::new(),
        channel: Channel::Scan,
        code: None,
        place: home.units[0].0.clone(),
        spot_note: String::new(),
        level1: "01".into(),
        category: None,
        kind: None,
        text: Note::parse("text", "灯坏了", "")?,
        hazard: false,
        reach: None,
        person: Person::default(),
        photos: Vec::new(),
        notice_version: "1".into(),
        called_at: None,
    };
    tickets::submit(tx, keys, &Actor::resident(home.community.id), &home.community, submission)
}

/// Does `work` as if it were `at`.
pub fn back_then<T>(tx: &mut Tx, at: Time, work: impl FnOnce(&mut Tx) -> Result<T>) -> Result<T> {
    work(&mut Tx { conn: &mut *tx.conn, now: at })
}
