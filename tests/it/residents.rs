//! What belongs to residents on their own pages: voices that go along, data of whoever left some, sentences in their
//! language, and whom to call wherever something goes wrong.

mod data;
mod sentences;
mod voices;

use louma::people::Role;
use reqwest::Method;
use serde_json::json;

use crate::door::planted;
use crate::harness::{Client, TestApp, jpeg, send};

/// A recording as a phone makes it: the beginning of a WebM file with sound.
fn recording(seed: u8) -> Vec<u8> {
    let mut bytes = b"\x1A\x45\xDF\xA3\x9F\x42\x86\x81\x01\x42\x82\x84webm\x42\x87\x81\x04A_OPUS".to_vec();
    bytes.extend(std::iter::repeat_n(seed, 4000));
    bytes
}

/// What a form sends for a recording that went ahead of it.
async fn spoken(app: &TestApp, phone: &Client, sound: &[u8]) -> String {
    let begun = phone
        .request(Method::POST, &format!("{}/uploads?seconds=7", app.door()))
        .header("content-type", "audio/webm")
        .header("upload-length", sound.len());
    let path = send(begun).await.location;
    let piece = phone
        .request(Method::PATCH, &path)
        .header("content-type", "application/partial-upload")
        .header("upload-offset", 0)
        .body(sound.to_vec());
    let kept = send(piece).await;
    assert_eq!(kept.status, 200, "{}", kept.body);
    kept.json()["kept"].as_str().unwrap().to_owned()
}

/// The page of a report or a neighbour that a form led to.
fn page(answer: &crate::harness::Answer) -> String {
    assert_eq!(answer.status, 303, "{}", answer.body);
    answer.location.split('?').next().unwrap().to_owned()
}

#[actix_web::test]
async fn a_phone_lists_what_it_joined_until_it_is_taken_back() {
    let app = TestApp::start().await;
    let matter = planted(&app, 0, "01", "灯不亮").await;
    let phone = app.stranger();
    phone.get(&app.door()).await;
    let joined = phone.post(&format!("{}/joins", app.door()), &[("matter", &matter.id.to_string())]).await;
    let own = page(&joined);
    let mine = format!("{}/mine", app.door());
    let listed = phone.get(&mine).await.body;
    assert!(listed.contains("您也遇到的") && listed.contains(&own), "{listed}");
    assert!(
        !listed.contains(&matter.number) && !listed.contains("灯不亮"),
        "nothing of the report: {listed}"
    );
    crate::door::closed(&app, &matter).await;
    let listed = phone.get(&mine).await.body;
    assert!(listed.contains(&own), "still there to be answered: {listed}");
    assert!(phone.get(&own).await.body.contains("请您评价"));
    assert!(!app.stranger().get(&mine).await.body.contains(&own), "another phone does not list it");
    assert_eq!(phone.post(&format!("{own}/withdrawal"), &[]).await.status, 303);
    assert!(!phone.get(&mine).await.body.contains(&own));
}

#[actix_web::test]
async fn whatever_goes_wrong_says_whom_to_call_and_who_fills_it_in() {
    let app = TestApp::start().await;
    let (door, token) = (app.door(), app.home().community.token.clone());
    let report = crate::after::report(&app, &app.stranger(), &[]).await;
    let known = [
        (Method::GET, format!("{door}/photos/x"), 404),
        (Method::GET, format!("{report}/photos/99"), 404),
        (Method::GET, format!("/t/{token}unknown"), 404),
        (Method::GET, format!("/m/{token}unknown/data"), 404),
        (Method::POST, format!("{door}/confirmations"), 422),
        (Method::POST, format!("{report}/answer/more"), 404),
        (Method::GET, "/notice/TGY/none".to_owned(), 404),
    ];
    for (method, path, status) in known {
        let page = send(app.stranger().request(method, &path)).await;
        assert_eq!(page.status, status, "{path}");
        assert!(
            page.body.contains("请工作人员代填") && page.body.contains("打电话反映"),
            "{path}: {}",
            page.body
        );
        let own = path.contains("more") || page.body.contains("tel:01000000001");
        assert!(own, "the phone of the community: {path}: {}", page.body);
        assert!(page.body.contains("大字版") && page.body.contains("lang=en"), "{path}: {}", page.body);
    }
    // Where no community is known, the sentence says who knows the number.
    for (path, status) in [
        ("/", 200),
        ("/t", 200),
        ("/t/none", 404),
        ("/q/AAAAAAAAAA", 404),
        ("/none", 404),
        ("/q/AAAAAAAAAA/none", 404),
    ] {
        let page = app.stranger().get(path).await;
        assert_eq!(page.status, status, "{path}");
        assert!(
            page.body.contains("打电话反映") && page.body.contains("请工作人员代填"),
            "{path}: {}",
            page.body
        );
        assert!(page.body.contains("12345"), "{path}: {}", page.body);
        assert!(page.body.contains("大字版") && page.body.contains("lang=en"), "{path}: {}", page.body);
    }
    // Staff are led to their desk as before.
    let desk = app.as_(Role::CommunityWorker).get("/console/tickets/7").await;
    assert!(desk.body.contains("回到收件箱") && !desk.body.contains("12345"), "{}", desk.body);
}

#[actix_web::test]
async fn whoever_asks_too_often_reads_the_phone_of_the_community() {
    let app = TestApp::start().await;
    let tap = [("what", "x"), ("says", "fixed")];
    let path = format!("{}/confirmations", app.door());
    let phone = app.stranger();
    phone.get(&app.door()).await;
    let mut last = phone.post(&path, &tap).await;
    for _ in 0..40 {
        if last.status == 429 {
            break;
        }
        last = phone.post(&path, &tap).await;
    }
    assert_eq!(last.status, 429, "{}", last.body);
    assert!(last.body.contains("tel:01000000001") && last.body.contains("请工作人员代填"), "{}", last.body);
    assert!(last.body.contains(&format!("href=\"{}\"", app.door())), "and the way back: {}", last.body);
}

#[actix_web::test]
async fn a_report_that_waits_and_a_matter_that_was_joined_warn_of_danger_first() {
    let app = TestApp::start().await;
    let phone = app.stranger();
    phone.get(&app.door()).await;
    let fields = [("category", "05"), ("text", "闻到煤气味"), ("leave_empty", "x")];
    let held = page(&phone.post_files(&app.door(), &fields, &[]).await);
    let warned = |body: &str| body.contains("⚠") && body.contains("tel:119");
    let body = phone.get(&held).await.body;
    assert!(warned(&body), "{body}");
    let matter = planted(&app, 0, "05", "漏气").await;
    let joined = phone.post(&format!("{}/joins", app.door()), &[("matter", &matter.id.to_string())]).await;
    let body = phone.get(&joined.location).await.body;
    assert!(warned(&body), "{body}");
}

#[actix_web::test]
async fn what_neighbours_said_and_brought_is_neither_the_partys_nor_the_reporters() {
    let app = TestApp::start().await;
    let reporter = app.stranger();
    let agreed = [("share_phone", "yes"), ("publish", "yes")];
    let report = crate::after::report(&app, &reporter, &agreed).await;
    let (desk, party) = (app.as_(Role::CommunityWorker), app.as_(Role::Handler));
    let (id, app_home) = (crate::after::ticket(&app, &report).await.id, app.home().community.id);
    let phone = app.stranger();
    phone.get(&app.door()).await;
    let matter = id.to_string();
    let fields = [("category", "01"), ("text", "我家也是"), ("join", matter.as_str()), ("another", "")];
    let joined = phone.post_files(&app.door(), &fields, &[("photo", "b.jpg", &jpeg(9))]).await;
    let own = page(&joined);
    let at = format!("/api/v1/tickets/{id}");
    let step = async |noun: &str, mut body: serde_json::Value| {
        body["version"] = desk.get(&at).await.json()["version"].clone();
        let done = desk.post_json(&format!("{at}/{noun}"), body).await;
        assert!(done.status < 300, "{noun}: {}", done.body);
    };
    step("acceptance", json!({})).await;
    step("category", json!({ "category": "0101", "kind": "help" })).await;
    step("dispatch", json!({ "party_id": app.home().property.id })).await;
    step("closure", json!({ "result": "solved", "text": "换好了", "level": "community" })).await;
    let answer = [
        ("contacted", "yes"),
        ("solved", "no"),
        ("satisfied", "unsatisfied"),
        ("comment", "还是不亮，打13812345678"),
    ];
    assert_eq!(phone.post(&format!("{own}/answer"), &answer).await.status, 303);

    let seen = |sheet: &serde_json::Value, act: &str| {
        sheet["events"].as_array().unwrap().iter().any(|event| event["act"] == act)
    };
    let sheet = desk.get(&at).await.json();
    assert!(seen(&sheet, "meet") && seen(&sheet, "echo"), "{sheet}");
    let photos = sheet["photos"].as_array().unwrap();
    let brought =
        photos.iter().find(|photo| photo["added_by"] == "邻居").expect("the photo of the neighbour");
    let picture = format!("/console/tickets/{id}/photos/{}", brought["seq"]);
    assert_eq!(desk.get(&picture).await.status, 200);
    let sheet = party.get(&at).await.json();
    assert!(seen(&sheet, "dispatch") && !seen(&sheet, "meet") && !seen(&sheet, "echo"), "{sheet}");
    assert!(sheet["photos"].as_array().unwrap().iter().all(|photo| photo["added_by"] != "邻居"), "{sheet}");
    assert_eq!(party.get(&picture).await.status, 404);
    // That the reporter agreed to be published says nothing of whoever joined.
    let entry = format!("/api/v1/bulletin/{id}");
    let offered = desk.get(&entry).await.json()["photos"].clone();
    let offered: Vec<&serde_json::Value> =
        offered.as_array().unwrap().iter().map(|photo| &photo["seq"]).collect();
    assert!(offered.contains(&&json!(1)) && !offered.contains(&&brought["seq"]), "{offered:?}");
    let choose = async |seq: &serde_json::Value| {
        desk.post_json(&format!("{entry}/photos"), json!({ "seq": seq })).await.status
    };
    assert_eq!((choose(&json!(1)).await, choose(&brought["seq"]).await), (200, 404));
    // Whoever asks for the words of the reporter reads those alone.
    let reveal = json!({ "reason": "上门前联系" });
    for staff in [&desk, &party] {
        let shown = staff.post_json(&format!("{at}/reveals"), reveal.clone()).await;
        assert!(shown.status < 300 && !shown.body.contains("13812345678"), "{}", shown.body);
    }
    // What they said of how it was done goes with them, in the history too.
    let said = async || {
        let events = app.read(move |tx| {
            let ticket = louma::tickets::find_own(tx, app_home, id)?;
            louma::tickets::history(tx, &louma::people::Actor::timer(app_home), &ticket)
        });
        let echo = events.await.into_iter().find(|event| event.act == "echo").unwrap();
        echo.note.unmasked().to_owned()
    };
    assert!(said().await.contains("13812345678"));
    assert_eq!(phone.post(&format!("{own}/data/erasure"), &[("confirm", "yes")]).await.status, 303);
    assert_eq!(said().await, "还是不亮，打138****5678");
}

#[actix_web::test]
async fn the_switches_of_what_went_wrong_with_a_form_lead_to_the_page_that_it_stands_on() {
    let app = TestApp::start().await;
    let none = louma::db::Id::new().to_string();
    let refused = app.stranger().post(&format!("{}/joins", app.door()), &[("matter", &none)]).await;
    assert_eq!(refused.status, 404);
    let english = format!("href=\"{}?lang=en\"", app.door());
    assert!(refused.body.contains("没有加上") && refused.body.contains(&english), "{}", refused.body);
    let twice = [("number", "1"), ("number", "2"), ("last_four", "5678")];
    let broken = app.stranger().post("/t/state", &twice).await;
    assert!(broken.status >= 400, "{}", broken.status);
    assert!(broken.body.contains("href=\"/t?lang=en\""), "{}", broken.body);
    assert!(!broken.body.contains("/t/state?"), "{}", broken.body);
}
