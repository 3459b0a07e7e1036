//! Finding the header of a table, and reading a row by the names of its columns.
//!
//! A column goes by many names, stands anywhere, and the header is often not the first row: the
//! first 20 rows of every sheet are looked through, and the one that names most columns is taken.

use std::borrow::Cow;

use chrono::NaiveDateTime;

use super::{Cell, Line, Reason, Sheet, Table, date, refused};
use crate::error::Result;

/// How many rows may stand above the header.
const HEADER_ROWS: usize = 20;

/// A column that an import looks for.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// The name by which the import asks for it and by which refusals call it.
    pub name: &'static str,
    /// Other names it goes by, the likeliest first.
    pub aliases: &'static [&'static str],
    /// Whether a table without it is refused.
    pub required: bool,
}

/// A table whose header has been found.
#[derive(Debug, Clone)]
pub struct Headed<'t> {
    sheet: &'t Sheet,
    header: usize,
    columns: &'t [Column],
    places: Vec<Option<usize>>,
}

/// One row below the header.
#[derive(Debug, Clone, Copy)]
pub struct Row<'t> {
    headed: &'t Headed<'t>,
    line: &'t Line,
}

impl Table {
    /// Finds the header, in the first sheet that has all required columns. Invalid, field `file`,
    /// with the names of the missing columns when there is none.
    pub fn columns<'t>(&'t self, columns: &'t [Column]) -> Result<Headed<'t>> {
        let mut nearest: Option<Headed<'t>> = None;
        for sheet in &self.sheets {
            for (header, line) in sheet.lines.iter().take(HEADER_ROWS).enumerate() {
                let places = places(columns, line);
                let candidate = Headed { sheet, header, columns, places };
                if nearest.as_ref().is_none_or(|best| candidate.found() > best.found()) {
                    nearest = Some(candidate);
                }
            }
            if nearest.as_ref().is_some_and(|best| best.missing().is_empty() && best.found() > 0) {
                break;
            }
        }
        let headed = nearest.ok_or_else(|| refused("表格里没有内容，请检查后重新选择"))?;
        let missing = headed.missing();
        if missing.is_empty() && headed.found() > 0 {
            return Ok(headed);
        }
        Err(refused(format!("前 {HEADER_ROWS} 行里没有找到这些列：{}。请检查表头后再传", missing.join("、"))))
    }
}

fn places(columns: &[Column], line: &Line) -> Vec<Option<usize>> {
    let titles: Vec<String> = line
        .cells
        .iter()
        .map(|cell| if let Cell::Text(text) = cell { title(text) } else { String::new() })
        .collect();
    let mut taken = vec![false; titles.len()];
    let mut place = |column: &Column| {
        let mut names = std::iter::once(&column.name).chain(column.aliases);
        let found = names.find_map(|name| {
            let name = title(name);
            titles.iter().zip(&taken).position(|(title, taken)| !taken && *title == name)
        })?;
        taken[found] = true;
        Some(found)
    };
    columns.iter().map(&mut place).collect()
}

/// A title as it is compared: half-width, lower case, without spaces, stars and what is in brackets.
fn title(text: &str) -> String {
    let mut depth = 0_u32;
    let mut kept = String::new();
    for sign in text.chars().map(half_width) {
        match sign {
            '(' | '[' | '【' => depth += 1,
            ')' | ']' | '】' => depth = depth.saturating_sub(1),
            '*' | ':' => {}
            sign if depth > 0 || sign.is_whitespace() => {}
            sign => kept.extend(sign.to_lowercase()),
        }
    }
    kept
}

/// Full-width letters, digits and signs to the usual ones.
pub(super) fn half_width(sign: char) -> char {
    match sign {
        '\u{3000}' => ' ',
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(sign as u32 - 0xFEE0).unwrap_or(sign),
        sign => sign,
    }
}

impl Headed<'_> {
    /// The rows below the header that have content.
    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.sheet.lines[self.header + 1..].iter().map(|line| Row { headed: self, line })
    }

    /// Whether the table has this column.
    pub fn has(&self, name: &str) -> bool {
        self.place(name).is_some()
    }

    /// The titles of columns that nobody asked for, as they are written.
    pub fn unasked(&self) -> Vec<String> {
        let titles = self.sheet.lines[self.header].cells.iter().enumerate();
        let asked = |place: &usize| self.places.contains(&Some(*place));
        let rest = titles.filter(|(place, _)| !asked(place)).filter_map(|(_, cell)| match cell {
            Cell::Text(text) => Some(text.trim().to_owned()),
            _ => None,
        });
        rest.filter(|title| !title.is_empty()).collect()
    }

    /// The name of the sheet, empty for a text file.
    pub fn sheet(&self) -> &str {
        &self.sheet.name
    }

    fn place(&self, name: &str) -> Option<usize> {
        let index = self.columns.iter().position(|column| column.name == name);
        debug_assert!(index.is_some(), "{name} was not asked for");
        index.and_then(|index| self.places[index])
    }

    fn found(&self) -> usize {
        self.places.iter().flatten().count()
    }

    fn missing(&self) -> Vec<String> {
        let wanted = self.columns.iter().zip(&self.places);
        let missing = wanted.filter(|(column, place)| column.required && place.is_none());
        missing
            .map(|(column, _)| match column.aliases {
                [] => format!("「{}」", column.name),
                aliases => format!("「{}」（也可以叫{}）", column.name, aliases.join("、")),
            })
            .collect()
    }
}

impl<'t> Row<'t> {
    /// The number in the margin of the table, from 1.
    pub fn number(&self) -> u32 {
        self.line.number
    }

    /// The text of a cell; empty when the cell or its column is missing. A number as people write
    /// it; one of more than 15 digits is refused, because Excel has already rounded it.
    pub fn text(&self, name: &str) -> std::result::Result<Cow<'t, str>, Reason> {
        match self.cell(name) {
            Cell::Empty => Ok("".into()),
            Cell::Text(text) => Ok(Cow::Borrowed(text.as_ref())),
            Cell::Date(date) => Ok(date.to_string().into()),
            Cell::Number(number) if number.abs() < 1e15 => Ok(number.to_string().into()),
            Cell::Number(_) => Err(Reason::new(format!(
                "「{name}」的数字超过 15 位，末尾几位已被 Excel 改成 0，请把这一列设为文本后重新填写"
            ))),
        }
    }

    /// The text of a cell that must not be empty.
    pub fn required_text(&self, name: &str) -> std::result::Result<Cow<'t, str>, Reason> {
        let text = self.text(name)?;
        if text.is_empty() { Err(Reason::new(format!("「{name}」没有填"))) } else { Ok(text) }
    }

    /// The number in a cell, `None` when empty; thousands may be set apart by commas.
    pub fn number_in(&self, name: &str) -> std::result::Result<Option<f64>, Reason> {
        let text = match self.cell(name) {
            Cell::Empty => return Ok(None),
            Cell::Number(number) => return Ok(Some(*number)),
            Cell::Date(_) => return Err(Reason::new(format!("「{name}」应是数字，这里是日期"))),
            Cell::Text(text) => text,
        };
        let plain: String = text.chars().map(half_width).filter(|&sign| sign != ',').collect();
        let digits = plain.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'-' | b'+'));
        let number = plain.parse().ok().filter(|_| digits);
        number.map(Some).ok_or_else(|| Reason::new(format!("「{name}」应是数字，这里是“{}”", short(text))))
    }

    /// The whole number in a cell, 0 or more, `None` when empty.
    pub fn count_in(&self, name: &str) -> std::result::Result<Option<u32>, Reason> {
        let Some(number) = self.number_in(name)? else { return Ok(None) };
        if number.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&number) {
            return Ok(Some(number as u32));
        }
        Err(Reason::new(format!("「{name}」应是不小于 0 的整数，这里是“{number}”")))
    }

    /// The moment in a cell, local time in China as written, `None` when empty. It stays naive: for
    /// the years 1986–1991, which had summer time, no offset is guessed.
    pub fn date(&self, name: &str) -> std::result::Result<Option<NaiveDateTime>, Reason> {
        let read = match self.cell(name) {
            Cell::Empty => return Ok(None),
            Cell::Date(date) => Some(*date),
            Cell::Number(serial) => date::from_serial(*serial),
            Cell::Text(text) => date::parse_date(text),
        };
        read.map(Some).ok_or_else(|| {
            let text = self.text(name).unwrap_or_default();
            Reason::new(format!("「{name}」应是日期，如 2024-01-05 13:04，这里是“{}”", short(&text)))
        })
    }

    fn cell(&self, name: &str) -> &'t Cell {
        let place = self.headed.place(name);
        place.and_then(|place| self.line.cells.get(place)).unwrap_or(&Cell::Empty)
    }
}

/// At most twenty characters of a cell, for a sentence about it.
fn short(text: &str) -> String {
    match text.char_indices().nth(20) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
