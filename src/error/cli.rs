//! Errors about what the Stripe CLI asks for besides the API (platform 3).

use super::{ApiError, ErrorType};

impl ApiError {
    /// As many CLI sessions are open as there may be (platform 3.2).
    pub fn cli_listeners_too_many(most: usize) -> Self {
        Self::new(429, ErrorType::InvalidRequest, format!("Pinstripe serves at most {most} listening CLIs at once."))
    }

    /// A session for something that is not sent, such as thin events.
    pub fn cli_feature_unknown(feature: &str) -> Self {
        Self::not_implemented_feature(&format!("`{feature}` for the Stripe CLI"))
    }

    /// Filters of `stripe logs tail` that are not understood; `why` says what is wrong with them.
    pub fn cli_filters_invalid(why: &str) -> Self {
        Self::about_param("filters", format!("Invalid filters: {why}"))
    }
}
