//! How a report is put together from the rows that its spans touch: the totals, and a line for each part.
//!
//! Pure: [`super::report()`] has read everything before. What one row counts for stands in `tally`.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, Timelike};

use super::basis::Basis;
use super::beside::{row_beside, voice_beside};
use super::marks::{Mark, Stage};
use super::material::{KeptMonth, Spans, between};
use super::metric::{Change, Figure, Figures, Metric, change};
use super::parts::Part;
use super::ranking::ranked;
use super::report::{FunnelStage, HandOffs, Line, Point, Slice};
use super::store;
use super::tally::{People, Row, Span, Tally};
use crate::clock::Period;
use crate::db::{Id, Time};
use crate::places;

/// What a report is put together from.
pub(super) struct Board<'a> {
    /// Months that were counted before, of which no rows are here.
    pub(super) kept: &'a [KeptMonth],
    pub(super) rows: &'a [Row],
    /// Neighbours who joined a matter.
    pub(super) voices: &'a [store::Voice],
    pub(super) scans: &'a [(String, chrono::NaiveDate, i64)],
    pub(super) basis: &'a Basis,
    pub(super) spans: &'a Spans,
}

/// Counts of a part: in full for this period, 受理量 alone for the earlier ones.
#[derive(Default)]
struct Counts {
    tally: Tally,
    previous: i64,
    last_year: i64,
}

impl Board<'_> {
    pub(super) fn tally(&self, span: &Span) -> Tally {
        let mut tally = Tally::default();
        let (kept, read) = self.pieces(span);
        kept.iter().for_each(|month| tally.merge(&month.tally));
        for part in &read {
            for row in self.rows {
                tally.add(row, part, row_beside(row, self.basis));
            }
            self.voices_in(part).for_each(|_| tally.add_voice());
        }
        if kept.is_empty() {
            return tally;
        }
        // What stands on account is the same for the span as a whole, and no sum of its pieces.
        let on_account = self.rows.iter().filter(|row| row.counted() && row.on_account(span));
        tally.with_on_account(on_account.count() as i64)
    }

    /// The kept months of a span, and what is left of it.
    fn pieces(&self, span: &Span) -> (Vec<&KeptMonth>, Vec<Span>) {
        let inside = |each: &&KeptMonth| span.from <= each.month.from && each.month.to <= span.to;
        let read = between(self.kept, (span.from, span.to));
        let part = |(from, to)| Span { from, to, cut_off: span.cut_off };
        (self.kept.iter().filter(inside).collect(), read.into_iter().map(part).collect())
    }

    /// Scans of a span, by all codes.
    pub(super) fn scanned(&self, span: &Span) -> i64 {
        let (kept, read) = self.pieces(span);
        let own: i64 = read.iter().map(|part| self.scans_in(part, |_| true)).sum();
        kept.iter().map(|month| month.scans).sum::<i64>() + own
    }

    /// The neighbours who joined in the span and stand beside the hotline's.
    pub(super) fn voices_in(&self, span: &Span) -> impl Iterator<Item = &store::Voice> {
        let stands = |voice: &&store::Voice| span.has(voice.at) && voice_beside(&voice.row, self.basis);
        self.voices.iter().filter(stands)
    }

    pub(super) fn scans_in(&self, span: &Span, fits: impl Fn(&str) -> bool) -> i64 {
        let last = Time::from_micros(span.to.0.timestamp_micros() - 1).day();
        let inside = |day: &chrono::NaiveDate| span.from.day() <= *day && *day <= last;
        self.scans.iter().filter(|(code, day, _)| inside(day) && fits(code)).map(|(.., count)| count).sum()
    }

    fn figures(&self, span: &Span) -> Figures {
        let people = self.basis.people(span.from, span.to);
        let mut figures = self.tally(span).figures(self.scanned(span), &self.basis.weights, people);
        // What stood on account at an earlier moment was not kept.
        if span.to != self.spans.current.to {
            figures.insert(Metric::OnAccount, Figure::GAP);
        }
        figures
    }

    pub(super) fn totals(&self) -> Vec<Line> {
        let spans = self.spans;
        let current = self.figures(&spans.current);
        let previous = spans.previous.map(|span| self.figures(&span));
        let last_year = spans.last_year.map(|span| self.figures(&span));
        let to_date = self.figures(&spans.year_to_date);
        let last_to_date = spans.last_year_to_date.map(|span| self.figures(&span));
        let of = |figures: &Option<Figures>, metric| {
            figures
                .as_ref()
                .and_then(|figures: &Figures| figures.get(&metric).copied())
                .unwrap_or(Figure::GAP)
        };
        let against = |metric, now: &Figure, figures: &Option<Figures>| match figures {
            Some(_) => change(metric, now, &of(figures, metric)),
            None => Change::NO_BASE,
        };
        let line = |metric: Metric| {
            let now = current.get(&metric).copied().unwrap_or(Figure::GAP);
            let year = to_date.get(&metric).copied().unwrap_or(Figure::GAP);
            Line {
                metric,
                label: metric.label(),
                unit: metric.unit(),
                sentence: metric.sentence(),
                current: now,
                previous: of(&previous, metric),
                change: change(metric, &now, &of(&previous, metric)),
                last_year: of(&last_year, metric),
                year_change: against(metric, &now, &last_year),
                year_to_date: year,
                last_year_to_date: of(&last_to_date, metric),
                cumulative_change: against(metric, &year, &last_to_date),
            }
        };
        Metric::ALL.iter().copied().map(line).collect()
    }

    fn parts(&self, by: Part) -> BTreeMap<String, Counts> {
        let mut parts = BTreeMap::<String, Counts>::new();
        let spans = self.spans;
        let inside = |span: &Option<Span>, row: &Row| span.is_some_and(|span| span.has(row.submitted_at));
        for row in self.rows {
            let before = row.counted() && inside(&spans.previous, row);
            let year_ago = row.counted() && inside(&spans.last_year, row);
            if !(before || year_ago || row.touches(&spans.current)) {
                continue;
            }
            let part = parts.entry(by.key(row)).or_default();
            part.tally.add(row, &spans.current, row_beside(row, self.basis));
            part.previous += i64::from(before);
            part.last_year += i64::from(year_ago);
        }
        for voice in self.voices_in(&spans.current) {
            parts.entry(by.key(&voice.as_scanned())).or_default().tally.add_voice();
        }
        parts
    }

    /// `door` are the scans and the households of a building.
    fn slice(&self, code: String, part: Counts, whole: i64, door: (i64, Option<i64>)) -> Slice {
        let (scans, households) = door;
        let people = People { residents: None, households: households.map(|count| count as f64) };
        let cases = part.tally.count(Mark::Case);
        let now = Figure::count(cases);
        let previous = self.spans.previous.map(|_| part.previous);
        let last_year = self.spans.last_year.map(|_| part.last_year);
        let earlier = |count: Option<i64>| count.map(Figure::count);
        Slice {
            name: code.clone(),
            code,
            parent: String::new(),
            figures: part.tally.figures(scans, &self.basis.weights, people),
            share: Figure::rate(cases as f64, whole as f64, 1.0),
            change: earlier(previous).map_or(Change::default(), |then| change(Metric::Cases, &now, &then)),
            year_change: earlier(last_year)
                .map_or(Change::NO_BASE, |then| change(Metric::Cases, &now, &then)),
            previous,
            last_year,
            households,
            hand_offs: None,
        }
    }

    /// A slice for each part, the largest first.
    pub(super) fn slices(&self, by: Part) -> Vec<Slice> {
        let whole = self.whole();
        let parts = self.parts(by).into_iter();
        let mut slices: Vec<Slice> =
            parts.map(|(code, part)| self.slice(code, part, whole, (0, None))).collect();
        largest_first(&mut slices);
        for slice in &mut slices {
            if let Some(name) = self.name(by, &slice.code) {
                slice.name = name;
            }
        }
        slices
    }

    /// The name of a part; nothing where its code is one already.
    pub(super) fn name(&self, by: Part, code: &str) -> Option<String> {
        let tree = &self.basis.categories;
        let place = || self.basis.places.iter().find(|place| place.id.to_string() == code);
        match by {
            Part::Level1 => {
                tree.iter().find(|each| each.level1_code() == code).map(|each| each.level1.clone())
            }
            Part::Category => {
                let own = tree.iter().find(|each| each.code == code);
                Some(own.map_or_else(|| "未定二级分类".to_owned(), |each| each.level2.clone()))
            }
            Part::Building if code.is_empty() => Some("楼外公共区域".to_owned()),
            Part::Building | Part::Place => {
                Some(place().map_or_else(|| "—".to_owned(), |place| place.full_name.clone()))
            }
            Part::Hour => {
                let (day, hour) = code.split_once('-')?;
                let day = "一二三四五六日".chars().nth(day.parse().ok()?)?;
                Some(format!("星期{day} {hour} 时"))
            }
            Part::Grid if code.is_empty() => Some("不在网格里".to_owned()),
            Part::Grid => self
                .basis
                .grids
                .iter()
                .find(|(id, _)| id.to_string() == code)
                .map(|(_, (name, _))| name.clone()),
            Part::Kind | Part::Channel | Part::Party => None,
        }
    }

    fn whole(&self) -> i64 {
        let inside = |row: &&Row| row.counted() && self.spans.current.has(row.submitted_at);
        self.rows.iter().filter(inside).count() as i64
    }

    /// Level-2 categories, each with the level 1 that it belongs to.
    pub(super) fn categories(&self) -> Vec<Slice> {
        let mut slices = self.slices(Part::Category);
        for slice in &mut slices {
            let level1 = slice.code.get(..2).unwrap_or_default();
            slice.parent = self.name(Part::Level1, level1).unwrap_or_default();
        }
        slices
    }

    pub(super) fn buildings(&self) -> Vec<Slice> {
        let whole = self.whole();
        let mut parts = self.parts(Part::Building);
        let homes: BTreeMap<&str, Option<Id>> = self
            .basis
            .codes
            .iter()
            .filter_map(|code| {
                let place = self.basis.places.iter().find(|place| place.id == code.place_id)?;
                Some((code.code.as_str(), place.building_id))
            })
            .collect();
        let scanned = |building: Option<Id>| {
            self.scans_in(&self.spans.current, |code| homes.get(code) == Some(&building))
        };
        let is_building = |place: &&store::PlaceRow| place.kind == places::PlaceKind::Building;
        let mut slices: Vec<Slice> = Vec::new();
        for place in self.basis.places.iter().filter(is_building) {
            let part = parts.remove(&place.id.to_string());
            if part.is_none() && place.retired_at.is_some() {
                continue;
            }
            let inside = |each: &&store::PlaceRow| each.building_id == Some(place.id) && each.id != place.id;
            let units: i64 = self
                .basis
                .places
                .iter()
                .filter(inside)
                .filter_map(|unit| unit.households)
                .map(i64::from)
                .sum();
            let households = place.households.map(i64::from).or((units > 0).then_some(units));
            let mut slice = self.slice(
                place.id.to_string(),
                part.unwrap_or_default(),
                whole,
                (scanned(Some(place.id)), households),
            );
            slice.name.clone_from(&place.full_name);
            slices.push(slice);
        }
        if let Some(part) = parts.remove("") {
            let mut slice = self.slice(String::new(), part, whole, (scanned(None), None));
            slice.name = self.name(Part::Building, "").unwrap_or_default();
            slices.push(slice);
        }
        slices
    }

    /// By who leads now, and how each had what it was given: a party that gave all back has a line too.
    /// Who supported one of the period's tickets has one too.
    pub(super) fn parties(
        &self,
        names: &BTreeMap<Id, String>,
        held: &[store::Held],
        supported: &[(Id, Id)],
    ) -> Vec<Slice> {
        let counted: BTreeSet<Id> = self.rows.iter().filter(|row| row.counted()).map(|row| row.id).collect();
        let helped: Vec<Id> = supported
            .iter()
            .filter(|(_, ticket)| counted.contains(ticket))
            .map(|(party, _)| *party)
            .collect();
        let mut parts = self.parts(Part::Party);
        for party in held.iter().map(|each| each.party_id).chain(helped.iter().copied()) {
            parts.entry(party.to_string()).or_default();
        }
        let whole = self.whole();
        let slice = |(code, part): (String, Counts)| self.slice(code, part, whole, (0, None));
        let mut slices: Vec<Slice> = parts.into_iter().map(slice).collect();
        largest_first(&mut slices);
        for slice in &mut slices {
            let own: Vec<&store::Held> =
                held.iter().filter(|each| each.party_id.to_string() == slice.code).collect();
            let helps = helped.iter().filter(|party| party.to_string() == slice.code).count() as i64;
            slice.hand_offs = Some(HandOffs { supported: helps, ..HandOffs::of(&own) });
            let name =
                names.iter().find(|(id, _)| id.to_string() == slice.code).map(|(_, name)| name.clone());
            slice.name = name.unwrap_or_else(|| "—".to_owned());
        }
        ranked(&mut slices);
        slices
    }

    pub(super) fn point(&self, month: &Period) -> Point {
        let span = Span { from: month.from, to: month.to, cut_off: self.basis.cut_off };
        let served = self.basis.in_service(month);
        let figures = served.then(|| self.figures(&span));
        let count = |metric| {
            let figure: Option<&Figure> = figures.as_ref().and_then(|figures| figures.get(&metric));
            figure.and_then(|figure| figure.value).map(|value| value as i64)
        };
        Point {
            month: month.word(),
            period: *month,
            cases: count(Metric::Cases),
            closed: count(Metric::Closed),
            comparable: count(Metric::Comparable),
            scans: count(Metric::Scans),
        }
    }

    /// How many of those submitted in the period came how far, stage after stage.
    pub(super) fn funnel(&self, stages: &[Stage]) -> Vec<FunnelStage> {
        let tally = self.tally(&self.spans.current);
        let first = stages.first().map_or(0, |stage| tally.count(stage.mark()));
        let stage = |stage: &Stage| {
            let count = tally.count(stage.mark());
            let of_submitted = Figure::rate(count as f64, first as f64, 1.0);
            FunnelStage { name: stage.label(), stage: *stage, count, of_submitted }
        };
        stages.iter().map(stage).collect()
    }

    pub(super) fn hours(&self) -> Vec<Vec<i64>> {
        let mut hours = vec![vec![0; 24]; 7];
        for row in self.rows.iter().filter(|row| row.counted() && self.spans.current.has(row.submitted_at)) {
            let local = row.submitted_at.local();
            hours[local.weekday().num_days_from_monday() as usize][local.hour() as usize] += 1;
        }
        hours
    }
}

fn largest_first(slices: &mut [Slice]) {
    let size = |slice: &Slice| slice.figure(Metric::Cases).value.unwrap_or(0.0);
    slices.sort_by(|one, other| size(other).total_cmp(&size(one)).then_with(|| one.code.cmp(&other.code)));
}
