//! Against flooding, without ever shutting anybody out: what is too much is held for a person to look at (`tickets::held`).
//!
//! Reports are counted by code, network, community and phone, over ten minutes, in memory of this program. Up to the
//! limits of the community ([`settings::Flood`]) every report becomes a ticket at once, whatever came with it. Beyond
//! them it must come with proof of time and work (`proof`), up to some times the limits; the phone does that unseen, and
//! what a script posts without it takes none of that room. A building behind one address in a burst pipe stays below, and
//! where it does not, its phones prove themselves. Who joins a matter (我也遇到了) is counted by the same limits, apart: what is
//! too much there is stored and counted in no figure before a person confirms it (`neighbours`).

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use moka::sync::Cache;

use super::proof::{LEAST_BITS, MOST_BITS, Proof, Used};
use crate::codes::code::Code;
use crate::db::Id;
use crate::settings;
use crate::tickets::held::Doubt;
use crate::web::network;
use crate::web::tries::Tries;

/// Over how long reports are counted.
const WINDOW: Duration = Duration::from_secs(600);
/// Keys that are remembered before those that have all their room again are forgotten.
const REMEMBERED: usize = 50_000;
/// Photos of what is doubtful that one network may leave in an hour; the words are taken in any case. What came from a page
/// of ours has more room: behind one address may stand a building whose phones run no script.
const PHOTOS_PER_HOUR: NonZeroU32 = NonZeroU32::new(60).expect("not zero");
const SHOWN_PHOTOS_PER_HOUR: NonZeroU32 = NonZeroU32::new(600).expect("not zero");
/// Doubtful joins that one network may leave in an hour: each is a row, and nobody looks at thousands.
const JOINS_PER_HOUR: NonZeroU32 = NonZeroU32::new(600).expect("not zero");

/// Whose reports are counted together.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Whose {
    Door(Code),
    Network(IpAddr),
    Community(Id),
    Device(Vec<u8>),
}

/// The counters of one set of limits.
struct Counters {
    narrow: [DefaultKeyedRateLimiter<Whose>; 3],
    wide: [DefaultKeyedRateLimiter<Whose>; 3],
    device: DefaultKeyedRateLimiter<Whose>,
}

/// So many within the window at once, and as many again over the next.
fn limiter(most: i64) -> DefaultKeyedRateLimiter<Whose> {
    let burst = NonZeroU32::new(most.clamp(1, 1_000_000_000) as u32).unwrap_or(NonZeroU32::MIN);
    let each = (WINDOW / burst.get()).max(Duration::from_nanos(1));
    let quota = Quota::with_period(each).unwrap_or(Quota::per_hour(burst));
    RateLimiter::keyed(quota.allow_burst(burst))
}

impl Counters {
    fn new(rules: &settings::Flood) -> Counters {
        let limits = [rules.door, rules.network, rules.community].map(i64::from);
        Counters {
            narrow: limits.map(limiter),
            wide: limits.map(|limit| limiter(limit * i64::from(rules.proven_times))),
            device: limiter(rules.device.into()),
        }
    }

    fn forget(&self) {
        for each in self.narrow.iter().chain(&self.wide).chain([&self.device]) {
            if each.len() > REMEMBERED {
                each.retain_recent();
            }
        }
    }
}

/// What is counted: reports, and those who join a matter, each with counters of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum What {
    /// A report.
    Report,
    /// 我也遇到了.
    Join,
}

/// Counts reports and joins, and remembers where it was too much.
pub struct Flood {
    counters: Cache<(What, settings::Flood), Arc<Counters>>,
    /// Where the narrow limits were passed lately, and how often.
    pressed: Cache<Whose, Arc<AtomicU32>>,
    photos: Tries<IpAddr>,
    shown_photos: Tries<IpAddr>,
    joins: Tries<IpAddr>,
    /// Tokens that were used.
    pub used: Used,
}

impl Default for Flood {
    fn default() -> Flood {
        Flood {
            counters: Cache::builder().max_capacity(1000).build(),
            pressed: Cache::builder().max_capacity(REMEMBERED as u64).time_to_live(WINDOW).build(),
            photos: Tries::new(Quota::per_hour(PHOTOS_PER_HOUR)),
            shown_photos: Tries::new(Quota::per_hour(SHOWN_PHOTOS_PER_HOUR)),
            joins: Tries::new(Quota::per_hour(JOINS_PER_HOUR)),
            used: Used::default(),
        }
    }
}

/// Where a report comes from and to whom it goes.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct Origin {
    pub code: Code,
    pub community: Id,
    pub address: IpAddr,
    pub device: Option<Vec<u8>>,
}

impl Origin {
    fn places(&self) -> [(Whose, Doubt); 3] {
        [
            (Whose::Door(self.code.clone()), Doubt::Door),
            (Whose::Network(network(self.address)), Doubt::Network),
            (Whose::Community(self.community), Doubt::Community),
        ]
    }
}

impl Flood {
    /// Counts a report or a join and says why a person should look at it first; nothing where it may count at once.
    pub fn doubts(
        &self,
        what: What,
        (rules, origin): (&settings::Flood, &Origin),
        proof: Proof,
    ) -> Vec<Doubt> {
        let counters = self.counters.get_with((what, rules.clone()), || Arc::new(Counters::new(rules)));
        counters.forget();
        let mut doubts = Vec::new();
        if proof == Proof::Trap {
            doubts.push(Doubt::Honeypot);
        }
        let device = origin.device.clone().map(Whose::Device);
        if device.is_some_and(|device| counters.device.check_key(&device).is_err()) {
            doubts.push(Doubt::Device);
        }
        for (place, (whose, doubt)) in origin.places().into_iter().enumerate() {
            if counters.narrow[place].check_key(&whose).is_ok() {
                continue;
            }
            self.pressed.get_with(whose.clone(), Arc::default).fetch_add(1, Ordering::Relaxed);
            if proof < Proof::Work || counters.wide[place].check_key(&whose).is_err() {
                doubts.push(doubt);
            }
        }
        doubts
    }

    /// The zero bits of work to ask of whoever begins a form now; 0 where nothing presses.
    pub fn bits(&self, origin: &Origin) -> u32 {
        let pressed = origin.places().into_iter().filter_map(|(whose, _)| self.pressed.get(&whose));
        let most = pressed.map(|count| count.load(Ordering::Relaxed)).max();
        most.map_or(0, |count| {
            (LEAST_BITS + (count / 100).checked_ilog2().map_or(0, |more| more + 1)).min(MOST_BITS)
        })
    }

    /// Whether so many photos of what is doubtful may stay on the disk.
    pub fn keeps_photos(&self, address: IpAddr, proof: Proof, photos: usize) -> bool {
        let room = if proof >= Proof::Page { &self.shown_photos } else { &self.photos };
        let Some(count) = NonZeroU32::new(photos as u32) else { return true };
        room.take_many(&network(address), count).is_ok()
    }

    /// Whether one more doubtful join from this address is kept.
    pub fn keeps_join(&self, address: IpAddr) -> bool {
        self.joins.take_from(address).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(device: Option<u8>) -> Origin {
        Origin {
            code: Code::parse("23456789AB").unwrap(),
            community: Id::new(),
            address: [203, 0, 113, 7].into(),
            device: device.map(|device| vec![device]),
        }
    }

    #[test]
    fn a_building_behind_one_address_gets_through_a_burst_pipe() {
        let (flood, rules, house) = (Flood::default(), settings::Flood::default(), origin(None));
        for phone in 0..30 {
            let neighbour = Origin { device: Some(vec![phone]), ..house.clone() };
            assert!(flood.doubts(What::Report, (&rules, &neighbour), Proof::Page).is_empty(), "{phone}");
        }
    }

    #[test]
    fn what_is_too_much_is_held_unless_the_phone_worked_for_it() {
        let (flood, rules, from) = (Flood::default(), settings::Flood::default(), origin(None));
        assert_eq!(flood.bits(&from), 0, "nothing presses");
        let held = |proof, posts| {
            (0..posts).filter(|_| !flood.doubts(What::Report, (&rules, &from), proof).is_empty()).count()
        };
        assert_eq!(held(Proof::Nothing, 10_000), 10_000 - 30, "a script leaves thirty");
        assert_eq!(held(Proof::Time, 40), 40, "a token without work is not enough now");
        assert!(flood.bits(&from) >= LEAST_BITS);
        assert_eq!(held(Proof::Work, 200), 0, "and took nothing from those who work");
        let over = held(Proof::Work, 600);
        assert!((190..=200).contains(&over), "there is an end to it for them too: {over}");
        let last = flood.doubts(What::Report, (&rules, &from), Proof::Work);
        assert_eq!(last, [Doubt::Door, Doubt::Network, Doubt::Community]);
    }

    #[test]
    fn one_phone_and_the_trap_are_held_however_quiet_it_is() {
        let (flood, rules) = (Flood::default(), settings::Flood::default());
        let phone = origin(Some(1));
        let held =
            (0..8).filter(|_| !flood.doubts(What::Report, (&rules, &phone), Proof::Work).is_empty()).count();
        assert_eq!(held, 2);
        let trapped = flood.doubts(What::Report, (&rules, &origin(Some(2))), Proof::Trap);
        assert_eq!(trapped, [Doubt::Honeypot]);
    }

    #[test]
    fn the_work_grows_with_the_pressure_and_stays_bearable() {
        let (flood, rules, from) = (Flood::default(), settings::Flood::default(), origin(None));
        for _ in 0..100_000 {
            flood.doubts(What::Report, (&rules, &from), Proof::Nothing);
        }
        assert_eq!(flood.bits(&from), MOST_BITS);
    }

    #[test]
    fn photos_of_held_reports_fill_no_disk() {
        let flood = Flood::default();
        let kept =
            |proof| (0..1000).filter(|_| flood.keeps_photos([203, 0, 113, 7].into(), proof, 6)).count();
        assert_eq!((kept(Proof::Nothing), kept(Proof::Page), kept(Proof::Work)), (10, 100, 0));
    }

    #[test]
    fn joins_have_counters_of_their_own() {
        let (flood, rules, from) = (Flood::default(), settings::Flood::default(), origin(None));
        let passed =
            |what| (0..100).filter(|_| flood.doubts(what, (&rules, &from), Proof::Page).is_empty()).count();
        assert_eq!((passed(What::Join), passed(What::Report), passed(What::Join)), (30, 30, 0));
        assert_eq!((0..1000).filter(|_| flood.keeps_join(from.address)).count(), 600);
    }
}
