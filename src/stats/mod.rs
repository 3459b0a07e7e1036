//! Counting: the month and the year of a community, and how they stand beside the 12345 hotline.
//!
//! [`report()`] computes a period once; page, JSON and workbook show it. [`metric`] says what each figure means,
//! [`wording`] how two years are set side by side. What is handed up is frozen in [`issued`]; a workbook with everything in
//! it leaves by [`unmasked`] alone. Reads tickets, scans and places; writes only the hotline's totals and what was issued.
//! Never says why a number changed, never adds ours to the hotline's, never turns a gap into a zero.

pub mod alerts;
pub mod api;
mod as_of;
pub mod backlog;
pub mod basis;
pub mod behind;
mod beside;
mod board;
mod cells;
pub mod comparison;
pub mod csv;
pub mod dashboard;
pub mod grids;
pub mod hotline;
pub mod issued;
mod known;
pub mod levels;
pub mod links;
pub mod listing;
pub mod making;
pub mod marks;
mod masking;
pub mod material;
pub mod members;
pub mod metric;
pub mod overlap;
pub mod pages;
pub mod parts;
pub mod public;
pub mod ranking;
pub mod raw;
pub mod report;
mod sheets;
pub mod sides;
mod store;
mod tally;
pub mod unmasked;
pub mod waiting;
pub mod whose;
pub mod wording;
mod workbook;

pub use self::making::export;
pub use self::report::{Report, report};
