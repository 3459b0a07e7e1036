//! 11 重复与群体, 12 超期与挂账: what was told more than once, and each ticket that was late or stands on account.

use super::{Done, Sheets, word};
use crate::mask::FreeText;
use crate::stats::metric::Metric;
use crate::stats::ranking::{Gathering, Lateness};
use crate::stats::store::Late;
use crate::stats::workbook::{Book, Cell, Columns, main_table, table};

#[rustfmt::skip]
const GATHERINGS: Columns = &[
    ("类别", 26.0), ("主工单号", 19.0), ("件数", 8.0), ("去重减少", 9.0), ("地点", 50.0), ("一级分类", 18.0),
    ("二级分类", 26.0), ("首报时间", 17.0), ("末报时间", 17.0),
];

/// Below the list; as wide as its columns.
#[rustfmt::skip]
const TOGETHER: Columns = &[("指标", 26.0), ("数", 19.0), ("分子", 8.0), ("分母", 9.0), ("说明", 50.0)];

#[rustfmt::skip]
const LATE: Columns = &[
    ("类别", 12.0), ("工单号", 19.0), ("地点", 26.0), ("一级分类", 16.0), ("二级分类", 22.0), ("主办单位", 16.0),
    ("提交时间", 17.0), ("办理期限", 17.0), ("办结时间", 17.0), ("超期（天）", 9.0), ("升级到", 11.0), ("挂账起", 17.0),
    ("挂账（天）", 9.0), ("复核日期", 17.0), ("挂账原因", 36.0), ("计划", 36.0),
];

impl Sheets<'_> {
    /// 11 重复与群体: each merger and each incident, and the figures that they lead to.
    pub(super) fn gatherings(&self, book: &mut Book) -> Done {
        let report = self.report;
        let shown = [
            Metric::Cases,
            Metric::Deduplicated,
            Metric::DuplicateRate,
            Metric::Comparable,
            Metric::ComparableEvents,
        ];
        let figures: Vec<Vec<Cell>> = shown
            .iter()
            .filter_map(|metric| report.line(*metric))
            .map(|line| {
                let whole = line.current.denominator;
                let part = line.current.numerator.filter(|_| whole.is_some());
                let count = |part: Option<f64>| part.map_or(Cell::Gap, |part| Cell::Count(part as i64));
                vec![
                    Cell::text(format!("{}（{}）", line.label, line.unit.label())),
                    Cell::figure(line.metric, &line.current),
                    count(part),
                    count(whole),
                    Cell::Long(line.sentence.to_owned()),
                ]
            })
            .collect();
        let sheet = book.sheet("11 重复与群体")?;
        let rows: Vec<Vec<Cell>> = report.gatherings.iter().map(|each| self.gathering(each)).collect();
        let end = main_table(sheet, GATHERINGS, &or_none(rows), 2)?;
        table(sheet, end + 1, TOGETHER, &figures)?;
        Ok(())
    }

    fn gathering(&self, each: &Gathering) -> Vec<Cell> {
        let level1 = each.category.get(..2).unwrap_or_default();
        let [level1, level2] = self.category(level1, Some(&each.category));
        vec![
            Cell::text(each.kind.label()),
            word(Some(&each.number)),
            Cell::Count(each.tickets),
            Cell::Count(each.spared),
            word(Some(&each.place)),
            level1,
            level2,
            Cell::When(each.first_at),
            Cell::When(each.last_at),
        ]
    }

    /// 12 超期与挂账: as many lines as 超期数 and 挂账数 say.
    pub(super) fn late(&self, book: &mut Book) -> Done {
        let places = self.places();
        let now = self.report.basis.cut_off;
        let days = |from: crate::db::Time, to: crate::db::Time| (to.0 - from.0).num_minutes() as f64 / 1440.0;
        let row = |line: &Late, why: Lateness| {
            let [level1, level2] = self.category(&line.level1, line.category.as_deref());
            let account = self.accounts.get(&line.id).filter(|_| why == Lateness::OnAccount);
            let late = (why != Lateness::OnAccount)
                .then(|| days(line.due_at, line.closed().unwrap_or(now)).max(0.0));
            let since = line.suspended_at.filter(|_| why == Lateness::OnAccount);
            let number = |days: Option<f64>| days.map_or(Cell::Gap, |days| Cell::Number(days, 1));
            let words = |words: Option<&FreeText>| {
                let said = words.filter(|words| !words.is_empty());
                said.map_or(Cell::Gap, |words| Cell::Long(self.masking.words(words)))
            };
            vec![
                Cell::text(why.label()),
                Cell::text(&line.number),
                word(places.get(&line.place_id).copied()),
                level1,
                level2,
                word(self.parties.get(&line.lead_id).map(String::as_str)),
                Cell::When(line.submitted_at),
                Cell::When(line.due_at),
                Cell::when(line.closed()),
                number(late),
                word(line.escalated.map(|level| level.label())),
                Cell::when(since),
                number(since.map(|since| days(since, now))),
                Cell::when(account.map(|account| account.until_at)),
                words(account.map(|account| &account.reason)),
                words(account.map(|account| &account.plan)),
            ]
        };
        let mut all: Vec<(Lateness, &Late)> =
            self.late.iter().flat_map(|line| line.why.iter().map(move |why| (*why, line))).collect();
        all.sort_by_key(|(why, line)| (*why, line.due_at, line.id));
        let rows: Vec<Vec<Cell>> = all.into_iter().map(|(why, line)| row(line, why)).collect();
        let sheet = book.sheet("12 超期与挂账")?;
        main_table(sheet, LATE, &or_none(rows), 2)?;
        sheet.set_print_fit_to_pages(2, 0).set_repeat_columns(0, 1)?;
        Ok(())
    }
}

/// An empty table says so.
pub(super) fn or_none(rows: Vec<Vec<Cell>>) -> Vec<Vec<Cell>> {
    if rows.is_empty() { vec![vec![Cell::text("暂无")]] } else { rows }
}
