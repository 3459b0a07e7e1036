//! The printed report, as Chromium prints it.

use std::process::Command;

use louma::people::Role;

use super::{at, issue, lived, month};
use crate::harness::TestApp;

fn missing(what: &str) {
    let message = format!("{what} is missing: the printed report was NOT printed");
    assert!(std::env::var_os("LOUMA_TEST_REQUIRE_ALL").is_none(), "{message}");
    eprintln!("SKIPPED: {message}");
}

#[actix_web::test]
async fn the_report_prints_on_a_few_sheets_of_a4_and_loads_nothing() {
    let app = TestApp::start().await;
    lived(&app, month(1), 40).await;
    let report = issue(&app, month(1), "").await;
    let client = app.as_(Role::StreetManager);
    let answer = client.request(reqwest::Method::GET, &at(&report, "/paper.html")).send().await.unwrap();
    let policy = answer.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
    let page = answer.text().await.unwrap();
    for nothing in ["<script", "<img", "<link", "src=", "url(", "http://", "https://", " style=", "<form"] {
        assert!(!page.contains(nothing), "{nothing}");
    }
    for part in
        ["与 12345 对比", "口径说明", "反映最多的事", "承办单位", "校验和", "第 1 版", "受理诉求 40 件"]
    {
        assert!(page.contains(part), "{part}");
    }
    assert!(!page.contains("13812341234") && !page.contains("李四"), "figures alone");

    let dir = tempfile::tempdir().unwrap();
    let (html, pdf) = (dir.path().join("paper.html"), dir.path().join("paper.pdf"));
    std::fs::write(&html, page).unwrap();
    let printed = Command::new("chromium")
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"])
        .arg(format!("--user-data-dir={}", dir.path().join("profile").display()))
        .arg(format!("--print-to-pdf={}", pdf.display()))
        .arg(format!("file://{}", html.display()))
        .output();
    let Ok(printed) = printed else { return missing("chromium") };
    assert!(printed.status.success(), "{}", String::from_utf8_lossy(&printed.stderr));
    let Ok(said) = Command::new("pdfinfo").arg(&pdf).output() else { return missing("pdfinfo") };
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    let value = |name: &str| {
        let line = said.lines().find(|line| line.starts_with(name)).unwrap_or_default();
        line.split_once(':').map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
    };
    let pages: usize = value("Pages").parse().unwrap();
    assert!((2..=8).contains(&pages), "{pages} pages");
    assert!(value("Page size").contains("A4"), "{said}");
}
