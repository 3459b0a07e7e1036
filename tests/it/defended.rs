//! What somebody could find a hole in: part of a year beside a whole one, a rough number that gives a sharp one, coverage
//! that changes with hindsight, a list that counts other things than the figures.

use chrono::Datelike;
use louma::clock::{Period, PeriodKind};
use louma::codes::registry;
use louma::db::now;
use louma::people::Role;
use serde_json::{Value, json};

use crate::clocks::back_then;
use crate::harness::{Client, TestApp};

async fn typed(lead: &Client, period: &str, cases: i64, approximate: bool) {
    let total = json!({ "period": period, "cases": cases, "approximate": approximate, "source": "街道通报" });
    let answer = lead.post_json("/api/v1/hotline-totals", total).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
}

fn months() -> (Period, Period) {
    let month = Period::of(PeriodKind::Month, now());
    (month.previous(), month)
}

#[actix_web::test]
async fn part_of_a_year_is_never_set_beside_a_whole_one() {
    let app = TestApp::start().await;
    let lead = app.as_(Role::CommunityLead);
    let year = now().day().year();
    for (year, cases) in [(year - 2, 490), (year - 1, 196), (year, 80)] {
        typed(&lead, &year.to_string(), cases, cases == 490).await;
    }
    let said = lead.get(&format!("/api/v1/stats/hotline?year={year}")).await.json();
    let sentences: Vec<&str> =
        said["sentences"].as_array().unwrap().iter().map(|each| each.as_str().unwrap()).collect();
    let wanted =
        format!("12345 接诉即办量：{} 年至 {} 年，由 490 多件降至 196 件（约 −60 %）。", year - 2, year - 1);
    assert_eq!(sentences, [wanted.as_str()], "{said}");
}

#[actix_web::test]
async fn a_rough_number_gives_no_sharp_one_and_a_month_that_runs_no_change() {
    let app = TestApp::start().await;
    let lead = app.as_(Role::CommunityLead);
    let (last, running) = months();
    let ago = |month: &Period| month.last_year().unwrap().word();
    typed(&lead, &last.word(), 43, false).await;
    typed(&lead, &ago(&last), 60, true).await;
    typed(&lead, &running.word(), 5, false).await;
    typed(&lead, &ago(&running), 50, false).await;
    let page = lead.get(&format!("/console/stats/hotline?year={}", last.year())).await.body;
    let row = |month: &Period| {
        let from = page.rfind(&format!("<th scope=\"row\">{}</th>", month.word())).unwrap();
        page[from..].split("</tr>").next().unwrap().to_owned()
    };
    assert!(row(&last).contains("约 −30 %") && !row(&last).contains("28.3"), "{}", row(&last));
    if running.year() == last.year() {
        assert!(!row(&running).contains("90.0"), "{}", row(&running));
    }
    // The sheet says the same.
    let query = format!("kind=month&period={}", last.word());
    let tables = lead.get(&format!("/console/stats/tables?{query}")).await.body;
    let link = tables.split("<li><a href=\"").find(|part| part.contains(">13 12345对比<")).unwrap();
    let sheet = lead.get(&link.split('"').next().unwrap().replace("&amp;", "&")).await.body;
    let line = sheet.lines().find(|line| line.starts_with(&last.word())).unwrap();
    assert!(line.contains("约 60") && line.contains("约 −30 %"), "{line}");
}

#[actix_web::test]
async fn coverage_of_a_past_month_stays_what_it_was() {
    let app = TestApp::start().await;
    let (last, _) = months();
    let world = app.home().clone();
    let (community, code) = (world.community.id, world.units[0].1.code.clone());
    app.write(move |tx| {
        back_then(tx, last.from.plus_minutes(60), |tx| registry::mark_posted(tx, community, &code))
    })
    .await;
    let lead = app.as_(Role::CommunityLead);
    let covered = async || -> (Value, Value) {
        let report = lead.get(&format!("/api/v1/stats?kind=month&period={}", last.word())).await.json();
        (report["basis"]["live_units"].clone(), report["basis"]["units"].clone())
    };
    let before = covered().await;
    assert_eq!(before.0, 1);
    let code = world.units[0].1.code.clone();
    app.write(move |tx| registry::stop(tx, community, &code)).await;
    assert_eq!(covered().await, before, "what is stopped today hung there last month");

    // Somebody counted the doors, and says so from a day on.
    let entry = json!({ "effective_from": last.from.day(), "residents": 8000, "households": 3000, "units": 77,
        "source": "社区台账" });
    let answer = app.as_(Role::CommunityLead).post_json("/api/v1/population", entry).await;
    assert_eq!(answer.status, 204, "{}", answer.body);
    assert_eq!(covered().await.1, 77);
    let page = lead.get(&format!("/console/stats?kind=month&period={}", last.word())).await.body;
    assert!(page.contains("1 / 77") && page.contains("社区台账，自"), "{page}");
}

#[actix_web::test]
async fn what_waits_now_is_what_is_looked_at_and_counts() {
    let app = TestApp::start().await;
    let world = app.home().clone();
    let keys = app.parts.keys.clone();
    let (last, _) = months();
    let made = app
        .write(move |tx| {
            back_then(tx, last.from, |tx| {
                let one = crate::notices::report(tx, &keys, (&world, 0), (Some("0101"), None))?;
                let other = crate::notices::report(tx, &keys, (&world, 0), (Some("0301"), None))?;
                Ok([one.id, other.id])
            })
        })
        .await;
    let lead = app.as_(Role::CommunityLead);
    let overdue = async |query: &str| {
        lead.get(&format!("/api/v1/dashboard?{query}")).await.json()["overdue_count"].clone()
    };
    assert_eq!((overdue("").await, overdue("level1=03").await), (json!(2), json!(1)));

    // One of them is taken out of the counts by two people.
    let reason = json!({ "reason": "e1", "note": "测试" });
    let path = format!("/api/v1/tickets/{}/exclusions", made[0]);
    let proposed = app.as_(Role::CommunityWorker).post_json(&path, reason).await;
    assert!((200..300).contains(&proposed.status), "{}", proposed.body);
    let open = lead.get("/api/v1/exclusions").await.json();
    let id = open[0]["id"].as_str().unwrap_or_else(|| panic!("{open}"));
    let decided =
        lead.post_json(&format!("/api/v1/exclusions/{id}/decision"), json!({ "verdict": "approve" })).await;
    assert!((200..300).contains(&decided.status), "{}", decided.body);
    assert_eq!(overdue("").await, 1);
    let then = lead.get("/api/v1/stats/backlog/tickets?which=overdue").await.json();
    assert_eq!(then["counts"]["overdue"], 1, "the same as the past would say");
}
