//! Scan, report, follow: what a resident meets, and what bad luck and bad input get.

use louma::people::{Actor, Role};
use louma::tickets::steps::{self, Closure, Seen};
use louma::tickets::{self, Level, Note, Outcome, Status, Ticket};

use crate::harness::{TestApp, jpeg};

const KEY: &str = "0123456789abcdef0123456789abcdef";

async fn count(app: &TestApp) -> usize {
    use diesel::prelude::*;
    app.read(|tx| Ok(louma::schema::tickets::table.count().get_result::<i64>(tx.conn)?)).await as usize
}

fn good() -> Vec<(&'static str, &'static str)> {
    vec![("category", "01"), ("text", "二层楼道灯不亮"), ("phone", "100 1234 5678"), ("idempotency_key", KEY)]
}

async fn latest(app: &TestApp) -> Ticket {
    use diesel::prelude::*;
    use louma::schema::tickets::dsl;
    app.read(|tx| Ok(dsl::tickets.order(dsl::id.desc()).select(Ticket::as_select()).first(tx.conn)?)).await
}

#[actix_web::test]
async fn a_scan_shows_the_form_of_exactly_that_door_within_fifty_kilobytes() {
    let app = TestApp::start().await;
    let page = app.stranger().get(&app.door()).await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("天宫院中里 3号楼2单元</h1>"), "{}", page.body);
    assert!(page.body.contains(r#"name="idempotency_key" value="""#), "the ready-made page carries no key");
    assert!(!page.body.contains("<script>") && !page.body.contains("style="), "no inline script or style");
    assert!(page.body.len() < 50_000);
    let lower = app.stranger().get(&app.door().to_lowercase()).await;
    assert_eq!((lower.status, lower.location), (303, app.door()));
}

#[actix_web::test]
async fn a_report_becomes_a_ticket_that_its_reporter_can_follow() {
    let app = TestApp::start().await;
    let sent = app.stranger().post_files(&app.door(), &good(), &[("photo", "a.jpg", &jpeg(1))]).await;
    assert_eq!(sent.status, 303, "{}", sent.body);
    let page = app.stranger().get(&sent.location).await;
    let ticket = latest(&app).await;
    let query_code = app.parts.keys.query_code(ticket.key_version, ticket.id);
    for shown in [
        ticket.number.as_str(),
        &query_code,
        "天宫院中里社区",
        "还剩",
        "010-00000001",
        "二层楼道灯不亮",
        "已收到",
    ] {
        assert!(page.body.contains(shown), "{shown} is missing: {}", page.body);
    }
    assert!(!page.body.contains("10012345678"), "the phone is nobody's to read");
    let photo = page.body.split("/photos/").nth(1).unwrap();
    assert!(photo.starts_with('1'));
    let secret = sent.location.split('?').next().unwrap().to_owned();
    assert_eq!(app.stranger().get(&format!("{secret}/photos/1?size=thumb")).await.status, 200);
    assert_eq!(app.stranger().get(&format!("{secret}/photos/2")).await.status, 404);
}

#[actix_web::test]
async fn neither_secret_nor_query_code_nor_phone_is_stored_in_the_clear() {
    let app = TestApp::start().await;
    let sent = app.stranger().post_files(&app.door(), &good(), &[]).await;
    let secret = sent.location.trim_start_matches("/t/").split('?').next().unwrap().to_owned();
    let ticket = latest(&app).await;
    let code = app.parts.keys.query_code(ticket.key_version, ticket.id);
    let row = format!("{ticket:?}");
    assert!(!row.contains(&secret) && !row.contains(&code) && !row.contains("10012345678"));
    let opened = app.parts.keys.unseal(ticket.id, ticket.phone_sealed.as_deref().unwrap()).unwrap();
    assert_eq!((opened.as_str(), ticket.phone_masked.as_deref()), ("10012345678", Some("100****5678")));
}

#[actix_web::test]
async fn what_is_wrong_is_said_beside_the_field_and_nothing_typed_is_lost() {
    let app = TestApp::start().await;
    let fields = [("text", "灯坏了<b>"), ("phone", "12"), ("idempotency_key", KEY)];
    let page = app
        .stranger()
        .post_files(&app.door(), &fields, &[("photo", "a.jpg", &jpeg(2)), ("photo", "b.jpg", b"text")])
        .await;
    assert_eq!(page.status, 422);
    for shown in ["请选一类", "电话号码好像不对", "灯坏了&#60;b", "b.jpg", KEY] {
        assert!(page.body.contains(shown), "{shown} is missing: {}", page.body);
    }
    // The photo that could be read survived, signed for this door.
    let kept =
        page.body.split(r#"name="kept" value=""#).nth(1).unwrap().split('"').next().unwrap().to_owned();
    let preview = app.stranger().get(&format!("{}/photos/{kept}", app.door())).await;
    assert_eq!(preview.status, 200);
    let elsewhere = format!("/q/{}/photos/{kept}", app.home().units[1].1.code);
    assert_eq!(app.stranger().get(&elsewhere).await.status, 404, "a photo of this door opens at no other");

    let mut again = good();
    again.push(("kept", &kept));
    let sent = app.stranger().post_files(&app.door(), &again, &[]).await;
    assert_eq!(sent.status, 303, "{}", sent.body);
    assert!(app.stranger().get(&sent.location).await.body.contains("/photos/1"));
}

#[actix_web::test]
async fn a_form_sent_ten_times_at_once_is_one_report() {
    let app = TestApp::start().await;
    let sends = (0..10).map(|_| {
        let (client, door) = (app.stranger(), app.door());
        actix_web::rt::spawn(async move { client.post_files(&door, &good(), &[]).await })
    });
    let mut places = Vec::new();
    for send in sends.collect::<Vec<_>>() {
        let answer = send.await.unwrap();
        assert_eq!(answer.status, 303, "{}", answer.body);
        places.push(answer.location);
    }
    places.dedup();
    assert_eq!((places.len(), count(&app).await), (1, 1));
}

#[actix_web::test]
async fn without_a_script_the_same_words_from_the_same_phone_are_one_report() {
    let app = TestApp::start().await;
    let mut fields = good();
    fields.retain(|(name, _)| *name != "idempotency_key");
    let phone = app.stranger();
    phone.get(&app.door()).await;
    let first = phone.post_files(&app.door(), &fields, &[]).await;
    assert_eq!(phone.post_files(&app.door(), &fields, &[]).await.location, first.location);
    let neighbour = app.stranger();
    neighbour.get(&app.door()).await;
    assert_ne!(neighbour.post_files(&app.door(), &fields, &[]).await.location, first.location);
    assert_eq!(count(&app).await, 2);
}

/// As if everything sent so far had been sent so many minutes earlier.
async fn earlier(app: &TestApp, minutes: i64) {
    use diesel::prelude::*;
    use louma::schema::report_keys::dsl;
    app.write(move |tx| {
        let then = tx.now.plus_minutes(-minutes);
        diesel::update(dsl::report_keys).set(dsl::created_at.eq(then)).execute(tx.conn)?;
        Ok(())
    })
    .await;
}

#[actix_web::test]
async fn a_form_that_comes_back_with_a_new_key_is_the_same_report_for_ten_minutes() {
    let app = TestApp::start().await;
    let phone = app.stranger();
    phone.get(&app.door()).await;
    let send = async |number: u8, words: &'static str| {
        let key = format!("key-number-{number:021}");
        let mut fields = good();
        (fields[1], fields[3]) = (("text", words), ("idempotency_key", key.as_str()));
        let answer = phone.post_files(&app.door(), &fields, &[]).await;
        (answer.status, answer.location)
    };
    let first = send(1, "二层楼道灯不亮").await;
    assert_eq!(first.0, 303);
    assert_eq!(send(2, "二层楼道灯不亮").await, first, "back, and sent again");
    assert_eq!(send(2, "二层楼道灯不亮").await, first, "the new key leads there too");
    assert_eq!(send(2, "另外一件事").await.0, 409, "and is spent");
    assert_eq!(count(&app).await, 1);
    let other = send(3, "另外一件事").await;
    assert!(other.0 == 303 && other.1 != first.1, "other words are another report");

    earlier(&app, 11).await;
    let later = send(4, "二层楼道灯不亮").await;
    assert!(later.0 == 303 && later.1 != first.1, "after ten minutes it happened again");
    assert_eq!(send(5, "二层楼道灯不亮").await, later);
    assert_eq!(send(1, "二层楼道灯不亮").await, first, "a key that was spent names its report for ever");
    assert_eq!(count(&app).await, 3);
}

#[actix_web::test]
async fn the_same_words_sent_by_ten_forms_of_one_phone_at_once_are_one_report() {
    let app = TestApp::start().await;
    let phone = app.stranger();
    phone.get(&app.door()).await;
    let sends = (0..10).map(|number| {
        let (phone, door) = (phone.clone(), app.door());
        actix_web::rt::spawn(async move {
            let key = format!("key-number-{number:021}");
            let mut fields = good();
            fields[3] = ("idempotency_key", &key);
            phone.post_files(&door, &fields, &[]).await.location
        })
    });
    let mut places = Vec::new();
    for send in sends.collect::<Vec<_>>() {
        places.push(send.await.unwrap());
    }
    places.dedup();
    assert_eq!((places.len(), count(&app).await), (1, 1), "{places:?}");

    let neighbour = app.stranger();
    neighbour.get(&app.door()).await;
    let mut fields = good();
    fields[3] = ("idempotency_key", "the-key-of-the-neighbour");
    let other = neighbour.post_files(&app.door(), &fields, &[]).await;
    assert!(other.status == 303 && other.location != places[0], "the neighbour's report is another");
}

#[actix_web::test]
async fn a_spent_key_with_other_words_is_refused_and_the_words_stay() {
    let app = TestApp::start().await;
    app.stranger().post_files(&app.door(), &good(), &[]).await;
    let mut other = good();
    other[1] = ("text", "另外一件事：门禁坏了");
    let page = app.stranger().post_files(&app.door(), &other, &[]).await;
    assert_eq!(page.status, 409);
    assert!(page.body.contains("另外一件事：门禁坏了") && page.body.contains("交过一次"));
    let fresh =
        page.body.split(r#"name="idempotency_key" value=""#).nth(1).unwrap().split('"').next().unwrap();
    assert!(fresh.len() == 32 && fresh != KEY);
    let mut again = other.clone();
    let fresh = fresh.to_owned();
    again[3] = ("idempotency_key", &fresh);
    assert_eq!(app.stranger().post_files(&app.door(), &again, &[]).await.status, 303);
    assert_eq!(count(&app).await, 2);
}

#[actix_web::test]
async fn bad_input_gets_its_sentence_and_its_status() {
    let app = TestApp::start().await;
    let (client, door) = (app.stranger(), app.door());
    assert_eq!(client.get("/q/AAAAAAAAAA").await.status, 404);
    assert_eq!(client.get("/q/%3Cscript%3E").await.status, 404);
    assert_eq!(client.get("/t/AAAAnonsense").await.status, 404);
    assert_eq!(client.get("/t/x").await.status, 404);
    assert_eq!(client.get("/nothing").await.status, 404);

    let mut long = good();
    let words = "灯".repeat(10_000);
    long[1] = ("text", &words);
    let page = client.post_files(&door, &long, &[]).await;
    assert!(
        page.status == 422
            && page.body.contains("最多 2000 字，现在是 10000 字")
            && page.body.contains(&words)
    );

    let mut rare = good();
    rare[1] = ("text", "電梯壞了🛗，𠮷字和emoji👨‍👩‍👧都要在");
    let sent = client.post_files(&door, &rare, &[]).await;
    assert!(client.get(&sent.location).await.body.contains("電梯壞了🛗，𠮷字和emoji👨‍👩‍👧都要在"));

    let huge = vec![0xff; 30 << 20];
    let mut fields = good();
    fields[3] = ("idempotency_key", "another-key-of-this-test");
    let page = client.post_files(&door, &fields, &[("photo", "big.jpg", &huge)]).await;
    let shown = client.get(&page.location).await.body;
    assert!(
        page.status == 303 && shown.contains("超过 10 MB") && shown.contains("二层楼道灯不亮"),
        "{shown}"
    );
    let page = client.post_files(&door, &fields, &[("photo", "wide.png", &wide_png())]).await;
    assert!(
        page.status == 303 && client.get(&page.location).await.body.contains("wide.png"),
        "{}",
        page.body
    );
    let mut bare = good();
    bare.clear();
    assert_eq!(client.post_files(&door, &bare, &[]).await.status, 422);
}

/// A PNG that says it is 20,000 pixels wide.
fn wide_png() -> Vec<u8> {
    let picture = image::GrayImage::from_pixel(20_000, 2, image::Luma([200]));
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

#[actix_web::test]
async fn a_browser_that_comes_from_another_site_is_refused() {
    let app = TestApp::start().await;
    let forged = app
        .stranger()
        .request(reqwest::Method::POST, "/t")
        .header("sec-fetch-site", "cross-site")
        .form(&good());
    assert_eq!(crate::harness::send(forged).await.status, 403);
    let forged = app
        .stranger()
        .request(reqwest::Method::POST, "/t")
        .header("origin", "https://evil.example")
        .form(&good());
    assert_eq!(crate::harness::send(forged).await.status, 403);
}

#[actix_web::test]
async fn number_and_query_code_together_open_the_page_and_the_number_alone_nothing() {
    let app = TestApp::start().await;
    app.stranger().post_files(&app.door(), &good(), &[]).await;
    let ticket = latest(&app).await;
    let code = app.parts.keys.query_code(ticket.key_version, ticket.id);
    let client = app.stranger();
    let right = client.post("/t", &[("number", &ticket.number.to_lowercase()), ("query_code", &code)]).await;
    assert_eq!(right.status, 303);
    assert_eq!(client.get(&right.location).await.status, 200);
    let alone = client.post("/t", &[("number", &ticket.number), ("query_code", "")]).await;
    assert!(alone.status == 422 && alone.body.contains("对不上"));
    let mut statuses = Vec::new();
    for _ in 0..12 {
        statuses
            .push(client.post("/t", &[("number", &ticket.number), ("query_code", "22222222")]).await.status);
    }
    assert_eq!(statuses.last(), Some(&429), "{statuses:?}");
}

/// Brings the latest ticket to its closing, as the staff do.
async fn closed(app: &TestApp) -> Ticket {
    let ticket = latest(app).await;
    let worker = Actor {
        role: Role::CommunityWorker,
        staff_id: Some(app.staff(Role::CommunityWorker)),
        name: "社区工作者 01".into(),
        ..Actor::resident(ticket.community_id)
    };
    app.write(move |tx| {
        let ticket = steps::accept(tx, &worker, Seen { id: ticket.id, version: ticket.version })?;
        let closure = Closure {
            result: Outcome::Solved,
            text: Note::parse("text", "换了新灯泡", "")?,
            level: Level::Community,
            photos: Vec::new(),
        };
        steps::close(tx, &worker, Seen { id: ticket.id, version: ticket.version }, closure)
    })
    .await
}

#[actix_web::test]
async fn after_closing_the_resident_answers_three_questions_or_asks_once_more() {
    let app = TestApp::start().await;
    let client = app.stranger();
    let sent = client.post_files(&app.door(), &good(), &[]).await;
    let page = sent.location.split('?').next().unwrap().to_owned();
    closed(&app).await;
    let shown = client.get(&page).await.body;
    assert!(shown.contains("换了新灯泡") && shown.contains("您满意吗") && shown.contains("再办一次"));

    let half = client.post(&format!("{page}/answer"), &[("contacted", "yes"), ("comment", "还行")]).await;
    assert!(half.status == 422 && half.body.contains("还行") && half.body.contains("事情解决了吗"));
    let empty = client.post(&format!("{page}/rework"), &[("reason", "")]).await;
    assert_eq!(empty.status, 422);
    let again = client.post(&format!("{page}/rework"), &[("reason", "又不亮了")]).await;
    assert_eq!(again.status, 303, "{}", again.body);
    let ticket = latest(&app).await;
    assert_eq!((ticket.status, ticket.rounds), (Status::InProgress, 1));
    assert_eq!(client.post(&format!("{page}/withdrawal"), &[("confirm", "yes")]).await.status, 409);
}

#[actix_web::test]
async fn solved_is_what_the_resident_says_and_not_what_was_closed() {
    let app = TestApp::start().await;
    let client = app.stranger();
    let sent = client.post_files(&app.door(), &good(), &[]).await;
    let page = sent.location.split('?').next().unwrap().to_owned();
    assert_eq!(closed(&app).await.solved, None);
    let answers = [("contacted", "no"), ("solved", "no"), ("satisfied", "satisfied")];
    assert_eq!(client.post(&format!("{page}/answer"), &answers).await.status, 303);
    let ticket = latest(&app).await;
    assert_eq!(
        (ticket.status, ticket.contacted, ticket.solved, ticket.satisfied),
        (Status::Archived, Some(false), Some(false), Some(tickets::Satisfaction::Satisfied))
    );
}

#[actix_web::test]
async fn a_scan_is_counted_once_for_a_phone_a_code_and_a_day() {
    use diesel::prelude::*;
    let app = TestApp::start().await;
    let phone = app.stranger();
    for _ in 0..3 {
        phone.get(&app.door()).await;
    }
    app.stranger().get(&app.door()).await;
    app.parts.scans.flush(&app.parts.db).await;
    phone.get(&app.door()).await;
    app.parts.scans.flush(&app.parts.db).await;
    let scans = app.read(|tx| Ok(louma::schema::scans::table.count().get_result::<i64>(tx.conn)?)).await;
    assert_eq!(scans, 2);
}
