//! Every metric, declared once: its name, what exactly is counted, in which unit (domain §6).
//!
//! Page, JSON and workbook read this table, so that a figure means the same wherever it stands. A rate carries its
//! numerator and denominator; 0/0 is a gap and never a zero. How a figure is counted stands next door in `tally`.

use std::collections::BTreeMap;

text_enum! {
    /// What is counted. The order is that of the reports.
    pub enum Metric {
        Scans = "scans", "扫码量";
        Submitted = "submitted", "提交量";
        Gross = "gross", "剔除前受理量";
        Cases = "cases", "受理量";
        Deduplicated = "deduplicated", "去重后受理量";
        Closed = "closed", "办结量";
        ClosedRate = "closed_rate", "办结率";
        Due = "due", "应办结量";
        OnTimeRate = "on_time_rate", "按期办结率";
        Overdue = "overdue", "超期数";
        OnAccount = "on_account", "挂账数";
        ContactOnTimeRate = "contact_on_time_rate", "首次联系及时率";
        ContactMedian = "contact_median", "首次联系时长（中位）";
        ContactP90 = "contact_p90", "首次联系时长（P90）";
        ContactMean = "contact_mean", "首次联系时长（平均）";
        HandlingMedian = "handling_median", "办结时长（中位）";
        HandlingP90 = "handling_p90", "办结时长（P90）";
        HandlingMean = "handling_mean", "办结时长（平均）";
        Answers = "answers", "有效回访量";
        ContactedRate = "contacted_rate", "联系率";
        SolvedRate = "solved_rate", "解决率";
        SatisfiedRate = "satisfied_rate", "满意率";
        Score = "score", "综合得分";
        FirstTimeRate = "first_time_rate", "一次解决率";
        ReturnRate = "return_rate", "退单率";
        ReworkRate = "rework_rate", "重办率";
        InCommunityRate = "in_community_rate", "不出社区率";
        DuplicateRate = "duplicate_rate", "重复率";
        Comparable = "comparable", "可比诉求量 C";
        Joined = "joined", "其中：我也遇到了";
        ComparableEvents = "comparable_events", "可比事件量 C（去重）";
        PerTenThousand = "per_ten_thousand", "万人诉求比";
        PerHundredHouseholds = "per_hundred_households", "每百户诉求量";
    }
}

/// In what a metric is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Whole tickets.
    Cases,
    /// Times.
    Times,
    /// A share between 0 and 1, shown in percent.
    Share,
    /// Hours.
    Hours,
    /// Points of 100.
    Points,
    /// Tickets per so many people or households, to two decimals.
    Ratio,
}

impl Unit {
    /// In Chinese.
    pub fn label(self) -> &'static str {
        match self {
            Unit::Cases => "件",
            Unit::Times => "次",
            Unit::Share => "%",
            Unit::Hours => "小时",
            Unit::Points => "分",
            Unit::Ratio => "件",
        }
    }
}

impl Metric {
    /// In what it is measured.
    pub fn unit(self) -> Unit {
        use Metric::*;
        match self {
            Scans | Joined => Unit::Times,
            Submitted | Gross | Cases | Deduplicated | Closed | Due | Overdue | OnAccount | Answers
            | Comparable | ComparableEvents => Unit::Cases,
            ClosedRate | OnTimeRate | ContactOnTimeRate | ContactedRate | SolvedRate | SatisfiedRate
            | FirstTimeRate | ReturnRate | ReworkRate | InCommunityRate | DuplicateRate => Unit::Share,
            ContactMedian | ContactP90 | ContactMean | HandlingMedian | HandlingP90 | HandlingMean => {
                Unit::Hours
            }
            Score => Unit::Points,
            PerTenThousand | PerHundredHouseholds => Unit::Ratio,
        }
    }

    /// What exactly is counted, as printed beside the figure.
    pub fn sentence(self) -> &'static str {
        use Metric::*;
        match self {
            Scans => "同一码、同一设备、同一天算一次；扫码不等于诉求",
            Submitted => {
                "本期提交或登记的全部诉求，按提交时间；拆分出来的各算一件；作为可疑提交搁置、没有放行的不是诉求"
            }
            Gross => "本期提交，不含不予受理和已撤回；剔除之前",
            Cases => "本期提交，不含经批准剔除的（E6 重复除外）、不予受理和已撤回；截止时仍待受理的算在内",
            Deduplicated => "受理量中去掉已并案的和 E6 重复",
            Closed => "最后一次办结在本期、截止时仍是办结状态的诉求，不论何时提交",
            ClosedRate => "受理量中截止时已办结的 ÷ 受理量；已并案的随主单办结，自身不计办结",
            Due => "办理期限在本期并且在截止时间之前到期的诉求，不含已并案和截止时仍在挂账的",
            OnTimeRate => "应办结中，最后一次办结不晚于期限的 ÷ 应办结量",
            Overdue => "应办结中，超期办结或到期仍未办结的",
            OnAccount => {
                "本期结束前提交、截止时正在挂账的诉求，不论何时提交；是截止时的存量，不和上期、去年比；过去任一天的存量见“未办结走势”"
            }
            ContactOnTimeRate => {
                "受理量中应当已首次联系的，按时联系的 ÷ 应联系的；未到时限又未联系的、时限前挂账还没联系的、未联系即并案的不计"
            }
            ContactMedian => "受理量中已首次联系的，从提交到首次联系，中位数",
            ContactP90 => "受理量中已首次联系的，从提交到首次联系，第 90 百分位",
            ContactMean => "受理量中已首次联系的，从提交到首次联系，平均",
            HandlingMedian => "办结量中，从提交到最后一次办结，中位数",
            HandlingP90 => "办结量中，从提交到最后一次办结，第 90 百分位",
            HandlingMean => "办结量中，从提交到最后一次办结，平均",
            Answers => "最后一次有效回访在本期的诉求，下面三率的分母",
            ContactedRate => "有效回访中，居民说联系过的 ÷ 有效回访量",
            SolvedRate => "有效回访中，居民说已解决的 ÷ 有效回访量",
            SatisfiedRate => "（满意 + k × 基本满意）÷ 有效回访量，k 见口径说明",
            Score => "100 ×（联系率、解决率、满意率各乘权重之和），权重见口径说明",
            FirstTimeRate => "有效回访中，没有重办过并且居民说已解决的 ÷ 有效回访量",
            ReturnRate => "受理量中派过单的，被承办单位退回过的 ÷ 派过单的",
            ReworkRate => "受理量中办结过的，重办过的 ÷ 办结过的",
            InCommunityRate => "办结量中填了解决层级的，在楼门或社区解决的 ÷ 填了层级的",
            DuplicateRate => "受理量中已并案的和 E6 重复 ÷ 受理量",
            Comparable => {
                "受理量中，渠道为扫码、电话代录、来访、走访，类型为求助、投诉、举报、建议，分类可与 12345 比的，不含拆分出来的；再加上“我也遇到了”的居民；与 12345 并列，从不相加"
            }
            Joined => {
                "在扫码页点“我也遇到了”加入已有诉求的居民，按加入时间；一件事里同一设备、同一电话、反映人自己只算一次，已取消的不算；所加入的诉求按类型和分类可比并且没有剔除的才算。已含在可比诉求量 C 里，不在可比事件量、提交量、受理量和三率里"
            }
            ComparableEvents => {
                "可比诉求量去掉已并案的和 E6 重复；已确认的同一事件里，同一地点同一分类只算一件"
            }
            PerTenThousand => "可比诉求量 ÷ 常住人口 × 10000，不折算成全年",
            PerHundredHouseholds => "受理量 ÷ 户数 × 100，不折算成全年",
        }
    }

    /// How many decimals it is shown with.
    pub fn decimals(self) -> usize {
        match self.unit() {
            Unit::Cases | Unit::Times => 0,
            Unit::Share | Unit::Hours => 1,
            Unit::Points | Unit::Ratio => 2,
        }
    }
}

/// A value with what it was made from. A gap has no value.
#[derive(Debug, Clone, Copy, PartialEq, Default, serde::Serialize, utoipa::ToSchema)]
pub struct Figure {
    /// In the metric's unit; a share lies between 0 and 1. Nothing for 0/0 and for what is not known.
    pub value: Option<f64>,
    /// What was counted.
    pub numerator: Option<f64>,
    /// Of how many; nothing for a plain count.
    pub denominator: Option<f64>,
}

/// Figures by metric.
pub type Figures = BTreeMap<Metric, Figure>;

impl Figure {
    /// Nothing is known.
    pub const GAP: Figure = Figure { value: None, numerator: None, denominator: None };

    /// A plain count.
    pub fn count(count: i64) -> Figure {
        Figure { value: Some(count as f64), numerator: Some(count as f64), denominator: None }
    }

    /// `numerator / denominator * scale`; a gap where the denominator is 0.
    pub fn rate(numerator: f64, denominator: f64, scale: f64) -> Figure {
        let value = (denominator > 0.0).then(|| numerator / denominator * scale);
        Figure { value, numerator: Some(numerator), denominator: Some(denominator) }
    }

    /// The value for people: `—` for a gap, `86.4 %` for a share.
    pub fn text(&self, metric: Metric) -> String {
        let Some(value) = self.value else { return "—".to_owned() };
        match metric.unit() {
            Unit::Share => format!("{:.1} %", value * 100.0),
            _ => format!("{value:.*}", metric.decimals()),
        }
    }

    /// `12 / 30`, where it has both.
    pub fn parts(&self) -> String {
        match (self.numerator, self.denominator) {
            (Some(numerator), Some(denominator)) => format!("{} / {}", short(numerator), short(denominator)),
            _ => String::new(),
        }
    }
}

/// A number without needless decimals.
pub(super) fn short(number: f64) -> String {
    let text = format!("{number:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

text_enum! {
    /// Why a change is shown with care, or not at all.
    pub enum Remark {
        SmallBase = "small_base", "基数小";
        NoBase = "no_base", "无可比期";
    }
}

/// How a figure differs from an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Default, serde::Serialize, utoipa::ToSchema)]
pub struct Change {
    /// In the metric's unit; for a share in points between -1 and 1.
    pub difference: Option<f64>,
    /// Relative, for counts; nothing where the earlier one is 0, and for shares.
    pub percent: Option<f64>,
    /// What to say beside it.
    pub remark: Option<Remark>,
}

/// Earlier counts below this say little in percent.
const SMALL: f64 = 10.0;

/// How `now` differs from `before`. Nothing in percent where `before` is 0; below 10 it is marked as small. A share
/// differs in points, and is marked where either stands on fewer than 10.
pub fn change(metric: Metric, now: &Figure, before: &Figure) -> Change {
    let (Some(value), Some(base)) = (now.value, before.value) else { return Change::default() };
    let difference = Some(value - base);
    let relative = !matches!(metric.unit(), Unit::Share | Unit::Points);
    let percent = (relative && base != 0.0).then(|| (value - base) / base);
    let size = match metric.unit() {
        Unit::Cases | Unit::Times => base,
        Unit::Ratio => before.numerator.unwrap_or(0.0),
        _ => before.denominator.unwrap_or(0.0).min(now.denominator.unwrap_or(0.0)),
    };
    let small = size < SMALL && (percent.is_some() || !relative);
    Change { difference, percent, remark: small.then_some(Remark::SmallBase) }
}

impl Change {
    /// There is no earlier period to compare with.
    pub const NO_BASE: Change = Change { difference: None, percent: None, remark: Some(Remark::NoBase) };

    /// The difference for people: `+12`, `-3.1 个百分点`, `—`.
    pub fn difference_text(&self, metric: Metric) -> String {
        let Some(difference) = self.difference else { return self.gap() };
        // What also has a percentage carries the mark there.
        let mark = if self.percent.is_none() { self.mark() } else { "" };
        match metric.unit() {
            Unit::Share => format!("{:+.1} 个百分点{mark}", tidy(difference * 100.0, 1)),
            _ => format!("{:+.*}{mark}", metric.decimals(), tidy(difference, metric.decimals())),
        }
    }

    /// The change in percent for people: `+12.5 %`, `—`, with 「基数小」 where it stands on little.
    pub fn percent_text(&self) -> String {
        let Some(percent) = self.percent else { return self.gap() };
        format!("{:+.1} %{}", tidy(percent * 100.0, 1), self.mark())
    }

    fn mark(&self) -> &'static str {
        if self.remark == Some(Remark::SmallBase) { "（基数小）" } else { "" }
    }

    fn gap(&self) -> String {
        if self.remark == Some(Remark::NoBase) { Remark::NoBase.label().to_owned() } else { "—".to_owned() }
    }
}

/// No `-0.0`.
fn tidy(number: f64, decimals: usize) -> f64 {
    if number.abs() < 0.5 / 10f64.powi(decimals as i32) { 0.0 } else { number }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_says_what_it_counts() {
        for metric in Metric::ALL {
            assert!(metric.sentence().chars().count() > 8, "{metric}");
        }
    }

    #[test]
    fn nothing_of_nothing_is_a_gap_and_not_a_zero() {
        assert_eq!(Figure::rate(0.0, 0.0, 1.0).text(Metric::SolvedRate), "—");
        assert_eq!(Figure::rate(0.0, 0.0, 1.0).parts(), "0 / 0");
        assert_eq!(Figure::rate(0.0, 7.0, 1.0).text(Metric::SolvedRate), "0.0 %");
    }

    #[test]
    fn a_change_from_nothing_has_no_percent() {
        let change = change(Metric::Cases, &Figure::count(12), &Figure::count(0));
        assert_eq!(
            (change.difference_text(Metric::Cases).as_str(), change.percent_text().as_str()),
            ("+12", "—")
        );
        assert_eq!(change.remark, None);
    }

    #[test]
    fn a_change_from_fewer_than_ten_is_marked() {
        let small = change(Metric::Cases, &Figure::count(12), &Figure::count(9));
        assert_eq!(small.percent_text(), "+33.3 %（基数小）");
        assert_eq!(change(Metric::Cases, &Figure::count(12), &Figure::count(10)).percent_text(), "+20.0 %");
    }

    #[test]
    fn a_share_changes_in_points() {
        let change =
            change(Metric::SolvedRate, &Figure::rate(45.0, 50.0, 1.0), &Figure::rate(40.0, 50.0, 1.0));
        assert_eq!(change.difference_text(Metric::SolvedRate), "+10.0 个百分点");
        assert_eq!(change.percent_text(), "—");
        let few =
            super::change(Metric::SolvedRate, &Figure::rate(1.0, 2.0, 1.0), &Figure::rate(40.0, 50.0, 1.0));
        assert_eq!(few.difference_text(Metric::SolvedRate), "-30.0 个百分点（基数小）");
    }

    #[test]
    fn a_year_without_service_is_no_base() {
        assert_eq!(Change::NO_BASE.percent_text(), "无可比期");
        assert_eq!(change(Metric::Cases, &Figure::count(3), &Figure::GAP).percent_text(), "—");
    }

    #[test]
    fn no_change_is_written_without_a_minus() {
        let change = Change { difference: Some(-0.00001), percent: Some(-0.0), remark: None };
        assert_eq!(change.difference_text(Metric::SolvedRate), "+0.0 个百分点");
        assert_eq!(change.percent_text(), "+0.0 %");
    }
}
