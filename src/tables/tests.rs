//! Every file that an office sends, and those that are made to do harm.

use std::io::{Cursor, Write};

use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::*;

const COLUMNS: &[Column] = &[
    Column { name: "工单编号", aliases: &["工单号", "编号"], required: true },
    Column { name: "来电时间", aliases: &["受理时间", "创建时间"], required: true },
    Column { name: "件数", aliases: &[], required: false },
];

fn sentence(bytes: &[u8], name: &str) -> String {
    match Table::read(bytes, name) {
        Err(Error::Invalid(problems)) => {
            assert_eq!(problems[0].field, "file");
            problems[0].message.to_string()
        }
        other => panic!("expected a refusal, got {:?}", other.map(|table| table.sheets.len())),
    }
}

fn saved(mut workbook: Workbook) -> Vec<u8> {
    workbook.save_to_buffer().unwrap()
}

fn zipped(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, content) in parts {
        archive.start_file(*name, options).unwrap();
        archive.write_all(content).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// A workbook of one sheet with this XML as its rows.
fn workbook_of(rows: &str, shared: &str) -> Vec<u8> {
    let types = r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>"#;
    let packages = r#"<Relationships><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
    let book = r#"<workbook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="表1" sheetId="1" r:id="r1"/></sheets></workbook>"#;
    let relations = r#"<Relationships><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#;
    let sheet =
        format!("<worksheet><dimension ref=\"A1:XFD1048576\"/><sheetData>{rows}</sheetData></worksheet>");
    let shared = format!("<sst>{shared}</sst>");
    zipped(&[
        ("[Content_Types].xml", types.as_bytes()),
        ("_rels/.rels", packages.as_bytes()),
        ("xl/workbook.xml", book.as_bytes()),
        ("xl/_rels/workbook.xml.rels", relations.as_bytes()),
        ("xl/sharedStrings.xml", shared.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
    ])
}

fn read_rows(bytes: &[u8], name: &str) -> Vec<(u32, String, Option<String>)> {
    let table = Table::read(bytes, name).unwrap();
    let headed = table.columns(COLUMNS).unwrap();
    let row = |row: Row<'_>| {
        let date = row.date("来电时间").unwrap().map(|moment| moment.to_string());
        (row.number(), row.text("工单编号").unwrap().into_owned(), date)
    };
    headed.rows().map(row).collect()
}

#[test]
fn a_csv_is_read_in_each_of_its_encodings() {
    let text = "12345 热线工单\r\n\r\n受理时间, 工单号 \r\n2024年1月5日 下午3:04,GD001\r\n2024/1/6,GD002";
    let wanted = vec![
        (4, "GD001".to_owned(), Some("2024-01-05 15:04:00".to_owned())),
        (5, "GD002".to_owned(), Some("2024-01-06 00:00:00".to_owned())),
    ];
    let marked = [b"\xEF\xBB\xBF", text.as_bytes()].concat();
    let (chinese, _, _) = encoding_rs::GB18030.encode(text);
    let wide: Vec<u8> =
        std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let tabs = text.replace(',', "\t").into_bytes();
    for bytes in [text.as_bytes(), &marked, &chinese, &wide, &tabs] {
        assert_eq!(read_rows(bytes, "a.csv"), wanted);
    }
}

#[test]
fn rows_of_a_csv_keep_the_number_that_excel_shows() {
    let text = "编号,来电时间\n\n\"两\n行\",2024-01-05\nB,2024-01-05\n\n\n=\"007\",2024-01-05";
    let numbers: Vec<(u32, String)> =
        read_rows(text.as_bytes(), "a.csv").into_iter().map(|(number, text, _)| (number, text)).collect();
    assert_eq!(numbers, [(3, "两\n行".into()), (4, "B".into()), (7, "007".into())]);
}

#[test]
fn a_workbook_is_read_with_its_dates_its_numbers_and_its_margin() {
    let mut workbook = Workbook::new();
    workbook.add_worksheet().set_name("说明").unwrap().write_string(0, 0, "本表由系统导出").unwrap();
    let sheet = workbook.add_worksheet().set_name("明细").unwrap();
    for (column, title) in ["序号", "来电时间（必填）", " 工单 编号*", "件数"].into_iter().enumerate()
    {
        sheet.write_string(2, column as u16, title).unwrap();
    }
    let format = Format::new().set_num_format("yyyy-mm-dd hh:mm");
    let moment = ExcelDateTime::from_ymd(2024, 1, 5).unwrap().and_hms(13, 4, 0).unwrap();
    sheet.write_datetime_with_format(3, 1, &moment, &format).unwrap();
    sheet.write_string(3, 2, "GD001").unwrap();
    sheet.write_number(3, 3, 12).unwrap();
    sheet.write_number(11, 1, 45296.5).unwrap();
    sheet.write_number(11, 2, 20240105).unwrap();
    sheet.write_string(11, 3, "１，２34").unwrap();
    let hidden = workbook.add_worksheet();
    hidden.set_hidden(true).write_string(0, 0, "工单编号").unwrap();
    let bytes = saved(workbook);

    let table = Table::read(&bytes, "a.xlsx").unwrap();
    let headed = table.columns(COLUMNS).unwrap();
    assert_eq!((headed.sheet(), headed.has("件数"), table.sheets.len()), ("明细", true, 2));
    let rows: Vec<Row<'_>> = headed.rows().collect();
    assert_eq!(rows.iter().map(Row::number).collect::<Vec<_>>(), [4, 12]);
    assert_eq!(rows[0].date("来电时间").unwrap().unwrap().to_string(), "2024-01-05 13:04:00");
    assert_eq!(rows[1].date("来电时间").unwrap().unwrap().to_string(), "2024-01-05 12:00:00");
    assert_eq!(rows[0].count_in("件数").unwrap(), Some(12));
    assert_eq!(rows[1].count_in("件数").unwrap(), Some(1234));
    assert_eq!(rows[1].text("工单编号").unwrap(), "20240105");
}

#[test]
fn a_cell_that_cannot_be_taken_says_why() {
    let text = "工单编号,来电时间,件数\n,昨天,一件\nA,2024-01-05,-1\nB,,1.5";
    let table = Table::read(text.as_bytes(), "a.csv").unwrap();
    let headed = table.columns(COLUMNS).unwrap();
    let rows: Vec<Row<'_>> = headed.rows().collect();
    assert_eq!(rows[0].required_text("工单编号").unwrap_err().to_string(), "「工单编号」没有填");
    let date = rows[0].date("来电时间").unwrap_err().to_string();
    assert_eq!(date, "「来电时间」应是日期，如 2024-01-05 13:04，这里是“昨天”");
    assert_eq!(rows[0].number_in("件数").unwrap_err().to_string(), "「件数」应是数字，这里是“一件”");
    assert_eq!(rows[1].number_in("件数").unwrap(), Some(-1.0));
    assert!(rows[1].count_in("件数").unwrap_err().to_string().contains("不小于 0 的整数"));
    assert!(rows[2].count_in("件数").is_err());
    assert_eq!(rows[2].date("来电时间").unwrap(), None);
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.write_string(0, 0, "编号").unwrap().write_string(0, 1, "创建时间").unwrap();
    sheet.write_number(1, 0, 1.2345678901234568e17).unwrap();
    let bytes = saved(workbook);
    let table = Table::read(&bytes, "a.xlsx").unwrap();
    let headed = table.columns(COLUMNS).unwrap();
    let long = headed.rows().next().unwrap().text("工单编号").unwrap_err();
    assert!(long.to_string().contains("超过 15 位"));
}

#[test]
fn a_missing_column_is_named_with_its_other_names() {
    let deep = format!("{}工单编号,来电时间\n", "说明\n".repeat(20));
    let table = Table::read(deep.as_bytes(), "a.csv").unwrap();
    assert!(table.columns(COLUMNS).is_err(), "a header below the twentieth row is not looked for");
    let table = Table::read("编号,地点\n1,2".as_bytes(), "a.csv").unwrap();
    let message = table.columns(COLUMNS).unwrap_err().to_string();
    assert!(
        message.contains("「来电时间」（也可以叫受理时间、创建时间）") && !message.contains("「工单编号」")
    );
}

#[test]
fn files_that_are_no_tables_are_refused_by_what_they_are() {
    let protected: Vec<u8> = [0xD0, 0xCF, 0x11, 0xE0]
        .into_iter()
        .chain("EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    assert!(sentence(&protected, "a.xlsx").contains("打开密码"));
    assert!(sentence(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1 Workbook", "a.xls").contains(".xls"));
    assert!(sentence(b"", "a.csv").contains("空的"));
    assert!(sentence(b" \r\n,,\r\n", "a.csv").contains("没有内容"));
    assert!(sentence(b"%PDF-1.7", "a.csv").contains("PDF"));
    assert!(sentence(b"<html><table>", "a.xls").contains("网页格式"));
    assert!(sentence(b"\x89PNG\r\n\x1a\n\0\0\xFF\xFF", "a.xlsx").contains("不是表格"));
    assert!(sentence(b"\xFF\xFF\xFF,\xFF\xFF", "a.csv").contains("编码"));
    assert!(sentence(&vec![b'a'; MAX_FILE + 1], "a.csv").contains("20 MB"));
    assert!(sentence(&zipped(&[("word/document.xml", b"<w/>")]), "a.xlsx").contains("打不开"));
    let whole = saved({
        let mut workbook = Workbook::new();
        workbook.add_worksheet().write_string(0, 0, "x").unwrap();
        workbook
    });
    assert!(sentence(&whole[..whole.len() / 2], "a.xlsx").contains("打不开"));
    let mut blank = Workbook::new();
    blank.add_worksheet();
    assert!(sentence(&saved(blank), "a.xlsx").contains("没有内容"));
}

#[test]
fn a_table_that_is_too_wide_or_too_long_is_refused() {
    let wide = (0..400).map(|column| format!("列{column}")).collect::<Vec<_>>().join(",");
    assert!(sentence(wide.as_bytes(), "a.csv").contains("太宽"));
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for column in 0..400 {
        sheet.write_number(0, column, column).unwrap();
    }
    assert!(sentence(&saved(workbook), "a.xlsx").contains("第 1 行、第 201 列"));
    assert!(sentence("x\n".repeat(MAX_ROWS + 1).as_bytes(), "a.csv").contains("最多 20 万行"));
    let right_edge = format!("{}x\n", ",".repeat(MAX_COLUMNS - 1)).repeat(MAX_CELLS / MAX_COLUMNS + 1);
    assert!(sentence(right_edge.as_bytes(), "a.csv").contains("太大"));
    let open_quote = format!("a,\"{}", "字".repeat(MAX_CELL + 1));
    assert!(sentence(open_quote.as_bytes(), "a.csv").contains("引号"));
}

#[test]
fn a_cell_at_the_far_corner_costs_nothing() {
    let corner = workbook_of(r#"<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>"#, "");
    assert!(sentence(&corner, "a.xlsx").contains("太宽"));
    let low = workbook_of(
        r#"<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="B1048576"><v>2</v></c></row>"#,
        "",
    );
    let table = Table::read(&low, "a.xlsx").unwrap();
    let numbers: Vec<u32> = table.sheets[0].lines.iter().map(|line| line.number).collect();
    assert_eq!(numbers, [1, 1_048_576]);
}

#[test]
fn a_workbook_that_unpacks_to_a_mountain_is_refused_before_it_is_opened() {
    let mountain = vec![b' '; 70 * 1024 * 1024];
    let bomb = zipped(&[("xl/sharedStrings.xml", &mountain)]);
    assert!(bomb.len() < 1024 * 1024);
    assert!(sentence(&bomb, "a.xlsx").contains("展开后太大"));
    // The same with a size that lies: both headers claim ten bytes.
    let mut liar = bomb;
    let (real, false_size) = ((mountain.len() as u32).to_le_bytes(), 10_u32.to_le_bytes());
    for at in 0..liar.len() - 4 {
        if liar[at..at + 4] == real {
            liar[at..at + 4].copy_from_slice(&false_size);
        }
    }
    let message = sentence(&liar, "a.xlsx");
    assert!(message.contains("展开后太大") || message.contains("打不开"), "{message}");
    let many: Vec<String> = (0..2_001).map(|number| format!("part{number}")).collect();
    let parts: Vec<(&str, &[u8])> = many.iter().map(|name| (name.as_str(), &b""[..])).collect();
    assert!(sentence(&zipped(&parts), "a.xlsx").contains("展开后太大"));
}

#[test]
fn one_long_text_referred_to_by_every_cell_is_refused() {
    let shared = format!("<si><t>{}</t></si>", "字".repeat(30_000));
    let rows: String =
        (1..=2_000).map(|row| format!(r#"<row r="{row}"><c r="A{row}" t="s"><v>0</v></c></row>"#)).collect();
    assert!(sentence(&workbook_of(&rows, &shared), "a.xlsx").contains("太大"));
}

#[test]
fn a_workbook_broken_anywhere_is_refused_and_never_panics() {
    let rows = r#"<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>99</v></c></row>"#;
    let _ = Table::read(&workbook_of(rows, "<si><t>x</t></si>"), "a.xlsx");
    assert!(sentence(&workbook_of("<row r=\"1\"><c r=\"A1\"><v>1", ""), "a.xlsx").contains("打不开"));
    let back = r#"<row r="5"><c r="A5"><v>1</v></c></row><row r="2"><c r="A2"><v>1</v></c></row>"#;
    assert!(sentence(&workbook_of(back, ""), "a.xlsx").contains("打不开"));
    let whole = workbook_of(r#"<row r="1"><c r="A1"><v>1</v></c></row>"#, "<si><t>x</t></si>");
    assert!(Table::read(&whole, "a.xlsx").is_ok());
    for seed in 0..whole.len() {
        let mut broken = whole.clone();
        broken[seed] ^= 0x5A;
        match Table::read(&broken, "a.xlsx") {
            Ok(_) | Err(Error::Invalid(_)) => {}
            Err(err) => panic!("{err:?}"),
        }
    }
}
