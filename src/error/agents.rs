//! Errors of tools about the operation that they are told to call.

use super::ApiError;

impl ApiError {
    /// A tool was told to call an operation that there is not.
    pub fn tool_operation_unknown(id: &str) -> Self {
        Self::invalid(format!("Operation '{id}' is not available. Use stripe_api_search to find available operations."))
    }

    /// A tool was told an account that no header can name.
    pub fn tool_context_unsendable() -> Self {
        Self::invalid("`stripe_context` must be the id of an account.".to_owned())
    }

    /// A tool was not told what stands in the path of its operation.
    pub fn tool_path_incomplete(name: &str) -> Self {
        Self::invalid(format!("Missing required path parameters: {name}"))
    }
}
