//! The journey as people walk it, in a real Chromium: scan, report with a photo, triage, close, rate, counted.
//!
//! Needs `chromium` and `chromedriver` on the PATH; where they are missing the tests say loudly that they proved nothing,
//! and `LOUMA_TEST_REQUIRE_ALL=1` makes that a failure. With `LOUMA_TEST_SHOTS=DIR` they leave screenshots.

mod audit;
mod door;
mod figures;
mod large;
mod mended;
mod outside;
mod phone;
mod pressure;
mod whole_life;

use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use fantoccini::{Client, ClientBuilder, Locator};
use louma::people::Role;
use serde_json::json;
use url::ParseError;

use crate::harness::{PASSWORD, TestApp, jpeg};

struct Browser {
    client: Client,
    driver: Child,
    profile: Arc<tempfile::TempDir>,
}

/// The key that sends a form.
const ENTER: &str = "\u{E007}";

#[derive(Clone, Copy, PartialEq)]
enum Scripts {
    On,
    Off,
}

/// A command of Chromium's own protocol.
#[derive(Debug)]
struct Cdp(&'static str, serde_json::Value);

impl fantoccini::wd::WebDriverCompatibleCommand for Cdp {
    fn endpoint(&self, base: &reqwest::Url, session: Option<&str>) -> Result<reqwest::Url, ParseError> {
        base.join(&format!("session/{}/goog/cdp/execute", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &reqwest::Url) -> (reqwest::Method, Option<String>) {
        (reqwest::Method::POST, Some(json!({ "cmd": self.0, "params": self.1 }).to_string()))
    }
}

impl Browser {
    /// A window of this size; a phone where it is narrow. `None` when there is no browser on this machine.
    async fn open(width: u32, height: u32, scripts: Scripts) -> Option<Browser> {
        Browser::open_again(tempfile::tempdir().unwrap().into(), (width, height), scripts).await
    }

    /// The same with what an earlier window of this phone left behind.
    async fn open_again(
        profile: Arc<tempfile::TempDir>,
        (width, height): (u32, u32),
        scripts: Scripts,
    ) -> Option<Browser> {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let spawned = Command::new("chromedriver")
            .arg(format!("--port={port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn();
        let driver = match spawned {
            Ok(driver) => driver,
            Err(_) => {
                let required = std::env::var("LOUMA_TEST_REQUIRE_ALL").is_ok_and(|value| value == "1");
                assert!(!required, "chromedriver is missing and LOUMA_TEST_REQUIRE_ALL=1");
                eprintln!("SKIPPED: chromedriver is not installed; this test proved nothing");
                return None;
            }
        };
        let mut arguments: Vec<String> = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--lang=zh-CN",
            "--disable-dev-shm-usage",
            // A microphone that hums, and nobody who must allow it.
            "--use-fake-device-for-media-stream",
            "--use-fake-ui-for-media-stream",
        ]
        .map(str::to_owned)
        .to_vec();
        arguments.push(format!("--user-data-dir={}", profile.path().display()));
        arguments.push(format!("--window-size={width},{height}"));
        // Headless, the browser asks for the language of the machine, whatever `--lang` says.
        let mut options = json!({ "args": arguments, "prefs": { "intl.accept_languages": "zh-CN,zh" } });
        let limits = json!({ "script": 60_000, "pageLoad": 20_000, "implicit": 0 });
        if width < 600 {
            options["mobileEmulation"] =
                json!({ "deviceMetrics": { "width": width, "height": height, "pixelRatio": 2.0 } });
        }
        let capabilities =
            json!({ "browserName": "chrome", "goog:chromeOptions": options, "timeouts": limits });
        let serde_json::Value::Object(capabilities) = capabilities else { unreachable!() };
        let mut builder = ClientBuilder::new(hyper_util::client::legacy::connect::HttpConnector::new());
        builder.capabilities(capabilities);
        let mut waited = 0;
        let client = loop {
            // Every command of the driver gives up by itself, so that no test hangs.
            match builder.connect(&format!("http://127.0.0.1:{port}")).await {
                Ok(client) => break client,
                Err(err) => {
                    waited += 1;
                    assert!(waited < 60, "no browser session: {err}");
                    actix_web::rt::time::sleep(Duration::from_millis(500)).await;
                }
            }
        };
        if scripts == Scripts::Off {
            // No script file arrives, and the policy of the pages allows none inside them: the page is left without
            // any, while the driver, which works by scripts of its own, goes on.
            client.issue_cmd(Cdp("Network.enable", json!({}))).await.unwrap();
            client.issue_cmd(Cdp("Network.setBlockedURLs", json!({ "urls": ["*.js"] }))).await.unwrap();
        }
        Some(Browser { client, driver, profile })
    }

    /// A photo on this phone, which stays where it is.
    fn photo(&self) -> String {
        let path = self.profile.path().join("photo.jpg");
        std::fs::write(&path, jpeg(9)).unwrap();
        path.to_string_lossy().into_owned()
    }

    async fn go(&self, url: &str) {
        self.client.goto(url).await.unwrap();
    }

    /// What the page shows; nothing while it is between two pages.
    async fn text(&self) -> String {
        match self.client.find(Locator::Css("body")).await {
            Ok(body) => body.text().await.unwrap_or_default(),
            Err(_) => String::new(),
        }
    }

    async fn sees(&self, words: &str) {
        let mut shown = String::new();
        for _ in 0..40 {
            shown = self.text().await;
            if shown.contains(words) {
                return;
            }
            actix_web::rt::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("「{words}」 is not on the page:\n{shown}");
    }

    async fn type_in(&self, css: &str, words: &str) {
        self.client
            .find(Locator::Css(css))
            .await
            .unwrap_or_else(|err| panic!("{css}: {err}"))
            .send_keys(words)
            .await
            .unwrap();
    }

    /// Clicks what the selector names, in the middle of the window. A radio button that a label covers is clicked
    /// through its label.
    async fn click(&self, css: &str) {
        let element = self.client.find(Locator::Css(css)).await.unwrap_or_else(|err| panic!("{css}: {err}"));
        let script = "arguments[0].scrollIntoView({ block: 'center', behavior: 'instant' })";
        self.client.execute(script, vec![serde_json::to_value(&element).unwrap()]).await.unwrap();
        let Err(err) = element.click().await else { return };
        let label = self.client.find(Locator::Css(&format!("label:has({css})"))).await;
        label.unwrap_or_else(|_| panic!("{css}: {err}")).click().await.unwrap();
    }

    async fn choose(&self, css: &str, value: &str) {
        let element = self.client.find(Locator::Css(css)).await.unwrap_or_else(|err| panic!("{css}: {err}"));
        element.select_by_value(value).await.unwrap();
    }

    async fn shot(&self, name: &str) {
        if let Ok(dir) = std::env::var("LOUMA_TEST_SHOTS") {
            std::fs::write(format!("{dir}/{name}.png"), self.client.screenshot().await.unwrap()).unwrap();
        }
    }

    /// The whole page, however long.
    async fn tall(&self, name: &str) {
        let Ok(dir) = std::env::var("LOUMA_TEST_SHOTS") else { return };
        let how = json!({ "format": "png", "captureBeyondViewport": true });
        let shot = self.client.issue_cmd(Cdp("Page.captureScreenshot", how)).await.unwrap();
        let picture = base64::engine::general_purpose::STANDARD.decode(shot["data"].as_str().unwrap());
        std::fs::write(format!("{dir}/{name}.png"), picture.unwrap()).unwrap();
    }

    /// Whether anything is wider than the window.
    async fn fits(&self) {
        let script = "const page = document.documentElement; return [page.scrollWidth, page.clientWidth]";
        let sizes = self.client.execute(script, Vec::new()).await.unwrap();
        let (wide, window) = (&sizes[0], &sizes[1]);
        assert_eq!(
            wide,
            window,
            "the page is wider than the window at {}",
            self.client.current_url().await.unwrap()
        );
    }

    async fn close(self) {
        self.leave().await;
    }

    /// Closes the window; what it kept stays on the phone.
    async fn leave(self) -> Arc<tempfile::TempDir> {
        let _ = self.client.clone().close().await;
        self.profile.clone()
    }
}

/// A test that fails leaves no driver behind, nor what the driver started.
impl Drop for Browser {
    fn drop(&mut self) {
        let family = format!("-{}", self.driver.id());
        let _ = Command::new("kill").args(["-TERM", "--", &family]).status();
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// Opens the door, reports with a photo, and returns the address of the ticket's page.
async fn report(browser: &Browser, app: &TestApp, words: &str) -> String {
    browser.go(&format!("{}{}", app.url, app.door())).await;
    browser.sees("天宫院中里 3号楼2单元").await;
    browser.fits().await;
    browser.click("input[name=category][value='01']").await;
    browser.type_in("textarea[name=text]", words).await;
    browser.type_in("#photo-1", &browser.photo()).await;
    browser.type_in("input[name=phone]", "10012345678").await;
    browser.shot("form").await;
    browser.click("form[data-key] button[type=submit]").await;
    browser.sees("已收到").await;
    browser.fits().await;
    browser.shot("receipt").await;
    browser.client.current_url().await.unwrap().to_string()
}

async fn sign_in(browser: &Browser, app: &TestApp, role: Role) {
    browser.go(&format!("{}/console", app.url)).await;
    browser.type_in("#login", &format!("test-{}", role.word().replace('_', "-"))).await;
    browser.type_in("#password", PASSWORD).await;
    browser.click("form button[type=submit]").await;
    browser.sees("收件箱").await;
}

/// Accepts, sets the category, dispatches and closes the only ticket of the inbox.
async fn work(browser: &Browser, app: &TestApp) {
    sign_in(browser, app, Role::CommunityWorker).await;
    browser.shot("inbox").await;
    browser.click("a.inbox-number").await;
    browser.sees("为什么").await;
    browser.click("form[action$='/acceptance'] button[type=submit]").await;
    browser.sees("已受理").await;
    open(browser, "category").await;
    browser.choose("#category-category", "0101").await;
    // The first form of that address takes what was guessed; this is the one where one chooses.
    browser.click("details form[action$='/category'] button[type=submit]").await;
    browser.sees("楼道灯、公共照明不亮").await;
    open(browser, "dispatch").await;
    browser.click("form[action$='/dispatch'] button[type=submit]").await;
    browser.sees("处理中").await;
    browser.shot("ticket").await;
    open(browser, "closure").await;
    browser.choose("#closure-result", "solved").await;
    browser.choose("#closure-level", "community").await;
    browser.type_in("form[action$='/closure'] textarea", "换了新灯泡").await;
    browser.click("form[action$='/closure'] button[type=submit]").await;
    browser.sees("待回访").await;
    browser.shot("closed").await;
}

/// Opens the folded form of a step, where it is folded.
async fn open(browser: &Browser, noun: &str) {
    let folded = format!("details:not([open]):has(form[action$='/{noun}']) > summary");
    if browser.client.find(Locator::Css(&folded)).await.is_ok() {
        browser.click(&folded).await;
    }
}

async fn rate(browser: &Browser, page: &str) {
    browser.go(page.split('?').next().unwrap()).await;
    browser.sees("换了新灯泡").await;
    for (name, value) in [("contacted", "yes"), ("solved", "yes"), ("satisfied", "satisfied")] {
        browser.click(&format!("input[name={name}][value={value}]")).await;
    }
    browser.click("form[action$='/answer'] button[type=submit]").await;
    browser.sees("您的评价已经记下").await;
    browser.fits().await;
    browser.shot("rated").await;
}

/// The one report of the journey is counted, closed and solved: in the tile, in the table of all figures, and as JSON.
async fn counted(browser: &Browser, app: &TestApp) {
    browser.go(&format!("{}/console/stats", app.url)).await;
    browser.sees("全部指标").await;
    browser.shot("stats").await;
    let text = async |path: String| {
        let found =
            browser.client.find(Locator::XPath(&path)).await.unwrap_or_else(|err| panic!("{path}: {err}"));
        found.text().await.unwrap().trim().to_owned()
    };
    for (label, figure) in [("受理量", "1"), ("解决率", "100.0"), ("满意率", "100.0")] {
        let tile = format!("//div[contains(@class, 'card-body')][div[normalize-space() = '{label}']]");
        let shown = text(format!("{tile}/div[contains(@class, 'h1')]")).await;
        assert!(shown.split_whitespace().next() == Some(figure), "{label} is {shown}");
    }
    let row =
        |label: &str, cell: usize| format!("//tr[th[starts-with(normalize-space(), '{label}')]]/td[{cell}]");
    assert_eq!(text(row("受理量", 1)).await, "1");
    assert_eq!(text(row("办结量", 1)).await, "1");
    assert_eq!(text(row("解决率", 2)).await, "1 / 1");

    let month = louma::db::now().day().format("%Y-%m").to_string();
    let answer = app.as_(Role::CommunityWorker).get(&format!("/api/v1/stats?month={month}")).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let report = answer.json();
    let figure = |metric: &str| {
        let mut lines = report["totals"].as_array().unwrap().iter();
        lines.find(|line| line["metric"] == metric).unwrap()["current"].clone()
    };
    assert_eq!(figure("cases")["value"].as_f64(), Some(1.0), "{}", figure("cases"));
    let solved = figure("solved_rate");
    let parts = (solved["numerator"].as_f64(), solved["denominator"].as_f64());
    assert_eq!(parts, (Some(1.0), Some(1.0)), "{solved}");
}

#[actix_web::test]
async fn on_a_phone_a_report_goes_from_the_door_to_the_figures() {
    let app = TestApp::start().await;
    let Some(phone) = Browser::open(390, 844, Scripts::On).await else { return };
    let page = report(&phone, &app, "二层楼道灯不亮，晚上看不清台阶").await;
    work(&phone, &app).await;
    rate(&phone, &page).await;
    counted(&phone, &app).await;
    phone.close().await;
}

#[actix_web::test]
async fn at_a_desk_a_report_goes_from_the_door_to_the_figures() {
    let app = TestApp::start().await;
    let Some(desk) = Browser::open(1280, 900, Scripts::On).await else { return };
    let page = report(&desk, &app, "单元门锁坏了").await;
    work(&desk, &app).await;
    rate(&desk, &page).await;
    counted(&desk, &app).await;
    desk.close().await;
}

#[actix_web::test]
async fn without_a_script_a_resident_reports_follows_and_rates() {
    let app = TestApp::start().await;
    let Some(old) = Browser::open(320, 568, Scripts::Off).await else { return };
    let page = report(&old, &app, "垃圾桶满了").await;
    let Some(desk) = Browser::open(1280, 900, Scripts::On).await else { return };
    work(&desk, &app).await;
    desk.close().await;
    rate(&old, &page).await;
    old.close().await;
}

/// Fills in what the browser did not keep, and submits.
async fn send_again(browser: &Browser, words: &str) -> String {
    browser.sees("天宫院中里 3号楼2单元").await;
    let chosen = "input[name=category][value='01']";
    if !browser.client.find(Locator::Css(chosen)).await.unwrap().is_selected().await.unwrap() {
        browser.click(chosen).await;
    }
    let text = browser.client.find(Locator::Css("textarea[name=text]")).await.unwrap();
    if text.prop("value").await.unwrap().as_deref() != Some(words) {
        text.clear().await.unwrap();
        browser.type_in("textarea[name=text]", words).await;
    }
    let photo = browser.client.find(Locator::Css("#photo-1")).await.unwrap();
    if photo.prop("value").await.unwrap().is_none_or(|kept| kept.is_empty()) {
        browser.type_in("#photo-1", &browser.photo()).await;
    }
    let phone = browser.client.find(Locator::Css("input[name=phone]")).await.unwrap();
    if phone.prop("value").await.unwrap().is_none_or(|kept| kept.is_empty()) {
        browser.type_in("input[name=phone]", "10012345678").await;
    }
    browser.click("form[data-key] button[type=submit]").await;
    browser.sees("已收到").await;
    browser.client.current_url().await.unwrap().to_string()
}

async fn tickets(app: &TestApp) -> i64 {
    use diesel::prelude::*;
    app.read(|tx| Ok(louma::schema::tickets::table.count().get_result(tx.conn)?)).await
}

#[actix_web::test]
async fn going_back_and_submitting_again_is_still_one_report() {
    let app = TestApp::start().await;
    let Some(phone) = Browser::open(390, 844, Scripts::On).await else { return };
    let first = report(&phone, &app, "二层楼道灯不亮").await;
    phone.client.back().await.unwrap();
    let second = send_again(&phone, "二层楼道灯不亮").await;
    assert_eq!((second, tickets(&app).await), (first.clone(), 1));
    phone.client.back().await.unwrap();
    let other = send_again(&phone, "三层的灯也不亮").await;
    assert_ne!(other, first, "other words are another report");
    assert_eq!(tickets(&app).await, 2);
    phone.close().await;
}

#[actix_web::test]
async fn a_lead_has_limits_counted_in_working_days_and_reads_which_days_are_off() {
    let app = TestApp::start().await;
    for (width, name) in [(390, "phone"), (1280, "desk")] {
        let Some(browser) = Browser::open(width, 900, Scripts::On).await else { return };
        sign_in(&browser, &app, Role::CommunityLead).await;
        browser.go(&format!("{}/console/settings", app.url)).await;
        browser.choose("#clocks-mode", "working").await;
        browser.click("form[action$='/settings/clocks'] button[type=submit]").await;
        browser.sees("按工作日算").await;
        browser.fits().await;
        browser.go(&format!("{}/console/settings#clocks", app.url)).await;
        browser.shot(&format!("clocks-{name}")).await;
        browser.go(&format!("{}/console/settings/calendar", app.url)).await;
        browser.sees("2月15日至2月23日放假，2月14日、2月28日上班").await;
        browser.fits().await;
        browser.shot(&format!("calendar-{name}")).await;
        browser.close().await;
    }
}

/// A call taken down by a worker.
async fn call(app: &TestApp, phone: &str, (place, matter, text): (&str, &str, &str)) -> serde_json::Value {
    let key = uuid::Uuid::new_v4().simple().to_string();
    let call = json!({
        "key": key, "channel": "phone", "place": place, "matter": matter, "text": text, "phone": phone,
    });
    app.as_(Role::CommunityWorker).post_json("/api/v1/tickets", call).await.json()
}

/// Three neighbours about one thing, the first of them twice.
async fn outage(app: &TestApp) -> Vec<String> {
    let matter = (app.home().units[0].0.full_name.as_str(), "0101", "整个单元都没有电，电梯也停了");
    let mut ids = Vec::new();
    for phone in ["10000000001", "10000000002", "10000000003", "10000000001"] {
        ids.push(call(app, phone, matter).await["id"].as_str().unwrap().to_owned());
    }
    ids
}

/// The same lamp of the pavilion, mended three times.
async fn mended(app: &TestApp) {
    for _ in 0..3 {
        let matter = (app.home().units[1].0.full_name.as_str(), "0101", "凉亭的灯又坏了");
        let made = call(app, "10000000005", matter).await;
        let at = |noun: &str| format!("/api/v1/tickets/{}/{noun}", made["id"].as_str().unwrap());
        let worker = app.as_(Role::CommunityWorker);
        let accepted = worker.post_json(&at("acceptance"), json!({ "version": 1 })).await.json();
        let close = json!({ "version": accepted["version"], "result": "solved", "level": "community", "text": "换了灯" });
        assert_eq!(worker.post_json(&at("closure"), close).await.status, 200);
    }
}

/// What is alike, as a worker sees it on a screen of this size: proposals, the incident, what recurs.
async fn alike(width: u32, height: u32) {
    let app = TestApp::start().await;
    let Some(browser) = Browser::open(width, height, Scripts::On).await else { return };
    let ids = outage(&app).await;
    mended(&app).await;
    sign_in(&browser, &app, Role::CommunityWorker).await;
    browser.sees("不到 1 分钟里反映了 4 件").await;
    browser.shot("alike-inbox").await;
    browser.go(&format!("{}/console/tickets/{}", app.url, ids[3])).await;
    browser.sees("可能和").await;
    browser.sees("同一电话").await;
    browser.fits().await;
    browser.shot("alike-proposal").await;
    browser.go(&format!("{}/console/incidents", app.url)).await;
    browser.fits().await;
    browser.shot("alike-incidents").await;
    browser.click("button[name=verdict][value=confirm]").await;
    browser.sees("属于这个事件的诉求").await;
    browser.fits().await;
    browser.shot("alike-incident").await;
    browser.type_in("#closure-text", "供电已恢复").await;
    browser.click("form[action$='/closure'] button[type=submit]").await;
    browser.sees("已结束").await;
    browser.shot("alike-ended").await;
    browser.go(&format!("{}/console/chronic", app.url)).await;
    browser.sees("3 次").await;
    browser.fits().await;
    browser.shot("alike-chronic").await;
    browser.close().await;
}

#[actix_web::test]
async fn on_a_phone_a_worker_sees_what_belongs_together_and_closes_it_at_once() {
    alike(390, 844).await;
}

#[actix_web::test]
async fn at_a_desk_a_worker_sees_what_belongs_together_and_closes_it_at_once() {
    alike(1280, 900).await;
}
