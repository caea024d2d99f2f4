//! Stub.
use crate::api::error::ApiError;
use crate::catalogue::Operation;
use crate::http::form::Form;
use crate::state::document::Map;
#[derive(Clone, Debug, Default)]
pub struct Params {
    map: Map,
    pub expand: Vec<String>,
}
impl std::ops::Deref for Params {
    type Target = Map;
    fn deref(&self) -> &Map {
        &self.map
    }
}
pub fn check(_o: &'static Operation, _f: Form, _b: bool) -> Result<Params, ApiError> {
    Ok(Params::default())
}
