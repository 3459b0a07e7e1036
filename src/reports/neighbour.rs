//! The page of somebody who met a matter that a neighbour reported: how far it is, what they want to add, their own
//! answers at the end. Everything under `/m`.
//!
//! Whoever has the address is that neighbour. They read how far it is and nothing of the report: no words, number, names
//! or photos; the result in words only where its reporter agreed that it may be published.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Form, Path, Query};
use askama::Template;

use super::answers::{self, Sent};
use super::data;
use super::door::board::Danger;
use super::door::shell;
use super::faults;
use super::follow::{self, PhotoView};
use super::notice::notice_url;
use super::pages::{Desk, send_photo};
use super::view::{FieldProblem, Gone, GonePage, Photo, Questions, Shell, lost, offered, step_classes};
use crate::db::{Tx, now};
use crate::error::{Error, Result};
use crate::mask;
use crate::neighbours::{self, Neighbour, own};
use crate::places;
use crate::routing::{self, Kind};
use crate::tickets::{self, Note, Phone, Plain, Ticket, voices};
use crate::web::{self, PageError, see_other};
use crate::words::{Lang, Look};

#[derive(Template, Default)]
#[template(path = "reports/neighbour.html")]
struct Page {
    shell: Shell,
    path: String,
    /// What to do first, as long as it is not done.
    danger: Danger,
    /// They have just joined: they stand at the spot.
    received: bool,
    /// What was just done; may be empty.
    done: String,
    errors: Vec<FieldProblem>,
    label: String,
    place: String,
    headline: String,
    since: String,
    steps: Vec<(&'static str, String)>,
    /// In words, where its reporter agreed; may be empty.
    result: String,
    open: bool,
    withdrawn: bool,
    phone: String,
    text: String,
    /// What they said instead of writing: addresses.
    voices: Vec<String>,
    /// What they brought to be seen.
    photos: Vec<Photo>,
    /// The version of the notice that they joined under, and where it stays readable.
    notice: (String, String),
    typed_phone: String,
    typed_text: String,
    /// What was typed into a form that the page has no more; else empty.
    lost: String,
    /// The three questions, where they may answer.
    questions: Option<Questions>,
    answered: Vec<String>,
}

impl Page {
    fn at(&self, tail: &str) -> String {
        self.shell.to(&format!("{}{tail}", self.path))
    }

    /// The step that large print shows first: what has to be mended, else how things stand.
    fn first(&self) -> &str {
        self.errors.first().map_or("main", |problem| problem.step_among(&self.places()))
    }

    /// The steps that the page has now.
    fn places(&self) -> Vec<&'static str> {
        let (answers, adds) = (self.questions.is_some(), self.adds());
        offered([
            ("main", true),
            ("contacted", answers),
            ("solved", answers),
            ("satisfied", answers),
            ("comment", answers),
            ("phone", adds),
            ("text", adds),
            ("withdrawal", adds),
        ])
    }

    /// Whether something can be added, and taken back.
    fn adds(&self) -> bool {
        self.open && !self.withdrawn
    }

    /// The classes of a part of the page.
    fn step(&self, names: &str) -> String {
        step_classes(names, self.first())
    }

    fn error(&self, field: &str) -> Option<&str> {
        self.errors.iter().find(|problem| problem.field == field).map(|problem| problem.message.as_str())
    }
}

/// What the address says beside its secret.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub struct View {
    joined: Option<String>,
    /// `left`: some photos were not taken.
    photos: Option<String>,
    done: Option<String>,
}

/// `GET /m/{secret}`.
pub async fn show(
    desk: Data<Desk>,
    secret: Path<String>,
    view: Query<View>,
    look: Look,
) -> Result<HttpResponse, PageError> {
    page(&desk, (&secret, look), &view, StatusCode::OK, |_| ()).await
}

async fn page(
    desk: &Desk,
    (secret, look): (&str, Look),
    view: &View,
    status: StatusCode,
    change: impl FnOnce(&mut Page),
) -> Result<HttpResponse, PageError> {
    let (keys, filing) = (desk.keys.clone(), (desk.config.icp.clone(), desk.config.police.clone()));
    let wanted = secret.to_owned();
    let filled = desk.db.read(move |tx| {
        let neighbour = neighbours::find_by_secret(tx, &keys, &wanted)?;
        fill(tx, &neighbour, look, &filing)
    });
    let mut page = match filled.await {
        Ok(page) => page,
        Err(Error::NotFound) => return gone(desk, (secret, look)).await,
        Err(err) => return Err(err.into()),
    };
    page.path = format!("/m/{secret}");
    page.photos.iter_mut().for_each(|photo| {
        photo.url = format!("/m/{secret}/photos/{}", photo.url);
        photo.thumb = format!("{}?size=thumb", photo.url);
    });
    page.voices.iter_mut().for_each(|seq| *seq = format!("/m/{secret}/voices/{seq}"));
    page.shell.look = look;
    page.shell.here.clone_from(&page.path);
    page.received = view.joined.is_some();
    page.done = match (view.joined.is_some(), view.done.as_deref()) {
        (true, _) if view.photos.is_some() => {
            format!("{} {}", look.lang.t("neighbour-joined"), look.lang.t("neighbour-photos-left"))
        }
        (true, _) => look.lang.t("neighbour-joined").to_string(),
        (_, Some("told")) => look.lang.t("neighbour-told").to_string(),
        (_, Some("answer")) => look.lang.t("answer-noted").to_string(),
        _ => String::new(),
    };
    change(&mut page);
    web::html(status, &page)
}

pub(super) async fn gone(desk: &Desk, (secret, look): (&str, Look)) -> Result<HttpResponse, PageError> {
    let kind = Gone::UnknownTicket;
    let (title, here) = (look.lang.t(kind.title()).to_string(), format!("/m/{secret}"));
    let shell = Shell { title, look, ..faults::shell(desk, &here).await };
    let shell = Shell { here, ..shell };
    let page = GonePage { shell, kind, place: String::new(), way_on_url: look.to("/t") };
    web::html(StatusCode::NOT_FOUND, &page)
}

fn fill(tx: &mut Tx, neighbour: &Neighbour, look: Look, filing: &(String, String)) -> Result<Page> {
    let (ticket, lang) = (neighbours::followed(tx, neighbour)?, look.lang);
    // What they joined, as the door showed it: what it was merged into may be somebody else's matter.
    let joined = tickets::find_own(tx, neighbour.community_id, neighbour.ticket_id)?;
    let community = places::community(tx, joined.community_id)?;
    let place = places::find(tx, joined.community_id, joined.place_id)?;
    let tiles = routing::tiles(&routing::categories(tx)?);
    let tile = tiles.into_iter().find(|tile| tile.code == joined.level1);
    let tile = tile.map(|tile| tile.name).unwrap_or_default();
    let label = match &joined.category {
        // What became a tip-off meanwhile is called as it was at the door.
        Some(code) if joined.kind != Kind::TipOff => {
            lang.category(&routing::category(tx, code)?.level2, &tile)
        }
        _ => lang.sentence(&tile),
    };
    let may_answer = neighbours::may_answer(tx, neighbour, &ticket)?;
    let spoken = voices::of_neighbour(tx, &joined, neighbour.id)?;
    let closed = !ticket.status.clock_runs() && !ticket.status.ended_early();
    let since = lang.t("neighbour-since").with("since", lang.moment(ticket.submitted_at));
    Ok(Page {
        shell: Shell { title: format!("{label} · {}", place.full_name), ..shell(&community, filing) },
        danger: follow::danger(tx, &community, &ticket, look)?,
        place: place.full_name,
        headline: lang.t(headline(&ticket)).to_string(),
        since: since.with("joined", lang.moment(neighbour.at)).to_string(),
        steps: steps(&ticket, lang),
        result: if closed && ticket.publish { ticket.result_text.outward() } else { String::new() },
        open: ticket.status.clock_runs(),
        withdrawn: neighbour.withdrawn_at.is_some(),
        phone: neighbour.phone_masked.clone().unwrap_or_default(),
        text: mask::text(&neighbour.text),
        photos: own::photos(tx, neighbour)?
            .iter()
            .map(|photo| Photo { url: photo.seq.to_string(), thumb: String::new() })
            .collect(),
        voices: spoken.iter().map(|voice| voice.seq.to_string()).collect(),
        notice: (neighbour.notice_version.clone(), notice_url(&community, &neighbour.notice_version)),
        questions: may_answer.then(|| answers::questions(lang)),
        answered: if may_answer { Vec::new() } else { answered(neighbour, lang) },
        label,
        ..Page::default()
    })
}

/// The key of how far the matter is.
pub(super) fn headline(ticket: &Ticket) -> &'static str {
    match (ticket.status.plain(), ticket.suspended_at) {
        (Plain::Done, _) if ticket.status.ended_early() => "neighbour-ended",
        (Plain::Done, _) => "neighbour-done",
        (_, Some(_)) => "door-state-account",
        (Plain::Submitted, _) => "door-state-submitted",
        (Plain::Accepted, _) => "door-state-accepted",
        (Plain::Working, _) => "door-state-working",
    }
}

/// The four plain steps: how far, and the name.
fn steps(ticket: &Ticket, lang: Lang) -> Vec<(&'static str, String)> {
    let now = ticket.status.plain();
    let step = |each: &Plain| {
        let class = match () {
            () if *each < now || *each == Plain::Done && now == Plain::Done => "done",
            () if *each == now => "now",
            () => "ahead",
        };
        (class, lang.sentence(each.label()))
    };
    if ticket.status.ended_early() { Vec::new() } else { Plain::ALL.iter().map(step).collect() }
}

fn answered(neighbour: &Neighbour, lang: Lang) -> Vec<String> {
    let chosen = (neighbour.contacted, neighbour.solved, neighbour.satisfied);
    answers::answered(lang, chosen, &mask::text(&neighbour.comment))
}

/// What a neighbour adds.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(default)]
pub struct Told {
    phone: String,
    text: String,
}

impl Told {
    fn read(&self) -> Result<(Option<Phone>, Option<Note>)> {
        let text = match self.text.trim() {
            "" => None,
            text => Some(Note::parse("text", text, "")?),
        };
        Ok((Phone::parse("phone", &self.phone)?, text))
    }
}

/// `POST /m/{secret}`: a phone, a word.
pub async fn tell(
    desk: Data<Desk>,
    secret: Path<String>,
    look: Look,
    told: Form<Told>,
) -> Result<HttpResponse, PageError> {
    let (keys, wanted, read) = (desk.keys.clone(), secret.clone(), told.read());
    let done = desk.db.write(move |tx| {
        let neighbour = neighbours::find_by_secret(tx, &keys, &wanted)?;
        let (phone, text) = read?;
        neighbours::tell(tx, &keys, &neighbour, (phone.as_ref(), text.as_ref()))
    });
    let told = told.into_inner();
    finish(&desk, (&secret, look), ("told", "phone"), done.await.map(drop), |page| {
        page.lost = lost(&[(page.adds(), told.phone.as_str()), (page.adds(), told.text.as_str())]);
        page.typed_phone = told.phone;
        page.typed_text = told.text;
    })
    .await
}

/// `POST /m/{secret}/answer`: the three questions, for themselves.
pub async fn answer(
    desk: Data<Desk>,
    secret: Path<String>,
    look: Look,
    form: Form<Sent>,
) -> Result<HttpResponse, PageError> {
    let (keys, wanted, read) = (desk.keys.clone(), secret.clone(), form.read());
    let done = desk.db.write(move |tx| {
        let neighbour = neighbours::find_by_secret(tx, &keys, &wanted)?;
        neighbours::answer(tx, &neighbour, &read?)
    });
    let typed = form.into_inner();
    finish(&desk, (&secret, look), ("answer", "contacted"), done.await, |page| match &mut page.questions {
        Some(questions) => typed.fill(questions),
        None => page.lost = typed.comment,
    })
    .await
}

/// `GET /m/{secret}/photos/{seq}`: for the neighbour who brought it.
pub async fn photo(
    desk: Data<Desk>,
    path: Path<(String, i32)>,
    view: Query<PhotoView>,
) -> Result<HttpResponse, PageError> {
    let (keys, (secret, seq)) = (desk.keys.clone(), path.into_inner());
    let found = desk.db.read(move |tx| {
        let neighbour = neighbours::find_by_secret(tx, &keys, &secret)?;
        let mut brought = own::photos(tx, &neighbour)?.into_iter();
        brought.find(|photo| photo.seq == seq).ok_or(Error::NotFound)
    });
    send_photo(&desk.photos, &found.await?.photo, view.size()).await
}

/// `POST /m/{secret}/withdrawal`: it was a slip of the finger.
pub async fn withdraw(desk: Data<Desk>, secret: Path<String>, look: Look) -> Result<HttpResponse, PageError> {
    let (keys, wanted) = (desk.keys.clone(), secret.clone());
    let begun = now();
    let done = desk.db.write(move |tx| {
        let neighbour = neighbours::find_by_secret(tx, &keys, &wanted)?;
        neighbours::withdraw(tx, &neighbour)
    });
    let done = match done.await {
        Ok(photos) => {
            data::remove(&desk, &photos, begun).await;
            Ok(())
        }
        Err(err) => Err(err),
    };
    finish(&desk, (&secret, look), ("withdrawn", "phone"), done, |_| ()).await
}

/// Back to the page, or the page with its sentence and what was typed.
async fn finish(
    desk: &Desk,
    (secret, look): (&str, Look),
    (word, field): (&str, &'static str),
    done: Result<()>,
    typed: impl FnOnce(&mut Page),
) -> Result<HttpResponse, PageError> {
    let err = match done {
        Ok(()) => return Ok(see_other(&look.to(&format!("/m/{secret}?done={word}")))),
        Err(Error::NotFound) => return gone(desk, (secret, look)).await,
        Err(err) => err,
    };
    web::log_fault(&err);
    let errors = FieldProblem::all(&err, field, look.lang);
    let status = web::status(&err);
    page(desk, (secret, look), &View::default(), status, |page| {
        page.errors = errors;
        typed(page);
    })
    .await
}
