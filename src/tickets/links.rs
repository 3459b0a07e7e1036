//! Links: one ticket shown to somebody outside who has no account, a utility or a department, by a secret address.
//!
//! What staff do with them: make one, answer, check what was reported done, send it back, take the link back. What the
//! outsider does is next door in [`super::outside`]. Only a keyed hash of the token is stored; what the outsider reads is the
//! text that was chosen when the link was made, never the resident's name, phone or room.

use diesel::prelude::*;
use serde_json::json;

use super::acts::{may, record};
use super::list::{Cursor, PAGE};
use super::store::Change;
use super::{Act, Audience, Event, Line, Note, Ticket, store};
use crate::db::{Id, Time, Tx};
use crate::error::{Error, Result};
use crate::keys::{self, Keys};
use crate::mask::{self, FreeText};
use crate::people::Actor;
use crate::places;
use crate::routing::{self, Kind};
use crate::schema::{links, places as place_rows, tickets};

/// Days that a link is good for, where nothing else is chosen, and at most.
pub const DAYS: i64 = 14;
const MOST_DAYS: i64 = 90;

text_enum! {
    /// How a link stands.
    pub enum Standing {
        Sent = "sent", "还没有打开";
        Taken = "taken", "对方在办";
        Reported = "reported", "报完成，请核实";
        Revoked = "revoked", "已收回";
        Expired = "expired", "已过期";
    }
}

/// A link for somebody outside.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, serde::Serialize, utoipa::ToSchema)]
#[diesel(table_name = links, treat_none_as_default_value = false)]
#[allow(missing_docs)]
pub struct Link {
    #[serde(skip)]
    pub community_id: Id,
    pub id: Id,
    #[serde(skip)]
    pub ticket_id: Id,
    /// The party it was made for, where that is one of the community.
    pub party_id: Option<Id>,
    /// Whom it was made for.
    pub name: String,
    /// What they read of the matter.
    pub text: FreeText,
    #[serde(skip)]
    pub token_hash: Vec<u8>,
    /// The browser that took it; another one does not get in.
    #[serde(skip)]
    pub holder_hash: Option<Vec<u8>>,
    #[serde(skip)]
    pub made_by: Id,
    pub maker: String,
    pub made_at: Time,
    pub expires_at: Time,
    pub opened_at: Option<Time>,
    /// Taken back by staff, or ended with the ticket.
    pub revoked_at: Option<Time>,
    /// Reported done and not yet checked.
    pub done_at: Option<Time>,
    /// Since when the outsider waits for a word from the community.
    pub waiting_at: Option<Time>,
    /// How often the outsider said something.
    #[serde(skip)]
    pub said: i32,
}

impl Link {
    /// How it stands at a moment.
    pub fn standing(&self, now: Time) -> Standing {
        match (self.revoked_at, self.done_at, self.opened_at) {
            (Some(_), ..) => Standing::Revoked,
            (_, Some(_), _) => Standing::Reported,
            _ if self.expires_at <= now => Standing::Expired,
            (_, _, Some(_)) => Standing::Taken,
            _ => Standing::Sent,
        }
    }

    /// Whether it still opens something.
    pub fn live(&self, now: Time) -> bool {
        self.revoked_at.is_none() && self.expires_at > now
    }
}

/// For whom, with which words, and for how long.
#[derive(Debug, Clone)]
pub struct Invitation {
    /// One of the parties of the community.
    pub party: Option<Id>,
    /// Or anybody, by name.
    pub name: String,
    /// What they read of the matter; empty means the words of the report. Numbers, rooms and the resident's name are hidden
    /// in any case.
    pub text: String,
    /// Days until it ends.
    pub days: i64,
}

/// A link that was just made: the token is shown once and stored nowhere.
pub struct Made {
    /// The ticket.
    pub ticket: Ticket,
    /// The link.
    pub link: Link,
    /// What its address ends with.
    pub token: String,
}

/// 发外部链接. A 举报 is shown to nobody outside.
pub fn invite(tx: &mut Tx, keys: &Keys, actor: &Actor, id: Id, invitation: Invitation) -> Result<Made> {
    let ticket = may(tx, actor, id, Act::Invite)?;
    if ticket.kind == Kind::TipOff {
        return Err(Error::conflict("举报件不能发给外部单位：反映人和内容都要保密，请由社区负责人当面处理"));
    }
    if !(1..=MOST_DAYS).contains(&invitation.days) {
        return Err(Error::invalid("days", format!("有效期请填 1 到 {MOST_DAYS} 天")));
    }
    let words = if invitation.text.trim().is_empty() { ticket.text.unmasked() } else { &invitation.text };
    let words = Note::parse("text", words, "请写明要对方办什么")?;
    let name = ticket.name_sealed.as_deref().map(|sealed| keys.unseal(ticket.id, sealed)).transpose()?;
    let text = mask::outward(&mask::named(words.as_str(), name.as_deref().unwrap_or_default())).into();
    let name = whom(tx, &ticket, &invitation)?;
    let community = places::community(tx, ticket.community_id)?;
    let token = format!("{}{}", community.token, keys::token());
    let link = Link {
        community_id: ticket.community_id,
        id: Id::new(),
        ticket_id: ticket.id,
        party_id: invitation.party,
        name,
        text,
        token_hash: keys.link_hash(&token),
        holder_hash: None,
        made_by: actor.staff()?,
        maker: actor.name.clone(),
        made_at: tx.now,
        expires_at: tx.now.plus_minutes(invitation.days * 1440),
        opened_at: None,
        revoked_at: None,
        done_at: None,
        waiting_at: None,
        said: 0,
    };
    diesel::insert_into(links::table).values(&link).execute(tx.conn)?;
    let note = format!("{}，{} 前有效", link.name, link.expires_at.long());
    let ticket = note_down(tx, actor, (&ticket, &link), Act::Invite, &note)?;
    Ok(Made { ticket, link, token })
}

fn whom(tx: &mut Tx, ticket: &Ticket, invitation: &Invitation) -> Result<String> {
    let name = invitation.name.trim();
    if name.chars().count() > 40 {
        return Err(Error::invalid("name", "对方的名称最多 40 个字"));
    }
    let party = invitation.party.map(|party| routing::party(tx, ticket.community_id, party)).transpose();
    match party.map_err(|_| Error::invalid("party_id", "请选择列表中的单位"))? {
        _ if !name.is_empty() => Ok(name.to_owned()),
        Some(party) => Ok(party.name),
        None => Err(Error::invalid("name", "请选择单位，或写明发给谁，例如：供电公司抢修班")),
    }
}

/// 收回外部链接: whoever opens it now is told whom to ask.
pub fn revoke(tx: &mut Tx, actor: &Actor, id: Id, link: Id) -> Result<Ticket> {
    let ticket = may(tx, actor, id, Act::Revoke)?;
    let link = of_ticket(tx, &ticket, link)?;
    if link.revoked_at.is_some() {
        return Err(Error::conflict("这个链接已经收回了"));
    }
    let over = Turn {
        revoked_at: Some(Some(tx.now)),
        done_at: Some(None),
        waiting_at: Some(None),
        ..Turn::default()
    };
    turn(tx, &link, &over)?;
    note_down(tx, actor, (&ticket, &link), Act::Revoke, &link.name)
}

/// 答复外部单位: they read it on their page.
pub fn respond(tx: &mut Tx, actor: &Actor, id: Id, link: Id, words: &Note) -> Result<Ticket> {
    let ticket = may(tx, actor, id, Act::Respond)?;
    let link = reader(tx, &ticket, link)?;
    // A report that waits to be checked is not answered by words alone.
    let waiting = link.waiting_at.filter(|_| link.done_at.is_some());
    turn(tx, &link, &Turn { waiting_at: Some(waiting), ..Turn::default() })?;
    note_down(tx, actor, (&ticket, &link), Act::Respond, words.as_str())
}

/// 核实外部完成: what was reported done is done. Its photos become photos of afterwards; the ticket is closed by its own step.
pub fn check(tx: &mut Tx, actor: &Actor, id: Id, link: Id) -> Result<Ticket> {
    let ticket = may(tx, actor, id, Act::Check)?;
    let link = reported(tx, &ticket, link)?;
    turn(tx, &link, &Turn { done_at: Some(None), waiting_at: Some(None), ..Turn::default() })?;
    let photos = report(tx, &ticket, &link)?.map(|event| photos_of(&event)).unwrap_or_default();
    store::restage(tx, &ticket, &photos, super::Stage::After)?;
    note_down(tx, actor, (&ticket, &link), Act::Check, &link.name)
}

/// 退回外部单位: it is not done, and the outsider reads why.
pub fn send_back(tx: &mut Tx, actor: &Actor, id: Id, link: Id, words: &Note) -> Result<Ticket> {
    let ticket = may(tx, actor, id, Act::SendBack)?;
    let link = reported(tx, &ticket, link)?;
    reader(tx, &ticket, link.id)?;
    turn(tx, &link, &Turn { done_at: Some(None), waiting_at: Some(None), ..Turn::default() })?;
    note_down(tx, actor, (&ticket, &link), Act::SendBack, words.as_str())
}

/// What changes of a link; what is `None` stays.
#[derive(Default, AsChangeset)]
#[diesel(table_name = links)]
pub(super) struct Turn {
    pub(super) holder_hash: Option<Option<Vec<u8>>>,
    pub(super) opened_at: Option<Option<Time>>,
    pub(super) revoked_at: Option<Option<Time>>,
    pub(super) done_at: Option<Option<Time>>,
    pub(super) waiting_at: Option<Option<Time>>,
    pub(super) said: Option<i32>,
}

/// Changes a link.
pub(super) fn turn(tx: &mut Tx, link: &Link, turn: &Turn) -> Result<()> {
    let row = links::table.find((link.community_id, link.id));
    diesel::update(row).set(turn).execute(tx.conn)?;
    Ok(())
}

/// Notes what happened by a link in the history of its ticket; only staff see it.
pub(super) fn note_down(
    tx: &mut Tx,
    actor: &Actor,
    (ticket, link): (&Ticket, &Link),
    act: Act,
    note: &str,
) -> Result<Ticket> {
    let data = json!({ "link": link.id });
    let line = Line { act: act.word(), audience: Audience::Staff, note, data };
    record(tx, actor, ticket, Change::default(), line)
}

/// The links of a ticket, the latest first.
pub fn of(tx: &mut Tx, ticket: &Ticket) -> Result<Vec<Link>> {
    let own = links::community_id.eq(ticket.community_id).and(links::ticket_id.eq(ticket.id));
    Ok(links::table.filter(own).order(links::id.desc()).select(Link::as_select()).load(tx.conn)?)
}

fn of_ticket(tx: &mut Tx, ticket: &Ticket, id: Id) -> Result<Link> {
    let row = links::table.find((ticket.community_id, id)).filter(links::ticket_id.eq(ticket.id));
    let found = row.select(Link::as_select()).first(tx.conn).optional()?;
    found.ok_or_else(|| Error::invalid("link_id", "请选择列表中的外部单位"))
}

/// A link whose holder can still read what they are told.
fn reader(tx: &mut Tx, ticket: &Ticket, id: Id) -> Result<Link> {
    let link = of_ticket(tx, ticket, id)?;
    match link.live(tx.now) {
        true => Ok(link),
        false => Err(Error::conflict("这个链接已收回或过期，对方看不到了；请重新发一个链接，或打电话")),
    }
}

fn reported(tx: &mut Tx, ticket: &Ticket, id: Id) -> Result<Link> {
    let link = of_ticket(tx, ticket, id)?;
    match link.done_at {
        Some(_) => Ok(link),
        None => Err(Error::conflict("外部单位没有待核实的完成报告，可能同事刚刚处理过；请刷新看看")),
    }
}

/// Ends the links of a ticket on which nobody works any more.
pub(super) fn lapse(tx: &mut Tx, ticket: &Ticket) -> Result<()> {
    let own = links::community_id.eq(ticket.community_id).and(links::ticket_id.eq(ticket.id));
    let over = Turn {
        revoked_at: Some(Some(tx.now)),
        done_at: Some(None),
        waiting_at: Some(None),
        ..Turn::default()
    };
    diesel::update(links::table.filter(own).filter(links::revoked_at.is_null()))
        .set(&over)
        .execute(tx.conn)?;
    Ok(())
}

/// The link that a token names, and its ticket. The token begins with the community's, so that one look-up touches one
/// community.
pub(super) fn by_token(tx: &mut Tx, keys: &Keys, token: &str) -> Result<(Link, Ticket)> {
    let start = token.get(..4).ok_or(Error::NotFound)?;
    let community = places::community_by_token(tx, start)?.ok_or(Error::NotFound)?;
    let own = links::community_id.eq(community.id).and(links::token_hash.eq(keys.link_hash(token)));
    let link = links::table.filter(own).select(Link::as_select()).first(tx.conn)?;
    let ticket = store::find(tx, link.community_id, link.ticket_id)?;
    Ok((link, ticket))
}

/// What was said by a link, both ways, oldest first.
pub fn talk(tx: &mut Tx, ticket: &Ticket, link: &Link) -> Result<Vec<Event>> {
    let said = [Act::Say, Act::Report, Act::Respond, Act::SendBack, Act::Check].map(Act::word);
    let own = |event: &Event| said.contains(&event.act.as_str()) && link_of(event) == Some(link.id);
    Ok(store::events(tx, ticket)?.into_iter().filter(own).collect())
}

/// The last report by a link that it is done.
pub fn report(tx: &mut Tx, ticket: &Ticket, link: &Link) -> Result<Option<Event>> {
    Ok(talk(tx, ticket, link)?.into_iter().rfind(|event| event.act == Act::Report.word()))
}

fn link_of(event: &Event) -> Option<Id> {
    let data: serde_json::Value = serde_json::from_str(&event.data).ok()?;
    data["link"].as_str()?.parse().ok().map(Id)
}

/// The numbers of the photos that came with what was said.
pub fn photos_of(event: &Event) -> Vec<i32> {
    let data: serde_json::Value = serde_json::from_str(&event.data).unwrap_or_default();
    let numbers = data["photos"].as_array().into_iter().flatten();
    numbers.filter_map(|number| number.as_i64()).filter_map(|number| i32::try_from(number).ok()).collect()
}

/// An outsider who waits for the community, as one line of a list.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
#[allow(missing_docs)]
pub struct Waiting {
    pub ticket_id: Id,
    pub number: String,
    pub place: String,
    pub name: String,
    /// Whether it was reported done; a question or answer otherwise.
    pub done: bool,
    pub since: Time,
}

/// A page of the outsiders who wait, the longest first, and where the next one begins.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
#[allow(missing_docs)]
pub struct WaitingPage {
    pub rows: Vec<Waiting>,
    /// Pass it as `after` for the next page; nothing at the end.
    pub next: Option<String>,
}

/// The outsiders who wait for a word from the actor's community.
pub fn waiting(tx: &mut Tx, actor: &Actor, after: Option<Cursor>) -> Result<WaitingPage> {
    let of = tickets::community_id.eq(links::community_id).and(tickets::id.eq(links::ticket_id));
    let at = place_rows::community_id.eq(tickets::community_id).and(place_rows::id.eq(tickets::place_id));
    let mut query = links::table
        .inner_join(tickets::table.on(of))
        .inner_join(place_rows::table.on(at))
        .filter(links::community_id.eq(actor.community_id).and(links::waiting_at.is_not_null()))
        .order((links::waiting_at, links::id))
        .limit(PAGE as i64 + 1)
        .select((Link::as_select(), tickets::number, place_rows::full_name))
        .into_boxed();
    if let Some(Cursor { due_at: since, id }) = after {
        query = query
            .filter(links::waiting_at.ge(since))
            .filter(links::waiting_at.gt(since).or(links::id.gt(id)));
    }
    let mut found: Vec<(Link, String, String)> = query.load(tx.conn)?;
    let more = found.len() > PAGE;
    found.truncate(PAGE);
    let last = found.last().filter(|_| more).map(|(link, ..)| (link.waiting_at, link.id));
    let next = last.and_then(|(at, id)| Some(Cursor { due_at: at?, id }.to_string()));
    let row = |(link, number, place): (Link, String, String)| Waiting {
        ticket_id: link.ticket_id,
        number,
        place,
        done: link.done_at.is_some(),
        since: link.waiting_at.unwrap_or(link.made_at),
        name: link.name,
    };
    Ok(WaitingPage { rows: found.into_iter().map(row).collect(), next })
}

/// How many outsiders wait; stops counting at 100.
pub fn waiting_count(tx: &mut Tx, community_id: Id) -> Result<usize> {
    let own = links::community_id.eq(community_id).and(links::waiting_at.is_not_null());
    Ok(links::table.filter(own).select(links::id).limit(100).load::<Id>(tx.conn)?.len())
}
