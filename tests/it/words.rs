//! The sentences of residents' pages: every key stands in every language, is used, and no page says Chinese by itself.

mod report;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};
use louma::words::Lang;

use crate::harness::{Client, TestApp};

/// Pages under `src/reports` that staff read, or print for residents.
const FOR_STAFF: &[&str] = &["slip.html", "take_down.html"];

fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Every file below a folder whose name ends so.
fn files(folder: &Path, endings: &[&str]) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, endings));
        } else if endings.iter().any(|ending| path.to_string_lossy().ends_with(ending)) {
            found.push((path.clone(), fs::read_to_string(&path).unwrap()));
        }
    }
    found
}

fn chinese(sign: char) -> bool {
    matches!(sign, '\u{3000}'..='\u{303f}' | '\u{3400}'..='\u{9fff}' | '\u{ff00}'..='\u{ffef}')
}

/// A message: what is filled in, its words, and the tags in them.
struct Message {
    names: BTreeSet<String>,
    words: Vec<String>,
}

fn messages(lang: Lang) -> BTreeMap<String, Message> {
    let mut all = BTreeMap::new();
    for (name, text) in lang.files() {
        let resource = fluent_syntax::parser::parse((*text).to_owned())
            .unwrap_or_else(|(_, faults)| panic!("{} {name}: {faults:?}", lang.word()));
        for entry in resource.body {
            let Entry::Message(message) = entry else { continue };
            let mut said = Message { names: BTreeSet::new(), words: Vec::new() };
            gather(&message.value.unwrap_or_else(|| panic!("{} says nothing", message.id.name)), &mut said);
            let key = message.id.name;
            assert!(all.insert(key.clone(), said).is_none(), "{} says {key} twice", lang.word());
        }
    }
    all
}

fn gather(pattern: &Pattern<String>, said: &mut Message) {
    for element in &pattern.elements {
        match element {
            PatternElement::TextElement { value } => said.words.push(value.clone()),
            PatternElement::Placeable { expression: Expression::Inline(inline) } => name(inline, said),
            PatternElement::Placeable { expression: Expression::Select { selector, variants } } => {
                name(selector, said);
                variants.iter().for_each(|variant| gather(&variant.value, said));
            }
        }
    }
}

fn name(inline: &InlineExpression<String>, said: &mut Message) {
    match inline {
        InlineExpression::VariableReference { id } => {
            said.names.insert(id.name.clone());
        }
        InlineExpression::StringLiteral { value } => said.words.push(value.clone()),
        other => panic!("{other:?}: sentences fill in names and words, nothing else"),
    }
}

#[test]
fn every_language_says_every_sentence_and_fills_in_the_same() {
    let original = messages(Lang::Hans);
    assert!(original.len() > 100, "only {} sentences", original.len());
    for lang in Lang::ALL {
        let said = messages(*lang);
        let keys = |all: &BTreeMap<String, Message>| all.keys().cloned().collect::<BTreeSet<_>>();
        let missing: Vec<_> = keys(&original).symmetric_difference(&keys(&said)).cloned().collect();
        assert!(missing.is_empty(), "{}: in one of the two only: {missing:?}", lang.word());
        for (key, message) in &said {
            assert_eq!(message.names, original[key].names, "{}: {key}", lang.word());
            for words in &message.words {
                let plain = words.replace("<strong>", "").replace("</strong>", "");
                assert!(
                    !plain.contains('<') && !plain.contains('&'),
                    "{}: {key}: only emphasis",
                    lang.word()
                );
                assert!(*lang != Lang::En || !words.contains(chinese), "{key} is Chinese in English");
            }
        }
    }
}

/// Whether a sign is of simplified Chinese alone: Big5 holds those of traditional Chinese, and few others.
fn simplified(sign: char) -> bool {
    let han = matches!(sign, '\u{3400}'..='\u{9fff}');
    sign == '气' || han && encoding_rs::BIG5.encode(sign.encode_utf8(&mut [0; 4])).2
}

#[test]
fn traditional_chinese_is_written_in_its_own_signs() {
    for (key, message) in messages(Lang::Hant) {
        for words in message.words {
            let slipped: String = words.chars().filter(|sign| simplified(*sign)).collect();
            assert!(slipped.is_empty(), "{key}: {slipped} in {words}");
        }
    }
}

#[test]
fn every_folder_of_sentences_is_compiled_in() {
    for lang in Lang::ALL {
        let folder = root("locales").join(lang.word());
        let mut written: Vec<String> = files(&folder, &[".ftl"])
            .into_iter()
            .map(|(path, _)| path.file_stem().unwrap().to_string_lossy().into_owned())
            .collect();
        let mut compiled: Vec<String> = lang.files().iter().map(|(name, _)| (*name).to_owned()).collect();
        written.sort();
        compiled.sort();
        assert_eq!(written, compiled, "{}", lang.word());
    }
}

/// The text between double quotes, wherever it stands.
fn quoted(text: &str) -> BTreeSet<&str> {
    text.split('"').collect()
}

#[test]
fn every_key_that_is_asked_for_exists_and_every_sentence_is_asked_for() {
    let sources = files(&root("src"), &[".rs", ".html"]);
    let known = messages(Lang::Hans);
    let mut used = BTreeSet::new();
    for (path, text) in &sources {
        for rest in text.split(".t(\"").skip(1) {
            let key = rest.split('"').next().unwrap();
            assert!(known.contains_key(key), "{} asks for {key}", path.display());
        }
        used.extend(quoted(text).into_iter().filter(|word| known.contains_key(*word)).map(str::to_owned));
    }
    let script = scripts();
    for rest in script.split("say(\"").skip(1) {
        let key = format!("script-{}", rest.split('"').next().unwrap());
        assert!(known.contains_key(&key), "a script asks for {key}");
        used.insert(key);
    }
    // Sentences of other rooms are found by their words: each must still be said by somebody, word for word.
    let mut said: String = sources.iter().map(|(_, text)| text.as_str()).collect();
    said += &fs::read_to_string(root("defaults/categories.csv")).unwrap();
    let found = Lang::Hans.files().iter().filter(|(name, _)| ["sentences", "categories"].contains(name));
    let sentences: String = found.map(|(_, text)| *text).collect();
    for (key, message) in &known {
        if !sentences.contains(&format!("\n{key} = ")) {
            assert!(used.contains(key), "nobody says {key}");
            continue;
        }
        // A hint of danger is put together from two columns of the table.
        let pieces = message.words.iter().flat_map(|words| match key.starts_with("danger-") {
            true => words.splitn(2, '：').collect(),
            false => vec![words.as_str()],
        });
        for piece in pieces {
            assert!(said.contains(piece), "nobody says {key} any more: {piece}");
        }
    }
}

#[test]
fn every_category_and_every_danger_of_the_shipped_table_is_translated() {
    let mut table = csv::Reader::from_path(root("defaults/categories.csv")).unwrap();
    for row in table.records() {
        let row = row.unwrap();
        let mut shown = vec![row[1].to_owned(), row[2].to_owned()];
        if !row[10].is_empty() {
            shown.push(format!("{}：{}", &row[2], &row[10]));
        }
        for words in shown {
            let english = Lang::En.sentence(&words);
            assert!(!english.contains(chinese), "{words} is not translated");
            let traditional = Lang::Hant.sentence(&words);
            assert!(!traditional.contains(simplified), "{words} is not translated: {traditional}");
        }
    }
}

#[test]
fn no_page_of_residents_says_chinese_by_itself() {
    let mut pages = files(&root("src/reports"), &[".html"]);
    pages.extend(files(&root("src/bulletin"), &["month.html"]));
    assert!(pages.len() > 20, "only {} pages", pages.len());
    for (path, text) in &pages {
        let name = path.file_name().unwrap().to_string_lossy();
        if FOR_STAFF.contains(&&*name) {
            continue;
        }
        if let Some(line) = text.lines().find(|line| line.contains(chinese)) {
            panic!("{} says by itself: {line}", path.display());
        }
    }
    assert!(!scripts().contains(chinese), "a script says something by itself");
}

/// The scripts of residents' pages.
fn scripts() -> String {
    ["assets/resident.js", "assets/phone.js", "assets/door.js"]
        .map(|file| fs::read_to_string(root(file)).unwrap())
        .concat()
}

/// The words of a page that a reader sees, without what communities and people wrote themselves.
fn visible(page: &str) -> String {
    let mut text = page.to_owned();
    // What is marked as Chinese in a page of another language, and the names of the languages.
    for tag in ["p", "div", "span", "a"] {
        while let Some(from) = text.find(&format!("<{tag} ")).and_then(|_| marked(&text, tag)) {
            let end = text[from..].find(&format!("</{tag}>")).map_or(text.len(), |at| from + at);
            text.replace_range(from..end, "");
        }
    }
    for own in ["天宫院中里", "号楼", "单元", "物业中心", "二层楼道灯不亮"] {
        text = text.replace(own, "");
    }
    text
}

fn marked(text: &str, tag: &str) -> Option<usize> {
    text.match_indices(&format!("<{tag} ")).map(|(at, _)| at).find(|at| {
        let head = &text[*at..*at + text[*at..].find('>').unwrap_or(0)];
        head.contains("lang=\"zh-")
    })
}

/// A request of a browser that likes English best.
fn english(phone: &Client, method: reqwest::Method, path: &str) -> reqwest::RequestBuilder {
    phone.request(method, path).header("accept-language", "en-GB,en;q=0.9")
}

/// The page is in English, and no Chinese stands in it but what communities and people wrote.
fn says_english(path: &str, page: &str) {
    assert!(page.contains("<html lang=\"en\""), "{path}");
    let shown = visible(page);
    let line = shown.lines().find(|line| line.contains(chinese));
    assert!(line.is_none(), "{path} says in Chinese: {line:?}");
}

async fn in_english(app: &TestApp, path: &str, status: u16) -> String {
    let answer = crate::harness::send(english(&app.stranger(), reqwest::Method::GET, path)).await;
    assert_eq!(answer.status, status, "{path}");
    says_english(path, &answer.body);
    answer.body
}

#[actix_web::test]
async fn whoever_reads_english_is_never_told_in_chinese() {
    let app = TestApp::start().await;
    let door = in_english(&app, &app.door(), 200).await;
    assert!(door.contains("What is it about?") && door.contains("Trapped in the lift"));
    assert!(door.contains("天宫院中里 3号楼2单元</h1>"), "names stay as they are");
    assert!(door.contains("the Chinese text is the one that holds"));
    in_english(&app, "/", 200).await;
    in_english(&app, "/t", 200).await;
    in_english(&app, "/t/nothing-like-it", 404).await;
    in_english(&app, "/q/AAAAAAAAAA", 404).await;
    in_english(&app, "/nowhere", 404).await;
    in_english(&app, "/t?%FF=%FF&number", 200).await;
}

#[actix_web::test]
async fn a_form_that_comes_back_tells_what_is_wrong_in_the_language_of_the_page() {
    let app = TestApp::start().await;
    let fields = [("text", ""), ("phone", "12")];
    let heic = b"\0\0\0\x18ftypheic\0\0\0\0";
    let photos: [(&str, &str, &[u8]); 2] = [("photo", "a.heic", heic), ("photo", "b.txt", b"text")];
    let page = app.stranger().post_files(&format!("{}?lang=en", app.door()), &fields, &photos).await;
    assert_eq!(page.status, 422);
    for shown in [
        "Please choose one; if unsure",
        "Please write what is the matter",
        "a mobile number has 11 digits",
        "The photo “a.heic”: This photo is in HEIC format",
        "The photo “b.txt”: This file is no photo",
    ] {
        assert!(page.body.contains(shown), "{shown} is missing: {}", page.body);
    }
    assert!(page.body.contains(&format!("action=\"{}?lang=en\"", app.door())), "and the next try too");
    let line = visible(&page.body);
    assert!(!line.lines().any(|line| line.contains(chinese)), "{line}");
    let traditional =
        app.stranger().post_files(&format!("{}?lang=zh-Hant", app.door()), &fields, &photos).await;
    assert!(traditional.body.contains("電話號碼好像不對"));
}

#[actix_web::test]
async fn a_language_chosen_by_a_link_is_remembered_and_carried_along() {
    let app = TestApp::start().await;
    let phone = app.stranger();
    let first = phone.get(&app.door()).await.body;
    assert!(first.contains("<html lang=\"zh-CN\"") && first.contains(&format!("{}?lang=en", app.door())));
    let english = phone.get(&format!("{}?lang=en&large=1", app.door())).await.body;
    assert!(english.contains("<html lang=\"en\" class=\"large\""), "{english}");
    assert!(
        english.contains(&format!("{}?lang=zh-Hant&#38;large=1", app.door())),
        "large print stays: {english}"
    );
    let later = phone.get("/t").await.body;
    assert!(later.contains("<html lang=\"en\" class=\"large\""), "the cookie remembers");
    let back = phone.get("/t?large=0").await.body;
    assert!(back.contains("<html lang=\"en\">"), "{back}");
    assert!(phone.get("/t").await.body.contains("<html lang=\"en\">"), "and forgets");

    let key = "0123456789abcdef0123456789abcdef";
    let fields = [("category", "01"), ("text", "二层楼道灯不亮"), ("idempotency_key", key)];
    let sent = app.stranger().post_files(&format!("{}?lang=en&large=1", app.door()), &fields, &[]).await;
    assert!(sent.location.ends_with("?received=1&lang=en&large=1"), "{}", sent.location);
    let receipt = app.stranger().get(&sent.location).await.body;
    assert!(receipt.contains("<html lang=\"en\" class=\"large\""));
    assert!(
        receipt.contains("?received=1&#38;lang=zh-CN&#38;large=1"),
        "the receipt stays a receipt: {receipt}"
    );
}
