//! What the residents' pages show: one struct per template, filled by the handlers next door.
//!
//! Everything here is ready to be read: times are words, phones are masked, numbers are text. No
//! rule is decided in a template or in this file, and nothing here knows the database.

mod form;
mod ticket;

use askama::Template;

use crate::error::Error;
use crate::words::{Lang, Look, Saying, script};

pub use form::{FormPage, KeptPhoto, Notice, PHOTO_LIMIT, Tile};
pub use ticket::{Choice, Ending, Message, Part, Photo, Progress, Questions, Rework, Step, TicketPage};

/// What surrounds every resident's page.
#[derive(Debug, Clone, Default)]
pub struct Shell {
    /// The page's title, as in the browser's tab.
    pub title: String,
    /// The community's name; empty where it is not known.
    pub community: String,
    /// Whether this installation holds demonstration data only.
    pub demo: bool,
    /// Its language and print size.
    pub look: Look,
    /// The address of this page without language and print size; empty hides the switches.
    pub here: String,
    /// Whom one can call, the most useful first.
    pub phones: Vec<Contact>,
    /// Where everybody reads what was solved; empty where no community is known.
    pub bulletin: String,
    /// The ICP filing number as it must be shown; may be empty.
    pub icp: String,
    /// The public security filing number as it must be shown; may be empty.
    pub police: String,
}

impl Shell {
    /// The sentence with this key, in the language of the page.
    pub fn t<'a>(&self, key: &'a str) -> Saying<'a> {
        self.look.lang.t(key)
    }

    /// What another room says in Chinese, in the language of the page.
    pub fn sentence(&self, chinese: &str) -> String {
        self.look.lang.sentence(chinese)
    }

    /// An address of ours, so that its page looks the same.
    pub fn to(&self, address: &str) -> String {
        self.look.to(address)
    }

    pub(crate) fn size_url(&self) -> String {
        self.look.to_other_size(&self.here)
    }

    /// The other languages, each with the address of this page in it.
    pub(crate) fn languages(&self) -> Vec<(Lang, String)> {
        let other = Lang::ALL.iter().copied().filter(|lang| *lang != self.look.lang);
        other.map(|lang| (lang, self.look.to_lang(&self.here, lang))).collect()
    }

    pub(crate) fn script(&self) -> String {
        script(self.look.lang)
    }
}

/// A phone that residents may call.
#[derive(Debug, Clone, Default)]
pub struct Contact {
    /// Whose phone it is: 「社区」, 「物业」.
    pub label: String,
    /// The number as people write it.
    pub number: String,
}

impl Contact {
    /// The number as a phone dials it: digits, and a leading plus.
    pub fn dialled(&self) -> String {
        let plus = self.number.trim_start().starts_with('+');
        let digits = self.number.chars().filter(char::is_ascii_digit);
        plus.then_some('+').into_iter().chain(digits).collect()
    }
}

/// The steps of a page that has none, and is one screen in either print.
pub(crate) const NO_STEPS: [&str; 0] = [];

/// One thing to mend, as shown beside its field and in the summary.
#[derive(Debug, Clone)]
pub struct FieldProblem {
    /// The name of the field, as in [`crate::error::Problem`].
    pub field: String,
    /// What to change, as a sentence.
    pub message: String,
}

impl FieldProblem {
    /// The id of the element that the summary leads to.
    pub fn anchor(&self) -> &str {
        match self.field.as_str() {
            "message" => "message-text",
            field => field,
        }
    }

    /// The step of a report's page, or of a neighbour's, where the field stands in large print.
    pub(crate) fn step(&self) -> &str {
        match self.field.as_str() {
            "answer" => "contacted",
            "rework_reason" => "rework",
            "photo" => "photos",
            "confirm" => "withdrawal",
            field @ ("contacted" | "solved" | "satisfied" | "comment" | "message" | "nudge" | "phone"
            | "text") => field,
            _ => "main",
        }
    }

    /// That element on a page of steps, where its step is one of those `offered`; else the page itself.
    pub(crate) fn anchor_among(&self, offered: &[&'static str]) -> &str {
        if offered.is_empty() || offered.contains(&self.step()) { self.anchor() } else { "main" }
    }

    /// The step of the field, as long as it is one of those `offered`: what was refused may have closed its form.
    pub(crate) fn step_among(&self, offered: &[&'static str]) -> &'static str {
        offered.iter().copied().find(|step| *step == self.step()).unwrap_or("main")
    }

    /// What a refusal says, in the language of the page; beside `field` where it names none.
    pub(crate) fn all(err: &Error, field: &str, lang: Lang) -> Vec<FieldProblem> {
        let said = |field: &str, chinese: &str| FieldProblem {
            field: field.to_owned(),
            message: lang.sentence(chinese),
        };
        match err {
            Error::Invalid(problems) => {
                problems.iter().map(|problem| said(problem.field, &problem.message)).collect()
            }
            err => vec![said(field, &err.to_string())],
        }
    }
}

impl From<&crate::error::Problem> for FieldProblem {
    fn from(problem: &crate::error::Problem) -> FieldProblem {
        FieldProblem { field: problem.field.to_owned(), message: problem.message.to_string() }
    }
}

/// The steps of `all` whose section is there.
pub(crate) fn offered<const N: usize>(all: [(&'static str, bool); N]) -> Vec<&'static str> {
    all.into_iter().filter(|(_, there)| *there).map(|(step, _)| step).collect()
}

/// What was typed, as far as a form was there for it no more.
pub(crate) fn lost(typed: &[(bool, &str)]) -> String {
    let gone = typed.iter().filter(|(shown, words)| !shown && !words.trim().is_empty());
    gone.map(|(_, words)| *words).collect::<Vec<_>>().join("\n")
}

/// The classes of a part of a page by which large print shows it: at the steps that `names` lists, and at once where one
/// of them is the `first` of the page.
pub(crate) fn step_classes(names: &str, first: &str) -> String {
    let on: Vec<String> = names.split(' ').map(|name| format!("on-{name}")).collect();
    let at_once = names.split(' ').any(|name| name == first);
    format!("{}{}", on.join(" "), if at_once { " first" } else { "" })
}

fn message_for<'a>(problems: &'a [FieldProblem], field: &str) -> Option<&'a str> {
    problems.iter().find(|problem| problem.field == field).map(|problem| problem.message.as_str())
}

/// `GET /t` and `POST /t`: a ticket by its number and query code.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "reports/lookup.html")]
pub struct LookupPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The number as typed.
    pub number: String,
    /// The query code as typed.
    pub query_code: String,
    /// Why nothing was found; empty before the first try. Never says which of the two was wrong.
    pub error: String,
    /// The same for number and last four digits.
    pub state_error: String,
}

/// `POST /t/state`: how a ticket stands, and nothing else of it.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "reports/state.html")]
pub struct StatePage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The number as typed.
    pub number: String,
    /// Where things stand, in a few words.
    pub headline: String,
    /// The four steps.
    pub steps: Vec<Step>,
}

/// A code or a ticket that leads nowhere.
#[derive(Debug, Clone, Template)]
#[template(path = "reports/gone.html")]
pub struct GonePage {
    /// What surrounds the page; the community's phones if they are known.
    pub shell: Shell,
    /// What happened.
    pub kind: Gone,
    /// Where the code hung; empty when unknown.
    pub place: String,
    /// Where one can still report; empty when there is no such place.
    pub way_on_url: String,
}

/// Why a page leads nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gone {
    /// No such code was ever issued.
    UnknownCode,
    /// A new code hangs at the door.
    ReplacedCode,
    /// The code is out of use.
    StoppedCode,
    /// No such page of a report.
    UnknownTicket,
}

impl Gone {
    /// The key of what happened.
    pub fn title(self) -> &'static str {
        match self {
            Gone::UnknownCode => "gone-unknown-code",
            Gone::ReplacedCode => "gone-replaced-code",
            Gone::StoppedCode => "gone-stopped-code",
            Gone::UnknownTicket => "gone-unknown-ticket",
        }
    }

    /// The key of what to do next.
    pub fn next(self) -> &'static str {
        match self {
            Gone::UnknownCode => "gone-unknown-code-next",
            Gone::ReplacedCode => "gone-replaced-code-next",
            Gone::StoppedCode => "gone-stopped-code-next",
            Gone::UnknownTicket => "gone-unknown-ticket-next",
        }
    }

    /// The key of the way on.
    fn way_on(self) -> &'static str {
        match self {
            Gone::UnknownTicket => "frame-lookup",
            _ => "gone-report",
        }
    }

    fn is_ticket(self) -> bool {
        self == Gone::UnknownTicket
    }
}

/// Any other refusal or fault.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "reports/error.html")]
pub struct ErrorPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The HTTP status, for those who are told of it on the phone.
    pub status: u16,
    /// What happened, in a few words.
    pub headline: String,
    /// What happened and how to go on, as a sentence.
    pub sentence: String,
    /// Where to go on; empty when there is nothing.
    pub way_on_url: String,
    /// The words of that link.
    pub way_on_label: String,
    /// Whether what a form held has arrived, so that its draft is dropped.
    pub arrived: bool,
    /// The mark by which staff find the fault in the log; may be empty.
    pub trace: String,
}

impl ErrorPage {
    /// What to say on the phone.
    fn code(&self) -> String {
        if self.trace.is_empty() {
            self.status.to_string()
        } else {
            format!("{} · {}", self.status, self.trace)
        }
    }
}

/// The printable receipt of a report that staff took down.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "reports/slip.html")]
pub struct SlipPage {
    /// What surrounds the page; its phones are printed.
    pub shell: Shell,
    /// What stands on it.
    pub slip: Slip,
    /// Where staff go back to.
    pub back_url: String,
}

/// What a resident takes home of what staff took down.
#[derive(Debug, Clone, Default, serde::Serialize, utoipa::ToSchema)]
pub struct Slip {
    /// The ticket's number.
    pub number: String,
    /// The query code.
    pub query_code: String,
    /// The place as people say it.
    pub place: String,
    /// The category in plain words.
    pub matter: String,
    /// What was taken down; may be empty.
    pub text: String,
    /// By which way it came, and when that was where it was not just now.
    pub came: String,
    /// Who holds it.
    pub held_by: String,
    /// Until when, in words.
    pub until: String,
    /// Who took it down.
    pub taken_by: String,
    /// When, in words.
    pub taken_at: String,
    /// Where one looks it up, as a person would type it.
    pub lookup_address: String,
}

#[cfg(test)]
mod tests;
