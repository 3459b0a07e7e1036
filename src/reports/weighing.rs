//! What a form shows for itself, weighed once: before anything of it is stored, and not again when the person first had to
//! answer whether it is the same matter. Counting is next door in [`super::flood`], what a browser proves in [`super::proof`].

use actix_web::HttpRequest;

use super::door::Door;
use super::flood::{Origin, What};
use super::pages::{Desk, cookie_hash};
use super::proof::{self, Proof};
use crate::db::{Tx, now};
use crate::error::Result;
use crate::keys::{self, Keys};
use crate::tickets::held::{self, Doubt, Seat};
use crate::web::form::Form;
use crate::web::{client_address, network};

/// The field by which the answer to a question says that its form was counted already.
pub(super) const WEIGHED: &str = "weighed";
/// Hours for which that is good.
const HOURS: i64 = 6;

/// A form or a tap, counted.
#[derive(Debug, Clone)]
pub struct Weighed {
    /// Why a person should look at it first; nothing where it counts at once.
    pub doubts: Vec<Doubt>,
    proof: Proof,
}

impl Weighed {
    /// Weighs what came, counts it, and uses its token up; what was asked about before was weighed then.
    pub(super) fn of(req: &HttpRequest, desk: &Desk, door: &Door, what: What, shown: proof::Sent) -> Weighed {
        let proof = proof::weigh(&desk.keys, &desk.flood.used, &door.code.code, now(), shown);
        let doubts = desk.flood.doubts(what, (&door.flood, &origin(req, desk, door)), proof);
        Weighed { doubts, proof }
    }

    /// The same for a form.
    pub(super) fn of_form(
        req: &HttpRequest,
        desk: &Desk,
        door: &Door,
        (what, form): (What, &Form),
    ) -> Weighed {
        if let Some(earlier) = before(desk, door, form.text(WEIGHED)) {
            return earlier;
        }
        let shown = proof::Sent {
            token: form.text("token"),
            work: form.text("work"),
            page: form.text("page_stamp"),
            honeypot: form.text("leave_empty"),
        };
        Weighed::of(req, desk, door, what, shown)
    }

    /// What the question carries: signed for this door, good once.
    pub(super) fn carried(&self, keys: &Keys, door: &Door) -> String {
        let doubts: Vec<&str> = self.doubts.iter().map(|doubt| doubt.word()).collect();
        let (made, nonce) = (now().0.timestamp(), keys::token());
        let page = u8::from(self.of_page());
        let body = format!("{made}.{}.{page}.{}", &nonce[..22], doubts.join("-"));
        format!("{body}.{}", keys.stamp(WEIGHED, &format!("{}/{body}", door.code.code)))
    }

    /// Whether a page of ours stands behind it.
    fn of_page(&self) -> bool {
        self.proof >= Proof::Page
    }

    /// Whether its photos may be taken in: those of what is doubtful fill a disk, and there is an end to what may wait.
    pub(super) async fn keeps_photos(
        &self,
        req: &HttpRequest,
        desk: &Desk,
        (door, what): (&Door, What),
        photos: usize,
    ) -> Result<bool> {
        if self.doubts.is_empty() || photos == 0 {
            return Ok(true);
        }
        if !desk.flood.keeps_photos(client_address(req, &desk.config), self.proof, photos) {
            return Ok(false);
        }
        if what == What::Join {
            return Ok(true);
        }
        let (community, seat) = (door.community.id, self.seat(req, desk, door));
        desk.db.read(move |tx: &mut Tx| held::has_room(tx, community, &seat)).await
    }

    /// The place that it asks for among those that wait for a person.
    pub(super) fn seat(&self, req: &HttpRequest, desk: &Desk, door: &Door) -> Seat {
        let from = network(client_address(req, &desk.config)).to_string();
        Seat {
            network_hash: desk.keys.device_hash(&format!("network {from}")),
            from_page: self.of_page(),
            rules: door.flood.clone(),
        }
    }
}

/// What an earlier form of the same person was weighed to be, where this is the answer to its question.
fn before(desk: &Desk, door: &Door, carried: &str) -> Option<Weighed> {
    let (body, stamp) = carried.rsplit_once('.')?;
    if !desk.keys.stamped(WEIGHED, &format!("{}/{body}", door.code.code), stamp) {
        return None;
    }
    let mut parts = body.split('.');
    let (made, nonce) = (parts.next()?.parse::<i64>().ok()?, parts.next()?);
    let (page, doubts) = (parts.next()?, parts.next()?);
    if now().0.timestamp() - made > HOURS * 3600 || !desk.flood.used.once(nonce) {
        return None;
    }
    let proof = if page == "1" { Proof::Page } else { Proof::Nothing };
    Some(Weighed { doubts: doubts.split('-').filter_map(Doubt::parse).collect(), proof })
}

/// Where a form comes from and to whom it goes.
pub(super) fn origin(req: &HttpRequest, desk: &Desk, door: &Door) -> Origin {
    Origin {
        code: door.code.code.clone(),
        community: door.community.id,
        address: client_address(req, &desk.config),
        device: cookie_hash(req, desk),
    }
}
