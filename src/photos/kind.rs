//! What a file really is, read from its first bytes and never from its name, and the sentence for
//! a person whose file is no photo that we can take.
//!
//! Never decodes anything. [`super::decode`] opens the three kinds that are accepted.

use crate::error::{Error, Result};

/// The kinds of photo that are accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Jpeg,
    Png,
    Webp,
}

/// The kind of these bytes; everything else is refused with a sentence that says how to go on.
pub(super) fn kind_of(bytes: &[u8]) -> Result<Kind> {
    match bytes {
        [0xFF, 0xD8, 0xFF, ..] => Ok(Kind::Jpeg),
        [0x89, b'P', b'N', b'G', 0x0D, 0x0A, 0x1A, 0x0A, ..] => Ok(Kind::Png),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Ok(Kind::Webp),
        _ => Err(Error::invalid("photos", refusal(bytes))),
    }
}

fn refusal(bytes: &[u8]) -> &'static str {
    match bytes {
        [] => "这张照片是空的，可能没有传完整，请重新选一次",
        [_, _, _, _, b'f', b't', b'y', b'p', brand @ ..] => refusal_of_brand(brand),
        [b'G', b'I', b'F', b'8', ..] => "这是 GIF 动图，请换成普通照片，或截一张图再传",
        [b'%', b'P', b'D', b'F', ..] => "这是 PDF 文件，不是照片，请打开它截一张图再传",
        [b'B', b'M', ..] => "这张照片是 BMP 格式，请截一张图再传",
        [b'I', b'I', 0x2A, 0x00, ..] | [b'M', b'M', 0x00, 0x2A, ..] => {
            "这张照片是 TIFF 或相机原始格式，请截一张图再传"
        }
        _ => "这个文件不是照片。请从手机相册里选一张照片，或现场拍一张",
    }
}

/// HEIF, AVIF and films share one container and differ by their brand.
fn refusal_of_brand(brand: &[u8]) -> &'static str {
    match brand {
        [b'h', b'e', b'i' | b'v', ..] | [b'm', b'i', b'f', b'1', ..] | [b'm', b's', b'f', b'1', ..] => {
            "这张照片是 HEIC 格式，暂时打不开。请在手机“设置→相机→格式”里选“兼容性最佳”后重拍，或截一张图再传"
        }
        [b'a', b'v', b'i', b'f' | b's', ..] => "这张照片是 AVIF 格式，暂时打不开，请截一张图再传",
        _ => "这像是一段视频，这里只收照片，请从视频里截一张图再传",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sentence(bytes: &[u8]) -> String {
        kind_of(bytes).unwrap_err().to_string()
    }

    #[test]
    fn the_content_decides_and_not_the_name() {
        assert_eq!(kind_of(&[0xFF, 0xD8, 0xFF, 0xE0]).unwrap(), Kind::Jpeg);
        assert_eq!(kind_of(b"\x89PNG\r\n\x1a\n....").unwrap(), Kind::Png);
        assert_eq!(kind_of(b"RIFF....WEBPVP8 ").unwrap(), Kind::Webp);
    }

    #[test]
    fn everything_else_is_refused_by_its_own_name() {
        assert!(sentence(b"").contains("空的"));
        for brand in [b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"heim"] {
            assert!(sentence(&[b"\0\0\0\x18ftyp", &brand[..], b"\0\0"].concat()).contains("HEIC"));
        }
        assert!(sentence(b"\0\0\0\x18ftypavif\0\0").contains("AVIF"));
        assert!(sentence(b"\0\0\0\x18ftypisom\0\0").contains("视频"));
        assert!(sentence(b"GIF89a").contains("GIF"));
        assert!(sentence(b"%PDF-1.7").contains("PDF"));
        assert!(sentence(b"BM......").contains("BMP"));
        assert!(sentence(b"II*\0....").contains("TIFF"));
        assert!(sentence("楼道灯坏了".as_bytes()).contains("不是照片"));
        assert!(sentence(b"RIFF....WAVE").contains("不是照片"));
        assert!(sentence(b"<svg xmlns=").contains("不是照片"));
    }
}
