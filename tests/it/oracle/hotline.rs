//! The hotline's tickets of random communities: covered and live rows, places that are known or not, pairs of every kind; and
//! what the workbook says of them.

use std::io::Cursor;

use calamine::{Data, DataType, Reader, Xlsx};
use diesel::prelude::*;
use louma::db::{Id, Time, Tx};
use louma::places::Place;
use louma::schema::{hotline_batches, hotline_names, hotline_pairs, hotline_rows};
use louma::stats::Report;
use louma::tickets::Ticket;
use rand::RngExt;

use super::dice::{self, Dice, pick};
use super::same;

/// Rows of two batches: the later covers some of the earlier. Every third community has none.
pub(super) fn plant_rows(tx: &mut Tx, rng: &mut Dice, (community, places): (Id, &[Place]), ours: &[Ticket]) {
    let count = pick(rng, &[0, 20, 90]);
    // In some communities every month of a year has rows.
    let dense = rng.random_bool(0.5);
    let names = ["甲地", "乙地", "丙地", "不知何处"];
    for name in names {
        let place = (name != "不知何处").then(|| places[rng.random_range(0..places.len())].id);
        let row = (
            hotline_names::community_id.eq(community),
            hotline_names::kind.eq("place"),
            hotline_names::name.eq(name),
            hotline_names::place_id.eq(place),
            hotline_names::made_by.eq(if place.is_some() { "keywords" } else { "nobody" }),
            hotline_names::decided_by.eq("系统"),
            hotline_names::decided_at.eq(tx.now),
        );
        diesel::insert_into(hotline_names::table).values(row).execute(tx.conn).unwrap();
    }
    let batches = [batch(tx, community), batch(tx, community)];
    for serial in 0..count {
        let number = format!("JB{serial:04}");
        let covered = rng.random_bool(0.2);
        let mut at = rng.moment();
        if dense && serial < 12 {
            at = louma::clock::midnight(dice::day(rng.year, serial as u32 + 1, 11));
        } else if let Some(near) =
            ours.get(rng.random_range(0..ours.len().max(1))).filter(|_| rng.random_bool(0.7))
        {
            // At, or a microsecond before, the end of the thirty days is where counting goes wrong.
            let days = pick(rng, &[-3, 0, 5, 29, 30, 45]);
            let micros = near.submitted_at.plus_minutes(days * 1440).0.timestamp_micros();
            at = Time::from_micros(micros - i64::from(rng.random_bool(0.3)));
        }
        let own = pick(rng, &["demand", "inquiry", "other", ""]);
        let nature = (!own.is_empty()).then_some(own);
        let place = pick(rng, &names);
        if covered {
            row(tx, (community, batches[0]), &number, (rng.moment(), nature, place, None));
        }
        let holder = if covered { batches[1] } else { pick(rng, &batches) };
        row(tx, (community, holder), &number, (at, nature, place, Some(tx.now)));
        if !ours.is_empty() {
            let first = rng.random_range(0..ours.len());
            for each in ours.iter().cycle().skip(first).take(pick(rng, &[0, 1, 1, 2]).min(ours.len())) {
                pair(tx, rng, each, &number);
            }
        }
    }
}

fn batch(tx: &mut Tx, community: Id) -> Id {
    let id = Id::new();
    let row = (
        hotline_batches::community_id.eq(community),
        hotline_batches::id.eq(id),
        hotline_batches::file_name.eq("明细.csv"),
        hotline_batches::state.eq("confirmed"),
        (
            hotline_batches::accepted.eq(0),
            hotline_batches::rejected.eq(0),
            hotline_batches::added.eq(0),
            hotline_batches::updated.eq(0),
            hotline_batches::same.eq(0),
        ),
        (hotline_batches::personal.eq(""), hotline_batches::ignored.eq("")),
        (hotline_batches::made_at.eq(tx.now), hotline_batches::made_by.eq("核对人")),
        (hotline_batches::confirmed_at.eq(tx.now), hotline_batches::confirmed_by.eq("核对人")),
        hotline_batches::undone_by.eq(""),
    );
    diesel::insert_into(hotline_batches::table).values(row).execute(tx.conn).unwrap();
    id
}

fn row(
    tx: &mut Tx,
    (community, batch): (Id, Id),
    number: &str,
    (at, nature, place, live): (Time, Option<&str>, &str, Option<Time>),
) {
    let row = (
        hotline_rows::community_id.eq(community),
        hotline_rows::batch_id.eq(batch),
        hotline_rows::number.eq(number),
        hotline_rows::line.eq(1),
        hotline_rows::live_at.eq(live),
        hotline_rows::digest.eq(""),
        hotline_rows::received_at.eq(at),
        hotline_rows::place.eq(place),
        (hotline_rows::matter.eq(""), hotline_rows::party.eq(""), hotline_rows::nature.eq(nature)),
        (hotline_rows::content.eq(""), hotline_rows::tags.eq("")),
    );
    diesel::insert_into(hotline_rows::table).values(row).execute(tx.conn).unwrap();
}

fn pair(tx: &mut Tx, rng: &mut Dice, ours: &Ticket, number: &str) {
    let row = (
        hotline_pairs::community_id.eq(ours.community_id),
        hotline_pairs::ticket_id.eq(ours.id),
        hotline_pairs::number.eq(number),
        hotline_pairs::id.eq(Id::new()),
        hotline_pairs::verdict.eq(pick(rng, &["confirmed", "confirmed", "rejected"])),
        hotline_pairs::reasons.eq(""),
        hotline_pairs::decided_by.eq("核对人"),
        hotline_pairs::decided_at.eq(tx.now),
    );
    diesel::insert_into(hotline_pairs::table).values(row).execute(tx.conn).unwrap();
}

/// What the sheets say of the hotline's tickets is what the report says.
pub(super) fn the_sheets_say_the_same(report: &Report, book: &mut Xlsx<Cursor<&[u8]>>) {
    let sheet = book.worksheet_range("13 12345对比").unwrap();
    let heads: Vec<String> = sheet.rows().nth(1).unwrap().iter().map(ToString::to_string).collect();
    for (at, line) in report.hotline.months.iter().enumerate() {
        let says = |title: &str, expected: Option<f64>| {
            let column = heads.iter().position(|head| head == title).unwrap() as u32;
            let said = sheet.get_value((2 + at as u32, column)).and_then(Data::get_float);
            same(said, expected, &format!("{} {title}", line.month));
        };
        let count = |count: Option<i64>| count.map(|count| count as f64);
        let lies = |part: fn(&louma::stats::overlap::Overlap) -> i64| count(line.overlap.as_ref().map(part));
        let rates = line.overlap.map(|each| [each.leak_rate, each.first_rate, each.ahead_rate]);
        let rate = |at: usize| rates.and_then(|rates| rates[at].value);
        says("其中诉求", count(line.demands));
        says("其中咨询", count(line.inquiries));
        says("重合件数", lies(|each| each.both));
        says("转12345率", rate(0));
        says("转12345件数", lies(|each| each.leaked));
        says("首接在码率", rate(1));
        says("首接在码件数", lies(|each| each.first));
        says("未诉先办率", rate(2));
        says("未诉先办件数", lies(|each| each.solved_only));
        says("未诉先办分母 C+H−重合", lies(|each| each.own + each.hotline - each.both));
        says("仅 12345", lies(|each| each.hotline_only));
        says("同月录入数", count(line.typed));
        says("录入数减明细", count(line.difference));
    }
    let sheet = book.worksheet_range("7 楼门统计").unwrap();
    let heads: Vec<String> = sheet.rows().nth(1).unwrap().iter().map(ToString::to_string).collect();
    for (at, door) in report.doors.iter().enumerate() {
        for (title, expected) in [("12345 件数", door.hotline), ("12345 去年同期", door.hotline_last_year)]
        {
            let column = heads.iter().position(|head| head == title).unwrap() as u32;
            let said = sheet.get_value((2 + at as u32, column)).and_then(Data::get_float);
            same(said, expected.map(|count| count as f64), &format!("{} {title}", door.building));
        }
    }
}
