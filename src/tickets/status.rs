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
    /// A step: what moves a ticket from one status to the next, changes who leads it or until when.
    pub enum Step {
        Accept = "accept", "受理";
        Refuse = "refuse", "不予受理";
        Withdraw = "withdraw", "撤回";
        Merge = "merge", "并案";
        Unmerge = "unmerge", "撤销并案";
        Dispatch = "dispatch", "派单";
        Take = "take", "接单";
        Transfer = "transfer", "转派";
        Return = "return", "退回";
        Extend = "extend", "延期";
        Suspend = "suspend", "挂账";
        Resume = "resume", "销账";
        PassOn = "pass_on", "转出";
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
        MakeSafe = "make_safe", "排险";
        Categorize = "categorize", "定分类";
        Support = "support", "请协办";
        Unsupport = "unsupport", "撤协办";
        AskExtension = "ask_extension", "申请延期";
        AskSuspension = "ask_suspension", "申请挂账";
        Decline = "decline", "不同意申请";
        Urge = "urge", "督办";
        Nudge = "nudge", "催单";
        Split = "split", "拆分";
        Note = "note", "内部备注";
        Message = "message", "给居民留言";
        Reply = "reply", "居民补充";
        Meet = "meet", "邻居也遇到";
        Vouch = "vouch", "核对邻居也遇到";
        Echo = "echo", "邻居评价";
        Photo = "photo", "添加照片";
        Doubt = "doubt", "邻居说还没好";
        Publish = "publish", "公示结果";
        TakeBack = "take_back", "撤下公示";
        Reveal = "reveal", "查看电话和原文";
        Invite = "invite", "发外部链接";
        Revoke = "revoke", "收回外部链接";
        Open = "outside_open", "外部接手";
        Say = "outside_say", "外部留言";
        Report = "outside_report", "外部报完成";
        Respond = "outside_reply", "答复外部单位";
        Check = "outside_check", "核实外部完成";
        SendBack = "outside_return", "退回外部单位";
        Propose = "propose", "建议剔除";
        Decide = "decide", "审批剔除";
        Correct = "correct", "居民更正个人信息";
        Erase = "erase", "居民删除个人信息";
        DueSoon = "due_soon", "即将到期";
        Overdue = "overdue", "已超期";
        Escalate = "escalate", "升级";
        ReviewDue = "review_due", "挂账到期复核";
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

/// Where a ticket stands: its status, and what else a rule may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stand {
    /// Its status.
    pub status: Status,
    /// 挂账: it stands on account, and its clock rests.
    pub on_account: bool,
    /// 接单: a party accepted to lead it.
    pub taken: bool,
    /// How many times it was returned.
    pub returns: i32,
    /// It is to be made safe, and is not yet.
    pub endangers: bool,
}

/// What must hold beside the status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Nothing.
    Always,
    /// It is not on account.
    Running,
    /// It is on account.
    OnAccount,
    /// It runs, and nobody accepted to lead it yet.
    Untaken,
    /// It runs, and somebody leads it: the first that accepted (首接负责).
    Taken,
    /// It runs, and was returned at most once.
    FirstReturn,
    /// It runs, and was returned twice: it must not go round in circles.
    Circling,
    /// It is to be made safe.
    Endangers,
}

impl When {
    /// Every condition.
    pub const ALL: [When; 8] = [
        When::Always,
        When::Running,
        When::OnAccount,
        When::Untaken,
        When::Taken,
        When::FirstReturn,
        When::Circling,
        When::Endangers,
    ];

    /// Whether it holds.
    pub fn holds(self, stand: Stand) -> bool {
        let running = !stand.on_account;
        match self {
            When::Always => true,
            When::Running => running,
            When::OnAccount => stand.on_account,
            When::Untaken => running && !stand.taken,
            When::Taken => running && stand.taken,
            When::FirstReturn => running && stand.returns < 2,
            When::Circling => running && stand.returns >= 2,
            When::Endangers => stand.endangers,
        }
    }

    /// Why `what` cannot be done where it does not hold, and what to do instead.
    fn refusal(self, stand: Stand, what: &str) -> Error {
        Error::conflict(match self {
            _ if stand.on_account && self != When::Endangers => format!("这件诉求在挂账，请先销账再{what}"),
            When::Untaken => format!("承办单位已经接单（首接负责），不能再{what}；要换主办请社区负责人决定"),
            When::FirstReturn => format!("这件诉求已被退回两次，由社区负责人{what}"),
            When::OnAccount => "这件诉求没有挂账".to_owned(),
            When::Endangers => "这件诉求没有待排除的险情".to_owned(),
            When::Always | When::Running | When::Taken | When::Circling => format!("现在不能{what}"),
        })
    }
}

use Role::{
    CommunityLead as Lead, CommunityWorker as Worker, GridWorker as Grid, Handler, Outsider, Resident,
    StreetManager, Supporter, Timer,
};
use Status::*;
use Step::*;
use When::{Always, Circling, Endangers, FirstReturn, OnAccount, Running, Taken, Untaken};

/// From these statuses, this step, by these roles, leads to that status, when that holds.
pub type StepRule = (&'static [Status], Step, &'static [Role], Status, When);
/// In these statuses, this act, by these roles, when that holds.
pub type ActRule = (&'static [Status], Act, &'static [Role], When);

/// Every step there is.
pub const STEPS: &[StepRule] = &[
    (&[New], Accept, &[Worker, Lead, Grid], Status::Accepted, Running),
    (&[New], Refuse, &[Worker, Lead], Refused, Running),
    (&[New], Withdraw, &[Resident], Withdrawn, Running),
    (&[New, Status::Accepted, InProgress], Merge, &[Worker, Lead], Merged, Running),
    // What a party had taken before it was merged goes back to the community by its lead alone: 首接负责 outlasts a merger.
    (&[Merged], Unmerge, &[Worker, Lead], Status::Accepted, Untaken),
    (&[Merged], Unmerge, &[Lead], Status::Accepted, Taken),
    (&[Status::Accepted], Dispatch, &[Worker, Lead], InProgress, FirstReturn),
    (&[Status::Accepted], Dispatch, &[Lead], InProgress, Circling),
    (&[Status::Accepted], Close, &[Worker, Lead, Grid], FollowUp, Running),
    (&[InProgress], Take, &[Handler, Worker, Lead], InProgress, Untaken),
    (&[InProgress], Transfer, &[Worker, Lead], InProgress, Untaken),
    (&[InProgress], Transfer, &[Lead], InProgress, Taken),
    (&[InProgress], Return, &[Handler, Grid], Status::Accepted, Untaken),
    (&[Status::Accepted], Extend, &[Lead], Status::Accepted, Running),
    (&[InProgress], Extend, &[Lead], InProgress, Running),
    (&[Status::Accepted], Suspend, &[Lead], Status::Accepted, Running),
    (&[InProgress], Suspend, &[Lead], InProgress, Running),
    (&[Status::Accepted], Resume, &[Worker, Lead], Status::Accepted, OnAccount),
    (&[InProgress], Resume, &[Worker, Lead], InProgress, OnAccount),
    (&[New, Status::Accepted, InProgress], PassOn, &[Worker, Lead], FollowUp, Running),
    (&[InProgress], Close, &[Handler, Worker, Lead, Grid], FollowUp, Running),
    (&[FollowUp], Answer, &[Resident, Worker], Archived, Always),
    (&[FollowUp, Archived], Rework, &[Resident, Lead], InProgress, Always),
    (&[FollowUp], Archive, &[Timer, Lead], Archived, Always),
];

const UNDONE: &[Status] = Status::RUNNING;
const AT_WORK: &[Status] = &[Status::Accepted, InProgress];
const CLOSED: &[Status] = Status::CLOSED;
const OPEN: &[Status] = &[New, Status::Accepted, InProgress, FollowUp];
const ANY: &[Status] = Status::ALL;

/// Every act there is. `Submit` has no status before it.
pub const ACTS: &[ActRule] = &[
    (OPEN, Act::Contact, &[Worker, Lead, Grid, Handler, Supporter], Always),
    (UNDONE, Act::MakeSafe, &[Worker, Lead, Grid, Handler, Supporter], Endangers),
    (UNDONE, Act::Categorize, &[Worker, Lead], Running),
    (AT_WORK, Act::Support, &[Worker, Lead], Always),
    (AT_WORK, Act::Unsupport, &[Worker, Lead], Always),
    (AT_WORK, Act::AskExtension, &[Handler, Grid, Worker, Lead], Running),
    (AT_WORK, Act::AskSuspension, &[Handler, Grid, Worker, Lead], Running),
    (AT_WORK, Act::Decline, &[Lead], Always),
    (UNDONE, Act::Urge, &[Lead, StreetManager], Always),
    (UNDONE, Act::Nudge, &[Resident], Always),
    (UNDONE, Act::Split, &[Worker, Lead], Running),
    (ANY, Act::Note, &[Worker, Lead, Grid, Handler, Supporter], Always),
    (OPEN, Act::Message, &[Worker, Lead, Grid, Handler], Always),
    (OPEN, Act::Reply, &[Resident], Always),
    (UNDONE, Act::Meet, &[Resident], Always),
    (ANY, Act::Vouch, &[Worker, Lead], Always),
    (CLOSED, Act::Echo, &[Resident], Always),
    (OPEN, Act::Photo, &[Worker, Lead, Grid, Handler, Supporter], Always),
    (CLOSED, Act::Doubt, &[Resident], Always),
    (CLOSED, Act::Publish, &[Lead], Always),
    (ANY, Act::TakeBack, &[Worker, Lead], Always),
    (ANY, Act::Reveal, &[Worker, Lead, Grid, Handler], Always),
    (AT_WORK, Act::Invite, &[Worker, Lead], Always),
    (AT_WORK, Act::Revoke, &[Worker, Lead], Always),
    (AT_WORK, Act::Open, &[Outsider], Always),
    (AT_WORK, Act::Say, &[Outsider], Always),
    (AT_WORK, Act::Report, &[Outsider], Always),
    (AT_WORK, Act::Respond, &[Worker, Lead], Always),
    (AT_WORK, Act::Check, &[Worker, Lead], Always),
    (AT_WORK, Act::SendBack, &[Worker, Lead], Always),
    (ANY, Act::Propose, &[Worker, Lead], Always),
    (ANY, Act::Decide, &[Lead], Always),
    (ANY, Act::Correct, &[Resident], Always),
    (ANY, Act::Erase, &[Resident], Always),
    (UNDONE, Act::DueSoon, &[Timer], Running),
    // Also on account: a danger that is not made safe rings there.
    (UNDONE, Act::Overdue, &[Timer], Always),
    (UNDONE, Act::Escalate, &[Timer], Running),
    (UNDONE, Act::ReviewDue, &[Timer], OnAccount),
];

impl Stand {
    /// The status after `step`, or why `role` cannot take that step from here.
    pub fn after(self, step: Step, role: Role) -> Result<Status> {
        let rows = STEPS.iter().filter(|row| row.0.contains(&self.status) && row.1 == step);
        let rules = rows.map(|row| (row.2, row.4, row.3));
        self.first(rules, role, step.label())
    }

    /// Whether `role` may do `act` now, or why not.
    pub fn allows(self, act: Act, role: Role) -> Result<()> {
        let rows = ACTS.iter().filter(|row| row.0.contains(&self.status) && row.1 == act);
        self.first(rows.map(|row| (row.2, row.3, ())), role, act.label())
    }

    /// What the rule that lets `role` do it leads to. Otherwise says whether it is the moment, the ticket or the person.
    fn first<T>(
        self,
        rules: impl Iterator<Item = (&'static [Role], When, T)>,
        role: Role,
        what: &str,
    ) -> Result<T> {
        let (mut moment, mut refusal) = (false, None);
        for (roles, when, result) in rules {
            moment = true;
            match roles.contains(&role) {
                true if when.holds(self) => return Ok(result),
                true => refusal = Some(when.refusal(self, what)),
                false => {}
            }
        }
        Err(refusal.unwrap_or_else(|| if moment { Error::Forbidden } else { self.status.past(what) }))
    }

    /// The steps to offer `role` as buttons.
    pub fn steps_for(self, role: Role) -> Vec<Step> {
        let own =
            |row: &&StepRule| row.0.contains(&self.status) && row.2.contains(&role) && row.4.holds(self);
        STEPS.iter().filter(own).map(|row| row.1).collect()
    }
}

impl Status {
    /// In which the clock of the deadline runs.
    pub const RUNNING: &'static [Status] = &[New, Status::Accepted, InProgress];
    /// In which work has ended with a result.
    pub const CLOSED: &'static [Status] = &[FollowUp, Archived];
    /// In which it ended before any work was done.
    pub const ENDED_EARLY: &'static [Status] = &[Refused, Withdrawn, Merged];
    /// In which it was never taken on, by the community or as a part of something else.
    pub const NEVER_TAKEN_ON: &'static [Status] = &[Refused, Withdrawn];
    /// In which nothing more is waited for.
    pub const OVER: &'static [Status] = &[Archived, Refused, Withdrawn, Merged];

    /// Whether the clock of the deadline runs.
    pub fn clock_runs(self) -> bool {
        Status::RUNNING.contains(&self)
    }

    /// Whether a party has it.
    pub fn with_party(self) -> bool {
        self == InProgress
    }

    /// Whether it was closed, and the resident has not answered yet.
    pub fn awaits_answer(self) -> bool {
        self == FollowUp
    }

    /// Whether work on it has ended with a result.
    pub fn closed(self) -> bool {
        Status::CLOSED.contains(&self)
    }

    /// Whether it ended before any work was done; a merger can still be undone.
    pub fn ended_early(self) -> bool {
        Status::ENDED_EARLY.contains(&self)
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
mod tests;
