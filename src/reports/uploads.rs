//! Photos and voice messages sent before the report, behind the code on the door: `/q/{code}/uploads`.
//!
//! The shape is that of the IETF draft "Resumable Uploads for HTTP" (httpbis, version 12), of which this is the part that a
//! form needs: `POST` with `Upload-Length` makes an upload (201 and its `Location`), `HEAD` tells its `Upload-Offset`,
//! `PATCH` with `application/partial-upload` and `Upload-Offset` adds to it, `DELETE` gives it up. There are no
//! informational responses and no bytes in the `POST`: browsers show a script neither. The answer to the piece that makes it
//! whole carries the signed value that the form then sends instead of the file.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;

use actix_web::http::header;
use actix_web::web::{Data, Path, Payload, Query};
use actix_web::{HttpMessage, HttpRequest, HttpResponse};

use super::door::Door;
use super::draft::{kept_value, voice_value};
use super::pages::{self, Desk};
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::keys::hex;
use crate::photos::{self, Photo, PhotoKey};
use crate::uploads::loose::{self, Kind};
use crate::uploads::{HOURS, Matter, Name, Piece};
use crate::voices::Voice;
use crate::web::tries::Tries;
use crate::web::{self, ApiError, client_address};
use crate::words::Look;

/// Uploads that one address may begin in a minute: a whole building may share one.
const PER_ADDRESS: NonZeroU32 = NonZeroU32::new(120).expect("not zero");
/// Uploads that one phone may begin in a minute.
const PER_DEVICE: NonZeroU32 = NonZeroU32::new(20).expect("not zero");

const OFFSET: &str = "upload-offset";
const COMPLETE: &str = "upload-complete";
const LENGTH: &str = "upload-length";
const LIMIT: &str = "upload-limit";

type Answer = std::result::Result<HttpResponse, ApiError>;

/// Who began how many uploads.
pub struct Begun {
    by_address: Tries<IpAddr>,
    by_device: Tries<String>,
}

impl Default for Begun {
    fn default() -> Begun {
        Begun { by_address: Tries::per_minute(PER_ADDRESS), by_device: Tries::per_minute(PER_DEVICE) }
    }
}

impl Begun {
    fn one_more(&self, address: IpAddr, owner: &str) -> Result<()> {
        self.by_device.take(&owner.to_owned())?;
        self.by_address.take_from(address)
    }
}

/// What the address says of a recording.
#[derive(serde::Deserialize)]
pub struct About {
    #[serde(default)]
    seconds: u32,
}

/// `POST /q/{code}/uploads`: begins an upload of a declared length; audio is a voice message, all else a photo.
pub async fn begin(
    req: HttpRequest,
    (desk, begun): (Data<Desk>, Data<Begun>),
    code: Path<String>,
    about: Query<About>,
) -> Answer {
    let door = match door(&req, &desk, &code).await? {
        Ok(door) => door,
        Err(answer) => return Ok(answer),
    };
    let length =
        number(&req, LENGTH).ok_or_else(|| Error::invalid("form", "请写明文件的长度（Upload-Length）"))?;
    let owner = owner(&req, &desk);
    begun.one_more(client_address(&req, &desk.config), &owner)?;
    let sound = req.content_type().starts_with("audio/");
    let matter = if sound { Matter::Voice(about.seconds) } else { Matter::Photo };
    let name = desk.uploads.begin(&owner, matter, length)?;
    let place = format!("{}/uploads/{}", door.path(), signed(&desk, &door, &name));
    Ok(told(HttpResponse::Created(), &name, 0).insert_header((header::LOCATION, place)).finish())
}

/// `HEAD /q/{code}/uploads/{upload}`: how far it is.
pub async fn offset(req: HttpRequest, desk: Data<Desk>, path: Path<(String, String)>) -> Answer {
    let (_, name) = match upload(&req, &desk, &path).await? {
        Ok(found) => found,
        Err(answer) => return Ok(answer),
    };
    let there = desk.uploads.offset(&name)?;
    Ok(told(HttpResponse::NoContent(), &name, there).finish())
}

/// `DELETE /q/{code}/uploads/{upload}`: given up.
pub async fn give_up(req: HttpRequest, desk: Data<Desk>, path: Path<(String, String)>) -> Answer {
    let (_, name) = match upload(&req, &desk, &path).await? {
        Ok(found) => found,
        Err(answer) => return Ok(answer),
    };
    desk.uploads.give_up(&name)?;
    Ok(HttpResponse::NoContent().finish())
}

/// `PATCH /q/{code}/uploads/{upload}`: the next piece; after the last one, what the form sends instead of the file.
pub async fn append(
    req: HttpRequest,
    desk: Data<Desk>,
    path: Path<(String, String)>,
    body: Payload,
) -> Answer {
    let (door, name) = match upload(&req, &desk, &path).await? {
        Ok(found) => found,
        Err(answer) => return Ok(answer),
    };
    if req.content_type() != "application/partial-upload" {
        return Ok(HttpResponse::UnsupportedMediaType().finish());
    }
    let offset =
        number(&req, OFFSET).ok_or_else(|| Error::invalid("form", "请写明从哪里接着传（Upload-Offset）"))?;
    match desk.uploads.append(&name, offset, body).await? {
        Piece::Elsewhere(there) => {
            let about = serde_json::json!({
                "type": "https://iana.org/assignments/http-problem-types#mismatching-upload-offset",
                "title": "offset from request does not match offset of resource",
                "status": 409,
                "expected-offset": there,
                "provided-offset": offset,
            });
            Ok(told(HttpResponse::Conflict(), &name, there)
                .content_type("application/problem+json")
                .body(about.to_string()))
        }
        Piece::TooLong => Err(Error::invalid("form", "传来的比说好的多，请重新选一次").into()),
        Piece::Stored(there) if there < name.length => {
            Ok(told(HttpResponse::NoContent(), &name, there).finish())
        }
        Piece::Stored(there) => {
            let kept = finish(&desk, &door, &name).await?;
            Ok(told(HttpResponse::Ok(), &name, there).json(kept))
        }
    }
}

/// What the form sends instead of the file, and where its preview lies.
#[derive(serde::Serialize)]
struct Kept {
    kept: String,
    url: String,
}

/// Cleans and keeps what has arrived, and notes that it waits for its report.
async fn finish(desk: &Desk, door: &Arc<Door>, name: &Name) -> Result<Kept> {
    let community = door.community.id;
    let line = desk
        .uploads
        .finish(name, async |path| match name.matter {
            Matter::Photo => {
                let photo = desk.photos.take_in(photos::Upload::File(path)).await?;
                note(desk, community, Kind::Photo, photo.key.clone()).await?;
                Ok(photo.line())
            }
            Matter::Voice(seconds) => {
                let voice = desk.voices.take_in(std::fs::read(path)?, seconds).await?;
                note(desk, community, Kind::Voice, voice.key.clone()).await?;
                Ok(voice.line())
            }
        })
        .await?;
    let lost = || Error::internal(anyhow::anyhow!("what was remembered of an upload is no line"));
    Ok(match name.matter {
        Matter::Photo => {
            let kept = kept_value(&desk.keys, door, &Photo::from_line(&line).ok_or_else(lost)?);
            Kept { url: format!("{}/photos/{kept}", door.path()), kept }
        }
        Matter::Voice(_) => {
            let kept = voice_value(&desk.keys, door, &Voice::from_line(&line).ok_or_else(lost)?);
            Kept { url: format!("{}/voices/{kept}", door.path()), kept }
        }
    })
}

async fn note(desk: &Desk, community: crate::db::Id, kind: Kind, file: PhotoKey) -> Result<()> {
    desk.db.write(move |tx: &mut Tx| loose::note(tx, community, kind, &file)).await
}

async fn door(
    req: &HttpRequest,
    desk: &Desk,
    code: &str,
) -> std::result::Result<std::result::Result<Arc<Door>, HttpResponse>, ApiError> {
    pages::find(req, desk, Look::of(req), code).await.map_err(|web::PageError(err)| ApiError(err))
}

/// The door and the upload that an address names, where this door gave it that name.
async fn upload(
    req: &HttpRequest,
    desk: &Desk,
    (code, line): &(String, String),
) -> std::result::Result<std::result::Result<(Arc<Door>, Name), HttpResponse>, ApiError> {
    let door = match door(req, desk, code).await? {
        Ok(door) => door,
        Err(answer) => return Ok(Err(answer)),
    };
    let (body, stamp) = line.rsplit_once('.').ok_or(Error::NotFound)?;
    if !desk.keys.stamped("upload", &format!("{}/{body}", door.code.code), stamp) {
        return Err(Error::NotFound.into());
    }
    Ok(Ok((door, Name::parse(body).ok_or(Error::NotFound)?)))
}

fn signed(desk: &Desk, door: &Door, name: &Name) -> String {
    let body = name.line();
    let stamp = desk.keys.stamp("upload", &format!("{}/{body}", door.code.code));
    format!("{body}.{stamp}")
}

/// What stands for the phone: its cookie, else address and browser.
fn owner(req: &HttpRequest, desk: &Desk) -> String {
    let device = match pages::device(req, &desk.config) {
        (device, false) => desk.keys.device_hash(&device),
        (_, true) => pages::likeness(req, &desk.config),
    };
    hex(&device[..8])
}

fn number(req: &HttpRequest, name: &str) -> Option<u64> {
    req.headers().get(name)?.to_str().ok()?.trim().parse().ok()
}

/// The headers that say how an upload stands.
fn told(
    mut answer: actix_web::HttpResponseBuilder,
    name: &Name,
    there: u64,
) -> actix_web::HttpResponseBuilder {
    let complete = if there == name.length { "?1" } else { "?0" };
    answer
        .insert_header((OFFSET, there.to_string()))
        .insert_header((LENGTH, name.length.to_string()))
        .insert_header((COMPLETE, complete))
        .insert_header((LIMIT, format!("max-size={}, max-age={}", photos::MAX_FILE, HOURS * 3600)))
        .insert_header((header::CACHE_CONTROL, "no-store"));
    answer
}
