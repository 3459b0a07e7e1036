//! What the door says beside its form: whom to call, what is being handled, what is planned. Words only, in the language of
//! the page, the same for everybody, made ready with it.

use super::Door;
use crate::neighbours::open::Matter;
use crate::places::{Community, PlaceKind};
use crate::reports::view::Contact;
use crate::tickets::Plain;
use crate::tickets::relation::Relation;
use crate::words::Look;
use crate::works::{Listed, State};

/// What the templates `reports/door_*.html` are filled with.
#[derive(Debug, Clone, Default)]
pub struct Board {
    /// 社区, 物业, 网格员: those that have a phone.
    pub calls: Vec<Contact>,
    /// 119, 110, 120, and gas where the community has its phone; the words name the number.
    pub alarms: Vec<Contact>,
    /// What is being handled.
    pub matters: Vec<MatterLine>,
    /// What is planned or under way.
    pub works: Vec<WorkLine>,
    /// Who one may be to this place; empty where it is not asked.
    pub relations: Vec<RelationChoice>,
    /// Where 「我也遇到了」 is sent.
    pub joins_url: String,
    /// Where the script asks for what is alike.
    pub alike_url: String,
}

/// What to do first in danger.
#[derive(Debug, Clone, Default)]
pub struct Danger {
    /// The hint; empty where there is none.
    pub hint: String,
    /// Whether staff said that it is that matter; else only the tile that was chosen may hold such.
    pub sure: bool,
    /// Whom to call.
    pub alarms: Vec<Contact>,
}

/// A matter as one line.
#[derive(Debug, Clone, Default)]
#[allow(missing_docs)]
pub struct MatterLine {
    pub id: String,
    pub label: String,
    /// Where in the building; empty for this door.
    pub place: String,
    pub state: String,
    pub since: String,
    /// How many neighbours met it; empty for none.
    pub neighbours: String,
}

/// A planned work as one line.
#[derive(Debug, Clone, Default)]
#[allow(missing_docs)]
pub struct WorkLine {
    pub what: String,
    pub place: String,
    /// Whether it is under way, and not only coming.
    pub now: bool,
    /// From when until when, in words.
    pub when: String,
    /// 「正在施工：…，预计…恢复」, or that it is coming.
    pub sentence: String,
    pub who: String,
    pub phone: Contact,
    /// Two or four digits; empty for none.
    pub category: String,
}

/// Who one may be to the place.
#[derive(Debug, Clone, Default)]
#[allow(missing_docs)]
pub struct RelationChoice {
    pub word: &'static str,
    pub label: String,
    pub checked: bool,
}

fn contact(label: String, number: &str) -> Contact {
    Contact { label, number: number.to_owned() }
}

/// 119, 110, 120, and the gas emergency where the community has its phone.
pub fn alarms(community: &Community, look: Look) -> Vec<Contact> {
    let say = |key| look.lang.t(key).to_string();
    let all = [
        contact(say("door-fire"), "119"),
        contact(say("door-police"), "110"),
        contact(say("door-ambulance"), "120"),
        contact(say("door-gas"), &community.gas_phone),
    ];
    all.into_iter().filter(|contact| !contact.number.is_empty()).collect()
}

impl Board {
    /// The board of a door.
    pub fn of(door: &Door, look: Look) -> Board {
        let (community, path) = (&door.community, door.path());
        let said = |words: &str| look.lang.sentence(words);
        let calls = [
            contact(said("社区"), &community.phone),
            contact(said("物业"), &community.property_phone),
            contact(look.lang.t("door-grid").to_string(), &door.grid_phone),
        ];
        let relation =
            |each: &Relation| RelationChoice { word: each.word(), label: said(each.label()), checked: false };
        Board {
            calls: calls.into_iter().filter(|contact| !contact.number.is_empty()).collect(),
            alarms: alarms(community, look),
            matters: door.matters.iter().map(|matter| MatterLine::of(matter, look)).collect(),
            works: door.works.iter().map(|work| WorkLine::of(work, look)).collect(),
            // At a unit it is nothing to fill in: whoever stands there lives there, and four questions are enough.
            relations: match door.place.kind {
                PlaceKind::Spot | PlaceKind::Compound => {
                    Relation::at(door.place.kind).iter().map(relation).collect()
                }
                PlaceKind::Unit | PlaceKind::Building | PlaceKind::Courtyard => Vec::new(),
            },
            joins_url: look.to(&format!("{path}/joins")),
            alike_url: look.to(&format!("{path}/alike")),
        }
    }

    /// The works under way, which stand above the form.
    pub fn under_way(&self) -> impl Iterator<Item = &WorkLine> {
        self.works.iter().filter(|work| work.now)
    }

    /// What a tile says of a work of its category; empty where there is none.
    pub fn planned(&self, level1: &str) -> String {
        let own = self.works.iter().find(|work| !level1.is_empty() && work.category.starts_with(level1));
        own.map(|work| work.sentence.clone()).unwrap_or_default()
    }
}

impl MatterLine {
    /// A matter in words.
    pub fn of(matter: &Matter, look: Look) -> MatterLine {
        let state = match (matter.on_account, matter.stage) {
            (true, _) => "door-state-account",
            (_, Plain::Submitted) => "door-state-submitted",
            (_, Plain::Accepted) => "door-state-accepted",
            (_, Plain::Working | Plain::Done) => "door-state-working",
        };
        let count = usize::try_from(matter.neighbours).unwrap_or(0);
        let neighbours = look.lang.t("door-neighbours").num("count", count).to_string();
        MatterLine {
            id: matter.id.to_string(),
            label: look.lang.category(&matter.label, &matter.tile),
            place: matter.place.clone(),
            state: look.lang.t(state).to_string(),
            since: look.lang.t("door-since").with("when", look.lang.moment(matter.since)).to_string(),
            neighbours: if count > 0 { neighbours } else { String::new() },
        }
    }
}

impl WorkLine {
    /// A work in words.
    pub fn of(listed: &Listed, look: Look) -> WorkLine {
        let (work, now) = (&listed.work, listed.state == State::UnderWay);
        let (from, until) = (look.lang.moment(work.from_at), look.lang.moment(work.until_at));
        let when = look.lang.t("door-works-when").with("from", from).with("until", &until).to_string();
        let sentence = match now {
            true => look.lang.t("door-work-now").with("what", &work.what).with("until", until),
            false => look.lang.t("door-work-coming").with("what", &work.what).with("when", &when),
        };
        WorkLine {
            sentence: sentence.to_string(),
            what: work.what.clone(),
            place: listed.place.clone(),
            now,
            when,
            who: work.who.clone(),
            phone: contact(String::new(), &work.phone),
            category: work.category.clone(),
        }
    }
}
