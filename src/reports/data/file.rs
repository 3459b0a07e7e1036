//! The file of one's own data: everything that is kept, each with its name in the language of the page.
//!
//! What the program wrote is said in that language; what people wrote stays as it is. Nothing is changed here.

use serde_json::{Value, json};

use crate::db::Tx;
use crate::error::Result;
use crate::keys::Keys;
use crate::mask::{self, FreeText};
use crate::people::Actor;
use crate::places;
use crate::tickets::privacy;
use crate::tickets::{self, Act, Event, Stage, Step, Ticket};
use crate::words::Lang;

/// Everything that is kept about the resident of a ticket: as it was given where `whole`, else masked.
pub(super) fn of(tx: &mut Tx, keys: &Keys, (ticket, lang): (&Ticket, Lang), whole: bool) -> Result<Value> {
    let t = |key: &'static str| lang.t(key).to_string();
    let open =
        |sealed: &Option<Vec<u8>>| sealed.as_deref().map(|bytes| keys.unseal(ticket.id, bytes)).transpose();
    let words = |text: &FreeText| if whole { text.unmasked().to_owned() } else { text.shown() };
    let place = places::find(tx, ticket.community_id, ticket.place_id)?;
    let (name, phone) = match whole {
        true => (open(&ticket.name_sealed)?, open(&ticket.phone_sealed)?),
        false => (open(&ticket.name_sealed)?.map(|name| mask::name(&name)), ticket.phone_masked.clone()),
    };
    let photos =
        tickets::photos(tx, ticket)?.into_iter().filter(|photo| photo.stage == Stage::Report).count();
    Ok(json!({
        t("file-about"): t(if whole { "file-what-whole" } else { "file-what-masked" }),
        t("lookup-number"): ticket.number, t("data-since"): ticket.submitted_at, t("ticket-place"): place.full_name,
        t("file-spot"): words(&ticket.spot_note), t("file-text"): words(&ticket.text), t("file-photos"): photos,
        t("data-name"): name, t("data-phone"): phone,
        t("file-share"): ticket.share_phone, t("file-publish"): ticket.publish,
        t("file-notice"): ticket.notice_version, t("file-until"): privacy::kept_until(tx, ticket)?,
        t("file-device"): ticket.device_hash.is_some(),
        t("file-answers"): {
            t("file-contacted"): ticket.contacted, t("file-solved"): ticket.solved,
            t("file-satisfied"): ticket.satisfied.map(|grade| lang.sentence(grade.label())),
            t("file-comment"): words(&ticket.answer_comment),
        },
        t("file-history"): history(tx, (ticket, lang), words)?, t("file-looks"): looks(tx, (ticket, lang))?,
        t("file-made"): tx.now,
    }))
}

/// What was done to it, as far as its resident may know.
fn history(
    tx: &mut Tx,
    (ticket, lang): (&Ticket, Lang),
    words: impl Fn(&FreeText) -> String,
) -> Result<Vec<Value>> {
    let t = |key: &'static str| lang.t(key).to_string();
    let events = tickets::history(tx, &Actor::resident(ticket.community_id), ticket)?;
    let line = |event: &Event| {
        json!({
            t("file-time"): event.at, t("file-who"): lang.sentence(event.role.label()),
            t("file-what"): lang.sentence(event.label()),
            t("file-text"): if written_by_us(event) { lang.sentence(&words(&event.note)) } else { words(&event.note) },
        })
    };
    Ok(events.iter().map(line).collect())
}

fn written_by_us(event: &Event) -> bool {
    event.act == Act::Publish.word() || event.act == Step::PassOn.word()
}

/// Who of staff looked at phone and words.
fn looks(tx: &mut Tx, (ticket, lang): (&Ticket, Lang)) -> Result<Vec<Value>> {
    let t = |key: &'static str| lang.t(key).to_string();
    let line = |look: &privacy::Look| json!({ t("file-time"): look.at, t("file-who"): lang.sentence(look.role.label()), t("file-reason"): look.reason });
    Ok(privacy::looks(tx, ticket)?.iter().map(line).collect())
}
