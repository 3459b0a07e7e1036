//! What a community shows on every page and poster, its grids, and how many live in it.

use actix_web::web::Path;
use askama::Template;

use super::super::{Community, Contacts, Grid, Population};
use crate::console::view::Chrome;
use crate::console::visit::{Answer, Fields, Sent, Visit};
use crate::db::{Id, Tx};
use crate::error::{Error, Result};
use crate::people::{self, Role};
use crate::web::{html, see_other};

const PATH: &str = "/console/places/community";

#[derive(Template)]
#[template(path = "places/community.html")]
struct CommunityPage {
    chrome: Chrome,
    community: Community,
    grids: Vec<Grid>,
    workers: Vec<(String, String)>,
    populations: Vec<Population>,
    today: chrono::NaiveDate,
    sent: Sent,
}

impl CommunityPage {
    fn worker_of(grid: &Grid) -> String {
        grid.worker_id.map(|id| id.to_string()).unwrap_or_default()
    }
}

/// `GET /console/places/community`.
pub async fn page(visit: Visit) -> Answer {
    show(visit, Sent::default()).await
}

async fn show(visit: Visit, sent: Sent) -> Answer {
    let (status, at) = (sent.status(), visit.clone());
    let fill = move |tx: &mut Tx| {
        let actor = &at.session.actor;
        let id = actor.community_id;
        let own = |staff: &people::Staff| {
            staff.role == Role::GridWorker && staff.community_id == Some(id) && staff.disabled_at.is_none()
        };
        let workers = people::list(tx, actor)?.into_iter().filter(own);
        let none = std::iter::once((String::new(), "（还没有网格员）".to_owned()));
        Ok(CommunityPage {
            chrome: at.chrome(tx, "社区信息", PATH)?,
            community: super::super::community(tx, id)?,
            grids: super::super::grids(tx, id)?,
            workers: none.chain(workers.map(|staff| (staff.id.to_string(), staff.name))).collect(),
            populations: super::super::populations(tx, id)?,
            today: tx.now.day(),
            sent,
        })
    };
    html(status, &visit.db.read(fill).await?)
}

async fn after<T>(visit: Visit, sent: Sent, done: Result<T>) -> Answer {
    match done {
        Ok(_) => Ok(see_other(PATH)),
        Err(err) => show(visit, sent.refused(err)?).await,
    }
}

/// `POST /console/places/community`: phones and promise.
pub async fn set_contacts(visit: Visit, fields: Fields) -> Answer {
    let sent = Sent::new("contacts", fields.into_inner());
    let text = |name: &str| sent.text(name).to_owned();
    let contacts = Contacts {
        phone: text("phone"),
        property_phone: text("property_phone"),
        gas_phone: text("gas_phone"),
        promise: text("promise"),
    };
    let actor = visit.session.actor.clone();
    let done = visit.db.write(move |tx| super::super::set_contacts(tx, &actor, contacts)).await;
    after(visit, sent, done).await
}

/// `POST /console/places/grids`: adds one.
pub async fn add_grid(visit: Visit, fields: Fields) -> Answer {
    let sent = Sent::new("grid", fields.into_inner());
    let (name, community) = (sent.text("grid").to_owned(), visit.session.actor.community_id);
    let done = visit.db.write(move |tx| super::super::add_grid(tx, community, &name)).await;
    after(visit, sent, done).await
}

/// `POST /console/places/grids/{id}`: who answers first in it.
pub async fn set_worker(visit: Visit, grid: Path<Id>, fields: Fields) -> Answer {
    let sent = Sent::new(grid.to_string(), fields.into_inner());
    let (worker, community) = (sent.id("worker_id"), visit.session.actor.community_id);
    let phone = sent.text("phone").to_owned();
    let set = move |tx: &mut Tx| {
        super::super::set_grid_worker(tx, community, *grid, worker?)?;
        super::super::set_grid_phone(tx, community, *grid, &phone)
    };
    let done = visit.db.write(set).await;
    after(visit, sent, done).await
}

/// `POST /console/places/population`: how many live here from a day on.
pub async fn set_population(visit: Visit, fields: Fields) -> Answer {
    let sent = Sent::new("population", fields.into_inner());
    let done = match read_population(&sent, &visit) {
        Ok(entry) => visit.db.write(move |tx| super::super::set_population(tx, entry)).await,
        Err(err) => Err(err),
    };
    after(visit, sent, done).await
}

fn read_population(sent: &Sent, visit: &Visit) -> Result<Population> {
    let day = sent.text("effective_from").parse();
    Ok(Population {
        community_id: visit.session.actor.community_id,
        effective_from: day.map_err(|_| Error::invalid("effective_from", "请填写日期，例如 2026-01-01"))?,
        residents: sent.number("residents")?,
        households: sent.number("households")?,
        units: if sent.text("units").is_empty() { None } else { Some(sent.number("units")?) },
        source: sent.text("source").to_owned(),
        entered_by: visit.session.actor.name.clone(),
    })
}
