//! Personal numbers are shown masked: phones, identity cards and permits, bank cards, car plates, names, and rooms where
//! a text leaves the house.
//!
//! What people wrote is stored as they wrote it, as [`FreeText`], which shows itself masked wherever it is shown: on a
//! page, in JSON, in a log. Whoever needs the words themselves asks for them by name, and a test knows who does.
//! Rules: domain §9. It would rather hide a number too many than show one; what it never hides stands in `tests.rs`.

mod documents;
mod free;
mod names;
mod numbers;
mod plates;
mod rooms;
#[cfg(test)]
mod tests;

pub use self::free::FreeText;
pub use self::names::named;

/// A phone as stored for display: `138****1234`, `010-****12`.
pub fn phone(phone: &str) -> String {
    let digits: Vec<char> = phone.chars().filter(char::is_ascii_digit).collect();
    match digits.len() {
        11 if digits[0] == '1' => ends(&digits, 3, 4),
        10..=12 if digits[0] == '0' => {
            let area = if matches!(digits[1], '1' | '2') { 3 } else { 4 };
            format!("{}-****{}", digits[..area].iter().collect::<String>(), tail(&digits, 2))
        }
        0..4 => "****".to_owned(),
        _ => format!("****{}", tail(&digits, 2)),
    }
}

/// A name or form of address: the first character, then `**`.
pub fn name(name: &str) -> String {
    name.trim().chars().next().map_or(String::new(), |first| format!("{first}**"))
}

/// Free text with every phone, identity card, permit, bank card and car plate masked. Masking again changes nothing.
pub fn text(text: &str) -> String {
    settled(text, &[plates::find, documents::find, numbers::find, numbers::find_spoken])
}

/// Free text that leaves the house, as an export or for everybody to read: as [`text`], and rooms as `***`.
pub fn outward(shown: &str) -> String {
    settled(&text(shown), &[rooms::find])
}

/// What a rule finds at a place of a text: how many signs it takes, and what stands there instead.
type Found = Option<(usize, String)>;

/// Applies rules until nothing changes. What is hidden never comes back, so that this ends; the second time is for what
/// only shows once its neighbour is hidden.
fn settled(text: &str, rules: &[fn(&[char], usize) -> Found]) -> String {
    let mut now = text.to_owned();
    loop {
        let next = once(&now, rules);
        if next == now {
            return now;
        }
        now = next;
    }
}

fn once(text: &str, rules: &[fn(&[char], usize) -> Found]) -> String {
    let signs: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < signs.len() {
        match rules.iter().find_map(|rule| rule(&signs, at)) {
            Some((taken, shown)) => {
                out.push_str(&shown);
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

/// A digit, perhaps of full width, as an ASCII one.
fn digit(sign: char) -> Option<char> {
    half(sign).filter(char::is_ascii_digit)
}

/// A letter or digit, perhaps of full width, as an ASCII one in upper case.
fn half(sign: char) -> Option<char> {
    let half = match sign {
        '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ' => char::from_u32(sign as u32 - 0xFEE0)?,
        sign => sign,
    };
    half.is_ascii_alphanumeric().then(|| half.to_ascii_uppercase())
}

/// Whether one of `words` stands right before `at`, with at most a few signs such as `：` or `是` between.
fn follows(signs: &[char], at: usize, words: &[&str]) -> bool {
    const BETWEEN: &str = " ：:是为号码（(，,=　\t\u{a0}";
    let mut end = at;
    while end > 0 && at - end < 5 && BETWEEN.contains(signs[end - 1]) {
        end -= 1;
    }
    // A word may itself end in a sign that stands between.
    (end..=at).any(|end| {
        words.iter().any(|word| {
            let length = word.chars().count();
            end >= length && signs[end - length..end].iter().copied().eq(word.chars())
        })
    })
}

/// Whether the digits are a day, written as `20250603` or `250603`.
fn is_day(digits: &[char]) -> bool {
    let number = |part: &[char]| part.iter().fold(0, |sum, digit| sum * 10 + *digit as u32 - '0' as u32);
    let (year, rest) = match digits.len() {
        8 => (number(&digits[..4]), &digits[4..]),
        6 => (2000 + number(&digits[..2]), &digits[2..]),
        _ => return false,
    };
    let day = chrono::NaiveDate::from_ymd_opt(year as i32, number(&rest[..2]), number(&rest[2..]));
    day.is_some() && (1880..=2099).contains(&year)
}

fn ends(digits: &[char], head: usize, end: usize) -> String {
    format!("{}****{}", digits[..head].iter().collect::<String>(), tail(digits, end))
}

fn tail(digits: &[char], count: usize) -> String {
    digits[digits.len().saturating_sub(count)..].iter().collect()
}
