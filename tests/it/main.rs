//! What the outside world sees: a real server, a real database, one test binary, one module for each capability.

mod desk;
mod harness;
mod modules;
mod posters;
mod reports;
mod schema;
