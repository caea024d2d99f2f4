//! The stored form of an object without rules: a document.
//!
//! May use: the state, the lookup, the catalogue's names. Invariant: the body contains `object` and, for kinds that
//! show one, `id`, so that showing the object is a clone of shared entries.

use std::any::Any;
use std::borrow::Cow;
use std::sync::Arc;

use crate::catalogue;
use crate::contract::{In, require_record};
use crate::error::ApiError;
use crate::limits::FILES_BYTES_MAX;
use crate::state::budget::{Budget, HeldBytes};
use crate::state::document::{Doc, Map};
use crate::state::object::FieldError;
use crate::state::{Edit, Id, Kind, Object, Record, Tx};

/// What the files of the process keep in memory.
static FILES: Budget = Budget::new(FILES_BYTES_MAX);

/// The content of an upload.
#[derive(Debug)]
pub struct FileContent {
    /// In base64.
    pub base64: Box<str>,
    _held: HeldBytes,
}

impl FileContent {
    /// A new content.
    ///
    /// # Errors
    /// There is no room for it.
    pub(super) fn new(base64: &str) -> Result<Self, ApiError> {
        let held = FILES.take(base64.len()).ok_or_else(|| ApiError::files_are_full(FILES_BYTES_MAX))?;
        Ok(FileContent { base64: base64.into(), _held: held })
    }

    /// The content of a file that was kept before.
    fn kept(base64: &str) -> Self {
        FileContent { base64: base64.into(), _held: FILES.hold(base64.len()) }
    }
}

/// An object of a kind without rules.
#[derive(Clone, Debug)]
pub(super) struct Shape {
    kind: Kind,
    id: Id,
    created: i64,
    /// The id of the parent in the path, if the body does not contain it.
    pub(super) within: Option<Id>,
    /// The content of an upload, in base64.
    pub(super) content: Option<Arc<FileContent>>,
    /// When what its kind declares for later happens to it, in Unix seconds.
    pub(super) arrives_at: Option<i64>,
    /// The visible fields.
    pub(super) body: Map,
}

impl Shape {
    /// A new object; `created` is Unix seconds. The body is shown unchanged.
    pub(super) fn new(kind: Kind, id: &str, created: i64, within: Option<Id>, body: Map) -> Self {
        Shape { kind, id: id.into(), created, within, content: None, arrives_at: None, body }
    }

    /// The shape of an object, if it has no rules.
    pub(super) fn of(object: &dyn Object) -> Option<&Shape> {
        object.as_any().downcast_ref()
    }

    /// A change to a stored object without rules.
    pub(super) fn edit(record: &Record) -> Option<Edit<Shape>> {
        Arc::clone(&record.object).into_any().downcast().ok().map(Edit::of)
    }

    /// As [`edit`](Self::edit), for the object of a kind in the path.
    ///
    /// # Errors
    /// It does not exist.
    pub(super) fn to_change(tx: &Tx, kind: Kind, id: &str) -> Result<Edit<Shape>, ApiError> {
        Shape::edit(require_record(tx, kind, id, In::Path)?).ok_or_else(ApiError::internal)
    }

    /// Reads an object of a dump; see [`Resource::from_docs`](crate::state::Resource::from_docs).
    ///
    /// # Errors
    /// A field that does not fit its type.
    #[expect(clippy::needless_pass_by_value, reason = "the signature is the registry's")]
    pub(super) fn import(mut visible: Map, hidden: Map, now: i64) -> Result<Arc<dyn Object>, FieldError> {
        let wrong = |field, expected| FieldError { field, expected };
        let kind = visible.str("object").and_then(catalogue::object);
        let kind = kind.ok_or_else(|| wrong("object", "a kind of object"))?;
        let id: Id = visible.str("id").ok_or_else(|| wrong("id", "a string"))?.into();
        if catalogue::field(kind.fields, "id").is_none() {
            // A file contains an id for every object; the API does not show this one's.
            let _ = visible.remove("id");
        }
        let created = visible.int("created").or(hidden.int("created")).unwrap_or(now);
        let within = hidden.str("within").map(Id::from);
        let content = hidden.str("content").map(|base64| Arc::new(FileContent::kept(base64)));
        let arrives_at = hidden.int("arrives_at");
        Ok(Arc::new(Shape { kind: kind.kind, id, created, within, content, arrives_at, body: visible }))
    }
}

impl Object for Shape {
    fn kind(&self) -> Kind {
        self.kind
    }
    fn id(&self) -> &Id {
        &self.id
    }
    fn created(&self) -> i64 {
        self.created
    }
    fn to_doc(&self) -> Map {
        self.body.clone()
    }
    fn member(&self, key: &str) -> Option<Cow<'_, Doc>> {
        self.body.get(key).map(Cow::Borrowed)
    }
    fn document_mut(&mut self) -> Option<&mut Map> {
        Some(&mut self.body)
    }
    fn weight(&self) -> usize {
        // The content of an upload has a budget of its own.
        size_of::<Self>() + self.body.weight()
    }
    fn hidden_doc(&self) -> Map {
        let mut hidden = Map::new();
        if let Some(within) = &self.within {
            hidden.set("within", within.to_string());
        }
        if let Some(content) = &self.content {
            hidden.set("content", content.base64.to_string());
        }
        if let Some(at) = self.arrives_at {
            hidden.set("arrives_at", at);
        }
        if self.body.int("created").is_none() {
            hidden.set("created", Doc::Int(self.created));
        }
        hidden
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn into_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync> {
        self
    }
}
