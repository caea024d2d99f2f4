//! Errors of operations without rules of their own (billing 0.3).

use super::ApiError;

impl ApiError {
    /// A file of a type that its purpose does not take (core-payments 9.1).
    pub fn file_type_unsupported(types: &[&str]) -> Self {
        Self::invalid(format!(
            "We don't currently support that file type. Try uploading a file with one of the following mimetypes: {}.",
            types.join(", ")
        ))
    }

    /// A link to a file that nobody may share (the documentation of `file` in `POST /v1/file_links`).
    pub fn file_not_linkable(purposes: &[&str]) -> Self {
        Self::about_param("file", format!("The file's purpose must be one of the following: {}.", purposes.join(", ")))
    }

    /// A change of a link that is over.
    pub fn file_link_expired() -> Self {
        Self::invalid("Expired links can no longer be updated.")
    }

    /// The id that the caller chose is taken (billing 0.3); `noun` is the kind's noun.
    pub fn already_exists(noun: &str) -> Self {
        let mut noun = noun.to_owned();
        if let Some(first) = noun.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        Self::invalid(format!("{noun} already exists.")).code("resource_already_exists")
    }

    /// The object's state does not allow the operation; the states that do are listed.
    pub fn wrong_state(object: &str, verb: &str, field: &str, state: &str, allowed: &[&str]) -> Self {
        let object = object.rsplit('.').next().unwrap_or(object).replace('_', " ");
        let verb = verb.replace('_', " ");
        Self::invalid(format!(
            "This {object} has `{field}` {state}, so that `{verb}` is not possible; it needs {}.",
            allowed.join(" or ")
        ))
    }

    /// More is reversed than is held; the wording is not recorded.
    pub fn authorization_reversal_too_large(amount: i64, held: i64) -> Self {
        Self::about_param(
            "reverse_amount",
            format!("The amount to reverse ({amount}) is greater than the authorized amount ({held})."),
        )
    }

    /// A unique value that another object has; the wording is not recorded.
    pub fn value_taken(param: &'static str, value: &str) -> Self {
        Self::about_param(param, format!("The {param} '{value}' is in use already."))
    }

    /// A filter of a list that is not built: an error, because it must not be ignored.
    pub fn filter_not_implemented(param: &str, path: &str) -> Self {
        Self::not_implemented_feature(&format!("the filter `{param}` of GET {path}"))
    }

    /// `--strict`: an operation that has only a shape.
    pub fn shape_refused(method: &str, path: &str) -> Self {
        Self::not_implemented_feature(&format!("the rules of {method} {path}, only its shape, which --strict refuses,"))
    }

    /// A one-time price where a recurring one is needed (billing 2.4).
    pub fn price_not_recurring() -> Self {
        Self::about_param(
            "price",
            "The price specified is set to `type=one_time` but this field only accepts prices with `type=recurring`.",
        )
    }

    /// An archived price (billing 2.4).
    pub fn price_inactive() -> Self {
        Self::about_param("price", "The price specified is inactive. This field only accepts active prices.")
    }
}
