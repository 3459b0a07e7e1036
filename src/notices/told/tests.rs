//! The table of who is told what, row by row.

use super::*;

const PROPERTY: u128 = 1;
const OTHER: u128 = 2;
const GRID: u128 = 3;

fn id(number: u128) -> Id {
    Id(uuid::Uuid::from_u128(number))
}

fn person(number: u128, role: Role) -> Person {
    Person { id: id(number), role, party: None, grids: Vec::new(), mail: true, phone: false, cover: None }
}

/// A worker 10, a lead 11, a handler of the property 12 and of the other party 13, the grid's worker 14, a worker 15 without
/// an address, and the street's manager 16.
fn people() -> Vec<Person> {
    vec![
        person(10, Role::CommunityWorker),
        person(11, Role::CommunityLead),
        Person { party: Some(id(PROPERTY)), ..person(12, Role::Handler) },
        Person { party: Some(id(OTHER)), ..person(13, Role::Handler) },
        Person { grids: vec![id(GRID)], ..person(14, Role::GridWorker) },
        Person { mail: false, ..person(15, Role::CommunityWorker) },
        person(16, Role::StreetManager),
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
    let in_grid = Facts { grid: Some(id(GRID)), ..with_party.clone() };
    let climbed = Facts { at_street: true, ..with_party.clone() };
    let table: &[(&str, &Facts, &str)] = &[
        ("submit", &with_desk, "new: desk grid3 20 22>10 22>11 22>14 23"),
        ("submit", &Facts::default(), "new: desk 20 22>10 22>11 23"),
        ("dispatch", &with_party, "given: party1 20 21 22>12 23 24"),
        ("transfer", &with_party, "given: party1 20 21 22>12 23 24"),
        (
            "dispatch",
            &Facts { handler: Some(id(13)), seeing: vec![id(13)], ..with_party.clone() },
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
        ("due_soon", &in_grid, "due_soon: party1 grid3 20 21 22>12 22>14 23 24"),
        ("due_soon", &with_desk, "due_soon: desk grid3 20 22>10 22>11 22>14 23"),
        ("overdue", &with_party, "overdue: desk party1 20 21 22>10 22>11 22>12 23 24"),
        ("overdue", &in_grid, "overdue: desk party1 grid3 20 21 22>10 22>11 22>12 22>14 23 24"),
        ("overdue", &with_desk, "overdue: desk grid3 20 22>10 22>11 22>14 23"),
        // First the grid worker and whoever has it, then the lead, then the street.
        ("escalate", &with_desk, "escalated: desk lead grid3 20 22>10 22>11 22>14 23"),
        ("escalate", &in_grid, "escalated: lead party1 grid3 20 21 22>11 22>12 22>14 23 24"),
        ("escalate", &climbed, "escalated: lead street party1 20 21 22>11 22>12 22>16 23 24"),
        ("review_due", &with_party, "review_due: lead 20 21 22>11 23 24"),
        ("outside_say", &with_party, "outside: desk 20 21 22>10 22>11 23 24"),
        ("outside_report", &with_party, "outside: desk party1 20 21 22>10 22>11 22>12 23 24"),
        ("outside_report", &Facts::default(), "outside: desk 20 22>10 22>11 23"),
        ("outside_check", &with_party, "outside: party1 20 21 22>12 23 24"),
        ("outside_return", &with_party, "outside: party1 20 21 22>12 23 24"),
        ("accept", &with_desk, "progress: "),
        ("note", &with_party, "note: "),
        ("message", &with_party, "progress: "),
        ("reveal", &with_party, "nobody"),
        ("archive", &with_party, "progress: "),
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
    assert_eq!(told(answer(false), Facts::default()), "progress: ");
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

fn happens(act: &str) -> Happening {
    Happening { act: act.to_owned(), ..Happening::default() }
}

/// Everybody may see it.
fn seen_by_all() -> Facts {
    Facts { seeing: (10..=15).map(id).collect(), holder: Some(id(PROPERTY)), ..Facts::default() }
}

#[test]
fn whoever_follows_a_ticket_hears_of_all_that_moves_it_once_and_never_of_their_own_doing() {
    let facts = Facts { followers: vec![id(14), id(15)], ..seen_by_all() };
    let told = |happening: Happening| told(happening, facts.clone());
    assert_eq!(told(happens("accept")), "progress: person14 person15 22>14");
    assert_eq!(told(happens("note")), "note: person14 person15 22>14");
    assert_eq!(told(happens("resume")), "resumed: party1 person14 person15 20 21 22>12 22>14 23 24");
    // A worker of the desk, 15, hears by their post; not a second time by name.
    assert_eq!(told(happens("close")), "closed: desk person14 20 21 22>10 22>11 22>14 23 24");
    let own = Happening { by: Some(id(14)), ..happens("accept") };
    assert_eq!(told(own), "progress: person15");
    assert_eq!(told(happens("reveal")), "nobody", "what moves nothing is told to nobody");
}

#[test]
fn whoever_is_reminded_hears_of_it_unless_they_may_not_see_the_ticket() {
    let note = Happening { by: Some(id(10)), reminded: vec![id(14), id(13)], ..happens("note") };
    let without_13 = Facts { seeing: vec![id(14)], followers: vec![id(14)], ..seen_by_all() };
    assert_eq!(told(note.clone(), without_13), "note: person14 22>14");
    assert_eq!(told(note.clone(), Facts { seeing: Vec::new(), ..seen_by_all() }), "note: ");
    let own = Happening { by: Some(id(14)), ..note };
    assert_eq!(told(own, seen_by_all()), "note: person13 22>13");
}

#[test]
fn what_concerns_single_people_goes_to_no_group_and_to_no_other_system() {
    for topic in Topic::ALL {
        for kind in [Kind::Wecom, Kind::Dingtalk, Kind::Feishu, Kind::Webhook] {
            assert_eq!(kind.may_send(*topic), !topic.private(), "{topic} {kind}");
            assert!(!topic.private() || !kind.default_topics().contains(topic));
        }
        assert!(Kind::Mail.may_send(*topic) && Kind::Sms.may_send(*topic));
    }
}

/// As [`told`], while `absent` is away and `cover` stands in.
fn told_while(absent: u128, cover: u128, happening: Happening, facts: Facts) -> String {
    let mut people = people();
    let away = people.iter_mut().find(|person| person.id == id(absent)).unwrap();
    away.cover = Some(id(cover));
    let (_, told) = notices(&happening, &facts, &people, &ways()).unwrap();
    told.iter().map(word).collect::<Vec<_>>().join(" ")
}

#[test]
fn whoever_covers_hears_what_the_absent_colleague_would_and_gets_their_messages() {
    // The worker of the desk covers the party's handler: the bell of the party stays for the day of return.
    let given = told_while(12, 10, happens("dispatch"), seen_by_all());
    assert_eq!(given, "party1 person10 20 21 22>10 23 24");
    // The worker covers the lead, who alone is asked.
    assert_eq!(
        told_while(11, 10, happens("ask_extension"), seen_by_all()),
        "lead person10 20 21 22>10 23 24"
    );
    // Of one desk, the cover hears anyway.
    assert_eq!(told_while(11, 10, happens("withdraw"), Facts::default()), "desk 20 22>10 23");
    // What the absent one follows or is reminded of, by name.
    let follows = Facts { followers: vec![id(14)], ..seen_by_all() };
    assert_eq!(told_while(14, 10, happens("accept"), follows), "person10 person14 22>10");
    let note = Happening { reminded: vec![id(14)], by: Some(id(10)), ..happens("note") };
    assert_eq!(told_while(14, 10, note, seen_by_all()), "person14", "the cover wrote it");
    // Whoever covers and may not see the ticket is not told.
    let unseen = Facts { seeing: vec![id(14)], followers: vec![id(14)], ..Facts::default() };
    assert_eq!(told_while(14, 13, happens("accept"), unseen), "person14");
    // The other grid's worker answers in the absent one's grid too, and is told by that.
    let mut people = people();
    people[4].cover = Some(id(17));
    people.push(Person { grids: vec![id(GRID)], ..person(17, Role::GridWorker) });
    let facts = Facts { grid: Some(id(GRID)), seeing: vec![id(14), id(17)], ..Facts::default() };
    let (_, told) = notices(&happens("reply"), &facts, &people, &[way(22, Kind::Mail, None)]).unwrap();
    let told: Vec<String> = told.iter().map(word).collect();
    assert_eq!(told, ["desk", "grid3", "22>10", "22>11", "22>17"]);
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
fn the_street_hears_by_mail_what_climbed_to_it_and_what_it_follows_or_is_reminded_of() {
    let sees = Facts { seeing: vec![id(16)], ..Facts::default() };
    let follows = Facts { followers: vec![id(16)], ..sees.clone() };
    assert_eq!(told(happens("accept"), follows), "progress: person16 22>16");
    let note = Happening { reminded: vec![id(16)], ..happens("note") };
    assert_eq!(told(note, sees), "note: person16 22>16");
    assert!(!told(happens("submit"), Facts::default()).contains("16"), "not what the desk hears");
}

#[test]
fn what_is_told_under_one_topic_is_still_told_apart() {
    for topic in Topic::ALL {
        let mut said = steps(*topic);
        assert!(!said.is_empty(), "{topic}");
        said.sort_unstable();
        let all = said.len();
        said.dedup();
        assert_eq!(said.len(), all, "{topic}: {said:?}");
    }
    for row in TOLD {
        assert_eq!(step(row.0, row.2), row.1);
        assert!(steps(row.2).contains(&row.1));
    }
    assert_eq!(step("urge", Topic::Urged), "督办");
    assert_ne!(step("extend", Topic::Decided), step("decline", Topic::Decided));
    assert_eq!(step("answer", Topic::Progress), "居民评价", "a good answer is not called a bad one");
    assert_eq!(step("", Topic::Draft), Topic::Draft.label());
}

#[test]
fn every_act_of_the_table_exists_once() {
    for (place, row) in TOLD.iter().enumerate() {
        let known = Step::parse(row.0).is_some() || Act::parse(row.0).is_some();
        assert!(known && TOLD.iter().skip(place + 1).all(|other| other.0 != row.0), "{}", row.0);
    }
}

#[test]
fn the_draft_of_a_report_goes_to_the_lead_and_to_channels_of_the_whole_community() {
    let sent: Vec<String> = of_draft(&people(), &ways())
        .into_iter()
        .map(|(way, person)| word(&Notice::Sent(way, person)))
        .collect();
    assert_eq!(sent, ["20", "22>11", "23"], "no party's own channel, and nobody else by mail");
    let mut away = people();
    away[1].cover = Some(id(10));
    assert!(!of_draft(&away, &ways()).contains(&(id(22), Some(id(11)))), "whoever is away is not written to");
    let silent = Way { topics: vec![Topic::New], ..way(20, Kind::Wecom, None) };
    assert!(of_draft(&people(), &[silent]).is_empty());
}
