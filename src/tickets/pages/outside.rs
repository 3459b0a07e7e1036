//! People outside, as staff see them: a link made and shown once, who waits for us; and lists of what one follows.
//!
//! The page of the outsider themselves lies in the room `links`.

use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use askama::Template;

use super::ticket::{Again, again, page};
use super::{Answer, Line, lines};
use crate::config::Config;
use crate::console::desk::Desk;
use crate::console::view::Chrome;
use crate::db::{Id, Time, Tx};
use crate::error::{Error, Result};
use crate::tickets::asks::outside::Invitation;
use crate::tickets::asks::{Ask, Check};
use crate::tickets::followers::{self, Shelf};
use crate::tickets::links::{self, Made, WaitingPage};
use crate::tickets::list::Cursor;
use crate::web::form::Form;
use crate::web::{html, see_other};
use crate::{clock, places};

/// A link that was just made, to be copied.
pub struct Invited {
    /// Whom it is for.
    pub name: String,
    /// The address; stored nowhere.
    pub url: String,
    /// Words to send along, with the address in them.
    pub message: String,
}

/// The address of a new link, and what to send along with it.
pub fn invited(tx: &mut Tx, config: &Config, made: &Made) -> Result<Invited> {
    let community = places::community(tx, made.ticket.community_id)?;
    let place = places::find(tx, made.ticket.community_id, made.ticket.place_id)?;
    let url = format!("{}/o/{}", config.base_url.trim_end_matches('/'), made.token);
    let message = format!(
        "【{}】请{}协助办理：{}。点开链接查看和回复，只供一人在一台设备上使用，{} 前有效，请不要转发：{url} 有疑问请打社区电话 {}。",
        community.name,
        made.link.name,
        place.full_name,
        made.link.expires_at.long(),
        community.phone
    );
    Ok(Invited { name: made.link.name.clone(), url, message })
}

/// `POST /console/tickets/{id}/links`: makes a link and shows its address this once.
pub async fn invite(desk: Desk, id: Path<Id>, form: Form) -> Answer {
    let id = id.into_inner();
    let done = match Invitation::read(&form) {
        Ok(ask) => {
            let make = move |tx: &mut Tx, desk: &Desk| {
                let made = links::invite(tx, &desk.keys, desk.actor(), id, ask)?;
                invited(tx, &desk.config, &made)
            };
            desk.write(make).await
        }
        Err(err) => Err(err),
    };
    match done {
        Ok(made) => {
            let shown = move |tx: &mut Tx, desk: &Desk| {
                let mut page = page(tx, desk, id, Again::default())?;
                page.invited = Some(made);
                Ok(page)
            };
            html(StatusCode::OK, &desk.read(shown).await?)
        }
        Err(err) => again(desk, id, (Invitation::NOUN, form, Vec::new()), err).await,
    }
}

/// `POST /console/tickets/{id}/outside-checks`: done indeed; on to closing, with the outsider's words.
pub async fn check(desk: Desk, id: Path<Id>, form: Form) -> Answer {
    let id = id.into_inner();
    let done = match Check::read(&form, Vec::new()) {
        Ok(ask) => {
            let link = ask.link_id;
            let run = move |tx: &mut Tx, desk: &Desk| ask.run(tx, &desk.keys, desk.actor(), id);
            desk.write(run).await.map(|ticket| (ticket, link))
        }
        Err(err) => Err(err),
    };
    match done {
        Ok((ticket, link)) => {
            Ok(see_other(&format!("/console/tickets/{}?closing={link}#closure-text", ticket.id)))
        }
        Err(err) => again(desk, id, (Check::NOUN, form, Vec::new()), err).await,
    }
}

/// The closing form with what a link reported; an empty one where there is nothing to take over.
pub(super) fn closing(tx: &mut Tx, desk: &Desk, id: Id, link: Id) -> Result<Again> {
    let ticket = crate::tickets::find(tx, desk.actor(), id)?;
    let link = links::of(tx, &ticket)?.into_iter().find(|each| each.id == link).ok_or(Error::NotFound)?;
    let Some(event) = links::report(tx, &ticket, &link)? else { return Ok(Again::default()) };
    let mut form = Form::default();
    form.set("result", "solved".to_owned());
    form.set("text", event.note.shown());
    Ok(Again { noun: "closure", form, ..Again::default() })
}

#[derive(Template)]
#[template(path = "tickets/pages/waiting.html")]
struct WaitingShown {
    chrome: Chrome,
    page: WaitingPage,
    now: Time,
    later: bool,
}

impl WaitingShown {
    fn ago(&self, at: &Time) -> String {
        clock::words((self.now.0 - at.0).num_minutes())
    }
}

/// Which part of which list.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub struct Asked {
    list: String,
    after: String,
}

/// `GET /console/outside`: people outside who wait for a word.
pub async fn waiting(desk: Desk, asked: Query<Asked>) -> Answer {
    let after = Cursor::parse(&asked.after);
    let fill = move |tx: &mut Tx, desk: &Desk| {
        Ok(WaitingShown {
            chrome: desk.chrome(tx, "外部单位", "/console/outside")?,
            page: links::waiting(tx, desk.actor(), after)?,
            now: tx.now,
            later: after.is_some(),
        })
    };
    html(StatusCode::OK, &desk.read(fill).await?)
}

#[derive(Template)]
#[template(path = "tickets/pages/following.html")]
struct FollowingPage {
    chrome: Chrome,
    shelf: Shelf,
    lines: Vec<Line>,
    next: Option<String>,
    later: bool,
}

impl FollowingPage {
    fn shelves(&self) -> &'static [Shelf] {
        Shelf::ALL
    }

    fn empty(&self) -> &'static str {
        match self.shelf {
            Shelf::Followed => "还没有关注的诉求。打开一件诉求，点“关注”，就会列在这里。",
            Shelf::Mentioned => "还没有同事在备注里提到您。",
        }
    }
}

/// `GET /console/following`: what one follows, or is reminded of.
pub async fn following(desk: Desk, asked: Query<Asked>) -> Answer {
    let (shelf, after) = (Shelf::parse(&asked.list).unwrap_or(Shelf::Followed), Cursor::parse(&asked.after));
    let fill = move |tx: &mut Tx, desk: &Desk| {
        let found = followers::page(tx, desk.actor(), shelf, after)?;
        let (lines, next) = lines(tx, desk.actor(), found)?;
        let chrome = desk.chrome(tx, "关注", "/console/following")?;
        Ok(FollowingPage { chrome, shelf, lines, next, later: after.is_some() })
    };
    html(StatusCode::OK, &desk.read(fill).await?)
}
