//! What a neighbour reads, takes back and deletes of their own data. That they met the matter stays, and is nobody's.

use super::{Neighbour, store};
use crate::db::{Id, Time, Tx};
use crate::error::{Error, Result};
use crate::keys::Keys;
use crate::mask;
use crate::photos::PhotoKey;
use crate::settings::{self, Windows};
use crate::tickets::{self, Phone, Ticket, TicketPhoto, privacy, voices};

/// What one phone joined in a community and did not take back, the latest first.
pub fn of_device(tx: &mut Tx, community: Id, device_hash: &[u8], most: i64) -> Result<Vec<Neighbour>> {
    store::of_device(tx, community, device_hash, most)
}

/// What a neighbour left beside phone and words.
#[derive(Debug, Clone, Default)]
#[allow(missing_docs)]
pub struct Left {
    pub photos: usize,
    pub voices: usize,
    /// Who of staff looked at the phone, first to last.
    pub looks: Vec<privacy::Look>,
}

/// What a neighbour left on the ticket that they joined.
pub fn left(tx: &mut Tx, neighbour: &Neighbour) -> Result<Left> {
    let ticket = joined(tx, neighbour)?;
    Ok(Left {
        photos: privacy::photos_of_neighbour(tx, &ticket, neighbour.id)?.len(),
        voices: voices::of_neighbour(tx, &ticket, neighbour.id)?.len(),
        looks: privacy::looks_at_neighbour(tx, &ticket, neighbour.id)?,
    })
}

/// The photos that a neighbour brought, first to last.
pub fn photos(tx: &mut Tx, neighbour: &Neighbour) -> Result<Vec<TicketPhoto>> {
    let ticket = joined(tx, neighbour)?;
    privacy::photos_of_neighbour(tx, &ticket, neighbour.id)
}

/// Until when phone, device and voice are kept, as the rules of today say; nothing while the matter is open. The rule is
/// that of [`super::forget`]: what it was merged into says both when it ended and whether it is kept longer.
pub fn kept_until(tx: &mut Tx, neighbour: &Neighbour) -> Result<Option<Time>> {
    let (joined, main) = (joined(tx, neighbour)?, super::followed(tx, neighbour)?);
    if main.status.clock_runs() {
        return Ok(None);
    }
    let longer = privacy::is_kept_longer(tx, &joined)? || privacy::is_kept_longer(tx, &main)?;
    let windows: Windows = settings::at(tx, neighbour.community_id, tx.now)?;
    let days = if longer { windows.tip_off_contact_days } else { windows.contact_days };
    let ended = main.closed_at.or(joined.closed_at).unwrap_or(neighbour.at);
    Ok(Some(ended.plus_minutes(i64::from(days) * 1440)))
}

/// 更正: another phone, or none any more, whether the matter is open or done. Fails where neither is said.
pub fn correct(
    tx: &mut Tx,
    keys: &Keys,
    neighbour: &Neighbour,
    phone: (Option<&Phone>, Drops),
) -> Result<()> {
    let ticket = super::held(tx, neighbour)?;
    let neighbour = &store::find(tx, neighbour.community_id, neighbour.id)?;
    match phone {
        _ if neighbour.withdrawn_at.is_some() => Err(super::late()),
        (Some(phone), _) if neighbour.phone_sealed.is_some() || ticket.status.clock_runs() => {
            store::set_phone(tx, keys, neighbour, phone)?;
            let changed = store::find(tx, neighbour.community_id, neighbour.id)?;
            super::look_for_repeat(tx, &changed)
        }
        // Nobody calls any more: a phone that was not left is not asked for.
        (Some(_), _) => Err(super::late()),
        (None, Drops::Yes) => store::drop_phone(tx, neighbour),
        (None, Drops::No) => {
            Err(Error::invalid("correction", "没有要改的内容：请填新的电话或称呼，或改一下勾选"))
        }
    }
}

/// Whether the phone is to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Drops {
    Yes,
    No,
}

/// 删除: phone, device, words, voice and photos go for good; that somebody met the matter, and how they judged it, stays.
/// Returns the photos that nothing names any more: whoever called deletes their files after the commit.
pub fn erase(tx: &mut Tx, neighbour: &Neighbour) -> Result<Vec<PhotoKey>> {
    // What they say at the same moment goes too.
    super::held(tx, neighbour)?;
    let neighbour = &store::find(tx, neighbour.community_id, neighbour.id)?;
    let ticket = joined(tx, neighbour)?;
    let unnamed = privacy::forget_neighbour(tx, &ticket, neighbour.id)?;
    store::set_nobody(tx, neighbour, ("", &mask::text(&neighbour.comment)))?;
    Ok(unnamed)
}

/// Whether they deleted their data, or its time is over, and nothing was given since.
pub fn is_erased(neighbour: &Neighbour) -> bool {
    neighbour.forgotten_at.is_some()
}

/// Whether their phone would be recognised.
pub fn is_known(neighbour: &Neighbour) -> bool {
    neighbour.device_hash != neighbour.id.bytes()
}

fn joined(tx: &mut Tx, neighbour: &Neighbour) -> Result<Ticket> {
    tickets::find_own(tx, neighbour.community_id, neighbour.ticket_id)
}
