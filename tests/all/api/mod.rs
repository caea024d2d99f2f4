//! What is the same for every operation: parameters, lists, searches, expansion, versions, idempotency.

mod expandable;
mod expanding;
mod form;
mod idempotency;
mod lists;
mod older;
mod search;
mod urls;
mod versions;
