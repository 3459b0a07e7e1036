//! The category tree: shipped as a table, planted as rows, asked for by code.
//!
//! Nobody edits it while the program runs, so it is kept in memory for a few seconds; every report may ask for it.

use std::sync::LazyLock;

use super::{Category, Kind, Tile, Urgency, store};
use crate::db::{Id, Tx};
use crate::error::{Error, Result};
use crate::kept::{self, Kept};

/// The tree belongs to the installation, not to a community.
const INSTALLATION: Id = Id(uuid::Uuid::nil());
static TREE: LazyLock<Kept<Vec<Category>>> = LazyLock::new(Kept::default);

/// The category with this code. What is no category is the field's fault, not a missing page.
pub fn category(tx: &mut Tx, code: &str) -> Result<Category> {
    let tree = TREE.get(INSTALLATION, || store::categories(tx))?;
    let kept = tree.iter().find(|each| each.code == code).cloned();
    // One that is out of use is still the category of old tickets.
    let found = match kept {
        Some(category) => Some(category),
        None => store::category(tx, code)?,
    };
    found.ok_or_else(|| Error::invalid("category", "请选择列表中的分类"))
}

/// Every category in use, by code.
pub fn categories(tx: &mut Tx) -> Result<Vec<Category>> {
    Ok(TREE.get(INSTALLATION, || store::categories(tx))?.to_vec())
}

/// The tiles that residents choose from: one for each level-1 category, at most 12.
pub fn tiles(categories: &[Category]) -> Vec<Tile> {
    let mut tiles: Vec<Tile> = Vec::new();
    for category in categories {
        if tiles.last().is_none_or(|tile| tile.code != category.level1_code()) {
            tiles.push(Tile {
                code: category.level1_code().to_owned(),
                name: category.level1.clone(),
                danger_hints: Vec::new(),
            });
        }
        if let (Some(tile), Some(hint)) = (tiles.last_mut(), category.danger()) {
            tile.danger_hints.push(hint);
        }
    }
    tiles
}

/// Fills the category tree from the shipped table, where it is empty.
pub fn plant_categories(tx: &mut Tx) -> Result<usize> {
    if !store::categories(tx)?.is_empty() {
        return Ok(0);
    }
    let mut reader = csv::Reader::from_reader(include_str!("../../defaults/categories.csv").as_bytes());
    let rows: Vec<Shipped> =
        reader.deserialize().collect::<std::result::Result<_, _>>().map_err(Error::internal)?;
    let categories: Vec<Category> = rows.into_iter().map(Shipped::read).collect::<Result<_>>()?;
    store::insert_categories(tx, &categories)?;
    kept::changed(INSTALLATION);
    Ok(categories.len())
}

/// A row of the shipped table.
#[derive(serde::Deserialize)]
struct Shipped {
    code: String,
    level1: String,
    level2: String,
    default_kind: String,
    lead_party: String,
    supporting_parties: String,
    urgency: String,
    first_contact_minutes: i32,
    make_safe_minutes: Option<i32>,
    deadline_minutes: i32,
    danger_hint: String,
    comparable_to_12345: String,
    hotline_class: String,
}

impl Shipped {
    fn read(self) -> Result<Category> {
        let wrong = || Error::Internal(anyhow::anyhow!("the shipped category {} is wrong", self.code));
        Ok(Category {
            default_kind: Kind::parse(&self.default_kind).ok_or_else(wrong)?,
            urgency: Urgency::parse(&self.urgency).ok_or_else(wrong)?,
            code: self.code,
            level1: self.level1,
            level2: self.level2,
            lead_party: self.lead_party,
            supporting_parties: self.supporting_parties,
            first_contact_minutes: self.first_contact_minutes,
            make_safe_minutes: self.make_safe_minutes,
            deadline_minutes: self.deadline_minutes,
            danger_hint: Some(self.danger_hint).filter(|hint| !hint.is_empty()),
            comparable: self.comparable_to_12345 == "yes",
            hotline_class: self.hotline_class,
            retired_at: None,
        })
    }
}
