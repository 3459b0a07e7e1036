//! The table of who is told what, row by row.

use super::*;

const PROPERTY: u128 = 1;
const OTHER: u128 = 2;
const GRID: u128 = 3;

fn id(number: u128) -> Id {
    Id(uuid::Uuid::from_u128(number))
}

fn person(number: u128, role: Role) -> Person {
    Person { id: id(number), role, party: None, grids: Vec::new(), mail: true, phone: false }
}

/// A worker 10, a lead 11, a handler of the property 12 and of the other party 13, the grid's worker 14, and a worker 15
/// without an address.
fn people() -> Vec<Person> {
    vec![
        person(10, Role::CommunityWorker),
        person(11, Role::CommunityLead),
        Person { party: Some(id(PROPERTY)), ..person(12, Role::Handler) },
        Person { party: Some(id(OTHER)), ..person(13, Role::Handler) },
        Person { grids: vec![id(GRID)], ..person(14, Role::GridWorker) },
        Person { mail: false, ..person(15, Role::CommunityWorker) },
    ]
}

fn way(number: u128, kind: Kind, party: Option<u128>) -> Way {
    Way { id: id(number), kind, topics: Topic::ALL.to_vec(), party: party.map(id) }
}

/// A group robot 20, the property's own robot 21, mail 22, a webhook 23 and the property's own webhook 24.
fn ways() -> Vec<Way> {
    vec![
        way(20, Kind::Wecom, None),
        way(21, Kind::Feishu, Some(PROPERTY)),
        way(22, Kind::Mail, None),
        way(23, Kind::Webhook, None),
        way(24, Kind::Webhook, Some(PROPERTY)),
    ]
}

/// Where a notice goes, in a word that a table can hold.
fn word(notice: &Notice) -> String {
    let short = |id: &Id| id.0.as_u128().to_string();
    match notice {
        Notice::Bell(Whom::Desk) => "desk".into(),
        Notice::Bell(Whom::Lead) => "lead".into(),
        Notice::Bell(Whom::Street) => "street".into(),
        Notice::Bell(Whom::Party(party)) => format!("party{}", short(party)),
        Notice::Bell(Whom::Grid(grid)) => format!("grid{}", short(grid)),
        Notice::Bell(Whom::Person(person)) => format!("person{}", short(person)),
        Notice::Sent(way, None) => short(way),
        Notice::Sent(way, Some(person)) => format!("{}>{}", short(way), short(person)),
    }
}

fn told(happening: Happening, facts: Facts) -> String {
    match notices(&happening, &facts, &people(), &ways()) {
        Some((topic, notices)) => {
            format!("{}: {}", topic.word(), notices.iter().map(word).collect::<Vec<_>>().join(" "))
        }
        None => "nobody".into(),
    }
}

#[test]
fn each_event_is_told_to_those_whom_it_concerns_and_to_nobody_else() {
    let with_desk = Facts { grid: Some(id(GRID)), ..Facts::default() };
    let with_party = Facts { holder: Some(id(PROPERTY)), ..Facts::default() };
    let table: &[(&str, &Facts, &str)] = &[
        ("submit", &with_desk, "new: desk grid3 20 22>10 22>11 22>14 23"),
        ("submit", &Facts::default(), "new: desk 20 22>10 22>11 23"),
        ("dispatch", &with_party, "given: party1 20 21 22>12 23 24"),
        ("transfer", &with_party, "given: party1 20 21 22>12 23 24"),
        (
            "dispatch",
            &Facts { handler: Some(id(13)), ..with_party.clone() },
            "given: party1 person13 20 21 22>12 22>13 23 24",
        ),
        ("return", &Facts { returns: 1, ..Facts::default() }, "returned: desk 20 22>10 22>11 23"),
        ("return", &Facts { returns: 2, ..Facts::default() }, "returned: desk lead 20 22>10 22>11 23"),
        ("reply", &with_desk, "reply: desk grid3 20 22>10 22>11 22>14 23"),
        ("reply", &with_party, "reply: party1 20 21 22>12 23 24"),
        ("withdraw", &Facts::default(), "withdrawn: desk 20 22>10 22>11 23"),
        ("close", &with_party, "closed: desk 20 21 22>10 22>11 23 24"),
        ("rework", &with_party, "rework: desk party1 20 21 22>10 22>11 22>12 23 24"),
        ("pass_on", &with_party, "closed: desk 20 21 22>10 22>11 23 24"),
        ("ask_extension", &with_party, "asked: lead 20 21 22>11 23 24"),
        ("ask_suspension", &with_party, "asked: lead 20 21 22>11 23 24"),
        ("extend", &with_party, "decided: party1 20 21 22>12 23 24"),
        ("suspend", &with_party, "decided: party1 20 21 22>12 23 24"),
        ("decline", &with_party, "decided: party1 20 21 22>12 23 24"),
        ("resume", &with_party, "resumed: party1 20 21 22>12 23 24"),
        ("urge", &with_party, "urged: party1 20 21 22>12 23 24"),
        ("nudge", &with_party, "urged: desk party1 20 21 22>10 22>11 22>12 23 24"),
        ("nudge", &Facts::default(), "urged: desk 20 22>10 22>11 23"),
        ("due_soon", &with_party, "due_soon: party1 20 21 22>12 23 24"),
        ("overdue", &with_party, "overdue: desk party1 20 21 22>10 22>11 22>12 23 24"),
        ("overdue", &with_desk, "overdue: desk 20 22>10 22>11 23"),
        ("escalate", &with_desk, "escalated: lead 20 22>11 23"),
        ("escalate", &Facts { at_street: true, ..Facts::default() }, "escalated: lead street 20 22>11 23"),
        ("review_due", &with_party, "review_due: lead 20 21 22>11 23 24"),
        ("accept", &with_desk, "nobody"),
        ("note", &with_party, "nobody"),
        ("message", &with_party, "nobody"),
        ("reveal", &with_party, "nobody"),
        ("archive", &with_party, "nobody"),
        ("no such act", &with_party, "nobody"),
    ];
    for (act, facts, expected) in table {
        let happening = Happening { act: (*act).to_owned(), ..Happening::default() };
        assert_eq!(told(happening, (*facts).clone()), *expected, "{act} {facts:?}");
    }
}

#[test]
fn an_answer_is_told_only_when_somebody_is_unhappy() {
    let answer = |unhappy| Happening { act: "answer".into(), unhappy, ..Happening::default() };
    assert_eq!(told(answer(false), Facts::default()), "nobody");
    assert_eq!(told(answer(true), Facts::default()), "unhappy: desk 20 22>10 22>11 23");
}

#[test]
fn a_party_that_is_asked_for_support_hears_of_it_and_the_holder_does_not() {
    let asked = Happening { act: "support".into(), named: Some(id(OTHER)), ..Happening::default() };
    let facts = Facts { holder: Some(id(PROPERTY)), ..Facts::default() };
    assert_eq!(told(asked, facts), "support: party2 20 21 22>13 23 24");
}

#[test]
fn nobody_gets_a_message_about_what_they_did_themselves() {
    let own = Happening { act: "close".into(), by: Some(id(10)), ..Happening::default() };
    assert_eq!(told(own, Facts::default()), "closed: desk 20 22>11 23");
}

#[test]
fn a_tip_off_never_enters_a_group_chat_or_what_is_a_partys_own() {
    for act in ["submit", "dispatch", "close", "rework"] {
        let happening = Happening { act: act.into(), ..Happening::default() };
        let facts = Facts { tip_off: true, holder: Some(id(PROPERTY)), ..Facts::default() };
        let said = told(happening, facts);
        let words: Vec<&str> = said.split(' ').collect();
        assert!(words.contains(&"23") && words.contains(&"desk") || act == "dispatch", "{said}");
        for way in ["20", "21", "24"] {
            assert!(!words.contains(&way), "{said}");
        }
    }
}

#[test]
fn a_channel_is_told_only_of_the_topics_it_asked_for() {
    let ways = [Way { topics: vec![Topic::Rework], ..way(20, Kind::Dingtalk, None) }];
    let submit = Happening { act: "submit".into(), ..Happening::default() };
    let (_, told) = notices(&submit, &Facts::default(), &people(), &ways).unwrap();
    assert_eq!(told, [Notice::Bell(Whom::Desk)]);
}

#[test]
fn every_act_of_the_table_exists_once() {
    for (place, row) in TOLD.iter().enumerate() {
        let known = Step::parse(row.0).is_some() || Act::parse(row.0).is_some();
        assert!(known && TOLD.iter().skip(place + 1).all(|other| other.0 != row.0), "{}", row.0);
    }
}
