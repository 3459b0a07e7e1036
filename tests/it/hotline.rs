//! The hotline's tickets over HTTP: brought, looked at, confirmed, taken back; what their words mean; which are ours too; and
//! how the figures follow.

mod files;
mod history;

use diesel::prelude::*;
use louma::db::{Id, Time};
use louma::people::Role;
use louma::schema::tickets;
use serde_json::{Value, json};

use crate::harness::{Answer, TestApp, send};

const WORKER: Role = Role::CommunityWorker;
const LEAD: Role = Role::CommunityLead;
const UNIT: &str = "天宫院中里 3号楼2单元";
const LAMP: &str = "0101";
const HEAD: &str = "工单编号,来电时间,小区点位,问题分类,主要内容,工单类型,来电人,联系电话";

struct Town(TestApp);

impl Town {
    async fn start() -> Town {
        Town(TestApp::start().await)
    }

    /// Brings a table; the answer is the preview.
    async fn bring(&self, table: impl Into<Vec<u8>>) -> Answer {
        let client = self.0.as_(WORKER);
        let mut request = client.request(reqwest::Method::POST, "/api/v1/hotline/batches?file_name=a.csv");
        if let Some(csrf) = &client.csrf {
            request = request.header("x-csrf-token", csrf);
        }
        send(request.header("content-type", "application/octet-stream").body(table.into())).await
    }

    /// Brings rows and lets them count; the answer is the batch.
    async fn import(&self, rows: &str) -> Value {
        let brought = self.bring(format!("{HEAD}\n{rows}")).await;
        assert_eq!(brought.status, 201, "{}", brought.body);
        let path = format!("/api/v1/hotline/batches/{}/confirmation", word(&brought.json(), "id"));
        let done = self.0.as_(WORKER).post_json(&path, json!({})).await;
        assert_eq!(done.status, 200, "{}", done.body);
        done.json()
    }

    async fn undo(&self, role: Role, batch: &Value) -> Answer {
        let path = format!("/api/v1/hotline/batches/{}/removal", word(batch, "id"));
        self.0.as_(role).post_json(&path, json!({})).await
    }

    /// The comparison up to a year.
    async fn compared(&self, query: &str) -> Value {
        self.0.as_(LEAD).get(&format!("/api/v1/stats/hotline?{query}")).await.json()
    }

    /// One month of it.
    async fn month(&self, month: &str) -> Value {
        let all = self.compared(&format!("year={}", &month[..4])).await;
        let line = all["months"].as_array().unwrap().iter().find(|line| line["month"] == month);
        line.unwrap().clone()
    }

    /// Takes down a call at the unit about its lamp, and sets it back to a day.
    async fn lamp_on(&self, day: &str) -> Id {
        let key = uuid::Uuid::new_v4().simple().to_string();
        let call = json!({
            "key": key, "channel": "phone", "place": UNIT, "matter": LAMP, "text": "二层楼道灯不亮", "phone": "13812341234",
        });
        let answer = self.0.as_(WORKER).post_json("/api/v1/tickets", call).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        let id = Id(word(&answer.json(), "id").parse().unwrap());
        let at = noon(day);
        self.0
            .write(move |tx| {
                diesel::update(tickets::table.filter(tickets::id.eq(id)))
                    .set(tickets::submitted_at.eq(at))
                    .execute(tx.conn)?;
                Ok(())
            })
            .await;
        id
    }

    async fn proposals(&self, after: &str) -> Value {
        let answer = self.0.as_(WORKER).get(&format!("/api/v1/hotline/proposals{after}")).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()
    }

    async fn say(&self, ticket: Id, number: &str, verdict: &str) -> Answer {
        let body = json!({ "ticket_id": ticket, "number": number, "verdict": verdict });
        self.0.as_(WORKER).post_json("/api/v1/hotline/pairs", body).await
    }
}

fn word<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap()
}

fn noon(day: &str) -> Time {
    louma::clock::at_local(format!("{day}T12:00:00").parse().unwrap())
}

fn row(number: &str, day: &str) -> String {
    format!("{number},{day} 14:00,{UNIT},房屋与公共设施,楼道灯不亮，请打13812341234,诉求,李四,13812341234\n")
}

#[actix_web::test]
async fn a_table_is_looked_at_first_and_counts_once_it_is_confirmed() {
    let town = Town::start().await;
    let table = format!("{HEAD}\n{}{}坏,昨天,,,,,,\n", row("A1", "2025-05-03"), row("A2", "2025-05-04"));
    let preview = town.bring(table.clone()).await.json();
    assert_eq!(
        (&preview["accepted"], &preview["rejected"], &preview["added"]),
        (&json!(2), &json!(1), &json!(2))
    );
    assert_eq!(preview["personal"], "来电人、联系电话");
    assert_eq!(
        (&preview["state"], &preview["places"]["rows"], &preview["matters"]["rows"]),
        (&json!("draft"), &json!(2), &json!(2))
    );
    assert_eq!(preview["rejects"][0]["row"], 4);
    assert_eq!(town.month("2025-05").await["hotline"], Value::Null, "a draft counts nowhere");

    let path = format!("/api/v1/hotline/batches/{}/confirmation", word(&preview, "id"));
    let client = town.0.as_(WORKER);
    assert_eq!(client.post_json(&path, json!({})).await.json()["state"], "confirmed");
    assert_eq!(client.post_json(&path, json!({})).await.status, 409, "confirmed once");
    let may = town.month("2025-05").await;
    assert_eq!(
        (&may["hotline"], &may["from_rows"], &may["demands"], &may["inquiries"]),
        (&json!(2), &json!(true), &json!(2), &json!(0))
    );
    let audits = town.0.as_(LEAD).get("/api/v1/audits").await.body;
    assert!(audits.contains("导入 12345 工单「a.csv」：新增 2，更新 0，原样 0"), "{audits}");
    let kept = town.0.as_(WORKER).get("/api/v1/hotline/proposals").await.body;
    assert!(!kept.contains("13812341234") && !kept.contains("李四"), "{kept}");

    // The same again changes nothing; other particulars update; a number counts once.
    let same = town.import(&format!("{}{}", row("A1", "2025-05-03"), row("A2", "2025-05-04"))).await;
    assert_eq!((&same["added"], &same["updated"], &same["same"]), (&json!(0), &json!(0), &json!(2)));
    let newer = town.import(&format!("{}{}", row("A2", "2025-06-01"), row("A3", "2025-05-09"))).await;
    assert_eq!((&newer["added"], &newer["updated"], &newer["same"]), (&json!(1), &json!(1), &json!(0)));
    assert_eq!(town.month("2025-05").await["hotline"], 2);
    assert_eq!(town.month("2025-06").await["hotline"], 1);
}

#[actix_web::test]
async fn a_batch_is_taken_back_as_a_whole_whatever_was_brought_later() {
    let town = Town::start().await;
    let first = town.import(&format!("{}{}", row("A1", "2025-05-03"), row("A2", "2025-05-04"))).await;
    let second = town.import(&row("A1", "2025-06-03")).await;
    let third = town.import(&format!("{}{}", row("A1", "2025-07-03"), row("A4", "2025-07-04"))).await;
    let counted = || async {
        let mut counts = Vec::new();
        for month in ["2025-05", "2025-06", "2025-07"] {
            counts.push(town.month(month).await["hotline"].as_i64().unwrap_or_default());
        }
        counts
    };
    assert_eq!(counted().await, [1, 0, 2]);
    assert_eq!(town.undo(WORKER, &second).await.status, 403, "leads take back what counts");
    // The one between: the later stays, and knows what lay below.
    assert_eq!(town.undo(LEAD, &second).await.status, 200);
    assert_eq!(counted().await, [1, 0, 2]);
    assert_eq!(town.undo(LEAD, &third).await.status, 200);
    assert_eq!(counted().await, [2, 0, 0], "the first row of A1 is there again");
    assert_eq!(town.undo(LEAD, &third).await.status, 409);
    assert_eq!(town.undo(LEAD, &first).await.status, 200);
    assert_eq!(counted().await, [0, 0, 0]);
    let list = town.0.as_(Role::Auditor).get("/api/v1/hotline/batches").await.json();
    let states: Vec<&str> = list.as_array().unwrap().iter().map(|batch| word(batch, "state")).collect();
    assert_eq!(states, ["undone", "undone", "undone"]);
    let draft = town.bring(format!("{HEAD}\n{}", row("A9", "2025-05-03"))).await.json();
    assert_eq!(town.undo(WORKER, &draft).await.json()["state"], "undone", "a draft is thrown away");
}

#[actix_web::test]
async fn rows_win_over_what_was_typed_and_the_difference_is_shown() {
    let town = Town::start().await;
    let lead = town.0.as_(LEAD);
    for (period, cases) in [("2025-05", 9), ("2025-06", 7)] {
        let total = json!({ "period": period, "cases": cases, "source": "街道通报" });
        assert_eq!(lead.post_json("/api/v1/hotline-totals", total).await.status, 200);
    }
    let batch = town.import(&format!("{}{}", row("A1", "2025-05-03"), row("A2", "2025-05-04"))).await;
    let may = town.month("2025-05").await;
    assert_eq!((&may["hotline"], &may["typed"], &may["difference"]), (&json!(2), &json!(9), &json!(7)));
    let june = town.month("2025-06").await;
    assert_eq!(
        (&june["hotline"], &june["from_rows"], &june["overlap"]),
        (&json!(7), &json!(false), &Value::Null)
    );
    let page = lead.get("/console/stats/hotline?year=2025").await.body;
    assert!(page.contains("录入的数 9，差 7") && page.contains("12345 工单明细"), "{page}");
    assert_eq!(town.undo(LEAD, &batch).await.status, 200);
    assert_eq!(town.month("2025-05").await["hotline"], 9, "what was typed holds again");
}

#[actix_web::test]
async fn names_are_proposed_corrected_and_remembered() {
    let town = Town::start().await;
    let table = "A1,2025-05-03,天宫院中里三号楼二单元101室,城市管理->公共照明,灯,诉求,,\nA2,2025-05-04,幸福花园,天上的事,云,咨询,,\n";
    town.import(table).await;
    let client = town.0.as_(WORKER);
    let names = client.get("/api/v1/hotline/names?kind=place").await.json();
    let by = |name: &str, list: &Value| {
        list.as_array().unwrap().iter().find(|each| each["name"] == name).unwrap_or(&Value::Null).clone()
    };
    let known = by("天宫院中里三号楼二单元***室", &names);
    let unit = town.0.home().units.iter().find(|(place, _)| place.full_name == UNIT).unwrap().0.id;
    assert_eq!(
        (&known["place_id"], &known["made_by"], &known["rows"]),
        (&json!(unit), &json!("keywords"), &json!(1))
    );
    assert_eq!(by("幸福花园", &names)["made_by"], "nobody");

    let meant = json!({ "kind": "place", "name": "幸福花园", "place_id": unit });
    let answer = client.send_json(reqwest::Method::PUT, "/api/v1/hotline/names", meant).await;
    assert_eq!((answer.status, answer.json()["made_by"].clone()), (200, json!("person")));
    let meant = json!({ "kind": "matter", "name": "天上的事", "category": "9999" });
    assert_eq!(client.send_json(reqwest::Method::PUT, "/api/v1/hotline/names", meant).await.status, 422);
    let meant = json!({ "kind": "matter", "name": "没有的", "category": "0101" });
    assert_eq!(client.send_json(reqwest::Method::PUT, "/api/v1/hotline/names", meant).await.status, 404);

    // The next table knows it, and the house of the past row too.
    let preview = town.bring(format!("{HEAD}\nA3,2025-05-05,幸福花园,天上的事,雨,,,\n")).await.json();
    assert_eq!((&preview["places"]["rows"], &preview["matters"]["rows_without"]), (&json!(1), &json!(1)));
    let doors = client.get("/api/v1/stats?month=2025-05").await.json();
    let door = doors["doors"]
        .as_array()
        .unwrap()
        .iter()
        .find(|door| door["place_id"] == json!(unit))
        .unwrap()
        .clone();
    assert_eq!((&door["hotline"], &door["hotline_last_year"]), (&json!(2), &Value::Null));
    let audits = town.0.as_(LEAD).get("/api/v1/audits").await.body;
    assert!(audits.contains("12345 地点「幸福花园」对应到"), "{audits}");
    let page = client.get("/console/hotline/names?kind=place&made_by=person").await;
    assert!(
        page.status == 200 && page.body.contains("幸福花园") && !page.body.contains("三号楼"),
        "{}",
        page.body
    );
    let moved = client
        .post("/console/hotline/names", &[("kind", "place"), ("name", "幸福花园"), ("target", "")])
        .await;
    assert_eq!(moved.status, 303);
    let names = client.get("/api/v1/hotline/names?kind=place&made_by=person").await.json();
    assert_eq!(by("幸福花园", &names)["place_id"], Value::Null, "none of ours, said by a person");
}

#[actix_web::test]
async fn pairs_are_proposed_with_reasons_and_count_once_a_person_confirms_them() {
    let town = Town::start().await;
    let before = town.lamp_on("2025-05-01").await;
    let far = town.lamp_on("2025-01-01").await;
    let after = town.lamp_on("2025-05-20").await;
    town.import(&format!("{}{}", row("A1", "2025-05-10"), row("A2", "2024-12-01"))).await;
    let page = town.proposals("").await;
    let found = &page["proposals"][0];
    assert_eq!(found["theirs"]["number"], "A1");
    let ours: Vec<&str> =
        found["candidates"].as_array().unwrap().iter().map(|each| word(each, "ticket_id")).collect();
    assert_eq!(ours.len(), 2, "the one of January is too far");
    assert!(ours.contains(&before.to_string().as_str()) && ours.contains(&after.to_string().as_str()));
    let reasons = found["candidates"][0]["reasons"].to_string();
    assert!(
        reasons.contains("同一地点") && reasons.contains("同一大类") && reasons.contains("相差"),
        "{reasons}"
    );
    assert_eq!(page["next"], Value::Null);

    assert_eq!(town.say(far, "A1", "confirmed").await.status, 422, "nothing speaks for it");
    assert_eq!(town.say(before, "B9", "confirmed").await.status, 404);
    assert_eq!(town.say(before, "A1", "confirmed").await.status, 200);
    assert_eq!(town.say(after, "A1", "rejected").await.status, 200);
    assert_eq!(
        town.proposals("").await["proposals"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|each| each["theirs"]["number"] == "A1")
            .count(),
        0
    );
    let overlap = town.month("2025-05").await["overlap"].clone();
    let numbers = ["own", "hotline", "both", "first", "leaked", "hotline_only", "solved_only"]
        .map(|key| overlap[key].as_i64().unwrap());
    assert_eq!(numbers, [2, 1, 1, 1, 1, 0, 0], "{overlap}");
    let rate = |key: &str| {
        (overlap[key]["numerator"].as_f64().unwrap(), overlap[key]["denominator"].as_f64().unwrap())
    };
    assert_eq!(
        [rate("leak_rate"), rate("first_rate"), rate("ahead_rate")],
        [(1.0, 2.0), (1.0, 1.0), (0.0, 2.0)]
    );
    let compared = town.compared("year=2025&month=5").await;
    assert_eq!(compared["buildings"][0]["overlap"]["both"], 1, "{}", compared["buildings"]);
    assert!(compared["buildings"][0]["name"].as_str().unwrap().contains("3号楼"));
    assert_eq!(town.compared("year=2025&month=4").await["buildings"], json!([]));

    // Each count opens what stands behind it, ours and the hotline's.
    let lead = town.0.as_(LEAD);
    let page = lead.get("/console/stats/hotline?year=2025&month=5").await.body;
    let mut opened = 0;
    for part in page.split("href=\"/console/stats/hotline/tickets?").skip(1) {
        let (link, rest) = part.split_once("\">").unwrap();
        let shown: u64 = rest.split('<').next().unwrap().parse().unwrap();
        let list =
            lead.get(&format!("/api/v1/stats/hotline/tickets?{}", link.replace("&amp;", "&"))).await.json();
        let rows = list["rows"].as_array().unwrap().len() as u64;
        assert_eq!((list["count"].as_u64(), rows), (Some(shown), shown), "{link}: {list}");
        opened += 1;
    }
    assert!(opened >= 10, "{opened} counts open: {page}");
    let both = lead.get("/console/stats/hotline/tickets?year=2025&month=5&which=both").await;
    assert!(both.status == 200 && both.body.contains("A1") && both.body.contains("共 1 条"), "{}", both.body);
    for wrong in ["year=2025&which=none", "year=2025&month=13&which=own", "year=2999&which=own"] {
        assert_eq!(lead.get(&format!("/console/stats/hotline/tickets?{wrong}")).await.status, 422, "{wrong}");
    }

    // Another word, and the list of what was said.
    let listed = town.0.as_(WORKER).get("/console/hotline/pairs?verdict=confirmed").await.body;
    assert!(listed.contains("A1") && listed.contains("同一地点"), "{listed}");
    let client = town.0.as_(WORKER);
    let fields = [("ticket_id", before.to_string()), ("number", "A1".into()), ("verdict", "rejected".into())];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(client.post("/console/hotline/pairs", &fields).await.status, 303);
    assert_eq!(town.month("2025-05").await["overlap"]["both"], 0);
    let audits = town.0.as_(LEAD).get("/api/v1/audits").await.body;
    assert!(audits.contains("与 12345 工单 A1：是同一件") && audits.contains("与 12345 工单 A1：不是同一件"));
}

#[actix_web::test]
async fn proposals_are_read_page_by_page_without_missing_one() {
    let town = Town::start().await;
    town.lamp_on("2025-05-15").await;
    let rows: String = (0..40)
        .map(|serial| row(&format!("A{serial:02}"), &format!("2025-05-{:02}", serial % 28 + 1)))
        .collect();
    town.import(&rows).await;
    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        let page = town.proposals(&after).await;
        for each in page["proposals"].as_array().unwrap() {
            seen.push(word(&each["theirs"], "number").to_owned());
        }
        match page["next"].as_str() {
            Some(next) => after = format!("?after={next}"),
            None => break,
        }
    }
    let all = seen.len();
    seen.sort();
    seen.dedup();
    assert_eq!((all, seen.len()), (40, 40));
}

#[actix_web::test]
async fn ten_at_once_confirm_a_batch_once_and_a_number_counts_once() {
    let town = Town::start().await;
    let mut paths = Vec::new();
    for turn in 0..5 {
        let rows: String =
            (0..20).map(|serial| row(&format!("A{serial}"), &format!("2025-05-{:02}", turn + 1))).collect();
        let brought = town.bring(format!("{HEAD}\n{rows}")).await.json();
        paths.push(format!("/api/v1/hotline/batches/{}/confirmation", word(&brought, "id")));
    }
    let client = town.0.as_(WORKER);
    let tries = paths.iter().chain(&paths).map(|path| client.post_json(path, json!({})));
    let answers = futures_util::future::join_all(tries).await;
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 5, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 409).count(), 5, "{statuses:?}");
    assert_eq!(town.month("2025-05").await["hotline"], 20);
}
