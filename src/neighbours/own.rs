//! What a neighbour reads, takes back and deletes of their own data. That they met the matter stays, and is nobody's.

use super::{Neighbour, store};
use crate::db::{Id, Time, Tx};
use crate::error::Result;
use crate::keys;
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

/// Until when the phone is kept, as the rules of today say; nothing while the matter is open.
pub fn kept_until(tx: &mut Tx, neighbour: &Neighbour) -> Result<Option<Time>> {
    let ticket = joined(tx, neighbour)?;
    let windows: Windows = settings::at(tx, neighbour.community_id, tx.now)?;
    let closed = ticket.closed_at.filter(|_| !ticket.status.clock_runs());
    Ok(closed.map(|closed| closed.plus_minutes(i64::from(windows.contact_days) * 1440)))
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
    store::set_nobody(tx, neighbour, (&nobody(neighbour.id), &mask::text(&neighbour.comment)))?;
    Ok(unnamed)
}

/// Whether they deleted their data.
pub fn is_erased(neighbour: &Neighbour) -> bool {
    neighbour.device_hash == nobody(neighbour.id)
}

/// What stands for the device of nobody: of each neighbour another, so that none is taken for another.
fn nobody(id: Id) -> Vec<u8> {
    keys::digest([b"nobody".as_slice(), id.bytes()])
}

fn joined(tx: &mut Tx, neighbour: &Neighbour) -> Result<Ticket> {
    tickets::find_own(tx, neighbour.community_id, neighbour.ticket_id)
}
