//! Errors about the verification of people (connect-accounts 11).

use super::ApiError;

impl ApiError {
    /// A session is to fail by a check that it does not make; a sentence of the control API.
    pub fn verification_not_checked(code: &str) -> Self {
        Self::invalid(format!("This session does not check what fails with `{code}`."))
    }

    /// A session whose data is gone, or is about to be; the wording is not recorded.
    pub fn verification_redacted() -> Self {
        Self::invalid("This verification session is redacted, so that it can be used for nothing any more.")
    }
}
