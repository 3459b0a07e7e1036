//! Signing in and out, as pages. The own account is in `pages/me.rs`, those of others in `pages/staff.rs`.
//!
//! Passwords are checked outside transactions and never shown again. The sign-in form carries no token: the gate
//! refuses what comes from another site, and a session that the browser had before is ended, never taken over.

pub mod me;
pub mod staff;

use std::net::IpAddr;

use actix_web::HttpRequest;
use actix_web::http::{StatusCode, header};
use actix_web::web::{Data, Form, Query, block};

use super::gate::COOKIE;
use super::throttle::Throttle;
use super::{Login, SignIn, session};
use crate::config::Config;
use crate::console::footer;
use crate::console::view::SigninPage;
use crate::console::visit::{Answer, Visit};
use crate::db::{Db, Tx};
use crate::error::{Error, Result};
use crate::keys::Keys;
use crate::web::{Demo, client_address, cookie, cookie_name, html, see_other, status};

/// Where to go after signing in.
#[derive(Debug, Default, serde::Deserialize)]
pub struct Next {
    /// A path of the console; anything else is ignored.
    #[serde(default)]
    next: String,
}

/// The query by which the sign-in page leads back to `path`.
pub fn way_back(path: &str) -> String {
    let mut query = "next=".to_owned();
    for byte in path.bytes() {
        match byte {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'/' | b'-' | b'.' | b'_' => query.push(byte.into()),
            other => query.push_str(&format!("%{other:02X}")),
        }
    }
    query
}

impl Next {
    /// The path, if it is one of the console. A browser takes `//` and `\` for another site.
    fn path(&self) -> &str {
        let own = matches!(self.next.strip_prefix("/console"), Some(rest) if rest.is_empty() || rest.starts_with(['/', '?']));
        let plain = self.next.chars().all(|sign| sign.is_ascii_graphic() && sign != '\\');
        // The sign-in page itself, and parts of pages, are nowhere to go.
        let somewhere = !self.next.starts_with("/console/sign-") && !self.next.starts_with("/console/bell");
        if own && plain && somewhere { &self.next } else { "/console" }
    }
}

/// What the sign-in form sends.
#[derive(serde::Deserialize)]
pub struct Credentials {
    login: String,
    password: String,
    #[serde(default)]
    next: String,
}

/// `GET /console/sign-in`.
pub async fn sign_in_page(req: HttpRequest, config: Data<Config>, next: Query<Next>) -> Answer {
    let note = match next.next.is_empty() {
        true => "",
        false => "请先登录；如果刚才还在使用，说明登录已过期。登录后会回到刚才的页面。",
    };
    let page = SigninPage { next: next.path().to_owned(), note: note.to_owned(), ..blank(&req, &config) };
    html(StatusCode::OK, &page)
}

fn blank(req: &HttpRequest, config: &Config) -> SigninPage {
    SigninPage {
        demo: Demo::of(req).0,
        action: "/console/sign-in".to_owned(),
        footer: footer(config),
        ..SigninPage::default()
    }
}

/// `POST /console/sign-in`.
pub async fn sign_in(
    req: HttpRequest,
    (db, keys, config): (Data<Db>, Data<Keys>, Data<Config>),
    throttle: Data<Throttle>,
    form: Form<Credentials>,
) -> Answer {
    let Credentials { login, password, next } = form.into_inner();
    let next = Next { next };
    let checked = check(&db, &throttle, (&login, password), client_address(&req, &config)).await;
    let (status, error) = match checked {
        Ok(sign_in) => return begin(&req, (&db, keys, &config), sign_in, next.path()).await,
        Err(err @ Error::TooMany) => (status(&err), TOO_OFTEN.to_owned()),
        Err(err @ Error::Invalid(_)) => (status(&err), err.to_string()),
        Err(err) => return Err(err.into()),
    };
    let page = SigninPage { error, login, next: next.path().to_owned(), ..blank(&req, &config) };
    html(status, &page)
}

const TOO_OFTEN: &str = "试得太频繁了，请过一两分钟再试；忘记密码请找社区负责人重设";

/// What is no sign-in name at all is refused like a wrong one.
async fn check(
    db: &Db,
    throttle: &Throttle,
    (login, password): (&str, String),
    from: IpAddr,
) -> Result<SignIn> {
    let login = Login::parse(login);
    throttle.admit(login.as_ref().map_or("", Login::as_str), from)?;
    let candidate = match login {
        Ok(login) => db.read(move |tx| session::candidate(tx, &login)).await?,
        Err(_) => None,
    };
    block(move || session::check(candidate, &password)).await.map_err(Error::internal)?
}

/// A new session, never the one that the browser brought along.
async fn begin(
    req: &HttpRequest,
    (db, keys, config): (&Db, Data<Keys>, &Config),
    sign_in: SignIn,
    next: &str,
) -> Answer {
    let label = device(req);
    let before = req.cookie(&cookie_name(config, COOKIE)).map(|cookie| cookie.value().to_owned());
    let start = move |tx: &mut Tx| {
        if let Some(before) = before {
            session::end(tx, &keys.session_hash(&before))?;
        }
        session::start(tx, &keys, sign_in, &label)
    };
    let token = db.write(start).await?;
    let mut answer = see_other(next);
    answer.add_cookie(&cookie(config, COOKIE, token, session::LIFE_MINUTES * 60)).map_err(Error::internal)?;
    Ok(answer)
}

/// `POST /console/sign-out`.
pub async fn sign_out(visit: Visit) -> Answer {
    let ended = visit.session.token_hash.clone();
    visit.db.write(move |tx| session::end(tx, &ended)).await?;
    let mut answer = see_other("/console/sign-in");
    answer.add_cookie(&cookie(&visit.config, COOKIE, String::new(), 0)).map_err(Error::internal)?;
    Ok(answer)
}

/// What a browser calls itself, as its owner would: 「微信 · 安卓」.
fn device(req: &HttpRequest) -> String {
    let agent = req.headers().get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or("");
    // The first that fits: nearly every browser also calls itself one of those further down.
    let named = |names: &[(&str, &'static str)]| {
        names.iter().find(|(sign, _)| agent.contains(sign)).map_or("其他", |(_, name)| *name)
    };
    let browser = named(&[
        ("MicroMessenger", "微信"),
        ("Edg", "Edge"),
        ("Firefox", "火狐"),
        ("Chrome", "Chrome 内核"),
        ("Safari", "Safari"),
        ("curl", "curl"),
    ]);
    let system = named(&[
        ("OpenHarmony", "鸿蒙"),
        ("Android", "安卓"),
        ("iPhone", "苹果手机"),
        ("iPad", "苹果平板"),
        ("Windows", "Windows"),
        ("Mac OS", "苹果电脑"),
        ("Linux", "Linux"),
    ]);
    format!("{browser} · {system}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signing_in_leads_back_into_the_console_and_nowhere_else() {
        for path in ["/console", "/console/tickets/7?queue=new", "/console?queue=late"] {
            let query = way_back(path);
            let next = Query::<Next>::from_query(&query).unwrap();
            assert_eq!(next.path(), path, "{query}");
        }
        for sly in [
            "",
            "/",
            "//evil.example",
            "https://evil.example/console",
            "/consolexyz",
            "/console/\\evil",
            "/console/a b",
            "/console\r\nSet-Cookie: a=b",
            "/console/sign-out",
            "/console/bell",
        ] {
            let next = Next { next: sly.to_owned() };
            assert_eq!(next.path(), "/console", "{sly:?}");
        }
    }
}
