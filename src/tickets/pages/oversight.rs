//! What leads and auditors look through: who was shown what, and which tickets are proposed to leave the counts.

use std::collections::HashMap;

use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use askama::Template;

use super::Answer;
use crate::console::desk::Desk;
use crate::console::view::Chrome;
use crate::db::{Id, Tx};
use crate::error::{Error, Result};
use crate::mask;
use crate::people;
use crate::tickets::acts::{self, Audited};
use crate::tickets::exclusions::{self, Exclusion, Verdict};
use crate::tickets::status::Act;
use crate::tickets::{Ticket, find};
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
        Act::parse(&line.act).map_or_else(|| line.act.clone(), |act| act.label().to_owned())
    }

    fn reason(&self, line: &Audited) -> String {
        mask::text(&line.reason)
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
            text: mask::text(&ticket.text),
            note: mask::text(&exclusion.note),
            decidable: !own && ticket.status.allows(Act::Decide, desk.actor().role).is_ok(),
            exclusion,
            ticket,
        });
    }
    Ok(ExclusionsPage { chrome: desk.chrome(tx, "剔除审批", "/console/exclusions")?, problem, lines })
}
