//! 14 主动治理项目, 15 吹哨报到, 16 心愿与志愿: their headers stand, so that tables of different months fit below each other;
//! the product does not keep their subjects yet.

use super::Done;
use super::lists::or_none;
use crate::stats::workbook::{Book, Columns, main_table};

#[rustfmt::skip]
const PROJECTS: Columns = &[
    ("项目", 30.0), ("地点", 26.0), ("牵头单位", 18.0), ("参与单位", 26.0), ("关联诉求数", 9.0), ("数量", 9.0),
    ("单位", 8.0), ("开始日期", 12.0), ("计划完成", 12.0), ("实际完成", 12.0), ("进度", 9.0), ("实施前诉求数", 9.0), ("实施后诉求数", 9.0),
];

#[rustfmt::skip]
const WHISTLES: Columns = &[
    ("吹哨单号", 18.0), ("事项", 36.0), ("地点", 26.0), ("吹哨时间", 17.0), ("邀请单位数", 9.0), ("按时报到数", 9.0),
    ("报到及时率", 9.0), ("现场记录", 36.0), ("方案", 30.0), ("结果", 30.0), ("关联诉求数", 9.0),
];

#[rustfmt::skip]
const WISHES: Columns = &[
    ("心愿编号", 18.0), ("心愿", 40.0), ("提出时间", 17.0), ("状态", 10.0), ("认领人或单位", 20.0), ("认领时间", 17.0),
    ("实现时间", 17.0), ("志愿者人次", 9.0), ("积分", 9.0),
];

/// Draws the three.
pub(super) fn draw(book: &mut Book) -> Done {
    for (name, columns) in
        [("14 主动治理项目", PROJECTS), ("15 吹哨报到", WHISTLES), ("16 心愿与志愿", WISHES)]
    {
        main_table(book.sheet(name)?, columns, &or_none(Vec::new()), 1)?;
    }
    Ok(())
}
