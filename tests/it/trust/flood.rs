//! Flooding: a building in need gets through, a script is held for a person to look at, and nothing is lost.

use louma::people::{Actor, Role};
use louma::reports::proof;
use louma::settings::{self, Flood};
use serde_json::json;

use super::latest;
use crate::harness::{Client, TestApp, jpeg};

/// With the limits that a community has unless it sets others.
pub(super) async fn app_with(flood: Flood) -> TestApp {
    let app = TestApp::start().await;
    let community = app.home().community.id;
    app.write(move |tx| settings::set(tx, &Actor::resident(community), &flood, tx.now)).await;
    app
}

pub(super) async fn count(app: &TestApp) -> (usize, usize) {
    use diesel::prelude::*;
    app.read(|tx| {
        let tickets: i64 = louma::schema::tickets::table.count().get_result(tx.conn)?;
        let held: i64 = louma::schema::held_reports::table.count().get_result(tx.conn)?;
        Ok((tickets as usize, held as usize))
    })
    .await
}

async fn post(app: &TestApp, client: &Client, text: &str, more: &[(&str, &str)]) -> crate::harness::Answer {
    let mut fields = vec![("category", "01"), ("text", text), ("phone", "13900001111")];
    fields.extend_from_slice(more);
    client.post_files(&app.door(), &fields, &[]).await
}

/// A phone that opens the page, touches the form, takes its time and does the work that is asked.
pub(super) async fn phone(app: TestApp, number: usize) -> u16 {
    let browser = app.stranger();
    assert_eq!(browser.get(&app.door()).await.status, 200);
    let given = browser.get(&format!("{}/token", app.door())).await.json();
    let token = given["token"].as_str().unwrap().to_owned();
    let bits = given["bits"].as_u64().unwrap() as u32;
    let work = match bits {
        0 => String::new(),
        bits => proof::solve(&token, bits).unwrap().to_string(),
    };
    actix_web::rt::time::sleep(std::time::Duration::from_millis(2300)).await;
    let text = format!("{number} 家没水了，楼道里全是水");
    let sent = post(&app, &browser, &text, &[("token", token.as_str()), ("work", work.as_str())]).await;
    assert_eq!(sent.status, 303, "{}", sent.body);
    sent.status
}

#[actix_web::test]
async fn a_building_behind_one_address_reports_a_burst_pipe_and_every_household_gets_a_number() {
    let app = app_with(Flood::default()).await;
    for round in 0..3 {
        let all = (0..10).map(|number| actix_web::rt::spawn(phone(app.clone(), round * 10 + number)));
        for one in all.collect::<Vec<_>>() {
            assert_eq!(one.await.unwrap(), 303);
        }
    }
    assert_eq!(count(&app).await, (30, 0));
}

#[actix_web::test]
async fn under_pressure_phones_that_do_the_work_get_through_and_the_others_wait_for_a_person() {
    let app = app_with(Flood { door: 5, ..Flood::default() }).await;
    let first = app.stranger().get(&format!("{}/token", app.door())).await.json();
    assert_eq!(first["bits"], 0, "nothing is asked of anybody while it is quiet");
    for number in 0..8 {
        assert_eq!(post(&app, &app.stranger(), &format!("第 {number} 件"), &[]).await.status, 303);
    }
    assert_eq!(count(&app).await, (5, 3));
    let pressed = app.stranger().get(&format!("{}/token", app.door())).await.json();
    assert!(pressed["bits"].as_u64().unwrap() >= 15, "{pressed}");
    phone(app.clone(), 1).await;
    assert_eq!(count(&app).await, (6, 3));
    // A number that solves nothing, and a token that was used, are no proof.
    let token = pressed["token"].as_str().unwrap();
    actix_web::rt::time::sleep(std::time::Duration::from_millis(2300)).await;
    post(&app, &app.stranger(), "乱填的", &[("token", token), ("work", "0")]).await;
    assert_eq!(count(&app).await, (6, 4));
}

#[actix_web::test]
async fn a_script_that_posts_a_thousand_is_held_not_refused_and_fills_no_disk() {
    let app =
        app_with(Flood { most_held: 100, held_network: 40, held_reserved: 50, ..Flood::default() }).await;
    let mut answers = std::collections::BTreeMap::new();
    let pictures: Vec<Vec<u8>> = (0..20).map(jpeg).collect();
    for round in 0..50 {
        let all = (0..20).map(|number| {
            let (app, picture) = (app.clone(), pictures[number].clone());
            actix_web::rt::spawn(async move {
                let text = format!("刷 {round} {number}");
                let fields = [("category", "01"), ("text", text.as_str())];
                let answer =
                    app.stranger().post_files(&app.door(), &fields, &[("photo", "a.jpg", &picture)]).await;
                (answer.status, answer.body)
            })
        });
        for one in all.collect::<Vec<_>>() {
            let (status, body) = one.await.unwrap();
            if status == 429 {
                assert!(
                    body.contains("社区电话") && body.contains("010-00000001") && body.contains("刷 "),
                    "{body}"
                );
            }
            *answers.entry(status).or_insert(0) += 1;
        }
    }
    let (tickets, held) = count(&app).await;
    assert!((30..=45).contains(&tickets) && (40..=60).contains(&held), "{tickets} {held}");
    assert_eq!(answers.keys().copied().collect::<Vec<_>>(), [303, 429], "{answers:?}");
    assert_eq!(answers[&303], tickets + held);
    let queue = app.as_(Role::CommunityWorker).get("/api/v1/held").await.json();
    assert_eq!(queue["rows"].as_array().unwrap().len(), 30);
    assert!(queue["next"].is_string(), "{queue}");
}

#[actix_web::test]
async fn a_trap_and_one_busy_phone_are_held_though_nothing_else_is_the_matter() {
    let app = app_with(Flood::default()).await;
    post(&app, &app.stranger(), "便宜装修", &[("leave_empty", "http://example.com")]).await;
    assert_eq!(count(&app).await, (0, 1));
    let browser = app.stranger();
    browser.get(&app.door()).await;
    for number in 0..8 {
        assert_eq!(post(&app, &browser, &format!("第 {number} 件"), &[]).await.status, 303);
    }
    assert_eq!(count(&app).await, (6, 3));
    let doubts = app.as_(Role::CommunityWorker).get("/console/held").await.body;
    assert!(doubts.contains("看不见的格子") && doubts.contains("同一台手机"), "{doubts}");
}

/// Held once, with its page and its id.
async fn held(app: &TestApp, text: &str) -> (String, String) {
    let key = ("idempotency_key", "0123456789abcdef0123456789abcdef");
    let sent = post(app, &app.stranger(), text, &[("leave_empty", "x"), key]).await;
    assert_eq!(sent.status, 303, "{}", sent.body);
    let queue = app.as_(Role::CommunityWorker).get("/api/v1/held").await.json();
    let id = queue["rows"][0]["id"].as_str().unwrap().to_owned();
    (sent.location.split('?').next().unwrap().to_owned(), id)
}

#[actix_web::test]
async fn what_is_held_has_a_page_that_becomes_the_tickets_when_it_is_let_in() {
    let app = app_with(Flood::default()).await;
    let (page, id) = held(&app, "二层灯坏了，打13812341234").await;
    let shown = app.stranger().get(&page).await;
    assert!(
        shown.status == 200 && shown.body.contains("等工作人员看一下") && shown.body.contains("010-00000001"),
        "{}",
        shown.body
    );
    assert!(!shown.body.contains("13812341234") && !shown.body.contains("13900001111"), "{}", shown.body);
    // Sent again, it is the same.
    let key = ("idempotency_key", "0123456789abcdef0123456789abcdef");
    let again = post(&app, &app.stranger(), "二层灯坏了，打13812341234", &[key]).await;
    assert_eq!((again.location.split('?').next().unwrap(), count(&app).await), (page.as_str(), (0, 1)));

    let worker = app.as_(Role::CommunityWorker);
    assert!(worker.get("/console/bell").await.body.contains("data-unread=\"1\""), "the bell rings");
    let queue = worker.get("/console/held").await.body;
    assert!(
        queue.contains("138****1234") && queue.contains("139****1111") && !queue.contains("13812341234"),
        "{queue}"
    );
    let community = app.home().community.id;
    // It came yesterday.
    app.write(move |tx| {
        use diesel::prelude::*;
        use louma::schema::held_reports::dsl;
        let then = tx.now.plus_minutes(-1440);
        diesel::update(dsl::held_reports.filter(dsl::community_id.eq(community)))
            .set(dsl::received_at.eq(then))
            .execute(tx.conn)?;
        Ok(())
    })
    .await;
    let released = worker.post(&format!("/console/held/{id}/release"), &[]).await;
    assert_eq!(released.status, 303, "{}", released.body);
    let ticket = latest(&app).await;
    assert_eq!(ticket.id.to_string(), id);
    let now = louma::db::now();
    assert_eq!(
        ticket.submitted_at.day(),
        now.plus_minutes(-1440).day(),
        "the clock counts from when it came"
    );
    assert!(ticket.first_contact_due < now, "and so does its first limit");
    let day = now.day().format("%y%m%d").to_string();
    assert!(
        ticket.number.starts_with(&format!("TGY{day}0001")),
        "the number is of the day of release: {}",
        ticket.number
    );
    let shown = app.stranger().get(&page).await.body;
    assert!(shown.contains(&ticket.number) && !shown.contains("核对后登记"), "{shown}");
    let desk = worker.get(&released.location).await.body;
    assert!(desk.contains("社区核对后登记"), "{desk}");
    assert_eq!(count(&app).await, (1, 0));
    let audits = app.as_(Role::CommunityLead).get("/api/v1/audits").await.body;
    assert!(audits.contains("release_held"), "{audits}");
    let again = post(&app, &app.stranger(), "二层灯坏了，打13812341234", &[key]).await;
    assert_eq!((again.location.split('?').next().unwrap(), count(&app).await), (page.as_str(), (1, 0)));
    let phone = app.parts.keys.unseal(ticket.id, ticket.phone_sealed.as_deref().unwrap()).unwrap();
    assert_eq!(phone, "13900001111");
}

#[actix_web::test]
async fn what_is_set_aside_says_so_to_its_resident_and_can_be_taken_back() {
    let app = app_with(Flood::default()).await;
    let (page, id) = held(&app, "测试测试").await;
    let worker = app.as_(Role::CommunityWorker);
    let discard = format!("/console/held/{id}/discard");
    for (fields, sentence) in [
        (vec![("reason", ""), ("note", "是测试")], "请选"),
        (vec![("reason", "e1"), ("note", " ")], "写明理由"),
        (vec![("reason", "e5"), ("note", "是测试")], "请选"),
    ] {
        let refused = worker.post(&discard, &fields).await;
        assert!(refused.status == 422 && refused.body.contains(sentence), "{}", refused.body);
    }
    assert_eq!(worker.post(&discard, &[("reason", "e1"), ("note", "装机测试")]).await.status, 303);
    assert_eq!(worker.post(&discard, &[("reason", "e1"), ("note", "又一次")]).await.status, 409);
    assert_eq!(
        worker.post(&format!("/console/held/{id}/release"), &[]).await.status,
        409,
        "take it back first"
    );
    let shown = app.stranger().get(&page).await.body;
    assert!(shown.contains("没有作为诉求登记") && !shown.contains("装机测试"), "{shown}");
    let aside = worker.get("/console/held?shelf=discarded").await.body;
    assert!(aside.contains("装机测试"), "{aside}");
    let restored = worker.post_json(&format!("/api/v1/held/{id}/restoration"), json!({})).await;
    assert_eq!(restored.status, 200, "{}", restored.body);
    assert_eq!(worker.post_json(&format!("/api/v1/held/{id}/release"), json!({})).await.status, 201);
    assert_eq!(count(&app).await, (1, 0));
    for act in ["discard_held", "restore_held", "release_held"] {
        assert!(app.as_(Role::CommunityLead).get("/api/v1/audits").await.body.contains(act), "{act}");
    }
    assert_eq!(app.as_(Role::GridWorker).get("/api/v1/held").await.status, 403);
}

#[actix_web::test]
async fn ten_who_decide_about_one_report_at_once_decide_it_once() {
    let app = app_with(Flood::default()).await;
    let (_, id) = held(&app, "灯坏了").await;
    let mut sends = Vec::new();
    for number in 0..10 {
        let (worker, id) = (app.as_(Role::CommunityWorker), id.clone());
        sends.push(actix_web::rt::spawn(async move {
            match number % 2 {
                0 => worker.post_json(&format!("/api/v1/held/{id}/release"), json!({})).await.status,
                _ => {
                    let why = json!({ "reason": "e3", "note": "刷的" });
                    worker.post_json(&format!("/api/v1/held/{id}/discard"), why).await.status
                }
            }
        }));
    }
    let mut done = 0;
    for send in sends {
        match send.await.unwrap() {
            200 | 201 => done += 1,
            status => assert!(status == 409 || status == 404, "{status}"),
        }
    }
    let (tickets, held) = count(&app).await;
    assert_eq!((done, tickets + held), (1, 1));
}

#[actix_web::test]
async fn ten_who_send_one_form_at_once_leave_one_held_report() {
    let app = app_with(Flood::default()).await;
    let key = ("idempotency_key", "0123456789abcdef0123456789abcdef");
    let all = (0..10).map(|_| {
        let app = app.clone();
        actix_web::rt::spawn(async move {
            post(&app, &app.stranger(), "灯坏了", &[("leave_empty", "x"), key]).await.location
        })
    });
    let mut places = std::collections::BTreeSet::new();
    for one in all.collect::<Vec<_>>() {
        places.insert(one.await.unwrap());
    }
    assert_eq!((places.len(), count(&app).await), (1, (0, 1)));
}

#[actix_web::test]
async fn what_waits_for_a_person_is_found_again_on_the_phone_that_sent_it() {
    let app = app_with(Flood { device: 1, ..Flood::default() }).await;
    let phone = app.stranger();
    phone.get(&app.door()).await;
    let first = post(&app, &phone, "灯坏了", &[]).await.location;
    let second = post(&app, &phone, "门也坏了", &[]).await.location;
    assert_eq!(count(&app).await, (1, 1));
    let list = format!("{}/mine", app.door());
    let page = phone.get(&list).await.body;
    let path = |location: &str| location.split('?').next().unwrap().to_owned();
    let found = |page: &str, location: &str| page.find(&format!("href=\"{}\"", path(location)));
    assert!(page.contains("已收到，等工作人员看一下"), "{page}");
    assert!(found(&page, &second).unwrap() < found(&page, &first).unwrap(), "what waits comes first: {page}");
    assert!(!page.contains("门也坏了"), "words are for the page of the report alone");
    let other = app.stranger().get(&list).await.body;
    assert!(found(&other, &first).is_none() && found(&other, &second).is_none());
}
