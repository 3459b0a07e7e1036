//! Files on their way from a phone: begun with their length, sent piece by piece, taken up again after a break.
//!
//! The bytes lie in a folder of their own, outside database and backups, until all are there; then [`Uploads::finish`]
//! hands them to whoever cleans and keeps them, and the raw file, which may still say where a photo was taken, is gone.
//! What counts against the room that there is are bytes that came, never bytes that were announced ([`held`]).
//! The offset of an upload is the length of its file: a program that is killed between two bytes forgets none and
//! invents none. How it looks in HTTP is next door in `reports::uploads`; what was kept and never used is in [`loose`].

mod held;
pub mod loose;
mod name;
mod store;

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};
use uuid::Uuid;

use self::held::Held;
pub use name::{Matter, Name};

use crate::db::Time;
use crate::error::{Error, Result};
use crate::{photos, voices};

/// Uploads that one phone may have under way: two forms with six photos and a voice message.
pub const PER_DEVICE: usize = 14;
/// Hours after which a file that nobody finished is removed.
pub const HOURS: i64 = 24;
/// Finished uploads of one phone that are remembered, so that a lost answer can be given again.
const DONE_PER_DEVICE: usize = 200;
/// Minutes after which an upload of which no byte came is removed.
pub const EMPTY_MINUTES: i64 = 10;
/// A connection that says nothing for so long is taken for broken.
const SILENCE: Duration = Duration::from_secs(20);
/// How long to wait for whoever holds the same upload.
const PATIENCE: Duration = Duration::from_secs(15);

/// Where a piece went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece {
    /// Stored, or as much of it as came: so many bytes are there now.
    Stored(u64),
    /// It does not follow on what is there: so many bytes.
    Elsewhere(u64),
    /// It goes beyond the length that was declared.
    TooLong,
}

/// The folder of uploads.
#[derive(Debug, Clone)]
pub struct Uploads {
    dir: PathBuf,
    /// Bytes that came of what is under way.
    held: Arc<Held>,
    /// Who is sending what: a phone that comes back takes over from its own dead connection.
    sending: Arc<Mutex<HashMap<Uuid, Arc<Notify>>>>,
}

impl Uploads {
    /// Opens the folder, which is made if need be.
    pub fn open(dir: &Path) -> Result<Uploads> {
        fs::create_dir_all(dir)?;
        let uploads = Uploads { dir: dir.to_owned(), held: Arc::default(), sending: Arc::default() };
        uploads.count(None)?;
        Ok(uploads)
    }

    /// Begins an upload of a phone in a network. Invalid when it would be too large; too many when this phone has enough
    /// under way; unavailable when its network, or all together, have.
    pub fn begin(&self, (owner, network): (&str, &str), matter: Matter, length: u64) -> Result<Name> {
        let (field, most, sentence) = match matter {
            Matter::Photo => (
                "photo",
                photos::MAX_FILE as u64,
                "这张照片超过 10 MB，请截一张图再传，或在相机里选小一些的尺寸",
            ),
            Matter::Voice(_) => ("voice", voices::MAX_FILE, "这段语音超过 2 MB，请录短一些"),
        };
        if length == 0 || length > most {
            return Err(Error::invalid(
                field,
                if length == 0 { "文件是空的，请重新选一次" } else { sentence },
            ));
        }
        if matches!(matter, Matter::Voice(seconds) if seconds > voices::MAX_SECONDS) {
            return Err(Error::invalid("voice", "语音最长 60 秒，请录短一些，或分成文字写"));
        }
        if !self.held.has_room(network, length) {
            return Err(busy());
        }
        let (owner_name, network) = (owner.to_owned(), network.to_owned());
        let name = Name { id: Uuid::now_v7(), owner: owner_name, network, matter, length };
        let folder = self.dir.join(owner);
        fs::create_dir_all(&folder)?;
        let (open, done) = names(&folder)?.into_iter().fold((0, 0), |(open, done), each| match each {
            Kept::Part(_) => (open + 1, done),
            Kept::Done => (open, done + 1),
        });
        if open >= PER_DEVICE || done >= DONE_PER_DEVICE {
            return Err(Error::TooMany);
        }
        OpenOptions::new().write(true).create_new(true).open(self.part(&name))?;
        Ok(name)
    }

    /// How many bytes are there. NotFound when it was never begun, given up, or too old.
    pub fn offset(&self, name: &Name) -> Result<u64> {
        if self.done(name).exists() {
            return Ok(name.length);
        }
        Ok(fs::metadata(self.part(name)).map_err(gone)?.len())
    }

    /// Stores a piece that begins at `offset`, byte by byte as it comes: what came before a break stays. The same
    /// upload sent by two connections at once is that of the later one. Unavailable when there is no room for more.
    pub async fn append<E>(
        &self,
        name: &Name,
        offset: u64,
        mut body: impl Stream<Item = std::result::Result<Bytes, E>> + Unpin,
    ) -> Result<Piece> {
        if self.done(name).exists() {
            return Ok(if offset == name.length {
                Piece::Stored(offset)
            } else {
                Piece::Elsewhere(name.length)
            });
        }
        let later = self.take_over(name.id);
        let mut file = self.hold(name).await?;
        let mut there = file.metadata()?.len();
        if there != offset {
            return Ok(Piece::Elsewhere(there));
        }
        loop {
            let next = tokio::select! {
                next = timeout(SILENCE, body.next()) => next,
                () = later.notified() => break,
            };
            let Ok(Some(Ok(bytes))) = next else { break };
            if there + bytes.len() as u64 > name.length {
                return Ok(Piece::TooLong);
            }
            if !self.held.add(&name.network, bytes.len() as u64) {
                return Err(busy());
            }
            file.write_all(&bytes)?;
            there += bytes.len() as u64;
        }
        Ok(Piece::Stored(there))
    }

    /// Hands a whole file to `keep` and remembers the line that it gives; asked again, gives the same line. When
    /// `keep` finds it unusable, the upload is over.
    pub async fn finish(
        &self,
        name: &Name,
        keep: impl AsyncFnOnce(PathBuf) -> Result<String>,
    ) -> Result<String> {
        let part = self.part(name);
        // Two at once: the second waits, and finds what the first has done.
        let _held = match self.hold(name).await {
            Ok(file) => Some(file),
            Err(Error::NotFound) => None,
            Err(err) => return Err(err),
        };
        if let Ok(line) = fs::read_to_string(self.done(name)) {
            return Ok(line);
        }
        if fs::metadata(&part).map_err(gone)?.len() != name.length {
            return Err(Error::conflict("还没有传完"));
        }
        match keep(part).await {
            Ok(line) => {
                let written = self.dir.join(&name.owner).join(format!("{}.new", name.id.simple()));
                fs::write(&written, &line)?;
                fs::rename(&written, self.done(name))?;
                self.give_up(name)?;
                Ok(line)
            }
            Err(err @ Error::Invalid(_)) => {
                self.give_up(name)?;
                Err(err)
            }
            Err(err) => Err(err),
        }
    }

    /// Removes the bytes; what is gone already is no error.
    pub fn give_up(&self, name: &Name) -> Result<()> {
        let part = self.part(name);
        let came = fs::metadata(&part).map_or(0, |about| about.len());
        match fs::remove_file(part) {
            Ok(()) => {
                self.held.remove(&name.network, came);
                Ok(())
            }
            Err(err) if err.kind() == std::io::ErrorKind::NotFound => Ok(()),
            Err(err) => Err(err.into()),
        }
    }

    /// Removes what nobody finished within [`HOURS`], what nobody sent a byte of within [`EMPTY_MINUTES`], and what was
    /// remembered of finished ones for twice as long as the first.
    pub fn sweep(&self, now: Time) -> Result<()> {
        self.count(Some(now))
    }

    /// Counts the bytes that came of what is under way, by network; what is too old at `now` is removed.
    fn count(&self, now: Option<Time>) -> Result<()> {
        let mut held = HashMap::new();
        for owner in fs::read_dir(&self.dir)?.flatten() {
            for entry in fs::read_dir(owner.path()).into_iter().flatten().flatten() {
                let kept = kept(&entry.file_name().to_string_lossy());
                // Finished or given up at this moment.
                let Ok(about) = entry.metadata() else { continue };
                let minutes = match kept {
                    Some(Kept::Done) => 120 * HOURS,
                    _ if about.len() == 0 => EMPTY_MINUTES,
                    _ => 60 * HOURS,
                };
                let old = |now: Time| {
                    about.modified().is_ok_and(|made| {
                        chrono::DateTime::<chrono::Utc>::from(made) < now.plus_minutes(-minutes).0
                    })
                };
                match kept {
                    _ if now.is_some_and(old) => match fs::remove_file(entry.path()) {
                        Err(err) if err.kind() != std::io::ErrorKind::NotFound => return Err(err.into()),
                        _ => {}
                    },
                    Some(Kept::Part(network)) => *held.entry(network).or_insert(0) += about.len(),
                    _ => {}
                }
            }
            if now.is_some() {
                // Succeeds where nothing is left in it; a phone that comes at this moment makes it anew or is told to
                // try again.
                let _ = fs::remove_dir(owner.path());
            }
        }
        self.held.set(held);
        Ok(())
    }

    /// Ends whoever sends this upload now, and says when the next one comes.
    fn take_over(&self, id: Uuid) -> Arc<Notify> {
        let mine = Arc::new(Notify::new());
        let mut sending = self.sending.lock().unwrap_or_else(PoisonError::into_inner);
        // Nobody but this table holds what has ended.
        sending.retain(|_, each| Arc::strong_count(each) > 1);
        if let Some(earlier) = sending.insert(id, mine.clone()) {
            earlier.notify_one();
        }
        mine
    }

    /// Opens the file for appending and keeps others from it, in other programs as well.
    async fn hold(&self, name: &Name) -> Result<File> {
        let file = OpenOptions::new().append(true).open(self.part(name)).map_err(gone)?;
        let mut waited = Duration::ZERO;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(TryLockError::WouldBlock) if waited < PATIENCE => {
                    let pause = Duration::from_millis(25);
                    sleep(pause).await;
                    waited += pause;
                }
                Err(TryLockError::WouldBlock) => {
                    return Err(Error::Unavailable("这个文件正在处理，请稍等一会儿再传".into()));
                }
                Err(TryLockError::Error(err)) => return Err(err.into()),
            }
        }
    }

    fn part(&self, name: &Name) -> PathBuf {
        self.dir.join(&name.owner).join(format!("{}.{}.part", name.id.simple(), name.network))
    }

    fn done(&self, name: &Name) -> PathBuf {
        self.dir.join(&name.owner).join(format!("{}.done", name.id.simple()))
    }
}

fn busy() -> Error {
    Error::Unavailable("现在传照片的人较多，请过一会儿再传；文字可以先提交".into())
}

/// What a file of the folder is.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Kept {
    /// Bytes of an upload from this network.
    Part(String),
    /// What came of one.
    Done,
}

fn kept(name: &str) -> Option<Kept> {
    match name.strip_suffix(".part") {
        Some(rest) => Some(Kept::Part(rest.split('.').nth(1)?.to_owned())),
        None => name.ends_with(".done").then_some(Kept::Done),
    }
}

fn names(folder: &Path) -> Result<Vec<Kept>> {
    Ok(fs::read_dir(folder)?
        .flatten()
        .filter_map(|entry| kept(&entry.file_name().to_string_lossy()))
        .collect())
}

fn gone(err: std::io::Error) -> Error {
    if err.kind() == std::io::ErrorKind::NotFound { Error::NotFound } else { err.into() }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
