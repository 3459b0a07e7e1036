//! Rooms: 1201室, 2单元402, 3-2-1201. The building and the unit stay; they are where the matter is.

use super::{Found, digit};

/// A room whose number begins at `at`.
pub(super) fn find(signs: &[char], at: usize) -> Found {
    let is = |sign: &char| digit(*sign).is_some() || "零〇一二三四五六七八九".contains(*sign);
    if !is(&signs[at]) || at > 0 && is(&signs[at - 1]) {
        return None;
    }
    let length = signs[at..].iter().take_while(|sign| is(sign)).count();
    let letter = usize::from(signs.get(at + length).is_some_and(char::is_ascii_alphabetic));
    let after = |word: &str| {
        signs[at + length + letter..].iter().copied().take(word.chars().count()).eq(word.chars())
    };
    let before = |word: &str| {
        let length = word.chars().count();
        at >= length && signs[at - length..at].iter().copied().eq(word.chars())
    };
    let called = (2..=4).contains(&length) && ["室", "房间", "号房"].iter().any(|word| after(word));
    let behind = (3..=4).contains(&length)
        && (before("单元") || before("单元-") || before("单元 ") || third(signs, at))
        && !["号楼", "栋", "弄", "元", "米", "人", "年", "月", "天", "户"].iter().any(|word| after(word));
    (called || behind).then(|| (length + letter, "***".to_owned()))
}

/// Whether two numbers with hyphens stand before: 3-2-.
fn third(signs: &[char], at: usize) -> bool {
    let mut place = at;
    for _ in 0..2 {
        if place == 0 || !matches!(signs[place - 1], '-' | '－') {
            return false;
        }
        place -= 1;
        let digits = signs[..place].iter().rev().take_while(|sign| digit(**sign).is_some()).count();
        if !(1..=2).contains(&digits) {
            return false;
        }
        place -= digits;
    }
    place == 0 || !matches!(signs[place - 1], '-' | '－')
}
