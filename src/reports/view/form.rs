//! The page at the door: what the resident fills in, and what is shown again to be mended.
//!
//! The ready-made page is the same for everyone who scans one code: it carries nobody's data and no
//! key. Next door: [`super::TicketPage`], where the resident arrives afterwards.

use askama::Template;

use crate::reports::closed::Solved;

use super::{FieldProblem, Shell, message_for, offered, step_classes};
use crate::reports::door::board::Board;

/// How many photos one report may carry.
pub const PHOTO_LIMIT: usize = 6;

/// The steps of the form. In large print each is a screen of its own with one question; one page carries them all, so that
/// nothing is lost on the way, with or without a script. Who one is to the place is asked at spots alone.
const STEPS: [&str; 8] = ["category", "text", "photo", "phone", "share", "relation", "publish", "send"];

/// `GET /q/{code}`, and the same page again when something has to be mended.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "reports/form.html")]
pub struct FormPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// Where the form is sent: the address of this page.
    pub action: String,
    /// The address of the door itself.
    pub door: String,
    /// The place as people say it: 「天宫院中里 3号楼2单元」.
    pub place: String,
    /// A sentence under the place, such as that the code was replaced and still works; may be empty.
    pub place_note: String,
    /// The categories to choose from, at most twelve.
    pub tiles: Vec<Tile>,
    /// What was solved here lately, for neighbours to say whether it is.
    pub solved: Vec<Solved>,
    /// What was typed.
    pub text: String,
    /// How many characters `text` may have.
    pub text_limit: usize,
    /// Photos that have already arrived.
    pub kept: Vec<KeptPhoto>,
    /// A voice message that has already arrived, as it is sent back; may be empty.
    pub voice: String,
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
    /// Whom to call, what is being handled, what is planned.
    pub board: Board,
    /// Where the script asks for a token when the form is first touched.
    pub token_url: String,
    /// When about the page was made, signed: all there is without a script.
    pub page_stamp: String,
    /// What has to be mended.
    pub errors: Vec<FieldProblem>,
}

impl FormPage {
    fn error(&self, field: &str) -> Option<&str> {
        message_for(&self.errors, field)
    }

    fn steps(&self) -> impl Iterator<Item = &'static str> {
        STEPS.into_iter().filter(|step| *step != "relation" || !self.board.relations.is_empty())
    }

    /// The places of everything that large print shows alone: the steps, and what stands beside the form.
    fn places(&self) -> Vec<String> {
        let beside = offered([
            ("same", true),
            ("handled", !self.board.matters.is_empty()),
            ("works", !self.board.works.is_empty()),
        ]);
        let own = beside.into_iter().chain(self.steps()).map(str::to_owned);
        own.chain((1..=self.solved.len()).map(|number| format!("fixed-{number}"))).collect()
    }

    /// How far a step is, and how many there are.
    fn number_of(&self, step: &str) -> usize {
        self.steps().take_while(|each| *each != step).count() + 1
    }

    fn step_count(&self) -> usize {
        self.steps().count()
    }

    /// The step before another; empty at the beginning.
    fn before(&self, step: &str) -> &'static str {
        self.steps().take_while(|each| *each != step).last().unwrap_or_default()
    }

    /// The step after another; empty at the end.
    fn after(&self, step: &str) -> &'static str {
        self.steps().skip_while(|each| *each != step).nth(1).unwrap_or_default()
    }

    /// The step where a field stands.
    fn step_of(&self, field: &str) -> &'static str {
        match field {
            "share_phone" => "share",
            field => self.steps().find(|step| *step == field).unwrap_or("send"),
        }
    }

    /// The classes of a part of the page: the step that is shown first is the one where something has to be mended.
    fn step(&self, names: &str) -> String {
        let wrong = |step: &&str| self.errors.iter().any(|problem| self.step_of(&problem.field) == *step);
        step_classes(names, self.steps().find(wrong).unwrap_or(STEPS[0]))
    }

    /// The classes of the card with what was solved here: shown at each of its own places.
    fn solved_steps(&self) -> String {
        let all: Vec<String> = (1..=self.solved.len()).map(|number| format!("fixed-{number}")).collect();
        step_classes(&all.join(" "), "")
    }

    /// In another language than that of the notice: which of the two holds.
    fn notice_language(&self) -> String {
        self.shell.t("door-notice-language").to_string()
    }

    /// An address below that of the door, so that its page looks the same.
    fn below(&self, tail: &str) -> String {
        self.shell.to(&format!("{}{tail}", self.door))
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
    /// What is said of a planned work of this category; may be empty.
    pub planned: String,
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
    /// What is collected, and what for.
    pub collected: Vec<String>,
    /// To whom it may go.
    pub recipients: Vec<String>,
    /// Where this version stays readable.
    pub url: String,
}
