//! What a browser can show for itself: that it took its time over the form, and, when many come at once, that it worked.
//!
//! The page is ready-made and the same for all: in it stands a coarse stamp of when it was made. When the form is first
//! touched, a script asks for a token of its own (`GET /q/{code}/token`): signed, good for one report, with the moment on
//! it. Under pressure the token also asks for work: a number whose SHA-256 with the token begins with so many zero bits,
//! found by the phone in the background. All of it is checked without a look into the database; what was used is
//! remembered in memory. Whoever has none of it is never refused: see `flood`.

use std::time::Duration;

use moka::sync::Cache;
use sha2::{Digest, Sha256};

use crate::codes::code::Code;
use crate::db::Time;
use crate::keys::{self, Keys};

/// Less time over a form than this is no person's.
const LEAST_SECONDS: i64 = 2;
/// A token is good for so long; a page may lie open through an afternoon.
const HOURS: i64 = 6;
/// The coarse stamp of a page changes so often, and is good for a day.
const BUCKET_SECONDS: i64 = 600;
/// Zero bits at the beginning of pressure: about 30,000 hashes, well under a second on an old phone.
pub const LEAST_BITS: u32 = 15;
/// Zero bits at most: a few seconds, while the form is filled in.
pub const MOST_BITS: u32 = 18;

/// Tokens that were used, as long as they are good.
pub struct Used(Cache<String, ()>);

impl Default for Used {
    fn default() -> Used {
        let life = Duration::from_secs(HOURS as u64 * 3600);
        Used(Cache::builder().max_capacity(1_000_000).time_to_live(life).build())
    }
}

impl Used {
    /// Whether this was not used before; from now on it is. Of two at once the first has it.
    pub fn once(&self, nonce: &str) -> bool {
        self.0.entry(nonce.to_owned()).or_insert(()).is_fresh()
    }
}

/// A token for one report at a door, asking for `bits` of work; nothing for 0.
pub fn token(keys: &Keys, code: &Code, (now, bits): (Time, u32)) -> String {
    let body = format!("{}.{}.{bits}", now.0.timestamp_millis(), &keys::token()[..22]);
    let stamp = keys.stamp("form", &format!("{code}/{body}"));
    format!("{body}.{stamp}")
}

/// The coarse stamp of a page that is made now.
pub fn page_stamp(keys: &Keys, code: &Code, now: Time) -> String {
    let bucket = now.0.timestamp() / BUCKET_SECONDS;
    format!("{bucket}.{}", keys.stamp("page", &format!("{code}/{bucket}")))
}

/// Whether the stamp is of a page of this door that was made within a day.
fn page_is_ours(keys: &Keys, code: &Code, now: Time, stamp: &str) -> bool {
    let Some((bucket, signature)) = stamp.split_once('.') else { return false };
    let Ok(made) = bucket.parse::<i64>() else { return false };
    let age = now.0.timestamp() / BUCKET_SECONDS - made;
    (0..=24 * 3600 / BUCKET_SECONDS).contains(&age)
        && keys.stamped("page", &format!("{code}/{made}"), signature)
}

/// What came with a form.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sent<'a> {
    /// The token that the script fetched.
    pub token: &'a str,
    /// The number that was found for it.
    pub work: &'a str,
    /// The coarse stamp of the page.
    pub page: &'a str,
    /// A field that nobody sees.
    pub honeypot: &'a str,
}

/// How much of a browser stands behind a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Proof {
    /// It filled what no person sees.
    Trap,
    /// Nothing that came from us.
    Nothing,
    /// A page of ours, no script.
    Page,
    /// A token of its own, and it took its time.
    Time,
    /// That, and work.
    Work,
}

/// Weighs what came with a form; a token is used up by it.
pub fn weigh(keys: &Keys, used: &Used, code: &Code, now: Time, sent: Sent) -> Proof {
    if !sent.honeypot.is_empty() {
        return Proof::Trap;
    }
    let page = if page_is_ours(keys, code, now, sent.page) { Proof::Page } else { Proof::Nothing };
    let Some((body, stamp)) = sent.token.rsplit_once('.') else { return page };
    if !keys.stamped("form", &format!("{code}/{body}"), stamp) {
        return page;
    }
    let mut parts = body.split('.');
    let made: Option<i64> = parts.next().and_then(|millis| millis.parse().ok());
    let (nonce, bits) = (parts.next(), parts.next().and_then(|bits| bits.parse().ok()));
    let (Some(made), Some(nonce), Some(bits)) = (made, nonce, bits) else { return page };
    let age = now.0.timestamp_millis() - made;
    if !(LEAST_SECONDS * 1000..=HOURS * 3_600_000).contains(&age) {
        return page;
    }
    if !used.once(nonce) {
        return page;
    }
    if bits > 0 && worked(sent.token, sent.work, bits) { Proof::Work } else { Proof::Time }
}

/// Whether the number that was found gives so many zero bits.
fn worked(token: &str, work: &str, bits: u32) -> bool {
    let sound = (1..=10).contains(&work.len()) && work.bytes().all(|sign| sign.is_ascii_digit());
    sound && zero_bits(token, work) >= bits
}

fn zero_bits(token: &str, work: &str) -> u32 {
    let hash = Sha256::digest(format!("{token}:{work}").as_bytes());
    u64::from_be_bytes(std::array::from_fn(|i| hash[i])).leading_zeros()
}

/// Finds the number, as a phone does: for tests and for programs that report for people.
pub fn solve(token: &str, bits: u32) -> Option<u32> {
    (0..u32::MAX).find(|number| zero_bits(token, &number.to_string()) >= bits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn setting() -> (Keys, Used, Code, Time) {
        let code = Code::parse("23456789AB").unwrap();
        (Keys::new(&[7; 32]), Used::default(), code, Time::from_micros(1_800_000_000_000_000))
    }

    fn later(now: Time, seconds: i64) -> Time {
        Time(now.0 + chrono::TimeDelta::seconds(seconds))
    }

    #[test]
    fn a_token_is_good_once_at_its_door_and_in_its_time() {
        let (keys, used, code, now) = setting();
        let token = token(&keys, &code, (now, 0));
        let sent = Sent { token: &token, ..Sent::default() };
        assert_eq!(weigh(&keys, &used, &code, later(now, 1), sent), Proof::Nothing, "too fast for a person");
        let elsewhere = Code::parse("3456789ABC").unwrap();
        assert_eq!(weigh(&keys, &used, &elsewhere, later(now, 9), sent), Proof::Nothing);
        assert_eq!(weigh(&keys, &used, &code, later(now, 9), sent), Proof::Time);
        assert_eq!(weigh(&keys, &used, &code, later(now, 9), sent), Proof::Nothing, "used");
        let old = super::token(&keys, &code, (now, 0));
        let sent = Sent { token: &old, ..Sent::default() };
        assert_eq!(weigh(&keys, &used, &code, later(now, 7 * 3600), sent), Proof::Nothing);
    }

    #[test]
    fn work_is_checked_and_cannot_be_asked_down() {
        let (keys, used, code, now) = setting();
        let token = token(&keys, &code, (now, 12));
        let found = solve(&token, 12).unwrap().to_string();
        let cheap = token.replacen(".12.", ".0.", 1);
        let sent = Sent { token: &cheap, work: &found, ..Sent::default() };
        assert_eq!(weigh(&keys, &used, &code, later(now, 5), sent), Proof::Nothing);
        let sent = Sent { token: &token, work: &found, ..Sent::default() };
        assert_eq!(weigh(&keys, &used, &code, later(now, 5), sent), Proof::Work);
        let lazy = super::token(&keys, &code, (now, 12));
        let sent = Sent { token: &lazy, work: "0", ..Sent::default() };
        assert_eq!(weigh(&keys, &used, &code, later(now, 5), sent), Proof::Time);
    }

    #[test]
    fn without_a_script_the_page_itself_speaks() {
        let (keys, used, code, now) = setting();
        let stamp = page_stamp(&keys, &code, now);
        let sent = Sent { page: &stamp, ..Sent::default() };
        assert_eq!(weigh(&keys, &used, &code, later(now, 3600), sent), Proof::Page);
        assert_eq!(weigh(&keys, &used, &code, later(now, 26 * 3600), sent), Proof::Nothing);
        let sent = Sent { honeypot: "http://", ..sent };
        assert_eq!(weigh(&keys, &used, &code, later(now, 60), sent), Proof::Trap);
    }
}
