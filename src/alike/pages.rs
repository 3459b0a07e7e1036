//! The pages of what is alike: what a ticket is like (a part of its page, and a page of its own where no script runs),
//! incidents, and chronic places. What was typed into a form that is refused stays in it.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use askama::Template;

use super::incidents::{self, Proposal, Reached, Sheet, State};
use super::recurrence::{self, Page as ChronicPlaces};
use super::{Alike, alike, duplicates};
use crate::console::desk::{Desk, PHOTO_LIMIT};
use crate::console::view::Chrome;
use crate::db::{Id, Tx};
use crate::error::{Error, Result};
use crate::people::{Role, gate};
use crate::photos::Photo;
use crate::tickets::pages::Answer;
use crate::tickets::steps::Closure;
use crate::tickets::{Level, Note, Outcome};
use crate::web::form::Form;
use crate::web::{PageError, html, see_other, status};

const INCIDENTS: &str = "/console/incidents";

#[derive(Template)]
#[template(path = "alike/alike.html")]
struct Part {
    csrf: String,
    alike: Alike,
}

#[derive(Template)]
#[template(path = "alike/page.html")]
struct AlikePage {
    chrome: Chrome,
    csrf: String,
    alike: Alike,
}

#[derive(Template)]
#[template(path = "alike/banner.html")]
struct Banner {
    proposed: Vec<Proposal>,
}

#[derive(Template)]
#[template(path = "alike/incidents.html")]
struct IncidentsPage {
    chrome: Chrome,
    state: State,
    proposed: Vec<Proposal>,
    problem: String,
    sheets: Vec<Sheet>,
    next: Option<Id>,
}

#[derive(Template)]
#[template(path = "alike/incident.html")]
struct IncidentPage {
    chrome: Chrome,
    sheet: Sheet,
    triages: bool,
    again: Again,
    reached: Option<(&'static str, Vec<Reached>)>,
}

#[derive(Template)]
#[template(path = "alike/chronic.html")]
struct ChronicPage {
    chrome: Chrome,
    places: ChronicPlaces,
    later: bool,
}

/// A form that was refused: which, why, what was typed, and photos that have already arrived.
#[derive(Default)]
struct Again {
    noun: &'static str,
    sentence: String,
    form: Form,
    kept: Vec<String>,
}

impl IncidentPage {
    fn was(&self, noun: &str, field: &str) -> &str {
        if self.again.noun == noun { self.again.form.text(field) } else { "" }
    }

    fn refused(&self, noun: &str) -> Option<&str> {
        (self.again.noun == noun).then_some(self.again.sentence.as_str())
    }

    fn open(&self) -> bool {
        self.triages && self.sheet.incident.state == State::Open
    }

    fn outcomes(&self) -> [Outcome; 3] {
        [Outcome::Solved, Outcome::Explained, Outcome::NotYet]
    }

    fn levels(&self) -> &'static [Level] {
        Level::ALL
    }

    fn photo_limit(&self) -> usize {
        PHOTO_LIMIT
    }
}

impl IncidentsPage {
    fn empty(&self) -> &'static str {
        match self.state {
            State::Open => "没有正在办的事件。",
            State::Closed => "还没有结束的事件。",
            State::Dismissed => "还没有判定为“不是同一事件”的。",
        }
    }

    fn states(&self) -> &'static [State] {
        State::ALL
    }
}

fn triages(desk: &Desk) -> bool {
    matches!(desk.actor().role, Role::CommunityWorker | Role::CommunityLead)
}

/// `GET /console/tickets/{id}/alike`: what a ticket is like; a part of its page for htmx, else a page.
pub async fn show(desk: Desk, req: HttpRequest, id: Path<Id>) -> Answer {
    let (id, part) = (id.into_inner(), req.headers().contains_key("hx-request"));
    let csrf = gate::csrf(&desk.keys, &desk.session);
    if part {
        let alike = desk.read(move |tx, desk| alike(tx, desk.actor(), id)).await?;
        return html(StatusCode::OK, &Part { csrf, alike });
    }
    let page = move |tx: &mut Tx, desk: &Desk| {
        let alike = alike(tx, desk.actor(), id)?;
        let chrome = desk.chrome(tx, "相似的诉求", "/console/tickets")?;
        Ok(AlikePage { chrome, csrf, alike })
    };
    html(StatusCode::OK, &desk.read(page).await?)
}

/// `POST /console/tickets/{id}/distinction`: the two are not one matter.
pub async fn distinguish(desk: Desk, id: Path<Id>, form: Form) -> Answer {
    let id = id.into_inner();
    let earlier = form.choice("earlier_id", parse, "页面不完整，请刷新后再试")?;
    desk.write(move |tx, desk| duplicates::distinguish(tx, desk.actor(), id, earlier)).await?;
    Ok(see_other(&format!("/console/tickets/{id}")))
}

/// `GET /console/incidents/proposed`: the line above the inbox; nothing where nothing is proposed.
pub async fn banner(desk: Desk) -> Answer {
    let proposed = desk.read(|tx, desk| incidents::proposed(tx, desk.actor())).await?;
    html(StatusCode::OK, &Banner { proposed })
}

/// Which incidents.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub struct Asked {
    state: String,
    before: String,
}

/// `GET /console/incidents`.
pub async fn list(desk: Desk, asked: Query<Asked>) -> Answer {
    let page = desk.read(move |tx, desk| incidents_page(tx, desk, &asked, String::new())).await?;
    html(StatusCode::OK, &page)
}

fn incidents_page(tx: &mut Tx, desk: &Desk, asked: &Asked, problem: String) -> Result<IncidentsPage> {
    let state = State::parse(&asked.state).unwrap_or(State::Open);
    let sheets = incidents::list(tx, desk.actor(), state, parse(&asked.before))?;
    let more = sheets.len() >= incidents::PAGE as usize;
    Ok(IncidentsPage {
        chrome: desk.chrome(tx, "同一事件", INCIDENTS)?,
        proposed: if triages(desk) { incidents::proposed(tx, desk.actor())? } else { Vec::new() },
        next: sheets.last().filter(|_| more).map(|sheet| sheet.incident.id),
        state,
        problem,
        sheets,
    })
}

/// `POST /console/incidents`: these tickets are one incident, or, with `verdict=refuse`, they are not.
pub async fn decide(desk: Desk, form: Form) -> Answer {
    let ids: Vec<Id> = form.all("ticket").filter_map(parse).collect();
    let refuse = form.text("verdict") == "refuse";
    let decided = desk.write(move |tx, desk| match refuse {
        true => incidents::dismiss(tx, desk.actor(), &ids),
        false => incidents::confirm(tx, desk.actor(), &ids),
    });
    match decided.await {
        Ok(_) if refuse => Ok(see_other(INCIDENTS)),
        Ok(incident) => Ok(see_other(&format!("{INCIDENTS}/{}", incident.id))),
        Err(err @ (Error::Conflict(_) | Error::Invalid(_))) => {
            let (code, problem) = (status(&err), err.to_string());
            let page = move |tx: &mut Tx, desk: &Desk| incidents_page(tx, desk, &Asked::default(), problem);
            html(code, &desk.read(page).await?)
        }
        Err(err) => Err(err.into()),
    }
}

/// `GET /console/incidents/{id}`.
pub async fn incident(desk: Desk, id: Path<Id>) -> Answer {
    page(desk, id.into_inner(), StatusCode::OK, Again::default(), None).await
}

async fn page(
    desk: Desk,
    id: Id,
    code: StatusCode,
    again: Again,
    reached: Option<(&'static str, Vec<Reached>)>,
) -> Answer {
    let fill = move |tx: &mut Tx, desk: &Desk| {
        let sheet = incidents::sheet(tx, desk.actor(), id)?;
        let chrome = desk.chrome(tx, &format!("{} {}", sheet.place, sheet.matter), INCIDENTS)?;
        Ok(IncidentPage { chrome, sheet, triages: triages(desk), again, reached })
    };
    html(code, &desk.read(fill).await?)
}

/// The incident again with the form that was refused; every other error is a page of its own.
async fn again(
    desk: Desk,
    id: Id,
    (noun, form, photos): (&'static str, Form, Vec<Photo>),
    err: Error,
) -> Answer {
    if !matches!(err, Error::Conflict(_) | Error::Invalid(_)) {
        return Err(PageError(err));
    }
    let kept = photos.iter().map(|photo| desk.hold(photo)).collect();
    let again = Again { noun, sentence: err.to_string(), form, kept };
    page(desk, id, status(&err), again, None).await
}

/// `POST /console/incidents/{id}/tickets`: one more, by its number.
pub async fn add(desk: Desk, id: Path<Id>, form: Form) -> Answer {
    let (id, number) = (id.into_inner(), form.text("number").to_owned());
    match desk.write(move |tx, desk| incidents::add(tx, desk.actor(), id, &number)).await {
        Ok(_) => Ok(see_other(&format!("{INCIDENTS}/{id}"))),
        Err(err) => again(desk, id, ("tickets", form, Vec::new()), err).await,
    }
}

/// `POST /console/incidents/{id}/removals`: one less.
pub async fn remove(desk: Desk, id: Path<Id>, form: Form) -> Answer {
    let id = id.into_inner();
    let ticket = form.choice("ticket_id", parse, "页面不完整，请刷新后再试")?;
    match desk.write(move |tx, desk| incidents::remove(tx, desk.actor(), id, ticket)).await {
        Ok(()) => Ok(see_other(&format!("{INCIDENTS}/{id}"))),
        Err(err) => again(desk, id, ("removals", form, Vec::new()), err).await,
    }
}

/// `POST /console/incidents/{id}/messages`: one message to all.
pub async fn tell(desk: Desk, id: Path<Id>, form: Form) -> Answer {
    let id = id.into_inner();
    let told = match Note::parse("text", form.text("text"), MESSAGE) {
        Ok(text) => desk.write(move |tx, desk| incidents::tell(tx, desk.actor(), id, &text)).await,
        Err(err) => Err(err),
    };
    match told {
        Ok(reached) => page(desk, id, StatusCode::OK, Again::default(), Some(("已留言", reached))).await,
        Err(err) => again(desk, id, ("messages", form, Vec::new()), err).await,
    }
}

pub(super) const MESSAGE: &str = "请写下要告诉各位居民的话";
pub(super) const RESULT: &str = "请写明做了什么，各位居民会看到";

/// `POST /console/incidents/{id}/closure`: one closing for all that can be closed.
pub async fn close(desk: Desk, id: Path<Id>, mut form: Form) -> Answer {
    let id = id.into_inner();
    let taken = desk.take_in(&mut form).await;
    let closed = match (taken.problem, closure(&form, taken.photos.clone())) {
        (Some(err), _) | (None, Err(err)) => Err(err),
        (None, Ok(closure)) => {
            desk.write(move |tx, desk| incidents::close(tx, desk.actor(), id, &closure)).await
        }
    };
    match closed {
        Ok(reached) => page(desk, id, StatusCode::OK, Again::default(), Some(("已办结", reached))).await,
        Err(err) => again(desk, id, ("closure", form, taken.photos), err).await,
    }
}

fn closure(form: &Form, photos: Vec<Photo>) -> Result<Closure> {
    Ok(Closure {
        result: form.choice("result", Outcome::parse, "请选择办理结果")?,
        level: form.choice("level", Level::parse, "请选择在哪一级解决的")?,
        text: Note::parse("text", form.text("text"), RESULT)?,
        photos,
    })
}

/// `POST /console/incidents/{id}/end`: all are done.
pub async fn end(desk: Desk, id: Path<Id>, form: Form) -> Answer {
    let id = id.into_inner();
    match desk.write(move |tx, desk| incidents::end(tx, desk.actor(), id)).await {
        Ok(()) => Ok(see_other(&format!("{INCIDENTS}/{id}"))),
        Err(err) => again(desk, id, ("end", form, Vec::new()), err).await,
    }
}

/// After which line.
#[derive(Debug, Default, serde::Deserialize, utoipa::IntoParams)]
#[serde(default)]
pub struct After {
    /// `next` of the page before.
    pub after: String,
}

/// `GET /console/chronic`: where the same comes again and again.
pub async fn chronic(desk: Desk, after: Query<After>) -> Answer {
    let page = desk.read(move |tx, desk| {
        let after = recurrence::read(&after.after);
        Ok(ChronicPage {
            chrome: desk.chrome(tx, "反复出现的问题", INCIDENTS)?,
            later: after.is_some(),
            places: recurrence::chronic(tx, desk.actor(), after)?,
        })
    });
    html(StatusCode::OK, &page.await?)
}

fn parse(text: &str) -> Option<Id> {
    text.parse().ok().map(Id)
}
