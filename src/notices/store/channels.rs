//! Channels, and where messages reach staff, as rows.

use diesel::prelude::*;
use diesel::upsert::excluded;

use crate::db::{Both, Id, Time, Tx};
use crate::error::{Error, Result};
use crate::notices::channels::Channel;
use crate::schema::{notice_channels, staff_contacts};

pub(in crate::notices) fn all(tx: &mut Tx, community_id: Id) -> Result<Vec<Channel>> {
    let rows = notice_channels::table
        .filter(notice_channels::community_id.eq(community_id))
        .order((notice_channels::made_at, notice_channels::id));
    Ok(rows.select(Channel::as_select()).load(tx.conn)?)
}

pub(in crate::notices) fn find(tx: &mut Tx, community_id: Id, id: Id) -> Result<Channel> {
    Ok(notice_channels::table.find((community_id, id)).select(Channel::as_select()).first(tx.conn)?)
}

pub(in crate::notices) fn insert(tx: &mut Tx, channel: &Channel) -> Result<()> {
    diesel::insert_into(notice_channels::table).values(channel).execute(tx.conn)?;
    Ok(())
}

pub(in crate::notices) fn update(tx: &mut Tx, channel: &Channel) -> Result<()> {
    let changed = diesel::update(notice_channels::table.find((channel.community_id, channel.id)))
        .set((
            notice_channels::name.eq(&channel.name),
            notice_channels::sealed.eq(&channel.sealed),
            notice_channels::shown.eq(&channel.shown),
            notice_channels::topics.eq(&channel.topics),
            notice_channels::party_id.eq(channel.party_id),
        ))
        .execute(tx.conn)?;
    if changed == 1 { Ok(()) } else { Err(Error::NotFound) }
}

pub(in crate::notices) fn set_disabled(tx: &mut Tx, channel: &Channel, at: Option<Time>) -> Result<()> {
    diesel::update(notice_channels::table.find((channel.community_id, channel.id)))
        .set(notice_channels::disabled_at.eq(at))
        .execute(tx.conn)?;
    Ok(())
}

/// Sealed mail address and phone of somebody.
pub(in crate::notices) type Sealed = (Option<Vec<u8>>, Option<Vec<u8>>);

pub(in crate::notices) fn contact(tx: &mut Tx, staff_id: Id) -> Result<Sealed> {
    let row = staff_contacts::table
        .find(staff_id)
        .select((staff_contacts::mail_sealed, staff_contacts::phone_sealed))
        .first(tx.conn)
        .optional()?;
    Ok(row.unwrap_or_default())
}

pub(in crate::notices) fn set_contact(tx: &mut Tx, staff_id: Id, (mail, phone): &Sealed) -> Result<()> {
    let row = (
        staff_contacts::staff_id.eq(staff_id),
        staff_contacts::mail_sealed.eq(mail),
        staff_contacts::phone_sealed.eq(phone),
    );
    let row = diesel::insert_into(staff_contacts::table)
        .values(row)
        .on_conflict(staff_contacts::staff_id)
        .do_update()
        .set((
            staff_contacts::mail_sealed.eq(excluded(staff_contacts::mail_sealed)),
            staff_contacts::phone_sealed.eq(excluded(staff_contacts::phone_sealed)),
        ));
    Both(row).execute(tx.conn)?;
    Ok(())
}
