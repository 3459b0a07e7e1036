//! Papers with letters in their numbers: permits of 港澳台, passports, identity cards of Hong Kong and Macau.
//!
//! Query codes and door codes are letters and digits too, 8 and 10 signs long: a paper of 8 signs is known by its
//! brackets or by what stands before it.

use super::{Found, digit, follows, half, tail};

const NAMED: &[&str] = &["身份证", "证件", "护照", "通行证", "回乡证", "台胞证", "港澳证"];

/// A paper whose number begins at `at`.
pub(super) fn find(signs: &[char], at: usize) -> Found {
    if at > 0 && half(signs[at - 1]).is_some() {
        return None;
    }
    let word: Vec<char> = signs[at..].iter().map_while(|sign| half(*sign)).take(16).collect();
    let letters = word.iter().take_while(|sign| sign.is_ascii_alphabetic()).count();
    let digits = word[letters..].iter().take_while(|sign| sign.is_ascii_digit()).count();
    if letters > 2 || word.len() != letters + digits {
        return None;
    }
    let bracket = check_in_brackets(&signs[at + word.len()..]);
    let named = letters > 0 && digits >= 6 && follows(signs, at, NAMED);
    let permit = "CHMTWEGDSPK".contains(*word.first()?) && (letters, digits) == (1, 8)
        || word[0] == 'C' && (letters, digits) == (2, 7)
        || word[0] == 'E' && (letters, digits) == (2, 7)
        || matches!(word[0], 'H' | 'M') && (letters, digits) == (1, 10);
    let card = match (letters, digits, bracket) {
        (1 | 2, 6, Some(_)) => true,
        (0, 7, Some(_)) => matches!(word[0], '1' | '5' | '7'),
        _ => false,
    };
    if !(named || permit || card) {
        return None;
    }
    let taken = word.len() + if card { bracket.unwrap_or(0) } else { 0 };
    let head: String = word[..letters.min(1)].iter().collect();
    Some((taken, format!("{head}****{}", if card { String::new() } else { tail(&word, 2) })))
}

/// The check sign in brackets, as on cards of Hong Kong and Macau: how many signs it takes.
fn check_in_brackets(signs: &[char]) -> Option<usize> {
    let [open, check, close, ..] = signs else { return None };
    let sound = matches!(open, '(' | '（') && matches!(close, ')' | '）');
    (sound && (digit(*check).is_some() || half(*check) == Some('A'))).then_some(3)
}
