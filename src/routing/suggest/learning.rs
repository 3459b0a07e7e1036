//! When the classifier learns again, and from what: closed tickets with level 2, and what people decided since.
//!
//! Read in chunks outside the writer, counted on a thread that answers nobody, kept as one row. Several programs may
//! do it at once: the last one's lesson stays, and it is as good as the other's.

use super::{CORRECTIONS, ENOUGH, Example, Model, RETRAIN_MINUTES, store};
use crate::db::Db;
use crate::error::{Error, Result};
use crate::places;

/// Examples that are learnt from at most, the latest of each community.
pub const EXAMPLES: usize = 20_000;
const CHUNK: usize = 1000;

/// Learns again where that is due: nothing was learnt yet, people have corrected enough, or a day has passed. Returns
/// how many examples there were, or nothing where it was not due.
pub async fn learn_if_due(db: &Db) -> Result<Option<usize>> {
    let due = db.read(|tx| {
        let Some((learnt_at, _)) = store::lesson(tx)? else { return Ok(true) };
        if learnt_at.plus_minutes(RETRAIN_MINUTES) <= tx.now {
            return Ok(true);
        }
        let mut corrected = 0;
        for community in places::communities(tx)? {
            corrected += store::corrections(tx, community.id, learnt_at)?;
        }
        Ok(corrected >= CORRECTIONS)
    });
    if due.await? { learn(db).await.map(Some) } else { Ok(None) }
}

/// Learns from what there is. With too few examples only their number is kept, and the keywords go on answering.
pub async fn learn(db: &Db) -> Result<usize> {
    let examples = examples(db).await?;
    let count = examples.len();
    let body = match count {
        ..ENOUGH => String::new(),
        _ => {
            let learnt = actix_web::web::block(move || serde_json::to_string(&Model::learn(&examples)));
            learnt.await.map_err(Error::internal)?.map_err(Error::internal)?
        }
    };
    db.write(move |tx| store::keep_lesson(tx, count as i32, &body)).await?;
    Ok(count)
}

async fn examples(db: &Db) -> Result<Vec<Example>> {
    let communities = db.read(places::communities).await?;
    let share = EXAMPLES / communities.len().max(1);
    let mut all = Vec::new();
    for community in communities {
        let (home, mut seen) = (community.id, None);
        let mut own = db.read(move |tx| store::decided(tx, home, share.min(CHUNK))).await?;
        while own.len() < share {
            let want = CHUNK.min(share - own.len());
            let (more, next) = db.read(move |tx| store::closed(tx, home, seen, want)).await?;
            let last = more.len() < want;
            own.extend(more);
            if last {
                break;
            }
            seen = next;
        }
        all.extend(own);
    }
    Ok(all)
}
