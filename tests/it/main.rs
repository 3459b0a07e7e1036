//! What the outside world sees: a real server, a real database, one test binary, one module for each capability.

#![expect(unreachable_pub, reason = "a test binary has no outside")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::too_many_lines, reason = "a journey is told in one go")]

mod access;
mod after;
mod alike;
mod audit;
mod beside;
mod browser;
mod bulletin;
mod clocks;
mod demo;
mod desk;
mod doctor;
mod door;
mod durable;
mod figures;
mod harness;
mod hotline;
mod issued;
mod levels;
mod life;
mod links;
mod manage;
mod modules;
mod notices;
mod oracle;
mod papers;
mod posters;
mod recount;
mod reports;
mod residents;
mod routing;
mod schema;
mod stage;
mod timers;
mod trust;
mod upgrade;
mod uploads;
mod walk;
mod words;
mod work;
