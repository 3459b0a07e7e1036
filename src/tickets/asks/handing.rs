//! Who is to have it, parsed: 派单, 转派, 退回, 协办, 并案, 拆分.

use serde::Deserialize;
use utoipa::ToSchema;

use super::{Ask, id, version};
use crate::db::{Id, Tx};
use crate::error::Result;
use crate::keys::Keys;
use crate::people::Actor;
use crate::photos::Photo;
use crate::routing::Kind;
use crate::tickets::merging::{self, Part};
use crate::tickets::steps::Seen;
use crate::tickets::{Note, Ticket, handing};
use crate::web::form::Form;

text_enum! {
    /// Why a party gives a ticket back.
    pub enum Cause {
        NotOurs = "not_ours", "不属于本单位职责";
        Elsewhere = "elsewhere", "地点不在管辖范围";
        Unclear = "unclear", "情况不清，无法办理";
        Duplicate = "duplicate", "与其他工单重复";
        Other = "other", "其他原因";
    }
}

/// 并案.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct Merger {
    /// The version of the ticket that was seen.
    pub version: i32,
    /// The number of the main ticket.
    pub main: String,
}

impl Ask for Merger {
    const NOUN: &'static str = "merger";
    fn read(form: &Form, _: Vec<Photo>) -> Result<Self> {
        Ok(Merger { version: version(form)?, main: form.text("main").to_owned() })
    }
    fn run(self, tx: &mut Tx, _: &Keys, actor: &Actor, id: Id) -> Result<Ticket> {
        merging::merge(tx, actor, Seen { id, version: self.version }, &self.main)
    }
}

/// 派单.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct Dispatch {
    /// The version of the ticket that was seen.
    pub version: i32,
    /// The party; the lead that routing found where there is none.
    pub party_id: Option<Id>,
}

impl Ask for Dispatch {
    const NOUN: &'static str = "dispatch";
    fn read(form: &Form, _: Vec<Photo>) -> Result<Self> {
        let party_id = match form.text("party_id") {
            "" => None,
            _ => Some(form.choice("party_id", id, "请选择列表中的单位")?),
        };
        Ok(Dispatch { version: version(form)?, party_id })
    }
    fn run(self, tx: &mut Tx, _: &Keys, actor: &Actor, id: Id) -> Result<Ticket> {
        handing::dispatch(tx, actor, Seen { id, version: self.version }, self.party_id)
    }
}

/// 转派.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct Transfer {
    /// The version of the ticket that was seen.
    pub version: i32,
    /// The other party.
    pub party_id: Id,
    /// Why; the resident reads it.
    pub reason: String,
}

impl Ask for Transfer {
    const NOUN: &'static str = "transfer";
    fn read(form: &Form, _: Vec<Photo>) -> Result<Self> {
        let party_id = form.choice("party_id", id, "请选择转给哪个单位")?;
        Ok(Transfer { version: version(form)?, party_id, reason: form.text("reason").to_owned() })
    }
    fn run(self, tx: &mut Tx, _: &Keys, actor: &Actor, id: Id) -> Result<Ticket> {
        let reason = Note::parse("reason", &self.reason, "请写明为什么转派，居民会看到")?;
        handing::transfer(tx, actor, Seen { id, version: self.version }, self.party_id, &reason)
    }
}

/// 退回.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct Return {
    /// The version of the ticket that was seen.
    pub version: i32,
    /// Why, in a word.
    pub cause: Cause,
    /// Why, in a sentence; the community reads it.
    pub reason: String,
}

impl Ask for Return {
    const NOUN: &'static str = "return";
    fn read(form: &Form, _: Vec<Photo>) -> Result<Self> {
        let cause = form.choice("cause", Cause::parse, "请选择退回的原因")?;
        Ok(Return { version: version(form)?, cause, reason: form.text("reason").to_owned() })
    }
    fn run(self, tx: &mut Tx, _: &Keys, actor: &Actor, id: Id) -> Result<Ticket> {
        let reason = Note::parse("reason", &self.reason, "请写清楚为什么退回，社区好另派")?;
        let whole = format!("{}：{}", self.cause.label(), reason.as_str());
        let whole = Note::parse("reason", &whole, "请写清楚为什么退回，社区好另派")?;
        handing::return_(tx, actor, Seen { id, version: self.version }, &whole)
    }
}

/// 请协办.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct Support {
    /// Who is to help.
    pub party_id: Id,
    /// With what.
    pub task: String,
}

impl Ask for Support {
    const NOUN: &'static str = "supports";
    fn read(form: &Form, _: Vec<Photo>) -> Result<Self> {
        let party_id = form.choice("party_id", id, "请选择请谁协办")?;
        Ok(Support { party_id, task: form.text("task").to_owned() })
    }
    fn run(self, tx: &mut Tx, _: &Keys, actor: &Actor, id: Id) -> Result<Ticket> {
        let task = Note::parse("task", &self.task, "请写明请对方做什么")?;
        handing::support(tx, actor, id, self.party_id, &task)
    }
}

/// 撤协办.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct Unsupport {
    /// Who is no longer needed.
    pub party_id: Id,
}

impl Ask for Unsupport {
    const NOUN: &'static str = "unsupports";
    fn read(form: &Form, _: Vec<Photo>) -> Result<Self> {
        Ok(Unsupport { party_id: form.choice("party_id", id, "请选择哪个单位")? })
    }
    fn run(self, tx: &mut Tx, _: &Keys, actor: &Actor, id: Id) -> Result<Ticket> {
        handing::unsupport(tx, actor, id, self.party_id)
    }
}

/// 拆分.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct Split {
    /// What the other matter is.
    pub text: String,
    /// Four digits.
    pub category: String,
    /// What the resident wants.
    pub kind: Kind,
}

impl Ask for Split {
    const NOUN: &'static str = "parts";
    fn read(form: &Form, _: Vec<Photo>) -> Result<Self> {
        let kind = form.choice("kind", Kind::parse, "请选择诉求类型")?;
        Ok(Split { text: form.text("text").to_owned(), category: form.text("category").to_owned(), kind })
    }
    fn run(self, tx: &mut Tx, keys: &Keys, actor: &Actor, id: Id) -> Result<Ticket> {
        let text = Note::parse("text", &self.text, "请写明拆出来的是什么事，居民会看到")?;
        let part = Part { text, category: self.category, kind: self.kind };
        merging::split(tx, keys, actor, id, part)
    }
}
