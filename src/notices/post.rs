//! The way out: one message, sent now, by HTTP or by mail. No database, no retry; says in words what came of it.

use std::time::Duration;

use anyhow::Context;
use lettre::message::Mailbox;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};

use super::channels::{self, Kind, Target};
use super::messages::{self, Letter, Outgoing, Refusal};
use super::reach::{self, Inside, Named};
use super::texts::Words;
use super::told::Topic;
use crate::config::Config;
use crate::db::now;

/// Bytes of an answer that are read: more is nothing that a chat or a gateway says.
const ANSWER: usize = 16 << 10;

/// What messages leave by; shared by all channels.
pub struct Post {
    http: reqwest::Client,
    smtp: Option<(AsyncSmtpTransport<Tokio1Executor>, Mailbox)>,
    /// The hosts that the settings name.
    pub named: Named,
    /// The address of the installation, for links.
    pub base_url: String,
}

/// What came of a message: words for the log.
pub type Taken = std::result::Result<String, Refusal>;

impl Post {
    /// The way out as the settings say. Fails with a sentence where those for mail make no sense.
    pub fn new(config: &Config) -> anyhow::Result<Post> {
        let named = Named::new(&config.notice_hosts);
        let smtp = match (config.smtp_url.as_str(), config.smtp_from.as_str()) {
            ("", _) => None,
            (_, "") => {
                anyhow::bail!("设置了 LOUMA_SMTP_URL，还要设置 LOUMA_SMTP_FROM，例如 楼码 <louma@example.cn>")
            }
            (url, from) => {
                let from =
                    from.parse().context("LOUMA_SMTP_FROM 应是邮箱地址，例如 楼码 <louma@example.cn>")?;
                // The address holds a password: it is not repeated in what is said.
                let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url).map_err(|_| {
                    anyhow::anyhow!("LOUMA_SMTP_URL 应像 smtps://用户:密码@smtp.example.cn 或 smtp://主机:25")
                })?;
                Some((transport.timeout(Some(reach::PATIENCE)).build(), from))
            }
        };
        let http = reach::client(&named)?;
        Ok(Post { http, smtp, named, base_url: config.base_url.clone() })
    }

    /// Whether mail can be sent at all.
    pub fn mails(&self) -> bool {
        self.smtp.is_some()
    }

    /// Sends a letter to `to`: a mail address for mail, else nothing.
    pub async fn send(&self, kind: Kind, target: &Target, letter: &Letter, to: &str) -> Taken {
        if kind == Kind::Mail {
            return self.mail(letter, to).await;
        }
        // What was allowed when it was written may not be any more: the settings may have changed.
        let outgoing = messages::outgoing(kind, target, letter, now());
        let outgoing = outgoing.map_err(|err| Refusal::because(err.to_string()))?;
        let url = reach::target(&self.named, "url", &outgoing.url)
            .and_then(|url| channels::listed(&self.named, kind, &url).map(|()| url))
            .map_err(|err| Refusal::because(err.to_string()))?;
        let sent = tokio::time::timeout(reach::PATIENCE, self.ask(url, outgoing)).await;
        let (status, retry_after, body) = match sent {
            Ok(answer) => answer.map_err(|err| Refusal::because(in_words(&err)))?,
            Err(_) => return Err(Refusal::because("对方 10 秒内没有回答")),
        };
        messages::verdict(kind, &target.expect, (status, retry_after), &body)
    }

    async fn ask(&self, url: url::Url, outgoing: Outgoing) -> reqwest::Result<(u16, Option<i64>, String)> {
        let method = if outgoing.method == "GET" { reqwest::Method::GET } else { reqwest::Method::POST };
        let mut request = self.http.request(method, url).body(outgoing.body);
        for (name, value) in outgoing.headers {
            request = request.header(name, value);
        }
        let mut answer = request.send().await?;
        let after = answer.headers().get("retry-after").and_then(|value| value.to_str().ok());
        let (status, after) = (answer.status().as_u16(), after.and_then(|text| text.trim().parse().ok()));
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await? {
            body.extend_from_slice(&chunk);
            if body.len() > ANSWER {
                body.truncate(ANSWER);
                break;
            }
        }
        Ok((status, after, String::from_utf8_lossy(&body).into_owned()))
    }

    async fn mail(&self, letter: &Letter, to: &str) -> Taken {
        let Some((transport, from)) = &self.smtp else {
            return Err(Refusal::because("还没有设置发信服务器，请管理员设置 LOUMA_SMTP_URL"));
        };
        let to: Mailbox = to.parse().map_err(|_| Refusal::because("邮箱地址不对，请本人改一下"))?;
        let host = from.email.domain();
        let message = Message::builder()
            .from(from.clone())
            .to(to)
            .subject(letter.title.clone())
            .message_id(Some(format!("<{}@{host}>", letter.id)))
            .header(lettre::message::header::ContentType::TEXT_PLAIN)
            .body(letter.text.clone())
            .map_err(|_| Refusal::because("信写不成，请检查模板"))?;
        let sent = tokio::time::timeout(reach::PATIENCE + Duration::from_secs(5), transport.send(message));
        match sent.await {
            Ok(Ok(_)) => Ok("发信服务器已收下".to_owned()),
            Ok(Err(err)) => Err(Refusal::because(mail_words(&err))),
            Err(_) => Err(Refusal::because("发信服务器没有及时回答")),
        }
    }

    /// A made-up letter, to try a channel out.
    pub fn sample(&self, phone: &str) -> Letter {
        let words = Words::sample(Topic::New.label(), now(), &self.base_url);
        Letter {
            id: format!("msg_test_{}", crate::db::Id::new().0.simple()),
            title: "【楼码】测试消息".to_owned(),
            text: format!("楼码测试消息：收到这条，说明渠道已经接通。\n{}", words.link),
            phone: phone.to_owned(),
            event: serde_json::json!({ "type": "test", "timestamp": now(), "data": words }),
        }
    }
}

/// Why nothing came back, without the address, which holds the key of a robot.
fn in_words(err: &reqwest::Error) -> String {
    let mut cause: Option<&dyn std::error::Error> = Some(err);
    while let Some(each) = cause {
        if each.is::<Inside>() {
            return Inside.to_string();
        }
        cause = each.source();
    }
    match err {
        err if err.is_timeout() => "对方 10 秒内没有回答".to_owned(),
        err if err.is_connect() => "连不上对方，请检查网址和网络".to_owned(),
        _ => "连接中断，没有收到回答".to_owned(),
    }
}

fn mail_words(err: &lettre::transport::smtp::Error) -> String {
    let code = err.status().map(|code| format!("（代码 {code}）")).unwrap_or_default();
    match err {
        err if err.is_permanent() => format!("发信服务器拒收，请检查邮箱地址和发信设置{code}"),
        err if err.is_transient() => format!("发信服务器暂时不收，会再试{code}"),
        err if err.is_timeout() => "发信服务器没有及时回答".to_owned(),
        err if err.is_tls() => "与发信服务器的加密连接没有建成".to_owned(),
        _ => "连不上发信服务器，请管理员检查 LOUMA_SMTP_URL".to_owned(),
    }
}
