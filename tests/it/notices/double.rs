//! What stands at the other end of a channel: a server on this machine that speaks the protocol of each chat as its
//! documentation tells (domain §12), keeps every request, and refuses what the real one would refuse.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use actix_web::web::{Bytes, Data};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

/// The secret that the robots here were made with.
pub const SECRET: &str = "SEC-of-the-robot";

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Seen {
    pub path: String,
    pub method: String,
    pub query: HashMap<String, String>,
    pub headers: HashMap<String, String>,
    pub body: String,
    pub at: Instant,
}

impl Seen {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|err| panic!("{err}: {}", self.body))
    }

    /// The words of a message to a chat.
    pub fn words(&self) -> String {
        let body = self.json();
        let places = [&body["markdown"]["content"], &body["text"]["content"], &body["content"]["text"]];
        places.iter().find_map(|place| place.as_str()).unwrap_or_default().to_owned()
    }
}

/// The other end.
#[derive(Clone)]
pub struct Double {
    pub url: String,
    kept: Arc<Kept>,
}

struct Kept {
    seen: Mutex<Vec<Seen>>,
    /// When each robot was told something.
    told: Mutex<HashMap<String, Vec<Instant>>>,
    hold: Duration,
}

impl Double {
    pub fn start() -> Double {
        Double::slow(Duration::ZERO)
    }

    /// Answers each request only after `hold`.
    pub fn slow(hold: Duration) -> Double {
        let kept = Arc::new(Kept { seen: Mutex::default(), told: Mutex::default(), hold });
        let data = Data::from(kept.clone());
        let server =
            HttpServer::new(move || App::new().app_data(data.clone()).default_service(web::to(answer)));
        let server = server.workers(1).disable_signals().bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", server.addrs()[0]);
        actix_web::rt::spawn(server.run());
        Double { url, kept }
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.kept.seen.lock().unwrap().clone()
    }

    pub fn count(&self) -> usize {
        self.kept.seen.lock().unwrap().len()
    }

    /// What came to one address.
    pub fn at(&self, path: &str) -> Vec<Seen> {
        self.seen().into_iter().filter(|seen| seen.path == path).collect()
    }
}

async fn answer(req: HttpRequest, body: Bytes, kept: Data<Kept>) -> HttpResponse {
    let query = web::Query::<HashMap<String, String>>::from_query(req.query_string()).unwrap().into_inner();
    let headers = req.headers().iter();
    let headers = headers
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap_or_default().to_owned()))
        .collect();
    let seen = Seen {
        path: req.path().to_owned(),
        method: req.method().to_string(),
        query,
        headers,
        body: String::from_utf8(body.to_vec()).unwrap(),
        at: Instant::now(),
    };
    kept.seen.lock().unwrap().push(seen.clone());
    if !kept.hold.is_zero() {
        actix_web::rt::time::sleep(kept.hold).await;
    }
    let robot = |answer: (i64, &str), names: (&str, &str)| {
        HttpResponse::Ok().json(json!({ names.0: answer.0, names.1: answer.1 }))
    };
    match seen.path.as_str() {
        "/cgi-bin/webhook/send" => robot(wecom(&kept, &seen), ("errcode", "errmsg")),
        "/robot/send" => robot(dingtalk(&kept, &seen), ("errcode", "errmsg")),
        path if path.starts_with("/open-apis/bot/v2/hook/") => robot(feishu(&kept, &seen), ("code", "msg")),
        "/broken" => HttpResponse::InternalServerError().finish(),
        "/elsewhere" => HttpResponse::Found().insert_header(("location", "/hook")).finish(),
        "/sms" => HttpResponse::Ok().body("{\"Code\":\"OK\"}"),
        "/sms-poor" => HttpResponse::Ok().body("{\"Code\":\"余额不足\"}"),
        _ => HttpResponse::NoContent().finish(),
    }
}

/// Whether a robot was told more than `most` times within `span`; counts this time.
fn too_often(kept: &Kept, robot: &str, most: usize, span: Duration) -> bool {
    let mut told = kept.told.lock().unwrap();
    let times = told.entry(format!("{robot}/{span:?}")).or_default();
    times.push(Instant::now());
    times.iter().filter(|at| at.elapsed() <= span).count() > most
}

fn is_json(seen: &Seen) -> bool {
    seen.method == "POST"
        && seen.headers.get("content-type").is_some_and(|kind| kind.starts_with("application/json"))
}

fn wecom(kept: &Kept, seen: &Seen) -> (i64, &'static str) {
    match seen.query.get("key").map(String::as_str) {
        Some("good") => {}
        Some("busy") => return (45009, "api freq out of limit"),
        _ => return (93000, "invalid webhook url"),
    }
    let body = seen.json();
    let content = body["markdown"]["content"].as_str().unwrap_or_default();
    if !is_json(seen) || body["msgtype"] != "markdown" || content.is_empty() {
        return (40008, "invalid message type");
    }
    if content.len() > 4096 {
        return (40058, "markdown.content exceed max length 4096");
    }
    if too_often(kept, "wecom", 20, Duration::from_secs(60)) {
        return (45009, "api freq out of limit");
    }
    (0, "ok")
}

fn dingtalk(kept: &Kept, seen: &Seen) -> (i64, &'static str) {
    if seen.query.get("access_token").map(String::as_str) == Some("busy") {
        return (130101, "send too fast, exceed 20 times per minute");
    }
    let stamp = seen.query.get("timestamp").cloned().unwrap_or_default();
    let wanted = STANDARD.encode(mac(SECRET.as_bytes(), format!("{stamp}\n{SECRET}").as_bytes()));
    let now = louma::db::now().0.timestamp_millis();
    let fresh = stamp.parse::<i64>().is_ok_and(|at| stamp.len() == 13 && (now - at).abs() < 3_600_000);
    if seen.query.get("sign") != Some(&wanted) || !fresh {
        return (310000, "sign not match");
    }
    let body = seen.json();
    if !is_json(seen) || body["msgtype"] != "text" || !body["text"]["content"].is_string() {
        return (40035, "invalid parameter");
    }
    if seen.body.len() > 20_000 {
        return (460101, "message too long, exceed 20000 bytes");
    }
    if too_often(kept, "dingtalk", 20, Duration::from_secs(60)) {
        return (130101, "send too fast, exceed 20 times per minute");
    }
    (0, "ok")
}

fn feishu(kept: &Kept, seen: &Seen) -> (i64, &'static str) {
    let body = seen.json();
    let stamp = body["timestamp"].as_str().unwrap_or_default();
    // The key holds time and secret, and there is nothing to sign.
    let wanted = STANDARD.encode(mac(format!("{stamp}\n{SECRET}").as_bytes(), b""));
    let now = louma::db::now().0.timestamp();
    let fresh = stamp.parse::<i64>().is_ok_and(|at| (now - at).abs() < 3600);
    if body["sign"].as_str() != Some(&wanted) || !fresh {
        return (19021, "sign match fail or timestamp is not within one hour from current time");
    }
    if !is_json(seen) || body["msg_type"] != "text" || !body["content"]["text"].is_string() {
        return (9499, "Bad Request");
    }
    if seen.body.len() > 20 << 10 {
        return (9499, "Bad Request: body too large");
    }
    let (minute, second) = (Duration::from_secs(60), Duration::from_secs(1));
    if too_often(kept, "feishu", 100, minute) || too_often(kept, "feishu", 5, second) {
        return (11232, "frequency limited");
    }
    (0, "success")
}

pub fn mac(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key).unwrap();
    mac.update(message);
    mac.finalize().into_bytes().to_vec()
}
