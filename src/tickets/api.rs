//! The JSON twins of the desk's pages, under `/api/v1`: same nouns, same verbs, errors as `application/problem+json`.
//!
//! What a person may see is masked as on the pages; a phone is shown by `reveals` alone, with a reason.

use actix_web::HttpResponse;
use actix_web::web::{Json, Path, Query};

use super::acts::{self, Audited};
use super::asks::{
    Acceptance, Answer, Archiving, Ask, Categorization, Closure, Contacted, Dispatch, Extension, Merger,
    Message, Passing, Pictures, Proposal, Refusal, Remark, Resumption, Return, Reveal, Rework, Safety, Split,
    Support, Suspension, Taking, Transfer, Unmerger, Unsupport, Urge,
};
use super::exclusions::{self, Exclusion};
use super::list::{self, Cursor, Page, Queue};
use super::pages::oversight::Before;
use super::requests::{self, ANSWER, Request};
use super::sheet::{Sheet, sheet};
use super::suggestion::{self, Suggested};
use super::{Note, Verdict};
use crate::console::desk::Desk;
use crate::db::{Id, Tx};
use crate::error::{Error, Result};
use crate::web::ApiError;
use crate::web::form::Form;

/// A JSON body, or the problem to answer instead.
pub type Reply<T> = std::result::Result<Json<T>, ApiError>;

/// A queue and how much waits in it.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
#[allow(missing_docs)]
pub struct QueueCount {
    pub queue: Queue,
    pub label: String,
    pub count: i64,
}

/// Which part of which list.
#[derive(Debug, serde::Deserialize, utoipa::IntoParams)]
#[allow(missing_docs)]
pub struct Asked {
    pub queue: Queue,
    /// `next` of the page before.
    pub after: Option<String>,
}

/// What to look for.
#[derive(Debug, serde::Deserialize, utoipa::IntoParams)]
#[allow(missing_docs)]
pub struct Sought {
    /// The beginning of a number, or words of place and text.
    pub q: String,
    /// `next` of the page before.
    pub after: Option<String>,
}

/// Phone, name and the resident's own words, shown once.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
#[allow(missing_docs)]
pub struct Shown {
    pub phone: Option<String>,
    pub name: Option<String>,
    /// What is masked everywhere else, as it was written.
    pub words: Vec<String>,
}

/// What the second person says.
#[derive(Debug, serde::Deserialize, utoipa::ToSchema)]
#[allow(missing_docs)]
pub struct Decision {
    pub verdict: Verdict,
}

fn cursor(after: Option<&String>) -> Option<Cursor> {
    after.and_then(|after| Cursor::parse(after))
}

/// How much waits in each queue.
#[utoipa::path(get, path = "/api/v1/queues", tag = "tickets", responses((status = 200, body = Vec<QueueCount>)))]
pub async fn queues(desk: Desk) -> Reply<Vec<QueueCount>> {
    let counts = desk.read(|tx, desk| list::counts(tx, desk.actor())).await?;
    let named = |(queue, count): (Queue, i64)| QueueCount { queue, label: queue.label().to_owned(), count };
    Ok(Json(counts.into_iter().map(named).collect()))
}

/// A page of a queue.
#[utoipa::path(get, path = "/api/v1/tickets", tag = "tickets", params(Asked), responses((status = 200, body = Page)))]
pub async fn page(desk: Desk, asked: Query<Asked>) -> Reply<Page> {
    let after = cursor(asked.after.as_ref());
    Ok(Json(desk.read(move |tx, desk| list::page(tx, desk.actor(), asked.queue, after)).await?))
}

/// Tickets by number, place and text.
#[utoipa::path(get, path = "/api/v1/search", tag = "tickets", params(Sought), responses((status = 200, body = Page)))]
pub async fn search(desk: Desk, sought: Query<Sought>) -> Reply<Page> {
    let after = cursor(sought.after.as_ref());
    Ok(Json(desk.read(move |tx, desk| list::search(tx, desk.actor(), &sought.q, after)).await?))
}

/// Everything about one ticket, masked, with its history, its photos and what can be done next.
#[utoipa::path(
    get, path = "/api/v1/tickets/{id}", tag = "tickets", params(("id" = Id, Path)),
    responses((status = 200, body = Sheet), (status = 404))
)]
pub async fn show(desk: Desk, id: Path<Id>) -> Reply<Sheet> {
    let id = id.into_inner();
    Ok(Json(desk.read(move |tx, desk| sheet(tx, &desk.keys, desk.actor(), id)).await?))
}

/// What is suggested as level 2, for a ticket that has level 1 alone; null where nothing is sure enough.
#[utoipa::path(
    get, path = "/api/v1/tickets/{id}/suggestion", tag = "tickets", params(("id" = Id, Path)),
    responses((status = 200, body = Option<Suggested>), (status = 404))
)]
pub async fn suggestion(desk: Desk, id: Path<Id>) -> Reply<Option<Suggested>> {
    let id = id.into_inner();
    let found = desk.read(move |tx, desk| {
        let sheet = sheet(tx, &desk.keys, desk.actor(), id)?;
        suggestion::suggestion(tx, desk.actor().community_id, &sheet)
    });
    let found = found.await?;
    if let Some(suggested) = &found {
        suggestion::shown(&desk, id, suggested);
    }
    Ok(Json(found))
}

/// Runs the verb and answers with the ticket as it is now.
async fn run<A: Ask>(desk: Desk, id: Path<Id>, ask: A) -> std::result::Result<HttpResponse, ApiError> {
    let id = id.into_inner();
    let done = move |tx: &mut Tx, desk: &Desk| -> Result<Option<Sheet>> {
        ask.run(tx, &desk.keys, desk.actor(), id)?;
        match sheet(tx, &desk.keys, desk.actor(), id) {
            Ok(sheet) => Ok(Some(sheet)),
            // A party that gave it back sees it no more.
            Err(Error::NotFound) => Ok(None),
            Err(err) => Err(err),
        }
    };
    Ok(match desk.write(done).await? {
        Some(sheet) => HttpResponse::Ok().json(sheet),
        None => HttpResponse::NoContent().finish(),
    })
}

/// One function for each step and act, so that each has its own page in the description.
macro_rules! twin {
    ($(#[$doc:meta])* $name:ident, $ask:ident, $path:literal) => {
        $(#[$doc])*
        #[utoipa::path(
            post, path = $path, tag = "tickets", params(("id" = Id, Path)), request_body = $ask,
            responses(
                (status = 200, body = Sheet), (status = 204, description = "done, and no longer in view"),
                (status = 403), (status = 404), (status = 409), (status = 422),
            )
        )]
        pub async fn $name(
            desk: Desk,
            id: Path<Id>,
            ask: Json<$ask>,
        ) -> std::result::Result<HttpResponse, ApiError> {
            run(desk, id, ask.into_inner()).await
        }
    };
}
twin!(
    /// 受理.
    accept, Acceptance, "/api/v1/tickets/{id}/acceptance"
);
twin!(
    /// 不予受理.
    refuse, Refusal, "/api/v1/tickets/{id}/refusal"
);
twin!(
    /// 并案.
    merge, Merger, "/api/v1/tickets/{id}/merger"
);
twin!(
    /// 派单.
    dispatch, Dispatch, "/api/v1/tickets/{id}/dispatch"
);
twin!(
    /// 接单: the party accepts to lead.
    accept_lead, Taking, "/api/v1/tickets/{id}/taking"
);
twin!(
    /// 撤销并案.
    unmerge, Unmerger, "/api/v1/tickets/{id}/unmerger"
);
twin!(
    /// 拆分. Answers with the part.
    split, Split, "/api/v1/tickets/{id}/parts"
);
twin!(
    /// 请协办.
    support, Support, "/api/v1/tickets/{id}/supports"
);
twin!(
    /// 撤协办.
    unsupport, Unsupport, "/api/v1/tickets/{id}/unsupports"
);
twin!(
    /// 申请延期.
    ask_extension, Extension, "/api/v1/tickets/{id}/extensions"
);
twin!(
    /// 申请挂账.
    ask_suspension, Suspension, "/api/v1/tickets/{id}/suspensions"
);
twin!(
    /// 销账.
    resume, Resumption, "/api/v1/tickets/{id}/resumption"
);
twin!(
    /// 转出.
    pass_on, Passing, "/api/v1/tickets/{id}/passing"
);
twin!(
    /// 督办.
    urge, Urge, "/api/v1/tickets/{id}/urges"
);
twin!(
    /// 排险.
    make_safe, Safety, "/api/v1/tickets/{id}/safety"
);
twin!(
    /// 转派.
    transfer, Transfer, "/api/v1/tickets/{id}/transfer"
);
twin!(
    /// 退回.
    return_, Return, "/api/v1/tickets/{id}/return"
);
twin!(
    /// 办结. After-photos are sent before, to `photos`.
    close, Closure, "/api/v1/tickets/{id}/closure"
);
twin!(
    /// 评价, recorded after a call.
    answer, Answer, "/api/v1/tickets/{id}/answer"
);
twin!(
    /// 重办.
    rework, Rework, "/api/v1/tickets/{id}/rework"
);
twin!(
    /// 归档.
    archive, Archiving, "/api/v1/tickets/{id}/archiving"
);
twin!(
    /// 联系.
    contact, Contacted, "/api/v1/tickets/{id}/contacts"
);
twin!(
    /// 定分类.
    categorize, Categorization, "/api/v1/tickets/{id}/category"
);
twin!(
    /// 内部备注.
    note, Remark, "/api/v1/tickets/{id}/notes"
);
twin!(
    /// 给居民留言.
    message, Message, "/api/v1/tickets/{id}/messages"
);
twin!(
    /// 建议剔除.
    propose, Proposal, "/api/v1/tickets/{id}/exclusions"
);

pub mod held;
pub mod outside;

/// 添加照片: a multipart form with `stage` and up to six files named `photo`.
#[utoipa::path(
    post, path = "/api/v1/tickets/{id}/photos", tag = "tickets", params(("id" = Id, Path)),
    responses((status = 200, body = Sheet), (status = 409), (status = 422))
)]
pub async fn photos(desk: Desk, id: Path<Id>, mut form: Form) -> std::result::Result<HttpResponse, ApiError> {
    let taken = desk.take_in(&mut form).await;
    match taken.problem {
        Some(err) => Err(ApiError(err)),
        None => run(desk, id, Pictures::read(&form, taken.photos)?).await,
    }
}

/// 查看电话和原文: shows phone, name and the resident's own words once; leaves a line in the audit log.
#[utoipa::path(
    post, path = "/api/v1/tickets/{id}/reveals", tag = "tickets", params(("id" = Id, Path)), request_body = Reveal,
    responses((status = 200, body = Shown), (status = 403), (status = 422))
)]
pub async fn reveal(desk: Desk, id: Path<Id>, ask: Json<Reveal>) -> Reply<Shown> {
    let (id, reason) = (id.into_inner(), ask.reason()?);
    let shown = desk.write(move |tx, desk| acts::reveal(tx, &desk.keys, desk.actor(), id, &reason)).await?;
    Ok(Json(Shown { phone: shown.phone, name: shown.name, words: shown.words }))
}

/// The proposals that wait for a second person.
#[utoipa::path(get, path = "/api/v1/exclusions", tag = "tickets", responses((status = 200, body = Vec<Exclusion>)))]
pub async fn undecided(desk: Desk) -> Reply<Vec<Exclusion>> {
    Ok(Json(desk.read(|tx, desk| exclusions::undecided(tx, desk.actor())).await?))
}

/// 审批剔除, never by whoever proposed it.
#[utoipa::path(
    post, path = "/api/v1/exclusions/{id}/decision", tag = "tickets", params(("id" = Id, Path)),
    request_body = Decision, responses((status = 204), (status = 403), (status = 409))
)]
pub async fn decide(
    desk: Desk,
    id: Path<Id>,
    decision: Json<Decision>,
) -> std::result::Result<HttpResponse, ApiError> {
    let (id, verdict) = (id.into_inner(), decision.verdict);
    desk.write(move |tx, desk| exclusions::decide(tx, desk.actor(), id, verdict)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The requests for more time or account that wait for the community lead.
#[utoipa::path(get, path = "/api/v1/requests", tag = "tickets", responses((status = 200, body = Vec<Request>)))]
pub async fn requests(desk: Desk) -> Reply<Vec<Request>> {
    let open = desk.read(|tx, desk| requests::undecided(tx, desk.actor())).await?;
    Ok(Json(open))
}

/// What the community lead says to a request.
#[derive(Debug, serde::Deserialize, utoipa::ToSchema)]
#[allow(missing_docs)]
pub struct Ruling {
    pub verdict: Verdict,
    /// Why; the resident reads it when it is granted.
    pub answer: String,
}

/// 延期 or 挂账 is granted or not, never by whoever asked.
#[utoipa::path(
    post, path = "/api/v1/requests/{id}/decision", tag = "tickets", params(("id" = Id, Path)),
    request_body = Ruling, responses((status = 200, body = Sheet), (status = 403), (status = 409), (status = 422))
)]
pub async fn decide_request(desk: Desk, id: Path<Id>, said: Json<Ruling>) -> Reply<Sheet> {
    let (id, said) = (id.into_inner(), said.into_inner());
    let answer = Note::parse("answer", &said.answer, ANSWER)?;
    let done = move |tx: &mut Tx, desk: &Desk| {
        let ticket = requests::decide(tx, desk.actor(), id, said.verdict, &answer)?;
        sheet(tx, &desk.keys, desk.actor(), ticket.id)
    };
    Ok(Json(desk.write(done).await?))
}

/// Who was shown what, latest first; `before` is the last id of the page before.
#[utoipa::path(
    get, path = "/api/v1/audits", tag = "tickets", params(("before" = Option<Id>, Query)),
    responses((status = 200, body = Vec<Audited>))
)]
pub async fn audits(desk: Desk, before: Query<Before>) -> Reply<Vec<Audited>> {
    Ok(Json(desk.read(move |tx, desk| acts::audits(tx, desk.actor(), before.id())).await?))
}
