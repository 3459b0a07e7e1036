//! Communities: founded, found by id, name, prefix or token, and what they show on every page and poster.

use super::store;
use crate::codes::code::random_signs;
use crate::db::{Id, Time, Tx};
use crate::error::{Error, Result};
use crate::people::Actor;

/// A community: the office that answers for its places, and the tenant of all its rows.
#[derive(
    Debug,
    Clone,
    diesel::Queryable,
    diesel::Selectable,
    diesel::Insertable,
    serde::Serialize,
    utoipa::ToSchema,
)]
#[diesel(table_name = crate::schema::communities)]
#[allow(missing_docs)]
pub struct Community {
    pub id: Id,
    pub district: String,
    pub street: String,
    pub name: String,
    /// Two to four capital letters; ticket numbers begin with them.
    pub prefix: String,
    /// Four signs; the secrets of its ticket pages begin with them.
    pub token: String,
    pub phone: String,
    pub property_phone: String,
    pub gas_phone: String,
    /// Printed on posters where set.
    pub promise: String,
    /// Whether everything in it is made up; every page says so.
    pub demo: bool,
    pub created_at: Time,
}

/// What a community is made from.
#[derive(Debug, Clone, Default)]
#[allow(missing_docs)]
pub struct NewCommunity {
    pub district: String,
    pub street: String,
    pub name: String,
    pub prefix: String,
    pub phone: String,
    pub property_phone: String,
    pub gas_phone: String,
    pub demo: bool,
}

/// Makes a community. Fails where a name is missing or the prefix is taken or no two to four letters.
pub fn found(tx: &mut Tx, new: NewCommunity) -> Result<Community> {
    let prefix = new.prefix.trim().to_uppercase();
    if !(2..=4).contains(&prefix.len()) || !prefix.chars().all(|sign| sign.is_ascii_uppercase()) {
        return Err(Error::invalid("prefix", "工单号前缀用 2 到 4 个英文字母，例如 TGY"));
    }
    for (field, value) in [("name", &new.name), ("street", &new.street), ("district", &new.district)] {
        if value.trim().is_empty() || value.chars().count() > 40 {
            return Err(Error::invalid(field, "区、街道和社区的名称都要填，各不超过 40 个字"));
        }
    }
    if store::by_prefix(tx, &prefix)?.is_some() {
        return Err(Error::invalid("prefix", "这个前缀已有社区在用，请换一个"));
    }
    let community = Community {
        id: Id::new(),
        district: new.district.trim().to_owned(),
        street: new.street.trim().to_owned(),
        name: new.name.trim().to_owned(),
        prefix,
        token: store::free_token(tx, || random_signs(4))?,
        phone: new.phone.trim().to_owned(),
        property_phone: new.property_phone.trim().to_owned(),
        gas_phone: new.gas_phone.trim().to_owned(),
        promise: String::new(),
        demo: new.demo,
        created_at: tx.now,
    };
    store::insert_community(tx, &community)?;
    Ok(community)
}

/// The community with this id.
pub fn community(tx: &mut Tx, id: Id) -> Result<Community> {
    store::community(tx, id)
}

/// The community whose ticket numbers begin with `prefix`.
pub fn community_by_prefix(tx: &mut Tx, prefix: &str) -> Result<Option<Community>> {
    store::by_prefix(tx, prefix)
}

/// The community whose ticket secrets begin with `token`.
pub fn community_by_token(tx: &mut Tx, token: &str) -> Result<Option<Community>> {
    store::by_token(tx, token)
}

/// The community with this name, or this prefix.
pub fn community_by_name(tx: &mut Tx, name: &str) -> Result<Community> {
    match store::by_prefix(tx, &name.to_uppercase())? {
        Some(community) => Ok(community),
        None => store::by_name(tx, name),
    }
}

/// Every community, oldest first.
pub fn communities(tx: &mut Tx) -> Result<Vec<Community>> {
    store::communities(tx)
}

/// Whether everything that is there is made up. An installation without any community is not a demonstration.
pub fn only_demonstration(tx: &mut Tx) -> Result<bool> {
    let all = communities(tx)?;
    Ok(!all.is_empty() && all.iter().all(|community| community.demo))
}

/// The phones and promise that a community lead or admin may change.
#[derive(Debug, Clone, serde::Deserialize, utoipa::ToSchema)]
#[allow(missing_docs)]
pub struct Contacts {
    pub phone: String,
    pub property_phone: String,
    pub gas_phone: String,
    pub promise: String,
}

/// Changes what a community prints and shows. Phones are digits with separators, or empty; the
/// community's own is required, because every page of the residents offers it.
pub fn set_contacts(tx: &mut Tx, actor: &Actor, contacts: Contacts) -> Result<Community> {
    if contacts.phone.trim().is_empty() {
        return Err(Error::invalid("phone", "社区电话必须填：居民的每个页面都要用它"));
    }
    for (field, phone) in [
        ("phone", &contacts.phone),
        ("property_phone", &contacts.property_phone),
        ("gas_phone", &contacts.gas_phone),
    ] {
        let fits = |sign: char| sign.is_ascii_digit() || matches!(sign, '-' | ' ' | '/' | '转' | '、');
        if phone.chars().count() > 40 || !phone.chars().all(fits) {
            return Err(Error::invalid(field, "电话只写数字，可用 - 和“转”，例如 010-12345678 转 2"));
        }
    }
    if contacts.promise.chars().count() > 60 {
        return Err(Error::invalid("promise", "承诺最多 60 个字，否则海报上放不下"));
    }
    store::set_contacts(tx, actor.community_id, &contacts)?;
    store::community(tx, actor.community_id)
}
