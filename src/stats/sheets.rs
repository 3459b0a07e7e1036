//! What stands on each sheet of the workbook (domain §7). The columns are fixed; those whose subject the product does
//! not keep yet are shown with `—`, never left out, so that tables of different months can be put below each other.

use std::collections::BTreeMap;

use rust_xlsxwriter::{ChartType, XlsxError};
use sha2::{Digest, Sha256};

use super::basis::{COUNTING_VERSION, DUPLICATE_RULE, DUPLICATE_VERSION, EXCLUSION_VERSION};
use super::comparison::{HotlineMonth, YearLine};
use super::metric::Metric;
use super::report::{Report, Slice};
use super::store::Ledger;
use super::workbook::{Book, Cell, HEAD, chart, lines, main_table, table};
use crate::db::Id;
use crate::mask;
use crate::routing::Kind;

type Done = Result<(), XlsxError>;

// The columns of each sheet, with their widths in characters.
#[rustfmt::skip]
const TOTALS: &[(&str, f64)] = &[
    ("指标", 26.0), ("本期", 10.0), ("上期", 10.0), ("环比增减", 14.0), ("环比%", 15.0), ("去年同期", 10.0),
    ("同比增减", 14.0), ("同比%", 15.0), ("本年累计", 10.0), ("去年同期累计", 10.0), ("累计同比%", 15.0),
    ("分子", 9.0), ("分母", 9.0), ("说明", 62.0),
];

#[rustfmt::skip]
const CATEGORIES: &[(&str, f64)] = &[
    ("编码", 8.0), ("一级分类", 18.0), ("二级分类", 26.0), ("受理量", 9.0), ("占比", 9.0), ("上期", 8.0),
    ("环比", 16.0), ("去年同期", 10.0), ("同比", 16.0), ("去重后", 8.0), ("办结量", 8.0), ("按期办结率", 10.0),
    ("有效回访", 9.0), ("解决率", 9.0), ("满意率", 9.0), ("办结时长中位（小时）", 12.0), ("超期数", 8.0), ("挂账数", 8.0),
];

#[rustfmt::skip]
const HOTLINE: &[(&str, f64)] = &[
    ("月份", 10.0), ("12345 件数 H", 11.0), ("其中诉求", 9.0), ("其中咨询", 9.0), ("H 每万人", 9.0),
    ("H 去年同期", 10.0), ("H 同比", 16.0), ("C", 8.0), ("C 去重", 8.0), ("C 每万人", 10.0),
    ("C/(C+H)", 10.0), ("重合件数", 9.0), ("转12345率", 10.0), ("挂码单元占比", 11.0), ("H 来源", 50.0),
];

#[rustfmt::skip]
const YEARS: &[(&str, f64)] = &[
    ("年份", 0.0), ("12345 件数 H", 0.0), ("是否约数", 0.0), ("已知月数", 0.0), ("H 每万人", 0.0),
    ("月度合计", 0.0), ("全年数减月度合计", 0.0), ("C", 0.0), ("C 去重", 0.0), ("C 每万人", 0.0),
    ("C/(C+H)", 0.0), ("在用月数", 0.0), ("人口（月末平均）", 0.0), ("是否全年", 0.0), ("H 来源", 50.0),
];

#[rustfmt::skip]
const LEDGER: &[(&str, f64)] = &[
    ("工单号", 19.0), ("提交时间", 17.0), ("渠道", 10.0), ("地点", 26.0), ("类型", 8.0), ("一级分类", 16.0),
    ("二级分类", 22.0), ("内容", 46.0), ("联系电话", 14.0), ("紧急程度", 9.0), ("状态", 10.0), ("主办单位", 16.0),
    ("首次联系", 17.0), ("办理期限", 17.0), ("办结时间", 17.0), ("办结结果", 13.0), ("办理情况", 46.0),
    ("解决层级", 9.0), ("有效回访", 9.0), ("联系", 7.0), ("解决", 7.0), ("满意", 10.0), ("重办次数", 9.0),
    ("退回次数", 9.0), ("12345 工单号", 18.0), ("剔除原因", 16.0), ("时限规则版本", 28.0),
];

/// What the sheets are drawn from.
pub(super) struct Sheets<'a> {
    pub(super) report: &'a Report,
    pub(super) ledger: &'a [Ledger],
    pub(super) parties: &'a BTreeMap<Id, String>,
    /// Who exported it.
    pub(super) by: &'a str,
}

impl Sheets<'_> {
    /// Draws them all.
    pub(super) fn draw(&self, book: &mut Book) -> Done {
        self.about(book)?;
        self.totals(book)?;
        self.categories(book)?;
        self.hotline(book)?;
        self.tickets(book)
    }

    /// 1 口径说明.
    fn about(&self, book: &mut Book) -> Done {
        let sheet = book.sheet("1 口径说明")?;
        let rows: Vec<Vec<Cell>> =
            self.facts().into_iter().map(|(what, fact)| vec![Cell::text(what), Cell::Long(fact)]).collect();
        main_table(sheet, &[("项目", 26.0), ("内容", 104.0)], &rows, 0)?;
        Ok(())
    }

    fn facts(&self) -> Vec<(&'static str, String)> {
        let (report, basis) = (self.report, &self.report.basis);
        let end = report.period.to.min(basis.cut_off);
        let population = basis.population_at(end);
        let people = |heads: Option<f64>| heads.map_or("—".to_owned(), super::metric::short);
        let weights = &basis.weights;
        let checksum =
            serde_json::to_vec(report).map(|bytes| hex(&Sha256::digest(bytes))).unwrap_or_default();
        vec![
            (
                "社区",
                format!("{} {} {}", basis.community.district, basis.community.street, basis.community.name),
            ),
            ("期间类型", report.kind.to_owned()),
            ("起止（左闭右开）", format!("{} 至 {}", report.period.from.long(), report.period.to.long())),
            ("统计截止", basis.cut_off.long()),
            (
                "本期是否结束",
                if report.complete {
                    "已结束"
                } else {
                    "未结束：上期和去年只算到同一天同一时刻"
                }
                .to_owned(),
            ),
            ("时区", "Asia/Shanghai（北京时间）".to_owned()),
            ("常住人口", people(report.people.residents)),
            ("户数", people(report.people.households)),
            (
                "人口来源",
                population.map_or("未录入".to_owned(), |entry| {
                    format!("{}，自 {} 起", entry.source, entry.effective_from)
                }),
            ),
            ("单元（含无单元的楼）", basis.units.to_string()),
            ("在用码覆盖", format!("{} / {}", basis.live_units, basis.units)),
            ("在用码总数（含点位）", basis.live_codes.to_string()),
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
            ("是否脱敏", "脱敏".to_owned()),
            ("导出人", self.by.to_owned()),
            ("导出时间", basis.cut_off.long()),
            ("软件版本", concat!("楼码 ", env!("CARGO_PKG_VERSION")).to_owned()),
            ("校验和（SHA-256）", checksum),
        ]
    }

    /// 2 月度汇总.
    fn totals(&self, book: &mut Book) -> Done {
        let rows: Vec<Vec<Cell>> = self
            .report
            .totals
            .iter()
            .map(|line| {
                let metric = line.metric;
                let part = |part: Option<f64>| match part {
                    Some(part) if part.fract() == 0.0 => Cell::Count(part as i64),
                    Some(part) => Cell::Number(part, 2),
                    None => Cell::Gap,
                };
                vec![
                    Cell::text(format!("{}（{}）", line.label, line.unit.label())),
                    Cell::figure(metric, &line.current),
                    Cell::figure(metric, &line.previous),
                    Cell::difference(metric, &line.change),
                    Cell::percent(&line.change),
                    Cell::figure(metric, &line.last_year),
                    Cell::difference(metric, &line.year_change),
                    Cell::percent(&line.year_change),
                    Cell::figure(metric, &line.year_to_date),
                    Cell::figure(metric, &line.last_year_to_date),
                    Cell::percent(&line.cumulative_change),
                    part(line.current.numerator),
                    part(line.current.denominator),
                    Cell::Long(line.sentence.to_owned()),
                ]
            })
            .collect();
        let sheet = book.sheet("2 月度汇总")?;
        let end = main_table(sheet, TOTALS, &rows, 1)?;
        let months: Vec<Vec<Cell>> = self
            .report
            .months
            .iter()
            .map(|point| {
                vec![
                    Cell::text(&point.month),
                    Cell::drawn(point.cases),
                    Cell::drawn(point.closed),
                    Cell::drawn(point.comparable),
                    Cell::drawn(point.scans),
                ]
            })
            .collect();
        let head = end + 1;
        let columns =
            &[("月份", 0.0), ("受理量", 0.0), ("办结量", 0.0), ("可比诉求量 C", 0.0), ("扫码量", 0.0)];
        let end = table(sheet, head, columns, &months)?;
        chart(
            ChartType::Line,
            (sheet, "2 月度汇总"),
            (head, head + 1, end),
            (0, &[1, 2, 3]),
            (head, 6, "各月受理、办结与可比诉求"),
        )
    }

    /// 4 分类统计.
    fn categories(&self, book: &mut Book) -> Done {
        let report = self.report;
        let mut rows = Vec::new();
        for level1 in &report.level1 {
            let own = report.categories.iter().filter(|slice| slice.code.starts_with(&level1.code));
            for slice in own {
                rows.push(category_row(slice.code.trim_end_matches('—'), &level1.name, &slice.name, slice));
            }
        }
        let sheet = book.sheet("4 分类统计")?;
        let end = main_table(sheet, CATEGORIES, &rows, 3)?;
        let level1: Vec<Vec<Cell>> =
            report.level1.iter().map(|slice| category_row(&slice.code, &slice.name, "小计", slice)).collect();
        let first = end;
        let end = lines(sheet, first, CATEGORIES, &level1)?;
        if level1.is_empty() {
            return Ok(());
        }
        chart(
            ChartType::Column,
            (sheet, "4 分类统计"),
            (HEAD, first, end),
            (1, &[3]),
            (end + 1, 0, "各一级分类受理量"),
        )
    }

    /// 13 12345对比.
    fn hotline(&self, book: &mut Book) -> Done {
        let hotline = &self.report.hotline;
        let months: Vec<Vec<Cell>> = hotline.months.iter().map(month_row).collect();
        let sheet = book.sheet("13 12345对比")?;
        let end = main_table(sheet, HOTLINE, &months, 1)?;
        let years: Vec<Vec<Cell>> = hotline.years.iter().map(year_row).collect();
        let head = end + 1;
        let after = table(sheet, head, YEARS, &years)?;
        let mut row = after + 1;
        for sentence in &hotline.sentences {
            sheet.write_string(row, 0, sentence)?;
            row += 1;
        }
        sheet.write_string(row, 0, "两个数并列，不相加、不相减；本表不说明变化的原因。")?;
        chart(
            ChartType::Line,
            (sheet, "13 12345对比"),
            (HEAD, HEAD + 1, end),
            (0, &[1, 7]),
            (row + 2, 0, "逐月：12345（H）与本社区可比诉求（C）"),
        )?;
        chart(
            ChartType::Column,
            (sheet, "13 12345对比"),
            (head, head + 1, after),
            (0, &[1, 7]),
            (row + 2, 10, "逐年：12345（H）与本社区可比诉求（C）"),
        )
    }

    /// 17 工单台账, masked. Phones of 举报 are left out altogether, and free descriptions of the place, which may name
    /// a room.
    fn tickets(&self, book: &mut Book) -> Done {
        let basis = &self.report.basis;
        let places: BTreeMap<Id, &str> =
            basis.places.iter().map(|place| (place.id, place.full_name.as_str())).collect();
        let levels: BTreeMap<&str, &str> =
            basis.categories.iter().map(|each| (each.level1_code(), each.level1.as_str())).collect();
        let names: BTreeMap<&str, &str> =
            basis.categories.iter().map(|each| (each.code.as_str(), each.level2.as_str())).collect();
        let rows: Vec<Vec<Cell>> = self
            .ledger
            .iter()
            .map(|line| {
                let word = |word: Option<&str>| word.map_or(Cell::Gap, Cell::text);
                let yes = |answer: Option<bool>| word(answer.map(|answer| if answer { "是" } else { "否" }));
                let phone = line.phone_masked.as_deref().filter(|_| line.kind != Kind::TipOff);
                vec![
                    Cell::text(&line.number),
                    Cell::When(line.submitted_at),
                    Cell::text(line.channel.label()),
                    word(places.get(&line.place_id).copied()),
                    Cell::text(line.kind.label()),
                    word(levels.get(line.level1.as_str()).copied()),
                    word(line.category.as_deref().and_then(|code| names.get(code).copied())),
                    Cell::Long(mask::text(&line.text)),
                    word(phone),
                    Cell::text(line.urgency.label()),
                    Cell::text(line.status.label()),
                    word(self.parties.get(&line.lead_id).map(String::as_str)),
                    Cell::when(line.first_contact_at),
                    Cell::When(line.due_at),
                    Cell::when(line.closed_at),
                    word(line.result.map(|result| result.label())),
                    Cell::Long(mask::text(&line.result_text)),
                    word(line.solved_level.map(|level| level.label())),
                    yes(line.answered_at.and(line.answer_valid)),
                    yes(line.contacted),
                    yes(line.solved),
                    word(line.satisfied.map(|satisfied| satisfied.label())),
                    Cell::Count(line.rounds.into()),
                    Cell::Count(line.returns.into()),
                    word(line.hotline_number.as_deref()),
                    word(line.excluded.map(|reason| reason.label())),
                    Cell::text(&line.rules_version),
                ]
            })
            .collect();
        let sheet = book.sheet("17 工单台账")?;
        main_table(sheet, LEDGER, &rows, 1)?;
        // Too wide for one page: three side by side, the number on each.
        sheet.set_print_fit_to_pages(3, 0).set_repeat_columns(0, 0)?;
        Ok(())
    }
}

fn number(number: Option<f64>) -> Cell {
    number.map_or(Cell::Gap, |number| Cell::Number(number, 2))
}

fn share(share: Option<f64>) -> Cell {
    share.map_or(Cell::Gap, Cell::Share)
}

fn month_row(line: &HotlineMonth) -> Vec<Cell> {
    let live = (line.units > 0).then(|| line.live_units as f64 / line.units as f64);
    vec![
        Cell::text(&line.month),
        Cell::drawn(line.hotline),
        Cell::Gap,
        Cell::Gap,
        number(line.hotline_per_ten_thousand),
        Cell::count(line.hotline_last_year),
        Cell::percent(&line.hotline_change()),
        Cell::drawn(line.own),
        Cell::count(line.own_events),
        number(line.own_per_ten_thousand),
        share(line.share),
        Cell::Gap,
        Cell::Gap,
        share(live),
        Cell::Long(if line.approximate { format!("约数；{}", line.source) } else { line.source.clone() }),
    ]
}

fn year_row(line: &YearLine) -> Vec<Cell> {
    vec![
        Cell::text(line.hotline.year.to_string()),
        Cell::drawn(line.hotline.cases),
        Cell::text(match line.hotline.cases {
            None => "—",
            Some(_) if line.hotline.approximate => "约数",
            Some(_) => "否",
        }),
        Cell::Count(line.hotline.months_known as i64),
        number(line.hotline_per_ten_thousand),
        Cell::count(line.hotline.months_sum),
        Cell::count(line.hotline.difference),
        Cell::drawn(line.own),
        Cell::count(line.own_events),
        number(line.own_per_ten_thousand),
        share(line.share),
        Cell::Count(line.months_in_service as i64),
        line.residents.map_or(Cell::Gap, |heads| Cell::Number(heads, 1)),
        Cell::text(if line.complete { "全年" } else { "未满年" }),
        Cell::Long(line.hotline.source.clone()),
    ]
}

fn category_row(code: &str, level1: &str, level2: &str, slice: &Slice) -> Vec<Cell> {
    let figure = |metric: Metric| Cell::figure(metric, &slice.figure(metric));
    vec![
        Cell::text(code),
        Cell::text(level1),
        Cell::text(level2),
        figure(Metric::Cases),
        slice.share.value.map_or(Cell::Gap, Cell::Share),
        Cell::count(slice.previous),
        Cell::percent(&slice.change),
        Cell::count(slice.last_year),
        Cell::percent(&slice.year_change),
        figure(Metric::Deduplicated),
        figure(Metric::Closed),
        figure(Metric::OnTimeRate),
        figure(Metric::Answers),
        figure(Metric::SolvedRate),
        figure(Metric::SatisfiedRate),
        figure(Metric::HandlingMedian),
        figure(Metric::Overdue),
        Cell::Gap,
    ]
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
