//! 2 月度汇总: every metric with its earlier values, and the series behind the chart.

use rust_xlsxwriter::ChartType;

use super::{Done, Sheets};
use crate::stats::workbook::{Book, Cell, Columns, chart, main_table, table};

#[rustfmt::skip]
const TOTALS: Columns = &[
    ("指标", 26.0), ("本期", 10.0), ("上期", 10.0), ("环比增减", 14.0), ("环比%", 15.0), ("去年同期", 10.0),
    ("同比增减", 14.0), ("同比%", 15.0), ("本年累计", 10.0), ("去年同期累计", 10.0), ("累计同比%", 15.0),
    ("分子", 9.0), ("分母", 9.0), ("说明", 62.0),
];

impl Sheets<'_> {
    /// 2 月度汇总.
    pub(super) fn totals(&self, book: &mut Book) -> Done {
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
        let series = self.report.period.kind.series().label();
        let columns =
            &[(series, 0.0), ("受理量", 0.0), ("办结量", 0.0), ("可比诉求量 C", 0.0), ("扫码量", 0.0)];
        let end = table(sheet, head, columns, &months)?;
        chart(
            ChartType::Line,
            (sheet, "2 月度汇总"),
            (head, head + 1, end),
            (0, &[1, 2, 3]),
            (head, 6, "各期受理、办结与可比诉求"),
        )
    }
}
