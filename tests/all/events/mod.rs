//! Events: as objects of the API, and what each operation emits.

mod flows;
pub(crate) mod resource;
