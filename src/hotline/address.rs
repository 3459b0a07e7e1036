//! What the hotline calls a place, found among the places of a community.
//!
//! Pure. An equal name is one thing; a name that stands inside a longer text (「天宫院中里三号楼2单元101室」) is a proposal that
//! a person may correct. Where two places fit equally well, none is proposed.

use super::names::Maker;
use crate::db::Id;
use crate::places::{Place, PlaceKind};

/// The places of a community, ready to be found in texts.
pub(super) struct Guide {
    known: Vec<Known>,
}

struct Known {
    id: Id,
    kind: PlaceKind,
    parent: Option<Id>,
    name: String,
    full: String,
}

impl Guide {
    pub(super) fn new(places: &[Place]) -> Guide {
        let known = |place: &Place| Known {
            id: place.id,
            kind: place.kind,
            parent: place.parent_id,
            name: plain(&place.name),
            full: plain(&place.full_name),
        };
        Guide { known: places.iter().map(known).collect() }
    }

    /// The place that a text means, and how it was found.
    pub(super) fn find(&self, text: &str) -> Option<(Id, Maker)> {
        let text = plain(text);
        if text.is_empty() {
            return None;
        }
        let equal = |known: &&Known| known.full == text || known.name == text;
        if let Some(known) = only(self.known.iter().filter(equal)) {
            return Some((known.id, Maker::Equal));
        }
        let building = self.building(&text);
        let inside = match building {
            Some((building, rest)) => self.unit(building, rest).or(Some(building)),
            None => self.spot(&text),
        };
        inside.map(|known| (known.id, Maker::Keywords))
    }

    /// The building that the text names, and what stands after its name.
    fn building<'t>(&self, text: &'t str) -> Option<(&Known, &'t str)> {
        let all = self.known.iter().filter(|known| known.kind == PlaceKind::Building);
        let named: Vec<(&Known, &str)> =
            all.filter_map(|known| Some((known, after(text, &known.name)?))).collect();
        let longest = named.iter().map(|(known, _)| known.name.len()).max()?;
        let named: Vec<_> = named.into_iter().filter(|(known, _)| known.name.len() == longest).collect();
        if let [one] = named.as_slice() {
            return Some(*one);
        }
        // Two compounds have such a building: the text must name one of them.
        only(named.into_iter().filter(|(known, _)| {
            let parent = self.known.iter().find(|each| Some(each.id) == known.parent);
            parent.is_some_and(|parent| text.contains(&parent.name))
        }))
    }

    fn unit(&self, building: &Known, rest: &str) -> Option<&Known> {
        let units = self.known.iter().filter(|known| known.parent == Some(building.id));
        only(units.filter(|known| after(rest, &known.name).is_some()))
    }

    /// A spot, a courtyard or a compound: the longest name wins.
    fn spot(&self, text: &str) -> Option<&Known> {
        let whole = |known: &&Known| {
            matches!(known.kind, PlaceKind::Spot | PlaceKind::Courtyard | PlaceKind::Compound)
                && known.name.chars().count() > 1
                && after(text, &known.name).is_some()
        };
        let named: Vec<&Known> = self.known.iter().filter(whole).collect();
        // A spot says more than the compound that it lies in, however short its name.
        let spots: Vec<&Known> =
            named.iter().copied().filter(|known| known.kind == PlaceKind::Spot).collect();
        let named = if spots.is_empty() { named } else { spots };
        let longest = named.iter().map(|known| known.name.len()).max()?;
        only(named.into_iter().filter(|known| known.name.len() == longest))
    }
}

/// The one that there is; nothing where there are more.
fn only<T>(mut all: impl Iterator<Item = T>) -> Option<T> {
    let first = all.next()?;
    all.next().is_none().then_some(first)
}

/// What stands after a name in a text. 「13号楼」 does not hold 「3号楼」, and 「甲3号楼」 is another house.
fn after<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    if name.is_empty() {
        return None;
    }
    let binds = |sign: char| sign.is_ascii_alphanumeric() || "甲乙丙丁".contains(sign);
    let begins_bound = name.chars().next().is_some_and(binds);
    text.match_indices(name).find_map(|(at, _)| {
        let before = text[..at].chars().next_back();
        let free = !(begins_bound && before.is_some_and(binds));
        free.then(|| &text[at + name.len()..])
    })
}

/// A name as it is compared: half width, without spaces, houses and units in one way of writing, numerals as digits.
fn plain(text: &str) -> String {
    let narrow = |sign: char| match sign {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(sign as u32 - 0xfee0).unwrap_or(sign),
        sign => sign,
    };
    let text: String = text.chars().map(narrow).filter(|sign| !sign.is_whitespace()).collect();
    let mut text = text.to_uppercase().replace("號樓", "号楼");
    for (theirs, ours) in
        [("号栋", "号楼"), ("号幢", "号楼"), ("#楼", "号楼"), ("栋", "号楼"), ("幢", "号楼"), ("#", "号楼")]
    {
        text = text.replace(theirs, ours);
    }
    dashed(&numerals(&text))
}

/// Numerals before 「号楼」 and 「单元」 as digits, up to 99.
fn numerals(text: &str) -> String {
    const DIGITS: &str = "零一二三四五六七八九";
    let value = |sign: char| DIGITS.chars().position(|digit| digit == sign).map(|at| at as u32);
    let signs: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < signs.len() {
        let run = signs[at..].iter().take_while(|sign| **sign == '十' || value(**sign).is_some()).count();
        let behind: String = signs[at + run..].iter().take(2).collect();
        if run == 0 || run > 3 || !(behind == "号楼" || behind == "单元") {
            out.push(signs[at]);
            at += 1;
            continue;
        }
        let part = &signs[at..at + run];
        let number = match part.iter().position(|sign| *sign == '十') {
            Some(ten) => {
                let tens = part[..ten].first().map_or(Some(1), |sign| value(*sign));
                let ones = part[ten + 1..].first().map_or(Some(0), |sign| value(*sign));
                tens.zip(ones).map(|(tens, ones)| tens * 10 + ones)
            }
            None => part.iter().try_fold(0, |sum, sign| Some(sum * 10 + value(*sign)?)),
        };
        match number {
            Some(number) => out.push_str(&number.to_string()),
            None => out.extend(part),
        }
        at += run;
    }
    out
}

/// 「3-2-1201」 means house 3, unit 2.
fn dashed(text: &str) -> String {
    let begin = text.find(|sign: char| sign.is_ascii_digit()).unwrap_or(text.len());
    let (head, tail) = text.split_at(begin);
    let mut parts = tail.splitn(3, '-');
    let number = |part: &str| (1..=2).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    match (parts.next(), parts.next(), parts.next()) {
        (Some(house), Some(unit), Some(rest)) if number(house) && number(unit) => {
            format!("{head}{house}号楼{unit}单元{rest}")
        }
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(kind: PlaceKind, name: &str, parent: Option<&Place>) -> Place {
        let full_name = match parent {
            Some(parent) if parent.kind == PlaceKind::Compound => format!("{} {name}", parent.full_name),
            Some(parent) => format!("{}{name}", parent.full_name),
            None => name.to_owned(),
        };
        Place {
            community_id: Id::new(),
            id: Id::new(),
            kind,
            name: name.to_owned(),
            full_name,
            parent_id: parent.map(|parent| parent.id),
            building_id: None,
            grid_id: None,
            households: None,
            sort: 0,
            retired_at: None,
        }
    }

    fn town() -> Vec<Place> {
        use PlaceKind::*;
        let (first, second) = (place(Compound, "天宫院中里", None), place(Compound, "天宫院南里", None));
        let three = place(Building, "3号楼", Some(&first));
        let thirteen = place(Building, "13号楼", Some(&first));
        let other = place(Building, "3号楼", Some(&second));
        let own = place(Building, "甲5号楼", Some(&first));
        let one = place(Unit, "1单元", Some(&three));
        let two = place(Unit, "2单元", Some(&three));
        let twelve = place(Unit, "12单元", Some(&thirteen));
        let gate = place(Spot, "东门", Some(&first));
        vec![first, second, three, thirteen, other, own, one, two, twelve, gate]
    }

    #[test]
    fn a_place_is_found_however_the_hotline_writes_it() {
        let places = town();
        let guide = Guide::new(&places);
        let found = |text: &str| {
            let (id, maker) = guide.find(text)?;
            Some((places.iter().find(|place| place.id == id)?.full_name.clone(), maker))
        };
        for (text, name, maker) in [
            ("天宫院中里 3号楼2单元", "天宫院中里 3号楼2单元", Maker::Equal),
            ("天宫院中里３号楼２单元", "天宫院中里 3号楼2单元", Maker::Equal),
            ("大兴区天宫院中里小区三号楼二单元***室", "天宫院中里 3号楼2单元", Maker::Keywords),
            ("天宫院中里3栋", "天宫院中里 3号楼", Maker::Equal),
            ("天宫院中里3#楼2单元门口", "天宫院中里 3号楼2单元", Maker::Keywords),
            ("天宫院中里3-2-***", "天宫院中里 3号楼2单元", Maker::Keywords),
            ("13号楼12单元", "天宫院中里 13号楼12单元", Maker::Keywords),
            ("十三号楼", "天宫院中里 13号楼", Maker::Equal),
            ("天宫院南里3号楼", "天宫院南里 3号楼", Maker::Equal),
            ("甲5号楼门前", "天宫院中里 甲5号楼", Maker::Keywords),
            ("天宫院中里东门外", "天宫院中里 东门", Maker::Keywords),
            ("天宫院中里小区", "天宫院中里", Maker::Keywords),
        ] {
            assert_eq!(found(text), Some((name.to_owned(), maker)), "{text}");
        }
    }

    #[test]
    fn where_two_places_fit_none_is_proposed() {
        let places = town();
        let guide = Guide::new(&places);
        for text in ["3号楼", "", "5号楼", "别处小区", "23号楼2单元"] {
            assert_eq!(guide.find(text), None, "{text}");
        }
    }
}
