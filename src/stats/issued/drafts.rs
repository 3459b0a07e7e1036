//! 草稿: which finished periods wait to be issued, and that the community lead is told of each once.
//!
//! A draft is the report as it stands; nothing is made ahead. On the 1st that is the month before, on the 19th the
//! assessment month, in January the year (domain §5). Being told is one row in the same transaction as the messages:
//! several programs tell it once, and a program that was off tells it when it runs again.

use crate::clock::Period;
use crate::db::{Db, Id, Time, Tx};
use crate::error::Result;
use crate::notices;
use crate::places;
use crate::stats::store as figures;

use super::{KINDS, store};

/// Days after its end for which a period is news; longer than a month, so that none is missed.
const NEWS_DAYS: i64 = 31;

/// The last finished period of each kind that had codes or tickets and was not issued yet.
pub fn waiting(tx: &mut Tx, community: Id) -> Result<Vec<Period>> {
    let Some(since) = service_from(tx, community)? else { return Ok(Vec::new()) };
    let mut all = Vec::new();
    for kind in KINDS {
        let period = Period::of(kind, tx.now).previous();
        if since < period.to && store::latest(tx, community, &period)?.is_none() {
            all.push(period);
        }
    }
    Ok(all)
}

/// Those of them that nobody was told of and that are news still.
fn untold(tx: &mut Tx, community: Id) -> Result<Vec<Period>> {
    let news = tx.now.plus_minutes(-NEWS_DAYS * 1440);
    let mut all = Vec::new();
    for period in waiting(tx, community)?.into_iter().filter(|period| period.to > news) {
        if !notices::drafts::told(tx, community, &period)? {
            all.push(period);
        }
    }
    Ok(all)
}

/// Tells of every draft that is ready; returns of how many. Asks before it writes.
pub async fn tell(db: &Db) -> Result<usize> {
    let mut told = 0;
    for community in db.read(places::communities).await? {
        let id = community.id;
        for period in db.read(move |tx| untold(tx, id)).await? {
            told += usize::from(db.write(move |tx| notices::drafts::tell(tx, id, &period)).await?);
        }
    }
    Ok(told)
}

/// From when on reports could come in.
fn service_from(tx: &mut Tx, community: Id) -> Result<Option<Time>> {
    let posted = figures::codes(tx, community)?.into_iter().filter_map(|code| code.posted_at).min();
    Ok(posted.into_iter().chain(figures::first_ticket(tx, community)?).min())
}
