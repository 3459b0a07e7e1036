//! The workbook of a month or a year: what a community hands up, opens and prints (domain §7).
//!
//! Sheets with heading, header, filter and print titles, and each of their tables as text beside it. Columns whose subject
//! the product does not keep yet show `—`. What stands on which sheet is next door in `sheets`, how a cell is written in
//! `cells`, who asks for a workbook in `making`.

use std::ops::{Deref, DerefMut};

use rust_xlsxwriter::{
    Chart, ChartEmptyCells, ChartFormat, ChartLegendPosition, ChartLine, ChartType, Color, DocProperties,
    Workbook, Worksheet, XlsxError,
};

use super::cells::{Formats, GREEN, head, title_format, write};
use super::grids::Grid;
use crate::clock::Period;
use crate::tables::neutral;

pub(super) use super::cells::Cell;

const AMBER: Color = Color::RGB(0xB4_53_09);

/// A column of a table: its title and width in characters.
pub(super) type Columns<'a> = &'a [(&'a str, f64)];
type Done = std::result::Result<(), XlsxError>;

/// What stands above and below each printed page.
#[derive(Debug, Clone, Default)]
pub(super) struct Mark {
    /// Above, and behind the heading of each sheet; nothing where everything is masked.
    pub(super) open: Option<String>,
}

impl Mark {
    fn word(&self) -> &'static str {
        if self.open.is_some() { "未脱敏" } else { "脱敏" }
    }
}

/// Whether the tables are kept as text beside the sheets: each takes as much memory as its sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Text {
    Kept,
    Left,
}

/// The workbook as it grows.
pub(super) struct Book {
    text: Text,
    pages: Vec<Page>,
    community: String,
    period: String,
    mark: Mark,
}

/// A sheet, with its tables as text beside it where they are kept.
pub(super) struct Page {
    text: Text,
    sheet: Worksheet,
    name: String,
    grids: Vec<Grid>,
}

impl Deref for Page {
    type Target = Worksheet;
    fn deref(&self) -> &Worksheet {
        &self.sheet
    }
}

impl DerefMut for Page {
    fn deref_mut(&mut self) -> &mut Worksheet {
        &mut self.sheet
    }
}

impl Page {
    /// A table begins; a second one of a sheet is numbered.
    fn begin(&mut self, columns: Columns) {
        if self.text == Text::Left {
            return;
        }
        let name = match self.grids.len() {
            0 => self.name.clone(),
            more => format!("{}（{}）", self.name, more + 1),
        };
        let columns = columns.iter().map(|(title, _)| (*title).to_owned()).collect();
        self.grids.push(Grid { name, columns, rows: Vec::new() });
    }
}

impl Book {
    pub(super) fn new(community: &str, period: &Period, mark: Mark, text: Text) -> Book {
        let period = format!("{}（{}）", period.label(), period.kind.label());
        Book { text, pages: Vec::new(), community: community.to_owned(), period, mark }
    }

    /// Adds a sheet with its heading: A4 across, as wide as one page, pages numbered.
    pub(super) fn sheet(&mut self, name: &str) -> std::result::Result<&mut Page, XlsxError> {
        let title = name.split_once(' ').map_or(name, |(_, title)| title);
        let mut heading = format!("{} · {} · {title}", self.community, self.period);
        let mut sheet = Worksheet::new();
        sheet.set_name(name)?;
        sheet.set_paper_size(9).set_landscape().set_print_fit_to_pages(1, 0);
        sheet.set_margins(0.4, 0.4, 0.6, 0.6, 0.3, 0.3);
        sheet.set_footer(format!("&L&8{} · 楼码&R&8第 &P 页 / 共 &N 页", self.mark.word()));
        if let Some(open) = &self.mark.open {
            // An ampersand begins a code there, and Excel takes 255 signs.
            let open: String = open.replace('&', "&&").chars().take(200).collect();
            sheet.set_header(format!("&C&8{open}"));
            heading = format!("{heading} · {}", self.mark.open.as_deref().unwrap_or_default());
        }
        sheet.write_string_with_format(0, 0, neutral(&heading), &title_format())?;
        sheet.set_row_height(0, 26)?;
        let place = self.pages.len();
        self.pages.push(Page { text: self.text, sheet, name: name.to_owned(), grids: Vec::new() });
        Ok(&mut self.pages[place])
    }

    /// Puts the sheet that was drawn last before all others.
    pub(super) fn last_first(&mut self) {
        self.pages.rotate_right(1);
    }

    /// Every table as text, sheet by sheet, where it is kept.
    pub(super) fn take_text(&mut self) -> Vec<Grid> {
        self.pages.iter_mut().flat_map(|page| std::mem::take(&mut page.grids)).collect()
    }

    /// The file.
    pub(super) fn save(self) -> std::result::Result<Vec<u8>, XlsxError> {
        let mut workbook = Workbook::new();
        let title = format!("{} 一楼一码 {}", self.community, self.period);
        let about = DocProperties::new().set_title(title).set_author("楼码").set_comment(self.mark.word());
        workbook.set_properties(&about);
        for page in self.pages {
            workbook.push_worksheet(page.sheet);
        }
        workbook.save_to_buffer()
    }
}

/// The first row of the table of a sheet, below its heading.
pub(super) const HEAD: u32 = 1;

/// Draws a table with its header in row `at`; returns the row after it.
pub(super) fn table(
    page: &mut Page,
    at: u32,
    columns: Columns,
    rows: &[Vec<Cell>],
) -> std::result::Result<u32, XlsxError> {
    page.begin(columns);
    for (column, (name, _)) in columns.iter().enumerate() {
        page.write_string_with_format(at, column as u16, *name, &head())?;
    }
    page.set_row_height(at, 32)?;
    lines(page, at + 1, columns, rows)
}

/// Draws rows from row `at` on; returns the row after them.
pub(super) fn lines(
    sheet: &mut Page,
    at: u32,
    columns: Columns,
    rows: &[Vec<Cell>],
) -> std::result::Result<u32, XlsxError> {
    let formats = Formats::new();
    if let Some(grid) = sheet.grids.last_mut() {
        grid.rows.extend(rows.iter().map(|cells| cells.iter().map(Cell::plain).collect()));
    }
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
    sheet: &mut Page,
    columns: Columns,
    rows: &[Vec<Cell>],
    frozen: u16,
) -> std::result::Result<u32, XlsxError> {
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
    (sheet, name): (&mut Page, &str),
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
