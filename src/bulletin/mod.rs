//! 办结公示: what was solved, for everybody to read, month by month.
//!
//! One entry is about one closing of one ticket: category, place down to the building, a sentence written for the public
//! (never the result text, which was written for one person) and photos that staff chose and covered. Only with the
//! reporter's consent, or for what staff themselves found; never 举报, never a sensitive category. A worker drafts, the
//! community lead publishes, either takes back. What is reworked, or whose consent is withdrawn, vanishes by itself.
//! Figures are counted by `stats`; here is nothing that counts.

pub mod api;
pub mod pages;
pub mod public;
mod store;

use crate::db::{Id, Time, Tx};
use crate::error::{Error, Result};
use crate::mask;
use crate::people::{Actor, Role};
use crate::photos::{Photo, PhotoKey};
use crate::places::{self, PlaceKind};
use crate::routing::{self, Kind};
use crate::settings::{self, Publicity};
use crate::tickets::list::Cursor;
use crate::tickets::{self, Act, Channel, Outcome, Stage, Ticket, TicketPhoto, acts};

/// Entries on one page of a list.
pub const PAGE: i64 = 25;
/// Photos of one entry.
pub const PHOTO_LIMIT: usize = 6;
/// Characters of a sentence.
pub const SENTENCE_LIMIT: usize = 200;

text_enum! {
    /// How an entry stands.
    #[schema(as = PublicationState)]
    pub enum State {
        Draft = "draft", "待负责人审";
        Published = "published", "已公示";
        TakenBack = "taken_back", "已撤下";
    }
}

/// An entry, as stored.
#[derive(Debug, Clone, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = crate::schema::publications, treat_none_as_default_value = false)]
#[allow(missing_docs)]
pub struct Publication {
    pub community_id: Id,
    pub ticket_id: Id,
    /// The closing it is about.
    pub closed_at: Time,
    pub state: State,
    /// Goes up with every change; publishing names the one that was seen.
    pub version: i32,
    /// What was done, for everybody to read.
    pub sentence: String,
    pub drafted_by: String,
    pub drafted_at: Time,
    /// Who published it or took it back last.
    pub decided_by: String,
    pub decided_at: Option<Time>,
}

/// A photo of an entry: a copy with areas covered, or the photo itself.
#[derive(Debug, Clone, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = crate::schema::publication_photos, treat_none_as_default_value = false)]
#[allow(missing_docs)]
pub struct Chosen {
    pub community_id: Id,
    pub ticket_id: Id,
    /// The photo of the ticket that it shows.
    pub seq: i32,
    pub photo: PhotoKey,
    pub width: i32,
    pub height: i32,
    pub stage: Stage,
    /// How many areas are covered.
    pub covered: i32,
}

/// The sentence of an entry; no personal number passes through it.
#[derive(Debug, Clone)]
pub struct Sentence(String);

impl Sentence {
    /// Reads a sentence of 4 to [`SENTENCE_LIMIT`] characters without phone, identity or plate numbers.
    pub fn parse(text: &str) -> Result<Sentence> {
        let text = text.trim();
        match text.chars().count() {
            4..=SENTENCE_LIMIT if mask::text(text) != text => {
                Err(Error::invalid("sentence", "公示的话里不能有电话、证件号或车牌号，请去掉"))
            }
            4..=SENTENCE_LIMIT => Ok(Sentence(text.to_owned())),
            ..4 => Err(Error::invalid(
                "sentence",
                "请用一两句话写办了什么，例如：更换了二层声控灯，当晚恢复照明",
            )),
            long => Err(Error::invalid("sentence", format!("最多 {SENTENCE_LIMIT} 字，现在是 {long} 字"))),
        }
    }
}

/// Everything about one entry, for those who make it.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
#[schema(as = PublicationEntry)]
pub struct Entry {
    /// The ticket.
    pub ticket_id: Id,
    /// Its number; never shown in public.
    pub number: String,
    /// The category, level 1 and level 2.
    pub matter: String,
    /// The place as the public reads it: the building.
    pub place: String,
    /// When it was closed.
    pub closed_at: Option<Time>,
    /// What was written for the reporter, as a help for the sentence; not public.
    pub result_text: String,
    /// How the entry stands; nothing before the first draft.
    pub state: Option<State>,
    /// Name it to publish.
    pub version: i32,
    /// The sentence, as drafted.
    pub sentence: String,
    /// Who drafted it.
    pub drafted_by: String,
    /// Who published it or took it back.
    pub decided_by: String,
    /// Why it cannot be public now; empty when it can.
    pub obstacle: String,
    /// The photos of the ticket, and which of them were chosen.
    pub photos: Vec<Pick>,
    /// Whether the actor may publish.
    pub may_publish: bool,
}

/// A photo of the ticket, to be chosen or not.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
#[schema(as = PublicationPick)]
pub struct Pick {
    /// Its number on the ticket.
    pub seq: i32,
    /// When it was taken.
    pub stage: Stage,
    /// Whether it is chosen.
    pub chosen: bool,
    /// How many areas are covered on the chosen copy.
    pub covered: i32,
}

/// One line of a list.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
#[allow(missing_docs)]
#[schema(as = PublicationLine)]
pub struct Line {
    pub ticket_id: Id,
    pub number: String,
    pub matter: String,
    pub place: String,
    pub closed_at: Time,
    pub state: Option<State>,
    pub sentence: String,
}

/// A page of a list.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
#[schema(as = PublicationLines)]
pub struct Lines {
    /// At most [`PAGE`], latest closing first.
    pub lines: Vec<Line>,
    /// Pass it as `after` for the next page; nothing at the end.
    pub next: Option<String>,
}

/// Which entries.
#[derive(Debug, Clone, Copy)]
pub enum Shelf {
    /// What was closed in `[from, to)` and may be published.
    Closed(Time, Time),
    /// Entries that stand so, of all months.
    State(State),
}

/// A page of what may be, or is, published in the community.
pub fn list(tx: &mut Tx, actor: &Actor, shelf: Shelf, after: Option<Cursor>) -> Result<Lines> {
    let publicity: Publicity = settings::at(tx, actor.community_id, tx.now)?;
    let found = match shelf {
        Shelf::Closed(from, to) => store::closed(tx, actor.community_id, (from, to), after)?,
        Shelf::State(state) => store::of_state(tx, actor.community_id, state, after)?,
    };
    let full = found.len() as i64 > PAGE;
    let page = &found[..found.len().min(PAGE as usize)];
    let cursor = |ticket: &Ticket| Some(Cursor { due_at: ticket.closed_at?, id: ticket.id }.to_string());
    let next = page.last().filter(|_| full).and_then(|(ticket, _)| cursor(ticket));
    let mut lines = Vec::with_capacity(page.len());
    for (ticket, publication) in page {
        let unasked = matches!(shelf, Shelf::Closed(..)) && !obstacle(ticket, &publicity).is_empty();
        let Some(closed_at) = ticket.closed_at.filter(|_| !unasked) else { continue };
        lines.push(Line {
            ticket_id: ticket.id,
            number: ticket.number.clone(),
            matter: matter(tx, ticket)?,
            place: building(tx, ticket)?,
            closed_at,
            state: publication.as_ref().map(|each| standing(each, ticket)),
            sentence: publication.as_ref().map(|each| each.sentence.clone()).unwrap_or_default(),
        });
    }
    Ok(Lines { lines, next })
}

/// What was published about an earlier closing says nothing of this one: it is to be published anew.
fn standing(publication: &Publication, ticket: &Ticket) -> State {
    match publication.state {
        State::Published if Some(publication.closed_at) != ticket.closed_at => State::Draft,
        state => state,
    }
}

/// Everything about the entry of a ticket.
pub fn entry(tx: &mut Tx, actor: &Actor, id: Id) -> Result<Entry> {
    let ticket = tickets::find(tx, actor, id)?;
    let publicity: Publicity = settings::at(tx, ticket.community_id, tx.now)?;
    let publication = store::find(tx, &ticket)?;
    let chosen = store::photos(tx, &ticket)?;
    let pick = |photo: &TicketPhoto| {
        let own = chosen.iter().find(|each| each.seq == photo.seq);
        let covered = own.map_or(0, |each| each.covered);
        Pick { seq: photo.seq, stage: photo.stage, chosen: own.is_some(), covered }
    };
    Ok(Entry {
        matter: matter(tx, &ticket)?,
        place: building(tx, &ticket)?,
        photos: tickets::photos(tx, &ticket)?.iter().filter(|photo| may_be_shown(photo)).map(pick).collect(),
        obstacle: obstacle(&ticket, &publicity).to_owned(),
        may_publish: actor.role == Role::CommunityLead,
        state: publication.as_ref().map(|each| standing(each, &ticket)),
        version: publication.as_ref().map_or(0, |each| each.version),
        sentence: publication.as_ref().map(|each| each.sentence.clone()).unwrap_or_default(),
        drafted_by: publication.as_ref().map(|each| each.drafted_by.clone()).unwrap_or_default(),
        decided_by: publication.map(|each| each.decided_by).unwrap_or_default(),
        ticket_id: ticket.id,
        closed_at: ticket.closed_at,
        result_text: ticket.result_text.shown(),
        number: ticket.number,
    })
}

/// Whether a photo can go into the bulletin at all: the reporter agreed, and a neighbour who brought one was not asked.
fn may_be_shown(photo: &TicketPhoto) -> bool {
    photo.neighbour_id.is_none()
}

/// Writes the sentence of an entry. What is public is no more, until the lead publishes it again.
pub fn draft(tx: &mut Tx, actor: &Actor, id: Id, sentence: &Sentence) -> Result<Publication> {
    let ticket = ready(tx, actor, id)?;
    store::begin(tx, actor, &ticket)?;
    store::draft(tx, actor, &ticket, Some(&sentence.0))?;
    store::find(tx, &ticket)?.ok_or(Error::NotFound)
}

/// The picture that is covered next: the chosen copy of a photo, or, where there is none or it is begun `afresh`, the
/// photo itself; and how many areas it has covered.
pub fn source(tx: &mut Tx, actor: &Actor, id: Id, seq: i32, afresh: Afresh) -> Result<(PhotoKey, i32)> {
    let ticket = ready(tx, actor, id)?;
    let chosen = store::photos(tx, &ticket)?.into_iter().find(|each| each.seq == seq);
    match chosen.filter(|_| afresh == Afresh::No) {
        Some(chosen) => Ok((chosen.photo, chosen.covered)),
        None => {
            let photo = tickets::photo(tx, &ticket, seq)?;
            if may_be_shown(&photo) { Ok((photo.photo, 0)) } else { Err(Error::NotFound) }
        }
    }
}

/// Whether covering begins with the photo itself again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Afresh {
    No,
    Yes,
}

/// A picture made from `from`, to show for the photo `seq`.
pub struct Choice {
    /// The photo of the ticket.
    pub seq: i32,
    /// From which picture it was made; where that is no longer the chosen one, somebody else covered more meanwhile.
    pub from: PhotoKey,
    /// What to show, cleaned and stored before.
    pub shown: Photo,
    /// How many areas it has covered.
    pub covered: i32,
    /// Whether it was begun with the photo itself.
    pub afresh: Afresh,
}

/// Chooses a photo for an entry, or the next covered copy of it.
pub fn choose(tx: &mut Tx, actor: &Actor, id: Id, choice: Choice) -> Result<Publication> {
    let ticket = ready(tx, actor, id)?;
    store::begin(tx, actor, &ticket)?;
    let (from, _) = source(tx, actor, id, choice.seq, choice.afresh)?;
    if from != choice.from {
        return Err(Error::conflict("刚才有人也在给这张照片打码，您的没有生效；请看最新的样子再打"));
    }
    let source = tickets::photo(tx, &ticket, choice.seq)?;
    let others = store::photos(tx, &ticket)?.iter().filter(|each| each.seq != choice.seq).count();
    if others >= PHOTO_LIMIT {
        return Err(Error::invalid("photo", format!("一条公示最多 {PHOTO_LIMIT} 张照片，请先去掉一张")));
    }
    store::put_photo(
        tx,
        &Chosen {
            community_id: ticket.community_id,
            ticket_id: ticket.id,
            seq: choice.seq,
            photo: choice.shown.key,
            width: choice.shown.width as i32,
            height: choice.shown.height as i32,
            stage: source.stage,
            covered: choice.covered,
        },
    )?;
    store::draft(tx, actor, &ticket, None)?;
    store::find(tx, &ticket)?.ok_or(Error::NotFound)
}

/// Leaves a photo out of an entry again.
pub fn leave_out(tx: &mut Tx, actor: &Actor, id: Id, seq: i32) -> Result<Publication> {
    let ticket = tickets::find(tx, actor, id)?;
    store::begin(tx, actor, &ticket)?;
    store::remove_photo(tx, &ticket, seq)?;
    store::draft(tx, actor, &ticket, None)?;
    store::find(tx, &ticket)?.ok_or(Error::NotFound)
}

/// 公示: the community lead lets everybody read the version that they saw. The reporter reads that it happened.
pub fn publish(tx: &mut Tx, actor: &Actor, id: Id, version: i32) -> Result<Publication> {
    let ticket = ready(tx, actor, id)?;
    let publication = store::find(tx, &ticket)?.ok_or(Error::NotFound)?;
    Sentence::parse(&publication.sentence)?;
    let note = "处理结果已在“办结公示”里公开，只有类别、楼号和办了什么，没有您的姓名、电话和原话。不愿意公开，在这里留言就会撤下。";
    acts::made_public(tx, actor, ticket.id, Act::Publish, note)?;
    if !store::publish(tx, actor, &ticket, version)? {
        return Err(Error::conflict("刚才有人改过这条公示，没有公开；请看最新的内容再决定"));
    }
    store::find(tx, &ticket)?.ok_or(Error::NotFound)
}

/// 撤下: at any time, whatever stands there.
pub fn take_back(tx: &mut Tx, actor: &Actor, id: Id) -> Result<Publication> {
    let ticket = tickets::find(tx, actor, id)?;
    let publication = store::find(tx, &ticket)?.ok_or(Error::NotFound)?;
    if publication.state == State::TakenBack {
        return Ok(publication);
    }
    acts::made_public(tx, actor, ticket.id, Act::TakeBack, "办结公示已撤下")?;
    store::take_back(tx, actor, &ticket)?;
    store::find(tx, &ticket)?.ok_or(Error::NotFound)
}

/// The chosen picture of a photo, for whoever works on the entry.
pub fn chosen(tx: &mut Tx, actor: &Actor, id: Id, seq: i32) -> Result<PhotoKey> {
    let ticket = tickets::find(tx, actor, id)?;
    let own = store::photos(tx, &ticket)?.into_iter().find(|each| each.seq == seq);
    own.map(|each| each.photo).ok_or(Error::NotFound)
}

/// A ticket that may be made public.
fn ready(tx: &mut Tx, actor: &Actor, id: Id) -> Result<Ticket> {
    let ticket = tickets::find(tx, actor, id)?;
    let publicity: Publicity = settings::at(tx, ticket.community_id, tx.now)?;
    match obstacle(&ticket, &publicity) {
        "" => Ok(ticket),
        why => Err(Error::conflict(why)),
    }
}

/// Why a ticket cannot be made public; empty when it can.
fn obstacle(ticket: &Ticket, publicity: &Publicity) -> &'static str {
    let category = ticket.category.as_deref().unwrap_or_default();
    match ticket {
        _ if !ticket.publish && ticket.channel != Channel::Patrol => "反映人没有同意公开结果",
        _ if ticket.kind == Kind::TipOff => "举报件不公开",
        _ if !ticket.status.closed() => "还没有办结",
        _ if ticket.result != Some(Outcome::Solved) => "结果不是“实际解决”，不公示",
        _ if ticket.excluded.is_some() => "已经剔除的不公示",
        _ if category.is_empty() => "二级分类还没定",
        _ if publicity.sensitive.iter().any(|code| category.starts_with(code.as_str())) => {
            "这个分类设为不公开（见设置）"
        }
        _ => "",
    }
}

/// The category in plain words.
fn matter(tx: &mut Tx, ticket: &Ticket) -> Result<String> {
    let Some(code) = &ticket.category else { return Ok(String::new()) };
    routing::category(tx, code).map(|category| format!("{}：{}", category.level1, category.level2))
}

/// The place as the public reads it: the building for what lies in one, else the public spot itself.
fn building(tx: &mut Tx, ticket: &Ticket) -> Result<String> {
    let place = places::find(tx, ticket.community_id, ticket.place_id)?;
    match (place.kind, place.building_id) {
        (PlaceKind::Building, _) | (_, None) => Ok(place.full_name),
        (_, Some(building)) => Ok(places::find(tx, ticket.community_id, building)?.full_name),
    }
}
