//! Pages held against what everybody may expect of them: narrow windows, text twice as large, and the rules of axe.

use super::large::{LARGE, NORMAL};
use super::{Browser, Cdp, Scripts, report, sign_in, work};
use crate::audit;
use crate::harness::TestApp;
use crate::stage::{self, DEVICE, Stage};
use louma::people::Role;
use serde_json::json;

/// The pages of residents in every state: name and address. The window is that of a phone on which it was all done.
async fn pages(browser: &Browser, app: &TestApp) -> (Stage, Vec<(&'static str, String)>) {
    let stage = stage::set(app).await;
    known(browser, app).await;
    let more = [
        ("lookup", "/t".to_owned()),
        ("no-ticket", "/t/none".to_owned()),
        ("no-code", "/q/AAAAAAAAAA".to_owned()),
        ("fault", format!("{}/photos/x", app.door())),
        ("nothing", "/none".to_owned()),
        ("home", "/".to_owned()),
    ];
    let all = stage.pages.iter().cloned().chain(more);
    let all = all.map(|(name, path)| (name, format!("{}{path}", app.url))).collect();
    (stage, all)
}

/// Makes the window that of the phone of the stage.
pub(super) async fn known(browser: &Browser, app: &TestApp) {
    browser.go(&format!("{}/t", app.url)).await;
    let cookie = vec![json!(format!("louma_device={DEVICE}; path=/"))];
    browser.client.execute("document.cookie = arguments[0]", cookie).await.unwrap();
}

/// Opens a page that only a form leads to: `same` asks whether it is the same matter, `state` tells how far a report is.
pub(super) async fn opens(browser: &Browser, app: &TestApp, (stage, name): (&Stage, &str), look: &str) {
    let (path, kind, fields) = match name {
        "same" => {
            let fields = json!([["category", "01"], ["text", "三层的灯坏了"], ["ask", "1"]]);
            (app.door(), "multipart/form-data", fields)
        }
        _ => {
            let fields = json!([["number", stage.known.0], ["last_four", stage.known.1]]);
            ("/t/state".to_owned(), "application/x-www-form-urlencoded", fields)
        }
    };
    browser.go(&with(&format!("{}/t", app.url), look)).await;
    let script = "const form = document.createElement('form');
        [form.method, form.action, form.enctype] = ['post', arguments[0], arguments[1]];
        for (const [name, value] of arguments[2]) {
            const field = document.createElement('input');
            [field.type, field.name, field.value] = ['hidden', name, value];
            form.append(field);
        }
        document.body.append(form);
        form.submit()";
    let to = with(&path, look);
    browser.client.execute(script, vec![json!(to), json!(kind), fields]).await.unwrap();
    let there = if name == "same" { "button[name=another]" } else { ".steps" };
    browser.client.wait().for_element(fantoccini::Locator::Css(there)).await.unwrap();
}

pub(super) fn with(url: &str, more: &str) -> String {
    let sign = if url.contains('?') { '&' } else { '?' };
    format!("{url}{sign}{more}")
}

#[actix_web::test]
async fn no_page_is_cut_or_wider_than_a_narrow_window_in_any_language() {
    let app = TestApp::start().await;
    let Some(browser) = Browser::open(320, 568, Scripts::On).await else { return };
    let mut faults = Vec::new();
    let (stage, all) = pages(&browser, &app).await;
    for (name, url) in all {
        for lang in ["zh-CN", "zh-Hant", "en"] {
            for (print, limits) in [("0", NORMAL), ("1", LARGE)] {
                browser.go(&with(&url, &format!("lang={lang}&large={print}"))).await;
                browser.shot(&format!("narrow-{name}-{lang}-{print}")).await;
                let found = browser.faults(limits).await;
                faults.extend(found.into_iter().map(|fault| format!("{name} {lang} {print}: {fault}")));
            }
        }
    }
    for (name, lang) in [("same", "zh-CN"), ("same", "en"), ("state", "zh-CN"), ("state", "en")] {
        opens(&browser, &app, (&stage, name), &format!("lang={lang}&large=0")).await;
        browser.shot(&format!("narrow-{name}-{lang}-0")).await;
        let found = browser.faults(NORMAL).await;
        faults.extend(found.into_iter().map(|fault| format!("{name} {lang}: {fault}")));
    }
    browser.close().await;
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[actix_web::test]
async fn text_twice_as_large_is_neither_cut_nor_wider_than_a_narrow_window() {
    let app = TestApp::start().await;
    let Some(browser) = Browser::open(320, 568, Scripts::On).await else { return };
    let (stage, pages) = pages(&browser, &app).await;
    let twice = json!({ "fontSizes": { "standard": 32, "fixed": 26 } });
    browser.client.issue_cmd(Cdp("Page.setFontSizes", twice)).await.unwrap();
    let mut faults = Vec::new();
    for (name, url) in pages {
        for lang in ["zh-CN", "zh-Hant", "en"] {
            browser.go(&with(&url, &format!("lang={lang}"))).await;
            browser.shot(&format!("twice-{name}-{lang}")).await;
            let size = browser
                .client
                .execute("return getComputedStyle(document.body).fontSize", Vec::new())
                .await
                .unwrap();
            assert_eq!(size, "34px", "the text was not made larger");
            let found = browser.faults(NORMAL).await;
            faults.extend(found.into_iter().map(|fault| format!("{name} {lang}: {fault}")));
        }
    }
    for name in ["same", "state"] {
        opens(&browser, &app, (&stage, name), "lang=en").await;
        browser.shot(&format!("twice-{name}-en")).await;
        let found = browser.faults(NORMAL).await;
        faults.extend(found.into_iter().map(|fault| format!("{name}: {fault}")));
    }
    browser.close().await;
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

impl Browser {
    /// What axe finds on the page, one line for each rule and place.
    async fn axe(&self, axe: &str) -> Vec<String> {
        self.client.execute(&format!("{axe};"), Vec::new()).await.unwrap();
        let run = "const done = arguments[0];
            axe.run(document, { resultTypes: ['violations'] }).then(
                found => done(found.violations.flatMap(each => each.nodes.map(node =>
                    `${each.id} (${each.impact}): ${node.target.join(' ')} ${node.failureSummary}`))),
                fault => done([`axe itself failed: ${fault}`]))";
        let found = self.client.execute_async(run, Vec::new()).await.unwrap();
        serde_json::from_value(found).unwrap()
    }
}

#[actix_web::test]
async fn axe_finds_nothing_on_any_page_of_residents() {
    let app = TestApp::start().await;
    let Some(axe) = audit::axe() else { return };
    let Some(browser) = Browser::open(390, 844, Scripts::On).await else { return };
    let mut faults = Vec::new();
    let (stage, pages) = pages(&browser, &app).await;
    for (name, url) in pages {
        for look in ["lang=zh-CN&large=0", "lang=zh-Hant&large=1", "lang=en&large=0"] {
            browser.go(&with(&url, look)).await;
            let found = browser.axe(&axe).await;
            faults.extend(found.into_iter().map(|fault| format!("{name} {look}: {fault}")));
        }
    }
    for name in ["same", "state"] {
        opens(&browser, &app, (&stage, name), "lang=en&large=0").await;
        let found = browser.axe(&axe).await;
        faults.extend(found.into_iter().map(|fault| format!("{name}: {fault}")));
    }
    browser.go(&format!("{}{}?large=0&lang=zh-CN", app.url, app.door())).await;
    browser.click("form[data-key] .on-send > button[type=submit]").await;
    browser.sees("还没有提交").await;
    faults.extend(browser.axe(&axe).await.into_iter().map(|fault| format!("form again: {fault}")));
    browser.close().await;
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[actix_web::test]
async fn axe_finds_nothing_on_the_main_pages_of_staff() {
    let app = TestApp::start().await;
    let Some(axe) = audit::axe() else { return };
    let Some(browser) = Browser::open(1280, 900, Scripts::On).await else { return };
    let page = report(&browser, &app, "二层楼道灯不亮").await;
    let mut faults = Vec::new();
    let mut look = async |name: &str| {
        let found = browser.axe(&axe).await;
        faults.extend(found.into_iter().map(|fault| format!("{name}: {fault}")));
    };
    browser.go(&format!("{}/console/sign-in", app.url)).await;
    look("sign-in").await;
    sign_in(&browser, &app, Role::CommunityLead).await;
    look("inbox").await;
    browser.click("a.inbox-number").await;
    browser.sees("二层楼道灯不亮").await;
    look("ticket").await;
    for path in ["stats", "settings", "places", "notices", "incidents", "take-down"] {
        browser.go(&format!("{}/console/{path}", app.url)).await;
        look(path).await;
    }
    work_page(&browser, &app, &page).await;
    look("closed").await;
    browser.close().await;
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// The page of a report that was closed, with its three questions.
async fn work_page(browser: &Browser, app: &TestApp, page: &str) {
    browser.client.delete_all_cookies().await.unwrap();
    work(browser, app).await;
    browser.go(page.split('?').next().unwrap()).await;
    browser.sees("请您评价").await;
}
