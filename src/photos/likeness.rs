//! What a photo looks like, in 64 bits: the same picture sent again, smaller or compressed anew, differs in few of them.
//!
//! A difference hash: the picture as 9 × 8 cells of mean brightness, and for each pair of neighbours in a row whether the
//! right one is clearly brighter. It says nothing about what is to be seen, and no picture can be made from it.

use super::decode::{Color, Raster};

/// Photos that differ in at most so many of the 64 bits are pointed out as the same picture.
pub const ALIKE: u32 = 6;

const COLUMNS: u32 = 9;
const ROWS: u32 = 8;
/// A cell is brighter than its neighbour by at least this much, of 255 × 16: less is the noise of compression.
const MARGIN: i64 = 24;
/// Between the darkest and the brightest cell lies at least this much, of 255 × 16: a blank wall looks like every other.
const CONTRAST: i64 = 160;

/// In how many of 64 bits two photos differ.
pub fn differing(one: i64, other: i64) -> u32 {
    (one ^ other).count_ones()
}

/// What an upright picture looks like; nothing where it has too little contrast to be told from others.
pub(super) fn likeness(picture: &Raster) -> Option<i64> {
    let cells: Vec<i64> =
        (0..ROWS).flat_map(|row| (0..COLUMNS).map(move |column| cell(picture, column, row))).collect();
    let (darkest, brightest) = (cells.iter().min()?, cells.iter().max()?);
    if brightest - darkest < CONTRAST {
        return None;
    }
    let rows = cells.chunks(COLUMNS as usize);
    let pairs = rows.flat_map(|row| row.windows(2).map(|pair| pair[1] - pair[0] > MARGIN));
    let bits = pairs.fold(0_u64, |bits, brighter| bits << 1 | u64::from(brighter));
    (bits != 0 && bits != u64::MAX).then_some(bits as i64)
}

/// The mean brightness of one cell, times 16. A picture narrower than the grid lends a cell its nearest pixel.
fn cell(picture: &Raster, column: u32, row: u32) -> i64 {
    let span = |at: u32, parts: u32, length: u32| {
        let from = (at * length / parts).min(length - 1);
        (from, ((at + 1) * length / parts).max(from + 1))
    };
    let (left, right) = span(column, COLUMNS, picture.width);
    let (top, bottom) = span(row, ROWS, picture.height);
    let mut sum = 0;
    for y in top..bottom {
        for x in left..right {
            sum += luma(picture, (y * picture.width + x) as usize);
        }
    }
    sum * 16 / i64::from((right - left) * (bottom - top))
}

fn luma(picture: &Raster, at: usize) -> i64 {
    let pixel = &picture.pixels[at * picture.color.channels()..];
    match picture.color {
        Color::Gray | Color::Ycbcr => i64::from(pixel[0]),
        Color::Rgb => {
            (299 * i64::from(pixel[0]) + 587 * i64::from(pixel[1]) + 114 * i64::from(pixel[2])) / 1000
        }
    }
}
