//! How long a session lasts, and what a bearer token opens: what its account may, without the proof that a browser owes,
//! and for no longer than the account.

use diesel::prelude::*;
use louma::db::{Id, Time};
use louma::people::{Carrier, Role, session};
use louma::schema::sign_ins;
use reqwest::Method;
use serde_json::{Value, json};

use crate::access::ticket;
use crate::harness::{Answer, PASSWORD, TestApp, send};

/// Sets back when a session was last used, or how long it lives.
async fn set_back(app: &TestApp, staff: Id, carrier: Carrier, row: Row) {
    app.write(move |tx| {
        let own = sign_ins::table.filter(sign_ins::staff_id.eq(staff).and(sign_ins::kind.eq(carrier)));
        let changed = match row {
            Row::SeenAt(at) => diesel::update(own).set(sign_ins::seen_at.eq(at)).execute(tx.conn)?,
            Row::ExpiresAt(at) => diesel::update(own).set(sign_ins::expires_at.eq(at)).execute(tx.conn)?,
        };
        assert_eq!(changed, 1);
        Ok(())
    })
    .await;
}

enum Row {
    SeenAt(Time),
    ExpiresAt(Time),
}

/// Waits until the use of a session was noted, which happens after the answer; when it began and when it ends.
async fn touched(app: &TestApp, staff: Id) -> (Time, Time) {
    let begun = std::time::Instant::now();
    loop {
        let (created, seen_at, expires): (Time, Time, Time) = app
            .read(move |tx| {
                let own = sign_ins::table.filter(sign_ins::staff_id.eq(staff));
                let row = own.select((sign_ins::created_at, sign_ins::seen_at, sign_ins::expires_at));
                Ok(row.first(tx.conn)?)
            })
            .await;
        if seen_at > minutes_ago(5) {
            return (created, expires);
        }
        assert!(begun.elapsed().as_secs() < 10, "the use was not noted");
        actix_web::rt::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

fn minutes_ago(minutes: i64) -> Time {
    louma::db::now().plus_minutes(-minutes)
}

#[actix_web::test]
async fn a_session_that_nobody_used_for_eight_hours_has_ended() {
    assert_eq!(session::IDLE_MINUTES, 8 * 60);
    let app = TestApp::start().await;
    let (worker, id) = (app.as_(Role::CommunityWorker), app.staff(Role::CommunityWorker));
    set_back(&app, id, Carrier::Browser, Row::SeenAt(minutes_ago(8 * 60 - 2))).await;
    assert_eq!(worker.get("/console").await.status, 200, "a long lunch");
    touched(&app, id).await;
    set_back(&app, id, Carrier::Browser, Row::SeenAt(minutes_ago(8 * 60 + 1))).await;
    let page = worker.get("/console").await;
    assert_eq!(page.status, 303);
    assert!(page.location.starts_with("/console/sign-in"), "{}", page.location);
    assert_eq!(worker.get("/api/v1/queues").await.status, 401);
    let change = worker.post_json("/api/v1/notices/seen", json!({})).await;
    assert_eq!(change.status, 401, "{}", change.body);
}

#[actix_web::test]
async fn using_a_session_keeps_it_and_seven_days_end_it_in_any_case() {
    let app = TestApp::start().await;
    let (worker, id) = (app.as_(Role::CommunityWorker), app.staff(Role::CommunityWorker));
    set_back(&app, id, Carrier::Browser, Row::SeenAt(minutes_ago(7 * 60))).await;
    assert_eq!(worker.get("/console").await.status, 200);
    let (created, expires) = touched(&app, id).await;
    assert_eq!(expires, created.plus_minutes(7 * 24 * 60), "use does not lengthen a session");
    set_back(&app, id, Carrier::Browser, Row::ExpiresAt(minutes_ago(0))).await;
    assert_eq!(worker.get("/console").await.status, 303);
    assert_eq!(worker.get("/api/v1/queues").await.status, 401);
}

/// A token of this role, made as its owner makes one.
async fn token(app: &TestApp, role: Role) -> String {
    let made = app.as_(role).post_json("/api/v1/me/tokens", json!({ "label": "导出", "days": 30 })).await;
    assert_eq!(made.status, 201, "{}", made.body);
    made.json()["secret"].as_str().unwrap().to_owned()
}

/// Calls as a program does: with the token, without cookie or proof.
async fn call(app: &TestApp, token: &str, method: Method, path: &str, body: Option<Value>) -> Answer {
    let request = app.stranger().request(method, path).header("authorization", format!("Bearer {token}"));
    send(match body {
        Some(body) => request.json(&body),
        None => request,
    })
    .await
}

async fn get(app: &TestApp, token: &str, path: &str) -> u16 {
    call(app, token, Method::GET, path, None).await.status
}

#[actix_web::test]
async fn a_token_changes_things_without_the_proof_that_a_browser_owes() {
    let app = TestApp::start().await;
    let id = ticket(&app, app.home(), 0).await;
    let notes = format!("/api/v1/tickets/{id}/notes");
    let note = json!({ "version": 1, "text": "程序记下的" });
    let browser = app.as_(Role::CommunityWorker).request(Method::POST, &notes).json(&note);
    assert_eq!(send(browser).await.status, 409, "a cookie alone proves nothing");
    let token = token(&app, Role::CommunityWorker).await;
    let noted = call(&app, &token, Method::POST, &notes, Some(note)).await;
    assert_eq!(noted.status, 200, "{}", noted.body);
    let sheet = app.as_(Role::CommunityWorker).get(&format!("/api/v1/tickets/{id}")).await;
    assert!(sheet.body.contains("程序记下的"), "{}", sheet.body);
    // The page is opened by it too; what is no token opens nothing.
    assert_eq!(get(&app, &token, "/console").await, 200);
    for wrong in ["", "x", &token[1..], token.to_uppercase().as_str()] {
        assert_eq!(get(&app, wrong, "/api/v1/queues").await, 401, "{wrong:?}");
    }
    let basic = app.stranger().request(Method::GET, "/api/v1/queues");
    assert_eq!(send(basic.header("authorization", format!("Basic {token}"))).await.status, 401);
}

#[actix_web::test]
async fn a_token_reaches_what_its_account_reaches_and_no_more() {
    let app = TestApp::start().await;
    let here = ticket(&app, app.home(), 0).await;
    let next_door = ticket(&app, &app.worlds[1], 0).await;
    let worker = token(&app, Role::CommunityWorker).await;
    let handler = token(&app, Role::Handler).await;
    let at = |id: &str| format!("/api/v1/tickets/{id}");
    assert_eq!(get(&app, &worker, &at(&here)).await, 200);
    assert_eq!(get(&app, &worker, &at(&next_door)).await, 404, "another community");
    assert_eq!(get(&app, &handler, &at(&here)).await, 404, "not given to the party");
    assert_eq!(get(&app, &worker, "/api/v1/settings").await, 403, "for leads");
    let party = json!({ "name": "某队", "aliases": "", "kind": "other", "phone": "" });
    assert_eq!(call(&app, &worker, Method::POST, "/api/v1/parties", Some(party)).await.status, 403);
    let lead = json!({ "login": "lead-2", "name": "负责人 02", "role": "community_lead" });
    let boss = token(&app, Role::CommunityLead).await;
    let made = call(&app, &boss, Method::POST, "/api/v1/staff", Some(lead)).await;
    assert_eq!(made.status, 403, "a lead makes no leads by a program either");
}

#[actix_web::test]
async fn a_token_lives_as_long_as_it_was_made_for_used_or_not() {
    let app = TestApp::start().await;
    let (token, id) = (token(&app, Role::CommunityWorker).await, app.staff(Role::CommunityWorker));
    set_back(&app, id, Carrier::Bearer, Row::SeenAt(minutes_ago(20 * 24 * 60))).await;
    assert_eq!(get(&app, &token, "/api/v1/queues").await, 200, "a program may rest");
    set_back(&app, id, Carrier::Bearer, Row::ExpiresAt(minutes_ago(0))).await;
    assert_eq!(get(&app, &token, "/api/v1/queues").await, 401);
}

#[actix_web::test]
async fn a_token_ends_with_the_account_its_password_and_when_its_owner_says_so() {
    let app = TestApp::start().await;
    let (lead, worker) = (app.as_(Role::CommunityLead), app.as_(Role::CommunityWorker));
    let id = app.staff(Role::CommunityWorker);
    let account = |noun: &str| format!("/api/v1/staff/{id}/{noun}");

    let ended = token(&app, Role::CommunityWorker).await;
    let listed = worker.get("/api/v1/me/sessions").await.json();
    let bearer = listed.as_array().unwrap().iter().find(|each| each["kind"] == "bearer").unwrap();
    let own = format!("/api/v1/me/sessions/{}", bearer["id"].as_str().unwrap());
    assert_eq!(app.as_(Role::Handler).send_json(Method::DELETE, &own, json!({})).await.status, 404);
    assert_eq!(get(&app, &ended, "/api/v1/me").await, 200, "nobody ends the token of somebody else");
    assert_eq!(worker.send_json(Method::DELETE, &own, json!({})).await.status, 204);
    assert_eq!(get(&app, &ended, "/api/v1/me").await, 401);

    let changed = token(&app, Role::CommunityWorker).await;
    let fields = [("old_password", PASSWORD), ("password", "另一个好记的密码 2026")];
    let answer = worker.post("/console/me/password", &fields).await;
    assert!(answer.status < 400, "{}", answer.body);
    assert_eq!(get(&app, &changed, "/api/v1/me").await, 401, "a new password ends what was left behind");
    assert_eq!(worker.get("/console/me").await.status, 200);

    let reset = token(&app, Role::CommunityWorker).await;
    assert_eq!(get(&app, &reset, "/api/v1/me").await, 200);
    assert_eq!(lead.post_json(&account("password"), json!({})).await.status, 200);
    assert_eq!(get(&app, &reset, "/api/v1/me").await, 401);
    assert_eq!(worker.get("/console").await.status, 303, "and so has the session in the browser");

    let handler = app.staff(Role::Handler);
    let closed = token(&app, Role::Handler).await;
    assert_eq!(get(&app, &closed, "/api/v1/me").await, 200);
    let path = |noun: &str| format!("/api/v1/staff/{handler}/{noun}");
    assert_eq!(lead.post_json(&path("disable"), json!({})).await.status, 204);
    assert_eq!(get(&app, &closed, "/api/v1/me").await, 401);
    assert_eq!(lead.post_json(&path("enable"), json!({})).await.status, 204);
    assert_eq!(
        get(&app, &closed, "/api/v1/me").await,
        401,
        "an account that is opened again has no old keys"
    );
}
