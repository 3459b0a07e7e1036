//! Something of every kind that a route may name, in each of three communities: the one in which people work, its
//! neighbour in the street, and one elsewhere. Made as people make it, by calls.

use std::collections::HashMap;

use diesel::prelude::*;
use louma::clock::{Period, PeriodKind};
use louma::db::{Id, now};
use louma::people::Role;
use louma::schema::deliveries;
use serde_json::{Value, json};

use super::told;
use crate::harness::{Answer, Client, TestApp, World, jpeg, send};
use crate::uploads::{recording, sent};

/// What a route names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    Absence,
    Batch,
    Channel,
    Code,
    Delivery,
    Exclusion,
    Grid,
    Held,
    Incident,
    Issued,
    Party,
    Place,
    Request,
    Round,
    Rule,
    Session,
    /// A ticket that was closed, of which everybody may read.
    Solved,
    /// A door that may be lost: it is retired, or its code stopped.
    Spare,
    Staff,
    /// A ticket that staff took down.
    Taken,
    Ticket,
    Unmasked,
    Work,
}

use Kind::*;

impl Kind {
    /// What `{id}` or `{code}` of a pattern is; nothing where it has none.
    pub fn of(pattern: &str) -> Option<Kind> {
        let path = pattern.strip_prefix("/console").or_else(|| pattern.strip_prefix("/api/v1"))?;
        let lost = ["retire", "stop", "replacement"].iter().any(|end| path.ends_with(end));
        let kinds = [
            ("/absences/{id}", Absence),
            ("/sessions/{id}", Session),
            ("/staff/{id}", Staff),
            ("/grids/{id}", Grid),
            ("/places/{id}", if lost { Spare } else { Place }),
            ("/codes/{code}", if lost { Spare } else { Code }),
            ("/patrols/{code}", Code),
            ("/rounds/{id}", Round),
            ("/works/{id}", Work),
            ("/parties/{id}", Party),
            ("/rules/{id}", Rule),
            ("/deliveries/{id}", Delivery),
            ("/channels/{id}", Channel),
            ("/tickets/{id}/slip", Taken),
            ("/tickets/{id}", Ticket),
            ("/bulletin/{id}", Solved),
            ("/exclusions/{id}", Exclusion),
            ("/requests/{id}", Request),
            ("/held/{id}", Held),
            ("/incidents/{id}", Incident),
            ("/issued/{id}", Issued),
            ("/reports/{id}", Issued),
            ("/unmasked/{id}", Unmasked),
            ("/hotline/{id}", Batch),
            ("/batches/{id}", Batch),
        ];
        let found = kinds.iter().find(|(part, _)| path.contains(part)).map(|(_, kind)| *kind);
        let named = pattern.contains("{id}") || pattern.contains("{code}");
        assert!(found.is_some() || !named, "nobody knows what {pattern} names");
        found
    }
}

/// What there is in one community.
pub struct Things {
    ids: HashMap<Kind, String>,
    /// A neighbour of the ticket.
    pub neighbour: String,
    /// The secrets of the pages of the ticket, of its neighbour, and of a link to it.
    pub secrets: [String; 3],
    /// Held reports, for those who let them in.
    pub held: Vec<String>,
    /// The code of the door that may be lost.
    pub spare_code: String,
    /// The number of the ticket.
    pub number: String,
}

impl Things {
    pub fn id(&self, kind: Kind) -> &str {
        &self.ids[&kind]
    }
}

fn word(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no word: {value}")).to_owned()
}

fn day(days: i64) -> String {
    now().plus_minutes(days * 1440).0.to_rfc3339()
}

#[track_caller]
fn made(answer: &Answer) -> Value {
    assert!((200..300).contains(&answer.status), "{} {}", answer.status, answer.body);
    serde_json::from_str(&answer.body).unwrap_or(Value::Null)
}

/// The month that ended last.
pub fn last_month() -> Period {
    Period::of(PeriodKind::Month, now()).previous()
}

/// Whoever makes things in a community.
pub struct Hands {
    pub worker: Client,
    pub lead: Client,
    pub handler: Client,
}

impl Hands {
    /// Those of the community in which people work, or new ones.
    pub async fn of(app: &TestApp, place: usize) -> Hands {
        let roles = [Role::CommunityWorker, Role::CommunityLead, Role::Handler];
        let mut clients = Vec::new();
        for role in roles {
            clients.push(if place == 0 { app.as_(role) } else { app.hire(place, role).await });
        }
        let [worker, lead, handler] = clients.try_into().ok().unwrap();
        Hands { worker, lead, handler }
    }
}

/// Makes one of everything.
pub async fn plant(app: &TestApp, place: usize, hands: &Hands) -> Things {
    let (world, Hands { worker, lead, handler }) = (&app.worlds[place], hands);
    let (unit, code) = &world.units[0];
    let mut ids = HashMap::from([
        (Place, unit.id.to_string()),
        (Code, code.code.to_string()),
        (Grid, world.grid.to_string()),
    ]);
    // People, and what is theirs.
    let account = json!({ "login": format!("spare-{place}"), "name": "网格员 09", "role": "grid_worker" });
    ids.insert(Staff, word(&made(&lead.post_json("/api/v1/staff", account).await)["staff"]["id"]));
    let me = |client: &Client| client.request(reqwest::Method::GET, "/api/v1/me");
    let (away, cover) = (made(&send(me(worker)).await), made(&send(me(lead)).await));
    let absence = json!({
        "staff_id": away["id"], "cover_id": cover["id"], "from_at": day(-1), "until_at": day(3),
    });
    ids.insert(Absence, word(&made(&lead.post_json("/api/v1/absences", absence).await)["id"]));
    let token = json!({ "label": "别人的", "days": 1 });
    made(&worker.post_json("/api/v1/me/tokens", token).await);
    let sessions = worker.get("/api/v1/me/sessions").await.json();
    ids.insert(Session, word(&sessions[0]["id"]));

    // Places, parties, rules, ways of telling.
    let spot = json!({ "kind": "spot", "name": "旧岗亭", "parent_id": root(app, world).await });
    let spare = made(&lead.post_json("/api/v1/places", spot).await);
    ids.insert(Spare, word(&spare["id"]));
    let codes = worker.get("/api/v1/codes").await.json();
    let of_spare =
        codes.as_array().unwrap().iter().find(|each| each["place_id"] == spare["id"]).unwrap().clone();
    let round = [("finding", "damaged"), ("note", "角上撕了")];
    let path = format!("/console/patrols/{}", code.code);
    assert!(worker.post_files(&path, &round, &[("photo", "a.jpg", &jpeg(1))]).await.status < 400);
    let rounds = worker.get(&format!("/api/v1/places/{}/patrols", unit.id)).await.json();
    ids.insert(Round, word(&rounds[0]["id"]));
    let work = json!({ "what": "更换水管", "from_at": day(-1), "until_at": day(5) });
    ids.insert(Work, word(&made(&worker.post_json("/api/v1/works", work).await)["id"]));
    let party = json!({ "name": "绿化队", "kind": "other" });
    ids.insert(Party, word(&made(&lead.post_json("/api/v1/parties", party).await)["id"]));
    let change = json!({ "what": "add", "terms": { "category": "12", "lead": "社区居委会" } });
    let tried = made(&lead.post_json("/api/v1/rules/rehearsal", change.clone()).await);
    let rule = json!({ "change": change, "seal": tried["seal"] });
    ids.insert(Rule, word(&made(&lead.post_json("/api/v1/rules", rule).await)["id"]));
    let channel = json!({ "kind": "webhook", "name": "大屏", "url": "https://localhost:9/" });
    let channel = word(&made(&lead.post_json("/api/v1/channels", channel).await)["id"]);

    // A ticket with everything that hangs on one.
    let phone = app.stranger();
    let door = format!("/q/{}", code.code);
    phone.get(&door).await;
    let voice = sent(&phone, &door, "audio/webm", &recording(1)).await;
    let key = format!("{place:032x}");
    let fields = [
        ("category", "01"),
        ("text", "楼道灯坏了"),
        ("phone", "10012345678"),
        ("share_phone", "yes"),
        ("publish", "yes"),
        ("voice", &*voice),
        ("idempotency_key", &*key),
    ];
    let reported = phone.post_files(&door, &fields, &[("photo", "a.jpg", &jpeg(2))]).await;
    assert_eq!(reported.status, 303, "{}", reported.body);
    let secret =
        word(&json!(reported.location)).split('?').next().unwrap().trim_start_matches("/t/").to_owned();
    let row = worker.get("/api/v1/tickets?queue=new").await.json()["rows"][0].clone();
    let ticket = word(&row["id"]);
    let at = |noun: &str| format!("/api/v1/tickets/{ticket}/{noun}");
    let version = async || worker.get(&format!("/api/v1/tickets/{ticket}")).await.json()["version"].clone();
    // Two neighbours: one whose page is asked for, and one who takes nothing back meanwhile.
    let join = async |phone: &str| {
        let neighbour = app.stranger();
        neighbour.get(&door).await;
        let joined = neighbour.post(&format!("{door}/joins"), &[("matter", &ticket)]).await;
        assert_eq!(joined.status, 303, "{}", joined.body);
        let joined = joined.location.split(['?', '#']).next().unwrap().trim_start_matches("/m/").to_owned();
        let added = neighbour.post(&format!("/m/{joined}"), &[("phone", phone), ("text", "")]).await;
        assert_eq!(added.status, 303, "{}", added.body);
        joined
    };
    let joined = join("10012345679").await;
    let first = made(&worker.get(&at("neighbours")).await)["rows"][0]["id"].clone();
    join("10012345680").await;
    let neighbours = made(&worker.get(&at("neighbours")).await);
    made(&worker.post_json(&at("acceptance"), json!({ "version": version().await })).await);
    made(&worker.post_json(&at("category"), json!({ "category": "0101", "kind": "help" })).await);
    let to = json!({ "version": version().await, "party_id": world.property.id });
    made(&worker.post_json(&at("dispatch"), to).await);
    let asked = json!({ "until": day(9), "reason": "等配件" });
    made(&handler.post_json(&at("extensions"), asked).await);
    ids.insert(Request, word(&lead.get("/api/v1/requests").await.json()[0]["id"]));
    let link =
        made(&worker.post_json(&at("links"), json!({ "name": "供电公司", "days": 7, "text": "请看" })).await);
    let link = word(&link["url"]).rsplit('/').next().unwrap().to_owned();
    ids.insert(Delivery, delivery(app, world, (&channel, &ticket)).await);
    ids.insert(Channel, channel);
    ids.insert(Ticket, ticket);

    ids.insert(Taken, taken(worker, unit).await);
    ids.insert(Solved, solved(app, (place, &door), worker).await);

    // Two more of one matter, and one that should not count.
    let mut same = Vec::new();
    for _ in 0..2 {
        let id = told(app, world, 0, "灯坏了").await.id;
        let path = format!("/api/v1/tickets/{id}/category");
        made(&worker.post_json(&path, json!({ "category": "0102", "kind": "help" })).await);
        same.push(id);
    }
    let incident = made(&worker.post_json("/api/v1/incidents", json!({ "tickets": same })).await);
    ids.insert(Incident, word(&incident["id"]));
    let test = json!({ "reason": "e1", "note": "测试" });
    made(&worker.post_json(&format!("/api/v1/tickets/{}/exclusions", same[0]), test).await);
    ids.insert(Exclusion, word(&lead.get("/api/v1/exclusions").await.json()[0]["id"]));

    // What was held; what was counted, issued and brought.
    let voice = sent(&phone, &door, "audio/webm", &recording(2)).await;
    for at in 0..6 {
        let key = format!("held{place}{at:027}");
        let fields = [
            ("category", "01"),
            ("text", "便宜装修"),
            ("voice", &*voice),
            ("leave_empty", "x"),
            ("idempotency_key", &*key),
        ];
        let bot = app.stranger().post_files(&door, &fields, &[("photo", "a.jpg", &jpeg(3))]).await;
        assert_eq!(bot.status, 303, "{}", bot.body);
    }
    let rows = worker.get("/api/v1/held").await.json()["rows"].clone();
    let mut held: Vec<String> = rows.as_array().unwrap().iter().map(|row| word(&row["id"])).collect();
    ids.insert(Held, held.pop().unwrap());
    long_ago(app, world).await;
    let month = last_month().word();
    let asked = json!({ "kind": "month", "period": month });
    ids.insert(Issued, word(&made(&lead.post_json("/api/v1/reports", asked).await)["id"]));
    let asked = json!({ "kind": "month", "period": month, "reason": "交专班" });
    ids.insert(Unmasked, word(&made(&worker.post_json("/api/v1/unmasked", asked).await)["id"]));
    let table = format!(
        "工单编号,来电时间,小区点位,问题分类,主要内容,工单类型\nA{place},{month}-03 10:00,{},公共照明,灯坏了,投诉\n",
        unit.full_name
    );
    let bring = worker.request(reqwest::Method::POST, "/api/v1/hotline/batches?file_name=a.csv");
    let bring = bring.header("x-csrf-token", worker.csrf.clone().unwrap());
    let brought = send(bring.header("content-type", "application/octet-stream").body(table)).await;
    ids.insert(Batch, word(&made(&brought)["id"]));
    Things {
        ids,
        neighbour: word(
            neighbours["rows"]
                .as_array()
                .unwrap()
                .iter()
                .map(|row| &row["id"])
                .find(|id| **id != first)
                .unwrap(),
        ),
        secrets: [secret, joined, link],
        held,
        spare_code: word(&of_spare["code"]),
        number: word(&row["number"]),
    }
}

/// A call that was taken down.
async fn taken(worker: &Client, unit: &louma::places::Place) -> String {
    let call = json!({
        "key": "fedcba9876543210", "channel": "phone", "place": unit.full_name, "matter": "0101", "text": "灯坏了",
    });
    word(&made(&worker.post_json("/api/v1/tickets", call).await)["id"])
}

/// A report with a photo that was closed, with a draft of what everybody may read.
async fn solved(app: &TestApp, (place, door): (usize, &str), worker: &Client) -> String {
    let key = format!("solved{place:026}");
    let fields = [("category", "01"), ("text", "灯坏了"), ("publish", "yes"), ("idempotency_key", &*key)];
    let sent = app.stranger().post_files(door, &fields, &[("photo", "a.jpg", &jpeg(4))]).await;
    assert_eq!(sent.status, 303, "{}", sent.body);
    let rows = worker.get("/api/v1/tickets?queue=new").await.json()["rows"].clone();
    let waiting: Vec<String> = rows.as_array().unwrap().iter().map(|row| word(&row["id"])).collect();
    let id = waiting.into_iter().max().unwrap();
    let closure = json!({ "result": "solved", "level": "community", "text": "换好了" });
    let category = json!({ "category": "0101", "kind": "help" });
    for (noun, mut body) in [("acceptance", json!({})), ("category", category), ("closure", closure)] {
        body["version"] = worker.get(&format!("/api/v1/tickets/{id}")).await.json()["version"].clone();
        made(&worker.post_json(&format!("/api/v1/tickets/{id}/{noun}"), body).await);
    }
    let draft = json!({ "sentence": "换好了灯" });
    let path = format!("/api/v1/bulletin/{id}");
    made(&worker.send_json(reqwest::Method::PUT, &path, draft).await);
    choose(worker, &id).await;
    id
}

/// Chooses the photo of a ticket for everybody to see.
pub async fn choose(worker: &Client, id: &str) {
    let area = json!({ "left": 10, "top": 20, "width": 30, "height": 40 });
    let choice = json!({ "seq": 1, "areas": [area], "afresh": true });
    made(&worker.post_json(&format!("/api/v1/bulletin/{id}/photos"), choice).await);
}

/// The compound in which the spots of a community lie.
async fn root(app: &TestApp, world: &World) -> Id {
    let home = world.community.id;
    let all = app.read(move |tx| louma::places::list(tx, home)).await;
    all.into_iter().find(|place| place.parent_id.is_none()).unwrap().id
}

/// A message that could not be sent.
async fn delivery(app: &TestApp, world: &World, (channel, ticket): (&str, &str)) -> String {
    let [channel, ticket] = [channel, ticket].map(|id| Id(id.parse().unwrap()));
    let (home, id) = (world.community.id, Id::new());
    app.write(move |tx| {
        let row = (
            deliveries::community_id.eq(home),
            deliveries::id.eq(id),
            deliveries::channel_id.eq(channel),
            deliveries::ticket_id.eq(ticket),
            deliveries::seq.eq(1),
            deliveries::topic.eq("new"),
            deliveries::state.eq("failed"),
            deliveries::made_at.eq(tx.now),
            deliveries::begun_at.eq(tx.now),
            deliveries::due_at.eq(tx.now),
            deliveries::attempts.eq(5),
            deliveries::answer.eq("连不上"),
        );
        diesel::insert_into(deliveries::table).values(row).execute(tx.conn)?;
        Ok(())
    })
    .await;
    id.to_string()
}

/// A report of the month that ended last, so that there is something to issue.
async fn long_ago(app: &TestApp, world: &World) {
    use louma::db::Tx;
    let (world, keys, at) = (world.clone(), app.parts.keys.clone(), last_month().from.plus_minutes(600));
    app.write(move |tx| {
        let then = &mut Tx { conn: &mut *tx.conn, now: at };
        crate::notices::report(then, &keys, (&world, 1), (Some("0101"), None))
    })
    .await;
}
