//! What residents are refused with, in the language of their page: every sentence of the rooms that they meet, and what a
//! script shows as it is told.

use std::fs;
use std::path::Path;

use louma::words::Lang;
use reqwest::Method;

use crate::harness::{TestApp, jpeg, send};

fn chinese(sign: char) -> bool {
    matches!(sign, '\u{3400}'..='\u{9fff}' | '\u{3000}'..='\u{303f}' | '\u{ff00}'..='\u{ffef}')
}

/// Where whatever a resident may be refused with is written.
const ROOMS: &[&str] = &[
    "uploads",
    "voices",
    "photos/mod.rs",
    "photos/kind.rs",
    "photos/decode.rs",
    "photos/workers.rs",
    "neighbours/mod.rs",
    "neighbours/own.rs",
    "reports",
    "web/form.rs",
    "tickets/held/own.rs",
    "tickets/privacy/mod.rs",
    "tickets/voices.rs",
    "tickets/confirmations.rs",
    "tickets/last_four.rs",
];
/// What staff alone are refused with: where they take something down, and where a form must prove that our own page sent it.
const OF_STAFF: &[&str] = &["reports/take_down/"];
const TO_STAFF: &[&str] = &["页面已过期，请返回上一页刷新后再试，您填写的内容还在上一页"];

fn sources(path: &Path) -> Vec<(String, String)> {
    if path.is_file() {
        return vec![(path.display().to_string(), fs::read_to_string(path).unwrap())];
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(path).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() || path.extension().is_some_and(|ext| ext == "rs") {
            found.extend(sources(&path));
        }
    }
    found
}

/// The Chinese sentences that a source refuses with: what stands in quotes behind one of the ways to refuse.
fn refusals(text: &str) -> Vec<String> {
    let text = text.split("#[cfg(test)]").next().unwrap();
    let mut found = Vec::new();
    for way in ["Error::invalid(", "Error::conflict(", "Error::Unavailable(", "Note::parse(", "ok_or_else("] {
        for rest in text.split(way).skip(1) {
            // As far as the call may reach.
            let call: String = rest.chars().take(220).collect();
            let call = call.split(';').next().unwrap();
            let quoted = call.split('"').skip(1).step_by(2).filter(|words| words.chars().any(chinese));
            found.extend(quoted.map(str::to_owned));
        }
    }
    found.sort();
    found.dedup();
    found
}

/// With a number wherever something is filled in.
fn filled(sentence: &str) -> String {
    let mut words = sentence.to_owned();
    while let Some((from, to)) =
        words.find('{').and_then(|from| Some((from, from + words[from..].find('}')?)))
    {
        words.replace_range(from..=to, "3");
    }
    words
}

#[test]
fn every_sentence_that_residents_are_refused_with_is_said_in_every_language() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut missing, mut count) = (Vec::new(), 0);
    for (name, text) in ROOMS.iter().flat_map(|room| sources(&src.join(room))) {
        if OF_STAFF.iter().any(|staff| name.contains(staff)) {
            continue;
        }
        for sentence in refusals(&text).into_iter().filter(|each| !TO_STAFF.contains(&each.as_str())) {
            count += 1;
            let english = Lang::En.sentence(&filled(&sentence));
            if english.chars().any(chinese) {
                missing.push(format!("{name}: {sentence}"));
            }
            // The two ways of writing share many signs: what is said in both is found by its English.
            let traditional = Lang::Hant.sentence(&filled(&sentence));
            assert!(!traditional.is_empty(), "{sentence}");
        }
    }
    assert!(count > 40, "only {count} sentences were found");
    assert!(missing.is_empty(), "not said in English:\n{}", missing.join("\n"));
}

#[actix_web::test]
async fn a_script_is_refused_in_the_language_of_its_page() {
    let app = TestApp::start().await;
    let said = async |cookie: &str, length: u64, kind: &str| {
        let request = app.stranger().request(Method::POST, &format!("{}/uploads?seconds=7", app.door()));
        let request = request.header("content-type", kind).header("upload-length", length);
        let answer = send(request.header("cookie", format!("louma_lang={cookie}"))).await;
        assert_eq!(answer.status, 422, "{}", answer.body);
        let json = answer.json();
        assert_eq!(json["detail"], json["problems"][0]["message"], "beside its field too");
        json["detail"].as_str().unwrap().to_owned()
    };
    for (kind, large, words) in [
        ("image/jpeg", 11 << 20, ["这张照片超过 10 MB", "這張照片超過 10 MB", "This photo is over 10 MB"]),
        ("audio/webm", 3 << 20, ["这段语音超过 2 MB", "這段語音超過 2 MB", "This recording is over 2 MB"]),
        ("image/jpeg", 0, ["文件是空的", "檔案是空的", "The file is empty"]),
    ] {
        for (lang, begins) in ["zh-CN", "zh-Hant", "en"].into_iter().zip(words) {
            let told = said(lang, large, kind).await;
            assert!(told.starts_with(begins), "{lang}: {told}");
        }
    }
    // A file that is no photo, and more than was announced, once it has arrived.
    for (lang, none, more) in [
        ("zh-CN", "这个文件不是照片", "传来的比说好的多"),
        ("zh-Hant", "這個檔案不是照片", "傳來的比說好的多"),
        ("en", "This file is no photo", "More arrived than was announced"),
    ] {
        for (length, body, begins) in [(20, vec![b'x'; 20], none), (10, vec![b'x'; 30], more)] {
            let phone = app.stranger();
            let begun = phone.request(Method::POST, &format!("{}/uploads", app.door()));
            let begun = begun.header("content-type", "image/jpeg").header("upload-length", length);
            let path = send(begun).await.location;
            let piece = phone.request(Method::PATCH, &path).header("upload-offset", 0).body(body);
            let piece = piece.header("content-type", "application/partial-upload");
            let told = send(piece.header("cookie", format!("louma_lang={lang}"))).await;
            assert!(told.status == 422, "{}", told.body);
            let detail = told.json()["detail"].as_str().unwrap().to_owned();
            assert!(detail.starts_with(begins), "{lang}: {detail}");
        }
    }
}

#[actix_web::test]
async fn a_report_that_a_script_sends_is_refused_in_the_language_of_its_page() {
    let app = TestApp::start().await;
    let sent = async |lang: &str| {
        let form =
            reqwest::multipart::Form::new().text("category", "01").text("text", "灯不亮").text("phone", "12");
        let request = app.stranger().request(Method::POST, &app.door()).multipart(form);
        let request = request.header("accept", "application/json");
        let answer = send(request.header("cookie", format!("louma_lang={lang}"))).await;
        assert_eq!(answer.status, 422, "{}", answer.body);
        answer.json()["detail"].as_str().unwrap().to_owned()
    };
    assert!(sent("zh-CN").await.starts_with("电话号码好像不对"));
    assert!(sent("zh-Hant").await.starts_with("電話號碼好像不對"));
    assert!(sent("en").await.starts_with("The phone number does not look right"));
    // Too often: by the language of whoever asks, too.
    let photo = jpeg(1);
    let begin = async || {
        let request = app.stranger().request(Method::POST, &format!("{}/uploads", app.door()));
        let request = request.header("content-type", "image/jpeg").header("upload-length", photo.len());
        send(request.header("cookie", "louma_lang=en; louma_device=one-phone-with-a-long-name")).await
    };
    let mut told = begin().await;
    for _ in 0..40 {
        if told.status == 429 {
            break;
        }
        told = begin().await;
    }
    assert_eq!(
        (told.status, told.json()["detail"].as_str()),
        (429, Some("Too often; please wait a moment and try again"))
    );
}
