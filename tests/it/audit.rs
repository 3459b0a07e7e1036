//! What residents' pages weigh on the wire, and their markup as the server sends it. The programs for it are installed by
//! `npm ci --prefix tests/audit`; see `tests/audit/README.md`.

use std::path::{Path, PathBuf};
use std::process::Command;

use louma::people::Role;

use crate::harness::{TestApp, jpeg, send};

/// A file of the packages that pages are held against. `None`, and loudly, where they are not installed.
fn part(path: &str) -> Option<PathBuf> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/audit/node_modules").join(path);
    if file.exists() {
        return Some(file);
    }
    let required = std::env::var("LOUMA_TEST_REQUIRE_ALL").is_ok_and(|value| value == "1");
    assert!(!required, "{} is missing and LOUMA_TEST_REQUIRE_ALL=1", file.display());
    eprintln!("SKIPPED: npm ci --prefix tests/audit was not run; this test proved nothing");
    None
}

/// The rules of accessibility, to be run in a page.
pub fn axe() -> Option<String> {
    part("axe-core/axe.min.js").map(|file| std::fs::read_to_string(file).unwrap())
}

/// The bytes of an answer as a phone takes it, head included, and its page where it is one.
async fn taken(app: &TestApp, path: &str, accepts: &str) -> (usize, String) {
    use std::io::Read as _;
    let request = app.stranger().request(reqwest::Method::GET, path);
    let request = request.header("accept-encoding", "gzip").header("accept-language", accepts);
    let response = request.send().await.unwrap();
    assert_eq!(response.headers()["content-encoding"], "gzip", "{path}");
    let head: usize =
        response.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    let body = response.bytes().await.unwrap();
    let mut plain = String::new();
    flate2::read::GzDecoder::new(&body[..]).read_to_string(&mut plain).unwrap();
    (head + body.len(), plain)
}

#[actix_web::test]
async fn the_first_load_of_a_door_is_at_most_fifty_kilobytes_on_the_wire_with_all_it_asks_for() {
    let app = TestApp::start().await;
    // With what a busy door shows: matters, works, and what was solved.
    crate::stage::board(&app).await;
    for look in ["", "?large=1", "?lang=zh-Hant", "?lang=en", "?lang=en&large=1"] {
        let (mut all, page) = taken(&app, &format!("{}{look}", app.door()), "zh-CN").await;
        let files = files(&page);
        assert!(files.len() >= 3, "style, script and icon: {files:?}");
        for file in files {
            all += taken(&app, &format!("/static/{file}"), "zh-CN").await.0;
        }
        println!("{look:?}: {all} bytes");
        assert!(all <= 50_000, "{look}: {all} bytes");
        assert!(
            ["handled", "works", "solved"].iter().all(|id| page.contains(&format!("id=\"{id}\""))),
            "{page}"
        );
    }
}

#[actix_web::test]
async fn the_page_right_after_a_report_is_at_most_fifty_kilobytes_with_its_picture() {
    let app = TestApp::start().await;
    let report = crate::after::report(&app, &app.stranger(), &[]).await;
    for look in ["", "&large=1", "&lang=zh-Hant", "&lang=en"] {
        let (mut all, page) = taken(&app, &format!("{report}?received=1{look}"), "zh-CN").await;
        for file in files(&page) {
            all += taken(&app, &format!("/static/{file}"), "zh-CN").await.0;
        }
        let address = page.split("class=\"ticket-card\" src=\"").nth(1).unwrap().split('"').next().unwrap();
        let picture = app.stranger().request(reqwest::Method::GET, &address.replace("&#38;", "&"));
        let picture = picture.send().await.unwrap();
        assert_eq!(picture.status(), 200, "{address}");
        let head = picture.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + 4);
        all += head.sum::<usize>();
        let drawn = picture.bytes().await.unwrap().len();
        all += drawn;
        println!("{look:?}: {all} bytes, {drawn} of them the picture");
        assert!(all <= 50_000, "{look}: {all} bytes");
    }
}

/// What a page asks for beside itself.
fn files(page: &str) -> Vec<&str> {
    let mut files: Vec<&str> =
        page.split("\"/static/").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    files.sort_unstable();
    files.dedup();
    files
}

fn with(path: &str, more: &str) -> String {
    format!("{path}{}{more}", if path.contains('?') { '&' } else { '?' })
}

#[actix_web::test]
async fn the_markup_of_every_page_of_residents_is_valid() {
    let app = TestApp::start().await;
    let Some(program) = part("html-validate/bin/html-validate.mjs") else { return };
    let dir = tempfile::tempdir().unwrap();
    let phone = app.stranger();
    let key = "0123456789abcdef0123456789abcdef";
    let good = [("category", "01"), ("text", "二层楼道灯不亮"), ("idempotency_key", key)];
    let sent = phone.post_files(&app.door(), &good, &[("photo", "a.jpg", &jpeg(3))]).await;
    let report = sent.location.split('?').next().unwrap().to_owned();
    let stage = crate::stage::set(&app).await;
    for lang in ["zh-CN", "zh-Hant", "en"] {
        let save = |name: &str, page: &str| {
            std::fs::write(dir.path().join(format!("{name}-{lang}.html")), page).unwrap();
        };
        let paths = [("door", app.door().as_str()), ("ticket", &report), ("lookup", "/t"), ("home", "/")]
            .map(|(name, path)| (name, path.to_owned()));
        let gone = [("no-code", "/q/AAAAAAAAAA"), ("no-ticket", "/t/none"), ("nothing", "/none")]
            .map(|(name, path)| (name, path.to_owned()));
        for (name, path) in paths.into_iter().chain(gone) {
            save(name, &phone.get(&format!("{path}?lang={lang}")).await.body);
        }
        for (name, path) in &stage.pages {
            let request = phone.request(reqwest::Method::GET, &with(path, &format!("lang={lang}")));
            let page = send(request.header("cookie", format!("louma_device={}", crate::stage::DEVICE))).await;
            assert_eq!(page.status, 200, "{path}");
            save(&format!("stage-{name}"), &page.body);
        }
        let asked = [("category", "01"), ("text", "三层的灯坏了"), ("ask", "1")];
        let same = phone.post_files(&format!("{}?lang={lang}", app.door()), &asked, &[]).await;
        assert_eq!(same.status, 409, "{}", same.body);
        save("same", &same.body);
        let known = [("number", stage.known.0.as_str()), ("last_four", stage.known.1)];
        let state = phone.post(&format!("/t/state?lang={lang}"), &known).await;
        assert_eq!(state.status, 200, "{}", state.body);
        save("state", &state.body);
        let fault = phone.get(&format!("{}/photos/x?lang={lang}", app.door())).await;
        save("fault", &fault.body);
        save("large", &phone.get(&format!("{}?lang={lang}&large=1", app.door())).await.body);
        save("receipt", &phone.get(&format!("{report}?received=1&lang={lang}&large=0")).await.body);
        let again = format!("{}?lang={lang}", app.door());
        let wrong = [("phone", "1"), ("share_phone", "yes")];
        save("again", &phone.post_files(&again, &wrong, &[("photo", "a.jpg", &jpeg(3))]).await.body);
        save("look-up", &phone.post(&format!("/t?lang={lang}"), &[("number", "x")]).await.body);
    }
    valid(&program, dir.path());
}

#[actix_web::test]
async fn the_markup_of_the_main_pages_of_staff_is_valid() {
    let app = TestApp::start().await;
    let Some(program) = part("html-validate/bin/html-validate.mjs") else { return };
    let dir = tempfile::tempdir().unwrap();
    let key = "0123456789abcdef0123456789abcdef";
    let good = [("category", "01"), ("text", "二层楼道灯不亮"), ("idempotency_key", key)];
    app.stranger().post_files(&app.door(), &good, &[]).await;
    let lead = app.as_(Role::CommunityLead);
    let inbox = lead.get("/console").await.body;
    let ticket = inbox.split("/console/tickets/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    for path in ["", "/stats", "/settings", "/places", "/notices", "/incidents", "/take-down"] {
        let page = lead.get(&format!("/console{path}")).await;
        assert_eq!(page.status, 200, "{path}");
        std::fs::write(dir.path().join(format!("console{}.html", path.replace('/', "-"))), page.body)
            .unwrap();
    }
    let page = lead.get(&format!("/console/tickets/{ticket}")).await;
    std::fs::write(dir.path().join("ticket.html"), page.body).unwrap();
    std::fs::write(dir.path().join("sign-in.html"), app.stranger().get("/console/sign-in").await.body)
        .unwrap();
    valid(&program, dir.path());
}

/// Holds every page of the folder against the standard.
fn valid(program: &Path, folder: &Path) {
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/audit/htmlvalidate.json");
    let mut run = Command::new("node");
    let run = run.arg(program).arg("--config").arg(config).args(["--formatter", "text"]).arg(folder);
    let run = run.output().unwrap();
    let said = String::from_utf8_lossy(&run.stdout).replace(&*folder.to_string_lossy(), "");
    assert!(run.status.success(), "{said}{}", String::from_utf8_lossy(&run.stderr));
}
