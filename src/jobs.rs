//! What the program does by itself while it serves: tells what happened, writes scans, fires the timers of tickets, learns
//! what reports are about, tells of reports that are ready to be issued, keeps the counts of months that are over, clears away what phones sent in vain, forgets old sessions, old notices, old tries at a number and,
//! when its time is over, what is personal.

use std::path::{Path, PathBuf};
use std::time::Duration;

use actix_web::rt;
use actix_web::web::Data;

use crate::db::{Db, now};
use crate::error::{Error, Result};
use crate::keys::Keys;
use crate::notices::post::Post;
use crate::notices::{self, sender};
use crate::people::session;
use crate::photos::Photos;
use crate::places;
use crate::reports::scans::Scans;
use crate::retention;
use crate::routing::suggest::learning;
use crate::stats::issued::drafts;
use crate::stats::levels;
use crate::tickets::{last_four, timers};
use crate::uploads::{Uploads, loose};
use crate::voices::Voices;
use crate::web::log_fault;

const SCANS_EVERY: Duration = Duration::from_secs(5);
const TIMERS_EVERY: Duration = Duration::from_secs(15);
const SWEEP_EVERY: Duration = Duration::from_secs(600);
const DRAFTS_EVERY: Duration = Duration::from_secs(300);

/// Starts the background work on the current runtime. `kept` is where photos and exported files lie.
pub fn start(
    db: &Data<Db>,
    scans: &Data<Scans>,
    (keys, post): (&Data<Keys>, &Data<Post>),
    kept: (&Data<Photos>, PathBuf),
) {
    rt::spawn(sender::tell(db.clone()));
    rt::spawn(sender::run(db.clone(), keys.clone(), post.clone()));
    let (writer, waiting) = (db.clone(), scans.clone());
    rt::spawn(async move {
        let mut tick = rt::time::interval(SCANS_EVERY);
        loop {
            tick.tick().await;
            waiting.flush(&writer).await;
        }
    });
    let (forgetting, photos, exports) = (db.clone(), kept.0.clone(), kept.1);
    rt::spawn(async move {
        // Once a day, and not in the first hour.
        let first = rt::time::Instant::now() + Duration::from_secs(3600);
        let mut tick = rt::time::interval_at(first, Duration::from_secs(24 * 3600));
        loop {
            tick.tick().await;
            if let Err(err) = forget(&forgetting, &photos, &exports).await {
                log_fault(&err);
            }
        }
    });
    let ringing = db.clone();
    rt::spawn(async move {
        let mut tick = rt::time::interval(TIMERS_EVERY);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tick.tick().await;
            if let Err(err) = fire_timers(&ringing).await {
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
    rt::spawn(tell_drafts(db.clone()));
    rt::spawn(keep_months(db.clone()));
    let db = db.clone();
    rt::spawn(async move {
        let mut tick = rt::time::interval(SWEEP_EVERY);
        loop {
            tick.tick().await;
            if let Err(err) = db.write(session::forget_expired).await {
                log_fault(&err);
            }
        }
    });
}

/// Keeps the counts of months that are over, for as long as the program runs.
async fn keep_months(db: Data<Db>) {
    // Not in the first minutes, when people are waiting for the program.
    let mut tick = rt::time::interval_at(rt::time::Instant::now() + DRAFTS_EVERY, SWEEP_EVERY);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        match levels::fill(&db).await {
            Ok(0) => {}
            Ok(months) => tracing::info!(months, "counted months and kept them"),
            Err(err) => log_fault(&err),
        }
    }
}

/// Tells of reports that are ready to be issued, for as long as the program runs.
async fn tell_drafts(db: Data<Db>) {
    let mut tick = rt::time::interval_at(rt::time::Instant::now() + DRAFTS_EVERY, DRAFTS_EVERY);
    loop {
        tick.tick().await;
        if let Err(err) = drafts::tell(&db).await {
            log_fault(&err);
        }
    }
}

/// Removes what phones began to send and never finished, and what was kept and no report took.
pub fn clear(db: &Data<Db>, photos: &Data<Photos>, (voices, uploads): (&Data<Voices>, &Data<Uploads>)) {
    let (db, photos, voices, uploads) = (db.clone(), photos.clone(), voices.clone(), uploads.clone());
    rt::spawn(async move {
        let mut tick = rt::time::interval(SWEEP_EVERY);
        loop {
            tick.tick().await;
            if let Err(err) = clear_once(&db, (&photos, &voices), &uploads).await {
                log_fault(&err);
            }
        }
    });
}

/// As [`clear`], once.
pub async fn clear_once(db: &Db, (photos, voices): (&Photos, &Voices), uploads: &Uploads) -> Result<()> {
    let (folder, now) = (uploads.clone(), now());
    actix_web::web::block(move || folder.sweep(now)).await.map_err(Error::internal)??;
    let removed = loose::sweep(db, photos, voices).await?;
    if removed > 0 {
        tracing::info!(removed, "removed files that no report took");
    }
    Ok(())
}

/// Fires all timers that are due, a few in a transaction. Several programs share the work: each takes what no other holds.
/// Where one ticket cannot be fired, the others still are.
pub async fn fire_timers(db: &Db) -> Result<()> {
    loop {
        match db.write(|tx| timers::fire_due(tx, timers::BATCH)).await {
            Ok(fired) if fired < timers::BATCH as usize => return Ok(()),
            Ok(_) => {}
            Err(err) => {
                log_fault(&err);
                return fire_one_by_one(db).await;
            }
        }
    }
}

async fn fire_one_by_one(db: &Db) -> Result<()> {
    for ticket in db.read(timers::due).await? {
        if let Err(err) = db.write(move |tx| timers::fire_one(tx, ticket)).await {
            log_fault(&err);
            db.write(move |tx| timers::put_off(tx, ticket)).await?;
        }
    }
    Ok(())
}

/// Forgets what is kept no longer, and old notices.
async fn forget(db: &Db, photos: &Photos, exports: &Path) -> Result<()> {
    for (rule, gone) in retention::run(db, photos, exports).await? {
        if gone > 0 {
            tracing::info!(rule = rule.word(), gone, "kept no longer");
        }
    }
    for community in db.read(places::communities).await? {
        db.write(move |tx| notices::forget_old(tx, community.id)).await?;
        db.write(move |tx| last_four::forget_old(tx, community.id)).await?;
    }
    Ok(())
}
