//! The JSON twins of what concerns people outside and who looks on: links, following, reminders.

use actix_web::HttpResponse;
use actix_web::web::{Json, Path, Query};

use super::{Reply, cursor, run};
use crate::console::desk::Desk;
use crate::db::Id;
use crate::tickets::asks::outside::Invitation;
use crate::tickets::asks::{Check, Follow, Response, Revocation, SendBack, Unfollow};
use crate::tickets::followers::{self, Shelf};
use crate::tickets::links::{self, Link, WaitingPage};
use crate::tickets::list::Page;
use crate::tickets::pages::outside::invited;
use crate::tickets::sheet::Sheet;
use crate::web::ApiError;

/// A link that was just made. Its address is told this once.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
#[allow(missing_docs)]
pub struct NewLink {
    pub link: Link,
    pub url: String,
    /// Words to send along with the address.
    pub message: String,
}

/// 发外部链接: makes a link to this one ticket for somebody without an account.
#[utoipa::path(
    post, path = "/api/v1/tickets/{id}/links", tag = "tickets", params(("id" = Id, Path)), request_body = Invitation,
    responses((status = 201, body = NewLink), (status = 403), (status = 404), (status = 409), (status = 422))
)]
pub async fn invite(
    desk: Desk,
    id: Path<Id>,
    ask: Json<Invitation>,
) -> std::result::Result<HttpResponse, ApiError> {
    let (id, ask) = (id.into_inner(), ask.into_inner());
    let make = move |tx: &mut crate::db::Tx, desk: &Desk| {
        let made = links::invite(tx, &desk.keys, desk.actor(), id, ask.into())?;
        let shown = invited(tx, &desk.config, &made)?;
        Ok(NewLink { link: made.link, url: shown.url, message: shown.message })
    };
    Ok(HttpResponse::Created().json(desk.write(make).await?))
}

twin!(
    /// 收回外部链接.
    revoke, Revocation, "/api/v1/tickets/{id}/revocations"
);
twin!(
    /// 答复外部单位.
    respond, Response, "/api/v1/tickets/{id}/outside-replies"
);
twin!(
    /// 核实外部完成: what was reported done is done.
    check, Check, "/api/v1/tickets/{id}/outside-checks"
);
twin!(
    /// 退回外部单位.
    send_back, SendBack, "/api/v1/tickets/{id}/outside-returns"
);
twin!(
    /// 关注.
    follow, Follow, "/api/v1/tickets/{id}/following"
);
twin!(
    /// 不再关注.
    unfollow, Unfollow, "/api/v1/tickets/{id}/unfollowing"
);

/// Which part of which list of one's own.
#[derive(Debug, serde::Deserialize, utoipa::IntoParams)]
#[allow(missing_docs)]
pub struct OwnList {
    pub list: Option<Shelf>,
    /// `next` of the page before.
    pub after: Option<String>,
}

/// What one follows, or is reminded of; latest first.
#[utoipa::path(
    get, path = "/api/v1/following", tag = "tickets", params(OwnList), responses((status = 200, body = Page))
)]
pub async fn following(desk: Desk, asked: Query<OwnList>) -> Reply<Page> {
    let (shelf, after) = (asked.list.unwrap_or(Shelf::Followed), cursor(asked.after.as_ref()));
    Ok(Json(desk.read(move |tx, desk| followers::page(tx, desk.actor(), shelf, after)).await?))
}

/// Where the next page begins.
#[derive(Debug, serde::Deserialize, utoipa::IntoParams)]
#[allow(missing_docs)]
pub struct After {
    pub after: Option<String>,
}

/// People outside who wait for a word from the community; the longest first.
#[utoipa::path(
    get, path = "/api/v1/outside", tag = "tickets", params(After), responses((status = 200, body = WaitingPage))
)]
pub async fn waiting(desk: Desk, asked: Query<After>) -> Reply<WaitingPage> {
    let after = cursor(asked.after.as_ref());
    Ok(Json(desk.read(move |tx, desk| links::waiting(tx, desk.actor(), after)).await?))
}
