//! `louma backup` and `louma restore`: database, photos and key in one folder, with a list of checksums.
//!
//! The database is copied first, at one moment; photos after it, so that every photo it names is there. SQLite copies
//! itself while it serves; PostgreSQL is dumped by its own tool, which must be on the PATH.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail, ensure};
use sha2::{Digest, Sha256};

use super::open;
use crate::config::Config;
use crate::db::Url;
use crate::keys::hex;

const LIST: &str = "checksums.json";
const SQLITE: &str = "louma.db";
const DUMP: &str = "louma.dump";
const KEY: &str = "louma.key";

/// Copies everything to the new folder `to`.
pub(super) fn backup(config: &Config, to: &Path) -> anyhow::Result<()> {
    ensure!(!to.exists(), "{} 已经存在，请换一个新目录", to.display());
    fs::create_dir_all(to).with_context(|| format!("无法创建目录 {}", to.display()))?;
    let db = open(config)?;
    eprintln!("① 数据库……");
    match db.url() {
        Url::Sqlite(_) => db.copy_sqlite(&to.join(SQLITE))?,
        Url::Postgres(url) => {
            tool("pg_dump", &["--format=custom", "--no-owner", "--dbname", url, "--file"], &to.join(DUMP))?;
        }
    }
    eprintln!("② 密钥……");
    copy(&config.key_file, &to.join(KEY))?;
    eprintln!("③ 照片……");
    let photos = copy_tree(&config.photos_dir(), &to.join("photos"))?;
    eprintln!("④ 核对……");
    let list = checksums(to)?;
    fs::write(to.join(LIST), serde_json::to_vec_pretty(&list)?)?;
    println!("备份完成：{}（{} 个文件，其中照片 {photos} 个）", to.display(), list.len());
    println!("里面有密钥：谁拿到它就能读居民电话，请加密保管。");
    Ok(())
}

/// Puts a backup into an empty installation; refuses to overwrite anything.
pub(super) fn restore(config: &Config, from: &Path) -> anyhow::Result<()> {
    let list = fs::read(from.join(LIST))
        .with_context(|| format!("{} 里没有 {LIST}，不像是楼码的备份", from.display()))?;
    let list: BTreeMap<String, String> = serde_json::from_slice(&list)?;
    eprintln!("① 核对备份……");
    let found = checksums(from)?;
    for (name, sum) in &list {
        ensure!(found.get(name) == Some(sum), "备份已损坏：{name} 的校验和不对，没有恢复任何东西");
    }
    ensure!(!config.key_file.exists(), "{} 已经存在。恢复只写进空的安装", config.key_file.display());
    eprintln!("② 数据库……");
    match Url::parse(&config.database_url)? {
        Url::Sqlite(path) => {
            ensure!(!path.exists(), "{} 已经存在。恢复只写进空的安装", path.display());
            ensure!(
                from.join(SQLITE).exists(),
                "这份备份来自 PostgreSQL，请设 LOUMA_DATABASE_URL=postgres://…"
            );
            copy(&from.join(SQLITE), &path)?;
        }
        Url::Postgres(url) => {
            ensure!(from.join(DUMP).exists(), "这份备份来自 SQLite，不能恢复到 PostgreSQL");
            let arguments = ["--no-owner", "--exit-on-error", "--single-transaction", "--dbname", &url];
            tool("pg_restore", &arguments, &from.join(DUMP))
                .context("恢复只写进空的数据库；没有恢复任何东西")?;
        }
    }
    eprintln!("③ 密钥和照片……");
    copy(&from.join(KEY), &config.key_file)?;
    let photos = copy_tree(&from.join("photos"), &config.photos_dir())?;
    println!("恢复完成（照片 {photos} 个）。现在可以 louma serve");
    Ok(())
}

fn tool(name: &str, arguments: &[&str], file: &Path) -> anyhow::Result<()> {
    let status = Command::new(name)
        .args(arguments)
        .arg(file)
        .status()
        .with_context(|| format!("找不到 {name}，请安装 PostgreSQL 的客户端工具"))?;
    if !status.success() {
        bail!("{name} 没有成功（{status}），上面是它的说明");
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    if let Some(dir) = to.parent() {
        fs::create_dir_all(dir)?;
    }
    fs::copy(from, to).with_context(|| format!("无法把 {} 复制到 {}", from.display(), to.display()))?;
    fs::File::open(to)?.sync_all()?;
    Ok(())
}

fn copy_tree(from: &Path, to: &Path) -> anyhow::Result<usize> {
    let files = files(from)?;
    for file in &files {
        copy(&from.join(file), &to.join(file))?;
    }
    Ok(files.len())
}

/// The files below `dir`, by relative path, sorted.
fn files(dir: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let (mut found, mut waiting) = (Vec::new(), vec![PathBuf::new()]);
    while let Some(sub) = waiting.pop() {
        let Ok(entries) = fs::read_dir(dir.join(&sub)) else { continue };
        for entry in entries {
            let entry = entry?;
            let path = sub.join(entry.file_name());
            match entry.file_type()?.is_dir() {
                true => waiting.push(path),
                false => found.push(path),
            }
        }
    }
    found.sort();
    Ok(found)
}

fn checksums(dir: &Path) -> anyhow::Result<BTreeMap<String, String>> {
    let mut sums = BTreeMap::new();
    for file in files(dir)?.into_iter().filter(|file| file != Path::new(LIST)) {
        let (mut hash, mut open) = (Sha256::new(), fs::File::open(dir.join(&file))?);
        let mut part = vec![0; 1 << 20];
        loop {
            match open.read(&mut part)? {
                0 => break,
                taken => hash.update(&part[..taken]),
            }
        }
        sums.insert(file.to_string_lossy().into_owned(), hex(&hash.finalize()));
    }
    Ok(sums)
}
