//! Louma 楼码: every building door has a code, and every report behind it is followed to its end.

#![recursion_limit = "512"]

#[macro_use]
mod text_enum;

pub mod clock;
pub mod codes;
pub mod db;
pub mod error;
pub mod keys;
pub mod schema;
