//! Two people at one ticket in the same moment. SQLite's single writer stands them in line; on PostgreSQL only what a verb
//! holds does, so these tests say something there.

use std::time::Duration;

use actix_web::rt;
use diesel::prelude::*;
use louma::db::Id;
use louma::people::{Actor, Role};
use louma::schema::{requests, tickets as rows};
use louma::tickets::steps::{self, Closure, Seen};
use louma::tickets::{Level, Note, Outcome, Status, held, merging, proof};
use serde_json::{Value, json};

use crate::harness::{Answer, TestApp};
use crate::life::{Life, in_days, report, ticket};

/// How long a slow transaction goes on after its verb is done.
const SLOW: Duration = Duration::from_millis(400);

/// Somebody of the community who decides, with an account.
fn lead(app: &TestApp) -> Actor {
    let staff_id = Some(app.staff(Role::CommunityLead));
    Actor { role: Role::CommunityLead, staff_id, ..Actor::timer(app.home().community.id) }
}

fn closure() -> Closure {
    let text = Note::parse("text", "换了灯", "").unwrap();
    Closure { result: Outcome::Explained, text, level: Level::Community, photos: Vec::new() }
}

/// What staff ask for, sent at once.
fn asked(app: &TestApp, role: Role, path: String, body: Value) -> rt::task::JoinHandle<Answer> {
    let client = app.as_(role);
    rt::spawn(async move { client.post_json(&path, body).await })
}

/// Rows say what their events say, and nothing is asked for of what is over.
async fn nothing_is_wrong(app: &TestApp) {
    let community = app.home().community.id;
    let found = app.read(move |tx| proof::prove(tx, community, None)).await;
    assert_eq!(found.wrong, Vec::new());
    let left: i64 = app
        .read(|tx| {
            let of = rows::community_id.eq(requests::community_id).and(rows::id.eq(requests::ticket_id));
            let open = requests::table.inner_join(rows::table.on(of)).filter(requests::decided_at.is_null());
            let over = open.filter(rows::status.eq_any([Status::FollowUp, Status::Archived]));
            Ok(over.count().get_result(tx.conn)?)
        })
        .await;
    assert_eq!(left, 0, "asked for after the end");
}

/// A call, a nudge of the resident and a wish for more time, at once with whatever else happens.
fn acts(life: &Life, secret: &str) -> Vec<rt::task::JoinHandle<u16>> {
    let (app, id) = (&life.app, &life.id);
    let called = asked(
        app,
        Role::CommunityWorker,
        format!("/api/v1/tickets/{id}/contacts"),
        json!({ "contact": "reached", "note": "说过了" }),
    );
    let wished = asked(
        app,
        Role::Handler,
        format!("/api/v1/tickets/{id}/extensions"),
        json!({ "until": in_days(20), "reason": "等配件" }),
    );
    let (stranger, path) = (app.stranger(), format!("/t/{secret}/nudge"));
    vec![
        rt::spawn(async move { called.await.unwrap().status }),
        rt::spawn(async move { wished.await.unwrap().status }),
        rt::spawn(async move { stranger.post(&path, &[]).await.status }),
    ]
}

async fn secret(life: &Life) -> String {
    let ticket = life.ticket().await;
    life.app.parts.keys.ticket_secret(ticket.key_version, &life.app.home().community.token, ticket.id)
}

#[actix_web::test]
async fn what_comes_while_a_ticket_is_being_closed_finds_it_closed() {
    let life = Life::at_work().await;
    let (secret, actor, seen) = (secret(&life).await, lead(&life.app), life.ticket().await);
    let db = life.app.parts.db.clone();
    let closing = rt::spawn(async move {
        db.write(move |tx| {
            let seen = Seen { id: seen.id, version: seen.version };
            steps::close(tx, &actor, seen, closure())?;
            std::thread::sleep(SLOW);
            Ok(())
        })
        .await
    });
    rt::time::sleep(SLOW / 4).await;
    let mut statuses = Vec::new();
    for act in acts(&life, &secret) {
        statuses.push(act.await.unwrap());
    }
    closing.await.unwrap().unwrap();
    assert_eq!(statuses, [200, 409, 409], "a call may still be noted; nothing is asked for any more");
    assert_eq!(life.ticket().await.status, Status::FollowUp);
    nothing_is_wrong(&life.app).await;
}

#[actix_web::test]
async fn whoever_is_first_row_and_events_agree() {
    let life = Life::at_work().await;
    for round in 0..12 {
        let secret = secret(&life).await;
        let version = life.ticket().await.version;
        let close =
            json!({ "version": version, "result": "explained", "level": "community", "text": "已说明" });
        let path = format!("/api/v1/tickets/{}/closure", life.id);
        let acts = acts(&life, &secret);
        let closed = asked(&life.app, Role::CommunityLead, path, close).await.unwrap();
        assert_eq!(closed.status, 200, "{}", closed.body);
        for act in acts {
            let status = act.await.unwrap();
            assert!([200, 303, 409].contains(&status), "round {round}: {status}");
        }
        nothing_is_wrong(&life.app).await;
        life.ok(Role::CommunityLead, "rework", json!({ "reason": "还是不亮" })).await;
    }
}

async fn number(app: &TestApp, id: &str) -> String {
    ticket(app, id).await.number
}

/// Which ticket goes on, asked of each; a chain without an end would never answer.
async fn ends(app: &TestApp, ids: [&str; 2]) {
    for id in ids {
        let merged = ticket(app, id).await;
        let found = app.read(move |tx| merging::leading(tx, &merged));
        rt::time::timeout(Duration::from_secs(5), found).await.expect("a chain of mergers has an end");
    }
}

#[actix_web::test]
async fn two_tickets_are_never_merged_into_each_other() {
    let app = TestApp::start().await;
    let (one, other) = (report(&app, "灯坏了").await, report(&app, "楼道灯坏了").await);
    let (actor, seen, main) = (lead(&app), ticket(&app, &one).await, number(&app, &other).await);
    let db = app.parts.db.clone();
    let first = rt::spawn(async move {
        db.write(move |tx| {
            let seen = Seen { id: seen.id, version: seen.version };
            merging::merge(tx, &actor, seen, &main)?;
            std::thread::sleep(SLOW);
            Ok(())
        })
        .await
    });
    rt::time::sleep(SLOW / 4).await;
    let body = json!({ "version": 1, "main": number(&app, &one).await });
    let second = asked(&app, Role::CommunityWorker, format!("/api/v1/tickets/{other}/merger"), body);
    let second = second.await.unwrap();
    first.await.unwrap().unwrap();
    assert!(second.status == 422 && second.body.contains("已经结束的工单"), "{}", second.body);
    ends(&app, [&one, &other]).await;
    for _ in 0..8 {
        let (one, other) = (report(&app, "灯坏了").await, report(&app, "楼道灯坏了").await);
        let numbers = [number(&app, &other).await, number(&app, &one).await];
        let both = [&one, &other].into_iter().zip(numbers).map(|(from, main)| {
            let path = format!("/api/v1/tickets/{from}/merger");
            asked(&app, Role::CommunityWorker, path, json!({ "version": 1, "main": main }))
        });
        let both: Vec<_> = both.collect();
        let mut statuses = Vec::new();
        for each in both {
            statuses.push(each.await.unwrap().status);
        }
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 422]);
        ends(&app, [&one, &other]).await;
    }
    nothing_is_wrong(&app).await;
}

#[actix_web::test]
async fn a_circle_that_somebody_made_by_hand_does_not_hold_up_a_page() {
    let app = TestApp::start().await;
    let (one, other) = (report(&app, "灯坏了").await, report(&app, "楼道灯坏了").await);
    let id = |text: &str| Id(text.parse().unwrap());
    let pairs = [(id(&one), id(&other)), (id(&other), id(&one))];
    app.write(move |tx| {
        for (from, to) in pairs {
            let merged = (rows::status.eq(Status::Merged), rows::main_id.eq(Some(to)));
            diesel::update(rows::table.filter(rows::id.eq(from))).set(merged).execute(tx.conn)?;
        }
        Ok(())
    })
    .await;
    ends(&app, [&one, &other]).await;
}

#[actix_web::test]
async fn two_taps_at_once_press_once_and_two_requests_at_once_are_one() {
    let life = Life::at_work().await;
    let secret = secret(&life).await;
    let taps = (0..6).map(|_| {
        let (stranger, path) = (life.app.stranger(), format!("/t/{secret}/nudge"));
        actix_web::rt::spawn(async move { stranger.post(&path, &[]).await.status })
    });
    let asks = (0..6).map(|_| {
        let (handler, path) =
            (life.app.as_(Role::Handler), format!("/api/v1/tickets/{}/extensions", life.id));
        let wish = json!({ "until": in_days(20), "reason": "等配件" });
        actix_web::rt::spawn(async move { handler.post_json(&path, wish).await.status })
    });
    let (mut tapped, mut asked) = (Vec::new(), Vec::new());
    for tap in taps.collect::<Vec<_>>() {
        tapped.push(tap.await.unwrap());
    }
    for ask in asks.collect::<Vec<_>>() {
        asked.push(ask.await.unwrap());
    }
    tapped.sort_unstable();
    asked.sort_unstable();
    assert_eq!(tapped, [303, 409, 409, 409, 409, 409]);
    assert_eq!(asked, [200, 409, 409, 409, 409, 409]);
}

#[actix_web::test]
async fn what_is_erased_while_it_is_let_in_is_either_erased_or_a_ticket_and_never_both() {
    let app = TestApp::start().await;
    let (db, keys, home) = (&app.parts.db, &app.parts.keys, app.home().community.id);
    for erased_first in [true, false] {
        let phone = app.stranger();
        phone.get(&app.door()).await;
        let fields = [("category", "01"), ("text", "灯不亮"), ("phone", "13900001111"), ("leave_empty", "x")];
        let sent = phone.post_files(&app.door(), &fields, &[]).await;
        let page = sent.location.split('?').next().unwrap().to_owned();
        let secret = page.trim_start_matches("/t/").to_owned();
        let (of, named) = (keys.clone(), secret.clone());
        let waiting = db.read(move |tx| held::find_by_secret(tx, &of, &named)).await.unwrap();
        let desk = app.as_(Role::CommunityWorker);
        let release = format!("/api/v1/held/{}/release", waiting.id);
        let erasure = format!("{page}/data/erasure");
        let (slow, of, decides) = (db.clone(), keys.clone(), lead(&app));
        let first = rt::spawn(async move {
            slow.write(move |tx| {
                match erased_first {
                    true => held::erase(tx, &waiting).map(drop)?,
                    false => held::release(tx, &of, &decides, waiting.id).map(drop)?,
                }
                std::thread::sleep(SLOW);
                Ok(())
            })
            .await
        });
        rt::time::sleep(SLOW / 4).await;
        let second = match erased_first {
            true => desk.post_json(&release, json!({})).await.status,
            false => phone.post(&erasure, &[("confirm", "yes")]).await.status,
        };
        first.await.unwrap().unwrap();
        let of = keys.clone();
        let ticket = db.read(move |tx| louma::tickets::find_by_secret(tx, &of, &secret)).await.unwrap();
        assert_eq!(ticket.community_id, home);
        match erased_first {
            true => {
                assert!(second < 300, "{second}");
                assert_eq!(
                    (ticket.phone_masked, ticket.device_hash),
                    (None, None),
                    "what was erased stays so"
                );
            }
            // Its page is that of a ticket by now: there the same is offered.
            false => {
                assert!(second == 409 || second == 303, "{second}");
                assert_eq!(ticket.phone_masked.is_some(), second == 409);
            }
        }
    }
}
