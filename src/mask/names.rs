//! The name that somebody left, wherever it stands in a text. Names in general cannot be told from other words; this one can.

/// What is said behind a name, two signs each; the name without it is still theirs.
const TITLES: &[&str] = &[
    "先生", "女士", "小姐", "同志", "老师", "师傅", "阿姨", "大爷", "大妈", "大娘", "大叔", "叔叔", "奶奶",
    "爷爷",
];

/// A text with `name` hidden wherever it stands, also with blanks in it. A name of a single sign stands in too many words
/// to be looked for.
pub fn named(text: &str, name: &str) -> String {
    let name: Vec<char> = name.chars().filter(|sign| !sign.is_whitespace()).collect();
    let end = name.len().saturating_sub(2);
    let titled = end >= 2 && TITLES.contains(&name[end..].iter().collect::<String>().as_str());
    let name = if titled { &name[..end] } else { &name[..] };
    if name.len() < 2 {
        return text.to_owned();
    }
    let signs: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < signs.len() {
        match stands(&signs[at..], name) {
            Some(taken) => {
                out.push(name[0]);
                out.push_str("**");
                at += taken;
            }
            None => {
                out.push(signs[at]);
                at += 1;
            }
        }
    }
    out
}

/// How many signs the name takes where it begins a text.
fn stands(signs: &[char], name: &[char]) -> Option<usize> {
    let mut at = 0;
    for (place, wanted) in name.iter().enumerate() {
        if place > 0 {
            at += signs[at..].iter().take_while(|sign| sign.is_whitespace()).count();
        }
        if !signs.get(at)?.to_lowercase().eq(wanted.to_lowercase()) {
            return None;
        }
        at += 1;
    }
    Some(at)
}
