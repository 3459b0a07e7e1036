//! `louma retention`: what is kept no longer, shown or done now.

use super::{open_all, said};
use crate::config::Config;
use crate::retention::{self, exports_dir};

/// Prints what would go by each rule, or lets it go.
pub(super) fn run(config: &Config, dry_run: bool) -> anyhow::Result<()> {
    let (db, _, photos) = open_all(config)?;
    let exports = exports_dir(config);
    let work = async move {
        match dry_run {
            true => retention::rehearse(&db, &exports).await,
            false => retention::run(&db, &photos, &exports).await,
        }
    };
    let found = actix_web::rt::System::new().block_on(work).map_err(said)?;
    for (rule, count) in found {
        println!("{}：{count} {}", rule.label(), if dry_run { "项到期，会删除" } else { "项已删除" });
    }
    if dry_run {
        println!("以上只是预览，什么也没有改。去掉 --dry-run 就真的删除；事情和统计数字不受影响。");
    }
    Ok(())
}
