//! Errors about money between accounts (billing 6).

use super::ApiError;
use crate::money;

/// Transfers.
impl ApiError {
    /// The destination of a transfer is the account itself (billing 6.5).
    pub fn destination_is_own(param: &str) -> Self {
        Self::about_param(param.to_owned(), format!("The '{param}' param cannot be set to your own account."))
    }

    /// A destination that may not receive money (billing 6.3).
    pub fn destination_without_capability() -> Self {
        Self::invalid(
            "Your destination account needs to have at least one of the following capabilities enabled: transfers, \
             crypto_transfers, legacy_payments",
        )
        .code("insufficient_capabilities_for_transfer")
    }

    /// A transfer that is larger than the payment (billing 6.4).
    pub fn transfer_data_too_large() -> Self {
        Self::about_param(
            "transfer_data[amount]",
            "The transfer amount cannot exceed the amount of the payment that it is taken from.",
        )
    }

    /// More than the available balance (billing 6.3).
    pub fn transfer_lacks_funds() -> Self {
        Self::invalid(
            "You have insufficient available funds in your Stripe account. Try adding funds directly to your available \
             balance by creating Charges using the 4000000000000077 test card. See: \
             https://stripe.com/docs/testing#available-balance",
        )
        .code("balance_insufficient")
    }

    /// The source transaction of a transfer did not succeed (billing 6.5).
    pub fn transfer_source_without_money(charge: &str) -> Self {
        Self::about_param(
            "source_transaction",
            format!("Charge {charge} has taken no money that could be transferred."),
        )
    }

    /// The source transaction of a transfer has another currency (billing 6.5).
    pub fn transfer_source_currency(source: &str, currency: &str) -> Self {
        Self::about_param(
            "currency",
            format!(
                "The currency of source_transaction's balance transaction ({source}) must be the same as the transfer currency ({currency})"
            ),
        )
    }

    /// More than is left of the source transaction (billing 6.5).
    pub fn transfer_exceeds_source(left: i64, currency: &str) -> Self {
        let left = money::display(left, currency);
        Self::about_param(
            "amount",
            format!(
                "The transfers of a source_transaction cannot exceed its amount; {left} has not been transferred yet."
            ),
        )
    }
}

/// Reversals and refunds of fees.
impl ApiError {
    /// The transfer was reversed completely before (billing 6.5).
    pub fn transfer_already_reversed(transfer: &str) -> Self {
        Self::invalid(format!("Transfer {transfer} is already fully reversed."))
    }

    /// More than is left to reverse (billing 6.5).
    pub fn reversal_too_large(amount: i64, left: i64, currency: &str) -> Self {
        let (amount, left) = (money::display(amount, currency), money::display(left, currency));
        Self::about_param(
            "amount",
            format!("Transfer reversal amount ({amount}) is greater than unreversed amount on transfer ({left})"),
        )
    }

    /// The fee was refunded completely before (billing 6.6).
    pub fn fee_already_refunded(fee: &str) -> Self {
        Self::invalid(format!("Application fee {fee} has already been refunded."))
    }
}
