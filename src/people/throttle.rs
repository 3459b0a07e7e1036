//! How often a password may be tried: by sign-in name, and by the address it comes from.
//!
//! Both are counted in memory of this process and forgotten on restart. A name is slowed, never locked: nobody can
//! shut a colleague out for good by mistyping. Checking the password is the business of `session`.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use governor::Quota;

use crate::error::Result;
use crate::web::tries::Tries;

/// Tries that a name has at once, and seconds until it has one more.
const NAME: (u32, u64) = (8, 30);
/// Tries that an address has at once, and seconds until it has one more. An office shares one address.
const ADDRESS: (u32, u64) = (60, 2);

/// Counts the tries.
pub struct Throttle {
    names: Tries<String>,
    addresses: Tries<IpAddr>,
}

impl Default for Throttle {
    fn default() -> Throttle {
        let quota = |(burst, seconds)| {
            let burst = NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN);
            // A period of zero has no quota; the constants above are none.
            let quota = Quota::with_period(Duration::from_secs(seconds)).unwrap_or(Quota::per_hour(burst));
            quota.allow_burst(burst)
        };
        Throttle { names: Tries::new(quota(NAME)), addresses: Tries::new(quota(ADDRESS)) }
    }
}

impl Throttle {
    /// Takes one try of the name and of the address, or fails with [`TooMany`](crate::error::Error::TooMany). A name that does not exist
    /// is counted like any other, so that the answer tells nothing.
    pub fn admit(&self, name: &str, from: IpAddr) -> Result<()> {
        self.addresses.take_from(from)?;
        self.names.take(&name.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    fn tries(throttle: &Throttle, name: impl Fn(u32) -> String, from: impl Fn(u32) -> IpAddr) -> usize {
        (0..200).take_while(|at| throttle.admit(&name(*at), from(*at)).is_ok()).count()
    }

    #[test]
    fn a_name_is_slowed_from_wherever_it_is_tried_and_others_are_not() {
        let throttle = Throttle::default();
        let anywhere = |at: u32| IpAddr::from((at << 8).to_be_bytes());
        assert_eq!(tries(&throttle, |_| "lead".to_owned(), anywhere), NAME.0 as usize);
        assert!(throttle.admit("worker", anywhere(1)).is_ok());
    }

    #[test]
    fn an_address_that_tries_many_names_is_slowed() {
        let throttle = Throttle::default();
        let home = IpAddr::from([192, 0, 2, 7]);
        assert_eq!(tries(&throttle, |at| format!("name{at}"), |_| home), ADDRESS.0 as usize);
        assert!(matches!(throttle.admit("anyone", home), Err(Error::TooMany)));
        assert!(throttle.admit("anyone", IpAddr::from([192, 0, 2, 8])).is_ok());
    }

    #[test]
    fn the_addresses_of_one_ipv6_subscriber_count_together() {
        let throttle = Throttle::default();
        let hopping = |at: u32| IpAddr::from([0x2001, 0xdb8, 0, 1, 0, 0, 0, at as u16]);
        assert_eq!(tries(&throttle, |at| format!("name{at}"), hopping), ADDRESS.0 as usize);
    }
}
