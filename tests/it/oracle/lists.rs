//! The lists behind the figures of random communities, and what figures are together: a street, a year.

use louma::clock::{Period, PeriodKind};
use louma::db::{Id, Tx};
use louma::error::Result;
use louma::stats::levels;
use louma::stats::marks::Stage;
use louma::stats::material::Which;
use louma::stats::members::{Cell, Counted, Hand, Lists, Side};
use louma::stats::metric::{Figure, Metric};
use louma::stats::parts::Part;
use louma::stats::report::Slice;
use louma::stats::{self, Report};

/// Opens every figure of a report: all metrics in all spans, and every cell of every table.
pub(super) fn every_list_is_as_long_as_its_figure(tx: &mut Tx, report: &Report) -> Result<()> {
    let lists = Lists::read(tx, report.basis.community.id, report.period)?;
    let k = report.basis.weights.k;
    let mut opened = 0;
    let mut check = |cell: Cell, figure: &Figure| opened += usize::from(one(&lists, cell, figure, k));
    for line in &report.totals {
        for (span, figure) in [
            (Which::Current, &line.current),
            (Which::Previous, &line.previous),
            (Which::LastYear, &line.last_year),
            (Which::YearToDate, &line.year_to_date),
            (Which::LastYearToDate, &line.last_year_to_date),
        ] {
            for side in Side::ALL {
                check(Cell { counted: line.metric.into(), side: *side, span, part: None }, figure);
            }
        }
    }
    let tables: [(Part, &[Slice]); 8] = [
        (Part::Level1, &report.level1),
        (Part::Category, &report.categories),
        (Part::Kind, &report.kinds),
        (Part::Channel, &report.channels),
        (Part::Building, &report.buildings),
        (Part::Place, &report.places),
        (Part::Grid, &report.grids),
        (Part::Party, &report.parties),
    ];
    for (part, slices) in tables {
        for slice in slices {
            let cell = |counted, side| Cell {
                counted,
                side,
                span: Which::Current,
                part: Some((part, slice.code.clone())),
            };
            for metric in Metric::ALL {
                for side in Side::ALL {
                    check(cell((*metric).into(), *side), &slice.figure(*metric));
                }
            }
            let Some(had) = &slice.hand_offs else { continue };
            for (hand, count) in [
                (Hand::Supported, had.supported),
                (Hand::Given, had.count),
                (Hand::Returned, had.returned),
                (Hand::Left, had.median.denominator.unwrap() as i64),
            ] {
                check(cell(Counted::Hand(hand), Side::Numerator), &Figure::count(count));
            }
        }
    }
    for stage in &report.funnel {
        let cell = Cell {
            counted: Counted::Stage(stage.stage),
            side: Side::Numerator,
            span: Which::Current,
            part: None,
        };
        check(cell, &Figure::count(stage.count));
    }
    assert_eq!(report.funnel.first().map(|stage| stage.stage), Some(Stage::Submitted));
    for (day, hours) in report.hours.iter().enumerate() {
        for (hour, count) in hours.iter().enumerate() {
            let cell = Cell {
                counted: Metric::Cases.into(),
                side: Side::Numerator,
                span: Which::Current,
                part: Some((Part::Hour, format!("{day}-{hour}"))),
            };
            check(cell, &Figure::count(*count));
        }
    }
    assert!(opened > 300, "only {opened} lists were opened");
    Ok(())
}

/// Whether there is a list, and if so that it is as long as its figure says.
fn one(lists: &Lists, cell: Cell, figure: &Figure, k: f64) -> bool {
    let said = match cell.side {
        Side::Numerator => figure.numerator,
        Side::Denominator => figure.denominator,
    };
    if !cell.counted.opens(cell.side) {
        assert!(lists.members(&cell).is_err(), "{cell:?}");
        return false;
    }
    // A gap has no list to hold it against: what was on account then, or a span before the codes hung.
    let Some(said) = said else { return false };
    let found = lists.members(&cell).unwrap();
    let mut ids: Vec<_> = found.iter().map(|member| (member.id, member.at)).collect();
    ids.dedup();
    assert_eq!(ids.len(), found.len(), "{cell:?} lists one twice");
    let count = found.len() as f64;
    match (cell.counted, cell.side) {
        // Those who are mostly satisfied count k each.
        (Counted::Metric(Metric::SatisfiedRate), Side::Numerator) => {
            assert!(k * count <= said + 1e-9 && said <= count + 1e-9, "{cell:?}: {count} for {said}");
        }
        _ => assert!((count - said).abs() < 1e-9, "{cell:?}: {count} listed, {said} said"),
    }
    true
}

/// What adds up over months and communities: all but the weighted, which depend on each one's weights, and what stands on
/// account at the end.
fn adds_up(metric: Metric) -> bool {
    !matches!(metric, Metric::SatisfiedRate | Metric::Score | Metric::OnAccount)
}

fn same(one: Option<f64>, other: f64, what: &str) {
    assert!(one.is_none_or(|one| (one - other).abs() < 1e-6), "{what}: {one:?}, summed {other}");
}

pub(super) fn a_year_is_the_sum_of_its_months(tx: &mut Tx, community: Id, named: i32) -> Result<()> {
    let year = stats::report(tx, community, Period::new(PeriodKind::Year, named, 1).unwrap())?;
    for (kind, count) in [(PeriodKind::Month, 12), (PeriodKind::Quarter, 4)] {
        let mut parts = Vec::new();
        for at in 1..=count {
            let month = at * 12 / count;
            parts.push(stats::report(tx, community, Period::new(kind, named, month).unwrap())?);
        }
        for line in year.totals.iter().filter(|line| adds_up(line.metric)) {
            let heads = matches!(line.metric, Metric::PerTenThousand | Metric::PerHundredHouseholds);
            let sum = |side: fn(&Figure) -> Option<f64>| -> f64 {
                parts.iter().filter_map(|part| side(&part.figure(line.metric))).sum()
            };
            same(line.current.numerator, sum(|figure| figure.numerator), line.label);
            if !heads {
                same(line.current.denominator, sum(|figure| figure.denominator), line.label);
            }
        }
    }
    Ok(())
}

pub(super) fn a_street_is_the_sum_of_its_communities(tx: &mut Tx, communities: &[Id]) -> Result<()> {
    let period = Period::new(PeriodKind::Month, 2025, 6).unwrap();
    for some in communities.chunks(7) {
        let street = levels::figures(tx, some, period)?;
        let mut reports = Vec::new();
        for id in some {
            reports.push(stats::report(tx, *id, period)?);
        }
        for metric in Metric::ALL {
            let pooled = street.together[metric];
            let own: Vec<Figure> = reports.iter().map(|report| report.figure(*metric)).collect();
            let sum = |side: fn(&Figure) -> Option<f64>| -> f64 { own.iter().filter_map(side).sum() };
            same(pooled.numerator, sum(|figure| figure.numerator), metric.label());
            same(pooled.denominator, sum(|figure| figure.denominator), metric.label());
            let known: Vec<f64> = own.iter().filter_map(|figure| figure.value).collect();
            let mean = street.mean[metric];
            assert_eq!(mean.denominator, Some(known.len() as f64), "{metric}");
            same(mean.value, known.iter().sum::<f64>() / known.len().max(1) as f64, metric.label());
            // Durations are put together: the mean of all lies between those of the communities.
            if matches!(metric, Metric::HandlingMean | Metric::ContactMean) {
                let (least, most) =
                    known.iter().fold((f64::MAX, f64::MIN), |(a, b), v| (a.min(*v), b.max(*v)));
                let between = |value| least - 1e-9 <= value && value <= most + 1e-9;
                assert!(pooled.value.is_none_or(between), "{metric}");
            }
        }
    }
    Ok(())
}
