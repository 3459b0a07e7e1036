//! Who hears of what, through HTTP: the bell, and messages as the other end gets them.
//!
//! The other end is a real server on this machine: [`double`] speaks the protocols of the chats, `tests/smtp` is an SMTP
//! server in Python. [`killed`] runs the program itself.

mod by_name;
pub mod double;
mod killed;
mod mail;
mod manage;
mod robots;

use std::time::{Duration, Instant};

use diesel::prelude::*;
use louma::db::{Id, Time, Tx};
use louma::people::{Actor, Role};
use louma::routing::Kind;
use louma::schema::{deliveries, notices, outbox, tickets};
use louma::tickets::{self as desk, Channel, Note, Person, Phone, Submission, Ticket};
use serde_json::{Value, json};

use self::double::{Double, SECRET};
use crate::harness::{TestApp, World};

/// Waits until something is so; says what it waited for where it never becomes so.
pub async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "never: {what}");
        actix_web::rt::time::sleep(Duration::from_millis(50)).await;
    }
}

/// A server that may send to this machine.
pub async fn app() -> TestApp {
    TestApp::start_with(&[("notice_hosts", "127.0.0.1".into())]).await
}

/// A report of a resident with a name, a phone and words of their own, in a community, at its `door`.
pub fn report(
    tx: &mut Tx,
    keys: &louma::keys::Keys,
    (world, door): (&World, usize),
    (category, kind): (Option<&str>, Option<Kind>),
) -> louma::error::Result<Ticket> {
    let submission = Submission {
        id: Id::new(),
        channel: Channel::Scan,
        code: None,
        place: world.units[door].0.clone(),
        spot_note: "王奶奶家门口".into(),
        level1: category.map_or("01", |code| &code[..2]).to_owned(),
        category: category.map(str::to_owned),
        kind,
        text: Note::parse("text", "灯坏了，我叫李四，电话13812341234", "")?,
        hazard: false,
        reach: None,
        person: Person {
            name: Some("李四".into()),
            phone: Phone::parse("phone", "13812341234")?,
            ..Person::default()
        },
        photos: Vec::new(),
        notice_version: "1".into(),
        called_at: None,
    };
    desk::submit(tx, keys, &Actor::resident(world.community.id), &world.community, submission)
}

/// Some reports at the first door, in one transaction.
pub async fn reports(
    app: &TestApp,
    count: usize,
    about: (Option<&'static str>, Option<Kind>),
) -> Vec<Ticket> {
    let (world, keys) = (app.home().clone(), app.parts.keys.clone());
    app.write(move |tx| (0..count).map(|_| report(tx, &keys, (&world, 0), about)).collect()).await
}

/// Makes a channel and returns it.
pub async fn channel(app: &TestApp, channel: Value) -> Value {
    let made = app.as_(Role::CommunityLead).post_json("/api/v1/channels", channel).await;
    assert_eq!(made.status, 201, "{}", made.body);
    made.json()
}

/// Makes a webhook without a night's rest.
pub async fn webhook(app: &TestApp, double: &Double) -> Value {
    channel(app, json!({ "kind": "webhook", "name": "街道大屏", "url": format!("{}/hook", double.url) }))
        .await
}

/// Lets messages leave at every hour, so that a test says the same by day and by night.
pub async fn no_rest(app: &TestApp) {
    let rules = json!({ "rules": { "from_minute": 0, "until_minute": 0 } });
    let set =
        app.as_(Role::CommunityLead).send_json(reqwest::Method::PUT, "/api/v1/settings/quiet", rules).await;
    assert_eq!(set.status, 204, "{}", set.body);
}

/// The deliveries of the community, latest first.
pub async fn sent(app: &TestApp) -> Vec<Value> {
    let page = app.as_(Role::CommunityLead).get("/api/v1/deliveries").await;
    page.json()["entries"].as_array().unwrap().clone()
}

/// Waits until every line of the outbox is told.
pub async fn told(app: &TestApp) {
    until("everything is told", async || {
        let waiting: i64 = app.read(|tx| Ok(outbox::table.count().get_result(tx.conn)?)).await;
        (waiting == 0).then_some(())
    })
    .await;
}

async fn unread(app: &TestApp, role: Role) -> i64 {
    app.as_(role).get("/api/v1/notices").await.json()["unread"].as_i64().unwrap()
}

#[actix_web::test]
async fn the_bell_rings_for_whom_it_concerns_until_they_have_looked() {
    let app = app().await;
    let ticket = &reports(&app, 1, (Some("0101"), None)).await[0];
    told(&app).await;
    for (role, count) in
        [(Role::CommunityWorker, 1), (Role::CommunityLead, 1), (Role::GridWorker, 1), (Role::Handler, 0)]
    {
        assert_eq!(unread(&app, role).await, count, "{role}");
    }
    let page = app.as_(Role::CommunityWorker).get("/console/notices").await;
    assert!(page.body.contains("新诉求") && page.body.contains(&ticket.number), "{}", page.body);
    let bell = app.as_(Role::CommunityWorker).get("/console/bell").await;
    assert!(bell.body.contains("data-unread=\"1\""), "{}", bell.body);
    let inbox = app.as_(Role::CommunityWorker).get("/console").await;
    assert!(inbox.body.contains("有 1 条提醒您还没有看过"));
    assert_eq!(app.as_(Role::CommunityWorker).post("/console/bell/seen", &[]).await.status, 303);
    assert_eq!((unread(&app, Role::CommunityWorker).await, unread(&app, Role::CommunityLead).await), (0, 1));

    // Given to the party: its people hear of it, and whoever gave it does not.
    let act = |noun: &str| format!("/api/v1/tickets/{}/{noun}", ticket.id);
    let worker = app.as_(Role::CommunityWorker);
    assert_eq!(worker.post_json(&act("acceptance"), json!({ "version": 1 })).await.status, 200);
    let given = worker.post_json(&act("dispatch"), json!({ "version": 2 })).await;
    assert_eq!(given.status, 200, "{}", given.body);
    told(&app).await;
    assert_eq!((unread(&app, Role::Handler).await, unread(&app, Role::CommunityWorker).await), (1, 0));
    // Given back: the desk hears of it.
    let back = json!({ "version": 3, "cause": "not_ours", "reason": "不归我们" });
    let back = app.as_(Role::Handler).post_json(&act("return"), back).await;
    assert_eq!(back.status, 204, "given back, it is out of their sight: {}", back.body);
    told(&app).await;
    assert_eq!((unread(&app, Role::CommunityWorker).await, unread(&app, Role::CommunityLead).await), (1, 2));
}

#[actix_web::test]
async fn the_bell_shows_pages_each_event_once() {
    let app = app().await;
    let made = reports(&app, 70, (Some("0101"), None)).await;
    told(&app).await;
    let (mut after, mut numbers) = (String::new(), Vec::new());
    loop {
        let page = app.as_(Role::CommunityLead).get(&format!("/api/v1/notices?after={after}")).await.json();
        for line in page["page"]["lines"].as_array().unwrap() {
            numbers.push(line["number"].as_str().unwrap().to_owned());
        }
        match page["page"]["next"].as_str() {
            Some(next) => after = next.to_owned(),
            None => break,
        }
    }
    let mut wanted: Vec<String> = made.into_iter().map(|ticket| ticket.number).collect();
    wanted.sort();
    numbers.sort();
    assert_eq!(numbers, wanted);
}

#[actix_web::test]
async fn each_chat_takes_the_message_in_and_learns_nothing_of_the_reporter() {
    let (app, double) = (app().await, Double::start());
    no_rest(&app).await;
    let paths = [
        ("wecom", "/cgi-bin/webhook/send", "?key=good"),
        ("dingtalk", "/robot/send", "?access_token=good"),
        ("feishu", "/open-apis/bot/v2/hook/good", ""),
    ];
    for (kind, path, query) in paths {
        let url = format!("{}{path}{query}", double.url);
        channel(&app, json!({ "kind": kind, "name": kind, "url": url, "secret": SECRET })).await;
    }
    let ticket = &reports(&app, 1, (Some("0101"), None)).await[0];
    for (kind, path, _) in paths {
        let seen = until(kind, async || double.at(path).pop()).await;
        let words = seen.words();
        for part in
            [ticket.number.as_str(), "新诉求", "天宫院中里 3号楼2单元", "楼道灯", "期限", "/console/tickets/"]
        {
            assert!(words.contains(part), "{kind}: {part}: {words}");
        }
        for secret in ["李四", "灯坏了", "王奶奶", "13812341234"] {
            assert!(!seen.body.contains(secret), "{kind}: {secret}: {}", seen.body);
        }
        // Nor a part of the phone; the digits of the number, of the link and of a signature are not the resident's.
        let told = words.replace(&ticket.number, "").replace(&ticket.id.to_string(), "");
        for part in ["138", "1234"] {
            assert!(!told.contains(part), "{kind}: {part}: {told}");
        }
    }
    until("all are sent", async || {
        let sent = sent(&app).await;
        (sent.len() == 3 && sent.iter().all(|entry| entry["state"] == "sent")).then_some(())
    })
    .await;
}

#[actix_web::test]
async fn a_chat_that_has_too_much_or_knows_no_such_signature_is_tried_again_later() {
    let (app, double) = (app().await, Double::start());
    no_rest(&app).await;
    for (kind, path, secret) in [
        ("wecom", "/cgi-bin/webhook/send?key=busy", ""),
        ("dingtalk", "/robot/send?access_token=busy", SECRET),
        ("feishu", "/open-apis/bot/v2/hook/x", "another secret"),
    ] {
        let url = format!("{}{path}", double.url);
        channel(&app, json!({ "kind": kind, "name": kind, "url": url, "secret": secret })).await;
    }
    reports(&app, 1, (Some("0101"), None)).await;
    let entries = until("all three have answered", async || {
        let entries = sent(&app).await;
        (entries.len() == 3 && entries.iter().all(|entry| entry["answer"] != "")).then_some(entries)
    })
    .await;
    let now = louma::db::now();
    for (kind, words, least, most) in
        [("wecom", "太频繁", 40, 61), ("dingtalk", "太频繁", 500, 601), ("feishu", "签名不对", 5, 31)]
    {
        let entry = entries.iter().find(|entry| entry["kind"] == kind).unwrap();
        assert!(entry["answer"].as_str().unwrap().contains(words) && entry["state"] == "waiting", "{entry}");
        let due: Time = serde_json::from_value(entry["due_at"].clone()).unwrap();
        let wait = (due.0 - now.0).num_seconds();
        assert!((least..=most).contains(&wait), "{kind} waits {wait} s");
    }
    // The ticket is as it was, and the robot is left alone.
    assert_eq!(double.count(), 3);
    let page = app.as_(Role::CommunityLead).get("/console/channels/deliveries").await;
    assert!(page.body.contains("签名不对") && page.body.contains("再发"));
}

#[actix_web::test]
async fn a_burst_is_one_message_and_the_next_keeps_its_distance() {
    let (app, double) = (app().await, Double::start());
    no_rest(&app).await;
    let url = format!("{}/cgi-bin/webhook/send?key=good", double.url);
    channel(&app, json!({ "kind": "wecom", "name": "工作群", "url": url })).await;
    let made = reports(&app, 30, (Some("0101"), None)).await;
    let first = until("the digest", async || double.seen().pop()).await.words();
    assert!(first.starts_with("共 30 条提醒") && first.len() <= 4096, "{first}");
    assert!(first.contains("还有 ") && first.contains("/console/notices"), "{first}");
    assert!(made.iter().any(|ticket| first.contains(&ticket.number)));
    until("all thirty are sent", async || {
        let entries = sent(&app).await;
        entries.iter().all(|entry| entry["state"] == "sent").then_some(())
    })
    .await;
    reports(&app, 2, (Some("0101"), None)).await;
    let second =
        until("the next", async || (double.count() == 2).then(|| double.seen().pop().unwrap())).await;
    assert!(second.words().starts_with("共 2 条提醒"));
    // Twenty a minute are one in three seconds, from claim to claim; the first one may have taken a while to arrive.
    let apart = second.at - double.seen()[0].at;
    assert!(apart > Duration::from_secs(1), "{apart:?}");
}

#[actix_web::test]
async fn a_webhook_can_be_verified_by_its_signature_and_keeps_its_id_when_it_is_sent_again() {
    use base64::Engine;
    let (app, double) = (app().await, Double::start());
    let made = webhook(&app, &double).await;
    let secret = made["secret"].as_str().unwrap().to_owned();
    let ticket = reports(&app, 1, (Some("0101"), None)).await.remove(0);
    let first = until("the call", async || double.at("/hook").pop()).await;
    let entry =
        until("it is recorded", async || sent(&app).await.into_iter().find(|entry| entry["state"] == "sent"))
            .await;
    let key =
        base64::engine::general_purpose::STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
    let signed =
        format!("{}.{}.{}", first.headers["webhook-id"], first.headers["webhook-timestamp"], first.body);
    let wanted = base64::engine::general_purpose::STANDARD.encode(double::mac(&key, signed.as_bytes()));
    assert_eq!(first.headers["webhook-signature"], format!("v1,{wanted}"));
    let (body, now) = (first.json(), louma::db::now().0.timestamp());
    assert!((now - first.headers["webhook-timestamp"].parse::<i64>().unwrap()).abs() < 60);
    assert_eq!(
        (body["type"].as_str(), body["data"]["number"].as_str()),
        (Some("ticket.new"), Some(ticket.number.as_str()))
    );
    assert!(
        !first.body.contains("李四") && !first.body.contains("13812341234") && !first.body.contains("灯坏了")
    );
    // The secret is told once.
    let list = app.as_(Role::CommunityLead).get("/api/v1/channels").await;
    assert!(!list.body.contains("whsec_") && list.body.contains("127.0.0.1"));

    let again = format!("/console/channels/deliveries/{}/resend", entry["id"].as_str().unwrap());
    assert_eq!(app.as_(Role::CommunityLead).post(&again, &[]).await.status, 303);
    let second =
        until("it came again", async || (double.count() == 2).then(|| double.seen().pop().unwrap())).await;
    assert_eq!(second.headers["webhook-id"], first.headers["webhook-id"]);
    assert_eq!(second.body, first.body);
}

#[actix_web::test]
async fn in_quiet_hours_only_what_is_most_urgent_leaves() {
    let (app, double) = (app().await, Double::start());
    let minute = |time: Time| {
        use chrono::Timelike;
        (time.local().hour() * 60 + time.local().minute()) as i32
    };
    let now = louma::db::now();
    let (from, until_minute) = (minute(now.plus_minutes(-60)), minute(now.plus_minutes(120)));
    let rules = json!({ "rules": { "from_minute": from, "until_minute": until_minute } });
    let lead = app.as_(Role::CommunityLead);
    assert_eq!(lead.send_json(reqwest::Method::PUT, "/api/v1/settings/quiet", rules).await.status, 204);
    let url = format!("{}/cgi-bin/webhook/send?key=good", double.url);
    channel(&app, json!({ "kind": "wecom", "name": "工作群", "url": url })).await;
    let calm = reports(&app, 1, (Some("0101"), None)).await.remove(0);
    told(&app).await;
    let urgent = reports(&app, 1, (Some("0201"), None)).await.remove(0);
    let woken = until("the urgent one", async || double.seen().pop()).await.words();
    assert!(woken.contains(&urgent.number) && !woken.contains(&calm.number), "{woken}");
    let entries = sent(&app).await;
    let waiting = entries.iter().find(|entry| entry["number"] == calm.number.as_str()).unwrap();
    let due: Time = serde_json::from_value(waiting["due_at"].clone()).unwrap();
    assert_eq!((waiting["state"].as_str(), minute(due)), (Some("waiting"), until_minute));
    assert!(due > now && (due.0 - now.0).num_minutes() <= 121, "{waiting}");
}

#[actix_web::test]
async fn a_tip_off_enters_no_group_chat() {
    let (app, double) = (app().await, Double::start());
    no_rest(&app).await;
    let url = format!("{}/cgi-bin/webhook/send?key=good", double.url);
    channel(&app, json!({ "kind": "wecom", "name": "工作群", "url": url })).await;
    reports(&app, 1, (Some("0101"), Some(Kind::TipOff))).await;
    let open = reports(&app, 1, (Some("0101"), None)).await.remove(0);
    let words = until("the open one", async || double.seen().pop()).await.words();
    assert!(
        words.contains(&open.number) && words.starts_with("【新诉求】"),
        "one, not a digest of two: {words}"
    );
    assert_eq!(sent(&app).await.len(), 1);
    assert_eq!(unread(&app, Role::CommunityLead).await, 2);
}

#[actix_web::test]
async fn what_fails_for_a_day_is_given_up_visibly_and_sent_when_somebody_asks() {
    let (app, double) = (app().await, Double::start());
    let broken = json!({ "kind": "webhook", "name": "大屏", "url": format!("{}/broken", double.url) });
    let made = channel(&app, broken).await;
    reports(&app, 1, (Some("0101"), None)).await;
    until("the first attempt", async || {
        sent(&app)
            .await
            .iter()
            .any(|entry| entry["answer"].as_str().unwrap().contains("HTTP 500"))
            .then_some(())
    })
    .await;
    // A day later.
    app.write(|tx| {
        let (yesterday, now) = (tx.now.plus_minutes(-1441), tx.now);
        diesel::update(deliveries::table)
            .set((deliveries::begun_at.eq(yesterday), deliveries::due_at.eq(now)))
            .execute(tx.conn)?;
        Ok(())
    })
    .await;
    let failed = until("it is given up", async || {
        sent(&app).await.into_iter().find(|entry| entry["state"] == "failed")
    })
    .await;
    let page = app.as_(Role::CommunityLead).get("/console/channels/deliveries").await.body;
    assert!(page.contains("没有发出") && page.contains("对方的系统出错") && page.contains("现在就发"));
    let attempts = double.count();
    let change = json!({ "name": "大屏", "url": format!("{}/hook", double.url) });
    let path = format!("/api/v1/channels/{}", made["id"].as_str().unwrap());
    let lead = app.as_(Role::CommunityLead);
    assert_eq!(lead.send_json(reqwest::Method::PUT, &path, change).await.status, 200);
    let again = format!("/api/v1/deliveries/{}/resend", failed["id"].as_str().unwrap());
    assert_eq!(lead.post_json(&again, json!({})).await.status, 204);
    let seen = until("it came", async || double.at("/hook").pop()).await;
    assert_eq!(
        seen.headers["webhook-id"],
        format!("msg_{}", failed["id"].as_str().unwrap().replace('-', ""))
    );
    assert_eq!(double.count(), attempts + 1);
    // Nothing of this touched the ticket.
    let events: Vec<i32> = app.read(|tx| Ok(tickets::table.select(tickets::events).load(tx.conn)?)).await;
    assert_eq!(events, [1]);
}

#[actix_web::test]
async fn what_happened_long_ago_is_told_by_the_bell_alone_and_of_the_demonstration_not_at_all() {
    let (app, double) = (app().await, Double::start());
    webhook(&app, &double).await;
    let (worlds, keys) = (app.worlds.clone(), app.parts.keys.clone());
    app.write(move |tx| {
        use louma::schema::communities::dsl;
        let staged = dsl::communities.find(worlds[1].community.id);
        diesel::update(staged).set(dsl::demo.eq(true)).execute(tx.conn)?;
        let now = tx.now.plus_minutes(-25 * 60);
        let mut then = Tx { conn: &mut *tx.conn, now };
        for (world, count) in [(&worlds[0], 150), (&worlds[1], 250)] {
            for _ in 0..count {
                report(&mut then, &keys, (world, 0), (Some("0101"), None))?;
            }
        }
        Ok(())
    })
    .await;
    let fresh = reports(&app, 1, (Some("0101"), None)).await.remove(0);
    let seen = until("the fresh one", async || double.at("/hook").pop()).await;
    told(&app).await;
    assert_eq!(seen.json()["data"]["number"], fresh.number.as_str());
    let rows: (i64, i64) = app
        .read(|tx| {
            Ok((notices::table.count().get_result(tx.conn)?, deliveries::table.count().get_result(tx.conn)?))
        })
        .await;
    assert_eq!((rows, double.count()), ((2 * 151, 1), 1), "desk and grid in the bell of each, one call");
    assert_eq!(unread(&app, Role::CommunityWorker).await, 100, "as many as are counted");
}
