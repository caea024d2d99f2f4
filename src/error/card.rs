//! Card errors: refused numbers and declined charges (core-payments 3.5, 7.3, 7.5).

use super::{ApiError, ErrorType};
use crate::issuers::{CardFault, Decline};

/// The sentence of a decline, by code and decline code (core-payments 7.3).
fn decline_message(code: &str, decline_code: Option<&str>) -> &'static str {
    match (code, decline_code) {
        ("expired_card", _) => "Your card has expired.",
        ("incorrect_cvc", _) => "Your card's security code is incorrect.",
        ("processing_error", _) => "An error occurred while processing your card. Try again in a little bit.",
        ("authentication_required", _) => "Your card was declined. This transaction requires authentication.",
        (_, Some("insufficient_funds")) => "Your card has insufficient funds.",
        _ => "Your card was declined.",
    }
}

impl ApiError {
    /// A payment intent whose card is declined (core-payments 7.3): it has a `decline_code` whatever its code, and the
    /// decline's own `param`.
    pub fn intent_declined(decline: &Decline) -> Self {
        let error = Self::card_declined(decline, decline.param);
        if decline.decline_code.is_some() { error } else { error.with("decline_code", decline.intent_decline_code()) }
    }

    /// A declined card (core-payments 7.3). `param` depends on the situation: the decline's own on payments, an empty
    /// string where a card is saved (core-payments 3.5).
    pub fn card_declined(decline: &Decline, param: Option<&'static str>) -> Self {
        let message = decline_message(decline.code, decline.decline_code);
        let mut error = Self::new(402, ErrorType::Card, message).code(decline.code);
        let extra = [
            ("decline_code", decline.decline_code),
            ("advice_code", decline.advice_code),
            ("network_decline_code", decline.network_decline_code),
            ("network_advice_code", decline.network_advice_code),
            ("param", param),
        ];
        for (key, value) in extra {
            if let Some(value) = value {
                error = error.with(key, value);
            }
        }
        error
    }

    /// A payment that needs an action although `error_on_requires_action` was set (intents-and-checkout 1.9).
    pub fn action_not_handled() -> Self {
        Self::new(
            402,
            ErrorType::Card,
            "This payment required an authentication action to complete, but `error_on_requires_action` was set. When \
             you're ready, you can upgrade your integration to handle actions at \
             https://stripe.com/docs/payments/payment-intents/upgrade-to-handle-actions.",
        )
        .code("authentication_required")
        .with("decline_code", "authentication_not_handled")
    }

    /// Invalid card data (core-payments 7.5).
    pub fn card_fault(fault: CardFault) -> Self {
        let (code, message, param) = match fault {
            CardFault::IncorrectNumber => ("incorrect_number", "Your card number is incorrect.", "number"),
            CardFault::InvalidNumber => ("invalid_number", "Your card number is invalid.", "number"),
            CardFault::InvalidExpiryMonth => {
                ("invalid_expiry_month", "Your card's expiration month is invalid.", "exp_month")
            }
            CardFault::InvalidExpiryYear => {
                ("invalid_expiry_year", "Your card's expiration year is invalid.", "exp_year")
            }
            CardFault::InvalidCvc => ("invalid_cvc", "Your card's security code is invalid.", "cvc"),
        };
        Self::new(402, ErrorType::Card, message).code(code).param(param)
    }

    /// A customer without a source that can be charged (core-payments 6.4.4).
    pub fn customer_has_nothing_to_charge(has_payment_method: bool) -> Self {
        let message = if has_payment_method {
            "This Customer doesn't have any legacy saved payment details, but does have a Payment Method attached. \
             Use a Payment Intent instead of creating a Charge: \
             https://stripe.com/docs/payments/payment-intents/migration"
        } else {
            "This Customer doesn't have any saved payment details. Attach a legacy Token, Card, Bank Account, or \
             Source to this Customer and then try this request again, or use Payment Intents and Payment Methods \
             instead."
        };
        Self::new(402, ErrorType::Card, message).code("missing").param("card")
    }
}
