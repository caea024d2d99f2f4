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
    pub fn registration_state_unknown(param: &'static str, value: &str) -> Self {
        Self::about_param(param, format!("`{value}` is not a state or province with such a registration."))
    }

    /// A registration that ends before it begins; no wording is recorded (billing-2 9.5).
    pub fn registration_ends_before_it_begins() -> Self {
        Self::about_param("expires_at", "The `expires_at` of a registration must be after its `active_from`.")
    }
}
