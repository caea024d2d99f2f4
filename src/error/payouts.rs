//! Errors about payouts, top-ups and their bank accounts (core-payments 9.4, billing 6.7).

use super::ApiError;

impl ApiError {
    /// No external account for the payout (core-payments 9.4.6).
    pub fn no_external_account(currency: &str) -> Self {
        Self::invalid(format!("Sorry, you don't have any external accounts in that currency ({currency})."))
    }

    /// More than the available balance (core-payments 9.4.7, connect-accounts 7.1); `source_type` is the part of the balance.
    pub fn balance_insufficient(source_type: &str) -> Self {
        Self::invalid(format!(
            "You have insufficient funds in your Stripe account for this transfer. Your {source_type} balance is too low.  \
             You can use the /v1/balance endpoint to view your Stripe balance (for more details, see \
             stripe.com/docs/api#balance)."
        ))
        .code("balance_insufficient")
    }

    /// The bank does not support instant payouts (core-payments 7.6); the wording is not recorded.
    pub fn instant_payouts_unsupported() -> Self {
        Self::about_param("method", "This external account is not eligible for instant payouts.")
            .code("instant_payouts_unsupported")
    }

    /// More than an instant payout may be (connect-accounts 7.1).
    /// `destinations` are `bank accounts` or `debit cards`.
    pub fn instant_payout_too_large(destinations: &str) -> Self {
        Self::invalid(format!(
            "Instant Payouts to {destinations} are only supported for amounts less than or equal to $9999"
        ))
    }

    /// A day of a payout schedule that no month has; the wording is not recorded.
    pub fn payout_day_invalid(param: &'static str) -> Self {
        Self::about_param(param, "Days of the month must be between 1 and 31.")
    }

    /// The payout is in transit or finished (core-payments 9.4.9, billing 6.7); the wording is not recorded.
    pub fn payout_not_cancelable(status: &str) -> Self {
        Self::invalid(format!(
            "Payouts can only be canceled while they are pending and were created manually. This payout is {status}."
        ))
        .code("payouts_not_allowed")
    }

    /// The payout cannot be reversed (core-payments 9.4.9, billing 6.7); the wording is not recorded.
    pub fn payout_not_reversible() -> Self {
        Self::invalid(
            "Only paid payouts of connected accounts to bank accounts in the United States or Canada can be reversed, and \
             only once.",
        )
        .code("payouts_not_allowed")
    }

    /// A list of balance transactions of a payout that is not automatic (the documentation of `payout` on balance
    /// transactions).
    pub fn payout_is_manual() -> Self {
        Self::invalid("Balance transaction history can only be filtered on automatic transfers, not manual.")
    }

    /// A card without a currency cannot be paid out to (connect-accounts 5).
    pub fn external_card_lacks_currency(param: &'static str) -> Self {
        Self::about_param(
            param,
            "You must provide a card that has the 'currency' field set when adding a card to a Stripe account.",
        )
    }

    /// Only a debit card can be paid out to (connect-accounts 5).
    pub fn external_card_is_no_debit_card(param: &'static str) -> Self {
        Self::about_param(param, "This card doesn't appear to be a debit card.").code("invalid_card_type")
    }

    /// A card in a currency in which its account's country does not pay out; the wording is not recorded.
    pub fn external_card_currency(param: &'static str, currency: &str, country: &str) -> Self {
        Self::about_param(param, format!("Accounts in {country} are not paid out to cards in {currency}."))
    }

    /// The default account of a currency cannot be deleted; the wording is not recorded.
    pub fn external_account_is_default() -> Self {
        Self::invalid(
            "You cannot delete the default external account for your currency. Please make another external account the \
             default using the `default_for_currency` param, and then delete this one.",
        )
    }

    /// The top-up is finished (the documentation of canceling a top-up); the wording is not recorded.
    pub fn topup_not_cancelable(status: &str) -> Self {
        Self::invalid(format!("Top-ups can only be canceled while they are pending. This top-up is {status}."))
    }

    /// Only a bank account can be debited; the wording is not recorded.
    pub fn topup_needs_bank_account() -> Self {
        Self::about_param("source", "A top-up can only be drawn from a bank account.")
    }
}

impl ApiError {
    /// The `failure_message` of a failed payout (billing 6.7, test bank numbers).
    pub fn payout_failure(code: &str) -> Option<&'static str> {
        Some(match code {
            "account_closed" => "The bank account has been closed.",
            "no_account" => {
                "The bank account details on file are probably incorrect. No bank account could be located with those details."
            }
            "insufficient_funds" => "Your Stripe account has insufficient funds to cover the payout.",
            "debit_not_authorized" => "Debit transactions are not approved on your bank account.",
            "invalid_currency" => "The bank was unable to process this payout because of its currency.",
            "could_not_process" => "The bank could not process this payout.",
            _ => return None,
        })
    }
}
