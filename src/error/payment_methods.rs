//! Errors about payment methods (core-payments 4).

use super::ApiError;
use crate::issuers::BankFault;

/// The code that is sent with the real API's wording when a payment method cannot be used again
/// (docs/reference/README.md, decision 1).
const USED_WITHOUT_CUSTOMER: &str = "payment_method_used_without_customer";

/// Creating (core-payments 4.2).
impl ApiError {
    /// A payment method without a customer is in use by another payment (core-payments 4.7.4).
    pub fn payment_method_pending_elsewhere() -> Self {
        Self::invalid(
            "The provided PaymentMethod is already attached to another object. You cannot reuse PaymentMethods without \
             attaching them to a Customer object first.",
        )
    }

    /// A `customer` on creation (core-payments 4.2.8).
    pub fn customer_on_creation() -> Self {
        Self::invalid(
            "You cannot attach a PaymentMethod to a Customer during PaymentMethod creation. Please instead create the \
             PaymentMethod and then attach it using the attachment method of the PaymentMethods API.",
        )
    }

    /// A `card[token]` that is not a token (core-payments 4.2.4).
    pub fn card_token_invalid(token: &str) -> Self {
        Self::about_param("token", format!("Invalid token id: {token}"))
    }

    /// A `card[token]` in the form of a test token, with an unknown part (core-payments 4.2.5).
    pub fn card_token_part_invalid(part: &str) -> Self {
        Self::about_param("token", format!("There is a part of the token that is not valid: '{part}'."))
    }

    /// The hash of one type on a payment method of another; no wording is recorded.
    pub fn payment_method_type_mismatch(param: String, kind: &str) -> Self {
        let message = format!("You cannot pass `{param}` for a PaymentMethod of type `{kind}`.");
        Self::about_param(param, message)
    }

    /// An IBAN whose form or check digits are wrong; the wording is not recorded.
    pub fn iban_invalid(param: String) -> Self {
        Self::about_param(param, "The IBAN you provided is invalid.").code("invalid_bank_account_iban")
    }

    /// Invalid numbers of an American bank account; `hash` is the parameter that contains them. Only the wordings for
    /// the length and for a number that is no test number (connect-accounts 5) are recorded.
    pub fn bank_fault(hash: &str, fault: BankFault) -> Self {
        let (part, code, message) = match fault {
            BankFault::RoutingNumberLength => {
                ("routing_number", "routing_number_invalid", "Routing number must have 9 digits")
            }
            BankFault::RoutingNumber => ("routing_number", "routing_number_invalid", "Invalid routing number"),
            BankFault::AccountNumber => ("account_number", "account_number_invalid", "Invalid account number"),
            BankFault::NotTest => (
                "account_number",
                "account_number_invalid",
                "You must use a test bank account number in test mode. Try 000123456789 or see more options at \
                 https://stripe.com/docs/connect/testing#account-numbers.",
            ),
        };
        Self::about_param(format!("{hash}[{part}]"), message).code(code)
    }

    /// A test account that cannot become a payment method (core-payments 7.6); `code` is the account's.
    pub fn bank_account_refused(code: &'static str) -> Self {
        Self::invalid("The bank account cannot be used for this PaymentMethod. Please try another one.").code(code)
    }
}

/// Attaching, detaching, updating and finding (core-payments 4.4 to 4.9).
impl ApiError {
    /// No customer to attach to (core-payments 4.4.5).
    pub fn attach_needs_customer() -> Self {
        Self::invalid("Must provide customer or customer_account.").code("parameter_missing")
    }

    /// Attached to another customer (core-payments 4.4.3).
    pub fn payment_method_attached_elsewhere() -> Self {
        Self::invalid("The payment method you provided has already been attached to a customer.")
    }

    /// A payment method that is not there is attached by a platform, whose accounts may have it (shapes 4).
    #[must_use]
    pub fn about_connected_method(mut self) -> Self {
        let message = self.field("message").unwrap_or_default();
        let message = format!(
            "{message}; It's possible this PaymentMethod exists on one of your connected accounts, in which case you \
             should retry this request on that connected account. Learn more at \
             https://stripe.com/docs/connect/authentication"
        );
        self.0.fields.set("message", message);
        self
    }

    /// Used without a customer, or detached: it cannot be attached (core-payments 4.4.4).
    pub fn payment_method_not_attachable() -> Self {
        Self::invalid(
            "This PaymentMethod was previously used without being attached to a Customer or was detached from a \
             Customer, and may not be used again.",
        )
        .code(USED_WITHOUT_CUSTOMER)
    }

    /// A type that can only be used once (core-payments 4.4.13).
    pub fn payment_method_type_not_saved(kind: &str) -> Self {
        Self::invalid(format!("PaymentMethods of type `{kind}` cannot be saved to customers."))
    }

    /// Detaching a payment method that is not attached (core-payments 4.5.2).
    pub fn payment_method_not_attached() -> Self {
        Self::invalid("The payment method you provided is not attached to a customer so detachment is impossible.")
    }

    /// Updating a payment method that is not attached (core-payments 4.6.2).
    pub fn payment_method_not_saved() -> Self {
        Self::invalid("You must save this PaymentMethod to a customer before you can update it.")
    }

    /// A payment method of another customer (core-payments 4.9.9).
    pub fn payment_method_of_other_customer() -> Self {
        Self::about_param("customer", "Invalid request").status_code(404)
    }
}

/// Using (core-payments 4.7, intents-and-checkout 1.5).
impl ApiError {
    /// A payment method of the platform, used in a connected account (connect-accounts 7.1).
    #[must_use]
    pub fn about_platform_method(mut self) -> Self {
        let message = self.field("message").unwrap_or_default();
        let message = format!(
            "{message}; OAuth key or Stripe-Account header was used but API request was provided with a platform-owned \
             payment method ID. Please ensure that the provided payment method matches the specified account."
        );
        self.0.fields.set("message", message);
        self
    }

    /// Used without a customer, or detached: it cannot be used again (core-payments 4.7.2).
    pub fn payment_method_consumed() -> Self {
        Self::invalid(
            "The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment, shared \
             with a connected account without Customer attachment, or was detached from a Customer. It may not be \
             used again. To use a PaymentMethod multiple times, you must attach it to a Customer first.",
        )
        .code(USED_WITHOUT_CUSTOMER)
    }

    /// Attached, and used without its customer (core-payments 4.7.5).
    pub fn payment_method_needs_customer(id: &str, owner: &str) -> Self {
        Self::about_param(
            "source",
            format!(
                "The `payment_method` parameter supplied {id} belongs to the Customer {owner}. Please include the \
                 Customer in the `customer` parameter on the PaymentIntent."
            ),
        )
        .code("parameter_missing")
    }

    /// Used with a customer that it is not attached to (core-payments 4.7.6).
    pub fn payment_method_not_owned(id: &str, customer: &str) -> Self {
        Self::about_param(
            "payment_method",
            format!(
                "The PaymentMethod {id} does not belong to the Customer you supplied {customer}. Please use this \
                 PaymentMethod with the Customer that it belongs to instead."
            ),
        )
    }
}
