//! What is alike, over HTTP: the same matter twice, one incident, the same again, the same photo; and what of it is counted.

use diesel::prelude::*;
use louma::db::{Id, Time};
use louma::people::Role;
use louma::schema::tickets as rows;
use louma::tickets::{Status, Ticket};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};

use crate::harness::{Answer, TestApp};

const WORKER: Role = Role::CommunityWorker;
/// The first unit of the building, and the building itself.
const UNIT: &str = "天宫院中里 3号楼2单元";
const BUILDING: &str = "天宫院中里 3号楼";
const LAMP: &str = "0101";

struct Town(TestApp);

impl Town {
    async fn start() -> Town {
        Town(TestApp::start().await)
    }

    /// A call taken down: who, where, about what.
    async fn call(&self, phone: &str, place: &str, matter: &str) -> Value {
        let key = uuid::Uuid::new_v4().simple().to_string();
        let call = json!({
            "key": key, "channel": "phone", "place": place, "matter": matter, "text": "楼道灯不亮", "phone": phone,
        });
        let answer = self.0.as_(WORKER).post_json("/api/v1/tickets", call).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        answer.json()
    }

    async fn lamp(&self, phone: &str) -> Value {
        self.call(phone, UNIT, LAMP).await
    }

    async fn alike(&self, ticket: &Value) -> Value {
        self.0.as_(WORKER).get(&format!("/api/v1/tickets/{}/alike", word(ticket, "id"))).await.json()
    }

    async fn ticket(&self, ticket: &Value) -> Ticket {
        let (home, id) = (self.0.home().community.id, id(ticket));
        self.0.read(move |tx| louma::tickets::find_own(tx, home, id)).await
    }

    /// Does something with a ticket as it is now.
    async fn ask(&self, role: Role, ticket: &Value, noun: &str, mut body: Value) -> Answer {
        body["version"] = json!(self.ticket(ticket).await.version);
        self.0.as_(role).post_json(&format!("/api/v1/tickets/{}/{noun}", word(ticket, "id")), body).await
    }

    async fn ok(&self, role: Role, ticket: &Value, noun: &str, body: Value) {
        let answer = self.ask(role, ticket, noun, body).await;
        assert!(matches!(answer.status, 200 | 204), "{noun}: {} {}", answer.status, answer.body);
    }

    async fn settle(&self, ticket: &Value) {
        self.ok(WORKER, ticket, "acceptance", json!({})).await;
        let body = json!({ "result": "solved", "level": "community", "text": "换了灯" });
        self.ok(WORKER, ticket, "closure", body).await;
    }

    /// Puts submission and closing so many days back.
    async fn set_back(&self, ticket: &Value, submitted: i64, closed: Option<i64>) {
        let id = id(ticket);
        self.0
            .write(move |tx| {
                let ago = |days: i64| tx.now.plus_minutes(-days * 1440);
                let row = diesel::update(rows::table.filter(rows::id.eq(id)));
                let closed: Option<Time> = closed.map(ago);
                row.set((rows::submitted_at.eq(ago(submitted)), rows::closed_at.eq(closed)))
                    .execute(tx.conn)?;
                Ok(())
            })
            .await;
    }

    async fn month(&self) -> Value {
        let month = louma::db::now().day().format("%Y-%m").to_string();
        self.0.as_(WORKER).get(&format!("/api/v1/stats?month={month}")).await.json()
    }

    /// 受理量, C and C without repeats of this month.
    async fn counted(&self) -> [f64; 3] {
        let stats = self.month().await;
        let value = |metric: &str| {
            let totals = stats["totals"].as_array().unwrap();
            totals.iter().find(|line| line["metric"] == metric).unwrap()["current"]["value"].as_f64().unwrap()
        };
        ["cases", "comparable", "comparable_events"].map(value)
    }

    async fn resident(&self, ticket: &Value) -> String {
        format!("/t/{}", self.secret(ticket).await)
    }

    async fn secret(&self, ticket: &Value) -> String {
        let ticket = self.ticket(ticket).await;
        self.0.parts.keys.ticket_secret(ticket.key_version, &self.0.home().community.token, ticket.id)
    }

    async fn post(&self, path: &str, body: Value) -> Answer {
        self.0.as_(WORKER).post_json(path, body).await
    }
}

fn word<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap()
}

fn id(value: &Value) -> Id {
    Id(word(value, "id").parse().unwrap())
}

fn numbers(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|each| word(each, "number")).collect()
}

#[actix_web::test]
async fn the_same_person_is_proposed_as_a_duplicate_and_neighbours_as_a_group() {
    let town = Town::start().await;
    let first = town.lamp("10000000001").await;
    let again = town.lamp("10000000001").await;
    let neighbour = town.lamp("10000000002").await;
    town.call("10000000001", UNIT, "0201").await;
    let alike = town.alike(&again).await;
    let proposals = alike["proposals"].as_array().unwrap();
    assert_eq!(proposals.len(), 1, "{alike}");
    assert_eq!(proposals[0]["earlier"]["number"], first["number"]);
    assert!(proposals[0]["repeats"] == true && proposals[0]["proof"]["same_phone"] == true);
    let group = town.alike(&neighbour).await;
    assert_eq!(group["proposals"].as_array().unwrap().len(), 2);
    assert!(group["proposals"][0]["repeats"] == false);
    let path = format!("/console/tickets/{}/alike", word(&again, "id"));
    let part = town.0.as_(WORKER).request(reqwest::Method::GET, &path).header("hx-request", "true");
    let part = crate::harness::send(part).await.body;
    assert!(part.contains("可能和") && part.contains("重复") && part.contains("同一电话"), "{part}");
    assert!(part.contains("不是同一件") && !part.contains("<html"), "{part}");
    let whole = town.0.as_(WORKER).get(&path).await.body;
    assert!(whole.contains("<html") && whole.contains("可能和"), "a page of its own where no script runs");
    let handed = town.0.as_(Role::Handler).get(&path).await;
    assert_eq!(handed.status, 403, "who belongs together is for the community to say");
}

#[actix_web::test]
async fn what_somebody_said_is_not_the_same_is_not_proposed_again() {
    let town = Town::start().await;
    let (first, again) = (town.lamp("10000000001").await, town.lamp("10000000001").await);
    let path = format!("/console/tickets/{}/distinction", word(&again, "id"));
    for _ in 0..2 {
        let said = town.0.as_(WORKER).post(&path, &[("earlier_id", word(&first, "id"))]).await;
        assert_eq!(said.status, 303, "{}", said.body);
    }
    assert_eq!(town.alike(&again).await["proposals"], json!([]));
    let third = town.lamp("10000000001").await;
    assert_eq!(
        town.alike(&third).await["proposals"].as_array().unwrap().len(),
        2,
        "of others it says nothing"
    );
}

#[actix_web::test]
async fn a_week_after_closing_it_is_no_duplicate_but_recurs() {
    let town = Town::start().await;
    let (first, again) = (town.lamp("10000000001").await, town.lamp("10000000001").await);
    town.settle(&first).await;
    town.set_back(&first, 10, Some(6)).await;
    assert_eq!(town.alike(&again).await["proposals"].as_array().unwrap().len(), 1);
    town.set_back(&first, 10, Some(8)).await;
    let alike = town.alike(&again).await;
    assert_eq!(alike["proposals"], json!([]));
    assert_eq!(alike["recurrence"]["times"], 2, "{alike}");
}

#[actix_web::test]
async fn both_counts_stay_right_when_a_merger_is_undone() {
    let town = Town::start().await;
    let main = town.lamp("10000000001").await;
    let (again, neighbour) = (town.lamp("10000000001").await, town.lamp("10000000002").await);
    assert_eq!(town.counted().await, [3.0, 3.0, 3.0]);
    let version = town.ticket(&again).await.version.to_string();
    let fields = [("version", version.as_str()), ("main", word(&main, "number"))];
    let merged =
        town.0.as_(WORKER).post(&format!("/console/tickets/{}/merger", word(&again, "id")), &fields).await;
    assert_eq!(merged.status, 303, "{}", merged.body);
    assert_eq!(town.counted().await, [3.0, 3.0, 2.0]);
    town.ok(WORKER, &neighbour, "merger", json!({ "main": main["number"] })).await;
    assert_eq!(
        town.counted().await,
        [3.0, 3.0, 1.0],
        "a group counts as often as people reported, and as one event"
    );
    town.ok(WORKER, &again, "unmerger", json!({ "reason": "是另一盏灯" })).await;
    assert_eq!(town.counted().await, [3.0, 3.0, 2.0]);
    assert_eq!(
        town.alike(&again).await["proposals"],
        json!([]),
        "whoever undid it said that it is not the same"
    );
    town.ok(WORKER, &neighbour, "unmerger", json!({ "reason": "是另一盏灯" })).await;
    assert_eq!(town.counted().await, [3.0, 3.0, 3.0]);
}

#[actix_web::test]
async fn mergers_and_their_undoing_in_any_order_leave_the_raw_count_and_the_events_of_what_is_not_merged() {
    let town = Town::start().await;
    let mut all = Vec::new();
    for number in 0..6 {
        all.push(town.lamp(&format!("1000000000{number}")).await);
    }
    let mut rng = StdRng::seed_from_u64(7);
    let mut done = (0, 0);
    for _ in 0..48 {
        let (one, other) = (&all[rng.random_range(0..6)], &all[rng.random_range(0..6)]);
        let answer = match rng.random_bool(0.6) {
            true => town.ask(WORKER, one, "merger", json!({ "main": other["number"] })).await,
            false => town.ask(WORKER, one, "unmerger", json!({ "reason": "不是同一件事" })).await,
        };
        assert!(matches!(answer.status, 200 | 409 | 422), "{}", answer.body);
        done = (done.0 + 1, done.1 + usize::from(answer.status == 200));
        let home = town.0.home().community.id;
        let standing: i64 = town
            .0
            .read(move |tx| {
                let own = rows::table.filter(rows::community_id.eq(home).and(rows::main_id.is_null()));
                Ok(own.count().get_result(tx.conn)?)
            })
            .await;
        assert_eq!(town.counted().await, [6.0, 6.0, standing as f64]);
    }
    assert!(done.1 > 10, "only {} of {} steps were possible", done.1, done.0);
}

/// Three neighbours without light within the hour: two in the unit, one about the whole building.
async fn outage(town: &Town) -> Vec<Value> {
    vec![
        town.call("10000000001", UNIT, LAMP).await,
        town.call("10000000002", UNIT, LAMP).await,
        town.call("10000000003", BUILDING, LAMP).await,
    ]
}

async fn confirmed(town: &Town, members: &[Value]) -> String {
    let ids: Vec<&Value> = members.iter().map(|each| &each["id"]).collect();
    let made = town.post("/api/v1/incidents", json!({ "tickets": ids })).await;
    assert_eq!(made.status, 201, "{}", made.body);
    format!("/api/v1/incidents/{}", word(&made.json(), "id"))
}

#[actix_web::test]
async fn several_people_of_one_building_within_the_hour_are_proposed_as_one_incident_and_a_person_confirms() {
    let town = Town::start().await;
    let mut members = outage(&town).await;
    let proposed = town.0.as_(WORKER).get("/api/v1/incidents/proposed").await.json();
    assert_eq!(numbers(&proposed[0]["tickets"]).len(), 3, "{proposed}");
    assert_eq!(proposed[0]["place"], BUILDING);
    let banner = town.0.as_(WORKER).get("/console/incidents/proposed").await.body;
    assert!(banner.contains("可能是同一事件") && banner.contains("3 件"), "{banner}");
    assert!(town.alike(&members[0]).await["proposed"].is_object());
    let fields: Vec<(&str, &str)> = members.iter().map(|each| ("ticket", word(each, "id"))).collect();
    let made = town.0.as_(WORKER).post("/console/incidents", &fields).await;
    assert_eq!(made.status, 303, "{}", made.body);
    assert_eq!(town.0.as_(WORKER).get("/api/v1/incidents/proposed").await.json(), json!([]));
    let path = made.location.replace("/console", "/api/v1");
    members.push(town.call("10000000004", UNIT, LAMP).await);
    let sheet = town.0.as_(WORKER).get(&path).await.json();
    assert_eq!(numbers(&sheet["joining"]), [word(&members[3], "number")], "{sheet}");
    assert_eq!(town.alike(&members[3]).await["joinable"].as_array().unwrap().len(), 1);
    let joined = town.post(&format!("{path}/tickets"), json!({ "number": members[3]["number"] })).await;
    assert_eq!(joined.status, 204, "{}", joined.body);
    let again = town.post(&format!("{path}/tickets"), json!({ "number": members[3]["number"] })).await;
    assert_eq!(again.status, 409, "once");
    let page = town.0.as_(Role::StreetManager).get(&made.location).await;
    assert_eq!(page.status, 200, "the street looks on");
    assert!(!page.body.contains("移出</button>") && page.body.contains(word(&members[3], "number")));
    let noted = town.0.as_(WORKER).get(&format!("/console/tickets/{}", word(&members[0], "id"))).await.body;
    assert!(noted.contains("归入同一事件"), "its history says so");
}

#[actix_web::test]
async fn an_incident_that_is_none_is_not_proposed_again_and_nobody_belongs_to_two() {
    let town = Town::start().await;
    let members = outage(&town).await;
    let ids: Vec<&Value> = members.iter().map(|each| &each["id"]).collect();
    let said = town.post("/api/v1/incidents/dismissal", json!({ "tickets": ids })).await;
    assert_eq!(said.status, 200, "{}", said.body);
    assert_eq!(town.0.as_(WORKER).get("/api/v1/incidents/proposed").await.json(), json!([]));
    assert_eq!(town.counted().await[2], 3.0, "and nothing is counted otherwise");
    confirmed(&town, &members).await;
    let twice = town.post("/api/v1/incidents", json!({ "tickets": ids })).await;
    assert_eq!(twice.status, 409, "{}", twice.body);
    let alone = town.post("/api/v1/incidents", json!({ "tickets": [members[0]["id"]] })).await;
    assert_eq!(alone.status, 422);
}

#[actix_web::test]
async fn of_ten_who_confirm_the_same_incident_at_once_one_does() {
    let town = Town::start().await;
    let members = outage(&town).await;
    let ids: Vec<&Value> = members.iter().map(|each| &each["id"]).collect();
    let body = json!({ "tickets": ids });
    let all =
        futures_util::future::join_all((0..10).map(|_| town.post("/api/v1/incidents", body.clone()))).await;
    let count = |status: u16| all.iter().filter(|answer| answer.status == status).count();
    assert_eq!(
        (count(201), count(409)),
        (1, 9),
        "{:?}",
        all.iter().map(|each| each.status).collect::<Vec<_>>()
    );
    let open = town.0.as_(WORKER).get("/api/v1/incidents?state=open").await.json();
    assert_eq!(open.as_array().unwrap().len(), 1);
}

#[actix_web::test]
async fn one_message_and_one_closing_reach_all_and_each_resident_answers_alone() {
    let town = Town::start().await;
    let members = outage(&town).await;
    let path = confirmed(&town, &members).await;
    town.ok(WORKER, &members[2], "acceptance", json!({})).await;
    let until = louma::db::now().plus_minutes(30 * 1440);
    let wish = json!({ "until": until, "reason": "等电力公司", "basis": "施工计划", "plan": "下月再看" });
    town.ok(WORKER, &members[2], "suspensions", wish).await;
    let request = town.0.as_(Role::CommunityLead).get("/api/v1/requests").await.json();
    let decide = format!("/api/v1/requests/{}/decision", word(&request[0], "id"));
    let verdict = json!({ "verdict": "approve", "answer": "同意挂账" });
    assert_eq!(town.0.as_(Role::CommunityLead).post_json(&decide, verdict).await.status, 200);

    let told = town
        .post(&format!("{path}/messages"), json!({ "text": "电力公司正在抢修，预计六点来电" }))
        .await
        .json();
    assert_eq!(numbers(&told).len(), 3);
    for member in &members {
        let page = town.0.stranger().get(&town.resident(member).await).await.body;
        assert!(page.contains("预计六点来电"), "{page}");
    }
    let ending = json!({ "result": "solved", "level": "community", "text": "已恢复供电" });
    let closed = town.post(&format!("{path}/closure"), ending.clone()).await.json();
    let problems: Vec<Option<&str>> =
        closed.as_array().unwrap().iter().map(|each| each["problem"].as_str()).collect();
    assert!(problems[0].is_none() && problems[1].is_none(), "{closed}");
    assert!(problems[2].unwrap().contains("挂账"), "{closed}");
    let sheet = town.0.as_(WORKER).get(&path).await.json();
    assert_eq!(sheet["state"], "open", "one is left");
    assert_eq!(town.post(&format!("{path}/end"), json!({})).await.status, 409);

    town.ok(WORKER, &members[2], "resumption", json!({ "reason": "材料到了" })).await;
    let rest = town.post(&format!("{path}/closure"), ending).await.json();
    assert_eq!(numbers(&rest), [word(&members[2], "number")], "only what was left");
    assert_eq!(town.0.as_(WORKER).get(&path).await.json()["state"], "closed");

    let page = town.resident(&members[0]).await;
    assert!(town.0.stranger().get(&page).await.body.contains("我家还没好"));
    let again = town.0.stranger().post(&format!("{page}/rework"), &[("reason", "我家还没有电")]).await;
    assert_eq!(again.status, 303, "{}", again.body);
    assert_eq!(town.ticket(&members[0]).await.status, Status::InProgress);
    assert_eq!(town.ticket(&members[1]).await.status, Status::FollowUp, "the neighbours' stay closed");
}

#[actix_web::test]
async fn members_of_an_incident_count_each_as_a_report_and_once_for_each_place_as_an_event() {
    let town = Town::start().await;
    let members = outage(&town).await;
    assert_eq!(town.counted().await, [3.0, 3.0, 3.0]);
    let path = confirmed(&town, &members).await;
    assert_eq!(
        town.counted().await,
        [3.0, 3.0, 2.0],
        "two of the unit are one event, the building is another"
    );
    let removed = town.post(&format!("{path}/removals"), json!({ "ticket_id": members[1]["id"] })).await;
    assert_eq!(removed.status, 204, "{}", removed.body);
    assert_eq!(town.counted().await, [3.0, 3.0, 3.0]);
    let gone = town.post(&format!("{path}/removals"), json!({ "ticket_id": members[1]["id"] })).await;
    assert_eq!(gone.status, 409);
    town.post(&format!("{path}/tickets"), json!({ "number": members[1]["number"] })).await;
    assert_eq!(town.counted().await, [3.0, 3.0, 2.0], "who was taken out may come back");
}

#[actix_web::test]
async fn a_refused_form_of_an_incident_comes_back_with_every_word() {
    let town = Town::start().await;
    let path = confirmed(&town, &outage(&town).await).await.replace("/api/v1", "/console");
    let wrong = town.0.as_(WORKER).post(&format!("{path}/tickets"), &[("number", "TGY错的")]).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.body.contains("核对工单号") && wrong.body.contains("value=\"TGY错的\""), "{}", wrong.body);
    let fields = [("result", "explained"), ("level", "street"), ("text", " ")];
    let bare = town.0.as_(WORKER).post_files(&format!("{path}/closure"), &fields, &[]).await;
    assert_eq!(bare.status, 422);
    assert!(bare.body.contains("请写明做了什么") && bare.body.contains("value=\"street\" selected"));
    let fields = [("result", "solved"), ("level", "community"), ("text", "已来电")];
    let picture = scene(3, 640, 480);
    let files = [("photo", "a.jpg", picture.as_slice())];
    let closed = town.0.as_(WORKER).post_files(&format!("{path}/closure"), &fields, &files).await;
    assert!(closed.status == 200 && closed.body.contains("已办结"), "{}", closed.body);
}

#[actix_web::test]
async fn the_same_again_after_closing_shows_its_history_and_becomes_chronic() {
    let town = Town::start().await;
    let mut all = Vec::new();
    for number in 0..4 {
        all.push(town.lamp(&format!("1000000000{number}")).await);
    }
    for (ticket, submitted) in all[..3].iter().zip([60, 40, 20]) {
        town.settle(ticket).await;
        town.set_back(ticket, submitted, Some(submitted - 5)).await;
    }
    let recurrence = town.alike(&all[3]).await["recurrence"].clone();
    assert_eq!((&recurrence["times"], &recurrence["days"]), (&json!(4), &json!(90)));
    let earlier: Vec<&str> = all[..3].iter().map(|each| word(each, "number")).collect();
    assert_eq!(numbers(&recurrence["earlier"]), earlier, "the oldest first");
    let page = town.0.as_(WORKER).get(&format!("/console/tickets/{}/alike", word(&all[3], "id"))).await.body;
    assert!(page.contains("此处同类 90 天内第 4 次"), "{page}");
    let chronic = town.0.as_(Role::StreetManager).get("/api/v1/chronic").await.json();
    assert_eq!(chronic["rows"].as_array().unwrap().len(), 1, "{chronic}");
    let row = &chronic["rows"][0];
    assert_eq!((&row["closings"], &row["recurrences"], &row["place"]), (&json!(3), &json!(3), &json!(UNIT)));
    assert_eq!(row["last_ticket"]["number"], all[2]["number"]);
    assert_eq!(chronic["next"], Value::Null);
    assert!(town.0.as_(Role::CommunityLead).get("/console/chronic").await.body.contains("反复出现"));
    let other = json!({ "category": "0102", "kind": "help" });
    town.ok(WORKER, &all[3], "category", other).await;
    assert_eq!(town.alike(&all[3]).await["recurrence"], Value::Null, "a corrected category is right at once");
}

#[actix_web::test]
async fn chronic_places_are_turned_over_page_by_page() {
    let town = Town::start().await;
    let codes: Vec<String> = town
        .0
        .read(louma::routing::categories)
        .await
        .into_iter()
        .map(|category| category.code)
        .take(27)
        .collect();
    let seed = town.ticket(&town.lamp("10000000001").await).await;
    let expected = codes.len();
    town.0
        .write(move |tx| {
            for (at, code) in codes.iter().enumerate() {
                for round in 0..3 {
                    let id = Id::new();
                    let closed = tx.now.plus_minutes(-((at / 2 * 10 + round) as i64));
                    let ticket = Ticket {
                        number: id.to_string(),
                        secret_hash: id.bytes().to_vec(),
                        id,
                        level1: code[..2].to_owned(),
                        category: Some(code.clone()),
                        status: Status::Archived,
                        closed_at: Some(closed),
                        open_due_at: None,
                        ..seed.clone()
                    };
                    diesel::insert_into(rows::table).values(&ticket).execute(tx.conn)?;
                }
            }
            Ok(())
        })
        .await;
    let first = town.0.as_(WORKER).get("/api/v1/chronic").await.json();
    let next = word(&first, "next");
    let second = town.0.as_(WORKER).get(&format!("/api/v1/chronic?after={next}")).await.json();
    let codes = |page: &Value| -> Vec<String> {
        page["rows"].as_array().unwrap().iter().map(|row| word(row, "category").to_owned()).collect()
    };
    let mut all = [codes(&first), codes(&second)].concat();
    assert_eq!((codes(&first).len(), all.len(), &second["next"]), (25, expected, &Value::Null));
    all.sort();
    all.dedup();
    assert_eq!(all.len(), expected, "each once");
}

/// A scene of soft patches, as a JPEG; the same at every size.
fn scene(seed: u64, width: u32, height: u32) -> Vec<u8> {
    let mut rng = StdRng::seed_from_u64(seed);
    let patches: Vec<[f32; 3]> =
        (0..24).map(|_| std::array::from_fn(|_| rng.random_range(0.0..1.0))).collect();
    let picture = image::RgbImage::from_fn(width, height, |x, y| {
        let (x, y) = (x as f32 / width as f32, y as f32 / height as f32);
        let near = |[left, top, bright]: &[f32; 3]| {
            bright * (-60.0 * ((x - left).powi(2) + (y - top).powi(2))).exp()
        };
        let light = patches.iter().map(near).sum::<f32>();
        image::Rgb([(light * 120.0).min(255.0) as u8; 3])
    });
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut bytes, image::ImageFormat::Jpeg).unwrap();
    bytes.into_inner()
}

async fn close_with(town: &Town, ticket: &Value, photo: &[u8]) {
    town.ok(WORKER, ticket, "acceptance", json!({})).await;
    let version = town.ticket(ticket).await.version.to_string();
    let fields =
        [("version", version.as_str()), ("result", "solved"), ("level", "community"), ("text", "换了灯")];
    let path = format!("/console/tickets/{}/closure", word(ticket, "id"));
    let done = town.0.as_(WORKER).post_files(&path, &fields, &[("photo", "a.jpg", photo)]).await;
    assert_eq!(done.status, 303, "{}", done.body);
}

#[actix_web::test]
async fn an_after_photo_that_was_used_for_another_ticket_is_pointed_out() {
    let town = Town::start().await;
    let spot = town.0.home().units[1].0.full_name.clone();
    let first = town.lamp("10000000001").await;
    let (second, third) =
        (town.call("10000000002", &spot, LAMP).await, town.call("10000000003", UNIT, "0201").await);
    close_with(&town, &first, &scene(1, 800, 600)).await;
    close_with(&town, &second, &scene(1, 640, 480)).await;
    close_with(&town, &third, &scene(2, 800, 600)).await;
    let same = town.alike(&second).await["same_photos"].clone();
    assert_eq!(same.as_array().unwrap().len(), 1, "{same}");
    assert_eq!((&same[0]["other"]["number"], &same[0]["seq"]), (&first["number"], &json!(1)));
    assert_eq!(town.alike(&third).await["same_photos"], json!([]));
    let page = town.0.as_(WORKER).get(&format!("/console/tickets/{}/alike", word(&second, "id"))).await.body;
    assert!(page.contains("和另一件诉求的照片很像") && page.contains(word(&first, "number")), "{page}");
}

#[actix_web::test]
async fn photos_of_one_incident_may_be_the_same_and_it_is_one_time() {
    let town = Town::start().await;
    let members = outage(&town).await;
    let path = confirmed(&town, &members).await.replace("/api/v1", "/console");
    let fields = [("result", "solved"), ("level", "community"), ("text", "已来电")];
    let picture = scene(3, 640, 480);
    let files = [("photo", "a.jpg", picture.as_slice())];
    town.0.as_(WORKER).post_files(&format!("{path}/closure"), &fields, &files).await;
    assert_eq!(town.alike(&members[0]).await["same_photos"], json!([]));
    let chronic = town.0.as_(WORKER).get("/api/v1/chronic").await.json();
    assert_eq!(chronic["rows"], json!([]), "one incident is one time, however many told of it");
    for member in &members {
        town.set_back(member, 3, Some(2)).await;
    }
    let later = town.lamp("10000000009").await;
    assert_eq!(
        town.alike(&later).await["recurrence"]["times"],
        2,
        "the second time, after two reports of the unit"
    );
}

#[actix_web::test]
async fn a_part_of_a_report_is_a_case_but_no_report_of_its_own() {
    let town = Town::start().await;
    let ticket = town.lamp("10000000001").await;
    let part = json!({ "text": "门口垃圾没人收", "category": "0201", "kind": "complaint" });
    town.ok(WORKER, &ticket, "parts", part).await;
    assert_eq!(town.counted().await, [2.0, 1.0, 1.0]);
}

#[actix_web::test]
async fn the_figures_say_how_often_a_party_had_tickets_and_gave_them_back() {
    let town = Town::start().await;
    let ticket = town.lamp("10000000001").await;
    town.ok(WORKER, &ticket, "acceptance", json!({})).await;
    town.ok(WORKER, &ticket, "dispatch", json!({})).await;
    let why = json!({ "cause": "not_ours", "reason": "这段路归市政" });
    town.ok(Role::Handler, &ticket, "return", why).await;
    let parties = town.0.read({
        let home = town.0.home().community.id;
        move |tx| louma::routing::parties(tx, home)
    });
    let office = parties.await.into_iter().find(|party| party.name == "街道城管办").unwrap().id;
    town.ok(WORKER, &ticket, "dispatch", json!({ "party_id": office })).await;
    let stats = town.month().await;
    let party = |name: &str| {
        let all = stats["parties"].as_array().unwrap();
        all.iter().find(|slice| slice["name"] == name).unwrap()["hand_offs"].clone()
    };
    assert_eq!((&party("物业中心")["count"], &party("物业中心")["returned"]), (&json!(1), &json!(1)));
    assert_eq!(party("物业中心")["median"]["denominator"], 1.0);
    assert_eq!((&party("街道城管办")["count"], &party("街道城管办")["returned"]), (&json!(1), &json!(0)));
    assert_eq!(party("街道城管办")["median"]["value"], Value::Null, "it still has it");
    let page = town.0.as_(WORKER).get("/console/stats").await.body;
    assert!(page.contains("在手时长") && page.contains("同一事件里"), "the page says how it counts");
}

#[actix_web::test]
async fn the_rules_of_what_is_alike_are_settings_with_a_beginning() {
    let town = Town::start().await;
    let fields =
        [("incident_tickets", "2"), ("incident_minutes", "60"), ("recurrence_days", "30"), ("from", "")];
    let set = town.0.as_(Role::CommunityLead).post("/console/settings/alike", &fields).await;
    assert_eq!(set.status, 303, "{}", set.body);
    let wrong = [("incident_tickets", "1"), ("incident_minutes", "60"), ("recurrence_days", "30")];
    assert_eq!(town.0.as_(Role::CommunityLead).post("/console/settings/alike", &wrong).await.status, 422);
    town.lamp("10000000001").await;
    town.lamp("10000000002").await;
    let proposed = town.0.as_(WORKER).get("/api/v1/incidents/proposed").await.json();
    assert_eq!(proposed.as_array().unwrap().len(), 1, "{proposed}");
}
