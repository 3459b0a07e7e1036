//! The turns that a ticket's life may take, each by the hands of those who take them: returned twice, extended, put on
//! account and taken off, one incident of which one resident's own is not solved, done again twice.

use fantoccini::Locator;
use louma::people::Role;
use serde_json::json;

use super::{Browser, Scripts, call, open, report, sign_in};
use crate::harness::TestApp;

/// Somebody else signs in in the same browser.
async fn step_in_as(browser: &Browser, app: &TestApp, role: Role) {
    browser.client.delete_all_cookies().await.unwrap();
    sign_in(browser, app, role).await;
}

/// A call taken down, accepted and given to its party.
async fn dispatched(app: &TestApp) -> String {
    let matter = (app.home().units[0].0.full_name.as_str(), "0101", "二层楼道灯不亮");
    let made = call(app, "10000000021", matter).await;
    let id = made["id"].as_str().unwrap().to_owned();
    let worker = app.as_(Role::CommunityWorker);
    for noun in ["acceptance", "dispatch"] {
        let version = worker.get(&format!("/api/v1/tickets/{id}")).await.json()["version"].clone();
        let path = format!("/api/v1/tickets/{id}/{noun}");
        let done = worker.post_json(&path, json!({ "version": version })).await;
        assert_eq!(done.status, 200, "{noun}: {}", done.body);
    }
    id
}

async fn look_at(browser: &Browser, app: &TestApp, id: &str) {
    browser.go(&format!("{}/console/tickets/{id}", app.url)).await;
    browser.sees("反映的事").await;
    browser.fits().await;
}

/// A day of a date field; what one types depends on the language of the browser.
async fn day(browser: &Browser, css: &str, from_now: i64) {
    let day = louma::db::now().plus_minutes(from_now * 1440).day().to_string();
    let script = "document.querySelector(arguments[0]).value = arguments[1]";
    browser.client.execute(script, vec![json!(css), json!(day)]).await.unwrap();
}

async fn send(browser: &Browser, noun: &str) {
    browser.click(&format!("form[action$='/{noun}'] button[type=submit]")).await;
}

async fn return_it(browser: &Browser, app: &TestApp, id: &str) {
    step_in_as(browser, app, Role::Handler).await;
    look_at(browser, app, id).await;
    open(browser, "return").await;
    browser.choose("#return-cause", "not_ours").await;
    browser.type_in("#return-reason", "是产权单位的设备").await;
    browser.shot("life-return").await;
    send(browser, "return").await;
    // Whoever gave it back sees it no more; the next person comes when it is back.
    let mut status = String::new();
    for _ in 0..60 {
        let ticket = app.as_(Role::CommunityWorker).get(&format!("/api/v1/tickets/{id}")).await.json();
        status = ticket["status"].as_str().unwrap().to_owned();
        if status == "accepted" {
            return;
        }
        actix_web::rt::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("it was not given back: {status}");
}

#[actix_web::test]
async fn what_was_returned_twice_goes_to_the_community_lead() {
    let app = TestApp::start().await;
    let Some(browser) = Browser::open(390, 844, Scripts::On).await else { return };
    let id = dispatched(&app).await;
    return_it(&browser, &app, &id).await;
    step_in_as(&browser, &app, Role::CommunityWorker).await;
    browser.go(&format!("{}/console?queue=accepted", app.url)).await;
    browser.sees("被退回，改派").await;
    look_at(&browser, &app, &id).await;
    open(&browser, "dispatch").await;
    send(&browser, "dispatch").await;
    browser.sees("处理中").await;
    return_it(&browser, &app, &id).await;
    step_in_as(&browser, &app, Role::CommunityWorker).await;
    browser.go(&format!("{}/console?queue=accepted", app.url)).await;
    browser.sees("退回两次，负责人派单").await;
    browser.shot("life-returned-twice").await;
    look_at(&browser, &app, &id).await;
    browser.sees("退回 2 次").await;
    let offered = browser.client.find(Locator::Css("form[action$='/dispatch']")).await;
    assert!(offered.is_err(), "the worker is offered what only the lead may do");
    step_in_as(&browser, &app, Role::CommunityLead).await;
    look_at(&browser, &app, &id).await;
    open(&browser, "dispatch").await;
    send(&browser, "dispatch").await;
    browser.sees("处理中").await;
    browser.close().await;
}

/// The lead reads what is asked for and agrees.
async fn agree(browser: &Browser, app: &TestApp, words: &str) {
    step_in_as(browser, app, Role::CommunityLead).await;
    browser.go(&format!("{}/console/requests", app.url)).await;
    browser.sees("为什么").await;
    browser.fits().await;
    browser.type_in("textarea[name=answer]", words).await;
    browser.shot("life-request").await;
    browser.click("button[name=verdict][value=approve]").await;
    browser.sees(words).await;
}

#[actix_web::test]
async fn a_party_gets_more_time_and_what_cannot_be_met_stands_on_account_until_it_is_taken_off() {
    let app = TestApp::start().await;
    let Some(browser) = Browser::open(1280, 900, Scripts::On).await else { return };
    let id = dispatched(&app).await;
    step_in_as(&browser, &app, Role::Handler).await;
    look_at(&browser, &app, &id).await;
    open(&browser, "extensions").await;
    day(&browser, "#extensions-until", 20).await;
    browser.type_in("#extensions-reason", "配件要从外地发货").await;
    send(&browser, "extensions").await;
    browser.sees("等批复").await;
    agree(&browser, &app, "同意，到货先通知居民").await;
    step_in_as(&browser, &app, Role::Handler).await;
    look_at(&browser, &app, &id).await;
    browser.sees("还剩 20 天").await;
    open(&browser, "suspensions").await;
    day(&browser, "#suspensions-until", 60).await;
    for (field, words) in
        [("reason", "线路要整体更换"), ("basis", "改造预算没有批"), ("plan", "批下来就排期")]
    {
        browser.type_in(&format!("#suspensions-{field}"), words).await;
    }
    send(&browser, "suspensions").await;
    browser.sees("申请挂账，等批复").await;
    agree(&browser, &app, "同意挂账").await;
    step_in_as(&browser, &app, Role::CommunityWorker).await;
    browser.go(&format!("{}/console?queue=on_account", app.url)).await;
    browser.sees("挂账中，到期复核").await;
    browser.shot("life-on-account").await;
    look_at(&browser, &app, &id).await;
    browser.sees("时限暂停").await;
    open(&browser, "resumption").await;
    browser.type_in("#resumption-reason", "预算批下来了，下周换").await;
    send(&browser, "resumption").await;
    browser.sees("预算批下来了").await;
    look_at(&browser, &app, &id).await;
    browser.sees("还剩 20 天").await;
    browser.close().await;
}

/// Closes a ticket at the desk, through the API, in whatever round it is.
async fn close(app: &TestApp, id: &str) {
    let worker = app.as_(Role::CommunityWorker);
    let version = worker.get(&format!("/api/v1/tickets/{id}")).await.json()["version"].clone();
    let done = json!({ "version": version, "result": "solved", "level": "community", "text": "换了新灯泡" });
    let closed = worker.post_json(&format!("/api/v1/tickets/{id}/closure"), done).await;
    assert_eq!(closed.status, 200, "{}", closed.body);
}

/// The only ticket that waits for acceptance, accepted and put into a category.
async fn triaged(app: &TestApp) -> String {
    let worker = app.as_(Role::CommunityWorker);
    let list = worker.get("/api/v1/tickets?queue=new").await.json();
    let id = list["rows"][0]["id"].as_str().unwrap().to_owned();
    let accepted =
        worker.post_json(&format!("/api/v1/tickets/{id}/acceptance"), json!({ "version": 1 })).await;
    assert_eq!(accepted.status, 200, "{}", accepted.body);
    let category = json!({ "category": "0101", "kind": "help" });
    let set = worker.post_json(&format!("/api/v1/tickets/{id}/category"), category).await;
    assert_eq!(set.status, 200, "{}", set.body);
    id
}

async fn not_solved(phone: &Browser, page: &str, words: &str) {
    phone.go(page.split('?').next().unwrap()).await;
    phone.sees("没有办好").await;
    phone.click("#rework summary").await;
    phone.type_in("#rework_reason", words).await;
    phone.fits().await;
    phone.shot("life-rework").await;
    phone.click("#rework form button[type=submit]").await;
    phone.sees(words).await;
}

#[actix_web::test]
async fn a_resident_who_is_unhappy_twice_is_heard_twice_and_the_desk_sees_it() {
    let app = TestApp::start().await;
    let Some(phone) = Browser::open(390, 844, Scripts::On).await else { return };
    let page = report(&phone, &app, "二层楼道灯不亮").await;
    let id = triaged(&app).await;
    for words in ["亮了一晚又不亮了", "还是一闪一闪的"] {
        close(&app, &id).await;
        not_solved(&phone, &page, words).await;
    }
    step_in_as(&phone, &app, Role::CommunityWorker).await;
    phone.go(&format!("{}/console?queue=in_progress", app.url)).await;
    phone.sees("重办 2 次").await;
    phone.fits().await;
    phone.shot("life-reworked").await;
    close(&app, &id).await;
    super::rate(&phone, &page).await;
    phone.close().await;
}

#[actix_web::test]
async fn of_three_in_one_incident_the_one_whose_own_is_not_solved_goes_on_alone() {
    let app = TestApp::start().await;
    let Some(phone) = Browser::open(390, 844, Scripts::On).await else { return };
    let page = report(&phone, &app, "整个单元都停电了").await;
    let id = triaged(&app).await;
    let matter = (app.home().units[0].0.full_name.as_str(), "0101", "我家也没有电");
    for number in ["10000000031", "10000000032"] {
        call(&app, number, matter).await;
    }
    sign_in(&phone, &app, Role::CommunityWorker).await;
    phone.go(&format!("{}/console/incidents", app.url)).await;
    phone.click("button[name=verdict][value=confirm]").await;
    phone.sees("属于这个事件的诉求").await;
    phone.fits().await;
    phone.type_in("#closure-text", "供电已恢复").await;
    phone.click("form[action$='/closure'] button[type=submit]").await;
    phone.sees("已结束").await;
    phone.go(page.split('?').next().unwrap()).await;
    phone.sees("邻居也反映了").await;
    not_solved(&phone, &page, "别家都来电了，我家还没有").await;
    let worker = app.as_(Role::CommunityWorker);
    let rows = worker.get("/api/v1/tickets?queue=in_progress").await.json();
    let open: Vec<&str> =
        rows["rows"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap()).collect();
    assert_eq!(open, [id.as_str()], "the neighbours' stay closed");
    phone.close().await;
}

#[actix_web::test]
async fn at_a_desk_one_goes_through_the_inbox_by_keyboard_from_one_ticket_to_the_next() {
    let app = TestApp::start().await;
    let Some(desk) = Browser::open(1280, 900, Scripts::On).await else { return };
    let matter = (app.home().units[0].0.full_name.as_str(), "0101", "楼道灯不亮");
    let mut ids = Vec::new();
    for number in ["10000000041", "10000000042", "10000000043"] {
        ids.push(call(&app, number, matter).await["id"].as_str().unwrap().to_owned());
    }
    sign_in(&desk, &app, Role::CommunityWorker).await;
    desk.go(&format!("{}/console?queue=calls", app.url)).await;
    desk.sees("受理，打电话").await;
    desk.type_in("body", "j").await;
    desk.type_in(":focus", "j").await;
    let focused = desk.client.find(Locator::Css("a.inbox-number:focus")).await.unwrap();
    assert!(focused.attr("href").await.unwrap().unwrap().ends_with(&ids[1]), "the second line has the focus");
    desk.shot("inbox-keys").await;
    focused.click().await.unwrap();
    desk.sees("下一件").await;
    desk.type_in("body", "j").await;
    let there = |url: String, id: &str| url.ends_with(id);
    for _ in 0..40 {
        if there(desk.client.current_url().await.unwrap().to_string(), &ids[2]) {
            break;
        }
        actix_web::rt::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert!(there(desk.client.current_url().await.unwrap().to_string(), &ids[2]));
    desk.sees("上一件").await;
    desk.type_in("body", "u").await;
    desk.sees("受理，打电话").await;
    assert!(there(desk.client.current_url().await.unwrap().to_string(), "queue=calls"));
    desk.close().await;
}
