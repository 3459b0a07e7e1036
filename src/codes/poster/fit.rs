//! Breaks and shrinks a text until it fits its place: SVG itself does neither.
//! Prefers the largest type, then breaks where people pause (spaces, commas), never inside a number or a
//! Latin word, never before a closing mark or after an opening one.

use super::fonts::Ruler;

/// Lines of one size, each with the baseline that centres the block vertically around 0.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Block {
    /// Type size, in the unit of the given width.
    pub(super) size: f32,
    pub(super) lines: Vec<Line>,
}

/// One line of a [`Block`].
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Line {
    /// Baseline relative to the middle of the block.
    pub(super) y: f32,
    pub(super) text: String,
}

/// How much smaller the next try is.
const STEP: f32 = 0.97;

/// The room that a text has.
#[derive(Debug, Clone, Copy)]
pub(super) struct Room {
    pub(super) width: f32,
    /// The lines together may not be higher.
    pub(super) height: f32,
    /// The wished type size.
    pub(super) size: f32,
    /// The smallest type size that may still be read from where people stand.
    pub(super) least: f32,
    pub(super) lines: usize,
    /// From baseline to baseline, in type sizes.
    pub(super) leading: f32,
}

/// Why a text cannot be set.
#[derive(Debug, PartialEq)]
pub(super) enum Unfit {
    /// Too long even in the smallest type.
    TooLong,
    /// The font has no such character.
    Unknown(char),
}

/// Sets `text` in the largest size that fits `room`.
pub(super) fn fit(ruler: &Ruler<'_>, text: &str, room: Room) -> Result<Block, Unfit> {
    let signs = measure(ruler, text)?;
    let largest = |from: f32, steps: i32, pause: Pause| {
        (0..steps).map(|step| from * STEP.powi(step)).take_while(|size| *size >= room.least).find_map(
            |size| {
                let lines = room.lines.min((room.height / (size * room.leading)) as usize).max(1);
                lay(&signs, room.width / size, lines, pause).map(|lines| (size, lines))
            },
        )
    };
    let (size, lines) = largest(room.size, 200, Pause::Anywhere).ok_or(Unfit::TooLong)?;
    // A break where people pause is worth a little size.
    let paused = if lines.len() > 1 { largest(size, 8, Pause::Phrases) } else { None };
    let (size, lines) = paused.unwrap_or((size, lines));
    Ok(block(lines, size, room.leading))
}

#[derive(Clone, Copy, PartialEq)]
enum Pause {
    Phrases,
    Anywhere,
}

fn measure(ruler: &Ruler<'_>, text: &str) -> Result<Vec<(char, f32)>, Unfit> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    text.chars().map(|sign| ruler.em(sign).map(|em| (sign, em)).ok_or(Unfit::Unknown(sign))).collect()
}

fn em(signs: &[(char, f32)]) -> f32 {
    signs.iter().map(|(_, em)| em).sum()
}

/// The fewest lines no wider than `width` em, balanced, or `None` when `most` lines do not suffice.
fn lay(signs: &[(char, f32)], width: f32, most: usize, pause: Pause) -> Option<Vec<String>> {
    let greedy = fill(signs, width, pause)?;
    let count = greedy.len();
    if count > most {
        return None;
    }
    // The narrowest measure that needs no more lines makes them even.
    let even = em(signs) / count.max(1) as f32;
    (0..20)
        .map(|step| even + (width - even) * step as f32 / 20.0)
        .filter_map(|narrow| fill(signs, narrow, pause))
        .find(|lines| lines.len() == count)
        .or(Some(greedy))
}

fn fill(signs: &[(char, f32)], width: f32, pause: Pause) -> Option<Vec<String>> {
    let mut lines = Vec::new();
    let mut rest = signs;
    while !rest.is_empty() {
        let end = (1..=rest.len())
            .filter(|end| *end == rest.len() || may_break(rest[end - 1].0, rest[*end].0, pause))
            .take_while(|end| em(trimmed(&rest[..*end])) <= width + 0.001)
            .last()?;
        lines.push(trimmed(&rest[..end]).iter().map(|(sign, _)| sign).collect());
        rest = &rest[end..];
    }
    Some(lines)
}

fn trimmed(signs: &[(char, f32)]) -> &[(char, f32)] {
    match signs {
        [line @ .., (' ', _)] => line,
        line => line,
    }
}

fn may_break(before: char, after: char, pause: Pause) -> bool {
    let inner = |sign: char| sign.is_ascii() && sign != ' ';
    match pause {
        _ if before == ' ' => true,
        Pause::Phrases => "，。、；：".contains(before) && after != ' ',
        Pause::Anywhere => {
            let whole = inner(before) && inner(after);
            let bound = "，。、；：！？）》」』”’· ".contains(after) || "（《「『“‘".contains(before);
            !whole && !bound
        }
    }
}

fn block(lines: Vec<String>, size: f32, leading: f32) -> Block {
    let first = (lines.len() as f32 - 1.0) / 2.0;
    // Chinese glyphs reach from 0.88 em above to 0.12 em below the baseline: their middle is 0.37 above.
    let y = |at: usize| ((at as f32 - first) * leading + 0.37) * size;
    let lines = lines.into_iter().enumerate().map(|(at, text)| Line { y: y(at), text }).collect();
    Block { size, lines }
}

#[cfg(test)]
mod tests {
    use super::super::fonts::{self, Weight};
    use super::*;

    fn set(text: &str, width: f32, lines: usize) -> Result<(f32, Vec<String>), Unfit> {
        let fonts = fonts::shared().unwrap();
        let room = Room { width, height: 100.0, size: 10.0, least: 5.0, lines, leading: 1.25 };
        fit(&fonts.ruler(Weight::Bold).unwrap(), text, room)
            .map(|block| (block.size, block.lines.into_iter().map(|line| line.text).collect()))
    }

    #[test]
    fn a_short_text_keeps_its_size() {
        assert_eq!(set("三号楼", 30.0, 1).unwrap(), (10.0, vec!["三号楼".into()]));
    }

    #[test]
    fn a_long_text_shrinks_until_it_fits() {
        let (size, lines) = set("天宫院街道天宫院中里社区", 100.0, 1).unwrap();
        assert!(size <= 100.0 / 12.0 && size > 100.0 / 12.0 * 0.96, "{size}");
        assert_eq!(lines.len(), 1);
        assert_eq!(set(&"楼".repeat(100), 100.0, 2), Err(Unfit::TooLong));
    }

    #[test]
    fn a_place_breaks_where_people_pause() {
        assert_eq!(
            set("天宫院中里 3号楼2单元", 60.0, 2).unwrap(),
            (10.0, vec!["天宫院中里".into(), "3号楼2单元".into()])
        );
    }

    #[test]
    fn numbers_stay_whole_and_marks_stay_with_their_words() {
        for width in 30..90 {
            let Ok((_, lines)) = set("火警119、匪警110、急救120", width as f32, 4) else { continue };
            for line in &lines {
                for number in ["119", "110", "120"] {
                    let parts = lines.iter().filter(|line| line.contains(number)).count();
                    assert_eq!(parts, 1, "{lines:?}");
                }
                assert!(!line.starts_with('、'), "{lines:?}");
            }
        }
    }

    #[test]
    fn lines_are_even() {
        let (_, lines) = set("一二三四五六七八九十", 60.0, 2).unwrap();
        assert_eq!(lines, ["一二三四五", "六七八九十"]);
    }

    #[test]
    fn a_character_that_the_font_lacks_is_named() {
        assert_eq!(set("楼\u{10fffd}", 100.0, 1), Err(Unfit::Unknown('\u{10fffd}')));
        assert_eq!(set("楼\u{1}", 100.0, 1), Err(Unfit::Unknown('\u{1}')));
    }
}
