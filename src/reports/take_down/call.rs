//! What was said, and to whom: read field by field, every problem at once.

use chrono::NaiveDateTime;

use super::{CHANNELS, reaches};
use crate::db::{Id, Time, Tx};
use crate::error::{Error, Problem, Result};
use crate::people::Actor;
use crate::photos::Photo;
use crate::places::{self, Place};
use crate::routing::suggest::{Source, Suggestion};
use crate::routing::{self, Kind};
use crate::settings::{self, Notice};
use crate::tickets::{Note, Person, Phone, Reach, Submission};
use crate::web::form::Form;
use crate::{clock, keys};

/// What staff take down.
#[derive(Debug, Clone, Default, serde::Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct Call {
    /// A random word of 16 to 64 letters and digits: the same key never makes two tickets.
    pub key: String,
    /// `phone`, `walk_in`, `visit` or `patrol`.
    pub channel: String,
    /// When the call or visit really was, in Shanghai: `2025-06-03T14:05`; empty for now.
    pub called_at: String,
    /// The full name of a place.
    pub place: String,
    /// Where exactly.
    pub spot_note: String,
    /// Four digits of a level-2 category, or two of level 1.
    pub matter: String,
    /// What the person wants; empty for what the category says.
    pub kind: String,
    /// In the words of the person.
    pub text: String,
    /// Form of address; may be empty.
    pub name: String,
    /// For calling back; may be empty.
    pub phone: String,
    /// How far it reaches; may be empty.
    pub reach: String,
    /// A danger to people.
    pub hazard: bool,
    /// The handling party may see the phone.
    pub share_phone: bool,
    /// The result may be published.
    pub publish: bool,
    /// What was suggested as level 2 while it was taken down: category, percent and source with dots between; may be
    /// empty. What was chosen is kept beside it.
    pub suggestion: String,
    /// Cleaned and stored before.
    #[serde(skip)]
    #[schema(ignore)]
    pub photos: Vec<Photo>,
}

impl Call {
    pub(super) fn read(form: &Form, photos: Vec<Photo>) -> Call {
        let text = |field| form.text(field).to_owned();
        Call {
            key: text("key"),
            channel: text("channel"),
            called_at: text("called_at"),
            place: text("place"),
            spot_note: text("spot_note"),
            matter: text("matter"),
            kind: text("kind"),
            text: text("text"),
            name: text("name"),
            phone: text("phone"),
            reach: text("reach"),
            hazard: form.on("hazard"),
            share_phone: form.on("share_phone"),
            publish: form.on("publish"),
            suggestion: text("suggestion"),
            photos,
        }
    }

    /// What was suggested, as the form carries it.
    pub(super) fn suggested(&self) -> Option<Suggestion> {
        let mut parts = self.suggestion.split('.');
        let (category, percent) = (parts.next()?.to_owned(), parts.next()?.parse().ok()?);
        let made_by = Source::parse(parts.next()?)?;
        let sound = category.len() == 4 && (0..=100).contains(&percent);
        sound.then_some(Suggestion { category, percent, made_by })
    }

    /// What makes two submissions the same.
    pub(super) fn content_hash(&self) -> Vec<u8> {
        let words = [
            &self.channel,
            &self.called_at,
            &self.place,
            &self.spot_note,
            &self.matter,
            &self.kind,
            &self.text,
            &self.name,
            &self.phone,
            &self.reach,
        ];
        let flags = [u8::from(self.hazard), u8::from(self.share_phone), u8::from(self.publish)];
        let photos = self.photos.iter().map(|photo| photo.key.as_str().as_bytes());
        keys::digest(words.into_iter().map(|word| word.as_bytes()).chain([flags.as_slice()]).chain(photos))
    }

    /// The report, when nothing is wrong with it; else every problem at once.
    pub(super) fn submission(&self, tx: &mut Tx, actor: &Actor) -> Result<Submission> {
        let mut wrong = Vec::new();
        let channel = CHANNELS.into_iter().find(|each| each.word() == self.channel);
        let channel = channel.ok_or_else(|| Error::invalid("channel", "请选择是来电、来访、走访还是巡查"));
        let channel = keep(&mut wrong, channel)?;
        let called_at = keep(&mut wrong, self.called_at(tx.now))?;
        let place = self.place(tx, actor);
        let place = keep(&mut wrong, place)?;
        let text = keep(&mut wrong, Note::parse("text", &self.text, "请写一下是什么事"))?;
        let phone = keep(&mut wrong, Phone::parse("phone", &self.phone))?;
        let sort = self.sort(tx);
        let sort = keep(&mut wrong, sort)?;
        for (field, words) in [("name", &self.name), ("spot_note", &self.spot_note)] {
            if words.chars().count() > 100 {
                wrong.push(Problem { field, message: "最多 100 字，请写短一些".into() });
            }
        }
        let notice: Notice = settings::at(tx, actor.community_id, tx.now)?;
        let (
            Some(channel),
            Some(called_at),
            Some(place),
            Some(text),
            Some(phone),
            Some((level1, category)),
            true,
        ) = (channel, called_at, place, text, phone, sort, wrong.is_empty())
        else {
            return Err(Error::Invalid(wrong));
        };
        Ok(Submission {
            id: Id::new(),
            channel,
            code: None,
            place,
            spot_note: self.spot_note.trim().to_owned(),
            level1,
            category,
            kind: Kind::parse(&self.kind),
            text,
            hazard: self.hazard,
            reach: Reach::parse(&self.reach),
            person: Person {
                name: Some(self.name.trim().to_owned()).filter(|name| !name.is_empty()),
                phone,
                device_hash: None,
                share_phone: self.share_phone,
                publish: self.publish,
            },
            photos: self.photos.clone(),
            notice_version: notice.version,
            called_at,
        })
    }

    fn called_at(&self, now: Time) -> Result<Option<Time>> {
        if self.called_at.is_empty() {
            return Ok(None);
        }
        let text = self.called_at.get(..16).unwrap_or(&self.called_at);
        let local = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M")
            .map_err(|_| Error::invalid("called_at", "时间请写成 2025-06-03T14:05 这样"))?;
        match clock::at_local(local) {
            at if at > now => Err(Error::invalid("called_at", "来电时间不能在将来")),
            at => Ok(Some(at)),
        }
    }

    fn place(&self, tx: &mut Tx, actor: &Actor) -> Result<Place> {
        if self.place.is_empty() {
            return Err(Error::invalid("place", "请选择地点"));
        }
        let mut found = places::search(tx, actor.community_id, &self.place)?;
        found.retain(|place| reaches(actor, place));
        if let Some(exact) = found.iter().find(|place| place.full_name == self.place) {
            return Ok(exact.clone());
        }
        match found.len() {
            1 => Ok(found.remove(0)),
            0 => Err(Error::invalid("place", "没有这个地点，请从列表里选一个，可以先输入楼号")),
            many => Err(Error::invalid("place", format!("有 {many} 个地点都像，请从列表里选准一个"))),
        }
    }

    /// Level 1 and, where it was chosen, level 2.
    fn sort(&self, tx: &mut Tx) -> Result<(String, Option<String>)> {
        let categories = routing::categories(tx)?;
        let level2 = categories.iter().find(|each| each.code == self.matter);
        if let Some(category) = level2 {
            return Ok((category.level1_code().to_owned(), Some(category.code.clone())));
        }
        let level1 = categories.iter().any(|each| each.level1_code() == self.matter);
        level1.then(|| (self.matter.clone(), None)).ok_or_else(|| Error::invalid("matter", "请选择分类"))
    }
}

/// Notes what is wrong and goes on; our own faults end it at once.
fn keep<T>(wrong: &mut Vec<Problem>, read: Result<T>) -> Result<Option<T>> {
    match read {
        Ok(value) => Ok(Some(value)),
        Err(Error::Invalid(problems)) => {
            wrong.extend(problems);
            Ok(None)
        }
        Err(err) => Err(err),
    }
}
