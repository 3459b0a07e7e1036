//! The way back to a report for whoever kept its number: with the query code to its page, with the last four digits of
//! the phone to its state alone. Throttled by network, widely, because a building may share one; the query code by number
//! too, the digits by a lock in the database.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Form, Query};
use actix_web::{HttpRequest, HttpResponse};
use governor::Quota;

use super::{headline, plain_steps};
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::places;
use crate::reports::door::shell;
use crate::reports::pages::{Desk, somewhere};
use crate::reports::view::{LookupPage, Shell, StatePage};
use crate::tickets::last_four::{self, LastFour, Told};
use crate::tickets::{self, Ticket, number};
use crate::web::tries::Tries;
use crate::web::{self, PageError, client_address, see_other};
use crate::words::Look;

/// Look-ups that one network may make in a minute, and tries that one number gets in a quarter of an hour.
const LOOKUPS_PER_MINUTE: NonZeroU32 = NonZeroU32::new(60).expect("not zero");
const TRIES_PER_NUMBER: NonZeroU32 = NonZeroU32::new(5).expect("not zero");

/// Who looked up how often.
pub struct Lookups {
    by_address: Tries<IpAddr>,
    by_number: Tries<String>,
}

impl Default for Lookups {
    fn default() -> Lookups {
        let slow = Quota::with_period(Duration::from_secs(180)).unwrap_or(Quota::per_minute(NonZeroU32::MIN));
        Lookups {
            by_address: Tries::per_minute(LOOKUPS_PER_MINUTE),
            by_number: Tries::new(slow.allow_burst(TRIES_PER_NUMBER)),
        }
    }
}

impl Lookups {
    /// Whether another phone may be tried for the ticket of this page now: as often as a query code for a number. Only
    /// for a page that there is.
    pub fn may_try(&self, page: &str) -> bool {
        self.by_number.take(&page.to_owned()).is_ok()
    }

    /// Takes a try of the address, and one of the number however it was typed. What cannot be a number opens nothing and
    /// is kept nowhere.
    fn admit(&self, from: IpAddr, typed: &str) -> Result<()> {
        self.by_address.take_from(from)?;
        number::parse(typed).map_or(Ok(()), |number| self.by_number.take(&number))
    }
}

/// `GET /t`: the forms. The code on a receipt names the number, so that it need not be typed.
pub async fn form(desk: Data<Desk>, look: Look, asked: Query<Asked>) -> Result<HttpResponse, PageError> {
    let asked = Asked { number: asked.number.chars().take(40).collect(), ..Asked::default() };
    web::html(StatusCode::OK, &lookup_page(&desk, look, &asked).await)
}

/// What a look-up form sends.
#[derive(Default, serde::Deserialize)]
#[serde(default)]
pub struct Asked {
    number: String,
    query_code: String,
    last_four: String,
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
    let empty = lookup_page(&desk, look, &asked).await;
    let again = |status, error: String| web::html(status, &LookupPage { error, ..empty.clone() });
    if lookups.admit(client_address(&req, &desk.config), &number).is_err() {
        return again(StatusCode::TOO_MANY_REQUESTS, look.lang.t("lookup-too-often").to_string());
    }
    let keys = desk.keys.clone();
    match desk.db.read(move |tx| tickets::look_up(tx, &keys, &number, &code)).await {
        Ok(secret) => Ok(see_other(&look.to(&format!("/t/{secret}")))),
        Err(err @ Error::Invalid(_)) => {
            again(StatusCode::UNPROCESSABLE_ENTITY, look.lang.sentence(&err.to_string()))
        }
        Err(err) => Err(err.into()),
    }
}

/// `POST /t/state`: how the report stands that number and last four digits name together; never its page.
pub async fn state(
    req: HttpRequest,
    desk: Data<Desk>,
    lookups: Data<Lookups>,
    look: Look,
    asked: Form<Asked>,
) -> Result<HttpResponse, PageError> {
    let empty = lookup_page(&desk, look, &asked).await;
    let again = |status, state_error: String| web::html(status, &LookupPage { state_error, ..empty.clone() });
    if lookups.by_address.take_from(client_address(&req, &desk.config)).is_err() {
        return again(StatusCode::TOO_MANY_REQUESTS, look.lang.t("lookup-too-often").to_string());
    }
    let (keys, number) = (desk.keys.clone(), asked.number.clone());
    let filing = (desk.config.icp.clone(), desk.config.police.clone());
    let last_four = LastFour::parse(&asked.last_four);
    let told = desk.db.write(move |tx| match last_four::ask(tx, &keys, &number, &last_four?)? {
        Told::State(ticket) => state_page(tx, &ticket, (number, look), &filing).map(Ok),
        Told::Wrong(left) => {
            Ok(Err(look.lang.t("state-wrong").num("left", left.unsigned_abs() as usize).to_string()))
        }
        Told::Locked(until) => {
            let until = look.lang.moment(until);
            Ok(Err(look.lang.t("state-locked").with("until", &until).to_string()))
        }
    });
    match told.await {
        Ok(Ok(page)) => web::html(StatusCode::OK, &page),
        Ok(Err(sentence)) => again(StatusCode::UNPROCESSABLE_ENTITY, sentence),
        Err(err @ Error::Invalid(_)) => {
            again(StatusCode::UNPROCESSABLE_ENTITY, look.lang.sentence(&err.to_string()))
        }
        Err(err) => Err(err.into()),
    }
}

/// The state, and the phone of the community: neither place nor matter nor words.
fn state_page(
    tx: &mut Tx,
    ticket: &Ticket,
    (number, look): (String, Look),
    filing: &(String, String),
) -> Result<StatePage> {
    let community = places::community(tx, ticket.community_id)?;
    let title = look.lang.t("state-title").to_string();
    Ok(StatePage {
        shell: Shell { title, look, here: "/t".to_owned(), ..shell(&community, filing) },
        number: number.trim().to_uppercase(),
        headline: look.lang.sentence(headline(ticket)),
        steps: plain_steps(ticket, "", look.lang),
    })
}

async fn lookup_page(desk: &Desk, look: Look, asked: &Asked) -> LookupPage {
    let title = look.lang.t("lookup-title").to_string();
    LookupPage {
        shell: Shell { title, look, here: "/t".to_owned(), ..somewhere(desk).await },
        number: asked.number.clone(),
        query_code: asked.query_code.clone(),
        ..LookupPage::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_be_a_number_is_remembered_and_once_however_it_is_typed() {
        let lookups = Lookups::default();
        let house = |at: u8| IpAddr::from([192, 0, 2, at]);
        for at in 0..100 {
            lookups.admit(house(at), &"A".repeat(1000 * usize::from(at))).unwrap();
        }
        assert_eq!(lookups.by_number.remembered(), 0);
        let number = number::number("TGY", crate::db::now().day(), 1);
        let typed = [number.clone(), number.to_lowercase(), format!("{}-{}", &number[..3], &number[3..])];
        let tries = typed.iter().cycle().take(30).zip(100..);
        assert_eq!(tries.filter(|(typed, at)| lookups.admit(house(*at), typed).is_ok()).count(), 5);
        assert_eq!(lookups.by_number.remembered(), 1);
    }
}
