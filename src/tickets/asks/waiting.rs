//! What asks for time, and what presses for it, parsed: 申请延期, 申请挂账, 督办.

use serde::Deserialize;
use utoipa::ToSchema;

use super::{Ask, day_end};
use crate::db::{Id, Time, Tx};
use crate::error::Result;
use crate::keys::Keys;
use crate::people::Actor;
use crate::photos::Photo;
use crate::tickets::requests::{self, Case, Wish};
use crate::tickets::{Note, Ticket, urging};
use crate::web::form::Form;

/// 申请延期.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct Extension {
    /// The deadline wished for.
    pub until: Time,
    /// Why more time is needed.
    pub reason: String,
}

impl Ask for Extension {
    const NOUN: &'static str = "extensions";
    fn read(form: &Form, _: Vec<Photo>) -> Result<Self> {
        let until = day_end(form, "until", "请选择延到哪一天")?;
        Ok(Extension { until, reason: form.text("reason").to_owned() })
    }
    fn run(self, tx: &mut Tx, _: &Keys, actor: &Actor, id: Id) -> Result<Ticket> {
        let reason = Note::parse("reason", &self.reason, "请写明为什么要延期")?;
        let case = Case { reason, basis: String::new(), plan: String::new(), until: self.until };
        requests::ask(tx, actor, id, Wish::Extension, case)
    }
}

/// 申请挂账.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct Suspension {
    /// When it is looked at again.
    pub until: Time,
    /// Why it cannot be met now.
    pub reason: String,
    /// Which rule, contract or budget says so.
    pub basis: String,
    /// What will be done, and when.
    pub plan: String,
}

impl Ask for Suspension {
    const NOUN: &'static str = "suspensions";
    fn read(form: &Form, _: Vec<Photo>) -> Result<Self> {
        let until = day_end(form, "until", "请选择哪一天复核")?;
        let text = |name| form.text(name).to_owned();
        Ok(Suspension { until, reason: text("reason"), basis: text("basis"), plan: text("plan") })
    }
    fn run(self, tx: &mut Tx, _: &Keys, actor: &Actor, id: Id) -> Result<Ticket> {
        let case = Case {
            reason: Note::parse("reason", &self.reason, "请写明为什么现在办不了")?,
            basis: self.basis.trim().to_owned(),
            plan: self.plan.trim().to_owned(),
            until: self.until,
        };
        requests::ask(tx, actor, id, Wish::Suspension, case)
    }
}

/// 督办.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct Urge {
    /// Until when it is to be done.
    pub until: Time,
    /// What is wanted.
    pub text: String,
}

impl Ask for Urge {
    const NOUN: &'static str = "urges";
    fn read(form: &Form, _: Vec<Photo>) -> Result<Self> {
        let until = day_end(form, "until", "请选择督办到哪一天")?;
        Ok(Urge { until, text: form.text("text").to_owned() })
    }
    fn run(self, tx: &mut Tx, _: &Keys, actor: &Actor, id: Id) -> Result<Ticket> {
        let text = Note::parse("text", &self.text, "请写明督办的要求")?;
        urging::urge(tx, actor, id, self.until, &text)
    }
}
