//! How two counts of the same period differ: pure, from the JSON of both, so that an old report is compared as it was.
//!
//! A metric that one of them does not know is no difference: programs learn to count more. Sums of the same numbers in
//! another order may differ in the last bit and are equal. 挂账数 is what stood on account at the cut-off: no later count
//! can see it again, so that it is never compared.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clock::{Period, PeriodKind};
use crate::stats::metric::{Figure, Metric, Unit};

/// The tables of parts in a report, and what a line of each is.
const PARTS: [(&str, &str); 8] = [
    ("level1", "一级分类"),
    ("categories", "分类"),
    ("kinds", "诉求类型"),
    ("channels", "渠道"),
    ("buildings", "楼栋"),
    ("places", "点位"),
    ("grids", "网格"),
    ("parties", "承办单位"),
];
/// The hours of the week, beside the metrics.
const HOURS: &str = "hours";

/// Whether a correction is one of a part of the whole.
pub(super) fn is_part(metric: &str) -> bool {
    metric == HOURS || PARTS.iter().any(|(field, _)| *field == metric)
}

/// The hotline's count, beside the metrics of ours.
pub(super) const HOTLINE: &str = "hotline";

/// 更正: a figure of an issued report that is counted differently now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Correction {
    /// `2025-05`.
    pub period: String,
    /// `2025年5月`.
    pub label: String,
    /// The word of the metric; `hotline` for the hotline's count.
    pub metric: String,
    /// Its name.
    pub name: String,
    /// What was issued.
    pub before: String,
    /// What is counted now.
    pub after: String,
    /// What happened since that may have moved it; empty where that is not known.
    pub why: Vec<String>,
}

impl Correction {
    /// `32 → 31；原因：审批剔除 1 次`.
    pub fn words(&self) -> String {
        format!("{} → {}；原因：{}", self.before, self.after, self.reason())
    }

    /// Why, as far as it is known.
    pub fn reason(&self) -> String {
        if self.why.is_empty() { "不详".to_owned() } else { self.why.join("、") }
    }
}

/// What differs in the totals of a period, and in the hotline's count of it.
pub(super) fn differences(period: &Period, before: &Value, after: &Value) -> Vec<Correction> {
    let correction = |metric: &str, name: &str, then: String, now: String| Correction {
        period: period.word(),
        label: period.label(),
        metric: metric.to_owned(),
        name: name.to_owned(),
        before: then,
        after: now,
        why: Vec::new(),
    };
    let mut all = Vec::new();
    for line in lines(before) {
        let word = line["metric"].as_str().unwrap_or_default();
        let Some(other) = lines(after).iter().find(|other| other["metric"] == line["metric"]) else {
            continue;
        };
        let (then, now) = (&line["current"], &other["current"]);
        if same(then, now) || word == Metric::OnAccount.word() {
            continue;
        }
        let name = line["label"].as_str().unwrap_or(word);
        let mut each = correction(word, name, said(word, then), said(word, now));
        // The heads by which it was divided are a reason of their own.
        if before["people"] != after["people"] && word.starts_with("per_") {
            each.why.push("人口或户数改过".to_owned());
        }
        all.push(each);
    }
    let (then, now) = (hotline(period, before), hotline(period, after));
    if then != now {
        let said = |count: Option<i64>| count.map_or("—".to_owned(), |count| format!("{count} 件"));
        all.push(correction(HOTLINE, "12345 件数 H", said(then), said(now)));
    }
    all
}

/// What differs in the figures of the parts: a line for each part, with the counts that differ, or else the rates.
pub(super) fn parts(period: &Period, before: &Value, after: &Value) -> Vec<Correction> {
    let mut all = Vec::new();
    for (field, what) in PARTS {
        let slices = |report: &Value| report[field].as_array().cloned().unwrap_or_default();
        let (then, now) = (slices(before), slices(after));
        let figures = |all: &[Value], code: &Value| {
            all.iter().find(|slice| slice["code"] == *code).map(|slice| slice["figures"].clone())
        };
        let new = now.iter().filter(|slice| !then.iter().any(|old| old["code"] == slice["code"]));
        for slice in then.iter().chain(new) {
            let (old, new) = (figures(&then, &slice["code"]), figures(&now, &slice["code"]));
            let differ = differing(old.as_ref(), new.as_ref());
            if differ.is_empty() {
                continue;
            }
            let joined = |side: fn(&(Metric, String, String)) -> &str| {
                differ.iter().map(side).collect::<Vec<_>>().join("、")
            };
            let (name, labels) = (slice["name"].as_str().unwrap_or_default(), joined(|each| each.0.label()));
            all.push(Correction {
                period: period.word(),
                label: period.label(),
                metric: field.to_owned(),
                name: format!("{what} {name} {labels}"),
                before: joined(|each| &each.1),
                after: joined(|each| &each.2),
                why: Vec::new(),
            });
        }
    }
    all
}

/// The metrics of a part that differ, with both values: counts, or where these are the same what is made of them. A part
/// that one side does not have stands there with 0.
fn differing(then: Option<&Value>, now: Option<&Value>) -> Vec<(Metric, String, String)> {
    let nothing = serde_json::json!({ "value": 0.0, "numerator": 0.0, "denominator": null });
    let mut found = Vec::new();
    for metric in Metric::ALL.iter().filter(|metric| **metric != Metric::OnAccount) {
        let of = |side: Option<&Value>| match side {
            Some(figures) => figures.get(metric.word()).cloned(),
            None if counts(*metric) => Some(nothing.clone()),
            None => None,
        };
        if let (Some(old), Some(new)) = (of(then), of(now))
            && !same(&old, &new)
        {
            found.push((*metric, said(metric.word(), &old), said(metric.word(), &new)));
        }
    }
    if found.iter().any(|(metric, ..)| counts(*metric)) {
        found.retain(|(metric, ..)| counts(*metric));
    }
    found
}

fn counts(metric: Metric) -> bool {
    matches!(metric.unit(), Unit::Cases | Unit::Times)
}

/// What differs beside totals and parts: hours of the week, and the months that stand beside the hotline's.
pub(super) fn rest(period: &Period, before: &Value, after: &Value) -> Vec<Correction> {
    let correction = |metric: &str, name: String, then: String, now: String| Correction {
        period: period.word(),
        label: period.label(),
        metric: metric.to_owned(),
        name,
        before: then,
        after: now,
        why: Vec::new(),
    };
    let rows = |report: &Value, field: &str| report[field].as_array().cloned().unwrap_or_default();
    let mut all = Vec::new();
    for (day, (then, now)) in rows(before, HOURS).iter().zip(rows(after, HOURS)).enumerate() {
        if *then != now {
            let sum = |row: &Value| {
                let hours = row.as_array().map(Vec::as_slice).unwrap_or_default();
                hours.iter().filter_map(Value::as_i64).sum::<i64>().to_string()
            };
            let weekday = "一二三四五六日".chars().nth(day).unwrap_or_default();
            all.push(correction(HOURS, format!("时段分布 星期{weekday}"), sum(then), sum(&now)));
        }
    }
    let months = |report: &Value| rows(&report["hotline"], "months");
    for (then, now) in months(before).iter().zip(months(after)) {
        let own = then["month"].as_str().unwrap_or_default();
        for (field, name) in [("hotline", "12345 件数 H"), ("own", "C"), ("own_events", "C 去重")] {
            // What differs in the period itself stands among the totals.
            if then[field] != now[field] && own != period.word() {
                let said = |value: &Value| value.as_i64().map_or("—".to_owned(), |count| count.to_string());
                let name = format!("12345对比 {own} {name}");
                all.push(correction(HOTLINE, name, said(&then[field]), said(&now[field])));
            }
        }
    }
    all
}

fn lines(report: &Value) -> &[Value] {
    report["totals"].as_array().map_or(&[], Vec::as_slice)
}

/// Whether two figures are the same, to the last digits that a sum may lose.
fn same(then: &Value, now: &Value) -> bool {
    let near = |field: &str| match (then[field].as_f64(), now[field].as_f64()) {
        (Some(then), Some(now)) => (then - now).abs() <= 1e-9 * then.abs().max(now.abs()).max(1.0),
        (then, now) => then == now,
    };
    near("value") && near("numerator") && near("denominator")
}

/// A figure for people, a rate with what it was made from.
fn said(word: &str, figure: &Value) -> String {
    let figure = Figure {
        value: figure["value"].as_f64(),
        numerator: figure["numerator"].as_f64(),
        denominator: figure["denominator"].as_f64(),
    };
    let Some(metric) = Metric::parse(word) else {
        return figure.value.map_or("—".to_owned(), |value| value.to_string());
    };
    // Hours have no numerator, but stand on so many tickets.
    let parts = match figure.denominator.filter(|_| figure.numerator.is_none()) {
        Some(count) => format!("{count:.0} 件"),
        None => figure.parts(),
    };
    if parts.is_empty() { figure.text(metric) } else { format!("{}（{parts}）", figure.text(metric)) }
}

/// What the hotline counted in the period; it has numbers of months and years alone.
fn hotline(period: &Period, report: &Value) -> Option<i64> {
    let all = |field: &str| report["hotline"][field].as_array();
    match period.kind {
        PeriodKind::Month => {
            let word = period.word();
            all("months")?.iter().find(|month| month["month"] == word.as_str())?["hotline"].as_i64()
        }
        PeriodKind::Year => {
            let year: i64 = period.word().parse().ok()?;
            all("years")?.iter().find(|line| line["hotline"]["year"] == year)?["hotline"]["cases"].as_i64()
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn report(cases: f64, solved: (f64, f64), hotline: i64) -> Value {
        json!({
            "people": { "residents": 8000.0 },
            "totals": [
                { "metric": "cases", "label": "受理量",
                  "current": { "value": cases, "numerator": cases, "denominator": null } },
                { "metric": "solved_rate", "label": "解决率",
                  "current": { "value": solved.0 / solved.1, "numerator": solved.0, "denominator": solved.1 } },
                { "metric": "of_old", "label": "旧指标", "current": { "value": 1.0 } },
            ],
            "hotline": { "months": [{ "month": "2025-05", "hotline": hotline }], "years": [] },
            "categories": [{ "code": "0101", "name": "电梯", "figures": { "cases": { "value": cases } } }],
        })
    }

    fn may() -> Period {
        Period::new(PeriodKind::Month, 2025, 5).unwrap()
    }

    #[test]
    fn what_is_the_same_is_no_correction() {
        let report = report(32.0, (17.0, 20.0), 12);
        assert!(differences(&may(), &report, &report).is_empty());
        assert!(parts(&may(), &report, &report).is_empty());
        let mut later = report.clone();
        // A metric that only one of the two knows.
        later["totals"].as_array_mut().unwrap().remove(2);
        assert!(differences(&may(), &report, &later).is_empty());
    }

    #[test]
    fn a_correction_says_which_figure_and_both_values() {
        let all = differences(&may(), &report(32.0, (17.0, 20.0), 12), &report(31.0, (18.0, 21.0), 13));
        let words: Vec<(&str, String)> = all.iter().map(|each| (each.name.as_str(), each.words())).collect();
        let wanted = [
            ("受理量", "32 → 31；原因：不详".to_owned()),
            ("解决率", "85.0 %（17 / 20） → 85.7 %（18 / 21）；原因：不详".to_owned()),
            ("12345 件数 H", "12 件 → 13 件；原因：不详".to_owned()),
        ];
        assert_eq!(words, wanted);
    }

    #[test]
    fn the_same_share_of_more_answers_is_a_correction_too() {
        let all = differences(&may(), &report(32.0, (17.0, 20.0), 12), &report(32.0, (34.0, 40.0), 12));
        assert_eq!(all.len(), 1);
        assert!(all[0].words().contains("17 / 20") && all[0].words().contains("34 / 40"));
    }

    #[test]
    fn hours_that_look_the_same_say_on_how_many_tickets_they_stand() {
        let mean = |hours: f64, count: f64| {
            json!({ "totals": [{ "metric": "contact_mean", "label": "首次联系时长（平均）",
                "current": { "value": hours, "numerator": null, "denominator": count } }] })
        };
        let all = differences(&may(), &mean(1.71, 62.0), &mean(1.69, 61.0));
        assert_eq!((all[0].before.as_str(), all[0].after.as_str()), ("1.7（62 件）", "1.7（61 件）"));
    }

    #[test]
    fn a_part_is_found_by_its_code_whatever_it_is_called_now() {
        let mut later = report(33.0, (17.0, 20.0), 12);
        later["categories"][0]["name"] = json!("电梯和扶梯");
        let all = parts(&may(), &report(32.0, (17.0, 20.0), 12), &later);
        assert_eq!((all[0].name.as_str(), all[0].after.as_str()), ("分类 电梯 受理量", "33"));
        // Nothing is left of it: it was given another category.
        later["categories"] =
            json!([{ "code": "0103", "name": "屋顶", "figures": { "cases": { "value": 32.0 } } }]);
        let all = parts(&may(), &report(32.0, (17.0, 20.0), 12), &later);
        let words: Vec<(&str, &str, &str)> =
            all.iter().map(|each| (each.name.as_str(), each.before.as_str(), each.after.as_str())).collect();
        assert_eq!(words, [("分类 电梯 受理量", "32", "0"), ("分类 屋顶 受理量", "0", "32")]);
    }

    #[test]
    fn hours_and_the_other_months_beside_the_hotline_are_looked_at_too() {
        let with = |monday: i64, april: i64| {
            json!({ "hours": [[monday, 0], [0, 2]],
                "hotline": { "months": [{ "month": "2025-04", "hotline": april, "own": 3, "own_events": 3 }] } })
        };
        let all = rest(&may(), &with(1, 12), &with(2, 13));
        let words: Vec<(&str, &str, &str)> =
            all.iter().map(|each| (each.name.as_str(), each.before.as_str(), each.after.as_str())).collect();
        let wanted = [("时段分布 星期一", "1", "2"), ("12345对比 2025-04 12345 件数 H", "12", "13")];
        assert_eq!(words, wanted);
        assert!(rest(&may(), &with(1, 12), &with(1, 12)).is_empty());
    }
}
