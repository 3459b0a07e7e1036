//! What the residents' pages show: one struct per template, filled by the handlers next door.
//!
//! Everything here is ready to be read: times are words, phones are masked, numbers are text. No
//! rule is decided in a template or in this file, and nothing here knows the database.

mod form;
mod ticket;

use askama::Template;

pub use form::{FormPage, KeptPhoto, Notice, PHOTO_LIMIT, Tile};
pub use ticket::{
    Choice, Ending, Message, Part, Personal, Photo, Progress, Questions, Rework, Step, TicketPage,
};

/// What surrounds every resident's page.
#[derive(Debug, Clone, Default)]
pub struct Shell {
    /// The page's title, as in the browser's tab.
    pub title: String,
    /// The community's name; empty where it is not known.
    pub community: String,
    /// Whether this installation holds demonstration data only.
    pub demo: bool,
    /// Whether the page is shown in large print.
    pub large: bool,
    /// The address of the same page in the other print size; empty hides the switch.
    pub size_url: String,
    /// Whom one can call, the most useful first.
    pub phones: Vec<Contact>,
    /// The ICP filing number as it must be shown; may be empty.
    pub icp: String,
    /// The public security filing number as it must be shown; may be empty.
    pub police: String,
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
            "photo" => "photo-1",
            field => field,
        }
    }
}

impl From<&crate::error::Problem> for FieldProblem {
    fn from(problem: &crate::error::Problem) -> FieldProblem {
        FieldProblem { field: problem.field.to_owned(), message: problem.message.to_string() }
    }
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
    /// What happened.
    pub fn title(self) -> &'static str {
        match self {
            Gone::UnknownCode => "没有找到这个码",
            Gone::ReplacedCode => "此码已更换",
            Gone::StoppedCode => "此码已停用",
            Gone::UnknownTicket => "没有找到这张单子",
        }
    }

    /// What to do next.
    pub fn sentence(self) -> &'static str {
        match self {
            Gone::UnknownCode => {
                "可能是码破损了没扫清，或者少输了一位。请再扫一次；还是不行，请打电话告诉社区，一样能办。"
            }
            Gone::ReplacedCode => "楼门口已经换上了新码，请扫新码反映；也可以直接打电话告诉社区。",
            Gone::StoppedCode => "这里暂时不能扫码反映，请打电话告诉社区，一样能办。",
            Gone::UnknownTicket => {
                "可能是网址没有复制完整，或者已经按您的要求删除。请用单号和查询码再查一次，或打电话问社区。"
            }
        }
    }

    fn way_on(self) -> &'static str {
        match self {
            Gone::UnknownTicket => "查进度",
            _ => "去反映问题",
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
    /// The mark by which staff find the fault in the log; may be empty.
    pub trace: String,
}

/// The printable receipt of a report that staff took down.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "reports/slip.html")]
pub struct SlipPage {
    /// What surrounds the page; its phones are printed.
    pub shell: Shell,
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
    /// Where staff go back to.
    pub back_url: String,
}

#[cfg(test)]
mod tests;
