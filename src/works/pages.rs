//! Planned works as a page: what is coming, under way and over, and the forms to plan, put off and end one.

use actix_web::web::{Path, Query};
use askama::Template;
use chrono::NaiveDateTime;

use super::{Listed, NewWork, PAGE, State};
use crate::clock::at_local;
use crate::console::view::Chrome;
use crate::console::visit::{Answer, Fields, Sent, Visit};
use crate::db::{Id, Time, Tx};
use crate::error::{Error, Result};
use crate::places;
use crate::routing;
use crate::web::{html, see_other};

const PATH: &str = "/console/works";

#[derive(Template)]
#[template(path = "works/works.html")]
struct WorksPage {
    chrome: Chrome,
    listed: Vec<Listed>,
    next: Option<Id>,
    places: Vec<(String, String)>,
    categories: Vec<(String, String)>,
    sent: Sent,
}

/// Which page.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(default)]
pub struct Asked {
    before: Option<Id>,
}

/// `GET /console/works`.
pub async fn page(visit: Visit, asked: Query<Asked>) -> Answer {
    show(visit, asked.into_inner(), Sent::default()).await
}

async fn show(visit: Visit, asked: Asked, sent: Sent) -> Answer {
    let (status, at) = (sent.status(), visit.clone());
    html(status, &visit.db.read(move |tx| fill(tx, &at, &asked, sent)).await?)
}

fn fill(tx: &mut Tx, visit: &Visit, asked: &Asked, sent: Sent) -> Result<WorksPage> {
    let actor = &visit.session.actor;
    let listed = super::list(tx, actor, asked.before)?;
    let full = listed.len() == PAGE as usize;
    let whole = std::iter::once((String::new(), "全社区".to_owned()));
    let all = places::list(tx, actor.community_id)?;
    Ok(WorksPage {
        chrome: visit.chrome(tx, "计划施工", PATH)?,
        next: listed.last().filter(|_| full).map(|last| last.work.id),
        listed,
        places: whole.chain(all.into_iter().map(|place| (place.id.to_string(), place.full_name))).collect(),
        categories: categories(tx)?,
        sent,
    })
}

/// Level 1 and, under each, level 2.
fn categories(tx: &mut Tx) -> Result<Vec<(String, String)>> {
    let mut choices = vec![(String::new(), "（不对应分类）".to_owned())];
    for each in routing::categories(tx)? {
        let level1 = each.level1_code().to_owned();
        if choices.iter().all(|(code, _)| *code != level1) {
            choices.push((level1, each.level1.clone()));
        }
        choices.push((each.code.clone(), format!("{}：{}", each.level1, each.level2)));
    }
    Ok(choices)
}

/// A moment in a field of the wall clock.
fn moment(sent: &Sent, name: &'static str) -> Result<Time> {
    let text = sent.text(name);
    let formats = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"];
    let read = formats.iter().find_map(|format| NaiveDateTime::parse_from_str(text, format).ok());
    read.map(at_local).ok_or_else(|| Error::invalid(name, "请填写日期和时刻，例如 2026-12-01 09:00"))
}

/// `POST /console/works`: plans one.
pub async fn plan(visit: Visit, fields: Fields) -> Answer {
    let sent = Sent::new("plan", fields.into_inner());
    let (asked, actor) = (sent.clone(), visit.session.actor.clone());
    let done = visit.db.write(move |tx| super::plan(tx, &actor, read(&asked)?)).await;
    after(visit, sent, done.map(drop)).await
}

fn read(sent: &Sent) -> Result<NewWork> {
    Ok(NewWork {
        place_id: sent.id("place_id")?,
        category: sent.text("category").to_owned(),
        what: sent.text("what").to_owned(),
        who: sent.text("who").to_owned(),
        phone: sent.text("phone").to_owned(),
        from_at: moment(sent, "from_at")?,
        until_at: moment(sent, "until_at")?,
    })
}

/// `POST /console/works/{id}/end`: it is over.
pub async fn end(visit: Visit, id: Path<Id>) -> Answer {
    let (sent, actor) = (Sent::new(format!("end-{id}"), Vec::new()), visit.session.actor.clone());
    let done = visit.db.write(move |tx| super::end(tx, &actor, *id)).await;
    after(visit, sent, done.map(drop)).await
}

/// `POST /console/works/{id}/until`: it is to be over at another moment.
pub async fn put_off(visit: Visit, id: Path<Id>, fields: Fields) -> Answer {
    let sent = Sent::new(format!("until-{id}"), fields.into_inner());
    let (asked, actor) = (sent.clone(), visit.session.actor.clone());
    let change = move |tx: &mut Tx| super::put_off(tx, &actor, *id, moment(&asked, "until_at")?);
    let done = visit.db.write(change).await;
    after(visit, sent, done.map(drop)).await
}

async fn after(visit: Visit, sent: Sent, done: Result<()>) -> Answer {
    match done {
        Ok(()) => Ok(see_other(PATH)),
        Err(err) => show(visit, Asked::default(), sent.refused(err)?).await,
    }
}

/// A moment as the field that [`moment`] reads shows it.
fn typed(at: &Time) -> String {
    at.local().format("%Y-%m-%dT%H:%M").to_string()
}
