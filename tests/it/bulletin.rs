//! The bulletin: what everybody may read of what was solved, who lets them, and how it vanishes again.

use louma::people::Role;
use louma::tickets::steps::{self, Seen};
use louma::tickets::{Note, Ticket};
use serde_json::json;

use crate::after::{report, solve, staff, ticket};
use crate::harness::{Client, TestApp};

const WORDS: &str = "更换了二层声控灯，当晚恢复照明";

/// A solved report with consent, by the address of its page and as a ticket.
async fn solved(app: &TestApp, category: &'static str) -> (String, Ticket) {
    let page = report(app, &app.stranger(), &[("publish", "yes"), ("phone", "")]).await;
    let ticket = solve(app, &page, category).await;
    (page, ticket)
}

fn board(app: &TestApp) -> String {
    format!("/b/{}", app.home().community.token)
}

/// What everybody reads, past what was kept.
async fn read(app: &TestApp) -> String {
    // A month that was asked for otherwise is another page.
    use std::sync::atomic::{AtomicI64, Ordering};
    static NEXT: AtomicI64 = AtomicI64::new(1);
    let far = 4_000_000_000_000_000 + NEXT.fetch_add(1, Ordering::Relaxed);
    let cursor = format!("{far}_{}", uuid::Uuid::nil().simple());
    let page = app.stranger().get(&format!("{}?after={cursor}", board(app))).await;
    assert_eq!(page.status, 200, "{}", page.body);
    page.body
}

async fn drafted(app: &TestApp, ticket: &Ticket) -> serde_json::Value {
    let worker = app.as_(Role::CommunityWorker);
    let path = format!("/api/v1/bulletin/{}", ticket.id);
    let made = worker.send_json(reqwest::Method::PUT, &path, json!({ "sentence": WORDS })).await;
    assert_eq!(made.status, 200, "{}", made.body);
    made.json()
}

async fn publish(client: &Client, ticket: &Ticket, version: &serde_json::Value) -> u16 {
    let path = format!("/api/v1/bulletin/{}/publication", ticket.id);
    client.post_json(&path, json!({ "version": version })).await.status
}

#[actix_web::test]
async fn a_worker_drafts_the_lead_publishes_and_everybody_reads_no_more_than_that() {
    let app = TestApp::start().await;
    let (page, ticket) = solved(&app, "0101").await;
    let (worker, lead) = (app.as_(Role::CommunityWorker), app.as_(Role::CommunityLead));
    let list = worker.get("/console/bulletin").await.body;
    assert!(list.contains(&ticket.number) && list.contains("未起草"), "{list}");
    let entry = format!("/console/bulletin/{}", ticket.id);
    let shown = worker.get(&entry).await.body;
    assert!(shown.contains("王大爷家门口的灯换好了"), "the result helps whoever writes");
    let phone = worker.post(&entry, &[("sentence", "有事打 13912345678 找我")]).await;
    assert!(phone.status == 422 && phone.body.contains("13912345678") && phone.body.contains("不能有电话"));
    assert_eq!(worker.post(&entry, &[("sentence", WORDS)]).await.status, 303);
    assert!(!read(&app).await.contains(WORDS), "a draft is nobody's to read");

    let version = lead.get(&format!("/api/v1/bulletin/{}", ticket.id)).await.json()["version"].clone();
    assert_eq!(publish(&worker, &ticket, &version).await, 403, "the lead publishes");
    assert_eq!(publish(&lead, &ticket, &json!(0)).await, 409, "and only what they saw");
    assert_eq!(publish(&lead, &ticket, &version).await, 200);
    let public = read(&app).await;
    assert!(public.contains(WORDS) && public.contains("天宫院中里 3号楼 ·"), "{public}");
    for hidden in ["王大爷", "二层楼道灯不亮", &ticket.number, "2单元", &ticket.id.to_string(), "居民"]
    {
        assert!(!public.contains(hidden), "{hidden} is public");
    }
    assert!(app.stranger().get(&page).await.body.contains("已在“办结公示”里公开"), "the reporter is told");

    assert_eq!(worker.post(&format!("{entry}/retraction"), &[]).await.status, 303);
    assert!(!read(&app).await.contains(WORDS), "taken back by a worker at any time");
    let json = lead.get(&format!("/api/v1/tickets/{}", ticket.id)).await.json();
    let acts: Vec<_> = json["events"].as_array().unwrap().iter().map(|each| each["act"].clone()).collect();
    assert!(acts.contains(&json!("publish")) && acts.contains(&json!("take_back")));
}

#[actix_web::test]
async fn without_consent_of_a_sensitive_kind_or_not_solved_nothing_can_be_published() {
    let app = TestApp::start().await;
    let worker = app.as_(Role::CommunityWorker);
    let refused = async |id: louma::db::Id, why: &str| {
        let path = format!("/api/v1/bulletin/{id}");
        let answer = worker.send_json(reqwest::Method::PUT, &path, json!({ "sentence": WORDS })).await;
        assert!(answer.status == 409 && answer.body.contains(why), "{why}: {}", answer.body);
    };
    let silent = report(&app, &app.stranger(), &[]).await;
    refused(solve(&app, &silent, "0101").await.id, "没有同意").await;
    let (_, quarrel) = solved(&app, "1104").await;
    refused(quarrel.id, "不公开").await;
    let open = report(&app, &app.stranger(), &[("publish", "yes")]).await;
    refused(ticket(&app, &open).await.id, "还没有办结").await;
    let list = worker.get("/api/v1/bulletin").await.json();
    assert_eq!(list["lines"].as_array().unwrap().len(), 0, "{list}");
    assert_eq!(app.as_(Role::Handler).get("/console/bulletin").await.status, 403);
    let (_, next_door) = solved(&app, "0101").await;
    let elsewhere = louma::db::Id::new();
    assert_eq!(worker.get(&format!("/api/v1/bulletin/{elsewhere}")).await.status, 404);
    assert_eq!(worker.get(&format!("/api/v1/bulletin/{}", next_door.id)).await.status, 200);
}

#[actix_web::test]
async fn work_begun_again_or_consent_withdrawn_takes_an_entry_away_by_itself() {
    use diesel::prelude::*;
    use louma::schema::tickets::dsl;
    let app = TestApp::start().await;
    let lead = app.as_(Role::CommunityLead);
    let (_, ticket) = solved(&app, "0101").await;
    let version = drafted(&app, &ticket).await["version"].clone();
    assert_eq!(publish(&lead, &ticket, &version).await, 200);
    assert!(read(&app).await.contains(WORDS));
    let consent = async |publish: bool| {
        let row = dsl::tickets.find((ticket.community_id, ticket.id));
        app.write(move |tx| Ok(diesel::update(row).set(dsl::publish.eq(publish)).execute(tx.conn)?)).await;
    };
    consent(false).await;
    assert!(!read(&app).await.contains(WORDS));
    consent(true).await;
    assert!(read(&app).await.contains(WORDS));

    let boss = staff(&app, Role::CommunityLead);
    let again = ticket.clone();
    app.write(move |tx| {
        let seen = Seen { id: again.id, version: again.version };
        let open = steps::rework(tx, &boss, seen, &Note::parse("note", "又不亮了", "")?)?;
        let closure = steps::Closure {
            result: louma::tickets::Outcome::Solved,
            text: Note::parse("text", "换了线路", "")?,
            level: louma::tickets::Level::Community,
            photos: Vec::new(),
        };
        steps::close(tx, &boss, Seen { id: open.id, version: open.version }, closure)
    })
    .await;
    assert!(!read(&app).await.contains(WORDS), "it told of the first closing");
    let entry = lead.get(&format!("/api/v1/bulletin/{}", ticket.id)).await.json();
    assert_eq!(entry["state"], "draft", "and is to be published anew");
    let path = format!("/api/v1/bulletin/{}", ticket.id);
    let fresh = lead.send_json(reqwest::Method::PUT, &path, json!({ "sentence": WORDS })).await.json();
    assert_eq!(publish(&lead, &ticket, &fresh["version"]).await, 200);
    assert!(read(&app).await.contains(WORDS));
}

#[actix_web::test]
async fn a_photo_is_public_only_as_it_was_chosen_with_its_areas_covered() {
    let app = TestApp::start().await;
    let (worker, lead) = (app.as_(Role::CommunityWorker), app.as_(Role::CommunityLead));
    let (_, ticket) = solved(&app, "0101").await;
    let original = {
        let ticket = ticket.clone();
        app.read(move |tx| louma::tickets::photos(tx, &ticket)).await[0].photo.clone()
    };
    let entry = format!("/console/bulletin/{}", ticket.id);
    let nothing = worker.post(&format!("{entry}/photos"), &[("seq", "1")]).await;
    assert!(nothing.status == 422 && nothing.body.contains("框出要遮住的地方"));
    let area = [("seq", "1"), ("left", "10"), ("top", "20"), ("width", "30"), ("height", "40")];
    assert_eq!(worker.post(&format!("{entry}/photos"), &area).await.status, 303);
    let more = json!({ "seq": 1, "areas": [{ "left": 60, "top": 60, "width": 10, "height": 10 }] });
    let path = format!("/api/v1/bulletin/{}/photos", ticket.id);
    let chosen = worker.post_json(&path, more).await.json();
    assert_eq!((&chosen["photos"][0]["chosen"], &chosen["photos"][0]["covered"]), (&json!(true), &json!(2)));
    assert_eq!(worker.get(&format!("{entry}/photos/1")).await.status, 200);

    let version = drafted(&app, &ticket).await["version"].clone();
    assert_eq!(publish(&lead, &ticket, &version).await, 200);
    let public = read(&app).await;
    let start = format!("{}/photos/", board(&app));
    let shown = public.split(&start).nth(1).unwrap()[..64].to_owned();
    assert_ne!(shown, original.as_str());
    let request = app.stranger().request(reqwest::Method::GET, &format!("{start}{shown}"));
    let bytes = request.send().await.unwrap().bytes().await.unwrap();
    let picture = image::load_from_memory(&bytes).unwrap().to_rgb8();
    let spread = |left: u32, right: u32, y: u32| {
        let row: Vec<i32> = (left..right).map(|x| i32::from(picture.get_pixel(x, y).0[1])).collect();
        row.iter().max().unwrap() - row.iter().min().unwrap()
    };
    // Covered cells are flat; what lies beside them runs from dark to bright as before.
    assert!(spread(72, 100, 200) < 12 && spread(0, 60, 200) > 12);
    assert_eq!(
        app.stranger().get(&format!("{start}{original}")).await.status,
        404,
        "the original stays inside"
    );

    let left_out = worker.request(reqwest::Method::DELETE, &format!("{path}/1"));
    let left_out = crate::harness::send(left_out.header("x-csrf-token", worker.csrf.clone().unwrap())).await;
    assert_eq!(left_out.status, 200, "{}", left_out.body);
    assert_eq!(
        app.stranger().get(&format!("{start}{shown}")).await.status,
        404,
        "nor what is no longer there"
    );
}

#[actix_web::test]
async fn two_who_cover_one_photo_at_once_never_lose_an_area() {
    let app = TestApp::start().await;
    let (_, ticket) = solved(&app, "0101").await;
    let path = format!("/api/v1/bulletin/{}/photos", ticket.id);
    let sends = (0..6).map(|number| {
        let (worker, path) = (app.as_(Role::CommunityWorker), path.clone());
        let area = json!({ "left": 15 * number, "top": 10, "width": 10, "height": 10 });
        actix_web::rt::spawn(async move {
            worker.post_json(&path, json!({ "seq": 1, "areas": [area] })).await.status
        })
    });
    let mut won = 0;
    for send in sends.collect::<Vec<_>>() {
        match send.await.unwrap() {
            200 => won += 1,
            status => assert_eq!(status, 409),
        }
    }
    let entry = app.as_(Role::CommunityWorker).get(&format!("/api/v1/bulletin/{}", ticket.id)).await.json();
    assert_eq!(entry["photos"][0]["covered"], won, "every area that was taken is covered");
}

#[actix_web::test]
async fn of_ten_leads_at_once_one_publishes_and_an_older_version_never_is() {
    let app = TestApp::start().await;
    let lead = app.as_(Role::CommunityLead);
    let (_, ticket) = solved(&app, "0101").await;
    let old = drafted(&app, &ticket).await["version"].clone();
    let new = drafted(&app, &ticket).await["version"].clone();
    assert_eq!(publish(&lead, &ticket, &old).await, 409);
    let sends = (0..10).map(|_| {
        let (lead, ticket, new) = (lead.clone(), ticket.clone(), new.clone());
        actix_web::rt::spawn(async move { publish(&lead, &ticket, &new).await })
    });
    let mut statuses = Vec::new();
    for send in sends.collect::<Vec<_>>() {
        statuses.push(send.await.unwrap());
    }
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    let json = lead.get(&format!("/api/v1/tickets/{}", ticket.id)).await.json();
    let told = json["events"].as_array().unwrap().iter().filter(|each| each["act"] == "publish").count();
    assert_eq!(told, 1, "the reporter is told once");
}

#[actix_web::test]
async fn small_numbers_of_sensitive_matters_are_hidden_and_cannot_be_subtracted() {
    let app = TestApp::start().await;
    for _ in 0..3 {
        let page = report(&app, &app.stranger(), &[("category", "11"), ("phone", "")]).await;
        solve(&app, &page, "1104").await;
    }
    for _ in 0..2 {
        solved(&app, "0101").await;
    }
    let page = app.stranger().get(&board(&app)).await.body;
    let row = |name: &str| {
        let found = page.split("<tr>").find(|row| row.contains(name)).unwrap_or_else(|| panic!("{page}"));
        let cells = found.split("<td>").skip(1).map(|cell| cell.split('<').next().unwrap().to_owned());
        cells.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(row("房屋与公共设施"), "2 2");
    assert!(row("邻里与治安").contains("5") && !row("邻里与治安").contains('3'), "{}", row("邻里与治安"));
    assert_eq!(row("合计"), "2 2", "the sum leaves out what is hidden");
    assert!(page.contains("只写"));
    for path in ["/b/XXXX", "/b/x", &format!("{}/2019-01", board(&app)), &format!("{}/nonsense", board(&app))]
    {
        assert_eq!(app.stranger().get(path).await.status, 404, "{path}");
    }
    assert!(app.stranger().get(&app.door()).await.body.contains(&board(&app)), "the door leads there");
    assert!(!page.contains(&app.home().community.id.to_string()));
}
