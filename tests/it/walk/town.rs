//! Where people walk: a database of its own, with many communities that differ in how they count days.

use std::collections::BTreeMap;

use louma::clock::midnight;
use louma::db::{Db, Durability, Id, Tx};
use louma::error::Result;
use louma::keys::Keys;
use louma::people::{Actor, Role};
use louma::routing::{self, Category};
use louma::settings::{self, Clocks, Mode};

use crate::clocks::back_then;
use crate::harness::{World, database_url, populate, world};

/// A database with its communities.
pub struct Town {
    pub db: Db,
    pub keys: Keys,
    pub lanes: Vec<Lane>,
    pub categories: Vec<Category>,
    /// Each of so many walks looks whether kept months are what counting finds.
    pub months_every: u64,
    _dir: tempfile::TempDir,
}

/// One community with its people.
pub struct Lane {
    pub world: World,
    pub actors: Vec<Actor>,
    pub parties: Vec<Id>,
    pub mode: Mode,
}

impl Town {
    pub async fn found(lanes: u64) -> Town {
        let dir = tempfile::tempdir().unwrap();
        let db = Db::open(&database_url(dir.path()), Durability::AsConfigured).unwrap();
        db.migrate().unwrap();
        let (lanes, categories) = db
            .write(move |tx| {
                let (_, staff) = populate(tx)?;
                let staff: BTreeMap<Role, Id> = staff.into_iter().map(|(role, _, id)| (role, id)).collect();
                let lanes =
                    (0..lanes).map(|number| lane(tx, number, &staff)).collect::<Result<Vec<Lane>>>()?;
                Ok((lanes, routing::categories(tx)?))
            })
            .await
            .unwrap();
        Town { db, keys: Keys::new(&[42; 32]), lanes, categories, months_every: 1, _dir: dir }
    }
}

fn lane(tx: &mut Tx, number: u64, staff: &BTreeMap<Role, Id>) -> Result<Lane> {
    let letters = [b'A' + (number / 26) as u8, b'A' + (number % 26) as u8, b'X'];
    let world = world(tx, &format!("社区{number}"), "街道", std::str::from_utf8(&letters).unwrap())?;
    let community = world.community.id;
    let mode = if number.is_multiple_of(2) { Mode::Working } else { Mode::Natural };
    let from = midnight("2025-08-01".parse().unwrap());
    let lead = Actor { role: Role::CommunityLead, ..Actor::timer(community) };
    back_then(tx, from, |tx| settings::set(tx, &lead, &Clocks { mode, ..Clocks::default() }, from))?;
    let actor = |role: Role| {
        let of = Actor { role, name: format!("{} 01", role.label()), ..Actor::resident(community) };
        match role {
            Role::Resident => Actor::resident(community),
            Role::Handler => Actor { party_id: Some(world.property.id), ..of },
            Role::GridWorker => Actor { grids: vec![world.grid], ..of },
            _ => of,
        }
    };
    // Whoever supports is a handler, and becomes a supporter by the ticket.
    let roles = Role::ALL.iter().filter(|role| **role != Role::Supporter);
    let actors = roles.map(|role| Actor { staff_id: staff.get(role).copied(), ..actor(*role) }).collect();
    let parties = routing::parties(tx, community)?.into_iter().map(|each| each.id).collect();
    Ok(Lane { world, actors, parties, mode })
}
