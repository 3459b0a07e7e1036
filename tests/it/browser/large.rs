//! Large print as it is drawn: one question on a screen, nothing too small or too pale, on every step and page; forward,
//! back and sent, with and without scripts.

use super::{Browser, ENTER, Scripts};
use crate::after::{self, staff, ticket};
use crate::door::{closed, planted};
use crate::harness::TestApp;
use crate::stage;
use fantoccini::Locator;
use louma::people::Role;
use louma::tickets::steps::{self, Seen};
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
        let script = "const seen = [...document.querySelectorAll('.step, .ask')].filter(each => each.checkVisibility());
            const shown = seen.filter(each => !seen.some(other => other !== each && each.contains(other)));
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

    /// What one is asked to decide on the screen: each thing to fill in, tick or choose from, and each button of a form that
    /// has nothing else to fill in. A list from which one is chosen is one decision.
    async fn decisions(&self) -> Vec<String> {
        let script = "const on = each => each.checkVisibility({ visibilityProperty: true });
            const named = (form, each) => `${form.getAttribute('action')} ${each.type} ${each.name}`;
            const found = new Set();
            for (const [at, form] of document.querySelectorAll('main form').entries()) {
                const fields = [...form.elements].filter(each => each.name && !/^(hidden|submit|button|fieldset)$/.test(each.type));
                const shown = fields.filter(each => on(each.type === 'radio' || each.type === 'checkbox' ? each.closest('label') : each));
                shown.filter(each => !each.closest('.trap')).forEach(each => found.add(named(form, each)));
                const buttons = [...form.querySelectorAll('button:not([type=button])')].filter(on);
                if (buttons.length && !shown.length) {
                    const list = form.closest('.matters') || form.querySelector('.matters');
                    found.add(list ? `list ${(list.closest('[id]') || form).id}` : `button ${at}`);
                }
            }
            return [...found]";
        serde_json::from_value(self.client.execute(script, Vec::new()).await.unwrap()).unwrap()
    }

    /// Every screen that the page leads to by its own links, from the one that is shown: each asks at most one thing, and
    /// nothing on it is too small. Returns the steps, in the order in which they were found.
    async fn screens(&self, what: &str) -> Vec<String> {
        let links = "return [...document.querySelectorAll('main a[href^=\"#step-\"]')]
            .filter(each => each.checkVisibility()).map(each => each.getAttribute('href'))";
        let (mut seen, mut next) = (vec![String::new()], 0);
        while next < seen.len() {
            let step = seen[next].clone();
            if !step.is_empty() {
                let to = vec![json!(step)];
                self.client.execute("location.hash = arguments[0]", to).await.unwrap();
            }
            if step == "#step-works" {
                assert!(self.text().await.contains("正在进行"), "a work is under way");
            }
            let decisions = self.decisions().await;
            assert!(decisions.len() <= 1, "{what} {step} asks {decisions:?}");
            self.holds(LARGE, &format!("{what} {step}")).await;
            self.shot(&format!("large-{what}-{}", step.trim_start_matches('#'))).await;
            let found = self.client.execute(links, Vec::new()).await.unwrap();
            for link in serde_json::from_value::<Vec<String>>(found).unwrap() {
                if !seen.contains(&link) {
                    seen.push(link);
                }
            }
            next += 1;
        }
        seen
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
    browser.sees("第 1 步，共 7 步").await;
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
    browser.turn("phone", "share").await;
    browser.is_at("share").await;
    browser.turn("share", "publish").await;
    browser.is_at("publish").await;
    browser.turn("publish", "send").await;
    browser.is_at("send").await;
    browser.click("form[data-key] .on-send > button[type=submit]").await;
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
    browser.turn("phone", "share").await;
    browser.turn("share", "publish").await;
    browser.turn("publish", "send").await;
    browser.click("form[data-key] .on-send > button[type=submit]").await;
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

/// Every screen of the form, of a report in three states and of a neighbour's page.
async fn one_decision_on_every_screen(scripts: Scripts) {
    let app = TestApp::start().await;
    let stage = stage::set(&app).await;
    let Some(browser) = Browser::open(390, 844, scripts).await else { return };
    let wanted: [(&str, &[&str]); 5] = [
        (
            "door",
            &[
                "#step-handled",
                "#step-works",
                "#step-fixed-1",
                "#step-fixed-2",
                "#step-share",
                "#step-publish",
                "#step-send",
            ],
        ),
        ("spot", &["#step-relation", "#step-publish"]),
        ("ticket", &["#step-nudge", "#step-message", "#step-photos", "#step-withdrawal"]),
        ("closed", &["#step-contacted", "#step-solved", "#step-satisfied", "#step-comment", "#step-rework"]),
        ("neighbour", &["#step-phone", "#step-text", "#step-withdrawal"]),
    ];
    for (name, steps) in wanted {
        let path = &stage.pages.iter().find(|(each, _)| *each == name).unwrap().1;
        browser.go(&format!("{}{path}?large=1&lang=zh-CN", app.url)).await;
        let screens = browser.screens(name).await;
        for step in steps {
            assert!(screens.iter().any(|screen| screen == step), "{name} leads to no {step}: {screens:?}");
        }
    }
    browser.close().await;
}

#[actix_web::test]
async fn in_large_print_every_screen_asks_one_thing() {
    one_decision_on_every_screen(Scripts::On).await;
}

#[actix_web::test]
async fn in_large_print_every_screen_asks_one_thing_without_a_script() {
    one_decision_on_every_screen(Scripts::Off).await;
}

#[actix_web::test]
async fn in_large_print_three_answers_are_given_one_by_one() {
    let app = TestApp::start().await;
    let stage = stage::set(&app).await;
    let Some(browser) = Browser::open(390, 844, Scripts::Off).await else { return };
    let path = &stage.pages.iter().find(|(each, _)| *each == "closed").unwrap().1;
    browser.go(&format!("{}{path}?large=1&lang=zh-CN", app.url)).await;
    browser.click("a[href='#step-contacted']").await;
    browser.click("input[name=contacted][value=yes]").await;
    browser.turn("contacted", "solved").await;
    // Nothing was chosen here: the page comes back at this step, with what was chosen before.
    browser.turn("solved", "satisfied").await;
    browser.click("input[name=satisfied][value=satisfied]").await;
    browser.turn("satisfied", "comment").await;
    browser.click(".on-comment > button[type=submit]").await;
    browser.sees("请选：事情解决了吗").await;
    let (_, shown) = browser.questions().await;
    assert!(shown.contains("on-solved") && !shown.contains("on-contacted"), "{shown}");
    browser.click("input[name=solved][value=yes]").await;
    browser.turn("solved", "satisfied").await;
    browser.turn("satisfied", "comment").await;
    browser.click(".on-comment > button[type=submit]").await;
    browser.sees("您的评价已经记下").await;
    browser.close().await;
}

#[test]
fn steps_are_shown_by_what_every_browser_knows() {
    let sheet = include_str!("../../../assets/resident.css");
    let steps = sheet.split("/* Large print").nth(1).unwrap().split("/* Photos */").next().unwrap();
    assert!(steps.contains("#step-send:target") && !steps.contains(":has("), "{steps}");
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
    let stage = stage::set(&app).await;
    super::audit::known(&browser, &app).await;
    let more = ["/", "/t", "/t/none", "/q/AAAAAAAAAA", "/none"].map(|path| (path, path.to_owned()));
    let mut faults = Vec::new();
    for lang in ["zh-CN", "zh-Hant", "en"] {
        let look = format!("large=1&lang={lang}");
        for (name, path) in stage.pages.iter().cloned().chain(more.clone()) {
            browser.go(&super::audit::with(&format!("{}{path}", app.url), &look)).await;
            let found = browser.faults(LARGE).await;
            faults.extend(found.into_iter().map(|fault| format!("{name} {lang}: {fault}")));
        }
        for name in ["same", "state"] {
            super::audit::opens(&browser, &app, (&stage, name), &look).await;
            let found = browser.faults(LARGE).await;
            faults.extend(found.into_iter().map(|fault| format!("{name} {lang}: {fault}")));
        }
    }
    browser.close().await;
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[actix_web::test]
async fn in_large_print_the_key_of_the_phone_field_leads_to_the_next_question() {
    let app = TestApp::start().await;
    for scripts in [Scripts::On, Scripts::Off] {
        let Some(browser) = Browser::open(390, 844, scripts).await else { return };
        browser.go(&format!("{}{}?large=1", app.url, app.door())).await;
        browser.click("input[name=category][value='02']").await;
        browser.turn("category", "text").await;
        browser.type_in("textarea[name=text]", "电梯门夹人").await;
        browser.turn("text", "photo").await;
        browser.turn("photo", "phone").await;
        browser.type_in("input[name=phone]", &format!("10012345678{ENTER}")).await;
        // Without a script the key does nothing, and the button beside the field leads on.
        if scripts == Scripts::Off {
            browser.is_at("phone").await;
            browser.turn("phone", "share").await;
        }
        browser.is_at("share").await;
        assert_eq!(super::tickets(&app).await, 0, "nothing was sent past what is still to be read");
        browser.close().await;
    }
}

#[actix_web::test]
async fn large_print_holds_by_the_addresses_alone_and_is_left_where_the_address_says_it() {
    let app = TestApp::start().await;
    let Some(browser) = Browser::open(390, 844, Scripts::On).await else { return };
    let large = async || browser.client.find(Locator::Css("html.large")).await.is_ok();
    let address = async || browser.client.current_url().await.unwrap().to_string();
    browser.go(&format!("{}{}?lang=en&large=1#step-text", app.url, app.door())).await;
    browser.click("[data-size]").await;
    assert!(!large().await && address().await.ends_with("?lang=en&large=0#step-text"), "{}", address().await);
    browser.client.refresh().await.unwrap();
    assert!(!large().await, "nor after a reload");
    browser.go(&format!("{}{}", app.url, app.door())).await;
    assert!(!large().await, "and so it is remembered");
    browser.click("[data-size]").await;
    assert!(address().await.ends_with("?large=1"), "{}", address().await);
    browser.client.delete_all_cookies().await.unwrap();
    let open = "document.querySelector('.foot .links a').click()";
    browser.client.execute(open, Vec::new()).await.unwrap();
    browser.sees("查询码").await;
    assert!(large().await && address().await.contains("large=1"), "{}", address().await);
    // A form carries it as well: the page that it leads to, without a cookie.
    browser.go(&format!("{}{}?large=0", app.url, app.door())).await;
    browser.sees("天宫院中里 3号楼2单元").await;
    browser.click("input[name=category][value='02']").await;
    browser.type_in("textarea[name=text]", "电梯门夹人").await;
    browser.click("[data-size]").await;
    browser.client.delete_all_cookies().await.unwrap();
    browser.client.execute("location.hash = 'step-send'", Vec::new()).await.unwrap();
    browser.click("form[data-key] [data-send]").await;
    for _ in 0..50 {
        if address().await.contains("/t/") {
            break;
        }
        actix_web::rt::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert!(address().await.contains("/t/") && large().await, "{}", address().await);
    browser.close().await;
}

impl Browser {
    /// The screen shows how things stand, with what went wrong above it.
    async fn stands(&self, what: &str, words: &[&str]) {
        for each in words {
            self.sees(each).await;
        }
        let (_, shown) = self.questions().await;
        assert!(shown.contains("on-main"), "{what} shows {shown:?}");
        self.holds(LARGE, what).await;
        self.shot(&format!("large-late-{what}")).await;
    }
}

#[actix_web::test]
async fn in_large_print_what_came_too_late_shows_how_things_stand() {
    let app = TestApp::start().await;
    let Some(browser) = Browser::open(390, 844, Scripts::On).await else { return };
    let open = async |page: &str, step: &str| {
        browser.go(&format!("{}/t", app.url)).await;
        browser.go(&format!("{}{page}?large=1&lang=zh-CN#step-{step}", app.url)).await;
    };
    // Taken back when it was accepted a moment ago.
    let page = after::report(&app, &app.stranger(), &[]).await;
    open(&page, "withdrawal").await;
    let (new, worker) = (ticket(&app, &page).await, staff(&app, Role::CommunityWorker));
    app.write(move |tx| steps::accept(tx, &worker, Seen { id: new.id, version: new.version })).await;
    browser.click("#withdrawal > summary").await;
    browser.click("#confirm").await;
    browser.click("form[action*='/withdrawal'] button").await;
    browser.stands("withdrawn", &["这一步还没有完成", "社区已经受理"]).await;
    open(&page, "withdrawal").await;
    browser.stands("favourite", &["社区已经受理"]).await;
    // Answered twice, from two windows.
    let page = after::report(&app, &app.stranger(), &[("text", "三层楼道灯不亮")]).await;
    after::solve(&app, &page, "0101").await;
    open(&page, "contacted").await;
    let answer = [("contacted", "yes"), ("solved", "yes"), ("satisfied", "satisfied")];
    for (name, value) in answer {
        browser.click(&format!("input[name={name}][value={value}]")).await;
        let next = if name == "satisfied" {
            "comment"
        } else {
            ["solved", "satisfied"][usize::from(name == "solved")]
        };
        browser.turn(name, next).await;
    }
    browser.type_in("#comment", "师傅很和气").await;
    assert_eq!(app.stranger().post(&format!("{page}/answer"), &answer).await.status, 303);
    browser.click(".on-comment > button[type=submit]").await;
    browser.stands("answered", &["这一步还没有完成", "您写的", "师傅很和气", "已经办结"]).await;
    // Where a tap at the door leads whoever reported it and has answered.
    open(&page, "contacted").await;
    browser.stands("asked-again", &["已经办结"]).await;
    browser.close().await;
}

#[actix_web::test]
async fn what_a_neighbour_adds_to_a_matter_that_was_closed_meanwhile_is_shown_to_them() {
    let app = TestApp::start().await;
    let matter = planted(&app, 0, "01", "灯不亮").await;
    let phone = app.stranger();
    phone.get(&app.door()).await;
    let joined = phone.post(&format!("{}/joins", app.door()), &[("matter", &matter.id.to_string())]).await;
    let page = joined.location.split('?').next().unwrap().to_owned();
    let Some(browser) = Browser::open(390, 844, Scripts::On).await else { return };
    browser.go(&format!("{}{page}?large=1&lang=zh-CN#step-phone", app.url)).await;
    let Some(usual) = Browser::open(390, 844, Scripts::Off).await else { return };
    usual.go(&format!("{}{page}?large=0&lang=zh-CN", app.url)).await;
    browser.type_in("#phone", &format!("10012345678{ENTER}")).await;
    for each in [&browser, &usual] {
        each.type_in("#text", "我家门口也不亮").await;
    }
    closed(&app, &matter).await;
    for each in [&browser, &usual] {
        each.click(".on-text > button[type=submit]").await;
        each.sees("您写的").await;
        each.sees("我家门口也不亮").await;
    }
    browser.stands("neighbour", &["10012345678", "这一步还没有完成"]).await;
    let links = usual.client.find_all(Locator::Css(".problems a[href='#main']")).await.unwrap();
    assert_eq!(links.len(), 1, "no link leads to a field that is gone");
    usual.close().await;
    browser.close().await;
}
