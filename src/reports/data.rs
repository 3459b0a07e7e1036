//! 「我的数据」 of a report: what is kept, until when and who looked at it; correct, download, delete. Under `/t/{secret}/data`.
//!
//! A report that waits for a person holds a phone too: its data are those of [`held`] until it is let in. Neighbours who
//! met the matter of a report have theirs in [`neighbour`], on the same page.
//!
//! Whoever has the address is the resident, and so is whoever has the slip: the phone itself is never shown here, unless
//! they show that they know it. Staff cannot read a phone past the log of who looked (`tickets::acts::reveal`).

pub mod download;
mod file;
mod held;
pub mod neighbour;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Form, Path, Query};
use askama::Template;

use super::door::shell;
use super::follow::gone;
use super::notice::notice_url;
use super::pages::Desk;
use super::view::{FieldProblem, Shell};
use crate::db::{Time, Tx, now};
use crate::error::{Error, Result};
use crate::keys::Keys;
use crate::mask;
use crate::people::{Actor, Role};
use crate::photos::PhotoKey;
use crate::places;
use crate::tickets::held::Held;
use crate::tickets::privacy::{self, Correction};
use crate::tickets::relation::{self, Relation};
use crate::tickets::{self, Phone, Stage, Ticket, voices};
use crate::web::{self, PageError, see_other};
use crate::words::{Lang, Look, Saying};

/// What the address says beside the secret.
#[derive(Default, serde::Deserialize)]
pub struct View {
    done: Option<String>,
}

/// `GET /t/{secret}/data`: in plain words, to read or to take a picture of.
#[derive(Default, Template)]
#[template(path = "reports/data.html")]
struct DataPage {
    shell: Shell,
    path: String,
    /// The page of the report.
    back: String,
    done: String,
    errors: Vec<FieldProblem>,
    /// Whose data, in a sentence.
    about: String,
    /// What is kept: what it is, and what of it there is.
    kept: Vec<(String, String)>,
    /// Whether a form of address and the two switches are kept too: neighbours are asked for neither.
    reporter: bool,
    /// Whether a form of address can be given: before a report has its number there is no place for one.
    named: bool,
    name: String,
    phone: String,
    until: String,
    share_phone: bool,
    publish: bool,
    notice: (String, String),
    /// Who looked and when, and why in their words.
    looks: Vec<(String, String)>,
    /// Nobody's any more.
    erased: bool,
    /// What a deletion takes, as a sentence.
    takes: String,
    /// Nobody could call back.
    open: bool,
    typed_name: String,
}

impl DataPage {
    /// Where a form goes, so that the page it leads to looks the same.
    fn to(&self, noun: &str) -> String {
        self.shell.to(&format!("{}/{noun}", self.path))
    }

    fn agreed(&self, yes: &bool) -> Saying<'static> {
        self.shell.t(if *yes { "data-agreed" } else { "data-not-agreed" })
    }

    fn error(&self, field: &str) -> Option<&str> {
        self.errors.iter().find(|problem| problem.field == field).map(|problem| problem.message.as_str())
    }
}

/// `GET /t/{secret}/data`.
pub async fn show(
    desk: Data<Desk>,
    secret: Path<String>,
    look: Look,
    view: Query<View>,
) -> Result<HttpResponse, PageError> {
    page(&desk, (&secret, look), &view, None).await
}

/// A report, or what waits to become one.
enum Found {
    Ticket(Box<Ticket>),
    Held(Box<Held>),
}

/// What a secret opens.
fn find(tx: &mut Tx, keys: &Keys, secret: &str) -> Result<Found> {
    match tickets::find_by_secret(tx, keys, secret) {
        Ok(ticket) => Ok(Found::Ticket(Box::new(ticket))),
        Err(Error::NotFound) => {
            tickets::held::find_by_secret(tx, keys, secret).map(|held| Found::Held(Box::new(held)))
        }
        Err(err) => Err(err),
    }
}

async fn page(
    desk: &Desk,
    (secret, look): (&str, Look),
    view: &View,
    refused: Option<(Error, String)>,
) -> Result<HttpResponse, PageError> {
    let (keys, filing) = (desk.keys.clone(), (desk.config.icp.clone(), desk.config.police.clone()));
    let wanted = secret.to_owned();
    let filled = desk.db.read(move |tx| match find(tx, &keys, &wanted)? {
        Found::Ticket(ticket) => fill(tx, &keys, (&ticket, &wanted), look, &filing),
        Found::Held(held) => held::fill(tx, (&held, &wanted), look, &filing),
    });
    match filled.await {
        Ok(page) => shown(page, look, view, refused),
        Err(Error::NotFound) => gone(desk, (secret, look)).await,
        Err(err) => Err(err.into()),
    }
}

/// The page as it is answered: with what was just done, or with what was refused.
fn shown(
    mut page: DataPage,
    look: Look,
    view: &View,
    refused: Option<(Error, String)>,
) -> Result<HttpResponse, PageError> {
    let lang = look.lang;
    page.shell.here = page.path.clone();
    page.back = look.to(&page.back);
    page.done = match view.done.as_deref() {
        Some("correction") => lang.t("data-corrected").to_string(),
        Some("erasure") => lang.t("data-erased").to_string(),
        _ => String::new(),
    };
    let mut code = StatusCode::OK;
    if let Some((err, typed)) = refused {
        web::log_fault(&err);
        code = web::status(&err);
        page.typed_name = typed;
        page.errors = FieldProblem::all(&err, "correction", lang);
    }
    web::html(code, &page)
}

fn fill(
    tx: &mut Tx,
    keys: &Keys,
    (ticket, secret): (&Ticket, &str),
    look: Look,
    filing: &(String, String),
) -> Result<DataPage> {
    let lang = look.lang;
    let community = places::community(tx, ticket.community_id)?;
    let place = places::find(tx, ticket.community_id, ticket.place_id)?;
    let photos = tickets::photos(tx, ticket)?;
    let pictures = photos.iter().filter(|photo| photo.stage == Stage::Report).count();
    let history = tickets::history(tx, &Actor::resident(ticket.community_id), ticket)?;
    let said = history.iter().filter(|event| event.role == Role::Resident && !event.note.is_empty()).count();
    let name = ticket.name_sealed.as_deref().map(|sealed| keys.unseal(ticket.id, sealed)).transpose()?;
    let looks = privacy::looks(tx, ticket)?;
    let open = ticket.status.clock_runs();
    Ok(DataPage {
        shell: Shell {
            title: format!("{} · {}", lang.t("data-title"), ticket.number),
            look,
            ..shell(&community, filing)
        },
        path: format!("/t/{secret}/data"),
        back: format!("/t/{secret}"),
        done: String::new(),
        errors: Vec::new(),
        about: lang.t("data-kept").with("number", &ticket.number).to_string(),
        kept: kept(tx, ticket, (place.full_name, pictures, said), lang)?,
        reporter: true,
        named: true,
        name: name.map(|name| mask::name(&name)).unwrap_or_default(),
        phone: ticket.phone_masked.clone().unwrap_or_default(),
        until: until(privacy::kept_until(tx, ticket)?, lang),
        share_phone: ticket.share_phone,
        publish: ticket.publish,
        notice: (ticket.notice_version.clone(), notice_url(&community, &ticket.notice_version)),
        looks: looks.iter().map(|each| looked(each, lang)).collect(),
        erased: privacy::is_erased(tx, ticket)?,
        takes: lang.t("data-erase-what").to_string(),
        open,
        typed_name: String::new(),
    })
}

/// Who of staff looked and when, and the reason that they gave.
fn looked(look: &privacy::Look, lang: Lang) -> (String, String) {
    let line = lang.t("data-look").with("who", lang.sentence(look.role.label()));
    (line.with("when", lang.moment(look.at)).to_string(), look.reason.shown())
}

/// What is kept of a report, but for name and phone.
fn kept(
    tx: &mut Tx,
    ticket: &Ticket,
    (place, pictures, said): (String, usize, usize),
    lang: Lang,
) -> Result<Vec<(String, String)>> {
    let spoken = voices::of(tx, &Actor::resident(ticket.community_id), ticket)?.len();
    let relation = relation::of(tx, ticket)?.map(Relation::label);
    let says = Says(lang);
    Ok(vec![
        (says.t("data-since"), lang.moment(ticket.submitted_at)),
        (says.t("ticket-place"), [place, ticket.spot_note.shown()].join(" ").trim().to_owned()),
        (says.t("data-words"), ticket.text.shown()),
        (says.t("data-photos"), says.counted("data-photos-count", pictures)),
        (says.t("data-voices"), says.counted("data-voices-count", spoken)),
        (says.t("data-said"), says.counted("data-said-count", said)),
        (says.t("data-comment"), says.or_nothing(ticket.answer_comment.shown())),
        (says.t("data-relation"), says.or_unsaid(relation)),
        (says.t("data-device"), says.device(ticket.device_hash.is_some())),
    ])
}

/// How a line of what is kept is said.
struct Says(Lang);

impl Says {
    fn t(&self, key: &'static str) -> String {
        self.0.t(key).to_string()
    }

    fn counted(&self, key: &'static str, count: usize) -> String {
        match count {
            0 => self.t("data-nothing"),
            count => self.0.t(key).num("count", count).to_string(),
        }
    }

    fn or_nothing(&self, text: String) -> String {
        if text.is_empty() { self.t("data-nothing") } else { text }
    }

    /// What people choose themselves.
    fn or_unsaid(&self, chinese: Option<&str>) -> String {
        chinese.map_or_else(|| self.t("data-not-left"), |label| self.0.sentence(label))
    }

    fn device(&self, kept: bool) -> String {
        self.t(if kept { "data-device-kept" } else { "data-nothing" })
    }
}

fn until(kept: Option<Time>, lang: Lang) -> String {
    match kept {
        Some(until) => lang.t("data-until-time").with("until", lang.moment(until)).to_string(),
        None => lang.t("data-until-closed").to_string(),
    }
}

/// What the form of corrections sends.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(default)]
pub struct Asked {
    name: String,
    phone: String,
    without_phone: String,
    share_phone: String,
    publish: String,
}

/// `POST /t/{secret}/data/correction`.
pub async fn correct(
    desk: Data<Desk>,
    secret: Path<String>,
    look: Look,
    form: Form<Asked>,
) -> Result<HttpResponse, PageError> {
    let (asked, typed) = (form.clone(), form.name.clone());
    let (keys, wanted) = (desk.keys.clone(), secret.clone());
    let phone = Phone::parse("phone", &asked.phone);
    let done = desk.db.write(move |tx| {
        let found = find(tx, &keys, &wanted)?;
        let correction = Correction {
            name: Some(asked.name),
            phone: phone?,
            without_phone: !asked.without_phone.is_empty(),
            share_phone: !asked.share_phone.is_empty(),
            publish: !asked.publish.is_empty(),
        };
        match found {
            Found::Ticket(ticket) => {
                let actor = Actor::resident(ticket.community_id);
                privacy::correct(tx, &keys, &actor, ticket.id, &correction).map(drop)
            }
            Found::Held(held) => tickets::held::correct(tx, &keys, &held, &correction),
        }
    });
    match done.await {
        Ok(()) => Ok(see_other(&look.to(&format!("/t/{secret}/data?done=correction")))),
        Err(Error::NotFound) => gone(&desk, (&secret, look)).await,
        Err(err) => page(&desk, (&secret, look), &View::default(), Some((err, typed))).await,
    }
}

/// The tick under what cannot be undone.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(default)]
pub struct Sure {
    confirm: String,
}

/// `POST /t/{secret}/data/erasure`: nobody's from now on. The files of its photos go after the commit.
pub async fn erase(
    desk: Data<Desk>,
    secret: Path<String>,
    look: Look,
    form: Form<Sure>,
) -> Result<HttpResponse, PageError> {
    let sure = !form.confirm.is_empty();
    let (keys, wanted) = (desk.keys.clone(), secret.clone());
    let begun = now();
    let done = desk.db.write(move |tx| {
        let found = find(tx, &keys, &wanted)?;
        if !sure {
            return Err(unsure());
        }
        match found {
            Found::Ticket(ticket) => {
                let actor = Actor::resident(ticket.community_id);
                privacy::erase(tx, &actor, ticket.id).map(|(_, photos)| photos)
            }
            Found::Held(held) => tickets::held::erase(tx, &held),
        }
    });
    match done.await {
        Ok(photos) => {
            remove(&desk, &photos, begun).await;
            Ok(see_other(&look.to(&format!("/t/{secret}/data?done=erasure"))))
        }
        Err(Error::NotFound) => gone(&desk, (&secret, look)).await,
        Err(err) => page(&desk, (&secret, look), &View::default(), Some((err, String::new()))).await,
    }
}

fn unsure() -> Error {
    Error::invalid("confirm", "请先勾选“我明白，确认删除”；没有勾选，什么也没有删")
}

/// Removes files that nothing named any more `since`, but for what somebody sent again meanwhile. A file that stays is a
/// fault for the log: its row is gone.
pub(super) async fn remove(desk: &Desk, photos: &[PhotoKey], since: Time) {
    for photo in photos {
        if let Err(err) = desk.photos.delete_unless_renewed(photo, since).await {
            web::log_fault(&err);
        }
    }
}
