//! What is kept of an issued report: one JSON document with all that it says and by which rules.
//!
//! Its bytes are UTF-8 JSON without blanks; their SHA-256 is the checksum that is printed, so that `sha256sum` of the
//! downloaded file shows the same. It is read again as plain JSON and never as the program's own types: they change, it does
//! not. [`FORMAT`] goes up when a field changes its meaning; every earlier form stays readable here.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Correction, Issued};
use crate::db::{Time, Tx};
use crate::error::{Error, Result};
use crate::settings::{self, Clocks, Weights};
use crate::stats::basis::{COUNTING_VERSION, DUPLICATE_VERSION, EXCLUSION_VERSION, Terms};
use crate::stats::grids::Grid;
use crate::stats::report::Report;

/// The form that is written now.
pub const FORMAT: i32 = 1;

/// The rules by which a period was counted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = ReportRules)]
pub struct Rules {
    /// The weights of the score, and k.
    pub weights: Weights,
    /// How figures are counted.
    pub counting: String,
    /// Which exclusions there are.
    pub exclusions: String,
    /// When two tickets tell of the same.
    pub duplicates: String,
    /// The limits and calendars that set the deadlines of the period's tickets.
    pub limits: Vec<String>,
    /// In which days limits were counted at the end of the period.
    pub days: String,
    /// Since when.
    pub days_since: Time,
    /// Which level-2 categories stand beside the hotline's.
    pub comparable: BTreeMap<String, bool>,
}

impl Rules {
    /// What is needed to count by them, as things stood at `cut_off`.
    pub(super) fn terms(&self, cut_off: Time) -> Terms {
        Terms {
            cut_off: Some(cut_off),
            weights: Some(self.weights.clone()),
            comparable: Some(self.comparable.clone()),
        }
    }

    /// The rules that this program no longer counts by, each in words; empty where it can count by all of them.
    pub fn strange(&self) -> Vec<String> {
        let pairs = [
            ("计数规则", self.counting.as_str(), COUNTING_VERSION),
            ("剔除规则", self.exclusions.as_str(), EXCLUSION_VERSION),
            ("重复规则", self.duplicates.as_str(), DUPLICATE_VERSION),
        ];
        let other = pairs.into_iter().filter(|(_, then, now)| then != now);
        other.map(|(what, then, now)| format!("{what}：签发时 {then}，本程序 {now}")).collect()
    }
}

/// The rules of a report that was just counted.
pub(super) fn rules(tx: &mut Tx, report: &Report) -> Result<Rules> {
    let basis = &report.basis;
    let last = Time::from_micros(report.period.to.min(basis.cut_off).0.timestamp_micros() - 1);
    let clocks = settings::holding::<Clocks>(tx, basis.community.id, last)?;
    Ok(Rules {
        weights: basis.weights.clone(),
        counting: COUNTING_VERSION.to_owned(),
        exclusions: EXCLUSION_VERSION.to_owned(),
        duplicates: DUPLICATE_VERSION.to_owned(),
        limits: report.limit_versions.clone(),
        days: clocks.rules.mode.word().to_owned(),
        days_since: clocks.from,
        comparable: basis.categories.iter().map(|each| (each.code.clone(), each.comparable)).collect(),
    })
}

/// What a snapshot is written from.
pub(super) struct Made<'a> {
    pub(super) row: &'a Issued,
    pub(super) rules: Rules,
    pub(super) corrections: &'a [Correction],
    pub(super) report: &'a Report,
    pub(super) tables: Vec<Grid>,
}

/// The bytes to keep.
pub(super) fn write(made: &Made) -> Result<Vec<u8>> {
    let row = made.row;
    let document = serde_json::json!({
        "format": row.format,
        "program": concat!("louma ", env!("CARGO_PKG_VERSION")),
        "community": made.report.basis.community.name,
        "kind": row.kind,
        "period": row.period,
        "from": row.from_at,
        "to": row.to_at,
        "version": row.version,
        "issued_at": row.issued_at,
        "issuer": row.issuer,
        "note": row.note,
        "rules": made.rules,
        "corrections": made.corrections,
        "report": made.report,
        "tables": made.tables,
    });
    serde_json::to_vec(&document).map_err(Error::internal)
}

/// A snapshot, as far as later programs look into it.
#[derive(Debug, Clone, Deserialize)]
pub struct Snapshot {
    /// Its form.
    pub format: i32,
    /// By which rules it was counted.
    pub rules: Rules,
    /// The report as JSON answered it then.
    pub report: Value,
    /// Every table of its workbook, the ledger among them; sheet 1 without its checksum.
    pub tables: Vec<Grid>,
}

/// Reads a snapshot of any form there ever was. One of a later program is refused with a sentence.
pub fn read(bytes: &[u8]) -> Result<Snapshot> {
    let document: Value = serde_json::from_slice(bytes).map_err(Error::internal)?;
    match document["format"].as_i64() {
        Some(1) => serde_json::from_value(document).map_err(Error::internal),
        Some(format) => Err(Error::conflict(format!(
            "这份报告的格式（{format}）比本程序新，请升级程序后再核对；页面和工作簿仍可照原样打开"
        ))),
        None => Err(Error::Internal(anyhow::anyhow!("a snapshot without a format"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the program kept of a small month that it issued twice, in the first form; never written anew, whatever later
    /// programs write.
    const FIRST: &[u8] = include_bytes!("../../../tests/it/issued/format-1.json");

    #[test]
    fn what_the_first_form_kept_is_still_readable() {
        let snapshot = read(FIRST).unwrap();
        assert_eq!(snapshot.format, 1);
        assert_eq!(snapshot.rules.weights.k, 0.9);
        assert!(snapshot.tables.len() > 17);
        let ledger = snapshot.tables.iter().find(|table| table.name == "17 工单台账").unwrap();
        assert!(ledger.rows.iter().all(|row| row.len() == ledger.columns.len()));
        let lines = snapshot.report["totals"].as_array().unwrap();
        let value = |metric: &str| {
            let line = lines.iter().find(|line| line["metric"] == metric);
            line.and_then(|line| line["current"]["value"].as_f64())
        };
        assert_eq!(value("submitted"), Some(ledger.rows.len() as f64));
        assert_eq!((value("cases"), value("score")), (Some(5.0), Some(96.0)), "one was a test");
    }

    #[test]
    fn what_a_later_program_wrote_is_refused_with_a_sentence() {
        let said = read(br#"{"format":999}"#).unwrap_err().to_string();
        assert!(said.contains("999") && said.contains("升级"), "{said}");
    }
}
