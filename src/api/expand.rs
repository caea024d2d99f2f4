//! Stub.
use crate::api::error::ApiError;
use crate::catalogue::Returns;
#[derive(Clone, Debug)]
pub struct Node {
    pub name: String,
    pub children: Vec<Node>,
}
pub fn check_paths(_r: &Returns, _p: &[String]) -> Result<(), ApiError> {
    Ok(())
}
pub fn parse(_p: &[String]) -> Vec<Node> {
    Vec::new()
}
