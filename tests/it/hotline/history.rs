//! Calls of long ago, when the clocks of China went forward in spring and back in autumn.

use serde_json::json;

use super::{LEAD, Town};

/// The days of these years as the wall clock of Beijing had them: the hour that never was, the hour that was twice, and
/// the midnights between months.
#[actix_web::test]
async fn calls_of_the_years_of_summer_time_count_in_the_month_that_the_wall_clock_showed() {
    let town = Town::start().await;
    let rows = [
        ("S1", "1986-04-30 23:59:59"),
        ("S2", "1986-05-04 02:30:00"),
        ("S3", "1986-09-14 01:30:00"),
        ("S4", "1988-07-31 23:59:59"),
        ("S5", "1988-08-01 00:00:00"),
        ("S6", "1991-09-15 01:30:00"),
        ("S7", "1991-12-31 23:59:59"),
        ("S8", "1992-01-01 00:00:00"),
        ("S9", "1982-12-31 23:59:59"),
    ];
    let table: String = rows.iter().map(|(number, at)| format!("{number},{at},,,灯,诉求,,\n")).collect();
    let batch = town.import(&table).await;
    assert_eq!(
        (&batch["accepted"], &batch["rejected"]),
        (&json!(8), &json!(1)),
        "there was no hotline in 1982"
    );
    assert!(batch["first_at"].as_str().unwrap().starts_with("1986-04-30T15:59:59"), "{batch}");
    for (month, count) in [
        ("1986-04", json!(1)),
        ("1986-05", json!(1)),
        ("1986-09", json!(1)),
        ("1988-07", json!(1)),
        ("1988-08", json!(1)),
        ("1991-09", json!(1)),
        ("1991-12", json!(1)),
        ("1992-01", json!(1)),
        ("1988-06", json!(null)),
    ] {
        assert_eq!(town.month(month).await["hotline"], count, "{month}");
    }
    let page = town.0.as_(LEAD).get("/console/stats/hotline?year=1988").await;
    assert_eq!(page.status, 200, "{}", page.body);
}
