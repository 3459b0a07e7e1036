//! Files as they come through the page: what is shown of them, and those that are made to do harm.

use serde_json::json;

use super::{LEAD, Town, WORKER};

#[actix_web::test]
async fn the_pages_show_the_preview_and_what_was_refused() {
    let town = Town::start().await;
    let client = town.0.as_(WORKER);
    assert!(client.get("/console/hotline").await.body.contains("还没有导入过"));
    let (chinese, _, _) = encoding_rs::GB18030
        .encode("工单号,受理时间,来电号码,点位\nA1,2025年5月3日 下午3:04,13812341234,3号楼\nA2,昨天,,\n");
    let sent = client.post_files("/console/hotline", &[], &[("file", "五月.csv", &chinese)]).await;
    assert_eq!(sent.status, 303, "{}", sent.body);
    let page = client.get(&sent.location).await.body;
    for words in
        ["五月.csv", "预览：还没有计数", "来电号码", "确认导入 1 件", "第 3 行", "2025-05-03", "读出来的样子"]
    {
        assert!(page.contains(words), "{words}: {page}");
    }
    let file = client.get(&format!("{}/rejects.csv", sent.location)).await.body;
    assert!(file.contains("行号,原因") && file.contains("3,「来电时间」应是日期"), "{file}");
    assert_eq!(client.post(&format!("{}/confirmation", sent.location), &[]).await.status, 303);
    let page = client.get("/console/hotline").await.body;
    assert!(page.contains("已导入") && page.contains("五月.csv"), "{page}");
    assert!(
        !client.get(&sent.location).await.body.contains("撤销整批"),
        "a worker takes nothing back that counts"
    );
    assert!(town.0.as_(LEAD).get(&sent.location).await.body.contains("撤销整批"));
    assert_eq!(client.post(&format!("{}/confirmation", sent.location), &[]).await.status, 422);
}

#[actix_web::test]
async fn files_made_to_do_harm_are_refused_with_a_sentence() {
    use std::io::Write;
    let town = Town::start().await;
    let client = town.0.as_(WORKER);
    let zipped = |parts: &[(&str, &[u8])]| {
        let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        for (name, content) in parts {
            archive.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
            archive.write_all(content).unwrap();
        }
        archive.finish().unwrap().into_inner()
    };
    let mountain = vec![b' '; 70 * 1024 * 1024];
    let mut wide = rust_xlsxwriter::Workbook::new();
    let sheet = wide.add_worksheet();
    for column in 0..400 {
        sheet.write_string(0, column, "列").unwrap();
    }
    let mut corner = rust_xlsxwriter::Workbook::new();
    corner.add_worksheet().write_string(1_048_575, 16_383, "角").unwrap();
    let locked: Vec<u8> = [0xD0, 0xCF, 0x11, 0xE0]
        .into_iter()
        .chain("EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    for (file, words) in [
        (zipped(&[("xl/sharedStrings.xml", &mountain)]), "展开后太大"),
        (wide.save_to_buffer().unwrap(), "表格太宽"),
        (corner.save_to_buffer().unwrap(), "表格太宽"),
        (locked, "打开密码"),
        (b"%PDF-1.7".to_vec(), "PDF"),
        ("日期,内容\n2025-06-03,灯\n".into(), "没有找到这些列"),
    ] {
        let answer = client.post_files("/console/hotline", &[], &[("file", "坏.xlsx", &file)]).await;
        assert!(answer.status == 422 && answer.body.contains(words), "{words}: {}", answer.body);
    }
    let list = client.get("/api/v1/hotline/batches").await.json();
    assert_eq!(list, json!([]), "nothing is left of them");
}
