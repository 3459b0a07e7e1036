//! What residents can trust: numbers are masked wherever words are shown, their data is theirs, and it is forgotten in time.

mod crowd;
mod flood;
mod joins;
mod loose;
mod notice;
mod retention;

use louma::people::{Actor, Role};
use louma::tickets::{self, Note, Ticket};
use serde_json::json;

use crate::harness::{TestApp, jpeg};

const KEY: &str = "0123456789abcdef0123456789abcdef";
/// Every kind of number, in every form, and a phone of its own.
const TOLD: &str = "二层灯不亮，打13812341234或138-1234-1234，座机010-60261234，身份证11010119900307763X，\
                    卡号6222 0212 3456 7890 128，车牌京A·D12345挡路，也可打幺三九八七六五四三二幺";
/// What must not be read anywhere.
const SECRETS: &[&str] = &[
    "13812341234",
    "138-1234-1234",
    "60261234",
    "19900307763",
    "6222 0212",
    "D12345",
    "幺三九八七六五四三二幺",
    "13900001111",
];

pub async fn latest(app: &TestApp) -> Ticket {
    use diesel::prelude::*;
    use louma::schema::tickets::dsl;
    app.read(|tx| Ok(dsl::tickets.order(dsl::id.desc()).select(Ticket::as_select()).first(tx.conn)?)).await
}

/// Reports and returns the page of the report.
async fn report(app: &TestApp, text: &str) -> String {
    let fields = [
        ("category", "01"),
        ("text", text),
        ("phone", "13900001111"),
        ("share_phone", "yes"),
        ("idempotency_key", KEY),
    ];
    let sent = app.stranger().post_files(&app.door(), &fields, &[("photo", "a.jpg", &jpeg(3))]).await;
    assert_eq!(sent.status, 303, "{}", sent.body);
    sent.location.split('?').next().unwrap().to_owned()
}

fn hides(shown: &str, place: &str) {
    for secret in SECRETS {
        assert!(!shown.contains(secret), "{place} shows {secret}: {shown}");
    }
}

#[actix_web::test]
async fn no_page_no_json_and_no_file_shows_a_number_that_somebody_wrote() {
    let app = TestApp::start().await;
    let page = report(&app, TOLD).await;
    let ticket = latest(&app).await;
    let id = ticket.id;
    let worker = app.as_(Role::CommunityWorker);
    let path = format!("/console/tickets/{id}");
    let step = |noun: &'static str, fields: Vec<(&'static str, String)>| {
        let (worker, path) = (worker.clone(), format!("{path}/{noun}"));
        async move {
            let fields: Vec<(&str, &str)> =
                fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let done = worker.post(&path, &fields).await;
            assert_eq!(done.status, 303, "{path}: {}", done.body);
        }
    };
    assert_eq!(app.stranger().post(&format!("{page}/message"), &[("text", TOLD)]).await.status, 303);
    step("acceptance", vec![("version", "1".into())]).await;
    step("notes", vec![("text", TOLD.into())]).await;
    step("messages", vec![("text", TOLD.into())]).await;
    let category = app.read(|tx| Ok(louma::routing::categories(tx)?[0].code.clone())).await;
    let party = app.home().property.id.to_string();
    step("category", vec![("category", category.clone()), ("kind", "help".into()), ("version", "2".into())])
        .await;
    step(
        "dispatch",
        vec![("version", "3".into()), ("party_id", party), ("category", category), ("kind", "help".into())],
    )
    .await;
    let urge = app
        .as_(Role::CommunityLead)
        .post_json(
            &format!("/api/v1/tickets/{id}/urges"),
            json!({ "text": TOLD, "until": louma::db::now().plus_minutes(600) }),
        )
        .await;
    assert!(urge.status < 300, "{}", urge.body);
    step(
        "closure",
        vec![
            ("version", "4".into()),
            ("text", TOLD.into()),
            ("result", "explained".into()),
            ("level", "community".into()),
        ],
    )
    .await;
    let answer = [("contacted", "yes"), ("solved", "no"), ("satisfied", "unsatisfied"), ("comment", TOLD)];
    assert_eq!(app.stranger().post(&format!("{page}/answer"), &answer).await.status, 303);

    hides(&app.stranger().get(&page).await.body, "the resident's page");
    hides(&app.stranger().get(&format!("{page}/data")).await.body, "their data");
    hides(&app.stranger().post(&format!("{page}/data/download"), &[]).await.body, "their file");
    for place in [
        path.as_str(),
        "/console",
        "/console?queue=archived",
        "/console/search?q=灯",
        "/console/notices",
        "/console/held",
        &format!("/console/tickets/{id}/alike"),
        &format!("/api/v1/tickets/{id}"),
        &format!("/api/v1/tickets/{id}/alike"),
        "/api/v1/tickets?queue=archived",
        "/api/v1/search?q=灯",
        "/api/v1/notices",
    ] {
        let shown = worker.get(place).await;
        assert_eq!(shown.status, 200, "{place}");
        hides(&shown.body, place);
    }
    let sheet = worker.get(&format!("/api/v1/tickets/{id}")).await.json();
    assert!(sheet["text"].as_str().unwrap().contains("138****1234"), "{sheet}");
    hides(&app.as_(Role::CommunityLead).get("/console/audits").await.body, "the audit log");
    let debugged = format!("{:?}", latest(&app).await);
    hides(&debugged, "the log");
}

#[actix_web::test]
async fn the_words_are_shown_whole_once_for_a_reason_and_the_resident_reads_who_looked() {
    let app = TestApp::start().await;
    let page = report(&app, TOLD).await;
    let id = latest(&app).await.id;
    let path = format!("/api/v1/tickets/{id}/reveals");
    let worker = app.as_(Role::CommunityWorker);
    assert_eq!(worker.post_json(&path, json!({ "reason": " " })).await.status, 422);
    let shown = worker.post_json(&path, json!({ "reason": "核对位置" })).await.json();
    assert_eq!((shown["words"][0].as_str(), shown["phone"].as_str()), (Some(TOLD), Some("13900001111")));
    let form = worker.post(&format!("/console/tickets/{id}/reveals"), &[("reason", "再核对")]).await;
    assert!(form.status == 200 && form.body.contains("138-1234-1234"), "{}", form.body);
    hides(&worker.get(&format!("/console/tickets/{id}")).await.body, "the page afterwards");
    let log = app.as_(Role::Auditor).get("/console/audits").await;
    assert!(log.body.contains("核对位置"), "{}", log.body);
    let audits = app.as_(Role::CommunityLead).get("/api/v1/audits").await;
    assert_eq!(audits.body.matches("核对").count(), 2, "{}", audits.body);

    let mine = app.stranger().get(&format!("{page}/data")).await.body;
    assert!(mine.contains(Role::CommunityWorker.label()) && mine.contains("核对位置"), "{mine}");
    assert!(!mine.contains("社区工作者 01") || Role::CommunityWorker.label() == "社区工作者 01", "{mine}");
}

#[actix_web::test]
async fn a_resident_sees_corrects_and_downloads_what_is_kept_about_them() {
    let app = TestApp::start().await;
    let page = report(&app, "灯坏了，打13812341234").await;
    let before = latest(&app).await;
    let browser = app.stranger();
    let shown = browser.get(&format!("{page}/data")).await;
    for word in ["139****1111", "138****1234", "1 张", "我的数据", "微信里不能下载", "说明"] {
        assert!(shown.body.contains(word), "{word} is missing: {}", shown.body);
    }
    let masked = browser.post(&format!("{page}/data/download"), &[]).await;
    assert_eq!(masked.json()["电话"], "139****1111");
    let wrong = browser.post(&format!("{page}/data/download"), &[("phone", "13900001112")]).await;
    assert!(wrong.status == 422 && wrong.body.contains("对不上"), "{}", wrong.body);
    let whole = browser.post(&format!("{page}/data/download"), &[("phone", "139 0000 1111")]).await.json();
    assert_eq!(
        (whole["电话"].as_str(), whole["内容"].as_str()),
        (Some("13900001111"), Some("灯坏了，打13812341234"))
    );

    let path = format!("{page}/data/correction");
    let nothing = browser.post(&path, &[("share_phone", "yes")]).await;
    assert!(nothing.status == 422 && nothing.body.contains("没有要改的"), "{}", nothing.body);
    let bad = browser.post(&path, &[("name", "王阿姨"), ("phone", "12")]).await;
    assert!(bad.status == 422 && bad.body.contains("王阿姨"), "nothing typed is lost: {}", bad.body);
    let fields = [("name", "王阿姨"), ("phone", "13900002222"), ("publish", "yes")];
    assert_eq!(browser.post(&path, &fields).await.status, 303);
    let after = latest(&app).await;
    assert_eq!(
        (after.phone_masked.as_deref(), after.share_phone, after.publish),
        (Some("139****2222"), false, true)
    );
    assert_eq!(
        (after.due_at, after.first_contact_due, after.version),
        (before.due_at, before.first_contact_due, before.version)
    );
    let history =
        app.read(move |tx| tickets::history(tx, &Actor::resident(after.community_id), &after)).await;
    let line = history.last().unwrap();
    assert_eq!((line.act.as_str(), line.note.unmasked()), ("correct", ""));
    assert!(!line.data.contains("1390000") && line.data.contains("share_phone"), "{}", line.data);
    assert_eq!(browser.post(&path, &[("without_phone", "yes"), ("publish", "yes")]).await.status, 303);
    assert_eq!(latest(&app).await.phone_sealed, None);
    assert_eq!(browser.get("/t/AAAAunknown/data").await.status, 404);
}

#[actix_web::test]
async fn deleted_data_is_gone_for_good_while_the_matter_stays() {
    let app = TestApp::start().await;
    let page = report(&app, TOLD).await;
    assert_eq!(app.stranger().post(&format!("{page}/message"), &[("text", TOLD)]).await.status, 303);
    let before = latest(&app).await;
    let photo = app
        .read({
            let ticket = before.clone();
            move |tx| tickets::photos(tx, &ticket)
        })
        .await
        .remove(0);
    let shown = app.stranger().get(&format!("{page}/data")).await.body;
    assert!(shown.contains("没有人能给您回电话"), "an open report warns: {shown}");
    let path = format!("{page}/data/erasure");
    let unsure = app.stranger().post(&path, &[]).await;
    assert!(unsure.status == 422 && unsure.body.contains("什么也没有删"), "{}", unsure.body);
    assert!(latest(&app).await.phone_sealed.is_some());

    assert_eq!(app.stranger().post(&path, &[("confirm", "yes")]).await.status, 303);
    let after = latest(&app).await;
    assert_eq!(
        (after.phone_sealed, after.phone_hash, after.phone_masked, after.device_hash, after.name_sealed),
        (None, None, None, None, None)
    );
    hides(after.text.unmasked(), "the stored text");
    assert_eq!((after.number, after.due_at, after.status), (before.number, before.due_at, before.status));
    use diesel::prelude::*;
    let notes: Vec<String> = app
        .read(|tx| {
            Ok(louma::schema::ticket_events::table
                .select(louma::schema::ticket_events::note)
                .load(tx.conn)?)
        })
        .await;
    hides(&notes.join("\n"), "the stored history");
    assert_eq!(app.stranger().get(&format!("{page}/photos/1")).await.status, 404);
    assert!(
        app.parts.photos.open_photo(&photo.photo, louma::photos::Size::Thumb).await.is_err(),
        "the file is gone"
    );
    let mine = app.stranger().get(&format!("{page}/data")).await.body;
    assert!(
        mine.contains("<dd class=\"text\">已经删除</dd>") && app.stranger().get(&page).await.status == 200,
        "{mine}"
    );
    let reveal = json!({ "reason": "看看" });
    let path = format!("/api/v1/tickets/{}/reveals", before.id);
    let shown = app.as_(Role::CommunityWorker).post_json(&path, reveal).await.json();
    assert!(shown["phone"].is_null() && shown["words"].as_array().unwrap().is_empty(), "{shown}");
}

#[actix_web::test]
async fn a_photo_that_somebody_else_sent_too_stays_for_them() {
    let app = TestApp::start().await;
    let mine = report(&app, "灯坏了").await;
    let fields =
        [("category", "01"), ("text", "我也看到了"), ("idempotency_key", "fedcba9876543210fedcba9876543210")];
    let theirs =
        app.stranger().post_files(&app.door(), &fields, &[("photo", "b.jpg", &jpeg(3))]).await.location;
    let theirs = theirs.split('?').next().unwrap();
    assert_eq!(app.stranger().post(&format!("{mine}/data/erasure"), &[("confirm", "yes")]).await.status, 303);
    assert_eq!(app.stranger().get(&format!("{theirs}/photos/1")).await.status, 200);
}

#[actix_web::test]
async fn ten_corrections_and_a_deletion_at_once_leave_nothing_behind() {
    let app = TestApp::start().await;
    let page = report(&app, "灯坏了").await;
    let mut sends = Vec::new();
    for number in 0..10 {
        let (client, path) = (app.stranger(), format!("{page}/data/correction"));
        sends.push(actix_web::rt::spawn(async move {
            let phone = format!("1390000{number:04}");
            client.post(&path, &[("phone", phone.as_str())]).await.status
        }));
    }
    let erased = app.stranger().post(&format!("{page}/data/erasure"), &[("confirm", "yes")]).await;
    assert_eq!(erased.status, 303);
    for send in sends {
        assert_eq!(send.await.unwrap(), 303);
    }
    let ticket = latest(&app).await;
    let history = app
        .read({
            let ticket = ticket.clone();
            move |tx| tickets::history(tx, &Actor::resident(ticket.community_id), &ticket)
        })
        .await;
    let acts: Vec<&str> = history.iter().map(|event| event.act.as_str()).collect();
    // What was corrected after the deletion was given anew; what came before is gone.
    assert_eq!(ticket.phone_sealed.is_some(), acts.last() == Some(&"correct"), "{acts:?}");
    assert_eq!((acts.len(), ticket.events), (12, 12));
}

#[actix_web::test]
async fn a_handling_party_without_consent_reads_neither_phone_nor_words() {
    let app = TestApp::start().await;
    let ticket = app
        .write({
            let (keys, world) = (app.parts.keys.clone(), app.home().clone());
            move |tx| {
                let submission = tickets::Submission {
                    id: louma::db::Id::new(),
                    channel: tickets::Channel::Scan,
                    code: None,
                    place: world.units[0].0.clone(),
                    spot_note: String::new(),
                    level1: "01".into(),
                    category: None,
                    kind: None,
                    text: Note::parse("text", "打13812341234", "")?,
                    hazard: false,
                    reach: None,
                    person: tickets::Person::default(),
                    photos: Vec::new(),
                    notice_version: "1".into(),
                    called_at: None,
                };
                tickets::submit(tx, &keys, &Actor::resident(world.community.id), &world.community, submission)
            }
        })
        .await;
    let id = ticket.id;
    let lead = app.home().property.id;
    app.write(move |tx| {
        use diesel::prelude::*;
        use louma::schema::tickets::dsl;
        let row = dsl::tickets.filter(dsl::id.eq(id));
        diesel::update(row)
            .set((dsl::lead_id.eq(lead), dsl::dispatched_at.eq(tx.now), dsl::status.eq("in_progress")))
            .execute(tx.conn)?;
        Ok(())
    })
    .await;
    let handler = app.as_(Role::Handler);
    let shown =
        handler.post_json(&format!("/api/v1/tickets/{id}/reveals"), json!({ "reason": "上门" })).await;
    assert_eq!(shown.status, 403, "{}", shown.body);
}
