//! Search: by number, or by what stands in place, text and the end of the number. As far as the actor sees.
//!
//! A number is read along its index, from the latest back. Words are looked for from the latest deadline back inside what the actor sees, until
//! a page is full; there is no index of words, so that what stands nowhere costs a look at every ticket of one community.

use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};

use super::rows::{Boxed, load};
use super::{Cursor, Page, Row, arms, base, cut, helped};
use crate::db::{Id, MultiBackend, Tx};
use crate::error::{Error, Result};
use crate::people::{Actor, Scope};
use crate::places;
use crate::schema::tickets;
use crate::tickets::number;

/// Words that are looked for; whoever types more means the first of them.
const WORDS: usize = 6;

diesel::define_sql_function! {
    /// Latin letters in lower case: one database compares them so by itself, the other does not.
    fn lower(text: Text) -> Text;
}

/// A word, and the places that are called so.
struct Word {
    holds: String,
    places: Vec<Id>,
    /// How a number may end where the word is the end of one.
    endings: Vec<String>,
}

/// Tickets whose number begins with `words`; else those where each word stands in the text, the place, or at the end of
/// the number. Latest first.
pub fn search(tx: &mut Tx, actor: &Actor, words: &str, after: Option<Cursor>) -> Result<Page> {
    let words = words.trim();
    if words.chars().count() > 60 {
        return Err(Error::invalid("q", "查找的文字太长了，请用几个关键的字"));
    }
    let prefix = places::community(tx, actor.community_id)?.prefix;
    let mut rows = match number::begun(&prefix, words) {
        Some(number) => numbered(tx, actor, &number, after)?,
        None => holding(tx, actor, words, after)?,
    };
    // A party may lead what it supported before.
    rows.dedup_by_key(|row| row.id);
    let mut page = cut(rows, |row| row.due_at);
    page.rows.retain(|row| words.split_whitespace().take(WORDS).all(|word| stands_openly(row, word)));
    Ok(page)
}

/// Whether a line may be found by a word: what stands nowhere but in a number that is masked would tell the number, sign by
/// sign. Looked at after the page was cut, so that the next one begins where this one ends.
fn stands_openly(row: &Row, word: &str) -> bool {
    let holds = |text: &str| text.to_lowercase().contains(&word.to_lowercase());
    let masked = holds(row.text.unmasked()) && !holds(&row.text.shown());
    let ends = number::tail(word).is_some_and(|tail| row.number.contains(&tail));
    !masked || holds(&row.place) || holds(&row.number) || ends
}

/// Everything that the actor may open, in parts that each have a way of their own.
fn seen<'a>(actor: &Actor) -> Vec<Boxed<'a>> {
    let scope = actor.scope();
    let mut parts: Vec<Boxed> = arms(&scope).into_iter().map(|arm| base(actor, arm)).collect();
    if let Scope::Party(party) = scope {
        parts.push(helped(actor, party));
    }
    parts
}

/// In the order of the numbers, which is nearly that of the deadlines, and has an index: where a month of years ago is
/// asked for by its deadlines, PostgreSQL takes every ticket since in its hands.
fn numbered(tx: &mut Tx, actor: &Actor, number: &str, after: Option<Cursor>) -> Result<Vec<Row>> {
    let past = match after {
        Some(Cursor { id, .. }) => {
            let last = tickets::table.find((actor.community_id, id)).select(tickets::number);
            last.first(tx.conn)?
        }
        None => format!("{number}~"),
    };
    let mut rows = Vec::new();
    for part in seen(actor) {
        let query = part.filter(tickets::number.ge(number.to_owned()).and(tickets::number.lt(past.clone())));
        rows.extend(load(tx, query.order(tickets::number.desc()))?);
    }
    rows.sort_by(|one, other| other.number.cmp(&one.number));
    Ok(rows)
}

fn holding(tx: &mut Tx, actor: &Actor, words: &str, after: Option<Cursor>) -> Result<Vec<Row>> {
    let mut wanted = Vec::new();
    for word in words.split_whitespace().take(WORDS) {
        let plain = word.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        let named = places::search(tx, actor.community_id, word)?;
        wanted.push(Word {
            holds: format!("%{plain}%"),
            places: named.into_iter().map(|place| place.id).collect(),
            endings: endings(word),
        });
    }
    let mut rows = Vec::new();
    for part in seen(actor) {
        let query = wanted.iter().fold(part, |query, word| query.filter(word.stands()));
        rows.extend(load(tx, latest(query, after))?);
    }
    rows.sort_by_key(|row| std::cmp::Reverse((row.due_at, row.id)));
    Ok(rows)
}

impl Word {
    /// Where it must stand.
    fn stands<'a>(&self) -> Box<dyn BoxableExpression<tickets::table, MultiBackend, SqlType = Bool> + 'a> {
        let holds = lower(tickets::text).like(lower(self.holds.clone())).escape('\\');
        let there = holds.or(tickets::place_id.eq_any(self.places.clone()));
        match self.endings.as_slice() {
            [] => Box::new(there),
            [one] => Box::new(there.or(tickets::number.like(one.clone()))),
            [one, other, ..] => {
                let ends = tickets::number.like(one.clone()).or(tickets::number.like(other.clone()));
                Box::new(there.or(ends))
            }
        }
    }
}

/// What numbers that end with this word look like: digits alone may lack the check character, and four are the sequence.
fn endings(word: &str) -> Vec<String> {
    let Some(tail) = number::tail(word) else { return Vec::new() };
    let lacking = tail.ends_with(|sign: char| sign.is_ascii_digit()).then(|| format!("%{tail}_"));
    let whole = (tail.len() > 4).then(|| format!("%{tail}"));
    lacking.into_iter().chain(whole).collect()
}

/// From the latest deadline back, after where the last page ended.
fn latest<'a>(query: Boxed<'a>, after: Option<Cursor>) -> Boxed<'a> {
    let query = query.order((tickets::due_at.desc(), tickets::id.desc()));
    match after {
        // The first comparison bounds the index range; the second only breaks ties inside it.
        Some(Cursor { due_at, id }) => {
            query.filter(tickets::due_at.le(due_at)).filter(tickets::due_at.lt(due_at).or(tickets::id.lt(id)))
        }
        None => query,
    }
}
