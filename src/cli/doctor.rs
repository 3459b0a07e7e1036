//! `louma doctor`: whether what is kept twice says the same, and whether everything that is named is there.

use super::{open_all, said};
use crate::config::Config;
use crate::db::{Db, Id};
use crate::photos::{PhotoKey, Photos};
use crate::places::{self, Community};
use crate::stats::issued;
use crate::stats::levels;
use crate::tickets::proof;

/// So many faults of a kind are named.
const NAMED: usize = 10;

/// Looks at everything and changes nothing. Fails where anything is wrong, so that a script notices.
pub(super) fn run(config: &Config) -> anyhow::Result<()> {
    let (db, _, photos) = open_all(config)?;
    println!("数据库结构是最新的");
    let mut faults = faulty("数据库文件", &db.faults()?);
    let runtime = actix_web::rt::System::new();
    for community in db.read_now(places::communities).map_err(said)? {
        println!("{}", community.name);
        faults += rows_against_events(&db, &community)?;
        faults += kept_months(&db, community.id)?;
        faults += issued_reports(&db, community.id)?;
        faults += runtime.block_on(named_photos(&db, &photos, community.id))?;
    }
    anyhow::ensure!(faults == 0, "发现 {faults} 处问题。先备份，再按上面写的逐条处理");
    println!("全部相符，没有发现问题");
    Ok(())
}

/// Prints what was looked at with what is wrong, and returns how much.
fn faulty(what: &str, wrong: &[String]) -> usize {
    match wrong.len() {
        0 => println!("  ✓ {what}"),
        count => println!("  ✗ {what}：{count} 处不对"),
    }
    wrong.iter().take(NAMED).for_each(|each| println!("    {each}"));
    wrong.len()
}

fn rows_against_events(db: &Db, community: &Community) -> anyhow::Result<usize> {
    let (mut after, mut looked, mut wrong) = (None, 0, Vec::new());
    loop {
        let id = community.id;
        let proof = db.read_now(move |tx| proof::prove(tx, id, after)).map_err(said)?;
        looked += proof.looked;
        wrong.extend(proof.wrong.into_iter().map(|(number, fault)| format!("{number}：{fault}")));
        match proof.last {
            Some(last) => after = Some(last),
            None => return Ok(faulty(&format!("{looked} 件工单与各自的过程记录"), &wrong)),
        }
    }
}

fn kept_months(db: &Db, community: Id) -> anyhow::Result<usize> {
    let (looked, wrong) = db.read_now(move |tx| levels::differing(tx, community)).map_err(said)?;
    let wrong: Vec<String> =
        wrong.into_iter().map(|month| format!("{month}：运行 louma stats rebuild 重算")).collect();
    Ok(faulty(&format!("{looked} 个月的汇总与逐件重算"), &wrong))
}

fn issued_reports(db: &Db, community: Id) -> anyhow::Result<usize> {
    let (looked, wrong) = db.read_now(move |tx| issued::damaged(tx, community)).map_err(said)?;
    Ok(faulty(&format!("{looked} 份签发的报表与校验和"), &wrong))
}

async fn named_photos(db: &Db, photos: &Photos, community: Id) -> anyhow::Result<usize> {
    let keys: Vec<(String, PhotoKey)> =
        db.read(move |tx| proof::photos(tx, community)).await.map_err(said)?;
    let mut wrong = Vec::new();
    for (number, key) in &keys {
        if !photos.has(key).await {
            wrong.push(format!("{number}：少一张照片，从备份的 photos 目录找回"));
        }
    }
    Ok(faulty(&format!("{} 张照片的文件", keys.len()), &wrong))
}
