//! The bulletin as staff see it: what could be published, what waits for the lead, and one entry with its photos, on
//! which areas are covered before anybody else sees them.

use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};
use actix_web::web::{Data, Path, Query};
use askama::Template;

use super::public::Ready;
use super::{Afresh, Choice, Entry, Lines, PHOTO_LIMIT, SENTENCE_LIMIT, Sentence, Shelf, State};
use crate::clock::{Period, PeriodKind};
use crate::console::desk::Desk;
use crate::console::view::Chrome;
use crate::db::{Id, Tx};
use crate::error::{Error, Result};
use crate::photos::{Area, Size};
use crate::places;
use crate::tickets::list::Cursor;
use crate::tickets::pages::Answer;
use crate::web::form::Form;
use crate::web::{PageError, html, see_other, status};

const PATH: &str = "/console/bulletin";

#[derive(Template)]
#[template(path = "bulletin/list.html")]
struct ListPage {
    chrome: Chrome,
    public: String,
    month: Period,
    earlier: String,
    later: String,
    state: Option<State>,
    lines: Lines,
}

impl ListPage {
    fn states(&self) -> &'static [State] {
        State::ALL
    }

    fn shows(&self, state: &State) -> bool {
        self.state == Some(*state)
    }
}

#[derive(Template)]
#[template(path = "bulletin/entry.html")]
struct EntryPage {
    chrome: Chrome,
    entry: Entry,
    public: String,
    /// The sentence as typed, where it was refused.
    typed: Option<String>,
    refused: String,
}

impl EntryPage {
    fn sentence(&self) -> &str {
        self.typed.as_deref().unwrap_or(&self.entry.sentence)
    }

    fn published(&self) -> bool {
        self.entry.state == Some(State::Published)
    }

    fn limits(&self) -> (usize, usize) {
        (SENTENCE_LIMIT, PHOTO_LIMIT)
    }
}

/// Which list.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub struct Asked {
    /// `2025-06`; this month where nothing is said.
    month: String,
    /// `draft`, `published` or `taken_back`: of all months.
    state: String,
    after: String,
}

impl Asked {
    pub(super) fn shelf(&self, tx: &Tx) -> Result<(Period, Shelf)> {
        let month = match self.month.as_str() {
            "" => Period::of(PeriodKind::Month, tx.now),
            month => Period::parse(PeriodKind::Month, month)?,
        };
        let shelf = match State::parse(&self.state) {
            Some(state) => Shelf::State(state),
            None => Shelf::Closed(month.from, month.to),
        };
        Ok((month, shelf))
    }

    pub(super) fn cursor(&self) -> Option<Cursor> {
        Cursor::parse(&self.after)
    }
}

/// `GET /console/bulletin`.
pub async fn list(desk: Desk, asked: Query<Asked>) -> Answer {
    let page = move |tx: &mut Tx, desk: &Desk| {
        let (month, shelf) = asked.shelf(tx)?;
        let later = Period::of(PeriodKind::Month, month.to);
        Ok(ListPage {
            chrome: desk.chrome(tx, "办结公示", PATH)?,
            public: public(tx, desk)?,
            lines: super::list(tx, desk.actor(), shelf, asked.cursor())?,
            earlier: month.previous().word(),
            later: if later.from <= tx.now { later.word() } else { String::new() },
            state: State::parse(&asked.state),
            month,
        })
    };
    html(StatusCode::OK, &desk.read(page).await?)
}

/// Where everybody reads it.
fn public(tx: &mut Tx, desk: &Desk) -> Result<String> {
    Ok(format!("/b/{}", places::community(tx, desk.actor().community_id)?.token))
}

/// `GET /console/bulletin/{id}`: the entry of a ticket.
pub async fn show(desk: Desk, id: Path<Id>) -> Answer {
    page(&desk, id.into_inner(), None, Ok(())).await
}

async fn page(desk: &Desk, id: Id, typed: Option<String>, done: Result<()>) -> Answer {
    let (code, refused) = match done {
        Ok(()) => (StatusCode::OK, String::new()),
        Err(err @ (Error::Invalid(_) | Error::Conflict(_) | Error::Unavailable(_))) => {
            (status(&err), err.to_string())
        }
        Err(err) => return Err(PageError(err)),
    };
    let fill = move |tx: &mut Tx, desk: &Desk| {
        let entry = super::entry(tx, desk.actor(), id)?;
        let chrome = desk.chrome(tx, &format!("公示 {}", entry.number), PATH)?;
        Ok(EntryPage { chrome, public: public(tx, desk)?, entry, typed, refused })
    };
    html(code, &desk.read(fill).await?)
}

/// After something was done: everybody sees it at once, and the person sees the entry.
async fn after(desk: &Desk, ready: &Ready, id: Id, done: Result<super::Publication>) -> Answer {
    match done {
        Ok(_) => {
            ready.forget();
            Ok(see_other(&format!("{PATH}/{id}")))
        }
        Err(err) => page(desk, id, None, Err(err)).await,
    }
}

/// `POST /console/bulletin/{id}`: the sentence.
pub async fn draft(desk: Desk, ready: Data<Ready>, id: Path<Id>, form: Form) -> Answer {
    let id = id.into_inner();
    let typed = form.text("sentence").to_owned();
    let sentence = Sentence::parse(&typed);
    match desk.write(move |tx, desk| super::draft(tx, desk.actor(), id, &sentence?)).await {
        Err(err) => page(&desk, id, Some(typed), Err(err)).await,
        done => after(&desk, &ready, id, done).await,
    }
}

/// `POST /console/bulletin/{id}/photos`: a photo as it is, or with an area covered, or begun afresh.
pub async fn choose(desk: Desk, ready: Data<Ready>, id: Path<Id>, form: Form) -> Answer {
    let id = id.into_inner();
    let seq = form.text("seq").parse().map_err(|_| Error::NotFound)?;
    let areas = match form.on("as_it_is") {
        true => Ok(Vec::new()),
        false => area(&form).map(|area| vec![area]),
    };
    let afresh = if form.on("afresh") { Afresh::Yes } else { Afresh::No };
    let done = match areas {
        Ok(areas) => cover(&desk, id, seq, areas, afresh).await,
        Err(err) => Err(err),
    };
    after(&desk, &ready, id, done).await
}

fn area(form: &Form) -> Result<Area> {
    let side = |name: &str| form.text(name).parse().unwrap_or(f32::NAN);
    Area { left: side("left"), top: side("top"), width: side("width"), height: side("height") }.check()
}

/// Covers areas of a photo before any transaction, then chooses the copy.
pub(super) async fn cover(
    desk: &Desk,
    id: Id,
    seq: i32,
    areas: Vec<Area>,
    afresh: Afresh,
) -> Result<super::Publication> {
    let found = desk.read(move |tx, desk| {
        let (from, covered) = super::source(tx, desk.actor(), id, seq, afresh)?;
        let ticket = crate::tickets::find(tx, desk.actor(), id)?;
        Ok((from, covered, crate::tickets::photo(tx, &ticket, seq)?))
    });
    let (from, covered, original) = found.await?;
    let more = areas.len() as i32;
    let shown = match areas.is_empty() {
        false => desk.photos.cover(&from, areas).await?,
        true => crate::photos::Photo {
            key: from.clone(),
            width: original.width as u32,
            height: original.height as u32,
            bytes: 0,
            likeness: None,
        },
    };
    let choice = Choice { seq, from, shown, covered: covered + more, afresh };
    desk.write(move |tx, desk| super::choose(tx, desk.actor(), id, choice)).await
}

/// `POST /console/bulletin/{id}/photos/{seq}/removal`.
pub async fn leave_out(desk: Desk, ready: Data<Ready>, path: Path<(Id, i32)>) -> Answer {
    let (id, seq) = path.into_inner();
    let done = desk.write(move |tx, desk| super::leave_out(tx, desk.actor(), id, seq)).await;
    after(&desk, &ready, id, done).await
}

/// `GET /console/bulletin/{id}/photos/{seq}`: the chosen picture, as it would be public.
#[utoipa::path(get, path = "/api/v1/bulletin/{id}/photos/{seq}", params(("id" = Id, Path), ("seq" = i32, Path)),
    responses((status = 200, body = Vec<u8>, content_type = "image/jpeg"), (status = 404)))]
pub async fn photo(desk: Desk, path: Path<(Id, i32)>) -> Answer {
    let (id, seq) = path.into_inner();
    let key = desk.read(move |tx, desk| super::chosen(tx, desk.actor(), id, seq)).await?;
    let bytes = desk.photos.open_photo(&key, Size::Full).await?;
    let private = (header::CACHE_CONTROL, "private, no-store");
    Ok(HttpResponse::Ok().content_type("image/jpeg").insert_header(private).body(bytes))
}

/// `POST /console/bulletin/{id}/publication`: the lead lets everybody read it.
pub async fn publish(desk: Desk, ready: Data<Ready>, id: Path<Id>, form: Form) -> Answer {
    let id = id.into_inner();
    let version = form.text("version").parse().unwrap_or(-1);
    let done = desk.write(move |tx, desk| super::publish(tx, desk.actor(), id, version)).await;
    after(&desk, &ready, id, done).await
}

/// `POST /console/bulletin/{id}/retraction`: at any time.
pub async fn take_back(desk: Desk, ready: Data<Ready>, id: Path<Id>) -> Answer {
    let id = id.into_inner();
    let done = desk.write(move |tx, desk| super::take_back(tx, desk.actor(), id)).await;
    after(&desk, &ready, id, done).await
}
