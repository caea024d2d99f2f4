//! Errors about setup intents and the verification of bank accounts (intents-and-checkout 2).

use super::ApiError;

const UNEXPECTED_STATE: &str = "setup_intent_unexpected_state";

/// Creating and updating (intents-and-checkout 1.4, 2.3).
impl ApiError {
    /// A parameter that needs `confirm: true` (intents-and-checkout 1.4).
    pub fn setup_param_needs_confirm(param: &str) -> Self {
        Self::invalid(format!(
            "The parameter `{param}` cannot be passed when creating a SetupIntent unless `confirm` is set to true."
        ))
    }

    /// `attach_to_self` together with a customer; the wording is not recorded.
    pub fn setup_attach_to_self_with_customer() -> Self {
        Self::about_param("attach_to_self", "You cannot set `attach_to_self` to `true` when a `customer` is provided.")
    }

    /// A type that cannot be set up; the wording is not recorded.
    pub fn setup_type_unsupported(kind: &str) -> Self {
        Self::about_param(
            "payment_method_types",
            format!("The payment method type `{kind}` cannot be used with a SetupIntent."),
        )
    }

    /// An update after the end (intents-and-checkout 2.3).
    pub fn setup_cannot_update(status: &str) -> Self {
        let end = if status == "canceled" { "it has been canceled" } else { "it has already succeeded" };
        Self::invalid(format!("You cannot update this SetupIntent because {end}.")).code(UNEXPECTED_STATE)
    }
}

/// Confirming (intents-and-checkout 2.3).
impl ApiError {
    /// A confirmation without a payment method.
    pub fn setup_lacks_method() -> Self {
        Self::invalid(
            "You cannot confirm this SetupIntent because it's missing a payment method. You can either update the \
             SetupIntent with a payment method and then confirm it again, or confirm it again directly with a payment \
             method or ConfirmationToken.",
        )
        .code(UNEXPECTED_STATE)
    }

    /// A confirmation in a status that does not allow it.
    pub fn setup_cannot_confirm(status: &str) -> Self {
        let reason = match status {
            "succeeded" => "it has already succeeded".to_owned(),
            "canceled" => "it has been canceled".to_owned(),
            status => format!("it has a status of {status}"),
        };
        Self::invalid(format!("You cannot confirm this SetupIntent because {reason}.")).code(UNEXPECTED_STATE)
    }

    /// A confirmation that may redirect, without a `return_url` (intents-and-checkout 1.4).
    pub fn setup_needs_return_url() -> Self {
        Self::invalid(
            "A `return_url` must be specified because this Setup Intent is configured to automatically accept the \
             payment methods enabled in the Dashboard, some of which may require a full page redirect to succeed. If \
             you do not want to accept redirect-based payment methods, set `automatic_payment_methods[enabled]` to \
             `true` and `automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and \
             Payment Intents.",
        )
    }

    /// A payment method of a type that the intent does not allow (as intents-and-checkout 1.4).
    pub fn setup_type_not_allowed(kind: &str, types: &[&str]) -> Self {
        Self::about_param(
            "payment_method",
            format!(
                "The PaymentMethod provided ({kind}) is not allowed for this SetupIntent. Please attach a PaymentMethod \
                 of one of the following types: {}. Alternatively, update the allowed payment_method_types for this \
                 SetupIntent to include \"{kind}\".",
                types.join(", ")
            ),
        )
    }

    /// Attached, and set up without its customer.
    pub fn setup_method_needs_customer(id: &str, owner: &str) -> Self {
        Self::about_param(
            "payment_method",
            format!(
                "The payment method supplied ({id}) belongs to the Customer {owner}. Please include the Customer in the \
                 `customer` parameter on the SetupIntent."
            ),
        )
    }

    /// A bank debit without a mandate; the wording is not recorded (intents-and-checkout 2.5).
    pub fn setup_needs_mandate(kind: &str) -> Self {
        Self::about_param(
            "mandate_data",
            format!(
                "Setting up a payment method of type `{kind}` requires the customer's consent: provide `mandate_data` \
                 when confirming this SetupIntent."
            ),
        )
        .code("setup_intent_mandate_invalid")
    }

    /// The customer failed 3D Secure or the authorization (intents-and-checkout 1.8, 2.2).
    pub fn setup_authentication_failed() -> Self {
        Self::invalid(
            "We are unable to authenticate your payment method. Please choose a different payment method and try again.",
        )
        .code("setup_intent_authentication_failure")
    }
}

/// Canceling (intents-and-checkout 2.3).
impl ApiError {
    /// A cancellation in a status that does not allow it.
    pub fn setup_cannot_cancel(status: &str) -> Self {
        let message = match status {
            "canceled" => "You cannot cancel this SetupIntent because it is already canceled.".to_owned(),
            status => format!(
                "You cannot cancel this SetupIntent because it has a status of {status}. Only a SetupIntent with one of \
                 the following statuses may be canceled: `requires_payment_method`, `requires_confirmation`, or \
                 `requires_action`."
            ),
        };
        Self::invalid(message).code(UNEXPECTED_STATE)
    }
}

/// Microdeposits (intents-and-checkout 2.3, core-payments 7.6).
impl ApiError {
    /// There is nothing to verify; `class` is the object's class name.
    pub fn intent_not_actionable(class: &str, status: &str) -> Self {
        Self::invalid(format!(
            "This {class} cannot be actioned on because it has a status of {status}. Only a {class} with one of the \
             following statuses may be actioned on: [\"requires_action\"]."
        ))
        .code("intent_invalid_state")
    }

    /// The next action is not a verification with microdeposits; the wording is not recorded.
    pub fn intent_without_microdeposits(class: &str) -> Self {
        Self::invalid(format!("This {class} cannot be actioned on because it does not wait for microdeposits."))
            .code("intent_invalid_state")
    }

    /// Not two amounts.
    pub fn microdeposit_amounts_invalid() -> Self {
        Self::about_param("amounts", "You must provide exactly two microdeposit amounts.")
            .code("payment_method_microdeposit_verification_amounts_invalid")
    }

    /// Wrong amounts or a wrong code; `left` is the number of attempts that remain.
    pub fn microdeposit_mismatch(by_amounts: bool, left: i64) -> Self {
        let (what, code) = if by_amounts {
            (
                "The amounts provided do not match the amounts that were sent to the bank account.",
                "payment_method_microdeposit_verification_amounts_mismatch",
            )
        } else {
            (
                "The verification code provided does not match the one sent to the bank account.",
                "payment_method_microdeposit_verification_descriptor_code_mismatch",
            )
        };
        Self::invalid(format!("{what} You have {left} verification attempts remaining.")).code(code)
    }

    /// Too many wrong attempts.
    pub fn microdeposit_attempts_exceeded() -> Self {
        Self::invalid("Exceeded number of allowed verification attempts.")
            .code("payment_method_microdeposit_verification_attempts_exceeded")
    }

    /// The time for the verification is over.
    pub fn microdeposit_timeout() -> Self {
        Self::invalid(
            "Microdeposit timeout. Customer hasn't verified their bank account within the required 10 day period.",
        )
        .code("payment_method_microdeposit_verification_timeout")
    }

    /// The microdeposits could not be sent.
    pub fn microdeposit_failed() -> Self {
        Self::invalid("Microdeposits failed. Please check the account, institution and transit numbers provided.")
            .code("payment_method_microdeposit_failed")
    }
}
