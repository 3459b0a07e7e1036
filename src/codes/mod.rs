//! The code on the door: what is printed, drawn and scanned. This part is pure: signs, modules and
//! posters are made from values; nothing here knows the database or HTTP.

pub mod code;
pub mod poster;
pub mod qr;
pub mod registry;
