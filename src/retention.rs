//! What is kept no longer: one rule for each kind of thing, run every day by `jobs` or by hand with `louma retention`.
//!
//! How long is a setting of each community with the moment from which it holds (`settings::{Windows, Retention}`); what
//! is done stands with whoever owns the rows. Small transactions along an index, so that nobody waits for it. The matter
//! and every figure stay. Backups made before keep what was in them: that is said in the README.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::config::Config;
use crate::db::{Db, Id, Tx, now};
use crate::error::Result;
use crate::photos::{PhotoKey, Photos};
use crate::settings::{self, Retention};
use crate::tickets::privacy::{self, Kept};
use crate::tickets::{acts, confirmations, held};
use crate::{neighbours, places, reports};

/// Rows that one transaction takes.
const BATCH: i64 = 200;
/// What a rehearsal counts up to.
const COUNTED: i64 = 1_000_000;

text_enum! {
    /// A kind of thing that is kept for a time.
    #[schema(as = RetentionRule)]
    pub enum Rule {
        Contact = "contact", "办结件的姓名、电话、设备标记";
        LongContact = "long_contact", "举报件、挂过账的件的姓名、电话、设备标记";
        Audits = "audits", "查看记录";
        Keys = "keys", "防重复提交的记录";
        Confirmations = "confirmations", "邻居说修好没有的记录";
        Neighbours = "neighbours", "“我也遇到了”的电话、设备标记和留言里的号码";
        Discarded = "discarded", "搁置的疑似件";
        Exports = "exports", "服务器上导出的文件";
    }
}

/// Where exported files lie.
pub fn exports_dir(config: &Config) -> PathBuf {
    config.data_dir.join("exports")
}

/// How many things of a community are due by a rule.
fn due(tx: &mut Tx, community: Id, rule: Rule) -> Result<usize> {
    match rule {
        Rule::Contact => Ok(privacy::to_forget(tx, community, Kept::Usual, COUNTED)?.len()),
        Rule::LongContact => Ok(privacy::to_forget(tx, community, Kept::Longer, COUNTED)?.len()),
        Rule::Audits => acts::audits_to_forget(tx, community, COUNTED),
        Rule::Keys => reports::keys_to_forget(tx, community, COUNTED),
        Rule::Confirmations => confirmations::to_forget(tx, community, COUNTED),
        Rule::Neighbours => Ok(neighbours::to_forget(tx, community, COUNTED)?.len()),
        Rule::Discarded => Ok(held::to_forget(tx, community, COUNTED)?.len()),
        Rule::Exports => Ok(0),
    }
}

/// Forgets one batch; says how much there was, and which photos nothing names any more.
fn forget(tx: &mut Tx, community: Id, rule: Rule) -> Result<(usize, Vec<PhotoKey>)> {
    let count = match rule {
        Rule::Contact => privacy::forget(tx, community, Kept::Usual, BATCH)?,
        Rule::LongContact => privacy::forget(tx, community, Kept::Longer, BATCH)?,
        Rule::Audits => acts::forget_audits(tx, community, BATCH)?,
        Rule::Keys => reports::forget_keys(tx, community, BATCH)?,
        Rule::Confirmations => confirmations::forget(tx, community, BATCH)?,
        Rule::Neighbours => neighbours::forget(tx, community, BATCH)?,
        Rule::Discarded => return held::forget(tx, community, BATCH),
        Rule::Exports => 0,
    };
    Ok((count, Vec::new()))
}

/// What would go now, by rule; nothing is changed. Counted up to a million of each in each community.
pub async fn rehearse(db: &Db, exports: &Path) -> Result<Vec<(Rule, usize)>> {
    let communities = db.read(places::communities).await?;
    let mut found = Vec::new();
    for rule in Rule::ALL.iter().copied() {
        let mut count = 0;
        for community in communities.iter().map(|community| community.id) {
            count += db.read(move |tx| due(tx, community, rule)).await?;
        }
        found.push((rule, count));
    }
    let old = old_exports(exports, export_days(db).await?)?.len();
    found.iter_mut().filter(|(rule, _)| *rule == Rule::Exports).for_each(|(_, count)| *count = old);
    Ok(found)
}

/// Forgets everything whose time is over, a little at a time; returns how much by rule.
pub async fn run(db: &Db, photos: &Photos, exports: &Path) -> Result<Vec<(Rule, usize)>> {
    let communities = db.read(places::communities).await?;
    let mut gone = Vec::new();
    for rule in Rule::ALL.iter().copied() {
        let mut count = 0;
        for community in communities.iter().map(|community| community.id) {
            loop {
                let begun = now();
                let (done, unnamed) = db.write(move |tx| forget(tx, community, rule)).await?;
                for photo in unnamed {
                    photos.delete_unless_renewed(&photo, begun).await?;
                }
                count += done;
                if done < BATCH as usize {
                    break;
                }
                // Whoever waits to write goes first.
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        gone.push((rule, count));
    }
    let old = old_exports(exports, export_days(db).await?)?;
    for file in &old {
        std::fs::remove_file(file)?;
    }
    gone.iter_mut().filter(|(rule, _)| *rule == Rule::Exports).for_each(|(_, count)| *count = old.len());
    Ok(gone)
}

/// The shortest time for which any community keeps exported files: they lie in one folder.
async fn export_days(db: &Db) -> Result<i32> {
    db.read(|tx| {
        let mut days = Retention::default().export_days;
        for community in places::communities(tx)? {
            let rules: Retention = settings::at(tx, community.id, tx.now)?;
            days = days.min(rules.export_days);
        }
        Ok(days)
    })
    .await
}

/// Exported files that are older than so many days; none where nothing was ever exported.
fn old_exports(dir: &Path, days: i32) -> Result<Vec<PathBuf>> {
    let Ok(entries) = std::fs::read_dir(dir) else { return Ok(Vec::new()) };
    let limit = now().plus_minutes(-i64::from(days) * 1440);
    let mut old = Vec::new();
    for entry in entries {
        let entry = entry?;
        let about = entry.metadata()?;
        let written = chrono::DateTime::<chrono::Utc>::from(about.modified()?);
        if about.is_file() && written < limit.0 {
            old.push(entry.path());
        }
    }
    Ok(old)
}
