//! Rendering: default renderings as bytes, or a tree if a version or an expansion needs one.
//!
//! May use: the registry, the versions and the state. Invariant: rendering only reads, and an object in its default
//! form is not built again.

use std::cell::{Cell, OnceCell};

use bytes::Bytes;

use crate::api::expand::ExpandNode;
use crate::api::inside::{Others, VersionForm};
use crate::api::kept::indent_into;
use crate::api::versions;
use crate::catalogue::{self, Field, Type};
use crate::contract::version::Version;
use crate::contract::{self, Found, Include, Item, List, Outcome, Visible};
use crate::error::ApiError;
use crate::limits::ANSWER_BYTES_MAX;
use crate::state::document::{Doc, Map};
use crate::state::{Kind, Record, Ref, Tx};

/// About how many bytes an entry of an object takes in an answer.
const ENTRY_BYTES: usize = 40;

/// Renders one answer.
#[derive(Debug)]
pub struct Renderer<'a> {
    /// The state to read from.
    pub tx: &'a Tx,
    /// The version of the answer.
    pub version: Version,
    /// The paths to expand.
    pub expand: &'a [ExpandNode],
    /// What a publishable key may see of the answer; `None` for another key, which sees everything.
    pub visible: Option<Visible>,
    /// Why the answer cannot be shown: the first reference that was to be expanded and is to nothing that is stored, or that
    /// there is too much.
    lost: OnceCell<ApiError>,
    /// About how many bytes of objects were expanded.
    expanded: Cell<usize>,
}

impl<'a> Renderer<'a> {
    /// A renderer of one answer; the members say what each argument is.
    pub fn new(tx: &'a Tx, version: Version, expand: &'a [ExpandNode], visible: Option<Visible>) -> Self {
        Renderer { tx, version, expand, visible, lost: OnceCell::new(), expanded: Cell::new(0) }
    }
}

impl Renderer<'_> {
    /// The body of a success.
    ///
    /// # Errors
    /// A reference to an object that does not exist: a fault of a rule, or one to be expanded that is not stored here
    /// (platform 5.3).
    pub fn body(&self, outcome: &Outcome) -> Result<Bytes, ApiError> {
        let body = self.body_of(outcome)?;
        if body.len() > ANSWER_BYTES_MAX {
            self.lose(ApiError::answer_too_large(ANSWER_BYTES_MAX));
        }
        self.lost.get().map_or(Ok(body), |lost| Err(lost.clone()))
    }

    fn body_of(&self, outcome: &Outcome) -> Result<Bytes, ApiError> {
        match outcome {
            Outcome::Done(shown) => self.object_bytes(shown),
            Outcome::Deleted(gone) => self.object_bytes(gone),
            Outcome::Value(doc) => Ok(closed(doc.to_json())),
            Outcome::List(list) => Ok(self.list_bytes(list)),
            Outcome::Found(found) => Ok(self.found_bytes(found)),
            Outcome::Preview(copy, shown) => Renderer::new(copy, self.version, self.expand, self.visible).body(shown),
            Outcome::Refused(error) => Err(error.clone()),
        }
    }

    /// The body of an error; `log_url` is the address of the request in the request log.
    pub fn error(&self, error: &ApiError, log_url: Option<String>) -> Bytes {
        let mut fields = error.fields().clone();
        if let Some(url) = log_url.filter(|_| error.is_logged()) {
            fields.set("request_log_url", url);
        }
        for (key, reference) in error.embedded() {
            if let Some(object) = self.object(reference, &[]) {
                fields.set(*key, self.reduced(reference.kind, object));
            }
        }
        closed(Doc::Map(Map::from([("error", Doc::Map(fields))])).to_json())
    }

    /// An object inside an error or another object: a publishable key sees the same fields as in an answer
    /// (intents-and-checkout 1.12).
    fn reduced(&self, kind: Kind, object: Map) -> Map {
        if self.visible.is_some() { contract::reduced(kind, object) } else { object }
    }

    /// An object as a document, in this answer's version.
    pub fn object(&self, reference: &Ref, expand: &[ExpandNode]) -> Option<Map> {
        let record = contract::resolve(self.tx, reference.kind, &reference.id)?;
        self.shown(record, reference.kind, expand)
    }

    fn object_bytes(&self, reference: &Ref) -> Result<Bytes, ApiError> {
        let record = contract::resolve(self.tx, reference.kind, &reference.id).ok_or_else(ApiError::internal)?;
        if let Some(bytes) = self.as_it_stands(record, reference.kind) {
            return Ok(bytes);
        }
        let doc = self.shown(record, reference.kind, self.expand).ok_or_else(ApiError::internal)?;
        Ok(closed(Doc::Map(self.visible.unwrap_or(Visible::All).of(doc)).to_json()))
    }

    /// The kept bytes, if the answer shows exactly these.
    fn as_it_stands(&self, record: &Record, shown: Kind) -> Option<Bytes> {
        let seen = self.visible.is_none_or(|visible| visible == Visible::All && self.expand.is_empty());
        seen.then(|| self.kept(record, shown, self.expand)).flatten()
    }

    pub(super) fn is_default_form(&self, kind: Kind) -> bool {
        let form = self.form();
        versions::is_newest_form(kind, self.version)
            && contract::entry(kind).is_none_or(|entry| {
                !entry.includes.iter().any(|i| form.is_included(i)) && !entry.views.iter().any(|view| view.from == kind)
            })
    }

    /// The same with nothing expanded.
    fn form(&self) -> VersionForm<'_> {
        VersionForm { others: Others::Now(self.tx), version: self.version }
    }

    fn list_bytes(&self, list: &List) -> Bytes {
        let head = if list.counts { format!("\n  \"count\": {},", list.items.len()) } else { String::new() };
        let tail = list.total_count.map_or(String::new(), |total| format!("\n  \"total_count\": {total},"));
        self.page_bytes("list", &head, &list.items, list.has_more, &tail, &list.url)
    }

    fn found_bytes(&self, found: &Found) -> Bytes {
        let next_page = text_json(&Doc::from(found.next_page.clone()));
        let mut tail = format!("\n  \"next_page\": {next_page},");
        if let Some(total) = found.total_count {
            tail.push_str(&format!("\n  \"total_count\": {total},"));
        }
        self.page_bytes("search_result", "", &found.items, found.next_page.is_some(), &tail, &found.url)
    }

    /// An envelope around rows: `head` and `tail` are the lines before `data` and after `has_more`.
    fn page_bytes(&self, object: &str, head: &str, items: &[Item], has_more: bool, tail: &str, url: &str) -> Bytes {
        let expand = self.expand.iter().find(|node| node.name == "data").map_or(&[][..], |node| &node.children);
        let mut out = Vec::with_capacity(256 + items.len() * 2048);
        out.extend_from_slice(format!("{{\n  \"object\": \"{object}\",{head}\n  \"data\": [").as_bytes());
        let mut first = true;
        for item in items {
            out.extend_from_slice(if first { b"\n    " } else { b",\n    " });
            first = false;
            if out.len() > ANSWER_BYTES_MAX {
                break;
            }
            self.item_bytes(item, expand, &mut out);
        }
        out.extend_from_slice(if first { b"],\n" } else { b"\n  ],\n" });
        let url = text_json(&Doc::from(url.to_owned()));
        out.extend_from_slice(format!("  \"has_more\": {has_more},{tail}\n  \"url\": {url}\n}}\n").as_bytes());
        Bytes::from(out)
    }

    /// A row, indented for its place in the page.
    fn item_bytes(&self, item: &Item, expand: &[ExpandNode], out: &mut Vec<u8>) {
        // What is expanded may be reduced for whoever does not see everything.
        let seen = expand.is_empty() || self.visible.is_none();
        let kept = seen.then(|| self.kept(&item.record, item.shown, expand)).flatten();
        let bytes = kept.unwrap_or_else(|| {
            let doc = self.shown(&item.record, item.shown, expand).unwrap_or_default();
            Doc::Map(doc).to_json().into()
        });
        indent_into(&bytes, b"\n    ", out);
    }

    fn shown(&self, record: &Record, kind: Kind, expand: &[ExpandNode]) -> Option<Map> {
        let doc = contract::show(record, kind)?;
        self.expanded.set(self.expanded.get() + doc.weight() + ENTRY_BYTES * doc.about());
        Some(if record.deleted { doc } else { self.completed(doc, record, kind, expand) })
    }

    fn completed(&self, doc: Map, record: &Record, kind: Kind, expand: &[ExpandNode]) -> Map {
        let mut doc = self.form().completed(doc, record, kind);
        let includes = contract::entry(kind).map_or(&[][..], |entry| entry.includes);
        for include in includes {
            if let Some(node) = expand.iter().find(|node| node.name == include.field) {
                doc.set(include.field, self.included(include, record, &node.children));
            }
        }
        for join in contract::entry(kind).map_or(&[][..], |entry| entry.joins) {
            if is_expanded(expand, join.field)
                && let Some(joined) = (join.doc)(self.tx, record.object.id())
            {
                join_at(&mut doc, join.field, joined);
            }
        }
        let fields = catalogue::object(kind.name()).map_or(&[][..], |object| object.fields);
        for node in expand.iter().filter(|node| !includes.iter().any(|i| i.field == node.name)) {
            self.expand_key(&mut doc, node, fields);
        }
        self.expand_declared(&mut doc, kind, expand);
        doc
    }

    fn included(&self, include: &Include, owner: &Record, expand: &[ExpandNode]) -> Map {
        let data = expand.iter().find(|node| node.name == "data").map_or(&[][..], |node| &node.children);
        self.form().list(include, owner, |row| self.shown(row, row.object.kind(), data))
    }

    /// Expands below one key of an object whose fields are in the catalogue.
    fn expand_key(&self, object: &mut Map, node: &ExpandNode, fields: &'static [Field]) {
        let Some(value) = object.get_mut(&node.name) else { return };
        let Some(field) = catalogue::field(fields, &node.name) else { return };
        self.expand_value(value, node, field.kind);
    }

    fn expand_value(&self, value: &mut Doc, node: &ExpandNode, kind: &'static Type) {
        match (value, kind) {
            (Doc::List(items), Type::Array(of)) => {
                for item in items {
                    self.expand_value(item, node, of);
                }
            }
            (value @ Doc::Text(_), Type::Expandable(targets)) => self.expand_reference(value, node, targets),
            (Doc::Map(map), Type::Object(fields)) => {
                for child in &node.children {
                    self.expand_key(map, child, fields);
                }
            }
            (Doc::Map(map), _) => self.expand_embedded(map, node),
            _ => {}
        }
    }

    /// Expands inside an embedded object, or the rows of an embedded list.
    fn expand_embedded(&self, map: &mut Map, node: &ExpandNode) {
        let name = map.str("object").unwrap_or_default().to_owned();
        if name == "list" {
            let rows = node.children.iter().find(|child| child.name == "data");
            if let (Some(rows), Some(Doc::List(items))) = (rows, map.get_mut("data")) {
                for item in items.iter_mut().filter_map(|item| match item {
                    Doc::Map(map) => Some(map),
                    _ => None,
                }) {
                    self.expand_embedded(item, rows);
                }
            }
            return;
        }
        let Some(object) = catalogue::object(&name) else { return };
        for child in &node.children {
            self.expand_key(map, child, object.fields);
        }
        self.expand_declared(map, object.kind, &node.children);
    }

    /// Expands the references of an object that its entry alone declares.
    fn expand_declared(&self, object: &mut Map, kind: Kind, expand: &[ExpandNode]) {
        let declared = contract::entry(kind).map_or(&[][..], |entry| entry.expands);
        for reference in declared.iter().filter(|declared| !declared.targets.is_empty()) {
            self.expand_path(object, reference.path, reference.targets, expand);
        }
    }

    fn expand_path(&self, object: &mut Map, path: &str, targets: &'static [&'static str], expand: &[ExpandNode]) {
        let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
        for node in expand.iter().filter(|node| first == "*" || node.name == first) {
            match (object.get_mut(&node.name), rest) {
                (Some(value), None) => self.expand_reference(value, node, targets),
                (Some(Doc::Map(inner)), Some(rest)) => self.expand_path(inner, rest, targets, &node.children),
                (Some(Doc::List(items)), Some(rest)) => {
                    for item in items {
                        let Doc::Map(inner) = item else { continue };
                        self.expand_path(inner, rest, targets, &node.children);
                    }
                }
                _ => {}
            }
        }
    }

    /// Puts an object in the place of its id.
    fn expand_reference(&self, value: &mut Doc, node: &ExpandNode, targets: &'static [&'static str]) {
        let Some(id) = value.as_str() else { return };
        if self.expanded.get() > ANSWER_BYTES_MAX {
            return self.lose(ApiError::answer_too_large(ANSWER_BYTES_MAX));
        }
        match self.target(targets, id, &node.children) {
            Some(found) => *value = Doc::Map(found),
            None => self.lose(ApiError::not_implemented_feature(&format!("expanding `{}` ({id})", node.name))),
        }
    }

    /// Notes the first reference that leads nowhere.
    fn lose(&self, error: ApiError) {
        let _ = self.lost.set(error);
    }

    /// An object of this account, or of another one: what is between two accounts names objects of both, such as a
    /// transfer the payment that it is at its destination (billing 6.5).
    fn target(&self, targets: &'static [&'static str], id: &str, expand: &[ExpandNode]) -> Option<Map> {
        let find = |tx: &Tx| {
            let renderer = Renderer::new(tx, self.version, &[], self.visible);
            renderer.expanded.set(self.expanded.get());
            let mut kinds = targets.iter().filter_map(|target| Kind::named(target));
            let found = kinds.find_map(|kind| Some(renderer.reduced(kind, renderer.found(kind, id, expand)?)));
            self.expanded.set(renderer.expanded.get());
            renderer.lost.into_inner().into_iter().for_each(|lost| self.lose(lost));
            found
        };
        find(self.tx).or_else(|| {
            let mut others = self.tx.state().accounts().filter(|account| *account != self.tx.account());
            others.find_map(|account| self.tx.read_within(account, find))
        })
    }

    fn found(&self, kind: Kind, id: &str, expand: &[ExpandNode]) -> Option<Map> {
        match contract::resolve(self.tx, kind, id) {
            Some(record) => self.shown(record, kind, expand),
            None => contract::entry(kind)?.made_up.and_then(|made_up| made_up(self.tx, id)),
        }
    }
}

/// A value inside an envelope.
fn text_json(value: &Doc) -> String {
    String::from_utf8(value.to_json()).unwrap_or_default()
}

/// A body ends with a newline (platform 7.1).
fn closed(mut json: Vec<u8>) -> Bytes {
    json.push(b'\n');
    Bytes::from(json)
}

/// Sets a field that is only shown when it is expanded, unless a hash on the way to it is missing.
fn join_at(object: &mut Map, path: &str, joined: Doc) {
    match path.split_once('.') {
        None => object.set(path.to_owned(), joined),
        Some((hash, rest)) => {
            if let Some(Doc::Map(hash)) = object.get_mut(hash) {
                join_at(hash, rest, joined);
            }
        }
    }
}

/// Whether a path of names joined by dots is to be expanded.
fn is_expanded(expand: &[ExpandNode], path: &str) -> bool {
    let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
    let mut nodes = expand.iter().filter(|node| node.name == first);
    nodes.any(|node| rest.is_none_or(|rest| is_expanded(&node.children, rest)))
}
