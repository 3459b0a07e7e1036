//! What the outside world sees: a real server, a real database, one test binary, one module for each capability.

#![expect(unreachable_pub, reason = "a test binary has no outside")]

mod access;
mod browser;
mod desk;
mod durable;
mod harness;
mod modules;
mod oracle;
mod papers;
mod posters;
mod reports;
mod schema;
mod work;
