//! Counting: from the tickets that a period touches to the figures of [`Metric`].
//!
//! Pure: no database and no clock. The same tally serves the whole community and each category, building or party.
//! What each metric means is said in [`Metric::sentence`]; the tests hold this file to those sentences with a
//! recomputation that shares no code with it.

use super::metric::{Figure, Figures, Metric};
use crate::db::{Id, Time};
use crate::routing::Kind;
use crate::settings::Weights;
use crate::tickets::{Channel, Level, Reason, Satisfaction, Status};

/// What counting needs to know of a ticket.
#[derive(Debug, Clone, diesel::Queryable, diesel::Selectable)]
#[diesel(table_name = crate::schema::tickets)]
pub(super) struct Row {
    pub(super) id: Id,
    pub(super) channel: Channel,
    pub(super) place_id: Id,
    pub(super) building_id: Option<Id>,
    pub(super) kind: Kind,
    pub(super) level1: String,
    pub(super) category: Option<String>,
    pub(super) submitted_at: Time,
    pub(super) status: Status,
    pub(super) first_contact_due: Time,
    pub(super) due_at: Time,
    pub(super) lead_id: Id,
    pub(super) dispatched_at: Option<Time>,
    pub(super) first_contact_at: Option<Time>,
    pub(super) closed_at: Option<Time>,
    pub(super) solved_level: Option<Level>,
    pub(super) answered_at: Option<Time>,
    pub(super) answer_valid: Option<bool>,
    pub(super) contacted: Option<bool>,
    pub(super) solved: Option<bool>,
    pub(super) satisfied: Option<Satisfaction>,
    pub(super) rounds: i32,
    pub(super) returns: i32,
    pub(super) excluded: Option<Reason>,
    pub(super) suspended_at: Option<Time>,
    pub(super) main_id: Option<Id>,
    pub(super) origin_id: Option<Id>,
}

impl Row {
    /// Whether it is one of the tickets that work was done on or is to be done on.
    pub(super) fn gross(&self) -> bool {
        !matches!(self.status, Status::Refused | Status::Withdrawn)
    }

    /// Whether it is a unit of count (domain §6.1). E6 leaves only the de-duplicated figure.
    pub(super) fn counted(&self) -> bool {
        self.gross() && matches!(self.excluded, None | Some(Reason::E6))
    }

    /// Whether it repeats another.
    pub(super) fn repeats(&self) -> bool {
        self.status == Status::Merged || self.excluded == Some(Reason::E6)
    }

    /// Whether it was submitted, closed, due or answered in the span, or stands on account after it.
    pub(super) fn touches(&self, span: &Span) -> bool {
        let moments = [Some(self.submitted_at), self.closed_at, Some(self.due_at), self.answered_at];
        moments.into_iter().flatten().any(|at| span.has(at)) || self.on_account(span)
    }

    /// Whether it came before the end of the span and stands on account at the cut-off.
    pub(super) fn on_account(&self, span: &Span) -> bool {
        self.suspended_at.is_some() && self.status.clock_runs() && self.submitted_at < span.to
    }

    /// Whether it was to be done in the span and was not in time; nothing where it was not to be done.
    pub(super) fn overdue(&self, span: &Span) -> Option<bool> {
        let rests = self.status == Status::Merged || self.suspended_at.is_some();
        let due = span.has(self.due_at) && self.due_at < span.cut_off && !rests;
        due.then(|| self.closed().is_none_or(|closed| closed > self.due_at))
    }

    /// When it was closed for the last time, where it stands closed.
    pub(super) fn closed(&self) -> Option<Time> {
        self.closed_at.filter(|_| matches!(self.status, Status::FollowUp | Status::Archived))
    }
}

/// Whether a ticket of this channel, kind and category stands beside the hotline's (domain §6.3).
pub(super) fn comparable(channel: Channel, kind: Kind, category_comparable: bool) -> bool {
    matches!(channel, Channel::Scan | Channel::Phone | Channel::WalkIn | Channel::Visit)
        && matches!(kind, Kind::Help | Kind::Complaint | Kind::TipOff | Kind::Suggestion)
        && category_comparable
}

/// How a ticket stands beside the hotline's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Beside {
    /// Not at all.
    Apart,
    /// As a report, whose event is counted with another report.
    Report,
    /// As a report and as an event.
    Event,
}

impl Beside {
    /// What a comparable ticket is: one that repeats another, or tells of an incident that another told of, is no event.
    pub(super) fn of(comparable: bool, repeats: bool) -> Beside {
        match (comparable, repeats) {
            (false, _) => Beside::Apart,
            (true, true) => Beside::Report,
            (true, false) => Beside::Event,
        }
    }
}

/// A span of time `[from, to)`, counted as things stood at `cut_off`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) from: Time,
    pub(super) to: Time,
    pub(super) cut_off: Time,
}

impl Span {
    pub(super) fn has(&self, at: Time) -> bool {
        self.from <= at && at < self.to
    }
}

/// Counts of one span, of the whole or of a part.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally {
    pub(super) submitted: i64,
    pub(super) gross: i64,
    pub(super) cases: i64,
    repeated: i64,
    cases_closed: i64,
    pub(super) closed: i64,
    due: i64,
    on_time: i64,
    on_account: i64,
    contact_due: i64,
    contact_on_time: i64,
    contact_seconds: Vec<i64>,
    handling_seconds: Vec<i64>,
    answers: i64,
    contacted: i64,
    solved: i64,
    satisfied: i64,
    mostly: i64,
    first_time: i64,
    dispatched: i64,
    returned: i64,
    ever_closed: i64,
    reworked: i64,
    levelled: i64,
    in_community: i64,
    pub(super) comparable: i64,
    pub(super) comparable_events: i64,
    joined: i64,
}

fn tick(count: &mut i64, whether: bool) {
    *count += i64::from(whether);
}

impl Tally {
    /// Counts one ticket, as far as the span touches it.
    pub(super) fn add(&mut self, row: &Row, span: &Span, beside: Beside) {
        if span.has(row.submitted_at) {
            self.submitted += 1;
            tick(&mut self.gross, row.gross());
        }
        if !row.counted() {
            return;
        }
        if span.has(row.submitted_at) {
            self.add_case(row, span, beside);
        }
        if let Some(closed) = row.closed().filter(|closed| span.has(*closed)) {
            self.closed += 1;
            self.handling_seconds.push((closed.0 - row.submitted_at.0).num_seconds());
            tick(&mut self.levelled, row.solved_level.is_some());
            let inside = matches!(row.solved_level, Some(Level::Door | Level::Community));
            tick(&mut self.in_community, inside);
        }
        if let Some(late) = row.overdue(span) {
            self.due += 1;
            tick(&mut self.on_time, !late);
        }
        tick(&mut self.on_account, row.on_account(span));
        if row.answer_valid == Some(true) && row.answered_at.is_some_and(|at| span.has(at)) {
            self.add_answer(row);
        }
    }

    fn add_case(&mut self, row: &Row, span: &Span, beside: Beside) {
        self.cases += 1;
        tick(&mut self.repeated, row.repeats());
        tick(&mut self.cases_closed, row.closed().is_some());
        match row.first_contact_at {
            Some(at) => {
                self.contact_due += 1;
                tick(&mut self.contact_on_time, at <= row.first_contact_due);
                self.contact_seconds.push((at.0 - row.submitted_at.0).num_seconds());
            }
            None => {
                let missed = row.first_contact_due < span.cut_off && row.status != Status::Merged;
                tick(&mut self.contact_due, missed);
            }
        }
        let dispatched = row.dispatched_at.is_some() || row.returns > 0;
        tick(&mut self.dispatched, dispatched);
        tick(&mut self.returned, row.returns > 0);
        tick(&mut self.ever_closed, row.closed_at.is_some());
        tick(&mut self.reworked, row.closed_at.is_some() && row.rounds > 0);
        tick(&mut self.comparable, beside != Beside::Apart);
        tick(&mut self.comparable_events, beside == Beside::Event);
    }

    /// Counts a neighbour who joined a matter in the span and stands beside the hotline's: a report, and no event.
    pub(super) fn add_voice(&mut self) {
        self.joined += 1;
        self.comparable += 1;
    }

    fn add_answer(&mut self, row: &Row) {
        self.answers += 1;
        tick(&mut self.contacted, row.contacted == Some(true));
        tick(&mut self.solved, row.solved == Some(true));
        tick(&mut self.first_time, row.solved == Some(true) && row.rounds == 0);
        tick(&mut self.satisfied, row.satisfied == Some(Satisfaction::Satisfied));
        tick(&mut self.mostly, row.satisfied == Some(Satisfaction::Mostly));
    }

    /// The figures. `people` are residents and households, where they are known.
    pub(super) fn figures(&self, scans: i64, weights: &Weights, people: People) -> Figures {
        use Metric::*;
        let rate = |part: i64, whole: i64| Figure::rate(part as f64, whole as f64, 1.0);
        let satisfied = (self.satisfied as f64 + weights.k * self.mostly as f64, self.answers as f64);
        let contact = durations(&self.contact_seconds);
        let handling = durations(&self.handling_seconds);
        let per = |count: i64, heads: Option<f64>, scale: f64| match heads {
            Some(heads) => Figure::rate(count as f64, heads, scale),
            None => Figure { numerator: Some(count as f64), ..Figure::GAP },
        };
        [
            (Scans, Figure::count(scans)),
            (Submitted, Figure::count(self.submitted)),
            (Gross, Figure::count(self.gross)),
            (Cases, Figure::count(self.cases)),
            (Deduplicated, Figure::count(self.cases - self.repeated)),
            (Closed, Figure::count(self.closed)),
            (ClosedRate, rate(self.cases_closed, self.cases)),
            (Due, Figure::count(self.due)),
            (OnTimeRate, rate(self.on_time, self.due)),
            (Overdue, Figure::count(self.due - self.on_time)),
            (OnAccount, Figure::count(self.on_account)),
            (ContactOnTimeRate, rate(self.contact_on_time, self.contact_due)),
            (ContactMedian, contact[0]),
            (ContactP90, contact[1]),
            (ContactMean, contact[2]),
            (HandlingMedian, handling[0]),
            (HandlingP90, handling[1]),
            (HandlingMean, handling[2]),
            (Answers, Figure::count(self.answers)),
            (ContactedRate, rate(self.contacted, self.answers)),
            (SolvedRate, rate(self.solved, self.answers)),
            (SatisfiedRate, Figure::rate(satisfied.0, satisfied.1, 1.0)),
            (Score, self.score(weights)),
            (FirstTimeRate, rate(self.first_time, self.answers)),
            (ReturnRate, rate(self.returned, self.dispatched)),
            (ReworkRate, rate(self.reworked, self.ever_closed)),
            (InCommunityRate, rate(self.in_community, self.levelled)),
            (DuplicateRate, rate(self.repeated, self.cases)),
            (Comparable, Figure::count(self.comparable)),
            (Joined, Figure::count(self.joined)),
            (ComparableEvents, Figure::count(self.comparable_events)),
            (PerTenThousand, per(self.comparable, people.residents, 10_000.0)),
            (PerHundredHouseholds, per(self.cases, people.households, 100.0)),
        ]
        .into_iter()
        .collect()
    }

    fn score(&self, weights: &Weights) -> Figure {
        let points = weights.contacted * self.contacted as f64
            + weights.solved * self.solved as f64
            + weights.satisfied * (self.satisfied as f64 + weights.k * self.mostly as f64);
        Figure::rate(points, self.answers as f64, 100.0)
    }
}

/// Those who live there, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Default, serde::Serialize, utoipa::ToSchema)]
pub struct People {
    /// Residents; for a year the mean of its month-ends.
    pub residents: Option<f64>,
    /// Households, in the same way.
    pub households: Option<f64>,
}

/// Median, 90th percentile (nearest rank) and mean, in hours, each with the number of tickets it stands on.
pub(super) fn durations(seconds: &[i64]) -> [Figure; 3] {
    let mut sorted = seconds.to_vec();
    sorted.sort_unstable();
    let count = sorted.len();
    let figure = |seconds: Option<f64>| Figure {
        value: seconds.map(|seconds| seconds / 3600.0),
        numerator: None,
        denominator: Some(count as f64),
    };
    if count == 0 {
        return [figure(None); 3];
    }
    let middle = (sorted[(count - 1) / 2] + sorted[count / 2]) as f64 / 2.0;
    let ninetieth = sorted[(count * 9).div_ceil(10) - 1] as f64;
    let mean = sorted.iter().sum::<i64>() as f64 / count as f64;
    [figure(Some(middle)), figure(Some(ninetieth)), figure(Some(mean))]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn median_and_p90_of_few_and_of_none() {
        let hours = |hours: &[i64]| {
            durations(&hours.iter().map(|hours| hours * 3600).collect::<Vec<_>>()).map(|figure| figure.value)
        };
        assert_eq!(hours(&[]), [None; 3]);
        assert_eq!(hours(&[5]), [Some(5.0); 3]);
        assert_eq!(hours(&[4, 1]), [Some(2.5), Some(4.0), Some(2.5)]);
        assert_eq!(hours(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 100])[1], Some(9.0));
    }

    #[test]
    fn patrols_hotline_transfers_inquiries_and_praise_never_stand_beside_the_hotline() {
        for channel in [Channel::Patrol, Channel::Hotline] {
            assert!(!comparable(channel, Kind::Help, true));
        }
        for kind in [Kind::Inquiry, Kind::Praise] {
            assert!(!comparable(Channel::Scan, kind, true));
        }
        assert!(comparable(Channel::Visit, Kind::TipOff, true));
        assert!(!comparable(Channel::Scan, Kind::Help, false));
    }

    #[test]
    fn mostly_satisfied_counts_with_k() {
        let tally =
            Tally { answers: 4, satisfied: 1, mostly: 2, solved: 3, contacted: 4, ..Tally::default() };
        let figures = tally.figures(0, &Weights::default(), People::default());
        assert_eq!(figures[&Metric::SatisfiedRate].text(Metric::SatisfiedRate), "70.0 %");
        assert_eq!(figures[&Metric::SatisfiedRate].parts(), "2.8 / 4");
        // 100 * (0.1 * 1 + 0.5 * 0.75 + 0.4 * 0.7)
        assert_eq!(figures[&Metric::Score].text(Metric::Score), "75.50");
    }
}
