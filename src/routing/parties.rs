//! The parties of a community: added, changed, taken out of use and brought back.
//!
//! Rules name parties by name: a new name is carried over to the community's own rules, and whoever takes a party out
//! of use is told which rules name it. The fallback always stays.

use super::rules::{self, Listed};
use super::{Category, Party, PartyKind, categories, store};
use crate::db::{Id, Tx};
use crate::error::{Error, Result};
use crate::kept;

/// What a party is made from.
#[derive(Debug, Clone, serde::Deserialize, utoipa::ToSchema)]
#[allow(missing_docs)]
pub struct NewParty {
    pub name: String,
    #[serde(default)]
    pub aliases: String,
    pub kind: PartyKind,
    #[serde(default)]
    pub phone: String,
}

/// Adds a party. The first committee of a community becomes its fallback.
pub fn add_party(tx: &mut Tx, community_id: Id, new: NewParty) -> Result<Party> {
    let parties = store::parties(tx, community_id)?;
    check_names(&parties, None, &new)?;
    let party = Party {
        community_id,
        id: Id::new(),
        name: new.name.trim().to_owned(),
        aliases: aliases(&new.aliases),
        kind: new.kind,
        phone: new.phone.trim().to_owned(),
        fallback: new.kind == PartyKind::Committee && !parties.iter().any(|party| party.fallback),
        disabled_at: None,
    };
    store::insert_party(tx, &party)?;
    kept::changed(community_id);
    Ok(party)
}

/// Changes a party's names, kind and phone. The community's own rules follow a new name.
pub fn change_party(tx: &mut Tx, community_id: Id, id: Id, new: NewParty) -> Result<Party> {
    let before = party(tx, community_id, id)?;
    let parties = store::parties(tx, community_id)?;
    check_names(&parties, Some(id), &new)?;
    let new = NewParty { aliases: aliases(&new.aliases), ..new };
    store::change_party(tx, community_id, id, &new)?;
    let after = party(tx, community_id, id)?;
    rules::rename(tx, community_id, &before.name, &after.name)?;
    kept::changed(community_id);
    Ok(after)
}

/// Takes a party out of use; the fallback stays, because no ticket is ever without a party. Rules that name it send
/// what they match to the fallback from then on: whoever disables says how many they know of, and is refused with
/// [`Error::Conflict`] where there are others.
pub fn disable_party(tx: &mut Tx, community_id: Id, id: Id, known_rules: usize) -> Result<()> {
    let party = party(tx, community_id, id)?;
    if party.fallback {
        return Err(Error::conflict("兜底单位不能停用：没有去处的诉求都由它接"));
    }
    let naming = rules::naming(tx, community_id, &party)?;
    if naming.len() != known_rules {
        return Err(Error::conflict(format!(
            "有 {} 条派单规则用着{}，停用后它们命中的诉求会改由兜底单位接下；先去改规则，或再点一次停用",
            naming.len(),
            party.name
        )));
    }
    kept::changed(community_id);
    store::disable_party(tx, &party)
}

/// Brings a party back into use.
pub fn enable_party(tx: &mut Tx, community_id: Id, id: Id) -> Result<()> {
    let party = party(tx, community_id, id)?;
    kept::changed(community_id);
    store::enable_party(tx, &party)
}

/// Which categories lead where in a community.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
pub struct Leads {
    /// Every party and the categories that it leads by default.
    pub parties: Vec<Led>,
    /// The categories whose party the community lacks: the fallback takes them.
    pub nowhere: Vec<Category>,
}

/// A party and what it leads.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
#[allow(missing_docs)]
pub struct Led {
    pub party: Party,
    pub categories: Vec<Category>,
    /// The rules that name it, in words.
    pub rules: Vec<String>,
}

/// Which categories lead to each party of the community, and which lead nowhere.
pub fn leads(tx: &mut Tx, community_id: Id) -> Result<Leads> {
    let parties = store::parties(tx, community_id)?;
    let listed = rules::list(tx, community_id)?;
    let naming = |party: &Party| listed.iter().filter(|each| each.names(party)).map(Listed::words).collect();
    let mut led: Vec<Led> = parties
        .into_iter()
        .map(|party| Led { rules: naming(&party), party, categories: Vec::new() })
        .collect();
    let mut nowhere = Vec::new();
    for category in categories(tx)? {
        let takes =
            |led: &&mut Led| led.party.disabled_at.is_none() && led.party.answers_to(&category.lead_party);
        match led.iter_mut().find(takes) {
            Some(led) => led.categories.push(category),
            None => nowhere.push(category),
        }
    }
    Ok(Leads { parties: led, nowhere })
}

/// The party with this id in the community.
pub fn party(tx: &mut Tx, community_id: Id, id: Id) -> Result<Party> {
    store::party(tx, community_id, id)
}

/// The parties of a community: the fallback first, then by name; those out of use included.
pub fn parties(tx: &mut Tx, community_id: Id) -> Result<Vec<Party>> {
    store::parties(tx, community_id)
}

fn aliases(text: &str) -> String {
    let names = text.split(['、', ',', '，', ';', '；']).map(str::trim);
    names.filter(|name| !name.is_empty()).collect::<Vec<_>>().join("、")
}

fn check_names(parties: &[Party], own: Option<Id>, new: &NewParty) -> Result<()> {
    let name = new.name.trim();
    if name.is_empty() || name.chars().count() > 40 || name.contains('、') {
        return Err(Error::invalid("name", "请填写单位名称，最多 40 个字，不含顿号"));
    }
    let others = || parties.iter().filter(|party| Some(party.id) != own);
    if others().any(|party| party.name == name) {
        return Err(Error::invalid("name", "这个单位已经有了"));
    }
    let given = aliases(&new.aliases);
    let taken =
        given.split('、').find(|alias| !alias.is_empty() && others().any(|party| party.answers_to(alias)));
    match taken {
        Some(alias) => Err(Error::invalid("aliases", format!("「{alias}」已经指向另一个单位"))),
        None => Ok(()),
    }
}
