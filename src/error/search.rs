//! Errors of search (platform 5.2, core-payments 6.9). Where no wording is recorded, the sentence is Pinstripe's own;
//! type and status are the API's.

use super::ApiError;

/// The version, the limit and the page.
impl ApiError {
    /// The API version is older than search (core-payments 6.9.8).
    pub fn search_needs_version(version: &str) -> Self {
        Self::invalid(format!(
            "Search is not supported on api version {version}. Update your API version, or set the API Version of this \
             request to 2020-08-27 or greater."
        ))
    }

    /// A `limit` above the maximum (platform 5.2).
    pub fn search_limit_above(maximum: usize, sent: i64) -> Self {
        Self::about_param(
            "limit",
            format!("This value must be less than or equal to {maximum} (it currently is '{sent}')."),
        )
        .code("parameter_invalid_integer")
    }

    /// A `page` that no search returned; the error's `param` is the value that was sent (platform 5.2).
    pub fn search_page_invalid(page: &str) -> Self {
        Self::about_param(page.to_owned(), format!("{page} is an invalid page."))
    }
}

/// The query.
impl ApiError {
    /// A query that cannot be parsed (platform 5.2).
    pub fn search_query_unreadable() -> Self {
        Self::invalid(
            "We were unable to parse your search query. Try using the format `metadata[\"key\"]:\"value\"` to query for \
             metadata or key:\"value\" to query for other fields.",
        )
    }

    /// Clauses joined by both `AND` and `OR` (platform 5.2); the wording is not recorded.
    pub fn search_query_mixed() -> Self {
        Self::invalid(
            "We were unable to parse your search query. AND and OR cannot be used in the same query; a space between \
             clauses means AND.",
        )
    }

    /// More clauses than a query can have (platform 5.2); the wording is not recorded.
    pub fn search_query_too_long(clauses_max: usize) -> Self {
        Self::invalid(format!(
            "We were unable to parse your search query. A query can have up to {clauses_max} clauses."
        ))
    }

    /// A field that cannot be searched (platform 5.2).
    pub fn search_field_unsupported(field: &str, resource: &str) -> Self {
        Self::invalid(format!(
            "Field `{field}` is an unsupported search field for resource `{resource}`. See \
             http://stripe.com/docs/search#query-fields-for-{} for a list of supported fields.",
            resource.replace('_', "-")
        ))
    }

    /// An operator that the field does not support (platform 5.2); the wording is not recorded.
    pub fn search_operator_unsupported(field: &str, kind: &str, operator: &str) -> Self {
        Self::invalid(format!("Field `{field}` is a {kind} field, which does not support the operator `{operator}`."))
    }

    /// A numeric field compared with a text (platform 5.2); the wording is not recorded.
    pub fn search_value_not_numeric(field: &str, value: &str) -> Self {
        Self::invalid(format!("Field `{field}` is a numeric field, which cannot be compared with `{value}`."))
    }

    /// Too few characters after `~` (platform 5.2); the wording is not recorded.
    pub fn search_substring_too_short(field: &str, characters_min: usize) -> Self {
        Self::invalid(format!(
            "Substring search on field `{field}` needs a value of at least {characters_min} characters."
        ))
    }
}
