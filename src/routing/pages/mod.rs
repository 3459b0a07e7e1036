//! The parties of a community as a page: who takes what, and which categories nobody takes.
//!
//! Categories themselves are the installation's; a community answers them with its own parties and aliases. The rules
//! that name parties are next door in [`rules`].

pub mod rules;

use actix_web::web::Path;
use askama::Template;

use crate::console::view::Chrome;
use crate::console::visit::{Answer, Fields, Sent, Visit};
use crate::db::Id;
use crate::error::{Error, Result};
use crate::routing::{self, Leads, NewParty, PartyKind};
use crate::web::{html, see_other};

const PATH: &str = "/console/parties";

#[derive(Template)]
#[template(path = "routing/parties.html")]
struct PartiesPage {
    chrome: Chrome,
    leads: Leads,
    kinds: Vec<(&'static str, &'static str)>,
    sent: Sent,
}

/// `GET /console/parties`.
pub async fn list(visit: Visit) -> Answer {
    show(visit, Sent::default()).await
}

async fn show(visit: Visit, sent: Sent) -> Answer {
    let (status, at) = (sent.status(), visit.clone());
    let page = visit.db.read(move |tx| {
        Ok(PartiesPage {
            leads: routing::leads(tx, at.session.actor.community_id)?,
            chrome: at.chrome(tx, "单位", PATH)?,
            kinds: PartyKind::ALL.iter().map(|kind| (kind.word(), kind.label())).collect(),
            sent,
        })
    });
    html(status, &page.await?)
}

/// `POST /console/parties`: adds one.
pub async fn add(visit: Visit, fields: Fields) -> Answer {
    let sent = Sent::new("add", fields.into_inner());
    let (new, community) = (read(&sent), visit.session.actor.community_id);
    let done = visit.db.write(move |tx| routing::add_party(tx, community, new?)).await;
    after(visit, sent, done).await
}

/// `POST /console/parties/{id}`: changes one.
pub async fn change(visit: Visit, id: Path<Id>, fields: Fields) -> Answer {
    let sent = Sent::new(id.to_string(), fields.into_inner());
    let (new, community) = (read(&sent), visit.session.actor.community_id);
    let done = visit.db.write(move |tx| routing::change_party(tx, community, *id, new?)).await;
    after(visit, sent, done).await
}

/// `POST /console/parties/{id}/disable`: takes one out of use, by whoever saw which rules name it.
pub async fn disable(visit: Visit, id: Path<Id>, fields: Fields) -> Answer {
    let sent = Sent::new("disable", fields.into_inner());
    let (known, community) = (sent.number("known_rules").unwrap_or(0), visit.session.actor.community_id);
    let done = visit.db.write(move |tx| routing::disable_party(tx, community, *id, known)).await;
    after(visit, sent, done).await
}

/// `POST /console/parties/{id}/enable`: brings one back.
pub async fn enable(visit: Visit, id: Path<Id>) -> Answer {
    let community = visit.session.actor.community_id;
    let done = visit.db.write(move |tx| routing::enable_party(tx, community, *id)).await;
    after(visit, Sent::default(), done).await
}

async fn after<T>(visit: Visit, sent: Sent, done: Result<T>) -> Answer {
    match done {
        Ok(_) => Ok(see_other(PATH)),
        Err(err) => show(visit, sent.refused(err)?).await,
    }
}

fn read(sent: &Sent) -> Result<NewParty> {
    let kind = PartyKind::parse(sent.text("kind"));
    Ok(NewParty {
        name: sent.text("name").to_owned(),
        aliases: sent.text("aliases").to_owned(),
        kind: kind.ok_or_else(|| Error::invalid("kind", "请选择单位的类别"))?,
        phone: sent.text("phone").to_owned(),
    })
}
