//! The door: what is being handled, 「我也遇到了」, planned works, who one is to the place, and what a worker meets there.

use louma::db::{Id, Tx};
use louma::people::{Actor, Role};
use louma::routing::Kind;
use louma::tickets::steps::{self, Closure, Seen};
use louma::tickets::{self, Channel, Level, Note, Outcome, Person, Status, Submission, Ticket, acts};
use louma::works::{self, NewWork};
use serde_json::json;

use crate::harness::{Client, TestApp, jpeg};

/// A report that the server has not seen before, so that the door is not kept without it.
pub async fn planted(app: &TestApp, door: usize, level1: &'static str, text: &'static str) -> Ticket {
    let (world, keys) = (app.home().clone(), app.parts.keys.clone());
    app.write(move |tx| {
        let submission = Submission {
            id: Id::new(),
            channel: Channel::Scan,
            code: None,
            place: world.units[door].0.clone(),
            spot_note: String::new(),
            level1: level1.into(),
            category: None,
            kind: None,
            text: Note::parse("text", text, "")?,
            hazard: false,
            reach: None,
            person: Person { device_hash: Some(keys.device_hash("the reporter")), ..Person::default() },
            photos: Vec::new(),
            notice_version: "1".into(),
            called_at: None,
        };
        tickets::submit(tx, &keys, &Actor::resident(world.community.id), &world.community, submission)
    })
    .await
}

fn worker(app: &TestApp) -> Actor {
    Actor {
        role: Role::CommunityWorker,
        staff_id: Some(app.staff(Role::CommunityWorker)),
        name: "社区工作者 01".into(),
        ..Actor::resident(app.home().community.id)
    }
}

pub async fn categorized(app: &TestApp, ticket: &Ticket, category: &'static str, kind: Kind) {
    let (actor, id) = (worker(app), ticket.id);
    app.write(move |tx| acts::categorize(tx, &actor, id, category, kind)).await;
}

pub async fn closed(app: &TestApp, ticket: &Ticket) {
    let (actor, id, home) = (worker(app), ticket.id, app.home().community.id);
    app.write(move |tx| {
        let now = tickets::find_own(tx, home, id)?;
        let accepted = match now.status {
            Status::New => steps::accept(tx, &actor, Seen { id, version: now.version })?,
            _ => now,
        };
        let closure = Closure {
            result: Outcome::Solved,
            text: Note::parse("text", "换了灯泡，3单元张三家门口", "")?,
            level: Level::Community,
            photos: Vec::new(),
        };
        steps::close(tx, &actor, Seen { id, version: accepted.version }, closure)
    })
    .await;
}

async fn counted(app: &TestApp) -> (i64, i64) {
    use diesel::prelude::*;
    use louma::schema::{neighbours, tickets};
    app.read(|tx| {
        let tickets = tickets::table.count().get_result(tx.conn)?;
        Ok((tickets, neighbours::table.count().get_result(tx.conn)?))
    })
    .await
}

async fn tap(client: &Client, app: &TestApp, ticket: &Ticket) -> crate::harness::Answer {
    client.post(&format!("{}/joins", app.door()), &[("matter", &ticket.id.to_string())]).await
}

#[actix_web::test]
async fn a_door_says_what_is_being_handled_and_never_who_said_what() {
    let app = TestApp::start().await;
    let shown = planted(&app, 0, "01", "张三家门口灯不亮，电话 13812345678").await;
    let quarrel = planted(&app, 0, "11", "楼上李四半夜吵").await;
    let tip_off = planted(&app, 0, "04", "举报王五私接水管").await;
    categorized(&app, &tip_off, "0401", Kind::TipOff).await;
    let page = app.stranger().get(&app.door()).await.body;
    assert!(page.contains("这里正在办的事") && page.contains("房屋与公共设施"), "{page}");
    assert!(page.contains("已经提交，等社区受理") && page.contains("我也遇到了"));
    let handled = page.split(r#"id="handled""#).nth(1).unwrap().split("</section>").next().unwrap();
    assert_eq!(handled.matches("<li>").count(), 1, "{handled}");
    let hidden =
        ["张三", "138", "李四", "王五", &shown.number, &quarrel.id.to_string(), &tip_off.id.to_string()];
    for secret in hidden {
        assert!(!page.contains(secret), "{secret} is nobody's to read at a door");
    }
    // The unit stands first and large, with whom to call.
    let place = page.find("天宫院中里 3号楼2单元</h1>").unwrap();
    assert!(place < page.find("tel:01000000001").unwrap() && page.contains("tel:119"));
    assert!(page.len() < 50_000, "{}", page.len());
}

#[actix_web::test]
async fn ten_taps_of_one_device_are_one_neighbour_and_ten_devices_are_ten() {
    let app = TestApp::start().await;
    let ticket = planted(&app, 0, "01", "灯不亮").await;
    let one = app.stranger();
    one.get(&app.door()).await;
    let taps = (0..10).map(|_| {
        let (client, app, ticket) = (one.clone(), app.clone(), ticket.clone());
        actix_web::rt::spawn(async move { tap(&client, &app, &ticket).await })
    });
    let mut pages = Vec::new();
    for tapped in taps.collect::<Vec<_>>() {
        let tapped = tapped.await.unwrap();
        assert_eq!(tapped.status, 303, "{}", tapped.body);
        pages.push(tapped.location);
    }
    pages.dedup();
    assert_eq!((pages.len(), counted(&app).await), (1, (1, 1)));

    let mut others = Vec::new();
    for _ in 0..10 {
        let client = app.stranger();
        client.get(&app.door()).await;
        others.push(client);
    }
    let taps = others.into_iter().map(|client| {
        let (app, ticket) = (app.clone(), ticket.clone());
        actix_web::rt::spawn(async move { tap(&client, &app, &ticket).await })
    });
    let mut statuses = Vec::new();
    for tapped in taps.collect::<Vec<_>>() {
        statuses.push(tapped.await.unwrap().status);
    }
    assert!(statuses.iter().all(|status| *status == 303), "nobody is asked to wait: {statuses:?}");
    assert_eq!(counted(&app).await, (1, 11));
}

#[actix_web::test]
async fn without_a_cookie_one_browser_at_one_address_is_one() {
    let app = TestApp::start().await;
    let ticket = planted(&app, 0, "01", "灯不亮").await;
    for _ in 0..3 {
        assert_eq!(tap(&app.stranger(), &app, &ticket).await.status, 303);
    }
    assert_eq!(counted(&app).await, (1, 1));
}

#[actix_web::test]
async fn whoever_reported_it_is_no_neighbour_of_it() {
    let app = TestApp::start().await;
    let client = app.stranger();
    client.get(&app.door()).await;
    let sent = client.post_files(&app.door(), &[("category", "01"), ("text", "灯不亮")], &[]).await;
    assert_eq!(sent.status, 303);
    use diesel::prelude::*;
    use louma::schema::tickets::dsl;
    let ticket = app.read(|tx| Ok(dsl::tickets.select(Ticket::as_select()).first(tx.conn)?)).await;
    let own = tap(&client, &app, &ticket).await;
    assert!(own.status == 200 && own.body.contains("这件事就是您反映的"), "{}", own.body);
    assert_eq!(counted(&app).await, (1, 0));
}

#[actix_web::test]
async fn what_a_door_does_not_show_cannot_be_joined_there() {
    let app = TestApp::start().await;
    let elsewhere = planted(&app, 1, "01", "凉亭漏雨").await;
    let quarrel = planted(&app, 0, "11", "楼上吵").await;
    let done = planted(&app, 0, "01", "灯不亮").await;
    closed(&app, &done).await;
    for (ticket, status) in [(&elsewhere, 404), (&quarrel, 404), (&done, 409)] {
        assert_eq!(tap(&app.stranger(), &app, ticket).await.status, status);
    }
    let nothing = app.stranger().post(&format!("{}/joins", app.door()), &[("matter", "x")]).await;
    assert_eq!((nothing.status, counted(&app).await.1), (404, 0));
}

#[actix_web::test]
async fn a_form_about_what_is_being_handled_asks_first_and_loses_nothing() {
    let app = TestApp::start().await;
    let ticket = planted(&app, 0, "01", "灯不亮").await;
    let client = app.stranger();
    client.get(&app.door()).await;
    let key = "0123456789abcdef0123456789abcdef";
    let typed = [
        ("category", "01"),
        ("text", "三层灯也坏了<b>"),
        ("phone", "10012345678"),
        ("relation", "tenant"),
        ("ask", "1"),
        ("idempotency_key", key),
    ];
    let asked = client.post_files(&app.door(), &typed, &[("photo", "a.jpg", &jpeg(7))]).await;
    assert_eq!(asked.status, 409, "{}", asked.body);
    for kept in
        ["像是同一件事", "三层灯也坏了&#60;b", key, "10012345678", r#"value="tenant""#, r#"name="kept""#]
    {
        assert!(asked.body.contains(kept), "{kept} is lost: {}", asked.body);
    }
    assert_eq!(counted(&app).await, (1, 0), "nothing was stored yet");

    // Another matter after all: the same fields, once, however often it is tapped.
    let kept =
        asked.body.split(r#"name="kept" value=""#).nth(1).unwrap().split('"').next().unwrap().to_owned();
    let mut another = typed[..4].to_vec();
    another.extend([("idempotency_key", key), ("another", "yes"), ("kept", kept.as_str())]);
    let first = client.post_files(&app.door(), &another, &[]).await;
    let second = client.post_files(&app.door(), &another, &[]).await;
    assert_eq!((first.status, &first.location), (303, &second.location), "{}", first.body);
    assert!(first.location.starts_with("/t/") && counted(&app).await == (2, 0));
    use diesel::prelude::*;
    use louma::schema::tickets::dsl;
    let made: Ticket = app
        .read(|tx| Ok(dsl::tickets.order(dsl::id.desc()).select(Ticket::as_select()).first(tx.conn)?))
        .await;
    let sheet = app.as_(Role::CommunityWorker).get(&format!("/api/v1/tickets/{}", made.id)).await.json();
    assert_eq!(sheet["person"]["relation"], "tenant");
    assert_eq!(sheet["photos"].as_array().unwrap().len(), 1);

    // The same matter: no ticket, the words go to staff, and two taps are one.
    let other = app.stranger();
    other.get(&app.door()).await;
    let id = ticket.id.to_string();
    let mut same = typed[..4].to_vec();
    same.extend([("idempotency_key", "ffffffffffffffffffffffffffffffff"), ("join", id.as_str())]);
    let first = other.post_files(&app.door(), &same, &[("photo", "b.jpg", &jpeg(9))]).await;
    let second = other.post_files(&app.door(), &same, &[]).await;
    assert_eq!((first.status, &first.location), (303, &second.location), "{}", first.body);
    assert!(first.location.starts_with("/m/"));
    assert_eq!(counted(&app).await, (2, 1));
    let path = format!("/api/v1/tickets/{}/neighbours", ticket.id);
    let list = app.as_(Role::CommunityWorker).get(&path).await.json();
    assert_eq!(
        (list["count"].as_i64(), list["rows"][0]["text"].as_str()),
        (Some(1), Some("三层灯也坏了<b>"))
    );
}

#[actix_web::test]
async fn whoever_saw_it_while_typing_or_cannot_be_asked_is_not_asked() {
    let app = TestApp::start().await;
    let ticket = planted(&app, 0, "01", "灯不亮").await;
    let gas = planted(&app, 0, "05", "闻到燃气味").await;
    let seen = ticket.id.to_string();
    let hint = format!("{}/alike", app.door());
    let shown = app.stranger().post(&hint, &[("category", "01"), ("text", "灯又坏了")]).await;
    assert!(shown.status == 200 && shown.body.contains(&format!(r#"data-seen="{seen}""#)), "{}", shown.body);
    assert!(!shown.body.contains("灯不亮"), "never the words of others");
    assert!(!app.stranger().post(&hint, &[("category", "02")]).await.body.contains("data-seen"));
    let fields = |more: &[(&'static str, String)]| {
        let mut fields = vec![("category", "01".to_owned()), ("text", "灯又坏了".to_owned())];
        fields.extend(more.iter().cloned());
        fields
    };
    let send = async |fields: Vec<(&'static str, String)>| {
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let client = app.stranger();
        client.get(&app.door()).await;
        client.post_files(&app.door(), &fields, &[]).await.status
    };
    assert_eq!(send(fields(&[("ask", "1".into())])).await, 409);
    assert_eq!(send(fields(&[("ask", "1".into()), ("seen", seen)])).await, 303);
    assert_eq!(send(fields(&[])).await, 303, "a phone that delivers by itself is never asked");
    // What endangers people is not asked about.
    let leak = [("category", "05"), ("text", "楼道里燃气异味很重，怕是燃气泄漏"), ("ask", "1")];
    assert_eq!(app.stranger().post_files(&app.door(), &leak, &[]).await.status, 303, "{}", gas.id);
}

#[actix_web::test]
async fn a_neighbour_has_a_page_of_their_own_to_the_end() {
    let app = TestApp::start().await;
    let ticket = planted(&app, 0, "01", "张三说灯不亮").await;
    let client = app.stranger();
    client.get(&app.door()).await;
    let path = tap(&client, &app, &ticket).await.location.split('?').next().unwrap().to_owned();
    let page = app.stranger().get(&path).await;
    assert!(page.status == 200 && page.body.contains("已经提交，等社区受理"), "{}", page.body);
    assert!(!page.body.contains("张三") && !page.body.contains(&ticket.number));

    let wrong = client.post(&path, &[("phone", "12"), ("text", "我家在三层")]).await;
    assert!(
        wrong.status == 422 && wrong.body.contains("我家在三层") && wrong.body.contains("电话号码好像不对")
    );
    let told = client.post(&path, &[("phone", "10012345678"), ("text", "我家在三层")]).await;
    assert_eq!(told.status, 303, "{}", told.body);
    let page = client.get(&path).await.body;
    assert!(page.contains("100****5678") && !page.contains("10012345678"));
    // Somebody else with the same phone is somebody who is counted already.
    let second = app.stranger();
    second.get(&app.door()).await;
    let again = tap(&second, &app, &ticket).await.location.split('?').next().unwrap().to_owned();
    assert_eq!(second.post(&again, &[("phone", "10012345678")]).await.status, 303);

    let staff = app.as_(Role::CommunityWorker);
    let neighbours = format!("/api/v1/tickets/{}/neighbours", ticket.id);
    let list = staff.get(&neighbours).await.json();
    assert_eq!((list["count"].as_i64(), list["rows"].as_array().unwrap().len()), (Some(1), 2));
    let id = list["rows"][0]["id"].as_str().unwrap();
    let reveals = format!("{neighbours}/{id}/reveals");
    assert_eq!(staff.post_json(&reveals, json!({ "reason": "" })).await.status, 422);
    let shown = staff.post_json(&reveals, json!({ "reason": "约时间上门" })).await.json();
    assert_eq!(shown["phone"], "10012345678");
    let audits = app.as_(Role::Auditor).get("/api/v1/audits").await.body;
    assert!(audits.contains("约时间上门"));
    assert_eq!(app.as_(Role::Handler).get(&neighbours).await.status, 404, "not the party's to know");

    assert_eq!(client.post(&format!("{path}/answer"), &[]).await.status, 422, "not before it is done");
    closed(&app, &ticket).await;
    let page = client.get(&path).await.body;
    assert!(page.contains("请您评价") && !page.contains("张三家"), "the result is not published: {page}");
    let answer =
        [("contacted", "no"), ("solved", "no"), ("satisfied", "unsatisfied"), ("comment", "三层还不亮")];
    assert_eq!(client.post(&format!("{path}/answer"), &answer).await.status, 303);
    assert_eq!(client.post(&format!("{path}/answer"), &answer).await.status, 409, "once");
    let list = staff.get(&neighbours).await.json();
    assert_eq!(list["rows"][0]["answer"]["solved"], false);
    assert!(
        staff.get(&format!("/console/tickets/{}/neighbours", ticket.id)).await.body.contains("三层还不亮")
    );
    // Their answer is theirs: the ticket still waits for its reporter.
    let sheet = staff.get(&format!("/api/v1/tickets/{}", ticket.id)).await.json();
    assert_eq!((sheet["status"].as_str(), sheet["solved"].as_bool()), (Some("follow_up"), None));
    assert_eq!(app.stranger().get("/m/AAAAunknown").await.status, 404);
}

#[actix_web::test]
async fn a_neighbour_counts_as_their_own_report_would_and_is_no_event() {
    let app = TestApp::start().await;
    let ticket = planted(&app, 0, "01", "灯不亮").await;
    let mut pages = Vec::new();
    for _ in 0..3 {
        let client = app.stranger();
        client.get(&app.door()).await;
        pages.push((client.clone(), tap(&client, &app, &ticket).await.location));
    }
    let path = pages[2].1.split('?').next().unwrap();
    assert_eq!(pages[2].0.post(&format!("{path}/withdrawal"), &[]).await.status, 303);
    assert!(pages[2].0.get(path).await.body.contains("您已经取消"));
    let figures = async || {
        let month = louma::db::now().day().format("%Y-%m").to_string();
        let report = app.as_(Role::CommunityLead).get(&format!("/api/v1/stats?month={month}")).await.json();
        let value = |metric: &str| {
            let lines = report["totals"].as_array().unwrap();
            let line = lines.iter().find(|line| line["metric"] == metric).unwrap();
            line["current"]["value"].as_f64().unwrap() as i64
        };
        ["submitted", "cases", "comparable", "joined", "comparable_events"].map(value)
    };
    assert_eq!(figures().await, [1, 1, 3, 2, 1]);
    // What is not counted takes its neighbours along.
    let (actor, id, version) = (worker(&app), ticket.id, ticket.version);
    app.write(move |tx| {
        steps::refuse(tx, &actor, Seen { id, version }, &Note::parse("reason", "不属于这里", "")?)
    })
    .await;
    assert_eq!(figures().await, [1, 0, 0, 0, 0]);
}

fn in_hours(hours: i64) -> louma::db::Time {
    louma::db::now().plus_minutes(hours * 60)
}

#[actix_web::test]
async fn a_planned_work_is_said_at_its_doors_before_anybody_reports_it() {
    let app = TestApp::start().await;
    let (home, actor) = (app.home().clone(), worker(&app));
    let building = home.units[0].0.building_id;
    let made = app
        .write(move |tx: &mut Tx| {
            let new = NewWork {
                place_id: building,
                category: "0401".into(),
                what: "更换给水管，停水".into(),
                who: "自来水公司".into(),
                phone: "010-00000009".into(),
                from_at: in_hours(-1),
                until_at: in_hours(5),
            };
            works::plan(tx, &actor, new)
        })
        .await;
    let page = app.stranger().get(&app.door()).await.body;
    assert!(page.contains("正在施工：更换给水管，停水，预计") && page.contains("tel:01000000009"), "{page}");
    let tile = page.split(r#"value="04""#).nth(1).unwrap().split("</label>").next().unwrap();
    assert!(tile.contains("更换给水管"), "the tile says it too: {tile}");
    let spot = format!("/q/{}", home.units[1].1.code);
    assert!(!app.stranger().get(&spot).await.body.contains("更换给水管"), "elsewhere it is not said");

    let worker = app.as_(Role::CommunityWorker);
    let wrong = json!({ "what": "", "from_at": in_hours(3), "until_at": in_hours(1) });
    let refused = worker.post_json("/api/v1/works", wrong).await;
    assert!(refused.status == 422 && refused.body.contains("结束时间"), "{}", refused.body);
    let page =
        worker.post("/console/works", &[("what", "电梯保养"), ("from_at", "x"), ("until_at", "")]).await;
    assert!(page.status == 422 && page.body.contains("电梯保养"), "nothing typed is lost");
    let typed = |at: louma::db::Time| at.local().format("%Y-%m-%dT%H:%M").to_string();
    let (from, until) = (typed(in_hours(24)), typed(in_hours(30)));
    let fields = [("what", "电梯保养"), ("from_at", from.as_str()), ("until_at", until.as_str())];
    assert_eq!(worker.post("/console/works", &fields).await.status, 303);
    assert!(worker.get("/console/works").await.body.contains("电梯保养"));
    assert_eq!(worker.get("/api/v1/works").await.json().as_array().unwrap().len(), 2);
    let until = format!("/api/v1/works/{}/until", made.id);
    let put = worker.send_json(reqwest::Method::PUT, &until, json!({ "until_at": in_hours(8) })).await;
    assert_eq!(put.status, 200, "{}", put.body);
    let end = format!("/console/works/{}/end", made.id);
    let (one, two) = (app.as_(Role::CommunityWorker), app.as_(Role::CommunityLead));
    let both = futures_util::future::join(one.post(&end, &[]), two.post(&end, &[])).await;
    let mut statuses = [both.0.status, both.1.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 422], "it ends once");
    let place = home.units[0].0.clone();
    assert!(app.read(move |tx| works::at_door(tx, &place)).await.iter().all(|each| each.work.id != made.id));
}

#[actix_web::test]
async fn a_spot_asks_who_one_is_to_it_and_a_unit_asks_four_things_alone() {
    let app = TestApp::start().await;
    let unit = app.stranger().get(&app.door()).await.body;
    let spot = app.stranger().get(&format!("/q/{}", app.home().units[1].1.code)).await.body;
    assert!(!unit.contains("业主") && !unit.contains("骑手"));
    // Tile, words, photo, phone: boxes to tick are no questions that must be thought about.
    let form = unit.split("<form").nth(1).unwrap().split("</form>").next().unwrap();
    assert_eq!(form.matches("class=\"head\"").count(), 4, "{form}");
    assert!(spot.contains("骑手") && spot.contains("访客") && !spot.contains("业主"));
    // What does not fit a place is not taken down.
    let fields = [("category", "01"), ("text", "灯不亮"), ("relation", "rider")];
    assert_eq!(app.stranger().post_files(&app.door(), &fields, &[]).await.status, 303);
    use diesel::prelude::*;
    let stored: i64 = app.read(|tx| Ok(louma::schema::relations::table.count().get_result(tx.conn)?)).await;
    assert_eq!(stored, 0);
}

#[actix_web::test]
async fn a_worker_who_scans_says_how_the_code_hangs() {
    let app = TestApp::start().await;
    let code = app.home().units[0].1.code.to_string();
    let worker = app.as_(Role::GridWorker);
    let scanned = worker.get(&app.door()).await;
    assert_eq!((scanned.status, scanned.location.as_str()), (303, &*format!("/console/patrols/{code}")));
    assert_eq!(worker.get(&format!("{}?as=resident", app.door())).await.status, 200);
    assert_eq!(
        app.as_(Role::Handler).get(&app.door()).await.status,
        200,
        "a party's people are residents here"
    );
    let path = format!("/console/patrols/{code}");
    let page = worker.get(&path).await;
    assert!(page.body.contains("天宫院中里 3号楼2单元") && page.body.contains("刚贴好"), "{}", page.body);
    let bare = worker.post_files(&path, &[("finding", "posted"), ("note", "贴在左门")], &[]).await;
    assert!(bare.status == 422 && bare.body.contains("请拍一张") && bare.body.contains("贴在左门"));
    let posted = worker.post_files(&path, &[("finding", "posted")], &[("photo", "a.jpg", &jpeg(3))]).await;
    assert_eq!(posted.status, 303, "{}", posted.body);
    let issued = app.as_(Role::CommunityWorker).get(&format!("/api/v1/codes/{code}")).await.json();
    assert!(issued["state"] == "posted" && issued["posted_at"].is_string());
    let again = worker.post_files(&path, &[("finding", "posted")], &[("photo", "a.jpg", &jpeg(3))]).await;
    assert_eq!(again.status, 422, "it hangs already");
    let torn = json!({ "finding": "damaged", "note": "被撕了一角" });
    assert_eq!(worker.post_json(&format!("/api/v1/codes/{code}/patrols"), torn).await.status, 201);

    let place = app.home().units[0].0.id;
    let office = app.as_(Role::CommunityLead);
    // The table of doors says when somebody last looked.
    let doors = office.get("/api/v1/stats").await.json()["doors"].clone();
    let door =
        doors.as_array().unwrap().iter().find(|door| door["place_id"] == json!(place)).unwrap().clone();
    assert!(door["patrolled_at"].is_string(), "{door}");
    let rounds = office.get(&format!("/api/v1/places/{place}/patrols")).await.json();
    assert_eq!(
        (rounds[0]["finding"].as_str(), rounds[1]["finding"].as_str()),
        (Some("damaged"), Some("posted"))
    );
    let shown = office.get(&format!("/console/places/{place}/patrols")).await.body;
    let photo = shown.split("/console/rounds/").nth(1).unwrap().split('"').next().unwrap();
    assert_eq!(office.get(&format!("/console/rounds/{photo}?size=thumb")).await.status, 200);
    assert_eq!(app.as_(Role::StreetManager).get(&format!("/console/rounds/{photo}")).await.status, 403);
    let unwell = office.get("/api/v1/doors/unwell").await.json();
    assert_eq!(
        (unwell.as_array().unwrap().len(), unwell[0]["last_round"]["note"].as_str()),
        (1, Some("被撕了一角"))
    );
    assert!(office.get("/console/patrols").await.body.contains("要补的码：1 处"));
}

#[actix_web::test]
async fn doors_that_nobody_comes_to_are_listed_page_by_page() {
    let app = TestApp::start().await;
    let (community, compound) = (app.home().community.id, app.home().units[1].0.parent_id);
    app.write(move |tx| {
        use diesel::prelude::*;
        use louma::schema::codes;
        for number in 0..60 {
            let new = louma::places::NewPlace {
                kind: louma::places::PlaceKind::Spot,
                name: format!("{number}号点"),
                parent_id: compound,
                grid_id: None,
                households: None,
                sort: number / 2,
            };
            let place = louma::places::add(tx, community, new)?;
            louma::codes::registry::issue(tx, &place)?;
        }
        let old = tx.now.plus_minutes(-40 * 1440);
        diesel::update(codes::table).set(codes::created_at.eq(old)).execute(tx.conn)?;
        Ok(())
    })
    .await;
    // The first door was scanned and the second walked to: 60 remain.
    app.stranger().get(&app.door()).await;
    app.parts.scans.flush(&app.parts.db).await;
    let spot = app.home().units[1].1.code.to_string();
    let lead = app.as_(Role::CommunityLead);
    let round =
        lead.post_json(&format!("/api/v1/codes/{spot}/patrols"), json!({ "finding": "intact" })).await;
    assert_eq!(round.status, 201);
    let (mut seen, mut after) = (Vec::new(), String::new());
    for _ in 0..5 {
        let page = lead.get(&format!("/api/v1/doors/quiet{after}")).await.json();
        let doors = page["doors"].as_array().unwrap().clone();
        seen.extend(doors.iter().map(|door| door["place_id"].as_str().unwrap().to_owned()));
        match page["next"].as_str() {
            Some(next) => after = format!("?after={next}"),
            None => break,
        }
    }
    let mut distinct = seen.clone();
    distinct.sort();
    distinct.dedup();
    assert_eq!((seen.len(), distinct.len()), (60, 60));
    let page = lead.get("/console/patrols").await.body;
    assert!(page.contains("安静的楼门：30 天") && page.contains("下一页"));
    // With other days, others.
    let set = json!({ "rules": { "hidden": ["11"], "quiet_days": 60 } });
    assert_eq!(lead.send_json(reqwest::Method::PUT, "/api/v1/settings/doors", set).await.status, 204);
    assert_eq!(lead.get("/api/v1/doors/quiet").await.json()["doors"], json!([]));
}
