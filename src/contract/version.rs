//! Which API versions are released, and from which one on a rule is as it is today (platform 6).
//!
//! May use: the catalogue's list of versions. Invariant: a [`Version`] was released.

use crate::catalogue::{API_VERSION, RELEASED_VERSIONS};
use crate::error::{ApiError, Result};

/// A released version, such as `2024-04-10` or `2026-10-28.endive`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(&'static str);

/// The first version in which a rule is as it is today.
#[derive(Clone, Copy, Debug)]
pub struct Gate(&'static str);

/// Intents take automatic payment methods unless told otherwise, so confirming needs a `return_url`.
pub const AUTOMATIC_PAYMENT_METHODS: Gate = Gate("2023-08-16");
/// A payment intent's `capture_method` is `automatic_async` unless told otherwise.
pub const CAPTURE_ASYNC: Gate = Gate("2024-04-10");
/// A setup intent's `usage` is `off_session`, whatever is asked for (intents-and-checkout 2.1); the version is that
/// of the recording.
pub const SETUP_USAGE_IGNORED: Gate = Gate("2026-08-26.dahlia");
/// A Checkout Session has a `mode`, makes a customer only if it needs one, and its intent when it is paid.
pub const CHECKOUT_LATE_INTENTS: Gate = Gate("2022-08-01");
/// Listing payment methods needs no `type`.
pub const PAYMENT_METHOD_LIST_ALL_TYPES: Gate = Gate("2022-11-15");
/// An id that the caller chooses has letters, digits, `_` and `-` alone.
pub const OWN_ID_CHARACTERS: Gate = Gate("2018-05-21");
/// A promotion code names its coupon inside `promotion`.
pub const PROMOTION: Gate = Gate("2025-09-30.clover");
/// A metered price needs a meter.
pub const METERED_NEEDS_METER: Gate = Gate("2025-03-31.basil");
/// Objects can be searched.
pub const SEARCH: Gate = Gate("2020-08-27");

impl Version {
    /// The newest version that the catalogue describes.
    pub fn newest() -> Self {
        Version(API_VERSION)
    }

    /// The version of this name.
    ///
    /// # Errors
    /// One that was never released (core-payments 1.11).
    pub fn parse(name: &str) -> Result<Self> {
        RELEASED_VERSIONS
            .iter()
            .copied()
            .find(|released| *released == name)
            .map(Version)
            .ok_or_else(|| ApiError::version_invalid(name))
    }

    /// Its name.
    pub fn as_str(self) -> &'static str {
        self.0
    }

    /// Whether a rule is as it is today.
    pub fn has(self, gate: Gate) -> bool {
        self.0 >= gate.0
    }

    /// Whether this version is older than the one of this name.
    pub fn is_before(self, name: &str) -> bool {
        self.0 < name
    }
}
