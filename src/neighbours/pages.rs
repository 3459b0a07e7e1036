//! Who else met the matter of a ticket, for staff: a part of the ticket's page, and a page of its own where no script runs.
//!
//! Phones are masked; one is shown at a time, for a reason, and the audit log keeps it. A party sees neither.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::{Form, Path, Query};
use askama::Template;

use super::api::CONFIRM_WHY;
use super::{List, Shown, Whom, confirm, list, reveal};
use crate::console::desk::Desk;
use crate::console::view::Chrome;
use crate::db::{Id, Tx};
use crate::error::{Error, Result};
use crate::people::gate;
use crate::tickets::Note;
use crate::tickets::pages::Answer;
use crate::web::form::Form as Fields;
use crate::web::{html, see_other, status};

#[derive(Template)]
#[template(path = "neighbours/part.html")]
struct Part {
    csrf: String,
    ticket: Id,
    list: List,
    shown: Option<Shown>,
    problem: String,
}

#[derive(Template)]
#[template(path = "neighbours/page.html")]
struct Page {
    chrome: Chrome,
    csrf: String,
    ticket: Id,
    list: List,
    shown: Option<Shown>,
    problem: String,
}

/// Which page.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(default)]
pub struct Asked {
    after: Option<Id>,
}

/// `GET /console/tickets/{id}/neighbours`: a part of the ticket's page for htmx, else a page.
pub async fn show(desk: Desk, req: HttpRequest, id: Path<Id>, asked: Query<Asked>) -> Answer {
    let (ticket, after, csrf) = (id.into_inner(), asked.after, gate::csrf(&desk.keys, &desk.session));
    if req.headers().contains_key("hx-request") {
        let list = desk.read(move |tx, desk| list(tx, desk.actor(), ticket, after)).await?;
        return html(StatusCode::OK, &Part { csrf, ticket, list, shown: None, problem: String::new() });
    }
    page(desk, ticket, after, Ok(None)).await
}

async fn page(desk: Desk, ticket: Id, after: Option<Id>, shown: Result<Option<Shown>>) -> Answer {
    let csrf = gate::csrf(&desk.keys, &desk.session);
    let (code, problem, shown) = match shown {
        Ok(shown) => (StatusCode::OK, String::new(), shown),
        Err(err @ (Error::Invalid(_) | Error::Conflict(_))) => (status(&err), err.to_string(), None),
        Err(err) => return Err(err.into()),
    };
    let fill = move |tx: &mut Tx, desk: &Desk| {
        let list = list(tx, desk.actor(), ticket, after)?;
        let chrome = desk.chrome(tx, "邻居也遇到", "/console/tickets")?;
        Ok(Page { chrome, csrf, ticket, list, shown, problem })
    };
    html(code, &desk.read(fill).await?)
}

/// What the form of a reveal sends.
#[derive(Debug, serde::Deserialize)]
pub struct Why {
    #[serde(default)]
    reason: String,
}

/// `POST /console/tickets/{id}/neighbours/{neighbour}/reveals`: the phone, on this one page.
pub async fn reveal_phone(desk: Desk, path: Path<(Id, Id)>, why: Form<Why>) -> Answer {
    let (ticket, neighbour) = path.into_inner();
    let reason = Note::parse("reason", &why.reason, "请写明为什么要看电话，会记入查看记录");
    let shown = match reason {
        Ok(reason) => {
            desk.write(move |tx, desk| reveal(tx, &desk.keys, desk.actor(), (ticket, neighbour), &reason))
                .await
        }
        Err(err) => Err(err),
    };
    page(desk, ticket, None, shown.map(Some)).await
}

/// `POST /console/tickets/{id}/neighbours/confirmations`: those who came in a flood and are people, some or all of them.
pub async fn confirm_doubtful(desk: Desk, id: Path<Id>, form: Fields) -> Answer {
    let ticket = id.into_inner();
    let chosen = form.all("neighbour").filter_map(|id| id.parse().map(Id).ok());
    let whom = if form.on("all") { Whom::All } else { Whom::These(chosen.collect()) };
    let done = match Note::parse("reason", form.text("reason"), CONFIRM_WHY) {
        Ok(reason) => desk.write(move |tx, desk| confirm(tx, desk.actor(), ticket, &whom, &reason)).await,
        Err(err) => Err(err),
    };
    match done {
        Ok(_) => Ok(see_other(&format!("/console/tickets/{ticket}/neighbours"))),
        Err(err) => page(desk, ticket, None, Err(err)).await,
    }
}
