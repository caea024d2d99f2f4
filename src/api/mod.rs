//! What every operation shares: parameters, lists, search, expansion, rendering and versions.
//!
//! May use: the catalogue, the state and the registry of resources. Invariant: nothing in here names a resource.

pub mod expand;
pub mod inside;
mod kept;
pub mod list;
pub mod params;
pub mod render;
pub mod search;
pub mod versions;
