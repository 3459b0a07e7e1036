//! What the program does by itself while it serves: writes scans, archives what nobody answered,
//! forgets old sessions and, when their time is over, who reported; learns what reports are about.

use std::time::Duration;

use actix_web::rt;
use actix_web::web::Data;

use crate::db::Db;
use crate::error::Result;
use crate::people::session;
use crate::places;
use crate::reports::scans::Scans;
use crate::routing::suggest::learning;
use crate::tickets::steps;
use crate::web::log_fault;

const SCANS_EVERY: Duration = Duration::from_secs(5);
const SWEEP_EVERY: Duration = Duration::from_secs(600);

/// Starts the background work on the current runtime.
pub fn start(db: &Data<Db>, scans: &Data<Scans>) {
    let (writer, waiting) = (db.clone(), scans.clone());
    rt::spawn(async move {
        let mut tick = rt::time::interval(SCANS_EVERY);
        loop {
            tick.tick().await;
            waiting.flush(&writer).await;
        }
    });
    let forgetting = db.clone();
    rt::spawn(async move {
        // Reads every ended ticket, so once a day, and not in the first hour.
        let first = rt::time::Instant::now() + Duration::from_secs(3600);
        let mut tick = rt::time::interval_at(first, Duration::from_secs(24 * 3600));
        loop {
            tick.tick().await;
            if let Err(err) = forget(&forgetting).await {
                log_fault(&err);
            }
        }
    });
    let learner = db.clone();
    rt::spawn(async move {
        // Not in the first minute, when people are waiting for the program.
        let first = rt::time::Instant::now() + Duration::from_secs(60);
        let mut tick = rt::time::interval_at(first, SWEEP_EVERY);
        loop {
            tick.tick().await;
            match learning::learn_if_due(&learner).await {
                Ok(Some(examples)) => tracing::info!(examples, "learnt what reports are about"),
                Ok(None) => {}
                Err(err) => log_fault(&err),
            }
        }
    });
    let db = db.clone();
    rt::spawn(async move {
        let mut tick = rt::time::interval(SWEEP_EVERY);
        loop {
            tick.tick().await;
            if let Err(err) = sweep(&db).await {
                log_fault(&err);
            }
        }
    });
}

/// One round: each community in a transaction of its own. Two replicas at once do no harm: the second finds nothing, or
/// loses the compare-and-set and tries again in the next round.
async fn sweep(db: &Db) -> Result<()> {
    let communities = db.read(places::communities).await?;
    for community in communities {
        let archived = db.write(move |tx| steps::archive_unanswered(tx, community.id)).await?;
        if archived > 0 {
            tracing::info!(archived, "archived without an answer");
        }
    }
    db.write(session::forget_expired).await
}

/// Forgets who reported, as the notice promises.
async fn forget(db: &Db) -> Result<()> {
    for community in db.read(places::communities).await? {
        let forgotten = db.write(move |tx| steps::forget_people(tx, community.id)).await?;
        if forgotten > 0 {
            tracing::info!(forgotten, "forgot who reported");
        }
    }
    Ok(())
}
