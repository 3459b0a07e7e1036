//! The file of one's own data, given to whoever has the address: whole only where they show that they know the phone.

use actix_web::HttpResponse;
use actix_web::web::{Data, Form, Path};

use super::{Found, View, file, find, page};
use crate::error::{Error, Result};
use crate::keys::Keys;
use crate::reports::follow::gone;
use crate::reports::follow::lookup::Lookups;
use crate::reports::pages::Desk;
use crate::tickets::Phone;
use crate::web::{self, PageError};
use crate::words::{Lang, Look};

/// What shows that somebody knows the phone.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(default)]
pub struct Known {
    pub(super) phone: String,
}

/// `POST /t/{secret}/data/download`: everything as a file. Phone, form of address and words stand in it as they were
/// given only where the phone was typed in; else masked, as on the page.
pub async fn download(
    desk: Data<Desk>,
    lookups: Data<Lookups>,
    secret: Path<String>,
    look: Look,
    form: Form<Known>,
) -> Result<HttpResponse, PageError> {
    let (keys, wanted, base) = (desk.keys.clone(), secret.clone(), desk.config.base_url.clone());
    let known = Asker::of(lookups, &secret, &form.phone);
    let made = desk.db.read(move |tx| {
        let (name, body) = match find(tx, &keys, &wanted)? {
            Found::Ticket(ticket) => {
                let whole = known.knows(&keys, ticket.phone_hash.as_deref())?;
                let at = format!("{base}/t/{wanted}");
                let body = file::of(tx, &keys, (&ticket, look.lang, &at), whole)?;
                (ticket.number, body)
            }
            Found::Held(held) => {
                let digits = held.phone_sealed.as_deref().map(|sealed| keys.unseal(held.id, sealed));
                let hash = digits.transpose()?.map(|digits| keys.phone_hash(&digits));
                let whole = known.knows(&keys, hash.as_deref())?;
                (String::new(), file::of_held(tx, &keys, (&held, look.lang), whole)?)
            }
        };
        Ok((name, serde_json::to_vec_pretty(&body).map_err(Error::internal)?))
    });
    match made.await {
        Ok((number, body)) => Ok(saved(look.lang, &number, body)),
        Err(Error::NotFound) => gone(&desk, (&secret, look)).await,
        Err(err) => page(&desk, (&secret, look), &View::default(), Some((err, String::new()))).await,
    }
}

pub(super) fn saved(lang: Lang, number: &str, body: Vec<u8>) -> HttpResponse {
    let parts = [number.to_owned(), lang.t("data-title").to_string()];
    let name = parts.iter().filter(|part| !part.is_empty()).map(String::as_str).collect::<Vec<_>>().join("_");
    web::download("application/json", &format!("{name}.json"), body)
}

/// Whoever asks for the file, with the phone that they typed in.
pub(super) struct Asker {
    typed: Result<Option<Phone>>,
    guesses: bool,
    lookups: Data<Lookups>,
    secret: String,
}

impl Asker {
    pub(super) fn of(lookups: Data<Lookups>, secret: &str, phone: &str) -> Asker {
        let typed = Phone::parse("known", phone);
        Asker { typed, guesses: !phone.trim().is_empty(), lookups, secret: secret.to_owned() }
    }

    /// Whether they know the phone that was left; fails where they typed another one, or try too often. Asked once the page
    /// was found: tries are counted of pages that there are.
    pub(super) fn knows(self, keys: &Keys, left: Option<&[u8]>) -> Result<bool> {
        if self.guesses && !self.lookups.may_try(&self.secret) {
            return Err(Error::invalid("known", "试得太频繁了，请过几分钟再试；不填电话可以直接下载"));
        }
        let Some(phone) = self.typed? else { return Ok(false) };
        let same = |hash: &[u8]| crate::keys::same(hash, &keys.phone_hash(phone.digits()));
        match left.is_some_and(same) {
            true => Ok(true),
            false => Err(Error::invalid("known", "和您留的电话对不上，请核对；不填也可以下载")),
        }
    }
}
