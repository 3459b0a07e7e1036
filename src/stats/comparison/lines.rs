//! A month and a year of both series, and how each of their numbers is said: what is roughly known stays rough (domain §1).

use serde::Serialize;

use crate::stats::hotline::HotlineYear;
use crate::stats::metric::{Change, Figure, Metric, change};
use crate::stats::overlap::Overlap;
use crate::stats::wording;

/// One month of both series.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct HotlineMonth {
    /// `2024-05`.
    pub month: String,
    /// H: what the hotline counted.
    pub hotline: Option<i64>,
    /// Whether that is only roughly known.
    pub approximate: bool,
    /// H of the same month of last year.
    pub hotline_last_year: Option<i64>,
    /// Whether that is only roughly known.
    pub approximate_last_year: bool,
    /// Whether the month has ended: one that runs is not set beside a whole one.
    pub complete: bool,
    /// H per 10,000 residents.
    pub hotline_per_ten_thousand: Option<f64>,
    /// C: ours, comparable. Nothing before the codes hung and after the cut-off.
    pub own: Option<i64>,
    /// C without repeats.
    pub own_events: Option<i64>,
    /// C of the same month of last year.
    pub own_last_year: Option<i64>,
    /// C per 10,000 residents.
    pub own_per_ten_thousand: Option<f64>,
    /// C / (C + H).
    pub share: Option<f64>,
    /// Units that had a live code at the end of the month.
    pub live_units: usize,
    /// Units at the end of the month; 0 for a month that has not begun.
    pub units: usize,
    /// Where H is from.
    pub source: String,
    /// Whether H was counted from tickets of the hotline; then they win over what was typed.
    pub from_rows: bool,
    /// What was typed for the same month.
    pub typed: Option<i64>,
    /// What was typed less the tickets, where there are both.
    pub difference: Option<i64>,
    /// Of H, those that are work to do, where the tickets say so.
    pub demands: Option<i64>,
    /// Of H, those that are questions, where the tickets say so.
    pub inquiries: Option<i64>,
    /// How ours and theirs lie beside each other; nothing without tickets of the hotline or before the codes hung.
    pub overlap: Option<Overlap>,
}

impl HotlineMonth {
    /// H per 10,000 for people.
    pub fn hotline_rate(&self) -> String {
        spoken(self.hotline_per_ten_thousand, self.approximate)
    }

    /// H for people: `12`, `约 12`, `—`.
    pub fn hotline_text(&self) -> String {
        roughly(self.hotline, self.approximate)
    }

    /// H of last year for people.
    pub fn hotline_last_year_text(&self) -> String {
        roughly(self.hotline_last_year, self.approximate_last_year)
    }

    /// C / (C + H) for people.
    pub fn share_text(&self) -> String {
        share_text(self.share, self.approximate)
    }

    /// 同比 of the hotline's count. There is none where last year's month is not known, and while the month runs.
    pub fn hotline_change(&self) -> Change {
        match (self.hotline, self.hotline_last_year) {
            _ if !self.complete => Change::default(),
            (Some(now), Some(then)) => change(Metric::Cases, &Figure::count(now), &Figure::count(then)),
            (Some(_), None) => Change::NO_BASE,
            _ => Change::default(),
        }
    }

    /// Whether 同比 is only roughly known.
    pub fn rough_change(&self) -> bool {
        self.approximate || self.approximate_last_year
    }

    /// 同比 for people. Of roughly known numbers there is a rough one (domain §1).
    pub fn hotline_change_text(&self) -> String {
        let change = self.hotline_change();
        match change.percent.filter(|_| self.rough_change()) {
            Some(percent) => wording::rough_percent(percent * 100.0),
            None => change.percent_text(),
        }
    }
}

/// One year of both.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct YearLine {
    /// H of the year.
    pub hotline: HotlineYear,
    /// H as people write it: `490 多件`, `—`.
    pub hotline_words: String,
    /// H per 10,000 residents.
    pub hotline_per_ten_thousand: Option<f64>,
    /// C; nothing where the codes did not hang yet.
    pub own: Option<i64>,
    /// C without repeats.
    pub own_events: Option<i64>,
    /// C per 10,000 residents.
    pub own_per_ten_thousand: Option<f64>,
    /// C / (C + H).
    pub share: Option<f64>,
    /// How many of its months had codes hanging.
    pub months_in_service: usize,
    /// Residents, the mean of the month-ends.
    pub residents: Option<f64>,
    /// Whether the year has ended.
    pub complete: bool,
    /// How ours and theirs lie beside each other in those of its months that have tickets of the hotline and codes.
    pub overlap: Option<Overlap>,
}

impl YearLine {
    /// H per 10,000 for people.
    pub fn hotline_rate(&self) -> String {
        spoken(self.hotline_per_ten_thousand, self.hotline.approximate)
    }

    /// C / (C + H) for people.
    pub fn share_text(&self) -> String {
        share_text(self.share, self.hotline.approximate)
    }
}

fn roughly(count: Option<i64>, approximate: bool) -> String {
    match count {
        Some(count) if approximate => format!("约 {count}"),
        Some(count) => count.to_string(),
        None => "—".to_owned(),
    }
}

/// One decimal; beside a roughly known number in steps of five percent, with 约.
fn share_text(share: Option<f64>, approximate: bool) -> String {
    match share {
        Some(share) if approximate => format!("约 {:.0} %", (share * 20.0).round() * 5.0),
        Some(share) => format!("{:.1} %", share * 100.0),
        None => "—".to_owned(),
    }
}

/// Two decimals; of a roughly known number none, with 约.
fn spoken(rate: Option<f64>, approximate: bool) -> String {
    match rate {
        Some(rate) if approximate => format!("约 {:.0}", (rate / 10.0).round() * 10.0),
        Some(rate) => format!("{rate:.2}"),
        None => "—".to_owned(),
    }
}
