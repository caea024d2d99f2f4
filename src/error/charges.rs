//! Errors about charges, refunds and the balance (core-payments 6, 8, 9).

use super::ApiError;
use crate::money;

/// What a refund returns money of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefundedThing {
    /// A charge.
    Charge,
    /// An application fee.
    Fee,
}

/// Amounts of charges and captures.
impl ApiError {
    /// A card token, or a card's number, where the account takes only payment methods (core-payments 6.1.1).
    pub fn card_tokens_refused() -> Self {
        Self::invalid(
            "Card Token usage on the Customers API and Charges API has reached end of life. In order to continue processing \
             your payments, you will need to use the Payment Intents and Payment Methods API. Read more about what you should \
             do here: https://docs.stripe.com/payments/payment-methods/integration-options. If you need to continue to use \
             Card Tokens on the Customers and Charges API, enable this functionality in your API policies settings: \
             https://dashboard.stripe.com/settings/developers/api-policies",
        )
    }

    /// Less than can be charged (core-payments 6.5); a capture names no parameter (core-payments 6.8.7).
    pub fn amount_too_small(minimum: i64, currency: &str, param: Option<&'static str>) -> Self {
        let least = money::display(minimum, currency);
        let text = format!("Amount must be at least {least} {currency}");
        let error = Self::invalid(text).code("amount_too_small");
        match param {
            Some(param) => error.param(param),
            None => error,
        }
    }

    /// More than can be charged at once (core-payments 6.4.8).
    pub fn amount_too_large(currency: &str) -> Self {
        let most = money::display(money::MAX_AMOUNT, currency);
        Self::about_param("amount", format!("Amount must be no more than {most}")).code("amount_too_large")
    }

    /// Decimals in a currency that has lost them (core-payments 6.6).
    pub fn amount_not_whole(currency: &str) -> Self {
        let currency = currency.to_uppercase();
        Self::about_param(
            "amount",
            format!(
                "Invalid amount. Currency {currency} has become effectively zero-decimal and charged amounts must be evenly \
                 divisible by 100. See https://stripe.com/docs/currencies#zero-decimal for more information."
            ),
        )
    }

    /// A last digit other than 0 in a currency whose amounts are multiples of ten (core-payments 6.6).
    pub fn amount_not_multiple_of_ten(currency: &str) -> Self {
        Self::about_param(
            "amount",
            format!("Invalid amount: amounts in {currency} have three decimals, of which the last must be zero."),
        )
    }
}

/// The source of a charge.
impl ApiError {
    /// Neither a source nor a customer (core-payments 6.4.1).
    pub fn charge_needs_source_or_customer() -> Self {
        Self::invalid("Must provide source or customer.").code("parameter_missing")
    }

    /// Card data together with a customer, who is charged through a saved source (core-payments 6.4.3).
    pub fn customer_and_card_data(customer: &str) -> Self {
        Self::about_param(
            "source",
            format!("Customer {customer} cannot be charged with card data. Add the card to the customer first."),
        )
    }

    /// A bank account that is not verified (core-payments 5.3.17).
    pub fn bank_account_unverified() -> Self {
        Self::about_param("source", "The bank account must be verified before it can be charged.")
            .code("bank_account_unverified")
    }
}

/// Captures and updates.
impl ApiError {
    /// The charge was captured before (core-payments 6.8.5).
    pub fn charge_already_captured(charge: &str) -> Self {
        Self::invalid(format!("Charge {charge} has already been captured.")).code("charge_already_captured")
    }

    /// The charge failed (core-payments 6.8.12).
    pub fn charge_failed(charge: &str) -> Self {
        Self::invalid(format!("Charge {charge} cannot be captured because it failed."))
    }

    /// The hold was released (core-payments 6.8.11).
    pub fn charge_expired_for_capture(charge: &str) -> Self {
        Self::invalid(format!("Charge {charge} cannot be captured because the charge has expired."))
            .code("charge_expired_for_capture")
    }

    /// More than is held (core-payments 6.8.6).
    pub fn capture_too_large() -> Self {
        Self::about_param(
            "amount",
            "The payment could not be captured because the requested capture amount is greater than the amount you \
             can capture for this charge. Contact us via https://support.stripe.com/contact/ for help.",
        )
        .code("amount_too_large")
    }

    /// A hold that belongs to an intent is captured through the intent (core-payments 6.8.9).
    pub fn capture_through_intent(intent: &str) -> Self {
        Self::invalid(format!(
            "This uncaptured Charge was created by a PaymentIntent ({intent}). You must capture the PaymentIntent \
             instead. For more information, see https://stripe.com/docs/payments/place-a-hold-on-a-payment-method"
        ))
    }

    /// The customer of a charge cannot change (core-payments 6.9.1).
    pub fn charge_has_customer(charge: &str) -> Self {
        Self::about_param("customer", format!("Charge {charge} already has a customer, which cannot be changed."))
    }

    /// The transfer group of a charge cannot change (core-payments 6.9.1).
    pub fn charge_has_transfer_group(charge: &str) -> Self {
        Self::about_param(
            "transfer_group",
            format!("Charge {charge} already has a transfer group, which cannot be changed."),
        )
    }

    /// The transfer group is changed through the intent (core-payments 6.9.3).
    pub fn transfer_group_through_intent(intent: &str) -> Self {
        Self::invalid(format!(
            "This Charge was created by a PaymentIntent ({intent}). You must update the `transfer_group` on the \
             PaymentIntent instead of updating the Charge directly. See \
             https://stripe.com/docs/api#update_payment_intent"
        ))
    }
}

/// Refunds.
impl ApiError {
    /// Nothing is left to refund (core-payments 8.3.11).
    pub fn charge_already_refunded(charge: &str) -> Self {
        Self::invalid(format!("Charge {charge} has already been refunded.")).code("charge_already_refunded")
    }

    /// The dispute returned the money (core-payments 8.3.12).
    pub fn charge_disputed(charge: &str) -> Self {
        Self::invalid(format!("Charge {charge} has been charged back; cannot issue a refund.")).code("charge_disputed")
    }

    /// More than is left of a charge or a fee (core-payments 8.3.10, billing 6.6): of all of it, `whole`, if nothing was
    /// returned before.
    pub fn refund_too_large(what: RefundedThing, amount: i64, left: i64, whole: i64, currency: &str) -> Self {
        let (amount, is_whole) = (money::display(amount, currency), left == whole);
        let left = money::display(left, currency);
        Self::about_param(
            "amount",
            match (what, is_whole) {
                (RefundedThing::Charge, true) => {
                    format!("Refund amount ({amount}) is greater than charge amount ({left})")
                }
                (RefundedThing::Charge, false) => {
                    format!("Refund amount ({amount}) is greater than unrefunded amount on charge ({left})")
                }
                (RefundedThing::Fee, true) => format!("Refund amount ({amount}) is greater than fee amount ({left})"),
                (RefundedThing::Fee, false) => {
                    format!("Refund amount ({amount}) is greater than unrefunded amount on fee ({left})")
                }
            },
        )
    }

    /// A hold can only be released as a whole (core-payments 8.3.16).
    pub fn refund_part_of_hold() -> Self {
        Self::about_param(
            "amount",
            "You cannot partially refund an uncaptured charge. Instead, capture the charge for an amount less than \
             the original amount",
        )
    }

    /// A hold that belongs to an intent is released through the intent (core-payments 8.3.14).
    pub fn refund_through_intent(intent: &str) -> Self {
        Self::invalid(format!(
            "This uncaptured Charge was created by a PaymentIntent ({intent}). You must cancel the PaymentIntent to \
             reverse the authorization instead of refunding the Charge directly. For more information, see \
             https://stripe.com/docs/payments/place-a-hold-on-a-payment-method"
        ))
    }

    /// An intent without a successful charge (core-payments 8.3.17).
    pub fn intent_has_nothing_to_refund(intent: &str) -> Self {
        Self::invalid(format!("This PaymentIntent ({intent}) does not have a successful charge to refund."))
    }

    /// A direct charge that did not succeed (core-payments 8.3.17).
    pub fn charge_has_nothing_to_refund(charge: &str) -> Self {
        Self::invalid(format!("Charge {charge} failed, so there is nothing to refund."))
    }

    /// A charge and an intent that do not belong together (core-payments 8.3.19).
    pub fn charge_of_other_intent(charge: &str, intent: &str) -> Self {
        Self::about_param("payment_intent", format!("Charge {charge} does not belong to the PaymentIntent ({intent})."))
    }

    /// A charge that is to be captured later, of a type that is captured at once; no wording is recorded (core-payments 6.2).
    pub fn charge_not_held(kind: &str) -> Self {
        Self::about_param("capture", format!("Charges of {kind} are captured at once: `capture` cannot be `false`."))
    }

    /// A fee to refund on a charge that has none, nor was sent on (core-payments 8.3.25).
    pub fn refund_without_fee(charge: &str) -> Self {
        Self::about_param(
            "refund_application_fee",
            format!("Attempting to refund_application_fee on {charge}, but it has no application fee"),
        )
    }

    /// A transfer to reverse on a charge that has none; no wording is recorded (core-payments 8.3.25).
    pub fn refund_without_transfer(charge: &str) -> Self {
        Self::about_param("reverse_transfer", format!("Charge {charge} has no transfer to reverse."))
    }

    /// A refund that can no longer be canceled (core-payments 8.5.4).
    pub fn refund_not_cancelable() -> Self {
        Self::invalid("Canceling this refund is unsupported.")
    }

    /// Only a refund that waits for its customer can expire (the documentation of the test helper).
    pub fn refund_not_expirable(status: &str) -> Self {
        Self::invalid(format!(
            "This Refund cannot be expired because it has a status of {status}. Only a Refund with one of the following \
             statuses may be expired: requires_action."
        ))
    }
}
