//! Which rule a report meets, and where that leads: pure, on what was read of the community before.
//!
//! One rule and its order is next door in [`super::standing`]. What a party may never have alone – a 举报, a 投诉 about
//! itself – is decided after the rules, so that no rule can undo it.

use std::sync::{Arc, LazyLock};

use chrono::Datelike;

use super::rules::{Rule, Terms};
use super::standing::{Around, DAYS, Facts, Named, Standing, named};
use super::{Category, Kind, LIMITS_VERSION, Matter, Party, PartyKind, Route, TREE_VERSION, Urgency, store};
use crate::calendar::{Reckonings, reckoning::dated};
use crate::db::{Id, Time, Tx};
use crate::error::{Error, Result};
use crate::kept::Kept;
use crate::settings::{self, Limits, Version};

/// Every report waits for this: kept for each community.
static SETS: LazyLock<Kept<Ruleset>> = LazyLock::new(Kept::default);

/// How many rules that lost are told of on the ticket.
const OTHERS: usize = 8;

/// The routing of a community as it holds now.
pub(super) fn kept(tx: &mut Tx, community_id: Id) -> Result<Arc<Ruleset>> {
    SETS.get(community_id, || {
        let rules = store::rules(tx, community_id)?;
        Ruleset::arrange(tx, community_id, rules)
    })
}

/// 「为什么派给你」, for the ticket to keep: it stays true when rules change.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[schema(as = RoutingWhy)]
pub struct Why {
    /// The whole in one sentence.
    pub sentence: String,
    /// The rule that matched.
    pub rule_id: Option<Id>,
    /// The rule in words.
    pub rule: Option<String>,
    /// What was known then.
    pub facts: Vec<Fact>,
    /// Rules that were looked at and lost, those that matched first; at most 8.
    pub others: Vec<Other>,
    /// How many more there were.
    pub more: usize,
}

/// One thing that was known.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[allow(missing_docs)]
pub struct Fact {
    pub name: String,
    pub value: String,
}

/// A rule that lost, and why.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[allow(missing_docs)]
pub struct Other {
    pub rule: String,
    pub lost: String,
}

/// Everything that routing knows of a community.
pub(super) struct Ruleset {
    parties: Vec<Party>,
    /// Those in use, in the order in which they are looked at.
    rules: Vec<Standing>,
    /// Latest first.
    limits: Vec<Version<Limits>>,
    /// How limits are counted.
    reckonings: Reckonings,
    /// Rules that somebody should look at.
    pub(super) flagged: usize,
}

impl Ruleset {
    /// The routing of a community with these rules.
    pub(super) fn arrange(tx: &mut Tx, community_id: Id, rules: Vec<Rule>) -> Result<Ruleset> {
        let parties = store::parties(tx, community_id)?;
        let limits = settings::history(tx, community_id)?;
        let reckonings = Reckonings::read(tx, community_id)?;
        let around = Around::read(tx, community_id, &rules)?;
        Ok(Ruleset::new(parties, rules, (limits, reckonings), &around))
    }

    pub(super) fn new(
        parties: Vec<Party>,
        rules: Vec<Rule>,
        (limits, reckonings): (Vec<Version<Limits>>, Reckonings),
        around: &Around,
    ) -> Ruleset {
        let live = rules.into_iter().filter(|rule| rule.disabled_at.is_none());
        let mut rules: Vec<Standing> = live.map(|rule| Standing::new(rule, around)).collect();
        rules.sort_by_cached_key(Standing::rank);
        let flagged = rules.iter().filter(|rule| !rule.flags(&parties, around).is_empty()).count();
        Ruleset { parties, rules, limits, reckonings, flagged }
    }

    /// The community's own limits, and what names them in the version of a clock.
    fn limits_at(&self, at: Time) -> (Limits, String) {
        match self.limits.iter().find(|version| version.from <= at) {
            Some(version) => (version.rules.clone(), dated(LIMITS_VERSION, version.from)),
            None => (Limits::default(), LIMITS_VERSION.to_owned()),
        }
    }

    /// Where a matter goes. Always to a party in use: the fallback of the community when there is no other.
    pub(super) fn route(&self, matter: &Matter, category: Option<&Category>) -> Result<Route> {
        let fallback = self
            .parties
            .iter()
            .find(|party| party.fallback)
            .ok_or_else(|| Error::Unavailable("这个社区还没有设置受理单位，请直接拨打社区电话".into()))?;
        let facts = Facts {
            place: matter.place,
            grid_id: matter.grid_id,
            level1: matter.level1,
            category,
            kind: matter.kind.or(category.map(|each| each.default_kind)).unwrap_or(Kind::Help),
            urgency: category.map_or(Urgency::Normal, |each| each.urgency),
            at: matter.submitted_at.local(),
            text: matter.text,
        };
        let rule = self.rules.iter().find(|rule| rule.matches(&facts).is_ok());
        let (wanted, mut sentence) = self.lead(fallback, rule, category);
        let mut supporting = self.supporting(rule);
        let lead = self.never_alone(fallback, wanted, &facts, (&mut supporting, &mut sentence));
        supporting.retain(|party| party.id != lead.id);
        let terms = rule.map(|rule| &rule.rule.terms);
        let (own, limits_version) = self.limits_at(matter.submitted_at);
        let by_category =
            category.map(|each| (each.first_contact_minutes, each.make_safe_minutes, each.deadline_minutes));
        let (contact, safe, done) =
            by_category.unwrap_or((own.first_contact_minutes, None, own.deadline_minutes));
        let clock = self.reckonings.at(matter.submitted_at);
        let after = |minutes: i32| clock.after(matter.submitted_at, minutes.into());
        let said = |pick: fn(&Terms) -> Option<i32>| terms.and_then(pick);
        let due_at = after(said(|terms| terms.deadline_minutes).unwrap_or(done));
        let limits_version = if category.is_some() { TREE_VERSION } else { &limits_version };
        Ok(Route {
            lead: lead.clone(),
            supporting,
            why: self.why(rule, &facts, &sentence),
            reason: sentence,
            kind: facts.kind,
            urgency: terms.and_then(|terms| terms.set_urgency).unwrap_or(facts.urgency),
            first_contact_due: after(said(|terms| terms.first_contact_minutes).unwrap_or(contact)),
            make_safe_due: said(|terms| terms.make_safe_minutes).or(safe).map(after),
            due_at,
            rules_version: format!(
                "{}/{}",
                version(limits_version, rule),
                clock.version(matter.submitted_at, due_at)
            ),
        })
    }

    fn lead<'a>(
        &'a self,
        fallback: &'a Party,
        rule: Option<&Standing>,
        category: Option<&Category>,
    ) -> (&'a Party, String) {
        let Some(rule) = rule.filter(|rule| !rule.rule.terms.lead.is_empty()) else {
            return self.default_lead(fallback, category);
        };
        let (name, when) = (&rule.rule.terms.lead, &rule.when);
        match named(&self.parties, name) {
            Named::InUse(party) => (party, format!("按派单规则「{when}」，由{}主办", party.name)),
            Named::Disabled(party) => {
                (fallback, format!("派单规则「{when}」指定的{}已停用，先由{}接下", party.name, fallback.name))
            }
            Named::Unknown => (
                fallback,
                format!("派单规则「{when}」指定{name}，本社区没有登记这个单位，先由{}接下", fallback.name),
            ),
        }
    }

    fn default_lead<'a>(&'a self, fallback: &'a Party, category: Option<&Category>) -> (&'a Party, String) {
        let Some(Category { level2, lead_party: wanted, .. }) = category else {
            return (fallback, format!("还没有细分类，先由{}联系核实", fallback.name));
        };
        match named(&self.parties, wanted) {
            Named::InUse(party) if party.name == *wanted => {
                (party, format!("「{level2}」由{}主办", party.name))
            }
            Named::InUse(party) => (party, format!("「{level2}」由{wanted}主办，本社区是{}", party.name)),
            Named::Disabled(_) | Named::Unknown => (
                fallback,
                format!("「{level2}」应由{wanted}主办，本社区没有登记这个单位，先由{}接下", fallback.name),
            ),
        }
    }

    fn supporting(&self, rule: Option<&Standing>) -> Vec<Party> {
        let mut parties: Vec<Party> = Vec::new();
        for name in rule.iter().flat_map(|rule| rule.rule.terms.supporters()) {
            if let Named::InUse(party) = named(&self.parties, name)
                && !parties.iter().any(|each| each.id == party.id)
            {
                parties.push(party.clone());
            }
        }
        parties
    }

    /// What no party may have alone, whatever a rule says (domain §3).
    fn never_alone<'a>(
        &'a self,
        fallback: &'a Party,
        wanted: &'a Party,
        facts: &Facts,
        (supporting, sentence): (&mut Vec<Party>, &mut String),
    ) -> &'a Party {
        if facts.kind == Kind::TipOff {
            // Whoever supports sees the ticket: it may be the one reported.
            supporting.clear();
            *sentence = format!("举报件不交被反映的单位，由{}负责人处理", fallback.name);
            return fallback;
        }
        if facts.kind != Kind::Complaint || wanted.id == fallback.id || !about(wanted, facts) {
            return wanted;
        }
        if !supporting.iter().any(|party| party.id == wanted.id) {
            supporting.push(wanted.clone());
        }
        *sentence = format!("投诉的就是{}，由{}负责人处理，{}协办", wanted.name, fallback.name, wanted.name);
        fallback
    }

    fn why(&self, rule: Option<&Standing>, facts: &Facts, sentence: &str) -> Why {
        let fact = |name: &str, value: String| Fact { name: name.to_owned(), value };
        let day = DAYS[facts.at.weekday().num_days_from_monday() as usize];
        let mut all = Vec::new();
        for other in self.rules.iter().filter(|other| rule.is_none_or(|won| won.rule.id != other.rule.id)) {
            let lost = match (other.matches(facts), rule) {
                (Err(miss), _) => (1, miss.words()),
                (Ok(()), Some(won)) => (0, other.behind(won)),
                (Ok(()), None) => continue,
            };
            all.push((lost.0, Other { rule: other.when.clone(), lost: lost.1.to_owned() }));
        }
        all.sort_by_key(|(miss, _)| *miss);
        let more = all.len().saturating_sub(OTHERS);
        Why {
            sentence: sentence.to_owned(),
            rule_id: rule.map(|rule| rule.rule.id),
            rule: rule.map(|rule| format!("{} → {}", rule.when, rule.then)),
            facts: vec![
                fact("地点", facts.place.full_name.clone()),
                fact("分类", facts.category.map_or("只有一级分类".to_owned(), |each| each.level2.clone())),
                fact("诉求类型", facts.kind.label().to_owned()),
                fact("紧急程度", facts.urgency.label().to_owned()),
                fact("提交时间", format!("{day} {}", facts.at.format("%H:%M"))),
            ],
            others: all.into_iter().take(OTHERS).map(|(_, other)| other).collect(),
            more,
        }
    }
}

/// Whether a complaint is about this party: it stands under 物业服务 and the party is the property company, or the
/// resident's words name it.
fn about(party: &Party, facts: &Facts) -> bool {
    let service = facts.level1 == "03" && party.kind == PartyKind::Property;
    let names = party.aliases.split('、').chain(Some(party.name.as_str()));
    service || names.filter(|name| name.chars().count() > 1).any(|name| facts.text.contains(name))
}

/// The version of what set the clocks: a rule with limits of its own is part of it.
fn version(limits: &str, rule: Option<&Standing>) -> String {
    match rule {
        Some(Standing { rule, .. })
            if rule.terms.first_contact_minutes.is_some()
                || rule.terms.make_safe_minutes.is_some()
                || rule.terms.deadline_minutes.is_some() =>
        {
            format!("{limits}/rule-{}@{}", rule.id, rule.changed_at.0.timestamp())
        }
        _ => limits.to_owned(),
    }
}

#[cfg(test)]
#[path = "matching_tests.rs"]
mod tests;
