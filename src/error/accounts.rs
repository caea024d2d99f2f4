//! Errors about accounts (billing 6).

use super::ApiError;

impl ApiError {
    /// A connected account cannot have accounts of its own (billing 6.3).
    pub fn not_a_platform() -> Self {
        Self::invalid(
            "You can only create new accounts if you've signed up for Connect, which you can learn how to do at \
             https://stripe.com/docs/connect.",
        )
    }

    /// The path names another account than the `Stripe-Account` header (billing 6.3).
    pub fn account_not_of_header() -> Self {
        Self::invalid(
            "The account specified in the path of /v1/accounts/:account does not match the account specified in the \
             Stripe-Account header.",
        )
    }

    /// The platform is not a connected account; the wording is not recorded.
    pub fn own_account() -> Self {
        Self::invalid("You cannot use this method on your own account: you may only use it on connected accounts.")
    }
}
