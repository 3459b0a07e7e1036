//! The page of one report, by which the resident follows it, answers and asks again.
//!
//! Whoever has its address may read it; internal notes and other people's data never come here.
//! Which forms it offers is decided by the handler and said by the optional fields.

use askama::Template;

use super::{FieldProblem, KeptPhoto, Shell, message_for, offered, step_classes};
use crate::reports::door::board::Danger;
use crate::reports::kept::ADDED_LIMIT;
use crate::words::Saying;

/// `GET /t/{secret}`: the page of one report.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "reports/ticket.html")]
pub struct TicketPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// What to do first where the matter may endanger people, and whom to call; empty once it is done.
    pub danger: Danger,
    /// The address of this page without a slash at its end: `/t/{secret}`.
    pub path: String,
    /// Whether the resident arrives here straight from sending the form.
    pub received: bool,
    /// Photos that did not arrive with it, a sentence for each.
    pub missing: Vec<String>,
    /// What the last form on this page has done, as a sentence; may be empty.
    pub done: String,
    /// The ticket's number.
    pub number: String,
    /// The query code.
    pub query_code: String,
    /// Where things stand, in a few words: 「正在处理」.
    pub headline: String,
    /// Who holds it; empty when nobody does any more.
    pub held_by: String,
    /// Until when, in words: 「最晚 6月3日 18:00 前办结」; may be empty.
    pub until: String,
    /// What the resident may expect next, as a sentence; may be empty.
    pub promise: String,
    /// The four steps.
    pub steps: Vec<Step>,
    /// How it ended, when it ended otherwise than by being done.
    pub ending: Option<Ending>,
    /// What was done, in the words of those who did it; may be empty.
    pub result: String,
    /// Photos of the report.
    pub photos: Vec<Photo>,
    /// Voice messages of the report: addresses.
    pub voices: Vec<String>,
    /// Photos after the repair.
    pub repaired: Vec<Photo>,
    /// The three questions, when they may be answered now.
    pub questions: Option<Questions>,
    /// The answers given, one line each.
    pub answered: Vec<String>,
    /// The way back to work, when it is open.
    pub rework: Option<Rework>,
    /// Whether neighbours told of the same incident, so that each answers for their own home.
    pub shared: bool,
    /// The other matters of the same report.
    pub parts: Vec<Part>,
    /// Whether the resident may press for it.
    pub can_nudge: bool,
    /// Messages both ways, the oldest first. Internal notes never come here.
    pub messages: Vec<Message>,
    /// Whether the resident can write a message now.
    pub can_write: bool,
    /// The message that was refused and is shown again; else empty.
    pub draft: String,
    /// Photos of that message that have already arrived.
    pub kept: Vec<KeptPhoto>,
    /// Whether the report can still be withdrawn.
    pub can_withdraw: bool,
    /// The place as people say it.
    pub place: String,
    /// The category in plain words.
    pub matter: String,
    /// What the resident wrote.
    pub text: String,
    /// A fresh key, so that a form of this page that is sent twice counts once.
    pub form_key: String,
    /// What has to be mended. Fields: `contacted`, `solved`, `satisfied`, `comment`, `rework_reason`,
    /// `message`, `photo`, `nudge`, `confirm`, `phone`.
    pub errors: Vec<FieldProblem>,
    /// What was typed into a form that the page has no more; else empty.
    pub lost: String,
}

impl TicketPage {
    fn error(&self, field: &str) -> Option<&str> {
        message_for(&self.errors, field)
    }

    /// The step that large print shows first: what has to be mended, else how things stand.
    fn first(&self) -> &str {
        self.errors.first().map_or("main", |problem| problem.step_among(&self.places()))
    }

    /// The steps that the page has now.
    fn places(&self) -> Vec<&'static str> {
        let answers = self.questions.is_some();
        offered([
            ("main", true),
            ("nudge", self.can_nudge),
            ("contacted", answers),
            ("solved", answers),
            ("satisfied", answers),
            ("comment", answers),
            ("rework", self.rework.is_some()),
            ("parts", !self.parts.is_empty()),
            ("message", self.can_write),
            ("photos", self.can_write),
            ("withdrawal", self.can_withdraw),
        ])
    }

    /// The classes of a part of the page.
    fn step(&self, names: &str) -> String {
        step_classes(names, self.first())
    }

    fn slots(&self) -> std::ops::RangeInclusive<usize> {
        1..=ADDED_LIMIT.saturating_sub(self.kept.len())
    }

    /// Something below the address of a report, so that what it leads to looks the same.
    fn to(&self, path: &str, noun: &str) -> String {
        self.shell.to(&format!("{path}/{noun}"))
    }

    /// Who holds it, and until when where that is known: markup, with both escaped.
    fn held(&self, who: &str, until: &str) -> String {
        match until {
            "" => self.shell.t("ticket-held").with("who", who).html(),
            until => self.shell.t("ticket-held-until").with("who", who).with("until", until).html(),
        }
    }

    /// What the picture of the receipt says, for those who cannot see it.
    fn card_alt(&self) -> Saying<'_> {
        let alt = self.shell.t("ticket-card-alt").with("number", &self.number);
        alt.with("code", &self.query_code).with("place", &self.place)
    }
}

/// One of several matters of a report: a number and clocks of its own, on the one page.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct Part {
    /// Where its own forms go.
    pub path: String,
    pub number: String,
    pub headline: String,
    /// Who holds it; empty when nobody does any more.
    pub held_by: String,
    pub until: String,
    pub text: String,
    /// What was done; may be empty.
    pub result: String,
    pub questions: Option<Questions>,
    pub answered: Vec<String>,
    pub rework: Option<Rework>,
}

/// One of the four steps that residents see.
#[derive(Debug, Clone)]
pub struct Step {
    /// 已提交, 已受理, 处理中 or 已办结.
    pub label: String,
    /// When it was reached, in words; empty when it was not.
    pub time: String,
    /// Whether it is behind, here or ahead.
    pub progress: Progress,
    /// One more sentence; may be empty.
    pub note: String,
}

/// Where a step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// It is behind.
    Done,
    /// The report is here.
    Now,
    /// It is still to come.
    Ahead,
    /// It will not come: the report ended before.
    Never,
}

impl Progress {
    /// The CSS class.
    pub fn word(self) -> &'static str {
        match self {
            Progress::Done => "done",
            Progress::Now => "now",
            Progress::Ahead => "ahead",
            Progress::Never => "never",
        }
    }

    /// The same for people, found in every language by its words: the mark alone would say it by shape and colour only.
    pub fn label(self) -> &'static str {
        match self {
            Progress::Done => "已完成",
            Progress::Now => "现在在这一步",
            Progress::Ahead => "还没到",
            Progress::Never => "不再进行",
        }
    }

    pub(super) fn is_now(self) -> bool {
        self == Progress::Now
    }
}

/// How a report ended when it was not worked on: 不予受理, 已撤回, 已并案.
#[derive(Debug, Clone, Default)]
pub struct Ending {
    /// What happened.
    pub title: String,
    /// Why, in the words of whoever decided it; may be empty.
    pub reason: String,
    /// What one can do now.
    pub next: String,
}

/// A picture.
#[derive(Debug, Clone, Default)]
pub struct Photo {
    /// The address of the whole picture.
    pub url: String,
    /// The address of the small one.
    pub thumb: String,
}

/// The follow-up: three separate answers.
#[derive(Debug, Clone, Default)]
pub struct Questions {
    /// `yes`, `no`, or empty.
    pub contacted: String,
    /// `yes`, `no`, or empty.
    pub solved: String,
    /// The grades 满意, 基本满意, 不满意.
    pub grades: Vec<Choice>,
    /// What was typed.
    pub comment: String,
}

/// One of several words to choose from.
#[derive(Debug, Clone, Default)]
pub struct Choice {
    /// The word for machines.
    pub word: String,
    /// The word for people.
    pub label: String,
    /// Whether it is the chosen one.
    pub checked: bool,
}

/// The way back to work.
#[derive(Debug, Clone, Default)]
pub struct Rework {
    /// Until when one can ask, as a sentence.
    pub rule: String,
    /// What was typed.
    pub reason: String,
}

/// A message between the resident and staff.
#[derive(Debug, Clone, Default)]
pub struct Message {
    /// Who wrote it, as the resident may know: 「社区工作人员」.
    pub who: String,
    /// When, in words.
    pub time: String,
    /// What was written.
    pub text: String,
    /// Photos that came with it.
    pub photos: Vec<Photo>,
    /// Whether the resident wrote it.
    pub mine: bool,
    /// Whether staff wrote it, in Chinese whatever the language of the page.
    pub chinese: bool,
}
