//! What is kept of requests: a line each on stderr, and the last ones with their parameters.
//!
//! May use: the form grammar, limits. Invariant: no key, card number or other secret is in it.

pub mod called;
pub mod log;
mod masked;
mod plain;
pub mod recent;
pub mod stderr;

pub(crate) use self::masked::{answer, parameters, without_secrets};
pub use self::plain::without_numbers;
pub(crate) use self::recent::is_short;
