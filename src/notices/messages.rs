//! The languages of the channels: what is sent to each, signed as each wants it, and what their answers mean.
//!
//! Pure: the time is given, nothing is sent. Sources: domain §12; Standard Webhooks 1.0.0. A chat answers 200 to a
//! message that it refused; the truth stands in the body.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use super::channels::{Kind, Target, headers, webhook_key};
use super::texts::Words;
use crate::db::Time;
use crate::error::Result;
use crate::tickets::pages::escaped;

/// One message, before it is put into the language of a channel.
#[derive(Debug, Clone)]
pub struct Letter {
    /// The same each time it is sent again.
    pub id: String,
    /// The subject of a mail.
    pub title: String,
    /// What it says.
    pub text: String,
    /// The number of a person, for a gateway.
    pub phone: String,
    /// What a machine reads.
    pub event: Value,
}

/// A request to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Outgoing {
    pub method: &'static str,
    pub url: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

/// Why a message was not taken, and how long to leave the channel alone where it said so.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Refusal {
    pub words: String,
    pub rest_seconds: Option<i64>,
}

impl Refusal {
    /// Not taken, for this reason.
    pub fn because(words: impl Into<String>) -> Refusal {
        Refusal { words: words.into(), rest_seconds: None }
    }
}

impl Kind {
    /// Bytes that the text of a message may have.
    pub fn most_bytes(self) -> usize {
        match self {
            Kind::Wecom => 4096,
            // Of 20,000 and 20 KB for the whole body.
            Kind::Dingtalk | Kind::Feishu => 18_000,
            Kind::Sms => 600,
            Kind::Webhook | Kind::Mail => 60_000,
        }
    }

    /// Milliseconds between two messages: 20 a minute for WeCom and DingTalk (with a little air), 100 a minute and 5 a
    /// second for Feishu. The others set no limit that we know of: a claim of eight, ten times a second, is enough.
    pub fn gap_millis(self) -> i64 {
        match self {
            Kind::Wecom | Kind::Dingtalk => 3_100,
            Kind::Feishu => 620,
            Kind::Webhook | Kind::Mail | Kind::Sms => 100,
        }
    }

    /// Seconds for which a chat is left alone after it said that it had too much.
    fn rest_seconds(self) -> i64 {
        if self == Kind::Dingtalk { 600 } else { 60 }
    }
}

/// One notice of a message in words, as it would stand alone.
#[derive(Debug, Clone)]
pub struct Item {
    /// What it is called.
    pub words: Words,
    /// What it says.
    pub text: String,
}

/// Subject and text of one message: a notice alone, or several as a digest, cut where the channel cannot carry more.
pub fn compose(kind: Kind, items: &[Item], base_url: &str) -> (String, String) {
    let most = kind.most_bytes();
    if let [only] = items {
        let title = format!("【楼码】{}：{}", only.words.step, only.words.number);
        return (title, cut(&only.text, most).to_owned());
    }
    let mut text = format!("共 {} 条提醒", items.len());
    for (place, item) in items.iter().enumerate() {
        let rest = format!("\n\n还有 {} 条，请到工作台查看：{base_url}/console/notices", items.len() - place);
        if text.len() + 2 + item.text.len() + rest.len() > most {
            text.push_str(&rest);
            break;
        }
        text.push_str("\n\n");
        text.push_str(&item.text);
    }
    (format!("【楼码】{} 条提醒", items.len()), cut(&text, most).to_owned())
}

/// The beginning of a text that fits into `most` bytes, cut between two characters.
pub fn cut(text: &str, most: usize) -> &str {
    &text[..text.floor_char_boundary(most)]
}

/// The request that carries a letter; not for mail.
pub fn outgoing(kind: Kind, target: &Target, letter: &Letter, now: Time) -> Result<Outgoing> {
    let json_type = || vec![("content-type".to_owned(), "application/json; charset=utf-8".to_owned())];
    let post = |url: String, body: Value| Outgoing {
        method: "POST",
        url,
        headers: json_type(),
        body: body.to_string(),
    };
    Ok(match kind {
        Kind::Wecom => {
            post(target.url.clone(), json!({ "msgtype": "markdown", "markdown": { "content": letter.text } }))
        }
        Kind::Dingtalk => {
            let body = json!({ "msgtype": "text", "text": { "content": letter.text } });
            post(dingtalk_url(target, now.0.timestamp_millis()), body)
        }
        Kind::Feishu => {
            let mut body = json!({ "msg_type": "text", "content": { "text": letter.text } });
            if !target.secret.is_empty() {
                let seconds = now.0.timestamp();
                body["timestamp"] = json!(seconds.to_string());
                body["sign"] = json!(feishu_sign(seconds, &target.secret));
            }
            post(target.url.clone(), body)
        }
        Kind::Webhook => webhook(target, letter, now)?,
        Kind::Sms | Kind::Mail => gateway(target, letter)?,
    })
}

fn dingtalk_url(target: &Target, millis: i64) -> String {
    if target.secret.is_empty() {
        return target.url.clone();
    }
    let words = format!("{millis}\n{}", target.secret);
    let sign = escaped(&STANDARD.encode(mac(target.secret.as_bytes(), words.as_bytes())));
    let joint = if target.url.contains('?') { '&' } else { '?' };
    format!("{}{joint}timestamp={millis}&sign={sign}", target.url)
}

/// Time and secret are the key, and there is no message: unlike anywhere else.
fn feishu_sign(seconds: i64, secret: &str) -> String {
    STANDARD.encode(mac(format!("{seconds}\n{secret}").as_bytes(), b""))
}

fn webhook(target: &Target, letter: &Letter, now: Time) -> Result<Outgoing> {
    let (body, seconds) = (letter.event.to_string(), now.0.timestamp());
    let signed = format!("{}.{seconds}.{body}", letter.id);
    let signature = STANDARD.encode(mac(&webhook_key(&target.secret)?, signed.as_bytes()));
    let headers = [
        ("content-type", "application/json".to_owned()),
        ("webhook-id", letter.id.clone()),
        ("webhook-timestamp", seconds.to_string()),
        ("webhook-signature", format!("v1,{signature}")),
    ];
    let headers = headers.map(|(name, value)| (name.to_owned(), value)).to_vec();
    Ok(Outgoing { method: "POST", url: target.url.clone(), headers, body })
}

/// Placeholders are filled in the way of the place where they stand: percent-encoded in an address and a form, as the
/// inside of a string in JSON.
fn gateway(target: &Target, letter: &Letter) -> Result<Outgoing> {
    let fill = |text: &str, dress: &dyn Fn(&str) -> String| {
        // The words of the message last: what they contain is not looked through again.
        let text = text.replace("{phone}", &dress(&letter.phone)).replace("{id}", &dress(&letter.id));
        text.replace("{text}", &dress(&letter.text))
    };
    let mut headers = headers(&target.headers)?;
    let named = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    let is_json = match named {
        Some((_, value)) => value.contains("json"),
        None => target.body.trim_start().starts_with('{') && target.body.contains('"'),
    };
    if named.is_none() && target.method != "GET" {
        let kind =
            if is_json { "application/json; charset=utf-8" } else { "application/x-www-form-urlencoded" };
        headers.push(("content-type".to_owned(), kind.to_owned()));
    }
    let inside = |text: &str| {
        let quoted = Value::from(text).to_string();
        quoted[1..quoted.len() - 1].to_owned()
    };
    let body = if is_json { fill(&target.body, &inside) } else { fill(&target.body, &|text| escaped(text)) };
    Ok(Outgoing {
        method: if target.method == "GET" { "GET" } else { "POST" },
        url: fill(&target.url, &|text| escaped(text)),
        headers,
        body: if target.method == "GET" { String::new() } else { body },
    })
}

/// What an answer means: taken, with a few words for the log, or not.
pub fn verdict(
    kind: Kind,
    expect: &str,
    (status, retry_after): (u16, Option<i64>),
    body: &str,
) -> std::result::Result<String, Refusal> {
    let fine = (200..300).contains(&status);
    if !fine {
        let busy = matches!(status, 429 | 503);
        let rest_seconds = busy.then(|| retry_after.unwrap_or(kind.rest_seconds()).clamp(1, 3600));
        let why = match status {
            429 => "对方说太频繁了",
            300..=399 => "对方要求转到别的网址，没有跟过去",
            401 | 403 => "对方不认这个密钥",
            404 | 410 => "对方说没有这个网址",
            500.. => "对方的系统出错",
            _ => "对方没有收下",
        };
        return Err(Refusal { words: format!("{why}（HTTP {status}）"), rest_seconds });
    }
    if kind.robot() {
        return robot_verdict(kind, body);
    }
    if kind == Kind::Sms && !expect.is_empty() && !body.contains(expect) {
        return Err(Refusal::because(format!("网关的回答里没有“{expect}”：{}", excerpt(body))));
    }
    Ok(format!("对方已收下（HTTP {status}）"))
}

fn robot_verdict(kind: Kind, body: &str) -> std::result::Result<String, Refusal> {
    let answer: Value = serde_json::from_str(body)
        .map_err(|_| Refusal::because(format!("看不懂对方的回答：{}", excerpt(body))))?;
    let (code, said) = match kind {
        Kind::Feishu => (&answer["code"], &answer["msg"]),
        _ => (&answer["errcode"], &answer["errmsg"]),
    };
    // Feishu's older answer to success has another name.
    let code = code.as_i64().or_else(|| answer["StatusCode"].as_i64());
    match code {
        Some(0) => Ok("已送达群里".to_owned()),
        None => Err(Refusal::because(format!("看不懂对方的回答：{}", excerpt(body)))),
        Some(code) => {
            let (why, busy) = known(kind, code, said.as_str().unwrap_or_default());
            let words = format!("{why}（代码 {code}：{}）", excerpt(said.as_str().unwrap_or_default()));
            Err(Refusal { words, rest_seconds: busy.then_some(kind.rest_seconds()) })
        }
    }
}

/// What a chat's code means, and whether it had too much.
fn known(kind: Kind, code: i64, said: &str) -> (&'static str, bool) {
    match (kind, code) {
        (Kind::Wecom, 45009 | 45033)
        | (Kind::Dingtalk, 130101 | 90030 | 90018 | 88)
        | (Kind::Feishu, 11232) => ("发得太频繁，稍后再发", true),
        // One number for several things: which, its words say.
        (Kind::Feishu, 9499) if said.to_lowercase().contains("too many") => ("发得太频繁，稍后再发", true),
        (Kind::Wecom, 93000 | 93008) | (Kind::Dingtalk, 300001 | 300005) | (Kind::Feishu, 19001) => {
            ("机器人的网址不对，或机器人已被移出群", false)
        }
        (Kind::Feishu, 19021) => ("签名不对，请核对签名校验的密钥", false),
        (Kind::Feishu, 19022) | (Kind::Feishu, 19024) => {
            ("机器人设了 IP 白名单或关键词，请在群里放行", false)
        }
        (Kind::Dingtalk, 310000) => ("安全设置没有通过：请核对加签密钥、关键词或 IP", false),
        _ => ("对方没有收下", false),
    }
}

/// The beginning of what somebody else's program said, on one line and with personal numbers masked.
fn excerpt(text: &str) -> String {
    let line: String =
        text.chars().map(|sign| if sign.is_control() { ' ' } else { sign }).take(120).collect();
    crate::mask::text(line.trim())
}

fn mac(key: &[u8], message: &[u8]) -> Vec<u8> {
    // A key longer than the block is hashed first; any length will do.
    let Ok(mut mac) = <Hmac<Sha256> as KeyInit>::new_from_slice(key) else { return Vec::new() };
    mac.update(message);
    mac.finalize().into_bytes().to_vec()
}

#[cfg(test)]
mod tests;
