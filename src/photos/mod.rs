//! Photos of residents and staff: taken in, cleaned, kept under the hash of what is kept.
//!
//! A photo arrives as any file and leaves as an upright JPEG of at most 1600 pixels without a trace
//! of place, date or camera ([`clean()`]); the decoding happens on a few patient threads
//! ([`workers`]); the files lie in [`store`]. Never knows tickets, people or requests: who may see a
//! photo, and when the last reference to it is gone, its owner decides.

mod clean;
mod cover;
mod decode;
mod key;
mod kind;
mod likeness;
mod store;
mod workers;

use std::path::{Path, PathBuf};

use bytes::Bytes;
use futures_util::stream::BoxStream;

pub use clean::{Cleaned, LONGEST_SIDE, MAX_FILE, THUMB_SIDE, clean};
pub use cover::Area;
pub use key::PhotoKey;
pub use likeness::{ALIKE, differing};
pub use store::Size;

use crate::db::Time;
use crate::error::{Error, Result};
use store::Store;
use workers::Workers;

/// How many photos may wait for a free thread: at most 160 MB when all were sent from memory.
const WAITING: usize = 16;

/// A photo as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Photo {
    /// The hash of the kept file, and the name to ask for it.
    pub key: PhotoKey,
    /// Pixels across, upright.
    pub width: u32,
    /// Pixels down, upright.
    pub height: u32,
    /// Length of the kept file, without its preview.
    pub bytes: u32,
    /// What it looks like, in 64 bits; nothing for a picture of one colour.
    #[serde(skip)]
    pub likeness: Option<i64>,
}

impl Photo {
    /// Key, sizes, length and likeness in a line, for a hidden field of a form. Whoever sends it out signs it.
    pub fn line(&self) -> String {
        let likeness = self.likeness.map(|bits| bits.to_string()).unwrap_or_default();
        format!("{}.{}.{}.{}.{likeness}", self.key, self.width, self.height, self.bytes)
    }

    /// Reads what [`Photo::line`] wrote down.
    pub fn from_line(line: &str) -> Option<Photo> {
        let mut parts = line.split('.');
        let key = PhotoKey::parse(parts.next()?)?;
        let mut number = || parts.next()?.parse().ok();
        let (width, height, bytes) = (number()?, number()?, number()?);
        Some(Photo { key, width, height, bytes, likeness: parts.next().and_then(|bits| bits.parse().ok()) })
    }
}

/// What a person sent, before anything is known about it.
#[derive(Debug)]
pub enum Upload {
    /// The file, in memory.
    Bytes(Vec<u8>),
    /// A file on disk, read when its turn has come; the sender removes it.
    File(PathBuf),
}

impl From<Vec<u8>> for Upload {
    fn from(bytes: Vec<u8>) -> Upload {
        Upload::Bytes(bytes)
    }
}

impl From<PathBuf> for Upload {
    fn from(path: PathBuf) -> Upload {
        Upload::File(path)
    }
}

/// The photos of this server.
#[derive(Debug, Clone)]
pub struct Photos {
    store: Store,
    workers: Workers,
}

impl Photos {
    /// Opens the folder of photos, which is made if need be, and starts the threads that decode:
    /// half as many as there are cores, at least one.
    pub fn open(dir: &Path) -> Result<Photos> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let workers = Workers::start((cores / 2).max(1), WAITING)?;
        Ok(Photos { store: Store::open(dir)?, workers })
    }

    /// Cleans and keeps a photo; when this returns, it survives a power cut. The same picture sent
    /// twice is one photo. Invalid, with a sentence, for whatever is no usable photo; Unavailable
    /// when too many wait.
    pub async fn take_in(&self, upload: impl Into<Upload>) -> Result<Photo> {
        let upload = upload.into();
        if let Upload::Bytes(bytes) = &upload {
            clean::check_length(bytes.len() as u64)?;
        }
        self.keep(self.workers.run(move || clean(&read(upload)?)).await?).await
    }

    /// A copy of a photo on which these areas cannot be read any more, kept as a photo of its own; the photo itself
    /// stays. NotFound when there is none.
    pub async fn cover(&self, key: &PhotoKey, areas: Vec<Area>) -> Result<Photo> {
        let bytes = self.open_photo(key, Size::Full).await?;
        self.keep(self.workers.run(move || cover::cover(&bytes, &areas)).await?).await
    }

    /// Runs other slow work on pictures on the same few threads, so that all of it together stays within its share.
    /// Unavailable when too much waits already.
    pub async fn patiently<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.workers.run(work).await
    }

    async fn keep(&self, cleaned: Cleaned) -> Result<Photo> {
        let (width, height, likeness) = (cleaned.width, cleaned.height, cleaned.likeness);
        let bytes = u32::try_from(cleaned.jpeg.len()).map_err(Error::internal)?;
        let key = self.store.put(cleaned).await?;
        Ok(Photo { key, width, height, bytes, likeness })
    }

    /// The bytes of a photo or its preview, a JPEG. NotFound when there is none.
    pub async fn open_photo(&self, key: &PhotoKey, size: Size) -> Result<Bytes> {
        self.store.open_photo(key, size).await
    }

    /// Removes a photo and its preview, for whoever knows that nothing refers to it any more: equal
    /// photos of two tickets are one file.
    pub async fn delete(&self, key: &PhotoKey) -> Result<()> {
        self.store.delete(key).await
    }

    /// Whether the photo is there.
    pub async fn has(&self, key: &PhotoKey) -> bool {
        self.store.has(key).await
    }

    /// As [`Photos::delete`], but leaves a photo that was sent again since `before`: somebody is about to name it.
    pub async fn delete_unless_renewed(&self, key: &PhotoKey, before: Time) -> Result<()> {
        self.store.delete_unless_renewed(key, before).await
    }

    /// The keys of all photos, in no order, for a backup.
    pub fn list(&self) -> BoxStream<'static, Result<PhotoKey>> {
        self.store.list()
    }
}

/// Reads a file on disk only when its length is allowed.
fn read(upload: Upload) -> Result<Vec<u8>> {
    match upload {
        Upload::Bytes(bytes) => Ok(bytes),
        Upload::File(path) => {
            clean::check_length(std::fs::metadata(&path)?.len())?;
            Ok(std::fs::read(path)?)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(side: u32) -> Vec<u8> {
        let mut bytes = Vec::new();
        let picture = image::RgbImage::from_fn(side, side / 2, |x, y| image::Rgb([x as u8, y as u8, 90]));
        picture.write_to(&mut std::io::Cursor::new(&mut bytes), image::ImageFormat::Png).unwrap();
        bytes
    }

    #[tokio::test]
    async fn a_photo_taken_in_twice_is_one_photo_and_can_be_opened() {
        let dir = tempfile::tempdir().unwrap();
        let photos = Photos::open(dir.path()).unwrap();
        let photo = photos.take_in(png(400)).await.unwrap();
        let sent = dir.path().join("upload");
        std::fs::write(&sent, png(400)).unwrap();
        assert_eq!(photos.take_in(sent).await.unwrap(), photo);
        assert_eq!((photo.width, photo.height), (400, 200));
        let full = photos.open_photo(&photo.key, Size::Full).await.unwrap();
        assert_eq!((full.len() as u32, PhotoKey::of(&full)), (photo.bytes, photo.key.clone()));
        let thumb = photos.open_photo(&photo.key, Size::Thumb).await.unwrap();
        assert_eq!(image::load_from_memory(&thumb).unwrap().width(), THUMB_SIDE);
    }

    #[tokio::test]
    async fn a_file_that_is_too_long_is_not_even_read() {
        let dir = tempfile::tempdir().unwrap();
        let photos = Photos::open(dir.path()).unwrap();
        let sent = dir.path().join("upload");
        std::fs::File::create(&sent).unwrap().set_len(MAX_FILE as u64 + 1).unwrap();
        assert!(photos.take_in(sent).await.unwrap_err().to_string().contains("10 MB"));
        assert!(photos.take_in(vec![0; MAX_FILE + 1]).await.unwrap_err().to_string().contains("10 MB"));
    }
}
