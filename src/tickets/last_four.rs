//! How a ticket stands, for whoever knows its number and the last four digits of its phone, and nothing else of it.
//!
//! Four digits are soon guessed: a number is locked for a day after five wrong tries, in the database, so that a restart or
//! a second program forgets nothing. Each try is counted before it is compared, and a number that does not exist, or has
//! no phone, costs the same statements and the same unsealing, and is counted and locked like any other.

use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{Binary, Integer};

use super::{Ticket, merging, number, store};
use crate::db::{Conn, Id, MultiBackend, Time, Ts, Tx, Uid};
use crate::error::{Error, Result};
use crate::keys::{self, Keys};
use crate::places;
use crate::schema::state_tries;

/// Wrong tries after which a number is locked.
pub const TRIES: i32 = 5;
/// Minutes for which it is locked; a try that is older counts no more.
pub const LOCKED_MINUTES: i64 = 24 * 60;

/// What is unsealed where there is nothing to unseal.
const NOBODY: &str = "10000000000";

/// The last four digits of a phone.
pub struct LastFour(String);

impl LastFour {
    /// Reads four digits, full-width ones too.
    pub fn parse(text: &str) -> Result<LastFour> {
        let half = |sign: char| match sign {
            '０'..='９' => char::from_u32(sign as u32 - '０' as u32 + '0' as u32).unwrap_or(sign),
            sign => sign,
        };
        let digits: String = text.trim().chars().map(half).collect();
        match digits.len() == 4 && digits.bytes().all(|sign| sign.is_ascii_digit()) {
            true => Ok(LastFour(digits)),
            false => Err(Error::invalid("last_four", "请填写当时留的电话的最后四位数字")),
        }
    }
}

/// What is told.
pub enum Told {
    /// They belong together: the ticket, or the one it went into, of which its state alone may be shown.
    State(Box<Ticket>),
    /// They do not; so many tries are left.
    Wrong(i32),
    /// Too many wrong tries: locked until then, whatever is typed.
    Locked(Time),
}

/// Compares number and last four digits. Fails only for what cannot be a number, which anybody can tell.
pub fn ask(tx: &mut Tx, keys: &Keys, typed: &str, last_four: &LastFour) -> Result<Told> {
    let miswritten = || Error::invalid("number", "单号好像抄错了一位，请再核对一遍");
    let number = number::parse(typed).ok_or_else(miswritten)?;
    let letters = number.chars().take_while(char::is_ascii_alphabetic).collect::<String>();
    let community = places::community_by_prefix(tx, &letters)?.ok_or_else(miswritten)?.id;
    let number_hash = keys.ticket_hash(&format!("number {number}"));
    let since = tx.now.plus_minutes(-LOCKED_MINUTES);
    let counted = Count { community_id: community, number_hash: number_hash.clone(), now: tx.now, since };
    let (tries, at): (i32, Time) = counted.get_result(tx.conn)?;

    let found = store::any_by_number(tx, community, &number)?;
    let nobody = Id::new();
    let nothing = keys.seal(nobody, NOBODY)?;
    let phone = found.as_ref().and_then(|ticket| Some((ticket.id, ticket.phone_sealed.as_deref()?)));
    let real = phone.is_some();
    let (id, sealed) = phone.unwrap_or((nobody, &nothing));
    let digits = keys.unseal(id, sealed)?;
    let tail = digits.as_bytes().last_chunk::<4>().unwrap_or(b"----");
    let right = keys::same(tail, last_four.0.as_bytes()) & real & (tries <= TRIES);

    // A right try forgets the wrong ones; the row is written either way.
    diesel::update(state_tries::table.find((community, number_hash)))
        .set(state_tries::tries.eq(if right { 0 } else { tries }))
        .execute(tx.conn)?;
    match found {
        Some(ticket) if right => merging::leading(tx, &ticket).map(Box::new).map(Told::State),
        _ if tries < TRIES => Ok(Told::Wrong(TRIES - tries)),
        _ => Ok(Told::Locked(at.plus_minutes(LOCKED_MINUTES))),
    }
}

/// Forgets tries that count no more.
pub fn forget_old(tx: &mut Tx, community: Id) -> Result<usize> {
    let old = state_tries::at.lt(tx.now.plus_minutes(-LOCKED_MINUTES));
    let rows = state_tries::table.filter(state_tries::community_id.eq(community).and(old));
    Ok(diesel::delete(rows).execute(tx.conn)?)
}

/// Counts one try and says which one it is since the last that counts, and when it was; beyond the limit the moment
/// stays, so that whoever goes on trying does not keep the owner out. One statement: of ten at once each gets its own
/// number. A node of its own because neither backend's upsert can say this through diesel for both.
#[derive(QueryId)]
struct Count {
    community_id: Id,
    number_hash: Vec<u8>,
    now: Time,
    /// A try of then or before counts no more.
    since: Time,
}

impl Query for Count {
    type SqlType = (Integer, Ts);
}

impl RunQueryDsl<Conn> for Count {}

impl QueryFragment<MultiBackend> for Count {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        out.push_sql("INSERT INTO state_tries (community_id, number_hash, tries, at) VALUES (");
        out.push_bind_param::<Uid, _>(&self.community_id)?;
        out.push_sql(", ");
        out.push_bind_param::<Binary, _>(&self.number_hash)?;
        out.push_sql(", 1, ");
        out.push_bind_param::<Ts, _>(&self.now)?;
        out.push_sql(
            ") ON CONFLICT (community_id, number_hash) DO UPDATE SET tries = CASE WHEN state_tries.at <= ",
        );
        out.push_bind_param::<Ts, _>(&self.since)?;
        out.push_sql(" THEN 1 WHEN state_tries.tries <= ");
        out.push_bind_param::<Integer, _>(&TRIES)?;
        out.push_sql(
            " THEN state_tries.tries + 1 ELSE state_tries.tries END, at = CASE WHEN state_tries.at <= ",
        );
        out.push_bind_param::<Ts, _>(&self.since)?;
        out.push_sql(" OR state_tries.tries < ");
        out.push_bind_param::<Integer, _>(&TRIES)?;
        out.push_sql(" THEN excluded.at ELSE state_tries.at END RETURNING tries, at");
        Ok(())
    }
}
