//! 巡码: whoever goes from door to door scans the code and says how it hangs; doors that nobody scans or visits are listed.
//!
//! The first round of a code is its hanging: 已印制 → 已张贴, with photo, moment and person. A round changes nothing else of
//! a code: what is missing or damaged is hung anew, or replaced, by the verbs of `codes`. For grid workers, community
//! workers and leads, at every door of their community: a colleague's grid is walked too.

pub mod api;
pub mod pages;
mod store;

use chrono::NaiveDate;

use crate::codes::code::Code;
use crate::codes::registry::{self, CodeState, IssuedCode};
use crate::db::{Id, Time, Tx};
use crate::error::{Error, Result};
use crate::people::Actor;
use crate::photos::PhotoKey;
use crate::places::{self, Place};
use crate::settings::{self, Doors};

/// Doors on one page of the list.
pub const PAGE: i64 = 25;
/// Rounds shown of one place.
const ROUNDS: i64 = 20;
/// Characters of a note.
const NOTE: usize = 200;

text_enum! {
    /// How somebody found a code.
    pub enum Finding {
        Posted = "posted", "刚贴好";
        Intact = "intact", "完好";
        Missing = "missing", "不见了";
        Covered = "covered", "被遮挡";
        Damaged = "damaged", "破损";
    }
}

impl Finding {
    /// Whether a resident who stands there can scan it.
    pub fn well(self) -> bool {
        matches!(self, Finding::Posted | Finding::Intact)
    }
}

/// One round: somebody stood before a code.
#[derive(
    Debug,
    Clone,
    diesel::Queryable,
    diesel::Selectable,
    diesel::Insertable,
    serde::Serialize,
    utoipa::ToSchema,
)]
#[diesel(table_name = crate::schema::patrols, treat_none_as_default_value = false)]
#[allow(missing_docs)]
pub struct Round {
    #[serde(skip)]
    pub community_id: Id,
    pub id: Id,
    pub place_id: Id,
    pub code: Code,
    pub finding: Finding,
    pub note: String,
    #[serde(skip)]
    pub photo: Option<PhotoKey>,
    pub at: Time,
    #[serde(skip)]
    pub by_id: Id,
    pub by_name: String,
}

/// What somebody says of a code.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct Seen {
    pub finding: Finding,
    pub note: String,
    /// Cleaned and stored before.
    pub photo: Option<PhotoKey>,
}

/// A code as whoever stands before it sees it.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct Spot {
    pub code: IssuedCode,
    pub place: Place,
    /// The latest first.
    pub rounds: Vec<Round>,
}

/// The code, its place and its last rounds.
pub fn spot(tx: &mut Tx, actor: &Actor, code: &Code) -> Result<Spot> {
    walks(actor)?;
    let code = registry::find_in(tx, actor.community_id, code)?;
    let place = places::find(tx, actor.community_id, code.place_id)?;
    Ok(Spot { rounds: store::rounds(tx, &place, ROUNDS)?, code, place })
}

/// Notes a round. A code that hangs (刚贴好, 完好) is 已张贴 from now on, where it was 草稿 or 已印制; hanging one takes a
/// photo. Fails for a code that is 停用 or 更换: there the new one is to be hung.
pub fn note(tx: &mut Tx, actor: &Actor, code: &Code, seen: Seen) -> Result<Round> {
    walks(actor)?;
    let code = registry::find_in(tx, actor.community_id, code)?;
    let waiting = matches!(code.state, CodeState::Draft | CodeState::Printed);
    match (code.state, seen.finding) {
        (CodeState::Stopped | CodeState::Replaced, _) => {
            return Err(Error::conflict("这个码已经停用或更换，请取下旧码，贴上新码后扫新码登记"));
        }
        (_, Finding::Posted) if !waiting => {
            return Err(Error::invalid("finding", "这个码已经登记过张贴，请选“完好”或者它现在的样子"));
        }
        (_, Finding::Posted) if seen.photo.is_none() => {
            return Err(Error::invalid("photo", "请拍一张贴好的样子，以后好核对"));
        }
        _ => {}
    }
    let note = seen.note.trim();
    if note.chars().count() > NOTE {
        return Err(Error::invalid("note", format!("最多 {NOTE} 字，请删短一些")));
    }
    if waiting && seen.finding.well() {
        registry::mark_posted(tx, actor.community_id, &code.code)?;
    }
    let round = Round {
        community_id: actor.community_id,
        id: Id::new(),
        place_id: code.place_id,
        code: code.code,
        finding: seen.finding,
        note: note.to_owned(),
        photo: seen.photo,
        at: tx.now,
        by_id: actor.staff()?,
        by_name: actor.name.clone(),
    };
    store::insert(tx, &round)?;
    Ok(round)
}

fn walks(actor: &Actor) -> Result<()> {
    if actor.walks() { Ok(()) } else { Err(Error::Forbidden) }
}

/// The last rounds of a place, the latest first. For whoever looks after doors.
pub fn of_place(tx: &mut Tx, actor: &Actor, place: Id) -> Result<Vec<Round>> {
    let place = places::find(tx, actor.community_id, place)?;
    store::rounds(tx, &place, ROUNDS)
}

/// The photo of a round.
pub fn photo(tx: &mut Tx, actor: &Actor, round: Id) -> Result<PhotoKey> {
    store::find(tx, actor.community_id, round)?.photo.ok_or(Error::NotFound)
}

/// A door on the list.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
#[schema(as = PatrolDoor)]
#[allow(missing_docs)]
pub struct Door {
    pub place_id: Id,
    pub place: String,
    pub code: Code,
    pub state: CodeState,
    pub posted_at: Option<Time>,
    /// The last day on which somebody scanned it.
    #[schema(value_type = Option<String>, format = Date)]
    pub last_scan: Option<NaiveDate>,
    /// The last round, whatever it found.
    pub last_round: Option<Round>,
}

/// A page of doors.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
#[allow(missing_docs)]
pub struct Quiet {
    /// The days of the setting.
    pub days: i32,
    pub doors: Vec<Door>,
    /// What to ask the next page with, where there is one.
    pub next: Option<Id>,
}

/// 安静的楼门: doors in use with a live code that nobody scanned and no round came to for the days of the setting, in the
/// order in which people walk them. What was hung less long ago is not asked about yet.
pub fn quiet(tx: &mut Tx, actor: &Actor, after: Option<Id>) -> Result<Quiet> {
    let rules: Doors = settings::at(tx, actor.community_id, tx.now)?;
    let since = tx.now.plus_minutes(-i64::from(rules.quiet_days) * 1440);
    let from = after.map(|place| places::find(tx, actor.community_id, place)).transpose()?;
    let rows =
        store::quiet(tx, actor.community_id, since, from.as_ref().map(|place| (place.sort, place.id)))?;
    let next = rows.last().map(|(place, _)| place.id).filter(|_| rows.len() == PAGE as usize);
    Ok(Quiet { days: rules.quiet_days, doors: doors(tx, actor, rows)?, next })
}

/// 要补的: doors whose last round found the code missing, covered or damaged, the latest found first.
pub fn to_mend(tx: &mut Tx, actor: &Actor) -> Result<Vec<Door>> {
    let rows = store::unwell(tx, actor.community_id)?;
    doors(tx, actor, rows)
}

fn doors(tx: &mut Tx, actor: &Actor, rows: Vec<(Place, IssuedCode)>) -> Result<Vec<Door>> {
    let places: Vec<Id> = rows.iter().map(|(place, _)| place.id).collect();
    let codes: Vec<String> = rows.iter().map(|(_, code)| code.code.to_string()).collect();
    let rounds = store::last_rounds(tx, actor.community_id, &places)?;
    let scans = store::last_scans(tx, actor.community_id, &codes)?;
    let door = |(place, code): (Place, IssuedCode)| Door {
        last_round: rounds.iter().find(|round| round.place_id == place.id).cloned(),
        last_scan: scans.iter().find(|(each, _)| *each == code.code.as_str()).and_then(|(_, day)| *day),
        place_id: place.id,
        place: place.full_name,
        state: code.state,
        posted_at: code.posted_at,
        code: code.code,
    };
    Ok(rows.into_iter().map(door).collect())
}
