//! Products, prices, discounts, shipping rates and tax rates.

mod coupons;
mod plans;
mod prices;
pub(crate) mod products;
mod promotion_codes;
mod shipping_rates;
mod tax_rates;
