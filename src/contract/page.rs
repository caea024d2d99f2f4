//! Pages of objects, as lists and searches answer them.
//!
//! May use: the state's records. Invariant: the rows are in the order shown.

use std::sync::Arc;

use crate::state::{Kind, Record};

/// A page of objects.
#[derive(Debug)]
pub struct List {
    /// The path of the request.
    pub url: String,
    /// The objects, in the order shown.
    pub items: Vec<Item>,
    /// Whether there are more in the direction of travel.
    pub has_more: bool,
    /// Whether the envelope says how many rows it has.
    pub counts: bool,
}

/// One row of a list.
#[derive(Clone, Debug)]
pub struct Item {
    /// The kind that it is shown as.
    pub shown: Kind,
    /// What is stored.
    pub record: Arc<Record>,
}

/// A page of what a search found.
#[derive(Debug)]
pub struct Found {
    /// The path of the request.
    pub url: String,
    /// The objects, newest first.
    pub items: Vec<Item>,
    /// What names the next page; `None` when this is the last.
    pub next_page: Option<String>,
    /// How many objects there are on all pages, if that was asked for.
    pub total_count: Option<i64>,
}
