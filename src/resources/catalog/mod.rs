//! What is sold and at what price: products, prices, coupons, promotion codes, shipping rates and tax rates.
//!
//! May use: the state, the operations' signatures, the errors, other resources.
//! Invariant: nothing here knows a customer's money: what a price comes to is computed by whoever sells it.

pub mod coupons;
pub mod prices;
pub mod products;
pub mod promotion_codes;
pub mod shipping_rates;
pub mod tax_rates;
