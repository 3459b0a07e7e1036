//! Rounds, and the doors that nobody comes to, as rows.

use chrono::NaiveDate;
use diesel::dsl::{exists, max, not};
use diesel::prelude::*;

use super::{Finding, PAGE, Round};
use crate::codes::registry::{CodeState, IssuedCode};
use crate::db::{Id, Time, Tx};
use crate::error::Result;
use crate::places::Place;
use crate::schema::{codes, patrols, places, scans};

/// So many doors that are to be mended are shown: the latest that were found.
const UNWELL: i64 = 200;

pub(super) fn insert(tx: &mut Tx, round: &Round) -> Result<()> {
    diesel::insert_into(patrols::table).values(round).execute(tx.conn)?;
    Ok(())
}

pub(super) fn find(tx: &mut Tx, community: Id, id: Id) -> Result<Round> {
    Ok(patrols::table.find((community, id)).select(Round::as_select()).first(tx.conn)?)
}

pub(super) fn rounds(tx: &mut Tx, place: &Place, most: i64) -> Result<Vec<Round>> {
    let rows = patrols::table
        .filter(patrols::community_id.eq(place.community_id).and(patrols::place_id.eq(place.id)))
        .order((patrols::at.desc(), patrols::id.desc()));
    Ok(rows.limit(most).select(Round::as_select()).load(tx.conn)?)
}

/// A page of live codes with their places, in walking order after `from`, that no scan and no round reached since. Each is
/// looked up along an index: the scans of one code by day, the rounds of one place by moment.
pub(super) fn quiet(
    tx: &mut Tx,
    community: Id,
    since: Time,
    from: Option<(i32, Id)>,
) -> Result<Vec<(Place, IssuedCode)>> {
    let scanned = scans::table.filter(
        scans::community_id
            .eq(codes::community_id)
            .and(scans::code.eq(codes::code))
            .and(scans::day.ge(since.day())),
    );
    let visited = patrols::table.filter(
        patrols::community_id
            .eq(places::community_id)
            .and(patrols::place_id.eq(places::id))
            .and(patrols::at.ge(since)),
    );
    let of = codes::community_id.eq(places::community_id).and(codes::place_id.eq(places::id));
    let old = codes::posted_at
        .lt(since)
        .assume_not_null()
        .or(codes::posted_at.is_null().and(codes::created_at.lt(since)));
    let mut rows = places::table
        .inner_join(codes::table.on(of))
        .filter(places::community_id.eq(community).and(places::retired_at.is_null()))
        .filter(codes::state.ne_all([CodeState::Stopped, CodeState::Replaced]))
        .filter(old)
        .filter(not(exists(scanned)))
        .filter(not(exists(visited)))
        .into_boxed();
    if let Some((sort, id)) = from {
        rows = rows.filter(places::sort.gt(sort).or(places::sort.eq(sort).and(places::id.gt(id))));
    }
    Ok(rows
        .order((places::sort, places::id))
        .limit(PAGE)
        .select((Place::as_select(), IssuedCode::as_select()))
        .load(tx.conn)?)
}

/// The doors whose last round found their code not well.
pub(super) fn unwell(tx: &mut Tx, community: Id) -> Result<Vec<(Place, IssuedCode)>> {
    let bad = [Finding::Missing, Finding::Covered, Finding::Damaged];
    let found: Vec<Id> = patrols::table
        .filter(patrols::community_id.eq(community).and(patrols::finding.eq_any(bad)))
        .order(patrols::id.desc())
        .limit(UNWELL)
        .select(patrols::place_id)
        .load(tx.conn)?;
    let last = last_rounds(tx, community, &found)?;
    let still: Vec<&Round> = last.iter().filter(|round| !round.finding.well()).collect();
    let ids: Vec<Id> = still.iter().map(|round| round.place_id).collect();
    let of = codes::community_id.eq(places::community_id).and(codes::place_id.eq(places::id));
    let mut rows: Vec<(Place, IssuedCode)> = places::table
        .inner_join(codes::table.on(of))
        .filter(places::community_id.eq(community).and(places::id.eq_any(ids)))
        .filter(places::retired_at.is_null())
        .filter(codes::state.ne_all([CodeState::Stopped, CodeState::Replaced]))
        .select((Place::as_select(), IssuedCode::as_select()))
        .load(tx.conn)?;
    // A code that was made since is another code: nobody has seen it badly hung.
    rows.retain(|(_, code)| still.iter().any(|round| round.code == code.code));
    rows.sort_by_key(|(place, _)| {
        std::cmp::Reverse(still.iter().find(|round| round.place_id == place.id).map(|round| round.at))
    });
    Ok(rows)
}

/// The last round of each of these places.
pub(super) fn last_rounds(tx: &mut Tx, community: Id, places: &[Id]) -> Result<Vec<Round>> {
    if places.is_empty() {
        return Ok(Vec::new());
    }
    let own = patrols::community_id.eq(community).and(patrols::place_id.eq_any(places));
    let last: Vec<(Id, Option<Time>)> = patrols::table
        .filter(own.clone())
        .group_by(patrols::place_id)
        .select((patrols::place_id, max(patrols::at)))
        .load(tx.conn)?;
    let moments: Vec<Time> = last.iter().filter_map(|(_, at)| *at).collect();
    let mut rows: Vec<Round> = patrols::table
        .filter(own.and(patrols::at.eq_any(moments)))
        .order(patrols::id.desc())
        .select(Round::as_select())
        .load(tx.conn)?;
    rows.retain(|round| last.contains(&(round.place_id, Some(round.at))));
    Ok(rows)
}

/// The last day on which each of these codes was scanned.
pub(super) fn last_scans(
    tx: &mut Tx,
    community: Id,
    codes: &[String],
) -> Result<Vec<(String, Option<NaiveDate>)>> {
    if codes.is_empty() {
        return Ok(Vec::new());
    }
    Ok(scans::table
        .filter(scans::community_id.eq(community).and(scans::code.eq_any(codes)))
        .group_by(scans::code)
        .select((scans::code, max(scans::day)))
        .load(tx.conn)?)
}
