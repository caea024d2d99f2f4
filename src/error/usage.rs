//! Errors about meters, their events, alerts and credits (billing 5.1).

use super::{ApiError, ErrorType};
use crate::time::calendar::{DAY, HOUR};

impl ApiError {
    /// An event name of another active meter (billing 5.1); the wording is not recorded.
    pub fn meter_event_name_taken(event_name: &str) -> Self {
        Self::about_param("event_name", format!("An active meter has the event name '{event_name}' already."))
    }

    /// A meter is activated or deactivated twice; the wording is not recorded.
    pub fn meter_is_already(meter: &str, status: &str) -> Self {
        Self::invalid(format!("The meter {meter} is already {status}."))
    }

    /// A price or an alert of a meter that takes no events; the wording is not recorded.
    pub fn meter_inactive(meter: &str, param: &str) -> Self {
        Self::about_param(param.to_owned(), format!("The meter {meter} is inactive."))
    }

    /// An identifier that was used in the last 24 hours (billing 5.1); the wording is not recorded.
    pub fn meter_event_exists(identifier: &str) -> Self {
        Self::about_param("identifier", format!("An event already exists with identifier {identifier}."))
    }

    /// An event with a time that is too far away (billing 5.1); the wording is that of the reports.
    pub fn meter_event_time(says: &'static str) -> Self {
        Self::about_param("timestamp", says)
    }

    /// An event that the second namespace refuses at once (billing 5.1). `code` is the code of the reports, and `says` its
    /// meaning.
    pub fn meter_event_refused(code: &'static str, says: &'static str) -> Self {
        let param = if code.starts_with("timestamp_") { "timestamp" } else { "payload" };
        Self::about_param(param, says).code(code)
    }

    /// A payload with too many keys; the wording is not recorded.
    pub fn meter_payload_too_many_keys(keys_max: usize) -> Self {
        Self::about_param("payload", format!("The payload can have at most {keys_max} keys."))
    }

    /// More events than the server keeps.
    pub fn meter_events_too_many(events_max: usize) -> Self {
        let message = format!("This server keeps at most {events_max} meter events of an account.");
        Self::new(429, ErrorType::InvalidRequest, message)
    }

    /// An event that was taken back before; the wording is not recorded.
    pub fn meter_event_canceled(identifier: &str) -> Self {
        Self::about_param("cancel[identifier]", format!("The event with identifier {identifier} was canceled already."))
    }

    /// Usage of a period that was billed (billing-2 11.2).
    pub fn usage_record_too_old() -> Self {
        Self::about_param(
            "timestamp",
            "Cannot create the usage record with this timestamp because timestamps must be after the subscription's last \
             invoice period (or current period start time).",
        )
    }

    /// A bound of a summary between two windows (billing 5.1): `seconds` is the length of a window. The wording is not recorded.
    pub fn summary_time_unaligned(param: &'static str, seconds: i64) -> Self {
        let unit = match seconds {
            DAY => "day",
            HOUR => "hour",
            _ => "minute",
        };
        Self::about_param(param, format!("The `{param}` must be aligned with {unit} boundaries (UTC)."))
    }

    /// A grant that was voided or has expired (billing-2 11.2); `how` says which. The wording is not recorded.
    pub fn credit_grant_over(grant: &str, how: &str) -> Self {
        Self::invalid(format!("The credit grant {grant} is {how} already."))
    }

    /// A grant that pays for something cannot be voided (billing-2 11.2); the wording is not recorded.
    pub fn credit_grant_used(grant: &str) -> Self {
        Self::invalid(format!("The credit grant {grant} was applied to an invoice, so that it cannot be voided."))
    }

    /// More grants with something left than a customer may have; the wording is not recorded.
    pub fn credit_grants_too_many(grants_max: usize) -> Self {
        Self::about_param("customer", format!("A customer can have at most {grants_max} unused credit grants."))
    }

    /// A grant for a price without a meter (billing-2 11.2); the wording is not recorded.
    pub fn credit_for_unmetered(price: &str, param: &str) -> Self {
        Self::about_param(
            param.to_owned(),
            format!("The price {price} has no meter; credits pay for metered prices alone."),
        )
    }

    /// A grant that ends before it can be used; the wording is not recorded.
    pub fn credit_ends_before_it_begins() -> Self {
        Self::about_param("expires_at", "The `expires_at` must be later than the `effective_at`.")
    }

    /// An alert that does not become what is asked for; the wording is not recorded.
    pub fn alert_is(alert: &str, status: &str) -> Self {
        Self::invalid(format!("The alert {alert} is {status}."))
    }

    /// More alerts than a customer may have on a meter (billing-2 11.2); the wording is not recorded.
    pub fn alerts_too_many(alerts_max: usize) -> Self {
        Self::about_param(
            "usage_threshold[meter]",
            format!("There can be at most {alerts_max} alerts for a meter and a customer."),
        )
    }

    /// A stream of meter events without the token of a session (billing 5.1); the wording is not recorded.
    pub fn meter_stream_needs_token() -> Self {
        let message = "A meter event stream is authenticated with the `authentication_token` of a meter event session.";
        Self::new(401, ErrorType::InvalidRequest, message)
    }

    /// The token of a session that is over, or of none (billing 5.1); the wording is not recorded.
    pub fn meter_session_expired() -> Self {
        Self::new(401, ErrorType::InvalidRequest, "The meter event session has expired; create a new one.")
            .code("billing_meter_event_session_expired")
    }
}
