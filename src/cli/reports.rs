//! `louma report verify`: an issued report, counted again by its own rules.

use super::{open_all, said};
use crate::clock::{Period, PeriodKind};
use crate::config::Config;
use crate::error::Error;
use crate::places;
use crate::stats::issued::{self, verify};

/// Prints what counting again came to; fails where anything differs, so that a script notices.
pub(super) fn verify(
    config: &Config,
    (community, month): (&str, &str),
    kind: PeriodKind,
    version: Option<i32>,
) -> anyhow::Result<()> {
    let (db, ..) = open_all(config)?;
    let period = Period::parse(kind, month).map_err(said)?;
    let (report, verdict) = db
        .read_now(|tx| {
            let community = places::community_by_name(tx, community)?;
            let report = issued::of_period(tx, community.id, &period, version).map_err(|err| match err {
                Error::NotFound => Error::conflict("这一期（或这一版）还没有签发，没有可核对的报表"),
                other => other,
            })?;
            let verdict = verify::verify(tx, &report)?;
            Ok((report, verdict))
        })
        .map_err(said)?;
    println!("{} {}", report.label(), report.standing());
    println!("快照、工作簿、打印件完好，SHA-256 {}", verdict.checksum);
    for rule in &verdict.other_rules {
        println!("口径不同：{rule}");
    }
    for each in verdict.totals.iter().chain(&verdict.parts) {
        println!("不同：{} {}", each.name, each.words());
    }
    let count = verdict.totals.len() + verdict.parts.len();
    anyhow::ensure!(verdict.equal, "有 {count} 项与签发时不同；签发的报表不变，要更正请再签发一版");
    println!(
        "相同：按当时的截止时间、权重和分类口径重算，各项指标、各表每一行、时段、12345 对比的各月都一样；挂账数不能重算"
    );
    Ok(())
}
