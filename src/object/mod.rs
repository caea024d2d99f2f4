//! From parameters to an object: the parameters are merged into the empty form of the kind, and the kind's declared
//! defaults give the rest.
//!
//! May use: the catalogue, the registry, the state. Invariant: nothing here names a kind; everything special about a
//! kind is in its entry.

// A rule that fails is never passed over.
#![deny(clippy::let_underscore_must_use)]

pub(crate) mod blank;
pub mod body;
pub(crate) mod complete;
pub(crate) mod fill;
pub(crate) mod fit;
pub mod metadata;
pub mod own_id;
pub(crate) mod references;
pub mod template;
