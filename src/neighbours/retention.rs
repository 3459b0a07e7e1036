//! Neighbours whose time is over: phone, device, voice and numbers in their words are forgotten, they themselves go on
//! counting.
//!
//! Their time is that of the matter: it begins when that was closed, or when they joined where it was never closed, and is
//! longer for 举报 and for what once stood on account. Of what was merged the ticket that it went into says both.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::{Neighbour, store};
use crate::db::{Id, Ts, Tx};
use crate::error::Result;
use crate::mask;
use crate::schema::neighbours;
use crate::settings::{self, Windows};
use crate::tickets::voices::{self, Whose};
use crate::tickets::{self, privacy};

/// What the index `neighbours_to_forget` holds, in its words: a bound value would keep it from being used.
const KNOWN: &str = "neighbours.forgotten_at is null";
/// The ticket that a neighbour joined has ended, and so has what it was merged into (`m`); then from when its time is counted.
const ENDED: &str = "exists (select 1 from tickets t \
    left join tickets m on m.community_id = t.community_id and m.id = t.main_id \
    where t.community_id = neighbours.community_id and t.id = neighbours.ticket_id \
    and (t.status in ('archived', 'refused', 'withdrawn') or t.status = 'merged' \
    and (m.id is null or m.status in ('archived', 'refused', 'withdrawn', 'merged'))) \
    and coalesce(m.closed_at, t.closed_at, neighbours.at) < case when ";
/// 举报, and what once stood on account, are kept longer.
const LONGER: &str = "t.kind = 'tip_off' or m.kind = 'tip_off' or exists (select 1 from ticket_events e \
    where e.community_id = t.community_id and e.ticket_id in (t.id, t.main_id) and e.act = 'suspend') then ";

/// Neighbours who are to be forgotten now, at most `most`, the first who joined first.
pub fn to_forget(tx: &mut Tx, community: Id, most: i64) -> Result<Vec<Id>> {
    let windows: Windows = settings::at(tx, community, tx.now)?;
    let ago = |days: i32| tx.now.plus_minutes(-i64::from(days) * 1440);
    let (usual, longer) = (ago(windows.contact_days), ago(windows.tip_off_contact_days));
    let over =
        sql::<Bool>(ENDED).sql(LONGER).bind::<Ts, _>(longer).sql(" else ").bind::<Ts, _>(usual).sql(" end)");
    Ok(neighbours::table
        // Nobody's time is over before the shortest one after they joined.
        .filter(neighbours::community_id.eq(community).and(neighbours::at.lt(usual.max(longer))))
        .filter(sql::<Bool>(KNOWN).and(over))
        .order((neighbours::at, neighbours::id))
        .limit(most)
        .select(neighbours::id)
        .load(tx.conn)?)
}

/// Forgets neighbours whose time is over, at most `most`; returns how many.
pub fn forget(tx: &mut Tx, community: Id, most: i64) -> Result<usize> {
    let due = to_forget(tx, community, most)?;
    for id in &due {
        let row = neighbours::table.find((community, *id));
        let found: Neighbour = row.select(Neighbour::as_select()).first(tx.conn)?;
        let ticket = tickets::find_own(tx, community, found.ticket_id)?;
        voices::forget(tx, &ticket, Whose::Neighbour(*id))?;
        privacy::mask_echoes(tx, &ticket, *id)?;
        store::set_nobody(tx, &found, (&mask::text(&found.text), &mask::text(&found.comment)))?;
    }
    Ok(due.len())
}
