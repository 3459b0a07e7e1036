//! What is said, shown and noted, parsed: 联系, 定分类, photos, exclusions, a phone shown.

use serde::Deserialize;
use utoipa::ToSchema;

use super::Ask;
use crate::db::{Id, Tx};
use crate::error::{Error, Result};
use crate::keys::Keys;
use crate::people::Actor;
use crate::photos::Photo;
use crate::routing::Kind;
use crate::tickets::acts::{self, Contact};
use crate::tickets::{Note, Reason, Stage, Ticket, exclusions, mentions};
use crate::web::form::Form;

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
    fn run(self, tx: &mut Tx, _: &Keys, actor: &Actor, id: Id) -> Result<Ticket> {
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
    fn run(self, tx: &mut Tx, _: &Keys, actor: &Actor, id: Id) -> Result<Ticket> {
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
    fn run(self, tx: &mut Tx, _: &Keys, actor: &Actor, id: Id) -> Result<Ticket> {
        acts::add_photos(tx, actor, id, self.stage, &self.photos)
    }
}

/// 内部备注.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[schema(as = NewRemark)]
pub struct Remark {
    /// The words; whoever is named by `@姓名` is reminded.
    pub text: String,
    /// Colleagues to remind as well.
    #[serde(default)]
    pub remind: Vec<Id>,
}

impl Ask for Remark {
    const NOUN: &'static str = "notes";
    fn read(form: &Form, _: Vec<Photo>) -> Result<Self> {
        let chosen = form.all("remind").filter(|id| !id.is_empty());
        let wrong = || Error::invalid("remind", "请从列表中选择提醒谁看");
        let remind: Option<Vec<Id>> = chosen.map(super::id).collect();
        Ok(Remark { text: form.text("text").to_owned(), remind: remind.ok_or_else(wrong)? })
    }
    fn run(self, tx: &mut Tx, _: &Keys, actor: &Actor, id: Id) -> Result<Ticket> {
        let note = Note::parse("text", &self.text, "请写下备注")?;
        mentions::note(tx, actor, id, &note, &self.remind)
    }
}

/// 建议剔除.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[schema(as = ExclusionProposal)]
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
    fn run(self, tx: &mut Tx, _: &Keys, actor: &Actor, id: Id) -> Result<Ticket> {
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
