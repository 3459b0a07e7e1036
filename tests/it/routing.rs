//! Who gets a report, over HTTP: rules, their rehearsal, parties out of use, rules of a street; and what is suggested.

use std::sync::{Arc, Mutex};

use diesel::connection::{Connection, InstrumentationEvent};
use diesel::prelude::*;
use louma::people::{Actor, Role};
use louma::routing::suggest::{self, Example, Model, learning};
use louma::schema::{supports, tickets as rows};
use louma::tickets::{self, Channel, Note, Person, Submission, Ticket};
use serde_json::{Value, json};

use crate::harness::{TestApp, World};

/// A report at a door: the spot lies in no grid and no building.
async fn report(app: &TestApp, world: usize, door: usize, text: &str) -> Ticket {
    let key = uuid::Uuid::new_v4().simple().to_string();
    let path = format!("/q/{}", app.worlds[world].units[door].1.code);
    let fields = [("category", "02"), ("text", text), ("idempotency_key", &key)];
    let sent = app.stranger().post_files(&path, &fields, &[]).await;
    assert_eq!(sent.status, 303, "{}", sent.body);
    let home = app.worlds[world].community.id;
    app.read(move |tx| {
        let latest = rows::table.filter(rows::community_id.eq(home)).order(rows::id.desc());
        Ok(latest.select(Ticket::as_select()).first(tx.conn)?)
    })
    .await
}

async fn lead(app: &TestApp, ticket: &Ticket) -> String {
    let (home, party) = (ticket.community_id, ticket.lead_id);
    app.read(move |tx| Ok(louma::routing::party(tx, home, party)?.name)).await
}

/// Rehearses a change and saves it, as a program does.
async fn change(app: &TestApp, role: Role, change: Value) -> (Value, Value) {
    let client = app.as_(role);
    let tried = client.post_json("/api/v1/rules/rehearsal", change.clone()).await;
    assert_eq!(tried.status, 200, "{}", tried.body);
    let seal = tried.json()["seal"].clone();
    let saved = client.post_json("/api/v1/rules", json!({ "change": change, "seal": seal })).await;
    assert_eq!(saved.status, 200, "{}", saved.body);
    (tried.json(), saved.json())
}

fn building(world: &World) -> String {
    world.units[0].0.building_id.unwrap().to_string()
}

#[actix_web::test]
async fn a_rule_is_tried_on_old_tickets_before_it_is_saved_and_then_moves_new_ones_alone() {
    let app = TestApp::start().await;
    let old = report(&app, 0, 0, "电梯停了").await;
    report(&app, 0, 1, "电梯停了").await;
    assert_eq!(lead(&app, &old).await, "社区居委会");
    let boss = app.as_(Role::CommunityLead);
    let page = boss.get("/console/rules/new").await;
    assert!(page.status == 200 && page.body.contains("天宫院中里 3号楼"), "{}", page.body);
    let mut fields = vec![
        ("what", "add"),
        ("scope", "place"),
        ("place", "天宫院中里 3号楼"),
        ("category", "02"),
        ("lead", "街道城管办"),
        ("supporting", "物业中心"),
        ("deadline_hours", "2"),
        ("sort", "10"),
    ];
    let unchosen = boss.post("/console/rules/rehearsal", &fields).await;
    assert_eq!(unchosen.status, 422);
    assert!(
        unchosen.body.contains("请至少选一天") && unchosen.body.contains("街道城管办"),
        "what was typed stays"
    );
    let days = ["day1", "day2", "day3", "day4", "day5", "day6", "day7"];
    fields.extend(days.map(|day| (day, "yes")));
    let tried = boss.post("/console/rules/rehearsal", &fields).await;
    assert_eq!(tried.status, 200, "{}", tried.body);
    assert!(tried.body.contains("2 件诉求试了一遍"), "{}", tried.body);
    assert!(tried.body.contains("<strong>1 件会换主办单位</strong>") && tried.body.contains(&old.number));
    assert!(
        boss.get("/api/v1/rules").await.json()["rules"].as_array().unwrap().is_empty(),
        "nothing is saved yet"
    );

    let unsealed = boss.post("/console/rules", &fields).await;
    assert!(unsealed.status == 422 && unsealed.body.contains("还没有试跑"), "{}", unsealed.body);
    let seal =
        tried.body.split("name=\"seal\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    fields.push(("seal", &seal));
    assert_eq!(boss.post("/console/rules", &fields).await.status, 303);
    assert_eq!(boss.post("/console/rules", &fields).await.status, 422, "a seal is good for the rules it saw");

    let new = report(&app, 0, 0, "电梯停了").await;
    assert_eq!(lead(&app, &new).await, "街道城管办");
    assert_eq!(new.due_at, new.submitted_at.plus_minutes(120));
    assert!(
        new.routed.contains("天宫院中里 3号楼") && new.rules_version.contains("/rule-"),
        "{}",
        new.routed
    );
    let elsewhere = report(&app, 0, 1, "电梯停了").await;
    assert_eq!(lead(&app, &elsewhere).await, "社区居委会", "the pavilion does not lie in the building");
    let (home, id) = (old.community_id, old.id);
    let still = app.read(move |tx| tickets::find_own(tx, home, id)).await;
    assert_eq!(
        (still.lead_id, still.due_at),
        (old.lead_id, old.due_at),
        "old tickets never move by themselves"
    );
    let id = new.id;
    let helping: Vec<String> = app
        .read(move |tx| {
            let own = supports::community_id.eq(home).and(supports::ticket_id.eq(id));
            Ok(supports::table.filter(own).select(supports::added_by).load(tx.conn)?)
        })
        .await;
    assert_eq!(helping, ["派单规则"]);
    let sheet = boss.get(&format!("/console/tickets/{}", new.id)).await.body;
    assert!(sheet.contains("看依据") && sheet.contains("用的规则：天宫院中里 3号楼"), "{sheet}");
    assert!(sheet.contains("提交时间：周"), "the facts stand beside it");
    let other = boss.get(&format!("/console/tickets/{}", elsewhere.id)).await.body;
    assert!(other.contains("地点不在范围内"), "and the rules that lost");
}

#[actix_web::test]
async fn the_rule_of_the_category_decides_again_when_level_2_is_set_and_then_stays() {
    let app = TestApp::start().await;
    let terms = json!({ "category": "0202", "kind": "help", "lead": "街道城管办" });
    change(&app, Role::CommunityLead, json!({ "what": "add", "terms": terms })).await;
    let ticket = report(&app, 0, 0, "电梯停了").await;
    assert_eq!(lead(&app, &ticket).await, "社区居委会");
    let worker = app.as_(Role::CommunityWorker);
    let set = worker
        .post_json(
            &format!("/api/v1/tickets/{}/category", ticket.id),
            json!({ "category": "0202", "kind": "help" }),
        )
        .await;
    assert_eq!(set.status, 200, "{}", set.body);
    assert_eq!(set.json()["lead"], "街道城管办");
    let event = set.json()["events"].as_array().unwrap().last().unwrap()["data"].as_str().unwrap().to_owned();
    let data: Value = serde_json::from_str(&event).unwrap();
    assert!(data["routing"]["rule"].as_str().unwrap().contains("街道城管办主办"), "{event}");
    let tip_off = worker
        .post_json(
            &format!("/api/v1/tickets/{}/category", ticket.id),
            json!({ "category": "0202", "kind": "tip_off" }),
        )
        .await;
    assert_eq!(tip_off.json()["lead"], "社区居委会", "a tip-off never goes to a party");
}

#[actix_web::test]
async fn a_rule_whose_party_is_disabled_is_flagged_at_once_and_tickets_go_on_having_a_party() {
    let app = TestApp::start().await;
    let everything = json!({ "lead": "物业中心" });
    change(&app, Role::CommunityLead, json!({ "what": "add", "terms": everything })).await;
    let boss = app.as_(Role::CommunityLead);
    let before = report(&app, 0, 0, "电梯停了").await;
    assert_eq!(lead(&app, &before).await, "物业中心");
    let party = app.home().property.id;
    assert!(boss.get("/console/parties").await.body.contains("1 条派单规则用它"));
    let path = format!("/console/parties/{party}/disable");
    let asked = boss.post(&path, &[]).await;
    assert!(asked.status == 422 && asked.body.contains("有 1 条派单规则用着物业中心"), "{}", asked.body);
    let json_path = format!("/api/v1/parties/{party}/disable");
    assert_eq!(boss.post_json(&json_path, Value::Null).await.status, 409);
    assert_eq!(boss.post(&path, &[("known_rules", "1")]).await.status, 303);

    let list = boss.get("/console/rules").await.body;
    assert!(list.contains("主办单位物业中心已停用"), "{list}");
    assert!(list.contains("派单规则 <span class=\"badge-count\">"), "the lead sees it on every page");
    let after = report(&app, 0, 0, "电梯停了").await;
    assert_eq!(lead(&app, &after).await, "社区居委会");
    assert!(after.routed.contains("已停用"), "{}", after.routed);
    let refused = boss
        .post_json("/api/v1/rules/rehearsal", json!({ "what": "add", "terms": { "lead": "物业中心" } }))
        .await;
    assert_eq!(refused.status, 422, "no new rule for a party that is out of use");

    let listed = boss.get("/api/v1/rules").await.json();
    let id = listed["rules"][0]["rule"]["id"].clone();
    let off =
        boss.post("/console/rules/rehearsal", &[("what", "disable"), ("id", id.as_str().unwrap())]).await;
    assert!(off.body.contains("没有一件会换主办单位"), "{}", off.body);
    change(&app, Role::CommunityLead, json!({ "what": "disable", "id": id })).await;
    let listed = boss.get("/api/v1/rules").await.json();
    assert!(listed["rules"][0]["flags"].as_array().unwrap().is_empty(), "who is out of use needs nobody");
}

#[actix_web::test]
async fn a_rule_of_the_street_holds_in_its_communities_and_falls_back_visibly_where_the_party_is_missing() {
    let app = TestApp::start().await;
    let terms = json!({ "scope": "street", "category": "02", "lead": "街道城管办" });
    let add = json!({ "what": "add", "terms": terms });
    let denied = app.as_(Role::CommunityLead).post_json("/api/v1/rules/rehearsal", add.clone()).await;
    assert_eq!(denied.status, 422, "a community makes no rules for its street");
    change(&app, Role::StreetManager, add).await;
    for (world, wanted) in [(0, "街道城管办"), (1, "街道城管办"), (2, "社区居委会")] {
        let ticket = report(&app, world, 0, "电梯停了").await;
        assert_eq!(lead(&app, &ticket).await, wanted, "community {world}");
    }
    let neighbour = app.worlds[1].community.id;
    app.write(move |tx| {
        let all = louma::routing::parties(tx, neighbour)?;
        let office = all.into_iter().find(|party| party.name == "街道城管办").unwrap();
        louma::routing::disable_party(tx, neighbour, office.id, 1)
    })
    .await;
    let ticket = report(&app, 1, 0, "电梯停了").await;
    assert_eq!(lead(&app, &ticket).await, "社区居委会");
    assert!(ticket.routed.contains("街道城管办已停用"), "{}", ticket.routed);
    let own = app.as_(Role::CommunityLead).get("/console/rules").await.body;
    assert!(own.contains("街道定的，社区不能改"), "{own}");
    // A rule of the community beats that of the street.
    change(&app, Role::CommunityLead, json!({ "what": "add", "terms": { "lead": "物业中心" } })).await;
    let ticket = report(&app, 0, 0, "电梯停了").await;
    assert_eq!(lead(&app, &ticket).await, "物业中心");
}

#[actix_web::test]
async fn a_change_by_somebody_else_breaks_the_seal_of_a_rehearsal() {
    let app = TestApp::start().await;
    let first = json!({ "what": "add", "terms": { "lead": "物业中心" } });
    let boss = app.as_(Role::CommunityLead);
    let tried = boss.post_json("/api/v1/rules/rehearsal", first.clone()).await.json();
    change(&app, Role::Admin, json!({ "what": "add", "terms": { "lead": "街道城管办", "category": "02" } }))
        .await;
    let late = boss.post_json("/api/v1/rules", json!({ "change": first, "seal": tried["seal"] })).await;
    assert_eq!(late.status, 409, "{}", late.body);
    assert_eq!(app.as_(Role::CommunityWorker).get("/console/rules").await.status, 403);
    let elsewhere = json!({ "what": "add", "terms": { "scope": "place", "place_id": building(&app.worlds[1]), "lead": "物业中心" } });
    assert_eq!(
        boss.post_json("/api/v1/rules/rehearsal", elsewhere).await.status,
        422,
        "a place of the neighbours"
    );
}

/// The statements of one submission that ask for what routing knows.
async fn routing_statements(app: &TestApp) -> Vec<String> {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let (world, keys, noted) = (app.home().clone(), app.parts.keys.clone(), seen.clone());
    app.write(move |tx| {
        tx.conn.set_instrumentation(move |event: InstrumentationEvent<'_>| {
            if let InstrumentationEvent::StartQuery { query, .. } = event {
                noted.lock().unwrap().push(query.to_string().replace(['`', '"'], ""));
            }
        });
        let submission = Submission {
            id: louma::db::Id::new(),
            channel: Channel::Scan,
            code: None,
            place: world.units[0].0.clone(),
            spot_note: String::new(),
            level1: "02".into(),
            category: None,
            kind: None,
            text: Note::parse("text", "电梯停了", "")?,
            hazard: false,
            reach: None,
            person: Person::default(),
            photos: Vec::new(),
            notice_version: "1".into(),
            called_at: None,
        };
        let resident = Actor::resident(world.community.id);
        let made = tickets::submit(tx, &keys, &resident, &world.community, submission);
        tx.conn.set_instrumentation(|_: InstrumentationEvent<'_>| {});
        made.map(drop)
    })
    .await;
    let all = seen.lock().unwrap().clone();
    assert!(all.iter().any(|query| query.contains("INTO tickets")), "the submission itself is seen: {all:?}");
    let asks = |query: &&String| {
        ["parties", "rules ", "settings", "categories"]
            .iter()
            .any(|table| query.contains(&format!("FROM {table}")))
    };
    all.iter().filter(asks).cloned().collect()
}

#[actix_web::test]
async fn a_report_asks_the_database_for_no_routing_while_it_is_kept() {
    let app = TestApp::start().await;
    // What populated the community a moment ago counts as a change: nothing is kept until that has settled.
    assert!(routing_statements(&app).await.len() >= 2, "at first all is read");
    actix_web::rt::time::sleep(std::time::Duration::from_secs(2 * louma::kept::SECONDS + 1)).await;
    routing_statements(&app).await;
    assert_eq!(routing_statements(&app).await, Vec::<String>::new());
    change(&app, Role::CommunityLead, json!({ "what": "add", "terms": { "lead": "物业中心" } })).await;
    assert!(!routing_statements(&app).await.is_empty(), "a change is seen at once");
}

/// Asks for the suggestion until it is kept: that happens after the page was answered.
async fn suggested(app: &TestApp, ticket: &Ticket) -> Value {
    let path = format!("/api/v1/tickets/{}/suggestion", ticket.id);
    let (home, id) = (ticket.community_id, ticket.id);
    for _ in 0..200 {
        let found = app.as_(Role::CommunityWorker).get(&path).await.json();
        if found.is_null() || app.read(move |tx| suggest::of_ticket(tx, (home, id))).await.is_some() {
            return found;
        }
        actix_web::rt::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("the suggestion was shown and never kept");
}

#[actix_web::test]
async fn a_suggestion_is_shown_taken_with_one_click_and_counted() {
    let app = TestApp::start().await;
    let (right, wrong) =
        (report(&app, 0, 0, "电梯困人了，里面有人出不来").await, report(&app, 0, 0, "楼道灯不亮").await);
    let silent = report(&app, 0, 0, "嗯嗯").await;
    let worker = app.as_(Role::CommunityWorker);
    let found = suggested(&app, &right).await;
    assert_eq!((&found["category"], &found["made_by"]), (&json!("0201"), &json!("keywords")));
    assert!(suggested(&app, &silent).await.is_null(), "nothing is shown that is not sure enough");
    assert_eq!(suggested(&app, &wrong).await["category"], "0101");
    let page = worker.get(&format!("/console/tickets/{}", right.id)).await.body;
    assert!(page.contains("采用这个分类") && page.contains("电梯 › 电梯困人"), "{page}");
    assert!(page.contains(&format!("约 {}% 是对的", found["percent"])), "with its confidence");
    let foreign = app.as_(Role::Auditor).get(&format!("/console/tickets/{}", right.id)).await.body;
    assert!(!foreign.contains("采用这个分类"), "only who may set it is asked");

    let taken = [("category", "0201"), ("kind", "help"), ("version", "1")];
    assert_eq!(worker.post(&format!("/console/tickets/{}/category", right.id), &taken).await.status, 303);
    let corrected = [("category", "0501"), ("kind", "help"), ("version", "1")];
    assert_eq!(worker.post(&format!("/console/tickets/{}/category", wrong.id), &corrected).await.status, 303);
    let book = app.as_(Role::CommunityLead).get("/api/v1/rules").await.json();
    assert_eq!((&book["suggestions"]["right"], &book["suggestions"]["decided"]), (&json!(1), &json!(2)));
    let page = app.as_(Role::CommunityLead).get("/console/rules").await.body;
    assert!(page.contains("准确率 50.0%") && page.contains("<strong>2</strong>"), "{page}");
}

#[actix_web::test]
async fn who_takes_a_call_down_may_ask_what_it_is_about_and_loses_nothing() {
    let app = TestApp::start().await;
    let worker = app.as_(Role::CommunityWorker);
    let key = uuid::Uuid::new_v4().simple().to_string();
    let mut fields = vec![
        ("key", key.as_str()),
        ("channel", "phone"),
        ("place", "天宫院中里 3号楼2单元"),
        ("text", "闻到很重的燃气味"),
        ("name", "张阿姨"),
    ];
    let shown = worker.post_files("/console/take-down/suggestion", &fields, &[]).await;
    assert_eq!(shown.status, 200, "{}", shown.body);
    assert!(
        shown.body.contains("value=\"0503\" selected") && shown.body.contains("张阿姨"),
        "{}",
        shown.body
    );
    let carried = shown
        .body
        .split("name=\"suggestion\" value=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .to_owned();
    fields.extend([("matter", "0503"), ("suggestion", carried.as_str())]);
    let sent = worker.post_files("/console/take-down", &fields, &[]).await;
    assert_eq!(sent.status, 303, "{}", sent.body);
    let book = app.as_(Role::CommunityLead).get("/api/v1/rules").await.json();
    assert_eq!((&book["suggestions"]["right"], &book["suggestions"]["decided"]), (&json!(1), &json!(1)));
    let blank =
        worker.post_files("/console/take-down/suggestion", &[("key", &key), ("text", "嗯嗯")], &[]).await;
    assert!(blank.status == 200 && blank.body.contains("从这些字看不出是哪一类"), "{}", blank.body);
}

#[actix_web::test]
async fn it_learns_from_what_was_closed_here_and_from_corrections() {
    let app = TestApp::start().await;
    let ticket = report(&app, 0, 0, "鸭子灯又灭了").await;
    assert!(suggested(&app, &ticket).await.is_null(), "nobody knows the word yet");
    app.write(move |tx| {
        for day in 0..220 {
            let (text, category) = match day % 2 {
                0 => (format!("鸭子灯{}灭了", "又".repeat(day % 9)), "0101"),
                _ => (format!("垃圾桶{}满了", "总".repeat(day % 9)), "0802"),
            };
            let number = format!("TGY{day}");
            let copy = Ticket {
                id: louma::db::Id::new(),
                number,
                text: text.into(),
                category: Some(category.to_owned()),
                closed_at: Some(tx.now.plus_minutes(-(day as i64))),
                status: louma::tickets::Status::Archived,
                secret_hash: louma::db::Id::new().bytes().to_vec(),
                ..ticket.clone()
            };
            diesel::insert_into(rows::table).values(copy).execute(tx.conn)?;
        }
        Ok(())
    })
    .await;
    assert_eq!(learning::learn(&app.parts.db).await.unwrap(), 220);
    assert_eq!(
        learning::learn_if_due(&app.parts.db).await.unwrap(),
        None,
        "not before something new is known"
    );
    let text = "鸭子灯灭了好几天";
    let found = app.read(move |tx| suggest::guess(tx, text)).await.unwrap();
    assert_eq!((found.category.as_str(), found.made_by), ("0101", suggest::Source::Classifier));
    // Ten corrections are a reason to learn again, and are learnt before the tickets are closed.
    let worker = app.as_(Role::CommunityWorker);
    for number in 0..10 {
        let ticket = report(&app, 0, 0, &format!("鸭子灯灭了{number}次")).await;
        assert_eq!(suggested(&app, &ticket).await["category"], "0101");
        let put_right = [("category", "0501"), ("kind", "help"), ("version", "1")];
        worker.post(&format!("/console/tickets/{}/category", ticket.id), &put_right).await;
    }
    learning::learn_if_due(&app.parts.db).await.unwrap();
    let home = app.home().community.id;
    assert_eq!(app.read(move |tx| suggest::accuracy(tx, home)).await.examples, 230);
}

#[test]
fn the_classifier_is_better_than_always_saying_the_most_frequent_category() {
    // The demonstration draws its reports from these sentences; a sentence that was learnt from is never asked about.
    let table =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/defaults/demo_reports.csv")).unwrap();
    let mut table = csv::Reader::from_reader(table.as_bytes());
    let sentences: Vec<(String, String)> = table.deserialize().map(|row| row.unwrap()).collect();
    let mut counts = std::collections::BTreeMap::new();
    for (code, _) in &sentences {
        *counts.entry(code.clone()).or_insert(0_usize) += 1;
    }
    let most = *counts.values().max().unwrap();
    let (mut right, mut keyword_right) = (0, 0);
    for fold in 0..5 {
        let (asked, learnt): (Vec<_>, Vec<_>) =
            sentences.iter().enumerate().partition(|(place, _)| place % 5 == fold);
        // As in the demonstration each sentence comes again and again.
        let examples: Vec<Example> = learnt
            .iter()
            .flat_map(|(_, (category, text))| {
                std::iter::repeat_n(Example { text: text.clone(), category: category.clone() }, 10)
            })
            .collect();
        let model = Model::learn(&examples);
        for (_, (code, text)) in asked {
            right += usize::from(model.category(text) == Some(code));
            keyword_right +=
                usize::from(suggest::keywords::best(text).is_some_and(|(best, _)| best == *code));
        }
    }
    let all = sentences.len();
    println!(
        "held out: classifier {right} of {all}, keywords {keyword_right}, most frequent category {most}"
    );
    assert!(right > 5 * most && right * 2 > all, "{right} of {all}");
}
