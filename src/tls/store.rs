//! The folder of an authority: its certificate, which everybody may read, and its key, which nobody else may.
//!
//! May use: files. Invariant: certificate and key appear together and are never changed, so that of two processes that start at
//! once, both have the authority of one.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::certificates::{CertifiedName, Material};

/// The name of the file with the certificate.
pub(super) const CERTIFICATE: &str = "ca.pem";
const KEY: &str = "ca-key.pem";

/// Why an authority is not kept.
pub(super) enum Unkept {
    /// The folder cannot be read or written.
    Impossible(io::Error),
    /// It cannot be made.
    Unmade(rcgen::Error),
}

/// The folder of the authority that may vouch for these names, within that of the data: each set of names has one of its own,
/// because an authority's names are fixed when it is made.
pub(super) fn folder(data: &Path, names: &[CertifiedName]) -> PathBuf {
    if names.is_empty() {
        return data.join("ca");
    }
    let mut sorted: Vec<&str> = names.iter().map(CertifiedName::as_str).collect();
    sorted.sort_unstable();
    sorted.dedup();
    let digest = Sha256::digest(sorted.join(" "));
    let mark: String = digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    data.join(format!("ca-{mark}"))
}

/// What is in the folder, or what is made and put there.
pub(super) fn keep(folder: &Path, make: impl FnOnce() -> Result<Material, rcgen::Error>) -> Result<Material, Unkept> {
    match read(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        found => return found.map_err(Unkept::Impossible),
    }
    let made = make().map_err(Unkept::Unmade)?;
    write(folder, &made).and_then(|()| read(folder)).map_err(Unkept::Impossible)
}

fn read(folder: &Path) -> io::Result<Material> {
    let read = |name: &str| {
        let path = folder.join(name);
        let named = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
        fs::read_to_string(&path).map_err(named)
    };
    let found = Material { certificate: read(CERTIFICATE)?, key: read(KEY)? };
    check_private(&folder.join(KEY))?;
    Ok(found)
}

/// A key that anybody may read or change vouches for whatever anybody wants.
fn check_private(key: &Path) -> io::Result<()> {
    let mode = fs::metadata(key)?.permissions().mode() & 0o777;
    if mode & 0o007 == 0 {
        return Ok(());
    }
    let told = format!("{}: others may use this key (mode {mode:o}); chmod 600 makes it private", key.display());
    Err(io::Error::new(io::ErrorKind::PermissionDenied, told))
}

/// Puts an authority there, if there is none: a folder takes the place of another only where that is empty.
fn write(folder: &Path, made: &Material) -> io::Result<()> {
    let part = folder.with_extension(format!("{}.part", Uuid::new_v4().simple()));
    // Whatever the process allows others elsewhere, they may put no other authority there.
    DirBuilder::new().recursive(true).mode(0o755).create(&part)?;
    let put = |name: &str, mode: u32, text: &str| {
        let mut file: File = File::options().write(true).create_new(true).mode(mode).open(part.join(name))?;
        file.write_all(text.as_bytes())?;
        file.sync_all()
    };
    let written = put(KEY, 0o600, &made.key)
        .and_then(|()| put(CERTIFICATE, 0o644, &made.certificate))
        .and_then(|()| fs::rename(&part, folder));
    if written.is_ok() {
        return Ok(());
    }
    // What cannot be removed harms nobody: its key vouches for an authority that nobody trusts.
    let _ = fs::remove_dir_all(&part);
    // Another process was faster.
    if folder.join(CERTIFICATE).exists() { Ok(()) } else { written }
}
