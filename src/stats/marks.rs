//! What one ticket counts for in a span, and which of that each metric is made of (domain §6).
//!
//! The one definition behind a figure and behind the list of its tickets: `tally` counts who bears a [`Mark`],
//! `members` lists them. Nothing else decides whether a ticket belongs to a figure.

use super::metric::Metric;
use super::tally::{Beside, Row, Span};
use crate::tickets::{Level, Satisfaction, Status};

/// One thing that a ticket may count for in a span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    /// Submitted in the span, whatever became of it.
    Submitted,
    /// The same, neither refused nor taken back.
    Gross,
    /// 受理量: a unit of count submitted in the span. All marks down to [`Mark::Event`] are of these.
    Case,
    /// Repeats no other.
    Distinct,
    /// Repeats another.
    Repeat,
    /// Somebody called.
    Reached,
    /// Stands closed.
    Done,
    /// Was to be called, or was.
    ContactDue,
    /// Was called in time.
    ContactOnTime,
    /// Was given to a party.
    Dispatched,
    /// Was given back.
    Returned,
    /// Was closed at least once.
    EverClosed,
    /// Was closed and worked on again.
    Reworked,
    /// Has a valid answer.
    Heard,
    /// By which it is solved.
    HeardSolved,
    /// By which the resident is satisfied, fully or mostly.
    HeardPleased,
    /// Stands beside the hotline's (C).
    Comparable,
    /// As an event of its own.
    Event,
    /// 办结量: closed in the span, whenever submitted.
    Closed,
    /// The level at which it was solved is known.
    Levelled,
    /// And is the door or the community.
    InCommunity,
    /// 应办结: due in the span.
    Due,
    /// Closed in time.
    OnTime,
    /// Not closed in time.
    Late,
    /// Stands on account.
    OnAccount,
    /// 有效回访: validly answered in the span.
    Answer,
    /// The resident was contacted.
    SaidContacted,
    /// It is solved.
    SaidSolved,
    /// Solved, and never worked on again.
    FirstTime,
    /// 满意.
    Satisfied,
    /// 基本满意.
    Mostly,
    /// A neighbour who joined in the span; no ticket bears this, only who joined one.
    Joined,
}

/// How many marks there are.
pub(super) const MARKS: usize = Mark::Joined as usize + 1;

/// The marks that one ticket bears.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Marks(u64);

impl Marks {
    /// What a neighbour counts for who joined a matter in the span and stands beside the hotline's: a report, and no event.
    pub(super) const VOICE: Marks = Marks((1 << Mark::Joined as u64) | (1 << Mark::Comparable as u64));

    fn put(&mut self, mark: Mark, whether: bool) {
        self.0 |= u64::from(whether) << mark as u64;
    }

    /// Whether this mark is among them.
    pub(super) fn has(self, mark: Mark) -> bool {
        (self.0 >> mark as u64) & 1 == 1
    }

    /// Whether any of these is.
    pub(super) fn any(self, marks: &[Mark]) -> bool {
        marks.iter().any(|mark| self.has(*mark))
    }

    /// The places of the marks, for counters.
    pub(super) fn places(self) -> impl Iterator<Item = usize> {
        (0..MARKS).filter(move |place| (self.0 >> place) & 1 == 1)
    }

    /// What a ticket counts for, as far as the span touches it.
    pub(super) fn of(row: &Row, span: &Span, beside: Beside) -> Marks {
        let mut marks = Marks::default();
        let came = span.has(row.submitted_at);
        marks.put(Mark::Submitted, came);
        marks.put(Mark::Gross, came && row.gross());
        if !row.counted() {
            return marks;
        }
        if came {
            marks.case(row, span, beside);
        }
        if row.closed().is_some_and(|closed| span.has(closed)) {
            marks.put(Mark::Closed, true);
            marks.put(Mark::Levelled, row.solved_level.is_some());
            marks.put(Mark::InCommunity, matches!(row.solved_level, Some(Level::Door | Level::Community)));
        }
        if let Some(late) = row.overdue(span) {
            marks.put(Mark::Due, true);
            marks.put(Mark::Late, late);
            marks.put(Mark::OnTime, !late);
        }
        marks.put(Mark::OnAccount, row.on_account(span));
        if row.answer_valid == Some(true) && row.answered_at.is_some_and(|at| span.has(at)) {
            marks.answer(row);
        }
        marks
    }

    fn case(&mut self, row: &Row, span: &Span, beside: Beside) {
        self.put(Mark::Case, true);
        self.put(Mark::Distinct, !row.repeats());
        self.put(Mark::Repeat, row.repeats());
        self.put(Mark::Done, row.closed().is_some());
        // On account that clock rests: what was not missed before is not missed there.
        let ran_until = row.suspended_at.map_or(span.cut_off, |since| since.min(span.cut_off));
        let missed = row.first_contact_due < ran_until && row.status != Status::Merged;
        self.put(Mark::Reached, row.first_contact_at.is_some());
        self.put(Mark::ContactDue, row.first_contact_at.is_some() || missed);
        self.put(Mark::ContactOnTime, row.first_contact_at.is_some_and(|at| at <= row.first_contact_due));
        self.put(Mark::Dispatched, row.dispatched_at.is_some() || row.returns > 0);
        self.put(Mark::Returned, row.returns > 0);
        self.put(Mark::EverClosed, row.closed_at.is_some());
        self.put(Mark::Reworked, row.closed_at.is_some() && row.rounds > 0);
        let heard = row.answer_valid == Some(true);
        self.put(Mark::Heard, heard);
        self.put(Mark::HeardSolved, heard && row.solved == Some(true));
        let pleased = matches!(row.satisfied, Some(Satisfaction::Satisfied | Satisfaction::Mostly));
        self.put(Mark::HeardPleased, heard && pleased);
        self.put(Mark::Comparable, beside != Beside::Apart);
        self.put(Mark::Event, beside == Beside::Event);
    }

    fn answer(&mut self, row: &Row) {
        self.put(Mark::Answer, true);
        self.put(Mark::SaidContacted, row.contacted == Some(true));
        self.put(Mark::SaidSolved, row.solved == Some(true));
        self.put(Mark::FirstTime, row.solved == Some(true) && row.rounds == 0);
        self.put(Mark::Satisfied, row.satisfied == Some(Satisfaction::Satisfied));
        self.put(Mark::Mostly, row.satisfied == Some(Satisfaction::Mostly));
    }
}

/// What a metric is made of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Made {
    /// Who stands in the numerator: bears one of these. Nobody where it is made of no tickets, or of their hours or points.
    pub(super) part: &'static [Mark],
    /// Who stands in the denominator; nothing for a plain count, and where people or households do.
    pub(super) whole: Option<Mark>,
}

/// What a metric is made of. 扫码量 is made of no tickets.
pub(super) fn made(metric: Metric) -> Made {
    use Metric::*;
    let count = |part: &'static [Mark]| Made { part, whole: None };
    let rate = |part: &'static [Mark], whole: Mark| Made { part, whole: Some(whole) };
    match metric {
        Scans => count(&[]),
        Submitted => count(&[Mark::Submitted]),
        Gross => count(&[Mark::Gross]),
        Cases | PerHundredHouseholds => count(&[Mark::Case]),
        Deduplicated => count(&[Mark::Distinct]),
        Closed => count(&[Mark::Closed]),
        ClosedRate => rate(&[Mark::Done], Mark::Case),
        Due => count(&[Mark::Due]),
        OnTimeRate => rate(&[Mark::OnTime], Mark::Due),
        Overdue => count(&[Mark::Late]),
        OnAccount => count(&[Mark::OnAccount]),
        ContactOnTimeRate => rate(&[Mark::ContactOnTime], Mark::ContactDue),
        ContactMedian | ContactP90 | ContactMean => rate(&[], Mark::Reached),
        HandlingMedian | HandlingP90 | HandlingMean => rate(&[], Mark::Closed),
        Answers => count(&[Mark::Answer]),
        ContactedRate => rate(&[Mark::SaidContacted], Mark::Answer),
        SolvedRate => rate(&[Mark::SaidSolved], Mark::Answer),
        SatisfiedRate => rate(&[Mark::Satisfied, Mark::Mostly], Mark::Answer),
        Score => rate(&[], Mark::Answer),
        FirstTimeRate => rate(&[Mark::FirstTime], Mark::Answer),
        ReturnRate => rate(&[Mark::Returned], Mark::Dispatched),
        ReworkRate => rate(&[Mark::Reworked], Mark::EverClosed),
        InCommunityRate => rate(&[Mark::InCommunity], Mark::Levelled),
        DuplicateRate => rate(&[Mark::Repeat], Mark::Case),
        Comparable | PerTenThousand => count(&[Mark::Comparable]),
        Joined => count(&[Mark::Joined]),
        ComparableEvents => count(&[Mark::Event]),
    }
}

text_enum! {
    /// How far the units of count submitted in a period came, for the funnels. Each is a part of 受理量.
    #[schema(as = FunnelStageName)]
    pub enum Stage {
        Submitted = "stage_submitted", "提交";
        Cases = "stage_cases", "受理";
        Contacted = "stage_contacted", "已首次联系";
        Closed = "stage_closed", "已办结";
        Heard = "stage_heard", "有效回访";
        Solved = "stage_solved", "居民说已解决";
        Pleased = "stage_pleased", "居民满意或基本满意";
    }
}

impl Stage {
    pub(super) fn mark(self) -> Mark {
        match self {
            Stage::Submitted => Mark::Submitted,
            Stage::Cases => Mark::Case,
            Stage::Contacted => Mark::Reached,
            Stage::Closed => Mark::Done,
            Stage::Heard => Mark::Heard,
            Stage::Solved => Mark::HeardSolved,
            Stage::Pleased => Mark::HeardPleased,
        }
    }

    /// What exactly is counted.
    pub fn sentence(self) -> &'static str {
        match self {
            Stage::Submitted => "本期提交或登记的全部诉求",
            Stage::Cases => "其中的受理量：不含剔除的（E6 除外）、不予受理和已撤回",
            Stage::Contacted => "受理量中已首次联系的",
            Stage::Closed => "受理量中截止时已办结的",
            Stage::Heard => "受理量中有有效回访的，不论何时回访",
            Stage::Solved => "受理量中有效回访说已解决的",
            Stage::Pleased => "受理量中有效回访说满意或基本满意的",
        }
    }
}
