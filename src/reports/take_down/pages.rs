//! The page of 代录: the form, the form again, and the category that its words suggest.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;

use super::{CHANNELS, Call, reaches, submit};
use crate::console::desk::{Desk, PHOTO_LIMIT};
use crate::console::view::Chrome;
use crate::db::Tx;
use crate::error::{Error, Problem, Result};
use crate::places::{self, Place};
use crate::reports::{Key, fresh_key};
use crate::routing::suggest::{self, Suggestion};
use crate::routing::{self, Category, Kind};
use crate::settings::{self, Notice};
use crate::tickets::{Channel, Reach};
use crate::web::form::Form;
use crate::web::{PageError, html, see_other, status};

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
