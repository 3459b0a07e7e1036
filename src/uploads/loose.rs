//! Files that were kept and that nothing names yet: their report is still being written, or never came.
//!
//! A file is noted when it is kept and struck out by the report that takes it, in the transaction of the report. What
//! nobody took within [`HOURS`] is removed, unless something else names its equal.

use super::store;
use crate::db::{Db, Id, Tx};
use crate::error::{Error, Result};
use crate::photos::{PhotoKey, Photos};
use crate::voices::Voices;

/// Hours for which a kept file waits for its report.
pub const HOURS: i64 = 72;
/// Files that are struck out in one transaction.
const BATCH: i64 = 100;

text_enum! {
    /// What a file is.
    #[schema(as = LooseKind)]
    pub enum Kind {
        Photo = "photo", "照片";
        Voice = "voice", "语音";
    }
}

/// Notes that a file waits for its report.
pub fn note(tx: &mut Tx, community_id: Id, kind: Kind, file: &PhotoKey) -> Result<()> {
    store::insert(tx, community_id, kind, file, tx.now)
}

/// Notes a file that nothing names any more, to be removed at the next sweep.
pub fn drop_later(tx: &mut Tx, community_id: Id, kind: Kind, file: &PhotoKey) -> Result<()> {
    let over = tx.now.plus_minutes(-60 * HOURS - 1);
    store::insert(tx, community_id, kind, file, over)
}

/// Strikes a file out for the report that names it from now on. Call before the report's own row is written. Invalid
/// when it was removed meanwhile: it waited too long.
pub fn take(tx: &mut Tx, community_id: Id, kind: Kind, file: &PhotoKey) -> Result<()> {
    if store::remove(tx, community_id, kind, file)? || store::in_use(tx, kind, file)? {
        return Ok(());
    }
    let field = if kind == Kind::Photo { "photo" } else { "voice" };
    Err(Error::invalid(field, format!("{}放得太久，已经清掉了，请重新选一次", kind.label())))
}

/// Something names the file from now on: it waits no more, should it have been sent ahead.
pub fn named(tx: &mut Tx, community_id: Id, kind: Kind, file: &PhotoKey) -> Result<()> {
    store::remove(tx, community_id, kind, file).map(drop)
}

/// Whether anything names the file, in any community, or a report may still come for it.
pub fn in_use(tx: &mut Tx, kind: Kind, file: &PhotoKey) -> Result<bool> {
    store::in_use(tx, kind, file)
}

/// Removes what waited too long; returns how many files. The rows go first: a report that comes at this moment either
/// struck its row out before, or finds none and says so.
pub async fn sweep(db: &Db, photos: &Photos, voices: &Voices) -> Result<usize> {
    let mut removed = 0;
    loop {
        let over = db.write(strike_out).await?;
        for (kind, file) in &over.unused {
            match kind {
                Kind::Photo => photos.delete_unless_renewed(file, over.before).await?,
                Kind::Voice => voices.delete(file).await?,
            }
        }
        removed += over.unused.len();
        if over.rows < BATCH as usize {
            return Ok(removed);
        }
    }
}

struct Over {
    rows: usize,
    before: crate::db::Time,
    unused: Vec<(Kind, PhotoKey)>,
}

fn strike_out(tx: &mut Tx) -> Result<Over> {
    let before = tx.now.plus_minutes(-60 * HOURS);
    let old = store::old(tx, before, BATCH)?;
    let mut over = Over { rows: old.len(), before, unused: Vec::new() };
    for (community_id, kind, file) in old {
        // Another program, or a report, may have been faster.
        if store::remove(tx, community_id, kind, &file)? && !store::in_use(tx, kind, &file)? {
            over.unused.push((kind, file));
        }
    }
    Ok(over)
}
