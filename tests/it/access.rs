//! Who may call which route, and what of: every route of the program, asked by every role for things here and elsewhere,
//! compared with a checked-in table (`matrix`); what a body names (`bodies`); and what holds of every change.

mod bodies;
mod matrix;
mod objects;

use louma::app;
use louma::people::Role;
use louma::tickets::{Channel, Note, Person, Submission, Ticket};

use crate::harness::{TestApp, World, jpeg, send};

/// Makes a ticket at a place of a community and returns its id.
pub async fn ticket(app: &TestApp, world: &World, door: usize) -> String {
    told(app, world, door, "灯坏了").await.id.to_string()
}

/// Makes a ticket of these words at a place of a community.
pub async fn told(app: &TestApp, world: &World, door: usize, words: &str) -> Ticket {
    let (world, keys, words) = (world.clone(), app.parts.keys.clone(), words.to_owned());
    app.write(move |tx| {
        let actor = louma::people::Actor::resident(world.community.id);
        let submission = Submission {
            id: louma::db::Id::new(),
            channel: Channel::Scan,
            code: None,
            place: world.units[door].0.clone(),
            spot_note: String::new(),
            level1: "01".into(),
            category: None,
            kind: None,
            text: Note::parse("text", &words, "")?,
            hazard: false,
            reach: None,
            person: Person::default(),
            photos: Vec::new(),
            notice_version: "1".into(),
            called_at: None,
        };
        louma::tickets::submit(tx, &keys, &actor, &world.community, submission)
    })
    .await
}

/// An address of a pattern, wherever it leads.
fn fill(pattern: &str, id: &str, code: &str) -> String {
    let filled = pattern.replace("{id}", id).replace("{code}", code).replace("{seq}", "1");
    let parts = filled.split('{').enumerate();
    parts
        .map(
            |(at, part)| {
                if at == 0 { part.to_owned() } else { format!("x{}", part.split_once('}').unwrap().1) }
            },
        )
        .collect()
}

#[actix_web::test]
async fn a_ticket_outside_the_scope_does_not_exist() {
    let app = TestApp::start().await;
    let here = ticket(&app, app.home(), 0).await;
    let other_grid = ticket(&app, app.home(), 1).await;
    let next_door = ticket(&app, &app.worlds[1], 0).await;
    let elsewhere = ticket(&app, &app.worlds[2], 0).await;
    let expected = [
        (Role::CommunityWorker, [200, 200, 404, 404]),
        (Role::CommunityLead, [200, 200, 404, 404]),
        // The grid worker sees the grid; the handler only what was given to the party.
        (Role::GridWorker, [200, 404, 404, 404]),
        (Role::Handler, [404, 404, 404, 404]),
        // They work in one community at a time: here, the first they reach.
        (Role::StreetManager, [200, 200, 404, 404]),
        (Role::Auditor, [200, 200, 404, 404]),
        (Role::Admin, [200, 200, 404, 404]),
    ];
    for (role, wanted) in expected {
        let client = app.as_(role);
        let mut given = Vec::new();
        for id in [&here, &other_grid, &next_door, &elsewhere] {
            let page = client.get(&format!("/console/tickets/{id}")).await.status;
            let json = client.get(&format!("/api/v1/tickets/{id}")).await.status;
            assert_eq!(page, json, "page and JSON differ for {role:?}");
            given.push(page);
        }
        assert_eq!(given, wanted, "{role:?}");
    }
}

#[actix_web::test]
async fn a_change_without_the_proof_is_refused_whatever_it_is() {
    let app = TestApp::start().await;
    let id = ticket(&app, app.home(), 0).await;
    let admin = app.as_(Role::Admin);
    let lead = app.as_(Role::CommunityLead);
    for entry in app::routes().iter().filter(|entry| entry.method.as_str() != "GET") {
        let public = matches!(entry.access, louma::people::gate::Access::Anyone);
        if public {
            continue;
        }
        let path = fill(entry.pattern, &id, &app.home().units[0].1.code.to_string());
        let method = reqwest::Method::from_bytes(entry.method.as_str().as_bytes()).unwrap();
        let roles = [&admin, &lead];
        for client in roles {
            let bare = client.request(method.clone(), &path).form(&[("x", "y")]);
            let status = send(bare).await.status;
            assert!(matches!(status, 403 | 409), "{path} took a change without proof: {status}");
            let form = reqwest::multipart::Form::new().text("x", "y");
            let status = send(client.request(method.clone(), &path).multipart(form)).await.status;
            assert!(matches!(status, 400 | 403 | 409 | 415), "{path} took files without proof: {status}");
        }
    }
}

#[actix_web::test]
async fn an_ended_session_leads_to_the_way_in() {
    let app = TestApp::start().await;
    let worker = app.as_(Role::CommunityWorker);
    assert_eq!(worker.get("/console").await.status, 200);
    let id = app.staff(Role::CommunityWorker);
    app.write(move |tx| louma::people::session::end_all(tx, id)).await;
    let answer = worker.get("/console").await;
    assert_eq!(answer.status, 303);
    assert!(answer.location.starts_with("/console/sign-in"));
    assert_eq!(worker.get("/api/v1/queues").await.status, 401);
}

#[actix_web::test]
async fn a_form_sent_after_the_session_ended_shows_what_was_typed() {
    let app = TestApp::start().await;
    let worker = app.as_(Role::CommunityWorker);
    let id = app.staff(Role::CommunityWorker);
    app.write(move |tx| louma::people::session::end_all(tx, id)).await;
    let note = "已经打过两次电话，没有人接 <b>";
    let fields = [("text", note), ("version", "1"), ("old_password", "我的 密码")];
    let path = format!("/console/tickets/{id}/notes");
    let late = worker.request(reqwest::Method::POST, &path).form(&fields);
    let late = send(late.header("referer", format!("{}/console/tickets/7?a=b", app.url))).await;
    assert_eq!(late.status, 401, "{}", late.body);
    assert!(late.body.contains("登录已过期") && late.body.contains("已经打过两次电话，没有人接 &#60;b&#62;"));
    assert!(!late.body.contains("我的 密码"));
    assert!(late.body.contains("/console/sign-in?next=/console/tickets/7%3Fa%3Db"), "{}", late.body);
    let json = worker.request(reqwest::Method::POST, "/api/v1/places").body("{}");
    assert_eq!(send(json).await.status, 401);
    // So does one with files; nothing of those is kept.
    let closing = format!("/console/tickets/{id}/closure");
    let words = [("text", "已换新灯泡，<b>楼道</b>亮了"), ("version", "1")];
    let late = worker.post_files(&closing, &words, &[("photo", "a.jpg", &jpeg(1))]).await;
    assert_eq!(late.status, 401, "{}", late.body);
    assert!(
        late.body.contains("已换新灯泡，&#60;b&#62;楼道") && late.body.contains("照片要重新选"),
        "{}",
        late.body
    );
    let broken =
        worker.request(reqwest::Method::POST, &closing).header("content-type", "multipart/form-data");
    assert_eq!(send(broken.body("nothing")).await.status, 401);
}

#[actix_web::test]
async fn what_staff_do_not_find_leads_back_to_their_desk() {
    let app = TestApp::start().await;
    let worker = app.as_(Role::CommunityWorker);
    for (path, status) in [("/console/settings", 403), ("/console/tickets/7", 404), ("/console/nothing", 404)]
    {
        let page = worker.get(path).await;
        assert_eq!(page.status, status, "{path}");
        assert!(page.body.contains("回到收件箱"), "{path}: {}", page.body);
    }
    assert!(app.stranger().get("/nothing").await.body.contains("查进度"));
}
