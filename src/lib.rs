//! Louma 楼码: every building door has a code, and every report behind it is followed to its end.

#![recursion_limit = "512"]

#[macro_use]
mod text_enum;

pub mod alike;
pub mod api;
pub mod app;
pub mod assets;
pub mod bulletin;
pub mod calendar;
pub mod cli;
pub mod clock;
pub mod codes;
pub mod config;
pub mod console;
pub mod db;
pub mod demo;
pub mod error;
pub mod health;
pub mod hotline;
pub mod jobs;
pub mod kept;
pub mod keys;
pub mod links;
pub mod mask;
pub mod metrics;
pub mod neighbours;
pub mod notices;
pub mod patrols;
pub mod people;
pub mod photos;
pub mod places;
pub mod reports;
pub mod retention;
pub mod rollups;
pub mod routing;
pub mod schema;
pub mod settings;
pub mod stats;
pub mod tables;
pub mod tickets;
pub mod uploads;
pub mod voices;
pub mod web;
pub mod words;
pub mod works;
