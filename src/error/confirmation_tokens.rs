//! Errors about confirmation tokens, ephemeral keys and customer sessions (intents-and-checkout 3.6).

use super::{ApiError, ErrorType};

/// Confirmation tokens; the wordings are not recorded.
impl ApiError {
    /// The token was used to confirm before.
    pub fn confirmation_token_used(id: &str) -> Self {
        Self::about_param(
            "confirmation_token",
            format!("You cannot use a ConfirmationToken more than once: {id}. Create a new ConfirmationToken."),
        )
    }

    /// Older than twelve hours.
    pub fn confirmation_token_expired(id: &str) -> Self {
        Self::about_param(
            "confirmation_token",
            format!("The ConfirmationToken {id} has expired. Create a new ConfirmationToken."),
        )
    }
}

/// Ephemeral keys.
impl ApiError {
    /// An ephemeral key is made for a client of one API version, which has to be sent (intents-and-checkout 3.6).
    pub fn ephemeral_key_needs_version() -> Self {
        Self::invalid(
            "You must specify an API version in the `Stripe-Version` header to create an ephemeral key: the version that \
             the client which will use the key expects.",
        )
    }

    /// A key that was deleted, has expired, or was never made here (as core-payments 1.1.6).
    pub fn key_expired(masked: &str) -> Self {
        Self::new(401, ErrorType::InvalidRequest, format!("Expired API Key provided: {masked}"))
            .code("api_key_expired")
            .unlogged()
    }

    /// A call about another customer than the key's; the wording is not recorded.
    pub fn ephemeral_key_of_other() -> Self {
        Self::new(
            403,
            ErrorType::InvalidRequest,
            "This ephemeral key does not have access to the requested object; it was made for another customer.",
        )
    }
}

/// Customer sessions.
impl ApiError {
    /// No component is enabled.
    pub fn customer_session_without_component() -> Self {
        Self::about_param("components", "At least one component must be enabled to create a customer session.")
    }

    /// The secret of a session that has ended; the wording is ours (intents-and-checkout 3.6).
    pub fn customer_session_ended(param: &'static str) -> Self {
        Self::about_param(param, "This customer session has expired. Create a new one.")
    }
}
