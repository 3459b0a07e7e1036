use super::*;
use crate::mask::FreeText;
use crate::routing::{Kind, Urgency};
use crate::tickets::{Channel, Status};

/// Monday 2026-11-23, 09:00 in Shanghai.
fn at(minutes: i64) -> Time {
    crate::clock::midnight("2026-11-23".parse().unwrap()).plus_minutes(540 + minutes)
}

/// Submitted at 0, to be called after an hour, safe after two, done after eight.
#[expect(clippy::too_many_lines, reason = "a line for each column of the row")]
fn fresh() -> Ticket {
    Ticket {
        community_id: Id::new(),
        id: Id::new(),
        number: String::new(),
        key_version: 1,
        secret_hash: Vec::new(),
        query_hash: Vec::new(),
        channel: Channel::Scan,
        code: None,
        place_id: Id::new(),
        building_id: None,
        grid_id: None,
        spot_note: FreeText::default(),
        kind: Kind::Help,
        level1: "01".into(),
        category: None,
        text: FreeText::default(),
        hazard: false,
        reach: None,
        publish: false,
        share_phone: false,
        name_sealed: None,
        phone_sealed: None,
        phone_hash: None,
        phone_masked: None,
        device_hash: None,
        notice_version: String::new(),
        submitted_at: at(0),
        called_at: None,
        registered_by: None,
        status: Status::New,
        version: 1,
        urgency: Urgency::Normal,
        first_contact_due: at(60),
        make_safe_due: Some(at(120)),
        due_at: at(480),
        open_due_at: Some(at(480)),
        rules_version: String::new(),
        lead_id: Id::new(),
        routed: String::new(),
        handler_id: None,
        dispatched_at: None,
        accepted_at: None,
        first_contact_at: None,
        closed_at: None,
        result: None,
        result_text: FreeText::default(),
        solved_level: None,
        answered_at: None,
        answer_valid: None,
        contacted: None,
        solved: None,
        satisfied: None,
        answer_comment: FreeText::default(),
        events: 1,
        rounds: 0,
        returns: 0,
        main_id: None,
        hotline_number: None,
        excluded: None,
        taken_at: None,
        safe_at: None,
        suspended_at: None,
        escalated: None,
        origin_id: None,
    }
}

fn facts() -> Facts {
    Facts {
        reckoning: Reckoning::natural(),
        fired: Vec::new(),
        rests: Vec::new(),
        reworked_at: None,
        review_at: None,
        street_after: 2880,
        archive_after: 7 * 1440,
    }
}

/// Everything that rings until `until`, as minutes and alarms, looking again a minute after each.
fn all(ticket: &Ticket, mut facts: Facts, until: i64) -> Vec<(i64, Alarm)> {
    let mut rung = Vec::new();
    let mut now = at(0);
    while let Some((moment, alarm)) = next(ticket, &facts, now).filter(|(moment, _)| *moment <= at(until)) {
        now = moment.max(now);
        rung.push(((now.0 - at(0).0).num_minutes(), alarm));
        facts.fired.push((alarm, now));
    }
    rung
}

#[test]
fn a_ticket_that_nobody_touches_rings_each_clock_once_and_climbs_two_rungs() {
    let wanted = [
        (60, Alarm::FirstContact),
        (120, Alarm::MakeSafe),
        (360, Alarm::DueSoon),
        (480, Alarm::ToLead),
        (480 + 2880, Alarm::ToStreet),
    ];
    assert_eq!(all(&fresh(), facts(), 1_000_000), wanted);
}

#[test]
fn a_clock_that_was_stopped_does_not_ring() {
    let ticket = Ticket { first_contact_at: Some(at(10)), safe_at: Some(at(20)), ..fresh() };
    assert_eq!(all(&ticket, facts(), 480), [(360, Alarm::DueSoon), (480, Alarm::ToLead)]);
    for status in [Status::Refused, Status::Withdrawn, Status::Merged, Status::Archived] {
        assert_eq!(next(&Ticket { status, open_due_at: None, ..fresh() }, &facts(), at(0)), None);
    }
}

#[test]
fn whoever_comes_too_late_to_warn_says_only_that_it_is_late() {
    let ticket = Ticket { first_contact_at: Some(at(10)), make_safe_due: None, ..fresh() };
    assert_eq!(next(&ticket, &facts(), at(9000)), Some((at(480), Alarm::ToLead)));
}

#[test]
fn a_deadline_that_was_moved_later_rings_anew_and_one_moved_earlier_does_not() {
    let mut ticket = Ticket { first_contact_at: Some(at(10)), make_safe_due: None, ..fresh() };
    let said = || vec![(Alarm::DueSoon, at(360)), (Alarm::ToLead, at(480))];
    (ticket.due_at, ticket.open_due_at) = (at(2000), Some(at(2000)));
    let later = all(&ticket, Facts { fired: said(), ..facts() }, 4000);
    assert_eq!(later, [(1500, Alarm::DueSoon), (2000, Alarm::ToLead)]);
    (ticket.due_at, ticket.open_due_at) = (at(400), Some(at(400)));
    let earlier = all(&ticket, Facts { fired: said(), ..facts() }, 4000);
    assert_eq!(earlier, [(480 + 2880, Alarm::ToStreet)]);
}

#[test]
fn on_account_a_danger_rings_and_no_other_clock_but_the_review_date() {
    let waiting = Ticket { suspended_at: Some(at(30)), open_due_at: None, ..fresh() };
    let with = Facts { review_at: Some(at(5000)), ..facts() };
    assert_eq!(
        next(&waiting, &with, at(30)),
        Some((at(120), Alarm::MakeSafe)),
        "safety is never put on account"
    );
    let ticket = Ticket { safe_at: Some(at(100)), ..waiting };
    assert_eq!(next(&ticket, &with, at(4999)), Some((at(5000), Alarm::Review)));
    let said = Facts { fired: vec![(Alarm::Review, at(5000))], ..with };
    assert_eq!(next(&ticket, &said, at(5000)), Some((at(6440), Alarm::Look)), "the date may be moved");
}

#[test]
fn what_was_closed_waits_seven_days_from_that_closing() {
    let ticket = Ticket { status: Status::FollowUp, closed_at: Some(at(300)), open_due_at: None, ..fresh() };
    assert_eq!(next(&ticket, &facts(), at(300)), Some((at(300 + 7 * 1440), Alarm::Archive)));
}

/// Closed at 600, after its deadline, and sent back to work at 9000.
fn reworked() -> Ticket {
    Ticket {
        status: Status::InProgress,
        rounds: 1,
        first_contact_at: Some(at(10)),
        make_safe_due: None,
        closed_at: Some(at(600)),
        ..fresh()
    }
}

#[test]
fn what_comes_back_overdue_climbs_again_from_the_first_rung_when_the_round_has_lasted_two_days() {
    let past = vec![(Alarm::DueSoon, at(360)), (Alarm::ToLead, at(480))];
    let again = Facts { fired: past, reworked_at: Some(at(9000)), ..facts() };
    let rungs = [(9000 + 2880, Alarm::ToLead), (9000 + 2 * 2880, Alarm::ToStreet)];
    assert_eq!(all(&reworked(), again, 1_000_000), rungs);
}

#[test]
fn what_comes_back_again_and_again_rings_nothing_in_short_rounds() {
    let past = vec![(Alarm::DueSoon, at(360)), (Alarm::ToLead, at(480))];
    for round in 0..20 {
        let begun = 9000 + round * 1000;
        let again = Facts { fired: past.clone(), reworked_at: Some(at(begun)), ..facts() };
        assert_eq!(all(&reworked(), again, begun + 900), []);
    }
}

#[test]
fn what_comes_back_in_time_warns_before_its_deadline_and_climbs_after_it() {
    let mut ticket = reworked();
    (ticket.due_at, ticket.open_due_at) = (at(20_000), Some(at(20_000)));
    let again = Facts { reworked_at: Some(at(9000)), ..facts() };
    let rungs = [(15_000, Alarm::DueSoon), (20_000, Alarm::ToLead), (22_880, Alarm::ToStreet)];
    assert_eq!(all(&ticket, again, 1_000_000), rungs);
}

#[test]
fn time_on_account_is_no_part_of_the_quarter_that_warns() {
    let mut ticket = Ticket { first_contact_at: Some(at(10)), make_safe_due: None, ..fresh() };
    // Eight hours, of which one had run; then ten days on account.
    (ticket.due_at, ticket.open_due_at) = (at(480 + 14_400), Some(at(480 + 14_400)));
    let rested = Facts { rests: vec![(at(60), at(60 + 14_400))], ..facts() };
    let rung = all(&ticket, rested, 20_000);
    assert_eq!(rung[0], (14_400 + 360, Alarm::DueSoon), "two hours before the end, as on the first day");
}
