//! Errors about products, prices, plans, coupons, promotion codes and tax rates (billing 1).

use super::ApiError;

impl ApiError {
    /// A default price that is another product's (billing 1.1).
    pub fn default_price_of_other_product(price: &str) -> Self {
        Self::about_param("default_price", format!("The price `{price}` does not belong to this product."))
    }

    /// A product with prices cannot be deleted (billing 1.1).
    pub fn product_has_prices() -> Self {
        Self::invalid("This product cannot be deleted because it has one or more user-created prices.")
    }

    /// A price without a product (billing 1.2).
    pub fn price_needs_product() -> Self {
        Self::invalid("You must specify either `product` or `product_data` when creating a price.")
    }

    /// A price without an amount (billing 1.2).
    pub fn price_needs_amount() -> Self {
        Self::invalid("Prices require an `unit_amount` or `unit_amount_decimal` parameter to be set.")
    }

    /// Tiers of a one-time price (billing 1.2).
    pub fn tiers_of_one_time_price() -> Self {
        Self::about_param("interval", "Prices with `type=one_time` are not supported with tiered billing.")
    }

    /// Tiers of a price whose `billing_scheme` is not `tiered` (billing 1.2).
    pub fn tiers_need_scheme() -> Self {
        Self::about_param("tiers", "Tiers may only be specified when `billing_scheme=tiered`.")
    }

    /// A tier without an amount (billing 1.2).
    pub fn tier_without_amount() -> Self {
        Self::about_param("tiers", "An entry in the tiers array is missing an amount.")
    }

    /// Tiers that leave a quantity without a price, or give one quantity two prices (billing 1.2).
    pub fn tiers_out_of_order() -> Self {
        Self::about_param(
            "tiers",
            "Tiers must be in ascending order of `up_to`, and the `up_to` of the last one must be `inf`.",
        )
    }

    /// A metered price without a meter (billing 1.2).
    pub fn metered_price_needs_meter() -> Self {
        Self::invalid("Starting with Stripe version `2025-03-31.basil`, metered prices must be backed by meters.")
    }

    /// An interval that is too long (billing 1.2); `adverb` is `daily`, `weekly`, `monthly` or `yearly`.
    pub fn interval_too_long(adverb: &str, longest: i64) -> Self {
        Self::about_param(
            "recurring[interval_count]",
            format!("The interval_count for {adverb} prices can't be greater than {longest}"),
        )
    }

    /// A lookup key that another price has (billing 1.2).
    pub fn lookup_key_taken(price: &str) -> Self {
        Self::about_param("lookup_key", format!("A price (`{price}`) already uses that lookup key."))
    }

    /// A product's default price cannot be archived (billing 1.2).
    pub fn price_is_default() -> Self {
        Self::invalid("This price cannot be archived because it is the default price of its product.")
    }

    /// The tax behavior of a price can only be set once (billing 1.2).
    pub fn price_tax_behavior_is_set() -> Self {
        Self::about_param("tax_behavior", "The `tax_behavior` of a price cannot be changed once it is set.")
    }

    /// Turns an error about a price into one about the plan that was sent (billing 1.3).
    #[must_use]
    pub fn about_plan(mut self) -> Self {
        let renamed = match self.field("param") {
            Some("unit_amount") => Some("amount"),
            Some("unit_amount_decimal") => Some("amount_decimal"),
            Some("recurring[interval_count]") => Some("interval_count"),
            Some("recurring[meter]") => Some("meter"),
            _ => None,
        };
        if let Some(param) = renamed {
            self = self.param(param);
        }
        self
    }

    /// A plan of a product that is not a service (billing 1.1).
    pub fn plan_of_good(product: &str, kind: &str) -> Self {
        Self::about_param(
            "product",
            format!(
                "Plans may only be created with products of type `service`, but the supplied product (`{product}`) had \
                 type `{kind}`."
            ),
        )
    }

    /// A plan without an amount (billing 1.3).
    pub fn plan_needs_amount() -> Self {
        Self::about_param("amount", "Plans require an `amount` parameter to be set.")
    }

    /// A coupon that takes nothing off (billing 1.4).
    pub fn coupon_needs_amount() -> Self {
        Self::invalid("Must provide percent_off or amount_off.").code("parameter_missing")
    }

    /// A coupon with two kinds of discount (billing 1.4).
    pub fn coupon_has_both() -> Self {
        Self::invalid("Received both percent_off and amount_off parameters. Please pass in only one.")
    }

    /// An `amount_off` without a currency (billing 1.4).
    pub fn coupon_needs_currency() -> Self {
        Self::about_param("currency", "You must pass currency when passing amount_off")
    }

    /// A repeating coupon without an end (billing 1.4).
    pub fn coupon_needs_months() -> Self {
        Self::about_param(
            "duration",
            "The duration_in_months param must be set when creating a coupon with a repeating duration",
        )
    }

    /// Months of a coupon that does not repeat (billing 1.4).
    pub fn coupon_months_without_repeating() -> Self {
        Self::about_param(
            "duration_in_months",
            "The duration_in_months param may only be set when creating a coupon with a repeating duration",
        )
    }

    /// A coupon that can no longer be redeemed (billing 1.4).
    pub fn coupon_expired(coupon: &str, param: &str) -> Self {
        Self::about_param(param.to_owned(), format!("Coupon expired: {coupon}")).code("coupon_expired")
    }

    /// A coupon for several months on something that is billed once (billing-2 8.1).
    pub fn coupon_repeats(coupon: &str, param: &str) -> Self {
        let message = format!("Coupon {coupon} has `duration=repeating` and cannot be applied to one-time objects.");
        Self::about_param(param.to_owned(), message)
    }

    /// A coupon with an amount off in other currencies (billing 1.4).
    pub fn coupon_currency(coupon: &str, currency: &str, param: &str) -> Self {
        Self::about_param(param.to_owned(), format!("The coupon {coupon} takes nothing off an amount in {currency}."))
    }

    /// The same discount twice in a list (billing 1.6).
    pub fn discount_twice(param: &str) -> Self {
        Self::about_param(param.to_owned(), "This discount is in the list already.")
    }

    /// A promotion code that cannot be redeemed (billing 1.5).
    pub fn promotion_code_inactive(param: &str) -> Self {
        Self::about_param(param.to_owned(), "This promotion code, or its coupon, can no longer be redeemed.")
    }

    /// A promotion code of another customer (billing 1.5).
    pub fn promotion_code_of_other_customer(param: &str) -> Self {
        Self::about_param(param.to_owned(), "This promotion code can only be redeemed by another customer.")
    }

    /// A promotion code for first purchases (billing 1.5).
    pub fn promotion_code_not_first(param: &str) -> Self {
        Self::about_param(
            param.to_owned(),
            "This promotion code cannot be redeemed because the associated customer has prior transactions.",
        )
    }

    /// A promotion code for larger amounts (billing 1.5).
    pub fn promotion_code_below_minimum(param: &str) -> Self {
        Self::about_param(
            param.to_owned(),
            "This promotion code cannot be redeemed because the amount is below its `minimum_amount`.",
        )
    }

    /// A promotion code without a coupon (billing 1.5).
    pub fn promotion_needs_coupon() -> Self {
        Self::about_param("promotion.coupon", "You must pass promotion.coupon when passing promotion")
    }

    /// A minimum amount without a currency (billing 1.5).
    pub fn promotion_minimum_needs_currency() -> Self {
        Self::invalid("You must pass minimum_amount_currency when passing minimum_amount")
    }

    /// A promotion code that expires after its coupon can no longer be redeemed (billing 1.5).
    pub fn promotion_outlives_coupon(param: &'static str) -> Self {
        Self::about_param(param, format!("The `{param}` of a promotion code cannot go beyond that of its coupon."))
    }

    /// A code with characters other than `A-Z a-z 0-9 - _` (billing 1.5).
    pub fn promotion_code_invalid(code: &str) -> Self {
        let message = format!(
            r"This value must match the regex pattern. (/\A[a-zA-Z0-9\-_]+\z/ does not match for the value {code})."
        );
        Self::about_param("code", message)
    }

    /// A code that another active promotion code has (billing 1.5).
    pub fn promotion_code_taken(code: &str) -> Self {
        Self::invalid(format!("An active promotion code with `code: {code}` already exists."))
    }

    /// A promotion code that can no longer be redeemed, or whose coupon cannot (billing 1.5).
    pub fn promotion_code_spent() -> Self {
        Self::about_param(
            "active",
            "This promotion code cannot be activated because it, or its coupon, can no longer be redeemed.",
        )
    }
}
