//! Absence cover: from when to when somebody is away, and the colleague to whom their tickets and notices go meanwhile.
//!
//! The cover is somebody who could do the work anyway: of the same party for a handler; of the same community for everybody
//! else. What a grid worker sees grows by the grids of whom they cover and shrinks by itself when the time is over; roles
//! do not change hands. Tickets know nothing of it: they ask the [`Actor`].

use std::collections::HashMap;

use diesel::prelude::*;

use super::{Actor, Role, Staff, may_manage, store};
use crate::db::{Id, Time, Tx};
use crate::error::{Error, Result};
use crate::schema::{absences, grids, staff};

/// Days that an absence may last; a longer one is a change of post.
const LONGEST_DAYS: i64 = 180;

/// A time of absence and who covers.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, serde::Serialize, utoipa::ToSchema)]
#[diesel(table_name = absences)]
#[allow(missing_docs)]
pub struct Absence {
    #[serde(skip)]
    pub community_id: Id,
    pub id: Id,
    pub staff_id: Id,
    pub cover_id: Id,
    pub from_at: Time,
    /// The first moment at which they are back.
    pub until_at: Time,
    pub set_by: String,
    pub set_at: Time,
}

/// An absence with the names to show.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
#[allow(missing_docs)]
pub struct Named {
    #[serde(flatten)]
    pub absence: Absence,
    pub name: String,
    pub cover: String,
    /// Whether it has begun.
    pub now: bool,
}

/// From when to when somebody is away, and who covers.
#[derive(Debug, Clone, Copy, serde::Deserialize, utoipa::ToSchema)]
#[allow(missing_docs)]
pub struct NewAbsence {
    pub staff_id: Id,
    pub cover_id: Id,
    pub from_at: Time,
    pub until_at: Time,
}

/// Sets an absence: one's own, or that of an account that one manages. Refused where the cover could not do the work, is
/// away themselves, or the time lies behind.
pub fn set(tx: &mut Tx, actor: &Actor, new: NewAbsence) -> Result<Absence> {
    let away = reachable(tx, actor, new.staff_id)?;
    let cover = store::find(tx, new.cover_id).ok().filter(|cover| fits(&away, cover));
    let cover = cover.ok_or_else(|| Error::invalid("cover_id", "请从列表中选择代班的同事"))?;
    let days = (new.until_at.0 - new.from_at.0).num_days();
    if new.until_at <= tx.now || new.until_at <= new.from_at || days > LONGEST_DAYS {
        let ask = format!("回来的日子要在今天或以后，并且不早于离开的日子，最长 {LONGEST_DAYS} 天");
        return Err(Error::invalid("until", ask));
    }
    if !overlapping(tx, away.id, new)?.is_empty() {
        return Err(Error::conflict("这段时间已经登记了不在，请先取消原来的再登记"));
    }
    if !overlapping(tx, cover.id, new)?.is_empty() {
        return Err(Error::invalid("cover_id", format!("{}这段时间自己也不在，请选另一位", cover.name)));
    }
    if covered(tx, away.id, new)? {
        return Err(Error::conflict("这段时间正在替同事代班，请先给那位同事换人再登记"));
    }
    let absence = Absence {
        community_id: away.community_id.ok_or(Error::Forbidden)?,
        id: Id::new(),
        staff_id: away.id,
        cover_id: cover.id,
        from_at: new.from_at,
        until_at: new.until_at,
        set_by: actor.name.clone(),
        set_at: tx.now,
    };
    diesel::insert_into(absences::table).values(&absence).execute(tx.conn)?;
    Ok(absence)
}

/// Ends an absence now; one that has not begun is taken back.
pub fn end(tx: &mut Tx, actor: &Actor, id: Id) -> Result<()> {
    let row = absences::table.find((actor.community_id, id));
    let absence: Absence = row.select(Absence::as_select()).first(tx.conn)?;
    reachable(tx, actor, absence.staff_id)?;
    if absence.from_at > tx.now {
        diesel::delete(row).execute(tx.conn)?;
    } else {
        let running = row.filter(absences::until_at.gt(tx.now));
        diesel::update(running).set(absences::until_at.eq(tx.now)).execute(tx.conn)?;
    }
    Ok(())
}

/// The account whose absence the actor may set; others do not exist for them.
fn reachable(tx: &mut Tx, actor: &Actor, id: Id) -> Result<Staff> {
    let away = store::find(tx, id)?;
    let own = actor.staff_id == Some(id);
    let managed = may_manage(actor, away.role, away.community_id).is_ok();
    let here = away.community_id == Some(actor.community_id);
    if here && (own || managed) { Ok(away) } else { Err(Error::NotFound) }
}

/// Whether somebody could do the work of somebody else.
fn fits(away: &Staff, cover: &Staff) -> bool {
    let office = matches!(cover.role, Role::CommunityWorker | Role::CommunityLead);
    let same = away.community_id == cover.community_id && away.community_id.is_some();
    let able = match away.role {
        Role::Handler => office || (cover.role == Role::Handler && cover.party_id == away.party_id),
        Role::GridWorker => office || cover.role == Role::GridWorker,
        Role::CommunityWorker | Role::CommunityLead => office,
        _ => false,
    };
    same && able && cover.id != away.id && cover.disabled_at.is_none()
}

/// Whom one may choose to cover for `away`, by name.
pub fn covers(tx: &mut Tx, away: &Staff) -> Result<Vec<Staff>> {
    let Some(community) = away.community_id else { return Ok(Vec::new()) };
    let all = store::of_community(tx, community, false)?;
    Ok(all.into_iter().filter(|cover| fits(away, cover)).collect())
}

fn overlapping(tx: &mut Tx, staff_id: Id, new: NewAbsence) -> Result<Vec<Id>> {
    let during = absences::until_at.gt(new.from_at).and(absences::from_at.lt(new.until_at));
    let rows = absences::table.filter(absences::staff_id.eq(staff_id)).filter(during);
    Ok(rows.select(absences::id).load(tx.conn)?)
}

fn covered(tx: &mut Tx, cover_id: Id, new: NewAbsence) -> Result<bool> {
    let during = absences::until_at.gt(new.from_at).and(absences::from_at.lt(new.until_at));
    let rows = absences::table.filter(absences::cover_id.eq(cover_id)).filter(during);
    Ok(rows.select(absences::id).first::<Id>(tx.conn).optional()?.is_some())
}

/// For whom `staff_id` stands in at a moment.
pub fn covering(tx: &mut Tx, community_id: Id, staff_id: Id, at: Time) -> Result<Vec<Id>> {
    let own = absences::community_id.eq(community_id).and(absences::cover_id.eq(staff_id));
    let rows = absences::table.filter(own).filter(absences::until_at.gt(at).and(absences::from_at.le(at)));
    Ok(rows.select(absences::staff_id).load(tx.conn)?)
}

/// Who is away at a moment in a community, and who covers for each.
pub fn away(tx: &mut Tx, community_id: Id, at: Time) -> Result<Vec<(Id, Id)>> {
    let rows = absences::table
        .filter(absences::community_id.eq(community_id))
        .filter(absences::until_at.gt(at).and(absences::from_at.le(at)));
    Ok(rows.select((absences::staff_id, absences::cover_id)).load(tx.conn)?)
}

/// The absences of a community that are not over, the soonest first.
pub fn list(tx: &mut Tx, community_id: Id) -> Result<Vec<Named>> {
    let rows: Vec<Absence> = absences::table
        .filter(absences::community_id.eq(community_id).and(absences::until_at.gt(tx.now)))
        .order((absences::from_at, absences::id))
        .select(Absence::as_select())
        .load(tx.conn)?;
    let names: HashMap<Id, String> = store::of_community(tx, community_id, false)?
        .into_iter()
        .map(|staff| (staff.id, staff.name))
        .collect();
    let name = |id: Id| names.get(&id).cloned().unwrap_or_default();
    let named = |absence: Absence| Named {
        name: name(absence.staff_id),
        cover: name(absence.cover_id),
        now: absence.from_at <= tx.now,
        absence,
    };
    Ok(rows.into_iter().map(named).collect())
}

/// The absences that concern the actor: their own, and those they cover.
pub fn own(tx: &mut Tx, actor: &Actor) -> Result<Vec<Named>> {
    let me = actor.staff()?;
    let all = list(tx, actor.community_id)?;
    Ok(all.into_iter().filter(|each| me == each.absence.staff_id || me == each.absence.cover_id).collect())
}

/// The grids in which somebody answers first: their own, and those of whom they cover just now.
pub(super) fn grids_of(tx: &mut Tx, worker: &Staff) -> Result<Vec<Id>> {
    let (Role::GridWorker, Some(community)) = (worker.role, worker.community_id) else {
        return Ok(Vec::new());
    };
    let mut workers = covering(tx, community, worker.id, tx.now)?;
    workers.push(worker.id);
    Ok(grids::table
        .filter(grids::community_id.eq(community).and(grids::worker_id.eq_any(workers)))
        .select(grids::id)
        .load(tx.conn)?)
}

/// Everybody with an open account in a community, as they act just now: what each of them sees can be asked of their scope.
pub fn colleagues(tx: &mut Tx, community_id: Id) -> Result<Vec<Actor>> {
    let people: Vec<Staff> = staff::table
        .filter(staff::community_id.eq(community_id).and(staff::disabled_at.is_null()))
        .order((staff::role, staff::name))
        .select(Staff::as_select())
        .load(tx.conn)?;
    let owned: Vec<(Id, Option<Id>)> = grids::table
        .filter(grids::community_id.eq(community_id).and(grids::worker_id.is_not_null()))
        .select((grids::id, grids::worker_id))
        .load(tx.conn)?;
    let away = away(tx, community_id, tx.now)?;
    let grids = |worker: Id| {
        let stands_in = |owner: Id| away.iter().any(|(absent, cover)| *absent == owner && *cover == worker);
        let mine = move |owner: Option<Id>| owner.is_some_and(|owner| owner == worker || stands_in(owner));
        owned.iter().filter(move |(_, owner)| mine(*owner)).map(|(grid, _)| *grid).collect::<Vec<Id>>()
    };
    let actor = |person: Staff| Actor {
        grids: if person.role == Role::GridWorker { grids(person.id) } else { Vec::new() },
        role: person.role,
        staff_id: Some(person.id),
        name: person.name,
        community_id,
        party_id: person.party_id,
    };
    Ok(people.into_iter().map(actor).collect())
}
