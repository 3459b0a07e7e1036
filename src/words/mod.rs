//! What residents read, in their language: one file of sentences per subject under `locales/`, compiled in.
//!
//! Chinese comes first: the files of `zh-CN` are the originals, the others say the same. A page asks for a sentence by its
//! key ([`Lang::t`]); what comes from other rooms as a finished Chinese sentence (a refusal, a category, a time) is
//! looked up by that sentence ([`Lang::sentence`]), so that no rule is told twice. `tests/it/words.rs` holds every key
//! to all three languages and to its use. Nothing here knows a page.

mod known;
pub mod look;

use std::fmt;
use std::sync::LazyLock;

use askama::filters::{Escaper, Html};
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};

use crate::db::Time;

pub use look::{Look, Print};

text_enum! {
    /// A language that residents can choose.
    pub enum Lang {
        Hans = "zh-CN", "简体中文";
        Hant = "zh-Hant", "繁體中文";
        En = "en", "English";
    }
}

/// The files of every language, by name without ending.
macro_rules! files {
    ($lang:literal: $($name:literal)+) => {
        &[$(($name, include_str!(concat!("../../locales/", $lang, "/", $name, ".ftl")))),+]
    };
}
macro_rules! languages {
    ($names:tt) => { [languages!(@ "zh-CN" $names), languages!(@ "zh-Hant" $names), languages!(@ "en" $names)] };
    (@ $lang:literal [$($name:literal)+]) => { files!($lang: $($name)+) };
}
/// What a language says: its files, each with its name.
type Files = &'static [(&'static str, &'static str)];
const FILES: [Files; 3] = languages!([
    "frame" "door" "pages" "after" "ticket" "data" "bulletin" "script" "sentences" "categories"
]);

static BUNDLES: LazyLock<[FluentBundle<FluentResource>; 3]> =
    LazyLock::new(|| [bundle(Lang::Hans), bundle(Lang::Hant), bundle(Lang::En)]);

fn bundle(lang: Lang) -> FluentBundle<FluentResource> {
    let mut bundle = FluentBundle::new_concurrent(vec![lang.word().parse().unwrap_or_default()]);
    // The marks that keep directions apart would end up in numbers that people copy; all three run the same way.
    bundle.set_use_isolating(false);
    for (name, text) in lang.files() {
        let resource = match FluentResource::try_new((*text).to_owned()) {
            Ok(resource) => resource,
            // A test reads every file: what is broken never gets this far.
            Err((resource, faults)) => {
                tracing::error!(name, ?faults, "sentences that cannot be read");
                resource
            }
        };
        if let Err(faults) = bundle.add_resource(resource) {
            tracing::error!(name, ?faults, "sentences that are said twice");
        }
    }
    bundle
}

impl Lang {
    /// Its files, as they were written.
    pub fn files(self) -> Files {
        FILES[self as usize]
    }

    /// The sentence with this key; fill in what it names with [`Saying::with`] and [`Saying::num`].
    pub fn t(self, key: &str) -> Saying<'_> {
        Saying { lang: self, key, args: Vec::new() }
    }

    /// The same sentence as this Chinese one. What nobody translated stays as it is, rather than be lost.
    pub fn sentence(self, chinese: &str) -> String {
        known::say(self, chinese).unwrap_or_else(|| chinese.to_owned())
    }

    /// The name of a category: its level 2, or where nobody translated that, its level 1.
    pub fn category(self, level2: &str, level1: &str) -> String {
        known::say(self, level2).unwrap_or_else(|| self.sentence(level1))
    }

    /// A moment in words, by the clock of Shanghai.
    pub fn moment(self, at: Time) -> String {
        self.sentence(&at.long())
    }
}

/// A sentence with what is filled into it. Shown by `{{ }}`, which escapes all of it.
#[derive(Debug, Clone)]
pub struct Saying<'a> {
    lang: Lang,
    key: &'a str,
    args: Vec<(&'a str, Value)>,
}

#[derive(Debug, Clone)]
enum Value {
    Words(String),
    Number(usize),
}

/// A number, or a reference to one, as templates hand it over.
pub trait Number {
    /// The number.
    fn number(&self) -> usize;
}

impl Number for usize {
    fn number(&self) -> usize {
        *self
    }
}

impl<T: Number> Number for &T {
    fn number(&self) -> usize {
        (**self).number()
    }
}

impl<'a> Saying<'a> {
    /// Fills in words.
    pub fn with(mut self, name: &'a str, words: impl fmt::Display) -> Saying<'a> {
        self.args.push((name, Value::Words(words.to_string())));
        self
    }

    /// Fills in a number, by which a language may choose between one and many.
    pub fn num(mut self, name: &'a str, number: impl Number) -> Saying<'a> {
        self.args.push((name, Value::Number(number.number())));
        self
    }

    /// The sentence as markup, for `|safe`: marks of emphasis in the file stay, everything filled in is escaped.
    pub fn html(&self) -> String {
        self.fill(|words| {
            let mut escaped = String::with_capacity(words.len());
            // Writing to memory cannot fail.
            let _ = Html.write_escaped_str(&mut escaped, words);
            escaped
        })
    }

    fn fill(&self, clean: impl Fn(&str) -> String) -> String {
        let said = |lang: Lang| {
            let bundle = &BUNDLES[lang as usize];
            bundle.get_message(self.key)?.value().map(|pattern| (bundle, pattern))
        };
        let Some((bundle, pattern)) = said(self.lang).or_else(|| said(Lang::Hans)) else {
            debug_assert!(false, "no sentence {:?}", self.key);
            return self.key.to_owned();
        };
        let mut args = FluentArgs::with_capacity(self.args.len());
        for (name, value) in &self.args {
            match value {
                Value::Words(words) => args.set(*name, clean(words)),
                Value::Number(number) => args.set(*name, *number),
            }
        }
        let mut faults = Vec::new();
        let text = bundle.format_pattern(pattern, Some(&args), &mut faults).into_owned();
        debug_assert!(faults.is_empty(), "{:?} of {:?}: {faults:?}", self.key, self.lang);
        text
    }
}

impl fmt::Display for Saying<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.fill(str::to_owned))
    }
}

/// The sentences of the script, as JSON for one attribute of the page: `{n}` stands where it fills something in.
pub fn script(lang: Lang) -> String {
    let file = lang.files().iter().find(|(name, _)| *name == "script").map_or("", |(_, text)| text);
    let sentences: serde_json::Map<String, serde_json::Value> = known::messages(file)
        .into_iter()
        .map(|(key, parts)| (key.trim_start_matches("script-").to_owned(), known::braced(&parts).into()))
        .collect();
    serde_json::Value::Object(sentences).to_string()
}

#[cfg(test)]
mod tests;
