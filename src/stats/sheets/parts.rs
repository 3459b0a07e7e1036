//! 3 诉求类型, 4 分类统计, 8 承办单位, 9 时段分布, 10 渠道分布: the parts of the whole, each counted as the whole is.

use rust_xlsxwriter::ChartType;

use super::{Done, Sheets, share};
use crate::stats::metric::{Figure, Metric};
use crate::stats::report::Slice;
use crate::stats::workbook::{Book, Cell, Columns, HEAD, chart, lines, main_table};

/// What follows the fixed columns of a table of parts: what its rates were made from, and 受理量 before exclusions.
#[rustfmt::skip]
const MADE_FROM: Columns = &[
    ("按期办结数", 9.0), ("应办结量", 9.0), ("解决数", 8.0), ("满意数（含折算）", 10.0),
    ("剔除前受理量", 10.0),
];

#[rustfmt::skip]
const CATEGORIES: Columns = &[
    ("编码", 8.0), ("一级分类", 18.0), ("二级分类", 26.0), ("受理量", 9.0), ("占比", 9.0), ("上期", 8.0),
    ("环比", 16.0), ("去年同期", 10.0), ("同比", 16.0), ("去重后", 8.0), ("办结量", 8.0), ("按期办结率", 10.0),
    ("有效回访", 9.0), ("解决率", 9.0), ("满意率", 9.0), ("办结时长中位（小时）", 12.0), ("超期数", 8.0), ("挂账数", 8.0),
];

#[rustfmt::skip]
const KINDS: Columns = &[
    ("诉求类型", 12.0), ("受理量", 9.0), ("占比", 9.0), ("上期", 8.0), ("环比", 16.0), ("去年同期", 10.0),
    ("同比", 16.0), ("去重后", 8.0), ("办结量", 8.0), ("按期办结率", 10.0), ("有效回访", 9.0), ("解决率", 9.0),
    ("满意率", 9.0), ("办结时长中位（小时）", 12.0), ("超期数", 8.0), ("挂账数", 8.0), ("可比诉求量 C", 10.0),
];

#[rustfmt::skip]
const PARTIES: Columns = &[
    ("单位", 20.0), ("主办", 7.0), ("协办", 7.0), ("办结量", 8.0), ("应办结量", 8.0), ("按期办结", 8.0),
    ("按期办结率", 9.0), ("退回", 7.0), ("首次联系及时", 8.0), ("应首次联系", 8.0), ("首次联系及时率", 9.0),
    ("有效回访", 8.0), ("联系率", 8.0), ("解决率", 8.0), ("满意率", 8.0), ("得分", 8.0), ("排名", 7.0),
    ("联系数", 7.0), ("解决数", 7.0), ("满意数（含折算）", 9.0), ("超期数", 7.0), ("挂账数", 7.0), ("经手次数", 8.0),
    ("已离手次数", 8.0), ("在手时长中位（小时）", 10.0), ("剔除前主办", 8.0),
];

impl Sheets<'_> {
    /// 3 诉求类型.
    pub(super) fn kinds(&self, book: &mut Book) -> Done {
        named(book, "3 诉求类型", "诉求类型", &self.report.kinds)
    }

    /// 10 渠道分布.
    pub(super) fn channels(&self, book: &mut Book) -> Done {
        named(book, "10 渠道分布", "渠道", &self.report.channels)
    }

    /// 4 分类统计.
    pub(super) fn categories(&self, book: &mut Book) -> Done {
        let report = self.report;
        let columns = [CATEGORIES, MADE_FROM].concat();
        let row = |code: &str, level1: &str, level2: &str, slice: &Slice| {
            [vec![Cell::text(code), Cell::text(level1), Cell::text(level2)], counted(slice), made_from(slice)]
                .concat()
        };
        let mut rows = Vec::new();
        for level1 in &report.level1 {
            let own = report.categories.iter().filter(|slice| slice.code.starts_with(&level1.code));
            for slice in own {
                rows.push(row(slice.code.trim_end_matches('—'), &level1.name, &slice.name, slice));
            }
        }
        let sheet = book.sheet("4 分类统计")?;
        let end = main_table(sheet, &columns, &rows, 3)?;
        sheet.set_print_fit_to_pages(2, 0).set_repeat_columns(0, 2)?;
        let level1: Vec<Vec<Cell>> =
            report.level1.iter().map(|slice| row(&slice.code, &slice.name, "小计", slice)).collect();
        let first = end;
        let end = lines(sheet, first, &columns, &level1)?;
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

    /// 8 承办单位: as leads and as supporters, how they had what they were given, and their rank.
    pub(super) fn parties(&self, book: &mut Book) -> Done {
        let rows: Vec<Vec<Cell>> = self.report.parties.iter().map(party).collect();
        let sheet = book.sheet("8 承办单位")?;
        main_table(sheet, PARTIES, &rows, 1)?;
        sheet.set_print_fit_to_pages(2, 0).set_repeat_columns(0, 0)?;
        Ok(())
    }

    /// 9 时段分布: weekday by hour, with sums.
    pub(super) fn hours(&self, book: &mut Book) -> Done {
        let heads: Vec<String> = (0..24).map(|hour| format!("{hour}时")).collect();
        let mut columns = vec![("星期", 9.0)];
        columns.extend(heads.iter().map(|head| (head.as_str(), 5.6)));
        columns.push(("合计", 8.0));
        let line = |name: &str, counts: Vec<i64>| {
            let sum = counts.iter().sum();
            let counts = counts.into_iter().chain([sum]).map(Cell::Count);
            [Cell::text(name)].into_iter().chain(counts).collect::<Vec<Cell>>()
        };
        let hours = &self.report.hours;
        let days = ["星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日"];
        let mut rows: Vec<Vec<Cell>> =
            days.iter().zip(hours).map(|(day, counts)| line(day, counts.clone())).collect();
        let all = (0..24).map(|hour| hours.iter().map(|day| day[hour]).sum()).collect();
        rows.push(line("合计", all));
        let sheet = book.sheet("9 时段分布")?;
        main_table(sheet, &columns, &rows, 1)?;
        Ok(())
    }
}

/// A table of parts that have but a name.
fn named(book: &mut Book, name: &str, first: &'static str, slices: &[Slice]) -> Done {
    let mut columns = [KINDS, MADE_FROM].concat();
    columns[0].0 = first;
    let row = |slice: &Slice| {
        let side = Cell::figure(Metric::Comparable, &slice.figure(Metric::Comparable));
        [vec![Cell::text(&slice.name)], counted(slice), vec![side], made_from(slice)].concat()
    };
    let rows: Vec<Vec<Cell>> = slices.iter().map(row).collect();
    let sheet = book.sheet(name)?;
    main_table(sheet, &columns, &rows, 1)?;
    // Too wide for one page: two side by side, the names on each.
    sheet.set_print_fit_to_pages(2, 0).set_repeat_columns(0, 0)?;
    Ok(())
}

/// From 受理量 to 挂账数.
fn counted(slice: &Slice) -> Vec<Cell> {
    let figure = |metric: Metric| Cell::figure(metric, &slice.figure(metric));
    vec![
        figure(Metric::Cases),
        share(slice.share.value),
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
        figure(Metric::OnAccount),
    ]
}

fn made_from(slice: &Slice) -> Vec<Cell> {
    let part = |metric: Metric| upper(&slice.figure(metric));
    vec![
        part(Metric::OnTimeRate),
        Cell::figure(Metric::Due, &slice.figure(Metric::Due)),
        part(Metric::SolvedRate),
        part(Metric::SatisfiedRate),
        Cell::figure(Metric::Gross, &slice.figure(Metric::Gross)),
    ]
}

/// What was counted for a rate; 满意数 has a fraction.
fn upper(figure: &Figure) -> Cell {
    match figure.numerator {
        Some(part) if part.fract() == 0.0 => Cell::Count(part as i64),
        Some(part) => Cell::Number(part, 2),
        None => Cell::Gap,
    }
}

fn party(slice: &Slice) -> Vec<Cell> {
    let figure = |metric: Metric| Cell::figure(metric, &slice.figure(metric));
    let part = |metric: Metric| upper(&slice.figure(metric));
    let had = slice.hand_offs.clone().unwrap_or_default();
    let whole = slice.figure(Metric::ContactOnTimeRate).denominator.unwrap_or_default();
    vec![
        Cell::text(&slice.name),
        figure(Metric::Cases),
        Cell::Count(had.supported),
        figure(Metric::Closed),
        figure(Metric::Due),
        part(Metric::OnTimeRate),
        figure(Metric::OnTimeRate),
        Cell::Count(had.returned),
        part(Metric::ContactOnTimeRate),
        Cell::Count(whole as i64),
        figure(Metric::ContactOnTimeRate),
        figure(Metric::Answers),
        figure(Metric::ContactedRate),
        figure(Metric::SolvedRate),
        figure(Metric::SatisfiedRate),
        figure(Metric::Score),
        Cell::count(had.rank.map(|rank| rank as i64)),
        part(Metric::ContactedRate),
        part(Metric::SolvedRate),
        part(Metric::SatisfiedRate),
        figure(Metric::Overdue),
        figure(Metric::OnAccount),
        Cell::Count(had.count),
        Cell::Count(had.median.denominator.unwrap_or_default() as i64),
        Cell::figure(Metric::HandlingMedian, &had.median),
        figure(Metric::Gross),
    ]
}
