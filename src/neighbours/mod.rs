//! 我也遇到了: a neighbour met a matter that is being handled already, and joins it instead of reporting it again.
//!
//! A neighbour is no ticket: no number, no clock, no second job for anybody. They have a page of their own, may leave a
//! phone, and answer the three questions for themselves when it is done. What doors show of a matter is in [`open`]; staff
//! read who joined in [`pages`]; what a neighbour reads and deletes of their own data is in [`own`].
//!
//! # How neighbours count
//!
//! Domain §6.5: different people on one matter are 群体, each counts in `C_raw`, one in `C_event`. Before doors offered to
//! join, the neighbour wrote a report and staff merged it. So that a button changes no figure, a neighbour counts exactly
//! as that merged report did: one in `C_raw` at the moment of joining, none in `C_event`; with the ticket's kind and
//! category, by the channel 扫码 whatever the ticket's own; and only while the ticket itself is counted (refused, withdrawn
//! and excluded tickets take their neighbours along). The same figure stands alone beside it (`joined`), so that whoever
//! thinks little of a tap can take it off again. What is counted in tickets (提交量, 受理量, 办结率) is work, not voices:
//! neighbours are not in it, nor in the three rates, whose base is tickets with a valid follow-up.
//!
//! One person is one: a device stands once for each matter; whoever reported it is no neighbour of it; a phone that the
//! reporter or another neighbour left makes the later one a repeat that does not count. Where no cookie is kept, address
//! and browser stand for the device: rather one too few than one too many. Taken back, it counts no more.

pub mod api;
pub mod open;
pub mod own;
pub mod pages;
mod staff;
mod store;

pub use self::staff::{Judged, Line, List, Shown, list, reveal};

use serde_json::json;

use crate::db::{Id, Time, Tx};
use crate::error::{Error, Result};
use crate::keys::{KEY_VERSION, Keys};
use crate::mask;
use crate::people::Actor;
use crate::photos::{Photo, PhotoKey};
use crate::places::{self, Community, Place};
use crate::settings::{self, Windows};
use crate::tickets::{self, Note, Phone, Satisfaction, Ticket, meeting, merging, privacy, voices};
use crate::voices::Voice;

/// Somebody who met the matter of a ticket too.
#[derive(Debug, Clone, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = crate::schema::neighbours, treat_none_as_default_value = false)]
#[allow(missing_docs)]
pub struct Neighbour {
    pub community_id: Id,
    pub id: Id,
    pub ticket_id: Id,
    /// The code at whose door they joined.
    pub code: Option<String>,
    pub key_version: i32,
    pub secret_hash: Vec<u8>,
    pub device_hash: Vec<u8>,
    pub phone_sealed: Option<Vec<u8>>,
    pub phone_hash: Option<Vec<u8>>,
    pub phone_masked: Option<String>,
    /// What they add in their own words; may be empty. For staff alone.
    pub text: String,
    pub notice_version: String,
    pub at: Time,
    /// The same phone told of it before: somebody who is counted already.
    pub repeats: bool,
    /// Taken back by themselves.
    pub withdrawn_at: Option<Time>,
    pub answered_at: Option<Time>,
    pub contacted: Option<bool>,
    pub solved: Option<bool>,
    pub satisfied: Option<Satisfaction>,
    pub comment: String,
}

/// What somebody who joins sends.
#[derive(Clone)]
#[allow(missing_docs)]
pub struct Join {
    pub ticket_id: Id,
    pub code: String,
    pub device_hash: Vec<u8>,
    pub phone: Option<Phone>,
    /// What a form held that turned out to be about the same matter; may be empty.
    pub text: String,
    pub photos: Vec<Photo>,
    /// What they said instead of writing, for staff alone.
    pub voice: Option<Voice>,
    pub notice_version: String,
}

/// What joining led to.
#[derive(Debug, Clone)]
pub enum Joined {
    /// They are a neighbour of it, now or since an earlier tap.
    Neighbour(Box<Neighbour>),
    /// They reported it themselves.
    Reporter,
}

/// Joins a matter that the door of `place` shows. However often a device asks, it is one neighbour. Fails where the door
/// shows no such matter, or where it was done in the meantime.
pub fn join(
    tx: &mut Tx,
    keys: &Keys,
    (community, place): (&Community, &Place),
    join: Join,
) -> Result<Joined> {
    let shown = tickets::find_own(tx, community.id, join.ticket_id)?;
    if !open::may_be_shown(tx, place, &shown)? {
        return Err(Error::NotFound);
    }
    let ticket = merging::leading(tx, &shown)?;
    if !ticket.status.clock_runs() {
        return Err(Error::conflict("这件事刚刚办结了。如果还没有好，请选“是另一件事”再交一次，我们接着办"));
    }
    let phone_hash = join.phone.as_ref().map(|phone| keys.phone_hash(phone.digits()));
    let own = |ticket: &Ticket| {
        ticket.device_hash.as_ref() == Some(&join.device_hash)
            || phone_hash.is_some() && ticket.phone_hash == phone_hash
    };
    // Whose report was merged into it is counted with that report.
    if own(&ticket) || merging::merged_into(tx, &ticket)?.iter().any(own) {
        return Ok(Joined::Reporter);
    }
    let made = fresh(keys, (community, tx.now), &ticket, &join)?;
    if !store::insert(tx, &made)? {
        return again(tx, &ticket, &join).map(Joined::neighbour);
    }
    // Whoever joins at the same moment waits here, and then sees this one: two with one phone are one.
    say(tx, &ticket, made.id, &join)?;
    look_for_repeat(tx, &made)?;
    store::find(tx, community.id, made.id).map(Joined::neighbour)
}

impl Joined {
    fn neighbour(found: Neighbour) -> Joined {
        Joined::Neighbour(Box::new(found))
    }
}

fn fresh(
    keys: &Keys,
    (community, now): (&Community, Time),
    ticket: &Ticket,
    join: &Join,
) -> Result<Neighbour> {
    let id = Id::new();
    let phone = join.phone.as_ref();
    Ok(Neighbour {
        community_id: community.id,
        id,
        ticket_id: ticket.id,
        code: Some(join.code.clone()),
        key_version: KEY_VERSION,
        secret_hash: keys.ticket_hash(&keys.ticket_secret(KEY_VERSION, &community.token, id)),
        device_hash: join.device_hash.clone(),
        phone_sealed: phone.map(|phone| keys.seal(id, phone.digits())).transpose()?,
        phone_hash: phone.map(|phone| keys.phone_hash(phone.digits())),
        phone_masked: phone.map(|phone| mask::phone(phone.digits())),
        text: join.text.clone(),
        notice_version: join.notice_version.clone(),
        at: now,
        repeats: false,
        withdrawn_at: None,
        answered_at: None,
        contacted: None,
        solved: None,
        satisfied: None,
        comment: String::new(),
    })
}

/// The same device once more: the neighbour it is already, with what it brings that was not there.
fn again(tx: &mut Tx, ticket: &Ticket, join: &Join) -> Result<Neighbour> {
    let found = store::by_device(tx, ticket, &join.device_hash)?;
    if found.withdrawn_at.is_some() {
        store::set_withdrawn(tx, &found, None)?;
    }
    if found.text.is_empty() && !join.text.is_empty() {
        store::set_text(tx, &found, &join.text)?;
        say(tx, ticket, found.id, join)?;
    } else if voices::of_neighbour(tx, ticket, found.id)?.is_empty() {
        speak(tx, ticket, found.id, join)?;
    }
    store::find(tx, found.community_id, found.id)
}

fn say(tx: &mut Tx, ticket: &Ticket, neighbour: Id, join: &Join) -> Result<()> {
    let actor = Actor::resident(ticket.community_id);
    meeting::meet(tx, &actor, ticket.id, &join.photos, json!({ "neighbour_id": neighbour }))?;
    speak(tx, ticket, neighbour, join)
}

fn speak(tx: &mut Tx, ticket: &Ticket, neighbour: Id, join: &Join) -> Result<()> {
    match &join.voice {
        Some(voice) => voices::attach_of_neighbour(tx, ticket, neighbour, voice),
        None => Ok(()),
    }
}

/// Marks a neighbour whose phone the reporter or another neighbour of the matter left before.
fn look_for_repeat(tx: &mut Tx, neighbour: &Neighbour) -> Result<()> {
    let Some(hash) = &neighbour.phone_hash else { return Ok(()) };
    let ticket = tickets::find_own(tx, neighbour.community_id, neighbour.ticket_id)?;
    let repeats = ticket.phone_hash.as_ref() == Some(hash) || store::phone_known(tx, neighbour, hash)?;
    store::set_repeats(tx, neighbour, repeats)
}

/// The neighbour whose page `secret` opens.
pub fn find_by_secret(tx: &mut Tx, keys: &Keys, secret: &str) -> Result<Neighbour> {
    let token = secret.get(..4).ok_or(Error::NotFound)?;
    let community = places::community_by_token(tx, token)?.ok_or(Error::NotFound)?;
    store::by_secret(tx, community.id, &keys.ticket_hash(secret))
}

/// The secret of a neighbour's page.
pub fn secret(keys: &Keys, community: &Community, neighbour: &Neighbour) -> String {
    keys.ticket_secret(neighbour.key_version, &community.token, neighbour.id)
}

/// The ticket whose progress a neighbour follows: theirs, or the one it was merged into.
pub fn followed(tx: &mut Tx, neighbour: &Neighbour) -> Result<Ticket> {
    let ticket = tickets::find_own(tx, neighbour.community_id, neighbour.ticket_id)?;
    merging::leading(tx, &ticket)
}

/// Leaves a phone, or another one, and a word for staff; nothing given leaves what was there. While the matter is open.
pub fn tell(
    tx: &mut Tx,
    keys: &Keys,
    neighbour: &Neighbour,
    (phone, text): (Option<&Phone>, Option<&Note>),
) -> Result<Neighbour> {
    let ticket = followed(tx, neighbour)?;
    if !ticket.status.clock_runs() || neighbour.withdrawn_at.is_some() {
        return Err(Error::conflict("这件事已经办结或者您已经取消，不用再补充了；没办好可以在下面评价"));
    }
    if phone.is_none() && text.is_none() {
        return Err(Error::invalid("phone", "请填写电话，或者写一句话，再点保存"));
    }
    meeting::wait(tx, &ticket)?;
    if let Some(phone) = phone {
        store::set_phone(tx, keys, neighbour, phone)?;
    }
    if let Some(text) = text {
        store::set_text(tx, neighbour, text.as_str())?;
    }
    let changed = store::find(tx, neighbour.community_id, neighbour.id)?;
    look_for_repeat(tx, &changed)?;
    store::find(tx, neighbour.community_id, neighbour.id)
}

/// 按错了: takes it back; it counts no more, and phone, words, voice and photos are forgotten. Joining again brings it back.
/// Returns the photos that nothing names any more: whoever called deletes their files after the commit.
pub fn withdraw(tx: &mut Tx, neighbour: &Neighbour) -> Result<Vec<PhotoKey>> {
    let ticket = tickets::find_own(tx, neighbour.community_id, neighbour.ticket_id)?;
    let unnamed = privacy::forget_neighbour(tx, &ticket, neighbour.id)?;
    store::set_withdrawn(tx, neighbour, Some(tx.now))?;
    Ok(unnamed)
}

/// The three answers of one neighbour.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct Answer {
    pub contacted: bool,
    pub solved: bool,
    pub satisfied: Satisfaction,
    pub comment: String,
}

/// Whether a neighbour may answer now: the matter stands closed, they have not answered since, and the window in which it
/// could be redone is open.
pub fn may_answer(tx: &mut Tx, neighbour: &Neighbour, ticket: &Ticket) -> Result<bool> {
    let ended = ticket.status.clock_runs() || ticket.status.ended_early();
    let Some(closed) = ticket.closed_at.filter(|_| !ended && neighbour.withdrawn_at.is_none()) else {
        return Ok(false);
    };
    let windows: Windows = settings::at(tx, neighbour.community_id, tx.now)?;
    let late = closed.plus_minutes(i64::from(windows.rework_days) * 1440) < tx.now;
    Ok(!late && neighbour.answered_at.is_none_or(|answered| answered < closed))
}

/// Answers for oneself, once for each closing. It is no follow-up of the ticket: the reporter's three rates stay theirs.
/// Staff are told where it is not solved.
pub fn answer(tx: &mut Tx, neighbour: &Neighbour, answer: &Answer) -> Result<()> {
    let ticket = followed(tx, neighbour)?;
    let done = || Error::conflict("您已经评价过了，或者评价的时间已经过去；没办好请重新扫码反映或打社区电话");
    if answer.comment.chars().count() > 500 {
        return Err(Error::invalid("comment", "最多 500 字，请删短一些"));
    }
    // Two taps at once: the second finds what the first has written.
    meeting::wait(tx, &ticket)?;
    let now = store::find(tx, neighbour.community_id, neighbour.id)?;
    if !may_answer(tx, &now, &ticket)? {
        return Err(done());
    }
    store::set_answer(tx, &now, answer)?;
    let data = json!({
        "neighbour_id": now.id, "contacted": answer.contacted, "solved": answer.solved,
        "satisfied": answer.satisfied,
    });
    meeting::echo(tx, &Actor::resident(now.community_id), ticket.id, &answer.comment, data).map(drop)
}

/// How many neighbours each of these tickets has; those with none are missing.
pub fn counts(tx: &mut Tx, community_id: Id, tickets: &[Id]) -> Result<Vec<(Id, i64)>> {
    store::counts(tx, community_id, tickets)
}

/// Forgets the phones of neighbours whose matter was closed so long ago as the notice promises. Returns how many.
pub fn forget_people(tx: &mut Tx, community_id: Id) -> Result<usize> {
    let windows: Windows = settings::at(tx, community_id, tx.now)?;
    let before = tx.now.plus_minutes(-i64::from(windows.contact_days) * 1440);
    store::forget_people(tx, community_id, before)
}
