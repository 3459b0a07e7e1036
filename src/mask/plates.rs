//! Car plates: 京A·12345, 京AD12345 (new energy), 粤Z1234港, 京A1234警, in small letters or full width too.

use super::{Found, digit, follows, half, tail};

const PROVINCES: &str = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼";
/// What may stand between the parts of a plate.
const DOTS: &str = "·.•・-－ \u{a0}";
/// The last sign of plates for a purpose.
const PURPOSES: &str = "学警港澳挂领使试超";

/// A plate that begins at `at`; without its province where it is called a plate.
pub(super) fn find(signs: &[char], at: usize) -> Found {
    let province = Some(signs[at]).filter(|sign| PROVINCES.contains(*sign));
    let mut place = at + usize::from(province.is_some());
    if province.is_some() {
        place += dots(signs, place);
    } else if half(signs[at]).is_none_or(|sign| !sign.is_ascii_alphabetic())
        || at > 0 && half(signs[at - 1]).is_some()
        || !follows(signs, at, &["车牌", "车牌号", "车号"])
    {
        return None;
    }
    let letter = half(*signs.get(place)?).filter(char::is_ascii_alphabetic)?;
    place += 1;
    place += dots(signs, place);
    let mut rest: Vec<char> = signs[place..].iter().map_while(|sign| half(*sign)).take(7).collect();
    let mut end = place + rest.len();
    if let Some(&purpose) = signs.get(end).filter(|sign| rest.len() == 4 && PURPOSES.contains(**sign)) {
        rest.push(purpose);
        end += 1;
    } else if let Some(more) = split(signs, (place, end), &mut rest) {
        end = more;
    }
    let digits = rest.iter().filter(|sign| digit(**sign).is_some()).count();
    if !(5..=6).contains(&rest.len()) || digits < 2 {
        return None;
    }
    let head: String = province.into_iter().chain([letter]).collect();
    Some((end - at, format!("{head}·***{}", tail(&rest, 2))))
}

/// A plate in two pieces: 京A D 12345, 京A 123 45.
fn split(signs: &[char], (begin, end): (usize, usize), rest: &mut Vec<char>) -> Option<usize> {
    let gap = dots(signs, end);
    if begin == end || gap == 0 || rest.len() >= 5 {
        return None;
    }
    let more: Vec<char> = signs[end + gap..].iter().map_while(|sign| half(*sign)).take(7).collect();
    (5..=6).contains(&(rest.len() + more.len())).then(|| {
        let end = end + gap + more.len();
        rest.extend(more);
        end
    })
}

fn dots(signs: &[char], at: usize) -> usize {
    usize::from(signs.get(at).is_some_and(|sign| DOTS.contains(*sign)))
}
