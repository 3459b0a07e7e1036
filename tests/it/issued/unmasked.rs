//! A workbook with everything in it leaves by two people, for a while, with both names on every page.

use diesel::prelude::*;
use louma::people::Role;
use louma::schema::{audits, unmasked_requests};
use serde_json::json;

use super::{bytes, lived, month};
use crate::harness::TestApp;

const PHONE: &str = "13812341234";

/// Every part of a workbook as text.
fn parts(bytes: &[u8]) -> Vec<(String, String)> {
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let names: Vec<String> = zip.file_names().map(|name| name.unwrap().into_owned()).collect();
    let mut read = |name: String| {
        let mut text = Vec::new();
        std::io::Read::read_to_end(&mut zip.by_name(&name).unwrap(), &mut text).unwrap();
        (name, String::from_utf8_lossy(&text).into_owned())
    };
    names.into_iter().map(&mut read).collect()
}

#[actix_web::test]
async fn two_people_let_out_a_workbook_with_their_names_on_every_page() {
    let app = TestApp::start().await;
    lived(&app, month(1), 3).await;
    let (worker, lead) = (app.as_(Role::CommunityWorker), app.as_(Role::CommunityLead));
    let masked = bytes(&worker, &format!("/console/stats/workbook.xlsx?month={}", month(1).word())).await;
    assert!(!parts(&masked).iter().any(|(_, text)| text.contains(PHONE)), "masked by default");
    // Charts of Excel's own on 2, 4 and twice on 13; every sheet keeps its header in sight and on every page.
    let named = |start: &str| parts(&masked).iter().filter(|(name, _)| name.starts_with(start)).count();
    assert_eq!(named("xl/charts/chart"), 4);
    let sheets = parts(&masked);
    let frozen = sheets
        .iter()
        .filter(|(name, text)| name.starts_with("xl/worksheets/sheet") && text.contains("state=\"frozen\""));
    assert_eq!((frozen.count(), named("xl/worksheets/sheet")), (17, 17));
    let book = sheets.iter().find(|(name, _)| name == "xl/workbook.xml").unwrap();
    assert_eq!(book.1.matches("_xlnm.Print_Titles").count(), 17, "{}", book.1);

    let mut wanted = json!({ "kind": "month", "period": month(1).word(), "reason": "" });
    let refused = worker.post_json("/api/v1/unmasked", wanted.clone()).await;
    assert!(refused.status == 422 && refused.body.contains("交给谁用"), "{}", refused.body);
    wanted["reason"] = json!("街道逐件回访，交专班");
    let asked = worker.post_json("/api/v1/unmasked", wanted).await;
    assert_eq!(asked.status, 201, "{}", asked.body);
    let id = asked.json()["id"].as_str().unwrap().to_owned();
    let file = format!("/console/stats/unmasked/{id}/workbook.xlsx");
    assert_eq!(worker.get(&file).await.status, 409, "not approved yet");
    let decision = format!("/api/v1/unmasked/{id}/decision");
    for role in [Role::CommunityWorker, Role::Admin, Role::Auditor] {
        assert_eq!(
            app.as_(role).post_json(&decision, json!({ "verdict": "approve" })).await.status,
            403,
            "{role}"
        );
    }
    assert!(lead.get("/console/stats/unmasked").await.body.contains("街道逐件回访"));
    let done = lead.post(&format!("/console/stats/unmasked/{id}/decision"), &[("verdict", "approve")]).await;
    assert_eq!(done.status, 303, "{}", done.body);
    let twice = lead.post_json(&decision, json!({ "verdict": "refuse" })).await;
    assert!(twice.status == 409 && twice.body.contains("已经批过"), "{}", twice.body);

    // Only whoever asked may fetch it.
    assert_eq!(lead.get(&file).await.status, 403);
    let open = parts(&bytes(&worker, &file).await);
    let text: String = open.iter().map(|(_, text)| text.as_str()).collect();
    assert!(text.contains(PHONE) && text.contains("我叫李四") && text.contains("王奶奶家门口"));
    let sheets: Vec<_> = open.iter().filter(|(name, _)| name.starts_with("xl/worksheets/sheet")).collect();
    assert_eq!(sheets.len(), 17);
    for (name, sheet) in &sheets {
        let header = sheet.split_once("<oddHeader>").and_then(|(_, rest)| rest.split_once("</oddHeader>"));
        let header = header.unwrap_or_else(|| panic!("{name} has no header")).0;
        assert!(header.contains("社区工作者 01") && header.contains("社区负责人 01"), "{name}: {header}");
        assert!(header.contains("未脱敏") && header.contains("前有效"), "{name}: {header}");
    }
    let bytes = bytes(&worker, &file).await;
    assert_eq!(ledger(&bytes, "联系电话"), [PHONE, "—", PHONE], "the second is a 举报");
    assert_eq!(ledger(&bytes, "具体位置"), ["王奶奶家门口", "—", "王奶奶家门口"]);
    let words: Vec<bool> = ledger(&bytes, "内容").iter().map(|text| text.contains(PHONE)).collect();
    assert_eq!(words, [true, false, true], "nor by their own words");

    // The time is over.
    app.write(|tx| {
        let past = tx.now.plus_minutes(-1);
        diesel::update(unmasked_requests::table)
            .set(unmasked_requests::until_at.eq(past))
            .execute(tx.conn)?;
        Ok(())
    })
    .await;
    let late = worker.get(&file).await;
    assert!(late.status == 409 && late.body.contains("过期"), "{}", late.body);
    let lines: Vec<String> = app.read(|tx| Ok(audits::table.select(audits::reason).load(tx.conn)?)).await;
    for part in ["申请未脱敏工作簿", "批准 社区工作者 01 申请", "_未脱敏.xlsx（社区负责人 01 批准）"]
    {
        assert!(lines.iter().any(|line| line.contains(part)), "{part}: {lines:?}");
    }
    let list = worker.get("/api/v1/unmasked").await.json();
    assert_eq!(list[0]["downloads"], 2);
}

fn ledger(bytes: &[u8], title: &str) -> Vec<String> {
    let mut book: calamine::Xlsx<_> = calamine::open_workbook_from_rs(std::io::Cursor::new(bytes)).unwrap();
    let ledger = calamine::Reader::worksheet_range(&mut book, "17 工单台账").unwrap();
    let column = ledger.rows().nth(1).unwrap().iter().position(|cell| *cell == title).unwrap();
    ledger.rows().skip(2).map(|row| row[column].to_string()).collect()
}

#[actix_web::test]
async fn nobody_approves_their_own_request_but_the_street_may() {
    let app = TestApp::start().await;
    lived(&app, month(1), 1).await;
    let lead = app.as_(Role::CommunityLead);
    let fields = [("kind", "month"), ("period", &*month(1).word()), ("reason", "核对电话")];
    assert_eq!(lead.post("/console/stats/unmasked", &fields).await.status, 303);
    let id = lead.get("/api/v1/unmasked").await.json()[0]["id"].as_str().unwrap().to_owned();
    let decision = format!("/console/stats/unmasked/{id}/decision");
    let own = lead.post(&decision, &[("verdict", "approve")]).await;
    assert!(own.status == 422 && own.body.contains("不能批准自己的申请"), "{}", own.body);
    assert_eq!(app.as_(Role::StreetManager).post(&decision, &[("verdict", "approve")]).await.status, 303);
    assert_eq!(lead.get(&format!("/console/stats/unmasked/{id}/workbook.xlsx")).await.status, 200);
}
