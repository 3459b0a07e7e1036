//! The page of somebody outside: a utility or a department, without an account, by a link to one ticket. Under `/o`.
//!
//! It shows the matter and the talk about it, and nothing of the resident; what may be done, and by which browser, is
//! decided in `tickets::outside`. Staff make and read links in the console (`tickets::links`). Works without a script.

pub mod pages;
pub mod view;

use std::net::IpAddr;
use std::num::NonZeroU32;

use crate::web::tries::Tries;

/// Addresses that lead nowhere that one network may try in a minute. A token has 256 bits: this only keeps the noise down.
const WRONG_PER_MINUTE: NonZeroU32 = NonZeroU32::new(60).expect("not zero");

/// Who tried links that do not exist.
pub struct Wrong(Tries<IpAddr>);

impl Default for Wrong {
    fn default() -> Wrong {
        Wrong(Tries::per_minute(WRONG_PER_MINUTE))
    }
}

impl Wrong {
    /// Whether one more wrong address is too much.
    pub fn too_many(&self, from: IpAddr) -> bool {
        self.0.take_from(from).is_err()
    }
}
