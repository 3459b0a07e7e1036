//! The program while it serves: how it stops, when it says that it cannot work, and what its log says.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Stdio;
use std::time::{Duration, Instant};

use diesel::prelude::*;
use louma::db::{Db, Durability};
use louma::schema::{scans, tickets};
use rustix::process::{Pid, Signal, kill_process};

use crate::durable::{installed, serve_logging, serve_with};
use crate::harness::{TestApp, jpeg};

/// A report with a photo as a browser sends it, in two pieces.
fn in_two_pieces(host: &str, code: &str) -> (Vec<u8>, Vec<u8>) {
    let key = louma::reports::fresh_key();
    let mut body = String::new();
    for (name, value) in [("category", "01"), ("text", "路上停了电"), ("idempotency_key", &key)] {
        body += &format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    }
    let mut body = body.into_bytes();
    let photo = "--x\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"a.jpg\"\r\n\
        Content-Type: image/jpeg\r\n\r\n";
    body.extend(photo.as_bytes());
    body.extend(jpeg(9));
    body.extend(b"\r\n--x--\r\n");
    let head = format!(
        "POST /q/{code} HTTP/1.1\r\nHost: {host}\r\nContent-Type: multipart/form-data; boundary=x\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    let rest = body.split_off(body.len() / 2);
    ([head.into_bytes(), body].concat(), rest)
}

#[actix_web::test]
async fn a_program_that_is_asked_to_stop_answers_what_is_under_way_and_writes_what_it_counted() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().to_owned();
    let (database, code) = actix_web::web::block(move || installed(&folder)).await.unwrap();
    let mut served = serve_with(dir.path(), &database, &[]).await;
    let host = served.url.trim_start_matches("http://").to_owned();
    let (begun, rest) = in_two_pieces(&host, &code);
    let mut phone = TcpStream::connect(&host).unwrap();
    phone.write_all(&begun).unwrap();
    // Long enough for the first piece to be read.
    actix_web::rt::time::sleep(Duration::from_millis(300)).await;
    let scan = reqwest::get(format!("{}/q/{code}", served.url)).await.unwrap();
    assert_eq!(scan.status(), 200);
    drop(scan);
    kill_process(Pid::from_child(&served.child), Signal::TERM).unwrap();
    let asked = Instant::now();
    while TcpStream::connect(&host).is_ok() {
        assert!(asked.elapsed() < Duration::from_secs(20), "whoever comes now is still let in");
        actix_web::rt::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(served.child.try_wait().unwrap().is_none(), "it left somebody in the middle of a report");
    let answer = actix_web::web::block(move || {
        phone.write_all(&rest).unwrap();
        let mut answer = String::new();
        phone.read_to_string(&mut answer).unwrap();
        answer
    });
    let answer = answer.await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 303") && answer.contains("/t/"), "{answer}");
    let ended = actix_web::web::block(move || served.child.wait().unwrap()).await.unwrap();
    assert!(ended.success() && asked.elapsed() < Duration::from_secs(40), "{ended}");
    let db = Db::open(&database, Durability::AsConfigured).unwrap();
    let counted: (i64, i64) = db
        .read_now(|tx| {
            Ok((scans::table.count().get_result(tx.conn)?, tickets::table.count().get_result(tx.conn)?))
        })
        .unwrap();
    assert_eq!(counted, (1, 1), "scans and tickets");
}

#[actix_web::test]
async fn a_program_whose_database_is_older_says_that_it_is_not_ready() {
    let app = TestApp::start().await;
    let phone = app.stranger();
    assert_eq!(phone.get("/readyz").await.status, 200);
    app.write(|tx| {
        let last = "delete from __diesel_schema_migrations where version = \
            (select max(version) from __diesel_schema_migrations)";
        diesel::sql_query(last).execute(tx.conn)?;
        Ok(())
    })
    .await;
    let answer = phone.get("/readyz").await;
    assert_eq!((answer.status, answer.body.as_str()), (503, "database ok\nmigrations failed\ndisk ok\n"));
    assert_eq!(phone.get("/healthz").await.status, 200, "it runs all the same");
}

#[actix_web::test]
async fn a_program_whose_folder_takes_nothing_says_that_it_is_not_ready() {
    let data = tempfile::tempdir().unwrap();
    let folder = data.path().join("data");
    std::fs::create_dir(&folder).unwrap();
    let app = TestApp::start_with(&[("data_dir", folder.to_str().unwrap().to_owned())]).await;
    let phone = app.stranger();
    assert_eq!(phone.get("/readyz").await.status, 200);
    // Gone, as a disk that is no longer mounted: what is forbidden to others is not to root, who may run this.
    std::fs::remove_dir_all(&folder).unwrap();
    let answer = phone.get("/readyz").await;
    assert_eq!((answer.status, answer.body.as_str()), (503, "database ok\nmigrations ok\ndisk failed\n"));
    std::fs::create_dir(&folder).unwrap();
    assert_eq!(phone.get("/readyz").await.status, 200);
}

#[actix_web::test]
async fn the_log_names_routes_and_never_an_address_that_opens_a_report() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().to_owned();
    let (database, code) = actix_web::web::block(move || installed(&folder)).await.unwrap();
    let phone = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    for level in ["info", "debug"] {
        let log = std::fs::File::create(dir.path().join("log")).unwrap();
        let mut served =
            serve_logging(dir.path(), &database, &[("LOUMA_LOG", level)], Stdio::from(log)).await;
        let at = |path: &str| format!("{}{path}", served.url);
        let form = reqwest::multipart::Form::new()
            .text("category", "01")
            .text("text", format!("不该写进日志的话 {level}"))
            .text("phone", "13812341234")
            .text("share_phone", "1")
            .text("idempotency_key", louma::reports::fresh_key());
        let sent = phone.post(at(&format!("/q/{code}"))).multipart(form).send().await.unwrap();
        let location = sent.headers()["location"].to_str().unwrap().to_owned();
        let report = location.split('?').next().unwrap().to_owned();
        let secret = report.trim_start_matches("/t/").to_owned();
        for (path, status) in [
            (location.as_str(), 200),
            (&format!("{report}/card.png"), 200),
            (&format!("{report}/data"), 200),
            (&format!("{report}/photos/1"), 404),
            (&format!("{report}/nothing"), 404),
            (&format!("/t/x{secret}"), 404),
            (&format!("/nothing?from={secret}"), 404),
            (&format!("/o/{secret}"), 404),
        ] {
            assert_eq!(phone.get(at(path)).send().await.unwrap().status(), status, "{path}");
        }
        let wrong = phone.post(at(&format!("{report}/message"))).body(secret.clone()).send().await.unwrap();
        assert!(wrong.status().is_client_error(), "{}", wrong.status());
        served.child.kill().unwrap();
        served.child.wait().unwrap();
        let log = std::fs::read_to_string(dir.path().join("log")).unwrap();
        assert!(log.contains("/t/{secret}") && log.contains("/t/{secret}/card.png"), "{log}");
        for hidden in [secret.as_str(), "13812341234", "不该写进日志的话"] {
            let line = log.lines().find(|line| line.contains(hidden));
            assert_eq!(line, None, "{level}: {hidden}");
        }
    }
}
