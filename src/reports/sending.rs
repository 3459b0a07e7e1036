//! What a form brings: one report, a neighbour who joins a matter instead, or the form again with what is to be mended.
//! `POST /q/{code}`, and the token by which a phone shows that somebody takes their time.
//!
//! Photos and words are read before any transaction; one `Db::write` makes the ticket, or holds the report where there
//! are doubts (`flood`).

use std::sync::Arc;

use actix_multipart::Multipart;
use actix_web::http::header;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};

use super::door::alike::{self, Wish};
use super::door::{Door, join};
use super::draft::Draft;
use super::flood::What;
use super::pages::{Desk, cookie_hash, device_hash, find, likeness};
use super::view::FieldProblem;
use super::weighing::{Weighed, origin};
use super::{Key, fresh_key, kept, missing, proof};
use crate::db::{Id, Tx, now};
use crate::error::{Error, Result};
use crate::keys::KEY_VERSION;
use crate::neighbours::Join;
use crate::people::Actor;
use crate::photos::PhotoKey;
use crate::tickets::held;
use crate::tickets::{self, Submission, relation};
use crate::uploads::loose;
use crate::web::{self, PageError, form, see_other};
use crate::words::Look;

/// What whoever comes when no more can be held is told; the phones stand at the foot of every page.
const FULL: &str = "现在提交的人太多，暂时收不下了，您写的内容还在这一页。请过十分钟再点提交；着急的事请打页面下方的社区电话";

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
    let (wish, waits) = (Wish::of(&form), asks_json(&req));
    let what = if wish.join.is_empty() { What::Report } else { What::Join };
    // Before anything of it is stored.
    let weighed = Weighed::of_form(&req, &desk, &found, (what, &form));
    let mut left = 0;
    if !weighed.keeps_photos(&req, &desk, (&found, what), form.files.len()).await? {
        // The words are kept in any case; a disk is filled by photos.
        left = std::mem::take(&mut form.files).len();
    }
    let mut draft = Draft::read(form, look, &found, (&desk.keys, &desk.photos, &desk.voices)).await?;
    draft.left_out(left);
    if what == What::Join {
        let taken = join_instead(&req, &desk, (&found, look), (&draft, &wish), weighed).await;
        return match taken {
            Ok(answer) => Ok(answer),
            Err(err) => {
                hold(&desk, &found, &draft).await?;
                again(&desk, &found, &draft, look, err)
            }
        };
    }
    // A script shows what is alike while words are typed, and what waited for a signal is never asked about.
    if !waits
        && wish.asks(&draft)
        && !sent_before(&req, &desk, &found, &draft).await?
        && let Some(question) = alike::question(&desk, &found, (&draft, &wish), &weighed, look).await?
    {
        hold(&desk, &found, &draft).await?;
        return Ok(question);
    }
    match submit(&req, &desk, (&found, weighed), &draft).await {
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
        Err(err) => {
            hold(&desk, &found, &draft).await?;
            match waits {
                true => {
                    web::log_fault(&err);
                    Ok(web::problem_in(&err, look.lang))
                }
                false => again(&desk, &found, &draft, look, err),
            }
        }
    }
}

/// The matter that a form says it is too: its sender is added to it.
async fn join_instead(
    req: &HttpRequest,
    desk: &Desk,
    (found, look): (&Arc<Door>, Look),
    (draft, wish): (&Draft, &Wish),
    weighed: Weighed,
) -> Result<HttpResponse> {
    let joining = draft.join(found, join::matter(&wish.join)?, device_hash(req, desk))?;
    join::take(req, desk, (found, look), (Join { doubts: weighed.doubts, ..joining }, draft.missing.len()))
        .await
}

/// Whether the script of the page sent this, which then leads on by itself.
fn asks_json(req: &HttpRequest) -> bool {
    let accepted = req.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok());
    accepted.is_some_and(|kinds| kinds.starts_with("application/json"))
}

/// Notes that the photos of a form that is shown again wait for it.
async fn hold(desk: &Desk, door: &Door, draft: &Draft) -> Result<()> {
    kept::wait(desk, door.community.id, draft.all_photos().cloned().collect()).await
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
    (door, weighed): (&Arc<Door>, Weighed),
    draft: &Draft,
) -> Result<(Id, i32, String)> {
    let seat = weighed.seat(req, desk, door);
    let doubts = weighed.doubts;
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
                    let beside = (voice.as_ref(), relation);
                    held::hold(tx, &keys, community, &submission, (beside, &doubts[..], &seat))?;
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
