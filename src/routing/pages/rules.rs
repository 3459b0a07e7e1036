//! 派单规则 as pages: the list in the order in which rules are looked at, one rule's form, and its rehearsal.
//!
//! Nothing is saved from the form itself: it leads to the rehearsal, whose page carries the change and its seal.

use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use askama::Template;

use crate::clock::words;
use crate::console::view::Chrome;
use crate::console::visit::{Answer, Fields, Sent, Visit};
use crate::db::{Id, Tx};
use crate::error::{Error, Result};
use crate::people::Role;
use crate::places;
use crate::routing::rehearsal::{NAMED, Rehearsal, rehearse};
use crate::routing::rules::{self, Change, Listed, Scope, Terms};
use crate::routing::suggest::{self, Accuracy};
use crate::routing::{Kind, Urgency, categories, parties};
use crate::web::{PageError, html, see_other};

const PATH: &str = "/console/rules";
const DAYS: [&str; 7] = ["一", "二", "三", "四", "五", "六", "日"];

#[derive(Template)]
#[template(path = "routing/rules.html")]
struct RulesPage {
    chrome: Chrome,
    rules: Vec<Listed>,
    accuracy: Accuracy,
    may_add: bool,
}

#[derive(Template)]
#[template(path = "routing/rule.html")]
struct RulePage {
    chrome: Chrome,
    /// What is asked: add, amend, disable, enable.
    what: String,
    id: String,
    sent: Sent,
    rehearsal: Option<Rehearsal>,
    /// The change, field by field, for the form that saves it.
    carried: Vec<(String, String)>,
    choices: Choices,
}

/// What the form offers.
struct Choices {
    scopes: Vec<(&'static str, &'static str)>,
    places: Vec<String>,
    grids: Vec<(String, String)>,
    categories: Vec<(String, String)>,
    kinds: Vec<(&'static str, &'static str)>,
    urgencies: Vec<(&'static str, &'static str)>,
    set_urgencies: Vec<(&'static str, &'static str)>,
    parties: Vec<String>,
}

/// `GET /console/rules`.
pub async fn list(visit: Visit) -> Answer {
    let at = visit.clone();
    let page = visit.db.read(move |tx| {
        let actor = &at.session.actor;
        Ok(RulesPage {
            rules: rules::list_for(tx, actor)?,
            accuracy: suggest::accuracy(tx, actor.community_id)?,
            may_add: true,
            chrome: at.chrome(tx, "派单规则", PATH)?,
        })
    });
    html(StatusCode::OK, &page.await?)
}

/// Which rule a new one begins as.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub struct Begun {
    lead: String,
}

/// `GET /console/rules/new`: the form of a new rule.
pub async fn new(visit: Visit, begun: Query<Begun>) -> Answer {
    let street = visit.session.actor.role == Role::StreetManager;
    let scope = if street { Scope::Street } else { Scope::Community };
    let terms = Terms { scope, lead: begun.lead.clone(), ..Terms::default() };
    let sent = Sent::new("rule", Vec::new());
    show(visit, (sent, "add".to_owned(), String::new()), Some(terms), None).await
}

/// `GET /console/rules/{id}`: the form of a rule.
pub async fn page(visit: Visit, id: Path<Id>) -> Answer {
    let (actor, id) = (visit.session.actor.clone(), id.into_inner());
    let found = visit.db.read(move |tx| rules::list_for(tx, &actor)).await?;
    let rule =
        found.into_iter().find(|each| each.rule.id == id && each.mine).ok_or(PageError(Error::NotFound))?;
    let sent = Sent::new("rule", Vec::new());
    show(visit, (sent, "amend".to_owned(), id.to_string()), Some(rule.rule.terms), None).await
}

/// `POST /console/rules/rehearsal`: what the change would have done, and the button that saves it.
pub async fn rehearsal(visit: Visit, fields: Fields) -> Answer {
    let sent = Sent::new("rule", fields.into_inner());
    let asked = (sent.text("what").to_owned(), sent.text("id").to_owned());
    let done = try_out(&visit, &sent).await;
    match done {
        Ok(found) => show(visit, (sent, asked.0, asked.1), None, Some(found)).await,
        Err(err) => show(visit, (sent.refused(err)?, asked.0, asked.1), None, None).await,
    }
}

async fn try_out(visit: &Visit, sent: &Sent) -> Result<Rehearsal> {
    let change = parse(visit, sent).await?;
    rehearse(&visit.db, &visit.session.actor, &change).await
}

/// `POST /console/rules`: saves a change that was rehearsed.
pub async fn save(visit: Visit, fields: Fields) -> Answer {
    let sent = Sent::new("rule", fields.into_inner());
    let asked = (sent.text("what").to_owned(), sent.text("id").to_owned());
    match keep(&visit, &sent).await {
        Ok(()) => Ok(see_other(PATH)),
        Err(err) => show(visit, (sent.refused(err)?, asked.0, asked.1), None, None).await,
    }
}

async fn keep(visit: &Visit, sent: &Sent) -> Result<()> {
    let change = parse(visit, sent).await?;
    let (actor, seal) = (visit.session.actor.clone(), sent.text("seal").to_owned());
    visit.db.write(move |tx| rules::save(tx, &actor, &change, &seal)).await.map(drop)
}

async fn parse(visit: &Visit, sent: &Sent) -> Result<Change> {
    let (community, sent) = (visit.session.actor.community_id, sent.clone());
    visit.db.read(move |tx| read(tx, community, &sent)).await
}

async fn show(
    visit: Visit,
    (sent, what, id): (Sent, String, String),
    terms: Option<Terms>,
    rehearsal: Option<Rehearsal>,
) -> Answer {
    let (status, at) = (sent.status(), visit.clone());
    let fill = move |tx: &mut Tx| {
        let community = at.session.actor.community_id;
        let sent = match terms {
            Some(terms) => Sent::new("rule", fields(tx, community, &terms)?),
            None => sent,
        };
        let carried = FIELDS.iter().map(|name| ((*name).to_owned(), sent.text(name).to_owned()));
        Ok(RulePage {
            chrome: at.chrome(tx, "派单规则", PATH)?,
            choices: Choices::read(tx, community, at.session.actor.role)?,
            carried: carried.filter(|(_, value)| !value.is_empty()).collect(),
            what,
            id,
            rehearsal,
            sent,
        })
    };
    html(status, &visit.db.read(fill).await?)
}

/// The fields of the form, in order.
const FIELDS: &[&str] = &[
    "scope",
    "place",
    "grid_id",
    "category",
    "kind",
    "urgency",
    "day1",
    "day2",
    "day3",
    "day4",
    "day5",
    "day6",
    "day7",
    "from",
    "until",
    "lead",
    "supporting",
    "set_urgency",
    "first_contact_hours",
    "make_safe_hours",
    "deadline_hours",
    "sort",
];

/// Reads the change that the form asks for.
fn read(tx: &mut Tx, community: Id, sent: &Sent) -> Result<Change> {
    let id = || sent.id("id")?.ok_or(Error::NotFound);
    match sent.text("what") {
        "disable" => Ok(Change::Disable { id: id()? }),
        "enable" => Ok(Change::Enable { id: id()? }),
        "amend" => Ok(Change::Amend { id: id()?, terms: terms(tx, community, sent)? }),
        _ => Ok(Change::Add { terms: terms(tx, community, sent)? }),
    }
}

fn terms(tx: &mut Tx, community: Id, sent: &Sent) -> Result<Terms> {
    let place = match sent.text("place") {
        "" => None,
        name => {
            let found = places::by_full_name(tx, community, name)?;
            Some(found.ok_or_else(|| Error::invalid("place_id", "没有这个地点，请从列表里选"))?.id)
        }
    };
    let days = (1..=7).filter(|day| !sent.text(&format!("day{day}")).is_empty());
    let scope = Scope::parse(sent.text("scope"));
    Ok(Terms {
        scope: scope.ok_or_else(|| Error::invalid("scope", "请选择规则在哪里有效"))?,
        place_id: place,
        grid_id: sent.id("grid_id")?,
        category: sent.text("category").to_owned(),
        kind: Kind::parse(sent.text("kind")),
        urgency: Urgency::parse(sent.text("urgency")),
        weekdays: days.fold(0, |bits, day| bits | 1 << (day - 1)),
        from_minute: minute(sent, "from")?,
        until_minute: minute(sent, "until")?,
        lead: sent.text("lead").to_owned(),
        supporting: sent.text("supporting").to_owned(),
        set_urgency: Urgency::parse(sent.text("set_urgency")),
        first_contact_minutes: hours(sent, "first_contact_hours", "first_contact_minutes")?,
        make_safe_minutes: hours(sent, "make_safe_hours", "make_safe_minutes")?,
        deadline_minutes: hours(sent, "deadline_hours", "deadline_minutes")?,
        sort: if sent.text("sort").is_empty() { Terms::default().sort } else { sent.number("sort")? },
    })
}

/// `22:30` as minutes after midnight.
fn minute(sent: &Sent, name: &str) -> Result<Option<i32>> {
    let text = sent.text(name);
    if text.is_empty() {
        return Ok(None);
    }
    let wrong = || Error::invalid("from_minute", "时间请写成 22:00 这样");
    let (hour, minute) = text.split_once(':').ok_or_else(wrong)?;
    let number = |text: &str| text.get(..2).unwrap_or(text).parse::<i32>().map_err(|_| wrong());
    match (number(hour)?, number(minute)?) {
        (hour @ 0..=23, minute @ 0..=59) => Ok(Some(hour * 60 + minute)),
        _ => Err(wrong()),
    }
}

/// Hours in a field that may be empty, half ones too, as minutes.
fn hours(sent: &Sent, name: &'static str, field: &'static str) -> Result<Option<i32>> {
    if sent.text(name).is_empty() {
        return Ok(None);
    }
    let hours: f64 = sent.number(name).map_err(|_| Error::invalid(field, "请填写小时数，例如 2 或 0.5"))?;
    let minutes = (hours * 60.0).round();
    if !(1.0..=366.0 * 1440.0).contains(&minutes) {
        return Err(Error::invalid(field, "时限应在 1 分钟到 366 天之间"));
    }
    Ok(Some(minutes as i32))
}

/// Terms as the fields that [`terms`] reads.
fn fields(tx: &mut Tx, community: Id, terms: &Terms) -> Result<Vec<(String, String)>> {
    let place = terms.place_id.map(|id| places::find(tx, community, id)).transpose()?;
    let clock =
        |minute: Option<i32>| minute.map(|at| format!("{:02}:{:02}", at / 60, at % 60)).unwrap_or_default();
    let hours = |minutes: Option<i32>| {
        minutes
            .map(|minutes| ((f64::from(minutes) / 60.0 * 10_000.0).round() / 10_000.0).to_string())
            .unwrap_or_default()
    };
    let word = |urgency: Option<Urgency>| urgency.map(|each| each.word().to_owned()).unwrap_or_default();
    let mut all: Vec<(String, String)> = [
        ("scope", terms.scope.word().to_owned()),
        ("place", place.map(|place| place.full_name).unwrap_or_default()),
        ("grid_id", terms.grid_id.map(|id| id.to_string()).unwrap_or_default()),
        ("category", terms.category.clone()),
        ("kind", terms.kind.map(|kind| kind.word().to_owned()).unwrap_or_default()),
        ("urgency", word(terms.urgency)),
        ("from", clock(terms.from_minute)),
        ("until", clock(terms.until_minute)),
        ("lead", terms.lead.clone()),
        ("supporting", terms.supporting.clone()),
        ("set_urgency", word(terms.set_urgency)),
        ("first_contact_hours", hours(terms.first_contact_minutes)),
        ("make_safe_hours", hours(terms.make_safe_minutes)),
        ("deadline_hours", hours(terms.deadline_minutes)),
        ("sort", terms.sort.to_string()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into();
    let days = (1..=7).filter(|day| terms.weekdays & (1 << (day - 1)) != 0);
    all.extend(days.map(|day| (format!("day{day}"), "yes".to_owned())));
    Ok(all)
}

impl Choices {
    fn read(tx: &mut Tx, community: Id, role: Role) -> Result<Choices> {
        let scopes = Scope::ALL.iter().filter(|scope| match role {
            Role::StreetManager => **scope == Scope::Street,
            Role::CommunityLead => **scope != Scope::Street,
            _ => true,
        });
        let tree = categories(tx)?;
        let mut offered = vec![(String::new(), "不限".to_owned())];
        for category in &tree {
            if offered.last().is_none_or(|(code, _)| code.get(..2) != category.code.get(..2)) {
                offered.push((category.level1_code().to_owned(), format!("{}（整类）", category.level1)));
            }
            offered.push((category.code.clone(), format!("{} › {}", category.level1, category.level2)));
        }
        let mut names: Vec<String> = parties(tx, community)?
            .into_iter()
            .filter(|each| each.disabled_at.is_none())
            .map(|each| each.name)
            .collect();
        if role == Role::StreetManager {
            names.extend(tree.iter().map(|each| each.lead_party.clone()));
            names.sort();
            names.dedup();
        }
        let any = [("", "不限")];
        let urgencies = Urgency::ALL.iter().map(|each| (each.word(), each.label()));
        Ok(Choices {
            scopes: scopes.map(|scope| (scope.word(), scope.label())).collect(),
            places: places::list(tx, community)?.into_iter().map(|place| place.full_name).collect(),
            grids: places::grids(tx, community)?
                .into_iter()
                .map(|grid| (grid.id.to_string(), grid.name))
                .collect(),
            categories: offered,
            kinds: any.into_iter().chain(Kind::ALL.iter().map(|kind| (kind.word(), kind.label()))).collect(),
            urgencies: any.into_iter().chain(urgencies.clone()).collect(),
            set_urgencies: [("", "不改")].into_iter().chain(urgencies).collect(),
            parties: names,
        })
    }
}

impl RulePage {
    fn days(&self) -> Vec<(String, &'static str, bool)> {
        let day = |(number, label): (usize, &&'static str)| {
            let name = format!("day{}", number + 1);
            let on = !self.sent.text(&name).is_empty();
            (name, *label, on)
        };
        DAYS.iter().enumerate().map(day).collect()
    }

    /// Whether the form belongs on the page: switching a rule off or on needs none.
    fn has_form(&self) -> bool {
        !matches!(self.what.as_str(), "disable" | "enable")
    }

    fn heading(&self) -> &'static str {
        match self.what.as_str() {
            "disable" => "停用一条派单规则",
            "enable" => "恢复一条派单规则",
            "amend" => "修改派单规则",
            _ => "加一条派单规则",
        }
    }

    fn named(&self) -> usize {
        NAMED
    }
}

impl RulesPage {
    /// At the latest after how long it learns again.
    fn minutes(&self) -> String {
        words(suggest::RETRAIN_MINUTES)
    }

    fn corrections(&self) -> i64 {
        suggest::CORRECTIONS
    }
}
