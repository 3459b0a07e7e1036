//! Who is told by name, through HTTP: those who are reminded, who follow, who cover, and what somebody outside says.

use louma::people::Role;
use louma::tickets::{Ticket, timers};
use serde_json::{Value, json};

use super::{app, reports, told};
use crate::clocks::{back_then, submit};
use crate::harness::TestApp;

/// A server with one sorted report, whose first notices everybody has seen.
struct Desk {
    app: TestApp,
    ticket: Ticket,
}

impl Desk {
    async fn new() -> Desk {
        let app = app().await;
        let ticket = reports(&app, 1, (Some("0101"), None)).await.remove(0);
        let desk = Desk { app, ticket };
        desk.all_seen().await;
        desk
    }

    async fn all_seen(&self) {
        told(&self.app).await;
        for role in Role::STAFF {
            self.app.as_(*role).post_json("/api/v1/notices/seen", json!({ "until": null })).await;
        }
    }

    /// Asks for something of the ticket as it stands.
    async fn ask(&self, role: Role, noun: &str, mut body: Value) {
        let (home, id) = (self.ticket.community_id, self.ticket.id);
        let now = self.app.read(move |tx| louma::tickets::find_own(tx, home, id)).await;
        body["version"] = json!(now.version);
        let answer = self.app.as_(role).post_json(&format!("/api/v1/tickets/{id}/{noun}"), body).await;
        assert!(answer.status < 300, "{noun}: {}", answer.body);
    }

    /// The topics that are new to each of these, once everything is told; then all have seen them.
    async fn news<const N: usize>(&self, roles: [Role; N]) -> [Vec<String>; N] {
        told(&self.app).await;
        let mut news = [const { Vec::new() }; N];
        for (place, role) in roles.into_iter().enumerate() {
            let bell = self.app.as_(role).get("/api/v1/notices").await.json();
            let unread = bell["unread"].as_u64().unwrap() as usize;
            let lines = bell["page"]["lines"].as_array().unwrap();
            let fresh = lines[..unread].iter().map(|line| line["topic"].as_str().unwrap().to_owned());
            news[place] = fresh.collect();
        }
        self.all_seen().await;
        news
    }
}

const NONE: [&str; 0] = [];

#[actix_web::test]
async fn whoever_is_reminded_or_follows_hears_of_it_once_and_not_of_their_own_doing() {
    let desk = Desk::new().await;
    let grid = desk.app.staff(Role::GridWorker);
    for role in [Role::GridWorker, Role::StreetManager] {
        desk.ask(role, "following", json!({})).await;
    }
    desk.ask(Role::CommunityWorker, "notes", json!({ "text": "请去看看", "remind": [grid] })).await;
    let all =
        [Role::GridWorker, Role::StreetManager, Role::CommunityLead, Role::CommunityWorker, Role::Handler];
    let [reminded, follower, lead, worker, handler] = desk.news(all).await;
    assert_eq!((reminded, follower), (vec!["note".to_owned()], vec!["note".to_owned()]));
    assert_eq!((lead, worker, handler), (vec![], vec![], vec![]), "not theirs, or their own doing");
    let page = desk.app.as_(Role::GridWorker).get("/console/notices").await.body;
    assert!(page.contains("同事备注、@提醒") && page.contains(&desk.ticket.number), "{page}");

    // What moves it is told to whoever follows; to the grid's worker not when they did it.
    desk.ask(Role::GridWorker, "acceptance", json!({})).await;
    assert_eq!(
        desk.news([Role::GridWorker, Role::StreetManager]).await,
        [vec![], vec!["progress".to_owned()]]
    );
    // Told by post and by name is told once.
    desk.ask(Role::CommunityLead, "following", json!({})).await;
    desk.ask(Role::GridWorker, "unfollowing", json!({})).await;
    desk.ask(
        Role::CommunityWorker,
        "closure",
        json!({ "result": "solved", "level": "community", "text": "换好了" }),
    )
    .await;
    let [lead, grid] = desk.news([Role::CommunityLead, Role::GridWorker]).await;
    assert_eq!((lead, grid), (vec!["closed".to_owned()], vec![]));
}

#[actix_web::test]
async fn whoever_no_longer_sees_a_ticket_is_not_told_of_it() {
    let desk = Desk::new().await;
    desk.ask(Role::GridWorker, "following", json!({})).await;
    let (home, grid) = (desk.app.home().community.id, desk.app.home().grid);
    desk.app.write(move |tx| louma::places::set_grid_worker(tx, home, grid, None)).await;
    desk.ask(Role::CommunityWorker, "acceptance", json!({})).await;
    assert_eq!(desk.news([Role::GridWorker]).await, [NONE]);
}

#[actix_web::test]
async fn whoever_covers_for_somebody_hears_what_they_would_have_heard_until_they_are_back() {
    let desk = Desk::new().await;
    let (handler, worker) = (desk.app.staff(Role::Handler), desk.app.staff(Role::CommunityWorker));
    let hours = |hours: i64| louma::db::now().plus_minutes(hours * 60).0.to_rfc3339();
    let absence =
        json!({ "staff_id": handler, "cover_id": worker, "from_at": hours(-1), "until_at": hours(9) });
    let made = desk.app.as_(Role::Handler).post_json("/api/v1/absences", absence).await;
    assert_eq!(made.status, 201, "{}", made.body);
    desk.ask(Role::CommunityLead, "acceptance", json!({})).await;
    desk.ask(Role::CommunityLead, "dispatch", json!({})).await;
    let both = [Role::CommunityWorker, Role::Handler];
    let given = || vec!["given".to_owned()];
    assert_eq!(desk.news(both).await, [given(), given()], "the bell keeps it for the day of return");
    // The cover's own doing is no news to them.
    let ask = json!({ "until": hours(30 * 24), "reason": "等配件" });
    desk.ask(Role::CommunityWorker, "extensions", ask).await;
    assert_eq!(
        desk.news([Role::CommunityLead, Role::CommunityWorker]).await,
        [vec!["asked".to_owned()], vec![]]
    );

    let end = format!("/api/v1/absences/{}/end", made.json()["id"].as_str().unwrap());
    assert_eq!(desk.app.as_(Role::Handler).post_json(&end, json!({})).await.status, 204);
    desk.ask(Role::CommunityLead, "urges", json!({ "text": "请抓紧", "until": hours(48) })).await;
    assert_eq!(desk.news(both).await, [vec![], vec!["urged".to_owned()]]);
}

#[actix_web::test]
async fn what_somebody_outside_says_rings_at_the_desk_and_its_end_with_whoever_has_the_ticket() {
    let desk = Desk::new().await;
    desk.ask(Role::CommunityLead, "acceptance", json!({})).await;
    desk.ask(Role::CommunityLead, "dispatch", json!({})).await;
    let path = format!("/api/v1/tickets/{}/links", desk.ticket.id);
    let made =
        desk.app.as_(Role::CommunityWorker).post_json(&path, json!({ "name": "供电公司抢修班" })).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let made = made.json();
    let (url, link) = (made["url"].as_str().unwrap(), made["link"]["id"].as_str().unwrap());
    let outside = url.strip_prefix(&desk.app.url).unwrap();
    let browser = desk.app.stranger();
    assert_eq!(browser.post(&format!("{outside}/taking"), &[]).await.status, 303);
    desk.all_seen().await;

    let both = [Role::CommunityWorker, Role::Handler];
    let rings = || vec!["outside".to_owned()];
    let photo = crate::harness::jpeg(7);
    let asked = [("what", "word"), ("text", "要停电两小时，可以吗？")];
    assert_eq!(browser.post_files(outside, &asked, &[("photo", "a.jpg", &photo)]).await.status, 303);
    assert_eq!(desk.news(both).await, [rings(), vec![]]);
    let done = [("what", "done"), ("text", "电线接好了")];
    assert_eq!(browser.post_files(outside, &done, &[]).await.status, 303);
    assert_eq!(desk.news(both).await, [rings(), rings()]);
    let back = json!({ "link_id": link, "text": "盖子还开着" });
    desk.ask(Role::CommunityWorker, "outside-returns", back).await;
    assert_eq!(desk.news(both).await, [vec![], rings()]);
    let page = desk.app.as_(Role::Handler).get("/console/notices").await.body;
    assert!(page.contains("外部单位有回音"), "{page}");
}

#[actix_web::test]
async fn the_street_misses_nothing_that_climbed_in_a_community_it_does_not_look_at() {
    let app = app().await;
    let (worlds, keys) = (app.worlds.clone(), app.parts.keys.clone());
    // One in each community of the street, and one elsewhere that is none of theirs.
    let made = app
        .write(move |tx| {
            let long_ago = tx.now.plus_minutes(-8 * 1440);
            worlds.iter().map(|world| back_then(tx, long_ago, |tx| submit(tx, &keys, world))).collect()
        })
        .await;
    let made: Vec<Ticket> = made;
    for days in [0, 3] {
        for ticket in &made {
            let at = (ticket.community_id, ticket.id);
            app.write(move |tx| {
                let then = tx.now.plus_minutes(days * 1440);
                back_then(tx, then, |tx| timers::fire_one(tx, at))
            })
            .await;
        }
    }
    told(&app).await;
    let street = app.as_(Role::StreetManager);
    let bell = async || street.get("/api/v1/notices").await.json();
    let (here, there) = (&app.worlds[0].community, &app.worlds[1].community);
    let elsewhere = json!([{ "community_id": there.id, "community": there.name, "unread": 1 }]);
    let seen = bell().await;
    assert!(seen["unread"].as_u64().unwrap() > 0);
    assert_eq!(seen["elsewhere"], elsewhere, "and not that of the other street");
    assert_eq!(street.post_json("/api/v1/notices/seen", json!({ "until": null })).await.status, 204);
    let seen = bell().await;
    assert_eq!(
        (&seen["unread"], &seen["elsewhere"]),
        (&json!(0), &elsewhere),
        "looked at one community alone"
    );
    let badge = street.get("/console/bell").await.body;
    assert!(badge.contains("data-unread=\"1\""), "{badge}");
    let page = street.get("/console/notices").await.body;
    assert!(page.contains(&format!("{}有 1 条升级到街道", there.name)), "{page}");
    let id = there.id.to_string();
    let moved = street.post("/console/community", &[("community", &id), ("to", "notices")]).await;
    assert_eq!((moved.status, moved.location.as_str()), (303, "/console/notices"));
    let seen = bell().await;
    assert_eq!(seen["elsewhere"], json!([]));
    let topics: Vec<_> = seen["page"]["lines"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line["topic"].as_str().unwrap())
        .collect();
    assert_eq!(topics, ["escalated", "escalated", "overdue", "new"], "the latest first, told at once or not");
    assert!(seen["unread"].as_u64().unwrap() > 0, "still new there");
    street.post_json("/api/v1/notices/seen", json!({ "until": null })).await;
    assert_eq!(bell().await["unread"], 0);
    let id = here.id.to_string();
    street.post("/console/community", &[("community", &id)]).await;
    let seen = bell().await;
    assert_eq!((&seen["unread"], &seen["elsewhere"]), (&json!(0), &json!([])));
    // The desk hears its own community, and nothing of others.
    assert_eq!(app.as_(Role::CommunityLead).get("/api/v1/notices").await.json()["elsewhere"], json!([]));
}
