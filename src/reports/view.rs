//! What the residents' pages show: one struct per template, filled by the handlers next door.
//!
//! Everything here is ready to be read: times are words, phones are masked, numbers are text. No
//! rule is decided in a template or in this file, and nothing here knows the database.

use askama::Template;

/// How many photos one report may carry.
pub const PHOTO_LIMIT: usize = 6;

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

/// `GET /q/{code}`, and the same page again when something has to be mended.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "reports/form.html")]
pub struct FormPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// Where the form is sent: the address of this page.
    pub action: String,
    /// The place as people say it: 「天宫院中里 3号楼2单元」.
    pub place: String,
    /// A sentence under the place, such as that the code was replaced and still works; may be empty.
    pub place_note: String,
    /// The categories to choose from, at most twelve.
    pub tiles: Vec<Tile>,
    /// What was typed.
    pub text: String,
    /// How many characters `text` may have.
    pub text_limit: usize,
    /// Photos that have already arrived.
    pub kept: Vec<KeptPhoto>,
    /// The phone as typed; never filled from anywhere else.
    pub phone: String,
    /// Whether the party that handles the report may have the phone.
    pub share_phone: bool,
    /// Whether the result may be published.
    pub publish: bool,
    /// The privacy notice.
    pub notice: Notice,
    /// Empty in the ready-made page (the script fills it); what was sent when the page is shown again.
    pub idempotency_key: String,
    /// What has to be mended.
    pub errors: Vec<FieldProblem>,
}

impl FormPage {
    fn error(&self, field: &str) -> Option<&str> {
        message_for(&self.errors, field)
    }

    fn photo_limit(&self) -> usize {
        PHOTO_LIMIT
    }

    fn slots(&self) -> std::ops::RangeInclusive<usize> {
        let kept = self.kept.iter().filter(|photo| !photo.removed).count();
        1..=PHOTO_LIMIT.saturating_sub(kept)
    }
}

/// A category of level 1 in plain words.
#[derive(Debug, Clone, Default)]
pub struct Tile {
    /// The code of level 1.
    pub code: String,
    /// The plain words.
    pub label: String,
    /// Examples, a few words; may be empty.
    pub hint: String,
    /// What to do first when it is dangerous, shown once the tile is chosen; may be empty.
    pub danger: String,
    /// Whether it is the chosen one.
    pub checked: bool,
}

/// A photo that arrived with an earlier try.
#[derive(Debug, Clone, Default)]
pub struct KeptPhoto {
    /// The key under which it is held, sent back as `kept`.
    pub key: String,
    /// The address of its small picture.
    pub url: String,
    /// Whether the resident asked to drop it, sent back as `removed`.
    pub removed: bool,
}

/// The privacy notice of a community.
#[derive(Debug, Clone, Default)]
pub struct Notice {
    /// The version that is stored with the report.
    pub version: String,
    /// One or two sentences.
    pub short: String,
    /// The whole text; line ends are kept.
    pub full: String,
}

/// `GET /t/{secret}`: the page of one report.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "reports/ticket.html")]
pub struct TicketPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// The address of this page without a slash at its end: `/t/{secret}`.
    pub path: String,
    /// Whether the resident arrives here straight from sending the form.
    pub received: bool,
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
    /// Until when, in words: 「6月3日 18:00 前打电话给您」; may be empty.
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
    /// Photos after the repair.
    pub repaired: Vec<Photo>,
    /// The three questions, when they may be answered now.
    pub questions: Option<Questions>,
    /// The answers given, one line each.
    pub answered: Vec<String>,
    /// The way back to work, when it is open.
    pub rework: Option<Rework>,
    /// Messages both ways, the oldest first. Internal notes never come here.
    pub messages: Vec<Message>,
    /// Whether the resident can write a message now.
    pub can_write: bool,
    /// The message that was refused and is shown again; else empty.
    pub draft: String,
    /// Whether the report can still be withdrawn.
    pub can_withdraw: bool,
    /// The place as people say it.
    pub place: String,
    /// The category in plain words.
    pub matter: String,
    /// What the resident wrote.
    pub text: String,
    /// The resident's own data, when this page may change it.
    pub personal: Option<Personal>,
    /// A fresh key, so that a form of this page that is sent twice counts once.
    pub form_key: String,
    /// What has to be mended. Fields: `contacted`, `solved`, `satisfied`, `comment`, `rework_reason`,
    /// `message`, `confirm`, `phone`.
    pub errors: Vec<FieldProblem>,
}

impl TicketPage {
    fn error(&self, field: &str) -> Option<&str> {
        message_for(&self.errors, field)
    }
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

    /// The same for people: the mark alone would say it by shape and colour only.
    pub fn label(self) -> &'static str {
        match self {
            Progress::Done => "已完成",
            Progress::Now => "现在在这一步",
            Progress::Ahead => "还没到",
            Progress::Never => "不再进行",
        }
    }

    fn is_now(self) -> bool {
        self == Progress::Now
    }
}

/// How a report ended when it was not worked on: 不予受理, 已撤回, 已并案.
#[derive(Debug, Clone, Default)]
pub struct Ending {
    /// What happened.
    pub title: String,
    /// Why, and what one can do now.
    pub reason: String,
    /// Where to go on, such as the main report; empty when there is nothing.
    pub link_url: String,
    /// The words of that link.
    pub link_label: String,
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
    /// Why we ask and until when one can answer.
    pub invitation: String,
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
    /// Whether the resident wrote it.
    pub mine: bool,
}

/// The resident's own data as it is held.
#[derive(Debug, Clone, Default)]
pub struct Personal {
    /// The phone with its middle hidden; empty when none was left.
    pub phone_masked: String,
    /// Whether the party that handles the report may have it.
    pub share_phone: bool,
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
#[path = "view_test.rs"]
mod tests;
