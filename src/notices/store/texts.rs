//! Texts of a community, as rows.

use diesel::prelude::*;
use diesel::upsert::excluded;

use crate::db::{Both, Id, Tx};
use crate::error::Result;
use crate::notices::texts::Text;
use crate::notices::told::Topic;
use crate::schema::notice_texts;

pub(in crate::notices) fn all(tx: &mut Tx, community_id: Id) -> Result<Vec<Text>> {
    let rows = notice_texts::table
        .filter(notice_texts::community_id.eq(community_id))
        .order((notice_texts::topic, notice_texts::level1))
        .select((
            notice_texts::topic,
            notice_texts::level1,
            notice_texts::text,
            notice_texts::changed_at,
            notice_texts::changed_by,
        ));
    Ok(rows.load(tx.conn)?)
}

pub(in crate::notices) fn put(tx: &mut Tx, community_id: Id, text: &Text) -> Result<()> {
    let row = (
        notice_texts::community_id.eq(community_id),
        notice_texts::topic.eq(text.topic),
        notice_texts::level1.eq(&text.level1),
        notice_texts::text.eq(&text.text),
        notice_texts::changed_at.eq(text.changed_at),
        notice_texts::changed_by.eq(&text.changed_by),
    );
    let row = diesel::insert_into(notice_texts::table)
        .values(row)
        .on_conflict((notice_texts::community_id, notice_texts::topic, notice_texts::level1))
        .do_update()
        .set((
            notice_texts::text.eq(excluded(notice_texts::text)),
            notice_texts::changed_at.eq(excluded(notice_texts::changed_at)),
            notice_texts::changed_by.eq(excluded(notice_texts::changed_by)),
        ));
    Both(row).execute(tx.conn)?;
    Ok(())
}

pub(in crate::notices) fn remove(tx: &mut Tx, community_id: Id, topic: Topic, level1: &str) -> Result<()> {
    diesel::delete(notice_texts::table.find((community_id, topic, level1))).execute(tx.conn)?;
    Ok(())
}
