//! Money: currencies, amounts in a currency's smallest unit, exact decimals, exchange rates, and the one rounding.
//!
//! May use: nothing of the program. Invariant: no amount is computed with floating point, and a result that is not
//! whole is rounded once, in `ratio`, by a [`Rounding`] that names the recorded rule.

mod amount;
mod currencies;
mod decimal;
mod rates;
mod ratio;

pub use amount::{
    MAX_AMOUNT, display, display_decimal, fee, is_three_decimal_multiple_ok, is_whole_where_needed, major, minimum,
    rail_fee, symbol,
};
pub use currencies::{CURRENCIES, decimals, is_currency};
pub use decimal::Decimal;
pub use rates::{Rate, RateSide, convertible, whole_rate};
pub use ratio::{Rounding, proportion, spread};
