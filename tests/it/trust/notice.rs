//! The privacy notice: two lists, and every version readable for ever.

use louma::people::Role;

use super::latest;
use crate::harness::TestApp;

#[actix_web::test]
async fn every_version_of_the_notice_stays_readable_and_is_named_on_the_report_that_read_it() {
    let app = TestApp::start().await;
    let door = app.stranger().get(&app.door()).await.body;
    for word in ["收集什么，做什么用", "可能给谁看", "/notice/TGY/2026-11"] {
        assert!(door.contains(word), "{word}: {door}");
    }
    assert!(!door.contains(" checked"), "both switches are off");
    let old = app.stranger().get("/notice/TGY/2026-11").await;
    assert!(
        old.status == 200 && old.body.contains("现在正在用") && old.body.contains("承办单位"),
        "{}",
        old.body
    );

    let lead = app.as_(Role::CommunityLead);
    let new = |version: &'static str, collected: &'static str| {
        vec![
            ("version", version),
            ("short", "新的短文"),
            ("full", "新的全文"),
            ("collected", collected),
            ("recipients", "社区工作人员\n\n物业"),
            ("from", ""),
        ]
    };
    let reused = lead.post("/console/settings/notice", &new("2026-11", "文字")).await;
    assert!(reused.status == 422 && reused.body.contains("用过了"), "{}", reused.body);
    let empty = lead.post("/console/settings/notice", &new("2027-01", " ")).await;
    assert!(empty.status == 422 && empty.body.contains("两张清单"), "{}", empty.body);
    assert_eq!(lead.post("/console/settings/notice", &new("2027-01", "文字\n照片")).await.status, 303);

    let now = app.stranger().get("/notice/tgy").await;
    assert!(
        now.status == 200 && now.body.contains("新的全文") && now.body.contains("<li>照片</li>"),
        "{}",
        now.body
    );
    let old = app.stranger().get("/notice/TGY/2026-11").await.body;
    assert!(old.contains("已经换了新版本") && !old.contains("新的全文"), "{old}");
    for nowhere in ["/notice/TGY/1999", "/notice/XXX", "/notice/XXX/2026-11"] {
        assert_eq!(app.stranger().get(nowhere).await.status, 404, "{nowhere}");
    }

    let fields = [("category", "01"), ("text", "灯坏了"), ("notice_version", "2026-11")];
    let page = app.stranger().post_files(&app.door(), &fields, &[]).await.location;
    assert_eq!(latest(&app).await.notice_version, "2026-11", "what was read is what was agreed to");
    let mine = app.stranger().get(&format!("{}/data", page.split('?').next().unwrap())).await.body;
    assert!(mine.contains("/notice/TGY/2026-11"), "{mine}");
}
