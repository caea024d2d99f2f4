//! Errors of operations without rules of their own (billing 0.3).

use super::ApiError;

impl ApiError {
    /// The id that the caller chose is taken (billing 0.3); `noun` is the kind's.
    pub fn already_exists(noun: &str) -> Self {
        let mut noun = noun.to_owned();
        if let Some(first) = noun.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        Self::invalid(format!("{noun} already exists.")).code("resource_already_exists")
    }

    /// The object's state does not allow what was asked; the states that do are listed.
    pub fn wrong_state(object: &str, verb: &str, field: &str, state: &str, allowed: &[&str]) -> Self {
        let object = object.rsplit('.').next().unwrap_or(object).replace('_', " ");
        let verb = verb.replace('_', " ");
        Self::invalid(format!(
            "This {object} has `{field}` {state}, so that `{verb}` is not possible; it needs {}.",
            allowed.join(" or ")
        ))
    }

    /// A test clock goes forward only; the wording is not recorded (billing 4.2).
    pub fn clock_goes_forward() -> Self {
        Self::about_param("frozen_time", "Test clocks can only be advanced forward.")
    }

    /// More is given back than is held; the wording is not recorded.
    pub fn authorization_reversal_too_large(amount: i64, held: i64) -> Self {
        Self::about_param(
            "reverse_amount",
            format!("The amount to reverse ({amount}) is greater than the authorized amount ({held})."),
        )
    }

    /// Another object has a value that only one may have; the wording is not recorded.
    pub fn value_taken(param: &'static str, value: &str) -> Self {
        Self::about_param(param, format!("The {param} '{value}' is in use already."))
    }

    /// A filter of a list that nothing here can answer: said, never passed over.
    pub fn filter_not_implemented(param: &str, path: &str) -> Self {
        Self::not_implemented_feature(&format!("the filter `{param}` of GET {path}"))
    }

    /// `--strict`: an operation that would be its shape alone.
    pub fn shape_refused(method: &str, path: &str) -> Self {
        Self::not_implemented_feature(&format!("the rules of {method} {path}, only its shape, which --strict refuses,"))
    }

    /// A one-time price where something is subscribed to (billing 2.4).
    pub fn price_not_recurring() -> Self {
        Self::about_param(
            "price",
            "The price specified is set to `type=one_time` but this field only accepts prices with `type=recurring`.",
        )
    }

    /// A price that is not for sale any more (billing 2.4).
    pub fn price_inactive() -> Self {
        Self::about_param("price", "The price specified is inactive. This field only accepts active prices.")
    }
}
