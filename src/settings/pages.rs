//! The rules of a community as a page: what holds now, what held before, what will hold.
//!
//! A rule is never changed: a new one begins, now or on a later day.

use actix_web::web::Path;
use askama::Template;

use super::{
    Alike, Clocks, Doors, Evidence, Flood, Limits, Mode, Notice, Publicity, QuietHours, Retention, Rules,
    Version, Weights, Windows,
};
use crate::clock::{midnight, words};
use crate::console::view::Chrome;
use crate::console::visit::{Answer, Fields, Sent, Visit};
use crate::db::{Time, Tx};
use crate::error::{Error, Result};
use crate::people::Actor;
use crate::web::{html, see_other};

const PATH: &str = "/console/settings";

#[derive(Template)]
#[template(path = "settings/settings.html")]
struct SettingsPage {
    chrome: Chrome,
    now: Time,
    limits: Group<Limits>,
    clocks: Group<Clocks>,
    windows: Group<Windows>,
    weights: Group<Weights>,
    alike: Group<Alike>,
    evidence: Group<Evidence>,
    notice: Group<Notice>,
    quiet: Group<QuietHours>,
    doors: Group<Doors>,
    publicity: Group<Publicity>,
    retention: Group<Retention>,
    flood: Group<Flood>,
    sent: Sent,
}

/// One group of rules: what holds, and every version of it, latest first.
struct Group<R> {
    holds: R,
    versions: Vec<Version<R>>,
}

impl<R: Rules> Group<R> {
    fn read(tx: &mut Tx, actor: &Actor) -> Result<Group<R>> {
        Ok(Group {
            holds: super::at(tx, actor.community_id, tx.now)?,
            versions: super::history(tx, actor.community_id)?,
        })
    }
}

/// `GET /console/settings`.
pub async fn page(visit: Visit) -> Answer {
    show(visit, Sent::default()).await
}

async fn show(visit: Visit, sent: Sent) -> Answer {
    let (status, at) = (sent.status(), visit.clone());
    let fill = move |tx: &mut Tx| {
        let actor = &at.session.actor;
        Ok(SettingsPage {
            chrome: at.chrome(tx, "设置", PATH)?,
            now: tx.now,
            limits: Group::read(tx, actor)?,
            clocks: Group::read(tx, actor)?,
            windows: Group::read(tx, actor)?,
            weights: Group::read(tx, actor)?,
            alike: Group::read(tx, actor)?,
            evidence: Group::read(tx, actor)?,
            notice: Group::read(tx, actor)?,
            quiet: Group::read(tx, actor)?,
            doors: Group::read(tx, actor)?,
            publicity: Group::read(tx, actor)?,
            retention: Group::read(tx, actor)?,
            flood: Group::read(tx, actor)?,
            sent,
        })
    };
    html(status, &visit.db.read(fill).await?)
}

/// `POST /console/settings/{name}`: a new version of one group of rules.
pub async fn set(visit: Visit, name: Path<String>, fields: Fields) -> Answer {
    let sent = Sent::new(name.into_inner(), fields.into_inner());
    let (asked, actor) = (sent.clone(), visit.session.actor.clone());
    match visit.db.write(move |tx| take(tx, &actor, &asked)).await {
        Ok(()) => Ok(see_other(PATH)),
        Err(err) => show(visit, sent.refused(err)?).await,
    }
}

fn take(tx: &mut Tx, actor: &Actor, sent: &Sent) -> Result<()> {
    let from = begins(tx, sent)?;
    match sent.name() {
        Limits::NAME => {
            let rules = Limits {
                first_contact_minutes: hours(sent, "first_contact_hours")?,
                deadline_minutes: hours(sent, "deadline_hours")?,
            };
            super::set(tx, actor, &rules, from)
        }
        Clocks::NAME => {
            let mode = Mode::parse(sent.text("mode")).ok_or_else(|| Error::invalid("mode", "请选择一种"))?;
            let rules = Clocks { mode, street_hours: sent.number("street_hours")? };
            super::set(tx, actor, &rules, from)
        }
        Windows::NAME => {
            let rules = Windows {
                rework_days: sent.number("rework_days")?,
                archive_days: sent.number("archive_days")?,
                contact_days: sent.number("contact_days")?,
                tip_off_contact_days: sent.number("tip_off_contact_days")?,
            };
            super::set(tx, actor, &rules, from)
        }
        Evidence::NAME => {
            let rules = Evidence { after_photo: codes(sent.text("after_photo")) };
            super::set(tx, actor, &rules, from)
        }
        Publicity::NAME => {
            let rules = Publicity { sensitive: codes(sent.text("sensitive")) };
            super::set(tx, actor, &rules, from)
        }
        Weights::NAME => {
            let rules = Weights {
                k: sent.number("k")?,
                contacted: sent.number("contacted")?,
                solved: sent.number("solved")?,
                satisfied: sent.number("satisfied")?,
            };
            super::set(tx, actor, &rules, from)
        }
        Alike::NAME => super::set(tx, actor, &alike(sent)?, from),
        Doors::NAME => super::set(tx, actor, &doors(sent)?, from),
        QuietHours::NAME => {
            let (from_minute, until_minute) = (minute(sent, "quiet_from")?, minute(sent, "quiet_until")?);
            super::set(tx, actor, &QuietHours { from_minute, until_minute }, from)
        }
        _ => take_trust(tx, actor, sent, from),
    }
}

/// The notice, how long things are kept, and what is too much.
fn take_trust(tx: &mut Tx, actor: &Actor, sent: &Sent, from: Time) -> Result<()> {
    match sent.name() {
        Notice::NAME => {
            let rules = Notice {
                version: sent.text("version").to_owned(),
                short: sent.text("short").to_owned(),
                collected: super::lines(sent.text("collected")),
                recipients: super::lines(sent.text("recipients")),
                full: sent.text("full").replace("\r\n", "\n"),
            };
            super::set(tx, actor, &rules, from)
        }
        Retention::NAME => {
            let rules = Retention {
                audit_days: sent.number("audit_days")?,
                key_days: sent.number("key_days")?,
                discarded_days: sent.number("discarded_days")?,
                export_days: sent.number("export_days")?,
            };
            super::set(tx, actor, &rules, from)
        }
        Flood::NAME => {
            let rules = Flood {
                door: sent.number("door")?,
                network: sent.number("network")?,
                community: sent.number("community")?,
                device: sent.number("device")?,
                proven_times: sent.number("proven_times")?,
                most_held: sent.number("most_held")?,
                held_network: sent.number("held_network")?,
                held_reserved: sent.number("held_reserved")?,
            };
            super::set(tx, actor, &rules, from)
        }
        _ => Err(Error::NotFound),
    }
}

fn doors(sent: &Sent) -> Result<Doors> {
    Ok(Doors { hidden: codes(sent.text("hidden")), quiet_days: sent.number("quiet_days")? })
}

fn alike(sent: &Sent) -> Result<Alike> {
    Ok(Alike {
        incident_tickets: sent.number("incident_tickets")?,
        incident_minutes: sent.number("incident_minutes")?,
        recurrence_days: sent.number("recurrence_days")?,
    })
}

/// From when the new rules hold.
fn begins(tx: &Tx, sent: &Sent) -> Result<Time> {
    match sent.text("from") {
        "" => Ok(tx.now),
        day => {
            let wrong = |_| Error::invalid("from", "请填写日期，例如 2026-12-01；留空为现在");
            let day = day.parse().map_err(wrong)?;
            // Today has begun: from now on.
            Ok(if day == tx.now.day() { tx.now } else { midnight(day) })
        }
    }
}

/// Codes in a field, whatever stands between them.
fn codes(text: &str) -> Vec<String> {
    let codes = text.split(|sign: char| !sign.is_alphanumeric());
    codes.filter(|code| !code.is_empty()).map(str::to_owned).collect()
}

/// The choices of the mode.
fn modes() -> Vec<(&'static str, &'static str)> {
    Mode::ALL.iter().map(|mode| (mode.word(), mode.label())).collect()
}

/// A moment of the day in a field, as minutes after midnight.
fn minute(sent: &Sent, name: &'static str) -> Result<i32> {
    let wrong = || Error::invalid(name, "请填写时刻，例如 22:00");
    let (hours, minutes) = sent.text(name).split_once(':').ok_or_else(wrong)?;
    let number = |text: &str, most: i32| text.parse().ok().filter(|number| (0..most).contains(number));
    Ok(number(hours, 24).ok_or_else(wrong)? * 60 + number(minutes, 60).ok_or_else(wrong)?)
}

/// Minutes after midnight, for the field that [`minute`] reads.
fn of_day(minute: &i32) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// Hours in a field, half ones too, as minutes.
fn hours(sent: &Sent, name: &'static str) -> Result<i32> {
    let hours: f64 = sent.number(name)?;
    let minutes = hours * 60.0;
    if !(1.0..=366.0 * 24.0 * 60.0).contains(&minutes) {
        return Err(Error::invalid(name, "时限应在 1 分钟到 366 天之间"));
    }
    Ok(minutes.round() as i32)
}

/// Minutes as hours, for the field that [`hours`] reads.
fn in_hours(minutes: &i32) -> f64 {
    (f64::from(*minutes) / 60.0 * 100.0).round() / 100.0
}

/// Minutes as people say them.
fn in_words(minutes: &i32) -> String {
    words(i64::from(*minutes))
}
