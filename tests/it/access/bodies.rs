//! What a body names lies in the scope too: a party, a place, a colleague, another ticket of next door is refused as if it
//! did not exist, where the same body with one of here is taken.

use louma::people::Role::{self, CommunityLead, CommunityWorker, StreetManager};
use reqwest::Method;
use serde_json::{Value, json};

use super::told;
use crate::access::objects::{Hands, Kind, plant};
use crate::harness::{Client, TestApp};

/// Sends a body and tells the status.
async fn send(client: &Client, method: &Method, path: &str, body: &Value) -> (u16, String) {
    let answer = client.send_json(method.clone(), path, body.clone()).await;
    (answer.status, answer.body)
}

/// The account that is signed in.
async fn me(client: &Client) -> Value {
    client.get("/api/v1/me").await.json()["id"].clone()
}

#[actix_web::test]
async fn what_a_body_names_next_door_does_not_exist_either() {
    let app = TestApp::start().await;
    let (home, next) = (app.home().clone(), app.worlds[1].clone());
    let (here, there) = (Hands::of(&app, 0).await, Hands::of(&app, 1).await);
    let (own, other) = (plant(&app, 0, &here).await, plant(&app, 1, &there).await);
    let (worker, neighbour) = (me(&here.worker).await, me(&there.worker).await);
    let ticket = told(&app, &home, 0, "单元门坏了").await;
    let beside = told(&app, &next, 0, "单元门坏了").await;
    let earlier = told(&app, &home, 0, "单元门又坏了").await;
    for (client, id) in [(&here.worker, ticket.id), (&here.worker, earlier.id), (&there.worker, beside.id)] {
        let path = format!("/api/v1/tickets/{id}/category");
        let sorted = json!({ "category": "0102", "kind": "help" });
        assert_eq!(client.post_json(&path, sorted).await.status, 200);
    }
    let at = |noun: &str| format!("/api/v1/tickets/{}/{noun}", ticket.id);
    let thing = |kind: Kind, noun: &str, path: &str| format!("/api/v1/{path}/{}/{noun}", own.id(kind));
    let (units, theirs) = (&home.units, &next.units);
    let day = |days: i64| louma::db::now().plus_minutes(days * 1440).0.to_rfc3339();
    let [party, stranger] = [home.property.id, next.property.id].map(|id| json!(id));
    let [place, away] = [&units[0].0, &theirs[0].0].map(|place| json!(place.id));
    let call = |name: &str| json!({ "key": "0123456789abcdef", "channel": "phone", "place": name, "matter": "0101", "text": "灯坏了" });
    let compound = |of: &louma::places::Place| json!(of.parent_id);
    let (post, put) = (Method::POST, Method::PUT);
    // Who asks, what for, in which field, with what of here and with what of next door.
    let cases: Vec<(Role, &Method, String, Value, &str, Value, Value)> = vec![
        (
            CommunityWorker,
            &post,
            "/api/v1/incidents".into(),
            json!({}),
            "tickets",
            json!([ticket.id, earlier.id]),
            json!([ticket.id, beside.id]),
        ),
        (
            CommunityWorker,
            &post,
            thing(Kind::Incident, "tickets", "incidents"),
            json!({}),
            "number",
            Value::Null,
            json!(beside.number),
        ),
        (
            CommunityWorker,
            &post,
            thing(Kind::Incident, "removals", "incidents"),
            json!({}),
            "ticket_id",
            Value::Null,
            json!(beside.id),
        ),
        (
            CommunityWorker,
            &post,
            at("distinction"),
            json!({}),
            "earlier_id",
            json!(earlier.id),
            json!(beside.id),
        ),
        (
            CommunityWorker,
            &post,
            at("merger"),
            json!({ "version": 1 }),
            "main",
            Value::Null,
            json!(beside.number),
        ),
        (CommunityWorker, &post, at("acceptance"), json!({}), "version", json!(1), json!(-7)),
        (
            CommunityWorker,
            &post,
            at("supports"),
            json!({ "task": "开门" }),
            "party_id",
            party.clone(),
            stranger.clone(),
        ),
        (
            CommunityWorker,
            &post,
            at("links"),
            json!({ "name": "班", "text": "请看", "days": 7 }),
            "party_id",
            party.clone(),
            stranger.clone(),
        ),
        (
            CommunityWorker,
            &post,
            at("dispatch"),
            json!({ "version": 2 }),
            "party_id",
            party.clone(),
            stranger.clone(),
        ),
        (
            CommunityWorker,
            &post,
            at("notes"),
            json!({ "text": "请看" }),
            "remind",
            json!([me(&here.lead).await]),
            json!([neighbour]),
        ),
        (
            CommunityWorker,
            &post,
            "/api/v1/tickets".into(),
            call(""),
            "place",
            json!(units[0].0.full_name),
            json!(theirs[0].0.full_name),
        ),
        (
            CommunityWorker,
            &post,
            "/api/v1/works".into(),
            json!({ "what": "换水管", "from_at": day(1), "until_at": day(2) }),
            "place_id",
            place.clone(),
            away.clone(),
        ),
        (
            CommunityLead,
            &post,
            "/api/v1/absences".into(),
            json!({ "cover_id": worker, "from_at": day(20), "until_at": day(21) }),
            "staff_id",
            me(&here.lead).await,
            neighbour.clone(),
        ),
        (
            CommunityLead,
            &post,
            "/api/v1/absences".into(),
            json!({ "staff_id": worker, "from_at": day(30), "until_at": day(31) }),
            "cover_id",
            me(&here.lead).await,
            neighbour.clone(),
        ),
        (
            CommunityLead,
            &post,
            "/api/v1/places".into(),
            json!({ "kind": "spot", "name": "一" }),
            "parent_id",
            compound(&units[1].0),
            compound(&theirs[1].0),
        ),
        (
            CommunityLead,
            &post,
            "/api/v1/places".into(),
            json!({ "kind": "spot", "name": "二", "parent_id": compound(&units[1].0) }),
            "grid_id",
            json!(home.grid),
            json!(next.grid),
        ),
        (
            CommunityLead,
            &put,
            format!("/api/v1/places/{}", units[1].0.id),
            json!({ "households": 3 }),
            "grid_id",
            json!(home.grid),
            json!(next.grid),
        ),
        (
            CommunityLead,
            &put,
            format!("/api/v1/grids/{}/worker", home.grid),
            json!({}),
            "worker_id",
            json!(app.staff(Role::GridWorker)),
            json!(app.worlds[1].grid),
        ),
        (
            CommunityLead,
            &post,
            "/api/v1/staff".into(),
            json!({ "login": "jing-9", "name": "经办 9", "role": "handler" }),
            "party_id",
            party.clone(),
            stranger.clone(),
        ),
        (
            CommunityLead,
            &post,
            "/api/v1/channels".into(),
            json!({ "kind": "webhook", "name": "单位群", "url": "https://localhost:9/" }),
            "party_id",
            party.clone(),
            stranger.clone(),
        ),
        (
            CommunityWorker,
            &post,
            "/api/v1/hotline/pairs".into(),
            json!({ "number": "A0", "verdict": "confirmed" }),
            "ticket_id",
            Value::Null,
            json!(beside.id),
        ),
        (
            CommunityWorker,
            &put,
            "/api/v1/hotline/names".into(),
            json!({ "kind": "place", "name": "三号楼" }),
            "place_id",
            place,
            away,
        ),
    ];
    for (role, method, path, body, field, own, foreign) in cases {
        let client = app.as_(role);
        let with = |value: Value| {
            let mut body = body.clone();
            body[field] = value;
            body
        };
        let (status, said) = send(&client, method, &path, &with(foreign)).await;
        assert!(matches!(status, 404 | 409 | 422), "{path} took {field} of next door: {status} {said}");
        if own != Value::Null {
            let (status, said) = send(&client, method, &path, &with(own)).await;
            assert!(status < 300, "{path} refused {field} of here: {status} {said}");
        }
    }
    let untouched = there.worker.get(&format!("/api/v1/tickets/{}", beside.id)).await.json();
    assert_eq!((&untouched["status"], &untouched["version"]), (&json!("new"), &json!(beside.version)));
    assert_eq!(
        there.worker.get(&format!("/api/v1/incidents/{}", other.id(Kind::Incident))).await.status,
        200
    );
}

#[actix_web::test]
async fn a_session_moves_to_the_communities_of_its_account_and_to_no_others() {
    let app = TestApp::start().await;
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
