//! What may still happen after a closing, and for how long: as it was set when it was closed, whatever is set later.

use louma::db::{Time, Tx};
use louma::error::Result;
use louma::people::{Actor, Role};
use louma::settings::{self, Windows};
use louma::tickets::steps::{self, Closure, Seen};
use louma::tickets::{Level, Note, Outcome, Ticket, timers};

use crate::clocks::{back_then, submit};
use crate::harness::TestApp;

/// A ticket of which somebody was told the result so many days ago.
async fn closed(app: &TestApp, days: i64) -> Ticket {
    let (home, keys) = (app.home().clone(), app.parts.keys.clone());
    let lead = Actor { role: Role::CommunityLead, ..Actor::timer(home.community.id) };
    app.write(move |tx| {
        let then = tx.now.plus_minutes(-days * 1440);
        back_then(tx, then, |tx| {
            let ticket = submit(tx, &keys, &home)?;
            let seen = |ticket: &Ticket| Seen { id: ticket.id, version: ticket.version };
            let ticket = steps::accept(tx, &lead, seen(&ticket))?;
            let text = Note::parse("text", "已说明", "")?;
            let closure =
                Closure { result: Outcome::Explained, text, level: Level::Community, photos: Vec::new() };
            steps::close(tx, &lead, seen(&ticket), closure)
        })
    })
    .await
}

async fn set(app: &TestApp, rework_days: i32, archive_days: i32) {
    let lead = Actor { role: Role::CommunityLead, ..Actor::timer(app.home().community.id) };
    let rules = Windows { rework_days, archive_days, ..Windows::default() };
    app.write(move |tx| settings::set(tx, &lead, &rules, tx.now)).await;
}

fn page(app: &TestApp, ticket: &Ticket) -> String {
    let token = &app.home().community.token;
    format!("/t/{}", app.parts.keys.ticket_secret(ticket.key_version, token, ticket.id))
}

async fn rings_at(app: &TestApp, ticket: &Ticket) -> Option<Time> {
    let at = (ticket.community_id, ticket.id);
    app.read(move |tx: &mut Tx| -> Result<_> { timers::rings_at(tx, at.0, at.1) }).await
}

#[actix_web::test]
async fn a_shorter_window_does_not_shut_what_was_promised() {
    let app = TestApp::start().await;
    let ticket = closed(&app, 5).await;
    set(&app, 3, 2).await;
    let until = ticket.closed_at.unwrap().plus_minutes(14 * 1440);
    let mine = page(&app, &ticket);
    let shown = app.stranger().get(&mine).await.body;
    assert!(shown.contains("14 天") && shown.contains(&until.long()), "{shown}");
    let desk = app.as_(Role::CommunityLead).get(&format!("/console/tickets/{}", ticket.id)).await.body;
    assert!(desk.contains("办结后 14 天内可以重办"), "{desk}");
    assert_eq!(rings_at(&app, &ticket).await, Some(ticket.closed_at.unwrap().plus_minutes(7 * 1440)));
    let again = app.stranger().post(&format!("{mine}/rework"), &[("reason", "还是不亮")]).await;
    assert_eq!(again.status, 303, "{}", again.body);
}

#[actix_web::test]
async fn a_longer_window_does_not_open_again_what_was_shut() {
    let app = TestApp::start().await;
    let ticket = closed(&app, 20).await;
    set(&app, 30, 30).await;
    let mine = page(&app, &ticket);
    let again = app.stranger().post(&format!("{mine}/rework"), &[("reason", "还是不亮")]).await;
    assert_eq!(again.status, 409, "{}", again.body);
    assert!(again.body.contains("14 天"), "{}", again.body);
    assert!(!app.stranger().get(&mine).await.body.contains("30 天"));
    // What is closed from now on has the new window.
    let fresh = closed(&app, 0).await;
    assert!(app.stranger().get(&page(&app, &fresh)).await.body.contains("30 天"));
}
