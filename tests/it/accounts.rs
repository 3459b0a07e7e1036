//! 挂账: which clocks rest on account and which never do, and the list on which accounts wait for their review.

use louma::db::{Id, Time, Tx};
use louma::error::Result;
use louma::keys::Keys;
use louma::people::{Actor, Role};
use louma::routing;
use louma::tickets::acts::{self, Contact};
use louma::tickets::requests::{self, Case, Wish};
use louma::tickets::steps::{self, Seen};
use louma::tickets::timers::{self, Alarm};
use louma::tickets::{self, Note, Ticket, Verdict};
use serde_json::json;

use crate::clocks::{back_then, submit};
use crate::harness::{TestApp, World};

/// Whoever asks, and whoever decides.
#[derive(Clone)]
struct Pair {
    worker: Actor,
    lead: Actor,
}

fn pair(app: &TestApp) -> Pair {
    let community = app.home().community.id;
    let of = |role| Actor { role, staff_id: Some(app.staff(role)), ..Actor::timer(community) };
    Pair { worker: of(Role::CommunityWorker), lead: of(Role::CommunityLead) }
}

fn note(words: &str) -> Note {
    Note::parse("text", words, "").unwrap()
}

fn seen(ticket: &Ticket) -> Seen {
    Seen { id: ticket.id, version: ticket.version }
}

/// A report that is accepted, as something that endangers people where it should.
fn accepted(tx: &mut Tx, (keys, home, pair): (&Keys, &World, &Pair), endangers: bool) -> Result<Ticket> {
    let ticket = submit(tx, keys, home)?;
    let ticket = match endangers {
        true => {
            let all = routing::categories(tx)?;
            let found = all.iter().find(|each| each.make_safe_minutes.is_some()).unwrap();
            acts::categorize(tx, &pair.worker, ticket.id, &found.code, found.default_kind)?
        }
        false => ticket,
    };
    steps::accept(tx, &pair.worker, seen(&ticket))
}

/// Puts it on account until `until`.
fn suspended(tx: &mut Tx, pair: &Pair, ticket: &Ticket, until: Time) -> Result<Ticket> {
    let case =
        Case {
            reason: note("没有资金"), basis: "维修基金未批".into(), plan: "列入明年".into(), until
        };
    requests::ask(tx, &pair.worker, ticket.id, Wish::Suspension, case)?;
    let open = requests::of(tx, ticket)?.pop().unwrap();
    requests::decide(tx, &pair.lead, open.id, Verdict::Approve, &note("同意"))
}

fn alarms(tx: &mut Tx, ticket: &Ticket) -> Result<Vec<Alarm>> {
    let history = tickets::history(tx, &Actor::timer(ticket.community_id), ticket)?;
    let named = |data: &str| {
        let data: serde_json::Value = serde_json::from_str(data).ok()?;
        Alarm::parse(data["alarm"].as_str()?)
    };
    Ok(history.iter().filter_map(|event| named(&event.data)).collect())
}

#[actix_web::test]
async fn the_first_contact_rests_on_account_until_somebody_is_reached_and_a_danger_never_does() {
    let app = TestApp::start().await;
    let (home, keys, pair) = (app.home().clone(), app.parts.keys.clone(), pair(&app));
    app.write(move |tx| {
        let (now, own) = (tx.now, (keys.get_ref(), &home, &pair));
        let begun = now.plus_minutes(-10 * 1440);
        let at = |hours: i64| begun.plus_minutes(hours * 60);
        let mut both = Vec::new();
        for _ in 0..2 {
            let ticket = back_then(tx, begun, |tx| accepted(tx, own, true))?;
            let waits = back_then(tx, begun.plus_minutes(10), |tx| {
                suspended(tx, &pair, &ticket, now.plus_minutes(90 * 1440))
            })?;
            back_then(tx, at(72), |tx| timers::fire_one(tx, (waits.community_id, waits.id)))?;
            let waits = tickets::find_own(tx, waits.community_id, waits.id)?;
            assert_eq!(alarms(tx, &waits)?, [Alarm::MakeSafe], "safety is never put on account");
            both.push(waits);
        }
        // Nobody was reached: as much of the limit is left as before.
        let back = back_then(tx, at(96), |tx| steps_resume(tx, &pair.lead, &both[0]))?;
        let rested = at(96).0 - begun.plus_minutes(10).0;
        assert_eq!(back.first_contact_due.0 - both[0].first_contact_due.0, rested);
        back_then(tx, at(96), |tx| timers::fire_one(tx, (back.community_id, back.id)))?;
        assert_eq!(alarms(tx, &back)?, [Alarm::MakeSafe], "not late at once");
        // Somebody was, on account: in time, because the limit had rested until then; and it rests no longer.
        let called = back_then(tx, at(48), |tx| {
            acts::contact(tx, &pair.worker, both[1].id, Contact::Reached, "说过了")
        })?;
        assert!(called.first_contact_at.unwrap() <= called.first_contact_due, "in time");
        assert!(called.first_contact_at.unwrap() > both[1].first_contact_due, "which it would not have been");
        let back = back_then(tx, at(96), |tx| steps_resume(tx, &pair.lead, &called))?;
        assert_eq!(back.first_contact_due, called.first_contact_due);
        // A category that is set later counts the same rests.
        let category = back.category.clone().unwrap();
        let again =
            back_then(tx, at(97), |tx| acts::categorize(tx, &pair.worker, back.id, &category, back.kind))?;
        assert_eq!((again.first_contact_due, again.due_at), (back.first_contact_due, back.due_at));
        Ok(())
    })
    .await;
}

fn steps_resume(tx: &mut Tx, lead: &Actor, ticket: &Ticket) -> Result<Ticket> {
    requests::resume(tx, lead, seen(ticket), &note("钱到了"))
}

#[actix_web::test]
async fn accounts_wait_in_the_order_of_their_review_with_its_date() {
    let app = TestApp::start().await;
    let (home, keys, pair) = (app.home().clone(), app.parts.keys.clone(), pair(&app));
    let made: Vec<Id> = app
        .write(move |tx| {
            let now = tx.now;
            let mut made = Vec::new();
            for number in 0..30_i64 {
                let begun = now.plus_minutes(-1440 + number);
                let review = now.plus_minutes(1440 * (1 + number * 7 % 30));
                let ticket = back_then(tx, begun, |tx| {
                    let ticket = accepted(tx, (&keys, &home, &pair), false)?;
                    suspended(tx, &pair, &ticket, review)
                })?;
                made.push((review, ticket.id));
            }
            // Once before, for another time: only the account that lasts counts.
            let (review, id) = made.pop().unwrap();
            let ticket = tickets::find_own(tx, home.community.id, id)?;
            let back = back_then(tx, now.plus_minutes(-60), |tx| steps_resume(tx, &pair.lead, &ticket))?;
            let later = review.plus_minutes(100 * 1440);
            suspended(tx, &pair, &back, later)?;
            made.push((later, id));
            made.sort();
            Ok(made.into_iter().map(|each| each.1).collect())
        })
        .await;
    let worker = app.as_(Role::CommunityWorker);
    let first = worker.get("/api/v1/tickets?queue=on_account").await.json();
    let after = first["next"].as_str().unwrap();
    let second = worker.get(&format!("/api/v1/tickets?queue=on_account&after={after}")).await.json();
    let rows: Vec<_> = [&first, &second].iter().flat_map(|page| page["rows"].as_array().unwrap()).collect();
    let found: Vec<&str> = rows.iter().map(|row| row["id"].as_str().unwrap()).collect();
    let wanted: Vec<String> = made.iter().map(ToString::to_string).collect();
    assert_eq!(found, wanted, "what is to be looked at first stands first");
    assert!(first["rows"].as_array().unwrap().len() == 25 && second["next"].is_null());
    let review: Time = serde_json::from_value(rows[0]["review_at"].clone()).unwrap();
    let page = worker.get("/console?queue=on_account").await.body;
    assert!(page.contains(&format!("时限暂停，{} 复核", review.long())), "{page}");
    assert!(page.contains("挂账中，到期复核"));
    // A day that has passed says so.
    let late = made[0];
    app.write(move |tx| {
        use diesel::prelude::*;
        use louma::schema::requests::dsl;
        let past = tx.now.plus_minutes(-10);
        diesel::update(dsl::requests.filter(dsl::ticket_id.eq(late)))
            .set(dsl::until_at.eq(past))
            .execute(tx.conn)?;
        Ok(())
    })
    .await;
    assert!(worker.get("/console?queue=on_account").await.body.contains("复核日期到了，请复核"));
    let counts = worker.get("/api/v1/queues").await.body;
    assert!(json!(counts).to_string().contains("30"), "{counts}");
}
