//! Louma 楼码: every building door has a code, and every report behind it is followed to its end.

#[macro_use]
mod text_enum;

pub mod error;
pub mod photos;
pub mod tables;
