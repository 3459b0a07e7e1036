//! 未诉先办: where more is told than before, so that somebody looks before it reaches the hotline.
//!
//! A control chart of counts: each category and place against its own past, never against others. It says that a number
//! stands out, never why. The last seven days stand against the twelve times seven days before them.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use askama::Template;
use serde::Serialize;

use super::basis;
use super::board::Board;
use super::material::Spans;
use super::parts::Part;
use super::store;
use super::tally::{Row, Span};
use crate::console::view::Chrome;
use crate::console::visit::{Answer, Visit};
use crate::db::{Id, Time, Tx};
use crate::error::Result;
use crate::places;
use crate::web::html;

/// So many weeks before the last are looked at.
pub const WEEKS: usize = 12;
/// Fewer weeks of service than this are too short a past.
pub const FEWEST_WEEKS: usize = 8;
/// Fewer tickets than this in the last seven days say nothing.
pub const FEWEST: i64 = 5;
const WEEK_MINUTES: i64 = 7 * 24 * 60;

/// A count that stands out from its own past.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Rise {
    /// How many came in a week on average.
    pub mean: f64,
    /// More than this is not usual: mean + 3 × √mean, as counts scatter that come independently of each other.
    pub limit: f64,
}

/// Whether `now` stands out from the weeks before it: at least [`FEWEST_WEEKS`] of them are known, at least [`FEWEST`]
/// came, and more than the mean and three times its square root.
pub fn rise(weeks: &[i64], now: i64) -> Option<Rise> {
    if weeks.len() < FEWEST_WEEKS || now < FEWEST {
        return None;
    }
    let mean = weeks.iter().sum::<i64>() as f64 / weeks.len() as f64;
    let limit = mean + 3.0 * mean.sqrt();
    (now as f64 > limit).then_some(Rise { mean, limit })
}

impl Rise {
    /// The sentence beside an alert. It gives the numbers and the rule, and no cause.
    pub fn sentence(&self, weeks: usize, now: i64) -> String {
        format!(
            "最近 7 天 {now} 件；之前 {weeks} 周平均每周 {:.1} 件，按平常的起伏一般不超过 {:.1} 件（平均 + 3 × √平均）。",
            self.mean, self.limit
        )
    }
}

/// A ticket of an alert.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Behind {
    /// Which.
    pub id: Id,
    /// Its number.
    pub number: String,
}

/// A category or place where more is told than before.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Alert {
    /// What it is: a category, a building, a unit or spot.
    pub part: Part,
    /// Its code or id.
    pub code: String,
    /// Its name.
    pub name: String,
    /// 受理量 of the weeks before, the oldest first.
    pub weeks: Vec<i64>,
    /// 受理量 of the last seven days.
    pub now: i64,
    /// What is usual.
    pub rise: Rise,
    /// All of it in a sentence.
    pub sentence: String,
    /// Its tickets of the last seven days, the latest first, at most 20.
    pub tickets: Vec<Behind>,
}

/// Everything that stands out.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Alerts {
    /// The first moment of the last seven days.
    pub from: Time,
    /// Their end: the present.
    pub to: Time,
    /// How many weeks before them the codes hung throughout, at most twelve.
    pub weeks_known: usize,
    /// The farthest from what is usual first.
    pub alerts: Vec<Alert>,
}

/// What stands out in a community now. Reads the tickets of thirteen weeks along the index by day.
pub fn alerts(tx: &mut Tx, community: Id) -> Result<Alerts> {
    let community = places::community(tx, community)?;
    let to = tx.now;
    let week = |back: usize| to.plus_minutes(-WEEK_MINUTES * back as i64);
    let basis = basis::gather(tx, community, to, &basis::Terms::default())?;
    let served = |back: &usize| basis.service_from.is_some_and(|from| from <= week(back + 1));
    let weeks_known = (1..=WEEKS).take_while(served).count();
    let rows = store::came(tx, basis.community.id, week(weeks_known + 1), to)?;
    let current = Span { from: week(1), to, cut_off: to };
    let spans = Spans {
        current,
        previous: None,
        last_year: None,
        year_ago: None,
        year_to_date: current,
        last_year_to_date: None,
    };
    let board = Board { kept: &[], rows: &rows, voices: &[], scans: &[], basis: &basis, spans: &spans };
    let mut found = Vec::new();
    for part in [Part::Category, Part::Level1, Part::Place, Part::Building] {
        found.extend(of_part(&board, part, (to, weeks_known)));
    }
    let mut alerts = without_echoes(found);
    let excess = |alert: &Alert| alert.now as f64 - alert.rise.limit;
    alerts
        .sort_by(|one, other| excess(other).total_cmp(&excess(one)).then_with(|| one.code.cmp(&other.code)));
    let ids: Vec<Id> = alerts.iter().flat_map(|alert| alert.tickets.iter().map(|each| each.id)).collect();
    let numbers = store::numbers(tx, basis.community.id, &ids)?;
    for each in alerts.iter_mut().flat_map(|alert| &mut alert.tickets) {
        each.number = numbers.get(&each.id).cloned().unwrap_or_default();
    }
    Ok(Alerts { from: current.from, to, weeks_known, alerts })
}

fn of_part(board: &Board, part: Part, (to, weeks_known): (Time, usize)) -> Vec<Alert> {
    let mut counts = BTreeMap::<String, (Vec<i64>, Vec<&Row>)>::new();
    for row in board.rows.iter().filter(|row| row.counted() && row.submitted_at < to) {
        let back = ((to.0 - row.submitted_at.0 - chrono::TimeDelta::microseconds(1)).num_minutes()
            / WEEK_MINUTES) as usize;
        let (weeks, now) = counts.entry(part.key(row)).or_insert_with(|| (vec![0; weeks_known], Vec::new()));
        match back {
            0 => now.push(row),
            _ if back <= weeks_known => weeks[weeks_known - back] += 1,
            _ => {}
        }
    }
    let named = |code: &String| !code.is_empty() && !code.ends_with('—');
    let alert = |(code, (weeks, mut rows)): (String, (Vec<i64>, Vec<&Row>))| {
        let now = rows.len() as i64;
        let rise = rise(&weeks, now).filter(|_| named(&code))?;
        rows.sort_by_key(|row| std::cmp::Reverse((row.submitted_at, row.id)));
        let behind = |row: &&Row| Behind { id: row.id, number: String::new() };
        Some(Alert {
            part,
            name: board.name(part, &code).unwrap_or_else(|| code.clone()),
            sentence: rise.sentence(weeks.len(), now),
            tickets: rows.iter().map(behind).collect(),
            code,
            weeks,
            now,
            rise,
        })
    };
    counts.into_iter().filter_map(alert).collect()
}

/// Leaves out a whole all of whose tickets are those of one of its parts: the part says more.
fn without_echoes(found: Vec<Alert>) -> Vec<Alert> {
    let same = |one: &Alert, other: &Alert| {
        let ids = |alert: &Alert| alert.tickets.iter().map(|each| each.id).collect::<Vec<_>>();
        one.now == other.now && ids(one) == ids(other)
    };
    let part_of = |whole: &Alert| match whole.part {
        Part::Level1 => Some(Part::Category),
        Part::Building => Some(Part::Place),
        _ => None,
    };
    let echo =
        |whole: &Alert| found.iter().any(|each| part_of(whole) == Some(each.part) && same(each, whole));
    found.iter().filter(|alert| !echo(alert)).cloned().collect()
}

#[derive(Template)]
#[template(path = "stats/alerts.html")]
struct AlertsPage {
    chrome: Chrome,
    found: Alerts,
}

/// `GET /console/stats/alerts`
pub async fn show(visit: Visit) -> Answer {
    let db = visit.db.clone();
    let work = move |tx: &mut Tx| {
        Ok(AlertsPage {
            chrome: visit.chrome(tx, "未诉先办", "/console/stats")?,
            found: alerts(tx, visit.session.actor.community_id)?,
        })
    };
    html(StatusCode::OK, &db.read(work).await?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn as_many_as_always_is_no_alert_and_far_more_is() {
        // Mean 4, limit 4 + 3 × 2 = 10.
        assert_eq!(rise(&[4; 12], 10), None);
        assert_eq!(rise(&[4; 12], 11), Some(Rise { mean: 4.0, limit: 10.0 }));
    }

    #[test]
    fn few_say_nothing_even_where_there_was_nothing_before() {
        assert_eq!(rise(&[0; 12], 4), None);
        assert_eq!(rise(&[0; 12], 5), Some(Rise { mean: 0.0, limit: 0.0 }));
    }

    #[test]
    fn a_short_past_says_nothing() {
        assert_eq!(rise(&[0; 7], 50), None);
        assert!(rise(&[0; 8], 50).is_some());
    }

    #[test]
    fn the_sentence_gives_the_numbers_and_the_rule_and_no_cause() {
        let said = rise(&[4; 12], 11).unwrap().sentence(12, 11);
        assert_eq!(
            said,
            "最近 7 天 11 件；之前 12 周平均每周 4.0 件，按平常的起伏一般不超过 10.0 件（平均 + 3 × √平均）。"
        );
        assert!(!["因", "由于", "导致"].iter().any(|word| said.contains(word)));
    }

    proptest! {
        #[test]
        fn more_now_never_silences_and_more_before_never_alarms(
            weeks in proptest::collection::vec(0i64..40, 8..13), now in 0i64..200, at in 0usize..8,
        ) {
            if rise(&weeks, now).is_some() {
                prop_assert!(rise(&weeks, now + 1).is_some());
            } else {
                let mut more = weeks.clone();
                more[at] += 1;
                prop_assert!(rise(&more, now).is_none());
            }
        }
    }
}
