//! What a resident sent, read field by field: every problem found at once, nothing typed lost.
//!
//! Photos that were taken in come back signed, so that a form shown again can name them and nobody can name others.

use crate::db::Id;
use crate::error::{Error, Problem, Result};
use crate::keys::{self, Keys};
use crate::photos::{Photo, PhotoKey, Photos, Upload};
use crate::tickets::{Channel, Note, Person, Phone, Submission};
use crate::web::form::Form;

use super::door::{Door, Print, TEXT_LIMIT};
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
    /// What to mend.
    pub problems: Vec<Problem>,
}

impl Draft {
    /// Reads the form and takes its new photos in. Photos that cannot be read become problems; the others stay.
    pub async fn read(form: Form, door: &Door, keys: &Keys, photos: &Photos) -> Result<Draft> {
        let mut draft = Draft {
            category: form.text("category").to_owned(),
            text: form.text("text").to_owned(),
            phone: form.text("phone").to_owned(),
            share_phone: form.on("share_phone"),
            publish: form.on("publish"),
            notice_version: form.text("notice_version").to_owned(),
            key: form.text("idempotency_key").to_owned(),
            kept: Vec::new(),
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
                self.problem("photo", format!("最多 {PHOTO_LIMIT} 张照片，多的没有收"));
                break;
            }
            let Some(content) = file.content else {
                self.problem(
                    "photo",
                    format!("照片「{}」超过 10 MB，没有收；请换一张或拍小一点", short(&file.name)),
                );
                continue;
            };
            match photos.take_in(Upload::File(content.to_path_buf())).await {
                Ok(photo) => self.kept.push((photo, false)),
                Err(Error::Invalid(problems)) => {
                    for problem in problems {
                        self.problem("photo", format!("照片「{}」：{}", short(&file.name), problem.message));
                    }
                }
                // Too busy to take photos in: the words are not lost for it.
                Err(Error::Unavailable(message)) => self.problem("photo", message.into_owned()),
                Err(err) => return Err(err),
            }
        }
        Ok(())
    }

    fn check(&mut self, door: &Door) {
        if !door.tiles.iter().any(|tile| tile.code == self.category) {
            self.problem("category", "请选一类；说不清就选最接近的一类".to_owned());
        }
        match self.text.chars().count() {
            0 => self.problem("text", "请写一下是什么事、在什么位置，一两句话就行".to_owned()),
            1..=TEXT_LIMIT => {}
            long => self.problem("text", format!("最多 {TEXT_LIMIT} 字，现在是 {long} 字，请删短一些")),
        }
        if let Err(Error::Invalid(problems)) = Phone::parse("phone", &self.phone) {
            self.problems.extend(problems);
        }
    }

    fn problem(&mut self, field: &'static str, message: String) {
        self.problems.push(Problem { field, message: message.into() });
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
    pub fn page(&self, door: &Door, keys: &Keys, print: Print, key: String) -> FormPage {
        let mut page = door.form(print);
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

fn short(name: &str) -> String {
    let name: String = name.chars().filter(|sign| !sign.is_control()).take(20).collect();
    if name.is_empty() { "未命名".to_owned() } else { name }
}

/// A taken-in photo as the form carries it: hash, sizes, and a signature for this door.
fn kept_value(keys: &Keys, door: &Door, photo: &Photo) -> String {
    let likeness = photo.likeness.map(|bits| bits.to_string()).unwrap_or_default();
    let body = format!("{}.{}.{}.{}.{likeness}", photo.key.as_str(), photo.width, photo.height, photo.bytes);
    let stamp = keys.stamp("kept", &format!("{}/{body}", door.code.code));
    format!("{body}.{stamp}")
}

/// The photo that a form names, if this door gave it that name.
pub fn kept(keys: &Keys, door: &Door, value: &str) -> Option<Photo> {
    let (body, stamp) = value.rsplit_once('.')?;
    if !keys.stamped("kept", &format!("{}/{body}", door.code.code), stamp) {
        return None;
    }
    let mut parts = body.split('.');
    Some(Photo {
        key: PhotoKey::parse(parts.next()?)?,
        width: parts.next()?.parse().ok()?,
        height: parts.next()?.parse().ok()?,
        bytes: parts.next()?.parse().ok()?,
        likeness: parts.next().and_then(|bits| bits.parse().ok()),
    })
}
