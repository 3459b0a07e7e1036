//! What is personal in the rows of a ticket.

use diesel::dsl::{exists, not, select, sql};
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::Kept;
use crate::db::{Id, Time, Tx};
use crate::error::Result;
use crate::mask::FreeText;
use crate::photos::PhotoKey;
use crate::routing::Kind;
use crate::schema::{
    exclusions, publication_photos, requests, ticket_events, ticket_photos, ticket_voices, tickets, urges,
};
use crate::tickets::{Event, Stage, Status, Step, Ticket};

/// What a ticket tells of a person; what is `None` stays.
#[derive(Default, AsChangeset)]
#[diesel(table_name = tickets)]
pub(super) struct Person {
    pub(super) name_sealed: Option<Option<Vec<u8>>>,
    pub(super) phone_sealed: Option<Option<Vec<u8>>>,
    pub(super) phone_hash: Option<Option<Vec<u8>>>,
    pub(super) phone_masked: Option<Option<String>>,
    pub(super) device_hash: Option<Option<Vec<u8>>>,
    pub(super) share_phone: Option<bool>,
    pub(super) publish: Option<bool>,
    pub(super) text: Option<FreeText>,
    pub(super) spot_note: Option<FreeText>,
    pub(super) result_text: Option<FreeText>,
    pub(super) answer_comment: Option<FreeText>,
}

impl Person {
    /// Nobody any more.
    pub(super) fn nobody() -> Person {
        Person {
            name_sealed: Some(None),
            phone_sealed: Some(None),
            phone_hash: Some(None),
            phone_masked: Some(None),
            device_hash: Some(None),
            share_phone: Some(false),
            ..Person::default()
        }
    }
}

pub(super) fn change(tx: &mut Tx, ticket: &Ticket, person: &Person) -> Result<()> {
    let row = tickets::table.find((ticket.community_id, ticket.id));
    diesel::update(row).set(person).execute(tx.conn)?;
    Ok(())
}

/// Masks for good what was said around a ticket.
pub(super) fn mask_words(tx: &mut Tx, ticket: &Ticket) -> Result<()> {
    for event in crate::tickets::store::events(tx, ticket)? {
        mask_event(tx, &event)?;
    }
    for request in crate::tickets::requests::of(tx, ticket)? {
        let masked = |text: &FreeText| FreeText::from(text.shown());
        diesel::update(requests::table.find((ticket.community_id, request.id)))
            .set((
                requests::reason.eq(masked(&request.reason)),
                requests::basis.eq(masked(&request.basis)),
                requests::plan.eq(masked(&request.plan)),
                requests::answer.eq(masked(&request.answer)),
            ))
            .execute(tx.conn)?;
    }
    for urge in crate::tickets::urging::of(tx, ticket)?.into_iter().filter(|urge| urge.text.hides()) {
        let row = urges::table.find((ticket.community_id, ticket.id, urge.seq));
        diesel::update(row).set(urges::text.eq(FreeText::from(urge.text.shown()))).execute(tx.conn)?;
    }
    for proposal in crate::tickets::exclusions::of(tx, ticket)?.into_iter().filter(|each| each.note.hides()) {
        let row = exclusions::table.find((ticket.community_id, proposal.id));
        diesel::update(row)
            .set(exclusions::note.eq(FreeText::from(proposal.note.shown())))
            .execute(tx.conn)?;
    }
    Ok(())
}

/// Masks for good the note of one line of the history.
pub(super) fn mask_event(tx: &mut Tx, event: &Event) -> Result<()> {
    if event.note.hides() {
        let row = ticket_events::table.find((event.community_id, event.ticket_id, event.seq));
        let note = FreeText::from(event.note.shown());
        diesel::update(row).set(ticket_events::note.eq(note)).execute(tx.conn)?;
    }
    Ok(())
}

/// Takes the photos of the report away, and what was made of them for the bulletin; returns all of them.
pub(super) fn drop_report_photos(tx: &mut Tx, ticket: &Ticket) -> Result<Vec<PhotoKey>> {
    let own = ticket_photos::community_id.eq(ticket.community_id).and(ticket_photos::ticket_id.eq(ticket.id));
    let rows = ticket_photos::table.filter(own.and(ticket_photos::stage.eq(Stage::Report)));
    let numbers: Vec<i32> = rows.select(ticket_photos::seq).load(tx.conn)?;
    drop_photos(tx, ticket, &numbers)
}

/// The same for these photos.
pub(super) fn drop_photos(tx: &mut Tx, ticket: &Ticket, numbers: &[i32]) -> Result<Vec<PhotoKey>> {
    let own = ticket_photos::community_id.eq(ticket.community_id).and(ticket_photos::ticket_id.eq(ticket.id));
    let rows = ticket_photos::table.filter(own.and(ticket_photos::seq.eq_any(numbers)));
    let mut gone: Vec<PhotoKey> = rows.clone().select(ticket_photos::photo).load(tx.conn)?;
    let public = publication_photos::community_id
        .eq(ticket.community_id)
        .and(publication_photos::ticket_id.eq(ticket.id))
        .and(publication_photos::seq.eq_any(numbers));
    let copies = publication_photos::table.filter(public.clone()).select(publication_photos::photo);
    gone.extend(copies.load::<PhotoKey>(tx.conn)?);
    diesel::delete(publication_photos::table.filter(public)).execute(tx.conn)?;
    diesel::delete(rows).execute(tx.conn)?;
    Ok(gone)
}

/// Whether a ticket ever stood on account.
pub(super) fn was_on_account(tx: &mut Tx, ticket: &Ticket) -> Result<bool> {
    let suspended = ticket_events::table
        .filter(ticket_events::community_id.eq(ticket.community_id))
        .filter(ticket_events::ticket_id.eq(ticket.id))
        .filter(ticket_events::act.eq(Step::Suspend.word()));
    Ok(select(exists(suspended)).get_result(tx.conn)?)
}

/// What the index `tickets_to_forget` holds, in its words: a bound value would keep it from being used.
const KNOWN: &str = "(phone_sealed is not null or name_sealed is not null or device_hash is not null)";
const ARCHIVED: &str = "status = 'archived'";
/// The same for `tickets_ended_early`.
const ENDED_EARLY: &str = "status in ('refused', 'withdrawn', 'merged')";

pub(super) fn to_forget(
    tx: &mut Tx,
    community_id: Id,
    (kept, before): (Kept, Time),
    most: i64,
) -> Result<Vec<Id>> {
    let longer = || {
        let suspended = ticket_events::table
            .filter(ticket_events::community_id.eq(tickets::community_id))
            .filter(ticket_events::ticket_id.eq(tickets::id))
            .filter(ticket_events::act.eq(Step::Suspend.word()));
        tickets::kind.eq(Kind::TipOff).or(exists(suspended))
    };
    let mut archived = tickets::table
        .filter(tickets::community_id.eq(community_id).and(tickets::closed_at.lt(before)))
        .filter(sql::<Bool>(ARCHIVED).and(sql::<Bool>(KNOWN)))
        .order((tickets::closed_at, tickets::id))
        .limit(most)
        .select(tickets::id)
        .into_boxed();
    // What was never closed counts from its submission.
    let mut early = tickets::table
        .filter(tickets::community_id.eq(community_id).and(tickets::submitted_at.lt(before)))
        .filter(sql::<Bool>(ENDED_EARLY).and(sql::<Bool>(KNOWN)))
        .order((tickets::submitted_at, tickets::id))
        .limit(most)
        .select(tickets::id)
        .into_boxed();
    if kept == Kept::Usual {
        archived = archived.filter(not(longer()));
        early = early.filter(not(longer()));
    } else {
        archived = archived.filter(longer());
        early = early.filter(longer());
    }
    let mut due: Vec<Id> = archived.load(tx.conn)?;
    if (due.len() as i64) < most {
        due.extend(early.load::<Id>(tx.conn)?);
    }
    // What tells of nobody but by a voice: such tickets are few.
    if (due.len() as i64) < most {
        let spoken = ticket_voices::table
            .filter(ticket_voices::community_id.eq(community_id).and(ticket_voices::neighbour_id.is_null()))
            .select(ticket_voices::ticket_id);
        let early = tickets::closed_at.is_null().and(tickets::submitted_at.lt(before));
        let mut heard = tickets::table
            .filter(tickets::community_id.eq(community_id).and(tickets::id.eq_any(spoken)))
            .filter(tickets::status.eq_any(Status::OVER).and(tickets::closed_at.lt(before).or(early)))
            .filter(not(sql::<Bool>(KNOWN)))
            .order(tickets::id)
            .limit(most)
            .select(tickets::id)
            .into_boxed();
        heard = if kept == Kept::Usual { heard.filter(not(longer())) } else { heard.filter(longer()) };
        due.extend(heard.load::<Id>(tx.conn)?);
    }
    due.truncate(most as usize);
    Ok(due)
}
