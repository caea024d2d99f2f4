//! The shape of the API: every operation, object and event type, as static tables.
//!
//! The tables are committed in `tables/` (`tools/catalogue/` generates them) and become Rust statics at build time
//! (`build.rs`).
//!
//! May use: nothing. Invariant: nothing is parsed while the program runs, and no function here allocates.

mod kind;
mod paths;
#[cfg(test)]
mod tests;

pub(crate) use kind::is_same;
pub use kind::{ByKind, Kind};
use paths::PathNode;
pub use paths::{Find, MatchedPath, find};

// `OPERATIONS`, `OPERATIONS_BY_NAME`, `ROOT`, `OBJECTS`, `KIND_NAMES`, `EVENT_TYPES` and the two constants.
include!(concat!(env!("OUT_DIR"), "/catalogue.rs"));

/// The HTTP methods that the API knows.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Method {
    /// Retrieves, lists and searches.
    Get,
    /// Creates, updates and acts.
    Post,
    /// Deletes, and cancels subscriptions.
    Delete,
}

impl Method {
    /// The method as it is written in a request line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Delete => "DELETE",
        }
    }
}

/// One method on one path.
#[derive(Debug)]
pub struct Operation {
    /// Its place in [`operations`].
    pub index: u16,
    /// A unique name, such as `customers.create` or `payment_methods.attach`.
    pub name: &'static str,
    /// Its HTTP method.
    pub method: Method,
    /// Its path with named parameters, such as `/v1/customers/{customer}/sources/{id}`.
    pub path: &'static str,
    /// The names of the path's parameters, in order.
    pub path_params: &'static [&'static str],
    /// Its parameters in the query or the body, sorted by name.
    pub params: &'static [Field],
    /// What a success returns.
    pub returns: Returns,
    /// Whether the body is `multipart/form-data`.
    pub multipart: bool,
    /// Whether the newest SDK lacks it.
    pub legacy: bool,
}

/// What an operation returns. The names are object names; `deleted:NAME` is the stub of a deleted object.
#[derive(Debug)]
pub enum Returns {
    /// One object, of one of these kinds.
    Object(&'static [&'static str]),
    /// A list of such objects.
    List(&'static [&'static str]),
    /// A page of search results.
    SearchResult(&'static [&'static str]),
    /// The stub of a deleted object.
    Deleted(&'static str),
    /// Bytes of another type than JSON.
    Stream,
    /// Anything else: v2 lists and OAuth answers.
    Other,
}

/// A parameter or a field of an object.
#[derive(Debug)]
pub struct Field {
    /// Its name in the request or the answer.
    pub name: &'static str,
    /// Its type.
    pub kind: &'static Type,
    /// For parameters: whether a request without it is refused.
    pub required: bool,
    /// For parameters: whether an empty string unsets it.
    pub emptyable: bool,
    /// For fields: whether it may be null.
    pub nullable: bool,
    /// For fields: whether it may be absent.
    pub optional: bool,
    /// Whether the newest SDK lacks it: only older or other clients send it. Never required.
    pub legacy: bool,
}

/// The type of a parameter or a field.
#[derive(Debug)]
pub enum Type {
    /// Text, at most `max_length` characters long; 0 when no limit is known.
    String {
        /// The limit in characters.
        max_length: u32,
    },
    /// A whole number.
    Integer,
    /// A number that may have a fraction.
    Number,
    /// True or false.
    Boolean,
    /// A point in time, in seconds since 1970.
    Timestamp,
    /// A decimal number written as a string.
    Decimal,
    /// A whole number written as a string.
    Int64String,
    /// One of these values, in the order in which error texts list them.
    Enum(&'static [&'static str]),
    /// An object with these fields, sorted by name.
    Object(&'static [Field]),
    /// An object with unknown fields.
    FreeObject,
    /// An array of such values.
    Array(&'static Type),
    /// An object with free keys and such values.
    Map(&'static Type),
    /// A list envelope (`object`, `data`, `has_more`, `url`) of such values.
    List(&'static Type),
    /// Keys and values that belong to the client.
    Metadata,
    /// The paths to expand.
    Expand,
    /// A number, or bounds for it: `gt`, `gte`, `lt`, `lte`.
    Range,
    /// An uploaded file.
    File,
    /// Anything.
    Any,
    /// One of several kinds.
    AnyOf(&'static [&'static Type]),
    /// An embedded object of one of these names.
    Ref(&'static [&'static str]),
    /// The id of an object of one of these names, or the object once expanded.
    Expandable(&'static [&'static str]),
}

/// A kind of object.
#[derive(Debug)]
pub struct ObjectType {
    /// The value of its field `object`.
    pub name: &'static str,
    /// The kind by its number.
    pub kind: Kind,
    /// What its ids begin with, such as `cus_`.
    pub id_prefix: Option<&'static str>,
    /// Its fields, sorted by name.
    pub fields: &'static [Field],
    /// The fields of the stub of a deleted one; empty when there is no stub.
    pub deleted: &'static [Field],
}

/// A type of event.
#[derive(Debug)]
pub struct EventType {
    /// Its name, such as `customer.created`.
    pub name: &'static str,
    /// The objects that its `data.object` may hold.
    pub objects: &'static [&'static str],
}

/// Every operation, sorted by path and then by the method's name.
#[must_use]
pub fn operations() -> &'static [Operation] {
    &OPERATIONS
}

/// The operation of this name.
#[must_use]
pub fn operation(name: &str) -> Option<&'static Operation> {
    let at = OPERATIONS_BY_NAME.binary_search_by(|&i| OPERATIONS[usize::from(i)].name.cmp(name)).ok()?;
    Some(&OPERATIONS[usize::from(OPERATIONS_BY_NAME[at])])
}

/// Whether a path is of the second namespace: JSON bodies, pages with addresses, errors of their own.
#[must_use]
pub fn is_v2(path: &str) -> bool {
    path.starts_with("/v2/")
}

/// Whether a path is one of OAuth's, whose errors have the form of OAuth, and whose key may be a parameter.
#[must_use]
pub fn is_oauth(path: &str) -> bool {
    path.starts_with("/oauth/")
}

/// The kind of object of this name.
#[must_use]
pub fn object(name: &str) -> Option<&'static ObjectType> {
    OBJECTS.binary_search_by(|o| o.name.cmp(name)).ok().map(|at| &OBJECTS[at])
}

/// Every kind of object, sorted by name.
#[must_use]
pub fn objects() -> &'static [ObjectType] {
    &OBJECTS
}

/// Every event type, sorted by name.
#[must_use]
pub fn event_types() -> &'static [EventType] {
    &EVENT_TYPES
}

/// The field of this name in a sorted list of fields.
#[must_use]
pub fn field<'a>(fields: &'a [Field], name: &str) -> Option<&'a Field> {
    fields.binary_search_by(|f| f.name.cmp(name)).ok().map(|at| &fields[at])
}
