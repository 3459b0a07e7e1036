//! A URL as the black modules of a QR code, in the form that a poster can draw: one SVG path in
//! which neighbouring dark modules of a row are one rectangle.
//! Level Q always: a quarter of the code may be torn or painted over. Never a logo in it.

use std::fmt::Write;

use qrcode::{Color, EcLevel, QrCode, Version};

use crate::error::{Error, Result};

/// White modules that must surround the code on every side (ISO/IEC 18004).
pub const QUIET_MODULES: usize = 4;

/// The longest URL in bytes that always fits version 4 at level Q, the densest that is wanted on a door.
pub const WANTED_BYTES: usize = 46;

/// The densest version that is drawn at all.
const LARGEST_VERSION: i16 = 5;

/// The modules of one URL. The unit of [`Qr::path`] is one module, its origin the first dark one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Qr {
    /// Modules per side without the quiet zone: 17 + 4 × version.
    pub modules: usize,
    /// 1 to 5. Above 4 the modules are finer than wanted; posters refuse what gets too fine for their size.
    pub version: usize,
    /// SVG path data of the dark modules, without the quiet zone.
    pub path: String,
}

impl Qr {
    /// The code of `url`. Fails when it would need more than version 5 (about 60 bytes).
    pub fn of(url: &str) -> Result<Qr> {
        let too_long = || {
            let length = url.len();
            Error::invalid(
                "base_url",
                format!(
                    "网址有 {length} 个字符，二维码会太密、手机扫不出。请换用更短的域名（整个网址最好不超过 {WANTED_BYTES} 个字符）"
                ),
            )
        };
        let code = QrCode::with_error_correction_level(url, EcLevel::Q).map_err(|_| too_long())?;
        let version = match code.version() {
            Version::Normal(version) if version <= LARGEST_VERSION => usize::from(version.unsigned_abs()),
            _ => return Err(too_long()),
        };
        Ok(Qr { modules: code.width(), version, path: path(&code) })
    }

    /// The `viewBox` that shows the code with its quiet zone.
    pub fn view_box(&self) -> String {
        let side = self.modules + 2 * QUIET_MODULES;
        format!("-{QUIET_MODULES} -{QUIET_MODULES} {side} {side}")
    }
}

fn path(code: &QrCode) -> String {
    let side = code.width();
    let colors = code.to_colors();
    let mut path = String::with_capacity(side * side * 6);
    for (y, row) in colors.chunks(side).enumerate() {
        let mut x = 0;
        for run in row.chunk_by(|left, right| left == right) {
            if run[0] == Color::Dark {
                let length = run.len();
                // Writing to a String cannot fail.
                let _ = write!(path, "M{x} {y}h{length}v1h-{length}z");
            }
            x += run.len();
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads the path back into dark modules.
    fn dark(qr: &Qr) -> Vec<(usize, usize)> {
        let mut dark = Vec::new();
        for run in qr.path.split('M').skip(1) {
            let (x, rest) = run.split_once(' ').unwrap();
            let (y, rest) = rest.split_once('h').unwrap();
            let (length, _) = rest.split_once('v').unwrap();
            let (x, y, length): (usize, usize, usize) =
                (x.parse().unwrap(), y.parse().unwrap(), length.parse().unwrap());
            dark.extend((x..x + length).map(|x| (x, y)));
        }
        dark
    }

    #[test]
    fn a_phone_reads_the_url_from_the_path() {
        let url = "https://lm.example.cn/c/ABCDEFGHJK";
        let qr = Qr::of(url).unwrap();
        let dark = dark(&qr);
        let side = (qr.modules + 2 * QUIET_MODULES) * 3;
        let mut image = rqrr::PreparedImage::prepare_from_greyscale(side, side, |x, y| {
            let module = |at: usize| (at / 3).wrapping_sub(QUIET_MODULES);
            if dark.contains(&(module(x), module(y))) { 0 } else { 255 }
        });
        let grids = image.detect_grids();
        let (meta, content) = grids[0].decode().unwrap();
        assert_eq!(content, url);
        assert_eq!(meta.version.0, qr.version);
        assert_eq!(meta.ecc_level, 3, "the two format bits of level Q are 11");
    }

    #[test]
    fn a_short_url_stays_within_version_4() {
        let url = format!("https://{}.cn/c/ABCDEFGHJK", "a".repeat(WANTED_BYTES - 24));
        assert_eq!(url.len(), WANTED_BYTES);
        let qr = Qr::of(&url).unwrap();
        assert!(qr.version <= 4);
        assert_eq!(qr.modules, 17 + 4 * qr.version);
        assert_eq!(qr.view_box(), "-4 -4 41 41");
    }

    #[test]
    fn a_long_url_is_refused_with_a_sentence() {
        let error = Qr::of(&format!("https://{}/c/ABCDEFGHJK", "a".repeat(60))).unwrap_err();
        assert!(error.to_string().contains("更短的域名"), "{error}");
        assert!(Qr::of(&"a".repeat(10_000)).is_err());
    }
}
