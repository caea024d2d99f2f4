//! The folder of a run: hooks for interpreters and certificates to trust.
//!
//! May use: files. Invariant: nobody but the user can read or change it, its path needs no quotes anywhere, and it is gone with
//! its owner.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use uuid::Uuid;

/// Where it is if the user's folder for such files has a name that variables of lists cannot hold.
const PLAIN_PLACE: &str = "/tmp";

/// A temporary folder of this process.
#[derive(Debug)]
pub(super) struct PrivateFolder(PathBuf);

impl PrivateFolder {
    pub(super) fn new() -> io::Result<Self> {
        let place = std::env::temp_dir();
        let place = if place.is_absolute() && is_plain(&place) { place } else { PathBuf::from(PLAIN_PLACE) };
        let path = place.join(format!("pinstripe-exec-{}", Uuid::new_v4().simple()));
        DirBuilder::new().mode(0o700).create(&path).map_err(|error| named(&path, &error))?;
        Ok(PrivateFolder(path))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// Writes a file, whose name may lead into a folder within this one.
    pub(super) fn write(&self, name: &str, contents: &[u8]) -> io::Result<PathBuf> {
        let path = self.0.join(name);
        let written = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(&path, contents));
        written.map_err(|error| named(&path, &error))?;
        Ok(path)
    }
}

impl Drop for PrivateFolder {
    fn drop(&mut self) {
        // What is left holds nothing secret, and is in a place for what may be removed.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Colons and spaces separate paths and options, and the others have a meaning in the languages of the hooks.
fn is_plain(path: &Path) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'.' | b'_' | b'-' | b'+' | b'@');
    path.as_os_str().as_encoded_bytes().iter().all(|byte| is_plain(*byte))
}

fn named(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}
