//! The rules of a community as JSON.

use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path};

use super::{
    Alike, Clocks, Doors, Evidence, Flood, Limits, Notice, Publicity, QuietHours, Retention, Rules, Version,
    Weights, Windows,
};
use crate::db::{Db, Time, Tx};
use crate::error::{Error, Result};
use crate::people::Actor;
use crate::web::ApiError;

/// Every version of every group of rules, latest first.
#[derive(serde::Serialize, utoipa::ToSchema)]
#[allow(missing_docs)]
pub struct AllRules {
    pub limits: Vec<Version<Limits>>,
    pub clocks: Vec<Version<Clocks>>,
    pub windows: Vec<Version<Windows>>,
    pub weights: Vec<Version<Weights>>,
    pub alike: Vec<Version<Alike>>,
    pub evidence: Vec<Version<Evidence>>,
    pub notice: Vec<Version<Notice>>,
    pub quiet: Vec<Version<QuietHours>>,
    pub doors: Vec<Version<Doors>>,
    pub publicity: Vec<Version<Publicity>>,
    pub retention: Vec<Version<Retention>>,
    pub flood: Vec<Version<Flood>>,
}

/// The rules of the community with their history.
#[utoipa::path(get, path = "/api/v1/settings", responses((status = 200, body = AllRules)))]
pub async fn list(db: Data<Db>, actor: Actor) -> Result<Json<AllRules>, ApiError> {
    let read = move |tx: &mut Tx| {
        let community = actor.community_id;
        Ok(AllRules {
            limits: super::history(tx, community)?,
            clocks: super::history(tx, community)?,
            windows: super::history(tx, community)?,
            weights: super::history(tx, community)?,
            alike: super::history(tx, community)?,
            evidence: super::history(tx, community)?,
            notice: super::history(tx, community)?,
            quiet: super::history(tx, community)?,
            doors: super::history(tx, community)?,
            publicity: super::history(tx, community)?,
            retention: super::history(tx, community)?,
            flood: super::history(tx, community)?,
        })
    };
    Ok(Json(db.read(read).await?))
}

/// A new version of a group of rules.
#[derive(serde::Deserialize, utoipa::ToSchema)]
pub struct NewVersion {
    /// From when on it holds; now where nothing is said.
    pub from: Option<Time>,
    /// All values of the group.
    pub rules: serde_json::Value,
}

/// Sets the rules that hold from a moment on; the past is never changed.
#[utoipa::path(put, path = "/api/v1/settings/{name}", params(("name" = String, Path)), request_body = NewVersion, responses((status = 204)))]
pub async fn set(
    db: Data<Db>,
    actor: Actor,
    name: Path<String>,
    new: Json<NewVersion>,
) -> Result<HttpResponse, ApiError> {
    let new = new.into_inner();
    let take = move |tx: &mut Tx| match name.as_str() {
        Limits::NAME => put::<Limits>(tx, &actor, new),
        Clocks::NAME => put::<Clocks>(tx, &actor, new),
        Windows::NAME => put::<Windows>(tx, &actor, new),
        Weights::NAME => put::<Weights>(tx, &actor, new),
        Alike::NAME => put::<Alike>(tx, &actor, new),
        Evidence::NAME => put::<Evidence>(tx, &actor, new),
        Notice::NAME => put::<Notice>(tx, &actor, new),
        Doors::NAME => put::<Doors>(tx, &actor, new),
        Publicity::NAME => put::<Publicity>(tx, &actor, new),
        QuietHours::NAME => put::<QuietHours>(tx, &actor, new),
        Retention::NAME => put::<Retention>(tx, &actor, new),
        Flood::NAME => put::<Flood>(tx, &actor, new),
        _ => Err(Error::NotFound),
    };
    db.write(take).await?;
    Ok(HttpResponse::NoContent().finish())
}

fn put<R: Rules>(tx: &mut Tx, actor: &Actor, new: NewVersion) -> Result<()> {
    let rules: R = serde_json::from_value(new.rules)
        .map_err(|err| Error::invalid("rules", format!("规则的内容不对：{err}")))?;
    super::set(tx, actor, &rules, new.from.unwrap_or(tx.now))
}
