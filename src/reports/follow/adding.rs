//! What the resident of a report adds to it: words and photos. `POST /t/{secret}/message`.
//!
//! Photos cost a disk, so nothing is stored before it is known whose report this is and that it can be added to; they are
//! counted by report and by network, and what is refused after that is noted as loose.

use std::net::IpAddr;
use std::num::NonZeroU32;

use actix_web::web::{Data, Path, Payload};
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use governor::Quota;

use super::fill::photos_alone;
use super::{Refused, Typed, View, act, finish, page};
use crate::db::Id;
use crate::error::{Error, Result};
use crate::people::Role;
use crate::photos::{PhotoKey, Size};
use crate::reports::kept::{Kept, Taken, wait};
use crate::reports::pages::{Desk, send_photo};
use crate::tickets::{self, Act, Note, acts};
use crate::uploads::loose;
use crate::web::form::Form;
use crate::web::tries::Tries;
use crate::web::{PageError, client_address, network};
use crate::words::{Lang, Look};

/// Photos that one report and one network may add in an hour.
const PER_HOUR: (NonZeroU32, NonZeroU32) =
    (NonZeroU32::new(40).expect("not zero"), NonZeroU32::new(600).expect("not zero"));

/// How many photos were added lately, by report and by network.
pub struct Added {
    by_ticket: Tries<Id>,
    by_network: Tries<IpAddr>,
}

impl Default for Added {
    fn default() -> Added {
        Added {
            by_ticket: Tries::new(Quota::per_hour(PER_HOUR.0)),
            by_network: Tries::new(Quota::per_hour(PER_HOUR.1)),
        }
    }
}

impl Added {
    /// Counts photos before they are taken in; Invalid, with what to do, where they are too many.
    fn photos(&self, from: IpAddr, ticket: Id, photos: usize) -> Result<()> {
        let Some(count) = NonZeroU32::new(photos as u32) else { return Ok(()) };
        let room = self.by_ticket.take_many(&ticket, count);
        room.and_then(|()| self.by_network.take_many(&network(from), count)).map_err(|_| {
            let sentence =
                "这一小时传的照片太多了，这次的没有收。文字可以先发，照片请过一会儿再传，或打社区电话";
            Error::invalid("photo", sentence)
        })
    }
}

/// `POST /t/{secret}/message`: something to add, in words, photos or both. Nothing is stored before it is known whose report
/// this is and that it can be added to; what is refused after that is noted, and swept away unless it comes again.
pub async fn message(
    req: HttpRequest,
    desk: Data<Desk>,
    added: Data<Added>,
    (secret, look): (Path<String>, Look),
    body: Payload,
) -> Result<HttpResponse, PageError> {
    let (keys, wanted) = (desk.keys.clone(), secret.to_string());
    let found = desk.db.read(move |tx| {
        let ticket = tickets::find_by_secret(tx, &keys, &wanted)?;
        let may = ticket.stand().allows(Act::Reply, Role::Resident);
        Ok((ticket.community_id, ticket.id, may))
    });
    let (community, ticket, may) = match found.await {
        Ok(found) => found,
        // There is no such report, or a person still has to look at it.
        Err(Error::NotFound) => return page(&desk, (&secret, look), &View::default(), None).await,
        Err(err) => return Err(err.into()),
    };
    let mut form = Form::from_request(&req, &mut body.into_inner()).await?;
    let from = client_address(&req, &desk.config);
    let may = may.and_then(|()| added.photos(from, ticket, form.files.len()));
    let kept = Kept { keys: &desk.keys, secret: &secret };
    let message = form.text("text").to_owned();
    let taken = match may {
        Ok(()) => kept.take_in(&desk.photos, &mut form).await,
        Err(err) => Taken { photos: kept.held(&desk.photos, &form).await, before: 0, problem: Some(err) },
    };
    let Taken { photos, before, problem } = taken;
    let shown = photos.iter().map(|photo| kept.show(photo)).collect();
    let words = match (message.is_empty(), photos.len()) {
        // Staff read it, in Chinese.
        (true, 1..) => photos_alone(Lang::Hans, photos.len()).to_string(),
        _ => message.clone(),
    };
    let note = match problem {
        Some(problem) => Err(problem),
        None => Note::parse("message", &words, "请先写点内容，或选一张照片，再发送"),
    };
    let keys: Vec<PhotoKey> = photos.iter().map(|photo| photo.key.clone()).collect();
    let done = act(&desk, &secret, move |tx, actor, ticket| {
        let note = note?;
        for photo in &photos[..before] {
            loose::take(tx, community, loose::Kind::Photo, &photo.key)?;
        }
        acts::reply(tx, actor, ticket.id, &note, &photos)
    })
    .await;
    if done.is_err() {
        wait(&desk, community, keys).await?;
    }
    let typed = Typed { message, kept: shown, ..Typed::default() };
    let refused = |err| Refused { err, field: "message", typed };
    finish(&desk, (&secret, look), "message", done.map_err(refused)).await
}

/// `GET /t/{secret}/kept/{photo}`: the preview of a photo that the form already holds.
pub async fn kept_photo(desk: Data<Desk>, path: Path<(String, String)>) -> Result<HttpResponse, PageError> {
    let (secret, held) = path.into_inner();
    let photo = Kept { keys: &desk.keys, secret: &secret }.open(&held).ok_or(Error::NotFound)?;
    send_photo(&desk.photos, &photo.key, Size::Thumb).await
}
