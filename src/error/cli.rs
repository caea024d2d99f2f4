//! Errors about the Stripe CLI's own calls (platform 3).

use super::{ApiError, ErrorType};

impl ApiError {
    /// The limit of CLI sessions is reached (platform 3.2).
    pub fn cli_listeners_too_many(most: usize) -> Self {
        Self::new(429, ErrorType::InvalidRequest, format!("Pinstripe serves at most {most} listening CLIs at once."))
    }

    /// A session for something that is not sent, such as thin events.
    pub fn cli_feature_unknown(feature: &str) -> Self {
        Self::not_implemented_feature(&format!("`{feature}` for the Stripe CLI"))
    }

    /// Filters of `stripe logs tail` that cannot be read; `why` says what is wrong with them.
    pub fn cli_filters_invalid(why: &str) -> Self {
        Self::about_param("filters", format!("Invalid filters: {why}"))
    }
}
