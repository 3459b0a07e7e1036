//! Counting: from the tickets that a period touches to the figures of [`Metric`].
//!
//! Pure: no database and no clock. The same tally serves the whole community and each category, building or party.
//! What one ticket counts for stands in `marks`.
//! What each metric means is said in [`Metric::sentence`]; the tests hold this file to those sentences with a
//! recomputation that shares no code with it.

use super::marks::{MARKS, Made, Mark, Marks, made};
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
    pub(super) grid_id: Option<Id>,
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

/// Counts of one span, of the whole or of a part: how many bear each mark, and how long it took.
#[derive(Debug, Clone)]
pub(super) struct Tally {
    counts: [i64; MARKS],
    contact_seconds: Vec<i64>,
    handling_seconds: Vec<i64>,
}

impl Default for Tally {
    fn default() -> Tally {
        Tally { counts: [0; MARKS], contact_seconds: Vec::new(), handling_seconds: Vec::new() }
    }
}

impl Tally {
    /// Counts one ticket, as far as the span touches it.
    pub(super) fn add(&mut self, row: &Row, span: &Span, beside: Beside) {
        let marks = Marks::of(row, span, beside);
        self.tick(marks);
        let since = |at: Time| (at.0 - row.submitted_at.0).num_seconds();
        if let Some(at) = row.first_contact_at.filter(|_| marks.has(Mark::Reached)) {
            self.contact_seconds.push(since(at));
        }
        if let Some(at) = row.closed_at.filter(|_| marks.has(Mark::Closed)) {
            self.handling_seconds.push(since(at));
        }
    }

    /// Counts a neighbour who joined a matter in the span and stands beside the hotline's.
    pub(super) fn add_voice(&mut self) {
        self.tick(Marks::VOICE);
    }

    /// What it holds, to be kept: how many bear each mark, the seconds until contact and until closing, ascending.
    pub(super) fn held(&self) -> ([i64; MARKS], [Vec<i64>; 2]) {
        let sorted = |seconds: &[i64]| {
            let mut seconds = seconds.to_vec();
            seconds.sort_unstable();
            seconds
        };
        (self.counts, [sorted(&self.contact_seconds), sorted(&self.handling_seconds)])
    }

    /// What was kept.
    pub(super) fn of_held(counts: [i64; MARKS], [contact_seconds, handling_seconds]: [Vec<i64>; 2]) -> Tally {
        Tally { counts, contact_seconds, handling_seconds }
    }

    /// The same with another number of those on account. They are a stock, and no sum over time.
    pub(super) fn with_on_account(&self, count: i64) -> Tally {
        let mut tally = self.clone();
        tally.counts[Mark::OnAccount as usize] = count;
        tally
    }

    fn tick(&mut self, marks: Marks) {
        marks.places().for_each(|place| self.counts[place] += 1);
    }

    /// How many bear a mark.
    pub(super) fn count(&self, mark: Mark) -> i64 {
        self.counts[mark as usize]
    }

    /// Adds what was counted elsewhere, or in the next span: nobody is in both.
    pub(super) fn merge(&mut self, other: &Tally) {
        self.counts.iter_mut().zip(other.counts).for_each(|(own, more)| *own += more);
        self.contact_seconds.extend(&other.contact_seconds);
        self.handling_seconds.extend(&other.handling_seconds);
    }

    /// The figures. `people` are residents and households, where they are known.
    pub(super) fn figures(self, scans: i64, weights: &Weights, people: People) -> Figures {
        Pool::of(self, scans, weights, people).figures()
    }
}

/// What can be added up over communities and gives every figure exactly: counts, hours one by one, and points as each
/// community's own weights give them. Totals of a street are sums of numerators over sums of denominators (domain §5).
#[derive(Debug, Clone)]
pub(super) struct Pool {
    pub(super) tally: Tally,
    scans: i64,
    pleased: f64,
    points: f64,
    people: People,
}

impl Pool {
    /// What one community, or a part of it, brings.
    pub(super) fn of(tally: Tally, scans: i64, weights: &Weights, people: People) -> Pool {
        let count = |mark| tally.count(mark) as f64;
        let pleased = count(Mark::Satisfied) + weights.k * count(Mark::Mostly);
        let points = weights.contacted * count(Mark::SaidContacted)
            + weights.solved * count(Mark::SaidSolved)
            + weights.satisfied * pleased;
        Pool { tally, scans, pleased, points, people }
    }

    /// Adds another community. How many live there is known only where it is of both.
    pub(super) fn merge(&mut self, other: &Pool) {
        let both = |one: Option<f64>, other: Option<f64>| Some(one? + other?);
        self.tally.merge(&other.tally);
        self.scans += other.scans;
        self.pleased += other.pleased;
        self.points += other.points;
        self.people = People {
            residents: both(self.people.residents, other.people.residents),
            households: both(self.people.households, other.people.households),
        };
    }

    /// The figures.
    pub(super) fn figures(&self) -> Figures {
        let contact = durations(&self.tally.contact_seconds);
        let handling = durations(&self.tally.handling_seconds);
        let of = |metric| (metric, self.figure(metric, (&contact, &handling)));
        Metric::ALL.iter().copied().map(of).collect()
    }

    fn figure(&self, metric: Metric, (contact, handling): (&[Figure; 3], &[Figure; 3])) -> Figure {
        use Metric::*;
        let Made { part, whole } = made(metric);
        let count: i64 = part.iter().map(|mark| self.tally.count(*mark)).sum();
        let of = whole.map(|mark| self.tally.count(mark) as f64);
        let per = |heads: Option<f64>, scale: f64| match heads {
            Some(heads) => Figure::rate(count as f64, heads, scale),
            None => Figure { numerator: Some(count as f64), ..Figure::GAP },
        };
        match (metric, of) {
            (Scans, _) => Figure::count(self.scans),
            (ContactMedian, _) => contact[0],
            (ContactP90, _) => contact[1],
            (ContactMean, _) => contact[2],
            (HandlingMedian, _) => handling[0],
            (HandlingP90, _) => handling[1],
            (HandlingMean, _) => handling[2],
            (PerTenThousand, _) => per(self.people.residents, 10_000.0),
            (PerHundredHouseholds, _) => per(self.people.households, 100.0),
            (SatisfiedRate, Some(of)) => Figure::rate(self.pleased, of, 1.0),
            (Score, Some(of)) => Figure::rate(self.points, of, 100.0),
            (_, Some(of)) => Figure::rate(count as f64, of, 1.0),
            (_, None) => Figure::count(count),
        }
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

    fn always() -> Span {
        Span { from: Time::from_micros(0), to: Time::from_micros(9), cut_off: Time::from_micros(9) }
    }

    fn row() -> Row {
        let at = Time::from_micros(5);
        Row {
            id: Id::new(),
            channel: Channel::Scan,
            place_id: Id::new(),
            building_id: None,
            grid_id: None,
            kind: Kind::Help,
            level1: "01".into(),
            category: None,
            submitted_at: at,
            status: Status::Archived,
            first_contact_due: at,
            due_at: at,
            lead_id: Id::new(),
            dispatched_at: None,
            first_contact_at: None,
            closed_at: Some(at),
            solved_level: None,
            answered_at: Some(at),
            answer_valid: None,
            contacted: None,
            solved: None,
            satisfied: None,
            rounds: 0,
            returns: 0,
            excluded: None,
            suspended_at: None,
            main_id: None,
            origin_id: None,
        }
    }

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
        let answer = |solved: bool, satisfied| Row {
            answer_valid: Some(true),
            contacted: Some(true),
            solved: Some(solved),
            satisfied: Some(satisfied),
            ..row()
        };
        let mut tally = Tally::default();
        for (solved, satisfied) in [
            (true, Satisfaction::Satisfied),
            (true, Satisfaction::Mostly),
            (true, Satisfaction::Mostly),
            (false, Satisfaction::Unsatisfied),
        ] {
            tally.add(&answer(solved, satisfied), &always(), Beside::Apart);
        }
        let figures = tally.figures(0, &Weights::default(), People::default());
        assert_eq!(figures[&Metric::SatisfiedRate].text(Metric::SatisfiedRate), "70.0 %");
        assert_eq!(figures[&Metric::SatisfiedRate].parts(), "2.8 / 4");
        // 100 * (0.1 * 1 + 0.5 * 0.75 + 0.4 * 0.7)
        assert_eq!(figures[&Metric::Score].text(Metric::Score), "75.50");
    }
}
