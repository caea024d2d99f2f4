//! Errors about entitlements (billing 5.7, billing-2 11.6).

use super::ApiError;

impl ApiError {
    /// An archived feature for a product; no wording is recorded (billing-2 11.6).
    pub fn feature_is_archived(feature: &str) -> Self {
        Self::about_param(
            "entitlement_feature",
            format!("The feature `{feature}` is archived: it cannot be attached to products."),
        )
    }

    /// A feedback option that customers are no longer offered; no wording is recorded.
    pub fn feedback_option_is_inactive(param: Option<&str>) -> Self {
        let error = Self::invalid("This feedback option has been deactivated.");
        match param {
            Some(param) => error.param(param.to_owned()),
            None => error,
        }
    }

    /// A feature that the product has already; no wording is recorded (billing-2 11.6).
    pub fn feature_is_attached(feature: &str, product: &str) -> Self {
        let message = format!("The product `{product}` has the feature `{feature}` already.");
        Self::about_param("entitlement_feature", message)
    }
}
