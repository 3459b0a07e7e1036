//! Rows of the hotline, tickets of ours and what was said of both, as rows.

use diesel::prelude::*;

use crate::db::{Both, Id, Time, Tx};
use crate::error::Result;
use crate::hotline::pairs::{Pair, Verdict};
use crate::mask::FreeText;
use crate::schema::{hotline_pairs as pairs, hotline_rows as rows, tickets};
use crate::tickets::{Channel, Status};

/// Rows that a preview shows.
const SAMPLES: i64 = 5;

/// A ticket of the hotline.
#[derive(Debug, Clone, diesel::Queryable, diesel::Selectable)]
#[diesel(table_name = rows)]
pub(in crate::hotline) struct Theirs {
    pub(in crate::hotline) number: String,
    pub(in crate::hotline) received_at: Time,
    pub(in crate::hotline) place: String,
    pub(in crate::hotline) matter: String,
    pub(in crate::hotline) party: String,
    pub(in crate::hotline) content: FreeText,
}

/// A ticket of ours.
#[derive(Debug, Clone, diesel::Queryable, diesel::Selectable)]
#[diesel(table_name = tickets)]
pub(in crate::hotline) struct Ours {
    pub(in crate::hotline) id: Id,
    pub(in crate::hotline) number: String,
    pub(in crate::hotline) status: Status,
    pub(in crate::hotline) place_id: Id,
    pub(in crate::hotline) building_id: Option<Id>,
    pub(in crate::hotline) level1: String,
    pub(in crate::hotline) category: Option<String>,
    pub(in crate::hotline) text: FreeText,
    pub(in crate::hotline) submitted_at: Time,
    pub(in crate::hotline) hotline_number: Option<String>,
}

/// Rows that count, the latest call first, after one of them.
pub(in crate::hotline) fn window(
    tx: &mut Tx,
    community: Id,
    after: Option<&(Time, String)>,
    most: i64,
) -> Result<Vec<Theirs>> {
    let own = rows::community_id.eq(community).and(rows::live_at.is_not_null());
    let mut found = rows::table.filter(own).into_boxed();
    if let Some((at, number)) = after {
        // The first condition is what the index goes by.
        found = found.filter(rows::received_at.le(*at));
        found = found.filter(rows::received_at.lt(*at).or(rows::number.lt(number.clone())));
    }
    let found = found.order((rows::received_at.desc(), rows::number.desc())).limit(most);
    Ok(found.select(Theirs::as_select()).load(tx.conn)?)
}

/// A few rows of a batch, whether they count or not.
pub(in crate::hotline) fn samples(tx: &mut Tx, (community, batch): (Id, Id)) -> Result<Vec<Theirs>> {
    let own = rows::table.filter(rows::community_id.eq(community).and(rows::batch_id.eq(batch)));
    Ok(own.order(rows::number).limit(SAMPLES).select(Theirs::as_select()).load(tx.conn)?)
}

pub(in crate::hotline) fn row(tx: &mut Tx, community: Id, number: &str) -> Result<Theirs> {
    let own = rows::community_id.eq(community).and(rows::live_at.is_not_null());
    Ok(rows::table.filter(own.and(rows::number.eq(number))).select(Theirs::as_select()).first(tx.conn)?)
}

pub(in crate::hotline) fn rows(tx: &mut Tx, community: Id, numbers: Vec<String>) -> Result<Vec<Theirs>> {
    let own = rows::community_id.eq(community).and(rows::live_at.is_not_null());
    Ok(rows::table.filter(own.and(rows::number.eq_any(numbers))).select(Theirs::as_select()).load(tx.conn)?)
}

/// Ours at these places in `[from, to)`, along the index of places: as many as happened there, however many there are. Those
/// that the hotline itself sent are its own.
pub(in crate::hotline) fn around(
    tx: &mut Tx,
    community: Id,
    places: Vec<Id>,
    (from, to): (Time, Time),
) -> Result<Vec<Ours>> {
    let here = tickets::community_id.eq(community).and(tickets::place_id.eq_any(places));
    let then = tickets::submitted_at.ge(from).and(tickets::submitted_at.lt(to));
    Ok(tickets::table
        .filter(here.and(then))
        .filter(tickets::channel.ne(Channel::Hotline))
        .filter(tickets::status.ne_all(Status::NEVER_TAKEN_ON))
        .select(Ours::as_select())
        .load(tx.conn)?)
}

/// Ours on which this number is written.
pub(in crate::hotline) fn of_number(tx: &mut Tx, community: Id, number: &str) -> Result<Vec<Ours>> {
    let own = tickets::community_id.eq(community).and(tickets::hotline_number.eq(number));
    Ok(tickets::table
        .filter(own)
        .filter(tickets::channel.ne(Channel::Hotline))
        .select(Ours::as_select())
        .load(tx.conn)?)
}

pub(in crate::hotline) fn ours(tx: &mut Tx, community: Id, id: Id) -> Result<Ours> {
    Ok(tickets::table.find((community, id)).select(Ours::as_select()).first(tx.conn)?)
}

pub(in crate::hotline) fn all_ours(tx: &mut Tx, community: Id, ids: Vec<Id>) -> Result<Vec<Ours>> {
    let own = tickets::community_id.eq(community).and(tickets::id.eq_any(ids));
    Ok(tickets::table.filter(own).select(Ours::as_select()).load(tx.conn)?)
}

/// The tickets of which somebody said whether they are the same as this number.
pub(in crate::hotline) fn decided_of(tx: &mut Tx, community: Id, number: &str) -> Result<Vec<Id>> {
    let own = pairs::community_id.eq(community).and(pairs::number.eq(number));
    Ok(pairs::table.filter(own).select(pairs::ticket_id).load(tx.conn)?)
}

pub(in crate::hotline) fn find(tx: &mut Tx, community: Id, ticket: Id, number: &str) -> Result<Option<Pair>> {
    Ok(pairs::table.find((community, ticket, number)).select(Pair::as_select()).first(tx.conn).optional()?)
}

/// What somebody says now, instead of what was said before.
pub(in crate::hotline) fn put(tx: &mut Tx, pair: &Pair) -> Result<()> {
    use diesel::upsert::excluded;
    let row = diesel::insert_into(pairs::table)
        .values(pair)
        .on_conflict((pairs::community_id, pairs::ticket_id, pairs::number))
        .do_update()
        .set((
            pairs::id.eq(excluded(pairs::id)),
            pairs::verdict.eq(excluded(pairs::verdict)),
            pairs::decided_by.eq(excluded(pairs::decided_by)),
            pairs::decided_at.eq(excluded(pairs::decided_at)),
        ));
    Both(row).execute(tx.conn)?;
    Ok(())
}

pub(in crate::hotline) fn page(
    tx: &mut Tx,
    community: Id,
    verdict: Verdict,
    before: Option<Id>,
    most: i64,
) -> Result<Vec<Pair>> {
    let own = pairs::community_id.eq(community).and(pairs::verdict.eq(verdict));
    let mut found = pairs::table.filter(own).into_boxed();
    if let Some(before) = before {
        found = found.filter(pairs::id.lt(before));
    }
    Ok(found.order(pairs::id.desc()).limit(most).select(Pair::as_select()).load(tx.conn)?)
}
