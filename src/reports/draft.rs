//! What a resident sent, read field by field: every problem found at once, nothing typed lost.
//!
//! Photos that were taken in come back signed, so that a form shown again can name them and nobody can name others.

use std::fmt::Display;

use crate::db::Id;
use crate::error::{Error, Problem, Result};
use crate::keys::{self, Keys};
use crate::photos::{Photo, Photos, Upload};
use crate::tickets::{Channel, Note, Person, Phone, Submission};
use crate::web::form::Form;
use crate::words::{Look, Saying};

use super::door::{Door, TEXT_LIMIT};
use super::view::{FieldProblem, FormPage, KeptPhoto, PHOTO_LIMIT};

/// A form as it came, with what was wrong in it.
pub struct Draft {
    category: String,
    text: String,
    phone: String,
    share_phone: bool,
    publish: bool,
    notice_version: String,
    /// The key as the browser sent it.
    pub key: String,
    kept: Vec<(Photo, bool)>,
    look: Look,
    /// What to mend, in the language of the page.
    pub problems: Vec<Problem>,
}

impl Draft {
    /// Reads the form and takes its new photos in. Photos that cannot be read become problems; the others stay.
    pub async fn read(
        form: Form,
        look: Look,
        door: &Door,
        (keys, photos): (&Keys, &Photos),
    ) -> Result<Draft> {
        let mut draft = Draft {
            category: form.text("category").to_owned(),
            text: form.text("text").to_owned(),
            phone: form.text("phone").to_owned(),
            share_phone: form.on("share_phone"),
            publish: form.on("publish"),
            notice_version: form.text("notice_version").to_owned(),
            key: form.text("idempotency_key").to_owned(),
            kept: Vec::new(),
            look,
            problems: Vec::new(),
        };
        let removed: Vec<&str> = form.all("removed").collect();
        for value in form.all("kept") {
            if let Some(photo) = kept(keys, door, value) {
                draft.kept.push((photo, removed.contains(&value)));
            }
        }
        draft.take_in(form, photos).await?;
        draft.check(door);
        Ok(draft)
    }

    async fn take_in(&mut self, form: Form, photos: &Photos) -> Result<()> {
        for file in form.files.into_iter().filter(|file| file.field == "photo") {
            if self.photos().count() >= PHOTO_LIMIT {
                self.problem("photo", self.t("door-photo-most").num("limit", PHOTO_LIMIT));
                break;
            }
            let Some(content) = file.content else {
                self.problem("photo", self.t("door-photo-too-large").with("name", self.short(&file.name)));
                continue;
            };
            match photos.take_in(Upload::File(content.to_path_buf())).await {
                Ok(photo) => self.kept.push((photo, false)),
                Err(Error::Invalid(problems)) => {
                    for problem in problems {
                        let why = self.look.lang.sentence(&problem.message);
                        let said = self.t("door-photo-refused").with("name", self.short(&file.name));
                        self.problem("photo", said.with("why", why));
                    }
                }
                // Too busy to take photos in: the words are not lost for it.
                Err(Error::Unavailable(message)) => self.problem("photo", self.look.lang.sentence(&message)),
                Err(err) => return Err(err),
            }
        }
        Ok(())
    }

    fn check(&mut self, door: &Door) {
        if !door.tiles.iter().any(|tile| tile.code == self.category) {
            self.problem("category", self.t("door-category-missing"));
        }
        match self.text.chars().count() {
            0 => self.problem("text", self.t("door-text-missing")),
            1..=TEXT_LIMIT => {}
            long => {
                self.problem("text", self.t("door-text-long").num("limit", TEXT_LIMIT).num("count", long));
            }
        }
        if let Err(Error::Invalid(problems)) = Phone::parse("phone", &self.phone) {
            for problem in problems {
                self.problem(problem.field, self.look.lang.sentence(&problem.message));
            }
        }
    }

    fn problem(&mut self, field: &'static str, message: impl Display) {
        self.problems.push(Problem { field, message: message.to_string().into() });
    }

    fn t(&self, key: &'static str) -> Saying<'static> {
        self.look.lang.t(key)
    }

    /// The name of a file, as much of it as fits into a sentence.
    fn short(&self, name: &str) -> String {
        let name: String = name.chars().filter(|sign| !sign.is_control()).take(20).collect();
        if name.is_empty() { self.t("door-photo-nameless").to_string() } else { name }
    }

    fn photos(&self) -> impl Iterator<Item = &Photo> {
        self.kept.iter().filter(|(_, removed)| !removed).map(|(photo, _)| photo)
    }

    /// What makes two submissions the same.
    pub fn content_hash(&self, door: &Door) -> Vec<u8> {
        let flags = [u8::from(self.share_phone), u8::from(self.publish)];
        let words = [door.code.code.as_str(), &self.category, &self.text, &self.phone];
        let photos: Vec<&str> = self.photos().map(|photo| photo.key.as_str()).collect();
        let parts = words.iter().map(|word| word.as_bytes()).chain([flags.as_slice()]);
        keys::digest(parts.chain(photos.iter().map(|photo| photo.as_bytes())))
    }

    /// The report, when nothing is wrong with it.
    pub fn submission(&self, door: &Door, device_hash: Option<Vec<u8>>) -> Result<Submission> {
        if !self.problems.is_empty() {
            return Err(Error::Invalid(self.problems.clone()));
        }
        let known = self.notice_version == door.notice.version;
        Ok(Submission {
            id: Id::new(),
            channel: Channel::Scan,
            code: Some(door.code.code.to_string()),
            place: door.place.clone(),
            spot_note: String::new(),
            level1: self.category.clone(),
            category: None,
            kind: None,
            text: Note::parse("text", &self.text, "请写一下是什么事")?,
            hazard: false,
            reach: None,
            person: Person {
                name: None,
                phone: Phone::parse("phone", &self.phone)?,
                device_hash,
                share_phone: self.share_phone,
                publish: self.publish,
            },
            photos: self.photos().cloned().collect(),
            // The page may be a little older than the notice: what was read is what was agreed to.
            notice_version: if known || self.notice_version.is_empty() || self.notice_version.len() > 40 {
                door.notice.version.clone()
            } else {
                self.notice_version.clone()
            },
            called_at: None,
        })
    }

    /// The form again, with everything in it.
    pub fn page(&self, door: &Door, keys: &Keys, key: String) -> FormPage {
        let mut page = door.form(self.look);
        for tile in &mut page.tiles {
            tile.checked = tile.code == self.category;
        }
        let value = |photo: &Photo| kept_value(keys, door, photo);
        FormPage {
            text: self.text.clone(),
            phone: self.phone.clone(),
            share_phone: self.share_phone,
            publish: self.publish,
            idempotency_key: key,
            kept: self
                .kept
                .iter()
                .map(|(photo, removed)| KeptPhoto {
                    key: value(photo),
                    url: format!("{}/photos/{}", door.path(), value(photo)),
                    removed: *removed,
                })
                .collect(),
            errors: self.problems.iter().map(FieldProblem::from).collect(),
            ..page
        }
    }
}

/// A taken-in photo as the form carries it: hash, sizes, and a signature for this door.
fn kept_value(keys: &Keys, door: &Door, photo: &Photo) -> String {
    let body = photo.line();
    let stamp = keys.stamp("kept", &format!("{}/{body}", door.code.code));
    format!("{body}.{stamp}")
}

/// The photo that a form names, if this door gave it that name.
pub fn kept(keys: &Keys, door: &Door, value: &str) -> Option<Photo> {
    let (body, stamp) = value.rsplit_once('.')?;
    keys.stamped("kept", &format!("{}/{body}", door.code.code), stamp).then(|| Photo::from_line(body))?
}
