//! Tables that people bring: CSV from any program, workbooks from Excel and WPS.
//!
//! A [`Table`] is read within hard limits, because a file of a few kilobytes can claim to hold a
//! billion cells; its header is found by the names that a column goes by; each row keeps the number
//! that the person sees in the margin, so that a refusal can be looked up. Never writes to a
//! database and knows no subject: places, population and hotline totals are imported next door.

mod date;
mod delimited;
mod header;
mod neutral;
mod rejects;
mod workbook;

use chrono::NaiveDateTime;

pub use date::parse_date;
pub use header::{Column, Headed, Row};
pub use neutral::{Csv, neutral};
pub use rejects::{Reason, Reject, Rejects};

use crate::error::{Error, Result};

/// The largest file that is read, in bytes.
pub const MAX_FILE: usize = 20 * 1024 * 1024;
/// The most rows with content, over all sheets.
pub const MAX_ROWS: usize = 200_000;
/// The most columns.
pub const MAX_COLUMNS: usize = 200;
/// The most cells, over all sheets, up to the last one with content in each row.
const MAX_CELLS: usize = 6_000_000;
/// The most text, over all sheets, in bytes: one long text may be referred to by every cell.
const MAX_TEXT: usize = 128 * 1024 * 1024;
/// The longest text that Excel itself allows in a cell, in characters.
const MAX_CELL: usize = 32_767;

/// What stands in one cell.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Cell {
    /// Nothing, or only a format.
    #[default]
    Empty,
    /// Text, trimmed.
    Text(Box<str>),
    /// A number that is not formatted as a date.
    Number(f64),
    /// A number formatted as a date, or a date proper: local time, as the author saw it.
    Date(NaiveDateTime),
}

/// A row with content and the number in its margin.
#[derive(Debug, Clone, PartialEq)]
struct Line {
    number: u32,
    cells: Vec<Cell>,
}

#[derive(Debug, Clone, PartialEq, Default)]
struct Sheet {
    name: String,
    lines: Vec<Line>,
}

/// The sheets of a file, as far as they have content.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Table {
    sheets: Vec<Sheet>,
}

impl Table {
    /// Reads a workbook (.xlsx) or delimited text (UTF-8, GB18030, UTF-16 with its mark) by its
    /// content; the name of the file only helps to word a refusal. Everything else is Invalid, field
    /// `file`, with a sentence on how to save it again. Takes up to a few seconds and a few hundred
    /// megabytes: not for a thread that answers requests.
    pub fn read(bytes: &[u8], file_name: &str) -> Result<Table> {
        if bytes.len() > MAX_FILE {
            return Err(refused("文件超过 20 MB，请删去不需要的列，或按月份拆成几个文件再传"));
        }
        let sheets = match bytes {
            [] => return Err(refused("文件是空的，请检查后重新选择")),
            [b'P', b'K', 3 | 5, 4 | 6, ..] => workbook::read(bytes)?,
            [0xD0, 0xCF, 0x11, 0xE0, ..] => return Err(refused(old_office(bytes))),
            _ => delimited::read(bytes, file_name)?,
        };
        let sheets: Vec<Sheet> = sheets.into_iter().filter(|sheet| !sheet.lines.is_empty()).collect();
        if sheets.is_empty() {
            return Err(refused("表格里没有内容，请检查后重新选择"));
        }
        Ok(Table { sheets })
    }
}

/// Workbooks of before 2007, and encrypted ones of today, lie in the same kind of container.
fn old_office(bytes: &[u8]) -> &'static str {
    let encrypted: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    if bytes.windows(encrypted.len()).any(|part| part == encrypted) {
        "这个工作簿设了打开密码。请在 Excel 或 WPS 里取消密码，另存后再传"
    } else {
        "这是旧格式的文件（.xls 或 .et）。请用 Excel 或 WPS 打开，另存为 .xlsx 后再传"
    }
}

/// Counts what has been read, so that no file can fill the memory.
#[derive(Debug, Default)]
struct Budget {
    rows: usize,
    cells: usize,
    text: usize,
}

impl Budget {
    /// Puts a cell in its place (both counted from 0) or refuses the file.
    fn put(&mut self, sheet: &mut Sheet, row: u32, column: u32, cell: Cell) -> Result<()> {
        if cell == Cell::Empty {
            return Ok(());
        }
        if column as usize >= MAX_COLUMNS {
            let place = format!("第 {} 行、第 {} 列", row + 1, column + 1);
            return Err(refused(format!(
                "表格太宽：{place}还有内容，最多 {MAX_COLUMNS} 列。请删去右边多余的列再传"
            )));
        }
        let number = row + 1;
        match sheet.lines.last().map(|line| line.number) {
            Some(last) if last == number => {}
            Some(last) if last > number => return Err(refused(workbook::BROKEN)),
            _ => {
                self.rows += 1;
                sheet.lines.push(Line { number, cells: Vec::new() });
            }
        }
        if let Cell::Text(text) = &cell {
            self.text += text.len();
            if text.len() > MAX_CELL && text.chars().count() > MAX_CELL {
                return Err(refused(format!(
                    "第 {number} 行有一格文字过长，可能是引号没有成对，请检查后再传"
                )));
            }
        }
        // Gaps to the left of a cell take room as well.
        let filled = sheet.lines.last().map_or(0, |line| line.cells.len());
        self.cells += (column as usize + 1).saturating_sub(filled);
        if self.rows > MAX_ROWS || self.cells > MAX_CELLS || self.text > MAX_TEXT {
            return Err(refused("表格太大，最多 20 万行。请删去不需要的列，或按月份拆成几个文件再传"));
        }
        if let Some(line) = sheet.lines.last_mut() {
            let column = column as usize;
            if line.cells.len() <= column {
                line.cells.resize(column + 1, Cell::Empty);
            }
            line.cells[column] = cell;
        }
        Ok(())
    }
}

fn refused(message: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::invalid("file", message)
}

/// A cell of plain text: trimmed, and freed of the `="…"` by which exports keep leading zeros.
fn text_cell(text: &str) -> Cell {
    let text = text.trim_matches(|sign: char| sign.is_whitespace() || sign == '\u{FEFF}');
    let wrapped = text.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"'));
    let text = wrapped.unwrap_or(text);
    if text.is_empty() { Cell::Empty } else { Cell::Text(text.into()) }
}

#[cfg(test)]
mod tests;
