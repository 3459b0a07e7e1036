//! Tables in, posters and reports out: `louma import`, `louma codes print`, `louma report`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::{open_all, said};
use crate::clock::{Period, PeriodKind};
use crate::codes::code::Code;
use crate::codes::poster::{self, Forced, PosterSize, Posters};
use crate::codes::{print, registry};
use crate::config::Config;
use crate::people::Actor;
use crate::tables::Table;
use crate::{calendar, places, stats};

/// What `louma codes print` was asked for.
pub(super) struct Print {
    pub(super) community: String,
    pub(super) size: String,
    pub(super) code: Option<String>,
    pub(super) out: PathBuf,
    pub(super) force: bool,
}

impl Print {
    /// All doors of the demonstration, in the default size. Its community may be printed with any address; no other may.
    pub(super) fn demonstration(out: PathBuf) -> Print {
        let community = crate::demo::PREFIX.to_owned();
        Print { community, size: PosterSize::A5.word().to_owned(), code: None, out, force: false }
    }
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
            stats::export(tx, community.id, period, "命令行")
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

/// Imports places: every row or none; what is there already stays as it is.
pub(super) fn import_places(config: &Config, file: &Path, community: &str) -> anyhow::Result<()> {
    let (db, ..) = open_all(config)?;
    let bytes = fs::read(file).with_context(|| format!("读不到 {}", file.display()))?;
    let file_name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let rows = places::import::read(&bytes, &file_name).map_err(said)?;
    let name = community.to_owned();
    let done = db.write_now(move |tx| {
        let community = places::community_by_name(tx, &name)?;
        places::import::apply(tx, community.id, &rows)
    });
    let done = done.map_err(said)?;
    println!("新建 {} 处，原来就有 {} 处，发码 {} 个", done.added, done.kept, done.codes);
    println!("下一步：louma codes print --community {community}");
    Ok(())
}

/// Imports the official arrangement of one or more years: every row or none.
pub(super) fn import_calendar(config: &Config, file: &Path, community: &str) -> anyhow::Result<()> {
    let (db, ..) = open_all(config)?;
    let bytes = fs::read(file).with_context(|| format!("读不到 {}", file.display()))?;
    let file_name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let years = calendar::import::read(&bytes, &file_name).map_err(said)?;
    let name = community.to_owned();
    let done = db.write_now(move |tx| {
        let community = places::community_by_name(tx, &name)?;
        let actor = Actor { name: "命令行导入".to_owned(), ..Actor::timer(community.id) };
        calendar::import::apply(tx, &actor, years)
    });
    let done = done.map_err(said)?;
    println!("从现在起按这张表算的年份：{:?}；本来就是这样的：{:?}", done.set, done.kept);
    Ok(())
}

/// Makes the posters of a community, or of one code, and notes that they were printed.
pub(super) fn print(config: &Config, wanted: Print) -> anyhow::Result<()> {
    let (db, ..) = open_all(config)?;
    let size = PosterSize::parse(&wanted.size)
        .with_context(|| format!("没有尺寸「{}」；可用：a4、a5、a6、sticker", wanted.size))?;
    let (name, base_url) = (wanted.community.clone(), config.base_url.clone());
    let (community, mut posters) = db
        .read_now(|tx| {
            let community = places::community_by_name(tx, &name)?;
            let posters = print::posters_for(tx, &community, &base_url)?;
            Ok((community, posters))
        })
        .map_err(said)?;
    let forced = if wanted.force || community.demo { Forced::Yes } else { Forced::No };
    poster::refuse_plain_http(&config.base_url, forced).map_err(said)?;
    if let Some(code) = &wanted.code {
        let code = Code::parse(code).map_err(said)?;
        posters.retain(|poster| poster.code == code);
    }
    anyhow::ensure!(!posters.is_empty(), "没有可印的码：先导入楼栋，或核对 --code");
    let made = Posters::new(config.templates_dir.as_deref()).map_err(said)?;
    let stem = match posters.as_slice() {
        [only] => only.place.replace(' ', "_"),
        _ => format!("{}_全部楼门", community.name),
    };
    let total = posters.len();
    let pdf = made.pdf(&posters, size, &mut |done| eprint!("\r生成海报 {done}/{total}")).map_err(said)?;
    eprintln!();
    let mut files = vec![write(&wanted.out, &format!("{stem}_{}.pdf", size.word()), &pdf)?];
    if let [only] = posters.as_slice() {
        let png = made.png(only, size, 300).map_err(said)?;
        files.push(write(&wanted.out, &format!("{stem}_{}.png", size.word()), &png)?);
        let svg = made.svg(only, size).map_err(said)?;
        files.push(write(&wanted.out, &format!("{stem}_{}.svg", size.word()), svg.as_bytes())?);
    }
    let codes: Vec<Code> = posters.into_iter().map(|poster| poster.code).collect();
    db.write_now(move |tx| registry::mark_printed(tx, community.id, &codes)).map_err(said)?;
    for file in files {
        println!("已写 {}", file.display());
    }
    Ok(())
}
