//! The code on the door: what is printed, drawn and scanned, and the codes that were given out.
//!
//! Signs, modules and posters are pure: made from values, without database and HTTP. `registry` keeps the codes and
//! their life, `print` says what a community's posters say; `pages` and `api` hand them out.

pub mod api;
pub mod code;
pub mod pages;
pub mod poster;
pub mod print;
pub mod qr;
pub mod registry;

pub use self::print::posters_for;
