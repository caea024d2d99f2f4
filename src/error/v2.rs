//! Errors of operations under `/v2`: the same failures in the form of that namespace.

use super::ApiError;

impl ApiError {
    /// The error in the form of `/v2`: always with a `code`, without a `doc_url`. An error without a code has its type
    /// as the code.
    #[must_use]
    pub fn in_v2(mut self) -> Self {
        let code = match (self.field("code"), self.field("type")) {
            (Some("resource_missing"), _) => "not_found",
            (Some(code), _) if !code.starts_with("parameter_") => code,
            (Some(_), _) => "invalid_fields",
            (None, _) if self.field("param").is_some() => "invalid_fields",
            (None, _) if self.0.status == 404 => "not_found",
            (None, kind) => kind.unwrap_or_default(),
        };
        let code = code.to_owned();
        self.0.fields.set("code", code);
        let _ = self.0.fields.remove("doc_url");
        self
    }

    /// A time that is not in the form of `/v2` (platform 7.1); the wording is not recorded.
    pub fn param_not_instant(param: &str) -> Self {
        Self::about_param(
            param.to_owned(),
            "Invalid timestamp: must be in RFC 3339 format, such as 2026-01-31T12:00:00Z.",
        )
    }

    /// A `page` that no list returned.
    pub fn page_invalid(page: &str) -> Self {
        Self::about_param("page", format!("Invalid page: {page}"))
    }
}
