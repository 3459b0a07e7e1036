//! What concerns people outside, and who else looks on, parsed: answering by a link, checking, taking back; following.
//!
//! Making a link answers with its address, which is shown once, and so has a handler of its own.

use serde::Deserialize;
use utoipa::ToSchema;

use super::Ask;
use crate::db::{Id, Tx};
use crate::error::Result;
use crate::keys::Keys;
use crate::people::Actor;
use crate::photos::Photo;
use crate::tickets::links::{self, DAYS};
use crate::tickets::{Note, Ticket, followers};
use crate::web::form::Form;

/// 发外部链接.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct Invitation {
    /// One of the parties of the community.
    pub party_id: Option<Id>,
    /// Or anybody, by name.
    #[serde(default)]
    pub name: String,
    /// What they read of the matter; empty means the words of the report, masked.
    #[serde(default)]
    pub text: String,
    /// Days until it ends, 14 by default.
    #[serde(default = "days")]
    pub days: i64,
}

fn days() -> i64 {
    DAYS
}

impl Invitation {
    /// The noun of its address, and the id of its form.
    pub const NOUN: &'static str = "links";

    /// Reads it from a form.
    pub fn read(form: &Form) -> Result<links::Invitation> {
        let days = match form.text("days") {
            "" => DAYS,
            _ => form.choice("days", |text| text.parse().ok(), "有效期请填天数，例如 14")?,
        };
        let text = |name| form.text(name).to_owned();
        let party_id = super::id(form.text("party_id"));
        Ok(Invitation { party_id, name: text("name"), text: text("text"), days }.into())
    }
}

impl From<Invitation> for links::Invitation {
    fn from(ask: Invitation) -> links::Invitation {
        links::Invitation { party: ask.party_id, name: ask.name, text: ask.text, days: ask.days }
    }
}

fn link(form: &Form) -> Result<Id> {
    form.choice("link_id", super::id, "请选择哪个外部单位")
}

/// The act of an ask that names a link.
macro_rules! linked {
    ($(#[$doc:meta])* $name:ident, $noun:literal, $verb:path) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Deserialize, ToSchema)]
        pub struct $name {
            /// Which link.
            pub link_id: Id,
        }
        impl Ask for $name {
            const NOUN: &'static str = $noun;
            fn read(form: &Form, _: Vec<Photo>) -> Result<Self> {
                Ok($name { link_id: link(form)? })
            }
            fn run(self, tx: &mut Tx, _: &Keys, actor: &Actor, id: Id) -> Result<Ticket> {
                $verb(tx, actor, id, self.link_id)
            }
        }
    };
}
linked!(
    /// 收回外部链接.
    Revocation, "revocations", links::revoke
);
linked!(
    /// 核实外部完成.
    Check, "outside-checks", links::check
);

/// The act of an ask that names a link and says something by it.
macro_rules! spoken {
    ($(#[$doc:meta])* $name:ident, $noun:literal, $ask:literal, $verb:path) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Deserialize, ToSchema)]
        pub struct $name {
            /// Which link.
            pub link_id: Id,
            /// The words; the outsider reads them.
            pub text: String,
        }
        impl Ask for $name {
            const NOUN: &'static str = $noun;
            fn read(form: &Form, _: Vec<Photo>) -> Result<Self> {
                Ok($name { link_id: link(form)?, text: form.text("text").to_owned() })
            }
            fn run(self, tx: &mut Tx, _: &Keys, actor: &Actor, id: Id) -> Result<Ticket> {
                $verb(tx, actor, id, self.link_id, &Note::parse("text", &self.text, $ask)?)
            }
        }
    };
}
spoken!(
    /// 答复外部单位.
    Response, "outside-replies", "请写下要告诉对方的话", links::respond
);
spoken!(
    /// 退回外部单位.
    SendBack, "outside-returns", "请写明还差什么，对方会看到", links::send_back
);

/// What needs nothing but the ticket.
macro_rules! bare {
    ($(#[$doc:meta])* $name:ident, $noun:literal, $verb:path) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Default, Deserialize, ToSchema)]
        pub struct $name {}
        impl Ask for $name {
            const NOUN: &'static str = $noun;
            fn read(_: &Form, _: Vec<Photo>) -> Result<Self> {
                Ok($name {})
            }
            fn run(self, tx: &mut Tx, _: &Keys, actor: &Actor, id: Id) -> Result<Ticket> {
                $verb(tx, actor, id)
            }
        }
    };
}
bare!(
    /// 关注.
    Follow, "following", followers::follow
);
bare!(
    /// 不再关注.
    Unfollow, "unfollowing", followers::unfollow
);
