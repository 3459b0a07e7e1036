//! The page of workbooks with everything in them: asking, deciding, fetching.

use actix_web::web::Path;
use askama::Template;

use super::{Request, ask, decide, decides, fetched, list, workbook};
use crate::console::view::Chrome;
use crate::console::visit::{Answer, Fields, Sent, Visit};
use crate::db::{Id, Time, Tx};
use crate::error::{Error, Result};
use crate::people::Role;
use crate::stats::issued::pages::{Kinds, asked, kinds};
use crate::tickets::{Note, Verdict};
use crate::web::{download, html, see_other};

const PATH: &str = "/console/stats/unmasked";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
/// What an empty reason is met with.
pub(super) const REASON: &str = "请写明为什么需要未脱敏的工作簿、交给谁用";

#[derive(Template)]
#[template(path = "stats/unmasked/list.html")]
struct ListPage {
    chrome: Chrome,
    now: Time,
    lines: Vec<Shown>,
    may_ask: bool,
    kinds: Kinds,
    sent: Sent,
}

/// A request, and what whoever looks may do with it.
struct Shown {
    request: Request,
    decidable: bool,
    fetchable: bool,
}

impl Shown {
    fn standing(&self, now: &Time) -> String {
        let request = &self.request;
        let by = request.decider.as_deref().unwrap_or_default();
        match (request.approved, request.until_at) {
            (None, _) => "等待批准".to_owned(),
            (Some(false), _) => format!("{by} 没有批准"),
            (_, Some(until)) if *now < until => format!("{by} 批准，{} 前有效", until.short()),
            _ => format!("{by} 批准，已过期"),
        }
    }
}

/// `GET /console/stats/unmasked`
pub async fn page(visit: Visit) -> Answer {
    show(visit, Sent::default()).await
}

async fn show(visit: Visit, sent: Sent) -> Answer {
    let (status, at) = (sent.status(), visit.clone());
    let fill = move |tx: &mut Tx| {
        let (actor, now) = (&at.session.actor, tx.now);
        let line = |request: Request| Shown {
            decidable: decides(actor, &request),
            fetchable: request.open(now) && actor.staff_id == Some(request.asked_by),
            request,
        };
        let requests = list(tx, actor)?;
        Ok(ListPage {
            lines: requests.into_iter().map(line).collect(),
            may_ask: matches!(actor.role, Role::CommunityWorker | Role::CommunityLead),
            kinds: kinds(),
            now,
            chrome: at.chrome(tx, "未脱敏工作簿", "/console/stats")?,
            sent,
        })
    };
    html(status, &visit.db.read(fill).await?)
}

/// `POST /console/stats/unmasked`: asks for one. What was typed stays in the form when it is refused.
pub async fn request(visit: Visit, fields: Fields) -> Answer {
    let sent = Sent::new("ask", fields.into_inner());
    let wanted =
        asked(&sent).and_then(|period| Ok((period, Note::parse("reason", sent.text("reason"), REASON)?)));
    let actor = visit.session.actor.clone();
    let done = match wanted {
        Ok((period, reason)) => visit.db.write(move |tx| ask(tx, &actor, period, &reason)).await,
        Err(err) => Err(err),
    };
    match done {
        Ok(_) => Ok(see_other(PATH)),
        Err(err) => show(visit, sent.refused(err)?).await,
    }
}

/// What was said to a request.
pub(super) fn verdict(word: &str) -> Result<Verdict> {
    match word {
        "approve" => Ok(Verdict::Approve),
        "refuse" => Ok(Verdict::Refuse),
        _ => Err(Error::invalid("verdict", "请选择批准或不批准")),
    }
}

/// `POST /console/stats/unmasked/{id}/decision`: the second person decides.
pub async fn decision(visit: Visit, id: Path<Id>, fields: Fields) -> Answer {
    let sent = Sent::new("decide", fields.into_inner());
    let actor = visit.session.actor.clone();
    let done = match verdict(sent.text("verdict")) {
        Ok(verdict) => visit.db.write(move |tx| decide(tx, &actor, *id, verdict)).await,
        Err(err) => Err(err),
    };
    match done {
        Ok(_) => Ok(see_other(PATH)),
        Err(err) => show(visit, sent.refused(err)?).await,
    }
}

/// `GET /console/stats/unmasked/{id}/workbook.xlsx`: for whoever asked, while the approval holds.
#[utoipa::path(get, path = "/api/v1/unmasked/{id}/workbook.xlsx", tag = "stats", params(("id" = Id, Path)),
    responses((status = 200, body = Vec<u8>, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")))]
pub async fn fetch(visit: Visit, id: Path<Id>) -> Answer {
    let (at, id) = (visit.clone(), *id);
    let (name, bytes) = visit.db.read(move |tx| workbook(tx, &at.keys, &at.session.actor, id)).await?;
    let (actor, noted) = (visit.session.actor.clone(), name.clone());
    // Nothing is handed out that was not noted.
    visit.db.write(move |tx| fetched(tx, &actor, id, &noted)).await?;
    Ok(download(XLSX, &name, bytes))
}
