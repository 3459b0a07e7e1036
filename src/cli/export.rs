//! Tables in, posters and reports out: `louma import`, `louma codes print`, `louma report`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::{open_all, said};
use crate::config::Config;

/// What `louma codes print` was asked for.
pub(super) struct Print {
    pub(super) community: String,
    pub(super) size: String,
    pub(super) code: Option<String>,
    pub(super) out: PathBuf,
    pub(super) force: bool,
}

#[expect(dead_code, reason = "used by the commands below")]
fn write(out: &Path, name: &str, body: &[u8]) -> anyhow::Result<PathBuf> {
    fs::create_dir_all(out).with_context(|| format!("无法创建目录 {}", out.display()))?;
    let path = out.join(name);
    fs::write(&path, body).with_context(|| format!("写不了 {}", path.display()))?;
    Ok(path)
}

pub(super) fn import_places(_: &Config, _: &Path, _: &str) -> anyhow::Result<()> { anyhow::bail!("x") }
pub(super) fn import_hotline(_: &Config, _: &Path, _: &str) -> anyhow::Result<()> { anyhow::bail!("x") }
pub(super) fn print(_: &Config, _: Print) -> anyhow::Result<()> { anyhow::bail!("x") }
pub(super) fn report(_: &Config, _: &str, _: &str, _: bool, _: &Path) -> anyhow::Result<()> { anyhow::bail!("x") }
pub(super) fn raw(_: &Config, _: &str, _: &Path) -> anyhow::Result<()> { anyhow::bail!("x") }
