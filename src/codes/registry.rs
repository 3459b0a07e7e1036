//! The codes that were given out: which place each leads to, and its life (domain §2).
//!
//! 草稿 → 已印制 → 已张贴 → 停用 / 更换. A replaced code still leads to its place during a grace period, unless it was
//! stopped because somebody copied it. Codes are a reference table: a scan finds its community by one look-up.

use diesel::prelude::*;

use super::code::Code;
use crate::db::{Id, Time, Tx};
use crate::error::{Error, Result};
use crate::kept;
use crate::places::{self, Place};
use crate::schema::codes;

text_enum! {
    /// Where a code stands in its life.
    pub enum CodeState {
        Draft = "draft", "草稿";
        Printed = "printed", "已印制";
        Posted = "posted", "已张贴";
        Stopped = "stopped", "停用";
        Replaced = "replaced", "更换";
    }
}

/// A code that was given out.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, serde::Serialize, utoipa::ToSchema)]
#[diesel(table_name = codes)]
#[allow(missing_docs)]
pub struct IssuedCode {
    pub code: Code,
    pub community_id: Id,
    pub place_id: Id,
    /// Goes up with each replacement; printed small on the poster.
    pub version: i32,
    pub state: CodeState,
    pub printed_at: Option<Time>,
    pub posted_at: Option<Time>,
    pub replaced_by: Option<Code>,
    /// Until when a replaced code still leads to its place.
    pub grace_until: Option<Time>,
    pub created_at: Time,
    /// Since when it was stopped or replaced.
    pub stopped_at: Option<Time>,
}

impl IssuedCode {
    /// Whether a report may still be made through it at `now`.
    pub fn open(&self, now: Time) -> bool {
        match self.state {
            CodeState::Draft | CodeState::Printed | CodeState::Posted => true,
            CodeState::Replaced => self.grace_until.is_some_and(|until| now < until),
            CodeState::Stopped => false,
        }
    }
}

/// Gives a place a code, of the version after its last one.
pub fn issue(tx: &mut Tx, place: &Place) -> Result<IssuedCode> {
    let last: Option<i32> = codes::table
        .filter(codes::community_id.eq(place.community_id).and(codes::place_id.eq(place.id)))
        .select(diesel::dsl::max(codes::version))
        .first(tx.conn)?;
    let code = loop {
        let code = Code::random();
        if find(tx, &code)?.is_none() {
            break code;
        }
    };
    let issued = IssuedCode {
        code,
        community_id: place.community_id,
        place_id: place.id,
        version: last.unwrap_or(0) + 1,
        state: CodeState::Draft,
        printed_at: None,
        posted_at: None,
        replaced_by: None,
        grace_until: None,
        created_at: tx.now,
        stopped_at: None,
    };
    diesel::insert_into(codes::table).values(&issued).execute(tx.conn)?;
    Ok(issued)
}

/// Gives a place in use its code; fails while it still has a live one.
pub fn issue_where_missing(tx: &mut Tx, community_id: Id, place: Id) -> Result<IssuedCode> {
    let place = places::find(tx, community_id, place)?;
    if place.retired_at.is_some() {
        return Err(Error::conflict("这个地方已经撤下，不再发码"));
    }
    let dead = |code: &IssuedCode| matches!(code.state, CodeState::Stopped | CodeState::Replaced);
    if !of_place(tx, &place)?.iter().all(dead) {
        return Err(Error::conflict("这里已经有一个在用的码，要换请用“换新码”"));
    }
    issue(tx, &place)
}

/// The code, if it was ever given out.
pub fn find(tx: &mut Tx, code: &Code) -> Result<Option<IssuedCode>> {
    Ok(codes::table.find(code).select(IssuedCode::as_select()).first(tx.conn).optional()?)
}

/// Every code of a community that leads somewhere.
pub fn live(tx: &mut Tx, community_id: Id) -> Result<Vec<IssuedCode>> {
    let dead = codes::state.eq(CodeState::Stopped).or(codes::state.eq(CodeState::Replaced));
    let rows = codes::table.filter(codes::community_id.eq(community_id)).filter(diesel::dsl::not(dead));
    Ok(rows.select(IssuedCode::as_select()).load(tx.conn)?)
}

/// Every code of a community that was ever given out: by place, latest version first.
pub fn all(tx: &mut Tx, community_id: Id) -> Result<Vec<IssuedCode>> {
    let rows = codes::table
        .filter(codes::community_id.eq(community_id))
        .order((codes::place_id, codes::version.desc()));
    Ok(rows.select(IssuedCode::as_select()).load(tx.conn)?)
}

/// Every code that a place ever had, latest version first.
pub fn of_place(tx: &mut Tx, place: &Place) -> Result<Vec<IssuedCode>> {
    let rows = codes::table
        .filter(codes::community_id.eq(place.community_id).and(codes::place_id.eq(place.id)))
        .order(codes::version.desc());
    Ok(rows.select(IssuedCode::as_select()).load(tx.conn)?)
}

/// The code in the community. That of another does not exist there.
pub fn find_in(tx: &mut Tx, community_id: Id, code: &Code) -> Result<IssuedCode> {
    find(tx, code)?.filter(|issued| issued.community_id == community_id).ok_or(Error::NotFound)
}

/// Stops every code of a place that is taken out of use.
pub fn stop_all(tx: &mut Tx, place: &Place) -> Result<()> {
    let rows = codes::community_id.eq(place.community_id).and(codes::place_id.eq(place.id));
    let running = codes::table.filter(rows).filter(codes::stopped_at.is_null());
    diesel::update(running).set(codes::stopped_at.eq(tx.now)).execute(tx.conn)?;
    diesel::update(codes::table.filter(rows)).set(codes::state.eq(CodeState::Stopped)).execute(tx.conn)?;
    kept::changed(place.community_id);
    Ok(())
}

/// Notes that posters of these codes were made.
pub fn mark_printed(tx: &mut Tx, community_id: Id, printed: &[Code]) -> Result<()> {
    for code in printed {
        let draft = codes::state.eq(CodeState::Draft).and(codes::community_id.eq(community_id));
        diesel::update(codes::table.find(code).filter(draft))
            .set((codes::state.eq(CodeState::Printed), codes::printed_at.eq(tx.now)))
            .execute(tx.conn)?;
    }
    Ok(())
}

/// Notes that a poster hangs at its door. Refused where one hangs already, or the code is stopped or replaced.
pub fn mark_posted(tx: &mut Tx, community_id: Id, code: &Code) -> Result<()> {
    let open = codes::state.eq(CodeState::Draft).or(codes::state.eq(CodeState::Printed));
    let row = codes::table.find(code).filter(codes::community_id.eq(community_id)).filter(open);
    let posted = (codes::state.eq(CodeState::Posted), codes::posted_at.eq(tx.now));
    if diesel::update(row).set(posted).execute(tx.conn)? == 1 {
        return Ok(());
    }
    find_in(tx, community_id, code)?;
    Err(Error::conflict("这个码已经登记过张贴，或者已停用、已更换；请刷新看看最新情况"))
}

/// Stops a code at once: it was copied, or hangs where it should not.
pub fn stop(tx: &mut Tx, community_id: Id, code: &Code) -> Result<()> {
    kept::changed(community_id);
    let row = codes::table.find(code).filter(codes::community_id.eq(community_id));
    diesel::update(row.filter(codes::stopped_at.is_null()))
        .set(codes::stopped_at.eq(tx.now))
        .execute(tx.conn)?;
    changed(diesel::update(row).set(codes::state.eq(CodeState::Stopped)).execute(tx.conn)?)
}

/// Gives the place of `old` a new code; the old one leads there for `grace_days` more, at most 90. One that was
/// stopped or replaced before stays so.
pub fn replace(tx: &mut Tx, place: &Place, old: &Code, grace_days: u16) -> Result<IssuedCode> {
    if grace_days > 90 {
        return Err(Error::invalid("grace_days", "旧码最多再用 90 天"));
    }
    let open = find_in(tx, place.community_id, old)?;
    if matches!(open.state, CodeState::Stopped | CodeState::Replaced) {
        return Err(Error::conflict("这个码已经停用或更换过了，请刷新页面看最新的码"));
    }
    kept::changed(place.community_id);
    let new = issue(tx, place)?;
    let row = codes::table
        .find(old)
        .filter(codes::community_id.eq(place.community_id).and(codes::place_id.eq(place.id)));
    changed(
        diesel::update(row)
            .set((
                codes::state.eq(CodeState::Replaced),
                codes::stopped_at.eq(tx.now),
                codes::replaced_by.eq(&new.code),
                codes::grace_until.eq(tx.now.plus_minutes(i64::from(grace_days) * 1440)),
            ))
            .execute(tx.conn)?,
    )?;
    Ok(new)
}

fn changed(rows: usize) -> Result<()> {
    if rows == 1 { Ok(()) } else { Err(Error::NotFound) }
}
