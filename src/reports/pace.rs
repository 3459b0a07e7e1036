//! How often one phone and one network may do a thing that costs the server something: a tap, a look, a photo ahead.
//!
//! A phone is told by its cookie alone, because what stands for one without a cookie stands for half a building. A network
//! gets much more: many people share one. What is a report, or joins one, is never refused for this: see [`super::flood`].

use std::net::IpAddr;
use std::num::NonZeroU32;

use crate::error::Result;
use crate::web::tries::Tries;

/// Counts what is done, by phone and by network.
pub struct Pace {
    devices: Tries<Vec<u8>>,
    networks: Tries<IpAddr>,
}

impl Pace {
    /// So many in a minute from one phone, and so many from one network.
    pub fn per_minute(device: u32, network: u32) -> Pace {
        let most = |most| NonZeroU32::new(most).unwrap_or(NonZeroU32::MIN);
        Pace { devices: Tries::per_minute(most(device)), networks: Tries::per_minute(most(network)) }
    }

    /// Counts one more; [`crate::error::Error::TooMany`] where it is too much. `device` is that of a phone which keeps a
    /// cookie.
    pub fn one_more(&self, from: IpAddr, device: Option<&[u8]>) -> Result<()> {
        if let Some(device) = device {
            self.devices.take(&device.to_vec())?;
        }
        self.networks.take_from(from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_phone_is_slowed_and_its_building_is_not() {
        let (pace, house) = (Pace::per_minute(3, 100), IpAddr::from([203, 0, 113, 7]));
        let passed = |device: Option<&[u8]>, times| {
            (0..times).filter(|_| pace.one_more(house, device).is_ok()).count()
        };
        assert_eq!(passed(Some(b"one"), 10), 3);
        assert_eq!(passed(Some(b"two"), 3), 3);
        assert_eq!(passed(None, 200), 94, "without a cookie only the network counts");
    }

    #[test]
    fn a_subscriber_with_a_prefix_of_addresses_is_one_network() {
        let pace = Pace::per_minute(1000, 10);
        let passed = (0..100).filter(|last: &u16| {
            pace.one_more(IpAddr::from([0x2001, 0xdb8, 0, 1, 0, 0, 0, *last]), None).is_ok()
        });
        assert_eq!(passed.count(), 10);
    }
}
