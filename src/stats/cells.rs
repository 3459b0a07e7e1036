//! What is written into a cell of a workbook, and how.
//!
//! Numbers, dates and percentages are real ones; phones and ticket numbers are text; a text that a spreadsheet could
//! take for a formula is neutralised.

use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder, Worksheet, XlsxError};

use super::metric::{Change, Figure, Metric, Remark, Unit};
use crate::db::Time;
use crate::tables::neutral;

pub(super) const GREEN: Color = Color::RGB(0x00_7A_3A);
const PALE: Color = Color::RGB(0xE3_F3_E9);

type Done = std::result::Result<(), XlsxError>;

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

    /// As it stands in a table of text: a gap is `—`, a change has no plus sign, a share is in percent.
    pub(super) fn plain(&self) -> String {
        match self {
            Cell::Text(text) | Cell::Long(text) => text.clone(),
            Cell::Count(count) => count.to_string(),
            Cell::Number(number, decimals) => format!("{number:.decimals$}"),
            Cell::Share(share) => format!("{:.2}%", share * 100.0),
            Cell::Percent(percent, _) => format!("{}%", rounded(percent * 100.0, 1)),
            Cell::Signed(points, Unit::Share) => rounded(points * 100.0, 1),
            Cell::Signed(difference, Unit::Cases | Unit::Times) => rounded(*difference, 0),
            Cell::Signed(difference, _) => rounded(*difference, 2),
            Cell::When(at) => at.local().format("%Y-%m-%d %H:%M").to_string(),
            Cell::Gap => "—".to_owned(),
            Cell::Blank => String::new(),
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

/// The formats of a sheet.
pub(super) struct Formats {
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
    pub(super) fn new() -> Formats {
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

pub(super) fn head() -> Format {
    plain().set_bold().set_background_color(PALE).set_text_wrap().set_align(FormatAlign::Center)
}

pub(super) fn title_format() -> Format {
    Format::new().set_bold().set_font_size(14).set_font_color(GREEN).set_align(FormatAlign::VerticalCenter)
}

pub(super) fn write(
    sheet: &mut Worksheet,
    formats: &Formats,
    (row, column): (u32, u16),
    cell: &Cell,
) -> Done {
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

/// No `-0.0`.
fn rounded(number: f64, decimals: usize) -> String {
    let text = format!("{number:.decimals$}");
    match text.strip_prefix('-') {
        Some(rest) if rest.chars().all(|sign| matches!(sign, '0' | '.')) => rest.to_owned(),
        _ => text,
    }
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

    #[test]
    fn a_text_that_is_a_formula_stays_text() {
        assert_eq!(limited("=1+1"), "'=1+1");
        assert_eq!(limited("＝HYPERLINK(\"x\")"), "'＝HYPERLINK(\"x\")");
        assert_eq!(limited("楼道灯不亮"), "楼道灯不亮");
    }
}
