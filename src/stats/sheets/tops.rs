//! 5 高频TOP10, 6 点位TOP, 7 楼门统计: where and what was told of most, and every door.

use super::{Done, Sheets, share, word};
use crate::stats::metric::Metric;
use crate::stats::ranking::{Door, Frequent, NamedCount};
use crate::stats::report::Slice;
use crate::stats::workbook::{Book, Cell, Columns, main_table};

#[rustfmt::skip]
const MATTERS: Columns = &[
    ("排名", 7.0), ("编码", 8.0), ("一级分类", 18.0), ("二级分类", 26.0), ("受理量", 9.0), ("占比", 9.0),
    ("上期", 8.0), ("环比", 16.0), ("主要点位", 46.0), ("主办单位", 18.0), ("进展", 30.0), ("办结率", 9.0),
    ("已办结", 8.0), ("超期数", 8.0), ("挂账数", 8.0), ("是否列入项目", 9.0),
];

#[rustfmt::skip]
const SPOTS: Columns = &[
    ("排名", 7.0), ("点位", 30.0), ("受理量", 9.0), ("占比", 9.0), ("上期", 8.0), ("环比", 16.0),
    ("去年同期", 10.0), ("同比", 16.0), ("主要问题", 60.0), ("主办单位", 18.0), ("办结量", 8.0), ("超期数", 8.0), ("挂账数", 8.0),
];

#[rustfmt::skip]
const DOORS: Columns = &[
    ("楼栋", 22.0), ("单元", 10.0), ("网格", 12.0), ("网格员", 14.0), ("户数", 8.0), ("码状态", 9.0),
    ("最近巡码", 11.0), ("扫码量", 8.0), ("受理量", 8.0), ("每百户", 9.0), ("办结量", 8.0), ("超期数", 8.0),
    ("12345 件数", 9.0), ("12345 去年同期", 10.0), ("剔除前受理量", 10.0),
];

/// Level-1 categories of which small numbers by unit are not told: 邻里与治安, 民生服务.
const SENSITIVE: [&str; 2] = ["11", "12"];
/// Fewer are not told (domain §6.11).
const TOLD: i64 = 5;

impl Sheets<'_> {
    /// 5 高频TOP10.
    pub(super) fn matters(&self, book: &mut Book) -> Done {
        let report = self.report;
        let rows: Vec<Vec<Cell>> = report
            .frequent
            .iter()
            .enumerate()
            .filter_map(|(place, each)| Some(matter(place, each, of(&report.categories, &each.code)?)))
            .collect();
        let sheet = book.sheet("5 高频TOP10")?;
        main_table(sheet, MATTERS, &rows, 4)?;
        sheet.set_print_fit_to_pages(2, 0).set_repeat_columns(0, 3)?;
        Ok(())
    }

    /// 6 点位TOP.
    pub(super) fn spots(&self, book: &mut Book) -> Done {
        let report = self.report;
        let rows: Vec<Vec<Cell>> = report
            .spots
            .iter()
            .enumerate()
            .filter_map(|(place, each)| Some(spot(place, each, of(&report.places, &each.code)?)))
            .collect();
        let sheet = book.sheet("6 点位TOP")?;
        main_table(sheet, SPOTS, &rows, 2)?;
        sheet.set_print_fit_to_pages(2, 0).set_repeat_columns(0, 1)?;
        Ok(())
    }

    /// 7 楼门统计.
    pub(super) fn doors(&self, book: &mut Book) -> Done {
        let rows: Vec<Vec<Cell>> = self.report.doors.iter().map(door).collect();
        main_table(book.sheet("7 楼门统计")?, DOORS, &rows, 2)?;
        Ok(())
    }
}

fn of<'a>(slices: &'a [Slice], code: &str) -> Option<&'a Slice> {
    slices.iter().find(|slice| slice.code == code)
}

fn matter(place: usize, each: &Frequent, slice: &Slice) -> Vec<Cell> {
    let figure = |metric: Metric| Cell::figure(metric, &slice.figure(metric));
    let sensitive = SENSITIVE.contains(&each.code.get(..2).unwrap_or_default());
    let done = slice.figure(Metric::ClosedRate).numerator.unwrap_or_default();
    let progress = format!("{} 件里已办结 {done} 件", slice.text(Metric::Cases));
    vec![
        Cell::Count(place as i64 + 1),
        Cell::text(&each.code),
        Cell::text(&slice.parent),
        Cell::text(&slice.name),
        figure(Metric::Cases),
        share(slice.share.value),
        Cell::count(slice.previous),
        Cell::percent(&slice.change),
        Cell::Long(names(&each.mainly, |_| sensitive, "点位")),
        word(each.lead.as_ref().map(|lead| lead.name.as_str())),
        Cell::text(progress),
        figure(Metric::ClosedRate),
        Cell::Count(done as i64),
        figure(Metric::Overdue),
        figure(Metric::OnAccount),
        Cell::Gap,
    ]
}

fn spot(place: usize, each: &Frequent, slice: &Slice) -> Vec<Cell> {
    let figure = |metric: Metric| Cell::figure(metric, &slice.figure(metric));
    let sensitive = |named: &NamedCount| SENSITIVE.contains(&named.code.get(..2).unwrap_or_default());
    vec![
        Cell::Count(place as i64 + 1),
        Cell::text(&slice.name),
        figure(Metric::Cases),
        share(slice.share.value),
        Cell::count(slice.previous),
        Cell::percent(&slice.change),
        Cell::count(slice.last_year),
        Cell::percent(&slice.year_change),
        Cell::Long(names(&each.mainly, sensitive, "分类")),
        word(each.lead.as_ref().map(|lead| lead.name.as_str())),
        figure(Metric::Closed),
        figure(Metric::Overdue),
        figure(Metric::OnAccount),
    ]
}

/// Names with their numbers. A small number of a sensitive category is neither told nor named.
fn names(named: &[NamedCount], sensitive: impl Fn(&NamedCount) -> bool, what: &str) -> String {
    let hidden = |each: &&NamedCount| sensitive(each) && each.cases < TOLD;
    let mut told: Vec<String> = named
        .iter()
        .filter(|each| !hidden(each))
        .map(|each| format!("{}（{}）", each.name, each.cases))
        .collect();
    if named.iter().any(|each| hidden(&each)) {
        told.push(format!("另有{what}各 <{TOLD} 件"));
    }
    told.join("、")
}

fn door(door: &Door) -> Vec<Cell> {
    let figure =
        |metric: Metric| door.figures.get(&metric).map_or(Cell::Gap, |each| Cell::figure(metric, each));
    vec![
        Cell::text(&door.building),
        word(Some(&door.unit)),
        word(Some(&door.grid)),
        word(Some(&door.worker)),
        Cell::count(door.households),
        Cell::text(door.code_state.map_or("无码", |state| state.label())),
        Cell::when(door.patrolled_at),
        figure(Metric::Scans),
        figure(Metric::Cases),
        figure(Metric::PerHundredHouseholds),
        figure(Metric::Closed),
        figure(Metric::Overdue),
        Cell::count(door.hotline),
        Cell::count(door.hotline_last_year),
        figure(Metric::Gross),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_number_of_a_sensitive_category_is_not_told_by_unit() {
        let named = |name: &str, cases| NamedCount { code: "1104".to_owned(), name: name.to_owned(), cases };
        let all = [named("3号楼2单元", 7), named("5号楼1单元", 4)];
        assert_eq!(names(&all, |_| true, "点位"), "3号楼2单元（7）、另有点位各 <5 件");
        assert_eq!(names(&all, |_| false, "点位"), "3号楼2单元（7）、5号楼1单元（4）");
    }
}
