//! The receipt as a picture to keep by a long press: WeChat downloads nothing, but it keeps pictures.
//!
//! `GET /t/{secret}/card.png`. Drawn on the same few patient threads as photos, kept in memory for a while and never
//! written down; the log names the pattern of its address and nothing else.

use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::{Bytes, Data, Path};
use moka::sync::Cache;

use super::pages::Desk;
use crate::codes::poster::{Card, Posters, Warm, warm};
use crate::codes::qr::Qr;
use crate::db::Tx;
use crate::error::Result;
use crate::keys::Keys;
use crate::photos::Photos;
use crate::places;
use crate::tickets::{self, Ticket};
use crate::web::PageError;
use crate::words::{Lang, Look};

/// Bytes of pictures that are kept: some three hundred.
const MOST_BYTES: u64 = 16 << 20;
/// How long a picture is kept, and how long the fonts stay unpacked after the last one.
const KEPT: Duration = Duration::from_secs(600);
const WARM: Duration = Duration::from_secs(60);

/// The pictures that were drawn lately.
pub struct Cards {
    drawn: Cache<Card, Bytes>,
    fonts: Cache<(), Warm>,
}

impl Default for Cards {
    fn default() -> Cards {
        let weigh = |_: &Card, png: &Bytes| u32::try_from(png.len()).unwrap_or(u32::MAX);
        Cards {
            drawn: Cache::builder().max_capacity(MOST_BYTES).weigher(weigh).time_to_live(KEPT).build(),
            fonts: Cache::builder().max_capacity(1).time_to_idle(WARM).build(),
        }
    }
}

impl Cards {
    /// The picture, drawn when its turn comes. Unavailable when too many wait.
    async fn draw(&self, photos: &Photos, posters: Data<Posters>, card: Card) -> Result<Bytes> {
        if let Some(png) = self.drawn.get(&card) {
            return Ok(png);
        }
        let (wanted, fonts) = (card.clone(), self.fonts.clone());
        let draw = move || {
            if fonts.get(&()).is_none() {
                fonts.insert((), warm()?);
            }
            posters.card(&wanted).map(Bytes::from)
        };
        let png = photos.patiently(draw).await?;
        self.drawn.insert(card, png.clone());
        Ok(png)
    }
}

/// `GET /t/{secret}/card.png`, in the language of the page that shows it.
pub async fn card(
    desk: Data<Desk>,
    posters: Data<Posters>,
    cards: Data<Cards>,
    secret: Path<String>,
    look: Look,
) -> Result<HttpResponse, PageError> {
    let (keys, base_url) = (desk.keys.clone(), desk.config.base_url.clone());
    let read = move |tx: &mut Tx| {
        let ticket = tickets::find_by_secret(tx, &keys, &secret)?;
        describe(tx, &keys, (&ticket, look.lang), &base_url)
    };
    let png = cards.draw(&desk.photos, posters, desk.db.read(read).await?).await?;
    Ok(HttpResponse::Ok()
        .content_type("image/png")
        .insert_header((header::CACHE_CONTROL, "private, max-age=3600"))
        // Its language is that of the browser where the address names none.
        .insert_header((header::VARY, "Accept-Language, Cookie"))
        .body(png))
}

/// What it says. The code names the number, which opens nothing by itself, so that it need not be typed.
fn describe(tx: &mut Tx, keys: &Keys, (ticket, lang): (&Ticket, Lang), base_url: &str) -> Result<Card> {
    let community = places::community(tx, ticket.community_id)?;
    let place = places::find(tx, ticket.community_id, ticket.place_id)?;
    let numbered = format!("{base_url}/t?number={}", ticket.number);
    Ok(Card {
        lang,
        url: if Qr::of(&numbered).is_ok() { numbered } else { format!("{base_url}/t") },
        community: community.name,
        place: place.full_name,
        number: ticket.number.clone(),
        query_code: keys.query_code(ticket.key_version, ticket.id),
        submitted: lang.moment(ticket.submitted_at),
        phone: community.phone,
        demo: community.demo,
    })
}
