//! From a figure on a page to the list of the tickets behind it.

use url::form_urlencoded::Serializer;

use super::material::Which;
use super::members::{Cell, Side};
use super::metric::Figure;
use super::whose::Whose;
use crate::clock::Period;

/// Where the list of a cell's tickets lies; nothing where it is not made of tickets.
pub fn address(cell: &Cell, period: &Period, whose: &Whose) -> Option<String> {
    cell.counted.opens(cell.side).then(|| format!("/console/stats/tickets?{}", query(cell, period, whose)))
}

/// What the address says after `?`.
fn query(cell: &Cell, period: &Period, whose: &Whose) -> String {
    let mut query = Serializer::new(String::new());
    query.append_pair("metric", cell.counted.word());
    query.append_pair("part", cell.side.word());
    query.append_pair("kind", period.kind.word());
    query.append_pair("period", &period.word());
    if cell.span != Which::Current {
        query.append_pair("span", cell.span.word());
    }
    if let Some((part, code)) = &cell.part {
        query.append_pair("table", part.word()).append_pair("cell", code);
    }
    whose.append(&mut query);
    query.finish()
}

/// A figure as a page shows it, with the addresses of the lists behind it.
pub(super) struct Links<'a> {
    pub(super) period: &'a Period,
    pub(super) whose: &'a Whose,
}

impl Links<'_> {
    /// The text of a figure as a link to what it shows first; plain text for a gap and for what is made of no tickets.
    /// The text is the product's own and never typed by people.
    pub(super) fn value(&self, text: &str, cell: &Cell) -> String {
        match address(cell, self.period, self.whose).filter(|_| text != "—") {
            Some(address) => {
                format!("<a href=\"{}\">{text}</a>", address.replace('&', "&amp;"))
            }
            None => text.to_owned(),
        }
    }

    /// `12 / 30`, each a link to its own list.
    pub(super) fn parts(&self, figure: &Figure, cell: &Cell) -> String {
        let text = figure.parts();
        let Some((part, whole)) = text.split_once(" / ") else { return text };
        let side = |text: &str, side| self.value(text, &Cell { side, ..cell.clone() });
        format!("{} / {}", side(part, Side::Numerator), side(whole, Side::Denominator))
    }
}
