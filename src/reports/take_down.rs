//! 代录: what staff take down of a call, a visit or a walk, and the slip that the resident takes home.
//!
//! The same submission as a scan, by another channel, and as safe to send twice ([`super::once`]). A slip is printed
//! for what staff took down alone: its query code opens the resident's page.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Json, Path};
use askama::Template;
use chrono::NaiveDateTime;

use super::view::{Shell, SlipPage};
use super::{Key, door, fresh_key, once};
use crate::clock;
use crate::console::desk::{Desk, PHOTO_LIMIT};
use crate::console::view::Chrome;
use crate::db::{Id, Time, Tx};
use crate::error::{Error, Problem, Result};
use crate::people::{Actor, Scope};
use crate::photos::Photo;
use crate::places::{self, Place};
use crate::routing::suggest::{self, Source, Suggestion};
use crate::routing::{self, Category, Kind};
use crate::settings::{self, Notice};
use crate::tickets::sheet::{Sheet, sheet};
use crate::tickets::{self, Channel, Note, Person, Phone, Reach, Submission, Ticket};
use crate::web::form::Form;
use crate::web::{ApiError, PageError, html, see_other, status};
use crate::{keys, mask};

/// The ways of which staff take down.
const CHANNELS: [Channel; 4] = [Channel::Phone, Channel::WalkIn, Channel::Visit, Channel::Patrol];

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

#[derive(Template)]
#[template(path = "reports/take_down.html")]
struct TakeDownPage {
    chrome: Chrome,
    call: Call,
    kept: Vec<String>,
    problems: Vec<Problem>,
    sentence: String,
    places: Vec<Place>,
    categories: Vec<Category>,
    notice: Notice,
    /// Whether a suggestion was asked for, and what it was.
    asked: bool,
    suggested: Option<Suggestion>,
}

impl Call {
    fn read(form: &Form, photos: Vec<Photo>) -> Call {
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
    fn suggested(&self) -> Option<Suggestion> {
        let mut parts = self.suggestion.split('.');
        let (category, percent) = (parts.next()?.to_owned(), parts.next()?.parse().ok()?);
        let made_by = Source::parse(parts.next()?)?;
        let sound = category.len() == 4 && (0..=100).contains(&percent);
        sound.then_some(Suggestion { category, percent, made_by })
    }

    /// What makes two submissions the same.
    fn content_hash(&self) -> Vec<u8> {
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
    fn submission(&self, tx: &mut Tx, actor: &Actor) -> Result<Submission> {
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

/// Whether the actor would see a ticket at this place: who walks grids takes down what is in them.
fn reaches(actor: &Actor, place: &Place) -> bool {
    match actor.scope() {
        Scope::Community => true,
        Scope::Grids(grids) => place.grid_id.is_some_and(|grid| grids.contains(&grid)),
        Scope::Party(_) => false,
    }
}

/// Makes the ticket, once for each key.
fn submit(tx: &mut Tx, desk: &Desk, call: &Call) -> Result<Ticket> {
    let actor = desk.actor();
    let key = Key::parse(&call.key)?.ok_or_else(|| Error::invalid("form", "页面有些旧了，请再点一次提交"))?;
    let submission = call.submission(tx, actor)?;
    let community = places::community(tx, actor.community_id)?;
    once(tx, community.id, &[key], &call.content_hash(), |tx, id| {
        let ticket = tickets::submit(tx, &desk.keys, actor, &community, Submission { id, ..submission })?;
        if let (Some(suggested), Some(chosen)) = (call.suggested(), &ticket.category) {
            suggest::note_chosen(tx, (community.id, id), &suggested, chosen)?;
        }
        Ok(ticket)
    })
}

/// `POST /console/take-down/suggestion`: the same form, with the category that its words suggest. Nothing is submitted.
pub async fn suggestion(desk: Desk, mut form: Form) -> Result<HttpResponse, PageError> {
    let taken = desk.take_in(&mut form).await;
    let mut call = Call::read(&form, taken.photos);
    let fill = move |tx: &mut Tx, desk: &Desk| {
        let found = suggest::guess(tx, &call.text)?;
        if let Some(found) = &found {
            call.matter.clone_from(&found.category);
            call.suggestion = format!("{}.{}.{}", found.category, found.percent, found.made_by.word());
        }
        Ok(TakeDownPage { asked: true, suggested: found, ..page(tx, desk, call, taken.problem)? })
    };
    html(StatusCode::OK, &desk.read(fill).await?)
}

/// `GET /console/take-down`.
pub async fn form(desk: Desk) -> Result<HttpResponse, PageError> {
    let call = Call { key: fresh_key(), channel: Channel::Phone.word().to_owned(), ..Call::default() };
    let page = desk.read(move |tx, desk| page(tx, desk, call, None)).await?;
    html(StatusCode::OK, &page)
}

/// `POST /console/take-down`: the slip, or the form again.
pub async fn take_down(desk: Desk, mut form: Form) -> Result<HttpResponse, PageError> {
    let taken = desk.take_in(&mut form).await;
    let mut call = Call::read(&form, taken.photos);
    let sent = call.clone();
    let done = match taken.problem {
        Some(err) => Err(err),
        None => desk.write(move |tx, desk| submit(tx, desk, &sent)).await,
    };
    match done {
        Ok(ticket) => Ok(see_other(&format!("/console/tickets/{}/slip", ticket.id))),
        Err(err @ (Error::Invalid(_) | Error::Conflict(_) | Error::Unavailable(_))) => {
            if matches!(err, Error::Conflict(_)) || Key::parse(&call.key).ok().flatten().is_none() {
                call.key = fresh_key();
            }
            let code = status(&err);
            html(code, &desk.read(move |tx, desk| page(tx, desk, call, Some(err))).await?)
        }
        Err(err) => Err(PageError(err)),
    }
}

/// 代录 by a program: the same key with the same content gives the first ticket again.
#[utoipa::path(
    post, path = "/api/v1/tickets", tag = "tickets", request_body = Call,
    responses((status = 201, body = Sheet), (status = 403), (status = 409), (status = 422))
)]
pub async fn submit_json(desk: Desk, call: Json<Call>) -> Result<HttpResponse, ApiError> {
    let made = move |tx: &mut Tx, desk: &Desk| {
        let ticket = submit(tx, desk, &call)?;
        sheet(tx, &desk.keys, desk.actor(), ticket.id)
    };
    Ok(HttpResponse::Created().json(desk.write(made).await?))
}

fn page(tx: &mut Tx, desk: &Desk, call: Call, err: Option<Error>) -> Result<TakeDownPage> {
    let mut places = places::list(tx, desk.actor().community_id)?;
    places.retain(|place| reaches(desk.actor(), place));
    let kept = call.photos.iter().map(|photo| desk.hold(photo)).collect();
    let sentence = err.as_ref().map(Error::to_string).unwrap_or_default();
    let problems = if let Some(Error::Invalid(problems)) = err { problems } else { Vec::new() };
    Ok(TakeDownPage {
        chrome: desk.chrome(tx, "代录", "/console/take-down")?,
        categories: routing::categories(tx)?,
        notice: settings::at(tx, desk.actor().community_id, tx.now)?,
        call,
        kept,
        asked: false,
        suggested: None,
        problems,
        sentence,
        places,
    })
}

impl TakeDownPage {
    fn problem(&self, field: &str) -> Option<&str> {
        self.problems.iter().find(|problem| problem.field == field).map(|problem| problem.message.as_ref())
    }

    /// The categories of one level 1, for each level 1, with its two digits.
    fn groups(&self) -> Vec<(&str, &str, Vec<&Category>)> {
        let mut groups: Vec<(&str, &str, Vec<&Category>)> = Vec::new();
        for category in self.categories.iter().filter(|each| each.retired_at.is_none()) {
            match groups.last_mut() {
                Some((level1, _, list)) if *level1 == category.level1_code() => list.push(category),
                _ => groups.push((category.level1_code(), &category.level1, vec![category])),
            }
        }
        groups
    }

    fn channels(&self) -> [Channel; 4] {
        CHANNELS
    }
    fn kinds(&self) -> &'static [Kind] {
        Kind::ALL
    }
    fn reaches(&self) -> &'static [Reach] {
        Reach::ALL
    }
    fn photo_limit(&self) -> usize {
        PHOTO_LIMIT
    }
}

/// `GET /console/tickets/{id}/slip`: number and query code to take home, for what staff took down.
pub async fn slip(desk: Desk, id: Path<Id>) -> Result<HttpResponse, PageError> {
    let id = id.into_inner();
    let page = desk.read(move |tx, desk| slip_page(tx, desk, id)).await?;
    html(StatusCode::OK, &page)
}

fn slip_page(tx: &mut Tx, desk: &Desk, id: Id) -> Result<SlipPage> {
    let ticket = tickets::find(tx, desk.actor(), id)?;
    // A resident who scanned holds the secret; staff never make a second one for themselves.
    ticket.registered_by.ok_or(Error::NotFound)?;
    let community = places::community(tx, ticket.community_id)?;
    let sheet = sheet(tx, &desk.keys, desk.actor(), id)?;
    let filing = (desk.config.icp.clone(), desk.config.police.clone());
    let taken_by = sheet.events.first().map(|event| event.actor.clone()).unwrap_or_default();
    let host = desk.config.base_url.trim_start_matches("https://").trim_start_matches("http://");
    Ok(SlipPage {
        shell: Shell { title: format!("回执单 {}", ticket.number), ..door::shell(&community, &filing) },
        number: ticket.number,
        query_code: desk.keys.query_code(ticket.key_version, ticket.id),
        place: [sheet.place, sheet.spot_note]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join("，"),
        matter: sheet.category_name.unwrap_or(sheet.level1_name),
        text: mask::text(&ticket.text),
        held_by: sheet.lead,
        until: match sheet.caveat.as_str() {
            "" => ticket.due_at.long(),
            caveat => format!("{}（{caveat}）", ticket.due_at.long()),
        },
        taken_by,
        taken_at: ticket.submitted_at.long(),
        lookup_address: format!("{host}/t"),
        back_url: format!("/console/tickets/{id}"),
    })
}
