//! Entries of the bulletin and their photos, as rows. The only file of `bulletin` that names diesel's queries.

use diesel::prelude::*;
use diesel::upsert::excluded;

use super::{Chosen, PAGE, Publication, State};
use crate::db::{Both, Id, Time, Tx};
use crate::error::Result;
use crate::people::Actor;
use crate::photos::PhotoKey;
use crate::routing::Kind;
use crate::schema::{publication_photos, publications, tickets};
use crate::tickets::list::Cursor;
use crate::tickets::{Channel, Outcome, Status, Ticket};

type Found = Vec<(Ticket, Option<Publication>)>;

/// What was solved in `[from, to)`, with its entry where it has one; one more than a page, latest first.
pub(super) fn closed(
    tx: &mut Tx,
    community: Id,
    (from, to): (Time, Time),
    after: Option<Cursor>,
) -> Result<Found> {
    let entry =
        publications::community_id.eq(tickets::community_id).and(publications::ticket_id.eq(tickets::id));
    let mut rows = tickets::table
        .left_join(publications::table.on(entry))
        .filter(tickets::community_id.eq(community).and(tickets::status.eq_any(Status::CLOSED)))
        .filter(tickets::closed_at.ge(from).and(tickets::closed_at.lt(to)))
        .filter(tickets::result.eq(Outcome::Solved).and(tickets::excluded.is_null()))
        .filter(tickets::kind.ne(Kind::TipOff).and(tickets::category.is_not_null()))
        .filter(tickets::publish.eq(true).or(tickets::channel.eq(Channel::Patrol)))
        .order((tickets::closed_at.desc(), tickets::id.desc()))
        .limit(PAGE + 1)
        .select((Ticket::as_select(), Option::<Publication>::as_select()))
        .into_boxed();
    if let Some(Cursor { due_at, id }) = after {
        rows = rows
            .filter(tickets::closed_at.lt(due_at).or(tickets::closed_at.eq(due_at).and(tickets::id.lt(id))));
    }
    Ok(rows.load(tx.conn)?)
}

/// Entries that stand so; one more than a page, latest closing first.
pub(super) fn of_state(tx: &mut Tx, community: Id, state: State, after: Option<Cursor>) -> Result<Found> {
    let ticket =
        tickets::community_id.eq(publications::community_id).and(tickets::id.eq(publications::ticket_id));
    let mut rows = publications::table
        .inner_join(tickets::table.on(ticket))
        .filter(publications::community_id.eq(community).and(publications::state.eq(state)))
        .order((publications::closed_at.desc(), publications::ticket_id.desc()))
        .limit(PAGE + 1)
        .select((Ticket::as_select(), Publication::as_select()))
        .into_boxed();
    if let Some(Cursor { due_at, id }) = after {
        let tie = publications::closed_at.eq(due_at).and(publications::ticket_id.lt(id));
        rows = rows.filter(publications::closed_at.lt(due_at).or(tie));
    }
    let rows: Vec<(Ticket, Publication)> = rows.load(tx.conn)?;
    Ok(rows.into_iter().map(|(ticket, publication)| (ticket, Some(publication))).collect())
}

/// What everybody reads of `[from, to)`: published, about the last closing, still closed and consented to.
pub(super) fn shown(
    tx: &mut Tx,
    community: Id,
    (from, to): (Time, Time),
    after: Option<Cursor>,
) -> Result<Vec<(Ticket, Publication)>> {
    let ticket =
        tickets::community_id.eq(publications::community_id).and(tickets::id.eq(publications::ticket_id));
    let mut rows = publications::table
        .inner_join(tickets::table.on(ticket))
        .filter(publications::community_id.eq(community).and(publications::state.eq(State::Published)))
        .filter(publications::closed_at.ge(from).and(publications::closed_at.lt(to)))
        .filter(tickets::closed_at.eq(publications::closed_at.nullable()))
        .order((publications::closed_at.desc(), publications::ticket_id.desc()))
        .limit(PAGE + 1)
        .select((Ticket::as_select(), Publication::as_select()))
        .into_boxed();
    if let Some(Cursor { due_at, id }) = after {
        let tie = publications::closed_at.eq(due_at).and(publications::ticket_id.lt(id));
        rows = rows.filter(publications::closed_at.lt(due_at).or(tie));
    }
    Ok(rows.load(tx.conn)?)
}

/// The published entries that show a picture.
pub(super) fn showing(tx: &mut Tx, community: Id, photo: &PhotoKey) -> Result<Vec<(Ticket, Publication)>> {
    let entry = publications::community_id
        .eq(publication_photos::community_id)
        .and(publications::ticket_id.eq(publication_photos::ticket_id));
    let ticket =
        tickets::community_id.eq(publications::community_id).and(tickets::id.eq(publications::ticket_id));
    Ok(publication_photos::table
        .inner_join(publications::table.on(entry))
        .inner_join(tickets::table.on(ticket))
        .filter(publication_photos::community_id.eq(community).and(publication_photos::photo.eq(photo)))
        .filter(publications::state.eq(State::Published))
        .select((Ticket::as_select(), Publication::as_select()))
        .load(tx.conn)?)
}

pub(super) fn find(tx: &mut Tx, ticket: &Ticket) -> Result<Option<Publication>> {
    let row = publications::table.find((ticket.community_id, ticket.id));
    Ok(row.select(Publication::as_select()).first(tx.conn).optional()?)
}

/// Makes an empty draft where there is none, and holds the row: whoever else would change it waits.
pub(super) fn begin(tx: &mut Tx, actor: &Actor, ticket: &Ticket) -> Result<()> {
    let row = Publication {
        community_id: ticket.community_id,
        ticket_id: ticket.id,
        closed_at: ticket.closed_at.unwrap_or(tx.now),
        state: State::Draft,
        version: 0,
        sentence: String::new(),
        drafted_by: actor.name.clone(),
        drafted_at: tx.now,
        decided_by: String::new(),
        decided_at: None,
    };
    let fresh = diesel::insert_into(publications::table).values(&row).on_conflict_do_nothing();
    Both(fresh).execute(tx.conn)?;
    let row = publications::table.find((ticket.community_id, ticket.id));
    diesel::update(row).set(publications::version.eq(publications::version)).execute(tx.conn)?;
    Ok(())
}

/// It is a draft again, about the last closing.
pub(super) fn draft(tx: &mut Tx, actor: &Actor, ticket: &Ticket, sentence: Option<&str>) -> Result<()> {
    let row = publications::table.find((ticket.community_id, ticket.id));
    diesel::update(row)
        .set((
            publications::state.eq(State::Draft),
            publications::version.eq(publications::version + 1),
            publications::closed_at.eq(ticket.closed_at.unwrap_or(tx.now)),
            sentence.map(|sentence| publications::sentence.eq(sentence)),
            publications::drafted_by.eq(&actor.name),
            publications::drafted_at.eq(tx.now),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Publishes the version that was seen; says whether it still was that one.
pub(super) fn publish(tx: &mut Tx, actor: &Actor, ticket: &Ticket, version: i32) -> Result<bool> {
    let row = publications::table
        .find((ticket.community_id, ticket.id))
        .filter(publications::version.eq(version).and(publications::state.ne(State::Published)));
    let changed = diesel::update(row)
        .set((
            publications::state.eq(State::Published),
            publications::version.eq(version + 1),
            publications::closed_at.eq(ticket.closed_at.unwrap_or(tx.now)),
            publications::decided_by.eq(&actor.name),
            publications::decided_at.eq(Some(tx.now)),
        ))
        .execute(tx.conn)?;
    Ok(changed == 1)
}

pub(super) fn take_back(tx: &mut Tx, actor: &Actor, ticket: &Ticket) -> Result<()> {
    let row = publications::table.find((ticket.community_id, ticket.id));
    diesel::update(row)
        .set((
            publications::state.eq(State::TakenBack),
            publications::version.eq(publications::version + 1),
            publications::decided_by.eq(&actor.name),
            publications::decided_at.eq(Some(tx.now)),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// The photos of an entry, as the ticket has them.
pub(super) fn photos(tx: &mut Tx, ticket: &Ticket) -> Result<Vec<Chosen>> {
    let own = publication_photos::community_id
        .eq(ticket.community_id)
        .and(publication_photos::ticket_id.eq(ticket.id));
    let rows = publication_photos::table.filter(own).order(publication_photos::seq);
    Ok(rows.select(Chosen::as_select()).load(tx.conn)?)
}

pub(super) fn put_photo(tx: &mut Tx, photo: &Chosen) -> Result<()> {
    let row = diesel::insert_into(publication_photos::table)
        .values(photo)
        .on_conflict((
            publication_photos::community_id,
            publication_photos::ticket_id,
            publication_photos::seq,
        ))
        .do_update()
        .set((
            publication_photos::photo.eq(excluded(publication_photos::photo)),
            publication_photos::width.eq(excluded(publication_photos::width)),
            publication_photos::height.eq(excluded(publication_photos::height)),
            publication_photos::covered.eq(excluded(publication_photos::covered)),
        ));
    Both(row).execute(tx.conn)?;
    Ok(())
}

pub(super) fn remove_photo(tx: &mut Tx, ticket: &Ticket, seq: i32) -> Result<()> {
    let row = publication_photos::table.find((ticket.community_id, ticket.id, seq));
    diesel::delete(row).execute(tx.conn)?;
    Ok(())
}
