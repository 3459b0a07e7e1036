//! Counting: the month and the year of a community, and how they stand beside the 12345 hotline.
//!
//! [`report()`] computes a period once; page, JSON and workbook show it. [`metric`] says what each figure means,
//! [`wording`] how two years are set side by side. Reads tickets, scans and places; writes only the hotline's totals.
//! Never says why a number changed, never adds ours to the hotline's, never turns a gap into a zero.

pub mod alerts;
pub mod api;
pub mod backlog;
pub mod basis;
pub mod behind;
mod board;
pub mod comparison;
pub mod dashboard;
pub mod hotline;
pub mod levels;
pub mod marks;
pub mod material;
pub mod members;
pub mod metric;
pub mod pages;
pub mod parts;
pub mod public;
pub mod ranking;
pub mod raw;
pub mod report;
mod sheets;
mod store;
mod tally;
pub mod waiting;
pub mod wording;
pub mod workbook;

pub use self::report::{Report, report};
pub use self::workbook::export;
