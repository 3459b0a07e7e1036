//! The tickets behind a figure: exactly those that it counts, no more and no fewer.
//!
//! A figure and its list read the same [`Material`] and ask the same [`Marks`]; a list cannot differ from its figure but by
//! what happened between two looks. Whoever reads figures may read the tickets of the community, so nothing is hidden here.

use super::basis::Terms;
use super::beside::row_beside;
use super::marks::{Mark, Marks, Stage, made};
use super::material::{Material, Source, Which};
use super::metric::Metric;
use super::parts::Part;
use super::tally::{Row, Span};
use crate::clock::Period;
use crate::db::{Id, Time, Tx};
use crate::error::{Error, Result};
use crate::tickets::Step;

text_enum! {
    /// Which side of a figure.
    #[schema(as = FigureSide)]
    pub enum Side {
        Numerator = "numerator", "分子";
        Denominator = "denominator", "分母";
    }
}

text_enum! {
    /// How a party had tickets that it was given in the period.
    #[schema(as = FigureHand)]
    pub enum Hand {
        Supported = "supported", "协办";
        Given = "hand_offs", "经手";
        Returned = "handed_back", "退回";
        Left = "handed_on", "经手后已离手";
    }
}

/// What was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// A metric.
    Metric(Metric),
    /// A stage of a funnel.
    Stage(Stage),
    /// What a party had.
    Hand(Hand),
}

impl From<Metric> for Counted {
    fn from(metric: Metric) -> Counted {
        Counted::Metric(metric)
    }
}

impl From<&Metric> for Counted {
    fn from(metric: &Metric) -> Counted {
        Counted::Metric(*metric)
    }
}

impl From<&Stage> for Counted {
    fn from(stage: &Stage) -> Counted {
        Counted::Stage(*stage)
    }
}

impl Counted {
    /// Reads the word of a metric, a stage or a hand-off.
    pub fn parse(word: &str) -> Option<Counted> {
        let metric = Metric::parse(word).map(Counted::Metric);
        let stage = || Stage::parse(word).map(Counted::Stage);
        metric.or_else(stage).or_else(|| Hand::parse(word).map(Counted::Hand))
    }

    /// For URLs.
    pub fn word(self) -> &'static str {
        match self {
            Counted::Metric(metric) => metric.word(),
            Counted::Stage(stage) => stage.word(),
            Counted::Hand(hand) => hand.word(),
        }
    }

    /// For people.
    pub fn label(self) -> &'static str {
        match self {
            Counted::Metric(metric) => metric.label(),
            Counted::Stage(stage) => stage.label(),
            Counted::Hand(hand) => hand.label(),
        }
    }

    /// What exactly is counted.
    pub fn sentence(self) -> &'static str {
        match self {
            Counted::Metric(metric) => metric.sentence(),
            Counted::Stage(stage) => stage.sentence(),
            Counted::Hand(Hand::Supported) => "本期受理量中，截止时登记为协办的",
            Counted::Hand(Hand::Given) => "本期派到或转到这个单位的，一件派两次列两行",
            Counted::Hand(Hand::Returned) => "其中退回的",
            Counted::Hand(Hand::Left) => "其中截止时已离手的，在手时长由它们算出",
        }
    }

    /// The side that its figure shows first: whatever it has tickets on.
    pub fn side(self) -> Side {
        match self.marks(Side::Numerator).is_empty() && !matches!(self, Counted::Hand(_)) {
            true => Side::Denominator,
            false => Side::Numerator,
        }
    }

    /// Whether there are tickets on that side.
    pub fn opens(self, side: Side) -> bool {
        match self {
            Counted::Hand(_) => side == Side::Numerator,
            _ => !self.marks(side).is_empty(),
        }
    }

    /// Whoever bears one of these stands on that side.
    fn marks(self, side: Side) -> Vec<Mark> {
        match (self, side) {
            (Counted::Metric(metric), Side::Numerator) => made(metric).part.to_vec(),
            (Counted::Metric(metric), Side::Denominator) => made(metric).whole.into_iter().collect(),
            (Counted::Stage(stage), Side::Numerator) => vec![stage.mark()],
            _ => Vec::new(),
        }
    }
}

/// One cell of a table of figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// What was counted.
    pub counted: Counted,
    /// Above or below the line.
    pub side: Side,
    /// In which of the spans.
    pub span: Which,
    /// Of which part; nothing for the whole.
    pub part: Option<(Part, String)>,
}

/// A line behind a figure: a ticket, or a neighbour who joined one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Member {
    /// When it was submitted; when the neighbour joined; when the party was given it.
    pub at: Time,
    /// The ticket, or the neighbour.
    pub id: Id,
    /// The ticket.
    pub ticket_id: Id,
    /// 「我也遇到了」.
    pub joined: bool,
}

/// Everything that a report's lists are drawn from, for whoever looks into many cells.
pub struct Lists(Material);

impl Lists {
    /// Reads it.
    pub fn read(tx: &mut Tx, community: Id, period: Period) -> Result<Lists> {
        Ok(Lists(Material::read(tx, community, period, (&Terms::default(), Source::Tickets))?))
    }

    /// Who stands behind a cell, the latest first.
    pub fn members(&self, cell: &Cell) -> Result<Vec<Member>> {
        members(&self.0, cell)
    }
}

/// Who stands behind a cell, the latest first.
pub(super) fn members(material: &Material, cell: &Cell) -> Result<Vec<Member>> {
    if !cell.counted.opens(cell.side) {
        return Err(Error::invalid(
            "metric",
            format!("“{}”的{}不是一件一件的诉求，没有清单", cell.counted.label(), cell.side.label()),
        ));
    }
    let Some(span) = material.spans.get(cell.span) else { return Ok(Vec::new()) };
    let mut found = match cell.counted {
        Counted::Hand(hand) => handed(material, hand, cell),
        _ => bearing(material, &span, cell),
    };
    found.sort_unstable_by_key(|member| std::cmp::Reverse((member.at, member.id)));
    Ok(found)
}

fn fits(cell: &Cell, row: &Row) -> bool {
    cell.part.as_ref().is_none_or(|(part, code)| part.key(row) == *code)
}

/// Those who bear a mark that the cell counts.
fn bearing(material: &Material, span: &Span, cell: &Cell) -> Vec<Member> {
    let wanted = cell.counted.marks(cell.side);
    let counts =
        |row: &&Row| Marks::of(row, span, row_beside(row, &material.basis)).any(&wanted) && fits(cell, row);
    let ticket = |row: &Row| Member { at: row.submitted_at, id: row.id, ticket_id: row.id, joined: false };
    let mut found: Vec<Member> = material.rows.iter().filter(counts).map(ticket).collect();
    if Marks::VOICE.any(&wanted) {
        let board = material.board();
        let voices = board.voices_in(span).filter(|voice| fits(cell, &voice.as_scanned()));
        found.extend(voices.map(|voice| Member {
            at: voice.at,
            id: voice.id,
            ticket_id: voice.row.id,
            joined: true,
        }));
    }
    found
}

/// What a party had in the period, as its line in the table of parties says.
fn handed(material: &Material, hand: Hand, cell: &Cell) -> Vec<Member> {
    let Some((Part::Party, party)) = &cell.part else { return Vec::new() };
    let member = |at: Time, ticket: Id| Member { at, id: ticket, ticket_id: ticket, joined: false };
    if hand == Hand::Supported {
        let helps = |ticket: Id| {
            material.supported.iter().any(|(id, each)| *each == ticket && id.to_string() == *party)
        };
        let rows = material.rows.iter().filter(|row| row.counted() && helps(row.id));
        return rows.map(|row| member(row.submitted_at, row.id)).collect();
    }
    let had = material.held.iter().filter(|held| held.party_id.to_string() == *party);
    let had = had.filter(|held| match hand {
        Hand::Returned => held.ended_by.as_deref() == Some(Step::Return.word()),
        Hand::Left => held.until_at.is_some(),
        _ => true,
    });
    had.map(|held| member(held.from_at, held.ticket_id)).collect()
}
