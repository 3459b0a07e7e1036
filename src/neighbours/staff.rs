//! What staff see of neighbours: when, what they add, how they judge, a masked phone; one phone at a time, for a reason.

use super::{Neighbour, store};
use crate::db::{Id, Time, Tx};
use crate::error::{Error, Result};
use crate::keys::Keys;
use crate::mask;
use crate::people::{Actor, Role};
use crate::tickets::{self, Note, Satisfaction, Ticket, meeting};

/// Neighbours on one page.
const PAGE: i64 = 50;

/// The neighbours of a ticket.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
#[allow(missing_docs)]
pub struct List {
    /// Those who count: neither taken back nor repeats, nor doubtful.
    pub count: i64,
    /// Those who came in a flood and wait for a person.
    pub doubtful: i64,
    pub rows: Vec<Line>,
    /// What to ask the next page with, where there is one.
    pub next: Option<Id>,
}

/// One of them, masked.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
#[schema(as = NeighbourLine)]
#[allow(missing_docs)]
pub struct Line {
    pub id: Id,
    pub at: Time,
    pub text: String,
    pub phone_masked: Option<String>,
    pub repeats: bool,
    /// Why it does not count yet, in words; empty where it does.
    pub doubts: String,
    pub answer: Option<Judged>,
}

/// What one of them says of how it was done.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
#[allow(missing_docs)]
pub struct Judged {
    pub at: Time,
    pub contacted: bool,
    pub solved: bool,
    pub satisfied: Satisfaction,
    pub comment: String,
}

impl Judged {
    /// In words.
    pub fn words(&self) -> String {
        let solved = if self.solved { "解决了" } else { "没有解决" };
        let contacted = if self.contacted { "联系过" } else { "没有联系过" };
        format!("{solved}，{}，{contacted}", self.satisfied.label())
    }

    fn of(neighbour: &Neighbour) -> Option<Judged> {
        Some(Judged {
            at: neighbour.answered_at?,
            contacted: neighbour.contacted?,
            solved: neighbour.solved?,
            satisfied: neighbour.satisfied?,
            comment: mask::text(&neighbour.comment),
        })
    }
}

/// A phone, shown once.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
#[schema(as = NeighbourPhone)]
#[allow(missing_docs)]
pub struct Shown {
    pub phone: String,
}

/// A page of the neighbours of a ticket that the actor may see; a party reads only how many there are.
pub fn list(tx: &mut Tx, actor: &Actor, ticket: Id, after: Option<Id>) -> Result<List> {
    let ticket = tickets::find(tx, actor, ticket)?;
    let count = store::counts(tx, ticket.community_id, &[ticket.id])?.first().map_or(0, |(_, count)| *count);
    if !may_know(actor, &ticket) {
        return Ok(List { count, doubtful: 0, rows: Vec::new(), next: None });
    }
    let rows = store::of_ticket(tx, &ticket, after, PAGE)?;
    let next = rows.last().map(|last| last.id).filter(|_| rows.len() == PAGE as usize);
    let line = |neighbour: &Neighbour| Line {
        id: neighbour.id,
        at: neighbour.at,
        text: mask::text(&neighbour.text),
        phone_masked: neighbour.phone_masked.clone(),
        repeats: neighbour.repeats,
        doubts: neighbour.doubts(),
        answer: Judged::of(neighbour),
    };
    let doubtful = store::doubtful_count(tx, &ticket)?;
    Ok(List { count, doubtful, rows: rows.iter().map(line).collect(), next })
}

/// Whoever triages, answers in the grid or oversees: neighbours agreed to no party.
fn may_know(actor: &Actor, ticket: &Ticket) -> bool {
    !matches!(ticket.role(actor), Role::Handler | Role::Supporter)
}

/// Shows the phone of a neighbour once, for a reason; the audit log and the history keep it. For community workers, leads
/// and the worker of the grid.
pub fn reveal(
    tx: &mut Tx,
    keys: &Keys,
    actor: &Actor,
    (ticket, neighbour): (Id, Id),
    reason: &Note,
) -> Result<Shown> {
    let ticket = tickets::find(tx, actor, ticket)?;
    if !may_know(actor, &ticket) {
        return Err(Error::Forbidden);
    }
    let neighbour = store::find(tx, ticket.community_id, neighbour)?;
    let sealed =
        neighbour.phone_sealed.filter(|_| neighbour.ticket_id == ticket.id).ok_or(Error::NotFound)?;
    meeting::reveal(tx, actor, (ticket.id, neighbour.id), reason)?;
    Ok(Shown { phone: keys.unseal(neighbour.id, &sealed)? })
}

/// Those whom a person confirms at once.
const CONFIRMED: i64 = 500;

/// Which doubtful neighbours of a ticket.
#[derive(Debug, Clone)]
pub enum Whom {
    /// All of them, at most five hundred at a time.
    All,
    /// These.
    These(Vec<Id>),
}

/// 算数: confirms that neighbours who came in a flood are people; they count since they came. Who is confirmed already stays
/// so. Invalid where nobody is named, a conflict where none of them waits. For community workers and leads, with a reason
/// that the audit log and the history keep. Returns how many.
pub fn confirm(tx: &mut Tx, actor: &Actor, ticket: Id, whom: &Whom, reason: &Note) -> Result<usize> {
    let ticket = tickets::find(tx, actor, ticket)?;
    let these = match whom {
        Whom::All => &[][..],
        Whom::These(these) if these.is_empty() => {
            return Err(Error::invalid("neighbour", "请勾选要算上的邻居，或选“全部”"));
        }
        Whom::These(these) => these,
    };
    // Whoever joins or is confirmed at the same moment waits here.
    meeting::wait(tx, &ticket)?;
    let found = store::doubtful(tx, &ticket, these, CONFIRMED)?;
    if found.is_empty() {
        return Err(Error::conflict("这些邻居刚才已经有人核对过了，请刷新看看"));
    }
    meeting::vouch(tx, actor, ticket.id, found.len(), reason)?;
    for neighbour in &found {
        store::set_confirmed(tx, neighbour)?;
        super::look_for_repeat(tx, neighbour)?;
    }
    Ok(found.len())
}
