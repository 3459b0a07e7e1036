//! 疑似: reports that came in a flood, or look as if no person had sent them. None is lost: a person looks at each.
//!
//! A held report has no number and no clock yet. Let in, it becomes a ticket: the number is of the day on which it is let
//! in, the clock and every figure count from the moment at which it came (domain §3, §6.6). Its page has the address
//! that the ticket will have, because the ticket takes its id. Discarded, it can be taken back for some days.

mod own;
mod store;

use diesel::prelude::*;

pub use self::own::{correct, erase};

use super::relation::{self, Relation};
use super::submit::{self, Person, Submission};
use super::{Channel, Note, Reason, Ticket};
use crate::db::{Id, Time, Tx};
use crate::error::{Error, Result};
use crate::keys::{KEY_VERSION, Keys};
use crate::mask::{self, FreeText};
use crate::people::{Actor, Role};
use crate::photos::{Photo, PhotoKey};
use crate::places::{self, Community};
use crate::settings::{self, Flood, Retention};
use crate::uploads::loose;
use crate::voices::Voice;

text_enum! {
    /// Why a report was held.
    pub enum Doubt {
        Honeypot = "honeypot", "填了人看不见的格子";
        Device = "device", "同一台手机短时间内提交了很多件";
        Door = "door", "这个码短时间内收到了很多件";
        Network = "network", "同一网络短时间内提交了很多件";
        Community = "community", "全社区短时间内收到了很多件";
    }
}

/// A report that waits for a person, or was discarded.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, serde::Serialize, utoipa::ToSchema)]
#[diesel(table_name = crate::schema::held_reports, treat_none_as_default_value = false)]
#[allow(missing_docs)]
pub struct Held {
    #[serde(skip)]
    pub community_id: Id,
    pub id: Id,
    #[serde(skip)]
    pub secret_hash: Vec<u8>,
    #[serde(skip)]
    pub code: String,
    pub place_id: Id,
    /// Two digits.
    pub level1: String,
    pub text: FreeText,
    #[serde(skip)]
    pub phone_sealed: Option<Vec<u8>>,
    pub phone_masked: Option<String>,
    #[serde(skip)]
    pub device_hash: Option<Vec<u8>>,
    pub share_phone: bool,
    pub publish: bool,
    pub notice_version: String,
    /// A line for each photo.
    #[serde(skip)]
    pub photos: String,
    /// The voice message, as a line.
    #[serde(skip)]
    pub voice: Option<String>,
    /// Who the reporter is to the place, where they said it.
    #[serde(skip)]
    pub relation: Option<Relation>,
    /// Words of [`Doubt`], with spaces between.
    pub why: String,
    pub received_at: Time,
    pub discarded_at: Option<Time>,
    pub discarded_by: Option<String>,
    pub reason: Option<Reason>,
    pub note: FreeText,
    /// What stands for the network that it came from.
    #[serde(skip)]
    pub network_hash: Option<Vec<u8>>,
}

/// Words of [`Doubt`] with spaces between, in Chinese.
pub fn labels(words: &str) -> String {
    let labels = words.split(' ').filter_map(Doubt::parse).map(Doubt::label);
    labels.collect::<Vec<_>>().join("；")
}

/// The place that a report asks for among those that wait: no network may take them all, and some are kept for those who
/// came by a page of ours.
#[derive(Debug, Clone)]
pub struct Seat {
    /// What stands for the network that it came from.
    pub network_hash: Vec<u8>,
    /// A page of ours stands behind it, with its stamp, its token or work.
    pub from_page: bool,
    /// How many may wait.
    pub rules: Flood,
}

/// So many times the share of a network have those who came by a page of ours: a building whose phones run no script.
const PAGE_TIMES: i32 = 5;

impl Seat {
    /// How many may wait in all, and from one network, before this one is too much.
    fn limits(&self) -> (i32, i32) {
        let Flood { most_held, held_network, held_reserved, .. } = self.rules;
        // Rules of old named no reserve, and perhaps fewer places than it takes.
        let reserved = held_reserved.clamp(0, most_held / 2);
        match self.from_page {
            true => (most_held, held_network.saturating_mul(PAGE_TIMES)),
            false => (most_held - reserved, held_network),
        }
    }
}

/// Whether one more report may wait for a person.
pub fn has_room(tx: &mut Tx, community_id: Id, seat: &Seat) -> Result<bool> {
    let (all, share) = seat.limits();
    let own = store::waiting_from(tx, community_id, &seat.network_hash, i64::from(share))?;
    Ok(own < share as usize && store::waiting(tx, community_id, i64::from(all))? < all as usize)
}

impl Held {
    /// Why it was held, in Chinese.
    pub fn doubts(&self) -> String {
        labels(&self.why)
    }

    /// Its photos.
    pub fn pictures(&self) -> Vec<Photo> {
        self.photos.lines().filter_map(Photo::from_line).collect()
    }

    /// Its voice message.
    pub fn spoken(&self) -> Option<Voice> {
        self.voice.as_deref().and_then(Voice::from_line)
    }
}

/// Holds a report for a person to look at. Fails with [`Error::TooMany`] where there is no such seat any more: then nothing
/// is written, and the resident is asked to call.
pub fn hold(
    tx: &mut Tx,
    keys: &Keys,
    community: &Community,
    submission: &Submission,
    ((voice, relation), doubts, seat): ((Option<&Voice>, Option<Relation>), &[Doubt], &Seat),
) -> Result<Held> {
    if !has_room(tx, community.id, seat)? {
        return Err(Error::TooMany);
    }
    if let Some(voice) = voice {
        // It waits with the report now.
        loose::take(tx, community.id, loose::Kind::Voice, &voice.key)?;
    }
    let (id, person) = (submission.id, &submission.person);
    let phone = person.phone.as_ref();
    let photos: Vec<String> = submission.photos.iter().map(Photo::line).collect();
    let held = Held {
        community_id: community.id,
        id,
        secret_hash: keys.ticket_hash(&keys.ticket_secret(KEY_VERSION, &community.token, id)),
        code: submission.code.clone().unwrap_or_default(),
        place_id: submission.place.id,
        level1: submission.level1.clone(),
        text: submission.text.as_str().into(),
        phone_sealed: phone.map(|phone| keys.seal(id, phone.digits())).transpose()?,
        phone_masked: phone.map(|phone| mask::phone(phone.digits())),
        device_hash: person.device_hash.clone(),
        share_phone: person.share_phone,
        publish: person.publish,
        notice_version: submission.notice_version.clone(),
        photos: photos.join("\n"),
        voice: voice.map(Voice::line),
        relation,
        why: doubts.iter().map(|doubt| doubt.word()).collect::<Vec<_>>().join(" "),
        received_at: tx.now,
        discarded_at: None,
        discarded_by: None,
        reason: None,
        note: FreeText::default(),
        network_hash: Some(seat.network_hash.clone()),
    };
    store::insert(tx, &held)?;
    Ok(held)
}

/// The held report whose page `secret` opens.
pub fn find_by_secret(tx: &mut Tx, keys: &Keys, secret: &str) -> Result<Held> {
    let token = secret.get(..4).ok_or(Error::NotFound)?;
    let community = places::community_by_token(tx, token)?.ok_or(Error::NotFound)?;
    store::by_secret(tx, community.id, &keys.ticket_hash(secret))
}

/// A held report by id, for the holder of the key that it was sent with.
pub fn find_own(tx: &mut Tx, community_id: Id, id: Id) -> Result<Held> {
    store::find(tx, community_id, id)
}

/// What one phone sent and nobody has let in yet, latest first, at most `most`.
pub fn by_device(tx: &mut Tx, community_id: Id, device_hash: &[u8], most: i64) -> Result<Vec<Held>> {
    store::by_device(tx, community_id, device_hash, most)
}

/// How many wait, for the badge: at most 100 are counted.
pub fn waiting(tx: &mut Tx, actor: &Actor) -> Result<usize> {
    match actor.role {
        Role::CommunityWorker | Role::CommunityLead => store::waiting(tx, actor.community_id, 100),
        _ => Ok(0),
    }
}

/// A page of held reports, and where the next one begins.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
#[schema(as = HeldPage)]
#[allow(missing_docs)]
pub struct Page {
    pub rows: Vec<Held>,
    /// Pass it as `after`; nothing at the end.
    pub next: Option<Id>,
}

/// Held reports on one page.
pub const PAGE: usize = 30;

/// What waits, oldest first; or what was discarded, latest first. For community workers and leads.
pub fn page(tx: &mut Tx, actor: &Actor, discarded: Shelf, after: Option<Id>) -> Result<Page> {
    decides(actor)?;
    let mut rows = store::list(tx, actor.community_id, (discarded, after), PAGE as i64 + 1)?;
    let more = rows.len() > PAGE;
    rows.truncate(PAGE);
    Ok(Page { next: rows.last().filter(|_| more).map(|row| row.id), rows })
}

/// Which held reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shelf {
    /// Those that wait.
    #[default]
    Waiting,
    /// Those that were discarded and can still be taken back.
    Discarded,
}

/// 放行: lets a waiting report in as a ticket. Of two who decide at once the second finds it decided. For community
/// workers and leads; noted in the audit log.
pub fn release(tx: &mut Tx, keys: &Keys, actor: &Actor, id: Id) -> Result<Ticket> {
    decides(actor)?;
    let held = store::find_held(tx, actor.community_id, id)?;
    if !store::take_waiting(tx, &held)? {
        return Err(decided());
    }
    let community = places::community(tx, actor.community_id)?;
    let place = places::find(tx, actor.community_id, held.place_id)?;
    let phone = held.phone_sealed.as_deref().map(|sealed| keys.unseal(held.id, sealed)).transpose()?;
    let submission = Submission {
        id: held.id,
        channel: Channel::Scan,
        code: Some(held.code.clone()).filter(|code| !code.is_empty()),
        place,
        spot_note: String::new(),
        level1: held.level1.clone(),
        category: None,
        kind: None,
        text: Note::parse("text", held.text.unmasked(), "请写一下是什么事")?,
        hazard: false,
        reach: None,
        person: Person {
            name: None,
            phone: phone.map(|phone| super::Phone::parse("phone", &phone)).transpose()?.flatten(),
            device_hash: held.device_hash.clone(),
            share_phone: held.share_phone,
            publish: held.publish,
        },
        photos: held.pictures(),
        notice_version: held.notice_version.clone(),
        called_at: None,
    };
    let ticket = submit::let_in(tx, keys, (&community, held.received_at), submission)?;
    if let Some(voice) = held.spoken() {
        super::voices::hang(tx, &Actor::resident(community.id), &ticket, &voice)?;
    }
    if let Some(relation) = held.relation {
        relation::note(tx, &ticket, relation)?;
    }
    super::store::audit(tx, actor, "release_held", Some(ticket.id), &held.doubts())?;
    Ok(ticket)
}

/// 不作诉求: sets a waiting report aside as test, advert or flooding, with words why. It never had a number, so that one
/// person decides; it can be taken back for as long as [`Retention`] keeps it. For community workers and leads.
pub fn discard(tx: &mut Tx, actor: &Actor, id: Id, (reason, note): (Reason, &Note)) -> Result<Held> {
    decides(actor)?;
    if !matches!(reason, Reason::E1 | Reason::E2 | Reason::E3) {
        return Err(Error::invalid("reason", "请选：测试、空白乱码或广告、恶意刷单"));
    }
    let held = store::find(tx, actor.community_id, id)?;
    if !store::discard(tx, actor, &held, (reason, note))? {
        return Err(decided());
    }
    super::store::audit(tx, actor, "discard_held", None, &format!("{}：{}", reason.label(), note.as_str()))?;
    store::find(tx, actor.community_id, id)
}

/// Reports that are set aside at once.
const DISCARDED_AT_ONCE: usize = 200;

/// The same for several that somebody chose, for one reason; each leaves its line in the audit log. Those that others
/// decided meanwhile stay as they are. Returns how many were set aside.
pub fn discard_all(tx: &mut Tx, actor: &Actor, ids: &[Id], why: (Reason, &Note)) -> Result<usize> {
    decides(actor)?;
    if ids.is_empty() || ids.len() > DISCARDED_AT_ONCE {
        return Err(Error::invalid("ids", format!("请先勾选要搁置的，一次最多 {DISCARDED_AT_ONCE} 件")));
    }
    let mut done = 0;
    for id in ids {
        match discard(tx, actor, *id, why) {
            Ok(_) => done += 1,
            Err(Error::Conflict(_) | Error::NotFound) => {}
            Err(err) => return Err(err),
        }
    }
    if done == 0 { Err(decided()) } else { Ok(done) }
}

/// A ticket of which neighbours who came in a flood wait to be confirmed: its id, its number, and how many.
pub type Doubted = (Id, String, i64);

/// Tickets with such neighbours, at most `most`. For community workers and leads.
pub fn doubted(tx: &mut Tx, actor: &Actor, most: i64) -> Result<Vec<Doubted>> {
    decides(actor)?;
    store::doubted(tx, actor.community_id, most)
}

/// 找回: a discarded report waits again. For community workers and leads.
pub fn restore(tx: &mut Tx, actor: &Actor, id: Id) -> Result<Held> {
    decides(actor)?;
    let held = store::find(tx, actor.community_id, id)?;
    if !store::restore(tx, &held)? {
        return Err(Error::conflict("这件没有被搁置，或刚才有人先找回了；请刷新看看最新情况"));
    }
    super::store::audit(tx, actor, "restore_held", None, held.note.unmasked())?;
    store::find(tx, actor.community_id, id)
}

/// Which discarded reports are past their time, at most `most`.
pub fn to_forget(tx: &mut Tx, community_id: Id, most: i64) -> Result<Vec<Id>> {
    let rules: Retention = settings::at(tx, community_id, tx.now)?;
    let before = tx.now.plus_minutes(-i64::from(rules.discarded_days) * 1440);
    store::discarded_before(tx, community_id, before, most)
}

/// Deletes discarded reports past their time, at most `most`; returns how many, and their photos that no ticket names.
pub fn forget(tx: &mut Tx, community_id: Id, most: i64) -> Result<(usize, Vec<PhotoKey>)> {
    let due = to_forget(tx, community_id, most)?;
    let mut photos = Vec::new();
    for id in &due {
        let held = store::find(tx, community_id, *id)?;
        store::delete(tx, &held)?;
        if let Some(voice) = held.spoken() {
            loose::drop_later(tx, community_id, loose::Kind::Voice, &voice.key)?;
        }
        photos.extend(held.pictures().into_iter().map(|photo| photo.key));
    }
    let mut unnamed = Vec::new();
    for photo in photos {
        if !super::privacy::is_named(tx, &photo)? {
            unnamed.push(photo);
        }
    }
    Ok((due.len(), unnamed))
}

/// Those who may decide: whoever triages.
fn decides(actor: &Actor) -> Result<()> {
    match actor.role {
        Role::CommunityWorker | Role::CommunityLead => Ok(()),
        _ => Err(Error::Forbidden),
    }
}

fn decided() -> Error {
    Error::conflict("刚才有人先处理了这一件，您的操作没有生效；请刷新看看最新情况")
}
