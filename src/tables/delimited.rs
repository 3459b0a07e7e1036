//! Delimited text: CSV as Excel, WPS and city systems write it.
//!
//! UTF-8 with or without its mark, UTF-16 with its mark, else GB18030; comma, tab or semicolon. The
//! row number is the one that Excel shows: blank lines count, line breaks inside quotes do not.

use std::borrow::Cow;

use encoding_rs::{GB18030, UTF_8};

use super::{Budget, Sheet, refused, text_cell};
use crate::error::Result;

/// How much of the text is looked at to find the delimiter, in bytes.
const SAMPLE: usize = 4_096;

/// The one sheet of a text file.
pub(super) fn read(bytes: &[u8], file_name: &str) -> Result<Vec<Sheet>> {
    let text = text_of(bytes, file_name)?;
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter_of(&text))
        .from_reader(text.as_bytes());
    let (mut sheet, mut budget) = (Sheet::default(), Budget::default());
    let mut record = csv::StringRecord::new();
    let (mut row, mut line) = (0_u64, 1_u64);
    while reader.read_record(&mut record).map_err(|_| refused(unreadable(file_name)))? {
        // The reader passes over blank lines; what it consumed beyond this record were such.
        let consumed = reader.position().line() - line;
        line += consumed;
        let inside: u64 = record.iter().map(|field| field.matches('\n').count() as u64).sum();
        row += consumed.saturating_sub(inside).max(1);
        let index = u32::try_from(row - 1).map_err(|_| refused(unreadable(file_name)))?;
        for (column, field) in record.iter().enumerate() {
            let column = u32::try_from(column).unwrap_or(u32::MAX);
            budget.put(&mut sheet, index, column, text_cell(field))?;
        }
    }
    Ok(vec![sheet])
}

/// The text, each line ending in LF.
fn text_of<'a>(bytes: &'a [u8], file_name: &str) -> Result<Cow<'a, str>> {
    if bytes.starts_with(b"%PDF") {
        return Err(refused("这是 PDF 文件，不是表格。请向提供的人要 .xlsx 或 .csv 文件"));
    }
    let (mut text, encoding, faulty) = UTF_8.decode(bytes);
    if faulty && encoding == UTF_8 {
        let (chinese, _, faulty) = GB18030.decode(bytes);
        if faulty {
            return Err(refused(unreadable(file_name)));
        }
        text = chinese;
    } else if faulty {
        return Err(refused(unreadable(file_name)));
    }
    if text.contains('\0') {
        return Err(refused(unreadable(file_name)));
    }
    let start: String = text.trim_start().chars().take(20).collect::<String>().to_ascii_lowercase();
    if ["<html", "<!doctype", "<table", "<?xml", "<meta", "<head"].iter().any(|tag| start.starts_with(tag)) {
        return Err(refused(
            "这个文件其实是网页格式。请用 Excel 或 WPS 打开，另存为 .xlsx 后再传（只改文件名没有用）",
        ));
    }
    // One kind of line break, so that lines can be counted: the reader leaves the LF of a CR LF behind.
    if text.contains('\r') {
        text = text.replace("\r\n", "\n").replace('\r', "\n").into();
    }
    if !text.ends_with('\n') {
        text.to_mut().push('\n');
    }
    Ok(text)
}

fn delimiter_of(text: &str) -> u8 {
    let sample = &text.as_bytes()[..text.len().min(SAMPLE)];
    let count = |sign: u8| sample.iter().filter(|&&byte| byte == sign).count();
    // The last of equals wins, so the comma stands last.
    [b';', b'\t', b','].into_iter().max_by_key(|&sign| count(sign)).unwrap_or(b',')
}

fn unreadable(file_name: &str) -> &'static str {
    let name = file_name.to_ascii_lowercase();
    if name.ends_with(".csv") || name.ends_with(".txt") {
        "这个文本文件的编码认不出来。请用 Excel 或 WPS 打开，另存为“CSV UTF-8”或 .xlsx 后再传"
    } else {
        "这个文件不是表格，只收 .xlsx 和 .csv。请用 Excel 或 WPS 打开，另存为 .xlsx 后再传"
    }
}
