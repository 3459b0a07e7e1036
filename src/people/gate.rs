//! The gate before every handler: who may call this route at all, and from where.
//!
//! Deny by default: a route that is not in the list of `app` answers 404, whatever is mounted. For staff routes the
//! session is looked up once, its role compared, and the proof against forged requests demanded on every change;
//! handlers then take [`Session`]. Objects outside an actor's scope are the verbs' business: there they are 404 too.

use std::collections::HashMap;
use std::future::{Ready, ready};
use std::time::Instant;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::{Method, header};
use actix_web::middleware::Next;
use actix_web::web::{Bytes, Data};
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse, ResponseError};

use super::session::{self, Carrier};
use super::{Actor, Role, Session};
use crate::config::Config;
use crate::db::{Db, now};
use crate::error::{Error, Result};
use crate::keys::{Keys, hex};
use crate::web::form::{Form, MustProve};
use crate::web::{self, ApiError, Demo, PageError, cookie_name};
use crate::words::Look;

/// The name of the session cookie.
pub const COOKIE: &str = "louma_session";
/// The header, and the form field with an underscore, that prove a change was asked for by our own page.
pub const CSRF_HEADER: &str = "x-csrf-token";

/// Who may call a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everybody; whatever is opened lies behind a secret of its own.
    Anyone,
    /// Signed-in staff with one of these roles.
    Staff(&'static [Role]),
}

/// What the body of a change may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body {
    /// Fields of a form, or JSON: the gate itself looks for the proof.
    Fields,
    /// A form with files as well: its reader looks for the proof, because a body cannot be read twice.
    Files,
}

/// What the list of `app` says of a route.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// Who may call it.
    pub access: Access,
    /// What it may be sent.
    pub body: Body,
}

/// Every route and what is said of it, by pattern.
pub struct Gate(HashMap<&'static str, Vec<(Method, Rule)>>);

impl Gate {
    /// The gate for these routes.
    pub fn new(routes: impl IntoIterator<Item = (Method, &'static str, Rule)>) -> Gate {
        let mut table: HashMap<&'static str, Vec<(Method, Rule)>> = HashMap::new();
        for (method, pattern, rule) in routes {
            table.entry(pattern).or_default().push((method, rule));
        }
        Gate(table)
    }

    fn rule(&self, method: &Method, pattern: &str) -> Option<Rule> {
        let rules = self.0.get(pattern)?;
        let of = |wanted: &Method| rules.iter().find(|(each, _)| each == wanted).map(|(_, rule)| *rule);
        // HEAD is GET without its body, where it has no rule of its own.
        of(method).or_else(|| of(&Method::GET).filter(|_| *method == Method::HEAD))
    }
}

/// The token that proves a change of this session was asked for by our own page.
pub fn csrf(keys: &Keys, session: &Session) -> String {
    keys.stamp("csrf", &hex(&session.token_hash))
}

/// The middleware: lets through or answers, sets the protecting headers, and logs the pattern, never the path.
pub async fn gate(
    mut req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> std::result::Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let begun = Instant::now();
    let pattern = req.match_pattern().unwrap_or_else(|| "unknown".to_owned());
    let method = req.method().clone();
    let let_in = let_in(&mut req, &pattern).await;
    let mut response = match let_in {
        Ok(()) => match next.call(req).await {
            Ok(response) => as_asked(response.map_into_boxed_body()),
            Err(err) => return Err(err),
        },
        Err(err) => {
            let answer = refuse(&mut req, err).await;
            req.into_response(answer)
        }
    };
    protect(&mut response);
    let status = response.status().as_u16();
    crate::metrics::observe(&method, &pattern, status, begun.elapsed());
    tracing::info!(%method, pattern, status, ms = begun.elapsed().as_millis() as u64, "request");
    Ok(response)
}

/// The answer to a request that is not let in. A page that is looked at leads to the sign-in page and back; a form
/// that comes too late shows what was typed; a part of a page that htmx asks for cannot be replaced by a page and is
/// told the bare status.
async fn refuse(req: &mut ServiceRequest, err: Error) -> HttpResponse {
    let part = req.headers().contains_key("hx-request");
    match err {
        err if web::wants_json(req.path()) => ApiError(err).error_response(),
        Error::SignedOut if part => HttpResponse::Unauthorized().finish(),
        Error::SignedOut if *req.method() == Method::GET => {
            let path = req.uri().path_and_query().map_or("/console", |path| path.as_str());
            web::see_other(&format!("/console/sign-in?{}", super::pages::way_back(path)))
        }
        Error::SignedOut => {
            let way = format!("/console/sign-in?{}", super::pages::way_back(&came_from(req)));
            web::signed_out_page(&typed(req).await, &way, Demo::of(req.request()))
        }
        err if for_staff(req.path()) => {
            web::log_fault(&err);
            web::desk_error_page(&err, req.request())
        }
        err => {
            web::log_fault(&err);
            web::error_page(&err, req.request())
        }
    }
}

fn for_staff(path: &str) -> bool {
    path == "/console" || path.starts_with("/console/")
}

/// The path of the page that a form was on, as the browser tells.
fn came_from(req: &ServiceRequest) -> String {
    let from = req.headers().get(header::REFERER).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let path = from.split_once("://").and_then(|(_, rest)| rest.find('/').map(|at| &rest[at..]));
    path.filter(|path| for_staff(path)).unwrap_or("/console").to_owned()
}

/// The words that somebody typed into a form: what holds other signs than those of names, numbers and dates, and no
/// password. Of a form with files the words alone are kept; it may be no larger than the form of a report, which anybody
/// may send.
async fn typed(req: &mut ServiceRequest) -> Vec<String> {
    let Ok(form) = req.extract::<Form>().await else { return Vec::new() };
    let words = form.into_fields().into_iter().filter(|(name, value)| {
        !name.contains("password") && value.chars().any(|sign| !sign.is_ascii() || sign.is_whitespace())
    });
    words.map(|(_, value)| value).collect()
}

/// Handlers fail with a page for residents. Whoever called the API gets the same as JSON (what pages and API share fails
/// with a page too), and staff a page that leads back to their desk.
fn as_asked(response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    let failed = response.response().error();
    // What a script of residents' pages asked for: it shows the sentence as it is told.
    if let Some(ApiError(err)) = failed.and_then(|err| err.as_error())
        && !web::wants_json(response.request().path())
    {
        let answer = web::problem_in(err, Look::of(response.request()).lang);
        return response.into_response(answer);
    }
    let Some(PageError(err)) = failed.and_then(|err| err.as_error()) else { return response };
    let answer = match response.request().path() {
        path if web::wants_json(path) => web::problem(err),
        path if for_staff(path) && !matches!(err, Error::SignedOut) => {
            web::desk_error_page(err, response.request())
        }
        _ if matches!(err, Error::SignedOut) => return response,
        _ => web::error_page(err, response.request()),
    };
    response.into_response(answer)
}

async fn let_in(req: &mut ServiceRequest, pattern: &str) -> Result<()> {
    let internal = |what: &'static str| Error::Internal(anyhow::anyhow!(what));
    let gate = req.app_data::<Data<Gate>>().ok_or_else(|| internal("no gate"))?.clone();
    let rule = gate.rule(req.method(), pattern).ok_or(Error::NotFound)?;
    let changes = !matches!(*req.method(), Method::GET | Method::HEAD);
    if changes && cross_site(req) {
        return Err(Error::Forbidden);
    }
    let Access::Staff(roles) = rule.access else { return Ok(()) };
    let db = req.app_data::<Data<Db>>().ok_or_else(|| internal("no database"))?.clone();
    let keys = req.app_data::<Data<Keys>>().ok_or_else(|| internal("no keys"))?.clone();
    let token = token(req).ok_or(Error::SignedOut)?;
    let session = {
        let keys = keys.clone();
        db.read(move |tx| session::find(tx, &keys, &token)).await?
    };
    if !roles.contains(&session.actor.role) {
        return Err(Error::Forbidden);
    }
    if changes && session.carrier == Carrier::Browser {
        prove(req, &csrf(&keys, &session), rule.body).await?;
    }
    if session.carrier == Carrier::Browser && session.seen_at.plus_minutes(5) < now() {
        let hash = session.token_hash.clone();
        // Nobody waits for this write; should it fail, the session only seems idle for longer.
        actix_web::rt::spawn(async move { db.write(move |tx| session::touch(tx, &hash)).await });
    }
    req.extensions_mut().insert(session);
    Ok(())
}

/// Whether the browser itself says that another site sent this.
fn cross_site(req: &ServiceRequest) -> bool {
    let head = |name: &str| req.headers().get(name).and_then(|value| value.to_str().ok());
    match (head("sec-fetch-site"), head("origin"), head("host")) {
        (Some(site), ..) => !matches!(site, "same-origin" | "none"),
        (None, Some(origin), Some(host)) => {
            origin.split_once("://").is_none_or(|(_, from)| !from.eq_ignore_ascii_case(host))
        }
        _ => false,
    }
}

fn token(req: &ServiceRequest) -> Option<String> {
    let bearer = req.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    if let Some(token) = bearer.and_then(|value| value.strip_prefix("Bearer ")) {
        return Some(token.trim().to_owned());
    }
    let config = req.app_data::<Data<Config>>()?;
    req.cookie(&cookie_name(config, COOKIE)).map(|cookie| cookie.value().to_owned())
}

/// Demands the proof in the header, or in the field `csrf` of a form. A form with files carries it in its first field,
/// which [`crate::web::form`] reads: the body cannot be read twice.
async fn prove(req: &mut ServiceRequest, wanted: &str, body: Body) -> Result<()> {
    let forged = || Error::Conflict("页面已过期，请返回上一页刷新后再试，您填写的内容还在上一页".into());
    let same = |given: &str| crate::keys::same(given.as_bytes(), wanted.as_bytes());
    if let Some(given) = req.headers().get(CSRF_HEADER).and_then(|value| value.to_str().ok()) {
        return if same(given) { Ok(()) } else { Err(forged()) };
    }
    let kind = req.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    if kind.starts_with("multipart/form-data") && body == Body::Files {
        req.extensions_mut().insert(MustProve(wanted.to_owned()));
        return Ok(());
    }
    if !kind.starts_with("application/x-www-form-urlencoded") {
        return Err(forged());
    }
    let body = req.extract::<Bytes>().await.map_err(|_| Error::invalid("form", "提交的内容太长了"))?;
    let proved = body
        .split(|byte| *byte == b'&')
        .any(|pair| pair.strip_prefix(b"csrf=").is_some_and(|given| same(&String::from_utf8_lossy(given))));
    let again: Payload = Payload::from(Box::pin(futures_util::stream::once(ready(Ok(body))))
        as std::pin::Pin<
            Box<dyn futures_util::Stream<Item = std::result::Result<Bytes, actix_web::error::PayloadError>>>,
        >);
    req.set_payload(again);
    if proved { Ok(()) } else { Err(forged()) }
}

fn protect(response: &mut ServiceResponse<BoxBody>) {
    const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; \
        media-src 'self' blob:; font-src 'self'; connect-src 'self'; worker-src 'self'; form-action 'self'; \
        base-uri 'none'; frame-ancestors 'none'";
    let https = response.request().app_data::<Data<Config>>().is_some_and(|config| config.https());
    // A door may ask to record a voice message; no other page has anything to hear.
    let door = response.request().path().starts_with("/q/");
    let sandboxed = response.headers().contains_key(header::CONTENT_SECURITY_POLICY);
    let headers = response.headers_mut();
    let mut set = |name: &'static str, value: &'static str| {
        headers.insert(header::HeaderName::from_static(name), header::HeaderValue::from_static(value));
    };
    // What is sandboxed already is not let out.
    if !sandboxed {
        set("content-security-policy", CSP);
    }
    set("referrer-policy", "same-origin");
    set("x-content-type-options", "nosniff");
    set("x-frame-options", "DENY");
    set(
        "permissions-policy",
        match door {
            true => "geolocation=(), camera=(), microphone=(self)",
            false => "geolocation=(), camera=(), microphone=()",
        },
    );
    if https {
        set("strict-transport-security", "max-age=31536000");
    }
}

impl FromRequest for Session {
    type Error = PageError;
    type Future = Ready<std::result::Result<Session, PageError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        // Only the gate puts one there; a route that forgot its roles has none and answers "sign in".
        ready(req.extensions().get::<Session>().cloned().ok_or(PageError(Error::SignedOut)))
    }
}

impl FromRequest for Actor {
    type Error = PageError;
    type Future = Ready<std::result::Result<Actor, PageError>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        ready(Session::from_request(req, payload).into_inner().map(|session| session.actor))
    }
}

/// The answer to a request whose route exists nowhere.
pub async fn nothing_here(req: HttpRequest) -> HttpResponse {
    web::error_page(&Error::NotFound, &req)
}
