//! How a past life is lived: one clock for each ticket, which stops at the present.

use super::back_then;
use super::community::World;
use super::plans::Plan;
use crate::db::{Id, Time, Tx};
use crate::error::{Error, Result};
use crate::keys::Keys;
use crate::people::{Actor, Role};
use crate::photos::Photo;
use crate::tickets::steps::Seen;
use crate::tickets::{self, Note, Ticket, timers};

/// Where everything happens.
pub(super) struct Scene {
    pub(super) keys: Keys,
    pub(super) world: World,
    pub(super) shots: Vec<Photo>,
}

impl Scene {
    /// Whoever holds the page of a ticket.
    pub(super) fn resident(&self) -> Actor {
        Actor::resident(self.world.community.id)
    }
}

/// Why a story goes no further: the next thing lies in the future, or something is wrong.
pub(super) enum Halt {
    Present,
    Fault(Error),
}

impl From<Error> for Halt {
    fn from(err: Error) -> Halt {
        Halt::Fault(err)
    }
}

/// What a part of a story comes to.
pub(super) type Told<T> = std::result::Result<T, Halt>;

/// A story that came to the present is as good as one that ended.
pub(super) fn so_far<T>(told: Told<T>) -> Result<()> {
    match told {
        Err(Halt::Fault(err)) => Err(err),
        Ok(_) | Err(Halt::Present) => Ok(()),
    }
}

/// Words that are known to be neither empty nor too long.
pub(super) fn note(words: &str) -> Result<Note> {
    Note::parse("text", words, "")
}

/// The clock of one ticket's life and the dice that were thrown for it.
pub(super) struct Story<'a> {
    pub(super) id: Id,
    community: Id,
    at: Time,
    end: Time,
    dice: std::slice::Iter<'a, f64>,
}

impl<'a> Story<'a> {
    /// Begins where the ticket was submitted.
    pub(super) fn of(tx: &Tx, ticket: &Ticket, plan: &'a Plan) -> Story<'a> {
        Story {
            id: ticket.id,
            community: ticket.community_id,
            at: ticket.submitted_at,
            end: tx.now,
            dice: plan.dice.iter(),
        }
    }

    /// The next throw, 0 to 1; the middle when all are thrown.
    pub(super) fn roll(&mut self) -> f64 {
        self.dice.next().copied().unwrap_or(0.5)
    }

    /// Goes on where another story is, if that is later.
    pub(super) fn wait_for(&mut self, other: &Story) {
        self.at = self.at.max(other.at);
    }

    /// So many minutes after the last thing that happened.
    pub(super) fn after(&self, minutes: i64) -> Time {
        self.at.plus_minutes(minutes)
    }

    /// A step of `actor`, `minutes` later, with the ticket as it is then.
    pub(super) fn step(
        &mut self,
        tx: &mut Tx,
        minutes: i64,
        actor: &Actor,
        work: impl FnOnce(&mut Tx, &Actor, Seen) -> Result<Ticket>,
    ) -> Told<Ticket> {
        let id = self.id;
        self.act(tx, minutes, |tx| {
            let ticket = match actor.role {
                Role::Resident => tickets::find_own(tx, actor.community_id, id)?,
                _ => tickets::find(tx, actor, id)?,
            };
            work(tx, actor, Seen { id, version: ticket.version })
        })
    }

    /// Something that happens `minutes` later. What came due meanwhile rings before it, at its moment.
    pub(super) fn act<T>(
        &mut self,
        tx: &mut Tx,
        minutes: i64,
        work: impl FnOnce(&mut Tx) -> Result<T>,
    ) -> Told<T> {
        let at = self.after(minutes);
        if at >= self.end {
            return Err(Halt::Present);
        }
        self.ring(tx, at)?;
        self.at = at;
        Ok(back_then(tx, at, work)?)
    }

    /// Lets everything ring that came due since the last step, not all at once when the service starts.
    pub(super) fn close(self, tx: &mut Tx) -> Result<()> {
        self.ring(tx, self.end)
    }

    fn ring(&self, tx: &mut Tx, until: Time) -> Result<()> {
        while let Some(at) = timers::rings_at(tx, self.community, self.id)?.filter(|at| *at < until) {
            // What came due while it was closed rings once it is worked on again, not before.
            back_then(tx, at.max(self.at), |tx| timers::fire_one(tx, (self.community, self.id)))?;
        }
        Ok(())
    }
}
