//! What leads and auditors look through: who was shown what, what waits for a decision of a second person.

use std::collections::HashMap;

use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use askama::Template;

use super::Answer;
use crate::console::desk::Desk;
use crate::console::view::Chrome;
use crate::db::{Id, Tx};
use crate::error::{Error, Result};
use crate::people;
use crate::tickets::acts::{self, Audited};
use crate::tickets::exclusions::{self, Exclusion};
use crate::tickets::requests::{self, ANSWER, Request};
use crate::tickets::status::Act;
use crate::tickets::{Note, Ticket, Verdict, find};
use crate::web::form::Form;
use crate::web::{html, see_other, status};

/// Before which line.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub struct Before {
    before: String,
}

impl Before {
    /// The line, or nothing for the first page.
    pub fn id(&self) -> Option<Id> {
        self.before.parse().ok().map(Id)
    }
}

#[derive(Template)]
#[template(path = "tickets/pages/audits.html")]
struct AuditsPage {
    chrome: Chrome,
    lines: Vec<Audited>,
    later: bool,
    next: Option<Id>,
}

impl AuditsPage {
    fn act(&self, line: &Audited) -> String {
        match line.act.as_str() {
            "export" => "导出".to_owned(),
            "hotline" => "12345 工单".to_owned(),
            "issue" => "签发报表".to_owned(),
            "unmasked" => "未脱敏工作簿".to_owned(),
            other => Act::parse(other).map_or_else(|| other.to_owned(), |act| act.label().to_owned()),
        }
    }

    fn reason(&self, line: &Audited) -> String {
        line.reason.shown()
    }
}

#[derive(Template)]
#[template(path = "tickets/pages/exclusions.html")]
struct ExclusionsPage {
    chrome: Chrome,
    problem: String,
    lines: Vec<Proposed>,
}

/// A proposal with what one must know to decide.
struct Proposed {
    exclusion: Exclusion,
    ticket: Ticket,
    by: String,
    text: String,
    note: String,
    decidable: bool,
}

#[derive(Template)]
#[template(path = "tickets/pages/requests.html")]
struct RequestsPage {
    chrome: Chrome,
    problem: String,
    /// The request that was refused, and what had been typed.
    again: Option<(Id, String)>,
    lines: Vec<Wished>,
}

/// A request with what one must know to decide.
struct Wished {
    request: Request,
    ticket: Ticket,
    text: String,
    decidable: bool,
}

impl RequestsPage {
    fn typed(&self, line: &Wished) -> &str {
        match &self.again {
            Some((id, words)) if *id == line.request.id => words,
            _ => "",
        }
    }
}

/// `GET /console/requests`: which parties ask for time or account.
pub async fn requests(desk: Desk) -> Answer {
    let page = desk.read(|tx, desk| requests_page(tx, desk, String::new(), None)).await?;
    html(StatusCode::OK, &page)
}

/// `POST /console/requests/{id}/decision`: the community lead grants it or not.
pub async fn decide_request(desk: Desk, id: Path<Id>, form: Form) -> Answer {
    let id = id.into_inner();
    let typed = form.text("answer").to_owned();
    let asked = form
        .choice("verdict", verdict, "请选择同意或不同意")
        .and_then(|verdict| Ok((verdict, Note::parse("answer", &typed, ANSWER)?)));
    let decided = match asked {
        Ok((verdict, answer)) => {
            desk.write(move |tx, desk| requests::decide(tx, desk.actor(), id, verdict, &answer)).await
        }
        Err(err) => Err(err),
    };
    match decided {
        Ok(ticket) => Ok(see_other(&format!("/console/tickets/{}", ticket.id))),
        Err(err @ (Error::Conflict(_) | Error::Invalid(_))) => {
            let (code, problem) = (status(&err), err.to_string());
            let again = Some((id, typed));
            html(code, &desk.read(move |tx, desk| requests_page(tx, desk, problem, again)).await?)
        }
        Err(err) => Err(err.into()),
    }
}

fn requests_page(
    tx: &mut Tx,
    desk: &Desk,
    problem: String,
    again: Option<(Id, String)>,
) -> Result<RequestsPage> {
    let mut lines = Vec::new();
    for request in requests::undecided(tx, desk.actor())? {
        let ticket = find(tx, desk.actor(), request.ticket_id)?;
        let own = desk.actor().staff_id == Some(request.asked_by);
        lines.push(Wished {
            text: ticket.text.shown(),
            decidable: !own && ticket.stand().allows(Act::Decline, desk.actor().role).is_ok(),
            request,
            ticket,
        });
    }
    let chrome = desk.chrome(tx, "延期和挂账审批", "/console/requests")?;
    Ok(RequestsPage { chrome, problem, again, lines })
}

/// `GET /console/audits`: who was shown what, latest first.
pub async fn audits(desk: Desk, before: Query<Before>) -> Answer {
    let page = desk.read(move |tx, desk| audits_page(tx, desk, before.id())).await?;
    html(StatusCode::OK, &page)
}

/// `GET /console/exclusions`: what waits for a second person.
pub async fn list(desk: Desk) -> Answer {
    let page = desk.read(|tx, desk| exclusions_page(tx, desk, String::new())).await?;
    html(StatusCode::OK, &page)
}

/// `POST /console/exclusions/{id}/decision`: the second person decides.
pub async fn decide(desk: Desk, id: Path<Id>, form: Form) -> Answer {
    let verdict = form.choice("verdict", verdict, "请选择同意或不同意")?;
    let id = id.into_inner();
    match desk.write(move |tx, desk| exclusions::decide(tx, desk.actor(), id, verdict)).await {
        Err(err @ Error::Conflict(_)) => {
            let (code, problem) = (status(&err), err.to_string());
            html(code, &desk.read(|tx, desk| exclusions_page(tx, desk, problem)).await?)
        }
        decided => decided.map(|_| see_other("/console/exclusions")).map_err(Into::into),
    }
}

fn verdict(word: &str) -> Option<Verdict> {
    match word {
        "approve" => Some(Verdict::Approve),
        "refuse" => Some(Verdict::Refuse),
        _ => None,
    }
}

fn audits_page(tx: &mut Tx, desk: &Desk, before: Option<Id>) -> Result<AuditsPage> {
    let lines = acts::audits(tx, desk.actor(), before)?;
    Ok(AuditsPage {
        chrome: desk.chrome(tx, "查看记录", "/console/audits")?,
        later: before.is_some(),
        next: (lines.len() >= acts::AUDITS_PAGE).then(|| lines.last().map(|line| line.id)).flatten(),
        lines,
    })
}

fn exclusions_page(tx: &mut Tx, desk: &Desk, problem: String) -> Result<ExclusionsPage> {
    let names: HashMap<Id, String> =
        people::list(tx, desk.actor())?.into_iter().map(|staff| (staff.id, staff.name)).collect();
    let mut lines = Vec::new();
    for exclusion in exclusions::undecided(tx, desk.actor())? {
        let ticket = find(tx, desk.actor(), exclusion.ticket_id)?;
        let own = desk.actor().staff_id == Some(exclusion.proposed_by);
        lines.push(Proposed {
            by: names.get(&exclusion.proposed_by).cloned().unwrap_or_default(),
            text: ticket.text.shown(),
            note: exclusion.note.shown(),
            decidable: !own && ticket.stand().allows(Act::Decide, desk.actor().role).is_ok(),
            exclusion,
            ticket,
        });
    }
    Ok(ExclusionsPage { chrome: desk.chrome(tx, "剔除审批", "/console/exclusions")?, problem, lines })
}
