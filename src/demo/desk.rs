//! What stands around the tickets of the demonstration: routing rules, who covers for whom, a channel for notices.

use crate::clock::midnight;
use crate::db::{Db, Tx};
use crate::error::Result;
use crate::keys::Keys;
use crate::notices::channels::{self, NewChannel};
use crate::notices::reach::Named;
use crate::people::absences::{self, NewAbsence};
use crate::people::{self, Role};
use crate::routing::rehearsal;
use crate::routing::rules::{self, Change, Terms};

use super::back_then;
use super::community::World;

/// Two rules of the community, rehearsed and saved as by its lead.
pub(super) fn rules(db: &Db, world: &World) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let night = Terms {
        category: "0201".to_owned(),
        from_minute: Some(22 * 60),
        until_minute: Some(6 * 60),
        lead: "电梯维保单位".to_owned(),
        supporting: "物业服务中心".to_owned(),
        first_contact_minutes: Some(15),
        ..Terms::default()
    };
    let street =
        Terms { category: "1004".to_owned(), lead: "街道城管办".to_owned(), ..Terms::default() };
    for terms in [night, street] {
        let (lead, change, began) = (world.lead.clone(), Change::Add { terms }, world.began);
        let seal = runtime.block_on(rehearsal::rehearse(db, &lead, &change))?.seal;
        db.write_now(move |tx| back_then(tx, began, |tx| rules::save(tx, &lead, &change, &seal)).map(drop))?;
    }
    Ok(())
}

/// Somebody is away just now, and one channel shows how it is set up; it is out of use and leads nowhere.
pub(super) fn around(db: &Db, keys: &Keys, world: World) -> Result<()> {
    let keys = keys.clone();
    db.write_now(move |tx| {
        cover(tx, &world)?;
        let new = NewChannel {
            kind: "mail".to_owned(),
            name: "示例：工作人员邮箱（未启用）".to_owned(),
            ..NewChannel::default()
        };
        let (channel, _) = channels::add(tx, (&keys, &Named::new(&[])), &world.lead, new)?;
        channels::disable(tx, &world.lead, channel.id)
    })
}

/// The second grid worker is away for a week, and the first covers.
fn cover(tx: &mut Tx, world: &World) -> Result<()> {
    let all = people::list(tx, &world.lead)?;
    let mut grid: Vec<_> = all.into_iter().filter(|each| each.role == Role::GridWorker).collect();
    grid.sort_by(|one, other| one.login.cmp(&other.login));
    let [first, second, ..] = grid.as_slice() else { return Ok(()) };
    let new = NewAbsence {
        staff_id: second.id,
        cover_id: first.id,
        from_at: midnight(tx.now.day()),
        until_at: midnight(tx.now.day() + chrono::Days::new(7)),
    };
    absences::set(tx, &world.lead, new).map(drop)
}
