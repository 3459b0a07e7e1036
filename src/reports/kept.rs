//! Photos of a form that a resident adds to a report: taken in before any transaction, and kept in hidden fields where
//! the form is shown again, signed for this one report so that nobody can name others.

use crate::error::{Error, Result};
use crate::keys::Keys;
use crate::photos::{Photo, Photos};
use crate::web::form::{File, Form};

use super::view::KeptPhoto;

/// How many photos one message may carry.
pub(super) const ADDED_LIMIT: usize = 3;

/// Where the photos of a form belong: the secret of a report.
pub(super) struct Kept<'a> {
    pub(super) keys: &'a Keys,
    pub(super) secret: &'a str,
}

impl Kept<'_> {
    /// Takes in the photos of a form: those of an earlier try and those just chosen. What is usable is kept even where
    /// another one is not.
    pub(super) async fn take_in(&self, photos: &Photos, form: &mut Form) -> (Vec<Photo>, Option<Error>) {
        let dropped: Vec<&str> = form.all("removed").collect();
        let held = form.all("kept").filter(|held| !dropped.contains(held));
        let mut taken: Vec<Photo> = held.filter_map(|held| self.open(held)).take(ADDED_LIMIT).collect();
        let mut problem = None;
        for file in std::mem::take(&mut form.files) {
            if taken.len() >= ADDED_LIMIT {
                problem =
                    Some(Error::invalid("photo", format!("一次最多 {ADDED_LIMIT} 张，其余的可以再发一次")));
                break;
            }
            match take_one(photos, file).await {
                Ok(photo) => taken.push(photo),
                Err(err) => problem = Some(err),
            }
        }
        (taken, problem)
    }

    /// A photo as the form shows it again.
    pub(super) fn show(&self, photo: &Photo) -> KeptPhoto {
        let line = photo.line();
        let key = format!("{line}.{}", self.keys.stamp("added", &format!("{}/{line}", self.secret)));
        KeptPhoto { url: format!("/t/{}/kept/{key}", self.secret), key, removed: false }
    }

    /// The photo that a form names, if this report gave it that name.
    pub(super) fn open(&self, held: &str) -> Option<Photo> {
        let (line, stamp) = held.rsplit_once('.')?;
        let signed = self.keys.stamped("added", &format!("{}/{line}", self.secret), stamp);
        signed.then(|| Photo::from_line(line))?
    }
}

async fn take_one(photos: &Photos, file: File) -> Result<Photo> {
    let too_large = || Error::invalid("photo", "有一张照片超过 10 MB，请换一张小一点的");
    let path = file.content.as_ref().ok_or_else(too_large)?.to_path_buf();
    photos.take_in(path).await.map_err(|err| match err {
        Error::Invalid(_) | Error::Unavailable(_) => Error::invalid("photo", err.to_string()),
        err => err,
    })
}
