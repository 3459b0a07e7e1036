//! The data of a neighbour who met the matter of a report: the same page, under `/m/{secret}/data`. Whoever has the address
//! is that neighbour; nothing of the report itself is here.

use actix_web::HttpResponse;
use actix_web::web::{Data, Form, Path, Query};

use super::download::{Asker, Known, saved};
use super::{Asked, DataPage, Says, Sure, View, looked, remove, shown, unsure, until};
use crate::db::{Tx, now};
use crate::error::{Error, Result};
use crate::mask;
use crate::neighbours::own::Drops;
use crate::neighbours::{self, Neighbour, own};
use crate::places;
use crate::reports::door::shell;
use crate::reports::follow::lookup::Lookups;
use crate::reports::neighbour::gone;
use crate::reports::notice::notice_url;
use crate::reports::pages::Desk;
use crate::reports::view::Shell;
use crate::tickets::Phone;
use crate::web::{PageError, see_other};
use crate::words::Look;

/// `GET /m/{secret}/data`.
pub async fn show(
    desk: Data<Desk>,
    secret: Path<String>,
    look: Look,
    view: Query<View>,
) -> Result<HttpResponse, PageError> {
    page(&desk, (&secret, look), &view, None).await
}

async fn page(
    desk: &Desk,
    (secret, look): (&str, Look),
    view: &View,
    refused: Option<Error>,
) -> Result<HttpResponse, PageError> {
    let (keys, filing) = (desk.keys.clone(), (desk.config.icp.clone(), desk.config.police.clone()));
    let wanted = secret.to_owned();
    let filled = desk.db.read(move |tx| {
        let neighbour = neighbours::find_by_secret(tx, &keys, &wanted)?;
        fill(tx, (&neighbour, &wanted), look, &filing)
    });
    match filled.await {
        Ok(page) => shown(page, look, view, refused.map(|err| (err, String::new()))),
        Err(Error::NotFound) => gone(desk, (secret, look)).await,
        Err(err) => Err(err.into()),
    }
}

fn fill(
    tx: &mut Tx,
    (neighbour, secret): (&Neighbour, &str),
    look: Look,
    filing: &(String, String),
) -> Result<DataPage> {
    let (lang, says) = (look.lang, Says(look.lang));
    let community = places::community(tx, neighbour.community_id)?;
    let left = own::left(tx, neighbour)?;
    let erased = own::is_erased(neighbour);
    Ok(DataPage {
        shell: Shell { title: says.t("data-title"), look, ..shell(&community, filing) },
        path: format!("/m/{secret}/data"),
        back: format!("/m/{secret}"),
        about: says.t("data-kept-neighbour"),
        kept: vec![
            (says.t("data-joined"), lang.moment(neighbour.at)),
            (says.t("data-words"), says.or_nothing(mask::text(&neighbour.text))),
            (says.t("data-photos"), says.counted("data-photos-count", left.photos)),
            (says.t("data-voices"), says.counted("data-voices-count", left.voices)),
            (says.t("data-comment"), says.or_nothing(mask::text(&neighbour.comment))),
            (says.t("data-device"), says.device(own::is_known(neighbour))),
        ],
        phone: neighbour.phone_masked.clone().unwrap_or_default(),
        until: until(own::kept_until(tx, neighbour)?, lang),
        notice: (neighbour.notice_version.clone(), notice_url(&community, &neighbour.notice_version)),
        looks: left.looks.iter().map(|each| looked(each, lang)).collect(),
        erased,
        takes: says.t("data-erase-neighbour"),
        ..DataPage::default()
    })
}

/// `POST /m/{secret}/data/correction`: another phone, or none any more.
pub async fn correct(
    desk: Data<Desk>,
    secret: Path<String>,
    look: Look,
    asked: Form<Asked>,
) -> Result<HttpResponse, PageError> {
    let (keys, wanted) = (desk.keys.clone(), secret.clone());
    let drops = if asked.without_phone.is_empty() { Drops::No } else { Drops::Yes };
    let phone = Phone::parse("phone", &asked.phone);
    let done = desk.db.write(move |tx| {
        let neighbour = neighbours::find_by_secret(tx, &keys, &wanted)?;
        own::correct(tx, &keys, &neighbour, (phone?.as_ref(), drops))
    });
    finish(&desk, (&secret, look), "correction", done.await).await
}

/// `POST /m/{secret}/data/erasure`: nobody's from now on. The files of its photos go after the commit.
pub async fn erase(
    desk: Data<Desk>,
    secret: Path<String>,
    look: Look,
    form: Form<Sure>,
) -> Result<HttpResponse, PageError> {
    let (keys, wanted, sure) = (desk.keys.clone(), secret.clone(), !form.confirm.is_empty());
    let begun = now();
    let done = desk.db.write(move |tx| {
        let neighbour = neighbours::find_by_secret(tx, &keys, &wanted)?;
        if sure { own::erase(tx, &neighbour) } else { Err(unsure()) }
    });
    let done = match done.await {
        Ok(photos) => {
            remove(&desk, &photos, begun).await;
            Ok(())
        }
        Err(err) => Err(err),
    };
    finish(&desk, (&secret, look), "erasure", done).await
}

async fn finish(
    desk: &Desk,
    (secret, look): (&str, Look),
    word: &str,
    done: Result<()>,
) -> Result<HttpResponse, PageError> {
    match done {
        Ok(()) => Ok(see_other(&look.to(&format!("/m/{secret}/data?done={word}")))),
        Err(Error::NotFound) => gone(desk, (secret, look)).await,
        Err(err) => page(desk, (secret, look), &View::default(), Some(err)).await,
    }
}

/// `POST /m/{secret}/data/download`: everything as a file; whole only for whoever types the phone in.
pub async fn download(
    desk: Data<Desk>,
    lookups: Data<Lookups>,
    secret: Path<String>,
    look: Look,
    form: Form<Known>,
) -> Result<HttpResponse, PageError> {
    let (keys, wanted) = (desk.keys.clone(), secret.clone());
    let (known, at) =
        (Asker::of(lookups, &secret, &form.phone), format!("{}/m/{secret}", desk.config.base_url));
    let made = desk.db.read(move |tx| {
        let neighbour = neighbours::find_by_secret(tx, &keys, &wanted)?;
        let whole = known.knows(&keys, neighbour.phone_hash.as_deref())?;
        let body = super::file::of_neighbour(tx, &keys, (&neighbour, look.lang, &at), whole)?;
        serde_json::to_vec_pretty(&body).map_err(Error::internal)
    });
    match made.await {
        Ok(body) => Ok(saved(look.lang, "", body)),
        Err(Error::NotFound) => gone(&desk, (&secret, look)).await,
        Err(err) => page(&desk, (&secret, look), &View::default(), Some(err)).await,
    }
}
