//! 核对: an issued report is counted again, at its own cut-off and by the rules that it names (domain §6.7).
//!
//! Answers whether what was kept is undamaged, whether this program still counts by those rules, and what would be counted
//! differently today. Changes nothing.

use super::differences::{differences, parts, rest};
use super::snapshot::Snapshot;
use super::{Correction, File, Issued, bytes, reasons, snapshot};
use crate::db::{Time, Tx};
use crate::error::{Error, Result};
use crate::stats::report::report_under;

/// What counting again came to.
#[derive(Debug, Clone, PartialEq, serde::Serialize, utoipa::ToSchema)]
#[schema(as = ReportVerdict)]
pub struct Verdict {
    /// When it was counted again.
    pub at: Time,
    /// The SHA-256 of the snapshot as it is kept: the one that was printed, or nothing would be answered.
    pub checksum: String,
    /// Whether every figure is the same: of the totals, of each part, of the hours, and of the months beside the hotline's.
    /// What stood on account at the cut-off cannot be counted again.
    pub equal: bool,
    /// The rules that this program no longer counts by; figures may differ for that alone.
    pub other_rules: Vec<String>,
    /// The figures that differ.
    pub totals: Vec<Correction>,
    /// The parts whose figures differ, hours, and other months beside the hotline's.
    pub parts: Vec<Correction>,
}

/// Counts an issued report again.
pub fn verify(tx: &mut Tx, report: &Issued) -> Result<Verdict> {
    for file in [File::Workbook, File::Paper] {
        bytes(tx, report, file)?;
    }
    let (kept, again) = both(tx, report)?;
    let period = report.of()?;
    let mut totals = differences(&period, &kept.report, &again);
    reasons::explain(tx, report, &mut totals)?;
    let mut parts = parts(&period, &kept.report, &again);
    parts.extend(rest(&period, &kept.report, &again));
    reasons::explain(tx, report, &mut parts)?;
    Ok(Verdict {
        at: tx.now,
        checksum: report.checksum.clone(),
        equal: totals.is_empty() && parts.is_empty(),
        other_rules: kept.rules.strange(),
        totals,
        parts,
    })
}

/// The figures of an issued report that would be counted differently today, with reasons; for the 更正 of a later one.
/// Nothing where this program counts by other rules: that is no correction of what happened.
pub(super) fn changed(tx: &mut Tx, report: &Issued) -> Result<Vec<Correction>> {
    let (kept, again) = both(tx, report)?;
    if !kept.rules.strange().is_empty() {
        return Ok(Vec::new());
    }
    let period = report.of()?;
    let mut all = differences(&period, &kept.report, &again);
    all.extend(parts(&period, &kept.report, &again));
    reasons::explain(tx, report, &mut all)?;
    Ok(all)
}

/// What was kept, and the report counted again.
fn both(tx: &mut Tx, report: &Issued) -> Result<(Snapshot, serde_json::Value)> {
    let kept = snapshot::read(&bytes(tx, report, File::Snapshot)?)?;
    let terms = kept.rules.terms(report.issued_at);
    let again = report_under(tx, report.community_id, report.of()?, &terms)?;
    Ok((kept, serde_json::to_value(&again).map_err(Error::internal)?))
}
