//! Errors about tax: settings, registrations, calculations, transactions (billing-2 9).

use super::ApiError;

impl ApiError {
    /// Automatic tax without a head office in the tax settings (billing-2 9.5).
    pub fn tax_needs_head_office() -> Self {
        Self::invalid(
            "You must have a valid head office address to enable automatic tax calculation in test mode.  Visit \
             https://dashboard.stripe.com/test/settings/tax to update it.",
        )
    }

    /// A country without tax registrations; no wording is recorded (billing-2 9.5).
    pub fn registration_country_unsupported(country: &str) -> Self {
        Self::about_param("country", format!("There are no tax registrations in the country `{country}`."))
    }

    /// A registration without the options for its country; no wording is recorded (billing-2 9.5).
    pub fn registration_needs_options(country: &str) -> Self {
        let param = format!("country_options[{}]", country.to_lowercase());
        let message = format!("A registration in the country `{country}` needs `{param}`.");
        Self::about_param(param, message).code("parameter_missing")
    }

    /// A state or province without such a registration; no wording is recorded (billing-2 9.5).
    pub fn registration_state_unknown(param: String, value: &str) -> Self {
        Self::about_param(param, format!("`{value}` is not a state or province with such a registration."))
    }

    /// A registration that ends before it begins; no wording is recorded (billing-2 9.5).
    pub fn registration_ends_before_it_begins() -> Self {
        Self::about_param("expires_at", "The `expires_at` of a registration must be after its `active_from`.")
    }

    /// A calculation whose address is not enough (billing-2 9.4).
    pub fn calculation_location_invalid() -> Self {
        Self::tax_location_invalid().param("customer_details[address]")
    }

    /// A location whose address is not enough; no wording is recorded (billing-2 9.6).
    pub fn tax_location_imprecise() -> Self {
        Self::about_param("address", "The address is not precise enough to tell which taxes apply there.")
    }

    /// Two lines of a calculation with one reference; no wording is recorded (billing-2 9.6).
    pub fn tax_line_reference_taken(reference: &str) -> Self {
        Self::about_param("reference", format!("Another line item has the reference `{reference}`."))
    }

    /// A `tax_date` that is too far from now; no wording is recorded (billing-2 9.6).
    pub fn tax_date_too_far(days: i64) -> Self {
        Self::about_param("tax_date", format!("The `tax_date` must be within {days} days of now."))
    }

    /// A shipping rate without an amount in the currency of a calculation; no wording is recorded (billing-2 9.6).
    pub fn tax_shipping_without_currency(currency: &str) -> Self {
        Self::about_param("shipping_rate", format!("The shipping rate has no amount in `{currency}`."))
    }

    /// A `posted_at` before the `tax_date` or after now; no wording is recorded (billing-2 9.6).
    pub fn tax_posted_at_out_of_range() -> Self {
        Self::about_param("posted_at", "The `posted_at` must be between the `tax_date` of the calculation and now.")
    }

    /// A reference that another tax transaction has; no wording is recorded (billing-2 9.6).
    pub fn tax_reference_taken(reference: &str, transaction: &str) -> Self {
        Self::about_param(
            "reference",
            format!("The tax transaction `{transaction}` already has the reference `{reference}`."),
        )
    }

    /// A reversal of a reversal; no wording is recorded (billing-2 9.6).
    pub fn tax_reversal_of_reversal() -> Self {
        Self::about_param("original_transaction", "A reversal cannot be reversed.")
    }

    /// A reversal of what was fully reversed; no wording is recorded (billing-2 9.6).
    pub fn tax_already_reversed(transaction: &str) -> Self {
        Self::about_param(
            "original_transaction",
            format!("The tax transaction `{transaction}` has already been fully reversed."),
        )
    }

    /// One partial reversal too many; no wording is recorded (billing-2 9.6).
    pub fn tax_too_many_reversals(most: usize) -> Self {
        Self::about_param("original_transaction", format!("A tax transaction has at most {most} partial reversals."))
    }

    /// What a full reversal cannot have; no wording is recorded (billing-2 9.6).
    pub fn tax_reversal_is_full(param: &'static str) -> Self {
        Self::about_param(param, format!("`{param}` belongs to a reversal with `mode=partial`."))
    }

    /// A partial reversal without amounts; no wording is recorded (billing-2 9.6).
    pub fn tax_reversal_of_nothing() -> Self {
        Self::invalid("A reversal with `mode=partial` needs `line_items`, `shipping_cost` or `flat_amount`.")
            .code("parameter_missing")
    }

    /// An amount of a reversal that is not below zero; no wording is recorded (billing-2 9.6).
    pub fn tax_reversal_not_negative(param: &'static str) -> Self {
        Self::about_param(param, "The amounts of a reversal must be negative.")
    }

    /// A reversal of more than was collected; no wording is recorded (billing-2 9.6).
    pub fn tax_reversal_too_large(param: &'static str) -> Self {
        Self::about_param(param, "A reversal cannot exceed what is left of the original transaction.")
    }
}
