//! Looks at a drawn poster as a phone and a reader would, before it leaves the program.
//! The code must have its size, its white margin and exactly the poster's URL; no text may leave
//! the page or touch the code. A template that breaks this is refused, whoever wrote it.

use resvg::tiny_skia::{Color, Pixmap, Rect, Transform};
use resvg::usvg::{Group, Node, Text, Tree};

use super::{Poster, PosterSize};
use crate::codes::qr::QUIET_MODULES;
use crate::error::{Error, Result};

/// CSS pixels per millimetre: the unit of a parsed tree.
pub(super) const PX_PER_MM: f32 = 96.0 / 25.4;

/// Raster pixels per module: enough for the decoder, cheap enough for every page of a long run.
const PIXELS: usize = 4;

/// What a module may be, in brightness of 255: printed black, or bare paper.
const DARK: u8 = 80;
const LIGHT: u8 = 230;

/// Everything that can be seen without paper. Returns where code and quiet zone lie, in CSS pixels.
pub(super) fn check(tree: &Tree, poster: &Poster, size: PosterSize, modules: usize) -> Result<Rect> {
    let code = code_place(tree, size, modules)?;
    let margin = code.width() / modules as f32 * QUIET_MODULES as f32;
    let quiet = code.outset(margin, margin).ok_or_else(|| fault(size, "二维码太大"))?;
    texts_in_place(tree.root(), tree, quiet, size)?;

    let side = (modules + 2 * QUIET_MODULES) * PIXELS;
    let grey = rasterise(tree, quiet, side)?;
    let margin = QUIET_MODULES * PIXELS;
    let inner = margins_off(side, margin);
    let stained = grey
        .iter()
        .enumerate()
        .any(|(at, pixel)| *pixel < 250 && !(inner.contains(&(at % side)) && inner.contains(&(at / side))));
    if stained {
        return Err(fault(size, "二维码四周要留白（四个小格宽），不能有底色、线条或文字"));
    }
    let read = read_modules(modules, |x, y| grey[(margin + y) * side + margin + x]);
    same(read, poster, size)?;
    Ok(quiet)
}

/// Whether the code is found in the drawn poster as a phone finds it, from its three corners. Half of the work of a poster
/// lies here, and it says something about the template: templates are asked once, when they are read.
pub(super) fn found(tree: &Tree, quiet: Rect, poster: &Poster, size: PosterSize) -> Result<()> {
    let side = (quiet.width() / PX_PER_MM) as usize * PIXELS;
    let grey = rasterise(tree, quiet, side)?;
    same_url(side, side, |x, y| grey[y * side + x], poster, size)
}

/// Reads each module from its middle, where the pixels must agree and be plainly dark or plainly light; then decodes what
/// was read. Stricter than a phone: that corrects a quarter of the modules, here not one may be doubtful.
fn read_modules(modules: usize, grey: impl Fn(usize, usize) -> u8) -> Option<String> {
    let shade = |x: usize, y: usize| {
        let middle = PIXELS / 2;
        let (left, top) = (x * PIXELS + middle, y * PIXELS + middle);
        let pixels = [(left, top), (left - 1, top), (left, top - 1), (left - 1, top - 1)];
        let dark = pixels.iter().filter(|(x, y)| grey(*x, *y) <= DARK).count();
        let light = pixels.iter().filter(|(x, y)| grey(*x, *y) >= LIGHT).count();
        (dark + light == pixels.len() && dark * light == 0).then_some(dark > 0)
    };
    let read: Option<Vec<bool>> =
        (0..modules * modules).map(|at| shade(at % modules, at / modules)).collect();
    let read = read?;
    let grid = rqrr::SimpleGrid::from_func(modules, |x, y| read[y * modules + x]);
    rqrr::Grid::new(grid).decode().ok().map(|(_, content)| content)
}

/// Decodes a grey raster and compares what a phone would open with what the poster is for.
pub(super) fn same_url(
    width: usize,
    height: usize,
    grey: impl Fn(usize, usize) -> u8,
    poster: &Poster,
    size: PosterSize,
) -> Result<()> {
    same(read(width, height, grey), poster, size)
}

fn same(read: Option<String>, poster: &Poster, size: PosterSize) -> Result<()> {
    match read {
        Some(content) if content == poster.url => Ok(()),
        Some(content) => Err(fault(size, &format!("画出的二维码是 {content}，应当是 {}", poster.url))),
        None => Err(fault(size, "画出的二维码扫不出来，请检查颜色（要白底黑码）和遮挡")),
    }
}

/// What a phone would read from a grey raster.
pub(super) fn read(width: usize, height: usize, grey: impl Fn(usize, usize) -> u8) -> Option<String> {
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, height, grey);
    let (_, content) = image.detect_grids().first()?.decode().ok()?;
    Some(content)
}

fn code_place(tree: &Tree, size: PosterSize, modules: usize) -> Result<Rect> {
    let (width, height) = size.mm();
    let near = |px: f32, mm: f32| (px / PX_PER_MM - mm).abs() < 0.1;
    if !near(tree.size().width(), width) || !near(tree.size().height(), height) {
        return Err(fault(size, &format!("页面应是 {width} × {height} 毫米")));
    }
    let Some(node) = tree.node_by_id("qr") else {
        return Err(fault(size, "里面没有二维码（应有 <path id=\"qr\" d=\"{{ qr.path }}\"/>）"));
    };
    let code = node.abs_bounding_box();
    let side = code.width() / PX_PER_MM;
    if (code.width() - code.height()).abs() > 0.1 {
        return Err(fault(size, "二维码不是正方形"));
    }
    // A hundredth is lost to 32-bit sums.
    if side / modules as f32 + 0.001 < PosterSize::LEAST_MODULE_MM {
        return Err(fault(size, &format!("二维码只有 {side:.1} 毫米宽，小格不到 1.1 毫米，老手机扫不出")));
    }
    Ok(code)
}

/// Texts must stay on the page, and clear of the code.
fn texts_in_place(group: &Group, tree: &Tree, quiet: Rect, size: PosterSize) -> Result<()> {
    for node in group.children() {
        match node {
            Node::Group(group) => texts_in_place(group, tree, quiet, size)?,
            Node::Text(text) => {
                let Some(ink) = ink(text) else { continue };
                let words = || text.chunks().iter().map(|chunk| chunk.text()).collect::<String>();
                let (page, rim) = (tree.size(), 2.0 * PX_PER_MM);
                let off = ink.left() < rim
                    || ink.top() < rim
                    || ink.right() > page.width() - rim
                    || ink.bottom() > page.height() - rim;
                if off {
                    return Err(fault(size, &format!("“{}”超出了页面（四边要留 2 毫米）", words())));
                }
                if overlap(ink, quiet) {
                    return Err(fault(size, &format!("“{}”压住了二维码或它的留白", words())));
                }
            }
            Node::Path(_) | Node::Image(_) => {}
        }
    }
    Ok(())
}

/// What the letters of a text cover, in CSS pixels. (The flattened group itself knows only its own space.)
fn ink(text: &Text) -> Option<Rect> {
    text.flattened().bounding_box().transform(text.abs_transform())
}

fn overlap(one: Rect, other: Rect) -> bool {
    one.left() < other.right()
        && other.left() < one.right()
        && one.top() < other.bottom()
        && other.top() < one.bottom()
}

fn margins_off(side: usize, margin: usize) -> std::ops::Range<usize> {
    // One pixel for rounding at the edge of the code.
    margin - 1..side - margin + 1
}

/// The part `area` of the tree on white, `side` pixels wide and high, in grey.
fn rasterise(tree: &Tree, area: Rect, side: usize) -> Result<Vec<u8>> {
    let mut pixmap = Pixmap::new(side as u32, side as u32)
        .ok_or_else(|| Error::internal(anyhow::anyhow!("no raster of {side} pixels")))?;
    pixmap.fill(Color::WHITE);
    let scale = side as f32 / area.width();
    let view = Transform::from_translate(-area.left(), -area.top()).post_scale(scale, scale);
    resvg::render(tree, view, &mut pixmap.as_mut());
    Ok(pixmap.pixels().iter().map(|pixel| luma(pixel.red(), pixel.green(), pixel.blue())).collect())
}

/// ITU-R BT.601 brightness.
pub(super) fn luma(red: u8, green: u8, blue: u8) -> u8 {
    ((u32::from(red) * 299 + u32::from(green) * 587 + u32::from(blue) * 114) / 1000) as u8
}

pub(super) fn fault(size: PosterSize, what: &str) -> Error {
    Error::invalid("template", format!("海报模板 {}：{what}", size.template()))
}

#[cfg(test)]
mod tests {
    use super::super::tests::poster;
    use super::super::{fonts, render};
    use super::*;

    fn inks(group: &Group, found: &mut Vec<(String, Rect)>) {
        for node in group.children() {
            match node {
                Node::Group(group) => inks(group, found),
                Node::Text(text) => {
                    let words = text.chunks().iter().map(|chunk| chunk.text()).collect();
                    found.extend(ink(text).map(|ink| (words, ink)));
                }
                Node::Path(_) | Node::Image(_) => {}
            }
        }
    }

    #[test]
    fn no_text_runs_into_another_however_long_the_names() {
        let (posters, fonts) = (super::super::Posters::new(None).unwrap(), fonts::shared().unwrap());
        let long = Poster {
            community: "天宫院街道天宫院中里社区居民委员会".into(),
            place: "天宫院中里北区 28号院甲3号楼2单元西侧便民栏".into(),
            demo: true,
            ..poster()
        };
        let unpromised = Poster { promise: None, ..long.clone() };
        for size in PosterSize::ALL.iter().copied() {
            for poster in [&poster(), &long, &unpromised] {
                let (tree, _) = render::tree(&posters, poster, size, &fonts).unwrap();
                let mut found = Vec::new();
                inks(tree.root(), &mut found);
                assert!(found.len() > 10);
                for (at, (words, ink)) in found.iter().enumerate() {
                    for (other, its) in &found[at + 1..] {
                        assert!(!overlap(*ink, *its), "{size}: {words} / {other}");
                    }
                }
            }
        }
    }
}
