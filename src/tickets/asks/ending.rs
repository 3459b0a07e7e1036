//! How it ends, parsed: 办结, 转出, 评价.

use serde::Deserialize;
use utoipa::ToSchema;

use super::{Ask, version};
use crate::db::{Id, Tx};
use crate::error::{Error, Result};
use crate::keys::Keys;
use crate::people::Actor;
use crate::photos::Photo;
use crate::tickets::steps::{self, FollowUp, Office, Seen};
use crate::tickets::{Level, Note, Outcome, Satisfaction, Ticket};
use crate::web::form::Form;

/// 办结. Photos go with the form; in the API they are sent before, to `photos`.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct Closure {
    /// The version of the ticket that was seen.
    pub version: i32,
    /// What came of it.
    pub result: Outcome,
    /// At which level it was solved.
    pub level: Level,
    /// What was done; the resident reads it.
    pub text: String,
    /// After-photos, stored before.
    #[serde(skip)]
    #[schema(ignore)]
    pub photos: Vec<Photo>,
}

impl Ask for Closure {
    const NOUN: &'static str = "closure";
    fn read(form: &Form, photos: Vec<Photo>) -> Result<Self> {
        let result = form.choice("result", Outcome::parse, "请选择办理结果")?;
        let level = form.choice("level", Level::parse, "请选择在哪一级解决的")?;
        Ok(Closure { version: version(form)?, result, level, text: form.text("text").to_owned(), photos })
    }
    fn run(self, tx: &mut Tx, _: &Keys, actor: &Actor, id: Id) -> Result<Ticket> {
        let text = Note::parse("text", &self.text, "请写明做了什么，居民会看到")?;
        let closure = steps::Closure { result: self.result, text, level: self.level, photos: self.photos };
        steps::close(tx, actor, Seen { id, version: self.version }, closure)
    }
}

/// 评价, recorded after a call: three answers when somebody was reached, and why not otherwise.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct Answer {
    /// The version of the ticket that was seen.
    pub version: i32,
    /// Whether the resident was reached and answered.
    pub reached: bool,
    /// Were you contacted?
    pub contacted: Option<bool>,
    /// Is it solved?
    pub solved: Option<bool>,
    /// How satisfied are you?
    pub satisfied: Option<Satisfaction>,
    /// In the resident's words; may be empty.
    #[serde(default)]
    pub comment: String,
    /// Why nobody answered.
    #[serde(default)]
    pub why: String,
}

fn yes_no(text: &str) -> Option<bool> {
    match text {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}

impl Ask for Answer {
    const NOUN: &'static str = "answer";
    fn read(form: &Form, _: Vec<Photo>) -> Result<Self> {
        Ok(Answer {
            version: version(form)?,
            reached: form.choice("reached", yes_no, "请先选电话打通了没有")?,
            contacted: yes_no(form.text("contacted")),
            solved: yes_no(form.text("solved")),
            satisfied: Satisfaction::parse(form.text("satisfied")),
            comment: form.text("comment").to_owned(),
            why: form.text("why").to_owned(),
        })
    }
    fn run(self, tx: &mut Tx, _: &Keys, actor: &Actor, id: Id) -> Result<Ticket> {
        let follow_up = match (self.reached, self.contacted, self.solved, self.satisfied) {
            (true, Some(contacted), Some(solved), Some(satisfied)) => {
                FollowUp::Answered { contacted, solved, satisfied, comment: self.comment }
            }
            (true, ..) => {
                return Err(Error::invalid("solved", "三个问题都要问到：联系了吗、解决了吗、满意吗"));
            }
            (false, ..) => FollowUp::Unreached(Note::parse("why", &self.why, "请写明为什么没有问到")?),
        };
        steps::answer(tx, actor, Seen { id, version: self.version }, follow_up)
    }
}

/// 转出.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct Passing {
    /// The version of the ticket that was seen.
    pub version: i32,
    /// To the hotline or a department.
    pub office: Office,
    /// Which department; the hotline needs no name.
    #[serde(default)]
    pub to: String,
    /// Its number there.
    pub number: String,
    /// Why; the resident reads it.
    pub reason: String,
}

impl Ask for Passing {
    const NOUN: &'static str = "passing";
    fn read(form: &Form, _: Vec<Photo>) -> Result<Self> {
        let office = form.choice("office", Office::parse, "请选择转给谁")?;
        let text = |name| form.text(name).to_owned();
        Ok(Passing {
            version: version(form)?,
            office,
            to: text("to"),
            number: text("number"),
            reason: text("reason"),
        })
    }
    fn run(self, tx: &mut Tx, _: &Keys, actor: &Actor, id: Id) -> Result<Ticket> {
        let to = if self.office == Office::Hotline { Office::Hotline.label() } else { &self.to };
        let passing = steps::Passing {
            office: self.office,
            to: Note::parse("to", to, "请写明转给哪个部门")?,
            number: Note::parse("number", &self.number, "请写明那边的编号，居民好去问")?,
            reason: Note::parse("reason", &self.reason, "请写明为什么转出，居民会看到")?,
        };
        steps::pass_on(tx, actor, Seen { id, version: self.version }, &passing)
    }
}
