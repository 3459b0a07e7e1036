//! The accounts of a community: made, given a new password, closed and opened again.
//!
//! Passwords are made here and shown once; nobody ever types one for somebody else.

use actix_web::web::{Path, block};
use askama::Template;

use super::super::absences::Named;
use super::super::{
    Disabled, Extent, Login, NewStaff, PasswordHash, Role, Staff, absences, fresh_password, manageable_roles,
    manages,
};
use super::me::{choice, wished};
use crate::console::view::Chrome;
use crate::console::visit::{Answer, Fields, Sent, Visit};
use crate::db::{Id, Tx};
use crate::error::{Error, Result};
use crate::web::{html, see_other};
use crate::{places, routing};

const PATH: &str = "/console/staff";

#[derive(Template)]
#[template(path = "people/staff.html")]
struct StaffPage {
    chrome: Chrome,
    lines: Vec<Line>,
    absences: Vec<Named>,
    /// Whose absence the actor may set, and who could cover for somebody.
    away: Vec<(Id, String)>,
    covers: Vec<(Id, String)>,
    roles: Vec<(&'static str, &'static str)>,
    parties: Vec<(String, String)>,
    /// The street of the community, for those who see all of it.
    street: String,
    /// Whether the actor makes accounts that see a street.
    wide: bool,
    /// A password that was just made and whose it is: shown this once.
    fresh: Option<(String, String)>,
    sent: Sent,
}

struct Line {
    staff: Staff,
    party: String,
    mine: bool,
    may: bool,
}

impl StaffPage {
    /// When somebody is away and who covers, in words; empty where they are there.
    fn absent(&self, id: &Id) -> String {
        let now = self.absences.iter().find(|each| each.absence.staff_id == *id && each.now);
        now.map(|each| format!("不在，由{}代班到 {}", each.cover, each.absence.until_at.short()))
            .unwrap_or_default()
    }
}

/// `GET /console/staff`.
pub async fn list(visit: Visit) -> Answer {
    show(visit, Sent::default(), None).await
}

async fn show(visit: Visit, sent: Sent, fresh: Option<(String, String)>) -> Answer {
    let (status, at) = (sent.status(), visit.clone());
    html(status, &visit.db.read(move |tx| fill(tx, &at, sent, fresh)).await?)
}

fn fill(tx: &mut Tx, visit: &Visit, sent: Sent, fresh: Option<(String, String)>) -> Result<StaffPage> {
    let actor = &visit.session.actor;
    let parties = routing::parties(tx, actor.community_id)?;
    let party = |id: Id| parties.iter().find(|party| party.id == id).map(|party| party.name.clone());
    let line = |staff: Staff| Line {
        party: staff.party_id.and_then(party).unwrap_or_default(),
        mine: actor.staff_id == Some(staff.id),
        may: manages(actor, &staff),
        staff,
    };
    let lines: Vec<Line> = super::super::list(tx, actor)?.into_iter().map(line).collect();
    let local = |line: &&Line| !line.staff.role.travels() && line.staff.disabled_at.is_none();
    let people: Vec<&Line> = lines.iter().filter(local).collect();
    let away = people.iter().filter(|line| line.may || line.mine).map(|line| choice(line.staff.clone()));
    let (away, covers) = (away.collect(), people.iter().map(|line| choice(line.staff.clone())).collect());
    let open = parties.iter().filter(|party| party.disabled_at.is_none());
    let none = [(String::new(), "（不属于单位）".to_owned())].into_iter();
    Ok(StaffPage {
        chrome: visit.chrome(tx, "人员", PATH)?,
        absences: absences::list(tx, actor.community_id)?,
        away,
        covers,
        lines,
        roles: manageable_roles(actor).iter().map(|role| (role.word(), role.label())).collect(),
        parties: none.chain(open.map(|party| (party.id.to_string(), party.name.clone()))).collect(),
        street: places::community(tx, actor.community_id).map(|own| own.street).unwrap_or_default(),
        wide: actor.role == Role::Admin,
        fresh,
        sent,
    })
}

/// `POST /console/staff`: makes an account and shows its first password once.
pub async fn add(visit: Visit, fields: Fields) -> Answer {
    let sent = Sent::new("add", fields.into_inner());
    match try_add(&visit, &sent).await {
        Ok((staff, password)) => show(visit, Sent::default(), Some((staff.login, password))).await,
        Err(err) => show(visit, sent.refused(err)?, None).await,
    }
}

async fn try_add(visit: &Visit, sent: &Sent) -> Result<(Staff, String)> {
    let role = Role::parse(sent.text("role")).ok_or_else(|| Error::invalid("role", "请选择岗位"))?;
    let (password, hash) = fresh().await?;
    let actor = visit.session.actor.clone();
    let new = NewStaff {
        login: Login::parse(sent.text("login"))?,
        name: sent.text("name").to_owned(),
        password: hash,
        role,
        street: Some(sent.text("street").to_owned())
            .filter(|street| !street.is_empty() && role.extent() == Extent::Street),
        community_id: (!role.travels()).then_some(actor.community_id),
        party_id: sent.id("party_id")?.filter(|_| role.extent() == Extent::Party),
    };
    let staff = visit.db.write(move |tx| super::super::add(tx, &actor, new)).await?;
    Ok((staff, password))
}

/// `POST /console/staff/{id}/password`: a new password, shown once.
pub async fn reset(visit: Visit, id: Path<Id>) -> Answer {
    let (password, hash) = fresh().await?;
    let actor = visit.session.actor.clone();
    let set = move |tx: &mut Tx| {
        super::super::set_password(tx, &actor, *id, hash)?;
        let all = super::super::list(tx, &actor)?;
        Ok(all.into_iter().find(|staff| staff.id == *id).map(|staff| staff.login).unwrap_or_default())
    };
    let login = visit.db.write(set).await?;
    show(visit, Sent::default(), Some((login, password))).await
}

/// `POST /console/staff/{id}/disable`.
pub async fn disable(visit: Visit, id: Path<Id>) -> Answer {
    set(visit, *id, Disabled::Yes).await
}

/// `POST /console/staff/{id}/enable`.
pub async fn enable(visit: Visit, id: Path<Id>) -> Answer {
    set(visit, *id, Disabled::No).await
}

async fn set(visit: Visit, id: Id, disabled: Disabled) -> Answer {
    let actor = visit.session.actor.clone();
    match visit.db.write(move |tx| super::super::set_disabled(tx, &actor, id, disabled)).await {
        Ok(()) => Ok(see_other(PATH)),
        Err(err) => show(visit, Sent::default().refused(err)?, None).await,
    }
}

/// `POST /console/staff/absences`: somebody is away, and somebody covers.
pub async fn set_absence(visit: Visit, fields: Fields) -> Answer {
    let sent = Sent::new("absence", fields.into_inner());
    let actor = visit.session.actor.clone();
    let whose =
        sent.id("staff_id").and_then(|id| id.ok_or_else(|| Error::invalid("staff_id", "请选择谁不在")));
    let new = whose.and_then(|id| wished(&sent, id));
    match visit.db.write(move |tx| absences::set(tx, &actor, new?)).await {
        Ok(_) => Ok(see_other(PATH)),
        Err(err) => show(visit, sent.refused(err)?, None).await,
    }
}

/// `POST /console/staff/absences/{id}/end`.
pub async fn end_absence(visit: Visit, id: Path<Id>) -> Answer {
    let actor = visit.session.actor.clone();
    visit.db.write(move |tx| absences::end(tx, &actor, *id)).await?;
    Ok(see_other(PATH))
}

/// A password and its hash, made off the threads that answer.
pub(in super::super) async fn fresh() -> Result<(String, PasswordHash)> {
    let password = fresh_password();
    let hash = password.clone();
    let hash = block(move || PasswordHash::make(&hash)).await.map_err(Error::internal)??;
    Ok((password, hash))
}
