//! Rows as they stood at an earlier moment, as far as they still say so: for counting a period again at its own cut-off.
//!
//! What came after the moment is left out: tickets, closings, contacts, answers, accounts. What a row no longer says (a
//! closing that a later one replaced, an exclusion, a merger, another category) cannot be taken back: it shows as a difference.

use super::tally::Row;
use crate::db::Time;
use crate::tickets::Status;

/// Leaves out what came after `at`.
pub(super) fn as_of(rows: &mut Vec<Row>, at: Time) {
    rows.retain(|row| row.submitted_at <= at);
    for row in rows {
        let later = |moment: Option<Time>| moment.is_some_and(|moment| moment > at);
        if later(row.closed_at) {
            row.closed_at = None;
            if matches!(row.status, Status::FollowUp | Status::Archived) {
                row.status = Status::InProgress;
            }
        }
        if later(row.first_contact_at) {
            row.first_contact_at = None;
        }
        if later(row.dispatched_at) {
            row.dispatched_at = None;
        }
        if later(row.suspended_at) {
            row.suspended_at = None;
        }
        if later(row.answered_at) {
            (row.answered_at, row.answer_valid) = (None, None);
            (row.contacted, row.solved, row.satisfied) = (None, None, None);
        }
    }
}
