//! How two counts of the same period differ: pure, from the JSON of both, so that an old report is compared as it was.
//!
//! A metric that one of them does not know is no difference: programs learn to count more. Sums of the same numbers in
//! another order may differ in the last bit and are equal. 挂账数 is what stood on account at the cut-off: no later count
//! can see it again, so that it is never compared.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clock::{Period, PeriodKind};
use crate::stats::metric::{Figure, Metric};

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

/// What differs in 受理量 of the parts: categories, buildings, parties, channels, kinds.
pub(super) fn parts(period: &Period, before: &Value, after: &Value) -> Vec<Correction> {
    const PARTS: [(&str, &str); 5] = [
        ("categories", "分类"),
        ("buildings", "楼栋"),
        ("parties", "承办单位"),
        ("channels", "渠道"),
        ("kinds", "诉求类型"),
    ];
    let mut all = Vec::new();
    for (field, what) in PARTS {
        let slices = |report: &Value| report[field].as_array().cloned().unwrap_or_default();
        let (then, now) = (slices(before), slices(after));
        let cases = |all: &[Value], code: &Value| {
            let own = all.iter().find(|slice| slice["code"] == *code);
            own.and_then(|slice| slice["figures"]["cases"]["value"].as_f64()).unwrap_or_default()
        };
        let new = now.iter().filter(|slice| !then.iter().any(|old| old["code"] == slice["code"]));
        for slice in then.iter().chain(new) {
            let (old, new) = (cases(&then, &slice["code"]), cases(&now, &slice["code"]));
            if old != new {
                all.push(Correction {
                    period: period.word(),
                    label: period.label(),
                    metric: field.to_owned(),
                    name: format!("{what} {} 受理量", slice["name"].as_str().unwrap_or_default()),
                    before: format!("{old:.0}"),
                    after: format!("{new:.0}"),
                    why: Vec::new(),
                });
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
    }
}
