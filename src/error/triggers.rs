//! Why something does not happen to an object: what a trigger is told.

use super::ApiError;

impl ApiError {
    /// A charge whose money was not taken, is given back, or is disputed already (core-payments 9.2).
    pub fn charge_not_disputable(id: &str) -> Self {
        Self::invalid(format!("{id} is not a captured charge that is neither fully refunded nor disputed already"))
    }

    /// A charge that no issuer of a card warns of (core-payments 7.4).
    pub fn charge_not_warned_of(id: &str) -> Self {
        Self::invalid(format!("{id} is not a successful charge of a card"))
    }

    /// A refund that has ended, or that moved no money (core-payments 8.5).
    pub fn refund_not_out(id: &str) -> Self {
        Self::invalid(format!("{id} is not a refund whose money is on its way or arrived"))
    }

    /// A refund whose customer was not asked where the money goes (core-payments 8.2.2).
    pub fn refund_not_waiting(id: &str) -> Self {
        Self::invalid(format!("{id} is not a refund that waits for its customer"))
    }

    /// A payout that has ended, or was called back (billing 6.7).
    pub fn payout_not_out(id: &str) -> Self {
        Self::invalid(format!("{id} is not a payout whose money is on its way or arrived"))
    }
}
