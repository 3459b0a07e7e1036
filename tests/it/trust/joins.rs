//! 我也遇到了 in a flood: everybody has their page, and nobody is counted before a person has confirmed them.

use louma::people::{Actor, Role};
use louma::settings::Flood;
use louma::tickets::{Stage, Ticket, acts};
use serde_json::json;

use super::flood::app_with;
use crate::door::planted;
use crate::harness::{Answer, Client, TestApp, jpeg};

/// A phone that keeps its cookie.
async fn phone(app: &TestApp) -> Client {
    let client = app.stranger();
    client.get(&app.door()).await;
    client
}

async fn tap(client: &Client, app: &TestApp, ticket: &Ticket, more: &[(&str, &str)]) -> Answer {
    let id = ticket.id.to_string();
    let mut fields = vec![("matter", id.as_str())];
    fields.extend_from_slice(more);
    client.post(&format!("{}/joins", app.door()), &fields).await
}

/// How many joined, as the figures of this month say.
async fn joined(app: &TestApp) -> i64 {
    let month = louma::db::now().day().format("%Y-%m").to_string();
    let report = app.as_(Role::CommunityLead).get(&format!("/api/v1/stats?month={month}")).await.json();
    let lines = report["totals"].as_array().unwrap();
    let line = lines.iter().find(|line| line["metric"] == "joined").unwrap();
    line["current"]["value"].as_f64().unwrap() as i64
}

async fn list(app: &TestApp, ticket: &Ticket) -> serde_json::Value {
    app.as_(Role::CommunityWorker).get(&format!("/api/v1/tickets/{}/neighbours", ticket.id)).await.json()
}

#[actix_web::test]
async fn a_flood_of_taps_is_stored_and_counts_once_staff_confirm_it() {
    let app = app_with(Flood { door: 3, ..Flood::default() }).await;
    let ticket = planted(&app, 0, "01", "灯不亮").await;
    let mut pages = Vec::new();
    for _ in 0..8 {
        let tapped = tap(&phone(&app).await, &app, &ticket, &[]).await;
        assert_eq!(tapped.status, 303, "nobody is refused: {}", tapped.body);
        let page = app.stranger().get(&tapped.location).await;
        assert!(page.status == 200 && page.body.contains("已经加上您了"), "{}", page.body);
        pages.push(tapped.location);
    }
    let found = list(&app, &ticket).await;
    assert_eq!((found["count"].as_i64(), found["doubtful"].as_i64()), (Some(3), Some(5)), "{found}");
    assert_eq!(found["rows"].as_array().unwrap().len(), 8);
    assert_eq!(joined(&app).await, 3);
    let door = louma::neighbours::counts;
    let (community, id) = (app.home().community.id, ticket.id);
    assert_eq!(app.read(move |tx| door(tx, community, &[id])).await, [(id, 3)]);

    // Staff are led there, and confirm some, then the rest.
    let worker = app.as_(Role::CommunityWorker);
    let queue = worker.get("/console/held").await.body;
    let place = format!("/console/tickets/{}/neighbours", ticket.id);
    assert!(queue.contains(&place) && queue.contains("：5 位"), "{queue}");
    let page = worker.get(&place).await.body;
    assert!(page.contains("另有 5 位待核对") && page.contains("这个码短时间内收到了很多件"), "{page}");
    let to = format!("{place}/confirmations");
    for (fields, sentence) in [(vec![("all", "1")], "怎么核对的"), (vec![("reason", "电话问过")], "请勾选")]
    {
        let refused = worker.post(&to, &fields).await;
        assert!(refused.status == 422 && refused.body.contains(sentence), "{}", refused.body);
    }
    let rows = found["rows"].as_array().unwrap();
    let doubtful = rows.iter().find(|row| row["doubts"] != "").unwrap()["id"].as_str().unwrap();
    assert_eq!(worker.post(&to, &[("neighbour", doubtful), ("reason", "电话问过")]).await.status, 303);
    assert_eq!(worker.post(&to, &[("neighbour", doubtful), ("reason", "电话问过")]).await.status, 409);
    assert_eq!(joined(&app).await, 4);
    let twin = format!("/api/v1/tickets/{}/neighbours/confirmations", ticket.id);
    for role in [Role::GridWorker, Role::Handler, Role::Auditor] {
        let refused = app.as_(role).post_json(&twin, json!({ "reason": "看过" })).await.status;
        assert!([403, 404].contains(&refused), "{role:?} {refused}");
    }
    let all = worker.post_json(&twin, json!({ "reason": "都是本楼的" })).await;
    assert_eq!((all.status, all.json()["confirmed"].as_u64()), (200, Some(4)), "{}", all.body);
    assert_eq!(joined(&app).await, 8);
    assert_eq!(list(&app, &ticket).await["doubtful"], 0);
    assert!(!worker.get("/console/held").await.body.contains(&place));
    let audits = app.as_(Role::CommunityLead).get("/api/v1/audits").await.body;
    assert!(audits.contains("vouch") && audits.contains("都是本楼的"), "{audits}");
}

#[actix_web::test]
async fn two_phones_that_left_one_number_count_once_when_they_are_confirmed() {
    let app = app_with(Flood { door: 1, ..Flood::default() }).await;
    let ticket = planted(&app, 0, "01", "灯不亮").await;
    tap(&phone(&app).await, &app, &ticket, &[]).await;
    for _ in 0..2 {
        let tapped = tap(&phone(&app).await, &app, &ticket, &[]).await;
        let page = tapped.location.split('?').next().unwrap();
        assert_eq!(app.stranger().post(page, &[("phone", "13900002222")]).await.status, 303);
    }
    let twin = format!("/api/v1/tickets/{}/neighbours/confirmations", ticket.id);
    let all = app.as_(Role::CommunityWorker).post_json(&twin, json!({ "reason": "本楼的" })).await;
    assert_eq!(all.json()["confirmed"].as_u64(), Some(2));
    assert_eq!((list(&app, &ticket).await["count"].as_i64(), joined(&app).await), (Some(2), 2));
}

#[actix_web::test]
async fn who_taps_again_in_quieter_times_counts_then() {
    let app = app_with(Flood { device: 1, ..Flood::default() }).await;
    let (one, two) = (planted(&app, 0, "01", "灯不亮").await, planted(&app, 0, "04", "漏水").await);
    let client = phone(&app).await;
    for ticket in [&one, &two] {
        assert_eq!(tap(&client, &app, ticket, &[]).await.status, 303);
    }
    assert_eq!(joined(&app).await, 1, "one phone that joins everything is looked at");
    assert_eq!(list(&app, &two).await["doubtful"], 1);
    // The limits of a quieter community stand for a quieter time.
    let community = app.home().community.id;
    app.write(move |tx| louma::settings::set(tx, &Actor::resident(community), &Flood::default(), tx.now))
        .await;
    actix_web::rt::time::sleep(std::time::Duration::from_millis(5500)).await;
    assert_eq!(tap(&client, &app, &two, &[]).await.status, 303);
    assert_eq!((joined(&app).await, list(&app, &two).await["doubtful"].as_i64()), (2, Some(0)));
}

#[actix_web::test]
async fn what_no_person_fills_in_makes_a_tap_doubtful() {
    let app = app_with(Flood::default()).await;
    let ticket = planted(&app, 0, "01", "灯不亮").await;
    let tapped = tap(&phone(&app).await, &app, &ticket, &[("leave_empty", "http://example.com")]).await;
    assert_eq!(tapped.status, 303);
    assert_eq!((joined(&app).await, list(&app, &ticket).await["doubtful"].as_i64()), (0, Some(1)));
    assert!(app.stranger().get(&app.door()).await.body.contains(r#"name="leave_empty""#));
}

#[actix_web::test]
async fn photos_of_neighbours_leave_the_room_of_the_work_alone() {
    let app = TestApp::start().await;
    let ticket = planted(&app, 0, "01", "灯不亮").await;
    let id = ticket.id.to_string();
    let fields = [("category", "01"), ("text", "我家也是"), ("join", id.as_str())];
    let mut left = 0;
    for neighbour in 0..12_u8 {
        let six: Vec<Vec<u8>> = (0..6).map(|seed| jpeg(6 * neighbour + seed)).collect();
        let files: Vec<(&str, &str, &[u8])> = six.iter().map(|file| ("photo", "a.jpg", &file[..])).collect();
        let client = phone(&app).await;
        let sent = client.post_files(&app.door(), &fields, &files).await;
        assert_eq!(sent.status, 303, "{}", sent.body);
        let page = client.get(&sent.location).await.body;
        assert!(page.contains("已经加上您了"), "{page}");
        left += usize::from(page.contains("有的照片或语音没有收下"));
    }
    let found = {
        let ticket = ticket.clone();
        app.read(move |tx| louma::tickets::photos(tx, &ticket)).await
    };
    assert_eq!((found.len(), left), (20, 9), "three came whole, the others were told");
    use diesel::prelude::*;
    let waiting: i64 =
        app.read(|tx| Ok(louma::schema::loose_files::table.count().get_result(tx.conn)?)).await;
    assert_eq!(waiting, 12 * 6 - 20, "what was left out is swept away in time");
    // The work has all of its own sixty.
    let worker = Actor {
        role: Role::CommunityWorker,
        staff_id: Some(app.staff(Role::CommunityWorker)),
        ..Actor::resident(app.home().community.id)
    };
    let shots: Vec<louma::photos::Photo> = {
        let mut taken = Vec::new();
        for seed in 0..60_u8 {
            taken.push(app.parts.photos.take_in(jpeg(100 + seed)).await.unwrap());
        }
        taken
    };
    let id = ticket.id;
    let hung = app.write(move |tx| acts::add_photos(tx, &worker, id, Stage::Work, &shots)).await;
    assert_eq!(app.read(move |tx| louma::tickets::photos(tx, &hung)).await.len(), 80);
}
