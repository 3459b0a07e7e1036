//! The hotline's tickets of the demonstration: some months of rows, brought as a table by the verbs, some of them about what
//! residents had reported here too; and what a worker said of the pairs.
//!
//! The last quarter of 2024 lies well within the number that was reported for that year.

use std::ops::Range;

use chrono::{Datelike, Months, NaiveDate};
use diesel::prelude::*;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::community::World;
use super::plans::texts;
use crate::clock::midnight;
use crate::db::{Db, Id, Time, Tx};
use crate::error::{Error, Result};
use crate::hotline::batches;
use crate::hotline::names::{self, Kind, Maker, Meant};
use crate::hotline::pairs::{self, Said, Verdict};
use crate::mask::FreeText;
use crate::places::PlaceKind;
use crate::routing::{self, Category};
use crate::schema::tickets;
use crate::tickets::Channel;

/// Its own dice, so that all else stays as it is.
const SEED: u64 = 20_241_231;
/// Whole months before the present one that have rows.
const MONTHS: u32 = 8;
/// Rows of a month, about what was reported of 2024.
const ROWS: Range<i64> = 13..18;
/// Pages of proposals that a worker has gone through.
const PAGES: usize = 3;
/// What is certain enough for the worker of the demonstration.
const SURE: i64 = 70;
const HEAD: [&str; 9] = [
    "工单编号",
    "来电时间",
    "工单类型",
    "村/社区",
    "详细地址",
    "问题分类",
    "主要内容",
    "承办单位",
    "来电人电话",
];

/// A ticket of ours that the hotline may hear of too.
#[derive(Clone, diesel::Queryable, diesel::Selectable)]
#[diesel(table_name = tickets)]
struct Ours {
    place_id: Id,
    category: Option<String>,
    text: FreeText,
    submitted_at: Time,
}

/// Brings the rows, lets them count, and says of some pairs what they are.
pub(super) fn bring(db: &Db, world: &World) -> Result<()> {
    let mut rng = StdRng::seed_from_u64(SEED);
    let today = db.read_now(|tx| Ok(tx.now.day()))?;
    let quarter = NaiveDate::from_ymd_opt(2024, 10, 1).unwrap_or(today);
    let recent = today.with_day(1).unwrap_or(today) - Months::new(MONTHS);
    let mut serial = 0;
    for (from, to, name) in [
        (quarter, quarter + Months::new(3), "12345工单明细_2024年四季度.csv"),
        (recent, today, "12345工单明细_近几个月.csv"),
    ] {
        let table = table(db, world, &mut rng, (from, to), &mut serial)?;
        let batch = batches::take_in(db, &world.lead, (name, &table), &mut |_, _| {})?;
        let lead = world.lead.clone();
        db.write_now(move |tx| batches::confirm(tx, &lead, batch.id))?;
    }
    let world = world.clone();
    db.write_now(move |tx| {
        correct(tx, &world)?;
        judge(tx, &world)
    })
}

/// A table as the city's system writes it: with the caller's phone, a row of another community, and one without its day.
fn table(
    db: &Db,
    world: &World,
    rng: &mut StdRng,
    (from, to): (NaiveDate, NaiveDate),
    serial: &mut i64,
) -> Result<Vec<u8>> {
    let community = world.community.id;
    let (ours, categories) =
        db.read_now(|tx| Ok((ours(tx, community, (from, to))?, routing::categories(tx)?)))?;
    let texts = texts()?;
    let mut csv = csv::Writer::from_writer(Vec::new());
    csv.write_record(HEAD).map_err(Error::internal)?;
    let mut month = from;
    while month < to {
        let next = month + Months::new(1);
        let end = next.min(to);
        let days = (end - month).num_days();
        let rows = rng.random_range(ROWS) * days / (next - month).num_days();
        for _ in 0..rows {
            *serial += 1;
            let at = midnight(month).plus_minutes(rng.random_range(7 * 60..days.max(1) * 1440));
            let same = ours.get(rng.random_range(0..ours.len().max(1))).filter(|_| rng.random_bool(0.35));
            let row = row(world, rng, (at, midnight(from)..midnight(end)), same, (&categories, &texts));
            let number = format!("DEMO{:04}{:02}{serial:05}", month.year(), month.month());
            csv.write_record(std::iter::once(number).chain(row)).map_err(Error::internal)?;
        }
        month = next;
    }
    let day = from.to_string();
    let elsewhere =
        ["DEMO-别处", &day, "诉求", "别处社区", "别处 1号楼", "", "不在本社区", "", "100-0000 0000"];
    let undated = ["DEMO-无日期", "", "诉求", &world.community.name, "3号楼", "", "没有来电时间", "", ""];
    csv.write_record(elsewhere).map_err(Error::internal)?;
    csv.write_record(undated).map_err(Error::internal)?;
    csv.into_inner().map_err(|err| Error::internal(anyhow::anyhow!("{err}")))
}

/// Ours of the time, that stand beside the hotline's by their channel.
fn ours(tx: &mut Tx, community: Id, (from, to): (NaiveDate, NaiveDate)) -> Result<Vec<Ours>> {
    let then = tickets::submitted_at.ge(midnight(from)).and(tickets::submitted_at.lt(midnight(to)));
    Ok(tickets::table
        .filter(tickets::community_id.eq(community).and(then))
        .filter(tickets::channel.eq(Channel::Scan).and(tickets::category.is_not_null()))
        .order((tickets::submitted_at, tickets::id))
        .select(Ours::as_select())
        .load(tx.conn)?)
}

fn row(
    world: &World,
    rng: &mut StdRng,
    (at, span): (Time, Range<Time>),
    same: Option<&Ours>,
    (categories, texts): (&[Category], &[(String, String)]),
) -> Vec<String> {
    let door = |id: Id| world.doors.iter().find(|(place, _)| place.id == id).map(|(place, _)| place);
    let (place, code, text, at) = match same.and_then(|ours| Some((ours, door(ours.place_id)?))) {
        Some((ours, place)) => {
            let days = if rng.random_bool(0.75) { rng.random_range(1..20) } else { rng.random_range(-8..0) };
            let moved = ours.submitted_at.plus_minutes(days * 1440 + rng.random_range(0..600));
            let code = ours.category.clone().unwrap_or_default();
            (place, code, ours.text.shown(), if span.contains(&moved) { moved } else { at })
        }
        None => {
            let (place, _) = &world.doors[rng.random_range(0..world.doors.len())];
            let (code, text) = texts[rng.random_range(0..texts.len())].clone();
            (place, code, text, at)
        }
    };
    let category = categories.iter().find(|each| each.code == code);
    let class = category.and_then(|each| each.hotline_class.split('/').next()).unwrap_or("其他");
    let path = category.map(|each| format!("{class}->{}->{}", each.level1, each.level2)).unwrap_or_default();
    let asks = same.is_none() && rng.random_bool(0.4);
    let wing = if place.kind == PlaceKind::Spot { "附近" } else { "" };
    vec![
        at.local().format("%Y年%-m月%-d日 %H:%M").to_string(),
        if asks { "咨询" } else { "诉求" }.to_owned(),
        format!("{}社区", world.community.name),
        format!("{}{wing}", place.full_name.replace(' ', "小区")),
        path,
        format!("市民来电反映：{text}，希望尽快处理"),
        "天宫院街道办事处".to_owned(),
        "100-0000 0000".to_owned(),
    ]
}

/// What nobody could place, a worker says is none of ours; so that the list of names shows a person's word.
fn correct(tx: &mut Tx, world: &World) -> Result<()> {
    let community = world.community.id;
    let found = names::list(tx, community, Kind::Place, Some(Maker::Keywords), None)?;
    if let Some(first) = found.into_iter().next() {
        let meant =
            Meant { kind: Kind::Place, name: first.name.name, place_id: first.name.place_id, category: None };
        names::decide(tx, &world.worker, meant)?;
    }
    Ok(())
}

/// The worker went through the first pages: what is certain is the same, some of the rest is not, and the others wait.
fn judge(tx: &mut Tx, world: &World) -> Result<()> {
    let (mut after, mut unsure) = (None, 0);
    for _ in 0..PAGES {
        let page = pairs::proposals(tx, &world.worker, after.as_deref())?;
        for each in page.proposals {
            let Some(best) = each.candidates.first() else { continue };
            unsure += usize::from(best.score < SURE);
            let verdict = match best.score {
                SURE.. => Verdict::Confirmed,
                _ if unsure % 3 == 1 => Verdict::Rejected,
                _ => continue,
            };
            let said = Said { ticket_id: best.ticket_id, number: each.theirs.number, verdict };
            pairs::decide(tx, &world.worker, said)?;
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    Ok(())
}
