//! The bell, channels, texts and deliveries as JSON. What is sealed is never answered.

use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path, Query};

use super::channels::{Channel, Kind, NewChannel};
use super::pages::After;
use super::post::Post;
use super::texts::Text;
use super::told::Topic;
use super::{Contact, bell, channels, deliveries, texts};
use crate::console::visit::Visit;
use crate::db::{Db, Id, Time, Tx};
use crate::keys::Keys;
use crate::people::Actor;
use crate::web::ApiError;

/// What concerns the caller.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub struct Bell {
    /// How much is new in this community, counted to 100.
    pub unread: usize,
    /// What is new in the other communities of the street, for its manager.
    pub elsewhere: Vec<bell::Elsewhere>,
    /// A page of it, latest first.
    pub page: bell::Page,
}

/// What concerns the caller, latest first.
#[utoipa::path(get, path = "/api/v1/notices", params(("after" = Option<String>, Query)), responses((status = 200, body = Bell)))]
pub async fn notices(db: Data<Db>, actor: Actor, after: Query<After>) -> Result<Json<Bell>, ApiError> {
    let read = move |tx: &mut Tx| {
        let (unread, elsewhere) = (bell::unread(tx, &actor)?, bell::elsewhere(tx, &actor)?);
        Ok(Bell { unread, elsewhere, page: bell::page(tx, &actor, after.cursor())? })
    };
    Ok(Json(db.read(read).await?))
}

/// Up to when notices were seen.
#[derive(serde::Deserialize, utoipa::ToSchema)]
pub struct Seen {
    /// Everything up to now where nothing is said.
    pub until: Option<Time>,
}

/// Notes what the caller has seen.
#[utoipa::path(post, path = "/api/v1/notices/seen", request_body = Seen, responses((status = 204)))]
pub async fn see(db: Data<Db>, actor: Actor, seen: Json<Seen>) -> Result<HttpResponse, ApiError> {
    db.write(move |tx| bell::see(tx, &actor, seen.until)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Where messages reach the caller.
#[utoipa::path(get, path = "/api/v1/me/contact", responses((status = 200, body = Contact)))]
pub async fn contact(db: Data<Db>, keys: Data<Keys>, actor: Actor) -> Result<Json<Contact>, ApiError> {
    Ok(Json(db.read(move |tx| super::contact(tx, &keys, &actor)).await?))
}

/// Says where messages reach the caller.
#[utoipa::path(put, path = "/api/v1/me/contact", request_body = Contact, responses((status = 204)))]
pub async fn set_contact(
    db: Data<Db>,
    keys: Data<Keys>,
    actor: Actor,
    contact: Json<Contact>,
) -> Result<HttpResponse, ApiError> {
    db.write(move |tx| super::set_contact(tx, &keys, &actor, &contact)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// A channel, without what is sealed.
#[derive(serde::Serialize, utoipa::ToSchema)]
#[allow(missing_docs)]
pub struct ChannelLine {
    pub id: Id,
    pub kind: Kind,
    pub name: String,
    /// The host that it leads to.
    pub leads_to: String,
    pub topics: Vec<Topic>,
    pub party_id: Option<Id>,
    pub disabled_at: Option<Time>,
    /// The secret that was made for a webhook: told this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
}

fn line(channel: Channel, secret: Option<String>) -> ChannelLine {
    ChannelLine {
        topics: channel.topics(),
        id: channel.id,
        kind: channel.kind,
        name: channel.name,
        leads_to: channel.shown,
        party_id: channel.party_id,
        disabled_at: channel.disabled_at,
        secret,
    }
}

/// The channels of the community.
#[utoipa::path(get, path = "/api/v1/channels", responses((status = 200, body = Vec<ChannelLine>)))]
pub async fn list(db: Data<Db>, actor: Actor) -> Result<Json<Vec<ChannelLine>>, ApiError> {
    let all = db.read(move |tx| channels::list(tx, actor.community_id)).await?;
    Ok(Json(all.into_iter().map(|channel| line(channel, None)).collect()))
}

/// Makes a channel.
#[utoipa::path(post, path = "/api/v1/channels", request_body = NewChannel, responses((status = 201, body = ChannelLine)))]
pub async fn add(visit: Visit, post: Data<Post>, new: Json<NewChannel>) -> Result<HttpResponse, ApiError> {
    let (new, at) = (new.into_inner(), visit.clone());
    let make = move |tx: &mut Tx| channels::add(tx, (&at.keys, &post.named), &at.session.actor, new);
    let (channel, secret) = visit.db.write(make).await?;
    Ok(HttpResponse::Created().json(line(channel, secret)))
}

/// Changes a channel; empty address, secret, headers and body stay as they are.
#[utoipa::path(put, path = "/api/v1/channels/{id}", params(("id" = Id, Path)), request_body = NewChannel, responses((status = 200, body = ChannelLine)))]
pub async fn change(
    visit: Visit,
    post: Data<Post>,
    id: Path<Id>,
    new: Json<NewChannel>,
) -> Result<Json<ChannelLine>, ApiError> {
    let (new, at) = (new.into_inner(), visit.clone());
    let take = move |tx: &mut Tx| channels::change(tx, (&at.keys, &post.named), &at.session.actor, *id, new);
    Ok(Json(line(visit.db.write(take).await?, None)))
}

/// Takes a channel out of use.
#[utoipa::path(post, path = "/api/v1/channels/{id}/disable", params(("id" = Id, Path)), responses((status = 204)))]
pub async fn disable(db: Data<Db>, actor: Actor, id: Path<Id>) -> Result<HttpResponse, ApiError> {
    db.write(move |tx| channels::disable(tx, &actor, *id)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Brings a channel back.
#[utoipa::path(post, path = "/api/v1/channels/{id}/enable", params(("id" = Id, Path)), responses((status = 204)))]
pub async fn enable(db: Data<Db>, actor: Actor, id: Path<Id>) -> Result<HttpResponse, ApiError> {
    db.write(move |tx| channels::enable(tx, &actor, *id)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// What came of trying a channel out.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub struct Tried {
    /// Whether the other end took the message in.
    pub sent: bool,
    /// What it said, in words.
    pub answer: String,
}

/// Sends a made-up message by a channel at once.
#[utoipa::path(post, path = "/api/v1/channels/{id}/test", params(("id" = Id, Path)), responses((status = 200, body = Tried)))]
pub async fn test(visit: Visit, post: Data<Post>, id: Path<Id>) -> Result<Json<Tried>, ApiError> {
    let taken = super::pages::channels::try_out(&visit, &post, *id).await?;
    let sent = taken.is_ok();
    Ok(Json(Tried { sent, answer: taken.unwrap_or_else(|words| words).into_owned() }))
}

/// The texts that the community has written itself.
#[utoipa::path(get, path = "/api/v1/notice-texts", responses((status = 200, body = Vec<Text>)))]
pub async fn texts(db: Data<Db>, actor: Actor) -> Result<Json<Vec<Text>>, ApiError> {
    Ok(Json(db.read(move |tx| texts::list(tx, actor.community_id)).await?))
}

/// A text for a topic.
#[derive(serde::Deserialize, utoipa::ToSchema)]
pub struct NewText {
    /// Two digits of a group of categories; empty for all.
    #[serde(default)]
    pub level1: String,
    /// The template; an empty one takes the community's own back.
    pub text: String,
}

/// Writes the text of a topic.
#[utoipa::path(put, path = "/api/v1/notice-texts/{topic}", params(("topic" = Topic, Path)), request_body = NewText, responses((status = 204)))]
pub async fn set_text(
    db: Data<Db>,
    actor: Actor,
    topic: Path<String>,
    new: Json<NewText>,
) -> Result<HttpResponse, ApiError> {
    let topic = Topic::parse(&topic).ok_or(crate::error::Error::NotFound)?;
    db.write(move |tx| texts::set(tx, &actor, topic, &new.level1, &new.text)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// A text that is being written.
#[derive(serde::Deserialize, utoipa::ToSchema)]
pub struct TextDraft {
    /// What it is for.
    pub topic: Topic,
    /// The template.
    pub text: String,
}

/// How it reads.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub struct TextRead {
    /// The message, with made-up words.
    pub said: String,
}

/// How a text would read. Nothing is kept.
#[utoipa::path(post, path = "/api/v1/notice-texts/preview", request_body = TextDraft,
    responses((status = 200, body = TextRead), (status = 422, description = "What is wrong with it")))]
pub async fn preview_text(post: Data<Post>, draft: Json<TextDraft>) -> Result<Json<TextRead>, ApiError> {
    Ok(Json(TextRead { said: texts::preview(&draft.text, draft.topic, &post.base_url)? }))
}

/// What was sent, latest first.
#[utoipa::path(get, path = "/api/v1/deliveries", params(("after" = Option<String>, Query)), responses((status = 200, body = deliveries::Page)))]
pub async fn deliveries(
    db: Data<Db>,
    actor: Actor,
    after: Query<After>,
) -> Result<Json<deliveries::Page>, ApiError> {
    Ok(Json(db.read(move |tx| deliveries::page(tx, &actor, after.cursor())).await?))
}

/// Sends one again, now.
#[utoipa::path(post, path = "/api/v1/deliveries/{id}/resend", params(("id" = Id, Path)), responses((status = 204)))]
pub async fn resend(db: Data<Db>, actor: Actor, id: Path<Id>) -> Result<HttpResponse, ApiError> {
    db.write(move |tx| deliveries::resend(tx, &actor, *id)).await?;
    Ok(HttpResponse::NoContent().finish())
}
