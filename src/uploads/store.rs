//! Loose files, as rows. The only file of `uploads` that names diesel's queries.

use diesel::prelude::*;

use super::loose::Kind;
use crate::db::{Both, Id, Time, Tx};
use crate::error::Result;
use crate::photos::PhotoKey;
use crate::schema::{held_reports, loose_files, publication_photos, ticket_photos, ticket_voices};

pub(super) fn insert(tx: &mut Tx, community_id: Id, kind: Kind, file: &PhotoKey, at: Time) -> Result<()> {
    let row = diesel::insert_into(loose_files::table)
        .values((
            loose_files::community_id.eq(community_id),
            loose_files::kind.eq(kind),
            loose_files::file.eq(file),
            loose_files::taken_at.eq(at),
        ))
        .on_conflict((loose_files::community_id, loose_files::kind, loose_files::file))
        .do_update()
        .set(loose_files::taken_at.eq(at));
    Both(row).execute(tx.conn)?;
    Ok(())
}

/// Whether there was a row to remove.
pub(super) fn remove(tx: &mut Tx, community_id: Id, kind: Kind, file: &PhotoKey) -> Result<bool> {
    Ok(diesel::delete(loose_files::table.find((community_id, kind, file))).execute(tx.conn)? == 1)
}

/// The first files that were taken in before `before`.
pub(super) fn old(tx: &mut Tx, before: Time, most: i64) -> Result<Vec<(Id, Kind, PhotoKey)>> {
    Ok(loose_files::table
        .filter(loose_files::taken_at.lt(before))
        .order(loose_files::taken_at)
        .limit(most)
        .select((loose_files::community_id, loose_files::kind, loose_files::file))
        .load(tx.conn)?)
}

/// Whether anything names the file, in any community: equal files are one. A table that names photos joins here.
pub(super) fn in_use(tx: &mut Tx, kind: Kind, file: &PhotoKey) -> Result<bool> {
    let loose = loose_files::table.filter(loose_files::kind.eq(kind).and(loose_files::file.eq(file)));
    let named = match kind {
        Kind::Photo => {
            let rows = ticket_photos::table.filter(ticket_photos::photo.eq(file));
            let public = publication_photos::table.filter(publication_photos::photo.eq(file));
            rows.select(ticket_photos::seq).first::<i32>(tx.conn).optional()?.is_some()
                || public.select(publication_photos::seq).first::<i32>(tx.conn).optional()?.is_some()
                || is_held(tx, file)?
        }
        Kind::Voice => {
            let rows = ticket_voices::table.filter(ticket_voices::voice.eq(file));
            rows.select(ticket_voices::seq).first::<i32>(tx.conn).optional()?.is_some() || is_held(tx, file)?
        }
    };
    Ok(named || loose.select(loose_files::taken_at).first::<Time>(tx.conn).optional()?.is_some())
}

/// Whether a held report waits with the file. Held reports are few.
fn is_held(tx: &mut Tx, file: &PhotoKey) -> Result<bool> {
    let named = format!("%{}%", file.as_str());
    let photo = held_reports::table.filter(held_reports::photos.like(named.clone()));
    let voice = held_reports::table.filter(held_reports::voice.like(named));
    Ok(photo.select(held_reports::id).first::<Id>(tx.conn).optional()?.is_some()
        || voice.select(held_reports::id).first::<Id>(tx.conn).optional()?.is_some())
}
