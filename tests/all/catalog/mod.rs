//! Products, prices, discounts and tax rates.

mod coupons;
mod plans;
mod prices;
pub(crate) mod products;
mod promotion_codes;
mod tax_rates;
