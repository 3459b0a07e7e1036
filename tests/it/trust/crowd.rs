//! Spam and residents at once, behind one address: how much of the first reaches the inbox, and that none of the second is
//! refused or lost.

use std::collections::BTreeSet;

use louma::people::{Actor, Role};
use louma::settings::{self, Flood};
use louma::tickets::Status;
use serde_json::json;

use super::flood::{app_with, count};
use crate::after;
use crate::door::planted;
use crate::harness::{Answer, TestApp, jpeg, send};

/// What the form of the page carries for whoever runs no script.
async fn stamp(app: &TestApp) -> String {
    let page = app.stranger().get(&app.door()).await.body;
    page.split(r#"name="page_stamp" value=""#).nth(1).unwrap().split('"').next().unwrap().to_owned()
}

async fn post(app: &TestApp, text: &str, more: &[(&str, &str)]) -> Answer {
    let mut fields = vec![("category", "01"), ("text", text)];
    fields.extend_from_slice(more);
    app.stranger().post_files(&app.door(), &fields, &[]).await
}

/// The texts that became tickets, and those that are held.
async fn texts(app: &TestApp) -> (BTreeSet<String>, BTreeSet<String>) {
    use diesel::prelude::*;
    use louma::mask::FreeText;
    use louma::schema::{held_reports, tickets};
    let read = |texts: Vec<FreeText>| texts.iter().map(|text| text.unmasked().to_owned()).collect();
    app.read(move |tx| {
        let made: Vec<FreeText> = tickets::table.select(tickets::text).load(tx.conn)?;
        let held: Vec<FreeText> = held_reports::table.select(held_reports::text).load(tx.conn)?;
        Ok((read(made), read(held)))
    })
    .await
}

#[actix_web::test]
async fn of_two_hundred_that_a_script_sends_thirty_reach_the_inbox_and_no_resident_is_blocked() {
    let app = app_with(Flood::default()).await;
    let spam = |number: usize| {
        let app = app.clone();
        actix_web::rt::spawn(async move { post(&app, &format!("刷 {number}"), &[]).await.status })
    };
    for round in 0..10 {
        let all: Vec<_> = (0..20).map(|number| spam(round * 20 + number)).collect();
        for one in all {
            assert!([303, 429].contains(&one.await.unwrap()));
        }
    }
    // Forty residents behind the same address whose phones run no script, each with a photo, and ten that run it.
    let page = stamp(&app).await;
    let plain = |number: usize| {
        let (app, page) = (app.clone(), page.clone());
        actix_web::rt::spawn(async move {
            let text = format!("{number} 家漏水了");
            let fields = [("category", "04"), ("text", text.as_str()), ("page_stamp", &page)];
            let photo = jpeg(number as u8);
            app.stranger().post_files(&app.door(), &fields, &[("photo", "a.jpg", &photo)]).await
        })
    };
    for round in 0..4 {
        let all: Vec<_> = (0..10).map(|number| plain(round * 10 + number)).collect();
        for one in all {
            let answer = one.await.unwrap();
            assert_eq!(answer.status, 303, "{}", answer.body);
            let shown = app.stranger().get(&answer.location).await;
            assert!(shown.status == 200 && shown.body.contains("家漏水了"), "{}", shown.body);
        }
    }
    let scripted = |number| actix_web::rt::spawn(super::flood::phone(app.clone(), number));
    for one in (0..10).map(scripted).collect::<Vec<_>>() {
        assert_eq!(one.await.unwrap(), 303);
    }
    let (made, held) = texts(&app).await;
    let of = |texts: &BTreeSet<String>, words: &str| texts.iter().filter(|text| text.contains(words)).count();
    // Room comes back slowly while the test runs, and those who ask at one moment may share a seat.
    assert!((30..=33).contains(&of(&made, "刷")), "the inbox has thirty of two hundred: {made:?}");
    assert!((60..=70).contains(&of(&held, "刷")), "and its network so many seats: {held:?}");
    let waiting = of(&held, "漏水");
    assert_eq!(of(&made, "漏水") + waiting, 40, "no resident is lost");
    assert!(waiting >= 35, "{waiting}");
    assert_eq!(of(&made, "没水"), 10, "who runs the script has a number at once");
    // Their photos wait with them.
    use diesel::prelude::*;
    let with_photo: i64 = app
        .read(|tx| {
            use louma::schema::held_reports::dsl;
            Ok(dsl::held_reports.filter(dsl::photos.ne("")).count().get_result(tx.conn)?)
        })
        .await;
    assert_eq!(with_photo as usize, waiting);
}

#[actix_web::test]
async fn a_hundred_reports_sent_five_times_at_once_are_a_hundred() {
    let app = TestApp::start().await;
    for round in 0..10 {
        let sends = (0..50).map(|number: usize| {
            let (app, report) = (app.clone(), round * 10 + number / 5);
            actix_web::rt::spawn(async move {
                let (text, key) = (format!("第 {report} 件"), format!("{report:032x}"));
                let answer = post(&app, &text, &[("idempotency_key", &key)]).await;
                assert_eq!(answer.status, 303, "{}", answer.body);
                (report, answer.location)
            })
        });
        let mut places = BTreeSet::new();
        for one in sends.collect::<Vec<_>>() {
            places.insert(one.await.unwrap());
        }
        assert_eq!(places.len(), 10, "five of one report lead to one page");
    }
    assert_eq!(count(&app).await, (100, 0));
}

#[actix_web::test]
async fn two_hundred_households_behind_one_address_tap_look_and_begin_their_photos() {
    let app = TestApp::start().await;
    planted(&app, 0, "01", "灯不亮").await;
    let household = || {
        let app = app.clone();
        actix_web::rt::spawn(async move {
            let phone = app.stranger();
            phone.get(&app.door()).await;
            for _ in 0..3 {
                let begun = phone
                    .request(reqwest::Method::POST, &format!("{}/uploads", app.door()))
                    .header("content-type", "image/jpeg")
                    .header("upload-length", 1000);
                assert_eq!(send(begun).await.status, 201);
            }
            let typed = [("category", "01"), ("text", "灯坏了")];
            assert_eq!(phone.post(&format!("{}/alike", app.door()), &typed).await.status, 200);
        })
    };
    for _ in 0..20 {
        for one in (0..10).map(|_| household()).collect::<Vec<_>>() {
            one.await.unwrap();
        }
    }
    // One phone alone has an end.
    let phone = app.stranger();
    phone.get(&app.door()).await;
    let mut last = 0;
    for _ in 0..30 {
        let begun = phone
            .request(reqwest::Method::POST, &format!("{}/uploads", app.door()))
            .header("content-type", "image/jpeg")
            .header("upload-length", 1000);
        last = send(begun).await.status;
    }
    assert_eq!(last, 429);
}

#[actix_web::test]
async fn two_hundred_neighbours_behind_one_address_say_whether_it_is_fixed() {
    let app = TestApp::start().await;
    let reporter = app.stranger();
    reporter.get(&app.door()).await;
    let page = after::report(&app, &reporter, &[]).await;
    let ticket = after::solve(&app, &page, "0101").await;
    assert_eq!(ticket.status, Status::FollowUp);
    let stamps = after::asked(&app).await;
    for _ in 0..100 {
        let phone = app.stranger();
        phone.get(&app.door()).await;
        let said = phone
            .post(&format!("{}/confirmations", app.door()), &[("what", &stamps[0]), ("says", "fixed")])
            .await;
        assert_eq!(said.status, 303, "{}", said.body);
    }
    assert_eq!(after::heard(&app, &page).await, (100, 0));
}

#[actix_web::test]
async fn several_held_reports_are_set_aside_at_once_for_one_reason_and_each_can_be_taken_back() {
    let app = app_with(Flood { door: 1, ..Flood::default() }).await;
    for number in 0..6 {
        assert_eq!(post(&app, &format!("刷 {number}"), &[]).await.status, 303);
    }
    assert_eq!(count(&app).await, (1, 5));
    let worker = app.as_(Role::CommunityWorker);
    let queue = worker.get("/api/v1/held").await.json();
    let ids: Vec<&str> =
        queue["rows"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap()).collect();
    let page = worker.get("/console/held").await.body;
    assert_eq!(page.matches(r#"form="several""#).count(), 5, "{page}");
    let to = "/console/held/discards";
    for (fields, sentence) in [
        (vec![("id", ids[0]), ("reason", ""), ("note", "刷的")], "请选"),
        (vec![("id", ids[0]), ("reason", "e3"), ("note", " ")], "写明理由"),
        (vec![("reason", "e3"), ("note", "一起刷的")], "请先勾选"),
    ] {
        let refused = worker.post(to, &fields).await;
        assert!(refused.status == 422 && refused.body.contains(sentence), "{}", refused.body);
    }
    let three = [("id", ids[0]), ("id", ids[1]), ("id", ids[2]), ("reason", "e3"), ("note", "一起刷的")];
    assert_eq!(worker.post(to, &three).await.status, 303);
    let why = json!({ "ids": ids, "reason": "e2", "note": "都是广告" });
    let rest = worker.post_json("/api/v1/held/discards", why.clone()).await;
    assert_eq!((rest.status, rest.json()["discarded"].as_u64()), (200, Some(2)), "{}", rest.body);
    assert_eq!(worker.post_json("/api/v1/held/discards", why.clone()).await.status, 409);
    assert_eq!(app.as_(Role::GridWorker).post_json("/api/v1/held/discards", why).await.status, 403);
    let audits = app.as_(Role::CommunityLead).get("/api/v1/audits").await.body;
    assert_eq!((audits.matches("一起刷的").count(), audits.matches("都是广告").count()), (3, 2), "{audits}");
    let back = worker.post_json(&format!("/api/v1/held/{}/restoration", ids[0]), json!({})).await;
    assert_eq!(back.status, 200, "{}", back.body);
    assert_eq!(worker.get("/api/v1/held").await.json()["rows"].as_array().unwrap().len(), 1);
}

#[actix_web::test]
async fn a_key_is_kept_for_longer_than_a_report_may_wait_on_a_phone() {
    let app = TestApp::start().await;
    let community = app.home().community.id;
    let short = settings::Retention { key_days: 29, ..settings::Retention::default() };
    let refused =
        app.parts.db.write(move |tx| settings::set(tx, &Actor::resident(community), &short, tx.now));
    assert!(refused.await.unwrap_err().to_string().contains("至少保存 30 天"));
    let least = settings::Retention { key_days: 30, ..settings::Retention::default() };
    app.write(move |tx| settings::set(tx, &Actor::resident(community), &least, tx.now)).await;
}
