//! Ours and theirs as a page: proposals with their reasons and two buttons each, and what was decided.

use actix_web::web::Query;
use askama::Template;

use crate::console::view::Chrome;
use crate::console::visit::{Answer, Fields, Sent, Visit};
use crate::db::{Id, Tx};
use crate::error::{Error, Result};
use crate::hotline::pairs::{self, Decided, Page, Said, Verdict};
use crate::web::{html, see_other};

const PATH: &str = "/console/hotline/pairs";

#[derive(Template)]
#[template(path = "hotline/pairs.html")]
struct PairsPage {
    chrome: Chrome,
    /// What is looked at: decided pairs of this kind, or proposals.
    verdict: Option<Verdict>,
    page: Page,
    decided: Vec<Decided>,
    before: Option<Id>,
    after: String,
    sent: Sent,
}

/// Which pairs.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(default)]
pub struct Asked {
    verdict: String,
    after: String,
    before: Option<Id>,
}

/// `GET /console/hotline/pairs`.
pub async fn page(visit: Visit, asked: Query<Asked>) -> Answer {
    show(visit, asked.into_inner(), Sent::default()).await
}

async fn show(visit: Visit, asked: Asked, sent: Sent) -> Answer {
    let (status, at) = (sent.status(), visit.clone());
    html(status, &visit.db.read(move |tx| fill(tx, &at, asked, sent)).await?)
}

fn fill(tx: &mut Tx, visit: &Visit, asked: Asked, sent: Sent) -> Result<PairsPage> {
    let actor = &visit.session.actor;
    let verdict = Verdict::parse(&asked.verdict);
    let after = Some(asked.after.as_str()).filter(|after| !after.is_empty());
    let (page, decided) = match verdict {
        Some(verdict) => {
            let page = Page { proposals: Vec::new(), next: None };
            (page, pairs::decided(tx, actor, verdict, asked.before)?)
        }
        None => (pairs::proposals(tx, actor, after)?, Vec::new()),
    };
    let full = decided.len() == pairs::PAGE;
    Ok(PairsPage {
        chrome: visit.chrome(tx, "12345 与本社区工单配对", "/console/hotline")?,
        before: decided.last().filter(|_| full).map(|last| last.pair.id),
        verdict,
        page,
        decided,
        after: asked.after,
        sent,
    })
}

/// `POST /console/hotline/pairs`: somebody says whether the two are one matter.
pub async fn decide(visit: Visit, fields: Fields) -> Answer {
    let sent = Sent::new("pair", fields.into_inner());
    let back =
        Asked { verdict: sent.text("shown").to_owned(), after: sent.text("after").to_owned(), before: None };
    let (said, actor) = (read(&sent), visit.session.actor.clone());
    match visit.db.write(move |tx| pairs::decide(tx, &actor, said?)).await {
        Ok(_) => {
            let mut query = url::form_urlencoded::Serializer::new(String::new());
            query.append_pair("verdict", &back.verdict).append_pair("after", &back.after);
            Ok(see_other(&format!("{PATH}?{}", query.finish())))
        }
        Err(err) => show(visit, back, sent.refused(err)?).await,
    }
}

fn read(sent: &Sent) -> Result<Said> {
    let wrong = || Error::invalid("pair", "页面不完整，请刷新后再试");
    Ok(Said {
        ticket_id: sent.id("ticket_id")?.ok_or_else(wrong)?,
        number: sent.text("number").to_owned(),
        verdict: Verdict::parse(sent.text("verdict")).ok_or_else(wrong)?,
    })
}
