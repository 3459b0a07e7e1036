//! Why a figure of an issued report is counted differently: what happened since to the tickets that its period touches.

use std::collections::BTreeMap;

use diesel::dsl::count_star;
use diesel::prelude::*;

use super::Issued;
use super::differences::{Correction, HOTLINE, is_part};
use crate::db::Tx;
use crate::error::Result;
use crate::hotline;
use crate::schema::{hotline_totals, ticket_events};
use crate::stats::store;
use crate::tickets::{Act, Step};

/// What happens to a ticket, and which metrics it can move: the beginnings of their words; an empty one means any.
const MOVES: &[(&str, &[&str])] = &[
    (Act::Decide.word(), &[""]),
    (Step::Refuse.word(), &[""]),
    (Step::Withdraw.word(), &[""]),
    (
        Step::Merge.word(),
        &["dedup", "dupl", "closed_rate", "comparable_events", "due", "on_time", "overdue", "contact_"],
    ),
    (
        Step::Unmerge.word(),
        &["dedup", "dupl", "closed_rate", "comparable_events", "due", "on_time", "overdue", "contact_"],
    ),
    (Step::Close.word(), &["closed", "on_time", "overdue", "handling", "in_community", "rework"]),
    (
        Step::Rework.word(),
        &["closed", "on_time", "overdue", "handling", "rework", "first_time", "in_community"],
    ),
    (Step::Answer.word(), &["answers", "contacted_", "solved", "satisfied", "score", "first_time"]),
    (Act::Contact.word(), &["contact_"]),
    (Step::Extend.word(), &["due", "on_time", "overdue"]),
    (Step::Suspend.word(), &["due", "on_time", "overdue"]),
    (Step::Resume.word(), &["due", "on_time", "overdue"]),
    (Act::Categorize.word(), &["comparable", "per_ten"]),
    (Step::Return.word(), &["return"]),
    (Step::Dispatch.word(), &["return"]),
    (Act::Split.word(), &["submitted", "gross", "cases"]),
    (Act::Meet.word(), &["joined", "comparable", "per_ten"]),
    (Act::Vouch.word(), &["joined", "comparable", "per_ten"]),
];

/// Adds to each correction what happened since the report was issued and can have moved it.
pub(super) fn explain(tx: &mut Tx, report: &Issued, corrections: &mut [Correction]) -> Result<()> {
    if corrections.is_empty() {
        return Ok(());
    }
    let happened = since(tx, report)?;
    let totals: i64 = hotline_totals::table
        .filter(hotline_totals::community_id.eq(report.community_id))
        .filter(hotline_totals::entered_at.gt(report.issued_at))
        .count()
        .get_result(tx.conn)?;
    let (brought, undone) = hotline::changed_since(tx, report.community_id, report.issued_at)?;
    for each in corrections {
        if each.metric == HOTLINE {
            let reasons = [
                (totals, "12345 件数在签发后录入或更改".to_owned()),
                (brought, format!("签发后导入 12345 工单 {brought} 批")),
                (undone, format!("签发后撤销 12345 工单 {undone} 批")),
            ];
            each.why.extend(reasons.into_iter().filter(|(count, _)| *count > 0).map(|(_, why)| why));
        }
        for (act, moves) in MOVES {
            let count = happened.get(*act).copied().unwrap_or_default();
            // Whatever happened may have moved a ticket from one part to another.
            let moved = each.metric != HOTLINE
                && (is_part(&each.metric) || moves.iter().any(|word| each.metric.starts_with(word)));
            if count > 0 && moved {
                each.why.push(format!("签发后{} {count} 次", label(act)));
            }
        }
    }
    Ok(())
}

fn label(act: &str) -> &str {
    let step = Step::parse(act).map(|step| step.label());
    step.or_else(|| Act::parse(act).map(|act| act.label())).unwrap_or(act)
}

/// How often each thing happened since to the tickets that the period touches.
fn since(tx: &mut Tx, report: &Issued) -> Result<BTreeMap<String, i64>> {
    let community = report.community_id;
    let rows = store::touched(tx, community, report.from_at, report.to_at)?;
    let ids: Vec<_> = rows.into_iter().map(|row| row.id).collect();
    let mut happened = BTreeMap::<String, i64>::new();
    for some in ids.chunks(500) {
        let counts: Vec<(String, i64)> = ticket_events::table
            .filter(ticket_events::community_id.eq(community))
            .filter(ticket_events::ticket_id.eq_any(some.to_vec()))
            .filter(ticket_events::at.gt(report.issued_at))
            .group_by(ticket_events::act)
            .select((ticket_events::act, count_star()))
            .load(tx.conn)?;
        for (act, count) in counts {
            *happened.entry(act).or_default() += count;
        }
    }
    Ok(happened)
}
