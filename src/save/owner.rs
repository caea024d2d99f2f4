//! Lock files: one process at a time owns a file.
//!
//! May use: the system's file locks. Invariant: a lock ends with its process, however that ends; a lock file that is left
//! behind locks nothing.

use std::fs::{self, File, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use super::{PATIENCE, SaveError};

/// How often a lock is tried that another process has.
const TRY_EVERY: Duration = Duration::from_millis(20);

/// The owner of a file; dropping it gives the file up.
#[derive(Debug)]
pub(super) struct FileOwner {
    locks: Vec<Lock>,
}

/// A locked file.
#[derive(Debug)]
struct Lock {
    _locked: File,
    /// The lock file, to be removed at the end.
    made: Option<PathBuf>,
}

impl Drop for Lock {
    fn drop(&mut self) {
        if let Some(path) = &self.made {
            // Still locked: who opened it meanwhile sees that it is gone.
            let _ = fs::remove_file(path);
        }
    }
}

/// The lock file beside a file.
pub(super) fn lock_of(file: &Path) -> PathBuf {
    let mut lock = file.as_os_str().to_owned();
    lock.push(".lock");
    lock.into()
}

impl FileOwner {
    /// Owns a file or folder by its lock file. Where none can be created, as in a folder that is read-only, the file itself
    /// is locked.
    pub(super) fn wait(file: &Path, lock: &Path) -> Result<Self, SaveError> {
        let mut owner = FileOwner { locks: Vec::new() };
        match owner.lock(file, lock, true) {
            Err(SaveError::Write { source, .. }) if is_read_only(&source) && file.is_file() => owner.also_wants(file),
            other => other,
        }?;
        Ok(owner)
    }

    /// Locks the file itself, too: where it is a mount of its own, its neighbours are not those that another process sees.
    pub(super) fn also_wants(&mut self, file: &Path) -> Result<(), SaveError> {
        if self.locks.iter().any(|lock| lock.made.is_none()) { Ok(()) } else { self.lock(file, file, false) }
    }

    fn lock(&mut self, file: &Path, path: &Path, is_made: bool) -> Result<(), SaveError> {
        let until = Instant::now() + PATIENCE;
        loop {
            match attempt(path, is_made) {
                Ok(Some(locked)) => {
                    self.locks.push(Lock { _locked: locked, made: is_made.then(|| path.to_owned()) });
                    return Ok(());
                }
                Ok(None) if Instant::now() < until => thread::sleep(TRY_EVERY),
                Ok(None) => {
                    let process = if is_made { named_in(path) } else { None };
                    return Err(SaveError::Used { path: file.to_owned(), process });
                }
                Err(source) => return Err(SaveError::Write { path: file.to_owned(), source }),
            }
        }
    }
}

/// Whether a file cannot be created because of where it is.
pub(super) fn is_read_only(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem)
}

/// Locks a file; `None` if another process has it at the moment.
fn attempt(path: &Path, is_made: bool) -> io::Result<Option<File>> {
    let mut file = File::options().read(true).write(true).create(is_made).truncate(false).open(path)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(None),
        Err(TryLockError::Error(error)) => return Err(error),
    }
    // The former owner may have removed the file after it was opened.
    let mine = file.metadata()?;
    let is_there = fs::metadata(path).is_ok_and(|there| (there.dev(), there.ino()) == (mine.dev(), mine.ino()));
    if !is_there {
        return Ok(None);
    }
    if is_made {
        file.set_len(0)?;
        file.write_all(std::process::id().to_string().as_bytes())?;
    }
    Ok(Some(file))
}

/// The process that a lock file names.
fn named_in(lock: &Path) -> Option<u32> {
    let mut text = String::new();
    File::open(lock).ok()?.take(16).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}
