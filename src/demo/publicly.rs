//! What the neighbours of the demonstration say of what was done at their doors, and what its community shows in public.

use super::community::World;
use crate::bulletin::{self, Sentence, Shelf};
use crate::db::{Db, Time, Tx};
use crate::error::Result;
use crate::keys::Keys;
use crate::tickets::confirmations::{self, Says};

/// Days of closings that are looked through.
const DAYS: i64 = 45;
/// Entries that are published; one more is a draft, and one is taken back.
const PUBLISHED: usize = 8;

/// Says and shows it, as of now.
pub(super) fn show(db: &Db, keys: &Keys, world: World) -> Result<()> {
    let keys = keys.clone();
    db.write_now(move |tx| {
        let since = tx.now.plus_minutes(-DAYS * 1440);
        publish(tx, &world, since)?;
        doubt(tx, &keys, &world)
    })
}

fn publish(tx: &mut Tx, world: &World, since: Time) -> Result<()> {
    let (worker, lead) = (&world.worker, &world.lead);
    let ready = bulletin::list(tx, worker, Shelf::Closed(since, tx.now), None)?.lines;
    for (place, line) in ready.iter().take(PUBLISHED + 2).enumerate() {
        let words = format!("{}的“{}”已处理好，现场恢复正常", line.place, last(&line.matter));
        let drafted = bulletin::draft(tx, worker, line.ticket_id, &Sentence::parse(&words)?)?;
        if place <= PUBLISHED {
            bulletin::publish(tx, lead, line.ticket_id, drafted.version)?;
        }
        if place == PUBLISHED {
            bulletin::take_back(tx, lead, line.ticket_id)?;
        }
    }
    Ok(())
}

/// Level 2 of 「level 1：level 2」.
fn last(matter: &str) -> &str {
    matter.rsplit('：').next().unwrap_or(matter)
}

/// At the door of what was closed last, one neighbour says that it is done, another that it is not.
fn doubt(tx: &mut Tx, keys: &Keys, world: &World) -> Result<()> {
    let community = world.community.id;
    for (place, _) in &world.doors {
        let asked = confirmations::asked(tx, (community, place.id), &[])?;
        if let Some(ticket) = asked.first() {
            for (phone, says) in [("fixed", Says::Fixed), ("broken", Says::Broken)] {
                confirmations::say(tx, community, ticket.id, &keys.device_hash(phone), says)?;
            }
            return Ok(());
        }
    }
    Ok(())
}
