//! The tickets behind a figure as they are shown: the latest first, a page at a time, of one community or of several.

use std::collections::BTreeMap;

use serde::Serialize;

use super::material::{Material, Which};
use super::members::{Cell, Member, Side, members};
use super::parts::Part;
use super::store;
use super::whose::Whose;
use crate::clock::Period;
use crate::db::{Id, Time, Tx};
use crate::error::{Error, Result};
use crate::people::Actor;
use crate::places::Community;
use crate::tickets::list::{self, Cursor};

/// A ticket behind a figure, as it is shown.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(as = FigureTicket)]
pub struct Listed {
    /// When it was submitted; when the neighbour joined; when the party was given it.
    pub at: Time,
    /// Whether it is a neighbour who joined this ticket, and not the ticket itself.
    pub joined: bool,
    /// Where.
    pub community_id: Id,
    /// Its name.
    pub community: String,
    /// The ticket.
    pub ticket: list::Row,
}

/// The tickets behind a figure.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(as = FigureTickets)]
pub struct Listing {
    /// The metric, stage or hand-off.
    pub metric: &'static str,
    /// Its name.
    pub label: &'static str,
    /// What exactly is counted.
    pub sentence: &'static str,
    /// `numerator` or `denominator`.
    pub part: Side,
    /// Of which period.
    pub period: Period,
    /// Which of its spans.
    pub span: Which,
    /// The first moment of the span.
    pub from: Time,
    /// The first moment after it.
    pub to: Time,
    /// Until when things were taken into account.
    pub cut_off: Time,
    /// Of how many communities.
    pub communities: usize,
    /// Of which community, category, channel and part, for people; empty for all of the session's community.
    pub of: String,
    /// How many there are: what the figure says.
    pub count: usize,
    /// At most 25, the latest first.
    pub rows: Vec<Listed>,
    /// Pass it as `after` for the next page; nothing at the end.
    pub next: Option<String>,
}

/// A member, and in which of the communities.
type Found = (Member, usize);

/// So many tickets at once are handed out in a file at most.
pub(super) const MOST_LINES: usize = 50_000;

/// The page of the tickets behind a cell that begins after `after`, at most [`list::PAGE`] of them. Costs as much as counting the span of the cell in each
/// of the communities. Several communities have no common earlier span, because each began on a day of its own.
pub fn listing(
    tx: &mut Tx,
    actor: &Actor,
    asked: (&Whose, Period, &Cell),
    after: Option<Cursor>,
) -> Result<Listing> {
    lines(tx, actor, asked, (after, list::PAGE))
}

/// As [`listing`], with another number of lines at most.
pub(super) fn lines(
    tx: &mut Tx,
    actor: &Actor,
    (whose, period, cell): (&Whose, Period, &Cell),
    (after, most): (Option<Cursor>, usize),
) -> Result<Listing> {
    let communities = whose.communities(tx, actor)?;
    if communities.len() > 1 && cell.span != Which::Current {
        return Err(Error::invalid("span", "几个社区放在一起只有本期的清单；要看上期，请把期间换成上一期"));
    }
    let (mut all, mut named, mut spanned) = (Vec::<Found>::new(), String::new(), None);
    for (number, community) in communities.iter().enumerate() {
        let mut material = Material::of_span(tx, community.id, period, cell.span)?;
        whose.sieve.sift(&mut material);
        all.extend(members(&material, cell)?.into_iter().map(|member| (member, number)));
        spanned = spanned.or(material.spans.get(cell.span));
        if let Some((part, code)) = cell.part.as_ref().filter(|_| named.is_empty()) {
            named = part_name(tx, (&material, community.id), (*part, code))?.unwrap_or_default();
        }
    }
    let span = spanned.ok_or(Error::NotFound)?;
    all.sort_unstable_by_key(|(member, _)| std::cmp::Reverse((member.at, member.id)));
    let rest = |found: &&Found| after.is_none_or(|after| (found.0.at, found.0.id) < (after.due_at, after.id));
    let page: Vec<Found> = all.iter().filter(rest).take(most + 1).copied().collect();
    let (shown, more) = page.split_at(page.len().min(most));
    let next = shown.last().filter(|_| !more.is_empty());
    Ok(Listing {
        metric: cell.counted.word(),
        label: cell.counted.label(),
        sentence: cell.counted.sentence(),
        part: cell.side,
        period,
        span: cell.span,
        from: span.from,
        to: span.to,
        cut_off: span.cut_off,
        communities: communities.len(),
        of: of(actor, &communities, (whose, cell, named)),
        count: all.len(),
        rows: listed(tx, &communities, shown)?,
        next: next.map(|(member, _)| Cursor { due_at: member.at, id: member.id }.to_string()),
    })
}

/// The lines of a page, in its order.
fn listed(tx: &mut Tx, communities: &[Community], shown: &[Found]) -> Result<Vec<Listed>> {
    let mut rows = BTreeMap::new();
    for (number, community) in communities.iter().enumerate() {
        let own = shown.iter().filter(|(_, each)| *each == number);
        let ids: Vec<Id> = own.map(|(member, _)| member.ticket_id).collect();
        for some in ids.chunks(list::PAGE) {
            rows.extend(list::named(tx, community.id, some)?.into_iter().map(|row| (row.id, row)));
        }
    }
    let line = |(member, number): &Found| {
        let Community { id, name, .. } = &communities[*number];
        let ticket = rows.get(&member.ticket_id)?.clone();
        Some(Listed {
            at: member.at,
            joined: member.joined,
            community_id: *id,
            community: name.clone(),
            ticket,
        })
    };
    Ok(shown.iter().filter_map(line).collect())
}

fn part_name(
    tx: &mut Tx,
    (material, community): (&Material, Id),
    (part, code): (Part, &str),
) -> Result<Option<String>> {
    if part == Part::Party {
        let mut names = store::parties(tx, community)?.into_iter();
        return Ok(names.find(|(each, _)| each.to_string() == code).map(|(_, name)| name));
    }
    Ok(material.board().name(part, code))
}

/// What the list is of, as far as it is not all of the session's community.
fn of(actor: &Actor, communities: &[Community], (whose, cell, named): (&Whose, &Cell, String)) -> String {
    let mut said = Vec::new();
    match communities {
        [one] if one.id == actor.community_id => {}
        [one] => said.push(one.name.clone()),
        several => said.push(format!("{} 个社区", several.len())),
    }
    if let Some(code) = &whose.sieve.level1 {
        said.push(format!("分类 {code}"));
    }
    said.extend(whose.sieve.channel.map(|channel| channel.label().to_owned()));
    if let Some((_, code)) = &cell.part {
        said.push(if named.is_empty() { code.clone() } else { named });
    }
    said.join(" · ")
}
