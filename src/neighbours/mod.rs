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
//! and browser stand for the device: rather one too few than one too many. Taken back, it counts no more. Who comes in a
//! flood (`reports::flood`) has a page like everybody else, and counts once a person has confirmed it ([`confirm`]), then
//! since the moment of joining.

pub mod api;
pub mod open;
pub mod own;
pub mod pages;
mod retention;
mod staff;
mod store;

pub use self::retention::{forget, to_forget};
pub use self::staff::{Judged, Line, List, Shown, Whom, confirm, list, reveal};

use serde_json::json;

use crate::db::{Id, Time, Tx};
use crate::error::{Error, Result};
use crate::keys::{KEY_VERSION, Keys};
use crate::mask;
use crate::people::Actor;
use crate::photos::{Photo, PhotoKey};
use crate::places::{self, Community, Place};
use crate::tickets::held::{self, Doubt};
use crate::tickets::{self, Note, Phone, Satisfaction, Ticket, meeting, merging, privacy, steps, voices};
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
    /// Why a person should look at it first, as words of [`Doubt`] with spaces between; empty for one who counts.
    pub doubts: String,
    /// When what is personal of it was forgotten.
    pub forgotten_at: Option<Time>,
}

impl Neighbour {
    /// Why it does not count yet, in Chinese; empty where it does.
    pub fn doubts(&self) -> String {
        held::labels(&self.doubts)
    }
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
    /// Why a person should look at it first; then it counts nowhere before.
    pub doubts: Vec<Doubt>,
}

/// What joining led to.
#[derive(Debug, Clone)]
pub enum Joined {
    /// They are a neighbour of it, now or since an earlier tap; so much of what they brought found no room.
    Neighbour(Box<Neighbour>, usize),
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
        return again(tx, &ticket, &join);
    }
    // Whoever joins at the same moment waits here, and then sees this one: two with one phone are one.
    let left = bring(tx, &ticket, made.id, &join)?;
    if made.doubts.is_empty() {
        say(tx, &ticket, made.id)?;
    }
    look_for_repeat(tx, &made)?;
    let found = store::find(tx, community.id, made.id)?;
    Ok(Joined::Neighbour(Box::new(found), left))
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
        doubts: join.doubts.iter().map(|doubt| doubt.word()).collect::<Vec<_>>().join(" "),
        forgotten_at: None,
    })
}

/// The same device once more: the neighbour it is already, with what it brings that was not there. Who comes again in
/// quieter times counts from now on.
fn again(tx: &mut Tx, ticket: &Ticket, join: &Join) -> Result<Joined> {
    let found = store::by_device(tx, ticket, &join.device_hash)?;
    if found.withdrawn_at.is_some() {
        store::set_withdrawn(tx, &found, None)?;
    }
    let left = bring(tx, ticket, found.id, join)?;
    let speaks = found.text.is_empty() && !join.text.is_empty();
    if speaks {
        store::set_text(tx, &found, &join.text)?;
    }
    let counts = !found.doubts.is_empty() && join.doubts.is_empty();
    if counts {
        store::set_confirmed(tx, &found)?;
        look_for_repeat(tx, &found)?;
    }
    if counts || speaks && found.doubts.is_empty() {
        say(tx, ticket, found.id)?;
    }
    let found = store::find(tx, found.community_id, found.id)?;
    Ok(Joined::Neighbour(Box::new(found), left))
}

fn say(tx: &mut Tx, ticket: &Ticket, neighbour: Id) -> Result<()> {
    let actor = Actor::resident(ticket.community_id);
    meeting::meet(tx, &actor, ticket.id, json!({ "neighbour_id": neighbour })).map(drop)
}

/// What somebody brings beside words, theirs to take back; returns how much of it found no room.
fn bring(tx: &mut Tx, ticket: &Ticket, neighbour: Id, join: &Join) -> Result<usize> {
    let left = meeting::bring(tx, (ticket, neighbour), &join.photos)?;
    let Some(voice) = &join.voice else { return Ok(left) };
    let hung = voices::attach_of_neighbour(tx, (ticket, neighbour), voice)?;
    Ok(left + usize::from(!hung))
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

/// The matter is done, or they took it back: nothing is added any more.
fn late() -> Error {
    Error::conflict("这件事已经办结或者您已经取消，不用再补充了；没办好可以在这一页评价，或打社区电话")
}

/// What a neighbour follows, once whoever is changing it has finished: nobody else does until this transaction is over.
fn held(tx: &mut Tx, neighbour: &Neighbour) -> Result<Ticket> {
    let ticket = followed(tx, neighbour)?;
    meeting::wait(tx, &ticket)?;
    followed(tx, neighbour)
}

/// Leaves a phone, or another one, and a word for staff; nothing given leaves what was there. While the matter is open.
/// What is given after a deletion is kept as long as any other.
pub fn tell(
    tx: &mut Tx,
    keys: &Keys,
    neighbour: &Neighbour,
    (phone, text): (Option<&Phone>, Option<&Note>),
) -> Result<Neighbour> {
    let ticket = held(tx, neighbour)?;
    let neighbour = &store::find(tx, neighbour.community_id, neighbour.id)?;
    if !ticket.status.clock_runs() || neighbour.withdrawn_at.is_some() {
        return Err(late());
    }
    if phone.is_none() && text.is_none() {
        return Err(Error::invalid("phone", "请填写电话，或者写一句话，再点保存"));
    }
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
    held(tx, neighbour)?;
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
    let late = steps::windows(tx, ticket)?.rework_until(closed) < tx.now;
    Ok(!late && neighbour.answered_at.is_none_or(|answered| answered < closed))
}

/// Answers for oneself, once for each closing. It is no follow-up of the ticket: the reporter's three rates stay theirs.
/// Staff are told where it is not solved.
pub fn answer(tx: &mut Tx, neighbour: &Neighbour, answer: &Answer) -> Result<()> {
    let ticket = held(tx, neighbour)?;
    let done = || Error::conflict("您已经评价过了，或者评价的时间已经过去；没办好请重新扫码反映或打社区电话");
    if answer.comment.chars().count() > 500 {
        return Err(Error::invalid("comment", "最多 500 字，请删短一些"));
    }
    // Two taps at once: the second finds what the first has written.
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
