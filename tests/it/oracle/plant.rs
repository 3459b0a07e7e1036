//! Random communities, drawn so that what counting gets wrong comes often: bounds of months, gaps, rare states.

use diesel::prelude::*;
use louma::clock::midnight;
use louma::codes::registry;
use louma::db::{Id, Tx};
use louma::error::Result;
use louma::places::{self, NewCommunity, NewPlace, Place, PlaceKind, Population};
use louma::routing::{self, Kind, NewParty, Party, PartyKind, Urgency};
use louma::schema::{codes, hotline_totals, places as place_rows, scans, settings, ticket_events, tickets};
use louma::tickets::{Channel, Event, Level, Reason, Satisfaction, Status, Ticket};
use rand::RngExt;

use super::dice::{Dice, day, pick};
use super::{around, lives};

/// A community with many tickets, or with none.
pub fn plant(tx: &mut Tx, rng: &mut Dice, number: usize) -> Result<Id> {
    let tickets = pick(rng, &[0, 3, 60, 150]);
    plant_with(tx, rng, number, tickets)
}

/// A community with so many tickets at most.
pub(super) fn plant_with(tx: &mut Tx, rng: &mut Dice, number: usize, tickets: usize) -> Result<Id> {
    let community = places::found(
        tx,
        NewCommunity {
            district: "大兴区".into(),
            street: "天宫院街道".into(),
            name: format!("核对社区 {number}"),
            prefix: prefix(number),
            ..NewCommunity::default()
        },
    )?;
    // Asked of the table itself: what is kept in memory may be of another test's database.
    let known: i64 = louma::schema::categories::table.count().get_result(tx.conn)?;
    if known == 0 {
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
    // Some communities began in the second year.
    let late = rng.random_bool(0.3).then(|| midnight(day(rng.year + 1, 2, 10)));
    let (mut planted, mut events): (Vec<Ticket>, Vec<Event>) = Default::default();
    for serial in 0..tickets as i32 {
        let mut ticket = ticket(rng, community.id, serial, &places, &parties, &categories);
        if late.is_some_and(|late| ticket.submitted_at < late) {
            continue;
        }
        // Half of them lived a life; the others have any row that a row can be, and no past.
        if rng.random_bool(0.5) && ticket.submitted_at <= tx.now {
            events.extend(lives::live(rng, &mut ticket, tx.now));
        }
        ticket.number = format!("{serial}");
        // Into an earlier ticket, whatever became of that; some into one that is not known.
        if ticket.status == Status::Merged && rng.random_bool(0.8) {
            ticket.main_id = planted.get(rng.random_range(0..planted.len().max(1))).map(|main| main.id);
        }
        planted.push(ticket);
    }
    for ticket in &planted {
        diesel::insert_into(tickets::table).values(ticket).execute(tx.conn).unwrap();
        around::plant_holdings(tx, rng, ticket, &parties);
        around::plant_supports(tx, rng, ticket, &parties);
        around::plant_neighbours(tx, rng, ticket);
    }
    for event in &events {
        diesel::insert_into(ticket_events::table).values(event).execute(tx.conn).unwrap();
    }
    around::plant_incidents(tx, rng, &planted);
    super::hotline::plant_rows(tx, rng, (community.id, &places), &planted);
    Ok(community.id)
}

/// Four letters that no other community has.
fn prefix(number: usize) -> String {
    let letter = |place: usize| char::from(b'A' + (number / place % 26) as u8);
    ['Q', letter(676), letter(26), letter(1)].iter().collect()
}

fn weights(tx: &mut Tx, rng: &mut Dice, community: Id) {
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
        settings::effective_from.eq(midnight(day(rng.year + 1, 6, pick(rng, &[1, 30])))),
        settings::value.eq(value),
        settings::set_by.eq("核对人"),
    );
    diesel::insert_into(settings::table).values(row).execute(tx.conn).unwrap();
}

fn plant_places(tx: &mut Tx, rng: &mut Dice, community: Id) -> Result<Vec<Place>> {
    let mut all = Vec::new();
    let new = |kind, name: String, parent_id, households| NewPlace {
        kind,
        name,
        parent_id,
        grid_id: None,
        households,
        sort: 0,
    };
    let grid = places::add_grid(tx, community, "一号网格")?.id;
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
    // Some lie in a grid, some are no more.
    for place in &mut all {
        place.grid_id = rng.random_bool(0.5).then_some(grid);
        let retired = rng.random_bool(0.1).then_some(tx.now);
        diesel::update(place_rows::table.find((community, place.id)))
            .set((place_rows::grid_id.eq(place.grid_id), place_rows::retired_at.eq(retired)))
            .execute(tx.conn)
            .unwrap();
    }
    Ok(all)
}

fn plant_codes_and_scans(tx: &mut Tx, rng: &mut Dice, community: Id, places: &[Place]) -> Result<()> {
    for place in places.iter().filter(|_| rng.random_bool(0.7)).collect::<Vec<_>>() {
        let issued = registry::issue(tx, place)?;
        let state = pick(rng, &["draft", "printed", "posted", "posted", "stopped", "replaced"]);
        let posted = matches!(state, "posted" | "stopped" | "replaced").then(|| rng.moment());
        let ended = matches!(state, "stopped" | "replaced") && rng.random_bool(0.7);
        let stopped = posted.filter(|_| ended).map(|at| at.plus_minutes(rng.random_range(0..400_000)));
        diesel::update(codes::table.find(&issued.code))
            .set((codes::state.eq(state), codes::posted_at.eq(posted), codes::stopped_at.eq(stopped)))
            .execute(tx.conn)
            .unwrap();
        for device in 0..rng.random_range(0..12u8) {
            let row = (
                scans::community_id.eq(community),
                scans::code.eq(issued.code.to_string()),
                scans::day.eq(rng.moment().day()),
                scans::device_hash.eq(vec![device]),
            );
            diesel::insert_into(scans::table).values(row).execute(tx.conn).unwrap();
        }
    }
    Ok(())
}

fn plant_totals(tx: &mut Tx, rng: &mut Dice, community: Id) -> Result<()> {
    for _ in 0..rng.random_range(0..4) {
        let population = Population {
            community_id: community,
            effective_from: rng.moment().day(),
            residents: rng.random_range(0..9000),
            households: rng.random_range(0..3000),
            units: rng.random_bool(0.5).then(|| rng.random_range(0..40)),
            source: "街道台账".into(),
            entered_by: "核对人".into(),
        };
        places::set_population(tx, population)?;
    }
    let years = rng.year - 2..=rng.year + 1;
    let mut periods: Vec<String> =
        years.filter(|_| rng.random_bool(0.4)).map(|year| year.to_string()).collect();
    let all = rng.random_bool(0.5);
    for year in [rng.year, rng.year + 1] {
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
    rng: &mut Dice,
    community: Id,
    serial: i32,
    places: &[Place],
    parties: &[Party],
    categories: &[routing::Category],
) -> Ticket {
    let place = &places[rng.random_range(0..places.len())];
    let category = &categories[rng.random_range(0..categories.len())];
    let submitted = rng.moment();
    let later = |rng: &mut Dice| submitted.plus_minutes(rng.random_range(0..60_000));
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
        grid_id: place.grid_id,
        spot_note: String::new().into(),
        kind: pick(rng, Kind::ALL),
        level1: category.level1_code().to_owned(),
        category: rng.random_bool(0.8).then(|| category.code.clone()),
        text: pick(rng, &["楼道灯不亮", "=1+1", "请打 13812345678"]).to_owned().into(),
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
        result_text: String::new().into(),
        solved_level: closed_at.filter(|_| rng.random_bool(0.9)).map(|_| pick(rng, Level::ALL)),
        answered_at: answered
            .then(|| closed_at.unwrap_or(submitted).plus_minutes(rng.random_range(0..20_000))),
        answer_valid: answered.then_some(valid),
        contacted: valid.then(|| rng.random_bool(0.8)),
        solved: valid.then(|| rng.random_bool(0.7)),
        satisfied: valid.then(|| pick(rng, Satisfaction::ALL)),
        answer_comment: String::new().into(),
        events: 1,
        rounds: pick(rng, &[0, 0, 0, 1, 2]),
        returns: pick(rng, &[0, 0, 0, 1]),
        main_id: None,
        hotline_number: None,
        excluded: rng.random_bool(0.15).then(|| pick(rng, Reason::ALL)),
        taken_at: None,
        safe_at: None,
        suspended_at: rng.random_bool(0.1).then(|| later(rng)),
        escalated: None,
        origin_id: rng.random_bool(0.1).then(Id::new),
    }
}
