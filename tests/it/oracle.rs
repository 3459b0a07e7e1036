//! Every figure, counted a second time: random communities on both databases, their raw rows handed to a program in
//! another language that shares no code with ours, and the workbook read back.

mod around;
pub mod dice;
mod edges;
mod hotline;
mod lists;
mod lives;
mod page;
mod parts;
pub mod plant;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use calamine::{Data, DataType, Reader, Xlsx};
use diesel::{Connection, RunQueryDsl};
use louma::clock::{Period, PeriodKind};
use louma::db::{Db, Durability, Id, Tx};
use louma::error::Result;
use louma::routing;
use louma::stats::metric::Metric;
use louma::stats::{self, Report, backlog, levels};

use self::dice::{Dice, pick};
use self::plant::plant_with;

/// Random communities on each database, where `LOUMA_TEST_ORACLE` does not say how many.
const COMMUNITIES: usize = 24;
/// So many of them have every list opened.
const OPENED: usize = 4;
/// One workbook of so many is read back.
const READ_BACK: usize = 3;

#[test]
fn every_figure_is_what_a_recomputation_from_the_raw_rows_finds_on_sqlite() {
    let dir = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", dir.path().join("louma.db").display());
    recompute(&Db::open(&url, Durability::AsConfigured).unwrap(), dir.path());
}

#[test]
fn every_figure_is_what_a_recomputation_from_the_raw_rows_finds_on_postgresql() {
    let server = std::env::var("LOUMA_TEST_POSTGRES")
        .unwrap_or_else(|_| "postgres://postgres@127.0.0.1:5432/postgres".to_owned());
    let schema = format!("oracle_{}", Id::new().0.simple());
    let Ok(mut admin) = diesel::PgConnection::establish(&server) else {
        return missing("PostgreSQL");
    };
    diesel::sql_query(format!("create schema {schema}")).execute(&mut admin).unwrap();
    let join = if server.contains('?') { '&' } else { '?' };
    let url = format!("{server}{join}options=-csearch_path%3D{schema}");
    let dir = tempfile::tempdir().unwrap();
    recompute(&Db::open(&url, Durability::AsConfigured).unwrap(), dir.path());
    diesel::sql_query(format!("drop schema {schema} cascade")).execute(&mut admin).unwrap();
}

fn missing(what: &str) {
    let message = format!("{what} is missing: the figures were NOT counted a second time");
    assert!(std::env::var_os("LOUMA_TEST_REQUIRE_ALL").is_none(), "{message}");
    eprintln!("SKIPPED: {message}");
}

fn recompute(db: &Db, dir: &Path) {
    db.migrate().unwrap();
    let out = dir.join("out");
    let count = std::env::var("LOUMA_TEST_ORACLE").map_or(COMMUNITIES, |count| count.parse().unwrap());
    let (begun, mut planted) = (Instant::now(), Vec::new());
    for number in 0..count {
        let folder = out.join(format!("{number:04}"));
        planted.push(db.write_now(move |tx| one_community(tx, number, &folder)).unwrap());
    }
    let some = planted[..count.min(2 * COMMUNITIES)].to_vec();
    db.read_now(|tx| lists::a_street_is_the_sum_of_its_communities(tx, &some)).unwrap();
    let counted = begun.elapsed();
    count_again(&out);
    eprintln!("counted in {counted:?}, with the second time in {:?}", begun.elapsed());
}

/// Has the other program count what lies in these folders.
fn count_again(out: &Path) {
    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracle/oracle.py");
    let Ok(ran) = Command::new("python3").arg("-B").arg(program).arg(out).output() else {
        return missing("python3");
    };
    let said = String::from_utf8_lossy(&ran.stdout);
    assert!(ran.status.success(), "{said}\n{}", String::from_utf8_lossy(&ran.stderr));
    eprintln!("{said}");
}

/// Counts a community of somebody else's making again: of every kind the present period, the one before and one of long ago.
pub fn count_community_again(tx: &mut Tx, community: Id, dir: &Path) -> Result<()> {
    let folder = dir.join("out/0000");
    let mut dice = Dice::new(1);
    let now = tx.now;
    let mut periods: Vec<Period> = PeriodKind::ALL
        .iter()
        .flat_map(|kind| [Period::of(*kind, now), Period::of(*kind, now).previous()])
        .collect();
    periods.extend(PeriodKind::ALL.iter().map(|kind| dice.period(*kind, now)));
    say(tx, community, &periods, &folder)?;
    count_again(&dir.join("out"));
    Ok(())
}

fn one_community(tx: &mut Tx, number: usize, folder: &Path) -> Result<Id> {
    let mut dice = Dice::anywhere(number as u64);
    let now = dice.now();
    let tx = &mut Tx { conn: &mut *tx.conn, now };
    let most = pick(&mut dice, &[0, 1, 12, 40, 40]);
    let community = plant_with(tx, &mut dice, number, most)?;
    // Of every other one the months are kept: nobody can tell.
    if number % 2 == 1 {
        levels::catch_up(tx, community, false)?;
    }
    let periods: Vec<Period> = PeriodKind::ALL.iter().map(|kind| dice.period(*kind, now)).collect();
    let reports = say(tx, community, &periods, folder)?;
    for (at, report) in reports.iter().enumerate() {
        if (number + at).is_multiple_of(READ_BACK) {
            let (_, workbook) = stats::export(tx, community, report.period, "核对人")?;
            the_workbook_says_the_same(report, &workbook);
        }
        if number < OPENED {
            lists::every_list_is_as_long_as_its_figure(tx, report)?;
        }
    }
    if number < OPENED {
        lists::a_year_is_the_sum_of_its_months(tx, community, dice.year)?;
    }
    Ok(community)
}

/// Writes the raw rows of a community, and beside them what is said of each period.
fn say(tx: &mut Tx, community: Id, periods: &[Period], folder: &Path) -> Result<Vec<Report>> {
    loop {
        let tree = format!("{:?}", routing::categories(tx)?);
        stats::raw::export(tx, community, folder)?;
        let mut reports = Vec::new();
        for (at, period) in periods.iter().enumerate() {
            let report = stats::report(tx, community, *period)?;
            let line = backlog::line(tx, community, *period)?;
            for (what, said) in
                [("report", serde_json::to_string(&report)), ("backlog", serde_json::to_string(&line))]
            {
                let name = format!("{what}-{at:02}-{}.json", period.kind.word());
                std::fs::write(folder.join(name), said.unwrap()).unwrap();
            }
            reports.push(report);
        }
        // The tree of categories is kept in memory for all databases: another test may have changed it meanwhile.
        if format!("{:?}", routing::categories(tx)?) == tree {
            return Ok(reports);
        }
    }
}

/// Reads the workbook back and holds its cells against the report.
fn the_workbook_says_the_same(report: &Report, bytes: &[u8]) {
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(std::io::Cursor::new(bytes)).unwrap();
    let names = [
        "1 口径说明",
        "2 月度汇总",
        "3 诉求类型",
        "4 分类统计",
        "5 高频TOP10",
        "6 点位TOP",
        "7 楼门统计",
        "8 承办单位",
        "9 时段分布",
        "10 渠道分布",
        "11 重复与群体",
        "12 超期与挂账",
        "13 12345对比",
        "14 主动治理项目",
        "15 吹哨报到",
        "16 心愿与志愿",
        "17 工单台账",
    ];
    assert_eq!(book.sheet_names(), names);
    parts::the_further_sheets_say_the_same(report, &mut book);
    let totals = book.worksheet_range("2 月度汇总").unwrap();
    for (at, line) in report.totals.iter().enumerate() {
        let row = 2 + at as u32;
        let number = |column: u32| match totals.get_value((row, column)) {
            Some(Data::Float(number)) => Some(*number),
            Some(Data::Int(number)) => Some(*number as f64),
            Some(Data::String(gap)) => {
                assert!(gap == "—" || gap == "无可比期", "{gap}");
                None
            }
            other => panic!("{:?} column {column}: {other:?}", line.metric),
        };
        let figures = [
            (1, line.current.value),
            (2, line.previous.value),
            (4, line.change.percent),
            (5, line.last_year.value),
            (7, line.year_change.percent),
            (8, line.year_to_date.value),
            (9, line.last_year_to_date.value),
            (11, line.current.numerator),
            (12, line.current.denominator),
        ];
        for (column, expected) in figures {
            same(number(column), expected, &format!("{:?} column {column}", line.metric));
        }
    }
    let categories = book.worksheet_range("4 分类统计").unwrap();
    let said: BTreeMap<String, f64> = categories
        .rows()
        .skip(2)
        .take(report.categories.len())
        .map(|row| (format!("{} {}", row[1], row[2]), row[3].get_float().unwrap_or_default()))
        .collect();
    for slice in &report.categories {
        let name = format!("{} {}", slice.parent, slice.name);
        same(said.get(&name).copied(), slice.figure(Metric::Cases).value, &name);
    }
    let ledger = book.worksheet_range("17 工单台账").unwrap();
    let submitted = report.figure(Metric::Submitted).value.unwrap() as usize;
    assert_eq!(ledger.rows().skip(2).count(), submitted);
    for row in ledger.rows().skip(2) {
        let text = row[7].to_string();
        assert!(["楼道灯不亮", "'=1+1", "请打 138****5678"].contains(&text.as_str()), "{text}");
        assert!(row[1].is_datetime(), "{:?}", row[1]);
    }
    let hotline = book.worksheet_range("13 12345对比").unwrap();
    for (at, line) in report.hotline.months.iter().enumerate() {
        let said = |column| hotline.get_value((2 + at as u32, column)).and_then(Data::get_float);
        same(said(1), line.hotline.map(|count| count as f64), &line.month);
        same(said(7), line.own.map(|count| count as f64), &line.month);
    }
    hotline::the_sheets_say_the_same(report, &mut book);
}

fn same(said: Option<f64>, expected: Option<f64>, what: &str) {
    let near = match (said, expected) {
        (Some(said), Some(expected)) => (said - expected).abs() < 1e-9,
        (None, None) => true,
        _ => false,
    };
    assert!(near, "{what}: the workbook says {said:?}, the report {expected:?}");
}
