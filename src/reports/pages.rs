//! The door page: a code is scanned, a report is made. `GET` and `POST /q/{code}`.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;

use actix_multipart::Multipart;
use actix_web::http::{StatusCode, header};
use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse, ResponseError};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use super::door::alike::{self, Wish};
use super::door::{Door, Doors, join};
use super::draft::{self, Draft};
use super::flood::{Flood, Origin};
use super::missing;
use super::proof;
use super::scans::{Scan, Scans};
use super::view::{ErrorPage, FieldProblem, Gone, GonePage, Shell};
use super::{Key, fresh_key};
use crate::assets;
use crate::codes::code::Code;
use crate::codes::registry::CodeState;
use crate::config::Config;
use crate::db::{Db, Id, Tx, now};
use crate::error::{Error, Result};
use crate::keys::{self, KEY_VERSION, Keys};
use crate::people::{Actor, gate, session};
use crate::photos::{PhotoKey, Photos, Size};
use crate::places;
use crate::tickets::held::{self, Doubt};
use crate::tickets::{self, Submission, relation};
use crate::uploads::{Uploads, loose};
use crate::voices::Voices;
use crate::web::form::Form;
use crate::web::{self, PageError, client_address, cookie_name, form, see_other};
use crate::words::{Look, look};

/// The cookie that tells one phone from another: random, kept a year, stored only as a keyed hash.
pub(super) const DEVICE: &str = "louma_device";
pub(super) const YEAR: i64 = 365 * 24 * 3600;

/// What whoever comes when no more can be held is told; the phones stand at the foot of every page.
const FULL: &str = "现在提交的人太多，暂时收不下了，您写的内容还在这一页。请过十分钟再点提交；着急的事请打页面下方的社区电话";

/// Unknown codes that one address may try in a minute: a torn poster needs a few, a search for codes thousands.
const UNKNOWN_PER_MINUTE: NonZeroU32 = NonZeroU32::new(30).expect("not zero");

/// Who tried codes that do not exist.
pub struct Guesses(DefaultKeyedRateLimiter<IpAddr>);

impl Default for Guesses {
    fn default() -> Guesses {
        Guesses(RateLimiter::keyed(Quota::per_minute(UNKNOWN_PER_MINUTE)))
    }
}

/// 「我也遇到了」 and looks at what is alike that one address may make in a minute: a family behind one router taps some.
const JOINS_PER_MINUTE: NonZeroU32 = NonZeroU32::new(20).expect("not zero");
const LOOKS_PER_MINUTE: NonZeroU32 = NonZeroU32::new(120).expect("not zero");

/// Who taps and looks how often.
pub struct Taps {
    /// By which address somebody joins.
    pub joins: DefaultKeyedRateLimiter<IpAddr>,
    /// By which address somebody asks what is alike.
    pub looks: DefaultKeyedRateLimiter<IpAddr>,
}

impl Default for Taps {
    fn default() -> Taps {
        Taps {
            joins: RateLimiter::keyed(Quota::per_minute(JOINS_PER_MINUTE)),
            looks: RateLimiter::keyed(Quota::per_minute(LOOKS_PER_MINUTE)),
        }
    }
}

/// What the address of a door says beside the code.
#[derive(serde::Deserialize)]
pub struct Asked {
    /// `resident`: a worker wants to see what residents see.
    r#as: Option<String>,
}

/// What the handlers of a door need.
#[derive(Clone)]
#[allow(missing_docs)]
pub struct Desk {
    pub db: Data<Db>,
    pub keys: Data<Keys>,
    pub config: Data<Config>,
    pub photos: Data<Photos>,
    pub voices: Data<Voices>,
    pub uploads: Data<Uploads>,
    pub doors: Data<Doors>,
    pub scans: Data<Scans>,
    pub guesses: Data<Guesses>,
    pub taps: Data<Taps>,
    pub flood: Data<Flood>,
}

/// `GET /q/{code}`: the form of exactly this place, ready-made.
pub async fn door(
    req: HttpRequest,
    desk: Data<Desk>,
    path: Path<String>,
    asked: Query<Asked>,
    look: Look,
) -> Result<HttpResponse, PageError> {
    let found = match find(&req, &desk, look, &path).await? {
        Ok(door) => door,
        Err(answer) => return Ok(answer),
    };
    if asked.r#as.is_none() && on_patrol(&req, &desk, &found).await? {
        return Ok(see_other(&format!("/console/patrols/{}", found.code.code)));
    }
    let (device, fresh) = device(&req, &desk.config);
    let day = now().day();
    desk.scans.note(Scan {
        community_id: found.community.id,
        code: found.code.code.clone(),
        day,
        // Of this day alone: scans tell nobody where a phone was on another, nor which report it made.
        device_hash: desk.keys.device_hash(&format!("{day} {device}")),
    });
    let (html, gzip) = found.page(look)?;
    let mut answer = HttpResponse::Ok();
    answer
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::VARY, "Accept-Encoding"));
    if fresh {
        answer.cookie(web::cookie(&desk.config, DEVICE, device, YEAR));
    }
    Ok(match assets::accepts_gzip(&req) {
        true => answer.insert_header((header::CONTENT_ENCODING, "gzip")).body(gzip),
        false => answer.body(html),
    })
}

/// `POST /q/{code}`: one report, then 303 to its page. Sent again, it leads to the same page.
pub async fn report(
    req: HttpRequest,
    desk: Data<Desk>,
    path: Path<String>,
    look: Look,
    parts: Multipart,
) -> Result<HttpResponse, PageError> {
    let found = match find(&req, &desk, look, &path).await? {
        Ok(door) => door,
        Err(answer) => return Ok(answer),
    };
    let mut form = form::read(&req, parts).await?;
    let (wish, waits, shown) = (Wish::of(&form), asks_json(&req), Shown::of(&form));
    // What joins a matter or may be asked about first is no report yet: it is neither counted, nor is its token used up.
    let later = !wish.join.is_empty() || !waits && wish.may_ask();
    let address = client_address(&req, &desk.config);
    let mut doubts = Vec::new();
    if !later {
        doubts = shown.doubts(&req, &desk, &found);
        if !doubts.is_empty() && !desk.flood.keeps_photos(address, form.files.len()) {
            // The words are kept in any case; a disk is filled by photos.
            form.files.clear();
        }
    }
    let mut draft = Draft::read(form, look, &found, (&desk.keys, &desk.photos, &desk.voices)).await?;
    if !wish.join.is_empty() {
        let taken = join_instead(&req, &desk, (&found, look), (&draft, &wish)).await;
        return taken.or_else(|err| again(&desk, &found, &draft, look, err));
    }
    // A script shows what is alike while words are typed, and what waited for a signal is never asked about.
    if !waits
        && wish.asks(&draft)
        && !sent_before(&req, &desk, &found, &draft).await?
        && let Some(question) = alike::question(&desk, &found, (&draft, &wish), look).await?
    {
        hold(&desk, &found, &draft).await?;
        return Ok(question);
    }
    if later {
        doubts = shown.doubts(&req, &desk, &found);
        if !doubts.is_empty() && !desk.flood.keeps_photos(address, draft.new_photos()) {
            // They were stored already, and are removed when nobody took them.
            hold(&desk, &found, &draft).await?;
            draft.drop_new_photos();
        }
    }
    match submit(&req, &desk, (&found, doubts), &draft).await {
        Ok((id, version, number)) => {
            let secret = desk.keys.ticket_secret(version, &found.community.token, id);
            let missing = missing::query(&desk.keys, &secret, &draft.missing);
            let way = look.to(&format!("/t/{secret}?received=1{missing}"));
            Ok(match waits {
                true => HttpResponse::Created()
                    .insert_header((header::CACHE_CONTROL, "no-store"))
                    .json(serde_json::json!({ "location": way, "number": number })),
                false => see_other(&way),
            })
        }
        Err(err) if waits => Ok(web::ApiError(err).error_response()),
        Err(err) => {
            hold(&desk, &found, &draft).await?;
            again(&desk, &found, &draft, look, err)
        }
    }
}

/// The matter that a form says it is too: its sender is added to it.
async fn join_instead(
    req: &HttpRequest,
    desk: &Desk,
    (found, look): (&Arc<Door>, Look),
    (draft, wish): (&Draft, &Wish),
) -> Result<HttpResponse> {
    let joining = draft.join(found, join::matter(&wish.join)?, device_hash(req, desk))?;
    join::take(req, desk, (found, look), joining).await
}

/// Whether the script of the page sent this, which then leads on by itself.
fn asks_json(req: &HttpRequest) -> bool {
    let accepted = req.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok());
    accepted.is_some_and(|kinds| kinds.starts_with("application/json"))
}

/// Notes that the photos of a form that is shown again wait for it.
async fn hold(desk: &Desk, door: &Door, draft: &Draft) -> Result<()> {
    let photos: Vec<PhotoKey> = draft.all_photos().cloned().collect();
    if photos.is_empty() {
        return Ok(());
    }
    let community = door.community.id;
    desk.db
        .write(move |tx| {
            photos.iter().try_for_each(|key| loose::note(tx, community, loose::Kind::Photo, key))
        })
        .await
}

/// `GET /q/{code}/token`: for the script of the form when it is first touched; never kept by anyone.
pub async fn token(
    req: HttpRequest,
    desk: Data<Desk>,
    path: Path<String>,
    look: Look,
) -> Result<HttpResponse, PageError> {
    let found = match find(&req, &desk, look, &path).await? {
        Ok(door) => door,
        Err(answer) => return Ok(answer),
    };
    let bits = desk.flood.bits(&origin(&req, &desk, &found));
    let token = proof::token(&desk.keys, &found.code.code, (now(), bits));
    let body = serde_json::json!({ "token": token, "bits": bits });
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(body))
}

fn origin(req: &HttpRequest, desk: &Desk, door: &Door) -> Origin {
    let cookie = req.cookie(&cookie_name(&desk.config, DEVICE));
    Origin {
        code: door.code.code.clone(),
        community: door.community.id,
        address: client_address(req, &desk.config),
        device: cookie.map(|cookie| desk.keys.device_hash(cookie.value())),
    }
}

/// What a form shows for itself.
struct Shown {
    token: String,
    work: String,
    page: String,
    honeypot: String,
}

impl Shown {
    fn of(form: &Form) -> Shown {
        let text = |name| form.text(name).to_owned();
        Shown {
            token: text("token"),
            work: text("work"),
            page: text("page_stamp"),
            honeypot: text("leave_empty"),
        }
    }

    /// Why this report should be looked at by a person first; counts it, and uses its token up.
    fn doubts(&self, req: &HttpRequest, desk: &Desk, door: &Door) -> Vec<Doubt> {
        let (token, work) = (self.token.as_str(), self.work.as_str());
        let sent = proof::Sent { token, work, page: &self.page, honeypot: &self.honeypot };
        let proof = proof::weigh(&desk.keys, &desk.flood.used, &door.code.code, now(), sent);
        desk.flood.doubts(&door.flood, &origin(req, desk, door), proof)
    }
}

/// By what this report is recognised when it is sent again.
fn named(req: &HttpRequest, desk: &Desk, door: &Door, draft: &Draft) -> Result<Vec<Key>> {
    let content = desk.keys.content_hash(&draft.content_hash(door));
    let made = Key::parse(&draft.key)?;
    let derive = |device: &[u8]| Key::derive(device, door.code.code.as_str(), &content);
    // Address and browser tell two neighbours on one network apart too badly to stand beside a made key.
    let derived = match cookie_hash(req, desk) {
        Some(device) => Some(derive(&device)),
        None => made.is_none().then(|| derive(&likeness(req, &desk.config))),
    };
    Ok(made.into_iter().chain(derived).collect())
}

fn cookie_hash(req: &HttpRequest, desk: &Desk) -> Option<Vec<u8>> {
    let cookie = req.cookie(&cookie_name(&desk.config, DEVICE))?;
    Some(desk.keys.device_hash(cookie.value()))
}

/// Whether this very report has arrived already: it leads to its page, and is not asked about.
async fn sent_before(req: &HttpRequest, desk: &Desk, door: &Door, draft: &Draft) -> Result<bool> {
    // A key that cannot be read is refused where the report is made.
    let Ok(keys) = named(req, desk, door, draft) else { return Ok(false) };
    let community = door.community.id;
    desk.db.read(move |tx| super::sent_before(tx, community, &keys)).await
}

/// What came of a report: its id, the version of its secret and its number. It is a ticket, or held where there are
/// doubts: then it has no number yet.
async fn submit(
    req: &HttpRequest,
    desk: &Desk,
    (door, doubts): (&Arc<Door>, Vec<Doubt>),
    draft: &Draft,
) -> Result<(Id, i32, String)> {
    let words = desk.keys.content_hash(&draft.words_hash(door));
    let submission = draft.submission(door, cookie_hash(req, desk))?;
    let named = named(req, desk, door, draft)?;
    // A key names the words: what waited for a signal may come twice, the second time without the phone.
    let (keys, door, voice) = (desk.keys.clone(), door.clone(), draft.voice.clone());
    let relation = draft.relation();
    let came_before: Vec<PhotoKey> = draft.came_before().cloned().collect();
    desk.db
        .write(move |tx| {
            let (actor, community) = (Actor::resident(door.community.id), &door.community);
            let make = |tx: &mut Tx, id| {
                for photo in &came_before {
                    loose::take(tx, community.id, loose::Kind::Photo, photo)?;
                }
                let submission = Submission { id, ..submission };
                if !doubts.is_empty() {
                    let most = door.flood.most_held;
                    let beside = (voice.as_ref(), relation);
                    held::hold(tx, &keys, community, &submission, (beside, &doubts[..], most))?;
                    return Ok((id, KEY_VERSION, String::new()));
                }
                let ticket = tickets::submit(tx, &keys, &actor, community, submission)?;
                if let Some(relation) = relation {
                    relation::note(tx, &ticket, relation)?;
                }
                if let Some(voice) = &voice {
                    tickets::voices::attach(tx, &actor, &ticket, voice)?;
                }
                Ok((id, ticket.key_version, ticket.number))
            };
            // What is held has the address that its ticket will have.
            super::once(tx, community.id, (&named[..], &words[..]), make, |tx, id| {
                match tickets::find_own(tx, community.id, id) {
                    Ok(ticket) => Ok((id, ticket.key_version, ticket.number)),
                    Err(Error::NotFound) => Ok((id, KEY_VERSION, String::new())),
                    Err(err) => Err(err),
                }
            })
        })
        .await
}

/// The form again with what was typed: 422 beside the fields, 409 with a fresh key, 503 with a sentence.
fn again(desk: &Desk, door: &Door, draft: &Draft, look: Look, err: Error) -> Result<HttpResponse, PageError> {
    web::log_fault(&err);
    let key = match &err {
        Error::Conflict(_) => fresh_key(),
        _ => draft.key.clone(),
    };
    let mut page = draft.page(door, &desk.keys, key);
    let status = web::status(&err);
    if draft.problems.is_empty() {
        let said = err.to_string();
        let message = look.lang.sentence(if matches!(err, Error::TooMany) { FULL } else { &said });
        page.errors.push(FieldProblem { field: "text".to_owned(), message });
    }
    web::html(status, &page)
}

/// `GET /q/{code}/photos/{kept}`: the preview of a photo that the form already holds.
pub async fn kept_photo(
    req: HttpRequest,
    desk: Data<Desk>,
    path: Path<(String, String)>,
    look: Look,
) -> Result<HttpResponse, PageError> {
    let found = match find(&req, &desk, look, &path.0).await? {
        Ok(door) => door,
        Err(answer) => return Ok(answer),
    };
    let photo = draft::kept(&desk.keys, &found, &path.1).ok_or(Error::NotFound)?;
    send_photo(&desk.photos, &photo.key, Size::Thumb).await
}

/// Sends a photo; only its holder's browser may keep it.
pub async fn send_photo(
    photos: &Photos,
    key: &crate::photos::PhotoKey,
    size: Size,
) -> Result<HttpResponse, PageError> {
    let body = photos.open_photo(key, size).await?;
    Ok(HttpResponse::Ok()
        .content_type("image/jpeg")
        .insert_header((header::CACHE_CONTROL, "private, max-age=3600, immutable"))
        .body(body))
}

/// The door behind the code in the address, or the page that says why there is none. A code written otherwise (lower
/// case, with a hyphen) leads to its proper address.
pub async fn find(
    req: &HttpRequest,
    desk: &Desk,
    look: Look,
    typed: &str,
) -> Result<std::result::Result<Arc<Door>, HttpResponse>, PageError> {
    let Ok(code) = Code::parse(typed) else { return unknown(req, desk, look).await.map(Err) };
    if code.as_str() != typed && req.method() == actix_web::http::Method::GET {
        return Ok(Err(see_other(&look.to(&format!("/q/{code}")))));
    }
    let door = match desk.doors.open(&desk.db, (&desk.config, &desk.keys), &code).await {
        Ok(door) => door,
        Err(Error::NotFound) => return unknown(req, desk, look).await.map(Err),
        Err(err) => return Err(err.into()),
    };
    if door.place.retired_at.is_none() && door.code.open(now()) {
        return Ok(Ok(door));
    }
    let kind = if door.code.state == CodeState::Replaced { Gone::ReplacedCode } else { Gone::StoppedCode };
    let shell = Shell { look, here: door.path(), ..door.shell() };
    gone(shell, kind, &door.place.full_name, StatusCode::GONE).map(Err)
}

/// No such code. Where the installation serves one community, its phones stand there.
async fn unknown(req: &HttpRequest, desk: &Desk, look: Look) -> Result<HttpResponse, PageError> {
    desk.guesses.0.check_key(&client_address(req, &desk.config)).map_err(|_| Error::TooMany)?;
    let served = desk.db.read(places::communities).await?;
    let shell = match served.as_slice() {
        [only] => super::door::shell(only, &(desk.config.icp.clone(), desk.config.police.clone())),
        _ => nowhere(&desk.config),
    };
    let shell = Shell { look, here: look::here(req), ..shell };
    gone(shell, Gone::UnknownCode, "", StatusCode::NOT_FOUND)
}

fn gone(shell: Shell, kind: Gone, place: &str, status: StatusCode) -> Result<HttpResponse, PageError> {
    let shell = Shell { title: shell.t(kind.title()).to_string(), ..shell };
    web::html(status, &GonePage { shell, kind, place: place.to_owned(), way_on_url: String::new() })
}

/// What surrounds a page where no community is known.
pub fn nowhere(config: &Config) -> Shell {
    Shell { icp: config.icp.clone(), police: config.police.clone(), ..Shell::default() }
}

/// Whether a worker who goes from door to door scanned it, signed in and in their own community.
async fn on_patrol(req: &HttpRequest, desk: &Desk, door: &Door) -> Result<bool> {
    let Some(cookie) = req.cookie(&cookie_name(&desk.config, gate::COOKIE)) else { return Ok(false) };
    let (keys, token, community) = (desk.keys.clone(), cookie.value().to_owned(), door.community.id);
    let found = desk.db.read(move |tx| session::find(tx, &keys, &token)).await;
    match found {
        Ok(session) => Ok(session.actor.community_id == community && session.actor.walks()),
        Err(Error::Internal(err)) => Err(Error::Internal(err)),
        Err(_) => Ok(false),
    }
}

/// What stands for whoever taps: the device, or where it keeps no cookie its address and browser, so that two neighbours
/// behind one router may be taken for one, and one never for two.
pub fn device_hash(req: &HttpRequest, desk: &Desk) -> Vec<u8> {
    match device(req, &desk.config) {
        (cookie, false) => desk.keys.device_hash(&cookie),
        (_, true) => desk.keys.device_hash(&keys::hex(&likeness(req, &desk.config))),
    }
}

/// The device cookie, and whether it is new.
pub(super) fn device(req: &HttpRequest, config: &Config) -> (String, bool) {
    match req.cookie(&cookie_name(config, DEVICE)) {
        Some(cookie) if (20..=64).contains(&cookie.value().len()) => (cookie.value().to_owned(), false),
        _ => (keys::token(), true),
    }
}

/// What stands for a device that keeps no cookie: address and browser.
pub(super) fn likeness(req: &HttpRequest, config: &Config) -> Vec<u8> {
    let browser = req.headers().get(header::USER_AGENT).map_or(&b""[..], |value| value.as_bytes());
    keys::digest([client_address(req, config).to_string().as_bytes(), browser])
}

/// `GET /`: what this is, and the way to one's report.
pub async fn home(config: Data<Config>, look: Look) -> Result<HttpResponse, PageError> {
    let say = |key| look.lang.t(key).to_string();
    let page = ErrorPage {
        shell: Shell { title: say("home-title"), look, here: "/".to_owned(), ..nowhere(&config) },
        headline: say("home-headline"),
        sentence: say("home-sentence"),
        way_on_url: look.to("/t"),
        way_on_label: say("frame-lookup"),
        ..ErrorPage::default()
    };
    web::html(StatusCode::OK, &page)
}
