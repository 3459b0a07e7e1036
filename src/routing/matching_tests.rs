//! The order of rules, their hours, and what no rule can undo, on communities that are made up here.

use chrono::{NaiveDate, NaiveDateTime};
use proptest::prelude::*;

use super::*;
use crate::clock::at_local;
use crate::places::{Place, PlaceKind};
use crate::routing::rules::Scope;
use crate::routing::standing::in_time;

fn party(name: &str, aliases: &str, kind: PartyKind) -> Party {
    Party {
        community_id: Id(uuid::Uuid::from_u128(1)),
        id: Id::new(),
        name: name.to_owned(),
        aliases: aliases.to_owned(),
        kind,
        phone: String::new(),
        fallback: name == "社区居委会",
        disabled_at: None,
    }
}

fn parties() -> Vec<Party> {
    vec![
        party("社区居委会", "", PartyKind::Committee),
        party("物业中心", "物业", PartyKind::Property),
        party("电梯公司", "电梯维保单位", PartyKind::Enterprise),
        party("夜班队", "", PartyKind::Other),
    ]
}

fn category(code: &str, lead: &str, kind: Kind, urgency: Urgency) -> Category {
    Category {
        code: code.to_owned(),
        level1: format!("大类{}", &code[..2]),
        level2: format!("小类{code}"),
        default_kind: kind,
        lead_party: lead.to_owned(),
        supporting_parties: String::new(),
        urgency,
        first_contact_minutes: 60,
        make_safe_minutes: None,
        deadline_minutes: 600,
        danger_hint: None,
        comparable: true,
        hotline_class: String::new(),
        retired_at: None,
    }
}

fn place(id: u128, kind: PlaceKind, name: &str, parent: Option<u128>, building: Option<u128>) -> Place {
    let id_of = |number: u128| Id(uuid::Uuid::from_u128(number));
    Place {
        community_id: id_of(1),
        id: id_of(id),
        kind,
        name: name.to_owned(),
        full_name: name.to_owned(),
        parent_id: parent.map(id_of),
        building_id: building.map(id_of),
        grid_id: Some(id_of(99)),
        households: None,
        sort: 0,
        retired_at: None,
    }
}

/// Compound 10 › building 20 › units 30 and 31; building 21 › unit 32; a spot 40 in the compound.
fn around() -> Around {
    Around {
        places: vec![
            place(10, PlaceKind::Compound, "小区", None, None),
            place(20, PlaceKind::Building, "1号楼", Some(10), Some(20)),
            place(21, PlaceKind::Building, "2号楼", Some(10), Some(21)),
            place(30, PlaceKind::Unit, "1号楼1单元", Some(20), Some(20)),
            place(31, PlaceKind::Unit, "1号楼2单元", Some(20), Some(20)),
            place(32, PlaceKind::Unit, "2号楼1单元", Some(21), Some(21)),
            place(40, PlaceKind::Spot, "凉亭", Some(10), None),
        ],
        grids: Vec::new(),
        categories: vec![category("0201", "物业", Kind::Help, Urgency::Critical)],
    }
}

fn rule(number: u128, lead: &str, change: impl FnOnce(&mut Terms)) -> Rule {
    let mut terms = Terms { lead: lead.to_owned(), ..Terms::default() };
    change(&mut terms);
    Rule {
        community_id: Id(uuid::Uuid::from_u128(1)),
        id: Id(uuid::Uuid::from_u128(number)),
        terms,
        changed_by: "社区负责人 01".to_owned(),
        changed_at: Time::from_micros(0),
        disabled_at: None,
    }
}

fn at_place(number: u128) -> impl Fn(&mut Terms) {
    move |terms| {
        terms.scope = Scope::Place;
        terms.place_id = Some(Id(uuid::Uuid::from_u128(number)));
    }
}

/// A Wednesday, 10:00.
fn wednesday(hour: u32, minute: u32) -> NaiveDateTime {
    NaiveDate::from_ymd_opt(2025, 6, 4).unwrap().and_hms_opt(hour, minute, 0).unwrap()
}

fn routed(rules: Vec<Rule>, place: u128, category: Option<&Category>, kind: Kind, text: &str) -> Route {
    let around = around();
    let place = around.places.iter().find(|each| each.id.0.as_u128() == place).unwrap();
    let matter = Matter {
        place,
        grid_id: place.grid_id,
        level1: category.map_or("02", Category::level1_code),
        category: category.map(|each| each.code.as_str()),
        kind: Some(kind),
        text,
        submitted_at: at_local(wednesday(10, 0)),
    };
    Ruleset::new(parties(), rules, (Vec::new(), Reckonings::natural()), &around)
        .route(&matter, category)
        .unwrap()
}

#[test]
fn the_smaller_place_wins_then_the_finer_category_then_more_conditions_then_the_order() {
    let lift = category("0201", "物业", Kind::Help, Urgency::Critical);
    let street = |terms: &mut Terms| terms.scope = Scope::Street;
    let grid = |terms: &mut Terms| {
        terms.scope = Scope::Grid;
        terms.grid_id = Some(Id(uuid::Uuid::from_u128(99)));
    };
    // Each beats all before it, whatever their order numbers say.
    let ladder: Vec<Rule> = vec![
        rule(1, "物业中心", |terms| {
            street(terms);
            terms.category = "0201".into();
            terms.sort = 0;
        }),
        rule(2, "夜班队", |terms| terms.sort = 9),
        rule(3, "电梯公司", |terms| terms.sort = 8),
        rule(4, "夜班队", |terms| terms.weekdays = 31),
        rule(5, "电梯公司", |terms| terms.urgency = Some(Urgency::Critical)),
        rule(6, "夜班队", |terms| terms.kind = Some(Kind::Help)),
        rule(7, "电梯公司", |terms| terms.category = "02".into()),
        rule(8, "夜班队", |terms| terms.category = "0201".into()),
        rule(9, "电梯公司", at_place(10)),
        rule(10, "夜班队", grid),
        rule(11, "电梯公司", at_place(20)),
        rule(12, "夜班队", at_place(30)),
    ];
    for upto in 1..=ladder.len() {
        let route = routed(ladder[..upto].iter().rev().cloned().collect(), 30, Some(&lift), Kind::Help, "");
        let won = route.why.rule_id.unwrap().0.as_u128();
        assert_eq!(won, upto as u128, "{}", route.reason);
        assert_eq!(route.why.others.len() + route.why.more, upto - 1);
        assert!(route.why.others.iter().all(|other| other.lost.starts_with("也对得上")));
    }
}

#[test]
fn a_rule_of_a_building_holds_in_its_units_and_nowhere_else() {
    for (place, holds) in [(20, true), (30, true), (31, true), (32, false), (40, false)] {
        let route = routed(vec![rule(1, "电梯公司", at_place(20))], place, None, Kind::Help, "");
        assert_eq!(route.lead.name == "电梯公司", holds, "{place}");
    }
    for place in [10, 20, 30, 32, 40] {
        let route = routed(vec![rule(1, "电梯公司", at_place(10))], place, None, Kind::Help, "");
        assert_eq!(route.lead.name, "电梯公司", "{place} lies in the compound");
    }
    let route = routed(vec![rule(1, "电梯公司", at_place(30))], 31, None, Kind::Help, "");
    assert_eq!(route.lead.name, "社区居委会");
    assert_eq!(route.why.others[0].lost, "地点不在范围内");
}

#[test]
fn hours_over_midnight_belong_to_the_day_on_which_they_began() {
    let night =
        Terms { from_minute: Some(22 * 60), until_minute: Some(6 * 60), weekdays: 4, ..Terms::default() };
    // Wednesday alone: from Wednesday 22:00 to Thursday 06:00.
    let day = |day: u32, hour, minute| {
        NaiveDate::from_ymd_opt(2025, 6, day).unwrap().and_hms_opt(hour, minute, 0).unwrap()
    };
    let table = [
        (day(4, 21, 59), false),
        (day(4, 22, 0), true),
        (day(4, 23, 59), true),
        (day(5, 0, 0), true),
        (day(5, 5, 59), true),
        (day(5, 6, 0), false),
        (day(5, 23, 0), false),
        (day(4, 3, 0), false),
    ];
    for (at, inside) in table {
        assert_eq!(in_time(&night, at), inside, "{at}");
    }
    let noon = Terms { from_minute: Some(12 * 60), until_minute: Some(14 * 60), ..Terms::default() };
    assert!(in_time(&noon, day(4, 12, 0)) && !in_time(&noon, day(4, 14, 0)));
    let weekend = Terms { weekdays: 32 + 64, ..Terms::default() };
    assert!(
        in_time(&weekend, day(7, 1, 0))
            && in_time(&weekend, day(8, 23, 0))
            && !in_time(&weekend, day(9, 1, 0))
    );
}

#[test]
fn a_rule_may_change_the_clocks_and_leave_the_lead() {
    let lift = category("0201", "物业", Kind::Help, Urgency::Critical);
    let hurry = rule(1, "", |terms| {
        terms.deadline_minutes = Some(30);
        terms.set_urgency = Some(Urgency::Hard);
        terms.supporting = "夜班队、没有的单位、物业".into();
    });
    let route = routed(vec![hurry], 30, Some(&lift), Kind::Help, "");
    let begun = at_local(wednesday(10, 0));
    assert_eq!((route.lead.name.as_str(), route.urgency), ("物业中心", Urgency::Hard));
    assert_eq!((route.due_at, route.first_contact_due), (begun.plus_minutes(30), begun.plus_minutes(60)));
    let names: Vec<&str> = route.supporting.iter().map(|party| party.name.as_str()).collect();
    assert_eq!(names, ["夜班队"], "who leads does not support, who is not there neither");
    assert!(route.rules_version.contains("/rule-"), "{}", route.rules_version);
}

#[test]
fn a_tip_off_never_goes_to_a_party_whatever_a_rule_says() {
    let all = rule(1, "物业中心", |terms| terms.supporting = "夜班队".into());
    let route = routed(vec![all], 30, None, Kind::TipOff, "");
    assert_eq!(route.lead.name, "社区居委会");
    assert!(route.supporting.is_empty(), "whoever supports would read it");
}

#[test]
fn a_complaint_about_a_party_is_led_by_the_community_and_the_party_supports() {
    let to_property = || vec![rule(1, "物业中心", |_| {})];
    let named = routed(to_property(), 30, None, Kind::Complaint, "物业不修灯");
    assert_eq!((named.lead.name.as_str(), named.supporting[0].name.as_str()), ("社区居委会", "物业中心"));
    let service = category("0305", "物业", Kind::Complaint, Urgency::Normal);
    let service = routed(Vec::new(), 30, Some(&service), Kind::Complaint, "道闸总不抬杆");
    assert_eq!((service.lead.name.as_str(), service.supporting[0].name.as_str()), ("社区居委会", "物业中心"));
    let other = routed(to_property(), 30, None, Kind::Complaint, "有人乱停自行车");
    assert_eq!(other.lead.name, "物业中心", "a complaint about others is theirs to settle");
    let help = routed(to_property(), 30, None, Kind::Help, "请物业来修灯");
    assert_eq!(help.lead.name, "物业中心", "who asks a party for help does not complain about it");
}

#[test]
fn a_party_that_is_missing_or_out_of_use_is_replaced_by_the_fallback_and_the_sentence_says_so() {
    let missing = routed(vec![rule(1, "外星人", |_| {})], 30, None, Kind::Help, "");
    assert_eq!(missing.lead.name, "社区居委会");
    assert!(missing.reason.contains("外星人") && missing.reason.contains("没有登记"), "{}", missing.reason);
    let mut parties = parties();
    parties[2].disabled_at = Some(Time::from_micros(1));
    let around = around();
    let set = Ruleset::new(
        parties,
        vec![rule(1, "电梯公司", |_| {})],
        (Vec::new(), Reckonings::natural()),
        &around,
    );
    assert_eq!(set.flagged, 1);
    let place = &around.places[3];
    let submitted_at = at_local(wednesday(10, 0));
    let matter =
        Matter { place, grid_id: None, level1: "02", category: None, kind: None, text: "", submitted_at };
    let route = set.route(&matter, None).unwrap();
    assert!(route.reason.contains("已停用") && route.lead.name == "社区居委会", "{}", route.reason);
}

fn any_terms() -> impl Strategy<Value = Terms> {
    let names = ["", "物业中心", "物业", "电梯公司", "夜班队", "没有的单位", "社区居委会"];
    let lead = prop::sample::select(names.to_vec());
    let supporting = prop::sample::select(vec!["", "夜班队", "夜班队、物业", "没有的单位"]);
    let scope =
        (prop::sample::select(Scope::ALL.to_vec()), prop::sample::select(vec![10_u128, 20, 30, 40, 77]));
    let category = prop::sample::select(vec!["", "02", "0201", "03", "0305"]);
    let kind = prop::option::of(prop::sample::select(Kind::ALL.to_vec()));
    let hours = prop::option::of((0..1440_i32, 0..1440_i32));
    (lead, supporting, scope, category, kind, hours, 1..=127_i32).prop_map(
        |(lead, supporting, (scope, place), category, kind, hours, weekdays)| Terms {
            scope,
            place_id: Some(Id(uuid::Uuid::from_u128(place))),
            grid_id: Some(Id(uuid::Uuid::from_u128(99))),
            category: category.to_owned(),
            kind,
            weekdays,
            from_minute: hours.map(|(from, _)| from),
            until_minute: hours.map(|(_, until)| until),
            lead: lead.to_owned(),
            supporting: supporting.to_owned(),
            ..Terms::default()
        },
    )
}

proptest! {
    #[test]
    fn no_ticket_is_ever_without_a_party_in_use_and_a_tip_off_never_with_another(
        terms in prop::collection::vec(any_terms(), 0..12),
        disabled in prop::collection::vec(any::<bool>(), 3),
        place in 0..7_usize,
        kind in prop::option::of(prop::sample::select(Kind::ALL.to_vec())),
        level2 in prop::option::of(prop::sample::select(vec!["0201", "0305"])),
        minutes in 0..20_000_i64,
    ) {
        let mut parties = parties();
        for (party, off) in parties[1..].iter_mut().zip(disabled) {
            party.disabled_at = off.then_some(Time::from_micros(1));
        }
        let around = around();
        let rules = terms.into_iter().zip(1..).map(|(terms, number)| Rule { terms, ..rule(number, "", |_| {}) });
        let set = Ruleset::new(parties, rules.collect(), (Vec::new(), Reckonings::natural()), &around);
        let category = level2.map(|code| category(code, "物业", Kind::Complaint, Urgency::Normal));
        let submitted_at = at_local(wednesday(10, 0)).plus_minutes(minutes);
        let matter = Matter {
            place: &around.places[place], grid_id: None, level1: "02", category: level2, kind,
            text: "物业不管", submitted_at,
        };
        let route = set.route(&matter, category.as_ref()).unwrap();
        prop_assert!(route.lead.disabled_at.is_none());
        prop_assert!(route.supporting.iter().all(|party| party.disabled_at.is_none() && party.id != route.lead.id));
        prop_assert!(!route.reason.is_empty() && route.due_at >= submitted_at);
        prop_assert!(route.kind != Kind::TipOff || route.lead.fallback && route.supporting.is_empty());
        let about_property = route.kind == Kind::Complaint && route.lead.kind == PartyKind::Property;
        prop_assert!(!about_property, "a complaint that names the property company is not led by it");
    }
}
