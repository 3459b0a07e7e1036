//! The page of one report: its holder follows it, adds, answers, asks again. Everything under `/t`.
//!
//! Whoever has the address is its resident. A merged report shows the progress of the one it went into, never that
//! one's words, number or people.
//! Looking it up by number and code is next door in [`lookup`], what is added in [`adding`], what the page says in
//! [`mod@fill`].

pub mod adding;
mod fill;
pub mod lookup;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Form, Path, Query};
use actix_web::{HttpRequest, HttpResponse};

pub(super) use self::fill::{danger, danger_of_tile, headline};
use self::fill::{fill, plain_steps};
use super::answers::Sent;
use super::faults;
use super::missing;
use super::pages::{Desk, send_photo};
use super::view::{FieldProblem, Gone, GonePage, KeptPhoto, Shell, TicketPage, lost};
use super::waiting;
use crate::assets;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::keys::Keys;
use crate::neighbours;
use crate::people::Actor;
use crate::photos::Size;
use crate::places;
use crate::tickets::steps::{FollowUp, Seen};
use crate::tickets::{self, Note, Stage, Ticket, steps, urging};
use crate::web::{self, PageError, see_other};
use crate::words::Look;

/// What the address of a report says beside its secret.
#[derive(Default, serde::Deserialize)]
pub struct View {
    received: Option<String>,
    done: Option<String>,
    /// Which photos did not arrive, and the proof that we said so.
    #[serde(default)]
    missing: String,
    #[serde(default)]
    proof: String,
}

impl View {
    /// The address of the page that says the same again, in whatever language.
    fn of(&self, secret: &str) -> String {
        match self.done.as_deref().filter(|word| done(word).is_some()) {
            _ if self.received.is_some() => format!("/t/{secret}?received=1"),
            Some(word) => format!("/t/{secret}?done={word}"),
            None => format!("/t/{secret}"),
        }
    }
}

/// `GET /t/{secret}`. Straight after a report, with the picture to keep, it is compressed.
pub async fn show(
    req: HttpRequest,
    desk: Data<Desk>,
    secret: Path<String>,
    look: Look,
    view: Query<View>,
) -> Result<HttpResponse, PageError> {
    let shown = page(&desk, (&secret, look), &view, None).await?;
    let packs = view.received.is_some() && assets::accepts_gzip(&req);
    Ok(if packs { assets::packed(shown) } else { shown })
}

/// What lies behind a secret: a page, or the secret of the report that has it.
enum Found {
    Page(Box<TicketPage>),
    /// A report of several matters has one page: this is one of them.
    PartOf(String),
}

/// The report that a ticket is a part of, by its secret.
fn whole(tx: &mut Tx, keys: &Keys, part: &Ticket) -> Result<Option<String>> {
    let Some(origin) = part.origin_id else { return Ok(None) };
    let origin = tickets::find_own(tx, part.community_id, origin)?;
    let community = places::community(tx, part.community_id)?;
    Ok(Some(keys.ticket_secret(origin.key_version, &community.token, origin.id)))
}

/// The page, perhaps after something was refused: then with its sentence and what was typed.
async fn page(
    desk: &Desk,
    (secret, look): (&str, Look),
    view: &View,
    refused: Option<Refused>,
) -> Result<HttpResponse, PageError> {
    let (keys, filing) = (desk.keys.clone(), (desk.config.icp.clone(), desk.config.police.clone()));
    let wanted = secret.to_owned();
    let own = refused.is_some();
    let filled = desk.db.read(move |tx| {
        let ticket = tickets::find_by_secret(tx, &keys, &wanted)?;
        match whole(tx, &keys, &ticket)? {
            // What was typed into a form of the part is shown with the part.
            Some(report) if !own => Ok(Found::PartOf(report)),
            _ => fill(tx, &keys, (&ticket, &wanted), look, &filing).map(|page| Found::Page(Box::new(page))),
        }
    });
    let mut page = match filled.await {
        Ok(Found::Page(page)) => page,
        Ok(Found::PartOf(report)) => {
            let done = view.done.as_deref().map(|word| format!("?done={word}")).unwrap_or_default();
            return Ok(see_other(&look.to(&format!("/t/{report}{done}"))));
        }
        // Perhaps it is not a ticket yet.
        Err(Error::NotFound) => return waiting::page(desk, secret, look).await,
        Err(err) => return Err(err.into()),
    };
    page.received = view.received.is_some();
    page.missing = missing::read(&desk.keys, secret, (&view.missing, &view.proof));
    page.shell.here = view.of(secret);
    let done = view.done.as_deref().and_then(done);
    page.done = done.map(|key| look.lang.t(key).to_string()).unwrap_or_default();
    let status = match refused {
        Some(refused) => refused.show(&mut page),
        None => StatusCode::OK,
    };
    web::html(status, &*page)
}

pub(super) async fn gone(desk: &Desk, (secret, look): (&str, Look)) -> Result<HttpResponse, PageError> {
    let kind = Gone::UnknownTicket;
    let (title, here) = (look.lang.t(kind.title()).to_string(), format!("/t/{secret}"));
    let shell = Shell { title, look, ..faults::shell(desk, &here).await };
    let shell = Shell { here, ..shell };
    let page = GonePage { shell, kind, place: String::new(), way_on_url: look.to("/t") };
    web::html(StatusCode::NOT_FOUND, &page)
}

/// The key of what was done, from a word in the address; other words say nothing.
fn done(word: &str) -> Option<&'static str> {
    match word {
        "answer" => Some("answer-noted"),
        "rework" => Some("ticket-done-rework"),
        "message" => Some("ticket-done-message"),
        "withdrawal" => Some("ticket-done-withdrawal"),
        "nudge" => Some("ticket-done-nudge"),
        _ => None,
    }
}

/// Something that a resident asked for and did not get.
struct Refused {
    err: Error,
    /// Beside which field the sentence stands when the error names none of this page.
    field: &'static str,
    typed: Typed,
}

/// What they had typed.
#[derive(Default)]
struct Typed {
    message: String,
    /// Photos that have already arrived.
    kept: Vec<KeptPhoto>,
    reason: String,
    answer: Sent,
}

impl Refused {
    fn show(self, page: &mut TicketPage) -> StatusCode {
        web::log_fault(&self.err);
        page.errors = FieldProblem::all(&self.err, self.field, page.shell.look.lang);
        page.lost = lost(&[
            (page.can_write, self.typed.message.as_str()),
            (page.rework.is_some(), self.typed.reason.as_str()),
            (page.questions.is_some(), self.typed.answer.comment.as_str()),
        ]);
        page.draft = self.typed.message;
        page.kept = self.typed.kept;
        if let Some(rework) = &mut page.rework {
            rework.reason = self.typed.reason;
        }
        if let Some(questions) = &mut page.questions {
            self.typed.answer.fill(questions);
        }
        web::status(&self.err)
    }
}

/// `POST /t/{secret}/answer`: the three questions.
pub async fn answer(
    desk: Data<Desk>,
    secret: Path<String>,
    look: Look,
    form: Form<Sent>,
) -> Result<HttpResponse, PageError> {
    let form = form.into_inner();
    let read = form.read();
    let done = act(&desk, &secret, move |tx, actor, ticket| {
        let neighbours::Answer { contacted, solved, satisfied, comment } = read?;
        let follow_up = FollowUp::Answered { contacted, solved, satisfied, comment };
        steps::answer(tx, actor, Seen { id: ticket.id, version: ticket.version }, follow_up)
    });
    let refused = |err| Refused { err, field: "answer", typed: Typed { answer: form, ..Typed::default() } };
    finish(&desk, (&secret, look), "answer", done.await.map_err(refused)).await
}

/// A form with one text and perhaps a tick.
#[derive(Debug, Clone, Default, serde::Deserialize)]
pub struct Words {
    #[serde(default)]
    reason: String,
    #[serde(default)]
    confirm: String,
}

/// `POST /t/{secret}/rework`: not solved, once more.
pub async fn rework(
    desk: Data<Desk>,
    secret: Path<String>,
    look: Look,
    form: Form<Words>,
) -> Result<HttpResponse, PageError> {
    let reason = form.into_inner().reason;
    let note = Note::parse("rework_reason", &reason, "请写一下哪里还没有办好，我们好对症处理");
    let done = act(&desk, &secret, move |tx, actor, ticket| {
        steps::rework(tx, actor, Seen { id: ticket.id, version: ticket.version }, &note?)
    });
    let refused = |err| Refused { err, field: "rework_reason", typed: Typed { reason, ..Typed::default() } };
    finish(&desk, (&secret, look), "rework", done.await.map_err(refused)).await
}

/// `POST /t/{secret}/withdrawal`: taken back before it was accepted.
pub async fn withdraw(
    desk: Data<Desk>,
    secret: Path<String>,
    look: Look,
    form: Form<Words>,
) -> Result<HttpResponse, PageError> {
    let sure = !form.confirm.is_empty();
    let done = act(&desk, &secret, move |tx, actor, ticket| match sure {
        true => steps::withdraw(tx, actor, Seen { id: ticket.id, version: ticket.version }),
        false => Err(Error::invalid("confirm", "请先勾选“我确认撤回”")),
    });
    let refused = |err| Refused { err, field: "confirm", typed: Typed::default() };
    finish(&desk, (&secret, look), "withdrawal", done.await.map_err(refused)).await
}

/// `POST /t/{secret}/nudge`: how does it go? Once a day.
pub async fn nudge(desk: Data<Desk>, secret: Path<String>, look: Look) -> Result<HttpResponse, PageError> {
    let done = act(&desk, &secret, |tx, actor, ticket| urging::nudge(tx, actor, ticket.id));
    let refused = |err| Refused { err, field: "nudge", typed: Typed::default() };
    finish(&desk, (&secret, look), "nudge", done.await.map_err(refused)).await
}

/// Does something as the resident of the report.
async fn act(
    desk: &Desk,
    secret: &str,
    verb: impl FnOnce(&mut Tx, &Actor, &Ticket) -> Result<Ticket> + Send + 'static,
) -> Result<Ticket> {
    let (keys, secret) = (desk.keys.clone(), secret.to_owned());
    let done = desk.db.write(move |tx| {
        let ticket = tickets::find_by_secret(tx, &keys, &secret)?;
        verb(tx, &Actor::resident(ticket.community_id), &ticket)
    });
    done.await
}

async fn finish(
    desk: &Desk,
    (secret, look): (&str, Look),
    word: &str,
    done: std::result::Result<Ticket, Refused>,
) -> Result<HttpResponse, PageError> {
    match done {
        Ok(_) => Ok(see_other(&look.to(&format!("/t/{secret}?done={word}")))),
        Err(refused) => page(desk, (secret, look), &View::default(), Some(refused)).await,
    }
}

/// What the address of a photo says.
#[derive(serde::Deserialize)]
pub struct PhotoView {
    size: Option<String>,
}

impl PhotoView {
    /// The preview where that is asked for, else the photo itself.
    pub fn size(&self) -> Size {
        if self.size.as_deref() == Some("thumb") { Size::Thumb } else { Size::Full }
    }
}

/// `GET /t/{secret}/photos/{seq}`.
pub async fn photo(
    desk: Data<Desk>,
    path: Path<(String, i32)>,
    view: Query<PhotoView>,
) -> Result<HttpResponse, PageError> {
    let (keys, (secret, seq)) = (desk.keys.clone(), path.into_inner());
    let found = desk.db.read(move |tx| {
        let ticket = tickets::find_by_secret(tx, &keys, &secret)?;
        // Photos of the work in between are for staff.
        tickets::photo(tx, &ticket, seq).and_then(|photo| match photo.stage {
            Stage::Work => Err(Error::NotFound),
            Stage::Report | Stage::After => Ok(photo),
        })
    });
    send_photo(&desk.photos, &found.await?.photo, view.size()).await
}
