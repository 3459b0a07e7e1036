//! Random communities, drawn so that what counting gets wrong comes often: bounds of months, gaps, rare states.

use chrono::{Datelike, NaiveDate};
use diesel::prelude::*;
use louma::clock::midnight;
use louma::codes::registry;
use louma::db::{Id, Time, Tx};
use louma::error::Result;
use louma::places::{self, NewCommunity, NewPlace, Place, PlaceKind, Population};
use louma::routing::{self, Kind, NewParty, Party, PartyKind, Urgency};
use louma::schema::{
    codes, holdings, hotline_totals, incident_tickets, incidents, neighbours, scans, settings, supports,
    tickets,
};
use louma::tickets::{Channel, Level, Reason, Satisfaction, Status, Ticket};
use rand::RngExt;
use rand::rngs::StdRng;

pub(super) fn pick<T: Copy>(rng: &mut StdRng, from: &[T]) -> T {
    from[rng.random_range(0..from.len())]
}

/// A moment between the autumn of 2023 and the end of August 2025; often exactly at, or a microsecond before, a bound
/// of a month, because that is where counting goes wrong.
pub(super) fn moment(rng: &mut StdRng) -> Time {
    let day = NaiveDate::from_ymd_opt(2023, 10, 1).unwrap() + chrono::Days::new(rng.random_range(0..700));
    let edge = midnight(day.with_day(pick(rng, &[1, 19])).unwrap());
    match rng.random_range(0..8) {
        0 => edge,
        1 => Time::from_micros(edge.0.timestamp_micros() - 1),
        _ => Time::from_micros(midnight(day).0.timestamp_micros() + rng.random_range(0..86_400_000_000)),
    }
}

pub fn plant(tx: &mut Tx, rng: &mut StdRng, number: usize) -> Result<Id> {
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
    // Some communities began this year and some have no ticket at all.
    let tickets = pick(rng, &[0, 3, 60, 150]);
    let late = rng.random_bool(0.3).then(|| midnight(NaiveDate::from_ymd_opt(2025, 2, 10).unwrap()));
    let mut planted: Vec<Ticket> = Vec::new();
    for serial in 0..tickets {
        let mut ticket = ticket(rng, community.id, serial, &places, &parties, &categories);
        if late.is_some_and(|late| ticket.submitted_at < late) {
            ticket.excluded = None;
            continue;
        }
        ticket.number = format!("{serial}");
        // Into an earlier ticket, whatever became of that; some into one that is not known.
        if ticket.status == Status::Merged && rng.random_bool(0.8) {
            ticket.main_id = planted.get(rng.random_range(0..planted.len().max(1))).map(|main| main.id);
        }
        diesel::insert_into(tickets::table).values(&ticket).execute(tx.conn).unwrap();
        plant_holdings(tx, rng, &ticket, &parties);
        plant_supports(tx, rng, &ticket, &parties);
        plant_neighbours(tx, rng, &ticket);
        planted.push(ticket);
    }
    plant_incidents(tx, rng, &planted);
    super::hotline::plant_rows(tx, rng, (community.id, &places), &planted);
    Ok(community.id)
}

fn plant_holdings(tx: &mut Tx, rng: &mut StdRng, ticket: &Ticket, parties: &[Party]) {
    for seq in 0..rng.random_range(0..4) {
        let from = moment(rng);
        let until = rng.random_bool(0.7).then(|| from.plus_minutes(rng.random_range(0..90_000)));
        let row = (
            holdings::community_id.eq(ticket.community_id),
            holdings::ticket_id.eq(ticket.id),
            holdings::seq.eq(seq),
            holdings::party_id.eq(parties[rng.random_range(0..parties.len())].id),
            holdings::from_at.eq(from),
            holdings::until_at.eq(until),
            holdings::ended_by.eq(until.map(|_| pick(rng, &["return", "close", "transfer"]))),
        );
        diesel::insert_into(holdings::table).values(row).execute(tx.conn).unwrap();
    }
}

fn plant_supports(tx: &mut Tx, rng: &mut StdRng, ticket: &Ticket, parties: &[Party]) {
    for party in parties.iter().filter(|_| rng.random_bool(0.2)) {
        let row = (
            supports::community_id.eq(ticket.community_id),
            supports::ticket_id.eq(ticket.id),
            supports::party_id.eq(party.id),
            supports::since.eq(ticket.submitted_at),
            supports::added_by.eq("核对人"),
        );
        diesel::insert_into(supports::table).values(row).execute(tx.conn).unwrap();
    }
}

/// Neighbours of tickets drawn at random, some of them taken back, some repeats.
fn plant_neighbours(tx: &mut Tx, rng: &mut StdRng, ticket: &Ticket) {
    for device in 0..pick(rng, &[0, 0, 0, 1, 2, 5]) {
        let id = Id::new();
        let row = (
            neighbours::community_id.eq(ticket.community_id),
            neighbours::id.eq(id),
            neighbours::ticket_id.eq(ticket.id),
            neighbours::key_version.eq(1),
            neighbours::secret_hash.eq(id.bytes().to_vec()),
            neighbours::device_hash.eq(vec![device as u8]),
            neighbours::text.eq(""),
            neighbours::notice_version.eq("2026-11"),
            neighbours::at.eq(moment(rng)),
            neighbours::repeats.eq(rng.random_bool(0.2)),
            neighbours::withdrawn_at.eq(rng.random_bool(0.2).then_some(tx.now)),
            neighbours::comment.eq(""),
        );
        diesel::insert_into(neighbours::table).values(row).execute(tx.conn).unwrap();
    }
}

/// Incidents of tickets drawn at random, of one place and category or not, some of them dismissed, some members removed.
fn plant_incidents(tx: &mut Tx, rng: &mut StdRng, planted: &[Ticket]) {
    for group in planted.chunks(5) {
        let Some((first, category)) = group.iter().find_map(|each| Some((each, each.category.clone()?)))
        else {
            continue;
        };
        let id = Id::new();
        let row = (
            incidents::community_id.eq(first.community_id),
            incidents::id.eq(id),
            incidents::place_id.eq(first.place_id),
            incidents::category.eq(&category),
            incidents::state.eq(pick(rng, &["open", "closed", "closed", "dismissed"])),
            incidents::opened_at.eq(first.submitted_at),
            incidents::opened_by.eq("核对人"),
        );
        diesel::insert_into(incidents::table).values(row).execute(tx.conn).unwrap();
        let alike = rng.random_bool(0.8);
        for each in group {
            if alike {
                diesel::update(tickets::table.find((each.community_id, each.id)))
                    .set((
                        tickets::place_id.eq(first.place_id),
                        tickets::category.eq(&category),
                        tickets::level1.eq(&category[..2]),
                    ))
                    .execute(tx.conn)
                    .unwrap();
            }
            let row = (
                incident_tickets::community_id.eq(each.community_id),
                incident_tickets::incident_id.eq(id),
                incident_tickets::ticket_id.eq(each.id),
                incident_tickets::added_at.eq(each.submitted_at),
                incident_tickets::added_by.eq("核对人"),
                incident_tickets::removed_at.eq(rng.random_bool(0.2).then_some(tx.now)),
            );
            diesel::insert_into(incident_tickets::table).values(row).execute(tx.conn).unwrap();
        }
    }
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
