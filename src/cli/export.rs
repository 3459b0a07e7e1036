//! Tables in, posters and reports out: `louma import`, `louma codes print`, `louma report`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::{open_all, said};
use crate::clock::{Period, PeriodKind};
use crate::config::Config;
use crate::tables::Table;
use crate::{places, stats};

/// What `louma codes print` was asked for.
pub(super) struct Print {
    pub(super) community: String,
    pub(super) size: String,
    pub(super) code: Option<String>,
    pub(super) out: PathBuf,
    pub(super) force: bool,
}

/// Imports monthly or yearly totals of the hotline: every row or none.
pub(super) fn import_hotline(config: &Config, file: &Path, community: &str) -> anyhow::Result<()> {
    let (db, ..) = open_all(config)?;
    let table = read(file)?;
    let name = community.to_owned();
    let rows = db.write_now(move |tx| {
        let community = places::community_by_name(tx, &name)?;
        stats::hotline::import(tx, &community, &table, "命令行导入")
    });
    println!("导入了 {} 行", rows.map_err(said)?);
    Ok(())
}

/// Writes the workbook of a month or a year.
pub(super) fn report(
    config: &Config,
    community: &str,
    period: &str,
    kind: PeriodKind,
    out: &Path,
) -> anyhow::Result<()> {
    let (db, ..) = open_all(config)?;
    let period = Period::parse(kind, period).map_err(said)?;
    let (name, body) = db
        .read_now(|tx| {
            let community = places::community_by_name(tx, community)?;
            stats::workbook::export(tx, community.id, period, "命令行")
        })
        .map_err(said)?;
    println!("已写 {}", write(out, &name, &body)?.display());
    Ok(())
}

/// Writes the raw rows behind the figures, for whoever wants to count again.
pub(super) fn raw(config: &Config, community: &str, out: &Path) -> anyhow::Result<()> {
    let (db, ..) = open_all(config)?;
    fs::create_dir_all(out).with_context(|| format!("无法创建目录 {}", out.display()))?;
    db.read_now(|tx| {
        let community = places::community_by_name(tx, community)?;
        stats::raw::export(tx, community.id, out)
    })
    .map_err(said)?;
    println!("已写到 {}", out.display());
    Ok(())
}

fn read(file: &Path) -> anyhow::Result<Table> {
    let bytes = fs::read(file).with_context(|| format!("读不到 {}", file.display()))?;
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    Table::read(&bytes, &name).map_err(said)
}

fn write(out: &Path, name: &str, body: &[u8]) -> anyhow::Result<PathBuf> {
    fs::create_dir_all(out).with_context(|| format!("无法创建目录 {}", out.display()))?;
    let path = out.join(name);
    fs::write(&path, body).with_context(|| format!("写不了 {}", path.display()))?;
    Ok(path)
}
pub(super) fn import_places(_: &Config, _: &Path, _: &str) -> anyhow::Result<()> {
    anyhow::bail!("x")
}
pub(super) fn print(_: &Config, _: Print) -> anyhow::Result<()> {
    anyhow::bail!("x")
}
