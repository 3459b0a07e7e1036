//! Planned works (停水检修, 电梯保养, 管道改造): what, where, from when until when, who does it and whom to call.
//!
//! Community workers and leads make and end them; the doors that lie in the place show them while they are coming or
//! under way, and the form says one of the chosen category before anything is sent. Nothing here is a ticket or counts.

pub mod api;
pub mod pages;
mod store;

use crate::db::{Id, Time, Tx};
use crate::error::{Error, Problem, Result};
use crate::kept;
use crate::people::{Actor, Role};
use crate::places::{self, Place};
use crate::routing;

/// Doors say a work so many days before it begins.
pub const AHEAD_DAYS: i64 = 14;
/// The longest work, in days: what lasts longer is a project, or a slip of the pen.
const LONGEST_DAYS: i64 = 400;
/// Works on one page of the list.
pub const PAGE: i64 = 25;
/// A door shows so many at most, the nearest first.
const SHOWN: usize = 5;

/// A planned work.
#[derive(
    Debug,
    Clone,
    diesel::Queryable,
    diesel::Selectable,
    diesel::Insertable,
    serde::Serialize,
    utoipa::ToSchema,
)]
#[diesel(table_name = crate::schema::works, treat_none_as_default_value = false)]
#[allow(missing_docs)]
pub struct Work {
    #[serde(skip)]
    pub community_id: Id,
    pub id: Id,
    /// Where; nothing for the whole community.
    pub place_id: Option<Id>,
    /// Two or four digits: reports of this category are told of it first. Empty for none.
    pub category: String,
    pub what: String,
    pub who: String,
    /// Whom to call about it; may be empty.
    pub phone: String,
    pub from_at: Time,
    /// When it is to be over.
    pub until_at: Time,
    pub made_at: Time,
    pub made_by: String,
    /// When somebody said that it is over.
    pub ended_at: Option<Time>,
    pub ended_by: Option<String>,
}

text_enum! {
    /// Where a work stands.
    #[schema(as = WorkState)]
    pub enum State {
        Coming = "coming", "即将开始";
        UnderWay = "under_way", "正在进行";
        Over = "over", "已结束";
    }
}

impl Work {
    /// Where it stands at `now`.
    pub fn state(&self, now: Time) -> State {
        match () {
            () if self.ended_at.is_some() || self.until_at <= now => State::Over,
            () if now < self.from_at => State::Coming,
            () => State::UnderWay,
        }
    }

    /// Whether it is about a level-1 category.
    pub fn concerns(&self, level1: &str) -> bool {
        !level1.is_empty() && self.category.starts_with(level1)
    }
}

/// A work with the name of its place.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
#[schema(as = WorkLine)]
pub struct Listed {
    /// The work.
    #[serde(flatten)]
    pub work: Work,
    /// Where, as people say it.
    pub place: String,
    /// Where it stands.
    pub state: State,
}

/// What a work is made from.
#[derive(Debug, Clone, serde::Deserialize, utoipa::ToSchema)]
#[allow(missing_docs)]
pub struct NewWork {
    /// A compound, courtyard, building, unit or spot; nothing for the whole community.
    pub place_id: Option<Id>,
    /// Two or four digits; empty for none.
    #[serde(default)]
    pub category: String,
    pub what: String,
    #[serde(default)]
    pub who: String,
    #[serde(default)]
    pub phone: String,
    pub from_at: Time,
    pub until_at: Time,
}

/// Plans a work. For community workers and leads. Fails where a word is missing, the place or category is none, or it ends
/// before it begins.
pub fn plan(tx: &mut Tx, actor: &Actor, new: NewWork) -> Result<Work> {
    plans(actor)?;
    check(&new, tx.now)?;
    if let Some(place) = new.place_id {
        let place = places::find(tx, actor.community_id, place);
        place.map_err(|_| Error::invalid("place_id", "请从列表中选择地点"))?;
    }
    known(tx, &new.category)?;
    let work = Work {
        community_id: actor.community_id,
        id: Id::new(),
        place_id: new.place_id,
        category: new.category.trim().to_owned(),
        what: new.what.trim().to_owned(),
        who: new.who.trim().to_owned(),
        phone: new.phone.trim().to_owned(),
        from_at: new.from_at,
        until_at: new.until_at,
        made_at: tx.now,
        made_by: actor.name.clone(),
        ended_at: None,
        ended_by: None,
    };
    store::insert(tx, &work)?;
    kept::changed(actor.community_id);
    Ok(work)
}

/// It is over: the doors say it no more. For community workers and leads. Once it is over it stays so.
pub fn end(tx: &mut Tx, actor: &Actor, id: Id) -> Result<Work> {
    plans(actor)?;
    let work = store::find(tx, actor.community_id, id)?;
    match store::end(tx, actor, &work)? {
        true => {
            kept::changed(actor.community_id);
            store::find(tx, actor.community_id, id)
        }
        false => Err(Error::conflict("这项施工已经结束了；请刷新看看最新情况")),
    }
}

/// 改完工时间: it lasts longer, or less long. For community workers and leads, while nobody has ended it.
pub fn put_off(tx: &mut Tx, actor: &Actor, id: Id, until_at: Time) -> Result<Work> {
    plans(actor)?;
    let work = store::find(tx, actor.community_id, id)?;
    if until_at <= tx.now
        || until_at <= work.from_at
        || until_at > work.from_at.plus_minutes(LONGEST_DAYS * 1440)
    {
        return Err(Error::invalid("until_at", "新的完工时间要在现在和开工之后，最长 400 天"));
    }
    match store::put_off(tx, &work, until_at)? {
        true => {
            kept::changed(actor.community_id);
            store::find(tx, actor.community_id, id)
        }
        false => Err(Error::conflict("这项施工已经结束了；请刷新看看最新情况")),
    }
}

fn plans(actor: &Actor) -> Result<()> {
    match actor.role {
        Role::CommunityWorker | Role::CommunityLead => Ok(()),
        _ => Err(Error::Forbidden),
    }
}

fn check(new: &NewWork, now: Time) -> Result<()> {
    let mut problems = Vec::new();
    let mut problem =
        |field, message: &str| problems.push(Problem { field, message: message.to_owned().into() });
    if !(1..=60).contains(&new.what.trim().chars().count()) {
        problem("what", "请写是什么施工，最多 60 个字，例如：更换给水管，停水");
    }
    if new.who.trim().chars().count() > 40 {
        problem("who", "施工单位最多 40 个字");
    }
    let dialled = |sign: char| sign.is_ascii_digit() || matches!(sign, '-' | ' ' | '+' | '转' | '、');
    if new.phone.trim().chars().count() > 40 || !new.phone.trim().chars().all(dialled) {
        problem("phone", "电话只写数字和横线，最多 40 个字");
    }
    if new.until_at <= new.from_at || new.until_at > new.from_at.plus_minutes(LONGEST_DAYS * 1440) {
        problem("until_at", "结束时间要晚于开始时间，最长 400 天");
    } else if new.until_at <= now {
        problem("until_at", "这项施工已经过去了，请填写将来的结束时间");
    }
    if problems.is_empty() { Ok(()) } else { Err(Error::Invalid(problems)) }
}

/// Refuses a category that there is not.
fn known(tx: &mut Tx, category: &str) -> Result<()> {
    let category = category.trim();
    let all = routing::categories(tx)?;
    let fits = |each: &routing::Category| each.code == category || each.level1_code() == category;
    match category.is_empty() || all.iter().any(fits) {
        true => Ok(()),
        false => Err(Error::invalid("category", "请从列表中选择分类")),
    }
}

/// The works that the door of a place shows at `tx.now`, the nearest first: of the place, of what it lies in, and of the
/// whole community.
pub fn at_door(tx: &mut Tx, place: &Place) -> Result<Vec<Listed>> {
    let ahead = tx.now.plus_minutes(AHEAD_DAYS * 1440);
    let all = store::running(tx, place.community_id)?;
    if all.is_empty() {
        return Ok(Vec::new());
    }
    let around = places::around(tx, place)?;
    let here = |work: &Work| work.place_id.is_none_or(|id| around.iter().any(|each| each.id == id));
    let mut near: Vec<Work> = all.into_iter().filter(|work| here(work) && work.from_at <= ahead).collect();
    near.sort_by_key(|work| (work.from_at, work.id));
    near.truncate(SHOWN);
    let name = |work: &Work| around.iter().find(|each| Some(each.id) == work.place_id);
    Ok(near
        .into_iter()
        .map(|work| Listed {
            place: name(&work).map(|place| place.full_name.clone()).unwrap_or_default(),
            state: work.state(tx.now),
            work,
        })
        .collect())
}

/// A page of works of the actor's community, the last that was planned first; `before` is the last of the page before.
pub fn list(tx: &mut Tx, actor: &Actor, before: Option<Id>) -> Result<Vec<Listed>> {
    let rows = store::page(tx, actor.community_id, before)?;
    let mut listed = Vec::new();
    for work in rows {
        let place = match work.place_id {
            Some(place) => places::find(tx, actor.community_id, place)?.full_name,
            None => "全社区".to_owned(),
        };
        listed.push(Listed { place, state: work.state(tx.now), work });
    }
    Ok(listed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_work_is_over_when_its_time_is_or_when_somebody_ends_it() {
        let at = |minutes| Time::from_micros(1_700_000_000_000_000).plus_minutes(minutes);
        let work = Work {
            community_id: Id::new(),
            id: Id::new(),
            place_id: None,
            category: "0401".into(),
            what: "停水检修".into(),
            who: String::new(),
            phone: String::new(),
            from_at: at(0),
            until_at: at(60),
            made_at: at(-60),
            made_by: String::new(),
            ended_at: None,
            ended_by: None,
        };
        let states = [-1, 0, 59, 60].map(|minutes| work.state(at(minutes)));
        assert_eq!(states, [State::Coming, State::UnderWay, State::UnderWay, State::Over]);
        let ended = Work { ended_at: Some(at(5)), ..work.clone() };
        assert_eq!(ended.state(at(10)), State::Over);
        assert!(work.concerns("04") && !work.concerns("05") && !work.concerns(""));
    }
}
