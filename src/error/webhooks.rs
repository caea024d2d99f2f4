//! Errors about webhook endpoints and deliveries (platform 2, 3.5).

use super::ApiError;
use crate::receiver_url::UrlFault;

impl ApiError {
    /// The URL of a receiver is invalid (platform 2.1).
    pub fn webhook_url_invalid(fault: UrlFault) -> Self {
        let message = match fault {
            UrlFault::NoScheme => "Invalid URL: An explicit scheme (such as https) must be provided.",
            UrlFault::Invalid => "Not a valid URL",
        };
        Self::about_param("url", message).code("url_invalid")
    }

    /// The limit of endpoints of an account is reached (platform 2.1).
    pub fn webhook_endpoints_too_many(most: usize) -> Self {
        Self::invalid(format!("You have reached the maximum of {most} test webhook endpoints."))
    }
}
