//! Who gets a ticket and until when: categories, the parties of a community, and the rule between them.
//!
//! Party names in the category tree are defaults; each community has its own parties, found by name or
//! alias. A missing party falls back to the community office, and the ticket says so. Limits of a
//! category override those of its urgency; clocks count from submission (domain §3). `tickets` asks;
//! nothing here changes a ticket.

pub mod api;
pub mod pages;
mod store;

use crate::calendar::{Reckoning, reckoning::dated};
use crate::db::{Id, Time, Tx};
use crate::error::{Error, Result};
use crate::settings::{self, Limits, Version};

text_enum! {
    /// What the resident wants.
    pub enum Kind {
        Inquiry = "inquiry", "咨询";
        Help = "help", "求助";
        Complaint = "complaint", "投诉";
        TipOff = "tip_off", "举报";
        Suggestion = "suggestion", "建议";
        Praise = "praise", "表扬";
    }
}

text_enum! {
    /// How soon.
    pub enum Urgency {
        Critical = "critical", "特急";
        Urgent = "urgent", "紧急";
        Normal = "normal", "一般";
        Hard = "hard", "疑难";
    }
}

text_enum! {
    /// What kind of party.
    pub enum PartyKind {
        Committee = "committee", "社区组织";
        Property = "property", "物业";
        Department = "department", "街道部门";
        Utility = "utility", "专业公司";
        Enterprise = "enterprise", "企业";
        Volunteers = "volunteers", "志愿队";
        Other = "other", "其他";
    }
}

/// A level-2 category of the tree, with what follows from it.
#[derive(
    Debug,
    Clone,
    diesel::Queryable,
    diesel::Selectable,
    diesel::Insertable,
    serde::Serialize,
    utoipa::ToSchema,
)]
#[diesel(table_name = crate::schema::categories)]
#[allow(missing_docs)]
pub struct Category {
    /// Four digits; the first two are the level-1 category.
    pub code: String,
    pub level1: String,
    pub level2: String,
    pub default_kind: Kind,
    pub lead_party: String,
    /// Names, separated by 、.
    pub supporting_parties: String,
    pub urgency: Urgency,
    pub first_contact_minutes: i32,
    pub make_safe_minutes: Option<i32>,
    pub deadline_minutes: i32,
    pub danger_hint: Option<String>,
    /// Whether its tickets stand beside the hotline's (domain §6.3).
    pub comparable: bool,
    pub hotline_class: String,
    pub retired_at: Option<Time>,
}

impl Category {
    /// The two digits of level 1.
    pub fn level1_code(&self) -> &str {
        self.code.get(..2).unwrap_or(&self.code)
    }
}

/// Whoever can be responsible for a ticket.
#[derive(
    Debug,
    Clone,
    diesel::Queryable,
    diesel::Selectable,
    diesel::Insertable,
    serde::Serialize,
    utoipa::ToSchema,
)]
#[diesel(table_name = crate::schema::parties)]
#[allow(missing_docs)]
pub struct Party {
    pub community_id: Id,
    pub id: Id,
    pub name: String,
    /// Other names it answers to in the category tree, separated by 、.
    pub aliases: String,
    pub kind: PartyKind,
    pub phone: String,
    /// The one that takes what has no other party: the community office. Each community has one.
    pub fallback: bool,
    pub disabled_at: Option<Time>,
}

impl Party {
    fn answers_to(&self, name: &str) -> bool {
        self.name == name || self.aliases.split('、').any(|alias| alias == name)
    }
}

/// A level-1 tile that residents see.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Tile {
    /// Two digits.
    pub code: String,
    /// In plain words.
    pub name: String,
    /// Shown at once when the tile is chosen: every danger hint of the categories under it.
    pub danger_hints: Vec<String>,
}

/// What a ticket is about, as far as routing is concerned.
#[derive(Debug, Clone)]
pub struct Matter<'a> {
    /// Two digits.
    pub level1: &'a str,
    /// Four digits, once somebody has set it.
    pub category: Option<&'a str>,
    /// What the resident wants, once somebody has set it.
    pub kind: Option<Kind>,
    /// When the clock started.
    pub submitted_at: Time,
}

/// Where a ticket goes, why, and until when.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct Route {
    pub lead: Party,
    /// 「为什么派给你」, as a sentence.
    pub reason: String,
    pub kind: Kind,
    pub urgency: Urgency,
    pub first_contact_due: Time,
    pub make_safe_due: Option<Time>,
    pub due_at: Time,
    /// The versions of what set the clocks: limits, natural or working days, calendar.
    pub rules_version: String,
}

/// The version of the shipped category tree, whose limits hold once level 2 is known.
const TREE_VERSION: &str = "categories-2026-11";
/// The shipped limits of a ticket that has only level 1.
const LIMITS_VERSION: &str = "limits-1";

/// Finds the lead and the limits for a matter.
///
/// Level 2 decides. With level 1 alone the community office leads, within the community's own limits
/// (a call back within 24 hours by default). A 举报, and a 投诉 about the very party that would lead, stay with the community.
pub fn route(tx: &mut Tx, community_id: Id, matter: &Matter) -> Result<Route> {
    let parties = store::parties(tx, community_id)?;
    let fallback = parties.iter().find(|party| party.fallback).cloned();
    let fallback = fallback
        .ok_or_else(|| Error::Unavailable("这个社区还没有设置受理单位，请直接拨打社区电话".into()))?;
    let clock = Reckoning::at(tx, community_id, matter.submitted_at)?;
    let Some(code) = matter.category else {
        let limits = settings::holding(tx, community_id, matter.submitted_at)?;
        return Ok(by_tile(fallback, matter, (&clock, &limits)));
    };
    let category = category(tx, code)?;
    let kind = matter.kind.unwrap_or(category.default_kind);
    let (lead, reason) = lead(&parties, &fallback, &category, kind);
    let after = |minutes: i32| clock.after(matter.submitted_at, minutes.into());
    let due_at = after(category.deadline_minutes);
    Ok(Route {
        lead,
        reason,
        kind,
        urgency: category.urgency,
        first_contact_due: after(category.first_contact_minutes),
        make_safe_due: category.make_safe_minutes.map(after),
        due_at,
        rules_version: format!("{TREE_VERSION}/{}", clock.version(matter.submitted_at, due_at)),
    })
}

fn by_tile(fallback: Party, matter: &Matter, (clock, limits): (&Reckoning, &Version<Limits>)) -> Route {
    let after = |minutes: i32| clock.after(matter.submitted_at, minutes.into());
    let due_at = after(limits.rules.deadline_minutes);
    let rules = dated(LIMITS_VERSION, limits.from);
    Route {
        reason: format!("还没有细分类，先由{}联系核实", fallback.name),
        lead: fallback,
        kind: matter.kind.unwrap_or(Kind::Help),
        urgency: Urgency::Normal,
        first_contact_due: after(limits.rules.first_contact_minutes),
        make_safe_due: None,
        due_at,
        rules_version: format!("{rules}/{}", clock.version(matter.submitted_at, due_at)),
    }
}

fn lead(parties: &[Party], fallback: &Party, category: &Category, kind: Kind) -> (Party, String) {
    let (level2, wanted) = (&category.level2, &category.lead_party);
    if kind == Kind::TipOff {
        return (fallback.clone(), format!("举报件不交被反映的单位，由{}负责人处理", fallback.name));
    }
    let found = parties.iter().find(|party| party.disabled_at.is_none() && party.answers_to(wanted));
    match found {
        Some(party) if party.name == *wanted => (party.clone(), format!("「{level2}」由{}主办", party.name)),
        Some(party) => (party.clone(), format!("「{level2}」由{wanted}主办，本社区是{}", party.name)),
        None => (
            fallback.clone(),
            format!("「{level2}」应由{wanted}主办，本社区没有登记这个单位，先由{}接下", fallback.name),
        ),
    }
}

/// The category with this code. What is no category is the field's fault, not a missing page.
pub fn category(tx: &mut Tx, code: &str) -> Result<Category> {
    store::category(tx, code)?.ok_or_else(|| Error::invalid("category", "请选择列表中的分类"))
}

/// Every category in use, by code.
pub fn categories(tx: &mut Tx) -> Result<Vec<Category>> {
    store::categories(tx)
}

/// The tiles that residents choose from: one for each level-1 category, at most 12.
pub fn tiles(categories: &[Category]) -> Vec<Tile> {
    let mut tiles: Vec<Tile> = Vec::new();
    for category in categories {
        if tiles.last().is_none_or(|tile| tile.code != category.level1_code()) {
            tiles.push(Tile {
                code: category.level1_code().to_owned(),
                name: category.level1.clone(),
                danger_hints: Vec::new(),
            });
        }
        if let (Some(tile), Some(hint)) = (tiles.last_mut(), &category.danger_hint) {
            tile.danger_hints.push(format!("{}：{hint}", category.level2));
        }
    }
    tiles
}

/// Fills the category tree from the shipped table, where it is empty.
pub fn plant_categories(tx: &mut Tx) -> Result<usize> {
    if !store::categories(tx)?.is_empty() {
        return Ok(0);
    }
    let mut reader = csv::Reader::from_reader(include_str!("../../defaults/categories.csv").as_bytes());
    let rows: Vec<Shipped> =
        reader.deserialize().collect::<std::result::Result<_, _>>().map_err(Error::internal)?;
    let categories: Vec<Category> = rows.into_iter().map(Shipped::read).collect::<Result<_>>()?;
    store::insert_categories(tx, &categories)?;
    Ok(categories.len())
}

/// A row of the shipped table.
#[derive(serde::Deserialize)]
struct Shipped {
    code: String,
    level1: String,
    level2: String,
    default_kind: String,
    lead_party: String,
    supporting_parties: String,
    urgency: String,
    first_contact_minutes: i32,
    make_safe_minutes: Option<i32>,
    deadline_minutes: i32,
    danger_hint: String,
    comparable_to_12345: String,
    hotline_class: String,
}

impl Shipped {
    fn read(self) -> Result<Category> {
        let wrong = || Error::Internal(anyhow::anyhow!("the shipped category {} is wrong", self.code));
        Ok(Category {
            default_kind: Kind::parse(&self.default_kind).ok_or_else(wrong)?,
            urgency: Urgency::parse(&self.urgency).ok_or_else(wrong)?,
            code: self.code,
            level1: self.level1,
            level2: self.level2,
            lead_party: self.lead_party,
            supporting_parties: self.supporting_parties,
            first_contact_minutes: self.first_contact_minutes,
            make_safe_minutes: self.make_safe_minutes,
            deadline_minutes: self.deadline_minutes,
            danger_hint: Some(self.danger_hint).filter(|hint| !hint.is_empty()),
            comparable: self.comparable_to_12345 == "yes",
            hotline_class: self.hotline_class,
            retired_at: None,
        })
    }
}

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
    Ok(party)
}

/// Changes a party's names, kind and phone.
pub fn change_party(tx: &mut Tx, community_id: Id, id: Id, new: NewParty) -> Result<Party> {
    let parties = store::parties(tx, community_id)?;
    check_names(&parties, Some(id), &new)?;
    let new = NewParty { aliases: aliases(&new.aliases), ..new };
    store::change_party(tx, community_id, id, &new)?;
    party(tx, community_id, id)
}

/// Takes a party out of use; the fallback stays, because no ticket is ever without a party.
pub fn disable_party(tx: &mut Tx, community_id: Id, id: Id) -> Result<()> {
    let party = party(tx, community_id, id)?;
    if party.fallback {
        return Err(Error::conflict("兜底单位不能停用：没有去处的诉求都由它接"));
    }
    store::disable_party(tx, &party)
}

/// Brings a party back into use.
pub fn enable_party(tx: &mut Tx, community_id: Id, id: Id) -> Result<()> {
    let party = party(tx, community_id, id)?;
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
}

/// Which categories lead to each party of the community, and which lead nowhere.
pub fn leads(tx: &mut Tx, community_id: Id) -> Result<Leads> {
    let parties = store::parties(tx, community_id)?;
    let mut led: Vec<Led> = parties.into_iter().map(|party| Led { party, categories: Vec::new() }).collect();
    let mut nowhere = Vec::new();
    for category in store::categories(tx)? {
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
