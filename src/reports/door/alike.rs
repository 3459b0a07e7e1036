//! 「像是同一件事？」: what at this door may be the matter that somebody is about to report.
//!
//! Answered from what the door shows to everybody, kept in memory with its page: the chosen tile, and the open matters of
//! the door and its building. The words that are typed choose a level 2, and are neither stored nor compared with the words
//! of others: whoever tries words here learns nothing that the door does not say by itself.
//!
//! The form asks to be asked (`ask`): whoever sends it without that field, such as a phone that comes back online at
//! night, is never asked and never loses a report. What endangers people is never asked about either.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Form, Path};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::Door;
use super::board::{MatterLine, WorkLine};
use crate::db::Tx;
use crate::error::Result;
use crate::neighbours::open::Matter;
use crate::reports::draft::Draft;
use crate::reports::pages::{Desk, cookie_hash, find};
use crate::reports::view::{Contact, KeptPhoto, Shell};
use crate::reports::weighing::{WEIGHED, Weighed};
use crate::routing::{self, suggest};
use crate::web::{PageError, client_address, html};
use crate::words::Look;

/// So many are shown, the likeliest first.
const SHOWN: usize = 3;

/// What the script shows below the words, while they are typed.
#[derive(Template)]
#[template(path = "reports/door_alike.html")]
struct Hint {
    shell: Shell,
    matters: Vec<MatterLine>,
    works: Vec<WorkLine>,
}

/// The question, for whoever sent a form without having seen what is alike. Everything sent goes along.
#[derive(Template)]
#[template(path = "reports/door_same.html")]
struct SamePage {
    shell: Shell,
    action: String,
    place: String,
    matters: Vec<MatterLine>,
    works: Vec<WorkLine>,
    /// The danger hint of the tile; may be empty.
    danger: String,
    alarms: Vec<Contact>,
    /// Every field as it was sent.
    carried: Vec<(String, String)>,
    /// That it was counted already.
    weighed: String,
    kept: Vec<KeptPhoto>,
    /// Which photos did not arrive, and why: this is the last page on which they can still be taken again.
    missing: Vec<String>,
    text: String,
}

/// What the script asks with.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub struct Typed {
    category: String,
    text: String,
}

/// `POST /q/{code}/alike`: a few lines of HTML, or nothing. A POST, so that words never stand in an address or a log.
pub async fn hint(
    req: HttpRequest,
    desk: Data<Desk>,
    code: Path<String>,
    look: Look,
    typed: Form<Typed>,
) -> Result<HttpResponse, PageError> {
    desk.taps.looks.one_more(client_address(&req, &desk.config), cookie_hash(&req, &desk).as_deref())?;
    let door = match find(&req, &desk, look, &code).await? {
        Ok(door) => door,
        Err(answer) => return Ok(answer),
    };
    let guess = guess(&desk, &typed.text).await?;
    let works = door.works.iter().filter(|each| each.work.concerns(&typed.category));
    let page = Hint {
        matters: likely(&door.matters, &typed.category, guess.as_ref())
            .map(|each| MatterLine::of(each, look))
            .collect(),
        works: works.map(|each| WorkLine::of(each, look)).collect(),
        shell: Shell { look, ..Shell::default() },
    };
    html(StatusCode::OK, &page)
}

/// A level-2 category that words hint at.
struct Guess {
    category: String,
    /// Whether it is to be made safe at once.
    endangers: bool,
}

async fn guess(desk: &Desk, text: &str) -> Result<Option<Guess>> {
    let text: String = text.chars().take(super::TEXT_LIMIT).collect();
    if text.trim().is_empty() {
        return Ok(None);
    }
    let read = move |tx: &mut Tx| {
        let Some(found) = suggest::guess(tx, &text)? else { return Ok(None) };
        let endangers = routing::category(tx, &found.category)?.make_safe_minutes.is_some();
        Ok(Some(Guess { category: found.category, endangers }))
    };
    desk.db.read(read).await
}

/// What may be the same: at this door all of the chosen tile; elsewhere in the building only what the words hint at. What
/// the words hint at comes first, then this door, then the latest.
fn likely<'a>(
    matters: &'a [Matter],
    level1: &str,
    guess: Option<&Guess>,
) -> impl Iterator<Item = &'a Matter> + use<'a> {
    let hinted = |matter: &Matter| match (&matter.category, guess) {
        (Some(category), Some(guess)) => *category == guess.category,
        _ => false,
    };
    let mut found: Vec<&Matter> = matters
        .iter()
        .filter(|matter| matter.level1 == level1)
        .filter(|matter| matter.place.is_empty() || hinted(matter))
        .collect();
    found.sort_by_key(|matter| (!hinted(matter), !matter.place.is_empty()));
    found.truncate(SHOWN);
    found.into_iter()
}

/// Fields of the question itself, which never go along.
const OWN: &[&str] = &["ask", "another", "join", "seen", "csrf", "kept", "removed", WEIGHED];

/// How the form wants to be asked.
pub struct Wish {
    ask: bool,
    another: bool,
    seen: Vec<String>,
    /// The matter that was chosen; may be empty.
    pub join: String,
    carried: Vec<(String, String)>,
}

impl Wish {
    /// Reads it from a form.
    pub fn of(form: &crate::web::form::Form) -> Wish {
        let carried = form.fields().filter(|(name, _)| !OWN.contains(&name.as_str()));
        Wish {
            ask: form.on("ask"),
            another: form.on("another"),
            seen: form.all("seen").map(str::to_owned).collect(),
            join: form.text("join").to_owned(),
            carried: carried.cloned().collect(),
        }
    }
}

impl Wish {
    /// Whether a form wants to be asked, should it be sound.
    pub fn may_ask(&self) -> bool {
        self.ask && !self.another
    }

    /// Whether a sound form wants to be asked.
    pub fn asks(&self, draft: &Draft) -> bool {
        self.may_ask() && draft.problems.is_empty()
    }
}

/// The page that asks whether it is the same, where something at the door may be. It carries what the form was weighed to
/// be, so that the answer is the same report and not another one.
pub async fn question(
    desk: &Desk,
    door: &Door,
    (draft, wish): (&Draft, &Wish),
    weighed: &Weighed,
    look: Look,
) -> Result<Option<HttpResponse>, PageError> {
    let guess = guess(desk, draft.text()).await?;
    if guess.as_ref().is_some_and(|guess| guess.endangers) {
        return Ok(None);
    }
    let found: Vec<&Matter> = likely(&door.matters, draft.category(), guess.as_ref()).collect();
    let unseen = |matter: &&&Matter| !wish.seen.contains(&matter.id.to_string());
    if found.iter().filter(unseen).count() == 0 {
        return Ok(None);
    }
    let form = draft.page(door, &desk.keys, draft.key.clone());
    let works = door.works.iter().filter(|each| each.work.concerns(draft.category()));
    let tile = form.tiles.iter().find(|tile| tile.checked);
    let page = SamePage {
        danger: tile.map(|tile| tile.danger.clone()).unwrap_or_default(),
        alarms: form.board.alarms.clone(),
        matters: found.into_iter().map(|each| MatterLine::of(each, look)).collect(),
        works: works.map(|each| WorkLine::of(each, look)).collect(),
        carried: wish.carried.clone(),
        weighed: weighed.carried(&desk.keys, door),
        kept: form.kept.into_iter().filter(|photo| !photo.removed).collect(),
        missing: draft.missing.clone(),
        text: draft.text().to_owned(),
        shell: Shell { title: look.lang.t("door-same").to_string(), here: String::new(), ..form.shell },
        action: form.action,
        place: form.place,
    };
    // Nothing was stored yet, and a script that sends the form must see that.
    html(StatusCode::CONFLICT, &page).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::{Id, Time};
    use crate::tickets::Plain;

    fn matter(level1: &str, category: Option<&str>, place: &str) -> Matter {
        Matter {
            id: Id::new(),
            level1: level1.into(),
            category: category.map(str::to_owned),
            tile: String::new(),
            label: String::new(),
            stage: Plain::Working,
            on_account: false,
            since: Time::from_micros(0),
            place: place.into(),
            neighbours: 0,
        }
    }

    #[test]
    fn what_the_words_hint_at_comes_first_and_another_unit_only_then() {
        let matters = [
            matter("01", None, ""),
            matter("01", Some("0101"), "1单元"),
            matter("01", Some("0102"), "1单元"),
            matter("04", Some("0401"), ""),
            matter("01", Some("0101"), ""),
        ];
        let ids = |guess: Option<&str>| -> Vec<Id> {
            let guess = guess.map(|category| Guess { category: category.into(), endangers: false });
            likely(&matters, "01", guess.as_ref()).map(|matter| matter.id).collect()
        };
        assert_eq!(ids(None), [matters[0].id, matters[4].id]);
        assert_eq!(ids(Some("0101")), [matters[4].id, matters[1].id, matters[0].id]);
        assert!(likely(&matters, "", None).next().is_none());
    }
}
