//! Where cleaned photos lie: `ab/cd/<key>.jpg` and `ab/cd/<key>.thumb.jpg` below one folder.
//!
//! The files go through `object_store`, whose local store writes to a temporary name, flushes the
//! file, renames it and flushes every folder that gained an entry, so that a photo that was
//! acknowledged survives a power cut; a bucket instead of a folder is another constructor here.
//! Never decodes, never counts who still refers to a photo: its owner's table knows that.

use std::path::Path as Folder;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream::{BoxStream, StreamExt, TryStreamExt};
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use tokio::sync::RwLock;

use super::clean::Cleaned;
use super::key::PhotoKey;
use crate::db::Time;
use crate::error::{Error, Result};

/// Which of the two files of a photo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// The photo itself, at most 1600 pixels.
    Full,
    /// The preview, at most 320 pixels.
    Thumb,
}

/// The folder of photos.
#[derive(Debug, Clone)]
pub(super) struct Store {
    objects: Arc<dyn ObjectStore>,
    /// Held shared by whoever puts a photo and alone by whoever looks at its age to remove it.
    putting: Arc<RwLock<()>>,
}

impl Store {
    /// The photos below `dir`, which is made if it is not there yet.
    pub(super) fn open(dir: &Folder) -> Result<Store> {
        make_dir(dir)?;
        let local = LocalFileSystem::new_with_prefix(dir).map_err(Error::internal)?;
        Ok(Store { objects: Arc::new(local.with_fsync(true)), putting: Arc::default() })
    }

    /// Stores a photo; when this returns, it survives a power cut. A photo that is there already is
    /// replaced by its equal: there is no look before the write that two senders could race for,
    /// and a file damaged on disk is mended by sending it again.
    pub(super) async fn put(&self, photo: Cleaned) -> Result<PhotoKey> {
        let key = PhotoKey::of(&photo.jpeg);
        let _putting = self.putting.read().await;
        // The preview first: whoever sees the photo finds both.
        self.objects.put(&path(&key, Size::Thumb), photo.thumb.into()).await.map_err(fault)?;
        self.objects.put(&path(&key, Size::Full), photo.jpeg.into()).await.map_err(fault)?;
        Ok(key)
    }

    pub(super) async fn open_photo(&self, key: &PhotoKey, size: Size) -> Result<Bytes> {
        self.objects.get(&path(key, size)).await.map_err(fault)?.bytes().await.map_err(fault)
    }

    /// Removes both files; one that is gone already is no error.
    pub(super) async fn delete(&self, key: &PhotoKey) -> Result<()> {
        for size in [Size::Full, Size::Thumb] {
            match self.objects.delete(&path(key, size)).await {
                Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
                Err(err) => return Err(fault(err)),
            }
        }
        Ok(())
    }

    pub(super) async fn has(&self, key: &PhotoKey) -> bool {
        self.objects.head(&path(key, Size::Full)).await.is_ok()
    }

    /// Removes a photo that was last put before `before`. Nobody puts one meanwhile; another program that shares the
    /// folder could, within the moment between the look and the removal.
    pub(super) async fn delete_unless_renewed(&self, key: &PhotoKey, before: Time) -> Result<()> {
        let _alone = self.putting.write().await;
        match self.objects.head(&path(key, Size::Full)).await {
            Ok(about) if about.last_modified < before.0 => self.delete(key).await,
            Ok(_) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(err) => Err(fault(err)),
        }
    }

    /// The key of every complete photo, in no order; what else lies in the folder is passed over.
    pub(super) fn list(&self) -> BoxStream<'static, Result<PhotoKey>> {
        let found = self.objects.list(None).map_err(fault);
        found.try_filter_map(async |meta| Ok(key_of(&meta.location))).boxed()
    }
}

fn path(key: &PhotoKey, size: Size) -> Path {
    let (hex, ending) = (key.as_str(), if size == Size::Full { "jpg" } else { "thumb.jpg" });
    Path::from(format!("{}/{}/{hex}.{ending}", &hex[..2], &hex[2..4]))
}

fn key_of(location: &Path) -> Option<PhotoKey> {
    let key = PhotoKey::parse(location.filename()?.strip_suffix(".jpg")?)?;
    (path(&key, Size::Full) == *location).then_some(key)
}

/// Makes the folder and flushes every folder that gained an entry.
fn make_dir(dir: &Folder) -> Result<()> {
    let missing: Vec<_> =
        dir.ancestors().take_while(|each| !each.as_os_str().is_empty() && !each.exists()).collect();
    std::fs::create_dir_all(dir)?;
    for made in missing {
        let parent = made.parent().filter(|parent| !parent.as_os_str().is_empty());
        #[cfg(unix)]
        std::fs::File::open(parent.unwrap_or(Folder::new(".")))?.sync_all()?;
        #[cfg(not(unix))]
        let _ = parent;
    }
    Ok(())
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

    fn photo(text: &str) -> Cleaned {
        let thumb = format!("thumb of {text}").into_bytes();
        Cleaned { jpeg: text.as_bytes().to_vec(), thumb, width: 1, height: 1, likeness: None }
    }

    fn files_below(dir: &Folder) -> Vec<String> {
        let mut files = Vec::new();
        let mut folders = vec![dir.to_path_buf()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    files.push(path.strip_prefix(dir).unwrap().to_str().unwrap().to_owned());
                }
            }
        }
        files.sort();
        files
    }

    #[tokio::test]
    async fn a_photo_lies_under_the_hash_of_its_bytes_and_is_kept_once() {
        let dir = tempfile::tempdir().unwrap();
        let inner = dir.path().join("new/folder");
        let store = Store::open(&inner).unwrap();
        let key = store.put(photo("lamp")).await.unwrap();
        assert_eq!(store.put(photo("lamp")).await.unwrap(), key);
        let stem = format!("{}/{}/{key}", &key.as_str()[..2], &key.as_str()[2..4]);
        assert_eq!(files_below(&inner), [format!("{stem}.jpg"), format!("{stem}.thumb.jpg")]);
        assert_eq!(store.open_photo(&key, Size::Full).await.unwrap(), "lamp");
        assert_eq!(store.open_photo(&key, Size::Thumb).await.unwrap(), "thumb of lamp");
    }

    #[tokio::test]
    async fn ten_who_send_the_same_photo_at_once_share_one_file() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        let keys = futures_util::future::join_all((0..10).map(|_| store.put(photo("lamp")))).await;
        assert!(keys.into_iter().all(|key| key.unwrap() == PhotoKey::of(b"lamp")));
        assert_eq!(files_below(dir.path()).len(), 2);
    }

    #[tokio::test]
    async fn a_deleted_photo_is_gone_and_may_be_deleted_again() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        let key = store.put(photo("lamp")).await.unwrap();
        store.delete(&key).await.unwrap();
        store.delete(&key).await.unwrap();
        assert!(matches!(store.open_photo(&key, Size::Full).await, Err(Error::NotFound)));
        assert!(matches!(store.open_photo(&key, Size::Thumb).await, Err(Error::NotFound)));
        assert!(files_below(dir.path()).is_empty());
    }

    #[tokio::test]
    async fn the_list_names_whole_photos_and_nothing_that_strayed_in() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        let mut keys = vec![store.put(photo("lamp")).await.unwrap(), store.put(photo("gate")).await.unwrap()];
        keys.sort();
        std::fs::write(dir.path().join("readme.jpg"), "x").unwrap();
        std::fs::write(dir.path().join(format!("{}.jpg", PhotoKey::of(b"misplaced"))), "x").unwrap();
        let mut listed: Vec<PhotoKey> = store.list().try_collect().await.unwrap();
        listed.sort();
        assert_eq!(listed, keys);
    }

    #[test]
    fn no_path_leads_out_of_the_folder() {
        let key = PhotoKey::of(b"x");
        assert!(
            path(&key, Size::Full).parts().all(|part| part.as_ref() != ".." && !part.as_ref().is_empty())
        );
        assert_eq!(key_of(&Path::from("etc/passwd.jpg")), None);
    }
}
