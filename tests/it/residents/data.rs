//! 我的数据 of everybody who left some: with voice and relation, while a report waits, and of neighbours.

use diesel::prelude::*;
use louma::people::Role;
use louma::schema::{held_reports, neighbours, relations, ticket_photos, ticket_voices};
use serde_json::json;

use super::{page, recording, spoken};
use crate::door::{closed, planted};
use crate::harness::{TestApp, jpeg};

async fn rows(app: &TestApp) -> (i64, i64, i64) {
    app.read(|tx| {
        let relations = relations::table.count().get_result(tx.conn)?;
        let voices = ticket_voices::table.count().get_result(tx.conn)?;
        Ok((relations, voices, ticket_photos::table.count().get_result(tx.conn)?))
    })
    .await
}

#[actix_web::test]
async fn voice_photos_and_who_one_is_stand_in_ones_data_and_go_with_them() {
    let app = TestApp::start().await;
    let phone = app.stranger();
    phone.get(&app.door()).await;
    let kept = spoken(&app, &phone, &recording(1)).await;
    let fields = [("category", "01"), ("text", "灯不亮"), ("voice", kept.as_str()), ("relation", "tenant")];
    let own = page(&phone.post_files(&app.door(), &fields, &[("photo", "a.jpg", &jpeg(1))]).await);
    let shown = phone.get(&format!("{own}/data")).await.body;
    assert!(shown.contains("您的语音") && shown.contains("1 段") && shown.contains("租户"), "{shown}");
    let file = phone.post(&format!("{own}/data/download"), &[]).await.json();
    assert_eq!(file["您是这里的"], "租户");
    for (name, noun) in [("照片", "photos"), ("语音", "voices")] {
        let address = file[name][0]["打开的网址"].as_str().unwrap();
        assert_eq!(address, format!("{}{own}/{noun}/1", app.url));
        assert_eq!(phone.get(address.trim_start_matches(&app.url)).await.status, 200, "{address}");
    }
    assert_eq!(rows(&app).await, (1, 1, 1));
    assert_eq!(phone.post(&format!("{own}/data/erasure"), &[("confirm", "yes")]).await.status, 303);
    assert_eq!(rows(&app).await, (0, 0, 0));
    let shown = phone.get(&format!("{own}/data")).await.body;
    assert!(!shown.contains("租户") && !shown.contains("1 段"), "{shown}");
}

#[actix_web::test]
async fn a_report_that_waits_tells_corrects_and_forgets_what_it_holds() {
    let app = TestApp::start().await;
    let phone = app.stranger();
    phone.get(&app.door()).await;
    let fields = [
        ("category", "01"),
        ("text", "灯不亮，打13812341234"),
        ("phone", "13900001111"),
        ("leave_empty", "x"),
    ];
    let own = page(&phone.post_files(&app.door(), &fields, &[]).await);
    assert!(phone.get(&own).await.body.contains(&format!("{own}/data")), "its page leads there");
    let at = format!("{own}/data");
    let shown = phone.get(&at).await;
    assert_eq!(shown.status, 200);
    for word in ["139****1111", "138****1234", "没有单号", "删除我的个人信息"] {
        assert!(shown.body.contains(word), "{word}: {}", shown.body);
    }
    let masked = phone.post(&format!("{at}/download"), &[]).await.json();
    assert_eq!(masked["电话"], "139****1111");
    let wrong = phone.post(&format!("{at}/download"), &[("phone", "13900001112")]).await;
    assert!(wrong.status == 422 && wrong.body.contains("对不上"), "{}", wrong.body);
    let whole = phone.post(&format!("{at}/download"), &[("phone", "13900001111")]).await.json();
    assert_eq!(
        (whole["电话"].as_str(), whole["内容"].as_str()),
        (Some("13900001111"), Some("灯不亮，打13812341234"))
    );

    let nothing = phone.post(&format!("{at}/correction"), &[]).await;
    assert!(nothing.status == 422 && nothing.body.contains("没有要改的"), "{}", nothing.body);
    let other = [("phone", "13900002222"), ("publish", "yes")];
    assert_eq!(phone.post(&format!("{at}/correction"), &other).await.status, 303);
    let masked = phone.post(&format!("{at}/download"), &[]).await.json();
    assert_eq!(
        (masked["电话"].as_str(), masked["同意公开结果"].as_bool()),
        (Some("139****2222"), Some(true))
    );

    let unsure = phone.post(&format!("{at}/erasure"), &[]).await;
    assert!(unsure.status == 422 && unsure.body.contains("什么也没有删"), "{}", unsure.body);
    assert_eq!(phone.post(&format!("{at}/erasure"), &[("confirm", "yes")]).await.status, 303);
    type Left = (Option<Vec<u8>>, Option<Vec<u8>>, String);
    let left: Left = app
        .read(|tx| {
            let row = held_reports::table.select((
                held_reports::phone_sealed,
                held_reports::device_hash,
                held_reports::text,
            ));
            Ok(row.first(tx.conn)?)
        })
        .await;
    assert_eq!((left.0, left.1), (None, None));
    assert!(left.2.contains("灯不亮") && !left.2.contains("13812341234"), "the matter stays: {}", left.2);
    // It still waits, and becomes a ticket of nobody.
    let worker = app.as_(Role::CommunityWorker);
    let id = worker.get("/api/v1/held").await.json()["rows"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(worker.post(&format!("/console/held/{id}/release"), &[]).await.status, 303);
    let shown = phone.get(&at).await.body;
    assert!(shown.contains("TGY") && !shown.contains("139****"), "{shown}");
}

#[actix_web::test]
async fn a_neighbour_reads_downloads_corrects_and_deletes_what_they_left() {
    let app = TestApp::start().await;
    let matter = planted(&app, 0, "01", "张三家门口灯不亮").await;
    let (phone, id) = (app.stranger(), matter.id.to_string());
    phone.get(&app.door()).await;
    let kept = spoken(&app, &phone, &recording(3)).await;
    let fields = [
        ("category", "01"),
        ("text", "我家在三层，打13812341234"),
        ("voice", kept.as_str()),
        ("phone", "13900001111"),
        ("join", id.as_str()),
    ];
    let own = page(&phone.post_files(&app.door(), &fields, &[("photo", "b.jpg", &jpeg(2))]).await);
    let shown = phone.get(&own).await.body;
    assert!(shown.contains(&format!("{own}/data")) && shown.contains("/notice/TGY/"), "{shown}");
    let at = format!("{own}/data");
    let look = |reason: &'static str| {
        let (worker, id) = (app.as_(Role::CommunityWorker), id.clone());
        async move {
            let list = worker.get(&format!("/api/v1/tickets/{id}/neighbours")).await.json();
            let one = list["rows"][0]["id"].as_str().unwrap().to_owned();
            let path = format!("/api/v1/tickets/{id}/neighbours/{one}/reveals");
            worker.post_json(&path, json!({ "reason": reason })).await.status
        }
    };
    assert_eq!(look("约时间上门").await, 200);
    let data = phone.get(&at).await.body;
    for word in ["139****1111", "138****1234", "1 张", "1 段", "约时间上门", "2026-11"] {
        assert!(data.contains(word), "{word}: {data}");
    }
    assert!(!data.contains("张三") && !data.contains(&matter.number), "nothing of the report: {data}");
    // Whoever reported it does not read that somebody looked at a neighbour.
    let secret = app.parts.keys.ticket_secret(matter.key_version, &app.home().community.token, matter.id);
    assert!(!app.stranger().get(&format!("/t/{secret}/data")).await.body.contains("约时间上门"));

    let masked = phone.post(&format!("{at}/download"), &[]).await.json();
    assert_eq!(masked["电话"], "139****1111");
    for (name, noun) in [("照片", "photos"), ("语音", "voices")] {
        let address = masked[name][0]["打开的网址"].as_str().unwrap();
        assert_eq!(address, format!("{}{own}/{noun}/1", app.url));
        assert_eq!(phone.get(&format!("{own}/{noun}/1")).await.status, 200, "{noun}");
        assert_eq!(
            phone.get(&format!("/t/{secret}/{noun}/1")).await.status,
            404,
            "not the reporter's: {noun}"
        );
    }
    assert!(phone.get(&own).await.body.contains(&format!("{own}/photos/1?size=thumb")), "and on the page");
    let whole = phone.post(&format!("{at}/download"), &[("phone", "13900001111")]).await.json();
    assert_eq!(
        (whole["电话"].as_str(), whole["内容"].as_str()),
        (Some("13900001111"), Some("我家在三层，打13812341234"))
    );
    assert_eq!(phone.post(&format!("{at}/correction"), &[("phone", "13900002222")]).await.status, 303);
    assert!(phone.get(&at).await.body.contains("139****2222"));
    assert_eq!(phone.post(&format!("{at}/correction"), &[("without_phone", "yes")]).await.status, 303);
    assert!(!phone.get(&at).await.body.contains("139****"));

    assert_eq!(phone.post(&format!("{at}/erasure"), &[]).await.status, 422);
    assert_eq!(phone.post(&format!("{at}/erasure"), &[("confirm", "yes")]).await.status, 303);
    assert_eq!(rows(&app).await, (0, 0, 0), "voice and photo are gone");
    let text: String = app.read(|tx| Ok(neighbours::table.select(neighbours::text).first(tx.conn)?)).await;
    assert_eq!(text, "");
    let data = phone.get(&at).await.body;
    assert!(data.contains("<dd class=\"text\">已经删除</dd>"), "{data}");
    let list = app.as_(Role::CommunityWorker).get(&format!("/api/v1/tickets/{id}/neighbours")).await.json();
    assert_eq!(list["count"], 1, "that somebody met it stays");
    assert!(!phone.get(&format!("{}/mine", app.door())).await.body.contains(&own), "no device any more");
}

#[actix_web::test]
async fn a_neighbour_who_takes_it_back_leaves_no_words_behind() {
    let app = TestApp::start().await;
    let matter = planted(&app, 0, "01", "灯不亮").await;
    let phone = app.stranger();
    phone.get(&app.door()).await;
    let id = matter.id.to_string();
    let fields =
        [("category", "01"), ("text", "我家在三层"), ("phone", "13900001111"), ("join", id.as_str())];
    let own = page(&phone.post_files(&app.door(), &fields, &[("photo", "b.jpg", &jpeg(2))]).await);
    assert_eq!(phone.post(&format!("{own}/withdrawal"), &[]).await.status, 303);
    let left: (String, Option<String>) = app
        .read(|tx| {
            Ok(neighbours::table.select((neighbours::text, neighbours::phone_masked)).first(tx.conn)?)
        })
        .await;
    assert_eq!((left, rows(&app).await), ((String::new(), None), (0, 0, 0)));
}

#[actix_web::test]
async fn what_a_neighbour_gives_after_a_deletion_can_be_deleted_again() {
    let app = TestApp::start().await;
    let matter = planted(&app, 0, "01", "灯不亮").await;
    let phone = app.stranger();
    phone.get(&app.door()).await;
    let joined = phone.post(&format!("{}/joins", app.door()), &[("matter", &matter.id.to_string())]).await;
    let own = page(&joined);
    let at = format!("{own}/data");
    let forgotten = async || -> Option<louma::db::Time> {
        app.read(|tx| {
            let at: Option<louma::db::Time> =
                neighbours::table.select(neighbours::forgotten_at).first(tx.conn)?;
            Ok(at)
        })
        .await
    };
    assert_eq!(phone.post(&format!("{at}/erasure"), &[("confirm", "yes")]).await.status, 303);
    assert!(forgotten().await.is_some());
    let shown = phone.get(&at).await.body;
    assert!(!shown.contains("删除我的个人信息"), "nothing is left to delete: {shown}");
    // They change their mind: what they give now is kept as long as any other, and is theirs to delete.
    assert_eq!(phone.post(&own, &[("phone", "13900003333"), ("text", "")]).await.status, 303);
    assert!(forgotten().await.is_none(), "the sweep looks at it again");
    let shown = phone.get(&at).await.body;
    assert!(shown.contains("139****3333") && shown.contains("删除我的个人信息"), "{shown}");
    // As long as a phone is kept it can be corrected, also once the matter is done.
    closed(&app, &matter).await;
    assert_eq!(phone.post(&format!("{at}/correction"), &[("phone", "13900004444")]).await.status, 303);
    assert!(phone.get(&at).await.body.contains("139****4444"));
    assert_eq!(phone.post(&format!("{at}/correction"), &[("without_phone", "yes")]).await.status, 303);
    let late = phone.post(&format!("{at}/correction"), &[("phone", "13900005555")]).await;
    assert!(late.status == 409 && late.body.contains("不用再补充了"), "{}", late.body);
}

#[actix_web::test]
async fn tries_are_counted_of_pages_that_there_are() {
    let app = TestApp::start().await;
    let at = format!("/t/{}/data/download", "a".repeat(40));
    for _ in 0..12 {
        let guess = app.stranger().post(&at, &[("phone", "13900001111")]).await;
        assert_eq!(guess.status, 404, "nothing is there, however often one asks: {}", guess.body);
    }
}
