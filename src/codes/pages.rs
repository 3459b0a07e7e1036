//! Posters to print, and the life of a code, as pages.
//!
//! Posters are drawn off the threads that answer. Whoever downloads one has it printed: drafts become 已印制. An address
//! that is not HTTPS is printed only for demonstrations, or by whoever insists.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Query, block};

use super::code::Code;
use super::poster::{Forced, Poster, PosterSize, Posters, refuse_plain_http};
use super::registry::{self, IssuedCode};
use super::{posters_for, print};
use crate::console::view::ConsoleErrorPage;
use crate::console::visit::{Answer, Fields, Sent, Visit};
use crate::db::{Id, Tx};
use crate::error::{Error, Result};
use crate::places::{self, Community};
use crate::web::{download, html, see_other};

/// Dots per inch of a picture: sharp on paper up to A5.
const DPI: u32 = 200;

/// How a poster is wanted.
#[derive(Debug, Default, serde::Deserialize, utoipa::IntoParams)]
#[serde(default)]
pub struct Wanted {
    /// `a4`, `a5`, `a6` or `sticker`; A5 where nothing is said.
    size: String,
    /// `1`: as many on a sheet of A4 as it takes, with crop marks.
    sheet: String,
    /// `1`: prints an address that is not HTTPS.
    force: String,
}

/// A file, or why it had better not be printed and the address for whoever insists.
pub(super) type Drawn = Result<std::result::Result<HttpResponse, (Error, String)>>;

impl Wanted {
    fn size(&self) -> Result<PosterSize> {
        match self.size.as_str() {
            "" => Ok(PosterSize::A5),
            size => PosterSize::parse(size)
                .ok_or_else(|| Error::invalid("size", "尺寸可选 a4、a5、a6、sticker（不干胶）")),
        }
    }

    fn forced(&self, community: &Community) -> Forced {
        if community.demo || self.force == "1" { Forced::Yes } else { Forced::No }
    }
}

/// `GET /console/codes/{code}/poster.{kind}`: one poster as `pdf`, `png` or `svg`.
pub async fn poster(
    visit: Visit,
    posters: Data<Posters>,
    path: Path<(Code, String)>,
    wanted: Query<Wanted>,
) -> Answer {
    match one(&visit, posters, path.into_inner(), &wanted).await? {
        Ok(file) => Ok(file),
        Err((err, insist)) => refuse(visit, &err, insist).await,
    }
}

pub(super) async fn one(
    visit: &Visit,
    posters: Data<Posters>,
    (code, kind): (Code, String),
    wanted: &Wanted,
) -> Drawn {
    let size = wanted.size()?;
    let (base_url, community_id) = (visit.config.base_url.clone(), visit.session.actor.community_id);
    let read = move |tx: &mut Tx| {
        let issued = registry::find_in(tx, community_id, &code)?;
        let community = places::community(tx, community_id)?;
        let place = places::find(tx, community_id, issued.place_id)?;
        let poster = print::poster_of(tx, (&community, &place), &issued, &base_url);
        Ok((community, poster))
    };
    let (community, poster) = visit.db.read(read).await?;
    if let Err(err) = refuse_plain_http(&visit.config.base_url, wanted.forced(&community)) {
        let path = format!("/console/codes/{}/poster.{kind}?size={}&force=1", poster.code, size.word());
        return Ok(Err((err, path)));
    }
    let name = format!("{}_{}_{}.{kind}", poster.place, poster.code, size.word().to_uppercase());
    let code = poster.code.clone();
    let draw = move || draw(&posters, &poster, size, &kind);
    let (content_type, body) = block(draw).await.map_err(Error::internal)??;
    visit.db.write(move |tx| registry::mark_printed(tx, community_id, &[code])).await?;
    Ok(Ok(download(content_type, &name, body)))
}

fn draw(posters: &Posters, poster: &Poster, size: PosterSize, kind: &str) -> Result<(&'static str, Vec<u8>)> {
    match kind {
        "pdf" => {
            let pdf = posters.pdf(std::slice::from_ref(poster), size, &mut |_| {})?;
            Ok(("application/pdf", pdf))
        }
        "png" => Ok(("image/png", posters.png(poster, size, DPI)?)),
        "svg" => Ok(("image/svg+xml", posters.svg(poster, size)?.into_bytes())),
        _ => Err(Error::NotFound),
    }
}

/// `GET /console/codes/posters.pdf`: every live code of the community.
pub async fn all(visit: Visit, posters: Data<Posters>, wanted: Query<Wanted>) -> Answer {
    match every(&visit, posters, &wanted).await? {
        Ok(file) => Ok(file),
        Err((err, insist)) => refuse(visit, &err, insist).await,
    }
}

pub(super) async fn every(visit: &Visit, posters: Data<Posters>, wanted: &Wanted) -> Drawn {
    let (size, sheet) = (wanted.size()?, wanted.sheet == "1");
    let (base_url, community_id) = (visit.config.base_url.clone(), visit.session.actor.community_id);
    let read = move |tx: &mut Tx| {
        let community = places::community(tx, community_id)?;
        let list = posters_for(tx, &community, &base_url)?;
        Ok((community, list))
    };
    let (community, list) = visit.db.read(read).await?;
    if let Err(err) = refuse_plain_http(&visit.config.base_url, wanted.forced(&community)) {
        let sheet = if sheet { "&sheet=1" } else { "" };
        let path = format!("/console/codes/posters.pdf?size={}{sheet}&force=1", size.word());
        return Ok(Err((err, path)));
    }
    if list.is_empty() {
        return Err(Error::conflict("还没有可印的码，请先录入或导入楼和单元"));
    }
    let name = format!("{}_{}张_{}.pdf", community.name, list.len(), size.word().to_uppercase());
    let codes: Vec<Code> = list.iter().map(|poster| poster.code.clone()).collect();
    let draw = move || match sheet {
        true => posters.sheet_pdf(&list, size, &mut |_| {}),
        false => posters.pdf(&list, size, &mut |_| {}),
    };
    let pdf = block(draw).await.map_err(Error::internal)??;
    visit.db.write(move |tx| registry::mark_printed(tx, community_id, &codes)).await?;
    Ok(Ok(download("application/pdf", &name, pdf)))
}

/// The sentence, and the way for whoever insists.
async fn refuse(visit: Visit, err: &Error, insist: String) -> Answer {
    let at = visit.clone();
    let chrome = visit.db.read(move |tx| at.chrome(tx, "先不要印", "/console/places")).await?;
    let page = ConsoleErrorPage {
        chrome,
        status: StatusCode::UNPROCESSABLE_ENTITY.as_u16(),
        headline: "先不要印".to_owned(),
        sentence: err.to_string(),
        way_on_url: insist,
        way_on_label: "只在内部试用，仍要印制".to_owned(),
        trace: String::new(),
    };
    html(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

/// `POST /console/places/{id}/code`: gives a place that has no live code a new one.
pub async fn issue(visit: Visit, place: Path<Id>) -> Answer {
    let community = visit.session.actor.community_id;
    let issue = move |tx: &mut Tx| registry::issue_where_missing(tx, community, *place);
    let issued = visit.db.write(issue).await?;
    Ok(back(&issued))
}

/// `POST /console/codes/{code}/posted`: the poster hangs at its door.
pub async fn posted(visit: Visit, code: Path<Code>) -> Answer {
    change(visit, code.into_inner(), registry::mark_posted).await
}

/// `POST /console/codes/{code}/stop`: it was copied, or hangs where it should not.
pub async fn stop(visit: Visit, code: Path<Code>) -> Answer {
    change(visit, code.into_inner(), registry::stop).await
}

async fn change(visit: Visit, code: Code, step: fn(&mut Tx, Id, &Code) -> Result<()>) -> Answer {
    let community = visit.session.actor.community_id;
    let take = move |tx: &mut Tx| {
        let issued = registry::find_in(tx, community, &code)?;
        step(tx, community, &code).map(|()| issued)
    };
    Ok(back(&visit.db.write(take).await?))
}

/// `POST /console/codes/{code}/replacement`: a new code for the same door.
pub async fn replace(visit: Visit, code: Path<Code>, fields: Fields) -> Answer {
    let sent = Sent::new("replacement", fields.into_inner());
    let (grace, community) = (sent.number("grace_days"), visit.session.actor.community_id);
    let wanted = code.clone();
    let old = visit.db.read(move |tx| registry::find_in(tx, community, &wanted)).await?;
    let place = old.place_id;
    let replace = move |tx: &mut Tx| {
        let place = places::find(tx, community, place)?;
        registry::replace(tx, &place, &code, grace?)
    };
    match visit.db.write(replace).await {
        Ok(new) => Ok(back(&new)),
        Err(err) => places::pages::show_one(visit, place, sent.refused(err)?).await,
    }
}

fn back(issued: &IssuedCode) -> HttpResponse {
    see_other(&format!("/console/places/{}", issued.place_id))
}
