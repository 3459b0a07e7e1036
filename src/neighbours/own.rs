//! What a neighbour reads, takes back and deletes of their own data. That they met the matter stays, and is nobody's.

use super::{Neighbour, store};
use crate::db::{Id, Time, Tx};
use crate::error::Result;
use crate::mask;
use crate::photos::PhotoKey;
use crate::settings::{self, Windows};
use crate::tickets::{self, Ticket, privacy, voices};

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

/// Takes the phone away: nobody can call back.
pub fn drop_phone(tx: &mut Tx, neighbour: &Neighbour) -> Result<()> {
    store::drop_phone(tx, neighbour)
}

/// 删除: phone, device, words, voice and photos go for good; that somebody met the matter, and how they judged it, stays.
/// Returns the photos that nothing names any more: whoever called deletes their files after the commit.
pub fn erase(tx: &mut Tx, neighbour: &Neighbour) -> Result<Vec<PhotoKey>> {
    let ticket = joined(tx, neighbour)?;
    let unnamed = privacy::forget_neighbour(tx, &ticket, neighbour.id)?;
    store::set_nobody(tx, neighbour, ("", &mask::text(&neighbour.comment)))?;
    Ok(unnamed)
}

/// Whether they deleted their data, or its time is over.
pub fn is_erased(neighbour: &Neighbour) -> bool {
    neighbour.forgotten_at.is_some()
}

fn joined(tx: &mut Tx, neighbour: &Neighbour) -> Result<Ticket> {
    tickets::find_own(tx, neighbour.community_id, neighbour.ticket_id)
}
