//! The rules of what is alike, without a database.

use proptest::prelude::*;

use super::clusters::{clusters, people};
use super::duplicates::resemblance;
use super::recurrence::{read, recurs};
use super::*;
use crate::settings::Alike as Rules;

const DAY: i64 = 1440;

fn at(minutes: i64) -> Time {
    Time::from_micros(1_760_000_000_000_000).plus_minutes(minutes)
}

fn id(number: u128) -> Id {
    Id(uuid::Uuid::from_u128(number))
}

/// A ticket about one lamp in the first unit, by `person`, so many minutes after the beginning.
fn face(number: u128, person: u8, minutes: i64) -> Face {
    Face {
        id: id(number),
        place_id: id(901),
        building_id: Some(id(900)),
        category: Some("0101".to_owned()),
        phone_hash: Some(vec![person]),
        device_hash: None,
        submitted_at: at(minutes),
        closed_at: None,
        status: Status::New,
        origin_id: None,
    }
}

#[test]
fn the_same_person_about_the_same_thing_at_the_same_place_is_a_duplicate() {
    let proof = resemblance(&face(2, 1, 300), &face(1, 1, 0)).unwrap();
    assert!(proof.repeats() && proof.same_phone && !proof.same_device);
    assert_eq!(proof.minutes, 300);
    let device =
        |number, minutes| Face { phone_hash: None, device_hash: Some(vec![7]), ..face(number, 1, minutes) };
    assert!(resemblance(&device(2, 5), &device(1, 0)).unwrap().same_device);
    let unknown = |number, minutes| Face { phone_hash: None, ..face(number, 1, minutes) };
    assert!(
        !resemblance(&unknown(2, 5), &unknown(1, 0)).unwrap().repeats(),
        "nobody is not the same as nobody"
    );
}

#[test]
fn different_people_about_one_matter_are_a_group_and_no_duplicate() {
    assert!(!resemblance(&face(2, 2, 5), &face(1, 1, 0)).unwrap().repeats());
}

#[test]
fn another_place_another_category_or_none_is_another_matter() {
    let earlier = face(1, 1, 0);
    let elsewhere = Face { place_id: id(902), ..face(2, 1, 5) };
    let other = Face { category: Some("0102".to_owned()), ..face(2, 1, 5) };
    let unset = Face { category: None, ..face(2, 1, 5) };
    for later in [elsewhere, other, unset.clone()] {
        assert_eq!(resemblance(&later, &earlier), None);
    }
    assert_eq!(resemblance(&unset, &Face { category: None, ..earlier }), None);
}

#[test]
fn after_thirty_days_or_a_week_after_closing_it_is_a_new_ticket() {
    let earlier = face(1, 1, 0);
    assert!(resemblance(&face(2, 1, 30 * DAY), &earlier).is_some());
    assert_eq!(resemblance(&face(2, 1, 30 * DAY + 1), &earlier), None);
    let closed = Face { closed_at: Some(at(DAY)), status: Status::FollowUp, ..earlier };
    assert!(resemblance(&face(2, 1, 8 * DAY), &closed).is_some());
    assert_eq!(resemblance(&face(2, 1, 8 * DAY + 1), &closed), None);
    let reopened = Face { status: Status::InProgress, ..closed };
    assert!(resemblance(&face(2, 1, 8 * DAY + 1), &reopened).is_some(), "it is open again");
}

#[test]
fn nothing_goes_into_what_ended_what_came_later_or_its_own_report() {
    let ended = Face { status: Status::Merged, ..face(1, 1, 0) };
    assert_eq!(resemblance(&face(2, 1, 5), &ended), None);
    assert_eq!(resemblance(&face(1, 1, 0), &face(2, 1, 5)), None);
    assert_eq!(resemblance(&face(1, 1, 0), &face(1, 1, 0)), None);
    let part = Face { origin_id: Some(id(1)), ..face(2, 1, 0) };
    assert_eq!(resemblance(&part, &face(1, 1, 0)), None);
}

#[test]
fn three_people_of_one_building_within_an_hour_are_one_incident() {
    let other_unit = Face { place_id: id(902), ..face(2, 2, 30) };
    let found = clusters(&[face(1, 1, 0), other_unit.clone(), face(3, 3, 60)], &Rules::default());
    assert_eq!(found.iter().map(Vec::len).collect::<Vec<_>>(), [3]);
    let late = clusters(&[face(1, 1, 0), other_unit.clone(), face(3, 3, 61)], &Rules::default());
    assert!(late.is_empty(), "an hour and a minute");
    let twice = clusters(&[face(1, 1, 0), other_unit, face(3, 2, 40)], &Rules::default());
    assert!(twice.is_empty(), "one of them called twice");
    let elsewhere = Face { building_id: Some(id(800)), ..face(3, 3, 40) };
    assert!(clusters(&[face(1, 1, 0), face(2, 2, 5), elsewhere], &Rules::default()).is_empty());
}

#[test]
fn morning_and_evening_are_two_incidents_and_a_long_row_is_one() {
    let day: Vec<Face> =
        (0..6).map(|n| face(n + 1, n as u8, if n < 3 { 0 } else { 600 } + 10 * n as i64)).collect();
    assert_eq!(clusters(&day, &Rules::default()).iter().map(Vec::len).collect::<Vec<_>>(), [3, 3]);
    let row: Vec<Face> = (0..9).map(|n| face(n + 1, n as u8, 25 * n as i64)).collect();
    assert_eq!(clusters(&row, &Rules::default()).iter().map(Vec::len).collect::<Vec<_>>(), [9]);
}

#[test]
fn a_matter_recurs_until_the_last_day_after_its_closing() {
    assert!(recurs(at(0), at(90 * DAY), 90) && recurs(at(0), at(1), 90));
    assert!(!recurs(at(0), at(90 * DAY + 1), 90) && !recurs(at(0), at(0), 90) && !recurs(at(5), at(0), 90));
}

#[test]
fn a_cursor_that_is_none_means_the_first_page() {
    for text in ["", "x", "1_2", "1_zz_0101", "__"] {
        assert_eq!(read(text), None, "{text}");
    }
}

proptest! {
    #[test]
    fn how_many_people_there_are_does_not_depend_on_the_order(
        known in prop::collection::vec((0..4_u8, 0..4_u8), 0..12), seed in 0..1000_u64,
    ) {
        let bit = |value: u8| (value > 0).then(|| vec![value]);
        let faces: Vec<Face> = known
            .iter()
            .enumerate()
            .map(|(n, (phone, device))| Face {
                phone_hash: bit(*phone), device_hash: bit(*device), ..face(n as u128 + 1, 0, 0)
            })
            .collect();
        let mut all: Vec<&Face> = faces.iter().collect();
        let count = people(&all);
        let turn = if all.is_empty() { 0 } else { seed as usize % all.len() };
        all.rotate_left(turn);
        prop_assert_eq!(people(&all), count);
        all.reverse();
        prop_assert_eq!(people(&all), count);
        prop_assert!(count <= all.len() && (count == 0) == all.is_empty());
    }
}
