//! Following: whoever wants to hear of a ticket that is not theirs to do, and lists of what one follows or is reminded of.
//!
//! Following changes no ticket and leaves no event. Who no longer may see a ticket follows it no more.

use diesel::prelude::*;

use super::list::{self, Cursor, PAGE, Page};
use super::{Ticket, find, store};
use crate::db::{Id, Time, Tx};
use crate::error::{Error, Result};
use crate::people::{Actor, Role, absences};
use crate::schema::{followers, mentions, staff};

text_enum! {
    /// A list of one's own.
    pub enum Shelf {
        Followed = "followed", "我关注的";
        Mentioned = "mentioned", "提到我的";
    }
}

/// Follows a ticket; following it already is as good.
pub fn follow(tx: &mut Tx, actor: &Actor, id: Id) -> Result<Ticket> {
    let ticket = find(tx, actor, id)?;
    if !follows(tx, actor, &ticket)? {
        let row = (
            followers::community_id.eq(ticket.community_id),
            followers::ticket_id.eq(ticket.id),
            followers::staff_id.eq(actor.staff()?),
            followers::since.eq(tx.now),
        );
        // Two taps at once on PostgreSQL: the second finds the row that the first has made.
        crate::db::Both(diesel::insert_into(followers::table).values(row).on_conflict_do_nothing())
            .execute(tx.conn)?;
    }
    Ok(ticket)
}

/// Follows a ticket no longer.
pub fn unfollow(tx: &mut Tx, actor: &Actor, id: Id) -> Result<Ticket> {
    let ticket = find(tx, actor, id)?;
    let row = followers::table.find((ticket.community_id, ticket.id, actor.staff()?));
    diesel::delete(row).execute(tx.conn)?;
    Ok(ticket)
}

/// Whether the actor follows a ticket.
pub fn follows(tx: &mut Tx, actor: &Actor, ticket: &Ticket) -> Result<bool> {
    let Some(me) = actor.staff_id else { return Ok(false) };
    let row = followers::table.find((ticket.community_id, ticket.id, me));
    Ok(row.select(followers::since).first::<Time>(tx.conn).optional()?.is_some())
}

/// Who follows a ticket and may still see it.
pub fn of(tx: &mut Tx, ticket: &Ticket) -> Result<Vec<Id>> {
    let own = followers::community_id.eq(ticket.community_id).and(followers::ticket_id.eq(ticket.id));
    let ids: Vec<Id> = followers::table.filter(own).select(followers::staff_id).load(tx.conn)?;
    seeing(tx, ticket, &ids)
}

/// Those of `ids` whose account is open and who may see a ticket just now.
pub fn seeing(tx: &mut Tx, ticket: &Ticket, ids: &[Id]) -> Result<Vec<Id>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<(Id, Role)> = staff::table
        .filter(staff::id.eq_any(ids.to_vec()).and(staff::disabled_at.is_null()))
        .select((staff::id, staff::role))
        .load(tx.conn)?;
    let colleagues = absences::colleagues(tx, ticket.community_id)?;
    let seeing: Vec<Option<Id>> =
        store::seeing(tx, ticket, colleagues)?.into_iter().map(|each| each.staff_id).collect();
    let may = |(id, role): &(Id, Role)| role.travels() || seeing.contains(&Some(*id));
    Ok(rows.into_iter().filter(may).map(|(id, _)| id).collect())
}

/// A page of what the actor follows or is reminded of, latest first. What they may no longer see is left out.
pub fn page(tx: &mut Tx, actor: &Actor, shelf: Shelf, after: Option<Cursor>) -> Result<Page> {
    let mut marks = match shelf {
        Shelf::Followed => followed(tx, actor, after)?,
        Shelf::Mentioned => mentioned(tx, actor, after)?,
    };
    let more = marks.len() > PAGE;
    marks.truncate(PAGE);
    let next = marks.last().filter(|_| more).map(|(at, id)| Cursor { due_at: *at, id: *id }.to_string());
    let mut seen = Vec::new();
    for (_, id) in &marks {
        match find(tx, actor, *id) {
            Ok(ticket) if !seen.contains(&ticket.id) => seen.push(ticket.id),
            Ok(_) | Err(Error::NotFound) => {}
            Err(err) => return Err(err),
        }
    }
    let mut rows = list::named(tx, actor.community_id, &seen)?;
    rows.sort_by_key(|row| seen.iter().position(|id| *id == row.id));
    Ok(Page { rows, next })
}

type Mark = (Time, Id);

fn followed(tx: &mut Tx, actor: &Actor, after: Option<Cursor>) -> Result<Vec<Mark>> {
    let mut query = followers::table
        .filter(followers::community_id.eq(actor.community_id).and(followers::staff_id.eq(actor.staff()?)))
        .order((followers::since.desc(), followers::ticket_id.desc()))
        .limit(PAGE as i64 + 1)
        .select((followers::since, followers::ticket_id))
        .into_boxed();
    if let Some(Cursor { due_at: at, id }) = after {
        query = query
            .filter(followers::since.le(at))
            .filter(followers::since.lt(at).or(followers::ticket_id.lt(id)));
    }
    Ok(query.load(tx.conn)?)
}

fn mentioned(tx: &mut Tx, actor: &Actor, after: Option<Cursor>) -> Result<Vec<Mark>> {
    let mut query = mentions::table
        .filter(mentions::community_id.eq(actor.community_id).and(mentions::staff_id.eq(actor.staff()?)))
        .order((mentions::at.desc(), mentions::ticket_id.desc()))
        .limit(PAGE as i64 + 1)
        .select((mentions::at, mentions::ticket_id))
        .into_boxed();
    if let Some(Cursor { due_at: at, id }) = after {
        query = query.filter(mentions::at.le(at)).filter(mentions::at.lt(at).or(mentions::ticket_id.lt(id)));
    }
    Ok(query.load(tx.conn)?)
}
