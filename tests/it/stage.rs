//! A community in which every page of residents has something to show, for whoever looks at the pages themselves.

use louma::db::Tx;
use louma::people::Role;
use louma::routing::Kind;
use louma::works::{self, NewWork};
use reqwest::Method;
use serde_json::json;

use crate::after::{self, ticket};
use crate::door::{categorized, closed, planted};
use crate::harness::{Answer, TestApp, jpeg, send};

/// The cookie by which a phone is known on which everything of the stage was done.
pub const DEVICE: &str = "a-phone-of-the-stage-0123456789";

/// The pages that are opened by their address: name and path.
pub struct Stage {
    pub pages: Vec<(&'static str, String)>,
    /// Number and last four digits of a report, for the page that tells its state.
    pub known: (String, &'static str),
}

/// A form that a phone with [`DEVICE`] sends.
pub async fn sends(app: &TestApp, path: &str, fields: &[(&str, &str)], photo: Option<u8>) -> Answer {
    let form = fields.iter().fold(reqwest::multipart::Form::new(), |form, (name, value)| {
        form.text((*name).to_owned(), (*value).to_owned())
    });
    let form = match photo {
        Some(seed) => form.part("photo", reqwest::multipart::Part::bytes(jpeg(seed)).file_name("a.jpg")),
        None => form,
    };
    let request = app.stranger().request(Method::POST, path).multipart(form);
    send(request.header("cookie", format!("louma_device={DEVICE}"))).await
}

fn page_of(answer: &Answer) -> String {
    assert_eq!(answer.status, 303, "{}", answer.body);
    answer.location.split('?').next().unwrap().to_owned()
}

/// What is being handled, planned and solved at the first door; planned without opening it, so that nothing is kept.
pub async fn board(app: &TestApp) -> louma::tickets::Ticket {
    let matter = planted(app, 0, "01", "三层楼道灯不亮").await;
    planted(app, 0, "08", "垃圾桶满了").await;
    let solved = planted(app, 0, "01", "一层楼道灯不亮").await;
    categorized(app, &solved, "0101", Kind::Help).await;
    closed(app, &solved).await;
    let other = planted(app, 0, "08", "楼道里有杂物").await;
    categorized(app, &other, "0801", Kind::Help).await;
    closed(app, &other).await;
    let (actor, building) = (after::staff(app, Role::CommunityWorker), app.home().units[0].0.building_id);
    app.write(move |tx: &mut Tx| {
        let new = NewWork {
            place_id: building,
            category: "0401".into(),
            what: "更换给水管，停水".into(),
            who: "自来水公司".into(),
            phone: "010-00000009".into(),
            from_at: tx.now.plus_minutes(-60),
            until_at: tx.now.plus_minutes(300),
        };
        works::plan(tx, &actor, new)
    })
    .await;
    matter
}

/// Sets everything up and lists the pages.
pub async fn set(app: &TestApp) -> Stage {
    let matter = board(app).await;
    let door = app.door();
    let words = [("category", "02"), ("text", "电梯门夹人"), ("phone", "10012345678"), ("publish", "yes")];
    let report = page_of(&sends(app, &door, &words, Some(3)).await);
    let honest = [("category", "03"), ("text", "物业不接电话"), ("phone", "10012345678")];
    let held = [honest.as_slice(), &[("leave_empty", "x")]].concat();
    let waiting = page_of(&sends(app, &door, &held, Some(4)).await);
    let matter = matter.id.to_string();
    let join = [("category", "01"), ("text", "我家门口也不亮"), ("join", matter.as_str())];
    let neighbour = page_of(&sends(app, &door, &join, None).await);
    let done = [("category", "01"), ("text", "二层楼道灯不亮"), ("publish", "yes")];
    let done = page_of(&sends(app, &door, &done, None).await);
    let solved = after::solve(app, &done, "0101").await;
    published(app, &solved.id.to_string()).await;
    let (known, token) = (ticket(app, &report).await.number, app.home().community.token.clone());
    let at = |tail: &str| format!("{door}{tail}");
    let pages = vec![
        ("door", door.clone()),
        ("spot", format!("/q/{}", app.home().units[1].1.code)),
        ("receipt", format!("{report}?received=1")),
        ("ticket", report.clone()),
        ("data", format!("{report}/data")),
        ("waiting", waiting.clone()),
        ("waiting-data", format!("{waiting}/data")),
        ("closed", done),
        ("neighbour", neighbour.clone()),
        ("neighbour-data", format!("{neighbour}/data")),
        ("mine", at("/mine")),
        ("confirmed", at("/confirmed")),
        ("bulletin", format!("/b/{token}")),
        ("notice", "/notice/TGY".to_owned()),
    ];
    Stage { pages, known: (known, "5678") }
}

async fn published(app: &TestApp, id: &str) {
    let path = format!("/api/v1/bulletin/{id}");
    let (worker, lead) = (app.as_(Role::CommunityWorker), app.as_(Role::CommunityLead));
    let drafted = worker.send_json(Method::PUT, &path, json!({ "sentence": "更换了声控灯" })).await;
    assert_eq!(drafted.status, 200, "{}", drafted.body);
    let version = json!({ "version": drafted.json()["version"] });
    let shown = lead.post_json(&format!("{path}/publication"), version).await;
    assert_eq!(shown.status, 200, "{}", shown.body);
}
