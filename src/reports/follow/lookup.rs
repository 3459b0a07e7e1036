//! The way back to a report for whoever kept its number and query code. Throttled by address and by number.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Form};
use actix_web::{HttpRequest, HttpResponse};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::error::Error;
use crate::reports::pages::{Desk, nowhere};
use crate::reports::view::{LookupPage, Shell};
use crate::tickets;
use crate::web::{self, PageError, client_address, see_other};
use crate::words::Look;

/// Look-ups that one address may make in a minute, and tries that one number gets in a quarter of an hour.
const LOOKUPS_PER_MINUTE: NonZeroU32 = NonZeroU32::new(10).expect("not zero");
const TRIES_PER_NUMBER: NonZeroU32 = NonZeroU32::new(5).expect("not zero");

/// Who looked up how often.
pub struct Lookups {
    by_address: DefaultKeyedRateLimiter<IpAddr>,
    by_number: DefaultKeyedRateLimiter<String>,
}

impl Default for Lookups {
    fn default() -> Lookups {
        let slow = Quota::with_period(Duration::from_secs(180)).unwrap_or(Quota::per_minute(NonZeroU32::MIN));
        Lookups {
            by_address: RateLimiter::keyed(Quota::per_minute(LOOKUPS_PER_MINUTE)),
            by_number: RateLimiter::keyed(slow.allow_burst(TRIES_PER_NUMBER)),
        }
    }
}

/// `GET /t`: the form for number and query code.
pub async fn form(desk: Data<Desk>, look: Look) -> Result<HttpResponse, PageError> {
    web::html(StatusCode::OK, &lookup_page(&desk, look, &Asked::default(), String::new()))
}

/// What the look-up form sends.
#[derive(Default, serde::Deserialize)]
pub struct Asked {
    #[serde(default)]
    number: String,
    #[serde(default)]
    query_code: String,
}

/// `POST /t`: to the page of the report that number and query code name together.
pub async fn look_up(
    req: HttpRequest,
    desk: Data<Desk>,
    lookups: Data<Lookups>,
    look: Look,
    asked: Form<Asked>,
) -> Result<HttpResponse, PageError> {
    let (number, code) = (asked.number.clone(), asked.query_code.clone());
    let slow = lookups.by_address.check_key(&client_address(&req, &desk.config)).is_err()
        || lookups.by_number.check_key(&number.trim().to_uppercase()).is_err();
    if slow {
        let sentence = look.lang.t("lookup-too-often").to_string();
        return web::html(StatusCode::TOO_MANY_REQUESTS, &lookup_page(&desk, look, &asked, sentence));
    }
    let keys = desk.keys.clone();
    match desk.db.read(move |tx| tickets::look_up(tx, &keys, &number, &code)).await {
        Ok(secret) => Ok(see_other(&look.to(&format!("/t/{secret}")))),
        Err(err @ Error::Invalid(_)) => {
            let sentence = look.lang.sentence(&err.to_string());
            web::html(StatusCode::UNPROCESSABLE_ENTITY, &lookup_page(&desk, look, &asked, sentence))
        }
        Err(err) => Err(err.into()),
    }
}

fn lookup_page(desk: &Desk, look: Look, asked: &Asked, error: String) -> LookupPage {
    let title = look.lang.t("lookup-title").to_string();
    LookupPage {
        shell: Shell { title, look, here: "/t".to_owned(), ..nowhere(&desk.config) },
        number: asked.number.clone(),
        query_code: asked.query_code.clone(),
        error,
    }
}
