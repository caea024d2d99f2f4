//! Errors about bank debits, redirects and what else is paid away from the shop (cp 7.6, ic 1.7).

use super::ApiError;

/// Payments that the customer's bank sends back.
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

    /// A payment that failed and nobody said why (recorded of a SEPA debit).
    pub fn payment_attempt_failed() -> Self {
        Self::invalid("The payment failed.").code("payment_intent_payment_attempt_failed")
    }
}
