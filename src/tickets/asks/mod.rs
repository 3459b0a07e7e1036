//! What staff ask to be done with a ticket, parsed: one struct for each noun under `/tickets/{id}/`.
//!
//! Pages read them from forms, the API from JSON; both then run the same verb. No rule is here: what may be done
//! stands in [`super::status`], what follows in the verbs. Next door: [`handing`], [`ending`], [`outside`],
//! [`talk`], [`waiting`].

pub mod ending;
pub mod handing;
pub mod outside;
pub mod talk;
pub mod waiting;

use serde::Deserialize;
use utoipa::ToSchema;

pub use self::ending::{Answer, Closure, Passing};
pub use self::handing::{Dispatch, Merger, Return, Split, Support, Transfer, Unsupport};
pub use self::outside::{Check, Follow, Response, Revocation, SendBack, Unfollow};
pub use self::talk::{Categorization, Contacted, Pictures, Proposal, Remark, Reveal};
pub use self::waiting::{Extension, Suspension, Urge};
use super::steps::{self, Seen};
use super::{Note, Ticket, acts, handing as hands, merging, requests};
use crate::clock::midnight;
use crate::db::{Id, Time, Tx};
use crate::error::Result;
use crate::keys::Keys;
use crate::people::Actor;
use crate::photos::Photo;
use crate::web::form::Form;

/// Something to do with a ticket.
pub trait Ask: Sized + Send + 'static {
    /// The last part of its address, and the id of its form.
    const NOUN: &'static str;
    /// Reads it from a form whose photos were taken in before.
    fn read(form: &Form, photos: Vec<Photo>) -> Result<Self>;
    /// Calls the verb.
    fn run(self, tx: &mut Tx, keys: &Keys, actor: &Actor, id: Id) -> Result<Ticket>;
}

fn version(form: &Form) -> Result<i32> {
    form.choice("version", |text| text.parse().ok(), "页面不完整，请刷新后再试")
}

fn id(text: &str) -> Option<Id> {
    text.parse().ok().map(Id)
}

/// The last minute of a day in a field, in Shanghai.
fn day_end(form: &Form, field: &'static str, ask: &'static str) -> Result<Time> {
    let day: chrono::NaiveDate = form.choice(field, |text| text.parse().ok(), ask)?;
    Ok(midnight(day + chrono::Days::new(1)).plus_minutes(-1))
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
            fn run(self, tx: &mut Tx, _: &Keys, actor: &Actor, id: Id) -> Result<Ticket> {
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
    /// 接单.
    Taking, "taking", hands::accept_lead
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
            fn run(self, tx: &mut Tx, _: &Keys, actor: &Actor, id: Id) -> Result<Ticket> {
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
reasoned!(
    /// 撤销并案.
    Unmerger, "unmerger", "请写明为什么不是同一件事，居民会看到", merging::unmerge
);
reasoned!(
    /// 销账.
    Resumption, "resumption", "请写明现在怎样办，居民会看到", requests::resume
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
            fn run(self, tx: &mut Tx, _: &Keys, actor: &Actor, id: Id) -> Result<Ticket> {
                $verb(tx, actor, id, &Note::parse("text", &self.text, $ask)?)
            }
        }
    };
}
worded!(
    /// 给居民留言.
    Message, "messages", "请写下要告诉居民的话", acts::message
);
worded!(
    /// 排险.
    Safety, "safety", "请写明怎样排的险，居民会看到", acts::make_safe
);
