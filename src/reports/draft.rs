//! What a resident sent, read field by field: every problem found at once, nothing typed lost.
//!
//! Photos that were taken in come back signed, so that a form shown again can name them and nobody can name others. A
//! photo that fails never holds the words back: it is missing, and the person is told which.

use std::fmt::Display;

use crate::db::Id;
use crate::error::{Error, Problem, Result};
use crate::keys::{self, Keys};
use crate::neighbours::Join;
use crate::photos::{Photo, PhotoKey, Photos, Upload};
use crate::tickets::relation::Relation;
use crate::tickets::{Channel, Note, Person, Phone, Submission};
use crate::voices::{Voice, Voices};
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
    relation: Option<Relation>,
    /// The key as the browser sent it.
    pub key: String,
    kept: Vec<(Photo, bool)>,
    /// How many of them had come before this form.
    before: usize,
    /// The voice message, which came before.
    pub voice: Option<Voice>,
    look: Look,
    /// What to mend, in the language of the page.
    pub problems: Vec<Problem>,
    /// Photos that did not arrive, a sentence for each.
    pub missing: Vec<String>,
}

/// What stands for the words of whoever sent a voice message alone, so that lists and counts stay right.
const SPOKEN: &str = "（语音留言，见附件）";

impl Draft {
    /// Reads the form and takes its new photos in. Photos that cannot be read become problems; the others stay.
    pub async fn read(
        form: Form,
        look: Look,
        door: &Door,
        (keys, photos, voices): (&Keys, &Photos, &Voices),
    ) -> Result<Draft> {
        let mut draft = Draft {
            category: form.text("category").to_owned(),
            text: form.text("text").to_owned(),
            phone: form.text("phone").to_owned(),
            share_phone: form.on("share_phone"),
            publish: form.on("publish"),
            notice_version: form.text("notice_version").to_owned(),
            relation: Relation::parse(form.text("relation")).filter(|each| fits(door, each)),
            key: form.text("idempotency_key").to_owned(),
            kept: Vec::new(),
            before: 0,
            voice: None,
            look,
            problems: Vec::new(),
            missing: unsent(form.text("missing"), look),
        };
        let removed: Vec<&str> = form.all("removed").collect();
        for value in form.all("kept") {
            let Some(photo) = kept(keys, door, value) else { continue };
            match photos.has(&photo.key).await {
                true if draft.kept.len() < PHOTO_LIMIT => draft.kept.push((photo, removed.contains(&value))),
                true => draft.missing.push(draft.t("door-photo-most").num("limit", PHOTO_LIMIT).to_string()),
                false => draft.missing.push(draft.t("door-photo-cleared").to_string()),
            }
        }
        draft.before = draft.kept.len();
        // Spoken once more, the later one holds.
        let dropped: Vec<&str> = form.all("voice_removed").collect();
        if let Some(value) = form.all("voice").filter(|value| !dropped.contains(value)).last()
            && let Some(voice) = voice(keys, door, value)
            && voices.has(&voice.key).await
        {
            draft.voice = Some(voice);
        }
        match (draft.text.as_str(), &draft.voice) {
            ("", Some(_)) => SPOKEN.clone_into(&mut draft.text),
            (SPOKEN, None) => draft.text.clear(),
            _ => {}
        }
        draft.take_in(form, photos).await?;
        draft.check(door);
        Ok(draft)
    }

    async fn take_in(&mut self, form: Form, photos: &Photos) -> Result<()> {
        for file in form.files.into_iter().filter(|file| file.field == "photo") {
            if self.photos().count() >= PHOTO_LIMIT {
                self.missing.push(self.t("door-photo-most").num("limit", PHOTO_LIMIT).to_string());
                break;
            }
            let Some(content) = file.content else {
                let said = self.t("door-photo-too-large").with("name", self.short(&file.name));
                self.missing.push(said.to_string());
                continue;
            };
            match photos.take_in(Upload::File(content.to_path_buf())).await {
                Ok(photo) => self.kept.push((photo, false)),
                Err(Error::Invalid(problems)) => {
                    for problem in problems {
                        let why = self.look.lang.sentence(&problem.message);
                        self.miss(&file.name, &why);
                    }
                }
                // Too busy to take photos in: the words are not lost for it.
                Err(Error::Unavailable(message)) => {
                    let why = self.look.lang.sentence(&message);
                    self.miss(&file.name, &why);
                }
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

    /// The tile that was chosen.
    pub fn category(&self) -> &str {
        &self.category
    }

    /// The words.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Who the reporter is to the place, where they said it.
    pub fn relation(&self) -> Option<Relation> {
        self.relation
    }

    /// What joins a matter instead of making a ticket; fails where something is wrong with it.
    pub fn join(&self, door: &Door, ticket_id: Id, device_hash: Vec<u8>) -> Result<Join> {
        let (photos, version) = (self.photos().cloned().collect(), self.notice(door));
        // What is wrong with the category does not matter: the matter has one.
        let wrong = self.problems.iter().filter(|problem| problem.field == "phone");
        let wrong: Vec<Problem> = wrong.cloned().collect();
        if !wrong.is_empty() {
            return Err(Error::Invalid(wrong));
        }
        Ok(Join {
            ticket_id,
            code: door.code.code.to_string(),
            device_hash,
            phone: Phone::parse("phone", &self.phone)?,
            text: self.text.chars().take(TEXT_LIMIT).collect(),
            photos,
            voice: self.voice.clone(),
            notice_version: version,
            doubts: Vec::new(),
        })
    }

    /// The page may be a little older than the notice: what was read is what was agreed to.
    fn notice(&self, door: &Door) -> String {
        let known = self.notice_version == door.notice.version;
        match known || self.notice_version.is_empty() || self.notice_version.len() > 40 {
            true => door.notice.version.clone(),
            false => self.notice_version.clone(),
        }
    }

    fn problem(&mut self, field: &'static str, message: impl Display) {
        self.problems.push(Problem { field, message: message.to_string().into() });
    }

    fn t(&self, key: &'static str) -> Saying<'static> {
        self.look.lang.t(key)
    }

    /// A photo of the form that did not arrive, and why.
    fn miss(&mut self, name: &str, why: &str) {
        let said = self.t("door-photo-refused").with("name", self.short(name)).with("why", why);
        self.missing.push(said.to_string());
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
        keys::digest([&self.words_hash(door)[..], self.phone.as_bytes()])
    }

    /// The same without the phone number: a report that waited for a signal may go out a second time without it, and
    /// is the same report.
    pub fn words_hash(&self, door: &Door) -> Vec<u8> {
        let flags = [u8::from(self.share_phone), u8::from(self.publish)];
        let words = [door.code.code.as_str(), &self.category, &self.text];
        let files = self.photos().map(|photo| &photo.key).chain(self.voice.iter().map(|voice| &voice.key));
        let parts = words.iter().map(|word| word.as_bytes()).chain([flags.as_slice()]);
        keys::digest(parts.chain(files.map(|key| key.as_str().as_bytes())))
    }

    /// Every photo that was taken in, by this form or before.
    pub fn all_photos(&self) -> impl Iterator<Item = &PhotoKey> {
        self.kept.iter().map(|(photo, _)| &photo.key)
    }

    /// Says of so many photos that they were not taken, because too much came at once.
    pub fn left_out(&mut self, photos: usize) {
        if photos > 0 {
            self.missing.push(self.t("door-photo-crowd").num("count", photos).to_string());
        }
    }

    /// The photos of the report that came before this form: they wait for it.
    pub fn came_before(&self) -> impl Iterator<Item = &PhotoKey> {
        let wanted = self.kept[..self.before].iter().filter(|(_, removed)| !removed);
        wanted.map(|(photo, _)| &photo.key)
    }

    /// The report, when nothing is wrong with it.
    pub fn submission(&self, door: &Door, device_hash: Option<Vec<u8>>) -> Result<Submission> {
        if !self.problems.is_empty() {
            return Err(Error::Invalid(self.problems.clone()));
        }
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
            notice_version: self.notice(door),
            called_at: None,
        })
    }

    /// What is shown beside the fields: what to mend, and which photos are missing.
    pub fn errors(&self) -> Vec<FieldProblem> {
        let missing = |message: &String| FieldProblem { field: "photo".to_owned(), message: message.clone() };
        self.problems.iter().map(FieldProblem::from).chain(self.missing.iter().map(missing)).collect()
    }

    /// The form again, with everything in it.
    pub fn page(&self, door: &Door, keys: &Keys, key: String) -> FormPage {
        let mut page = door.form(self.look);
        for tile in &mut page.tiles {
            tile.checked = tile.code == self.category;
        }
        for choice in &mut page.board.relations {
            choice.checked = self.relation.is_some_and(|relation| relation.word() == choice.word);
        }
        let value = |photo: &Photo| kept_value(keys, door, photo);
        FormPage {
            // What stands for a voice was never typed.
            text: if self.text == SPOKEN { String::new() } else { self.text.clone() },
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
            voice: self.voice.as_ref().map(|voice| voice_value(keys, door, voice)).unwrap_or_default(),
            errors: self.errors(),
            ..page
        }
    }
}

/// The photos that the phone itself could not send, by their places.
fn unsent(list: &str, look: Look) -> Vec<String> {
    let places = list.split(',').filter_map(|place| place.trim().parse::<usize>().ok());
    let places = places.filter(|place| (1..=PHOTO_LIMIT).contains(place)).take(PHOTO_LIMIT);
    places.map(|place| look.lang.t("door-photo-unsent").num("count", place).to_string()).collect()
}

/// A taken-in voice message as the form carries it.
pub fn voice_value(keys: &Keys, door: &Door, voice: &Voice) -> String {
    let body = voice.line();
    let stamp = keys.stamp("voice", &format!("{}/{body}", door.code.code));
    format!("{body}.{stamp}")
}

/// The voice message that a form names, if this door gave it that name.
pub fn voice(keys: &Keys, door: &Door, value: &str) -> Option<Voice> {
    let (body, stamp) = value.rsplit_once('.')?;
    keys.stamped("voice", &format!("{}/{body}", door.code.code), stamp).then(|| Voice::from_line(body))?
}

/// Whether somebody can be that to the place of this door.
fn fits(door: &Door, relation: &Relation) -> bool {
    Relation::at(door.place.kind).contains(relation)
}

/// A taken-in photo as the form carries it: hash, sizes, and a signature for this door.
pub fn kept_value(keys: &Keys, door: &Door, photo: &Photo) -> String {
    let body = photo.line();
    let stamp = keys.stamp("kept", &format!("{}/{body}", door.code.code));
    format!("{body}.{stamp}")
}

/// The photo that a form names, if this door gave it that name.
pub fn kept(keys: &Keys, door: &Door, value: &str) -> Option<Photo> {
    let (body, stamp) = value.rsplit_once('.')?;
    keys.stamped("kept", &format!("{}/{body}", door.code.code), stamp).then(|| Photo::from_line(body))?
}
