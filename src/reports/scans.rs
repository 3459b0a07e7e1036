//! Scans are counted in memory and written in batches: a page is never kept waiting for a write.
//!
//! A scan counts once per code, device and day, and is never a demand (domain §6). What is in memory when the program
//! is killed is lost, at most five seconds of it; when it is asked to stop, it is written first.

use std::collections::HashSet;
use std::sync::Mutex;

use chrono::NaiveDate;

use super::store;
use crate::codes::code::Code;
use crate::db::{Db, Id};

/// Scans kept before further ones are dropped: only when the database has not answered for long.
const KEPT: usize = 200_000;

/// One device at one code on one day.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub struct Scan {
    pub community_id: Id,
    pub code: Code,
    pub day: NaiveDate,
    pub device_hash: Vec<u8>,
}

/// The scans that wait to be written.
#[derive(Default)]
pub struct Scans(Mutex<HashSet<Scan>>);

impl Scans {
    /// Notes a scan.
    pub fn note(&self, scan: Scan) {
        let mut waiting = self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if waiting.len() < KEPT {
            waiting.insert(scan);
        }
    }

    /// Writes what waits; keeps it when the write fails.
    pub async fn flush(&self, db: &Db) {
        let batch: Vec<Scan> = {
            let mut waiting = self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            waiting.drain().collect()
        };
        if batch.is_empty() {
            return;
        }
        let again = batch.clone();
        if let Err(err) = db.write(move |tx| store::insert_scans(tx, &batch)).await {
            crate::web::log_fault(&err);
            again.into_iter().for_each(|scan| self.note(scan));
        }
    }
}
