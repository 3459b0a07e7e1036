//! Every file that a phone, a chat program or a joker may send, made here byte by byte.

use std::io::{Cursor, Write};

use image::{DynamicImage, ImageFormat, Luma, LumaA, Rgb, RgbImage, Rgba, RgbaImage};

use super::*;

/// Four quarters: red, green / blue, white. Turned or mirrored, no two of the eight look alike.
fn quarters(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| match (x < width / 2, y < height / 2) {
        (true, true) => Rgb([220, 20, 20]),
        (false, true) => Rgb([20, 200, 20]),
        (true, false) => Rgb([20, 20, 220]),
        (false, false) => Rgb([250, 250, 250]),
    })
}

fn written(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Vec::new();
    picture.write_to(&mut Cursor::new(&mut bytes), format).unwrap();
    bytes
}

fn jpeg(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let picture = quarters(width, height);
    Encoder::new(&mut bytes, 92).encode(&picture, width as u16, height as u16, ColorType::Rgb).unwrap();
    bytes
}

/// A TIFF block with an orientation, a camera's name and a GPS directory.
fn exif(orientation: u16) -> Vec<u8> {
    let mut tiff = b"II*\0\x08\0\0\0\x03\0".to_vec();
    tiff.extend(b"\x0f\x01\x02\0\x0c\0\0\0\x32\0\0\0");
    tiff.extend(b"\x12\x01\x03\0\x01\0\0\0");
    tiff.extend(u32::from(orientation).to_le_bytes());
    tiff.extend(b"\x25\x88\x04\0\x01\0\0\0\x3e\0\0\0");
    tiff.extend(b"\0\0\0\0SecretPhone\0\x01\0\0\0\x01\0\x04\0\0\0\x02\x03\0\0\0\0\0\0GPSMARK");
    tiff
}

fn jpeg_with_exif(orientation: u16) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, 92);
    encoder.add_exif_metadata(&exif(orientation)).unwrap();
    encoder.add_app_segment(13, b"Photoshop 3.0\0 SecretTown".to_vec()).unwrap();
    encoder.encode(&quarters(64, 32), 64, 32, ColorType::Rgb).unwrap();
    bytes
}

fn png_header(width: u32, height: u32, depth: u8, color: u8) -> Vec<u8> {
    let mut body = b"IHDR".to_vec();
    body.extend(width.to_be_bytes());
    body.extend(height.to_be_bytes());
    body.extend([depth, color, 0, 0, 0]);
    [b"\x89PNG\r\n\x1a\n".to_vec(), png_chunk(&body)].concat()
}

fn png_chunk(body: &[u8]) -> Vec<u8> {
    let mut crc = flate2::Crc::new();
    crc.update(body);
    let mut chunk = (body.len() as u32 - 4).to_be_bytes().to_vec();
    chunk.extend(body);
    chunk.extend(crc.sum().to_be_bytes());
    chunk
}

/// A PNG of zeros, as small on the wire as zlib can make it.
fn bomb_png(width: u32, height: u32, depth: u8, color: u8, row_bytes: usize) -> Vec<u8> {
    let mut packed = flate2::write::ZlibEncoder::new(b"IDAT".to_vec(), flate2::Compression::fast());
    let row = vec![0; row_bytes + 1];
    for _ in 0..height.min(2_000) {
        packed.write_all(&row).unwrap();
    }
    let parts =
        [png_header(width, height, depth, color), png_chunk(&packed.finish().unwrap()), png_chunk(b"IEND")];
    parts.concat()
}

fn opened(jpeg: &[u8]) -> RgbImage {
    image::load_from_memory_with_format(jpeg, ImageFormat::Jpeg).unwrap().into_rgb8()
}

fn near(found: Rgb<u8>, wanted: [u8; 3]) -> bool {
    found.0.iter().zip(wanted).all(|(a, b)| a.abs_diff(b) <= 40)
}

fn sentence(bytes: &[u8]) -> String {
    match clean(bytes) {
        Err(Error::Invalid(problems)) => {
            assert_eq!(problems[0].field, "photos");
            problems[0].message.to_string()
        }
        other => panic!("expected a refusal, got {:?}", other.map(|cleaned| cleaned.width)),
    }
}

#[test]
fn a_large_photo_shrinks_to_1600_with_a_preview_of_320_and_a_small_one_keeps_its_size() {
    let cleaned = clean(&jpeg(3000, 2000)).unwrap();
    assert_eq!((cleaned.width, cleaned.height), (1600, 1067));
    assert_eq!(opened(&cleaned.jpeg).dimensions(), (1600, 1067));
    assert_eq!(opened(&cleaned.thumb).dimensions(), (320, 213));
    let small = clean(&jpeg(200, 100)).unwrap();
    assert_eq!(opened(&small.jpeg).dimensions(), (200, 100));
    assert_eq!(opened(&small.thumb).dimensions(), (200, 100));
    let strip = clean(&jpeg(9000, 2)).unwrap();
    assert_eq!((strip.width, strip.height), (1600, 1));
}

#[test]
fn colours_survive_the_way_from_each_format() {
    let picture = DynamicImage::ImageRgb8(quarters(400, 200));
    let webp = written(&picture, ImageFormat::WebP);
    for bytes in [jpeg(400, 200), written(&picture, ImageFormat::Png), webp] {
        let found = opened(&clean(&bytes).unwrap().jpeg);
        assert!(near(*found.get_pixel(50, 50), [220, 20, 20]));
        assert!(near(*found.get_pixel(350, 50), [20, 200, 20]));
        assert!(near(*found.get_pixel(50, 150), [20, 20, 220]));
        assert!(near(*found.get_pixel(350, 150), [250, 250, 250]));
    }
}

#[test]
fn each_of_the_eight_orientations_is_turned_upright() {
    let picture = quarters(64, 32);
    for orientation in 1..=8_u16 {
        let found = opened(&clean(&jpeg_with_exif(orientation)).unwrap().jpeg);
        let (width, height) = if orientation < 5 { (64, 32) } else { (32, 64) };
        assert_eq!(found.dimensions(), (width, height), "{orientation}");
        for (x, y) in [(8, 8), (width - 8, 8), (8, height - 8), (width - 8, height - 8)] {
            // Where the EXIF standard says that this pixel of the upright picture is stored.
            let (from_x, from_y) = match orientation {
                1 => (x, y),
                2 => (63 - x, y),
                3 => (63 - x, 31 - y),
                4 => (x, 31 - y),
                5 => (y, x),
                6 => (y, 31 - x),
                7 => (63 - y, 31 - x),
                _ => (63 - y, x),
            };
            let wanted = picture.get_pixel(from_x, from_y).0;
            assert!(near(*found.get_pixel(x, y), wanted), "{orientation} at {x},{y}");
        }
    }
}

#[test]
fn nothing_but_the_picture_is_left() {
    let sent = jpeg_with_exif(6);
    let png = {
        let plain = written(&DynamicImage::ImageRgb8(quarters(64, 32)), ImageFormat::Png);
        let extra =
            [png_chunk(b"tEXtComment\0SecretTown GPSMARK"), png_chunk(&[b"eXIf".to_vec(), exif(6)].concat())];
        [&plain[..33], &extra.concat(), &plain[33..]].concat()
    };
    for bytes in [sent, png] {
        let holds = |bytes: &[u8], word: &str| bytes.windows(word.len()).any(|part| part == word.as_bytes());
        assert!(holds(&bytes, "GPSMARK"));
        let cleaned = clean(&bytes).unwrap();
        assert_eq!(
            (cleaned.width, cleaned.height),
            (32, 64),
            "the orientation was read before it was dropped"
        );
        for file in [&cleaned.jpeg, &cleaned.thumb] {
            for word in ["Exif", "GPS", "Secret", "Photoshop", "http", "xmp", "ICC_PROFILE", "II*\0"] {
                assert!(!holds(file, word), "{word}");
            }
        }
    }
}

#[test]
fn grey_sixteen_bit_and_cmyk_pictures_are_taken() {
    let mut gray = Vec::new();
    Encoder::new(&mut gray, 90).encode(&[128; 64 * 32], 64, 32, ColorType::Luma).unwrap();
    let deep = image::ImageBuffer::from_pixel(64, 32, Rgb([0x8080_u16, 0x8080, 0x8080]));
    let deep_gray = image::ImageBuffer::from_pixel(64, 32, Luma([0x8080_u16]));
    let deep_alpha = image::ImageBuffer::from_pixel(64, 32, LumaA([0x8080_u16, 0xFFFF]));
    let pngs = [DynamicImage::ImageRgb16(deep), deep_gray.into(), deep_alpha.into()];
    for bytes in std::iter::once(gray).chain(pngs.iter().map(|each| written(each, ImageFormat::Png))) {
        let found = opened(&clean(&bytes).unwrap().jpeg);
        assert!(near(*found.get_pixel(30, 15), [128, 128, 128]));
    }
    for color in [ColorType::Cmyk, ColorType::CmykAsYcck] {
        let mut bytes = Vec::new();
        let ink: Vec<u8> = [0, 255, 255, 0].repeat(64 * 32);
        Encoder::new(&mut bytes, 90).encode(&ink, 64, 32, color).unwrap();
        let found = *opened(&clean(&bytes).unwrap().jpeg).get_pixel(30, 15);
        assert!(near(found, [255, 0, 0]), "{color:?} {found:?}");
    }
}

#[test]
fn transparent_parts_become_white() {
    let picture = RgbaImage::from_fn(64, 32, |x, _| Rgba([200, 0, 0, if x < 32 { 0 } else { 255 }]));
    for format in [ImageFormat::Png, ImageFormat::WebP] {
        let found = opened(&clean(&written(&picture.clone().into(), format)).unwrap().jpeg);
        assert!(near(*found.get_pixel(8, 16), [255, 255, 255]));
        assert!(near(*found.get_pixel(56, 16), [200, 0, 0]));
    }
}

#[test]
fn an_empty_file_and_a_text_named_like_a_photo_are_told_apart() {
    assert!(sentence(b"").contains("空的"));
    assert!(sentence("名叫 photo.jpg 的文字".as_bytes()).contains("不是照片"));
    assert!(sentence(b"\0\0\0\x18ftypheic\0\0\0\0").contains("HEIC"));
    assert!(sentence(&vec![0xFF; MAX_FILE + 1]).contains("10 MB"));
}

#[test]
fn a_file_cut_short_anywhere_is_called_incomplete() {
    let picture = DynamicImage::ImageRgb8(quarters(400, 200));
    let whole = [jpeg(400, 200), written(&picture, ImageFormat::Png), written(&picture, ImageFormat::WebP)];
    for bytes in whole {
        clean(&bytes).unwrap();
        let body = bytes.len() - 16;
        for length in (12..body).step_by((body / 40).max(1)).chain([body]) {
            assert!(sentence(&bytes[..length]).contains("没有传完整"), "{length} of {}", bytes.len());
        }
    }
    let jpeg = jpeg(400, 200);
    assert!(sentence(&jpeg[..jpeg.len() - 2]).contains("没有传完整"), "the end marker is missing");
}

#[test]
fn what_phones_append_behind_the_picture_does_no_harm() {
    let bytes = [jpeg(64, 32), b"SEFT trailer \xFF\xDA of a moving photo".to_vec()].concat();
    assert_eq!(clean(&bytes).unwrap().width, 64);
}

#[test]
fn noise_in_the_middle_never_panics() {
    let picture = DynamicImage::ImageRgb8(quarters(300, 200));
    let whole =
        [jpeg_with_exif(5), written(&picture, ImageFormat::Png), written(&picture, ImageFormat::WebP)];
    for bytes in whole {
        for seed in 0..400_usize {
            let mut broken = bytes.clone();
            for step in 0..=seed % 4 {
                let at = 12 + (seed * 7919 + step * 104_729) % (broken.len() - 12);
                broken[at] ^= (1 + seed * 31 + step) as u8;
            }
            match clean(&broken) {
                Ok(cleaned) => assert!(cleaned.width.max(cleaned.height) <= LONGEST_SIDE),
                Err(err) => assert!(matches!(err, Error::Invalid(_)), "{err:?}"),
            }
        }
    }
}

#[test]
fn a_picture_of_monstrous_size_is_refused_by_its_header_alone() {
    let wide = bomb_png(20_000, 20_000, 8, 2, 60_000);
    let many = bomb_png(11_000, 11_000, 8, 6, 44_000);
    let deep = bomb_png(7_000, 7_000, 16, 6, 56_000);
    let mut tall = jpeg(64, 32);
    let frame = tall.windows(2).position(|pair| pair == [0xFF, 0xC0]).unwrap();
    tall[frame + 5..frame + 7].copy_from_slice(&60_000_u16.to_be_bytes());
    let memory = peak_memory();
    for bytes in [wide, many, deep, tall] {
        assert!(bytes.len() < MAX_FILE);
        assert!(sentence(&bytes).contains("尺寸太大"));
    }
    // The smallest of the four would take 392 MB; other tests run beside this one.
    assert!(peak_memory() - memory < 200 * 1024, "refusing must not allocate the picture");
}

/// The most memory this process ever held, in KiB.
#[cfg(target_os = "linux")]
fn peak_memory() -> i64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

#[cfg(not(target_os = "linux"))]
fn peak_memory() -> i64 {
    0
}

/// A scene of soft patches, drawn from `seed`; the same at every size.
fn scene(seed: u64, width: u32, height: u32) -> RgbImage {
    use rand::{RngExt, SeedableRng};
    let mut rng = rand::rngs::StdRng::seed_from_u64(seed);
    let mut next = || rng.random_range(0.0..1.0_f32);
    let patches: Vec<[f32; 4]> = (0..24).map(|_| [next(), next(), 0.1 + 0.2 * next(), next()]).collect();
    RgbImage::from_fn(width, height, |x, y| {
        let (x, y) = (x as f32 / width as f32, y as f32 / height as f32);
        let mut light = 0.1;
        for [left, top, size, bright] in &patches {
            let away = ((x - left).powi(2) + (y - top).powi(2)) / size.powi(2);
            light += bright * (-3.0 * away).exp();
        }
        let level = (light * 110.0).clamp(0.0, 255.0) as u8;
        Rgb([level, level.saturating_add(10), level / 2])
    })
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(6))]
    #[test]
    fn a_picture_sent_again_smaller_or_compressed_anew_looks_the_same_and_another_does_not(
        seed in 0..10_000_u64, quality in 45..95_u8, scale in 30..180_u32,
    ) {
        let first = clean(&written(&scene(seed, 800, 600).into(), ImageFormat::Png)).unwrap().likeness.unwrap();
        let (width, height) = (800 * scale / 100, 600 * scale / 100);
        let mut again = Vec::new();
        let picture = scene(seed, width, height);
        Encoder::new(&mut again, quality).encode(&picture, width as u16, height as u16, ColorType::Rgb).unwrap();
        let again = clean(&clean(&again).unwrap().jpeg).unwrap().likeness.unwrap();
        proptest::prop_assert!(crate::photos::differing(first, again) <= crate::photos::ALIKE);
        let other = clean(&written(&scene(seed + 10_000, 800, 600).into(), ImageFormat::Png)).unwrap();
        proptest::prop_assert!(crate::photos::differing(first, other.likeness.unwrap()) > crate::photos::ALIKE);
    }
}

#[test]
fn a_blank_wall_looks_like_nothing_in_particular() {
    let wall = RgbImage::from_pixel(300, 200, Rgb([180, 175, 170]));
    assert_eq!(clean(&written(&wall.into(), ImageFormat::Png)).unwrap().likeness, None);
    assert_eq!(clean(&jpeg(9000, 2)).unwrap().width, 1600, "and a strip does no harm");
}
