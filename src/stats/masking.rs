//! How much of what people said stands in a workbook: masked, unless two people let it out (`unmasked`).
//!
//! Even then, who reported somebody (举报) is named in no workbook: it travels further than a reveal.

use std::collections::BTreeMap;

use diesel::prelude::*;

use crate::clock::Period;
use crate::db::{Id, Tx};
use crate::error::Result;
use crate::keys::Keys;
use crate::mask::FreeText;
use crate::routing::Kind;
use crate::schema::tickets;

/// How words, phones and names are written.
pub(super) enum Masking {
    /// As everybody may read them.
    Masked,
    /// As they are: what is sealed, by ticket.
    Open(BTreeMap<Id, Known>),
}

/// Who reported, and where exactly.
#[derive(Debug, Clone, Default)]
pub(super) struct Known {
    pub(super) phone: Option<String>,
    pub(super) name: Option<String>,
    pub(super) spot: String,
}

#[derive(diesel::Queryable, diesel::Selectable)]
#[diesel(table_name = tickets)]
struct Sealed {
    id: Id,
    kind: Kind,
    name_sealed: Option<Vec<u8>>,
    phone_sealed: Option<Vec<u8>>,
    spot_note: FreeText,
}

impl Masking {
    /// What somebody wrote.
    pub(super) fn words(&self, text: &FreeText) -> String {
        match self {
            Masking::Masked => text.outward(),
            Masking::Open(_) => text.unmasked().to_owned(),
        }
    }

    /// Who reported a ticket; nothing where all is masked.
    pub(super) fn known(&self, ticket: Id) -> Option<Known> {
        match self {
            Masking::Masked => None,
            Masking::Open(known) => Some(known.get(&ticket).cloned().unwrap_or_default()),
        }
    }
}

/// Opens what is sealed of the tickets submitted in a period, except who reported somebody.
pub(super) fn open(tx: &mut Tx, keys: &Keys, community: Id, period: Period) -> Result<Masking> {
    let rows = tickets::table
        .filter(tickets::community_id.eq(community))
        .filter(tickets::submitted_at.ge(period.from).and(tickets::submitted_at.lt(period.to)));
    let rows: Vec<Sealed> = rows.select(Sealed::as_select()).load(tx.conn)?;
    let mut known = BTreeMap::new();
    for row in rows.into_iter().filter(|row| row.kind != Kind::TipOff) {
        let unseal =
            |sealed: &Option<Vec<u8>>| sealed.as_deref().map(|bytes| keys.unseal(row.id, bytes)).transpose();
        let (phone, name) = (unseal(&row.phone_sealed)?, unseal(&row.name_sealed)?);
        known.insert(row.id, Known { phone, name, spot: row.spot_note.unmasked().to_owned() });
    }
    Ok(Masking::Open(known))
}
