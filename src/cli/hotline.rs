//! The hotline's tickets from the command line: `louma import hotline-rows`, `louma import hotline-undo`.

use std::fs;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::Context;

use super::{open_all, said};
use crate::config::Config;
use crate::db::{Db, Id};
use crate::hotline::batches::{self, Batch};
use crate::hotline::names::Mapped;
use crate::hotline::pages::rejects_csv;
use crate::people::Actor;
use crate::places;

/// What `louma import hotline-rows` was asked for.
pub(super) struct Wanted {
    pub(super) file: PathBuf,
    pub(super) community: String,
    pub(super) preview: bool,
    pub(super) rejects: Option<PathBuf>,
}

/// Reads a table, says what it holds, and lets it count; with `--preview` it is thrown away again.
pub(super) fn import(config: &Config, wanted: Wanted) -> anyhow::Result<()> {
    let (db, ..) = open_all(config)?;
    let actor = actor(&db, &wanted.community)?;
    let file = &wanted.file;
    let bytes = fs::read(file).with_context(|| format!("读不到 {}", file.display()))?;
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let begun = Instant::now();
    eprintln!("正在读 {name}……");
    let progress = &mut |done: usize, total: usize| eprint!("\r已存 {done}/{total}");
    let batch = batches::take_in(&db, &actor, (&name, &bytes), progress).map_err(said)?;
    eprintln!();
    tell(&db, &batch)?;
    if let Some(path) = &wanted.rejects {
        let (community, id) = (batch.community_id, batch.id);
        let all = db.read_now(|tx| batches::all_rejects(tx, community, id)).map_err(said)?;
        let csv = rejects_csv(&all).map_err(said)?;
        fs::write(path, csv).with_context(|| format!("写不了 {}", path.display()))?;
        println!("不收的行已写到 {}", path.display());
    }
    let (by, id) = (actor, batch.id);
    if wanted.preview || batch.accepted == 0 {
        db.write_now(move |tx| batches::undo(tx, &by, id)).map_err(said)?;
        println!("没有导入");
        return Ok(());
    }
    let done = db.write_now(move |tx| batches::confirm(tx, &by, id)).map_err(said)?;
    println!(
        "已导入：新增 {}，更新 {}，原样 {}；用时 {:.1} 秒",
        done.added,
        done.updated,
        done.same,
        begun.elapsed().as_secs_f64()
    );
    println!("批次 {id}；要撤销：louma import hotline-undo {id} --community {}", wanted.community);
    Ok(())
}

fn tell(db: &Db, batch: &Batch) -> anyhow::Result<()> {
    let (community, id) = (batch.community_id, batch.id);
    let preview = db.read_now(|tx| batches::preview(tx, community, id)).map_err(said)?;
    println!("可收 {} 件，不收 {} 行", batch.accepted, batch.rejected);
    for reject in preview.rejects.iter().take(10) {
        println!("  {reject}");
    }
    let known = |what: &str, mapped: Mapped| {
        println!("{what}：{} 件已对应，{} 件没有", mapped.rows, mapped.rows_without);
    };
    known("地点", preview.places);
    known("分类", preview.matters);
    if !batch.personal.is_empty() {
        println!("没有保存的个人信息列：{}", batch.personal);
    }
    Ok(())
}

/// Takes a batch back as a whole.
pub(super) fn undo(config: &Config, community: &str, id: Id) -> anyhow::Result<()> {
    let (db, ..) = open_all(config)?;
    let actor = actor(&db, community)?;
    let done = db.write_now(move |tx| batches::undo(tx, &actor, id)).map_err(said)?;
    println!("已撤销「{}」，共 {} 件", done.file_name, done.accepted);
    Ok(())
}

fn actor(db: &Db, community: &str) -> anyhow::Result<Actor> {
    let community = db.read_now(|tx| places::community_by_name(tx, community)).map_err(said)?;
    Ok(Actor { name: "命令行导入".to_owned(), ..Actor::timer(community.id) })
}
