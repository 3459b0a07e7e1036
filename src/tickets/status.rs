//! The life of a ticket: the only place that says which step may follow which, and who may take it.
//!
//! The buttons on a page, the API, the tests and the diagram in ARCHITECTURE.md all read these tables.
//! Source: domain §4.

use crate::error::{Error, Result};
use crate::people::Role;

text_enum! {
    /// Where a ticket stands, as staff see it.
    pub enum Status {
        New = "new", "待受理";
        Accepted = "accepted", "已受理";
        InProgress = "in_progress", "处理中";
        FollowUp = "follow_up", "待回访";
        Archived = "archived", "已归档";
        Refused = "refused", "不予受理";
        Withdrawn = "withdrawn", "已撤回";
        Merged = "merged", "已并案";
    }
}

text_enum! {
    /// A step: what moves a ticket from one status to the next.
    pub enum Step {
        Accept = "accept", "受理";
        Refuse = "refuse", "不予受理";
        Withdraw = "withdraw", "撤回";
        Merge = "merge", "并案";
        Dispatch = "dispatch", "派单";
        Transfer = "transfer", "转派";
        Return = "return", "退回";
        Close = "close", "办结";
        Answer = "answer", "评价";
        Rework = "rework", "重办";
        Archive = "archive", "归档";
    }
}

text_enum! {
    /// What happens to a ticket without moving it.
    pub enum Act {
        Submit = "submit", "提交";
        Contact = "contact", "联系";
        Categorize = "categorize", "定分类";
        Note = "note", "内部备注";
        Message = "message", "给居民留言";
        Reply = "reply", "居民补充";
        Photo = "photo", "添加照片";
        Reveal = "reveal", "查看电话";
        Propose = "propose", "建议剔除";
        Decide = "decide", "审批剔除";
    }
}

text_enum! {
    /// The four steps that a resident sees.
    pub enum Plain {
        Submitted = "submitted", "已提交";
        Accepted = "accepted", "已受理";
        Working = "working", "处理中";
        Done = "done", "已办结";
    }
}

use Role::{CommunityLead as Lead, CommunityWorker as Worker, GridWorker as Grid, Handler, Resident, Timer};
use Status::*;
use Step::*;

/// From these statuses, this step, by these roles, leads to that status.
pub const STEPS: &[(&[Status], Step, &[Role], Status)] = &[
    (&[New], Accept, &[Worker, Lead, Grid], Status::Accepted),
    (&[New], Refuse, &[Worker, Lead], Refused),
    (&[New], Withdraw, &[Resident], Withdrawn),
    (&[New, Status::Accepted, InProgress], Merge, &[Worker, Lead], Merged),
    (&[Status::Accepted], Dispatch, &[Worker, Lead], InProgress),
    (&[Status::Accepted], Close, &[Worker, Lead, Grid], FollowUp),
    (&[InProgress], Transfer, &[Worker, Lead], InProgress),
    (&[InProgress], Return, &[Handler, Grid], Status::Accepted),
    (&[InProgress], Close, &[Handler, Worker, Lead, Grid], FollowUp),
    (&[FollowUp], Answer, &[Resident, Worker], Archived),
    (&[FollowUp, Archived], Rework, &[Resident, Lead], InProgress),
    (&[FollowUp], Archive, &[Timer, Lead], Archived),
];

const OPEN: &[Status] = &[New, Status::Accepted, InProgress, FollowUp];
const ANY: &[Status] = Status::ALL;

/// In these statuses, this act, by these roles. `Submit` has no status before it.
pub const ACTS: &[(&[Status], Act, &[Role])] = &[
    (OPEN, Act::Contact, &[Worker, Lead, Grid, Handler]),
    (&[New, Status::Accepted, InProgress], Act::Categorize, &[Worker, Lead]),
    (ANY, Act::Note, &[Worker, Lead, Grid, Handler]),
    (OPEN, Act::Message, &[Worker, Lead, Grid, Handler]),
    (OPEN, Act::Reply, &[Resident]),
    (OPEN, Act::Photo, &[Worker, Lead, Grid, Handler]),
    (ANY, Act::Reveal, &[Worker, Lead, Grid, Handler]),
    (ANY, Act::Propose, &[Worker, Lead]),
    (ANY, Act::Decide, &[Lead]),
];

impl Status {
    /// The status after `step`, or why `role` cannot take that step from here.
    pub fn after(self, step: Step, role: Role) -> Result<Status> {
        let row = STEPS.iter().find(|row| row.0.contains(&self) && row.1 == step);
        let (_, _, roles, to) = row.ok_or_else(|| self.past(step.label()))?;
        if roles.contains(&role) { Ok(*to) } else { Err(Error::Forbidden) }
    }

    /// Whether `role` may do `act` now, or why not.
    pub fn allows(self, act: Act, role: Role) -> Result<()> {
        let row = ACTS.iter().find(|row| row.0.contains(&self) && row.1 == act);
        let (_, _, roles) = row.ok_or_else(|| self.past(act.label()))?;
        if roles.contains(&role) { Ok(()) } else { Err(Error::Forbidden) }
    }

    /// The steps to offer `role` as buttons.
    pub fn steps_for(self, role: Role) -> Vec<Step> {
        let rows = STEPS.iter().filter(|row| row.0.contains(&self) && row.2.contains(&role));
        rows.map(|row| row.1).collect()
    }

    /// Whether the clock of the deadline runs.
    pub fn clock_runs(self) -> bool {
        matches!(self, New | Status::Accepted | InProgress)
    }

    /// Whether nothing can follow any more, and no work was done.
    pub fn ended_early(self) -> bool {
        matches!(self, Refused | Withdrawn | Merged)
    }

    /// What the resident sees of it.
    pub fn plain(self) -> Plain {
        match self {
            New => Plain::Submitted,
            Status::Accepted => Plain::Accepted,
            InProgress => Plain::Working,
            FollowUp | Archived | Refused | Withdrawn | Merged => Plain::Done,
        }
    }

    fn past(self, what: &str) -> Error {
        Error::conflict(format!("这件诉求现在是“{}”，不能再{what}；请刷新看看最新情况", self.label()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn no_step_stands_twice_for_one_status() {
        for status in Status::ALL {
            for step in Step::ALL {
                let rows = STEPS.iter().filter(|row| row.0.contains(status) && row.1 == *step).count();
                assert!(rows <= 1, "{status:?} {step:?}");
            }
        }
    }

    #[test]
    fn every_open_ticket_can_be_brought_to_an_end_by_a_lead() {
        for status in [New, Status::Accepted, InProgress, FollowUp] {
            assert!(!status.steps_for(Lead).is_empty(), "{status:?}");
        }
        for status in [Refused, Withdrawn, Merged] {
            assert!(Role::ALL.iter().all(|role| status.steps_for(*role).is_empty()), "{status:?}");
        }
    }

    #[test]
    fn a_resident_never_moves_a_ticket_that_is_being_worked_on() {
        assert!(InProgress.steps_for(Resident).is_empty());
        assert!(Status::Accepted.steps_for(Resident).is_empty());
    }

    proptest! {
        #[test]
        fn random_steps_never_leave_the_table(steps in prop::collection::vec((0..Step::ALL.len(), 0..Role::ALL.len()), 0..60)) {
            let mut status = New;
            let mut closings = 0;
            for (step, role) in steps {
                let (step, role) = (Step::ALL[step], Role::ALL[role]);
                let before = status;
                match status.after(step, role) {
                    Ok(next) => {
                        prop_assert!(before.steps_for(role).contains(&step));
                        prop_assert!(!before.ended_early(), "nothing follows an end");
                        closings += i32::from(step == Close);
                        status = next;
                    }
                    Err(_) => prop_assert!(!before.steps_for(role).contains(&step)),
                }
                // Nobody waits for an answer, and nothing is archived, that was never closed.
                prop_assert!(closings > 0 || !matches!(status, FollowUp | Archived));
            }
        }
    }
}
