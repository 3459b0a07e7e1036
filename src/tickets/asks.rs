//! What staff ask to be done with a ticket, parsed: one struct for each noun under `/tickets/{id}/`.
//!
//! Pages read them from forms, the API from JSON; both then run the same verb. No rule is here: what may be done
//! stands in [`super::status`], what follows in [`super::steps`] and [`super::acts`].

use serde::Deserialize;
use utoipa::ToSchema;

use super::acts::{self, Contact};
use super::steps::{self, FollowUp, Seen};
use super::{Level, Note, Outcome, Reason, Satisfaction, Stage, Ticket, exclusions};
use crate::db::{Id, Tx};
use crate::error::{Error, Result};
use crate::people::Actor;
use crate::photos::Photo;
use crate::routing::Kind;
use crate::web::form::Form;

/// Something to do with a ticket.
pub trait Ask: Sized + Send + 'static {
    /// The last part of its address, and the id of its form.
    const NOUN: &'static str;
    /// Reads it from a form whose photos were taken in before.
    fn read(form: &Form, photos: Vec<Photo>) -> Result<Self>;
    /// Calls the verb.
    fn run(self, tx: &mut Tx, actor: &Actor, id: Id) -> Result<Ticket>;
}

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

fn version(form: &Form) -> Result<i32> {
    form.choice("version", |text| text.parse().ok(), "页面不完整，请刷新后再试")
}

fn id(text: &str) -> Option<Id> {
    text.parse().ok().map(Id)
}

/// The step of an ask that needs nothing but the version.
macro_rules! plain {
    ($(#[$doc:meta])* $name:ident, $noun:literal, $verb:path) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Deserialize, ToSchema)]
        pub struct $name {
            /// The version of the ticket that was seen.
            pub version: i32,
        }
        impl Ask for $name {
            const NOUN: &'static str = $noun;
            fn read(form: &Form, _: Vec<Photo>) -> Result<Self> {
                Ok($name { version: version(form)? })
            }
            fn run(self, tx: &mut Tx, actor: &Actor, id: Id) -> Result<Ticket> {
                $verb(tx, actor, Seen { id, version: self.version })
            }
        }
    };
}
plain!(
    /// 受理.
    Acceptance, "acceptance", steps::accept
);
plain!(
    /// 归档.
    Archiving, "archiving", steps::archive
);

/// The step of an ask that needs the version and a reason.
macro_rules! reasoned {
    ($(#[$doc:meta])* $name:ident, $noun:literal, $ask:literal, $verb:path) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Deserialize, ToSchema)]
        pub struct $name {
            /// The version of the ticket that was seen.
            pub version: i32,
            /// Why; the resident reads it.
            pub reason: String,
        }
        impl Ask for $name {
            const NOUN: &'static str = $noun;
            fn read(form: &Form, _: Vec<Photo>) -> Result<Self> {
                Ok($name { version: version(form)?, reason: form.text("reason").to_owned() })
            }
            fn run(self, tx: &mut Tx, actor: &Actor, id: Id) -> Result<Ticket> {
                let reason = Note::parse("reason", &self.reason, $ask)?;
                $verb(tx, actor, Seen { id, version: self.version }, &reason)
            }
        }
    };
}
reasoned!(
    /// 不予受理.
    Refusal, "refusal", "请写明为什么不予受理，居民会看到", steps::refuse
);
reasoned!(
    /// 重办.
    Rework, "rework", "请写明为什么重办，居民会看到", steps::rework
);

/// The act of an ask that is words alone.
macro_rules! worded {
    ($(#[$doc:meta])* $name:ident, $noun:literal, $ask:literal, $verb:path) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Deserialize, ToSchema)]
        pub struct $name {
            /// The words.
            pub text: String,
        }
        impl Ask for $name {
            const NOUN: &'static str = $noun;
            fn read(form: &Form, _: Vec<Photo>) -> Result<Self> {
                Ok($name { text: form.text("text").to_owned() })
            }
            fn run(self, tx: &mut Tx, actor: &Actor, id: Id) -> Result<Ticket> {
                $verb(tx, actor, id, &Note::parse("text", &self.text, $ask)?)
            }
        }
    };
}
worded!(
    /// 内部备注.
    Remark, "notes", "请写下备注", acts::note
);
worded!(
    /// 给居民留言.
    Message, "messages", "请写下要告诉居民的话", acts::message
);

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
    fn run(self, tx: &mut Tx, actor: &Actor, id: Id) -> Result<Ticket> {
        steps::merge(tx, actor, Seen { id, version: self.version }, &self.main)
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
    fn run(self, tx: &mut Tx, actor: &Actor, id: Id) -> Result<Ticket> {
        steps::dispatch(tx, actor, Seen { id, version: self.version }, self.party_id)
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
    fn run(self, tx: &mut Tx, actor: &Actor, id: Id) -> Result<Ticket> {
        let reason = Note::parse("reason", &self.reason, "请写明为什么转派，居民会看到")?;
        steps::transfer(tx, actor, Seen { id, version: self.version }, self.party_id, &reason)
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
    fn run(self, tx: &mut Tx, actor: &Actor, id: Id) -> Result<Ticket> {
        let reason = Note::parse("reason", &self.reason, "请写清楚为什么退回，社区好另派")?;
        let whole = format!("{}：{}", self.cause.label(), reason.as_str());
        let whole = Note::parse("reason", &whole, "请写清楚为什么退回，社区好另派")?;
        steps::return_(tx, actor, Seen { id, version: self.version }, &whole)
    }
}

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
    fn run(self, tx: &mut Tx, actor: &Actor, id: Id) -> Result<Ticket> {
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
    fn run(self, tx: &mut Tx, actor: &Actor, id: Id) -> Result<Ticket> {
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

/// 联系.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct Contacted {
    /// What came of it.
    pub contact: Contact,
    /// What was said; staff only.
    #[serde(default)]
    pub note: String,
}

impl Ask for Contacted {
    const NOUN: &'static str = "contacts";
    fn read(form: &Form, _: Vec<Photo>) -> Result<Self> {
        let contact = form.choice("contact", Contact::parse, "请选择联系的结果")?;
        Ok(Contacted { contact, note: form.text("note").to_owned() })
    }
    fn run(self, tx: &mut Tx, actor: &Actor, id: Id) -> Result<Ticket> {
        if self.note.chars().count() > 2000 {
            return Err(Error::invalid("note", "最多 2000 字，请删短一些"));
        }
        acts::contact(tx, actor, id, self.contact, self.note.trim())
    }
}

/// 定分类.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct Categorization {
    /// Four digits.
    pub category: String,
    /// What the resident wants.
    pub kind: Kind,
}

impl Ask for Categorization {
    const NOUN: &'static str = "category";
    fn read(form: &Form, _: Vec<Photo>) -> Result<Self> {
        let kind = form.choice("kind", Kind::parse, "请选择诉求类型")?;
        Ok(Categorization { category: form.text("category").to_owned(), kind })
    }
    fn run(self, tx: &mut Tx, actor: &Actor, id: Id) -> Result<Ticket> {
        acts::categorize(tx, actor, id, &self.category, self.kind)
    }
}

/// 添加照片: of the work or after it.
pub struct Pictures {
    stage: Stage,
    photos: Vec<Photo>,
}

impl Ask for Pictures {
    const NOUN: &'static str = "photos";
    fn read(form: &Form, photos: Vec<Photo>) -> Result<Self> {
        let stage = form.choice("stage", Stage::parse, "请选择是什么时候拍的")?;
        match photos.is_empty() {
            true => Err(Error::invalid("photo", "请先选择照片")),
            false => Ok(Pictures { stage, photos }),
        }
    }
    fn run(self, tx: &mut Tx, actor: &Actor, id: Id) -> Result<Ticket> {
        acts::add_photos(tx, actor, id, self.stage, &self.photos)
    }
}

/// 建议剔除.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct Proposal {
    /// E1–E7.
    pub reason: Reason,
    /// Why, in a sentence.
    pub note: String,
}

impl Ask for Proposal {
    const NOUN: &'static str = "exclusions";
    fn read(form: &Form, _: Vec<Photo>) -> Result<Self> {
        let reason = form.choice("reason", Reason::parse, "请选择剔除的情形")?;
        Ok(Proposal { reason, note: form.text("note").to_owned() })
    }
    fn run(self, tx: &mut Tx, actor: &Actor, id: Id) -> Result<Ticket> {
        let note = Note::parse("note", &self.note, "请写明理由，审批的同事要看")?;
        exclusions::propose(tx, actor, id, self.reason, &note)
    }
}

/// 查看电话.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct Reveal {
    /// Why it is needed; goes into the audit log.
    pub reason: String,
}

impl Reveal {
    /// The noun of its address, and the id of its form.
    pub const NOUN: &'static str = "reveals";

    /// The reason, which must be given.
    pub fn reason(&self) -> Result<Note> {
        Note::parse("reason", &self.reason, "请写明为什么要看电话，会记入查看记录")
    }
}
