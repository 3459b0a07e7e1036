//! The sheets of parts, tops, doors, parties, hours and lists, read back and held against the report.

use std::io::Cursor;

use calamine::{Data, DataType, Range, Reader, Xlsx};
use louma::stats::Report;
use louma::stats::metric::{Figure, Metric};

use super::same;

type Book<'a> = Xlsx<Cursor<&'a [u8]>>;

/// A sheet whose first table begins in the third row, found by the titles in the second.
struct Sheet {
    name: &'static str,
    cells: Range<Data>,
}

impl Sheet {
    fn of(book: &mut Book, name: &'static str) -> Sheet {
        Sheet { name, cells: book.worksheet_range(name).unwrap() }
    }

    fn column(&self, title: &str) -> u32 {
        let heads = self.cells.rows().nth(1).unwrap();
        let found = heads.iter().position(|head| *head == title);
        found.unwrap_or_else(|| panic!("{} has no column {title}", self.name)) as u32
    }

    fn text(&self, row: usize, title: &str) -> String {
        let cell = self.cells.get_value((2 + row as u32, self.column(title)));
        cell.map(ToString::to_string).unwrap_or_default()
    }

    /// A number is a number and nothing else; a gap is a dash.
    fn number(&self, row: usize, title: &str) -> Option<f64> {
        match self.cells.get_value((2 + row as u32, self.column(title))) {
            Some(cell) if cell.get_float().is_some() => cell.get_float(),
            Some(Data::Int(number)) => Some(*number as f64),
            Some(Data::String(gap)) if gap == "—" || gap == "无可比期" => None,
            other => panic!("{} row {row} {title}: {other:?}", self.name),
        }
    }

    fn says(&self, row: usize, title: &str, expected: Option<f64>) {
        same(self.number(row, title), expected, &format!("{} row {row} {title}", self.name));
    }

    fn rows(&self) -> usize {
        self.cells.rows().skip(2).take_while(|row| !row[0].to_string().is_empty()).count()
    }
}

pub(super) fn the_further_sheets_say_the_same(report: &Report, book: &mut Book) {
    slices(report, book);
    tops_and_doors(report, book);
    parties(report, book);
    hours(report, book);
    lists(report, book);
    for (name, first) in
        [("14 主动治理项目", "项目"), ("15 吹哨报到", "吹哨单号"), ("16 心愿与志愿", "心愿编号")]
    {
        let sheet = Sheet::of(book, name);
        assert_eq!((sheet.text(0, first).as_str(), sheet.rows()), ("暂无", 1), "{name}");
    }
}

fn slices(report: &Report, book: &mut Book) {
    for (name, first, slices) in
        [("3 诉求类型", "诉求类型", &report.kinds), ("10 渠道分布", "渠道", &report.channels)]
    {
        let sheet = Sheet::of(book, name);
        assert_eq!(sheet.rows(), slices.len(), "{name}");
        for (row, slice) in slices.iter().enumerate() {
            assert_eq!(sheet.text(row, first), slice.name);
            let value = |metric| slice.figure(metric).value;
            sheet.says(row, "受理量", value(Metric::Cases));
            sheet.says(row, "占比", slice.share.value);
            sheet.says(row, "上期", slice.previous.map(|count| count as f64));
            sheet.says(row, "按期办结率", value(Metric::OnTimeRate));
            sheet.says(row, "按期办结数", slice.figure(Metric::OnTimeRate).numerator);
            sheet.says(row, "应办结量", slice.figure(Metric::OnTimeRate).denominator);
            sheet.says(row, "满意率", value(Metric::SatisfiedRate));
            sheet.says(row, "满意数（含折算）", slice.figure(Metric::SatisfiedRate).numerator);
            sheet.says(row, "有效回访", slice.figure(Metric::SatisfiedRate).denominator);
            sheet.says(row, "超期数", value(Metric::Overdue));
            sheet.says(row, "挂账数", value(Metric::OnAccount));
        }
    }
    let sheet = Sheet::of(book, "4 分类统计");
    let sum: f64 = (0..report.categories.len()).filter_map(|row| sheet.number(row, "挂账数")).sum();
    same(Some(sum), report.figure(Metric::OnAccount).value, "4 分类统计 挂账数 in sum");
}

fn tops_and_doors(report: &Report, book: &mut Book) {
    for (name, list, slices) in
        [("5 高频TOP10", &report.frequent, &report.categories), ("6 点位TOP", &report.spots, &report.places)]
    {
        let sheet = Sheet::of(book, name);
        assert_eq!(sheet.rows(), list.len(), "{name}");
        for (row, each) in list.iter().enumerate() {
            let slice = slices.iter().find(|slice| slice.code == each.code).unwrap();
            sheet.says(row, "排名", Some(row as f64 + 1.0));
            sheet.says(row, "受理量", slice.figure(Metric::Cases).value);
            sheet.says(row, "挂账数", slice.figure(Metric::OnAccount).value);
        }
    }
    let sheet = Sheet::of(book, "7 楼门统计");
    assert_eq!(sheet.rows(), report.doors.len());
    for (row, door) in report.doors.iter().enumerate() {
        let value = |metric: Metric| door.figures.get(&metric).copied().unwrap_or(Figure::GAP).value;
        sheet.says(row, "扫码量", value(Metric::Scans));
        sheet.says(row, "受理量", value(Metric::Cases));
        sheet.says(row, "每百户", value(Metric::PerHundredHouseholds));
        sheet.says(row, "超期数", value(Metric::Overdue));
        sheet.says(row, "户数", door.households.map(|count| count as f64));
    }
}

fn parties(report: &Report, book: &mut Book) {
    let sheet = Sheet::of(book, "8 承办单位");
    assert_eq!(sheet.rows(), report.parties.len());
    for (row, slice) in report.parties.iter().enumerate() {
        let had = slice.hand_offs.clone().unwrap();
        let value = |metric| slice.figure(metric).value;
        sheet.says(row, "主办", value(Metric::Cases));
        sheet.says(row, "协办", Some(had.supported as f64));
        sheet.says(row, "退回", Some(had.returned as f64));
        sheet.says(row, "经手次数", Some(had.count as f64));
        sheet.says(row, "在手时长中位（小时）", had.median.value);
        sheet.says(row, "首次联系及时率", value(Metric::ContactOnTimeRate));
        sheet.says(row, "首次联系及时", slice.figure(Metric::ContactOnTimeRate).numerator);
        sheet.says(row, "应首次联系", slice.figure(Metric::ContactOnTimeRate).denominator);
        sheet.says(row, "得分", value(Metric::Score));
        sheet.says(row, "排名", had.rank.map(|rank| rank as f64));
    }
}

fn hours(report: &Report, book: &mut Book) {
    let sheet = Sheet::of(book, "9 时段分布");
    for (row, day) in report.hours.iter().enumerate() {
        for (hour, count) in day.iter().enumerate() {
            sheet.says(row, &format!("{hour}时"), Some(*count as f64));
        }
    }
    sheet.says(7, "合计", report.figure(Metric::Cases).value);
}

fn lists(report: &Report, book: &mut Book) {
    let sheet = Sheet::of(book, "11 重复与群体");
    for (row, each) in report.gatherings.iter().enumerate() {
        assert_eq!(sheet.text(row, "类别"), each.kind.label());
        sheet.says(row, "件数", Some(each.tickets as f64));
        sheet.says(row, "去重减少", Some(each.spared as f64));
    }
    let sheet = Sheet::of(book, "12 超期与挂账");
    let counted = |words: &[&str]| {
        (0..sheet.rows()).filter(|row| words.contains(&sheet.text(*row, "类别").as_str())).count() as f64
    };
    let late = counted(&["超期未办结", "超期办结"]);
    same(Some(late), report.figure(Metric::Overdue).value, "12 超期与挂账: lines of what was late");
    let waiting = counted(&["挂账"]);
    same(Some(waiting), report.figure(Metric::OnAccount).value, "12 超期与挂账: lines on account");
}
