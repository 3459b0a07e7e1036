//! The page of a period says what its JSON says: every metric beside its earlier values, and every part.

use louma::clock::PeriodKind;
use serde_json::Value;

use crate::figures::planted;
use crate::harness::TestApp;

/// Communities with many tickets, and with none.
const SEEDS: [u64; 3] = [6, 9, 10];

#[actix_web::test]
async fn the_page_says_what_the_json_says() {
    let app = TestApp::start().await;
    let mut compared = 0;
    for seed in SEEDS {
        let (_, admin) = planted(&app, seed).await;
        for kind in PeriodKind::ALL {
            let asked = format!("kind={}&on=2025-06-03", kind.word());
            let said = admin.get(&format!("/api/v1/stats?{asked}")).await.json();
            let page = admin.get(&format!("/console/stats?{asked}")).await;
            assert_eq!(page.status, 200, "{}", page.body);
            compared += totals(&said, &table(&page.body, "全部指标"));
            for (title, key) in [
                ("一级分类", "level1"),
                ("二级分类", "categories"),
                ("楼栋", "buildings"),
                ("网格", "grids"),
                ("单元和点位", "places"),
                ("承办单位", "parties"),
                ("渠道", "channels"),
                ("诉求类型", "kinds"),
            ] {
                compared += parts(&said[key], &page.body, title);
            }
        }
    }
    assert!(compared > 5_000, "only {compared} cells");
}

/// The cells of the table that says most below a heading, without marks.
fn table(page: &str, heading: &str) -> Vec<Vec<String>> {
    let below = page.split(&format!("<h2>{heading}</h2>")).nth(1).unwrap_or_else(|| panic!("no {heading}"));
    let section = below.split("<h2>").next().unwrap();
    let Some(last) = section.split("<tbody>").skip(1).last() else { return Vec::new() };
    let rows = last.split("</tbody>").next().unwrap().split("<tr>").skip(1);
    rows.map(|row| row.replace("<td", "<th").split("<th").skip(1).map(plain).collect()).collect()
}

fn plain(cell: &str) -> String {
    let inside = cell.split_once('>').unwrap().1;
    let texts: Vec<&str> = inside
        .split('<')
        .enumerate()
        .map(|(at, part)| if at == 0 { part } else { part.split_once('>').map_or("", |part| part.1) })
        .collect();
    let text = texts
        .concat()
        .replace("&#43;", "+")
        .replace("&#x2b;", "+")
        .replace("&#38;", "&")
        .replace("&amp;", "&");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn totals(said: &Value, rows: &[Vec<String>]) -> usize {
    let lines = said["totals"].as_array().unwrap();
    assert_eq!(lines.len(), rows.len());
    for (line, row) in lines.iter().zip(rows) {
        let unit = line["unit"].as_str().unwrap();
        let sides = [&line["current"]["numerator"], &line["current"]["denominator"]].map(Value::as_f64);
        let parts = match sides {
            [Some(one), Some(other)] => format!("{} / {}", short(one), short(other)),
            _ => String::new(),
        };
        let expected = [
            number(unit, &line["current"]["value"]),
            parts,
            number(unit, &line["previous"]["value"]),
            change(unit, &line["change"]),
            number(unit, &line["last_year"]["value"]),
            change(unit, &line["year_change"]),
            number(unit, &line["year_to_date"]["value"]),
            line["sentence"].as_str().unwrap().to_owned(),
        ];
        assert!(row[0].starts_with(line["label"].as_str().unwrap()), "{row:?}");
        assert_eq!(row[1..], expected, "{}", row[0]);
    }
    rows.len() * 8
}

fn parts(said: &Value, page: &str, title: &str) -> usize {
    let slices = said.as_array().unwrap();
    let rows = table(page, &format!("按{title}"));
    assert_eq!(slices.len(), rows.len(), "{title}");
    for (slice, row) in slices.iter().zip(&rows) {
        let of = |metric: &str, unit: &str| number(unit, &slice["figures"][metric]["value"]);
        assert!(row[0].ends_with(slice["name"].as_str().unwrap()), "{row:?}");
        // Both figures, where exclusions took something out.
        let (cases, gross) = (of("cases", "cases"), of("gross", "cases"));
        let shown = if gross == cases { cases } else { format!("{cases}剔除前 {gross}") };
        assert_eq!(row[1], shown, "{title} {row:?}");
        assert_eq!(row[2], number("share", &slice["share"]["value"]), "{title} {row:?}");
        assert_eq!(row[row.len() - 1], of("score", "points"), "{title} {row:?}");
        assert_eq!(row[row.len() - 6], of("closed", "cases"), "{title} {row:?}");
        let rate = &row[row.len() - 2];
        assert!(rate.starts_with(&of("satisfied_rate", "share")), "{title} {row:?}");
    }
    rows.len() * 6
}

fn decimals(unit: &str) -> usize {
    match unit {
        "cases" | "times" => 0,
        "share" | "hours" => 1,
        _ => 2,
    }
}

fn number(unit: &str, value: &Value) -> String {
    match value.as_f64() {
        None => "—".to_owned(),
        Some(value) if unit == "share" => format!("{:.1} %", value * 100.0),
        Some(value) => format!("{value:.*}", decimals(unit)),
    }
}

fn short(number: f64) -> String {
    let hundredths = (number * 100.0).round() / 100.0;
    format!("{hundredths}")
}

/// 环比 in percent where there is one, else in the unit; a share in points.
fn change(unit: &str, said: &Value) -> String {
    let sign = |value: f64, decimals: usize| {
        let tidy = if value.abs() < 0.5 / 10f64.powi(decimals as i32) { 0.0 } else { value };
        format!("{tidy:+.decimals$}")
    };
    let small = if said["remark"] == "small_base" { "（基数小）" } else { "" };
    match (said["percent"].as_f64(), said["difference"].as_f64()) {
        (Some(percent), _) => format!("{} %{small}", sign(percent * 100.0, 1)),
        (None, Some(points)) if unit == "share" => format!("{} 个百分点{small}", sign(points * 100.0, 1)),
        (None, Some(difference)) => format!("{}{small}", sign(difference, decimals(unit))),
        (None, None) if said["remark"] == "no_base" => "无可比期".to_owned(),
        (None, None) => "—".to_owned(),
    }
}
