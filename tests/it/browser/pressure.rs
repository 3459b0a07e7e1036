//! The door under pressure in a real browser: with its script a phone proves itself unseen; without one the report is held
//! and never lost; and a photo that finds no room ahead goes with the form.

use std::time::Duration;

use louma::people::{Actor, Role};
use louma::settings::{self, Flood};

use super::{Browser, Scripts, tickets};
use crate::harness::TestApp;

/// A door at which more came than is registered at once.
async fn pressed() -> TestApp {
    let app = TestApp::start().await;
    let community = app.home().community.id;
    let flood = Flood { door: 2, ..Flood::default() };
    app.write(move |tx| settings::set(tx, &Actor::resident(community), &flood, tx.now)).await;
    for number in 0..4 {
        let text = format!("刷 {number}");
        let sent = app.stranger().post_files(&app.door(), &[("category", "01"), ("text", &text)], &[]).await;
        assert_eq!(sent.status, 303);
    }
    assert_eq!((tickets(&app).await, held(&app).await), (2, 2));
    app
}

async fn held(app: &TestApp) -> i64 {
    use diesel::prelude::*;
    app.read(|tx| Ok(louma::schema::held_reports::table.count().get_result(tx.conn)?)).await
}

async fn fill(browser: &Browser, app: &TestApp, words: &str) {
    browser.go(&format!("{}{}", app.url, app.door())).await;
    browser.sees("天宫院中里 3号楼2单元").await;
    // Not the tile of the others: whether it is the same matter is asked elsewhere.
    browser.click("input[name=category][value='04']").await;
    browser.type_in("textarea[name=text]", words).await;
}

const SUBMIT: &str = "form[data-key] section:last-of-type button[type=submit]";

#[actix_web::test]
async fn under_pressure_the_script_does_the_work_and_the_report_has_a_number_at_once() {
    let app = pressed().await;
    let Some(phone) = Browser::open(390, 844, Scripts::On).await else { return };
    fill(&phone, &app, "没水了，楼道里全是水").await;
    let worked = "const form = document.querySelector('form[data-token]'); \
                  return [form.elements.token.value, form.elements.work.value]";
    let mut shown = serde_json::Value::Null;
    for _ in 0..200 {
        shown = phone.client.execute(worked, Vec::new()).await.unwrap();
        if shown[1].as_str().is_some_and(|work| !work.is_empty()) {
            break;
        }
        actix_web::rt::time::sleep(Duration::from_millis(100)).await;
    }
    let (token, work) = (shown[0].as_str().unwrap(), shown[1].as_str().unwrap());
    // By the same definition, found by another program: the first number that has so many zero bits.
    let bits: u32 = token.split('.').nth(2).unwrap().parse().unwrap();
    assert!(bits >= louma::reports::proof::LEAST_BITS, "{token}");
    assert_eq!(work, louma::reports::proof::solve(token, bits).unwrap().to_string());
    // No person is faster than this.
    actix_web::rt::time::sleep(Duration::from_millis(2300)).await;
    phone.click(SUBMIT).await;
    phone.sees("已收到").await;
    assert_eq!((tickets(&app).await, held(&app).await), (3, 2), "it is registered, not held");
    phone.sees("TGY").await;
    phone.close().await;
}

#[actix_web::test]
async fn under_pressure_without_a_script_the_report_is_held_and_becomes_a_ticket_when_it_is_let_in() {
    let app = pressed().await;
    let Some(phone) = Browser::open(390, 844, Scripts::Off).await else { return };
    fill(&phone, &app, "没水了，我家没有脚本").await;
    phone.type_in("#photo-1", &phone.photo()).await;
    phone.click(SUBMIT).await;
    phone.sees("等工作人员看一下").await;
    phone.fits().await;
    assert_eq!((tickets(&app).await, held(&app).await), (2, 3));
    let worker = app.as_(Role::CommunityWorker);
    let queue = worker.get("/api/v1/held").await.json();
    let rows = queue["rows"].as_array().unwrap();
    let own = rows.iter().find(|row| row["text"].as_str().unwrap().contains("没有脚本")).unwrap();
    let id = own["id"].as_str().unwrap();
    let shot = worker.get(&format!("/api/v1/held/{id}/photos/1?size=thumb")).await;
    assert_eq!(shot.status, 200, "its photo waits with it");
    let let_in = worker.post(&format!("/console/held/{id}/release"), &[]).await;
    assert_eq!(let_in.status, 303, "{}", let_in.body);
    phone.client.refresh().await.unwrap();
    phone.sees("TGY").await;
    assert_eq!((tickets(&app).await, held(&app).await), (3, 2));
    phone.close().await;
}

#[actix_web::test]
async fn a_photo_that_finds_no_room_ahead_goes_with_the_form() {
    let app = TestApp::start().await;
    let Some(phone) = Browser::open(390, 844, Scripts::On).await else { return };
    phone.go(&format!("{}{}", app.url, app.door())).await;
    phone.sees("开始说话").await;
    // This phone began as many as one may.
    let begin = "const done = arguments[arguments.length - 1]; const all = []; \
                 for (let i = 0; i < 25; i += 1) all.push(fetch(location.pathname + '/uploads', \
                 { method: 'POST', headers: { 'Upload-Length': '1000', 'Content-Type': 'image/jpeg' } })); \
                 Promise.all(all).then(function (answers) { done(answers.map(function (each) { return each.status; })); });";
    let begun = phone.client.execute_async(begin, Vec::new()).await.unwrap();
    assert!(begun.as_array().unwrap().iter().any(|status| status == 429), "{begun}");
    fill(&phone, &app, "二层楼道灯不亮").await;
    phone.type_in("#photo-1", &phone.photo()).await;
    phone.sees("会在提交时一起发").await;
    phone.fits().await;
    phone.click(SUBMIT).await;
    phone.sees("已收到").await;
    assert!(!phone.text().await.contains("没有收到"), "{}", phone.text().await);
    use diesel::prelude::*;
    let hung: i64 = app.read(|tx| Ok(louma::schema::ticket_photos::table.count().get_result(tx.conn)?)).await;
    assert_eq!((tickets(&app).await, hung), (1, 1));
    phone.close().await;
}
