//! Every figure that a page shows leads to its tickets: on the dashboard, of a street, of a part of the tickets, and in the
//! tables of the levels.

use chrono::{DateTime, Utc};
use louma::db::Id;
use louma::people::Role;
use serde_json::Value;

use crate::figures::{SEEDS, length, planted};
use crate::harness::{Client, TestApp};

/// The links of a page that show a plain count lead to lists of that length. Returns how many those are.
async fn opened(who: &Client, page: &str) -> usize {
    let mut counts = 0;
    for part in page.split("href=\"/console/stats/tickets?").skip(1) {
        let (link, rest) = part.split_once("\">").unwrap();
        let link = link.replace("&amp;", "&");
        let Ok(shown) = rest.split('<').next().unwrap().parse::<usize>() else { continue };
        // Satisfaction counts some of its tickets in part.
        if link.contains("metric=satisfied_rate&part=numerator") || link.contains("metric=score") {
            continue;
        }
        assert_eq!(length(who, &link).await, (shown, shown), "{link}");
        counts += 1;
    }
    counts
}

#[actix_web::test]
async fn the_counts_of_dashboards_and_levels_open_lists_of_that_length() {
    let app = TestApp::start().await;
    for seed in SEEDS {
        planted(&app, seed).await;
    }
    let (street, period) = (app.as_(Role::StreetManager), "kind=year&period=2025");
    let admin = app.as_(Role::Admin);
    for (who, path, least) in [
        (&admin, "dashboard?", 30),
        (&admin, "dashboard?channel=scan&", 20),
        (&street, "dashboard?level=street&", 40),
        (&street, "dashboard?level=street&level1=01&", 5),
        (&street, "stats/levels?level=street&", 40),
        (&admin, "stats/levels?level=district&", 20),
        (&admin, "stats/levels?level=city&", 20),
    ] {
        let page = who.get(&format!("/console/{path}{period}")).await;
        assert_eq!(page.status, 200, "{path}: {}", page.body);
        let found = opened(who, &page.body).await;
        assert!(found >= least, "{path}: only {found} counts open");
    }

    // A list of several communities names the community of each ticket, and opens those of the session's own.
    let page = street.get(&format!("/console/stats/tickets?metric=cases&level=street&{period}")).await;
    assert!(page.body.contains("5 个社区") && page.body.contains("换到那个社区"), "{}", page.body);
    assert!(page.body.contains("/console/stats/levels?level=street"), "the way back: {}", page.body);
}

/// A random community that counts something in 2025, and somebody who reads it.
async fn busy(app: &TestApp) -> (Id, Client) {
    for seed in SEEDS {
        let (community, admin) = planted(app, seed).await;
        let list = admin.get("/api/v1/stats/tickets?metric=cases&kind=year&period=2025").await.json();
        if list["count"].as_u64() > Some(0) {
            return (community, admin);
        }
    }
    panic!("none of the random communities counts anything");
}

#[actix_web::test]
async fn a_list_reaches_no_further_than_the_account() {
    let app = TestApp::start().await;
    let (elsewhere, _) = busy(&app).await;
    let worker = app.as_(Role::CommunityWorker);
    let list = |query: &str| format!("/api/v1/stats/tickets?metric=cases&kind=year&period=2025&{query}");
    assert_eq!(worker.get(&list(&format!("community={elsewhere}"))).await.status, 404);
    assert_eq!(worker.get(&list("community=nonsense")).await.status, 404);
    let own = worker.get(&list("level=city")).await.json();
    assert_eq!((own["communities"].as_i64(), own["count"].as_i64()), (Some(1), Some(0)));
    for (wrong, word) in [("level=planet", "没有这个范围"), ("channel=pigeon", "没有这个渠道")] {
        let answer = worker.get(&list(wrong)).await;
        assert!(answer.status == 422 && answer.body.contains(word), "{wrong}: {}", answer.body);
    }
    let earlier = app.as_(Role::StreetManager).get(&list("level=street&span=previous")).await;
    assert!(earlier.status == 422 && earlier.body.contains("换成上一期"), "{}", earlier.body);
    let there = app.as_(Role::StreetManager).get(&list(&format!("community={elsewhere}"))).await;
    assert!(there.status == 200 && there.json()["count"].as_i64() > Some(0), "{}", there.body);
}

#[actix_web::test]
async fn every_table_of_a_page_is_a_file_that_opens_as_it_is() {
    let app = TestApp::start().await;
    let (_, admin) = busy(&app).await;
    let page = admin.get("/console/stats/tables?kind=quarter&period=2025-Q2").await;
    let links: Vec<String> = hrefs(&page.body).filter(|link| link.contains(".csv?")).collect();
    assert!(links.len() > 17, "{}", page.body);
    for link in &links {
        let file = admin.get(link).await;
        assert!(file.status == 200 && file.body.starts_with('\u{FEFF}'), "{link}: {}", file.status);
    }

    let period = "kind=year&period=2025";
    let list = admin.get(&format!("/api/v1/stats/tickets?metric=cases&{period}")).await.json();
    let mut from = vec![(format!("stats/tickets?metric=cases&{period}"), list["count"].as_u64().unwrap())];
    let levels = admin.get(&format!("/api/v1/stats/levels?level=district&{period}")).await.json();
    from.push((
        format!("stats/levels?level=district&{period}"),
        levels["lines"].as_array().unwrap().len() as u64 + 1,
    ));
    from.push(("stats/backlog?kind=month&period=2025-03".into(), 31));
    for (path, lines) in from {
        let page = admin.get(&format!("/console/{path}")).await;
        let link = hrefs(&page.body).find(|link| link.contains(".csv?")).unwrap_or_else(|| panic!("{path}"));
        let file = admin.get(&link).await;
        assert!(file.status == 200 && file.body.starts_with('\u{FEFF}'), "{link}: {}", file.body);
        assert_eq!(file.body.lines().count() as u64, lines + 1, "{link}");
    }
}

/// Where the links of a page lead.
fn hrefs(page: &str) -> impl Iterator<Item = String> {
    let address = |rest: &str| rest.split('"').next().unwrap().replace("&amp;", "&").replace("&#38;", "&");
    page.split("href=\"").skip(1).map(address)
}

/// Every line behind a figure.
async fn lines(who: &Client, query: &str) -> Vec<Value> {
    let (mut found, mut after) = (Vec::new(), String::new());
    loop {
        let page = who.get(&format!("/api/v1/stats/tickets?{query}{after}")).await.json();
        found.extend(page["rows"].as_array().unwrap().iter().map(|row| row["ticket"].clone()));
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => return found,
        }
    }
}

#[actix_web::test]
async fn medians_of_a_street_are_those_of_all_its_tickets_put_in_a_row() {
    let app = TestApp::start().await;
    for seed in SEEDS {
        planted(&app, seed).await;
    }
    let (street, period) = (app.as_(Role::StreetManager), "kind=year&period=2025");
    let table = street.get(&format!("/api/v1/stats/levels?level=street&{period}")).await.json();
    let tickets = lines(&street, &format!("metric=handling_median&level=street&{period}")).await;
    let moment =
        |ticket: &Value, field: &str| ticket[field].as_str().unwrap().parse::<DateTime<Utc>>().unwrap();
    let mut hours: Vec<f64> = tickets
        .iter()
        .map(|ticket| {
            (moment(ticket, "closed_at") - moment(ticket, "submitted_at")).num_seconds() as f64 / 3600.0
        })
        .collect();
    hours.sort_by(f64::total_cmp);
    let count = hours.len();
    assert!(count > 5, "{count} closed");
    let median = f64::midpoint(hours[(count - 1) / 2], hours[count / 2]);
    let ninetieth = hours[(count as f64 * 0.9).ceil() as usize - 1];
    let mean = hours.iter().sum::<f64>() / count as f64;
    for (metric, by_hand) in
        [("handling_median", median), ("handling_p90", ninetieth), ("handling_mean", mean)]
    {
        let said = table["together"][metric]["value"].as_f64().unwrap();
        assert!((said - by_hand).abs() < 1e-6, "{metric}: {said}, by hand {by_hand}");
    }
}
