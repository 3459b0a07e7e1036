//! The file of one's own data: everything that is kept, each with its name in the language of the page.
//!
//! What the program wrote is said in that language; what people wrote stays as it is. Nothing is changed here.

use serde_json::{Value, json};

use crate::db::Tx;
use crate::error::Result;
use crate::keys::Keys;
use crate::mask::{self, FreeText};
use crate::neighbours::{Neighbour, own};
use crate::people::Actor;
use crate::photos::Photo;
use crate::places;
use crate::tickets::held::Held;
use crate::tickets::voices::TicketVoice;
use crate::tickets::{self, Act, Event, Stage, Step, Ticket, TicketPhoto, privacy, relation, voices};
use crate::words::Lang;

/// Everything that is kept about the resident of a ticket, whose page is at the address `at`: as it was given where
/// `whole`, else masked. Photos and voice messages are named with the address at which their owner opens them.
pub(super) fn of(
    tx: &mut Tx,
    keys: &Keys,
    (ticket, lang, at): (&Ticket, Lang, &str),
    whole: bool,
) -> Result<Value> {
    let t = |key: &'static str| lang.t(key).to_string();
    let open =
        |sealed: &Option<Vec<u8>>| sealed.as_deref().map(|bytes| keys.unseal(ticket.id, bytes)).transpose();
    let words = |text: &FreeText| if whole { text.unmasked().to_owned() } else { text.shown() };
    let place = places::find(tx, ticket.community_id, ticket.place_id)?;
    let (name, phone) = match whole {
        true => (open(&ticket.name_sealed)?, open(&ticket.phone_sealed)?),
        false => (open(&ticket.name_sealed)?.map(|name| mask::name(&name)), ticket.phone_masked.clone()),
    };
    let photos = tickets::photos(tx, ticket)?.into_iter().filter(|photo| photo.stage == Stage::Report);
    let photos: Vec<Value> = photos.map(|photo| picture(&photo, (lang, at))).collect();
    let spoken: Vec<Value> = voices::of(tx, &Actor::resident(ticket.community_id), ticket)?
        .iter()
        .map(|voice| sound(voice, (lang, at)))
        .collect();
    Ok(json!({
        t("file-about"): t(if whole { "file-what-whole" } else { "file-what-masked" }),
        t("lookup-number"): ticket.number, t("data-since"): ticket.submitted_at, t("ticket-place"): place.full_name,
        t("file-spot"): words(&ticket.spot_note), t("file-text"): words(&ticket.text), t("file-photos"): photos,
        t("file-voices"): spoken,
        t("data-relation"): relation::of(tx, ticket)?.map(|each| lang.sentence(each.label())),
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

/// The same for a report that waits for a person: its photos and its voice have no address yet.
pub(super) fn of_held(tx: &mut Tx, keys: &Keys, (held, lang): (&Held, Lang), whole: bool) -> Result<Value> {
    let t = |key: &'static str| lang.t(key).to_string();
    let place = places::find(tx, held.community_id, held.place_id)?;
    let phone = match (&held.phone_sealed, whole) {
        (Some(sealed), true) => Some(keys.unseal(held.id, sealed)?),
        _ => held.phone_masked.clone(),
    };
    let size = |photo: &Photo| json!({ t("file-size"): format!("{} × {}", photo.width, photo.height) });
    Ok(json!({
        t("file-about"): t(if whole { "file-what-whole" } else { "file-what-masked" }),
        t("data-since"): held.received_at, t("ticket-place"): place.full_name,
        t("file-text"): if whole { held.text.unmasked().to_owned() } else { held.text.shown() },
        t("file-photos"): held.pictures().iter().map(size).collect::<Vec<_>>(),
        t("file-voices"): held.spoken().iter().map(|voice| json!({ t("file-seconds"): voice.seconds })).collect::<Vec<_>>(),
        t("data-relation"): held.relation.map(|each| lang.sentence(each.label())),
        t("data-phone"): phone, t("file-share"): held.share_phone, t("file-publish"): held.publish,
        t("file-notice"): held.notice_version, t("file-device"): held.device_hash.is_some(), t("file-made"): tx.now,
    }))
}

/// The same for a neighbour who met the matter of a ticket: nothing of what its reporter left.
pub(super) fn of_neighbour(
    tx: &mut Tx,
    keys: &Keys,
    (neighbour, lang, at): (&Neighbour, Lang, &str),
    whole: bool,
) -> Result<Value> {
    let t = |key: &'static str| lang.t(key).to_string();
    let words = |text: &str| if whole { text.to_owned() } else { mask::text(text) };
    let phone = match (&neighbour.phone_sealed, whole) {
        (Some(sealed), true) => Some(keys.unseal(neighbour.id, sealed)?),
        _ => neighbour.phone_masked.clone(),
    };
    let left = own::left(tx, neighbour)?;
    let brought: Vec<Value> =
        own::photos(tx, neighbour)?.iter().map(|photo| picture(photo, (lang, at))).collect();
    let ticket = tickets::find_own(tx, neighbour.community_id, neighbour.ticket_id)?;
    let spoken = voices::of_neighbour(tx, &ticket, neighbour.id)?;
    Ok(json!({
        t("file-about"): t(if whole { "file-what-whole" } else { "file-what-masked" }),
        t("data-joined"): neighbour.at, t("file-text"): words(&neighbour.text), t("file-photos"): brought,
        t("file-voices"): spoken.iter().map(|voice| sound(voice, (lang, at))).collect::<Vec<_>>(),
        t("data-phone"): phone, t("file-notice"): neighbour.notice_version,
        t("file-until"): own::kept_until(tx, neighbour)?, t("file-device"): own::is_known(neighbour),
        t("file-answers"): {
            t("file-contacted"): neighbour.contacted, t("file-solved"): neighbour.solved,
            t("file-satisfied"): neighbour.satisfied.map(|grade| lang.sentence(grade.label())),
            t("file-comment"): words(&neighbour.comment),
        },
        t("file-looks"): left.looks.iter().map(|look| looked(look, lang)).collect::<Vec<_>>(), t("file-made"): tx.now,
    }))
}

fn picture(photo: &TicketPhoto, (lang, at): (Lang, &str)) -> Value {
    let t = |key: &'static str| lang.t(key).to_string();
    json!({ t("file-time"): photo.added_at, t("file-address"): format!("{at}/photos/{}", photo.seq),
        t("file-size"): format!("{} × {}", photo.width, photo.height) })
}

fn sound(voice: &TicketVoice, (lang, at): (Lang, &str)) -> Value {
    let t = |key: &'static str| lang.t(key).to_string();
    json!({ t("file-time"): voice.added_at, t("file-address"): format!("{at}/voices/{}", voice.seq),
        t("file-seconds"): voice.seconds })
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
    Ok(privacy::looks(tx, ticket)?.iter().map(|look| looked(look, lang)).collect())
}

fn looked(look: &privacy::Look, lang: Lang) -> Value {
    let t = |key: &'static str| lang.t(key).to_string();
    json!({ t("file-time"): look.at, t("file-who"): lang.sentence(look.role.label()), t("file-reason"): look.reason })
}
