//! The pages of the hotline's tickets: bring a file, look at what it holds, confirm it or take it back.
//!
//! Beside them [`names`] and [`pairs`]. They show what the verbs answer and decide nothing.

pub mod names;
pub mod pairs;

use actix_multipart::Multipart;
use actix_web::HttpRequest;
use actix_web::web::{Path, Query, block};
use askama::Template;

use super::batches::{self, Batch, PAGE, Preview, State};
use super::names::Mapped;
use super::pairs::Called;
use crate::console::view::Chrome;
use crate::console::visit::{Answer, Sent, Visit};
use crate::db::{Db, Id, Tx};
use crate::error::{Error, Result};
use crate::people::{Actor, Role};
use crate::tables::{Csv, Reject};
use crate::web::{download, form, html, see_other};

const PATH: &str = "/console/hotline";
/// Refused rows that the page itself shows; the file has all.
const SHOWN: usize = 20;

#[derive(Template)]
#[template(path = "hotline/batches.html")]
struct BatchesPage {
    chrome: Chrome,
    batches: Vec<Batch>,
    next: Option<Id>,
    may: bool,
    pairs: bool,
    sent: Sent,
}

#[derive(Template)]
#[template(path = "hotline/batch.html")]
struct BatchPage {
    chrome: Chrome,
    batch: Batch,
    places: Mapped,
    matters: Mapped,
    samples: Vec<Called>,
    rejects: Vec<Reject>,
    may: bool,
    may_undo: bool,
    sent: Sent,
}

/// Which page.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(default)]
pub struct Asked {
    before: Option<Id>,
}

fn brings(actor: &Actor) -> bool {
    super::brings(actor).is_ok()
}

/// `GET /console/hotline`.
pub async fn list(visit: Visit, asked: Query<Asked>) -> Answer {
    show(visit, asked.before, Sent::default()).await
}

async fn show(visit: Visit, before: Option<Id>, sent: Sent) -> Answer {
    let (status, at) = (sent.status(), visit.clone());
    let fill = move |tx: &mut Tx| {
        let actor = &at.session.actor;
        let batches = batches::list(tx, actor.community_id, before)?;
        let full = batches.len() == PAGE as usize;
        Ok(BatchesPage {
            chrome: at.chrome(tx, "12345 工单", PATH)?,
            next: batches.last().filter(|_| full).map(|last| last.id),
            batches,
            may: brings(actor),
            pairs: matches!(actor.role, Role::CommunityWorker | Role::CommunityLead),
            sent,
        })
    };
    html(status, &visit.db.read(fill).await?)
}

/// `POST /console/hotline`: brings a file, which is then looked at.
pub async fn bring(req: HttpRequest, visit: Visit, parts: Multipart) -> Answer {
    let form = form::read(&req, parts).await?;
    let (db, actor) = (visit.db.get_ref().clone(), visit.session.actor.clone());
    match block(move || take_in(&db, &actor, &form)).await.map_err(Error::internal)? {
        Ok(batch) => Ok(see_other(&format!("{PATH}/{}", batch.id))),
        Err(err) => show(visit, None, Sent::new("bring", Vec::new()).refused(err)?).await,
    }
}

fn take_in(db: &Db, actor: &Actor, form: &form::Form) -> Result<Batch> {
    let file = form.files.first().ok_or_else(|| Error::invalid("file", "请先选择表格文件"))?;
    let content = file.content.as_ref();
    let content =
        content.ok_or_else(|| Error::invalid("file", "文件超过 10 MB，请按月份拆成几个文件再传"))?;
    batches::take_in(db, actor, (&file.name, &std::fs::read(content)?), &mut |_, _| {})
}

/// `GET /console/hotline/{id}`.
pub async fn page(visit: Visit, id: Path<Id>) -> Answer {
    show_one(visit, *id, Sent::default()).await
}

async fn show_one(visit: Visit, id: Id, sent: Sent) -> Answer {
    let (status, at) = (sent.status(), visit.clone());
    let fill = move |tx: &mut Tx| {
        let actor = &at.session.actor;
        let Preview { batch, places, matters, samples, mut rejects } =
            batches::preview(tx, actor.community_id, id)?;
        rejects.truncate(SHOWN);
        let may_undo = brings(actor)
            && match batch.state {
                State::Confirmed => actor.role != Role::CommunityWorker,
                State::Draft | State::Reading => true,
                State::Undone => false,
            };
        let chrome = at.chrome(tx, &format!("12345 工单：{}", batch.file_name), PATH)?;
        Ok(BatchPage { chrome, places, matters, samples, rejects, may: brings(actor), may_undo, sent, batch })
    };
    html(status, &visit.db.read(fill).await?)
}

/// `POST /console/hotline/{id}/confirmation`: a draft counts from now on.
pub async fn confirm(visit: Visit, id: Path<Id>) -> Answer {
    let actor = visit.session.actor.clone();
    let id = *id;
    let done = visit.db.write(move |tx| batches::confirm(tx, &actor, id)).await;
    after(visit, id, done).await
}

/// `POST /console/hotline/{id}/removal`: a batch is taken back, a draft thrown away.
pub async fn undo(visit: Visit, id: Path<Id>) -> Answer {
    let actor = visit.session.actor.clone();
    let id = *id;
    let done = visit.db.write(move |tx| batches::undo(tx, &actor, id)).await;
    after(visit, id, done).await
}

async fn after(visit: Visit, id: Id, done: Result<Batch>) -> Answer {
    match done {
        Ok(_) => Ok(see_other(&format!("{PATH}/{id}"))),
        Err(err) => show_one(visit, id, Sent::new("batch", Vec::new()).refused(err)?).await,
    }
}

/// `GET /console/hotline/{id}/rejects.csv`: every refused row with its reason.
pub async fn rejects(visit: Visit, id: Path<Id>) -> Answer {
    let community = visit.session.actor.community_id;
    let id = *id;
    let all = visit.db.read(move |tx| batches::all_rejects(tx, community, id)).await?;
    Ok(download("text/csv; charset=utf-8", "12345工单_未导入的行.csv", rejects_csv(&all)?))
}

/// Refused rows as a file: the row in the table, and why.
pub fn rejects_csv(all: &[Reject]) -> Result<Vec<u8>> {
    let mut csv = Csv::new();
    csv.row(["行号", "原因"])?;
    for each in all {
        csv.row([each.row.to_string().as_str(), &each.reason])?;
    }
    csv.finish()
}
