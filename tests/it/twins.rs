//! What the console does a program can do too: each route of the console has its twin under `/api/v1`, for the same roles,
//! or stands in a list with the reason why not. And what the twins that are files, drafts and sentences answer.

use std::collections::{BTreeMap, BTreeSet};

use louma::app;
use louma::people::Role;
use louma::people::gate::Access;
use serde_json::json;

use crate::access::ticket;
use crate::harness::{Answer, Client, TestApp, jpeg};

/// Routes of the console and their twins, where they are not called alike.
const TWINS: &[(&str, &str)] = &[
    ("GET /console/stats/levels.csv", "GET /api/v1/stats/levels"),
    ("GET /console/stats/tickets.csv", "GET /api/v1/stats/tickets"),
    ("GET /console/stats/backlog.csv", "GET /api/v1/stats/backlog"),
    ("GET /console/stats/hotline/buildings.csv", "GET /api/v1/stats/hotline"),
    ("POST /console/me/sessions/end", "DELETE /api/v1/me/sessions/{id}"),
    ("POST /console/me/absences", "POST /api/v1/absences"),
    ("POST /console/me/absences/{id}/end", "POST /api/v1/absences/{id}/end"),
    ("POST /console/staff/absences", "POST /api/v1/absences"),
    ("POST /console/staff/absences/{id}/end", "POST /api/v1/absences/{id}/end"),
    ("GET /console/places/community", "GET /api/v1/community"),
    ("POST /console/places/community", "PUT /api/v1/community/contacts"),
    ("POST /console/places/grids", "POST /api/v1/grids"),
    ("POST /console/places/grids/{id}", "PUT /api/v1/grids/{id}/worker"),
    ("POST /console/places/population", "POST /api/v1/population"),
    ("POST /console/places/{id}", "PUT /api/v1/places/{id}"),
    ("GET /console/patrols", "GET /api/v1/doors/quiet"),
    ("POST /console/patrols/{code}", "POST /api/v1/codes/{code}/patrols"),
    ("POST /console/works/{id}/until", "PUT /api/v1/works/{id}/until"),
    ("POST /console/parties/{id}", "PUT /api/v1/parties/{id}"),
    ("GET /console/settings/calendar", "GET /api/v1/calendar"),
    ("POST /console/settings/calendar", "POST /api/v1/calendar"),
    ("POST /console/settings/{name}", "PUT /api/v1/settings/{name}"),
    ("GET /console/channels/texts", "GET /api/v1/notice-texts"),
    ("POST /console/channels/texts", "PUT /api/v1/notice-texts/{topic}"),
    ("POST /console/channels/texts/preview", "POST /api/v1/notice-texts/preview"),
    ("GET /console/channels/deliveries", "GET /api/v1/deliveries"),
    ("POST /console/channels/deliveries/{id}/resend", "POST /api/v1/deliveries/{id}/resend"),
    ("POST /console/channels/{id}", "PUT /api/v1/channels/{id}"),
    ("GET /console", "GET /api/v1/tickets"),
    ("POST /console/notices/contact", "PUT /api/v1/me/contact"),
    ("GET /console/bell", "GET /api/v1/notices"),
    ("POST /console/bell/seen", "POST /api/v1/notices/seen"),
    ("POST /console/take-down", "POST /api/v1/tickets"),
    ("POST /console/take-down/suggestion", "POST /api/v1/suggestion"),
    ("POST /console/bulletin/{id}", "PUT /api/v1/bulletin/{id}"),
    ("POST /console/bulletin/{id}/photos/{seq}/removal", "DELETE /api/v1/bulletin/{id}/photos/{seq}"),
    ("POST /console/stats/hotline", "POST /api/v1/hotline-totals"),
    ("POST /console/stats/hotline/removal", "DELETE /api/v1/hotline-totals/{period}"),
    ("GET /console/stats/issued", "GET /api/v1/reports"),
    ("POST /console/stats/issued", "POST /api/v1/reports"),
    ("GET /console/stats/issued/{id}", "GET /api/v1/reports/{id}"),
    ("GET /console/stats/issued/{id}/verification", "GET /api/v1/reports/{id}/verification"),
    ("GET /console/stats/issued/{id}/paper.html", "GET /api/v1/reports/{id}/paper.html"),
    ("GET /console/stats/issued/{id}/workbook.xlsx", "GET /api/v1/reports/{id}/workbook.xlsx"),
    ("GET /console/stats/issued/{id}/snapshot.json", "GET /api/v1/reports/{id}/snapshot.json"),
    ("GET /console/stats/issued/{id}/tables/{place}.csv", "GET /api/v1/reports/{id}/tables/{place}.csv"),
    ("GET /console/stats/unmasked", "GET /api/v1/unmasked"),
    ("POST /console/stats/unmasked", "POST /api/v1/unmasked"),
    ("POST /console/stats/unmasked/{id}/decision", "POST /api/v1/unmasked/{id}/decision"),
    ("GET /console/stats/unmasked/{id}/workbook.xlsx", "GET /api/v1/unmasked/{id}/workbook.xlsx"),
    ("GET /console/hotline", "GET /api/v1/hotline/batches"),
    ("POST /console/hotline", "POST /api/v1/hotline/batches"),
    ("POST /console/hotline/names", "PUT /api/v1/hotline/names"),
    ("GET /console/hotline/{id}", "GET /api/v1/hotline/batches/{id}"),
    ("GET /console/hotline/{id}/rejects.csv", "GET /api/v1/hotline/batches/{id}/rejects"),
    ("POST /console/hotline/{id}/confirmation", "POST /api/v1/hotline/batches/{id}/confirmation"),
    ("POST /console/hotline/{id}/removal", "POST /api/v1/hotline/batches/{id}/removal"),
];

/// Routes of the console that have no twin, and why.
const ALONE: &[(&str, &str)] = &[
    ("GET /console/sign-in", "a program does not sign in: it carries a token"),
    ("POST /console/sign-in", "a program does not sign in: it carries a token"),
    ("POST /console/sign-out", "a token is ended by DELETE /api/v1/me/sessions/{id}"),
    ("POST /console/me/password", "a password is typed by its owner, at a screen, beside the old one"),
    ("POST /console/community", "a token stays in the community in which it was made"),
    ("GET /console/stats/tables", "a list of links to GET /api/v1/stats/tables/{place}.csv"),
    ("GET /console/rules/new", "an empty form"),
    ("GET /console/rules/{id}", "a form; GET /api/v1/rules answers every rule whole"),
    ("GET /console/take-down", "an empty form"),
    ("GET /console/patrols/{code}", "a form for whoever stands at the door"),
];

/// Routes of the API for what is a part of a page or of its form.
const PARTS: &[(&str, &str)] = &[
    ("GET /api/v1/me/sessions", "GET /console/me"),
    ("GET /api/v1/absences", "GET /console/me"),
    ("GET /api/v1/grids", "GET /console/places/community"),
    ("GET /api/v1/population", "GET /console/places/community"),
    ("GET /api/v1/codes", "GET /console/places"),
    ("GET /api/v1/codes/{code}", "GET /console/places/{id}"),
    ("GET /api/v1/doors/unwell", "GET /console/patrols"),
    ("GET /api/v1/categories", "GET /console/take-down"),
    ("GET /api/v1/me/contact", "GET /console/notices"),
    ("GET /api/v1/tickets/{id}/suggestion", "GET /console/tickets/{id}"),
    ("POST /api/v1/incidents/dismissal", "POST /console/incidents"),
    ("GET /api/v1/hotline/proposals", "GET /console/hotline/pairs"),
];

/// Twins that more roles may call than the page, and why that gives nothing away.
const WIDER: &[(&str, &str)] = &[
    ("POST /console/staff/absences", "one's own and those of others in one: the verb looks whose"),
    ("POST /console/staff/absences/{id}/end", "one's own and those of others in one: the verb looks whose"),
    ("GET /console/places/community", "phones that stand on every poster; the page is a form"),
    ("GET /console/settings/calendar", "holidays, by which everybody reckons; the page is a form"),
];

/// Every route of a part of the program, with who may call it.
fn routes(part: &str) -> BTreeMap<String, Access> {
    let within = |pattern: &str| pattern == part || pattern.starts_with(&format!("{part}/"));
    let all = app::routes().into_iter().filter(|entry| within(entry.pattern));
    all.map(|entry| (format!("{} {}", entry.method, entry.pattern), entry.access)).collect()
}

fn roles(access: Access) -> BTreeSet<Role> {
    match access {
        Access::Anyone => Role::ALL.iter().copied().collect(),
        Access::Staff(roles) => roles.iter().copied().collect(),
    }
}

#[test]
fn whatever_the_console_does_a_program_of_the_same_role_can_do() {
    let (console, api) = (routes("/console"), routes("/api/v1"));
    assert!(console.len() > 150 && api.len() > 150, "{} and {}", console.len(), api.len());
    let (mut wrong, mut found) = (Vec::new(), BTreeSet::new());
    for (route, access) in &console {
        let named = TWINS.iter().find(|(each, _)| each == route).map(|(_, twin)| (*twin).to_owned());
        let alike = Some(route.replacen("/console", "/api/v1", 1)).filter(|twin| api.contains_key(twin));
        let reason = ALONE.iter().find(|(each, _)| each == route);
        let twin = match (named, alike, reason) {
            (Some(twin), None, None) | (None, Some(twin), None) => twin,
            (None, None, Some(_)) => continue,
            (None, None, None) => {
                wrong.push(format!("{route} has no twin, and nobody says why"));
                continue;
            }
            _ => {
                wrong.push(format!("{route} stands in two lists, or has a twin of its own name"));
                continue;
            }
        };
        let Some(twins) = api.get(&twin) else {
            wrong.push(format!("{route}: there is no {twin}"));
            continue;
        };
        let (here, there) = (roles(*access), roles(*twins));
        let wider = WIDER.iter().any(|(each, _)| each == route);
        if (!wider && here != there) || (wider && (here == there || !there.is_superset(&here))) {
            wrong.push(format!("{route} is for {here:?}, {twin} for {there:?}"));
        }
        found.insert(twin);
    }
    for (part, page) in PARTS {
        if !console.contains_key(*page) || !found.insert((*part).to_owned()) {
            wrong.push(format!("{part} is a twin, or {page} no page"));
        }
    }
    wrong.extend(
        api.keys().filter(|route| !found.contains(*route)).map(|route| format!("{route} is on no page")),
    );
    let stale = [TWINS, ALONE, WIDER].concat().into_iter().filter(|(route, _)| !console.contains_key(*route));
    wrong.extend(stale.map(|(route, _)| format!("{route} is gone")));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is wrong, in the words of a problem.
fn problem(answer: &Answer) -> String {
    assert_eq!(answer.json()["status"], answer.status, "{}", answer.body);
    answer.json()["detail"].as_str().unwrap().to_owned()
}

#[actix_web::test]
async fn a_total_of_the_hotline_is_taken_back_by_a_program() {
    let app = TestApp::start().await;
    let lead = app.as_(Role::CommunityLead);
    let total = json!({ "period": "2024-05", "cases": 17, "source": "区热线办月报" });
    assert_eq!(lead.post_json("/api/v1/hotline-totals", total).await.status, 200);
    let delete = async |client: &Client, period: &str| {
        client
            .send_json(reqwest::Method::DELETE, &format!("/api/v1/hotline-totals/{period}"), json!({}))
            .await
    };
    assert_eq!(delete(&app.as_(Role::CommunityWorker), "2024-05").await.status, 403);
    assert_eq!(delete(&lead, "2024-06").await.status, 404);
    let nonsense = delete(&lead, "soon").await;
    assert!(nonsense.status == 422 && problem(&nonsense).contains("2024-05"), "{}", nonsense.body);
    assert!(lead.get("/console/stats/hotline").await.body.contains("区热线办月报"));
    assert_eq!(delete(&lead, "2024-05").await.status, 204);
    assert_eq!(delete(&lead, "2024-05").await.status, 404, "gone already");
    assert!(!lead.get("/console/stats/hotline").await.body.contains("区热线办月报"));
}

#[actix_web::test]
async fn a_program_is_told_which_category_words_suggest_and_nothing_is_submitted() {
    let app = TestApp::start().await;
    let grid_worker = app.as_(Role::GridWorker);
    let ask = async |text: &str| grid_worker.post_json("/api/v1/suggestion", json!({ "text": text })).await;
    let found = ask("电梯困人，有人被关在电梯里出不来").await;
    assert_eq!(found.status, 200, "{}", found.body);
    let category = found.json()["category"].as_str().unwrap().to_owned();
    let fields = [("text", "电梯困人，有人被关在电梯里出不来"), ("channel", "phone")];
    let page = grid_worker.post_files("/console/take-down/suggestion", &fields, &[]).await;
    assert!(page.body.contains(&format!("value=\"{category}\" selected")), "the page suggests another");
    assert_eq!(ask("。").await.json(), serde_json::Value::Null, "nothing is likely enough");
    let handler = app.as_(Role::Handler).post_json("/api/v1/suggestion", json!({ "text": "x" })).await;
    assert_eq!(handler.status, 403, "they take nothing down");
    let waiting = app.as_(Role::CommunityWorker).get("/api/v1/tickets?queue=new").await.json();
    assert_eq!(waiting["rows"], json!([]));
}

#[actix_web::test]
async fn a_program_sees_how_a_text_reads_before_it_is_kept() {
    let app = TestApp::start().await;
    let lead = app.as_(Role::CommunityLead);
    let ask = async |text: &str| {
        lead.post_json("/api/v1/notice-texts/preview", json!({ "topic": "new", "text": text })).await
    };
    let read = ask("新诉求 {{ number }}，请看").await;
    assert_eq!(read.status, 200, "{}", read.body);
    let said = read.json()["said"].as_str().unwrap().to_owned();
    assert!(said.starts_with("新诉求 XLM") && said.ends_with("，请看"), "{said}");
    let page = lead
        .post("/console/channels/texts/preview", &[("topic", "new"), ("text", "新诉求 {{ number }}，请看")])
        .await;
    assert!(page.body.contains(&said), "{}", page.body);
    let wrong = ask("{{ phone }}").await;
    assert!(wrong.status == 422 && wrong.json()["problems"][0]["field"] == "text", "{}", wrong.body);
    assert_eq!(lead.get("/api/v1/notice-texts").await.json(), json!([]), "nothing was kept");
}

/// The type of an answer and its first bytes.
async fn file(client: &Client, path: &str) -> (u16, String, Vec<u8>) {
    let answer = client.request(reqwest::Method::GET, path).send().await.unwrap();
    let status = answer.status().as_u16();
    let kind = answer.headers()["content-type"].to_str().unwrap().to_owned();
    (status, kind, answer.bytes().await.unwrap().to_vec())
}

#[actix_web::test]
async fn workbook_paper_and_posters_are_files_for_a_program_too() {
    let app = TestApp::start().await;
    let (worker, auditor) = (app.as_(Role::CommunityWorker), app.as_(Role::Auditor));
    let (status, kind, bytes) = file(&worker, "/api/v1/stats/workbook.xlsx").await;
    assert_eq!((status, kind.ends_with("spreadsheetml.sheet"), &bytes[..2]), (200, true, &b"PK"[..]));
    let log = auditor.get("/api/v1/audits").await.body;
    assert!(log.contains("导出 ") && log.contains(".xlsx"), "what was handed out is noted: {log}");
    let (status, kind, bytes) = file(&worker, "/api/v1/stats/paper.html").await;
    assert!(status == 200 && kind.starts_with("text/html") && !bytes.is_empty());
    let (status, kind, _) = file(&worker, "/api/v1/stats/workbook.xlsx?period=soon").await;
    assert_eq!((status, kind.as_str()), (422, "application/problem+json"));

    let code = app.home().units[0].1.code.to_string();
    let plain = worker.get("/api/v1/codes/posters.pdf").await;
    assert!(plain.status == 422 && problem(&plain).contains("HTTPS"), "{}", plain.body);
    let (status, kind, bytes) = file(&worker, "/api/v1/codes/posters.pdf?size=a6&force=1").await;
    assert_eq!((status, kind.as_str(), &bytes[..5]), (200, "application/pdf", &b"%PDF-"[..]));
    let states = worker.get("/api/v1/codes").await.json();
    assert!(states.as_array().unwrap().iter().all(|each| each["state"] == "printed"), "{states}");
    let poster = |code: &str, kind: &str| format!("/api/v1/codes/{code}/poster.{kind}?size=a6&force=1");
    let (status, kind, bytes) = file(&worker, &poster(&code, "png")).await;
    assert_eq!((status, kind.as_str(), &bytes[1..4]), (200, "image/png", &b"PNG"[..]));
    let next_door = app.worlds[1].units[0].1.code.to_string();
    for path in [poster(&code, "gif"), poster(&next_door, "png"), poster("23456789AB", "png")] {
        let (status, kind, _) = file(&worker, &path).await;
        assert_eq!((status, kind.as_str()), (404, "application/problem+json"), "{path}");
    }
}

#[actix_web::test]
async fn a_slip_is_made_out_for_what_staff_took_down_and_for_nothing_else() {
    let app = TestApp::start().await;
    let worker = app.as_(Role::CommunityWorker);
    let call = json!({
        "key": "0123456789abcdef", "channel": "phone", "place": app.home().units[0].0.full_name,
        "matter": "0101", "text": "楼道灯不亮，联系13812341234", "phone": "13812341234", "name": "张三",
    });
    let made = worker.post_json("/api/v1/tickets", call).await.json();
    let path = |id: &str| format!("/api/v1/tickets/{id}/slip");
    let id = made["id"].as_str().unwrap();
    let slip = worker.get(&path(id)).await;
    assert_eq!(slip.status, 200, "{}", slip.body);
    let (number, code) = (slip.json()["number"].clone(), slip.json()["query_code"].clone());
    assert_eq!(number, made["number"]);
    assert!(!slip.body.contains("13812341234"), "{}", slip.body);
    let page = worker.get(&format!("/console/tickets/{id}/slip")).await.body;
    for part in [
        "number",
        "query_code",
        "place",
        "matter",
        "text",
        "came",
        "held_by",
        "until",
        "taken_by",
        "taken_at",
    ] {
        let said = slip.json()[part].as_str().unwrap().to_owned();
        assert!(page.contains(&said), "{part}: {said} is not on the page");
    }
    let fields = [("number", number.as_str().unwrap()), ("query_code", code.as_str().unwrap())];
    assert_eq!(app.stranger().post("/t", &fields).await.status, 303, "it opens the page");
    let scanned = ticket(&app, app.home(), 0).await;
    assert_eq!(worker.get(&path(&scanned)).await.status, 404, "its reporter holds the secret");
    assert_eq!(app.as_(Role::Handler).get(&path(id)).await.status, 403);
}

#[actix_web::test]
async fn the_photo_of_a_round_is_shown_to_those_who_walk_in_the_community() {
    let app = TestApp::start().await;
    let (code, place) = (&app.home().units[0].1.code, app.home().units[0].0.id);
    let walker = app.as_(Role::GridWorker);
    let (seen, path) = ([("finding", "damaged"), ("note", "角上撕了")], format!("/console/patrols/{code}"));
    assert!(walker.post_files(&path, &seen, &[("photo", "a.jpg", &jpeg(1))]).await.status < 400);
    let rounds = walker.get(&format!("/api/v1/places/{place}/patrols")).await.json();
    let path = format!("/api/v1/rounds/{}/photo", rounds[0]["id"].as_str().unwrap());
    let (status, kind, _) = file(&walker, &path).await;
    assert_eq!((status, kind.as_str()), (200, "image/jpeg"));
    let (status, kind, _) = file(&walker, &format!("/api/v1/rounds/{place}/photo")).await;
    assert_eq!((status, kind.as_str()), (404, "application/problem+json"));
}
