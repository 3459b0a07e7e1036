//! Ours and theirs: which ticket of the hotline is about the same matter as one of ours.
//!
//! The program proposes along the index of our places and says why; a person confirms or rejects with one click, and may
//! change their mind. Proposals are worked out when they are looked at, so that a correction of a name or a new ticket is
//! in them at once. A pair rests when its row is taken back, and counts again when the row is. Domain §6.9.

use std::collections::BTreeMap;

pub use super::likeness::DAYS;
use super::likeness::{self, Face, Likeness};
use super::names::Kind;
use super::note;
use super::store::{self, pairs::Ours, pairs::Theirs};
use crate::db::{Id, Time, Tx};
use crate::error::{Error, Result};
use crate::mask::FreeText;
use crate::people::{Actor, Role};
use crate::places::{self, Place};
use crate::routing;
use crate::tickets::{self, Status};

/// Tickets of the hotline with proposals on one page.
pub const PAGE: usize = 15;
/// So many of ours are proposed for one of theirs.
const CANDIDATES: usize = 3;
/// Rows that are looked through for one page at most; the next page goes on from there.
const LOOKED: usize = 300;
/// Rows that are read at a time.
const WINDOW: i64 = 50;

text_enum! {
    /// What somebody said of a pair.
    #[schema(as = HotlineVerdict)]
    pub enum Verdict {
        Confirmed = "confirmed", "是同一件";
        Rejected = "rejected", "不是同一件";
    }
}

/// A pair that somebody decided.
#[derive(
    Debug,
    Clone,
    diesel::Queryable,
    diesel::Selectable,
    diesel::Insertable,
    serde::Serialize,
    utoipa::ToSchema,
)]
#[diesel(table_name = crate::schema::hotline_pairs)]
#[schema(as = HotlinePair)]
#[allow(missing_docs)]
pub struct Pair {
    #[serde(skip)]
    pub community_id: Id,
    pub ticket_id: Id,
    /// The number of the hotline.
    pub number: String,
    /// Of this decision: the last one has the largest.
    pub id: Id,
    pub verdict: Verdict,
    /// What spoke for it.
    pub reasons: String,
    pub decided_by: String,
    pub decided_at: Time,
}

/// A ticket of the hotline, masked.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
#[schema(as = HotlineTicket)]
#[allow(missing_docs)]
pub struct Called {
    pub number: String,
    pub received_at: Time,
    pub place: String,
    pub matter: String,
    pub party: String,
    #[schema(value_type = String)]
    pub content: FreeText,
}

/// One of ours that is proposed, masked.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
#[schema(as = HotlineCandidate)]
#[allow(missing_docs)]
pub struct Candidate {
    pub ticket_id: Id,
    pub number: String,
    pub status: Status,
    pub place: String,
    pub matter: String,
    #[schema(value_type = String)]
    pub text: FreeText,
    pub submitted_at: Time,
    /// The higher, the likelier.
    pub score: i64,
    pub reasons: Vec<String>,
}

/// A ticket of the hotline with those of ours that may be the same matter, the likeliest first.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
#[schema(as = HotlineProposal)]
pub struct Proposal {
    /// Theirs.
    pub theirs: Called,
    /// Ours.
    pub candidates: Vec<Candidate>,
}

/// A page of proposals.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
#[schema(as = HotlineProposals)]
pub struct Page {
    /// The latest call first.
    pub proposals: Vec<Proposal>,
    /// Where the next page goes on; nothing on the last.
    pub next: Option<String>,
}

/// A decided pair with both sides; theirs is missing while its batch is taken back.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
#[schema(as = HotlineDecided)]
pub struct Decided {
    /// The decision.
    pub pair: Pair,
    /// Theirs.
    pub theirs: Option<Called>,
    /// The number of ours.
    pub ticket_number: String,
    /// Where ours is.
    pub place: String,
}

/// What the proposals are made with.
struct Town {
    places: BTreeMap<Id, Place>,
    categories: Vec<routing::Category>,
}

impl Town {
    fn read(tx: &mut Tx, community: Id) -> Result<Town> {
        let places = places::list(tx, community)?.into_iter().map(|place| (place.id, place)).collect();
        Ok(Town { places, categories: routing::categories(tx)? })
    }

    /// Every place of the house that a place lies in; itself alone where it lies in none.
    fn around(&self, place: Id) -> Vec<Id> {
        match self.places.get(&place).and_then(|place| place.building_id) {
            Some(house) => {
                let inside = self.places.values().filter(|each| each.building_id == Some(house));
                inside.map(|each| each.id).collect()
            }
            None => vec![place],
        }
    }

    fn name(&self, place: Id) -> String {
        self.places.get(&place).map(|place| place.full_name.clone()).unwrap_or_default()
    }

    fn matter(&self, ours: &Ours) -> String {
        let level2 = self.categories.iter().find(|each| Some(&each.code) == ours.category.as_ref());
        let level1 = || self.categories.iter().find(|each| each.level1_code() == ours.level1);
        let name = level2.map(|each| each.level2.clone());
        name.or_else(|| level1().map(|each| each.level1.clone())).unwrap_or_default()
    }
}

/// A page of proposals that nobody decided yet, the latest call first; `after` is `next` of the page before. For workers
/// and leads of the community.
pub fn proposals(tx: &mut Tx, actor: &Actor, after: Option<&str>) -> Result<Page> {
    triages(actor)?;
    let community = actor.community_id;
    let town = Town::read(tx, community)?;
    let mut page = Page { proposals: Vec::new(), next: None };
    let mut after = after.and_then(cursor);
    let mut looked = 0;
    loop {
        let rows = store::pairs::window(tx, community, after.as_ref(), WINDOW)?;
        let last = rows.len() < WINDOW as usize;
        let faces = faces(tx, community, &town, &rows)?;
        for (row, face) in rows.into_iter().zip(faces) {
            after = Some((row.received_at, row.number.clone()));
            looked += 1;
            let candidates = candidates(tx, community, &town, &face)?;
            if !candidates.is_empty() {
                page.proposals.push(Proposal { theirs: row.into(), candidates });
            }
            if page.proposals.len() == PAGE || looked == LOOKED {
                page.next = after.map(|(at, number)| format!("{}.{number}", at.0.timestamp_micros()));
                return Ok(page);
            }
        }
        if last {
            return Ok(page);
        }
    }
}

fn cursor(text: &str) -> Option<(Time, String)> {
    let (at, number) = text.split_once('.')?;
    Some((Time::from_micros(at.parse().ok()?), number.to_owned()))
}

impl From<Theirs> for Called {
    fn from(row: Theirs) -> Called {
        Called {
            number: row.number,
            received_at: row.received_at,
            place: row.place,
            matter: row.matter,
            party: row.party,
            content: row.content,
        }
    }
}

/// What rows of the hotline are compared by, with what their names mean here.
fn faces(tx: &mut Tx, community: Id, town: &Town, rows: &[Theirs]) -> Result<Vec<Face>> {
    let names = |kind, all: Vec<String>, tx: &mut Tx| store::names::among(tx, community, kind, all);
    let places = names(Kind::Place, rows.iter().map(|row| row.place.clone()).collect(), tx)?;
    let matters = names(Kind::Matter, rows.iter().map(|row| row.matter.clone()).collect(), tx)?;
    let face = |row: &Theirs| {
        let place = places.iter().find(|name| name.name == row.place).and_then(|name| name.place_id);
        let category = matters.iter().find(|name| name.name == row.matter);
        Face {
            place,
            building: place.and_then(|id| town.places.get(&id)).and_then(|place| place.building_id),
            category: category.and_then(|name| name.category.clone()).unwrap_or_default(),
            at: Some(row.received_at),
            words: row.content.shown(),
            number: row.number.clone(),
        }
    };
    Ok(rows.iter().map(face).collect())
}

fn own_face(ours: &Ours) -> Face {
    Face {
        place: Some(ours.place_id),
        building: ours.building_id,
        category: ours.category.clone().unwrap_or_else(|| ours.level1.clone()),
        at: Some(ours.submitted_at),
        words: ours.text.shown(),
        number: ours.hotline_number.clone().unwrap_or_default(),
    }
}

/// Those of ours that may be the same matter and that nobody decided, the likeliest first.
fn candidates(tx: &mut Tx, community: Id, town: &Town, theirs: &Face) -> Result<Vec<Candidate>> {
    let Some(at) = theirs.at else { return Ok(Vec::new()) };
    let mut ours = store::pairs::of_number(tx, community, &theirs.number)?;
    if let Some(place) = theirs.place {
        let span = (at.plus_minutes(-DAYS * 1440), at.plus_minutes(DAYS * 1440 + 1));
        ours.extend(store::pairs::around(tx, community, town.around(place), span)?);
    }
    if ours.is_empty() {
        return Ok(Vec::new());
    }
    let decided = store::pairs::decided_of(tx, community, &theirs.number)?;
    let mut found: BTreeMap<Id, (Ours, Likeness)> = BTreeMap::new();
    for each in ours.into_iter().filter(|each| !decided.contains(&each.id)) {
        if let Some(likeness) = likeness::compare(theirs, &own_face(&each)) {
            found.insert(each.id, (each, likeness));
        }
    }
    let mut found: Vec<(Ours, Likeness)> = found.into_values().collect();
    found.sort_by_key(|(each, likeness)| (std::cmp::Reverse(likeness.score), each.submitted_at, each.id));
    found.truncate(CANDIDATES);
    let candidate = |(ours, likeness): (Ours, Likeness)| Candidate {
        place: town.name(ours.place_id),
        matter: town.matter(&ours),
        ticket_id: ours.id,
        number: ours.number,
        status: ours.status,
        text: ours.text,
        submitted_at: ours.submitted_at,
        score: likeness.score,
        reasons: likeness.reasons,
    };
    Ok(found.into_iter().map(candidate).collect())
}

/// Says whether a ticket of ours and one of the hotline are one matter. For workers and leads of the community; another
/// word replaces the one before. Not found where either is none of the community's, or theirs does not count; refused where
/// nothing speaks for it and nobody decided it before.
pub fn decide(tx: &mut Tx, actor: &Actor, said: Said) -> Result<Pair> {
    triages(actor)?;
    let community = actor.community_id;
    let ticket = tickets::find(tx, actor, said.ticket_id)?;
    let known = store::pairs::find(tx, community, ticket.id, &said.number)?;
    let reasons = match &known {
        Some(pair) => pair.reasons.clone(),
        None => {
            let row = store::pairs::row(tx, community, &said.number)?;
            let town = Town::read(tx, community)?;
            let faces = faces(tx, community, &town, std::slice::from_ref(&row))?;
            let ours = store::pairs::ours(tx, community, ticket.id)?;
            let found = faces.first().and_then(|theirs| likeness::compare(theirs, &own_face(&ours)));
            let none = "这两件的地点、分类和时间对不上，不能配对；先到“名称对应”里核对，再回来看";
            found.ok_or_else(|| Error::invalid("number", none))?.reasons.join("；")
        }
    };
    let pair = Pair {
        community_id: community,
        ticket_id: ticket.id,
        number: said.number,
        id: Id::new(),
        verdict: said.verdict,
        reasons,
        decided_by: actor.name.clone(),
        decided_at: tx.now,
    };
    store::pairs::put(tx, &pair)?;
    let words = format!("{} 与 12345 工单 {}：{}", ticket.number, pair.number, pair.verdict.label());
    note(tx, actor, &words)?;
    Ok(pair)
}

/// What somebody says of a pair.
#[derive(Debug, Clone, serde::Deserialize, utoipa::ToSchema)]
#[schema(as = HotlineSaid)]
#[allow(missing_docs)]
pub struct Said {
    pub ticket_id: Id,
    /// The number of the hotline.
    pub number: String,
    pub verdict: Verdict,
}

/// A page of decided pairs, the last decided first; `before` is the last of the page before.
pub fn decided(tx: &mut Tx, actor: &Actor, verdict: Verdict, before: Option<Id>) -> Result<Vec<Decided>> {
    triages(actor)?;
    let community = actor.community_id;
    let pairs = store::pairs::page(tx, community, verdict, before, PAGE as i64)?;
    let numbers: Vec<String> = pairs.iter().map(|pair| pair.number.clone()).collect();
    let rows = store::pairs::rows(tx, community, numbers)?;
    let tickets: Vec<Id> = pairs.iter().map(|pair| pair.ticket_id).collect();
    let ours = store::pairs::all_ours(tx, community, tickets)?;
    let town = Town::read(tx, community)?;
    let decided = |pair: Pair| {
        let theirs = rows.iter().find(|row| row.number == pair.number).cloned().map(Called::from);
        let own = ours.iter().find(|each| each.id == pair.ticket_id);
        Decided {
            theirs,
            ticket_number: own.map(|each| each.number.clone()).unwrap_or_default(),
            place: own.map(|each| town.name(each.place_id)).unwrap_or_default(),
            pair,
        }
    };
    Ok(pairs.into_iter().map(decided).collect())
}

fn triages(actor: &Actor) -> Result<()> {
    match actor.role {
        Role::CommunityWorker | Role::CommunityLead => Ok(()),
        _ => Err(Error::Forbidden),
    }
}
