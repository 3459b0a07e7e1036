//! What the outside world sees: a real server, a real database, one test binary, one module for each capability.

#![expect(unreachable_pub, reason = "a test binary has no outside")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::too_many_lines, reason = "a journey is told in one go")]

mod access;
mod accounts;
mod after;
mod alike;
mod audit;
mod behind;
mod beside;
mod browser;
mod bulletin;
mod clocks;
mod defended;
mod demo;
mod desk;
mod doctor;
mod door;
mod durable;
mod edge;
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
mod program;
mod promised;
mod races;
mod recount;
mod reports;
mod residents;
mod routing;
mod schema;
mod search;
mod sessions;
mod stage;
mod timers;
mod trust;
mod twins;
mod upgrade;
mod uploads;
mod walk;
mod windows;
mod words;
mod work;
