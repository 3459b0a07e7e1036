//! Figures that open, the past that can be asked, the dashboard and the alerts, over HTTP.

use diesel::prelude::*;
use louma::clock::midnight;
use louma::db::{Id, Time, Tx};
use louma::people::{Actor, Role};
use louma::schema::tickets as rows;
use louma::tickets::steps::{self, Closure, Seen};
use louma::tickets::{Level, Note, Outcome};
use serde_json::Value;

use crate::clocks::{back_then, submit};
use crate::harness::{Client, TestApp};
use crate::oracle::dice::Dice;
use crate::oracle::plant::plant;

/// A community with a random past, beside the others of its street, and an admin who works in it.
pub async fn planted(app: &TestApp, seed: u64) -> (Id, Client) {
    let community = app
        .write(move |tx| {
            let at = midnight("2025-08-20".parse().unwrap());
            back_then(tx, at, |tx| plant(tx, &mut Dice::new(seed), seed as usize))
        })
        .await;
    let admin = app.as_(Role::Admin);
    let moved = admin.post("/console/community", &[("community", &community.to_string())]).await;
    assert_eq!(moved.status, 303, "{}", moved.body);
    (community, admin)
}

/// Walks a list to its end: how long it says it is, and how long it is.
pub async fn length(who: &Client, query: &str) -> (usize, usize) {
    let (mut found, mut after) = (Vec::new(), String::new());
    loop {
        let page = who.get(&format!("/api/v1/stats/tickets?{query}{after}")).await;
        assert_eq!(page.status, 200, "{query}: {}", page.body);
        let page = page.json();
        let rows = page["rows"].as_array().unwrap();
        assert!(rows.len() <= 25);
        found.extend(rows.iter().map(|row| (row["at"].to_string(), row["ticket"]["id"].to_string())));
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => return (page["count"].as_u64().unwrap() as usize, found.len()),
        }
    }
}

/// Seeds with many tickets.
pub const SEEDS: [u64; 3] = [6, 9, 14];

#[actix_web::test]
async fn the_list_behind_every_figure_is_as_long_as_the_figure() {
    let app = TestApp::start().await;
    let mut opened = 0;
    for seed in SEEDS {
        let (_, admin) = planted(&app, seed).await;
        let period = "kind=year&period=2025";
        let report = admin.get(&format!("/api/v1/stats?{period}")).await.json();
        for line in report["totals"].as_array().unwrap() {
            let metric = line["metric"].as_str().unwrap();
            for side in ["numerator", "denominator"] {
                let query = format!("metric={metric}&part={side}&{period}");
                let answer = admin.get(&format!("/api/v1/stats/tickets?{query}")).await;
                if answer.status == 422 {
                    continue;
                }
                let (count, walked) = length(&admin, &query).await;
                assert_eq!(count, walked, "{query}");
                if metric != "satisfied_rate" || side == "denominator" {
                    assert_eq!(Some(count as f64), line["current"][side].as_f64(), "{query}");
                }
                opened += 1;
            }
        }
        for (table, part) in [
            ("level1", "level1"),
            ("categories", "category"),
            ("kinds", "kind"),
            ("channels", "channel"),
            ("buildings", "building"),
            ("places", "place"),
            ("grids", "grid"),
            ("parties", "party"),
        ] {
            for slice in report[table].as_array().unwrap() {
                let code = slice["code"].as_str().unwrap();
                for metric in ["cases", "closed", "comparable", "overdue"] {
                    let cell = [("metric", metric), ("table", part), ("cell", code)];
                    let query = format!("{period}&{}", encoded(&cell));
                    let (count, walked) = length(&admin, &query).await;
                    let said = slice["figures"][metric]["numerator"].as_f64().unwrap();
                    assert_eq!((count as f64, walked), (said, count), "{query}");
                    opened += 1;
                }
            }
        }
        for (day, hours) in report["hours"].as_array().unwrap().iter().enumerate() {
            for (hour, count) in
                hours.as_array().unwrap().iter().enumerate().filter(|(hour, _)| hour % 6 == 0)
            {
                let query = format!("metric=cases&table=hour&cell={day}-{hour}&{period}");
                assert_eq!(length(&admin, &query).await.0 as u64, count.as_u64().unwrap(), "{query}");
                opened += 1;
            }
        }
    }
    assert!(opened > 300, "only {opened} lists");
}

/// What the links of a page to lists of tickets ask for.
fn lists(page: &str) -> Vec<String> {
    let links = page.split("href=\"/console/stats/tickets?").skip(1);
    links.map(|rest| rest.split('"').next().unwrap().replace("&amp;", "&")).collect()
}

fn encoded(pairs: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

#[actix_web::test]
async fn the_links_of_the_page_lead_to_lists_that_say_what_they_are() {
    let app = TestApp::start().await;
    let (_, admin) = planted(&app, SEEDS[0]).await;
    let page = admin.get("/console/stats?kind=quarter&period=2025-Q2").await;
    assert_eq!(page.status, 200, "{}", page.body);
    let links = lists(&page.body);
    assert!(links.len() > 80, "only {} links", links.len());
    for link in links.iter().step_by(9) {
        let list = admin.get(&format!("/console/stats/tickets?{link}")).await;
        assert!(list.status == 200 && list.body.contains("统计截止"), "{link}: {}", list.body);
    }
    for (wrong, word) in [
        ("metric=nonsense", "没有这个指标"),
        ("metric=scans", "没有清单"),
        ("metric=handling_median&part=numerator", "没有清单"),
        ("metric=cases&kind=fortnight", "没有这种期间"),
        ("metric=cases&kind=week&period=2025-23", "2025-W23"),
    ] {
        let answer = admin.get(&format!("/api/v1/stats/tickets?{wrong}")).await;
        assert!(answer.status == 422 && answer.body.contains(word), "{wrong}: {}", answer.body);
    }
}

/// Whoever reads a random community that was in service in the first half of 2024 already.
async fn long_served(app: &TestApp) -> Client {
    for seed in 1..40 {
        let (_, admin) = planted(app, seed).await;
        let report = admin.get("/api/v1/stats?kind=year_to_date&period=2025-06-30").await.json();
        let cases =
            report["totals"].as_array().unwrap().iter().find(|line| line["metric"] == "cases").unwrap();
        if !cases["last_year"]["value"].is_null() {
            return admin;
        }
    }
    panic!("no community of forty was in service so early");
}

#[actix_web::test]
async fn every_kind_of_period_is_shown_beside_the_one_before_and_last_years() {
    let app = TestApp::start().await;
    let admin = long_served(&app).await;
    for (kind, word, label) in [
        ("day", "2025-06-03", "2025年6月3日"),
        ("week", "2025-W23", "2025年第23周"),
        ("month", "2025-06", "2025年6月"),
        ("assessment_month", "2025-01", "2025年1月"),
        ("quarter", "2025-Q2", "2025年第2季度"),
        ("year", "2025", "2025年"),
        ("year_to_date", "2025-06-30", "2025年1月1日至6月30日"),
    ] {
        let report = admin.get(&format!("/api/v1/stats?kind={kind}&period={word}")).await.json();
        assert_eq!((report["label"].as_str(), report["period"]["kind"].as_str()), (Some(label), Some(kind)));
        let page = admin.get(&format!("/console/stats?kind={kind}&period={word}")).await;
        assert!(page.status == 200 && page.body.contains(label), "{kind}: {}", page.body);
    }
    // There is no 29 February of last year, and nothing before a year to date but last year's.
    let cases = |report: &Value| {
        report["totals"].as_array().unwrap().iter().find(|line| line["metric"] == "cases").unwrap().clone()
    };
    let leap = cases(&admin.get("/api/v1/stats?kind=day&period=2024-02-29").await.json());
    assert_eq!(leap["year_change"]["remark"], "no_base");
    let to_date = cases(&admin.get("/api/v1/stats?kind=year_to_date&period=2025-06-30").await.json());
    assert!(to_date["previous"]["value"].is_null() && !to_date["last_year"]["value"].is_null(), "{to_date}");
    let on = admin.get("/api/v1/stats?kind=assessment_month&on=2025-01-19").await.json();
    assert_eq!(on["period"]["named"], "2025-02-01");
}

fn at(day: &str, minutes: i64) -> Time {
    midnight(day.parse().unwrap()).plus_minutes(minutes)
}

#[actix_web::test]
async fn what_waited_at_a_past_moment_is_counted_as_it_was_then() {
    let app = TestApp::start().await;
    let (home, keys, lead) = (app.home().clone(), app.parts.keys.clone(), app.staff(Role::CommunityLead));
    let id = app
        .write(move |tx| {
            let lead =
                Actor { role: Role::CommunityLead, staff_id: Some(lead), ..Actor::timer(home.community.id) };
            let seen = |tx: &mut Tx, id: Id| -> louma::error::Result<Seen> {
                let row = rows::table.find((home.community.id, id)).select(rows::version);
                Ok(Seen { id, version: row.first(tx.conn)? })
            };
            let id = back_then(tx, at("2025-03-03", 600), |tx| submit(tx, &keys, &home))?.id;
            back_then(tx, at("2025-03-03", 700), |tx| {
                let seen = seen(tx, id)?;
                steps::accept(tx, &lead, seen)
            })?;
            back_then(tx, at("2025-03-20", 600), |tx| {
                let seen = seen(tx, id)?;
                let closure = Closure {
                    result: Outcome::Solved,
                    text: Note::parse("text", "修好了", "")?,
                    level: Level::Community,
                    photos: Vec::new(),
                };
                steps::close(tx, &lead, seen, closure)
            })?;
            back_then(tx, at("2025-03-21", 600), |tx| {
                let seen = seen(tx, id)?;
                steps::rework(tx, &lead, seen, &Note::parse("reason", "又坏了", "")?)
            })?;
            // Another one that is still as it came.
            back_then(tx, at("2025-03-22", 0), |tx| submit(tx, &keys, &home))?;
            Ok(id)
        })
        .await;
    let worker = app.as_(Role::CommunityWorker);
    let line = worker.get("/api/v1/stats/backlog?kind=month&period=2025-03").await.json();
    let points = line["points"].as_array().unwrap();
    assert_eq!(points.len(), 31);
    // The end of a day: what came at midnight of the 22nd is there at the end of the 21st.
    let end =
        |day: usize| ["open", "overdue", "on_account"].map(|key| points[day - 1][key].as_i64().unwrap());
    assert_eq!([end(2), end(3), end(9)], [[0, 0, 0], [1, 0, 0], [1, 0, 0]]);
    assert_eq!([end(10), end(19), end(20)], [[1, 1, 0], [1, 1, 0], [0, 0, 0]]);
    assert_eq!([end(21), end(22), end(31)], [[2, 1, 0], [2, 1, 0], [2, 2, 0]]);
    let then = |at: &str, which: &str| format!("/api/v1/stats/backlog/tickets?at={at}&which={which}");
    let late = worker.get(&then("2025-03-10T10:01", "overdue")).await.json();
    assert_eq!(
        (late["counts"]["overdue"].as_i64(), &late["rows"][0]["id"]),
        (Some(1), &Value::from(id.to_string()))
    );
    let before = worker.get(&then("2025-03-10T10:00", "overdue")).await.json();
    assert_eq!(before["counts"]["overdue"], 0, "at the deadline it is not yet overdue");
    assert_eq!(worker.get(&then("2999-01-01", "open")).await.status, 422);
    assert_eq!(worker.get(&then("gestern", "open")).await.status, 422);
    // Today's counts are those of the inbox.
    let present = worker.get("/api/v1/stats/backlog/tickets").await.json();
    assert_eq!(
        (present["counts"]["open"].as_i64(), present["counts"]["overdue"].as_i64()),
        (Some(2), Some(2))
    );
    for page in [
        "backlog?kind=month&period=2025-03",
        "backlog?kind=day&period=2025-03-20",
        "backlog/tickets?at=2025-03-15",
    ] {
        let page = worker.get(&format!("/console/stats/{page}")).await;
        assert!(page.status == 200 && page.body.contains("超期"), "{}", page.body);
    }
}

#[actix_web::test]
async fn a_matter_that_is_told_of_more_than_ever_stands_out_with_its_tickets() {
    let app = TestApp::start().await;
    let (home, keys) = (app.home().clone(), app.parts.keys.clone());
    let worker = app.as_(Role::CommunityWorker);
    app.write(move |tx| {
        let day = 1440;
        // Two a week for fourteen weeks, and nine in the last.
        for week in 1..=14 {
            for each in 1..=2 {
                let at = tx.now.plus_minutes(-week * 7 * day - each * day);
                back_then(tx, at, |tx| submit(tx, &keys, &home))?;
            }
        }
        for each in 1..=8 {
            let at = tx.now.plus_minutes(-each * 100);
            back_then(tx, at, |tx| submit(tx, &keys, &home))?;
        }
        Ok(())
    })
    .await;
    let found = worker.get("/api/v1/stats/alerts").await.json();
    assert_eq!(found["weeks_known"], 12);
    let alerts = found["alerts"].as_array().unwrap();
    let parts: Vec<&str> = alerts.iter().map(|alert| alert["part"].as_str().unwrap()).collect();
    assert_eq!(parts, ["level1", "place"], "the building would only say again what its unit says: {found}");
    assert_eq!(alerts[0]["now"], 8);
    assert_eq!(
        alerts[0]["weeks"].as_array().unwrap().iter().map(|count| count.as_i64().unwrap()).sum::<i64>(),
        24
    );
    assert_eq!(alerts[0]["tickets"].as_array().unwrap().len(), 8);
    let page = worker.get("/console/stats/alerts").await;
    let number = alerts[0]["tickets"][0]["number"].as_str().unwrap();
    assert!(
        page.status == 200 && page.body.contains("平均每周 2.0 件") && page.body.contains(number),
        "{}",
        page.body
    );
}

#[actix_web::test]
async fn the_dashboard_of_a_street_is_the_sum_of_its_communities_and_reaches_no_further() {
    let app = TestApp::start().await;
    let mut sums = 0.0;
    for seed in SEEDS {
        let (_, admin) = planted(&app, seed).await;
        let own = admin.get("/api/v1/dashboard?kind=year&period=2025").await.json();
        let report = admin.get("/api/v1/stats?kind=year&period=2025").await.json();
        let cases = own["figures"]["cases"]["value"].as_f64().unwrap();
        let line =
            report["totals"].as_array().unwrap().iter().find(|line| line["metric"] == "cases").unwrap();
        assert_eq!(line["current"]["value"], cases);
        assert_eq!(own["hours"], report["hours"]);
        assert_eq!(own["funnel"][0]["count"].as_f64(), Some(cases));
        let mut parts = 0.0;
        for level1 in 1..=12 {
            let some = admin
                .get(&format!("/api/v1/dashboard?kind=year&period=2025&level1={level1:02}"))
                .await
                .json();
            assert_eq!(some["months"].as_array().unwrap().len(), 0, "the hotline's line has no such parts");
            parts += some["figures"]["cases"]["value"].as_f64().unwrap();
        }
        assert_eq!(parts, cases);
        sums += cases;
    }
    let street = app.as_(Role::StreetManager);
    let all = street.get("/api/v1/dashboard?level=street&kind=year&period=2025").await.json();
    assert_eq!(all["figures"]["cases"]["value"].as_f64(), Some(sums));
    let names: Vec<&str> =
        all["communities"].as_array().unwrap().iter().map(|each| each["name"].as_str().unwrap()).collect();
    let count = SEEDS.len() + 2;
    assert_eq!(names.len(), count, "{names:?}");
    assert!(!names.contains(&"别处社区"), "{names:?}");
    let mean = street.get("/api/v1/dashboard?level=street&average=mean&kind=year&period=2025").await.json();
    assert_eq!(mean["figures"]["cases"]["value"].as_f64(), Some(sums / count as f64));
    let page = street.get("/console/dashboard?level=street&average=mean&kind=year&period=2025").await;
    assert!(page.status == 200 && page.body.contains("不是合计"), "{}", page.body);
    assert!(page.body.contains("天宫院街道看板") && page.body.matches("data-chart=").count() >= 6);
    assert!(
        !page.body.contains("<script>") && !page.body.contains("style="),
        "the content policy forbids it"
    );
    // Somebody of one community sees that one at every level.
    let worker = app.as_(Role::CommunityWorker);
    let own = worker.get("/api/v1/dashboard?level=district").await.json();
    assert_eq!(own["communities"].as_array().unwrap().len(), 1);
    for wrong in ["level=world", "channel=pigeon", "level1=99", "kind=fortnight"] {
        assert_eq!(worker.get(&format!("/api/v1/dashboard?{wrong}")).await.status, 422, "{wrong}");
    }
}
