//! The hotline's tickets as JSON: the same verbs as the pages.

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data, Json, Path, Query, block};

use super::batches::{self, Batch, Preview};
use super::names::{self, Kind, Listed, Maker, Meant, Name};
use super::pairs::{self, Decided, Page, Pair, Said, Verdict};
use crate::db::{Db, Id};
use crate::error::Error;
use crate::people::Actor;
use crate::tables::Reject;
use crate::web::ApiError;

type Answer<T> = Result<Json<T>, ApiError>;

/// Which page of batches.
#[derive(Debug, serde::Deserialize, utoipa::IntoParams)]
pub struct Before {
    /// The id of the last one of the page before.
    before: Option<Id>,
}

/// Batches of the hotline's tickets, the last that was brought first.
#[utoipa::path(get, path = "/api/v1/hotline/batches", tag = "hotline", params(Before),
    responses((status = 200, body = Vec<Batch>)))]
pub async fn batches(db: Data<Db>, actor: Actor, asked: Query<Before>) -> Answer<Vec<Batch>> {
    Ok(Json(db.read(move |tx| batches::list(tx, actor.community_id, asked.before)).await?))
}

/// What a file that is brought is called.
#[derive(Debug, serde::Deserialize, utoipa::IntoParams)]
pub struct Called {
    /// For the list of batches, and to word a refusal.
    #[serde(default)]
    file_name: String,
}

/// Brings a table as the body: a workbook or delimited text. It is a draft until it is confirmed.
#[utoipa::path(post, path = "/api/v1/hotline/batches", tag = "hotline", params(Called),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 201, body = Preview), (status = 422, description = "No such table, with a sentence")))]
pub async fn bring(
    db: Data<Db>,
    actor: Actor,
    called: Query<Called>,
    table: Result<Bytes, actix_web::Error>,
) -> Result<HttpResponse, ApiError> {
    let table = table.map_err(|_| Error::invalid("file", "文件超过 10 MB，或没有收完整，请拆小后再传"))?;
    let (own, by) = (db.get_ref().clone(), actor.clone());
    let taken = block(move || batches::take_in(&own, &by, (&called.file_name, &table), &mut |_, _| {}));
    let batch = taken.await.map_err(Error::internal)??;
    let preview = db.read(move |tx| batches::preview(tx, actor.community_id, batch.id)).await?;
    Ok(HttpResponse::Created().json(preview))
}

/// A batch, what of it is known here, and its first refused rows.
#[utoipa::path(get, path = "/api/v1/hotline/batches/{id}", tag = "hotline", params(("id" = Id, Path)),
    responses((status = 200, body = Preview)))]
pub async fn batch(db: Data<Db>, actor: Actor, id: Path<Id>) -> Answer<Preview> {
    Ok(Json(db.read(move |tx| batches::preview(tx, actor.community_id, *id)).await?))
}

/// Which page of refused rows.
#[derive(Debug, serde::Deserialize, utoipa::IntoParams)]
pub struct After {
    /// How many came before; 100 are on a page.
    #[serde(default)]
    after: i32,
}

/// The refused rows of a batch with their reasons.
#[utoipa::path(get, path = "/api/v1/hotline/batches/{id}/rejects", tag = "hotline", params(("id" = Id, Path), After),
    responses((status = 200, body = Vec<Reject>)))]
pub async fn rejects(db: Data<Db>, actor: Actor, id: Path<Id>, asked: Query<After>) -> Answer<Vec<Reject>> {
    Ok(Json(db.read(move |tx| batches::rejects(tx, actor.community_id, *id, asked.after)).await?))
}

/// Lets a draft count: a number that was there already is updated, and counts once.
#[utoipa::path(post, path = "/api/v1/hotline/batches/{id}/confirmation", tag = "hotline", params(("id" = Id, Path)),
    responses((status = 200, body = Batch), (status = 409, description = "No draft any more")))]
pub async fn confirm(db: Data<Db>, actor: Actor, id: Path<Id>) -> Answer<Batch> {
    Ok(Json(db.write(move |tx| batches::confirm(tx, &actor, *id)).await?))
}

/// Takes a batch back as a whole, or throws a draft away.
#[utoipa::path(post, path = "/api/v1/hotline/batches/{id}/removal", tag = "hotline", params(("id" = Id, Path)),
    responses((status = 200, body = Batch), (status = 409, description = "Undone already")))]
pub async fn undo(db: Data<Db>, actor: Actor, id: Path<Id>) -> Answer<Batch> {
    Ok(Json(db.write(move |tx| batches::undo(tx, &actor, *id)).await?))
}

/// Which names.
#[derive(Debug, serde::Deserialize, utoipa::IntoParams)]
pub struct AskedNames {
    /// Of places or of categories.
    #[param(inline)]
    kind: Kind,
    /// Only those that are known in this way.
    #[param(inline)]
    made_by: Option<Maker>,
    /// The last name of the page before.
    after: Option<String>,
}

/// What the hotline's names are here, by name.
#[utoipa::path(get, path = "/api/v1/hotline/names", tag = "hotline", params(AskedNames),
    responses((status = 200, body = Vec<Listed>)))]
pub async fn names(db: Data<Db>, actor: Actor, asked: Query<AskedNames>) -> Answer<Vec<Listed>> {
    let AskedNames { kind, made_by, after } = asked.into_inner();
    Ok(Json(db.read(move |tx| names::list(tx, actor.community_id, kind, made_by, after.as_deref())).await?))
}

/// Says what a name is here; for every row that has it, and for later tables.
#[utoipa::path(put, path = "/api/v1/hotline/names", tag = "hotline", request_body = Meant,
    responses((status = 200, body = Name), (status = 404, description = "No row ever had this name")))]
pub async fn decide_name(db: Data<Db>, actor: Actor, meant: Json<Meant>) -> Answer<Name> {
    Ok(Json(db.write(move |tx| names::decide(tx, &actor, meant.into_inner())).await?))
}

/// Which proposals.
#[derive(Debug, serde::Deserialize, utoipa::IntoParams)]
pub struct AskedProposals {
    /// `next` of the page before.
    after: Option<String>,
}

/// Tickets of the hotline that may be one of ours, with the reasons, the latest call first.
#[utoipa::path(get, path = "/api/v1/hotline/proposals", tag = "hotline", params(AskedProposals),
    responses((status = 200, body = Page)))]
pub async fn proposals(db: Data<Db>, actor: Actor, asked: Query<AskedProposals>) -> Answer<Page> {
    Ok(Json(db.read(move |tx| pairs::proposals(tx, &actor, asked.after.as_deref())).await?))
}

/// Which decided pairs.
#[derive(Debug, serde::Deserialize, utoipa::IntoParams)]
pub struct AskedPairs {
    /// Confirmed or rejected.
    #[param(inline)]
    verdict: Verdict,
    /// The id of the last one of the page before.
    before: Option<Id>,
}

/// Pairs that somebody decided, the last decided first.
#[utoipa::path(get, path = "/api/v1/hotline/pairs", tag = "hotline", params(AskedPairs),
    responses((status = 200, body = Vec<Decided>)))]
pub async fn pairs(db: Data<Db>, actor: Actor, asked: Query<AskedPairs>) -> Answer<Vec<Decided>> {
    Ok(Json(db.read(move |tx| pairs::decided(tx, &actor, asked.verdict, asked.before)).await?))
}

/// Says whether one of ours and one of theirs are the same matter.
#[utoipa::path(post, path = "/api/v1/hotline/pairs", tag = "hotline", request_body = Said,
    responses((status = 200, body = Pair), (status = 422, description = "Nothing speaks for this pair")))]
pub async fn decide_pair(db: Data<Db>, actor: Actor, said: Json<Said>) -> Answer<Pair> {
    Ok(Json(db.write(move |tx| pairs::decide(tx, &actor, said.into_inner())).await?))
}
