//! Colleagues beside a ticket: reminded in a note, following it, standing in for somebody who is away.

use louma::db::Id;
use louma::people::{Actor, Role, absences};
use louma::tickets::{followers, mentions};
use serde_json::{Value, json};

use crate::harness::{PASSWORD, TestApp};

async fn reported(app: &TestApp, door: usize) -> String {
    let key = uuid::Uuid::new_v4().simple().to_string();
    let fields = [("category", "01"), ("text", "灯不亮"), ("idempotency_key", key.as_str())];
    let path = format!("/q/{}", app.home().units[door].1.code);
    assert_eq!(app.stranger().post_files(&path, &fields, &[]).await.status, 303);
    use diesel::prelude::*;
    use louma::schema::tickets::dsl;
    let id: Id = app.read(|tx| Ok(dsl::tickets.order(dsl::id.desc()).select(dsl::id).first(tx.conn)?)).await;
    id.to_string()
}

/// One more grid worker, with a grid in which the second door of the community lies.
async fn other_grid_worker(app: &TestApp) -> Id {
    let (home, place) = (app.home().community.id, app.home().units[1].0.id);
    app.write(move |tx| {
        use diesel::prelude::*;
        use louma::schema::places::dsl;
        let made = louma::people::add_unchecked(
            tx,
            louma::people::NewStaff {
                login: louma::people::Login::parse("grid-02")?,
                name: "网格员 02".into(),
                password: louma::people::PasswordHash::make(PASSWORD)?,
                role: Role::GridWorker,
                street: None,
                community_id: Some(home),
                party_id: None,
            },
        )?;
        let grid = louma::places::add_grid(tx, home, "第2网格")?;
        louma::places::set_grid_worker(tx, home, grid.id, Some(made.id))?;
        diesel::update(dsl::places.find((home, place)))
            .set(dsl::grid_id.eq(Some(grid.id)))
            .execute(tx.conn)?;
        Ok(made.id)
    })
    .await
}

fn in_hours(hours: i64) -> String {
    louma::db::now().plus_minutes(hours * 60).0.to_rfc3339()
}

#[actix_web::test]
async fn a_note_reminds_only_colleagues_who_may_see_the_ticket() {
    let app = TestApp::start().await;
    let id = reported(&app, 0).await;
    let worker = app.as_(Role::CommunityWorker);
    let sheet = worker.get(&format!("/api/v1/tickets/{id}")).await.json();
    let names: Vec<&str> =
        sheet["colleagues"].as_array().unwrap().iter().map(|each| each["name"].as_str().unwrap()).collect();
    assert_eq!(names.len(), 2, "the lead and the worker of the grid; not the party, not oneself: {names:?}");
    let notes = format!("/api/v1/tickets/{id}/notes");
    let handler = json!({ "text": "请看", "remind": [app.staff(Role::Handler)] });
    let refused = worker.post_json(&notes, handler).await;
    assert!(refused.status == 422 && refused.body.contains("看得到这件诉求"), "{}", refused.body);
    let said =
        worker.post_json(&notes, json!({ "text": "@网格员 01 去看看；@承办单位经办人 01 也看" })).await;
    assert_eq!(said.status, 200, "{}", said.body);
    let chosen = app.staff(Role::CommunityLead).to_string();
    let page = format!("/console/tickets/{id}/notes");
    assert_eq!(worker.post(&page, &[("text", "请定夺"), ("remind", &chosen)]).await.status, 303);

    let sheet = worker.get(&format!("/api/v1/tickets/{id}")).await.json();
    let reminded: Vec<&str> =
        sheet["reminded"].as_array().unwrap().iter().map(|each| each["name"].as_str().unwrap()).collect();
    assert_eq!(reminded, ["网格员 01", "社区负责人 01"]);
    assert!(worker.get(&format!("/console/tickets/{id}")).await.body.contains("提醒了：社区负责人 01"));
    let (home, seq) = (app.home().community.id, sheet["reminded"][0]["seq"].as_i64().unwrap() as i32);
    let ticket = Id(id.parse().unwrap());
    let of = app.read(move |tx| mentions::of(tx, home, ticket, seq)).await;
    assert_eq!(of, [app.staff(Role::GridWorker)]);
    let mine = |role: Role| {
        let client = app.as_(role);
        async move { client.get("/api/v1/following?list=mentioned").await.json()["rows"].clone() }
    };
    assert_eq!(mine(Role::GridWorker).await[0]["id"], id.as_str());
    assert_eq!(mine(Role::Handler).await, json!([]));
    assert!(app.as_(Role::GridWorker).get("/console/following?list=mentioned").await.body.contains("灯不亮"));
}

#[actix_web::test]
async fn one_follows_what_one_sees_for_as_long_as_one_sees_it() {
    let app = TestApp::start().await;
    let id = reported(&app, 0).await;
    let follow = |role: Role, noun: &'static str| {
        let (client, path) = (app.as_(role), format!("/api/v1/tickets/{id}/{noun}"));
        async move { client.post_json(&path, json!({})).await.status }
    };
    assert_eq!(follow(Role::Handler, "following").await, 404, "not theirs to know");
    for role in [Role::GridWorker, Role::StreetManager] {
        assert_eq!(follow(role, "following").await, 200);
        assert_eq!(follow(role, "following").await, 200, "twice is once");
    }
    let rows = |role: Role| {
        let client = app.as_(role);
        async move { client.get("/api/v1/following").await.json()["rows"].as_array().unwrap().len() }
    };
    assert_eq!((rows(Role::GridWorker).await, rows(Role::CommunityLead).await), (1, 0));
    let page = app.as_(Role::GridWorker).get(&format!("/console/tickets/{id}")).await.body;
    assert!(page.contains("已关注，点这里取消"));
    assert!(app.as_(Role::GridWorker).get("/console/following").await.body.contains("灯不亮"));
    let (home, ticket) = (app.home().community.id, Id(id.parse().unwrap()));
    let of = move |tx: &mut louma::db::Tx| {
        let ticket = louma::tickets::find_own(tx, home, ticket)?;
        followers::of(tx, &ticket)
    };
    assert_eq!(app.read(of).await.len(), 2);
    let grid = app.home().grid;
    app.write(move |tx| louma::places::set_grid_worker(tx, home, grid, None)).await;
    assert_eq!(rows(Role::GridWorker).await, 0, "no longer in view");
    assert_eq!(app.read(of).await, [app.staff(Role::StreetManager)]);
    assert_eq!(follow(Role::StreetManager, "unfollowing").await, 200);
    assert_eq!(rows(Role::StreetManager).await, 0);
}

#[actix_web::test]
async fn the_list_of_what_one_follows_goes_on_where_the_page_before_ended() {
    let app = TestApp::start().await;
    let worker = app.as_(Role::CommunityWorker);
    let mut ids = Vec::new();
    for _ in 0..27 {
        let id = reported(&app, 0).await;
        assert_eq!(worker.post(&format!("/console/tickets/{id}/following"), &[]).await.status, 303);
        ids.push(id);
    }
    ids.reverse();
    let mut seen: Vec<String> = Vec::new();
    let mut path = "/api/v1/following".to_owned();
    loop {
        let page = worker.get(&path).await.json();
        seen.extend(
            page["rows"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap().to_owned()),
        );
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/api/v1/following?after={next}");
    }
    assert_eq!(seen, ids, "every one once, the latest first");
}

#[actix_web::test]
async fn whoever_covers_sees_the_grids_of_the_absent_colleague_until_the_time_is_over() {
    let app = TestApp::start().await;
    let away = other_grid_worker(&app).await;
    let id = reported(&app, 1).await;
    let (grid, lead) = (app.as_(Role::GridWorker), app.as_(Role::CommunityLead));
    let path = format!("/api/v1/tickets/{id}");
    assert_eq!(grid.get(&path).await.status, 404);
    let absence = json!({
        "staff_id": away, "cover_id": app.staff(Role::GridWorker), "from_at": in_hours(-1), "until_at": in_hours(5),
    });
    let mut later = absence.clone();
    later["from_at"] = json!(in_hours(2));
    later["until_at"] = json!(in_hours(3));
    let made = lead.post_json("/api/v1/absences", later).await;
    assert_eq!(made.status, 201, "{}", made.body);
    assert_eq!(grid.get(&path).await.status, 404, "not before it begins");
    let end = format!("/api/v1/absences/{}/end", made.json()["id"].as_str().unwrap());
    assert_eq!(lead.post_json(&end, json!({})).await.status, 204);

    let made = lead.post_json("/api/v1/absences", absence.clone()).await;
    assert_eq!(made.status, 201, "{}", made.body);
    assert_eq!(grid.get(&path).await.status, 200);
    let queue = grid.get("/api/v1/tickets?queue=new").await.json();
    assert_eq!(queue["rows"][0]["id"], id.as_str(), "in the inbox too");
    let accept = grid.post_json(&format!("{path}/acceptance"), json!({ "version": 1 })).await;
    assert!(matches!(accept.status, 200 | 409), "may act there: {}", accept.body);
    let (home, cover) = (app.home().community.id, app.staff(Role::GridWorker));
    let covering = app.read(move |tx| absences::covering(tx, home, cover, tx.now)).await;
    assert_eq!(covering, [away]);
    assert!(lead.get("/console/staff").await.body.contains("不在，由网格员 01代班"));
    assert!(grid.get("/console/me").await.body.contains("我替网格员 02代班"));
    assert_eq!(lead.post_json("/api/v1/absences", absence).await.status, 409, "twice at a time");

    // The hours go by.
    app.write(|tx| {
        use diesel::prelude::*;
        use louma::schema::absences::dsl;
        diesel::update(dsl::absences).set(dsl::until_at.eq(tx.now)).execute(tx.conn)?;
        Ok(())
    })
    .await;
    assert_eq!(grid.get(&path).await.status, 404, "it ends by itself");
}

#[actix_web::test]
async fn only_somebody_who_could_do_the_work_covers_and_only_for_whom_one_answers() {
    let app = TestApp::start().await;
    let away = other_grid_worker(&app).await;
    let absence = |staff: Id, cover: Id| json!({ "staff_id": staff, "cover_id": cover, "from_at": in_hours(1), "until_at": in_hours(9) });
    let set = |role: Role, body: Value| {
        let client = app.as_(role);
        async move { client.post_json("/api/v1/absences", body).await }
    };
    let (worker, handler, grid) =
        (app.staff(Role::CommunityWorker), app.staff(Role::Handler), app.staff(Role::GridWorker));
    assert_eq!(set(Role::CommunityLead, absence(away, handler)).await.status, 422, "a party sees no grid");
    assert_eq!(set(Role::CommunityLead, absence(away, away)).await.status, 422);
    assert_eq!(set(Role::GridWorker, absence(away, grid)).await.status, 404, "not theirs to set");
    assert_eq!(set(Role::GridWorker, absence(grid, away)).await.status, 201, "one's own");
    let chain = set(Role::CommunityLead, absence(away, worker)).await;
    assert!(chain.status == 409 && chain.body.contains("替同事代班"), "{}", chain.body);
    assert_eq!(set(Role::Handler, absence(handler, grid)).await.status, 422, "nor a grid worker a party");
    assert_eq!(set(Role::Handler, absence(handler, worker)).await.status, 201);

    let me = app.as_(Role::CommunityWorker);
    let lead = app.staff(Role::CommunityLead).to_string();
    let bare = me.post("/console/me/absences", &[("cover_id", &lead), ("from", "2027-02-01")]).await;
    assert!(bare.status == 422 && bare.body.contains("请选择日期") && bare.body.contains("2027-02-01"));
    let whole = [("cover_id", lead.as_str()), ("from", "2027-02-01"), ("until", "2027-02-07")];
    assert_eq!(me.post("/console/me/absences", &whole).await.status, 303);
    let page = me.get("/console/me").await.body;
    assert!(page.contains("我不在，由社区负责人 01代班：2027年2月1日 00:00 到 2027年2月8日 00:00"), "{page}");
    let home = app.home().community.id;
    let own = app
        .read(move |tx| {
            let me = Actor { staff_id: Some(worker), ..Actor::resident(home) };
            absences::own(tx, &me)
        })
        .await;
    let id = own.iter().find(|each| each.absence.staff_id == worker).unwrap().absence.id;
    assert_eq!(
        app.as_(Role::GridWorker).post(&format!("/console/me/absences/{id}/end"), &[]).await.status,
        404
    );
    assert_eq!(me.post(&format!("/console/me/absences/{id}/end"), &[]).await.status, 303);
    assert!(!me.get("/console/me").await.body.contains("2027年2月8日"));
}
