//! What is in the files of a server, and what has changed since.
//!
//! May use: the app, fixtures, places. Invariant: a file is written only if its sandbox has changed; what was committed before a
//! write begins is in it.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::place::{self, FilePlace};
use super::{SaveError, SavedFile};
use crate::app::App;
use crate::fixtures::{self, export};
use crate::state::sandbox::{DEFAULT_SANDBOX, Picture, Sandbox, is_sandbox_name};

/// The ending of the files in a folder; the rest of the name is that of the sandbox.
const ENDING: &str = "json";

/// Where states are kept.
#[derive(Debug)]
pub(super) enum Files {
    /// The file of the default sandbox.
    One(PathBuf),
    /// A folder with a file for each sandbox.
    Folder(PathBuf),
}

impl Files {
    /// What a path means: a folder if it is one or ends with a slash, which creates it.
    pub(super) fn at(path: &Path) -> io::Result<Self> {
        let path_bytes = path.as_os_str().as_encoded_bytes();
        if path_bytes.ends_with(b"/") {
            fs::create_dir_all(path)?;
        }
        if path.is_dir() { Ok(Files::Folder(path.to_owned())) } else { place::resolve(path).map(Files::One) }
    }
}

/// A file with what is in it.
#[derive(Debug)]
struct Kept {
    place: FilePlace,
    /// `None` if there is no file, or an empty one.
    picture: Option<Picture>,
}

/// The files of a server.
#[derive(Debug)]
pub(super) struct Keeper {
    app: Arc<App>,
    /// `None` for the one file of the default sandbox.
    folder: Option<PathBuf>,
    /// By the names of the sandboxes.
    kept: BTreeMap<String, Kept>,
    /// How many objects the empty state has.
    least: usize,
    is_failing: bool,
}

impl Keeper {
    pub(super) fn of_file(app: Arc<App>, place: FilePlace) -> Self {
        let mut keeper = Keeper::new(app, None);
        keeper.kept.insert(DEFAULT_SANDBOX.to_owned(), Kept { place, picture: None });
        keeper
    }

    pub(super) fn of_folder(app: Arc<App>, folder: &Path) -> Self {
        Keeper::new(app, Some(folder.to_owned()))
    }

    fn new(app: Arc<App>, folder: Option<PathBuf>) -> Self {
        let least = app.empty_state().len();
        Keeper { app, folder, kept: BTreeMap::new(), least, is_failing: false }
    }

    /// Loads the files that are there.
    pub(super) fn load(&mut self) -> Result<Vec<SavedFile>, SaveError> {
        if let Some(folder) = &self.folder {
            let names = names_in(folder).map_err(|source| SaveError::Read { path: folder.clone(), source })?;
            for name in names {
                let place = FilePlace::at(file_of(folder, &name));
                self.kept.insert(name, Kept { place, picture: None });
            }
        }
        let mut files = Vec::new();
        for (name, kept) in &mut self.kept {
            let path = kept.place.path();
            let content = kept.place.read().map_err(|source| SaveError::Read { path: path.to_owned(), source })?;
            let Some((text, written)) = content else { continue };
            let sandbox = self.app.sandbox(name).map_err(|_| SaveError::TooMany { path: path.to_owned() })?;
            let (objects, _) = fixtures::replace(&self.app, &sandbox, &path.to_string_lossy(), &text)?;
            kept.picture = Some(sandbox.picture());
            files.push(SavedFile { sandbox: name.clone(), objects, written });
        }
        Ok(files)
    }

    /// Writes what has changed, and logs the first failure and the end of the failures.
    pub(super) fn save_and_log(&mut self) {
        match self.save() {
            Err(error) if !self.is_failing => {
                self.is_failing = true;
                tracing::error!(error = error.to_string(), "the state is not saved; the former file is whole");
            }
            Ok(()) if std::mem::take(&mut self.is_failing) => tracing::info!("the state is saved again"),
            Err(_) | Ok(()) => {}
        }
    }

    /// Writes what has changed. A file that cannot be written does not keep the others from being written; the error is
    /// that of the first.
    pub(super) fn save(&mut self) -> Result<(), SaveError> {
        let sandboxes = match &self.folder {
            None => vec![Arc::clone(self.app.default_sandbox())],
            Some(_) => self.app.all_sandboxes(),
        };
        let mut outcome = Ok(());
        for sandbox in &sandboxes {
            outcome = outcome.and(self.keep(sandbox));
        }
        outcome.and(self.forget_all_but(&sandboxes))
    }

    fn keep(&mut self, sandbox: &Sandbox) -> Result<(), SaveError> {
        if let (Some(folder), false) = (&self.folder, self.kept.contains_key(sandbox.name())) {
            let place = FilePlace::at(file_of(folder, sandbox.name()));
            self.kept.insert(sandbox.name().to_owned(), Kept { place, picture: None });
        }
        let Some(kept) = self.kept.get_mut(sandbox.name()) else { return Ok(()) };
        let is_written = kept.picture.as_ref().is_some_and(|former| former.is_same(&sandbox.picture()));
        if is_written && kept.place.exists() {
            return Ok(());
        }
        let least = self.least;
        let write = |kept: &Kept| -> io::Result<Picture> {
            let mut draft = kept.place.draft()?;
            let picture = sandbox.picture();
            draft.write(|mut out| export::write(&picture.state, picture.clock, picture.drawn, &mut out))?;
            // A reset must not take away the only copy of what it removed.
            let replaced = |former: &Picture| former.epoch != picture.epoch && former.state.len() > least;
            draft.commit(kept.picture.as_ref().is_some_and(replaced))?;
            Ok(picture)
        };
        let written = write(kept);
        kept.picture = Some(written.map_err(|source| SaveError::Write { path: kept.place.path().to_owned(), source })?);
        Ok(())
    }

    /// Removes the files of sandboxes that were deleted.
    fn forget_all_but(&mut self, sandboxes: &[Arc<Sandbox>]) -> Result<(), SaveError> {
        let Some(folder) = &self.folder else { return Ok(()) };
        let names: BTreeSet<&str> = sandboxes.iter().map(|sandbox| sandbox.name()).collect();
        let mut outcome = Ok(());
        self.kept.retain(|name, kept| {
            let stays = names.contains(name.as_str());
            if !stays && let Err(source) = kept.place.remove() {
                outcome = Err(SaveError::Write { path: file_of(folder, name), source });
            }
            stays
        });
        outcome
    }
}

fn file_of(folder: &Path, sandbox: &str) -> PathBuf {
    folder.join(format!("{sandbox}.{ENDING}"))
}

/// Whether a file in a folder is that of a sandbox.
pub(super) fn is_file_name(name: &OsStr) -> bool {
    sandbox_of(Path::new(name)).is_some()
}

fn sandbox_of(file: &Path) -> Option<&str> {
    let name = file.file_stem().and_then(|name| name.to_str()).filter(|name| is_sandbox_name(name));
    name.filter(|_| file.extension().is_some_and(|ending| ending == ENDING))
}

/// The names of the sandboxes that have a file in a folder.
fn names_in(folder: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        names.extend(sandbox_of(&entry?.path()).map(str::to_owned));
    }
    names.sort();
    Ok(names)
}
