//! Numbers of digits: phones, identity cards, bank cards. People write them in one piece, in groups with spaces, hyphens
//! or dots between, with full-width digits, or as they are spoken: 一三八….

use super::{Found, digit, ends, follows, half, is_day, phone, tail};

/// Signs that stand inside one number, between its groups.
const JOINS: &str = " -－—–_.·•\u{a0}\u{3000}()（）";
/// So many of them at most.
const JOIN: usize = 3;
/// Groups that one number may have: a phone may be written digit by digit.
const GROUPS: usize = 20;

/// Digits that stand together, and where they end in the text.
struct Group {
    digits: Vec<char>,
    end: usize,
}

/// A number that begins at `at`: of all groups that could belong to it, the longest row that is a personal number.
pub(super) fn find(signs: &[char], at: usize) -> Found {
    let inside = at > 0 && digit(signs[at - 1]).is_some();
    if inside || digit(signs[at]).is_none() {
        return None;
    }
    let groups = groups(signs, at);
    for count in (1..=groups.len()).rev() {
        let end = groups[count - 1].end;
        let lengths: Vec<usize> = groups[..count].iter().map(|group| group.digits.len()).collect();
        let mut digits: Vec<char> = groups[..count].iter().flat_map(|group| group.digits.clone()).collect();
        let mut taken = end - at;
        if digits.len() == 17
            && signs.get(end).is_some_and(|sign| matches!(sign, 'x' | 'X' | 'Ｘ' | 'ｘ' | '×'))
        {
            digits.push('X');
            taken += 1;
        }
        let number = Number { signs, at, digits, lengths };
        if let Some(shown) = number.masked() {
            return Some((taken, shown));
        }
    }
    None
}

/// The groups from `at` on. What is left of a number that is masked already belongs to no other.
fn groups(signs: &[char], at: usize) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut place = at;
    while groups.len() < GROUPS {
        let digits: Vec<char> = signs[place..].iter().map_while(|sign| digit(*sign)).collect();
        let end = place + digits.len();
        let starred = |sign: Option<&char>| sign == Some(&'*');
        let rest =
            digits.len() <= 4 && (starred(signs.get(end)) || place > 0 && starred(signs.get(place - 1)));
        if digits.is_empty() || rest {
            break;
        }
        groups.push(Group { digits, end });
        let joined = signs[end..].iter().take_while(|sign| JOINS.contains(**sign)).count();
        if joined == 0 || joined > JOIN {
            break;
        }
        place = end + joined;
    }
    groups
}

/// Digits in a row that may be a number of a person.
struct Number<'a> {
    signs: &'a [char],
    at: usize,
    digits: Vec<char>,
    lengths: Vec<usize>,
}

impl Number<'_> {
    fn masked(&self) -> Option<String> {
        let digits = &self.digits;
        let national = ["0086", "86"].iter().find_map(|code| self.without(code));
        if let Some(mobile) = national.filter(|rest| rest.len() == 11 && rest[0] == '1') {
            return Some(ends(mobile, 3, 4));
        }
        if self.mobile() {
            return Some(ends(digits, 3, 4));
        }
        if self.several_mobiles() {
            return Some(digits.chunks(11).map(|mobile| ends(mobile, 3, 4)).collect::<Vec<_>>().join(" "));
        }
        if self.landline() {
            return Some(phone(&digits.iter().collect::<String>()));
        }
        if self.identity() {
            return Some(ends(digits, 3, 2));
        }
        if self.card() {
            return Some(ends(digits, 0, 4));
        }
        (self.abroad() || self.local()).then(|| format!("****{}", tail(digits, 2)))
    }

    fn without(&self, code: &str) -> Option<&[char]> {
        let length = code.len();
        (self.digits.len() > length && self.digits[..length].iter().copied().eq(code.chars()))
            .then(|| &self.digits[length..])
    }

    fn one_piece(&self) -> bool {
        self.lengths.len() == 1
    }

    /// 11 digits that begin with 1, in one piece or in groups as people write phones.
    fn mobile(&self) -> bool {
        if self.digits.len() != 11 || self.digits[0] != '1' {
            return false;
        }
        let given = matches!(self.digits[1], '3'..='9');
        match self.lengths.as_slice() {
            [_] | [3, 4, 4] => true,
            [3, rest @ ..] => given && rest.iter().all(|length| *length > 1),
            [4, 4, 3] | [4, 3, 4] | [4, 7] | [5, 6] | [6, 5] | [7, 4] | [2, 9] | [1, 10] => given,
            all => given && all.iter().all(|length| *length == 1),
        }
    }

    /// Phones written one after the other.
    fn several_mobiles(&self) -> bool {
        let mobile =
            |digits: &[char]| digits.len() == 11 && digits[0] == '1' && matches!(digits[1], '3'..='9');
        self.one_piece() && self.digits.len() > 11 && self.digits.chunks(11).all(mobile)
    }

    /// 10 to 12 digits that begin with an area code.
    fn landline(&self) -> bool {
        let digits = &self.digits;
        if !(10..=12).contains(&digits.len()) || digits[0] != '0' {
            return false;
        }
        let area = match digits[1] {
            '1' | '2' => 3,
            '3'..='9' => 4,
            _ => 0,
        };
        let rest = digits.len() - area;
        self.one_piece()
            || area > 0
                && self.lengths[0] == area
                && (7..=8).contains(&rest)
                && self.lengths[1..].iter().all(|length| *length > 1)
    }

    /// 18 or 15 digits of a place and a day of birth. Whether the check digit is right is not asked: a number with a slip
    /// of the pen is as personal.
    fn identity(&self) -> bool {
        const PLACES: &[&str] = &[
            "11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41",
            "42", "43", "44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65", "71",
            "81", "82", "83", "91",
        ];
        let digits = &self.digits;
        let place = PLACES.iter().any(|code| digits.iter().take(2).copied().eq(code.chars()));
        let born = match digits.len() {
            18 => is_day(&digits[6..14]),
            15 => is_day(&digits[6..12]),
            _ => false,
        };
        place && born || digits.len() >= 8 && follows(self.signs, self.at, &["身份证", "证件", "身份证号"])
    }

    /// 13 to 19 digits with the check digit of a bank card, or as one that begins as those of this country do.
    fn card(&self) -> bool {
        let digits = &self.digits;
        let last = self.lengths.len() - 1;
        let written = self.one_piece()
            || self.lengths[..last].iter().all(|length| *length == 4) && self.lengths[last] <= 4
            || matches!(self.lengths.as_slice(), [6, 13] | [6, 10] | [4, 6, 5] | [8, 8]);
        if !written || !(12..=24).contains(&digits.len()) {
            return false;
        }
        let named = ["卡号", "银行卡", "账号", "帐号", "账户", "户头"];
        if follows(self.signs, self.at, &named) {
            return true;
        }
        // What begins with a day is the number of some paper: 20250603….
        if !(13..=19).contains(&digits.len()) || is_day(&digits[..8]) {
            return false;
        }
        let home = digits.len() >= 16 && digits[0] == '6' && digits[1] == '2';
        home || matches!(digits[0], '2'..='6' | '9' | '1') && luhn(digits)
    }

    /// A phone with the code of another country, or of 港澳台.
    fn abroad(&self) -> bool {
        let plus = self.at > 0 && matches!(self.signs[self.at - 1], '+' | '＋');
        let near = [("852", 8), ("853", 8), ("886", 9)];
        let neighbour = near.iter().any(|(code, length)| {
            let whole = |code: &str| self.without(code).is_some_and(|rest| rest.len() == *length);
            whole(&format!("00{code}")) || self.lengths[0] == 3 && !self.one_piece() && whole(code)
        });
        neighbour || plus && (10..=15).contains(&self.digits.len())
    }

    /// Seven or eight digits that are called a phone.
    fn local(&self) -> bool {
        const PHONES: &[&str] =
            &["电话", "手机", "座机", "固话", "联系方式", "致电", "拨打", "来电", "打给", "微信", "QQ", "qq"];
        let written = matches!(self.lengths.as_slice(), [7..=10] | [4, 4] | [3, 4]);
        // Letters around digits are the number of a ticket or a code.
        let end = self.signs.get(self.at + self.digits.len()).copied();
        let bare = !self.one_piece() || end.and_then(half).is_none();
        written && bare && !is_day(&self.digits) && !self.service() && follows(self.signs, self.at, PHONES)
    }

    /// A number that everybody may call: 400 and 800, 95… and 96….
    fn service(&self) -> bool {
        let short = self.digits.len() <= 8;
        ["400", "800"].iter().any(|code| self.without(code).is_some())
            || short && ["95", "96"].iter().any(|code| self.without(code).is_some())
    }
}

fn luhn(digits: &[char]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| {
            let value = digit.to_digit(10).unwrap_or(0);
            match value * 2 {
                twice if place % 2 == 1 => twice / 10 + twice % 10,
                _ => value,
            }
        })
        .sum();
    sum.is_multiple_of(10)
}

/// A numeral as it is spoken, as a digit.
fn spoken(sign: char) -> Option<char> {
    const NUMERALS: &[&str] =
        &["零〇洞", "一幺壹", "二两贰", "三叁", "四肆", "五伍", "六陆", "七柒拐", "八捌", "九玖勾"];
    let value = NUMERALS.iter().position(|signs| signs.contains(sign))?;
    char::from_digit(value as u32, 10)
}

/// A mobile phone written in numerals, perhaps among digits: everything from its first numeral to the end of the row.
pub(super) fn find_spoken(signs: &[char], at: usize) -> Found {
    let any = |sign: char| digit(sign).or_else(|| spoken(sign));
    if any(signs[at]).is_none_or(|first| first != '1') {
        return None;
    }
    let (mut digits, mut numerals, mut end) = (Vec::new(), 0, at);
    for (place, &sign) in signs.iter().enumerate().skip(at) {
        match any(sign) {
            Some(value) => {
                digits.push(value);
                numerals += usize::from(digits.len() <= 11 && digit(sign).is_none());
                end = place + 1;
            }
            None if JOINS.contains(sign) && place - end < JOIN => {}
            None => break,
        }
    }
    let mobile = digits.len() >= 11 && matches!(digits[1], '3'..='9') && numerals > 0;
    mobile.then(|| (end - at, ends(&digits[..], 3, 4)))
}
