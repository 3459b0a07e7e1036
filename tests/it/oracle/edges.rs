//! What crosses the end of a month counts where it belongs: worked on by the verbs, and held against numbers that anybody
//! finds by reading along.

use louma::clock::{Period, PeriodKind, at_local};
use louma::db::{Id, Time, Tx};
use louma::error::Result;
use louma::people::{Actor, Role};
use louma::places::{self, Population};
use louma::stats::metric::{Figure, Metric};
use louma::stats::{self, backlog};
use louma::tickets::steps::{self, Closure, Seen};
use louma::tickets::{Level, Note, Outcome, find_own, merging};

use crate::clocks::{back_then, submit};
use crate::harness::TestApp;

fn at(text: &str) -> Time {
    at_local(text.parse().unwrap())
}

fn note(text: &str) -> Note {
    Note::parse("text", text, "").unwrap()
}

/// A figure of a month, as it stood at a moment.
fn told(tx: &mut Tx, community: Id, (month, now): (&str, &str), metric: Metric) -> Result<Figure> {
    let period = Period::parse(PeriodKind::Month, month)?;
    back_then(tx, at(now), |tx| Ok(stats::report(tx, community, period)?.figure(metric)))
}

/// A step that the lead takes at a moment.
fn step<T>(
    tx: &mut Tx,
    lead: &Actor,
    (id, then): (Id, &str),
    work: impl FnOnce(&mut Tx, &Actor, Seen) -> Result<T>,
) -> Result<T> {
    let version = find_own(tx, lead.community_id, id)?.version;
    back_then(tx, at(then), |tx| work(tx, lead, Seen { id, version }))
}

fn close(tx: &mut Tx, lead: &Actor, seen: Seen) -> Result<()> {
    let closure = Closure {
        result: Outcome::Explained,
        text: note("修好了"),
        level: Level::Community,
        photos: Vec::new(),
    };
    steps::close(tx, lead, seen, closure).map(|_| ())
}

fn lead(app: &TestApp) -> Actor {
    let id = app.staff(Role::CommunityLead);
    Actor { role: Role::CommunityLead, staff_id: Some(id), ..Actor::timer(app.home().community.id) }
}

#[actix_web::test]
async fn what_is_reopened_in_another_month_counts_as_closed_in_the_month_of_its_last_closing() {
    let app = TestApp::start().await;
    let (home, keys, lead) = (app.home().clone(), app.parts.keys.clone(), lead(&app));
    app.write(move |tx| {
        let community = home.community.id;
        let id = back_then(tx, at("2025-03-31T23:59:59"), |tx| submit(tx, &keys, &home))?.id;
        step(tx, &lead, (id, "2025-04-01T00:00:00"), steps::accept)?;
        step(tx, &lead, (id, "2025-04-30T23:59:59"), close)?;
        let closed = |tx: &mut Tx, month, now| {
            told(tx, community, (month, now), Metric::Closed).map(|figure| figure.value.unwrap())
        };
        assert_eq!(closed(tx, "2025-04", "2025-05-01T00:00:00")?, 1.0);
        step(tx, &lead, (id, "2025-05-02T09:00:00"), |tx, lead, seen| {
            steps::rework(tx, lead, seen, &note("又坏了"))
        })?;
        assert_eq!(closed(tx, "2025-04", "2025-05-03T00:00:00")?, 0.0, "it is open again");
        step(tx, &lead, (id, "2025-05-31T23:59:59"), close)?;
        let now = "2025-06-01T00:00:00";
        assert_eq!([closed(tx, "2025-04", now)?, closed(tx, "2025-05", now)?], [0.0, 1.0]);
        // It was submitted once, in the last second of March, and counts there.
        for (month, cases) in [("2025-03", 1.0), ("2025-04", 0.0), ("2025-05", 0.0)] {
            assert_eq!(told(tx, community, (month, now), Metric::Cases)?.value, Some(cases), "{month}");
        }
        assert_eq!(told(tx, community, ("2025-03", now), Metric::ReworkRate)?.parts(), "1 / 1");
        assert_eq!(told(tx, community, ("2025-05", now), Metric::ReworkRate)?.parts(), "0 / 0");
        let open = backlog::history(
            tx,
            community,
            &["2025-04-30T23:59:58", "2025-05-01T00:00:00", "2025-05-02T09:00:00", "2025-05-31T23:59:59"]
                .map(at),
        )?;
        assert_eq!(open.iter().map(|then| then.open).collect::<Vec<_>>(), [1, 0, 1, 0]);
        Ok(())
    })
    .await;
}

#[actix_web::test]
async fn what_is_merged_and_taken_apart_in_another_month_counts_as_it_stands() {
    let app = TestApp::start().await;
    let (home, keys, lead) = (app.home().clone(), app.parts.keys.clone(), lead(&app));
    app.write(move |tx| {
        let community = home.community.id;
        let main = back_then(tx, at("2025-03-03T09:00:00"), |tx| submit(tx, &keys, &home))?;
        let other = back_then(tx, at("2025-03-04T09:00:00"), |tx| submit(tx, &keys, &home))?.id;
        step(tx, &lead, (other, "2025-03-31T12:00:00"), |tx, lead, seen| {
            merging::merge(tx, lead, seen, &main.number)
        })?;
        let both = |tx: &mut Tx, now| -> Result<(String, Option<f64>, Option<f64>)> {
            let of = |tx: &mut Tx, metric| told(tx, community, ("2025-03", now), metric);
            let rate = of(tx, Metric::DuplicateRate)?.parts();
            Ok((rate, of(tx, Metric::Cases)?.value, of(tx, Metric::Deduplicated)?.value))
        };
        assert_eq!(both(tx, "2025-04-01T00:00:00")?, ("1 / 2".into(), Some(2.0), Some(1.0)));
        step(tx, &lead, (other, "2025-04-02T09:00:00"), |tx, lead, seen| {
            merging::unmerge(tx, lead, seen, &note("不是一回事"))
        })?;
        assert_eq!(both(tx, "2025-04-03T00:00:00")?, ("0 / 2".into(), Some(2.0), Some(2.0)));
        let moments = ["2025-03-31T11:59:59", "2025-03-31T12:00:00", "2025-04-02T09:00:00"].map(at);
        let open = backlog::history(tx, community, &moments)?;
        assert_eq!(open.iter().map(|then| then.open).collect::<Vec<_>>(), [2, 1, 2]);
        Ok(())
    })
    .await;
}

#[actix_web::test]
async fn a_population_that_changes_in_mid_year_holds_for_the_months_that_end_after_it() {
    let app = TestApp::start().await;
    let (home, keys) = (app.home().clone(), app.parts.keys.clone());
    app.write(move |tx| {
        let community = home.community.id;
        for (from, residents) in [("2024-01-01", 8_000), ("2024-06-30", 10_000)] {
            let population = Population {
                community_id: community,
                effective_from: from.parse().unwrap(),
                residents,
                households: residents / 4,
                units: None,
                source: "街道台账".into(),
                entered_by: "社区负责人".into(),
            };
            places::set_population(tx, population)?;
        }
        back_then(tx, at("2024-02-29T12:00:00"), |tx| submit(tx, &keys, &home))?;
        let mut heads = |kind, word: &str| -> Result<Option<f64>> {
            let period = Period::parse(kind, word)?;
            back_then(tx, at("2025-02-01T00:00:00"), |tx| {
                Ok(stats::report(tx, community, period)?.people.residents)
            })
        };
        // The last day of June is its end; five months ended before.
        assert_eq!(heads(PeriodKind::Month, "2024-05")?, Some(8_000.0));
        assert_eq!(heads(PeriodKind::Month, "2024-06")?, Some(10_000.0));
        assert_eq!(heads(PeriodKind::AssessmentMonth, "2024-06")?, Some(8_000.0));
        assert_eq!(heads(PeriodKind::Quarter, "2024-Q2")?, Some((8_000.0 * 2.0 + 10_000.0) / 3.0));
        assert_eq!(heads(PeriodKind::Year, "2024")?, Some((8_000.0 * 5.0 + 10_000.0 * 7.0) / 12.0));
        assert_eq!(heads(PeriodKind::Year, "2023")?, None, "nobody entered it");
        let now = "2025-02-01T00:00:00";
        let rate = told(tx, community, ("2024-02", now), Metric::PerTenThousand)?;
        assert_eq!((rate.value, rate.parts()), (Some(1.25), "1 / 8000".to_owned()));
        assert_eq!(
            told(tx, community, ("2023-12", now), Metric::PerTenThousand)?.text(Metric::PerTenThousand),
            "—"
        );
        Ok(())
    })
    .await;
}
