//! The catalog: products, prices, coupons, promotion codes, shipping rates and tax rates.
//!
//! May use: the state, the operations' signatures, the errors, other resources. Invariant: nothing here moves money;
//! whoever sells computes the amounts.

pub mod coupons;
pub mod discounts;
pub mod prices;
pub mod products;
pub mod promotion_codes;
pub mod shipping_rates;
pub mod tax_rates;
