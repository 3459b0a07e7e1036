//! Voice messages of residents: taken in whole, kept under the hash of their bytes, played as they came.
//!
//! Nothing is transcoded, so nothing is decoded here: the container is recognised ([`kind`]), its content type is fixed,
//! and it is sent so that no browser takes it for anything else. Who may hear one, its owner decides: a voice tells who
//! speaks. Lies beside the photos, so that one folder is backed up and shared. Next door: [`crate::photos`].

mod kind;

use std::path::Path as Folder;
use std::sync::Arc;

use bytes::Bytes;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};

pub use kind::Format;

use crate::error::{Error, Result};
/// The name of a stored recording: like that of a photo, the SHA-256 of its bytes.
pub use crate::photos::PhotoKey as VoiceKey;

/// Bytes that a recording may have: a minute at 256 kbit/s and its container.
pub const MAX_FILE: u64 = 2 << 20;
/// Seconds that a recording may last.
pub const MAX_SECONDS: u32 = 60;

/// A recording as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Voice {
    /// The hash of the file.
    pub key: VoiceKey,
    /// Its container.
    pub format: Format,
    /// How long it lasts, as the phone that recorded it said.
    pub seconds: u32,
    /// Its length.
    pub bytes: u32,
}

impl Voice {
    /// Everything in a line, for a hidden field of a form. Whoever sends it out signs it.
    pub fn line(&self) -> String {
        format!("{}.{}.{}.{}", self.key, self.format.word(), self.seconds, self.bytes)
    }

    /// Reads what [`Voice::line`] wrote down.
    pub fn from_line(line: &str) -> Option<Voice> {
        let mut parts = line.split('.');
        let (key, format) = (VoiceKey::parse(parts.next()?)?, Format::parse(parts.next()?)?);
        let (seconds, bytes) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        parts.next().is_none().then_some(Voice { key, format, seconds, bytes })
    }
}

/// The recordings of this server.
#[derive(Debug, Clone)]
pub struct Voices(Arc<dyn ObjectStore>);

impl Voices {
    /// Opens the folder of recordings, made if need be, inside the folder of photos.
    pub fn open(photos: &Folder) -> Result<Voices> {
        let dir = photos.join("voices");
        std::fs::create_dir_all(&dir)?;
        let local = LocalFileSystem::new_with_prefix(dir).map_err(Error::internal)?;
        Ok(Voices(Arc::new(local.with_fsync(true))))
    }

    /// Keeps a recording; when this returns, it survives a power cut. Invalid, with a sentence, for whatever is no
    /// recording, too long, or too large.
    pub async fn take_in(&self, bytes: Vec<u8>, seconds: u32) -> Result<Voice> {
        let format = kind::format_of(&bytes)?;
        if bytes.len() as u64 > MAX_FILE || seconds > MAX_SECONDS {
            return Err(Error::invalid("voice", "语音最长 60 秒，请录短一些，或分成文字写"));
        }
        let voice = Voice {
            key: VoiceKey::of(&bytes),
            format,
            seconds: seconds.max(1),
            bytes: u32::try_from(bytes.len()).map_err(Error::internal)?,
        };
        self.0.put(&path(&voice.key), bytes.into()).await.map_err(fault)?;
        Ok(voice)
    }

    /// The bytes of a recording. NotFound when there is none.
    pub async fn open_voice(&self, key: &VoiceKey) -> Result<Bytes> {
        self.0.get(&path(key)).await.map_err(fault)?.bytes().await.map_err(fault)
    }

    /// Whether the file is there.
    pub async fn has(&self, key: &VoiceKey) -> bool {
        self.0.head(&path(key)).await.is_ok()
    }

    /// Removes a recording, for whoever knows that nothing refers to it any more.
    pub async fn delete(&self, key: &VoiceKey) -> Result<()> {
        match self.0.delete(&path(key)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(err) => Err(fault(err)),
        }
    }
}

fn path(key: &VoiceKey) -> Path {
    let hex = key.as_str();
    Path::from(format!("{}/{}/{hex}", &hex[..2], &hex[2..4]))
}

fn fault(err: object_store::Error) -> Error {
    match err {
        object_store::Error::NotFound { .. } => Error::NotFound,
        err => Error::internal(err),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_recording_is_kept_once_and_can_be_played_and_removed() {
        let dir = tempfile::tempdir().unwrap();
        let voices = Voices::open(dir.path()).unwrap();
        let sound = b"OggS......OpusHead".to_vec();
        let voice = voices.take_in(sound.clone(), 12).await.unwrap();
        assert_eq!(voices.take_in(sound.clone(), 12).await.unwrap(), voice);
        assert_eq!(Voice::from_line(&voice.line()).unwrap(), voice);
        assert_eq!(voices.open_voice(&voice.key).await.unwrap(), sound);
        voices.delete(&voice.key).await.unwrap();
        voices.delete(&voice.key).await.unwrap();
        assert!(matches!(voices.open_voice(&voice.key).await, Err(Error::NotFound)));
    }

    #[tokio::test]
    async fn more_than_a_minute_or_two_megabytes_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let voices = Voices::open(dir.path()).unwrap();
        assert!(voices.take_in(b"OggS".to_vec(), 61).await.unwrap_err().to_string().contains("60 秒"));
        let mut long = b"OggS".to_vec();
        long.resize(MAX_FILE as usize + 1, 0);
        assert!(voices.take_in(long, 60).await.is_err());
    }
}
