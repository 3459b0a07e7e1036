//! What a recording really is, read from its first bytes and never from its name: containers that phones record into,
//! with sound alone.

use crate::error::{Error, Result};

text_enum! {
    /// The containers that are accepted.
    pub enum Format {
        Webm = "webm", "WebM";
        Ogg = "ogg", "Ogg";
        Mp4 = "mp4", "MP4";
        Aac = "aac", "AAC";
    }
}

impl Format {
    /// The content type under which it is sent: fixed by what was found, never by what was claimed.
    pub fn content_type(self) -> &'static str {
        match self {
            Format::Webm => "audio/webm",
            Format::Ogg => "audio/ogg",
            Format::Mp4 => "audio/mp4",
            Format::Aac => "audio/aac",
        }
    }
}

/// The container of these bytes; anything else, and whatever carries pictures, is refused with a sentence.
pub(super) fn format_of(bytes: &[u8]) -> Result<Format> {
    let format = match bytes {
        [0x1A, 0x45, 0xDF, 0xA3, ..] if has(head(bytes, 64), b"webm") => Format::Webm,
        [b'O', b'g', b'g', b'S', ..] => Format::Ogg,
        [_, _, _, _, b'f', b't', b'y', b'p', brand @ ..] if sound(brand) => Format::Mp4,
        [0xFF, 0xF1 | 0xF9, ..] => Format::Aac,
        [] => return Err(Error::invalid("voice", "这段语音是空的，请再录一次")),
        _ => return Err(Error::invalid("voice", "这段语音的格式打不开，请改用文字，或点键盘上的话筒说")),
    };
    if pictures(format, bytes) {
        return Err(Error::invalid("voice", "这是一段视频，这里只收语音；照片请放到照片栏"));
    }
    Ok(format)
}

fn sound(brand: &[u8]) -> bool {
    [&b"M4A "[..], b"isom", b"iso2", b"iso5", b"iso6", b"mp41", b"mp42", b"dash"]
        .iter()
        .any(|known| brand.starts_with(known))
}

/// Whether a track of pictures is declared where such containers declare their tracks.
fn pictures(format: Format, bytes: &[u8]) -> bool {
    match format {
        Format::Webm => {
            [&b"V_VP8"[..], b"V_VP9", b"V_AV1", b"V_MPEG"].iter().any(|codec| has(head(bytes, 4096), codec))
        }
        Format::Ogg => has(head(bytes, 4096), b"\x80theora"),
        Format::Mp4 => has(bytes, b"vide"),
        Format::Aac => false,
    }
}

fn head(bytes: &[u8], most: usize) -> &[u8] {
    &bytes[..bytes.len().min(most)]
}

fn has(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_content_decides_and_not_the_name() {
        assert_eq!(format_of(b"\x1A\x45\xDF\xA3\x01\0\0\0\x42\x82\x84webm...A_OPUS").unwrap(), Format::Webm);
        assert_eq!(format_of(b"OggS\0\x02......OpusHead").unwrap(), Format::Ogg);
        assert_eq!(format_of(b"\0\0\0\x1cftypiso5\0\0\x02\0....hdlr....soun").unwrap(), Format::Mp4);
        assert_eq!(format_of(&[0xFF, 0xF1, 0x50, 0x80]).unwrap(), Format::Aac);
    }

    #[test]
    fn pictures_pages_and_programs_are_no_voice() {
        for bytes in [
            &b""[..],
            b"\x1A\x45\xDF\xA3\x01\0\0\0\x42\x82\x88matroska",
            b"\x1A\x45\xDF\xA3\x01\0\0\0\x42\x82\x84webm......V_VP8",
            b"\0\0\0\x1cftypisom\0\0\x02\0....hdlr....vide",
            b"\0\0\0\x18ftypheic\0\0",
            b"<html><script>",
            b"\xFF\xD8\xFF\xE0",
            b"RIFF....WAVE",
        ] {
            assert!(format_of(bytes).is_err(), "{bytes:?}");
        }
    }
}
