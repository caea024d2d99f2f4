//! Errors about payment method configurations (intents-and-checkout 1.16).

use super::ApiError;

impl ApiError {
    /// No type is left for who leaves the choice to a configuration; `noun` names it (intents-and-checkout 1.16).
    pub fn no_payment_method_types(noun: &str) -> Self {
        Self::invalid(format!(
            "No valid payment method types for this {noun}. Please ensure that you have activated payment methods \
             compatible with your chosen currency in your dashboard \
             (https://dashboard.stripe.com/settings/payments) or specify payment_method_types."
        ))
    }

    /// A configuration that is not active, in a parameter; no wording is recorded (intents-and-checkout 1.16).
    pub fn method_configuration_inactive(id: &str, param: &str) -> Self {
        Self::about_param(param.to_owned(), format!("The payment method configuration `{id}` is not active."))
    }

    /// The default configuration is always active; no wording is recorded (intents-and-checkout 1.16).
    pub fn method_configuration_default_inactive() -> Self {
        Self::about_param("active", "The default payment method configuration of an account cannot be deactivated.")
    }

    /// A parent that has a parent itself; no wording is recorded (intents-and-checkout 1.16).
    pub fn method_configuration_parent_is_child(id: &str) -> Self {
        Self::about_param(
            "parent",
            format!("The payment method configuration `{id}` has a parent, so it cannot be the parent of another."),
        )
    }
}
