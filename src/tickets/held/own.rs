//! What residents correct and delete of a report that waits for a person: it holds a phone before it has a number.
//!
//! The matter stays and still waits; what tells of a person goes. Somebody may let the report in at the same moment: then
//! nothing is done here, and its page, which is that of a ticket now, offers the same.

use super::{Held, store};
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::keys::Keys;
use crate::mask::{self, FreeText};
use crate::photos::PhotoKey;
use crate::tickets::privacy::{self, Correction};
use crate::uploads::loose;

/// 更正: another phone, none any more, or the two switches; a form of address is not kept yet. Fails where nothing would
/// change.
pub fn correct(tx: &mut Tx, keys: &Keys, held: &Held, correction: &Correction) -> Result<()> {
    let held = &still(tx, held)?;
    let drops = correction.without_phone && held.phone_sealed.is_some();
    let mut changed = held.clone();
    (changed.share_phone, changed.publish) = (correction.share_phone, correction.publish);
    if let Some(phone) = &correction.phone {
        changed.phone_sealed = Some(keys.seal(held.id, phone.digits())?);
        changed.phone_masked = Some(mask::phone(phone.digits()));
    } else if drops {
        (changed.phone_sealed, changed.phone_masked) = (None, None);
    }
    let switched = (changed.share_phone, changed.publish) != (held.share_phone, held.publish);
    if !switched && !drops && correction.phone.is_none() {
        return Err(Error::invalid("correction", "没有要改的内容：请填新的电话或称呼，或改一下勾选"));
    }
    store::set_person(tx, &changed)
}

/// 删除: makes a waiting report nobody's. Returns the photos that nothing names any more: whoever called deletes their
/// files after the commit.
pub fn erase(tx: &mut Tx, held: &Held) -> Result<Vec<PhotoKey>> {
    let held = &still(tx, held)?;
    let nobody = Held {
        phone_sealed: None,
        phone_masked: None,
        device_hash: None,
        share_phone: false,
        publish: false,
        photos: String::new(),
        voice: None,
        relation: None,
        text: FreeText::from(held.text.shown()),
        ..held.clone()
    };
    store::set_person(tx, &nobody)?;
    if let Some(voice) = held.spoken() {
        loose::drop_later(tx, held.community_id, loose::Kind::Voice, &voice.key)?;
    }
    let mut unnamed = Vec::new();
    for photo in held.pictures() {
        if !privacy::is_named(tx, &photo.key)? {
            unnamed.push(photo.key);
        }
    }
    Ok(unnamed)
}

/// The report as it is now that nobody else changes it.
fn still(tx: &mut Tx, held: &Held) -> Result<Held> {
    match store::find_held(tx, held.community_id, held.id) {
        Err(Error::NotFound) => {
            Err(Error::conflict("刚才有人先处理了这件诉求，您的操作没有生效；请看最新情况再决定"))
        }
        found => found,
    }
}
