//! Reports that are handed up: frozen as they were, issued again with 更正, counted again by their own rules.

mod drafts;
mod injection;
mod older;
mod paper;
mod unmasked;

use diesel::prelude::*;
use louma::clock::{Period, PeriodKind};
use louma::db::{Id, Time, Tx, now};
use louma::people::Role;
use louma::routing::Kind;
use louma::schema::{audits, categories, issued_files, settings, tickets};
use louma::tickets::{Satisfaction, Status, Ticket};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::harness::{Client, TestApp};
use crate::notices::report;

/// The calendar month so many months before the present one.
pub fn month(back: usize) -> Period {
    let now = Period::of(PeriodKind::Month, now());
    std::iter::successors(Some(now), |last| Some(last.previous())).nth(back).unwrap()
}

/// So many tickets of a month, every second one closed and answered in it.
pub async fn lived(app: &TestApp, month: Period, count: usize) -> Vec<Id> {
    let (world, keys) = (app.home().clone(), app.parts.keys.clone());
    app.write(move |tx| {
        let mut made = Vec::new();
        for each in 0..count {
            let at = month.from.plus_minutes(600 + 60 * each as i64);
            let kind = if each == 1 { Kind::TipOff } else { Kind::Help };
            let then = &mut Tx { conn: &mut *tx.conn, now: at };
            let ticket = report(then, &keys, (&world, 0), (Some("0101"), Some(kind)))?;
            if each % 2 == 0 {
                finish(tx, &ticket, at.plus_minutes(300))?;
            }
            made.push(ticket.id);
        }
        Ok(made)
    })
    .await
}

fn finish(tx: &mut Tx, ticket: &Ticket, at: Time) -> louma::error::Result<()> {
    diesel::update(tickets::table.find((ticket.community_id, ticket.id)))
        .set((
            tickets::status.eq(Status::Archived),
            tickets::first_contact_at.eq(at),
            tickets::closed_at.eq(at),
            tickets::answered_at.eq(at.plus_minutes(60)),
            tickets::answer_valid.eq(true),
            tickets::contacted.eq(true),
            tickets::solved.eq(true),
            tickets::satisfied.eq(Satisfaction::Mostly),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Issues a period as the community lead and returns the report.
pub async fn issue(app: &TestApp, period: Period, note: &str) -> Value {
    let asked = json!({ "kind": period.kind.word(), "period": period.word(), "note": note });
    let made = app.as_(Role::CommunityLead).post_json("/api/v1/reports", asked).await;
    assert_eq!(made.status, 201, "{}", made.body);
    made.json()
}

/// The bytes behind an address.
pub async fn bytes(client: &Client, path: &str) -> Vec<u8> {
    let answer = client.request(reqwest::Method::GET, path).send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 200, "{path}");
    answer.bytes().await.unwrap().to_vec()
}

fn sum(bytes: &[u8]) -> String {
    louma::keys::hex(&Sha256::digest(bytes))
}

fn at(report: &Value, rest: &str) -> String {
    format!("/console/stats/issued/{}{rest}", report["id"].as_str().unwrap())
}

#[actix_web::test]
async fn what_was_issued_is_shown_byte_for_byte_whatever_changes_later() {
    let app = TestApp::start().await;
    let (june, made) = (month(2), lived(&app, month(2), 6).await);
    let report = issue(&app, june, "").await;
    assert_eq!((report["version"].as_i64(), report["format"].as_i64()), (Some(1), Some(1)));
    let lead = app.as_(Role::CommunityLead);
    let files = ["/snapshot.json", "/workbook.xlsx", "/paper.html", "/tables/1.csv"];
    let mut before = Vec::new();
    for file in files {
        before.push(bytes(&lead, &at(&report, file)).await);
    }

    let home = app.home().community.id;
    app.write(move |tx| {
        // Names, data and rules change; the rules even backwards in time.
        diesel::update(categories::table).set(categories::level2.eq("改过的名字")).execute(tx.conn)?;
        diesel::update(categories::table).set(categories::comparable.eq(false)).execute(tx.conn)?;
        diesel::update(tickets::table.find((home, made[0])))
            .set(tickets::text.eq("改过的内容"))
            .execute(tx.conn)?;
        let weights = r#"{"k":0.1,"contacted":0.4,"solved":0.3,"satisfied":0.3}"#;
        diesel::update(settings::table.filter(settings::name.eq("weights")))
            .set(settings::value.eq(weights))
            .execute(tx.conn)?;
        Ok(())
    })
    .await;
    for (file, old) in files.iter().zip(&before) {
        let again = bytes(&app.as_(Role::Auditor), &at(&report, file)).await;
        assert!(again == *old, "{file} changed");
    }
    // The checksum is that of the snapshot, and stands wherever the report does.
    let checksum = report["checksum"].as_str().unwrap();
    assert_eq!(sum(&before[0]), checksum);
    assert!(String::from_utf8_lossy(&before[2]).contains(checksum));
    for page in ["/console/stats/issued".to_owned(), at(&report, "")] {
        assert!(lead.get(&page).await.body.contains(checksum), "{page}");
    }
    let mut book: calamine::Xlsx<_> =
        calamine::open_workbook_from_rs(std::io::Cursor::new(before[1].clone())).unwrap();
    let first = calamine::Reader::worksheet_range(&mut book, "1 口径说明").unwrap();
    let said: Vec<String> = first.rows().flatten().map(ToString::to_string).collect();
    assert!(said.iter().any(|cell| cell == checksum) && said.iter().any(|cell| cell.contains("第 1 版")));
    let snapshot: Value = serde_json::from_slice(&before[0]).unwrap();
    assert_eq!(snapshot["rules"]["weights"]["k"], 0.9);
    assert!(snapshot["rules"]["limits"].as_array().is_some_and(|limits| !limits.is_empty()));
    assert!(snapshot["rules"]["comparable"]["0101"].is_boolean());
    assert!(!String::from_utf8_lossy(&before[0]).contains("13812341234"), "masked");

    // Counted again by the rules that it names, everything is the same.
    let verdict = lead.get(&at(&report, "/verification")).await;
    assert!(verdict.body.contains("各表每一行"), "{}", verdict.body);
    let path = format!("/api/v1/reports/{}/verification", report["id"].as_str().unwrap());
    let verdict = lead.get(&path).await.json();
    assert_eq!((&verdict["equal"], &verdict["other_rules"]), (&json!(true), &json!([])), "{verdict}");
    let lines: Vec<String> = app
        .read(move |tx| {
            Ok(audits::table.filter(audits::community_id.eq(home)).select(audits::reason).load(tx.conn)?)
        })
        .await;
    assert!(lines.iter().any(|line| line.starts_with("签发") && line.contains(checksum)), "{lines:?}");
    assert!(lines.iter().any(|line| line.contains("快照.json")), "{lines:?}");
}

#[actix_web::test]
async fn a_period_issued_again_lists_what_changed_and_both_versions_stay() {
    let app = TestApp::start().await;
    let (june, july) = (month(2), month(1));
    let made = lived(&app, june, 6).await;
    lived(&app, july, 3).await;
    let first = issue(&app, june, "").await;
    let lead = app.as_(Role::CommunityLead);
    let again = json!({ "kind": "month", "period": june.word() });
    let refused = lead.post_json("/api/v1/reports", again).await;
    assert!(refused.status == 422 && refused.body.contains("写明为什么更正"), "{}", refused.body);

    // One was a test: proposed by the worker, approved by the lead. Another was never answered and is answered late.
    let path = format!("/api/v1/tickets/{}/exclusions", made[0]);
    let asked =
        app.as_(Role::CommunityWorker).post_json(&path, json!({ "reason": "e1", "note": "测试" })).await;
    assert!(asked.status < 300, "{}", asked.body);
    let waiting = lead.get("/api/v1/exclusions").await.json();
    let path = format!("/api/v1/exclusions/{}/decision", waiting[0]["id"].as_str().unwrap());
    assert!(lead.post_json(&path, json!({ "verdict": "approve" })).await.status < 300);

    let verdict = lead.get(&at(&first, "/verification")).await;
    assert!(
        verdict.body.contains("项不同") && verdict.body.contains("签发后审批剔除 1 次"),
        "{}",
        verdict.body
    );
    let second = issue(&app, june, "一件测试诉求误计入").await;
    assert_eq!(second["version"], 2);
    let shown = lead.get(&format!("/api/v1/reports/{}", second["id"].as_str().unwrap())).await.json();
    let corrections = shown["corrections"].as_array().unwrap();
    let cases = corrections.iter().find(|each| each["metric"] == "cases").unwrap();
    assert_eq!((&cases["before"], &cases["after"]), (&json!("6"), &json!("5")), "{cases}");
    assert!(cases["why"].to_string().contains("审批剔除"), "{cases}");
    assert!(!corrections.iter().any(|each| each["metric"] == "submitted"), "not what stayed the same");
    let paper = lead.get(&at(&second, "/paper.html")).await.body;
    assert!(
        paper.contains("第 2 版") && paper.contains("一件测试诉求误计入") && paper.contains("签发后审批剔除")
    );
    // The first stays as it was.
    assert!(lead.get(&at(&first, "/paper.html")).await.body.contains("第 1 版"));
    assert_ne!(first["checksum"], second["checksum"]);
    let page = lead.get(&at(&second, "")).await.body;
    assert!(page.contains(first["id"].as_str().unwrap()), "one leads to the other");

    // The next month's report tells of it; the one after would not.
    let next = issue(&app, july, "").await;
    let paper = lead.get(&at(&next, "/paper.html")).await.body;
    let label = format!("<td>{}</td>", june.label());
    assert!(paper.contains(&label) && paper.contains("签发后审批剔除"), "{paper}");
    let verdict = lead.get(&at(&second, "/verification")).await;
    assert!(verdict.body.contains("各表每一行"), "the second version counts without it");
}

#[actix_web::test]
async fn what_happens_after_the_cut_off_is_no_correction_of_a_month() {
    let app = TestApp::start().await;
    let june = month(2);
    let made = lived(&app, june, 4).await;
    let report = issue(&app, june, "").await;
    // An open ticket of June is closed today, long after June was issued.
    let home = app.home().community.id;
    app.write(move |tx| {
        let ticket = louma::tickets::find_own(tx, home, made[3])?;
        finish(tx, &ticket, tx.now)
    })
    .await;
    let path = format!("/api/v1/reports/{}/verification", report["id"].as_str().unwrap());
    let verdict = app.as_(Role::StreetManager).get(&path).await.json();
    assert_eq!(verdict["equal"], true, "{verdict}");
    // A hotline total of the month that is entered late is one.
    let total = json!({ "period": june.word(), "cases": 17, "approximate": false, "source": "街道通报" });
    assert_eq!(app.as_(Role::CommunityLead).post_json("/api/v1/hotline-totals", total).await.status, 200);
    let verdict = app.as_(Role::StreetManager).get(&path).await.json();
    let totals = verdict["totals"].as_array().unwrap();
    assert_eq!((totals.len(), &totals[0]["metric"]), (1, &json!("hotline")), "{verdict}");
    assert!(totals[0]["after"] == "17 件" && totals[0]["why"].to_string().contains("12345"), "{verdict}");
}

#[actix_web::test]
async fn only_what_has_ended_is_issued_and_only_by_those_who_decide() {
    let app = TestApp::start().await;
    lived(&app, month(1), 2).await;
    let lead = app.as_(Role::CommunityLead);
    for (period, part) in [(month(0), "还没有结束"), (month(40), "没有可签发")] {
        let asked = json!({ "kind": "month", "period": period.word() });
        let refused = lead.post_json("/api/v1/reports", asked).await;
        assert!(refused.status == 422 && refused.body.contains(part), "{}", refused.body);
    }
    let fields = [("kind", "month"), ("period", "6 月"), ("note", "我写的说明")];
    let refused = lead.post("/console/stats/issued", &fields).await;
    assert!(refused.status == 422 && refused.body.contains("我写的说明"), "nothing typed is lost");
    let asked = json!({ "kind": "month", "period": month(1).word() });
    for role in [Role::CommunityWorker, Role::StreetManager, Role::Auditor, Role::Handler] {
        assert_eq!(app.as_(role).post_json("/api/v1/reports", asked.clone()).await.status, 403, "{role}");
    }
    let page = lead.get("/console/stats/issued").await.body;
    assert!(page.contains("等待签发") && page.contains(&month(1).label()), "{page}");
    let done = lead.post("/console/stats/issued", &[("kind", "month"), ("period", &month(1).word())]).await;
    assert!(done.status == 303 && done.location.starts_with("/console/stats/issued/"), "{}", done.body);
    // What lies in another community does not exist.
    let id = done.location.rsplit('/').next().unwrap().to_owned();
    let other = app.worlds[1].community.id.to_string();
    let street = app.as_(Role::StreetManager);
    assert_eq!(street.get(&done.location).await.status, 200);
    assert_eq!(street.post("/console/community", &[("community", &other)]).await.status, 303);
    assert_eq!(street.get(&format!("/console/stats/issued/{id}/paper.html")).await.status, 404);
}

#[actix_web::test]
async fn ten_who_issue_at_once_make_one_version() {
    let app = TestApp::start().await;
    lived(&app, month(1), 2).await;
    let asked = json!({ "kind": "month", "period": month(1).word() });
    let all = (0..10).map(|_| {
        let (client, asked) = (app.as_(Role::CommunityLead), asked.clone());
        async move { client.post_json("/api/v1/reports", asked).await.status }
    });
    let statuses = futures_util::future::join_all(all).await;
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| [201, 409, 422].contains(status)), "{statuses:?}");
    let list = app.as_(Role::CommunityLead).get("/api/v1/reports").await.json();
    assert_eq!(list["reports"].as_array().unwrap().len(), 1);
}

#[actix_web::test]
async fn a_damaged_file_is_never_shown_as_the_report() {
    let app = TestApp::start().await;
    lived(&app, month(1), 2).await;
    let report = issue(&app, month(1), "").await;
    app.write(|tx| {
        let paper = issued_files::table.filter(issued_files::name.eq("paper"));
        let workbook: Vec<u8> = issued_files::table
            .filter(issued_files::name.eq("workbook"))
            .select(issued_files::bytes)
            .first(tx.conn)?;
        diesel::update(paper).set(issued_files::bytes.eq(workbook)).execute(tx.conn)?;
        Ok(())
    })
    .await;
    assert_eq!(app.as_(Role::CommunityLead).get(&at(&report, "/paper.html")).await.status, 500);
    assert_eq!(app.as_(Role::CommunityLead).get(&at(&report, "/verification")).await.status, 500);
    assert_eq!(app.as_(Role::CommunityLead).get(&at(&report, "/workbook.xlsx")).await.status, 200);
}
