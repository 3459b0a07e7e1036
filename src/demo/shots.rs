//! The demonstration's photos: coloured fields with a dark shape, cleaned like any other.

use image::{ImageEncoder, Rgb, RgbImage};
use rand::RngExt;
use rand::rngs::StdRng;

use crate::error::{Error, Result};
use crate::photos::{Photo, Photos};

/// Draws a dozen, and takes them in.
pub(super) fn shots(photos: &Photos, rng: &mut StdRng) -> Result<Vec<Photo>> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let mut made = Vec::new();
    for _ in 0..12 {
        let picture = draw(rng);
        let mut png = Vec::new();
        image::codecs::png::PngEncoder::new(&mut png)
            .write_image(&picture, picture.width(), picture.height(), image::ExtendedColorType::Rgb8)
            .map_err(Error::internal)?;
        made.push(runtime.block_on(photos.take_in(png))?);
    }
    Ok(made)
}

fn draw(rng: &mut StdRng) -> RgbImage {
    let base: [u8; 3] = std::array::from_fn(|_| rng.random_range(90..200));
    let (left, top, side) = (rng.random_range(60..400), rng.random_range(60..300), rng.random_range(80..200));
    RgbImage::from_fn(800, 600, |x, y| {
        let inside = x.abs_diff(left + side / 2) < side / 2 && y.abs_diff(top + side / 2) < side / 2;
        let shade = if inside { 60 } else { (y / 12) as u8 };
        Rgb(base.map(|colour| colour.saturating_sub(shade)))
    })
}
