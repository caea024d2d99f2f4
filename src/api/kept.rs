//! Answers put together from what is kept of objects: an object's rendering, with others in the places of their ids.
//!
//! May use: the registry, the renderer. Invariant: what is put together is what the tree of the same answer would be written as;
//! whatever would need a look inside of an object is left to the tree.

use bytes::Bytes;
use memchr::{memchr, memchr_iter, memmem};

use super::expand::ExpandNode;
use super::render::Renderer;
use crate::catalogue::{self, Field, Type};
use crate::contract::{self, Entry};
use crate::state::document::write::write_text;
use crate::state::{Kind, Record};

/// How far a member of an object is indented.
const MEMBER: &str = "\n  ";

impl Renderer<'_> {
    /// The bytes of an object with these expansions, with a final newline; `None` if they have to be made of its tree.
    pub(super) fn kept(&self, record: &Record, shown: Kind, expand: &[ExpandNode]) -> Option<Bytes> {
        if record.object.kind() != shown || !self.is_default_form(shown) {
            return None;
        }
        if expand.is_empty() || record.deleted {
            return Some(record.json());
        }
        let fields = catalogue::object(shown.name())?.fields;
        let entry = contract::entry(shown);
        let targets = |node: &ExpandNode| simple_targets(entry, fields, node);
        let kept = record.json();
        let mut places = Vec::with_capacity(expand.len());
        for node in expand {
            let targets = targets(node)?;
            let Some(place) = value_of(&kept, &node.name) else { continue };
            match &kept[place.clone()] {
                b"null" => {}
                value => {
                    let id = value.strip_prefix(b"\"")?.strip_suffix(b"\"").filter(|id| memchr(b'\\', id).is_none())?;
                    places.push((place, self.kept_target(targets, std::str::from_utf8(id).ok()?, node)?));
                }
            }
        }
        places.sort_unstable_by_key(|(place, _)| place.start);
        let more: usize = places.iter().map(|(_, text)| text.len() + text.len() / 8).sum();
        let mut out = Vec::with_capacity(kept.len() + more);
        let mut at = 0;
        for (place, text) in places {
            out.extend_from_slice(&kept[at..place.start]);
            indent_into(&text, MEMBER.as_bytes(), &mut out);
            at = place.end;
        }
        out.extend_from_slice(&kept[at..]);
        Some(out.into())
    }

    /// The bytes of the object that an id leads to. What is not stored in this account is left to the tree.
    fn kept_target(&self, targets: &[&str], id: &str, node: &ExpandNode) -> Option<Bytes> {
        for kind in targets.iter().filter_map(|target| Kind::named(target)) {
            if let Some(record) = contract::resolve(self.tx, kind, id) {
                return self.kept(record, kind, &node.children);
            }
            if contract::entry(kind).is_some_and(|entry| entry.made_up.is_some()) {
                return None;
            }
        }
        None
    }
}

/// What a field refers to, if it is expanded by the catalogue alone: in place of the id that it shows.
fn simple_targets(
    entry: Option<&'static Entry>,
    fields: &'static [Field],
    node: &ExpandNode,
) -> Option<&'static [&'static str]> {
    let is_first = |path: &str| path.split('.').next().is_some_and(|first| first == "*" || first == node.name);
    let is_special = entry.is_some_and(|entry| {
        entry.includes.iter().any(|include| include.field == node.name)
            || entry.joins.iter().any(|join| is_first(join.field))
            || entry.expands.iter().any(|expand| is_first(expand.path))
    });
    match catalogue::field(fields, &node.name)?.kind {
        Type::Expandable(targets) if !is_special => Some(targets),
        _ => None,
    }
}

/// Where the value of a member stands in a rendering, if it is on one line.
fn value_of(json: &[u8], name: &str) -> Option<std::ops::Range<usize>> {
    let mut line = MEMBER.as_bytes().to_vec();
    write_text(name, &mut line);
    line.extend_from_slice(b": ");
    let start = memmem::find(json, &line)? + line.len();
    let end = start + memchr(b'\n', &json[start..])?;
    Some(start..if json[end - 1] == b',' { end - 1 } else { end })
}

/// Copies a rendering to a place that is indented, without its final newline. JSON has no raw newline inside a string, so every
/// newline begins a line.
pub(super) fn indent_into(json: &[u8], newline: &[u8], out: &mut Vec<u8>) {
    let json = json.strip_suffix(b"\n").unwrap_or(json);
    let mut at = 0;
    for end in memchr_iter(b'\n', json) {
        out.extend_from_slice(&json[at..end]);
        out.extend_from_slice(newline);
        at = end + 1;
    }
    out.extend_from_slice(&json[at..]);
}
