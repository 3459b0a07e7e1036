//! Mail, as a real SMTP server gets it, and short messages, as a gateway gets them.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use louma::people::Role;
use louma::tickets::timers;
use serde_json::{Value, json};

use super::double::Double;
use super::{channel, no_rest, reports, sent, until};
use crate::clocks::{back_then, submit};
use crate::harness::TestApp;

struct Mailbox {
    child: Child,
    port: u16,
    mails: Arc<Mutex<Vec<Value>>>,
}

impl Drop for Mailbox {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Mailbox {
    /// Starts the server; nothing where Python or its module is missing, said loudly.
    fn open() -> Option<Mailbox> {
        let python = std::env::var("LOUMA_TEST_PYTHON").unwrap_or_else(|_| "python3".into());
        let there = Command::new(&python).args(["-c", "import aiosmtpd"]).stderr(Stdio::null()).status();
        if !there.is_ok_and(|status| status.success()) {
            let required = std::env::var("LOUMA_TEST_REQUIRE_ALL").is_ok_and(|value| value == "1");
            assert!(!required, "aiosmtpd is missing (LOUMA_TEST_PYTHON) and LOUMA_TEST_REQUIRE_ALL=1");
            eprintln!("SKIPPED: the Python module aiosmtpd is not installed; this test proved nothing");
            return None;
        }
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut child = Command::new(python)
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/smtp/receive.py"))
            .arg(port.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert_eq!(lines.next().unwrap().unwrap(), "ready");
        let mails = Arc::new(Mutex::new(Vec::new()));
        let kept = mails.clone();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                kept.lock().unwrap().push(serde_json::from_str(&line).unwrap());
            }
        });
        Some(Mailbox { child, port, mails })
    }

    fn mails(&self) -> Vec<Value> {
        self.mails.lock().unwrap().clone()
    }
}

async fn reach(app: &TestApp, role: Role, mail: &str, phone: &str) {
    let set = app.as_(role).post("/console/notices/contact", &[("mail", mail), ("phone", phone)]).await;
    assert_eq!(set.status, 303, "{}", set.body);
}

/// A program that sends its mail to this server, at any hour.
async fn sending(mailbox: &Mailbox, from: &str) -> TestApp {
    let url = format!("smtp://127.0.0.1:{}", mailbox.port);
    let app = TestApp::start_with(&[("smtp_url", url), ("smtp_from", from.to_owned())]).await;
    no_rest(&app).await;
    app
}

#[actix_web::test]
async fn a_mail_server_gets_the_right_subject_and_words_for_the_right_people() {
    let Some(mailbox) = Mailbox::open() else { return };
    let app = sending(&mailbox, "楼码 <louma@example.cn>").await;
    reach(&app, Role::CommunityWorker, "worker@example.cn", "").await;
    reach(&app, Role::Handler, "handler@example.cn", "").await;
    channel(&app, json!({ "kind": "mail", "name": "邮件" })).await;
    let ticket = reports(&app, 1, (Some("0101"), None)).await.remove(0);
    let mail = until("the mail", async || mailbox.mails().pop()).await;
    assert_eq!(mail["to"], json!(["worker@example.cn"]), "nobody else triages and has an address");
    assert_eq!(mail["subject"], format!("【楼码】新诉求：{}", ticket.number));
    assert!(mail["from"].as_str().unwrap().contains("louma@example.cn"), "{mail}");
    let body = mail["body"].as_str().unwrap();
    for part in [
        "【新诉求】",
        ticket.number.as_str(),
        "天宫院中里 3号楼2单元",
        "楼道灯、公共照明不亮",
        "期限：",
        "/console/tickets/",
    ] {
        assert!(body.contains(part), "{part}: {body}");
    }
    assert!(!body.contains("李四") && !body.contains("13812341234"));
    let entry =
        until("it is recorded", async || sent(&app).await.into_iter().find(|each| each["state"] == "sent"))
            .await;
    let id = entry["id"].as_str().unwrap().replace('-', "");
    assert_eq!(mail["id"], format!("<msg_{id}@example.cn>"));
    assert_eq!(entry["person"], "社区工作者 01");

    let made = channel(&app, json!({ "kind": "mail", "name": "再一个" })).await;
    let test = format!("/console/channels/{}/test", made["id"].as_str().unwrap());
    let nowhere = app.as_(Role::CommunityLead).post(&test, &[]).await;
    assert!(nowhere.body.contains("请先在「提醒」页登记"), "the lead has no address yet: {}", nowhere.body);
    reach(&app, Role::CommunityLead, "lead@example.cn", "").await;
    let tried = app.as_(Role::CommunityLead).post(&test, &[]).await;
    assert!(tried.body.contains("测试成功"), "{}", tried.body);
    until("the test", async || {
        mailbox.mails().into_iter().find(|mail| mail["subject"] == "【楼码】测试消息")
    })
    .await;
}

#[actix_web::test]
async fn several_notices_for_one_person_are_one_mail() {
    let Some(mailbox) = Mailbox::open() else { return };
    let app = sending(&mailbox, "louma@example.cn").await;
    reach(&app, Role::CommunityWorker, "worker@example.cn", "").await;
    reach(&app, Role::GridWorker, "grid@example.cn", "").await;
    channel(&app, json!({ "kind": "mail", "name": "邮件" })).await;
    let made = reports(&app, 3, (Some("0101"), None)).await;
    until("both mails", async || (mailbox.mails().len() == 2).then_some(())).await;
    for mail in mailbox.mails() {
        assert_eq!(mail["subject"], "【楼码】3 条提醒");
        assert!(made.iter().all(|ticket| mail["body"].as_str().unwrap().contains(&ticket.number)), "{mail}");
    }
}

#[actix_web::test]
async fn the_street_is_written_to_of_what_climbed_to_it_and_of_what_it_follows() {
    let Some(mailbox) = Mailbox::open() else { return };
    let app = sending(&mailbox, "louma@example.cn").await;
    reach(&app, Role::StreetManager, "street@example.cn", "").await;
    channel(&app, json!({ "kind": "mail", "name": "邮件", "topics": ["escalated", "progress"] })).await;
    let (home, keys) = (app.home().clone(), app.parts.keys.clone());
    let late = app
        .write(move |tx| {
            let long_ago = tx.now.plus_minutes(-8 * 1440);
            back_then(tx, long_ago, |tx| submit(tx, &keys, &home))
        })
        .await;
    let at = (late.community_id, late.id);
    for days in [0, 3] {
        app.write(move |tx| {
            let then = tx.now.plus_minutes(days * 1440);
            back_then(tx, then, |tx| timers::fire_one(tx, at))
        })
        .await;
    }
    let about = async |subject: &str| {
        until(subject, async || mailbox.mails().into_iter().find(|mail| mail["subject"] == subject)).await
    };
    let mail = about(&format!("【楼码】超期升级：{}", late.number)).await;
    assert_eq!(mail["to"], json!(["street@example.cn"]));
    let street = app.as_(Role::StreetManager);
    let followed = street.post_json(&format!("/api/v1/tickets/{}/following", late.id), json!({})).await;
    assert!(followed.status < 300, "{}", followed.body);
    let path = format!("/api/v1/tickets/{}/acceptance", late.id);
    let accepted = app.as_(Role::CommunityWorker).post_json(&path, json!({ "version": 1 })).await;
    assert_eq!(accepted.status, 200, "{}", accepted.body);
    let mail = about(&format!("【楼码】受理：{}", late.number)).await;
    assert_eq!(mail["to"], json!(["street@example.cn"]), "by name");
}

#[actix_web::test]
async fn a_gateway_gets_number_and_words_where_its_template_puts_them() {
    let (app, double) = (super::app().await, Double::start());
    no_rest(&app).await;
    reach(&app, Role::CommunityWorker, "", "10012345678").await;
    let gateway = |path: &str| {
        json!({
            "kind": "sms", "name": "短信", "topics": ["new"], "url": format!("{}{path}?id={{id}}", double.url),
            "headers": "X-Key: sesame", "body": "{\"to\": \"{phone}\", \"text\": \"{text}\"}", "expect": "OK",
        })
    };
    channel(&app, gateway("/sms")).await;
    let poor = channel(&app, gateway("/sms-poor")).await;
    let ticket = reports(&app, 1, (Some("0101"), None)).await.remove(0);
    let seen = until("the call", async || double.at("/sms").pop()).await;
    assert_eq!((seen.json()["to"].as_str(), seen.headers["x-key"].as_str()), (Some("10012345678"), "sesame"));
    assert!(
        seen.json()["text"].as_str().unwrap().contains(&ticket.number)
            && seen.query["id"].starts_with("msg_")
    );
    let entries = until("both are recorded", async || {
        let entries = sent(&app).await;
        entries.iter().all(|entry| entry["answer"] != "").then_some(entries)
    })
    .await;
    let words = |state: &str| {
        let entry = entries.iter().find(|entry| entry["state"] == state).unwrap();
        entry["answer"].as_str().unwrap().to_owned()
    };
    assert!(words("sent").contains("已收下") && words("waiting").contains("余额不足"), "{entries:?}");
    let list = app.as_(Role::CommunityLead).get("/console/channels").await.body;
    assert!(!list.contains("sesame") && list.contains(poor["id"].as_str().unwrap()));
}
