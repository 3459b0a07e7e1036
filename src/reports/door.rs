//! What a scanned code leads to, made ready once and kept for a few seconds.
//!
//! The page is the same for everybody who scans the code: it carries no key and nobody's data, and is compressed when
//! it is made, not when it is sent.

pub mod alike;
pub mod board;
pub mod join;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use actix_web::web::Bytes;
use askama::Template;
use moka::sync::Cache;

use self::board::Board;
use super::closed::{self, Solved};
use super::notice::notice_url;
use super::proof;
use super::view::{Contact, FormPage, Notice, Shell, Tile};
use crate::assets;
use crate::codes::code::Code;
use crate::codes::registry::{self, CodeState, IssuedCode};
use crate::config::Config;
use crate::db::{Db, Tx};
use crate::error::{Error, Result};
use crate::kept;
use crate::keys::Keys;
use crate::neighbours::open::{self, Matter};
use crate::places::{self, Community, Place};
use crate::routing;
use crate::settings;
use crate::words::Look;
use crate::works::{self, Listed};

/// Characters that a report may have.
pub const TEXT_LIMIT: usize = 2000;
/// How long a door is kept: a new phone or category shows after this. A code that is stopped or replaced is so at once in
/// this program ([`kept`]), and after this in others on the same database.
const KEPT: Duration = Duration::from_secs(kept::SECONDS);

/// A code with everything behind it.
pub struct Door {
    /// The code as it was given out.
    pub code: IssuedCode,
    /// Where it hangs.
    pub place: Place,
    /// Who answers for it.
    pub community: Community,
    /// What residents choose from.
    pub tiles: Vec<routing::Tile>,
    /// The privacy notice in force.
    pub notice: settings::Notice,
    /// What is being handled here, as far as everybody may know.
    pub matters: Vec<Matter>,
    /// What is planned here or under way.
    pub works: Vec<Listed>,
    /// The phone of the grid; may be empty.
    pub grid_phone: String,
    /// What was solved here lately.
    solved: Vec<Solved>,
    /// One for each look, made when it is first asked for: a door that nobody opens in English costs nothing.
    ready: [OnceLock<Ready>; Look::COUNT],
    /// From how many reports on one is held.
    pub flood: settings::Flood,
    stamp: String,
    filing: (String, String),
}

/// The ready-made page in one language and print size.
#[derive(Clone)]
struct Ready {
    html: Bytes,
    gzip: Bytes,
}

/// The doors that were opened lately.
pub struct Doors(Cache<Code, Arc<Door>>);

impl Default for Doors {
    fn default() -> Doors {
        Doors(Cache::builder().max_capacity(20_000).time_to_live(KEPT).build())
    }
}

impl Doors {
    /// The door behind a code; [`Error::NotFound`] when the code was never given out.
    pub async fn open(&self, db: &Db, (config, keys): (&Config, &Keys), code: &Code) -> Result<Arc<Door>> {
        if let Some(door) = self.0.get(code).filter(|door| !kept::unsettled(door.community.id)) {
            return Ok(door);
        }
        let (wanted, filing) = (code.clone(), (config.icp.clone(), config.police.clone()));
        let keys = keys.clone();
        let door = Arc::new(db.read(move |tx| Door::read(tx, &keys, &wanted, filing)).await?);
        if !kept::unsettled(door.community.id) {
            self.0.insert(code.clone(), door.clone());
        }
        Ok(door)
    }
}

impl Door {
    fn read(tx: &mut Tx, keys: &Keys, code: &Code, filing: (String, String)) -> Result<Door> {
        let code = registry::find(tx, code)?.ok_or(Error::NotFound)?;
        let place = places::find(tx, code.community_id, code.place_id)?;
        let community = places::community(tx, code.community_id)?;
        let tiles = routing::tiles(&routing::categories(tx)?);
        let notice = settings::at(tx, community.id, tx.now)?;
        let flood = settings::at(tx, community.id, tx.now)?;
        let stamp = proof::page_stamp(keys, &code.code, tx.now);
        let grids = if place.grid_id.is_some() { places::grids(tx, community.id)? } else { Vec::new() };
        let own = grids.into_iter().find(|grid| Some(grid.id) == place.grid_id);
        let (matters, works) = (open::at_door(tx, &place)?, works::at_door(tx, &place)?);
        let grid_phone = own.map(|grid| grid.phone).unwrap_or_default();
        let (solved, ready) = (closed::solved(tx, (community.id, place.id))?, Default::default());
        Ok(Door {
            code,
            place,
            community,
            tiles,
            notice,
            matters,
            works,
            grid_phone,
            solved,
            ready,
            flood,
            stamp,
            filing,
        })
    }

    /// The ready-made page: plain, and compressed.
    pub fn page(&self, look: Look) -> Result<(Bytes, Bytes)> {
        let kept = &self.ready[look.index()];
        let ready = match kept.get() {
            Some(ready) => ready,
            None => {
                let html = Bytes::from(self.form(look).render().map_err(Error::internal)?);
                let made = Ready { gzip: assets::gzip(&html), html };
                kept.get_or_init(|| made)
            }
        };
        Ok((ready.html.clone(), ready.gzip.clone()))
    }

    /// Where the form lies.
    pub fn path(&self) -> String {
        format!("/q/{}", self.code.code)
    }

    /// The empty form of this door.
    pub fn form(&self, look: Look) -> FormPage {
        let (t, here) = (|key| look.lang.t(key), self.path());
        let replaced = self.code.state == CodeState::Replaced;
        let board = Board::of(self, look);
        FormPage {
            action: look.to(&here),
            shell: Shell {
                title: t("door-title").with("place", &self.place.full_name).to_string(),
                look,
                here,
                ..self.shell()
            },
            door: self.path(),
            place: self.place.full_name.clone(),
            place_note: if replaced { t("door-replaced").to_string() } else { String::new() },
            tiles: self.tiles.iter().map(|each| tile(each, look, &board)).collect(),
            board,
            solved: self.solved.clone(),
            text_limit: TEXT_LIMIT,
            notice: Notice {
                version: self.notice.version.clone(),
                short: self.notice.short.clone(),
                full: self.notice.full.clone(),
                collected: self.notice.collected.clone(),
                recipients: self.notice.recipients.clone(),
                url: notice_url(&self.community, &self.notice.version),
            },
            token_url: format!("{}/token", self.path()),
            page_stamp: self.stamp.clone(),
            ..FormPage::default()
        }
    }

    /// What surrounds any page of this door.
    pub fn shell(&self) -> Shell {
        shell(&self.community, &self.filing)
    }
}

/// What surrounds a resident's page of a community.
pub fn shell(community: &Community, (icp, police): &(String, String)) -> Shell {
    let phone = |label: &str, number: &str| Contact { label: label.to_owned(), number: number.to_owned() };
    let all = [phone("社区", &community.phone), phone("物业", &community.property_phone)];
    Shell {
        community: community.name.clone(),
        demo: community.demo,
        phones: all.into_iter().filter(|contact| !contact.number.is_empty()).collect(),
        bulletin: format!("/b/{}", community.token),
        icp: icp.clone(),
        police: police.clone(),
        ..Shell::default()
    }
}

fn tile(tile: &routing::Tile, look: Look, board: &Board) -> Tile {
    let said = |words: &String| look.lang.sentence(words);
    let hints: Vec<String> = tile.danger_hints.iter().map(said).collect();
    Tile {
        code: tile.code.clone(),
        label: said(&tile.name),
        hint: String::new(),
        danger: hints.join(&look.lang.t("frame-and").to_string()),
        planned: board.planned(&tile.code),
        checked: false,
    }
}
