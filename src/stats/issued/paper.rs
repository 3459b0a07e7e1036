//! The printed report: one HTML document for A4, complete in itself, so that it can be kept, sent on and printed years later.
//!
//! Its style stands inside; nothing is loaded. Masked by nature: it holds figures and names of places and parties alone.

use actix_web::HttpResponse;
use actix_web::http::header;
use askama::Template;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::{Correction, Issued};
use crate::clock::Period;
use crate::db::{Id, Tx};
use crate::error::{Error, Result};
use crate::stats::metric::Metric;
use crate::stats::report::{Line, Report, Slice};

/// Rows of a table of what was told of most.
const TOP: usize = 10;

#[derive(Template)]
#[template(path = "stats/issued/paper.html")]
struct PaperPage<'a> {
    report: &'a Report,
    /// Nothing for a draft.
    issued: Option<&'a Issued>,
    corrections: &'a [Correction],
    headline: String,
    lines: Vec<&'a Line>,
    matters: Vec<Top<'a>>,
    spots: Vec<Top<'a>>,
    program: &'static str,
}

/// What was told of most, with where or what mainly.
struct Top<'a> {
    slice: &'a Slice,
    mainly: String,
    lead: String,
}

impl PaperPage<'_> {
    /// Parties with anything to show.
    fn parties(&self) -> impl Iterator<Item = &Slice> {
        let busy = |slice: &&Slice| {
            [Metric::Cases, Metric::Closed, Metric::Answers]
                .iter()
                .any(|metric| slice.figure(*metric).value > Some(0.0))
        };
        self.report.parties.iter().filter(busy)
    }

    fn count(&self, count: &Option<i64>) -> String {
        count.map_or("—".to_owned(), |count| count.to_string())
    }

    fn population_sources(&self) -> String {
        self.report.basis.population_sources(self.report.period.from, self.report.period.to)
    }

    fn units_source(&self) -> String {
        self.report.basis.units_source(self.report.period.to)
    }

    fn heads(&self, heads: &Option<f64>) -> String {
        heads.map_or("未录入".to_owned(), |heads| format!("{heads:.0}"))
    }
}

/// A document that was kept or is shown as a draft.
pub struct Kept(pub String);

impl Kept {
    /// The answer of a page: nothing but its own style may act in it, wherever its words came from.
    pub fn answer(self) -> HttpResponse {
        let style = self.0.split_once("<style>").and_then(|(_, rest)| rest.split_once("</style>"));
        let digest = STANDARD.encode(Sha256::digest(style.map_or("", |(style, _)| style)));
        let policy = format!(
            "default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        );
        HttpResponse::Ok()
            .content_type("text/html; charset=utf-8")
            .insert_header((header::CONTENT_SECURITY_POLICY, policy))
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .body(self.0)
    }
}

/// The document of a report that is being issued.
pub(super) fn issued(row: &Issued, report: &Report, corrections: &[Correction]) -> Result<String> {
    draw(Some(row), report, corrections)
}

/// The document of a period as it stands now, marked as a draft.
pub(super) fn draft(tx: &mut Tx, community: Id, period: Period) -> Result<Kept> {
    let report = crate::stats::report(tx, community, period)?;
    draw(None, &report, &[]).map(Kept)
}

fn draw(issued: Option<&Issued>, report: &Report, corrections: &[Correction]) -> Result<String> {
    let page = PaperPage {
        report,
        issued,
        corrections,
        headline: headline(report),
        lines: report.totals.iter().collect(),
        matters: tops(report, true),
        spots: tops(report, false),
        program: concat!("楼码 ", env!("CARGO_PKG_VERSION")),
    };
    page.render().map_err(Error::internal)
}

/// What a reader should know when they read one sentence alone. Says no cause.
fn headline(report: &Report) -> String {
    let text = |metric: Metric| report.figure(metric).text(metric);
    let rate = |metric: Metric| match report.figure(metric).parts() {
        parts if parts.is_empty() => text(metric),
        parts => format!("{}（{parts}）", text(metric)),
    };
    let change = report.line(Metric::Cases).map(|line| match line.previous.value {
        Some(_) => format!("，上期 {} 件，环比 {}", line.previous_text(), line.change_text()),
        None => String::new(),
    });
    format!(
        "{}受理诉求 {} 件{}；办结率 {}，按期办结率 {}；有效回访 {} 件，解决率 {}，满意率 {}；与 12345 可比的诉求 {} 件。",
        report.label,
        text(Metric::Cases),
        change.unwrap_or_default(),
        rate(Metric::ClosedRate),
        rate(Metric::OnTimeRate),
        text(Metric::Answers),
        rate(Metric::SolvedRate),
        rate(Metric::SatisfiedRate),
        text(Metric::Comparable),
    )
}

fn tops(report: &Report, matters: bool) -> Vec<Top<'_>> {
    let (all, slices) = match matters {
        true => (&report.frequent, &report.categories),
        false => (&report.spots, &report.places),
    };
    // Small numbers of a unit and a matter may name a home: mainly is said of five and more alone (domain §6.11).
    let named = |each: &crate::stats::ranking::NamedCount| format!("{}（{}）", each.name, each.cases);
    let top = |each: &crate::stats::ranking::Frequent| {
        let slice = slices.iter().find(|slice| slice.code == each.code);
        let mainly: Vec<String> = each.mainly.iter().filter(|named| named.cases >= 5).map(named).collect();
        let mainly = if mainly.is_empty() { "各点不足 5 件".to_owned() } else { mainly.join("、") };
        (slice, mainly, each.lead.as_ref().map_or("—".to_owned(), |lead| lead.name.clone()))
    };
    let found = all.iter().take(TOP).map(top);
    found.filter_map(|(slice, mainly, lead)| Some(Top { slice: slice?, mainly, lead })).collect()
}
