//! Photos of a form that a resident adds to a report: taken in before any transaction, and kept in hidden fields where
//! the form is shown again, signed for this one report so that nobody can name others.

use crate::db::Id;
use crate::error::{Error, Result};
use crate::keys::Keys;
use crate::photos::{Photo, PhotoKey, Photos};
use crate::uploads::loose;
use crate::web::form::{File, Form};

use super::pages::Desk;
use super::view::KeptPhoto;

/// How many photos one message may carry.
pub(super) const ADDED_LIMIT: usize = 3;

/// Where the photos of a form belong: the secret of a report.
pub(super) struct Kept<'a> {
    pub(super) keys: &'a Keys,
    pub(super) secret: &'a str,
}

/// What a form brought: photos, of which the first so many had come before, and what was wrong with another one.
pub(super) struct Taken {
    pub(super) photos: Vec<Photo>,
    pub(super) before: usize,
    pub(super) problem: Option<Error>,
}

/// Notes that photos wait for a form that is shown again; what nobody takes is swept away.
pub(crate) async fn wait(desk: &Desk, community: Id, photos: Vec<PhotoKey>) -> Result<()> {
    if photos.is_empty() {
        return Ok(());
    }
    let note = move |tx: &mut crate::db::Tx| {
        photos.iter().try_for_each(|key| loose::note(tx, community, loose::Kind::Photo, key))
    };
    desk.db.write(note).await
}

impl Kept<'_> {
    /// The photos of an earlier try that the form names and that are still there.
    pub(super) async fn held(&self, photos: &Photos, form: &Form) -> Vec<Photo> {
        let dropped: Vec<&str> = form.all("removed").collect();
        let named = form.all("kept").filter(|held| !dropped.contains(held));
        let mut held = Vec::new();
        for photo in named.filter_map(|held| self.open(held)).take(ADDED_LIMIT) {
            if photos.has(&photo.key).await {
                held.push(photo);
            }
        }
        held
    }

    /// Takes in the photos of a form: those of an earlier try and those just chosen. What is usable is kept even where
    /// another one is not. They are noted nowhere yet: see [`wait`].
    pub(super) async fn take_in(&self, photos: &Photos, form: &mut Form) -> Taken {
        let mut taken = self.held(photos, form).await;
        let before = taken.len();
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
        Taken { photos: taken, before, problem }
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
