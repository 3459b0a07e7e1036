//! Calendar months that were counted before: what a street, a district or a city is put together from.
//!
//! What is kept is what the tickets say, packed: how many bear each mark, every duration to the second, the scans. Medians
//! stay exact, because durations are put together one by one: a city's month has some hundred thousand, which is a few
//! megabytes and milliseconds to sort, so that there is no need for the edges of a histogram. Weights, people and what stands on
//! account are asked for when the month is looked at. A month that is not kept, or no longer holds, is counted from its
//! tickets; [`fill`] keeps it afterwards.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::clock::{Period, PeriodKind};
use crate::db::{Db, Id, Time, Tx};
use crate::error::{Error, Result};
use crate::places::{self, Population};
use crate::rollups::{self, Rollup};
use crate::routing::{self, Category};
use crate::settings::{self, Weights};
use crate::stats::basis::{COUNTING_VERSION, people};
use crate::stats::marks::MARKS;
use crate::stats::material::{KeptMonth, Material, Which};
use crate::stats::store;
use crate::stats::tally::{Pool, Row, Span, Tally};

/// The shape of [`Facts`]; goes up when it changes.
const SHAPE: u32 = 1;
/// A month is kept when it has been over for so long: whatever was begun in it is committed, whatever clock a program goes by.
const SETTLED_MINUTES: i64 = 60;
/// The month that runs is counted again after so long.
const FRESH_MINUTES: i64 = 10;
/// And is not shown from what was kept after so long, whatever keeps it from being counted.
const STALE_MINUTES: i64 = 60;
/// So many communities or fewer have the month that runs counted while somebody waits.
const LIVE: usize = 50;

/// What is kept of a month.
#[derive(Serialize, Deserialize)]
struct Facts {
    counts: Vec<i64>,
    scans: i64,
    /// Ascending, each as what it is more than the one before.
    contact: Vec<i64>,
    handling: Vec<i64>,
}

impl Facts {
    fn pack(tally: &Tally, scans: i64) -> Result<Vec<u8>> {
        let (counts, [contact, handling]) = tally.with_on_account(0).held();
        let facts =
            Facts { counts: counts.to_vec(), scans, contact: steps(contact), handling: steps(handling) };
        postcard::to_allocvec(&facts).map_err(Error::internal)
    }

    fn unpack(bytes: &[u8]) -> Result<(Tally, i64)> {
        let Facts { counts, scans, contact, handling } =
            postcard::from_bytes(bytes).map_err(Error::internal)?;
        let counts: [i64; MARKS] = counts
            .try_into()
            .map_err(|counts: Vec<i64>| Error::internal(anyhow::anyhow!("{} marks kept", counts.len())))?;
        Ok((Tally::of_held(counts, [sums(contact), sums(handling)]), scans))
    }
}

/// From each to the next.
fn steps(ascending: Vec<i64>) -> Vec<i64> {
    let mut last = 0;
    let step = |each| each - std::mem::replace(&mut last, each);
    ascending.into_iter().map(step).collect()
}

/// The way back from [`steps`].
fn sums(steps: Vec<i64>) -> Vec<i64> {
    let mut sum = 0;
    let add = |step| {
        sum += step;
        sum
    };
    steps.into_iter().map(add).collect()
}

/// By which rules months are counted now: the version of the sentences, and which categories stand beside the hotline's.
fn rules(tx: &mut Tx) -> Result<String> {
    let mut digest = Sha256::new();
    for Category { code, comparable, .. } in routing::categories(tx)? {
        digest.update(format!("{code}{comparable};"));
    }
    Ok(format!("{COUNTING_VERSION}/{SHAPE}/{}", &crate::keys::hex(&digest.finalize())[..16]))
}

/// Counts months of one year of a community from its tickets, which are read once.
fn count(tx: &mut Tx, community: Id, months: &[Period]) -> Result<Vec<Rollup>> {
    let (Some(first), Some(last)) = (months.first(), months.last()) else { return Ok(Vec::new()) };
    let whole = Period { to: last.to, ..*first };
    let material = Material::of_span(tx, community, whole, Which::Current)?;
    let (board, rules) = (material.board(), rules(tx)?);
    let line = |month: &Period| {
        let span = Span { from: month.from, to: month.to, cut_off: tx.now };
        Ok(Rollup {
            community_id: community,
            month: month.named,
            ends_at: month.to,
            made_at: tx.now,
            good_until: next_limit(&material.rows, &span),
            rules: rules.clone(),
            facts: Facts::pack(&board.tally(&span), board.scanned(&span))?,
        })
    };
    months.iter().map(line).collect()
}

/// When the next first contact of the span is missed, if nobody calls: the only figure of a month that is over which changes
/// by itself. Deadlines of the month have passed by then.
fn next_limit(rows: &[Row], span: &Span) -> Option<Time> {
    let waits = |row: &&Row| {
        row.first_contact_at.is_none() && span.has(row.submitted_at) && row.first_contact_due >= span.cut_off
    };
    rows.iter().filter(waits).map(|row| row.first_contact_due).min()
}

/// Counts months of one year of a community and keeps them.
fn keep(tx: &mut Tx, community: Id, months: &[Period]) -> Result<()> {
    rollups::begin(tx, community)?;
    for rollup in count(tx, community, months)? {
        rollups::keep(tx, &rollup)?;
    }
    Ok(())
}

/// The months of each year: so many are counted from what is read at once.
fn by_year(months: &[Period]) -> impl Iterator<Item = &[Period]> {
    months.chunk_by(|one, next| one.year() == next.year())
}

/// The calendar months since reports could come in.
fn months_since(from: Time, now: Time) -> impl Iterator<Item = Period> {
    let first = Period::of(PeriodKind::Month, from);
    let next = |month: &Period| Some(Period::of(PeriodKind::Month, month.to));
    std::iter::successors(Some(first), next).take_while(move |month| month.from <= now)
}

/// The months of a community that are to be counted, since January of the year of its first ticket: those that are over and
/// are not kept or hold no longer, and where it is `wanted` the one that runs, where it was counted some while ago.
fn missing(tx: &mut Tx, community: Id, wanted: bool) -> Result<Vec<Period>> {
    let rules = rules(tx)?;
    let first = store::first_ticket(tx, community)?.unwrap_or(tx.now);
    let kept: BTreeMap<NaiveDate, Rollup> =
        rollups::kept(tx, community)?.into_iter().map(|line| (line.month, line)).collect();
    let now = tx.now;
    let fresh = |line: &Rollup| line.rules == rules && now < line.made_at.plus_minutes(FRESH_MINUTES);
    let due = |month: &Period| {
        let line = kept.get(&month.named);
        match now < month.to.plus_minutes(SETTLED_MINUTES) {
            true => wanted && !line.is_some_and(fresh),
            false => !line.is_some_and(|line| line.holds(&rules, now)),
        }
    };
    Ok(months_since(Period::of(PeriodKind::Year, first).from, now).filter(due).collect())
}

/// Counts and keeps what is missing in one community, each year in a transaction of its own, so that nobody waits for
/// more than one. Returns how many months they were.
fn fill_one(db: &Db, community: Id, running: bool) -> Result<usize> {
    let months = db.read_now(|tx| missing(tx, community, running))?;
    for year in by_year(&months) {
        let year = year.to_vec();
        db.write_now(move |tx| keep(tx, community, &year))?;
    }
    Ok(months.len())
}

/// Counts and keeps what is missing everywhere, one community after the other: what `jobs` does now and then. The month
/// that runs is kept only where there are more communities than are counted while somebody waits. Returns how many months
/// they were. Figures are the same without it; only the month that runs is then counted while somebody waits.
pub async fn fill(db: &Db) -> Result<usize> {
    let mut sum = 0;
    let communities = db.read(places::communities).await?;
    let running = communities.len() > LIVE;
    for community in communities {
        let db = db.clone();
        let work = move || fill_one(&db, community.id, running);
        sum += actix_web::web::block(work).await.map_err(Error::internal)??;
    }
    Ok(sum)
}

/// Counts and keeps what is missing in one community, in this transaction.
pub fn catch_up(tx: &mut Tx, community: Id, running: bool) -> Result<usize> {
    let months = missing(tx, community, running)?;
    by_year(&months).try_for_each(|year| keep(tx, community, year))?;
    Ok(months.len())
}

/// Forgets what is kept, of one community or of all, and counts it again; tells each community that is done, and how many
/// months it has. Figures are right all the while.
pub fn rebuild(db: &Db, only: Option<Id>, mut done: impl FnMut(&str, usize)) -> Result<usize> {
    let mut sum = 0;
    let communities = db.read_now(places::communities)?;
    let running = communities.len() > LIVE;
    for community in communities.into_iter().filter(|each| only.is_none_or(|only| only == each.id)) {
        let months = db.write_now(move |tx| {
            rollups::forget(tx, community.id)?;
            catch_up(tx, community.id, running)
        })?;
        done(&community.name, months);
        sum += months;
    }
    Ok(sum)
}

/// How many kept months of a community hold, and which of them are not what counting finds now: none, where nobody wrote
/// into the database by hand.
pub fn differing(tx: &mut Tx, community: Id) -> Result<(usize, Vec<String>)> {
    let (rules, now) = (rules(tx)?, tx.now);
    let mut held = rollups::kept(tx, community)?;
    held.retain(|line| line.holds(&rules, now));
    held.sort_by_key(|line| line.month);
    let months: Vec<Period> =
        held.iter().filter_map(|line| Period::on(PeriodKind::Month, line.month)).collect();
    let mut wrong = Vec::new();
    for year in by_year(&months) {
        let (Some(first), Some(last)) = (year.first(), year.last()) else { continue };
        let kept = rollups::lines(tx, Some(&[community]), (first.named, last.to.day()))?;
        for (month, again) in year.iter().zip(count(tx, community, year)?) {
            if kept.iter().any(|line| line.month == again.month && line.facts != again.facts) {
                wrong.push(month.label());
            }
        }
    }
    Ok((months.len(), wrong))
}

/// The months of a community that begin in `[first, after)`, are over, and are what counting them now finds; in their order.
pub(in crate::stats) fn held(
    tx: &mut Tx,
    community: Id,
    bounds: (NaiveDate, NaiveDate),
) -> Result<Vec<KeptMonth>> {
    let (rules, now) = (rules(tx)?, tx.now);
    let mut lines = rollups::lines(tx, Some(&[community]), bounds)?;
    lines.retain(|line| line.holds(&rules, now));
    lines.sort_by_key(|line| line.month);
    let mut months = Vec::new();
    for line in lines {
        let (tally, scans) = Facts::unpack(&line.facts)?;
        months.extend(Period::on(PeriodKind::Month, line.month).map(|month| KeptMonth {
            month,
            tally,
            scans,
        }));
    }
    Ok(months)
}

/// The calendar months that a period consists of, as far as they have begun; nothing where it cuts one.
fn whole_months(period: &Period, now: Time) -> Option<Vec<Period>> {
    let begins = Period::of(PeriodKind::Month, period.from);
    let months: Vec<Period> =
        months_since(period.from, now).take_while(|month| month.from < period.to).collect();
    let fits = begins.from == period.from && months.last().is_some_and(|last| last.to <= period.to);
    fits.then_some(months)
}

/// What each community brings to a period, in the order of `communities`.
pub(super) struct Pools {
    pub(super) pools: Vec<Pool>,
    /// Until when things were taken into account: earlier than now only where the month that runs was counted before.
    pub(super) cut_off: Time,
}

/// What all of them share, read once.
struct Shared {
    months: Vec<Period>,
    kept: BTreeMap<Id, Vec<Rollup>>,
    on_account: BTreeMap<Id, i64>,
    weights: BTreeMap<Id, Weights>,
    populations: BTreeMap<Id, Vec<Population>>,
    rules: String,
    live: bool,
}

/// What each community brings to a period that has begun, from what is kept as far as it goes.
pub(super) fn pools(tx: &mut Tx, communities: &[Id], period: Period) -> Result<Pools> {
    if period.from > tx.now {
        return Err(Error::invalid("period", "这个时间还没有到，没有可统计的内容"));
    }
    let shared = Shared::read(tx, communities, &period)?;
    let mut found = Pools { pools: Vec::new(), cut_off: tx.now };
    for id in communities {
        let pool = match shared.sum(*id, &period, tx.now)? {
            Some((pool, made_at)) => {
                found.cut_off = found.cut_off.min(made_at);
                pool
            }
            None => {
                let material = Material::of_span(tx, *id, period, Which::Current)?;
                super::pool(&material, &material.spans.current)
            }
        };
        found.pools.push(pool);
    }
    Ok(found)
}

impl Shared {
    fn read(tx: &mut Tx, communities: &[Id], period: &Period) -> Result<Shared> {
        let months = whole_months(period, tx.now).unwrap_or_default();
        let bounds = months.first().zip(months.last()).map(|(first, last)| (first.named, last.to.day()));
        let live = communities.len() <= LIVE;
        let mut kept = BTreeMap::<Id, Vec<Rollup>>::new();
        if let Some(bounds) = bounds {
            for line in rollups::lines(tx, live.then_some(communities), bounds)? {
                kept.entry(line.community_id).or_default().push(line);
            }
        }
        let last = Time::from_micros(period.to.min(tx.now).0.timestamp_micros() - 1);
        let mut populations = BTreeMap::<Id, Vec<Population>>::new();
        for entry in places::all_populations(tx)? {
            populations.entry(entry.community_id).or_default().push(entry);
        }
        Ok(Shared {
            months,
            kept,
            on_account: store::on_account(tx, period.to)?,
            weights: settings::everywhere(tx, last)?,
            populations,
            rules: rules(tx)?,
            live,
        })
    }

    /// The period of a community from its months, and until when things were taken into account; nothing where one is missing.
    fn sum(&self, id: Id, period: &Period, now: Time) -> Result<Option<(Pool, Time)>> {
        let lines = self.kept.get(&id).map(Vec::as_slice).unwrap_or_default();
        let by_month: BTreeMap<NaiveDate, &Rollup> = lines.iter().map(|line| (line.month, line)).collect();
        let (mut tally, mut scans, mut cut_off) = (Tally::default(), 0, now);
        for month in &self.months {
            let Some(line) = by_month.get(&month.named).filter(|line| self.serves(line, month, now)) else {
                return Ok(None);
            };
            let (own, scanned) = Facts::unpack(&line.facts)?;
            tally.merge(&own);
            scans += scanned;
            if now < month.to {
                cut_off = line.made_at;
            }
        }
        if self.months.is_empty() {
            return Ok(None);
        }
        let tally = tally.with_on_account(self.on_account.get(&id).copied().unwrap_or_default());
        let entries = self.populations.get(&id).map(Vec::as_slice).unwrap_or_default();
        let people = people(entries, now, (period.from, period.to));
        let default = Weights::default();
        let weights = self.weights.get(&id).unwrap_or(&default);
        Ok(Some((Pool::of(tally, scans, weights, people), cut_off)))
    }

    fn serves(&self, line: &Rollup, month: &Period, now: Time) -> bool {
        if month.to <= now {
            return line.holds(&self.rules, now);
        }
        !self.live && line.rules == self.rules && now < line.made_at.plus_minutes(STALE_MINUTES)
    }
}
