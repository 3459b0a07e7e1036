//! From what a person sent to what is kept: an upright JPEG of at most 1600 pixels and a small
//! preview, both written anew from the pixels, so that no place, date or camera can survive.
//!
//! Pure and slow (a tenth of a second for a phone's photo): [`super::workers`] calls it, never a
//! thread that answers requests. The file is opened by [`super::decode`].

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use image::metadata::Orientation;
use image::{DynamicImage, GrayImage, RgbImage};
use jpeg_encoder::{ColorType, Encoder};

use super::decode::{Color, Raster, decode};
use super::likeness::likeness;
use crate::error::{Error, Result};

/// The largest file that is taken in, in bytes.
pub const MAX_FILE: usize = 10 * 1024 * 1024;
/// The longest side of a photo as it is kept, in pixels.
pub const LONGEST_SIDE: u32 = 1600;
/// The longest side of its preview, in pixels.
pub const THUMB_SIDE: u32 = 320;
const QUALITY: u8 = 82;
const THUMB_QUALITY: u8 = 78;

/// A photo that says nothing beyond its picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cleaned {
    /// The photo, at most [`LONGEST_SIDE`] pixels on its longest side.
    pub jpeg: Vec<u8>,
    /// Its preview, at most [`THUMB_SIDE`] pixels on its longest side.
    pub thumb: Vec<u8>,
    /// Pixels across, when held upright.
    pub width: u32,
    /// Pixels down, when held upright.
    pub height: u32,
    /// What it looks like ([`super::likeness`]).
    pub likeness: Option<i64>,
}

/// Cleans one photo. Whatever is no JPEG, PNG or WebP, is broken, or would take too much memory is
/// refused as a problem of the field `photos`.
pub fn clean(bytes: &[u8]) -> Result<Cleaned> {
    check_length(bytes.len() as u64)?;
    let (raster, orientation) = decode(bytes)?;
    written(turn(shrink(raster, LONGEST_SIDE)?, orientation)?)
}

/// What is kept of an upright picture.
pub(super) fn written(photo: Raster) -> Result<Cleaned> {
    let jpeg = encode(&photo, QUALITY)?;
    let (width, height) = (photo.width, photo.height);
    let small = shrink(photo, THUMB_SIDE)?;
    let thumb = encode(&small, THUMB_QUALITY)?;
    Ok(Cleaned { jpeg, thumb, width, height, likeness: likeness(&small) })
}

/// Refuses a file that is larger than [`MAX_FILE`], before it is read where its length is known.
pub(super) fn check_length(length: u64) -> Result<()> {
    if length > MAX_FILE as u64 {
        return Err(Error::invalid("photos", "这张照片超过 10 MB，请截一张图再传，或在相机里选小一些的尺寸"));
    }
    Ok(())
}

/// Shrinks to a longest side; a smaller picture stays as it is.
fn shrink(raster: Raster, longest: u32) -> Result<Raster> {
    let side = raster.width.max(raster.height);
    if side <= longest {
        return Ok(raster);
    }
    let scaled = |length: u32| {
        let rounded = (u64::from(length) * u64::from(longest) + u64::from(side) / 2) / u64::from(side);
        (rounded as u32).max(1)
    };
    let (width, height) = (scaled(raster.width), scaled(raster.height));
    let pixel = match raster.color {
        Color::Gray => PixelType::U8,
        Color::Rgb | Color::Ycbcr => PixelType::U8x3,
    };
    let source =
        ImageRef::new(raster.width, raster.height, &raster.pixels, pixel).map_err(Error::internal)?;
    let mut target = Image::new(width, height, pixel);
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::CatmullRom));
    Resizer::new().resize(&source, &mut target, &options).map_err(Error::internal)?;
    Ok(Raster { pixels: target.into_vec(), width, height, color: raster.color })
}

/// Turns the picture upright. Done after shrinking, where it costs a sixth.
fn turn(raster: Raster, orientation: Orientation) -> Result<Raster> {
    if orientation == Orientation::NoTransforms {
        return Ok(raster);
    }
    let Raster { pixels, width, height, color } = raster;
    // The container only moves pixels about, so that luma and chroma may travel as "RGB".
    let picture = match color {
        Color::Gray => GrayImage::from_raw(width, height, pixels).map(DynamicImage::ImageLuma8),
        Color::Rgb | Color::Ycbcr => RgbImage::from_raw(width, height, pixels).map(DynamicImage::ImageRgb8),
    };
    let mut picture =
        picture.ok_or_else(|| Error::internal(anyhow::anyhow!("a raster of a wrong length")))?;
    picture.apply_orientation(orientation);
    let (width, height) = (picture.width(), picture.height());
    Ok(Raster { pixels: picture.into_bytes(), width, height, color })
}

fn encode(raster: &Raster, quality: u8) -> Result<Vec<u8>> {
    let color = match raster.color {
        Color::Gray => ColorType::Luma,
        Color::Rgb => ColorType::Rgb,
        Color::Ycbcr => ColorType::Ycbcr,
    };
    let width = u16::try_from(raster.width).map_err(Error::internal)?;
    let height = u16::try_from(raster.height).map_err(Error::internal)?;
    let mut jpeg = Vec::with_capacity(raster.pixels.len() / 8);
    Encoder::new(&mut jpeg, quality).encode(&raster.pixels, width, height, color).map_err(Error::internal)?;
    Ok(jpeg)
}

#[cfg(test)]
#[path = "clean_tests.rs"]
mod tests;
