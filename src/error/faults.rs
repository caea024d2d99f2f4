//! Errors that a server may answer at any time, for faults on demand (core-payments 1.3, platform 6).

use super::{ApiError, ErrorType};
use crate::faults::Failure;

impl ApiError {
    /// The error that a fault requests (core-payments 1.3).
    pub fn fault(failure: Failure) -> Self {
        match failure {
            Failure::RateLimit => Self::invalid(
                "Testmode request rate limit exceeded, the rate limits in testmode are lower than livemode. You can \
                 learn more about rate limits here https://stripe.com/docs/rate-limits.",
            )
            .status_code(429)
            .code("rate_limit"),
            Failure::LockTimeout => Self::invalid(
                "This object cannot be accessed right now because another API request or Stripe process is currently \
                 accessing it. If you see this error intermittently, retry the request. If you see this error \
                 frequently and are making multiple concurrent requests to a single object, make your requests \
                 serially or at a lower rate. For more details, see https://stripe.com/docs/rate-limits#object-lock-timeouts.",
            )
            .status_code(429)
            .code("lock_timeout"),
            Failure::ApiError => Self::internal(),
            Failure::Unavailable => Self::new(503, ErrorType::Api, "An unknown error occurred"),
        }
    }
}
