//! How the domain meets HTTP: one error type for pages, one for JSON, who is calling from where, and
//! the small pieces every handler uses. No rule of the domain is here.

pub mod form;
pub mod tries;

use std::net::{IpAddr, Ipv6Addr};

use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, ResponseError};

use crate::config::Config;
use crate::error::{Error, Problem};
use crate::words::{Lang, Look, Saying, look};

/// The HTTP status of an error: the one map for pages and JSON.
pub fn status(err: &Error) -> StatusCode {
    match err {
        Error::NotFound => StatusCode::NOT_FOUND,
        Error::SignedOut => StatusCode::UNAUTHORIZED,
        Error::Forbidden => StatusCode::FORBIDDEN,
        Error::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
        Error::Conflict(_) => StatusCode::CONFLICT,
        Error::TooMany => StatusCode::TOO_MANY_REQUESTS,
        Error::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
        Error::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// An [`Error`] answered with a page. Being signed out leads to the sign-in page.
#[derive(Debug)]
pub struct PageError(pub Error);

/// An [`Error`] answered with `application/problem+json` (RFC 9457).
#[derive(Debug)]
pub struct ApiError(pub Error);

impl<E: Into<Error>> From<E> for PageError {
    fn from(err: E) -> Self {
        PageError(err.into())
    }
}
impl<E: Into<Error>> From<E> for ApiError {
    fn from(err: E) -> Self {
        ApiError(err.into())
    }
}
impl std::fmt::Display for PageError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}
impl std::fmt::Display for ApiError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// Whether whoever calls this path is told of errors as JSON.
pub fn wants_json(path: &str) -> bool {
    path == "/api" || path.starts_with("/api/")
}

/// Logs a fault of ours, once and with its whole chain.
pub fn log_fault(err: &Error) {
    if let Error::Internal(fault) = err {
        tracing::error!(fault = format!("{fault:#}"), "internal error");
    }
}

/// Whether this installation holds demonstration data only, as it was when the program started: for pages that know of no
/// community.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Demo(pub bool);

impl Demo {
    /// What the service that answers this request was started with.
    pub fn of(req: &HttpRequest) -> Demo {
        req.app_data().copied().unwrap_or_default()
    }
}

#[derive(askama::Template)]
#[template(path = "web/error.html")]
struct ErrorPage<'a> {
    look: Look,
    demo: bool,
    /// Its address, where residents read it; empty for staff.
    here: &'a str,
    title: &'a str,
    message: &'a str,
    /// What would else be lost.
    typed: &'a [String],
    /// Where to, and in which words.
    way_on: (&'a str, &'a str),
    name: &'a str,
}

impl ErrorPage<'_> {
    /// The same page in the other languages.
    fn languages(&self) -> impl Iterator<Item = (Lang, String)> {
        let other = Lang::ALL.iter().copied().filter(|lang| *lang != self.look.lang);
        other.map(|lang| (lang, self.look.to_lang(self.here, lang)))
    }

    fn t(&self, key: &'static str) -> Saying<'static> {
        self.look.lang.t(key)
    }

    fn answer(&self, status: StatusCode) -> HttpResponse {
        let body = askama::Template::render(self).unwrap_or_else(|_| self.message.to_owned());
        HttpResponse::build(status)
            .content_type("text/html; charset=utf-8")
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .body(body)
    }
}

/// A friendly page for an error, without any community: for where none is known. Residents are led to their report, in
/// their language; the other languages and the print size lead back to the page that they asked for.
pub fn error_page(err: &Error, req: &HttpRequest) -> HttpResponse {
    resident_error_page(err, (Look::of(req), Demo::of(req)), &look::here(req))
}

fn resident_error_page(err: &Error, (look, demo): (Look, Demo), here: &str) -> HttpResponse {
    let way_on = look.lang.t("frame-lookup").to_string();
    error_page_with(err, (look, demo), (here, (&look.to("/t"), &way_on)))
}

/// As [`error_page`], for staff: led back to their inbox.
pub fn desk_error_page(err: &Error, req: &HttpRequest) -> HttpResponse {
    error_page_with(err, (Look::default(), Demo::of(req)), ("", ("/console", "回到收件箱")))
}

/// The key of what an error is called, in a few words.
pub fn headline(err: &Error) -> &'static str {
    match status(err) {
        StatusCode::NOT_FOUND => "error-not-found",
        StatusCode::FORBIDDEN => "error-forbidden",
        StatusCode::CONFLICT => "error-conflict",
        StatusCode::UNPROCESSABLE_ENTITY => "error-invalid",
        StatusCode::TOO_MANY_REQUESTS => "error-too-many",
        _ => "error-fault",
    }
}

/// `here` is the address of the page, where residents read it; then where to, and in which words.
fn error_page_with(
    err: &Error,
    (look, demo): (Look, Demo),
    (here, way_on): (&str, (&str, &str)),
) -> HttpResponse {
    let message = look.lang.sentence(&err.to_string());
    let (title, name) = (look.lang.t(headline(err)).to_string(), look.lang.t("home-title").to_string());
    let (title, message, name) = (title.as_str(), message.as_str(), name.as_str());
    ErrorPage { look, demo: demo.0, here, title, message, typed: &[], way_on, name }.answer(status(err))
}

/// A form was sent after its session ended: what was typed is shown, so that it can be sent again after signing in.
pub fn signed_out_page(typed: &[String], sign_in: &str, demo: Demo) -> HttpResponse {
    let message = "登录已过期，刚才的操作没有生效。请重新登录，再做一次；照片要重新选。";
    let (title, way_on) = ("请重新登录", (sign_in, "去登录"));
    let (look, demo, here) = (Look::default(), demo.0, "");
    let page = ErrorPage { look, demo, here, title, message, typed, way_on, name: "楼码" };
    page.answer(StatusCode::UNAUTHORIZED)
}

impl ResponseError for PageError {
    fn status_code(&self) -> StatusCode {
        status(&self.0)
    }
    fn error_response(&self) -> HttpResponse {
        log_fault(&self.0);
        match &self.0 {
            Error::SignedOut => see_other("/console/sign-in"),
            // Here nothing is known of the request: the gate says it in the language of whoever asked.
            err => resident_error_page(err, Default::default(), ""),
        }
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        status(&self.0)
    }
    fn error_response(&self) -> HttpResponse {
        log_fault(&self.0);
        problem(&self.0)
    }
}

/// An error as `application/problem+json`.
pub fn problem(err: &Error) -> HttpResponse {
    problem_in(err, Lang::Hans)
}

/// The same for a script of residents' pages, which shows what it says: in the language of the page.
pub fn problem_in(err: &Error, lang: Lang) -> HttpResponse {
    let status = status(err);
    let said =
        |problem: &Problem| Problem { field: problem.field, message: lang.sentence(&problem.message).into() };
    let problems: Vec<Problem> = match err {
        Error::Invalid(problems) => problems.iter().map(said).collect(),
        _ => Vec::new(),
    };
    // Sentence by sentence: several in one are found by nobody.
    let detail = match problems.as_slice() {
        [] => lang.sentence(&err.to_string()),
        all => {
            let all: Vec<&str> = all.iter().map(|problem| problem.message.as_ref()).collect();
            all.join(&lang.t("frame-and").to_string())
        }
    };
    let body = serde_json::json!({
        "title": status.canonical_reason().unwrap_or("error"),
        "status": status.as_u16(),
        "detail": detail,
        "problems": problems,
    });
    HttpResponse::build(status).content_type("application/problem+json").body(body.to_string())
}

/// A page that is never cached: WeChat keeps what it may.
pub fn html(status: StatusCode, page: &impl askama::Template) -> Result<HttpResponse, PageError> {
    let body = page.render().map_err(Error::internal)?;
    Ok(HttpResponse::build(status)
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(body))
}

/// After a successful POST: go and look.
pub fn see_other(to: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, to))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .finish()
}

/// A file to save under `name`.
pub fn download(content_type: &str, name: &str, body: Vec<u8>) -> HttpResponse {
    use header::{ContentDisposition, DispositionParam, DispositionType, ExtendedValue};
    let name = ExtendedValue {
        charset: header::Charset::Ext("UTF-8".to_owned()),
        language_tag: None,
        value: name.as_bytes().to_vec(),
    };
    HttpResponse::Ok()
        .content_type(content_type)
        .insert_header(ContentDisposition {
            disposition: DispositionType::Attachment,
            parameters: vec![DispositionParam::FilenameExt(name)],
        })
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(body)
}

/// A recording, to be played and nothing else: its type is fixed, nothing may be guessed or run, and nobody between keeps
/// it. Players ask for a part first; Safari plays nothing from a server that gives none.
pub fn sound(req: &HttpRequest, content_type: &'static str, bytes: actix_web::web::Bytes) -> HttpResponse {
    let whole = bytes.len();
    let asked = req.headers().get(header::RANGE).and_then(|value| value.to_str().ok());
    let part = asked.and_then(|range| span(range, whole));
    let mut answer = if part.is_some() { HttpResponse::PartialContent() } else { HttpResponse::Ok() };
    let (from, to) = part.unwrap_or((0, whole));
    if part.is_some() {
        answer.insert_header((header::CONTENT_RANGE, format!("bytes {from}-{}/{whole}", to - 1)));
    }
    answer
        .content_type(content_type)
        .insert_header((header::ACCEPT_RANGES, "bytes"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::CONTENT_DISPOSITION, "inline; filename=\"voice\""))
        .insert_header((header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'; media-src 'self'"))
        .insert_header(("x-robots-tag", "noindex, nofollow"))
        .insert_header((header::CACHE_CONTROL, "private, no-store"))
        .body(bytes.slice(from..to))
}

/// The part of `whole` bytes that one range names, half-open; nothing for several or senseless ones.
fn span(range: &str, whole: usize) -> Option<(usize, usize)> {
    let (from, to) = range.trim().strip_prefix("bytes=")?.split_once('-')?;
    let (from, to) = match (from.trim(), to.trim()) {
        ("", last) => (whole.saturating_sub(last.parse().ok()?), whole),
        (from, "") => (from.parse().ok()?, whole),
        (from, to) => (from.parse().ok()?, to.parse::<usize>().ok()?.saturating_add(1).min(whole)),
    };
    (from < to && to <= whole).then_some((from, to))
}

/// The address of whoever calls: the peer, or, where the peer is a trusted proxy, the last address in
/// `X-Forwarded-For` that is none.
pub fn client_address(req: &HttpRequest, config: &Config) -> IpAddr {
    let peer = req.peer_addr().map_or(IpAddr::from([0, 0, 0, 0]), |addr| addr.ip());
    if !config.trusted_proxies.contains(&peer) {
        return peer;
    }
    let forwarded = req.headers().get_all("x-forwarded-for").filter_map(|value| value.to_str().ok());
    let list: Vec<IpAddr> =
        forwarded.flat_map(|line| line.split(',')).filter_map(|part| part.trim().parse().ok()).collect();
    list.into_iter().rev().find(|addr| !config.trusted_proxies.contains(addr)).unwrap_or(peer)
}

/// One subscriber has a whole /64 of IPv6 addresses.
pub fn network(from: IpAddr) -> IpAddr {
    match from.to_canonical() {
        IpAddr::V6(address) => {
            let prefix = address.to_bits() >> 64 << 64;
            Ipv6Addr::from_bits(prefix).into()
        }
        v4 => v4,
    }
}

/// A cookie that scripts cannot read and other sites cannot send with a POST. Under HTTPS its name
/// carries `__Host-`, so that no neighbouring domain can set it.
pub fn cookie(config: &Config, name: &str, value: String, seconds: i64) -> Cookie<'static> {
    Cookie::build(cookie_name(config, name), value)
        .path("/")
        .http_only(true)
        .secure(config.https())
        .same_site(SameSite::Lax)
        .max_age(actix_web::cookie::time::Duration::seconds(seconds))
        .finish()
}

/// The name under which [`cookie`] sets `name`.
pub fn cookie_name(config: &Config, name: &str) -> String {
    if config.https() { format!("__Host-{name}") } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::span;

    #[test]
    fn one_range_names_a_part_and_nonsense_names_the_whole() {
        assert_eq!(span("bytes=0-1", 10), Some((0, 2)));
        assert_eq!(span("bytes=4-", 10), Some((4, 10)));
        assert_eq!(span("bytes=-3", 10), Some((7, 10)));
        assert_eq!(span("bytes=0-99", 10), Some((0, 10)));
        for nonsense in ["bytes=10-", "bytes=5-4", "bytes=0-1,3-4", "lines=1-2", "bytes=--1", ""] {
            assert_eq!(span(nonsense, 10), None, "{nonsense}");
        }
    }
}
