//! Errors about disputes (core-payments 9.1, 9.2).

use super::ApiError;

impl ApiError {
    /// A closed dispute cannot be changed (core-payments 9.2.12).
    pub fn dispute_closed() -> Self {
        Self::invalid("This dispute is already closed")
    }

    /// The charge has no dispute (core-payments 9.2.13).
    pub fn charge_without_dispute(charge: &str) -> Self {
        Self::invalid(format!("No dispute for charge: {charge}")).status_code(404)
    }

    /// More evidence than the limit; the wording is not recorded.
    pub fn evidence_too_long(characters_max: usize) -> Self {
        Self::about_param(
            "evidence",
            format!("The combined character count of all evidence fields is limited to {characters_max}."),
        )
    }
}
