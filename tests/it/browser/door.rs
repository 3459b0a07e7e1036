//! The door while somebody fills its form in: calls in danger, what may be the same, and joining it instead of reporting.

use super::{Browser, ENTER, Scripts};
use crate::harness::TestApp;
use crate::stage;
use fantoccini::Locator;

const JOIN: &str = ".alike button[name=join]";

async fn shown(browser: &Browser, css: &str) -> bool {
    let script = "const all = [...document.querySelectorAll(arguments[0])];
        return all.some(each => each.checkVisibility())";
    let seen = browser.client.execute(script, vec![css.into()]).await.unwrap();
    seen.as_bool().unwrap()
}

#[actix_web::test]
async fn a_dangerous_tile_shows_at_once_whom_to_call_and_another_hides_it_again() {
    let app = TestApp::start().await;
    let Some(browser) = Browser::open(390, 844, Scripts::On).await else { return };
    browser.go(&format!("{}{}", app.url, app.door())).await;
    assert!(!shown(&browser, ".urgent").await);
    browser.click("input[name=category][value='05']").await;
    browser.sees("有人受伤、着火、漏气，先打电话").await;
    assert!(shown(&browser, ".urgent a[href='tel:119']").await);
    assert!(shown(&browser, "[data-tile='05']").await && !shown(&browser, "[data-tile='02']").await);
    browser.shot("door-danger").await;
    browser.click("input[name=category][value='08']").await;
    for _ in 0..20 {
        if !shown(&browser, ".urgent").await {
            break;
        }
        actix_web::rt::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert!(!shown(&browser, ".urgent").await, "there is no danger in it");
    browser.close().await;
}

#[actix_web::test]
async fn what_may_be_the_same_is_offered_while_typing_and_joining_it_leaves_no_draft() {
    let app = TestApp::start().await;
    stage::board(&app).await;
    let Some(browser) = Browser::open(390, 844, Scripts::On).await else { return };
    let door = format!("{}{}", app.url, app.door());
    browser.go(&door).await;
    browser.type_in("textarea[name=text]", "三层的灯坏了").await;
    assert!(!shown(&browser, JOIN).await, "nothing is the same before a tile is chosen");
    browser.click("input[name=category][value='01']").await;
    browser.client.wait().for_element(Locator::Css(JOIN)).await.unwrap();
    browser.sees("像是同一件事？").await;
    browser.shot("door-alike").await;
    browser.click(JOIN).await;
    browser.sees("已经加上您了").await;
    assert_eq!(super::tickets(&app).await, 4, "nobody reported it again");
    // The same door later: what was typed has arrived, and is not offered once more.
    browser.go(&door).await;
    browser.sees("天宫院中里 3号楼2单元").await;
    let text = browser.client.find(Locator::Css("textarea[name=text]")).await.unwrap();
    assert_eq!(text.prop("value").await.unwrap().unwrap_or_default(), "");
    let kept = "return Object.keys(localStorage).concat(Object.keys(sessionStorage)).join()";
    let kept = browser.client.execute(kept, Vec::new()).await.unwrap();
    assert!(!kept.as_str().unwrap().contains("draft:"), "{kept}");
    browser.close().await;
}

#[actix_web::test]
async fn in_large_print_what_may_be_the_same_is_a_screen_of_its_own() {
    let app = TestApp::start().await;
    stage::board(&app).await;
    let Some(browser) = Browser::open(390, 844, Scripts::On).await else { return };
    browser.go(&format!("{}{}?large=1", app.url, app.door())).await;
    browser.click("input[name=category][value='01']").await;
    browser.client.wait().for_element(Locator::Css(JOIN)).await.unwrap();
    assert!(!shown(&browser, JOIN).await, "not beside the tiles");
    browser.click(".on-category a[href='#step-text']").await;
    browser.type_in("textarea[name=text]", "三层的灯坏了").await;
    assert!(!shown(&browser, JOIN).await, "nor beside the words");
    browser.click(".on-text a[href='#step-same']").await;
    browser.sees("像是同一件事？").await;
    assert!(shown(&browser, JOIN).await && !shown(&browser, "textarea[name=text]").await);
    browser.holds(super::large::LARGE, "what may be the same").await;
    browser.shot("large-same").await;
    browser.click(".on-same a[href='#step-photo']").await;
    browser.sees("第 3 步，共 7 步").await;
    browser.close().await;
}

#[actix_web::test]
async fn the_key_of_the_phone_field_sends_the_report_and_joins_no_matter_of_a_neighbour() {
    let app = TestApp::start().await;
    stage::board(&app).await;
    let Some(browser) = Browser::open(390, 844, Scripts::On).await else { return };
    browser.go(&format!("{}{}", app.url, app.door())).await;
    browser.click("input[name=category][value='01']").await;
    browser.type_in("textarea[name=text]", "三层的灯坏了").await;
    browser.client.wait().for_element(Locator::Css(JOIN)).await.unwrap();
    browser.type_in("input[name=phone]", &format!("10012345678{ENTER}")).await;
    browser.sees("已收到").await;
    let page = browser.client.current_url().await.unwrap().to_string();
    assert!(page.contains("/t/"), "{page}");
    assert_eq!(super::tickets(&app).await, 5);
    browser.close().await;
}
