//! Errors of triggers: why an event cannot happen to an object.

use super::ApiError;

impl ApiError {
    /// A charge that did not succeed, is refunded, or is disputed already (core-payments 9.2).
    pub fn charge_not_disputable(id: &str) -> Self {
        Self::invalid(format!("{id} is not a captured charge that is neither fully refunded nor disputed already"))
    }

    /// A charge that can have no early fraud warning (core-payments 7.4).
    pub fn charge_not_warned_of(id: &str) -> Self {
        Self::invalid(format!("{id} is not a successful charge of a card"))
    }

    /// A refund that is finished, or that moved no money (core-payments 8.5).
    pub fn refund_not_out(id: &str) -> Self {
        Self::invalid(format!("{id} is not a refund whose money is on its way or arrived"))
    }

    /// A refund that does not wait for its customer (core-payments 8.2.2).
    pub fn refund_not_waiting(id: &str) -> Self {
        Self::invalid(format!("{id} is not a refund that waits for its customer"))
    }

    /// A payout that is finished, or was reversed (billing 6.7).
    pub fn payout_not_out(id: &str) -> Self {
        Self::invalid(format!("{id} is not a payout whose money is on its way or arrived"))
    }

    /// A customer that could subscribe to nothing (billing 2.2).
    pub fn nothing_to_subscribe_to(id: &str) -> Self {
        Self::invalid(format!("there is no active recurring price in the currency of {id}"))
    }

    /// A subscription whose trial is over, or that never had one (billing-2 4.3).
    pub fn subscription_not_in_trial(id: &str) -> Self {
        Self::invalid(format!("{id} is not a subscription in its trial"))
    }

    /// A subscription of which no further invoice comes (billing 4.4).
    pub fn subscription_not_renewing(id: &str) -> Self {
        Self::invalid(format!("{id} is not a subscription that renews"))
    }

    /// A subscription of which no change waits to be paid (billing-2 4.7).
    pub fn subscription_without_pending_update(id: &str) -> Self {
        Self::invalid(format!("{id} is not a subscription whose update waits to be paid"))
    }

    /// An invoice that was not sent, or is settled (billing-2 7).
    pub fn invoice_not_owed(id: &str) -> Self {
        Self::invalid(format!("{id} is not an open invoice that was sent and has a due date"))
    }
}
