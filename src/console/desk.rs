//! What a handler of the console works with: who is signed in, and the parts of the service.
//!
//! One extractor, so that handlers stay three lines: parse, one verb in one write, answer. Takes photos of forms in
//! before any transaction. Knows no ticket; the verbs decide what may be done.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};

use super::view::Chrome;
use crate::config::Config;
use crate::db::{Db, Tx};
use crate::error::{Error, Result};
use crate::keys::Keys;
use crate::people::{Actor, Session};
use crate::photos::{Photo, PhotoKey, Photos};
use crate::web::PageError;
use crate::web::form::Form;

/// How many photos one form of staff may carry.
pub const PHOTO_LIMIT: usize = 6;

/// Whoever is signed in, and the parts of the service.
#[derive(Clone)]
#[allow(missing_docs)]
pub struct Desk {
    pub session: Session,
    pub db: Data<Db>,
    pub keys: Data<Keys>,
    pub config: Data<Config>,
    pub photos: Data<Photos>,
}

impl FromRequest for Desk {
    type Error = PageError;
    type Future = Ready<std::result::Result<Desk, PageError>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let session = Session::from_request(req, payload).into_inner();
        ready(session.and_then(|session| {
            Ok(Desk { session, db: part(req)?, keys: part(req)?, config: part(req)?, photos: part(req)? })
        }))
    }
}

fn part<T: 'static>(req: &HttpRequest) -> Result<Data<T>> {
    let missing = || Error::Internal(anyhow::anyhow!("a part of the service is missing"));
    req.app_data::<Data<T>>().cloned().ok_or_else(missing)
}

impl Desk {
    /// Whoever is signed in.
    pub fn actor(&self) -> &Actor {
        &self.session.actor
    }

    /// Reads in one transaction.
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Tx, &Desk) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let desk = self.clone();
        self.db.read(move |tx| work(tx, &desk)).await
    }

    /// Changes in one transaction.
    pub async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Tx, &Desk) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let desk = self.clone();
        self.db.write(move |tx| work(tx, &desk)).await
    }

    /// What surrounds a page.
    pub fn chrome(&self, tx: &mut Tx, title: &str, path: &str) -> Result<Chrome> {
        super::chrome(tx, &self.session, (&self.keys, &self.config), title, path)
    }

    /// Takes in the photos of a form: those that came with an earlier try and those just chosen. What was taken in
    /// is kept even when a later one is unusable, so that nothing has to be sent twice.
    pub async fn take_in(&self, form: &mut Form) -> Taken {
        let dropped: Vec<String> = form.all("removed").map(str::to_owned).collect();
        let kept = form.all("kept").filter(|held| !dropped.iter().any(|gone| gone == held));
        let mut taken = Taken { photos: kept.filter_map(|held| self.kept(held)).collect(), problem: None };
        for file in std::mem::take(&mut form.files) {
            if let Err(err) = self.take_one(file, &mut taken.photos).await {
                taken.problem = Some(err);
            }
        }
        taken
    }

    async fn take_one(&self, file: crate::web::form::File, photos: &mut Vec<Photo>) -> Result<()> {
        if photos.len() >= PHOTO_LIMIT {
            return Err(Error::invalid(
                "photo",
                format!("一次最多 {PHOTO_LIMIT} 张照片，其余的可以稍后再添加"),
            ));
        }
        let too_large =
            || Error::invalid("photo", format!("照片“{}”超过 10 MB，请换一张小一点的", file.name));
        let path = file.content.as_ref().ok_or_else(too_large)?.to_path_buf();
        photos.push(self.photos.take_in(path).await?);
        Ok(())
    }

    /// A photo as a hidden field carries it. Signed, so that nobody hangs up a photo that they did not send.
    pub fn hold(&self, photo: &Photo) -> String {
        let likeness = photo.likeness.map(|bits| bits.to_string()).unwrap_or_default();
        let words = format!("{}.{}.{}.{}.{likeness}", photo.key, photo.width, photo.height, photo.bytes);
        let stamp = self.keys.stamp("photo", &self.owned(&words));
        format!("{words}.{stamp}")
    }

    fn kept(&self, held: &str) -> Option<Photo> {
        let (words, stamp) = held.rsplit_once('.')?;
        if !self.keys.stamped("photo", &self.owned(words), stamp) {
            return None;
        }
        let mut parts = words.split('.');
        let key = PhotoKey::parse(parts.next()?)?;
        let mut number = || parts.next()?.parse().ok();
        let (width, height, bytes) = (number()?, number()?, number()?);
        Some(Photo { key, width, height, bytes, likeness: parts.next().and_then(|bits| bits.parse().ok()) })
    }

    fn owned(&self, words: &str) -> String {
        format!("{} {words}", crate::keys::hex(&self.session.token_hash))
    }
}

/// Photos of a form, cleaned and stored.
pub struct Taken {
    /// Those that are usable.
    pub photos: Vec<Photo>,
    /// Why another one is not.
    pub problem: Option<Error>,
}
