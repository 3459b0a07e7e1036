//! Photos and voice messages that go ahead of their report: taken up after a break, bounded, and cleared away.

use std::path::Path;

use louma::jobs;
use louma::people::Role;
use louma::uploads::{HOURS, Uploads, loose};
use louma::voices::Voices;
use reqwest::{Method, RequestBuilder};

use crate::harness::{Answer, Client, TestApp, jpeg, send};

const KEY: &str = "0123456789abcdef0123456789abcdef";

/// A recording as a phone makes it: the beginning of a WebM file with sound.
pub fn recording(seed: u8) -> Vec<u8> {
    let mut bytes = b"\x1A\x45\xDF\xA3\x9F\x42\x86\x81\x01\x42\x82\x84webm\x42\x87\x81\x04A_OPUS".to_vec();
    bytes.extend(std::iter::repeat_n(seed, 5000));
    bytes
}

/// An upload as its phone sees it.
struct Upload {
    client: Client,
    path: String,
}

/// What is told of an upload.
#[derive(Debug)]
struct Told {
    status: u16,
    offset: Option<u64>,
    complete: bool,
    body: String,
}

async fn answered(request: RequestBuilder) -> Told {
    let answer = request.send().await.unwrap();
    let head = |name: &str| answer.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
    let offset = head("upload-offset").map(|value| value.parse().unwrap());
    let complete = head("upload-complete").as_deref() == Some("?1");
    Told { status: answer.status().as_u16(), offset, complete, body: answer.text().await.unwrap() }
}

async fn begun(client: &Client, door: &str, kind: &str, length: u64) -> std::result::Result<Upload, Told> {
    let request = client
        .request(
            Method::POST,
            &format!("{door}/uploads{}", if kind.starts_with("audio") { "?seconds=7" } else { "" }),
        )
        .header("content-type", kind)
        .header("upload-complete", "?0")
        .header("upload-length", length);
    let answer = request.send().await.unwrap();
    if answer.status() != 201 {
        let status = answer.status().as_u16();
        return Err(Told { status, offset: None, complete: false, body: answer.text().await.unwrap() });
    }
    let path = answer.headers()["location"].to_str().unwrap().to_owned();
    assert_eq!(answer.headers()["upload-offset"], "0");
    assert!(answer.headers()["upload-limit"].to_str().unwrap().contains("max-size=10485760"));
    Ok(Upload { client: client.clone(), path })
}

impl Upload {
    async fn piece(&self, offset: u64, bytes: &[u8]) -> Told {
        let request = self
            .client
            .request(Method::PATCH, &self.path)
            .header("content-type", "application/partial-upload")
            .header("upload-offset", offset)
            .body(bytes.to_vec());
        answered(request).await
    }

    async fn head(&self) -> Told {
        answered(self.client.request(Method::HEAD, &self.path)).await
    }
}

/// Sends everything at once and returns what the form sends instead of the file.
pub async fn sent(client: &Client, door: &str, kind: &str, bytes: &[u8]) -> String {
    let upload = begun(client, door, kind, bytes.len() as u64).await.unwrap();
    let told = upload.piece(0, bytes).await;
    assert_eq!(told.status, 200, "{told:?}");
    kept(&told)
}

fn kept(told: &Told) -> String {
    let body: serde_json::Value = serde_json::from_str(&told.body).unwrap();
    body["kept"].as_str().unwrap().to_owned()
}

async fn report(client: &Client, door: &str, more: &[(&str, &str)]) -> Answer {
    let mut fields = vec![("category", "01"), ("text", "二层楼道灯不亮"), ("idempotency_key", KEY)];
    for (name, value) in more {
        fields.retain(|(each, _)| each != name || *name == "kept");
        fields.push((name, value));
    }
    client.post_files(door, &fields, &[]).await
}

async fn photos(app: &TestApp) -> i64 {
    use diesel::prelude::*;
    app.read(|tx| Ok(louma::schema::ticket_photos::table.count().get_result(tx.conn)?)).await
}

fn files(dir: &Path) -> usize {
    let Ok(entries) = std::fs::read_dir(dir) else { return 0 };
    let count = |path: std::path::PathBuf| if path.is_dir() { files(&path) } else { 1 };
    entries.map(|entry| count(entry.unwrap().path())).sum()
}

#[actix_web::test]
async fn a_photo_goes_ahead_in_pieces_and_the_report_names_it() {
    let app = TestApp::start().await;
    let (phone, photo) = (app.stranger(), jpeg(1));
    phone.get(&app.door()).await;
    let upload = begun(&phone, &app.door(), "image/jpeg", photo.len() as u64).await.unwrap();
    let half = photo.len() / 2;
    let told = upload.piece(0, &photo[..half]).await;
    assert_eq!((told.status, told.offset, told.complete), (204, Some(half as u64), false));
    let head = upload.head().await;
    assert_eq!((head.status, head.offset), (204, Some(half as u64)));
    // The answer was lost and the piece comes again: it is refused, and told where to go on.
    let again = upload.piece(0, &photo[..half]).await;
    assert_eq!((again.status, again.offset), (409, Some(half as u64)));
    assert!(again.body.contains("mismatching-upload-offset"), "{}", again.body);
    let done = upload.piece(half as u64, &photo[half..]).await;
    assert_eq!((done.status, done.complete), (200, true), "{done:?}");
    // The last answer was lost as well: asked again it is the same.
    let head = upload.head().await;
    assert_eq!((head.offset, head.complete), (Some(photo.len() as u64), true));
    assert_eq!(kept(&upload.piece(photo.len() as u64, b"").await), kept(&done));
    let preview = phone.get(&format!("{}/photos/{}", app.door(), kept(&done))).await;
    assert_eq!(preview.status, 200);

    let made = report(&phone, &app.door(), &[("kept", &kept(&done))]).await;
    assert_eq!(made.status, 303, "{}", made.body);
    assert!(!made.location.contains("missing"));
    assert_eq!(photos(&app).await, 1);
    let uploads = app.parts.config.uploads_dir();
    assert_eq!(files(&uploads), 1, "the raw file, which may say where it was taken, is gone");
}

#[actix_web::test]
async fn what_is_too_large_too_much_or_no_photo_is_refused_with_a_sentence() {
    let app = TestApp::start().await;
    let phone = app.stranger();
    phone.get(&app.door()).await;
    let refused = begun(&phone, &app.door(), "image/jpeg", (10 << 20) + 1).await.err().unwrap();
    assert!(refused.status == 422 && refused.body.contains("10 MB"), "{refused:?}");
    let refused = begun(&phone, &app.door(), "audio/webm", 3 << 20).await.err().unwrap();
    assert!(refused.status == 422 && refused.body.contains("2 MB"), "{refused:?}");

    let heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic";
    let upload = begun(&phone, &app.door(), "image/heic", heic.len() as u64).await.unwrap();
    let told = upload.piece(0, heic).await;
    assert!(told.status == 422 && told.body.contains("HEIC"), "{told:?}");
    assert_eq!(upload.head().await.status, 404, "and it is over");

    let upload = begun(&phone, &app.door(), "image/jpeg", 3).await.unwrap();
    assert_eq!(upload.piece(0, b"abcd").await.status, 422, "more than was declared");
    let other = phone.request(Method::PATCH, &upload.path).header("content-type", "text/plain").body("x");
    assert_eq!(answered(other).await.status, 415);
    assert_eq!(answered(phone.request(Method::DELETE, &upload.path)).await.status, 204);
    assert_eq!(upload.head().await.status, 404);

    let mut open = 0;
    while let Ok(_upload) = begun(&phone, &app.door(), "image/jpeg", 100).await {
        open += 1;
        assert!(open < 50);
    }
    assert!((10..=14).contains(&open), "{open}");
}

#[actix_web::test]
async fn an_upload_opens_at_its_own_door_and_under_its_own_name_alone() {
    let app = TestApp::start().await;
    let phone = app.stranger();
    phone.get(&app.door()).await;
    let (here, there) = (app.door(), format!("/q/{}", app.home().units[1].1.code));
    let upload = begun(&phone, &here, "image/jpeg", 100).await.unwrap();
    let name = upload.path.rsplit('/').next().unwrap();
    let foreign = Upload { client: phone.clone(), path: format!("{there}/uploads/{name}") };
    assert_eq!(foreign.head().await.status, 404);
    assert_eq!(foreign.piece(0, b"x").await.status, 404);
    let forged = Upload { client: phone.clone(), path: upload.path.replace(".100.", ".999.") };
    assert_eq!(forged.head().await.status, 404);
    assert_eq!(phone.get(&format!("{here}/uploads/..%2F..%2Fetc%2Fpasswd")).await.status, 404);

    // A photo of another door is not taken into a report.
    let kept = sent(&phone, &there, "image/jpeg", &jpeg(2)).await;
    assert_eq!(report(&phone, &here, &[("kept", &kept)]).await.status, 303);
    assert_eq!(photos(&app).await, 0);
}

#[actix_web::test]
async fn ten_photos_that_finish_at_once_are_ten_photos_and_one_that_finishes_ten_times_is_one() {
    let app = TestApp::start().await;
    let phone = app.stranger();
    phone.get(&app.door()).await;
    let mut uploads = Vec::new();
    for seed in 0..10 {
        let photo = jpeg(seed);
        let upload = begun(&phone, &app.door(), "image/jpeg", photo.len() as u64).await.unwrap();
        assert_eq!(upload.piece(0, &photo[..photo.len() - 1]).await.status, 204);
        uploads.push((upload, photo));
    }
    let ends = uploads.iter().map(|(upload, photo)| {
        let last = photo.len() - 1;
        upload.piece(last as u64, &photo[last..])
    });
    let done = futures_util::future::join_all(ends).await;
    let mut keys: Vec<String> = done.iter().map(kept).collect();
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), 10);

    let (upload, photo) = &uploads[0];
    let again = futures_util::future::join_all((0..10).map(|_| upload.piece(photo.len() as u64, b""))).await;
    assert!(again.iter().all(|told| kept(told) == kept(&done[0])), "{again:?}");
}

#[actix_web::test]
async fn a_photo_that_fails_never_holds_the_words_back() {
    let app = TestApp::start().await;
    let phone = app.stranger();
    phone.get(&app.door()).await;
    let fields = [("category", "01"), ("text", "二层楼道灯不亮"), ("idempotency_key", KEY)];
    let heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic";
    let files: [(&str, &str, &[u8]); 2] = [("photo", "好.jpg", &jpeg(1)), ("photo", "坏.heic", heic)];
    let made = phone.post_files(&app.door(), &fields, &files).await;
    assert_eq!(made.status, 303, "{}", made.body);
    let page = phone.get(&made.location).await.body;
    assert!(page.contains("有照片没有收到") && page.contains("坏.heic") && page.contains("HEIC"), "{page}");
    assert_eq!(photos(&app).await, 1, "the other photo is there");
    // The words in the address are ours alone.
    let forged = made.location.replace("HEIC", "中奖");
    assert!(!phone.get(&forged).await.body.contains("有照片没有收到"));
    // What the phone itself could not send is told by its place.
    let made =
        report(&phone, &app.door(), &[("missing", "2,99,x"), ("idempotency_key", &KEY.replace('0', "a"))])
            .await;
    let page = phone.get(&made.location).await.body;
    assert!(page.contains("第 2 张照片没有传上") && !page.contains("第 99 张"), "{page}");
}

#[actix_web::test]
async fn a_script_is_told_where_its_report_is_and_a_second_time_the_same() {
    let app = TestApp::start().await;
    let phone = app.stranger();
    phone.get(&app.door()).await;
    let send = async |phone_number: &str| {
        let form = reqwest::multipart::Form::new()
            .text("category", "01")
            .text("text", "灯不亮")
            .text("phone", phone_number.to_owned())
            .text("idempotency_key", KEY);
        let request = phone.request(Method::POST, &app.door()).header("accept", "application/json");
        send(request.multipart(form)).await
    };
    let first = send("10012345678").await;
    assert_eq!(first.status, 201, "{}", first.body);
    assert!(first.json()["location"].as_str().unwrap().starts_with("/t/"));
    // It waited, went out, the answer was lost, and the number is not kept on the phone.
    let second = send("").await;
    assert_eq!((second.status, second.json()["location"].clone()), (201, first.json()["location"].clone()));
    let wrong = send("12").await;
    assert!(
        wrong.status == 422 && wrong.json()["detail"].as_str().unwrap().contains("电话"),
        "{}",
        wrong.body
    );
}

#[actix_web::test]
async fn a_voice_message_alone_is_a_report_that_staff_can_hear() {
    let app = TestApp::start().await;
    let phone = app.stranger();
    phone.get(&app.door()).await;
    let sound = recording(1);
    let kept = sent(&phone, &app.door(), "audio/webm", &sound).await;
    let made = report(&phone, &app.door(), &[("voice", &kept), ("text", "")]).await;
    assert_eq!(made.status, 303, "{}", made.body);
    let secret = made.location.split('?').next().unwrap().to_owned();
    let page = phone.get(&secret).await.body;
    assert!(page.contains("（语音留言，见附件）") && page.contains("/voices/1"), "{page}");
    let own = phone.request(Method::GET, &format!("{secret}/voices/1")).send().await.unwrap();
    assert_eq!(own.bytes().await.unwrap(), sound);

    let lead = app.as_(Role::CommunityLead);
    let list = lead.get("/api/v1/tickets?queue=new").await.json();
    let id = list["rows"][0]["id"].as_str().unwrap().to_owned();
    let at = format!("/console/tickets/{id}/voices/1");
    assert!(lead.get(&format!("/console/tickets/{id}")).await.body.contains(&at));
    let played = lead.request(Method::GET, &at).header("range", "bytes=0-9").send().await.unwrap();
    let head = |name: &str| played.headers()[name].to_str().unwrap().to_owned();
    assert_eq!((played.status().as_u16(), head("content-type").as_str()), (206, "audio/webm"));
    assert_eq!(head("content-range"), format!("bytes 0-9/{}", sound.len()));
    assert_eq!(head("x-content-type-options"), "nosniff");
    assert!(head("content-security-policy").starts_with("sandbox"));
    assert!(head("content-disposition").contains("voice") && head("x-robots-tag").contains("noindex"));
    // Whoever may not know the person does not hear them: a handler without consent, a stranger.
    assert_eq!(app.as_(Role::Handler).get(&at).await.status, 404);
    assert_eq!(app.stranger().get(&at).await.status, 303);

    let picture = begun(&phone, &app.door(), "audio/webm", 100).await.unwrap();
    let told = picture.piece(0, &jpeg(1)[..100]).await;
    assert!(told.status == 422 && told.body.contains("打不开"), "{told:?}");
}

#[actix_web::test]
async fn what_nobody_finished_or_took_is_cleared_away_and_what_a_report_names_stays() {
    let app = TestApp::start().await;
    let phone = app.stranger();
    phone.get(&app.door()).await;
    let taken = sent(&phone, &app.door(), "image/jpeg", &jpeg(1)).await;
    assert_eq!(report(&phone, &app.door(), &[("kept", &taken)]).await.status, 303);
    let left = sent(&phone, &app.door(), "image/jpeg", &jpeg(2)).await;
    let spoken = sent(&phone, &app.door(), "audio/webm", &recording(3)).await;
    // The same picture, sent again by a neighbour and never used.
    let neighbour = app.stranger();
    neighbour.get(&app.door()).await;
    sent(&neighbour, &app.door(), "image/jpeg", &jpeg(1)).await;
    let half = begun(&phone, &app.door(), "image/jpeg", 100).await.unwrap();
    half.piece(0, b"half").await;

    let (dir, store) = (app.parts.config.uploads_dir(), app.parts.config.photos_dir());
    let (uploads, voices) = (Uploads::open(&dir).unwrap(), Voices::open(&store).unwrap());
    let clear = || jobs::clear_once(&app.parts.db, (&app.parts.photos, &voices), &uploads);
    clear().await.unwrap();
    let see = async |kept: &str| phone.get(&format!("{}/photos/{kept}", app.door())).await.status;
    assert_eq!((see(&left).await, half.head().await.status), (200, 204), "what is young stays");

    later(&app, &[&dir, &store]).await;
    clear().await.unwrap();
    assert_eq!((see(&left).await, half.head().await.status), (404, 404));
    assert_eq!(see(&taken).await, 200, "the report's photo is there");
    assert_eq!(phone.get(&format!("{}/voices/{spoken}", app.door())).await.status, 404);
    assert_eq!(files(&dir), 0);

    // A page that lay open for days names what is gone: its words are taken.
    let made =
        report(&phone, &app.door(), &[("kept", &left), ("idempotency_key", &KEY.replace('0', "b"))]).await;
    assert_eq!(made.status, 303, "{}", made.body);
    assert!(phone.get(&made.location).await.body.contains("放得太久"));
    assert_eq!(photos(&app).await, 1);
}

/// As if everything so far had happened days ago: rows and files.
async fn later(app: &TestApp, folders: &[&Path]) {
    use diesel::prelude::*;
    use louma::schema::loose_files::dsl;
    let hours = 60 * loose::HOURS.max(2 * HOURS) + 10;
    app.write(move |tx| {
        let then = tx.now.plus_minutes(-hours);
        diesel::update(dsl::loose_files).set(dsl::taken_at.eq(then)).execute(tx.conn)?;
        Ok(())
    })
    .await;
    let then = louma::db::now().plus_minutes(-hours).0.into();
    let mut waiting: Vec<_> = folders.iter().map(|folder| folder.to_path_buf()).collect();
    while let Some(folder) = waiting.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
            } else {
                let file = std::fs::OpenOptions::new().write(true).open(path).unwrap();
                file.set_times(std::fs::FileTimes::new().set_modified(then)).unwrap();
            }
        }
    }
}

/// Bytes that come a few at a time, and never end by themselves.
fn dripping(bytes: Vec<u8>) -> reqwest::Body {
    use futures_util::StreamExt;
    let pieces: Vec<Vec<u8>> = bytes.chunks(700).map(<[u8]>::to_vec).collect();
    let drops = futures_util::stream::iter(pieces).then(async |piece| {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        Ok::<_, std::io::Error>(piece)
    });
    reqwest::Body::wrap_stream(drops.chain(futures_util::stream::pending()))
}

#[actix_web::test]
async fn what_came_before_kill_9_is_there_and_the_rest_follows() {
    let dir = tempfile::tempdir().unwrap();
    let (database, code) = crate::durable::installed(dir.path());
    let mut served = crate::durable::serve_with(dir.path(), &database, &[]).await;
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let (door, photo) = (format!("/q/{code}"), jpeg(7));
    let made = http.post(format!("{}{door}/uploads", served.url)).header("upload-length", photo.len());
    let made = made.header("content-type", "image/jpeg").send().await.unwrap();
    let path = made.headers()["location"].to_str().unwrap().to_owned();
    let there = async |url: &str| {
        let answer = http.head(format!("{url}{path}")).send().await.unwrap();
        answer.headers()["upload-offset"].to_str().unwrap().parse::<usize>().unwrap()
    };
    let half = photo[..photo.len() / 2].to_vec();
    let request = http.patch(format!("{}{path}", served.url)).header("upload-offset", 0);
    let request = request.header("content-type", "application/partial-upload").body(dripping(half.clone()));
    let sends = actix_web::rt::spawn(request.send());
    while there(&served.url).await < half.len() / 2 {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    let before = there(&served.url).await;
    served.child.kill().unwrap();
    served.child.wait().unwrap();
    assert!(sends.await.unwrap().is_err(), "nobody was told that it is there");

    let mut served = crate::durable::serve_with(dir.path(), &database, &[]).await;
    let offset = there(&served.url).await;
    assert!((before..=half.len()).contains(&offset), "{before} to {}: {offset}", half.len());
    let rest = http.patch(format!("{}{path}", served.url)).header("upload-offset", offset);
    let rest = rest.header("content-type", "application/partial-upload").body(photo[offset..].to_vec());
    let done = rest.send().await.unwrap();
    assert_eq!(done.status(), 200);
    let kept: serde_json::Value = done.json().await.unwrap();
    let form = reqwest::multipart::Form::new()
        .text("category", "01")
        .text("text", "灯不亮")
        .text("idempotency_key", KEY)
        .text("kept", kept["kept"].as_str().unwrap().to_owned());
    let report = http.post(format!("{}{door}", served.url)).multipart(form).send().await.unwrap();
    assert_eq!(report.status(), 303);
    let place = report.headers()["location"].to_str().unwrap().to_owned();
    let page = http.get(format!("{}{place}", served.url)).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("/photos/1") && !page.contains("有照片没有收到"));
    served.child.kill().unwrap();
    served.child.wait().unwrap();
}
