//! Errors about bank debits, redirects and other payments that are completed outside of the shop (core-payments 7.6,
//! intents-and-checkout 1.7).

use super::ApiError;

/// Payments that fail at the bank or the wallet.
impl ApiError {
    /// The bank refused the debit with this code.
    pub fn debit_failed(code: &'static str) -> Self {
        let message = match code {
            "account_closed" => "The customer's bank account has been closed.",
            "no_account" => "The customer's bank account could not be located.",
            "insufficient_funds" => "The customer's account has insufficient funds to cover this payment.",
            "debit_not_authorized" => "The customer has notified their bank that this payment was unauthorized.",
            "invalid_currency" => "The bank account does not take payments in this currency.",
            "refer_to_customer" => "The bank asks to refer to the customer.",
            "charge_exceeds_source_limit" | "charge_exceeds_weekly_limit" => {
                "This payment exceeds the amount that may be collected from this bank account in a week."
            }
            "charge_exceeds_transaction_limit" => {
                "This payment exceeds the amount that may be collected from this bank account at once."
            }
            "tokenized_account_number_deactivated" => "The tokenized account number has been deactivated.",
            _ => "The payment failed.",
        };
        Self::invalid(message).code(code)
    }

    /// The customer closed Affirm's page, or Affirm refused them (recorded).
    pub fn affirm_checkout_canceled() -> Self {
        Self::payment_attempt_failed().with("decline_code", "affirm_checkout_canceled")
    }

    /// A voucher or a code expired; the wording is not recorded.
    pub fn payment_attempt_expired() -> Self {
        Self::invalid("The payment attempt has expired.").code("payment_intent_payment_attempt_expired")
    }

    /// A payment that failed without a reason (recorded of a SEPA debit).
    pub fn payment_attempt_failed() -> Self {
        Self::invalid("The payment failed.").code("payment_intent_payment_attempt_failed")
    }
}

/// Requirements of a type of payment method.
impl ApiError {
    /// A debit without a mandate (recorded).
    pub fn intent_needs_mandate() -> Self {
        Self::invalid(
            "This PaymentIntent requires a mandate, but no existing mandate was found. Collect mandate acceptance from \
             the customer and try again, providing acceptance data in the mandate_data parameter.",
        )
    }

    /// A debit that is saved for later payments, without a mandate (intents-and-checkout 1.2).
    pub fn intent_setup_needs_mandate(kind: &str) -> Self {
        Self::invalid(format!(
            "When confirming a PaymentIntent with a `{kind}` PaymentMethod and `setup_future_usage`, `mandate_data` is required."
        ))
    }

    /// A type that does not support the intent's currency.
    pub fn intent_currency_unsupported(kind: &str, currency: &str, supported: &[&str]) -> Self {
        Self::about_param(
            "currency",
            format!(
                "The currency provided ({currency}) is invalid. Payments with {kind} support the following currencies: \
                 {}.",
                supported.join(", ")
            ),
        )
        .code("payment_intent_invalid_currency")
    }

    /// Types that do not support the currency of an intent; each type with its currencies (intents-and-checkout 1.4).
    pub fn intent_types_refuse_currency(currency: &str, types: &[(&str, &[&str])]) -> Self {
        let only = |(kind, currencies): &(&str, &[&str])| {
            format!(
                " The payment method type {kind} only supports the following currencies: {}.",
                currencies.join(", ")
            )
        };
        let only: Vec<String> = types.iter().map(only).collect();
        Self::invalid(format!(
            "The currency provided ({currency}) is invalid for one or more payment method types on this PaymentIntent.{} \
             Either correct the provided currency, or use a different PaymentIntent to accept this payment method \
             type.",
            only.concat()
        ))
    }

    /// Types that are captured at once, on an intent that is captured later (intents-and-checkout 1.4).
    pub fn intent_types_not_held(types: &[&str]) -> Self {
        let types: Vec<String> = types.iter().map(|kind| format!("\"{kind}\"")).collect();
        Self::invalid(format!(
            "The following payment method types [{}] can only be used with PaymentIntents that have \
             capture_method=automatic. Please retry by creating a PaymentIntent with capture_method=automatic.",
            types.join(", ")
        ))
    }

    /// A type that cannot be captured later; no wording is recorded.
    pub fn intent_type_not_held(kind: &str) -> Self {
        Self::about_param(
            "capture_method",
            format!("Payments with {kind} are captured at once: `capture_method` cannot be `manual`."),
        )
        .code("payment_intent_invalid_parameter")
    }

    /// A type that cannot be saved; no wording is recorded.
    pub fn intent_type_not_saved(kind: &str) -> Self {
        Self::about_param("setup_future_usage", format!("PaymentMethods of type {kind} cannot be saved to customers."))
            .code("payment_intent_invalid_parameter")
    }

    /// A redirect without a `return_url`; no wording is recorded.
    pub fn intent_redirect_needs_return_url(kind: &str) -> Self {
        Self::about_param(
            "return_url",
            format!("A `return_url` must be specified: payments with {kind} take the customer to another page."),
        )
        .code("payment_intent_redirect_confirmation_without_return_url")
    }

    /// A bank transfer without a customer; no wording is recorded.
    pub fn intent_transfer_needs_customer() -> Self {
        Self::about_param("customer", "Payments with customer_balance require a `customer`.").code("parameter_missing")
    }
}

/// Cash balances and bank transfers (core-payments 3.8); no wording is recorded.
impl ApiError {
    /// The cash balance is smaller than the amount.
    pub fn cash_balance_insufficient() -> Self {
        Self::invalid("The customer's cash balance is not sufficient for this payment.").code("insufficient_funds")
    }

    /// An intent of another type or status cannot use a cash balance.
    pub fn intent_cannot_apply_balance(status: &str) -> Self {
        Self::invalid(format!(
            "You cannot apply a customer's cash balance to this PaymentIntent because it has a status of {status} or \
             does not wait for a bank transfer."
        ))
        .code("payment_intent_unexpected_state")
    }

    /// A currency that is not the intent's.
    pub fn apply_balance_currency(currency: &str, own: &str) -> Self {
        Self::about_param("currency", format!("The currency {currency} is not the PaymentIntent's, which is {own}."))
    }

    /// An amount other than what is left to pay.
    pub fn apply_balance_amount(lacking: i64, currency: &str) -> Self {
        let lacking = crate::money::display(lacking, currency);
        Self::about_param("amount", format!("The amount remaining on this PaymentIntent is {lacking}."))
    }

    /// A currency without bank transfers.
    pub fn transfer_currency_unsupported(currency: &str, supported: &[&str]) -> Self {
        Self::about_param(
            "currency",
            format!("Bank transfers in {currency} are not supported; they are in {}.", supported.join(", ")),
        )
    }

    /// A type of bank transfer that does not support the currency.
    pub fn transfer_kind_of_other_currency(kind: &str, currency: &str) -> Self {
        Self::about_param("bank_transfer[type]", format!("A {kind} does not carry {currency}."))
    }

    /// A country without virtual bank accounts.
    pub fn transfer_country_unsupported(country: &str, supported: &[&str]) -> Self {
        Self::about_param(
            "bank_transfer[eu_bank_transfer][country]",
            format!("There are no accounts in {country}; there are in {}.", supported.join(", ")),
        )
    }

    /// A bank transfer that a test helper should fail: a transfer only arrives, or does not.
    pub fn transfer_cannot_fail() -> Self {
        Self::invalid("A bank transfer arrives or does not: cancel the PaymentIntent instead.")
    }

    /// A customer whose cash balance is, or was, used.
    pub fn customer_has_cash_balance(customer: &str) -> Self {
        Self::invalid(format!("Customer {customer} cannot be deleted because it has a cash balance."))
    }
}
