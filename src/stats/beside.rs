//! How a ticket, and a neighbour who joined one, stand beside the hotline's (domain §6.3, §6.5).

use std::collections::BTreeSet;

use super::basis::Basis;
use super::store::{Member, Slim};
use super::tally::{Beside, Row, comparable};
use crate::db::Id;
use crate::tickets::{Channel, Reason, Status};

/// How a ticket stands beside the hotline's.
pub(super) fn slim_beside(row: &Slim, basis: &Basis) -> Beside {
    let category = basis.category_comparable(&row.level1, row.category.as_deref());
    // A part of a report is no report of its own.
    let stands = row.counted() && row.origin_id.is_none() && comparable(row.channel, row.kind, category);
    let repeats = row.status == Status::Merged || row.excluded == Some(Reason::E6);
    Beside::of(stands, repeats || basis.echoes.contains(&row.id))
}

/// How a ticket that is counted stands beside the hotline's.
pub(super) fn row_beside(row: &Row, basis: &Basis) -> Beside {
    let category = basis.category_comparable(&row.level1, row.category.as_deref());
    let stands = row.origin_id.is_none() && comparable(row.channel, row.kind, category);
    Beside::of(stands, row.repeats() || basis.echoes.contains(&row.id))
}

/// Whether a neighbour who joined the matter of a ticket stands beside the hotline's: as their own report by scanning would,
/// had it been merged into that ticket.
pub(super) fn voice_beside(row: &Row, basis: &Basis) -> bool {
    let category = basis.category_comparable(&row.level1, row.category.as_deref());
    row.counted() && comparable(Channel::Scan, row.kind, category)
}

/// The members of incidents whose event is counted with an earlier member: of one incident, one place and one category
/// only the first report that stands beside the hotline's is an event (domain §6.5, 群体).
pub(super) fn echoes(members: &[Member], basis: &Basis) -> BTreeSet<Id> {
    let mut told = BTreeSet::new();
    let mut echoes = BTreeSet::new();
    for member in members {
        let matter = (member.incident_id, member.row.place_id, member.row.category.clone());
        if slim_beside(&member.row, basis) == Beside::Event && !told.insert(matter) {
            echoes.insert(member.row.id);
        }
    }
    echoes
}
