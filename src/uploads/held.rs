//! How many bytes lie in the folder of uploads, in all and from each network: what came, not what was announced.
//!
//! No network may take so much that others have no room. What is counted here is set right at every sweep from the files
//! themselves.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Bytes that all uploads under way may have together.
pub(super) const ALL: u64 = 4 << 30;
/// Bytes that those of one network may have: a building of two hundred phones with five megabytes each.
pub(super) const PER_NETWORK: u64 = 1 << 30;

/// Bytes by network.
#[derive(Debug, Default)]
pub(super) struct Held(Mutex<Bytes>);

#[derive(Debug, Default)]
struct Bytes {
    all: u64,
    by_network: HashMap<String, u64>,
}

impl Bytes {
    fn fits(&self, network: &str, more: u64) -> bool {
        let own = self.by_network.get(network).copied().unwrap_or(0);
        own + more <= PER_NETWORK && self.all + more <= ALL
    }
}

impl Held {
    /// Whether so many more may come from a network.
    pub(super) fn has_room(&self, network: &str, more: u64) -> bool {
        self.lock().fits(network, more)
    }

    /// Counts what came, where there is room for it.
    pub(super) fn add(&self, network: &str, more: u64) -> bool {
        let mut held = self.lock();
        let fits = held.fits(network, more);
        if fits {
            held.all += more;
            *held.by_network.entry(network.to_owned()).or_insert(0) += more;
        }
        fits
    }

    /// What was removed counts no more.
    pub(super) fn remove(&self, network: &str, less: u64) {
        let mut held = self.lock();
        let Some(own) = held.by_network.get_mut(network) else { return };
        let less = less.min(*own);
        *own -= less;
        if *own == 0 {
            held.by_network.remove(network);
        }
        held.all = held.all.saturating_sub(less);
    }

    /// What lies there, counted anew.
    pub(super) fn set(&self, found: HashMap<String, u64>) {
        *self.lock() = Bytes { all: found.values().sum(), by_network: found };
    }

    fn lock(&self) -> MutexGuard<'_, Bytes> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_network_fills_its_own_room_and_nobody_elses() {
        let held = Held::default();
        assert!(held.add("one", PER_NETWORK) && !held.has_room("one", 1) && !held.add("one", 1));
        assert!(held.add("two", PER_NETWORK));
        held.remove("one", 10);
        assert!(held.has_room("one", 10) && !held.has_room("one", 11));
        assert!(held.add("three", PER_NETWORK) && held.add("four", PER_NETWORK));
        assert!(held.has_room("five", 10) && !held.has_room("five", 11), "in all there is an end to it");
        held.set(HashMap::from([("one".to_owned(), 3)]));
        assert!(held.has_room("four", PER_NETWORK));
    }
}
