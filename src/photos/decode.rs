//! From a file to pixels, with every limit checked on the header before a pixel is decoded.
//!
//! A JPEG stays in its own colour space (luma and chroma): shrinking and encoding work on it as
//! well, and two conversions of twelve million pixels are saved. Colour profiles are dropped with
//! all other metadata. [`super::clean()`] is the only caller.

use std::io::Cursor;

use image::codecs::{png::PngDecoder, webp::WebPDecoder};
use image::metadata::Orientation;
use image::{ColorType, DynamicImage, ImageDecoder, ImageError, Limits};
use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;
use zune_jpeg::errors::DecodeErrors;

use super::kind::{Kind, kind_of};
use crate::error::{Error, Result};

/// The longest side that is opened, in pixels.
pub(super) const MAX_SIDE: u32 = 12_000;
/// The most memory that the pixels of one photo may take while it is decoded, in bytes.
pub(super) const MAX_DECODED: u64 = 256 * 1024 * 1024;
/// What a PNG may unpack beside its pixels (profiles, texts), in bytes.
const MAX_ANCILLARY: u64 = 32 * 1024 * 1024;

/// How the bytes of a [`Raster`] are to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Color {
    Gray,
    Rgb,
    Ycbcr,
}

impl Color {
    pub(super) const fn channels(self) -> usize {
        match self {
            Color::Gray => 1,
            Color::Rgb | Color::Ycbcr => 3,
        }
    }
}

/// Pixels, 8 bits a channel, rows without padding, not yet turned upright.
#[derive(Debug, Clone)]
pub(super) struct Raster {
    pub(super) pixels: Vec<u8>,
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) color: Color,
}

/// Decodes a JPEG, PNG or WebP; the orientation is still to be applied.
pub(super) fn decode(bytes: &[u8]) -> Result<(Raster, Orientation)> {
    match kind_of(bytes)? {
        Kind::Jpeg => decode_jpeg(bytes),
        Kind::Png => {
            let mut limits = Limits::no_limits();
            limits.max_image_width = Some(MAX_SIDE);
            limits.max_image_height = Some(MAX_SIDE);
            limits.max_alloc = Some(MAX_ANCILLARY);
            decode_with(PngDecoder::with_limits(Cursor::new(bytes), limits).map_err(image_refusal)?)
        }
        Kind::Webp => decode_with(WebPDecoder::new(Cursor::new(bytes)).map_err(image_refusal)?),
    }
}

fn decode_jpeg(bytes: &[u8]) -> Result<(Raster, Orientation)> {
    let options = DecoderOptions::default()
        .set_max_width(usize::from(u16::MAX))
        .set_max_height(usize::from(u16::MAX))
        .set_strict_mode(false);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(jpeg_refusal)?;
    let info = decoder.info().ok_or_else(broken)?;
    let (width, height) = (u32::from(info.width), u32::from(info.height));
    let progressive = info.sof.is_progressive();
    // A progressive file keeps 16 bits of every component until its last scan.
    let components = u64::from(info.components.max(3));
    check_size(width, height, components + if progressive { 2 * components } else { 0 })?;
    if !has_end(bytes) {
        return Err(broken());
    }
    let (space, color) = match decoder.input_colorspace() {
        Some(ColorSpace::Luma) => (ColorSpace::Luma, Color::Gray),
        Some(ColorSpace::YCbCr) => (ColorSpace::YCbCr, Color::Ycbcr),
        Some(ColorSpace::RGB | ColorSpace::CMYK | ColorSpace::YCCK) => (ColorSpace::RGB, Color::Rgb),
        _ => return Err(broken()),
    };
    // Headers are read leniently, as phones write odd ones; in the picture itself a fault is a fault.
    decoder.set_options(options.jpeg_set_out_colorspace(space).set_strict_mode(true));
    let pixels = decoder.decode().map_err(jpeg_refusal)?;
    if pixels.len() != width as usize * height as usize * color.channels() {
        return Err(broken());
    }
    let orientation = decoder.exif().and_then(|exif| Orientation::from_exif_chunk(exif));
    Ok((Raster { pixels, width, height, color }, orientation.unwrap_or(Orientation::NoTransforms)))
}

/// Whether the picture is followed by its end marker. Previews inside the metadata have one of
/// their own, so the segments are walked first; behind the picture phones append all sorts of data.
fn has_end(bytes: &[u8]) -> bool {
    let mut at = 2;
    while let Some(&[0xFF, marker, high, low]) = bytes.get(at..at + 4) {
        at += match marker {
            0xFF => 1,
            0x01 | 0xD0..=0xD7 => 2,
            _ => 2 + usize::from(u16::from_be_bytes([high, low])),
        };
        if marker == 0xDA {
            return bytes.get(at..).is_some_and(|scan| scan.windows(2).any(|pair| pair == [0xFF, 0xD9]));
        }
    }
    // Stray bytes between the segments: the decoder, which knows how to skip them, is to judge.
    at < bytes.len()
}

fn decode_with(mut decoder: impl ImageDecoder) -> Result<(Raster, Orientation)> {
    let (width, height) = decoder.dimensions();
    let color = decoder.color_type();
    // What is not plain RGB or grey exists twice for a moment: as read and as converted.
    let copies = match color {
        ColorType::L8 | ColorType::Rgb8 => 0,
        _ => 4,
    };
    check_size(width, height, u64::from(color.bytes_per_pixel()) + copies)?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let picture = DynamicImage::from_decoder(decoder).map_err(image_refusal)?;
    Ok((flatten(picture), orientation))
}

/// To 8 bits, on white where it is transparent.
fn flatten(picture: DynamicImage) -> Raster {
    let (width, height) = (picture.width(), picture.height());
    let (pixels, color) = match picture {
        DynamicImage::ImageLuma8(gray) => (gray.into_raw(), Color::Gray),
        DynamicImage::ImageLuma16(_) => (picture.into_luma8().into_raw(), Color::Gray),
        picture if picture.color().has_alpha() => (on_white(picture.into_rgba8().into_raw()), Color::Rgb),
        picture => (picture.into_rgb8().into_raw(), Color::Rgb),
    };
    Raster { pixels, width, height, color }
}

/// RGBA to RGB in the same buffer, so that no third copy of the picture is needed.
fn on_white(mut pixels: Vec<u8>) -> Vec<u8> {
    let count = pixels.len() / 4;
    for index in 0..count {
        let alpha = u32::from(pixels[4 * index + 3]);
        for channel in 0..3 {
            let value = u32::from(pixels[4 * index + channel]);
            pixels[3 * index + channel] = ((value * alpha + 255 * (255 - alpha) + 127) / 255) as u8;
        }
    }
    pixels.truncate(3 * count);
    pixels
}

fn check_size(width: u32, height: u32, bytes_per_pixel: u64) -> Result<()> {
    if width == 0 || height == 0 {
        return Err(broken());
    }
    if width > MAX_SIDE || height > MAX_SIDE {
        return Err(too_large());
    }
    if u64::from(width) * u64::from(height) * bytes_per_pixel > MAX_DECODED {
        return Err(too_large());
    }
    Ok(())
}

fn image_refusal(err: ImageError) -> Error {
    match err {
        ImageError::Limits(_) => too_large(),
        _ => broken(),
    }
}

fn jpeg_refusal(err: DecodeErrors) -> Error {
    match err {
        DecodeErrors::LargeDimensions(_) => too_large(),
        _ => broken(),
    }
}

fn broken() -> Error {
    Error::invalid("photos", "这张照片没有传完整，或者文件已损坏，请重新选一次，或截一张图再传")
}

fn too_large() -> Error {
    Error::invalid("photos", "这张照片的尺寸太大（边长或像素过多），请截一张图再传，或在相机里选小一些的尺寸")
}
