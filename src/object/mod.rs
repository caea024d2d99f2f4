//! From parameters to an object: what was sent is laid over the empty form of its kind, and what the request does not
//! say comes from the kind's declared defaults.
//!
//! May use: the catalogue, the registry, the state. Invariant: nothing here names a kind; what is special about one stands
//! in its entry.

pub(crate) mod blank;
pub mod body;
pub(crate) mod complete;
pub(crate) mod fill;
pub(crate) mod fit;
pub mod metadata;
pub mod own_id;
pub(crate) mod references;
pub mod template;
