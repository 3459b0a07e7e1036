//! The workbook of a month or a year: what a community hands up, opens and prints (domain §7).
//!
//! Numbers, dates and percentages are real ones; phones and ticket numbers are text; a text that a spreadsheet could
//! take for a formula is neutralised. Everything is masked. Columns whose subject the product does not keep yet show
//! `—`. What stands on which sheet is next door in `sheets`; how a cell is written, here.

use rust_xlsxwriter::{
    Chart, ChartEmptyCells, ChartFormat, ChartLegendPosition, ChartLine, ChartType, Color, DocProperties,
    Format, FormatAlign, FormatBorder, Workbook, Worksheet,
};

use super::metric::{Change, Figure, Metric, Remark, Unit};
use super::report::report;
use super::sheets;
use super::store;
use super::tally::Span;
use crate::clock::Period;
use crate::db::{Id, Time, Tx};
use crate::error::{Error, Result};
use crate::tables::neutral;

/// Lines of the ledger at most; a workbook of more opens nowhere.
const MOST_LINES: i64 = 200_000;
const GREEN: Color = Color::RGB(0x00_7A_3A);
const AMBER: Color = Color::RGB(0xB4_53_09);
const PALE: Color = Color::RGB(0xE3_F3_E9);

/// Makes the workbook of a period: its file name and its bytes. Everything in it is masked.
pub fn export(tx: &mut Tx, community: Id, period: Period, by: &str) -> Result<(String, Vec<u8>)> {
    let report = report(tx, community, period)?;
    let ledger = store::ledger(tx, community, period.from, period.to, MOST_LINES)?;
    let parties = store::parties(tx, community)?;
    let span = Span { from: period.from, to: period.to, cut_off: report.basis.cut_off };
    let late = store::late(tx, community, &span)?;
    let on_account: Vec<Id> =
        late.iter().filter(|line| line.suspended_at.is_some()).map(|line| line.id).collect();
    let accounts = store::accounts(tx, community, &on_account)?;
    let name = file_name(&report.basis.community.name, &period);
    let mut book = Book::new(&report.basis.community.name, &period);
    let sheets = sheets::Sheets {
        report: &report,
        ledger: &ledger,
        late: &late,
        accounts: &accounts,
        parties: &parties,
        by,
    };
    sheets.draw(&mut book).map_err(Error::internal)?;
    Ok((name, book.workbook.save_to_buffer().map_err(Error::internal)?))
}

/// `天宫院中里_一楼一码月报_2025-06_自然月_脱敏.xlsx`.
fn file_name(community: &str, period: &Period) -> String {
    let kind = if period.word().len() == 4 { "年报" } else { "月报" };
    let safe: String = community
        .chars()
        .map(|sign| if "\\/:*?\"<>|".contains(sign) || sign.is_control() { '_' } else { sign })
        .collect();
    format!("{safe}_一楼一码{kind}_{}_{}_脱敏.xlsx", period.word(), period.kind.label())
}

/// What is written into a cell.
#[derive(Clone)]
pub(super) enum Cell {
    Text(String),
    /// Text in several lines, small.
    Long(String),
    Count(i64),
    /// With so many decimals.
    Number(f64, usize),
    /// Shown in percent.
    Share(f64),
    /// A change in percent, with its sign.
    Percent(f64, Option<Remark>),
    /// A change in points of percent or in its unit, with its sign.
    Signed(f64, Unit),
    When(Time),
    /// Not known, or not kept yet.
    Gap,
    /// Not known, in a column that a chart shows: a dash would be drawn as a zero.
    Blank,
}

impl Cell {
    pub(super) fn text(text: impl Into<String>) -> Cell {
        Cell::Text(text.into())
    }

    pub(super) fn count(count: Option<i64>) -> Cell {
        count.map_or(Cell::Gap, Cell::Count)
    }

    /// A count in a column that a chart shows.
    pub(super) fn drawn(count: Option<i64>) -> Cell {
        count.map_or(Cell::Blank, Cell::Count)
    }

    pub(super) fn when(at: Option<Time>) -> Cell {
        at.map_or(Cell::Gap, Cell::When)
    }

    pub(super) fn figure(metric: Metric, figure: &Figure) -> Cell {
        let Some(value) = figure.value else { return Cell::Gap };
        match metric.unit() {
            Unit::Share => Cell::Share(value),
            Unit::Cases | Unit::Times => Cell::Count(value as i64),
            _ => Cell::Number(value, metric.decimals()),
        }
    }

    pub(super) fn difference(metric: Metric, change: &Change) -> Cell {
        match (change.difference, change.remark) {
            (Some(difference), _) => Cell::Signed(difference, metric.unit()),
            (None, Some(Remark::NoBase)) => Cell::text(Remark::NoBase.label()),
            _ => Cell::Gap,
        }
    }

    pub(super) fn percent(change: &Change) -> Cell {
        match (change.percent, change.remark) {
            (Some(percent), remark) => Cell::Percent(percent, remark),
            (None, Some(Remark::NoBase)) => Cell::text(Remark::NoBase.label()),
            _ => Cell::Gap,
        }
    }
}

/// A column of a table: its title and width in characters.
pub(super) type Columns<'a> = &'a [(&'a str, f64)];
type Done = std::result::Result<(), rust_xlsxwriter::XlsxError>;

/// The workbook as it grows.
pub(super) struct Book {
    workbook: Workbook,
    community: String,
    period: String,
}

impl Book {
    fn new(community: &str, period: &Period) -> Book {
        let mut workbook = Workbook::new();
        let title = format!("{community} 一楼一码 {}", period.label());
        let about = DocProperties::new().set_title(title).set_author("楼码").set_comment("脱敏");
        workbook.set_properties(&about);
        Book {
            workbook,
            community: community.to_owned(),
            period: format!("{}（{}）", period.label(), period.kind.label()),
        }
    }

    /// Adds a sheet with its heading: A4 across, as wide as one page, pages numbered.
    pub(super) fn sheet(
        &mut self,
        name: &str,
    ) -> std::result::Result<&mut Worksheet, rust_xlsxwriter::XlsxError> {
        let heading = format!(
            "{} · {} · {}",
            self.community,
            self.period,
            name.split_once(' ').map_or(name, |(_, title)| title)
        );
        let sheet = self.workbook.add_worksheet();
        sheet.set_name(name)?;
        sheet.set_paper_size(9).set_landscape().set_print_fit_to_pages(1, 0);
        sheet.set_margins(0.4, 0.4, 0.6, 0.6, 0.3, 0.3);
        sheet.set_footer("&L&8脱敏 · 楼码&R&8第 &P 页 / 共 &N 页");
        sheet.write_string_with_format(0, 0, neutral(&heading), &title())?;
        sheet.set_row_height(0, 26)?;
        Ok(sheet)
    }
}

/// The first row of the table of a sheet, below its heading.
pub(super) const HEAD: u32 = 1;

/// Draws a table with its header in row `at`; returns the row after it.
pub(super) fn table(
    sheet: &mut Worksheet,
    at: u32,
    columns: Columns,
    rows: &[Vec<Cell>],
) -> std::result::Result<u32, rust_xlsxwriter::XlsxError> {
    for (column, (name, _)) in columns.iter().enumerate() {
        sheet.write_string_with_format(at, column as u16, *name, &head())?;
    }
    sheet.set_row_height(at, 32)?;
    lines(sheet, at + 1, columns, rows)
}

/// Draws rows from row `at` on; returns the row after them.
pub(super) fn lines(
    sheet: &mut Worksheet,
    at: u32,
    columns: Columns,
    rows: &[Vec<Cell>],
) -> std::result::Result<u32, rust_xlsxwriter::XlsxError> {
    let formats = Formats::new();
    for (row, cells) in rows.iter().enumerate() {
        for (column, cell) in cells.iter().enumerate() {
            write(sheet, &formats, (at + row as u32, column as u16), cell)?;
        }
        sheet.set_row_height(at + row as u32, height(columns, cells))?;
    }
    Ok(at + rows.len() as u32)
}

/// The height of a row, in points: as many lines as its longest text needs. Not every program measures that itself.
fn height(columns: Columns, cells: &[Cell]) -> f64 {
    const LINE: f64 = 14.0;
    let signs = |text: &str| text.chars().map(|sign| if sign.is_ascii() { 1.0 } else { 2.0 }).sum::<f64>();
    let needed = |(cell, (_, width)): (&Cell, &(&str, f64))| match cell {
        Cell::Long(text) if *width > 0.0 => {
            text.split('\n').map(|line| (signs(line) * 1.05 / width).ceil().max(1.0)).sum()
        }
        _ => 1.0,
    };
    let lines = cells.iter().zip(columns).map(needed).fold(1.0, f64::max);
    // Excel's own limit is 409.
    (lines * LINE + 3.0).min(400.0)
}

/// Draws the main table of a sheet: column widths, frozen header, filter, header repeated in print.
pub(super) fn main_table(
    sheet: &mut Worksheet,
    columns: Columns,
    rows: &[Vec<Cell>],
    frozen: u16,
) -> std::result::Result<u32, rust_xlsxwriter::XlsxError> {
    for (column, (_, width)) in columns.iter().enumerate() {
        sheet.set_column_width(column as u16, *width)?;
    }
    let end = table(sheet, HEAD, columns, rows)?;
    sheet.set_freeze_panes(HEAD + 1, frozen)?;
    sheet.set_repeat_rows(0, HEAD)?;
    if !rows.is_empty() {
        sheet.autofilter(HEAD, 0, end - 1, columns.len() as u16 - 1)?;
    }
    Ok(end)
}

/// A line or column chart of the columns `series`, whose names stand in row `head` and values in `first..end`.
pub(super) fn chart(
    kind: ChartType,
    (sheet, name): (&mut Worksheet, &str),
    (head, first, end): (u32, u32, u32),
    (point, series): (u16, &[u16]),
    (row, column, title): (u32, u16, &str),
) -> Done {
    let mut chart = Chart::new(kind);
    let colours = [GREEN, AMBER, Color::RGB(0x1D_4E_D8)];
    for (place, value) in series.iter().enumerate() {
        let colour = colours[place % colours.len()];
        let mut format = match kind {
            ChartType::Line => {
                ChartFormat::new().set_line(ChartLine::new().set_color(colour).set_width(2.25)).clone()
            }
            _ => ChartFormat::new()
                .set_solid_fill(rust_xlsxwriter::ChartSolidFill::new().set_color(colour))
                .clone(),
        };
        chart
            .add_series()
            .set_name((name, head, *value))
            .set_categories((name, first, point, end - 1, point))
            .set_values((name, first, *value, end - 1, *value))
            .set_format(&mut format);
    }
    chart.title().set_name(title);
    chart.legend().set_position(ChartLegendPosition::Bottom);
    if series.len() < 2 {
        chart.legend().set_hidden();
    }
    // A gap is a gap and never a zero.
    chart.show_empty_cells_as(ChartEmptyCells::Gaps);
    chart.set_width(680).set_height(300);
    sheet.insert_chart(row, column, &chart)?;
    Ok(())
}

struct Formats {
    text: Format,
    long: Format,
    gap: Format,
    when: Format,
    count: Format,
    share: Format,
    percent: Format,
    small: Format,
}

impl Formats {
    fn new() -> Formats {
        Formats {
            // A word does not touch the number beside it.
            text: plain().set_indent(1),
            long: plain().set_text_wrap().set_indent(1),
            gap: plain().set_align(FormatAlign::Right).set_font_color(Color::RGB(0x6B_72_80)),
            when: plain().set_num_format("yyyy-mm-dd hh:mm"),
            count: plain().set_num_format("0"),
            share: plain().set_num_format("0.0%"),
            percent: plain().set_num_format("+0.0%;-0.0%;0.0%"),
            small: plain().set_num_format("+0.0%\"（基数小）\";-0.0%\"（基数小）\";0.0%\"（基数小）\""),
        }
    }
}

fn plain() -> Format {
    let line = Color::RGB(0xC8_CE_D6);
    Format::new()
        .set_border(FormatBorder::Thin)
        .set_border_color(line)
        .set_align(FormatAlign::VerticalCenter)
        .set_font_size(10)
}

fn head() -> Format {
    plain().set_bold().set_background_color(PALE).set_text_wrap().set_align(FormatAlign::Center)
}

fn title() -> Format {
    Format::new().set_bold().set_font_size(14).set_font_color(GREEN).set_align(FormatAlign::VerticalCenter)
}

fn write(sheet: &mut Worksheet, formats: &Formats, (row, column): (u32, u16), cell: &Cell) -> Done {
    match cell {
        Cell::Text(text) => sheet.write_string_with_format(row, column, limited(text), &formats.text)?,
        Cell::Long(text) => sheet.write_string_with_format(row, column, limited(text), &formats.long)?,
        Cell::Count(count) => sheet.write_number_with_format(row, column, *count as f64, &formats.count)?,
        Cell::Number(number, decimals) => {
            let form = format!("0.{}", "0".repeat(*decimals));
            sheet.write_number_with_format(row, column, *number, &plain().set_num_format(form))?
        }
        Cell::Share(share) => sheet.write_number_with_format(row, column, *share, &formats.share)?,
        Cell::Percent(percent, Some(Remark::SmallBase)) => {
            sheet.write_number_with_format(row, column, *percent, &formats.small)?
        }
        Cell::Percent(percent, _) => {
            sheet.write_number_with_format(row, column, *percent, &formats.percent)?
        }
        Cell::Signed(difference, unit) => {
            let form = match unit {
                Unit::Share => "+0.0\" 个百分点\";-0.0\" 个百分点\";0.0\" 个百分点\"",
                Unit::Cases | Unit::Times => "+0;-0;0",
                _ => "+0.00;-0.00;0.00",
            };
            let value = if *unit == Unit::Share { difference * 100.0 } else { *difference };
            sheet.write_number_with_format(row, column, value, &plain().set_num_format(form))?
        }
        Cell::When(at) => sheet.write_datetime_with_format(row, column, to_minute(*at), &formats.when)?,
        Cell::Blank => sheet.write_blank(row, column, &formats.text)?,
        Cell::Gap => sheet.write_string_with_format(row, column, "—", &formats.gap)?,
    };
    Ok(())
}

fn to_minute(at: Time) -> chrono::NaiveDateTime {
    use chrono::Timelike;
    let local = at.local();
    local.with_second(0).and_then(|local| local.with_nanosecond(0)).unwrap_or(local)
}

/// A text that is no formula and that fits into a cell of Excel.
fn limited(text: &str) -> String {
    neutral(text).chars().filter(|sign| !sign.is_control() || matches!(sign, '\n')).take(32_000).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::PeriodKind;

    #[test]
    fn the_file_is_named_as_offices_file_it() {
        let june = Period::new(PeriodKind::Month, 2025, 6).unwrap();
        assert_eq!(file_name("天宫院中里", &june), "天宫院中里_一楼一码月报_2025-06_自然月_脱敏.xlsx");
        let year = Period::new(PeriodKind::Year, 2025, 1).unwrap();
        assert_eq!(file_name("a/b", &year), "a_b_一楼一码年报_2025_自然年_脱敏.xlsx");
    }

    #[test]
    fn a_text_that_is_a_formula_stays_text() {
        assert_eq!(limited("=1+1"), "'=1+1");
        assert_eq!(limited("＝HYPERLINK(\"x\")"), "'＝HYPERLINK(\"x\")");
        assert_eq!(limited("楼道灯不亮"), "楼道灯不亮");
    }
}
