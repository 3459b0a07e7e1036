//! What everybody reads: `GET /b/{community}` and its months, made ready once and kept for half a minute.
//!
//! The address carries the short token that every address of the community begins with, never an internal id. Whether
//! an entry may be shown is asked anew each time the page is made: consent withdrawn or work begun again takes it away.

use std::sync::Arc;
use std::time::Duration;

use actix_web::http::header;
use actix_web::web::{Bytes, Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use moka::sync::Cache;

use super::{building, obstacle, store};
use crate::assets;
use crate::clock::{Period, PeriodKind};
use crate::config::Config;
use crate::db::{Db, Tx};
use crate::error::{Error, Result};
use crate::mask;
use crate::photos::{PhotoKey, Photos, Size};
use crate::places;
use crate::reports::door::shell;
use crate::reports::view::Shell;
use crate::routing;
use crate::settings::{self, Publicity};
use crate::stats::public::{self, Table};
use crate::tickets::list::Cursor;
use crate::tickets::{Stage, Ticket};
use crate::web::PageError;
use crate::words::{Lang, Look};

/// How long a page is kept: what is taken back is gone after this, on every program.
const KEPT: Duration = Duration::from_secs(30);
/// Earlier months that a page leads to.
const MONTHS: usize = 12;

/// The pages that were made lately.
pub struct Ready(Cache<Wanted, Arc<Made>>);

/// A page, plain and compressed.
struct Made {
    html: Bytes,
    gzip: Bytes,
}

impl Default for Ready {
    fn default() -> Ready {
        Ready(Cache::builder().max_capacity(2_000).time_to_live(KEPT).build())
    }
}

impl Ready {
    /// Something was published or taken back: this program shows it at once.
    pub fn forget(&self) {
        self.0.invalidate_all();
    }
}

/// Which page.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Wanted {
    token: String,
    /// `2025-06`; empty for the latest.
    month: String,
    after: String,
    look: Look,
}

/// One thing that was solved.
#[derive(Debug, Clone)]
struct Item {
    matter: String,
    place: String,
    day: String,
    sentence: String,
    before: Vec<String>,
    after: Vec<String>,
}

#[derive(Template)]
#[template(path = "bulletin/month.html")]
struct MonthPage {
    shell: Shell,
    label: String,
    /// Whether the month is still running.
    running: bool,
    table: Table,
    items: Vec<Item>,
    next: String,
    /// Other months: address and name.
    months: Vec<(String, String)>,
}

/// Beside the address.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub struct Asked {
    after: String,
}

/// `GET /b/{community}`: the month that is running.
pub async fn latest(
    req: HttpRequest,
    (db, config): (Data<Db>, Data<Config>),
    ready: Data<Ready>,
    token: Path<String>,
    (look, asked): (Look, Query<Asked>),
) -> Result<HttpResponse, PageError> {
    show(&req, (&db, &config), &ready, (token.into_inner(), String::new()), (look, &asked)).await
}

/// `GET /b/{community}/{month}`.
pub async fn month(
    req: HttpRequest,
    (db, config): (Data<Db>, Data<Config>),
    ready: Data<Ready>,
    path: Path<(String, String)>,
    (look, asked): (Look, Query<Asked>),
) -> Result<HttpResponse, PageError> {
    show(&req, (&db, &config), &ready, path.into_inner(), (look, &asked)).await
}

async fn show(
    req: &HttpRequest,
    (db, config): (&Db, &Config),
    ready: &Ready,
    (token, month): (String, String),
    (look, asked): (Look, &Asked),
) -> Result<HttpResponse, PageError> {
    // What cannot be an address is no key either: nobody fills the memory with nonsense.
    let sound = token.len() == 4
        && (month.is_empty()
            || Period::parse(PeriodKind::Month, &month).is_ok_and(|each| each.word() == month));
    if !sound {
        return Err(Error::NotFound.into());
    }
    let after = Cursor::parse(&asked.after).map(|cursor| cursor.to_string()).unwrap_or_default();
    let wanted = Wanted { token, month, after, look };
    let made = match ready.0.get(&wanted) {
        Some(made) => made,
        None => {
            let (filing, key) = ((config.icp.clone(), config.police.clone()), wanted.clone());
            let page = db.read(move |tx| fill(tx, &wanted, &filing)).await?;
            let html = Bytes::from(page.render().map_err(Error::internal)?);
            let made = Arc::new(Made { gzip: assets::gzip(&html), html });
            ready.0.insert(key, made.clone());
            made
        }
    };
    let mut answer = HttpResponse::Ok();
    answer
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::VARY, "Accept-Encoding"));
    Ok(match assets::accepts_gzip(req) {
        true => answer.insert_header((header::CONTENT_ENCODING, "gzip")).body(made.gzip.clone()),
        false => answer.body(made.html.clone()),
    })
}

fn fill(tx: &mut Tx, wanted: &Wanted, filing: &(String, String)) -> Result<MonthPage> {
    let community = places::community_by_token(tx, &wanted.token)?.ok_or(Error::NotFound)?;
    let publicity: Publicity = settings::at(tx, community.id, tx.now)?;
    let all = public::months(tx, community.id)?;
    let running = Period::of(PeriodKind::Month, tx.now);
    let period = match wanted.month.as_str() {
        "" => running,
        month => all.iter().copied().find(|each| each.word() == month).ok_or(Error::NotFound)?,
    };
    let found = store::shown(tx, community.id, (period.from, period.to), Cursor::parse(&wanted.after))?;
    let full = found.len() as i64 > super::PAGE;
    let page = &found[..found.len().min(super::PAGE as usize)];
    let path = format!("/b/{}", wanted.token);
    let here = format!("{path}/{}", period.word());
    let last = page.last().filter(|_| full);
    let next = last
        .map(|(ticket, entry)| format!("{here}?after={}", Cursor { due_at: entry.closed_at, id: ticket.id }));
    let lang = wanted.look.lang;
    let mut items = Vec::with_capacity(page.len());
    for (ticket, entry) in page.iter().filter(|(ticket, _)| obstacle(ticket, &publicity).is_empty()) {
        items.push(item(tx, ticket, (&entry.sentence, &path), lang)?);
    }
    let others = all.iter().filter(|each| **each != period).take(MONTHS);
    Ok(MonthPage {
        shell: Shell {
            title: lang
                .t("bulletin-title-of")
                .with("month", lang.sentence(&period.label()))
                .with("community", &community.name)
                .to_string(),
            look: wanted.look,
            here,
            ..shell(&community, filing)
        },
        label: lang.sentence(&period.label()),
        running: period == running,
        // Figures stand on the first page alone.
        table: match wanted.after.is_empty() {
            true => public::table(tx, community.id, period, &publicity.sensitive)?,
            false => Table::default(),
        },
        months: others
            .map(|each| (format!("{path}/{}", each.word()), lang.sentence(&each.label())))
            .collect(),
        next: next.unwrap_or_default(),
        items,
    })
}

fn item(tx: &mut Tx, ticket: &Ticket, (sentence, path): (&str, &str), lang: Lang) -> Result<Item> {
    let photos = store::photos(tx, ticket)?;
    let shots = |before: bool| {
        let own = photos.iter().filter(|photo| (photo.stage == Stage::Report) == before);
        own.map(|photo| format!("{path}/photos/{}", photo.photo)).collect()
    };
    let category = match &ticket.category {
        Some(code) => {
            let category = routing::category(tx, code)?;
            lang.category(&category.level2, &category.level1)
        }
        None => String::new(),
    };
    Ok(Item {
        matter: category,
        place: building(tx, ticket)?,
        day: ticket
            .closed_at
            .map(|at| lang.sentence(&at.local().format("%-m月%-d日").to_string()))
            .unwrap_or_default(),
        // Rules of masking may have grown since it was written.
        sentence: mask::text(sentence),
        before: shots(true),
        after: shots(false),
    })
}

/// Which size of a picture.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub struct Sized {
    size: String,
}

/// `GET /b/{community}/photos/{photo}`: a picture that stands in the bulletin now; no other.
pub async fn photo(
    db: Data<Db>,
    photos: Data<Photos>,
    path: Path<(String, String)>,
    sized: Query<Sized>,
) -> Result<HttpResponse, PageError> {
    let (token, key) = path.into_inner();
    let key = PhotoKey::parse(&key).ok_or(Error::NotFound)?;
    let wanted = key.clone();
    let stands = move |tx: &mut Tx| {
        let community = places::community_by_token(tx, &token)?.ok_or(Error::NotFound)?;
        let publicity: Publicity = settings::at(tx, community.id, tx.now)?;
        let showing = store::showing(tx, community.id, &wanted)?;
        Ok(showing.iter().any(|(ticket, entry)| {
            ticket.closed_at == Some(entry.closed_at) && obstacle(ticket, &publicity).is_empty()
        }))
    };
    if !db.read(stands).await? {
        return Err(Error::NotFound.into());
    }
    let size = if sized.size == "thumb" { Size::Thumb } else { Size::Full };
    // Short, so that what is taken back does not live on in caches.
    Ok(HttpResponse::Ok()
        .content_type("image/jpeg")
        .insert_header((header::CACHE_CONTROL, "private, max-age=60"))
        .body(photos.open_photo(&key, size).await?))
}
