//! Suggestions and lessons, as rows; examples are read from the tickets.

use diesel::prelude::*;
use diesel::upsert::excluded;

use super::{Example, Source, Suggestion};
use crate::db::{Both, Id, Time, Tx};
use crate::error::Result;
use crate::schema::{lessons, suggestions, tickets};

/// The one lesson there is.
const NAME: &str = "categories";

/// When the last lesson was, and from how many examples.
pub(super) fn lesson(tx: &mut Tx) -> Result<Option<(Time, i32)>> {
    let row = lessons::table.find(NAME).select((lessons::learnt_at, lessons::examples));
    Ok(row.first(tx.conn).optional()?)
}

pub(super) fn lesson_body(tx: &mut Tx) -> Result<String> {
    Ok(lessons::table.find(NAME).select(lessons::body).first(tx.conn)?)
}

pub(super) fn keep_lesson(tx: &mut Tx, examples: i32, body: &str) -> Result<()> {
    let row = (
        lessons::name.eq(NAME),
        lessons::learnt_at.eq(tx.now),
        lessons::examples.eq(examples),
        lessons::body.eq(body),
    );
    let row = diesel::insert_into(lessons::table).values(row).on_conflict(lessons::name).do_update().set((
        lessons::learnt_at.eq(excluded(lessons::learnt_at)),
        lessons::examples.eq(excluded(lessons::examples)),
        lessons::body.eq(excluded(lessons::body)),
    ));
    Both(row).execute(tx.conn)?;
    Ok(())
}

pub(super) fn of_ticket(tx: &mut Tx, community_id: Id, ticket_id: Id) -> Result<Option<Suggestion>> {
    let row: Option<(String, i32, Source)> = suggestions::table
        .find((community_id, ticket_id))
        .select((suggestions::suggested, suggestions::percent, suggestions::made_by))
        .first(tx.conn)
        .optional()?;
    Ok(row.map(|(category, percent, made_by)| Suggestion { category, percent, made_by }))
}

pub(super) fn insert(
    tx: &mut Tx,
    (community_id, ticket_id): (Id, Id),
    suggestion: &Suggestion,
) -> Result<()> {
    let open = tickets::table.find((community_id, ticket_id)).filter(tickets::category.is_null());
    if !diesel::select(diesel::dsl::exists(open)).get_result::<bool>(tx.conn)? {
        return Ok(());
    }
    let row = (
        suggestions::community_id.eq(community_id),
        suggestions::ticket_id.eq(ticket_id),
        suggestions::suggested.eq(&suggestion.category),
        suggestions::percent.eq(suggestion.percent),
        suggestions::made_by.eq(suggestion.made_by),
        suggestions::at.eq(tx.now),
    );
    let row = diesel::insert_into(suggestions::table)
        .values(row)
        .on_conflict((suggestions::community_id, suggestions::ticket_id))
        .do_nothing();
    Both(row).execute(tx.conn)?;
    Ok(())
}

/// As [`insert`], for what was decided when the ticket was made.
pub(super) fn insert_chosen(
    tx: &mut Tx,
    (community_id, ticket_id): (Id, Id),
    suggestion: &Suggestion,
    chosen: &str,
) -> Result<()> {
    let row = (
        suggestions::community_id.eq(community_id),
        suggestions::ticket_id.eq(ticket_id),
        suggestions::suggested.eq(&suggestion.category),
        suggestions::percent.eq(suggestion.percent),
        suggestions::made_by.eq(suggestion.made_by),
        suggestions::at.eq(tx.now),
        suggestions::chosen.eq(Some(chosen)),
        suggestions::chosen_at.eq(Some(tx.now)),
    );
    diesel::insert_into(suggestions::table).values(row).execute(tx.conn)?;
    Ok(())
}

pub(super) fn choose(tx: &mut Tx, (community_id, ticket_id): (Id, Id), category: &str) -> Result<()> {
    let row = suggestions::table.find((community_id, ticket_id));
    diesel::update(row)
        .set((suggestions::chosen.eq(Some(category)), suggestions::chosen_at.eq(Some(tx.now))))
        .execute(tx.conn)?;
    Ok(())
}

/// How many suggestions were right, of how many that were decided since.
pub(super) fn tally(tx: &mut Tx, community_id: Id, since: Time) -> Result<(i64, i64)> {
    let decided = suggestions::community_id.eq(community_id).and(suggestions::chosen_at.ge(since));
    let right = suggestions::chosen.eq(suggestions::suggested.nullable());
    let decided = suggestions::table.filter(decided);
    Ok((decided.filter(right).count().get_result(tx.conn)?, decided.count().get_result(tx.conn)?))
}

/// How many suggestions people put right since.
pub(super) fn corrections(tx: &mut Tx, community_id: Id, since: Time) -> Result<i64> {
    let (right, decided) = tally(tx, community_id, since)?;
    Ok(decided - right)
}

/// Where the next chunk of closed tickets begins.
pub(super) type Seen = Option<(Time, Id)>;

/// Closed tickets of a community with level 2, latest closing first, before `seen`; and where the next chunk begins.
pub(super) fn closed(
    tx: &mut Tx,
    community_id: Id,
    seen: Seen,
    limit: usize,
) -> Result<(Vec<Example>, Seen)> {
    let mut rows = tickets::table
        .filter(tickets::community_id.eq(community_id).and(tickets::closed_at.is_not_null()))
        .filter(tickets::category.is_not_null().and(tickets::excluded.is_null()))
        .order((tickets::closed_at.desc(), tickets::id.desc()))
        .limit(limit as i64)
        .select((
            tickets::closed_at.assume_not_null(),
            tickets::id,
            tickets::text,
            tickets::category.assume_not_null(),
        ))
        .into_boxed();
    if let Some((at, id)) = seen {
        let same = tickets::closed_at.eq(at).and(tickets::id.lt(id));
        rows = rows.filter(tickets::closed_at.le(at)).filter(tickets::closed_at.lt(at).or(same));
    }
    let rows: Vec<(Time, Id, String, String)> = rows.load(tx.conn)?;
    let next = rows.last().map(|(at, id, ..)| (*at, *id));
    let examples = rows.into_iter().map(|(_, _, text, category)| Example { text, category });
    Ok((examples.collect(), next))
}

/// Tickets that are not closed yet and whose suggestion somebody decided on: corrections are learnt before the closing.
pub(super) fn decided(tx: &mut Tx, community_id: Id, limit: usize) -> Result<Vec<Example>> {
    let ticket =
        tickets::community_id.eq(suggestions::community_id).and(tickets::id.eq(suggestions::ticket_id));
    let rows: Vec<(String, String)> = suggestions::table
        .inner_join(tickets::table.on(ticket))
        .filter(suggestions::community_id.eq(community_id).and(suggestions::chosen_at.is_not_null()))
        .filter(tickets::closed_at.is_null().and(tickets::category.is_not_null()))
        .order(suggestions::chosen_at.desc())
        .limit(limit as i64)
        .select((tickets::text, tickets::category.assume_not_null()))
        .load(tx.conn)?;
    Ok(rows.into_iter().map(|(text, category)| Example { text, category }).collect())
}
