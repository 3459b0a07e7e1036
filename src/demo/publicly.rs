//! What the neighbours of the demonstration say of what was done at their doors, what its community shows in public, and
//! what residents make of their own data.

use super::community::World;
use crate::bulletin::{self, Sentence, Shelf};
use crate::db::{Db, Time, Tx};
use crate::error::Result;
use crate::keys::Keys;
use crate::people::Actor;
use crate::tickets::confirmations::{self, Says};
use crate::tickets::list::{self, Queue};
use crate::tickets::privacy::{self, Correction};
use crate::tickets::{find_own, photos};

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
        doubt(tx, &keys, &world)?;
        own_data(tx, &keys, &world)
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

/// Of two residents whose matter is long done, one mends what may be told of them, and one has it deleted.
fn own_data(tx: &mut Tx, keys: &Keys, world: &World) -> Result<()> {
    let (community, mut mended) = (world.community.id, false);
    let resident = Actor::resident(community);
    for row in list::page(tx, &world.worker, Queue::Archived, None)?.rows {
        let ticket = find_own(tx, community, row.id)?;
        // A photo that nothing names any more would have to go from the disk as well.
        if ticket.phone_masked.is_none() || ticket.publish || !photos(tx, &ticket)?.is_empty() {
            continue;
        }
        if mended {
            privacy::erase(tx, &resident, ticket.id)?;
            return Ok(());
        }
        let correction =
            Correction { share_phone: !ticket.share_phone, publish: ticket.publish, ..Correction::default() };
        privacy::correct(tx, keys, &resident, ticket.id, &correction)?;
        mended = true;
    }
    Ok(())
}
