//! What the hotline's names for places and categories are here: proposed by the program, corrected by a person, and
//! remembered for every later table.
//!
//! A name is decided once; rows hold the name, so that a correction moves the figures of every row that has it, of the
//! past too. What the program proposes counts until somebody corrects it, and says how it was found.

use std::collections::BTreeMap;

use super::address::Guide;
use super::{brings, note, store};
use crate::db::{Db, Id, Time, Tx};
use crate::error::{Error, Result};
use crate::people::Actor;
use crate::places;
use crate::routing::{self, Category, suggest};

/// Names on one page of the list.
pub const PAGE: i64 = 25;
/// Names that are proposed in one transaction.
const CHUNK: usize = 300;

text_enum! {
    /// What a name is of.
    #[schema(as = HotlineNameKind)]
    pub enum Kind {
        Place = "place", "地点";
        Matter = "matter", "分类";
    }
}

text_enum! {
    /// How it is known what a name is here.
    #[schema(as = HotlineNameMaker)]
    pub enum Maker {
        Equal = "equal", "名称相同";
        Keywords = "keywords", "按关键词";
        Nobody = "nobody", "未对应";
        Person = "person", "人工确认";
    }
}

/// A name of the hotline and what it is here.
#[derive(
    Debug,
    Clone,
    PartialEq,
    diesel::Queryable,
    diesel::Selectable,
    diesel::Insertable,
    serde::Serialize,
    utoipa::ToSchema,
)]
#[diesel(table_name = crate::schema::hotline_names)]
#[schema(as = HotlineName)]
#[allow(missing_docs)]
pub struct Name {
    #[serde(skip)]
    pub community_id: Id,
    pub kind: Kind,
    /// As the hotline writes it, with rooms hidden.
    pub name: String,
    /// Where it is here; nothing where it is nowhere.
    pub place_id: Option<Id>,
    /// Two or four digits; nothing where it is none of ours.
    pub category: Option<String>,
    pub made_by: Maker,
    pub decided_by: String,
    pub decided_at: Time,
}

/// A name, with how many tickets that count have it.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
#[schema(as = HotlineNameLine)]
pub struct Listed {
    /// The name.
    #[serde(flatten)]
    pub name: Name,
    /// Tickets of the hotline that have it and count.
    pub rows: i64,
}

/// How many of a batch's rows and names are known here, of one kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[schema(as = HotlineMapped)]
pub struct Mapped {
    /// Rows whose name is known here.
    pub rows: i64,
    /// Rows whose name is not, or that have none.
    pub rows_without: i64,
    /// Names that are known here.
    pub names: i64,
    /// Names that are not.
    pub names_without: i64,
}

/// Proposes what the names of a batch are that nobody ever decided. Works outside of a write and writes in small parts.
pub(super) fn propose(db: &Db, community: Id, batch: Id) -> Result<()> {
    for kind in Kind::ALL {
        let new = db.read_now(|tx| {
            let unknown = store::names::undecided(tx, (community, batch), *kind)?;
            guess(tx, community, *kind, unknown)
        })?;
        for some in new.chunks(CHUNK) {
            let some = some.to_vec();
            db.write_now(move |tx| some.iter().try_for_each(|name| store::names::insert(tx, name)))?;
        }
    }
    Ok(())
}

fn guess(tx: &mut Tx, community: Id, kind: Kind, names: Vec<String>) -> Result<Vec<Name>> {
    let now = tx.now;
    let known = |name: String, place_id, category, made_by| Name {
        community_id: community,
        kind,
        name,
        place_id,
        category,
        made_by,
        decided_by: "系统".to_owned(),
        decided_at: now,
    };
    if kind == Kind::Place {
        let guide = Guide::new(&places::list(tx, community)?);
        let found = |name: String| match guide.find(&name) {
            Some((place, maker)) => known(name, Some(place), None, maker),
            None => known(name, None, None, Maker::Nobody),
        };
        return Ok(names.into_iter().map(found).collect());
    }
    let categories = routing::categories(tx)?;
    let mut all = Vec::new();
    for name in names {
        let found = match category_of(&name, &categories) {
            Some(code) => Some((code, Maker::Equal)),
            None => suggest::guess(tx, &name)?.map(|guess| (guess.category, Maker::Keywords)),
        };
        all.push(match found {
            Some((code, maker)) => known(name, None, Some(code), maker),
            None => known(name, None, None, Maker::Nobody),
        });
    }
    Ok(all)
}

/// The category whose name stands in a path `一级->二级->三级`: level 2, else the one that the shipped table says the hotline
/// calls so, else level 1.
fn category_of(path: &str, categories: &[Category]) -> Option<String> {
    let levels: Vec<&str> = path.split("->").map(str::trim).filter(|level| !level.is_empty()).collect();
    let level2 = |level: &&str| categories.iter().find(|each| each.level2 == **level);
    if let Some(found) = levels.iter().rev().find_map(level2) {
        return Some(found.code.clone());
    }
    let theirs = |level: &&str| {
        let mut codes =
            categories.iter().filter(|each| each.hotline_class.split('/').any(|class| class == *level));
        let first = codes.next()?;
        codes.next().is_none().then(|| first.code.clone())
    };
    if let Some(code) = levels.iter().rev().find_map(theirs) {
        return Some(code);
    }
    let level1 = |level: &&str| categories.iter().find(|each| each.level1 == **level);
    levels.iter().find_map(level1).map(|found| found.level1_code().to_owned())
}

/// A person says what a name is here: `place_id` of a place, `category` of a category; neither where it is none of ours.
/// For workers and leads of the community, and the admin. Holds for every row with that name, and for later tables.
pub fn decide(tx: &mut Tx, actor: &Actor, meant: Meant) -> Result<Name> {
    brings(actor)?;
    let (community, kind) = (actor.community_id, meant.kind);
    let old = store::names::find(tx, community, kind, &meant.name)?;
    let place_id = meant.place_id.filter(|_| kind == Kind::Place);
    if let Some(place) = place_id {
        let found = places::find(tx, community, place);
        found.map_err(|_| Error::invalid("target", "请从列表中选择地点"))?;
    }
    let category = meant.category.filter(|code| kind == Kind::Matter && !code.trim().is_empty());
    if let Some(code) = &category {
        let all = routing::categories(tx)?;
        let fits = all.iter().any(|each| each.code == *code || each.level1_code() == code);
        if !fits {
            return Err(Error::invalid("target", "请从列表中选择分类"));
        }
    }
    let name = Name {
        place_id,
        category,
        made_by: Maker::Person,
        decided_by: actor.name.clone(),
        decided_at: tx.now,
        ..old
    };
    store::names::update(tx, &name)?;
    let what = match (&name.place_id, &name.category) {
        (Some(place), _) => places::find(tx, community, *place)?.full_name,
        (None, Some(code)) => code.clone(),
        (None, None) => "不对应".to_owned(),
    };
    note(tx, actor, &format!("12345 {}「{}」对应到：{what}", kind.label(), name.name))?;
    Ok(name)
}

/// What somebody says that a name is.
#[derive(Debug, Clone, serde::Deserialize, utoipa::ToSchema)]
#[schema(as = HotlineNameMeant)]
#[allow(missing_docs)]
pub struct Meant {
    pub kind: Kind,
    pub name: String,
    /// For a place; nothing for none of ours.
    pub place_id: Option<Id>,
    /// For a category, two or four digits; nothing for none of ours.
    pub category: Option<String>,
}

/// A page of names of one kind, by name; `made_by` alone where it is given, `after` the last of the page before.
pub fn list(
    tx: &mut Tx,
    community: Id,
    kind: Kind,
    made_by: Option<Maker>,
    after: Option<&str>,
) -> Result<Vec<Listed>> {
    let names = store::names::page(tx, (community, kind), made_by, after)?;
    let texts: Vec<String> = names.iter().map(|name| name.name.clone()).collect();
    let counts: BTreeMap<String, i64> =
        store::names::counts(tx, community, kind, texts)?.into_iter().collect();
    let listed = |name: Name| Listed { rows: counts.get(&name.name).copied().unwrap_or_default(), name };
    Ok(names.into_iter().map(listed).collect())
}

/// How many names of each kind the community has, by how they are known.
pub fn made_by(tx: &mut Tx, community: Id, kind: Kind) -> Result<BTreeMap<Maker, i64>> {
    Ok(store::names::makers(tx, community, kind)?.into_iter().collect())
}

/// How many rows and names of a batch are known here.
pub(super) fn mapped(tx: &mut Tx, community: Id, batch: Id, kind: Kind) -> Result<Mapped> {
    let known = store::names::known(tx, community, kind)?;
    let mut mapped = Mapped::default();
    for (name, rows) in store::names::of_batch(tx, (community, batch), kind)? {
        if known.contains(&name) {
            mapped.rows += rows;
            mapped.names += 1;
        } else {
            mapped.rows_without += rows;
            mapped.names_without += i64::from(!name.is_empty());
        }
    }
    Ok(mapped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_the_deepest_category_that_it_names() {
        let all = [
            category("0101", "房屋与公共设施", "楼道灯不亮", "物业管理"),
            category("0103", "房屋与公共设施", "屋顶漏雨", "房屋质量/老旧小区改造"),
            category("0301", "物业与停车", "物业服务差", "物业管理"),
        ];
        for (path, code) in [
            ("住房->物业->楼道灯不亮", Some("0101")),
            ("住房->房屋质量", Some("0103")),
            ("住房->物业管理", None),
            ("物业与停车->停车", Some("03")),
            ("", None),
        ] {
            assert_eq!(category_of(path, &all).as_deref(), code, "{path}");
        }
    }

    fn category(code: &str, level1: &str, level2: &str, class: &str) -> Category {
        Category {
            code: code.to_owned(),
            level1: level1.to_owned(),
            level2: level2.to_owned(),
            default_kind: routing::Kind::Help,
            lead_party: String::new(),
            supporting_parties: String::new(),
            urgency: routing::Urgency::Normal,
            first_contact_minutes: 1,
            make_safe_minutes: None,
            deadline_minutes: 1,
            danger_hint: None,
            comparable: true,
            hotline_class: class.to_owned(),
            retired_at: None,
        }
    }
}
