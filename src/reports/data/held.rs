//! The data of a report that waits for a person to look at it: it has a phone, and no number yet.

use super::{DataPage, Says};
use crate::db::Tx;
use crate::error::Result;
use crate::places;
use crate::reports::door::shell;
use crate::reports::notice::notice_url;
use crate::reports::view::Shell;
use crate::tickets::held::Held;
use crate::tickets::relation::Relation;
use crate::words::Look;

pub(super) fn fill(
    tx: &mut Tx,
    (held, secret): (&Held, &str),
    look: Look,
    filing: &(String, String),
) -> Result<DataPage> {
    let (lang, says) = (look.lang, Says(look.lang));
    let community = places::community(tx, held.community_id)?;
    let place = places::find(tx, held.community_id, held.place_id)?.full_name;
    let waits = held.discarded_at.is_none();
    Ok(DataPage {
        shell: Shell { title: says.t("data-title"), look, ..shell(&community, filing) },
        path: format!("/t/{secret}/data"),
        back: format!("/t/{secret}"),
        about: says.t("data-kept-waiting"),
        kept: vec![
            (says.t("data-since"), lang.moment(held.received_at)),
            (says.t("ticket-place"), place),
            (says.t("data-words"), held.text.shown()),
            (says.t("data-photos"), says.counted("data-photos-count", held.pictures().len())),
            (says.t("data-voices"), says.counted("data-voices-count", usize::from(held.voice.is_some()))),
            (says.t("data-relation"), says.or_unsaid(held.relation.map(Relation::label))),
            (says.t("data-device"), says.device(held.device_hash.is_some())),
        ],
        reporter: true,
        phone: held.phone_masked.clone().unwrap_or_default(),
        until: says.t(if waits { "data-until-waiting" } else { "data-until-aside" }),
        share_phone: held.share_phone,
        publish: held.publish,
        notice: (held.notice_version.clone(), notice_url(&community, &held.notice_version)),
        erased: nobodys(held),
        takes: says.t("data-erase-what"),
        open: waits,
        ..DataPage::default()
    })
}

/// Whether nothing of a person is left in it.
fn nobodys(held: &Held) -> bool {
    let files = !held.photos.is_empty() || held.voice.is_some();
    let person = held.phone_sealed.is_some() || held.device_hash.is_some() || held.relation.is_some();
    !files && !person && !held.text.hides()
}
