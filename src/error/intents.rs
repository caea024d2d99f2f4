//! Errors about payment intents (intents-and-checkout 1).

use super::ApiError;

impl ApiError {
    /// An intent that is not what the page's Elements were made for; `own` and `wanted` are a member of both, `None` for null
    /// (stripe-js 8.1).
    pub fn intent_of_other_elements(name: &str, own: Option<&str>, wanted: Option<&str>) -> Self {
        let (own, wanted) = (own.unwrap_or("null"), wanted.unwrap_or("null"));
        Self::invalid(format!(
            "The provided {name} ({own}) does not match the expected {name} ({wanted}). Try confirming with a Payment Intent \
             that is configured to use the same parameters as Stripe Elements."
        ))
    }

    /// An amount of zero (core-payments 6.5, intents-and-checkout 1.4).
    pub fn intent_amount_too_low() -> Self {
        Self::about_param(
            "amount",
            "The amount must be greater than or equal to the minimum charge amount allowed for your account and the \
             currency set (https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts).  If you want to \
             save a Payment Method for future use without an immediate payment, use a Setup Intent instead: \
             https://docs.stripe.com/payments/setup-intents",
        )
        .code("parameter_invalid_integer")
    }

    /// A parameter that needs `confirm: true` (intents-and-checkout 1.4).
    pub fn intent_param_needs_confirm(param: &str) -> Self {
        Self::invalid(format!(
            "The parameter `{param}` cannot be passed when creating a PaymentIntent unless `confirm` is set to true."
        ))
    }

    /// A parameter of confirmations in an update; no wording is recorded (core-payments 5.1).
    pub fn intent_param_only_confirms(param: &'static str) -> Self {
        Self::about_param(
            param,
            format!("The parameter `{param}` can only be passed when a PaymentIntent is confirmed."),
        )
    }

    /// An unknown type in a list of payment method types.
    pub fn payment_method_type_invalid(param: &str, kind: &str) -> Self {
        Self::about_param(
            param.to_owned(),
            format!(
                "The payment method type \"{kind}\" is invalid. Please ensure the provided type is activated in your \
                 dashboard (https://dashboard.stripe.com/account/payments/settings) and your account is enabled for any \
                 preview features that you are trying to use."
            ),
        )
    }

    /// `payment_method_types` together with `automatic_payment_methods` (intents-and-checkout 1.3).
    pub fn intent_types_and_automatic() -> Self {
        Self::invalid("You cannot enable `automatic_payment_methods` and specify `payment_method_types`.")
    }

    /// Manual confirmation with automatic payment methods (intents-and-checkout 1.4).
    pub fn intent_manual_and_automatic() -> Self {
        Self::invalid(
            "When `confirmation_method` is set to `manual`, `automatic_payment_methods` cannot be enabled. Use \
             `confirmation_method` `automatic`, or specify `payment_method_types`.",
        )
    }

    /// A confirmation that may redirect, without a `return_url` (intents-and-checkout 1.4).
    pub fn intent_needs_return_url() -> Self {
        Self::invalid(
            "A `return_url` must be specified because this Payment Intent is configured to automatically accept the \
             payment methods enabled in the Dashboard, some of which may require a full page redirect to succeed. If \
             you do not want to accept redirect-based payment methods, set `automatic_payment_methods[enabled]` to \
             `true` and `automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and \
             Payment Intents.",
        )
    }

    /// `setup_future_usage` together with `off_session` (intents-and-checkout 1.4).
    pub fn intent_off_session_setup() -> Self {
        Self::invalid(
            "You cannot confirm with `off_session=true` when `setup_future_usage` is also set on the PaymentIntent. \
             The customer needs to be on-session to perform the steps which may be required to set up the \
             PaymentMethod for future usage.",
        )
    }

    /// A payment method of a type that the intent does not allow (intents-and-checkout 1.4).
    pub fn intent_type_not_allowed(kind: &str, types: &[&str]) -> Self {
        Self::about_param(
            "payment_method",
            format!(
                "The PaymentMethod provided ({kind}) is not allowed for this PaymentIntent. Please attach a \
                 PaymentMethod of one of the following types: {}. Alternatively, update the allowed \
                 payment_method_types for this PaymentIntent to include \"{kind}\".",
                types.join(", ")
            ),
        )
        .code("payment_intent_incompatible_payment_method")
    }

    /// A confirmation without a payment method (intents-and-checkout 1.11).
    pub fn intent_lacks_method(customer: Option<&str>) -> Self {
        let message = match customer {
            None => "You cannot confirm this PaymentIntent because it's missing a payment method. You can either \
                     update the PaymentIntent with a payment method and then confirm it again, or confirm it again \
                     directly with a payment method or ConfirmationToken."
                .to_owned(),
            Some(customer) => format!(
                "You cannot confirm this PaymentIntent because it's missing a payment method. To confirm the \
                 PaymentIntent with {customer}, specify a payment method attached to this customer along with the \
                 customer ID."
            ),
        };
        Self::invalid(message).code("payment_intent_unexpected_state")
    }

    /// A confirmation in a status that does not allow it (intents-and-checkout 1.11).
    pub fn intent_cannot_confirm(status: &str) -> Self {
        let message = match status {
            "succeeded" => "You cannot confirm this PaymentIntent because it has already succeeded after being \
                            previously confirmed."
                .to_owned(),
            status => format!(
                "You cannot confirm this PaymentIntent because it has a status of {status}. Only a PaymentIntent with \
                 one of the following statuses may be confirmed: requires_confirmation, requires_action."
            ),
        };
        Self::invalid(message).code("payment_intent_unexpected_state")
    }

    /// A change that the status does not allow (intents-and-checkout 1.11).
    pub fn intent_param_frozen(param: &'static str, status: &str) -> Self {
        Self::about_param(
            param,
            format!(
                "This PaymentIntent's {param} could not be updated because it has a status of {status}. You may only \
                 update the {param} of a PaymentIntent with one of the following statuses: requires_payment_method, \
                 requires_confirmation, requires_action."
            ),
        )
        .code("payment_intent_unexpected_state")
    }

    /// Manual confirmation with a publishable key (intents-and-checkout 1.11).
    pub fn intent_manual_needs_secret_key() -> Self {
        Self::invalid(
            "This PaymentIntent cannot be confirmed using your publishable key because its `confirmation_method` is \
             set to `manual`. Please use your secret key instead, or create a PaymentIntent with \
             `confirmation_method` set to `automatic`.",
        )
        .code("payment_intent_unexpected_state")
    }

    /// An application fee without a connected account (intents-and-checkout 1.10).
    pub fn intent_fee_for_nobody() -> Self {
        Self::invalid(
            "Can only apply an application_fee_amount when the PaymentIntent is attempting a direct payment (using an \
             OAuth key or Stripe-Account header) or destination payment (using `transfer_data[destination]`).",
        )
        .code("parameter_missing")
    }

    /// An application fee that is larger than the payment (billing 6.3).
    pub fn intent_fee_too_large() -> Self {
        Self::about_param(
            "application_fee_amount",
            "Your application fee cannot exceed the amount of the PaymentIntent it is taken from.",
        )
    }

    /// A `statement_descriptor` on an intent that allows cards (intents-and-checkout 1.10).
    pub fn intent_card_descriptor() -> Self {
        Self::about_param(
            "statement_descriptor",
            "Stripe no longer supports the `statement_descriptor` parameter for PaymentIntents with \
             `payment_method_types` including \"card\". Please use the `statement_descriptor_suffix` parameter instead.",
        )
    }

    /// The customer of an intent cannot change.
    pub fn intent_has_customer() -> Self {
        Self::about_param(
            "customer",
            "You cannot modify `customer` on a PaymentIntent once it already has been set. To fulfill a payment with a \
             different Customer, cancel this PaymentIntent and create a new one.",
        )
    }

    /// `error_on_requires_action` together with automatic payment methods (intents-and-checkout 1.2).
    pub fn intent_error_on_action_and_automatic() -> Self {
        Self::about_param(
            "error_on_requires_action",
            "You cannot use `error_on_requires_action` with `automatic_payment_methods`. Specify \
             `payment_method_types` instead.",
        )
    }

    /// A mandate that is inactive, or of another payment method (intents-and-checkout 1.3).
    pub fn intent_mandate_invalid(mandate: &str) -> Self {
        Self::about_param(
            "mandate",
            format!("The mandate {mandate} is not active for the payment method of this PaymentIntent."),
        )
        .code("payment_intent_mandate_invalid")
    }

    /// An increment in a status other than `requires_capture` (intents-and-checkout 1.11).
    pub fn intent_cannot_increment(status: &str) -> Self {
        Self::invalid(format!(
            "This PaymentIntent's authorization could not be incremented because it has a status of {status}. Only a \
             PaymentIntent with one of the following statuses may be incremented: requires_capture."
        ))
        .code("payment_intent_unexpected_state")
    }

    /// An increment of an intent that did not request incremental authorization (intents-and-checkout 1.3).
    pub fn intent_not_incrementable() -> Self {
        Self::invalid(
            "This PaymentIntent's authorization cannot be incremented. Confirm the PaymentIntent with \
             `payment_method_options[card][request_incremental_authorization]` set to `if_available` first.",
        )
    }

    /// An increment to an amount that is not larger (intents-and-checkout 1.3).
    pub fn intent_increment_too_small(held: i64) -> Self {
        Self::about_param(
            "amount",
            format!("The amount must be greater than the currently authorized amount of {held}."),
        )
        .code("parameter_invalid_integer")
    }

    /// Too many increments (intents-and-checkout 1.3).
    pub fn intent_increments_used_up(max: i64) -> Self {
        Self::invalid(format!("This PaymentIntent's authorization has been incremented {max} times, the most allowed."))
    }

    /// A capture with `final_capture: false` of an intent that did not request multicapture (intents-and-checkout
    /// 1.10).
    pub fn intent_not_multicapturable() -> Self {
        Self::about_param(
            "final_capture",
            "This PaymentIntent cannot be captured more than once. Confirm the PaymentIntent with \
             `payment_method_options[card][request_multicapture]` set to `if_available` first.",
        )
    }

    /// The customer failed the authentication (intents-and-checkout 1.8).
    pub fn intent_authentication_failed() -> Self {
        Self::invalid(
            "We are unable to authenticate your payment method. Please choose a different payment method and try again.",
        )
        .code("payment_intent_authentication_failure")
    }

    /// A capture in a status other than `requires_capture` (intents-and-checkout 1.11).
    pub fn intent_cannot_capture(status: &str) -> Self {
        Self::invalid(format!(
            "This PaymentIntent could not be captured because it has a status of {status}. Only a PaymentIntent with \
             one of the following statuses may be captured: requires_capture."
        ))
        .code("payment_intent_unexpected_state")
    }

    /// A second capture after the first released the rest (intents-and-checkout 1.11).
    pub fn intent_rest_released() -> Self {
        Self::invalid(
            "The remaining amount on this PaymentIntent could not be captured because the remainder of the authorized \
             amount has been released.",
        )
        .code("payment_intent_unexpected_state")
    }

    /// More captured than held (intents-and-checkout 1.10).
    pub fn intent_capture_too_large() -> Self {
        Self::invalid(
            "The payment could not be captured because the requested capture amount is greater than the amount you \
             can capture for this charge. Contact us via https://support.stripe.com/contact/ for help.",
        )
        .code("amount_too_large")
    }

    /// A cancellation in a final status (intents-and-checkout 1.11).
    pub fn intent_cannot_cancel(status: &str, cancelable: &[&str]) -> Self {
        Self::invalid(format!(
            "You cannot cancel this PaymentIntent because it has a status of {status}. Only a PaymentIntent with one \
             of the following statuses may be canceled: {}.",
            cancelable.join(", ")
        ))
        .code("payment_intent_unexpected_state")
    }

    /// A `client_secret` of another object; `class` is the object's class name (intents-and-checkout 1.12).
    pub fn client_secret_mismatch(class: &str) -> Self {
        Self::about_param(
            "client_secret",
            format!(
                "The client_secret provided does not match any associated {class} on this account. Ensure the \
                 publishable key used belongs to the same account that created the {class}."
            ),
        )
    }
}
