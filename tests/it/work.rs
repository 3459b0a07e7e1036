//! What staff do with a ticket, over HTTP: the whole way, races, masks, exclusions.

use louma::people::Role;
use louma::tickets::{Status, Ticket};

use crate::harness::{TestApp, jpeg};

async fn latest(app: &TestApp) -> Ticket {
    use diesel::prelude::*;
    use louma::schema::tickets::dsl;
    app.read(|tx| Ok(dsl::tickets.order(dsl::id.desc()).select(Ticket::as_select()).first(tx.conn)?)).await
}

/// A fresh report, and its ticket.
async fn reported(app: &TestApp) -> Ticket {
    let key = uuid::Uuid::new_v4().simple().to_string();
    let fields = [
        ("category", "01"),
        ("text", "楼道灯不亮，我电话13812345678"),
        ("phone", "10012345678"),
        ("idempotency_key", &key),
    ];
    let sent = app.stranger().post_files(&app.door(), &fields, &[]).await;
    assert_eq!(sent.status, 303, "{}", sent.body);
    latest(app).await
}

async fn step(app: &TestApp, role: Role, ticket: &Ticket, noun: &str, more: &[(&str, &str)]) -> u16 {
    let version = latest(app).await.version.to_string();
    let mut fields = vec![("version", version.as_str())];
    fields.extend_from_slice(more);
    let answer = app.as_(role).post(&format!("/console/tickets/{}/{noun}", ticket.id), &fields).await;
    answer.status
}

async fn close(app: &TestApp, role: Role, ticket: &Ticket, version: i32) -> u16 {
    let version = version.to_string();
    let fields =
        [("version", version.as_str()), ("result", "solved"), ("level", "community"), ("text", "换了灯")];
    let path = format!("/console/tickets/{}/closure", ticket.id);
    app.as_(role).post_files(&path, &fields, &[("photo", "after.jpg", &jpeg(7))]).await.status
}

#[actix_web::test]
async fn a_ticket_is_accepted_sorted_given_away_and_closed_by_the_party() {
    let app = TestApp::start().await;
    let ticket = reported(&app).await;
    assert_eq!(step(&app, Role::CommunityWorker, &ticket, "dispatch", &[]).await, 409, "not accepted yet");
    assert_eq!(step(&app, Role::CommunityWorker, &ticket, "acceptance", &[]).await, 303);
    assert_eq!(step(&app, Role::CommunityWorker, &ticket, "dispatch", &[]).await, 422, "level 2 is missing");
    let sorted = [("category", "0101"), ("kind", "help")];
    assert_eq!(step(&app, Role::CommunityWorker, &ticket, "category", &sorted).await, 303);
    let sorted = latest(&app).await;
    assert_eq!(sorted.lead_id, app.home().property.id, "lights go to the property company");
    assert_eq!(sorted.due_at, ticket.submitted_at.plus_minutes(4320), "counted from submission");
    assert_eq!(app.as_(Role::Handler).get(&format!("/console/tickets/{}", ticket.id)).await.status, 404);
    assert_eq!(step(&app, Role::CommunityWorker, &ticket, "dispatch", &[]).await, 303);
    let page = app.as_(Role::Handler).get(&format!("/console/tickets/{}", ticket.id)).await;
    assert_eq!(page.status, 200);
    assert!(!page.body.contains("13812345678") && !page.body.contains("10012345678"), "numbers are masked");
    let version = latest(&app).await.version;
    assert_eq!(close(&app, Role::Handler, &ticket, version).await, 303);
    let closed = latest(&app).await;
    assert_eq!((closed.status, closed.solved, closed.open_due_at), (Status::FollowUp, None, None));
}

#[actix_web::test]
async fn ten_people_closing_at_once_close_it_once() {
    let app = TestApp::start().await;
    let ticket = reported(&app).await;
    step(&app, Role::CommunityWorker, &ticket, "acceptance", &[]).await;
    let version = latest(&app).await.version.to_string();
    let path = format!("/console/tickets/{}/closure", ticket.id);
    let closes = (0..10).map(|_| {
        let (client, path, version) = (app.as_(Role::CommunityWorker), path.clone(), version.clone());
        actix_web::rt::spawn(async move {
            let fields = [
                ("version", version.as_str()),
                ("result", "solved"),
                ("level", "community"),
                ("text", "换了灯"),
            ];
            let answer = client.post_files(&path, &fields, &[]).await;
            assert!(answer.status == 303 || answer.body.contains("换了灯"), "what was typed stays");
            answer.status
        })
    });
    let mut statuses = Vec::new();
    for close in closes.collect::<Vec<_>>() {
        statuses.push(close.await.unwrap());
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 409, 409, 409, 409, 409, 409, 409, 409, 409]);
    let closed = latest(&app).await;
    let events = app
        .read(move |tx| {
            louma::tickets::history(tx, &louma::people::Actor::timer(closed.community_id), &closed)
        })
        .await;
    assert_eq!(events.iter().filter(|event| event.act == "close").count(), 1);
}

#[actix_web::test]
async fn numbers_of_a_day_have_no_gap_and_no_double_under_load() {
    let app = TestApp::start().await;
    let sends = (0..40).map(|number| {
        let (client, door) = (app.stranger(), app.door());
        actix_web::rt::spawn(async move {
            let key = format!("key-of-report-number-{number:04}");
            let text = format!("第 {number} 件");
            let fields = [
                ("category", if number % 10 == 9 { "" } else { "01" }),
                ("text", text.as_str()),
                ("idempotency_key", key.as_str()),
            ];
            client.post_files(&door, &fields, &[]).await.status
        })
    });
    for send in sends.collect::<Vec<_>>() {
        send.await.unwrap();
    }
    use diesel::prelude::*;
    use louma::schema::tickets::dsl;
    let mut numbers: Vec<String> = app.read(|tx| Ok(dsl::tickets.select(dsl::number).load(tx.conn)?)).await;
    numbers.sort();
    let sequence: Vec<usize> = numbers.iter().map(|number| number[9..13].parse().unwrap()).collect();
    assert_eq!(sequence, (1..=36).collect::<Vec<_>>());
}

#[actix_web::test]
async fn a_phone_is_shown_once_for_a_reason_and_leaves_a_line() {
    let app = TestApp::start().await;
    let ticket = reported(&app).await;
    let (worker, path) = (app.as_(Role::CommunityWorker), format!("/console/tickets/{}", ticket.id));
    assert!(worker.get(&path).await.body.contains("100****5678"));
    assert_eq!(worker.post(&format!("{path}/reveals"), &[("reason", "")]).await.status, 422);
    let shown = worker.post(&format!("{path}/reveals"), &[("reason", "回电核实位置")]).await;
    assert!(shown.body.contains("10012345678"), "{}", shown.body);
    assert!(!worker.get(&path).await.body.contains("10012345678"), "once");
    let log = app.as_(Role::Auditor).get("/console/audits").await;
    assert!(log.body.contains("回电核实位置"));
    assert_eq!(
        app.as_(Role::StreetManager).post(&format!("{path}/reveals"), &[("reason", "看看")]).await.status,
        403
    );
}

#[actix_web::test]
async fn a_note_stays_inside_and_a_message_reaches_the_resident() {
    let app = TestApp::start().await;
    let ticket = reported(&app).await;
    let worker = app.as_(Role::CommunityWorker);
    worker.post(&format!("/console/tickets/{}/notes", ticket.id), &[("text", "这户常反映")]).await;
    worker.post(&format!("/console/tickets/{}/messages", ticket.id), &[("text", "明天上午师傅来修")]).await;
    let community = app.home().community.token.clone();
    let secret = app.parts.keys.ticket_secret(ticket.key_version, &community, ticket.id);
    let page = app.stranger().get(&format!("/t/{secret}")).await.body;
    assert!(page.contains("明天上午师傅来修") && !page.contains("这户常反映"));
}

#[actix_web::test]
async fn an_exclusion_needs_a_second_person() {
    let app = TestApp::start().await;
    let ticket = reported(&app).await;
    let lead = app.as_(Role::CommunityLead);
    let path = format!("/console/tickets/{}/exclusions", ticket.id);
    assert_eq!(lead.post(&path, &[("reason", "e1"), ("note", "演练")]).await.status, 303);
    let open = lead.get("/api/v1/exclusions").await.json();
    let id =
        open.as_array().or_else(|| open["rows"].as_array()).unwrap()[0]["id"].as_str().unwrap().to_owned();
    let own = lead.post(&format!("/console/exclusions/{id}/decision"), &[("verdict", "approve")]).await;
    assert_eq!(own.status, 409, "{}", own.body);
    assert_eq!(latest(&app).await.excluded, None);
}
