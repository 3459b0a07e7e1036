//! How often something may be tried: so many times for each address, name or number, counted in memory of this program.
//!
//! Whoever waited long enough has all their tries again and is forgotten, so that nobody fills the memory with keys of
//! their own making. What is too often, and what is answered then, is said by whoever asks.

use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicUsize, Ordering};

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use super::network;
use crate::error::{Error, Result};

/// Keys that are remembered before those that have all their tries again are forgotten.
const REMEMBERED: usize = 10_000;

/// Counts the tries of each key.
pub struct Tries<K: Hash + Eq + Clone> {
    by_key: DefaultKeyedRateLimiter<K>,
    /// How many keys there may be until it is looked which of them to forget.
    look_at: AtomicUsize,
}

impl<K: Hash + Eq + Clone> Tries<K> {
    /// With this quota for each key.
    pub fn new(quota: Quota) -> Tries<K> {
        Tries { by_key: RateLimiter::keyed(quota), look_at: AtomicUsize::new(REMEMBERED) }
    }

    /// So many in a minute for each key.
    pub fn per_minute(most: NonZeroU32) -> Tries<K> {
        Tries::new(Quota::per_minute(most))
    }

    /// Takes one try of a key, or fails with [`Error::TooMany`].
    pub fn take(&self, key: &K) -> Result<()> {
        self.take_many(key, NonZeroU32::MIN)
    }

    /// Takes so many at once: all of them or none.
    pub fn take_many(&self, key: &K, count: NonZeroU32) -> Result<()> {
        self.forget();
        match self.by_key.check_key_n(key, count) {
            Ok(Ok(())) => Ok(()),
            _ => Err(Error::TooMany),
        }
    }

    /// Looking costs as much as there are keys, so it is not done again before there are twice as many.
    fn forget(&self) {
        if self.by_key.len() > self.look_at.load(Ordering::Relaxed) {
            self.by_key.retain_recent();
            self.look_at.store(REMEMBERED.max(2 * self.by_key.len()), Ordering::Relaxed);
        }
    }

    /// How many keys are remembered.
    pub fn remembered(&self) -> usize {
        self.by_key.len()
    }
}

impl Tries<IpAddr> {
    /// Takes one try of an address, or fails with [`Error::TooMany`]. A subscriber's addresses are one.
    pub fn take_from(&self, address: IpAddr) -> Result<()> {
        self.take(&network(address))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const FIVE: NonZeroU32 = NonZeroU32::new(5).unwrap();

    #[test]
    fn the_addresses_of_one_subscriber_have_their_tries_together() {
        let tries = Tries::per_minute(FIVE);
        let at = |house: u16, device: u16| IpAddr::from([0x2001, 0xdb8, 0, house, 0, 0, 0, device]);
        assert_eq!((0..20).filter(|device| tries.take_from(at(1, *device)).is_ok()).count(), 5);
        assert!(tries.take_from(at(2, 0)).is_ok(), "the neighbour has tries of their own");
        assert_eq!(tries.remembered(), 2);
    }

    #[test]
    fn whoever_has_all_tries_again_is_forgotten() {
        // A try is back after a nanosecond.
        let tries = Tries::new(Quota::with_period(Duration::from_nanos(1)).unwrap());
        for key in 0..10 * REMEMBERED {
            tries.take(&key).unwrap();
            assert!(tries.remembered() <= REMEMBERED + 1, "{key}");
        }
    }

    #[test]
    fn whoever_has_not_is_remembered_however_many_they_are() {
        let tries = Tries::new(Quota::per_hour(NonZeroU32::MIN));
        for key in 0..3 * REMEMBERED {
            tries.take(&key).unwrap();
        }
        assert_eq!((0..3 * REMEMBERED).filter(|key| tries.take(key).is_ok()).count(), 0);
    }
}
