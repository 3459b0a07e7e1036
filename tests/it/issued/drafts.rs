//! A finished month waits to be issued, and the community lead is told of it once.

use diesel::prelude::*;
use louma::people::Role;
use louma::schema::{deliveries, report_drafts};
use louma::stats::issued::drafts;
use serde_json::json;

use super::{issue, lived, month};
use crate::notices::double::Double;
use crate::notices::{app, no_rest, until, webhook};

#[actix_web::test]
async fn the_lead_hears_of_a_draft_once_by_the_bell_and_by_the_channels() {
    let app = app().await;
    let double = Double::start();
    no_rest(&app).await;
    webhook(&app, &double).await;
    lived(&app, month(1), 2).await;
    // The bell tells of old tickets too; here it is about drafts.
    crate::notices::told(&app).await;
    for role in [Role::CommunityLead, Role::CommunityWorker] {
        let seen = app.as_(role).post_json("/api/v1/notices/seen", json!({ "until": null })).await;
        assert_eq!(seen.status, 204, "{}", seen.body);
    }
    let db = app.parts.db.clone();
    // Ten programs look at once.
    let told = futures_util::future::join_all((0..10).map(|_| drafts::tell(&db))).await;
    let told: usize = told.into_iter().map(Result::unwrap).sum();
    let rows: Vec<(String, String)> = app
        .read(|tx| {
            Ok(report_drafts::table.select((report_drafts::kind, report_drafts::period)).load(tx.conn)?)
        })
        .await;
    assert_eq!(told, rows.len(), "each once");
    assert!(rows.contains(&("month".to_owned(), month(1).word())), "{rows:?}");
    assert_eq!(drafts::tell(&db).await.unwrap(), 0, "and never again");

    let lead = app.as_(Role::CommunityLead);
    let bell = lead.get("/api/v1/notices").await.json();
    assert_eq!(bell["unread"], told, "{bell}");
    assert_eq!(app.as_(Role::CommunityWorker).get("/api/v1/notices").await.json()["unread"], 0);
    let mine = bell["page"]["drafts"].as_array().unwrap();
    let mine = mine.iter().find(|draft| draft["kind"] == "month").unwrap();
    let link = mine["link"].as_str().unwrap();
    let page = lead.get("/console/notices").await.body;
    assert!(page.contains(&month(1).label()) && page.contains("报表草稿已备好"), "{page}");
    let draft = lead.get(link).await;
    assert!(draft.status == 200 && draft.body.contains("草稿：没有签发"), "{}", draft.body);
    assert!(draft.body.contains(&month(1).label()));

    let sent = until("the webhook is told", async || {
        let all: Vec<serde_json::Value> = double.seen().iter().map(|seen| seen.json()).collect();
        (all.len() >= told).then_some(all)
    })
    .await;
    assert_eq!(sent.len(), told);
    let of_month = sent.iter().find(|each| each["data"]["kind"] == "month").unwrap();
    assert_eq!(of_month["type"], "report.draft");
    assert_eq!(of_month["data"]["period"], json!(month(1).word()));
    assert!(of_month["data"]["link"].as_str().unwrap().ends_with(link), "{of_month}");
    let list = lead.get("/console/channels/deliveries").await.body;
    assert!(list.contains("报表草稿已备好") && list.contains(&month(1).label()), "{list}");

    let until_at = page.split("name=\"until\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    assert_eq!(lead.post("/console/bell/seen", &[("until", until_at)]).await.status, 303);
    assert_eq!(lead.get("/api/v1/notices").await.json()["unread"], 0);
    let waiting: i64 = app.read(|tx| Ok(deliveries::table.count().get_result(tx.conn)?)).await;
    assert_eq!(waiting as usize, told, "one message each");
}

#[actix_web::test]
async fn nobody_is_told_of_what_is_issued_or_has_nothing_in_it() {
    let app = app().await;
    let db = app.parts.db.clone();
    assert_eq!(drafts::tell(&db).await.unwrap(), 0, "nothing came in yet");
    lived(&app, month(1), 1).await;
    issue(&app, month(1), "").await;
    drafts::tell(&db).await.unwrap();
    let kinds: Vec<String> =
        app.read(|tx| Ok(report_drafts::table.select(report_drafts::kind).load(tx.conn)?)).await;
    assert!(!kinds.contains(&"month".to_owned()), "{kinds:?}");
}
