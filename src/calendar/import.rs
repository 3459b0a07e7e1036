//! The arrangement of a year from a table: day, kind (放假 or 调休上班), name of the holiday, and perhaps the notice.
//!
//! [`read`] understands the file and refuses it row by row; [`apply`] makes it hold from now on. A year that stands whole in
//! the table is taken as a whole; of a known year, single days are changed (a holiday that begins on 31 December, a local
//! day off). The same table brought again changes nothing. Clocks that are set already stay as they are.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate, Weekday};

use super::{Day, DayKind, Imported, Year};
use crate::db::Tx;
use crate::error::Result;
use crate::people::Actor;
use crate::settings;
use crate::tables::{Column, Reason, Rejects, Row, Table};

const COLUMNS: &[Column] = &[
    Column { name: "日期", aliases: &["day", "date", "日子", "放假日期"], required: true },
    Column { name: "类型", aliases: &["kind", "类别", "安排", "放假或上班"], required: true },
    Column { name: "名称", aliases: &["name", "节日", "节假日", "假期"], required: true },
    Column { name: "依据", aliases: &["source", "文号", "通知", "来源"], required: false },
];

/// What an import did.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Done {
    /// The years that were set or changed.
    pub set: Vec<i32>,
    /// The years that stood so already.
    pub kept: Vec<i32>,
}

/// Reads a workbook or delimited text. Every row that cannot be taken is named with its reason, in the field `file`.
/// Slow for large files: not for a thread that answers requests.
pub fn read(bytes: &[u8], file_name: &str) -> Result<Vec<Year>> {
    let table = Table::read(bytes, file_name)?;
    let headed = table.columns(COLUMNS)?;
    let (mut years, mut rejects) = (BTreeMap::<i32, Year>::new(), Rejects::new());
    let mut seen: BTreeMap<NaiveDate, u32> = BTreeMap::new();
    for line in headed.rows() {
        let Some((day, source)) = rejects.keep(line.number(), read_row(&line)) else { continue };
        if let Some(first) = seen.insert(day.day, line.number()) {
            rejects.add(line.number(), format!("和第 {first} 行是同一天，请删去一行"));
            continue;
        }
        let number = day.day.year();
        let year = years.entry(number).or_insert_with(|| Year {
            year: number,
            source: String::new(),
            days: Vec::new(),
        });
        if year.source.is_empty() {
            year.source = source;
        }
        year.days.push(day);
    }
    if years.is_empty() && rejects.is_empty() {
        rejects.add(2, "表头下面没有内容");
    }
    rejects.finish()?;
    let tidy = |mut year: Year| {
        year.days.sort_by_key(|each| each.day);
        year
    };
    Ok(years.into_values().map(tidy).collect())
}

fn read_row(line: &Row) -> std::result::Result<(Day, String), Reason> {
    let moment = line.date("日期")?.ok_or_else(|| Reason::new("「日期」没有填"))?;
    let day = moment.date();
    if !(2023..=2100).contains(&day.year()) {
        return Err(Reason::new(format!("{day} 不在 2023 到 2100 年之间")));
    }
    let kind = match line.required_text("类型")?.trim() {
        "休" | "休息" | "放假" | "节假日" | "holiday" => DayKind::Holiday,
        "班" | "上班" | "调休" | "调休上班" | "补班" | "workday" => DayKind::Workday,
        _ => return Err(Reason::new("「类型」请写“放假”或“调休上班”")),
    };
    if kind == DayKind::Workday && !matches!(day.weekday(), Weekday::Sat | Weekday::Sun) {
        return Err(Reason::new(format!("{day} 是周一到周五，本来就上班，不会是调休上班，请核对日期")));
    }
    let (name, source) =
        (line.required_text("名称")?.trim().to_owned(), line.text("依据")?.trim().to_owned());
    if name.chars().count() > 40 || source.chars().count() > 100 {
        return Err(Reason::new("「名称」最多 40 个字，「依据」最多 100 个字"));
    }
    Ok((Day { day, kind, name }, source))
}

/// Makes the years hold from now on. Invalid, field `file`, where a year is neither whole nor known; then nothing changes.
pub fn apply(tx: &mut Tx, actor: &Actor, years: Vec<Year>) -> Result<Done> {
    let mut all: Imported = settings::at(tx, actor.community_id, tx.now)?;
    let (known, _) = super::at(tx, actor.community_id, tx.now)?;
    let mut done = Done { set: Vec::new(), kept: Vec::new() };
    for year in years {
        let year = match known.year(year.year) {
            Some(known) if year.lacks().is_some() => known.with(year),
            _ if year.source.is_empty() => {
                Year { source: "导入的表格，没有写依据".to_owned(), ..year }
            }
            _ => year,
        };
        if known.year(year.year) == Some(&year) {
            done.kept.push(year.year);
            continue;
        }
        done.set.push(year.year);
        all.years.retain(|each| each.year != year.year);
        all.years.push(year);
    }
    all.years.sort_by_key(|year| year.year);
    if !done.set.is_empty() {
        settings::set(tx, actor, &all, tx.now)?;
    }
    Ok(done)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "日期,类型,名称,依据\n2027-01-01,放假,元旦,某号通知\n2027/1/3,调休上班,元旦,\n";

    #[test]
    fn the_days_of_a_year_are_read_in_their_order() {
        let years = read(GOOD.as_bytes(), "2027.csv").unwrap();
        assert_eq!((years.len(), years[0].year, years[0].source.as_str()), (1, 2027, "某号通知"));
        let kinds: Vec<_> = years[0].days.iter().map(|each| each.kind).collect();
        assert_eq!(kinds, [DayKind::Holiday, DayKind::Workday]);
        let shipped = include_str!("../../defaults/calendar.csv");
        let years = read(shipped.as_bytes(), "calendar.csv").unwrap();
        assert_eq!(years, super::super::shipped_years(), "the shipped table can be brought as it is");
    }

    #[test]
    fn every_wrong_row_is_named_with_its_reason() {
        let table = "day,kind,name\n2027-01-01,holiday,元旦\n2027-01-01,holiday,元旦\n2027-01-04,workday,元旦\n\
                     2027-13-01,holiday,x\n2027-05-01,也许,劳动节\n2027-05-02,holiday,\n1999-01-01,holiday,元旦\n";
        let refused = read(table.as_bytes(), "x.csv").unwrap_err().to_string();
        for row in [
            "第 3 行：和第 2 行是同一天",
            "第 4 行：2027-01-04 是周一到周五",
            "第 5 行",
            "第 6 行：「类型」",
            "第 7 行",
            "第 8 行",
        ] {
            assert!(refused.contains(row), "{row} in {refused}");
        }
        assert!(read("日期,类型,名称\n".as_bytes(), "x.csv").is_err());
    }
}
