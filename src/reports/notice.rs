//! The privacy notice, each version at an address of its own: what somebody agreed to stays readable.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;

use super::door::shell;
use super::pages::Desk;
use super::view::Shell;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::places::{self, Community};
use crate::settings::{self, Notice, Version};
use crate::web::{self, PageError};
use crate::words::Look;

/// A version, or what came of the versions of a community.
#[derive(Template)]
#[template(path = "reports/notice.html")]
struct NoticePage {
    shell: Shell,
    notice: Notice,
    since: String,
    current: bool,
    /// The other versions: address, name, since when.
    others: Vec<(String, String, String)>,
}

impl NoticePage {
    /// The key of whether it holds now.
    fn standing(&self) -> &'static str {
        if self.current { "notice-current" } else { "notice-past" }
    }

    /// In another language than that of the notice: which of the two holds.
    fn language(&self) -> String {
        self.shell.t("door-notice-language").to_string()
    }
}

/// The address of a version.
pub fn notice_url(community: &Community, version: &str) -> String {
    format!("/notice/{}/{version}", community.prefix)
}

/// `GET /notice/{prefix}`: the version that holds now.
pub async fn list(desk: Data<Desk>, prefix: Path<String>, look: Look) -> Result<HttpResponse, PageError> {
    page(&desk, look, prefix.into_inner(), None).await
}

/// `GET /notice/{prefix}/{version}`.
pub async fn show(
    desk: Data<Desk>,
    path: Path<(String, String)>,
    look: Look,
) -> Result<HttpResponse, PageError> {
    let (prefix, version) = path.into_inner();
    page(&desk, look, prefix, Some(version)).await
}

async fn page(
    desk: &Desk,
    look: Look,
    prefix: String,
    wanted: Option<String>,
) -> Result<HttpResponse, PageError> {
    let filing = (desk.config.icp.clone(), desk.config.police.clone());
    let filled = desk.db.read(move |tx| fill(tx, (&prefix, wanted.as_deref()), look, &filing)).await?;
    web::html(StatusCode::OK, &filled)
}

fn fill(
    tx: &mut Tx,
    (prefix, wanted): (&str, Option<&str>),
    look: Look,
    filing: &(String, String),
) -> Result<NoticePage> {
    let community = places::community_by_prefix(tx, &prefix.to_uppercase())?.ok_or(Error::NotFound)?;
    let begun: Vec<Version<Notice>> = settings::history(tx, community.id)?
        .into_iter()
        .filter(|version: &Version<Notice>| version.from <= tx.now)
        .collect();
    let latest = begun.first().ok_or(Error::NotFound)?.rules.version.clone();
    let name = wanted.unwrap_or(&latest);
    let found = begun.iter().find(|version| version.rules.version == name).ok_or(Error::NotFound)?;
    let since = |version: &Version<Notice>| match version.from.0.timestamp() {
        0 => look.lang.t("notice-first").to_string(),
        _ => look.lang.moment(version.from),
    };
    let mut others: Vec<(String, String, String)> = Vec::new();
    for version in begun.iter().filter(|version| version.rules.version != name) {
        let line =
            (notice_url(&community, &version.rules.version), version.rules.version.clone(), since(version));
        if !others.iter().any(|(url, ..)| *url == line.0) {
            others.push(line);
        }
    }
    Ok(NoticePage {
        shell: Shell {
            title: look.lang.t("notice-title-of").with("community", &community.name).to_string(),
            look,
            here: match wanted {
                Some(version) => notice_url(&community, version),
                None => format!("/notice/{}", community.prefix),
            },
            ..shell(&community, filing)
        },
        notice: found.rules.clone(),
        since: since(found),
        current: found.rules.version == latest,
        others,
    })
}
