//! Every page of a demonstration says that it is one: those of its community, and those that know of none.

use std::collections::BTreeSet;
use std::net::TcpListener;

use diesel::prelude::*;
use louma::app;
use louma::people::Role;
use louma::schema::communities;

use crate::access::ticket;
use crate::harness::{Client, TestApp};
use crate::issued::{issue, lived, month};

const SAYS: &str = "演示数据";

/// An installation in which everything is made up.
async fn demonstration() -> TestApp {
    let mut app = TestApp::start().await;
    app.write(|tx| {
        diesel::update(communities::table).set(communities::demo.eq(true)).execute(tx.conn)?;
        Ok(())
    })
    .await;
    // What an installation holds is asked when the program starts: here it starts again.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    app.url = format!("http://{}", listener.local_addr().unwrap());
    actix_web::rt::spawn(app::run(listener, app.parts.clone()).unwrap());
    app
}

/// An address of a pattern with something in each of its places.
fn fill(pattern: &str, id: &str, code: &str) -> String {
    let filled = pattern
        .replace("{id}", id)
        .replace("{code}", code)
        .replace("{hash}", "0")
        .replace("{name}", "resident.css")
        .replace("{seq}", "1")
        .replace("{neighbour}", id)
        .replace("{topic}", "new")
        .replace("{secret}", "AAAAunknown")
        .replace("{place}", "0")
        .replace("{kept}", "x")
        .replace("{kind}", "svg");
    let query = match pattern {
        "/api/v1/search" | "/console/search" => "?q=x",
        "/api/v1/tickets" => "?queue=new",
        _ => "",
    };
    format!("{}{query}", filled.split('{').next().unwrap())
}

/// Whether it is a page, and no part of one, no table and no picture.
fn is_page(body: &str) -> bool {
    body.trim_start().get(..14).is_some_and(|start| start.eq_ignore_ascii_case("<!doctype html"))
}

#[actix_web::test]
async fn every_page_of_a_demonstration_says_that_it_is_one() {
    let app = demonstration().await;
    let (id, code) = (ticket(&app, app.home(), 0).await, app.home().units[0].1.code.to_string());
    let mut people: Vec<(&str, Client)> = vec![("stranger", app.stranger())];
    people.extend(Role::STAFF.iter().map(|role| (role.word(), app.as_(*role))));
    let mut seen = BTreeSet::new();
    for entry in app::routes().iter().filter(|entry| entry.method == "GET") {
        let path = fill(entry.pattern, &id, &code);
        for (name, client) in &people {
            let answer = client.get(&path).await;
            if is_page(&answer.body) {
                assert!(answer.body.contains(SAYS), "{path} as {name}: {}", answer.body);
                seen.insert((entry.pattern, answer.status));
            }
        }
    }
    for page in [
        ("/", 200),
        ("/t", 200),
        ("/t/{secret}", 404),
        ("/o/{secret}", 404),
        ("/q/{code}", 200),
        ("/b/{community}", 404),
        ("/console", 200),
        ("/console/staff", 403),
        ("/console/sign-in", 200),
        ("/console/tickets/{id}", 200),
        ("/console/stats/paper.html", 200),
    ] {
        assert!(seen.contains(&page), "{page:?} was not seen among {seen:?}");
    }
}

#[actix_web::test]
async fn what_is_not_found_or_refused_in_a_demonstration_says_so_too() {
    let app = demonstration().await;
    let (phone, lead) = (app.stranger(), app.as_(Role::CommunityLead));
    for (path, status) in [("/none", 404), ("/q/AAAAAAAAAA", 404), ("/t/none", 404), ("/m/none", 404)] {
        let page = phone.get(path).await;
        assert!(page.status == status && page.body.contains(SAYS), "{path}: {}", page.body);
    }
    let page = phone.get("/none?lang=en").await;
    assert!(page.body.contains("Demonstration"), "{}", page.body);
    let lookup = phone.post("/t", &[("number", "TGY250101-0001"), ("query_code", "000000")]).await;
    assert!(lookup.status == 422 && lookup.body.contains(SAYS), "{}", lookup.body);
    // A form that comes when nobody is signed in any more, and one that another page sent.
    let late = phone.post("/console/stats/issued", &[("note", "写了一半的说明")]).await;
    assert!(
        late.status == 401 && late.body.contains("写了一半") && late.body.contains(SAYS),
        "{}",
        late.body
    );
    let forged = lead.request(reqwest::Method::POST, "/console/stats/issued").send().await.unwrap();
    assert_eq!(forged.status(), 409);
    assert!(forged.text().await.unwrap().contains(SAYS));
}

#[actix_web::test]
async fn what_a_demonstration_issues_says_so_on_paper() {
    let app = demonstration().await;
    lived(&app, month(1), 4).await;
    let report = issue(&app, month(1), "").await;
    let path = format!("/console/stats/issued/{}/paper.html", report["id"].as_str().unwrap());
    let page = app.as_(Role::StreetManager).get(&path).await;
    assert!(page.status == 200 && page.body.contains(SAYS), "{}", page.body);
}

#[actix_web::test]
async fn an_installation_with_a_real_community_never_says_so() {
    let app = TestApp::start().await;
    let phone = app.stranger();
    for path in ["/", "/t", "/t/none", "/o/none", "/none", "/console/sign-in", &app.door()] {
        let page = phone.get(path).await;
        assert!(is_page(&page.body) && !page.body.contains(SAYS), "{path}");
    }
    lived(&app, month(1), 4).await;
    let report = issue(&app, month(1), "").await;
    let path = format!("/console/stats/issued/{}/paper.html", report["id"].as_str().unwrap());
    assert!(!app.as_(Role::StreetManager).get(&path).await.body.contains(SAYS));
}
