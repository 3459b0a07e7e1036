//! Neighbours, as rows.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::{Answer, Neighbour};
use crate::db::{Both, Id, Time, Tx};
use crate::error::Result;
use crate::keys::Keys;
use crate::mask;
use crate::rollups;
use crate::routing::Kind;
use crate::schema::{neighbours, tickets};
use crate::tickets::{Phone, Ticket};

/// Whether the device was none yet of this matter.
pub(super) fn insert(tx: &mut Tx, neighbour: &Neighbour) -> Result<bool> {
    let row = diesel::insert_into(neighbours::table)
        .values(neighbour)
        .on_conflict((neighbours::community_id, neighbours::ticket_id, neighbours::device_hash))
        .do_nothing();
    Ok(Both(row).execute(tx.conn)? == 1)
}

pub(super) fn find(tx: &mut Tx, community: Id, id: Id) -> Result<Neighbour> {
    Ok(neighbours::table.find((community, id)).select(Neighbour::as_select()).first(tx.conn)?)
}

pub(super) fn by_secret(tx: &mut Tx, community: Id, hash: &[u8]) -> Result<Neighbour> {
    let row = neighbours::table
        .filter(neighbours::community_id.eq(community).and(neighbours::secret_hash.eq(hash)));
    Ok(row.select(Neighbour::as_select()).first(tx.conn)?)
}

pub(super) fn by_device(tx: &mut Tx, ticket: &Ticket, device: &[u8]) -> Result<Neighbour> {
    let own = neighbours::community_id.eq(ticket.community_id).and(neighbours::ticket_id.eq(ticket.id));
    let row = neighbours::table.filter(own.and(neighbours::device_hash.eq(device)));
    Ok(row.select(Neighbour::as_select()).first(tx.conn)?)
}

/// Whether another neighbour of the matter who counts left this phone.
pub(super) fn phone_known(tx: &mut Tx, neighbour: &Neighbour, hash: &[u8]) -> Result<bool> {
    let own = neighbours::community_id
        .eq(neighbour.community_id)
        .and(neighbours::ticket_id.eq(neighbour.ticket_id));
    let others = neighbours::table
        .filter(own.and(neighbours::phone_hash.eq(hash)).and(neighbours::id.ne(neighbour.id)))
        .filter(neighbours::withdrawn_at.is_null().and(neighbours::repeats.eq(false)))
        .filter(neighbours::doubts.eq(""));
    Ok(diesel::select(diesel::dsl::exists(others)).get_result(tx.conn)?)
}

pub(super) fn set_repeats(tx: &mut Tx, neighbour: &Neighbour, repeats: bool) -> Result<()> {
    let row = neighbours::table.find((neighbour.community_id, neighbour.id));
    diesel::update(row).set(neighbours::repeats.eq(repeats)).execute(tx.conn)?;
    rollups::strike(tx, neighbour.community_id, neighbour.at)
}

/// Counts from now on, since it came.
pub(super) fn set_confirmed(tx: &mut Tx, neighbour: &Neighbour) -> Result<()> {
    let row = neighbours::table.find((neighbour.community_id, neighbour.id));
    diesel::update(row).set(neighbours::doubts.eq("")).execute(tx.conn)?;
    rollups::strike(tx, neighbour.community_id, neighbour.at)
}

/// What the index `neighbours_doubtful` holds, in its words: a bound value would keep it from being used.
const DOUBTFUL: &str = "doubts <> '' and withdrawn_at is null";

/// How many of a ticket wait for a person.
pub(super) fn doubtful_count(tx: &mut Tx, ticket: &Ticket) -> Result<i64> {
    let own = neighbours::community_id.eq(ticket.community_id).and(neighbours::ticket_id.eq(ticket.id));
    let rows = neighbours::table.filter(own).filter(sql::<Bool>(DOUBTFUL));
    Ok(rows.count().get_result(tx.conn)?)
}

/// Those of a ticket that wait for a person, in the order in which they came; only these where any are named.
pub(super) fn doubtful(tx: &mut Tx, ticket: &Ticket, these: &[Id], most: i64) -> Result<Vec<Neighbour>> {
    let own = neighbours::community_id.eq(ticket.community_id).and(neighbours::ticket_id.eq(ticket.id));
    let mut rows = neighbours::table.filter(own).filter(sql::<Bool>(DOUBTFUL)).into_boxed();
    if !these.is_empty() {
        rows = rows.filter(neighbours::id.eq_any(these.to_vec()));
    }
    Ok(rows.order(neighbours::id).limit(most).select(Neighbour::as_select()).load(tx.conn)?)
}

pub(super) fn set_text(tx: &mut Tx, neighbour: &Neighbour, text: &str) -> Result<()> {
    let row = neighbours::table.find((neighbour.community_id, neighbour.id));
    diesel::update(row)
        .set((neighbours::text.eq(text), neighbours::forgotten_at.eq(None::<Time>)))
        .execute(tx.conn)?;
    Ok(())
}

pub(super) fn set_phone(tx: &mut Tx, keys: &Keys, neighbour: &Neighbour, phone: &Phone) -> Result<()> {
    let row = neighbours::table.find((neighbour.community_id, neighbour.id));
    diesel::update(row)
        .set((
            neighbours::phone_sealed.eq(Some(keys.seal(neighbour.id, phone.digits())?)),
            neighbours::phone_hash.eq(Some(keys.phone_hash(phone.digits()))),
            neighbours::phone_masked.eq(Some(mask::phone(phone.digits()))),
            neighbours::forgotten_at.eq(None::<Time>),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Takes a neighbour back and forgets phone and words, or brings them back.
pub(super) fn set_withdrawn(tx: &mut Tx, neighbour: &Neighbour, at: Option<Time>) -> Result<()> {
    let row = neighbours::table.find((neighbour.community_id, neighbour.id));
    diesel::update(row)
        .set((
            neighbours::withdrawn_at.eq(at),
            neighbours::repeats.eq(false),
            neighbours::text.eq(""),
            neighbours::phone_sealed.eq(None::<Vec<u8>>),
            neighbours::phone_hash.eq(None::<Vec<u8>>),
            neighbours::phone_masked.eq(None::<String>),
        ))
        .execute(tx.conn)?;
    rollups::strike(tx, neighbour.community_id, neighbour.at)
}

pub(super) fn set_answer(tx: &mut Tx, neighbour: &Neighbour, answer: &Answer) -> Result<()> {
    let row = neighbours::table.find((neighbour.community_id, neighbour.id));
    diesel::update(row)
        .set((
            neighbours::answered_at.eq(tx.now),
            neighbours::contacted.eq(answer.contacted),
            neighbours::solved.eq(answer.solved),
            neighbours::satisfied.eq(answer.satisfied),
            neighbours::comment.eq(&answer.comment),
            neighbours::forgotten_at.eq(None::<Time>),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Those who count, by ticket, along the index by ticket and device.
pub(super) fn counts(tx: &mut Tx, community: Id, tickets: &[Id]) -> Result<Vec<(Id, i64)>> {
    if tickets.is_empty() {
        return Ok(Vec::new());
    }
    Ok(neighbours::table
        .filter(neighbours::community_id.eq(community).and(neighbours::ticket_id.eq_any(tickets)))
        .filter(neighbours::withdrawn_at.is_null().and(neighbours::repeats.eq(false)))
        .filter(neighbours::doubts.eq(""))
        .group_by(neighbours::ticket_id)
        .select((neighbours::ticket_id, diesel::dsl::count_star()))
        .load(tx.conn)?)
}

/// How many tickets were merged into each of these, along the index by main ticket.
pub(super) fn merged(tx: &mut Tx, community: Id, mains: &[Id]) -> Result<Vec<(Id, i64)>> {
    if mains.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<(Option<Id>, i64)> = tickets::table
        .filter(tickets::community_id.eq(community).and(tickets::main_id.eq_any(mains)))
        .group_by(tickets::main_id)
        .select((tickets::main_id, diesel::dsl::count_star()))
        .load(tx.conn)?;
    Ok(rows.into_iter().filter_map(|(main, count)| Some((main?, count))).collect())
}

/// Those of a ticket that were not taken back, after `after`, in the order in which they came.
pub(super) fn of_ticket(
    tx: &mut Tx,
    ticket: &Ticket,
    after: Option<Id>,
    most: i64,
) -> Result<Vec<Neighbour>> {
    let own = neighbours::community_id.eq(ticket.community_id).and(neighbours::ticket_id.eq(ticket.id));
    let mut rows = neighbours::table.filter(own.and(neighbours::withdrawn_at.is_null())).into_boxed();
    if let Some(after) = after {
        rows = rows.filter(neighbours::id.gt(after));
    }
    Ok(rows.order(neighbours::id).limit(most).select(Neighbour::as_select()).load(tx.conn)?)
}

/// The open tickets of a place, the latest first, along the index of what is open: no more is read than is wanted,
/// however many there are. The words of the index are written out, because a database does not recognise bound ones; and
/// nothing but its own order is asked for, else SQLite walks all days of the community to have the order of the ids as well.
pub(super) fn open(tx: &mut Tx, community: Id, place: Id, most: i64) -> Result<Vec<Ticket>> {
    let open = sql::<Bool>("tickets.status in ('new', 'accepted', 'in_progress')");
    Ok(tickets::table
        .filter(tickets::community_id.eq(community).and(tickets::place_id.eq(place)))
        .filter(open)
        .filter(tickets::kind.ne_all([Kind::TipOff, Kind::Praise, Kind::Inquiry]))
        .filter(tickets::excluded.is_null())
        .order(tickets::submitted_at.desc())
        .limit(most)
        .select(Ticket::as_select())
        .load(tx.conn)?)
}

/// Takes the phone away and nothing else.
pub(super) fn drop_phone(tx: &mut Tx, neighbour: &Neighbour) -> Result<()> {
    let row = neighbours::table.find((neighbour.community_id, neighbour.id));
    diesel::update(row)
        .set((
            neighbours::phone_sealed.eq(None::<Vec<u8>>),
            neighbours::phone_hash.eq(None::<Vec<u8>>),
            neighbours::phone_masked.eq(None::<String>),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Makes a neighbour nobody's for good; these words stand for what they said when they came and at the end.
pub(super) fn set_nobody(tx: &mut Tx, neighbour: &Neighbour, (text, comment): (&str, &str)) -> Result<()> {
    drop_phone(tx, neighbour)?;
    let row = neighbours::table.find((neighbour.community_id, neighbour.id));
    diesel::update(row)
        .set((
            // A device is one of its matter: what stands for it now says nothing and is nobody else's.
            neighbours::device_hash.eq(neighbour.id.bytes().to_vec()),
            neighbours::text.eq(text),
            neighbours::comment.eq(comment),
            neighbours::forgotten_at.eq(Some(tx.now)),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// What one phone joined and did not take back, the latest first, along the index by device.
pub(super) fn of_device(tx: &mut Tx, community: Id, device: &[u8], most: i64) -> Result<Vec<Neighbour>> {
    let own = neighbours::community_id.eq(community).and(neighbours::device_hash.eq(device));
    let rows = neighbours::table.filter(own.and(neighbours::withdrawn_at.is_null()));
    Ok(rows.order(neighbours::id.desc()).limit(most).select(Neighbour::as_select()).load(tx.conn)?)
}
