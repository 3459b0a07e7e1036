//! Workbooks (.xlsx), read cell by cell: a sheet is never laid out by the size it claims to have.
//!
//! A workbook is a zip, and a zip may unpack to anything: every part is unpacked once into nothing
//! and counted before calamine, which trusts the parts it reads, may open it.

use std::io::{Cursor, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{DataRef, ExcelDateTime, Reader, SheetType, SheetVisible, Xlsx, XlsxError};
use chrono::{NaiveDate, NaiveDateTime};
use zip::ZipArchive;

use super::{Budget, Cell, Sheet, date, refused, text_cell};
use crate::error::Result;

/// What all parts of a workbook may unpack to, in bytes.
const MAX_UNPACKED: u64 = 160 * 1024 * 1024;
/// What any part but a sheet may unpack to: those are held in memory whole.
const MAX_PART: u64 = 64 * 1024 * 1024;
const MAX_PARTS: usize = 2_000;
const MAX_SHEETS: usize = 30;

pub(super) const BROKEN: &str =
    "这个文件打不开，可能不是 Excel 工作簿，或没有传完整。请用 Excel 或 WPS 打开，另存为 .xlsx 后再传";
const PROTECTED: &str = "这个工作簿设了打开密码。请在 Excel 或 WPS 里取消密码，另存后再传";
const TOO_LARGE: &str = "工作簿展开后太大。请删去不需要的表和图片，或按月份拆成几个文件再传";

/// The visible sheets of a workbook.
pub(super) fn read(bytes: &[u8]) -> Result<Vec<Sheet>> {
    measure(bytes)?;
    // A malformed part has made readers of this format panic before: to the person it is a bad file.
    catch_unwind(AssertUnwindSafe(|| read_sheets(bytes))).unwrap_or_else(|_| {
        tracing::warn!("the workbook reader panicked");
        Err(refused(BROKEN))
    })
}

fn measure(bytes: &[u8]) -> Result<()> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| refused(BROKEN))?;
    if archive.len() > MAX_PARTS {
        return Err(refused(TOO_LARGE));
    }
    let mut left = MAX_UNPACKED;
    for index in 0..archive.len() {
        let entry = archive.by_index(index).map_err(|_| refused(BROKEN))?;
        let limit = if entry.name_raw().starts_with(b"xl/worksheets/") { left } else { left.min(MAX_PART) };
        // The declared size may lie, and is enough to refuse an honest giant at once.
        if entry.size() > limit {
            return Err(refused(TOO_LARGE));
        }
        let read = std::io::copy(&mut entry.take(limit + 1), &mut std::io::sink());
        let length = read.map_err(|_| refused(BROKEN))?;
        if length > limit {
            return Err(refused(TOO_LARGE));
        }
        left -= length;
    }
    Ok(())
}

fn read_sheets(bytes: &[u8]) -> Result<Vec<Sheet>> {
    let mut workbook = Xlsx::new(Cursor::new(bytes)).map_err(fault)?;
    let visible = |sheet: &&calamine::Sheet| {
        sheet.typ == SheetType::WorkSheet && sheet.visible == SheetVisible::Visible
    };
    let names: Vec<String> =
        workbook.sheets_metadata().iter().filter(visible).map(|sheet| sheet.name.clone()).collect();
    if names.len() > MAX_SHEETS {
        return Err(refused(format!("工作簿里有 {} 张表，最多 {MAX_SHEETS} 张", names.len())));
    }
    let mut budget = Budget::default();
    let mut sheets = Vec::new();
    for name in names {
        let mut cells = workbook.worksheet_cells_reader(&name).map_err(fault)?;
        let mut sheet = Sheet { name, ..Sheet::default() };
        while let Some(cell) = cells.next_cell().map_err(fault)? {
            let (row, column) = cell.get_position();
            budget.put(&mut sheet, row, column, cell_of(cell.get_value()))?;
        }
        sheets.push(sheet);
    }
    Ok(sheets)
}

fn fault(err: XlsxError) -> crate::error::Error {
    match err {
        XlsxError::Password => refused(PROTECTED),
        _ => refused(BROKEN),
    }
}

fn cell_of(value: &DataRef<'_>) -> Cell {
    match value {
        DataRef::Empty => Cell::Empty,
        DataRef::Int(number) => Cell::Number(*number as f64),
        DataRef::Float(number) => Cell::Number(*number),
        DataRef::String(text) | DataRef::DurationIso(text) => text_cell(text),
        DataRef::SharedString(text) => text_cell(text),
        DataRef::Bool(yes) => text_cell(if *yes { "TRUE" } else { "FALSE" }),
        DataRef::DateTime(moment) => local(moment).map_or(Cell::Number(moment.as_f64()), Cell::Date),
        DataRef::DateTimeIso(text) => date::parse_date(text).map_or_else(|| text_cell(text), Cell::Date),
        DataRef::Error(error) => text_cell(&error.to_string()),
    }
}

/// The moment as the author saw it; `None` for a time of day without a date.
fn local(moment: &ExcelDateTime) -> Option<NaiveDateTime> {
    if !moment.is_datetime() || moment.as_f64() < 1.0 {
        return None;
    }
    let (year, month, day, hour, minute, second, milli) = moment.to_ymd_hms_milli();
    let date = NaiveDate::from_ymd_opt(year.into(), month.into(), day.into())?;
    let whole = date.and_hms_opt(hour.into(), minute.into(), second.into())?;
    // A fraction of a day is seldom a whole second: 13:04:59.9999 was typed as 13:05:00.
    whole.checked_add_signed(chrono::TimeDelta::seconds(i64::from(milli >= 500)))
}
