//! What the posters of a community say, from its rows. Drawing them is the business of [`super::poster`].

use super::poster::{Phones, Poster};
use super::registry::{self, IssuedCode};
use crate::db::{Id, Tx};
use crate::error::Result;
use crate::places::{self, Community, Place};

/// A poster for each live code of the community, in the order in which people walk the places.
pub fn posters_for(tx: &mut Tx, community: &Community, base_url: &str) -> Result<Vec<Poster>> {
    let codes = registry::live(tx, community.id)?;
    let mut posters = Vec::with_capacity(codes.len());
    for place in walk(places::list(tx, community.id)?) {
        // A place has one live code; the older ones are stopped or replaced.
        let newest = codes.iter().filter(|code| code.place_id == place.id).max_by_key(|code| code.version);
        if let Some(issued) = newest {
            posters.push(poster_of(tx, (community, &place), issued, base_url));
        }
    }
    Ok(posters)
}

/// The poster of one code.
pub fn poster_of(
    tx: &Tx,
    (community, place): (&Community, &Place),
    issued: &IssuedCode,
    base_url: &str,
) -> Poster {
    let set = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    Poster {
        community: community.name.clone(),
        place: place.full_name.clone(),
        code: issued.code.clone(),
        url: format!("{base_url}/q/{}", issued.code),
        phones: Phones {
            community: community.phone.clone(),
            // What the doors of a grid show is said on the page; a poster outlives whoever answers it.
            grid_worker: None,
            property: set(&community.property_phone),
            gas: set(&community.gas_phone),
        },
        matters: Poster::MATTERS.map(str::to_owned).to_vec(),
        promise: set(&community.promise),
        version: u32::try_from(issued.version).unwrap_or(1),
        printed_on: tx.now.day(),
        demo: community.demo,
    }
}

/// The places as people walk them: each followed by what lies in it.
pub fn walk(places: Vec<Place>) -> Vec<Place> {
    fn below(places: &[Place], parent: Option<Id>, found: &mut Vec<Place>) {
        for place in places.iter().filter(|place| place.parent_id == parent) {
            found.push(place.clone());
            below(places, Some(place.id), found);
        }
    }
    let mut found = Vec::with_capacity(places.len());
    below(&places, None, &mut found);
    // Whatever hangs below a place that is gone still has its door.
    let lost: Vec<_> = places.iter().filter(|place| !found.iter().any(|each| each.id == place.id)).collect();
    let lost: Vec<Place> = lost.into_iter().cloned().collect();
    found.extend(lost);
    found
}
