//! Tables as offices keep them, brought once and brought again.

use super::*;
use crate::db::{Db, Durability};
use crate::error::Error;
use crate::places::{self, NewCommunity};

const TABLE: &str = "天宫院中里社区楼门台账,,,,,\n\
    小区名称,楼栋号,单元,点位,所属网格,户数（户）\n\
    天宫院中里,3,1,,第一网格,24\n\
    天宫院中里,３号楼,2单元,,第一网格,\"1,000\"\n\
    天宫院中里,5甲,,,第二网格,60\n\
    天宫院中里,,,儿童游乐场,第二网格,\n\
    28号院,,,,第二网格,12\n";

fn database() -> (tempfile::TempDir, Db, Id) {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("test.db").display());
    let db = Db::open(&url, Durability::AsConfigured).unwrap();
    db.migrate().unwrap();
    let new = NewCommunity {
        district: "大兴区".into(),
        street: "天宫院街道".into(),
        name: "天宫院中里社区".into(),
        prefix: "TGY".into(),
        ..NewCommunity::default()
    };
    let id = db.write_now(|tx| places::found(tx, new)).unwrap().id;
    (folder, db, id)
}

fn bring(db: &Db, community: Id, table: &str) -> Imported {
    let rows = read(table.as_bytes(), "台账.csv").unwrap();
    db.write_now(move |tx| apply(tx, community, &rows)).unwrap()
}

fn refusals(table: &str) -> Vec<String> {
    match read(table.as_bytes(), "台账.csv") {
        Err(Error::Invalid(problems)) => problems.iter().map(|each| each.message.to_string()).collect(),
        other => panic!("taken: {other:?}"),
    }
}

#[test]
fn every_door_of_the_table_gets_a_code_and_its_name_as_people_say_it() {
    let (_folder, db, community) = database();
    let done = bring(&db, community, TABLE);
    assert_eq!(done, Imported { added: 7, kept: 0, codes: 5 });
    let places = db.read_now(|tx| places::list(tx, community)).unwrap();
    let names: Vec<_> = places.iter().map(|place| place.full_name.as_str()).collect();
    assert_eq!(
        names,
        [
            "天宫院中里",
            "天宫院中里 3号楼",
            "天宫院中里 3号楼1单元",
            "天宫院中里 3号楼2单元",
            "天宫院中里 5甲号楼",
            "天宫院中里 儿童游乐场",
            "28号院",
        ]
    );
}

#[test]
fn a_building_named_after_its_units_still_gets_its_grid_and_households() {
    let (_folder, db, community) = database();
    let table = "小区,楼,单元,网格,户数\n中里,3,1,,24\n中里,3,,第一网格,48\n";
    assert_eq!(bring(&db, community, table), Imported { added: 3, kept: 0, codes: 1 });
    let building = db.read_now(|tx| places::by_full_name(tx, community, "中里 3号楼")).unwrap().unwrap();
    assert_eq!(building.households, Some(48));
    assert!(building.grid_id.is_some());
}

#[test]
fn the_same_table_brought_again_changes_nothing() {
    let (_folder, db, community) = database();
    bring(&db, community, TABLE);
    let before = db.read_now(|tx| registry::all(tx, community)).unwrap().len();
    assert_eq!(bring(&db, community, TABLE), Imported { added: 0, kept: 5, codes: 0 });
    assert_eq!(db.read_now(|tx| registry::all(tx, community)).unwrap().len(), before);
}

#[test]
fn a_table_that_has_grown_brings_only_what_is_new() {
    let (_folder, db, community) = database();
    bring(&db, community, TABLE);
    let grown = format!("{TABLE}天宫院中里,3,3,,第三网格,24\n");
    assert_eq!(bring(&db, community, &grown), Imported { added: 1, kept: 5, codes: 1 });
    let grids = db.read_now(|tx| places::grids(tx, community)).unwrap();
    assert_eq!(grids.len(), 3);
}

#[test]
fn every_row_that_cannot_be_taken_is_named_with_its_reason() {
    let table = "小区,楼,单元,点位,户数\n\
        中里,3,1,,24\n\
        ,3,2,,24\n\
        中里,,2,,24\n\
        中里,3,2,南门,\n\
        中里,,,,\n\
        中里,3号楼,１,,24\n\
        中里,4,1,,二十\n";
    let refusals = refusals(table);
    for (row, words) in [
        (3, "「小区」没有填"),
        (4, "没有填楼"),
        (5, "分成两行"),
        (6, "没有写楼"),
        (7, "和第 2 行是同一个地方"),
        (8, "应是数字"),
    ] {
        let wanted = format!("第 {row} 行：");
        assert!(
            refusals.iter().any(|each| each.starts_with(&wanted) && each.contains(words)),
            "{refusals:?}"
        );
    }
    assert_eq!(refusals.len(), 6, "{refusals:?}");
}

#[test]
fn a_table_without_its_columns_or_rows_is_refused() {
    assert!(refusals("楼,单元\n3,1\n")[0].contains("「小区」"));
    assert!(refusals("小区,楼,单元\n")[0].contains("没有内容"));
}
