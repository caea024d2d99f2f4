//! `--save`: the state of sandboxes in files, loaded at the start, written while there are changes and at the end.
//!
//! May use: the app, the fixtures that read and write states, threads and files. Invariant: from before the load until after
//! the last write one process owns the files, and each file holds a whole state at any time.
//!
//! Writing happens on a thread of its own, on a state that shares its memory with the sandbox's: neither a request nor the
//! reactor waits for it.

mod keeper;
mod owner;
mod place;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, SystemTime};

use tokio::sync::oneshot;

use self::keeper::{Files, Keeper};
use self::owner::FileOwner;
use self::place::FilePlace;
use crate::app::App;
use crate::fixtures::FixtureError;
use crate::limits::{SANDBOXES_MAX, SAVE_OWNER_SECONDS_MAX};

/// Why a state was not loaded or not saved.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// Another process has the file.
    #[error("{} is used by another server{}", path.display(), owner_name(*.process))]
    Used {
        /// The file or folder.
        path: PathBuf,
        /// The id of the other process, if it is known.
        process: Option<u32>,
    },
    /// The file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The error of the system.
        source: io::Error,
    },
    /// The file cannot be written.
    #[error("cannot save to {}: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// The error of the system.
        source: io::Error,
    },
    /// The content of the file is wrong.
    #[error(transparent)]
    Content(#[from] FixtureError),
    /// A folder has more files than a server has sandboxes.
    #[error("{}: a server has at most {SANDBOXES_MAX} sandboxes", path.display())]
    TooMany {
        /// The first file that is too many.
        path: PathBuf,
    },
    /// The thread that writes panicked.
    #[error("saving panicked: this is a bug; the file has what was written before")]
    Panicked,
}

fn owner_name(process: Option<u32>) -> String {
    process.map_or_else(String::new, |process| format!(" (process {process})"))
}

/// A file that was loaded.
#[derive(Clone, Debug)]
pub struct SavedFile {
    /// The sandbox.
    pub sandbox: String,
    /// How many objects it has.
    pub objects: usize,
    /// When the file was written.
    pub written: Option<SystemTime>,
}

/// What a server found at the path of `--save`.
#[derive(Clone, Debug, Default)]
pub struct SavedFiles {
    /// The files, in the order of their names; an empty file counts as none.
    pub files: Vec<SavedFile>,
    /// Whether a file is written in place because nothing can replace it, as it is a mount of its own.
    pub in_place: bool,
}

/// The files of a server, from the load on. Dropping it writes them a last time, on its own thread.
#[derive(Debug)]
pub struct Saver {
    owner: FileOwner,
    keeper: Keeper,
    found: SavedFiles,
}

impl Saver {
    /// Owns the file or folder at this path, waiting a while for another server that ends, and loads what is there into the
    /// app. Blocks.
    ///
    /// # Errors
    /// Another server has it, it cannot be read or written, or its content is wrong.
    pub fn open(claim: FileClaim, app: &Arc<App>) -> Result<Self, SaveError> {
        let FileClaim { mut owner, files } = claim;
        let mut found = SavedFiles::default();
        let keeper = match &files {
            Files::One(path) => {
                let folder = path.parent().unwrap_or(Path::new(""));
                place::remove_parts(folder, |name| path.file_name().is_some_and(|ours| ours == name));
                let place = FilePlace::try_at(path.clone());
                let place = place.map_err(|source| SaveError::Write { path: path.clone(), source })?;
                if place.is_in_place() {
                    owner.also_wants(path)?;
                    found.in_place = true;
                }
                Keeper::of_file(Arc::clone(app), place)
            }
            Files::Folder(folder) => {
                place::remove_parts(folder, keeper::is_file_name);
                Keeper::of_folder(Arc::clone(app), folder)
            }
        };
        let mut saver = Saver { owner, keeper, found };
        saver.found.files = saver.keeper.load()?;
        Ok(saver)
    }

    /// What was found.
    pub fn found(&self) -> &SavedFiles {
        &self.found
    }

    /// Writes the changes this often from now on.
    pub fn begin(self, every: Duration) -> Saving {
        let (end, orders) = mpsc::channel();
        let Saver { owner, keeper, .. } = self;
        thread::spawn(move || work(owner, keeper, every, &orders));
        Saving { end }
    }
}

/// The right to the file or folder of `--save`, alone.
#[derive(Debug)]
pub struct FileClaim {
    owner: FileOwner,
    files: Files,
}

impl FileClaim {
    /// Waits until nobody else has the file or folder, at most for [`SAVE_OWNER_SECONDS_MAX`]. Blocks.
    ///
    /// # Errors
    /// Another server has it, or it cannot be created.
    pub fn take(path: &Path) -> Result<Self, SaveError> {
        let files = Files::at(path).map_err(|source| SaveError::Write { path: path.to_owned(), source })?;
        let owner = match &files {
            Files::One(file) => FileOwner::wait(file, &owner::lock_of(file))?,
            Files::Folder(folder) => FileOwner::wait(folder, &folder.join(".lock"))?,
        };
        Ok(FileClaim { owner, files })
    }
}

/// Files that are written now and then.
#[derive(Debug)]
pub struct Saving {
    end: mpsc::Sender<oneshot::Sender<Result<(), SaveError>>>,
}

impl Saving {
    /// Writes what has changed, a last time, and gives the files up.
    ///
    /// # Errors
    /// A file cannot be written.
    pub async fn end(self) -> Result<(), SaveError> {
        let (reply, done) = oneshot::channel();
        // The thread ends by this order alone.
        let _ = self.end.send(reply);
        done.await.unwrap_or(Err(SaveError::Panicked))
    }
}

/// How long a server waits for another one that ends.
const PATIENCE: Duration = Duration::from_secs(SAVE_OWNER_SECONDS_MAX);

fn work(
    owner: FileOwner,
    mut keeper: Keeper,
    every: Duration,
    orders: &mpsc::Receiver<oneshot::Sender<Result<(), SaveError>>>,
) {
    loop {
        match orders.recv_timeout(every) {
            Err(mpsc::RecvTimeoutError::Timeout) => keeper.save_and_log(),
            Err(mpsc::RecvTimeoutError::Disconnected) => return keeper.save_and_log(),
            Ok(reply) => {
                let saved = keeper.save();
                drop(owner);
                // Nobody waits for the answer if the server was dropped.
                let _ = reply.send(saved);
                return;
            }
        }
    }
}
