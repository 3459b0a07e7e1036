//! The rules as rows: which of them hold at a moment, and from when on others do.

use std::collections::BTreeMap;

use diesel::prelude::*;
use diesel::upsert::excluded;
use serde::Serialize;

use super::{Clocks, Flood, Limits, Notice, QuietHours, Retention, Rules, Weights, Windows};
use crate::db::{Both, Id, Time, Tx};
use crate::error::{Error, Result};
use crate::people::Actor;
use crate::schema::settings;

/// The rules of a community that hold at `at`; the shipped ones where it has none from so early.
pub fn at<R: Rules>(tx: &mut Tx, community_id: Id, at: Time) -> Result<R> {
    Ok(holding(tx, community_id, at)?.rules)
}

/// As [`at`], with the moment since which they hold; the shipped ones have held since ever.
pub fn holding<R: Rules>(tx: &mut Tx, community_id: Id, at: Time) -> Result<Version<R>> {
    let row: Option<(Time, String, String)> = settings::table
        .filter(settings::community_id.eq(community_id).and(settings::name.eq(R::NAME)))
        .filter(settings::effective_from.le(at))
        .order(settings::effective_from.desc())
        .select((settings::effective_from, settings::value, settings::set_by))
        .first(tx.conn)
        .optional()?;
    match row {
        Some(row) => read(row),
        None => Ok(Version { from: Time::from_micros(0), rules: R::default(), set_by: String::new() }),
    }
}

/// The rules of every community that has some from so early, at `at`.
pub fn everywhere<R: Rules>(tx: &mut Tx, at: Time) -> Result<BTreeMap<Id, R>> {
    let rows: Vec<(Id, Time, String, String)> = settings::table
        .filter(settings::name.eq(R::NAME).and(settings::effective_from.le(at)))
        .order((settings::community_id, settings::effective_from))
        .select((settings::community_id, settings::effective_from, settings::value, settings::set_by))
        .load(tx.conn)?;
    let rules = |(id, from, value, set_by)| Ok((id, read((from, value, set_by))?.rules));
    // Of one community the last one stays.
    rows.into_iter().map(rules).collect()
}

fn read<R: Rules>((from, value, set_by): (Time, String, String)) -> Result<Version<R>> {
    Ok(Version { from, rules: serde_json::from_str(&value).map_err(Error::internal)?, set_by })
}

/// Rules with the moment from which they hold and whoever set them.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
#[allow(missing_docs)]
pub struct Version<R> {
    pub from: Time,
    pub rules: R,
    pub set_by: String,
}

/// Every version of the rules of a community, latest first; those of the future included.
pub fn history<R: Rules>(tx: &mut Tx, community_id: Id) -> Result<Vec<Version<R>>> {
    let rows: Vec<(Time, String, String)> = settings::table
        .filter(settings::community_id.eq(community_id).and(settings::name.eq(R::NAME)))
        .order(settings::effective_from.desc())
        .select((settings::effective_from, settings::value, settings::set_by))
        .load(tx.conn)?;
    rows.into_iter().map(read).collect()
}

/// Sets the rules that hold from `from` on. The past is never changed: `from` may not lie before now.
pub fn set<R: Rules>(tx: &mut Tx, actor: &Actor, rules: &R, from: Time) -> Result<()> {
    rules.check()?;
    if from < tx.now {
        return Err(Error::invalid("from", "新规则只能从现在或以后生效，已经算过的不改"));
    }
    for version in history::<R>(tx, actor.community_id)?.iter().filter(|version| version.from <= tx.now) {
        rules.beside(version)?;
    }
    insert(tx, actor.community_id, rules, from, &actor.name)
}

/// Plants the shipped rules of a new community, valid since ever.
pub fn plant(tx: &mut Tx, community_id: Id) -> Result<()> {
    let ever = Time::from_micros(0);
    insert(tx, community_id, &Limits::default(), ever, "出厂")?;
    insert(tx, community_id, &Clocks::default(), ever, "出厂")?;
    insert(tx, community_id, &Windows::default(), ever, "出厂")?;
    insert(tx, community_id, &Weights::default(), ever, "出厂")?;
    insert(tx, community_id, &Notice::default(), ever, "出厂")?;
    insert(tx, community_id, &Retention::default(), ever, "出厂")?;
    insert(tx, community_id, &Flood::default(), ever, "出厂")?;
    insert(tx, community_id, &QuietHours::default(), ever, "出厂")
}

fn insert<R: Rules>(tx: &mut Tx, community_id: Id, rules: &R, from: Time, by: &str) -> Result<()> {
    let row = (
        settings::community_id.eq(community_id),
        settings::name.eq(R::NAME),
        settings::effective_from.eq(from),
        settings::value.eq(serde_json::to_string(rules).map_err(Error::internal)?),
        settings::set_by.eq(by),
    );
    // Only what has not begun yet can lie at the same moment: it gives way.
    let row = diesel::insert_into(settings::table)
        .values(row)
        .on_conflict((settings::community_id, settings::name, settings::effective_from))
        .do_update()
        .set((
            settings::value.eq(excluded(settings::value)),
            settings::set_by.eq(excluded(settings::set_by)),
        ));
    Both(row).execute(tx.conn)?;
    crate::kept::changed(community_id);
    Ok(())
}
