//! 1 口径说明: what every figure of the workbook stands on.

use super::{Done, Sheets};
use crate::stats::basis::{COUNTING_VERSION, DUPLICATE_RULE, DUPLICATE_VERSION, EXCLUSION_VERSION};
use crate::stats::metric::{Metric, short};
use crate::stats::workbook::{Book, Cell, Columns, main_table, table};

/// As wide as the columns of the facts above.
#[rustfmt::skip]
const CORRECTIONS: Columns = &[("期间和指标", 0.0), ("签发时 → 更正后；原因", 104.0)];

impl Sheets<'_> {
    /// 1 口径说明, with the checksum once it is known, and what changed in reports that were issued before.
    pub(in crate::stats) fn about(&self, book: &mut Book, checksum: Option<&str>) -> Done {
        let sheet = book.sheet("1 口径说明")?;
        let mut facts = self.facts();
        facts.extend(checksum.map(|checksum| ("校验和（SHA-256）", checksum.to_owned())));
        let rows: Vec<Vec<Cell>> =
            facts.into_iter().map(|(what, fact)| vec![Cell::text(what), Cell::Long(fact)]).collect();
        let end = main_table(sheet, &[("项目", 26.0), ("内容", 104.0)], &rows, 0)?;
        let corrections = &self.imprint.corrections;
        if !corrections.is_empty() {
            let row = |each: &crate::stats::issued::Correction| {
                vec![Cell::text(format!("更正：{} {}", each.label, each.name)), Cell::Long(each.words())]
            };
            table(sheet, end + 1, CORRECTIONS, &corrections.iter().map(row).collect::<Vec<_>>())?;
        }
        Ok(())
    }

    fn facts(&self) -> Vec<(&'static str, String)> {
        let (report, basis) = (self.report, &self.report.basis);
        let (from, end) = (report.period.from, report.period.to);
        let people = |heads: Option<f64>| heads.map_or("—".to_owned(), short);
        let weights = &basis.weights;
        let complete = if report.complete {
            "已结束"
        } else {
            "未结束：上期和去年只算到同一天同一时刻"
        };
        let masked = match &self.imprint.open {
            None => "脱敏".to_owned(),
            Some(open) => format!("{open}；举报人仍不列出"),
        };
        vec![
            (
                "社区",
                format!("{} {} {}", basis.community.district, basis.community.street, basis.community.name),
            ),
            ("期间类型", report.kind.to_owned()),
            ("起止（左闭右开）", format!("{} 至 {}", report.period.from.long(), report.period.to.long())),
            ("统计截止", basis.cut_off.long()),
            ("本期是否结束", complete.to_owned()),
            ("时区", "Asia/Shanghai（北京时间）".to_owned()),
            ("常住人口", people(report.people.residents)),
            ("户数", people(report.people.households)),
            ("人口来源", basis.population_sources(from, end)),
            ("单元（含无单元的楼），期末", format!("{}（{}）", basis.units, basis.units_source(end))),
            ("在用码覆盖，期末", format!("{} / {}", basis.live_units, basis.units)),
            ("在用码总数（含点位），期末", basis.live_codes.to_string()),
            ("开始使用", basis.service_from.map_or("—".to_owned(), |from| from.long())),
            (
                "得分权重",
                format!("联系 {}、解决 {}、满意 {}", weights.contacted, weights.solved, weights.satisfied),
            ),
            ("k（基本满意折算）", weights.k.to_string()),
            ("时限规则版本", report.limit_versions.join("、")),
            ("计数规则版本", COUNTING_VERSION.to_owned()),
            (
                "剔除规则版本",
                format!(
                    "{EXCLUSION_VERSION}：E1 测试，E2 空白乱码广告，E3 恶意刷单，E4 不属于我们，E5 受理前撤回，E6 重复（只影响去重后），E7 警情火情已转"
                ),
            ),
            ("重复规则版本", format!("{DUPLICATE_VERSION}：{DUPLICATE_RULE}")),
            ("合计的算法", "分子之和 ÷ 分母之和".to_owned()),
            ("可比口径 C", Metric::Comparable.sentence().to_owned()),
            ("缺数", "「—」和空白是没有数，不是 0；0 ÷ 0 记「—」".to_owned()),
            ("签发", self.imprint.standing.clone()),
            ("是否脱敏", masked),
            ("导出人", self.imprint.by.clone()),
            ("导出时间", basis.cut_off.long()),
            ("软件版本", concat!("楼码 ", env!("CARGO_PKG_VERSION")).to_owned()),
        ]
    }
}
