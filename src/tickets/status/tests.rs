//! The tables of steps and acts, as people would say them.

use super::*;
use proptest::prelude::*;

/// Every way in which a ticket of that status can stand.
fn stands(status: Status) -> impl Iterator<Item = Stand> {
    (0..24).map(move |bits| Stand {
        status,
        on_account: bits & 1 > 0,
        taken: bits & 2 > 0,
        endangers: bits & 4 > 0,
        returns: bits / 8,
    })
}

fn fresh(status: Status) -> Stand {
    Stand { status, on_account: false, taken: false, returns: 0, endangers: false }
}

#[test]
fn one_rule_at_most_lets_a_role_take_a_step() {
    for stand in Status::ALL.iter().copied().flat_map(stands) {
        for (step, role) in Step::ALL.iter().flat_map(|step| Role::ALL.iter().map(move |role| (step, role))) {
            let mine = STEPS.iter().filter(|row| {
                row.0.contains(&stand.status) && row.1 == *step && row.2.contains(role) && row.4.holds(stand)
            });
            assert!(mine.count() <= 1, "{stand:?} {step:?} {role:?}");
        }
    }
}

#[test]
fn every_open_ticket_can_be_brought_on_by_a_lead() {
    for stand in [New, Status::Accepted, InProgress, FollowUp].into_iter().flat_map(stands) {
        // Only what the community has or a party works on is ever put on account.
        let possible = !stand.on_account || [Status::Accepted, InProgress].contains(&stand.status);
        assert!(!possible || !stand.steps_for(Lead).is_empty(), "{stand:?}");
    }
    for status in [Refused, Withdrawn] {
        assert!(Role::ALL.iter().all(|role| fresh(status).steps_for(*role).is_empty()), "{status:?}");
    }
}

#[test]
fn a_resident_never_moves_a_ticket_that_is_being_worked_on() {
    for stand in [Status::Accepted, InProgress].into_iter().flat_map(stands) {
        assert!(stand.steps_for(Resident).is_empty());
    }
}

#[test]
fn whoever_accepted_first_leads_until_the_community_lead_decides() {
    let led = Stand { taken: true, ..fresh(InProgress) };
    let refused = led.after(Transfer, Worker).unwrap_err();
    assert!(refused.to_string().contains("首接负责"), "{refused}");
    assert!(led.after(Return, Handler).is_err() && fresh(InProgress).after(Return, Handler).is_ok());
    assert_eq!(led.after(Transfer, Lead).unwrap(), InProgress);
    // A merger between does not change that.
    let merged = Stand { status: Merged, ..led };
    assert!(merged.after(Unmerge, Worker).unwrap_err().to_string().contains("首接负责"));
    assert!(merged.after(Unmerge, Lead).is_ok() && fresh(Merged).after(Unmerge, Worker).is_ok());
}

#[test]
fn what_was_returned_twice_is_given_out_by_the_community_lead() {
    let twice = Stand { returns: 2, ..fresh(Status::Accepted) };
    assert!(twice.after(Dispatch, Worker).unwrap_err().to_string().contains("社区负责人"));
    assert!(twice.after(Dispatch, Lead).is_ok() && fresh(Status::Accepted).after(Dispatch, Worker).is_ok());
}

#[test]
fn on_account_a_ticket_waits_to_be_taken_off() {
    let waiting = Stand { on_account: true, taken: true, ..fresh(InProgress) };
    for role in Role::ALL {
        assert!(waiting.steps_for(*role).iter().all(|step| *step == Resume), "{role:?}");
    }
    assert!(waiting.after(Close, Handler).unwrap_err().to_string().contains("先销账"));
}

#[test]
fn the_moment_the_ticket_and_the_person_are_told_apart() {
    assert!(matches!(fresh(New).after(Dispatch, Worker), Err(Error::Conflict(_))));
    assert!(matches!(fresh(New).after(Accept, Handler), Err(Error::Forbidden)));
    assert!(matches!(fresh(New).allows(Act::Urge, Worker), Err(Error::Forbidden)));
}

proptest! {
    #[test]
    fn random_steps_never_leave_the_table(steps in prop::collection::vec((0..Step::ALL.len(), 0..Role::ALL.len()), 0..60)) {
        let mut stand = fresh(New);
        let mut closings = 0;
        for (step, role) in steps {
            let (step, role) = (Step::ALL[step], Role::ALL[role]);
            let before = stand;
            match stand.after(step, role) {
                Ok(next) => {
                    prop_assert!(before.steps_for(role).contains(&step));
                    prop_assert!(!before.status.ended_early() || step == Unmerge, "nothing else follows an end");
                    closings += i32::from(matches!(step, Close | PassOn));
                    stand.status = next;
                    stand.on_account = (stand.on_account || step == Suspend) && step != Resume;
                    stand.taken = (stand.taken || step == Take) && !matches!(step, Transfer | Dispatch);
                    stand.returns += i32::from(step == Return);
                }
                Err(_) => prop_assert!(!before.steps_for(role).contains(&step)),
            }
            // Nobody waits for an answer, and nothing is archived, that was never closed.
            prop_assert!(closings > 0 || !matches!(stand.status, FollowUp | Archived));
            prop_assert!(!stand.on_account || matches!(stand.status, Status::Accepted | InProgress));
        }
    }
}
