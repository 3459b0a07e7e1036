//! One ticket: everything about it, and every step and act that whoever looks may take now.
//!
//! Which forms are shown is read from the tables of [`crate::tickets::status`]. A form that was refused is shown
//! again with the reason and everything that was typed.

use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};
use actix_web::web::{Path, Query};
use askama::Template;

use super::outside::{self, Invited};
use super::{Answer, Clock};
use crate::calendar::Reckoning;
use crate::clock::words;
use crate::console::desk::{Desk, PHOTO_LIMIT};
use crate::console::view::Chrome;
use crate::db::{Id, Time, Tx};
use crate::error::{Error, Result};
use crate::mask;
use crate::photos::{Photo, Size};
use crate::routing::{self, Category, Kind, Party, Why};
use crate::tickets::acts::{self, Contact, Revealed};
use crate::tickets::asks::handing::Cause;
use crate::tickets::asks::{Ask, Reveal};
use crate::tickets::handing::Holding;
use crate::tickets::requests::{Request, Wish};
use crate::tickets::sheet::{Linked, Sheet, sheet};
use crate::tickets::steps::{self, Office};
use crate::tickets::suggestion::{self, Suggested};
use crate::tickets::urging::{Pressure, Urging};
use crate::tickets::{
    Act, Audience, Event, Ladder, Level, Outcome, Reason, Satisfaction, Stage, Step, find, photos_for, timers,
};
use crate::web::form::Form;
use crate::web::{PageError, html, see_other, status};

#[derive(Template)]
#[template(path = "tickets/pages/ticket.html")]
pub(super) struct TicketPage {
    chrome: Chrome,
    now: Time,
    sheet: Sheet,
    clocks: Vec<Clock>,
    categories: Vec<Category>,
    parties: Vec<Party>,
    rework_days: i32,
    /// Of a ticket that came back: when it climbs.
    climbs_at: Option<Time>,
    again: Again,
    revealed: Option<Revealed>,
    suggested: Option<Suggested>,
    /// Why routing chose the lead, the last time it did.
    why: Option<Why>,
    pub(super) invited: Option<Invited>,
}

/// A form that was refused: which, why, and what was typed.
#[derive(Default)]
pub(super) struct Again {
    pub(super) noun: &'static str,
    pub(super) form: Form,
    /// Photos that have already arrived, as hidden fields carry them.
    pub(super) kept: Vec<String>,
    pub(super) problems: Vec<(&'static str, String)>,
    pub(super) sentence: String,
}

/// With what the page begins.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub struct Begun {
    /// The link whose report the closing form takes over.
    closing: String,
}

/// `GET /console/tickets/{id}`.
pub async fn show(desk: Desk, id: Path<Id>, begun: Query<Begun>) -> Answer {
    let (id, link) = (id.into_inner(), begun.closing.parse().ok().map(Id));
    let fill = move |tx: &mut Tx, desk: &Desk| {
        let again = link.map_or(Ok(Again::default()), |link| outside::closing(tx, desk, id, link))?;
        page(tx, desk, id, again)
    };
    let page = desk.read(fill).await?;
    if let Some(suggested) = &page.suggested {
        suggestion::shown(&desk, id, suggested);
    }
    html(StatusCode::OK, &page)
}

/// `POST /console/tickets/{id}/…`: one step or act. Afterwards the ticket, or the form again.
pub async fn act<A: Ask>(desk: Desk, id: Path<Id>, mut form: Form) -> Answer {
    let id = id.into_inner();
    let taken = desk.take_in(&mut form).await;
    let done = match (taken.problem, A::read(&form, taken.photos.clone())) {
        (Some(err), _) | (None, Err(err)) => Err(err),
        (None, Ok(ask)) => desk.write(move |tx, desk| ask.run(tx, &desk.keys, desk.actor(), id)).await,
    };
    match done {
        Ok(ticket) => Ok(see_other(&after(&desk, ticket.id).await)),
        Err(err) => again(desk, id, (A::NOUN, form, taken.photos), err).await,
    }
}

/// `POST /console/tickets/{id}/reveals`: phone and name, on this one page.
pub async fn reveal(desk: Desk, id: Path<Id>, form: Form) -> Answer {
    let id = id.into_inner();
    let ask = Reveal { reason: form.text("reason").to_owned() };
    let done = match ask.reason() {
        Ok(reason) => {
            desk.write(move |tx, desk| acts::reveal(tx, &desk.keys, desk.actor(), id, &reason)).await
        }
        Err(err) => Err(err),
    };
    match done {
        Ok(revealed) => {
            let shown = move |tx: &mut Tx, desk: &Desk| {
                Ok(TicketPage { revealed: Some(revealed), ..page(tx, desk, id, Again::default())? })
            };
            html(StatusCode::OK, &desk.read(shown).await?)
        }
        Err(err) => again(desk, id, (Reveal::NOUN, form, Vec::new()), err).await,
    }
}

/// Which size of a photo.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub struct Sized {
    size: String,
}

/// `GET /console/tickets/{id}/photos/{seq}`: a photo of a ticket that one may see; never kept by anyone between.
#[utoipa::path(
    get, path = "/api/v1/tickets/{id}/photos/{seq}", tag = "tickets",
    params(("id" = Id, Path), ("seq" = i32, Path), ("size" = Option<String>, Query, description = "thumb or full")),
    responses((status = 200, content_type = "image/jpeg"), (status = 404))
)]
pub async fn photo(desk: Desk, path: Path<(Id, i32)>, sized: Query<Sized>) -> Answer {
    let (id, seq) = path.into_inner();
    let row = desk.read(move |tx, desk| {
        let ticket = find(tx, desk.actor(), id)?;
        let mut seen = photos_for(tx, desk.actor(), &ticket)?.into_iter();
        seen.find(|photo| photo.seq == seq).ok_or(Error::NotFound)
    });
    let size = if sized.size == "thumb" { Size::Thumb } else { Size::Full };
    let bytes = desk.photos.open_photo(&row.await?.photo, size).await?;
    let private = (header::CACHE_CONTROL, "private, no-store");
    Ok(HttpResponse::Ok().content_type("image/jpeg").insert_header(private).body(bytes))
}

/// Back to the ticket, or to the inbox where it is no longer in view: a party that gave it back sees it no more.
async fn after(desk: &Desk, id: Id) -> String {
    match desk.read(move |tx, desk| find(tx, desk.actor(), id)).await {
        Ok(ticket) => format!("/console/tickets/{}", ticket.id),
        Err(_) => "/console".to_owned(),
    }
}

pub(super) async fn again(
    desk: Desk,
    id: Id,
    (noun, form, photos): (&'static str, Form, Vec<Photo>),
    err: Error,
) -> Answer {
    let problems = match &err {
        Error::Invalid(problems) => {
            problems.iter().map(|problem| (problem.field, problem.message.to_string())).collect()
        }
        Error::Conflict(_) | Error::Unavailable(_) => Vec::new(),
        _ => return Err(PageError(err)),
    };
    let (code, sentence) = (status(&err), err.to_string());
    let kept = photos.iter().map(|photo| desk.hold(photo)).collect();
    let again = Again { noun, form, kept, problems, sentence };
    html(code, &desk.read(move |tx, desk| page(tx, desk, id, again)).await?)
}

pub(super) fn page(tx: &mut Tx, desk: &Desk, id: Id, again: Again) -> Result<TicketPage> {
    let sheet = sheet(tx, &desk.keys, desk.actor(), id)?;
    let ticket = find(tx, desk.actor(), id)?;
    let chrome = desk.chrome(tx, &sheet.number, "/console/tickets")?;
    let parties = routing::parties(tx, desk.actor().community_id)?;
    let way = Reckoning::of(tx, desk.actor().community_id, &sheet.rules_version, sheet.submitted_at)?;
    Ok(TicketPage {
        now: tx.now,
        clocks: clocks(&sheet, tx.now, &way),
        categories: routing::categories(tx)?,
        parties: parties.into_iter().filter(|party| party.disabled_at.is_none()).collect(),
        rework_days: steps::windows(tx, &ticket)?.rework_days,
        climbs_at: timers::climbs_at(tx, &ticket)?,
        revealed: None,
        suggested: suggestion::suggestion(tx, desk.actor().community_id, &sheet)?,
        why: why(&sheet),
        invited: None,
        chrome,
        sheet,
        again,
    })
}

/// What routing told the last event that it decided.
fn why(sheet: &Sheet) -> Option<Why> {
    sheet.events.iter().rev().find_map(|event| {
        let data: serde_json::Value = serde_json::from_str(&event.data).ok()?;
        serde_json::from_value(data.get("routing")?.clone()).ok()
    })
}

/// The limits that still run, in the order in which they come.
fn clocks(sheet: &Sheet, now: Time, way: &Reckoning) -> Vec<Clock> {
    let until = |label, due| Clock::until(label, (sheet.submitted_at, due), now, way);
    let safe = sheet.make_safe_due.filter(|_| sheet.safe_at.is_none()).map(|due| until("先排险", due));
    let Some(due) = sheet.open_due_at else {
        // A danger does not rest on account.
        return safe.filter(|_| sheet.suspended_at.is_some()).into_iter().collect();
    };
    let contact = sheet.first_contact_at.is_none().then(|| until("首次联系", sheet.first_contact_due));
    contact.into_iter().chain(safe).chain([until("办结", due)]).collect()
}

impl TicketPage {
    /// What was typed into a field of a form that was refused.
    fn was(&self, noun: &str, field: &str) -> &str {
        if self.again.noun == noun { self.again.form.text(field) } else { "" }
    }

    /// Whether a choice of a form was made before.
    fn chose(&self, noun: &str, field: &str, word: &str) -> bool {
        self.was(noun, field) == word
    }

    /// What is wrong with a field of a form.
    fn problem(&self, noun: &str, field: &str) -> Option<&str> {
        let mine = self.again.noun == noun;
        let found = self.again.problems.iter().find(|(each, _)| mine && *each == field);
        found.map(|(_, message)| message.as_str())
    }

    /// What is wrong with a form as a whole, or with something that is no field of it.
    fn refused(&self, noun: &str) -> Option<&str> {
        (self.again.noun == noun && !self.again.sentence.is_empty()).then_some(self.again.sentence.as_str())
    }

    /// The level to which it went up, while it is overdue.
    fn risen(&self) -> Option<Ladder> {
        self.sheet.escalated.filter(|_| self.clocks.last().is_some_and(|clock| clock.class == "late"))
    }

    /// Whether the deadline has passed.
    fn late(&self) -> bool {
        self.sheet.open_due_at.is_some_and(|due| due <= self.now)
    }

    /// Whether a form is open because it was refused.
    fn open(&self, noun: &str) -> bool {
        self.again.noun == noun
    }

    /// Whether a form is open because it was refused, or is the first step where none was.
    fn first_open(&self, noun: &str, step: &Step) -> bool {
        let idle = self.again.noun.is_empty();
        self.open(noun) || (idle && self.sheet.steps.first() == Some(step))
    }

    /// Whether the person says which tickets belong together.
    fn triages(&self) -> bool {
        self.sheet.acts.contains(&Act::Propose)
    }

    /// Whether the category is to be set first.
    fn category_open(&self) -> bool {
        self.open("category") || (self.again.noun.is_empty() && self.sheet.category.is_none())
    }

    /// Whether the person belongs to whoever leads.
    fn leads(&self) -> bool {
        !self.sheet.steps.contains(&Step::Transfer)
    }

    fn may_decide(&self) -> bool {
        self.sheet.acts.contains(&Act::Decline)
    }

    fn until_label(&self, request: &Request) -> &'static str {
        match request.kind {
            Wish::Extension => "延到",
            Wish::Suspension => "复核",
        }
    }

    /// The last time a leader pressed, while it is not done.
    fn urged(&self) -> Option<&Urging> {
        let urge = |each: &&Urging| each.kind == Pressure::Urge;
        self.sheet.urges.iter().rfind(urge).filter(|_| self.sheet.open_due_at.is_some())
    }

    fn nudges(&self) -> usize {
        self.sheet.urges.iter().filter(|each| each.kind == Pressure::Nudge).count()
    }

    /// How long a party had it.
    fn lasted(&self, held: &Holding) -> String {
        let until = held.until_at.unwrap_or(self.now);
        words((until.0 - held.from_at.0).num_minutes())
    }

    /// By which step it ended.
    fn ended(&self, held: &Holding) -> String {
        let step = held.ended_by.as_deref().and_then(Step::parse);
        step.map(|step| format!("（{}）", step.label())).unwrap_or_default()
    }

    fn offices(&self) -> &'static [Office] {
        Office::ALL
    }

    fn may_reveal(&self) -> bool {
        self.may(Act::Reveal)
    }

    fn may(&self, act: Act) -> bool {
        self.sheet.acts.contains(&act)
    }

    /// The links to choose from: those that still open, or those that were reported done.
    fn pickable(&self, live: bool) -> Vec<&Linked> {
        let fits = |each: &&Linked| if live { each.live } else { each.link.done_at.is_some() };
        self.sheet.links.iter().filter(fits).collect()
    }

    /// Whether there is anything to show of people outside.
    fn outside(&self) -> bool {
        // Those who could send a link are told why a 举报 has none.
        let secret = self.sheet.kind == Kind::TipOff && self.may(Act::Support);
        !self.sheet.links.is_empty() || self.may(Act::Invite) || secret
    }

    /// What somebody outside would read, as typed or as reported.
    fn words_for_outside(&self) -> String {
        let words = if self.open("links") { self.was("links", "text") } else { &self.sheet.text };
        mask::outward(words)
    }

    /// Who was reminded by an event.
    fn reminded(&self, event: &Event) -> String {
        let names = self.sheet.reminded.iter().filter(|each| each.seq == event.seq);
        names.map(|each| each.name.as_str()).collect::<Vec<_>>().join("、")
    }

    fn is(&self, event: &Event, audience: Audience) -> bool {
        event.audience == audience
    }

    /// The categories of one level 1, for each level 1.
    fn groups(&self) -> Vec<(&str, Vec<&Category>)> {
        let mut groups: Vec<(&str, Vec<&Category>)> = Vec::new();
        for category in self.categories.iter().filter(|each| each.retired_at.is_none()) {
            match groups.last_mut() {
                Some((level1, list)) if *level1 == category.level1 => list.push(category),
                _ => groups.push((&category.level1, vec![category])),
            }
        }
        groups
    }

    /// The category to show as chosen: as typed, else as it is.
    fn category_now(&self) -> &str {
        match self.was("category", "category") {
            "" => self.sheet.category.as_deref().unwrap_or_default(),
            typed => typed,
        }
    }

    fn kind_now(&self) -> &str {
        match self.was("category", "kind") {
            "" => self.sheet.kind.word(),
            typed => typed,
        }
    }

    fn party_now(&self, noun: &str) -> String {
        match self.was(noun, "party_id") {
            "" => self.sheet.lead_id.to_string(),
            typed => typed.to_owned(),
        }
    }

    fn yes_no(&self, answer: &Option<bool>) -> &'static str {
        match answer {
            Some(true) => "是",
            Some(false) => "否",
            None => "—",
        }
    }

    fn kinds(&self) -> &'static [Kind] {
        Kind::ALL
    }
    fn outcomes(&self) -> &'static [Outcome] {
        // A merged, withdrawn or passed-on ticket ends by its own step.
        &[Outcome::Solved, Outcome::Explained, Outcome::NotYet, Outcome::Duplicate, Outcome::Invalid]
    }
    fn levels(&self) -> &'static [Level] {
        Level::ALL
    }
    fn causes(&self) -> &'static [Cause] {
        Cause::ALL
    }
    fn contacts(&self) -> &'static [Contact] {
        Contact::ALL
    }
    fn satisfactions(&self) -> &'static [Satisfaction] {
        Satisfaction::ALL
    }
    fn reasons(&self) -> &'static [Reason] {
        Reason::ALL
    }
    fn work_stages(&self) -> [Stage; 2] {
        [Stage::Work, Stage::After]
    }
    fn photo_limit(&self) -> usize {
        PHOTO_LIMIT
    }

    /// What the button of a step says.
    fn button(&self, step: &Step) -> &'static str {
        match step {
            Step::Accept => "受理这件诉求",
            Step::Take if !self.leads() => "替承办单位接单",
            Step::Take => "接单，由我们主办",
            Step::Archive => "不再等评价，归档",
            other => other.label(),
        }
    }
}
