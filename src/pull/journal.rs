//! The pages that were read, in a file: a pull that was ended goes on from there.
//!
//! May use: the file system, and what fixtures know of the order of lists. Invariant: a page is in the file before the next one is asked for, and half a page counts as none.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use super::FILE_MODE;
use super::fetch::ListPage;
use super::sources::PulledList;
use crate::fixtures::is_in_order;
use crate::state::document::{Doc, Map};

/// What was read so far.
pub(super) struct PullJournal {
    file: File,
    /// The lists that were begun, in the order of their beginning.
    lists: Vec<KnownList>,
    /// Their places by their paths.
    places: HashMap<String, usize>,
}

/// A list that was begun.
#[derive(Default)]
struct KnownList {
    objects: Vec<Doc>,
    /// Where its rest begins, as [`PullJournal::rest_of`] says it.
    rest: Option<Option<String>>,
}

impl PullJournal {
    /// The file of a pull from an account, which is made if there is none.
    pub(super) fn open(path: &Path, api_base: &str, account: &str) -> Result<Self, String> {
        let wrong = |error: std::io::Error| format!("cannot use {}: {error}", path.display());
        let head = Doc::Map(Map::from([
            ("pull", Doc::from(1)),
            ("api_base", Doc::from(api_base.to_owned())),
            ("account", Doc::from(account.to_owned())),
        ]));
        let mut head = serde_json::to_vec(&head).unwrap_or_default();
        head.push(b'\n');
        let mut options = OpenOptions::new();
        options.create(true).truncate(false).read(true).write(true).mode(FILE_MODE);
        let file = options.open(path).map_err(wrong)?;
        let mut journal = PullJournal { file, lists: Vec::new(), places: HashMap::new() };
        let text = std::fs::read(path).map_err(wrong)?;
        if text.is_empty() {
            journal.file.write_all(&head).map_err(wrong)?;
            return Ok(journal);
        }
        let Some(pages) = text.strip_prefix(&*head) else {
            return Err(format!("{} is of a pull from elsewhere: move it away to begin anew", path.display()));
        };
        let whole = pages.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        for line in pages[..whole].split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            journal
                .take(line)
                .ok_or_else(|| format!("{} cannot be read: move it away to begin anew", path.display()))?;
        }
        let end = u64::try_from(head.len() + whole).unwrap_or(u64::MAX);
        journal.file.set_len(end).map_err(wrong)?;
        journal.file.seek(SeekFrom::Start(end)).map_err(wrong)?;
        Ok(journal)
    }

    /// Takes a line of the file.
    fn take(&mut self, line: &[u8]) -> Option<()> {
        let Doc::Map(mut page) = serde_json::from_slice(line).ok()? else { return None };
        let path = page.str("path")?.to_owned();
        if page.bool("forgotten") == Some(true) {
            self.clear(&path);
            return Some(());
        }
        let next = page.str("next").map(str::to_owned);
        let Some(Doc::List(objects)) = page.remove("objects") else { return None };
        self.note(&path, ListPage { objects, next });
        Some(())
    }

    /// Adds a page to a list.
    pub(super) fn add(&mut self, path: &str, page: ListPage) -> Result<(), String> {
        let line = Doc::Map(Map::from([
            ("path", Doc::from(path.to_owned())),
            ("next", Doc::from(page.next.clone())),
            ("objects", Doc::List(page.objects.clone())),
        ]));
        self.write(&line)?;
        self.note(path, page);
        Ok(())
    }

    /// Forgets what was read of a list, which is read from its beginning then.
    pub(super) fn forget(&mut self, path: &str) -> Result<(), String> {
        self.write(&Doc::Map(Map::from([("path", Doc::from(path.to_owned())), ("forgotten", Doc::from(true))])))?;
        self.clear(path);
        Ok(())
    }

    fn write(&mut self, line: &Doc) -> Result<(), String> {
        let mut line = serde_json::to_vec(line).unwrap_or_default();
        line.push(b'\n');
        self.file.write_all(&line).map_err(|error| format!("what was read cannot be kept: {error}"))
    }

    fn clear(&mut self, path: &str) {
        if let Some(place) = self.places.get(path) {
            let list = &mut self.lists[*place];
            list.objects.clear();
            list.rest = Some(None);
        }
    }

    fn note(&mut self, path: &str, page: ListPage) {
        let place = *self.places.entry(path.to_owned()).or_insert(self.lists.len());
        if place == self.lists.len() {
            self.lists.push(KnownList::default());
        }
        let list = &mut self.lists[place];
        list.rest = page.next.map(Some);
        list.objects.extend(page.objects);
    }

    /// Where the rest of a list begins: `None` if there is no rest, `Some(None)` at its beginning.
    pub(super) fn rest_of(&self, path: &str) -> Option<Option<String>> {
        self.places.get(path).map_or(Some(None), |place| self.lists[*place].rest.clone())
    }

    /// The lists of a source.
    pub(super) fn paths_of(&self, source: &PulledList) -> Vec<String> {
        let Some(kind) = source.of else { return vec![source.path.to_owned()] };
        let objects = self
            .lists
            .iter()
            .flat_map(|list| &list.objects)
            .filter_map(Doc::as_map)
            .filter(|object| object.str("object") == Some(kind))
            .filter(|object| source.rest_of.is_none_or(|list| is_cut(object, list)));
        objects.filter_map(|object| Some(source.path.replace("{id}", object.str("id")?))).collect()
    }

    /// How many objects were read.
    pub(super) fn len(&self) -> usize {
        self.lists.iter().map(|list| list.objects.len()).sum()
    }

    /// Everything that was read, of each list the oldest first.
    pub(super) fn into_objects(self) -> Vec<Doc> {
        let oldest_first = |mut list: KnownList| {
            if !list.objects.first().is_some_and(is_in_order) {
                list.objects.reverse();
            }
            list.objects
        };
        self.lists.into_iter().flat_map(oldest_first).collect()
    }
}

/// Whether a list in an object has more than the object shows.
fn is_cut(object: &Map, list: &str) -> bool {
    object.map(list).is_some_and(|list| list.bool("has_more") == Some(true))
}
