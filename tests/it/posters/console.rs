//! Posters as the console hands them out, read as a phone reads them; and the address that is not printed.

use diesel::prelude::*;
use louma::people::Role;
use louma::schema::{codes, communities};

use super::scanned;
use crate::harness::{Client, TestApp};

const SITE: &str = "https://lm.example.cn";

/// Status, kind and bytes of what a worker downloads.
async fn fetch(client: &Client, path: &str) -> (u16, String, Vec<u8>) {
    let answer = client.request(reqwest::Method::GET, path).send().await.unwrap();
    let kind = answer.headers()["content-type"].to_str().unwrap().to_owned();
    (answer.status().as_u16(), kind, answer.bytes().await.unwrap().to_vec())
}

/// The life of the codes of the community in which people work.
async fn states(app: &TestApp) -> Vec<String> {
    let home = app.home().community.id;
    app.read(move |tx| {
        let own = codes::table.filter(codes::community_id.eq(home)).order(codes::code);
        Ok(own.select(codes::state).load(tx.conn)?)
    })
    .await
}

#[actix_web::test]
async fn every_kind_of_poster_that_the_console_hands_out_opens_its_own_door() {
    let app = TestApp::start_with(&[("base_url", SITE.to_owned())]).await;
    let (worker, folder) = (app.as_(Role::CommunityWorker), tempfile::tempdir().unwrap());
    let code = &app.home().units[0].1.code;
    assert_eq!(states(&app).await, ["draft", "draft"]);
    for (kind, content_type) in [("pdf", "application/pdf"), ("png", "image/png"), ("svg", "image/svg+xml")] {
        let path = format!("/console/codes/{code}/poster.{kind}?size=a6");
        let (status, given, bytes) = fetch(&worker, &path).await;
        assert_eq!((status, given.as_str()), (200, content_type));
        let file = format!("poster.{kind}");
        std::fs::write(folder.path().join(&file), bytes).unwrap();
        let Some(read) = scanned(folder.path(), &file) else { return };
        assert_eq!(read, [format!("{SITE}/q/{code}")], "{kind}");
    }
    let (status, ..) = fetch(&worker, &format!("/console/codes/{code}/poster.gif")).await;
    assert_eq!(status, 404);
    let mut states = states(&app).await;
    states.sort();
    assert_eq!(states, ["draft", "printed"], "what was downloaded is printed, and nothing else");
}

#[actix_web::test]
async fn all_doors_on_sheets_open_each_its_own() {
    let app = TestApp::start_with(&[("base_url", SITE.to_owned())]).await;
    let (lead, folder) = (app.as_(Role::CommunityLead), tempfile::tempdir().unwrap());
    let (status, _, bytes) = fetch(&lead, "/console/codes/posters.pdf?size=sticker&sheet=1").await;
    assert_eq!(status, 200);
    std::fs::write(folder.path().join("all.pdf"), bytes).unwrap();
    let Some(read) = scanned(folder.path(), "all.pdf") else { return };
    let mut doors: Vec<String> =
        app.home().units.iter().map(|(_, issued)| format!("{SITE}/q/{}", issued.code)).collect();
    doors.sort();
    assert_eq!(read, doors);
    assert_eq!(states(&app).await, ["printed", "printed"]);
}

#[actix_web::test]
async fn an_address_that_is_not_safe_is_printed_only_by_whoever_insists() {
    let app = TestApp::start().await;
    let (lead, code) = (app.as_(Role::CommunityLead), &app.home().units[0].1.code);
    for path in [
        format!("/console/codes/{code}/poster.pdf?size=a6"),
        format!("/console/codes/{code}/poster.svg"),
        "/console/codes/posters.pdf?size=sticker&sheet=1".to_owned(),
    ] {
        let refused = lead.get(&path).await;
        assert!(refused.status == 422 && refused.body.contains("https://"), "{path}: {}", refused.body);
        assert_eq!(states(&app).await, ["draft", "draft"], "{path}");
    }
    // The page leads on for a trial, to what was asked for.
    let refused = lead.get(&format!("/console/codes/{code}/poster.pdf?size=a6")).await;
    let insist = format!("/console/codes/{code}/poster.pdf?size=a6&#38;force=1");
    assert!(refused.body.contains(&format!("href=\"{insist}\"")), "{}", refused.body);
    let (status, kind, _) = fetch(&lead, &insist.replace("&#38;", "&")).await;
    assert_eq!((status, kind.as_str()), (200, "application/pdf"));
}

#[actix_web::test]
async fn a_demonstration_is_printed_with_any_address() {
    let app = TestApp::start().await;
    app.write(|tx| {
        diesel::update(communities::table).set(communities::demo.eq(true)).execute(tx.conn)?;
        Ok(())
    })
    .await;
    let (lead, code) = (app.as_(Role::CommunityLead), &app.home().units[0].1.code);
    let (status, kind, _) = fetch(&lead, &format!("/console/codes/{code}/poster.png?size=sticker")).await;
    assert_eq!((status, kind.as_str()), (200, "image/png"));
}
