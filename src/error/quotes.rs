//! Errors about quotes; no wording of them is recorded (billing 5.2, billing-2 11.3).

use super::ApiError;

impl ApiError {
    /// A quote without a customer cannot be finalized or accepted (billing 5.2).
    pub fn quote_needs_customer() -> Self {
        Self::about_param("customer", "A quote needs a customer before it is finalized.")
    }

    /// A quote that offers nothing cannot be finalized (billing 5.2).
    pub fn quote_needs_lines() -> Self {
        Self::about_param("line_items", "A quote needs at least one line item before it is finalized.")
    }

    /// The customer of a quote stays (billing 5.2).
    pub fn quote_has_customer(quote: &str) -> Self {
        Self::about_param("customer", format!("The customer of the quote `{quote}` cannot be changed."))
    }

    /// Recurring lines that are billed at different times (billing 5.2).
    pub fn quote_intervals_differ() -> Self {
        Self::about_param("line_items", "All recurring line items of a quote must have the same billing interval.")
    }

    /// A revision of a quote that is not open (billing-2 11.3).
    pub fn quote_cannot_be_revised(quote: &str) -> Self {
        Self::about_param(
            "from_quote[quote]",
            format!("The quote `{quote}` is not open: only an open quote can be revised."),
        )
    }
}
