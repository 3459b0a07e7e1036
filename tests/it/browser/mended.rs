//! What a phone brings back to be mended or gone on with: a form that was refused, a draft, a report that waited for a signal.

use std::time::Duration;

use fantoccini::Locator;
use serde_json::json;

use super::phone::{SUBMIT, photos, signal, written};
use super::{Browser, Scripts, tickets};
use crate::after;
use crate::harness::TestApp;

impl Browser {
    async fn count(&self, css: &str) -> usize {
        self.client.find_all(Locator::Css(css)).await.unwrap().len()
    }

    async fn value(&self, css: &str) -> String {
        let field = self.client.find(Locator::Css(css)).await.unwrap_or_else(|err| panic!("{css}: {err}"));
        field.prop("value").await.unwrap().unwrap_or_default()
    }

    /// Types something else into a field.
    async fn mend(&self, css: &str, words: &str) {
        self.client.find(Locator::Css(css)).await.unwrap().clear().await.unwrap();
        self.type_in(css, words).await;
    }

    /// How many files lie on the phone.
    async fn files(&self) -> u64 {
        let script = "const done = arguments[0], asked = indexedDB.open('louma', 1);
            asked.onsuccess = () => {
                const count = asked.result.transaction('files').objectStore('files').count();
                count.onsuccess = () => done(count.result);
            }";
        self.client.execute_async(script, Vec::new()).await.unwrap().as_u64().unwrap()
    }
}

#[actix_web::test]
async fn a_form_that_came_back_to_be_mended_has_each_photo_once_and_no_word_of_a_draft() {
    let app = TestApp::start().await;
    let Some(phone) = Browser::open(390, 844, Scripts::On).await else { return };
    written(&phone, &app, "二层楼道灯不亮").await;
    phone.type_in("#photo-1", &phone.photo()).await;
    phone.sees("已传好").await;
    phone.type_in("input[name=phone]", "123").await;
    phone.click(SUBMIT).await;
    phone.sees("还没有提交").await;
    phone.sees("开始说话").await;
    actix_web::rt::time::sleep(Duration::from_millis(500)).await;
    assert!(!phone.text().await.contains("上次没写完的"));
    assert_eq!((phone.count("input[name=kept]").await, phone.count("[data-held]").await), (1, 0));
    phone.shot("form-again").await;
    // The words have not arrived: who goes elsewhere meanwhile finds them again.
    let page = after::report(&app, &app.stranger(), &[]).await;
    phone.go(&format!("{}{page}", app.url)).await;
    phone.sees("查询码").await;
    phone.go(&format!("{}{}", app.url, app.door())).await;
    phone.sees("上次没写完的").await;
    assert_eq!(phone.value("textarea[name=text]").await, "二层楼道灯不亮");
    phone.type_in("input[name=phone]", "10012345678").await;
    phone.click(SUBMIT).await;
    phone.sees("已收到").await;
    assert_eq!((tickets(&app).await, photos(&app).await), (2, 2));
    phone.close().await;
}

#[actix_web::test]
async fn a_voice_that_came_back_with_its_form_is_heard_dropped_and_recorded_again() {
    let app = TestApp::start().await;
    let Some(phone) = Browser::open(390, 844, Scripts::On).await else { return };
    let spoken = async || {
        phone.click("[data-voice] button").await;
        phone.sees("说完了").await;
        actix_web::rt::time::sleep(Duration::from_millis(1200)).await;
        phone.click("[data-voice] button").await;
        phone.sees("语音已传好").await;
    };
    phone.go(&format!("{}{}", app.url, app.door())).await;
    phone.sees("开始说话").await;
    phone.click("input[name=category][value='01']").await;
    spoken().await;
    // Begun on an earlier visit it is the same recording, and lies on the phone once.
    phone.go(&format!("{}/t", app.url)).await;
    phone.go(&format!("{}{}", app.url, app.door())).await;
    phone.sees("上次没写完的").await;
    phone.sees("语音已传好").await;
    assert_eq!(phone.files().await, 1);
    phone.type_in("input[name=phone]", "123").await;
    phone.click(SUBMIT).await;
    phone.sees("还没有提交").await;
    phone.sees("已收到您的语音").await;
    phone.sees("开始说话").await;
    assert_eq!(phone.value("textarea[name=text]").await, "", "nobody typed anything");
    let heard = "const done = arguments[0];
        fetch(document.querySelector('.voice:not([data-voice]) audio').src).then(answer => done(answer.status))";
    assert_eq!(phone.client.execute_async(heard, Vec::new()).await.unwrap(), json!(200));
    phone.shot("voice-again").await;
    phone.fits().await;
    spoken().await;
    let dropped = phone.client.find(Locator::Css("input[name=voice_removed]")).await.unwrap();
    assert!(dropped.is_selected().await.unwrap(), "the new one takes its place");
    phone.mend("input[name=phone]", "10012345678").await;
    phone.click(SUBMIT).await;
    phone.sees("（语音留言，见附件）").await;
    assert_eq!(phone.count("main audio").await, 1);
    phone.close().await;
}

#[actix_web::test]
async fn a_draft_that_is_put_back_says_what_its_tile_says_and_who_one_is() {
    let app = TestApp::start().await;
    let Some(phone) = Browser::open(390, 844, Scripts::On).await else { return };
    let spot = format!("{}/q/{}", app.url, app.home().units[1].1.code);
    phone.go(&spot).await;
    phone.sees("开始说话").await;
    phone.click("input[name=category][value='05']").await;
    phone.click("input[name=relation][value=shop]").await;
    phone.type_in("textarea[name=text]", "有煤气味").await;
    phone.go(&format!("{}/t", app.url)).await;
    phone.sees("查询码").await;
    phone.go(&spot).await;
    phone.sees("上次没写完的").await;
    phone.sees("有人受伤、着火、漏气，先打电话").await;
    assert_eq!(phone.count(".urgent.on").await, 1);
    assert_eq!(phone.count("input[name=relation][value=shop]:checked").await, 1);
    phone.close().await;
}

#[actix_web::test]
async fn what_was_refused_after_it_waited_goes_back_into_its_form_with_its_photo() {
    let app = TestApp::start().await;
    let Some(phone) = Browser::open(390, 844, Scripts::On).await else { return };
    written(&phone, &app, "车棚的灯不亮").await;
    signal(&phone, false).await;
    phone.type_in("input[name=phone]", "123").await;
    phone.type_in("#photo-1", &phone.photo()).await;
    phone.click(SUBMIT).await;
    phone.sees("还没有发出去").await;
    signal(&phone, true).await;
    phone.sees("打开改一改").await;
    phone.click("section.waiting button").await;
    phone.sees("上次没写完的").await;
    phone.sees("已传好").await;
    assert_eq!(phone.value("textarea[name=text]").await, "车棚的灯不亮");
    phone.click(SUBMIT).await;
    phone.sees("已收到").await;
    assert_eq!((tickets(&app).await, photos(&app).await), (1, 1));
    phone.close().await;
}

#[actix_web::test]
async fn what_waited_for_a_code_that_was_stopped_keeps_its_words_and_offers_no_form() {
    let app = TestApp::start().await;
    let Some(phone) = Browser::open(390, 844, Scripts::On).await else { return };
    let words = "车棚的灯不亮，已经三天了，晚上推车进去什么也看不见，老人孩子都不敢从那里走，请尽快来看看";
    written(&phone, &app, words).await;
    signal(&phone, false).await;
    phone.click(SUBMIT).await;
    phone.sees("还没有发出去").await;
    let (community, code) = (app.home().community.id, app.home().units[0].1.code.clone());
    app.write(move |tx| louma::codes::registry::stop(tx, community, &code)).await;
    signal(&phone, true).await;
    phone.sees("这个码现在不能用了").await;
    phone.sees(words).await;
    assert!(!phone.text().await.contains("打开改一改"), "there is no form to mend it in");
    phone.close().await;
}
