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

    /// The same error about the parameter that a name stands for, if it stands for one.
    #[must_use]
    pub fn about_other(mut self, name: impl Fn(&str) -> Option<String>) -> Self {
        if let Some(param) = self.field("param").and_then(name) {
            self.0.fields.set("param", param);
        }
        self
    }

    /// An account that was closed is changed; the wording is not recorded.
    pub fn account_is_closed() -> Self {
        Self::invalid("This account was closed: it can be retrieved, but not changed any more.")
    }

    /// A token of an account or of a person has ended; the wording is not recorded.
    pub fn core_token_expired(param: &str, id: &str) -> Self {
        Self::about_param(param.to_owned(), format!("The token '{id}' has expired."))
    }

    /// Not all configurations of an account are named that closing it ends; the wording is not recorded.
    pub fn configurations_to_close(applied: &[&str]) -> Self {
        Self::about_param(
            "applied_configurations",
            format!("To close this account, name exactly the configurations that it has: {}.", applied.join(", ")),
        )
    }

    /// The country of an account is another one than before; the wording is not recorded.
    pub fn account_country_is_set(country: &str) -> Self {
        Self::about_param(
            "identity[country]",
            format!("The country of this account is '{country}' and cannot be changed."),
        )
    }

    /// Who is responsible for an account is decided when it becomes a merchant or a recipient; the wording is not recorded.
    pub fn account_responsibility_is_set(param: &str) -> Self {
        Self::about_param(
            param.to_owned(),
            "This cannot be changed once the account is configured as a merchant or as a recipient.",
        )
    }
}
