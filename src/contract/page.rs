//! Pages of lists and searches.
//!
//! May use: the state's records. Invariant: the rows are in the order in which they are shown.

use std::sync::Arc;

use crate::state::{Kind, Record};

/// A page of objects.
#[derive(Debug)]
pub struct List {
    /// The path of the request.
    pub url: String,
    /// The objects, in the order shown.
    pub items: Vec<Item>,
    /// Whether there are more rows in this direction.
    pub has_more: bool,
    /// Whether the envelope contains `count`.
    pub counts: bool,
    /// The number of rows on all pages, if it was requested.
    pub total_count: Option<usize>,
}

/// One row of a list.
#[derive(Clone, Debug)]
pub struct Item {
    /// The kind that it is shown as.
    pub shown: Kind,
    /// The stored object.
    pub record: Arc<Record>,
}

/// A page of search results.
#[derive(Debug)]
pub struct Found {
    /// The path of the request.
    pub url: String,
    /// The objects, newest first.
    pub items: Vec<Item>,
    /// The `page` of the next request; `None` on the last page.
    pub next_page: Option<String>,
    /// The number of objects on all pages, if it was requested.
    pub total_count: Option<i64>,
}
