//! What the 12345 hotline counted: totals of months and years, typed or brought in a table, with their source.
//!
//! A month has one total and a year has one; entering it again replaces it. What holds where there are tickets of the
//! hotline too stands in `known`. The two are never added; where both exist the difference is shown (domain §6.2). What is
//! only roughly known says so.

use chrono::Datelike;
use serde::{Deserialize, Serialize};

use super::known::{Counted, Known};
use super::store;
use super::wording::Amount;
use crate::db::{Id, Time, Tx};
use crate::error::{Error, Result};
use crate::people::Actor;
use crate::places::Community;
use crate::tables::{Column, Reason, Rejects, Table};

/// The totals that were reported publicly, as shipped: for the demonstration data.
const YEARS: &str = include_str!("../../defaults/hotline_years.csv");
const COLUMNS: &[Column] = &[
    Column { name: "社区", aliases: &["村/社区", "村社区", "社区名称"], required: true },
    Column { name: "年/月", aliases: &["年月", "年份", "月份", "期间"], required: true },
    Column { name: "件数", aliases: &["诉求量", "接诉即办量", "数量"], required: true },
    Column { name: "约数", aliases: &["是否约数", "约"], required: false },
    Column { name: "来源", aliases: &["数据来源", "出处"], required: true },
];
/// No community has more in a year; a larger number is a slip of the finger.
const MOST: i32 = 1_000_000;

/// A total of a month or a year.
#[derive(
    Debug,
    Clone,
    PartialEq,
    diesel::Queryable,
    diesel::Selectable,
    diesel::Insertable,
    Serialize,
    utoipa::ToSchema,
)]
#[diesel(table_name = crate::schema::hotline_totals)]
#[allow(missing_docs)]
pub struct Total {
    #[serde(skip)]
    pub community_id: Id,
    /// `2023` or `2024-05`.
    pub period: String,
    pub cases: i32,
    /// Whether the number is only roughly known.
    pub approximate: bool,
    pub source: String,
    pub entered_by: String,
    pub entered_at: Time,
}

impl Total {
    /// The number as sentences say it.
    pub fn amount(&self) -> Amount {
        Amount { cases: self.cases.into(), approximate: self.approximate }
    }

    /// `2023年`, `2024年5月`.
    pub fn label(&self) -> String {
        match self.period.split_once('-') {
            Some((year, month)) => format!("{year}年{}月", month.trim_start_matches('0')),
            None => format!("{}年", self.period),
        }
    }
}

/// A total, as somebody types it.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
pub struct NewTotal {
    /// `2023`, `2024-05`, or as people write it: `2024年5月`.
    pub period: String,
    /// How many.
    pub cases: i32,
    /// Whether that is only roughly known.
    #[serde(default)]
    pub approximate: bool,
    /// Where the number is from, with its date; printed beside it.
    pub source: String,
}

/// Reads a year or a month in the forms that people write: `2023`, `2023年`, `2024-5`, `2024年05月`, `2024/5`, `202405`.
pub fn parse_period(text: &str) -> Result<String> {
    let wrong = || Error::invalid("period", "年份请写成 2023，月份请写成 2024-05");
    let text = text.trim().trim_end_matches(['月', '份']);
    let (year, month) = match text.split_once(['年', '-', '/', '.', '－', '—']) {
        Some((year, month)) => (year, month.trim()),
        None if text.len() == 6 && text.is_ascii() => text.split_at(4),
        None => (text, ""),
    };
    let year: i32 = year.trim().parse().map_err(|_| wrong())?;
    if !(1999..=2200).contains(&year) {
        return Err(wrong());
    }
    if month.is_empty() {
        return Ok(year.to_string());
    }
    match month.parse::<u32>() {
        Ok(month @ 1..=12) => Ok(format!("{year}-{month:02}")),
        _ => Err(wrong()),
    }
}

/// Enters a total; an earlier one of the same month or year is replaced. Never for a time that has not begun.
pub fn set(tx: &mut Tx, actor: &Actor, new: NewTotal) -> Result<Total> {
    let total = checked(tx, actor.community_id, new, &actor.name)?;
    store::set_total(tx, &total)?;
    Ok(total)
}

fn checked(tx: &Tx, community: Id, new: NewTotal, by: &str) -> Result<Total> {
    let period = parse_period(&new.period)?;
    let today = tx.now.day();
    let begun = if period.len() == 4 { today.year().to_string() } else { today.format("%Y-%m").to_string() };
    if period > begun {
        return Err(Error::invalid("period", "这个时间还没有到，不能录入"));
    }
    if !(0..=MOST).contains(&new.cases) {
        return Err(Error::invalid("cases", "件数应是 0 到 1000000 之间的整数"));
    }
    let source = new.source.trim();
    if source.is_empty() || source.chars().count() > 200 {
        return Err(Error::invalid("source", "请写明数据来源和日期（最多 200 字），报表上要印"));
    }
    Ok(Total {
        community_id: community,
        period,
        cases: new.cases,
        approximate: new.approximate,
        source: source.to_owned(),
        entered_by: by.to_owned(),
        entered_at: tx.now,
    })
}

/// Takes a total back.
pub fn remove(tx: &mut Tx, actor: &Actor, period: &str) -> Result<()> {
    let period = parse_period(period)?;
    store::remove_total(tx, actor.community_id, &period)
}

/// Every total of a community: years and months, in order of time.
pub fn list(tx: &mut Tx, community: Id) -> Result<Vec<Total>> {
    store::totals(tx, community)
}

/// Brings in a table with the columns 社区, 年/月, 件数, 约数, 来源. All rows or none: each refused row is named with its
/// reason. Rows of other communities are refused. Returns how many totals were entered; the same file again changes
/// nothing but who entered it and when.
pub fn import(tx: &mut Tx, community: &Community, table: &Table, by: &str) -> Result<usize> {
    let headed = table.columns(COLUMNS)?;
    let mut rejects = Rejects::new();
    let mut totals = Vec::new();
    for row in headed.rows() {
        let text = |name| row.required_text(name).map(|text| text.into_owned());
        let name = rejects.keep(row.number(), text("社区"));
        let period = rejects.keep(row.number(), text("年/月"));
        let cases = rejects.keep(row.number(), row.count_in("件数"));
        let source = rejects.keep(row.number(), text("来源"));
        let rough = rejects.keep(row.number(), row.text("约数"));
        let (Some(name), Some(period), Some(cases), Some(source), Some(rough)) =
            (name, period, cases, source, rough)
        else {
            continue;
        };
        if name != community.name {
            rejects.add(row.number(), format!("社区是「{name}」，不是「{}」", community.name));
            continue;
        }
        let cases = cases.and_then(|cases| i32::try_from(cases).ok()).unwrap_or(-1);
        let approximate = matches!(rough.trim(), "是" | "约" | "yes" | "true" | "1" | "Y" | "y");
        match checked(tx, community.id, NewTotal { period, cases, approximate, source }, by) {
            Ok(total) => totals.push(total),
            Err(err) => rejects.add(row.number(), Reason::new(err.to_string())),
        }
    }
    rejects.finish()?;
    for total in &totals {
        store::set_total(tx, total)?;
    }
    Ok(totals.len())
}

/// Enters the publicly reported totals of the community, where it is one of those: for the demonstration data.
pub fn plant_hotline(tx: &mut Tx, community: &Community) -> Result<usize> {
    let mut planted = 0;
    for record in csv::Reader::from_reader(YEARS.as_bytes()).records() {
        let record = record.map_err(Error::internal)?;
        let cell = |at: usize| record.get(at).unwrap_or_default().to_owned();
        if cell(0) != community.name {
            continue;
        }
        let new = NewTotal {
            period: cell(1),
            cases: cell(2).parse().map_err(Error::internal)?,
            approximate: cell(3) == "yes",
            source: cell(4),
        };
        let total = checked(tx, community.id, new, "公开报道")?;
        store::set_total(tx, &total)?;
        planted += 1;
    }
    Ok(planted)
}

/// The hotline's number of one year, from whatever was entered.
#[derive(Debug, Clone, Default, PartialEq, Serialize, utoipa::ToSchema)]
pub struct HotlineYear {
    /// The year.
    pub year: i32,
    /// The number; nothing where it is not known in full.
    pub cases: Option<i64>,
    /// Whether it is only roughly known.
    pub approximate: bool,
    /// How many of its months are known.
    pub months_known: usize,
    /// The sum of the months that are known; nothing where none is.
    pub months_sum: Option<i64>,
    /// The typed total of the year less the sum of its twelve months, where both exist.
    pub difference: Option<i64>,
    /// Whether every month has tickets of the hotline: then their number is the year's, whatever was typed.
    pub from_rows: bool,
    /// Where the number is from.
    pub source: String,
}

impl HotlineYear {
    /// Finds the number of `year` in what is known.
    pub(super) fn of(year: i32, known: &Known) -> HotlineYear {
        let own = known.typed(&year.to_string());
        let months: Vec<Counted> = (1..=12).filter_map(|month| known.month(year, month)).collect();
        let sum: i64 = months.iter().map(|month| month.cases).sum();
        let whole = months.len() == 12;
        let mut found = HotlineYear {
            year,
            months_known: months.len(),
            months_sum: (!months.is_empty()).then_some(sum),
            difference: own.filter(|_| whole).map(|own| i64::from(own.cases) - sum),
            from_rows: whole && months.iter().all(|month| month.from_rows),
            ..HotlineYear::default()
        };
        if found.from_rows {
            found.cases = Some(sum);
            found.source = known.source();
        } else if let Some(own) = own {
            found.cases = Some(own.cases.into());
            found.approximate = own.approximate;
            found.source.clone_from(&own.source);
        } else if whole {
            found.cases = Some(sum);
            found.approximate = months.iter().any(|month| month.approximate);
            found.source = "十二个月之和".to_owned();
        }
        found
    }

    /// The number as sentences say it.
    pub fn amount(&self) -> Option<Amount> {
        self.cases.map(|cases| Amount { cases, approximate: self.approximate })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hotline::{Live, Nature};

    fn total(period: &str, cases: i32) -> Total {
        Total {
            community_id: Id::new(),
            period: period.into(),
            cases,
            approximate: false,
            source: "街道通报".into(),
            entered_by: "负责人".into(),
            entered_at: crate::db::now(),
        }
    }

    fn known(totals: &[Total]) -> Known {
        Known::new(totals.to_vec(), &[], None)
    }

    fn call(number: &str, day: &str) -> Live {
        let day = day.parse::<chrono::NaiveDate>().unwrap();
        let received_at = crate::clock::midnight(day);
        Live { number: number.to_owned(), received_at, nature: Some(Nature::Inquiry), place_id: None }
    }

    #[test]
    fn rows_win_over_a_typed_total_of_the_same_month_and_are_never_added() {
        let totals = [total("2024-05", 30), total("2024-06", 7), total("2024", 100)];
        let rows = [call("1", "2024-05-01"), call("2", "2024-05-31")];
        let known = Known::new(totals.to_vec(), &rows, None);
        let may = known.month(2024, 5).unwrap();
        assert_eq!((may.cases, may.typed, may.difference(), may.from_rows), (2, Some(30), Some(28), true));
        assert_eq!((may.demands, may.inquiries), (Some(0), Some(2)));
        let june = known.month(2024, 6).unwrap();
        assert_eq!((june.cases, june.difference(), june.demands), (7, None, None));
        let year = HotlineYear::of(2024, &known);
        assert_eq!((year.cases, year.months_sum, year.from_rows), (Some(100), Some(9), false));
        let rows: Vec<Live> =
            (1..=12).map(|month| call(&month.to_string(), &format!("2024-{month:02}-09"))).collect();
        let year = HotlineYear::of(2024, &Known::new(totals.to_vec(), &rows, None));
        assert_eq!((year.cases, year.difference, year.from_rows), (Some(12), Some(88), true));
    }

    #[test]
    fn years_and_months_are_read_as_people_write_them() {
        for (text, period) in [
            ("2023", "2023"),
            ("2023年", "2023"),
            (" 2024-5 ", "2024-05"),
            ("2024年05月", "2024-05"),
            ("2024/12", "2024-12"),
            ("202405", "2024-05"),
            ("2024年5月份", "2024-05"),
        ] {
            assert_eq!(parse_period(text).unwrap(), period, "{text}");
        }
        for text in ["", "去年", "2024-13", "2024-0", "24-05", "2024-05-01", "-", "20240"] {
            assert!(parse_period(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_year_is_its_own_total_and_never_that_plus_its_months() {
        let mut totals: Vec<Total> = (1..=12).map(|month| total(&format!("2024-{month:02}"), 16)).collect();
        totals.push(total("2024", 196));
        let year = HotlineYear::of(2024, &known(&totals));
        assert_eq!((year.cases, year.difference, year.months_sum), (Some(196), Some(4), Some(192)));
    }

    #[test]
    fn a_year_without_a_total_is_the_sum_of_all_its_months_or_a_gap() {
        let mut totals: Vec<Total> = (1..=11).map(|month| total(&format!("2024-{month:02}"), 10)).collect();
        assert_eq!(HotlineYear::of(2024, &known(&totals)).cases, None);
        assert_eq!(HotlineYear::of(2024, &known(&totals)).months_known, 11);
        totals.push(total("2024-12", 0));
        assert_eq!(HotlineYear::of(2024, &known(&totals)).cases, Some(110));
        assert_eq!(
            HotlineYear::of(2023, &known(&totals)),
            HotlineYear { year: 2023, ..HotlineYear::default() }
        );
    }
}
