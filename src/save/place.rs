//! The place of one file: how it is read, and how another content takes its place.
//!
//! May use: files. Invariant: whatever happens while a content is written, the file has the former content or the new one; a
//! file that nothing can replace (a mount of its own) is written in place, with the room for it taken first.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, FileTimes, Metadata};
use std::io::{self, BufWriter, Read as _, Seek as _, Write};
use std::os::unix::fs::{FileExt as _, MetadataExt as _, fchown};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::owner::is_read_only;

/// Symbolic links that lead from one to another before they count as a circle.
const LINKS_MAX: usize = 40;

/// The place of a file.
#[derive(Debug)]
pub(super) struct FilePlace {
    path: PathBuf,
    in_place: bool,
}

/// The path that a path leads to, through symbolic links; the file need not exist.
pub(super) fn resolve(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..LINKS_MAX {
        if !fs::symlink_metadata(&path).is_ok_and(|about| about.is_symlink()) {
            return Ok(path);
        }
        let target = fs::read_link(&path)?;
        path = path.parent().map_or_else(|| target.clone(), |folder| folder.join(&target));
    }
    Err(io::Error::other("too many symbolic links"))
}

impl FilePlace {
    /// The place of a file.
    pub(super) fn at(path: PathBuf) -> Self {
        FilePlace { path, in_place: false }
    }

    /// The place of a file, of which the caller is the owner. Tries to replace the file by a copy of itself, before there
    /// is anything to lose.
    pub(super) fn try_at(path: PathBuf) -> io::Result<Self> {
        let mut place = FilePlace::at(path);
        let Some(about) = place.about()? else {
            drop(Part::new(&place.path)?);
            return Ok(place);
        };
        match place.try_replacing(&about) {
            Err(error) if cannot_be_replaced(&error) || is_read_only(&error) => {
                File::options().write(true).open(&place.path)?;
                place.in_place = true;
            }
            other => other?,
        }
        Ok(place)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the file is written in place.
    pub(super) fn is_in_place(&self) -> bool {
        self.in_place
    }

    /// The content, and when it was written; `None` if there is no file, or an empty one.
    pub(super) fn read(&self) -> io::Result<Option<(Vec<u8>, Option<SystemTime>)>> {
        match self.about()? {
            Some(about) if about.len() > 0 => Ok(Some((fs::read(&self.path)?, about.modified().ok()))),
            _ => Ok(None),
        }
    }

    /// Begins another content.
    pub(super) fn draft(&self) -> io::Result<NewContent<'_>> {
        let out = if self.in_place { Out::Memory(Vec::new()) } else { Out::Part(Part::new(&self.path)?) };
        Ok(NewContent { place: self, out })
    }

    /// Whether the file is there.
    pub(super) fn exists(&self) -> bool {
        self.path.exists()
    }

    /// Removes the file and its copy.
    pub(super) fn remove(&self) -> io::Result<()> {
        for path in [self.path.clone(), beside(&self.path, "bak")] {
            match fs::remove_file(path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    fn about(&self) -> io::Result<Option<Metadata>> {
        match fs::metadata(&self.path) {
            Ok(about) if about.is_file() => Ok(Some(about)),
            Ok(_) => Err(io::Error::other("is not a regular file")),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn try_replacing(&self, about: &Metadata) -> io::Result<()> {
        let mut part = Part::new(&self.path)?;
        io::copy(&mut File::open(&self.path)?, &mut part.file)?;
        if let Ok(modified) = about.modified() {
            part.file.set_times(FileTimes::new().set_modified(modified))?;
        }
        part.replace(&self.path, Some(about))
    }

    /// Keeps the present content in a file of its own.
    fn keep_former(&self) -> io::Result<()> {
        let kept = beside(&self.path, "bak");
        if self.in_place {
            return fs::copy(&self.path, kept).map(drop);
        }
        match fs::remove_file(&kept) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        // Some file systems have no second names.
        fs::hard_link(&self.path, &kept).or_else(|_| fs::copy(&self.path, &kept).map(drop))
    }

    /// Writes in place. What the file must grow by is written first: if there is no room, the former content is whole.
    fn overwrite(&self, content: &[u8]) -> io::Result<()> {
        let file = File::options().write(true).open(&self.path)?;
        let former = file.metadata()?.len();
        let common = usize::try_from(former).unwrap_or(usize::MAX).min(content.len());
        let (head, tail) = content.split_at(common);
        let grown = file.write_all_at(tail, former.min(content.len() as u64)).and_then(|()| file.sync_data());
        if let Err(error) = grown {
            file.set_len(former)?;
            return Err(error);
        }
        file.write_all_at(head, 0)?;
        file.set_len(content.len() as u64)?;
        file.sync_all()
    }
}

/// Removes the parts that killed processes left beside files in a folder; the caller owns all files whose names are `ours`.
pub(super) fn remove_parts(folder: &Path, ours: impl Fn(&OsStr) -> bool) {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        let Some(whole) = path.file_stem().map(Path::new) else { continue };
        let number = whole.extension().unwrap_or_default().as_encoded_bytes();
        let is_part = path.extension().is_some_and(|ending| ending == "part")
            && !number.is_empty()
            && number.iter().all(u8::is_ascii_digit);
        if is_part && whole.file_stem().is_some_and(&ours) {
            // It is in nobody's way.
            let _ = fs::remove_file(path);
        }
    }
}

/// The path with another ending added.
fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut beside = OsString::from(path);
    beside.push(".");
    beside.push(ending);
    beside.into()
}

/// A name in another mount, or of one: nothing can be renamed to it.
fn cannot_be_replaced(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::ResourceBusy | io::ErrorKind::CrossesDevices)
}

/// A content that is being written.
#[derive(Debug)]
pub(super) struct NewContent<'p> {
    place: &'p FilePlace,
    out: Out,
}

#[derive(Debug)]
enum Out {
    Part(Part),
    Memory(Vec<u8>),
}

impl NewContent<'_> {
    /// Writes the content.
    pub(super) fn write(&mut self, content: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
        match &mut self.out {
            Out::Memory(bytes) => content(bytes),
            Out::Part(part) => {
                let mut out = BufWriter::with_capacity(1 << 16, &part.file);
                content(&mut out)?;
                out.flush()
            }
        }
    }

    /// Puts the content in the file's place; `keeps_former` keeps the present one beside it.
    pub(super) fn commit(self, keeps_former: bool) -> io::Result<()> {
        let about = self.place.about()?;
        if keeps_former && about.is_some() {
            self.place.keep_former()?;
        }
        match self.out {
            Out::Memory(bytes) => self.place.overwrite(&bytes),
            Out::Part(mut part) => match part.replace(&self.place.path, about.as_ref()) {
                // It has become a mount since.
                Err(error) if cannot_be_replaced(&error) => {
                    let mut content = Vec::new();
                    part.file.rewind()?;
                    part.file.read_to_end(&mut content)?;
                    self.place.overwrite(&content)
                }
                replaced => replaced,
            },
        }
    }
}

/// A file beside the one that it will replace; dropping it removes it.
#[derive(Debug)]
struct Part {
    file: File,
    path: PathBuf,
}

impl Part {
    fn new(of: &Path) -> io::Result<Self> {
        let path = beside(of, &format!("{}.part", std::process::id()));
        let create = || File::options().read(true).write(true).create_new(true).open(&path);
        let file = match create() {
            // The owner is the only one that writes parts, so it is one of an earlier process with the same number.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                fs::remove_file(&path)?;
                create()?
            }
            created => created?,
        };
        Ok(Part { file, path })
    }

    /// Takes the place of a file, with its mode and, where that is allowed, its owner.
    fn replace(&self, path: &Path, about: Option<&Metadata>) -> io::Result<()> {
        if let Some(about) = about {
            let _ = fchown(&self.file, Some(about.uid()), Some(about.gid()));
            self.file.set_permissions(about.permissions())?;
        }
        self.file.sync_all()?;
        fs::rename(&self.path, path)?;
        // Not every file system can sync a folder.
        if let Some(Ok(folder)) = path.parent().map(File::open) {
            let _ = folder.sync_all();
        }
        Ok(())
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        // After it has taken the file's place, there is nothing of this name.
        let _ = fs::remove_file(&self.path);
    }
}
