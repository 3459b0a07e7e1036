//! 未脱敏工作簿: a workbook with phones, names and words as they are, let out by two people for a while (domain §9).
//!
//! Whoever triages asks with a reason; the community lead or the street approves, never whoever asked. Only whoever asked may
//! fetch it, until the time is over; each page carries both names and the time, and every step is a line in the audit log.
//! Who reported somebody (举报) is left out all the same. The masked form stays the default everywhere.

pub mod api;
pub mod pages;

use diesel::prelude::*;

use super::making::{Imprint, Material, file_name};
use super::masking;
use crate::clock::{Period, PeriodKind};
use crate::db::{Id, Time, Tx};
use crate::error::{Error, Result};
use crate::keys::Keys;
use crate::mask::FreeText;
use crate::people::{Actor, Role};
use crate::schema::unmasked_requests;
use crate::tickets::{Note, Verdict, acts};

/// Hours for which an approval holds.
pub const HOURS: i64 = 24;
/// Days after which a request that nobody decided is forgotten by the list.
const WAITS_DAYS: i64 = 30;
/// Requests that are listed.
const LISTED: i64 = 50;

/// A request and what became of it.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, serde::Serialize, utoipa::ToSchema)]
#[diesel(table_name = unmasked_requests)]
#[schema(as = UnmaskedRequest)]
#[allow(missing_docs)]
pub struct Request {
    #[serde(skip)]
    pub community_id: Id,
    pub id: Id,
    /// `month`, `assessment_month` or `year`.
    pub kind: String,
    /// `2025-06`, or `2025`.
    pub period: String,
    pub reason: FreeText,
    pub asked_by: Id,
    pub asker: String,
    pub asked_at: Time,
    pub decided_by: Option<Id>,
    pub decider: Option<String>,
    pub decided_at: Option<Time>,
    pub approved: Option<bool>,
    /// Until when it may be fetched.
    pub until_at: Option<Time>,
    /// How often it was.
    pub downloads: i32,
}

impl Request {
    /// Which period it is of.
    pub fn of(&self) -> Result<Period> {
        let kind = PeriodKind::of_word(&self.kind);
        let kind = kind.ok_or_else(|| Error::Internal(anyhow::anyhow!("no kind {}", self.kind)))?;
        Period::parse(kind, &self.period)
    }

    /// `2025年6月（自然月）`.
    pub fn label(&self) -> String {
        let named = self.of().map(|period| format!("{}（{}）", period.label(), period.kind.label()));
        named.unwrap_or_else(|_| self.period.clone())
    }

    /// Whether it may be fetched at `now`.
    pub fn open(&self, now: Time) -> bool {
        self.approved == Some(true) && self.until_at.is_some_and(|until| now < until)
    }

    /// What each page of the workbook says: both names, and from when until when.
    fn watermark(&self) -> String {
        let (decider, until) = (self.decider.as_deref().unwrap_or_default(), self.until_at);
        format!(
            "未脱敏，限内部使用：申请 {}，批准 {decider}，{} 批准，{} 前有效",
            self.asker,
            self.decided_at.map(Time::long).unwrap_or_default(),
            until.map(Time::long).unwrap_or_default(),
        )
    }
}

/// Asks for the workbook of a period that has begun.
pub fn ask(tx: &mut Tx, actor: &Actor, period: Period, reason: &Note) -> Result<Request> {
    if period.from > tx.now {
        return Err(Error::invalid("period", "这个时间还没有到，没有可导出的内容"));
    }
    let row = Request {
        community_id: actor.community_id,
        id: Id::new(),
        kind: period.kind.word().to_owned(),
        period: period.word(),
        reason: reason.as_str().into(),
        asked_by: actor.staff()?,
        asker: actor.name.clone(),
        asked_at: tx.now,
        decided_by: None,
        decider: None,
        decided_at: None,
        approved: None,
        until_at: None,
        downloads: 0,
    };
    diesel::insert_into(unmasked_requests::table).values(&row).execute(tx.conn)?;
    let line = format!("申请未脱敏工作簿 {}：{}", row.label(), reason.as_str());
    acts::audit(tx, actor, "unmasked", &line)?;
    Ok(row)
}

/// Approves or refuses; never by whoever asked. An approval holds for [`HOURS`].
pub fn decide(tx: &mut Tx, actor: &Actor, id: Id, verdict: Verdict) -> Result<Request> {
    let found = find(tx, actor, id)?;
    if found.asked_by == actor.staff()? {
        return Err(Error::conflict("不能批准自己的申请，请另一位负责人或街道来批"));
    }
    let approved = verdict == Verdict::Approve;
    let waiting = unmasked_requests::table
        .filter(unmasked_requests::community_id.eq(actor.community_id).and(unmasked_requests::id.eq(id)))
        .filter(unmasked_requests::decided_at.is_null());
    let decided = diesel::update(waiting)
        .set((
            unmasked_requests::decided_by.eq(actor.staff()?),
            unmasked_requests::decider.eq(&actor.name),
            unmasked_requests::decided_at.eq(tx.now),
            unmasked_requests::approved.eq(approved),
            unmasked_requests::until_at.eq(approved.then(|| tx.now.plus_minutes(HOURS * 60))),
        ))
        .execute(tx.conn)?;
    if decided == 0 {
        return Err(Error::conflict("这个申请已经批过了"));
    }
    let said = if approved { "批准" } else { "不批准" };
    let line = format!("{said} {} 申请的未脱敏工作簿 {}", found.asker, found.label());
    acts::audit(tx, actor, "unmasked", &line)?;
    find(tx, actor, id)
}

/// Makes the workbook for whoever asked for it, while the approval holds: its name and its bytes. Reads only; note it with
/// [`fetched`] before it is handed out.
pub fn workbook(tx: &mut Tx, keys: &Keys, actor: &Actor, id: Id) -> Result<(String, Vec<u8>)> {
    let request = may_fetch(tx, actor, id)?;
    let period = request.of()?;
    let material = Material::gather(tx, actor.community_id, period)?;
    let open = masking::open(tx, keys, actor.community_id, period)?;
    let draft = Imprint::draft(&actor.name);
    let imprint = Imprint { open: Some(request.watermark()), ..draft };
    let bytes = material.drawn(&open, &imprint)?;
    Ok((file_name(&material.report.basis.community.name, &period, "未脱敏.xlsx"), bytes))
}

/// Notes that it is handed out now; refused when the time is over.
pub fn fetched(tx: &mut Tx, actor: &Actor, id: Id, name: &str) -> Result<()> {
    let request = may_fetch(tx, actor, id)?;
    diesel::update(unmasked_requests::table.find((actor.community_id, id)))
        .set(unmasked_requests::downloads.eq(unmasked_requests::downloads + 1))
        .execute(tx.conn)?;
    let decider = request.decider.unwrap_or_default();
    acts::audit(tx, actor, "export", &format!("导出 {name}（{decider} 批准）"))
}

fn may_fetch(tx: &mut Tx, actor: &Actor, id: Id) -> Result<Request> {
    let request = find(tx, actor, id)?;
    if request.asked_by != actor.staff()? {
        return Err(Error::Forbidden);
    }
    match request.open(tx.now) {
        true => Ok(request),
        false if request.approved == Some(true) => Err(Error::conflict("批准已经过期，需要的话请重新申请")),
        false => Err(Error::conflict("这个申请还没有批准")),
    }
}

fn find(tx: &mut Tx, actor: &Actor, id: Id) -> Result<Request> {
    let row = unmasked_requests::table.find((actor.community_id, id));
    Ok(row.select(Request::as_select()).first(tx.conn)?)
}

/// The requests of the last weeks, the latest first: at most 50. For those who may ask or decide.
pub fn list(tx: &mut Tx, actor: &Actor) -> Result<Vec<Request>> {
    let rows = unmasked_requests::table
        .filter(unmasked_requests::community_id.eq(actor.community_id))
        .filter(unmasked_requests::asked_at.gt(tx.now.plus_minutes(-WAITS_DAYS * 1440)))
        .order(unmasked_requests::id.desc())
        .limit(LISTED);
    Ok(rows.select(Request::as_select()).load(tx.conn)?)
}

/// Whether the actor may decide on a request.
pub fn decides(actor: &Actor, request: &Request) -> bool {
    let second = matches!(actor.role, Role::CommunityLead | Role::StreetManager);
    second && request.decided_at.is_none() && actor.staff_id != Some(request.asked_by)
}
