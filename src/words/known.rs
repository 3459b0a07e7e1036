//! Chinese sentences of other rooms, found again by their own words.
//!
//! A refusal, the name of a category or a time arrives as a finished sentence. The files `sentences.ftl` and
//! `categories.ftl` of `zh-CN` hold the ones that residents meet, with names where something is filled in; what stands
//! there is taken out of the sentence, translated in its turn, and put into the sentence of the other language.

use std::collections::HashMap;
use std::sync::LazyLock;

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};

use super::{Lang, Value};

/// A piece of a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    Words(String),
    /// Something that is filled in.
    Name(String),
}

/// The names that hold a whole number and nothing else.
const NUMBERS: &[&str] = &["count", "limit", "days", "hours", "minutes", "year", "month", "day"];

static EXACT: LazyLock<HashMap<String, String>> = LazyLock::new(|| {
    let whole = |(key, parts): (String, Vec<Part>)| match parts.as_slice() {
        [Part::Words(words)] => Some((words.clone(), key)),
        _ => None,
    };
    originals().into_iter().filter_map(whole).collect()
});
/// The longest words first, so that the fullest sentence is tried before a part of it.
static FILLED: LazyLock<Vec<(String, Vec<Part>)>> = LazyLock::new(|| {
    let mut filled: Vec<_> = originals().into_iter().filter(|(_, parts)| parts.len() > 1).collect();
    let words = |parts: &[Part]| -> usize {
        parts.iter().map(|part| if let Part::Words(words) = part { words.len() } else { 0 }).sum()
    };
    filled.sort_by_key(|(_, parts)| std::cmp::Reverse(words(parts)));
    filled
});

/// The files whose sentences are found by their words.
const FOUND: [&str; 2] = ["sentences", "categories"];

fn originals() -> Vec<(String, Vec<Part>)> {
    let files = Lang::Hans.files().iter().filter(|(name, _)| FOUND.contains(name));
    files.flat_map(|(_, text)| messages(text)).collect()
}

/// The sentence of this language that says the same.
pub(super) fn say(lang: Lang, chinese: &str) -> Option<String> {
    if lang == Lang::Hans {
        return Some(chinese.to_owned());
    }
    if let Some(key) = EXACT.get(chinese) {
        return Some(lang.t(key).to_string());
    }
    FILLED.iter().find_map(|(key, parts)| {
        let taken = take_out(parts, chinese)?;
        let mut saying = lang.t(key);
        for (name, words) in taken {
            let value = match words.parse() {
                Ok(number) if NUMBERS.contains(&name) => Value::Number(number),
                _ => Value::Words(lang.sentence(words)),
            };
            saying.args.push((name, value));
        }
        Some(saying.to_string())
    })
}

/// What is filled into `text`, where it is this sentence.
fn take_out<'a>(parts: &'a [Part], text: &'a str) -> Option<Vec<(&'a str, &'a str)>> {
    let (mut rest, mut taken, mut name) = (text, Vec::new(), None);
    for part in parts {
        match (part, name.take()) {
            (Part::Words(words), None) => rest = rest.strip_prefix(words.as_str())?,
            (Part::Words(words), Some(open)) => {
                let (filled, after) = rest.split_once(words.as_str())?;
                taken.push((open, filled));
                rest = after;
            }
            (Part::Name(next), _) => name = Some(next.as_str()),
        }
    }
    match name {
        Some(open) => taken.push((open, rest)),
        None if !rest.is_empty() => return None,
        None => {}
    }
    let sound = |(name, filled): &(&str, &str)| {
        let digits = filled.bytes().all(|sign| sign.is_ascii_digit());
        !filled.is_empty() && (digits || !NUMBERS.contains(name))
    };
    taken.iter().all(sound).then_some(taken)
}

/// Every sentence of a file that is plain words and names; one that chooses between one and many counts with its name
/// alone.
pub(super) fn messages(text: &str) -> Vec<(String, Vec<Part>)> {
    let resource = match fluent_syntax::parser::parse(text.to_owned()) {
        Ok(resource) | Err((resource, _)) => resource,
    };
    let read = |entry: Entry<String>| match entry {
        Entry::Message(message) => message.value.map(|value| (message.id.name, pieces(&value))),
        _ => None,
    };
    resource.body.into_iter().filter_map(read).collect()
}

fn pieces(pattern: &Pattern<String>) -> Vec<Part> {
    let piece = |element: &PatternElement<String>| match element {
        PatternElement::TextElement { value } => Some(Part::Words(value.clone())),
        PatternElement::Placeable { expression: Expression::Inline(inline) }
        | PatternElement::Placeable { expression: Expression::Select { selector: inline, .. } } => {
            match inline {
                InlineExpression::VariableReference { id } => Some(Part::Name(id.name.clone())),
                InlineExpression::StringLiteral { value } => Some(Part::Words(value.clone())),
                _ => None,
            }
        }
    };
    pattern.elements.iter().filter_map(piece).collect()
}

/// A sentence for the script: names in single braces.
pub(super) fn braced(parts: &[Part]) -> String {
    let one = |part: &Part| match part {
        Part::Words(words) => words.clone(),
        Part::Name(name) => format!("{{{name}}}"),
    };
    parts.iter().map(one).collect()
}
