//! Whatever people type, wherever it ends up in a workbook or a CSV file, arrives as text and runs nowhere.

use diesel::prelude::*;
use louma::db::Tx;
use louma::people::Role;
use louma::schema::{
    categories, communities, grids, hotline_totals, parties, places, populations, requests, staff, tickets,
};
use louma::stats::issued::Correction;
use louma::tickets::requests::Wish;
use serde_json::Value;

use super::{at, bytes, issue, lived, month};
use crate::harness::TestApp;

#[rustfmt::skip]
const PAYLOADS: [&str; 60] = [
    "=1+1", "=cmd|' /C calc'!A0", "=HYPERLINK(\"http://x\",\"点我\")", "=WEBSERVICE(\"http://x\")", "=IMPORTXML(A1,\"//a\")",
    "=DDE(\"cmd\";\"/C calc\";\"1\")", "==1", "=A1", "=\"x\"&A1", "='a'!A1",
    "+1+1", "+cmd|' /C calc'!A0", "+86 138", "+A1", "++", "+\"a\"",
    "-1+1", "-2+3+cmd|' /C calc'!E2", "--", "-A1", "-\"a\"", "-1%+1",
    "@SUM(1+1)", "@SUM(1+9)*cmd|' /C calc'!A0", "@A1", "@@", "@\"a\"",
    "＝1+1", "＝cmd|' /C calc'!A0", "＋1+1", "＋A1", "－1+1", "－A1", "＠SUM(1)", "＠A1",
    "﹦1+1", "﹢1", "﹣1", "﹫SUM(1)", "−1+1",
    "\t=1+1", "\tplain", "\r=1+1", "\rplain", "\n=1+1", "\nplain", "\r\n=1+1", "\r\n+1",
    " =1+1", "   +1", "\u{3000}=1+1", "\u{00A0}=1+1", "\u{FEFF}=1+1", "\u{200B}=1+1", "\u{200E}@x", "\u{202E}=1+1",
    "\u{2060}-1", "\u{00AD}=1", "\u{85}=1+1", " \t -1+1",
];

/// Whether a spreadsheet could take it for a formula: asked here in other words than the program does.
fn could_run(cell: &str) -> bool {
    let mut signs = cell.chars();
    let first = signs.next();
    if matches!(first, Some('\t' | '\r' | '\n')) {
        return true;
    }
    let seen = cell.chars().find(|sign| {
        !sign.is_whitespace()
            && !sign.is_control()
            && !"\u{AD}\u{200B}\u{200E}\u{202E}\u{2060}\u{FEFF}".contains(*sign)
    });
    seen.is_some_and(|sign| "=+-@＝＋－＠﹦﹢﹣﹫−".contains(sign))
}

fn number(cell: &str) -> bool {
    cell.strip_suffix('%').unwrap_or(cell).parse::<f64>().is_ok()
}

/// Writes payload after payload into every text that reaches a sheet.
fn poison(tx: &mut Tx, ids: &[louma::db::Id], community: louma::db::Id) -> louma::error::Result<()> {
    let payload = |place: usize| PAYLOADS[place % PAYLOADS.len()].to_owned();
    for (place, id) in ids.iter().enumerate() {
        diesel::update(tickets::table.find((community, *id)))
            .set((
                tickets::text.eq(payload(place)),
                tickets::result_text.eq(payload(place + 1)),
                tickets::hotline_number.eq(payload(place + 2)),
                tickets::rules_version.eq(payload(place + 3)),
                tickets::phone_masked.eq(payload(place + 4)),
            ))
            .execute(tx.conn)?;
    }
    let mut next = 0;
    let mut some = || {
        next += 7;
        payload(next)
    };
    diesel::update(communities::table).set(communities::street.eq(some())).execute(tx.conn)?;
    diesel::update(communities::table.find(community)).set(communities::name.eq("=社区")).execute(tx.conn)?;
    let codes: Vec<String> = categories::table.select(categories::code).load(tx.conn)?;
    for code in codes {
        diesel::update(categories::table.find(code))
            .set((categories::level1.eq(some()), categories::level2.eq(some())))
            .execute(tx.conn)?;
    }
    let all: Vec<louma::db::Id> =
        places::table.filter(places::community_id.eq(community)).select(places::id).load(tx.conn)?;
    for id in all {
        diesel::update(places::table.find((community, id)))
            .set((places::name.eq(some()), places::full_name.eq(some())))
            .execute(tx.conn)?;
    }
    let all: Vec<louma::db::Id> =
        parties::table.filter(parties::community_id.eq(community)).select(parties::id).load(tx.conn)?;
    for id in all {
        diesel::update(parties::table.find((community, id)))
            .set(parties::name.eq(some()))
            .execute(tx.conn)?;
    }
    diesel::update(grids::table).set(grids::name.eq(some())).execute(tx.conn)?;
    diesel::update(staff::table).set(staff::name.eq(some())).execute(tx.conn)?;
    diesel::update(populations::table).set(populations::source.eq(some())).execute(tx.conn)?;
    diesel::update(hotline_totals::table).set(hotline_totals::source.eq(some())).execute(tx.conn)?;
    Ok(())
}

/// One stands on account, with reasons that somebody wrote.
fn on_account(
    tx: &mut Tx,
    community: louma::db::Id,
    id: louma::db::Id,
    by: louma::db::Id,
) -> louma::error::Result<()> {
    diesel::update(tickets::table.find((community, id)))
        .set(tickets::suspended_at.eq(tx.now))
        .execute(tx.conn)?;
    let row = louma::tickets::requests::Request {
        community_id: community,
        id: louma::db::Id::new(),
        ticket_id: id,
        kind: Wish::Suspension,
        reason: "=1+1".into(),
        basis: "+1".into(),
        plan: "@SUM(1)".into(),
        until_at: tx.now,
        asked_by: by,
        asker: "=".into(),
        asked_at: tx.now,
        decided_by: Some(by),
        decided_at: Some(tx.now),
        approved: Some(true),
        answer: "-1".into(),
    };
    diesel::insert_into(requests::table).values(&row).execute(tx.conn)?;
    Ok(())
}

/// How many texts a workbook holds; none of them, and no cell, is anything that a spreadsheet works out.
fn no_cell_could_run(workbook: Vec<u8>) -> usize {
    let mut book: calamine::Xlsx<_> =
        calamine::open_workbook_from_rs(std::io::Cursor::new(workbook)).unwrap();
    let mut texts = 0;
    for name in calamine::Reader::sheet_names(&book) {
        let formulas = calamine::Reader::worksheet_formula(&mut book, &name).unwrap();
        assert!(formulas.used_cells().all(|(.., formula)| formula.is_empty()), "{name} holds a formula");
        let cells = calamine::Reader::worksheet_range(&mut book, &name).unwrap();
        for (row, column, cell) in cells.used_cells() {
            let calamine::Data::String(text) = cell else { continue };
            texts += 1;
            assert!(!could_run(text), "{name} {row}:{column}: {text:?}");
        }
    }
    texts
}

#[actix_web::test]
async fn sixty_payloads_in_every_field_arrive_as_text() {
    let app = TestApp::start().await;
    let ids = lived(&app, month(1), 60).await;
    let (community, lead_id) = (app.home().community.id, app.staff(Role::CommunityLead));
    let total =
        serde_json::json!({ "period": month(1).word(), "cases": 12, "approximate": true, "source": "=来源" });
    let lead = app.as_(Role::CommunityLead);
    assert_eq!(lead.post_json("/api/v1/hotline-totals", total).await.status, 200);
    app.write(move |tx| {
        on_account(tx, community, ids[1], lead_id)?;
        poison(tx, &ids, community)
    })
    .await;
    let report = issue(&app, month(1), "=说明").await;

    // What was issued, and the draft that is not.
    let draft = |file: &str| format!("/console/stats/{file}?month={}", month(1).word());
    for path in [at(&report, "/workbook.xlsx"), draft("workbook.xlsx")] {
        let texts = no_cell_could_run(bytes(&lead, &path).await);
        assert!(texts > 1000, "{path}: {texts}");
    }

    // And what two people let out unmasked.
    let wanted = serde_json::json!({ "kind": "month", "period": month(1).word(), "reason": "=街道逐件回访" });
    let worker = app.as_(Role::CommunityWorker);
    let id = worker.post_json("/api/v1/unmasked", wanted).await.json()["id"].as_str().unwrap().to_owned();
    let verdict = serde_json::json!({ "verdict": "approve" });
    let decided = lead.post_json(&format!("/api/v1/unmasked/{id}/decision"), verdict).await;
    assert!((200..300).contains(&decided.status), "{}", decided.body);
    let file = bytes(&worker, &format!("/console/stats/unmasked/{id}/workbook.xlsx")).await;
    assert!(no_cell_could_run(file) > 1000);

    let shown = lead.get(&format!("/api/v1/reports/{}", report["id"].as_str().unwrap())).await.json();
    let tables = shown["tables"].as_array().unwrap().len();
    assert!(tables > 17, "every table, also the second ones of a sheet");
    let (mut kept, mut cells) = (std::collections::BTreeSet::new(), 0);
    for place in 0..tables {
        for path in [at(&report, &format!("/tables/{place}.csv")), draft(&format!("tables/{place}.csv"))] {
            let file = bytes(&lead, &path).await;
            assert_eq!(&file[..3], b"\xEF\xBB\xBF", "Excel and WPS see UTF-8");
            let reader = csv::ReaderBuilder::new().flexible(true).has_headers(false).from_reader(&file[3..]);
            for cell in reader
                .into_records()
                .flat_map(|record| record.unwrap().iter().map(str::to_owned).collect::<Vec<_>>())
            {
                cells += 1;
                assert!(!could_run(&cell) || number(&cell), "{path}: {cell:?}");
                kept.extend(cell.strip_prefix('\'').map(str::to_owned));
            }
        }
    }
    assert!(cells > 4000, "{cells}");
    // Nothing was lost on the way: each payload stands in the ledger as it was typed.
    let masked = |text: &str| louma::mask::FreeText::from(text).outward();
    for payload in PAYLOADS {
        assert!(kept.contains(&masked(payload)), "{payload:?} is missing");
    }
    assert_eq!(lead.get(&at(&report, "/tables/99.csv")).await.status, 404);
}

#[test]
fn a_correction_is_read_back_as_it_was_written() {
    let each = Correction {
        period: "2025-05".into(),
        label: "2025年5月".into(),
        metric: "cases".into(),
        name: "受理量".into(),
        before: "32".into(),
        after: "31".into(),
        why: vec!["签发后审批剔除 1 次".into()],
    };
    let text: Value = serde_json::to_value(&each).unwrap();
    assert_eq!(serde_json::from_value::<Correction>(text).unwrap(), each);
}
