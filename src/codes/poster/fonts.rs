//! Noto Sans SC in two weights, the only fonts of the posters: compiled in, so that a poster looks
//! the same on every machine, and unpacked (21 MB) only while somebody draws.

use std::io::Read;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use resvg::usvg::fontdb::{Database, Source};

use crate::error::{Error, Result};

/// The family that templates name.
pub(super) const FAMILY: &str = "Noto Sans SC";

const REGULAR: &[u8] = include_bytes!("../../../assets/fonts/NotoSansSC-Regular.ttf.gz");
const BOLD: &[u8] = include_bytes!("../../../assets/fonts/NotoSansSC-Bold.ttf.gz");

static SHARED: Mutex<Weak<Fonts>> = Mutex::new(Weak::new());

/// How thick a text is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    Regular,
    Bold,
}

/// Both weights, ready to draw and to measure with.
pub(super) struct Fonts {
    pub(super) database: Arc<Database>,
    regular: Arc<Vec<u8>>,
    bold: Arc<Vec<u8>>,
}

/// The fonts, unpacked now unless somebody is using them already. They go when the last user goes.
pub(super) fn shared() -> Result<Arc<Fonts>> {
    let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(fonts) = shared.upgrade() {
        return Ok(fonts);
    }
    let fonts = Arc::new(Fonts::unpack()?);
    *shared = Arc::downgrade(&fonts);
    Ok(fonts)
}

/// Keeps the fonts unpacked for as long as it lives: for whoever draws one small picture after another.
#[derive(Clone)]
pub struct Warm {
    _fonts: Arc<Fonts>,
}

/// The fonts, kept unpacked.
pub fn warm() -> Result<Warm> {
    Ok(Warm { _fonts: shared()? })
}

impl Fonts {
    fn unpack() -> Result<Fonts> {
        let (regular, bold) = std::thread::scope(|scope| {
            let bold = scope.spawn(|| inflate(BOLD));
            (inflate(REGULAR), bold.join())
        });
        let bold =
            bold.map_err(|_| Error::internal(anyhow::anyhow!("the bold font could not be unpacked")))?;
        let (regular, bold) = (Arc::new(regular?), Arc::new(bold?));
        let mut database = Database::new();
        database.load_font_source(Source::Binary(regular.clone()));
        database.load_font_source(Source::Binary(bold.clone()));
        database.set_sans_serif_family(FAMILY);
        Ok(Fonts { database: Arc::new(database), regular, bold })
    }

    /// A ruler for texts of one weight.
    pub(super) fn ruler(&self, weight: Weight) -> Result<Ruler<'_>> {
        let bytes = match weight {
            Weight::Regular => &self.regular,
            Weight::Bold => &self.bold,
        };
        Ok(Ruler(ttf_parser::Face::parse(bytes, 0).map_err(Error::internal)?))
    }
}

fn inflate(packed: &[u8]) -> Result<Vec<u8>> {
    let mut unpacked = Vec::with_capacity(11 << 20);
    flate2::read::GzDecoder::new(packed).read_to_end(&mut unpacked)?;
    Ok(unpacked)
}

/// Measures texts by the font's own advance widths.
pub(super) struct Ruler<'a>(ttf_parser::Face<'a>);

impl Ruler<'_> {
    /// Width of one character in em, or `None` when the font cannot draw it.
    pub(super) fn em(&self, sign: char) -> Option<f32> {
        let glyph = self.0.glyph_index(sign)?;
        Some(f32::from(self.0.glyph_hor_advance(glyph)?) / f32::from(self.0.units_per_em()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_weights_are_found_under_the_one_family_name() {
        let fonts = shared().unwrap();
        let faces: Vec<_> =
            fonts.database.faces().map(|face| (face.families[0].0.as_str(), face.weight.0)).collect();
        assert_eq!(faces, [(FAMILY, 400), (FAMILY, 700)]);
        let ruler = fonts.ruler(Weight::Bold).unwrap();
        assert_eq!(ruler.em('楼'), Some(1.0));
        assert!(ruler.em('1').unwrap() < 0.7);
        assert_eq!(ruler.em('\u{10ffff}'), None);
    }
}
