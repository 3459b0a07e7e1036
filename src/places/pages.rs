//! Buildings, units, spots and their codes, as pages; a table of them is taken in here too.
//!
//! What the community itself shows and counts by (phones, grids, population) is in `pages/community.rs`.

pub mod community;

use actix_multipart::Multipart;
use actix_web::HttpRequest;
use actix_web::web::{Path, Query, block};
use askama::Template;

use super::import::{self, Imported};
use super::{Change, Grid, NewPlace, Place, PlaceKind};
use crate::codes::poster::PosterSize;
use crate::codes::print::walk;
use crate::codes::registry::{self, CodeState, IssuedCode};
use crate::console::view::Chrome;
use crate::console::visit::{Answer, Fields, Sent, Visit};
use crate::db::{Id, Time, Tx};
use crate::error::{Error, Result};
use crate::people::{Actor, Role};
use crate::web::{form, html, see_other};

const PATH: &str = "/console/places";

#[derive(Template)]
#[template(path = "places/places.html")]
struct PlacesPage {
    chrome: Chrome,
    words: String,
    lines: Vec<Line>,
    /// Live codes by state, for the headline.
    counts: Vec<(CodeState, usize)>,
    /// Doors that should carry a code and have none.
    bare: usize,
    sizes: Vec<(&'static str, &'static str)>,
    parents: Vec<(String, String)>,
    kinds: Vec<(&'static str, &'static str)>,
    grids: Vec<(String, String)>,
    /// The printed address is not HTTPS and the community is real.
    unsafe_address: bool,
    /// Whether the actor may change places.
    may: bool,
    imported: Option<Imported>,
    sent: Sent,
}

struct Line {
    place: Place,
    grid: String,
    code: Option<IssuedCode>,
    bare: bool,
    /// A building, or what is no part of one: stands out in the list.
    head: bool,
}

/// What the list is asked for, and what an import that just ended did.
#[derive(Debug, Clone, Default, serde::Deserialize)]
pub struct Asked {
    #[serde(default)]
    q: String,
    added: Option<usize>,
    kept: Option<usize>,
    codes: Option<usize>,
}

impl Asked {
    fn imported(&self) -> Option<Imported> {
        Some(Imported { added: self.added?, kept: self.kept?, codes: self.codes? })
    }
}

/// `GET /console/places`.
pub async fn list(visit: Visit, asked: Query<Asked>) -> Answer {
    show(visit, asked.into_inner(), Sent::default()).await
}

async fn show(visit: Visit, asked: Asked, sent: Sent) -> Answer {
    let (status, at) = (sent.status(), visit.clone());
    html(status, &visit.db.read(move |tx| fill(tx, &at, asked, sent)).await?)
}

fn fill(tx: &mut Tx, visit: &Visit, asked: Asked, sent: Sent) -> Result<PlacesPage> {
    let actor = &visit.session.actor;
    let id = actor.community_id;
    let demo = super::community(tx, id).is_ok_and(|community| community.demo);
    let (all, grids) = (walk(super::list(tx, id)?), super::grids(tx, id)?);
    let live = registry::live(tx, id)?;
    let line = |place: &Place| {
        let code =
            live.iter().filter(|code| code.place_id == place.id).max_by_key(|code| code.version).cloned();
        Line {
            grid: grid_name(&grids, place),
            bare: code.is_none() && super::carries_code(place, &all),
            code,
            head: !matches!(place.kind, PlaceKind::Unit | PlaceKind::Spot),
            place: place.clone(),
        }
    };
    let lines: Vec<Line> = all.iter().map(line).collect();
    let states = [CodeState::Draft, CodeState::Printed, CodeState::Posted];
    let count = |state| live.iter().filter(|code| code.state == state).count();
    let parents = all.iter().filter(|place| !matches!(place.kind, PlaceKind::Unit | PlaceKind::Spot));
    let none = |words: &str| vec![(String::new(), words.to_owned())].into_iter();
    Ok(PlacesPage {
        chrome: visit.chrome(tx, "楼门与码", PATH)?,
        counts: states.map(|state| (state, count(state))).to_vec(),
        bare: lines.iter().filter(|line| line.bare).count(),
        sizes: PosterSize::ALL.iter().map(|size| (size.word(), size.label())).collect(),
        parents: none("（最上一级）")
            .chain(parents.map(|place| (place.id.to_string(), place.full_name.clone())))
            .collect(),
        kinds: PlaceKind::ALL.iter().map(|kind| (kind.word(), kind.label())).collect(),
        grids: choices(&grids),
        unsafe_address: !visit.config.https() && !demo,
        may: may_change(actor),
        imported: asked.imported(),
        lines: lines.into_iter().filter(|line| holds(&line.place, &asked.q)).collect(),
        words: asked.q,
        sent,
    })
}

fn may_change(actor: &Actor) -> bool {
    matches!(actor.role, Role::CommunityLead | Role::Admin)
}

fn holds(place: &Place, words: &str) -> bool {
    words.split_whitespace().all(|word| place.full_name.contains(word))
}

fn grid_name(grids: &[Grid], place: &Place) -> String {
    let own = grids.iter().find(|grid| Some(grid.id) == place.grid_id);
    own.map(|grid| grid.name.clone()).unwrap_or_default()
}

fn choices(grids: &[Grid]) -> Vec<(String, String)> {
    let none = std::iter::once((String::new(), "（没有网格）".to_owned()));
    none.chain(grids.iter().map(|grid| (grid.id.to_string(), grid.name.clone()))).collect()
}

/// `POST /console/places`: adds one place, with a code where it is a door.
pub async fn add(visit: Visit, fields: Fields) -> Answer {
    let sent = Sent::new("add", fields.into_inner());
    let (asked, actor) = (sent.clone(), visit.session.actor.clone());
    let make = move |tx: &mut Tx| super::add_with_code(tx, &actor, read(&asked)?);
    match visit.db.write(make).await {
        Ok(place) => Ok(see_other(&format!("{PATH}/{}", place.id))),
        Err(err) => show(visit, Asked::default(), sent.refused(err)?).await,
    }
}

fn read(sent: &Sent) -> Result<NewPlace> {
    Ok(NewPlace {
        kind: PlaceKind::parse(sent.text("kind")).ok_or_else(|| Error::invalid("kind", "请选择类别"))?,
        name: sent.text("name").to_owned(),
        parent_id: sent.id("parent_id")?,
        grid_id: sent.id("grid_id")?,
        households: households(sent)?,
        sort: 0,
    })
}

fn households(sent: &Sent) -> Result<Option<i32>> {
    match sent.text("households") {
        "" => Ok(None),
        _ => sent.number("households").map(Some),
    }
}

/// `POST /console/places/import`: a table of places. Any row that cannot be taken stops all of it.
pub async fn take_table(req: HttpRequest, visit: Visit, parts: Multipart) -> Answer {
    let form = form::read(&req, parts).await?;
    let community = visit.session.actor.community_id;
    let done = match block(move || rows_of(&form)).await.map_err(Error::internal)? {
        Ok(rows) => visit.db.write(move |tx| import::apply(tx, community, &rows)).await,
        Err(err) => Err(err),
    };
    match done {
        Ok(Imported { added, kept, codes }) => {
            Ok(see_other(&format!("{PATH}?added={added}&kept={kept}&codes={codes}")))
        }
        Err(err) => {
            let sent = Sent::new("import", Vec::new()).refused(err)?;
            show(visit, Asked::default(), sent).await
        }
    }
}

fn rows_of(form: &form::Form) -> Result<Vec<import::PlaceRow>> {
    let file = form.files.first().ok_or_else(|| Error::invalid("file", "请先选择表格文件"))?;
    let content = file.content.as_ref();
    let content = content.ok_or_else(|| Error::invalid("file", "文件超过 10 MB，请拆成几个文件再传"))?;
    import::read(&std::fs::read(content)?, &file.name)
}

#[derive(Template)]
#[template(path = "places/place.html")]
struct PlacePage {
    chrome: Chrome,
    place: Place,
    below: Vec<Place>,
    grids: Vec<(String, String)>,
    grid: String,
    /// As the form shows them: empty for none.
    grid_id: String,
    households: String,
    codes: Vec<IssuedCode>,
    /// Those of them that are printed and hung: neither stopped nor replaced.
    live: Vec<IssuedCode>,
    sizes: Vec<(&'static str, &'static str)>,
    /// It should carry a code and has none.
    bare: bool,
    unsafe_address: bool,
    may: bool,
    now: Time,
    sent: Sent,
}

/// `GET /console/places/{id}`.
pub async fn page(visit: Visit, id: Path<Id>) -> Answer {
    show_one(visit, *id, Sent::default()).await
}

/// The page of a place, perhaps with a form that was refused.
pub async fn show_one(visit: Visit, id: Id, sent: Sent) -> Answer {
    let (status, at) = (sent.status(), visit.clone());
    html(status, &visit.db.read(move |tx| fill_one(tx, &at, id, sent)).await?)
}

fn fill_one(tx: &mut Tx, visit: &Visit, id: Id, sent: Sent) -> Result<PlacePage> {
    let actor = &visit.session.actor;
    let place = super::find(tx, actor.community_id, id)?;
    let all = super::list(tx, actor.community_id)?;
    let grids = super::grids(tx, actor.community_id)?;
    let codes = registry::of_place(tx, &place)?;
    let dead = |code: &IssuedCode| matches!(code.state, CodeState::Stopped | CodeState::Replaced);
    let demo = super::community(tx, actor.community_id)?.demo;
    Ok(PlacePage {
        chrome: visit.chrome(tx, &place.full_name, &format!("{PATH}/{id}"))?,
        bare: place.retired_at.is_none() && codes.iter().all(dead),
        below: all.into_iter().filter(|each| each.parent_id == Some(id)).collect(),
        grid: grid_name(&grids, &place),
        grid_id: place.grid_id.map(|id| id.to_string()).unwrap_or_default(),
        households: place.households.map(|count| count.to_string()).unwrap_or_default(),
        grids: choices(&grids),
        sizes: PosterSize::ALL.iter().map(|size| (size.word(), size.label())).collect(),
        unsafe_address: !visit.config.https() && !demo,
        may: may_change(actor),
        now: tx.now,
        live: codes.iter().filter(|code| !dead(code)).cloned().collect(),
        codes,
        place,
        sent,
    })
}

/// `POST /console/places/{id}`: its grid and households.
pub async fn change(visit: Visit, id: Path<Id>, fields: Fields) -> Answer {
    let sent = Sent::new("change", fields.into_inner());
    let (id, asked, actor) = (*id, sent.clone(), visit.session.actor.clone());
    let take = move |tx: &mut Tx| {
        let change = Change { grid_id: asked.id("grid_id")?, households: households(&asked)? };
        super::change(tx, &actor, id, change)
    };
    match visit.db.write(take).await {
        Ok(_) => Ok(see_other(&format!("{PATH}/{id}"))),
        Err(err) => show_one(visit, id, sent.refused(err)?).await,
    }
}

/// `POST /console/places/{id}/retire`.
pub async fn retire(visit: Visit, id: Path<Id>) -> Answer {
    let (id, actor) = (*id, visit.session.actor.clone());
    match visit.db.write(move |tx| super::retire(tx, &actor, id)).await {
        Ok(()) => Ok(see_other(PATH)),
        Err(err) => show_one(visit, id, Sent::new("retire", Vec::new()).refused(err)?).await,
    }
}
