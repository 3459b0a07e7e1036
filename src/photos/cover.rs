//! Covers areas of a photo before it is shown to everybody: faces, plates, room numbers.
//!
//! Each area becomes a few large cells of one colour, so that nothing of it can be made out or computed back. The
//! original is not touched: the covered picture is another photo.

use super::clean::{Cleaned, written};
use super::decode::{Raster, decode};
use crate::error::{Error, Result};

/// Cells along the longer side of an area: too few for a letter or an eye.
const CELLS: usize = 4;

/// A rectangle on a photo, in percent of its width and height.
#[derive(Debug, Clone, Copy, PartialEq, serde::Deserialize, serde::Serialize, utoipa::ToSchema)]
#[allow(missing_docs)]
pub struct Area {
    pub left: f32,
    pub top: f32,
    pub width: f32,
    pub height: f32,
}

impl Area {
    /// Refuses what is no rectangle on the photo.
    pub fn check(self) -> Result<Area> {
        let inside = |number: f32| (0.0..=100.0).contains(&number);
        let real = self.width >= 0.5 && self.height >= 0.5 && self.left < 100.0 && self.top < 100.0;
        if inside(self.left) && inside(self.top) && inside(self.width) && inside(self.height) && real {
            return Ok(self);
        }
        Err(Error::invalid("area", "请在照片上框出要遮住的地方，或填写 0 到 100 之间的数"))
    }

    /// Pixels from and to, across and down; whatever it touches is covered.
    fn on(self, width: usize, height: usize) -> [usize; 4] {
        let at = |percent: f32, side: usize| (percent / 100.0 * side as f32) as usize;
        let end = |percent: f32, side: usize| ((percent / 100.0 * side as f32).ceil() as usize).min(side);
        [
            at(self.left, width),
            end(self.left + self.width, width),
            at(self.top, height),
            end(self.top + self.height, height),
        ]
    }
}

/// The photo with its areas covered.
pub(super) fn cover(jpeg: &[u8], areas: &[Area]) -> Result<Cleaned> {
    // What is kept is upright already.
    let (mut raster, _) = decode(jpeg)?;
    for area in areas {
        cover_one(&mut raster, area.check()?);
    }
    written(raster)
}

fn cover_one(raster: &mut Raster, area: Area) {
    let [left, right, top, bottom] = area.on(raster.width as usize, raster.height as usize);
    let cell = (right - left).max(bottom - top).div_ceil(CELLS).max(1);
    for y in (top..bottom).step_by(cell) {
        for x in (left..right).step_by(cell) {
            flatten(raster, [x, (x + cell).min(right), y, (y + cell).min(bottom)]);
        }
    }
}

/// Gives all pixels of a cell their mean. Means can be taken in any of the colour spaces.
fn flatten(raster: &mut Raster, [left, right, top, bottom]: [usize; 4]) {
    let (channels, stride) = (raster.color.channels(), raster.width as usize);
    for channel in 0..channels {
        let places = |y: usize| (left..right).map(move |x| (y * stride + x) * channels + channel);
        let sum: u64 = (top..bottom).flat_map(places).map(|at| u64::from(raster.pixels[at])).sum();
        let mean = (sum / ((right - left) * (bottom - top)).max(1) as u64) as u8;
        for at in (top..bottom).flat_map(places) {
            raster.pixels[at] = mean;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fine stripes, as of a plate.
    fn stripes() -> Vec<u8> {
        let picture =
            image::RgbImage::from_fn(400, 300, |x, _| image::Rgb([if x % 4 < 2 { 0 } else { 255 }; 3]));
        let mut bytes = std::io::Cursor::new(Vec::new());
        picture.write_to(&mut bytes, image::ImageFormat::Jpeg).unwrap();
        bytes.into_inner()
    }

    fn contrast(picture: &image::GrayImage, [left, right, top, bottom]: [u32; 4]) -> u8 {
        let inside = || (top..bottom).flat_map(|y| (left..right).map(move |x| picture.get_pixel(x, y).0[0]));
        inside().max().unwrap() - inside().min().unwrap()
    }

    #[test]
    fn what_is_covered_cannot_be_read_and_the_rest_stays() {
        let area = Area { left: 25.0, top: 20.0, width: 50.0, height: 40.0 };
        let cleaned = cover(&stripes(), &[area]).unwrap();
        assert_eq!((cleaned.width, cleaned.height), (400, 300));
        for jpeg in [&cleaned.jpeg, &cleaned.thumb] {
            let shown = image::load_from_memory(jpeg).unwrap().to_luma8();
            let at = |percent: u32, side: u32| percent * side / 100;
            let (width, height) = shown.dimensions();
            let inner = [at(28, width), at(72, width), at(24, height), at(56, height)];
            assert!(contrast(&shown, inner) < 40, "{}", contrast(&shown, inner));
        }
        let shown = image::load_from_memory(&cleaned.jpeg).unwrap().to_luma8();
        assert!(contrast(&shown, [0, 90, 0, 300]) > 150);
    }

    #[test]
    fn an_area_that_reaches_over_the_edge_is_covered_up_to_it() {
        let corner = Area { left: 90.0, top: 90.0, width: 100.0, height: 100.0 };
        let shown = image::load_from_memory(&cover(&stripes(), &[corner]).unwrap().jpeg).unwrap().to_luma8();
        // Ten pixels hold two and a half stripes: their means differ a little.
        let left = contrast(&shown, [368, 400, 276, 300]);
        assert!(left < 80, "{left}");
    }

    #[test]
    fn what_is_no_rectangle_is_refused() {
        let good = Area { left: 10.0, top: 10.0, width: 10.0, height: 10.0 };
        for wrong in [
            Area { left: -1.0, ..good },
            Area { width: 0.0, ..good },
            Area { top: f32::NAN, ..good },
            Area { left: 100.0, ..good },
            Area { height: 101.0, ..good },
        ] {
            assert!(wrong.check().is_err(), "{wrong:?}");
        }
    }
}
