//! Tables as the city's system writes them, and what is kept of a row.

use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};

use super::Nature;
use super::reading::{NewRow, Read, read};
use crate::clock::at_local;
use crate::db::Time;
use crate::tickets::Satisfaction;

const HOME: &str = "天宫院中里";

fn now() -> Time {
    at_local("2025-08-20T12:00:00".parse().unwrap())
}

fn taken(text: &str) -> Read {
    read(text.as_bytes(), "明细.csv", HOME, now()).unwrap()
}

fn only(text: &str) -> NewRow {
    let read = taken(text);
    assert_eq!((read.rows.len(), read.rejects.as_slice()), (1, [].as_slice()));
    read.rows[0].clone()
}

fn reasons(text: &str) -> Vec<String> {
    taken(text).rejects.iter().map(ToString::to_string).collect()
}

#[test]
fn every_name_of_a_column_is_known_in_any_order() {
    let numbers = ["工单编号", "工单号", "工单编码", "编号", "诉求编号", "受理编号"];
    let times = ["来电时间", "受理时间", "创建时间", "登记时间", "来话时间", "反映时间", "工单时间"];
    let parties = ["主办单位", "承办单位", "办理单位", "责任单位", "二级承办单位简称"];
    let communities = ["村/社区", "村社区", "所在村社区", "社区", "村居"];
    let places = ["小区点位", "问题点位", "点位", "详细地址", "发生地点", "小区"];
    let matters = ["问题分类", "诉求分类", "事项分类"];
    let pleased = ["是否满意", "满意度", "评价结果"];
    let kinds = ["工单类型", "性质"];
    for turn in 0..7 {
        let at = |names: &[&'static str]| names[turn % names.len()];
        let head = [
            at(&pleased),
            at(&places),
            "标签",
            at(&times),
            at(&kinds),
            at(&numbers),
            "是否解决",
            at(&communities),
            "主要内容",
            at(&matters),
            "办结时间",
            at(&parties),
        ];
        let cells = [
            "基本满意",
            "天宫院中里3号楼2单元",
            "重复",
            "2025-06-03 14:05",
            "诉求",
            "jb1",
            "是",
            "天宫院中里社区",
            "灯不亮",
            "住房->物业->路灯",
            "2025年6月5日",
            "物业",
        ];
        let text = format!("热线工单明细\n\n{}\n{}\n", head.join(","), cells.join(","));
        let row = only(&text);
        assert_eq!((row.line, row.number.as_str(), row.place.as_str()), (4, "JB1", "天宫院中里3号楼2单元"));
        assert_eq!((row.matter.as_str(), row.party.as_str()), ("住房->物业->路灯", "物业"));
        assert_eq!((row.nature, row.solved), (Some(Nature::Demand), Some(true)));
        assert_eq!((row.satisfied, row.tags.as_str()), (Some(Satisfaction::Mostly), "重复"));
        assert_eq!(row.received_at, at_local("2025-06-03T14:05:00".parse().unwrap()));
        assert_eq!(row.closed_at, Some(at_local("2025-06-05T00:00:00".parse().unwrap())));
    }
}

#[test]
fn a_category_comes_in_one_cell_or_in_three_columns() {
    for (head, cells) in [
        ("问题分类", "住房->物业->路灯"),
        ("诉求分类", "住房 → 物业 → 路灯"),
        ("事项分类", "住房/物业/路灯"),
        ("一级分类,二级分类,三级分类", "住房,物业,路灯"),
        ("三级分类,一级分类,二级分类", "路灯,住房,物业"),
    ] {
        let row = only(&format!("工单号,受理时间,{head}\n1,2025-06-03,{cells}\n"));
        assert_eq!(row.matter, "住房->物业->路灯", "{head}");
    }
    assert_eq!(only("工单号,受理时间,一级分类\n1,2025-06-03,住房\n").matter, "住房");
}

#[test]
fn a_call_is_read_in_every_form_that_city_systems_write() {
    for (written, wanted) in [
        ("45811.5", "2025-06-03T12:00:00"),
        ("2025年6月3日 下午3:04", "2025-06-03T15:04:00"),
        ("2025/6/3 上午 9:30", "2025-06-03T09:30:00"),
        ("20250603090000", "2025-06-03T09:00:00"),
        ("2025-06-03T09:00:00+08:00", "2025-06-03T09:00:00"),
    ] {
        let row = only(&format!("编号,来话时间\n1,{written}\n"));
        assert_eq!(row.received_at, at_local(wanted.parse().unwrap()), "{written}");
    }
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.write_string(4, 1, "工单编号").unwrap().write_string(4, 3, "来电时间").unwrap();
    let format = Format::new().set_num_format("yyyy-mm-dd hh:mm");
    let moment = ExcelDateTime::from_ymd(2025, 6, 3).unwrap().and_hms(15, 4, 0).unwrap();
    sheet.write_string(5, 1, "京1").unwrap().write_datetime_with_format(5, 3, &moment, &format).unwrap();
    let read = read(&workbook.save_to_buffer().unwrap(), "明细.xlsx", HOME, now()).unwrap();
    assert_eq!(read.rows[0].received_at, at_local("2025-06-03T15:04:00".parse().unwrap()));
}

#[test]
fn what_tells_of_the_caller_is_not_kept() {
    let read = taken(
        "工单号,来电人姓名,联系电话,性别,受理时间,详细地址,主要内容,满意度,区县\n1,李四,13812341234,女,2025-06-03,3号楼2单元1201室,请打13812341234找1201室,满意,大兴\n",
    );
    assert_eq!(read.personal, ["来电人姓名", "联系电话", "性别"]);
    assert_eq!(read.ignored, ["区县"]);
    let row = &read.rows[0];
    assert_eq!((row.place.as_str(), row.content.as_str()), ("3号楼2单元***室", "请打138****1234找***室"));
    let kept = format!("{row:?}");
    assert!(!kept.contains("13812341234") && !kept.contains("李四") && !kept.contains("1201"), "{kept}");
}

#[test]
fn a_row_that_cannot_be_taken_is_told_and_the_others_stand() {
    let text = "工单号,受理时间,社区\n,2025-06-03,\n2,昨天,\n3,2026-06-03,\n4,1982-06-03,\n5,2025-06-03,别处社区\n6,2025-06-03,天宫院街道天宫院中里社区\n6,2025-06-04,\n7,,\n";
    let read = taken(text);
    assert_eq!(read.rows.iter().map(|row| row.number.as_str()).collect::<Vec<_>>(), ["6"]);
    let said = reasons(text);
    let parts = [
        "第 2 行：「工单编号」没有填",
        "第 3 行：「来电时间」应是日期",
        "第 4 行：「来电时间」是 2026-06-03，不会是这一天",
        "第 5 行：「来电时间」是 1982-06-03",
        "第 6 行：属于「别处社区」，不是「天宫院中里」",
        "第 8 行：和第 7 行是同一个工单编号",
        "第 9 行：「来电时间」没有填",
    ];
    assert_eq!(said.len(), parts.len(), "{said:?}");
    for (said, part) in said.iter().zip(parts) {
        assert!(said.starts_with(part), "{said}");
    }
}

#[test]
fn a_table_without_its_two_columns_is_refused_with_their_names() {
    let err = read("日期,内容\n2025-06-03,灯\n".as_bytes(), "a.csv", HOME, now()).unwrap_err().to_string();
    assert!(err.contains("「工单编号」") && err.contains("「来电时间」"), "{err}");
}

#[test]
fn the_same_particulars_have_the_same_digest_wherever_they_stand() {
    let one = only("工单号,受理时间,主要内容\n1,2025-06-03,灯不亮\n");
    let moved = only("说明\n主要内容,受理时间,工单号\n灯不亮,2025年6月3日,1\n");
    let other = only("工单号,受理时间,主要内容\n1,2025-06-03,灯亮了\n");
    assert_eq!(one.digest(), moved.digest());
    assert_ne!(one.digest(), other.digest());
}
