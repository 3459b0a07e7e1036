//! Rules as rows: where, what, how urgent and when a report must be for whom it goes to and how soon.
//!
//! Most specific first, then the order number. A rule names parties by name, so that a rule of a street holds in each of
//! its communities; where a community lacks the party, its fallback takes the ticket. Saving is two steps: a rehearsal
//! ([`super::rehearsal`]), then [`save`] with the seal of what was rehearsed. Old tickets never move by themselves.

use diesel::prelude::*;

use super::standing::{Around, Standing};
use super::{Kind, Party, Urgency, store};
use crate::db::{Id, Time, Tx};
use crate::error::{Error, Problem, Result};
use crate::people::{Actor, Role};
use crate::places::{self, Community};
use crate::{kept, keys};

text_enum! {
    /// Where a rule holds.
    pub enum Scope {
        Street = "street", "全街道";
        Community = "community", "全社区";
        Grid = "grid", "一个网格";
        Place = "place", "一个小区、院落、楼或单元";
    }
}

/// The bits of all days of the week: Monday is 1, Sunday 64.
pub const EVERY_DAY: i32 = 127;

/// What a rule says: conditions first, consequences after. What is empty asks or changes nothing.
#[derive(
    Debug,
    Clone,
    PartialEq,
    Queryable,
    Selectable,
    Insertable,
    AsChangeset,
    serde::Serialize,
    serde::Deserialize,
    utoipa::ToSchema,
)]
#[diesel(table_name = crate::schema::rules, treat_none_as_default_value = false, treat_none_as_null = true)]
#[serde(default)]
#[allow(missing_docs)]
pub struct Terms {
    pub scope: Scope,
    pub place_id: Option<Id>,
    pub grid_id: Option<Id>,
    /// Two digits of level 1, four of level 2, or empty.
    pub category: String,
    pub kind: Option<Kind>,
    pub urgency: Option<Urgency>,
    /// Bits of the days on which the time of day begins: Monday 1, Tuesday 2, … Sunday 64; 127 is every day.
    pub weekdays: i32,
    /// Minutes after midnight in Shanghai; over midnight when it is later than the end.
    pub from_minute: Option<i32>,
    /// The first minute that is no longer inside.
    pub until_minute: Option<i32>,
    /// The name of the lead party.
    pub lead: String,
    /// Names of supporting parties, separated by 、.
    pub supporting: String,
    pub set_urgency: Option<Urgency>,
    pub first_contact_minutes: Option<i32>,
    pub make_safe_minutes: Option<i32>,
    pub deadline_minutes: Option<i32>,
    /// Among equally specific rules the smaller comes first.
    pub sort: i32,
}

impl Default for Terms {
    fn default() -> Terms {
        Terms {
            scope: Scope::Community,
            place_id: None,
            grid_id: None,
            category: String::new(),
            kind: None,
            urgency: None,
            weekdays: EVERY_DAY,
            from_minute: None,
            until_minute: None,
            lead: String::new(),
            supporting: String::new(),
            set_urgency: None,
            first_contact_minutes: None,
            make_safe_minutes: None,
            deadline_minutes: None,
            sort: 100,
        }
    }
}

impl Terms {
    /// Whether it asks for a time of day or certain days.
    pub(super) fn timed(&self) -> bool {
        self.from_minute.is_some() || self.weekdays != EVERY_DAY
    }

    /// The names of the supporting parties.
    pub(super) fn supporters(&self) -> impl Iterator<Item = &str> {
        self.supporting.split('、').filter(|name| !name.is_empty())
    }

    /// Every party it names.
    fn named(&self) -> impl Iterator<Item = &str> {
        self.supporters().chain(Some(self.lead.as_str())).filter(|name| !name.is_empty())
    }

    /// The same with names in their plain form and nothing that its scope has no use for.
    fn tidy(self) -> Terms {
        let names = self.supporting.split(['、', ',', '，', ';', '；']).map(str::trim);
        Terms {
            supporting: names.filter(|name| !name.is_empty()).collect::<Vec<_>>().join("、"),
            lead: self.lead.trim().to_owned(),
            category: self.category.trim().to_owned(),
            place_id: self.place_id.filter(|_| self.scope == Scope::Place),
            grid_id: self.grid_id.filter(|_| self.scope == Scope::Grid),
            ..self
        }
    }
}

/// A rule as a row.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, serde::Serialize, utoipa::ToSchema)]
#[diesel(table_name = crate::schema::rules, treat_none_as_default_value = false)]
#[allow(missing_docs)]
#[schema(as = RoutingRule)]
pub struct Rule {
    /// Of a street's rule: the community in which it was made.
    pub community_id: Id,
    pub id: Id,
    #[diesel(embed)]
    #[serde(flatten)]
    pub terms: Terms,
    pub changed_by: String,
    pub changed_at: Time,
    pub disabled_at: Option<Time>,
}

/// A rule in words, as the list shows it.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
pub struct Listed {
    /// The rule.
    pub rule: Rule,
    /// When it holds.
    pub when: String,
    /// What follows.
    pub then: String,
    /// What is wrong with it today: a party out of use or missing, a place that is gone.
    pub flags: Vec<String>,
    /// Whether the actor who asked may change it.
    pub mine: bool,
}

impl Listed {
    /// Both halves in one sentence.
    pub fn words(&self) -> String {
        format!("{} → {}", self.when, self.then)
    }

    /// Whether the rule is in use and names this party.
    pub(super) fn names(&self, party: &Party) -> bool {
        self.rule.disabled_at.is_none() && self.rule.terms.named().any(|name| party.answers_to(name))
    }
}

/// Something to do with the rules.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(tag = "what", rename_all = "snake_case")]
#[allow(missing_docs)]
#[schema(as = RuleChange)]
pub enum Change {
    /// A new rule.
    Add { terms: Terms },
    /// Other terms for a rule.
    Amend { id: Id, terms: Terms },
    /// The rule no longer matches anything.
    Disable { id: Id },
    /// It does again.
    Enable { id: Id },
}

/// The rules that hold in a community, its street's included, in the order in which they are looked at; those out of
/// use come last.
pub fn list(tx: &mut Tx, community_id: Id) -> Result<Vec<Listed>> {
    let rules = store::rules(tx, community_id)?;
    let parties = store::parties(tx, community_id)?;
    let around = Around::read(tx, community_id, &rules)?;
    let mut standing: Vec<Standing> = rules.into_iter().map(|rule| Standing::new(rule, &around)).collect();
    standing.sort_by_cached_key(|each| (each.rule.disabled_at.is_some(), each.rank()));
    Ok(standing
        .into_iter()
        .map(|each| {
            let flags =
                if each.rule.disabled_at.is_none() { each.flags(&parties, &around) } else { Vec::new() };
            Listed { when: each.when, then: each.then, flags, mine: false, rule: each.rule }
        })
        .collect())
}

/// As [`list`], marked with what the actor may change.
pub fn list_for(tx: &mut Tx, actor: &Actor) -> Result<Vec<Listed>> {
    let mut listed = list(tx, actor.community_id)?;
    for each in &mut listed {
        each.mine = may(actor, each.rule.terms.scope).is_ok();
    }
    Ok(listed)
}

/// How many rules of the community need somebody to look at them.
pub fn flagged(tx: &mut Tx, community_id: Id) -> Result<usize> {
    Ok(super::matching::kept(tx, community_id)?.flagged)
}

/// The rules in use that name a party.
pub(super) fn naming(tx: &mut Tx, community_id: Id, party: &Party) -> Result<Vec<Listed>> {
    Ok(list(tx, community_id)?.into_iter().filter(|each| each.names(party)).collect())
}

/// Carries a party's new name over to the community's own rules.
pub(super) fn rename(tx: &mut Tx, community_id: Id, before: &str, after: &str) -> Result<()> {
    if before == after {
        return Ok(());
    }
    let new = |name: &str| if name == before { after.to_owned() } else { name.to_owned() };
    for rule in store::rules(tx, community_id)? {
        let own = rule.community_id == community_id && rule.terms.scope != Scope::Street;
        if own && rule.terms.named().any(|name| name == before) {
            let supporting = rule.terms.supporters().map(new).collect::<Vec<_>>().join("、");
            let terms = Terms { lead: new(&rule.terms.lead), supporting, ..rule.terms.clone() };
            store::amend_rule(tx, &rule, &terms, &rule.changed_by)?;
        }
    }
    Ok(())
}

/// Who may have rules of a scope: the street manager those of the street, the lead those of the community, an admin all.
fn may(actor: &Actor, scope: Scope) -> Result<()> {
    match (actor.role, scope) {
        (Role::Admin, _) | (Role::StreetManager, Scope::Street) => Ok(()),
        (Role::CommunityLead, scope) if scope != Scope::Street => Ok(()),
        _ => Err(Error::invalid("scope", "全街道的规则由街道管理员定，社区的规则由社区负责人定")),
    }
}

/// The rules as they would be after a change, checked; and the rule that is changed or made.
pub(super) fn after(tx: &mut Tx, actor: &Actor, change: &Change) -> Result<(Vec<Rule>, Rule)> {
    let mut rules = store::rules(tx, actor.community_id)?;
    let changed = match change {
        Change::Add { terms } => Rule {
            community_id: actor.community_id,
            id: Id::new(),
            terms: checked(tx, actor, terms.clone())?,
            changed_by: actor.name.clone(),
            changed_at: tx.now,
            disabled_at: None,
        },
        Change::Amend { id, terms } => {
            let rule = own(actor, &rules, *id)?;
            let terms = checked(tx, actor, terms.clone())?;
            if (terms.scope == Scope::Street) != (rule.terms.scope == Scope::Street) {
                return Err(Error::invalid("scope", "全街道的规则和社区的规则不能互换，请另加一条"));
            }
            Rule { terms, changed_by: actor.name.clone(), changed_at: tx.now, ..rule }
        }
        Change::Disable { id } => Rule { disabled_at: Some(tx.now), ..own(actor, &rules, *id)? },
        Change::Enable { id } => Rule { disabled_at: None, ..own(actor, &rules, *id)? },
    };
    rules.retain(|rule| rule.id != changed.id);
    rules.push(changed.clone());
    Ok((rules, changed))
}

fn own(actor: &Actor, rules: &[Rule], id: Id) -> Result<Rule> {
    let rule = rules.iter().find(|rule| rule.id == id).cloned().ok_or(Error::NotFound)?;
    may(actor, rule.terms.scope).map_err(|_| Error::Forbidden)?;
    Ok(rule)
}

/// The seal of a rehearsal: the change and every rule that stood beside it. A rule that somebody else changed since
/// breaks it.
pub(super) fn seal(tx: &mut Tx, actor: &Actor, change: &Change) -> Result<String> {
    let rules = store::rules(tx, actor.community_id)?;
    let words = serde_json::to_vec(&(change, rules)).map_err(Error::internal)?;
    Ok(keys::hex(&keys::digest([b"rehearsal".as_slice(), words.as_slice()])))
}

/// Saves a change that was rehearsed: `seal` is what the rehearsal answered. Refused with [`Error::Conflict`] when the
/// rules are no longer those of the rehearsal. Tickets that are there already stay where they are.
pub fn save(tx: &mut Tx, actor: &Actor, change: &Change, sealed: &str) -> Result<Rule> {
    if seal(tx, actor, change)? != sealed {
        return Err(Error::conflict("还没有试跑，或试跑后规则又有变动，没有保存；请再试跑一次"));
    }
    let (_, rule) = after(tx, actor, change)?;
    match change {
        Change::Add { .. } => store::insert_rule(tx, &rule)?,
        Change::Amend { .. } => store::amend_rule(tx, &rule, &rule.terms, &actor.name)?,
        Change::Disable { .. } | Change::Enable { .. } => store::set_rule_use(tx, &rule, &actor.name)?,
    }
    for community in reached(tx, actor, &rule.terms)? {
        kept::changed(community.id);
    }
    Ok(rule)
}

/// The communities in which a rule holds.
pub(super) fn reached(tx: &mut Tx, actor: &Actor, terms: &Terms) -> Result<Vec<Community>> {
    let home = places::community(tx, actor.community_id)?;
    if terms.scope != Scope::Street {
        return Ok(vec![home]);
    }
    let mut all = places::communities(tx)?;
    all.retain(|each| each.street == home.street && each.district == home.district);
    Ok(all)
}

/// Terms that make sense, or everything that does not, each beside its field.
fn checked(tx: &mut Tx, actor: &Actor, terms: Terms) -> Result<Terms> {
    let terms = terms.tidy();
    may(actor, terms.scope)?;
    let mut wrong = Vec::new();
    let mut refuse = |field, message: &str| wrong.push(Problem { field, message: message.to_owned().into() });
    let community = actor.community_id;
    match (terms.scope, terms.place_id, terms.grid_id) {
        (Scope::Place, None, _) => refuse("place_id", "请从列表中选择地点"),
        (Scope::Place, Some(id), _) if places::find(tx, community, id).is_err() => {
            refuse("place_id", "请从列表中选择地点");
        }
        (Scope::Grid, _, None) => refuse("grid_id", "请选择网格"),
        (Scope::Grid, _, Some(id)) if !places::grids(tx, community)?.iter().any(|grid| grid.id == id) => {
            refuse("grid_id", "请选择网格");
        }
        _ => {}
    }
    let known = |code: &str| code == terms.category || code.get(..2) == Some(&terms.category);
    if !terms.category.is_empty() && !super::categories(tx)?.iter().any(|each| known(&each.code)) {
        refuse("category", "请选择列表中的分类");
    }
    if terms.scope != Scope::Street {
        let parties = store::parties(tx, community)?;
        let usable =
            |name: &str| parties.iter().any(|each| each.disabled_at.is_none() && each.answers_to(name));
        if !terms.lead.is_empty() && !usable(&terms.lead) {
            refuse("lead", "本社区没有这个单位，或它已停用；请先在“单位”里登记");
        }
        if let Some(name) = terms.supporters().find(|name| !usable(name)) {
            refuse("supporting", &format!("本社区没有在用的单位「{name}」"));
        }
    }
    check_values(&terms, &mut refuse);
    if wrong.is_empty() { Ok(terms) } else { Err(Error::Invalid(wrong)) }
}

fn check_values(terms: &Terms, refuse: &mut impl FnMut(&'static str, &str)) {
    let limits = [
        ("first_contact_minutes", terms.first_contact_minutes),
        ("make_safe_minutes", terms.make_safe_minutes),
        ("deadline_minutes", terms.deadline_minutes),
    ];
    for (field, minutes) in limits {
        if minutes.is_some_and(|minutes| !(1..=366 * 24 * 60).contains(&minutes)) {
            refuse(field, "时限应在 1 分钟到 366 天之间");
        }
    }
    let says = !terms.lead.is_empty() || !terms.supporting.is_empty() || terms.set_urgency.is_some();
    if !says && limits.iter().all(|(_, minutes)| minutes.is_none()) {
        refuse("lead", "这条规则什么也不改：请至少填主办、协办、紧急程度或时限中的一项");
    }
    if terms.supporters().any(|name| name == terms.lead) {
        refuse("supporting", "主办单位不用再协办");
    }
    if terms.lead.chars().count() > 40 || terms.supporting.chars().count() > 200 {
        refuse("lead", "单位名称太长了");
    }
    let day = 0..24 * 60;
    match (terms.from_minute, terms.until_minute) {
        (None, None) => {}
        (Some(from), Some(until)) if from != until && day.contains(&from) && day.contains(&until) => {}
        _ => refuse("from_minute", "时段的起止都要填，不能相同，例如 22:00 到 06:00"),
    }
    if !(1..=EVERY_DAY).contains(&terms.weekdays) {
        refuse("weekdays", "请至少选一天");
    }
    if !(0..=9999).contains(&terms.sort) {
        refuse("sort", "次序是 0 到 9999 的整数");
    }
}
