//! 「我的数据」 of a report: what is kept, until when and who looked at it; correct, download, delete. Under `/t/{secret}/data`.
//!
//! Whoever has the address is the resident, and so is whoever has the slip: the phone itself is never shown here, unless
//! they show that they know it. Staff cannot read a phone past the log of who looked (`tickets::acts::reveal`).

mod file;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Form, Path, Query};
use askama::Template;

use super::door::shell;
use super::follow::gone;
use super::follow::lookup::Lookups;
use super::notice::notice_url;
use super::pages::Desk;
use super::view::{FieldProblem, Shell};
use crate::db::{Time, Tx};
use crate::error::{Error, Result};
use crate::keys::Keys;
use crate::mask;
use crate::people::{Actor, Role};
use crate::places;
use crate::tickets::privacy::{self, Correction};
use crate::tickets::{self, Act, Phone, Stage, Ticket};
use crate::web::{self, PageError, see_other};
use crate::words::{Lang, Look, Saying};

/// What the address says beside the secret.
#[derive(Default, serde::Deserialize)]
pub struct View {
    done: Option<String>,
}

/// `GET /t/{secret}/data`: in plain words, to read or to take a picture of.
#[derive(Template)]
#[template(path = "reports/data.html")]
struct DataPage {
    shell: Shell,
    path: String,
    /// The page of the report.
    back: String,
    done: String,
    errors: Vec<FieldProblem>,
    number: String,
    /// What is kept: what it is, and what of it there is.
    kept: Vec<(String, String)>,
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

async fn page(
    desk: &Desk,
    (secret, look): (&str, Look),
    view: &View,
    refused: Option<(Error, String)>,
) -> Result<HttpResponse, PageError> {
    let (keys, filing) = (desk.keys.clone(), (desk.config.icp.clone(), desk.config.police.clone()));
    let wanted = secret.to_owned();
    let filled = desk.db.read(move |tx| {
        let ticket = tickets::find_by_secret(tx, &keys, &wanted)?;
        fill(tx, &keys, (&ticket, &wanted), look, &filing)
    });
    let mut page = match filled.await {
        Ok(page) => page,
        Err(Error::NotFound) => return gone(desk, (secret, look)),
        Err(err) => return Err(err.into()),
    };
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
        number: ticket.number.clone(),
        kept: kept(ticket, place.full_name, (pictures, said), lang),
        name: name.map(|name| mask::name(&name)).unwrap_or_default(),
        phone: ticket.phone_masked.clone().unwrap_or_default(),
        until: until(privacy::kept_until(tx, ticket)?, lang),
        share_phone: ticket.share_phone,
        publish: ticket.publish,
        notice: (ticket.notice_version.clone(), notice_url(&community, &ticket.notice_version)),
        looks: looks.iter().map(|each| looked(each, lang)).collect(),
        erased: history.iter().any(|event| event.act == Act::Erase.word()),
        open,
        typed_name: String::new(),
    })
}

/// Who of staff looked and when, and the reason that they gave.
fn looked(look: &privacy::Look, lang: Lang) -> (String, String) {
    let line = lang.t("data-look").with("who", lang.sentence(look.role.label()));
    (line.with("when", lang.moment(look.at)).to_string(), look.reason.shown())
}

/// What is kept of a report, but for the person.
fn kept(
    ticket: &Ticket,
    place: String,
    (pictures, said): (usize, usize),
    lang: Lang,
) -> Vec<(String, String)> {
    let t = |key: &'static str| lang.t(key).to_string();
    let none = |text: String| if text.is_empty() { t("data-nothing") } else { text };
    let counted = |key: &'static str, count: usize| match count {
        0 => t("data-nothing"),
        count => lang.t(key).num("count", count).to_string(),
    };
    let device = if ticket.device_hash.is_some() { "data-device-kept" } else { "data-nothing" };
    vec![
        (t("data-since"), lang.moment(ticket.submitted_at)),
        (t("ticket-place"), [place, ticket.spot_note.shown()].join(" ").trim().to_owned()),
        (t("data-words"), ticket.text.shown()),
        (t("data-photos"), counted("data-photos-count", pictures)),
        (t("data-said"), counted("data-said-count", said)),
        (t("data-comment"), none(ticket.answer_comment.shown())),
        (t("data-device"), t(device)),
    ]
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
        let ticket = tickets::find_by_secret(tx, &keys, &wanted)?;
        let correction = Correction {
            name: Some(asked.name),
            phone: phone?,
            without_phone: !asked.without_phone.is_empty(),
            share_phone: !asked.share_phone.is_empty(),
            publish: !asked.publish.is_empty(),
        };
        privacy::correct(tx, &keys, &Actor::resident(ticket.community_id), ticket.id, &correction)
    });
    match done.await {
        Ok(_) => Ok(see_other(&look.to(&format!("/t/{secret}/data?done=correction")))),
        Err(Error::NotFound) => gone(&desk, (&secret, look)),
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
    let done = desk.db.write(move |tx| {
        let ticket = tickets::find_by_secret(tx, &keys, &wanted)?;
        if !sure {
            return Err(Error::invalid("confirm", "请先勾选“我明白，确认删除”；没有勾选，什么也没有删"));
        }
        privacy::erase(tx, &Actor::resident(ticket.community_id), ticket.id)
    });
    match done.await {
        Ok((_, photos)) => {
            for photo in photos {
                if let Err(err) = desk.photos.delete(&photo).await {
                    web::log_fault(&err);
                }
            }
            Ok(see_other(&look.to(&format!("/t/{secret}/data?done=erasure"))))
        }
        Err(Error::NotFound) => gone(&desk, (&secret, look)),
        Err(err) => page(&desk, (&secret, look), &View::default(), Some((err, String::new()))).await,
    }
}

/// What shows that somebody knows the phone.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(default)]
pub struct Known {
    phone: String,
}

/// `POST /t/{secret}/data/download`: everything as a file. Phone, form of address and words stand in it as they were
/// given only where the phone was typed in; else masked, as on the page.
pub async fn download(
    desk: Data<Desk>,
    lookups: Data<Lookups>,
    secret: Path<String>,
    look: Look,
    form: Form<Known>,
) -> Result<HttpResponse, PageError> {
    let (keys, wanted) = (desk.keys.clone(), secret.clone());
    let typed = Phone::parse("known", &form.phone);
    let guesses = !form.phone.trim().is_empty();
    let made = desk.db.read(move |tx| {
        let ticket = tickets::find_by_secret(tx, &keys, &wanted)?;
        if guesses && !lookups.may_try(&wanted) {
            return Err(Error::invalid("known", "试得太频繁了，请过几分钟再试；不填电话可以直接下载"));
        }
        let known = match typed? {
            None => false,
            Some(phone) => {
                let same = |hash: &Vec<u8>| crate::keys::same(hash, &keys.phone_hash(phone.digits()));
                if !ticket.phone_hash.as_ref().is_some_and(same) {
                    return Err(Error::invalid("known", "和您留的电话对不上，请核对；不填也可以下载"));
                }
                true
            }
        };
        let body = file::of(tx, &keys, (&ticket, look.lang), known)?;
        Ok((ticket.number, serde_json::to_vec_pretty(&body).map_err(Error::internal)?))
    });
    match made.await {
        Ok((number, body)) => {
            let name = format!("{number}_{}.json", look.lang.t("data-title"));
            Ok(web::download("application/json", &name, body))
        }
        Err(Error::NotFound) => gone(&desk, (&secret, look)),
        Err(err) => page(&desk, (&secret, look), &View::default(), Some((err, String::new()))).await,
    }
}
