//! Somebody outside at their phone, and the worker who sent the link at theirs.

use fantoccini::Locator;
use louma::people::Role;

use super::{Browser, Scripts, open, report, sign_in};
use crate::harness::TestApp;

#[actix_web::test]
async fn without_a_script_somebody_outside_works_by_a_link() {
    let app = TestApp::start().await;
    let Some(desk) = Browser::open(390, 844, Scripts::On).await else { return };
    report(&desk, &app, "三号楼门口电线掉下来了").await;
    sign_in(&desk, &app, Role::CommunityWorker).await;
    desk.click("a.inbox-number").await;
    desk.click("form[action$='/acceptance'] button[type=submit]").await;
    desk.sees("已受理").await;
    let ticket = desk.client.current_url().await.unwrap().to_string();
    open(&desk, "links").await;
    desk.shot("link-form").await;
    desk.type_in("#links-name", "供电公司抢修班").await;
    desk.click("form[action$='/links'] button[type=submit]").await;
    desk.sees("只显示这一次").await;
    desk.fits().await;
    desk.shot("link-made").await;
    let url = desk.client.find(Locator::Css("#invited-url")).await.unwrap().text().await.unwrap();

    let Some(phone) = Browser::open(390, 844, Scripts::Off).await else { return };
    phone.go(&url).await;
    phone.sees("我来办理").await;
    phone.fits().await;
    phone.shot("outside-offer").await;
    phone.click("form[action$='/taking'] button[type=submit]").await;
    phone.sees("这件事由您办理").await;
    phone.sees("电线掉下来了").await;
    phone.fits().await;
    phone.shot("outside-matter").await;
    phone.type_in("#text", "电线已经接好").await;
    phone.click("#photo summary").await;
    phone.type_in("#photo-1", &phone.photo()).await;
    phone.shot("outside-form").await;
    phone.click("button[value=done]").await;
    phone.sees("社区正在核实").await;
    phone.fits().await;
    phone.shot("outside-done").await;

    desk.go(&ticket).await;
    desk.sees("外部单位报完成，请核实").await;
    desk.click("#outside h2").await;
    desk.shot("outside-check").await;
    desk.go(&format!("{}/console/outside", app.url)).await;
    desk.sees("报完成，请核实").await;
    desk.fits().await;
    desk.shot("outside-queue").await;
    desk.go(&ticket).await;
    desk.click("form[action$='/outside-checks'] button[type=submit]").await;
    desk.sees("核实外部完成").await;
    desk.click("#closure-text").await;
    desk.shot("outside-closing").await;
    desk.choose("#closure-result", "solved").await;
    desk.choose("#closure-level", "department").await;
    desk.click("form[action$='/closure'] button[type=submit]").await;
    desk.sees("待回访").await;
    desk.close().await;
    phone.go(&url).await;
    phone.sees("已经不再办理").await;
    phone.fits().await;
    phone.shot("outside-over").await;
    phone.close().await;
}
