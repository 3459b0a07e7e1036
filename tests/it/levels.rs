//! Streets, districts and the city: the lines of the tables add up, whoever asks sees no more than their account, and what
//! is kept of past months shows nowhere.

use louma::clock::{Period, PeriodKind};
use louma::db::{Time, Tx, now};
use louma::error::Result;
use louma::jobs;
use louma::people::Role;
use louma::rollups::{self, Rollup};
use louma::stats::levels;
use louma::stats::metric::Metric;
use louma::tickets::Ticket;
use serde_json::Value;

use crate::clocks::back_then;
use crate::harness::{TestApp, World, world};
use crate::notices::report;

/// Some reports at the first door, at a moment of the past; what came due of them since has rung.
async fn reported(app: &TestApp, world: &World, at: Time, count: usize) -> Vec<Ticket> {
    let (world, keys) = (world.clone(), app.parts.keys.clone());
    let work =
        move |tx: &mut Tx| (0..count).map(|_| report(tx, &keys, (&world, 0), (Some("0101"), None))).collect();
    let made = app.write(move |tx| back_then(tx, at, work)).await;
    jobs::fire_timers(&app.parts.db).await.unwrap();
    made
}

fn last_month() -> Period {
    Period::of(PeriodKind::Month, now()).previous()
}

async fn table(app: &TestApp, role: Role, query: &str) -> Value {
    let answer = app.as_(role).get(&format!("/api/v1/stats/levels?{query}")).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()
}

fn cases(figures: &Value) -> f64 {
    figures["cases"]["value"].as_f64().unwrap()
}

#[actix_web::test]
async fn lines_add_up_from_communities_to_the_city_and_an_account_sees_no_more_than_it_reaches() {
    let app = TestApp::start().await;
    let month = last_month();
    let at = month.from.plus_minutes(3 * 1440);
    for (number, world) in app.worlds.iter().enumerate() {
        reported(&app, world, at, number + 2).await;
    }
    let query = format!("kind=month&period={}", month.word());
    let city = table(&app, Role::Admin, &format!("level=city&{query}")).await;
    let all: usize = (0..app.worlds.len()).map(|number| number + 2).sum();
    assert_eq!(cases(&city["together"]), all as f64);
    let mut sum = 0.0;
    for district in city["lines"].as_array().unwrap() {
        let name = district["district"].as_str().unwrap();
        let inside = table(&app, Role::Admin, &format!("level=district&district={name}&{query}")).await;
        assert_eq!(cases(&inside["together"]), cases(&district["figures"]));
        for street in inside["lines"].as_array().unwrap() {
            let name = (name, street["street"].as_str().unwrap());
            let query = format!("level=street&district={}&street={}&{query}", name.0, name.1);
            let inside = table(&app, Role::Admin, &query).await;
            let lines = inside["lines"].as_array().unwrap();
            let own: f64 = lines.iter().map(|line| cases(&line["figures"])).sum();
            assert_eq!(own, cases(&street["figures"]));
            sum += own;
        }
    }
    assert_eq!(sum, all as f64);

    // A manager of a street sees its communities, whatever is asked for, and is told that they are not all; a worker sees
    // their own.
    let manager = table(&app, Role::StreetManager, &format!("level=city&{query}")).await;
    assert!(cases(&manager["together"]) < all as f64, "{manager}");
    assert_eq!((city["whole"].as_bool(), manager["whole"].as_bool()), (Some(true), Some(false)));
    for path in
        [format!("/console/stats/levels?level=city&{query}"), "/console/dashboard?level=district".into()]
    {
        let page = app.as_(Role::StreetManager).get(&path).await;
        assert!(page.body.contains("您的账号看得到的") && page.body.contains("不是全部"), "{}", page.body);
    }
    let worker = table(&app, Role::CommunityWorker, &format!("level=city&{query}")).await;
    assert_eq!((worker["communities"].as_i64(), cases(&worker["together"])), (Some(1), 2.0));
    let elsewhere = format!("/api/v1/stats/levels?level=district&district=没有这个区&{query}");
    assert_eq!(app.as_(Role::Admin).get(&elsewhere).await.status, 404);
    for wrong in ["level=planet", "level=community", "kind=month&period=2999-01"] {
        let answer = app.as_(Role::Admin).get(&format!("/console/stats/levels?{wrong}")).await;
        assert_eq!(answer.status, 422, "{wrong}");
    }
    let page = app.as_(Role::Admin).get(&format!("/console/stats/levels?level=city&{query}")).await;
    assert!(page.status == 200 && page.body.contains("各区") && page.body.contains("合计"), "{}", page.body);
    // Of a whole city there is no dashboard.
    assert_eq!(app.as_(Role::Admin).get("/console/dashboard?level=city").await.status, 422);
}

#[actix_web::test]
async fn what_is_kept_shows_nowhere_and_is_struck_out_by_whatever_changes() {
    let app = TestApp::start().await;
    let month = last_month();
    let id = reported(&app, app.home(), month.from.plus_minutes(5 * 1440), 3).await.remove(0).id;
    let community = app.home().community.id;
    let query = format!("level=street&kind=month&period={}", month.word());
    let counted = table(&app, Role::CommunityLead, &query).await;

    let db = app.parts.db.clone();
    assert!(levels::fill(&db).await.unwrap() > 0);
    let kept = app.read(move |tx| rollups::kept(tx, community)).await;
    assert!(kept.iter().any(|line| line.month == month.named), "{kept:?}");
    assert_eq!(levels::fill(&db).await.unwrap(), 0, "what is kept is not counted again");
    let mut again = table(&app, Role::CommunityLead, &query).await;
    again["cut_off"] = counted["cut_off"].clone();
    assert_eq!(again, counted);

    // Somebody works on one of the old tickets: its month is struck out, and so are those after it.
    let reason = serde_json::json!({ "version": 1, "reason": "不是本社区的事，已经告诉反映人找谁" });
    let done =
        app.as_(Role::CommunityWorker).post_json(&format!("/api/v1/tickets/{id}/refusal"), reason).await;
    assert!((200..300).contains(&done.status), "{}", done.body);
    let kept = app.read(move |tx| rollups::kept(tx, community)).await;
    assert!(!kept.iter().any(|line| line.month >= month.named), "{kept:?}");
    let after = table(&app, Role::CommunityLead, &query).await;
    assert_eq!(cases(&after["together"]), cases(&counted["together"]) - 1.0);
}

#[actix_web::test]
async fn what_somebody_wrote_into_the_kept_months_is_found() {
    let app = TestApp::start().await;
    let month = last_month();
    reported(&app, app.home(), month.from.plus_minutes(5 * 1440), 3).await;
    let community = app.home().community.id;
    let (before, after) = app
        .write(move |tx| {
            levels::catch_up(tx, community, false)?;
            let before = levels::differing(tx, community)?;
            let line = rollups::lines(tx, Some(&[community]), (month.named, month.to.day()))?.remove(0);
            let facts = vec![0; line.facts.len()];
            rollups::keep(tx, &Rollup { facts, ..line })?;
            Ok((before, levels::differing(tx, community)?))
        })
        .await;
    assert!(before.0 > 0 && before.1.is_empty(), "{before:?}");
    assert_eq!(after.1, [month.label()]);
}

#[actix_web::test]
async fn of_many_communities_the_running_month_is_shown_as_it_was_last_counted_and_says_until_when() {
    let app = TestApp::start().await;
    let many = app
        .write(|tx| {
            let prefix = |number: u8| [b'Q', b'A' + number / 26, b'A' + number % 26].map(char::from);
            let found = |number: u8| {
                let prefix: String = prefix(number).iter().collect();
                world(tx, &format!("很多{number}社区"), "很多街道", &prefix)
            };
            (0..55).map(found).collect::<Result<Vec<World>>>()
        })
        .await;
    for world in &many[..3] {
        reported(&app, world, now(), 2).await;
    }
    let city = table(&app, Role::Admin, "level=city").await;
    assert_eq!(cases(&city["together"]), 6.0, "counted while somebody waits");
    assert!(levels::fill(&app.parts.db).await.unwrap() >= 55);
    reported(&app, &many[0], now(), 1).await;

    let city = table(&app, Role::Admin, "level=city").await;
    assert_eq!(cases(&city["together"]), 6.0, "as it was counted last");
    let cut_off: Time = serde_json::from_value(city["cut_off"].clone()).unwrap();
    assert!(cut_off < now());
    let page = app.as_(Role::Admin).get("/console/stats/levels?level=city").await;
    assert!(page.body.contains("最近一次的统计"), "{}", page.body);
    // A few are counted while somebody waits: a community alone, and the dashboard.
    let own = many[0].community.id;
    let period = Period::of(PeriodKind::Month, now());
    let alone = app.read(move |tx| levels::figures(tx, &[own], period)).await;
    assert_eq!(alone.together[&Metric::Cases].value, Some(3.0));
    // Nor is it what the report of a community is put together from.
    let report = app.read(move |tx| louma::stats::report(tx, own, period)).await;
    assert_eq!(report.figure(Metric::Cases).value, Some(3.0));
}
