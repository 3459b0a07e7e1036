//! Large print as it is drawn: one question on a screen, nothing too small or too pale, on every step and page; forward,
//! back and sent, with and without scripts.

use super::{Browser, Scripts, work};
use crate::harness::TestApp;
use fantoccini::Locator;
use serde_json::json;

/// What large print promises, in px: body text, headings, targets.
pub(super) const LARGE: (u32, u32, u32) = (20, 30, 60);
/// What the usual print promises: the smallest text is a hint, targets are those of a thumb.
pub(super) const NORMAL: (u32, u32, u32) = (13, 17, 44);

impl Browser {
    /// Everything on the page that is smaller, paler or wider than it may be.
    pub(super) async fn faults(&self, (text, heading, target): (u32, u32, u32)) -> Vec<String> {
        let limits = json!({ "text": text, "heading": heading, "target": target });
        let script = include_str!("../../audit/measure.js");
        let found = self.client.execute(script, vec![limits]).await.unwrap();
        serde_json::from_value(found).unwrap()
    }

    pub(super) async fn holds(&self, limits: (u32, u32, u32), what: &str) {
        let faults = self.faults(limits).await;
        assert!(faults.is_empty(), "{what}:\n{}", faults.join("\n"));
    }

    /// How many questions of the form are on the screen, and which step it is.
    async fn questions(&self) -> (u64, String) {
        let script = "const shown = [...document.querySelectorAll('.step')].filter(each => each.checkVisibility());
            const heads = shown.flatMap(each => [...each.querySelectorAll('.head, h2')]).filter(each => each.checkVisibility());
            return [heads.length, shown.map(each => each.className).join()]";
        let found = self.client.execute(script, Vec::new()).await.unwrap();
        (found[0].as_u64().unwrap(), found[1].as_str().unwrap().to_owned())
    }

    /// The screen shows this step, one question, and nothing too small.
    async fn is_at(&self, step: &str) {
        let (questions, shown) = self.questions().await;
        assert!(shown.contains(&format!("on-{step}")), "{shown} instead of {step}");
        assert_eq!(questions, 1, "{step} asks {questions} questions");
        self.holds(LARGE, step).await;
        self.shot(&format!("large-{step}")).await;
    }

    /// Takes the link of the shown step that leads to another.
    async fn turn(&self, from: &str, to: &str) {
        // A photo that has just been looked at moves the link from under the finger: one taps again.
        for _ in 0..5 {
            self.click(&format!(".on-{from} a[href='#step-{to}']")).await;
            if self.questions().await.1.contains(&format!("on-{to}")) {
                break;
            }
        }
    }
}

/// From the category to the receipt, with one step back on the way.
async fn walk(browser: &Browser, app: &TestApp) {
    browser.go(&format!("{}{}?large=1", app.url, app.door())).await;
    browser.sees("第 1 步，共 5 步").await;
    browser.is_at("category").await;
    browser.click("input[name=category][value='02']").await;
    browser.is_at("category").await;
    browser.turn("category", "text").await;
    browser.is_at("text").await;
    browser.type_in("textarea[name=text]", "电梯门夹人").await;
    browser.turn("text", "photo").await;
    browser.is_at("photo").await;
    browser.type_in("#photo-1", &browser.photo()).await;
    browser.turn("photo", "phone").await;
    browser.is_at("phone").await;
    browser.client.back().await.unwrap();
    browser.is_at("photo").await;
    browser.turn("photo", "text").await;
    browser.is_at("text").await;
    let text = browser.client.find(Locator::Css("textarea[name=text]")).await.unwrap();
    assert_eq!(text.prop("value").await.unwrap().as_deref(), Some("电梯门夹人"), "nothing typed is lost");
    browser.turn("text", "photo").await;
    browser.turn("photo", "phone").await;
    browser.type_in("input[name=phone]", "123").await;
    browser.turn("phone", "send").await;
    browser.is_at("send").await;
    browser.click("form[data-key] button[type=submit]").await;
}

async fn reports_in_large_print(scripts: Scripts) {
    let app = TestApp::start().await;
    let Some(browser) = Browser::open(390, 844, scripts).await else { return };
    walk(&browser, &app).await;
    // The phone was wrong: the page comes back at that step, with everything in it.
    browser.sees("还没有提交").await;
    let (questions, shown) = browser.questions().await;
    assert!(questions == 1 && shown.contains("on-phone"), "{shown}");
    browser.holds(LARGE, "the form again").await;
    browser.shot("large-again").await;
    browser.client.find(Locator::Css("input[name=phone]")).await.unwrap().clear().await.unwrap();
    browser.type_in("input[name=phone]", "10012345678").await;
    browser.turn("phone", "photo").await;
    browser.sees("已收到的照片").await;
    browser.holds(LARGE, "a photo that was kept").await;
    browser.turn("photo", "phone").await;
    browser.turn("phone", "send").await;
    browser.click("form[data-key] button[type=submit]").await;
    browser.sees("已收到").await;
    let page = browser.client.current_url().await.unwrap().to_string();
    assert!(page.contains("large=1"), "{page}");
    browser.sees("电梯门夹人").await;
    assert!(browser.client.find(Locator::Css("img[src*='/photos/1']")).await.is_ok(), "the photo is there");
    browser.shot("large-receipt").await;
    browser.close().await;
}

#[actix_web::test]
async fn in_large_print_one_question_at_a_time_leads_to_a_report() {
    reports_in_large_print(Scripts::On).await;
}

#[actix_web::test]
async fn in_large_print_one_question_at_a_time_leads_to_a_report_without_a_script() {
    reports_in_large_print(Scripts::Off).await;
}

#[actix_web::test]
async fn large_print_is_one_tap_keeps_what_was_typed_and_is_remembered() {
    let app = TestApp::start().await;
    let Some(browser) = Browser::open(390, 844, Scripts::On).await else { return };
    browser.go(&format!("{}{}", app.url, app.door())).await;
    browser.type_in("textarea[name=text]", "电梯门夹人").await;
    browser.click("[data-size]").await;
    browser.is_at("category").await;
    browser.turn("category", "text").await;
    let text = browser.client.find(Locator::Css("textarea[name=text]")).await.unwrap();
    assert_eq!(text.prop("value").await.unwrap().as_deref(), Some("电梯门夹人"));
    browser.go(&format!("{}/t", app.url)).await;
    browser.holds(LARGE, "the look-up, remembered").await;
    browser.shot("large-lookup").await;
    browser.click("[data-size]").await;
    browser.go(&format!("{}{}", app.url, app.door())).await;
    assert!(browser.client.find(Locator::Css("html.large")).await.is_err(), "and set back");
    browser.close().await;
}

#[actix_web::test]
async fn every_page_in_large_print_is_large() {
    let app = TestApp::start().await;
    let Some(browser) = Browser::open(390, 844, Scripts::On).await else { return };
    let page = super::report(&browser, &app, "二层楼道灯不亮").await;
    let page = page.split('?').next().unwrap().to_owned();
    let mut faults = Vec::new();
    for lang in ["zh-CN", "zh-Hant", "en"] {
        let paths =
            [app.door(), "/".into(), "/t".into(), "/t/none".into(), "/q/AAAAAAAAAA".into(), "/none".into()];
        let urls = paths.iter().map(|path| format!("{}{path}", app.url)).chain([page.clone()]);
        for url in urls {
            browser.go(&format!("{url}?large=1&lang={lang}")).await;
            let found = browser.faults(LARGE).await;
            faults.extend(found.into_iter().map(|fault| format!("{url} {lang}: {fault}")));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    work(&browser, &app).await;
    browser.go(&format!("{page}?large=1&lang=zh-CN")).await;
    browser.sees("请您评价").await;
    browser.holds(LARGE, "the three questions").await;
    browser.shot("large-closed").await;
    browser.close().await;
}
