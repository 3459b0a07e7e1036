//! The receipt as a picture, for a phone to keep: number, query code, where it is looked up, whom to call.
//!
//! Drawn with what posters are drawn with, and its code is read back from the very pixels. The code leads to the
//! look-up page alone: a picture travels further than its owner means, and what opens the report itself is never in
//! a form that a machine reads from it.

use std::collections::{BTreeMap, BTreeSet};

use minijinja::{Value, context};
use resvg::tiny_skia::{Color, Pixmap, Transform};

use super::check::{luma, read};
use super::{Posters, fonts, render};
use crate::codes::qr::{QUIET_MODULES, Qr};
use crate::error::{Error, Result};
use crate::words::Lang;

/// The name of its template.
pub(super) const TEMPLATE: &str = "card.svg";
/// Pixels across and down.
const WIDTH: u32 = 750;
const HEIGHT: u32 = 1060;
/// Where the code with its quiet zone lies, and how wide it is.
const CODE: (usize, usize, usize) = (38, 632, 270);
/// Colours that are kept as they are: those of the template, and what lies between the commonest of them.
const FLAT: usize = 12;

/// Everything that a receipt says.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub struct Card {
    /// What it says besides names, numbers and times is said in this language.
    pub lang: Lang,
    pub community: String,
    /// Where the matter is.
    pub place: String,
    pub number: String,
    pub query_code: String,
    /// When it was submitted, in words.
    pub submitted: String,
    /// The address of the look-up page; the card has no code where it is too long for one.
    pub url: String,
    /// Whom to call; may be empty.
    pub phone: String,
    /// Says that it is a demonstration.
    pub demo: bool,
}

impl Posters {
    /// The receipt as a PNG. Takes some tens of milliseconds: never on a thread that answers requests.
    pub fn card(&self, card: &Card) -> Result<Vec<u8>> {
        let qr = Qr::of(&card.url).ok();
        let module = qr.as_ref().map_or(0.0, |qr| CODE.2 as f32 / (qr.modules + 2 * QUIET_MODULES) as f32);
        let (front, back) = card.query_code.split_at_checked(4).unwrap_or((card.query_code.as_str(), ""));
        let values = context! {
            says => says(card),
            community => &card.community,
            place => &card.place,
            number => &card.number,
            query_code => format!("{front} {back}"),
            phone => &card.phone,
            demo => card.demo,
            qr => qr.as_ref().map(|qr| context! {
                path => &qr.path,
                module,
                left => CODE.0 as f32 + module * QUIET_MODULES as f32,
                top => CODE.1 as f32 + module * QUIET_MODULES as f32,
            }),
        };
        let fonts = fonts::shared()?;
        let tree = render::shapes(&self.fill_with(TEMPLATE, values)?, &fonts).map_err(Error::internal)?;
        let mut pixmap = Pixmap::new(WIDTH, HEIGHT)
            .ok_or_else(|| Error::internal(anyhow::anyhow!("no raster of {WIDTH} × {HEIGHT}")))?;
        pixmap.fill(Color::WHITE);
        resvg::render(&tree, Transform::identity(), &mut pixmap.as_mut());
        let rgb = render::flatten(&pixmap);
        if qr.is_some() {
            read_again(&rgb, &card.url)?;
        }
        packed(&rgb).map_err(Error::internal)
    }
}

/// Its sentences.
fn says(card: &Card) -> Value {
    let t = |key: &'static str| card.lang.t(key).to_string();
    context! {
        name => t("frame-name"),
        sent => card.lang.t("card-sent").with("time", &card.submitted).to_string(),
        number => t("lookup-number"),
        query_code => t("lookup-code"),
        look_up => t("frame-lookup"),
        scan => t("card-scan"),
        door => t("card-door"),
        phone => t("card-phone"),
        anyone => t("card-anyone"),
        family => t("card-family"),
        demo => t("card-demo"),
    }
}

/// The picture with a table of its colours: half the bytes, on a network that is slow. The template has nine colours, kept
/// in sixteen shades of each part; the edges of its letters stand between two of them, and on a screen as fine as a
/// phone's four shades of those are enough.
fn packed(rgb: &[u8]) -> Result<Vec<u8>, png::EncodingError> {
    let shade = |part: u8, step: u16| ((u16::from(part) + step / 2) / step * step) as u8;
    let fine: Vec<[u8; 3]> =
        rgb.chunks_exact(3).map(|at| [at[0], at[1], at[2]].map(|part| shade(part, 17))).collect();
    let flat = commonest(&fine);
    let coarse = |at: &[u8; 3]| if flat.contains(at) { *at } else { at.map(|part| shade(part, 85)) };
    let shades: Vec<[u8; 3]> = fine.iter().map(coarse).collect();
    let table: Vec<[u8; 3]> = shades.iter().copied().collect::<BTreeSet<_>>().into_iter().take(256).collect();
    // What is beyond the table, which this template never reaches, becomes its neighbour.
    let place = |at: &[u8; 3]| table.binary_search(at).unwrap_or_else(|next| next.min(table.len() - 1)) as u8;
    let indexed: Vec<u8> = shades.iter().map(place).collect();
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, WIDTH, HEIGHT);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_palette(table.concat());
    encoder.set_compression(png::Compression::High);
    encoder.set_filter(png::Filter::NoFilter);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&indexed)?;
    writer.finish()?;
    Ok(bytes)
}

/// The colours that most of the picture is made of.
fn commonest(shades: &[[u8; 3]]) -> Vec<[u8; 3]> {
    let mut counts: BTreeMap<[u8; 3], usize> = BTreeMap::new();
    for at in shades {
        *counts.entry(*at).or_default() += 1;
    }
    let mut all: Vec<([u8; 3], usize)> = counts.into_iter().collect();
    all.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    all.into_iter().take(FLAT).map(|(at, _)| at).collect()
}

/// Refuses a card whose code does not lead where it should.
fn read_again(rgb: &[u8], url: &str) -> Result<()> {
    let (left, top, side) = CODE;
    let grey = |x: usize, y: usize| {
        let at = ((top + y) * WIDTH as usize + left + x) * 3;
        luma(rgb[at], rgb[at + 1], rgb[at + 2])
    };
    match read(side, side, grey) {
        Some(content) if content == url => Ok(()),
        other => Err(Error::internal(anyhow::anyhow!("the code of a receipt reads {other:?}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card() -> Card {
        Card {
            lang: Lang::Hans,
            community: "天宫院中里社区".into(),
            place: "天宫院中里 3号楼2单元".into(),
            number: "TGY2511250012X".into(),
            query_code: "ABCDEFGH".into(),
            submitted: "2025年11月25日 14:05".into(),
            url: "https://lm.example.cn/t?number=TGY2511250012X".into(),
            phone: "010-6120 0000".into(),
            demo: false,
        }
    }

    #[test]
    fn the_picture_holds_a_code_of_the_look_up_page_and_stays_small() {
        let posters = Posters::new(None).unwrap();
        let png = posters.card(&card()).unwrap();
        assert!(png.len() < 34_000, "{}", png.len());
        let shown = image::load_from_memory(&png).unwrap().to_luma8();
        assert_eq!(shown.dimensions(), (WIDTH, HEIGHT));
        let grey = |x: usize, y: usize| shown.get_pixel(x as u32, y as u32).0[0];
        assert_eq!(read(WIDTH as usize, HEIGHT as usize, grey), Some(card().url));
    }

    #[test]
    fn the_picture_speaks_every_language_that_residents_can_choose() {
        let posters = Posters::new(None).unwrap();
        let mut drawn = std::collections::BTreeSet::new();
        for lang in Lang::ALL {
            for url in [card().url, format!("https://{}.example.cn/t", "a".repeat(80))] {
                let png = posters.card(&Card { lang: *lang, url, demo: true, ..card() }).unwrap();
                if let Ok(folder) = std::env::var("LOUMA_PAGES") {
                    let name = format!("{folder}/card-{}-{}.png", lang.word(), drawn.len());
                    std::fs::write(name, &png).unwrap();
                }
                drawn.insert(png);
            }
        }
        assert_eq!(drawn.len(), 2 * Lang::ALL.len(), "each says something else");
    }

    #[test]
    fn long_names_and_an_address_too_long_for_a_code_still_make_a_picture() {
        let posters = Posters::new(None).unwrap();
        let long = Card {
            community: "天宫院街道天宫院中里社区居民委员会".into(),
            place: "天宫院中里北区 28号院甲3号楼2单元西侧便民栏旁边的凉亭".into(),
            url: format!("https://{}.example.cn/t", "a".repeat(80)),
            phone: String::new(),
            demo: true,
            ..card()
        };
        assert!(image::load_from_memory(&posters.card(&long).unwrap()).is_ok());
    }
}
