//! `pinstripe pull`: reads the objects of a sandbox of the real API, or of another server, into a document that fixtures load.
//!
//! May use: the client of webhooks, the fixtures. Invariant: only lists are read, only with a test key, and the key is written nowhere.

mod fetch;
mod journal;
mod sources;

use std::fs::{self, OpenOptions};
use std::io::{IsTerminal as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use self::fetch::{Fetcher, ListPage, PullFailure};
use self::journal::PullJournal;
use self::sources::{PulledList, SOURCES};
use crate::app::App;
use crate::config::{Config, PullOrder};
use crate::fixtures::pulled::{self, LeftOut};
use crate::state::document::Doc;

/// Who may read what was read: objects have addresses of people, and parts of their bank accounts.
const FILE_MODE: u32 = 0o600;

/// What a pull has written.
#[derive(Debug)]
pub struct Pulled {
    /// How many objects the file has.
    pub objects: usize,
    /// What it does not have, and why.
    pub left_out: Vec<LeftOut>,
}

/// Reads everything, page by page, and writes the file. A pull that was ended goes on where it was: the pages are kept in a file
/// beside the output until that is written.
///
/// # Errors
/// The key is none of a sandbox, the API refuses it or does not answer, what was read cannot be loaded, or a file cannot be written.
pub async fn pull(config: &Config, order: &PullOrder) -> Result<Pulled, String> {
    check_key(order.api_key.as_str()).map_err(|why| format!("{why}; nothing was sent"))?;
    if order.api_base.uri().query().is_some() || order.api_base.authorization().is_some() {
        return Err("--api-base takes an address without a query, a user and a password; nothing was sent".to_owned());
    }
    if order.output.is_dir() {
        return Err(format!("--output takes a file, and {} is a folder; nothing was sent", order.output.display()));
    }
    let mut fetcher = Fetcher::new(&order.api_base, order.api_key.as_str(), &config.webhook_settings().authorities)?;
    let account = fetcher.account().await.map_err(|failure| failure.to_string())?;
    let kept = beside(&order.output, ".partial");
    let mut journal = PullJournal::open(&kept, order.api_base.as_str(), &account)?;
    let mut left_out = Vec::new();
    for source in SOURCES {
        for path in journal.paths_of(source) {
            if let Err(failure) = read_list(&mut fetcher, &mut journal, source, &path).await {
                match failure {
                    PullFailure::Refused { .. } => left_out.push(LeftOut { what: path, why: failure.to_string() }),
                    PullFailure::Ended(_) => {
                        return Err(format!(
                            "{failure}; what was read is in {}, and the same command goes on from there",
                            kept.display()
                        ));
                    }
                }
            }
        }
    }
    clear_progress();
    let app = App::new(config);
    let (objects, more) = pulled::loadable(&app, journal.into_objects())
        .map_err(|error| format!("{error}; nothing was written, and what was read is in {}", kept.display()))?;
    left_out.extend(more);
    write(&order.output, &objects).map_err(|error| format!("cannot write {}: {error}", order.output.display()))?;
    fs::remove_file(&kept).map_err(|error| format!("cannot remove {}: {error}", kept.display()))?;
    Ok(Pulled { objects: objects.len(), left_out })
}

/// Checks that the key of a flag opens a sandbox and nothing else.
///
/// # Errors
/// It may open something else.
pub fn check_key(key: &str) -> Result<(), &'static str> {
    let is_of_a_sandbox = ["sk_test_", "rk_test_"].iter().any(|beginning| key.starts_with(beginning));
    let why = "--api-key, or STRIPE_API_KEY, takes the secret or restricted key of a sandbox (sk_test_… or rk_test_…)";
    if is_of_a_sandbox { Ok(()) } else { Err(why) }
}

/// Reads the rest of a list. The object behind which it goes on may be gone by now: then it is read anew, once.
async fn read_list(
    fetcher: &mut Fetcher,
    journal: &mut PullJournal,
    source: &PulledList,
    path: &str,
) -> Result<(), PullFailure> {
    let mut is_anew = false;
    while let Some(after) = journal.rest_of(path) {
        let page: ListPage = match fetcher.page(source, path, after.as_deref()).await {
            Err(PullFailure::Refused { .. }) if after.is_some() && !is_anew => {
                is_anew = true;
                journal.forget(path).map_err(PullFailure::Ended)?;
                continue;
            }
            Err(refused @ PullFailure::Refused { .. }) if is_anew => {
                return Err(PullFailure::Ended(format!("GET {path}, which was begun anew, was {refused}")));
            }
            page => page?,
        };
        journal.add(path, page).map_err(PullFailure::Ended)?;
        progress(path, journal.len());
    }
    Ok(())
}

/// Another file in the same folder.
fn beside(output: &Path, end: &str) -> PathBuf {
    let mut name = output.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}

/// Writes an array with an object on each line, as a whole or not at all.
fn write(output: &Path, objects: &[Doc]) -> std::io::Result<()> {
    let temporary = beside(output, ".tmp");
    let written = write_new(&temporary, objects).and_then(|()| fs::rename(&temporary, output));
    if written.is_err() {
        // It may not be there.
        let _ = fs::remove_file(&temporary);
    }
    written
}

fn write_new(path: &Path, objects: &[Doc]) -> std::io::Result<()> {
    // One that was left has the mode that it had.
    let _ = fs::remove_file(path);
    let file = OpenOptions::new().write(true).create_new(true).mode(FILE_MODE).open(path)?;
    let mut file = std::io::BufWriter::new(file);
    file.write_all(b"[")?;
    for (n, object) in objects.iter().enumerate() {
        file.write_all(if n == 0 { b"\n" } else { b",\n" })?;
        serde_json::to_writer(&mut file, object)?;
    }
    file.write_all(b"\n]\n")?;
    file.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all()
}

/// Shows on a terminal what is read at the moment.
fn progress(path: &str, objects: usize) {
    let mut out = std::io::stderr();
    if out.is_terminal() {
        let _ = write!(out, "\r\x1b[K{objects} objects, reading {path}");
        let _ = out.flush();
    }
}

fn clear_progress() {
    let mut out = std::io::stderr();
    if out.is_terminal() {
        let _ = write!(out, "\r\x1b[K");
    }
}
