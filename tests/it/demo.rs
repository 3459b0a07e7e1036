//! The demonstration shows the whole life of a ticket: no step, act or status is left out, and every list holds something.

mod pages;
mod start;

use std::collections::BTreeSet;

use diesel::prelude::*;
use louma::clock::{Period, PeriodKind};
use louma::db::{Db, Durability, Id, Tx, now};
use louma::demo;
use louma::error::Result;
use louma::keys::Keys;
use louma::photos::Photos;
use louma::schema::{
    absences, communities, hotline_pairs, hotline_rejects, incidents, issued_reports, links, notice_channels,
    requests, rules, ticket_events, tickets, unmasked_requests,
};
use louma::stats;
use louma::tickets::{Act, Status, Step};

#[test]
fn the_demonstration_leaves_out_nothing_that_a_ticket_may_go_through() {
    let dir = tempfile::tempdir().unwrap();
    let db = Db::open(&crate::harness::database_url(dir.path()), Durability::AsConfigured).unwrap();
    db.migrate().unwrap();
    let photos = Photos::open(&dir.path().join("photos")).unwrap();
    let begun = std::time::Instant::now();
    demo::make(&db, &Keys::new(&[42; 32]), &photos).unwrap();
    eprintln!("the demonstration was made in {:?}", begun.elapsed());
    db.read_now(|tx| {
        let community: Id = communities::table.select(communities::id).first(tx.conn)?;
        whole_life(tx)?;
        lists_that_hold_something(tx)?;
        whole_years(tx, community)?;
        the_hotlines_tickets(tx, community)?;
        crate::oracle::count_community_again(tx, community, dir.path())
    })
    .unwrap();
}

fn whole_life(tx: &mut Tx) -> Result<()> {
    let acts: Vec<String> = ticket_events::table.select(ticket_events::act).distinct().load(tx.conn)?;
    let acts: BTreeSet<&str> = acts.iter().map(String::as_str).collect();
    let all = Step::ALL.iter().map(|step| step.word()).chain(Act::ALL.iter().map(|act| act.word()));
    let missing: Vec<&str> = all.filter(|word| !acts.contains(word)).collect();
    assert_eq!(missing, Vec::<&str>::new(), "nobody does these");
    for status in Status::ALL {
        let count: i64 = tickets::table.filter(tickets::status.eq(status)).count().get_result(tx.conn)?;
        assert!(count > 0, "nothing is {status}");
    }
    Ok(())
}

fn lists_that_hold_something(tx: &mut Tx) -> Result<()> {
    let waiting: i64 = requests::table.filter(requests::decided_at.is_null()).count().get_result(tx.conn)?;
    let accounts: i64 =
        tickets::table.filter(tickets::suspended_at.is_not_null()).count().get_result(tx.conn)?;
    let outside: i64 = links::table.filter(links::waiting_at.is_not_null()).count().get_result(tx.conn)?;
    let reported: i64 = links::table.filter(links::done_at.is_not_null()).count().get_result(tx.conn)?;
    let open: i64 = incidents::table.filter(incidents::state.eq("open")).count().get_result(tx.conn)?;
    let twice: i64 = tickets::table
        .filter(tickets::returns.ge(2).and(tickets::status.eq(Status::Accepted)))
        .count()
        .get_result(tx.conn)?;
    let lists = [waiting, accounts, outside, reported, open, twice];
    assert!(lists.iter().all(|count| *count > 0), "{lists:?}");
    let ruled: i64 = rules::table.count().get_result(tx.conn)?;
    let away: i64 = absences::table.filter(absences::until_at.gt(tx.now)).count().get_result(tx.conn)?;
    assert!(ruled > 0 && away > 0);
    let issued: Vec<(String, i32, String)> = issued_reports::table
        .select((issued_reports::kind, issued_reports::version, issued_reports::corrections))
        .load(tx.conn)?;
    assert!(issued.iter().any(|(kind, ..)| kind == "assessment_month"), "{issued:?}");
    let again = issued.iter().find(|(_, version, _)| *version == 2).unwrap();
    assert!(again.2.contains("审批剔除"), "{again:?}");
    let asked: i64 = unmasked_requests::table.count().get_result(tx.conn)?;
    assert!(asked > 0);
    let live: i64 =
        notice_channels::table.filter(notice_channels::disabled_at.is_null()).count().get_result(tx.conn)?;
    assert_eq!(live, 0, "the demonstration sends nothing");
    Ok(())
}

/// 2024, whose hotline figure was reported, is a whole year with codes; and the last month does not stand out.
fn whole_years(tx: &mut Tx, community: Id) -> Result<()> {
    let year = Period::new(PeriodKind::Year, 2024, 1).unwrap();
    let report = stats::report(tx, community, year)?;
    let of = |year: i32| report.hotline.years.iter().find(|line| line.hotline.year == year).unwrap();
    assert_eq!((of(2023).hotline_words.as_str(), of(2024).hotline_words.as_str()), ("490 多件", "196 件"));
    assert_eq!((of(2024).months_in_service, of(2024).complete), (12, true));
    assert!(of(2024).own.unwrap() > 300 && of(2023).own.is_none());
    let month = Period::of(PeriodKind::Month, now()).previous();
    let report = stats::report(tx, community, month)?;
    let (least, most) = report.months.iter().fold((i64::MAX, 0), |(least, most), point| {
        let cases = point.cases.unwrap_or_default();
        (least.min(cases), most.max(cases))
    });
    assert!(least * 4 > most, "a month stands out: {least} to {most}");
    Ok(())
}

/// Months with rows, fewer than the year that was reported; pairs that wait, were confirmed and were rejected.
fn the_hotlines_tickets(tx: &mut Tx, community: Id) -> Result<()> {
    let report = stats::report(tx, community, Period::new(PeriodKind::Year, 2024, 1).unwrap())?;
    let rows = report.hotline.months.iter().filter(|month| month.from_rows);
    let sum: i64 = rows.clone().filter_map(|month| month.hotline).sum();
    assert!(rows.count() == 3 && (30..196).contains(&sum), "{sum}");
    let month = Period::of(PeriodKind::Month, now()).previous();
    let report = stats::report(tx, community, month)?;
    let line = report.hotline.months.iter().find(|line| line.month == month.word()).unwrap();
    assert!(line.overlap.is_some_and(|overlap| overlap.hotline > 8 && overlap.own > 0), "{line:?}");
    assert!(report.doors.iter().any(|door| door.hotline.is_some_and(|count| count > 0)));
    for verdict in ["confirmed", "rejected"] {
        let said: i64 =
            hotline_pairs::table.filter(hotline_pairs::verdict.eq(verdict)).count().get_result(tx.conn)?;
        assert!(said > 0, "nobody {verdict} a pair");
    }
    let refused: i64 = hotline_rejects::table.count().get_result(tx.conn)?;
    assert_eq!(refused, 4, "two rows of each table show why a row is refused");
    Ok(())
}
