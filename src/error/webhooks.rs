//! Errors about webhook endpoints and deliveries (platform 2, 3.5).

use super::ApiError;

impl ApiError {
    /// The limit of endpoints of an account is reached (platform 2.1).
    pub fn webhook_endpoints_too_many(most: usize) -> Self {
        Self::invalid(format!("You have reached the maximum of {most} test webhook endpoints."))
    }
}
