//! The matrix of who may call which route with what. `LOUMA_TEST_BLESS=1` writes the table anew; a change of it is a
//! decision to be looked at.

use std::collections::BTreeMap;
use std::fmt::Write;

use louma::app::{self, Entry};
use louma::people::gate::{Access, Body};
use louma::people::{Extent, Role};
use serde_json::{Value, json};

use super::objects::{Hands, Kind, Things, choose, plant};
use super::told;
use crate::harness::{Answer, Client, TestApp, jpeg, send};

const TABLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/access.txt");

const HEAD: &str = "\
# Who gets what, by method and pattern.
# yes: reaches the handler; no: barred; unseen: 404; sign-in: 401 or the way to sign in.
# Where a route names a thing, four answers: for one of the community in which everybody works here, for one there that is
# of no grid and no party of theirs (- where there is no such thing), for one next door in the street, for one elsewhere.
# One answer stands for all where they are alike. Where the way in is a secret, two: for the right one and for another.
";

/// What lies outside the community and is reached all the same: by whom, and why.
const BEYOND: &[(Kind, Role, &str)] =
    &[(Kind::Staff, Role::Admin, "accounts of every community are the admin's")];

/// What an answer says about access: the way was barred, the thing does not exist for them, or they came to the handler.
fn said(answer: &Answer) -> &'static str {
    match answer.status {
        303 if answer.location.starts_with("/console/sign-in") => "sign-in",
        401 => "sign-in",
        403 => "no",
        404 | 410 => "unseen",
        500..=599 => "FAULT",
        _ => "yes",
    }
}

/// The words of a body.
const WORDS: &[(&str, &str)] = &[
    ("text", "说明"),
    ("reason", "原因"),
    ("note", "备注"),
    ("answer", "同意"),
    ("basis", "依据"),
    ("plan", "计划"),
    ("task", "开门"),
    ("sentence", "换好了灯"),
    ("name", "绿化队"),
    ("aliases", ""),
    ("phone", ""),
    ("category", "0101"),
    ("kind", "help"),
    ("level", "community"),
    ("result", "solved"),
    ("verdict", "approve"),
    ("satisfied", "satisfied"),
    ("contact", "reached"),
    ("finding", "intact"),
    ("cause", "not_ours"),
    ("office", "department"),
    ("to", "街道"),
    ("stage", "work"),
];

/// What everything is asked with, and about.
struct Town {
    app: TestApp,
    /// Here, next door, elsewhere.
    things: Vec<Things>,
    /// Here, and of no grid and no party of those who ask.
    beside: BTreeMap<&'static str, String>,
}

impl Town {
    async fn start() -> Town {
        let app = TestApp::start_with(&[("notice_hosts", "localhost".into())]).await;
        let mut things = Vec::new();
        for place in 0..3 {
            let hands = Hands::of(&app, place).await;
            things.push(plant(&app, place, &hands).await);
        }
        let (place, code) = &app.home().units[1];
        let colleague = app.hire(0, Role::CommunityLead).await;
        let lead = colleague.get("/api/v1/me").await.json();
        let session = colleague.get("/api/v1/me/sessions").await.json()[0]["id"].clone();
        let beside = BTreeMap::from([
            ("Ticket", told(&app, app.home(), 1, "凉亭灯坏了").await.id.to_string()),
            ("Place", place.id.to_string()),
            ("Code", code.code.to_string()),
            ("Staff", lead["id"].as_str().unwrap().to_owned()),
            ("Session", session.as_str().unwrap().to_owned()),
        ]);
        Town { app, things, beside }
    }

    /// The four things that a route may be asked for.
    fn named(&mut self, entry: &Entry, kind: Kind) -> [Option<String>; 4] {
        let own = match kind {
            // Who lets a held report in leaves none.
            Kind::Held if entry.pattern.ends_with("/release") => self.things[0].held.pop().unwrap(),
            kind => self.id(0, entry, kind),
        };
        let beside = self.beside.get(&*format!("{kind:?}")).cloned();
        [Some(own), beside, Some(self.id(1, entry, kind)), Some(self.id(2, entry, kind))]
    }

    fn id(&self, place: usize, entry: &Entry, kind: Kind) -> String {
        let things = &self.things[place];
        let by_code = kind == Kind::Spare && entry.pattern.contains("{code}");
        if by_code { things.spare_code.clone() } else { things.id(kind).to_owned() }
    }

    /// The address of a route for a thing.
    fn path(&self, entry: &Entry, named: &str) -> String {
        let things = &self.things[0];
        let secret = match entry.pattern {
            pattern if pattern.starts_with("/m/") => &things.secrets[1],
            pattern if pattern.starts_with("/o/") => &things.secrets[2],
            _ => &things.secrets[0],
        };
        let name = if entry.pattern.contains("settings") { "flood" } else { "resident.css" };
        let filled =
            entry.pattern.replace("{id}", named).replace("{code}", named).replace("{secret}", secret);
        let words = [
            ("{hash}", "0"),
            ("{name}", name),
            ("{seq}", "1"),
            ("{neighbour}", &things.neighbour),
            ("{topic}", "new"),
            ("{place}", "0"),
            ("{kind}", "svg"),
            ("{period}", "2023"),
            ("{prefix}", &self.app.home().community.prefix),
            ("{community}", &self.app.home().community.token),
            ("{month}", "2026-01"),
        ];
        let filled = words.iter().fold(filled, |path, (name, word)| path.replace(name, word));
        let query = match entry.pattern {
            "/api/v1/search" | "/console/search" => "?q=x",
            "/api/v1/tickets" => "?queue=new",
            pattern if pattern.contains("poster") => "?force=1&size=a6",
            _ => "",
        };
        // What is left over nobody has made: a photo that was kept, an upload.
        let left = ["{kept}", "{upload}", "{photo}", "{version}"];
        left.iter().fold(filled, |path, name| path.replace(name, "x")) + query
    }

    /// A body that is read to its end, and that changes as little as may be: it names a version that nobody has seen.
    fn body(&self, entry: &Entry) -> Value {
        let (things, home) = (&self.things[0], self.app.home());
        let soon = louma::db::now().plus_minutes(9 * 1440);
        let [until, until_at] = match entry.pattern.starts_with("/api/") {
            true => [soon.0.to_rfc3339(), soon.0.to_rfc3339()],
            false => [soon.day().to_string(), soon.local().format("%Y-%m-%dT%H:%M").to_string()],
        };
        let mut body = json!({
            "left": 10, "top": 20, "width": 30, "height": 40,
            "areas": [{ "left": 60, "top": 60, "width": 10, "height": 10 }],
            "version": 0, "seq": 1, "days": 7, "households": 30, "grace_days": 0,
            "reached": true, "contacted": true, "solved": true, "until": until, "until_at": until_at,
            "party_id": home.property.id, "grid_id": home.grid, "worker_id": self.app.staff(Role::GridWorker),
            "link_id": home.community.id, "ticket_id": things.id(Kind::Ticket),
            "earlier_id": things.id(Kind::Ticket), "number": things.number, "main": things.number,
        });
        for (name, word) in WORDS {
            body[*name] = json!(word);
        }
        let mut say = |name: &str, value: Value| body[name] = value;
        if entry.pattern.ends_with("/exclusions") || entry.pattern.ends_with("/discard") {
            say("reason", json!("e1"));
        }
        if entry.pattern.contains("/parties/") {
            say("kind", json!("other"));
        }
        if entry.pattern.contains("/channels/") {
            say("kind", json!("webhook"));
        }
        if entry.pattern.contains("/stats") || entry.pattern.contains("/unmasked") {
            say("kind", json!("nothing"));
        }
        body
    }

    /// Asks for one thing.
    async fn ask(&self, client: &Client, entry: &Entry, named: &str) -> &'static str {
        let method = reqwest::Method::from_bytes(entry.method.as_str().as_bytes()).unwrap();
        let path = self.path(entry, named);
        let mut request = client.request(method.clone(), &path);
        let asks = matches!(method, reqwest::Method::GET | reqwest::Method::HEAD);
        if !asks {
            // The proof in the header.
            if let Some(csrf) = &client.csrf {
                request = request.header("x-csrf-token", csrf);
            }
            // What names no thing is asked with nothing in it: no handler takes that for a decision.
            let files = entry.body == Body::Files || entry.pattern == "/api/v1/tickets/{id}/photos";
            request = match (Kind::of(entry.pattern), files, entry.pattern.starts_with("/api/")) {
                (None, ..) => request.header("content-type", "application/x-www-form-urlencoded").body(""),
                (_, true, _) => {
                    let photo = reqwest::multipart::Part::bytes(jpeg(5)).file_name("a.jpg");
                    let form = reqwest::multipart::Form::new().part("photo", photo);
                    let fields = fields(&self.body(entry)).into_iter();
                    request.multipart(fields.fold(form, |form, (name, value)| form.text(name, value)))
                }
                (_, _, true) => request.json(&self.body(entry)),
                (_, _, false) => request.form(&fields(&self.body(entry))),
            };
        }
        let answer = send(request).await;
        let said = said(&answer);
        assert_ne!(said, "FAULT", "{method} {path}: {} {}", answer.status, answer.body);
        said
    }

    /// What a role gets from a route for each thing that it may name.
    async fn cell(&mut self, entry: &Entry, (role, client): (Option<Role>, &Client)) -> Vec<&'static str> {
        let allowed = match (entry.access, role) {
            (Access::Anyone, _) => true,
            (Access::Staff(roles), role) => role.is_some_and(|role| roles.contains(&role)),
        };
        let fresh = match role {
            // Ends the session with which it is asked, or moves it.
            Some(role) if matches!(entry.pattern, "/console/sign-out" | "/console/community") => {
                Some(self.app.again(role).await)
            }
            _ => None,
        };
        let client = fresh.as_ref().unwrap_or(client);
        let Some(kind) = Kind::of(entry.pattern) else { return vec![self.ask(client, entry, "").await] };
        let mut named =
            if allowed { self.named(entry, kind) } else { [Some(self.id(0, entry, kind)), None, None, None] };
        match kind {
            Kind::Session if allowed => named[0] = Some(own_token(client).await),
            // It may have been left out by whoever was asked before.
            Kind::Solved if entry.pattern.contains("/photos/") => {
                choose(&self.app.as_(Role::CommunityWorker), self.things[0].id(kind)).await;
            }
            _ => {}
        }
        let mut answers = Vec::new();
        for each in named.iter().take(if allowed { 4 } else { 1 }) {
            answers.push(match each {
                Some(each) => self.ask(client, entry, each).await,
                None => "-",
            });
        }
        answers
    }
}

/// A token of whoever asks, to be ended.
async fn own_token(client: &Client) -> String {
    let made = client.post_json("/api/v1/me/tokens", json!({ "label": "自己的", "days": 1 })).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let own = client.get("/api/v1/me/sessions").await.json();
    let token = own.as_array().unwrap().iter().find(|each| each["label"] == "自己的").unwrap();
    token["id"].as_str().unwrap().to_owned()
}

/// JSON as a form says it.
fn fields(body: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let all = body.as_object().unwrap().iter().flat_map(|(name, value)| match value {
        Value::Array(many) => many.iter().map(|each| (name.clone(), text(each))).collect(),
        one => vec![(name.clone(), text(one))],
    });
    all.collect()
}

/// One word where all are alike.
fn short(answers: &[&str]) -> String {
    let alike = answers.iter().filter(|each| **each != "-").all(|each| *each == answers[0]);
    if alike { answers[0].to_owned() } else { answers.join(",") }
}

#[actix_web::test]
async fn every_route_answers_each_role_for_each_thing_as_the_table_says() {
    let mut town = Town::start().await;
    let mut table = HEAD.to_owned();
    let far: Vec<String> =
        Role::STAFF.iter().map(|role| format!("{}={}", role.word(), role.extent().word())).collect();
    writeln!(table, "how far a role sees: {}", far.join(" ")).unwrap();
    let mut roles: Vec<(Option<Role>, Client)> = vec![(None, town.app.stranger())];
    roles.extend(Role::STAFF.iter().map(|role| (Some(*role), town.app.as_(*role))));
    let mut wrong = Vec::new();
    for entry in app::routes() {
        write!(table, "{:<4} {}:", entry.method.as_str(), entry.pattern).unwrap();
        if entry.access == Access::Anyone {
            writeln!(table, " anyone={}", town.secret(&entry, &roles[0].1).await).unwrap();
            continue;
        }
        let mut reached = false;
        for (role, client) in &roles {
            let answers = town.cell(&entry, (*role, client)).await;
            write!(table, " {}={}", role.map_or("stranger", Role::word), short(&answers)).unwrap();
            reached |= answers[0] == "yes";
            let (Some(kind), Some(role), [_, _, next, away]) =
                (Kind::of(entry.pattern), role, answers.as_slice())
            else {
                continue;
            };
            let beyond = BEYOND.iter().any(|each| (each.0, each.1) == (kind, *role));
            if !beyond && (*next != "unseen" || *away != "unseen") {
                wrong.push(format!(
                    "{} {} shows {role:?} what is outside: {answers:?}",
                    entry.method, entry.pattern
                ));
            }
        }
        table.push('\n');
        if !reached && Kind::of(entry.pattern).is_some() {
            wrong.push(format!("{} {} is reached by nobody: nothing is proved", entry.method, entry.pattern));
        }
    }
    assert!(wrong.is_empty(), "{}\n{table}", wrong.join("\n"));
    compare(&table);
}

impl Town {
    /// What everybody gets from a route: with the right secret and with another, where it has one.
    async fn secret(&self, entry: &Entry, client: &Client) -> String {
        let code = self.things[0].id(Kind::Code);
        let right = self.ask(client, entry, code).await;
        let other = match (entry.pattern.contains("{secret}"), entry.pattern.contains("{code}")) {
            (true, _) => {
                let right = self.path(entry, code);
                let wrong =
                    self.things[0].secrets.iter().fold(right, |path, own| path.replace(own, "AAAAunknown"));
                said(&send(client.request(method(entry), &wrong)).await)
            }
            (_, true) => self.ask(client, entry, "23456789AB").await,
            _ => return right.to_owned(),
        };
        short(&[right, other])
    }
}

fn method(entry: &Entry) -> reqwest::Method {
    reqwest::Method::from_bytes(entry.method.as_str().as_bytes()).unwrap()
}

fn compare(table: &str) {
    if std::env::var("LOUMA_TEST_BLESS").is_ok() {
        std::fs::write(TABLE, table).unwrap();
    }
    let wanted = std::fs::read_to_string(TABLE).unwrap_or_default();
    let lines = |text: &str| -> BTreeMap<String, String> {
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        lines
            .filter_map(|line| {
                line.split_once(": ").map(|(route, roles)| (route.to_owned(), roles.to_owned()))
            })
            .collect()
    };
    let (now, then) = (lines(table), lines(&wanted));
    let mut different = Vec::new();
    for (route, roles) in &now {
        if then.get(route) != Some(roles) {
            different.push(format!(
                "{route}\n   is  {roles}\n   was {}",
                then.get(route).map_or("absent", String::as_str)
            ));
        }
    }
    different.extend(
        then.keys().filter(|route| !now.contains_key(*route)).map(|route| format!("{route} is gone")),
    );
    assert!(
        different.is_empty(),
        "access changed (LOUMA_TEST_BLESS=1 accepts it):\n{}",
        different.join("\n")
    );
}

#[test]
fn whoever_sees_more_than_one_community_may_move_between_them() {
    let travellers: Vec<Role> = Role::STAFF.iter().copied().filter(|role| role.travels()).collect();
    assert_eq!(app::TRAVELLERS, Access::Staff(&[Role::StreetManager, Role::Auditor, Role::Admin]));
    assert_eq!(travellers, [Role::StreetManager, Role::Auditor, Role::Admin]);
    assert!(travellers.iter().all(|role| matches!(role.extent(), Extent::Street | Extent::Everywhere)));
}
