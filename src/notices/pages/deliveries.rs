//! What was sent as a page: latest first, with what came of it, and a button to send it again.

use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use askama::Template;

use super::After;
use crate::console::view::Chrome;
use crate::console::visit::{Answer, Visit};
use crate::db::{Id, Time, Tx};
use crate::error::Error;
use crate::notices::State;
use crate::notices::deliveries::{self, Entry};
use crate::web::{html, see_other, status};

const PATH: &str = "/console/channels/deliveries";

#[derive(Template)]
#[template(path = "notices/pages/deliveries.html")]
struct DeliveriesPage {
    chrome: Chrome,
    now: Time,
    entries: Vec<Entry>,
    later: bool,
    next: Option<String>,
    problem: String,
}

impl DeliveriesPage {
    /// How it stands, in words.
    fn standing(&self, entry: &Entry) -> String {
        match (entry.state, entry.sent_at) {
            (State::Sent, Some(at)) => format!("{} 发出", at.short()),
            (State::Waiting, _) if entry.due_at > self.now => format!("{} 再发", entry.due_at.short()),
            (State::Waiting, _) => "正在发送".to_owned(),
            (state, _) => state.label().to_owned(),
        }
    }

    fn class(&self, entry: &Entry) -> &'static str {
        match entry.state {
            State::Sent => "tag",
            State::Waiting => "tag warn",
            State::Failed => "tag bad",
        }
    }
}

/// `GET /console/channels/deliveries`.
pub async fn list(visit: Visit, after: Query<After>) -> Answer {
    show(visit, after.into_inner(), (StatusCode::OK, String::new())).await
}

async fn show(visit: Visit, after: After, (status, problem): (StatusCode, String)) -> Answer {
    let at = visit.clone();
    let fill = move |tx: &mut Tx| {
        let page = deliveries::page(tx, &at.session.actor, after.cursor())?;
        Ok(DeliveriesPage {
            chrome: at.chrome(tx, "发送记录", "/console/channels")?,
            now: tx.now,
            entries: page.entries,
            later: after.cursor().is_some(),
            next: page.next,
            problem,
        })
    };
    html(status, &visit.db.read(fill).await?)
}

/// `POST /console/channels/deliveries/{id}/resend`: sends one again, now.
pub async fn resend(visit: Visit, id: Path<Id>) -> Answer {
    let actor = visit.session.actor.clone();
    match visit.db.write(move |tx| deliveries::resend(tx, &actor, *id)).await {
        Ok(()) => Ok(see_other(PATH)),
        Err(err @ Error::Conflict(_)) => show(visit, After::default(), (status(&err), err.to_string())).await,
        Err(err) => Err(err.into()),
    }
}
