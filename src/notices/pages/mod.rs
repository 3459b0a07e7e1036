//! The bell in the console and the page behind it: what concerns whoever is signed in, and where messages reach them.
//!
//! Channels, texts and deliveries, which the community lead looks after, have files of their own.

pub mod channels;
pub mod deliveries;
pub mod texts;

use actix_web::http::StatusCode;
use actix_web::web::Query;
use askama::Template;

use super::bell::{self, Cursor, Elsewhere, Line};
use super::drafts::Draft;
use super::{Contact, contact, set_contact};
use crate::console::view::{Bell, Chrome};
use crate::console::visit::{Answer, Fields, Sent, Visit};
use crate::db::{Time, Tx};
use crate::error::Result;
use crate::routing;
use crate::tickets::held;
use crate::web::{html, see_other};

const PATH: &str = "/console/notices";

/// Which part of a list.
#[derive(Debug, Default, Clone, serde::Deserialize)]
#[serde(default)]
pub struct After {
    after: String,
}

impl After {
    /// Where the page before ended, or nothing for the first page.
    pub fn cursor(&self) -> Option<Cursor> {
        Cursor::parse(&self.after)
    }
}

#[derive(Template)]
#[template(path = "notices/pages/notices.html")]
struct NoticesPage {
    chrome: Chrome,
    /// How much of what is here is new.
    unread: usize,
    /// What is new in other communities.
    elsewhere: Vec<Elsewhere>,
    lines: Vec<Shown>,
    later: bool,
    next: Option<String>,
    /// The latest of the page: seeing it is seeing all before it.
    until: Option<i64>,
    contact: Contact,
    /// How many held reports wait for a look.
    held: usize,
    /// Reports that are ready to be issued, and whether that is new.
    drafts: Vec<(Draft, bool)>,
    sent: Sent,
}

/// A notice in words.
struct Shown {
    line: Line,
    what: String,
    fresh: bool,
}

/// `GET /console/notices`: what concerns me.
pub async fn list(visit: Visit, after: Query<After>) -> Answer {
    show(visit, Sent::default(), after.into_inner()).await
}

async fn show(visit: Visit, sent: Sent, after: After) -> Answer {
    let (status, at) = (sent.status(), visit.clone());
    html(status, &visit.db.read(move |tx| fill(tx, &at, sent, after.cursor())).await?)
}

fn fill(tx: &mut Tx, visit: &Visit, sent: Sent, after: Option<Cursor>) -> Result<NoticesPage> {
    let actor = &visit.session.actor;
    let page = bell::page(tx, actor, after)?;
    let categories = routing::categories(tx)?;
    let seen = bell::seen(tx, actor)?;
    let shown = |line: Line| {
        let tile = || categories.iter().find(|each| each.level1_code() == line.level1);
        let what = line.category.clone().or_else(|| tile().map(|each| each.level1.clone()));
        Shown { what: what.unwrap_or_default(), fresh: line.at > seen, line }
    };
    Ok(NoticesPage {
        chrome: visit.chrome(tx, "提醒", PATH)?,
        unread: bell::unread(tx, actor)?,
        elsewhere: bell::elsewhere(tx, actor)?,
        held: held::waiting(tx, actor)?,
        until: latest(&page).map(|at| at.0.timestamp_micros()),
        drafts: page.drafts.into_iter().map(|draft| (draft.clone(), draft.told_at > seen)).collect(),
        lines: page.lines.into_iter().map(shown).collect(),
        later: after.is_some(),
        next: page.next,
        contact: contact(tx, &visit.keys, actor)?,
        sent,
    })
}

/// The moment of the latest thing on a page.
fn latest(page: &bell::Page) -> Option<Time> {
    page.lines.iter().map(|line| line.at).chain(page.drafts.iter().map(|draft| draft.told_at)).max()
}

/// `GET /console/bell`: how much is new to this person.
pub async fn bell(visit: Visit) -> Answer {
    let actor = visit.session.actor.clone();
    let unread = visit.db.read(move |tx| bell::all_unread(tx, &actor)).await?;
    html(StatusCode::OK, &Bell { unread: unread as u32 })
}

/// `POST /console/bell/seen`: it has been looked at, up to what the page showed.
pub async fn see(visit: Visit, fields: Fields) -> Answer {
    let sent = Sent::new("seen", fields.into_inner());
    let until = sent.text("until").parse().ok().map(Time::from_micros);
    let actor = visit.session.actor.clone();
    visit.db.write(move |tx| bell::see(tx, &actor, until)).await?;
    Ok(see_other(PATH))
}

/// `POST /console/notices/contact`: where messages reach me.
pub async fn reach_me(visit: Visit, fields: Fields) -> Answer {
    let sent = Sent::new("contact", fields.into_inner());
    let contact = Contact { mail: sent.text("mail").to_owned(), phone: sent.text("phone").to_owned() };
    let at = visit.clone();
    match visit.db.write(move |tx| set_contact(tx, &at.keys, &at.session.actor, &contact)).await {
        Ok(()) => Ok(see_other(PATH)),
        Err(err) => show(visit, sent.refused(err)?, After::default()).await,
    }
}
