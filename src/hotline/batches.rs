//! Batches of the hotline's tickets: brought as a file, looked at, confirmed, taken back as a whole.
//!
//! A draft counts nowhere. Confirming makes each row the one that counts for its number and covers the one that did;
//! taking back uncovers what was there before, whatever was brought later. A file is written in small parts, so that
//! nobody waits for a large one; confirming is one transaction.

use super::names::{self, Kind, Mapped};
use super::pairs::Called;
use super::reading::{self, NewRow, Read};
use super::{brings, note, store};
use crate::db::{Db, Id, Time, Tx};
use crate::error::{Error, Result};
use crate::people::{Actor, Role};
use crate::places;
use crate::tables::Reject;

/// Rows that are written in one transaction.
const CHUNK: usize = 1_000;
/// Numbers that one query names.
const SOME: usize = 500;
/// Batches on one page of the list.
pub const PAGE: i64 = 25;
/// Refused rows on one page.
pub const REJECTS_PAGE: i64 = 100;
/// Drafts that nobody confirmed are cleared away after so many days.
const DRAFT_DAYS: i64 = 7;

text_enum! {
    /// Where a batch stands.
    #[schema(as = HotlineBatchState)]
    pub enum State {
        Reading = "reading", "没有收完整";
        Draft = "draft", "待确认";
        Confirmed = "confirmed", "已导入";
        Undone = "undone", "已撤销";
    }
}

/// A file of the hotline's tickets that somebody brought.
#[derive(
    Debug,
    Clone,
    PartialEq,
    diesel::Queryable,
    diesel::Selectable,
    diesel::Insertable,
    serde::Serialize,
    utoipa::ToSchema,
)]
#[diesel(table_name = crate::schema::hotline_batches, treat_none_as_default_value = false)]
#[schema(as = HotlineBatch)]
#[allow(missing_docs)]
pub struct Batch {
    #[serde(skip)]
    pub community_id: Id,
    pub id: Id,
    pub file_name: String,
    pub state: State,
    /// Rows that can be taken.
    pub accepted: i32,
    /// Reasons why rows cannot.
    pub rejected: i32,
    /// Of those accepted, numbers that were not there before.
    pub added: i32,
    /// Numbers that were there with other particulars.
    pub updated: i32,
    /// Numbers that were there just so.
    pub same: i32,
    /// The first and the last call.
    pub first_at: Option<Time>,
    pub last_at: Option<Time>,
    /// Columns about the caller, which were not kept.
    pub personal: String,
    /// Columns that nobody asked for.
    pub ignored: String,
    pub made_at: Time,
    pub made_by: String,
    pub confirmed_at: Option<Time>,
    pub confirmed_by: String,
    pub undone_at: Option<Time>,
    pub undone_by: String,
}

/// A batch with what of it is known here.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
#[schema(as = HotlinePreview)]
pub struct Preview {
    /// The batch.
    #[serde(flatten)]
    pub batch: Batch,
    /// Rows and names of places.
    pub places: Mapped,
    /// Rows and names of categories.
    pub matters: Mapped,
    /// A few of its rows as they were understood; none once it is undone.
    pub samples: Vec<Called>,
    /// The first refused rows.
    pub rejects: Vec<Reject>,
}

/// Reads a file and keeps it as a draft. For workers and leads of the community, and the admin. `progress` hears how many
/// of how many rows are kept. Blocks and takes seconds: not for a thread that answers requests. Fails, field `file`, where
/// it is no such table or holds no row that can be taken and none that cannot.
pub fn take_in(
    db: &Db,
    actor: &Actor,
    (file_name, bytes): (&str, &[u8]),
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Batch> {
    brings(actor)?;
    let community = actor.community_id;
    let (name, now) = db.read_now(|tx| Ok((places::community(tx, community)?.name, tx.now)))?;
    let read = reading::read(bytes, file_name, &name, now)?;
    if read.rows.is_empty() && read.rejects.is_empty() {
        return Err(Error::invalid("file", "表头下面没有内容，请检查后重新选择"));
    }
    let (by, new) = (actor.clone(), draft(actor, file_name, &read));
    let rejects = read.rejects;
    let batch = db.write_now(move |tx| {
        clear(tx, &by)?;
        let batch = Batch { made_at: tx.now, ..new };
        store::insert_batch(tx, &batch)?;
        store::insert_rejects(tx, &batch, &rejects)?;
        Ok(batch)
    })?;
    let (total, mut kept) = (read.rows.len(), 0);
    for some in read.rows.chunks(CHUNK) {
        let (some, id) = (some.to_vec(), batch.id);
        kept += some.len();
        db.write_now(move |tx| keep(tx, (community, id), &some))?;
        progress(kept, total);
    }
    names::propose(db, community, batch.id)?;
    db.write_now(move |tx| {
        store::set_state(tx, &batch, State::Reading, State::Draft)?;
        store::batch(tx, community, batch.id)
    })
}

fn draft(actor: &Actor, file_name: &str, read: &Read) -> Batch {
    let count = |count: usize| i32::try_from(count).unwrap_or(i32::MAX);
    let calls = || read.rows.iter().map(|row| row.received_at);
    Batch {
        community_id: actor.community_id,
        id: Id::new(),
        file_name: file_name.chars().take(100).collect(),
        state: State::Reading,
        accepted: count(read.rows.len()),
        rejected: count(read.rejects.len()),
        added: 0,
        updated: 0,
        same: 0,
        first_at: calls().min(),
        last_at: calls().max(),
        personal: read.personal.join("、"),
        ignored: read.ignored.join("、"),
        made_at: Time::from_micros(0),
        made_by: actor.name.clone(),
        confirmed_at: None,
        confirmed_by: String::new(),
        undone_at: None,
        undone_by: String::new(),
    }
}

/// Keeps a part of a draft, and counts what it would change.
fn keep(tx: &mut Tx, (community, batch): (Id, Id), rows: &[NewRow]) -> Result<()> {
    let mut counts = Counts::default();
    for some in rows.chunks(SOME) {
        let numbers: Vec<String> = some.iter().map(|row| row.number.clone()).collect();
        let live = store::live_among(tx, community, numbers)?;
        let told: Vec<(&NewRow, String)> = some.iter().map(|row| (row, row.digest())).collect();
        for (row, digest) in &told {
            counts.add(live.get(&row.number).map(|(_, old)| old == digest));
        }
        store::insert_rows(tx, (community, batch), &told)?;
    }
    store::add_counts(tx, (community, batch), counts)
}

/// How a batch stands to what counts already.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counts {
    pub(super) added: i32,
    pub(super) updated: i32,
    pub(super) same: i32,
}

impl Counts {
    /// One more: new, or there already and the same or not.
    fn add(&mut self, same: Option<bool>) {
        match same {
            None => self.added += 1,
            Some(true) => self.same += 1,
            Some(false) => self.updated += 1,
        }
    }
}

/// What a batch holds and how much of it is known here, with the first refused rows.
pub fn preview(tx: &mut Tx, community: Id, id: Id) -> Result<Preview> {
    let batch = store::batch(tx, community, id)?;
    let kept = batch.state != State::Undone;
    let mut of = |kind| if kept { names::mapped(tx, community, id, kind) } else { Ok(Mapped::default()) };
    let (places, matters) = (of(Kind::Place)?, of(Kind::Matter)?);
    let samples = store::pairs::samples(tx, (community, id))?.into_iter().map(Called::from).collect();
    Ok(Preview { places, matters, samples, rejects: store::rejects(tx, (community, id), None)?, batch })
}

/// A page of the refused rows of a batch; `after` is how many came before.
pub fn rejects(tx: &mut Tx, community: Id, id: Id, after: i32) -> Result<Vec<Reject>> {
    store::batch(tx, community, id)?;
    store::rejects(tx, (community, id), Some(after))
}

/// Every refused row of a batch, for a file.
pub fn all_rejects(tx: &mut Tx, community: Id, id: Id) -> Result<Vec<Reject>> {
    store::batch(tx, community, id)?;
    store::all_rejects(tx, (community, id))
}

/// A page of batches, the last that was brought first; `before` is the last of the page before.
pub fn list(tx: &mut Tx, community: Id, before: Option<Id>) -> Result<Vec<Batch>> {
    store::batches(tx, community, before)
}

/// Lets a draft count: each of its rows becomes the one for its number. For workers and leads of the community, and the
/// admin. Conflict where the batch is no draft any more, or was not kept in full.
pub fn confirm(tx: &mut Tx, actor: &Actor, id: Id) -> Result<Batch> {
    brings(actor)?;
    let community = actor.community_id;
    store::lock(tx, community)?;
    let batch = store::batch(tx, community, id)?;
    store::set_state(tx, &batch, State::Draft, State::Confirmed)?;
    let mut counts = Counts::default();
    for own in store::digests(tx, (community, id))?.chunks(SOME) {
        let numbers: Vec<String> = own.iter().map(|(number, _)| number.clone()).collect();
        let live = store::live_among(tx, community, numbers.clone())?;
        store::cover(tx, community, numbers)?;
        for (number, digest) in own {
            counts.add(live.get(number).map(|(_, old)| old == digest));
        }
        for (covered, numbers) in by_batch(live.into_iter().map(|(number, (batch, _))| (batch, number))) {
            store::set_covers(tx, (community, id), numbers, Some(covered))?;
        }
    }
    store::enliven(tx, (community, id), None)?;
    store::confirmed(tx, actor, &batch, counts)?;
    let batch = store::batch(tx, community, id)?;
    let Counts { added, updated, same } = counts;
    let words = format!("导入 12345 工单「{}」：新增 {added}，更新 {updated}，原样 {same}", batch.file_name);
    note(tx, actor, &words)?;
    Ok(batch)
}

/// Takes a batch back as a whole: what it covered counts again. A draft is thrown away. A confirmed batch only by leads and
/// the admin. Conflict where it is undone already.
pub fn undo(tx: &mut Tx, actor: &Actor, id: Id) -> Result<Batch> {
    brings(actor)?;
    let community = actor.community_id;
    store::lock(tx, community)?;
    let batch = store::batch(tx, community, id)?;
    if batch.state == State::Confirmed && actor.role == Role::CommunityWorker {
        return Err(Error::Forbidden);
    }
    if batch.state == State::Undone {
        return Err(Error::conflict("这一批已经撤销了；请刷新看看最新情况"));
    }
    if batch.state == State::Confirmed {
        uncover(tx, (community, id))?;
    }
    store::delete_rows(tx, (community, id))?;
    store::undone(tx, actor, &batch)?;
    if batch.state == State::Confirmed {
        note(tx, actor, &format!("撤销 12345 工单「{}」，共 {} 件", batch.file_name, batch.accepted))?;
    }
    store::batch(tx, community, id)
}

/// Lets what a batch covered count again, and forgets the batch where a later one covers it.
fn uncover(tx: &mut Tx, (community, id): (Id, Id)) -> Result<()> {
    for own in store::covering(tx, (community, id))?.chunks(SOME) {
        let live = own.iter().filter(|row| row.live).map(|row| row.number.clone()).collect();
        store::delete_live(tx, (community, id), live)?;
        let lived = own.iter().filter(|row| row.live);
        for (covered, numbers) in by_batch(lived.filter_map(|row| Some((row.covers?, row.number.clone())))) {
            store::enliven(tx, (community, covered), Some(numbers))?;
        }
        // What lay between two others: the later one now covers what this one did.
        let between = own.iter().filter(|row| !row.live).map(|row| (row.covers, row.number.clone()));
        for (covers, numbers) in by_batch(between) {
            store::recover(tx, (community, id), numbers, covers)?;
        }
    }
    Ok(())
}

fn by_batch<B: Ord>(pairs: impl Iterator<Item = (B, String)>) -> std::collections::BTreeMap<B, Vec<String>> {
    let mut all = std::collections::BTreeMap::<B, Vec<String>>::new();
    for (batch, number) in pairs {
        all.entry(batch).or_default().push(number);
    }
    all
}

/// Throws away drafts that nobody confirmed for a week, a few at a time.
fn clear(tx: &mut Tx, actor: &Actor) -> Result<()> {
    let before = tx.now.plus_minutes(-DRAFT_DAYS * 1440);
    for old in store::old_drafts(tx, actor.community_id, before)? {
        store::delete_rows(tx, (old.community_id, old.id))?;
        store::undone(tx, &Actor::timer(old.community_id), &old)?;
    }
    Ok(())
}
