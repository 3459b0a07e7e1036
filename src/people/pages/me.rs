//! The own account: password, sessions, tokens for scripts, absence, and the community that is looked at.

use actix_web::HttpRequest;
use actix_web::web::{Data, Path, block};
use askama::Template;

use super::super::absences::{Named, NewAbsence};
use super::super::{Carrier, PasswordHash, Staff, Throttle, absences, session};
use crate::clock::midnight;
use crate::console::view::Chrome;
use crate::console::visit::{Answer, Fields, Sent, Visit};
use crate::db::{Id, Time, Tx};
use crate::error::{Error, Result};
use crate::keys::{self, hex};
use crate::places;
use crate::web::{client_address, html, see_other};

const PATH: &str = "/console/me";

#[derive(Template)]
#[template(path = "people/me.html")]
struct MePage {
    chrome: Chrome,
    staff: Staff,
    sessions: Vec<Line>,
    /// To move to, with names; empty for whoever has one.
    communities: Vec<(Id, String)>,
    community: Id,
    /// A bearer token that was just made: shown this once.
    token: String,
    /// When one is away, and for whom one covers.
    absences: Vec<Named>,
    /// Whom one may choose to cover; empty for whoever nobody covers.
    covers: Vec<(Id, String)>,
    sent: Sent,
}

/// One session of the list.
struct Line {
    id: String,
    kind: Carrier,
    label: String,
    created: Time,
    seen: Time,
    expires: Time,
    this: bool,
}

/// `GET /console/me`.
pub async fn page(visit: Visit) -> Answer {
    show(visit, Sent::default(), String::new()).await
}

async fn show(visit: Visit, sent: Sent, token: String) -> Answer {
    let (status, at) = (sent.status(), visit.clone());
    html(status, &visit.db.read(move |tx| fill(tx, &at, sent, token)).await?)
}

fn fill(tx: &mut Tx, visit: &Visit, sent: Sent, token: String) -> Result<MePage> {
    let actor = &visit.session.actor;
    let mut communities = Vec::new();
    if actor.role.travels() {
        for id in session::reachable_by(tx, actor)? {
            let community = places::community(tx, id)?;
            communities.push((id, format!("{} {}", community.street, community.name)));
        }
    }
    let line = |own: session::Own| Line {
        this: own.token_hash == visit.session.token_hash,
        id: hex(&own.token_hash),
        kind: own.kind,
        label: own.label,
        created: own.created_at,
        seen: own.seen_at,
        expires: own.expires_at,
    };
    let staff = super::super::own(tx, actor)?;
    Ok(MePage {
        chrome: visit.chrome(tx, "我的账号", PATH)?,
        absences: absences::own(tx, actor)?,
        covers: absences::covers(tx, &staff)?.into_iter().map(choice).collect(),
        staff,
        sessions: session::own(tx, actor)?.into_iter().map(line).collect(),
        communities,
        community: actor.community_id,
        token,
        sent,
    })
}

/// `POST /console/me/password`: the old one proves that it is not just an open screen.
pub async fn change_password(
    req: HttpRequest,
    visit: Visit,
    throttle: Data<Throttle>,
    fields: Fields,
) -> Answer {
    let sent = Sent::new("password", fields.into_inner());
    let from = client_address(&req, &visit.config);
    match try_change(&visit, &throttle, &sent, from).await {
        Ok(()) => Ok(see_other(PATH)),
        Err(err) => show(visit, sent.refused(err)?, String::new()).await,
    }
}

async fn try_change(visit: &Visit, throttle: &Throttle, sent: &Sent, from: std::net::IpAddr) -> Result<()> {
    let actor = visit.session.actor.clone();
    throttle.admit(&format!("own {}", actor.staff()?), from)?;
    // Spaces at the ends belong to a password.
    let (old, new) = (sent.raw("old_password").to_owned(), sent.raw("password").to_owned());
    let stored = visit.db.read(move |tx| super::super::own_password(tx, &actor)).await?;
    let check = move || match keys::check_password(&old, &stored) {
        true => PasswordHash::make(&new),
        false => Err(Error::invalid("old_password", "现在的密码不对，请再输一次")),
    };
    let hash = block(check).await.map_err(Error::internal)??;
    let session = visit.session.clone();
    visit.db.write(move |tx| super::super::change_own_password(tx, &session, hash)).await
}

/// `POST /console/me/tokens`: makes a bearer token and shows it this once.
pub async fn make_token(visit: Visit, fields: Fields) -> Answer {
    let sent = Sent::new("token", fields.into_inner());
    let (label, days) = (sent.text("label").to_owned(), sent.number("days"));
    let at = visit.clone();
    let make = move |tx: &mut Tx| session::start_bearer(tx, &at.keys, &at.session.actor, &label, days?);
    match visit.db.write(make).await {
        Ok(token) => show(visit, Sent::default(), token).await,
        Err(err) => show(visit, sent.refused(err)?, String::new()).await,
    }
}

/// `POST /console/me/absences`: from when to when one is away, and who covers.
pub async fn set_absence(visit: Visit, fields: Fields) -> Answer {
    let sent = Sent::new("absence", fields.into_inner());
    let actor = visit.session.actor.clone();
    let new = actor.staff().and_then(|me| wished(&sent, me));
    match visit.db.write(move |tx| absences::set(tx, &actor, new?)).await {
        Ok(_) => Ok(see_other(PATH)),
        Err(err) => show(visit, sent.refused(err)?, String::new()).await,
    }
}

/// `POST /console/me/absences/{id}/end`: back again.
pub async fn end_absence(visit: Visit, id: Path<Id>) -> Answer {
    let actor = visit.session.actor.clone();
    visit.db.write(move |tx| absences::end(tx, &actor, *id)).await?;
    Ok(see_other(PATH))
}

/// The absence that a form describes: whole days, the last one included.
pub(super) fn wished(sent: &Sent, staff_id: Id) -> Result<NewAbsence> {
    let day = |field: &'static str| {
        let day = sent.text(field).parse::<chrono::NaiveDate>();
        day.map_err(|_| Error::invalid(field, "请选择日期"))
    };
    let cover = sent.id("cover_id")?.ok_or_else(|| Error::invalid("cover_id", "请选择代班的同事"))?;
    let (from_at, last) = (midnight(day("from")?), day("until")?);
    let until_at = midnight(last.checked_add_days(chrono::Days::new(1)).unwrap_or(last));
    Ok(NewAbsence { staff_id, cover_id: cover, from_at, until_at })
}

/// Somebody to choose.
pub(super) fn choice(staff: Staff) -> (Id, String) {
    (staff.id, format!("{}（{}）", staff.name, staff.role.label()))
}

/// `POST /console/me/sessions/end`: ends one of the own sessions or tokens.
pub async fn end_session(visit: Visit, fields: Fields) -> Answer {
    let sent = Sent::new("end", fields.into_inner());
    let (token_hash, actor) = (keys::unhex_any(sent.text("session")), visit.session.actor.clone());
    let token_hash = token_hash.ok_or(Error::NotFound)?;
    visit.db.write(move |tx| session::end_own(tx, &actor, &token_hash)).await?;
    Ok(see_other(PATH))
}

/// `POST /console/community`: moves this session to another community of the street or installation, to its inbox or, from
/// the bell, to what is new there.
pub async fn move_to(visit: Visit, fields: Fields) -> Answer {
    let sent = Sent::new("community", fields.into_inner());
    let (community, session) = (sent.id("community")?.ok_or(Error::NotFound)?, visit.session.clone());
    visit.db.write(move |tx| session::move_to(tx, &session, community)).await?;
    Ok(see_other(if sent.text("to") == "notices" { "/console/notices" } else { "/console" }))
}
