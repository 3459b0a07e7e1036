//! Notices, channels, texts and deliveries, as rows. The only files of `notices` that name diesel's queries.
//!
//! `outbox.rs` reads what happened, `sending.rs` claims and records, the others are plain.

pub(super) mod bell;
pub(super) mod channels;
pub(super) mod drafts;
pub(super) mod outbox;
pub(super) mod sending;
pub(super) mod texts;
