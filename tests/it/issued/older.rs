//! A report that an earlier program issued, shown by this one exactly as it was.

use std::io::Write;

use diesel::prelude::*;
use louma::people::Role;
use louma::schema::{issued_files, issued_reports};
use serde_json::Value;

use super::{at, bytes, issue, lived, month, sum};
use crate::harness::TestApp;

/// What the program kept of a month that it issued twice, when reports had their first form.
const FIRST: &[u8] = include_bytes!("format-1.json");

#[actix_web::test]
async fn a_report_of_the_first_form_is_shown_as_it_was_issued() {
    let app = TestApp::start().await;
    lived(&app, month(1), 2).await;
    let report = issue(&app, month(1), "").await;
    let id = report["id"].as_str().unwrap().to_owned();
    let mut packing = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packing.write_all(FIRST).unwrap();
    let packed = packing.finish().unwrap();
    app.write(move |tx| {
        let kept = (issued_files::bytes.eq(packed), issued_files::checksum.eq(sum(FIRST)));
        diesel::update(issued_files::table.filter(issued_files::name.eq("snapshot")))
            .set(kept)
            .execute(tx.conn)?;
        diesel::update(issued_reports::table)
            .set((issued_reports::checksum.eq(sum(FIRST)), issued_reports::format.eq(1)))
            .execute(tx.conn)?;
        Ok(())
    })
    .await;

    let lead = app.as_(Role::CommunityLead);
    assert!(bytes(&lead, &at(&report, "/snapshot.json")).await == FIRST, "byte for byte");
    let first: Value = serde_json::from_slice(FIRST).unwrap();
    let shown = lead.get(&format!("/api/v1/reports/{id}")).await.json();
    let tables = first["tables"].as_array().unwrap();
    let names: Vec<&Value> = tables.iter().map(|table| &table["name"]).collect();
    assert_eq!(shown["tables"].as_array().unwrap().iter().collect::<Vec<_>>(), names);
    for (place, table) in tables.iter().enumerate() {
        let file = bytes(&lead, &at(&report, &format!("/tables/{place}.csv"))).await;
        let rows = csv::ReaderBuilder::new().flexible(true).from_reader(&file[3..]).into_records().count();
        assert_eq!(rows, table["rows"].as_array().unwrap().len(), "{}", table["name"]);
    }
    // Counted again against what is there now, it differs, and says so in words.
    let verdict = lead.get(&at(&report, "/verification")).await;
    assert!(verdict.status == 200 && verdict.body.contains("项不同"), "{}", verdict.body);
}
