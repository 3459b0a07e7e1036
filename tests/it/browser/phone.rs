//! What a phone with a bad signal does: photos ahead and in pieces, drafts that come back, reports that wait, a voice.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::time::Duration;

use fantoccini::Locator;
use louma::people::Role;
use serde_json::json;

use super::{Browser, Cdp, Scripts, sign_in, tickets};
use crate::harness::TestApp;

/// A photo that hardly shrinks: noise.
fn heavy(browser: &Browser) -> String {
    let mut state = 1_u32;
    let noise = image::RgbImage::from_fn(1500, 1100, |_, _| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        image::Rgb([state as u8, (state >> 8) as u8, (state >> 16) as u8])
    });
    let path = browser.profile.path().join("heavy.jpg");
    noise.save(&path).unwrap();
    path.to_string_lossy().into_owned()
}

pub(super) async fn signal(browser: &Browser, there: bool) {
    let none = json!({ "offline": !there, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1 });
    browser.client.issue_cmd(Cdp("Network.enable", json!({}))).await.unwrap();
    browser.client.issue_cmd(Cdp("Network.emulateNetworkConditions", none)).await.unwrap();
}

pub(super) async fn photos(app: &TestApp) -> i64 {
    use diesel::prelude::*;
    app.read(|tx| Ok(louma::schema::ticket_photos::table.count().get_result(tx.conn)?)).await
}

pub(super) async fn written(browser: &Browser, app: &TestApp, words: &str) {
    browser.go(&format!("{}{}", app.url, app.door())).await;
    browser.sees("天宫院中里 3号楼2单元").await;
    // The second script is there when the way to speak is.
    browser.sees("开始说话").await;
    browser.click("input[name=category][value='01']").await;
    browser.type_in("textarea[name=text]", words).await;
}

pub(super) const SUBMIT: &str = "form[data-key] section:last-of-type button[type=submit]";

#[actix_web::test]
async fn a_photo_goes_ahead_of_its_report_and_is_made_smaller_on_the_phone() {
    let app = TestApp::start().await;
    let Some(phone) = Browser::open(390, 844, Scripts::On).await else { return };
    written(&phone, &app, "二层楼道灯不亮").await;
    phone.type_in("#photo-1", &heavy(&phone)).await;
    phone.sees("已传好").await;
    phone.fits().await;
    phone.shot("photo-ahead").await;
    // Another one, and not that one after all.
    phone.type_in("#photo-2", &phone.photo()).await;
    let both = Locator::Css("[data-slot]:nth-child(2) input[name=kept]");
    phone.client.wait().for_element(both).await.unwrap();
    phone.click("[data-slot]:nth-child(2) button").await;
    assert_eq!(phone.client.find_all(Locator::Css("input[name=kept]")).await.unwrap().len(), 1);
    phone.click(SUBMIT).await;
    phone.sees("已收到").await;
    assert_eq!((tickets(&app).await, photos(&app).await), (1, 1));
    let raw = std::fs::read_dir(app.parts.config.uploads_dir()).unwrap().flatten().next().unwrap();
    assert!(
        std::fs::read_dir(raw.path())
            .unwrap()
            .flatten()
            .all(|file| file.path().extension().unwrap() == "done")
    );
    phone.close().await;
}

/// A way to the server that breaks as often as it is told, each time after so many bytes, and then holds.
struct Bridge {
    port: u16,
    cuts: Arc<AtomicU32>,
}

fn bridge(to: &str, after: i64, times: u32) -> Bridge {
    let (listener, to) =
        (TcpListener::bind("127.0.0.1:0").unwrap(), to.trim_start_matches("http://").to_owned());
    let port = listener.local_addr().unwrap().port();
    let (cuts, left) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicI64::new(after)));
    let made = cuts.clone();
    std::thread::spawn(move || {
        for near in listener.incoming().flatten() {
            let (far, cuts, left) = (TcpStream::connect(&to).unwrap(), cuts.clone(), left.clone());
            let (mut back, mut home) = (far.try_clone().unwrap(), near.try_clone().unwrap());
            std::thread::spawn(move || {
                let _ = std::io::copy(&mut back, &mut home);
                let _ = home.shutdown(Shutdown::Both);
            });
            std::thread::spawn(move || carry(near, far, (&cuts, times), (&left, after)));
        }
    });
    Bridge { port, cuts: made }
}

fn carry(
    mut near: TcpStream,
    mut far: TcpStream,
    (cuts, times): (&AtomicU32, u32),
    (left, after): (&AtomicI64, i64),
) {
    let mut piece = [0; 4096];
    while let Ok(read) = near.read(&mut piece) {
        if read == 0 || far.write_all(&piece[..read]).is_err() {
            break;
        }
        if left.fetch_sub(read as i64, Ordering::SeqCst) <= read as i64 && cuts.load(Ordering::SeqCst) < times
        {
            cuts.fetch_add(1, Ordering::SeqCst);
            left.store(after, Ordering::SeqCst);
            break;
        }
    }
    let _ = near.shutdown(Shutdown::Both);
    let _ = far.shutdown(Shutdown::Both);
}

#[actix_web::test]
async fn a_connection_that_breaks_three_times_carries_the_photo_all_the_same() {
    let app = TestApp::start().await;
    let Some(phone) = Browser::open(390, 844, Scripts::On).await else { return };
    let bridge = bridge(&app.url, 150_000, 3);
    phone.go(&format!("http://127.0.0.1:{}{}", bridge.port, app.door())).await;
    phone.sees("开始说话").await;
    phone.click("input[name=category][value='01']").await;
    phone.type_in("textarea[name=text]", "二层楼道灯不亮").await;
    phone.type_in("#photo-1", &heavy(&phone)).await;
    for _ in 0..6 {
        if phone.text().await.contains("已传好") {
            break;
        }
        actix_web::rt::time::sleep(Duration::from_secs(3)).await;
    }
    phone.sees("已传好").await;
    assert_eq!(bridge.cuts.load(Ordering::SeqCst), 3, "the way did break");
    phone.click(SUBMIT).await;
    phone.sees("已收到").await;
    assert_eq!((tickets(&app).await, photos(&app).await), (1, 1));
    phone.close().await;
}

#[actix_web::test]
async fn without_a_signal_a_report_waits_and_goes_out_once_with_its_photo() {
    let app = TestApp::start().await;
    let Some(phone) = Browser::open(390, 844, Scripts::On).await else { return };
    written(&phone, &app, "地下室的灯不亮").await;
    phone.type_in("input[name=phone]", "10012345678").await;
    signal(&phone, false).await;
    phone.type_in("#photo-1", &phone.photo()).await;
    phone.click(SUBMIT).await;
    phone.sees("还没有发出去，等有信号会自动发").await;
    phone.sees("照片 1 张").await;
    phone.fits().await;
    phone.shot("waiting").await;
    assert_eq!(tickets(&app).await, 0);
    let kept = "return JSON.stringify(localStorage) + JSON.stringify(sessionStorage)";
    let kept = phone.client.execute(kept, Vec::new()).await.unwrap();
    assert!(
        kept.as_str().unwrap().contains("地下室的灯不亮") && !kept.as_str().unwrap().contains("10012345678")
    );
    signal(&phone, true).await;
    phone.sees("已收到").await;
    assert_eq!((tickets(&app).await, photos(&app).await), (1, 1));
    // The page lay open all the time: the number went with it.
    phone.sees("电话").await;
    let masked = app.as_(Role::CommunityLead).get("/api/v1/tickets?queue=new").await.body;
    assert!(masked.contains("地下室的灯不亮"), "{masked}");
    phone.go(&format!("{}/t", app.url)).await;
    phone.sees("查询码").await;
    assert!(!phone.text().await.contains("还没有发出去"));
    phone.close().await;
}

#[actix_web::test]
async fn two_windows_that_find_a_signal_at_once_send_what_waits_once() {
    let app = TestApp::start().await;
    let Some(phone) = Browser::open(390, 844, Scripts::On).await else { return };
    written(&phone, &app, "电梯里没有灯").await;
    signal(&phone, false).await;
    phone.click(SUBMIT).await;
    phone.sees("还没有发出去").await;
    let first = phone.client.window().await.unwrap();
    signal(&phone, true).await;
    let second = phone.client.new_window(true).await.unwrap().handle;
    phone.client.switch_to_window(second).await.unwrap();
    phone.go(&format!("{}/t", app.url)).await;
    for _ in 0..100 {
        if tickets(&app).await > 0 {
            break;
        }
        actix_web::rt::time::sleep(Duration::from_millis(100)).await;
    }
    actix_web::rt::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(tickets(&app).await, 1);
    phone.client.switch_to_window(first).await.unwrap();
    phone.go(&format!("{}/t", app.url)).await;
    phone.sees("查询码").await;
    assert!(!phone.text().await.contains("还没有发出去"));
    phone.close().await;
}

#[actix_web::test]
async fn what_waits_goes_out_from_the_next_page_that_is_opened_after_the_window_was_closed() {
    let app = TestApp::start().await;
    let Some(phone) = Browser::open(390, 844, Scripts::On).await else { return };
    written(&phone, &app, "车棚的灯不亮").await;
    phone.type_in("input[name=phone]", "10012345678").await;
    signal(&phone, false).await;
    phone.type_in("#photo-1", &phone.photo()).await;
    phone.click(SUBMIT).await;
    phone.sees("还没有发出去").await;
    let left = phone.leave().await;
    assert_eq!(tickets(&app).await, 0);
    let Some(phone) = Browser::open_again(left, (390, 844), Scripts::On).await else { return };
    phone.go(&format!("{}/t", app.url)).await;
    phone.sees("已经发出去了").await;
    phone.sees("没有带电话号码").await;
    phone.fits().await;
    phone.shot("sent-later").await;
    assert_eq!((tickets(&app).await, photos(&app).await), (1, 1));
    phone.click("section.receipt a").await;
    phone.sees("车棚的灯不亮").await;
    phone.close().await;
}

#[actix_web::test]
async fn what_was_begun_is_offered_again_after_the_window_was_closed() {
    let app = TestApp::start().await;
    let Some(phone) = Browser::open(390, 844, Scripts::On).await else { return };
    written(&phone, &app, "写到一半的事").await;
    phone.type_in("input[name=phone]", "10012345678").await;
    phone.type_in("#photo-1", &phone.photo()).await;
    phone.sees("已传好").await;
    let left = phone.leave().await;
    let Some(phone) = Browser::open_again(left, (390, 844), Scripts::On).await else { return };
    phone.go(&format!("{}{}", app.url, app.door())).await;
    phone.sees("上次没写完的").await;
    phone.sees("已传好").await;
    phone.fits().await;
    phone.shot("draft-back").await;
    let field = async |css: &str| {
        let element = phone.client.find(Locator::Css(css)).await.unwrap();
        element.prop("value").await.unwrap().unwrap_or_default()
    };
    assert_eq!(field("textarea[name=text]").await, "写到一半的事");
    assert_eq!(field("input[name=phone]").await, "", "the number is never kept");
    assert!(phone.client.find(Locator::Css("input[name=category][value='01']:checked")).await.is_ok());
    phone.click(SUBMIT).await;
    phone.sees("已收到").await;
    assert_eq!((tickets(&app).await, photos(&app).await), (1, 1));
    phone.go(&format!("{}{}", app.url, app.door())).await;
    phone.sees("开始说话").await;
    assert!(!phone.text().await.contains("上次没写完的"));
    phone.close().await;
}

#[actix_web::test]
async fn a_voice_alone_is_a_report() {
    let app = TestApp::start().await;
    let Some(phone) = Browser::open(390, 844, Scripts::On).await else { return };
    phone.go(&format!("{}{}", app.url, app.door())).await;
    phone.sees("开始说话").await;
    phone.click("input[name=category][value='01']").await;
    phone.click("[data-voice] button").await;
    phone.sees("说完了").await;
    actix_web::rt::time::sleep(Duration::from_millis(1500)).await;
    phone.shot("voice-recording").await;
    phone.click("[data-voice] button").await;
    phone.sees("语音已传好").await;
    phone.fits().await;
    phone.shot("voice").await;
    phone.click(SUBMIT).await;
    phone.sees("（语音留言，见附件）").await;
    let src = phone.client.find(Locator::Css("audio")).await.unwrap().prop("src").await.unwrap().unwrap();
    let script = "const [src, done] = arguments; const sound = new Audio(src); sound.oncanplay = () => done('plays'); \
        sound.onerror = () => done('error ' + (sound.error && sound.error.message))";
    let played = phone.client.execute_async(script, vec![json!(src)]).await.unwrap();
    assert_eq!(played, json!("plays"));
    phone.close().await;
}

#[actix_web::test]
async fn a_photo_that_is_none_is_told_and_the_words_go_all_the_same() {
    let app = TestApp::start().await;
    let Some(phone) = Browser::open(320, 568, Scripts::On).await else { return };
    written(&phone, &app, "门坏了").await;
    let path = phone.profile.path().join("bad.heic");
    std::fs::write(&path, b"\0\0\0\x18ftypheic\0\0\0\0mif1heic").unwrap();
    phone.type_in("#photo-1", &path.to_string_lossy()).await;
    phone.sees("HEIC").await;
    phone.fits().await;
    phone.shot("photo-refused").await;
    phone.click(SUBMIT).await;
    phone.sees("有照片没有收到").await;
    phone.sees("第 1 张照片没有传上").await;
    phone.fits().await;
    assert_eq!((tickets(&app).await, photos(&app).await), (1, 0));
    phone.close().await;
}

/// A worker takes down a visit that was an hour ago, and prints the slip, on a screen of this size.
async fn taken_down(width: u32, height: u32) {
    let app = TestApp::start().await;
    let Some(desk) = Browser::open(width, height, Scripts::On).await else { return };
    sign_in(&desk, &app, Role::CommunityWorker).await;
    desk.go(&format!("{}/console/take-down", app.url)).await;
    desk.fits().await;
    desk.shot(&format!("take-down-{width}")).await;
    desk.choose("#channel", "walk_in").await;
    let visited = louma::db::now().plus_minutes(-60 + 8 * 60).0.format("%Y-%m-%dT%H:%M").to_string();
    let script = "document.querySelector('#called_at').value = arguments[0]";
    desk.client.execute(script, vec![json!(visited)]).await.unwrap();
    desk.type_in("#place", "天宫院中里 3号楼2单元").await;
    desk.type_in("#text", "老人上门说：楼道扶手松了").await;
    desk.choose("#matter", "0101").await;
    desk.type_in("#phone", "10012345678").await;
    desk.click("form.take-down button.btn-lg").await;
    desk.sees("诉求回执单").await;
    desk.fits().await;
    for shown in ["查询码", "来访，", "楼道扶手松了", "请保管好查询码", "010-00000001"] {
        desk.sees(shown).await;
    }
    desk.shot(&format!("slip-{width}")).await;
    let made = app.as_(Role::CommunityLead).get("/api/v1/tickets?queue=new").await.json();
    let id = made["rows"][0]["id"].as_str().unwrap().to_owned();
    let sheet = app.as_(Role::CommunityLead).get(&format!("/api/v1/tickets/{id}")).await.json();
    assert_eq!((sheet["channel"].as_str(), sheet["taken_down"].as_bool()), (Some("walk_in"), Some(true)));
    let called = sheet["called_at"].as_str().unwrap().to_owned();
    let utc = louma::db::now().plus_minutes(-60).0.format("%Y-%m-%dT%H").to_string();
    assert!(
        called.starts_with(&utc) || called.as_str() < sheet["submitted_at"].as_str().unwrap(),
        "{called}"
    );
    desk.close().await;
}

#[actix_web::test]
async fn on_a_phone_a_worker_takes_down_a_visit_and_prints_the_slip() {
    taken_down(390, 844).await;
}

#[actix_web::test]
async fn at_a_desk_a_worker_takes_down_a_visit_and_prints_the_slip() {
    taken_down(1280, 900).await;
}
