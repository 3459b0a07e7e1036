//! Every figure, counted a second time: random communities on both databases, their raw rows handed to a program in
//! another language that shares no code with ours, and the workbook read back.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use calamine::{Data, DataType, Reader, Xlsx};
use chrono::{Datelike, NaiveDate};
use diesel::prelude::*;
use louma::clock::{Period, PeriodKind, midnight};
use louma::codes::registry;
use louma::db::{Db, Durability, Id, Time, Tx};
use louma::error::Result;
use louma::places::{self, NewCommunity, NewPlace, Place, PlaceKind, Population};
use louma::routing::{self, Kind, NewParty, Party, PartyKind, Urgency};
use louma::schema::{codes, hotline_totals, scans, settings, tickets};
use louma::stats::metric::Metric;
use louma::stats::{self, Report};
use louma::tickets::{Channel, Level, Reason, Satisfaction, Status, Ticket};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// Random communities on each database.
const COMMUNITIES: usize = 50;

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
    for number in 0..COMMUNITIES {
        let folder = out.join(format!("{number:02}"));
        db.write_now(move |tx| one_community(tx, number, &folder)).unwrap();
    }
    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracle/oracle.py");
    let Ok(ran) = Command::new("python3").arg(program).arg(&out).output() else {
        return missing("python3");
    };
    let said = String::from_utf8_lossy(&ran.stdout);
    assert!(ran.status.success(), "{said}\n{}", String::from_utf8_lossy(&ran.stderr));
    eprintln!("{said}");
}

fn one_community(tx: &mut Tx, number: usize, folder: &Path) -> Result<()> {
    let mut rng = StdRng::seed_from_u64(number as u64);
    let now =
        midnight(NaiveDate::from_ymd_opt(2025, 8, 20).unwrap()).plus_minutes(rng.random_range(-1500..1500));
    let tx = &mut Tx { conn: &mut *tx.conn, now };
    let community = plant(tx, &mut rng, number)?;
    stats::raw::export(tx, community, folder)?;
    let periods = [
        (PeriodKind::Month, 2025, 6),
        (PeriodKind::Month, 2025, 8),
        (PeriodKind::Month, 2025, 1),
        (PeriodKind::AssessmentMonth, 2025, 1),
        (PeriodKind::AssessmentMonth, 2025, 7),
        (PeriodKind::Year, 2024, 1),
        (PeriodKind::Year, 2025, 1),
    ];
    for (kind, year, month) in periods {
        let period = Period::new(kind, year, month).unwrap();
        let report = stats::report(tx, community, period)?;
        let (_, workbook) = stats::export(tx, community, period, "核对人")?;
        the_workbook_says_the_same(&report, &workbook);
        let name = format!("report-{year}-{month:02}-{}.json", kind.label());
        std::fs::write(folder.join(name), serde_json::to_string(&report).unwrap()).unwrap();
    }
    Ok(())
}

fn pick<T: Copy>(rng: &mut StdRng, from: &[T]) -> T {
    from[rng.random_range(0..from.len())]
}

/// A moment between the autumn of 2023 and the end of August 2025; often exactly at, or a microsecond before, a bound
/// of a month, because that is where counting goes wrong.
fn moment(rng: &mut StdRng) -> Time {
    let day = NaiveDate::from_ymd_opt(2023, 10, 1).unwrap() + chrono::Days::new(rng.random_range(0..700));
    let edge = midnight(day.with_day(pick(rng, &[1, 19])).unwrap());
    match rng.random_range(0..8) {
        0 => edge,
        1 => Time::from_micros(edge.0.timestamp_micros() - 1),
        _ => Time::from_micros(midnight(day).0.timestamp_micros() + rng.random_range(0..86_400_000_000)),
    }
}

fn plant(tx: &mut Tx, rng: &mut StdRng, number: usize) -> Result<Id> {
    let community = places::found(
        tx,
        NewCommunity {
            district: "大兴区".into(),
            street: "天宫院街道".into(),
            name: format!("核对社区 {number}"),
            prefix: format!(
                "{}{}Q",
                char::from(b'A' + (number / 26) as u8),
                char::from(b'A' + (number % 26) as u8)
            ),
            ..NewCommunity::default()
        },
    )?;
    if number == 0 {
        routing::plant_categories(tx)?;
    }
    if rng.random_bool(0.8) {
        louma::settings::plant(tx, community.id)?;
        weights(tx, rng, community.id);
    }
    let places = plant_places(tx, rng, community.id)?;
    let parties: Vec<Party> = [
        ("社区居委会", PartyKind::Committee),
        ("物业", PartyKind::Property),
        ("城管办", PartyKind::Department),
    ]
    .into_iter()
    .map(|(name, kind)| {
        routing::add_party(
            tx,
            community.id,
            NewParty { name: name.into(), aliases: String::new(), kind, phone: String::new() },
        )
    })
    .collect::<Result<_>>()?;
    plant_codes_and_scans(tx, rng, community.id, &places)?;
    plant_totals(tx, rng, community.id)?;
    let categories = routing::categories(tx)?;
    // Some communities began this year and some have no ticket at all.
    let tickets = pick(rng, &[0, 3, 60, 150]);
    let late = rng.random_bool(0.3).then(|| midnight(NaiveDate::from_ymd_opt(2025, 2, 10).unwrap()));
    for serial in 0..tickets {
        let mut ticket = ticket(rng, community.id, serial, &places, &parties, &categories);
        if late.is_some_and(|late| ticket.submitted_at < late) {
            ticket.excluded = None;
            continue;
        }
        ticket.number = format!("{serial}");
        diesel::insert_into(tickets::table).values(&ticket).execute(tx.conn).unwrap();
    }
    Ok(community.id)
}

fn weights(tx: &mut Tx, rng: &mut StdRng, community: Id) {
    let value = pick(
        rng,
        &[
            r#"{"k":0.6,"contacted":0.3,"solved":0.35,"satisfied":0.35}"#,
            r#"{"k":1.0,"contacted":0.1,"solved":0.5,"satisfied":0.4}"#,
        ],
    );
    let row = (
        settings::community_id.eq(community),
        settings::name.eq("weights"),
        settings::effective_from.eq(midnight(NaiveDate::from_ymd_opt(2025, 6, pick(rng, &[1, 30])).unwrap())),
        settings::value.eq(value),
        settings::set_by.eq("核对人"),
    );
    diesel::insert_into(settings::table).values(row).execute(tx.conn).unwrap();
}

fn plant_places(tx: &mut Tx, rng: &mut StdRng, community: Id) -> Result<Vec<Place>> {
    let mut all = Vec::new();
    let new = |kind, name: String, parent_id, households| NewPlace {
        kind,
        name,
        parent_id,
        grid_id: None,
        households,
        sort: 0,
    };
    for building in 1..=3 {
        let own = rng.random_bool(0.5).then_some(40);
        let building =
            places::add(tx, community, new(PlaceKind::Building, format!("{building}号楼"), None, own))?;
        for unit in 1..=rng.random_range(0..3) {
            all.push(places::add(
                tx,
                community,
                new(PlaceKind::Unit, format!("{unit}单元"), Some(building.id), Some(12)),
            )?);
        }
        all.push(building);
    }
    all.push(places::add(tx, community, new(PlaceKind::Spot, "小广场".into(), None, None))?);
    Ok(all)
}

fn plant_codes_and_scans(tx: &mut Tx, rng: &mut StdRng, community: Id, places: &[Place]) -> Result<()> {
    for place in places.iter().filter(|_| rng.random_bool(0.7)).collect::<Vec<_>>() {
        let issued = registry::issue(tx, place)?;
        let state = pick(rng, &["draft", "printed", "posted", "posted", "stopped"]);
        let posted = (state == "posted").then(|| moment(rng));
        diesel::update(codes::table.find(&issued.code))
            .set((codes::state.eq(state), codes::posted_at.eq(posted)))
            .execute(tx.conn)
            .unwrap();
        for device in 0..rng.random_range(0..12u8) {
            let row = (
                scans::community_id.eq(community),
                scans::code.eq(issued.code.to_string()),
                scans::day.eq(moment(rng).day()),
                scans::device_hash.eq(vec![device]),
            );
            diesel::insert_into(scans::table).values(row).execute(tx.conn).unwrap();
        }
    }
    Ok(())
}

fn plant_totals(tx: &mut Tx, rng: &mut StdRng, community: Id) -> Result<()> {
    for _ in 0..rng.random_range(0..4) {
        let population = Population {
            community_id: community,
            effective_from: moment(rng).day(),
            residents: rng.random_range(0..9000),
            households: rng.random_range(0..3000),
            source: "街道台账".into(),
            entered_by: "核对人".into(),
        };
        places::set_population(tx, population)?;
    }
    let mut periods: Vec<String> = ["2022", "2023", "2024", "2025"]
        .iter()
        .filter(|_| rng.random_bool(0.4))
        .map(|year| (*year).to_owned())
        .collect();
    let all = rng.random_bool(0.5);
    for year in [2024, 2025] {
        periods.extend(
            (1..=12)
                .filter(|_| all || rng.random_bool(0.5))
                .map(|month| format!("{year}-{month:02}"))
                .collect::<Vec<_>>(),
        );
    }
    for period in periods {
        let row = (
            hotline_totals::community_id.eq(community),
            hotline_totals::period.eq(period),
            hotline_totals::cases.eq(rng.random_range(0..60)),
            hotline_totals::approximate.eq(rng.random_bool(0.3)),
            hotline_totals::source.eq("街道通报"),
            hotline_totals::entered_by.eq("核对人"),
            hotline_totals::entered_at.eq(tx.now),
        );
        diesel::insert_into(hotline_totals::table).values(row).execute(tx.conn).unwrap();
    }
    Ok(())
}

#[expect(clippy::too_many_arguments, reason = "what a drawn ticket is drawn from")]
fn ticket(
    rng: &mut StdRng,
    community: Id,
    serial: i32,
    places: &[Place],
    parties: &[Party],
    categories: &[routing::Category],
) -> Ticket {
    let place = &places[rng.random_range(0..places.len())];
    let category = &categories[rng.random_range(0..categories.len())];
    let submitted = moment(rng);
    let later = |rng: &mut StdRng| submitted.plus_minutes(rng.random_range(0..60_000));
    let status = pick(
        rng,
        &[
            Status::New,
            Status::Accepted,
            Status::InProgress,
            Status::FollowUp,
            Status::Archived,
            Status::Archived,
            Status::Archived,
            Status::Refused,
            Status::Withdrawn,
            Status::Merged,
        ],
    );
    let closed = matches!(status, Status::FollowUp | Status::Archived)
        || (status == Status::InProgress && rng.random_bool(0.3));
    let closed_at = closed.then(|| later(rng));
    let answered = status == Status::Archived && rng.random_bool(0.8);
    let valid = answered && rng.random_bool(0.8);
    let due = if rng.random_bool(0.1) { closed_at.unwrap_or(submitted) } else { later(rng) };
    Ticket {
        community_id: community,
        id: Id::new(),
        number: String::new(),
        key_version: 1,
        secret_hash: serial.to_be_bytes().to_vec(),
        query_hash: vec![0],
        channel: pick(rng, Channel::ALL),
        code: None,
        place_id: place.id,
        building_id: place.building_id,
        grid_id: None,
        spot_note: String::new(),
        kind: pick(rng, Kind::ALL),
        level1: category.level1_code().to_owned(),
        category: rng.random_bool(0.8).then(|| category.code.clone()),
        text: pick(rng, &["楼道灯不亮", "=1+1", "请打 13812345678"]).to_owned(),
        hazard: false,
        reach: None,
        publish: false,
        share_phone: false,
        name_sealed: None,
        phone_sealed: None,
        phone_hash: None,
        phone_masked: Some("138****5678".into()),
        device_hash: None,
        notice_version: "2026-11".into(),
        submitted_at: submitted,
        called_at: None,
        registered_by: None,
        status,
        version: 1,
        urgency: Urgency::Normal,
        first_contact_due: submitted.plus_minutes(pick(rng, &[30, 1440])),
        make_safe_due: None,
        due_at: due,
        open_due_at: None,
        rules_version: "limits-1".into(),
        lead_id: parties[rng.random_range(0..parties.len())].id,
        routed: String::new(),
        handler_id: None,
        dispatched_at: rng.random_bool(0.6).then(|| later(rng)),
        accepted_at: None,
        first_contact_at: rng.random_bool(0.7).then(|| submitted.plus_minutes(rng.random_range(0..3000))),
        closed_at,
        result: None,
        result_text: String::new(),
        solved_level: closed_at.filter(|_| rng.random_bool(0.9)).map(|_| pick(rng, Level::ALL)),
        answered_at: answered
            .then(|| closed_at.unwrap_or(submitted).plus_minutes(rng.random_range(0..20_000))),
        answer_valid: answered.then_some(valid),
        contacted: valid.then(|| rng.random_bool(0.8)),
        solved: valid.then(|| rng.random_bool(0.7)),
        satisfied: valid.then(|| pick(rng, Satisfaction::ALL)),
        answer_comment: String::new(),
        events: 1,
        rounds: pick(rng, &[0, 0, 0, 1, 2]),
        returns: pick(rng, &[0, 0, 0, 1]),
        main_id: None,
        hotline_number: None,
        excluded: rng.random_bool(0.15).then(|| pick(rng, Reason::ALL)),
        taken_at: None,
        safe_at: None,
        suspended_at: None,
        escalated: None,
        origin_id: None,
    }
}

/// Reads the workbook back and holds its cells against the report.
fn the_workbook_says_the_same(report: &Report, bytes: &[u8]) {
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(std::io::Cursor::new(bytes)).unwrap();
    let names = ["1 口径说明", "2 月度汇总", "4 分类统计", "13 12345对比", "17 工单台账"];
    assert_eq!(book.sheet_names(), names);
    let totals = book.worksheet_range(names[1]).unwrap();
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
    let categories = book.worksheet_range(names[2]).unwrap();
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
    let ledger = book.worksheet_range(names[4]).unwrap();
    let submitted = report.figure(Metric::Submitted).value.unwrap() as usize;
    assert_eq!(ledger.rows().skip(2).count(), submitted);
    for row in ledger.rows().skip(2) {
        let text = row[7].to_string();
        assert!(["楼道灯不亮", "'=1+1", "请打 138****5678"].contains(&text.as_str()), "{text}");
        assert!(row[1].is_datetime(), "{:?}", row[1]);
    }
    let hotline = book.worksheet_range(names[3]).unwrap();
    for (at, line) in report.hotline.months.iter().enumerate() {
        let said = |column| hotline.get_value((2 + at as u32, column)).and_then(Data::get_float);
        same(said(1), line.hotline.map(|count| count as f64), &line.month);
        same(said(7), line.own.map(|count| count as f64), &line.month);
    }
}

fn same(said: Option<f64>, expected: Option<f64>, what: &str) {
    let near = match (said, expected) {
        (Some(said), Some(expected)) => (said - expected).abs() < 1e-9,
        (None, None) => true,
        _ => false,
    };
    assert!(near, "{what}: the workbook says {said:?}, the report {expected:?}");
}
