//! What a body names lies in the scope too: a party, a place, a colleague, another ticket of next door is refused as if it
//! did not exist, where the same body with one of here is taken.

use louma::people::Role::{self, CommunityLead, CommunityWorker, StreetManager};
use reqwest::Method;
use serde_json::{Value, json};

use super::told;
use crate::access::objects::{Hands, Kind, plant};
use crate::harness::{Client, TestApp};

/// The account that is signed in.
async fn me(client: &Client) -> Value {
    client.get("/api/v1/me").await.json()["id"].clone()
}

#[actix_web::test]
async fn what_a_body_names_next_door_does_not_exist_either() {
    let app = TestApp::start_with(&[("notice_hosts", "localhost".into())]).await;
    let (home, next) = (app.home().clone(), app.worlds[1].clone());
    let (here, there) = (Hands::of(&app, 0).await, Hands::of(&app, 1).await);
    let (own, other) = (plant(&app, 0, &here).await, plant(&app, 1, &there).await);
    let (worker, neighbour) = (me(&here.worker).await, me(&there.worker).await);
    let grid_worker = me(&app.hire(1, Role::GridWorker).await).await;
    let ticket = told(&app, &home, 0, "单元门坏了").await;
    let beside = told(&app, &next, 0, "单元门坏了").await;
    let earlier = told(&app, &home, 0, "单元门又坏了").await;
    for (client, id) in [(&here.worker, ticket.id), (&here.worker, earlier.id), (&there.worker, beside.id)] {
        let path = format!("/api/v1/tickets/{id}/category");
        let sorted = json!({ "category": "0102", "kind": "help" });
        assert_eq!(client.post_json(&path, sorted).await.status, 200);
    }
    let before = there.worker.get(&format!("/api/v1/tickets/{}", beside.id)).await.json();
    let at = |noun: &str| format!("/api/v1/tickets/{}/{noun}", ticket.id);
    let version = async || here.worker.get(at("").trim_end_matches('/')).await.json()["version"].clone();
    assert_eq!(
        here.worker.post_json(&at("acceptance"), json!({ "version": version().await })).await.status,
        200
    );
    let thing = |kind: Kind, noun: &str, path: &str| format!("/api/v1/{path}/{}/{noun}", own.id(kind));
    let (units, theirs) = (&home.units, &next.units);
    let day = |days: i64| louma::db::now().plus_minutes(days * 1440).0.to_rfc3339();
    let [party, stranger] = [home.property.id, next.property.id].map(|id| json!(id));
    let [place, away] = [&units[0].0, &theirs[0].0].map(|place| json!(place.id));
    let [compound, other_compound] = [&units[1].0, &theirs[1].0].map(|spot| json!(spot.parent_id));
    let spot = |name: &str, parent: &Value| json!({ "kind": "spot", "name": name, "parent_id": parent });
    let absence = |from: i64| json!({ "from_at": day(from), "until_at": day(from + 1) });
    let (own_incident, lead) = (|noun: &str| thing(Kind::Incident, noun, "incidents"), me(&here.lead).await);
    let mut away_for = absence(20);
    away_for["cover_id"] = worker.clone();
    let mut covered = absence(30);
    covered["staff_id"] = worker;
    let call = json!({ "key": "0123456789abcdef", "channel": "phone", "matter": "0101", "text": "灯坏了" });
    let webhook = json!({ "kind": "webhook", "name": "单位群", "url": "https://localhost:9/" });
    let work = json!({ "what": "换水管", "from_at": day(1), "until_at": day(2) });
    let account = json!({ "login": "jing-9", "name": "经办 9", "role": "handler" });
    // What of here is taken is asked for after what of next door is refused; `Null` where there is none to take.
    let none = Value::Null;
    let cases = [
        Case::post("/api/v1/incidents", json!({}), "tickets")
            .names(json!([ticket.id, earlier.id]), json!([ticket.id, beside.id])),
        Case::post(&own_incident("tickets"), json!({}), "number").names(none.clone(), json!(beside.number)),
        Case::post(&own_incident("removals"), json!({}), "ticket_id").names(none.clone(), json!(beside.id)),
        Case::post(&at("distinction"), json!({}), "earlier_id").names(none.clone(), json!(beside.id)),
        Case::post(&at("merger"), json!({}), "main").names(none.clone(), json!(beside.number)),
        Case::post(&at("dispatch"), json!({}), "party_id").names(party.clone(), stranger.clone()),
        Case::post(&at("supports"), json!({ "task": "开门" }), "party_id")
            .names(none.clone(), stranger.clone()),
        Case::post(&at("links"), json!({ "name": "班", "text": "请看", "days": 7 }), "party_id")
            .names(party.clone(), stranger.clone()),
        Case::post(&at("notes"), json!({ "text": "请看" }), "remind")
            .names(json!([lead]), json!([neighbour])),
        Case::post("/api/v1/tickets", call, "place")
            .names(json!(units[0].0.full_name), json!(theirs[0].0.full_name)),
        Case::post("/api/v1/works", work, "place_id").names(place.clone(), away.clone()),
        Case::post("/api/v1/absences", away_for, "staff_id")
            .names(lead.clone(), neighbour.clone())
            .by(CommunityLead),
        Case::post("/api/v1/absences", covered, "cover_id").names(lead, neighbour).by(CommunityLead),
        Case::post("/api/v1/places", json!({ "kind": "spot", "name": "一" }), "parent_id")
            .names(compound.clone(), other_compound)
            .by(CommunityLead),
        Case::post("/api/v1/places", spot("二", &compound), "grid_id")
            .names(json!(home.grid), json!(next.grid))
            .by(CommunityLead),
        Case::put(&format!("/api/v1/places/{}", units[1].0.id), json!({ "households": 3 }), "grid_id")
            .names(json!(home.grid), json!(next.grid))
            .by(CommunityLead),
        Case::put(&format!("/api/v1/grids/{}/worker", home.grid), json!({}), "worker_id")
            .names(json!(app.staff(Role::GridWorker)), grid_worker)
            .by(CommunityLead),
        Case::post("/api/v1/staff", account, "party_id")
            .names(party.clone(), stranger.clone())
            .by(CommunityLead),
        Case::post("/api/v1/channels", webhook, "party_id").names(party, stranger).by(CommunityLead),
        Case::post("/api/v1/hotline/pairs", json!({ "number": "A0", "verdict": "confirmed" }), "ticket_id")
            .names(none.clone(), json!(beside.id)),
        Case::put("/api/v1/hotline/names", json!({ "kind": "place", "name": "三号楼" }), "place_id")
            .names(none, away),
    ];
    for case in cases {
        let client = app.as_(case.role);
        for (named, taken) in [(&case.foreign, false), (&case.own, true)] {
            let mut body = case.body.clone();
            body[case.field] = named.clone();
            if case.path.starts_with(&at("")) {
                body["version"] = version().await;
            }
            if taken && named.is_null() {
                continue;
            }
            let answer = client.send_json(case.method.clone(), &case.path, body).await;
            let right = if taken { answer.status < 300 } else { matches!(answer.status, 404 | 409 | 422) };
            let whose = if taken { "here" } else { "next door" };
            assert!(right, "{} and {} of {whose}: {} {}", case.path, case.field, answer.status, answer.body);
        }
    }
    let after = there.worker.get(&format!("/api/v1/tickets/{}", beside.id)).await.json();
    assert_eq!(after, before, "nothing happened next door");
    assert_eq!(
        there.worker.get(&format!("/api/v1/incidents/{}", other.id(Kind::Incident))).await.status,
        200
    );
}

/// A call whose body names something.
struct Case {
    role: Role,
    method: Method,
    path: String,
    body: Value,
    field: &'static str,
    own: Value,
    foreign: Value,
}

impl Case {
    fn post(path: &str, body: Value, field: &'static str) -> Case {
        Case {
            role: CommunityWorker,
            method: Method::POST,
            path: path.to_owned(),
            body,
            field,
            own: Value::Null,
            foreign: Value::Null,
        }
    }

    fn put(path: &str, body: Value, field: &'static str) -> Case {
        Case { method: Method::PUT, ..Case::post(path, body, field) }
    }

    /// With this of here, and with that of next door.
    fn names(self, own: Value, foreign: Value) -> Case {
        Case { own, foreign, ..self }
    }

    fn by(self, role: Role) -> Case {
        Case { role, ..self }
    }
}

#[actix_web::test]
async fn a_session_moves_to_the_communities_of_its_account_and_to_no_others() {
    let app = TestApp::start_with(&[("notice_hosts", "localhost".into())]).await;
    for (role, reached) in [
        (StreetManager, [303, 303, 404]),
        (Role::Auditor, [303, 303, 404]),
        (Role::Admin, [303, 303, 303]),
        (CommunityLead, [403, 403, 403]),
    ] {
        for (place, wanted) in reached.into_iter().enumerate() {
            let client = app.again(role).await;
            let community = app.worlds[place].community.id.to_string();
            let moved = client.post("/console/community", &[("community", &community)]).await;
            assert_eq!(moved.status, wanted, "{role:?} {place}");
            if moved.status == 303 {
                let ticket = told(&app, &app.worlds[place], 0, "灯坏了").await;
                let seen = client.get(&format!("/api/v1/tickets/{}", ticket.id)).await.status;
                assert_eq!(seen, 200, "{role:?} {place}");
            }
        }
    }
}
