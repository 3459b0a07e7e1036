//! The dashboard, the figures and what waited, in a real browser: with scripts a chart above each table, without them the
//! tables; nothing is wider than a phone.

use diesel::prelude::*;
use louma::clock::midnight;
use louma::db::Id;
use louma::people::Role;
use louma::schema::{staff, tickets};

use super::{Browser, Scripts, sign_in};
use crate::clocks::back_then;
use crate::harness::TestApp;
use crate::oracle::dice::Dice;
use crate::oracle::plant::plant;

/// A worker whose community has a random past, with a full year 2025.
async fn planted() -> TestApp {
    let app = TestApp::start().await;
    let worker = app.staff(Role::CommunityWorker);
    app.write(move |tx| {
        let at = midnight("2025-08-20".parse().unwrap());
        let community: Id = back_then(tx, at, |tx| {
            for seed in 1..60 {
                let community = plant(tx, &mut Dice::new(seed), seed as usize)?;
                let told: i64 = tickets::table
                    .filter(tickets::community_id.eq(community))
                    .filter(tickets::submitted_at.ge(midnight("2025-01-01".parse().unwrap())))
                    .count()
                    .get_result(tx.conn)?;
                if told >= 30 {
                    return Ok(community);
                }
            }
            panic!("no community of sixty was told much in 2025");
        })?;
        diesel::update(staff::table.find(worker)).set(staff::community_id.eq(community)).execute(tx.conn)?;
        Ok(())
    })
    .await;
    app
}

async fn count(browser: &Browser, script: &str) -> i64 {
    browser.client.execute(&format!("return {script}"), Vec::new()).await.unwrap().as_i64().unwrap()
}

const CHARTS: &str = "document.querySelectorAll('.chart svg').length";
const SHADED: &str = "document.querySelectorAll('[data-chart=heat] [class^=heat-]').length";
const PALE: &str = "[...document.querySelectorAll('[data-chart=heat] [data-value]')].filter(each => Number(each.dataset.value) > 0 && !/heat-/.test(each.className)).length";
const TABLES: &str = "document.querySelectorAll('details table[data-chart]').length";
const OPEN: &str = "document.querySelectorAll('details[open] table[data-chart]').length";

async fn look(browser: &Browser, app: &TestApp, name: &str) {
    for (page, words) in [
        ("dashboard?kind=year&period=2025", "什么时候反映的"),
        ("stats?kind=year&period=2025", "全部指标"),
        ("stats/tickets?metric=solved_rate&kind=year&period=2025", "统计截止"),
        ("stats/backlog?kind=month&period=2025-06", "未办结走势"),
        ("stats/backlog/tickets?at=2025-06-03", "按当时的状态"),
        ("stats/alerts", "未诉先办"),
    ] {
        browser.go(&format!("{}/console/{page}", app.url)).await;
        browser.sees(words).await;
        browser.fits().await;
        browser.tall(&format!("figures-{name}-{}", page.split('?').next().unwrap().replace('/', "-"))).await;
    }
}

#[actix_web::test]
async fn every_chart_of_the_dashboard_stands_above_its_table_and_fits_a_phone() {
    let app = planted().await;
    for (name, width, height) in [("phone", 390, 844), ("desk", 1280, 900)] {
        let Some(browser) = Browser::open(width, height, Scripts::On).await else { return };
        sign_in(&browser, &app, Role::CommunityWorker).await;
        browser.go(&format!("{}/console/dashboard?kind=year&period=2025", app.url)).await;
        browser.sees("三率走势").await;
        let tables = count(&browser, TABLES).await;
        assert!(tables >= 3, "funnel, months, rates, categories, as far as there is something: {tables}");
        assert_eq!(count(&browser, CHARTS).await, tables, "each has its chart");
        assert!(count(&browser, SHADED).await >= 1, "hours and buildings are shaded");
        assert_eq!(count(&browser, PALE).await, 0, "each of which something was told");
        assert_eq!(count(&browser, OPEN).await, 0, "a table is folded away below its chart");
        look(&browser, &app, name).await;
        browser.close().await;
    }
}

#[actix_web::test]
async fn without_scripts_every_table_of_the_dashboard_is_open() {
    let app = planted().await;
    let Some(browser) = Browser::open(390, 844, Scripts::Off).await else { return };
    sign_in(&browser, &app, Role::CommunityWorker).await;
    browser.go(&format!("{}/console/dashboard?kind=year&period=2025", app.url)).await;
    browser.sees("三率走势").await;
    let tables = count(&browser, TABLES).await;
    assert!(tables >= 3);
    assert_eq!((count(&browser, CHARTS).await, count(&browser, OPEN).await), (0, tables));
    browser.fits().await;
    browser.close().await;
}
