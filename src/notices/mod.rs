//! Who hears of what: the bell in the console, and messages by the channels of a community.
//!
//! `tickets` writes one line of the outbox with each event and knows nothing of this room. [`outbox`] turns lines into
//! notices by the pure rules of [`told`]; [`sender`] sends messages with a lease, outside every transaction, until they
//! are taken in. [`drafts`] tells of reports that are ready to be issued. A message that fails never fails a ticket. Nobody's name, phone, words or photo leaves ([`texts`]).

pub mod api;
pub mod bell;
pub mod channels;
pub mod deliveries;
pub mod drafts;
pub mod messages;
pub mod outbox;
pub mod pages;
pub mod post;
pub mod reach;
pub mod sender;
mod store;
pub mod texts;
pub mod told;

use crate::db::{Id, Tx};
use crate::error::{Error, Result};
use crate::keys::Keys;
use crate::people::Actor;
use crate::tickets::Phone;

text_enum! {
    /// How far a message got.
    #[schema(as = DeliveryState)]
    pub enum State {
        Waiting = "waiting", "等待发送";
        Sent = "sent", "已发出";
        Failed = "failed", "没有发出";
    }
}

/// Days for which notices and deliveries are kept: they tell of work to be done, the history of a ticket stays with it.
const KEPT_DAYS: i64 = 90;

/// Where messages reach somebody; empty where they want none.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(default)]
#[schema(as = StaffContact)]
pub struct Contact {
    /// A mail address.
    pub mail: String,
    /// A phone number.
    pub phone: String,
}

/// Where messages reach the actor.
pub fn contact(tx: &mut Tx, keys: &Keys, actor: &Actor) -> Result<Contact> {
    contact_of(tx, keys, actor.staff()?)
}

/// Says where messages reach the actor; empty fields mean not at all.
pub fn set_contact(tx: &mut Tx, keys: &Keys, actor: &Actor, contact: &Contact) -> Result<()> {
    let id = actor.staff()?;
    let mail = contact.mail.trim();
    let fits = mail.chars().count() <= 200 && mail.parse::<lettre::Address>().is_ok();
    if !mail.is_empty() && !fits {
        return Err(Error::invalid("mail", "邮箱地址好像不对，例如 name@example.cn；不想收邮件就留空"));
    }
    let phone = Phone::parse("phone", &contact.phone)?;
    let seal = |text: Option<&str>| text.map(|text| keys.seal(id, text)).transpose();
    let sealed =
        (seal(Some(mail).filter(|mail| !mail.is_empty()))?, seal(phone.as_ref().map(Phone::digits))?);
    store::channels::set_contact(tx, id, &sealed)
}

/// Where messages reach somebody.
fn contact_of(tx: &mut Tx, keys: &Keys, staff_id: Id) -> Result<Contact> {
    let (mail, phone) = store::channels::contact(tx, staff_id)?;
    let open =
        |sealed: Option<Vec<u8>>| sealed.map_or(Ok(String::new()), |sealed| keys.unseal(staff_id, &sealed));
    Ok(Contact { mail: open(mail)?, phone: open(phone)? })
}

/// Forgets notices and deliveries of a community that are older than [`KEPT_DAYS`]; returns how many.
pub fn forget_old(tx: &mut Tx, community_id: Id) -> Result<usize> {
    let before = tx.now.plus_minutes(-KEPT_DAYS * 1440);
    Ok(store::bell::forget(tx, community_id, before)? + store::sending::forget(tx, community_id, before)?)
}
