//! Errors about webhook endpoints and deliveries (platform 2, 3.5).

use super::ApiError;
use super::params::echo;

impl ApiError {
    /// The limit of endpoints of an account is reached (platform 2.1).
    pub fn webhook_endpoints_too_many(most: usize) -> Self {
        Self::invalid(format!("You have reached the maximum of {most} test webhook endpoints."))
    }

    /// The account has as many destinations as the API allows; the wording is not recorded.
    pub fn event_destinations_too_many(most: usize) -> Self {
        Self::invalid(format!("You have reached the maximum of {most} event destinations."))
    }

    /// A parameter that describes a destination of another type.
    pub fn destination_part_of_other_type(part: &str) -> Self {
        Self::about_param(part.to_owned(), format!("`{part}` can only be set for destinations of `type={part}`."))
    }

    /// A version for events that show no object.
    pub fn thin_events_have_no_version(param: &str) -> Self {
        Self::about_param(param.to_owned(), format!("`{param}` can only be set when `event_payload` is `snapshot`."))
    }

    /// A version that was never released.
    pub fn destination_version_unknown(param: &str, version: &str) -> Self {
        Self::param_refused(param.to_owned(), format!("Invalid Stripe API version: {}", echo(version)))
    }

    /// A type that no event of the first namespace has.
    pub fn event_type_unknown(param: &str, name: &str) -> Self {
        Self::param_refused(param.to_owned(), format!("Invalid event type: {}", echo(name)))
    }
}
