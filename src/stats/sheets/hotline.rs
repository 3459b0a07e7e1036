//! 13 12345对比: the hotline's count and ours side by side, by month and by year.

use rust_xlsxwriter::ChartType;

use super::{Done, Sheets, number, share};
use crate::stats::comparison::{HotlineMonth, YearLine};
use crate::stats::metric::Figure;
use crate::stats::overlap::Overlap;
use crate::stats::workbook::{Book, Cell, Columns, HEAD, chart, main_table, table};

#[rustfmt::skip]
const HOTLINE: Columns = &[
    ("自然月", 10.0), ("12345 件数 H", 11.0), ("其中诉求", 9.0), ("其中咨询", 9.0), ("H 每万人", 9.0),
    ("H 去年同期", 10.0), ("H 同比", 16.0), ("C", 8.0), ("C 去重", 8.0), ("C 每万人", 10.0),
    ("C/(C+H)", 10.0), ("重合件数", 9.0), ("转12345率", 10.0), ("挂码单元占比", 11.0), ("H 来源", 50.0),
    ("转12345件数", 10.0), ("首接在码率", 10.0), ("首接在码件数", 10.0), ("未诉先办率", 10.0), ("未诉先办件数", 10.0),
    ("未诉先办分母 C+H−重合", 14.0), ("仅 12345", 9.0), ("同月录入数", 10.0), ("录入数减明细", 10.0),
];

#[rustfmt::skip]
const YEARS: Columns = &[
    ("年份", 0.0), ("12345 件数 H", 0.0), ("是否约数", 0.0), ("已知月数", 0.0), ("H 每万人", 0.0),
    ("月度合计", 0.0), ("全年数减月度合计", 0.0), ("C", 0.0), ("C 去重", 0.0), ("C 每万人", 0.0),
    ("C/(C+H)", 0.0), ("在用月数", 0.0), ("人口（月末平均）", 0.0), ("是否全年", 0.0), ("H 来源", 50.0),
];

/// What the rates are of.
const RATES: &str = "转12345率 = 我们的件在 30 天内又到 12345 的 ÷ C；首接在码率 = 重合件里我们在先的 ÷ 重合件数；未诉先办率 = 我们办结且没有到过 12345 的 ÷（C + H − 重合件数）。重合由人逐件确认；没有 12345 工单明细的月份是空缺。";

impl Sheets<'_> {
    /// 13 12345对比.
    pub(super) fn hotline(&self, book: &mut Book) -> Done {
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
        row += 1;
        sheet.write_string(row, 0, RATES)?;
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
}

/// What comes of a roughly known number is written as people say it: a number would look exact.
fn rough(approximate: bool, text: String, exact: Cell) -> Cell {
    match (approximate, exact) {
        (true, exact) if !matches!(exact, Cell::Gap | Cell::Blank) => Cell::text(text),
        (_, exact) => exact,
    }
}

fn month_row(line: &HotlineMonth) -> Vec<Cell> {
    let live = (line.units > 0).then(|| line.live_units as f64 / line.units as f64);
    let lies = |part: fn(&Overlap) -> i64| Cell::count(line.overlap.as_ref().map(part));
    let rate = |part: fn(&Overlap) -> Figure| share(line.overlap.as_ref().and_then(|all| part(all).value));
    vec![
        Cell::text(&line.month),
        Cell::drawn(line.hotline),
        Cell::count(line.demands),
        Cell::count(line.inquiries),
        rough(line.approximate, line.hotline_rate(), number(line.hotline_per_ten_thousand)),
        rough(line.approximate_last_year, line.hotline_last_year_text(), Cell::count(line.hotline_last_year)),
        rough(line.rough_change(), line.hotline_change_text(), Cell::percent(&line.hotline_change())),
        Cell::drawn(line.own),
        Cell::count(line.own_events),
        number(line.own_per_ten_thousand),
        rough(line.approximate, line.share_text(), share(line.share)),
        lies(|overlap| overlap.both),
        rate(|overlap| overlap.leak_rate),
        share(live),
        Cell::Long(if line.approximate { format!("约数；{}", line.source) } else { line.source.clone() }),
        lies(|overlap| overlap.leaked),
        rate(|overlap| overlap.first_rate),
        lies(|overlap| overlap.first),
        rate(|overlap| overlap.ahead_rate),
        lies(|overlap| overlap.solved_only),
        lies(|overlap| overlap.own + overlap.hotline - overlap.both),
        lies(|overlap| overlap.hotline_only),
        Cell::count(line.typed),
        Cell::count(line.difference),
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
        rough(line.hotline.approximate, line.hotline_rate(), number(line.hotline_per_ten_thousand)),
        Cell::count(line.hotline.months_sum),
        Cell::count(line.hotline.difference),
        Cell::drawn(line.own),
        Cell::count(line.own_events),
        number(line.own_per_ten_thousand),
        rough(line.hotline.approximate, line.share_text(), share(line.share)),
        Cell::Count(line.months_in_service as i64),
        line.residents.map_or(Cell::Gap, |heads| Cell::Number(heads, 1)),
        Cell::text(if line.complete { "全年" } else { "未满年" }),
        Cell::Long(line.hotline.source.clone()),
    ]
}
