//! Places from a table that the office keeps: 小区, 楼, 单元, 点位, 网格, 户数.
//!
//! [`read`] understands the file and refuses it row by row; [`apply`] makes what is missing and gives out codes.
//! Places that exist are left as they are, so that the same file can be brought again. Nothing is half imported.

use std::collections::{HashMap, HashSet};

use super::{Change, NewPlace, Place, PlaceKind, store};
use crate::codes::registry;
use crate::db::{Id, Tx};
use crate::error::Result;
use crate::tables::{Column, Reason, Rejects, Row, Table};

const COLUMNS: &[Column] = &[
    Column {
        name: "小区",
        aliases: &["小区/院落", "小区或院落", "小区名称", "院落", "院落名称", "大院"],
        required: true,
    },
    Column {
        name: "楼",
        aliases: &["楼号", "楼栋", "楼栋号", "楼名", "楼宇", "栋", "栋号"],
        required: false,
    },
    Column {
        name: "单元", aliases: &["单元号", "单元名称", "单元门", "楼门"], required: false
    },
    Column { name: "点位", aliases: &["公共点位", "点位名称", "公共区域"], required: false },
    Column { name: "网格", aliases: &["网格名称", "所属网格", "网格号"], required: false },
    Column { name: "户数", aliases: &["住户数", "家庭户数", "总户数"], required: false },
];

/// One row of the table: the place that it names, with the places that it lies in.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct PlaceRow {
    /// The number in the margin of the table.
    pub row: u32,
    pub compound: String,
    pub building: Option<String>,
    pub unit: Option<String>,
    pub spot: Option<String>,
    pub grid: Option<String>,
    /// Of the innermost place.
    pub households: Option<i32>,
}

/// What an import did.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[schema(as = ImportedPlaces)]
pub struct Imported {
    /// Places that were made, those around them included.
    pub added: usize,
    /// Rows whose place existed already.
    pub kept: usize,
    /// Codes that were given out.
    pub codes: usize,
}

/// Reads a workbook or delimited text. Every row that cannot be taken is named with its reason, in the field `file`.
/// Slow for large files: not for a thread that answers requests.
pub fn read(bytes: &[u8], file_name: &str) -> Result<Vec<PlaceRow>> {
    let table = Table::read(bytes, file_name)?;
    let headed = table.columns(COLUMNS)?;
    let (mut rows, mut rejects) = (Vec::new(), Rejects::new());
    let mut seen: HashMap<[Option<String>; 4], u32> = HashMap::new();
    for line in headed.rows() {
        let Some(row) = rejects.keep(line.number(), read_row(&line)) else { continue };
        let name = [Some(row.compound.clone()), row.building.clone(), row.unit.clone(), row.spot.clone()];
        match seen.insert(name, row.row) {
            Some(first) => rejects.add(row.row, format!("和第 {first} 行是同一个地方，请删去一行")),
            None => rows.push(row),
        }
    }
    if rows.is_empty() && rejects.is_empty() {
        rejects.add(2, "表头下面没有内容");
    }
    rejects.finish()?;
    Ok(rows)
}

fn read_row(line: &Row) -> std::result::Result<PlaceRow, Reason> {
    let text = |name: &'static str| -> std::result::Result<Option<String>, Reason> {
        let text = tidy(&line.text(name)?);
        match text.chars().count() {
            0 => Ok(None),
            1..=40 => Ok(Some(text)),
            _ => Err(Reason::new(format!("「{name}」最多 40 个字"))),
        }
    };
    let compound = text("小区")?.ok_or_else(|| Reason::new("「小区」没有填"))?;
    let building = text("楼")?.map(|name| numbered(name, "号楼"));
    let unit = text("单元")?.map(|name| numbered(name, "单元"));
    let spot = text("点位")?;
    match (&building, &unit, &spot) {
        (None, Some(_), _) => return Err(Reason::new("填了单元，却没有填楼")),
        (_, Some(_), Some(_)) => return Err(Reason::new("一行只写一个地方：单元和点位请分成两行")),
        (None, None, None) if kind(&compound) == PlaceKind::Compound => {
            return Err(Reason::new("只有小区，没有写楼、单元或点位"));
        }
        _ => {}
    }
    let households = line.count_in("户数")?.map(|count| match i32::try_from(count) {
        Ok(count) if count <= 100_000 => Ok(count),
        _ => Err(Reason::new(format!("「户数」{count} 太大了，请检查"))),
    });
    let households = households.transpose()?;
    Ok(PlaceRow { row: line.number(), compound, building, unit, spot, grid: text("网格")?, households })
}

/// Half-width signs and single spaces, so that 「３号楼 」 and 「3号楼」 are one.
fn tidy(text: &str) -> String {
    let narrow = |sign: char| match sign {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(sign as u32 - 0xfee0).unwrap_or(sign),
        sign => sign,
    };
    text.split_whitespace().collect::<Vec<_>>().join(" ").chars().map(narrow).collect()
}

/// Bare numbers get the word that people say: 3 → 3号楼, 2 → 2单元; 甲3 and 3甲 likewise.
fn numbered(name: String, word: &str) -> String {
    let mark = |sign: char| sign.is_ascii_alphanumeric() || "甲乙丙丁".contains(sign);
    if name.chars().all(mark) && name.contains(|sign: char| sign.is_ascii_digit()) {
        return format!("{name}{word}");
    }
    name
}

/// 「28号院」 is a courtyard: it has a door of its own, and a code even without buildings.
fn kind(compound: &str) -> PlaceKind {
    if compound.ends_with('院') { PlaceKind::Courtyard } else { PlaceKind::Compound }
}

/// Makes the places that are missing, and gives each unit, spot, building without units and courtyard without
/// buildings a code, unless it ever had one.
pub fn apply(tx: &mut Tx, community_id: Id, rows: &[PlaceRow]) -> Result<Imported> {
    let mut import = Import::begin(tx, community_id)?;
    for row in rows {
        import.row(tx, row)?;
    }
    import.give_codes(tx)?;
    Ok(import.done)
}

struct Import {
    community_id: Id,
    grids: HashMap<String, Id>,
    /// Those that the rows name, in their order.
    places: Vec<Place>,
    /// Those of them that were made now.
    made: HashSet<Id>,
    sort: i32,
    done: Imported,
}

impl Import {
    fn begin(tx: &mut Tx, community_id: Id) -> Result<Import> {
        let sort = super::list(tx, community_id)?.iter().map(|place| place.sort).max().unwrap_or(0);
        Ok(Import {
            community_id,
            grids: HashMap::new(),
            places: Vec::new(),
            made: HashSet::new(),
            sort,
            done: Imported::default(),
        })
    }

    fn row(&mut self, tx: &mut Tx, row: &PlaceRow) -> Result<()> {
        let grid_id = row.grid.as_ref().map(|name| self.grid(tx, name)).transpose()?;
        let names = [
            Some((kind(&row.compound), &row.compound)),
            row.building.as_ref().map(|name| (PlaceKind::Building, name)),
            row.unit.as_ref().map(|name| (PlaceKind::Unit, name)),
            row.spot.as_ref().map(|name| (PlaceKind::Spot, name)),
        ];
        let names: Vec<_> = names.into_iter().flatten().collect();
        let (mut parent, last) = (None, names.len() - 1);
        for (at, (kind, name)) in names.into_iter().enumerate() {
            // A grid and a number of households are the innermost place's; those around it may have others.
            let own = at == last;
            let new = NewPlace {
                kind,
                name: name.clone(),
                parent_id: parent,
                grid_id: grid_id.filter(|_| own),
                households: row.households.filter(|_| own),
                sort: 0,
            };
            parent = Some(self.place(tx, new, own)?);
        }
        Ok(())
    }

    fn grid(&mut self, tx: &mut Tx, name: &str) -> Result<Id> {
        if let Some(id) = self.grids.get(name) {
            return Ok(*id);
        }
        let grid = super::add_grid(tx, self.community_id, name)?;
        self.grids.insert(name.to_owned(), grid.id);
        Ok(grid.id)
    }

    /// The place, made where it is missing.
    fn place(&mut self, tx: &mut Tx, new: NewPlace, own: bool) -> Result<Id> {
        let known = self.places.iter().find(|each| each.parent_id == new.parent_id && each.name == new.name);
        if let Some(known) = known {
            // First made around another place, now named by a row of its own.
            match own && self.made.contains(&known.id) {
                true => {
                    store::change(tx, known, &Change { grid_id: new.grid_id, households: new.households })?
                }
                false => self.done.kept += usize::from(own),
            }
            return Ok(known.id);
        }
        let full_name = super::full_name(tx, self.community_id, new.parent_id, &new.name)?;
        let place = match super::by_full_name(tx, self.community_id, &full_name)? {
            Some(place) => {
                self.done.kept += usize::from(own);
                place
            }
            None => {
                self.sort += 1;
                self.done.added += 1;
                let place = super::add(tx, self.community_id, NewPlace { sort: self.sort, ..new })?;
                self.made.insert(place.id);
                place
            }
        };
        let id = place.id;
        self.places.push(place);
        Ok(id)
    }

    fn give_codes(&mut self, tx: &mut Tx) -> Result<()> {
        let coded: HashSet<Id> =
            registry::all(tx, self.community_id)?.iter().map(|code| code.place_id).collect();
        let all = super::list(tx, self.community_id)?;
        for place in &self.places {
            let door = super::carries_code(place, &all);
            if door && place.retired_at.is_none() && !coded.contains(&place.id) {
                registry::issue(tx, place)?;
                self.done.codes += 1;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
