//! Reports as residents make and follow them: the door page, the page of one report, the receipt.
//!
//! The pages say everything in plain words and work without a script. What they show is filled in [`view`]; rules of
//! tickets live with the tickets. Here is what makes a report safe to send twice ([`once`]).

mod answers;
pub mod card;
pub mod closed;
pub mod data;
pub mod door;
pub mod draft;
pub mod faults;
pub mod flood;
pub mod follow;
pub(crate) mod kept;
pub mod mine;
mod missing;
pub mod neighbour;
pub mod notice;
pub mod pace;
pub mod pages;
pub mod proof;
pub mod scans;
pub mod sending;
mod store;
pub mod take_down;
pub mod uploads;
pub mod view;
pub mod voices;
mod waiting;
mod weighing;

use crate::db::{Id, Time, Tx};
use crate::error::{Error, Result};
use crate::keys;
use crate::settings::{self, Retention};

/// Minutes within which the same words from the same device at the same door are the same report, whatever key the
/// browser made.
pub const RESEND_MINUTES: i64 = 10;

/// By what a repeated submission is recognised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key {
    /// A random key that the browser made when the form was first touched; it names one report for ever.
    Made(Vec<u8>),
    /// Device, door and content: all there is without a script, and what tells that a form sent with a new key is the
    /// old report; it names one report for [`RESEND_MINUTES`].
    Derived(Vec<u8>),
}

impl Key {
    /// Reads the field `idempotency_key`: 16 to 64 letters and digits, or nothing where the browser made none.
    pub fn parse(text: &str) -> Result<Option<Key>> {
        let sound = text.bytes().all(|sign| sign.is_ascii_alphanumeric() || sign == b'-');
        match text.len() {
            0 => Ok(None),
            16..=64 if sound => Ok(Some(Key::Made(keys::digest([b"made".as_slice(), text.as_bytes()])))),
            _ => Err(Error::invalid("form", "页面有些旧了，请再点一次提交")),
        }
    }

    /// The key that needs no script.
    pub fn derive(device: &[u8], door: &str, content: &[u8]) -> Key {
        Key::Derived(keys::digest([b"derived".as_slice(), device, door.as_bytes(), content]))
    }

    fn hash(&self) -> &[u8] {
        match self {
            Key::Made(hash) | Key::Derived(hash) => hash,
        }
    }
}

/// A new random key, for a form that is shown again after its old key was spent on something else.
pub fn fresh_key() -> String {
    uuid::Uuid::new_v4().simple().to_string()
}

/// Whether one of these keys has led to a report already.
pub fn sent_before(tx: &mut Tx, community_id: Id, keys: &[Key]) -> Result<bool> {
    for key in keys {
        let earlier = store::if_claimed(tx, community_id, key.hash())?;
        let fresh = |at: Time| matches!(key, Key::Made(_)) || tx.now <= at.plus_minutes(RESEND_MINUTES);
        if earlier.is_some_and(|earlier| fresh(earlier.created_at)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Submits once, however often it is asked to: the same key with the same content gives what came of the first time
/// again (`again`, by its id), the same made key with other content is refused with [`Error::Conflict`].
///
/// Every key of `keys` (one or two) is claimed before the ticket is made, so that of ten at once nine wait for the first
/// and find its ticket. Where one key leads to an earlier ticket, the others lead there too from now on: a form that came
/// back from the receipt carries a new made key, and its device, door and words tell that it is the same report.
/// `submit` must give its ticket, or what is held in its place, the id it is handed.
pub fn once<T>(
    tx: &mut Tx,
    community_id: Id,
    (keys, content_hash): (&[Key], &[u8]),
    submit: impl FnOnce(&mut Tx, Id) -> Result<T>,
    again: impl FnOnce(&mut Tx, Id) -> Result<T>,
) -> Result<T> {
    let id = Id::new();
    let hashes: Vec<&[u8]> = keys.iter().map(Key::hash).collect();
    let mut ours = store::claim(tx, community_id, &hashes, (content_hash, id))?;
    for (place, key) in keys.iter().enumerate() {
        if ours[place] {
            continue;
        }
        let earlier = store::claimed(tx, community_id, key.hash())?;
        let spent = earlier.created_at.plus_minutes(RESEND_MINUTES) < tx.now;
        if matches!(key, Key::Derived(_)) && spent {
            store::lead_to(tx, community_id, key.hash(), id)?;
            ours[place] = true;
            continue;
        }
        if earlier.content_hash != content_hash {
            return Err(Error::conflict(
                "这张表已经交过一次，内容和这次不一样。如果是另一件事，请再点一次提交；如果是同一件，不用再交",
            ));
        }
        for (hash, _) in hashes.iter().zip(&ours).filter(|(_, ours)| **ours) {
            store::lead_to(tx, community_id, hash, earlier.ticket_id)?;
        }
        return again(tx, earlier.ticket_id);
    }
    submit(tx, id)
}

/// How many keys of submissions are older than the community keeps them, counted up to `most`.
pub fn keys_to_forget(tx: &mut Tx, community_id: Id, most: i64) -> Result<usize> {
    let before = keys_kept_from(tx, community_id)?;
    Ok(store::keys_before(tx, community_id, before, most)?.len())
}

/// Deletes keys of submissions that are older than the community keeps them, at most `most`; returns how many. A form
/// that is sent again after that would be a new report.
pub fn forget_keys(tx: &mut Tx, community_id: Id, most: i64) -> Result<usize> {
    let before = keys_kept_from(tx, community_id)?;
    let due = store::keys_before(tx, community_id, before, most)?;
    let count = due.len();
    store::delete_keys(tx, community_id, due)?;
    Ok(count)
}

fn keys_kept_from(tx: &mut Tx, community_id: Id) -> Result<Time> {
    let rules: Retention = settings::at(tx, community_id, tx.now)?;
    // Rules of old may name less.
    let days = rules.key_days.max(settings::LEAST_KEY_DAYS);
    Ok(tx.now.plus_minutes(-i64::from(days) * 1440))
}
