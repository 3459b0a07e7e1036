//! `louma stats rebuild`: the counts of past months, counted again from the tickets.

use super::{open_all, said};
use crate::config::Config;
use crate::places;
use crate::stats::levels;

/// Counts every month that is over again, of one community or of all, and tells how it goes.
pub(super) fn rebuild(config: &Config, community: Option<&str>) -> anyhow::Result<()> {
    let (db, ..) = open_all(config)?;
    let only = match community {
        Some(name) => Some(db.read_now(|tx| places::community_by_name(tx, name)).map_err(said)?.id),
        None => None,
    };
    let done = |name: &str, months: usize| eprintln!("{name}：{months} 个月");
    let months = levels::rebuild(&db, only, done).map_err(said)?;
    println!("完成：重新汇总 {months} 个社区月");
    Ok(())
}
