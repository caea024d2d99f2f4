//! Errors of operations under `/v2`: the same failures under the names of that namespace.

use super::ApiError;

impl ApiError {
    /// The error as `/v2` shows it: a `code` always, and no page about it.
    #[must_use]
    pub fn in_v2(mut self) -> Self {
        let code = match self.field("code") {
            Some("resource_missing") => "not_found",
            Some(code) if !code.starts_with("parameter_") => return self,
            None if self.field("param").is_none() => return self,
            Some(_) | None => "invalid_fields",
        };
        self.0.fields.set("code", code);
        let _ = self.0.fields.remove("doc_url");
        self
    }

    /// A page that none of the addresses in a list leads to.
    pub fn page_invalid(page: &str) -> Self {
        Self::about_param("page", format!("Invalid page: {page}"))
    }
}
