//! Who the reporter is to the place, as far as they said: 业主, 租户; at a spot 住户, 商户, 骑手, 访客 (domain §3).
//!
//! A row beside the ticket, written once with it. Who the reporter is stays unsaid where they chose nothing.

use diesel::prelude::*;

use super::Ticket;
use crate::db::{Both, Tx};
use crate::error::Result;
use crate::places::PlaceKind;
use crate::schema::relations;

text_enum! {
    /// Who somebody is to a place.
    pub enum Relation {
        Owner = "owner", "业主";
        Tenant = "tenant", "租户";
        Resident = "resident", "住户";
        Shop = "shop", "商户";
        Rider = "rider", "骑手";
        Visitor = "visitor", "访客";
        Other = "other", "其他";
    }
}

impl Relation {
    /// What fits a place: those who live behind a door, those who come to a spot.
    pub fn at(kind: PlaceKind) -> &'static [Relation] {
        use Relation::*;
        match kind {
            PlaceKind::Unit | PlaceKind::Building | PlaceKind::Courtyard => &[Owner, Tenant, Other],
            PlaceKind::Spot | PlaceKind::Compound => &[Resident, Shop, Rider, Visitor, Other],
        }
    }
}

/// Notes who the reporter of a new ticket is. What was noted first stays.
pub fn note(tx: &mut Tx, ticket: &Ticket, relation: Relation) -> Result<()> {
    let row = (
        relations::community_id.eq(ticket.community_id),
        relations::ticket_id.eq(ticket.id),
        relations::relation.eq(relation),
    );
    Both(diesel::insert_into(relations::table).values(row).on_conflict_do_nothing()).execute(tx.conn)?;
    Ok(())
}

/// Forgets who the reporter is.
pub fn forget(tx: &mut Tx, ticket: &Ticket) -> Result<()> {
    diesel::delete(relations::table.find((ticket.community_id, ticket.id))).execute(tx.conn)?;
    Ok(())
}

/// Who the reporter is, where they said it.
pub fn of(tx: &mut Tx, ticket: &Ticket) -> Result<Option<Relation>> {
    let row = relations::table.find((ticket.community_id, ticket.id));
    Ok(row.select(relations::relation).first(tx.conn).optional()?)
}
