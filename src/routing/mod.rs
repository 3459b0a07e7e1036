//! Who gets a ticket and until when: categories, the parties of a community, and the rules between them.
//!
//! The most specific rule that matches decides ([`rules`], [`matching`]); where none does, the category tree, whose
//! party names are defaults: each community has its own parties, found by name or alias. A missing party falls back to
//! the community office, and the ticket says so. Limits of a category override those of its urgency; clocks count from
//! submission (domain §3). `tickets` asks; nothing here changes a ticket. What a report is about is guessed in [`suggest`].

pub mod api;
mod matching;
pub mod pages;
mod parties;
pub mod rehearsal;
pub mod rules;
mod standing;
mod store;
pub mod suggest;
mod tree;

pub use self::matching::{Fact, Other, Why};
pub use self::parties::{
    Leads, Led, NewParty, add_party, change_party, disable_party, enable_party, leads, parties, party,
};
pub use self::tree::{categories, category, plant_categories, tiles};
use crate::db::{Id, Time, Tx};
use crate::error::Result;
use crate::places::Place;

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

    /// What to do first where it may endanger people, after what it is: 「水管爆裂、跑水：请先关闭户内总阀」.
    pub fn danger(&self) -> Option<String> {
        self.danger_hint.as_ref().map(|hint| format!("{}：{hint}", self.level2))
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
    /// Whether this is one of its names.
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
    /// Where it is.
    pub place: &'a Place,
    /// The grid it came in with.
    pub grid_id: Option<Id>,
    /// Two digits.
    pub level1: &'a str,
    /// Four digits, once somebody has set it.
    pub category: Option<&'a str>,
    /// What the resident wants, once somebody has set it.
    pub kind: Option<Kind>,
    /// In the resident's words: a complaint that names a party is about it.
    pub text: &'a str,
    /// When the clock started.
    pub submitted_at: Time,
}

/// Where a ticket goes, why, and until when.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct Route {
    pub lead: Party,
    /// Those that a rule names as 协办.
    pub supporting: Vec<Party>,
    /// 「为什么派给你」, as a sentence.
    pub reason: String,
    /// The rule, the facts, and the rules that lost.
    pub why: Why,
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
/// The first rule that matches decides, else level 2. With level 1 alone and no rule the community office leads, within
/// the community's own limits (a call back within 24 hours by default). A 举报 stays with the community whatever a rule
/// says, and so does a 投诉 about the very party that would lead; that party then supports.
pub fn route(tx: &mut Tx, community_id: Id, matter: &Matter) -> Result<Route> {
    let set = matching::kept(tx, community_id)?;
    let category = matter.category.map(|code| category(tx, code)).transpose()?;
    set.route(matter, category.as_ref())
}
