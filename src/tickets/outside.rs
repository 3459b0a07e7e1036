//! What somebody outside does by their link: takes it, asks, answers, adds photos, reports done.
//!
//! The first browser that says 「我来办理」 keeps the link; another one is told whom to ask. Opening the address changes
//! nothing, because messengers look at it before people do. Reported done closes nothing: staff check it
//! ([`super::links::check`]).

use serde_json::json;

use super::acts::{may, record};
use super::links::{self, Link, Turn, by_token, note_down, turn};
use super::store::Change;
use super::{Act, Audience, Line, Note, Stage, Ticket, hang, photos};
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::keys::{self, Keys, hex};
use crate::people::{Actor, Role};
use crate::photos::Photo;
use crate::routing::Kind;

/// How often somebody may say something by one link.
const MOST_SAID: i32 = 60;
/// Minutes within which the same words and photos again are a double tap.
const TAP_MINUTES: i64 = 10;

/// How the address opens for a browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// It is theirs.
    Own,
    /// Nobody has taken it yet.
    Untaken,
    /// Another browser has taken it.
    Elsewhere,
    /// Nobody works on the matter any more.
    Closed,
    /// Staff took it back.
    Revoked,
    /// Its time is over.
    Expired,
}

/// What lies behind an address, and how it opens.
pub struct Found {
    /// The ticket.
    pub ticket: Ticket,
    /// The link.
    pub link: Link,
    /// How it opens for whoever asks.
    pub way: Way,
}

/// What a token opens for a browser with this cookie. [`Error::NotFound`] where there is no such link.
pub fn enter(tx: &mut Tx, keys: &Keys, token: &str, browser: Option<&str>) -> Result<Found> {
    let (link, ticket) = by_token(tx, keys, token)?;
    let mine = browser.map(|browser| holder(keys, &link, browser));
    let way = match &link.holder_hash {
        _ if ticket.stand().allows(Act::Say, Role::Outsider).is_err() => Way::Closed,
        // What turned out to be a 举报 is no longer shown.
        _ if link.revoked_at.is_some() || ticket.kind == Kind::TipOff => Way::Revoked,
        _ if !link.live(tx.now) => Way::Expired,
        None => Way::Untaken,
        Some(held) if mine.is_some_and(|mine| keys::same(held, &mine)) => Way::Own,
        Some(_) => Way::Elsewhere,
    };
    Ok(Found { ticket, link, way })
}

fn holder(keys: &Keys, link: &Link, browser: &str) -> Vec<u8> {
    keys.link_hash(&format!("{} {browser}", link.id))
}

/// Whoever opens an address: its token, and the cookie of the browser.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct Bearer {
    pub token: String,
    pub browser: String,
}

/// 我来办理: binds the link to this browser. Taking one's own again changes nothing.
pub fn open(tx: &mut Tx, keys: &Keys, bearer: &Bearer) -> Result<Ticket> {
    let found = enter(tx, keys, &bearer.token, Some(&bearer.browser))?;
    match found.way {
        Way::Own => return Ok(found.ticket),
        Way::Untaken => {}
        _ => return Err(over()),
    }
    let actor = Actor::outsider(found.ticket.community_id, &found.link.name);
    let ticket = may(tx, &actor, found.ticket.id, Act::Open)?;
    // Of two browsers at once the second has waited for the first, and is refused here.
    if enter(tx, keys, &bearer.token, None)?.way != Way::Untaken {
        return Err(over());
    }
    let taken = Turn {
        holder_hash: Some(Some(holder(keys, &found.link, &bearer.browser))),
        opened_at: Some(Some(tx.now)),
        ..Turn::default()
    };
    turn(tx, &found.link, &taken)?;
    note_down(tx, &actor, (&ticket, &found.link), Act::Open, &found.link.name)
}

/// What an outsider hands in.
#[derive(Debug, Clone)]
pub enum Handed {
    /// A question or an answer, photos, or both.
    Word,
    /// It is done.
    Done,
}

/// Takes in what the holder of a link says. The same again within ten minutes is a double tap, not two.
pub fn hand_in(
    tx: &mut Tx,
    keys: &Keys,
    bearer: &Bearer,
    handed: Handed,
    (text, shots): (&str, &[Photo]),
) -> Result<Ticket> {
    let found = enter(tx, keys, &bearer.token, Some(&bearer.browser))?;
    if found.way != Way::Own {
        return Err(over());
    }
    let words = match (&handed, text.trim()) {
        (Handed::Word, "") if !shots.is_empty() => String::new(),
        (Handed::Word, text) => Note::parse("text", text, "请写一句话，或添加照片")?.as_str().to_owned(),
        (Handed::Done, text) => {
            Note::parse("text", text, "请写明做了什么、结果怎样，社区要核实")?.as_str().to_owned()
        }
    };
    let act = if matches!(handed, Handed::Done) { Act::Report } else { Act::Say };
    let actor = Actor::outsider(found.ticket.community_id, &found.link.name);
    let ticket = may(tx, &actor, found.ticket.id, act)?;
    let content = content(&words, shots);
    if twice(tx, (&ticket, &found.link), act, &content)? {
        return Ok(ticket);
    }
    let found = enter(tx, keys, &bearer.token, Some(&bearer.browser))?;
    if found.link.said >= MOST_SAID {
        return Err(Error::conflict("留言已经很多了，请打电话和社区说"));
    }
    if act == Act::Report && found.link.done_at.is_some() {
        return Err(Error::conflict("已经报过完成，社区正在核实；要补充可以先“发给社区”"));
    }
    let numbers = hang(tx, &actor, &ticket, Stage::Work, shots)?;
    let since = found.link.waiting_at.unwrap_or(tx.now);
    let said = Turn {
        said: Some(found.link.said + 1),
        waiting_at: Some(Some(since)),
        done_at: (act == Act::Report).then_some(Some(tx.now)),
        ..Turn::default()
    };
    turn(tx, &found.link, &said)?;
    let data = json!({ "link": found.link.id, "photos": numbers, "content": content });
    let line = Line { act: act.word(), audience: Audience::Staff, note: &words, data };
    record(tx, &actor, &ticket, Change::default(), line)
}

fn content(words: &str, shots: &[Photo]) -> String {
    let photos = shots.iter().map(|photo| photo.key.as_str().as_bytes());
    hex(&keys::digest(std::iter::once(words.as_bytes()).chain(photos)))
}

fn twice(tx: &mut Tx, (ticket, link): (&Ticket, &Link), act: Act, content: &str) -> Result<bool> {
    let recent = tx.now.plus_minutes(-TAP_MINUTES);
    let talk = links::talk(tx, ticket, link)?;
    // After a reply the same words may be meant anew.
    let last = talk.last().filter(|event| event.act == act.word() && event.at > recent);
    Ok(last.is_some_and(|event| event.data.contains(content)))
}

/// The photos that the holder of a link may see: those of the report, and what they sent themselves.
pub fn visible_photos(tx: &mut Tx, found: &Found) -> Result<Vec<super::TicketPhoto>> {
    let own: Vec<i32> =
        links::talk(tx, &found.ticket, &found.link)?.iter().flat_map(links::photos_of).collect();
    let all = photos(tx, &found.ticket)?;
    Ok(all.into_iter().filter(|photo| photo.stage == Stage::Report || own.contains(&photo.seq)).collect())
}

fn over() -> Error {
    Error::conflict("这个链接现在不能用了，您的内容没有送出；请打社区电话")
}
